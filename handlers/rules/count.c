/* count.c: so many within a window: missing episodes, changes of worker, referrals. Inside means a difference <= the
 * window (readings 23). An answer may end it (a meeting), or time (it fades), or it is a flag for ever. */

#include "handlers/rules/rules.h"

/* One thing counted: a span by its start, or a fact by its day. */
typedef struct item {
    int32_t day;
    const dw_fact *fact;
    const dw_value *value; /* what must differ; NULL when everything counts */
} item;

static int32_t last_day_inside(const dw_rule *rule, int32_t day)
{
    return rule->window_unit == DW_UNIT_MONTHS ? dw_day_add_months(day, rule->window_n) : day + rule->window_n;
}

static bool same_value(const dw_value *a, const dw_value *b)
{
    if (a == NULL || b == NULL || a->kind != b->kind)
        return false;
    if (a->kind == DW_VAL_STR)
        return dw_str_eq(a->s, b->s);
    return a->kind != DW_VAL_STRS && a->i == b->i;
}

/* How many (different) items lie within the window that ends on `day`; *reached is the day on which they became enough. */
static uint32_t count_on(const dw_rule *rule, const item *items, uint32_t n, int32_t day, int32_t *reached,
                         uint32_t *first)
{
    uint32_t count = 0;
    *first = n;
    for (uint32_t i = 0; i < n && items[i].day <= day; i++) {
        if (last_day_inside(rule, items[i].day) < day)
            continue;
        if (*first == n)
            *first = i;
        bool repeated = false;
        for (uint32_t k = *first; k < i && !repeated; k++)
            repeated = same_value(items[k].value, items[i].value);
        if (!repeated && ++count == rule->threshold)
            *reached = items[i].day;
    }
    return count;
}

static uint32_t collect_spans(dw_eval *ev, const dw_rule *rule, const dw_span ***out)
{
    uint32_t total = ev->chron->span_count[rule->over.family], n = 0;
    const dw_span **list = dw_arena_alloc(ev->arena, (total != 0 ? total : 1) * sizeof *list);
    *out = list;
    if (list == NULL) {
        ev->nomem = true;
        return 0;
    }
    for (uint32_t i = 0; i < total; i++)
        if (dw_eval_selected(ev, &rule->over, &ev->chron->spans[rule->over.family][i]))
            list[n++] = &ev->chron->spans[rule->over.family][i];
    return n;
}

static uint32_t collect_items(dw_eval *ev, const dw_rule *rule, item **out)
{
    const dw_fact **facts = NULL;
    const dw_span **spans = NULL;
    dw_reach all = {INT32_MIN, DW_DAY_OPEN, DW_AT_NONE};
    uint32_t total = rule->count_spans ? collect_spans(ev, rule, &spans)
                                       : dw_eval_all(ev, rule->evidence, rule->evidence_count, NULL, &all, &facts);
    item *items = dw_arena_alloc(ev->arena, (total != 0 ? total : 1) * sizeof *items);
    *out = items;
    if (items == NULL) {
        ev->nomem = true;
        return 0;
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < total; i++) {
        item one = {0};
        one.fact = rule->count_spans ? spans[i]->opened_by : facts[i];
        one.day = rule->count_spans ? spans[i]->start_day : facts[i]->day;
        if (rule->distinct != NULL && one.fact != NULL) {
            uint16_t id = rule->distinct->by_type[one.fact->type];
            one.value = id != 0 ? dw_fact_get(one.fact, id) : NULL;
        }
        if (rule->distinct == NULL || one.value != NULL)
            items[n++] = one;
    }
    return n;
}

/* There is no due time; the day on which it was reached tells one crossing from the next. */
static void set_reached(dw_obligation *ob, int32_t day, int64_t since_us)
{
    ob->due_kind = DW_DUE_NONE;
    ob->due_on = day;
    ob->anchor_day = day;
    ob->anchor_us = since_us;
    ob->due_at_us = since_us;
    ob->late_from_us = since_us;
}

/* --- rolling at today */

static bool anything_open(dw_eval *ev, const dw_rule *rule)
{
    for (uint32_t i = 0; i < ev->chron->span_count[rule->over.family]; i++) {
        const dw_span *span = &ev->chron->spans[rule->over.family][i];
        if (span->end_us > ev->chron->clock_us && dw_eval_selected(ev, &rule->over, span))
            return true;
    }
    return false;
}

static void count_window(dw_eval *ev, const dw_rule *rule)
{
    item *items;
    uint32_t n = collect_items(ev, rule, &items);
    if (n < rule->threshold || ev->pin)
        return; /* what is counted stays by its look-back */
    bool open = rule->count_spans || anything_open(ev, rule);
    dw_obligation ob = dw_ob_make(rule, NULL);
    int32_t reached = DW_DAY_NONE;
    uint32_t first;
    uint32_t count = count_on(rule, items, n, ev->chron->today, &reached, &first);
    if (count >= rule->threshold) {
        ob.count = count;
        set_reached(&ob, reached, dw_london_start_us(reached));
        for (uint32_t i = first; i < n; i++)
            if (last_day_inside(rule, items[i].day) >= ev->chron->today)
                dw_ob_cause(&ob, items[i].fact);
        ob.state = open ? DW_OB_OVERDUE : DW_OB_SUPERSEDED_OVERDUE;
        if (open)
            dw_eval_wake(ev, dw_london_start_us(last_day_inside(rule, items[first].day) + 1));
        dw_eval_add(ev, &ob);
        return;
    }
    for (uint32_t i = n; i > 0; i--) { /* was it ever reached? */
        if (count_on(rule, items, n, items[i - 1].day, &reached, &first) < rule->threshold)
            continue;
        ob.state = DW_OB_FADED;
        set_reached(&ob, reached, dw_london_start_us(reached));
        dw_eval_add(ev, &ob);
        return;
    }
}

/* --- until answered */

uint32_t dw_count_crossings(dw_eval *ev, const dw_rule *rule, dw_crossing **out, const dw_span ***counted,
                            uint32_t *counted_count)
{
    uint32_t n = ev->chron->span_count[rule->over.family] != 0 ? collect_spans(ev, rule, counted) : 0;
    *counted_count = n;
    *out = NULL;
    if (n < rule->threshold)
        return 0;
    dw_crossing *runs = dw_arena_alloc(ev->arena, n * sizeof *runs);
    *out = runs;
    if (runs == NULL) {
        ev->nomem = true;
        return 0;
    }
    uint32_t count = 0;
    for (uint32_t j = rule->threshold - 1; j < n; j++) {
        const dw_span *span = (*counted)[j];
        uint32_t first = j + 1 - rule->threshold;
        if (last_day_inside(rule, (*counted)[first]->start_day) < span->start_day)
            continue;
        dw_crossing *run = count > 0 ? &runs[count - 1] : NULL;
        if (run != NULL && (run->answer == NULL || run->answer->day >= span->start_day)) {
            run->count++;
            run->last = j;
            continue;
        }
        uint32_t inside = rule->threshold; /* more may lie in the window when an earlier run was answered */
        while (first > 0 && last_day_inside(rule, (*counted)[first - 1]->start_day) >= span->start_day) {
            first--;
            inside++;
        }
        dw_reach reach = {span->start_day, DW_DAY_OPEN, DW_AT_NONE};
        const dw_fact *answer = dw_eval_first(ev, rule->answer, rule->answer_count, NULL, &reach, NULL);
        runs[count++] = (dw_crossing){span, answer, inside, first, j};
    }
    return count;
}

static void count_until_answered(dw_eval *ev, const dw_rule *rule)
{
    dw_crossing *runs;
    const dw_span **counted;
    uint32_t n, count = dw_count_crossings(ev, rule, &runs, &counted, &n);
    if (count == 0)
        return;
    const dw_crossing *run = &runs[count - 1]; /* only the last can be unanswered */
    dw_obligation ob = dw_ob_make(rule, NULL);
    ob.count = run->count;
    ob.span = run->span;
    ob.anchor = run->span->opened_by;
    set_reached(&ob, run->span->start_day, run->span->start_us);
    for (uint32_t i = run->first; i <= run->last; i++)
        dw_ob_cause(&ob, counted[i]->opened_by);
    if (run->answer != NULL) {
        dw_ob_meet(&ob, run->answer, run->answer->day <= run->span->start_day);
    } else {
        ob.state = DW_OB_OVERDUE;
        for (uint32_t i = run->first; i <= run->last; i++)
            dw_eval_pin_span(ev, counted[i]);
    }
    dw_eval_add(ev, &ob);
}

static void count_flags(dw_eval *ev, const dw_rule *rule)
{
    const dw_span **counted;
    uint32_t n = collect_spans(ev, rule, &counted);
    for (uint32_t j = rule->threshold - 1; j < n; j++) {
        uint32_t first = j + 1 - rule->threshold;
        if (last_day_inside(rule, counted[first]->start_day) < counted[j]->start_day)
            continue;
        dw_obligation ob = dw_ob_make(rule, counted[j]);
        ob.state = DW_OB_FLAGGED;
        ob.count = rule->threshold;
        ob.anchor = counted[j]->opened_by;
        set_reached(&ob, counted[j]->start_day, counted[j]->start_us);
        for (uint32_t i = first; i <= j; i++)
            dw_ob_cause(&ob, counted[i]->opened_by);
        dw_eval_add(ev, &ob);
    }
}

void dw_rule_count(dw_eval *ev, const dw_rule *rule)
{
    switch (rule->until) {
    case DW_UNTIL_WINDOW:
        count_window(ev, rule);
        break;
    case DW_UNTIL_ANSWERED:
        count_until_answered(ev, rule);
        break;
    case DW_UNTIL_FLAG:
        if (!ev->pin)
            count_flags(ev, rule);
        break;
    }
}

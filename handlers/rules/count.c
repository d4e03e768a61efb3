/* count.c: so many within a window: missing episodes, changes of worker, referrals. Inside means a difference <= the
 * window (readings 23). An answer may end it (a meeting), or time (it fades), or the end of the span that made it so many, or
 * it is a flag for ever. Events may be counted for each span of the rule by itself. */

#include "handlers/rules/rules.h"

/* One thing counted: a span by its start, or a fact by its day. */
typedef struct item {
    int32_t day;
    const dw_fact *fact;
    const dw_value *value; /* what must differ; NULL when everything counts */
} item;

/* What is counted together, ascending by day, and the answer that has cleared the first of it. */
typedef struct tally {
    const dw_span *span; /* it is counted within; NULL: of the child */
    item *items;
    uint32_t count, cleared;
    const dw_fact *answer; /* NULL when none clears */
} tally;

int32_t dw_count_last_day(const dw_rule *rule, int32_t day)
{
    if (rule->window_ever)
        return DW_DAY_OPEN;
    return rule->window_unit == DW_UNIT_MONTHS ? dw_day_add_months(day, rule->window_n) : day + rule->window_n;
}

/* NULL, for everything counts: they differ. */
static bool same_value(const dw_value *a, const dw_value *b)
{
    return a != NULL && dw_value_same(a, b);
}

/* How many (different) items lie within the window that ends on `day`; *reached is the day on which they became enough. */
static uint32_t count_on(const dw_rule *rule, const item *items, uint32_t n, int32_t day, int32_t *reached,
                         uint32_t *first)
{
    uint32_t count = 0;
    *first = n;
    for (uint32_t i = 0; i < n && items[i].day <= day; i++) {
        if (dw_count_last_day(rule, items[i].day) < day)
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

/* --- what is counted */

/* Is such a span open at the instant, as the condition held on its day? */
static bool open_at(dw_eval *ev, const dw_span_selector *selector, int64_t us)
{
    uint32_t n;
    const dw_span *spans = dw_eval_spans(ev, selector, &n);
    for (uint32_t i = 0; i < n; i++)
        if (dw_span_open_at(&spans[i], us) && dw_pred_span(selector->where, &spans[i], dw_london_day(us)))
            return true;
    return false;
}

static bool ended_inside(dw_eval *ev, const dw_span_selector *selector, const dw_span *span)
{
    uint32_t n;
    const dw_span *spans = dw_eval_spans(ev, selector, &n);
    for (uint32_t i = 0; i < n; i++)
        if (spans[i].end_us <= ev->chron->clock_us && span->start_us < spans[i].end_us &&
            spans[i].end_us < span->end_us && dw_pred_span(selector->where, &spans[i], spans[i].end_day))
            return true;
    return false;
}

/* Before folding: what was open at the start of a span that stays, and what ended during it, for that made it count. */
static void pin_company(dw_eval *ev, const dw_rule *rule, const dw_span *span)
{
    uint32_t n = 0;
    const dw_span *others = rule->has_at_start ? dw_eval_spans(ev, &rule->at_start_open, &n) : NULL;
    for (uint32_t i = 0; i < n; i++)
        if (dw_span_open_at(&others[i], span->start_us))
            dw_eval_pin_span(ev, &others[i]);
    for (uint32_t k = 0; k < rule->ended_inside_count; k++) {
        others = dw_eval_spans(ev, &rule->ended_inside[k], &n);
        for (uint32_t i = 0; i < n; i++)
            if (span->start_us < others[i].end_us && others[i].end_us < span->end_us)
                dw_eval_pin_span(ev, &others[i]);
    }
}

bool dw_count_takes(dw_eval *ev, const dw_rule *rule, const dw_span *span)
{
    if (!dw_eval_selected(ev, &rule->over, span))
        return false;
    if (ev->pin) {
        if (dw_eval_span_stays(ev, span))
            pin_company(ev, rule, span);
        return true;
    }
    if (rule->has_at_start && !open_at(ev, &rule->at_start_open, span->start_us))
        return false;
    bool inside = rule->ended_inside_count == 0;
    for (uint32_t i = 0; i < rule->ended_inside_count && !inside; i++)
        inside = ended_inside(ev, &rule->ended_inside[i], span);
    return inside;
}

static uint32_t collect_spans(dw_eval *ev, const dw_rule *rule, const dw_span ***out)
{
    uint32_t total, n = 0;
    const dw_span *spans = dw_eval_spans(ev, &rule->over, &total);
    const dw_span **list = dw_arena_alloc(ev->arena, (total != 0 ? total : 1) * sizeof *list);
    *out = list;
    if (list == NULL || ev->nomem) {
        ev->nomem = true;
        return 0;
    }
    for (uint32_t i = 0; i < total; i++)
        if (dw_count_takes(ev, rule, &spans[i]))
            list[n++] = &spans[i];
    return n;
}

static const dw_value *distinct_value(const dw_eval *ev, const dw_rule *rule, const dw_fact *fact, const dw_span *span)
{
    if (span != NULL)
        return dw_span_value(span, rule->distinct, ev->chron->today, NULL);
    return dw_fact_says(fact, rule->distinct);
}

static dw_reach reach_of(const dw_span *span)
{
    return span != NULL ? (dw_reach){span->start_day, span->end_day, DW_AT_NONE}
                        : (dw_reach){INT32_MIN, DW_DAY_OPEN, DW_AT_NONE};
}

/* `span` NULL: all of the child's. */
static bool collect(dw_eval *ev, const dw_rule *rule, const dw_span *span, tally *out)
{
    const dw_fact **facts = NULL;
    const dw_span **spans = NULL;
    dw_reach reach = reach_of(span);
    const dw_fact *answer =
        rule->answer_clears ? dw_eval_last(ev, rule->answer, rule->answer_count, span, &reach) : NULL;
    if (answer != NULL && ev->skip_over) /* what it cleared is nobody's business any more */
        reach.from_day = answer->day + 1;
    uint32_t total = rule->count_spans ? collect_spans(ev, rule, &spans)
                                       : dw_eval_all(ev, rule->evidence, rule->evidence_count, span, &reach, &facts);
    *out = (tally){.span = span,
                   .answer = answer,
                   .items = dw_arena_alloc(ev->arena, (total != 0 ? total : 1) * sizeof *out->items)};
    if (out->items == NULL) {
        ev->nomem = true;
        return false;
    }
    for (uint32_t i = 0; i < total; i++) {
        item one = {0};
        one.fact = rule->count_spans ? spans[i]->opened_by : facts[i];
        one.day = rule->count_spans ? spans[i]->start_day : facts[i]->day;
        if (rule->distinct != NULL)
            one.value = distinct_value(ev, rule, one.fact, rule->count_spans ? spans[i] : NULL);
        if (rule->distinct == NULL || one.value != NULL)
            out->items[out->count++] = one;
    }
    while (out->answer != NULL && out->cleared < out->count && out->items[out->cleared].day <= out->answer->day)
        out->cleared++;
    return true;
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

bool dw_count_outgrown(dw_eval *ev, const dw_rule *rule, dw_span *end)
{
    const dw_chronology *chron = ev->chron;
    int32_t day = chron->death_day != DW_DAY_NONE ? chron->death_day : DW_DAY_OPEN;
    if (rule->over.family != DW_SPAN_EPISODE)
        return false;
    if (chron->birth_day != DW_DAY_NONE && dw_birthday(chron->birth_day, 18) < day)
        day = dw_birthday(chron->birth_day, 18);
    if (day == DW_DAY_OPEN)
        return false;
    *end = (dw_span){.family = DW_SPAN_EPISODE, .end = DW_END_AGE, .end_day = day, .end_us = dw_london_start_us(day)};
    dw_eval_wake(ev, end->end_us);
    return end->end_us <= chron->clock_us;
}

/* Is there anybody to whom it matters? */
static bool is_open(dw_eval *ev, const dw_rule *rule, const dw_span *span)
{
    int64_t now_us = ev->chron->clock_us;
    dw_span end;
    if (dw_count_outgrown(ev, rule, &end))
        return false;
    if (rule->has_while_open && !open_at(ev, &rule->while_open, now_us))
        return false;
    if (span != NULL)
        return span->end_us > now_us;
    return rule->count_spans || open_at(ev, &rule->over, now_us);
}

/* --- rolling at today */

/* What was cleared had been enough: the answer met it. */
static bool was_answered(dw_eval *ev, const dw_rule *rule, const tally *t)
{
    int32_t reached = DW_DAY_NONE;
    uint32_t first;
    if (t->cleared == 0 || count_on(rule, t->items, t->cleared, t->answer->day, &reached, &first) < rule->threshold)
        return false;
    dw_obligation ob = dw_ob_make(rule, t->span);
    set_reached(&ob, reached, dw_london_start_us(reached));
    for (uint32_t i = first; i < t->cleared; i++)
        dw_ob_cause(&ob, t->items[i].fact);
    dw_ob_meet(&ob, t->answer, t->answer->day <= reached);
    dw_eval_add(ev, &ob);
    return true;
}

static void count_window(dw_eval *ev, const dw_rule *rule, const dw_span *span)
{
    tally t;
    if (!collect(ev, rule, span, &t) || ev->pin)
        return; /* what is counted stays by its look-back */
    const item *items = t.items + t.cleared;
    uint32_t n = t.count - t.cleared, first;
    int32_t reached = DW_DAY_NONE;
    int32_t as_of = span != NULL && span->end_day < ev->chron->today ? span->end_day : ev->chron->today;
    dw_obligation ob = dw_ob_make(rule, span);
    uint32_t count = count_on(rule, items, n, as_of, &reached, &first);
    if (count >= rule->threshold) {
        bool open = is_open(ev, rule, span);
        ob.count = count;
        set_reached(&ob, reached, dw_london_start_us(reached));
        for (uint32_t i = first; i < n; i++)
            dw_ob_cause(&ob, items[i].fact);
        ob.state = open ? DW_OB_OVERDUE : DW_OB_SUPERSEDED_OVERDUE;
        if (open && !rule->window_ever)
            dw_eval_wake(ev, dw_london_start_us(dw_count_last_day(rule, items[first].day) + 1));
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
    (void)was_answered(ev, rule, &t);
}

/* --- until an answer clears it */

static void count_until_cleared(dw_eval *ev, const dw_rule *rule, const dw_span *span)
{
    tally t;
    if (!collect(ev, rule, span, &t))
        return;
    const item *items = t.items + t.cleared;
    uint32_t n = t.count - t.cleared, first = 0, at = 0;
    int32_t reached = DW_DAY_NONE;
    for (uint32_t i = 0; i < n; i++)
        dw_eval_pin_fact(ev, items[i].fact);
    while (at < n && count_on(rule, items, n, items[at].day, &reached, &first) < rule->threshold)
        at++;
    if (at == n) {
        (void)was_answered(ev, rule, &t);
        return;
    }
    dw_obligation ob = dw_ob_make(rule, span);
    set_reached(&ob, reached, dw_london_start_us(reached));
    ob.count = 0;
    for (uint32_t i = first; i < n; i++) {
        bool repeated = false;
        for (uint32_t k = first; k < i && !repeated; k++)
            repeated = same_value(items[k].value, items[i].value);
        ob.count += !repeated;
        dw_ob_cause(&ob, items[i].fact);
    }
    ob.state = is_open(ev, rule, span) ? DW_OB_OVERDUE : DW_OB_SUPERSEDED_OVERDUE;
    dw_eval_add(ev, &ob);
}

/* --- until answered */

uint32_t dw_count_crossings(dw_eval *ev, const dw_rule *rule, dw_crossing **out, const dw_span ***counted,
                            uint32_t *counted_count)
{
    uint32_t n = collect_spans(ev, rule, counted);
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
        if (dw_count_last_day(rule, (*counted)[first]->start_day) < span->start_day)
            continue;
        dw_crossing *run = count > 0 ? &runs[count - 1] : NULL;
        if (run != NULL && (run->answer == NULL || run->answer->day >= span->start_day)) {
            run->count++;
            run->last = j;
            continue;
        }
        uint32_t inside = rule->threshold; /* more may lie in the window when an earlier run was answered */
        while (first > 0 && dw_count_last_day(rule, (*counted)[first - 1]->start_day) >= span->start_day) {
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
        dw_span end;
        ob.state = dw_count_outgrown(ev, rule, &end) ? DW_OB_SUPERSEDED_OVERDUE : DW_OB_OVERDUE;
        for (uint32_t i = run->first; i <= run->last; i++)
            dw_eval_pin_span(ev, counted[i]);
    }
    dw_eval_add(ev, &ob);
}

/* --- flags, and what lasts as long as the span that made it so many */

/* Does the earlier span lie in the window that ends where the later one begins? */
static bool lies_before(const dw_rule *rule, const dw_span *earlier, const dw_span *later)
{
    if (!rule->measured_from_end)
        return dw_count_last_day(rule, earlier->start_day) >= later->start_day;
    return earlier->end != DW_END_OPEN && earlier->end_day <= later->start_day &&
           dw_count_last_day(rule, earlier->end_day) >= later->start_day;
}

static uint32_t told_before(const dw_eval *ev, const dw_rule *rule, const dw_span *span)
{
    const dw_value *told =
        rule->counted_before != NULL ? dw_span_value(span, rule->counted_before, ev->chron->today, NULL) : NULL;
    return told != NULL && told->i > 0 && told->i < 1000 ? (uint32_t)told->i : 0;
}

/* The causes are the spans that were needed, the latest ones, and the span itself. */
static void take_causes(dw_obligation *ob, const dw_rule *rule, const dw_span **counted, uint32_t j)
{
    uint32_t wanted = rule->threshold - 1, first = j;
    for (uint32_t i = j; i > 0 && wanted > 0; i--)
        if (lies_before(rule, counted[i - 1], counted[j])) {
            first = i - 1;
            wanted--;
        }
    for (uint32_t i = first; i < j; i++)
        if (lies_before(rule, counted[i], counted[j])) {
            dw_ob_cause(ob, counted[i]->opened_by);
            if (rule->measured_from_end)
                dw_ob_cause(ob, counted[i]->closed_by);
        }
    dw_ob_cause(ob, counted[j]->opened_by);
}

static void count_marks(dw_eval *ev, const dw_rule *rule)
{
    const dw_span **counted;
    uint32_t n = collect_spans(ev, rule, &counted);
    for (uint32_t j = 0; j < n; j++) {
        uint32_t before = 0, told = told_before(ev, rule, counted[j]);
        for (uint32_t i = 0; i < j; i++) {
            if (!lies_before(rule, counted[i], counted[j]))
                continue;
            before++;
            if (rule->until == DW_UNTIL_SPAN_END && counted[j]->end_day >= ev->pin_before)
                dw_eval_pin_span(ev, counted[i]);
        }
        before = before > told ? before : told;
        if (before + 1 < rule->threshold)
            continue;
        dw_obligation ob = dw_ob_make(rule, counted[j]);
        bool open = counted[j]->end_us > ev->chron->clock_us;
        bool flag = rule->until == DW_UNTIL_FLAG;
        ob.state = flag ? DW_OB_FLAGGED : open ? DW_OB_OVERDUE : DW_OB_CANCELLED;
        ob.count = flag ? rule->threshold : before + 1;
        ob.anchor = counted[j]->opened_by;
        set_reached(&ob, counted[j]->start_day, counted[j]->start_us);
        take_causes(&ob, rule, counted, j);
        dw_eval_add(ev, &ob);
    }
}

/* --- */

static void count_of(dw_eval *ev, const dw_rule *rule, const dw_span *span)
{
    switch (rule->until) {
    case DW_UNTIL_WINDOW:
        count_window(ev, rule, span);
        break;
    case DW_UNTIL_ANSWERED:
        if (rule->answer_clears)
            count_until_cleared(ev, rule, span);
        else
            count_until_answered(ev, rule);
        break;
    case DW_UNTIL_FLAG:
        if (!ev->pin) /* once raised it stands in the record, whatever is folded */
            count_marks(ev, rule);
        break;
    case DW_UNTIL_SPAN_END:
        count_marks(ev, rule);
        break;
    }
}

void dw_rule_count(dw_eval *ev, const dw_rule *rule)
{
    if (!rule->within_span) {
        count_of(ev, rule, NULL);
        return;
    }
    uint32_t n;
    const dw_span *spans = dw_eval_spans(ev, &rule->over, &n);
    for (uint32_t i = 0; i < n; i++)
        if (!dw_eval_settled(ev, &spans[i]) && dw_eval_selected(ev, &rule->over, &spans[i]))
            count_of(ev, rule, &spans[i]);
}

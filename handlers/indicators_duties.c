/* indicators_duties.c: one child more for a figure about what rules asked. */

#include "handlers/indicators_parts.h"

/* A duty, past or present. */
typedef struct duty {
    const dw_rule *rule;
    const dw_span *span;
    const dw_fact *met_by;
    int32_t from_day, due_day, done_day; /* done_day: DW_DAY_NONE while it is not */
    int64_t late_us;
    bool in_time, missed, running, paused, unknown;
    bool first; /* it runs, and no evidence has come before it; of what counts now */
} duty;

typedef struct duties {
    duty *items;
    uint32_t count, cap;
} duties;

static void put(dw_eval *ev, duties *list, const duty *one)
{
    duty *items = dw_arena_room(ev->arena, list->items, list->count, &list->cap, 16, sizeof *items);
    if (items == NULL) {
        ev->nomem = true;
        return;
    }
    list->items = items;
    items[list->count++] = *one;
}

/* Shown as paused now; of what is over, when it was due (domain 4.21). */
static bool is_paused(const dw_eval *ev, const duty *one)
{
    int32_t day = one->running ? ev->chron->today : one->due_day;
    return day != DW_DAY_NONE && dw_eval_paused_on(ev, one->span, day);
}

/* --- from intervals, from obligations */

static void take_interval(dw_eval *ev, void *user, const dw_interval *it)
{
    if (!it->owed)
        return;
    int64_t now_us = ev->chron->clock_us;
    duty one = {.rule = it->rule, .span = it->span, .met_by = it->until, .from_day = it->due.from_day};
    one.late_us = it->late_us;
    one.due_day = dw_london_day(it->late_us - 1);
    one.done_day = it->until != NULL ? it->until->day : DW_DAY_NONE;
    one.in_time = it->until != NULL && !it->missed;
    one.missed = it->missed;
    one.running = it->until == NULL && it->part_until_us > now_us;
    one.paused = is_paused(ev, &one);
    if (one.in_time || one.missed || one.running) /* else it ended before it was due */
        put(ev, user, &one);
}

static void take_obligation(dw_eval *ev, duties *list, const dw_obligation *ob)
{
    duty one = {.rule = ob->rule, .span = ob->span, .from_day = ob->anchor_day, .late_us = ob->late_from_us};
    one.due_day = ob->due_kind == DW_DUE_NONE ? DW_DAY_NONE : ob->due_on;
    one.done_day = DW_DAY_NONE;
    switch (ob->state) {
    case DW_OB_MET:
    case DW_OB_MET_LATE_RECORDED:
    case DW_OB_MET_LATE:
        one.in_time = ob->state != DW_OB_MET_LATE;
        one.missed = !one.in_time;
        one.met_by = ob->met_by;
        one.done_day = ob->rule->met_by == DW_MET_BY_END ? ob->span->end_day : ob->met_by->day;
        break;
    case DW_OB_SCHEDULED:
    case DW_OB_WARNED:
    case DW_OB_OVERDUE:
        one.running = true;
        one.missed = ob->state == DW_OB_OVERDUE;
        one.first = ob->met_by == NULL;
        break;
    case DW_OB_SUPERSEDED_OVERDUE:
        one.missed = true;
        break;
    case DW_OB_RESTING:
        one.unknown = ob->gaps != 0 && ob->due_kind == DW_DUE_NONE;
        if (!one.unknown)
            return; /* nothing was owed, and nothing is */
        break;
    case DW_OB_CANCELLED:
    case DW_OB_FADED:
    case DW_OB_FLAGGED:
    case DW_OB_STATES:
        return;
    }
    one.paused = is_paused(ev, &one);
    put(ev, list, &one);
}

/* All duties of the figure's rules; `now`: of a recurring one only the interval that counts now. */
static bool gather(const dw_ind_asking *a, bool now, duties *list)
{
    for (uint32_t i = 0; i < a->ind->rule_count; i++) {
        const dw_rule *rule = &a->ind->rules[i];
        if (rule->kind == DW_RULE_RECURRING && !now) {
            dw_eval_intervals(a->ev, rule, take_interval, list);
            continue;
        }
        const dw_obligations *obs = dw_evaluate_rule(a->chron, a->policy, rule, a->ev->arena);
        if (obs == NULL)
            return false;
        for (uint32_t k = 0; k < obs->count; k++)
            for (const dw_obligation *ob = &obs->items[k]; ob != NULL; ob = ob->others)
                take_obligation(a->ev, list, ob);
    }
    return !a->ev->nomem;
}

/* --- children, and what runs */

static bool in_population(const dw_ind_asking *a)
{
    uint32_t n;
    const dw_span *span = dw_eval_spans(a->ev, &a->ind->over, &n);
    for (uint32_t i = 0; i < n; i++)
        if (dw_ind_span_open(a, &span[i]))
            return true;
    return false;
}

static void add_child(const dw_ind_asking *a, const duties *list, dw_ind_tally *tally)
{
    bool running = false, late = false, first = true, paused = false;
    if (!in_population(a))
        return;
    for (uint32_t i = 0; i < list->count; i++) {
        const duty *one = &list->items[i];
        if (!one->running)
            continue;
        running = true;
        late = late || one->missed;
        first = first && one->first;
        paused = paused || one->paused;
    }
    if (!running || dw_ind_age_unknown(a)) {
        tally->unknown++;
        return;
    }
    bool not_yet = first && !late;
    tally->not_yet_due += not_yet;
    if (not_yet && a->ind->not_first)
        return;
    tally->denominator++;
    tally->numerator += late == a->ind->late;
    tally->paused += paused;
}

static void add_running(const dw_ind_asking *a, const duties *list, dw_ind_tally *tally)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const duty *one = &list->items[i];
        tally->unknown += one->unknown;
        if (!one->running)
            continue;
        tally->denominator++;
        tally->numerator += one->missed == a->ind->late;
        tally->paused += one->paused;
    }
}

/* --- duties of a period */

static void add_judged(const dw_ind_asking *a, const duty *one, dw_ind_tally *tally)
{
    tally->denominator++;
    tally->numerator += a->ind->late ? one->missed : one->in_time;
    tally->paused += one->paused;
}

static void add_began(const dw_ind_asking *a, const duties *list, dw_ind_tally *tally)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const duty *one = &list->items[i];
        if (!dw_ind_in_period(a, one->from_day))
            continue;
        if (one->unknown)
            tally->unknown++;
        else if (one->late_us > a->chron->clock_us)
            tally->not_yet_due++;
        else
            add_judged(a, one, tally);
    }
}

static void add_fell_due(const dw_ind_asking *a, const duties *list, dw_ind_tally *tally)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const duty *one = &list->items[i];
        if (!dw_ind_in_period(a, one->due_day))
            continue;
        if (one->running && !one->missed)
            tally->not_yet_due++;
        else
            add_judged(a, one, tally);
    }
}

static bool met_as_asked(const dw_ind_asking *a, const duty *one)
{
    const dw_indicator *ind = a->ind;
    return one->done_day != DW_DAY_NONE && dw_ind_in_period(a, one->done_day) &&
           (!ind->has_met || (one->met_by->type == ind->met.type && dw_eval_counts(&ind->met, one->met_by, NULL)));
}

static void add_done(const dw_ind_asking *a, const duties *list, dw_ind_tally *tally)
{
    const dw_clause *met = &a->ind->met;
    for (uint32_t i = 0; i < list->count; i++)
        if (met_as_asked(a, &list->items[i]))
            add_judged(a, &list->items[i], tally);
    uint32_t n = 0;
    const dw_fact *const *facts = a->ind->has_met ? dw_chronology_of_type(a->chron, met->type, &n) : NULL;
    for (uint32_t i = 0; i < n; i++) {
        bool mine = !dw_ind_in_period(a, facts[i]->day) || !dw_eval_counts(met, facts[i], NULL);
        for (uint32_t k = 0; k < list->count && !mine; k++)
            mine = list->items[k].met_by == facts[i];
        tally->unknown += !mine; /* done, and nobody knows from when on it was owed */
    }
}

/* --- spans that never missed one */

static bool belongs(const duty *one, const dw_span *span)
{
    if (one->span == NULL)
        return false;
    const dw_span *whole = dw_span_whole(one->span);
    return whole->family != span->family || (whole->start_us == span->start_us && dw_str_eq(whole->id, span->id));
}

static void add_kept(const dw_ind_asking *a, const duties *list, dw_ind_tally *tally)
{
    const dw_indicator *ind = a->ind;
    uint32_t n;
    int32_t since = INT32_MIN;
    if (ind->within.n != 0)
        since = ind->within.unit == DW_UNIT_MONTHS
                    ? dw_day_add_months(a->chron->today, -ind->within.n)
                    : a->chron->today - ind->within.n * (ind->within.unit == DW_UNIT_WEEKS ? 7 : 1);
    const dw_span *span = dw_eval_spans(a->ev, &ind->over, &n);
    for (uint32_t i = 0; i < n; i++) {
        bool any = false, missed = false, paused = false;
        if (!dw_ind_span_open(a, &span[i]))
            continue;
        for (uint32_t k = 0; k < list->count; k++) {
            const duty *one = &list->items[k];
            if (one->unknown || !belongs(one, &span[i]))
                continue;
            any = true;
            missed |= one->missed && (one->due_day >= since || one->running || one->done_day >= since);
            paused |= one->paused;
        }
        if (!any) {
            tally->unknown++;
            continue;
        }
        tally->denominator++;
        tally->numerator += missed == ind->late;
        tally->paused += paused;
    }
}

bool dw_ind_add_duties(const dw_ind_asking *a, dw_ind_tally *tally)
{
    duties list = {0};
    dw_ind_take take = a->ind->take;
    if (!gather(a, take == DW_TAKE_CHILDREN || take == DW_TAKE_RUNNING, &list))
        return false;
    switch (take) {
    case DW_TAKE_CHILDREN:
        add_child(a, &list, tally);
        break;
    case DW_TAKE_RUNNING:
        add_running(a, &list, tally);
        break;
    case DW_TAKE_BEGAN:
        add_began(a, &list, tally);
        break;
    case DW_TAKE_FELL_DUE:
        add_fell_due(a, &list, tally);
        break;
    case DW_TAKE_DONE:
        add_done(a, &list, tally);
        break;
    case DW_TAKE_KEPT:
        add_kept(a, &list, tally);
        break;
    case DW_TAKE_OPEN:
    case DW_TAKE_STARTED:
    case DW_TAKE_ENDED:
    case DW_IND_TAKES:
        break;
    }
    return true;
}

/* limit.c: until when a duty is in time: which of its rule's limits holds for an interval, and what that comes to. */

#include "handlers/rules/rules.h"

#define HOUR_US INT64_C(3600000000)

/* --- runs of spans that limits wait for */

/* Since when without a break the condition has held, as of `as_of`. */
static int32_t holds_since(const dw_span *span, const dw_pred *where, int32_t as_of)
{
    if (where == NULL)
        return span->start_day;
    int32_t since = as_of;
    for (uint32_t i = span->fact_count; i > 0; i--) {
        int32_t day = span->facts[i - 1]->day;
        if (day > as_of)
            continue;
        if (!dw_pred_span(where, span, day))
            return since;
        since = day;
    }
    return span->start_day;
}

/* A stretch of days that has begun, and since when its spans have been what they were asked to be. */
typedef struct stay {
    int64_t start_us, end_us;
    int32_t end_day, since;
} stay;

/* Does the span reach the run, and is anything of it before? */
static bool may_reach(const dw_span *span, int64_t at_us, int32_t start)
{
    if (start == DW_DAY_NONE)
        return at_us < span->end_us;
    bool before = span->start_day < start || span->facts[0]->day < start; /* every span rests on a fact */
    return before && (at_us < span->end_us || span->end_day >= start);
}

/* Moves *start back to what reaches it. */
static bool reach_back(const stay *one, int64_t at_us, int32_t *start)
{
    bool open = at_us < one->end_us;
    if ((!open && (*start == DW_DAY_NONE || one->end_day < *start)) || (*start != DW_DAY_NONE && one->since >= *start))
        return false;
    *start = one->since;
    return true;
}

/* False: the span has not begun, or was not so on its last day that counts. */
static bool stay_of(const dw_eval *ev, const dw_span_selector *selector, const dw_span *span, int64_t at_us, stay *out)
{
    int32_t as_of = at_us < span->end_us ? dw_london_day(at_us) : span->end_day;
    const dw_pred *where = ev->pin ? NULL : selector->where;
    if (span->start_us > at_us || !dw_pred_span(where, span, as_of))
        return false;
    *out = (stay){span->start_us, span->end_us, span->end_day, holds_since(span, where, as_of)};
    return true;
}

/* One selector's part of a run. */
static bool extend(dw_eval *ev, const dw_span_selector *selector, int64_t at_us, int32_t *start)
{
    bool moved = false;
    stay one;
    for (uint32_t i = 0; i < ev->chron->span_count[selector->family]; i++) {
        const dw_span *span = &ev->chron->spans[selector->family][i];
        if (may_reach(span, at_us, *start) && stay_of(ev, selector, span, at_us, &one))
            moved = reach_back(&one, at_us, start) || moved;
    }
    return moved;
}

/* The part of the days on which two are open. */
static bool extend_both(dw_eval *ev, const dw_span_selector both[2], int64_t at_us, int32_t *start)
{
    bool moved = false;
    stay a, b;
    for (uint32_t i = 0; i < ev->chron->span_count[both[0].family]; i++)
        for (uint32_t k = 0; k < ev->chron->span_count[both[1].family]; k++) {
            if (!stay_of(ev, &both[0], &ev->chron->spans[both[0].family][i], at_us, &a) ||
                !stay_of(ev, &both[1], &ev->chron->spans[both[1].family][k], at_us, &b))
                continue;
            stay one = a.end_us < b.end_us ? a : b;
            one.start_us = a.start_us > b.start_us ? a.start_us : b.start_us;
            one.since = a.since > b.since ? a.since : b.since;
            if (one.start_us < one.end_us)
                moved = reach_back(&one, at_us, start) || moved;
        }
    return moved;
}

static void pin_run(dw_eval *ev, const dw_span_selector *selector, int32_t not_before)
{
    dw_span *spans = ev->chron->spans[selector->family];
    for (uint32_t i = 0; i < ev->chron->span_count[selector->family]; i++)
        if (spans[i].end_day >= not_before && selector->family != DW_SPAN_CHILD)
            dw_eval_pin_span(ev, &spans[i]);
}

int32_t dw_eval_run_start(dw_eval *ev, const dw_limit *limit, int64_t at_us, int32_t not_before)
{
    int32_t start = DW_DAY_NONE;
    bool moved = true;
    while (moved) { /* each round moves the start back to another span: bounded by their number */
        moved = extend(ev, &limit->during, at_us, &start);
        if (limit->has_or)
            moved = extend(ev, &limit->or_during, at_us, &start) || moved;
        if (limit->has_both)
            moved = extend_both(ev, limit->both, at_us, &start) || moved;
    }
    if (ev->pin) {
        pin_run(ev, &limit->during, not_before);
        if (limit->has_or)
            pin_run(ev, &limit->or_during, not_before);
        for (int k = 0; k < 2 && limit->has_both; k++)
            pin_run(ev, &limit->both[k], not_before);
    }
    return start;
}

/* --- limits */

void dw_due_on(dw_due *due, int32_t on)
{
    due->kind = DW_DUE_DATE;
    due->on = on;
    due->late_from_us = dw_london_start_us(on + 1);
    due->at_us = due->late_from_us - 1;
}

static dw_due due_after(const dw_eval *ev, const dw_rule *rule, int n, dw_unit unit, const dw_when *from)
{
    dw_due due = {.from_day = from->day, .from_us = from->us};
    if (unit != DW_UNIT_HOURS) {
        dw_due_on(&due, dw_calendar_due(ev->cal, rule->calendar, rule->count_mode, from->day, n, unit));
        return due;
    }
    due.kind = DW_DUE_INSTANT;
    if (from->approximate) { /* only the day is known: to the end of the last day it can mean (domain 2.1) */
        due.approximate = true;
        due.late_from_us = dw_london_start_us(from->day + (n + 23) / 24 + 1);
        due.at_us = due.late_from_us - 1;
    } else {
        due.at_us = from->us + n * HOUR_US;
        due.late_from_us = due.at_us + 1;
    }
    due.on = dw_london_day(due.at_us);
    return due;
}

static void apply_override(const dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_when *from,
                           dw_due *due)
{
    int32_t named = from->fact != NULL ? dw_eval_named_day(ev, rule, span, from) : DW_DAY_OPEN;
    if (named < due->on) {
        dw_due_on(due, named);
        due->limit = DW_LIMIT_OVERRIDE;
        due->agreed = NULL;
    }
}

/* --- what limits wait for */

/* Does a fact of `other` name the span, or none of them any? */
static bool belongs(const dw_field_ref *link, const dw_span *other, const dw_span *span)
{
    bool named = false;
    for (uint32_t i = 0; link != NULL && i < other->fact_count; i++) {
        const dw_value *value = dw_fact_says(other->facts[i], link);
        if (value == NULL)
            continue;
        if (dw_span_has_id(span, value->s))
            return true;
        named = true;
    }
    return !named;
}

/* The first such span that begins in this one; NULL: none yet. */
static const dw_span *once_begun(dw_eval *ev, const dw_limit *limit, const dw_span *span)
{
    uint32_t count;
    const dw_span *spans = dw_eval_spans(ev, &limit->once, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (spans[i].start_day < span->start_day || spans[i].start_day > span->end_day ||
            !dw_eval_selected(ev, &limit->once, &spans[i]) || !belongs(limit->once_link, &spans[i], span))
            continue;
        dw_eval_pin_span(ev, &spans[i]);
        return &spans[i];
    }
    return NULL;
}

/* The review and the like that a limit lasts until. In pin mode the first of the whole span: intervals to come ask, too. */
static bool reached_before(dw_eval *ev, const dw_limit *limit, const dw_span *span, const dw_when *from)
{
    const dw_span *whole = dw_span_whole(span);
    dw_reach reach = {whole->start_day, ev->pin ? whole->end_day : from->day, DW_AT_NONE};
    return dw_eval_first(ev, &limit->before, 1, span, &reach, NULL) != NULL;
}

static bool of_age(const dw_eval *ev, const dw_limit *limit, int32_t day)
{
    int32_t born = ev->chron->birth_day;
    return (limit->age_from == 0 || day >= dw_birthday(born, limit->age_from)) &&
           (limit->age_until == 0 || day < dw_birthday(born, limit->age_until));
}

/* Conditions that the day alone decides, or the number of the interval. */
static bool fits(const dw_eval *ev, const dw_limit *limit, int32_t day, uint32_t rank)
{
    if (limit->in_force_from != 0 && day < limit->in_force_from)
        return false;
    if (limit->in_force_until != 0 && day > limit->in_force_until)
        return false;
    if (limit->has_nth && (rank < limit->nth_from || (!limit->nth_open && rank > limit->nth_to)))
        return false;
    return of_age(ev, limit, day);
}

/* Does it hold for the interval; and from when does it count? */
static bool holds(dw_eval *ev, const dw_limit *limit, const dw_span *span, const dw_when *from, uint32_t rank,
                  dw_when *base)
{
    bool reached = limit->has_before && reached_before(ev, limit, span, from); /* first: it pins */
    *base = *from;
    if (limit->has_once) {
        const dw_span *begun = once_begun(ev, limit, span);
        if (begun == NULL)
            return false;
        if (begun->start_us > from->us)
            *base = (dw_when){begun->start_day, begun->start_us, begun->start_approximate, from->fact};
    }
    if (reached || !fits(ev, limit, from->day, rank))
        return false;
    if (limit->when != NULL && !dw_pred_span(limit->when, span, from->day))
        return false;
    if (!limit->has_while)
        return true;
    int32_t since = dw_eval_run_start(ev, limit, dw_span_moment(ev, span), from->day);
    if (since == DW_DAY_NONE)
        return false;
    if (since > base->day)
        *base = (dw_when){since, dw_london_start_us(since), false, from->fact};
    return true;
}

/* Bands of age without a birth date: no clock (as readings 8). */
static bool lacks_birth(const dw_eval *ev, const dw_rule *rule)
{
    for (uint32_t i = 0; i < rule->limit_count && ev->chron->birth_day == DW_DAY_NONE; i++)
        if (rule->limits[i].age_from != 0 || rule->limits[i].age_until != 0)
            return true;
    return false;
}

/* False: what is recorded is the limit, and nothing is. */
static bool limit_due(dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_limit *limit, const dw_when *base,
                      dw_due *due)
{
    if (!limit->recorded) {
        *due = due_after(ev, rule, limit->n, limit->unit, base);
        return true;
    }
    *due = (dw_due){.from_day = base->day, .from_us = base->us};
    if (dw_eval_agreed(ev, rule, span, base, false, due))
        return true;
    if (limit->gap_n != 0)
        *due = due_after(ev, rule, limit->gap_n, limit->gap_unit, base);
    due->gaps |= DW_GAP_FREQUENCY;
    return limit->gap_n != 0;
}

bool dw_eval_due_nth(dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_when *from, uint32_t rank,
                     dw_due *out)
{
    bool found = false;
    uint32_t gaps = lacks_birth(ev, rule) ? DW_GAP_BIRTH_DATE : 0;
    *out = (dw_due){.gaps = gaps};
    for (uint32_t i = 0; gaps == 0 && i < rule->limit_count && (ev->pin || !found || rule->strictest); i++) {
        dw_when base;
        dw_due due;
        if (!holds(ev, &rule->limits[i], span, from, rank, &base))
            continue;
        bool runs = limit_due(ev, rule, span, &rule->limits[i], &base, &due);
        if (!runs) {
            out->gaps |= due.gaps;
            continue;
        }
        if (due.limit == 0)
            due.limit = (uint8_t)i;
        if (!found || (rule->strictest && due.late_from_us < out->late_from_us))
            *out = due;
        found = true;
    }
    if (!found)
        return false;
    if (rule->frequency_count != 0) /* of these two no limit is in hours */
        (void)dw_eval_agreed(ev, rule, span, from, true, out);
    if (rule->due_override != NULL)
        apply_override(ev, rule, span, from, out);
    int64_t warn_us = dw_eval_warn_us(ev, rule, span, from);
    out->warn_from_us = warn_us < out->late_from_us ? warn_us : 0;
    return true;
}

int64_t dw_eval_warn_us(const dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_when *from)
{
    const dw_when start = {span->start_day, span->start_us, span->start_approximate, span->opened_by};
    if (!rule->has_warn)
        return 0;
    return due_after(ev, rule, rule->warn.n, rule->warn.unit, rule->warn_from_start ? &start : from).late_from_us;
}

bool dw_eval_due(dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_when *from, dw_due *out)
{
    return dw_eval_due_nth(ev, rule, span, from, 0, out);
}

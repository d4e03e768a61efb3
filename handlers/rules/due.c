/* due.c: what a duty is counted from, and until when. */

#include "handlers/rules/rules.h"

#include "field_ids.h"

#define HOUR_US INT64_C(3600000000)

bool dw_span_open_at(const dw_span *span, int64_t us)
{
    return span->start_us <= us && us < span->end_us;
}

int64_t dw_span_moment(const dw_eval *ev, const dw_span *span)
{
    return span->end_us > ev->chron->clock_us ? ev->chron->clock_us : span->end_us - 1;
}

static int32_t last_day(const dw_eval *ev, const dw_span *span)
{
    return span->end_day < ev->chron->today ? span->end_day : ev->chron->today;
}

bool dw_eval_selected(const dw_eval *ev, const dw_span_selector *selector, const dw_span *span)
{
    return (selector->each || span->family == selector->family) &&
           (ev->pin || selector->where == NULL || dw_pred_span(selector->where, span, last_day(ev, span)));
}

static dw_when span_start(const dw_span *span)
{
    return (dw_when){span->start_day, span->start_us, span->start_approximate, span->opened_by};
}

static dw_when field_anchor(const dw_eval *ev, const dw_rule *rule, const dw_span *span)
{
    for (uint32_t i = 0; i < rule->anchor_field_count; i++) {
        const dw_fact *carrier = NULL;
        const dw_value *value = dw_span_value(span, rule->anchor_fields[i], ev->chron->today, &carrier);
        if (value == NULL)
            continue;
        if (value->kind == DW_VAL_DATE)
            return (dw_when){(int32_t)value->i, dw_london_start_us((int32_t)value->i), true, carrier};
        if (value->kind == DW_VAL_INSTANT)
            return (dw_when){dw_london_day(value->i), value->i, false, carrier};
    }
    return span_start(span);
}

dw_when dw_eval_anchor(dw_eval *ev, const dw_rule *rule, const dw_span *span)
{
    switch (rule->anchor) {
    case DW_ANCHOR_START:
    case DW_ANCHOR_CROSSING:
        return span_start(span);
    case DW_ANCHOR_END:
        return (dw_when){span->end_day, span->end_us, span->end_approximate, span->closed_by};
    case DW_ANCHOR_FIELD:
        return field_anchor(ev, rule, span);
    case DW_ANCHOR_BEFORE_START: {
        dw_reach reach = {INT32_MIN, span->start_day, DW_AT_NONE};
        const dw_fact *fact = dw_eval_last(ev, &rule->anchor_clause, 1, span, &reach);
        if (fact == NULL)
            return span_start(span);
        return (dw_when){fact->day, fact->at_us, (fact->flags & DW_FACTF_APPROXIMATE) != 0, fact};
    }
    }
    return span_start(span);
}

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

/* One selector's part of a run: moves *start back to what reaches it. */
static bool extend(dw_eval *ev, const dw_span_selector *selector, int64_t at_us, int32_t *start)
{
    bool moved = false;
    const dw_span *spans = ev->chron->spans[selector->family];
    for (uint32_t i = 0; i < ev->chron->span_count[selector->family]; i++) {
        const dw_span *span = &spans[i];
        if (span->start_us > at_us)
            break;
        bool open = at_us < span->end_us;
        if (!open && (*start == DW_DAY_NONE || span->end_day < *start))
            continue;
        int32_t as_of = open ? dw_london_day(at_us) : span->end_day;
        if (!ev->pin && selector->where != NULL && !dw_pred_span(selector->where, span, as_of))
            continue;
        int32_t since = holds_since(span, ev->pin ? NULL : selector->where, as_of);
        if (*start != DW_DAY_NONE && since >= *start)
            continue;
        *start = since;
        moved = true;
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
    }
    if (ev->pin) {
        pin_run(ev, &limit->during, not_before);
        if (limit->has_or)
            pin_run(ev, &limit->or_during, not_before);
    }
    return start;
}

/* --- limits */

static void date_due(dw_due *due, int32_t on)
{
    due->kind = DW_DUE_DATE;
    due->on = on;
    due->late_from_us = dw_london_start_us(on + 1);
    due->at_us = due->late_from_us - 1;
}

static dw_due limit_due(const dw_eval *ev, const dw_rule *rule, const dw_limit *limit, const dw_when *from)
{
    dw_due due = {.from_day = from->day, .from_us = from->us};
    if (limit->unit != DW_UNIT_HOURS) {
        date_due(&due, dw_calendar_due(ev->cal, rule->calendar, rule->count_mode, from->day, limit->n, limit->unit));
        return due;
    }
    due.kind = DW_DUE_INSTANT;
    if (from->approximate) { /* only the day is known: to the end of the last day it can mean (domain 2.1) */
        due.approximate = true;
        due.late_from_us = dw_london_start_us(from->day + (limit->n + 23) / 24 + 1);
        due.at_us = due.late_from_us - 1;
    } else {
        due.at_us = from->us + limit->n * HOUR_US;
        due.late_from_us = due.at_us + 1;
    }
    due.on = dw_london_day(due.at_us);
    return due;
}

/* The recorded frequency that is in force on a day: that which began last, from its own first day or its record's. */
static const dw_value *frequency_on(const dw_rule *rule, const dw_span *span, int32_t day, const dw_fact **carrier)
{
    const dw_value *found = NULL;
    int32_t latest = INT32_MIN;
    for (uint32_t i = 0; i < span->fact_count; i++) {
        const dw_fact *fact = span->facts[i];
        uint16_t id = rule->frequency_days->by_type[fact->type];
        const dw_value *days = id != 0 ? dw_fact_get(fact, id) : NULL;
        if (days == NULL)
            continue;
        int32_t since = fact->day;
        id = rule->frequency_from != NULL ? rule->frequency_from->by_type[fact->type] : 0;
        const dw_value *from = id != 0 ? dw_fact_get(fact, id) : NULL;
        if (from != NULL && from->kind == DW_VAL_DATE)
            since = (int32_t)from->i;
        if (since > day || since < latest)
            continue;
        latest = since;
        found = days;
        *carrier = fact;
    }
    return found;
}

/* A frequency recorded for the span and in force when the interval began, when stricter. */
static void apply_frequency(const dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_when *from,
                            dw_due *due)
{
    const dw_fact *carrier = NULL;
    const dw_value *days = frequency_on(rule, span, from->day, &carrier);
    if (days == NULL || days->i < 1 || days->i > 3660)
        return;
    const dw_field_ref *ref = rule->frequency_unit;
    uint16_t id = ref != NULL ? ref->by_type[carrier->type] : 0;
    const dw_value *value = id != 0 ? dw_fact_get(carrier, id) : NULL;
    bool working = value != NULL && value->i == DW_V_FREQUENCY_UNIT_WD;
    dw_profile profile = rule->calendar != DW_CAL_CALENDAR ? rule->calendar : DW_CAL_EW;
    int32_t on = dw_calendar_due(ev->cal, profile, rule->count_mode, from->day, (int)days->i,
                                 working ? DW_UNIT_WORKING_DAYS : DW_UNIT_DAYS);
    if (on < due->on) {
        date_due(due, on);
        due->from_day = from->day;
        due->from_us = from->us;
        due->limit = DW_LIMIT_FREQUENCY;
    }
}

static void apply_override(const dw_rule *rule, const dw_when *from, dw_due *due)
{
    uint16_t id = from->fact != NULL ? rule->due_override->by_type[from->fact->type] : 0;
    const dw_value *value = id != 0 ? dw_fact_get(from->fact, id) : NULL;
    if (value != NULL && value->kind == DW_VAL_DATE && value->i >= from->day && value->i < due->on) {
        date_due(due, (int32_t)value->i);
        due->limit = DW_LIMIT_OVERRIDE;
    }
}

bool dw_eval_due(dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_when *from, dw_due *out)
{
    bool found = false;
    for (uint32_t i = 0; i < rule->limit_count && !(found && !rule->strictest); i++) {
        const dw_limit *limit = &rule->limits[i];
        if (limit->when != NULL && !dw_pred_span(limit->when, span, from->day))
            continue;
        dw_when base = *from;
        if (limit->has_while) {
            int32_t since = dw_eval_run_start(ev, limit, dw_span_moment(ev, span), from->day);
            if (since == DW_DAY_NONE)
                continue;
            if (since > base.day)
                base = (dw_when){since, dw_london_start_us(since), false, from->fact};
        }
        dw_due due = limit_due(ev, rule, limit, &base);
        due.limit = (uint8_t)i;
        if (!found || due.late_from_us < out->late_from_us)
            *out = due;
        found = true;
    }
    if (!found)
        return false;
    if (rule->frequency_days != NULL && out->kind == DW_DUE_DATE)
        apply_frequency(ev, rule, span, from, out);
    if (rule->due_override != NULL && out->kind == DW_DUE_DATE)
        apply_override(rule, from, out);
    int64_t warn_us = rule->has_warn ? limit_due(ev, rule, &rule->warn, from).late_from_us : 0;
    out->warn_from_us = warn_us < out->late_from_us ? warn_us : 0;
    return true;
}

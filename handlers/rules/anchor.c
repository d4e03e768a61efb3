/* anchor.c: what a duty is counted from: the start of its span, a field, a fact before, in or beside it, a birthday. */

#include "handlers/rules/rules.h"

bool dw_span_open_at(const dw_span *span, int64_t us)
{
    return span->start_us <= us && us < span->end_us;
}

int64_t dw_span_moment(const dw_eval *ev, const dw_span *span)
{
    return span->end_us > ev->chron->clock_us ? ev->chron->clock_us : span->end_us - 1;
}

bool dw_eval_selected(const dw_eval *ev, const dw_span_selector *selector, const dw_span *span)
{
    return ev->pin || selector->where == NULL || dw_pred_span(selector->where, span, dw_span_last_day(ev->chron, span));
}

dw_when dw_when_of_span(const dw_span *span)
{
    return (dw_when){span->start_day, span->start_us, span->start_approximate, span->opened_by};
}

dw_when dw_when_of_fact(const dw_fact *fact)
{
    return (dw_when){fact->day, fact->at_us, (fact->flags & DW_FACTF_APPROXIMATE) != 0, fact};
}

/* --- one anchor */

static bool field_anchor(const dw_eval *ev, const dw_anchor_item *item, const dw_span *span, dw_when *out)
{
    for (uint32_t i = 0; i < item->field_count; i++) {
        const dw_fact *carrier = NULL;
        const dw_value *value = dw_span_value(span, item->fields[i], ev->chron->today, &carrier);
        if (value == NULL)
            continue;
        if (value->kind == DW_VAL_DATE)
            *out = (dw_when){(int32_t)value->i, dw_london_start_us((int32_t)value->i), true, carrier};
        else /* an instant: a limit counts from nothing else */
            *out = (dw_when){dw_london_day(value->i), value->i, false, carrier};
        return true;
    }
    return false;
}

/* Does a fact of the span name this one? */
static bool named_back(const dw_field_ref *ref, const dw_fact *fact, const dw_span *span)
{
    const dw_value *own = dw_fact_says(fact, ref);
    for (uint32_t i = 0; own != NULL && i < span->fact_count; i++) {
        const dw_value *named = dw_fact_says(span->facts[i], ref);
        if (named != NULL && dw_str_eq(named->s, own->s))
            return true;
    }
    return false;
}

static bool linked_anchor(const dw_eval *ev, const dw_anchor_item *item, const dw_span *span, dw_when *out)
{
    uint32_t n = 0;
    const dw_fact *const *facts = dw_chronology_of_type(ev->chron, item->clause.type, &n);
    dw_clause named = item->clause;
    named.link_required = true; /* by date alone nothing is linked */
    while (n-- > 0) {
        bool links = item->clause.link != NULL && dw_eval_counts(&named, facts[n], span);
        if (!links && !(dw_pred_fact(item->clause.where, facts[n]) && named_back(item->back_link, facts[n], span)))
            continue;
        *out = dw_when_of_fact(facts[n]);
        return true;
    }
    return false;
}

static bool nth_anchor(dw_eval *ev, const dw_anchor_item *item, const dw_span *span, dw_when *out)
{
    const dw_fact **list;
    dw_reach reach = {span->start_day, span->end_day, DW_AT_NONE};
    uint32_t n = dw_eval_all(ev, &item->clause, 1, span, &reach, &list);
    for (uint32_t i = 0; i < n && i < item->n; i++)
        dw_eval_pin_fact(ev, list[i]); /* they fix which is the n-th */
    if (n < item->n)
        return false;
    *out = dw_when_of_fact(list[item->n - 1]);
    return true;
}

/* False while the birthday is unknown, or still to come. */
static bool birthday_anchor(dw_eval *ev, const dw_anchor_item *item, const dw_span *span, dw_when *out)
{
    if (ev->chron->birth_day == DW_DAY_NONE)
        return false;
    int32_t day = dw_birthday(ev->chron->birth_day, (int)item->n);
    int64_t us = dw_london_start_us(day);
    dw_eval_wake(ev, us);
    *out = (dw_when){day, us, true, span->opened_by};
    return us <= ev->chron->clock_us;
}

static bool one_anchor(dw_eval *ev, const dw_anchor_item *item, const dw_span *span, dw_when *out)
{
    switch (item->how) {
    case DW_ANCHOR_START:
    case DW_ANCHOR_CROSSING:
    case DW_ANCHOR_BREACH:
    case DW_ANCHOR_EACH:
        *out = dw_when_of_span(span);
        return true;
    case DW_ANCHOR_END:
        *out = (dw_when){span->end_day, span->end_us, span->end_approximate, span->closed_by};
        return true;
    case DW_ANCHOR_FIELD:
        return field_anchor(ev, item, span, out);
    case DW_ANCHOR_BEFORE_START: {
        dw_reach reach = {INT32_MIN, span->start_day, DW_AT_NONE};
        const dw_fact *fact = dw_eval_last(ev, &item->clause, 1, span, &reach);
        if (fact != NULL)
            *out = dw_when_of_fact(fact);
        return fact != NULL;
    }
    case DW_ANCHOR_LINKED:
        return linked_anchor(ev, item, span, out);
    case DW_ANCHOR_NTH:
        return nth_anchor(ev, item, span, out);
    case DW_ANCHOR_BIRTHDAY:
        return birthday_anchor(ev, item, span, out);
    }
    return false;
}

/* --- the anchor of a rule */

/* The latest of all; NULL when one of them is not there yet. */
static bool latest_anchor(dw_eval *ev, const dw_rule *rule, const dw_span *span, dw_when *out)
{
    for (uint32_t i = 0; i < rule->anchor_count; i++) {
        dw_when when;
        if (!one_anchor(ev, &rule->anchors[i], span, &when))
            return false;
        if (i == 0 || when.us > out->us)
            *out = when;
    }
    return rule->anchor_count != 0;
}

static bool first_anchor(dw_eval *ev, const dw_rule *rule, const dw_span *span, dw_when *out)
{
    for (uint32_t i = 0; i < rule->anchor_count; i++) {
        const dw_anchor_item *item = &rule->anchors[i];
        bool found = one_anchor(ev, item, span, out);
        if (found && item->how == DW_ANCHOR_BIRTHDAY) /* one before the span is none of its business */
            found = out->day > span->start_day && out->us < span->end_us;
        if (found)
            return true;
    }
    dw_anchor last = rule->anchor_count != 0 ? rule->anchors[rule->anchor_count - 1].how : rule->anchor;
    *out = dw_when_of_span(span);
    return last != DW_ANCHOR_LINKED && last != DW_ANCHOR_NTH && last != DW_ANCHOR_BIRTHDAY;
}

bool dw_eval_anchor(dw_eval *ev, const dw_rule *rule, const dw_span *span, dw_when *out)
{
    if (rule->anchor == DW_ANCHOR_END)
        return one_anchor(ev, &(dw_anchor_item){.how = DW_ANCHOR_END}, span, out);
    if (!rule->anchors_later)
        return first_anchor(ev, rule, span, out);
    return latest_anchor(ev, rule, span, out) && (out->us < span->end_us || out->day <= span->start_day);
}

void dw_eval_pin_anchors(dw_eval *ev, const dw_rule *rule)
{
    dw_reach all = {INT32_MIN, DW_DAY_OPEN, DW_AT_NONE};
    for (uint32_t i = 0; ev->pin && i < rule->anchor_count; i++) {
        const dw_anchor_item *item = &rule->anchors[i];
        if (item->how == DW_ANCHOR_BEFORE_START) /* the next span may need it */
            (void)dw_eval_last(ev, &item->clause, 1, NULL, &all);
        if (item->how != DW_ANCHOR_LINKED)
            continue;
        uint32_t n = 0;
        const dw_fact *const *facts = dw_chronology_of_type(ev->chron, item->clause.type, &n);
        for (uint32_t k = 0; k < n; k++) /* the span that it names, or that names it, may come later */
            if (dw_pred_fact(item->clause.where, facts[k]) && (dw_fact_says(facts[k], item->clause.link) != NULL ||
                                                               dw_fact_says(facts[k], item->clause.link_more) != NULL ||
                                                               dw_fact_says(facts[k], item->back_link) != NULL))
                dw_eval_pin_fact(ev, facts[k]);
    }
}

bool dw_eval_in_band(const dw_rule *rule, const dw_span *span, const dw_when *anchor, int32_t day)
{
    if (!rule->has_band)
        return true;
    int32_t origin = span->whole != NULL ? span->whole->start_day : anchor->day;
    int32_t from = dw_day_add_months(origin, rule->band_from_months) + rule->band_from_days;
    int32_t until = dw_day_add_months(origin, rule->band_until_months) + rule->band_until_days;
    return (from == origin || day >= from) && (until == origin || day < until);
}

/* --- age */

dw_aged dw_eval_age(dw_eval *ev, const dw_rule *rule, const dw_span *span, dw_when *from)
{
    const dw_chronology *chron = ev->chron;
    if (!rule->has_age)
        return DW_AGED_RUNS;
    if (chron->birth_day == DW_DAY_NONE && rule->age_from == 0 && rule->age_until == 0)
        return chron->expected_day == DW_DAY_NONE ? DW_AGED_RUNS : DW_AGED_WAITS;
    if (chron->birth_day == DW_DAY_NONE)
        return DW_AGED_UNKNOWN;
    int32_t day = dw_birthday(chron->birth_day, rule->age_from);
    int64_t us = dw_london_start_us(day);
    if (us > chron->clock_us) {
        dw_eval_wake(ev, us);
        return DW_AGED_WAITS;
    }
    if (us >= span->end_us && day > span->start_day)
        return DW_AGED_NEVER;
    if (day > from->day)
        *from = (dw_when){day, us, true, from->fact};
    return DW_AGED_RUNS;
}

const dw_span *dw_eval_until_age(dw_eval *ev, const dw_rule *rule, const dw_span *span)
{
    if (!rule->has_age || rule->age_until == 0 || ev->chron->birth_day == DW_DAY_NONE)
        return span;
    int32_t day = dw_birthday(ev->chron->birth_day, rule->age_until);
    int64_t us = dw_london_start_us(day);
    dw_eval_wake(ev, us);
    if (us > ev->chron->clock_us || us >= span->end_us)
        return span;
    dw_span *cut = dw_arena_alloc(ev->arena, sizeof *cut);
    if (cut == NULL || us <= span->start_us) {
        ev->nomem = ev->nomem || cut == NULL;
        return NULL;
    }
    *cut = *span;
    cut->end_us = us;
    cut->end_day = day;
    cut->end = DW_END_AGE;
    cut->end_approximate = false;
    cut->closed_by = NULL;
    return cut;
}

/* frequency.c: how often somebody agreed that something is to be done for this child (readings 20, domain 4.24). What is in
 * force on the day from which an interval counts holds for the whole of it. The stricter wins; a looser one counts only when
 * a role agreed to it that the rule names. */

#include "field_ids.h"
#include "handlers/derive.h"
#include "handlers/rules/rules.h"

#define AGREED_MAX (2 * DW_RULE_FREQUENCIES_MAX)

/* A due date that was agreed. */
typedef struct agreed {
    int32_t since, on;
    bool may_loosen;
    uint8_t limit; /* DW_LIMIT_FREQUENCY, DW_LIMIT_AGREED */
    const dw_fact *fact;
} agreed;

typedef struct agreements {
    agreed items[AGREED_MAX]; /* ascending since */
    uint32_t count;
} agreements;

static void add(agreements *all, agreed one)
{
    uint32_t at = all->count;
    for (; at > 0 && all->items[at - 1].since > one.since; at--)
        all->items[at] = all->items[at - 1];
    all->items[at] = one;
    all->count++;
}

static bool may_loosen(const dw_frequency *source, int64_t role)
{
    return role > 0 && role < 32 && (source->looser_roles >> role & 1) != 0;
}

static int32_t due_by(const dw_eval *ev, const dw_rule *rule, int32_t from, int64_t n, bool working)
{
    return dw_calendar_due(ev->cal, dw_rule_agreed_profile(rule), rule->count_mode, from, (int)n,
                           working ? DW_UNIT_WORKING_DAYS : DW_UNIT_DAYS);
}

/* --- in the facts of spans */

typedef struct carried {
    int32_t since;
    const dw_fact *fact;
} carried;

/* The one that began last, from its own first day or its record's. */
static void newest_of(const dw_frequency *source, const dw_span *span, int32_t day, carried *best)
{
    for (uint32_t i = 0; i < span->fact_count; i++) {
        const dw_fact *fact = span->facts[i];
        if (dw_fact_says(fact, source->days) == NULL)
            continue;
        const dw_value *from = dw_fact_says(fact, source->from);
        int32_t since = from != NULL ? (int32_t)from->i : fact->day;
        if (since <= day && (best->fact == NULL || since >= best->since))
            *best = (carried){since, fact};
    }
}

/* What is in force in one span, if that is stricter than what was found before. */
static void in_span(dw_eval *ev, const dw_rule *rule, const dw_frequency *source, const dw_span *span, int32_t day,
                    agreed *strictest)
{
    carried best = {0, NULL};
    newest_of(source, span, day, &best);
    if (best.fact == NULL)
        return;
    dw_eval_pin_span(ev, span);
    const dw_value *unit = dw_fact_says(best.fact, source->unit), *role = dw_fact_says(best.fact, source->agreed_by);
    bool working = unit != NULL && unit->i == DW_V_FREQUENCY_UNIT_WD;
    int32_t on = due_by(ev, rule, day, dw_fact_says(best.fact, source->days)->i, working);
    if (on < strictest->on)
        *strictest =
            (agreed){best.since, on, role != NULL && may_loosen(source, role->i), DW_LIMIT_FREQUENCY, best.fact};
}

/* Of several spans side by side, two care plans for one, the strictest (domain 4.4, 4.24). */
static void from_spans(dw_eval *ev, const dw_rule *rule, const dw_frequency *source, const dw_span *span, int32_t day,
                       agreements *all)
{
    agreed strictest = {.on = DW_DAY_OPEN};
    if (source->source == DW_FREQUENCY_OWN)
        in_span(ev, rule, source, span, day, &strictest);
    else
        for (uint32_t i = 0; i < ev->chron->span_count[source->of.family]; i++) {
            const dw_span *other = &ev->chron->spans[source->of.family][i];
            if (other->start_day <= day && day <= other->end_day && dw_eval_selected(ev, &source->of, other))
                in_span(ev, rule, source, other, day, &strictest);
        }
    if (strictest.on != DW_DAY_OPEN)
        add(all, strictest);
}

/* --- overrides */

static bool is_open_on(const dw_eval *ev, dw_str plan, int32_t day)
{
    for (uint32_t i = 0; i < ev->chron->span_count[DW_SPAN_PLAN]; i++) {
        const dw_span *other = &ev->chron->spans[DW_SPAN_PLAN][i];
        if (other->start_day <= day && day <= other->end_day && dw_span_has_id(other, plan))
            return true;
    }
    return false;
}

/* It names the rule; what it names beside it, plan or placement, must be what the duty is about. */
static bool concerns(const dw_eval *ev, const dw_fact *fact, const dw_rule *rule, const dw_span *span, int32_t day)
{
    dw_str plan = dw_fact_text(fact, DW_F_SCHEDULE_OVERRIDE_PLAN_ID);
    dw_str placement = dw_fact_text(fact, DW_F_SCHEDULE_OVERRIDE_PLACEMENT_ID);
    if (!dw_str_eq(dw_fact_text(fact, DW_F_SCHEDULE_OVERRIDE_RULE), rule->id))
        return false;
    if (placement.len != 0 && !(span->family == DW_SPAN_PLACEMENT && dw_span_has_id(span, placement)))
        return false;
    if (plan.len == 0)
        return true;
    return span->family == DW_SPAN_PLAN ? dw_span_has_id(span, plan) : is_open_on(ev, plan, day);
}

static void from_overrides(dw_eval *ev, const dw_rule *rule, const dw_frequency *source, const dw_span *span,
                           int32_t day, agreements *all)
{
    uint32_t n = 0;
    const dw_fact *best = NULL;
    const dw_fact *const *facts = dw_chronology_of_type(ev->chron, DW_EV_SCHEDULE_OVERRIDE, &n);
    for (uint32_t i = 0; i < n; i++) {
        const dw_value *until = dw_fact_get(facts[i], DW_F_SCHEDULE_OVERRIDE_UNTIL);
        if (ev->pin && dw_str_eq(dw_fact_text(facts[i], DW_F_SCHEDULE_OVERRIDE_RULE), rule->id) &&
            (until == NULL || until->i >= ev->pin_before))
            dw_eval_pin_fact(ev, facts[i]); /* intervals to come may begin under it */
        if (facts[i]->day <= day && (until == NULL || day <= until->i) && concerns(ev, facts[i], rule, span, day))
            best = facts[i];
    }
    if (best == NULL)
        return;
    dw_eval_pin_fact(ev, best);
    agreed one = {.since = best->day, .fact = best};
    one.may_loosen = may_loosen(source, dw_fact_code(best, DW_F_SCHEDULE_OVERRIDE_AUTHORISER_ROLE));
    const dw_value *days = dw_fact_get(best, DW_F_SCHEDULE_OVERRIDE_VISIT_FREQUENCY_DAYS);
    const dw_value *due = dw_fact_get(best, DW_F_SCHEDULE_OVERRIDE_NEXT_DUE);
    if (days != NULL) {
        bool working = dw_fact_code(best, DW_F_SCHEDULE_OVERRIDE_VISIT_FREQUENCY_UNIT) == DW_V_FREQUENCY_UNIT_WD;
        one.on = due_by(ev, rule, day, days->i, working);
        one.limit = DW_LIMIT_FREQUENCY;
        add(all, one);
    }
    if (due != NULL && due->i >= day) {
        one.on = (int32_t)due->i;
        one.limit = DW_LIMIT_AGREED;
        add(all, one);
    }
}

bool dw_eval_agreed(dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_when *from, bool have, dw_due *due)
{
    agreements all = {.count = 0};
    for (uint32_t i = 0; i < rule->frequency_count; i++) {
        const dw_frequency *source = &rule->frequencies[i];
        if (source->source == DW_FREQUENCY_OVERRIDE)
            from_overrides(ev, rule, source, span, from->day, &all);
        else
            from_spans(ev, rule, source, span, from->day, &all);
    }
    for (uint32_t i = 0; i < all.count; i++) {
        const agreed *one = &all.items[i];
        if (have && one->on >= due->on && !one->may_loosen)
            continue;
        int64_t warn_from_us = due->warn_from_us;
        dw_due_on(due, one->on);
        due->warn_from_us = warn_from_us;
        due->from_day = from->day;
        due->from_us = from->us;
        due->limit = one->limit;
        due->agreed = one->fact;
        have = true;
    }
    return have;
}

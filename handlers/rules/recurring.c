/* recurring.c: a duty that starts anew with each evidence: visits, reviews, supervision. */

#include "handlers/rules/rules.h"

/* The interval that counts now, and the evidence that has ended it, if any. */
typedef struct interval {
    dw_when from;
    const dw_fact *next; /* evidence that met it */
    bool begun_by_evidence;
} interval;

static dw_when fact_when(const dw_fact *fact)
{
    return (dw_when){fact->day, fact->at_us, (fact->flags & DW_FACTF_APPROXIMATE) != 0, fact};
}

static bool in_band(const dw_rule *rule, int32_t origin, int32_t day)
{
    if (!rule->has_band)
        return true;
    if (rule->band_from_months != 0 && day < dw_day_add_months(origin, rule->band_from_months))
        return false;
    return rule->band_until_months == 0 || day < dw_day_add_months(origin, rule->band_until_months);
}

static bool rank_counts(const dw_rule *rule, uint32_t rank)
{
    return rank >= rule->nth_from && (rule->nth_to == 0 || rank <= rule->nth_to);
}

/* Ranks are counted from the first evidence of the span: those that fix the ranks of all later ones stay. */
static void pin_ranks(dw_eval *ev, const dw_rule *rule, const dw_fact **list, uint32_t n)
{
    uint32_t keep = rule->nth_from > rule->nth_to ? rule->nth_from : rule->nth_to + 1;
    for (uint32_t i = 0; i < n && i < keep; i++)
        dw_eval_pin_fact(ev, list[i]);
}

/* With bands or ranks: the last interval this rule speaks for. */
static bool find_banded(dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_reach *reach,
                        const dw_when *anchor, interval *out)
{
    const dw_fact **list;
    uint32_t n = dw_eval_all(ev, rule->evidence, rule->evidence_count, span, reach, &list);
    pin_ranks(ev, rule, list, n);
    (void)dw_eval_last(ev, rule->evidence, rule->evidence_count, span, reach);
    for (uint32_t i = n; i > 0; i--) {
        if (!in_band(rule, anchor->day, list[i - 1]->day) || !rank_counts(rule, i))
            continue;
        *out = (interval){fact_when(list[i - 1]), i < n ? list[i] : NULL, true};
        return true;
    }
    if (!rule->from_start || !in_band(rule, anchor->day, anchor->day) || !rank_counts(rule, 0))
        return false;
    *out = (interval){*anchor, n > 0 ? list[0] : NULL, false};
    return true;
}

static bool find_interval(dw_eval *ev, const dw_rule *rule, const dw_span *span, interval *out)
{
    dw_when anchor = dw_eval_anchor(ev, rule, span);
    dw_reach reach = {span->start_day, span->end_day, DW_AT_NONE};
    if (anchor.day < reach.from_day)
        reach.from_day = anchor.day;
    if (rule->evidence_after_start)
        reach.from_day = span->start_day + 1;
    if (rule->has_band || rule->nth_from != 0 || rule->nth_to != 0)
        return find_banded(ev, rule, span, &reach, &anchor, out);
    const dw_fact *last = dw_eval_last(ev, rule->evidence, rule->evidence_count, span, &reach);
    if (last == NULL && !rule->from_start)
        return false;
    *out = (interval){last != NULL ? fact_when(last) : anchor, NULL, last != NULL};
    if (last != NULL && last->day < anchor.day && rule->from_start)
        *out = (interval){anchor, NULL, false};
    return true;
}

/* --- rests: no duty while a stricter plan is open beside it (readings 19) */

typedef struct rest_state {
    bool open;
    int64_t open_since_us;
    int64_t ended_us; /* the last to end; DW_AT_NONE */
    int32_t ended_day;
} rest_state;

/* Whichever of these turns out to be the rest that ended last: it, and the last visit up to its end, must be there. */
static void pin_rest(dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_span *other)
{
    dw_reach reach = {span->start_day, other->end_day, DW_AT_NONE};
    dw_eval_pin_span(ev, other);
    (void)dw_eval_last(ev, rule->after_rest, rule->after_rest_count, span, &reach);
}

static rest_state find_rest(dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_when *from)
{
    rest_state found = {false, DW_AT_NEVER, DW_AT_NONE, DW_DAY_NONE};
    int64_t moment = dw_span_moment(ev, span);
    for (uint32_t r = 0; r < rule->rest_count; r++) {
        dw_span *spans = ev->chron->spans[rule->rests[r].family];
        for (uint32_t i = 0; i < ev->chron->span_count[rule->rests[r].family]; i++) {
            dw_span *other = &spans[i];
            if (other->start_us > moment || other->end_us <= span->start_us ||
                !dw_eval_selected(ev, &rule->rests[r], other))
                continue;
            if (ev->pin && other->end_us > from->us)
                pin_rest(ev, rule, span, other);
            if (other->end_us > moment) {
                found.open = true;
                if (other->start_us < found.open_since_us)
                    found.open_since_us = other->start_us;
            } else if (other->end_us > found.ended_us) {
                found.ended_us = other->end_us;
                found.ended_day = other->end_day;
            }
        }
    }
    return found;
}

/* After a rest the interval counts from the last qualifying visit of either kind. */
static void reanchor(dw_eval *ev, const dw_rule *rule, const dw_span *span, const rest_state *rest, interval *now)
{
    dw_reach reach = {span->start_day, rest->ended_day, DW_AT_NONE};
    const dw_fact *last = dw_eval_last(ev, rule->after_rest, rule->after_rest_count, span, &reach);
    if (last != NULL && last->day > now->from.day)
        *now = (interval){fact_when(last), NULL, true};
}

static void settle(dw_eval *ev, const dw_rule *rule, const dw_span *span, const interval *now, const rest_state *rest,
                   dw_obligation *ob)
{
    dw_due due;
    if (!dw_eval_due(ev, rule, span, &now->from, &due)) {
        ob->state = DW_OB_RESTING; /* none of its limits applies now */
        dw_ob_cause(ob, now->from.fact);
        dw_eval_add(ev, ob);
        return;
    }
    dw_ob_set_due(ob, &now->from, &due);
    if (now->begun_by_evidence)
        ob->met_by = now->from.fact;
    if (now->next != NULL) {
        dw_ob_meet(ob, now->next, dw_fact_in_time(now->next, &due));
    } else if (rest->open) {
        ob->state = ob->late_from_us <= rest->open_since_us ? DW_OB_SUPERSEDED_OVERDUE : DW_OB_RESTING;
    } else if (span->end_us <= ev->chron->clock_us) {
        dw_ob_end(ob, span);
    } else {
        if (rest->ended_us != DW_AT_NONE && ob->late_from_us < rest->ended_us)
            ob->late_from_us = rest->ended_us; /* owed again from here on */
        dw_ob_run(ev, ob);
    }
    dw_eval_add(ev, ob);
}

void dw_rule_recurring(dw_eval *ev, const dw_rule *rule)
{
    uint32_t count;
    const dw_span *spans = dw_eval_spans(ev, &rule->over, &count);
    for (uint32_t i = 0; i < count; i++) {
        const dw_span *span = &spans[i];
        interval now;
        if (dw_eval_settled(ev, span) || !dw_eval_selected(ev, &rule->over, span) ||
            !find_interval(ev, rule, span, &now))
            continue;
        rest_state rest = {false, DW_AT_NEVER, DW_AT_NONE, DW_DAY_NONE};
        if (rule->rest_count != 0)
            rest = find_rest(ev, rule, span, &now.from);
        if (now.next == NULL && !rest.open && rest.ended_us != DW_AT_NONE)
            reanchor(ev, rule, span, &rest, &now);
        dw_obligation ob = dw_ob_make(rule, span);
        settle(ev, rule, span, &now, &rest, &ob);
    }
}

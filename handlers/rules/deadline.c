/* deadline.c: something by a limit after an anchor: a first visit, an interview, a decision, an allocation. */

#include "handlers/rules/rules.h"

static dw_reach evidence_reach(const dw_rule *rule, const dw_span *span, const dw_when *anchor)
{
    dw_reach reach = {span->start_day, span->end_day, DW_AT_NONE};
    if (rule->anchor == DW_ANCHOR_END) { /* outlives its span */
        reach.from_day = anchor->day;
        reach.to_day = DW_DAY_OPEN;
        if (!anchor->approximate)
            reach.from_us = anchor->us;
    } else if (rule->anchor == DW_ANCHOR_FIELD && anchor->day < reach.from_day) {
        reach.from_day = anchor->day;
    }
    if (rule->evidence_after_start)
        reach.from_day = span->start_day + 1;
    return reach;
}

static void settle_by_end(dw_eval *ev, const dw_span *span, const dw_due *due, dw_obligation *ob)
{
    if (span->end_us > ev->chron->clock_us) {
        dw_ob_run(ev, ob);
        return;
    }
    if (span->end != DW_END_FACT) {
        dw_ob_end(ob, span);
        return;
    }
    bool approximate = span->end_approximate || due->kind == DW_DUE_DATE;
    bool in_time = approximate ? span->end_day <= due->on : span->end_us <= due->at_us;
    dw_ob_meet(ob, span->closed_by, in_time);
}

static void settle_by_evidence(dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_when *anchor,
                               const dw_due *due, dw_obligation *ob)
{
    dw_reach reach = evidence_reach(rule, span, anchor);
    const dw_fact *fact = dw_eval_first(ev, rule->evidence, rule->evidence_count, span, &reach, due);
    if (fact != NULL)
        dw_ob_meet(ob, fact, dw_fact_in_time(fact, due));
    else if (rule->anchor != DW_ANCHOR_END && span->end_us <= ev->chron->clock_us)
        dw_ob_end(ob, span);
    else
        dw_ob_run(ev, ob);
    if (fact == NULL && rule->anchor == DW_ANCHOR_END)
        dw_eval_pin_span(ev, span); /* ended, but still owed */
}

static void deadline_of_span(dw_eval *ev, const dw_rule *rule, const dw_span *span)
{
    if (rule->anchor == DW_ANCHOR_END && (span->end_us > ev->chron->clock_us || span->end != DW_END_FACT))
        return; /* not over, or nothing says that the child came back */
    dw_when anchor = dw_eval_anchor(ev, rule, span);
    dw_obligation ob = dw_ob_make(rule, span);
    dw_due due;
    if (!dw_eval_due(ev, rule, span, &anchor, &due)) {
        ob.state = DW_OB_RESTING;
        dw_eval_add(ev, &ob);
        return;
    }
    dw_ob_cause(&ob, span->opened_by);
    dw_ob_set_due(&ob, &anchor, &due);
    if (rule->met_by == DW_MET_BY_END)
        settle_by_end(ev, span, &due, &ob);
    else
        settle_by_evidence(ev, rule, span, &anchor, &due, &ob);
    dw_eval_add(ev, &ob);
}

/* MI-05: from each crossing of a count rule; the first answer on or after it meets it. */
static void deadline_of_crossings(dw_eval *ev, const dw_rule *rule)
{
    const dw_rule *source = dw_policy_rule(ev->policy, rule->anchor_rule);
    dw_crossing *crossings;
    const dw_span **counted;
    uint32_t counted_count;
    uint32_t n = dw_count_crossings(ev, source, &crossings, &counted, &counted_count);
    for (uint32_t i = 0; i < n; i++) {
        const dw_span *span = crossings[i].span;
        dw_when anchor = {span->start_day, span->start_us, span->start_approximate, span->opened_by};
        dw_obligation ob = dw_ob_make(rule, NULL);
        dw_due due;
        ob.span = span;
        if (!dw_eval_due(ev, rule, span, &anchor, &due))
            continue;
        dw_ob_set_due(&ob, &anchor, &due);
        dw_reach reach = {anchor.day, DW_DAY_OPEN, DW_AT_NONE};
        const dw_fact *fact = dw_eval_first(ev, rule->evidence, rule->evidence_count, NULL, &reach, &due);
        if (fact != NULL)
            dw_ob_meet(&ob, fact, dw_fact_in_time(fact, &due));
        else
            dw_ob_run(ev, &ob);
        dw_eval_add(ev, &ob);
    }
}

void dw_rule_deadline(dw_eval *ev, const dw_rule *rule)
{
    if (rule->anchor == DW_ANCHOR_CROSSING) {
        deadline_of_crossings(ev, rule);
        return;
    }
    if (ev->pin && rule->anchor == DW_ANCHOR_BEFORE_START) { /* the next span may need it */
        dw_reach all = {INT32_MIN, DW_DAY_OPEN, DW_AT_NONE};
        (void)dw_eval_last(ev, &rule->anchor_clause, 1, NULL, &all);
    }
    uint32_t count;
    const dw_span *spans = dw_eval_spans(ev, &rule->over, &count);
    for (uint32_t i = 0; i < count; i++) {
        const dw_span *span = &spans[i];
        if (rule->anchor != DW_ANCHOR_END && dw_eval_settled(ev, span))
            continue;
        if (dw_eval_selected(ev, &rule->over, span))
            deadline_of_span(ev, rule, span);
    }
}

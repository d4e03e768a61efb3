/* recurring.c: a duty that starts anew with each evidence: visits, reviews, supervision. */

#include "handlers/rules/rules.h"

/* The interval that counts now, and the evidence that has ended it, if any. */
typedef struct interval {
    dw_when from;
    const dw_fact *next; /* evidence that met it */
    bool begun_by_evidence;
    uint32_t rank; /* which evidence of the span began it, from 1; 0: none. Known only where a rank matters */
} interval;

static bool rank_counts(const dw_rule *rule, uint32_t rank)
{
    return rank >= rule->nth_from && (rule->nth_to == 0 || rank <= rule->nth_to);
}

/* Ranks are counted from the first evidence of the span: those that fix the ranks of all later ones stay. */
static void pin_ranks(dw_eval *ev, const dw_rule *rule, const dw_fact **list, uint32_t n)
{
    uint32_t keep = rule->nth_from > rule->nth_to ? rule->nth_from : rule->nth_to + 1;
    for (uint32_t i = 0; i < rule->limit_count; i++)
        if (rule->limits[i].has_nth && rule->limits[i].nth_to + 1 > keep)
            keep = rule->limits[i].nth_to + 1;
    for (uint32_t i = 0; i < n && i < keep; i++)
        dw_eval_pin_fact(ev, list[i]);
}

/* Does the anchor begin an interval? Of a part of a span only when it lies late enough in it. (Then the rule speaks for the
 * rank 0: nth from 1 on asks for from_start: false.) */
static bool begins_by_itself(const dw_rule *rule, const dw_span *span, const dw_when *anchor)
{
    return rule->from_start && anchor->day - dw_span_whole(span)->start_day >= rule->from_start_days;
}

static bool ranks_matter(const dw_rule *rule)
{
    bool matter = rule->nth_from != 0;
    for (uint32_t i = 0; i < rule->limit_count; i++)
        matter = matter || rule->limits[i].has_nth;
    return matter;
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
        if (!dw_eval_in_band(rule, span, anchor, list[i - 1]->day) || !rank_counts(rule, i))
            continue;
        if (rule->from_start && list[i - 1]->day < anchor->day)
            break;
        *out = (interval){dw_when_of_fact(list[i - 1]), i < n ? list[i] : NULL, true, i};
        return true;
    }
    uint32_t next = 0;
    while (next < n && list[next]->day < anchor->day)
        next++;
    if (!begins_by_itself(rule, span, anchor) || !dw_eval_in_band(rule, span, anchor, anchor->day))
        return false;
    *out = (interval){*anchor, next < n ? list[next] : NULL, false, 0};
    return true;
}

static dw_reach evidence_reach(const dw_rule *rule, const dw_span *span, const dw_when *anchor)
{
    dw_reach reach = {span->start_day, span->end_day, DW_AT_NONE};
    if (anchor->day < reach.from_day)
        reach.from_day = anchor->day;
    if (rule->evidence_after_start)
        reach.from_day = span->start_day + 1;
    return reach;
}

static bool find_interval(dw_eval *ev, const dw_rule *rule, const dw_span *span, dw_when anchor, interval *out)
{
    dw_reach reach = evidence_reach(rule, span, &anchor);
    if (rule->has_band || ranks_matter(rule))
        return find_banded(ev, rule, span, &reach, &anchor, out);
    const dw_fact *last = dw_eval_last(ev, rule->evidence, rule->evidence_count, span, &reach);
    if (last == NULL && !begins_by_itself(rule, span, &anchor))
        return false;
    *out = (interval){last != NULL ? dw_when_of_fact(last) : anchor, NULL, last != NULL, 0};
    if (last != NULL && last->day < anchor.day && rule->from_start)
        *out = (interval){anchor, NULL, false, 0};
    return true;
}

bool dw_recurring_chain(dw_eval *ev, const dw_rule *rule, const dw_span *whole, dw_chain *out)
{
    *out = (dw_chain){.span = dw_eval_until_age(ev, rule, whole)};
    if (out->span == NULL || !dw_eval_anchor(ev, rule, out->span, &out->anchor) ||
        dw_eval_age(ev, rule, out->span, &out->anchor) != DW_AGED_RUNS)
        return false;
    dw_reach reach = evidence_reach(rule, out->span, &out->anchor);
    out->count = dw_eval_all(ev, rule->evidence, rule->evidence_count, out->span, &reach, &out->list);
    while (rule->from_start && out->first < out->count && out->list[out->first]->day < out->anchor.day)
        out->first++;
    return true;
}

bool dw_chain_speaks(const dw_rule *rule, const dw_chain *chain, uint32_t i)
{
    if (i == chain->first)
        return begins_by_itself(rule, chain->span, &chain->anchor) &&
               dw_eval_in_band(rule, chain->span, &chain->anchor, chain->anchor.day);
    return rank_counts(rule, i) && dw_eval_in_band(rule, chain->span, &chain->anchor, chain->list[i - 1]->day);
}

/* After a rest the interval counts from the last qualifying visit of either kind. */
static void reanchor(dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_rest *rest, interval *now)
{
    dw_reach reach = {span->start_day, rest->ended_day, DW_AT_NONE};
    const dw_fact *last = dw_eval_last(ev, rule->after_rest, rule->after_rest_count, span, &reach);
    if (last != NULL && last->day > now->from.day)
        *now = (interval){dw_when_of_fact(last), NULL, true, 0};
}

static void settle(dw_eval *ev, const dw_rule *rule, const dw_span *span, const interval *now, const dw_rest *rest,
                   dw_obligation *ob)
{
    dw_due due;
    if (!dw_eval_due_nth(ev, rule, span, &now->from, now->rank, &due)) {
        dw_ob_rest(ob, &now->from, due.gaps);
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

/* Before the birthday it waits for, or without a birth date, there is no clock. */
static void wait_for_age(dw_eval *ev, dw_aged aged, const dw_when *anchor, dw_obligation *ob)
{
    dw_ob_rest(ob, anchor, aged == DW_AGED_UNKNOWN ? DW_GAP_BIRTH_DATE : 0);
    dw_ob_cause(ob, anchor->fact);
    dw_eval_add(ev, ob);
}

static void recurring_of_span(dw_eval *ev, const dw_rule *rule, const dw_span *whole)
{
    const dw_span *span = dw_eval_until_age(ev, rule, whole);
    dw_when anchor;
    interval now;
    if (span == NULL || !dw_eval_anchor(ev, rule, span, &anchor))
        return;
    dw_obligation ob = dw_ob_make(rule, span);
    dw_aged aged = dw_eval_age(ev, rule, span, &anchor);
    if (aged == DW_AGED_WAITS || aged == DW_AGED_UNKNOWN) {
        wait_for_age(ev, aged, &anchor, &ob);
        return;
    }
    if (aged == DW_AGED_NEVER)
        return;
    bool begun = find_interval(ev, rule, span, anchor, &now);
    if (!begun) /* what a rest leaves behind may begin the first */
        now = (interval){.from = {.day = span->start_day - 1, .us = span->start_us}};
    dw_rest rest = dw_eval_rest(ev, rule, span, now.from.us);
    if (now.next == NULL && !rest.open && rest.ended_us != DW_AT_NONE)
        reanchor(ev, rule, span, &rest, &now);
    if (begun || now.begun_by_evidence)
        settle(ev, rule, span, &now, &rest, &ob);
}

void dw_rule_recurring(dw_eval *ev, const dw_rule *rule)
{
    dw_eval_each_part(ev, rule, recurring_of_span);
}

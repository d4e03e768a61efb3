/* deadline.c: something by a limit after an anchor: a first visit, an interview, a decision, an allocation. */

#include "handlers/rules/rules.h"

/* A fact has ended its span, and the duty goes on without it. */
static bool outlives(const dw_rule *rule, const dw_span *span)
{
    return rule->outlives_span && span->end == DW_END_FACT;
}

static dw_reach evidence_reach(const dw_rule *rule, const dw_span *span, const dw_when *anchor)
{
    dw_reach reach = {span->start_day, span->end_day, DW_AT_NONE};
    if (rule->anchor == DW_ANCHOR_END) { /* outlives its span */
        reach.from_day = anchor->day;
        reach.to_day = DW_DAY_OPEN;
        if (!anchor->approximate)
            reach.from_us = anchor->us;
    } else if (rule->anchor == DW_ANCHOR_EACH || rule->evidence_after_anchor ||
               (rule->anchor == DW_ANCHOR_FIELD && anchor->day < reach.from_day)) {
        reach.from_day = anchor->day;
    }
    if (rule->evidence_after_start)
        reach.from_day = span->start_day + 1;
    return reach;
}

static void settle_by_end(const dw_span *span, const dw_due *due, dw_obligation *ob)
{
    if (span->end != DW_END_FACT) {
        dw_ob_end(ob, span);
        return;
    }
    bool approximate = span->end_approximate || due->kind == DW_DUE_DATE;
    bool in_time = approximate ? span->end_day <= due->on : span->end_us <= due->at_us;
    dw_ob_meet(ob, span->closed_by, in_time);
}

/* What was done is known, so it was written up: in time or not (readings 46). Unknown when: nothing is held against it. */
static void settle_by_recording(const dw_span *span, const dw_due *due, dw_obligation *ob)
{
    int64_t us = span->opened_by->first_recorded_us;
    bool in_time = us == 0 || (due->kind == DW_DUE_DATE ? dw_london_day(us) <= due->on : us <= due->at_us);
    dw_ob_meet(ob, NULL, in_time);
    ob->met_by = span->opened_by;
}

/* Of the records of the span, and the one that ended it: the first whose target date is not the due date, else the last that
 * has one. NULL: nobody supplied one. */
static const dw_fact *supplied_target(const dw_rule *rule, const dw_span *whole, int32_t due_on, bool *agrees)
{
    const dw_fact *found = NULL;
    for (uint32_t i = 0; i <= whole->fact_count; i++) {
        const dw_fact *fact = i < whole->fact_count ? whole->facts[i] : whole->closed_by;
        const dw_value *day = fact != NULL ? dw_fact_says(fact, rule->target) : NULL;
        if (day == NULL)
            continue;
        found = fact;
        *agrees = day->i == due_on;
        if (!*agrees)
            return fact;
    }
    return found;
}

static const dw_fact *meeting_fact(dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_reach *reach,
                                   const dw_due *due)
{
    if (rule->evidence_nth < 2)
        return dw_eval_first(ev, rule->evidence, rule->evidence_count, span, reach, due);
    const dw_fact **list;
    uint32_t n = dw_eval_all(ev, rule->evidence, rule->evidence_count, span, reach, &list);
    for (uint32_t i = 0; i < n && i < rule->evidence_nth; i++)
        dw_eval_pin_fact(ev, list[i]);
    return n >= rule->evidence_nth ? list[rule->evidence_nth - 1] : NULL;
}

/* What is owed after the end of its span: closing the case and 18 leave it (domain 4.5), death does not. */
static dw_span after_end(dw_eval *ev, const dw_when *anchor)
{
    dw_span lives = {.family = DW_SPAN_CHILD, .start_day = anchor->day, .start_us = anchor->us};
    lives.end_day = DW_DAY_OPEN;
    lives.end_us = DW_AT_NEVER;
    dw_eval_end_by_death(ev, &lives);
    return lives;
}

/* Nothing has met it: does it run, rest, or has it ended? */
static void settle_unmet(dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_when *anchor,
                         dw_obligation *ob)
{
    dw_rest rest = dw_eval_rest(ev, rule, span, anchor->us);
    if (rest.open) {
        ob->state = ob->late_from_us <= rest.open_since_us ? DW_OB_SUPERSEDED_OVERDUE : DW_OB_RESTING;
        return;
    }
    dw_span lives = rule->anchor == DW_ANCHOR_END ? after_end(ev, anchor) : *span;
    if (lives.end_us <= ev->chron->clock_us) {
        dw_ob_end(ob, &lives);
        return;
    }
    if (rest.ended_us != DW_AT_NONE && ob->late_from_us < rest.ended_us)
        ob->late_from_us = rest.ended_us; /* owed again from here on */
    dw_ob_run(ev, ob);
}

static void settle_by_evidence(dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_when *anchor,
                               const dw_due *due, dw_obligation *ob)
{
    dw_span lives = *span;
    bool goes_on = outlives(rule, span);
    if (goes_on) {
        lives.end_us = DW_AT_NEVER;
        lives.end_day = DW_DAY_OPEN;
        lives.end = DW_END_OPEN;
        dw_eval_end_by_child(ev, &lives);
    }
    dw_reach reach = evidence_reach(rule, &lives, anchor);
    const dw_fact *fact = meeting_fact(ev, rule, span, &reach, due);
    if (fact != NULL) {
        dw_ob_meet(ob, fact, dw_fact_in_time(fact, due));
        return;
    }
    settle_unmet(ev, rule, &lives, anchor, ob);
    bool owed = lives.end_us > ev->chron->clock_us;
    if (rule->anchor == DW_ANCHOR_END || (goes_on && owed))
        dw_eval_pin_span(ev, span); /* ended, but still owed */
}

/* Before folding: what will meet the duty once it begins may be there already. */
static void pin_evidence(dw_eval *ev, const dw_rule *rule, const dw_span *span)
{
    dw_reach reach = {span->start_day, span->end_day, DW_AT_NONE};
    if (ev->pin && rule->met_by == DW_MET_BY_EVIDENCE)
        (void)meeting_fact(ev, rule, span, &reach, NULL);
}

/* What the duty counts from has not happened, and is waited for too long: a warning, and no due date yet. */
static void warn_before(dw_eval *ev, const dw_rule *rule, const dw_span *span)
{
    dw_obligation ob = dw_ob_make(rule, span);
    int64_t warn_us = dw_eval_warn_us(ev, rule, span, NULL);
    dw_reach reach = {span->start_day, span->end_day, DW_AT_NONE};
    if (span->end_us <= ev->chron->clock_us ||
        (rule->met_by == DW_MET_BY_EVIDENCE && meeting_fact(ev, rule, span, &reach, NULL) != NULL))
        return;
    dw_eval_wake(ev, warn_us);
    if (warn_us > ev->chron->clock_us)
        return;
    ob.state = DW_OB_WARNED;
    ob.warn_from_us = warn_us;
    ob.anchor_day = span->start_day;
    ob.anchor_us = span->start_us;
    dw_ob_cause(&ob, span->opened_by);
    dw_eval_add(ev, &ob);
}

static void deadline_from(dw_eval *ev, const dw_rule *rule, const dw_span *span, dw_when anchor)
{
    dw_obligation ob = dw_ob_make(rule, span);
    dw_due due;
    dw_aged aged = dw_eval_age(ev, rule, span, &anchor);
    if (aged == DW_AGED_NEVER)
        return;
    bool runs = aged == DW_AGED_RUNS && dw_eval_due(ev, rule, span, &anchor, &due);
    if (!runs) {
        dw_ob_rest(&ob, &anchor, aged == DW_AGED_RUNS ? due.gaps : aged == DW_AGED_UNKNOWN ? DW_GAP_BIRTH_DATE : 0);
        pin_evidence(ev, rule, span);
        dw_eval_add(ev, &ob);
        return;
    }
    dw_ob_cause(&ob, span->opened_by);
    dw_ob_set_due(&ob, &anchor, &due);
    switch (rule->met_by) {
    case DW_MET_BY_EVIDENCE:
        settle_by_evidence(ev, rule, span, &anchor, &due, &ob);
        break;
    case DW_MET_BY_END:
        if (span->end_us <= ev->chron->clock_us)
            settle_by_end(span, &due, &ob);
        else
            settle_unmet(ev, rule, span, &anchor, &ob);
        break;
    case DW_MET_BY_RECORDING:
        settle_by_recording(span, &due, &ob);
        break;
    case DW_MET_BY_TARGET: {
        bool agrees = true;
        const dw_fact *fact = supplied_target(rule, dw_span_whole(span), due.on, &agrees);
        if (fact == NULL)
            return; /* nothing to compare */
        dw_ob_cause(&ob, fact);
        dw_ob_meet(&ob, fact, true);
        if (!agrees)
            ob.state = DW_OB_MET_LATE; /* flagged */
        break;
    }
    }
    if (rule->anchor == DW_ANCHOR_EACH && ob.met_by == NULL)
        dw_eval_pin_fact(ev, anchor.fact);
    dw_eval_add(ev, &ob);
}

/* Every such event in the span begins a duty of its own. */
static void deadlines_of_each(dw_eval *ev, const dw_rule *rule, const dw_span *span)
{
    const dw_fact **list;
    dw_reach reach = {span->start_day, span->end_day, DW_AT_NONE};
    uint32_t n = dw_eval_all(ev, &rule->anchors[0].clause, 1, span, &reach, &list);
    for (uint32_t i = 0; i < n; i++)
        deadline_from(ev, rule, span, dw_when_of_fact(list[i]));
}

static void deadline_of_span(dw_eval *ev, const dw_rule *rule, const dw_span *whole)
{
    const dw_span *span = dw_eval_until_age(ev, rule, whole);
    dw_when anchor;
    if (span == NULL)
        return;
    if (rule->anchor == DW_ANCHOR_END && (span->end_us > ev->chron->clock_us || span->end != DW_END_FACT))
        return; /* not over, or nothing says that the child came back */
    if (rule->anchor == DW_ANCHOR_EACH)
        deadlines_of_each(ev, rule, span);
    else if (!dw_eval_anchor(ev, rule, span, &anchor)) {
        pin_evidence(ev, rule, span);
        if (rule->warn_from_start)
            warn_before(ev, rule, span);
    } else if (dw_eval_in_band(rule, span, &anchor, anchor.day))
        deadline_from(ev, rule, span, anchor);
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
        dw_span end;
        bool outgrown = dw_count_outgrown(ev, source, &end);
        if (fact != NULL && !(outgrown && fact->day > end.end_day))
            dw_ob_meet(&ob, fact, dw_fact_in_time(fact, &due));
        else if (outgrown)
            dw_ob_end(&ob, &end);
        else
            dw_ob_run(ev, &ob);
        dw_eval_add(ev, &ob);
    }
}

void dw_rule_deadline(dw_eval *ev, const dw_rule *rule)
{
    if (rule->anchor == DW_ANCHOR_BREACH) {
        dw_rule_breach(ev, rule);
        return;
    }
    if (rule->anchor == DW_ANCHOR_CROSSING) {
        deadline_of_crossings(ev, rule);
        return;
    }
    dw_eval_pin_anchors(ev, rule);
    dw_eval_pin_any_time(ev, rule);
    uint32_t count;
    const dw_span *spans = dw_eval_spans(ev, &rule->over, &count);
    for (uint32_t i = 0; i < count; i++) {
        const dw_span *span = &spans[i];
        if (rule->anchor != DW_ANCHOR_END && !outlives(rule, span) && dw_eval_settled(ev, span))
            continue;
        uint32_t parts;
        const dw_span *part = dw_eval_phases(ev, rule, span, &parts);
        for (uint32_t k = 0; k < parts; k++)
            deadline_of_span(ev, rule, &part[k]);
    }
}

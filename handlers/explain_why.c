/* explain_why.c: why a rule raises something for a child, and above all why it raises nothing: each span it could hang on, what
 * ruled it out, and what became of the duties that it did bring. */

#include "handlers/explain_tell.h"

#define SCRATCH_BYTES_MAX (64 << 20) /* a record with all its pages, derived and evaluated twice */
#define FACTS_NAMED_MAX 12           /* counted or passed over, of one rule */

/* A rule at work: the teller, and what the kinds of rule work with. */
typedef struct asking {
    dw_teller *t;
    dw_eval *ev;
    const dw_rule *rule;
    const dw_obligations *obs;
} asking;

static void tell_span(const dw_teller *t, const char *key, const dw_span *span)
{
    const char *name = dw_span_family_name(span->family);
    char until[80];
    if (span->end_us > t->chron->clock_us)
        snprintf(until, sizeof until, "now");
    else
        snprintf(until, sizeof until, "%s", dw_tell_day(span->end_day).s);
    dw_tell(t, key, "%s%s%.*s, %s to %s", name, span->id.len != 0 ? " " : "", DW_STR_ARG(span->id),
            dw_tell_day(span->start_day).s, until);
}

/* --- what keeps a span that was selected from having a duty */

static void tell_rests(const asking *a, const dw_span *span)
{
    int64_t moment = dw_span_moment(a->ev, span);
    for (uint32_t r = 0; r < a->rule->rest_count; r++) {
        uint32_t n;
        const dw_span *other = dw_eval_spans(a->ev, &a->rule->rests[r], &n);
        for (uint32_t i = 0; i < n; i++)
            if (other[i].start_us <= moment && other[i].end_us > moment &&
                dw_eval_selected(a->ev, &a->rule->rests[r], &other[i]))
                tell_span(a->t, "rests_while", &other[i]);
    }
}

static void tell_outside(const asking *a, const dw_span *span)
{
    int32_t day = dw_span_last_day(a->t->chron, span);
    for (uint32_t r = 0; r < a->rule->outside_count; r++) {
        const dw_span_selector *outside = &a->rule->outside[r];
        const dw_span *other = a->t->chron->spans[outside->family];
        for (uint32_t i = 0; i < a->t->chron->span_count[outside->family]; i++)
            if (other[i].start_day <= day && day < other[i].end_day && dw_pred_span(outside->where, &other[i], day))
                tell_span(a->t, "not_beside", &other[i]);
    }
}

static void tell_limits(const asking *a, const dw_obligation *ob)
{
    for (uint32_t i = 0; i < a->rule->limit_count; i++) {
        const dw_limit *limit = &a->rule->limits[i];
        dw_tell_limit(a->t, "limit", limit);
        dw_tell_span_condition(a->t, "condition", limit->when, ob->span, ob->anchor_day);
        if (limit->has_while)
            dw_tell(a->t, "condition", "only while there is %s where %.*s", dw_span_family_name(limit->during.family),
                    DW_STR_ARG(limit->during.where != NULL ? limit->during.where->text : DW_STR_LIT("any")));
    }
}

/* Of a duty that has no due date: a birthday is to come, or no limit applies. What the record lacks is told beside it. */
static void tell_no_clock(const asking *a, const dw_obligation *ob)
{
    dw_when from = {.day = ob->anchor_day};
    dw_aged aged = dw_eval_age(a->ev, a->rule, ob->span, &from);
    if (aged == DW_AGED_WAITS)
        dw_tell(a->t, "not_owed", "the child is not old enough, or not born, yet");
    if (aged != DW_AGED_RUNS)
        return;
    dw_tell(a->t, "not_owed", "none of its limits applies");
    tell_limits(a, ob);
}

/* Has any evidence begun an interval of a recurring duty? */
static bool has_evidence(const asking *a, const dw_span *span)
{
    dw_chain chain;
    return dw_recurring_chain(a->ev, a->rule, span, &chain) && chain.count != 0;
}

/* Does the duty on the span wait for the first evidence? */
static bool waits_for_evidence(const asking *a, const dw_span *span)
{
    return a->rule->kind == DW_RULE_RECURRING && (!a->rule->from_start || a->rule->from_start_days != 0) &&
           !has_evidence(a, span);
}

/* Of a span, or part of one, for which the rule speaks and that has no duty. */
static void tell_no_duty(const asking *a, const dw_span *span)
{
    const dw_teller *t = a->t;
    dw_when from;
    const dw_span *cut = dw_eval_until_age(a->ev, a->rule, span);
    if (cut == NULL) {
        dw_tell(t, "not_owed", "the child was too old for it from the start");
        return;
    }
    if (a->rule->anchor == DW_ANCHOR_END && (span->end_us > t->chron->clock_us || span->end != DW_END_FACT)) {
        dw_tell(t, "not_owed", "it counts from the end, and no record tells of one");
        return;
    }
    if (a->rule->kind == DW_RULE_STALL) {
        dw_tell(t, "not_owed", "no two of what it compares, one after the other, are alike");
        return;
    }
    if (a->rule->anchor == DW_ANCHOR_EACH || !dw_eval_anchor(a->ev, a->rule, cut, &from)) {
        dw_tell(t, "not_owed", "what it counts from is not recorded (yet)");
        return;
    }
    if (dw_eval_age(a->ev, a->rule, cut, &from) == DW_AGED_NEVER) {
        dw_tell(t, "not_owed", "it ended before the child was old enough");
        return;
    }
    dw_tell(t, "anchor", "counted from %s", dw_tell_day(from.day).s);
    if (waits_for_evidence(a, span))
        dw_tell(t, "not_owed", "it begins with the first evidence, and there is none");
    else if (a->rule->has_band || a->rule->nth_from != 0)
        dw_tell(t, "not_owed", "the interval that runs now is not one of those it speaks for");
    else if (a->rule->met_by == DW_MET_BY_TARGET)
        dw_tell(t, "not_owed", "nobody supplied %.*s", DW_STR_ARG(a->rule->target->name));
    else
        dw_tell(t, "not_owed", "the day from which it counts is not one of those on which it is in force");
}

/* --- duties */

static void tell_verdict(const dw_teller *t)
{
    const dw_obligation *ob = t->ob;
    const char *what = "an alert";
    switch (ob->rule->raises) {
    case DW_RAISES_ALERT:
        break;
    case DW_RAISES_WARNING:
        what = "a warning, and no alert";
        break;
    case DW_RAISES_FLAG:
        what = "a flag, and no alert";
        break;
    case DW_RAISES_NOTHING:
        what = "nothing: the indicators count it";
        break;
    }
    switch (ob->state) {
    case DW_OB_SCHEDULED:
    case DW_OB_WARNED:
        if (ob->due_kind == DW_DUE_NONE)
            dw_tell(t, "so", "a warning, and no alert: what it counts from has not happened yet");
        else if (ob->late_from_us > t->chron->clock_us)
            dw_tell(t, "so", "nothing yet: late from %s on; it is %s", dw_tell_instant(ob->late_from_us).s,
                    dw_tell_instant(t->chron->clock_us).s);
        else
            dw_tell(t, "so", "it raises %s", what);
        return;
    case DW_OB_OVERDUE:
        dw_tell(t, "so", "late since %s: it raises %s", dw_tell_instant(ob->late_from_us).s, what);
        return;
    case DW_OB_FLAGGED:
        dw_tell(t, "so", "it raises %s", what);
        return;
    case DW_OB_MET:
    case DW_OB_MET_LATE:
    case DW_OB_MET_LATE_RECORDED:
        dw_tell(t, "so", "nothing: it was done");
        return;
    case DW_OB_CANCELLED:
    case DW_OB_SUPERSEDED_OVERDUE:
        dw_tell(t, "so", "nothing any more: what it hung on has ended");
        return;
    case DW_OB_RESTING:
        dw_tell(t, "so", "nothing: it rests");
        return;
    case DW_OB_FADED:
        dw_tell(t, "so", "nothing: the count has left its window");
        return;
    case DW_OB_STATES:
        return;
    }
}

static bool is_of(const dw_obligation *ob, const dw_rule *rule, const dw_span *span)
{
    if (ob->rule != rule)
        return false;
    if (span == NULL)
        return true;
    const dw_span *whole = dw_span_whole(ob->span); /* what is asked of each span by itself hangs on one */
    return whole->start_us == span->start_us && dw_str_eq(whole->id, span->id);
}

/* All duties of the rule on this span (NULL: all there are); false: none. */
static bool tell_duties(asking *a, const dw_span *span)
{
    bool told = false;
    for (uint32_t i = 0; i < a->obs->count; i++) {
        for (const dw_obligation *one = &a->obs->items[i]; one != NULL; one = one->others) {
            if (!is_of(one, a->rule, span))
                continue;
            a->t->ob = one;
            if (one->subject_id.len != 0)
                dw_tell(a->t, "duty", "%.*s %.*s", DW_STR_ARG(one->subject_kind), DW_STR_ARG(one->subject_id));
            else
                dw_tell(a->t, "duty", "%.*s", DW_STR_ARG(one->subject_kind));
            dw_tell_duty(a->t);
            if (one->state == DW_OB_RESTING || one->state == DW_OB_SUPERSEDED_OVERDUE)
                tell_rests(a, one->span);
            if (one->state == DW_OB_RESTING && one->due_kind == DW_DUE_NONE)
                tell_no_clock(a, one);
            tell_verdict(a->t);
            told = true;
        }
    }
    return told;
}

/* --- one clock of the rule */

static void tell_one_span(asking *a, const dw_span *span)
{
    uint32_t parts = 0;
    tell_span(a->t, "span", span);
    dw_tell_span_condition(a->t, "selected", a->rule->over.where, span, dw_span_last_day(a->t->chron, span));
    const dw_span *part = dw_eval_phases(a->ev, a->rule, span, &parts);
    if (parts == 0) {
        dw_tell(a->t, "not_owed", "the rule does not speak for it");
        tell_outside(a, span);
        return;
    }
    for (uint32_t i = 0; i < parts && a->rule->phases; i++)
        tell_span(a->t, "speaks_for", &part[i]);
    if (!tell_duties(a, span))
        tell_no_duty(a, &part[parts - 1]);
}

static void tell_spans(asking *a)
{
    uint32_t count;
    const dw_span *span = dw_eval_spans(a->ev, &a->rule->over, &count);
    if (count == 0)
        dw_tell(a->t, "not_owed", "this child has no %s", dw_span_family_name(a->rule->over.family));
    for (uint32_t i = 0; i < count; i++)
        tell_one_span(a, &span[i]);
}

/* Of something that is counted: how long it is. */
static void tell_window(const asking *a, int32_t day)
{
    if (!a->rule->window_ever)
        dw_tell(a->t, "counts_until", "%s", dw_tell_day(dw_count_last_day(a->rule, day)).s);
}

static void tell_none(const asking *a, const char *before, const dw_span_selector *asked, const char *behind)
{
    bool any = asked->where == NULL;
    dw_tell(a->t, "because", "%s no %s%s%.*s%s", before, dw_span_family_name(asked->family), any ? "" : " where ",
            DW_STR_ARG(any ? DW_STR_LIT("") : asked->where->text), behind);
}

/* Of a span that is selected and yet not counted: what else the rule asks of it. */
static void tell_company(const asking *a)
{
    if (a->rule->has_at_start)
        tell_none(a, "as it began there was", &a->rule->at_start_open, "");
    for (uint32_t k = 0; k < a->rule->ended_inside_count; k++)
        tell_none(a, "there is", &a->rule->ended_inside[k], " that ended during it");
}

static void tell_counted_span(const asking *a, const dw_span *span)
{
    const dw_rule *rule = a->rule;
    bool counted = dw_count_takes(a->ev, rule, span);
    tell_span(a->t, counted ? "counted" : "passed_over", span);
    dw_tell_span_condition(a->t, "selected", rule->over.where, span, dw_span_last_day(a->t->chron, span));
    if (!counted && dw_eval_selected(a->ev, &rule->over, span))
        tell_company(a);
    if (counted && (!rule->measured_from_end || span->end != DW_END_OPEN))
        tell_window(a, rule->measured_from_end ? span->end_day : span->start_day);
}

/* A count: what it counts, and until when, and what it passes over. */
static void tell_counted(asking *a)
{
    const dw_rule *rule = a->rule;
    uint32_t named = 0;
    if (rule->count_spans) {
        uint32_t count;
        const dw_span *span = dw_eval_spans(a->ev, &rule->over, &count);
        if (count == 0)
            dw_tell(a->t, "not_owed", "this child has no %s", dw_span_family_name(rule->over.family));
        for (uint32_t i = 0; i < count; i++)
            tell_counted_span(a, &span[i]);
        return;
    }
    for (uint32_t i = a->t->chron->fact_count; i-- > 0 && named < FACTS_NAMED_MAX;) {
        const dw_fact *fact = a->t->chron->facts[i];
        const dw_clause *of_type = NULL;
        bool counts = false;
        for (uint32_t k = 0; k < rule->evidence_count; k++) {
            if (rule->evidence[k].type != fact->type)
                continue;
            of_type = &rule->evidence[k];
            counts = counts || dw_eval_counts(of_type, fact, NULL);
        }
        if (of_type == NULL)
            continue;
        dw_tell_fact(a->t, counts ? "counted" : "passed_over", fact, "");
        if (counts)
            tell_window(a, fact->day);
        else
            dw_tell_not_counted(a->t, of_type, fact, NULL);
        named++;
    }
    if (named == 0)
        dw_tell(a->t, "not_owed", "nothing is recorded that it counts");
}

static void tell_followed(asking *a)
{
    for (uint32_t i = 0; i < a->rule->breach_count; i++) {
        const dw_rule *source = dw_policy_rule(a->t->policy, a->rule->breach_rules[i]);
        if (source->part == 0)
            dw_tell(a->t, "follows", "%.*s: %.*s", DW_STR_ARG(source->id), DW_STR_ARG(source->title));
    }
    if (a->rule->anchor == DW_ANCHOR_CROSSING) {
        const dw_rule *source = dw_policy_rule(a->t->policy, a->rule->anchor_rule);
        dw_tell(a->t, "follows", "%.*s: %.*s", DW_STR_ARG(source->id), DW_STR_ARG(source->title));
    }
    if (!tell_duties(a, NULL))
        dw_tell(a->t, "not_owed", "what it follows has not happened");
}

static void tell_clock(asking *a)
{
    const dw_rule *rule = a->rule;
    if (rule->parts > 1)
        dw_tell(a->t, "part", "%u of %u (%s)", rule->part + 1u, rule->parts, dw_span_family_name(rule->over.family));
    if (rule->in_force_from != 0)
        dw_tell(a->t, "in_force", "what counts from %s on", dw_tell_day(rule->in_force_from).s);
    if (rule->in_force_until != 0)
        dw_tell(a->t, "in_force", "what counts from %s or before", dw_tell_day(rule->in_force_until).s);
    if (rule->over.where != NULL)
        dw_tell(a->t, "hangs_on", "%s where %.*s", dw_span_family_name(rule->over.family),
                DW_STR_ARG(rule->over.where->text));
    else
        dw_tell(a->t, "hangs_on", "%s", dw_span_family_name(rule->over.family));
    if (rule->kind == DW_RULE_DEADLINE && (rule->anchor == DW_ANCHOR_BREACH || rule->anchor == DW_ANCHOR_CROSSING)) {
        tell_followed(a);
    } else if (rule->kind == DW_RULE_COUNT) {
        dw_tell_count_limit(a->t, rule);
        tell_counted(a);
        if (!tell_duties(a, NULL))
            dw_tell(a->t, "so", "nothing: fewer than %u count%s", rule->threshold,
                    rule->window_ever ? "" : " on one day");
    } else {
        tell_spans(a);
    }
}

static void tell_alerts(const dw_teller *t, const dw_rule *rule)
{
    bool any = false;
    for (uint32_t i = 0; i < t->rec->alert_count; i++) {
        const dw_alert *alert = &t->rec->alerts[i];
        if (!dw_str_eq(alert->rule_id, rule->id))
            continue;
        any = true;
        if (alert->subject_id.len != 0)
            dw_tell(t, "subject", "%.*s %.*s", DW_STR_ARG(alert->subject_kind), DW_STR_ARG(alert->subject_id));
        dw_tell_alert(t, alert);
    }
    if (!any)
        dw_tell(t, "alert", "none was raised");
    int64_t cut_us = dw_policy_cut_over_us(t->policy);
    if (cut_us != DW_AT_NONE)
        dw_tell(t, "cut_over", "what was late before %s was part of the first load: nobody was paged for it",
                dw_tell_instant(cut_us).s);
}

bool dw_explain_why_not(const dw_record *rec, const dw_policy *policy, dw_str rule_id, int64_t clock_us,
                        dw_explain_line *line, void *user)
{
    const dw_rule *rule = dw_policy_find_rule(policy, rule_id);
    dw_arena *arena = rule != NULL ? dw_arena_new(SCRATCH_BYTES_MAX) : NULL;
    if (arena == NULL)
        return false;
    dw_eval ev;
    dw_teller t = {line, user, rec, policy, dw_policy_calendar(policy), NULL, NULL};
    t.chron = dw_chronology_derive(rec, clock_us, arena);
    asking a = {.t = &t, .ev = &ev, .obs = t.chron != NULL ? dw_evaluate(t.chron, policy, arena) : NULL};
    bool told = a.obs != NULL;
    if (told) {
        dw_eval_begin(&ev, t.chron, policy, arena);
        dw_tell_rule(&t, rule);
        dw_tell(&t, "enabled", "yes: it is in force");
        dw_tell(&t, "clock", "%s", dw_tell_instant(clock_us).s);
        dw_tell_merged(&t);
        for (uint32_t i = 0; i < rule->parts && rec->moved_to.len == 0; i++) {
            a.rule = dw_policy_rule(policy, (size_t)rule->index + i);
            tell_clock(&a);
        }
        tell_alerts(&t, rule);
        told = !ev.nomem;
    }
    dw_arena_free(&arena);
    return told;
}

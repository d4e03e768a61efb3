/* explain.c: the reasons behind one obligation and its alert, one fact per line. */

#include "field_ids.h"
#include "handlers/explain_tell.h"
#include "handlers/ladder.h"

#include <assert.h>
#include <inttypes.h>

#define SCRATCH_BYTES_MAX (64 << 20) /* a record with all its pages, derived and evaluated */
#define PASSED_OVER_MAX 8            /* facts, and spans, named that look like evidence and do not count */
#define WORKING_LINES_MAX 400        /* days of one working; longer ones are summed up */

static const char *unit_text(dw_unit unit)
{
    static const char *const names[] = {
        [DW_UNIT_WORKING_DAYS] = "working days",
        [DW_UNIT_DAYS] = "days",
        [DW_UNIT_WEEKS] = "weeks",
        [DW_UNIT_MONTHS] = "months",
        [DW_UNIT_HOURS] = "hours",
    };
    return names[unit];
}

static const char *kind_text(dw_rule_kind kind)
{
    static const char *const names[DW_RULE_KINDS] = {
        [DW_RULE_RECURRING] = "recurring", [DW_RULE_DEADLINE] = "deadline", [DW_RULE_COUNT] = "count",
        [DW_RULE_DURATION] = "duration",   [DW_RULE_SILENCE] = "silence",   [DW_RULE_STALL] = "stall",
    };
    return names[kind];
}

static const char *state_text(dw_ob_state state)
{
    static const char *const texts[DW_OB_STATES] = {
        [DW_OB_SCHEDULED] = "running, not late",
        [DW_OB_WARNED] = "not late, but past its warning; or late, and no more than a warning",
        [DW_OB_OVERDUE] = "somebody has to act now",
        [DW_OB_MET] = "done in time",
        [DW_OB_MET_LATE] = "done, but late",
        [DW_OB_MET_LATE_RECORDED] = "done in time, recorded late",
        [DW_OB_CANCELLED] = "ended before it was late",
        [DW_OB_SUPERSEDED_OVERDUE] = "ended while it was overdue",
        [DW_OB_RESTING] = "another duty takes its place, or none of its limits applies now",
        [DW_OB_FADED] = "no longer within its window",
        [DW_OB_FLAGGED] = "noted; nobody is asked to act",
    };
    return texts[state];
}

/* --- the working of the due date */

static void tell_day_off(const dw_teller *t, int32_t day)
{
    const char *title = dw_calendar_day_title(t->cal, day);
    const char *what = dw_calendar_is_working(t->cal, DW_CAL_EW, day) ? "the authority is closed" : "bank holiday";
    dw_tell(t, "working", "%s: %s%s%s%s, not counted", dw_tell_day(day).s, what, title[0] != '\0' ? " (" : "", title,
            title[0] != '\0' ? ")" : "");
}

static void working_days(const dw_teller *t, dw_profile profile, dw_count_mode mode)
{
    int32_t first = t->ob->anchor_day + (mode == DW_COUNT_EXCL ? 1 : 0);
    if (t->ob->due_on - first > WORKING_LINES_MAX) {
        dw_tell(t, "working", "%d working days lie between %s and %s",
                dw_calendar_working_days_between(t->cal, profile, t->ob->anchor_day, t->ob->due_on),
                dw_tell_day(t->ob->anchor_day).s, dw_tell_day(t->ob->due_on).s);
        return;
    }
    int counted = 0;
    for (int32_t day = first; day <= t->ob->due_on; day++) {
        if (dw_calendar_is_working(t->cal, profile, day))
            dw_tell(t, "working", "%s: working day %d", dw_tell_day(day).s, ++counted);
        else if (dw_day_weekday(day) >= 5)
            dw_tell(t, "working", "%s: weekend, not counted", dw_tell_day(day).s);
        else
            tell_day_off(t, day);
    }
    if (t->ob->due_on > dw_calendar_last_holiday(t->cal))
        dw_tell(t, "working", "the list of bank holidays ends on %s: later weekdays are taken as working days",
                dw_tell_day(dw_calendar_last_holiday(t->cal)).s);
}

/* Where nothing is recorded, the limit is another one. */
static int amount_of(const dw_limit *limit, dw_unit *unit)
{
    *unit = limit->recorded ? limit->gap_unit : limit->unit;
    return limit->recorded ? limit->gap_n : limit->n;
}

static void limit_working(const dw_teller *t, const dw_limit *limit, dw_profile profile)
{
    const dw_obligation *ob = t->ob;
    const dw_rule *rule = ob->rule;
    bool incl = rule->count_mode == DW_COUNT_INCL;
    dw_unit unit;
    int n = amount_of(limit, &unit);
    switch (unit) {
    case DW_UNIT_WORKING_DAYS:
        working_days(t, profile, rule->count_mode);
        break;
    case DW_UNIT_DAYS:
    case DW_UNIT_WEEKS:
    case DW_UNIT_MONTHS:
        dw_tell(t, "working", "%s and %d %s%s is %s", dw_tell_day(ob->anchor_day).s, n, unit_text(unit),
                incl ? " with that day as the first" : "", dw_tell_day(ob->due_on).s);
        break;
    case DW_UNIT_HOURS:
        if (ob->approximate)
            dw_tell(t, "working", "only the day is known: %d hours are taken to the end of day %d after %s", n,
                    (n + 23) / 24, dw_tell_day(ob->anchor_day).s);
        else
            dw_tell(t, "working", "%s and %d hours is %s", dw_tell_instant(ob->anchor_us).s, n,
                    dw_tell_instant(ob->due_at_us).s);
        break;
    }
}

void dw_tell_limit(const dw_teller *t, const char *key, const dw_limit *limit)
{
    char what[80] = "what is recorded for the child";
    dw_unit unit;
    int n = amount_of(limit, &unit);
    if (!limit->recorded)
        snprintf(what, sizeof what, "%d %s", n, unit_text(unit));
    else if (n != 0)
        snprintf(what, sizeof what, "what is recorded for the child, else %d %s", n, unit_text(unit));
    if (limit->when != NULL)
        dw_tell(t, key, "%s when %.*s", what, DW_STR_ARG(limit->when->text));
    else
        dw_tell(t, key, "%s", what);
}

void dw_tell_count_limit(const dw_teller *t, const dw_rule *rule)
{
    if (rule->window_ever)
        dw_tell(t, "limit", "%u, however long ago", rule->threshold);
    else
        dw_tell(t, "limit", "%u within %d %s", rule->threshold, rule->window_n, unit_text(rule->window_unit));
}

/* --- what was agreed for this child (domain 4.24) */

/* Where the record of an agreement has its terms; NULL: it does not say. */
typedef struct terms {
    const dw_value *days, *unit, *from, *until, *role;
    uint16_t role_field;
} terms;

static terms terms_of(const dw_rule *rule, const dw_fact *fact)
{
    terms found = {.until = NULL};
    if (fact->type == DW_EV_SCHEDULE_OVERRIDE) {
        found.days = dw_fact_get(fact, DW_F_SCHEDULE_OVERRIDE_VISIT_FREQUENCY_DAYS);
        found.unit = dw_fact_get(fact, DW_F_SCHEDULE_OVERRIDE_VISIT_FREQUENCY_UNIT);
        found.until = dw_fact_get(fact, DW_F_SCHEDULE_OVERRIDE_UNTIL);
        found.role = dw_fact_get(fact, DW_F_SCHEDULE_OVERRIDE_AUTHORISER_ROLE);
        found.role_field = DW_F_SCHEDULE_OVERRIDE_AUTHORISER_ROLE;
        return found;
    }
    for (uint32_t i = 0; i < rule->frequency_count && found.days == NULL; i++) {
        const dw_frequency *source = &rule->frequencies[i];
        if (source->source == DW_FREQUENCY_OVERRIDE)
            continue;
        found.days = dw_fact_says(fact, source->days);
        found.unit = dw_fact_says(fact, source->unit);
        found.from = dw_fact_says(fact, source->from);
        found.role = dw_fact_says(fact, source->agreed_by);
        found.role_field = source->agreed_by->by_type[fact->type];
    }
    return found;
}

/* What the rule asks for without it. */
static void tell_instead(const dw_teller *t)
{
    for (uint32_t i = 0; i < t->ob->rule->limit_count; i++)
        if (!t->ob->rule->limits[i].recorded)
            dw_tell_limit(t, "instead_of", &t->ob->rule->limits[i]);
}

/* By whom, for which days, and in which record. */
static void tell_agreement(const dw_teller *t, const terms *of)
{
    const dw_fact *fact = t->ob->agreed;
    char role[40] = "it is not recorded by whom", until[100] = "";
    if (of->role != NULL) {
        char name[32];
        dw_tell_value(name, sizeof name, of->role, fact, of->role_field);
        snprintf(role, sizeof role, "by %s", name);
    }
    if (of->until != NULL)
        snprintf(until, sizeof until, " to %s", dw_tell_day((int32_t)of->until->i).s);
    dw_tell(t, "agreed", "%s, from %s%s", role, dw_tell_day(of->from != NULL ? (int32_t)of->from->i : fact->day).s,
            until);
    dw_tell_fact(t, "agreed_in", fact, "");
    tell_instead(t);
}

static void tell_frequency(const dw_teller *t)
{
    const dw_rule *rule = t->ob->rule;
    terms of = terms_of(rule, t->ob->agreed);
    assert(of.days != NULL); /* the limit is of that record's days */
    bool working = of.unit != NULL && of.unit->i == DW_V_FREQUENCY_UNIT_WD;
    dw_profile profile = working ? dw_rule_agreed_profile(rule) : DW_CAL_CALENDAR;
    dw_limit agreed = {.n = (int)of.days->i, .unit = working ? DW_UNIT_WORKING_DAYS : DW_UNIT_DAYS};
    dw_tell(t, "limit", "%d %s, agreed for this child, in place of the standard", agreed.n, unit_text(agreed.unit));
    tell_agreement(t, &of);
    dw_tell(t, "count_mode", "%s", rule->count_mode == DW_COUNT_INCL ? "incl" : "excl");
    dw_tell(t, "calendar", "%s", dw_profile_name(profile));
    limit_working(t, &agreed, profile);
}

/* Of the review that the interval counts from, or of another at that instant (dw_eval_named_day). */
static void tell_set_by_review(const dw_teller *t)
{
    const dw_fact *anchor = t->ob->anchor;
    dw_tell(t, "limit", "the earlier date that the last review set");
    uint32_t n;
    const dw_fact *const *reviews = dw_chronology_of_type(t->chron, (dw_event_type)anchor->type, &n);
    for (uint32_t i = 0; i < n; i++) {
        const dw_fact *fact = reviews[i];
        const dw_value *day = dw_fact_says(fact, t->ob->rule->due_override);
        if (fact->day != anchor->day || fact->at_us != anchor->at_us || day == NULL || day->i != t->ob->due_on)
            continue;
        char more[120];
        snprintf(more, sizeof more, ": %.*s is %s", DW_STR_ARG(t->ob->rule->due_override->name),
                 dw_tell_day(t->ob->due_on).s);
        dw_tell_fact(t, "set_by", fact, more);
        break;
    }
    tell_instead(t);
}

static void tell_limit(const dw_teller *t)
{
    const dw_obligation *ob = t->ob;
    const dw_rule *rule = ob->rule;
    if (rule->kind == DW_RULE_COUNT)
        dw_tell_count_limit(t, rule);
    if (ob->due_kind == DW_DUE_NONE) /* a count, a stall; or none of the limits applies */
        return;
    if (ob->limit_index < rule->limit_count) {
        const dw_limit *limit = &rule->limits[ob->limit_index];
        dw_unit unit;
        (void)amount_of(limit, &unit);
        dw_tell_limit(t, "limit", limit);
        if (unit == DW_UNIT_HOURS) {
            dw_tell(t, "count_mode", "elapsed");
        } else {
            dw_tell(t, "count_mode", "%s", rule->count_mode == DW_COUNT_INCL ? "incl" : "excl");
            dw_tell(t, "calendar", "%s", unit == DW_UNIT_WORKING_DAYS ? dw_profile_name(rule->calendar) : "calendar");
        }
        limit_working(t, limit, rule->calendar);
    } else if (ob->limit_index == DW_LIMIT_FREQUENCY) {
        tell_frequency(t);
    } else if (ob->limit_index == DW_LIMIT_AGREED) {
        terms of = terms_of(rule, ob->agreed);
        dw_tell(t, "limit", "the next date agreed for this child: %s", dw_tell_day(ob->due_on).s);
        tell_agreement(t, &of);
    } else { /* DW_LIMIT_OVERRIDE */
        tell_set_by_review(t);
    }
}

/* --- what it rests on */

static void tell_anchor(const dw_teller *t)
{
    const dw_obligation *ob = t->ob;
    if (ob->anchor != NULL) {
        dw_tell(t, "anchor", "counted from %s: %s (offset %" PRId64 ")", dw_tell_day(ob->anchor_day).s,
                dw_event_type_name(ob->anchor->type), ob->anchor->offset);
    } else {
        dw_tell(t, "anchor", "counted from %s", dw_tell_day(ob->anchor_day).s);
    }
    for (uint32_t i = 0; i < ob->cause_count; i++)
        dw_tell_fact(t, "cause", ob->causes[i], "");
    if (ob->causes_total > ob->cause_count)
        dw_tell(t, "cause", "and %u earlier ones", ob->causes_total - ob->cause_count);
}

/* Came it later than a clause allows that counts only what comes within the limit? */
static bool too_late(const dw_obligation *ob, const dw_clause *clause, const dw_fact *fact)
{
    dw_due due = {.kind = ob->due_kind, .on = ob->due_on, .at_us = ob->due_at_us};
    return clause->within_limit && ob->due_kind != DW_DUE_NONE && !dw_fact_in_time(fact, &due);
}

/* Does the clause ask for what came on that day: since the duty began, or at any time? */
static bool in_reach(const dw_teller *t, const dw_clause *clause, int32_t day)
{
    return clause->any_time || day >= t->ob->anchor_day;
}

static bool asks_begun(const dw_teller *t, const dw_clause *clause, const dw_span *span)
{
    return clause->has_begins && clause->begins.family == span->family && in_reach(t, clause, span->start_day);
}

static bool asks_fact(const dw_teller *t, const dw_clause *clause, const dw_fact *fact)
{
    return clause->type == fact->type && in_reach(t, clause, fact->day);
}

static bool counts_begun(const dw_teller *t, const dw_clause *clause, const dw_span *span)
{
    dw_fact start = dw_fact_of_start(span);
    return dw_clause_links(clause, span, t->ob->span) && dw_eval_counts(clause, &start, NULL) &&
           !too_late(t->ob, clause, &start) &&
           dw_pred_span(clause->begins.where, span, dw_span_last_day(t->chron, span));
}

static void tell_begun(const dw_teller *t, const dw_span *span)
{
    const dw_rule *rule = t->ob->rule;
    dw_fact start = dw_fact_of_start(span);
    int32_t day = dw_span_last_day(t->chron, span);
    dw_tell(t, "passed_over", "%s %.*s, begun on %s: it does not count", dw_span_family_name(span->family),
            DW_STR_ARG(span->id), dw_tell_day(span->start_day).s);
    for (uint32_t k = 0; k < rule->evidence_count; k++) {
        const dw_clause *clause = &rule->evidence[k];
        if (!asks_begun(t, clause, span))
            continue;
        dw_tell_not_counted(t, clause, &start, NULL); /* its days; what it names stands in any of the span's records */
        if (!dw_clause_links(clause, span, t->ob->span))
            dw_tell_link(t, "because", clause, span, day);
        if (!dw_pred_span(clause->begins.where, span, day))
            dw_tell_span_condition(t, "because", clause->begins.where, span, day);
        if (too_late(t->ob, clause, &start))
            dw_tell(t, "because", "such evidence counts within the limit only");
    }
}

/* Spans of the family that began within reach, and are none of those that count; the last first, as facts are told. */
static void tell_begun_of(const dw_teller *t, dw_span_family family, uint32_t *named)
{
    const dw_rule *rule = t->ob->rule;
    for (uint32_t i = t->chron->span_count[family]; i > 0 && *named < PASSED_OVER_MAX; i--) {
        const dw_span *span = &t->chron->spans[family][i - 1];
        bool asked = false, counts = false;
        for (uint32_t k = 0; k < rule->evidence_count; k++) {
            if (!asks_begun(t, &rule->evidence[k], span))
                continue;
            asked = true;
            counts = counts || counts_begun(t, &rule->evidence[k], span);
        }
        if (!asked || counts)
            continue;
        tell_begun(t, span);
        (*named)++;
    }
}

/* What looks like evidence since the duty began (or before it, where that may count), and does not count. */
static void tell_passed_over(const dw_teller *t)
{
    const dw_obligation *ob = t->ob;
    const dw_rule *rule = ob->rule;
    uint32_t named = 0, begun = 0;
    for (uint32_t family = 0; family < DW_SPAN_FAMILIES; family++)
        tell_begun_of(t, (dw_span_family)family, &begun);
    for (uint32_t i = t->chron->fact_count; i > 0 && named < PASSED_OVER_MAX; i--) {
        const dw_fact *fact = t->chron->facts[i - 1];
        bool of_type = false, counts = false;
        for (uint32_t k = 0; k < rule->evidence_count; k++) {
            const dw_clause *clause = &rule->evidence[k];
            if (!asks_fact(t, clause, fact))
                continue;
            of_type = true;
            counts = counts || (dw_eval_counts(clause, fact, ob->span) && !too_late(ob, clause, fact));
        }
        if (!of_type || counts)
            continue;
        dw_tell_fact(t, "passed_over", fact, ": it does not count");
        for (uint32_t k = 0; k < rule->evidence_count; k++) {
            if (!asks_fact(t, &rule->evidence[k], fact))
                continue;
            dw_tell_not_counted(t, &rule->evidence[k], fact, ob->span);
            if (too_late(ob, &rule->evidence[k], fact))
                dw_tell(t, "because", "such evidence counts within the limit only");
        }
        named++;
    }
}

static void tell_target(const dw_teller *t)
{
    const dw_value *day = dw_fact_says(t->ob->met_by, t->ob->rule->target);
    char more[DW_ID_BYTES_MAX + 80];
    assert(day != NULL); /* it was found by it */
    snprintf(more, sizeof more, ": %.*s is %s", DW_STR_ARG(t->ob->rule->target->name), dw_tell_day((int32_t)day->i).s);
    dw_tell_fact(t, "supplied", t->ob->met_by, more);
}

static void tell_evidence(const dw_teller *t)
{
    const dw_obligation *ob = t->ob;
    const dw_rule *rule = ob->rule;
    for (uint32_t i = 0; i < rule->evidence_count; i++) {
        const dw_clause *clause = &rule->evidence[i];
        const dw_pred *pred = clause->has_begins ? clause->begins.where : clause->where;
        dw_str where = pred != NULL ? pred->text : DW_STR_LIT("any");
        dw_tell(t, "counts", "%s%s where %.*s%s", clause->has_begins ? "the start of a " : "",
                clause->has_begins ? dw_span_family_name(clause->begins.family) : dw_event_type_name(clause->type),
                DW_STR_ARG(where), clause->within_limit ? ", within the limit" : "");
    }
    bool met = ob->state == DW_OB_MET || ob->state == DW_OB_MET_LATE || ob->state == DW_OB_MET_LATE_RECORDED;
    bool owes_evidence = rule->evidence_count != 0 && rule->kind != DW_RULE_COUNT && rule->kind != DW_RULE_STALL;
    if (rule->met_by == DW_MET_BY_TARGET && ob->met_by != NULL)
        tell_target(t);
    else if (met && ob->met_by != NULL)
        dw_tell_fact(t, "evidence", ob->met_by, ": it counts");
    else if (rule->met_by == DW_MET_BY_END)
        dw_tell(t, "evidence", "%s",
                ob->span->end_us <= t->chron->clock_us ? "it ended otherwise" : "it has not ended");
    else if (owes_evidence)
        dw_tell(t, "evidence", "none that counts since %s", dw_tell_day(ob->anchor_day).s);
    if (!met && owes_evidence)
        tell_passed_over(t);
}

static void tell_due(const dw_teller *t)
{
    const dw_obligation *ob = t->ob;
    switch (ob->due_kind) {
    case DW_DUE_NONE:
        if (ob->rule->kind == DW_RULE_COUNT || ob->rule->kind == DW_RULE_STALL) {
            dw_tell(t, "reached", "on %s; there is no due time", dw_tell_day(ob->due_on).s);
            dw_tell(t, "count", "%u", ob->count);
        }
        break;
    case DW_DUE_DATE:
        dw_tell(t, "due", "%s is the last day in time", dw_tell_day(ob->due_on).s);
        break;
    case DW_DUE_INSTANT:
        dw_tell(t, "due", "%s is the last instant in time%s", dw_tell_instant(ob->due_at_us).s,
                ob->approximate ? " (approximate: only the day is known)" : "");
        break;
    }
    dw_tell(t, "state", "%s: %s", dw_ob_state_name(ob->state), state_text(ob->state));
    if (ob->warn_from_us != 0)
        dw_tell(t, "warning", "from %s on", dw_tell_instant(ob->warn_from_us).s);
    if (ob->paused_until != 0)
        dw_tell(t, "paused", "shown as paused until %s; the due date stays", dw_tell_day(ob->paused_until).s);
#define X(e, bit, n, words)                                                                                            \
    if ((ob->gaps & (e)) != 0)                                                                                         \
        dw_tell(t, "gap", "%s", words);
    DW_GAP_LIST(X)
#undef X
}

/* --- the alert */

void dw_tell_alert(const dw_teller *t, const dw_alert *alert)
{
    if (alert == NULL) {
        dw_tell(t, "alert", "none was raised");
        return;
    }
    if (alert->state == DW_AL_FLAG) {
        dw_tell(t, "alert", "flagged on %s", dw_tell_instant(alert->opened_us).s);
        return;
    }
    if (alert->state == DW_AL_CLOSED) {
        dw_tell(t, "alert", "closed: %s (generation %u)", dw_outcome_text(alert->outcome), alert->generation);
        return;
    }
    dw_tell(t, "alert", "%s, generation %u, raised %s%s", alert->state == DW_AL_ACKED ? "acknowledged" : "open",
            alert->generation, dw_tell_instant(alert->opened_us).s,
            alert->found_at_start ? ", found at the start" : "");
    dw_tell(t, "level", "%u, post %.*s", alert->level, DW_STR_ARG(alert->post));
    int64_t at_us;
    const dw_rule *rule = dw_policy_find_rule(t->policy, alert->rule_id);
    switch (dw_ladder_next(alert, rule, t->cal, &at_us)) {
    case DW_LADDER_WAIT:
        dw_tell(t, "next", "it stands at the top of its ladder");
        break;
    case DW_LADDER_CLIMB:
        dw_tell(t, "next", "climbs to the next level %s unless it is answered", dw_tell_instant(at_us).s);
        break;
    case DW_LADDER_EXPIRE:
        dw_tell(t, "next", "the acknowledgement (%.*s) lasts to the end of %s", DW_STR_ARG(alert->reason_code),
                dw_tell_day(alert->review_by).s);
        break;
    }
}

static const dw_alert *find_alert(const dw_record *rec, dw_str rule_id, dw_str kind, dw_str id)
{
    for (uint32_t i = 0; i < rec->alert_count; i++)
        if (dw_str_eq(rec->alerts[i].rule_id, rule_id) && dw_str_eq(rec->alerts[i].subject_kind, kind) &&
            dw_str_eq(rec->alerts[i].subject_id, id))
            return &rec->alerts[i];
    return NULL;
}

void dw_tell_merged(const dw_teller *t)
{
    if (t->rec->moved_to.len != 0)
        dw_tell(t, "merged_into", "%.*s: what was told of this child is that child's now",
                DW_STR_ARG(t->rec->moved_to));
}

void dw_tell_rule(const dw_teller *t, const dw_rule *rule)
{
    dw_tell(t, "rule", "%.*s (version %u, %s)", DW_STR_ARG(rule->id), rule->version, kind_text(rule->kind));
    dw_tell(t, "title", "%.*s", DW_STR_ARG(rule->title));
    dw_tell(t, "source", "%.*s: %.*s", DW_STR_ARG(rule->status), DW_STR_ARG(rule->source));
    dw_tell(t, "trigger", "%.*s", DW_STR_ARG(rule->trigger));
}

void dw_tell_duty(const dw_teller *t)
{
    tell_anchor(t);
    tell_limit(t);
    tell_due(t);
    tell_evidence(t);
}

bool dw_explain(const dw_record *rec, const dw_policy *policy, dw_str rule_id, dw_str subject_kind, dw_str subject_id,
                int64_t clock_us, dw_explain_line *line, void *user)
{
    bool found = false;
    const dw_rule *rule = dw_policy_find_rule(policy, rule_id);
    const dw_alert *alert = find_alert(rec, rule_id, subject_kind, subject_id);
    dw_arena *arena = rule != NULL ? dw_arena_new(SCRATCH_BYTES_MAX) : NULL;
    if (arena == NULL)
        return false;
    dw_teller t = {line, user, rec, policy, dw_policy_calendar(policy), NULL, NULL};
    t.chron = dw_chronology_derive(rec, clock_us, arena);
    const dw_obligations *obs = t.chron != NULL ? dw_evaluate(t.chron, policy, arena) : NULL;
    for (uint32_t i = 0; obs != NULL && i < obs->count && t.ob == NULL; i++) {
        const dw_obligation *ob = &obs->items[i];
        if (dw_str_eq(ob->rule->id, rule_id) && dw_str_eq(ob->subject_kind, subject_kind) &&
            dw_str_eq(ob->subject_id, subject_id))
            t.ob = ob;
    }
    if (obs == NULL || (t.ob == NULL && alert == NULL))
        goto done;
    found = true;
    dw_tell_rule(&t, rule);
    dw_tell_merged(&t);
    if (subject_id.len != 0)
        dw_tell(&t, "applies_to", "%.*s %.*s", DW_STR_ARG(subject_kind), DW_STR_ARG(subject_id));
    else
        dw_tell(&t, "applies_to", "%.*s", DW_STR_ARG(subject_kind));
    if (t.ob != NULL) {
        if (t.ob->span != NULL)
            dw_tell_span_condition(&t, "selected", t.ob->rule->over.where, t.ob->span,
                                   dw_span_last_day(t.chron, t.ob->span));
        dw_tell_duty(&t);
    } else {
        dw_tell(&t, "state", "nothing that is known now makes this duty");
    }
    dw_tell_alert(&t, alert);
    dw_tell(&t, "action", "%.*s", DW_STR_ARG(rule->action));
    dw_tell(&t, "next_step", "%.*s", DW_STR_ARG(rule->next_step));
done:
    dw_arena_free(&arena);
    return found;
}

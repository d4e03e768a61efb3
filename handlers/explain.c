/* explain.c: the reasons behind one obligation and its alert, one fact per line. */

#include "handlers/explain.h"

#include "handlers/ladder.h"
#include "handlers/rules/rules.h"

#include <inttypes.h>
#include <stdio.h>

#define LINE_BYTES_MAX 512
#define SCRATCH_BYTES_MAX (64 << 20) /* a record with all its pages, derived and evaluated */
#define PASSED_OVER_MAX 8            /* facts named that look like evidence and do not count */
#define WORKING_LINES_MAX 400        /* days of one working; longer ones are summed up */

typedef struct teller {
    dw_explain_line *line;
    void *user;
    const dw_record *rec;
    const dw_policy *policy;
    const dw_calendar *cal;
    const dw_chronology *chron;
    const dw_obligation *ob;
} teller;

static void say(const teller *t, const char *key, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void say(const teller *t, const char *key, const char *fmt, ...)
{
    char text[LINE_BYTES_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    t->line(t->user, key, text);
}

/* --- dates and instants for people */

typedef struct text {
    char s[80];
} text;

static text day_text(int32_t day)
{
    static const char *const weekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    text out;
    dw_ymd ymd = dw_day_to_ymd(day);
    snprintf(out.s, sizeof out.s, "%s %d %s %d", weekdays[dw_day_weekday(day)], ymd.day, months[ymd.month - 1],
             ymd.year);
    return out;
}

/* Local time in London, with the name of the clock in force. */
static text instant_text(int64_t us)
{
    const int64_t hour = INT64_C(3600000000), day_us = 24 * hour;
    int32_t day = dw_london_day(us);
    int64_t start = dw_london_start_us(day);
    bool summer = start != day * day_us;
    if (dw_london_start_us(day + 1) - start != day_us && us >= day * day_us + hour)
        summer = !summer; /* the clocks change at 01:00 UTC of this day */
    int64_t local = us + (summer ? hour : 0) - day * day_us;
    text out;
    unsigned second = (unsigned)(local / (hour / 3600)) % 86400;
    int len = snprintf(out.s, sizeof out.s, "%s", day_text(day).s);
    snprintf(out.s + len, sizeof out.s - (size_t)len, " %02u:%02u:%02u %s", second / 3600, second / 60 % 60,
             second % 60, summer ? "BST" : "GMT");
    return out;
}

static const char *unit_text(dw_unit unit)
{
    switch (unit) {
    case DW_UNIT_WORKING_DAYS:
        return "working days";
    case DW_UNIT_DAYS:
        return "days";
    case DW_UNIT_WEEKS:
        return "weeks";
    case DW_UNIT_MONTHS:
        return "months";
    case DW_UNIT_HOURS:
        return "hours";
    }
    return "?";
}

static const char *kind_text(dw_rule_kind kind)
{
    static const char *const names[DW_RULE_KINDS] = {"recurring", "deadline", "count", "duration", "silence", "stall"};
    return (unsigned)kind < DW_RULE_KINDS ? names[kind] : "?";
}

static const char *state_text(dw_ob_state state)
{
    switch (state) {
    case DW_OB_SCHEDULED:
        return "running, not late";
    case DW_OB_WARNED:
        return "not late, but past its warning; or late, and no more than a warning";
    case DW_OB_OVERDUE:
        return "overdue";
    case DW_OB_MET:
        return "done in time";
    case DW_OB_MET_LATE:
        return "done, but late";
    case DW_OB_MET_LATE_RECORDED:
        return "done in time, recorded late";
    case DW_OB_CANCELLED:
        return "ended before it was late";
    case DW_OB_SUPERSEDED_OVERDUE:
        return "ended while it was overdue";
    case DW_OB_RESTING:
        return "resting: another duty takes its place, or none of its limits applies now";
    case DW_OB_FADED:
        return "no longer within its window";
    case DW_OB_FLAGGED:
        return "flagged";
    case DW_OB_STATES:
        break;
    }
    return "?";
}

/* --- the working of the due date */

static void working_days(const teller *t, dw_profile profile, dw_count_mode mode)
{
    int32_t first = t->ob->anchor_day + (mode == DW_COUNT_EXCL ? 1 : 0);
    if (t->ob->due_on - first > WORKING_LINES_MAX) {
        say(t, "working", "%d working days lie between %s and %s",
            dw_calendar_working_days_between(t->cal, profile, t->ob->anchor_day, t->ob->due_on),
            day_text(t->ob->anchor_day).s, day_text(t->ob->due_on).s);
        return;
    }
    int counted = 0;
    for (int32_t day = first; day <= t->ob->due_on; day++) {
        if (dw_calendar_is_working(t->cal, profile, day))
            say(t, "working", "%s: working day %d", day_text(day).s, ++counted);
        else if (dw_day_weekday(day) >= 5)
            say(t, "working", "%s: weekend, not counted", day_text(day).s);
        else if (!dw_calendar_is_working(t->cal, DW_CAL_EW, day))
            say(t, "working", "%s: bank holiday, not counted", day_text(day).s);
        else
            say(t, "working", "%s: the authority is closed, not counted", day_text(day).s);
    }
    if (t->ob->due_on > dw_calendar_last_holiday(t->cal))
        say(t, "working", "the list of bank holidays ends on %s: later weekdays are taken as working days",
            day_text(dw_calendar_last_holiday(t->cal)).s);
}

static void limit_working(const teller *t, const dw_limit *limit)
{
    const dw_obligation *ob = t->ob;
    const dw_rule *rule = ob->rule;
    bool incl = rule->count_mode == DW_COUNT_INCL;
    switch (limit->unit) {
    case DW_UNIT_WORKING_DAYS:
        working_days(t, rule->calendar, rule->count_mode);
        break;
    case DW_UNIT_DAYS:
    case DW_UNIT_WEEKS:
    case DW_UNIT_MONTHS:
        say(t, "working", "%s and %d %s%s is %s", day_text(ob->anchor_day).s, limit->n, unit_text(limit->unit),
            incl ? " with that day as the first" : "", day_text(ob->due_on).s);
        break;
    case DW_UNIT_HOURS:
        if (ob->approximate)
            say(t, "working", "only the day is known: %d hours are taken to the end of day %d after %s", limit->n,
                (limit->n + 23) / 24, day_text(ob->anchor_day).s);
        else
            say(t, "working", "%s and %d hours is %s", instant_text(ob->anchor_us).s, limit->n,
                instant_text(ob->due_at_us).s);
        break;
    }
}

static void tell_limit(const teller *t)
{
    const dw_obligation *ob = t->ob;
    const dw_rule *rule = ob->rule;
    if (ob->due_kind == DW_DUE_NONE && ob->state == DW_OB_RESTING)
        return;
    if (rule->has_warn)
        say(t, "warning", "from the day after %d %s", rule->warn.n, unit_text(rule->warn.unit));
    if (ob->limit_index < rule->limit_count && rule->kind != DW_RULE_COUNT && rule->kind != DW_RULE_STALL) {
        const dw_limit *limit = &rule->limits[ob->limit_index];
        dw_str when = limit->when != NULL ? limit->when->text : (dw_str){"", 0};
        say(t, "limit", "%d %s%s%.*s", limit->n, unit_text(limit->unit), when.len != 0 ? " when " : "",
            DW_STR_ARG(when));
        if (limit->unit == DW_UNIT_HOURS) {
            say(t, "count_mode", "elapsed");
        } else {
            say(t, "count_mode", "%s", rule->count_mode == DW_COUNT_INCL ? "incl" : "excl");
            say(t, "calendar", "%s",
                limit->unit == DW_UNIT_WORKING_DAYS ? dw_profile_name(rule->calendar) : "calendar");
        }
        if (ob->due_kind != DW_DUE_NONE)
            limit_working(t, limit);
    } else if (ob->limit_index == DW_LIMIT_FREQUENCY) {
        say(t, "limit", "the frequency agreed for this child, which takes the place of the standard");
    } else if (ob->limit_index == DW_LIMIT_AGREED) {
        say(t, "limit", "the next date agreed for this child");
    } else if (ob->limit_index == DW_LIMIT_OVERRIDE) {
        say(t, "limit", "the earlier date that the last review set");
    } else if (rule->kind == DW_RULE_COUNT) {
        if (rule->window_ever)
            say(t, "limit", "%u, however long ago", rule->threshold);
        else
            say(t, "limit", "%u within %d %s", rule->threshold, rule->window_n, unit_text(rule->window_unit));
    }
}

/* --- what it rests on */

static void tell_fact(const teller *t, const char *key, const dw_fact *fact, const char *more)
{
    say(t, key, "%s of %s (offset %" PRId64 ")%s", dw_event_type_name(fact->type), day_text(fact->day).s, fact->offset,
        more);
}

static void tell_anchor(const teller *t)
{
    const dw_obligation *ob = t->ob;
    if (ob->anchor_day == DW_DAY_NONE)
        return;
    if (ob->anchor != NULL) {
        say(t, "anchor", "counted from %s: %s (offset %" PRId64 ")", day_text(ob->anchor_day).s,
            dw_event_type_name(ob->anchor->type), ob->anchor->offset);
    } else {
        say(t, "anchor", "counted from %s", day_text(ob->anchor_day).s);
    }
    for (uint32_t i = 0; i < ob->cause_count; i++)
        tell_fact(t, "cause", ob->causes[i], "");
    if (ob->causes_total > ob->cause_count)
        say(t, "cause", "and %u earlier ones", ob->causes_total - ob->cause_count);
}

static void tell_evidence(const teller *t)
{
    const dw_obligation *ob = t->ob;
    const dw_rule *rule = ob->rule;
    for (uint32_t i = 0; i < rule->evidence_count; i++) {
        const dw_clause *clause = &rule->evidence[i];
        dw_str where = clause->where != NULL ? clause->where->text : DW_STR_LIT("any");
        say(t, "counts", "%s where %.*s%s", dw_event_type_name(clause->type), DW_STR_ARG(where),
            clause->within_limit ? ", within the limit" : "");
    }
    bool met = ob->state == DW_OB_MET || ob->state == DW_OB_MET_LATE || ob->state == DW_OB_MET_LATE_RECORDED;
    if (met && ob->met_by != NULL)
        tell_fact(t, "evidence", ob->met_by, ": it counts");
    else if (rule->met_by == DW_MET_BY_END && rule->kind == DW_RULE_DEADLINE)
        say(t, "evidence", "%s", met ? "it has ended" : "it has not ended");
    else if (rule->evidence_count != 0 && rule->kind != DW_RULE_COUNT && rule->kind != DW_RULE_STALL)
        say(t, "evidence", "none that counts since %s",
            ob->anchor_day != DW_DAY_NONE ? day_text(ob->anchor_day).s : "the start");
    if (met || ob->span == NULL || rule->kind == DW_RULE_COUNT || rule->kind == DW_RULE_STALL)
        return;
    uint32_t named = 0;
    for (uint32_t i = t->chron->fact_count; i > 0 && named < PASSED_OVER_MAX; i--) {
        const dw_fact *fact = t->chron->facts[i - 1];
        bool of_type = false, counts = false;
        for (uint32_t k = 0; k < rule->evidence_count && fact->day >= ob->anchor_day; k++) {
            of_type = of_type || rule->evidence[k].type == fact->type;
            counts =
                counts || (rule->evidence[k].type == fact->type && dw_eval_counts(&rule->evidence[k], fact, ob->span));
        }
        if (of_type && !counts) {
            tell_fact(t, "passed_over", fact, ": it does not count");
            named++;
        }
    }
}

static void tell_due(const teller *t)
{
    const dw_obligation *ob = t->ob;
    switch (ob->due_kind) {
    case DW_DUE_NONE:
        if (ob->rule->kind == DW_RULE_COUNT || ob->rule->kind == DW_RULE_STALL) {
            say(t, "reached", "on %s; there is no due time", day_text(ob->due_on).s);
            say(t, "count", "%u", ob->count);
        }
        break;
    case DW_DUE_DATE:
        say(t, "due", "%s is the last day in time", day_text(ob->due_on).s);
        break;
    case DW_DUE_INSTANT:
        say(t, "due", "%s is the last instant in time%s", instant_text(ob->due_at_us).s,
            ob->approximate ? " (approximate: only the day is known)" : "");
        break;
    }
    say(t, "state", "%s: %s", dw_ob_state_name(ob->state), state_text(ob->state));
    if (ob->paused_until != 0)
        say(t, "paused", "until the end of %s; the duty and its due time stay as they are",
            day_text(ob->paused_until).s);
}

/* --- the alert */

static void tell_alert(const teller *t, const dw_alert *alert)
{
    if (alert == NULL) {
        say(t, "alert", "none was raised");
        return;
    }
    if (alert->state == DW_AL_FLAG) {
        say(t, "alert", "flagged on %s", instant_text(alert->opened_us).s);
        return;
    }
    if (alert->state == DW_AL_CLOSED) {
        say(t, "alert", "closed: %s (generation %u)", dw_outcome_text(alert->outcome), alert->generation);
        return;
    }
    say(t, "alert", "%s, generation %u, raised %s%s", alert->state == DW_AL_ACKED ? "acknowledged" : "open",
        alert->generation, instant_text(alert->opened_us).s, alert->found_at_start ? ", found at the start" : "");
    say(t, "level", "%u, post %.*s", alert->level, DW_STR_ARG(alert->post));
    int64_t at_us;
    const dw_rule *rule = dw_policy_find_rule(t->policy, alert->rule_id);
    switch (dw_ladder_next(alert, rule, t->cal, &at_us)) {
    case DW_LADDER_WAIT:
        say(t, "next", "it stands at the top of its ladder");
        break;
    case DW_LADDER_CLIMB:
        say(t, "next", "climbs to the next level %s unless it is answered", instant_text(at_us).s);
        break;
    case DW_LADDER_EXPIRE:
        say(t, "next", "the acknowledgement (%.*s) lasts to the end of %s", DW_STR_ARG(alert->reason_code),
            day_text(alert->review_by).s);
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

static void tell_rule(const teller *t, const dw_rule *rule, dw_str kind, dw_str id)
{
    say(t, "rule", "%.*s (version %u, %s)", DW_STR_ARG(rule->id), rule->version, kind_text(rule->kind));
    say(t, "title", "%.*s", DW_STR_ARG(rule->title));
    say(t, "source", "%.*s: %.*s", DW_STR_ARG(rule->status), DW_STR_ARG(rule->source));
    say(t, "trigger", "%.*s", DW_STR_ARG(rule->trigger));
    if (id.len != 0)
        say(t, "applies_to", "%.*s %.*s", DW_STR_ARG(kind), DW_STR_ARG(id));
    else
        say(t, "applies_to", "%.*s", DW_STR_ARG(kind));
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
    teller t = {line, user, rec, policy, dw_policy_calendar(policy), NULL, NULL};
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
    tell_rule(&t, rule, subject_kind, subject_id);
    if (t.ob != NULL) {
        tell_anchor(&t);
        tell_limit(&t);
        tell_due(&t);
        tell_evidence(&t);
    } else {
        say(&t, "state", "nothing that is known now makes this duty");
    }
    tell_alert(&t, alert);
    say(&t, "action", "%.*s", DW_STR_ARG(rule->action));
    say(&t, "next_step", "%.*s", DW_STR_ARG(rule->next_step));
done:
    dw_arena_free(&arena);
    return found;
}

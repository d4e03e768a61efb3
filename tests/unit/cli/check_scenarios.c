/* Scenarios: times as people write them, what the reader refuses and where, and what the differ says. */

#include "daemon/cli/scenario.h"
#include "daemon/cli/scenario_parts.h"

#include "config/policy_load.h"
#include "daemon/cli/cli.h"
#include "proto/json.h"
#include "tests/support/suite.h"

#include <stdlib.h>

/* --- times */

static const struct {
    const char *text, *utc; /* NULL: refused */
    const char *why;        /* part of it */
} times[] = {
    {"2026-01-19", "2026-01-19T09:00:00.000Z", NULL},
    {"2026-07-19", "2026-07-19T08:00:00.000Z", NULL},
    {"2026-01-19 14:30", "2026-01-19T14:30:00.000Z", NULL},
    {"2026-07-19T14:30:59", "2026-07-19T13:30:59.000Z", NULL},
    {"2026-07-19T14:30:00Z", "2026-07-19T14:30:00.000Z", NULL},
    {"2026-07-19T14:30:00-05:00", "2026-07-19T19:30:00.000Z", NULL},
    /* 28 March 2021: 01:00 to 02:00 is left out */
    {"2021-03-28 00:59:59", "2021-03-28T00:59:59.000Z", NULL},
    {"2021-03-28 01:00", NULL, "does not exist"},
    {"2021-03-28 01:59", NULL, "does not exist"},
    {"2021-03-28 02:00", "2021-03-28T01:00:00.000Z", NULL},
    {"2021-03-28", "2021-03-28T08:00:00.000Z", NULL},
    /* 31 October 2021: 01:00 to 02:00 comes twice */
    {"2021-10-31 00:59", "2021-10-30T23:59:00.000Z", NULL},
    {"2021-10-31 01:00", NULL, "twice"},
    {"2021-10-31 01:59:59", NULL, "twice"},
    {"2021-10-31 02:00", "2021-10-31T02:00:00.000Z", NULL},
    {"2021-10-31", "2021-10-31T09:00:00.000Z", NULL},
    {"2021-10-31T01:30:00+01:00", "2021-10-31T00:30:00.000Z", NULL},
    {"2026-02-29", NULL, "no such date"},
    {"2024-02-29", "2024-02-29T09:00:00.000Z", NULL},
    {"2026-13-01", NULL, "no such date"},
    {"19/01/2026", NULL, "not a date"},
    {"2026-01-19 24:00", NULL, "not a date"},
    {"2026-01-19 9:00", NULL, "not a date"},
    {"2026-01-19 09:60", NULL, "not a date"},
    {"2026-01-19 09:00x", NULL, "not a date"},
    {"2200-12-31", NULL, "1900 to 2200"},
    {"", NULL, "not a date"},
};

START_TEST(test_times)
{
    int64_t us = 0;
    char text[32];
    bool date_only = false;
    const char *why = dw_scn_when(dw_str_from(times[_i].text), DW_SCN_NINE, &us, &date_only);
    if (times[_i].utc == NULL) {
        ck_assert_ptr_nonnull(why);
        ck_assert_msg(strstr(why, times[_i].why) != NULL, "%s: %s", times[_i].text, why);
        return;
    }
    ck_assert_msg(why == NULL, "%s: %s", times[_i].text, why);
    dw_instant_format(us, text);
    ck_assert_str_eq(text, times[_i].utc);
    ck_assert_int_eq(date_only, strlen(times[_i].text) == 10);
}
END_TEST

START_TEST(test_day_end)
{
    int64_t us = 0;
    char text[32];
    ck_assert(dw_scn_when(DW_STR_LIT("2021-10-31"), 0, &us, NULL) == NULL);
    dw_instant_format(dw_scn_day_end(dw_london_day(us)), text);
    ck_assert_str_eq(text, "2021-10-31T23:59:59.999999Z");
    ck_assert(dw_scn_when(DW_STR_LIT("2021-03-28"), 0, &us, NULL) == NULL);
    dw_instant_format(dw_scn_day_end(dw_london_day(us)), text);
    ck_assert_str_eq(text, "2021-03-28T22:59:59.999999Z");
}
END_TEST

/* --- what is refused: steps of a scenario, each at line 4 and column 7 and on */

static const struct {
    const char *steps;
    unsigned line, column;
    const char *text;
} refused[] = {
    {"2026-01-05 plan_startd: {}", 4, 9, "did you mean plan_started?"},
    {"2026-01-05 xyzzy: {}", 4, 9, "there is no event xyzzy"},
    {"2026-02-30 plan_started: {}", 4, 9, "there is no such date"},
    {"2026-01-05 plan_started: {plan_typ: CP}", 4, 35, "did you mean plan_type?"},
    {"2026-01-05 plan_started: {plan_type: CQ}", 4, 46, "CQ is not a code of plan_type"},
    {"2026-01-05 visit_done: {mode: F2G}", 4, 39, "did you mean F2F?"},
    {"2026-01-05 visit_done: {child_seen: maybe}", 4, 45, "is Y, N or NA"},
    {"2026-01-05 plan_started: {cpp_start_date: 5 Jan}", 4, 51, "is a date such as"},
    {"2026-01-05 plan_started: {visit_frequency: {dys: 3}}", 4, 53, "did you mean visit_frequency.days?"},
    {"2026-01-05 plan_started: {visit_frequency: {days: three}}", 4, 59, "is a whole number"},
    {"2026-01-05 contact_received: {decided_at: soon}", 4, 51, "not a date or time"},
    {"2026-01-05 plan_started: CP", 4, 34, "stand in braces"},
    {"2026-01-05 plan_started P1: {}", 4, 9, "one word too many"},
    {"2026-01-05", 4, 9, "a step is a date and an event"},
    {"2026-01-05 amend V1: {}", 4, 9, "no earlier step is called V1"},
    {"2026-01-05 void", 4, 9, "void what?"},
    {"2026-01-05 policy_set: {}", 4, 9, "is not written so"},
    {"2026-01-05 plan_started: {plan_type: CP}\n        recordd: 2026-01-06", 5, 9, "did you mean recorded?"},
    {"2026-01-05 plan_started: {plan_type: CP}\n        plan_id: P1", 5, 9, "unknown key plan_id"},
    {"2026-01-05 plan_started: {plan_type: CP}\n        recorded: 2026-01-32", 5, 19, "there is no such date"},
    {"2026-01-05 plan_started: {plan_type: CP}\n        revision: 0", 5, 19, "revision is a number from 1"},
    {"2026-01-05 plan_started: {authority: 12}", 4, 9, "la_code is not three digits"},
    {"2026-01-05 child_updated: {person_birth_date: 2020-01-01, expected_person_birth_date: 2020-01-01}", 4, 9,
     "both set"},
    {"at: 2026-01-32\n        not: CP-07", 4, 13, "there is no such date"},
    {"at: 2026-01-20", 4, 9, "expects nothing"},
    {"at: 2026-01-20\n        nt: CP-07\n        not: CP-07", 5, 9, "unknown key nt"},
    {"at: 2026-01-20\n        alerts: CP-07 du 2026-01-19", 5, 17, "what is du?"},
    {"at: 2026-01-20\n        alerts: CP-07 due 2026-01-32", 5, 17, "there is no such date"},
    {"at: 2026-01-20\n        alerts: CP-07 due", 5, 17, "due has no value"},
    {"at: 2026-01-20\n        alerts: CP-07 met", 5, 17, "under alerts, what is met?"},
    {"at: 2026-01-20\n        closed: CP-07 done_lat", 5, 17, "Did you mean done_late?"},
    {"at: 2026-01-20\n        obligations: CP-07 overdu", 5, 22, "Did you mean overdue?"},
    {"at: 2026-01-20\n        alerts: CP-07 level 5", 5, 17, "level is 0 to 4"},
    {"at: 2026-01-20\n        alerts: CP-07 priority P4", 5, 17, "P1, P2 or P3"},
    {"at: 2026-01-20\n        alerts: CP-07 count x", 5, 17, "count is a number"},
    {"at: 2026-01-20\n        alerts: CP-07 level 1 level 2", 5, 17, "level is said twice"},
    {"at: 2026-01-20\n        alerts: {due: 2026-01-19}", 5, 17, "rule is missing"},
    {"at: 2026-01-20\n        alerts: {rule: CP-07, levl: 1}", 5, 31, "did you mean level?"},
    {"at: 2026-01-20\n        alerts: []", 5, 17, "nothing is expected here"},
    {"at: 2026-01-20\n        not: CP-07\n      - 2026-01-20 chronology_updated", 6, 9,
     "earlier than the step in line 4"},
    {"2026-01-05 plan_ended: {}\n      - 2026-01-04 plan_ended: {}", 5, 9, "earlier than the step in line 4"},
    {"2026-01-05 plan_ended: {}\n        as: X\n      - 2026-01-05 plan_ended: {}\n        as: X", 6, 9,
     "another step is called X already"},
};

static char *with_head(const char *steps)
{
    char *text = NULL;
    ck_assert_int_gt(asprintf(&text,
                              "scenarios:\n  - title: t\n    steps:\n      - %s\n      - at: 2030-01-01\n"
                              "        not: CP-07\n",
                              steps),
                     0);
    return text;
}

START_TEST(test_refused)
{
    dw_problems problems = {0};
    char *text = with_head(refused[_i].steps);
    dw_scn_file *file = dw_scn_read("f.yaml", dw_str_from(text), &problems);
    ck_assert_msg(problems.errors == 1, "%s: %u things are wrong with it", refused[_i].steps, (unsigned)problems.errors);
    bool found = false;
    for (size_t i = 0; i < problems.count; i++) {
        const dw_problem *p = &problems.items[i];
        found = found || (p->line == refused[_i].line && p->column == refused[_i].column &&
                          strstr(p->text, refused[_i].text) != NULL);
    }
    ck_assert_msg(found, "%s: %u:%u: %s", refused[_i].steps, problems.items[0].line, problems.items[0].column,
                  problems.items[0].text);
    dw_scn_free(&file);
    dw_problems_deinit(&problems);
    free(text);
}
END_TEST

static const struct {
    const char *text, *problem;
} files[] = {
    {"", "is a list under the key scenarios"},
    {"scenarios: []", "is a list under the key scenarios"},
    {"scenarios: [x]", "a scenario has a title"},
    {"scenarios:\n  - steps: []", "needs a title"},
    {"scenarios:\n  - title: t", "steps is a list"},
    {"scenarios:\n  - title: t\n    steps:\n      - 2026-01-05 plan_ended: {}", "without a checkpoint"},
    {"scenarios:\n  - title: t\n    steps: [{at: 2026-01-05, not: X}]\n  - title: t\n    steps: [{at: 2026-01-05, not: "
     "X}]",
     "has this title already"},
    {"defaults: {plan_startd: {}}\nscenarios:\n  - title: t\n    steps: [{at: 2026-01-05, not: X}]",
     "did you mean plan_started?"},
    {"defaults: {visit_done: {mod: F2F}}\nscenarios:\n  - title: t\n    steps: [{at: 2026-01-05, not: X}]",
     "did you mean mode?"},
    {"defaults: {teem: x}\nscenarios:\n  - title: t\n    steps: [{at: 2026-01-05, not: X}]", "did you mean team?"},
    {"scenarios: {", "not valid YAML"},
    {"scenario:\n  - title: t", "is a list under the key scenarios"},
};

START_TEST(test_files)
{
    dw_problems problems = {0};
    bool found = false;
    dw_scn_file *file = dw_scn_read("f.yaml", dw_str_from(files[_i].text), &problems);
    for (size_t i = 0; i < problems.count; i++)
        found = found || strstr(problems.items[i].text, files[_i].problem) != NULL;
    ck_assert_msg(found, "%s: %s", files[_i].text, problems.count != 0 ? problems.items[0].text : "nothing is wrong");
    dw_scn_free(&file);
    dw_problems_deinit(&problems);
}
END_TEST

/* All problems of a file, in the order of the text. */
START_TEST(test_all_at_once)
{
    dw_problems problems = {0};
    char *text = with_head("2026-01-05 plan_startd: {}\n      - 2026-02-30 visit_done: {}\n"
                           "      - 2026-01-05 visit_done: {mode: F2G, child_seen: Q}");
    dw_scn_file *file = dw_scn_read("f.yaml", dw_str_from(text), &problems);
    ck_assert_uint_eq(problems.errors, 4);
    for (size_t i = 0; i < 3; i++)
        ck_assert_uint_eq(problems.items[i].line, 4 + i);
    dw_scn_free(&file);
    dw_problems_deinit(&problems);
    free(text);
}
END_TEST

/* No field of an event may have the name of a key beside it: the field would win, silently. */
START_TEST(test_no_field_is_called_like_a_key_beside)
{
    static const char *const keys[] = {"child",    "authority", "team",       "worker",    "family",
                                       "source",   "id",        "restricted", "precision", "as",
                                       "occurred", "recorded",  "log_time",   "revision"};
    dw_field_info field;
    for (int type = 1; type < DW_EV_MAX; type++)
        for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
            ck_assert_msg(!dw_field_find((dw_event_type)type, dw_str_from(keys[k]), &field), "%s.%s",
                          dw_event_type_name((dw_event_type)type), keys[k]);
}
END_TEST

/* --- what becomes of a record: the line that `publish` would send */

START_TEST(test_lines)
{
    static const char text[] =
        "defaults: {team: team-9, visit_done: {mode: F2F, child_seen: Y}}\n"
        "scenarios:\n"
        "  - title: t\n"
        "    steps:\n"
        "      - 2026-07-14 00:30 visit.done: {visit_type: cp, plan_id: P1, child_seen: ~, worker: sw-1}\n"
        "        recorded: 2026-07-14\n"
        "        as: visit\n"
        "      - 2026-07-16 amend visit: {bedroom_seen: yes}\n"
        "        occurred: 2026-07-15\n"
        "      - 2026-07-17 void visit\n"
        "      - 2026-07-17 plan_started: {plan_type: CP, visit_frequency: {days: 5, unit: WD}, child: c2, authority: "
        "845}\n"
        "        log_time: 2026-07-18\n"
        "      - at: 2026-07-18\n"
        "        not: X\n";
    static const char *const lines[] = {
        "{\"la_code\":\"936\",\"child_ref\":\"child\",\"source_system\":\"MANUAL\",\"source_record_id\":\"rec-1\","
        "\"team_id\":\"team-9\",\"worker_ref\":\"sw-1\",\"occurred_at\":\"2026-07-13T23:30:00.000Z\",\"event_id\":"
        "\"event-1\",\"recorded_at\":\"2026-07-14T08:00:00.000Z\",\"log_time\":\"2026-07-14T08:00:00.000Z\","
        "\"source_revision\":1,\"op\":\"CREATE\",\"visit_done\":{\"mode\":\"F2F\",\"visit_type\":\"CP\",\"plan_id\":"
        "\"P1\"}}",
        "{\"la_code\":\"936\",\"child_ref\":\"child\",\"source_system\":\"MANUAL\",\"source_record_id\":\"rec-1\","
        "\"team_id\":\"team-9\",\"worker_ref\":\"sw-1\",\"occurred_at\":\"2026-07-15T08:00:00.000Z\",\"event_id\":"
        "\"event-2\",\"recorded_at\":\"2026-07-16T08:00:00.000Z\",\"log_time\":\"2026-07-16T08:00:00.000Z\","
        "\"source_revision\":2,\"op\":\"AMEND\",\"visit_done\":{\"mode\":\"F2F\",\"visit_type\":\"CP\",\"plan_id\":"
        "\"P1\",\"bedroom_seen\":\"Y\"}}",
        "{\"la_code\":\"936\",\"child_ref\":\"child\",\"source_system\":\"MANUAL\",\"source_record_id\":\"rec-1\","
        "\"team_id\":\"team-9\",\"worker_ref\":\"sw-1\",\"occurred_at\":\"2026-07-15T08:00:00.000Z\",\"event_id\":"
        "\"event-3\",\"recorded_at\":\"2026-07-17T08:00:00.000Z\",\"log_time\":\"2026-07-17T08:00:00.000Z\","
        "\"source_revision\":3,\"op\":\"VOID\",\"visit_done\":{}}",
        "{\"la_code\":\"845\",\"child_ref\":\"c2\",\"source_system\":\"MANUAL\",\"source_record_id\":\"rec-4\","
        "\"team_id\":\"team-9\",\"occurred_at\":\"2026-07-17T08:00:00.000Z\",\"event_id\":\"event-4\",\"recorded_at\":"
        "\"2026-07-17T08:00:00.000Z\",\"log_time\":\"2026-07-18T08:00:00.000Z\",\"source_revision\":1,\"op\":"
        "\"CREATE\",\"plan_started\":{\"plan_type\":\"CP\",\"visit_frequency\":{\"days\":5,\"unit\":\"WD\"}}}",
    };
    dw_problems problems = {0};
    dw_scn_file *file = dw_scn_read("f.yaml", dw_str_from(text), &problems);
    ck_assert_msg(problems.errors == 0, "%u: %s", problems.items == NULL ? 0 : problems.items[0].line,
                  problems.items == NULL ? "" : problems.items[0].text);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        ck_assert_str_eq(file->items[0].steps[i].json.ptr, lines[i]);
    dw_scn_free(&file);
    dw_problems_deinit(&problems);
}
END_TEST

/* --- the differ: one small policy */

static char *read_shipped(const char *name)
{
    char *text = NULL;
    size_t len = 0;
    dw_error err = {0};
    char path[500];
    snprintf(path, sizeof(path), "%s/config/default/%s", DW_SOURCE_DIR, name);
    ck_assert_msg(dw_file_read(path, DW_CONFIG_BYTES_MAX, &text, &len, &err), "%s", err.text);
    return text;
}

static const char standards[] =
    "working_hours: 09:00-17:00\n"
    "ladder:\n"
    "  P1: {opens_at: team_manager, stops_at: director, grace: none, climbs_after: {team_manager: 2 working hours, "
    "service_manager: 4 working hours, assistant_director: 1 working day}, review_within: 1 working day}\n"
    "  P2: {opens_at: social_worker, stops_at: director, grace: 2 working days, climbs_after: {social_worker: 1 "
    "working "
    "day, team_manager: 2 working days, service_manager: 3 working days, assistant_director: 5 working days}, "
    "review_within: 5 working days}\n"
    "  P3: {opens_at: social_worker, stops_at: director, grace: none, climbs_after: {social_worker: 1 working day, "
    "team_manager: 2 working days, service_manager: 3 working days, assistant_director: 5 working days}, "
    "review_within: "
    "5 working days}\n"
    "rules:\n"
    "  - {id: V-1, version: 1, title: t, status: LOC, source: s, reviewed_on: 2026-01-01, priority: P2, trigger: t, "
    "action: a, next_step: n, kind: recurring, over: plan where plan_type = CP, limit: 10 working days, evidence: "
    "[visit_done where visit_type = CP]}\n"
    "  - {id: M-1, version: 1, title: t, status: LOC, source: s, reviewed_on: 2026-01-01, priority: P1, trigger: t, "
    "action: a, next_step: n, kind: deadline, over: episode, met_by: end, limit: 24 hours}\n";

static dw_policy *small_policy(void)
{
    dw_problems problems = {0};
    char *calendar = read_shipped("bank-holidays.json"), *organisation = read_shipped("organisation.yaml"), digest[65];
    dw_policy_text text = {.number = 1,
                           .standards = dw_str_from(standards),
                           .calendar = dw_str_from(calendar),
                           .organisation = dw_str_from(organisation)};
    memset(digest, '0', 64);
    digest[64] = '\0';
    text.digest = dw_str_from(digest);
    dw_policy *policy = dw_policy_load(&text, NULL, &problems);
    ck_assert_msg(policy != NULL, "%s", problems.items == NULL ? "" : problems.items[0].text);
    dw_problems_deinit(&problems);
    free(calendar);
    free(organisation);
    return policy;
}

#define PLAN "2026-01-05 plan_started: {plan_id: P1, plan_type: CP, team: team-01}\n"
#define LATE "      - at: 2026-01-20\n        "
static const struct {
    const char *steps;                   /* behind the first dash */
    const char *expected, *found, *hint; /* of the first difference; NULL: there is none */
} runs[] = {
    {PLAN LATE "alerts: V-1 due 2026-01-19 subject P1 P2 level 0 post team-01-social-workers open count 1 generation 1 "
               "raised 2026-01-20 00:00",
     NULL, NULL, NULL},
    {PLAN LATE "alerts: {rule: V-1, due: 2026-01-19, priority: P2, level: social_worker, state: open}", NULL, NULL,
     NULL},
    {PLAN LATE "alerts: V-1 due 2026-01-20", "V-1 due 2026-01-20",
     "V-1 open due 2026-01-19 subject P1 P2 level 0 post team-01-social-workers count 1 generation 1 raised 2026-01-20 "
     "00:00   (due)",
     "V-1 overdue due 2026-01-19 subject P1"},
    {PLAN LATE "alerts: V-1 P1 level 1 acknowledged child other", "V-1 acknowledged child other P1 level 1", NULL,
     NULL},
    {PLAN "      - at: 2026-01-19\n        alerts: V-1", "V-1", "no live alert under this rule",
     "V-1 scheduled due 2026-01-19 subject P1"},
    {PLAN LATE "alerts: M-1", "M-1", "no live alert under this rule",
     "the rule asks nothing of this child at this time"},
    {PLAN LATE "not: M-1", NULL, NULL, NULL},
    {PLAN LATE "not: V-1 subject P2", NULL, NULL, NULL},
    {PLAN LATE "not: V-1", "not V-1", NULL, ""},
    {PLAN LATE "alerts: nothing", "no live alert", NULL, ""},
    {PLAN "      - at: 2026-01-19\n        alerts: nothing", NULL, NULL, NULL},
    {PLAN LATE "alerts: V-1\n        not: anything else", NULL, NULL, NULL},
    {PLAN LATE "alerts: V-1 level 0\n        not: [anything else, M-1]", NULL, NULL, NULL},
    {PLAN LATE "not: anything else", "no other live alert", NULL, ""},
    {PLAN LATE "obligations: V-1 overdue due 2026-01-19", NULL, NULL, NULL},
    {PLAN LATE "obligations: V-1 met", "V-1 met", "V-1 overdue due 2026-01-19 subject P1   (state)", ""},
    {PLAN LATE "obligations: M-1", "M-1", "the rule asks nothing of this child at this time", ""},
    {PLAN LATE "warnings: V-1", "V-1 warned", "V-1 overdue due 2026-01-19 subject P1   (state)", ""},
    {PLAN LATE "obligations: V-1 overdue paused 2026-03-01", "V-1 overdue paused 2026-03-01",
     "V-1 overdue due 2026-01-19 subject P1   (paused)", ""},
    {PLAN "      - 2026-01-06 clock_paused: {authoriser: sm-1, authoriser_role: SM, until: 2026-03-01}\n" LATE
          "obligations: V-1 overdue paused 2026-03-01",
     NULL, NULL, NULL},
    {PLAN LATE "without: M-1", NULL, NULL, NULL},
    {PLAN LATE "without: V-1", "without V-1", "V-1 overdue due 2026-01-19 subject P1", ""},
    {PLAN LATE "flags: V-1", "V-1 flagged", "V-1 overdue due 2026-01-19 subject P1   (state)", ""},
    {PLAN "      - 2026-01-21 visit_done: {visit_type: CP}\n      - at: 2026-01-21\n        closed: V-1 done_late",
     NULL, NULL, NULL},
    {PLAN "      - 2026-01-05 visit_done: {visit_type: CP}\n" LATE "alerts: V-1 due 2026-01-19", NULL, NULL,
     NULL}, /* of one instant */
    {PLAN "      - 2026-01-21 visit_done: {visit_type: CP}\n      - at: 2026-01-21\n        alerts: nothing", NULL,
     NULL, NULL}, /* an ended alert is none */
    {PLAN LATE "closed: V-1 done_late", "V-1 done_late", "no ended alert under this rule",
     "V-1 overdue due 2026-01-19 subject P1"},
    {PLAN "      - 2026-01-20 10:00 acknowledge V-1: {reason: SICK, review_by: 2026-01-21}\n" LATE
          "alerts: V-1 acknowledged\n      - at: 2026-01-22\n        alerts: V-1 open",
     NULL, NULL, NULL},
    {PLAN "      - 2026-01-20 10:00 acknowledge V-1: {level: 3}\n" LATE "alerts: V-1 open", NULL, NULL, NULL},
    {PLAN "      - 2026-01-12 acknowledge V-1\n" LATE "alerts: V-1", "V-1", "no live alert to acknowledge", ""},
    {PLAN "      - 2026-01-20 tick\n" LATE "alerts: V-1 raised 2026-01-20 00:00", NULL, NULL, NULL},
    {"2026-03-28 21:00 missing_episode: {episode_id: E1, category: M, mis_start: 2026-03-28 21:00}\n"
     "      - at: 2026-03-29 22:00\n        not: M-1\n      - at: 2026-03-29 22:00:01\n        alerts: M-1 due "
     "2026-03-29 22:00",
     NULL, NULL, NULL},
    {"2026-01-05 21:00 missing_episode: {episode_id: E1, category: M, mis_start: 2026-01-05 21:00}\n"
     "      - at: 2026-01-06 21:00:01\n        alerts: M-1 due 2026-01-06",
     "M-1 due 2026-01-06",
     "M-1 open due 2026-01-06 21:00 subject E1 P1 level 1 post duty-team-manager count 1 generation 1 raised "
     "2026-01-06 "
     "21:00   (due)",
     NULL},
};

START_TEST(test_runs)
{
    char *text = NULL;
    dw_problems problems = {0};
    dw_scn_result result;
    dw_error err = {0};
    dw_policy *policy = small_policy();
    ck_assert_int_gt(asprintf(&text, "scenarios:\n  - title: t\n    steps:\n      - %s\n", runs[_i].steps), 0);
    dw_scn_file *file = dw_scn_read("f.yaml", dw_str_from(text), &problems);
    ck_assert_msg(problems.errors == 0, "%s: %s", text, problems.items == NULL ? "" : problems.items[0].text);
    dw_scn_check_rules(file, &file->items[0], policy, &problems);
    ck_assert_uint_eq(problems.errors, 0);
    ck_assert_msg(dw_scn_run(&file->items[0], policy, &result, &err) == DW_OK, "%s", err.text);
    if (runs[_i].expected == NULL) {
        ck_assert_msg(result.count == 0, "%s: expected %s, found %s", text, result.items[0].expected.ptr,
                      result.items[0].found.ptr);
    } else {
        ck_assert_msg(result.count == 1, "%s: %zu differences", text, result.count);
        ck_assert_str_eq(result.items[0].expected.ptr, runs[_i].expected);
        if (runs[_i].found != NULL)
            ck_assert_str_eq(result.items[0].found.ptr, runs[_i].found);
        if (runs[_i].hint != NULL)
            ck_assert_str_eq(result.items[0].hint.ptr, runs[_i].hint);
        ck_assert_uint_gt(result.items[0].pos.line, 4);
    }
    dw_scn_result_deinit(&result);
    dw_scn_free(&file);
    dw_policy_unref(&policy);
    free(text);
}
END_TEST

START_TEST(test_unknown_rules)
{
    static const char text[] = "scenarios:\n  - title: t\n    rule: [V-1, V-2]\n    steps:\n"
                               "      - 2026-01-05 acknowledge W-1\n      - at: 2026-01-05\n        not: [M-1, Q-99]\n";
    dw_problems problems = {0};
    dw_policy *policy = small_policy();
    dw_scn_file *file = dw_scn_read("f.yaml", dw_str_from(text), &problems);
    ck_assert_uint_eq(problems.errors, 0);
    dw_scn_check_rules(file, &file->items[0], policy, &problems);
    ck_assert_uint_eq(problems.errors, 3);
    ck_assert_uint_eq(problems.items[0].line, 3);
    ck_assert_uint_eq(problems.items[0].column, 17);
    ck_assert_str_eq(problems.items[0].text, "the standards have no rule V-2; did you mean V-1?");
    ck_assert_uint_eq(problems.items[1].line, 5);
    ck_assert_uint_eq(problems.items[2].line, 7);
    ck_assert_uint_eq(problems.items[2].column, 20);
    ck_assert_str_eq(problems.items[2].text, "the standards have no rule Q-99");
    dw_scn_free(&file);
    dw_policy_unref(&policy);
    dw_problems_deinit(&problems);
}
END_TEST

/* --- the verb: exit status and reports */

static const char good_file[] =
    "scenarios:\n  - title: holds <&\n    rule: CP-07\n    steps: [{at: 2026-01-05, alerts: nothing}]\n";
static const char failing_file[] = "scenarios:\n  - title: fails <&\n    steps: [{at: 2026-01-05, alerts: CP-07}]\n";
static const char bad_file[] = "scenarios:\n  - title: t\n    steps: [{at: 2026-01-32, alerts: CP-07}]\n";
static const char unknown_rule[] = "scenarios:\n  - title: t\n    steps: [{at: 2026-01-05, alerts: XX-99}]\n";

static const struct {
    const char *text, *option, *value; /* NULL text: no such file */
    int code;
    const char *report; /* part of stdout or of the JUnit file */
} verbs[] = {
    {good_file, NULL, NULL, 0, "1 passed, 0 failed, 0 skipped"},
    {good_file, "--verbose", NULL, 0, ":2: holds <&"},
    {good_file, "--json", NULL, 0, "\"rules\":[\"CP-07\"],\"status\":\"passed\",\"failures\":[]}"},
    {good_file, "--rule", "CP-07", 0, "1 passed"},
    {good_file, "--rule", "CN-01", 64, NULL},
    {good_file, "--coverage", NULL, 0, "CP-07       1\n"},
    {good_file, "--policy", "/nonexistent", 78, NULL},
    {good_file, "--min", "3", 2, NULL},
    {failing_file, NULL, NULL, 1, "0 passed, 1 failed, 0 skipped"},
    {failing_file, "--json", NULL, 1, "\"expected\":\"CP-07\",\"found\":\"no live alert under this rule\""},
    {bad_file, NULL, NULL, 78, NULL},
    {unknown_rule, NULL, NULL, 78, NULL},
    {NULL, NULL, NULL, 64, NULL},
};

static char *slurp(const char *path)
{
    char *text = NULL;
    size_t len = 0;
    dw_error err = {0};
    ck_assert_msg(dw_file_read(path, DW_CONFIG_BYTES_MAX, &text, &len, &err), "%s", err.text);
    return text;
}

static void spill(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

/* Runs `driftwatch test ...` with its standard output in a file of `dir`; each test is a process of its own. */
static int run_verb_in(const char *dir, const char *const *words, int count, char **out)
{
    char path[600], *argv[16];
    snprintf(path, sizeof(path), "%s/stdout", dir);
    ck_assert_ptr_nonnull(freopen(path, "we", stdout));
    for (int i = 0; i < count; i++)
        argv[i] = strdup(words[i]);
    argv[count] = NULL;
    int code = dw_cli_run(count, argv);
    fflush(stdout);
    *out = slurp(path);
    for (int i = 0; i < count; i++)
        free(argv[i]);
    return code;
}

static void sweep(const char *dir)
{
    static const char *const names[] = {"stdout", "f.yaml", "a.yaml", "b.yaml", "c.txt", "junit.xml"};
    char path[600];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        (void)remove(path);
    }
    ck_assert_int_eq(remove(dir), 0);
}

START_TEST(test_verb)
{
    char dir[] = "/tmp/dw-scenarios-XXXXXX", path[600], *out = NULL;
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/f.yaml", dir);
    if (verbs[_i].text != NULL)
        spill(path, verbs[_i].text);
    const char *words[] = {"driftwatch", "test", path, verbs[_i].option, verbs[_i].value};
    int count = verbs[_i].option == NULL ? 3 : verbs[_i].value == NULL ? 4 : 5;
    int code = run_verb_in(dir, words, count, &out);
    ck_assert_msg(code == verbs[_i].code, "row %d: exit %d, not %d: %s", _i, code, verbs[_i].code, out);
    if (verbs[_i].report != NULL)
        ck_assert_msg(strstr(out, verbs[_i].report) != NULL, "row %d: %s", _i, out);
    free(out);
    sweep(dir);
}
END_TEST

START_TEST(test_junit)
{
    char dir[] = "/tmp/dw-scenarios-XXXXXX", one[600], two[600], other[600], junit[600], *out = NULL;
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(one, sizeof(one), "%s/a.yaml", dir);
    snprintf(two, sizeof(two), "%s/b.yaml", dir);
    snprintf(other, sizeof(other), "%s/c.txt", dir);
    snprintf(junit, sizeof(junit), "%s/junit.xml", dir);
    spill(one, good_file);
    spill(two, failing_file);
    spill(other, bad_file); /* not looked at */
    const char *words[] = {"driftwatch", "test", dir, "--junit", junit};
    ck_assert_int_eq(run_verb_in(dir, words, 5, &out), 1);
    ck_assert_ptr_nonnull(strstr(out, "1 passed, 1 failed, 0 skipped"));
    free(out);
    out = slurp(junit);
    ck_assert_ptr_nonnull(strstr(out, "a.yaml\" tests=\"1\" failures=\"0\""));
    ck_assert_ptr_nonnull(strstr(out, "name=\"holds &lt;&amp;\" line=\"2\"/>"));
    ck_assert_ptr_nonnull(strstr(out, "b.yaml\" tests=\"1\" failures=\"1\""));
    ck_assert_ptr_nonnull(strstr(out, "<failure message=\"1 of its expectations is not met\">"));
    ck_assert_ptr_nonnull(strstr(out, "</testsuites>\n"));
    free(out);
    sweep(dir);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scenarios");
    TCase *tc = tcase_create("scenarios");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_times, 0, sizeof(times) / sizeof(times[0]));
    tcase_add_test(tc, test_day_end);
    tcase_add_loop_test(tc, test_refused, 0, sizeof(refused) / sizeof(refused[0]));
    tcase_add_loop_test(tc, test_files, 0, sizeof(files) / sizeof(files[0]));
    tcase_add_test(tc, test_all_at_once);
    tcase_add_test(tc, test_no_field_is_called_like_a_key_beside);
    tcase_add_test(tc, test_lines);
    tcase_add_loop_test(tc, test_runs, 0, sizeof(runs) / sizeof(runs[0]));
    tcase_add_test(tc, test_unknown_rules);
    tcase_add_loop_test(tc, test_verb, 0, sizeof(verbs) / sizeof(verbs[0]));
    tcase_add_test(tc, test_junit);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

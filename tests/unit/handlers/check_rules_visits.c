// link: dw_config
/* check_rules_visits.c: the shipped visit rules at the last instant in time and the first instant late. */

#include "tests/support/core_standards.h"

static world *visits_world(void)
{
    return shipped_world_of("CP-07 CN-01 LA-01 LA-02 LA-03 PF-01 PF-02 PF-03 SU-01");
}

#define CP_VISIT "'visit_type':'CP','mode':'F2F','child_seen':'Y','by_role':'SW'"
#define CIN_VISIT "'visit_type':'CIN','mode':'F2F','child_seen':'Y'"
#define CLA_VISIT "'visit_type':'CLA','mode':'F2F','child_seen':'Y','location':'PLACEMENT','by_role':'SW'"
#define PF_VISIT "'visit_type':'PF','mode':'F2F','child_seen':'Y'"

static void cp_plan(world *w)
{
    /* Friday 16 Jan 2026 + 10 working days = Friday 30 Jan */
    ev(w, "2026-01-16T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP','cpp_start_date':'2026-01-16'");
    ev(w, "2026-01-16T10:00:01Z", "supervision_held", "'held_on':'2026-01-16'");
}

START_TEST(cp07_from_plan_start)
{
    world *w = visits_world();
    cp_plan(w);
    till(w, "2026-01-30T23:59:59Z");
    saw(w, "");
    till(w, "2026-01-31T00:00:00Z");
    saw(w, "opened CP-07 P1 2026-01-30 @2026-01-31T00:00Z");
    ev(w, "2026-02-02T11:00:00Z", "visit_done", CP_VISIT ",'plan_id':'P1'");
    saw(w, "resolved CP-07 P1 2026-01-30 @2026-02-02T11:00Z done_late");
    ev(w, "2026-02-02T12:00:00Z", "supervision_held", "");
    till(w, "2026-02-16T23:59:59Z");
    saw(w, "");
    till(w, "2026-02-17T00:00:00Z");
    saw(w, "opened CP-07 P1 2026-02-16 @2026-02-17T00:00Z g2");
    world_free(w);
}
END_TEST

/* Day 9, written up on day 12 (domain 4.1). */
START_TEST(cp07_recorded_late)
{
    world *w = visits_world();
    cp_plan(w);
    till(w, "2026-02-02T00:00:00Z");
    saw(w, "opened CP-07 P1 2026-01-30 @2026-01-31T00:00Z");
    ev_late(w, "2026-02-03T09:00:00Z", "2026-01-29T15:00:00Z", "visit_done", CP_VISIT);
    saw(w, "resolved CP-07 P1 2026-01-30 @2026-02-03T09:00Z done_on_time_recorded_late");
    world_free(w);
}
END_TEST

/* What is no visit: virtual, not seen, another role, another plan's, another type. */
static const char *const no_cp_visit[] = {
    "'visit_type':'CP','mode':'VIDEO','child_seen':'Y'",
    "'visit_type':'CP','mode':'F2F','child_seen':'N'",
    "'visit_type':'CP','mode':'F2F'",
    "'visit_type':'CP','mode':'F2F','child_seen':'Y','by_role':'FSW'",
    "'visit_type':'CIN','mode':'F2F','child_seen':'Y'",
    "'visit_type':'CP','mode':'F2F','child_seen':'Y','plan_id':'P9'",
    "'visit_type':'CP','mode':'F2F','child_seen':'Y','attempt_result':'NO_ACCESS'",
};

START_TEST(cp07_what_does_not_count)
{
    world *w = visits_world();
    cp_plan(w);
    ev(w, "2026-01-27T10:00:00Z", "visit_done", no_cp_visit[_i]);
    till(w, "2026-01-31T00:00:00Z");
    saw(w, "opened CP-07 P1 2026-01-30 @2026-01-31T00:00Z");
    world_free(w);
}
END_TEST

/* Readings 1 and 2. */
START_TEST(cp07_plan_ends)
{
    world *w = visits_world();
    cp_plan(w);
    till(w, "2026-01-31T00:00:00Z");
    saw(w, "opened CP-07 P1 2026-01-30 @2026-01-31T00:00Z");
    ev(w, "2026-02-02T10:00:00Z", "plan_ended", "'plan_id':'P1','cpp_end_date':'2026-02-02'");
    saw(w, "resolved CP-07 P1 2026-01-30 @2026-02-02T10:00Z superseded_overdue");
    world_free(w);
    w = visits_world();
    cp_plan(w);
    ev(w, "2026-01-30T10:00:00Z", "plan_ended", "'plan_id':'P1','cpp_end_date':'2026-01-30'");
    till(w, "2026-06-01T00:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

/* At 18 the end is the first instant of the birthday: due the day before is no live alert. */
START_TEST(cp07_eighteen)
{
    world *w = visits_world();
    ev(w, "2026-01-16T09:00:00Z", "child_updated", "'person_birth_date':'2008-01-31'");
    cp_plan(w);
    till(w, "2026-06-01T00:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

/* A visit date corrected after the fact opens the alert again, at the next generation (T12). */
START_TEST(cp07_withdrawn_visit)
{
    world *w = visits_world();
    cp_plan(w);
    till(w, "2026-01-31T00:00:00Z");
    give(w, "2026-02-02T09:00:00Z", "2026-01-30T10:00:00Z", "V", 1, "create", "", "visit_done", CP_VISIT);
    saw(w, "opened CP-07 P1 2026-01-30 @2026-01-31T00:00Z\n"
           "resolved CP-07 P1 2026-01-30 @2026-02-02T09:00Z done_on_time_recorded_late");
    give(w, "2026-02-03T09:00:00Z", "2026-01-30T10:00:00Z", "V", 2, "void", "", "visit_done", "");
    saw(w, "reopened CP-07 P1 2026-01-30 @2026-02-03T09:00Z g2");
    ck_assert_int_eq(
        give(w, "2026-02-03T10:00:00Z", "2026-01-30T10:00:00Z", "V", 1, "create", "", "visit_done", CP_VISIT),
        DW_DUPLICATE);
    saw(w, "");
    world_free(w);
}
END_TEST

/* A correction of the start that moves the due date while the alert lives. */
START_TEST(cp07_revised)
{
    world *w = visits_world();
    give(w, "2026-01-16T10:00:00Z", "2026-01-16T10:00:00Z", "PL", 1, "create", "", "plan_started",
         "'plan_id':'P1','plan_type':'CP','cpp_start_date':'2026-01-16'");
    till(w, "2026-02-01T00:00:00Z");
    saw(w, "opened CP-07 P1 2026-01-30 @2026-01-31T00:00Z");
    give(w, "2026-02-02T10:00:00Z", "2026-01-16T10:00:00Z", "PL", 2, "amend", "", "plan_started",
         "'plan_id':'P1','plan_type':'CP','cpp_start_date':'2026-01-14'");
    saw(w, "revised CP-07 P1 2026-01-28 @2026-02-02T10:00Z");
    give(w, "2026-02-02T11:00:00Z", "2026-01-16T10:00:00Z", "PL", 3, "amend", "", "plan_started",
         "'plan_id':'P1','plan_type':'CP','cpp_start_date':'2026-01-30'");
    saw(w, "resolved CP-07 P1 2026-01-28 @2026-02-02T11:00Z entered_in_error");
    world_free(w);
}
END_TEST

/* Late done, and the next one missed too: another occurrence of the same live alert. */
START_TEST(cp07_further_occurrence)
{
    world *w = visits_world();
    cp_plan(w);
    ev(w, "2026-02-05T10:00:00Z", "supervision_held", "");
    ev(w, "2026-02-18T10:00:00Z", "supervision_held", "");
    saw(w, "opened CP-07 P1 2026-01-30 @2026-01-31T00:00Z");
    ev_late(w, "2026-02-20T09:00:00Z", "2026-02-03T10:00:00Z", "visit_done", CP_VISIT); /* + 10 = 17 Feb: missed too */
    saw(w, "revised CP-07 P1 2026-02-17 @2026-02-20T09:00Z x2");
    ev(w, "2026-02-20T10:00:00Z", "visit_done", CP_VISIT);
    saw(w, "resolved CP-07 P1 2026-02-17 @2026-02-20T10:00Z x2 done_late");
    world_free(w);
}
END_TEST

/* Recorded frequency: the stricter wins, for intervals that begin while it is in force (readings 20). */
START_TEST(cp07_recorded_frequency)
{
    world *w = visits_world();
    cp_plan(w);
    ev(w, "2026-01-20T10:00:00Z", "plan_changed",
       "'plan_id':'P1','plan_type':'CP','visit_frequency':{'days':7,'unit':'CD'}");
    till(w, "2026-01-30T23:59:59Z");
    saw(w, ""); /* the running interval keeps its date */
    ev_late(w, "2026-01-30T23:59:59Z", "2026-01-30T10:00:00Z", "visit_done", CP_VISIT);
    till(w, "2026-02-06T23:59:59Z");
    saw(w, "");
    till(w, "2026-02-07T00:00:00Z");
    saw(w, "opened CP-07 P1 2026-02-06 @2026-02-07T00:00Z");
    world_free(w);
}
END_TEST

/* It is in force from its own first day, also when that was recorded late; until then the one before it is. */
START_TEST(cp07_frequency_from)
{
    world *w = visits_world();
    ev(w, "2026-01-05T10:00:00Z", "plan_started",
       "'plan_id':'P1','plan_type':'CP','cpp_start_date':'2026-01-05','visit_frequency':{'days':7,'unit':'CD'}");
    ev(w, "2026-01-09T10:00:00Z", "plan_changed",
       "'plan_id':'P1','plan_type':'CP','visit_frequency':{'days':3,'unit':'CD','from':'2026-01-20'}");
    ev(w, "2026-01-12T10:00:00Z", "visit_done", CP_VISIT);
    till(w, "2026-01-19T23:59:59Z");
    saw(w, "");
    till(w, "2026-01-20T00:00:00Z");
    saw(w, "opened CP-07 P1 2026-01-19 @2026-01-20T00:00Z");
    ev(w, "2026-01-20T10:00:00Z", "plan_changed",
       "'plan_id':'P1','plan_type':'CP','visit_frequency':{'days':5,'unit':'CD','from':'2026-01-11'}");
    saw(w, "revised CP-07 P1 2026-01-17 @2026-01-20T10:00Z");
    world_free(w);
}
END_TEST

/* --- CN-01 */

START_TEST(cn01_twenty_working_days)
{
    world *w = visits_world();
    ev(w, "2026-01-05T10:00:00Z", "plan_started",
       "'plan_id':'N1','plan_type':'CIN','cin_plan_start_date':'2026-01-05'");
    till(w, "2026-02-02T23:59:59Z");
    saw(w, "");
    till(w, "2026-02-03T00:00:00Z");
    saw(w, "opened CN-01 N1 2026-02-02 @2026-02-03T00:00Z");
    ev(w, "2026-02-03T10:00:00Z", "visit_done", CIN_VISIT ",'by_role':'FSW'");
    saw(w, "resolved CN-01 N1 2026-02-02 @2026-02-03T10:00Z done_late");
    world_free(w);
}
END_TEST

START_TEST(cn01_rests_beside_cp)
{
    world *w = visits_world();
    ev(w, "2026-01-05T10:00:00Z", "plan_started",
       "'plan_id':'N1','plan_type':'CIN','cin_plan_start_date':'2026-01-05'");
    till(w, "2026-02-03T00:00:00Z");
    saw(w, "opened CN-01 N1 2026-02-02 @2026-02-03T00:00Z");
    ev(w, "2026-02-04T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP','cpp_start_date':'2026-02-04'");
    saw(w, "resolved CN-01 N1 2026-02-02 @2026-02-04T10:00Z superseded_overdue");
    ev(w, "2026-02-10T10:00:00Z", "supervision_held", "'held_on':'2026-02-10'");
    ev(w, "2026-02-16T10:00:00Z", "visit_done", CP_VISIT ",'plan_id':'P1'");
    ev(w, "2026-02-20T10:00:00Z", "plan_ended", "'plan_id':'P1','cpp_end_date':'2026-02-20'");
    /* 16 Feb + 20 working days = 16 Mar */
    ev(w, "2026-03-09T10:00:00Z", "supervision_held", "'held_on':'2026-03-09'");
    till(w, "2026-03-16T23:59:59Z");
    saw(w, "");
    till(w, "2026-03-17T00:00:00Z");
    saw(w, "opened CN-01 N1 2026-03-16 @2026-03-17T00:00Z g2");
    world_free(w);
}
END_TEST

/* The stricter plan ended and the last visit of either kind is already too old: owed again at once. */
START_TEST(cn01_owed_when_the_rest_ends)
{
    world *w = visits_world();
    ev(w, "2026-01-05T10:00:00Z", "plan_started",
       "'plan_id':'N1','plan_type':'CIN','cin_plan_start_date':'2026-01-05'");
    ev(w, "2026-01-06T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP','cpp_start_date':'2026-01-06'");
    ev(w, "2026-01-07T10:00:00Z", "visit_done", CP_VISIT);
    w->ladder = false;
    till(w, "2026-02-20T00:00:00Z");
    w->log_len = 0;
    ev(w, "2026-02-20T10:00:00Z", "plan_ended", "'plan_id':'P1','cpp_end_date':'2026-02-20'");
    ck_assert_ptr_nonnull(strstr(w->log, "opened CN-01 N1 2026-02-04 @2026-02-20T10:00Z"));
    world_free(w);
}
END_TEST

/* --- looked after */

static void placed(world *w)
{
    ev(w, "2026-01-12T10:00:00Z", "placement_started",
       "'placement_id':'L1','decom':'2026-01-12','rne':'S','ls':'C2','place':'U6'");
}

START_TEST(la01_within_a_week)
{
    world *w = visits_world();
    placed(w);
    till(w, "2026-01-19T23:59:59Z");
    saw(w, "");
    till(w, "2026-01-20T00:00:00Z");
    saw(w, "opened LA-01 L1 2026-01-19 @2026-01-20T00:00Z");
    /* One chain: LA-02 does not open beside it; a meeting elsewhere is no visit. */
    ev(w, "2026-01-21T10:00:00Z", "visit_done",
       "'visit_type':'CLA','mode':'F2F','child_seen':'Y','location':'SCHOOL','placement_id':'L1'");
    saw(w, "");
    ev(w, "2026-01-22T10:00:00Z", "visit_done", CLA_VISIT ",'placement_id':'L1'");
    saw(w, "resolved LA-01 L1 2026-01-19 @2026-01-22T10:00Z done_late");
    world_free(w);
}
END_TEST

START_TEST(la02_six_weeks)
{
    world *w = visits_world();
    placed(w);
    ev(w, "2026-01-19T10:00:00Z", "visit_done", CLA_VISIT ",'placement_id':'L1'"); /* + 42 = 2 Mar */
    ev(w, "2026-02-02T10:00:00Z", "plan_review", "'review_kind':'CLA','status':'HELD','held_on':'2026-02-02'");
    ev(w, "2026-02-20T10:00:00Z", "supervision_held", "'held_on':'2026-02-20'");
    till(w, "2026-03-02T23:59:59Z");
    saw(w, "");
    till(w, "2026-03-03T00:00:00Z");
    saw(w, "opened LA-02 L1 2026-03-02 @2026-03-03T00:00Z");
    world_free(w);
}
END_TEST

static void year_of_visits(world *w, const char *long_term)
{
    char body[256];
    snprintf(body, sizeof body,
             "'placement_id':'L1','decom':'2025-01-15','rne':'S','ls':'C2','place':'U6','intended_until_18':'%s'",
             long_term);
    ev(w, "2025-01-15T10:00:00Z", "placement_started", body);
    static const char *const days[] = {"2025-01-20", "2025-02-24", "2025-04-01", "2025-05-06", "2025-06-10",
                                       "2025-07-15", "2025-08-19", "2025-09-23", "2025-10-28", "2025-12-08"};
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        char when[32];
        snprintf(when, sizeof when, "%sT10:00:00Z", days[i]);
        ev(w, when, "visit_done", CLA_VISIT ",'placement_id':'L1'");
        ev(w, when, "supervision_held", "");
        if (i == 0 || i == 2 || i == 7)
            ev(w, when, "plan_review", "'review_kind':'CLA','status':'HELD'");
    }
}

/* The interval is fixed at the last visit; the anniversary is year 2 (readings 9). */
START_TEST(la03_bands)
{
    static const struct {
        const char *visit, *last, *late, *expect, *long_term;
    } rows[] = {
        /* the day before the anniversary: year 1, 42 days */
        {"2026-01-14T10:00:00Z", "2026-02-25T23:59:59Z", "2026-02-26T00:00:00Z",
         "opened LA-02 L1 2026-02-25 @2026-02-26T00:00Z", "Y"},
        /* the anniversary: 3 months where meant to last to 18 */
        {"2026-01-15T10:00:00Z", "2026-04-15T22:59:59Z", "2026-04-15T23:00:00Z",
         "opened LA-03 L1 2026-04-15 @2026-04-15T23:00Z", "Y"},
        /* else 42 days */
        {"2026-01-15T10:00:00Z", "2026-02-26T23:59:59Z", "2026-02-27T00:00:00Z",
         "opened LA-03 L1 2026-02-26 @2026-02-27T00:00Z", "N"},
    };
    world *w = visits_world();
    year_of_visits(w, rows[_i].long_term);
    ev(w, rows[_i].visit, "visit_done", CLA_VISIT ",'placement_id':'L1'");
    ev(w, rows[_i].visit, "supervision_held", "");
    saw(w, "");
    ev(w, "2026-02-20T10:00:00Z", "supervision_held", "");
    ev(w, "2026-02-20T10:00:00Z", "plan_review", "'review_kind':'CLA','status':'HELD'");
    if (_i == 1)
        ev(w, "2026-03-31T10:00:00Z", "supervision_held", "");
    till(w, rows[_i].last);
    saw(w, "");
    till(w, rows[_i].late);
    saw(w, rows[_i].expect);
    world_free(w);
}
END_TEST

START_TEST(la02_late_then_year_two)
{
    world *w = visits_world();
    year_of_visits(w, "N");
    till(w, "2026-01-19T23:59:59Z"); /* 8 Dec + 42 = 19 Jan */
    saw(w, "");
    till(w, "2026-01-20T00:00:00Z");
    saw(w, "opened LA-02 L1 2026-01-19 @2026-01-20T00:00Z\nopened SU-01 - 2026-01-19 @2026-01-20T00:00Z");
    ev(w, "2026-01-22T10:00:00Z", "visit_done", CLA_VISIT ",'placement_id':'L1'");
    saw(w, "resolved LA-02 L1 2026-01-19 @2026-01-22T10:00Z done_late");
    world_free(w);
}
END_TEST

/* --- private fostering */

START_TEST(pf_first_visit)
{
    world *w = visits_world();
    ev(w, "2026-01-12T10:00:00Z", "plan_started",
       "'plan_id':'F1','plan_type':'PF','aware_on':'2026-01-05','notified_on':'2026-01-12'");
    till(w, "2026-01-21T23:59:59Z");
    saw(w, "");
    till(w, "2026-01-22T00:00:00Z");
    saw(w, "opened PF-01 F1 2026-01-21 @2026-01-22T00:00Z");
    ev(w, "2026-01-22T10:00:00Z", "visit_done", PF_VISIT ",'plan_id':'F1'");
    saw(w, "resolved PF-01 F1 2026-01-21 @2026-01-22T10:00Z done_late");
    ev(w, "2026-02-10T10:00:00Z", "supervision_held", "");
    till(w, "2026-03-05T23:59:59Z"); /* 22 Jan + 42 */
    saw(w, "");
    till(w, "2026-03-06T00:00:00Z");
    saw(w, "opened PF-02 F1 2026-03-05 @2026-03-06T00:00Z");
    world_free(w);
}
END_TEST

/* A frequency of the plan that is stricter (domain 4.24); one that is not changes nothing. */
START_TEST(pf02_agreed_frequency)
{
    static const struct {
        const char *often, *due;
    } rows[] = {
        {"'visit_frequency':{'days':14,'unit':'CD'}", "opened PF-02 F1 2026-01-30 @2026-01-31T00:00Z"},
        {"'visit_frequency':{'days':90,'unit':'CD'}", "opened PF-02 F1 2026-02-27 @2026-02-28T00:00Z"},
    };
    char body[200];
    world *w = visits_world();
    w->only = "PF-02";
    snprintf(body, sizeof body, "'plan_id':'F1','plan_type':'PF','aware_on':'2026-01-12',%s", rows[_i].often);
    ev(w, "2026-01-12T10:00:00Z", "plan_started", body);
    ev(w, "2026-01-16T10:00:00Z", "visit_done", PF_VISIT ",'plan_id':'F1'");
    till(w, "2026-03-01T00:00:00Z");
    saw(w, rows[_i].due);
    world_free(w);
}
END_TEST

/* Year 2 counts from when the authority became aware: the visit on that day takes 84 days. */
/* Plans that another authority has lent us owe nothing here (readings 18). */
START_TEST(temporary_plans)
{
    static const char *const plans[] = {"CP", "CIN", "CLA", "PF"};
    world *w = visits_world();
    char body[128];
    for (int i = 0; i < 4; i++) {
        snprintf(body, sizeof body, "'plan_id':'T%d','plan_type':'%s','temporary_ola':'Y'", i, plans[i]);
        ev(w, "2026-01-05T10:00:00Z", "plan_started", body);
    }
    till(w, "2026-12-01T00:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

START_TEST(pf03_second_year)
{
    world *w = visits_world();
    ev(w, "2025-01-13T10:00:00Z", "plan_started",
       "'plan_id':'F1','plan_type':'PF','aware_on':'2025-01-06','notified_on':'2025-01-13'");
    static const char *const days[] = {"2025-01-15", "2025-02-20", "2025-04-01", "2025-05-10",
                                       "2025-06-15", "2025-07-20", "2025-08-25", "2025-10-01",
                                       "2025-11-10", "2025-12-15", "2026-01-06"};
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        char when[32];
        snprintf(when, sizeof when, "%sT10:00:00Z", days[i]);
        ev(w, when, "visit_done", PF_VISIT ",'plan_id':'F1'");
        ev(w, when, "supervision_held", "");
    }
    ev(w, "2026-02-10T10:00:00Z", "supervision_held", "");
    ev(w, "2026-03-20T10:00:00Z", "supervision_held", "");
    till(w, "2026-03-31T22:59:59Z"); /* 6 Jan + 84 = 31 Mar, BST */
    saw(w, "");
    till(w, "2026-03-31T23:00:00Z");
    saw(w, "opened PF-03 F1 2026-03-31 @2026-03-31T23:00Z");
    world_free(w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rules_visits");
    TCase *cases = tcase_create("visits");
    tcase_add_test(cases, cp07_from_plan_start);
    tcase_add_test(cases, cp07_recorded_late);
    tcase_add_loop_test(cases, cp07_what_does_not_count, 0, sizeof no_cp_visit / sizeof no_cp_visit[0]);
    tcase_add_test(cases, cp07_plan_ends);
    tcase_add_test(cases, cp07_eighteen);
    tcase_add_test(cases, cp07_withdrawn_visit);
    tcase_add_test(cases, cp07_revised);
    tcase_add_test(cases, cp07_further_occurrence);
    tcase_add_test(cases, cp07_recorded_frequency);
    tcase_add_test(cases, cp07_frequency_from);
    tcase_add_test(cases, cn01_twenty_working_days);
    tcase_add_test(cases, cn01_rests_beside_cp);
    tcase_add_test(cases, cn01_owed_when_the_rest_ends);
    tcase_add_test(cases, la01_within_a_week);
    tcase_add_test(cases, la02_six_weeks);
    tcase_add_loop_test(cases, la03_bands, 0, 3);
    tcase_add_test(cases, la02_late_then_year_two);
    tcase_add_test(cases, pf_first_visit);
    tcase_add_loop_test(cases, pf02_agreed_frequency, 0, 2);
    tcase_add_test(cases, pf03_second_year);
    tcase_add_test(cases, temporary_plans);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

// link: dw_config
/* check_rules_plans.c: the shipped rules about core groups, long child in need plans, health, pathway plans and
 * chronologies: in time at the last instant, late at the first one after it, met, ended. */

#include "tests/support/core_standards.h"

#define CORE_GROUP "'kind':'CORE_GROUP'"

static void plan(world *w, const char *day, const char *type, const char *id)
{
    char when[40], body[160];
    snprintf(when, sizeof when, "%sT02:00:00Z", day);
    snprintf(body, sizeof body, "'plan_id':'%s','plan_type':'%s','start_date':'%s'", id, type, day);
    ev(w, when, "plan_started", body);
}

static void in_care(world *w, const char *day)
{
    char when[40], body[160];
    snprintf(when, sizeof when, "%sT02:00:00Z", day);
    snprintf(body, sizeof body, "'placement_id':'L1','decom':'%s','rne':'S','ls':'C2','place':'U6'", day);
    ev(w, when, "placement_started", body);
}

/* --- CP-03: Thursday 8 January 2026 + 10 working days = Thursday 22 January */

START_TEST(cp03_from_the_start)
{
    world *w = shipped_world_of("CP-03");
    plan(w, "2026-01-08", "CP", "P1");
    till(w, "2026-01-22T23:59:59Z");
    saw(w, "");
    till(w, "2026-01-23T00:00:00Z");
    saw(w, "opened CP-03 P1 2026-01-22 @2026-01-23T00:00Z");
    ev(w, "2026-01-26T10:00:00Z", "meeting_held", CORE_GROUP ",'plan_id':'P1'");
    saw(w, "resolved CP-03 P1 2026-01-22 @2026-01-26T10:00Z done_late");
    world_free(w);
}
END_TEST

/* From the latest conference on or before the start (readings 6); one that made no plan, or is of a later day, is not. */
START_TEST(cp03_from_the_conference)
{
    static const struct {
        const char *day, *more, *due, *late;
    } rows[] = {
        {"2026-01-06", "", "2026-01-20", "2026-01-21T00:00:00Z"},
        {"2026-01-06", ",'result':'CP_PLAN'", "2026-01-20", "2026-01-21T00:00:00Z"},
        {"2026-01-06", ",'result':'NO_PLAN'", "2026-01-22", "2026-01-23T00:00:00Z"},
        {"2026-01-09", "", "2026-01-22", "2026-01-23T00:00:00Z"},
    };
    world *w = shipped_world_of("CP-03");
    char body[120], expect[120];
    snprintf(body, sizeof body, "'date_of_initial_cpc':'%s'%s", rows[_i].day, rows[_i].more);
    ev(w, "2026-01-06T02:00:00Z", "conference_icpc", body);
    plan(w, "2026-01-08", "CP", "P1");
    till_us(w, instant(rows[_i].late) - 1);
    saw(w, "");
    till(w, rows[_i].late);
    snprintf(expect, sizeof expect, "opened CP-03 P1 %s @%.16sZ", rows[_i].due, rows[_i].late);
    saw(w, expect);
    world_free(w);
}
END_TEST

START_TEST(cp03_met_or_not)
{
    static const struct {
        const char *kind, *body;
        bool met;
    } rows[] = {
        {"meeting_held", CORE_GROUP, true},
        {"meeting_held", CORE_GROUP ",'plan_id':'P1','held_on':'2026-01-22'", true},
        {"meeting_held", CORE_GROUP ",'held_on':'2026-01-08'", true}, /* on the first day of the plan */
        {"meeting_held", CORE_GROUP ",'plan_id':'P2'", false},        /* another plan's */
        {"meeting_held", "'kind':'STRATEGY','plan_id':'P1'", false},
        {"plan_review", "'review_kind':'RCPC','status':'HELD','plan_id':'P1'", false},
    };
    world *w = shipped_world_of("CP-03");
    plan(w, "2026-01-08", "CP", "P1");
    ev(w, "2026-01-22T09:00:00Z", rows[_i].kind, rows[_i].body);
    till(w, "2026-01-24T00:00:00Z");
    saw(w, rows[_i].met ? "" : "opened CP-03 P1 2026-01-22 @2026-01-23T00:00Z");
    world_free(w);
}
END_TEST

/* Readings 1, 2, 18. */
START_TEST(cp03_ends)
{
    world *w = shipped_world_of("CP-03");
    plan(w, "2026-01-08", "CP", "P1");
    ev(w, "2026-01-22T10:00:00Z", "plan_ended", "'plan_id':'P1','cpp_end_date':'2026-01-22'");
    till(w, "2026-03-01T00:00:00Z");
    saw(w, ""); /* ended on the due date: cancelled */
    world_free(w);
    w = shipped_world_of("CP-03");
    plan(w, "2026-01-08", "CP", "P1");
    ev(w, "2026-01-26T10:00:00Z", "plan_ended", "'plan_id':'P1','cpp_end_date':'2026-01-26'");
    saw(w, "opened CP-03 P1 2026-01-22 @2026-01-23T00:00Z\n"
           "resolved CP-03 P1 2026-01-22 @2026-01-26T10:00Z superseded_overdue");
    world_free(w);
    w = shipped_world_of("CP-03 CP-04");
    ev(w, "2026-01-08T02:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP','temporary_ola':'Y'");
    till(w, "2026-06-01T00:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

/* --- CP-04: 42 days from each core group; before the first one CP-03 speaks */

START_TEST(cp04_six_weeks)
{
    world *w = shipped_world_of("CP-04");
    plan(w, "2026-01-08", "CP", "P1");
    till(w, "2026-01-20T09:00:00Z");
    ev(w, "2026-01-20T09:00:00Z", "meeting_held", CORE_GROUP);
    till(w, "2026-03-03T23:59:59Z"); /* 20 January + 42 days */
    saw(w, "");
    till(w, "2026-03-04T00:00:00Z");
    saw(w, "opened CP-04 P1 2026-03-03 @2026-03-04T00:00Z");
    ev_late(w, "2026-03-05T09:00:00Z", "2026-03-03T15:00:00Z", "meeting_held", CORE_GROUP);
    saw(w, "resolved CP-04 P1 2026-03-03 @2026-03-05T09:00Z done_on_time_recorded_late");
    till(w, "2026-04-14T22:59:59Z"); /* 3 March + 42 days, in summer time */
    saw(w, "");
    till(w, "2026-04-14T23:00:00Z");
    saw(w, "opened CP-04 P1 2026-04-14 @2026-04-14T23:00Z g2");
    ev(w, "2026-04-20T09:00:00Z", "plan_ended", "'plan_id':'P1','cpp_end_date':'2026-04-20'");
    saw(w, "resolved CP-04 P1 2026-04-14 @2026-04-20T09:00Z g2 superseded_overdue");
    world_free(w);
}
END_TEST

START_TEST(cp04_not_before_the_first)
{
    world *w = shipped_world_of("CP-03 CP-04");
    plan(w, "2026-01-08", "CP", "P1");
    till(w, "2026-12-01T00:00:00Z");
    saw(w, "opened CP-03 P1 2026-01-22 @2026-01-23T00:00Z");
    world_free(w);
}
END_TEST

/* --- CN-03: the day after the 12-month date is the first overdue one (readings 22) */

START_TEST(cn03_twelve_months)
{
    world *w = shipped_world_of("CN-03");
    plan(w, "2024-02-29", "CIN", "N1");
    till(w, "2025-02-28T23:59:59Z"); /* 29 February + 12 months, clamped */
    saw(w, "");
    till(w, "2025-03-01T00:00:00Z");
    saw(w, "opened CN-03 N1 2025-02-28 @2025-03-01T00:00Z");
    ev(w, "2025-03-10T10:00:00Z", "plan_ended", "'plan_id':'N1','cin_plan_end_date':'2025-03-10'");
    saw(w, "resolved CN-03 N1 2025-02-28 @2025-03-10T10:00Z done_late");
    world_free(w);
    w = shipped_world_of("CN-03");
    plan(w, "2025-01-08", "CP", "P1");
    plan(w, "2025-01-08", "CIN", "N1");
    ev(w, "2026-01-08T10:00:00Z", "plan_ended", "'plan_id':'N1','cin_plan_end_date':'2026-01-08'");
    till(w, "2027-01-01T00:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

/* --- HA-01: Monday 12 January 2026 + 20 working days = Monday 9 February */

START_TEST(ha01_twenty_working_days)
{
    world *w = shipped_world_of("HA-01");
    in_care(w, "2026-01-12");
    till(w, "2026-02-09T23:59:59Z");
    saw(w, "");
    till(w, "2026-02-10T00:00:00Z");
    saw(w, "opened HA-01 - 2026-02-09 @2026-02-10T00:00Z");
    ev(w, "2026-02-12T10:00:00Z", "health_assessment", "'kind':'IHA','held_on':'2026-02-09'");
    saw(w, "resolved HA-01 - 2026-02-09 @2026-02-12T10:00Z done_on_time_recorded_late");
    world_free(w);
}
END_TEST

START_TEST(ha01_met_or_not)
{
    static const struct {
        const char *kind, *body;
        bool quiet;
    } rows[] = {
        {"health_assessment", "'kind':'IHA'", true},
        {"health_assessment", "'kind':'IHA','held_on':'2026-01-12'", true},
        {"health_assessment", "'kind':'IHA','held_on':'2026-01-11'", false}, /* before care */
        {"health_assessment", "'kind':'DENTAL'", false},
        {"placement_ended", "'placement_id':'L1','rec':'E4A','dec':'2026-02-09'", true},
    };
    world *w = shipped_world_of("HA-01");
    in_care(w, "2026-01-12");
    ev(w, "2026-02-09T10:00:00Z", rows[_i].kind, rows[_i].body);
    till(w, "2026-02-11T00:00:00Z");
    saw(w, rows[_i].quiet ? "" : "opened HA-01 - 2026-02-09 @2026-02-10T00:00Z");
    world_free(w);
}
END_TEST

/* --- CL-03: six months from the plan, then from each review; pathway plans outlive 18 */

START_TEST(cl03_six_months)
{
    world *w = shipped_world_of("CL-03");
    ev(w, "2025-08-31T01:00:00Z", "child_updated", "'person_birth_date':'2008-01-10'");
    plan(w, "2025-08-31", "PATHWAY", "W1");
    till(w, "2026-02-28T23:59:59Z"); /* 31 August + 6 months, clamped */
    saw(w, "");
    till(w, "2026-03-01T00:00:00Z");
    saw(w, "opened CL-03 W1 2026-02-28 @2026-03-01T00:00Z");
    ev(w, "2026-03-02T10:00:00Z", "plan_review", "'review_kind':'PATHWAY','status':'CANCELLED','plan_id':'W1'");
    ev(w, "2026-03-02T11:00:00Z", "plan_review", "'review_kind':'CLA','status':'HELD'");
    saw(w, "");
    ev(w, "2026-03-02T12:00:00Z", "plan_review", "'review_kind':'PATHWAY','plan_id':'W1'");
    saw(w, "resolved CL-03 W1 2026-02-28 @2026-03-02T12:00Z done_late");
    till(w, "2026-09-02T22:59:59Z");
    saw(w, "");
    till(w, "2026-09-02T23:00:00Z");
    saw(w, "opened CL-03 W1 2026-09-02 @2026-09-02T23:00Z g2");
    world_free(w);
}
END_TEST

/* An earlier date set by the review wins. */
START_TEST(cl03_next_due)
{
    world *w = shipped_world_of("CL-03");
    plan(w, "2026-01-05", "PATHWAY", "W1");
    ev(w, "2026-02-02T12:00:00Z", "plan_review",
       "'review_kind':'PATHWAY','status':'HELD','next_due_override':'2026-03-02'");
    till(w, "2026-03-02T23:59:59Z");
    saw(w, "");
    till(w, "2026-03-03T00:00:00Z");
    saw(w, "opened CL-03 W1 2026-03-02 @2026-03-03T00:00Z");
    world_free(w);
}
END_TEST

/* --- DR-05: 84 days from the opening of the plan (readings 16), then from each update */

START_TEST(dr05_twelve_weeks)
{
    world *w = shipped_world_of("DR-05");
    ev(w, "2025-12-01T09:00:00Z", "referral_received", "'referral_id':'R1'"); /* opens the case, but no plan */
    plan(w, "2026-01-08", "CIN", "N1");
    till(w, "2026-04-01T22:59:59Z"); /* 8 January + 84 days = 2 April, less a day */
    saw(w, "");
    till(w, "2026-04-02T22:59:59Z");
    saw(w, "");
    till(w, "2026-04-02T23:00:00Z");
    saw(w, "opened DR-05 - 2026-04-02 @2026-04-02T23:00Z");
    ev(w, "2026-04-07T10:00:00Z", "chronology_updated", "'kind':'SUMMARY'");
    saw(w, "resolved DR-05 - 2026-04-02 @2026-04-07T10:00Z done_late");
    till(w, "2026-06-30T22:59:59Z"); /* 7 April + 84 days */
    saw(w, "");
    till(w, "2026-06-30T23:00:00Z");
    saw(w, "opened DR-05 - 2026-06-30 @2026-06-30T23:00Z g2");
    world_free(w);
}
END_TEST

START_TEST(dr05_without_a_plan)
{
    world *w = shipped_world_of("DR-05");
    ev(w, "2025-01-06T09:00:00Z", "referral_received", "'referral_id':'R1'");
    till(w, "2026-04-01T00:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rules_plans");
    TCase *cases = tcase_create("plans");
    tcase_add_test(cases, cp03_from_the_start);
    tcase_add_loop_test(cases, cp03_from_the_conference, 0, 4);
    tcase_add_loop_test(cases, cp03_met_or_not, 0, 6);
    tcase_add_test(cases, cp03_ends);
    tcase_add_test(cases, cp04_six_weeks);
    tcase_add_test(cases, cp04_not_before_the_first);
    tcase_add_test(cases, cn03_twelve_months);
    tcase_add_test(cases, ha01_twenty_working_days);
    tcase_add_loop_test(cases, ha01_met_or_not, 0, 5);
    tcase_add_test(cases, cl03_six_months);
    tcase_add_test(cases, cl03_next_due);
    tcase_add_test(cases, dr05_twelve_weeks);
    tcase_add_test(cases, dr05_without_a_plan);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

// link: dw_config
/* check_rules_drift.c: the shipped rules about late reviews, stalled plans, supervision, workers and silence. */

#include "tests/support/core_standards.h"

static world *drift_world(void)
{
    return shipped_world_of("CP-05 CP-06 CP-07 CP-11 CN-01 LA-01 LA-02 LA-03 "
                            "LA-11 LA-12 LA-13 ST-01 SU-01 DR-01 DR-01V DR-02 DR-03");
}

/* Something recorded every fortnight and supervision, so that only the rule under test speaks. */
static void keep_alive_until(world *w, const char *from, const char *until)
{
    for (int32_t day = date(from); day <= date(until); day += 14) {
        char day_text[16], when[40];
        dw_date_format(day, day_text);
        snprintf(when, sizeof when, "%sT03:00:00Z", day_text);
        ev(w, when, "supervision_held", "");
        ev(w, when, "visit_done", "'visit_type':'CP','mode':'F2F','child_seen':'Y'");
        ev(w, when, "visit_done", "'visit_type':'CIN','mode':'F2F','child_seen':'Y'");
        ev(w, when, "visit_done", "'visit_type':'CLA','mode':'F2F','child_seen':'Y','location':'HOME'");
    }
}

static void cp_plan(world *w, const char *day)
{
    char when[40], body[160];
    snprintf(when, sizeof when, "%sT02:00:00Z", day);
    snprintf(body, sizeof body, "'plan_id':'P1','plan_type':'CP','cpp_start_date':'%s'", day);
    ev(w, when, "plan_started", body);
}

START_TEST(cp05_from_the_conference)
{
    world *w = drift_world();
    ev(w, "2026-01-05T02:00:00Z", "conference_icpc", "'date_of_initial_cpc':'2026-01-05'");
    cp_plan(w, "2026-01-08");
    keep_alive_until(w, "2026-01-09", "2026-04-06");
    saw(w, "");
    till(w, "2026-04-06T22:59:59Z"); /* 5 Jan + 91 = 6 Apr */
    saw(w, "");
    till(w, "2026-04-06T23:00:00Z");
    saw(w, "opened CP-05 P1 2026-04-06 @2026-04-06T23:00Z");
    world_free(w);
}
END_TEST

/* Without a conference from the plan's start; a review on or before the start is ignored. */
START_TEST(cp05_from_the_start)
{
    world *w = drift_world();
    cp_plan(w, "2026-01-08");
    ev(w, "2026-01-08T09:00:00Z", "plan_review", "'review_kind':'RCPC','status':'HELD','held_on':'2026-01-08'");
    keep_alive_until(w, "2026-01-09", "2026-04-09");
    till(w, "2026-04-09T22:59:59Z");
    saw(w, "");
    till(w, "2026-04-09T23:00:00Z");
    saw(w, "opened CP-05 P1 2026-04-09 @2026-04-09T23:00Z");
    ev(w, "2026-04-10T09:00:00Z", "plan_review", "'review_kind':'RCPC','status':'ADJOURNED','plan_id':'P1'");
    saw(w, "");
    ev(w, "2026-04-13T09:00:00Z", "plan_review", "'review_kind':'RCPC','status':'HELD','plan_id':'P1'");
    saw(w, "resolved CP-05 P1 2026-04-09 @2026-04-13T09:00Z done_late");
    world_free(w);
}
END_TEST

START_TEST(cp06_six_months)
{
    world *w = drift_world();
    cp_plan(w, "2026-01-08");
    ev(w, "2026-03-02T09:00:00Z", "plan_review", "'review_kind':'RCPC','status':'HELD','plan_id':'P1'");
    w->log_len = 0;
    w->log[0] = '\0';
    keep_alive_until(w, "2026-03-03", "2026-09-01");
    w->log_len = 0;
    w->log[0] = '\0';
    till(w, "2026-09-01T22:59:59Z"); /* 2 Mar + 183 = 1 Sep */
    saw(w, "");
    till(w, "2026-09-01T23:00:00Z");
    saw(w, "opened CP-06 P1 2026-09-01 @2026-09-01T23:00Z");
    world_free(w);
}
END_TEST

/* A review on or before the plan's start begins no interval either. */
START_TEST(cp06_not_from_the_start)
{
    world *w = drift_world();
    cp_plan(w, "2026-01-08");
    ev(w, "2026-01-08T09:00:00Z", "plan_review", "'review_kind':'RCPC','status':'HELD','held_on':'2026-01-08'");
    till(w, "2026-12-01T00:00:00Z");
    ck_assert_ptr_null(strstr(w->log, "CP-06"));
    ck_assert_ptr_nonnull(strstr(w->log, "opened CP-05 P1 2026-04-09"));
    world_free(w);
}
END_TEST

/* Looked-after reviews: 20 working days, then 3 months, then 6. The review on the first day of care counts. */
START_TEST(la11_12_13)
{
    world *w = drift_world();
    ev(w, "2026-01-12T02:00:00Z", "placement_started",
       "'placement_id':'L1','decom':'2026-01-12','rne':'S','ls':'C2','place':'U6'");
    keep_alive_until(w, "2026-01-13", "2026-02-09");
    till(w, "2026-02-09T23:59:59Z");
    saw(w, "");
    till(w, "2026-02-10T00:00:00Z");
    saw(w, "opened LA-11 - 2026-02-09 @2026-02-10T00:00Z");
    ev(w, "2026-02-11T09:00:00Z", "plan_review", "'review_kind':'CLA','status':'HELD'");
    saw(w, "resolved LA-11 - 2026-02-09 @2026-02-11T09:00Z done_late");
    keep_alive_until(w, "2026-02-11", "2026-05-11");
    till(w, "2026-05-11T22:59:59Z");
    saw(w, "");
    till(w, "2026-05-11T23:00:00Z"); /* 11 Feb + 3 months */
    saw(w, "opened LA-12 - 2026-05-11 @2026-05-11T23:00Z");
    ev(w, "2026-05-12T09:00:00Z", "plan_review", "'review_kind':'CLA','status':'HELD'");
    saw(w, "resolved LA-12 - 2026-05-11 @2026-05-12T09:00Z done_late");
    keep_alive_until(w, "2026-05-13", "2026-11-12");
    till(w, "2026-11-12T23:59:59Z");
    saw(w, "");
    till(w, "2026-11-13T00:00:00Z"); /* 12 May + 6 months */
    saw(w, "opened LA-13 - 2026-11-12 @2026-11-13T00:00Z");
    ev(w, "2026-11-16T09:00:00Z", "plan_review", "'review_kind':'CLA','status':'HELD'");
    saw(w, "resolved LA-13 - 2026-11-12 @2026-11-16T09:00Z done_late");
    world_free(w);
}
END_TEST

START_TEST(la11_first_day)
{
    world *w = drift_world();
    ev(w, "2026-01-12T02:00:00Z", "placement_started",
       "'placement_id':'L1','decom':'2026-01-12','rne':'S','ls':'C2','place':'U6'");
    ev(w, "2026-01-12T09:00:00Z", "plan_review", "'review_kind':'CLA','status':'HELD'");
    keep_alive_until(w, "2026-01-13", "2026-04-12");
    till(w, "2026-04-12T22:59:59Z");
    saw(w, "");
    till(w, "2026-04-12T23:00:00Z");
    saw(w, "opened LA-12 - 2026-04-12 @2026-04-12T23:00Z");
    world_free(w);
}
END_TEST

/* An earlier date set by the review itself wins. */
START_TEST(la12_next_due_override)
{
    world *w = drift_world();
    ev(w, "2026-01-12T02:00:00Z", "placement_started",
       "'placement_id':'L1','decom':'2026-01-12','rne':'S','ls':'C2','place':'U6'");
    keep_alive_until(w, "2026-01-13", "2026-01-19");
    ev(w, "2026-01-20T09:00:00Z", "plan_review",
       "'review_kind':'CLA','status':'HELD','next_due_override':'2026-03-02'");
    keep_alive_until(w, "2026-01-27", "2026-03-02");
    till(w, "2026-03-02T23:59:59Z");
    saw(w, "");
    till(w, "2026-03-03T00:00:00Z");
    saw(w, "opened LA-12 - 2026-03-02 @2026-03-03T00:00Z");
    world_free(w);
}
END_TEST

/* --- ST-01 */

#define REVIEW "'review_kind':'CIN','status':'HELD','plan_id':'N1','outcome':'CONTINUE'"

static world *two_reviews(const char *second)
{
    world *w = drift_world();
    ev(w, "2026-01-05T02:00:00Z", "plan_started",
       "'plan_id':'N1','plan_type':'CIN','cin_plan_start_date':'2026-01-05'");
    ev(w, "2026-01-20T09:00:00Z", "plan_review", REVIEW);
    saw(w, "");
    ev(w, "2026-02-10T09:00:00Z", "plan_review", second);
    return w;
}

START_TEST(st01_stall)
{
    static const struct {
        const char *second;
        bool stalls;
    } rows[] = {
        {REVIEW, true},
        {"'review_kind':'CIN','status':'HELD','outcome':'CONTINUE'", true}, /* by date */
        {"'review_kind':'CIN','status':'HELD','plan_id':'N1','outcome':'STEP_DOWN'", false},
        {"'review_kind':'CIN','status':'ADJOURNED','plan_id':'N1','outcome':'CONTINUE'", false},
        {REVIEW ",'permanence_plan':'ADOPTION'", false},
    };
    world *w = two_reviews(rows[_i].second);
    ck_assert_int_eq(strstr(w->log, "opened ST-01 N1 - @2026-02-10T09:00Z") != NULL, rows[_i].stalls);
    world_free(w);
}
END_TEST

START_TEST(st01_ends)
{
    static const struct {
        const char *kind, *body;
        bool ends;
    } rows[] = {
        {"plan_changed", "'plan_id':'N1','plan_type':'CIN','visit_frequency':{'days':10,'unit':'WD'}", true},
        {"plan_changed", "'plan_id':'N1','plan_type':'CIN','latest_category':'NEG'", true},
        {"plan_review", REVIEW ",'permanence_plan':'RETURN1M'", true},
        {"placement_started", "'placement_id':'L1','decom':'2026-02-20','rne':'S','ls':'V2','place':'U6'", true},
        {"oversight_recorded", "", false},
        {"plan_review", REVIEW, false},
    };
    world *w = two_reviews(REVIEW);
    ck_assert_ptr_nonnull(strstr(w->log, "opened ST-01 N1 - @2026-02-10T09:00Z"));
    w->log_len = 0;
    w->log[0] = '\0';
    ev(w, "2026-02-20T09:00:00Z", rows[_i].kind, rows[_i].body);
    ck_assert_int_eq(strstr(w->log, "resolved ST-01 N1 - @2026-02-20T09:00Z") != NULL, rows[_i].ends);
    world_free(w);
}
END_TEST

/* A placement that ends is the child's to the end of its last day; then time alone ends the stall. */
START_TEST(st01_ends_after_the_last_day)
{
    world *w = drift_world();
    ev(w, "2026-01-05T02:00:00Z", "plan_started", "'plan_id':'N1','plan_type':'CIN'");
    ev(w, "2026-01-05T03:00:00Z", "placement_started", "'placement_id':'L1','rne':'S','ls':'V2','place':'U6'");
    ev(w, "2026-01-20T09:00:00Z", "plan_review", REVIEW);
    ev(w, "2026-02-10T09:00:00Z", "plan_review", REVIEW);
    ev(w, "2026-02-20T09:00:00Z", "placement_ended", "'placement_id':'L1','rec':'X1'");
    ck_assert_ptr_null(strstr(w->log, "resolved ST-01"));
    till(w, "2026-02-21T00:00:00Z");
    ck_assert_ptr_nonnull(strstr(w->log, "resolved ST-01 N1 - @2026-02-21T00:00Z"));
    world_free(w);
}
END_TEST

/* --- SU-01 */

START_TEST(su01_42_days)
{
    world *w = drift_world();
    /* a referral opens the case; supervision counts from the opening of the plan */
    ev(w, "2026-01-02T09:00:00Z", "referral_received", "'referral_id':'R1'");
    ev(w, "2026-01-12T09:00:00Z", "plan_started",
       "'plan_id':'N1','plan_type':'CIN','cin_plan_start_date':'2026-01-12'");
    ev(w, "2026-01-30T09:00:00Z", "visit_done", "'visit_type':'CIN','mode':'F2F','child_seen':'Y'");
    till(w, "2026-02-23T23:59:59Z");
    saw(w, "");
    till(w, "2026-02-24T00:00:00Z");
    saw(w, "opened SU-01 - 2026-02-23 @2026-02-24T00:00Z");
    ev(w, "2026-02-24T09:00:00Z", "supervision_held", "'held_on':'2026-02-20'");
    saw(w, "resolved SU-01 - 2026-02-23 @2026-02-24T09:00Z done_on_time_recorded_late");
    world_free(w);
}
END_TEST

/* CIN -> CP in mid-interval: the earlier of the old due date and 28 days from the plan (readings 21). */
START_TEST(su01_tightens)
{
    static const struct {
        const char *cp_start, *cp_when, *due, *last, *late;
    } rows[] = {
        {"2026-01-19", "2026-01-19T09:00:00Z", "2026-02-16", "2026-02-16T23:59:59Z", "2026-02-17T00:00:00Z"},
        {"2026-02-10", "2026-02-10T09:00:00Z", "2026-02-23", "2026-02-23T23:59:59Z", "2026-02-24T00:00:00Z"},
    };
    world *w = drift_world();
    char body[200], expect[120];
    ev(w, "2026-01-05T09:00:00Z", "plan_started",
       "'plan_id':'N1','plan_type':'CIN','cin_plan_start_date':'2026-01-05'");
    ev(w, "2026-01-12T09:00:00Z", "supervision_held", "'held_on':'2026-01-12'"); /* + 42 = 23 Feb */
    ev(w, "2026-01-12T10:00:00Z", "visit_done", "'visit_type':'CIN','mode':'F2F','child_seen':'Y'");
    snprintf(body, sizeof body, "'plan_id':'P1','plan_type':'CP','cpp_start_date':'%s'", rows[_i].cp_start);
    if (_i == 1)
        ev(w, "2026-02-06T10:00:00Z", "visit_done", "'visit_type':'CIN','mode':'F2F','child_seen':'Y'");
    ev(w, rows[_i].cp_when, "plan_started", body);
    ev(w, rows[_i].cp_when, "plan_ended", "'plan_id':'N1','cin_plan_end_date':'2026-02-10'");
    ev(w, _i == 0 ? "2026-01-30T10:00:00Z" : "2026-02-13T10:00:00Z", "visit_done",
       "'visit_type':'CP','mode':'F2F','child_seen':'Y'");
    till(w, _i == 0 ? "2026-02-13T10:00:00Z" : "2026-02-23T10:00:00Z");
    ev(w, _i == 0 ? "2026-02-13T10:00:00Z" : "2026-02-23T10:00:00Z", "visit_done",
       "'visit_type':'CP','mode':'F2F','child_seen':'Y'");
    till(w, rows[_i].last);
    saw(w, "");
    till(w, rows[_i].late);
    snprintf(expect, sizeof expect, "opened SU-01 - %s @%.16sZ", rows[_i].due, rows[_i].late);
    saw(w, expect);
    world_free(w);
}
END_TEST

/* Plan over while supervision is overdue by the stricter limit: superseded. */
START_TEST(su01_loosens)
{
    world *w = drift_world();
    ev(w, "2026-01-05T09:00:00Z", "plan_started",
       "'plan_id':'N1','plan_type':'CIN','cin_plan_start_date':'2026-01-05'");
    ev(w, "2026-01-05T09:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP','cpp_start_date':'2026-01-05'");
    ev(w, "2026-01-05T10:00:00Z", "supervision_held", "");
    ev(w, "2026-01-16T10:00:00Z", "visit_done", "'visit_type':'CP','mode':'F2F','child_seen':'Y'");
    ev(w, "2026-01-29T10:00:00Z", "visit_done", "'visit_type':'CP','mode':'F2F','child_seen':'Y'");
    till(w, "2026-02-03T00:00:00Z");
    saw(w, "opened SU-01 - 2026-02-02 @2026-02-03T00:00Z");
    ev(w, "2026-02-05T10:00:00Z", "plan_ended", "'plan_id':'P1','cpp_end_date':'2026-02-05'");
    saw(w, "resolved SU-01 - 2026-02-02 @2026-02-05T10:00Z superseded_overdue");
    till(w, "2026-02-16T23:59:59Z");
    saw(w, "");
    till(w, "2026-02-17T00:00:00Z");
    saw(w, "opened SU-01 - 2026-02-16 @2026-02-17T00:00Z g2");
    world_free(w);
}
END_TEST

/* --- workers */

static void allocated(world *w, const char *when, const char *worker, const char *kind)
{
    char record[24], more[64];
    snprintf(record, sizeof record, "a%u", ++w->records);
    snprintf(more, sizeof more, "'worker_ref':'%s'", worker);
    give(w, when, when, record, 1, "create", more, kind, "'role':'LEAD_SW'");
}

static void seen_by(world *w, const char *when, const char *worker)
{
    char record[24], more[64];
    snprintf(record, sizeof record, "v%u", ++w->records);
    snprintf(more, sizeof more, "'worker_ref':'%s'", worker);
    give(w, when, when, record, 1, "create", more, "visit_done", "'visit_type':'DUTY','mode':'F2F','child_seen':'Y'");
}

START_TEST(dr01_three_in_a_year)
{
    world *w = drift_world();
    ev(w, "2025-01-06T09:00:00Z", "referral_received", "'referral_id':'R1'"); /* keeps the case open */
    allocated(w, "2025-01-06T10:00:00Z", "W1", "worker_allocated");
    seen_by(w, "2025-01-07T10:00:00Z", "W1");
    allocated(w, "2025-06-02T10:00:00Z", "W2", "worker_allocated");
    seen_by(w, "2025-06-03T10:00:00Z", "W2");
    allocated(w, "2025-09-01T10:00:00Z", "W1", "worker_allocated"); /* back again: two different ones */
    seen_by(w, "2025-09-02T10:00:00Z", "W1");
    saw(w, "");
    allocated(w, "2026-01-06T10:00:00Z", "W3", "worker_allocated"); /* the first is 365 days ago */
    seen_by(w, "2026-01-07T10:00:00Z", "W3");
    saw(w, "opened DR-01 - - @2026-01-06T10:00Z x3");
    till(w, "2026-06-02T22:59:59Z");
    saw(w, "");
    till(w, "2026-06-02T23:00:00Z"); /* 2 Jun 2025 is 366 days ago */
    saw(w, "resolved DR-01 - - @2026-06-02T23:00Z x3 faded");
    world_free(w);
}
END_TEST

START_TEST(dr01_366_days)
{
    world *w = drift_world();
    ev(w, "2025-01-06T09:00:00Z", "referral_received", "'referral_id':'R1'");
    allocated(w, "2025-01-06T10:00:00Z", "W1", "worker_allocated");
    seen_by(w, "2025-01-07T10:00:00Z", "W1");
    allocated(w, "2025-06-02T10:00:00Z", "W2", "worker_allocated");
    seen_by(w, "2025-06-03T10:00:00Z", "W2");
    allocated(w, "2026-01-07T10:00:00Z", "W3", "worker_allocated");
    seen_by(w, "2026-01-07T10:00:00Z", "W3");
    till(w, "2027-01-01T00:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

START_TEST(dr01_first_visit)
{
    world *w = drift_world();
    ev(w, "2026-01-05T09:00:00Z", "referral_received", "'referral_id':'R1'");
    allocated(w, "2026-01-05T10:00:00Z", "W1", "worker_allocated");
    seen_by(w, "2026-01-06T10:00:00Z", "W2"); /* somebody else's */
    ev(w, "2026-01-06T10:00:00Z", "visit_done", "'visit_type':'CIN','mode':'F2F','child_seen':'Y'"); /* nobody's */
    till(w, "2026-01-19T23:59:59Z");
    saw(w, "");
    till(w, "2026-01-20T00:00:00Z");
    saw(w, "opened DR-01V - 2026-01-19 @2026-01-20T00:00Z");
    seen_by(w, "2026-01-21T10:00:00Z", "W1");
    saw(w, "resolved DR-01V - 2026-01-19 @2026-01-21T10:00Z done_late");
    world_free(w);
}
END_TEST

/* Nothing is seen of an unborn child: ten working days from birth. */
START_TEST(dr01_first_visit_from_birth)
{
    world *w = drift_world();
    ev(w, "2026-01-05T09:00:00Z", "child_updated", "'expected_person_birth_date':'2026-03-01'");
    ev(w, "2026-01-05T10:00:00Z", "referral_received", "'referral_id':'R1'");
    allocated(w, "2026-01-05T10:00:00Z", "W1", "worker_allocated");
    till(w, "2026-02-23T09:00:00Z");
    ev(w, "2026-02-24T09:00:00Z", "child_updated", "'person_birth_date':'2026-02-23'");
    till(w, "2026-03-09T23:59:59Z");
    saw(w, "");
    till(w, "2026-03-10T00:00:00Z");
    saw(w, "opened DR-01V - 2026-03-09 @2026-03-10T00:00Z");
    world_free(w);
}
END_TEST

START_TEST(dr02_unallocated)
{
    world *w = drift_world();
    ev(w, "2026-01-05T09:00:00Z", "referral_received", "'referral_id':'R1'");
    allocated(w, "2026-01-05T10:00:00Z", "W1", "worker_allocated");
    seen_by(w, "2026-01-06T10:00:00Z", "W1");
    allocated(w, "2026-01-09T10:00:00Z", "W1", "worker_ended"); /* a Friday */
    till(w, "2026-01-12T23:59:59Z");
    saw(w, "");
    till(w, "2026-01-13T00:00:00Z");
    saw(w, "opened DR-02 - 2026-01-12 @2026-01-13T00:00Z");
    allocated(w, "2026-01-14T10:00:00Z", "W2", "worker_allocated");
    saw(w, "resolved DR-02 - 2026-01-12 @2026-01-14T10:00Z done_late");
    /* the next gap, closed in time, then one that is not */
    seen_by(w, "2026-01-14T11:00:00Z", "W2");
    allocated(w, "2026-01-15T10:00:00Z", "W2", "worker_ended");
    allocated(w, "2026-01-16T10:00:00Z", "W3", "worker_allocated");
    seen_by(w, "2026-01-16T11:00:00Z", "W3");
    w->log_len = 0; /* DR-01 speaks here */
    w->log[0] = '\0';
    allocated(w, "2026-01-19T10:00:00Z", "W3", "worker_ended");
    till(w, "2026-01-20T23:59:59Z");
    saw(w, "");
    till(w, "2026-01-21T00:00:00Z");
    saw(w, "opened DR-02 - 2026-01-20 @2026-01-21T00:00Z g2");
    ev(w, "2026-01-22T10:00:00Z", "case_closed", "");
    saw(w, "resolved DR-01 - - @2026-01-22T10:00Z x3 superseded_overdue\n"
           "resolved DR-02 - 2026-01-20 @2026-01-22T10:00Z g2 superseded_overdue");
    world_free(w);
}
END_TEST

/* --- DR-03 */

START_TEST(dr03_silence)
{
    static const struct {
        const char *plan;
        const char *last, *late, *expect;
    } rows[] = {
        {"'plan_id':'P1','plan_type':'CP','cpp_start_date':'2026-01-12'", "2026-02-02T23:59:59Z",
         "2026-02-03T00:00:00Z", "opened DR-03 - 2026-02-02 @2026-02-03T00:00Z"},
        {"'plan_id':'N1','plan_type':'CIN','cin_plan_start_date':'2026-01-12'", "2026-02-23T23:59:59Z",
         "2026-02-24T00:00:00Z", "opened DR-03 - 2026-02-23 @2026-02-24T00:00Z"},
    };
    world *w = drift_world();
    ev(w, "2026-01-12T09:00:00Z", "plan_started", rows[_i].plan);
    till(w, rows[_i].last);
    ck_assert_ptr_null(strstr(w->log, "DR-03"));
    w->log_len = 0;
    w->log[0] = '\0';
    till(w, rows[_i].late);
    ck_assert_ptr_nonnull(strstr(w->log, rows[_i].expect));
    w->log_len = 0;
    w->log[0] = '\0';
    ev(w, "2026-03-02T09:00:00Z", "visit_done", "'visit_type':'CP','mode':'PHONE'"); /* any fact breaks it */
    ck_assert_ptr_nonnull(strstr(w->log, "resolved DR-03"));
    ck_assert_ptr_nonnull(strstr(w->log, "@2026-03-02T09:00Z done_late"));
    world_free(w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rules_drift");
    TCase *cases = tcase_create("drift");
    tcase_set_timeout(cases, 20);
    tcase_add_test(cases, cp05_from_the_conference);
    tcase_add_test(cases, cp05_from_the_start);
    tcase_add_test(cases, cp06_six_months);
    tcase_add_test(cases, cp06_not_from_the_start);
    tcase_add_test(cases, la11_12_13);
    tcase_add_test(cases, la11_first_day);
    tcase_add_test(cases, la12_next_due_override);
    tcase_add_loop_test(cases, st01_stall, 0, 5);
    tcase_add_test(cases, st01_ends_after_the_last_day);
    tcase_add_loop_test(cases, st01_ends, 0, 6);
    tcase_add_test(cases, su01_42_days);
    tcase_add_loop_test(cases, su01_tightens, 0, 2);
    tcase_add_test(cases, su01_loosens);
    tcase_add_test(cases, dr01_three_in_a_year);
    tcase_add_test(cases, dr01_366_days);
    tcase_add_test(cases, dr01_first_visit);
    tcase_add_test(cases, dr01_first_visit_from_birth);
    tcase_add_test(cases, dr02_unallocated);
    tcase_add_loop_test(cases, dr03_silence, 0, 2);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

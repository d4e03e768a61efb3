// link: dw_config
/* check_rules_missing.c: the shipped rules about missing children. */

#include "tests/support/core_standards.h"

static world *missing_world(void)
{
    return shipped_world_of("MI-01 MI-02 MI-03 MI-05");
}

static void gone(world *w, const char *when, const char *id)
{
    char body[256];
    snprintf(body, sizeof body, "'episode_id':'%s','phase':'OPENED','category':'M','mis_start':'%s'", id, when);
    ev(w, when, "missing_episode", body);
}

static void back(world *w, const char *when, const char *id)
{
    char body[256];
    snprintf(body, sizeof body, "'episode_id':'%s','phase':'RETURNED','returned_at':'%s'", id, when);
    ev(w, when, "missing_episode", body);
}

static void rhi(world *w, const char *when, const char *id, const char *stage)
{
    char body[256];
    snprintf(body, sizeof body, "'episode_id':'%s','stage':'%s'", id, stage);
    ev(w, when, "rhi", body);
}

START_TEST(mi01_after_24_hours)
{
    world *w = missing_world();
    gone(w, "2026-02-02T20:15:00Z", "M1");
    till(w, "2026-02-03T20:15:00Z"); /* exactly 24 hours: in time */
    saw(w, "");
    till(w, "2026-02-03T20:15:01Z");
    saw(w, "opened MI-01 M1 2026-02-03T20:15Z @2026-02-03T20:15:00.000001Z");
    back(w, "2026-02-04T08:00:00Z", "M1");
    saw(w, "resolved MI-01 M1 2026-02-03T20:15Z @2026-02-04T08:00Z done_late");
    world_free(w);
}
END_TEST

/* At 48 and at 72 hours missing one level higher at the least, whatever the office hours. */
/* A record that tells start and end together, the end still to come: the child is missing until then. */
START_TEST(mi01_end_still_to_come)
{
    world *w = missing_world();
    ev_late(w, "2026-02-03T21:00:00Z", "2026-02-02T20:15:00Z", "missing_episode",
            "'episode_id':'M1','phase':'CLOSED','category':'M','mis_start':'2026-02-02T20:15:00Z',"
            "'mis_end':'2026-02-03T22:00:00Z'");
    saw(w, "opened MI-01 M1 2026-02-03T20:15Z @2026-02-03T21:00Z");
    till(w, "2026-02-03T22:00:00Z");
    saw(w, "resolved MI-01 M1 2026-02-03T20:15Z @2026-02-03T22:00Z done_late");
    world_free(w);
}
END_TEST

START_TEST(mi01_climbs_by_the_hour)
{
    world *w = missing_world();
    w->ladder = true;
    gone(w, "2026-02-06T18:00:00Z", "M1"); /* a Friday evening */
    till(w, "2026-02-09T18:00:00Z");
    saw(w, "opened MI-01 M1 2026-02-07T18:00Z @2026-02-07T18:00:00.000001Z L1\n"
           "escalated MI-01 M1 2026-02-07T18:00Z @2026-02-08T18:00Z L2\n"
           "escalated MI-01 M1 2026-02-07T18:00Z @2026-02-09T13:00Z L3");
    world_free(w);
}
END_TEST

START_TEST(mi01_back_before_it_is_late)
{
    world *w = missing_world();
    gone(w, "2026-02-02T20:15:00Z", "M1");
    back(w, "2026-02-03T20:00:00Z", "M1");
    rhi(w, "2026-02-04T20:00:00Z", "M1", "HELD");
    till(w, "2026-12-01T00:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

START_TEST(mi02_after_72_hours)
{
    world *w = missing_world();
    gone(w, "2026-02-02T20:15:00Z", "M1");
    back(w, "2026-02-03T06:30:00Z", "M1");
    rhi(w, "2026-02-03T10:00:00Z", "M1", "OFFERED"); /* an offer does not answer it */
    ev(w, "2026-02-04T10:00:00Z", "case_closed", "");
    till(w, "2026-02-06T06:30:00Z");
    saw(w, "");
    till(w, "2026-02-06T06:30:01Z");
    saw(w, "opened MI-02 M1 2026-02-06T06:30Z @2026-02-06T06:30:00.000001Z");
    rhi(w, "2026-02-06T09:00:00Z", "M1", "DECLINED"); /* too late to be an answer */
    saw(w, "");
    rhi(w, "2026-02-09T09:00:00Z", "M1", "HELD");
    saw(w, "resolved MI-02 M1 2026-02-06T06:30Z @2026-02-09T09:00Z done_late");
    world_free(w);
}
END_TEST

START_TEST(mi02_answers)
{
    static const struct {
        const char *when, *body;
        bool answers;
    } rows[] = {
        {"2026-02-06T06:30:00Z", "'episode_id':'M1','stage':'HELD'", true},
        {"2026-02-06T06:30:00Z", "'episode_id':'M1','stage':'DECLINED'", true},
        {"2026-02-05T06:30:00Z", "'episode_ids':['M0','M1'],'stage':'HELD'",
         true},                                           /* one interview, several episodes */
        {"2026-02-05T06:30:00Z", "'stage':'HELD'", true}, /* by date */
        {"2026-02-05T06:30:00Z", "'episode_id':'M7','stage':'HELD'", false},
        {"2026-02-05T06:30:00Z", "'episode_id':'M1','stage':'ATTEMPTED'", false},
        {"2026-02-05T06:30:00Z", "'episode_id':'M1','stage':'ACCEPTED'", false},
    };
    world *w = missing_world();
    gone(w, "2026-02-02T20:15:00Z", "M1");
    back(w, "2026-02-03T06:30:00Z", "M1");
    ev(w, rows[_i].when, "rhi", rows[_i].body);
    till(w, "2026-02-10T00:00:00Z");
    saw(w, rows[_i].answers ? "" : "opened MI-02 M1 2026-02-06T06:30Z @2026-02-06T06:30:00.000001Z");
    world_free(w);
}
END_TEST

/* Only the day of the return is known: to the end of the third day after it, marked. */
START_TEST(mi02_approximate)
{
    world *w = missing_world();
    gone(w, "2026-02-02T20:15:00Z", "M1");
    give(w, "2026-02-03T12:00:00Z", "2026-02-03T00:00:00Z", "B", 1, "create", "'occurred_precision':'DATE'",
         "missing_episode", "'episode_id':'M1','phase':'RETURNED'");
    till(w, "2026-02-06T23:59:59Z");
    saw(w, "");
    till(w, "2026-02-07T00:00:00Z");
    saw(w, "opened MI-02 M1 2026-02-06T23:59:59.999999Z @2026-02-07T00:00Z approx");
    world_free(w);
}
END_TEST

/* Elapsed hours over the change of the clocks (domain 4.10). */
START_TEST(mi02_over_the_change_of_clocks)
{
    world *w = missing_world();
    gone(w, "2021-03-27T12:00:00Z", "M1");
    back(w, "2021-03-27T23:30:00+00:00", "M1");
    till(w, "2021-03-31T00:30:00+01:00");
    saw(w, "");
    till(w, "2021-03-31T00:30:01+01:00");
    saw(w, "opened MI-02 M1 2021-03-30T23:30Z @2021-03-30T23:30:00.000001Z");
    world_free(w);
}
END_TEST

static void episode(world *w, const char *start, const char *end, const char *id)
{
    gone(w, start, id);
    back(w, end, id);
    rhi(w, end, id, "HELD");
}

START_TEST(mi03_and_mi05)
{
    world *w = missing_world();
    episode(w, "2026-01-05T18:00:00Z", "2026-01-05T23:00:00Z", "M1");
    episode(w, "2026-02-05T18:00:00Z", "2026-02-05T23:00:00Z", "M2");
    till(w, "2026-04-05T16:59:59Z");
    saw(w, "");
    episode(w, "2026-04-05T18:00:00+01:00", "2026-04-05T23:00:00+01:00", "M3"); /* 90 days after the first */
    saw(w, "opened MI-03 - - @2026-04-05T17:00Z x3");
    /* Easter Monday 6 Apr is a bank holiday: 5 working days end on Mon 13 Apr */
    till(w, "2026-04-13T22:59:59Z");
    saw(w, "");
    till(w, "2026-04-13T23:00:00Z");
    saw(w, "opened MI-05 - 2026-04-13 @2026-04-13T23:00Z");
    ev(w, "2026-04-14T10:00:00Z", "meeting_held", "'kind':'STRATEGY','held_on':'2026-04-14'");
    saw(w, "resolved MI-03 - - @2026-04-14T10:00Z x3 answered\n"
           "resolved MI-05 - 2026-04-13 @2026-04-14T10:00Z done_late");
    /* a fourth start inside the window, after the meeting: raised again (readings 41) */
    episode(w, "2026-04-20T18:00:00Z", "2026-04-20T23:00:00Z", "M4");
    saw(w, "opened MI-03 - - @2026-04-20T18:00Z g2 x3");
    world_free(w);
}
END_TEST

START_TEST(mi03_difference_of_91_days)
{
    world *w = missing_world();
    episode(w, "2026-01-05T18:00:00Z", "2026-01-05T23:00:00Z", "M1");
    episode(w, "2026-02-05T18:00:00Z", "2026-02-05T23:00:00Z", "M2");
    episode(w, "2026-04-06T18:00:00+01:00", "2026-04-06T23:00:00+01:00", "M3");
    till(w, "2026-12-01T00:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

/* Without a meeting it stays one alert whose count grows, also long after the window. */
START_TEST(mi03_grows)
{
    world *w = missing_world();
    episode(w, "2026-01-05T18:00:00Z", "2026-01-05T23:00:00Z", "M1");
    episode(w, "2026-01-15T18:00:00Z", "2026-01-15T23:00:00Z", "M2");
    episode(w, "2026-01-19T18:00:00Z", "2026-01-19T23:00:00Z", "M3");
    episode(w, "2026-01-20T18:00:00Z", "2026-01-20T23:00:00Z", "M4");
    saw(w, "opened MI-03 - - @2026-01-19T18:00Z x3\nrevised MI-03 - - @2026-01-20T18:00Z x4");
    till(w, "2026-12-01T00:00:00Z");
    saw(w, "opened MI-05 - 2026-01-26 @2026-01-27T00:00Z");
    /* a meeting before the crossing answers nothing */
    ev_late(w, "2026-12-02T00:00:00Z", "2026-01-18T10:00:00Z", "meeting_held", "'kind':'RMM','held_on':'2026-01-18'");
    saw(w, "");
    ev(w, "2026-12-03T00:00:00Z", "meeting_held", "'kind':'RMM'");
    saw(w, "resolved MI-03 - - @2026-12-03T00:00Z x4 answered\n"
           "resolved MI-05 - 2026-01-26 @2026-12-03T00:00Z done_late");
    world_free(w);
}
END_TEST

/* The meeting on the day of the third start answers it; MI-05 counts from that start though it was learned later. */
START_TEST(mi05_learned_later)
{
    world *w = missing_world();
    episode(w, "2026-01-05T18:00:00Z", "2026-01-05T23:00:00Z", "M1");
    episode(w, "2026-01-19T18:00:00Z", "2026-01-19T23:00:00Z", "M3");
    till(w, "2026-02-02T09:00:00Z");
    saw(w, "");
    ev_late(w, "2026-02-02T09:00:00Z", "2026-01-15T18:00:00Z", "missing_episode",
            "'episode_id':'M2','phase':'RETURNED','category':'M','mis_start':'2026-01-15T18:00:00Z',"
            "'returned_at':'2026-01-15T23:00:00Z'");
    saw(w, "opened MI-02 M2 2026-01-18T23:00Z @2026-02-02T09:00Z\n"
           "opened MI-03 - - @2026-02-02T09:00Z x3\n"
           "opened MI-05 - 2026-01-26 @2026-02-02T09:00Z");
    ev_late(w, "2026-02-02T10:00:00Z", "2026-01-19T20:00:00Z", "meeting_held",
            "'kind':'STRATEGY','held_on':'2026-01-19'");
    saw(w, "resolved MI-03 - - @2026-02-02T10:00Z x3 answered\n"
           "resolved MI-05 - 2026-01-26 @2026-02-02T10:00Z done_on_time_recorded_late");
    world_free(w);
}
END_TEST

/* Days decide: a meeting on the day of a fourth start answers that one too. */
START_TEST(mi03_meeting_on_the_day)
{
    world *w = missing_world();
    episode(w, "2026-01-05T18:00:00Z", "2026-01-05T23:00:00Z", "M1");
    episode(w, "2026-01-15T18:00:00Z", "2026-01-15T23:00:00Z", "M2");
    episode(w, "2026-01-19T18:00:00Z", "2026-01-19T23:00:00Z", "M3");
    episode(w, "2026-01-21T02:00:00Z", "2026-01-21T05:00:00Z", "M4");
    ev(w, "2026-01-21T10:00:00Z", "meeting_held", "'kind':'STRATEGY','held_on':'2026-01-21'");
    episode(w, "2026-01-21T18:00:00Z", "2026-01-21T23:00:00Z", "M5");
    saw(w, "opened MI-03 - - @2026-01-19T18:00Z x3\n"
           "revised MI-03 - - @2026-01-21T02:00Z x4\n"
           "resolved MI-03 - - @2026-01-21T10:00Z x4 answered");
    world_free(w);
}
END_TEST

/* A voided episode takes the crossing back. */
START_TEST(mi03_withdrawn)
{
    world *w = missing_world();
    episode(w, "2026-01-05T18:00:00Z", "2026-01-05T23:00:00Z", "M1");
    episode(w, "2026-01-15T18:00:00Z", "2026-01-15T23:00:00Z", "M2");
    give(w, "2026-01-19T18:00:00Z", "2026-01-19T18:00:00Z", "X", 1, "create", "", "missing_episode",
         "'episode_id':'M3','phase':'OPENED','category':'M'");
    saw(w, "opened MI-03 - - @2026-01-19T18:00Z x3");
    give(w, "2026-01-19T19:00:00Z", "2026-01-19T18:00:00Z", "X", 2, "void", "", "missing_episode", "");
    saw(w, "resolved MI-03 - - @2026-01-19T19:00Z x3 entered_in_error");
    world_free(w);
}
END_TEST

/* Category A does not count; when it becomes M it counts from its first start (domain 4.8). */
START_TEST(away_becomes_missing)
{
    world *w = missing_world();
    ev(w, "2026-02-02T20:00:00Z", "missing_episode",
       "'episode_id':'M1','phase':'OPENED','category':'A','mis_start':'2026-02-02T20:00:00Z'");
    till(w, "2026-02-04T00:00:00Z");
    saw(w, "");
    ev(w, "2026-02-04T08:00:00Z", "missing_episode", "'episode_id':'M1','phase':'UPDATED','category':'M'");
    saw(w, "opened MI-01 M1 2026-02-03T20:00Z @2026-02-04T08:00Z");
    world_free(w);
}
END_TEST

/* --- MI-06: the return of Tuesday 3 February 2026, 3 working days: Friday 6 February (readings 34) */

#define CONTENT "'why':'Y','where':'Y','with_whom':'Y','harm':'Y','safety_plan':'Y'"

static world *returned_world(void)
{
    world *w = shipped_world_of("MI-06");
    ev(w, "2026-02-03T06:30:00Z", "missing_episode",
       "'episode_id':'M1','phase':'RETURNED','category':'M','mis_start':'2026-02-02T20:00:00Z',"
       "'returned_at':'2026-02-03T06:30:00Z'");
    return w;
}

START_TEST(mi06_three_working_days)
{
    world *w = returned_world();
    till(w, "2026-02-06T23:59:59Z");
    saw(w, "");
    till(w, "2026-02-07T00:00:00Z");
    saw(w, "opened MI-06 M1 2026-02-06 @2026-02-07T00:00Z");
    ev(w, "2026-02-09T09:00:00Z", "rhi", "'episode_id':'M1','stage':'HELD'," CONTENT);
    saw(w, "resolved MI-06 M1 2026-02-06 @2026-02-09T09:00Z done_late");
    world_free(w);
}
END_TEST

START_TEST(mi06_content)
{
    static const struct {
        const char *body;
        bool complete;
    } rows[] = {
        {"'episode_id':'M1','stage':'HELD'," CONTENT, true},
        {"'stage':'HELD'," CONTENT, true},
        {"'episode_ids':['M9','M1'],'stage':'AUTHORISED'," CONTENT, true},
        {"'episode_id':'M9','stage':'HELD'," CONTENT, false},
        {"'episode_id':'M1','stage':'OFFERED'," CONTENT, false},
        {"'episode_id':'M1','stage':'HELD'", false},
        {"'episode_id':'M1','stage':'HELD','why':'Y','where':'Y','with_whom':'Y','harm':'Y','safety_plan':'N'", false},
        {"'episode_id':'M1','stage':'HELD','why':'Y','where':'Y','with_whom':'Y','safety_plan':'Y'", false},
        {"'episode_id':'M1','stage':'DECLINED'", false},
        {"'episode_id':'M1','stage':'DECLINED','reason_declined':'OTHER'", true},
    };
    world *w = returned_world();
    ev(w, "2026-02-06T22:00:00Z", "rhi", rows[_i].body);
    till(w, "2026-02-10T00:00:00Z");
    saw(w, rows[_i].complete ? "" : "opened MI-06 M1 2026-02-06 @2026-02-07T00:00Z");
    world_free(w);
}
END_TEST

/* Away is not missing; the case may close, and it is still owed. */
START_TEST(mi06_whose)
{
    world *w = shipped_world_of("MI-06");
    ev(w, "2026-02-03T06:30:00Z", "missing_episode",
       "'episode_id':'M1','phase':'RETURNED','category':'A','mis_start':'2026-02-02T20:00:00Z',"
       "'returned_at':'2026-02-03T06:30:00Z'");
    till(w, "2026-03-03T00:00:00Z");
    saw(w, "");
    world_free(w);
    w = returned_world();
    ev(w, "2026-02-05T10:00:00Z", "case_closed", "'reason_for_closure':'RC7'");
    till(w, "2026-02-07T00:00:00Z");
    saw(w, "opened MI-06 M1 2026-02-06 @2026-02-07T00:00Z");
    world_free(w);
}
END_TEST

/* Nobody interviews a child who has died; what was missed by then stays a breach. */
START_TEST(interviews_end_with_death)
{
    world *w = shipped_world_of("MI-02 MI-06");
    gone(w, "2026-02-02T20:15:00Z", "M1");
    back(w, "2026-02-03T06:30:00Z", "M1");
    till(w, "2026-02-09T09:00:00Z");
    saw(w, "opened MI-02 M1 2026-02-06T06:30Z @2026-02-06T06:30:00.000001Z\n"
           "opened MI-06 M1 2026-02-06 @2026-02-07T00:00Z");
    ev(w, "2026-02-09T10:00:00Z", "child_updated", "'person_death_date':'2026-02-08'");
    saw(w, "resolved MI-02 M1 2026-02-06T06:30Z @2026-02-09T10:00Z superseded_overdue\n"
           "resolved MI-06 M1 2026-02-06 @2026-02-09T10:00Z superseded_overdue");
    world_free(w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rules_missing");
    TCase *cases = tcase_create("missing");
    tcase_add_test(cases, mi01_after_24_hours);
    tcase_add_test(cases, mi01_end_still_to_come);
    tcase_add_test(cases, mi01_climbs_by_the_hour);
    tcase_add_test(cases, mi01_back_before_it_is_late);
    tcase_add_test(cases, mi02_after_72_hours);
    tcase_add_loop_test(cases, mi02_answers, 0, 7);
    tcase_add_test(cases, mi02_approximate);
    tcase_add_test(cases, mi02_over_the_change_of_clocks);
    tcase_add_test(cases, mi03_and_mi05);
    tcase_add_test(cases, mi03_difference_of_91_days);
    tcase_add_test(cases, mi03_grows);
    tcase_add_test(cases, mi05_learned_later);
    tcase_add_test(cases, mi03_meeting_on_the_day);
    tcase_add_test(cases, mi03_withdrawn);
    tcase_add_test(cases, away_becomes_missing);
    tcase_add_test(cases, mi06_three_working_days);
    tcase_add_loop_test(cases, mi06_content, 0, 10);
    tcase_add_test(cases, mi06_whose);
    tcase_add_test(cases, interviews_end_with_death);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

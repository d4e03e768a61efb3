// link: dw_config
/* check_rules_front_door.c: contacts and referrals under the shipped rules. */

#include "tests/support/core_standards.h"

static world *front_door_world(void)
{
    return shipped_world_of("FD-01 FD-04 FD-05 HO-01");
}

START_TEST(fd01_one_working_day)
{
    world *w = front_door_world();
    ev(w, "2026-01-09T23:50:00Z", "contact_received", "'contact_id':'K1'"); /* Friday night: day 1 is Monday */
    till(w, "2026-01-12T23:59:59Z");
    saw(w, "");
    till(w, "2026-01-13T00:00:00Z");
    saw(w, "opened FD-01 K1 2026-01-12 @2026-01-13T00:00Z");
    give(w, "2026-01-13T10:00:00Z", "2026-01-09T23:50:00Z", "r1", 2, "amend", "", "contact_received",
         "'contact_id':'K1','outcome':'REFERRAL','decided_at':'2026-01-13T09:30:00Z'");
    saw(w, "resolved FD-01 K1 2026-01-12 @2026-01-13T10:00Z done_late");
    world_free(w);
}
END_TEST

/* Decided in time; with an outcome and no time, decided when it was recorded (readings 30). */
START_TEST(fd01_decided)
{
    static const struct {
        const char *more, *body;
        bool in_time;
    } rows[] = {
        {"", "'contact_id':'K1','outcome':'NFA','decided_at':'2026-01-12T16:00:00Z'", true},
        {"'recorded_at':'2026-01-12T16:00:00Z'", "'contact_id':'K1','outcome':'NFA'", true},
        {"'recorded_at':'2026-01-13T16:00:00Z'", "'contact_id':'K1','outcome':'NFA'", false},
    };
    world *w = front_door_world();
    ev(w, "2026-01-09T12:00:00Z", "contact_received", "'contact_id':'K1'");
    give(w, "2026-01-12T17:00:00Z", "2026-01-09T12:00:00Z", "r1", 2, "amend", rows[_i].more, "contact_received",
         rows[_i].body);
    till(w, "2026-01-13T12:00:00Z");
    saw(w, rows[_i].in_time ? "" : "opened FD-01 K1 2026-01-12 @2026-01-13T00:00Z");
    till(w, "2026-02-13T12:00:00Z");
    saw(w, rows[_i].in_time ? "" : "resolved FD-01 K1 2026-01-12 @2026-01-13T16:00Z done_late");
    world_free(w);
}
END_TEST

/* Decided on the last day in time, learned after it. */
START_TEST(fd01_learned_late)
{
    world *w = front_door_world();
    ev(w, "2026-01-09T12:00:00Z", "contact_received", "'contact_id':'K1'");
    give(w, "2026-01-13T17:00:00Z", "2026-01-09T12:00:00Z", "r1", 2, "amend", "", "contact_received",
         "'contact_id':'K1','outcome':'NFA','decided_at':'2026-01-12T23:59:00Z'");
    saw(w, "opened FD-01 K1 2026-01-12 @2026-01-13T00:00Z\n"
           "resolved FD-01 K1 2026-01-12 @2026-01-13T17:00Z done_on_time_recorded_late");
    world_free(w);
}
END_TEST

START_TEST(fd05_twelve_months)
{
    world *w = front_door_world();
    w->ladder = true;
    w->posts = true;
    ev(w, "2025-01-15T10:00:00Z", "referral_received",
       "'referral_id':'R1','referral_nfa':'Y','decided_at':'2025-01-15T12:00:00Z'");
    till(w, "2026-01-15T09:00:00Z");
    saw(w, "");
    ev(w, "2026-01-15T10:00:00Z", "referral_received",
       "'referral_id':'R2','referral_nfa':'Y','decided_at':'2026-01-15T12:00:00Z'");
    saw(w, "flagged FD-05 R2 - @2026-01-15T10:00Z L0  x2"); /* no post, no level, no end */
    ev(w, "2027-01-16T10:00:00Z", "referral_received",
       "'referral_id':'R3','referral_nfa':'Y','decided_at':'2027-01-16T12:00:00Z'");
    saw(w, ""); /* 12 months and a day */
    till(w, "2029-01-01T00:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

/* Friday night: day 1 is Monday. A decision, or an answer about further action, ends it; an acknowledgement does not
 * (readings 30). */
START_TEST(fd04_one_working_day)
{
    world *w = front_door_world();
    ev(w, "2026-01-09T23:50:00Z", "referral_received", "'referral_id':'R1'");
    till(w, "2026-01-12T23:59:59Z");
    saw(w, "");
    till(w, "2026-01-13T00:00:00Z");
    saw(w, "opened FD-04 R1 2026-01-12 @2026-01-13T00:00Z");
    give(w, "2026-01-13T09:00:00Z", "2026-01-09T23:50:00Z", "r1", 2, "amend", "", "referral_received",
         "'referral_id':'R1','acknowledged_at':'2026-01-12T09:00:00Z'");
    saw(w, "");
    give(w, "2026-01-13T10:00:00Z", "2026-01-09T23:50:00Z", "r1", 3, "amend", "", "referral_received",
         "'referral_id':'R1','decided_at':'2026-01-13T09:30:00Z'");
    saw(w, "resolved FD-04 R1 2026-01-12 @2026-01-13T10:00Z done_late");
    world_free(w);
}
END_TEST

START_TEST(fd04_decided)
{
    static const struct {
        const char *more, *body;
        bool in_time;
    } rows[] = {
        {"", "'referral_id':'R1','decided_at':'2026-01-12T23:59:00Z'", true},
        {"", "'referral_id':'R1','decided_at':'2026-01-13T00:00:00Z'", false},
        {"'recorded_at':'2026-01-12T16:00:00Z'", "'referral_id':'R1','referral_nfa':'Y'", true},
        {"'recorded_at':'2026-01-13T16:00:00Z'", "'referral_id':'R1','referral_nfa':'Y'", false},
        {"", "", false}, /* withdrawn */
    };
    world *w = front_door_world();
    bool late = !rows[_i].in_time, withdrawn = rows[_i].body[0] == '\0';
    ev(w, "2026-01-09T12:00:00Z", "referral_received", "'referral_id':'R1'");
    give(w, "2026-01-13T17:00:00Z", "2026-01-09T12:00:00Z", "r1", 2, withdrawn ? "void" : "amend", rows[_i].more,
         "referral_received", rows[_i].body);
    saw(w, withdrawn ? "opened FD-04 R1 2026-01-12 @2026-01-13T00:00Z\n"
                       "resolved FD-04 R1 2026-01-12 @2026-01-13T17:00Z entered_in_error"
           : late    ? "opened FD-04 R1 2026-01-12 @2026-01-13T00:00Z\n"
                       "resolved FD-04 R1 2026-01-12 @2026-01-13T17:00Z done_late"
                     : "opened FD-04 R1 2026-01-12 @2026-01-13T00:00Z\n"
                       "resolved FD-04 R1 2026-01-12 @2026-01-13T17:00Z done_on_time_recorded_late");
    world_free(w);
}
END_TEST

START_TEST(ho01_one_working_day)
{
    world *w = shipped_world_of("HO-01");
    ev(w, "2026-01-09T12:00:00Z", "contact_received", "'contact_id':'K1','age_band_16_17_homeless':'Y'");
    ev(w, "2026-01-09T12:00:00Z", "contact_received", "'contact_id':'K2','age_band_16_17_homeless':'N'");
    ev(w, "2026-01-09T12:00:00Z", "contact_received", "'contact_id':'K3'");
    till(w, "2026-01-12T23:59:59Z");
    saw(w, "");
    till(w, "2026-01-13T00:00:00Z");
    saw(w, "opened HO-01 K1 2026-01-12 @2026-01-13T00:00Z");
    give(w, "2026-01-13T10:00:00Z", "2026-01-09T12:00:00Z", "r1", 2, "amend", "", "contact_received",
         "'contact_id':'K1','age_band_16_17_homeless':'Y','outcome':'REFERRAL','decided_at':'2026-01-13T09:30:00Z'");
    saw(w, "resolved HO-01 K1 2026-01-12 @2026-01-13T10:00Z done_late");
    world_free(w);
}
END_TEST

/* An assessment that names no referral answers one: the latest still open then. */
START_TEST(as01_nameless_assessment)
{
    static const struct {
        const char *second, *expected;
    } rows[] = {
        {"'referral_id':'R2','referral_nfa':'Y','decided_at':'2026-01-08T10:00:00Z'", ""},
        {"'referral_id':'R2'", "opened AS-01 R1 2026-03-09 @2026-03-10T00:00Z"},
    };
    world *w = shipped_world_of("AS-01");
    ev(w, "2026-01-05T10:00:00Z", "referral_received", "'referral_id':'R1'"); /* 45 working days: 9 March */
    ev(w, "2026-01-07T10:00:00Z", "referral_received", rows[_i].second);
    ev(w, "2026-01-20T10:00:00Z", "assessment_authorised", "'assessment_authorisation_date':'2026-01-20'");
    till(w, "2026-06-01T00:00:00Z");
    saw(w, rows[_i].expected);
    world_free(w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rules_front_door");
    TCase *cases = tcase_create("front_door");
    tcase_add_test(cases, fd01_one_working_day);
    tcase_add_loop_test(cases, fd01_decided, 0, 3);
    tcase_add_test(cases, fd01_learned_late);
    tcase_add_test(cases, fd04_one_working_day);
    tcase_add_loop_test(cases, fd04_decided, 0, 5);
    tcase_add_test(cases, fd05_twelve_months);
    tcase_add_test(cases, ho01_one_working_day);
    tcase_add_loop_test(cases, as01_nameless_assessment, 0, 2);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

// link: dw_config
/* check_rules_dates.c: the shipped rules whose clock hangs on something beside the start of their span: a linked meeting, the
 * second review, a birthday, a request, an enquiry, an agreed frequency. In time at the last instant, late at the first
 * after it, met, ended. */

#include "tests/support/core_standards.h"

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

static void born(world *w, const char *when, const char *day)
{
    char body[80];
    snprintf(body, sizeof body, "'person_birth_date':'%s'", day);
    ev(w, when, "child_updated", body);
}

/* Nothing at the last instant in time, `expect` at the first one late. */
static void late_at(world *w, const char *first_late, const char *expect)
{
    till_us(w, instant(first_late) - 1);
    saw(w, "");
    till(w, first_late);
    saw(w, expect);
}

#define SEEN "'mode':'F2F','child_seen':'Y','by_role':'SW'"
#define CP_VISIT "'visit_type':'CP'," SEEN
#define CLA_VISIT "'visit_type':'CLA','location':'PLACEMENT'," SEEN

/* --- CN-02: six weeks to the first review, twelve between reviews */

START_TEST(cn02_first_and_later)
{
    world *w = shipped_world_of("CN-02");
    plan(w, "2026-01-05", "CIN", "N1");
    ev(w, "2026-01-05T09:00:00Z", "plan_review", "'review_kind':'CIN','plan_id':'N1'"); /* made the plan */
    late_at(w, "2026-02-17T00:00:00Z", "opened CN-02 N1 2026-02-16 @2026-02-17T00:00Z");
    ev_late(w, "2026-02-18T09:00:00Z", "2026-02-10T09:00:00Z", "plan_review", "'review_kind':'CIN','status':'HELD'");
    saw(w, "resolved CN-02 N1 2026-02-16 @2026-02-18T09:00Z done_on_time_recorded_late");
    ev(w, "2026-03-01T09:00:00Z", "plan_review", "'review_kind':'CIN','status':'ADJOURNED','plan_id':'N1'");
    late_at(w, "2026-05-05T23:00:00Z", "opened CN-02 N1 2026-05-05 @2026-05-05T23:00Z g2");
    ev(w, "2026-05-08T09:00:00Z", "plan_ended", "'plan_id':'N1','end_date':'2026-05-08'");
    saw(w, "resolved CN-02 N1 2026-05-05 @2026-05-08T09:00Z g2 superseded_overdue");
    world_free(w);
}
END_TEST

START_TEST(cn02_an_earlier_date_wins)
{
    world *w = shipped_world_of("CN-02");
    plan(w, "2026-01-05", "CIN", "N1");
    ev(w, "2026-02-10T09:00:00Z", "plan_review", "'review_kind':'CIN','plan_id':'N1','next_due_override':'2026-03-10'");
    late_at(w, "2026-03-11T00:00:00Z", "opened CN-02 N1 2026-03-10 @2026-03-11T00:00Z");
    world_free(w);
}
END_TEST

/* --- CP-08: six weeks, from the fourth birthday (readings 8) */

START_TEST(cp08_from_the_birthday)
{
    world *w = shipped_world_of("CP-08");
    born(w, "2026-01-01T02:00:00Z", "2022-03-01");
    plan(w, "2026-01-05", "CP", "P1");
    ev(w, "2026-02-28T09:00:00Z", "visit_done", CP_VISIT ",'child_seen_alone':'Y'"); /* the day before */
    late_at(w, "2026-04-12T23:00:00Z", "opened CP-08 P1 2026-04-12 @2026-04-12T23:00Z");
    ev(w, "2026-04-14T09:00:00Z", "visit_done", CP_VISIT ",'child_seen_alone':'NA'");
    saw(w, "");
    ev(w, "2026-04-15T09:00:00Z", "visit_done", CP_VISIT ",'child_seen_alone':'Y'");
    saw(w, "resolved CP-08 P1 2026-04-12 @2026-04-15T09:00Z done_late");
    world_free(w);
}
END_TEST

START_TEST(cp08_no_birth_date_no_clock)
{
    static const struct {
        const char *born;
        bool late;
    } rows[] = {{NULL, false}, {"2022-12-01", false}, {"2021-01-01", true}, {"2026-12-01", false}};
    world *w = shipped_world_of("CP-08");
    if (rows[_i].born != NULL)
        born(w, "2026-01-01T02:00:00Z", rows[_i].born);
    plan(w, "2026-01-05", "CP", "P1");
    till(w, "2026-06-01T00:00:00Z");
    saw(w, rows[_i].late ? "opened CP-08 P1 2026-02-16 @2026-02-17T00:00Z" : "");
    world_free(w);
}
END_TEST

/* Born on 29 February: four on 29 February again. */
START_TEST(cp08_leap_day)
{
    world *w = shipped_world_of("CP-08");
    born(w, "2023-01-01T02:00:00Z", "2020-02-29");
    plan(w, "2024-01-05", "CP", "P1");
    late_at(w, "2024-04-11T23:00:00Z", "opened CP-08 P1 2024-04-11 @2024-04-11T23:00Z");
    world_free(w);
}
END_TEST

/* --- CP-07: nothing is owed before birth; who may agree to fewer visits */

START_TEST(cp07_unborn)
{
    world *w = shipped_world_of("CP-07");
    ev(w, "2026-01-02T02:00:00Z", "child_updated", "'expected_person_birth_date':'2026-02-01'");
    plan(w, "2026-01-05", "CP", "P1");
    ev(w, "2026-02-09T09:00:00Z", "visit_done", CP_VISIT); /* the mother */
    till(w, "2026-02-12T00:00:00Z");
    saw(w, "");
    born(w, "2026-02-12T09:00:00Z", "2026-02-10");
    late_at(w, "2026-02-25T00:00:00Z", "opened CP-07 P1 2026-02-24 @2026-02-25T00:00Z");
    world_free(w);
}
END_TEST

START_TEST(cp07_agreed_frequency)
{
    static const struct {
        const char *more, *override, *opened;
    } rows[] = {
        {"", NULL, "2026-01-19 @2026-01-20T00:00Z"},
        {",'visit_frequency':{'days':5,'unit':'WD','agreed_by':'SW'}", NULL, "2026-01-12 @2026-01-13T00:00Z"},
        {",'visit_frequency':{'days':20,'unit':'WD','agreed_by':'SW'}", NULL, "2026-01-19 @2026-01-20T00:00Z"},
        {",'visit_frequency':{'days':20,'unit':'WD','agreed_by':'CHAIR'}", NULL, "2026-02-02 @2026-02-03T00:00Z"},
        {"", "'rule':'CP-07','visit_frequency':{'days':5,'unit':'WD'}", "2026-01-12 @2026-01-13T00:00Z"},
        {"", "'rule':'CN-01','visit_frequency':{'days':5,'unit':'WD'}", "2026-01-19 @2026-01-20T00:00Z"},
        {"", "'visit_frequency':{'days':5,'unit':'WD'}", "2026-01-19 @2026-01-20T00:00Z"},
        {"", "'rule':'CP-07','plan_id':'P2','visit_frequency':{'days':5,'unit':'WD'}", "2026-01-19 @2026-01-20T00:00Z"},
        {"", "'rule':'CP-07','plan_id':'P1','visit_frequency':{'days':5,'unit':'WD'}", "2026-01-12 @2026-01-13T00:00Z"},
        {"", "'rule':'CP-07','placement_id':'L1','visit_frequency':{'days':5,'unit':'WD'}",
         "2026-01-19 @2026-01-20T00:00Z"},
        {"", "'rule':'CP-07','until':'2026-01-04','visit_frequency':{'days':5,'unit':'WD'}",
         "2026-01-19 @2026-01-20T00:00Z"},
        {"", "'rule':'CP-07','until':'2026-01-05','visit_frequency':{'days':5,'unit':'WD'}",
         "2026-01-12 @2026-01-13T00:00Z"},
        {"", "'rule':'CP-07','from':'2026-01-06','visit_frequency':{'days':5,'unit':'WD'}",
         "2026-01-19 @2026-01-20T00:00Z"},
        {"", "'rule':'CP-07','next_due':'2026-01-14'", "2026-01-14 @2026-01-15T00:00Z"},
        {"", "'rule':'CP-07','next_due':'2026-01-30','authoriser_role':'IRO'", "2026-01-19 @2026-01-20T00:00Z"},
        {"", "'rule':'CP-07','next_due':'2026-01-30','authoriser_role':'SM'", "2026-01-30 @2026-01-31T00:00Z"},
        {",'visit_frequency':{'days':5,'unit':'WD'}",
         "'rule':'CP-07','authoriser_role':'AD','visit_frequency':{'days':20,'unit':'CD'}",
         "2026-01-25 @2026-01-26T00:00Z"},
    };
    world *w = shipped_world_of("CP-07");
    char body[240], expect[120];
    snprintf(body, sizeof body, "'plan_id':'P1','plan_type':'CP','start_date':'2026-01-05'%s", rows[_i].more);
    ev(w, "2026-01-05T02:00:00Z", "plan_started", body);
    if (rows[_i].override != NULL)
        ev_late(w, "2026-01-06T02:00:00Z", "2026-01-05T02:00:00Z", "schedule_override", rows[_i].override);
    till(w, "2026-02-04T00:00:00Z");
    snprintf(expect, sizeof expect, "opened CP-07 P1 %s", rows[_i].opened);
    saw(w, expect);
    world_free(w);
}
END_TEST

/* --- CP-01: 15 working days from the discussion that initiated the enquiry (readings 5) */

START_TEST(cp01_which_meeting)
{
    static const struct {
        const char *meeting, *held, *s47, *due, *late;
    } rows[] = {
        {NULL, NULL, "", "2026-01-29", "2026-01-30T00:00:00Z"}, /* from the enquiry's own first day */
        {"'kind':'STRATEGY'", "2026-01-06", "", "2026-01-27", "2026-01-28T00:00:00Z"},
        {"'kind':'RMM'", "2026-01-06", "", "2026-01-29", "2026-01-30T00:00:00Z"},
        {"'kind':'STRATEGY'", "2026-01-09", "", "2026-01-29",
         "2026-01-30T00:00:00Z"}, /* after it began, and not linked */
        {"'kind':'STRATEGY','initiated_s47':'Y','s47_id':'S0'", "2026-01-06", "", "2026-01-29",
         "2026-01-30T00:00:00Z"}, /* another enquiry's */
        {"'kind':'STRATEGY','initiated_s47':'Y','s47_id':'S1'", "2026-01-05", "", "2026-01-26", "2026-01-27T00:00:00Z"},
        {"'kind':'STRATEGY','meeting_id':'M1'", "2026-01-05", ",'meeting_id':'M1'", "2026-01-26",
         "2026-01-27T00:00:00Z"},
    };
    world *w = shipped_world_of("CP-01");
    char body[160], when[40], expect[120];
    if (rows[_i].meeting != NULL) {
        snprintf(when, sizeof when, "%sT10:00:00Z", rows[_i].held);
        ev(w, when, "meeting_held", rows[_i].meeting);
    }
    /* a later one on or before the start, which is not the one that is linked */
    if (rows[_i].due[8] == '2' && rows[_i].due[9] == '6')
        ev(w, "2026-01-07T10:00:00Z", "meeting_held", "'kind':'STRATEGY'");
    snprintf(body, sizeof body, "'s47_id':'S1','s47_actual_start_date':'2026-01-08'%s", rows[_i].s47);
    ev_late(w, "2026-01-09T12:00:00Z", "2026-01-08T02:00:00Z", "s47_started", body);
    snprintf(expect, sizeof expect, "opened CP-01 S1 %s @%.16sZ", rows[_i].due, rows[_i].late);
    late_at(w, rows[_i].late, expect);
    ev(w, "2026-02-03T10:00:00Z", "conference_icpc", "'s47_id':'S1','date_of_initial_cpc':'2026-02-03'");
    snprintf(expect, sizeof expect, "resolved CP-01 S1 %s @2026-02-03T10:00Z done_late", rows[_i].due);
    saw(w, expect);
    world_free(w);
}
END_TEST

START_TEST(cp01_none_needed)
{
    world *w = shipped_world_of("CP-01");
    give(w, "2026-01-08T10:00:00Z", "2026-01-08T10:00:00Z", "r9", 1, "create", "", "s47_started", "'s47_id':'S1'");
    give(w, "2026-01-20T10:00:00Z", "2026-01-08T10:00:00Z", "r9", 2, "amend", "", "s47_started",
         "'s47_id':'S1','icpc_not_required':'Y'");
    till(w, "2026-04-01T00:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

/* --- CP-02 */

START_TEST(cp02_from_the_notice)
{
    world *w = shipped_world_of("CP-02");
    ev(w, "2026-03-24T10:00:00Z", "conference_icpc",
       "'conference_id':'C1','transfer_in':'Y','transfer_in_notice_received':'2026-03-23'");
    late_at(w, "2026-04-15T23:00:00Z", "opened CP-02 - 2026-04-15 @2026-04-15T23:00Z");
    ev(w, "2026-04-20T10:00:00Z", "conference_icpc",
       "'conference_id':'C1','transfer_in':'Y','date_of_initial_cpc':'2026-04-20'");
    saw(w, "resolved CP-02 - 2026-04-15 @2026-04-20T10:00Z done_late");
    world_free(w);
}
END_TEST

/* --- AS-01, AS-03 (readings 3, 4) */

START_TEST(as01_from_the_referral)
{
    world *w = shipped_world_of("AS-01");
    ev(w, "2026-01-08T10:00:00Z", "referral_received", "'referral_id':'R1'");
    late_at(w, "2026-03-13T00:00:00Z", "opened AS-01 R1 2026-03-12 @2026-03-13T00:00Z");
    ev(w, "2026-03-16T10:00:00Z", "assessment_authorised", "'referral_id':'R1'");
    saw(w, "resolved AS-01 R1 2026-03-12 @2026-03-16T10:00Z done_late");
    world_free(w);
}
END_TEST

START_TEST(as03_limits)
{
    static const struct {
        const char *s47, *more, *due, *late;
    } rows[] = {
        {NULL, "", "2026-01-22", "2026-01-23T00:00:00Z"},
        {"2026-01-12T10:00:00Z", "", "2026-01-13", "2026-01-14T00:00:00Z"},
        {"2026-01-12T10:00:00Z", ",'referral_id':'R1'", "2026-01-13", "2026-01-14T00:00:00Z"},
        {"2026-01-12T10:00:00Z", ",'referral_id':'R2'", "2026-01-22", "2026-01-23T00:00:00Z"}, /* another referral's */
        {"2026-01-07T10:00:00Z", "", "2026-01-22", "2026-01-23T00:00:00Z"},                    /* before it */
    };
    world *w = shipped_world_of("AS-03");
    char body[120], expect[120];
    bool before = rows[_i].s47 != NULL && instant(rows[_i].s47) < instant("2026-01-08T10:00:00Z");
    snprintf(body, sizeof body, "'s47_id':'S1'%s", rows[_i].more);
    if (before)
        ev(w, rows[_i].s47, "s47_started", body);
    ev(w, "2026-01-08T10:00:00Z", "referral_received", "'referral_id':'R1'");
    if (rows[_i].s47 != NULL && !before)
        ev(w, rows[_i].s47, "s47_started", body);
    snprintf(expect, sizeof expect, "opened AS-03 R1 %s @%.16sZ", rows[_i].due, rows[_i].late);
    late_at(w, rows[_i].late, expect);
    world_free(w);
}
END_TEST

START_TEST(as03_met_or_not)
{
    static const struct {
        const char *kind, *body;
        bool met;
    } rows[] = {
        {"visit_done", "'visit_type':'DUTY','mode':'F2F','child_seen':'Y'", true}, /* any type, anybody */
        {"visit_done", "'visit_type':'ASSESSMENT','mode':'VIDEO','child_seen':'Y'", false},
        {"visit_done", "'visit_type':'ASSESSMENT','mode':'F2F','child_seen':'N'", false},
        {"plan_started", "'plan_id':'N1','plan_type':'CIN'", true},
        {"plan_started", "'plan_id':'N1','plan_type':'CP','temporary_ola':'Y'", false},
        {"placement_started", "'placement_id':'L1','rne':'S'", false}, /* readings 4: a plan */
        {"assessment_authorised", "'referral_id':'R1'", true},
        {"assessment_started", "'referral_id':'R1'", false},
    };
    world *w = shipped_world_of("AS-03");
    ev(w, "2026-01-08T10:00:00Z", "referral_received", "'referral_id':'R1'");
    ev(w, "2026-01-22T10:00:00Z", rows[_i].kind, rows[_i].body);
    till(w, "2026-02-01T00:00:00Z");
    saw(w, rows[_i].met ? "" : "opened AS-03 R1 2026-01-22 @2026-01-23T00:00Z");
    world_free(w);
}
END_TEST

/* A plan that runs, told to have started again, is none that starts; after its end it is one, and so is one of another id. */
START_TEST(as03_a_plan_told_again)
{
    static const struct {
        const char *first, *again;
        bool ended, met;
    } rows[] = {
        {"'plan_type':'CIN'", "'plan_type':'CIN'", false, false},
        {"'plan_type':'CIN'", "'plan_type':'CIN'", true, true},
        {"'plan_type':'CIN'", "'plan_type':'CP'", false, true},
        {"'plan_type':'CIN','plan_id':'N1'", "'plan_type':'CIN','plan_id':'N1'", false, false},
        {"'plan_type':'CIN','plan_id':'N1'", "'plan_type':'CIN','plan_id':'N2'", false, true},
    };
    world *w = shipped_world_of("AS-03");
    ev(w, "2026-01-06T10:00:00Z", "plan_started", rows[_i].first);
    ev(w, "2026-01-08T10:00:00Z", "referral_received", "'referral_id':'R1'");
    ev(w, "2026-01-20T10:00:00Z", "plan_started", rows[_i].again);
    till(w, "2026-01-23T00:00:00Z");
    bool met = rows[_i].met && !rows[_i].ended;
    saw(w, met ? "" : "opened AS-03 R1 2026-01-22 @2026-01-23T00:00Z");
    if (rows[_i].ended) { /* told late: it makes the second a start */
        ev_late(w, "2026-01-24T09:00:00Z", "2026-01-15T09:00:00Z", "plan_ended", rows[_i].first);
        saw(w, "resolved AS-03 R1 2026-01-22 @2026-01-24T09:00Z done_on_time_recorded_late");
    }
    world_free(w);
}
END_TEST

/* A plan made before the birth ends it, a visit before the birth does not. */
START_TEST(as03_unborn)
{
    world *w = shipped_world_of("AS-03");
    ev(w, "2026-01-02T02:00:00Z", "child_updated", "'expected_person_birth_date':'2026-02-01'");
    ev(w, "2026-01-08T10:00:00Z", "referral_received", "'referral_id':'R1'");
    ev(w, "2026-01-09T10:00:00Z", "visit_done", "'visit_type':'ASSESSMENT'," SEEN);
    till(w, "2026-02-10T00:00:00Z");
    saw(w, "");
    born(w, "2026-02-10T09:00:00Z", "2026-02-10");
    if (_i == 1)
        ev_late(w, "2026-02-11T09:00:00Z", "2026-01-20T09:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    till(w, "2026-02-25T00:00:00Z");
    saw(w, _i == 1 ? "" : "opened AS-03 R1 2026-02-24 @2026-02-25T00:00Z");
    world_free(w);
}
END_TEST

/* --- LA-09: each request by itself */

#define ASKED "'rule':'LA-09'"

START_TEST(la09_each_request)
{
    world *w = shipped_world_of("LA-09");
    in_care(w, "2026-01-05");
    till(w, "2026-02-02T09:00:00Z");
    saw(w, "");
    ev(w, "2026-02-02T09:00:00Z", "schedule_override", ASKED ",'placement_id':'L1'");
    ev(w, "2026-02-04T09:00:00Z", "schedule_override", ASKED);
    late_at(w, "2026-02-10T00:00:00Z", "opened LA-09 L1 2026-02-09 @2026-02-10T00:00Z");
    ev_late(w, "2026-02-10T09:00:00Z", "2026-02-03T09:00:00Z", "visit_done", CLA_VISIT); /* before the second one */
    saw(w, "resolved LA-09 L1 2026-02-09 @2026-02-10T09:00Z done_on_time_recorded_late");
    late_at(w, "2026-02-12T00:00:00Z", "opened LA-09 L1 2026-02-11 @2026-02-12T00:00Z g2");
    ev(w, "2026-02-12T09:00:00Z", "visit_done", CLA_VISIT ",'placement_id':'L1'");
    saw(w, "resolved LA-09 L1 2026-02-11 @2026-02-12T09:00Z g2 done_late");
    ev(w, "2026-03-02T09:00:00Z", "schedule_override", "'rule':'LA-10'");
    ev(w, "2026-03-02T09:00:00Z", "schedule_override", ASKED ",'placement_id':'L2'");
    till(w, "2026-04-01T00:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

/* --- LA-14: due on the day of the second review (readings 26) */

START_TEST(la14_second_review)
{
    static const struct {
        const char *when, *kind, *body;
        bool met;
    } rows[] = {
        {"2026-01-10T09:00:00Z", "visit_done", CLA_VISIT, false},
        {"2026-01-10T09:00:00Z", "plan_started", "'plan_id':'C1','plan_type':'CLA','permanence_plan':'ADOPTION'", true},
        {"2026-04-20T08:00:00Z", "plan_review", "'review_kind':'PPM','permanence_plan':'ADOPTION'", true},
        {"2026-04-21T08:00:00Z", "plan_review", "'review_kind':'PPM','permanence_plan':'ADOPTION'", false},
    };
    world *w = shipped_world_of("LA-14");
    in_care(w, "2026-01-05");
    if (_i < 2)
        ev(w, rows[_i].when, rows[_i].kind, rows[_i].body);
    ev(w, "2026-01-27T09:00:00Z", "plan_review", "'review_kind':'CLA','status':'HELD'");
    ev(w, "2026-02-27T09:00:00Z", "plan_review", "'review_kind':'CLA','status':'ADJOURNED'");
    till(w, "2026-04-19T00:00:00Z");
    saw(w, "");
    if (_i == 2)
        ev(w, rows[_i].when, rows[_i].kind, rows[_i].body);
    ev(w, "2026-04-20T09:00:00Z", "plan_review", "'review_kind':'CLA'");
    till(w, "2026-04-20T22:59:59Z");
    saw(w, "");
    till(w, "2026-04-21T06:00:00Z");
    saw(w, rows[_i].met ? "" : _i == 1 ? "" : "opened LA-14 - 2026-04-20 @2026-04-20T23:00Z");
    if (_i == 3) {
        ev(w, rows[_i].when, rows[_i].kind, rows[_i].body);
        saw(w, "resolved LA-14 - 2026-04-20 @2026-04-21T08:00Z done_late");
    }
    world_free(w);
}
END_TEST

/* --- LA-15, HA-02: the age at the last one (readings 15) */

START_TEST(la15_bands_of_age)
{
    static const struct {
        const char *born, *met, *due, *late;
    } rows[] = {
        {"2022-01-01", NULL, "2026-02-28", "2026-03-01T00:00:00Z"}, /* 31 January + 1 month */
        {"2021-02-01", NULL, "2026-02-28", "2026-03-01T00:00:00Z"}, /* five on the next day */
        {"2021-01-31", NULL, "2026-04-30", "2026-04-30T23:00:00Z"}, /* five that day */
        {"2021-02-20", "2026-02-20T09:00:00Z", "2026-05-20", "2026-05-20T23:00:00Z"},
    };
    world *w = shipped_world_of("LA-15");
    char expect[120];
    born(w, "2026-01-01T02:00:00Z", rows[_i].born);
    in_care(w, "2026-01-31");
    if (rows[_i].met != NULL)
        ev(w, rows[_i].met, "meeting_held", "'kind':'PPM'");
    snprintf(expect, sizeof expect, "opened LA-15 - %s @%.16sZ", rows[_i].due, rows[_i].late);
    late_at(w, rows[_i].late, expect);
    ev(w, "2026-06-01T09:00:00Z", "plan_review", "'review_kind':'PPM','status':'HELD'");
    snprintf(expect, sizeof expect, "resolved LA-15 - %s @2026-06-01T09:00Z done_late", rows[_i].due);
    saw(w, expect);
    world_free(w);
}
END_TEST

START_TEST(la15_without_a_birth_date)
{
    world *w = shipped_world_of("LA-15");
    in_care(w, "2026-01-31");
    till(w, "2026-07-01T09:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

START_TEST(ha02_two_clocks)
{
    world *w = shipped_world_of("HA-02");
    born(w, "2026-01-01T02:00:00Z", "2022-01-01");
    in_care(w, "2026-01-08");
    ev(w, "2026-02-10T09:00:00Z", "health_assessment", "'kind':'IHA'");
    late_at(w, "2026-08-10T23:00:00Z", "opened HA-02 - 2026-08-10 @2026-08-10T23:00Z");
    ev(w, "2026-08-12T09:00:00Z", "health_assessment", "'kind':'RHA'");
    saw(w, "resolved HA-02 - 2026-08-10 @2026-08-12T09:00Z done_late");
    late_at(w, "2027-01-09T00:00:00Z", "opened HA-02 - 2027-01-08 @2027-01-09T00:00Z g2"); /* the dental check */
    world_free(w);
}
END_TEST

/* From five on twelve months; without a birth date only the dental clock runs. */
START_TEST(ha02_older)
{
    world *w = shipped_world_of("HA-02");
    if (_i == 0)
        born(w, "2026-01-01T02:00:00Z", "2015-01-01");
    in_care(w, "2026-01-08");
    ev(w, "2026-02-10T09:00:00Z", "health_assessment", "'kind':'IHA'");
    ev(w, "2026-12-01T09:00:00Z", "health_assessment", "'kind':'DENTAL'");
    till(w, "2027-03-01T00:00:00Z");
    saw(w, _i == 0 ? "opened HA-02 - 2027-02-10 @2027-02-11T00:00Z" : "");
    world_free(w);
}
END_TEST

/* --- CL-04 (readings 17): from the 16th birthday, or the start of care when that is later */

START_TEST(cl04_when)
{
    static const struct {
        const char *born, *plan, *due, *late;
    } rows[] = {
        {"2010-02-10", NULL, "2026-05-10", "2026-05-10T23:00:00Z"},
        {"2009-12-24", NULL, "2026-04-05", "2026-04-05T23:00:00Z"}, /* 16 before care began on 5 January */
        {"2010-02-10", "2025-06-01", NULL, NULL},                   /* made before care began */
        {"2010-02-10", "2026-05-10", NULL, NULL},
        {"2012-02-10", NULL, NULL, NULL},
        {NULL, NULL, NULL, NULL},
    };
    world *w = shipped_world_of("CL-04");
    char expect[120];
    if (rows[_i].born != NULL)
        born(w, "2025-01-01T02:00:00Z", rows[_i].born);
    if (rows[_i].plan != NULL && rows[_i].plan[3] == '5')
        plan(w, rows[_i].plan, "PATHWAY", "PW1");
    in_care(w, "2026-01-05");
    if (rows[_i].plan != NULL && rows[_i].plan[3] == '6')
        plan(w, rows[_i].plan, "PATHWAY", "PW1");
    if (rows[_i].due == NULL) {
        till(w, "2026-12-01T00:00:00Z");
        saw(w, "");
    } else {
        snprintf(expect, sizeof expect, "opened CL-04 - %s @%.16sZ", rows[_i].due, rows[_i].late);
        late_at(w, rows[_i].late, expect);
        plan(w, "2026-06-01", "PATHWAY", "PW1");
        snprintf(expect, sizeof expect, "resolved CL-04 - %s @2026-06-01T02:00Z done_late", rows[_i].due);
        saw(w, expect);
    }
    world_free(w);
}
END_TEST

/* A warning reaches nobody; a rule that is off says nothing. */
START_TEST(quiet)
{
    world *w = shipped_world_of("FD-03 CP-10");
    ev(w, "2026-01-02T02:00:00Z", "child_updated", "'expected_person_birth_date':'2026-02-01'");
    ev(w, "2026-01-08T10:00:00Z", "referral_received", "'referral_id':'R1','decided_at':'2026-01-09T10:00:00Z'");
    plan(w, "2026-01-12", "CP", "P1");
    born(w, "2026-02-03T09:00:00Z", "2026-02-01");
    till(w, "2026-07-01T00:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

/* --- PL-02 (readings 39) */

START_TEST(pl02_26_weeks)
{
    world *w = shipped_world_of("PL-02");
    ev(w, "2026-01-08T10:00:00Z", "preproceedings_step", "'preproceedings_id':'PP1','step':'COURT_APPLICATION'");
    late_at(w, "2026-07-09T23:00:00Z", "opened PL-02 - 2026-07-09 @2026-07-09T23:00Z");
    ev(w, "2026-07-20T10:00:00Z", "preproceedings_step", "'preproceedings_id':'PP1','step':'FINAL_ORDER'");
    saw(w, "resolved PL-02 - 2026-07-09 @2026-07-20T10:00Z done_late");
    world_free(w);
}
END_TEST

#define ROWS(test, n) tcase_add_loop_test(tc, test, 0, n)

int main(void)
{
    Suite *suite = suite_create("rules_dates");
    TCase *tc = tcase_create("dates");
    tcase_add_test(tc, cn02_first_and_later);
    tcase_add_test(tc, cn02_an_earlier_date_wins);
    tcase_add_test(tc, cp08_from_the_birthday);
    ROWS(cp08_no_birth_date_no_clock, 4);
    tcase_add_test(tc, cp08_leap_day);
    tcase_add_test(tc, cp07_unborn);
    ROWS(cp07_agreed_frequency, 17);
    ROWS(cp01_which_meeting, 7);
    tcase_add_test(tc, cp01_none_needed);
    tcase_add_test(tc, cp02_from_the_notice);
    tcase_add_test(tc, as01_from_the_referral);
    ROWS(as03_limits, 5);
    ROWS(as03_met_or_not, 8);
    ROWS(as03_unborn, 2);
    ROWS(as03_a_plan_told_again, 5);
    tcase_add_test(tc, la09_each_request);
    ROWS(la14_second_review, 4);
    ROWS(la15_bands_of_age, 4);
    tcase_add_test(tc, la15_without_a_birth_date);
    tcase_add_test(tc, ha02_two_clocks);
    ROWS(ha02_older, 2);
    ROWS(cl04_when, 6);
    tcase_add_test(tc, quiet);
    tcase_add_test(tc, pl02_26_weeks);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

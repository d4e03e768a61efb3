// link: dw_config
/* check_rules_counts.c: the shipped rules with several clocks under one id, counts and flags, warnings and pauses. */

#include "tests/support/core_standards.h"

static void contact(world *w, const char *when, const char *id, const char *source)
{
    char body[256];
    snprintf(body, sizeof body, "'contact_id':'%s'%s%s%s", id, *source ? ",'contact_source':'" : "", source,
             *source ? "'" : "");
    ev(w, when, "contact_received", body);
}

static void plan(world *w, const char *day, const char *type, const char *id, const char *more)
{
    char when[40], body[256];
    snprintf(when, sizeof when, "%sT09:00:00Z", day);
    snprintf(body, sizeof body, "'plan_id':'%s','plan_type':'%s'%s%s", id, type, *more ? "," : "", more);
    ev(w, when, "plan_started", body);
}

static void plan_end(world *w, const char *day, const char *id)
{
    char when[40], body[256];
    snprintf(when, sizeof when, "%sT09:00:00Z", day);
    snprintf(body, sizeof body, "'plan_id':'%s'", id);
    ev(w, when, "plan_ended", body);
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

/* What is owed under a rule now: state, and until when it is paused. */
static const char *state(world *w, const char *rule)
{
    static char text[80];
    dw_arena *arena = dw_arena_new(8 << 20);
    const dw_chronology *chron = dw_chronology_derive(w->rec, w->clock_us, arena);
    const dw_obligations *obs = dw_evaluate(chron, w->policy, arena);
    snprintf(text, sizeof text, "none");
    for (uint32_t i = 0; i < obs->count; i++) {
        const dw_obligation *ob = &obs->items[i];
        if (!dw_str_eq(ob->rule->id, dw_str_from(rule)))
            continue;
        char day[16] = "";
        if (ob->paused_until != 0)
            dw_date_format(ob->paused_until, day);
        snprintf(text, sizeof text, "%s%s%s", dw_ob_state_name(ob->state), *day ? " paused " : "", day);
    }
    dw_arena_free(&arena);
    return text;
}

/* --- FD-06 */

START_TEST(fd06_two_sources_in_a_week)
{
    world *w = shipped_world_of("FD-06");
    contact(w, "2026-03-02T10:00:00Z", "C1", "1A");
    contact(w, "2026-03-03T10:00:00Z", "C2", "1A"); /* the same source */
    contact(w, "2026-03-04T10:00:00Z", "C3", "");   /* none: but the third within 90 days */
    saw(w, "opened FD-06 - - @2026-03-04T10:00Z x3");
    contact(w, "2026-03-09T10:00:00Z", "C4",
            "5B"); /* 6 days after C2: two sources, but the older cluster stands for it */
    saw(w, "revised FD-06 - - @2026-03-09T10:00Z x4");
    ev(w, "2026-03-10T10:00:00Z", "referral_received", "'referral_id':'R1'");
    saw(w, "resolved FD-06 - - @2026-03-10T10:00Z x4 answered");
    world_free(w);
}
END_TEST

START_TEST(fd06_edges_of_the_week)
{
    world *w = shipped_world_of("FD-06");
    contact(w, "2026-03-02T10:00:00Z", "C1", "1A");
    contact(w, "2026-03-10T10:00:00Z", "C2", "5B"); /* 8 days on */
    saw(w, "");
    contact(w, "2026-06-10T10:00:00Z", "C3", "1A"); /* 92 days after the second */
    saw(w, "");
    contact(w, "2026-06-17T22:30:00Z", "C4", "5B"); /* 7 days, to the last hour of the day */
    saw(w, "opened FD-06 - - @2026-06-17T22:30Z x2");
    till(w, "2026-06-17T22:59:59Z");
    saw(w, "");
    till(w, "2026-06-17T23:00:00Z"); /* 00:00 on the 18th in London: C3 has left the window */
    saw(w, "resolved FD-06 - - @2026-06-17T23:00Z x2 faded");
    world_free(w);
}
END_TEST

START_TEST(fd06_after_a_referral_it_begins_anew)
{
    world *w = shipped_world_of("FD-06");
    contact(w, "2026-03-02T10:00:00Z", "C1", "1A");
    ev(w, "2026-03-03T10:00:00Z", "referral_received", "'referral_id':'R1'");
    contact(w, "2026-03-04T10:00:00Z", "C2", "5B"); /* C1 was answered */
    saw(w, "");
    contact(w, "2026-03-05T10:00:00Z", "C3", "3A");
    saw(w, "opened FD-06 - - @2026-03-05T10:00Z x2");
    world_free(w);
}
END_TEST

/* --- MI-04, MI-08 */

START_TEST(mi04_both_clocks)
{
    world *w = shipped_world_of("MI-04");
    gone(w, "2026-02-02T20:15:00Z", "M1");
    till(w, "2026-02-03T20:15:00Z");
    saw(w, "");
    till(w, "2026-02-03T20:15:01Z");
    saw(w, "opened MI-04 M1 2026-02-03T20:15Z @2026-02-03T20:15:00.000001Z");
    back(w, "2026-02-04T08:00:00Z", "M1");
    saw(w, "resolved MI-04 M1 2026-02-03T20:15Z @2026-02-04T08:00Z done_late");
    gone(w, "2026-03-02T21:00:00Z", "M2"); /* 28 days on */
    saw(w, "opened MI-04 - - @2026-03-02T21:00Z x2");
    back(w, "2026-03-02T22:00:00Z", "M2");
    till(w, "2026-03-02T23:59:59Z");
    saw(w, "");
    till(w, "2026-03-03T00:00:00Z");
    saw(w, "resolved MI-04 - - @2026-03-03T00:00Z x2 faded");
    world_free(w);
}
END_TEST

START_TEST(mi04_away_and_29_days)
{
    world *w = shipped_world_of("MI-04");
    ev(w, "2026-02-02T20:15:00Z", "missing_episode",
       "'episode_id':'A1','phase':'OPENED','category':'A','mis_start':'2026-02-02T20:15:00Z'");
    till(w, "2026-02-05T00:00:00Z");
    back(w, "2026-02-05T00:00:00Z", "A1");
    gone(w, "2026-02-06T20:15:00Z", "M1");
    back(w, "2026-02-06T23:15:00Z", "M1");
    gone(w, "2026-03-07T20:15:00Z", "M2");
    back(w, "2026-03-07T23:15:00Z", "M2");
    saw(w, "");
    world_free(w);
}
END_TEST

START_TEST(mi08_placement_ends_inside)
{
    world *w = shipped_world_of("MI-08");
    ev(w, "2026-01-05T10:00:00Z", "placement_started",
       "'placement_id':'P1','rne':'S','place':'U4','ls':'C2','decom':'2026-01-05'");
    gone(w, "2026-02-02T20:15:00Z", "M1");
    saw(w, "");
    ev(w, "2026-02-10T10:00:00Z", "placement_ended",
       "'placement_id':'P1','reason_place_change':'OTHER','dec':'2026-02-10'");
    saw(w, "flagged MI-08 M1 - @2026-02-10T10:00Z");
    back(w, "2026-02-12T20:15:00Z", "M1");
    gone(w, "2026-03-02T20:15:00Z", "M2"); /* nothing ended in it */
    back(w, "2026-03-03T20:15:00Z", "M2");
    saw(w, "");
    world_free(w);
}
END_TEST

START_TEST(mi08_eighteen)
{
    world *w = shipped_world_of("MI-08");
    ev(w, "2026-01-05T10:00:00Z", "child_updated", "'person_birth_date':'2008-02-04'");
    gone(w, "2026-02-02T20:15:00Z", "M1");
    till(w, "2026-02-03T23:59:59Z");
    saw(w, "");
    till(w, "2026-02-04T00:00:00Z");
    saw(w, "flagged MI-08 M1 - @2026-02-04T00:00Z");
    world_free(w);
}
END_TEST

/* At 18, to the instant, nobody is asked about a missing child any more (domain 4.14). */
START_TEST(counts_of_episodes_end_at_18)
{
    world *w = shipped_world_of("MI-03 MI-04 MI-05");
    ev(w, "2026-01-05T10:00:00Z", "child_updated", "'person_birth_date':'2008-02-20'");
    for (int i = 0; i < 3; i++) {
        char id[16], from[64], until[64];
        snprintf(id, sizeof id, "M%d", i);
        snprintf(from, sizeof from, "2026-02-0%dT20:00:00Z", 3 + 2 * i);
        snprintf(until, sizeof until, "2026-02-0%dT08:00:00Z", 4 + 2 * i);
        gone(w, from, id);
        back(w, until, id);
    }
    saw(w, "opened MI-04 - - @2026-02-05T20:00Z x2\nopened MI-03 - - @2026-02-07T20:00Z x3\n"
           "revised MI-04 - - @2026-02-07T20:00Z x3");
    till(w, "2026-02-19T23:59:59Z");
    saw(w, "opened MI-05 - 2026-02-13 @2026-02-14T00:00Z");
    till(w, "2026-02-20T00:00:00Z");
    saw(w, "resolved MI-03 - - @2026-02-20T00:00Z x3 superseded_overdue\n"
           "resolved MI-04 - - @2026-02-20T00:00Z x3 superseded_overdue\n"
           "resolved MI-05 - 2026-02-13 @2026-02-20T00:00Z superseded_overdue");
    world_free(w);
}
END_TEST

/* --- CP-12 */

START_TEST(cp12_within_24_months)
{
    world *w = shipped_world_of("CP-12");
    plan(w, "2023-01-09", "CP", "A", "");
    plan_end(w, "2024-03-05", "A");
    plan(w, "2026-03-05", "CP", "B", ""); /* 24 months to the day */
    saw(w, "opened CP-12 B - @2026-03-05T09:00Z x2");
    plan_end(w, "2029-01-05", "B"); /* long after the window, and after the first one was folded */
    saw(w, "resolved CP-12 B - @2029-01-05T09:00Z x2 cancelled");
    world_free(w);
}
END_TEST

START_TEST(cp12_longer_ago_is_a_flag)
{
    world *w = shipped_world_of("CP-12");
    plan(w, "2020-01-09", "CP", "A", "");
    plan_end(w, "2021-03-04", "A");
    plan(w, "2023-03-05", "CP", "B", "");
    saw(w, "flagged CP-12 B - @2023-03-05T09:00Z x2");
    world_free(w);
}
END_TEST

START_TEST(cp12_told_by_the_return)
{
    world *w = shipped_world_of("CP-12");
    plan(w, "2026-03-05", "CP", "B", "'number_of_previous_cpp':1");
    saw(w, "flagged CP-12 B - @2026-03-05T09:00Z x2");
    ev_late(w, "2026-04-01T09:00:00Z", "2024-01-09T09:00:00Z", "plan_started", "'plan_id':'A','plan_type':'CP'");
    ev_late(w, "2026-04-02T09:00:00Z", "2025-01-09T09:00:00Z", "plan_ended", "'plan_id':'A'");
    saw(w, "opened CP-12 B - @2026-04-02T09:00Z g2 x2"); /* an alert says more than a flag */
    world_free(w);
}
END_TEST

START_TEST(cp12_overlap_is_no_earlier_plan)
{
    world *w = shipped_world_of("CP-12");
    plan(w, "2025-01-09", "CP", "A", "");
    plan(w, "2026-03-05", "CP", "B", "");
    plan_end(w, "2026-03-06", "A");
    saw(w, "");
    world_free(w);
}
END_TEST

/* --- SU-02, DR-04, PL-01 */

START_TEST(su02_a_blank_is_no_no)
{
    world *w = shipped_world_of("SU-02");
    ev(w, "2026-03-02T10:00:00Z", "supervision_held", "'held_on':'2026-03-02'");
    ev(w, "2026-03-03T10:00:00Z", "supervision_held", "'held_on':'2026-03-03','actions_reviewed':'Y'");
    saw(w, "");
    ev(w, "2026-03-04T10:00:00Z", "supervision_held", "'held_on':'2026-03-04','actions_reviewed':'N'");
    saw(w, "flagged SU-02 - - @2026-03-04T10:00Z");
    world_free(w);
}
END_TEST

START_TEST(dr04_down_and_up)
{
    world *w = shipped_world_of("DR-04");
    plan(w, "2026-01-05", "CP", "A", "");
    plan(w, "2026-03-02", "CIN", "B", "");
    plan_end(w, "2026-03-02", "A");
    till(w, "2026-03-30T22:59:59Z"); /* 20 working days after 2 March: 30 March */
    saw(w, "");
    till(w, "2026-03-30T23:00:00Z");
    saw(w, "opened DR-04 - 2026-03-30 @2026-03-30T23:00Z");
    ev(w, "2026-04-01T09:00:00Z", "visit_done", "'visit_type':'CIN','mode':'F2F','child_seen':'Y'");
    saw(w, "resolved DR-04 - 2026-03-30 @2026-04-01T09:00Z done_late");
    plan(w, "2026-05-05", "CP", "C", "");
    saw(w, "opened DR-04 - - @2026-05-05T09:00Z g2 x2");
    plan_end(w, "2026-05-06", "C");
    plan_end(w, "2026-05-06", "B"); /* no case is open: nobody is asked */
    saw(w,
        "revised DR-04 - - @2026-05-06T09:00Z g2 x3\nresolved DR-04 - - @2026-05-06T09:00Z g2 x3 superseded_overdue");
    world_free(w);
}
END_TEST

/* A pathway plan keeps the case of a child open, until 18. */
START_TEST(dr04_pathway)
{
    world *w = shipped_world_of("DR-04");
    ev(w, "2026-01-04T09:00:00Z", "child_updated", "'person_birth_date':'2008-07-01'");
    plan(w, "2026-01-05", "CP", "A", "");
    plan(w, "2026-02-02", "PATHWAY", "W", "");
    plan(w, "2026-03-02", "CIN", "B", "");
    plan_end(w, "2026-03-02", "A");
    ev(w, "2026-03-03T09:00:00Z", "visit_done", "'visit_type':'CIN','mode':'F2F','child_seen':'Y'");
    plan(w, "2026-05-05", "CP", "C", "");
    plan_end(w, "2026-05-06", "C");
    plan_end(w, "2026-05-06", "B");
    saw(w, "opened DR-04 - - @2026-05-05T09:00Z x2\nrevised DR-04 - - @2026-05-06T09:00Z x3\n"
           "revised DR-04 - - @2026-05-06T09:00Z x2");
    till(w, "2026-06-30T22:59:59Z");
    saw(w, "");
    till(w, "2026-06-30T23:00:00Z");
    saw(w, "resolved DR-04 - - @2026-06-30T23:00Z x2 superseded_overdue");
    world_free(w);
}
END_TEST

/* Nobody is late in seeing a child who is not born. */
START_TEST(dr04_unborn)
{
    world *w = shipped_world_of("DR-04");
    ev(w, "2026-01-05T08:00:00Z", "child_updated", "'expected_person_birth_date':'2026-06-01'");
    plan(w, "2026-01-05", "CP", "A", "");
    plan(w, "2026-03-02", "CIN", "B", "");
    plan_end(w, "2026-03-02", "A");
    till(w, "2026-05-01T00:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

/* A step without an id may be one of any process, whichever of the two it is; two that name different ones are of two. */
START_TEST(pl01_steps_without_an_id)
{
    world *w = shipped_world_of("PL-01");
    ev(w, "2026-01-05T09:00:00Z", "preproceedings_step", "'step':'LBP_SENT'");
    ev(w, "2026-02-16T09:00:00Z", "preproceedings_step", "'preproceedings_id':'X','step':'REVIEW'");
    ev(w, "2026-03-30T09:00:00Z", "preproceedings_step", "'step':'REVIEW'");
    till(w, "2026-04-27T22:59:59Z");
    saw(w, "");
    ev(w, "2026-04-27T22:59:59Z", "preproceedings_step", "'preproceedings_id':'X','step':'COURT_APPLICATION'");
    ev(w, "2026-05-05T09:00:00Z", "preproceedings_step", "'preproceedings_id':'Y','step':'LBP_SENT'");
    ev(w, "2026-06-01T09:00:00Z", "preproceedings_step", "'preproceedings_id':'Z','step':'REVIEW'");
    till(w, "2026-06-16T23:00:00Z");
    saw(w, "opened PL-01 - 2026-06-16 @2026-06-16T23:00Z");
    ev(w, "2026-06-17T09:00:00Z", "preproceedings_step", "'step':'STEP_DECISION'");
    saw(w, "resolved PL-01 - 2026-06-16 @2026-06-17T09:00Z superseded_overdue");
    world_free(w);
}
END_TEST

START_TEST(pl01_warning_limit_and_reviews)
{
    world *w = shipped_world_of("PL-01");
    ev(w, "2026-01-05T09:00:00Z", "preproceedings_step", "'preproceedings_id':'X','step':'LBP_SENT'");
    till(w, "2026-02-16T23:59:59Z"); /* six weeks */
    saw(w, "");
    till(w, "2026-02-17T00:00:00Z");
    saw(w, "opened PL-01 - 2026-02-16 @2026-02-17T00:00Z");
    ev(w, "2026-02-18T09:00:00Z", "preproceedings_step", "'preproceedings_id':'X','step':'REVIEW'");
    saw(w, "resolved PL-01 - 2026-02-16 @2026-02-18T09:00Z done_late");
    ev(w, "2026-03-30T09:00:00Z", "preproceedings_step", "'preproceedings_id':'X','step':'REVIEW'");
    till(w, "2026-04-27T22:59:59Z"); /* 16 weeks: 27 April */
    saw(w, "");
    till(w, "2026-04-27T23:00:00Z");
    saw(w, "opened PL-01 - 2026-04-27 @2026-04-27T23:00Z g2");
    ev(w, "2026-04-29T09:00:00Z", "preproceedings_step", "'preproceedings_id':'X','step':'COURT_APPLICATION'");
    saw(w, "resolved PL-01 - 2026-04-27 @2026-04-29T09:00Z g2 done_late");
    world_free(w);
}
END_TEST

/* --- warnings, and what gets worse */

START_TEST(cp11_warns_is_late_and_worsens)
{
    world *w = shipped_world_of("CP-11");
    plan(w, "2024-01-31", "CP", "A", "");
    till(w, "2025-04-30T22:59:59Z"); /* 15 months, clamped */
    ck_assert_str_eq(state(w, "CP-11"), "scheduled");
    till(w, "2025-04-30T23:00:00Z");
    ck_assert_str_eq(state(w, "CP-11"), "warned");
    till(w, "2025-07-31T22:59:59Z");
    saw(w, ""); /* a warning is no alert */
    till(w, "2025-07-31T23:00:00Z");
    saw(w, "opened CP-11 A 2025-07-31 @2025-07-31T23:00Z");
    till(w, "2026-01-31T23:59:59Z");
    saw(w, "");
    till(w, "2026-02-01T00:00:00Z");
    saw(w, "revised CP-11 A 2025-07-31 @2026-02-01T00:00Z x2");
    world_free(w);
}
END_TEST

START_TEST(warnings_begin_the_day_after)
{
    world *w = shipped_world_of("AS-01");
    ev(w, "2026-03-02T09:00:00Z", "referral_received", "'referral_id':'R1'");
    till(w, "2026-04-22T22:59:59Z"); /* 35 working days after 2 March, with Good Friday and Easter Monday */
    ck_assert_str_eq(state(w, "AS-01"), "scheduled");
    till(w, "2026-04-22T23:00:00Z");
    ck_assert_str_eq(state(w, "AS-01"), "warned");
    ev(w, "2026-04-23T09:00:00Z", "assessment_authorised", "'referral_id':'R1'");
    ck_assert_str_eq(state(w, "AS-01"), "met");
    saw(w, "");
    world_free(w);
}
END_TEST

/* --- pauses (readings 18): shown, and nothing else */

#define PAUSE "'pause_id':'Z','authoriser_role':'SM','from':'2026-03-02','until':'2026-04-10'"

START_TEST(pause_is_shown)
{
    world *w = shipped_world_of("CP-07");
    plan(w, "2026-02-02", "CP", "A", "");
    till(w, "2026-02-17T00:00:00Z");
    saw(w, "opened CP-07 A 2026-02-16 @2026-02-17T00:00Z");
    ev(w, "2026-03-02T09:00:00Z", "clock_paused", PAUSE);
    saw(w, "revised CP-07 A 2026-02-16 @2026-03-02T09:00Z");
    ck_assert_str_eq(state(w, "CP-07"), "overdue paused 2026-04-10");
    till(w, "2026-04-10T22:59:59Z");
    saw(w, "");
    till(w, "2026-04-10T23:00:00Z");
    saw(w, "revised CP-07 A 2026-02-16 @2026-04-10T23:00Z");
    ck_assert_str_eq(state(w, "CP-07"), "overdue");
    world_free(w);
}
END_TEST

START_TEST(pause_ends_early)
{
    world *w = shipped_world_of("CP-07");
    plan(w, "2026-02-02", "CP", "A", "");
    till(w, "2026-02-17T00:00:00Z");
    ev(w, "2026-03-02T09:00:00Z", "clock_paused", PAUSE);
    saw(w, "opened CP-07 A 2026-02-16 @2026-02-17T00:00Z\nrevised CP-07 A 2026-02-16 @2026-03-02T09:00Z");
    ev(w, "2026-03-09T09:00:00Z", "clock_resumed", "'pause_id':'other'");
    saw(w, "");
    ev(w, "2026-03-10T09:00:00Z", "clock_resumed", "'pause_id':'Z'");
    saw(w, "revised CP-07 A 2026-02-16 @2026-03-10T09:00Z");
    world_free(w);
}
END_TEST

START_TEST(pause_that_does_not_count)
{
    static const char *const rows[] = {
        "'pause_id':'Z','from':'2026-03-02','until':'2026-04-10'",    /* nobody authorised it */
        "'pause_id':'Z','authoriser_role':'SM','from':'2026-03-02'",  /* without an end */
        PAUSE ",'plan_id':'B'",                                       /* of another plan */
        "'pause_id':'Z','authoriser_role':'SM','until':'2026-03-01'", /* over */
    };
    world *w = shipped_world_of("CP-07");
    plan(w, "2026-02-02", "CP", "A", "");
    till(w, "2026-02-17T00:00:00Z");
    saw(w, "opened CP-07 A 2026-02-16 @2026-02-17T00:00Z");
    ev(w, "2026-03-02T09:00:00Z", "clock_paused", rows[_i]);
    saw(w, "");
    ck_assert_str_eq(state(w, "CP-07"), "overdue");
    world_free(w);
}
END_TEST

START_TEST(pause_is_in_the_row_and_stored)
{
    world *w = shipped_world_of("CP-07");
    plan(w, "2026-02-02", "CP", "A", "");
    till(w, "2026-02-17T00:00:00Z");
    ev(w, "2026-03-02T09:00:00Z", "clock_paused", PAUSE);
    dw_encoded enc = {0};
    dw_error err = {0};
    ck_assert_int_eq(dw_record_encode(w->rec, w->policy, &enc, &err), DW_OK);
    dw_record_free(&w->rec);
    ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len, &w->rec, &err), DW_OK);
    dw_encoded_deinit(&enc);
    bool seen = false;
    for (uint32_t i = 0; i < w->rec->alert_count; i++) {
        dw_transition row;
        if (!dw_str_eq(w->rec->alerts[i].rule_id, DW_STR_LIT("CP-07")))
            continue;
        ck_assert(dw_core_alert_row(w->rec, &w->rec->alerts[i], w->policy, &row));
        ck_assert_int_eq(row.paused_until, date("2026-04-10"));
        uint8_t bytes[2048];
        size_t len = 0;
        dw_transition back_again;
        ck_assert_int_eq(dw_transition_encode(&row, bytes, sizeof bytes, &len, &err), DW_OK);
        ck_assert_int_eq(dw_transition_decode(bytes, len, w->arena, &back_again, &err), DW_OK);
        ck_assert_int_eq(back_again.paused_until, date("2026-04-10"));
        seen = true;
    }
    ck_assert(seen);
    world_free(w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rules_counts");
    TCase *tc = tcase_create("rules_counts");
    tcase_add_test(tc, fd06_two_sources_in_a_week);
    tcase_add_test(tc, fd06_edges_of_the_week);
    tcase_add_test(tc, fd06_after_a_referral_it_begins_anew);
    tcase_add_test(tc, mi04_both_clocks);
    tcase_add_test(tc, mi04_away_and_29_days);
    tcase_add_test(tc, mi08_placement_ends_inside);
    tcase_add_test(tc, mi08_eighteen);
    tcase_add_test(tc, counts_of_episodes_end_at_18);
    tcase_add_test(tc, cp12_within_24_months);
    tcase_add_test(tc, cp12_longer_ago_is_a_flag);
    tcase_add_test(tc, cp12_told_by_the_return);
    tcase_add_test(tc, cp12_overlap_is_no_earlier_plan);
    tcase_add_test(tc, su02_a_blank_is_no_no);
    tcase_add_test(tc, dr04_down_and_up);
    tcase_add_test(tc, dr04_unborn);
    tcase_add_test(tc, dr04_pathway);
    tcase_add_test(tc, pl01_warning_limit_and_reviews);
    tcase_add_test(tc, pl01_steps_without_an_id);
    tcase_add_test(tc, cp11_warns_is_late_and_worsens);
    tcase_add_test(tc, warnings_begin_the_day_after);
    tcase_add_test(tc, pause_is_shown);
    tcase_add_test(tc, pause_ends_early);
    tcase_add_loop_test(tc, pause_that_does_not_count, 0, 4);
    tcase_add_test(tc, pause_is_in_the_row_and_stored);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

// link: dw_config
/* check_rules_breach.c: the shipped rules about missed duties that want explaining, placement plans, early help and recording. */

#include "handlers/reconcile.h"
#include "tests/support/core_standards.h"

static void cp_plan(world *w, const char *day)
{
    char when[40], body[160];
    snprintf(when, sizeof when, "%sT02:00:00Z", day);
    snprintf(body, sizeof body, "'plan_id':'P1','plan_type':'CP','cpp_start_date':'%s'", day);
    ev(w, when, "plan_started", body);
}

static void cp_visit(world *w, const char *when)
{
    ev(w, when, "visit_done", "'visit_type':'CP','mode':'F2F','child_seen':'Y','plan_id':'P1'");
}

/* Nothing up to the second before, and the alert at the instant. */
static void late_at(world *w, const char *instant_text, const char *expected)
{
    till_us(w, instant(instant_text) - 1);
    saw(w, "");
    till(w, instant_text);
    saw(w, expected);
}

/* --- SU-03 (readings 25, 35): plan from 16 Jan 2026 (Fri), visit due 30 Jan, first overdue day Sat 31 Jan, note by Tue 3 Feb */

START_TEST(su03_unexplained)
{
    world *w = shipped_world_of("SU-03");
    cp_plan(w, "2026-01-16");
    late_at(w, "2026-02-04T00:00:00Z", "opened SU-03 P1 2026-02-03 @2026-02-04T00:00Z");
    ev(w, "2026-02-04T10:00:00Z", "oversight_recorded", "");
    saw(w, "resolved SU-03 P1 2026-02-03 @2026-02-04T10:00Z done_late");
    world_free(w);
}
END_TEST

START_TEST(su03_still_owed)
{
    static const struct {
        const char *event, *body; /* what comes on 2 Feb, before it is due */
    } rows[] = {
        {"visit_done", "'visit_type':'CP','mode':'F2F','child_seen':'Y'"},                  /* made up for */
        {"plan_ended", "'plan_id':'P1'"},                                                   /* the plan is over */
        {"oversight_recorded", "'linked_rule':'CN-01'"},                                    /* speaks of another rule */
        {"oversight_recorded", "'linked_alert_id':'0d5f6d7e-0000-5000-8000-000000000000'"}, /* and of another alert */
        {"oversight_recorded", "'recorded_on':'2026-01-30'"},                               /* made before the breach */
    };
    world *w = shipped_world_of("SU-03");
    cp_plan(w, "2026-01-16");
    ev(w, "2026-02-02T10:00:00Z", rows[_i].event, rows[_i].body);
    late_at(w, "2026-02-04T00:00:00Z", "opened SU-03 P1 2026-02-03 @2026-02-04T00:00Z");
    world_free(w);
}
END_TEST

/* All that is known comes in one record, long after: of a plan that runs, and of one that is over. */
START_TEST(su03_from_the_first_record_on)
{
    static const struct {
        const char *more, *expected;
    } rows[] = {
        {"", "opened SU-03 P1 2026-02-03 @2026-03-02T10:00Z"},
        {",'cpp_end_date':'2026-02-10'", "opened SU-03 P1 2026-02-03 @2026-03-02T10:00Z"},
        {",'cpp_end_date':'2026-01-30'", ""},
    };
    char body[160];
    world *w = shipped_world_of("SU-03");
    snprintf(body, sizeof body, "'plan_id':'P1','plan_type':'CP','cpp_start_date':'2026-01-16'%s", rows[_i].more);
    ev(w, "2026-03-02T10:00:00Z", "plan_started", body);
    saw(w, rows[_i].expected);
    world_free(w);
}
END_TEST

START_TEST(su03_explained)
{
    static const char *const rows[] = {"", "'linked_rule':'CP-07'", "'recorded_on':'2026-01-31'", "alert of CP-07",
                                       "alert of SU-03"};
    char id[DW_UUID_TEXT_LEN + 1], body[120];
    world *w = shipped_world_of("SU-03");
    cp_plan(w, "2026-01-16");
    snprintf(body, sizeof body, "%s", rows[_i]);
    if (_i >= 3) {
        dw_alert_id(DW_STR_LIT("936"), DW_STR_LIT("C-1"), dw_str_from(_i == 3 ? "CP-07" : "SU-03"), DW_STR_LIT("plan"),
                    DW_STR_LIT("P1"), id);
        snprintf(body, sizeof body, "'linked_alert_id':'%s'", id);
    }
    ev(w, "2026-02-03T23:59:00Z", "oversight_recorded", body);
    till(w, "2026-02-13T00:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

/* A visit in time, but recorded late, was never missed: what was raised meanwhile goes. */
START_TEST(su03_recorded_late)
{
    world *w = shipped_world_of("SU-03");
    cp_plan(w, "2026-01-16");
    till(w, "2026-02-05T09:00:00Z");
    saw(w, "opened SU-03 P1 2026-02-03 @2026-02-04T00:00Z");
    ev_late(w, "2026-02-05T10:00:00Z", "2026-01-30T10:00:00Z", "visit_done",
            "'visit_type':'CP','mode':'F2F','child_seen':'Y','plan_id':'P1'");
    saw(w, "resolved SU-03 P1 2026-02-03 @2026-02-05T10:00Z entered_in_error");
    world_free(w);
}
END_TEST

/* Two breaches of one plan: the older one first; a note between them answers only what was missed by then. */
START_TEST(su03_one_after_the_other)
{
    world *w = shipped_world_of("SU-03");
    cp_plan(w, "2026-01-16");
    cp_visit(w, "2026-02-05T10:00:00Z"); /* next by 19 Feb */
    till(w, "2026-02-20T09:00:00Z");     /* missed again on the 20th, by the 24th to be explained */
    saw(w, "opened SU-03 P1 2026-02-03 @2026-02-04T00:00Z");
    ev(w, "2026-02-20T10:00:00Z", "oversight_recorded", "'recorded_on':'2026-02-19'");
    saw(w, "resolved SU-03 P1 2026-02-03 @2026-02-20T10:00Z done_late");
    late_at(w, "2026-02-25T00:00:00Z", "opened SU-03 P1 2026-02-24 @2026-02-25T00:00Z g2");
    ev(w, "2026-02-25T10:00:00Z", "case_closed", "");
    saw(w, "resolved SU-03 P1 2026-02-24 @2026-02-25T10:00Z g2 superseded_overdue");
    world_free(w);
}
END_TEST

/* A CIN plan rests beside protection; what is overdue when the rest ends is overdue from that day. */
START_TEST(su03_after_a_rest)
{
    world *w = shipped_world_of("SU-03");
    ev(w, "2026-01-05T02:00:00Z", "plan_started", "'plan_id':'N1','plan_type':'CIN','start_date':'2026-01-05'");
    ev(w, "2026-01-12T02:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP','cpp_start_date':'2026-01-12'");
    cp_visit(w, "2026-01-12T10:00:00Z"); /* CN-01: 20 working days from it, 9 Feb */
    cp_visit(w, "2026-01-26T10:00:00Z"); /* 23 Feb from this one */
    cp_visit(w, "2026-02-09T10:00:00Z");
    ev(w, "2026-02-11T10:00:00Z", "plan_ended", "'plan_id':'P1','cpp_end_date':'2026-02-11'");
    ev(w, "2026-02-13T10:00:00Z", "plan_review", "'review_kind':'CIN','plan_id':'N1'");
    late_at(w, "2026-03-13T00:00:00Z", "opened SU-03 N1 2026-03-12 @2026-03-13T00:00Z"); /* 9 Feb + 20 = 9 Mar */
    world_free(w);
}
END_TEST

/* Care that ended by its plan, told with the plan's beginning: the first review was missed all the same. */
START_TEST(su03_of_care_that_ended)
{
    world *w = shipped_world_of("SU-03");
    ev_late(w, "2024-10-05T00:30:00Z", "2024-02-18T10:00:00Z", "plan_started",
            "'plan_id':'W','plan_type':'CLA','start_date':'2024-02-18','end_date':'2024-10-05'");
    saw(w, "opened SU-03 W 2024-03-19 @2024-10-05T00:30Z");
    world_free(w);
}
END_TEST

START_TEST(su03_history)
{
    world *w = world_new(shipped_policy(1, "2026-02-02T00:00:00Z"));
    w->only = "SU-03";
    cp_plan(w, "2026-01-16");
    till(w, "2026-02-13T00:00:00Z"); /* missed before the cut-over */
    saw(w, "");
    cp_visit(w, "2026-02-13T10:00:00Z"); /* next by 27 Feb */
    late_at(w, "2026-03-04T00:00:00Z", "opened SU-03 P1 2026-03-03 @2026-03-04T00:00Z");
    world_free(w);
}
END_TEST

/* What was late before the cut-over is history, what was late from that instant on is not. */
START_TEST(su03_late_at_the_cut_over)
{
    static const char *const cut[] = {"2026-01-31T00:00:00Z", "2026-01-31T00:00:00.000001Z"};
    world *w = world_new(shipped_policy(1, cut[_i]));
    w->only = "SU-03";
    cp_plan(w, "2026-01-16");
    till(w, "2026-02-04T00:00:00Z");
    saw(w, _i == 0 ? "opened SU-03 P1 2026-02-03 @2026-02-04T00:00Z" : "");
    world_free(w);
}
END_TEST

/* --- PP-01: 8 Jan 2026 (Thu) and five working days: 15 Jan */

static void move(world *w)
{
    ev(w, "2026-01-08T02:00:00Z", "placement_started",
       "'placement_id':'L1','decom':'2026-01-08','rne':'S','ls':'C2','place':'U6'");
}

START_TEST(pp01_missing)
{
    world *w = shipped_world_of("PP-01");
    move(w);
    ev(w, "2026-01-09T10:00:00Z", "plan_started", "'plan_type':'PLACEMENT','placement_id':'L9'"); /* another's */
    ev(w, "2026-01-09T11:00:00Z", "plan_started", "'plan_type':'PLACEMENT'");                     /* nobody's */
    late_at(w, "2026-01-16T00:00:00Z", "opened PP-01 L1 2026-01-15 @2026-01-16T00:00Z");
    ev(w, "2026-01-16T10:00:00Z", "plan_started", "'plan_type':'PLACEMENT','placement_id':'L1'");
    saw(w, "resolved PP-01 L1 2026-01-15 @2026-01-16T10:00Z done_late");
    world_free(w);
}
END_TEST

START_TEST(pp01_there)
{
    static const char *const when[] = {"2025-12-01T10:00:00Z", "2026-01-07T10:00:00Z", "2026-01-15T23:59:59Z"};
    world *w = shipped_world_of("PP-01");
    if (_i < 2)
        ev(w, when[_i], "plan_started", "'plan_type':'PLACEMENT','plan_id':'B1','placement_id':'L1'");
    move(w);
    if (_i == 2)
        ev(w, when[_i], "plan_started", "'plan_type':'PLACEMENT','plan_id':'B1','placement_id':'L1'");
    till(w, "2026-03-16T00:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

START_TEST(pp01_ended)
{
    world *w = shipped_world_of("PP-01");
    move(w);
    till(w, "2026-01-16T00:00:00Z");
    ev(w, "2026-01-19T10:00:00Z", "placement_ended", "'placement_id':'L1','dec':'2026-01-19','rec':'X1'");
    saw(w, "opened PP-01 L1 2026-01-15 @2026-01-16T00:00Z\n"
           "resolved PP-01 L1 2026-01-15 @2026-01-19T10:00Z superseded_overdue");
    world_free(w);
}
END_TEST

/* --- FD-02 raises nothing; what became of it is there for the indicators */

static const dw_obligation *only_duty(world *w, const char *rule, const char *when, dw_arena *arena)
{
    const dw_chronology *chron = dw_chronology_derive(w->rec, instant(when), arena);
    const dw_obligations *obs = dw_evaluate(chron, w->policy, arena);
    const dw_obligation *found = NULL;
    for (uint32_t i = 0; i < obs->count; i++)
        if (dw_str_eq(obs->items[i].rule->id, dw_str_from(rule)))
            found = &obs->items[i];
    return found;
}

/* Two explanations that run for one plan: the one that is due first is shown. */
START_TEST(su03_due_first)
{
    dw_arena *arena = dw_arena_new(1 << 24);
    world *w = shipped_world_of("SU-03");
    ev(w, "2026-01-12T10:00:00Z", "plan_started", "'plan_id':'N1','plan_type':'CIN','start_date':'2026-01-12'");
    ev(w, "2026-01-27T10:00:00Z", "visit_done", "'visit_type':'CIN','mode':'F2F','child_seen':'Y'"); /* CN-01: 24 Feb */
    const dw_obligation *duty = only_duty(w, "SU-03", "2026-02-25T10:00:00Z", arena);                /* CN-02: 23 Feb */
    ck_assert_ptr_nonnull(duty);
    ck_assert_str_eq(dw_ob_state_name(duty->state), "scheduled");
    ck_assert_int_eq(duty->due_on, date("2026-02-26"));
    dw_arena_free(&arena);
    world_free(w);
}
END_TEST

START_TEST(fd02_counted_only)
{
    static const struct {
        const char *taken_on, *want;
    } rows[] = {{"2026-01-13T10:00:00Z", "met"}, {"2026-01-14T10:00:00Z", "met_late"}, {NULL, "overdue"}};
    world *w = shipped_world_of("FD-02");
    dw_arena *arena = dw_arena_new(1 << 24);
    ev(w, "2026-01-08T10:00:00Z", "contact_received",
       "'contact_id':'K1','outcome':'EARLY_HELP','decided_at':'2026-01-08T15:00:00Z'");
    if (rows[_i].taken_on != NULL)
        ev(w, rows[_i].taken_on, "early_help_started", "'contact_id':'K1'");
    till(w, "2026-02-01T00:00:00Z");
    saw(w, ""); /* nobody is alerted */
    const dw_obligation *ob = only_duty(w, "FD-02", "2026-02-01T00:00:00Z", arena);
    ck_assert_ptr_nonnull(ob);
    ck_assert_str_eq(dw_ob_state_name(ob->state), rows[_i].want);
    ck_assert_int_eq(ob->due_on, date("2026-01-13"));
    dw_arena_free(&arena);
    world_free(w);
}
END_TEST

/* --- RE-01 (readings 46, 47): Thu 8 Jan 2026 and two working days: Mon 12 Jan */

START_TEST(re01_recorded)
{
    static const struct {
        const char *recorded, *kind, *body, *want;
    } rows[] = {
        {"2026-01-12T23:59:59Z", "visit_done", "'visit_type':'CP'", ""},
        {"2026-01-13T00:00:00Z", "visit_done", "'visit_type':'CP'", "flagged RE-01 - 2026-01-12 @2026-01-13T00:00Z"},
        {"2026-01-13T00:00:00Z", "visit_done", "'visit_type':'CP','plan_id':'P1'",
         "flagged RE-01 P1 2026-01-12 @2026-01-13T00:00Z"},
        {"2026-01-13T00:00:00Z", "meeting_held", "'kind':'STRATEGY'", "flagged RE-01 - 2026-01-12 @2026-01-13T00:00Z"},
        {"2026-01-13T00:00:00Z", "plan_review", "'review_kind':'CLA'", "flagged RE-01 - 2026-01-12 @2026-01-13T00:00Z"},
        {"2026-01-13T00:00:00Z", "conference_icpc", "", "flagged RE-01 - 2026-01-12 @2026-01-13T00:00Z"},
        {"2026-01-13T00:00:00Z", "supervision_held", "", ""},
    };
    world *w = shipped_world_of("RE-01");
    ev_late(w, rows[_i].recorded, "2026-01-08T10:00:00Z", rows[_i].kind, rows[_i].body);
    till(w, "2026-03-01T00:00:00Z");
    saw(w, rows[_i].want);
    world_free(w);
}
END_TEST

/* By the first revision; and once a subject. */
START_TEST(re01_once)
{
    world *w = shipped_world_of("RE-01");
    give(w, "2026-01-09T10:00:00Z", "2026-01-08T10:00:00Z", "V", 1, "create", "'recorded_at':'2026-01-09T10:00:00Z'",
         "visit_done", "'visit_type':'CP'");
    give(w, "2026-01-20T10:00:00Z", "2026-01-08T10:00:00Z", "V", 2, "amend", "'recorded_at':'2026-01-20T10:00:00Z'",
         "visit_done", "'visit_type':'CP','mode':'F2F'");
    saw(w, "");
    ev_late(w, "2026-01-20T11:00:00Z", "2026-01-15T10:00:00Z", "visit_done", "");
    ev_late(w, "2026-01-21T11:00:00Z", "2026-01-16T10:00:00Z", "visit_done", "");
    saw(w, "flagged RE-01 - 2026-01-19 @2026-01-20T11:00Z");
    world_free(w);
}
END_TEST

#define ROWS(test, n) tcase_add_loop_test(tc, test, 0, n)

int main(void)
{
    Suite *suite = suite_create("rules_breach");
    TCase *tc = tcase_create("breach");
    tcase_add_test(tc, su03_unexplained);
    ROWS(su03_still_owed, 5);
    ROWS(su03_from_the_first_record_on, 3);
    ROWS(su03_explained, 5);
    tcase_add_test(tc, su03_recorded_late);
    tcase_add_test(tc, su03_one_after_the_other);
    tcase_add_test(tc, su03_after_a_rest);
    tcase_add_test(tc, su03_of_care_that_ended);
    tcase_add_test(tc, su03_due_first);
    tcase_add_test(tc, su03_history);
    tcase_add_loop_test(tc, su03_late_at_the_cut_over, 0, 2);
    tcase_add_test(tc, pp01_missing);
    ROWS(pp01_there, 3);
    tcase_add_test(tc, pp01_ended);
    ROWS(fd02_counted_only, 3);
    ROWS(re01_recorded, 7);
    tcase_add_test(tc, re01_once);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

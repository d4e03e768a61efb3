// link: dw_config
/* check_tables_breach.c: invented rules over small worlds: what follows a missed duty. */

#include "tests/support/core_tables.h"

/* --- what follows a missed duty */

#define NOTE(day, more) day " oversight_recorded 'role':'TM'" more
#define BREACH                                                                                                         \
    "kind: deadline, over: child, counts_from: breach of XX-1, limit: 2 days, evidence: [{fact: oversight_recorded, "  \
    "breach_link: [linked_alert_id, linked_rule]}, "                                                                   \
    "supervision_held where actions_reviewed = Y]"

static const row breaches[] = {
    /* of a recurring duty: every interval missed; a note on or after its first overdue day answers it */
    TWO(RECURRING "limit: 5 days", BREACH, "2026-01-12T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-15 from 2026-01-10T09:00Z by e1 met e1 [e1]\n"
        "next 2026-01-16T00:00Z",
        PLAN("2026-01-05"), VISIT("2026-01-10")),
    TWO(RECURRING "limit: 5 days", BREACH, "2026-02-12T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-25 from 2026-01-20T09:00Z by e2 met e2 [e2]\n"
        "XX-2.0 plan P1 overdue due 2026-01-20 from 2026-01-18 by e1 [e1 e2]\n"
        "  XX-2.0 plan P1 overdue due 2026-01-28 from 2026-01-26 by e2 [e2]\n"
        "  XX-2.0 plan P1 met due 2026-01-13 from 2026-01-11 by e0 met e3 [e0 e1]\n"
        "next never",
        PLAN("2026-01-05"), VISIT("2026-01-12"), VISIT("2026-01-20"), NOTE("2026-01-12", "")),
    TWO(RECURRING "limit: 5 days", BREACH, "2026-01-13T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "XX-2.0 plan P1 met due 2026-01-13 from 2026-01-11 by e0 met e3 [e0]\n"
        "next never",
        PLAN("2026-01-05"), NOTE("2026-01-10", ""), NOTE("2026-01-11", ",'linked_rule':'XX-9'"),
        NOTE("2026-01-12", ",'linked_rule':'XX-1'")),
    TWO(RECURRING "limit: 5 days", BREACH, "2026-01-16T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "XX-2.0 plan P1 met_late due 2026-01-13 from 2026-01-11 by e0 met e2 [e0]\n"
        "next 2026-01-16T09:00Z",
        PLAN("2026-01-05"), "2026-01-14 supervision_held 'actions_reviewed':'N'",
        "2026-01-15 supervision_held 'actions_reviewed':'Y'", NOTE("2026-01-16", "")),
    TWO(RECURRING "limit: 5 days", BREACH, "2026-01-16T12:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "XX-2.0 plan P1 met_late due 2026-01-13 from 2026-01-11 by e0 met e2 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-15 supervision_held 'actions_reviewed':'Y'", NOTE("2026-01-14", "")),
    TWO(RECURRING "limit: 5 days", BREACH, "2026-01-16T12:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "XX-2.0 plan P1 overdue due 2026-01-13 from 2026-01-11 by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), NOTE("2026-01-14", ",'linked_alert_id':'00000000-0000-5000-8000-000000000000'")),
    /* closed, before it was due and after; a later note counts no more */
    TWO(RECURRING "limit: 5 days", BREACH, "2026-01-20T12:00:00Z",
        "XX-1.0 plan P1 superseded_overdue due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "XX-2.0 plan P1 cancelled due 2026-01-13 from 2026-01-11 by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-13 case_closed 'reason_for_closure':'RC7'", NOTE("2026-01-14", "")),
    TWO(RECURRING "limit: 5 days", BREACH, "2026-01-20T12:00:00Z",
        "XX-1.0 plan P1 superseded_overdue due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "XX-2.0 plan P1 superseded_overdue due 2026-01-13 from 2026-01-11 by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-14 case_closed 'reason_for_closure':'RC7'", NOTE("2026-01-15", "")),
    /* late since a day after death: nothing is to be explained */
    TWO("kind: deadline, over: plan, counts_from: latest conference_icpc, evidence: visit_done, limit: 5 days", BREACH,
        "2026-01-20T12:00:00Z",
        "XX-1.0 plan P1 superseded_overdue due 2026-01-08 from 2026-01-03T09:00Z by e0 [e2 e0]\n"
        "XX-2.0 plan P1 cancelled due 2026-01-11 from 2026-01-09 by e0 [e0]\n"
        "next never",
        "2026-01-03 conference_icpc", "2026-01-08 child_updated 'person_death_date':'2026-01-07'", PLAN("2026-01-15")),
    /* of a deadline, of a duration, of what itself follows a missed duty */
    TWO(DEADLINE "limit: 5 days", BREACH, "2026-01-16T12:00:00Z",
        "XX-1.0 plan P1 met_late due 2026-01-10 from 2026-01-05T09:00Z by e0 met e1 [e0]\n"
        "XX-2.0 plan P1 overdue due 2026-01-13 from 2026-01-11 by e0 [e0 e1]\n"
        "next never",
        PLAN("2026-01-05"), VISIT("2026-01-12")),
    TWO("kind: duration, over: plan, limit: 5 days", BREACH, "2026-01-16T12:00:00Z",
        "XX-1.0 plan P1 met_late due 2026-01-10 from 2026-01-05T09:00Z by e0 met e1 [e0]\n"
        "XX-2.0 plan P1 overdue due 2026-01-13 from 2026-01-11 by e0 [e0 e1]\n"
        "next never",
        PLAN("2026-01-05"), PLAN_OVER("2026-01-12")),
    TWO("kind: duration, over: plan, limit: 5 days", BREACH, "2026-01-16T12:00:00Z",
        "XX-1.0 plan P1 met due 2026-01-10 from 2026-01-05T09:00Z by e0 met e1 [e0]\n"
        "next never",
        PLAN("2026-01-05"), PLAN_OVER("2026-01-10")),
    THREE(DEADLINE "limit: 5 days", BREACH,
          "kind: deadline, over: child, counts_from: breach of XX-2, limit: 3 days, evidence: supervision_held",
          "2026-01-18T12:00:00Z",
          "XX-1.0 plan P1 overdue due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
          "XX-2.0 plan P1 overdue due 2026-01-13 from 2026-01-11 by e0 [e0]\n"
          "XX-3.0 plan P1 overdue due 2026-01-17 from 2026-01-14 by e0 [e0]\n"
          "next never",
          PLAN("2026-01-05")),
    /* one rest goes over into the next on the same day: nothing is owed between them */
    TWO("kind: recurring, over: plan where plan_type = CIN, evidence: visit_done where visit_type = CIN, rests_while: "
        "[plan where plan_type = CP], after_rest: [visit_done where visit_type = CP], limit: 5 days",
        BREACH, "2026-02-18T12:00:00Z",
        "XX-1.0 plan P1 superseded_overdue due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-06 plan_started 'plan_id':'P2','plan_type':'CP'",
        "2026-01-20T00:00 plan_ended 'plan_id':'P2'", "2026-01-20T23:50 plan_started 'plan_id':'P3','plan_type':'CP'"),
    /* with rests between, and after them; before them */
    TWO("kind: recurring, over: plan where plan_type = CIN, evidence: visit_done where visit_type = CIN, rests_while: "
        "[plan where plan_type = CP], after_rest: [visit_done where visit_type = CP], limit: 5 days",
        BREACH, "2026-02-18T12:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-02-04 from 2026-01-30T09:00Z by e4 met e4 [e4]\n"
        "XX-2.0 plan P1 overdue due 2026-01-13 from 2026-01-11 by e0 [e0]\n"
        "  XX-2.0 plan P1 overdue due 2026-02-07 from 2026-02-05 by e4 [e4]\n"
        "  XX-2.0 plan P1 overdue due 2026-01-22 from 2026-01-20T09:00Z by e2 [e2 e4]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-12 plan_started 'plan_id':'P2','plan_type':'CP'",
        "2026-01-14 visit_done 'visit_type':'CP'", "2026-01-20 plan_ended 'plan_id':'P2'", VISIT("2026-01-30")),
    TWO("kind: recurring, over: plan where plan_type = CIN, evidence: visit_done where visit_type = CIN, rests_while: "
        "[plan where plan_type = CP], after_rest: [visit_done where visit_type = CP], limit: 5 days",
        BREACH, "2026-02-18T12:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-19 late 2026-02-12T09:00Z from 2026-01-14T09:00Z by e3 met e3 [e3]\n"
        "XX-2.0 plan P1 overdue due 2026-01-22 from 2026-01-20 by e3 [e3]\n"
        "  XX-2.0 plan P1 overdue due 2026-02-14 from 2026-02-12T09:00Z by e3 [e3]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-08 plan_started 'plan_id':'P2','plan_type':'CP'",
        "2026-01-09 visit_done 'visit_type':'CIN'", "2026-01-14 visit_done 'visit_type':'CP'",
        "2026-01-15 plan_ended 'plan_id':'P2'", "2026-02-10 plan_started 'plan_id':'P3','plan_type':'CP'",
        "2026-02-12 plan_ended 'plan_id':'P3'"),
    TWO("kind: recurring, over: plan where plan_type = CIN, from_start: false, evidence: visit_done where visit_type = "
        "CIN, rests_while: [plan where plan_type = CP], after_rest: [visit_done where visit_type = CP], limit: 5 days",
        BREACH, "2026-02-18T12:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-17 from 2026-01-12T09:00Z by e2 met e2 [e2]\n"
        "XX-2.0 plan P1 overdue due 2026-01-20 from 2026-01-18 by e2 [e2]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-08 plan_started 'plan_id':'P2','plan_type':'CP'",
        "2026-01-12 visit_done 'visit_type':'CP'", "2026-01-15 plan_ended 'plan_id':'P2'"),
    /* a chain: from the birthday, not before; in a band; by rank; until an age */
    TWO(RECURRING "age: from 10, limit: 5 days", BREACH, "2026-01-28T12:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-02-01 from 2026-01-27T09:00Z by e3 met e3 [e3]\n"
        "XX-2.0 plan P1 scheduled due 2026-01-28 from 2026-01-26 by e1 [e1 e3]\n"
        "next 2026-01-29T00:00Z",
        BORN("2016-01-20"), PLAN("2026-01-05"), VISIT("2026-01-19"), VISIT("2026-01-27")),
    TWO(RECURRING "age: until 10, limit: 5 days", BREACH, "2026-01-28T12:00:00Z", "next 2034-01-05T00:00Z",
        BORN("2016-01-05"), PLAN("2026-01-05")),
    TWO(RECURRING "counts_from: birthday 10, limit: 5 days", BREACH, "2026-01-28T12:00:00Z", "next 2026-02-20T00:00Z",
        BORN("2016-02-20"), PLAN("2026-01-05")),
    TWO(RECURRING "counts_from: birthday 10, limit: 5 days", BREACH, "2026-01-28T12:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-25 from 2026-01-20 by e1 [e1]\n"
        "XX-2.0 plan P1 scheduled due 2026-01-28 from 2026-01-26 by e1 [e1]\n"
        "next 2026-01-29T00:00Z",
        BORN("2016-01-20"), PLAN("2026-01-05"), VISIT("2026-01-06")),
    TWO(RECURRING "band: until 7 days, limit: 5 days", BREACH, "2026-01-28T12:00:00Z",
        "XX-1.0 plan P1 met_late due 2026-01-16 from 2026-01-11T09:00Z by e1 met e2 [e1]\n"
        "XX-2.0 plan P1 overdue due 2026-01-13 from 2026-01-11 by e0 [e0 e1]\n"
        "  XX-2.0 plan P1 overdue due 2026-01-19 from 2026-01-17 by e1 [e1 e2]\n"
        "next never",
        PLAN("2026-01-05"), VISIT("2026-01-11"), VISIT("2026-01-17")),
    TWO(RECURRING "from_start: false, nth: 2 on, limit: 5 days", BREACH, "2026-01-28T12:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-26 from 2026-01-21T09:00Z by e4 met e4 [e4]\n"
        "XX-2.0 plan P1 overdue due 2026-01-23 from 2026-01-21 by e3 [e3 e4]\n"
        "  XX-2.0 plan P1 scheduled due 2026-01-29 from 2026-01-27 by e4 [e4]\n"
        "next 2026-01-30T00:00Z",
        PLAN("2026-01-05"), VISIT("2026-01-06"), VISIT("2026-01-14"), VISIT("2026-01-15"), VISIT("2026-01-21")),
    /* nothing is owed of it: out of force, met, no limit */
    TWO(RECURRING "in_force: {from: 2026-01-12}, limit: 5 days", BREACH, "2026-01-28T12:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-31 from 2026-01-26T09:00Z by e3 met e3 [e3]\n"
        "XX-2.0 plan P1 scheduled due 2026-01-28 from 2026-01-26 by e2 [e2 e3]\n"
        "next 2026-01-29T00:00Z",
        PLAN("2026-01-05"), VISIT("2026-01-11"), VISIT("2026-01-20"), VISIT("2026-01-26")),
    TWO(RECURRING "limit: 5 days",
        "kind: deadline, over: child, counts_from: breach of XX-1, limit: {limit: 2 days, until: 2026-01-10}, "
        "evidence: oversight_recorded",
        "2026-01-28T12:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05")),
};
START_TEST(breach)
{
    tell_row(&breaches[_i]);
}
END_TEST

/* --- as the facts come: what had no missed duty is looked at no further than it may have one now */

#define BY_RANK "limit: [{limit: 40 days, nth: 0}, {limit: 2 days, nth: 1 on}]"

#define ONE_STRICT "limit: [{limit: 40 days, nth: 0}, {limit: 2 days, nth: 1}, {limit: 40 days, nth: 2 on}]"

#define DONE_LATE                                                                                                      \
    "opened XX-1 P1 2026-01-10 @2026-01-11T00:00Z\nresolved XX-1 P1 2026-01-10 @2026-01-12T09:00Z done_late"
#define UNEXPLAINED "opened XX-2 P1 2026-01-13 @2026-01-14T00:00Z"
#define RECORDED "kind: deadline, over: each visit_done, met_by: recording, limit: 2 days"

/* What is told late is the second of its kind, and has a shorter limit than the first. */
static const row told[] = {
    TWO("kind: recurring, over: each contact_received, evidence: early_help_started, " BY_RANK, BREACH,
        "2026-02-02T09:00:00Z", "opened XX-2 - 2026-01-15 @2026-02-02T09:00Z", BORN("2008-01-20"),
        CONTACT("2026-01-05", ""), "@2026-02-02 2026-01-10 early_help_started"),
    TWO("kind: deadline, over: child, counts_from: breach of XX-2, limit: 2 days, evidence: oversight_recorded",
        RECURRING BY_RANK, "2026-01-20T09:00:00Z",
        "opened XX-1 P1 2026-01-15 @2026-01-20T09:00Z\nopened XX-2 P1 2026-01-12 @2026-01-20T09:00Z",
        PLAN("2026-01-05"), "@2026-01-20 2026-01-10 visit_done 'visit_type':'CIN','mode':'F2F'"),
    /* one more piece of evidence, where the start of a plan is evidence, too */
    TWO("kind: deadline, over: plan where plan_type = CP, evidence: [visit_done, {begins: plan where plan_type = "
        "CIN}], "
        "limit: 5 days",
        BREACH, "2026-01-30T09:00:00Z", "", "2026-01-05 plan_started 'plan_id':'P9','plan_type':'CP'",
        VISIT("2026-01-08"), PLAN("2026-01-09")),
    /* what is told late and is not the last */
    TWO(RECURRING ONE_STRICT, BREACH, "2026-01-30T09:00:00Z", "opened XX-2 P1 2026-01-15 @2026-01-25T09:00Z",
        PLAN("2026-01-05"), "2026-01-06 worker_allocated 'allocation_id':'W1'",
        "2026-01-06 worker_ended 'allocation_id':'W1'", EPISODE("E1", "2026-01-07", ""), VISIT("2026-01-20"),
        VISIT("2026-01-21"), "@2026-01-25 2026-01-10 visit_done"),
    /* told when the plan is over already, an instant ago or long */
    TWO(RECURRING BY_RANK, BREACH, "2026-02-28T09:00:00Z", "opened XX-2 P1 2026-01-15 @2026-02-25T09:00Z",
        PLAN("2026-01-05"), PLAN_OVER("2026-02-10"), "2026-02-12 plan_started 'plan_id':'P2','plan_type':'CIN'",
        "@2026-02-25 2026-01-10 visit_done"),
    TWO(RECURRING BY_RANK, BREACH, "2026-02-28T09:00:00Z", "opened XX-2 P1 2026-01-15 @2026-02-10T09:00Z",
        PLAN("2026-01-05"), PLAN_OVER("2026-02-10"), "@2026-02-10 2026-01-10 visit_done"),
    /* no answer: a note that names another rule, what is no note, a supervision in which nothing was reviewed */
    TWO(DEADLINE "limit: 5 days", BREACH, "2026-01-30T09:00:00Z", DONE_LATE "\n" UNEXPLAINED, PLAN("2026-01-05"),
        VISIT("2026-01-12"), NOTE("2026-01-13", ",'linked_rule':'XX-9'")),
    TWO(DEADLINE "limit: 5 days", BREACH, "2026-01-30T09:00:00Z", DONE_LATE "\n" UNEXPLAINED, PLAN("2026-01-05"),
        VISIT("2026-01-12"), NOTE("2026-01-06", ""), "2026-01-13 worker_allocated 'allocation_id':'W1'"),
    TWO(DEADLINE "limit: 5 days", BREACH, "2026-01-30T09:00:00Z", DONE_LATE "\n" UNEXPLAINED, PLAN("2026-01-05"),
        VISIT("2026-01-12"), NOTE("2026-01-06", ""), "2026-01-13 supervision_held 'actions_reviewed':'N'"),
    /* written up late: a note of before that explains nothing (readings 35), one on the first overdue day does */
    TWO(RECORDED, BREACH, "2026-01-30T09:00:00Z", "opened XX-2 - 2026-01-10 @2026-01-20T09:00Z", NOTE("2026-01-07", ""),
        "@2026-01-20 2026-01-05 visit_done 'visit_type':'CIN','mode':'F2F'"),
    TWO(RECORDED, BREACH, "2026-01-30T09:00:00Z", "", NOTE("2026-01-08", ""),
        "@2026-01-20 2026-01-05 visit_done 'visit_type':'CIN','mode':'F2F'"),
    /* so with a target date that is another than the due date */
    TWO("kind: deadline, over: s47, met_by: target, target: initial_cpc_target, raises: flag, limit: 5 days", BREACH,
        "2026-01-30T09:00:00Z",
        "flagged XX-1 S1 2026-01-10 @2026-01-05T09:00Z\nopened XX-2 S1 2026-01-13 @2026-01-14T00:00Z",
        "2026-01-05 s47_started 's47_id':'S1','initial_cpc_target':'2026-01-12'", NOTE("2026-01-08", "")),
};
START_TEST(breach_told)
{
    const row *one = &told[_i];
    world *w = tell_world(one->rules);
    tell_events(w, one->events, sizeof one->events / sizeof one->events[0]);
    till(w, one->when);
    saw(w, one->expect);
    world_free(w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tables_breach");
    TCase *tc = tcase_create("tables");
#define ROWS(test, table) tcase_add_loop_test(tc, test, 0, sizeof table / sizeof table[0])
    ROWS(breach, breaches);
    ROWS(breach_told, told);
#undef ROWS
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

// link: dw_config
/* check_tables_ends.c: invented rules over small worlds: how an alert ends, and by which fact. */

#include "tests/support/core_tables.h"

/* Two clocks of one subject, of which each is answered by itself. */
#define TWO_CLOCKS                                                                                                     \
    "kind: recurring, over: each contact_received, evidence: early_help_started, "                                     \
    "limit: [{limit: 2 days, nth: 0}, {limit: 40 days, nth: 1 on}]"
#define LINKED                                                                                                         \
    "kind: deadline, over: allocation, evidence: {fact: visit_done, link: worker_ref, link_required: true}, limit: 5 " \
    "days"
#define WORKER(day, id, role) day " worker_allocated 'role':'" role "'& 'worker_ref':'" id "'"
#define FIRST "opened XX-1 - 2026-01-07 @2026-01-08T00:00Z\n"
#define PLANNED "opened XX-1 P1 2026-01-10 @2026-01-11T00:00Z\n"

static const row ends[] = {
    /* the clock that the alert was raised for went on, while another still runs: done late, in time but told late, not at all */
    ROW(TWO_CLOCKS, "2026-01-10T12:00:00Z", FIRST "resolved XX-1 - 2026-01-07 @2026-01-10T09:00Z done_late by e2",
        CONTACT("2026-01-05", ""), CONTACT("2026-01-09", ""), "@2026-01-10 2026-01-08 early_help_started"),
    ROW(TWO_CLOCKS, "2026-01-10T12:00:00Z",
        FIRST "resolved XX-1 - 2026-01-07 @2026-01-10T09:00Z done_on_time_recorded_late by e2",
        CONTACT("2026-01-05", ""), CONTACT("2026-01-09", ""), "@2026-01-10 2026-01-07 early_help_started"),
    ROW(TWO_CLOCKS, "2026-01-10T12:00:00Z",
        FIRST "resolved XX-1 - 2026-01-07 @2026-01-10T09:00Z entered_in_error by e0", CONTACT("2026-01-05", ""),
        CONTACT("2026-01-09", ""), "@2026-01-10 void 0 2026-01-05 contact_received"),
    /* the case was closed: by that, also of a duty after one event */
    ROW(TWO_CLOCKS, "2026-01-10T12:00:00Z",
        FIRST "resolved XX-1 - 2026-01-07 @2026-01-10T09:00Z superseded_overdue by e1", CONTACT("2026-01-05", ""),
        "2026-01-10 case_closed 'reason_for_closure':'RC7'"),
    /* two clocks went on since: by what was told last, though it happened first */
    ROW("kind: recurring, over: allocation, evidence: {fact: visit_done, link: worker_ref, link_required: true}, "
        "limit: 5 "
        "days",
        "2026-01-14T12:00:00Z",
        "opened XX-1 - 2026-01-10 @2026-01-11T00:00Z\n"
        "resolved XX-1 - 2026-01-10 @2026-01-13T09:00Z done_late by e3",
        WORKER("2026-01-05", "SW1", "LEAD_SW"), WORKER("2026-01-08", "SW2", "PA"),
        "2026-01-12 visit_done 'mode':'F2F'& 'worker_ref':'SW2'",
        "@2026-01-13 2026-01-11 visit_done 'mode':'F2F'& 'worker_ref':'SW1'"),
    /* two are due on one day: by what met the one that was left */
    ROW(LINKED, "2026-01-14T12:00:00Z",
        "opened XX-1 - 2026-01-10 @2026-01-11T00:00Z\n"
        "resolved XX-1 - 2026-01-10 @2026-01-13T09:00Z done_late by e3",
        WORKER("2026-01-05", "SW1", "LEAD_SW"), WORKER("2026-01-05", "SW2", "PA"),
        "2026-01-12 visit_done 'mode':'F2F'& 'worker_ref':'SW1'",
        "2026-01-13 visit_done 'mode':'F2F'& 'worker_ref':'SW2'"),
    /* its record is corrected, so that what was known before meets it, while another clock still runs */
    ROW(LINKED, "2026-01-12T12:00:00Z",
        "opened XX-1 - 2026-01-10 @2026-01-11T00:00Z\n"
        "resolved XX-1 - 2026-01-10 @2026-01-12T09:00Z done_on_time_recorded_late by e0",
        "2026-01-06 visit_done 'mode':'F2F'& 'worker_ref':'SW9'",
        "@2026-01-07 2026-01-05 worker_allocated 'role':'LEAD_SW'& 'worker_ref':'SW1'",
        WORKER("2026-01-08", "SW2", "PA"),
        "@2026-01-12 amend 1 2026-01-05 worker_allocated 'role':'LEAD_SW'& 'worker_ref':'SW9'"),
    /* what met another clock, known before, has not met this one */
    ROW(TWO_CLOCKS, "2026-03-10T12:00:00Z",
        "opened XX-1 - 2026-03-04 @2026-03-05T00:00Z\n"
        "resolved XX-1 - 2026-03-04 @2026-03-10T09:00Z entered_in_error by e2",
        CONTACT("2026-02-27", ""), "2026-02-28 early_help_started", CONTACT("2026-03-02", ""),
        "@2026-03-10 amend 2 2026-03-09 contact_received"),
    ROW(TWO_CLOCKS, "2026-03-10T12:00:00Z",
        "opened XX-1 - 2026-03-04 @2026-03-05T00:00Z\n"
        "resolved XX-1 - 2026-03-04 @2026-03-10T09:00Z entered_in_error by e2",
        CONTACT("2026-02-27", ""), "2026-02-28 early_help_started", CONTACT("2026-03-02", ""),
        "@2026-03-10 void 2 2026-03-02 contact_received"),
    /* only an older duty is left, met since */
    ROW(LINKED, "2026-02-22T12:00:00Z",
        "opened XX-1 - 2026-01-10 @2026-01-11T00:00Z\n"
        "revised XX-1 - 2026-02-10 @2026-02-20T09:00Z\n"
        "resolved XX-1 - 2026-02-10 @2026-02-21T09:00Z entered_in_error by e1",
        WORKER("2026-01-05", "SW1", "LEAD_SW"), WORKER("2026-02-05", "SW2", "PA"),
        "2026-02-20 visit_done 'mode':'F2F'& 'worker_ref':'SW1'",
        "@2026-02-21 void 1 2026-02-05 worker_allocated 'role':'PA'& 'worker_ref':'SW2'"),
    /* of two visits the second is withdrawn, and what the first began has time yet */
    ROW(RECURRING "limit: [{limit: 5 days, nth: 2 on}, {limit: 40 days, nth: 0 to 1}]", "2026-01-30T12:00:00Z",
        "opened XX-1 P1 2026-01-15 @2026-01-16T00:00Z\n"
        "resolved XX-1 P1 2026-01-15 @2026-01-30T09:00Z entered_in_error by e2",
        PLAN("2026-01-05"), VISIT("2026-01-07"), VISIT("2026-01-10"),
        "@2026-01-30 void 2 2026-01-10 visit_done 'visit_type':'CIN','mode':'F2F'"),
    /* its plan ended: while it was late, in time but told late, on the due day; by the case */
    ROW(DEADLINE "limit: 5 days", "2026-01-30T12:00:00Z",
        PLANNED "resolved XX-1 P1 2026-01-10 @2026-01-12T09:00Z superseded_overdue by e1", PLAN("2026-01-05"),
        PLAN_OVER("2026-01-12")),
    ROW(DEADLINE "limit: 5 days", "2026-01-30T12:00:00Z",
        PLANNED "resolved XX-1 P1 2026-01-10 @2026-01-12T09:00Z cancelled by e1", PLAN("2026-01-05"),
        "@2026-01-12 2026-01-10 plan_ended 'plan_id':'P1','end_date':'2026-01-10'"),
    ROW(DEADLINE "limit: 5 days", "2026-01-30T12:00:00Z",
        PLANNED "resolved XX-1 P1 2026-01-10 @2026-01-12T09:00Z superseded_overdue by e1", PLAN("2026-01-05"),
        "2026-01-12 case_closed 'reason_for_closure':'RC7'"),
    ROW(DEADLINE "limit: 5 days", "2026-01-30T12:00:00Z",
        PLANNED "resolved XX-1 P1 2026-01-10 @2026-01-12T09:00Z done_on_time_recorded_late by e1", PLAN("2026-01-05"),
        "@2026-01-12 " VISIT("2026-01-10")),
    /* its plan began later, and ended: after the alert's due day, on it */
    ROW(DEADLINE "limit: 5 days", "2026-01-30T12:00:00Z",
        PLANNED "resolved XX-1 P1 2026-01-10 @2026-01-20T09:00Z superseded_overdue by e1", PLAN("2026-01-05"),
        "@2026-01-20 amend 0 2026-01-07 plan_started "
        "'plan_id':'P1','plan_type':'CIN','start_date':'2026-01-07','end_date':'2026-01-11'"),
    ROW(DEADLINE "limit: 5 days", "2026-01-30T12:00:00Z",
        PLANNED "resolved XX-1 P1 2026-01-10 @2026-01-20T09:00Z cancelled by e1", PLAN("2026-01-05"),
        "@2026-01-20 amend 0 2026-01-07 plan_started "
        "'plan_id':'P1','plan_type':'CIN','start_date':'2026-01-07','end_date':'2026-01-10'"),
    /* what made it so strict is over; it rests since before it was late */
    ROW("kind: recurring, over: plan where plan_type = CIN, evidence: visit_done, limit: {limit: 5 days, while: plan "
        "where plan_type = CP}",
        "2026-01-30T12:00:00Z", PLANNED "resolved XX-1 P1 2026-01-10 @2026-01-12T09:00Z superseded_overdue by e0",
        PLAN("2026-01-05"), "2026-01-05 plan_started 'plan_id':'P2','plan_type':'CP'",
        "2026-01-12 plan_ended 'plan_id':'P2'"),
    ROW("kind: recurring, over: plan where plan_type = CIN, evidence: visit_done, limit: {limit: 5 days, while: plan "
        "where plan_type = CP}",
        "2026-01-30T12:00:00Z",
        "opened XX-1 P1 2026-01-11 @2026-01-12T00:00Z\n"
        "resolved XX-1 P1 2026-01-11 @2026-01-12T09:00Z superseded_overdue by e2",
        PLAN("2026-01-05"), "2026-01-05 plan_started 'plan_id':'P2','plan_type':'CP'", VISIT("2026-01-06"),
        "2026-01-12 plan_ended 'plan_id':'P2'"),
    ROW("kind: recurring, over: plan where plan_type = CIN, evidence: visit_done, limit: [{limit: 5 days, while: plan "
        "where plan_type = CP}, {limit: 20 days}]",
        "2026-01-30T12:00:00Z",
        "opened XX-1 P1 2026-01-11 @2026-01-12T00:00Z\n"
        "resolved XX-1 P1 2026-01-11 @2026-01-12T09:00Z superseded_overdue by e2\n"
        "opened XX-1 P1 2026-01-26 @2026-01-27T00:00Z g2",
        PLAN("2026-01-05"), "2026-01-05 plan_started 'plan_id':'P2','plan_type':'CP'", VISIT("2026-01-06"),
        "@2026-01-12 void 1 2026-01-05 plan_started 'plan_id':'P2','plan_type':'CP'"),
    ROW("kind: recurring, over: plan where plan_type = CIN, evidence: visit_done, rests_while: [plan where plan_type = "
        "CP], limit: 5 days",
        "2026-01-30T12:00:00Z", PLANNED "resolved XX-1 P1 2026-01-10 @2026-01-12T09:00Z cancelled by e0",
        PLAN("2026-01-05"), "@2026-01-12 2026-01-08 plan_started 'plan_id':'P2','plan_type':'CP'"),
    /* it rests since before it was late, and has longer: for none of it was it ever late */
    ROW("kind: recurring, over: plan where plan_type = CIN, evidence: visit_done, rests_while: [plan where plan_type = "
        "CP], limit: [{limit: 30 days, while: plan where plan_type = CP}, {limit: 5 days}]",
        "2026-01-30T12:00:00Z", PLANNED "resolved XX-1 P1 2026-01-10 @2026-01-12T09:00Z entered_in_error by e0",
        PLAN("2026-01-05"), "@2026-01-12 2026-01-08 plan_started 'plan_id':'P2','plan_type':'CP'"),
};
START_TEST(end)
{
    const row *one = &ends[_i];
    world *w = tell_world(one->rules);
    w->closing = true;
    tell_events(w, one->events, sizeof one->events / sizeof one->events[0]);
    till(w, one->when);
    saw(w, one->expect);
    world_free(w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tables_ends");
    TCase *tc = tcase_create("tables");
    tcase_add_loop_test(tc, end, 0, sizeof ends / sizeof ends[0]);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

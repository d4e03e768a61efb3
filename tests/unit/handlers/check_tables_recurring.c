// link: dw_config
/* check_tables_recurring.c: invented rules over small worlds: recurring duties: the interval that counts now, bands, ranks, rests. */

#include "tests/support/core_tables.h"

/* --- recurring duties */

static const row intervals[] = {
    /* the anchor lies after evidence: it begins the interval, unless only evidence does */
    ROW(RECURRING "counts_from: birthday 10, limit: 20 days", "2026-02-25T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-02-09 from 2026-01-20 by e1 [e1]\n"
        "next 2034-01-20T00:00Z",
        BORN("2016-01-20"), PLAN("2026-01-05"), VISIT("2026-01-19")),
    ROW(RECURRING "counts_from: birthday 10, limit: 20 days", "2026-02-25T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-02-09 from 2026-01-20T09:00Z by e3 met e3 [e3]\n"
        "next 2034-01-20T00:00Z",
        BORN("2016-01-20"), PLAN("2026-01-05"), VISIT("2026-01-19"), VISIT("2026-01-20")),
    ROW(RECURRING "counts_from: birthday 10, from_start: false, limit: 20 days", "2026-02-25T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-02-08 from 2026-01-19T09:00Z by e2 met e2 [e2]\n"
        "next 2034-01-20T00:00Z",
        BORN("2016-01-20"), PLAN("2026-01-05"), VISIT("2026-01-19")),
    ROW(RECURRING "counts_from: birthday 10, band: until 12 months, limit: 20 days", "2026-02-25T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-02-09 from 2026-01-20 by e1 [e1]\n"
        "next 2034-01-20T00:00Z",
        BORN("2016-01-20"), PLAN("2026-01-05"), VISIT("2026-01-19")),
    ROW(RECURRING "counts_from: birthday 10, band: until 12 months, limit: 20 days", "2026-02-25T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-02-19 from 2026-01-30T09:00Z by e4 met e4 [e4]\n"
        "next 2034-01-20T00:00Z",
        BORN("2016-01-20"), PLAN("2026-01-05"), VISIT("2026-01-19"), VISIT("2026-01-21"), VISIT("2026-01-30")),
    ROW(RECURRING "from_start: false, limit: 20 days", "2026-02-25T00:00:00Z", "next never", PLAN("2026-01-05")),
    /* bands: the last interval that begins inside, met by what follows */
    ROW(RECURRING "band: until 7 days, limit: 20 days", "2026-02-25T00:00:00Z",
        "XX-1.0 plan P1 met due 2026-01-31 from 2026-01-11T09:00Z by e1 met e2 [e1]\n"
        "next never",
        PLAN("2026-01-05"), VISIT("2026-01-11"), VISIT("2026-01-12")),
    ROW(RECURRING "band: until 7 days, limit: 20 days", "2026-02-25T00:00:00Z",
        "XX-1.0 plan P1 met due 2026-01-25 from 2026-01-05T09:00Z by e0 met e1 [e0]\n"
        "next never",
        PLAN("2026-01-05"), VISIT("2026-01-12")),
    ROW(RECURRING "band: from 7 days, limit: 20 days", "2026-01-25T00:00:00Z", "next never", PLAN("2026-01-05"),
        VISIT("2026-01-11")),
    ROW(RECURRING "band: from 7 days, limit: 20 days", "2026-01-25T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-02-01 from 2026-01-12T09:00Z by e1 met e1 [e1]\n"
        "next 2026-02-02T00:00Z",
        PLAN("2026-01-05"), VISIT("2026-01-12")),
    ROW(RECURRING "band: from 1 until 2 months, limit: 20 days", "2026-04-25T00:00:00Z",
        "XX-1.0 plan P1 met due 2026-03-24 from 2026-03-04T09:00Z by e3 met e4 [e3]\n"
        "next never",
        PLAN("2026-01-05"), VISIT("2026-02-04"), VISIT("2026-02-05"), VISIT("2026-03-04"), VISIT("2026-03-05")),
    ROW(RECURRING "band: from 1 until 2 months, limit: 20 days", "2026-02-25T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-02-25 from 2026-02-05T09:00Z by e2 met e2 [e2]\n"
        "next 2026-02-26T00:00Z",
        PLAN("2026-01-05"), VISIT("2026-02-04"), VISIT("2026-02-05")),
    /* ranks */
    ROW(RECURRING "from_start: false, nth: 1 to 2, limit: 20 days", "2026-04-25T00:00:00Z",
        "XX-1.0 plan P1 met due 2026-02-01 from 2026-01-12T09:00Z by e2 met e3 [e2]\n"
        "next never",
        PLAN("2026-01-05"), VISIT("2026-01-06"), VISIT("2026-01-12"), VISIT("2026-01-20")),
    ROW(RECURRING "from_start: false, nth: 1 to 2, limit: 20 days", "2026-01-15T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-02-01 from 2026-01-12T09:00Z by e2 met e2 [e2]\n"
        "next 2026-02-02T00:00Z",
        PLAN("2026-01-05"), VISIT("2026-01-06"), VISIT("2026-01-12")),
    ROW(RECURRING "from_start: false, nth: 2 on, limit: 20 days", "2026-01-15T00:00:00Z", "next never",
        PLAN("2026-01-05"), VISIT("2026-01-06")),
    ROW(RECURRING "from_start: false, nth: 2 on, limit: 20 days", "2026-01-25T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-02-09 from 2026-01-20T09:00Z by e3 met e3 [e3]\n"
        "next 2026-02-10T00:00Z",
        PLAN("2026-01-05"), VISIT("2026-01-06"), VISIT("2026-01-12"), VISIT("2026-01-20")),
    ROW(RECURRING "limit: [{limit: 3 days, nth: 0}, {limit: 9 days, nth: 1}]", "2026-01-25T00:00:00Z",
        "XX-1.0 plan P1 resting from 2026-01-12T09:00Z by e2 [e2]\n"
        "next never",
        PLAN("2026-01-05"), VISIT("2026-01-06"), VISIT("2026-01-12")),
    ROW(RECURRING "counts_from: latest meeting_held where kind = STRATEGY, limit: 20 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-23 from 2026-01-03T09:00Z by e1 met e1 [e1]\n"
        "next 2026-01-24T00:00Z",
        MEETING("2026-01-02", ""), VISIT("2026-01-03"), PLAN("2026-01-05")),
    /* the first day of the span does not count; two clauses count one fact once; an earlier day that evidence set */
    ROW(RECURRING "evidence_after_start: true, limit: 20 days", "2026-01-15T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-25 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next 2026-01-26T00:00Z",
        PLAN("2026-01-05"), VISIT("2026-01-05")),
    ROW(RECURRING "evidence_after_start: true, limit: 20 days", "2026-01-15T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-26 from 2026-01-06T09:00Z by e1 met e1 [e1]\n"
        "next 2026-01-27T00:00Z",
        PLAN("2026-01-05"), VISIT("2026-01-06")),
    ROW("kind: recurring, over: plan, evidence: [visit_done where mode = F2F, visit_done, meeting_held], band: until "
        "12 months, limit: 20 days",
        "2026-02-25T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-02-01 from 2026-01-12T09:00Z by e2 met e2 [e2]\n"
        "next never",
        PLAN("2026-01-05"), VISIT("2026-01-12"), MEETING("2026-01-12", ""), VISIT("2026-01-08"),
        MEETING("2026-01-10", "")),
    ROW("kind: recurring, over: plan, evidence: plan_review, due_override: next_due_override, limit: 20 days",
        "2026-01-15T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-26 from 2026-01-07T09:00Z by e1 met e1 limit 254 [e1]\n"
        "next 2026-01-27T00:00Z",
        PLAN("2026-01-05"), "2026-01-07 plan_review 'next_due_override':'2026-01-26'"),
    /* of two plans without an id, one of which is over when it begins, the first gives care its name */
    ROW("kind: recurring, over: care, evidence: visit_done, limit: 20 days", "2026-01-15T00:00:00Z",
        "XX-1.0 plan 2c39681efd6cf4d7 scheduled due 2026-01-22 from 2026-01-02T09:00Z by e0 [e0]\n"
        "next 2026-01-23T00:00Z",
        "2026-01-02 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-05 plan_changed 'plan_type':'CLA','start_date':'2026-01-10'",
        "2026-01-06 plan_ended 'plan_type':'CLA'", "2026-01-10T00:00 plan_started 'plan_type':'CLA'"),
    /* of two at one instant the earlier date, whichever comes first in the order of facts, and if it is evidence at all */
    ROW("kind: recurring, over: plan, evidence: [visit_done, plan_review where not status = CANCELLED], due_override: "
        "next_due_override, limit: 20 days",
        "2026-01-15T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-24 from 2026-01-07T09:00Z by e2 met e2 limit 254 [e2]\n"
        "next 2026-01-25T00:00Z",
        PLAN("2026-01-05"), "2026-01-07 plan_review 'next_due_override':'2026-01-24'",
        "2026-01-07 plan_review 'next_due_override':'2026-01-26'",
        "2026-01-07 plan_review 'next_due_override':'2026-01-22','status':'CANCELLED'"),
    ROW("kind: recurring, over: plan, evidence: plan_review where not status = CANCELLED, due_override: "
        "next_due_override, limit: 20 days",
        "2026-01-15T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-24 from 2026-01-07T09:00Z by e2 met e2 limit 254 [e2]\n"
        "next 2026-01-25T00:00Z",
        PLAN("2026-01-05"), "2026-01-07 plan_review 'next_due_override':'2026-01-24'",
        "2026-01-07 plan_review 'next_due_override':'2026-01-26'",
        "2026-01-07T09:01 plan_review 'next_due_override':'2026-01-22','status':'CANCELLED'",
        "2026-01-07 plan_review 'next_due_override':'2026-01-22','status':'CANCELLED'",
        "2026-01-07T08:59 plan_review 'next_due_override':'2026-01-22'", "2026-01-07 plan_review"),
    ROW("kind: recurring, over: plan, evidence: plan_review where not status = CANCELLED, due_override: "
        "next_due_override, limit: 20 days",
        "2026-01-15T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-24 from 2026-01-07T09:00Z by e2 met e2 limit 254 [e2]\n"
        "next 2026-01-25T00:00Z",
        PLAN("2026-01-05"), "2026-01-07 plan_review", "2026-01-07 plan_review 'next_due_override':'2026-01-06'",
        "2026-01-07 plan_review 'next_due_override':'2026-01-24'",
        "2026-01-07 plan_review 'next_due_override':'2026-01-26'"),
    ROW("kind: recurring, over: plan, evidence: plan_review, due_override: next_due_override, limit: 20 days",
        "2026-01-15T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-27 from 2026-01-07T09:00Z by e1 met e1 [e1]\n"
        "next 2026-01-28T00:00Z",
        PLAN("2026-01-05"), "2026-01-07 plan_review 'next_due_override':'2026-01-27'"),
    ROW("kind: recurring, over: plan, evidence: plan_review, due_override: next_due_override, limit: 20 days",
        "2026-01-15T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-07 from 2026-01-07T09:00Z by e1 met e1 limit 254 [e1]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-07 plan_review 'next_due_override':'2026-01-07'"),
    ROW("kind: recurring, over: plan, evidence: plan_review, due_override: next_due_override, limit: 20 days",
        "2026-01-15T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-27 from 2026-01-07T09:00Z by e1 met e1 [e1]\n"
        "next 2026-01-28T00:00Z",
        PLAN("2026-01-05"), "2026-01-07 plan_review 'next_due_override':'2026-01-06'"),
    /* over: cancelled on the due day, superseded after it; a warning */
    ROW(RECURRING "limit: 10 days", "2026-02-15T00:00:00Z",
        "XX-1.0 plan P1 cancelled due 2026-01-15 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-15 plan_ended 'plan_id':'P1'"),
    ROW(RECURRING "limit: 10 days", "2026-02-15T00:00:00Z",
        "XX-1.0 plan P1 superseded_overdue due 2026-01-15 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-16 plan_ended 'plan_id':'P1'"),
    ROW(RECURRING "limit: 10 days, warn: {limit: 6 days}", "2026-01-11T23:59:59Z",
        "XX-1.0 plan P1 scheduled due 2026-01-15 warn 2026-01-12T00:00Z from 2026-01-05T09:00Z by e0 [e0]\n"
        "next 2026-01-12T00:00Z",
        PLAN("2026-01-05")),
    ROW(RECURRING "limit: 10 days, warn: {limit: 6 days}", "2026-01-12T00:00:00Z",
        "XX-1.0 plan P1 warned due 2026-01-15 warn 2026-01-12T00:00Z from 2026-01-05T09:00Z by e0 [e0]\n"
        "next 2026-01-16T00:00Z",
        PLAN("2026-01-05")),
    ROW("kind: recurring, over: plan, evidence: plan_review, due_override: next_due_override, limit: 20 days, warn: "
        "{limit: 9 days}",
        "2026-01-15T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-16 from 2026-01-07T09:00Z by e1 met e1 limit 254 [e1]\n"
        "next 2026-01-17T00:00Z",
        PLAN("2026-01-05"), "2026-01-07 plan_review 'next_due_override':'2026-01-16'"),
    ROW("kind: recurring, over: plan, evidence: plan_review, due_override: next_due_override, limit: 20 days, warn: "
        "{limit: 9 days}",
        "2026-01-15T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-17 warn 2026-01-17T00:00Z from 2026-01-07T09:00Z by e1 met e1 limit 254 "
        "[e1]\n"
        "next 2026-01-17T00:00Z",
        PLAN("2026-01-05"), "2026-01-07 plan_review 'next_due_override':'2026-01-17'"),
    ROW(RECURRING "limit: {limit: 10 days, when: plan_type = CP}", "2026-01-12T00:00:00Z",
        "XX-1.0 plan P1 resting from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05")),
    ROW("kind: recurring, over: plan, evidence: [visit_done where mode = F2F, visit_done], from_start: false, nth: 2 "
        "on, limit: 20 days",
        "2026-02-25T00:00:00Z", "next never", PLAN("2026-01-05"), VISIT("2026-01-12")),
    /* rests: while a plan is open beside it; owed again from its end; from the last of either kind */
    ROW("kind: recurring, over: plan where plan_type = CIN, evidence: visit_done where visit_type = CIN, rests_while: "
        "[plan where plan_type = CP], limit: 10 days",
        "2026-01-12T00:00:00Z",
        "XX-1.0 plan P1 resting due 2026-01-15 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-10 plan_started 'plan_id':'P2','plan_type':'CP'"),
    ROW("kind: recurring, over: plan where plan_type = CIN, evidence: visit_done where visit_type = CIN, rests_while: "
        "[plan where plan_type = CP], limit: 10 days",
        "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 superseded_overdue due 2026-01-15 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-16T00:00 plan_started 'plan_id':'P2','plan_type':'CP'"),
    ROW("kind: recurring, over: plan where plan_type = CIN, evidence: visit_done where visit_type = CIN, rests_while: "
        "[plan where plan_type = CP], limit: 10 days",
        "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-15 late 2026-01-18T09:00Z from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-10 plan_started 'plan_id':'P2','plan_type':'CP'",
        "2026-01-18 plan_ended 'plan_id':'P2'"),
    ROW("kind: recurring, over: plan where plan_type = CIN, evidence: visit_done where visit_type = CIN, rests_while: "
        "[plan where plan_type = CP], after_rest: [visit_done where visit_type = CP], limit: 10 days",
        "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-22 from 2026-01-12T09:00Z by e2 met e2 [e2]\n"
        "next 2026-01-23T00:00Z",
        PLAN("2026-01-05"), "2026-01-10 plan_started 'plan_id':'P2','plan_type':'CP'",
        "2026-01-12 visit_done 'visit_type':'CP'", "2026-01-18 plan_ended 'plan_id':'P2'"),
    ROW("kind: recurring, over: plan where plan_type = CIN, evidence: visit_done where visit_type = CIN, rests_while: "
        "[plan where plan_type = CP, care], limit: 10 days",
        "2026-02-20T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-15 late 2026-01-25T09:00Z from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-10 plan_started 'plan_id':'P2','plan_type':'CP'",
        "2026-01-18 plan_ended 'plan_id':'P2'", "2026-01-12 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-25 placement_ended 'placement_id':'L1','rec':'E3'"),
};
START_TEST(interval)
{
    tell_row(&intervals[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tables_recurring");
    TCase *tc = tcase_create("tables");
#define ROWS(test, table) tcase_add_loop_test(tc, test, 0, sizeof table / sizeof table[0])
    ROWS(interval, intervals);
#undef ROWS
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

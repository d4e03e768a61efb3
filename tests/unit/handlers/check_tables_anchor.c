// link: dw_config
/* check_tables_anchor.c: invented rules over small worlds: what a limit counts from, and between which birthdays anything is owed. */

#include "tests/support/core_tables.h"

/* --- counts_from, age */

static const row anchors[] = {
    /* an instant of the record itself, and a day: hours from a day run to the end of the last that it can mean */
    ROW("kind: deadline, over: episode, evidence: rhi, counts_from: field reported_at, limit: 24 hours",
        "2026-01-06T09:59:59Z",
        "XX-1.0 episode E1 scheduled due 2026-01-06T10:00Z from 2026-01-05T10:00Z by e0 [e0]\n"
        "next 2026-01-06T10:00:00.000001Z",
        "2026-01-05 missing_episode "
        "'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z','reported_at':'2026-01-05T10:00:00Z'"),
    ROW("kind: deadline, over: episode, evidence: rhi, counts_from: field reported_at, limit: 24 hours",
        "2026-01-06T09:00:00Z",
        "XX-1.0 episode E1 overdue due 2026-01-06T08:00Z from 2026-01-05T08:00Z by e0 [e0]\n"
        "next never",
        "2026-01-05 missing_episode 'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z'"),
    ROW(DEADLINE "counts_from: 'field notified_on, aware_on', limit: 24 hours", "2026-01-06T09:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-05T23:59:59.999999Z from 2026-01-04 by e0 approx [e0]\n"
        "next never",
        "2026-01-05 plan_started 'plan_id':'P1','plan_type':'PF','start_date':'2026-01-05','aware_on':'2026-01-04'"),
    ROW(DEADLINE "counts_from: 'field notified_on, aware_on', limit: 24 hours", "2026-01-06T09:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-08T23:59:59.999999Z from 2026-01-07 by e0 approx [e0]\n"
        "next 2026-01-09T00:00Z",
        "2026-01-05 plan_started "
        "'plan_id':'P1','plan_type':'PF','start_date':'2026-01-05','aware_on':'2026-01-04','notified_on':'2026-01-07'"),
    /* the latest record that carries it, whichever kind of record; a temporary stay says nothing of the place, and all else */
    ROW("kind: deadline, over: care, evidence: visit_done, counts_from: field decom, limit: 5 days",
        "2026-01-12T00:00:00Z",
        "XX-1.0 child scheduled due 2026-01-15 from 2026-01-10 by e1 [e0 e1]\n"
        "next 2026-01-16T00:00Z",
        "2026-01-05 placement_started 'placement_id':'L1','decom':'2026-01-05','rne':'S','place':'U6'",
        "2026-01-10 legal_changed 'decom':'2026-01-10','ls':'C2'"),
    ROW("kind: deadline, over: care where ls = E1 and place = U6, evidence: visit_done, limit: 5 days",
        "2026-01-12T00:00:00Z",
        "XX-1.0 child overdue due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next 2026-01-18T00:00Z",
        "2026-01-05 placement_started 'placement_id':'L1','rne':'S','place':'U6','ls':'C2'",
        "2026-01-10 placement_started 'placement_id':'L2','rne':'B','place':'T0','ls':'E1'"),
    /* linked alone: the latest that names the span, by one field or a list; by date alone nothing is linked */
    ROW("kind: deadline, over: episode, evidence: rhi, counts_from: [{linked: meeting_held where kind = STRATEGY, "
        "link: episode_ids}], limit: 2 days",
        "2026-01-08T09:00:00Z", "next never",
        "2026-01-05 missing_episode 'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z'",
        "2026-01-05 missing_episode "
        "'episode_id':'E2','mis_start':'2026-01-05T20:00:00Z','returned_at':'2026-01-05T21:00:00Z'",
        MEETING("2026-01-06", "")),
    ROW("kind: deadline, over: episode, evidence: rhi, counts_from: [{linked: meeting_held where kind = STRATEGY, "
        "link: episode_ids}], limit: 2 days",
        "2026-01-08T09:00:00Z",
        "XX-1.0 episode E1 scheduled due 2026-01-08 from 2026-01-06T09:00Z by e2 [e0 e2]\n"
        "next 2026-01-09T00:00Z",
        "2026-01-05 missing_episode 'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z'",
        MEETING("2026-01-05", ",'episode_ids':['E0','E1']"), MEETING("2026-01-06", ",'episode_ids':['E1']"),
        MEETING("2026-01-07", ",'episode_ids':['E2','E3']")),
    /* named by the span's own events, of which not all name one */
    ROW("kind: deadline, over: s47, evidence: visit_done, counts_from: [{linked: meeting_held where kind = STRATEGY, "
        "back_link: meeting_id}], limit: 2 days",
        "2026-01-08T09:00:00Z",
        "XX-1.0 s47 S1 overdue due 2026-01-06 from 2026-01-04T09:00Z by e0 [e3 e0]\n"
        "next never",
        MEETING("2026-01-04", ",'meeting_id':'M1'"), MEETING("2026-01-05", ",'meeting_id':'M2'"),
        "2026-01-06 s47_started 's47_id':'S1'", "2026-01-06 s47_started 's47_id':'S1','meeting_id':'M0'",
        "2026-01-07 s47_started 's47_id':'S1','meeting_id':'M1'", MEETING("2026-01-07", ""),
        "2026-01-07 meeting_held 'kind':'PPM','meeting_id':'M1'"),
    ROW("kind: deadline, over: s47, evidence: visit_done, counts_from: [{linked: meeting_held where kind = STRATEGY, "
        "back_link: meeting_id}, start], limit: 2 days",
        "2026-01-08T09:00:00Z",
        "XX-1.0 s47 S1 scheduled due 2026-01-08 from 2026-01-06T09:00Z by e1 [e1]\n"
        "next 2026-01-09T00:00Z",
        MEETING("2026-01-04", ",'meeting_id':'M1'"), "2026-01-06 s47_started 's47_id':'S1','meeting_id':'M2'"),
    /* the latest before the start, on its day too */
    ROW(DEADLINE "counts_from: latest meeting_held where kind = STRATEGY, limit: 5 days", "2026-01-08T09:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-10 from 2026-01-05T09:00Z by e1 [e2 e1]\n"
        "next 2026-01-11T00:00Z",
        MEETING("2026-01-02", ""), MEETING("2026-01-05", ""), PLAN("2026-01-05"), MEETING("2026-01-06", "")),
    ROW(DEADLINE "counts_from: latest meeting_held where kind = STRATEGY, limit: 5 days", "2026-01-08T09:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next 2026-01-11T00:00Z",
        PLAN("2026-01-05"), MEETING("2026-01-06", "")),
    ROW("kind: deadline, over: plan, evidence: visit_done, counts_from: end, limit: 5 days", "2026-01-08T09:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-12 from 2026-01-07T09:00Z by e2 [e0 e2]\n"
        "next 2026-01-13T00:00Z",
        PLAN("2026-01-05"), VISIT("2026-01-06"), "2026-01-07 plan_ended 'plan_id':'P1'"),
    ROW("kind: deadline, over: plan, evidence: visit_done, counts_from: end, limit: 5 days", "2026-01-08T09:00:00Z",
        "XX-1.0 plan P1 met due 2026-01-12 from 2026-01-07T09:00Z by e1 met e3 [e0 e1]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-07 plan_ended 'plan_id':'P1'", "2026-01-07T08:00 visit_done 'mode':'F2F'",
        "2026-01-07T10:00 visit_done 'mode':'F2F'"),
    /* a birthday that comes after the end of the span, on its first day, in it */
    ROW(DEADLINE "counts_from: birthday 10, limit: 5 days", "2026-02-08T09:00:00Z", "next never", BORN("2016-01-20"),
        PLAN("2026-01-05"), PLAN_OVER("2026-01-19")),
    ROW(DEADLINE "counts_from: birthday 10, limit: 5 days", "2026-02-08T09:00:00Z",
        "XX-1.0 plan P1 cancelled due 2026-01-25 from 2026-01-20 by e1 [e1]\n"
        "next never",
        BORN("2016-01-20"), PLAN("2026-01-05"), PLAN_OVER("2026-01-20")),
    ROW(DEADLINE "counts_from: birthday 10, limit: 5 days", "2026-02-08T09:00:00Z",
        "XX-1.0 plan P1 cancelled due 2026-01-25 from 2026-01-20 by e1 [e1]\n"
        "next never",
        BORN("2016-01-20"), PLAN("2026-01-05"), PLAN_OVER("2026-01-21")),
    ROW(DEADLINE "counts_from: birthday 10, limit: 5 days", "2026-02-08T09:00:00Z", "next never", BORN("2016-01-20"),
        PLAN("2026-01-05"), "2026-01-20T00:00 plan_ended 'plan_id':'P1'"),
    ROW(DEADLINE "counts_from: birthday 10, limit: 5 days", "2026-01-19T09:00:00Z", "next 2026-01-20T00:00Z",
        BORN("2016-01-20"), PLAN("2026-01-05")),
    ROW(DEADLINE "counts_from: 'later of start, birthday 10', limit: 5 days", "2026-02-08T09:00:00Z",
        "XX-1.0 plan P1 cancelled due 2026-01-25 from 2026-01-20 by e1 [e1]\n"
        "next never",
        BORN("2016-01-20"), PLAN("2026-01-05"), PLAN_OVER("2026-01-20")),
    ROW(DEADLINE "counts_from: 'later of birthday 10, start', limit: 5 days", "2026-02-08T09:00:00Z",
        "XX-1.0 plan P1 cancelled due 2026-01-10 from 2026-01-05T09:00Z by e1 [e1]\n"
        "next never",
        BORN("2015-01-20"), PLAN("2026-01-05"), "2026-01-05T12:00 plan_ended 'plan_id':'P1','end_date':'2026-01-05'"),
    ROW(DEADLINE "counts_from: nth 2 meeting_held where kind = STRATEGY, limit: 5 days", "2026-01-20T09:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-17 from 2026-01-12T09:00Z by e3 [e1 e3]\n"
        "next never",
        MEETING("2026-01-04", ""), PLAN("2026-01-05"), MEETING("2026-01-05", ""), MEETING("2026-01-12", ""),
        MEETING("2026-01-13", "")),
    ROW(DEADLINE "counts_from: [nth 2 meeting_held where kind = STRATEGY, start], limit: 5 days",
        "2026-01-08T09:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next 2026-01-11T00:00Z",
        PLAN("2026-01-05"), MEETING("2026-01-05", "")),
    /* age: waits, begins on the birthday, never comes to it, is unknown; unborn */
    ROW(DEADLINE "age: from 10, limit: 5 days", "2026-01-19T23:59:59Z",
        "XX-1.0 plan P1 resting from 2026-01-05T09:00Z by e1\n"
        "next 2026-01-20T00:00Z",
        BORN("2016-01-20"), PLAN("2026-01-05")),
    ROW(DEADLINE "age: from 10, limit: 5 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-25 from 2026-01-20 by e1 [e1]\n"
        "next 2026-01-26T00:00Z",
        BORN("2016-01-20"), PLAN("2026-01-05")),
    ROW(DEADLINE "age: from 10, limit: 5 days", "2026-01-25T00:00:00Z",
        "XX-1.0 plan P1 cancelled due 2026-01-25 from 2026-01-20 by e1 [e1]\n"
        "next never",
        BORN("2016-01-20"), PLAN("2026-01-05"), PLAN_OVER("2026-01-20")),
    ROW(DEADLINE "age: from 10, limit: 5 days", "2026-01-25T00:00:00Z",
        "XX-1.0 plan P1 cancelled due 2026-01-10 from 2026-01-05T09:00Z by e1 [e1]\n"
        "next never",
        BORN("2016-01-05"), PLAN("2026-01-05"), "2026-01-05T12:00 plan_ended 'plan_id':'P1','end_date':'2026-01-05'"),
    ROW(DEADLINE "age: from 10, limit: 5 days", "2026-01-25T00:00:00Z",
        "XX-1.0 plan P1 resting from 2026-01-05T09:00Z by e0 gaps 2\n"
        "next never",
        PLAN("2026-01-05")),
    ROW(DEADLINE "age: from 0, limit: 5 days", "2026-01-25T00:00:00Z",
        "XX-1.0 plan P1 resting from 2026-01-05T09:00Z by e1\n"
        "next never",
        "2026-01-02 child_updated 'expected_person_birth_date':'2026-02-02'", PLAN("2026-01-05")),
    ROW(DEADLINE "age: from 0, limit: 5 days", "2026-01-25T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05")),
    ROW(RECURRING "age: from 10, limit: 5 days", "2026-01-25T00:00:00Z",
        "XX-1.0 plan P1 cancelled due 2026-01-25 from 2026-01-20 by e1 [e1]\n"
        "next never",
        BORN("2016-01-20"), PLAN("2026-01-05"), PLAN_OVER("2026-01-20")),
    ROW(RECURRING "age: from 10, limit: 5 days", "2026-01-19T00:00:00Z",
        "XX-1.0 plan P1 resting from 2026-01-05T09:00Z by e1 [e1]\n"
        "next 2026-01-20T00:00Z",
        BORN("2016-01-20"), PLAN("2026-01-05"), VISIT("2026-01-06")),
    ROW(RECURRING "age: from 10, limit: 5 days", "2026-01-25T00:00:00Z",
        "XX-1.0 plan P1 resting from 2026-01-05T09:00Z by e0 gaps 2 [e0]\n"
        "next never",
        PLAN("2026-01-05")),
    /* until: the birthday ends it, when the span has not ended before */
    ROW(DEADLINE "age: until 10, limit: 20 days", "2026-01-19T23:59:59Z",
        "XX-1.0 plan P1 scheduled due 2026-01-25 from 2026-01-05T09:00Z by e1 [e1]\n"
        "next 2026-01-20T00:00Z",
        BORN("2016-01-20"), PLAN("2026-01-05")),
    ROW(DEADLINE "age: until 10, limit: 20 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 cancelled due 2026-01-25 from 2026-01-05T09:00Z by e1 [e1]\n"
        "next 2034-01-20T00:00Z",
        BORN("2016-01-20"), PLAN("2026-01-05")),
    ROW(DEADLINE "age: until 10, limit: 15 days", "2026-01-21T00:00:00Z",
        "XX-1.0 plan P1 cancelled due 2026-01-20 from 2026-01-05T09:00Z by e1 [e1]\n"
        "next 2034-01-20T00:00Z",
        BORN("2016-01-20"), PLAN("2026-01-05")),
    ROW(DEADLINE "age: until 10, limit: 14 days", "2026-01-21T00:00:00Z",
        "XX-1.0 plan P1 superseded_overdue due 2026-01-19 from 2026-01-05T09:00Z by e1 [e1]\n"
        "next 2034-01-20T00:00Z",
        BORN("2016-01-20"), PLAN("2026-01-05")),
    ROW(DEADLINE "age: until 10, limit: 20 days", "2026-01-25T00:00:00Z",
        "XX-1.0 plan P1 cancelled due 2026-01-25 from 2026-01-05T09:00Z by e1 [e1]\n"
        "next never",
        BORN("2016-01-20"), PLAN("2026-01-05"), PLAN_OVER("2026-01-20")),
    ROW(DEADLINE "age: until 10, limit: 20 days", "2026-01-25T00:00:00Z", "next 2034-01-05T00:00Z", BORN("2016-01-05"),
        PLAN("2026-01-05")),
    ROW(RECURRING "age: until 10, limit: 20 days", "2026-01-25T00:00:00Z", "next 2034-01-05T00:00Z", BORN("2016-01-05"),
        PLAN("2026-01-05")),
    ROW(DEADLINE "age: until 10, limit: 20 days", "2026-01-25T00:00:00Z",
        "XX-1.0 plan P1 resting from 2026-01-05T09:00Z by e0 gaps 2\n"
        "next never",
        PLAN("2026-01-05")),
    ROW(DEADLINE "age: until 10, limit: 20 days", "2026-01-25T00:00:00Z",
        "XX-1.0 plan P1 cancelled due 2026-01-25 from 2026-01-05T09:00Z by e1 [e1]\n"
        "next never",
        BORN("2016-01-20"), PLAN("2026-01-05"), PLAN_OVER("2026-01-19")),
    /* a span that a fact ends as the birthday begins: it is the fact that ended it */
    ROW("kind: deadline, over: episode, counts_from: end, evidence: rhi, age: until 10, limit: 72 hours",
        "2026-01-25T00:00:00Z",
        "XX-1.0 episode E1 overdue due 2026-01-23T00:00Z from 2026-01-20 by e1 [e1]\n"
        "next never",
        BORN("2016-01-20"),
        "2026-01-19 missing_episode "
        "'episode_id':'E1','mis_start':'2026-01-19T08:00:00Z','returned_at':'2026-01-20T00:00:00Z'"),
    ROW(DEADLINE "age: until 10, limit: 14 days", "2026-01-25T00:00:00Z",
        "XX-1.0 plan P1 cancelled due 2026-01-19 from 2026-01-05T09:00Z by e1 [e1]\n"
        "next never",
        BORN("2016-01-24"), PLAN("2026-01-05"), PLAN_OVER("2026-01-15")),
    ROW(DEADLINE "age: from 10, limit: 5 days", "2026-01-25T00:00:00Z", "next never", BORN("2016-01-20"),
        PLAN("2026-01-05"), PLAN_OVER("2026-01-19")),
    ROW(RECURRING "age: from 10, limit: 5 days", "2026-01-25T00:00:00Z", "next never", BORN("2016-01-20"),
        PLAN("2026-01-05"), PLAN_OVER("2026-01-19")),
    ROW(DEADLINE "age: from 10, limit: 5 days", "2026-01-25T00:00:00Z",
        "XX-1.0 plan P1 cancelled due 2026-01-10 from 2026-01-05 by e1 [e1]\n"
        "next never",
        BORN("2016-01-05"), ONE_INSTANT),
    ROW(DEADLINE "counts_from: 'later of start, birthday 10', limit: 5 days", "2026-01-25T00:00:00Z",
        "XX-1.0 plan P1 cancelled due 2026-01-10 from 2026-01-05 by e1 [e1]\n"
        "next never",
        BORN("2016-01-05"), ONE_INSTANT),
    ROW(DEADLINE "counts_from: 'later of start, birthday 10', limit: 5 days", "2026-01-25T00:00:00Z", "next never",
        BORN("2016-01-20"), PLAN("2026-01-05"), PLAN_OVER("2026-01-19")),
    /* a span that ends in the very instant in which the birthday begins */
    ROW("kind: deadline, over: contact, evidence: early_help_started, age: from 10, limit: 5 days",
        "2026-01-25T00:00:00Z", "next never", BORN("2016-01-20"),
        CONTACT("2026-01-05", "'contact_id':'K1','outcome':'NFA','decided_at':'2026-01-20T00:00:00Z'")),
    /* of a birthday only the day is known: hours run to its end */
    ROW(DEADLINE "counts_from: birthday 10, limit: 24 hours", "2026-01-20T09:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-21T23:59:59.999999Z from 2026-01-20 by e1 approx [e1]\n"
        "next 2026-01-22T00:00Z",
        BORN("2016-01-20"), PLAN("2026-01-05")),
    /* what was done in the span before the day that a field names meets it, too */
    ROW(DEADLINE "counts_from: field aware_on, limit: 5 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 met due 2026-01-13 from 2026-01-08 by e0 met e1 [e0]\n"
        "next never",
        "2026-01-05 plan_started "
        "'plan_id':'P1','plan_type':'PF','start_date':'2026-01-05','aware_on':'2026-01-08'",
        VISIT("2026-01-06")),
    /* two that open a case in one instant: the plan's record is the one that it counts from */
    ROW("kind: deadline, over: case, evidence: visit_done, limit: 5 days", "2026-01-07T00:00:00Z",
        "XX-1.0 child scheduled due 2026-01-10 from 2026-01-05T09:00Z by e1 [e1]\n"
        "next 2026-01-11T00:00Z",
        "2026-01-05 referral_received 'referral_id':'R1'", "2026-01-05 plan_started 'plan_id':'P1','plan_type':'CIN'"),
    /* care that ends in the instant in which a care plan begins: it begins anew */
    ROW("kind: deadline, over: care, evidence: visit_done, limit: 5 days", "2026-01-12T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-15 from 2026-01-10T09:00Z by e2 [e2]\n"
        "  XX-1.0 plan P1 cancelled due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next 2026-01-16T00:00Z",
        "2026-01-05 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-10 placement_ended 'placement_id':'L1','rec':'E3'",
        "2026-01-10 plan_started 'plan_id':'P1','plan_type':'CLA'"),
};
START_TEST(anchor)
{
    tell_row(&anchors[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tables_anchor");
    TCase *tc = tcase_create("tables");
#define ROWS(test, table) tcase_add_loop_test(tc, test, 0, sizeof table / sizeof table[0])
    ROWS(anchor, anchors);
#undef ROWS
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

// link: dw_config
/* check_tables_phases.c: invented rules over small worlds: phases of a span, silence, stalls. */

#include "tests/support/core_tables.h"

/* --- phases, silence, stall */

#define STAY(day, ls) day " placement_started 'placement_id':'L1','rne':'S','place':'P1','ls':'" ls "'"
#define REVIEW(day, more) day " plan_review 'plan_id':'P1','outcome':'CONTINUE'" more
#define STALL "kind: stall, over: plan, evidence: {fact: plan_review, link: plan_id}, both: outcome = CONTINUE, "

static const row others[] = {
    /* phases: from the day of the change, ended by it; what made the difference is told */
    ROW("kind: deadline, over: placement where ls = C2, phases: true, evidence: visit_done, limit: 5 days",
        "2026-01-20T00:00:00Z",
        "XX-1.0 placement L1 scheduled due 2026-01-20 from 2026-01-15 by e4 [e4]\n"
        "  XX-1.0 placement L1 cancelled due 2026-01-13 from 2026-01-08 by e1 [e1]\n"
        "next 2026-01-21T00:00Z",
        STAY("2026-01-05", "V2"), "2026-01-08 legal_changed 'ls':'C2'", "2026-01-12 legal_changed 'ls':'V2'",
        "2026-01-15 legal_changed 'ls':'C2'", "2026-01-15T10:00 legal_changed 'ls':'C2'"),
    ROW("kind: deadline, over: placement where ls = C2, phases: true, evidence: visit_done, limit: 5 days",
        "2026-01-20T00:00:00Z", "next never", STAY("2026-01-05", "C2"), "2026-01-05T10:00 legal_changed 'ls':'V2'",
        "2026-01-10 placement_ended 'placement_id':'L1','rec':'X1'"),
    ROW("kind: deadline, over: placement where ls = C2, phases: true, evidence: visit_done, limit: 5 days",
        "2026-01-20T00:00:00Z",
        "XX-1.0 placement L1 cancelled due 2026-01-13 from 2026-01-08 by e3 [e3]\n"
        "XX-1.0 placement L2 overdue due 2026-01-17 from 2026-01-12T09:00Z by e4 [e4]\n"
        "next never",
        "2026-01-04 legal_changed 'ls':'V2'", "2026-01-05 placement_started 'placement_id':'L1','rne':'S','place':'P1'",
        "2026-01-06 placement_ended 'placement_id':'L9'", "2026-01-08 legal_changed 'ls':'C2'",
        "2026-01-12 placement_started 'placement_id':'L2','rne':'P'"),
    ROW("kind: deadline, over: placement, outside: [plan where plan_type = CP, s47], evidence: visit_done, limit: 5 "
        "days",
        "2026-01-30T00:00:00Z",
        "XX-1.0 placement L1 superseded_overdue due 2026-01-17 from 2026-01-12 by e3 [e3]\n"
        "  XX-1.0 placement L1 cancelled due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        STAY("2026-01-05", "C2"), "2026-01-06 plan_started 'plan_id':'N1','plan_type':'CIN'",
        "2026-01-08 plan_started 'plan_id':'P2','plan_type':'CP'", "2026-01-12 plan_ended 'plan_id':'P2'",
        "2026-01-20 s47_started 's47_id':'S1'", "2026-01-22 case_closed 'reason_for_closure':'RC7'"),
    ROW("kind: deadline, over: plan where plan_type = CIN, outside: s47, evidence: visit_done, limit: 5 days",
        "2026-01-30T00:00:00Z",
        "XX-1.0 plan P1 superseded_overdue due 2026-01-17 from 2026-01-12 by e3 [e3]\n"
        "next 2034-01-20T00:00Z",
        BORN("2016-01-20"), PLAN("2026-01-05"), "2026-01-05 s47_started 's47_id':'S1'",
        "2026-01-12 conference_icpc 's47_id':'S1'", "2026-01-28 s47_started 's47_id':'S2'"),
    ROW("kind: deadline, over: plan where plan_type = CIN, outside: plan where latest_category = NEG, evidence: "
        "visit_done, limit: 5 days",
        "2026-01-30T00:00:00Z",
        "XX-1.0 plan P1 cancelled due 2026-01-14 from 2026-01-09 by e2 [e2]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-04 plan_started 'plan_id':'P2','plan_type':'CP','latest_category':'NEG'",
        "2026-01-09 plan_changed 'plan_id':'P2','latest_category':'EMO'",
        "2026-01-14 plan_changed 'plan_id':'P2','latest_category':'NEG'"),
    /* what made the difference is the first record of the plan, of which a later one tells that it began before */
    ROW("kind: deadline, over: placement, outside: plan where latest_category absent, evidence: visit_done, limit: 5 "
        "days",
        "2026-01-30T00:00:00Z",
        "XX-1.0 placement L1 overdue due 2026-01-14 from 2026-01-09 by e1 [e1]\n"
        "next never",
        STAY("2026-01-05", "C2"), "2026-01-09 plan_changed 'plan_id':'P2','latest_category':'NEG'",
        "2026-01-12 plan_changed 'plan_id':'P2','plan_type':'CP','start_date':'2026-01-04'"),
    ROW("kind: deadline, over: care, outside: plan where plan_type = CP, evidence: visit_done, limit: 5 days",
        "2026-03-30T00:00:00Z",
        "XX-1.0 child cancelled due 2026-01-10 from 2026-01-05T09:00Z by e1 [e1]\n"
        "next never",
        BORN("2008-02-02"), "2026-01-05 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-07 plan_started 'plan_id':'P2','plan_type':'CP'"),
    ROW("kind: deadline, over: care, outside: contact, evidence: visit_done, limit: 5 days", "2026-03-30T00:00:00Z",
        "XX-1.0 child overdue due 2026-01-14 from 2026-01-09 by e1 [e1]\n"
        "  XX-1.0 child cancelled due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        "2026-01-05 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-07 contact_received 'contact_id':'K1','outcome':'NFA','decided_at':'2026-01-09T10:00:00Z'",
        "2026-01-12 contact_received 'contact_id':'K2','outcome':'NFA','decided_at':'2026-01-12T10:00:00Z'"),
    ROW("kind: deadline, over: placement where ls = C2, phases: true, evidence: visit_done, limit: 5 days",
        "2026-03-30T00:00:00Z",
        "XX-1.0 placement L1 overdue due 2026-01-16 from 2026-01-11 by e1 [e1]\n"
        "next never",
        "2026-01-05 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-11 placement_ended 'placement_id':'L1','rec':'X1'", "2026-01-11T10:00 legal_changed 'ls':'C2'",
        "2026-01-12 placement_started 'placement_id':'L2','rne':'T'"),
    ROW("kind: deadline, over: care, outside: plan where plan_type = PF, evidence: visit_done, limit: 5 days",
        "2026-03-30T00:00:00Z",
        "XX-1.0 child overdue due 2026-02-07 from 2026-02-02\n"
        "  XX-1.0 child cancelled due 2026-01-10 from 2026-01-05T09:00Z by e1 [e1]\n"
        "next 2028-02-02T00:00Z",
        BORN("2010-02-02"), "2026-01-05 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-07 plan_started 'plan_id':'F1','plan_type':'PF'"),
    /* the birthday, not what was written up that day of another plan that was over */
    ROW("kind: deadline, over: care, outside: plan, evidence: visit_done, limit: 5 days", "2026-03-30T00:00:00Z",
        "XX-1.0 child overdue due 2026-02-07 from 2026-02-02\n"
        "  XX-1.0 child cancelled due 2026-01-10 from 2026-01-05T09:00Z by e1 [e1]\n"
        "next 2028-02-02T00:00Z",
        BORN("2010-02-02"), "2026-01-05 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-07 plan_started 'plan_id':'F1','plan_type':'PF'",
        "2026-02-02 plan_changed 'plan_id':'P3','plan_type':'CIN','start_date':'2026-01-08','end_date':'2026-01-20'"),
    ROW("kind: recurring, over: care, outside: plan where plan_type = PF, evidence: plan_review, due_override: "
        "next_due_override, limit: 5 days",
        "2026-03-30T00:00:00Z",
        "XX-1.0 child overdue due 2026-02-07 from 2026-02-02\n"
        "next 2028-02-02T00:00Z",
        BORN("2010-02-02"), "2026-01-05 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-05 plan_started 'plan_id':'F1','plan_type':'PF'"),
    ROW("kind: deadline, over: placement where ls = C2, phases: true, evidence: visit_done, limit: 24 hours",
        "2026-01-09T12:00:00Z",
        "XX-1.0 placement L1 scheduled due 2026-01-09T23:59:59.999999Z from 2026-01-08 by e1 approx [e1]\n"
        "next 2026-01-10T00:00Z",
        STAY("2026-01-05", "V2"), "2026-01-08 legal_changed 'ls':'C2'"),
    /* silence: any fact of the span, not the end still to come; else the start */
    ROW("kind: silence, over: plan, limit: 10 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-18 from 2026-01-08T09:00Z by e1 met e1 [e1]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-08 oversight_recorded"),
    ROW("kind: silence, over: plan, limit: 10 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 cancelled due 2026-01-15 from 2026-01-05 by e2 [e2]\n"
        "next never",
        "2026-01-08 oversight_recorded", "@2026-01-09 2026-01-10 plan_ended 'plan_id':'P9'",
        "2026-01-12 plan_changed 'plan_id':'P1','start_date':'2026-01-05','end_date':'2026-01-07'"),
    ROW("kind: silence, over: plan where plan_type = CP, limit: 10 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P2 overdue due 2026-01-16 from 2026-01-06T09:00Z by e1 met e1 [e1]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-06 plan_started 'plan_id':'P2','plan_type':'CP'"),
    ROW("kind: silence, over: plan, limit: {limit: 10 days, while: care}", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 resting from 2026-01-05T09:00Z by e0\n"
        "next never",
        PLAN("2026-01-05")),
    ROW("kind: silence, over: plan, limit: 10 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 cancelled due 2026-01-25 from 2026-01-15T09:00Z by e1 met e1 [e1]\n"
        "next never",
        PLAN("2026-01-05"), PLAN_OVER("2026-01-15")),
    ROW("kind: silence, over: plan, limit: 10 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 cancelled due 2026-01-12 from 2026-01-02 by e0 [e0]\n"
        "next never",
        "2026-01-06 plan_changed 'plan_id':'P1','start_date':'2026-01-02','end_date':'2026-01-05'",
        "2026-01-07 oversight_recorded"),
    ROW("kind: silence, over: episode, limit: 10 days", "2026-01-20T00:00:00Z",
        "XX-1.0 episode E1 overdue due 2026-01-15 from 2026-01-05T08:00Z by e0 [e0]\n"
        "next 2026-01-25T08:00Z",
        "@2026-01-05 2026-01-05 missing_episode "
        "'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z','returned_at':'2026-01-25T08:00:00Z'"),
    ROW("kind: silence, over: plan, limit: 10 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-20 from 2026-01-10 by e0 met e0 [e0]\n"
        "next 2026-01-21T00:00Z",
        "2026-01-05 plan_changed 'plan_id':'P1','start_date':'2026-01-10'"),
    /* stall: two reviews, what they, the plan and the placement say; a change since; a third */
    ROW(STALL "same: [latest_category]", "2026-03-20T00:00:00Z", "next never", PLAN("2026-01-05"),
        REVIEW("2026-01-10", "")),
    ROW(STALL "same: [latest_category]", "2026-03-20T00:00:00Z",
        "XX-1.0 plan P1 overdue reached 2026-02-10 from 2026-02-10T09:00Z by e1 x2 [e1 e2 e3]\n"
        "next never",
        PLAN("2026-01-05"), REVIEW("2026-01-10", ""), REVIEW("2026-02-10", ""), REVIEW("2026-03-10", "")),
    ROW(STALL "same: [latest_category]", "2026-03-20T00:00:00Z",
        "XX-1.0 plan P1 overdue reached 2026-03-10 from 2026-03-10T09:00Z by e2 [e2 e3]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-10 plan_review 'plan_id':'P1','outcome':'STEP_DOWN'", REVIEW("2026-02-10", ""),
        REVIEW("2026-03-10", "")),
    ROW(STALL "same: [latest_category]", "2026-03-20T00:00:00Z", "next never", PLAN("2026-01-05"),
        REVIEW("2026-01-10", ""), "2026-02-10 plan_review 'plan_id':'P1','outcome':'STEP_DOWN'"),
    ROW(STALL "same: [latest_category]", "2026-03-20T00:00:00Z", "next never", PLAN("2026-01-05"),
        REVIEW("2026-01-10", ""), "2026-01-20 plan_changed 'plan_id':'P1','latest_category':'NEG'",
        REVIEW("2026-02-10", "")),
    ROW(STALL "same: [latest_category]", "2026-03-20T00:00:00Z",
        "XX-1.0 plan P1 overdue reached 2026-02-10 from 2026-02-10T09:00Z by e2 [e2 e4]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-06 plan_changed 'plan_id':'P1','latest_category':'NEG'", REVIEW("2026-01-10", ""),
        "2026-01-20 plan_changed 'plan_id':'P1','latest_category':'NEG'", REVIEW("2026-02-10", "")),
    ROW(STALL "same: [latest_category]", "2026-03-20T00:00:00Z",
        "XX-1.0 plan P1 met_late reached 2026-02-10 from 2026-02-10T09:00Z by e2 [e2 e3]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-06 plan_changed 'plan_id':'P1','latest_category':'NEG'", REVIEW("2026-01-10", ""),
        REVIEW("2026-02-10", ""), "2026-02-11 plan_changed 'plan_id':'P1','latest_category':'EMO'"),
    ROW(STALL "same: [permanence_plan]", "2026-03-20T00:00:00Z",
        "XX-1.0 plan P1 overdue reached 2026-02-10 from 2026-02-10T09:00Z by e1 [e1 e3]\n"
        "next never",
        PLAN("2026-01-05"), REVIEW("2026-01-10", ",'permanence_plan':'ADOPTION'"),
        "2026-01-20 plan_changed 'plan_id':'P1','permanence_plan':'ADOPTION'", REVIEW("2026-02-10", "")),
    ROW(STALL "same: [permanence_plan]", "2026-03-20T00:00:00Z", "next never", PLAN("2026-01-05"),
        REVIEW("2026-01-10", ",'permanence_plan':'ADOPTION'"), REVIEW("2026-02-10", ",'permanence_plan':'RETURN6M'")),
    ROW(STALL "same: [permanence_plan, placement]", "2026-03-20T00:00:00Z",
        "XX-1.0 plan P1 overdue reached 2026-02-10 from 2026-02-10T09:00Z by e2 [e2 e3]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-06 placement_started 'placement_id':'L1','rne':'S'", REVIEW("2026-01-10", ""),
        REVIEW("2026-02-10", "")),
    ROW(STALL "same: [permanence_plan, placement]", "2026-03-20T00:00:00Z", "next never", PLAN("2026-01-05"),
        "2026-01-06 placement_started 'placement_id':'L1','rne':'S'", REVIEW("2026-01-10", ""),
        "2026-01-20 placement_started 'placement_id':'L2','rne':'P'", REVIEW("2026-02-10", "")),
    ROW(STALL "same: [permanence_plan]", "2026-03-20T00:00:00Z",
        "XX-1.0 plan P1 overdue reached 2026-02-10 from 2026-02-10T09:00Z by e2 [e2 e4]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-06 placement_started 'placement_id':'L1','rne':'S'", REVIEW("2026-01-10", ""),
        "2026-01-20 placement_started 'placement_id':'L2','rne':'P'", REVIEW("2026-02-10", "")),
    /* ... on the day of a move it is the placement moved to that speaks */
    ROW("kind: stall, over: placement, evidence: meeting_held, same: [ls]", "2026-01-21T00:00:00Z", "next never",
        STAY("2026-01-06", "C2"), MEETING("2026-01-10", ""), MEETING("2026-01-20", ""),
        "2026-01-20 placement_started 'placement_id':'L2','rne':'P','ls':'E1'"),
    ROW(STALL "same: [permanence_plan, placement]", "2026-03-20T12:00:00Z",
        "XX-1.0 plan P1 overdue reached 2026-02-10 from 2026-02-10T09:00Z by e2 [e2 e3]\n"
        "next 2026-03-21T00:00Z",
        PLAN("2026-01-05"), "2026-01-06 placement_started 'placement_id':'L1','rne':'S'", REVIEW("2026-01-10", ""),
        REVIEW("2026-02-10", ""), "2026-03-20 placement_ended 'placement_id':'L1','rec':'X1'"),
    ROW(STALL "same: [permanence_plan]", "2026-03-20T12:00:00Z",
        "XX-1.0 plan P1 superseded_overdue reached 2026-02-10 from 2026-02-10T09:00Z by e1 [e1 e2]\n"
        "next never",
        PLAN("2026-01-05"), REVIEW("2026-01-10", ""), REVIEW("2026-02-10", ""), PLAN_OVER("2026-02-20")),
    ROW(STALL "same: [permanence_plan]", "2026-02-20T12:00:00Z", /* in the very instant */
        "XX-1.0 plan P1 superseded_overdue reached 2026-02-10 from 2026-02-10T09:00Z by e1 [e1 e2]\n"
        "next never",
        PLAN("2026-01-05"), REVIEW("2026-01-10", ""), REVIEW("2026-02-10", ""),
        "2026-02-20T12:00 plan_ended 'plan_id':'P1'"),
    ROW("kind: stall, over: plan where plan_type = CP, evidence: {fact: plan_review, link: plan_id}, same: "
        "[permanence_plan]",
        "2026-03-20T12:00:00Z", "next never", PLAN("2026-01-05"), REVIEW("2026-01-10", ""), REVIEW("2026-02-10", "")),
    ROW("kind: stall, over: case, evidence: meeting_held, same: [plan_id, episode_ids]", "2026-03-20T12:00:00Z",
        "XX-1.0 child overdue reached 2026-02-10 from 2026-02-10T09:00Z by e1 [e1 e2]\n"
        "next never",
        PLAN("2026-01-05"), MEETING("2026-01-10", ",'plan_id':'P1','episode_ids':['E1','E2']"),
        MEETING("2026-02-10", ",'plan_id':'P1','episode_ids':['E1','E2']")),
    ROW("kind: stall, over: case, evidence: meeting_held, same: [plan_id, episode_ids]", "2026-03-20T12:00:00Z",
        "next never", PLAN("2026-01-05"), MEETING("2026-01-10", ",'plan_id':'P1','episode_ids':['E1','E2']"),
        MEETING("2026-02-10", ",'plan_id':'P1','episode_ids':['E1','E3']")),
    ROW("kind: stall, over: case, evidence: meeting_held, same: [plan_id, episode_ids]", "2026-03-20T12:00:00Z",
        "next never", PLAN("2026-01-05"), MEETING("2026-01-10", ",'plan_id':'P1','episode_ids':['E1','E2']"),
        MEETING("2026-02-10", ",'plan_id':'P1','episode_ids':['E1']")),
    ROW("kind: stall, over: case, evidence: meeting_held, same: [plan_id]", "2026-03-20T12:00:00Z", "next never",
        PLAN("2026-01-05"), MEETING("2026-01-10", ",'plan_id':'P1'"), MEETING("2026-02-10", ",'plan_id':'P2'")),
    /* what the placement says: a later word wins */
    ROW("kind: stall, over: care, evidence: plan_review, same: [place]", "2026-03-20T12:00:00Z",
        "XX-1.0 child overdue reached 2026-02-10 from 2026-02-10T09:00Z by e1 [e1 e2]\n"
        "next never",
        "2026-01-05 placement_started 'placement_id':'L1','rne':'S','place':'U6'", "2026-01-10 plan_review",
        "2026-02-10 plan_review"),
    ROW("kind: stall, over: care, evidence: plan_review, same: [place]", "2026-03-20T12:00:00Z", "next never",
        "2026-01-05 placement_started 'placement_id':'L1','rne':'S','place':'U6'", "2026-01-10 plan_review",
        "2026-01-20 placement_started 'placement_id':'L2','rne':'P','place':'U4'", "2026-02-10 plan_review"),
};
START_TEST(other)
{
    tell_row(&others[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tables_phases");
    TCase *tc = tcase_create("tables");
#define ROWS(test, table) tcase_add_loop_test(tc, test, 0, sizeof table / sizeof table[0])
    ROWS(other, others);
#undef ROWS
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

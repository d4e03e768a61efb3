// link: dw_config
/* check_tables_deadline.c: invented rules over small worlds: deadlines and durations: what meets them, and what ends them. */

#include "tests/support/core_tables.h"

/* --- deadlines and durations */

#define WAITS                                                                                                          \
    "kind: deadline, over: plan, counts_from: nth 2 meeting_held, limit: 90 days, "                                    \
    "warn: {limit: 5 days, counts_from: start}"

#define BEGINS "kind: deadline, over: assessment, evidence: [visit_done, {begins: plan where plan_type = CIN"
#define MADE                                                                                                           \
    "kind: deadline, over: placement, evidence: {begins: plan where plan_type = PLACEMENT, any_time: true, link: "     \
    "placement_id"
#define PLACED "2026-01-05 placement_started 'placement_id':'H1'"
#define REFERRED "2026-01-05 referral_received 'referral_id':'R1'"
static const row deadlines[] = {
    /* met by evidence of the last instant, a day known only; the second piece; several clauses, the earlier wins */
    ROW("kind: deadline, over: episode, counts_from: end, evidence: rhi where stage = HELD, limit: 72 hours",
        "2026-01-20T00:00:00Z",
        "XX-1.0 episode E1 met due 2026-01-08T10:00Z from 2026-01-05T10:00Z by e0 met e1 [e0]\n"
        "next never",
        "2026-01-05 missing_episode "
        "'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z','returned_at':'2026-01-05T10:00:00Z'",
        "2026-01-08T10:00 rhi 'stage':'HELD'"),
    ROW("kind: deadline, over: episode, counts_from: end, evidence: rhi where stage = HELD, limit: 72 hours",
        "2026-01-20T00:00:00Z",
        "XX-1.0 episode E1 met_late due 2026-01-08T10:00Z from 2026-01-05T10:00Z by e0 met e1 [e0]\n"
        "next never",
        "2026-01-05 missing_episode "
        "'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z','returned_at':'2026-01-05T10:00:00Z'",
        "2026-01-08T10:01 rhi 'stage':'HELD'", "2026-01-05T09:59 rhi 'stage':'HELD'"),
    ROW("kind: deadline, over: episode, counts_from: end, evidence: [rhi where stage = HELD, {fact: rhi where stage = "
        "DECLINED, within_limit: true}], limit: 72 hours",
        "2026-01-20T00:00:00Z",
        "XX-1.0 episode E1 overdue due 2026-01-08T10:00Z from 2026-01-05T10:00Z by e0 [e0]\n"
        "next never",
        "2026-01-05 missing_episode "
        "'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z','returned_at':'2026-01-05T10:00:00Z'",
        "2026-01-08T10:01 rhi 'stage':'DECLINED'"),
    ROW("kind: deadline, over: episode, counts_from: end, evidence: [rhi where stage = HELD, {fact: rhi where stage = "
        "DECLINED, within_limit: true}], limit: 72 hours",
        "2026-01-20T00:00:00Z",
        "XX-1.0 episode E1 met due 2026-01-08T10:00Z from 2026-01-05T10:00Z by e0 met e2 [e0]\n"
        "next never",
        "2026-01-05 missing_episode "
        "'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z','returned_at':'2026-01-05T10:00:00Z'",
        "2026-01-08T09:00 rhi 'stage':'DECLINED'", "2026-01-08T08:00 rhi 'stage':'HELD'"),
    ROW("kind: deadline, over: episode, counts_from: end, evidence: meeting_held, limit: 72 hours",
        "2026-01-20T00:00:00Z",
        "XX-1.0 episode E1 met due 2026-01-08T10:00Z from 2026-01-05T10:00Z by e0 met e1 [e0]\n"
        "next never",
        "2026-01-05 missing_episode "
        "'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z','returned_at':'2026-01-05T10:00:00Z'",
        "2026-01-09 meeting_held 'held_on':'2026-01-08'"),
    ROW("kind: deadline, over: episode, counts_from: end, evidence: meeting_held, limit: 72 hours",
        "2026-01-20T00:00:00Z",
        "XX-1.0 episode E1 met_late due 2026-01-08T10:00Z from 2026-01-05T10:00Z by e0 met e1 [e0]\n"
        "next never",
        "2026-01-05 missing_episode "
        "'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z','returned_at':'2026-01-05T10:00:00Z'",
        "2026-01-10 meeting_held 'held_on':'2026-01-09'"),
    ROW("kind: deadline, over: episode, counts_from: end, evidence: {fact: rhi, link: [episode_id, episode_ids]}, "
        "limit: 72 hours",
        "2026-01-07T00:00:00Z",
        "XX-1.0 episode E1 met due 2026-01-08T10:00Z from 2026-01-05T10:00Z by e0 met e2 [e0]\n"
        "XX-1.0 episode E2 met due 2026-01-09T10:00Z from 2026-01-06T10:00Z by e1 met e2 [e1]\n"
        "next never",
        "2026-01-05 missing_episode "
        "'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z','returned_at':'2026-01-05T10:00:00Z'",
        "2026-01-06 missing_episode "
        "'episode_id':'E2','mis_start':'2026-01-06T08:00:00Z','returned_at':'2026-01-06T10:00:00Z'",
        "2026-01-06T11:00 rhi 'episode_id':'E1','episode_ids':['E2']", "2026-01-06T12:00 rhi 'episode_ids':['E9','E1']",
        "2026-01-06T13:00 rhi"),
    /* the start of a plan: told by its end or its change, told twice, not of the kind, before the duty, and behind a visit */
    ROW(BEGINS "}], limit: 5 days", "2026-02-20T00:00:00Z",
        "XX-1.0 referral R1 met due 2026-01-10 from 2026-01-05T09:00Z by e0 met e1 [e0]\n"
        "next never",
        REFERRED, "2026-02-10 plan_ended 'plan_id':'P','plan_type':'CIN','start_date':'2026-01-09'"),
    ROW(BEGINS "}], limit: 5 days", "2026-02-20T00:00:00Z",
        "XX-1.0 referral R1 met_late due 2026-01-10 from 2026-01-05T09:00Z by e0 met e1 [e0]\n"
        "next never",
        REFERRED, "2026-02-10 plan_changed 'plan_id':'P','plan_type':'CIN','start_date':'2026-01-11'",
        "2026-01-12 plan_started 'plan_id':'Q','plan_type':'CIN'"),
    ROW(BEGINS "}], limit: 5 days", "2026-02-20T00:00:00Z",
        "XX-1.0 referral R1 overdue due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        REFERRED, "2026-01-06 plan_started 'plan_id':'P','plan_type':'CP'",
        "2026-01-07 plan_changed 'plan_id':'Q','plan_type':'CIN','start_date':'2026-01-04'"),
    ROW(BEGINS "}], limit: 5 days", "2026-02-20T00:00:00Z",
        "XX-1.0 referral R1 met due 2026-01-10 from 2026-01-05T09:00Z by e0 met e2 [e0]\n"
        "next never",
        REFERRED, "2026-01-07 plan_started 'plan_id':'P','plan_type':'CIN'", VISIT("2026-01-06")),
    ROW(BEGINS "}], limit: 5 days", "2026-02-20T00:00:00Z",
        "XX-1.0 referral R1 met due 2026-01-10 from 2026-01-05T09:00Z by e0 met e1 [e0]\n"
        "next never",
        REFERRED, "2026-01-06 plan_started 'plan_id':'P','plan_type':'CIN'", VISIT("2026-01-07")),
    ROW(BEGINS ", within_limit: true}], limit: 5 days", "2026-02-20T00:00:00Z",
        "XX-1.0 referral R1 overdue due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        REFERRED, "2026-01-11 plan_started 'plan_id':'P','plan_type':'CIN'"),
    ROW(BEGINS ", from: 2026-01-08}], limit: 5 days", "2026-02-20T00:00:00Z",
        "XX-1.0 referral R1 met due 2026-01-10 from 2026-01-05T09:00Z by e0 met e2 [e0]\n"
        "next never",
        REFERRED, "2026-01-07 plan_started 'plan_id':'P','plan_type':'CIN'",
        "2026-01-08 plan_started 'plan_id':'Q','plan_type':'CIN'"),
    ROW(BEGINS ", within_limit: true}], limit: 5 days", "2026-02-20T00:00:00Z",
        "XX-1.0 referral R1 met due 2026-01-10 from 2026-01-05T09:00Z by e0 met e1 [e0]\n"
        "next never",
        REFERRED, "2026-01-10 plan_started 'plan_id':'P','plan_type':'CIN'"),
    ROW(BEGINS "}], limit: 5 days", "2026-02-20T00:00:00Z",
        "XX-1.0 referral R1 met due 2026-01-10 from 2026-01-05T09:00Z by e0 met e1 [e0]\n"
        "next never",
        REFERRED, "2026-01-07T15:00 plan_changed 'plan_id':'P','plan_type':'CIN','start_date':'2026-01-07'",
        VISIT("2026-01-07")),
    /* a plan of which a later record tells that it began that day, before the visit */
    ROW(BEGINS "}], limit: 5 days", "2026-02-20T00:00:00Z",
        "XX-1.0 referral R1 met due 2026-01-10 from 2026-01-05T09:00Z by e0 met e1 [e0]\n"
        "next never",
        REFERRED, "2026-01-08 plan_changed 'plan_id':'P','plan_type':'CIN','start_date':'2026-01-07'",
        VISIT("2026-01-07")),
    /* a plan made beforehand for the span that it names; one that names none, or another */
    ROW(MADE ", link_required: true}, limit: 5 days", "2026-02-20T00:00:00Z",
        "XX-1.0 placement H1 met due 2026-01-10 from 2026-01-05T09:00Z by e0 met e2 [e0]\n"
        "next never",
        PLACED, "2026-01-01 plan_started 'plan_id':'Q','plan_type':'PLACEMENT','placement_id':'H2'",
        "2026-01-06 plan_changed 'plan_id':'P','plan_type':'PLACEMENT','placement_id':'H1','start_date':'2026-01-03'"),
    ROW(MADE ", link_required: true}, limit: 5 days", "2026-02-20T00:00:00Z",
        "XX-1.0 placement H1 overdue due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLACED, "2026-01-03 plan_started 'plan_id':'P','plan_type':'PLACEMENT'"),
    ROW(MADE "}, limit: 5 days", "2026-02-20T00:00:00Z",
        "XX-1.0 placement H1 met due 2026-01-10 from 2026-01-05T09:00Z by e0 met e1 [e0]\n"
        "next never",
        PLACED, "2026-01-03 plan_started 'plan_id':'P','plan_type':'PLACEMENT'"),
    ROW(MADE "}, limit: 5 days", "2026-02-20T00:00:00Z",
        "XX-1.0 placement H1 overdue due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLACED, "2026-01-03 plan_started 'plan_id':'P','plan_type':'PLACEMENT','placement_id':'H2'"),
    /* named by the second of two fields; and its records joined by the placement, where they name no plan */
    ROW("kind: deadline, over: placement, evidence: {begins: plan, link: [plan_id, placement_id], link_required: "
        "true}, "
        "limit: 5 days",
        "2026-02-20T00:00:00Z",
        "XX-1.0 placement H1 met due 2026-01-10 from 2026-01-05T09:00Z by e0 met e2 [e0]\n"
        "next never",
        PLACED, "2026-01-06 plan_started 'plan_id':'Q','plan_type':'PLACEMENT','placement_id':'H2'",
        "2026-01-07 plan_started 'plan_id':'P','plan_type':'PLACEMENT','placement_id':'H1'"),
    ROW("kind: deadline, over: plan, met_by: end, limit: 5 days", "2026-02-20T00:00:00Z",
        "XX-1.0 plan 21e25e88ffaa7fad met due 2026-01-10 from 2026-01-05T09:00Z by e0 met e2 [e0]\n"
        "XX-1.0 plan 6179b3a1db5b8dbb overdue due 2026-01-11 from 2026-01-06T09:00Z by e1 [e1]\n"
        "next never",
        "2026-01-05 plan_started 'plan_type':'PLACEMENT','placement_id':'H1'",
        "2026-01-06 plan_started 'plan_type':'PLACEMENT','placement_id':'H2'",
        "2026-01-08 plan_ended 'plan_type':'PLACEMENT','placement_id':'H1'"),
    /* what ended before it was told, to the instant of its start: the plan of that day began before the return did */
    ROW("kind: deadline, over: episode, counts_from: end, evidence: [{begins: plan}], limit: 72 hours",
        "2026-01-20T00:00:00Z",
        "XX-1.0 episode E1 overdue due 2026-01-08T10:00Z from 2026-01-05T10:00Z by e0 [e0]\n"
        "next never",
        "2026-01-05 missing_episode "
        "'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z','returned_at':'2026-01-05T10:00:00Z'",
        "2026-01-05T09:30 plan_started 'plan_id':'P','plan_type':'CIN'"),
    ROW(DEADLINE "evidence_nth: 2, limit: 5 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), VISIT("2026-01-06")),
    ROW(DEADLINE "evidence_nth: 2, limit: 5 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 met due 2026-01-10 from 2026-01-05T09:00Z by e0 met e2 [e0]\n"
        "next never",
        PLAN("2026-01-05"), VISIT("2026-01-06"), VISIT("2026-01-10"), VISIT("2026-01-11")),
    ROW("kind: deadline, over: plan, evidence: [meeting_held, visit_done], limit: 5 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 met due 2026-01-10 from 2026-01-05T09:00Z by e0 met e1 [e0]\n"
        "next never",
        PLAN("2026-01-05"), VISIT("2026-01-08"), MEETING("2026-01-09", ""), VISIT("2026-01-12")),
    ROW("kind: deadline, over: plan, evidence: [{fact: visit_done, until: 2026-01-07}, {fact: meeting_held, from: "
        "2026-01-09}], limit: 5 days",
        "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 met due 2026-01-10 from 2026-01-05T09:00Z by e0 met e3 [e0]\n"
        "next never",
        PLAN("2026-01-05"), VISIT("2026-01-08"), MEETING("2026-01-08", ""), MEETING("2026-01-09", "")),
    ROW("kind: deadline, over: plan, evidence: [{fact: visit_done, until: 2026-01-07}, {fact: meeting_held, from: "
        "2026-01-09}], limit: 5 days",
        "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 met due 2026-01-10 from 2026-01-05T09:00Z by e0 met e1 [e0]\n"
        "next never",
        PLAN("2026-01-05"), VISIT("2026-01-07"), MEETING("2026-01-09", "")),
    ROW("kind: deadline, over: plan, evidence: {fact: visit_done, link: plan_id, link_required: true}, limit: 5 days",
        "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 met due 2026-01-10 from 2026-01-05T09:00Z by e0 met e3 [e0]\n"
        "next never",
        PLAN("2026-01-05"), VISIT("2026-01-07"), "2026-01-08 visit_done 'plan_id':'P2'",
        "2026-01-09 visit_done 'plan_id':'P1'"),
    ROW("kind: deadline, over: placement, evidence: {fact: plan_started where plan_type = PLACEMENT, link: "
        "placement_id, any_time: true}, limit: 5 days",
        "2026-01-20T00:00:00Z",
        "XX-1.0 placement L1 met due 2026-01-10 from 2026-01-05T09:00Z by e2 met e1 [e2]\n"
        "next never",
        "2026-01-01 plan_started 'plan_id':'Q0','plan_type':'PLACEMENT','placement_id':'L2'",
        "2026-01-02 plan_started 'plan_id':'Q1','plan_type':'PLACEMENT','placement_id':'L1'",
        "2026-01-05 placement_started 'placement_id':'L1','rne':'S'"),
    /* met by the end of the span; not by the closing of the case, and the birthday */
    ROW("kind: deadline, over: contact, met_by: end, limit: 1 days", "2026-01-20T00:00:00Z",
        "XX-1.0 contact K1 met due 2026-01-06 from 2026-01-05T09:00Z by e0 met e0 [e0]\n"
        "XX-1.0 contact K2 met_late due 2026-01-06 from 2026-01-05T09:00Z by e1 met e1 [e1]\n"
        "XX-1.0 contact K3 overdue due 2026-01-06 from 2026-01-05T09:00Z by e2 [e2]\n"
        "next never",
        CONTACT("2026-01-05", "'contact_id':'K1','outcome':'NFA','decided_at':'2026-01-06T23:59:59Z'"),
        CONTACT("2026-01-05", "'contact_id':'K2','outcome':'NFA','decided_at':'2026-01-07T00:00:00Z'"),
        "2026-01-05 contact_received 'contact_id':'K3'"),
    ROW("kind: deadline, over: contact, met_by: end, limit: 1 days", "2026-01-20T00:00:00Z",
        "XX-1.0 contact K1 superseded_overdue due 2026-01-06 from 2026-01-05T09:00Z by e0 [e0]\n"
        "XX-1.0 contact K2 cancelled due 2026-01-07 from 2026-01-06T09:00Z by e1 [e1]\n"
        "next never",
        CONTACT("2026-01-05", "'contact_id':'K1'"), CONTACT("2026-01-06", "'contact_id':'K2'"),
        "2026-01-07 case_closed 'reason_for_closure':'RC7'"),
    ROW("kind: deadline, over: contact, met_by: end, limit: 24 hours", "2026-01-20T00:00:00Z",
        "XX-1.0 contact K1 met due 2026-01-06T09:00Z from 2026-01-05T09:00Z by e0 met e0 [e0]\n"
        "XX-1.0 contact K2 met_late due 2026-01-06T09:00Z from 2026-01-05T09:00Z by e1 met e1 [e1]\n"
        "next never",
        CONTACT("2026-01-05", "'contact_id':'K1','outcome':'NFA','decided_at':'2026-01-06T09:00:00Z'"),
        CONTACT("2026-01-05", "'contact_id':'K2','outcome':'NFA','decided_at':'2026-01-06T09:00:00.000001Z'")),
    ROW("kind: deadline, over: accommodation, met_by: end, limit: 48 hours", "2026-01-20T00:00:00Z",
        "XX-1.0 child met due 2026-01-07T09:00Z from 2026-01-05T09:00Z by e0 met e1 [e0]\n"
        "  XX-1.0 child met_late due 2026-01-07T09:00Z from 2026-01-05T09:00Z by e2 met e3 [e2]\n"
        "next never",
        "2026-01-05 accommodation_provided 'accommodation_id':'H1'",
        "2026-01-10 accommodation_provided 'accommodation_id':'H1','ended_on':'2026-01-07'",
        "2026-01-05 accommodation_provided 'accommodation_id':'H2'",
        "2026-01-10 accommodation_provided 'accommodation_id':'H2','ended_on':'2026-01-08'"),
    ROW("kind: deadline, over: episode, met_by: end, limit: 24 hours, climb_after: [24 hours]", "2026-01-06T08:00:00Z",
        "XX-1.0 episode E1 scheduled due 2026-01-06T08:00Z from 2026-01-05T08:00Z by e0 [e0]\n"
        "next 2026-01-06T08:00:00.000001Z",
        "2026-01-05 missing_episode 'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z'"),
    /* met by recording: the first revision counts; hours; nothing against a record that says nothing */
    ROW("kind: deadline, over: each visit_done, met_by: recording, limit: 2 working days", "2026-01-20T00:00:00Z",
        "XX-1.0 child met due 2026-01-07 from 2026-01-05T09:00Z by e0 met e0 [e0]\n"
        "  XX-1.0 child met_late due 2026-01-07 from 2026-01-05T09:00Z by e1 met e1 [e1]\n"
        "next never",
        "@2026-01-07T23:00 2026-01-05 visit_done 'mode':'F2F'", "@2026-01-08T00:00 2026-01-05 visit_done 'mode':'F2F'"),
    ROW("kind: deadline, over: each visit_done, met_by: recording, limit: 24 hours", "2026-01-20T00:00:00Z",
        "XX-1.0 placement L1 met due 2026-01-06T09:00Z from 2026-01-05T09:00Z by e2 met e2 [e2]\n"
        "XX-1.0 plan P1 met_late due 2026-01-06T09:00Z from 2026-01-05T09:00Z by e0 met e0 [e0]\n"
        "XX-1.0 plan P2 met due 2026-01-06T09:00Z from 2026-01-05T09:00Z by e1 met e1 [e1]\n"
        "next never",
        "@2026-01-06T09:01 2026-01-05 visit_done 'mode':'F2F','plan_id':'P1'",
        "@2026-01-06 2026-01-05 visit_done 'mode':'F2F','plan_id':'P2'",
        "2026-01-05 visit_done 'mode':'F2F','placement_id':'L1','plan_id':'P3'"),
    /* each event of a span; each event as a span of its own, which ends with death */
    ROW(DEADLINE "counts_from: each meeting_held where kind = STRATEGY, limit: 5 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 cancelled due 2026-01-15 from 2026-01-10T09:00Z by e4 [e0 e4]\n"
        "  XX-1.0 plan P1 cancelled due 2026-01-14 from 2026-01-09T09:00Z by e3 [e0 e3]\n"
        "  XX-1.0 plan P1 met due 2026-01-11 from 2026-01-06T09:00Z by e1 met e2 [e0 e1]\n"
        "next never",
        PLAN("2026-01-05"), MEETING("2026-01-06", ""), VISIT("2026-01-08"), MEETING("2026-01-09", ""),
        MEETING("2026-01-10", ""), PLAN_OVER("2026-01-14")),
    ROW("kind: deadline, over: each supervision_held where actions_reviewed = N, evidence: supervision_held where "
        "actions_reviewed = Y, limit: 5 days",
        "2026-01-20T00:00:00Z",
        "XX-1.0 child cancelled due 2026-01-11 from 2026-01-06T09:00Z by e1 [e1]\n"
        "  XX-1.0 child superseded_overdue due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        "2026-01-05 supervision_held 'actions_reviewed':'N'", "2026-01-06 supervision_held 'actions_reviewed':'N'",
        "2026-01-12 child_updated 'person_death_date':'2026-01-11'"),
    ROW("kind: deadline, over: each supervision_held where actions_reviewed = N, evidence: supervision_held where "
        "actions_reviewed = Y, limit: 5 days",
        "2026-01-20T00:00:00Z",
        "XX-1.0 child cancelled due 2026-01-18 from 2026-01-13T09:00Z by e1 [e1]\n"
        "next never",
        "2026-01-12 child_updated 'person_death_date':'2026-01-11'",
        "2026-01-13 supervision_held 'actions_reviewed':'N'"),
    ROW("kind: deadline, over: each supervision_held where actions_reviewed = N, evidence: rhi, limit: 5 days",
        "2026-01-07T00:00:00Z",
        "XX-1.0 child scheduled due 2026-01-10 from 2026-01-05T09:00Z by e1 [e1]\n"
        "next 2026-01-09T00:00Z",
        BORN("2008-01-09"), "2026-01-05 supervision_held 'actions_reviewed':'N'"),
    /* it is that event alone, and no more exact than it */
    ROW("kind: deadline, over: each supervision_held where actions_reviewed = N, evidence: rhi, limit: 5 days",
        "2026-01-20T00:00:00Z",
        "XX-1.0 child overdue due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        "2026-01-05 supervision_held 'actions_reviewed':'N'", "2026-01-06 supervision_held 'actions_reviewed':'Y'"),
    ROW("kind: deadline, over: each meeting_held where kind = STRATEGY, evidence: rhi, limit: 24 hours",
        "2026-01-20T00:00:00Z",
        "XX-1.0 child overdue due 2026-01-06T23:59:59.999999Z from 2026-01-05 by e0 approx [e0]\n"
        "next never",
        MEETING("2026-01-05", " & 'occurred_precision':'DATE'")),
    /* the span is ended by a fact, and the duty goes on: to the closing of the case, or 18 */
    ROW("kind: deadline, over: contact, outlives_span: true, evidence: early_help_started, limit: 3 days",
        "2026-01-20T00:00:00Z",
        "XX-1.0 contact K1 overdue due 2026-01-08 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        CONTACT("2026-01-05", "'contact_id':'K1','outcome':'EARLY_HELP'")),
    ROW("kind: deadline, over: contact, outlives_span: true, evidence: early_help_started, limit: 3 days",
        "2026-01-20T00:00:00Z",
        "XX-1.0 contact K1 cancelled due 2026-01-08 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        CONTACT("2026-01-05", "'contact_id':'K1','outcome':'EARLY_HELP'"),
        "2026-01-08 case_closed 'reason_for_closure':'RC7'"),
    ROW("kind: deadline, over: contact, outlives_span: true, evidence: early_help_started, limit: 3 days",
        "2026-01-20T00:00:00Z",
        "XX-1.0 contact K1 superseded_overdue due 2026-01-08 from 2026-01-05T09:00Z by e1 [e1]\n"
        "next never",
        BORN("2008-01-09"), CONTACT("2026-01-05", "'contact_id':'K1','outcome':'EARLY_HELP'")),
    ROW("kind: deadline, over: contact, outlives_span: true, evidence: early_help_started, limit: 3 days",
        "2026-01-20T00:00:00Z",
        "XX-1.0 contact K1 cancelled due 2026-01-08 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        CONTACT("2026-01-05", "'contact_id':'K1'"), "2026-01-06 case_closed 'reason_for_closure':'RC7'",
        "2026-01-07 early_help_started"),
    /* after the end of its span: neither the closing nor 18 ends it, death does */
    ROW("kind: deadline, over: episode, counts_from: end, evidence: rhi, limit: 72 hours", "2026-01-20T00:00:00Z",
        "XX-1.0 episode E1 overdue due 2026-01-08T10:00Z from 2026-01-05T10:00Z by e0 [e0]\n"
        "next never",
        "2026-01-05 missing_episode "
        "'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z','returned_at':'2026-01-05T10:00:00Z'",
        "2026-01-06 case_closed 'reason_for_closure':'RC7'"),
    ROW("kind: deadline, over: episode, counts_from: end, evidence: rhi, limit: 72 hours", "2026-01-20T00:00:00Z",
        "XX-1.0 episode E1 superseded_overdue due 2026-01-08T10:00Z from 2026-01-05T10:00Z by e0 [e0]\n"
        "next never",
        "2026-01-05 missing_episode "
        "'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z','returned_at':'2026-01-05T10:00:00Z'",
        "2026-01-10 child_updated 'person_death_date':'2026-01-09'"),
    ROW("kind: deadline, over: episode, counts_from: end, evidence: rhi, limit: 72 hours", "2026-01-20T00:00:00Z",
        "next never", BORN("2008-01-07"),
        "2026-01-05 missing_episode 'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z'"),
    ROW("kind: deadline, over: episode, counts_from: end, evidence: rhi, limit: 72 hours", "2026-01-06T00:00:00Z",
        "next never", "2026-01-05 missing_episode 'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z'"),
    /* rests, and comes back; on the very instant */
    ROW(DEADLINE "rests_while: [care], limit: 5 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 resting due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-08 placement_started 'placement_id':'L1','rne':'S'"),
    ROW(DEADLINE "rests_while: [care], limit: 5 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 superseded_overdue due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-11T00:00 placement_started 'placement_id':'L1','rne':'S'"),
    ROW(DEADLINE "rests_while: [care], limit: 5 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-10 late 2026-01-15T09:00Z from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-08 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-15 placement_ended 'placement_id':'L1','rec':'E3'"),
    ROW(DEADLINE "rests_while: [care], limit: 5 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-06 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-07 placement_ended 'placement_id':'L1','rec':'E3'"),
    /* after crossings: each of them, met, ended by death and 18, and in time only on or after its day */
    TWO("kind: count, over: episode, threshold: 2, window: 90 days, until: answered, answer: meeting_held where kind = "
        "PPM",
        "kind: deadline, over: child, counts_from: crossing XX-1, evidence: meeting_held where kind = PPM, limit: 5 "
        "days",
        "2026-02-20T00:00:00Z",
        "XX-1.0 child superseded_overdue reached 2026-01-12 from 2026-01-12T08:00Z by e2 x2 [e1 e2]\n"
        "XX-2.0 child superseded_overdue due 2026-01-17 from 2026-01-12T08:00Z by e2 [e2]\n"
        "next never",
        BORN("2008-01-25"), EPISODE("E1", "2026-01-05", ""), EPISODE("E2", "2026-01-12", "")),
    TWO("kind: count, over: episode, threshold: 2, window: 90 days, until: answered, answer: meeting_held where kind = "
        "PPM",
        "kind: deadline, over: child, counts_from: crossing XX-1, evidence: meeting_held where kind = PPM, limit: 5 "
        "days",
        "2026-02-20T00:00:00Z",
        "XX-1.0 child met_late reached 2026-01-20 from 2026-01-20T08:00Z by e2 met e3 x2 [e1 e2]\n"
        "XX-2.0 child cancelled due 2026-01-25 from 2026-01-20T08:00Z by e2 [e2]\n"
        "next never",
        BORN("2008-01-25"), EPISODE("E1", "2026-01-05", ""), EPISODE("E2", "2026-01-20", ""),
        "2026-01-26 meeting_held 'kind':'PPM'"),
    TWO("kind: count, over: episode, threshold: 2, window: 90 days, until: answered, answer: meeting_held where kind = "
        "PPM",
        "kind: deadline, over: child, counts_from: crossing XX-1, evidence: meeting_held where kind = PPM, limit: 5 "
        "days",
        "2026-02-20T00:00:00Z",
        "XX-1.0 child met_late reached 2026-01-12 from 2026-01-12T08:00Z by e2 met e3 x2 [e1 e2]\n"
        "XX-2.0 child met_late due 2026-01-17 from 2026-01-12T08:00Z by e2 met e3 [e2]\n"
        "next never",
        BORN("2008-01-25"), EPISODE("E1", "2026-01-05", ""), EPISODE("E2", "2026-01-12", ""),
        "2026-01-18 meeting_held 'kind':'PPM'"),
    TWO("kind: count, over: episode, threshold: 2, window: 90 days, until: answered, answer: meeting_held where kind = "
        "PPM",
        "kind: deadline, over: child, counts_from: crossing XX-1, evidence: meeting_held where kind = PPM, limit: "
        "{limit: 5 days, until: 2026-01-11}",
        "2026-02-20T00:00:00Z",
        "XX-1.0 child overdue reached 2026-01-12 from 2026-01-12T08:00Z by e1 x2 [e0 e1]\n"
        "next never",
        EPISODE("E1", "2026-01-05", ""), EPISODE("E2", "2026-01-12", "")),
    /* a warning from the start, of what begins to count later and is met by the end; none of what has begun */
    ROW("kind: deadline, over: plan, counts_from: nth 1 meeting_held where kind = STRATEGY, met_by: end, limit: 5 "
        "days, "
        "warn: {limit: 10 days, counts_from: start}",
        "2026-01-16T00:00:00Z",
        "XX-1.0 plan P1 warned warn 2026-01-16T00:00Z from 2026-01-05T09:00Z [e0]\n"
        "next never",
        PLAN("2026-01-05"), VISIT("2026-01-06")),
    ROW("kind: deadline, over: plan, counts_from: nth 1 meeting_held where kind = STRATEGY, met_by: end, limit: 5 "
        "days, "
        "warn: {limit: 10 days, counts_from: start}",
        "2026-01-16T00:00:00Z", "next never", PLAN("2026-01-05"), PLAN_OVER("2026-01-15")),
    /* durations */
    ROW("kind: duration, over: plan, limit: 3 months, warn: {limit: 2 months}, worsens_after: [6 months, 9 months]",
        "2026-04-05T22:59:59Z",
        "XX-1.0 plan P1 warned due 2026-04-05 warn 2026-03-06T00:00Z from 2026-01-05T09:00Z by e0 [e0]\n"
        "next 2026-04-05T23:00Z",
        PLAN("2026-01-05")),
    ROW("kind: duration, over: plan, limit: 3 months, warn: {limit: 2 months}, worsens_after: [6 months, 9 months]",
        "2026-04-05T23:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-04-05 warn 2026-03-06T00:00Z from 2026-01-05T09:00Z by e0 [e0]\n"
        "next 2026-07-05T23:00Z",
        PLAN("2026-01-05")),
    ROW("kind: duration, over: plan, limit: 3 months, worsens_after: [6 months, 9 months]", "2026-10-05T22:59:59Z",
        "XX-1.0 plan P1 overdue due 2026-04-05 from 2026-01-05T09:00Z by e0 x2 [e0]\n"
        "next 2026-10-05T23:00Z",
        PLAN("2026-01-05")),
    ROW("kind: duration, over: plan, limit: 3 months, worsens_after: [6 months, 9 months]", "2026-10-05T23:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-04-05 from 2026-01-05T09:00Z by e0 x3 [e0]\n"
        "next never",
        PLAN("2026-01-05")),
    ROW("kind: duration, over: plan, limit: 10 days", "2026-10-05T22:59:59Z",
        "XX-1.0 plan P1 met due 2026-01-15 from 2026-01-05T09:00Z by e0 met e1 [e0]\n"
        "next never",
        PLAN("2026-01-05"), PLAN_OVER("2026-01-15")),
    ROW("kind: duration, over: plan, limit: 10 days", "2026-10-05T22:59:59Z",
        "XX-1.0 plan P1 met_late due 2026-01-15 from 2026-01-05T09:00Z by e0 met e1 [e0]\n"
        "next never",
        PLAN("2026-01-05"), PLAN_OVER("2026-01-16")),
    ROW("kind: duration, over: plan, limit: 10 days", "2026-10-05T22:59:59Z",
        "XX-1.0 plan P1 superseded_overdue due 2026-01-15 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-16 case_closed 'reason_for_closure':'RC7'"),
    ROW("kind: duration, over: plan, counts_from: birthday 10, limit: 10 days", "2026-10-05T22:59:59Z",
        "next 2026-11-05T00:00Z", BORN("2016-11-05"), PLAN("2026-01-05")),
    ROW("kind: duration, over: plan, limit: {limit: 10 days, when: plan_type = CP}", "2026-10-05T22:59:59Z",
        "XX-1.0 plan P1 resting from 2026-01-05T09:00Z by e0\n"
        "next never",
        PLAN("2026-01-05")),
    /* two clocks of one subject that run out together: the first begun is told */
    ROW("kind: deadline, over: accommodation, met_by: end, limit: 3 days", "2026-01-07T00:00:00Z",
        "XX-1.0 child scheduled due 2026-01-08 from 2026-01-05T09:00Z by e0 [e0]\n"
        "  XX-1.0 child scheduled due 2026-01-08 from 2026-01-05T10:00Z by e1 [e1]\n"
        "next 2026-01-09T00:00Z",
        "2026-01-05T09:00 accommodation_provided 'accommodation_id':'H1'",
        "2026-01-05T10:00 accommodation_provided 'accommodation_id':'H2'"),
    /* what it counts from is waited for: a warning from its own day on, unless it is met already or the span is over */
    ROW(WAITS ", evidence: visit_done", "2026-01-10T12:00:00Z", "next 2026-01-11T00:00Z", PLAN("2026-01-05")),
    ROW(WAITS ", evidence: visit_done", "2026-01-11T00:00:00Z",
        "XX-1.0 plan P1 warned warn 2026-01-11T00:00Z from 2026-01-05T09:00Z [e0]\n"
        "next never",
        PLAN("2026-01-05")),
    ROW(WAITS ", evidence: visit_done", "2026-01-20T00:00:00Z", "next never", PLAN("2026-01-05"), VISIT("2026-01-06")),
    ROW(WAITS ", evidence: {begins: plan where plan_type = CP, within_limit: true}", "2026-01-20T00:00:00Z",
        "next never", "2026-01-05 plan_started 'plan_id':'P1','plan_type':'CP'"),
    ROW(WAITS ", met_by: end", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 warned warn 2026-01-11T00:00Z from 2026-01-05T09:00Z [e0]\n"
        "next never",
        PLAN("2026-01-05"), VISIT("2026-01-06")),
    ROW(WAITS ", evidence: visit_done", "2026-01-20T09:00:00Z", "next never", PLAN("2026-01-05"),
        PLAN_OVER("2026-01-20")),
};
START_TEST(deadline)
{
    tell_row(&deadlines[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tables_deadline");
    TCase *tc = tcase_create("tables");
#define ROWS(test, table) tcase_add_loop_test(tc, test, 0, sizeof table / sizeof table[0])
    ROWS(deadline, deadlines);
#undef ROWS
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

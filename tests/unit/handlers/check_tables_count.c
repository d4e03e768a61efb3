// link: dw_config
/* check_tables_count.c: invented rules over small worlds: counts: windows, answers, crossings, flags. */

#include "tests/support/core_tables.h"

/* --- counts */

#define COUNT "kind: count, evidence: [contact_received, early_help_started], "
static const row counts[] = {
    /* windows: inside while the difference is at most the window; it fades the day after */
    ROW("kind: count, over: contact, threshold: 2, window: 7 days, until: window", "2026-01-12T23:00:00Z",
        "XX-1.0 child overdue reached 2026-01-12 from 2026-01-12 x2 [e0 e1]\n"
        "next 2026-01-13T00:00Z",
        CONTACT("2026-01-05", ""), CONTACT("2026-01-12", "")),
    ROW("kind: count, over: contact, threshold: 2, window: 7 days, until: window", "2026-01-13T00:00:00Z",
        "XX-1.0 child faded reached 2026-01-12 from 2026-01-12\n"
        "next never",
        CONTACT("2026-01-05", ""), CONTACT("2026-01-12", "")),
    ROW("kind: count, over: contact, threshold: 2, window: 7 days, until: window", "2026-01-14T00:00:00Z", "next never",
        CONTACT("2026-01-05", ""), CONTACT("2026-01-13", "")),
    /* ... reached twice: the latest is told, alone */
    ROW("kind: count, over: contact, threshold: 2, window: 7 days, until: window", "2026-02-10T00:00:00Z",
        "XX-1.0 child faded reached 2026-01-19 from 2026-01-19\n"
        "next never",
        CONTACT("2026-01-05", ""), CONTACT("2026-01-12", ""), CONTACT("2026-01-19", "")),
    ROW("kind: count, over: contact, threshold: 2, window: 1 months, until: window", "2026-02-05T00:00:00Z",
        "XX-1.0 child overdue reached 2026-01-31 from 2026-01-31 x2 [e0 e1]\n"
        "next 2026-02-06T00:00Z",
        CONTACT("2026-01-05", ""), CONTACT("2026-01-31", "")),
    ROW("kind: count, over: contact, threshold: 2, window: 1 months, until: window", "2026-02-28T00:00:00Z",
        "XX-1.0 child overdue reached 2026-02-01 from 2026-02-01 x2 [e1 e2]\n"
        "next 2026-03-01T00:00Z",
        CONTACT("2026-01-05", ""), CONTACT("2026-01-31", ""), CONTACT("2026-02-01", "")),
    ROW("kind: count, over: contact, threshold: 2, window: ever, until: window", "2029-02-28T00:00:00Z",
        "XX-1.0 child overdue reached 2027-01-31 from 2027-01-31 x3 [e0 e1 e2]\n"
        "next never",
        CONTACT("2026-01-05", ""), CONTACT("2027-01-31", ""), CONTACT("2028-01-31", "")),
    ROW("kind: count, over: contact, threshold: 2, window: 10 days, until: window", "2026-01-25T12:00:00Z",
        "XX-1.0 child overdue reached 2026-01-25 from 2026-01-25 x2 [e3 e4]\n"
        "next 2026-02-04T00:00Z",
        CONTACT("2026-01-05", ""), CONTACT("2026-01-10", ""), CONTACT("2026-01-14", ""), CONTACT("2026-01-24", ""),
        CONTACT("2026-01-25", "")),
    /* nobody to whom it matters: contacts decided; the case closed; outside the plan that is asked for */
    ROW("kind: count, over: contact, threshold: 2, window: 7 days, until: window, while_open: plan where plan_type "
        "= "
        "CP",
        "2026-01-12T00:00:00Z",
        "XX-1.0 child superseded_overdue reached 2026-01-06 from 2026-01-06 x2 [e1 e2]\n"
        "next never",
        PLAN("2026-01-05"), CONTACT("2026-01-05", ""), CONTACT("2026-01-06", "")),
    ROW("kind: count, over: contact, threshold: 2, window: 7 days, until: window, while_open: plan where plan_type "
        "= "
        "CIN",
        "2026-01-12T00:00:00Z",
        "XX-1.0 child overdue reached 2026-01-06 from 2026-01-06 x2 [e1 e2]\n"
        "next 2026-01-13T00:00Z",
        PLAN("2026-01-05"), CONTACT("2026-01-05", ""), CONTACT("2026-01-06", "")),
    ROW("kind: count, over: plan, evidence: contact_received, threshold: 2, window: 7 days, until: window",
        "2026-01-12T00:00:00Z",
        "XX-1.0 child superseded_overdue reached 2026-01-06 from 2026-01-06 x2 [e1 e2]\n"
        "next never",
        PLAN("2026-01-05"), CONTACT("2026-01-05", ""), CONTACT("2026-01-06", ""), PLAN_OVER("2026-01-07")),
    ROW("kind: count, over: plan, evidence: contact_received, threshold: 2, window: 7 days, until: window",
        "2026-01-12T00:00:00Z",
        "XX-1.0 child overdue reached 2026-01-06 from 2026-01-06 x2 [e1 e2]\n"
        "next 2026-01-13T00:00Z",
        PLAN("2026-01-05"), CONTACT("2026-01-05", ""), CONTACT("2026-01-06", "")),
    ROW("kind: count, over: episode, threshold: 2, window: 30 days, until: window", "2026-01-20T00:00:00Z",
        "XX-1.0 child superseded_overdue reached 2026-01-12 from 2026-01-12 x2 [e1 e2]\n"
        "next never",
        BORN("2008-01-20"), EPISODE("E1", "2026-01-05", ""), EPISODE("E2", "2026-01-12", "")),
    ROW("kind: count, over: episode, threshold: 2, window: 30 days, until: window", "2026-01-19T23:00:00Z",
        "XX-1.0 child overdue reached 2026-01-12 from 2026-01-12 x2 [e1 e2]\n"
        "next 2026-01-20T00:00Z",
        BORN("2008-01-20"), EPISODE("E1", "2026-01-05", ""), EPISODE("E2", "2026-01-12", "")),
    ROW("kind: count, over: episode, threshold: 2, window: 30 days, until: window", "2026-01-19T00:00:00Z",
        "XX-1.0 child superseded_overdue reached 2026-01-12 from 2026-01-12 x2 [e1 e2]\n"
        "next never",
        BORN("2008-01-20"), EPISODE("E1", "2026-01-05", ""), EPISODE("E2", "2026-01-12", ""),
        "2026-01-18 child_updated 'person_death_date':'2026-01-15'"),
    ROW("kind: count, over: episode, threshold: 2, window: 30 days, until: window", "2026-01-25T00:00:00Z",
        "XX-1.0 child superseded_overdue reached 2026-01-12 from 2026-01-12 x2 [e1 e2]\n"
        "next never",
        BORN("2008-01-20"), EPISODE("E1", "2026-01-05", ""), EPISODE("E2", "2026-01-12", ""),
        "2026-01-24 child_updated 'person_death_date':'2026-01-22'"),
    ROW("kind: count, over: episode, threshold: 2, window: 30 days, until: window", "2026-01-21T00:00:00Z",
        "XX-1.0 child superseded_overdue reached 2026-01-12 from 2026-01-12 x2 [e1 e2]\n"
        "next never",
        BORN("2008-01-20"), EPISODE("E1", "2026-01-05", ""), EPISODE("E2", "2026-01-12", ""),
        "2026-01-13 child_updated 'person_death_date':'2026-01-22'"),
    /* different values: of facts, of spans; what has none does not count; blank beside told */
    ROW(COUNT "distinct: contact_source, threshold: 2, window: 30 days, until: window", "2026-01-20T00:00:00Z",
        "XX-1.0 child overdue reached 2026-01-09 from 2026-01-09 x2 [e0 e1 e4]\n"
        "next 2026-02-05T00:00Z",
        CONTACT("2026-01-05", "'contact_source':'1A'"), CONTACT("2026-01-06", "'contact_source':'1A'"),
        CONTACT("2026-01-07", ""), "2026-01-08 early_help_started", CONTACT("2026-01-09", "'contact_source':'2A'")),
    ROW(COUNT "distinct: contact_source, threshold: 3, window: 30 days, until: window", "2026-01-20T00:00:00Z",
        "next never", CONTACT("2026-01-05", "'contact_source':'1A'"), CONTACT("2026-01-06", "'contact_source':'1A'"),
        CONTACT("2026-01-09", "'contact_source':'2A'")),
    ROW("kind: count, over: allocation, distinct: worker_ref, threshold: 2, window: 30 days, until: window",
        "2026-01-20T00:00:00Z",
        "XX-1.0 child overdue reached 2026-01-06 from 2026-01-06 x2 [e0 e1 e2]\n"
        "next 2026-02-05T00:00Z",
        "2026-01-05 worker_allocated 'role':'LEAD_SW' & 'worker_ref':'W1'",
        "2026-01-06 worker_allocated 'role':'LEAD_SW' & 'worker_ref':'W2'",
        "2026-01-07 worker_allocated 'role':'LEAD_SW' & 'worker_ref':'W1'"),
    ROW("kind: count, over: episode, evidence: [rhi, meeting_held], distinct: episode_ids, threshold: 2, window: "
        "30 "
        "days, until: window",
        "2026-01-20T00:00:00Z", "next never",
        "2026-01-05 missing_episode 'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z'",
        "2026-01-06 rhi 'episode_ids':['E1']", "2026-01-07 meeting_held 'episode_ids':['E1']",
        "2026-01-08 rhi 'episode_id':'E1'"),
    ROW("kind: count, over: episode, evidence: [rhi, meeting_held], distinct: episode_ids, threshold: 3, window: "
        "30 "
        "days, until: window",
        "2026-01-20T00:00:00Z",
        "XX-1.0 child overdue reached 2026-01-08 from 2026-01-08 x3 [e1 e2 e3]\n"
        "next 2026-02-06T00:00Z",
        "2026-01-05 missing_episode 'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z'",
        "2026-01-06 rhi 'episode_ids':['E1']", "2026-01-07 meeting_held 'episode_ids':['E1','E2']",
        "2026-01-08 rhi 'episode_ids':['E2']"),
    /* within each span by itself, of those that are meant */
    ROW("kind: count, over: plan where plan_type = CIN, within_span: true, evidence: visit_done, threshold: 2, "
        "window: "
        "7 days, until: window",
        "2026-01-12T12:00:00Z",
        "XX-1.0 plan P1 overdue reached 2026-01-12 from 2026-01-12 x2 [e2 e3]\n"
        "next 2026-01-13T00:00Z",
        PLAN("2026-01-05"), "2026-01-06 plan_started 'plan_id':'P2','plan_type':'CP'", VISIT("2026-01-05"),
        VISIT("2026-01-12")),
    ROW("kind: count, over: plan where plan_type = CIN, within_span: true, evidence: visit_done, threshold: 2, "
        "window: "
        "7 days, until: window",
        "2026-01-25T12:00:00Z",
        "XX-1.0 plan P1 superseded_overdue reached 2026-01-12 from 2026-01-12 x2 [e1 e2]\n"
        "next never",
        PLAN("2026-01-05"), VISIT("2026-01-05"), VISIT("2026-01-12"), PLAN_OVER("2026-01-12")),
    ROW("kind: count, over: plan where plan_type = CIN, within_span: true, evidence: visit_done, threshold: 2, "
        "window: "
        "7 days, until: window",
        "2026-01-25T12:00:00Z",
        "XX-1.0 plan P1 faded reached 2026-01-12 from 2026-01-12\n"
        "next never",
        PLAN("2026-01-05"), VISIT("2026-01-05"), VISIT("2026-01-12"), PLAN_OVER("2026-01-13")),
    /* until an answer clears it: the day of the answer is cleared; counted anew after it; met when it had been enough */
    ROW("kind: count, over: contact, threshold: 2, window: 30 days, until: window, answer: referral_received, "
        "answer_clears: true",
        "2026-01-20T00:00:00Z",
        "XX-1.0 child met reached 2026-01-06 from 2026-01-06 met e2 [e0 e1]\n"
        "next never",
        CONTACT("2026-01-05", ""), CONTACT("2026-01-06", ""), "2026-01-06 referral_received"),
    ROW("kind: count, over: contact, threshold: 2, window: 30 days, until: window, answer: referral_received, "
        "answer_clears: true",
        "2026-01-20T00:00:00Z",
        "XX-1.0 child met_late reached 2026-01-06 from 2026-01-06 met e2 [e0 e1]\n"
        "next never",
        CONTACT("2026-01-05", ""), CONTACT("2026-01-06", ""), "2026-01-07 referral_received",
        CONTACT("2026-01-08", "")),
    ROW("kind: count, over: contact, threshold: 2, window: 30 days, until: window, answer: referral_received, "
        "answer_clears: true",
        "2026-01-20T00:00:00Z",
        "XX-1.0 child overdue reached 2026-01-09 from 2026-01-09 x2 [e2 e3]\n"
        "next 2026-02-08T00:00Z",
        CONTACT("2026-01-05", ""), "2026-01-07 referral_received", CONTACT("2026-01-08", ""),
        CONTACT("2026-01-09", "")),
    ROW("kind: count, over: contact, threshold: 2, window: 30 days, until: window, answer: referral_received, "
        "answer_clears: true",
        "2026-01-20T00:00:00Z", "next never", CONTACT("2026-01-05", ""), "2026-01-07 referral_received",
        CONTACT("2026-01-08", "")),
    ROW("kind: count, over: plan, within_span: true, evidence: visit_done where child_seen = N, threshold: 2, "
        "window: "
        "ever, until: answered, answer: visit_done where child_seen = Y, answer_clears: true",
        "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 overdue reached 2026-01-07 from 2026-01-07 x3 [e1 e2 e3]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-06 visit_done 'child_seen':'N'", "2026-01-07 visit_done 'child_seen':'N'",
        "2026-01-08 visit_done 'child_seen':'N'"),
    ROW("kind: count, over: plan, within_span: true, evidence: visit_done where child_seen = N, threshold: 2, "
        "window: "
        "ever, until: answered, answer: visit_done where child_seen = Y, answer_clears: true",
        "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 met_late reached 2026-01-07 from 2026-01-07 met e3 [e1 e2]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-06 visit_done 'child_seen':'N'", "2026-01-07 visit_done 'child_seen':'N'",
        "2026-01-08 visit_done 'child_seen':'Y'", "2026-01-09 visit_done 'child_seen':'N'"),
    ROW("kind: count, over: plan, within_span: true, evidence: visit_done where child_seen = N, threshold: 2, "
        "window: "
        "ever, until: answered, answer: visit_done where child_seen = Y, answer_clears: true",
        "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 superseded_overdue reached 2026-01-07 from 2026-01-07 x2 [e1 e2]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-06 visit_done 'child_seen':'N'", "2026-01-07 visit_done 'child_seen':'N'",
        PLAN_OVER("2026-01-09")),
    ROW("kind: count, over: case, evidence: contact_received, distinct: contact_source, threshold: 2, window: 10 "
        "days, "
        "until: answered, answer: referral_received where referral_nfa = N, answer_clears: true",
        "2026-03-20T00:00:00Z",
        "XX-1.0 child overdue reached 2026-01-08 from 2026-01-08 x3 [e1 e2 e3 e4 e5]\n"
        "next never",
        PLAN("2026-01-05"), CONTACT("2026-01-05", "'contact_source':'1A'"),
        CONTACT("2026-01-07", "'contact_source':'1A'"), CONTACT("2026-01-08", "'contact_source':'2A'"),
        CONTACT("2026-01-09", "'contact_source':'2A'"), CONTACT("2026-01-30", "'contact_source':'1B'")),
    ROW("kind: count, over: case, evidence: contact_received, distinct: contact_source, threshold: 2, window: 10 "
        "days, "
        "until: answered, answer: referral_received where referral_nfa = N, answer_clears: true",
        "2026-03-20T00:00:00Z", "next never", PLAN("2026-01-05"), CONTACT("2026-01-05", "'contact_source':'1A'"),
        CONTACT("2026-01-16", "'contact_source':'2A'")),
    ROW("kind: count, over: case, evidence: contact_received, distinct: contact_source, threshold: 2, window: 10 days, "
        "until: answered, answer: referral_received where referral_nfa = N, answer_clears: true",
        "2026-03-20T00:00:00Z",
        "XX-1.0 child overdue reached 2026-01-07 from 2026-01-07 x3 [e1 e2 e3 e4]\n"
        "next never",
        PLAN("2026-01-05"), CONTACT("2026-01-05", "'contact_source':'1A'"),
        CONTACT("2026-01-07", "'contact_source':'2A'"), CONTACT("2026-01-08", "'contact_source':'1A'"),
        CONTACT("2026-01-09", "'contact_source':'1B'")),
    /* crossings: runs of starts, each answered by the first meeting since; one answered is followed by the next */
    ROW("kind: count, over: episode, threshold: 3, window: 90 days, until: answered, answer: meeting_held where "
        "kind = "
        "STRATEGY",
        "2026-03-20T00:00:00Z", "next never", EPISODE("E1", "2026-01-05", ""), EPISODE("E2", "2026-01-10", "")),
    ROW("kind: count, over: episode, threshold: 3, window: 90 days, until: answered, answer: meeting_held where "
        "kind = "
        "STRATEGY",
        "2026-05-20T00:00:00Z",
        "XX-1.0 child overdue reached 2026-04-05 from 2026-04-05T08:00Z by e2 x4 [e0 e1 e2 e3]\n"
        "next never",
        EPISODE("E1", "2026-01-05", ""), EPISODE("E2", "2026-01-10", ""), EPISODE("E3", "2026-04-05", ""),
        EPISODE("E4", "2026-04-06", "")),
    ROW("kind: count, over: episode, threshold: 3, window: 90 days, until: answered, answer: meeting_held where "
        "kind = "
        "STRATEGY",
        "2026-05-20T00:00:00Z", "next never", EPISODE("E1", "2026-01-05", ""), EPISODE("E2", "2026-01-10", ""),
        EPISODE("E3", "2026-04-06", "")),
    ROW("kind: count, over: episode, threshold: 3, window: 90 days, until: answered, answer: meeting_held where "
        "kind = "
        "STRATEGY",
        "2026-03-20T00:00:00Z",
        "XX-1.0 child overdue reached 2026-01-14 from 2026-01-14T08:00Z by e4 x4 [e0 e1 e2 e4]\n"
        "next never",
        EPISODE("E1", "2026-01-05", ""), EPISODE("E2", "2026-01-10", ""), EPISODE("E3", "2026-01-12", ""),
        MEETING("2026-01-12", ""), EPISODE("E4", "2026-01-14", "")),
    ROW("kind: count, over: episode, threshold: 3, window: 90 days, until: answered, answer: meeting_held where "
        "kind = "
        "STRATEGY",
        "2026-03-20T00:00:00Z",
        "XX-1.0 child met_late reached 2026-01-12 from 2026-01-12T08:00Z by e2 met e4 x4 [e0 e1 e2 e3]\n"
        "next never",
        EPISODE("E1", "2026-01-05", ""), EPISODE("E2", "2026-01-10", ""), EPISODE("E3", "2026-01-12", ""),
        EPISODE("E4", "2026-01-14", ""), MEETING("2026-01-14", "")),
    ROW("kind: count, over: episode, threshold: 3, window: 90 days, until: answered, answer: meeting_held where "
        "kind = "
        "STRATEGY",
        "2026-03-20T00:00:00Z",
        "XX-1.0 child superseded_overdue reached 2026-01-12 from 2026-01-12T08:00Z by e3 x3 [e1 e2 e3]\n"
        "next never",
        BORN("2008-02-02"), EPISODE("E1", "2026-01-05", ""), EPISODE("E2", "2026-01-10", ""),
        EPISODE("E3", "2026-01-12", "")),
    ROW("kind: count, over: episode, threshold: 1, window: 90 days, until: answered, answer: meeting_held where "
        "kind = "
        "STRATEGY, at_start_open: plan where plan_type = CP",
        "2026-03-20T00:00:00Z",
        "XX-1.0 child overdue reached 2026-01-10 from 2026-01-10T08:00Z by e3 [e3]\n"
        "next never",
        PLAN("2026-01-04"), EPISODE("E1", "2026-01-05", ""), "2026-01-06 plan_started 'plan_id':'P2','plan_type':'CP'",
        EPISODE("E2", "2026-01-10", ""), "2026-01-11 plan_ended 'plan_id':'P2'", EPISODE("E3", "2026-01-12", "")),
    ROW("kind: count, over: episode, threshold: 1, window: 90 days, until: span_end, ended_inside: [plan where "
        "plan_type = CP, care]",
        "2026-03-20T00:00:00Z",
        "XX-1.0 episode E1 cancelled reached 2026-01-05 from 2026-01-05T08:00Z by e2 [e2]\n"
        "next never",
        "2026-01-04 plan_started 'plan_id':'P2','plan_type':'CP'",
        "2026-01-04 plan_started 'plan_id':'P3','plan_type':'CIN'",
        "2026-01-05 missing_episode "
        "'episode_id':'E1','mis_start':'2026-01-05T08:00:00Z','returned_at':'2026-01-07T08:00:00Z'",
        "2026-01-06 plan_ended 'plan_id':'P2'",
        "2026-01-10 missing_episode 'episode_id':'E2','mis_start':'2026-01-10T08:00:00Z'",
        "2026-01-12 plan_ended 'plan_id':'P3'"),
    /* flags and what lasts with the span: by start or end, with what is told of earlier ones */
    ROW("kind: count, over: referral, threshold: 2, window: 12 months, until: flag", "2027-03-20T00:00:00Z",
        "XX-1.0 referral R2 flagged reached 2027-01-05 from 2027-01-05T09:00Z by e1 x2 [e0 e1]\n"
        "XX-1.0 referral R3 flagged reached 2027-01-06 from 2027-01-06T09:00Z by e2 x2 [e1 e2]\n"
        "next never",
        "2026-01-05 referral_received 'referral_id':'R1'", "2027-01-05 referral_received 'referral_id':'R2'",
        "2027-01-06 referral_received 'referral_id':'R3'"),
    ROW("kind: count, over: referral, threshold: 2, window: 12 months, until: flag", "2027-03-20T00:00:00Z",
        "next never", "2026-01-05 referral_received 'referral_id':'R1'",
        "2027-01-06 referral_received 'referral_id':'R2'"),
    ROW("kind: count, over: plan where plan_type = CP, threshold: 2, window: 24 months, until: span_end, "
        "measured_from: end, counted_before: number_of_previous_cpp",
        "2026-06-20T00:00:00Z",
        "XX-1.0 plan P2 overdue reached 2026-03-05 from 2026-03-05T09:00Z by e2 x2 [e0 e1 e2]\n"
        "next never",
        "2024-01-05 plan_started 'plan_id':'P1','plan_type':'CP'", "2024-03-05 plan_ended 'plan_id':'P1'",
        "2026-03-05 plan_started 'plan_id':'P2','plan_type':'CP'"),
    ROW("kind: count, over: plan where plan_type = CP, threshold: 2, window: 24 months, until: span_end, "
        "measured_from: end, counted_before: number_of_previous_cpp",
        "2026-06-20T00:00:00Z",
        "XX-1.0 plan P3 overdue reached 2026-03-05 from 2026-03-05T09:00Z by e3 x2 [e3]\n"
        "XX-1.0 plan P5 overdue reached 2026-03-07 from 2026-03-07T10:00Z by e6 x2 [e2 e5 e6]\n"
        "next never",
        "2024-01-05 plan_started 'plan_id':'P1','plan_type':'CP'", "2024-03-04 plan_ended 'plan_id':'P1'",
        "2026-03-05 plan_started 'plan_id':'P2','plan_type':'CP'",
        "2026-03-05 plan_started 'plan_id':'P3','plan_type':'CP','number_of_previous_cpp':1",
        "2026-03-06 plan_started 'plan_id':'P4','plan_type':'CP','number_of_previous_cpp':0",
        "2026-03-07 plan_ended 'plan_id':'P2'", "2026-03-07T10:00 plan_started 'plan_id':'P5','plan_type':'CP'"),
    ROW("kind: count, over: plan where plan_type = CP, threshold: 3, window: 24 months, until: span_end, "
        "counted_before: number_of_previous_cpp",
        "2026-06-20T00:00:00Z",
        "XX-1.0 plan P2 overdue reached 2026-01-06 from 2026-01-06T09:00Z by e1 x3 [e0 e1]\n"
        "XX-1.0 plan P3 cancelled reached 2026-01-07 from 2026-01-07T09:00Z by e2 x6 [e0 e1 e2]\n"
        "XX-1.0 plan P4 overdue reached 2026-01-08 from 2026-01-08T09:00Z by e3 x4 [e1 e2 e3]\n"
        "next never",
        "2026-01-05 plan_started 'plan_id':'P1','plan_type':'CP','number_of_previous_cpp':1",
        "2026-01-06 plan_started 'plan_id':'P2','plan_type':'CP','number_of_previous_cpp':2",
        "2026-01-07 plan_started 'plan_id':'P3','plan_type':'CP','number_of_previous_cpp':5",
        "2026-01-08 plan_started 'plan_id':'P4','plan_type':'CP'", "2026-02-02 plan_ended 'plan_id':'P3'"),
    ROW("kind: count, over: plan where plan_type = CP, threshold: 2, window: 24 months, until: span_end, "
        "counted_before: number_of_previous_cpp",
        "2026-06-20T00:00:00Z",
        "XX-1.0 plan P2 overdue reached 2026-01-06 from 2026-01-06T09:00Z by e1 x1000 [e0 e1]\n"
        "next never",
        "2026-01-05 plan_started 'plan_id':'P1','plan_type':'CP','number_of_previous_cpp':1000",
        "2026-01-06 plan_started 'plan_id':'P2','plan_type':'CP','number_of_previous_cpp':999"),
};
START_TEST(count)
{
    tell_row(&counts[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tables_count");
    TCase *tc = tcase_create("tables");
#define ROWS(test, table) tcase_add_loop_test(tc, test, 0, sizeof table / sizeof table[0])
    ROWS(count, counts);
#undef ROWS
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

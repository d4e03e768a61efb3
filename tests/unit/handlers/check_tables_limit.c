// link: dw_config
/* check_tables_limit.c: invented rules over small worlds: which limit holds, what was agreed for the child, and pauses. */

#include "tests/support/core_tables.h"

/* --- limits and agreed frequencies */

#define OVERRIDE(day, more) day " schedule_override 'rule':'XX-1'," more
#define FREQUENCIES                                                                                                    \
    "recorded_frequency: [{field: visit_frequency, looser_by: [CHAIR, SM]}, {field: visit_frequency, of: "             \
    "schedule_override, looser_by: [SM]}], "
#define AGREED(day, more)                                                                                              \
    day " plan_started 'plan_id':'P1','plan_type':'CIN','start_date':'" day "','visit_frequency':{" more "}"
#define WHILE "limit: {limit: 10 days, while: plan where plan_type = CP, or_while: care}"
#define BOTH "limit: {limit: 10 days, while: plan where plan_type = CP, or_both: [care, proceedings]}"

static const row limits[] = {
    /* while: from the start of the unbroken run, with and without a second kind; of a condition that came later */
    ROW("kind: recurring, over: case, evidence: visit_done, " WHILE, "2026-01-20T00:00:00Z",
        "XX-1.0 child resting from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05")),
    ROW("kind: recurring, over: case, evidence: visit_done, " WHILE, "2026-01-20T00:00:00Z",
        "XX-1.0 child overdue due 2026-01-18 from 2026-01-08 by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-08 plan_started 'plan_id':'P2','plan_type':'CP'"),
    ROW("kind: recurring, over: case, evidence: visit_done, " WHILE, "2026-01-20T00:00:00Z",
        "XX-1.0 child overdue due 2026-01-18 from 2026-01-08 by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-08 plan_started 'plan_id':'P2','plan_type':'CP'",
        "2026-01-12 placement_started 'placement_id':'L1','rne':'S'", "2026-01-15 plan_ended 'plan_id':'P2'"),
    ROW("kind: recurring, over: case, evidence: visit_done, " WHILE, "2026-01-20T00:00:00Z",
        "XX-1.0 child scheduled due 2026-01-24 from 2026-01-14 by e0 [e0]\n"
        "next 2026-01-25T00:00Z",
        PLAN("2026-01-05"), "2026-01-08 plan_started 'plan_id':'P2','plan_type':'CP'",
        "2026-01-12 plan_ended 'plan_id':'P2'", "2026-01-14 placement_started 'placement_id':'L1','rne':'S'"),
    ROW("kind: recurring, over: case, evidence: visit_done, " WHILE, "2026-01-20T00:00:00Z",
        "XX-1.0 child overdue due 2026-01-15 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        "2026-01-05 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-08 placement_ended 'placement_id':'L1','rec':'E3'",
        "2026-01-08 plan_started 'plan_id':'P2','plan_type':'CP'"),
    ROW("kind: recurring, over: case, evidence: visit_done, limit: {limit: 10 days, while: plan where plan_type = CIN "
        "and latest_category = NEG}",
        "2026-01-20T00:00:00Z",
        "XX-1.0 child overdue due 2026-01-18 from 2026-01-08 by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-08 plan_changed 'plan_id':'P1','latest_category':'NEG'",
        "2026-01-12 plan_changed 'plan_id':'P1','visit_frequency':{'days':3}"),
    ROW("kind: recurring, over: case, evidence: visit_done, limit: {limit: 10 days, while: plan where plan_type = CIN "
        "and latest_category = NEG}",
        "2026-01-20T00:00:00Z",
        "XX-1.0 child scheduled due 2026-01-24 from 2026-01-14 by e4 met e4 [e4]\n"
        "next 2026-01-25T00:00Z",
        PLAN("2026-01-05"), "2026-01-08 plan_changed 'plan_id':'P1','latest_category':'NEG'",
        "2026-01-12 plan_changed 'plan_id':'P1','latest_category':'EMO'",
        "2026-01-14 plan_changed 'plan_id':'P1','latest_category':'NEG'", VISIT("2026-01-09")),
    ROW("kind: recurring, over: case, evidence: visit_done, strictest: true, limit: [{limit: 30 days, while: case}, "
        "{limit: 10 days, while: plan where plan_type = CP}, {limit: 20 days, while: plan where plan_type = CP}]",
        "2026-01-20T00:00:00Z",
        "XX-1.0 child scheduled due 2026-01-20 from 2026-01-10 by e0 limit 1 [e0]\n"
        "next 2026-01-21T00:00Z",
        PLAN("2026-01-05"), "2026-01-10 plan_started 'plan_id':'P2','plan_type':'CP'"),
    /* or_both: the days on which two kinds are open; joined with the run before; over with either */
    ROW("kind: recurring, over: case, evidence: visit_done, " BOTH, "2026-01-20T00:00:00Z",
        "XX-1.0 child scheduled due 2026-01-24 from 2026-01-14 by e0 [e0]\n"
        "next 2026-01-25T00:00Z",
        PLAN("2026-01-05"), "2026-01-12 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-14 preproceedings_step 'step':'COURT_APPLICATION'"),
    ROW("kind: recurring, over: case, evidence: visit_done, " BOTH, "2026-01-20T00:00:00Z",
        "XX-1.0 child overdue due 2026-01-18 from 2026-01-08 by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-08 plan_started 'plan_id':'P2','plan_type':'CP'",
        "2026-01-12 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-13 preproceedings_step 'step':'COURT_APPLICATION'", "2026-01-14 plan_ended 'plan_id':'P2'"),
    ROW("kind: recurring, over: case, evidence: visit_done, " BOTH, "2026-01-20T00:00:00Z",
        "XX-1.0 child resting from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-12 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-14 preproceedings_step 'step':'COURT_APPLICATION'",
        "2026-01-18 placement_ended 'placement_id':'L1','rec':'E3'"),
    ROW("kind: recurring, over: case, evidence: visit_done, " BOTH, "2026-01-20T00:00:00Z",
        "XX-1.0 child scheduled due 2026-01-24 from 2026-01-14 by e0 [e0]\n"
        "next 2026-01-25T00:00Z",
        PLAN("2026-01-05"), "2026-01-12 preproceedings_step 'step':'COURT_APPLICATION'",
        "2026-01-14 placement_started 'placement_id':'L1','rne':'S'"),
    ROW("kind: recurring, over: case, evidence: visit_done, " BOTH, "2026-01-20T00:00:00Z",
        "XX-1.0 child resting from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-08 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-10 placement_ended 'placement_id':'L1','rec':'E3'",
        "2026-01-12 preproceedings_step 'step':'COURT_APPLICATION'"),
    ROW("kind: recurring, over: case, evidence: visit_done, " BOTH, "2026-01-20T00:00:00Z",
        "XX-1.0 child scheduled due 2026-01-26 from 2026-01-16 by e0 [e0]\n"
        "next 2026-01-27T00:00Z",
        PLAN("2026-01-05"), "2026-01-06 preproceedings_step 'step':'COURT_APPLICATION'",
        "2026-01-08 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-10 placement_ended 'placement_id':'L1','rec':'E3'",
        "2026-01-16 plan_started 'plan_id':'P2','plan_type':'CP'"),
    ROW("kind: recurring, over: case, evidence: visit_done, limit: {limit: 10 days, while: plan where plan_type = CP, "
        "or_both: [care, plan where plan_type = CIN]}",
        "2026-01-20T00:00:00Z",
        "XX-1.0 child scheduled due 2026-01-22 from 2026-01-12 by e0 [e0]\n"
        "next 2026-01-23T00:00Z",
        "2026-01-05 plan_started 'plan_id':'F1','plan_type':'PF'",
        "2026-01-06 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-12 plan_started 'plan_id':'P1','plan_type':'CIN'",
        "2026-01-14 plan_started 'plan_id':'P2','plan_type':'CIN'"),
    ROW("kind: recurring, over: case, evidence: visit_done, limit: {limit: 10 days, while: plan where plan_type = CP, "
        "or_both: [plan where latest_category = NEG, care]}",
        "2026-01-20T00:00:00Z",
        "XX-1.0 child overdue due 2026-01-17 from 2026-01-07 by e2 [e2]\n"
        "next never",
        "2026-01-02 plan_started 'plan_id':'P1','plan_type':'PF','start_date':'2026-01-10'",
        "2026-01-03 plan_changed 'plan_id':'P1','latest_category':'NEG'",
        "2026-01-06 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-07 plan_started 'plan_id':'P2','plan_type':'CP'",
        "2026-01-08 placement_ended 'placement_id':'L1','rec':'E3'"),
    /* ... which have no day in common, though what is asked of one held before it began */
    ROW("kind: recurring, over: case, evidence: visit_done, limit: {limit: 10 days, while: plan where plan_type = CP, "
        "or_both: [plan where latest_category = NEG, care]}",
        "2026-01-20T00:00:00Z",
        "XX-1.0 child overdue due 2026-01-17 from 2026-01-07 by e3 [e3]\n"
        "next never",
        "2026-01-02 plan_started 'plan_id':'P1','plan_type':'PF','start_date':'2026-01-10'",
        "2026-01-02 plan_changed 'plan_id':'P1','latest_category':'EMO'",
        "2026-01-03 plan_changed 'plan_id':'P1','latest_category':'NEG'",
        "2026-01-06 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-07 plan_started 'plan_id':'P2','plan_type':'CP'",
        "2026-01-08 placement_ended 'placement_id':'L1','rec':'E3'"),
    /* age: bands, and no birth date */
    ROW(RECURRING "limit: [{limit: 5 days, age: until 5}, {limit: 10 days, age: from 5 until 10}, {limit: 20 days, "
                  "age: from 12}]",
        "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-10 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next 2026-01-11T00:00Z",
        PLAN("2026-01-05"), BORN("2021-01-06")),
    ROW(RECURRING "limit: [{limit: 5 days, age: until 5}, {limit: 10 days, age: from 5 until 10}, {limit: 20 days, "
                  "age: from 12}]",
        "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e0 limit 1 [e0]\n"
        "next 2026-01-16T00:00Z",
        PLAN("2026-01-05"), BORN("2021-01-05")),
    ROW(RECURRING "limit: [{limit: 5 days, age: until 5}, {limit: 10 days, age: from 5 until 10}, {limit: 20 days, "
                  "age: from 12}]",
        "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e0 limit 1 [e0]\n"
        "next 2026-01-16T00:00Z",
        PLAN("2026-01-05"), BORN("2016-01-06")),
    ROW(RECURRING "limit: [{limit: 5 days, age: until 5}, {limit: 10 days, age: from 5 until 10}, {limit: 20 days, "
                  "age: from 12}]",
        "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 resting from 2026-01-05T09:00Z by e0 [e0]\n"
        "next 2034-01-05T00:00Z",
        PLAN("2026-01-05"), BORN("2016-01-05")),
    ROW(RECURRING "limit: [{limit: 5 days, age: until 5}, {limit: 10 days, age: from 5 until 10}, {limit: 20 days, "
                  "age: from 12}]",
        "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-25 from 2026-01-05T09:00Z by e0 limit 2 [e0]\n"
        "next 2026-01-26T00:00Z",
        PLAN("2026-01-05"), BORN("2014-01-05")),
    ROW(RECURRING "limit: [{limit: 10 days, age: from 5}]", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 resting from 2026-01-05T09:00Z by e0 gaps 2 [e0]\n"
        "next never",
        PLAN("2026-01-05")),
    ROW(RECURRING "limit: [{limit: 10 days, when: plan_type = CIN}, {limit: 3 days, age: until 5}]",
        "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 resting from 2026-01-05T09:00Z by e0 gaps 2 [e0]\n"
        "next never",
        PLAN("2026-01-05")),
    /* once: from such a span, that names this one, none, or another; not one of before or after it */
    ROW("kind: deadline, over: assessment, evidence: visit_done, strictest: true, limit: [{limit: 1 days, once: s47 "
        "where icpc_not_required absent, link: referral_id}, {limit: 20 days}]",
        "2026-01-20T00:00:00Z",
        "XX-1.0 referral R1 overdue due 2026-01-13 from 2026-01-12T09:00Z by e0 [e0]\n"
        "next never",
        "2026-01-05 referral_received 'referral_id':'R1'", "2026-01-04 s47_started 's47_id':'S0','referral_id':'R1'",
        "2026-01-10 s47_started 's47_id':'S1','referral_id':'R9'",
        "2026-01-11 s47_started 's47_id':'S2','referral_id':'R1','icpc_not_required':'N'",
        "2026-01-12 s47_started 's47_id':'S3'", "2026-01-13 s47_started 's47_id':'S3','referral_id':'R1'"),
    ROW("kind: deadline, over: assessment, evidence: visit_done, strictest: true, limit: [{limit: 1 days, once: s47}, "
        "{limit: 20 days}]",
        "2026-03-20T00:00:00Z",
        "XX-1.0 referral R1 cancelled due 2026-01-25 from 2026-01-05T09:00Z by e0 limit 1 [e0]\n"
        "next never",
        "2026-01-05 referral_received 'referral_id':'R1','referral_nfa':'Y','decided_at':'2026-01-09T09:00:00Z'",
        "2026-01-10 s47_started 's47_id':'S1'"),
    ROW("kind: deadline, over: assessment, evidence: visit_done, limit: [{limit: 1 days, once: s47}]",
        "2026-01-20T00:00:00Z",
        "XX-1.0 referral R1 overdue due 2026-01-06 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next never",
        "2026-01-05 referral_received 'referral_id':'R1'", "2026-01-05T08:00 s47_started 's47_id':'S1'"),
    ROW("kind: deadline, over: contact, evidence: early_help_started, limit: [{limit: 2 days, once: assessment, link: "
        "contact_id}]",
        "2026-01-20T00:00:00Z",
        "XX-1.0 contact K1 resting from 2026-01-05T09:00Z by e0\n"
        "next never",
        "2026-01-05 contact_received 'contact_id':'K1'",
        "2026-01-06 referral_received 'referral_id':'R1','contact_id':'K9'",
        "2026-01-07 assessment_started 'referral_id':'R1'"),
    ROW("kind: deadline, over: contact, evidence: early_help_started, limit: [{limit: 2 days, once: assessment, link: "
        "contact_id}]",
        "2026-01-20T00:00:00Z",
        "XX-1.0 contact K1 overdue due 2026-01-08 from 2026-01-06T09:00Z by e0 [e0]\n"
        "next never",
        "2026-01-05 contact_received 'contact_id':'K1'", "2026-01-06 referral_received 'referral_id':'R1'",
        "2026-01-07 assessment_started 'referral_id':'R1'"),
    /* both begin at one instant: as exactly as this one is known */
    ROW("kind: deadline, over: assessment, evidence: visit_done, limit: [{limit: 1 hours, once: s47}]",
        "2026-01-20T00:00:00Z",
        "XX-1.0 referral R1 overdue due 2026-01-05T01:00Z from 2026-01-05 by e0 [e0]\n"
        "next never",
        "2026-01-05T00:00 referral_received 'referral_id':'R1'",
        "2026-01-05T00:00 s47_started 's47_id':'S1' & 'occurred_precision':'DATE'"),
    /* ... nor one whose very id names itself */
    ROW("kind: deadline, over: contact, evidence: early_help_started, limit: [{limit: 2 days, once: contact where "
        "outcome = NFA, link: contact_id}]",
        "2026-01-20T00:00:00Z",
        "XX-1.0 contact K1 resting from 2026-01-05T09:00Z by e0\n"
        "XX-1.0 contact K2 cancelled due 2026-01-09 from 2026-01-07T09:00Z by e1 [e1]\n"
        "next never",
        "2026-01-05 contact_received 'contact_id':'K1'",
        CONTACT("2026-01-07", "'contact_id':'K2','outcome':'NFA','decided_at':'2026-01-09T09:00:00Z'")),
    /* a frequency of its own: the newest in force; units; bounds of ten years; the stricter, or looser by whom it may */
    ROW(RECURRING FREQUENCIES "limit: 10 days", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-14 from 2026-01-05T09:00Z by e0 limit 255 [e0]\n"
        "next 2026-01-15T00:00Z",
        AGREED("2026-01-05", "'days':9")),
    ROW(RECURRING FREQUENCIES "limit: 10 days", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next 2026-01-16T00:00Z",
        AGREED("2026-01-05", "'days':10")),
    ROW(RECURRING FREQUENCIES "limit: 10 days", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next 2026-01-16T00:00Z",
        AGREED("2026-01-05", "'days':11,'agreed_by':'SW'")),
    ROW(RECURRING FREQUENCIES "limit: 10 days", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-16 from 2026-01-05T09:00Z by e0 limit 255 [e0]\n"
        "next 2026-01-17T00:00Z",
        AGREED("2026-01-05", "'days':11,'agreed_by':'CHAIR'")),
    ROW(RECURRING FREQUENCIES "limit: 10 days", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next 2026-01-16T00:00Z",
        AGREED("2026-01-05", "'days':11,'agreed_by':32")),
    ROW(RECURRING FREQUENCIES "limit: 10 days", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-12 from 2026-01-05T09:00Z by e0 limit 255 [e0]\n"
        "next 2026-01-13T00:00Z",
        AGREED("2026-01-05", "'days':5,'unit':'WD'")),
    ROW(RECURRING FREQUENCIES "calendar: weekdays, limit: 10 working days", "2026-04-02T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-04-08 from 2026-04-01T09:00Z by e0 limit 255 [e0]\n"
        "next 2026-04-08T23:00Z",
        AGREED("2026-04-01", "'days':5,'unit':'WD'")),
    ROW(RECURRING FREQUENCIES "limit: 10 days", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next 2026-01-16T00:00Z",
        AGREED("2026-01-05", "'days':0,'agreed_by':'CHAIR'")),
    ROW(RECURRING FREQUENCIES "limit: 10 days", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2036-01-13 from 2026-01-05T09:00Z by e0 limit 255 [e0]\n"
        "next 2036-01-14T00:00Z",
        AGREED("2026-01-05", "'days':3660,'agreed_by':'CHAIR'")),
    ROW(RECURRING FREQUENCIES "limit: 10 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-15 from 2026-01-11T09:00Z by e4 met e4 limit 255 [e4]\n"
        "next never",
        AGREED("2026-01-05", "'days':3"), "2026-01-06 plan_changed 'plan_id':'P1','visit_frequency':{'days':4}",
        "2026-01-07 plan_changed 'plan_id':'P1','latest_category':'NEG'",
        "2026-01-08 plan_changed 'plan_id':'P1','visit_frequency':{'days':5,'from':'2026-01-12'}", VISIT("2026-01-11")),
    ROW(RECURRING FREQUENCIES "limit: 10 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-17 from 2026-01-12T09:00Z by e3 met e3 limit 255 [e3]\n"
        "next never",
        AGREED("2026-01-05", "'days':3"), "2026-01-06 plan_changed 'plan_id':'P1','visit_frequency':{'days':4}",
        "2026-01-08 plan_changed 'plan_id':'P1','visit_frequency':{'days':5,'from':'2026-01-12'}", VISIT("2026-01-12")),
    ROW("kind: recurring, over: care, evidence: visit_done, recorded_frequency: visit_frequency, limit: 10 days",
        "2026-01-07T00:00:00Z",
        "XX-1.0 plan C1 scheduled due 2026-01-08 from 2026-01-05T09:00Z by e1 limit 255 [e1]\n"
        "next 2026-01-09T00:00Z",
        "2026-01-05 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-05 plan_started 'plan_id':'C1','plan_type':'CLA','visit_frequency':{'days':3}"),
    ROW(RECURRING "recorded_frequency: {field: visit_frequency, of: plan where plan_type = CP}, limit: 10 days",
        "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-11 from 2026-01-08T09:00Z by e4 met e4 limit 255 [e4]\n"
        "XX-1.0 plan P2 cancelled due 2026-01-11 from 2026-01-08T09:00Z by e4 met e4 limit 255 [e4]\n"
        "XX-1.0 plan P3 overdue due 2026-01-19 from 2026-01-09T09:00Z by e3 [e3]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-06 plan_started 'plan_id':'P2','plan_type':'CP','visit_frequency':{'days':3}",
        "2026-01-08 plan_ended 'plan_id':'P2'",
        "2026-01-09 plan_started 'plan_id':'P3','plan_type':'CIN','visit_frequency':{'days':2}", VISIT("2026-01-08")),
    ROW(RECURRING "recorded_frequency: {field: visit_frequency, of: plan where plan_type = CP}, limit: 10 days",
        "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-19 from 2026-01-09T09:00Z by e3 met e3 [e3]\n"
        "XX-1.0 plan P2 cancelled due 2026-01-09 from 2026-01-06T09:00Z by e1 limit 255 [e1]\n"
        "next never",
        PLAN("2026-01-05"), "2026-01-06 plan_started 'plan_id':'P2','plan_type':'CP','visit_frequency':{'days':3}",
        "2026-01-08 plan_ended 'plan_id':'P2'", VISIT("2026-01-09")),
    /* of several side by side the strictest, in whichever it was agreed last; in each what was agreed last */
    ROW(RECURRING "recorded_frequency: {field: visit_frequency, of: plan where plan_type = CP}, limit: 10 days",
        "2026-01-09T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-11 from 2026-01-08T09:00Z by e4 met e4 limit 255 [e4]\n"
        "XX-1.0 plan P2 scheduled due 2026-01-11 from 2026-01-08T09:00Z by e4 met e4 limit 255 [e4]\n"
        "XX-1.0 plan P3 scheduled due 2026-01-11 from 2026-01-08T09:00Z by e4 met e4 limit 255 [e4]\n"
        "next 2026-01-12T00:00Z",
        PLAN("2026-01-05"), "2026-01-05 plan_started 'plan_id':'P2','plan_type':'CP','visit_frequency':{'days':2}",
        "2026-01-06 plan_changed 'plan_id':'P2','visit_frequency':{'days':3}",
        "2026-01-07 plan_started 'plan_id':'P3','plan_type':'CP','visit_frequency':{'days':5}", VISIT("2026-01-08")),
    ROW("kind: recurring, over: placement, evidence: visit_done, recorded_frequency: [{field: visit_frequency, of: "
        "plan "
        "where plan_type = CLA}, {field: visit_frequency, of: schedule_override}], limit: recorded",
        "2026-01-07T00:00:00Z",
        "XX-1.0 placement L1 scheduled due 2026-01-08 from 2026-01-06T09:00Z by e3 limit 255 [e3]\n"
        "next 2026-01-09T00:00Z",
        "2026-01-04 plan_started 'plan_id':'C1','plan_type':'CLA','visit_frequency':{'days':2}",
        "2026-01-05 plan_started 'plan_id':'C2','plan_type':'CLA','visit_frequency':{'days':4}",
        OVERRIDE("2026-01-06", "'visit_frequency':{'days':3}"),
        "2026-01-06 placement_started 'placement_id':'L1','rne':'S'"),
    /* overrides: the rule, the plan or placement, the days; the next date agreed */
    ROW(RECURRING FREQUENCIES "limit: 10 days", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-08 from 2026-01-05T09:00Z by e2 limit 255 [e2]\n"
        "next 2026-01-09T00:00Z",
        OVERRIDE("2026-01-04", "'visit_frequency':{'days':3}"),
        "2026-01-04 schedule_override 'rule':'XX-9','visit_frequency':{'days':2}", PLAN("2026-01-05")),
    ROW(RECURRING FREQUENCIES "limit: 10 days", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-12 from 2026-01-05T09:00Z by e1 limit 255 [e1]\n"
        "next 2026-01-13T00:00Z",
        OVERRIDE("2026-01-04", "'until':'2026-01-05','visit_frequency':{'days':5,'unit':'WD'}"), PLAN("2026-01-05")),
    ROW(RECURRING FREQUENCIES "limit: 10 days", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e1 [e1]\n"
        "next 2026-01-16T00:00Z",
        OVERRIDE("2026-01-03", "'until':'2026-01-04','visit_frequency':{'days':3}"), PLAN("2026-01-05")),
    ROW(RECURRING FREQUENCIES "limit: 10 days", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-08 from 2026-01-05T09:00Z by e3 limit 255 [e3]\n"
        "next 2026-01-09T00:00Z",
        OVERRIDE("2026-01-05", "'plan_id':'P1','visit_frequency':{'days':3}"),
        OVERRIDE("2026-01-05T10:00", "'plan_id':'P2','visit_frequency':{'days':2}"),
        OVERRIDE("2026-01-05T11:00", "'placement_id':'L1','visit_frequency':{'days':1}"), PLAN("2026-01-05")),
    ROW(RECURRING FREQUENCIES "limit: 10 days", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-09 from 2026-01-05T09:00Z by e1 limit 253 [e1]\n"
        "next 2026-01-10T00:00Z",
        OVERRIDE("2026-01-05", "'next_due':'2026-01-09'"), PLAN("2026-01-05")),
    ROW(RECURRING FREQUENCIES "limit: 10 days", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-05 from 2026-01-05T09:00Z by e1 limit 253 [e1]\n"
        "next never",
        OVERRIDE("2026-01-05", "'next_due':'2026-01-05','visit_frequency':{'days':3}"), PLAN("2026-01-05")),
    ROW(RECURRING FREQUENCIES "limit: 10 days", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e1 [e1]\n"
        "next 2026-01-16T00:00Z",
        OVERRIDE("2026-01-05", "'next_due':'2026-01-04'"), PLAN("2026-01-05")),
    ROW(RECURRING FREQUENCIES "limit: 10 days", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-02-09 from 2026-01-05T09:00Z by e1 limit 253 [e1]\n"
        "next 2026-02-10T00:00Z",
        OVERRIDE("2026-01-05", "'authoriser_role':'SM','next_due':'2026-02-09'"), PLAN("2026-01-05")),
    ROW(RECURRING FREQUENCIES "limit: 10 days", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e1 [e1]\n"
        "next 2026-01-16T00:00Z",
        OVERRIDE("2026-01-05", "'authoriser_role':'CHAIR','next_due':'2026-02-09'"), PLAN("2026-01-05")),
    ROW(RECURRING FREQUENCIES "limit: 10 days, warn: {limit: 5 days}", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-13 warn 2026-01-11T00:00Z from 2026-01-05T09:00Z by e1 limit 255 [e1]\n"
        "next 2026-01-11T00:00Z",
        OVERRIDE("2026-01-04", "'visit_frequency':{'days':12},'authoriser_role':'SM'"),
        AGREED("2026-01-05", "'days':8")),
    /* ... of a duty after each meeting, the plan that the meeting names */
    ROW("kind: recurring, over: each meeting_held where kind = STRATEGY, evidence: visit_done, recorded_frequency: "
        "{field: visit_frequency, of: schedule_override}, limit: 10 days",
        "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-08 from 2026-01-05T09:00Z by e1 limit 255 [e1]\n"
        "XX-1.0 plan P2 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e2 [e2]\n"
        "next 2026-01-09T00:00Z",
        OVERRIDE("2026-01-04", "'plan_id':'P1','visit_frequency':{'days':3}"), MEETING("2026-01-05", ",'plan_id':'P1'"),
        MEETING("2026-01-05", ",'plan_id':'P2'")),
    ROW("kind: recurring, over: placement, evidence: visit_done, recorded_frequency: {field: visit_frequency, of: "
        "schedule_override}, limit: 10 days",
        "2026-01-07T00:00:00Z",
        "XX-1.0 placement L1 scheduled due 2026-01-08 from 2026-01-05T09:00Z by e1 limit 255 [e1]\n"
        "next 2026-01-09T00:00Z",
        OVERRIDE("2026-01-04", "'placement_id':'L1','visit_frequency':{'days':3}"),
        "2026-01-05 placement_started 'placement_id':'L1','rne':'S'"),
    ROW("kind: recurring, over: placement, evidence: visit_done, recorded_frequency: {field: visit_frequency, of: "
        "schedule_override}, limit: 10 days",
        "2026-01-07T00:00:00Z",
        "XX-1.0 placement L1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e1 [e1]\n"
        "next 2026-01-16T00:00Z",
        OVERRIDE("2026-01-04", "'placement_id':'L2','visit_frequency':{'days':3}"),
        "2026-01-05 placement_started 'placement_id':'L1','rne':'S'"),
    ROW("kind: recurring, over: placement, evidence: visit_done, recorded_frequency: {field: visit_frequency, of: "
        "schedule_override}, limit: 10 days",
        "2026-01-07T00:00:00Z",
        "XX-1.0 placement L1 scheduled due 2026-01-08 from 2026-01-05T09:00Z by e2 limit 255 [e2]\n"
        "next 2026-01-09T00:00Z",
        OVERRIDE("2026-01-04", "'plan_id':'C1','visit_frequency':{'days':3}"),
        "2026-01-05 plan_started 'plan_id':'C1','plan_type':'CLA'",
        "2026-01-05 placement_started 'placement_id':'L1','rne':'S'"),
    ROW("kind: recurring, over: placement, evidence: visit_done, recorded_frequency: {field: visit_frequency, of: "
        "schedule_override}, limit: 10 days",
        "2026-01-07T00:00:00Z",
        "XX-1.0 placement L1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e3 [e3]\n"
        "next 2026-01-16T00:00Z",
        OVERRIDE("2026-01-04", "'plan_id':'C1','visit_frequency':{'days':3}"),
        "2026-01-03 plan_started 'plan_id':'C1','plan_type':'CIN'", "2026-01-04 plan_ended 'plan_id':'C1'",
        "2026-01-05 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-05 plan_started 'plan_id':'C2','plan_type':'CIN'"),
    ROW("kind: recurring, over: placement, evidence: visit_done, recorded_frequency: {field: visit_frequency, of: "
        "schedule_override}, limit: 10 days",
        "2026-01-07T00:00:00Z",
        "XX-1.0 placement L1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e1 [e1]\n"
        "next 2026-01-16T00:00Z",
        OVERRIDE("2026-01-04", "'plan_id':'C1','visit_frequency':{'days':3}"),
        "2026-01-05 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-06 plan_started 'plan_id':'C1','plan_type':'CIN'"),
    ROW(RECURRING FREQUENCIES "limit: {limit: recorded, gap: 7 days}", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-12 from 2026-01-05T09:00Z by e0 gaps 1 [e0]\n"
        "next 2026-01-13T00:00Z",
        PLAN("2026-01-05")),
    ROW(RECURRING FREQUENCIES "limit: recorded", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 resting from 2026-01-05T09:00Z by e0 gaps 1 [e0]\n"
        "next never",
        PLAN("2026-01-05")),
    ROW(RECURRING FREQUENCIES "limit: recorded", "2026-01-07T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-02-14 from 2026-01-05T09:00Z by e0 limit 255 [e0]\n"
        "next 2026-02-15T00:00Z",
        AGREED("2026-01-05", "'days':40")),
};
START_TEST(limit)
{
    tell_row(&limits[_i]);
}
END_TEST

/* --- pauses */

#define PAUSED(day, more) day " clock_paused 'reason':'ABROAD','authoriser_role':'TM'," more

static const row pauses[] = {
    ROW(RECURRING "limit: 10 days", "2026-01-12T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e0 paused to 2026-01-12 for 1 [e0]\n"
        "next 2026-01-13T00:00Z",
        PLAN("2026-01-05"), PAUSED("2026-01-08", "'pause_id':'Z1','until':'2026-01-12'")),
    ROW(RECURRING "limit: 10 days", "2026-01-13T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next 2026-01-16T00:00Z",
        PLAN("2026-01-05"), PAUSED("2026-01-08", "'pause_id':'Z1','until':'2026-01-12'")),
    ROW(RECURRING "limit: 10 days", "2026-01-20T00:00:00Z",
        "XX-1.0 plan P1 overdue due 2026-01-15 from 2026-01-05T09:00Z by e0 paused to 2026-02-20 for 5 [e0]\n"
        "next 2026-02-13T00:00Z",
        PLAN("2026-01-05"), PAUSED("2026-01-08", "'pause_id':'Z1','until':'2026-02-12','plan_id':'P1'"),
        "2026-01-09 clock_paused 'reason':'MISSING','authoriser_role':'TM','until':'2026-02-20'",
        PAUSED("2026-01-10", "'until':'2026-02-15'"), PAUSED("2026-01-11", "'until':'2026-03-15','plan_id':'P2'")),
    /* no authoriser, no last day */
    ROW(RECURRING "limit: 10 days", "2026-01-12T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next 2026-01-16T00:00Z",
        PLAN("2026-01-05"), "2026-01-08 clock_paused 'reason':'ABROAD','until':'2026-02-12'",
        "2026-01-08 clock_paused 'reason':'ABROAD','authoriser_role':'TM'"),
    /* ended by its id, by its plan, of all; not by one of before */
    ROW(RECURRING "limit: 10 days", "2026-01-12T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e0 paused to 2026-02-12 for 1 [e0]\n"
        "next 2026-01-16T00:00Z",
        PLAN("2026-01-05"), "2026-01-07 clock_resumed 'pause_id':'Z1'",
        PAUSED("2026-01-08", "'pause_id':'Z1','until':'2026-02-12'"), "2026-01-09 clock_resumed 'pause_id':'Z2'",
        "2026-01-10 clock_resumed 'plan_id':'P1'"),
    ROW(RECURRING "limit: 10 days", "2026-01-12T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next 2026-01-16T00:00Z",
        PLAN("2026-01-05"), PAUSED("2026-01-08", "'pause_id':'Z1','until':'2026-02-12'"),
        "2026-01-09 clock_resumed 'pause_id':'Z1'"),
    ROW(RECURRING "limit: 10 days", "2026-01-12T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next 2026-01-16T00:00Z",
        PLAN("2026-01-05"), PAUSED("2026-01-08", "'pause_id':'Z1','until':'2026-02-12','plan_id':'P1'"),
        "2026-01-09 clock_resumed 'plan_id':'P1'"),
    ROW(RECURRING "limit: 10 days", "2026-01-12T00:00:00Z",
        "XX-1.0 plan P1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e0 [e0]\n"
        "next 2026-01-16T00:00Z",
        PLAN("2026-01-05"), PAUSED("2026-01-08", "'pause_id':'Z1','until':'2026-02-12'"), "2026-01-09 clock_resumed"),
    /* a warned duty is paused, a met one is not; a plan that goes by the name of its span; of the child */
    ROW(RECURRING "limit: 10 days, warn: {limit: 5 days}", "2026-01-12T00:00:00Z",
        "XX-1.0 plan P1 warned due 2026-01-15 warn 2026-01-11T00:00Z from 2026-01-05T09:00Z by e0 paused to 2026-01-14 "
        "for 1 [e0]\n"
        "next 2026-01-15T00:00Z",
        PLAN("2026-01-05"), PAUSED("2026-01-08", "'until':'2026-01-14'")),
    ROW(DEADLINE "limit: 10 days", "2026-01-12T00:00:00Z",
        "XX-1.0 plan P1 met due 2026-01-15 from 2026-01-05T09:00Z by e0 met e1 [e0]\n"
        "next never",
        PLAN("2026-01-05"), VISIT("2026-01-06"), PAUSED("2026-01-08", "'until':'2026-01-14'")),
    ROW("kind: recurring, over: care, evidence: visit_done, limit: 10 days", "2026-01-12T00:00:00Z",
        "XX-1.0 plan C1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e0 paused to 2026-01-14 for 1 [e0]\n"
        "next 2026-01-15T00:00Z",
        "2026-01-05 plan_started 'plan_id':'C1','plan_type':'CLA'",
        PAUSED("2026-01-08", "'until':'2026-01-14','plan_id':'C1'")),
    ROW("kind: recurring, over: placement, evidence: visit_done, limit: 10 days", "2026-01-16T00:00:00Z",
        "XX-1.0 placement L1 overdue due 2026-01-15 from 2026-01-05T09:00Z by e0 paused to 2026-01-16 for 1 [e0]\n"
        "next 2026-01-17T00:00Z",
        "2026-01-05 placement_started 'placement_id':'L1','rne':'S'",
        "2026-01-06 placement_started 'placement_id':'L2','rne':'T'",
        PAUSED("2026-01-08", "'until':'2026-01-16','plan_id':'L2'")),
    TWO("kind: count, over: contact, threshold: 1, window: 90 days, until: window", RECURRING "limit: 10 days",
        "2026-01-12T00:00:00Z",
        "XX-1.0 child overdue reached 2026-01-06 from 2026-01-06 [e1]\n"
        "XX-2.0 plan P1 scheduled due 2026-01-15 from 2026-01-05T09:00Z by e0 paused to 2026-02-14 for 1 [e0]\n"
        "next 2026-01-16T00:00Z",
        PLAN("2026-01-05"), CONTACT("2026-01-06", ""), PAUSED("2026-01-08", "'until':'2026-02-14','plan_id':'P1'")),
};
START_TEST(pause)
{
    tell_row(&pauses[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tables_limit");
    TCase *tc = tcase_create("tables");
#define ROWS(test, table) tcase_add_loop_test(tc, test, 0, sizeof table / sizeof table[0])
    ROWS(limit, limits);
    ROWS(pause, pauses);
#undef ROWS
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

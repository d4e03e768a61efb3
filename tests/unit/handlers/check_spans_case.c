// link: dw_config
/* check_spans_case.c: what records become spans: contacts, referrals, the case and its workers; assessments and enquiries. */

#include "tests/support/core_spans.h"

/* --- contacts, referrals, the case, its workers */

#define LEAD(worker, more) "worker_allocated 'role':'LEAD_SW'" more "& 'worker_ref':'" worker "'"

static const row cases[] = {
    /* decided at an instant, by an outcome that was recorded, by its closing */
    ROW("contact", "2026-02-10T09:00:00Z",
        "contact K1 2026-01-05T09:00Z - open by e0 [e0]\n"
        "contact K2 2026-01-05T09:00Z - 2026-01-06T10:00Z fact by e1 closed e1 [e1]\n"
        "contact K3 2026-01-05T09:00Z - 2026-01-08T12:00Z fact by e2 closed e2 [e2 e3]\n"
        "contact (own) 2026-01-09T09:00Z - 2026-01-09T09:00Z fact by e4 closed e4 [e4]\n"
        "contact (own) 2026-01-09T10:00Z - open by e5 [e5]\n"
        "next never",
        "2026-01-05 contact_received 'contact_id':'K1'",
        "2026-01-05 contact_received 'contact_id':'K2','outcome':'NFA','decided_at':'2026-01-06T10:00:00Z'",
        "@2026-01-08T12:00 2026-01-05 contact_received 'contact_id':'K3','outcome':'NFA'",
        "2026-01-07 contact_received 'contact_id':'K3'", "2026-01-09 contact_received 'outcome':'NFA'",
        "2026-01-09T10:00 contact_received 'contact_source':'2A'"),
    ROW("referral assessment case", "2026-02-10T09:00:00Z",
        "case 2026-01-05T09:00Z - 2026-01-12T09:00Z closed by e0 closed e4 [e0 e0 e1 e1 e2 e2 e3 e3]\n"
        "referral R1 2026-01-05T09:00Z - 2026-01-06T10:00Z fact by e0 closed e0 [e0]\n"
        "referral R2 2026-01-07T09:00Z - 2026-01-12T09:00Z closed by e1 closed e4 [e1]\n"
        "referral R3 2026-01-08T09:00Z - 2026-01-09T10:00Z fact by e2 closed e2 [e2]\n"
        "referral R4 2026-01-10T09:00Z - 2026-01-12T09:00Z closed by e3 closed e4 [e3]\n"
        "assessment R1 2026-01-05T09:00Z - 2026-01-12T09:00Z closed by e0 closed e4 [e0]\n"
        "assessment R2 2026-01-07T09:00Z - 2026-01-12T09:00Z closed by e1 closed e4 [e1]\n"
        "assessment R3 2026-01-08T09:00Z - 2026-01-09T10:00Z fact by e2 closed e2 [e2]\n"
        "assessment R4 2026-01-10T09:00Z - 2026-01-12T09:00Z closed by e3 closed e4 [e3]\n"
        "next never",
        "2026-01-05 referral_received 'referral_id':'R1','referral_nfa':'N','decided_at':'2026-01-06T10:00:00Z'",
        "2026-01-07 referral_received 'referral_id':'R2','cin_closure_date':'2026-01-20'",
        "2026-01-08 referral_received "
        "'referral_id':'R3','referral_nfa':'Y','decided_at':'2026-01-09T10:00:00Z','cin_closure_date':'2026-01-20'",
        "@2026-01-15 2026-01-10 referral_received 'referral_id':'R4','referral_nfa':'Y'",
        "2026-01-12 case_closed 'reason_for_closure':'RC7'"),
    /* a case of several parts; a placement plan keeps nothing open, a pathway plan until 18 */
    ROW("case", "2026-03-10T09:00:00Z",
        "case 2026-01-05T09:00Z - 2026-02-05T09:00Z fact by e0 closed e5 [e0 e1 e4]\n"
        "case 2026-02-06T09:00Z - open by e6 [e6]\n"
        "next never",
        OPEN_CASE, "2026-01-10 plan_started 'plan_id':'P2','plan_type':'CP'", "2026-01-20 plan_ended 'plan_id':'P2'",
        "2026-02-01 plan_ended 'plan_id':'P1'", "2026-02-01T12:00 plan_started 'plan_id':'P3','plan_type':'CIN'",
        "2026-02-05 plan_ended 'plan_id':'P3'", "2026-02-06 plan_started 'plan_id':'P4','plan_type':'CP'"),
    ROW("case", "2026-03-10T09:00:00Z", "next never", "2026-01-05 plan_started 'plan_id':'P1','plan_type':'PLACEMENT'"),
    ROW("case", "2026-02-10T09:00:00Z",
        "case 2026-01-05T09:00Z - open by e1 [e1]\n"
        "next 2026-03-01T00:00Z",
        "2026-01-02 child_updated 'person_birth_date':'2008-03-01'",
        "2026-01-05 plan_started 'plan_id':'P1','plan_type':'PATHWAY'"),
    /* a pathway plan that ends in the instant in which the case does by age */
    ROW("case", "2026-03-10T09:00:00Z",
        "case 2026-01-05T09:00Z - 2026-03-01 fact by e1 closed e2 [e1]\n"
        "next never",
        "2026-01-02 child_updated 'person_birth_date':'2008-03-01'",
        "2026-01-05 plan_started 'plan_id':'W','plan_type':'PATHWAY'",
        "2026-03-01T00:00 plan_ended 'plan_id':'W','plan_type':'PATHWAY'"),
    ROW("case", "2026-03-10T09:00:00Z",
        "case 2026-01-05T09:00Z - 2026-03-01 age by e1 [e1]\n"
        "next 2033-03-01T00:00Z",
        "2026-01-02 child_updated 'person_birth_date':'2008-03-01'",
        "2026-01-05 plan_started 'plan_id':'P1','plan_type':'PATHWAY'"),
    ROW("case plan", "2026-03-10T09:00:00Z",
        "plan P1 2026-01-05T09:00Z - open by e1 [e1]\n"
        "next 2033-01-05T00:00Z",
        "2026-01-02 child_updated 'person_birth_date':'2008-01-05'",
        "2026-01-05 plan_started 'plan_id':'P1','plan_type':'PATHWAY','start_date':'2026-01-05'"),
    ROW("case", "2026-03-10T09:00:00Z",
        "case 2026-01-05T09:00Z - 2026-02-01T09:00Z fact by e1 closed e2 [e1]\n"
        "next never",
        "2026-01-02 child_updated 'person_birth_date':'2008-03-01'",
        "2026-01-05 plan_started 'plan_id':'P1','plan_type':'PATHWAY'", "2026-02-01 plan_ended 'plan_id':'P1'"),
    /* workers: replaced by the next one, ended by name, by allocation id, by the closing of the case */
    ROW("allocation unallocated", "2026-03-10T09:00:00Z",
        "allocation W1 2026-01-06T09:00Z - 2026-01-20T09:00Z fact by e1 closed e3 [e1 e3]\n"
        "allocation W2 2026-01-10T09:00Z - 2026-01-26T09:00Z fact by e2 closed e5 [e2 e5]\n"
        "allocation W1 2026-01-28T09:00Z - open by e6 [e6]\n"
        "unallocated 2026-01-26T09:00Z - 2026-01-28T09:00Z fact by e5 closed e6 [e2 e5]\n"
        "next never",
        OPEN_CASE, "2026-01-06 " LEAD("W1", ""), "2026-01-10 " LEAD("W2", ""),
        "2026-01-20 worker_ended & 'worker_ref':'W1'", "2026-01-25 worker_ended 'role':'PA'& 'worker_ref':'W2'",
        "2026-01-26 worker_ended 'role':'LEAD_SW'& 'worker_ref':'W2'", "2026-01-28 " LEAD("W1", "")),
    /* the closing of the case ended it: what is opened later that day has never had anyone */
    ROW("allocation unallocated", "2026-03-10T09:00:00Z",
        "allocation W1 2026-01-06T09:00Z - 2026-01-12T09:00Z closed by e1 closed e2 [e1]\n"
        "next never",
        OPEN_CASE, "2026-01-06 " LEAD("W1", ""), "2026-01-12 case_closed",
        "2026-01-12T20:00 plan_started 'plan_id':'P7','plan_type':'CP'"),
    ROW("allocation unallocated", "2026-03-10T09:00:00Z",
        "allocation W1 2026-01-06T09:00Z - 2026-01-12T09:00Z fact by e1 closed e4 [e1 e2 e4]\n"
        "unallocated 2026-01-12T09:00Z - open by e4 [e1 e2 e4]\n"
        "next never",
        OPEN_CASE, "2026-01-06 " LEAD("W1", ",'allocation_id':'A1'"), "2026-01-08 " LEAD("W1", ",'allocation_id':'A1'"),
        "2026-01-10 worker_ended 'allocation_id':'A0'& 'worker_ref':'W1'",
        "2026-01-12 worker_ended 'allocation_id':'A1'"),
    ROW("allocation unallocated", "2026-03-10T09:00:00Z",
        "allocation W1 2026-01-06T09:00Z - 2026-01-10T09:00Z fact by e1 closed e3 [e1 e2 e3]\n"
        "unallocated 2026-01-10T09:00Z - 2026-01-15T09:00Z closed by e3 closed e4 [e1 e2 e3]\n"
        "next never",
        OPEN_CASE, "2026-01-06 " LEAD("W1", ""), "2026-01-08 " LEAD("W1", ",'allocation_id':'A1'"),
        "2026-01-10 worker_ended 'allocation_id':'A1'& 'worker_ref':'W1'",
        "2026-01-15 case_closed 'reason_for_closure':'RC7'"),
    /* replaced by one whose own allocation ended at once */
    ROW("allocation unallocated", "2026-03-10T09:00:00Z",
        "allocation W1 2026-01-06T09:00Z - 2026-01-08T09:00Z replaced by e1 closed e2 [e1]\n"
        "allocation W2 2026-01-08T09:00Z - 2026-01-08T09:00Z fact by e2 closed e3 [e3 e2]\n"
        "unallocated 2026-01-08T09:00Z - open by e2 [e1 e2]\n"
        "next never",
        OPEN_CASE, "2026-01-06 " LEAD("W1", ""), "2026-01-08 " LEAD("W2", ""),
        "2026-01-08 worker_ended 'role':'LEAD_SW'& 'worker_ref':'W2'"),
    ROW("allocation unallocated", "2026-03-10T09:00:00Z",
        "allocation W1 2026-01-06T09:00Z - 2026-01-08T09:00Z replaced by e1 closed e2 [e1]\n"
        "allocation W2 2026-01-08T09:00Z - 2026-01-15T09:00Z closed by e2 closed e3 [e2]\n"
        "allocation W3 2026-02-02T09:00Z - open by e4 [e4]\n"
        "next never",
        OPEN_CASE, "2026-01-06 " LEAD("W1", ""), "2026-01-08 " LEAD("W2", ""),
        "2026-01-15 case_closed 'reason_for_closure':'RC7'", "2026-02-02 " LEAD("W3", "")),
    ROW("allocation unallocated", "2026-03-10T09:00:00Z",
        "allocation W1 2026-01-06T09:00Z - 2026-01-10T09:00Z fact by e1 closed e4 [e1 e4]\n"
        "allocation W2 2026-01-08T09:00Z - 2026-01-10T09:00Z fact by e2 closed e3 [e2 e3]\n"
        "unallocated 2026-01-10T09:00Z - 2026-01-15T09:00Z closed by e4 closed e5 [e1 e4]\n"
        "next never",
        OPEN_CASE, "2026-01-06 " LEAD("W1", ""), "2026-01-08 worker_allocated 'role':'PA'& 'worker_ref':'W2'",
        "2026-01-10 worker_ended & 'worker_ref':'W2'", "2026-01-10 worker_ended & 'worker_ref':'W1'",
        "2026-01-15 case_closed 'reason_for_closure':'RC7'"),
    /* two ended at once; one ends while another is there */
    ROW("allocation unallocated", "2026-03-10T09:00:00Z",
        "allocation W1 2026-01-06T09:00Z - 2026-01-20T09:00Z fact by e1 closed e3 [e1 e3]\n"
        "allocation W2 2026-01-08T09:00Z - 2026-01-20T09:00Z fact by e2 closed e4 [e2 e4]\n"
        "allocation W3 2026-01-22T09:00Z - 2026-01-30T09:00Z replaced by e5 closed e6 [e5]\n"
        "allocation W4 2026-01-30T09:00Z - open by e6 [e6]\n"
        "unallocated 2026-01-20T09:00Z - 2026-01-22T09:00Z fact by e3 closed e5 [e1 e3]\n"
        "next never",
        OPEN_CASE, "2026-01-06 " LEAD("W1", ""), "2026-01-08 " LEAD("W2", ""),
        "2026-01-20 worker_ended & 'worker_ref':'W1'", "2026-01-20 worker_ended & 'worker_ref':'W2'",
        "2026-01-22 " LEAD("W3", ""), "2026-01-30 " LEAD("W4", "")),
    ROW("allocation unallocated", "2026-03-10T09:00:00Z",
        "allocation W1 2026-01-06T09:00Z - 2026-01-25T09:00Z fact by e1 closed e4 [e1 e4]\n"
        "allocation W2 2026-01-08T09:00Z - 2026-01-20T09:00Z fact by e2 closed e3 [e2 e3]\n"
        "unallocated 2026-01-25T09:00Z - open by e4 [e1 e4]\n"
        "next never",
        OPEN_CASE, "2026-01-06 " LEAD("W1", ",'allocated_on':'2026-01-06'"), "2026-01-08 " LEAD("W2", ""),
        "2026-01-20 worker_ended 'ended_on':'2026-01-20'& 'worker_ref':'W2'",
        "2026-01-25 worker_ended 'ended_on':'2026-01-25'& 'worker_ref':'W1'"),
    /* the case opens later on the day on which the worker goes, or not before the next day */
    ROW("unallocated", "2026-03-10T09:00:00Z",
        "unallocated 2026-01-05T08:00Z - open by e1 [e0 e1]\n"
        "next never",
        "2026-01-04 " LEAD("W1", ""), "2026-01-05T08:00 worker_ended & 'worker_ref':'W1'", OPEN_CASE),
    ROW("unallocated", "2026-03-10T09:00:00Z", "next never", "2026-01-03 " LEAD("W1", ""),
        "2026-01-04T08:00 worker_ended & 'worker_ref':'W1'", OPEN_CASE),
    /* the case is over when the worker goes; it ends before the next one comes; death ends both */
    ROW("unallocated", "2026-03-10T09:00:00Z", "next never", OPEN_CASE, "2026-01-06 " LEAD("W1", ""),
        "2026-01-20 plan_ended 'plan_id':'P1'", "2026-01-21 worker_ended & 'worker_ref':'W1'"),
    ROW("unallocated", "2026-03-10T09:00:00Z",
        "unallocated 2026-01-10T09:00Z - 2026-01-20T09:00Z fact by e2 closed e3 [e1 e2]\n"
        "next never",
        OPEN_CASE, "2026-01-06 " LEAD("W1", ""), "2026-01-10 worker_ended & 'worker_ref':'W1'",
        "2026-01-20 plan_ended 'plan_id':'P1'", "2026-01-25 " LEAD("W2", "")),
    ROW("allocation unallocated", "2026-03-10T09:00:00Z",
        "allocation W1 2026-01-06T09:00Z - 2026-01-20~ closed by e1 closed e2 [e1]\n"
        "next never",
        OPEN_CASE, "2026-01-06 " LEAD("W1", ""), "2026-01-21 child_updated 'person_death_date':'2026-01-20'"),
    /* allocated anew after another: the end is that of the second time */
    ROW("allocation", "2026-03-10T09:00:00Z",
        "allocation W1 2026-01-06T09:00Z - 2026-01-10T09:00Z replaced by e1 closed e2 [e1]\n"
        "allocation W2 2026-01-10T09:00Z - 2026-01-15T09:00Z replaced by e2 closed e3 [e2]\n"
        "allocation W1 2026-01-15T09:00Z - 2026-01-20T09:00Z fact by e3 closed e4 [e3 e4]\n"
        "next never",
        OPEN_CASE, "2026-01-06 " LEAD("W1", ""), "2026-01-10 " LEAD("W2", ""), "2026-01-15 " LEAD("W1", ""),
        "2026-01-20 worker_ended & 'worker_ref':'W1'"),
    /* two from one instant on, whoever comes first in the order of facts: neither replaces the other, the next one both */
    ROW("allocation unallocated", "2026-03-10T09:00:00Z",
        "allocation W1 2026-01-06T09:00Z - 2026-01-20T09:00Z replaced by e1 closed e4 [e1]\n"
        "allocation W2 2026-01-06T09:00Z - 2026-01-10T09:00Z fact by e2 closed e3 [e2 e3]\n"
        "allocation W3 2026-01-20T09:00Z - open by e4 [e4]\n"
        "next never",
        OPEN_CASE, "2026-01-06 " LEAD("W1", ""), "2026-01-06 " LEAD("W2", ""),
        "2026-01-10 worker_ended & 'worker_ref':'W2'", "2026-01-20 " LEAD("W3", "")),
    ROW("allocation unallocated", "2026-03-10T09:00:00Z",
        "allocation W1 2026-01-06T09:00Z - 2026-01-10T09:00Z fact by e2 closed e3 [e2 e3]\n"
        "allocation W2 2026-01-06T09:00Z - 2026-01-20T09:00Z replaced by e1 closed e4 [e1]\n"
        "allocation W3 2026-01-20T09:00Z - open by e4 [e4]\n"
        "next never",
        OPEN_CASE, "2026-01-06 " LEAD("W2", ""), "2026-01-06 " LEAD("W1", ""),
        "2026-01-10 worker_ended & 'worker_ref':'W1'", "2026-01-20 " LEAD("W3", "")),
    /* begun on the very birthday; of one instant: by id */
    ROW("case", "2026-03-10T09:00:00Z", "next 2033-01-05T00:00Z",
        "2026-01-02 child_updated 'person_birth_date':'2008-01-05'",
        "2026-01-05T00:00 plan_started 'plan_id':'P1','plan_type':'PATHWAY'"),
    ROW("contact", "2026-03-10T09:00:00Z",
        "contact K1 2026-01-05T09:00Z - open by e3 [e3]\n"
        "contact K2 2026-01-05T09:00Z - open by e2 [e2]\n"
        "contact K3 2026-01-05T09:00Z - open by e1 [e1]\n"
        "contact K4 2026-01-05T09:00Z - open by e0 [e0]\n"
        "next never",
        "2026-01-05 contact_received 'contact_id':'K4'", "2026-01-05 contact_received 'contact_id':'K3'",
        "2026-01-05 contact_received 'contact_id':'K2'", "2026-01-05 contact_received 'contact_id':'K1'"),
    ROW("allocation", "2026-03-10T09:00:00Z",
        "allocation W1 2026-01-05T09:00Z - open by e3 [e3]\n"
        "allocation W2 2026-01-05T09:00Z - open by e2 [e2]\n"
        "allocation W3 2026-01-05T09:00Z - open by e1 [e1]\n"
        "allocation W4 2026-01-05T09:00Z - open by e0 [e0]\n"
        "next never",
        "2026-01-05 worker_allocated 'role':'PA' & 'worker_ref':'W4'",
        "2026-01-05 worker_allocated 'role':'PA' & 'worker_ref':'W3'",
        "2026-01-05 worker_allocated 'role':'PA' & 'worker_ref':'W2'",
        "2026-01-05 worker_allocated 'role':'PA' & 'worker_ref':'W1'"),
};
START_TEST(front_door_case_and_workers)
{
    tell_row(&cases[_i]);
}
END_TEST

/* --- assessments, enquiries, conferences of children who moved in */

#define REFERRAL(id) "referral_received 'referral_id':'" id "'"

static const row enquiries[] = {
    /* by the referral named, by another record of the assessment, else the latest open, else the latest */
    ROW("assessment", "2026-03-10T09:00:00Z",
        "assessment R1 2026-01-05T09:00Z - 2026-01-20T09:00Z fact by e0 closed e4 [e0 e2 e4]\n"
        "assessment R2 2026-01-07T09:00Z - open by e1 [e1 e3]\n"
        "next never",
        "2026-01-05 " REFERRAL("R1"), "2026-01-07 " REFERRAL("R2"),
        "2026-01-08 assessment_started 'assessment_id':'A1','referral_id':'R1'",
        "2026-01-08 assessment_started 'assessment_id':'A2'", "2026-01-20 assessment_authorised 'assessment_id':'A1'"),
    ROW("assessment", "2026-03-10T09:00:00Z",
        "assessment R1 2026-01-05T09:00Z - 2026-01-21T09:00Z fact by e0 closed e3 [e0 e3]\n"
        "assessment R2 2026-01-07T09:00Z - 2026-01-20T09:00Z fact by e1 closed e2 [e1 e2 e4]\n"
        "next never",
        "2026-01-05 " REFERRAL("R1"), "2026-01-07 " REFERRAL("R2"),
        "2026-01-20 assessment_authorised 'referral_id':'R2'", "2026-01-21 assessment_authorised 'assessment_id':'A9'",
        "2026-01-22 assessment_authorised 'assessment_id':'A9'"),
    ROW("assessment", "2026-03-10T09:00:00Z",
        "assessment R1 2026-01-05T09:00Z - open by e1 [e1]\n"
        "assessment R2 2026-01-07T10:00Z - open by e3 [e4 e3]\n"
        "next never",
        "2026-01-04 assessment_started 'assessment_id':'A1'", "2026-01-05 " REFERRAL("R1"),
        "2026-01-06 assessment_authorised 'referral_id':'R0'", "2026-01-07T10:00 " REFERRAL("R2"),
        "2026-01-07 assessment_started 'assessment_id':'A2'"),
    ROW("assessment", "2026-03-10T09:00:00Z",
        "assessment R1 2026-01-05T09:00Z - 2026-01-30T09:00Z closed by e0 closed e5 [e0]\n"
        "assessment R2 2026-01-06T09:00Z - 2026-01-07T10:00Z fact by e1 closed e1 [e1]\n"
        "assessment R3 2026-01-08T09:00Z - 2026-01-12T09:00Z fact by e2 closed e2 [e2]\n"
        "assessment R4 2026-01-09T09:00Z - 2026-01-09T09:00Z fact by e3 closed e3 [e3]\n"
        "assessment R5 2026-01-10T09:00Z - 2026-01-30T09:00Z closed by e4 closed e5 [e4]\n"
        "next never",
        "2026-01-05 " REFERRAL("R1") ",'cin_closure_date':'2026-02-02'",
        "2026-01-06 " REFERRAL("R2") ",'referral_nfa':'Y','decided_at':'2026-01-07T10:00:00Z'",
        "@2026-01-12 2026-01-08 " REFERRAL("R3") ",'referral_nfa':'Y'",
        "2026-01-09 " REFERRAL("R4") ",'referral_nfa':'Y'", "2026-01-10 " REFERRAL("R5") ",'referral_nfa':'N'",
        "2026-01-30 case_closed 'reason_for_closure':'RC7'"),
    ROW("assessment", "2026-03-10T09:00:00Z",
        "assessment R1 2026-01-05T09:00Z - open by e0 [e0 e2]\n"
        "assessment R2 2026-01-06T09:00Z - 2026-01-08T09:00Z fact by e1 closed e1 [e1]\n"
        "next never",
        "2026-01-05 " REFERRAL("R1"),
        "2026-01-06 " REFERRAL("R2") ",'referral_nfa':'Y','decided_at':'2026-01-08T09:00:00Z'",
        "2026-01-08 assessment_started 'assessment_id':'A2'"),
    /* a yes without a date of its own, told later by a record that does not say when it was written */
    ROW("assessment", "2026-03-10T09:00:00Z",
        "assessment R1 2026-01-05T09:00Z - 2026-01-09T09:00Z fact by e0 closed e1 [e0 e1]\n"
        "next never",
        "2026-01-05 " REFERRAL("R1"), "2026-01-09 " REFERRAL("R1") ",'referral_nfa':'Y'"),
    /* an enquiry runs to its conference: not one of before, of another enquiry, or of a child who moved in */
    ROW("s47", "2026-03-10T09:00:00Z",
        "s47 S1 2026-01-06T09:00Z - 2026-01-09T09:00Z fact by e1 closed e4 [e1]\n"
        "next never",
        "2026-01-05 conference_icpc 'conference_id':'I0'", "2026-01-06 s47_started 's47_id':'S1'",
        "2026-01-07 conference_icpc 'conference_id':'I1','s47_id':'S9'",
        "2026-01-08 conference_icpc 'conference_id':'I2','transfer_in':'Y'",
        "2026-01-09 conference_icpc 'conference_id':'I3','s47_id':'S1'",
        "2026-01-10 conference_icpc 'conference_id':'I4'"),
    ROW("s47", "2026-03-10T09:00:00Z",
        "s47 S1 2026-01-06T09:00Z - 2026-01-06T09:00Z fact by e0 closed e1 [e0]\n"
        "next never",
        "2026-01-06 s47_started 's47_id':'S1'", "2026-01-06T08:00 conference_icpc 'conference_id':'I1'"),
    ROW("s47", "2026-03-10T09:00:00Z",
        "s47 S1 2026-01-06T09:00Z - 2026-01-20T09:00Z replaced by e0 closed e1 [e0 e1]\n"
        "s47 (own) 2026-01-08T09:00Z - open by e2 [e2]\n"
        "next never",
        "2026-01-06 s47_started 's47_id':'S1'",
        "@2026-01-20 2026-01-07 s47_started 's47_id':'S1','icpc_not_required':'Y'",
        "2026-01-08 s47_started 'referral_id':'R1'"),
    ROW("s47", "2026-02-10T09:00:00Z",
        "s47 S1 2026-01-06T09:00Z - 2026-01-07T09:00Z closed by e1 closed e2 [e1]\n"
        "s47 S2 2026-01-08T09:00Z - 2026-02-01 age by e3 [e3]\n"
        "next never",
        "2026-01-02 child_updated 'person_birth_date':'2008-02-01'",
        "2026-01-06 s47_started 's47_id':'S1','icpc_not_required':'N'",
        "2026-01-07 case_closed 'reason_for_closure':'RC7'", "2026-01-08 s47_started 's47_id':'S2'"),
    /* from the written notice to the conference; the notice alone is no conference, nor is one of before it */
    ROW("transfer", "2026-03-10T09:00:00Z",
        "transfer T1 2026-01-05~ - 2026-01-20T09:00Z fact by e1 closed e3 [e1 e3 e4]\n"
        "next never",
        "2026-01-04 conference_icpc 'conference_id':'T0','transfer_in':'Y'",
        "2026-01-06 conference_icpc 'conference_id':'T1','transfer_in':'Y','transfer_in_notice_received':'2026-01-05'",
        "2026-01-07 conference_icpc 'conference_id':'T2','transfer_in':'N'",
        "2026-01-20 conference_icpc 'conference_id':'T1','transfer_in':'Y','date_of_initial_cpc':'2026-01-20'",
        "2026-01-25 conference_icpc 'conference_id':'T1','transfer_in':'Y'"),
    ROW("transfer", "2026-03-10T09:00:00Z",
        "transfer (own) 2026-01-05~ - 2026-01-12T09:00Z fact by e0 closed e1 [e0]\n"
        "next never",
        "2026-01-06 conference_icpc 'transfer_in':'Y','transfer_in_notice_received':'2026-01-05'",
        "2026-01-12 conference_icpc 'transfer_in':'Y'"),
    ROW("transfer", "2026-01-09T09:00:00Z", "next 2026-01-10T00:00Z",
        "2026-01-06 conference_icpc 'conference_id':'T1','transfer_in':'Y','transfer_in_notice_received':'2026-01-10'"),
    ROW("transfer", "2026-01-10T00:00:00Z",
        "transfer T1 2026-01-10~ - open by e0 [e0]\n"
        "next never",
        "2026-01-06 conference_icpc 'conference_id':'T1','transfer_in':'Y','transfer_in_notice_received':'2026-01-10'"),
    ROW("transfer", "2026-03-10T00:00:00Z",
        "transfer T1 2026-01-05~ - 2026-02-01 age by e1 [e1]\n"
        "next never",
        "2026-01-02 child_updated 'person_birth_date':'2008-02-01'",
        "2026-01-06 conference_icpc 'conference_id':'T1','transfer_in':'Y','transfer_in_notice_received':'2026-01-05'"),
    ROW("s47", "2026-03-10T09:00:00Z",
        "s47 S1 2026-01-05T09:00Z - open by e3 [e3]\n"
        "s47 S2 2026-01-05T09:00Z - open by e2 [e2]\n"
        "s47 S3 2026-01-05T09:00Z - open by e1 [e1]\n"
        "s47 S4 2026-01-05T09:00Z - open by e0 [e0]\n"
        "next never",
        "2026-01-05 s47_started 's47_id':'S4'", "2026-01-05 s47_started 's47_id':'S3'",
        "2026-01-05 s47_started 's47_id':'S2'", "2026-01-05 s47_started 's47_id':'S1'"),
    ROW("assessment", "2026-03-10T09:00:00Z",
        "assessment R1 2026-01-05T09:00Z - open by e3 [e3]\n"
        "assessment R2 2026-01-05T09:00Z - open by e2 [e2]\n"
        "assessment R3 2026-01-05T09:00Z - open by e1 [e1]\n"
        "assessment R4 2026-01-05T09:00Z - open by e0 [e0]\n"
        "next never",
        "2026-01-05 " REFERRAL("R4"), "2026-01-05 " REFERRAL("R3"), "2026-01-05 " REFERRAL("R2"),
        "2026-01-05 " REFERRAL("R1")),
};
START_TEST(enquiry)
{
    tell_row(&enquiries[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spans_case");
    TCase *tc = tcase_create("tables");
#define ROWS(test, table) tcase_add_loop_test(tc, test, 0, sizeof table / sizeof table[0])
    ROWS(front_door_case_and_workers, cases);
    ROWS(enquiry, enquiries);
#undef ROWS
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

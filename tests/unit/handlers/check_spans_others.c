// link: dw_config
/* check_spans_others.c: what records become spans: courts, disputes, missing episodes, plans. */

#include "tests/support/core_spans.h"

/* --- courts, accommodation, disputes */

#define STEP(step) "preproceedings_step 'step':'" step "'"
#define STEP_OF(id, step) STEP(step) ",'preproceedings_id':'" id "'"

static const row courts[] = {
    /* steps without an id follow each other: a letter or application after an end begins anew, a review does not */
    ROW("preproceedings proceedings", "2026-09-10T09:00:00Z",
        "preproceedings (own) 2026-01-05T09:00Z - 2026-02-02T09:00Z fact by e0 closed e2 [e0 e1 e2]\n"
        "preproceedings (own) 2026-02-20T09:00Z - open by e4 [e3 e4]\n"
        "next never",
        "2026-01-05 " STEP("LBP_SENT"), "2026-01-20 " STEP("REVIEW"), "2026-02-02 " STEP("STEP_DECISION"),
        "2026-02-03 " STEP("REVIEW"), "2026-02-20 " STEP("LBP_SENT")),
    ROW("preproceedings proceedings", "2026-09-10T09:00:00Z",
        "preproceedings (own) 2026-01-05T09:00Z - 2026-02-02T09:00Z fact by e0 closed e1 [e0 e1]\n"
        "preproceedings (own) 2026-05-01T09:00Z - 2026-06-01T09:00Z fact by e4 closed e5 [e4 e5 e6 e7]\n"
        "proceedings (own) 2026-02-20T09:00Z - 2026-04-01T09:00Z fact by e2 closed e3 [e2 e3]\n"
        "proceedings (own) 2026-06-01T09:00Z - 2026-07-01T09:00Z fact by e5 closed e7 [e4 e5 e6 e7]\n"
        "proceedings (own) 2026-08-01T09:00Z - open by e9 [e8 e9]\n"
        "next never",
        "2026-01-05 " STEP("LBP_SENT"), "2026-02-02 " STEP("STEP_DECISION"), "2026-02-20 " STEP("COURT_APPLICATION"),
        "2026-04-01 " STEP("FINAL_ORDER"), "2026-05-01 " STEP("LBP_SENT"), "2026-06-01 " STEP("COURT_APPLICATION"),
        "2026-06-02 " STEP("COURT_APPLICATION"), "2026-07-01 " STEP("FINAL_ORDER"), "2026-07-02 " STEP("REVIEW"),
        "2026-08-01 " STEP("COURT_APPLICATION")),
    /* a letter and a decision of one instant, in whichever order they stand */
    ROW("preproceedings proceedings", "2026-09-10T09:00:00Z",
        "preproceedings (own) 2026-01-05T09:00Z - 2026-01-05T09:00Z fact by e0 closed e1 [e0 e1]\n"
        "next never",
        "2026-01-05 " STEP("LBP_SENT"), "2026-01-05 " STEP("STEP_DECISION")),
    ROW("preproceedings proceedings", "2026-09-10T09:00:00Z",
        "preproceedings (own) 2026-01-05T09:00Z - 2026-01-05T09:00Z fact by e1 closed e0 [e1]\n"
        "next never",
        "2026-01-05 " STEP("STEP_DECISION"), "2026-01-05 " STEP("LBP_SENT")),
    ROW("preproceedings proceedings", "2026-09-10T09:00:00Z",
        "preproceedings X 2026-01-05T09:00Z - 2026-01-20T09:00Z fact by e0 closed e1 [e0 e1 e2]\n"
        "preproceedings X 2026-01-20T09:00Z - 2026-01-20T09:00Z fact by e2 closed e1 [e0 e1 e2]\n"
        "next never",
        "2026-01-05 " STEP_OF("X", "LBP_SENT"), "2026-01-20 " STEP_OF("X", "STEP_DECISION"),
        "2026-01-20 " STEP_OF("X", "LBP_SENT")),
    /* a decision told after the application does not part it from its order */
    ROW("preproceedings proceedings", "2026-09-10T09:00:00Z",
        "proceedings (own) 2026-02-03T09:00Z - 2026-07-01T09:00Z fact by e0 closed e2 [e0 e1]\n"
        "next never",
        "2026-02-03 " STEP("COURT_APPLICATION"), "2026-02-04 " STEP("STEP_DECISION"),
        "2026-07-01 " STEP("FINAL_ORDER")),
    /* joined by id: an end of before the beginning is none; a step without an id is one of any of them */
    ROW("preproceedings proceedings", "2026-09-10T09:00:00Z",
        "preproceedings X 2026-01-05T09:00Z - 2026-01-06T09:00Z fact by e1 closed e2 [e0 e1 e5 e6]\n"
        "proceedings Y 2026-01-08T09:00Z - open by e4 [e3 e4]\n"
        "proceedings X 2026-01-09T09:00Z - 2026-01-20T09:00Z fact by e5 closed e6 [e0 e1 e5 e6]\n"
        "next never",
        "2026-01-04 " STEP_OF("X", "STEP_DECISION"), "2026-01-05 " STEP_OF("X", "LBP_SENT"),
        "2026-01-06 " STEP("STEP_DECISION"), "2026-01-07 " STEP_OF("Y", "FINAL_ORDER"),
        "2026-01-08 " STEP_OF("Y", "COURT_APPLICATION"), "2026-01-09 " STEP_OF("X", "COURT_APPLICATION"),
        "2026-01-20 " STEP_OF("X", "FINAL_ORDER")),
    ROW("preproceedings proceedings", "2026-09-10T09:00:00Z",
        "preproceedings (own)+Y+X 2026-01-05T09:00Z - 2026-01-09T09:00Z fact by e0 closed e2 [e0 e3]\n"
        "preproceedings Y 2026-01-06T09:00Z - open by e1 [e1]\n"
        "proceedings X 2026-01-09T09:00Z - 2026-01-20T09:00Z fact by e2 closed e3 [e2]\n"
        "next never",
        "2026-01-05 " STEP("LBP_SENT"), "2026-01-06 " STEP_OF("Y", "LBP_SENT"),
        "2026-01-09 " STEP_OF("X", "COURT_APPLICATION"), "2026-01-20 " STEP("FINAL_ORDER")),
    ROW("preproceedings proceedings", "2026-09-10T09:00:00Z",
        "preproceedings (own)+Y 2026-01-05T09:00Z - open by e1 [e1]\n"
        "next never",
        "2026-01-04 " STEP_OF("Y", "REVIEW"), "2026-01-05 " STEP("LBP_SENT")),
    /* told again under its id: nothing new while it runs, a new one after the closing of the case, a decision or an order */
    ROW("preproceedings proceedings", "2026-09-10T09:00:00Z",
        "preproceedings X 2026-01-05T09:00Z - 2026-01-08T09:00Z fact by e0 closed e2 [e0 e1 e2 e3 e4 e6 e7 e8]\n"
        "preproceedings X 2026-01-09T09:00Z - 2026-01-10T09:00Z fact by e3 closed e4 [e0 e1 e2 e3 e4 e6 e7 e8]\n"
        "proceedings X 2026-01-10T09:00Z - 2026-01-20T09:00Z closed by e4 closed e5 [e0 e1 e2 e3 e4 e6 e7 e8]\n"
        "proceedings X 2026-01-21T09:00Z - 2026-02-21T09:00Z fact by e6 closed e7 [e0 e1 e2 e3 e4 e6 e7 e8]\n"
        "proceedings X 2026-02-22T09:00Z - open by e8 [e0 e1 e2 e3 e4 e6 e7 e8]\n"
        "next never",
        "2026-01-05 " STEP_OF("X", "LBP_SENT"), "2026-01-07 " STEP_OF("X", "LBP_SENT"),
        "2026-01-08 " STEP_OF("X", "STEP_DECISION"), "2026-01-09 " STEP_OF("X", "LBP_SENT"),
        "2026-01-10 " STEP_OF("X", "COURT_APPLICATION"), "2026-01-20 case_closed 'reason_for_closure':'RC7'",
        "2026-01-21 " STEP_OF("X", "COURT_APPLICATION"), "2026-02-21 " STEP_OF("X", "FINAL_ORDER"),
        "2026-02-22 " STEP_OF("X", "COURT_APPLICATION")),
    /* the order as a legal status: C2 or E1, since the application, on either record */
    ROW("proceedings", "2026-09-10T09:00:00Z",
        "proceedings (own) 2026-01-05T09:00Z - 2026-02-20T09:00Z fact by e1 closed e3 [e1]\n"
        "next never",
        "2026-01-04 legal_changed 'ls':'C2'", "2026-01-05 " STEP("COURT_APPLICATION"),
        "2026-01-06 legal_changed 'ls':'C1'", "2026-02-20 legal_changed 'ls':'C2'"),
    ROW("proceedings", "2026-09-10T09:00:00Z",
        "proceedings (own) 2026-01-05T09:00Z - 2026-02-20T09:00Z fact by e0 closed e1 [e0]\n"
        "next never",
        "2026-01-05 " STEP("COURT_APPLICATION"), "2026-02-20 legal_changed 'ls':'E1'",
        "2026-02-21 legal_changed 'ls':'C2'"),
    ROW("proceedings", "2026-09-10T09:00:00Z",
        "proceedings (own) 2026-01-05T09:00Z - 2026-02-20T09:00Z fact by e0 closed e1 [e0]\n"
        "next never",
        "2026-01-05 " STEP("COURT_APPLICATION"),
        "2026-02-20 placement_started 'placement_id':'L1','rne':'S','ls':'E1','place':'A3'"),
    ROW("proceedings", "2026-09-10T09:00:00Z",
        "proceedings (own) 2026-01-05T09:00Z - 2026-02-20T09:00Z closed by e0 closed e1 [e0 e2]\n"
        "next never",
        "2026-01-05 " STEP("COURT_APPLICATION") ",'step_date':'2026-01-05'",
        "2026-02-20 case_closed 'reason_for_closure':'RC7'", "2026-02-21 " STEP("FINAL_ORDER")),
    ROW("preproceedings", "2026-09-10T09:00:00Z",
        "preproceedings (own) 2026-01-05T09:00Z - 2026-02-01 age by e1 [e1 e2]\n"
        "next never",
        "2026-01-02 child_updated 'person_birth_date':'2008-02-01'",
        "2026-01-05 " STEP("LBP_SENT") ",'step_date':'2026-01-05'", "2026-02-21 " STEP("STEP_DECISION")),
    /* accommodation: to its end, the closing, 25 */
    ROW("accommodation", "2026-09-10T09:00:00Z",
        "accommodation H1 2026-01-05T09:00Z - 2026-01-19~ fact by e0 closed e1 [e0 e1]\n"
        "accommodation (own) 2026-01-21T09:00Z - open by e2 [e2]\n"
        "next never",
        "2026-01-05 accommodation_provided 'accommodation_id':'H1','provided_on':'2026-01-05'",
        "2026-01-20 accommodation_provided 'accommodation_id':'H1','ended_on':'2026-01-19'",
        "2026-01-21 accommodation_provided 'suitable':'Y'"),
    ROW("accommodation", "2026-09-10T09:00:00Z",
        "accommodation H1 2026-01-05T09:00Z - 2026-02-01 age by e1 [e1]\n"
        "next never",
        "2026-01-02 child_updated 'person_birth_date':'2001-02-01'",
        "2026-01-05 accommodation_provided 'accommodation_id':'H1'"),
    /* disputes: by id, or one after another; withdrawn or resolved; without an opening from the first step known */
    ROW("dispute", "2026-09-10T09:00:00Z",
        "dispute (own) 2026-01-05T09:00Z - open by e0 [e0 e1]\n"
        "dispute (own) 2026-01-07T09:00Z - 2026-01-08T09:00Z fact by e2 closed e3 [e2 e3]\n"
        "next never",
        "2026-01-05 dispute_step 'step':'OPENED'", "2026-01-06 dispute_step 'step':'STAGE_2'",
        "2026-01-07 dispute_step 'step':'OPENED'", "2026-01-08 dispute_step 'step':'WITHDRAWN'"),
    ROW("dispute", "2026-09-10T09:00:00Z",
        "dispute D1 2026-01-05T09:00Z - 2026-01-05T09:00Z fact by e0 closed e1 [e0 e1]\n"
        "next never",
        "2026-01-05 dispute_step 'dispute_id':'D1','step':'OPENED'",
        "2026-01-05 dispute_step 'dispute_id':'D1','step':'RESOLVED'"),
    ROW("dispute", "2026-09-10T09:00:00Z",
        "dispute D1 2026-01-05T09:00Z - 2026-01-05T09:00Z fact by e1 closed e0 [e0 e1]\n"
        "next never",
        "2026-01-05 dispute_step 'dispute_id':'D1','step':'RESOLVED'",
        "2026-01-05 dispute_step 'dispute_id':'D1','step':'OPENED'"),
    ROW("dispute", "2026-09-10T09:00:00Z",
        "dispute D1 2026-01-05T09:00Z - 2026-01-08T09:00Z fact by e1 closed e4 [e0 e1 e4 e5]\n"
        "dispute (own) 2026-01-06T09:00Z - open by e2 [e2]\n"
        "next never",
        "2026-01-04 dispute_step 'dispute_id':'D1','step':'RESOLVED'",
        "2026-01-05 dispute_step 'dispute_id':'D1','step':'OPENED','step_on':'2026-01-05'",
        "2026-01-06 dispute_step 'step':'STAGE_2'", "2026-01-07 dispute_step 'dispute_id':'D2','step':'RESOLVED'",
        "2026-01-08 dispute_step 'dispute_id':'D1','step':'RESOLVED'",
        "2026-01-09 dispute_step 'dispute_id':'D1','step':'WITHDRAWN'"),
    ROW("dispute", "2026-09-10T09:00:00Z",
        "dispute D1 2026-01-05T09:00Z - 2026-01-07T09:00Z closed by e0 closed e2 [e0 e1]\n"
        "next never",
        "2026-01-05 dispute_step 'dispute_id':'D1','step':'STAGE_3'",
        "2026-01-06 dispute_step 'dispute_id':'D1','step':'STAGE_4'",
        "2026-01-07 case_closed 'reason_for_closure':'RC7'"),
    ROW("dispute", "2026-09-10T09:00:00Z",
        "dispute D1 2026-01-05T09:00Z - 2026-02-01 age by e1 [e1]\n"
        "next never",
        "2026-01-02 child_updated 'person_birth_date':'2008-02-01'",
        "2026-01-05 dispute_step 'dispute_id':'D1','step':'OPENED'"),
    ROW("proceedings", "2026-09-10T09:00:00Z",
        "proceedings (own) 2026-01-05T09:00Z - 2026-01-05T09:00Z fact by e0 closed e1 [e0]\n"
        "next never",
        "2026-01-05 " STEP("COURT_APPLICATION"), "2026-01-05 legal_changed 'ls':'E1'"),
    /* of one instant: by id */
    ROW("dispute", "2026-09-10T09:00:00Z",
        "dispute D1 2026-01-05T09:00Z - open by e3 [e3]\n"
        "dispute D2 2026-01-05T09:00Z - open by e2 [e2]\n"
        "dispute D3 2026-01-05T09:00Z - open by e1 [e1]\n"
        "dispute D4 2026-01-05T09:00Z - open by e0 [e0]\n"
        "next never",
        "2026-01-05 dispute_step 'dispute_id':'D4','step':'OPENED'",
        "2026-01-05 dispute_step 'dispute_id':'D3','step':'OPENED'",
        "2026-01-05 dispute_step 'dispute_id':'D2','step':'OPENED'",
        "2026-01-05 dispute_step 'dispute_id':'D1','step':'OPENED'"),
    ROW("accommodation", "2026-09-10T09:00:00Z",
        "accommodation H1 2026-01-05T09:00Z - open by e3 [e3]\n"
        "accommodation H2 2026-01-05T09:00Z - open by e2 [e2]\n"
        "accommodation H3 2026-01-05T09:00Z - open by e1 [e1]\n"
        "accommodation H4 2026-01-05T09:00Z - open by e0 [e0]\n"
        "next never",
        "2026-01-05 accommodation_provided 'accommodation_id':'H4'",
        "2026-01-05 accommodation_provided 'accommodation_id':'H3'",
        "2026-01-05 accommodation_provided 'accommodation_id':'H2'",
        "2026-01-05 accommodation_provided 'accommodation_id':'H1'"),
    ROW("proceedings", "2026-09-10T09:00:00Z",
        "proceedings Q1 2026-01-05T09:00Z - open by e3 [e3]\n"
        "proceedings Q2 2026-01-05T09:00Z - open by e2 [e2]\n"
        "proceedings Q3 2026-01-05T09:00Z - open by e1 [e1]\n"
        "proceedings Q4 2026-01-05T09:00Z - open by e0 [e0]\n"
        "next never",
        "2026-01-05 " STEP_OF("Q4", "COURT_APPLICATION"), "2026-01-05 " STEP_OF("Q3", "COURT_APPLICATION"),
        "2026-01-05 " STEP_OF("Q2", "COURT_APPLICATION"), "2026-01-05 " STEP_OF("Q1", "COURT_APPLICATION")),
    ROW("preproceedings", "2026-09-10T09:00:00Z",
        "preproceedings Q1 2026-01-05T09:00Z - open by e3 [e3]\n"
        "preproceedings Q2 2026-01-05T09:00Z - open by e2 [e2]\n"
        "preproceedings Q3 2026-01-05T09:00Z - open by e1 [e1]\n"
        "preproceedings Q4 2026-01-05T09:00Z - open by e0 [e0]\n"
        "next never",
        "2026-01-05 " STEP_OF("Q4", "LBP_SENT"), "2026-01-05 " STEP_OF("Q3", "LBP_SENT"),
        "2026-01-05 " STEP_OF("Q2", "LBP_SENT"), "2026-01-05 " STEP_OF("Q1", "LBP_SENT")),
};
START_TEST(court_and_dispute)
{
    tell_row(&courts[_i]);
}
END_TEST

/* --- missing episodes */

#define MISSING(id, more) "missing_episode 'episode_id':'" id "'," more

static const row episodes[] = {
    /* without an end of its own the latest of the best that is told: returned, found, mis_end, RETURNED, CLOSED */
    ROW("episode", "2026-02-10T09:00:00Z",
        "episode E1 2026-01-05T08:00Z - 2026-01-06T08:15Z fact by e0 closed e2 [e0 e1 e2]\n"
        "next never",
        "2026-01-05 " MISSING("E1", "'mis_start':'2026-01-05T08:00:00Z'"),
        "2026-01-06 " MISSING("E1", "'returned_at':'2026-01-06T08:00:00Z','found_at':'2026-01-06T08:30:00Z'"),
        "2026-01-07 " MISSING("E1", "'returned_at':'2026-01-06T08:15:00Z','mis_end':'2026-01-06T08:45:00Z'")),
    ROW("episode", "2026-02-10T09:00:00Z",
        "episode E1 2026-01-05T08:00Z - 2026-01-06T08:45Z fact by e0 closed e1 [e0 e1 e2]\n"
        "episode E2 2026-01-08T09:00Z - 2026-01-09T09:00Z fact by e3 closed e4 [e3 e4 e5]\n"
        "episode E3 2026-01-12T09:00Z - 2026-01-13T09:00Z fact by e6 closed e7 [e6 e7]\n"
        "next never",
        "2026-01-05 " MISSING("E1", "'mis_start':'2026-01-05T08:00:00Z'"),
        "2026-01-06 " MISSING("E1", "'mis_end':'2026-01-06T08:45:00Z'"),
        "2026-01-07 " MISSING("E1", "'phase':'RETURNED'"), "2026-01-08 " MISSING("E2", "'phase':'OPENED'"),
        "2026-01-09 " MISSING("E2", "'phase':'RETURNED'"), "2026-01-10 " MISSING("E2", "'phase':'CLOSED'"),
        "2026-01-12 " MISSING("E3", "'category':'M'"), "2026-01-13 " MISSING("E3", "'phase':'CLOSED'")),
    /* the earliest start of all its records; a cancelled one, and one of which nobody tells the start, are none */
    ROW("episode", "2026-02-10T09:00:00Z",
        "episode E1 2026-01-05T07:00Z - 2026-01-08T07:00Z fact by e1 closed e5 [e1 e0 e5]\n"
        "next never",
        "2026-01-05 " MISSING("E1", "'mis_start':'2026-01-05T08:00:00Z'"),
        "2026-01-05 " MISSING("E1", "'mis_start':'2026-01-05T07:00:00Z'"),
        "2026-01-06 " MISSING("E2", "'phase':'OPENED'"), "2026-01-06 " MISSING("E2", "'phase':'CANCELLED'"),
        "2026-01-07 " MISSING("E3", "'phase':'CLOSED'"),
        "2026-01-08 " MISSING("E1", "'mis_end':'2026-01-08T07:00:00Z'")),
    /* ends before it starts; ends later than the clock; a start that is still to come */
    ROW("episode", "2026-02-10T09:00:00Z",
        "episode E1 2026-01-05T08:00Z - 2026-01-05T08:00Z fact by e0 closed e0 [e0]\n"
        "next never",
        "2026-01-05 " MISSING("E1", "'mis_start':'2026-01-05T08:00:00Z','returned_at':'2026-01-04T08:00:00Z'")),
    ROW("episode", "2026-01-04T12:00:00Z", "next 2026-01-05T08:00Z",
        "2026-01-04 " MISSING("E1", "'mis_start':'2026-01-05T08:00:00Z','returned_at':'2026-01-04T08:00:00Z'")),
    ROW("episode", "2026-01-05T12:00:00Z",
        "episode E1 2026-01-05T08:00Z - open by e0 [e0]\n"
        "next 2026-01-05T13:00Z",
        "2026-01-05 " MISSING("E1", "'mis_start':'2026-01-05T08:00:00Z','returned_at':'2026-01-05T13:00:00Z'")),
    /* gaps of 60 and of 61 minutes; touching with and without a return; one inside another; equal ends */
    ROW("episode", "2026-02-10T09:00:00Z",
        "episode E1+E2 2026-01-05T08:00Z - 2026-01-05T12:00Z fact by e0 closed e1 [e0 e1]\n"
        "episode E3+E4 2026-01-05T13:01Z - 2026-01-05T15:00Z fact by e2 closed e3 [e2 e3]\n"
        "episode E5 2026-01-05T15:00:30Z - open by e4 [e4]\n"
        "next never",
        "2026-01-05 " MISSING("E1", "'mis_start':'2026-01-05T08:00:00Z','mis_end':'2026-01-05T10:00:00Z'"),
        "2026-01-05 " MISSING("E2", "'mis_start':'2026-01-05T11:00:00Z','mis_end':'2026-01-05T12:00:00Z'"),
        "2026-01-05 " MISSING("E3", "'mis_start':'2026-01-05T13:01:00Z','mis_end':'2026-01-05T14:00:00Z'"),
        "2026-01-05 " MISSING("E4", "'mis_start':'2026-01-05T14:00:30Z','returned_at':'2026-01-05T15:00:00Z'"),
        "2026-01-05 " MISSING("E5", "'mis_start':'2026-01-05T15:00:30Z'")),
    ROW("episode", "2026-02-10T09:00:00Z",
        "episode E1+E2+E3 2026-01-05T08:00Z - 2026-01-05T13:00Z fact by e0 closed e2 [e1 e0 e2]\n"
        "next never",
        "2026-01-05 " MISSING("E1", "'mis_start':'2026-01-05T08:00:00Z','mis_end':'2026-01-05T12:00:00Z'"),
        "2026-01-05 " MISSING("E2", "'mis_start':'2026-01-05T09:00:00Z','returned_at':'2026-01-05T10:00:00Z'"),
        "2026-01-05 " MISSING("E3", "'mis_start':'2026-01-05T12:00:00Z','mis_end':'2026-01-05T13:00:00Z'")),
    ROW("episode", "2026-02-10T09:00:00Z",
        "episode E1+E2 2026-01-05T08:00Z - 2026-01-05T12:00Z fact by e0 closed e0 [e0 e1]\n"
        "episode E3 2026-01-05T12:00Z - 2026-01-05T13:00Z fact by e2 closed e2 [e2]\n"
        "next never",
        "2026-01-05 " MISSING("E1", "'mis_start':'2026-01-05T08:00:00Z','mis_end':'2026-01-05T12:00:00Z'"),
        "2026-01-05 " MISSING("E2", "'mis_start':'2026-01-05T09:00:00Z','returned_at':'2026-01-05T12:00:00Z'"),
        "2026-01-05 " MISSING("E3", "'mis_start':'2026-01-05T12:00:00Z','mis_end':'2026-01-05T13:00:00Z'")),
    ROW("episode", "2026-02-10T09:00:00Z",
        "episode E1+E2+E3 2026-01-05T08:00Z - open by e0 [e1 e0 e2]\n"
        "next never",
        "2026-01-05 " MISSING("E1", "'mis_start':'2026-01-05T08:00:00Z','returned_at':'2026-01-05T12:00:00Z'"),
        "2026-01-05 " MISSING("E2", "'mis_start':'2026-01-05T09:00:00Z'"),
        "2026-01-06 " MISSING("E3", "'mis_start':'2026-01-06T12:00:00Z'")),
    /* the eighteenth birthday, on the day itself too */
    ROW("episode", "2026-02-10T09:00:00Z",
        "episode E1 2026-01-06T08:00Z - 2026-01-07 age by e1 [e1]\n"
        "next never",
        "2026-01-02 child_updated 'person_birth_date':'2008-01-07'",
        "2026-01-06 " MISSING("E1", "'mis_start':'2026-01-06T08:00:00Z'"),
        "2026-01-07 " MISSING("E2", "'mis_start':'2026-01-07T00:00:00Z'")),
    ROW("episode", "2026-02-10T09:00:00Z",
        "episode (own)+A+B 2026-01-06T08:00Z - open by e0 [e0 e1 e2]\n"
        "next never",
        "2026-01-06 missing_episode 'mis_start':'2026-01-06T08:00:00Z'",
        "2026-01-06 " MISSING("B", "'mis_start':'2026-01-07T08:00:00Z'"),
        "2026-01-06 " MISSING("A", "'mis_start':'2026-01-07T08:00:00Z'")),
    ROW("episode", "2026-02-10T09:00:00Z",
        "episode E1 2026-01-05T08:00Z - 2026-01-06T08:15Z fact by e0 closed e0 [e0 e1]\n"
        "next never",
        "2026-01-05 " MISSING("E1", "'mis_start':'2026-01-05T08:00:00Z','returned_at':'2026-01-06T08:15:00Z'"),
        "2026-01-07 " MISSING("E1", "'mis_end':'2026-01-07T08:45:00Z','returned_at':'2026-01-06T08:15:00Z'")),
    ROW("episode", "2026-02-10T09:00:00Z",
        "episode A+B+C+D 2026-01-07T08:00Z - open by e0 [e0 e3 e1 e2]\n"
        "next never",
        "2026-01-06 " MISSING("A", "'mis_start':'2026-01-07T08:00:00Z'"),
        "2026-01-06 " MISSING("B", "'mis_start':'2026-01-07T08:00:00Z'"),
        "2026-01-06 " MISSING("C", "'mis_start':'2026-01-07T08:00:00Z'"),
        "2026-01-06 " MISSING("D", "'mis_start':'2026-01-07T08:00:00Z'")),
};
START_TEST(missing)
{
    tell_row(&episodes[_i]);
}
END_TEST

/* --- plans */

static const row plans[] = {
    /* without ids joined by type, an end between: at the same instant it is the same plan */
    ROW("plan", "2026-03-10T09:00:00Z",
        "plan (own) 2026-01-05T09:00Z - 2026-01-10T09:00Z fact by e0 closed e2 [e0 e1 e2]\n"
        "plan (own) 2026-01-12T09:00Z - 2026-01-16T09:00Z fact by e3 closed e7 [e3 e5 e7]\n"
        "plan (own) 2026-01-13T09:00Z - open by e4 [e4]\n"
        "plan P1 2026-01-15T09:00Z - open by e6 [e6]\n"
        "next never",
        "2026-01-05 plan_started 'plan_type':'CIN'", "2026-01-06 plan_changed 'plan_type':'CIN'",
        "2026-01-10 plan_ended 'plan_type':'CIN'", "2026-01-12 plan_started 'plan_type':'CIN'",
        "2026-01-13 plan_started 'plan_type':'CP'", "2026-01-14 plan_started 'plan_type':'CIN'",
        "2026-01-15 plan_started 'plan_id':'P1','plan_type':'CIN'", "2026-01-16 plan_ended 'plan_type':'CIN'"),
    ROW("plan", "2026-03-10T09:00:00Z",
        "plan (own) 2026-01-05T09:00Z - 2026-01-05T09:00Z fact by e1 closed e0 [e0 e1]\n"
        "next never",
        "2026-01-05 plan_ended 'plan_type':'CIN','start_date':'2026-01-03','end_date':'2026-01-05'",
        "2026-01-05 plan_started 'plan_type':'CIN','start_date':'2026-01-05'"),
    ROW("plan", "2026-03-10T09:00:00Z",
        "plan (own) 2026-01-05T09:00Z - 2026-01-05T09:00Z fact by e1 closed e0 [e0 e1]\n"
        "next never",
        "2026-01-05 plan_ended 'plan_type':'CIN'", "2026-01-05 plan_started 'plan_type':'CIN'"),
    ROW("plan", "2026-03-10T09:00:00Z",
        "plan (own) 2026-01-05T09:01Z - open by e1 [e1]\n"
        "next never",
        "2026-01-05 plan_ended 'plan_type':'CIN'", "2026-01-05T09:01 plan_started 'plan_type':'CIN'"),
    /* the latest end date that records carry; the end record's own day before any */
    ROW("plan", "2026-03-10T09:00:00Z",
        "plan P1 2026-01-05T09:00Z - 2026-02-20~ fact by e0 closed e1 [e0 e1 e2]\n"
        "next never",
        "2026-01-05 plan_started 'plan_id':'P1','plan_type':'CP','cpp_end_date':'2026-02-02'",
        "2026-01-06 plan_changed 'plan_id':'P1','cpp_end_date':'2026-02-20'",
        "2026-01-07 plan_changed 'plan_id':'P1','cpp_end_date':'2026-02-10'"),
    /* two records of one end date: the first of them; so of an end and a closing of one instant */
    ROW("plan", "2026-03-10T09:00:00Z",
        "plan P1 2026-01-05T09:00Z - 2026-02-20~ fact by e0 closed e1 [e0 e1 e2]\n"
        "next never",
        "2026-01-05 plan_started 'plan_id':'P1','plan_type':'CP'",
        "2026-01-06 plan_changed 'plan_id':'P1','cpp_end_date':'2026-02-20'",
        "2026-01-07 plan_changed 'plan_id':'P1','cpp_end_date':'2026-02-20'"),
    ROW("plan", "2026-03-10T09:00:00Z",
        "plan P1 2026-01-05T09:00Z - 2026-01-08T09:00Z fact by e0 closed e1 [e0 e1]\n"
        "next never",
        "2026-01-05 plan_started 'plan_id':'P1','plan_type':'CP'", "2026-01-08 plan_ended 'plan_id':'P1'",
        "2026-01-08 case_closed 'reason_for_closure':'RC7'"),
    ROW("plan", "2026-03-10T09:00:00Z",
        "plan P1 2026-01-05T09:00Z - 2026-01-08T09:00Z fact by e0 closed e2 [e0 e1 e2]\n"
        "next never",
        "2026-01-05 plan_started 'plan_id':'P1','plan_type':'CP','cpp_end_date':'2026-02-20'",
        "2026-01-06 plan_ended 'plan_id':'P1'", "2026-01-08 plan_ended 'plan_id':'P1'"),
    /* no start record: the earliest start date that others carry; one to come; none */
    ROW("plan", "2026-03-10T09:00:00Z",
        "plan P1 2026-01-02~ - open by e1 [e0 e1 e2]\n"
        "next never",
        "2026-01-05 plan_changed 'plan_id':'P1','cin_plan_start_date':'2026-01-04'",
        "2026-01-06 plan_changed 'plan_id':'P1','start_date':'2026-01-02'",
        "2026-01-07 plan_changed 'plan_id':'P1','start_date':'2026-01-03'", "2026-01-08 plan_changed 'plan_id':'P2'"),
    ROW("plan", "2026-01-09T09:00:00Z", "next 2026-01-10T00:00Z",
        "2026-01-05 plan_changed 'plan_id':'P1','start_date':'2026-01-10'"),
    /* private fostering ends at 16, a pathway plan not at 18 */
    ROW("plan", "2026-03-10T09:00:00Z",
        "plan P1 2026-01-05T09:00Z - 2026-02-01 age by e1 [e1]\n"
        "plan P2 2026-01-05T09:00Z - open by e2 [e2]\n"
        "next 2028-02-01T00:00Z",
        "2026-01-02 child_updated 'person_birth_date':'2010-02-01'",
        "2026-01-05 plan_started 'plan_id':'P1','plan_type':'PF','aware_on':'2026-01-05'",
        "2026-01-05 plan_started 'plan_id':'P2','plan_type':'CIN'"),
    ROW("plan", "2026-03-10T09:00:00Z",
        "plan P1 2026-01-05T09:00Z - open by e1 [e1]\n"
        "plan P2 2026-01-05T09:00Z - 2026-02-01 age by e2 [e2]\n"
        "next 2033-02-01T00:00Z",
        "2026-01-02 child_updated 'person_birth_date':'2008-02-01'",
        "2026-01-05 plan_started 'plan_id':'P1','plan_type':'PATHWAY'",
        "2026-01-05 plan_started 'plan_id':'P2','plan_type':'CIN'"),
    ROW("plan", "2026-03-10T09:00:00Z",
        "plan P1 2026-01-05T09:00Z - open by e3 [e3]\n"
        "plan P2 2026-01-05T09:00Z - open by e2 [e2]\n"
        "plan P3 2026-01-05T09:00Z - open by e1 [e1]\n"
        "plan P4 2026-01-05T09:00Z - open by e0 [e0]\n"
        "next never",
        "2026-01-05 plan_started 'plan_id':'P4'", "2026-01-05 plan_started 'plan_id':'P3'",
        "2026-01-05 plan_started 'plan_id':'P2'", "2026-01-05 plan_started 'plan_id':'P1'"),
};
START_TEST(plan)
{
    tell_row(&plans[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spans_others");
    TCase *tc = tcase_create("tables");
#define ROWS(test, table) tcase_add_loop_test(tc, test, 0, sizeof table / sizeof table[0])
    ROWS(court_and_dispute, courts);
    ROWS(missing, episodes);
    ROWS(plan, plans);
#undef ROWS
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

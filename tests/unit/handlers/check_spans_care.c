// link: dw_config
/* check_spans_care.c: what records become spans: care and placements; the levels that plans make. */

#include "tests/support/core_spans.h"

/* --- care and placements */

#define CARE_PLAN "plan_started 'plan_id':'C1','plan_type':'CLA'"

static const row care[] = {
    /* a temporary stay of seven days is no placement of its own, one of eight is (readings 14); Z1 is no T code */
    /* of plans from one instant on one that its records name gives care its name, the first of them */
    {"care",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 plan_started 'plan_type':'CLA'", "2026-01-05 plan_started 'plan_id':'z2','plan_type':'CLA'",
      "2026-01-05 plan_started 'plan_id':'z1','plan_type':'CLA'",
      "2026-01-06 plan_started 'plan_id':'A1','plan_type':'CLA'"},
     "care z1 2026-01-05T09:00Z - open by e0 [e0 e1 e2 e3]\n"
     "next never"},
    {"placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-12 " STAY("L2", "'rne':'P','place':'T4'"),
      "2026-01-19 " ENDED("L2", "'rec':'X1'")},
     "placement L1+L2 2026-01-05T09:00Z - open by e0 [e0 e1 e2] in care\n"
     "next never"},
    {"placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-12 " STAY("L2", "'rne':'P','place':'T4'"),
      "2026-01-20 " ENDED("L2", "'rec':'X1'")},
     "placement L1 2026-01-05T09:00Z - 2026-01-12T09:00Z replaced by e0 closed e1 [e0] in care\n"
     "placement L2 2026-01-12T09:00Z - 2026-01-20T09:00Z fact by e1 closed e2 [e1 e2] in care\n"
     "next never"},
    {"placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-12 " STAY("L2", "'rne':'P','place':'Z1'"),
      "2026-01-13 " ENDED("L2", "'rec':'X1'")},
     "placement L1 2026-01-05T09:00Z - 2026-01-12T09:00Z replaced by e0 closed e1 [e0] in care\n"
     "placement L2 2026-01-12T09:00Z - 2026-01-13T09:00Z fact by e1 closed e2 [e1 e2] in care\n"
     "next never"},
    {"placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-12 " STAY("L2", "'rne':'P','place':'S1'"),
      "2026-01-13 " ENDED("L2", "'rec':'X1'")},
     "placement L1 2026-01-05T09:00Z - 2026-01-12T09:00Z replaced by e0 closed e1 [e0] in care\n"
     "placement L2 2026-01-12T09:00Z - 2026-01-13T09:00Z fact by e1 closed e2 [e1 e2] in care\n"
     "next never"},
    /* how long it was is told by the very next one */
    {"placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-12 " STAY("L2", "'rne':'P','place':'T0'"),
      "2026-01-19 " STAY("L3", "'rne':'P','place':'U6'"), "2026-02-02 " STAY("L4", "'rne':'P','place':'U6'")},
     "placement L1+L2 2026-01-05T09:00Z - 2026-01-19T09:00Z replaced by e0 closed e2 [e0 e1] in care\n"
     "placement L3 2026-01-19T09:00Z - 2026-02-02T09:00Z replaced by e2 closed e3 [e2] in care\n"
     "placement L4 2026-02-02T09:00Z - open by e3 [e3] in care\n"
     "next never"},
    {"placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-12 " STAY("L2", "'rne':'P','place':'T0'"),
      "2026-01-25 " STAY("L3", "'rne':'P','place':'U6'")},
     "placement L1 2026-01-05T09:00Z - 2026-01-12T09:00Z replaced by e0 closed e1 [e0] in care\n"
     "placement L2 2026-01-12T09:00Z - 2026-01-25T09:00Z replaced by e1 closed e2 [e1] in care\n"
     "placement L3 2026-01-25T09:00Z - open by e2 [e2] in care\n"
     "next never"},
    /* or by its own end, when the next one begins later */
    {"placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-12 " STAY("L2", "'rne':'P','place':'T0'"),
      "2026-01-15 " ENDED("L2", "'rec':'X1'"), "2026-01-25 " STAY("L3", "'rne':'P','place':'U6'")},
     "placement L1+L2 2026-01-05T09:00Z - 2026-01-25T09:00Z replaced by e0 closed e3 [e0 e1 e2] in care\n"
     "placement L3 2026-01-25T09:00Z - open by e3 [e3] in care\n"
     "next never"},
    /* its start is not told of by a temporary code when care begins with it; it goes on while today is day 7 */
    {"care placement",
     "2026-01-12T09:00:00Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'T0'")},
     "care 2026-01-05T09:00Z - open by e0 [e0]\n"
     "placement L1 2026-01-05T09:00Z - open by e0 [e0] in care\n"
     "next never"},
    {"care placement",
     "2026-01-19T23:59:59Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-12 " STAY("L2", "'rne':'P','place':'T0'")},
     "care 2026-01-05T09:00Z - open by e0 [e0 e1]\n"
     "placement L1+L2 2026-01-05T09:00Z - open by e0 [e0 e1] in care\n"
     "next 2026-01-20T00:00Z"},
    {"care placement",
     "2026-01-20T00:00:00Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-12 " STAY("L2", "'rne':'P','place':'T0'")},
     "care 2026-01-05T09:00Z - open by e0 [e0 e1]\n"
     "placement L1 2026-01-05T09:00Z - 2026-01-12T09:00Z replaced by e0 closed e1 [e0] in care\n"
     "placement L2 2026-01-12T09:00Z - open by e1 [e1] in care\n"
     "next never"},
    /* records without an id: the end ends the latest stay that began by then, the same carer goes on */
    {"care placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-20 placement_ended 'rec':'X1'"},
     "care 2026-01-05T09:00Z - open by e0 [e0 e1]\n"
     "placement L1 2026-01-05T09:00Z - 2026-01-20T09:00Z fact by e0 closed e1 [e0 e1] in care\n"
     "next never"},
    {"care placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-04 placement_ended 'rec':'X1'"},
     "care 2026-01-05T09:00Z - open by e0 [e0]\n"
     "placement L1 2026-01-05T09:00Z - open by e0 [e0] in care\n"
     "next never"},
    {"care placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 placement_started 'rne':'S','place':'U6'", "2026-01-12 placement_started 'rne':'T','place':'U6'",
      "2026-01-15 placement_started 'rne':'P','place':'U6'", "2026-01-20 " STAY("L3", "'rne':'U','place':'U6'"),
      "2026-01-21 " STAY("L4", "'rne':'L','place':'U6'"), "2026-01-22 " STAY("L4", "'rne':'S','place':'U6'"),
      "2026-01-23 " STAY("L3", "'rne':'P','place':'U4'")},
     "care 2026-01-05T09:00Z - open by e0 [e0 e1 e2 e3 e4 e5 e6]\n"
     "placement (own) 2026-01-05T09:00Z - 2026-01-15T09:00Z replaced by e0 closed e2 [e0 e1] in care\n"
     "placement (own)+L3+L4 2026-01-15T09:00Z - open by e2 [e2 e3 e4 e5 e6] in care\n"
     "next never"},
    /* an end is that of the stay it names; of two ends the first */
    {"care placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-12 " STAY("L2", "'rne':'P','place':'U6'"),
      "2026-01-20 " ENDED("L1", "'rec':'X1'"), "2026-01-25 " ENDED("L2", "'rec':'E4A'"),
      "2026-01-28 " ENDED("L2", "'rec':'E4A'")},
     "care 2026-01-05T09:00Z - 2026-01-25T09:00Z fact by e0 closed e3 [e0 e1 e2 e3]\n"
     "placement L1 2026-01-05T09:00Z - 2026-01-12T09:00Z replaced by e0 closed e1 [e0] in care\n"
     "placement L2 2026-01-12T09:00Z - 2026-01-25T09:00Z fact by e1 closed e3 [e1 e3] in care\n"
     "next never"},
    {"care placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-20 " ENDED("L1", "'reason_place_change':'OTHER'"),
      "2026-01-21 " STAY("L2", "'rne':'P','place':'U6'")},
     "care 2026-01-05T09:00Z - open by e0 [e0 e1 e2]\n"
     "placement L1 2026-01-05T09:00Z - 2026-01-20T09:00Z fact by e0 closed e1 [e0 e1] in care\n"
     "placement L2 2026-01-21T09:00Z - open by e2 [e2] in care\n"
     "next never"},
    /* back from a temporary stay: the placement that nobody ended goes on; one that was ended does not */
    {"care placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-12 " STAY("L2", "'rne':'P','place':'T2'"),
      "2026-01-15 " ENDED("L2", "'rec':'X1'"), "2026-01-25 " ENDED("L1", "'rec':'X1'")},
     "care 2026-01-05T09:00Z - open by e0 [e0 e1 e2 e3]\n"
     "placement L1+L2 2026-01-05T09:00Z - 2026-01-25T09:00Z fact by e0 closed e3 [e0 e1 e2 e3] in care\n"
     "next never"},
    {"care placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-12 " ENDED("L1", "'rec':'X1'"),
      "2026-01-12 " STAY("L2", "'rne':'P','place':'T2'"), "2026-01-15 " ENDED("L2", "'rec':'X1'")},
     "care 2026-01-05T09:00Z - open by e0 [e0 e1 e2 e3]\n"
     "placement L1+L2 2026-01-05T09:00Z - 2026-01-15T09:00Z fact by e0 closed e3 [e0 e1 e2 e3] in care\n"
     "next never"},
    ROW("placement", "2026-02-10T09:00:00Z",
        "placement L1+L2 2026-01-05T09:00Z - 2026-01-16T09:00Z fact by e0 closed e3 [e0 e1 e2 e3] in care\n"
        "next never",
        "2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-12 " STAY("L2", "'rne':'P','place':'T2'"),
        "2026-01-14 " ENDED("L1", "'rec':'X1'"), "2026-01-16 " ENDED("L2", "'rec':'X1'")),
    ROW("placement", "2026-02-10T09:00:00Z",
        "placement L0 2026-01-05T09:00Z - 2026-01-06T09:00Z replaced by e0 closed e1 [e0] in care\n"
        "placement L1+L2 2026-01-06T09:00Z - open by e1 [e1 e2 e3] in care\n"
        "next never",
        "2026-01-05 " STAY("L0", "'rne':'S','place':'U6'"), "2026-01-06 " STAY("L1", "'rne':'P','place':'U6'"),
        "2026-01-12 " STAY("L2", "'rne':'P','place':'T2'"), "2026-01-14 " ENDED("L2", "'rec':'X1'"),
        "2026-01-16 " ENDED("L0", "'rec':'X1'")),
    ROW("placement", "2026-02-10T09:00:00Z",
        "placement L0+L1 2026-01-05T09:00Z - 2026-01-08T09:00Z fact by e0 closed e2 [e0 e1 e2 e3] in care\n"
        "next never",
        "2026-01-05 " STAY("L0", "'rne':'S','place':'T1'"), "2026-01-06 " STAY("L1", "'rne':'T','place':'T1'"),
        "2026-01-08 " ENDED("L1", "'rec':'X1'"), "2026-01-09 " ENDED("L0", "'rec':'X1'")),
    /* a gap of a day goes on with the same carer, one of two days does not */
    {"care placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-12 " ENDED("L1", "'rec':'X1'"),
      "2026-01-13 " STAY("L2", "'rne':'T','place':'U6'")},
     "care 2026-01-05T09:00Z - open by e0 [e0 e1 e2]\n"
     "placement L1+L2 2026-01-05T09:00Z - open by e0 [e0 e1 e2] in care\n"
     "next never"},
    {"care placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-12 " ENDED("L1", "'rec':'X1'"),
      "2026-01-14 " STAY("L2", "'rne':'T','place':'U6'")},
     "care 2026-01-05T09:00Z - open by e0 [e0 e1 e2]\n"
     "placement L1 2026-01-05T09:00Z - 2026-01-12T09:00Z fact by e0 closed e1 [e0 e1] in care\n"
     "placement L2 2026-01-14T09:00Z - open by e2 [e2] in care\n"
     "next never"},
    /* told in the order of the days, also what a plan tells that has many records; at one instant, in that of the records */
    {"care placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-06 " CARE_PLAN,
      "2026-01-07 plan_changed 'plan_id':'C1','latest_category':'NEG'",
      "2026-01-08 plan_changed 'plan_id':'C1','latest_category':'NEG'",
      "2026-01-09 plan_changed 'plan_id':'C1','latest_category':'NEG'",
      "2026-01-10 plan_changed 'plan_id':'C1','latest_category':'NEG'",
      "2026-01-11 plan_changed 'plan_id':'C1','latest_category':'NEG'"},
     "care C1 2026-01-05T09:00Z - open by e0 [e0 e1 e2 e3 e4 e5 e6]\n"
     "placement L1 2026-01-05T09:00Z - open by e0 [e0] in care\n"
     "next never"},
    {"care placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-12 " STAY("L2", "'rne':'T','place':'U6'"),
      "2026-01-12 " ENDED("L1", "'rec':'X1'")},
     "care 2026-01-05T09:00Z - open by e0 [e0 e1 e2]\n"
     "placement L1+L2 2026-01-05T09:00Z - open by e0 [e0 e1 e2] in care\n"
     "next never"},
    {"care placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"), "2026-01-12 " ENDED("L1", "'rec':'X1'"),
      "2026-01-12 " STAY("L2", "'rne':'T','place':'U6'")},
     "care 2026-01-05T09:00Z - open by e0 [e0 e1 e2]\n"
     "placement L1+L2 2026-01-05T09:00Z - open by e0 [e0 e1 e2] in care\n"
     "next never"},
    /* begun and ended in one day */
    {"care placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " STAY("L1", "'decom':'2026-01-05','rne':'S','place':'U6'"),
      "2026-01-05 " ENDED("L1", "'dec':'2026-01-05','rec':'E3'")},
     "care 2026-01-05T09:00Z - 2026-01-05T09:00Z fact by e0 closed e1 [e0 e1]\n"
     "placement L1 2026-01-05T09:00Z - 2026-01-05T09:00Z fact by e0 closed e1 [e0 e1] in care\n"
     "next never"},
    /* care by a plan: ends with the last plan, not before; the id is that of the earliest */
    {"care",
     "2026-03-10T09:00:00Z",
     {"2026-01-05 " CARE_PLAN, "2026-01-20 plan_started 'plan_id':'C2','plan_type':'CLA'",
      "2026-02-02 plan_ended 'plan_id':'C1','plan_type':'CLA'",
      "2026-02-20 plan_ended 'plan_id':'C2','plan_type':'CLA'"},
     "care C1 2026-01-05T09:00Z - 2026-02-20T09:00Z fact by e0 closed e3 [e0 e1 e2 e3]\n"
     "next never"},
    {"care",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " CARE_PLAN, "2026-01-20 plan_started 'plan_id':'C2','plan_type':'CLA'",
      "2026-02-02 plan_ended 'plan_id':'C1','plan_type':'CLA'"},
     "care C1 2026-01-05T09:00Z - open by e0 [e0 e1 e2]\n"
     "next never"},
    {"care",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " CARE_PLAN, "2026-01-20 plan_started 'plan_id':'C2','plan_type':'CLA','temporary_ola':'Y'",
      "2026-02-02 plan_ended 'plan_id':'C1','plan_type':'CLA'"},
     "care C1 2026-01-05T09:00Z - 2026-02-02T09:00Z fact by e0 closed e2 [e0 e2]\n"
     "next never"},
    {"care",
     "2026-02-10T09:00:00Z",
     {"2026-01-04 plan_changed 'plan_id':'C1','latest_category':'NEG'", "2026-01-05 " CARE_PLAN},
     "care C1 2026-01-05T09:00Z - open by e1 [e0 e1]\n"
     "next never"},
    /* the plan ends when care is over already; begins and ends at once; the case closes */
    {"care",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " CARE_PLAN, "2026-01-06 " STAY("L1", "'rne':'S','place':'U6'"),
      "2026-01-20 " ENDED("L1", "'rec':'E3'"), "2026-01-25 plan_ended 'plan_id':'C1'"},
     "care C1 2026-01-05T09:00Z - 2026-01-20T09:00Z fact by e0 closed e2 [e0 e1 e2 e3]\n"
     "next never"},
    {"care",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 plan_started 'plan_id':'C1','plan_type':'CLA','start_date':'2026-01-05','end_date':'2026-01-05'"},
     "care 2026-01-05T09:00Z - 2026-01-05T09:00Z~ fact by e0 closed e0 [e0]\n"
     "next never"},
    {"care placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 " CARE_PLAN, "2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"),
      "2026-01-25 case_closed 'reason_for_closure':'RC7'", "2026-01-26 " ENDED("L1", "'rec':'X1'")},
     "care C1 2026-01-05T09:00Z - 2026-01-25T09:00Z closed by e0 closed e2 [e0 e1]\n"
     "placement L1 2026-01-05T09:00Z - 2026-01-25T09:00Z closed by e1 closed e2 [e1] in care\n"
     "next never"},
    /* legal status alone; none stated is none */
    {"care placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-05 legal_changed 'ls':'V2'", "2026-01-06 legal_changed 'rne':'L'",
      "2026-01-08 " STAY("L1", "'rne':'P','place':'U6'"), "2026-01-09 legal_changed 'ls':'C1'"},
     "care 2026-01-05T09:00Z - open by e0 [e0 e2 e3]\n"
     "placement L1 2026-01-08T09:00Z - open by e2 [e2 e3] in care\n"
     "next never"},
    {"care placement", "2026-02-10T09:00:00Z", {"2026-01-06 legal_changed 'rne':'L'"}, "next never"},
    /* to the eighteenth birthday, and death */
    {"care placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-02 child_updated 'person_birth_date':'2008-02-01'", "2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"),
      "2026-02-01 " STAY("L2", "'rne':'P','place':'U6'")},
     "care 2026-01-05T09:00Z - 2026-02-01 age by e1 [e1]\n"
     "placement L1 2026-01-05T09:00Z - 2026-02-01 age by e1 [e1] in care\n"
     "next never"},
    {"care placement",
     "2026-01-31T23:59:59Z",
     {"2026-01-02 child_updated 'person_birth_date':'2008-02-01'", "2026-01-05 " STAY("L1", "'rne':'S','place':'U6'")},
     "care 2026-01-05T09:00Z - open by e1 [e1]\n"
     "placement L1 2026-01-05T09:00Z - open by e1 [e1] in care\n"
     "next 2026-02-01T00:00Z"},
    {"care placement",
     "2026-02-10T09:00:00Z",
     {"2026-01-02 child_updated 'person_birth_date':'2008-02-01'", "2026-01-05 " STAY("L1", "'rne':'S','place':'U6'"),
      "2026-01-21 child_updated 'person_death_date':'2026-01-20'"},
     "care 2026-01-05T09:00Z - 2026-01-20~ closed by e1 closed e2 [e1]\n"
     "placement L1 2026-01-05T09:00Z - 2026-01-20~ closed by e1 closed e2 [e1] in care\n"
     "next never"},
};
START_TEST(care_and_placements)
{
    tell_row(&care[_i]);
}
END_TEST

/* --- levels of plan */

static const row levels[] = {
    /* up by a plan, down by its end; what one day takes and gives back is no change */
    ROW("level", "2026-09-10T09:00:00Z",
        "level 2026-01-05T09:00Z~ - 2026-01-10T09:00Z replaced CIN by e0 closed e1 [e0]\n"
        "level 2026-01-10T09:00Z~ - 2026-01-20T09:00Z replaced CP up by e1 closed e2 [e1]\n"
        "level 2026-01-20T09:00Z~ - 2026-02-02 fact CIN down by e2 [e2]\n"
        "next never",
        OPEN_CASE, "2026-01-10 plan_started 'plan_id':'P2','plan_type':'CP'", "2026-01-20 plan_ended 'plan_id':'P2'",
        "2026-01-22 plan_started 'plan_id':'P3','plan_type':'CP'", "2026-01-22T12:00 plan_ended 'plan_id':'P3'",
        "2026-02-02 plan_ended 'plan_id':'P1'"),
    ROW("level", "2026-09-10T09:00:00Z",
        "level 2026-01-05T09:00Z~ - 2026-01-10T09:00Z replaced CIN by e0 closed e1 [e0]\n"
        "level 2026-01-10T09:00Z~ - 2026-01-20T09:00Z replaced CLA up by e1 closed e3 [e1]\n"
        "level 2026-01-20T09:00Z~ - open CP down by e3 [e3]\n"
        "next never",
        OPEN_CASE, "2026-01-10 " STAY("L1", "'rne':'S','place':'U6'"),
        "2026-01-12 plan_started 'plan_id':'P2','plan_type':'CP'", "2026-01-20 " ENDED("L1", "'rec':'E3'"),
        "2026-01-20T12:00 plan_started 'plan_id':'P3','plan_type':'CIN'"),
    /* a step down on the day on which a lower plan begins; nothing between; temporary, other plans */
    ROW("level", "2026-09-10T09:00:00Z",
        "level 2026-01-05T09:00Z~ - 2026-01-20T12:00Z replaced CP by e0 closed e2 [e0]\n"
        "level 2026-01-20T12:00Z~ - 2026-01-30 fact CIN down by e2 [e2]\n"
        "level 2026-02-05T09:00Z~ - open CIN by e4 [e4]\n"
        "next never",
        "2026-01-05 plan_started 'plan_id':'P1','plan_type':'CP'", "2026-01-20 plan_ended 'plan_id':'P1'",
        "2026-01-20T12:00 plan_started 'plan_id':'P2','plan_type':'CIN'", "2026-01-30 plan_ended 'plan_id':'P2'",
        "2026-02-05 plan_started 'plan_id':'P3','plan_type':'CIN'"),
    ROW("level", "2026-09-10T09:00:00Z",
        "level 2026-01-07T09:00Z~ - open CIN by e2 [e2]\n"
        "next never",
        "2026-01-05 plan_started 'plan_id':'P1','plan_type':'CP','temporary_ola':'Y'",
        "2026-01-06 plan_started 'plan_id':'P2','plan_type':'PF'",
        "2026-01-07 plan_started 'plan_id':'P3','plan_type':'CIN','temporary_ola':'N'"),
    ROW("level", "2026-09-10T09:00:00Z",
        "level 2026-01-05T09:00Z~ - open CP by e0 [e0]\n"
        "next never",
        "2026-01-05 plan_started 'plan_id':'P1','plan_type':'CP','temporary_ola':'Y'",
        "2026-01-07 plan_changed 'plan_id':'P1','temporary_ola':'N'"),
    ROW("level", "2026-09-10T09:00:00Z",
        "level 2026-01-05T09:00Z~ - 2026-01-10T09:00Z replaced CIN by e1 closed e2 [e1]\n"
        "level 2026-01-10T09:00Z~ - 2026-02-01 fact CP up by e2 [e2]\n"
        "next never",
        "2026-01-02 child_updated 'person_birth_date':'2008-02-01'", OPEN_CASE,
        "2026-01-10 plan_started 'plan_id':'P2','plan_type':'CP'"),
    ROW("level", "2026-01-10T12:00:00Z",
        "level 2026-01-05T09:00Z~ - open CIN by e0 [e0]\n"
        "next never",
        OPEN_CASE, "2026-01-10 plan_started 'plan_id':'P2','plan_type':'CP'",
        "2026-01-10T11:00 plan_ended 'plan_id':'P2'"),
    ROW("level", "2026-01-20T12:00:00Z",
        "level 2026-01-05T09:00Z~ - 2026-01-10T09:00Z replaced CIN by e0 closed e1 [e0]\n"
        "level 2026-01-10T09:00Z~ - 2026-01-20T11:00Z replaced CP up by e1 closed e2 [e1]\n"
        "level 2026-01-20T11:00Z~ - open CIN down by e2 [e2]\n"
        "next never",
        OPEN_CASE, "2026-01-10 plan_started 'plan_id':'P2','plan_type':'CP'",
        "2026-01-20T11:00 plan_ended 'plan_id':'P2','end_date':'2026-01-20'"),
};
START_TEST(level)
{
    tell_row(&levels[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spans_care");
    TCase *tc = tcase_create("tables");
#define ROWS(test, table) tcase_add_loop_test(tc, test, 0, sizeof table / sizeof table[0])
    ROWS(care_and_placements, care);
    ROWS(level, levels);
#undef ROWS
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

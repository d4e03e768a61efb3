// link: dw_config
/* check_rules_placements.c: which visit rule speaks for a placement (domain 2.2), adoption reviews, care leavers, disputes: the
 * shipped rules at the last instant in time and the first instant late. */

#include "tests/support/core_standards.h"

#define VISIT                                                                                                          \
    "'visit_type':'CLA','mode':'F2F','child_seen':'Y','location':'PLACEMENT','by_role':'SW','placement_id':'L1'"

static world *visits_world(void)
{
    return shipped_world_of("LA-01 LA-02 LA-03 LA-04 LA-05 LA-06 LA-07 LA-08 LA-10");
}

static void placed(world *w, const char *body)
{
    char text[256];
    snprintf(text, sizeof text, "'placement_id':'L1','decom':'2026-01-12','rne':'S',%s", body);
    ev(w, "2026-01-12T10:00:00Z", "placement_started", text);
}

/* The first that matches; the first visit under each class, and the one after it. */
static const struct {
    const char *body, *rule, *second;
} classes[] = {
    {"'place':'U6','ls':'C2'", "LA-01", "LA-02 L1 2026-03-02"},
    {"'place':'P1','ls':'V2'", "LA-01", "LA-02 L1 2026-03-02"},
    {"'place':'U6','ls':'C1'", "LA-01", "LA-02 L1 2026-03-02"},
    {"'place':'P1','ls':'C2','reg19':'Y'", "LA-05", "LA-05 L1 2026-01-26"},
    {"'place':'P1','ls':'C1','reg19':'Y'", "LA-06", "LA-06 L1 2026-01-26"},
    {"'place':'U6','ls':'V2','reg24':'Y'", "LA-06", "LA-06 L1 2026-01-26"},
    {"'place':'P1','ls':'C2'", "LA-07", "LA-07 L1 2026-03-02"},
    {"'place':'A3','ls':'E1','reg24':'Y'", "LA-08", "LA-08 L1 2026-01-26"},
    {"'place':'A6','ls':'V3'", "LA-08", "LA-08 L1 2026-01-26"},
};

START_TEST(class_of_placement)
{
    char line[80];
    world *w = visits_world();
    placed(w, classes[_i].body);
    till(w, "2026-01-19T23:59:59Z");
    saw(w, "");
    till(w, "2026-01-20T00:00:00Z");
    snprintf(line, sizeof line, "opened %s L1 2026-01-19 @2026-01-20T00:00Z", classes[_i].rule);
    saw(w, line);
    world_free(w);
    w = visits_world();
    placed(w, classes[_i].body);
    ev(w, "2026-01-19T10:00:00Z", "visit_done", VISIT);
    till(w, "2026-04-30T00:00:00Z");
    size_t len = strlen(classes[_i].second);
    ck_assert_msg(strncmp(w->log + strlen("opened "), classes[_i].second, len) == 0, "%s", w->log);
    world_free(w);
}
END_TEST

/* Short breaks: no clock until somebody agreed how often. */
START_TEST(short_breaks)
{
    world *w = visits_world();
    placed(w, "'place':'U6','ls':'V4'");
    till(w, "2026-06-01T00:00:00Z");
    saw(w, "");
    world_free(w);
    w = visits_world();
    placed(w, "'place':'U6','ls':'V4'");
    ev(w, "2026-01-12T11:00:00Z", "schedule_override",
       "'override_id':'O','rule':'LA-10','from':'2026-01-12','visit_frequency':{'days':56,'unit':'CD'}");
    till(w, "2026-03-09T23:59:59Z");
    saw(w, "");
    till(w, "2026-03-10T00:00:00Z");
    saw(w, "opened LA-10 L1 2026-03-09 @2026-03-10T00:00Z");
    world_free(w);
}
END_TEST

/* To the first review held in this placement weekly; the running interval keeps its date (readings 11). */
static const struct {
    const char *body, *kind, *second, *late;
} reviewed[] = {
    {"'place':'P1','ls':'V2','reg19':'Y'", "CLA", "LA-05 L1 2026-03-09", "2026-03-10T00:00:00Z"},
    {"'place':'P1','ls':'C1'", "CLA", "LA-06 L1 2026-02-23", "2026-02-24T00:00:00Z"},
    {"'place':'A4','ls':'E1'", "ADOPTION", "LA-08 L1 2026-02-02", "2026-02-03T00:00:00Z"}, /* readings 12 */
};

START_TEST(after_the_first_review)
{
    char line[120];
    world *w = visits_world();
    placed(w, reviewed[_i].body);
    ev(w, "2026-01-19T10:00:00Z", "visit_done", VISIT); /* begins a week, + 7 = 26 Jan */
    snprintf(line, sizeof line, "'review_kind':'%s','status':'HELD','held_on':'2026-01-20'", reviewed[_i].kind);
    ev(w, "2026-01-20T10:00:00Z", "plan_review", line);
    till(w, "2026-01-26T23:59:59Z");
    saw(w, "");
    ev(w, "2026-01-26T23:59:59Z", "visit_done", VISIT);
    till(w, reviewed[_i].late);
    snprintf(line, sizeof line, "opened %s @%.16sZ", reviewed[_i].second, reviewed[_i].late);
    saw(w, line);
    world_free(w);
}
END_TEST

/* As decided at the review of an adoptive placement. */
START_TEST(adoption_as_decided)
{
    world *w = visits_world();
    placed(w, "'place':'A3','ls':'E1'");
    ev(w, "2026-01-19T10:00:00Z", "plan_review", "'review_kind':'ADOPTION','status':'HELD','held_on':'2026-01-19'");
    ev(w, "2026-01-19T10:00:00Z", "schedule_override",
       "'override_id':'O','rule':'LA-08','from':'2026-01-19','visit_frequency':{'days':28,'unit':'CD'}");
    ev(w, "2026-01-19T11:00:00Z", "visit_done", VISIT);
    till(w, "2026-02-16T23:59:59Z");
    saw(w, "");
    till(w, "2026-02-17T00:00:00Z");
    saw(w, "opened LA-08 L1 2026-02-16 @2026-02-17T00:00Z");
    world_free(w);
}
END_TEST

/* C1 to C2 at home (readings 13): the old duty is superseded, the new one counts from the change. */
START_TEST(order_made_in_mid_placement)
{
    world *w = visits_world();
    placed(w, "'place':'P1','ls':'C1'");
    till(w, "2026-01-20T00:00:00Z");
    saw(w, "opened LA-06 L1 2026-01-19 @2026-01-20T00:00Z");
    ev(w, "2026-01-21T10:00:00Z", "legal_changed", "'ls':'C2','decom':'2026-01-21'");
    saw(w, "resolved LA-06 L1 2026-01-19 @2026-01-21T10:00Z superseded_overdue");
    till(w, "2026-01-28T23:59:59Z");
    saw(w, "");
    till(w, "2026-01-29T00:00:00Z");
    saw(w, "opened LA-07 L1 2026-01-28 @2026-01-29T00:00Z");
    world_free(w);
}
END_TEST

/* It changes on the due day: cancelled (readings 2). A visit before the change is none of the new class. */
START_TEST(order_made_on_the_due_day)
{
    world *w = visits_world();
    placed(w, "'place':'P1','ls':'C1'");
    ev(w, "2026-01-18T10:00:00Z", "visit_done", VISIT);
    ev(w, "2026-01-25T10:00:00Z", "legal_changed", "'ls':'C2','decom':'2026-01-25'");
    till(w, "2026-02-01T23:59:59Z");
    saw(w, "");
    till(w, "2026-02-02T00:00:00Z");
    saw(w, "opened LA-07 L1 2026-02-01 @2026-02-02T00:00Z");
    world_free(w);
}
END_TEST

/* Back to the ordinary class: in the first week LA-01, later LA-02, after the first year LA-03, each from the change. */
static const struct {
    const char *changed, *expect;
} ordinary[] = {
    {"2026-01-18", "opened LA-01 L1 2026-01-25 @2026-01-26T00:00Z"}, /* the sixth day after */
    {"2026-01-19", "opened LA-02 L1 2026-03-02 @2026-03-03T00:00Z"},
    {"2027-01-11", "opened LA-02 L1 2027-02-22 @2027-02-23T00:00Z"},
    {"2027-01-12", "opened LA-03 L1 2027-02-23 @2027-02-24T00:00Z"},
};

START_TEST(back_to_the_ordinary_class)
{
    char when[40], body[80];
    world *w = visits_world();
    w->only = "LA-01 LA-02 LA-03";
    placed(w, "'place':'P1','ls':'C1'");
    snprintf(when, sizeof when, "%sT00:00:00Z", ordinary[_i].changed);
    snprintf(body, sizeof body, "'ls':'V2','decom':'%s'", ordinary[_i].changed);
    till(w, when);
    saw(w, "");
    ev(w, when, "legal_changed", body);
    till(w, "2027-04-01T00:00:00Z");
    saw(w, ordinary[_i].expect);
    world_free(w);
}
END_TEST

/* What was told about the child before the placement counts in it, too; a short stay elsewhere is no other class. */
START_TEST(status_of_care)
{
    world *w = visits_world();
    ev(w, "2026-01-05T10:00:00Z", "legal_changed", "'ls':'C2','decom':'2026-01-05'");
    placed(w, "'place':'P1'");
    ev(w, "2026-01-14T10:00:00Z", "placement_started",
       "'placement_id':'T1','decom':'2026-01-14','rne':'P','place':'T1','ls':'C2'");
    ev(w, "2026-01-17T10:00:00Z", "placement_ended", "'placement_id':'T1','dec':'2026-01-17','rec':'X1'");
    till(w, "2026-01-20T00:00:00Z");
    saw(w, "opened LA-07 L1 2026-01-19 @2026-01-20T00:00Z");
    world_free(w);
}
END_TEST

/* A stricter frequency of the care plan (domain 2.2, 1). */
START_TEST(agreed_frequency)
{
    world *w = visits_world();
    placed(w, "'place':'U6','ls':'C2'");
    ev(w, "2026-01-12T11:00:00Z", "plan_started",
       "'plan_id':'C','plan_type':'CLA','start_date':'2026-01-12','visit_frequency':{'days':14,'unit':'CD'}");
    ev(w, "2026-01-12T12:00:00Z", "plan_started",
       "'plan_id':'T','plan_type':'CLA','start_date':'2026-01-12','visit_frequency':{'days':7,'unit':'CD'},"
       "'temporary_ola':'Y'"); /* another authority's agrees to nothing here */
    ev(w, "2026-01-19T10:00:00Z", "visit_done", VISIT);
    till(w, "2026-02-02T23:59:59Z");
    saw(w, "");
    till(w, "2026-02-03T00:00:00Z");
    saw(w, "opened LA-02 L1 2026-02-02 @2026-02-03T00:00Z");
    world_free(w);
}
END_TEST

/* --- elections (domain 4.4): both clocks, or that of the side which the authority elects */

static const struct {
    const char *local, *first, *after;
} elections[] = {
    {"", "opened LA-01 L1 2026-01-19 @2026-01-20T00:00Z\nopened CP-07 P1 2026-01-26 @2026-01-27T00:00Z",
     "resolved CP-07 P1 2026-01-26 @2026-02-02T10:00Z superseded_overdue"},
    {"elections: {cp_or_cla: both}\n",
     "opened LA-01 L1 2026-01-19 @2026-01-20T00:00Z\nopened CP-07 P1 2026-01-26 @2026-01-27T00:00Z",
     "resolved CP-07 P1 2026-01-26 @2026-02-02T10:00Z superseded_overdue"},
    {"elections: {cp_or_cla: {side: cp, loosens: agreed}}\n", "opened CP-07 P1 2026-01-26 @2026-01-27T00:00Z",
     "resolved CP-07 P1 2026-01-26 @2026-02-02T10:00Z superseded_overdue\n"
     "opened LA-01 L1 2026-01-19 @2026-02-02T10:00Z"},
    {"elections: {cp_or_cla: {side: cla}}\n", "opened LA-01 L1 2026-01-19 @2026-01-20T00:00Z", ""},
};

START_TEST(both_clocks_or_one)
{
    world *w = shipped_world_with("CP-07 LA-01 LA-02", elections[_i].local);
    placed(w, "'place':'U6','ls':'C2'");
    ev(w, "2026-01-12T11:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP','cpp_start_date':'2026-01-12'");
    till(w, "2026-02-01T00:00:00Z");
    saw(w, elections[_i].first);
    ev(w, "2026-02-02T10:00:00Z", "plan_ended", "'plan_id':'P1','cpp_end_date':'2026-02-02'");
    till(w, "2026-02-03T00:00:00Z");
    saw(w, elections[_i].after);
    world_free(w);
}
END_TEST

/* --- adoption reviews */

START_TEST(adoption_reviews)
{
    world *w = shipped_world_of("LA-16");
    ev(w, "2025-12-01T10:00:00Z", "placement_started",
       "'placement_id':'L0','decom':'2025-12-01','rne':'S','place':'U6','ls':'C1'");
    ev(w, "2026-01-12T10:00:00Z", "legal_changed", "'ls':'E1','decom':'2026-01-12'"); /* + 3 months = 12 Apr */
    till(w, "2026-04-12T22:59:59Z");
    saw(w, "");
    till(w, "2026-04-12T23:00:00Z");
    saw(w, "opened LA-16 - 2026-04-12 @2026-04-12T23:00Z");
    ev(w, "2026-04-20T10:00:00Z", "plan_review", "'review_kind':'ADOPTION','status':'HELD'");
    saw(w, "resolved LA-16 - 2026-04-12 @2026-04-20T10:00Z done_late");
    ev(w, "2026-05-04T10:00:00Z", "placement_started",
       "'placement_id':'L1','decom':'2026-05-04','rne':'P','place':'A3','ls':'E1'"); /* + 28 = 1 Jun */
    till(w, "2026-06-01T22:59:59Z");
    saw(w, "");
    ev(w, "2026-06-01T22:59:59Z", "plan_review", "'review_kind':'ADOPTION','status':'HELD'"); /* 3 months: 1 Sep */
    till(w, "2026-09-01T22:59:59Z");
    saw(w, "");
    till(w, "2026-09-01T23:00:00Z");
    saw(w, "opened LA-16 L1 2026-09-01 @2026-09-01T23:00Z");
    ev(w, "2026-09-02T10:00:00Z", "plan_review", "'review_kind':'ADOPTION','status':'HELD'"); /* 6 months: 2 Mar */
    saw(w, "resolved LA-16 L1 2026-09-01 @2026-09-02T10:00Z done_late");
    till(w, "2027-03-02T23:59:59Z");
    saw(w, "");
    till(w, "2027-03-03T00:00:00Z");
    saw(w, "opened LA-16 L1 2027-03-02 @2027-03-03T00:00Z g2");
    world_free(w);
}
END_TEST

/* An adoptive placement that ended: authority to place, from its end on. */
START_TEST(adoptive_placement_ended)
{
    world *w = shipped_world_of("LA-16");
    ev(w, "2026-01-12T10:00:00Z", "placement_started",
       "'placement_id':'L1','decom':'2026-01-12','rne':'S','place':'A5','ls':'E1'");
    ev(w, "2026-01-20T10:00:00Z", "placement_ended", "'placement_id':'L1','dec':'2026-01-20','rec':'X1'");
    till(w, "2026-04-20T22:59:59Z");
    saw(w, "");
    till(w, "2026-04-20T23:00:00Z");
    saw(w, "opened LA-16 - 2026-04-20 @2026-04-20T23:00Z");
    world_free(w);
}
END_TEST

/* --- care leavers: once care has ended (readings 17) */

#define PA_VISIT "'visit_type':'PA','mode':'F2F','child_seen':'Y'"

static world *leaver(void)
{
    world *w = shipped_world_of("CL-01 CL-02");
    ev(w, "2025-10-01T10:00:00Z", "placement_started",
       "'placement_id':'L1','decom':'2025-10-01','rne':'S','place':'H5','ls':'V2'");
    ev(w, "2025-10-01T10:00:00Z", "plan_started", "'plan_id':'W','plan_type':'PATHWAY','start_date':'2025-10-01'");
    return w;
}

START_TEST(contact_after_care)
{
    world *w = leaver();
    till(w, "2026-01-12T09:00:00Z");
    saw(w, "");
    ev(w, "2026-01-12T10:00:00Z", "placement_ended", "'placement_id':'L1','dec':'2026-01-12','rec':'E5'"); /* + 56 */
    till(w, "2026-03-09T23:59:59Z");
    saw(w, "");
    till(w, "2026-03-10T00:00:00Z");
    saw(w, "opened CL-02 W 2026-03-09 @2026-03-10T00:00Z");
    ev(w, "2026-03-10T10:00:00Z", "pa_contact", "'in_touch':'NO','contacted_on':'2026-03-10'");
    saw(w, "");
    ev(w, "2026-03-11T10:00:00Z", "pa_contact", "'in_touch':'YES','mode':'PHONE','contacted_on':'2026-03-11'");
    saw(w, "resolved CL-02 W 2026-03-09 @2026-03-11T10:00Z done_late");
    ev(w, "2026-04-01T10:00:00Z", "pa_contact", "'in_touch':'DIED','contacted_on':'2026-04-01'");
    till(w, "2027-01-01T00:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

/* Back in care it stops, and it counts anew from the end of that. */
START_TEST(contact_and_care_again)
{
    world *w = leaver();
    ev(w, "2026-01-12T10:00:00Z", "placement_ended", "'placement_id':'L1','dec':'2026-01-12','rec':'E5'");
    ev(w, "2026-03-01T10:00:00Z", "placement_started",
       "'placement_id':'L2','decom':'2026-03-01','rne':'S','place':'H5','ls':'V2'");
    till(w, "2026-06-01T00:00:00Z");
    saw(w, "");
    ev(w, "2026-06-01T10:00:00Z", "placement_ended", "'placement_id':'L2','dec':'2026-06-01','rec':'E5'");
    till(w, "2026-07-27T22:59:59Z");
    saw(w, "");
    till(w, "2026-07-27T23:00:00Z");
    saw(w, "opened CL-02 W 2026-07-27 @2026-07-27T23:00Z");
    world_free(w);
}
END_TEST

START_TEST(visit_to_accommodation)
{
    world *w = leaver();
    w->only = "CL-01";
    ev(w, "2026-01-12T10:00:00Z", "placement_ended", "'placement_id':'L1','dec':'2026-01-12','rec':'E5'");
    ev(w, "2026-01-13T10:00:00Z", "accommodation_provided",
       "'accommodation_id':'F','provided_on':'2026-01-13','provided_by_la':'N'"); /* not theirs */
    ev(w, "2026-01-14T10:00:00Z", "accommodation_provided",
       "'accommodation_id':'A','provided_on':'2026-01-14','provided_by_la':'Y'");
    till(w, "2026-01-21T23:59:59Z");
    saw(w, "");
    till(w, "2026-01-22T00:00:00Z");
    saw(w, "opened CL-01 - 2026-01-21 @2026-01-22T00:00Z");
    w->only = "CL-01 CL-02";
    ev(w, "2026-01-23T10:00:00Z", "visit_done", PA_VISIT); /* + 2 months = 23 Mar */
    saw(w, "resolved CL-01 - 2026-01-21 @2026-01-23T10:00Z done_late");
    ev(w, "2026-02-23T10:00:00Z", "pa_contact", "'in_touch':'YES','mode':'PHONE','contacted_on':'2026-02-23'");
    till(w, "2026-03-23T23:59:59Z");
    saw(w, "");
    till(w, "2026-03-24T00:00:00Z");
    saw(w, "opened CL-02 - 2026-03-23 @2026-03-24T00:00Z");
    world_free(w);
}
END_TEST

/* --- disputes */

START_TEST(officer_in_dispute)
{
    world *w = shipped_world_of("ES-01 ES-02"); /* Monday 12 Jan + 20 working days = 9 Feb */
    ev(w, "2026-01-12T10:00:00Z", "dispute_step", "'dispute_id':'D','kind':'IRO','step':'OPENED'");
    ev(w, "2026-01-20T10:00:00Z", "dispute_step", "'dispute_id':'D','step':'STAGE_3'");
    till(w, "2026-02-09T23:59:59Z");
    saw(w, "");
    till(w, "2026-02-10T00:00:00Z");
    saw(w, "opened ES-01 - 2026-02-09 @2026-02-10T00:00Z");
    ev(w, "2026-02-10T10:00:00Z", "dispute_step", "'dispute_id':'D','step':'CAFCASS'");
    saw(w, "");
    ev(w, "2026-02-11T10:00:00Z", "dispute_step", "'dispute_id':'D','step':'RESOLVED'");
    saw(w, "resolved ES-01 - 2026-02-09 @2026-02-11T10:00Z done_late");
    world_free(w);
}
END_TEST

START_TEST(stages_of_a_chair)
{
    world *w = shipped_world_of("ES-01 ES-02"); /* + 5 working days = Monday 19 Jan */
    ev(w, "2026-01-12T10:00:00Z", "dispute_step", "'dispute_id':'D','kind':'CHAIR','step':'OPENED'");
    till(w, "2026-01-19T23:59:59Z");
    saw(w, "");
    till(w, "2026-01-20T00:00:00Z");
    saw(w, "opened ES-02 - 2026-01-19 @2026-01-20T00:00Z");
    ev(w, "2026-01-20T10:00:00Z", "dispute_step", "'dispute_id':'D','kind':'CHAIR','step':'STAGE_2'");
    saw(w, "resolved ES-02 - 2026-01-19 @2026-01-20T10:00Z done_late");
    till(w, "2026-01-28T00:00:00Z");
    saw(w, "opened ES-02 - 2026-01-27 @2026-01-28T00:00Z g2");
    ev(w, "2026-01-28T10:00:00Z", "dispute_step", "'dispute_id':'D','kind':'CHAIR','step':'WITHDRAWN'");
    saw(w, "resolved ES-02 - 2026-01-27 @2026-01-28T10:00Z g2 superseded_overdue");
    world_free(w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rules_placements");
    TCase *cases = tcase_create("placements");
    tcase_add_loop_test(cases, class_of_placement, 0, sizeof classes / sizeof classes[0]);
    tcase_add_test(cases, short_breaks);
    tcase_add_loop_test(cases, after_the_first_review, 0, sizeof reviewed / sizeof reviewed[0]);
    tcase_add_test(cases, adoption_as_decided);
    tcase_add_test(cases, order_made_in_mid_placement);
    tcase_add_test(cases, order_made_on_the_due_day);
    tcase_add_loop_test(cases, back_to_the_ordinary_class, 0, sizeof ordinary / sizeof ordinary[0]);
    tcase_add_test(cases, status_of_care);
    tcase_add_test(cases, agreed_frequency);
    tcase_add_loop_test(cases, both_clocks_or_one, 0, sizeof elections / sizeof elections[0]);
    tcase_add_test(cases, adoption_reviews);
    tcase_add_test(cases, adoptive_placement_ended);
    tcase_add_test(cases, contact_after_care);
    tcase_add_test(cases, contact_and_care_again);
    tcase_add_test(cases, visit_to_accommodation);
    tcase_add_test(cases, officer_in_dispute);
    tcase_add_test(cases, stages_of_a_chair);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

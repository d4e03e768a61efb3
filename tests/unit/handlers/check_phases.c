/* check_phases.c: the parts of a span for which a rule speaks, on invented rules. */

#include "tests/unit/handlers/small_policy.h"

/* A visit every 10 working days in a placement at home; others change the conditions. */
static dw_rule *at_home(dw_policy *policy)
{
    dw_rule *rule = add_visits(policy, "ZZ-1");
    rule->over.family = DW_SPAN_PLACEMENT;
    rule->over.where = pred_value(policy, DW_PRED_IN, "ls", DW_V_LEGAL_STATUS_C2);
    rule->evidence[0].link = field_ref(policy, "placement_id");
    rule->limits[0] = (dw_limit){.n = 7, .unit = DW_UNIT_DAYS};
    rule->calendar = DW_CAL_CALENDAR;
    return rule;
}

static world *world_of(dw_policy *policy)
{
    small_policy_seal(policy);
    return world_new(policy);
}

static void placed(world *w, const char *ls)
{
    char body[120];
    snprintf(body, sizeof body, "'placement_id':'L1','decom':'2026-01-12','rne':'S','place':'P1','ls':'%s'", ls);
    ev(w, "2026-01-12T10:00:00Z", "placement_started", body);
}

static void legal(world *w, const char *day, const char *ls)
{
    char when[40], body[80];
    snprintf(when, sizeof when, "%sT00:00:00Z", day);
    snprintf(body, sizeof body, "'ls':'%s','decom':'%s'", ls, day);
    ev(w, when, "legal_changed", body);
}

/* Without phases the condition of today is that of the whole span; with them the duty counts from the change. */
static const char *const from_the_change[] = {"opened ZZ-1 L1 2026-01-19 @2026-02-01T00:00Z",
                                              "opened ZZ-1 L1 2026-02-08 @2026-02-09T00:00Z"};
START_TEST(counts_from_the_change)
{
    dw_policy *policy = small_policy_open(1);
    at_home(policy)->phases = _i == 1;
    world *w = world_of(policy);
    placed(w, "V2");
    legal(w, "2026-02-01", "C2");
    till(w, "2026-02-20T00:00:00Z");
    saw(w, from_the_change[_i]);
    world_free(w);
}
END_TEST

/* It ends, and comes back: two phases of one subject. What one day takes and gives back is no change. */
START_TEST(comes_back)
{
    dw_policy *policy = small_policy_open(1);
    at_home(policy)->phases = true;
    world *w = world_of(policy);
    placed(w, "C2");
    till(w, "2026-01-20T00:00:00Z");
    saw(w, "opened ZZ-1 L1 2026-01-19 @2026-01-20T00:00Z");
    legal(w, "2026-01-21", "V2");
    saw(w, "resolved ZZ-1 L1 2026-01-19 @2026-01-21T00:00Z superseded_overdue");
    legal(w, "2026-01-26", "C2");
    ev(w, "2026-01-28T09:00:00Z", "legal_changed", "'ls':'V2'");
    ev(w, "2026-01-28T09:30:00Z", "legal_changed", "'ls':'C2'");
    till(w, "2026-02-02T23:59:59Z");
    saw(w, "");
    till(w, "2026-02-03T00:00:00Z");
    saw(w, "opened ZZ-1 L1 2026-02-02 @2026-02-03T00:00Z g2");
    world_free(w);
}
END_TEST

/* Outside another span: before it, and from its end on. */
START_TEST(outside_a_plan)
{
    dw_policy *policy = small_policy_open(1);
    dw_rule *rule = at_home(policy);
    rule->phases = true;
    rule->over.where = NULL;
    rule->outside[0].family = DW_SPAN_PLAN;
    rule->outside[0].where = pred_value(policy, DW_PRED_IN, "plan_type", DW_V_PLAN_TYPE_CP);
    rule->outside_count = 1;
    world *w = world_of(policy);
    placed(w, "C2");
    ev(w, "2026-01-15T10:00:00Z", "plan_started", "'plan_id':'N','plan_type':'CIN','cin_plan_start_date':'2026-01-15'");
    ev(w, "2026-01-19T10:00:00Z", "plan_started", "'plan_id':'P','plan_type':'CP','cpp_start_date':'2026-01-19'");
    till(w, "2026-02-10T00:00:00Z");
    saw(w, "");
    ev(w, "2026-02-10T10:00:00Z", "plan_ended", "'plan_id':'P','cpp_end_date':'2026-02-10'");
    till(w, "2026-02-17T23:59:59Z");
    saw(w, "");
    till(w, "2026-02-18T00:00:00Z");
    saw(w, "opened ZZ-1 L1 2026-02-17 @2026-02-18T00:00Z");
    world_free(w);
}
END_TEST

/* A band in days counts from the start of the whole; from_start after so many days likewise. */
static const struct {
    const char *day, *expect;
} late_enough[] = {{"2026-01-21", ""}, {"2026-01-22", "opened ZZ-1 L1 2026-01-29 @2026-01-30T00:00Z"}};
START_TEST(from_start_after)
{
    dw_policy *policy = small_policy_open(1);
    dw_rule *rule = at_home(policy);
    rule->phases = true;
    rule->from_start_days = 10;
    world *w = world_of(policy);
    placed(w, "V2");
    legal(w, late_enough[_i].day, "C2");
    till(w, "2026-02-20T00:00:00Z");
    saw(w, late_enough[_i].expect);
    world_free(w);
}
END_TEST

static const struct {
    const char *day, *expect;
} early_enough[] = {{"2026-01-21", "opened ZZ-1 L1 2026-01-28 @2026-01-29T00:00Z"}, {"2026-01-22", ""}};
START_TEST(band_in_days)
{
    dw_policy *policy = small_policy_open(1);
    dw_rule *rule = at_home(policy);
    rule->kind = DW_RULE_DEADLINE;
    rule->phases = true;
    rule->has_band = true;
    rule->band_until_days = 10;
    world *w = world_of(policy);
    placed(w, "V2");
    legal(w, early_enough[_i].day, "C2");
    till(w, "2026-02-20T00:00:00Z");
    saw(w, early_enough[_i].expect);
    world_free(w);
}
END_TEST

/* A duration of a phase, too. */
START_TEST(duration_of_a_phase)
{
    dw_policy *policy = small_policy_open(1);
    dw_rule *rule = at_home(policy);
    rule->kind = DW_RULE_DURATION;
    rule->phases = true;
    world *w = world_of(policy);
    placed(w, "V2");
    legal(w, "2026-02-01", "C2");
    till(w, "2026-02-09T00:00:00Z");
    saw(w, "opened ZZ-1 L1 2026-02-08 @2026-02-09T00:00Z");
    legal(w, "2026-02-10", "V2");
    saw(w, "resolved ZZ-1 L1 2026-02-08 @2026-02-10T00:00Z superseded_overdue");
    world_free(w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("phases");
    TCase *cases = tcase_create("phases");
    tcase_add_loop_test(cases, counts_from_the_change, 0, 2);
    tcase_add_test(cases, comes_back);
    tcase_add_test(cases, outside_a_plan);
    tcase_add_loop_test(cases, from_start_after, 0, 2);
    tcase_add_loop_test(cases, band_in_days, 0, 2);
    tcase_add_test(cases, duration_of_a_phase);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

/* check_policy.c: building, sealing and reading a policy; conditions. */

#include "tests/unit/handlers/small_policy.h"

static dw_errc seal_text(dw_policy *policy, char text[DW_ERROR_TEXT_MAX])
{
    dw_error err = {0};
    dw_errc code = dw_policy_seal(policy, &err);
    snprintf(text, DW_ERROR_TEXT_MAX, "%s", err.text);
    return code;
}

START_TEST(rules_are_sorted_and_found)
{
    dw_policy *policy = small_policy_open(1);
    add_visits(policy, "ZZ-1");
    add_visits(policy, "AA-1");
    add_visits(policy, "MM-1");
    small_policy_seal(policy);
    ck_assert_uint_eq(dw_policy_rule_count(policy), 3);
    ck_assert(dw_str_eq(dw_policy_rule(policy, 0)->id, DW_STR_LIT("AA-1")));
    ck_assert_uint_eq(dw_policy_find_rule(policy, DW_STR_LIT("ZZ-1"))->index, 2);
    ck_assert_ptr_null(dw_policy_find_rule(policy, DW_STR_LIT("ZZ-2")));
    dw_policy *shared = dw_policy_ref(policy);
    dw_policy_unref(&policy);
    ck_assert_ptr_null(policy);
    ck_assert_uint_eq(dw_policy_number(shared), 1);
    dw_policy_unref(&shared);
}
END_TEST

static void no_limit(dw_rule *rule)
{
    rule->limit_count = 0;
}
static void no_evidence(dw_rule *rule)
{
    rule->evidence_count = 0;
}
static void hours(dw_rule *rule)
{
    rule->limits[0].unit = DW_UNIT_HOURS;
}
static void no_priority(dw_rule *rule)
{
    rule->priority = DW_P_NONE;
}
static void no_id(dw_rule *rule)
{
    rule->id = (dw_str){NULL, 0};
}
static void none_is_no_count(dw_rule *rule)
{
    rule->kind = DW_RULE_COUNT;
    rule->threshold = 0;
    rule->window_n = 10;
}
static void flag_of_facts(dw_rule *rule)
{
    rule->kind = DW_RULE_COUNT;
    rule->threshold = 2;
    rule->window_n = 10;
    rule->until = DW_UNTIL_FLAG;
}
static void stall_of_nothing(dw_rule *rule)
{
    rule->kind = DW_RULE_STALL;
}
static void asks_the_child(dw_rule *rule)
{
    rule->over.family = DW_SPAN_CHILD;
}
static void lost_anchor(dw_rule *rule)
{
    rule->kind = DW_RULE_DEADLINE;
    rule->anchor = DW_ANCHOR_CROSSING;
    rule->anchor_rule_id = DW_STR_LIT("NO-1");
}

static const struct {
    void (*spoil)(dw_rule *rule);
    const char *says;
} faults[] = {
    {no_limit, "no limit"},
    {no_evidence, "no evidence"},
    {hours, "hours"},
    {no_priority, "priority"},
    {no_id, "id"},
    {none_is_no_count, "threshold"},
    {flag_of_facts, "flag"},
    {stall_of_nothing, "stall"},
    {asks_the_child, "condition on the child"},
    {lost_anchor, "count rule"},
};

START_TEST(seal_refuses)
{
    char text[DW_ERROR_TEXT_MAX];
    dw_policy *policy = small_policy_open(1);
    faults[_i].spoil(add_visits(policy, "CP-07"));
    ck_assert_int_eq(seal_text(policy, text), DW_E_CONFIG);
    ck_assert_msg(strstr(text, faults[_i].says) != NULL, "%s", text);
    dw_policy_unref(&policy);
}
END_TEST

START_TEST(seal_refuses_twins)
{
    char text[DW_ERROR_TEXT_MAX];
    dw_policy *policy = small_policy_open(1);
    add_visits(policy, "CP-07");
    add_visits(policy, "CP-07");
    ck_assert_int_eq(seal_text(policy, text), DW_E_CONFIG);
    ck_assert_ptr_nonnull(strstr(text, "twice"));
    dw_policy_unref(&policy);
}
END_TEST

START_TEST(posts)
{
    dw_policy *policy = small_policy_open(1);
    small_policy_seal(policy);
    bool vacant = true;
    dw_str post = dw_policy_post(policy, DW_STR_LIT("team-1"), 0, &vacant);
    ck_assert(dw_str_eq(post, DW_STR_LIT("t1-sw")) && !vacant);
    post = dw_policy_post(policy, DW_STR_LIT("team-2"), 1, &vacant);
    ck_assert(dw_str_eq(post, DW_STR_LIT("t2-tm")) && vacant);
    post = dw_policy_post(policy, DW_STR_LIT("team-2"), 3, &vacant); /* the line leaves it out */
    ck_assert(dw_str_eq(post, DW_STR_LIT("ad")) && !vacant);
    post = dw_policy_post(policy, DW_STR_LIT("team-9"), 2, &vacant);
    ck_assert(dw_str_eq(post, DW_STR_LIT("sm")));
    post = dw_policy_post(policy, (dw_str){NULL, 0}, 4, NULL);
    ck_assert(dw_str_eq(post, DW_STR_LIT("dir")));
    dw_policy_unref(&policy);
    policy = dw_policy_new(1 << 20); /* nobody at all */
    post = dw_policy_post(policy, DW_STR_LIT("team-9"), 2, &vacant);
    ck_assert(dw_str_eq(post, DW_STR_LIT("team-9")));
    post = dw_policy_post(policy, (dw_str){NULL, 0}, 2, &vacant);
    ck_assert(dw_str_eq(post, DW_STR_LIT("unassigned")));
    dw_policy_unref(&policy);
}
END_TEST

START_TEST(lookbacks)
{
    dw_policy *policy = small_policy_open(1);
    add_visits(policy, "CP-07");
    dw_rule *rule = add_episodes(policy, "MI-03");
    rule->window_n = 90;
    small_policy_seal(policy);
    ck_assert_int_eq(dw_policy_lookback_days(policy, DW_EV_VISIT_DONE), DW_FOLD_DAYS_MIN);
    ck_assert_int_eq(dw_policy_lookback_days(policy, DW_EV_MISSING_EPISODE), DW_FOLD_DAYS_MIN + 91);
    dw_policy_unref(&policy);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("policy");
    TCase *cases = tcase_create("policy");
    tcase_add_test(cases, rules_are_sorted_and_found);
    tcase_add_loop_test(cases, seal_refuses, 0, sizeof faults / sizeof faults[0]);
    tcase_add_test(cases, seal_refuses_twins);
    tcase_add_test(cases, posts);
    tcase_add_test(cases, lookbacks);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

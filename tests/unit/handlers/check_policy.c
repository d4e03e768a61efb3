/* check_policy.c: building and sealing a policy; conditions. */

#include "tests/support/core_policy.h"

START_TEST(rules_are_sorted_and_found)
{
    policy = small_policy_open(1);
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

/* --- sealing refuses what the evaluator could not take, and nothing else */

/* A count of episodes, in place of the visits. */
static void count(void)
{
    rule->kind = DW_RULE_COUNT;
    rule->over = (dw_span_selector){.family = DW_SPAN_EPISODE};
    rule->evidence_count = rule->limit_count = 0;
    rule->count_spans = true;
    rule->threshold = 3;
    rule->window_n = 90;
    rule->until = DW_UNTIL_ANSWERED;
    rule->answer[0].type = DW_EV_MEETING_HELD;
    rule->answer_count = 1;
}

static void count_facts(void)
{
    count();
    rule->count_spans = false;
    rule->evidence_count = 1;
    rule->answer_clears = true;
}

#define ROW(name, says, ...)                                                                                           \
    static void name(void)                                                                                             \
    {                                                                                                                  \
        __VA_ARGS__;                                                                                                   \
    }
#define TOO_MANY "rule CP-07: it has too many clauses"
#define TARGET                                                                                                         \
    "rule CP-07: a supplied target date is a field of a span's records, and another one than the due date is flagged"
#define ON_CHILD "rule CP-07: it puts a condition on the child; name a plan, care or placement"
#define NO_LIMIT "rule CP-07: it has no limit"
#define NO_EVIDENCE "rule CP-07: it has no evidence"
#define STALL "rule CP-07: a stall needs reviews and fields"
#define HOURS "rule CP-07: only a deadline can count hours"
#define RANGE "rule CP-07: a limit is out of range"
#define ID "rule : its id is not 1 to 16 bytes long"
#define NEEDS "rule CP-07: a count needs a threshold and a window"
#define MARKS "rule CP-07: a flag, or a count until the end of a span, counts spans and no different values"
#define FROM_END "rule CP-07: from the end, and what went before, is for flags and counts until the end of a span"
#define CLEARS "rule CP-07: a count of events, or of different values, is answered by what clears it"
#define WITHIN "rule CP-07: spans, flags and counts until the end of a span are not counted within a span"
#define ANCHOR "rule CP-07: its anchor is not a count rule that lasts until answered"
#define OVER "rule CP-07: only a deadline over the child follows missed duties"
#define NOTHING "rule CP-07: nothing follows a missed AA-1: it is no duty with limits of its own"
#define PARTS "the parts of a rule do not follow each other, or differ in priority"
/* name, what is said ("" = it is sealed), what is done to the rule */
#define ROWS(X)                                                                                                        \
    X(as_it_is, "", (void)0)                                                                                           \
    X(no_id, ID, rule->id = (dw_str){NULL, 0})                                                                         \
    X(id_of_16, "", rule->id = DW_STR_LIT("ABCDEFGH-1234567"))                                                         \
    X(id_of_17, "rule ABCDEFGH-12345678: its id is not 1 to 16 bytes long",                                            \
      rule->id = DW_STR_LIT("ABCDEFGH-12345678"))                                                                      \
    X(no_priority, "rule CP-07: it has no priority", rule->priority = DW_P_NONE)                                       \
    X(first_priority, "", rule->priority = DW_P1)                                                                      \
    X(last_priority, "", rule->priority = DW_P3)                                                                       \
    X(odd_priority, "rule CP-07: it has no priority", rule->priority = (dw_priority)(DW_P3 + 1))                       \
    X(rests_fit, "", rule->rest_count = DW_RULE_RESTS_MAX)                                                             \
    X(rests, TOO_MANY, rule->rest_count = DW_RULE_RESTS_MAX + 1)                                                       \
    X(after_rest_fits, "", rule->after_rest_count = DW_RULE_CLAUSES_MAX)                                               \
    X(after_rest, TOO_MANY, rule->after_rest_count = DW_RULE_CLAUSES_MAX + 1)                                          \
    X(evidence_fits, "", rule->evidence_count = DW_RULE_CLAUSES_MAX)                                                   \
    X(evidence, TOO_MANY, rule->evidence_count = DW_RULE_CLAUSES_MAX + 1)                                              \
    X(answers_fit, "", rule->answer_count = DW_RULE_CLAUSES_MAX)                                                       \
    X(answers, TOO_MANY, rule->answer_count = DW_RULE_CLAUSES_MAX + 1)                                                 \
    X(limits_fit, "", rule->limit_count = DW_RULE_LIMITS_MAX)                                                          \
    X(limits, TOO_MANY, rule->limit_count = DW_RULE_LIMITS_MAX + 1)                                                    \
    X(same_fits, "", rule->same_count = DW_RULE_SAME_MAX)                                                              \
    X(same, TOO_MANY, rule->same_count = DW_RULE_SAME_MAX + 1)                                                         \
    X(climbs_fit, "", rule->climb_count = DW_RULE_CLIMBS_MAX)                                                          \
    X(climbs, TOO_MANY, rule->climb_count = DW_RULE_CLIMBS_MAX + 1)                                                    \
    X(anchors_fit, "", rule->anchor_count = DW_RULE_ANCHORS_MAX)                                                       \
    X(anchors, TOO_MANY, rule->anchor_count = DW_RULE_ANCHORS_MAX + 1)                                                 \
    X(frequencies_fit, "", rule->frequency_count = DW_RULE_FREQUENCIES_MAX)                                            \
    X(frequencies, TOO_MANY, rule->frequency_count = DW_RULE_FREQUENCIES_MAX + 1)                                      \
    X(worsens_fit, "", rule->worsens_count = DW_RULE_WORSENS_MAX)                                                      \
    X(worsens, TOO_MANY, rule->worsens_count = DW_RULE_WORSENS_MAX + 1)                                                \
    X(inside_fits, "", rule->ended_inside_count = DW_RULE_INSIDE_MAX)                                                  \
    X(inside, TOO_MANY, rule->ended_inside_count = DW_RULE_INSIDE_MAX + 1)                                             \
    X(outside_fits, "", rule->outside_count = DW_RULE_OUTSIDE_MAX)                                                     \
    X(outside, TOO_MANY, rule->outside_count = DW_RULE_OUTSIDE_MAX + 1)                                                \
    X(last_part, PARTS, rule->part = DW_RULE_PARTS_MAX - 1)                                                            \
    X(parts, TOO_MANY, rule->part = DW_RULE_PARTS_MAX)                                                                 \
    X(two_parts, "", add_visits(policy, "CP-07")->part = 1)                                                            \
    X(parts_with_a_gap, PARTS, add_visits(policy, "CP-07")->part = 2)                                                  \
    X(parts_of_two_priorities, PARTS, dw_rule *other = add_visits(policy, "CP-07"); other->part = 1;                   \
      other->priority = DW_P1)                                                                                         \
    X(a_part_too_low, PARTS, rule->part = 1)                                                                           \
    X(twins, "rule CP-07 stands twice", add_visits(policy, "CP-07"))                                                   \
    X(no_limit, NO_LIMIT, rule->limit_count = 0)                                                                       \
    X(no_limit_deadline, NO_LIMIT, rule->kind = DW_RULE_DEADLINE; rule->limit_count = 0)                               \
    X(no_limit_duration, NO_LIMIT, rule->kind = DW_RULE_DURATION; rule->limit_count = 0)                               \
    X(no_limit_silence, NO_LIMIT, rule->kind = DW_RULE_SILENCE; rule->limit_count = 0)                                 \
    X(limit_below_zero, RANGE, rule->limits[0].n = -1)                                                                 \
    X(limit_of_zero, "", rule->limits[0].n = 0)                                                                        \
    X(limit_of_a_century, "", rule->limits[0].n = 36600)                                                               \
    X(limit_of_more, RANGE, rule->limits[0].n = 36601)                                                                 \
    X(second_limit, RANGE, rule->limits[1].n = -1; rule->limit_count = 2)                                              \
    X(hours, HOURS, rule->limits[0].unit = DW_UNIT_HOURS)                                                              \
    X(hours_of_a_deadline, "", rule->limits[0].unit = DW_UNIT_HOURS; rule->kind = DW_RULE_DEADLINE)                    \
    X(no_evidence, NO_EVIDENCE, rule->evidence_count = 0)                                                              \
    X(no_evidence_deadline, NO_EVIDENCE, rule->evidence_count = 0; rule->kind = DW_RULE_DEADLINE)                      \
    X(met_by_the_end, "", rule->evidence_count = 0; rule->kind = DW_RULE_DEADLINE; rule->met_by = DW_MET_BY_END)       \
    X(duration_of_nothing, "", rule->evidence_count = 0; rule->kind = DW_RULE_DURATION)                                \
    X(silence, "", rule->evidence_count = 0; rule->kind = DW_RULE_SILENCE)                                             \
    X(target_told, "", to_target())                                                                                    \
    X(target_of_nothing, TARGET, to_target(); rule->target = NULL)                                                     \
    X(target_that_alerts, TARGET, to_target(); rule->raises = DW_RAISES_ALERT)                                         \
    X(target_of_each, TARGET, to_target(); rule->over = each_where())                                                  \
    X(stall, "", rule->kind = DW_RULE_STALL; rule->limit_count = 0; rule->same_count = 1)                              \
    X(stall_of_nothing, STALL, rule->kind = DW_RULE_STALL)                                                             \
    X(stall_of_no_reviews, STALL, rule->kind = DW_RULE_STALL; rule->evidence_count = 0; rule->same_count = 1)          \
    X(over_child, ON_CHILD, rule->over = child_where())                                                                \
    X(over_any_child, "", rule->over = of_child)                                                                       \
    X(over_each, "", rule->over = each_where())                                                                        \
    X(when_of_child, ON_CHILD, rule->limits[0].when = rule->over.where; rule->over = of_child)                         \
    X(when_of_plan, "", rule->limits[0].when = rule->over.where)                                                       \
    X(when_of_each, "", rule->limits[0].when = rule->over.where; rule->over = each_where())                            \
    X(outside_child, ON_CHILD, rule->outside[0] = child_where(); rule->outside_count = 1)                              \
    X(outside_second_child, ON_CHILD, rule->outside[0] = plan_where(); rule->outside[1] = child_where();               \
      rule->outside_count = 2)                                                                                         \
    X(outside_first_child, ON_CHILD, rule->outside[1] = plan_where(); rule->outside[0] = child_where();                \
      rule->outside_count = 2)                                                                                         \
    X(outside_any_child, "", rule->outside[0] = of_child; rule->outside_count = 1)                                     \
    X(outside_plan, "", rule->outside[0] = plan_where(); rule->outside_count = 1)                                      \
    X(rests_child, ON_CHILD, rule->rests[0] = child_where(); rule->rest_count = 1)                                     \
    X(rests_second_child, ON_CHILD, rule->rests[1] = child_where(); rule->rests[0] = plan_where();                     \
      rule->rest_count = 2)                                                                                            \
    X(rests_first_child, ON_CHILD, rule->rests[0] = child_where(); rule->rests[1] = plan_where();                      \
      rule->rest_count = 2)                                                                                            \
    X(rests_any_child, "", rule->rests[0] = of_child; rule->rest_count = 1)                                            \
    X(rests_plan, "", rule->rests[0] = plan_where(); rule->rest_count = 1)                                             \
    X(while_child, ON_CHILD, rule->limits[0].has_while = true; rule->limits[0].during = child_where())                 \
    X(while_child_then_none, ON_CHILD, rule->limits[0].has_while = true; rule->limits[0].during = child_where();       \
      rule->limits[1].n = 1; rule->limit_count = 2)                                                                    \
    X(while_any_child, "", rule->limits[0].has_while = true; rule->limits[0].during = of_child)                        \
    X(while_plan, "", rule->limits[0].has_while = true; rule->limits[0].during = plan_where())                         \
    X(no_while_child, "", rule->limits[0].during = child_where())                                                      \
    X(or_child, ON_CHILD, rule->limits[0].has_or = true; rule->limits[0].or_during = child_where())                    \
    X(or_any_child, "", rule->limits[0].has_or = true; rule->limits[0].or_during = of_child)                           \
    X(or_plan, "", rule->limits[0].has_or = true; rule->limits[0].or_during = plan_where())                            \
    X(no_or_child, "", rule->limits[0].or_during = child_where())                                                      \
    X(both_child, ON_CHILD, rule->limits[0].has_both = true; rule->limits[0].both[0] = child_where();                  \
      rule->limits[0].both[1] = plan_where())                                                                          \
    X(both_second_child, ON_CHILD, rule->limits[0].has_both = true; rule->limits[0].both[0] = plan_where();            \
      rule->limits[0].both[1] = child_where())                                                                         \
    X(both_any_child, "", rule->limits[0].has_both = true; rule->limits[0].both[0] = of_child;                         \
      rule->limits[0].both[1] = plan_where())                                                                          \
    X(no_both_child, "", rule->limits[0].both[0] = child_where())                                                      \
    X(once_child, ON_CHILD, rule->limits[0].has_once = true; rule->limits[0].once = of_child)                          \
    X(once_each, "", rule->limits[0].has_once = true; rule->limits[0].once = each_where())                             \
    X(once_plan, "", rule->limits[0].has_once = true; rule->limits[0].once = plan_where())                             \
    X(no_once_child, "", rule->limits[0].once = of_child)                                                              \
    X(a_count, "", count())                                                                                            \
    X(count_of_none, NEEDS, count(); rule->threshold = 0)                                                              \
    X(count_of_one, "", count(); rule->threshold = 1)                                                                  \
    X(no_window, NEEDS, count(); rule->window_n = 0)                                                                   \
    X(window_of_a_day, "", count(); rule->window_n = 1)                                                                \
    X(no_window_is_ever, "", count(); rule->window_n = 0; rule->window_ever = true)                                    \
    X(nothing_to_count, "rule CP-07: it has nothing to count", count_facts(); rule->evidence_count = 0)                \
    X(a_count_of_facts, "", count_facts())                                                                             \
    X(a_flag, "", count(); rule->until = DW_UNTIL_FLAG)                                                                \
    X(a_flag_of_facts, MARKS, count_facts(); rule->until = DW_UNTIL_FLAG)                                              \
    X(a_flag_of_values, MARKS, count(); rule->until = DW_UNTIL_FLAG; rule->distinct = field_ref(policy, "plan_id"))    \
    X(to_the_end, "", count(); rule->until = DW_UNTIL_SPAN_END)                                                        \
    X(to_the_end_of_facts, MARKS, count_facts(); rule->until = DW_UNTIL_SPAN_END)                                      \
    X(flag_from_end, "", count(); rule->until = DW_UNTIL_FLAG; rule->measured_from_end = true)                         \
    X(flag_of_before, "", count(); rule->until = DW_UNTIL_FLAG; rule->counted_before = field_ref(policy, "plan_id"))   \
    X(window_from_end, FROM_END, count(); rule->until = DW_UNTIL_WINDOW; rule->measured_from_end = true)               \
    X(window_of_before, FROM_END, count(); rule->until = DW_UNTIL_WINDOW;                                              \
      rule->counted_before = field_ref(policy, "plan_id"))                                                             \
    X(no_answer, "rule CP-07: a count until answered names its answer", count(); rule->answer_count = 0)               \
    X(no_answer_of_a_window, "", count(); rule->answer_count = 0; rule->until = DW_UNTIL_WINDOW)                       \
    X(answer_of_facts, CLEARS, count_facts(); rule->answer_clears = false)                                             \
    X(answer_of_values, CLEARS, count(); rule->distinct = field_ref(policy, "plan_id"))                                \
    X(cleared_values, "", count(); rule->distinct = field_ref(policy, "plan_id"); rule->answer_clears = true)          \
    X(window_of_facts, "", count_facts(); rule->answer_clears = false; rule->until = DW_UNTIL_WINDOW)                  \
    X(within, "", count_facts(); rule->within_span = true)                                                             \
    X(spans_within, WITHIN, count(); rule->within_span = true)                                                         \
    X(flag_within, WITHIN, count(); rule->until = DW_UNTIL_FLAG; rule->within_span = true)                             \
    X(lost_anchor, ANCHOR, crossing(); rule->anchor_rule_id = DW_STR_LIT("NO-1"))                                      \
    X(an_anchor, "", crossing())                                                                                       \
    X(anchor_no_count, ANCHOR, crossing()->kind = DW_RULE_DEADLINE; add_visits(policy, "AA-1");                        \
      rule->anchor_rule_id = DW_STR_LIT("AA-1"); dw_policy_rule_to_change(policy, 1)->kind = DW_RULE_COUNT)            \
    X(anchor_of_a_window, ANCHOR, crossing()->until = DW_UNTIL_WINDOW)                                                 \
    X(anchor_cleared, ANCHOR, crossing()->answer_clears = true)                                                        \
    X(anchor_of_facts, ANCHOR, dw_rule *target = crossing(); target->answer_clears = true;                             \
      target->count_spans = false; target->evidence_count = 1)                                                         \
    X(anchor_of_visits, "rule CP-07: only a deadline can follow a count rule", crossing();                             \
      rule->kind = DW_RULE_RECURRING)                                                                                  \
    X(a_breach, "", breach())                                                                                          \
    X(breach_recurring, OVER, breach(); rule->kind = DW_RULE_RECURRING)                                                \
    X(breach_over_plans, OVER, breach(); rule->over.family = DW_SPAN_PLAN)                                             \
    X(breach_over_each, OVER, breach(); rule->over.each = true)                                                        \
    X(breach_of_a_duration, "", breach()->kind = DW_RULE_DURATION)                                                     \
    X(breach_of_a_deadline, "", breach()->kind = DW_RULE_DEADLINE)                                                     \
    X(breach_of_silence, NOTHING, breach()->kind = DW_RULE_SILENCE)                                                    \
    X(breach_of_while, NOTHING, dw_rule *missed = breach(); missed->limits[0].has_while = true;                        \
      missed->limits[1].n = 1; missed->limit_count = 2)                                                                \
    X(breach_of_nobody, "", follow(rule, lower, 1))                                                                    \
    X(breach_of_itself, "rule CP-07 waits for itself", follow(rule, higher, 1))                                        \
    X(breach_in_a_circle, "rule AA-1 waits for itself", follow(breach(), higher, 1))                                   \
    X(breach_by_two_ways, "", follow(rule, both, 2); follow(add_visits(policy, "BB-1"), lower, 1);                     \
      follow(add_visits(policy, "BB-2"), lower, 1); add_visits(policy, "AA-1"))
ROWS(ROW)
#undef ROW

static const struct {
    const char *name, *says;
    void (*spoil)(void);
} rows[] = {
#define ROW(name, says, ...) {#name, says, name},
    ROWS(ROW)
#undef ROW
};

START_TEST(seal_says)
{
    char text[DW_ERROR_TEXT_MAX];
    policy = small_policy_open(1);
    rule = add_visits(policy, "CP-07");
    rows[_i].spoil();
    dw_errc code = seal_text(policy, text);
    ck_assert_msg(strcmp(text, rows[_i].says) == 0, "%s: %s", rows[_i].name, text);
    ck_assert_int_eq(code, rows[_i].says[0] != '\0' ? DW_E_CONFIG : DW_OK);
    dw_policy_unref(&policy);
}
END_TEST

/* What a rule waits a birthday for, its evidence waits for, too; unless it says that it counts at any age. */
START_TEST(evidence_waits_for_the_birthday)
{
    policy = small_policy_open(1);
    rule = add_visits(policy, "CP-07");
    rule->has_age = _i == 0;
    rule->age_from = 5;
    rule->evidence_count = rule->after_rest_count = 3;
    rule->evidence[1].at_any_age = rule->after_rest[2].at_any_age = true;
    small_policy_seal(policy);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(rule->evidence[i].waits_for_age, _i == 0 && i != 1);
        ck_assert_int_eq(rule->evidence[i].age, _i == 0 ? 5 : 0);
        ck_assert_int_eq(rule->after_rest[i].waits_for_age, _i == 0 && i != 2);
        ck_assert_int_eq(rule->after_rest[i].age, _i == 0 ? 5 : 0);
    }
    ck_assert(!rule->evidence[3].waits_for_age && !rule->after_rest[3].waits_for_age);
    dw_policy_unref(&policy);
}
END_TEST

START_TEST(no_calendar)
{
    char text[DW_ERROR_TEXT_MAX];
    policy = dw_policy_new(1 << 20);
    ck_assert_int_eq(seal_text(policy, text), DW_E_CONFIG);
    ck_assert_str_eq(text, "the policy has no calendar");
    ck_assert_int_eq(dw_policy_cut_over_us(policy), DW_AT_NONE);
    ck_assert_uint_eq(dw_policy_number(policy), 0);
    ck_assert_uint_eq(dw_policy_digest(policy).len, 0);
    dw_policy_unref(&policy);
    ck_assert_ptr_null(policy);
    dw_policy_unref(&policy);
    dw_policy_unref(NULL);
    ck_assert_ptr_null(dw_policy_ref(NULL));
}
END_TEST

START_TEST(bounds)
{
    policy = dw_policy_new(8 << 20);
    for (int i = 0; i < DW_RULES_MAX; i++)
        ck_assert_ptr_nonnull(dw_policy_add_rule(policy));
    ck_assert_ptr_null(dw_policy_add_rule(policy));
    for (int i = 0; i < 4096; i++)
        ck_assert(dw_policy_add_line(policy, (dw_line){.vacant = {true}}));
    ck_assert(!dw_policy_add_line(policy, (dw_line){.vacant = {true}}));
    dw_policy_unref(&policy);
    policy = dw_policy_new(1024); /* too little for a rule */
    ck_assert_ptr_null(dw_policy_add_rule(policy));
    ck_assert_uint_eq(dw_policy_rule_count(policy), 0);
    dw_policy_unref(&policy);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("policy");
    TCase *cases = tcase_create("policy");
    tcase_add_test(cases, rules_are_sorted_and_found);
    tcase_add_loop_test(cases, seal_says, 0, sizeof rows / sizeof rows[0]);
    tcase_add_loop_test(cases, evidence_waits_for_the_birthday, 0, 2);
    tcase_add_test(cases, no_calendar);
    tcase_add_test(cases, bounds);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

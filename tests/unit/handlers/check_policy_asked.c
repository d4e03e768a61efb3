/* check_policy_asked.c: which rules one new fact concerns, and which plans a rule can speak for. */

#include "tests/unit/handlers/small_policy.h"

#include <inttypes.h>

static dw_policy *policy;

static void setup(void)
{
    policy = small_policy_open(1);
}

static void teardown(void)
{
    dw_policy_unref(&policy);
}

static dw_clause visit_of(int64_t type)
{
    return (dw_clause){.type = DW_EV_VISIT_DONE, .where = pred_value(policy, DW_PRED_IN, "visit_type", type)};
}

static bool asks(const dw_rule *rule, const dw_fact *fact)
{
    dw_rule_set set = {{0}};
    dw_policy_add_readers_of(policy, fact, &set);
    return dw_rule_set_has(&set, rule->index);
}

#define A_CP_VISIT(name)                                                                                               \
    dw_value name##_values[] = {{.field = DW_F_VISIT_DONE_VISIT_TYPE, .kind = DW_VAL_ENUM, .i = DW_V_VISIT_TYPE_CP}};  \
    dw_fact name = {.type = DW_EV_VISIT_DONE, .value_count = 1, .has = UINT32_MAX, .values = name##_values}

/* Evidence, what restarts after a rest, and answers: asked when the fact is one. */
START_TEST(a_visit_of_another_kind_is_no_news)
{
    A_CP_VISIT(visit);
    dw_rule *rules[6];
    for (int i = 0; i < 6; i++) {
        char id[] = "R-0";
        id[2] = (char)('0' + i);
        dw_rule *rule = add_visits(policy, dw_arena_str(dw_policy_arena(policy), dw_str_from(id)).ptr);
        dw_clause clause = visit_of(i % 2 == 0 ? DW_V_VISIT_TYPE_CP : DW_V_VISIT_TYPE_CIN);
        rule->evidence[0] = (dw_clause){.type = DW_EV_MEETING_HELD};
        dw_clause *list = i < 2 ? rule->evidence : i < 4 ? rule->after_rest : rule->answer;
        uint32_t *count = i < 2 ? &rule->evidence_count : i < 4 ? &rule->after_rest_count : &rule->answer_count;
        list[0] = (dw_clause){.type = DW_EV_MEETING_HELD};
        list[1] = clause;
        *count = 2;
        rules[i] = rule;
    }
    small_policy_seal(policy);
    for (int i = 0; i < 6; i++)
        ck_assert_msg(asks(rules[i], &visit) == (i % 2 == 0), "rule %d", i);
    visit.type = DW_EV_MEETING_HELD;
    visit.value_count = 0;
    for (int i = 0; i < 6; i++)
        ck_assert_msg(asks(rules[i], &visit), "rule %d", i);
    visit.type = DW_EV_HEALTH_ASSESSMENT;
    for (int i = 0; i < 6; i++)
        ck_assert_msg(!asks(rules[i], &visit), "rule %d", i);
}
END_TEST

/* All parts of a rule are asked together. */
START_TEST(with_all_its_parts)
{
    A_CP_VISIT(visit);
    dw_rule *one = add_visits(policy, "R-0"), *other = add_visits(policy, "R-0");
    one->evidence[0] = visit_of(DW_V_VISIT_TYPE_CIN);
    other->part = 1;
    other->evidence[0] = visit_of(DW_V_VISIT_TYPE_CP);
    small_policy_seal(policy);
    ck_assert(asks(one, &visit) && asks(other, &visit));
}
END_TEST

/* More than evidence: what the duty hangs on, is counted from, or is limited by. */
START_TEST(terms_are_asked_whatever_the_fact_says)
{
    A_CP_VISIT(visit);
    dw_rule *anchored = add_visits(policy, "R-0"), *limited = add_visits(policy, "R-1"),
            *over = add_visits(policy, "R-2");
    dw_clause other = visit_of(DW_V_VISIT_TYPE_CIN);
    anchored->evidence[0] = limited->evidence[0] = over->evidence[0] = other;
    anchored->anchor = DW_ANCHOR_BEFORE_START;
    anchored->anchors[0] = (dw_anchor_item){.how = DW_ANCHOR_BEFORE_START, .clause = other};
    anchored->anchor_count = 1;
    limited->limits[0].has_before = true;
    limited->limits[0].before = other;
    over->over =
        (dw_span_selector){.family = DW_SPAN_CHILD, .where = other.where, .each = true, .each_type = DW_EV_VISIT_DONE};
    small_policy_seal(policy);
    ck_assert(asks(anchored, &visit) && asks(limited, &visit) && asks(over, &visit));
}
END_TEST

/* --- plans */

#define CP (UINT64_C(1) << DW_V_PLAN_TYPE_CP)
#define CIN (UINT64_C(1) << DW_V_PLAN_TYPE_CIN)

static const dw_pred *type_is(int64_t type)
{
    return pred_value(policy, DW_PRED_IN, "plan_type", type);
}

static const dw_pred *named(void)
{
    return pred_value(policy, DW_PRED_PRESENT, "plan_id", 0);
}

static const dw_pred *either(void)
{
    static const int64_t codes[] = {DW_V_PLAN_TYPE_CP, DW_V_PLAN_TYPE_CIN};
    dw_pred *pred = pred_new(policy, DW_PRED_IN);
    pred->field = field_ref(policy, "plan_type");
    pred->set = codes;
    pred->set_count = 2;
    ck_assert_int_eq(dw_pred_ready(dw_policy_arena(policy), pred), DW_OK);
    return pred;
}

/* X(name, types it can speak for, what makes it so) */
#define PLANS(X)                                                                                                       \
    X(one_type, CP, )                                                                                                  \
    X(two_types, CP | CIN, rule->over.where = either())                                                                \
    X(behind_another, CP, rule->over.where = pred_pair(policy, DW_PRED_AND, named(), type_is(DW_V_PLAN_TYPE_CP)))      \
    X(before_another, CP, rule->over.where = pred_pair(policy, DW_PRED_AND, type_is(DW_V_PLAN_TYPE_CP), named()))      \
    X(one_of_two, CIN, rule->over.where = pred_pair(policy, DW_PRED_AND, type_is(DW_V_PLAN_TYPE_CIN), either()))       \
    X(or_named, UINT64_MAX, rule->over.where = pred_pair(policy, DW_PRED_OR, type_is(DW_V_PLAN_TYPE_CP), named()))     \
    X(not_of_a_type, UINT64_MAX, rule->over.where = pred_pair(policy, DW_PRED_NOT, type_is(DW_V_PLAN_TYPE_CP), NULL))  \
    X(of_any_type, UINT64_MAX, rule->over.where = NULL)                                                                \
    X(another_field, UINT64_MAX, rule->over.where = named())                                                           \
    X(another_code, UINT64_MAX, rule->over.where = pred_value(policy, DW_PRED_IN, "temporary_ola", DW_V_ANSWER_Y))     \
    X(a_text, UINT64_MAX, dw_pred *id = pred_new(policy, DW_PRED_IN); id->field = field_ref(policy, "plan_id");        \
      id->strings = &plan_id; id->set_count = 1; ck_assert_int_eq(dw_pred_ready(dw_policy_arena(policy), id), DW_OK);  \
      rule->over.where = id)                                                                                           \
    X(another_family, UINT64_MAX, rule->over.family = DW_SPAN_CARE)                                                    \
    X(a_count, UINT64_MAX, rule->kind = DW_RULE_COUNT; rule->threshold = 2; rule->window_n = 90;                       \
      rule->window_unit = DW_UNIT_DAYS)                                                                                \
    X(after_a_crossing, UINT64_MAX, rule->kind = DW_RULE_DEADLINE; rule->anchor = DW_ANCHOR_CROSSING;                  \
      rule->anchor_rule_id = DW_STR_LIT("MI-03"); add_episodes(policy, "MI-03"))
static dw_rule *rule;
static const dw_str plan_id = {"P1", 2};
#define ROW(name, types, ...)                                                                                          \
    static void plan_##name(void)                                                                                      \
    {                                                                                                                  \
        __VA_ARGS__;                                                                                                   \
    }
PLANS(ROW)
#undef ROW

static const struct {
    const char *name;
    uint64_t types;
    void (*change)(void);
} plans[] = {
#define ROW(name, types, ...) {#name, types, plan_##name},
    PLANS(ROW)
#undef ROW
};

START_TEST(plan_types)
{
    rule = add_visits(policy, "CP-07");
    plans[_i].change();
    small_policy_seal(policy);
    ck_assert_msg(rule->plan_types == plans[_i].types, "%s: %" PRIx64, plans[_i].name, rule->plan_types);
}
END_TEST

static bool may_speak(const dw_rule *of, const dw_chronology *chron)
{
    dw_rule_set set = dw_policy_with_spans(policy, chron);
    return dw_rule_set_has(&set, of->index);
}

/* Rules over spans of a kind that the child has none of say nothing. */
START_TEST(rules_with_spans)
{
    static const struct {
        dw_span_family family;
        uint64_t plan_types;
        bool cp, any_plan, care;
    } worlds[] = {{DW_SPAN_CHILD, 0, false, false, false},
                  {DW_SPAN_CARE, 0, false, false, true},
                  {DW_SPAN_PLAN, CP, true, true, false},
                  {DW_SPAN_PLAN, CIN, false, true, false},
                  {DW_SPAN_PLAN, UINT64_C(1) << 63, false, true, false},
                  {DW_SPAN_PLAN, CP | CIN, true, true, false}};
    dw_rule *cp = add_visits(policy, "R-0"), *any = add_visits(policy, "R-1"), *care = add_visits(policy, "R-2");
    any->over.where = NULL;
    care->over.family = DW_SPAN_CARE;
    small_policy_seal(policy);
    for (size_t i = 0; i < sizeof worlds / sizeof worlds[0]; i++) {
        dw_chronology chron = {.plan_types = worlds[i].plan_types};
        chron.span_count[worlds[i].family] = 1;
        ck_assert(may_speak(cp, &chron) == worlds[i].cp);
        ck_assert(may_speak(any, &chron) == worlds[i].any_plan);
        ck_assert(may_speak(care, &chron) == worlds[i].care);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("policy_asked");
    TCase *cases = tcase_create("asked");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, a_visit_of_another_kind_is_no_news);
    tcase_add_test(cases, with_all_its_parts);
    tcase_add_test(cases, terms_are_asked_whatever_the_fact_says);
    tcase_add_test(cases, rules_with_spans);
    tcase_add_loop_test(cases, plan_types, 0, sizeof plans / sizeof plans[0]);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

/* check_predicate.c: conditions over facts: present, absent, one of, compared, combined. */

#include "tests/unit/handlers/small_policy.h"

static const dw_str texts[] = {{"W1", 2}, {"W2", 2}};

typedef struct row {
    const char *name;
    dw_pred_op op;
    const char *field;
    int64_t value;
    bool holds, holds_when_absent;
} row;

/* The fact: a visit with mode F2F (1), visit_type CP; frequency days 10 on a plan. */
static const row rows[] = {
    {"is", DW_PRED_IN, "visit_type", DW_V_VISIT_TYPE_CP, true, false},
    {"is not", DW_PRED_IN, "visit_type", DW_V_VISIT_TYPE_CIN, false, false},
    {"present", DW_PRED_PRESENT, "visit_type", 0, true, false},
    {"absent", DW_PRED_ABSENT, "visit_type", 0, false, true},
    {"lt", DW_PRED_LT, "visit_type", DW_V_VISIT_TYPE_CP, false, false},
    {"le", DW_PRED_LE, "visit_type", DW_V_VISIT_TYPE_CP, true, false},
    {"gt", DW_PRED_GT, "visit_type", DW_V_VISIT_TYPE_CP, false, false},
    {"ge", DW_PRED_GE, "visit_type", DW_V_VISIT_TYPE_CP, true, false},
    {"true", DW_PRED_TRUE, "visit_type", 0, true, true},
};

START_TEST(leaves)
{
    dw_policy *policy = small_policy_open(1);
    const row *r = &rows[_i];
    dw_value value = {.field = DW_F_VISIT_DONE_VISIT_TYPE, .kind = DW_VAL_ENUM, .i = DW_V_VISIT_TYPE_CP};
    dw_fact with = {.type = DW_EV_VISIT_DONE, .value_count = 1, .values = &value};
    dw_fact without = {.type = DW_EV_VISIT_DONE};
    dw_fact other = {.type = DW_EV_CASE_CLOSED}; /* a type that has no such field */
    const dw_pred *pred = pred_value(policy, r->op, r->field, r->value);
    ck_assert_msg(dw_pred_fact(pred, &with) == r->holds, "%s", r->name);
    ck_assert_msg(dw_pred_fact(pred, &without) == r->holds_when_absent, "%s, absent", r->name);
    ck_assert_msg(dw_pred_fact(pred, &other) == r->holds_when_absent, "%s, no such field", r->name);
    const dw_pred *not_it = pred_pair(policy, DW_PRED_NOT, pred, NULL);
    ck_assert(dw_pred_fact(not_it, &with) == !r->holds);
    ck_assert(dw_pred_fact(not_it, &without) == !r->holds_when_absent); /* != holds for an absent field */
    dw_policy_unref(&policy);
}
END_TEST

START_TEST(combinations)
{
    dw_policy *policy = small_policy_open(1);
    dw_fact fact = {.type = DW_EV_VISIT_DONE};
    const dw_pred *yes = pred_new(policy, DW_PRED_TRUE), *no = pred_pair(policy, DW_PRED_NOT, yes, NULL);
    const dw_pred *side[] = {no, yes};
    for (int a = 0; a < 2; a++)
        for (int b = 0; b < 2; b++) {
            ck_assert(dw_pred_fact(pred_pair(policy, DW_PRED_AND, side[a], side[b]), &fact) == (a && b));
            ck_assert(dw_pred_fact(pred_pair(policy, DW_PRED_OR, side[a], side[b]), &fact) == (a || b));
        }
    ck_assert(dw_pred_fact(NULL, &fact));
    dw_policy_unref(&policy);
}
END_TEST

START_TEST(words)
{
    dw_policy *policy = small_policy_open(1);
    dw_pred *pred = pred_new(policy, DW_PRED_IN);
    pred->field = field_ref(policy, "episode_ids");
    pred->strings = texts;
    pred->set_count = 2;
    const dw_str has[] = {{"X", 1}, {"W2", 2}}, has_not[] = {{"X", 1}};
    dw_value list = {.field = DW_F_RHI_EPISODE_IDS, .kind = DW_VAL_STRS, .n = 2, .list = has};
    dw_fact fact = {.type = DW_EV_RHI, .value_count = 1, .values = &list};
    ck_assert(dw_pred_fact(pred, &fact));
    list.list = has_not;
    list.n = 1;
    ck_assert(!dw_pred_fact(pred, &fact));
    list = (dw_value){.field = DW_F_RHI_EPISODE_IDS, .kind = DW_VAL_STR, .s = texts[0]};
    ck_assert(dw_pred_fact(pred, &fact));
    dw_policy_unref(&policy);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("predicate");
    TCase *cases = tcase_create("predicate");
    tcase_add_loop_test(cases, leaves, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(cases, combinations);
    tcase_add_test(cases, words);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

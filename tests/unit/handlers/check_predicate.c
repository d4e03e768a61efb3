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
};

START_TEST(leaves)
{
    dw_policy *policy = small_policy_open(1);
    const row *r = &rows[_i];
    dw_value value = {.field = DW_F_VISIT_DONE_VISIT_TYPE, .kind = DW_VAL_ENUM, .i = DW_V_VISIT_TYPE_CP};
    dw_fact with = {.type = DW_EV_VISIT_DONE, .value_count = 1, .has = UINT32_MAX, .values = &value};
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
    const dw_pred *yes = pred_value(policy, DW_PRED_ABSENT, "visit_type", 0),
                  *no = pred_pair(policy, DW_PRED_NOT, yes, NULL);
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
    ck_assert_int_eq(dw_pred_ready(dw_policy_arena(policy), pred), DW_OK);
    const dw_str has[] = {{"X", 1}, {"W2", 2}}, has_not[] = {{"X", 1}};
    dw_value list = {.field = DW_F_RHI_EPISODE_IDS, .kind = DW_VAL_STRS, .n = 2, .list = has};
    dw_fact fact = {.type = DW_EV_RHI, .value_count = 1, .has = UINT32_MAX, .values = &list};
    ck_assert(dw_pred_fact(pred, &fact));
    list.list = has_not;
    list.n = 1;
    ck_assert(!dw_pred_fact(pred, &fact));
    list = (dw_value){.field = DW_F_RHI_EPISODE_IDS, .kind = DW_VAL_STR, .s = texts[0]};
    ck_assert(dw_pred_fact(pred, &fact));
    dw_policy_unref(&policy);
}
END_TEST

/* A number of each kind against 10: what <, <=, >, >= and "one of" say of 9, 10 and 11. */
static const struct {
    const char *field;
    uint16_t id;
    dw_event_type type;
    dw_value_kind kind;
    bool number;
} kinds[] = {
    {"visit_type", DW_F_VISIT_DONE_VISIT_TYPE, DW_EV_VISIT_DONE, DW_VAL_ENUM, true},
    {"visit_frequency.days", DW_F_PLAN_CHANGED_VISIT_FREQUENCY_DAYS, DW_EV_PLAN_CHANGED, DW_VAL_INT, true},
    {"person_birth_date", DW_F_CHILD_UPDATED_PERSON_BIRTH_DATE, DW_EV_CHILD_UPDATED, DW_VAL_DATE, true},
    {"decided_at", DW_F_REFERRAL_RECEIVED_DECIDED_AT, DW_EV_REFERRAL_RECEIVED, DW_VAL_INSTANT, true},
    {"plan_id", DW_F_PLAN_CHANGED_PLAN_ID, DW_EV_PLAN_CHANGED, DW_VAL_STR, false},
    {"visit_type", DW_F_VISIT_DONE_VISIT_TYPE, DW_EV_VISIT_DONE, DW_VAL_NONE, false},
};
static const struct {
    dw_pred_op op;
    bool holds[3]; /* of 9, 10, 11 */
} comparisons[] = {
    {DW_PRED_LT, {true, false, false}},      {DW_PRED_LE, {true, true, false}},  {DW_PRED_GT, {false, false, true}},
    {DW_PRED_GE, {false, true, true}},       {DW_PRED_IN, {false, true, false}}, {DW_PRED_PRESENT, {true, true, true}},
    {DW_PRED_ABSENT, {false, false, false}},
};

START_TEST(numbers_of_every_kind)
{
    dw_policy *policy = small_policy_open(1);
    for (size_t c = 0; c < sizeof comparisons / sizeof comparisons[0]; c++)
        for (int k = 0; k < 3; k++) {
            dw_value value = {.field = kinds[_i].id, .kind = (uint8_t)kinds[_i].kind};
            if (kinds[_i].kind == DW_VAL_STR)
                value.s = DW_STR_LIT("W1");
            else
                value.i = 9 + k;
            dw_fact fact = {.type = kinds[_i].type, .value_count = 1, .has = UINT32_MAX, .values = &value};
            const dw_pred *pred = pred_value(policy, comparisons[c].op, kinds[_i].field, 10);
            bool wanted = comparisons[c].holds[k];
            if (!kinds[_i].number && comparisons[c].op != DW_PRED_PRESENT)
                wanted = false;
            ck_assert_msg(dw_pred_fact(pred, &fact) == wanted, "op %d of %d", comparisons[c].op, 9 + k);
            dw_pred nothing = *pred; /* nothing to compare with */
            nothing.set_count = 0;
            ck_assert_int_eq(dw_pred_ready(dw_policy_arena(policy), &nothing), DW_OK);
            ck_assert(dw_pred_fact(&nothing, &fact) == (comparisons[c].op == DW_PRED_PRESENT));
        }
    dw_policy_unref(&policy);
}
END_TEST

/* The same conditions on a span: the value that the last of its facts up to that day gave. */
START_TEST(spans_by_day)
{
    dw_policy *policy = small_policy_open(1);
    dw_value first = {.field = DW_F_PLAN_CHANGED_VISIT_FREQUENCY_DAYS, .kind = DW_VAL_INT, .i = 9};
    dw_value then = first;
    then.i = 11;
    dw_fact facts[] = {{.type = DW_EV_PLAN_CHANGED, .day = 100, .value_count = 1, .has = UINT32_MAX, .values = &first},
                       {.type = DW_EV_PLAN_CHANGED, .day = 200, .value_count = 1, .has = UINT32_MAX, .values = &then}};
    const dw_fact *list[] = {&facts[0], &facts[1]};
    dw_span span = {.family = DW_SPAN_PLAN, .start_day = 100, .facts = list, .fact_count = 2, .opened_by = &facts[0]};
    for (size_t c = 0; c < sizeof comparisons / sizeof comparisons[0]; c++) {
        const dw_pred *pred = pred_value(policy, comparisons[c].op, "visit_frequency.days", 10);
        const dw_pred *other = pred_value(policy, comparisons[c].op, "plan_type", 10);
        ck_assert_msg(dw_pred_span(pred, &span, 199) == comparisons[c].holds[0], "op %d of 9", comparisons[c].op);
        ck_assert_msg(dw_pred_span(pred, &span, 200) == comparisons[c].holds[2], "op %d of 11", comparisons[c].op);
        ck_assert(dw_pred_span(other, &span, 200) == (comparisons[c].op == DW_PRED_ABSENT));
        ck_assert(dw_pred_span(pred_pair(policy, DW_PRED_NOT, pred, NULL), &span, 200) != comparisons[c].holds[2]);
    }
    const dw_pred *yes = pred_value(policy, DW_PRED_ABSENT, "plan_type", 0),
                  *no = pred_pair(policy, DW_PRED_NOT, yes, NULL);
    const dw_pred *side[] = {no, yes};
    for (int a = 0; a < 2; a++)
        for (int b = 0; b < 2; b++) {
            ck_assert(dw_pred_span(pred_pair(policy, DW_PRED_AND, side[a], side[b]), &span, 200) == (a && b));
            ck_assert(dw_pred_span(pred_pair(policy, DW_PRED_OR, side[a], side[b]), &span, 200) == (a || b));
        }
    ck_assert(dw_pred_span(NULL, &span, 200));
    dw_policy_unref(&policy);
}
END_TEST

START_TEST(words_are_looked_for_among_words)
{
    dw_policy *policy = small_policy_open(1);
    dw_pred *pred = pred_new(policy, DW_PRED_IN);
    pred->field = field_ref(policy, "plan_id");
    pred->strings = texts;
    pred->set_count = 2;
    ck_assert_int_eq(dw_pred_ready(dw_policy_arena(policy), pred), DW_OK);
    dw_value value = {.field = DW_F_PLAN_CHANGED_PLAN_ID, .kind = DW_VAL_STR, .s = texts[1]};
    dw_fact fact = {.type = DW_EV_PLAN_CHANGED, .value_count = 1, .has = UINT32_MAX, .values = &value};
    ck_assert(dw_pred_fact(pred, &fact));
    value.s = DW_STR_LIT("W3");
    ck_assert(!dw_pred_fact(pred, &fact));
    pred->strings = NULL; /* numbers to look for: no word is one of them */
    ck_assert(!dw_pred_fact(pred, &fact));
    dw_str list[] = {texts[0], texts[1]};
    value = (dw_value){.field = DW_F_PLAN_CHANGED_PLAN_ID, .kind = DW_VAL_STRS, .n = 2, .list = list};
    ck_assert(!dw_pred_fact(pred, &fact));
    pred->strings = texts;
    pred->set_count = 1;
    ck_assert(dw_pred_fact(pred, &fact));
    value.kind = DW_VAL_INT; /* words to look for: no number is one of them */
    ck_assert(!dw_pred_fact(pred, &fact));
    dw_policy_unref(&policy);
}
END_TEST

/* --- rows */

/* What the tree says, worked out as it is written. */
static bool by_tree(const dw_pred *pred, const dw_fact *fact)
{
    switch (pred->op) {
    case DW_PRED_AND:
        return by_tree(pred->left, fact) && by_tree(pred->right, fact);
    case DW_PRED_OR:
        return by_tree(pred->left, fact) || by_tree(pred->right, fact);
    case DW_PRED_NOT:
        return !by_tree(pred->left, fact);
    case DW_PRED_IN:
    case DW_PRED_ABSENT:
    case DW_PRED_PRESENT:
    case DW_PRED_LT:
    case DW_PRED_LE:
    case DW_PRED_GT:
    case DW_PRED_GE:
        break;
    }
    return dw_fact_says(fact, pred->field)->i == pred->set[0]; /* the leaves of the next test: field = 1 */
}

static const char *const switches[] = {"visit_type", "mode", "child_seen", "child_seen_alone", "by_role"};
#define SWITCHES (sizeof switches / sizeof switches[0])

static const dw_pred *any_tree(dw_policy *policy, uint64_t *seed, int depth)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    unsigned pick = (unsigned)(*seed >> 33);
    if (depth == 0 || pick % 7 == 0)
        return pred_value(policy, DW_PRED_IN, switches[pick / 7 % SWITCHES], 1);
    if (pick % 7 == 1)
        return pred_pair(policy, DW_PRED_NOT, any_tree(policy, seed, depth - 1), NULL);
    const dw_pred *left = any_tree(policy, seed, depth - 1);
    return pred_pair(policy, pick % 7 < 4 ? DW_PRED_AND : DW_PRED_OR, left, any_tree(policy, seed, depth - 1));
}

/* Every condition over five switches, of any shape, is as a row what it is as a tree, wherever the switches stand. */
START_TEST(a_row_says_what_its_tree_says)
{
    dw_value values[SWITCHES];
    uint64_t seed = (uint64_t)_i;
    uint32_t held = 0, asked = 0;
    for (int tree = 0; tree < 40; tree++) {
        dw_policy *policy = small_policy_open(1);
        const dw_pred *pred = any_tree(policy, &seed, 5);
        for (unsigned on = 0; on < 1u << SWITCHES; on++) {
            dw_fact fact = {.type = DW_EV_VISIT_DONE, .value_count = SWITCHES, .has = UINT32_MAX, .values = values};
            for (size_t i = 0; i < SWITCHES; i++) /* in the order of their ids */
                values[i] = (dw_value){.field = field_ref(policy, switches[i])->by_type[DW_EV_VISIT_DONE],
                                       .kind = DW_VAL_ENUM,
                                       .i = on >> i & 1};
            for (size_t i = 1; i < SWITCHES; i++)
                for (size_t k = i; k > 0 && values[k - 1].field > values[k].field; k--) {
                    dw_value swap = values[k];
                    values[k] = values[k - 1];
                    values[k - 1] = swap;
                }
            bool wanted = by_tree(pred, &fact);
            ck_assert_msg(dw_pred_fact(pred, &fact) == wanted, "tree %d, switches %x", tree, on);
            held += wanted;
            asked++;
        }
        dw_policy_unref(&policy);
    }
    ck_assert(held > asked / 10 && held < asked - asked / 10);
}
END_TEST

/* A set with a code beyond 63, or below 0, is looked through. */
START_TEST(codes_of_any_size)
{
    static const int64_t sets[][2] = {{1, 63}, {1, 64}, {1, 1000}, {-1, 1}};
    static const int64_t tried[] = {-1, 0, 1, 62, 63, 64, 65, 1000};
    dw_policy *policy = small_policy_open(1);
    dw_pred *pred = pred_new(policy, DW_PRED_IN);
    pred->field = field_ref(policy, "visit_type");
    pred->set_count = 2;
    for (size_t s = 0; s < sizeof sets / sizeof sets[0]; s++) {
        pred->set = sets[s];
        ck_assert_int_eq(dw_pred_ready(dw_policy_arena(policy), pred), DW_OK);
        for (size_t t = 0; t < sizeof tried / sizeof tried[0]; t++) {
            dw_value value = {.field = DW_F_VISIT_DONE_VISIT_TYPE, .kind = DW_VAL_ENUM, .i = tried[t]};
            dw_fact fact = {.type = DW_EV_VISIT_DONE, .value_count = 1, .has = UINT32_MAX, .values = &value};
            ck_assert(dw_pred_fact(pred, &fact) == (tried[t] == sets[s][0] || tried[t] == sets[s][1]));
        }
    }
    dw_policy_unref(&policy);
}
END_TEST

/* Who asks for the value alone need not ask for its fact. */
START_TEST(what_was_asked)
{
    dw_policy *policy = small_policy_open(1);
    dw_value value = {.field = DW_F_VISIT_DONE_MODE, .kind = DW_VAL_ENUM, .i = 1};
    dw_fact fact = {.type = DW_EV_VISIT_DONE, .value_count = 1, .has = UINT32_MAX, .values = &value};
    const dw_fact *carrier = NULL;
    const dw_asked of = {.fact = &fact};
    const dw_field_ref *mode = field_ref(policy, "mode");
    ck_assert_ptr_eq(dw_asked_value(&of, mode, NULL), &value);
    ck_assert_ptr_eq(dw_asked_value(&of, mode, &carrier), &value);
    ck_assert_ptr_eq(carrier, &fact);
    dw_policy_unref(&policy);
}
END_TEST

START_TEST(rows_have_an_end)
{
    dw_policy *policy = small_policy_open(1);
    const dw_pred *leaf = pred_value(policy, DW_PRED_IN, "mode", 1), *all = leaf;
    for (int i = 1; i < DW_PRED_TESTS_MAX; i++)
        all = pred_pair(policy, DW_PRED_AND, all, leaf);
    dw_pred one_more = {.op = DW_PRED_OR, .left = all, .right = leaf};
    ck_assert_int_eq(dw_pred_ready(dw_policy_arena(policy), &one_more), DW_E_TOO_BIG);
    dw_arena *full = dw_arena_new(16);
    one_more = *leaf;
    ck_assert_int_eq(dw_pred_ready(full, &one_more), DW_E_NOMEM);
    dw_arena_free(&full);
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
    tcase_add_loop_test(cases, numbers_of_every_kind, 0, sizeof kinds / sizeof kinds[0]);
    tcase_add_test(cases, spans_by_day);
    tcase_add_test(cases, words_are_looked_for_among_words);
    tcase_add_loop_test(cases, a_row_says_what_its_tree_says, 1, 9);
    tcase_add_test(cases, codes_of_any_size);
    tcase_add_test(cases, what_was_asked);
    tcase_add_test(cases, rows_have_an_end);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

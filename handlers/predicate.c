/* predicate.c: does a fact, or a span as of a day, satisfy a rule's condition? */

#include "handlers/policy.h"

static bool value_is_number(const dw_value *value)
{
    return value->kind == DW_VAL_ENUM || value->kind == DW_VAL_INT || value->kind == DW_VAL_DATE ||
           value->kind == DW_VAL_INSTANT;
}

static bool text_in(const dw_pred *pred, dw_str text)
{
    for (uint32_t i = 0; i < pred->set_count; i++)
        if (dw_str_eq(text, pred->strings[i]))
            return true;
    return false;
}

static bool value_in(const dw_pred *pred, const dw_value *value)
{
    if (pred->strings != NULL && value->kind == DW_VAL_STR)
        return text_in(pred, value->s);
    bool found = false;
    if (pred->strings != NULL && value->kind == DW_VAL_STRS)
        for (uint32_t k = 0; k < value->n && !found; k++)
            found = text_in(pred, value->list[k]);
    if (pred->strings == NULL && value_is_number(value))
        for (uint32_t i = 0; i < pred->set_count && !found; i++)
            found = value->i == pred->set[i];
    return found;
}

/* LT, LE, GT, GE; `value` is NULL when the field is absent. */
static bool compares(const dw_pred *pred, const dw_value *value)
{
    if (value == NULL || !value_is_number(value) || pred->set_count == 0)
        return false;
    int64_t is = value->i, bound = pred->set[0];
    return pred->op == DW_PRED_LT   ? is < bound
           : pred->op == DW_PRED_LE ? is <= bound
           : pred->op == DW_PRED_GT ? is > bound
                                    : is >= bound;
}

const dw_value *dw_asked_value(const dw_asked *of, const dw_field_ref *field, const dw_fact **carrier)
{
    if (of->fact == NULL)
        return dw_span_value(of->span, field, of->as_of, carrier);
    if (carrier != NULL)
        *carrier = of->fact;
    return dw_fact_says(of->fact, field);
}

/* --- as a row */

/* One comparison, and which comes next when it holds and when it does not. */
typedef struct dw_test {
    const dw_pred *leaf;
    const dw_field_ref *field;
    uint64_t codes;   /* by_code: bit n = the code n is one of those */
    uint16_t yes, no; /* index; TEST_YES, TEST_NO: that is the answer */
    bool by_code;
} dw_test;
enum { TEST_YES = UINT16_MAX, TEST_NO = UINT16_MAX - 1 };
_Static_assert(DW_PRED_TESTS_MAX < TEST_NO, "an index is no answer");

static dw_test test_of(const dw_pred *leaf)
{
    dw_test test = {.leaf = leaf, .field = leaf->field, .yes = TEST_YES, .no = TEST_NO};
    test.by_code = leaf->op == DW_PRED_IN && leaf->strings == NULL;
    for (uint32_t i = 0; i < leaf->set_count && test.by_code; i++) {
        test.by_code = leaf->set[i] >= 0 && leaf->set[i] < 64;
        test.codes |= test.by_code ? UINT64_C(1) << leaf->set[i] : 0;
    }
    return test;
}

/* Where the one leads to an answer, the row goes on at `at`. */
static void answers_lead_to(dw_test *tests, uint32_t count, uint16_t answer, uint16_t at)
{
    for (uint32_t i = 0; i < count; i++) {
        if (tests[i].yes == answer)
            tests[i].yes = at;
        if (tests[i].no == answer)
            tests[i].no = at;
    }
}

static void swap_answers(dw_test *tests, uint32_t count)
{
    enum { NEITHER = TEST_NO - 1 };
    answers_lead_to(tests, count, TEST_YES, NEITHER);
    answers_lead_to(tests, count, TEST_NO, TEST_YES);
    answers_lead_to(tests, count, NEITHER, TEST_NO);
}

/* The row of the second behind that of the first: none of its answers moves, but the places do. */
static void append(dw_test *tests, uint32_t at, const dw_pred *more)
{
    for (uint32_t i = 0; i < more->test_count; i++) {
        dw_test *test = &tests[at + i];
        *test = more->tests[i];
        test->yes = test->yes < TEST_NO ? (uint16_t)(test->yes + at) : test->yes;
        test->no = test->no < TEST_NO ? (uint16_t)(test->no + at) : test->no;
    }
}

static bool joins(const dw_pred *pred)
{
    return pred->op == DW_PRED_AND || pred->op == DW_PRED_OR;
}

dw_errc dw_pred_ready(dw_arena *arena, dw_pred *pred)
{
    uint32_t first = joins(pred) || pred->op == DW_PRED_NOT ? pred->left->test_count : 1;
    uint32_t count = first + (joins(pred) ? pred->right->test_count : 0);
    if (count > DW_PRED_TESTS_MAX)
        return DW_E_TOO_BIG;
    dw_test *tests = dw_arena_alloc(arena, count * sizeof *tests);
    if (tests == NULL)
        return DW_E_NOMEM;
    if (!joins(pred) && pred->op != DW_PRED_NOT) {
        tests[0] = test_of(pred);
    } else {
        append(tests, 0, pred->left);
        if (pred->op == DW_PRED_NOT)
            swap_answers(tests, first);
        else
            answers_lead_to(tests, first, pred->op == DW_PRED_AND ? TEST_YES : TEST_NO, (uint16_t)first);
        if (joins(pred))
            append(tests, first, pred->right);
    }
    pred->tests = tests;
    pred->test_count = count;
    return DW_OK;
}

/* --- asking */

static bool leaf_holds(const dw_pred *leaf, const dw_value *value)
{
    if (leaf->op == DW_PRED_IN)
        return value != NULL && value_in(leaf, value);
    if (leaf->op == DW_PRED_ABSENT || leaf->op == DW_PRED_PRESENT)
        return (value != NULL) == (leaf->op == DW_PRED_PRESENT);
    return compares(leaf, value);
}

static inline uint16_t next_of(const dw_test *test, const dw_value *value)
{
    bool holds;
    if (!test->by_code)
        holds = leaf_holds(test->leaf, value);
    else
        holds = value != NULL && value_is_number(value) && value->i >= 0 && value->i < 64 &&
                (test->codes >> value->i & 1) != 0;
    return holds ? test->yes : test->no;
}

bool dw_pred_holds(const dw_pred *pred, const dw_asked *of)
{
    return of->fact != NULL ? dw_pred_fact(pred, of->fact) : dw_pred_span(pred, of->span, of->as_of);
}

bool dw_pred_fact(const dw_pred *pred, const dw_fact *fact)
{
    uint16_t at = pred == NULL ? TEST_YES : 0;
    while (at < TEST_NO) {
        const dw_test *test = &pred->tests[at];
        at = next_of(test, dw_fact_says(fact, test->field));
    }
    return at == TEST_YES;
}

bool dw_pred_span(const dw_pred *pred, const dw_span *span, int32_t as_of)
{
    uint16_t at = pred == NULL ? TEST_YES : 0;
    while (at < TEST_NO) {
        const dw_test *test = &pred->tests[at];
        at = next_of(test, dw_span_value(span, test->field, as_of, NULL));
    }
    return at == TEST_YES;
}

/* check_predicate.c: predicates as people write them, held against facts. */

#include "config/rule_text.h"
#include "field_ids.h"
#include "tests/support/suite.h"

/* A visit: face to face, child seen, by an unknown role, with a plan. */
static const dw_value visit_values[] = {
    {.field = DW_F_VISIT_DONE_VISIT_TYPE, .kind = DW_VAL_ENUM, .i = DW_V_VISIT_TYPE_CP},
    {.field = DW_F_VISIT_DONE_MODE, .kind = DW_VAL_ENUM, .i = DW_V_VISIT_MODE_F2F},
    {.field = DW_F_VISIT_DONE_CHILD_SEEN, .kind = DW_VAL_ENUM, .i = DW_ANSWER_Y},
    {.field = DW_F_VISIT_DONE_PLAN_ID, .kind = DW_VAL_STR, .s = {"p-1", 3}},
    {.field = DW_F_ENV_WORKER_REF, .kind = DW_VAL_STR, .s = {"and", 3}},
};
static const dw_fact visit = {.type = DW_EV_VISIT_DONE, .value_count = 5, .has = UINT32_MAX, .values = visit_values};

/* A plan that began on 2026-03-31 and is another's; visits every 5 days. */
static const dw_value plan_values[] = {
    {.field = DW_F_PLAN_STARTED_PLAN_TYPE, .kind = DW_VAL_ENUM, .i = DW_V_PLAN_TYPE_CP},
    {.field = DW_F_PLAN_STARTED_CPP_START_DATE, .kind = DW_VAL_DATE, .i = 20543},
    {.field = DW_F_PLAN_STARTED_TEMPORARY_OLA, .kind = DW_VAL_ENUM, .i = DW_ANSWER_Y},
    {.field = DW_F_PLAN_STARTED_VISIT_FREQUENCY_DAYS, .kind = DW_VAL_INT, .i = 5},
};
static const dw_fact plan = {.type = DW_EV_PLAN_STARTED, .value_count = 4, .has = UINT32_MAX, .values = plan_values};

/* An interview that names two episodes. */
static const dw_str episodes[] = {{"e-1", 3}, {"e-2", 3}};
static const dw_value rhi_values[] = {
    {.field = DW_F_RHI_STAGE, .kind = DW_VAL_ENUM, .i = DW_V_RHI_STAGE_HELD},
    {.field = DW_F_RHI_EPISODE_IDS, .kind = DW_VAL_STRS, .n = 2, .list = episodes},
};
static const dw_fact rhi = {.type = DW_EV_RHI, .value_count = 2, .has = UINT32_MAX, .values = rhi_values};

typedef struct row {
    const dw_fact *fact;
    const char *text;
    bool holds;
} row;

static const row rows[] = {
    {&visit, "visit_type = CP", true},
    {&visit, "visit_type == CP", true},
    {&visit, "visit_type = VISIT_TYPE_CP", true},
    {&visit, "visit_type = CIN", false},
    {&visit, "visit_type != CP", false},
    {&visit, "visit_type != CIN", true},
    {&visit, "visit_type in (CIN, CP)", true},
    {&visit, "visit_type in (CIN,CLA)", false},
    {&visit, "visit_type not in (CIN, CLA)", true},
    {&visit, "not visit_type in (CIN, CLA)", true},
    {&visit, "not not visit_type = CP", true},
    {&visit, "child_seen = Y", true},
    {&visit, "child_seen = true", true},
    {&visit, "child_seen = N", false},
    {&visit, "by_role absent", true},
    {&visit, "by_role present", false},
    {&visit, "mode present", true},
    /* a comparison with something absent fails, and != holds */
    {&visit, "by_role = SW", false},
    {&visit, "by_role != SW", true},
    {&visit, "not by_role = SW", true},
    {&visit, "by_role not in (SW, PA)", true},
    {&visit, "by_role = SW or by_role absent", true},
    {&visit, "visit_type = CP and mode = VIDEO", false},
    {&visit, "visit_type = CP and mode = F2F and child_seen = Y and by_role absent", true},
    {&visit, "visit_type = CIN or mode = VIDEO or child_seen = Y", true},
    {&visit, "visit_type = CIN and (mode = F2F or child_seen = Y)", false},
    {&visit, "(visit_type = CIN and mode = F2F) or child_seen = Y", true},
    {&visit, "not (visit_type = CIN or mode = VIDEO) and child_seen = Y", true},
    {&visit, "not visit_type = CIN and child_seen = N", false}, /* not binds to what follows it only */
    {&visit, "((((visit_type = CP))))", true},
    {&visit, "visit_type=CP and(mode=F2F)", true},
    {&visit, "visit_type = CP\n  and mode\tin (F2F)", true},
    /* texts: quotes where a word would be a keyword */
    {&visit, "plan_id = p-1", true},
    {&visit, "plan_id = 'p-1'", true},
    {&visit, "plan_id in (p-2, p-1)", true},
    {&visit, "plan_id = P-1", false},
    {&visit, "worker_ref = \"and\"", true},
    {&visit, "worker_ref = 'and' and mode = F2F", true},
    {&visit, "family_ref absent or plan_id absent", false},
    {&plan, "plan_type = CP and not temporary_ola = Y", false},
    {&plan, "temporary_ola = Y", true},
    {&plan, "cpp_start_date = 2026-03-31", true},
    {&plan, "cpp_start_date < 2026-03-31", false},
    {&plan, "cpp_start_date <= 2026-03-31", true},
    {&plan, "cpp_start_date > 2026-03-30", true},
    {&plan, "cpp_start_date >= 2026-04-01", false},
    {&plan, "cpp_end_date > 1990-01-01", false},
    {&plan, "visit_frequency.days < 10", true},
    {&plan, "visit_frequency.days in (4, 6)", false},
    {&rhi, "episode_ids = e-2", true},
    {&rhi, "episode_ids in (e-3, e-4)", false},
};

START_TEST(predicate)
{
    dw_problems problems = {0};
    dw_yaml yaml;
    /* as a mapping's value, folded as YAML folds it */
    char *text = NULL;
    bool quoted = strpbrk(rows[_i].text, "'\"\n\t") != NULL;
    ck_assert_int_gt(asprintf(&text, quoted ? "a: |\n  %s\n" : "a: %s\n", rows[_i].text), 0);
    ck_assert(dw_yaml_parse(&yaml, "f", dw_str_from(text), &problems));
    dw_arena *arena = dw_arena_new(1 << 20);
    const yaml_node_t *node = dw_yaml_get(&yaml, dw_yaml_root(&yaml), "a");
    dw_scope scope = dw_scope_of_type(rows[_i].fact->type);
    dw_text scan = dw_text_open(&yaml, node, arena, "a");
    if (strstr(rows[_i].text, "family_ref") != NULL) { /* visits do not keep it: refused */
        ck_assert_ptr_nonnull(dw_text_predicate(&scan, &scope));
        ck_assert_uint_eq(problems.errors, 1);
    } else {
        const dw_pred *pred = dw_text_predicate(&scan, &scope);
        dw_problems_print(&problems, stdout);
        fflush(stdout);
        ck_assert_uint_eq(problems.count, 0);
        ck_assert_msg(dw_pred_fact(pred, rows[_i].fact) == rows[_i].holds, "%s", rows[_i].text);
    }
    dw_yaml_deinit(&yaml);
    dw_problems_deinit(&problems);
    dw_arena_free(&arena);
    free(text);
}
END_TEST

/* What explain shows is the author's own text, part by part. */
START_TEST(text_is_kept)
{
    dw_problems problems = {0};
    dw_yaml yaml;
    dw_arena *arena = dw_arena_new(1 << 20);
    ck_assert(
        dw_yaml_parse(&yaml, "f", DW_STR_LIT("a: mode = F2F and not (by_role = SW or  by_role absent)"), &problems));
    dw_text scan = dw_text_open(&yaml, dw_yaml_get(&yaml, dw_yaml_root(&yaml), "a"), arena, "a");
    dw_scope scope = dw_scope_of_type(DW_EV_VISIT_DONE);
    const dw_pred *pred = dw_text_predicate(&scan, &scope);
    ck_assert_ptr_nonnull(pred);
    ck_assert_int_eq(pred->op, DW_PRED_AND);
    ck_assert_str_eq(pred->text.ptr, "mode = F2F and not (by_role = SW or  by_role absent)");
    ck_assert_str_eq(pred->left->text.ptr, "mode = F2F");
    ck_assert_str_eq(pred->left->field->name.ptr, "mode");
    ck_assert_str_eq(pred->right->text.ptr, "not (by_role = SW or  by_role absent)");
    ck_assert_str_eq(pred->right->left->right->text.ptr, "by_role absent");
    dw_yaml_deinit(&yaml);
    dw_arena_free(&arena);
}
END_TEST

/* A field of a span is looked up in every type that its facts may have. */
START_TEST(fields_of_a_family)
{
    static const struct {
        dw_span_family family;
        const char *field;
        dw_event_type type;
        uint16_t id;
    } fields[] = {
        {DW_SPAN_PLAN, "latest_category", DW_EV_PLAN_STARTED, DW_F_PLAN_STARTED_LATEST_CATEGORY},
        {DW_SPAN_PLAN, "latest_category", DW_EV_PLAN_CHANGED, DW_F_PLAN_CHANGED_LATEST_CATEGORY},
        {DW_SPAN_PLACEMENT, "ls", DW_EV_PLACEMENT_STARTED, DW_F_PLACEMENT_STARTED_LS},
        {DW_SPAN_CARE, "ls", DW_EV_LEGAL_CHANGED, DW_F_LEGAL_CHANGED_LS},
        {DW_SPAN_PLACEMENT, "ls", DW_EV_PLACEMENT_ENDED, 0},
        {DW_SPAN_ALLOCATION, "worker_ref", DW_EV_WORKER_ALLOCATED, DW_F_ENV_WORKER_REF},
        {DW_SPAN_ALLOCATION, "role", DW_EV_WORKER_ENDED, DW_F_WORKER_ENDED_ROLE},
        {DW_SPAN_ALLOCATION, "role", DW_EV_SUPERVISION_HELD, 0},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        dw_problems problems = {0};
        dw_yaml yaml;
        char text[80];
        dw_arena *arena = dw_arena_new(1 << 20);
        snprintf(text, sizeof(text), "a: %s", fields[i].field);
        ck_assert(dw_yaml_parse(&yaml, "f", dw_str_from(text), &problems));
        dw_text scan = dw_text_open(&yaml, dw_yaml_get(&yaml, dw_yaml_root(&yaml), "a"), arena, "a");
        dw_scope scope = dw_scope_of_family(fields[i].family);
        const dw_field_ref *ref = dw_text_field(&scan, &scope, NULL);
        ck_assert_ptr_nonnull(ref);
        ck_assert_msg(ref->by_type[fields[i].type] == fields[i].id, "row %zu", i);
        dw_yaml_deinit(&yaml);
        dw_arena_free(&arena);
    }
}
END_TEST

START_TEST(deep_nesting_is_refused)
{
    char text[2000];
    for (unsigned depth = 15; depth <= 400; depth += 385) {
        dw_problems problems = {0};
        dw_yaml yaml;
        dw_arena *arena = dw_arena_new(1 << 20);
        size_t n = (size_t)snprintf(text, sizeof(text), "a: '");
        memset(text + n, '(', depth);
        n += depth;
        n += (size_t)snprintf(text + n, sizeof(text) - n, "mode = F2F");
        memset(text + n, ')', depth);
        n += depth;
        snprintf(text + n, sizeof(text) - n, "'");
        ck_assert(dw_yaml_parse(&yaml, "f", dw_str_from(text), &problems));
        dw_text scan = dw_text_open(&yaml, dw_yaml_get(&yaml, dw_yaml_root(&yaml), "a"), arena, "a");
        dw_scope scope = dw_scope_of_type(DW_EV_VISIT_DONE);
        const dw_pred *pred = dw_text_predicate(&scan, &scope);
        ck_assert((pred != NULL) == (depth == 15));
        ck_assert_uint_eq(problems.errors, depth == 15 ? 0 : 1);
        dw_yaml_deinit(&yaml);
        dw_problems_deinit(&problems);
        dw_arena_free(&arena);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("predicate");
    TCase *tc = tcase_create("predicate");
    tcase_add_loop_test(tc, predicate, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(tc, text_is_kept);
    tcase_add_test(tc, fields_of_a_family);
    tcase_add_test(tc, deep_nesting_is_refused);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

/* check_record_content.c: what of a record is content, so that another telling of it is news, also after storing. */

#include "tests/support/core_codec.h"

/* --- what is content */

static const dw_str one_list[] = {DW_STR_LIT("ab"), DW_STR_LIT("c")},
                    other_list[] = {DW_STR_LIT("ab"), DW_STR_LIT("d")},
                    first_list[] = {DW_STR_LIT("x"), DW_STR_LIT("c")},
                    longer_list[] = {DW_STR_LIT("ab"), DW_STR_LIT("c"), DW_STR_LIT("c")};

#define TEXT(f, text)                                                                                                  \
    {                                                                                                                  \
        .field = DW_F_VISIT_DONE_##f, .kind = DW_VAL_STR, .s = DW_STR_LIT(text)                                        \
    }
#define CODE(f, code, unknown)                                                                                         \
    {                                                                                                                  \
        .field = DW_F_VISIT_DONE_##f, .kind = DW_VAL_ENUM, .flags = unknown, .i = code                                 \
    }
#define LIST(strings, count)                                                                                           \
    {                                                                                                                  \
        .field = DW_F_VISIT_DONE_PLAN_ID, .kind = DW_VAL_STRS, .n = count, .list = strings                             \
    }

/* Pairs of what one record may say; each differs in one thing. */
static const struct {
    const char *name;
    dw_value a[2], b[2];
    uint32_t a_count, b_count;
    dw_event changed; /* of b: type, occurred_at_us, precision and restriction are taken over when they are not 0 */
} pairs[] = {
    {"a text", {TEXT(PLAN_ID, "x")}, {TEXT(PLAN_ID, "y")}, 1, 1, {.type = DW_EV_NONE}},
    {"its field", {TEXT(PLAN_ID, "x")}, {TEXT(PLACEMENT_ID, "x")}, 1, 1, {.type = DW_EV_NONE}},
    {"where it ends",
     {TEXT(PLAN_ID, "xy"), TEXT(PLACEMENT_ID, "z")},
     {TEXT(PLAN_ID, "x"), TEXT(PLACEMENT_ID, "yz")},
     2,
     2,
     {.type = DW_EV_NONE}},
    {"a code", {CODE(MODE, 1, 0)}, {CODE(MODE, 2, 0)}, 1, 1, {.type = DW_EV_NONE}},
    {"the field of a code", {CODE(MODE, 1, 0)}, {CODE(CHILD_SEEN, 1, 0)}, 1, 1, {.type = DW_EV_NONE}},
    {"whether it is known", {CODE(MODE, 1, 0)}, {CODE(MODE, 1, DW_VALF_UNKNOWN_CODE)}, 1, 1, {.type = DW_EV_NONE}},
    {"the first of two codes",
     {CODE(MODE, 1, 0), CODE(CHILD_SEEN, 1, 0)},
     {CODE(MODE, 2, 0), CODE(CHILD_SEEN, 1, 0)},
     2,
     2,
     {.type = DW_EV_NONE}},
    {"one of a list", {LIST(one_list, 2)}, {LIST(other_list, 2)}, 1, 1, {.type = DW_EV_NONE}},
    {"the first of a list", {LIST(one_list, 2)}, {LIST(first_list, 2)}, 1, 1, {.type = DW_EV_NONE}},
    {"the length of a list", {LIST(one_list, 2)}, {LIST(longer_list, 3)}, 1, 1, {.type = DW_EV_NONE}},
    {"a text or a list of one", {TEXT(PLAN_ID, "ab")}, {LIST(one_list, 1)}, 1, 1, {.type = DW_EV_NONE}},
    {"something or nothing", {CODE(MODE, 1, 0)}, {CODE(MODE, 1, 0)}, 1, 0, {.type = DW_EV_NONE}},
    {"its type", {TEXT(PLAN_ID, "x")}, {TEXT(PLAN_ID, "x")}, 0, 0, {.type = DW_EV_SUPERVISION_HELD}},
    {"its instant", {TEXT(PLAN_ID, "x")}, {TEXT(PLAN_ID, "x")}, 1, 1, {.occurred_at_us = INT64_C(1000000000000001)}},
    {"its day", {TEXT(PLAN_ID, "x")}, {TEXT(PLAN_ID, "x")}, 1, 1, {.occurred_at_us = INT64_C(1000086400000000)}},
    {"its precision", {TEXT(PLAN_ID, "x")}, {TEXT(PLAN_ID, "x")}, 1, 1, {.occurred_precision = DW_PRECISION_DATE}},
    {"its restriction", {TEXT(PLAN_ID, "x")}, {TEXT(PLAN_ID, "x")}, 1, 1, {.restricted = DW_ANSWER_Y}},
};

/* Two revisions of one number, recorded at one time: the content decides which of them stands, and so in either order. */
START_TEST(what_is_content)
{
    dw_event ev[2] = {{.type = DW_EV_VISIT_DONE, .op = DW_OP_CREATE, .source_revision = 1}};
    ev[0].occurred_at_us = INT64_C(999990000000000); /* the first of its day in London */
    ev[0].source_record_id = DW_STR_LIT("r");
    ev[1] = ev[0];
    const dw_event *changed = &pairs[_i].changed;
    if (changed->type != DW_EV_NONE)
        ev[1].type = changed->type;
    if (changed->occurred_at_us != 0)
        ev[1].occurred_at_us = changed->occurred_at_us;
    ev[1].occurred_precision = changed->occurred_precision;
    ev[1].restricted = changed->restricted;
    memcpy(ev[0].values, pairs[_i].a, sizeof pairs[_i].a);
    memcpy(ev[1].values, pairs[_i].b, sizeof pairs[_i].b);
    ev[0].value_count = pairs[_i].a_count;
    ev[1].value_count = pairs[_i].b_count;
    int applied = 0;
    uint64_t content[2];
    for (int first = 0; first < 2; first++) {
        dw_record *mine = dw_record_new(DW_STR_LIT("941"), DW_STR_LIT("c-1"));
        ck_assert_int_eq(dw_record_put(mine, &ev[first], 1), DW_APPLIED);
        ck_assert_int_eq(dw_record_put(mine, &ev[first], 2), DW_DUPLICATE);
        applied += dw_record_put(mine, &ev[!first], 3) == DW_APPLIED;
        ck_assert_uint_eq(mine->fact_count, 1);
        content[first] = mine->facts[0].content;
        dw_record_free(&mine);
    }
    ck_assert_msg(applied == 1, "%s", pairs[_i].name);
    ck_assert_uint_eq(content[0], content[1]);
}
END_TEST

/* One source record told under two subjects, of one revision and time: the content decides which one counts, also when it
 * has to be worked out again. */
START_TEST(content_decides_after_storing)
{
    static const char *const texts[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    int second = 0;
    for (int i = 0; i < 8; i++) {
        dw_record *mine = dw_record_new(DW_STR_LIT("941"), DW_STR_LIT("c-1")), *back = NULL;
        dw_error err = {0};
        dw_value own[] = {TEXT(PLAN_ID, "own")};
        dw_value other[] = {TEXT(PLAN_ID, ""),
                            {.field = DW_F_ENV_ORIGIN, .kind = DW_VAL_STR, .s = DW_STR_LIT("941/c-2")}};
        other[0].s = dw_str_from(texts[i]);
        dw_fact facts[2] = {{.key = 7, .type = DW_EV_VISIT_DONE, .revision = 1, .values = own, .value_count = 1},
                            {.key = 7, .type = DW_EV_VISIT_DONE, .revision = 1, .values = other, .value_count = 2}};
        ck_assert_int_eq(dw_record_put_fact(mine, &facts[0]), DW_APPLIED);
        ck_assert_int_eq(dw_record_put_fact(mine, &facts[1]), DW_APPLIED);
        ck_assert_uint_eq(mine->fact_count, 2);
        uint32_t shadowed = (mine->facts[1].flags & DW_FACTF_SHADOWED) != 0;
        ck_assert_uint_eq((mine->facts[0].flags & DW_FACTF_SHADOWED) != 0, !shadowed);
        ck_assert_int_eq(dw_fact_counts(&mine->facts[0]), shadowed);
        ck_assert_int_eq(mine->facts[!shadowed].content > mine->facts[shadowed].content, 1);
        ck_assert_int_eq(dw_record_encode(mine, NULL, &enc, &err), DW_OK);
        ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len, &back, &err), DW_OK);
        memset(back->changed, 0, sizeof back->changed);
        dw_record_settle_key(back, 7);
        ck_assert_uint_eq((back->facts[1].flags & DW_FACTF_SHADOWED) != 0, shadowed);
        ck_assert_uint_eq((back->facts[0].flags & DW_FACTF_SHADOWED) != 0, !shadowed);
        for (size_t k = 0; k < sizeof back->changed / sizeof back->changed[0]; k++)
            ck_assert_uint_eq(back->changed[k], 0); /* nothing has changed by it */
        second += shadowed == 0;
        dw_record_free(&back);
        dw_record_free(&mine);
    }
    ck_assert_int_gt(second, 0);
    ck_assert_int_lt(second, 8);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record_content");
    TCase *cases = tcase_create("record_content");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, content_decides_after_storing);
    tcase_add_loop_test(cases, what_is_content, 0, sizeof pairs / sizeof pairs[0]);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

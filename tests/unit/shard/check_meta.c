/* check_meta.c: meta comes back as written, damage is told, and the guard knows who wrote last. */

#include "daemon/shard/meta.h"
#include "tests/support/suite.h"

typedef struct hash {
    dw_reply items[64];
    char text[64][220];
    size_t count;
} hash;

static void keep(void *user, dw_str field, dw_str value)
{
    hash *h = user;
    for (int i = 0; i < 2; i++) {
        dw_str s = i == 0 ? field : value;
        ck_assert_uint_lt(s.len, sizeof(h->text[0]));
        if (s.len != 0)
            memcpy(h->text[h->count], s.ptr, s.len);
        h->items[h->count] = (dw_reply){.type = DW_REPLY_STR, .str = {h->text[h->count], s.len}};
        h->count++;
    }
}

static dw_reply reply_of(const hash *h)
{
    return (dw_reply){.type = DW_REPLY_ARRAY, .items = h->items, .count = h->count};
}

static dw_meta sample(void)
{
    dw_meta meta;
    dw_meta_init(&meta);
    meta = (dw_meta){.present = true,
                     .format = 1,
                     .core = 2,
                     .policy_number = 3,
                     .epoch = 4,
                     .seq = 5,
                     .offset = 600,
                     .clock_us = 1767600000000000,
                     .outbox_last = {599, 12},
                     .policy_offset = 600,
                     .partitions = 64,
                     .anchor_offset = 599,
                     .pass_until = 640,
                     .anchor_digest = "0123456789abcdef",
                     .ledger = {500, 60, 10, 9, 8, 7, 6},
                     .cursor = "301/child-7",
                     .owner = "o1",
                     .run_id = "r1",
                     .cluster_id = "k1",
                     .released = "anchor_differs:because"};
    return meta;
}

START_TEST(comes_back)
{
    static hash h, h2;
    dw_meta meta = sample(), back;
    h.count = h2.count = 0;
    dw_meta_fields(&meta, NULL, keep, &h);
    dw_reply reply = reply_of(&h);
    ck_assert_int_eq(dw_meta_parse(&reply, &back, NULL), DW_OK);
    ck_assert_uint_eq(dw_ledger_sum(&back.ledger), 600);
    ck_assert_str_eq(back.cursor, "301/child-7");
    ck_assert_int_eq(back.outbox_last.n, 12);
    ck_assert_int_eq(back.anchor_offset, 599);
    ck_assert_int_eq(back.pass_until, 640);
    dw_meta_fields(&back, &meta, keep, &h2); /* what differs: nothing */
    ck_assert_uint_eq(h2.count, 0);
    back.seq++;
    back.policy_offset = DW_NO_OFFSET;
    back.cursor[0] = '\0';
    dw_meta_fields(&back, &meta, keep, &h2);
    ck_assert_uint_eq(h2.count, 6);
}
END_TEST

START_TEST(empty_is_not_present)
{
    static hash h;
    dw_meta back;
    dw_reply reply = reply_of(&h);
    ck_assert_int_eq(dw_meta_parse(&reply, &back, NULL), DW_OK);
    ck_assert(!back.present);
    ck_assert_int_eq(back.anchor_offset, DW_NO_OFFSET);
    ck_assert_int_eq(back.policy_offset, DW_NO_OFFSET);
}
END_TEST

static const char *const damage[][2] = {{"epoch", ""},
                                        {"epoch", "1x"},
                                        {"epoch", "-1"},
                                        {"seq", "99999999999999999999"},
                                        {"offset", "-5"},
                                        {"offset", " 5"},
                                        {"outbox_last", "5"},
                                        {"outbox_last", "-5-1"},
                                        {"outbox_last", "5-"},
                                        {"ledger", "1,2,3"},
                                        {"ledger", "1,2,3,4,5,6,7,8"},
                                        {"ledger", "1,2,3,4,5,6,x"},
                                        {"anchor", "77"},
                                        {"anchor", "77:0123456789abcdef0"},
                                        {"policy_number", "4294967296"},
                                        {"partitions", "many"}};

START_TEST(damage_is_told)
{
    static hash h;
    dw_meta meta = sample(), back;
    dw_error err;
    h.count = 0;
    dw_meta_fields(&meta, NULL, keep, &h);
    keep(&h, dw_str_from(damage[_i][0]), dw_str_from(damage[_i][1]));
    dw_reply reply = reply_of(&h);
    ck_assert_int_eq(dw_meta_parse(&reply, &back, &err), DW_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.text, damage[_i][0]));
}
END_TEST

static const struct {
    const char *epoch, *owner, *run_id, *seq;
    dw_guard guard;
} guards[] = {{"4", "o1", "r1", "5", DW_GUARD_SAME},    {"4", "o1", "r1", "6", DW_GUARD_NEXT},
              {"5", "o2", "r1", "6", DW_GUARD_FOREIGN}, {"4", "o2", "r1", "5", DW_GUARD_FOREIGN},
              {"4", "o1", "r2", "5", DW_GUARD_FOREIGN}, {"4", "o1", "r1", "4", DW_GUARD_BEHIND},
              {"3", "o9", "r1", "2", DW_GUARD_BEHIND},  {"4", "o1", "r1", "7", DW_GUARD_FOREIGN},
              {NULL, "o1", "r1", "5", DW_GUARD_BEHIND}, {"x", "o1", "r1", "5", DW_GUARD_ERROR}};

START_TEST(guard_knows)
{
    dw_meta meta = sample();
    const char *const fields[] = {guards[_i].epoch, guards[_i].owner, guards[_i].run_id, guards[_i].seq, "rebuild:x"};
    dw_reply items[5];
    for (size_t i = 0; i < 5; i++)
        items[i] = (dw_reply){.type = fields[i] != NULL ? DW_REPLY_STR : DW_REPLY_NIL, .str = dw_str_from(fields[i])};
    dw_reply reply = {.type = DW_REPLY_ARRAY, .items = items, .count = 5};
    ck_assert_int_eq(dw_meta_guard(&meta, &reply), guards[_i].guard);
    if (guards[_i].guard == DW_GUARD_SAME)
        ck_assert_str_eq(meta.released, "rebuild:x");
}
END_TEST

START_TEST(guard_refuses_errors)
{
    dw_meta meta = sample();
    dw_reply error = {.type = DW_REPLY_ERROR, .str = DW_STR_LIT("LOADING")}, nil = {.type = DW_REPLY_NIL};
    ck_assert_int_eq(dw_meta_guard(&meta, &error), DW_GUARD_ERROR);
    ck_assert_int_eq(dw_meta_guard(&meta, &nil), DW_GUARD_ERROR);
}
END_TEST

START_TEST(positions)
{
    char text[DW_POSITION_BYTES_MAX];
    dw_position p = {INT64_MAX, INT64_MAX}, back;
    uint32_t n = dw_position_print(p, text);
    ck_assert_uint_eq(n, strlen(text));
    ck_assert(dw_position_parse(dw_str_from(text), &back));
    ck_assert_int_eq(dw_position_cmp(p, back), 0);
    ck_assert_int_lt(dw_position_cmp((dw_position){1, 9}, (dw_position){2, 1}), 0);
    ck_assert_int_gt(dw_position_cmp((dw_position){2, 2}, (dw_position){2, 1}), 0);
    ck_assert(!dw_position_parse(DW_STR_LIT("9223372036854775808-1"), &back));
    ck_assert(!dw_position_parse(DW_STR_LIT("1-1-1"), &back));
    ck_assert(!dw_position_parse((dw_str){NULL, 0}, &back));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("meta");
    TCase *tc = tcase_create("meta");
    tcase_add_test(tc, comes_back);
    tcase_add_test(tc, empty_is_not_present);
    tcase_add_loop_test(tc, damage_is_told, 0, (int)(sizeof(damage) / sizeof(damage[0])));
    tcase_add_loop_test(tc, guard_knows, 0, (int)(sizeof(guards) / sizeof(guards[0])));
    tcase_add_test(tc, guard_refuses_errors);
    tcase_add_test(tc, positions);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

/* check_move.c: facts and names on their way between subjects: what is told comes out as it went in, and half of it is refused. */
#include <limits.h>
#include <stdlib.h>

#include "field_ids.h"
#include "proto/encode.h"
#include "proto/schema.h"
#include "samples.h"
#include "tests/support/suite.h"

static dw_arena *arena;

static void setup(void)
{
    arena = dw_arena_new(8 << 20);
    ck_assert_ptr_nonnull(arena);
}

static void teardown(void)
{
    dw_arena_free(&arena);
}

#define TO .to_la_code = DW_STR_LIT("937"), .to_child_ref = DW_STR_LIT("C-2")
#define FROM .from_la_code = DW_STR_LIT("938"), .from_child_ref = DW_STR_LIT("C-3")
#define BYTES(n)                                                                                                       \
    .facts = (dw_str)                                                                                                  \
    {                                                                                                                  \
        bytes, n                                                                                                       \
    }

static const char bytes[] = "\0\1\xfe\xff?";

static const struct {
    const char *name;
    dw_moved moved;
    dw_errc code;
} rows[] = {
    {"a new name", {TO}, DW_OK},
    {"a new name, told by another", {TO, FROM}, DW_OK},
    {"one byte", {FROM, BYTES(1)}, DW_OK},
    {"two bytes", {FROM, BYTES(2)}, DW_OK},
    {"three bytes", {FROM, BYTES(3)}, DW_OK},
    {"four bytes, and more to come", {FROM, BYTES(4), .more = true}, DW_OK},
    {"five bytes", {FROM, BYTES(5)}, DW_OK},
    {"nothing", {.more = true}, DW_E_CONTROL},
    {"from somewhere", {FROM}, DW_E_CONTROL},
    {"facts from nowhere", {BYTES(3)}, DW_E_CONTROL},
    {"facts and a new name", {TO, FROM, BYTES(3)}, DW_E_CONTROL},
    {"to half a subject", {.to_la_code = DW_STR_LIT("937")}, DW_E_CONTROL},
    {"to the other half", {.to_child_ref = DW_STR_LIT("C-2")}, DW_E_CONTROL},
    {"from half a subject", {.from_la_code = DW_STR_LIT("938"), BYTES(3)}, DW_E_CONTROL},
    {"from the other half", {.from_child_ref = DW_STR_LIT("C-3"), BYTES(3)}, DW_E_CONTROL},
};

static bool same(dw_str a, dw_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

START_TEST(there_and_back)
{
    const dw_moved *in = &rows[_i].moved;
    const uint8_t *encoded;
    size_t len;
    dw_event ev;
    dw_error err = {0};
    ck_assert_int_eq(
        dw_moved_encode(DW_STR_LIT("936"), DW_STR_LIT("C-1"), in, 5000000, "id-7", arena, &encoded, &len, &err), DW_OK);
    ck_assert_int_eq(dw_event_decode(encoded, len, arena, &ev, &err), DW_OK);
    ck_assert_int_eq(ev.type, DW_EV_SUBJECT_MOVED);
    ck_assert_int_eq(ev.op, DW_OP_CREATE);
    ck_assert_int_eq(ev.occurred_at_us, 5000000);
    ck_assert_uint_eq(ev.source_revision, 1);
    ck_assert(dw_str_eq(ev.event_id, DW_STR_LIT("moved-id-7")));
    ck_assert(dw_str_eq(ev.source_system, DW_STR_LIT("driftwatch")));
    ck_assert(dw_str_eq(ev.source_record_id, DW_STR_LIT("id-7")));
    ck_assert(dw_str_eq(ev.la_code, DW_STR_LIT("936")));
    ck_assert(dw_str_eq(ev.child_ref, DW_STR_LIT("C-1")));
    dw_moved out, before;
    memset(&out, 0x5a, sizeof out);
    memcpy(&before, &out, sizeof out);
    dw_errc code = dw_moved_from_event(&ev, arena, &out, &err);
    ck_assert_msg(code == rows[_i].code, "%s: %s", rows[_i].name, dw_errc_name(code));
    if (code != DW_OK) {
        ck_assert_mem_eq(&out, &before, sizeof out);
        return;
    }
    ck_assert(same(out.to_la_code, in->to_la_code) && same(out.to_child_ref, in->to_child_ref));
    ck_assert(same(out.from_la_code, in->from_la_code) && same(out.from_child_ref, in->from_child_ref));
    ck_assert_msg(same(out.facts, in->facts), "%s", rows[_i].name);
    ck_assert(out.more == in->more);
}
END_TEST

/* Facts as they stand in the record, and what becomes of them. */
static const struct {
    const char *text;
    dw_errc code;
    const char *facts;
} texts[] = {
    {"QUJD", DW_OK, "ABC"},       {"QUI=", DW_OK, "AB"},
    {"QQ==", DW_OK, "A"},         {"QUJDRA==", DW_OK, "ABCD"},
    {"QUJ", DW_E_CONTROL, NULL},  {"QUJDR", DW_E_CONTROL, NULL},
    {"QU*D", DW_E_CONTROL, NULL}, {"    QUJD", DW_E_CONTROL, NULL}, /* OpenSSL skips blanks */
};

static void put_text(dw_event *ev, uint16_t field, const char *text)
{
    ck_assert(dw_event_put(ev, &(dw_value){.field = field, .kind = DW_VAL_STR, .s = dw_str_from(text)}));
}

START_TEST(facts_as_text)
{
    dw_event ev = sample_envelope(DW_EV_SUBJECT_MOVED);
    dw_moved out = {.more = true};
    put_text(&ev, DW_F_SUBJECT_MOVED_FROM_LA_CODE, "938");
    put_text(&ev, DW_F_SUBJECT_MOVED_FROM_CHILD_REF, "C-3");
    put_text(&ev, DW_F_SUBJECT_MOVED_FACTS, texts[_i].text);
    ck_assert(dw_event_put(&ev, &(dw_value){.field = DW_F_SUBJECT_MOVED_MORE, .kind = DW_VAL_ENUM, .i = DW_ANSWER_N}));
    ck_assert_int_eq(dw_moved_from_event(&ev, arena, &out, NULL), texts[_i].code);
    if (texts[_i].facts == NULL)
        return;
    ck_assert(dw_str_eq(out.facts, dw_str_from(texts[_i].facts)));
    ck_assert(!out.more);
    dw_arena *small = dw_arena_new_small(16, 16);
    ck_assert_ptr_nonnull(dw_arena_alloc(small, 16));
    ck_assert_int_eq(dw_moved_from_event(&ev, small, &out, NULL), DW_E_NOMEM);
    dw_arena_free(&small);
}
END_TEST

START_TEST(what_cannot_be_encoded)
{
    const uint8_t *encoded;
    size_t len = 7;
    dw_event ev = sample_envelope(DW_EV_VISIT_DONE);
    dw_moved moved = {.facts = {bytes, INT_MAX / 2 + 1u}}; /* never read */
    ck_assert_int_eq(
        dw_moved_encode(DW_STR_LIT("936"), DW_STR_LIT("C-1"), &moved, 1, "id", arena, &encoded, &len, NULL),
        DW_E_TOO_BIG);
    dw_arena *small = dw_arena_new_small(16, 16);
    moved.facts.len = 5;
    ck_assert_ptr_nonnull(dw_arena_alloc(small, 16));
    ck_assert_int_eq(
        dw_moved_encode(DW_STR_LIT("936"), DW_STR_LIT("C-1"), &moved, 1, "id", small, &encoded, &len, NULL),
        DW_E_NOMEM);
    dw_arena_free(&small);
    ck_assert_uint_eq(len, 7);
    ck_assert_int_eq(dw_moved_from_event(&ev, arena, &moved, NULL), DW_E_INVAL);
    ck_assert_uint_eq(moved.facts.len, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("move");
    TCase *tc = tcase_create("move");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, there_and_back, 0, sizeof rows / sizeof rows[0]);
    tcase_add_loop_test(tc, facts_as_text, 0, sizeof texts / sizeof texts[0]);
    tcase_add_test(tc, what_cannot_be_encoded);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

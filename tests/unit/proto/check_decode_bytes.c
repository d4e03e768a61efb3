/* Bad input: unknown fields, bombs, sizes and broken bytes. */

#include "proto/alert.h"
#include "proto/schema.h"
#include "proto/unpack.h"
#include "tests/unit/proto/bad_input.h"

/* --- unknown fields and bombs */

START_TEST(unknown_fields_are_counted)
{
    dw_event ev;
    dw_error err;
    wire_envelope(&w, 0);
    wire_bytes(&w, 29, "new", 3);
    wire_number(&w, 1000, 5);
    wire_tag(&body, 99, 5);
    wire_varint(&body, 1), wire_varint(&body, 1), wire_varint(&body, 1), wire_varint(&body, 1);
    wire_tag(&body, 98, 1);
    for (int i = 0; i < 8; i++)
        wire_varint(&body, 1);
    wire_number(&body, DW_F_VISIT_DONE_MODE, DW_V_VISIT_MODE_F2F);
    wire_bytes(&w, DW_EV_VISIT_DONE, body.bytes, body.len);
    ck_assert_msg(decode(&ev, &err) == DW_OK, "%s", err.text);
    ck_assert_uint_eq(ev.unknown_fields, 4);
    ck_assert_uint_eq(ev.unknown_codes, 0);
    ck_assert_uint_eq(ev.value_count, 1);
}
END_TEST

/* Codes of a later build in the envelope itself, each by itself. */
START_TEST(unknown_codes_of_the_envelope_are_counted)
{
    static const struct {
        uint64_t precision, restricted;
        uint32_t count;
    } table[] = {{1, 1, 0}, {77, 1, 1}, {1, 77, 1}, {77, 77, 2}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        dw_event ev;
        dw_error err;
        w.len = 0;
        wire_envelope(&w, 0);
        wire_number(&w, 6, table[i].precision);
        wire_number(&w, 16, table[i].restricted);
        wire_bytes(&w, DW_EV_VISIT_DONE, NULL, 0);
        ck_assert_int_eq(decode(&ev, &err), DW_OK);
        ck_assert_uint_eq(ev.unknown_codes, table[i].count);
    }
}
END_TEST

START_TEST(too_many_unknown_fields)
{
    wire_envelope(&w, 0);
    wire_bytes(&w, DW_EV_VISIT_DONE, NULL, 0);
    for (int i = 0; i < DW_EVENT_UNKNOWN_FIELDS_MAX; i++)
        wire_number(&w, 500, 1);
    ASSERT_CODE(DW_OK);
    wire_number(&w, 500, 1);
    ASSERT_CODE(DW_E_BOMB);
}
END_TEST

/* What protobuf-c would blow up: 29-fold unknown fields, 57-fold empty messages, repeated and duplicated fields. */
START_TEST(bombs)
{
    wire_envelope(&w, 0);
    wire_bytes(&w, DW_EV_VISIT_DONE, NULL, 0);
    while (w.len < DW_EVENT_BYTES_MAX - 8)
        wire_bytes(&w, 1000, NULL, 0);
    ASSERT_CODE(DW_E_BOMB);
    ck_assert_uint_lt(dw_arena_used(arena), 1024); /* refused before anything was unpacked */

    wire_envelope(&w, 0);
    body.len = 0;
    for (int i = 0; i < DW_EVENT_REPEATED_MAX; i++)
        wire_text(&body, DW_F_RHI_EPISODE_IDS, "m");
    wire_bytes(&w, DW_EV_RHI, body.bytes, body.len);
    ASSERT_CODE(DW_OK);
    wire_envelope(&w, 0);
    wire_text(&body, DW_F_RHI_EPISODE_IDS, "m");
    wire_bytes(&w, DW_EV_RHI, body.bytes, body.len);
    ASSERT_CODE(DW_E_BOMB);

    wire_envelope(&w, 0);
    wire_bytes(&w, DW_EV_VISIT_DONE, NULL, 0);
    while (w.len < DW_EVENT_BYTES_MAX - 8)
        wire_text(&w, 12, "a"); /* a known field again and again */
    ASSERT_CODE(DW_E_BOMB);

    wire_envelope(&w, 0);
    body.len = 0;
    add_date(&body, DW_F_PLAN_REVIEW_HELD_ON);
    add_date(&body, DW_F_PLAN_REVIEW_HELD_ON);
    wire_bytes(&w, DW_EV_PLAN_REVIEW, body.bytes, body.len);
    ASSERT_CODE(DW_E_CONFLICT);
}
END_TEST

/* To the field: of one number that is said again and again the last would count. */
START_TEST(as_many_fields_as_there_may_be)
{
    for (int i = 0; i < DW_EVENT_WIRE_FIELDS_MAX; i++)
        wire_number(&w, 2, 1);
    ASSERT_CODE(DW_E_NO_BODY); /* looked at */
    wire_number(&w, 2, 1);
    ASSERT_CODE(DW_E_BOMB);
}
END_TEST

/* 9,000 nested levels in an unknown field are just bytes; in a known one the schema ends them. */
START_TEST(deep_nesting)
{
    static uint8_t nested[30000];
    size_t len = 0;
    while (len + 4 < sizeof(nested)) {
        memmove(nested + 4, nested, len);
        nested[0] = 0x6a; /* field 13, bytes */
        nested[1] = (uint8_t)(len & 0x7f) | 0x80;
        nested[2] = (uint8_t)(len >> 7 & 0x7f) | 0x80;
        nested[3] = (uint8_t)(len >> 14);
        len += 4;
    }
    wire_envelope(&w, 0);
    wire_bytes(&w, DW_EV_PLAN_STARTED, nested, len);
    ASSERT_CODE(DW_OK);
    dw_event ev;
    dw_error err;
    ck_assert_int_eq(decode(&ev, &err), DW_OK);
    ck_assert_uint_eq(ev.unknown_fields, 1);
}
END_TEST

/* --- sizes and broken bytes */

START_TEST(sizes)
{
    dw_event ev;
    dw_error err;
    static char filler[DW_POLICY_BYTES_MAX + 1];
    memset(filler, 'x', sizeof(filler));
    ck_assert_int_eq(dw_event_decode(NULL, 0, arena, &ev, &err), DW_E_NO_VALUE);
    ck_assert_int_eq(dw_event_decode((const uint8_t *)"", 0, arena, &ev, &err), DW_E_NO_VALUE);
    wire_envelope(&w, 0);
    wire_bytes(&w, DW_EV_VISIT_DONE, NULL, 0);
    size_t left = DW_EVENT_BYTES_MAX - w.len - 5; /* tag of two bytes, length of three */
    wire_bytes(&w, 1000, filler, left);
    ck_assert_uint_eq(w.len, DW_EVENT_BYTES_MAX);
    ASSERT_CODE(DW_OK);
    wire_number(&w, 2, 1);
    ASSERT_CODE(DW_E_TOO_BIG);
    wire_envelope(&w, 0);
    wire_bytes(&w, 1000, filler, sizeof(filler));
    ASSERT_CODE(DW_E_TOO_BIG);
    memset(w.bytes, 0xff, 100000); /* not even a message */
    w.len = 100000;
    ASSERT_CODE(DW_E_TOO_BIG);
}
END_TEST

START_TEST(every_truncation_is_refused)
{
    size_t whole;
    wire_envelope(&w, 0);
    wire_text(&body, DW_F_VISIT_DONE_PLAN_ID, "p-1");
    wire_instant(&body, DW_F_VISIT_DONE_AUTHORISED_AT, 1605864600, 5);
    wire_bytes(&w, DW_EV_VISIT_DONE, body.bytes, body.len);
    whole = w.len;
    ASSERT_CODE(DW_OK);
    for (size_t len = 1; len < whole; len++) {
        dw_event ev;
        dw_error err;
        w.len = len;
        dw_errc code = decode(&ev, &err);
        ck_assert_msg(code == DW_E_TRUNCATED || code == DW_E_NO_BODY, "%zu: %s", len, dw_errc_name(code));
    }
}
END_TEST

static const struct {
    const char *bytes;
    size_t len;
} broken_table[] = {
    {"\x00\x01", 2},                                          /* field number 0 */
    {"\x0b", 1},                                              /* start of a group */
    {"\x0c", 1},                                              /* end of a group */
    {"\x0e\x01", 2},                                          /* wire type 6 */
    {"\x08\x01", 2},                                          /* event_id as a number */
    {"\x12\x01x", 3},                                         /* schema_version as text */
    {"\xff\xff\xff\xff\xff\xff", 6},                          /* a tag without end */
    {"\x90\x80\x80\x80\x80\x00\x01", 7},                      /* a tag of more bytes than 32 bits take */
    {"\x0a\x81\x80\x80\x80\x80\x00x", 8},                     /* so a length */
    {"\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12}, /* a number of 11 bytes */
    {"\x0a\xff\xff\xff\xff\x7f", 6},                          /* a length beyond 32 bits */
    {"\x0a\x05", 2},                                          /* a length behind the end */
    {"{\"event_id\":1}", 14},                                 /* JSON */
};

START_TEST(broken_bytes)
{
    memcpy(w.bytes, broken_table[_i].bytes, broken_table[_i].len);
    w.len = broken_table[_i].len;
    ASSERT_CODE(DW_E_TRUNCATED);
}
END_TEST

START_TEST(a_full_arena_is_not_a_bomb)
{
    dw_event ev;
    dw_error err = {DW_OK, ""};
    dw_arena *small = dw_arena_new(16);
    wire_envelope(&w, 0);
    wire_bytes(&w, DW_EV_VISIT_DONE, NULL, 0);
    ck_assert_int_eq(dw_event_decode(w.bytes, w.len, small, &ev, &err), DW_E_NOMEM);
    dw_arena_free(&small);
}
END_TEST

/* protobuf-c may take so much memory for one message, and no more. */
START_TEST(a_message_that_takes_too_much)
{
    static char text[DW_EVENT_ARENA_BYTES_MAX / 4];
    static const uint32_t fields[] = {9, 13, 24}; /* texts */
    dw_transition tr;
    dw_error err;
    memset(text, 'x', sizeof text);
    for (int i = 0; i < 3; i++)
        wire_bytes(&w, fields[i], text, sizeof text);
    ck_assert_int_eq(dw_transition_decode(w.bytes, w.len, arena, &tr, &err), DW_OK);
    ck_assert_uint_eq(tr.post.len, sizeof text);
    wire_bytes(&w, 28, text, sizeof text - 400);
    for (int i = 0; i < 60; i++)
        wire_bytes(&w, 21, NULL, 0); /* a cause takes more memory than bytes */
    ck_assert_int_eq(dw_transition_decode(w.bytes, w.len, arena, &tr, &err), DW_E_BOMB);
    ck_assert_ptr_nonnull(strstr(err.text, "bytes of memory"));
    dw_arena *small = dw_arena_new_small(4096, 4096);
    w.len = 0;
    wire_bytes(&w, 13, text, 8192);
    ck_assert_int_eq(dw_transition_decode(w.bytes, w.len, small, &tr, &err), DW_E_NOMEM);
    dw_arena_free(&small);
}
END_TEST

/* And to the byte so much. */
START_TEST(a_message_that_takes_all_there_may_be)
{
    static char text[DW_EVENT_ARENA_BYTES_MAX / 4];
    static const uint32_t fields[] = {9, 13, 24};
    const ProtobufCMessageDescriptor *desc = &driftwatch__v1__alert_transition__descriptor;
    const ProtobufCMessage *out;
    dw_wire_facts facts;
    dw_error err;
    memset(text, 'x', sizeof text);
    for (int i = 0; i < 3; i++)
        wire_bytes(&w, fields[i], text, sizeof text);
    size_t len = w.len, before = dw_arena_used(arena);
    wire_bytes(&w, 28, text, 15); /* and its NUL: what the arena gives out at least */
    ck_assert_int_eq(dw_unpack(desc, w.bytes, w.len, arena, &out, &facts, &err), DW_OK);
    size_t left = DW_EVENT_ARENA_BYTES_MAX - (dw_arena_used(arena) - before - 16);
    ck_assert_uint_lt(left, sizeof text);
    for (size_t over = 0; over < 2; over++) {
        w.len = len;
        wire_bytes(&w, 28, text, left - 1 + over);
        ck_assert_int_eq(dw_unpack(desc, w.bytes, w.len, arena, &out, &facts, &err), over == 0 ? DW_OK : DW_E_BOMB);
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("decode_bytes");
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, unknown_fields_are_counted);
    tcase_add_test(tc, unknown_codes_of_the_envelope_are_counted);
    tcase_add_test(tc, too_many_unknown_fields);
    tcase_add_test(tc, bombs);
    tcase_add_test(tc, as_many_fields_as_there_may_be);
    tcase_add_test(tc, deep_nesting);
    tcase_add_test(tc, sizes);
    tcase_add_test(tc, every_truncation_is_refused);
    tcase_add_loop_test(tc, broken_bytes, 0, COUNT(broken_table));
    tcase_add_test(tc, a_full_arena_is_not_a_bomb);
    tcase_add_test(tc, a_message_that_takes_too_much);
    tcase_add_test(tc, a_message_that_takes_all_there_may_be);
    return run_suite_of(tc, "decode_bytes");
}

/* Control records: ticks, policy text with its digest, core version. */
#include <stdlib.h>

#include "field_ids.h"
#include "proto/civil.h"
#include "proto/encode.h"
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

START_TEST(ticks)
{
    const uint8_t *bytes;
    size_t len;
    dw_event ev;
    dw_error err;
    ck_assert_int_eq(dw_tick_encode(INT64_C(1605864600123456), arena, &bytes, &len, &err), DW_OK);
    ck_assert_int_eq(dw_event_decode(bytes, len, arena, &ev, &err), DW_OK);
    ck_assert_int_eq(ev.type, DW_EV_CLOCK_TICK);
    ck_assert_int_eq(ev.occurred_at_us, INT64_C(1605864600123456));
    ck_assert_uint_eq(ev.value_count, 0);
    ck_assert_uint_eq(ev.la_code.len, 0);
}
END_TEST

START_TEST(core_version)
{
    const uint8_t *bytes;
    size_t len;
    uint32_t version = 0;
    dw_event ev;
    dw_error err;
    ck_assert_int_eq(dw_core_set_encode(7, arena, &bytes, &len, &err), DW_OK);
    ck_assert_int_eq(dw_core_set_decode(bytes, len, &version, &err), DW_OK);
    ck_assert_uint_eq(version, 7);
    ck_assert_int_eq(dw_event_decode(bytes, len, arena, &ev, &err), DW_OK);
    ck_assert_int_eq(ev.type, DW_EV_CORE_SET);
    ck_assert_int_eq(dw_core_set_encode(0, arena, &bytes, &len, &err), DW_E_INVAL);
    ck_assert_int_eq(dw_tick_encode(1, arena, &bytes, &len, &err), DW_OK);
    version = 9;
    ck_assert_int_eq(dw_core_set_decode(bytes, len, &version, &err), DW_E_CONTROL);
    ck_assert_int_eq(dw_core_set_decode(NULL, 0, &version, &err), DW_E_NO_VALUE);
    ck_assert_uint_eq(version, 9);
}
END_TEST

static dw_policy_text sample_policy(void)
{
    return (dw_policy_text){.number = 3,
                            .standards = DW_STR_LIT("rules:\n\t- id: CP-07 # \xe2\x82\xac\r\n"),
                            .calendar = DW_STR_LIT("{}"),
                            .organisation = DW_STR_LIT("posts: []\n"),
                            .cut_over_us = INT64_C(1605864600000000)};
}

START_TEST(policy_text)
{
    const uint8_t *bytes;
    size_t len;
    dw_policy_text out, in = sample_policy();
    dw_event ev;
    dw_error err = {DW_OK, ""};
    ck_assert_msg(dw_policy_text_encode(&in, arena, &bytes, &len, &err) == DW_OK, "%s", err.text);
    ck_assert_msg(dw_policy_text_decode(bytes, len, arena, &out, &err) == DW_OK, "%s", err.text);
    ck_assert_uint_eq(out.number, 3);
    ck_assert(dw_str_eq(out.standards, in.standards));
    ck_assert(dw_str_eq(out.calendar, in.calendar));
    ck_assert(dw_str_eq(out.organisation, in.organisation));
    ck_assert_int_eq(out.cut_over_us, in.cut_over_us);
    ck_assert_uint_eq(out.digest.len, 64);
    ck_assert_msg(dw_event_decode(bytes, len, arena, &ev, &err) == DW_OK, "%s", err.text);
    ck_assert_int_eq(ev.type, DW_EV_POLICY_SET);
    ck_assert_int_eq(dw_event_get(&ev, DW_F_POLICY_SET_NUMBER)->i, 3);
    in.cut_over_us = 0;
    ck_assert_int_eq(dw_policy_text_encode(&in, arena, &bytes, &len, &err), DW_OK);
    ck_assert_int_eq(dw_policy_text_decode(bytes, len, arena, &out, &err), DW_OK);
    ck_assert_int_eq(out.cut_over_us, 0);
}
END_TEST

/* SHA-256 over length and text of each: made with coreutils, and the borders between the texts count. */
START_TEST(digest)
{
    char hex[65], other[65];
    dw_policy_text policy = {
        .standards = DW_STR_LIT("abc"), .calendar = DW_STR_LIT("de"), .organisation = DW_STR_LIT("f")};
    dw_policy_text_digest(&policy, hex);
    ck_assert_str_eq(hex, "48299eebaeb5fe2e45b46c4364999126e280ce81bd8f66cdda6fed67e3f7fab7");
    policy.standards = DW_STR_LIT("ab");
    policy.calendar = DW_STR_LIT("cde");
    dw_policy_text_digest(&policy, other);
    ck_assert_str_ne(hex, other);
    static char rules[0x12345], days[0x301]; /* each byte of a length in its place */
    memset(rules, 'r', sizeof rules);
    memset(days, 'c', sizeof days);
    policy = (dw_policy_text){.standards = {rules, sizeof rules}, .calendar = {days, sizeof days}};
    dw_policy_text_digest(&policy, hex);
    ck_assert_str_eq(hex, "b695484b1e640b6187485236dabdb995b4fc6572d28ed8cc35475e547956bfaf");
}
END_TEST

START_TEST(policy_of_full_size)
{
    const uint8_t *bytes;
    size_t len;
    dw_event ev;
    dw_error err = {DW_OK, ""};
    size_t size = DW_POLICY_BYTES_MAX - 1024;
    char *text = malloc(size + 2048);
    memset(text, 'x', size + 2048);
    dw_policy_text out, in = sample_policy();
    in.standards = (dw_str){text, (uint32_t)size};
    ck_assert_int_eq(dw_policy_text_encode(&in, arena, &bytes, &len, &err), DW_OK);
    dw_arena *own = dw_arena_new(DW_EVENT_ARENA_BYTES_MAX); /* what a decoder has */
    ck_assert_msg(dw_policy_text_decode(bytes, len, own, &out, &err) == DW_OK, "%s", err.text);
    dw_arena_reset(own);
    ck_assert_msg(dw_event_decode(bytes, len, own, &ev, &err) == DW_OK, "%s", err.text);
    /* and to the byte */
    in.standards.len += (uint32_t)(DW_POLICY_BYTES_MAX - len);
    ck_assert_int_eq(dw_policy_text_encode(&in, arena, &bytes, &len, &err), DW_OK);
    ck_assert_uint_eq(len, DW_POLICY_BYTES_MAX);
    dw_arena_reset(own);
    ck_assert_msg(dw_event_decode(bytes, len, own, &ev, &err) == DW_OK, "%s", err.text);
    dw_arena_free(&own);
    in.standards.len++;
    ck_assert_int_eq(dw_policy_text_encode(&in, arena, &bytes, &len, &err), DW_E_TOO_BIG);
    in.standards.len = (uint32_t)(size + 2048);
    ck_assert_int_eq(dw_policy_text_encode(&in, arena, &bytes, &len, &err), DW_E_TOO_BIG);
    free(text);
}
END_TEST

static dw_errc decode_policy(const wire *body)
{
    static wire w;
    dw_policy_text out;
    dw_error err;
    wire_envelope(&w, 0);
    wire_bytes(&w, DW_EV_POLICY_SET, body->bytes, body->len);
    return dw_policy_text_decode(w.bytes, w.len, arena, &out, &err);
}

START_TEST(bad_policies)
{
    static wire body;
    char hex[65];
    dw_policy_text policy = {.standards = DW_STR_LIT("a\x01")};
    dw_policy_text_digest(&policy, hex);
    body.len = 0;
    wire_number(&body, 1, 1);
    wire_text(&body, 2, hex);
    wire_text(&body, 3, "a\x01");
    ck_assert_int_eq(decode_policy(&body), DW_E_NUL);
    policy.standards = DW_STR_LIT("a\xff");
    dw_policy_text_digest(&policy, hex);
    body.len = 0;
    wire_number(&body, 1, 1);
    wire_text(&body, 2, hex);
    wire_text(&body, 3, "a\xff");
    ck_assert_int_eq(decode_policy(&body), DW_E_UTF8);
    policy.standards = DW_STR_LIT("a");
    dw_policy_text_digest(&policy, hex);
    body.len = 0;
    wire_text(&body, 2, hex);
    wire_text(&body, 3, "a");
    ck_assert_int_eq(decode_policy(&body), DW_E_CONTROL); /* no number */
    wire_number(&body, 1, 1);
    ck_assert_int_eq(decode_policy(&body), DW_OK);
    wire_text(&body, 4, "b"); /* the digest no longer fits */
    ck_assert_int_eq(decode_policy(&body), DW_E_CONTROL);
}
END_TEST

/* An event that is not decodable as made by the encoder is refused there: unknown fields, wrong kinds, NUL. */
START_TEST(encoder_refuses)
{
    const uint8_t *bytes = NULL;
    size_t len = 5;
    dw_error err;
    dw_event ev = sample_envelope(DW_EV_VISIT_DONE);
    ev.value_count = 1;
    ev.values[0] = (dw_value){.field = 99, .kind = DW_VAL_INT, .i = 1};
    ck_assert_int_eq(dw_event_encode(&ev, arena, &bytes, &len, &err), DW_E_INVAL);
    ev.values[0] = (dw_value){.field = DW_F_VISIT_DONE_MODE + 256, .kind = DW_VAL_ENUM, .i = 1};
    ck_assert_int_eq(dw_event_encode(&ev, arena, &bytes, &len, &err), DW_E_INVAL);
    ev.values[0] = (dw_value){.field = DW_F_VISIT_DONE_MODE, .kind = DW_VAL_STR, .s = DW_STR_LIT("F2F")};
    ck_assert_int_eq(dw_event_encode(&ev, arena, &bytes, &len, &err), DW_E_INVAL);
    ev.values[0] = (dw_value){.field = DW_F_VISIT_DONE_VISIT_ID, .kind = DW_VAL_STR, .s = DW_STR_LIT("a\0b")};
    ck_assert_int_eq(dw_event_encode(&ev, arena, &bytes, &len, &err), DW_E_NUL);
    ev.type = DW_EV_NONE;
    ck_assert_int_eq(dw_event_encode(&ev, arena, &bytes, &len, &err), DW_E_INVAL);
    ev.type = (dw_event_type)70;
    ck_assert_int_eq(dw_event_encode(&ev, arena, &bytes, &len, &err), DW_E_INVAL);
    ck_assert_ptr_null(bytes);
    ck_assert_uint_eq(len, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("proto control");
    TCase *tc = tcase_create("control");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, ticks);
    tcase_add_test(tc, core_version);
    tcase_add_test(tc, policy_text);
    tcase_add_test(tc, digest);
    tcase_add_test(tc, policy_of_full_size);
    tcase_add_test(tc, bad_policies);
    tcase_add_test(tc, encoder_refuses);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

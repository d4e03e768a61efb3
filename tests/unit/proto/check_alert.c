/* The transition codec: whole, deterministic, bounded. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/civil.h"
#include "proto/json.h"
#include "samples.h"
#include "tests/support/suite.h"

static dw_arena *arena;

static void setup(void)
{
    arena = dw_arena_new(1 << 20);
    ck_assert_ptr_nonnull(arena);
}

static void teardown(void)
{
    dw_arena_free(&arena);
}

static dw_transition sample(void)
{
    dw_transition tr = {
        .kind = DW_TR_ESCALATED,
        .priority = DW_P2,
        .due_kind = DW_DUE_DATE,
        .due_on = 18586,
        .raised_at_us = INT64_C(1605864600123456),
        .rule_version = 2,
        .generation = 1,
        .level = 1,
        .count = 3,
        .policy_number = 4,
        .restricted = true,
        .causes_total = 11,
        .cause_count = 2,
        .causes = {{.partition = 3, .offset = INT64_C(5000000000)}, {.partition = 0, .offset = 0}},
        .alert_id = "8a2f3f5e-0d7b-5c6e-9d7a-3b1c6a5e4f21",
        .transition_id = "8a2f3f5e-0d7b-5c6e-9d7a-3b1c6a5e4f22",
        .rule_id = DW_STR_LIT("CP-07"),
        .la_code = DW_STR_LIT("936"),
        .child_ref = DW_STR_LIT("c-1"),
        .subject_kind = DW_STR_LIT("plan"),
        .subject_id = DW_STR_LIT("p-1"),
        .post = DW_STR_LIT("team-07"),
        .calendar = DW_STR_LIT("ew"),
        .count_mode = DW_STR_LIT("excl"),
        .policy_digest = DW_STR_LIT("00ff"),
    };
    return tr;
}

static void assert_str(dw_str a, dw_str b)
{
    ck_assert_msg(dw_str_eq(a, b), "'%.*s' is not '%.*s'", DW_STR_ARG(a), DW_STR_ARG(b));
}

static void assert_same(const dw_transition *a, const dw_transition *b)
{
    ck_assert_int_eq(a->kind, b->kind);
    ck_assert_int_eq(a->outcome, b->outcome);
    ck_assert_int_eq(a->priority, b->priority);
    ck_assert_int_eq(a->due_kind, b->due_kind);
    ck_assert_int_eq(a->due_on, b->due_on);
    ck_assert_int_eq(a->due_at_us, b->due_at_us);
    ck_assert_int_eq(a->raised_at_us, b->raised_at_us);
    ck_assert_uint_eq(a->rule_version, b->rule_version);
    ck_assert_uint_eq(a->generation, b->generation);
    ck_assert_uint_eq(a->level, b->level);
    ck_assert_uint_eq(a->count, b->count);
    ck_assert_uint_eq(a->policy_number, b->policy_number);
    ck_assert_int_eq(a->restricted, b->restricted);
    ck_assert_int_eq(a->found_at_start, b->found_at_start);
    ck_assert_int_eq(a->approximate, b->approximate);
    ck_assert_uint_eq(a->causes_total, b->causes_total);
    ck_assert_uint_eq(a->cause_count, b->cause_count);
    for (uint32_t i = 0; i < a->cause_count; i++) {
        ck_assert_uint_eq(a->causes[i].partition, b->causes[i].partition);
        ck_assert_int_eq(a->causes[i].offset, b->causes[i].offset);
    }
    ck_assert_str_eq(a->alert_id, b->alert_id);
    ck_assert_str_eq(a->transition_id, b->transition_id);
    assert_str(a->rule_id, b->rule_id);
    assert_str(a->la_code, b->la_code);
    assert_str(a->child_ref, b->child_ref);
    assert_str(a->subject_kind, b->subject_kind);
    assert_str(a->subject_id, b->subject_id);
    assert_str(a->post, b->post);
    assert_str(a->calendar, b->calendar);
    assert_str(a->count_mode, b->count_mode);
    assert_str(a->policy_digest, b->policy_digest);
    assert_str(a->reason_code, b->reason_code);
    assert_str(a->oversight_ref, b->oversight_ref);
    ck_assert_int_eq(a->review_by, b->review_by);
}

static dw_transition through(const dw_transition *tr)
{
    uint8_t first[2048], second[2048];
    size_t len = 0, again = 0;
    dw_transition out;
    dw_error err = {DW_OK, ""};
    memset(first, 0x11, sizeof(first));
    memset(second, 0x22, sizeof(second));
    ck_assert_msg(dw_transition_encode(tr, first, sizeof(first), &len, &err) == DW_OK, "%s", err.text);
    ck_assert_int_eq(dw_transition_encode(tr, second, sizeof(second), &again, &err), DW_OK);
    ck_assert_uint_eq(len, again);
    ck_assert_mem_eq(first, second, len);
    ck_assert_int_eq(dw_transition_encode(tr, second, len, &again, &err), DW_OK); /* just enough room */
    ck_assert_int_eq(dw_transition_encode(tr, second, len - 1, &again, &err), DW_E_TOO_BIG);
    ck_assert_msg(dw_transition_decode(first, len, arena, &out, &err) == DW_OK, "%s", err.text);
    return out;
}

/* Every kind, every outcome, both kinds of due, and every text filled. */
START_TEST(whole)
{
    dw_transition tr = sample();
    tr.kind = (dw_transition_kind)(1 + _i % (DW_TR_COUNT - 1));
    tr.outcome = (dw_outcome)(_i % DW_OUT_COUNT);
    tr.due_kind = (dw_due_kind)(_i % 3);
    tr.due_on = tr.due_kind == DW_DUE_DATE ? -400 + _i * 100 : 0;
    tr.due_at_us = tr.due_kind == DW_DUE_INSTANT ? INT64_C(-1500001) + _i * 1000000 : 0;
    tr.review_by = _i % 2 == 0 ? 18600 : 0;
    tr.found_at_start = _i % 2 == 1;
    tr.approximate = _i % 3 == 1;
    tr.cause_count = (uint32_t)_i % (DW_CAUSES_MAX + 1);
    for (uint32_t i = 0; i < tr.cause_count; i++)
        tr.causes[i] = (dw_cause){.partition = i + 7, .offset = (int64_t)(i + 1) << 40};
    tr.reason_code = DW_STR_LIT("FAMILY_ABROAD");
    tr.oversight_ref = DW_STR_LIT("note-7");
    dw_transition out = through(&tr);
    assert_same(&tr, &out);
}
END_TEST

/* The bytes are a promise to consumers and to replays; a change of them is a change of the public form. */
START_TEST(golden_bytes)
{
    static const char golden[] =
        "0a2438613266336635652d306437622d356336652d396437612d336231633661356534663231122438613266336635652d306437622d35"
        "6336652d396437612d336231633661356534663232180222"
        "0543502d3037280232033933363a03632d314204706c616e4a03702d3150015802"
        "60016a077465616d2d30377207"
        "08e40f100b18148201026577"
        "8a01046578636c"
        "9a010b089899defd05108094ef3a"
        "a00103"
        "aa0108080310"
        "80e497d012aa0100b0010bb80104"
        "c2010430306666c80101";
    dw_transition tr = sample();
    uint8_t buf[512];
    char hex[1025];
    size_t len = 0;
    dw_error err;
    ck_assert_int_eq(dw_transition_encode(&tr, buf, sizeof(buf), &len, &err), DW_OK);
    for (size_t i = 0; i < len; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", buf[i]);
    ck_assert_str_eq(hex, golden);
}
END_TEST

START_TEST(refused)
{
    static const char nul[] = "p\0x";
    static char lots[4096];
    uint8_t buf[2048];
    size_t len = 77;
    dw_error err = {DW_OK, ""};
    memset(lots, 'x', sizeof(lots));
    dw_transition tr = sample();
    tr.kind = DW_TR_NONE;
    ck_assert_int_eq(dw_transition_encode(&tr, buf, sizeof(buf), &len, &err), DW_E_INVAL);
    tr.kind = DW_TR_COUNT;
    ck_assert_int_eq(dw_transition_encode(&tr, buf, sizeof(buf), &len, &err), DW_E_INVAL);
    tr = sample();
    tr.cause_count = DW_CAUSES_MAX + 1;
    ck_assert_int_eq(dw_transition_encode(&tr, buf, sizeof(buf), &len, &err), DW_E_INVAL);
    tr = sample();
    tr.due_on = DW_DAYS_MAX + 1;
    ck_assert_int_eq(dw_transition_encode(&tr, buf, sizeof(buf), &len, &err), DW_E_DATE);
    tr = sample();
    tr.post = (dw_str){nul, 3};
    ck_assert_int_eq(dw_transition_encode(&tr, buf, sizeof(buf), &len, &err), DW_E_NUL);
    tr = sample();
    tr.subject_id = (dw_str){lots, sizeof(lots)};
    ck_assert_int_eq(dw_transition_encode(&tr, buf, sizeof(buf), &len, &err), DW_E_TOO_BIG);
    ck_assert_uint_eq(len, 77);
}
END_TEST

/* All texts together, each with its NUL, take 1536 bytes at most, and as many they may take. */
START_TEST(texts_to_the_brim)
{
    static char lots[1536];
    uint8_t buf[2048];
    size_t len = 0;
    dw_error err = {DW_OK, ""};
    memset(lots, 'x', sizeof(lots));
    dw_transition tr = {.kind = DW_TR_OPENED};
    memset(tr.alert_id, 'a', DW_UUID_TEXT_LEN);
    memset(tr.transition_id, 'b', DW_UUID_TEXT_LEN);
    tr.subject_id = (dw_str){lots, 1536 - 2 * (DW_UUID_TEXT_LEN + 1) - 1};
    ck_assert_int_eq(dw_transition_encode(&tr, buf, sizeof(buf), &len, &err), DW_OK);
    tr.subject_id.len++;
    ck_assert_int_eq(dw_transition_encode(&tr, buf, sizeof(buf), &len, &err), DW_E_TOO_BIG);
}
END_TEST

START_TEST(bad_bytes)
{
    static wire w;
    dw_transition out;
    dw_error err;
    ck_assert_int_eq(dw_transition_decode(NULL, 0, arena, &out, &err), DW_E_NO_VALUE);
    w.len = 0;
    wire_text(&w, 1, "8a2f3f5e-0d7b-5c6e-9d7a-3b1c6a5e4f21x");
    ck_assert_int_eq(dw_transition_decode(w.bytes, w.len, arena, &out, &err), DW_E_ID);
    w.len = 0;
    for (int i = 0; i <= DW_CAUSES_MAX; i++)
        wire_bytes(&w, 21, NULL, 0);
    ck_assert_int_eq(dw_transition_decode(w.bytes, w.len, arena, &out, &err), DW_E_BOMB);
    w.len = 0;
    wire_bytes(&w, 14, NULL, 0); /* an empty due_on */
    ck_assert_int_eq(dw_transition_decode(w.bytes, w.len, arena, &out, &err), DW_E_DATE);
    static const uint32_t dates[] = {14, 30, 31}; /* due_on, review_by, paused_until */
    for (int i = 0; i < 3; i++) {
        w.len = 0;
        wire_instant(&w, 19, 0, 0);
        wire_bytes(&w, dates[i], NULL, 0);
        ck_assert_int_eq(dw_transition_decode(w.bytes, w.len, arena, &out, &err), DW_E_DATE);
    }
    static const uint32_t instants[] = {15, 19}; /* due_at, raised_at */
    for (int i = 0; i < 2; i++) {
        w.len = 0;
        wire_instant(&w, instants[i], INT64_C(1) << 40, 0);
        ck_assert_int_eq(dw_transition_decode(w.bytes, w.len, arena, &out, &err), DW_E_DATE);
    }
    ck_assert_int_eq(dw_transition_decode(w.bytes, 0, arena, &out, &err), DW_E_NO_VALUE);
    ck_assert_int_eq(dw_transition_decode((const uint8_t *)"\xff", 1, arena, &out, &err), DW_E_TRUNCATED);
}
END_TEST

START_TEST(json)
{
    dw_transition tr = sample();
    char *line = dw_transition_to_json(&tr, ",\"title\":\"x\"");
    ck_assert_str_eq(line,
                     "{\"alert_id\":\"8a2f3f5e-0d7b-5c6e-9d7a-3b1c6a5e4f21\",\"transition_id\":"
                     "\"8a2f3f5e-0d7b-5c6e-9d7a-3b1c6a5e4f22\",\"transition\":\"escalated\",\"rule_id\":\"CP-07\","
                     "\"rule_version\":2,\"la_code\":\"936\",\"child_ref\":\"c-1\",\"subject_kind\":\"plan\","
                     "\"subject_id\":\"p-1\",\"generation\":1,\"priority\":\"P2\",\"level\":1,\"post\":\"team-07\","
                     "\"due_on\":\"2020-11-20\",\"calendar\":\"ew\",\"count_mode\":\"excl\",\"approximate\":false,"
                     "\"raised_at\":\"2020-11-20T09:30:00.123456Z\",\"occurrence_count\":3,\"causes\":[{\"partition\":"
                     "3,\"offset\":5000000000},{\"partition\":0,\"offset\":0}],\"causes_total\":11,\"policy_number\":4,"
                     "\"policy_digest\":\"00ff\",\"restricted\":true,\"found_at_start\":false,\"title\":\"x\"}");
    free(line);
    tr.kind = DW_TR_FLAGGED; /* a flag has no level */
    tr.priority = DW_P_NONE;
    tr.due_kind = DW_DUE_NONE;
    line = dw_transition_to_json(&tr, NULL);
    ck_assert_ptr_nonnull(strstr(line, "\"transition\":\"flagged\""));
    ck_assert_ptr_null(strstr(line, "\"level\""));
    ck_assert_ptr_null(strstr(line, "\"due_"));
    ck_assert_ptr_null(strstr(line, "\"priority\""));
    free(line);
    tr.kind = DW_TR_RESOLVED;
    tr.outcome = DW_OUT_DONE_LATE;
    tr.review_by = 18600;
    line = dw_transition_to_json(&tr, "");
    ck_assert_ptr_nonnull(strstr(line, "\"outcome\":\"done_late\""));
    ck_assert_ptr_nonnull(strstr(line, "\"review_by\":\"2020-12-04\""));
    ck_assert_ptr_null(strstr(line, "\"paused_until\""));
    free(line);
    tr.paused_until = 18601;
    tr.reason_code = DW_STR_LIT("VISIT_BOOKED");
    tr.oversight_ref = DW_STR_LIT("o-1");
    line = dw_transition_to_json(&tr, "");
    ck_assert_ptr_nonnull(strstr(line, "\"paused_until\":\"2020-12-05\""));
    ck_assert_ptr_nonnull(strstr(line, "\"reason_code\":\"VISIT_BOOKED\",\"oversight_ref\":\"o-1\""));
    free(line);
}
END_TEST

START_TEST(names)
{
    for (int i = 1; i < DW_TR_COUNT; i++)
        ck_assert_str_ne(dw_transition_name((dw_transition_kind)i), "?");
    for (int i = 1; i < DW_OUT_COUNT; i++) {
        ck_assert_str_ne(dw_outcome_name((dw_outcome)i), "?");
        ck_assert_str_ne(dw_outcome_text((dw_outcome)i), "?");
    }
    ck_assert_str_eq(dw_transition_name(DW_TR_NONE), "?");
    ck_assert_str_eq(dw_transition_name((dw_transition_kind)99), "?");
    ck_assert_str_eq(dw_outcome_name((dw_outcome)99), "?");
    ck_assert_str_eq(dw_outcome_text(DW_OUT_NONE), "?");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("proto alert");
    TCase *tc = tcase_create("alert");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, whole, 0, 72);
    tcase_add_test(tc, golden_bytes);
    tcase_add_test(tc, refused);
    tcase_add_test(tc, texts_to_the_brim);
    tcase_add_test(tc, bad_bytes);
    tcase_add_test(tc, json);
    tcase_add_test(tc, names);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

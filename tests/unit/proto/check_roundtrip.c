/* Every event type, whole: event -> bytes -> event -> JSON -> event -> bytes, and nothing is lost or changed. */
#include <stdlib.h>

#include "field_ids.h"
#include "proto/civil.h"
#include "proto/json.h"
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
    ck_assert_ptr_null(arena);
}

static void assert_str(dw_str a, dw_str b)
{
    ck_assert_msg(dw_str_eq(a, b), "'%.*s' is not '%.*s'", DW_STR_ARG(a), DW_STR_ARG(b));
}

static void assert_same(const dw_event *a, const dw_event *b)
{
    ck_assert_int_eq(a->type, b->type);
    ck_assert_int_eq(a->op, b->op);
    ck_assert_int_eq(a->occurred_precision, b->occurred_precision);
    ck_assert_int_eq(a->restricted, b->restricted);
    ck_assert_uint_eq(a->schema_version, b->schema_version);
    ck_assert_uint_eq(a->source_revision, b->source_revision);
    ck_assert_int_eq(a->occurred_at_us, b->occurred_at_us);
    ck_assert_int_eq(a->recorded_at_us, b->recorded_at_us);
    assert_str(a->event_id, b->event_id);
    assert_str(a->la_code, b->la_code);
    assert_str(a->child_ref, b->child_ref);
    assert_str(a->source_system, b->source_system);
    assert_str(a->source_record_id, b->source_record_id);
    assert_str(a->supersedes, b->supersedes);
    assert_str(a->family_ref, b->family_ref);
    assert_str(a->team_id, b->team_id);
    assert_str(a->worker_ref, b->worker_ref);
    ck_assert_uint_eq(a->unknown_codes, b->unknown_codes);
    ck_assert_uint_eq(a->value_count, b->value_count);
    for (uint32_t i = 0; i < a->value_count; i++) {
        const dw_value *va = &a->values[i];
        const dw_value *vb = &b->values[i];
        ck_assert_uint_eq(va->field, vb->field);
        ck_assert_uint_eq(va->kind, vb->kind);
        ck_assert_uint_eq(va->flags, vb->flags);
        ck_assert_uint_eq(va->n, vb->n);
        if (va->kind == DW_VAL_STR)
            assert_str(va->s, vb->s);
        else if (va->kind == DW_VAL_STRS)
            for (uint32_t k = 0; k < va->n; k++)
                assert_str(va->list[k], vb->list[k]);
        else
            ck_assert_int_eq(va->i, vb->i);
    }
}

static dw_event through_bytes(const dw_event *ev, const uint8_t **bytes, size_t *len)
{
    dw_event out;
    dw_error err = {DW_OK, ""};
    ck_assert_msg(dw_event_encode(ev, arena, bytes, len, &err) == DW_OK, "%s", err.text);
    ck_assert_msg(dw_event_decode(*bytes, *len, arena, &out, &err) == DW_OK, "%s: %s", dw_event_type_name(ev->type),
                  err.text);
    ck_assert_int_eq(err.code, DW_OK);
    return out;
}

static dw_event through_json(const dw_event *ev)
{
    dw_event out;
    dw_error err = {DW_OK, ""};
    int64_t log_time_us = 7;
    char *line = dw_event_to_json(ev, NULL);
    ck_assert_ptr_nonnull(line);
    ck_assert_ptr_null(strchr(line, '\n'));
    ck_assert_msg(dw_event_from_json(line, strlen(line), arena, &out, &log_time_us, &err) == DW_OK, "%s in %s",
                  err.text, line);
    ck_assert_int_eq(log_time_us, 0);
    free(line);
    return out;
}

/* Salts 0..39 reach every value of every enum (Place has 32). */
START_TEST(every_type_every_code)
{
    dw_event_type types[DW_EV_MAX];
    size_t n = sample_types(types);
    size_t rows = 0;
#define X(e, number, name, class) rows++;
    DW_EVENT_TYPE_LIST(X)
#undef X
    ck_assert_uint_eq(n, rows);
    for (size_t i = 0; i < n; i++) {
        dw_arena_reset(arena);
        dw_event ev = sample_event(types[i], (unsigned)_i, arena);
        const uint8_t *first, *second;
        size_t first_len, second_len;
        dw_event json_first = through_json(&ev);
        assert_same(&ev, &json_first);
        if (dw_event_type_class(types[i]) == DW_EVC_RESERVED)
            continue; /* parked by the decoder, see check_decode */
        dw_event decoded = through_bytes(&ev, &first, &first_len);
        assert_same(&ev, &decoded);
        dw_event parsed = through_json(&decoded);
        assert_same(&ev, &parsed);
        dw_event again = through_bytes(&parsed, &second, &second_len);
        assert_same(&ev, &again);
        ck_assert_uint_eq(first_len, second_len);
        ck_assert_mem_eq(first, second, first_len);
    }
}
END_TEST

START_TEST(values_ascend_and_are_found)
{
    dw_event_type types[DW_EV_MAX];
    size_t n = sample_types(types);
    for (size_t i = 0; i < n; i++) {
        if (dw_event_type_class(types[i]) == DW_EVC_RESERVED)
            continue;
        const uint8_t *bytes;
        size_t len;
        dw_event ev = sample_event(types[i], 1, arena);
        dw_event out = through_bytes(&ev, &bytes, &len);
        for (uint32_t k = 0; k < out.value_count; k++) {
            if (k > 0)
                ck_assert_uint_gt(out.values[k].field, out.values[k - 1].field);
            ck_assert_ptr_eq(dw_event_get(&out, out.values[k].field), &out.values[k]);
        }
        ck_assert_ptr_null(dw_event_get(&out, 255));
        ck_assert_ptr_null(dw_event_get(&out, 65535));
    }
}
END_TEST

/* A later build's codes are kept and flagged, in bytes and in JSON. */
START_TEST(unknown_codes_are_kept)
{
    const uint8_t *bytes;
    size_t len;
    dw_event ev = sample_envelope(DW_EV_VISIT_DONE);
    ev.occurred_precision = (dw_precision)9;
    ev.value_count = 2;
    ev.values[0] =
        (dw_value){.field = DW_F_VISIT_DONE_VISIT_TYPE, .kind = DW_VAL_ENUM, .flags = DW_VALF_UNKNOWN_CODE, .i = 99};
    ev.values[1] = (dw_value){.field = DW_F_VISIT_DONE_MODE, .kind = DW_VAL_ENUM, .i = DW_V_VISIT_MODE_F2F};
    ev.unknown_codes = 2;
    dw_event out = through_bytes(&ev, &bytes, &len);
    assert_same(&ev, &out);
    dw_event parsed = through_json(&ev);
    assert_same(&ev, &parsed);
    ev.values[0].i = -5;
    out = through_bytes(&ev, &bytes, &len);
    assert_same(&ev, &out);
}
END_TEST

/* Zero that is said and zero that is not differ for a Count; for a plain number they do not. */
START_TEST(zero_count_is_present)
{
    const uint8_t *bytes;
    size_t len;
    dw_event ev = sample_envelope(DW_EV_PLAN_STARTED);
    ev.value_count = 1;
    ev.values[0] = (dw_value){.field = DW_F_PLAN_STARTED_NUMBER_OF_PREVIOUS_CPP, .kind = DW_VAL_INT, .i = 0};
    dw_event out = through_bytes(&ev, &bytes, &len);
    assert_same(&ev, &out);
    dw_event parsed = through_json(&ev);
    assert_same(&ev, &parsed);
}
END_TEST

/* Instants keep microseconds on both sides of 1970 and at the ends of the range. */
START_TEST(instants_survive)
{
    static const int64_t table[] = {DW_INSTANT_MIN_US, -1,      1, -1000000, INT64_C(1605864600123456),
                                    DW_INSTANT_MAX_US, -999999, 0};
    const uint8_t *bytes;
    size_t len;
    dw_event ev = sample_envelope(DW_EV_CLOCK_TICK);
    ev.occurred_at_us = ev.recorded_at_us = table[_i];
    dw_event out = through_bytes(&ev, &bytes, &len);
    assert_same(&ev, &out);
    dw_event parsed = through_json(&ev);
    assert_same(&ev, &parsed);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("proto roundtrip");
    TCase *tc = tcase_create("roundtrip");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, every_type_every_code, 0, 40);
    tcase_add_test(tc, values_ascend_and_are_found);
    tcase_add_test(tc, unknown_codes_are_kept);
    tcase_add_test(tc, zero_count_is_present);
    tcase_add_loop_test(tc, instants_survive, 0, 8);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

/* 10,000 seeded mutations of valid records: none may crash, leak past its arena, or decode to something unsound. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/civil.h"
#include "proto/json.h"
#include "proto/schema.h"
#include "proto/unpack.h"
#include "samples.h"
#include "tests/support/suite.h"

#define MUTATIONS 10000
#define RECORD_MAX 4096

/* xorshift64*: the seed is all there is to repeat a run. */
static uint64_t next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

static size_t below(uint64_t *state, size_t n)
{
    return (size_t)(next(state) % n);
}

/* Change `len` bytes in place or in length, as broken disks, networks and publishers do. */
static size_t mutate(uint64_t *state, uint8_t *bytes, size_t len)
{
    size_t at = below(state, len);
    size_t n = 1 + below(state, 16);
    switch (below(state, 8)) {
    case 0: /* a flipped bit */
        bytes[at] ^= (uint8_t)(1u << below(state, 8));
        break;
    case 1: /* another byte */
        bytes[at] = (uint8_t)next(state);
        break;
    case 2: /* cut off */
        len = at + 1;
        break;
    case 3: /* a run removed */
        n = n < len - at ? n : len - at;
        memmove(bytes + at, bytes + at + n, len - at - n);
        len = len > n ? len - n : 1;
        break;
    case 4: /* a run doubled */
        n = n < len - at ? n : len - at;
        if (len + n <= RECORD_MAX) {
            memmove(bytes + at + n, bytes + at, len - at);
            len += n;
        }
        break;
    case 5: /* noise behind the end */
        for (; n > 0 && len < RECORD_MAX; n--)
            bytes[len++] = (uint8_t)next(state);
        break;
    case 6: /* a field of a newer schema: still a good record */
        if (len + 4 <= RECORD_MAX) {
            memcpy(bytes + len, (const uint8_t[]){0xc0, 0x3e, (uint8_t)below(state, 128)}, 3);
            len += 3;
        }
        break;
    default: /* an extreme value */
        bytes[at] = (uint8_t)(below(state, 2) == 0 ? 0xff : 0x00);
        break;
    }
    return len;
}

static bool printable(dw_str s)
{
    for (uint32_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < 0x20 || s.ptr[i] > 0x7e)
            return false;
    }
    return s.len <= DW_ID_BYTES_MAX;
}

/* What every later layer relies on. */
static void assert_sound(const dw_event *ev)
{
    ck_assert_str_ne(dw_event_type_name(ev->type), "?");
    ck_assert(ev->occurred_at_us >= DW_INSTANT_MIN_US && ev->occurred_at_us <= DW_INSTANT_MAX_US);
    ck_assert(printable(ev->event_id) && ev->event_id.len > 0);
    ck_assert(printable(ev->child_ref) && printable(ev->source_record_id) && printable(ev->team_id));
    ck_assert_uint_le(ev->value_count, DW_EVENT_BODY_FIELDS_MAX);
    ck_assert_uint_le(ev->unknown_fields, DW_EVENT_UNKNOWN_FIELDS_MAX);
    if (dw_event_type_class(ev->type) == DW_EVC_CHILD) {
        ck_assert_uint_eq(ev->la_code.len, 3);
        ck_assert_uint_gt(ev->child_ref.len, 0);
        ck_assert_uint_gt(ev->source_revision, 0);
        ck_assert_int_ge(ev->op, DW_OP_CREATE);
        ck_assert_int_le(ev->op, DW_OP_VOID);
    }
    for (uint32_t i = 0; i < ev->value_count; i++) {
        const dw_value *value = &ev->values[i];
        dw_field_info info;
        ck_assert(dw_field_by_id(ev->type, value->field, &info));
        ck_assert_int_eq(info.kind, value->kind);
        if (i > 0)
            ck_assert_uint_gt(value->field, ev->values[i - 1].field);
        if (value->kind == DW_VAL_DATE)
            ck_assert(value->i >= DW_DAYS_MIN && value->i <= DW_DAYS_MAX);
        if (value->kind == DW_VAL_STR && ev->type != DW_EV_POLICY_SET)
            ck_assert(printable(value->s) && value->s.len > 0);
    }
}

/* What decodes can be printed, read again, encoded and decoded. */
static void assert_usable(const dw_event *ev, dw_arena *arena)
{
    dw_event parsed, again;
    dw_error err = {DW_OK, ""};
    const uint8_t *bytes;
    size_t len;
    char *line = dw_event_to_json(ev, NULL);
    ck_assert_ptr_nonnull(line);
    ck_assert_msg(dw_event_from_json(line, strlen(line), arena, &parsed, NULL, &err) == DW_OK, "%s in %s", err.text,
                  line);
    ck_assert_msg(dw_event_encode(&parsed, arena, &bytes, &len, &err) == DW_OK, "%s", err.text);
    ck_assert_msg(dw_event_decode(bytes, len, arena, &again, &err) == DW_OK, "%s in %s", err.text, line);
    ck_assert_uint_eq(again.value_count, ev->value_count);
    free(line);
}

static void assert_text(dw_str s, const char *text)
{
    ck_assert(dw_str_eq(s, dw_str_from(text)));
}

/* One field as protobuf-c unpacked it; returns whether it is present. */
static bool same_field(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, const dw_value *value)
{
    switch (dw_shape_of(field)) {
    case DW_SHAPE_ENUM:
        ck_assert_int_eq(DW_MEMBER_CONST(message, field, int32_t), value != NULL ? value->i : 0);
        return value != NULL;
    case DW_SHAPE_INT:
        ck_assert_int_eq(DW_MEMBER_CONST(message, field, uint32_t), value != NULL ? value->i : 0);
        return value != NULL;
    case DW_SHAPE_STR:
        assert_text(value != NULL ? value->s : (dw_str){NULL, 0}, DW_MEMBER_CONST(message, field, char *));
        return value != NULL;
    case DW_SHAPE_STRS: {
        size_t n = *(const size_t *)(const void *)((const unsigned char *)message + field->quantifier_offset);
        ck_assert_uint_eq(n, value != NULL ? value->n : 0);
        for (size_t i = 0; i < n; i++)
            assert_text(value->list[i], DW_MEMBER_CONST(message, field, char **)[i]);
        return n != 0;
    }
    case DW_SHAPE_DATE: {
        const Driftwatch__V1__Date *date = DW_MEMBER_CONST(message, field, Driftwatch__V1__Date *);
        ck_assert_int_eq(date != NULL, value != NULL);
        if (date != NULL)
            ck_assert_int_eq(dw_schema_date_days(date), value->i);
        return date != NULL;
    }
    case DW_SHAPE_INSTANT: {
        const Google__Protobuf__Timestamp *at = DW_MEMBER_CONST(message, field, Google__Protobuf__Timestamp *);
        ck_assert_int_eq(at != NULL, value != NULL);
        if (at != NULL)
            ck_assert_int_eq(dw_schema_instant_us(at), value->i);
        return at != NULL;
    }
    case DW_SHAPE_COUNT: {
        const Driftwatch__V1__Count *count = DW_MEMBER_CONST(message, field, Driftwatch__V1__Count *);
        ck_assert_int_eq(count != NULL, value != NULL);
        if (count != NULL)
            ck_assert_int_eq(count->value, value->i);
        return count != NULL;
    }
    case DW_SHAPE_NESTED:
        break;
    }
    return false;
}

static uint32_t same_body(const ProtobufCMessage *message, uint32_t outer_id, const dw_event *ev)
{
    uint32_t present = 0;
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        if (dw_shape_of(field) == DW_SHAPE_NESTED) {
            const ProtobufCMessage *nested = DW_MEMBER_CONST(message, field, ProtobufCMessage *);
            present += nested != NULL ? same_body(nested, field->id, ev) : 0;
            continue;
        }
        uint32_t id = outer_id == 0 ? field->id : outer_id + 256 * field->id;
        present += same_field(message, field, dw_event_get(ev, (uint16_t)id));
    }
    return present;
}

/* Our reader and protobuf-c's must see the same record. */
static void assert_as_protobuf_c(const dw_event *ev, const uint8_t *bytes, size_t len, dw_arena *arena)
{
    const ProtobufCMessage *message;
    dw_wire_facts facts;
    dw_error err = {DW_OK, ""};
    ck_assert_msg(dw_unpack(&driftwatch__v1__event__descriptor, bytes, len, arena, &message, &facts, &err) == DW_OK,
                  "%s", err.text);
    const Driftwatch__V1__Event *in = (const Driftwatch__V1__Event *)message;
    assert_text(ev->event_id, in->event_id);
    assert_text(ev->source_system, in->source_system);
    assert_text(ev->source_record_id, in->source_record_id);
    assert_text(ev->supersedes, in->supersedes);
    assert_text(ev->family_ref, in->family_ref);
    assert_text(ev->team_id, in->team_id);
    assert_text(ev->worker_ref, in->worker_ref);
    if (dw_event_type_class(ev->type) != DW_EVC_CONTROL) {
        assert_text(ev->la_code, in->la_code);
        assert_text(ev->child_ref, in->child_ref);
    }
    ck_assert_uint_eq(ev->schema_version, in->schema_version);
    ck_assert_uint_eq(ev->source_revision, in->source_revision);
    ck_assert_uint_eq(ev->op, in->op);
    ck_assert_uint_eq(ev->occurred_precision, in->occurred_precision);
    ck_assert_uint_eq(ev->restricted, in->restricted);
    ck_assert_int_eq(ev->occurred_at_us, dw_schema_instant_us(in->occurred_at));
    ck_assert_int_eq(ev->recorded_at_us, in->recorded_at != NULL ? dw_schema_instant_us(in->recorded_at) : 0);
    ck_assert_uint_eq(ev->type, in->body_case);
    const ProtobufCMessage *body = DW_MEMBER_CONST(in, dw_schema_body(ev->type), ProtobufCMessage *);
    ck_assert_uint_eq(same_body(body, 0, ev), ev->value_count);
}

START_TEST(mutations)
{
    dw_event_type types[DW_EV_MAX];
    size_t type_count = sample_types(types);
    uint64_t state = UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)_i;
    unsigned seen[DW_ERRC_COUNT] = {0};
    dw_arena *arena = dw_arena_new(DW_EVENT_ARENA_BYTES_MAX);

    for (unsigned i = 0; i < MUTATIONS; i++) {
        const uint8_t *bytes;
        size_t len;
        dw_error err = {DW_OK, ""};
        dw_arena_reset(arena);
        dw_event ev = sample_event(types[below(&state, type_count)], i % 1000, arena);
        ck_assert_int_eq(dw_event_encode(&ev, arena, &bytes, &len, &err), DW_OK);
        ck_assert_uint_gt(len, 0);
        ck_assert_uint_lt(len, RECORD_MAX / 2);
        uint8_t record[RECORD_MAX];
        memcpy(record, bytes, len);
        for (size_t n = 1 + below(&state, 3); n > 0; n--)
            len = mutate(&state, record, len);
        uint8_t *exact = malloc(len); /* AddressSanitizer watches its end */
        memcpy(exact, record, len);
        dw_arena_reset(arena);
        dw_event out;
        dw_errc code = dw_event_decode(exact, len, arena, &out, &err);
        ck_assert_int_eq(err.code, code);
        seen[code]++;
        if (code == DW_OK) {
            assert_sound(&out);
            assert_usable(&out, arena);
            assert_as_protobuf_c(&out, exact, len, arena);
        }
        free(exact);
    }
    dw_arena_free(&arena);
    /* the mutations reach both sides: many records survive, and each kind of damage is met */
    ck_assert_uint_gt(seen[DW_OK], MUTATIONS / 10);
    static const dw_errc met[] = {DW_E_TRUNCATED, DW_E_NO_BODY, DW_E_UNKNOWN_KIND, DW_E_UTF8,     DW_E_NUL,
                                  DW_E_ID,        DW_E_MISSING, DW_E_DATE,         DW_E_CONFLICT, DW_E_RESERVED};
    for (size_t i = 0; i < sizeof(met) / sizeof(met[0]); i++)
        ck_assert_msg(seen[met[i]] > 0, "%s never met", dw_errc_name(met[i]));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("proto mutations");
    TCase *tc = tcase_create("mutations");
    tcase_set_timeout(tc, 100);
    tcase_add_loop_test(tc, mutations, 1, 2);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

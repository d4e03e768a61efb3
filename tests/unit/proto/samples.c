/* Events and raw bytes for the tests of dw_proto. */
#include "samples.h"

#include <check.h>
#include <stdio.h>

#include "field_ids.h"
#include "proto/civil.h"

dw_event sample_envelope(dw_event_type type)
{
    dw_event ev = {
        .type = type,
        .op = DW_OP_CREATE,
        .occurred_precision = DW_PRECISION_MINUTE,
        .restricted = DW_ANSWER_N,
        .schema_version = 1,
        .source_revision = 3,
        .occurred_at_us = INT64_C(1605864600000000), /* 2020-11-20T09:30:00Z */
        .recorded_at_us = INT64_C(1605864600123456),
        .event_id = DW_STR_LIT("8a2f3f5e-0d7b-4c6e-9d7a-3b1c6a5e4f21"),
        .la_code = DW_STR_LIT("936"),
        .child_ref = DW_STR_LIT("c-00417"),
        .source_system = DW_STR_LIT("LCS"),
        .source_record_id = DW_STR_LIT("visit/99182"),
        .supersedes = DW_STR_LIT("8a2f3f5e-0d7b-4c6e-9d7a-3b1c6a5e4f20"),
        .family_ref = DW_STR_LIT("f-12"),
        .team_id = DW_STR_LIT("team-07"),
        .worker_ref = DW_STR_LIT("SW-331"),
    };
    if (dw_event_type_class(type) == DW_EVC_CONTROL) {
        ev.la_code = (dw_str){NULL, 0};
        ev.child_ref = (dw_str){NULL, 0};
    }
    return ev;
}

static int64_t enum_value(const dw_field_info *field, unsigned salt)
{
    int32_t max = 0;
    while (dw_enum_name(field, max + 1) != NULL)
        max++;
    return 1 + (int32_t)(salt % (unsigned)max);
}

static dw_value sample_value(const dw_field_info *field, unsigned salt, dw_arena *arena)
{
    char text[64];
    dw_value value = {.field = field->field, .kind = (uint8_t)field->kind};
    (void)snprintf(text, sizeof(text), "%.40s-%u", field->name, salt);
    switch (field->kind) {
    case DW_VAL_ENUM:
        value.i = enum_value(field, salt);
        break;
    case DW_VAL_INT:
        value.i = 1 + salt % 4;
        break;
    case DW_VAL_DATE:
        value.i = 18000 + (int64_t)salt * 17;
        break;
    case DW_VAL_INSTANT:
        value.i = INT64_C(1605864600000000) + (int64_t)salt * 61000000 + salt * 1000;
        break;
    case DW_VAL_STR:
        value.s = dw_arena_str(arena, dw_str_from(text));
        break;
    case DW_VAL_STRS: {
        dw_str *list = dw_arena_alloc(arena, 3 * sizeof(*list));
        ck_assert_ptr_nonnull(list);
        for (int i = 0; i < 3; i++) {
            text[0] = (char)('a' + i);
            list[i] = dw_arena_str(arena, dw_str_from(text));
        }
        value.list = list;
        value.n = 3;
        break;
    }
    case DW_VAL_NONE:
        ck_abort_msg("field of no kind");
    }
    return value;
}

dw_event sample_event(dw_event_type type, unsigned salt, dw_arena *arena)
{
    dw_field_info fields[DW_EVENT_BODY_FIELDS_MAX];
    dw_event ev = sample_envelope(type);
    size_t n = dw_field_all(type, fields, DW_EVENT_BODY_FIELDS_MAX);
    for (size_t i = 0; i < n; i++) {
        if (type == DW_EV_CHILD_UPDATED && fields[i].field == DW_F_CHILD_UPDATED_EXPECTED_PERSON_BIRTH_DATE)
            continue;
        ev.values[ev.value_count++] = sample_value(&fields[i], salt, arena);
    }
    return ev;
}

size_t sample_types(dw_event_type out[DW_EV_MAX])
{
    size_t n = 0;
#define X(e, number, s, c) out[n++] = DW_EV_##e;
    DW_EVENT_TYPE_LIST(X)
#undef X
    return n;
}

/* --- raw bytes */

void wire_varint(wire *w, uint64_t value)
{
    do {
        ck_assert_uint_lt(w->len, sizeof(w->bytes));
        w->bytes[w->len++] = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        value >>= 7;
    } while (value != 0);
}

void wire_tag(wire *w, uint32_t field, uint32_t wire_type)
{
    wire_varint(w, (uint64_t)field << 3 | wire_type);
}

void wire_number(wire *w, uint32_t field, uint64_t value)
{
    wire_tag(w, field, 0);
    wire_varint(w, value);
}

void wire_bytes(wire *w, uint32_t field, const void *bytes, size_t len)
{
    wire_tag(w, field, 2);
    wire_varint(w, len);
    ck_assert_uint_le(w->len + len, sizeof(w->bytes));
    if (len != 0)
        memcpy(w->bytes + w->len, bytes, len);
    w->len += len;
}

void wire_text(wire *w, uint32_t field, const char *text)
{
    wire_bytes(w, field, text, strlen(text));
}

void wire_instant(wire *w, uint32_t field, int64_t seconds, int64_t nanos)
{
    static wire inner; /* large, so not on the stack; tests are single-threaded */
    inner.len = 0;
    wire_number(&inner, 1, (uint64_t)seconds);
    wire_number(&inner, 2, (uint64_t)nanos);
    wire_bytes(w, field, inner.bytes, inner.len);
}

void wire_envelope(wire *w, uint32_t omit)
{
    static const struct {
        uint32_t field;
        const char *text; /* NULL: a number */
        uint64_t number;
    } table[] = {{1, "e-1", 0}, {2, NULL, 1},      {3, "936", 0}, {4, "c-1", 0},
                 {8, "LCS", 0}, {9, "visit/1", 0}, {10, NULL, 1}, {11, NULL, 1}};
    w->len = 0;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i].field == omit)
            continue;
        if (table[i].text != NULL)
            wire_text(w, table[i].field, table[i].text);
        else
            wire_number(w, table[i].field, table[i].number);
    }
    if (omit != 5)
        wire_instant(w, 5, 1605864600, 0);
}

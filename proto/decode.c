/* Record value -> dw_event: scan, then read straight into the plain event by the descriptors of protobuf-c, check.
 * Not protobuf_c_message_unpack(), which walks every field of the schema for each record: with some forty bodies that
 * doubles the time. check_mutations.c holds the two against each other. */
#include "proto/decode.h"

#include "field_ids.h"
#include "proto/civil.h"
#include "proto/schema.h"
#include "proto/validate.h"
#include "proto/wire.h"

/* --- the wire, read a second time: dw_wire_scan() has proved that every tag, length and type is sound */

typedef struct reader {
    const uint8_t *at;
    const uint8_t *end;
} reader;

static uint64_t read_varint(reader *r)
{
    uint64_t value = 0;
    uint8_t byte;
    unsigned shift = 0;
    do { /* ten bytes at most */
        byte = *r->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte >= 0x80);
    return value;
}

typedef struct wire_field {
    uint32_t number;
    uint32_t wire_type; /* 0: value; 2: content; others only in fields the schema does not have */
    uint64_t value;
    reader content;
} wire_field;

static bool read_field(reader *r, wire_field *out)
{
    if (r->at == r->end)
        return false;
    uint64_t tag = read_varint(r);
    uint64_t len = 0;
    out->number = (uint32_t)(tag >> 3);
    out->wire_type = tag & 7;
    out->value = 0; /* of the other wire types: the scan before has refused them for fields that are numbers */
    if (out->wire_type == 0)
        out->value = read_varint(r);
    else if (out->wire_type == 2)
        len = read_varint(r);
    else
        len = out->wire_type == 1 ? 8 : 4;
    out->content = (reader){r->at, r->at + len};
    r->at += len;
    return true;
}

static dw_str view(reader content)
{
    return (dw_str){(const char *)content.at, (uint32_t)(content.end - content.at)};
}

static int64_t read_date(reader content)
{
    Driftwatch__V1__Date date = {.year = 0};
    wire_field field;
    while (read_field(&content, &field)) {
        if (field.number == 1)
            date.year = (int32_t)field.value;
        else if (field.number == 2)
            date.month = (int32_t)field.value;
        else if (field.number == 3)
            date.day = (int32_t)field.value;
    }
    return dw_schema_date_days(&date);
}

static int64_t read_instant(reader content)
{
    Google__Protobuf__Timestamp at = {.seconds = 0};
    wire_field field;
    while (read_field(&content, &field)) {
        if (field.number == 1)
            at.seconds = (int64_t)field.value;
        else if (field.number == 2)
            at.nanos = (int32_t)field.value;
    }
    return dw_schema_instant_us(&at);
}

static int64_t read_count(reader content)
{
    uint32_t value = 0;
    wire_field field;
    while (read_field(&content, &field)) {
        if (field.number == 1)
            value = (uint32_t)field.value;
    }
    return value;
}

/* --- the body, flattened */

/* Set, replace or (a zero said last) take away the value of a field. */
static bool set_value(dw_event *ev, const dw_value *value, bool present)
{
    uint32_t at = ev->value_count;
    while (at > 0 && ev->values[at - 1].field >= value->field)
        at--;
    if (at < ev->value_count && ev->values[at].field == value->field) { /* a field that is there twice: last wins */
        ev->unknown_codes -= (ev->values[at].flags & DW_VALF_UNKNOWN_CODE) != 0;
        ev->value_count--;
        memmove(&ev->values[at], &ev->values[at + 1], (ev->value_count - at) * sizeof(ev->values[0]));
    }
    return !present || dw_event_put(ev, value);
}

/* Add one item to a repeated field. */
static dw_errc add_item(dw_event *ev, dw_value *value, dw_str item, dw_arena *arena, dw_error *err)
{
    dw_str *list;
    const dw_value *before = dw_event_get(ev, value->field);
    value->kind = DW_VAL_STRS;
    if (before != NULL) {
        list = (dw_str *)(uintptr_t)before->list;
        value->n = before->n;
    } else {
        list = dw_arena_alloc(arena, DW_EVENT_REPEATED_MAX * sizeof(*list)); /* the scan admits no more */
        if (list == NULL)
            return dw_fail(err, DW_E_NOMEM, "arena is full");
    }
    list[value->n++] = item;
    value->list = list;
    return DW_OK;
}

/* outer_id: 0 for the body itself, else the number of the nested message. */
static dw_errc flatten(reader r, const ProtobufCMessageDescriptor *desc, uint32_t outer_id, dw_arena *arena,
                       dw_event *ev, dw_error *err)
{
    wire_field in;
    while (read_field(&r, &in)) {
        const ProtobufCFieldDescriptor *field = dw_schema_field(desc, in.number);
        if (field == NULL)
            continue; /* counted by the scan */
        dw_errc code = DW_OK;
        bool present = true;
        dw_value value = {.field = (uint16_t)(outer_id == 0 ? field->id : outer_id + 256 * field->id)};
        switch (dw_shape_of(field)) {
        case DW_SHAPE_ENUM:
            value.kind = DW_VAL_ENUM;
            value.i = (int32_t)in.value;
            present = value.i != 0;
            if (!dw_schema_enum_known(field->descriptor, (int32_t)value.i))
                value.flags = DW_VALF_UNKNOWN_CODE;
            break;
        case DW_SHAPE_INT:
            value.kind = DW_VAL_INT;
            value.i = (uint32_t)in.value;
            present = value.i != 0;
            break;
        case DW_SHAPE_STR:
            value.kind = DW_VAL_STR;
            value.s = view(in.content);
            present = value.s.len != 0;
            break;
        case DW_SHAPE_STRS:
            code = add_item(ev, &value, view(in.content), arena, err);
            break;
        case DW_SHAPE_DATE:
            value.kind = DW_VAL_DATE;
            value.i = read_date(in.content);
            break;
        case DW_SHAPE_INSTANT:
            value.kind = DW_VAL_INSTANT;
            value.i = read_instant(in.content);
            break;
        case DW_SHAPE_COUNT:
            value.kind = DW_VAL_INT;
            value.i = read_count(in.content);
            break;
        case DW_SHAPE_NESTED:
            code = flatten(in.content, field->descriptor, field->id, arena, ev, err);
            if (code != DW_OK)
                return code;
            continue;
        }
        if (code != DW_OK)
            return code;
        if (!set_value(ev, &value, present))
            return dw_fail(err, DW_E_BOMB, "more than %d fields in the body", DW_EVENT_BODY_FIELDS_MAX);
    }
    return DW_OK;
}

/* --- the envelope */

static int64_t envelope_instant(reader content)
{
    int64_t us = read_instant(content);
    return us != DW_INSTANT_NONE ? us : INT64_MAX; /* out of range, told apart from absent */
}

/* Read the envelope's fields; *body becomes the content of the field `body_id`. Numbers are those of events.proto. */
static void read_envelope(reader r, uint32_t body_id, dw_event *ev, reader *body)
{
    wire_field in;
    memset(ev, 0, offsetof(dw_event, values));
    ev->occurred_at_us = DW_INSTANT_NONE;
    while (read_field(&r, &in)) {
        switch (in.number) {
        case 1:
            ev->event_id = view(in.content);
            break;
        case 2:
            ev->schema_version = (uint32_t)in.value;
            break;
        case 3:
            ev->la_code = view(in.content);
            break;
        case 4:
            ev->child_ref = view(in.content);
            break;
        case 5:
            ev->occurred_at_us = envelope_instant(in.content);
            break;
        case 6:
            ev->occurred_precision = (dw_precision)(int32_t)in.value;
            break;
        case 7:
            ev->recorded_at_us = envelope_instant(in.content);
            break;
        case 8:
            ev->source_system = view(in.content);
            break;
        case 9:
            ev->source_record_id = view(in.content);
            break;
        case 10:
            ev->source_revision = (uint32_t)in.value;
            break;
        case 11:
            ev->op = (dw_op)(int32_t)in.value;
            break;
        case 12:
            ev->supersedes = view(in.content);
            break;
        case 13:
            ev->family_ref = view(in.content);
            break;
        case 14:
            ev->team_id = view(in.content);
            break;
        case 15:
            ev->worker_ref = view(in.content);
            break;
        case 16:
            ev->restricted = (dw_answer)(int32_t)in.value;
            break;
        default:
            if (in.number == body_id)
                *body = in.content;
        }
    }
    ev->unknown_codes +=
        !dw_schema_enum_known(&driftwatch__v1__occurred_precision__descriptor, (int32_t)ev->occurred_precision);
    ev->unknown_codes += !dw_schema_enum_known(&driftwatch__v1__answer__descriptor, (int32_t)ev->restricted);
}

/* A body this build does not read: park it when its envelope is sound. */
static dw_errc refuse_kind(const dw_event *ev, dw_errc code, uint32_t number, dw_error *err)
{
    dw_errc envelope = dw_envelope_check(ev, err);
    if (envelope != DW_OK)
        return envelope;
    return dw_fail(err, code, "body number %u", number);
}

/* Size and scan. Only a policy may be longer than an event. */
static dw_errc scan_value(const uint8_t *value, size_t len, dw_wire_facts *facts, dw_error *err)
{
    if (value == NULL || len == 0)
        return dw_fail(err, DW_E_NO_VALUE, "no value");
    if (len > DW_POLICY_BYTES_MAX)
        return dw_fail(err, DW_E_TOO_BIG, "%zu bytes", len);
    dw_errc code = dw_wire_scan(&driftwatch__v1__event__descriptor, value, len, facts, err);
    if (len > DW_EVENT_BYTES_MAX && (code != DW_OK || facts->body != DW_EV_POLICY_SET))
        return dw_fail(err, DW_E_TOO_BIG, "%zu bytes", len);
    return code;
}

dw_errc dw_event_decode(const uint8_t *value, size_t len, dw_arena *arena, dw_event *out, dw_error *err)
{
    dw_wire_facts facts;
    dw_event ev; /* not zeroed whole: its values are filled as far as value_count says */
    reader body = {NULL, NULL};

    dw_errc code = scan_value(value, len, &facts, err);
    if (code != DW_OK)
        return code;
    const dw_str copy = dw_arena_str(arena, (dw_str){(const char *)value, (uint32_t)len}); /* outlives the record */
    if (copy.ptr == NULL)
        return dw_fail(err, DW_E_NOMEM, "arena is full");
    const uint8_t *start = (const uint8_t *)copy.ptr;
    read_envelope((reader){start, start + len}, facts.body, &ev, &body);
    ev.type = (dw_event_type)facts.body;
    ev.unknown_fields = facts.unknown_fields;
    if (facts.body == 0 && facts.unknown_body == 0)
        return dw_fail(err, DW_E_NO_BODY, "no body");
    if (facts.body == 0)
        return refuse_kind(&ev, DW_E_UNKNOWN_KIND, facts.unknown_body, err);
    if (dw_event_type_class(ev.type) == DW_EVC_RESERVED)
        return refuse_kind(&ev, DW_E_RESERVED, facts.body, err);
    if (!dw_schema_enum_known(&driftwatch__v1__op__descriptor, (int32_t)ev.op))
        return refuse_kind(&ev, DW_E_UNKNOWN_KIND, facts.body, err); /* a newer schema: what it does is not known */

    code = flatten(body, dw_schema_body(ev.type)->descriptor, 0, arena, &ev, err);
    if (code == DW_OK)
        code = dw_event_finish(&ev, err);
    if (code == DW_OK)
        memcpy(out, &ev, offsetof(dw_event, values) + ev.value_count * sizeof(ev.values[0]));
    return code;
}

dw_errc dw_event_check_key(const dw_event *ev, dw_str key, dw_error *err)
{
    if (dw_event_type_class(ev->type) == DW_EVC_CONTROL) {
        if (key.len != 0)
            return dw_fail(err, DW_E_KEY, "a control record has no key");
        return DW_OK;
    }
    uint32_t la = ev->la_code.len;
    if (key.len != la + 1 + ev->child_ref.len || key.ptr[la] != '/' || !dw_str_eq((dw_str){key.ptr, la}, ev->la_code) ||
        !dw_str_eq((dw_str){key.ptr + la + 1, ev->child_ref.len}, ev->child_ref))
        return dw_fail(err, DW_E_KEY, "key is not la_code/child_ref");
    return DW_OK;
}

/* --- acknowledgements */

static dw_str ack_text(const dw_event *ev, uint16_t field)
{
    const dw_value *value = dw_event_get(ev, field);
    return value != NULL ? value->s : (dw_str){NULL, 0};
}

static int64_t ack_number(const dw_event *ev, uint16_t field)
{
    const dw_value *value = dw_event_get(ev, field);
    return value != NULL ? value->i : 0;
}

dw_errc dw_ack_from_event(const dw_event *ev, dw_ack *out, dw_error *err)
{
    if (ev->type != DW_EV_ALERT_ACKNOWLEDGED)
        return dw_fail(err, DW_E_INVAL, "not an acknowledgement");
    if (dw_event_get(ev, DW_F_ALERT_ACKNOWLEDGED_REVIEW_BY) == NULL)
        return dw_fail(err, DW_E_CONTROL, "review_by is missing");
    dw_ack ack = {
        .alert_id = ack_text(ev, DW_F_ALERT_ACKNOWLEDGED_ALERT_ID),
        .generation = (uint32_t)ack_number(ev, DW_F_ALERT_ACKNOWLEDGED_GENERATION),
        .level = (uint32_t)ack_number(ev, DW_F_ALERT_ACKNOWLEDGED_LEVEL),
        .reason_code = ack_text(ev, DW_F_ALERT_ACKNOWLEDGED_REASON_CODE),
        .review_by = (int32_t)ack_number(ev, DW_F_ALERT_ACKNOWLEDGED_REVIEW_BY),
        .actor_post = ack_text(ev, DW_F_ALERT_ACKNOWLEDGED_ACTOR_POST),
        .actor_ref = ack_text(ev, DW_F_ALERT_ACKNOWLEDGED_ACTOR_REF),
        .oversight_ref = ack_text(ev, DW_F_ALERT_ACKNOWLEDGED_OVERSIGHT_REF),
    };
    if (ack.alert_id.len == 0 || ack.generation == 0)
        return dw_fail(err, DW_E_CONTROL, "alert_id or generation is missing");
    if (ack.reason_code.len == 0 || ack.reason_code.len > DW_CODE_BYTES_MAX)
        return dw_fail(err, DW_E_CONTROL, "reason_code is not 1 to %d bytes", DW_CODE_BYTES_MAX);
    *out = ack;
    return DW_OK;
}

/* Record value -> dw_event: scan, unpack in the arena, flatten the body in one walk, check. */
#include "proto/decode.h"

#include "field_ids.h"
#include "proto/civil.h"
#include "proto/schema.h"
#include "proto/unpack.h"
#include "proto/validate.h"

/* --- the body, flattened */

static dw_str view(const char *text)
{
    return (dw_str){text, (uint32_t)strlen(text)};
}

/* Fill *out with the field's value; false when it is absent or, with *full set, when the arena is full. */
static bool flatten_one(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, dw_shape shape,
                        dw_arena *arena, dw_value *out, bool *full)
{
    switch (shape) {
    case DW_SHAPE_ENUM:
        out->i = DW_MEMBER_CONST(message, field, int32_t);
        out->kind = DW_VAL_ENUM;
        if (out->i != 0 && !dw_schema_enum_known(field->descriptor, (int32_t)out->i))
            out->flags = DW_VALF_UNKNOWN_CODE;
        return out->i != 0;
    case DW_SHAPE_INT:
        out->i = DW_MEMBER_CONST(message, field, uint32_t);
        out->kind = DW_VAL_INT;
        return out->i != 0;
    case DW_SHAPE_STR:
        out->s = view(DW_MEMBER_CONST(message, field, char *));
        out->kind = DW_VAL_STR;
        return out->s.len != 0;
    case DW_SHAPE_STRS: {
        size_t n = *(const size_t *)(const void *)((const unsigned char *)message + field->quantifier_offset);
        if (n == 0)
            return false;
        char *const *items = DW_MEMBER_CONST(message, field, char **);
        dw_str *list = dw_arena_alloc(arena, n * sizeof(*list));
        if (list == NULL) {
            *full = true;
            return false;
        }
        for (size_t i = 0; i < n; i++)
            list[i] = view(items[i]);
        out->list = list;
        out->n = (uint32_t)n;
        out->kind = DW_VAL_STRS;
        return true;
    }
    case DW_SHAPE_DATE: {
        const Driftwatch__V1__Date *date = DW_MEMBER_CONST(message, field, Driftwatch__V1__Date *);
        out->kind = DW_VAL_DATE;
        out->i = date != NULL ? dw_schema_date_days(date) : 0;
        return date != NULL;
    }
    case DW_SHAPE_INSTANT: {
        const Google__Protobuf__Timestamp *at = DW_MEMBER_CONST(message, field, Google__Protobuf__Timestamp *);
        out->kind = DW_VAL_INSTANT;
        out->i = at != NULL ? dw_schema_instant_us(at) : 0;
        return at != NULL;
    }
    case DW_SHAPE_COUNT: {
        const Driftwatch__V1__Count *count = DW_MEMBER_CONST(message, field, Driftwatch__V1__Count *);
        out->kind = DW_VAL_INT;
        out->i = count != NULL ? count->value : 0;
        return count != NULL;
    }
    case DW_SHAPE_NESTED:
        break;
    }
    return false;
}

/* outer_id: 0 for the body itself, else the number of the nested message. */
static dw_errc flatten(const ProtobufCMessage *message, uint32_t outer_id, dw_arena *arena, dw_event *ev, dw_error *err)
{
    const ProtobufCMessageDescriptor *desc = message->descriptor;
    for (unsigned i = 0; i < desc->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &desc->fields[i];
        dw_shape shape = dw_shape_of(field);
        if (shape == DW_SHAPE_NESTED) {
            const ProtobufCMessage *nested = DW_MEMBER_CONST(message, field, const ProtobufCMessage *);
            dw_errc code = nested != NULL ? flatten(nested, field->id, arena, ev, err) : DW_OK;
            if (code != DW_OK)
                return code;
            continue;
        }
        bool full = false;
        dw_value value = {.field = (uint16_t)(outer_id == 0 ? field->id : outer_id + 256 * field->id)};
        if (!flatten_one(message, field, shape, arena, &value, &full)) {
            if (full)
                return dw_fail(err, DW_E_NOMEM, "arena is full");
            continue;
        }
        if (!dw_event_put(ev, &value))
            return dw_fail(err, DW_E_BOMB, "more than %d fields in the body", DW_EVENT_BODY_FIELDS_MAX);
    }
    return DW_OK;
}

/* --- the envelope */

static int64_t instant_of(const Google__Protobuf__Timestamp *at, int64_t absent)
{
    if (at == NULL)
        return absent;
    int64_t us = dw_schema_instant_us(at);
    return us != DW_INSTANT_NONE ? us : INT64_MAX; /* out of range, told apart from absent */
}

static void read_envelope(const Driftwatch__V1__Event *in, dw_event *ev)
{
    ev->event_id = view(in->event_id);
    ev->la_code = view(in->la_code);
    ev->child_ref = view(in->child_ref);
    ev->source_system = view(in->source_system);
    ev->source_record_id = view(in->source_record_id);
    ev->supersedes = view(in->supersedes);
    ev->family_ref = view(in->family_ref);
    ev->team_id = view(in->team_id);
    ev->worker_ref = view(in->worker_ref);
    ev->schema_version = in->schema_version;
    ev->source_revision = in->source_revision;
    ev->occurred_at_us = instant_of(in->occurred_at, DW_INSTANT_NONE);
    ev->recorded_at_us = instant_of(in->recorded_at, 0);
    ev->op = (dw_op)in->op;
    ev->occurred_precision = (dw_precision)in->occurred_precision;
    ev->restricted = (dw_answer)in->restricted;
    ev->unknown_codes =
        !dw_schema_enum_known(&driftwatch__v1__occurred_precision__descriptor, (int32_t)in->occurred_precision);
    ev->unknown_codes += !dw_schema_enum_known(&driftwatch__v1__answer__descriptor, (int32_t)in->restricted);
}

/* A body this build does not read: park it when its envelope is sound. */
static dw_errc refuse_kind(const dw_event *ev, dw_errc code, uint32_t number, dw_error *err)
{
    dw_errc envelope = dw_envelope_check(ev, err);
    if (envelope != DW_OK)
        return envelope;
    return dw_fail(err, code, "body number %u", number);
}

dw_errc dw_event_decode(const uint8_t *value, size_t len, dw_arena *arena, dw_event *out, dw_error *err)
{
    dw_wire_facts facts;
    const ProtobufCMessage *message;
    dw_event ev; /* not zeroed whole: its values are filled as far as value_count says */

    if (value == NULL || len == 0)
        return dw_fail(err, DW_E_NO_VALUE, "no value");
    if (len > DW_POLICY_BYTES_MAX)
        return dw_fail(err, DW_E_TOO_BIG, "%zu bytes", len);
    if (len > DW_EVENT_BYTES_MAX &&
        (dw_wire_scan(&driftwatch__v1__event__descriptor, value, len, &facts, NULL) != DW_OK ||
         facts.body != DW_EV_POLICY_SET))
        return dw_fail(err, DW_E_TOO_BIG, "%zu bytes", len);
    dw_errc code = dw_unpack(&driftwatch__v1__event__descriptor, value, len, arena, &message, &facts, err);
    if (code != DW_OK)
        return code;

    read_envelope((const Driftwatch__V1__Event *)message, &ev);
    ev.type = (dw_event_type)facts.body;
    ev.unknown_fields = facts.unknown_fields;
    ev.value_count = 0;
    if (facts.body == 0 && facts.unknown_body == 0)
        return dw_fail(err, DW_E_NO_BODY, "no body");
    if (facts.body == 0)
        return refuse_kind(&ev, DW_E_UNKNOWN_KIND, facts.unknown_body, err);
    if (dw_event_type_class(ev.type) == DW_EVC_RESERVED)
        return refuse_kind(&ev, DW_E_RESERVED, facts.body, err);
    if (!dw_schema_enum_known(&driftwatch__v1__op__descriptor, (int32_t)ev.op))
        return refuse_kind(&ev, DW_E_UNKNOWN_KIND, facts.body, err); /* a newer schema: what it does is not known */

    const ProtobufCFieldDescriptor *body = dw_schema_body(ev.type);
    code = flatten(DW_MEMBER_CONST(message, body, const ProtobufCMessage *), 0, arena, &ev, err);
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

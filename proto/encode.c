/* dw_event -> record value: the body is built through the descriptors in the arena and packed by protobuf-c. */
#include "proto/encode.h"

#include "proto/civil.h"
#include "proto/schema.h"
#include "proto/unpack.h"

static dw_errc full(dw_error *err)
{
    return dw_fail(err, DW_E_NOMEM, "arena is full");
}

/* A NUL-terminated copy; protobuf-c knows no lengths. */
static dw_errc set_text(dw_arena *arena, dw_str s, char **out, dw_error *err)
{
    if (s.len != 0 && memchr(s.ptr, 0, s.len) != NULL)
        return dw_fail(err, DW_E_NUL, "text holds a NUL byte");
    dw_str copy = dw_arena_str(arena, s);
    if (copy.ptr == NULL)
        return full(err);
    *out = (char *)(uintptr_t)copy.ptr;
    return DW_OK;
}

static Google__Protobuf__Timestamp *new_instant(dw_arena *arena, int64_t us)
{
    Google__Protobuf__Timestamp *at = dw_arena_alloc(arena, sizeof(*at));
    if (at == NULL)
        return NULL;
    google__protobuf__timestamp__init(at);
    at->seconds = us / DW_US_PER_SECOND;
    at->nanos = (int32_t)(us % DW_US_PER_SECOND) * 1000;
    if (at->nanos < 0) {
        at->nanos += 1000000000;
        at->seconds--;
    }
    return at;
}

static Driftwatch__V1__Date *new_date(dw_arena *arena, int64_t days)
{
    Driftwatch__V1__Date *date = dw_arena_alloc(arena, sizeof(*date));
    if (date == NULL)
        return NULL;
    driftwatch__v1__date__init(date);
    dw_civil civil = {0, 0, 0}; /* an impossible day stays impossible */
    if (days > -10000000 && days < 10000000)
        civil = dw_civil_from_days((int32_t)days);
    date->year = civil.year;
    date->month = civil.month;
    date->day = civil.day;
    return date;
}

static Driftwatch__V1__Count *new_count(dw_arena *arena, int64_t value)
{
    Driftwatch__V1__Count *count = dw_arena_alloc(arena, sizeof(*count));
    if (count == NULL)
        return NULL;
    driftwatch__v1__count__init(count);
    count->value = (uint32_t)value;
    return count;
}

static ProtobufCMessage *new_message(const ProtobufCMessageDescriptor *desc, dw_arena *arena)
{
    ProtobufCMessage *message = dw_arena_alloc(arena, desc->sizeof_message);
    if (message != NULL)
        desc->message_init(message);
    return message;
}

static dw_errc set_list(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, const dw_value *value,
                        dw_arena *arena, dw_error *err)
{
    char **items = dw_arena_alloc(arena, value->n * sizeof(*items));
    if (items == NULL)
        return full(err);
    for (uint32_t i = 0; i < value->n; i++) {
        dw_errc code = set_text(arena, value->list[i], &items[i], err);
        if (code != DW_OK)
            return code;
    }
    DW_MEMBER(message, field, char **) = items;
    *(size_t *)(void *)((unsigned char *)message + field->quantifier_offset) = value->n;
    return DW_OK;
}

/* Does the value have the kind the field wants? */
static bool kind_fits(dw_shape shape, dw_value_kind kind)
{
    switch (shape) {
    case DW_SHAPE_ENUM:
        return kind == DW_VAL_ENUM;
    case DW_SHAPE_INT:
    case DW_SHAPE_COUNT:
        return kind == DW_VAL_INT;
    case DW_SHAPE_STR:
        return kind == DW_VAL_STR;
    case DW_SHAPE_STRS:
        return kind == DW_VAL_STRS;
    case DW_SHAPE_DATE:
        return kind == DW_VAL_DATE;
    case DW_SHAPE_INSTANT:
        return kind == DW_VAL_INSTANT;
    case DW_SHAPE_NESTED:
        break;
    }
    return false;
}

static dw_errc set_value(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, const dw_value *value,
                         dw_arena *arena, dw_error *err)
{
    void *part = NULL;
    dw_shape shape = dw_shape_of(field);
    if (!kind_fits(shape, (dw_value_kind)value->kind))
        return dw_fail(err, DW_E_INVAL, "%s does not hold that kind of value", field->name);
    switch (shape) {
    case DW_SHAPE_ENUM:
    case DW_SHAPE_INT:
        DW_MEMBER(message, field, uint32_t) = (uint32_t)value->i;
        return DW_OK;
    case DW_SHAPE_STR:
        return set_text(arena, value->s, &DW_MEMBER(message, field, char *), err);
    case DW_SHAPE_STRS:
        return set_list(message, field, value, arena, err);
    case DW_SHAPE_DATE:
        part = new_date(arena, value->i);
        break;
    case DW_SHAPE_INSTANT:
        part = new_instant(arena, value->i);
        break;
    case DW_SHAPE_COUNT:
        part = new_count(arena, value->i);
        break;
    case DW_SHAPE_NESTED:
        break;
    }
    if (part == NULL)
        return full(err);
    DW_MEMBER(message, field, void *) = part;
    return DW_OK;
}

static dw_errc build_body(const dw_event *ev, ProtobufCMessage *body, dw_arena *arena, dw_error *err)
{
    for (uint32_t i = 0; i < ev->value_count; i++) {
        const dw_value *value = &ev->values[i];
        ProtobufCMessage *holder = body;
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(body->descriptor, value->field % 256u);
        if (field != NULL && dw_shape_of(field) == DW_SHAPE_NESTED) {
            ProtobufCMessage *nested = DW_MEMBER(body, field, ProtobufCMessage *);
            if (nested == NULL) {
                nested = new_message(field->descriptor, arena);
                if (nested == NULL)
                    return full(err);
                DW_MEMBER(body, field, ProtobufCMessage *) = nested;
            }
            holder = nested;
            field = protobuf_c_message_descriptor_get_field(nested->descriptor, value->field / 256u);
        } else if (value->field >= 256) {
            field = NULL;
        }
        if (field == NULL)
            return dw_fail(err, DW_E_INVAL, "%s has no field %u", dw_event_type_name(ev->type), value->field);
        dw_errc code = set_value(holder, field, value, arena, err);
        if (code != DW_OK)
            return code;
    }
    return DW_OK;
}

static dw_errc build_envelope(const dw_event *ev, Driftwatch__V1__Event *out, dw_arena *arena, dw_error *err)
{
    const struct {
        dw_str text;
        char **place;
    } table[] = {
        {ev->event_id, &out->event_id},
        {ev->la_code, &out->la_code},
        {ev->child_ref, &out->child_ref},
        {ev->source_system, &out->source_system},
        {ev->source_record_id, &out->source_record_id},
        {ev->supersedes, &out->supersedes},
        {ev->family_ref, &out->family_ref},
        {ev->team_id, &out->team_id},
        {ev->worker_ref, &out->worker_ref},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        dw_errc code = set_text(arena, table[i].text, table[i].place, err);
        if (code != DW_OK)
            return code;
    }
    out->schema_version = ev->schema_version;
    out->source_revision = ev->source_revision;
    out->op = (Driftwatch__V1__Op)ev->op;
    out->occurred_precision = (Driftwatch__V1__OccurredPrecision)ev->occurred_precision;
    out->restricted = (Driftwatch__V1__Answer)ev->restricted;
    if (ev->occurred_at_us != DW_INSTANT_NONE) {
        out->occurred_at = new_instant(arena, ev->occurred_at_us);
        if (out->occurred_at == NULL)
            return full(err);
    }
    if (ev->recorded_at_us != 0) {
        out->recorded_at = new_instant(arena, ev->recorded_at_us);
        if (out->recorded_at == NULL)
            return full(err);
    }
    return DW_OK;
}

dw_errc dw_event_encode(const dw_event *ev, dw_arena *arena, const uint8_t **out, size_t *len, dw_error *err)
{
    const ProtobufCFieldDescriptor *field = dw_schema_body(ev->type);
    if (field == NULL)
        return dw_fail(err, DW_E_INVAL, "no such event type: %d", (int)ev->type);
    ProtobufCMessage *body = new_message(field->descriptor, arena);
    if (body == NULL)
        return full(err);
    Driftwatch__V1__Event message = DRIFTWATCH__V1__EVENT__INIT;
    dw_errc code = build_envelope(ev, &message, arena, err);
    if (code == DW_OK)
        code = build_body(ev, body, arena, err);
    if (code != DW_OK)
        return code;
    message.body_case = (Driftwatch__V1__Event__BodyCase)ev->type;
    DW_MEMBER(&message, field, ProtobufCMessage *) = body;
    return dw_pack(&message.base, arena, out, len, err);
}

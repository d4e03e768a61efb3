/* The look over a message's bytes before they are unpacked. */
#include "proto/wire.h"

#include "proto/schema.h"

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

typedef struct cursor {
    const uint8_t *at;
    const uint8_t *end;
} cursor;

/* A varint of at most 32 bits in at most `max` bytes; false when cut, longer or larger. */
static bool read_u32(cursor *c, uint32_t *out)
{
    if (c->at != c->end && *c->at < 0x80) { /* nearly all of them */
        *out = *c->at++;
        return true;
    }
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        if (c->at == c->end)
            return false;
        uint8_t byte = *c->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *out = (uint32_t)value;
            return value <= UINT32_MAX;
        }
    }
    return false;
}

static bool skip_varint(cursor *c)
{
    for (unsigned i = 0; i < 10; i++) {
        if (c->at == c->end)
            return false;
        if (*c->at++ < 0x80)
            return true;
    }
    return false;
}

/* Step over one value; *inside becomes the content of a length-delimited one. */
static bool read_value(cursor *c, uint32_t wire_type, cursor *inside)
{
    uint32_t len = 0;
    switch (wire_type) {
    case WIRE_VARINT:
        return skip_varint(c);
    case WIRE_FIXED64:
        len = 8;
        break;
    case WIRE_FIXED32:
        len = 4;
        break;
    case WIRE_BYTES:
        if (!read_u32(c, &len))
            return false;
        break;
    default:
        return false; /* groups are not part of proto3 */
    }
    if (len > (size_t)(c->end - c->at))
        return false;
    *inside = (cursor){c->at, c->at + len};
    c->at += len;
    return true;
}

static uint32_t wire_type_of(const ProtobufCFieldDescriptor *field)
{
    return field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE ? WIRE_BYTES : WIRE_VARINT;
}

static dw_errc count_unknown(dw_wire_facts *facts, bool top, uint32_t number, uint32_t wire_type, dw_error *err)
{
    if (++facts->unknown_fields > DW_EVENT_UNKNOWN_FIELDS_MAX)
        return dw_fail(err, DW_E_BOMB, "more than %d unknown fields", DW_EVENT_UNKNOWN_FIELDS_MAX);
    if (top && wire_type == WIRE_BYTES && number >= DW_BODY_FIELD_MIN && number <= DW_BODY_FIELD_MAX)
        facts->unknown_body = number;
    return DW_OK;
}

static dw_errc scan(const ProtobufCMessageDescriptor *desc, cursor c, unsigned depth, dw_wire_facts *facts,
                    dw_error *err)
{
    const bool top = desc == &driftwatch__v1__event__descriptor;
    uint64_t seen = 0; /* singular messages, by index of the field */
    uint32_t repeated = 0;

    if (depth > DW_EVENT_DEPTH_MAX)
        return dw_fail(err, DW_E_BOMB, "more than %d levels", DW_EVENT_DEPTH_MAX);
    while (c.at < c.end) {
        uint32_t tag;
        cursor inside = {NULL, NULL};
        if (!read_u32(&c, &tag) || tag >> 3 == 0 || !read_value(&c, tag & 7, &inside))
            return dw_fail(err, DW_E_TRUNCATED, "not a %s message", desc->short_name);
        if (++facts->fields > DW_EVENT_WIRE_FIELDS_MAX)
            return dw_fail(err, DW_E_BOMB, "more than %d fields", DW_EVENT_WIRE_FIELDS_MAX);

        const ProtobufCFieldDescriptor *field = dw_schema_field(desc, tag >> 3);
        if (field == NULL) {
            dw_errc code = count_unknown(facts, top, tag >> 3, tag & 7, err);
            if (code != DW_OK)
                return code;
            continue;
        }
        if ((tag & 7) != wire_type_of(field))
            return dw_fail(err, DW_E_TRUNCATED, "%s has the wrong wire type", field->name);
        if (field->label == PROTOBUF_C_LABEL_REPEATED && ++repeated > DW_EVENT_REPEATED_MAX)
            return dw_fail(err, DW_E_BOMB, "%s has more than %d items", field->name, DW_EVENT_REPEATED_MAX);
        if (field->type == PROTOBUF_C_TYPE_STRING) {
            if (inside.at != inside.end && memchr(inside.at, 0, (size_t)(inside.end - inside.at)) != NULL)
                return dw_fail(err, DW_E_NUL, "%s holds a NUL byte", field->name);
        } else if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
            uint64_t bit = UINT64_C(1) << ((size_t)(field - desc->fields) & 63);
            if (field->label != PROTOBUF_C_LABEL_REPEATED && (seen & bit) != 0)
                return dw_fail(err, DW_E_CONFLICT, "%s is there twice", field->name);
            seen |= bit;
            if (top && field->id >= DW_BODY_FIELD_MIN) {
                if (facts->body != 0)
                    return dw_fail(err, DW_E_CONFLICT, "two bodies");
                facts->body = field->id;
            }
            dw_errc code = scan(field->descriptor, inside, depth + 1, facts, err);
            if (code != DW_OK)
                return code;
        }
    }
    return DW_OK;
}

dw_errc dw_wire_scan(const ProtobufCMessageDescriptor *desc, const uint8_t *bytes, size_t len, dw_wire_facts *facts,
                     dw_error *err)
{
    *facts = (dw_wire_facts){0};
    dw_errc code = scan(desc, (cursor){bytes, bytes + len}, 1, facts, err);
    if (code == DW_OK && facts->body != 0 && facts->unknown_body != 0)
        return dw_fail(err, DW_E_CONFLICT, "two bodies");
    return code;
}

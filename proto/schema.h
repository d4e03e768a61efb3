#pragma once
/* schema.h: private to proto/: the generated descriptors as decode, encode, fields and json see them.
 *
 * Every body is a message of plain fields, of Date, Timestamp and Count (one value each), and of nested messages of
 * such fields, at most one level deep. dw_shape says which of these a field is. */

#include "proto/event.h"

#include <driftwatch/v1/alerts.pb-c.h>
#include <driftwatch/v1/events.pb-c.h>

#define DW_BODY_FIELD_MIN 30u /* events.proto: 30 to 199 are bodies, also those of later versions */
#define DW_BODY_FIELD_MAX 199u

typedef enum dw_shape {
    DW_SHAPE_ENUM,
    DW_SHAPE_INT, /* uint32, zero is absent */
    DW_SHAPE_STR,
    DW_SHAPE_STRS,
    DW_SHAPE_DATE,
    DW_SHAPE_INSTANT,
    DW_SHAPE_COUNT, /* Count: a number for which zero is present */
    DW_SHAPE_NESTED,
} dw_shape;

static inline dw_shape dw_shape_of(const ProtobufCFieldDescriptor *field)
{
    switch ((int)field->type) {
    case PROTOBUF_C_TYPE_ENUM:
        return DW_SHAPE_ENUM;
    case PROTOBUF_C_TYPE_STRING:
        return field->label == PROTOBUF_C_LABEL_REPEATED ? DW_SHAPE_STRS : DW_SHAPE_STR;
    case PROTOBUF_C_TYPE_MESSAGE:
        if (field->descriptor == &driftwatch__v1__date__descriptor)
            return DW_SHAPE_DATE;
        if (field->descriptor == &google__protobuf__timestamp__descriptor)
            return DW_SHAPE_INSTANT;
        if (field->descriptor == &driftwatch__v1__count__descriptor)
            return DW_SHAPE_COUNT;
        return DW_SHAPE_NESTED;
    default:
        return DW_SHAPE_INT;
    }
}

/* The member of a message at a field's place. */
#define DW_MEMBER(message, field, type) (*(type *)(void *)((unsigned char *)(message) + (field)->offset))
#define DW_MEMBER_CONST(message, field, type)                                                                          \
    (*(type const *)(const void *)((const unsigned char *)(message) + (field)->offset))

/* Add a body value, keeping ascending field ids, and count an unknown code; false when the list is full. */
bool dw_event_put(dw_event *ev, const dw_value *value);
/* Field of the oneof for a type; NULL when there is none. */
const ProtobufCFieldDescriptor *dw_schema_body(dw_event_type type);
/* Field of a number; NULL when the message has none. The numbers of nearly all messages are dense from 1. */
static inline const ProtobufCFieldDescriptor *dw_schema_field(const ProtobufCMessageDescriptor *desc, uint32_t number)
{
    if (number - 1 < desc->n_fields && desc->fields[number - 1].id == number)
        return &desc->fields[number - 1];
    return protobuf_c_message_descriptor_get_field(desc, number);
}
/* Is the value known to this build's enum? */
bool dw_schema_enum_known(const ProtobufCEnumDescriptor *of, int32_t value);
/* Short name ("CP") or NULL. */
const char *dw_schema_enum_short(const ProtobufCEnumDescriptor *of, int32_t value);
/* Full or short name -> value. */
bool dw_schema_enum_parse(const ProtobufCEnumDescriptor *of, dw_str name, int32_t *out);

/* Microseconds of a Timestamp; DW_INSTANT_NONE when its parts are impossible or outside the years of limits.h. */
int64_t dw_schema_instant_us(const Google__Protobuf__Timestamp *at);
/* Days of a Date; INT64_MIN when impossible or out of range. */
int64_t dw_schema_date_days(const Driftwatch__V1__Date *date);

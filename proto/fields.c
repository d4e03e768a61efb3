/* Look-up of fields and enum values by name, straight from the generated descriptors. */
#include "proto/fields.h"

#include <assert.h>
#include <stdio.h>

#include "proto/civil.h"
#include "proto/schema.h"

const ProtobufCFieldDescriptor *dw_schema_body(dw_event_type type)
{
    if ((unsigned)type < DW_BODY_FIELD_MIN || (unsigned)type > DW_BODY_FIELD_MAX)
        return NULL;
    return protobuf_c_message_descriptor_get_field(&driftwatch__v1__event__descriptor, (unsigned)type);
}

/* --- enums */

bool dw_schema_enum_known(const ProtobufCEnumDescriptor *of, int32_t value)
{
    return value >= 0 && (uint32_t)value < of->n_values; /* dense from zero, as all of ours are (check_schema.c) */
}

/* Length of the prefix all value names share: that of <PREFIX>_UNSPECIFIED. */
static size_t enum_prefix(const ProtobufCEnumDescriptor *of)
{
    static const char zero[] = "UNSPECIFIED";
    size_t len = strlen(of->values[0].name);
    assert(len > sizeof(zero) - 1 && strcmp(of->values[0].name + len - (sizeof(zero) - 1), zero) == 0);
    return len - (sizeof(zero) - 1);
}

const char *dw_schema_enum_short(const ProtobufCEnumDescriptor *of, int32_t value)
{
    const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value(of, value);
    return found != NULL ? found->name + enum_prefix(of) : NULL;
}

bool dw_schema_enum_parse(const ProtobufCEnumDescriptor *of, dw_str name, int32_t *out)
{
    size_t prefix = enum_prefix(of);
    for (unsigned i = 0; i < of->n_values; i++) {
        const char *full = of->values[i].name;
        if (dw_str_eq(name, dw_str_from(full)) || dw_str_eq(name, dw_str_from(full + prefix))) {
            *out = of->values[i].value;
            return true;
        }
    }
    if (of != &driftwatch__v1__answer__descriptor)
        return false;
    if (dw_str_eq(name, DW_STR_LIT("true")))
        *out = DW_ANSWER_Y;
    else if (dw_str_eq(name, DW_STR_LIT("false")))
        *out = DW_ANSWER_N;
    else
        return false;
    return true;
}

/* --- time values */

int64_t dw_schema_instant_us(const Google__Protobuf__Timestamp *at)
{
    if (at->nanos < 0 || at->nanos > 999999999 || at->seconds < DW_INSTANT_MIN_US / DW_US_PER_SECOND ||
        at->seconds > DW_INSTANT_MAX_US / DW_US_PER_SECOND)
        return DW_INSTANT_NONE;
    return at->seconds * DW_US_PER_SECOND + at->nanos / 1000;
}

int64_t dw_schema_date_days(const Driftwatch__V1__Date *date)
{
    dw_civil civil = {.year = date->year, .month = date->month, .day = date->day};
    return dw_civil_valid(civil) ? dw_civil_days(civil) : INT64_MIN;
}

/* --- body fields */

static dw_value_kind kind_of(dw_shape shape)
{
    switch (shape) {
    case DW_SHAPE_ENUM:
        return DW_VAL_ENUM;
    case DW_SHAPE_INT:
    case DW_SHAPE_COUNT:
        return DW_VAL_INT;
    case DW_SHAPE_STR:
        return DW_VAL_STR;
    case DW_SHAPE_STRS:
        return DW_VAL_STRS;
    case DW_SHAPE_DATE:
        return DW_VAL_DATE;
    case DW_SHAPE_INSTANT:
        return DW_VAL_INSTANT;
    case DW_SHAPE_NESTED:
        break;
    }
    return DW_VAL_NONE;
}

static void fill_info(dw_event_type type, const ProtobufCFieldDescriptor *outer, const ProtobufCFieldDescriptor *inner,
                      dw_field_info *out)
{
    const ProtobufCFieldDescriptor *leaf = inner != NULL ? inner : outer;
    dw_field_info info = {.type = type, .kind = kind_of(dw_shape_of(leaf))};
    info.field = (uint16_t)(inner != NULL ? outer->id + 256 * inner->id : outer->id);
    if (info.kind == DW_VAL_ENUM) {
        info.enum_of = leaf->descriptor;
        info.answer = leaf->descriptor == &driftwatch__v1__answer__descriptor;
    }
    if (inner != NULL)
        (void)snprintf(info.name, sizeof(info.name), "%s.%s", outer->name, inner->name);
    else
        (void)snprintf(info.name, sizeof(info.name), "%s", outer->name);
    *out = info;
}

size_t dw_field_all(dw_event_type type, dw_field_info *out, size_t max)
{
    const ProtobufCFieldDescriptor *body = dw_schema_body(type);
    if (body == NULL)
        return 0;
    const ProtobufCMessageDescriptor *desc = body->descriptor;
    size_t n = 0;
    for (unsigned i = 0; i < desc->n_fields && n < max; i++) {
        if (dw_shape_of(&desc->fields[i]) != DW_SHAPE_NESTED)
            fill_info(type, &desc->fields[i], NULL, &out[n++]);
    }
    /* inner numbers weigh 256 each, so nested fields follow all plain ones, ordered by inner number */
    for (uint32_t number = 1;; number++) {
        bool any = false;
        for (unsigned i = 0; i < desc->n_fields; i++) {
            if (dw_shape_of(&desc->fields[i]) != DW_SHAPE_NESTED)
                continue;
            const ProtobufCMessageDescriptor *nested = desc->fields[i].descriptor;
            any |= nested->fields[nested->n_fields - 1].id >= number;
            const ProtobufCFieldDescriptor *inner = protobuf_c_message_descriptor_get_field(nested, number);
            if (inner != NULL && n < max)
                fill_info(type, &desc->fields[i], inner, &out[n++]);
        }
        if (!any)
            break;
    }
    return n;
}

static const ProtobufCFieldDescriptor *field_named(const ProtobufCMessageDescriptor *desc, dw_str name)
{
    for (unsigned i = 0; i < desc->n_fields; i++) {
        if (dw_str_eq(name, dw_str_from(desc->fields[i].name)))
            return &desc->fields[i];
    }
    return NULL;
}

bool dw_field_find(dw_event_type type, dw_str name, dw_field_info *out)
{
    const ProtobufCFieldDescriptor *body = dw_schema_body(type);
    if (body == NULL || name.len == 0)
        return false;
    const char *dot = memchr(name.ptr, '.', name.len);
    dw_str outer_name = {name.ptr, dot != NULL ? (uint32_t)(dot - name.ptr) : name.len};
    const ProtobufCFieldDescriptor *outer = field_named(body->descriptor, outer_name);
    if (outer == NULL)
        return false;
    bool nested = dw_shape_of(outer) == DW_SHAPE_NESTED;
    if (nested != (dot != NULL))
        return false;
    const ProtobufCFieldDescriptor *inner = NULL;
    if (nested) {
        inner = field_named(outer->descriptor, (dw_str){dot + 1, name.len - outer_name.len - 1});
        if (inner == NULL)
            return false;
    }
    fill_info(type, outer, inner, out);
    return true;
}

bool dw_field_by_id(dw_event_type type, uint16_t field, dw_field_info *out)
{
    const ProtobufCFieldDescriptor *body = dw_schema_body(type);
    if (body == NULL)
        return false;
    const ProtobufCFieldDescriptor *outer = protobuf_c_message_descriptor_get_field(body->descriptor, field % 256u);
    if (outer == NULL || (dw_shape_of(outer) == DW_SHAPE_NESTED) != (field >= 256))
        return false;
    const ProtobufCFieldDescriptor *inner = NULL;
    if (field >= 256) {
        inner = protobuf_c_message_descriptor_get_field(outer->descriptor, field / 256u);
        if (inner == NULL)
            return false;
    }
    fill_info(type, outer, inner, out);
    return true;
}

bool dw_enum_parse(const dw_field_info *field, dw_str name, int32_t *out)
{
    return field->enum_of != NULL && dw_schema_enum_parse(field->enum_of, name, out);
}

const char *dw_enum_name(const dw_field_info *field, int32_t value)
{
    return field->enum_of != NULL ? dw_schema_enum_short(field->enum_of, value) : NULL;
}

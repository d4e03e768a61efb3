#pragma once
/* fields.h: look-up of field and enum names of the public schema, for rules, JSON and tools.
 * The tables are the generated protobuf-c descriptors, so schema and rules cannot drift apart. */

#include "proto/event.h"

typedef struct dw_field_info {
    dw_event_type type;
    uint16_t field; /* id as in dw_value */
    dw_value_kind kind;
    bool answer;         /* enum is the tri-state Answer */
    char name[64];       /* "visit_type", "visit_frequency.days" */
    const void *enum_of; /* opaque; for dw_enum_* */
} dw_field_info;

/* Find a body field by type and name ("mode", "visit_frequency.days"). False when there is none. */
bool dw_field_find(dw_event_type type, dw_str name, dw_field_info *out);
/* All body fields of a type in ascending id; returns how many were written (at most `max`). */
size_t dw_field_all(dw_event_type type, dw_field_info *out, size_t max);
bool dw_field_by_id(dw_event_type type, uint16_t field, dw_field_info *out);

/* Enum value by full ("VISIT_TYPE_CP") or short name ("CP"); answers also Y, N, NA, true, false. */
bool dw_enum_parse(const dw_field_info *field, dw_str name, int32_t *out);
/* Short name of an enum value; NULL when this build has none. */
const char *dw_enum_name(const dw_field_info *field, int32_t value);

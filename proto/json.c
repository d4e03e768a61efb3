/* One JSON object -> dw_event, generic over the descriptors. */
#include "proto/json.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>

#include "proto/civil.h"
#include "proto/envelope.h"
#include "proto/fields.h"
#include "proto/schema.h"
#include "proto/validate.h"

static const dw_env_field env_table[] = {
    {"event_id", DW_ENV_STR, offsetof(dw_event, event_id), NULL},
    {"schema_version", DW_ENV_NUMBER, offsetof(dw_event, schema_version), NULL},
    {"la_code", DW_ENV_STR, offsetof(dw_event, la_code), NULL},
    {"child_ref", DW_ENV_STR, offsetof(dw_event, child_ref), NULL},
    {"occurred_at", DW_ENV_INSTANT, offsetof(dw_event, occurred_at_us), NULL},
    {"occurred_precision", DW_ENV_ENUM, offsetof(dw_event, occurred_precision),
     &driftwatch__v1__occurred_precision__descriptor},
    {"recorded_at", DW_ENV_INSTANT, offsetof(dw_event, recorded_at_us), NULL},
    {"source_system", DW_ENV_STR, offsetof(dw_event, source_system), NULL},
    {"source_record_id", DW_ENV_STR, offsetof(dw_event, source_record_id), NULL},
    {"source_revision", DW_ENV_NUMBER, offsetof(dw_event, source_revision), NULL},
    {"op", DW_ENV_ENUM, offsetof(dw_event, op), &driftwatch__v1__op__descriptor},
    {"supersedes", DW_ENV_STR, offsetof(dw_event, supersedes), NULL},
    {"family_ref", DW_ENV_STR, offsetof(dw_event, family_ref), NULL},
    {"team_id", DW_ENV_STR, offsetof(dw_event, team_id), NULL},
    {"worker_ref", DW_ENV_STR, offsetof(dw_event, worker_ref), NULL},
    {"restricted", DW_ENV_ENUM, offsetof(dw_event, restricted), &driftwatch__v1__answer__descriptor},
};

const dw_env_field *dw_env_fields(size_t *count)
{
    *count = sizeof(env_table) / sizeof(env_table[0]);
    return env_table;
}

/* --- single values; `name` is that of the field, for errors */

static dw_errc wrong(dw_error *err, const char *name, const char *wanted)
{
    return dw_fail(err, DW_E_INVAL, "%s: %s wanted", name, wanted);
}

static dw_errc read_string(const json_t *json, const char *name, dw_arena *arena, dw_str *out, dw_error *err)
{
    if (!json_is_string(json))
        return wrong(err, name, "a string");
    dw_str text = {json_string_value(json), (uint32_t)json_string_length(json)};
    *out = dw_arena_str(arena, text);
    return out->ptr != NULL ? DW_OK : dw_fail(err, DW_E_NOMEM, "arena is full");
}

static dw_errc read_number(const json_t *json, const char *name, int64_t *out, dw_error *err)
{
    if (!json_is_integer(json))
        return wrong(err, name, "a whole number");
    json_int_t number = json_integer_value(json);
    if (number < 0 || number > UINT32_MAX)
        return dw_fail(err, DW_E_RANGE, "%s is outside 0 to %u", name, UINT32_MAX);
    *out = number;
    return DW_OK;
}

static dw_errc read_instant(const json_t *json, const char *name, int64_t *out, dw_error *err)
{
    if (!json_is_string(json))
        return wrong(err, name, "an instant such as \"2026-11-22T09:30:00Z\"");
    dw_str text = {json_string_value(json), (uint32_t)json_string_length(json)};
    if (!dw_instant_parse(text, out))
        return dw_fail(err, DW_E_DATE, "%s is not an RFC 3339 instant with offset in %d to %d", name, DW_YEAR_MIN,
                       DW_YEAR_MAX);
    return DW_OK;
}

static dw_errc read_date(const json_t *json, const char *name, int64_t *out, dw_error *err)
{
    int32_t days;
    if (!json_is_string(json))
        return wrong(err, name, "a date such as \"2026-11-22\"");
    dw_str text = {json_string_value(json), (uint32_t)json_string_length(json)};
    if (!dw_date_parse(text, &days))
        return dw_fail(err, DW_E_DATE, "%s is not a date YYYY-MM-DD in %d to %d", name, DW_YEAR_MIN, DW_YEAR_MAX);
    *out = days;
    return DW_OK;
}

static dw_errc read_enum(const json_t *json, const char *name, const ProtobufCEnumDescriptor *of, int64_t *out,
                         dw_error *err)
{
    int32_t value;
    if (json_is_boolean(json) && of == &driftwatch__v1__answer__descriptor) {
        *out = json_is_true(json) ? DW_ANSWER_Y : DW_ANSWER_N;
        return DW_OK;
    }
    if (json_is_integer(json)) { /* a code of a newer schema */
        json_int_t number = json_integer_value(json);
        if (number < INT32_MIN || number > INT32_MAX)
            return dw_fail(err, DW_E_RANGE, "%s is no code", name);
        *out = number;
        return DW_OK;
    }
    if (!json_is_string(json))
        return wrong(err, name, "a code");
    dw_str text = {json_string_value(json), (uint32_t)json_string_length(json)};
    char upper[128];
    if (!dw_schema_enum_parse(of, text, &value)) {
        if (text.len >= sizeof(upper))
            return dw_fail(err, DW_E_INVAL, "%s: not a code of %s", name, of->short_name);
        for (uint32_t i = 0; i < text.len; i++)
            upper[i] = (char)toupper((unsigned char)text.ptr[i]);
        if (!dw_schema_enum_parse(of, (dw_str){upper, text.len}, &value))
            return dw_fail(err, DW_E_INVAL, "%s: not a code of %s", name, of->short_name);
    }
    *out = value;
    return DW_OK;
}

static dw_errc read_list(const json_t *json, const char *name, dw_arena *arena, dw_value *out, dw_error *err)
{
    if (!json_is_array(json))
        return wrong(err, name, "a list of strings");
    size_t n = json_array_size(json);
    if (n > DW_EVENT_REPEATED_MAX)
        return dw_fail(err, DW_E_BOMB, "%s has more than %d items", name, DW_EVENT_REPEATED_MAX);
    dw_str *list = dw_arena_alloc(arena, n * sizeof(*list));
    if (list == NULL)
        return dw_fail(err, DW_E_NOMEM, "arena is full");
    for (size_t i = 0; i < n; i++) {
        dw_errc code = read_string(json_array_get(json, i), name, arena, &list[i], err);
        if (code != DW_OK)
            return code;
    }
    out->list = list;
    out->n = (uint32_t)n;
    return DW_OK;
}

/* --- the body */

static dw_errc read_value(const json_t *json, const ProtobufCFieldDescriptor *field, const char *name, dw_arena *arena,
                          dw_value *out, bool *present, dw_error *err)
{
    dw_errc code = DW_OK;
    switch (dw_shape_of(field)) {
    case DW_SHAPE_ENUM:
        out->kind = DW_VAL_ENUM;
        code = read_enum(json, name, field->descriptor, &out->i, err);
        if (code == DW_OK && !dw_schema_enum_known(field->descriptor, (int32_t)out->i))
            out->flags = DW_VALF_UNKNOWN_CODE;
        *present = out->i != 0;
        break;
    case DW_SHAPE_INT:
        out->kind = DW_VAL_INT;
        code = read_number(json, name, &out->i, err);
        *present = out->i != 0;
        break;
    case DW_SHAPE_COUNT:
        out->kind = DW_VAL_INT;
        code = read_number(json, name, &out->i, err);
        *present = true;
        break;
    case DW_SHAPE_STR:
        out->kind = DW_VAL_STR;
        code = read_string(json, name, arena, &out->s, err);
        *present = out->s.len != 0;
        break;
    case DW_SHAPE_STRS:
        out->kind = DW_VAL_STRS;
        code = read_list(json, name, arena, out, err);
        *present = out->n != 0;
        break;
    case DW_SHAPE_DATE:
        out->kind = DW_VAL_DATE;
        code = read_date(json, name, &out->i, err);
        *present = true;
        break;
    case DW_SHAPE_INSTANT:
        out->kind = DW_VAL_INSTANT;
        code = read_instant(json, name, &out->i, err);
        *present = true;
        break;
    case DW_SHAPE_NESTED:
        code = wrong(err, name, "a single value"); /* not reached: one level of nesting, see schema.h */
        break;
    }
    return code;
}

static const char *shown(const char *key)
{
    size_t n = 0;
    for (; key[n] != '\0'; n++) {
        if (n >= DW_ID_BYTES_MAX ||
            (!islower((unsigned char)key[n]) && !isdigit((unsigned char)key[n]) && key[n] != '_'))
            return "(not a field name)"; /* never quote what may be content */
    }
    return n != 0 ? key : "(a field without a name)";
}

/* Read the members of `json` into ev; outer: NULL, or the nested message they belong to. */
static dw_errc read_members(json_t *json, const ProtobufCMessageDescriptor *desc, const ProtobufCFieldDescriptor *outer,
                            dw_arena *arena, dw_event *ev, dw_error *err)
{
    const char *key;
    json_t *item;
    json_object_foreach(json, key, item)
    {
        const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(desc, key);
        if (field == NULL)
            return dw_fail(err, DW_E_INVAL, "%s%s%s: unknown field", outer != NULL ? outer->name : "",
                           outer != NULL ? "." : "", shown(key));
        if (dw_shape_of(field) == DW_SHAPE_NESTED) {
            if (!json_is_object(item))
                return wrong(err, field->name, "an object");
            dw_errc code = read_members(item, field->descriptor, field, arena, ev, err);
            if (code != DW_OK)
                return code;
            continue;
        }
        char both[130];
        const char *name = field->name;
        if (outer != NULL) {
            (void)snprintf(both, sizeof(both), "%s.%s", outer->name, field->name);
            name = both;
        }
        dw_value value = {.field = (uint16_t)(outer != NULL ? outer->id + 256 * field->id : field->id)};
        bool present = false;
        dw_errc code = read_value(item, field, name, arena, &value, &present, err);
        if (code != DW_OK)
            return code;
        if (present && !dw_event_put(ev, &value))
            return dw_fail(err, DW_E_BOMB, "more than %d fields in the body", DW_EVENT_BODY_FIELDS_MAX);
    }
    return DW_OK;
}

/* --- the envelope */

static dw_errc read_env(const json_t *json, const dw_env_field *field, dw_arena *arena, dw_event *ev, dw_error *err)
{
    void *place = (unsigned char *)ev + field->offset;
    int64_t number = 0;
    dw_errc code = DW_OK;
    switch (field->kind) {
    case DW_ENV_STR:
        return read_string(json, field->name, arena, place, err);
    case DW_ENV_INSTANT:
        return read_instant(json, field->name, place, err);
    case DW_ENV_NUMBER:
        code = read_number(json, field->name, &number, err);
        break;
    case DW_ENV_ENUM:
        code = read_enum(json, field->name, field->of, &number, err);
        if (code == DW_OK && !dw_schema_enum_known(field->of, (int32_t)number)) {
            if (field->of == &driftwatch__v1__op__descriptor)
                return dw_fail(err, DW_E_INVAL, "op: not a code of Op");
            ev->unknown_codes++;
        }
        break;
    }
    if (code == DW_OK) {
        uint32_t word = (uint32_t)number;
        memcpy(place, &word, sizeof(word)); /* a uint32_t or an enum of that size */
    }
    return code;
}
_Static_assert(sizeof(dw_op) == 4 && sizeof(dw_precision) == 4 && sizeof(dw_answer) == 4, "enums are 32 bits wide");

static dw_errc read_body(const char *key, json_t *json, dw_arena *arena, dw_event *ev, dw_error *err)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(&driftwatch__v1__event__descriptor, key);
    if (field == NULL || field->id < DW_BODY_FIELD_MIN)
        return dw_fail(err, DW_E_INVAL, "%s: unknown field", shown(key));
    if (ev->type != DW_EV_NONE)
        return dw_fail(err, DW_E_CONFLICT, "two bodies: %s and %s", dw_event_type_name(ev->type), field->name);
    if (!json_is_object(json))
        return wrong(err, field->name, "an object");
    ev->type = (dw_event_type)field->id;
    return read_members(json, field->descriptor, NULL, arena, ev, err);
}

static dw_errc read_top(json_t *root, dw_arena *arena, dw_event *ev, int64_t *log_time_us, dw_error *err)
{
    size_t count;
    const dw_env_field *fields = dw_env_fields(&count);
    const char *key;
    json_t *item;
    json_object_foreach(root, key, item)
    {
        size_t i = 0;
        dw_errc code;
        while (i < count && (fields[i].name[0] != key[0] || strcmp(fields[i].name, key) != 0))
            i++;
        if (i < count)
            code = read_env(item, &fields[i], arena, ev, err);
        else if (strcmp(key, "log_time") == 0)
            code = read_instant(item, key, log_time_us, err);
        else if (strcmp(key, "partition") == 0 || strcmp(key, "offset") == 0)
            code = json_is_integer(item) ? DW_OK : wrong(err, key, "a whole number");
        else
            code = read_body(key, item, arena, ev, err);
        if (code != DW_OK)
            return code;
    }
    return ev->type != DW_EV_NONE ? DW_OK : dw_fail(err, DW_E_NO_BODY, "no body");
}

/* jansson's own text may quote the line, so only place and kind are told. (It names a short key only.) */
static dw_errc parse_failed(const json_error_t *why, dw_error *err)
{
    switch ((int)json_error_code(why)) {
    case json_error_duplicate_key: {
        char key[DW_ID_BYTES_MAX + 2];
        const char *quote = strchr(why->text, '"');
        if (quote == NULL)
            return dw_fail(err, DW_E_CONFLICT, "a field is there twice, the second time at column %d", why->column);
        snprintf(key, sizeof(key), "%.*s", (int)strcspn(quote + 1, "\""), quote + 1);
        return dw_fail(err, DW_E_CONFLICT, "%s: there twice", shown(key));
    }
    case json_error_invalid_utf8:
        return dw_fail(err, DW_E_UTF8, "not UTF-8 at column %d", why->column);
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return dw_fail(err, DW_E_NUL, "a NUL character at column %d", why->column);
    case json_error_out_of_memory:
        return dw_fail(err, DW_E_NOMEM, "out of memory");
    default:
        return dw_fail(err, DW_E_INVAL, "not JSON at column %d", why->column);
    }
}

dw_errc dw_event_from_json(const char *text, size_t len, dw_arena *arena, dw_event *out, int64_t *log_time_us,
                           dw_error *err)
{
    json_error_t why;
    if (len > DW_JSON_BYTES_MAX)
        return dw_fail(err, DW_E_TOO_BIG, "%zu bytes", len);
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
    if (root == NULL)
        return parse_failed(&why, err);
    dw_event ev = {.occurred_at_us = DW_INSTANT_NONE};
    int64_t log_time = 0;
    dw_errc code = json_is_object(root) ? read_top(root, arena, &ev, &log_time, err)
                                        : dw_fail(err, DW_E_INVAL, "not a JSON object");
    json_decref(root);
    if (code == DW_OK)
        code = dw_event_finish(&ev, err);
    if (code != DW_OK)
        return code;
    *out = ev;
    if (log_time_us != NULL)
        *log_time_us = log_time;
    return DW_OK;
}

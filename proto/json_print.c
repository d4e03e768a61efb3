/* dw_event and dw_transition -> one line of JSON. */
#include <jansson.h>
#include <stdlib.h>

#include "proto/civil.h"
#include "proto/envelope.h"
#include "proto/fields.h"
#include "proto/json.h"
#include "proto/schema.h"

/* json_object_set_new() frees the value on failure and refuses NULL, so one flag gathers every failure. */
static void add(json_t *object, const char *name, json_t *value, bool *ok)
{
    *ok = json_object_set_new(object, name, value) == 0 && *ok;
}

static json_t *text_json(dw_str s)
{
    return json_stringn(s.ptr != NULL ? s.ptr : "", s.len);
}

static json_t *instant_json(int64_t us)
{
    char text[32];
    dw_instant_format(us, text);
    return json_string(text);
}

static json_t *date_json(int32_t days)
{
    char text[16];
    dw_date_format(days, text);
    return json_string(text);
}

static json_t *enum_json(const ProtobufCEnumDescriptor *of, int32_t value)
{
    const char *name = dw_schema_enum_short(of, value);
    return name != NULL ? json_string(name) : json_integer(value);
}

/* The object's one line, with `extra` before the closing brace. Takes the reference. */
static char *finish(json_t *root, const char *extra, bool ok)
{
    char *line = ok ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    if (line == NULL || extra == NULL || extra[0] == '\0')
        return line;
    size_t len = strlen(line);
    size_t more = strlen(extra);
    char *longer = malloc(len + more + 1);
    if (longer != NULL) {
        memcpy(longer, line, len - 1);
        memcpy(longer + len - 1, extra, more);
        memcpy(longer + len - 1 + more, "}", 2);
    }
    free(line);
    return longer;
}

/* --- events */

static void add_env(json_t *root, const dw_event *ev, const dw_env_field *field, bool *ok)
{
    const void *place = (const unsigned char *)ev + field->offset;
    switch (field->kind) {
    case DW_ENV_STR: {
        const dw_str *text = place;
        if (text->len != 0)
            add(root, field->name, text_json(*text), ok);
        break;
    }
    case DW_ENV_INSTANT: {
        int64_t us;
        memcpy(&us, place, sizeof(us));
        int64_t absent = field->offset == offsetof(dw_event, recorded_at_us) ? 0 : DW_INSTANT_NONE;
        if (us != absent)
            add(root, field->name, instant_json(us), ok);
        break;
    }
    case DW_ENV_NUMBER:
    case DW_ENV_ENUM: {
        uint32_t word;
        memcpy(&word, place, sizeof(word));
        if (word != 0)
            add(root, field->name,
                field->kind == DW_ENV_ENUM ? enum_json(field->of, (int32_t)word) : json_integer(word), ok);
        break;
    }
    }
}

static json_t *value_json(const dw_value *value, const dw_field_info *info)
{
    switch ((dw_value_kind)value->kind) {
    case DW_VAL_ENUM:
        return enum_json(info->enum_of, (int32_t)value->i);
    case DW_VAL_INT:
        return json_integer(value->i);
    case DW_VAL_DATE:
        return date_json((int32_t)value->i);
    case DW_VAL_INSTANT:
        return instant_json(value->i);
    case DW_VAL_STR:
        return text_json(value->s);
    case DW_VAL_STRS: {
        json_t *list = json_array();
        for (uint32_t i = 0; i < value->n; i++) {
            if (json_array_append_new(list, text_json(value->list[i])) != 0) {
                json_decref(list);
                return NULL;
            }
        }
        return list;
    }
    case DW_VAL_NONE:
        break;
    }
    return NULL;
}

static void add_to(json_t *body, dw_field_info *info, const dw_value *value, bool *ok)
{
    char *dot = strchr(info->name, '.');
    if (dot == NULL) {
        add(body, info->name, value_json(value, info), ok);
        return;
    }
    *dot = '\0';
    json_t *nested = json_object_get(body, info->name);
    if (nested == NULL) {
        add(body, info->name, json_object(), ok);
        nested = json_object_get(body, info->name);
    }
    add(nested, dot + 1, value_json(value, info), ok);
}

static void add_value(json_t *body, dw_event_type type, const dw_value *value, bool *ok)
{
    dw_field_info info;
    if (dw_field_by_id(type, value->field, &info))
        add_to(body, &info, value, ok);
    else
        *ok = false;
}

char *dw_event_to_json(const dw_event *ev, const char *extra)
{
    json_t *root = json_object();
    json_t *body = json_object();
    size_t count;
    const dw_env_field *fields = dw_env_fields(&count);
    bool ok = root != NULL && body != NULL;
    for (size_t i = 0; i < count; i++)
        add_env(root, ev, &fields[i], &ok);
    for (uint32_t i = 0; i < ev->value_count; i++)
        add_value(body, ev->type, &ev->values[i], &ok);
    add(root, dw_event_type_name(ev->type), body, &ok);
    return finish(root, extra, ok);
}

/* --- transitions */

static void add_text(json_t *root, const char *name, dw_str text, bool *ok)
{
    if (text.len != 0)
        add(root, name, text_json(text), ok);
}

static void add_due(json_t *root, const dw_transition *tr, bool *ok)
{
    if (tr->due_kind == DW_DUE_DATE)
        add(root, "due_on", date_json(tr->due_on), ok);
    else if (tr->due_kind == DW_DUE_INSTANT)
        add(root, "due_at", instant_json(tr->due_at_us), ok);
    add_text(root, "calendar", tr->calendar, ok);
    add_text(root, "count_mode", tr->count_mode, ok);
    add(root, "approximate", json_boolean(tr->approximate), ok);
}

static void add_causes(json_t *root, const dw_transition *tr, bool *ok)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < tr->cause_count && i < DW_CAUSES_MAX; i++) {
        json_t *cause = json_object();
        add(cause, "partition", json_integer(tr->causes[i].partition), ok);
        add(cause, "offset", json_integer(tr->causes[i].offset), ok);
        *ok = json_array_append_new(list, cause) == 0 && *ok;
    }
    add(root, "causes", list, ok);
    add(root, "causes_total", json_integer(tr->causes_total), ok);
}

char *dw_transition_to_json(const dw_transition *tr, const char *extra)
{
    bool ok = true;
    json_t *root = json_object();
    add_text(root, "alert_id", dw_str_from(tr->alert_id), &ok);
    add_text(root, "transition_id", dw_str_from(tr->transition_id), &ok);
    add(root, "transition", json_string(dw_transition_name(tr->kind)), &ok);
    add_text(root, "rule_id", tr->rule_id, &ok);
    add(root, "rule_version", json_integer(tr->rule_version), &ok);
    add_text(root, "la_code", tr->la_code, &ok);
    add_text(root, "child_ref", tr->child_ref, &ok);
    add_text(root, "subject_kind", tr->subject_kind, &ok);
    add_text(root, "subject_id", tr->subject_id, &ok);
    add(root, "generation", json_integer(tr->generation), &ok);
    if (tr->priority != DW_P_NONE)
        add(root, "priority", enum_json(&driftwatch__v1__priority__descriptor, (int32_t)tr->priority), &ok);
    if (tr->kind != DW_TR_FLAGGED)
        add(root, "level", json_integer(tr->level), &ok);
    add_text(root, "post", tr->post, &ok);
    add_due(root, tr, &ok);
    add(root, "raised_at", instant_json(tr->raised_at_us), &ok);
    add(root, "occurrence_count", json_integer(tr->count), &ok);
    add_causes(root, tr, &ok);
    add(root, "policy_number", json_integer(tr->policy_number), &ok);
    add_text(root, "policy_digest", tr->policy_digest, &ok);
    add(root, "restricted", json_boolean(tr->restricted), &ok);
    add(root, "found_at_start", json_boolean(tr->found_at_start), &ok);
    if (tr->outcome != DW_OUT_NONE)
        add(root, "outcome", json_string(dw_outcome_name(tr->outcome)), &ok);
    add_text(root, "reason_code", tr->reason_code, &ok);
    add_text(root, "oversight_ref", tr->oversight_ref, &ok);
    if (tr->review_by != 0)
        add(root, "review_by", date_json(tr->review_by), &ok);
    if (tr->paused_until != 0)
        add(root, "paused_until", date_json(tr->paused_until), &ok);
    return finish(root, extra, ok);
}

/* scenario_field.c: the fields of an event's body, from YAML into the JSON that `publish` takes. */

#include "daemon/cli/scenario_parts.h"

#include "proto/fields.h"
#include "proto/json.h"
#include "proto/limits.h"

#include <ctype.h>
#include <stdlib.h>

#define CODES_MAX 256 /* numbers looked at for the codes of a list; the longest has about 40 */
#define SHOWN_MAX 60  /* bytes of the author's text quoted in a problem */

static int shown(dw_str text)
{
    return text.len > SHOWN_MAX ? SHOWN_MAX : (int)text.len;
}

static bool upper(dw_str text, char *out, size_t size)
{
    if (text.len == 0 || text.len >= size)
        return false;
    for (uint32_t i = 0; i < text.len; i++)
        out[i] = (char)toupper((unsigned char)text.ptr[i]);
    out[text.len] = '\0';
    return true;
}

static bool all_digits(dw_str text)
{
    for (uint32_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len != 0 && text.len < 10;
}

static int64_t number_of(dw_str text)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < text.len; i++)
        n = n * 10 + (text.ptr[i] - '0');
    return n;
}

static json_t *string_of(dw_str text)
{
    return json_stringn(text.ptr, text.len);
}

/* A code by its name; "4" is the code of that name before it is a number of the schema. */
static json_t *read_code(dw_scn_reader *r, const dw_field_info *field, const yaml_node_t *node)
{
    dw_str text = dw_yaml_scalar(node);
    char name[64];
    int32_t value = 0;
    if (upper(text, name, sizeof(name)) && dw_enum_parse(field, dw_str_from(name), &value))
        return json_string(name);
    if (field->answer && (dw_str_eq(text, DW_STR_LIT("yes")) || dw_str_eq(text, DW_STR_LIT("true"))))
        return json_string("Y");
    if (field->answer && (dw_str_eq(text, DW_STR_LIT("no")) || dw_str_eq(text, DW_STR_LIT("false"))))
        return json_string("N");
    if (all_digits(text) && number_of(text) > CODES_MAX)
        return json_integer((json_int_t)number_of(text)); /* a code of a later schema */
    dw_nearest nearest = {.word = text};
    for (int32_t i = 0; i < CODES_MAX; i++) {
        const char *code = dw_enum_name(field, i);
        if (code != NULL)
            dw_nearest_try(&nearest, code);
    }
    if (field->answer)
        dw_scn_problem(r, node, "%s is Y, N or NA, not %.*s", field->name, shown(text), text.ptr);
    else if (nearest.best != NULL)
        dw_scn_problem(r, node, "%.*s is not a code of %s; did you mean %s?", shown(text), text.ptr, field->name,
                       nearest.best);
    else
        dw_scn_problem(r, node, "%.*s is not a code of %s", shown(text), text.ptr, field->name);
    return NULL;
}

static json_t *read_list(dw_scn_reader *r, const dw_field_info *field, const yaml_node_t *node)
{
    json_t *list = json_array();
    if (node->type == YAML_SCALAR_NODE) {
        json_array_append_new(list, string_of(dw_yaml_scalar(node)));
        return list;
    }
    for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++) {
        const yaml_node_t *item = dw_yaml_node(r->yaml, *i);
        if (item->type == YAML_SCALAR_NODE) {
            json_array_append_new(list, string_of(dw_yaml_scalar(item)));
        } else {
            dw_scn_problem(r, item, "%s is a list of ids", field->name);
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *read_date(dw_scn_reader *r, const dw_field_info *field, const yaml_node_t *node)
{
    int32_t day = 0;
    if (dw_date_parse(dw_yaml_scalar(node), &day))
        return string_of(dw_yaml_scalar(node));
    dw_scn_problem(r, node, "%s is a date such as 2026-01-19", field->name);
    return NULL;
}

static json_t *read_instant(dw_scn_reader *r, const yaml_node_t *node)
{
    int64_t us = 0;
    char text[32];
    if (!dw_scn_read_when(r, node, DW_SCN_NINE, &us, NULL))
        return NULL;
    dw_instant_format(us, text);
    return json_string(text);
}

static json_t *read_number(dw_scn_reader *r, const dw_field_info *field, const yaml_node_t *node)
{
    if (all_digits(dw_yaml_scalar(node)))
        return json_integer((json_int_t)number_of(dw_yaml_scalar(node)));
    dw_scn_problem(r, node, "%s is a whole number", field->name);
    return NULL;
}

static json_t *read_value(dw_scn_reader *r, const dw_field_info *field, const yaml_node_t *node)
{
    if (node->type != YAML_SCALAR_NODE && (field->kind != DW_VAL_STRS || node->type != YAML_SEQUENCE_NODE)) {
        dw_scn_problem(r, node, "%s takes one value", field->name);
        return NULL;
    }
    switch (field->kind) {
    case DW_VAL_ENUM:
        return read_code(r, field, node);
    case DW_VAL_INT:
        return read_number(r, field, node);
    case DW_VAL_DATE:
        return read_date(r, field, node);
    case DW_VAL_INSTANT:
        return read_instant(r, node);
    case DW_VAL_STR:
        return string_of(dw_yaml_scalar(node));
    case DW_VAL_STRS:
        return read_list(r, field, node);
    case DW_VAL_NONE:
        break;
    }
    return NULL;
}

/* "visit_frequency.days" goes into an object within. `value` NULL: out with it. */
static void place(json_t *body, const char *name, json_t *value)
{
    const char *dot = strchr(name, '.');
    char outer[64];
    if (dot == NULL) {
        (void)(value != NULL ? json_object_set_new(body, name, value) : json_object_del(body, name));
        return;
    }
    snprintf(outer, sizeof(outer), "%.*s", (int)(dot - name), name);
    json_t *within = json_object_get(body, outer);
    if (within == NULL && value != NULL) {
        within = json_object();
        json_object_set_new(body, outer, within);
    }
    if (value != NULL)
        json_object_set_new(within, dot + 1, value);
    else if (within != NULL)
        json_object_del(within, dot + 1);
}

bool dw_scn_put_field(dw_scn_reader *r, json_t *body, const dw_field_info *field, const yaml_node_t *value)
{
    if (dw_yaml_is_null(value)) { /* `mode: ~`: not stated, whatever the defaults or the earlier revision said */
        place(body, field->name, NULL);
        return true;
    }
    json_t *json = read_value(r, field, value);
    if (json != NULL)
        place(body, field->name, json);
    return json != NULL;
}

static void unknown_field(dw_scn_reader *r, const yaml_node_t *key, dw_event_type type, dw_str name)
{
    dw_field_info fields[DW_EVENT_BODY_FIELDS_MAX];
    dw_nearest nearest = {.word = name};
    size_t n = dw_field_all(type, fields, DW_EVENT_BODY_FIELDS_MAX);
    for (size_t i = 0; i < n; i++)
        dw_nearest_try(&nearest, fields[i].name);
    if (nearest.best != NULL)
        dw_scn_problem(r, key, "%s has no field %.*s; did you mean %s?", dw_event_type_name(type), shown(name),
                       name.ptr, nearest.best);
    else
        dw_scn_problem(r, key, "%s has no field %.*s", dw_event_type_name(type), shown(name), name.ptr);
}

/* visit_frequency: {days: 5, unit: WD} */
static bool put_nested(dw_scn_reader *r, json_t *body, dw_event_type type, dw_str outer, const yaml_node_t *map)
{
    bool any = false;
    if (map->type != YAML_MAPPING_NODE)
        return false;
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = dw_yaml_node(r->yaml, p->key);
        dw_str inner = dw_yaml_scalar(key);
        char name[64];
        dw_field_info field;
        snprintf(name, sizeof(name), "%.*s.%.*s", shown(outer), outer.ptr, shown(inner), inner.ptr);
        if (dw_field_find(type, dw_str_from(name), &field))
            dw_scn_put_field(r, body, &field, dw_yaml_node(r->yaml, p->value));
        else
            unknown_field(r, key, type, dw_str_from(name));
        any = true;
    }
    return any;
}

void dw_scn_put_body(dw_scn_reader *r, json_t *body, dw_event_type type, const yaml_node_t *map, dw_scn_side_fn *side,
                     void *user)
{
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = dw_yaml_node(r->yaml, p->key), *value = dw_yaml_node(r->yaml, p->value);
        dw_str name = dw_yaml_scalar(key);
        dw_field_info field;
        if (dw_field_find(type, name, &field))
            dw_scn_put_field(r, body, &field, value);
        else if ((side == NULL || !side(user, key, value)) && !put_nested(r, body, type, name, value))
            unknown_field(r, key, type, name);
    }
}

dw_event_type dw_scn_event_type(dw_scn_reader *r, const yaml_node_t *at, dw_str name)
{
    dw_event_type type = dw_event_type_parse(name);
    if (type != DW_EV_NONE)
        return type;
    dw_nearest nearest = {.word = name};
    for (int i = 1; i < DW_EV_MAX; i++)
        if (dw_event_type_name((dw_event_type)i)[0] != '?')
            dw_nearest_try(&nearest, dw_event_type_name((dw_event_type)i));
    if (nearest.best != NULL)
        dw_scn_problem(r, at, "there is no event %.*s; did you mean %s?", shown(name), name.ptr, nearest.best);
    else
        dw_scn_problem(r, at, "there is no event %.*s", shown(name), name.ptr);
    return DW_EV_NONE;
}

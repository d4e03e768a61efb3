/* Names and classes of the event types, and access to the body's values. */
#include "proto/event.h"

#include "proto/schema.h"

typedef struct type_row {
    const char *name;
    dw_event_class class;
} type_row;

static const type_row type_table[DW_EV_MAX] = {
#define X(e, n, s, c) [n] = {s, DW_EVC_##c},
    DW_EVENT_TYPE_LIST(X)
#undef X
};

const char *dw_event_type_name(dw_event_type type)
{
    if ((unsigned)type >= DW_EV_MAX || type_table[type].name == NULL)
        return "?";
    return type_table[type].name;
}

static bool same_but_dots(const char *name, dw_str given)
{
    for (uint32_t i = 0; i < given.len; i++) {
        char c = given.ptr[i] == '.' ? '_' : given.ptr[i];
        if (name[i] == '\0' || name[i] != c)
            return false;
    }
    return name[given.len] == '\0';
}

dw_event_type dw_event_type_parse(dw_str name)
{
    if (name.len == 0)
        return DW_EV_NONE;
    for (unsigned i = 0; i < DW_EV_MAX; i++) {
        if (type_table[i].name != NULL && same_but_dots(type_table[i].name, name))
            return (dw_event_type)i;
    }
    return DW_EV_NONE;
}

dw_event_class dw_event_type_class(dw_event_type type)
{
    return (unsigned)type < DW_EV_MAX ? type_table[type].class : DW_EVC_CHILD;
}

const dw_value *dw_event_get(const dw_event *ev, uint16_t field)
{
    for (uint32_t i = 0; i < ev->value_count; i++) {
        if (ev->values[i].field >= field)
            return ev->values[i].field == field ? &ev->values[i] : NULL;
    }
    return NULL;
}

bool dw_event_put(dw_event *ev, const dw_value *value)
{
    if (ev->value_count == DW_EVENT_BODY_FIELDS_MAX)
        return false;
    uint32_t at = ev->value_count++;
    for (; at > 0 && ev->values[at - 1].field > value->field; at--)
        ev->values[at] = ev->values[at - 1];
    ev->values[at] = *value;
    ev->unknown_codes += (value->flags & DW_VALF_UNKNOWN_CODE) != 0;
    return true;
}

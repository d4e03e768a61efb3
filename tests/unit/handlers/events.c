/* Events for tests, made field by field without the wire. */

#include "events.h"

#include <assert.h>

int32_t day_of(int year, int month, int day)
{
    return dw_day_from_ymd(year, month, day);
}

int64_t at_utc(int year, int month, int day, int hour, int minute)
{
    return ((day_of(year, month, day) * INT64_C(24) + hour) * 60 + minute) * 60000000;
}

dw_event event_make(dw_event_type type, const char *record_id, int64_t occurred_us)
{
    dw_event ev = {.type = type, .op = DW_OP_CREATE, .source_revision = 1, .schema_version = 1};
    ev.occurred_at_us = ev.recorded_at_us = occurred_us;
    ev.event_id = ev.source_record_id = dw_str_from(record_id);
    ev.la_code = DW_STR_LIT("941");
    ev.child_ref = DW_STR_LIT("c-1");
    ev.source_system = DW_STR_LIT("LCS");
    return ev;
}

static void put(dw_event *ev, dw_value value)
{
    assert(ev->value_count < DW_EVENT_BODY_FIELDS_MAX);
    uint32_t at = ev->value_count++;
    for (; at > 0 && ev->values[at - 1].field > value.field; at--)
        ev->values[at] = ev->values[at - 1];
    ev->values[at] = value;
}

void event_code(dw_event *ev, uint16_t field, int64_t code)
{
    put(ev, (dw_value){.field = field, .kind = DW_VAL_ENUM, .i = code});
}

void event_date(dw_event *ev, uint16_t field, int32_t day)
{
    put(ev, (dw_value){.field = field, .kind = DW_VAL_DATE, .i = day});
}

void event_at(dw_event *ev, uint16_t field, int64_t at_us)
{
    put(ev, (dw_value){.field = field, .kind = DW_VAL_INSTANT, .i = at_us});
}

void event_text(dw_event *ev, uint16_t field, const char *text)
{
    put(ev, (dw_value){.field = field, .kind = DW_VAL_STR, .s = dw_str_from(text)});
}

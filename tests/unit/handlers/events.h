#pragma once
/* events.h: events for tests, made field by field without the wire. */

#include "field_ids.h"
#include "handlers/record.h"

int32_t day_of(int year, int month, int day);
/* UTC; in winter that is London time. */
int64_t at_utc(int year, int month, int day, int hour, int minute);

/* A create of revision 1 in system LCS, recorded when it occurred. The id must outlive the event. */
dw_event event_make(dw_event_type type, const char *record_id, int64_t occurred_us);
void event_code(dw_event *ev, uint16_t field, int64_t code);
void event_date(dw_event *ev, uint16_t field, int32_t day);
void event_at(dw_event *ev, uint16_t field, int64_t at_us);
void event_text(dw_event *ev, uint16_t field, const char *text);

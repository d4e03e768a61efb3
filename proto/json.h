#pragma once
/* json.h: the JSON form of events and alert transitions (the same in publish, export and --json).
 *
 * Envelope fields at the top by their .proto names, the body under its oneof name, enum values by full or short name
 * (printed short), instants RFC 3339 with offset (printed in UTC with Z), dates YYYY-MM-DD, answers Y/N/NA or
 * true/false (also quoted), printed Y/N/NA. In files to replay `log_time` (RFC 3339) stands beside the envelope.
 * Unknown keys, duplicate keys, null, and values of the wrong type are errors that name the field; names of enum values
 * may be in lower case; an enum value without a name is read and printed as its number. `partition` and `offset`, which
 * export prints beside the envelope, are read and ignored. Field names and their order when printed are stable. */

#include "proto/alert.h"
#include "proto/decode.h"

/* One JSON object -> event. *log_time_us = 0 when absent. */
dw_errc dw_event_from_json(const char *text, size_t len, dw_arena *arena, dw_event *out, int64_t *log_time_us,
                           dw_error *err);
/* event -> one line of JSON without newline, malloc'd; caller frees. extra: NULL or ",\"log_time\":..." style members
 * already encoded as JSON, inserted before the closing brace. NULL on allocation failure. */
char *dw_event_to_json(const dw_event *ev, const char *extra);
char *dw_transition_to_json(const dw_transition *tr, const char *extra);

/* RFC 3339 and civil date text, shared by all tools. */
bool dw_instant_parse(dw_str text, int64_t *us_out); /* offset required */
bool dw_date_parse(dw_str text, int32_t *days_out);
void dw_instant_format(int64_t us, char out[32]); /* 2026-11-22T03:40:57.000Z, micros only when not 0 ms */
void dw_date_format(int32_t days, char out[16]);

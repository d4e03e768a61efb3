#pragma once
/* scenario_parts.h: private to scenario_*.c: what the reader's parts share. */

#include "daemon/cli/scenario.h"
#include "proto/fields.h"

#include <jansson.h>

#define DW_SCN_NINE (9 * 60) /* minutes: what a date without a time means */

/* --- scenario_time.c: dates and times as people write them */

/* "2026-01-19", "2026-01-19 14:30", "2026-01-19T14:30:00" in Europe/London, or an RFC 3339 instant with its offset. A date
 * alone is `minute_of_day` of it; *date_only says so. NULL, or what is wrong with it. */
const char *dw_scn_when(dw_str text, int minute_of_day, int64_t *us_out, bool *date_only);
/* A local time of a day as an instant. NULL, or what is wrong: a time that the change of the clocks leaves out, or has
 * twice. */
const char *dw_scn_local(int32_t day, int64_t us_of_day, int64_t *us_out);
/* Last microsecond of a London day. */
int64_t dw_scn_day_end(int32_t day);

/* Next run of non-blanks of *rest, which moves behind it; empty at the end. */
dw_str dw_scn_word(dw_str *rest);
bool dw_scn_is_time(dw_str word); /* looks like 14:30 */

/* --- the reader of one file */

/* A source record that later steps may name. */
typedef struct dw_scn_record {
    dw_str name; /* empty: cannot be named */
    dw_event_type type;
    json_t *envelope, *body; /* as last sent */
    uint32_t revision;
} dw_scn_record;

typedef struct dw_scn_reader {
    dw_yaml *yaml;
    dw_arena *arena;
    const yaml_node_t *file_defaults, *defaults; /* `defaults` of the file and of the scenario, or NULL */
    dw_scn_record records[DW_SCN_STEPS_MAX];     /* of the scenario being read */
    uint32_t record_count;
    uint32_t event_count;
    bool nomem;
} dw_scn_reader;

dw_scn_pos dw_scn_at(const yaml_node_t *node);
void dw_scn_problem(dw_scn_reader *r, const yaml_node_t *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
dw_str dw_scn_copy(dw_scn_reader *r, dw_str text);
/* Reads a scalar as an instant; false: a problem was added. */
bool dw_scn_read_when(dw_scn_reader *r, const yaml_node_t *node, int minute_of_day, int64_t *us_out, bool *date_only);

/* scenario_event.c: a step that is no checkpoint; `item` is a mapping whose first key says when and what, or that key
 * alone. */
void dw_scn_read_event(dw_scn_reader *r, const yaml_node_t *item, dw_scn_step *step);
/* Checks `defaults`: keys beside records, and types of event with their fields. */
void dw_scn_check_defaults(dw_scn_reader *r, const yaml_node_t *defaults);
void dw_scn_forget_records(dw_scn_reader *r);

/* scenario_field.c: one field of a body into JSON; false: a problem was added. */
bool dw_scn_put_field(dw_scn_reader *r, json_t *body, const dw_field_info *field, const yaml_node_t *value);
/* All fields of a mapping that belong to the type; of the others `side` is asked. */
typedef bool dw_scn_side_fn(void *user, const yaml_node_t *key, const yaml_node_t *value);
void dw_scn_put_body(dw_scn_reader *r, json_t *body, dw_event_type type, const yaml_node_t *map, dw_scn_side_fn *side,
                     void *user);
/* "did you mean" among the event types. */
dw_event_type dw_scn_event_type(dw_scn_reader *r, const yaml_node_t *at, dw_str name);

/* scenario_want.c: a checkpoint, and its words. */
void dw_scn_read_check(dw_scn_reader *r, const yaml_node_t *item, dw_scn_step *step);
/* One field of an expectation; false: a problem was added at `at`. */
bool dw_scn_set_field(dw_scn_reader *r, dw_scn_want *want, dw_scn_field field, dw_str text, const yaml_node_t *at);

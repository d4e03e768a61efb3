#pragma once
/* line.h: one line of a log in JSON Lines, read with every check that a record has to pass before the daemon applies it. */

#include "proto/event.h"

#include <stdio.h>

#define DW_LINE_BYTES_MAX (4 * DW_POLICY_BYTES_MAX) /* a policy as a JSON text needs more bytes than in protobuf */
#define DW_LINE_ARENA_BYTES (3 * DW_LINE_BYTES_MAX) /* views of one line's event */
#define DW_LINE_NO_TIME INT64_MIN                   /* no log_time that can be read */
#define DW_LINE_NO_PARTITION INT32_C(-1)

/* What can be told of a line without reading all of it: what stands beside the envelope. */
typedef struct dw_line_front {
    int64_t log_time_us; /* DW_LINE_NO_TIME */
    int32_t partition;   /* DW_LINE_NO_PARTITION */
    bool policy_set;     /* may hold a policy.set; false: it does not */
} dw_line_front;
void dw_line_look(const char *line, size_t len, dw_line_front *out);

/* The lines of a file, one after the other; those of spaces only are counted and passed over. */
typedef struct dw_lines {
    FILE *file; /* the caller's */
    char *line; /* freed by whoever made this */
    size_t cap;
    uint64_t number; /* of the line, from 1 */
} dw_lines;
size_t dw_lines_next(dw_lines *in); /* bytes of in->line without its end; 0 at the end, or when ferror() says so */

/* DW_OK, or the reason code of its dead letter, with a text that names the field and quotes nothing. Views into `arena`.
 * *log_time_us is set in any case, DW_LINE_NO_TIME when there is none. DW_E_NOMEM: memory ran out. */
dw_errc dw_line_read(const char *line, size_t len, dw_arena *arena, dw_event *out, int64_t *log_time_us, dw_error *err);

#pragma once
/* demo_line.h: one transition as one line of the demo: when, what happened, how grave, which rule, which child, why, for
 * which post; and what arrived in a week. Pure. Short dates: the story's year is known. */

#include "proto/alert.h"
#include "proto/event.h"

/* At most `size` bytes with the NUL into `out`; returns it. colour: with the escapes of a terminal. */
char *dw_demo_line(const dw_transition *tr, dw_str title, bool colour, char *out, size_t size);

/* What arrived in one week of the story. */
typedef struct dw_demo_week {
    uint64_t events, late, corrected, by_type[DW_EV_MAX];
} dw_demo_week;
#define DW_DEMO_WEEK_MAX 640 /* bytes of its line, with the NUL */
char *dw_demo_week_line(const dw_demo_week *week, bool colour, char *out, size_t size);

#pragma once
/* demo_line.h: one transition as one line of the demo: when, what happened, how grave, which rule, which child, why, for
 * which post. Pure. Short dates: the story's year is known. */

#include "proto/alert.h"

/* At most `size` bytes with the NUL into `out`; returns it. colour: with the escapes of a terminal. */
char *dw_demo_line(const dw_transition *tr, dw_str title, bool colour, char *out, size_t size);

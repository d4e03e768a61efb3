#pragma once
/* diff.h: which lines of a text were taken out and put in. Pure. */

#include "proto/base.h"

#define DW_DIFF_CELLS_MAX                                                                                              \
    ((size_t)64 << 20) /* product of the lines that differ; beyond it all of them count as replaced */

/* Called for each line of the difference in order: sign '-' taken out, '+' put in; `line` counts in the old ('-') or new
 * ('+') text from 1. Lines in common are not reported. */
typedef void dw_diff_line(void *user, char sign, size_t line, dw_str text);
/* Number of lines that differ; SIZE_MAX when out of memory. */
size_t dw_diff(dw_str before, dw_str after, dw_diff_line *each, void *user);

#pragma once
/* child_print.h: a record in words, or as one JSON object a line. Writes to stdout; reads nothing. */

#include "handlers/driftwatch.h"

typedef struct dw_child_view {
    const dw_record *record;
    const dw_policy *policy; /* NULL: none in force yet; then no obligations */
    int64_t clock_us;
    int32_t partition;
    int64_t facts_max; /* the latest so many */
    bool json;
} dw_child_view;
dw_errc dw_child_print(const dw_child_view *view, dw_arena *arena, dw_error *err);

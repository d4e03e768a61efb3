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

/* What a duty would have to know and the record does not say, DW_GAP_* bits: also of the clocks beside it that do not run. */
uint32_t dw_gaps_of(const dw_obligation *ob);
/* "" or ", no frequency is recorded for this child": what the record does not say, of a duty. Returns `out`. */
#define DW_GAPS_TEXT_MAX 160
char *dw_gaps_text(uint32_t gaps, char out[DW_GAPS_TEXT_MAX]);
dw_errc dw_child_print(const dw_child_view *view, dw_arena *arena, dw_error *err);

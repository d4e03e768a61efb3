#pragma once
/* policy_try.h: a change of policy, tried on a copy of the live records: what would open, close and land on whom.
 * Nothing is written. Records are read as they are now, one after the other, each at its shard's clock. */

#include "daemon/cli/store.h"

/* One row per (rule, post). Counts of transitions that the switch would emit. */
typedef struct dw_try_row {
    char rule_id[DW_RULE_ID_BYTES_MAX + 1];
    char post[DW_ID_BYTES_MAX + 1];
    uint64_t opens, closes, changes; /* opened and reopened; resolved; revised, flagged and the rest */
} dw_try_row;

typedef struct dw_try {
    dw_try_row *rows; /* ascending (rule, post) after dw_try_run */
    size_t count, cap;
    uint64_t children, opens, closes, changes;
} dw_try;

dw_errc dw_try_run(dw_store *store, int32_t partitions, const dw_policy *policy, dw_try *out, dw_error *err);
void dw_try_deinit(dw_try *result);

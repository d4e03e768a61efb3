#pragma once
/* shard_view.h: what is known of one shard from outside: meta and sizes in Redis, ends of the log, the daemon's figures. */

#include "daemon/cli/store.h"

#define DW_META_TEXT_MAX 200
typedef struct dw_shard_view {
    int32_t partition;
    bool present; /* meta exists */
#define X(field, meaning) char field[DW_META_TEXT_MAX];
    DW_META_LIST(X)
#undef X
    int64_t children, deadlines, alerts, outbox_rows, dead_letters;
    int64_t low, high;      /* of the log; -1 = not asked */
    int64_t outbox_waiting; /* rows not taken by the broker, by the daemon's figures; -1 = unknown */
    char hold[40];          /* empty: none, or unknown */
} dw_shard_view;

dw_errc dw_shard_view_read(dw_store *store, int32_t partition, dw_shard_view *out, dw_error *err);
/* Records appended and not yet applied; -1 = unknown. */
int64_t dw_shard_view_lag(const dw_shard_view *view);
/* The same as one JSON line on stdout. */
void dw_shard_view_json(const dw_shard_view *view);

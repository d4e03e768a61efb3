#pragma once
/* store.h: Redis used plainly and blocking, for tools: what the shards keep (daemon/shard/keys.h), read from outside.
 *
 * A reply belongs to the caller until freeReplyObject(). Server errors and lost links become dw_error; a reply of type
 * error is never returned. */

#include "config/settings.h"
#include "daemon/shard/keys.h"
#include "handlers/driftwatch.h"

#include <hiredis/hiredis.h>

typedef struct dw_store dw_store;
dw_errc dw_store_open(const dw_settings *settings, dw_store **out, dw_error *err);
void dw_store_close(dw_store **store);
/* Partition count of the input topic as the daemon pinned it; DW_E_IO when no daemon has been here. */
dw_errc dw_store_partitions(dw_store *store, int32_t *count, dw_error *err);

/* COMMAND <key of (partition, name)> ARGS...; NULL on failure. */
redisReply *dw_store_call(dw_store *store, const char *command, int32_t partition, const char *name, const dw_str *args,
                          size_t count, dw_error *err);
/* A field of a shard's hash: string reply, or nil when absent. */
redisReply *dw_store_hget(dw_store *store, int32_t partition, const char *name, dw_str field, dw_error *err);
/* A number among the fields of meta; `absent` when there is none. */
dw_errc dw_store_meta_int(dw_store *store, int32_t partition, const char *field, int64_t absent, int64_t *out,
                          dw_error *err);

/* Every field of a hash, in bounded steps (HSCAN; a field may come twice while it is written). `each` returns false to stop.
 * `match`: Redis glob, NULL for all. */
typedef bool dw_store_each(void *user, dw_str field, dw_str value);
dw_errc dw_store_scan(dw_store *store, int32_t partition, const char *name, const char *match, dw_store_each *each,
                      void *user, dw_error *err);

/* The record of "la/child" with all its pages; *out NULL when there is none. dw_record_free() it. */
dw_errc dw_store_record(dw_store *store, int32_t partition, dw_str subject, dw_record **out, dw_error *err);

/* Policy in force in a partition: its texts (malloc'd block, views into it) and compiled. Absent: number 0, NULL. */
typedef struct dw_policy_in_force {
    dw_policy_text text;
    dw_policy *policy;
    redisReply *reply; /* owns the texts */
} dw_policy_in_force;
dw_errc dw_store_policy(dw_store *store, int32_t partition, dw_policy_in_force *out, dw_error *err);
void dw_policy_in_force_deinit(dw_policy_in_force *policy);

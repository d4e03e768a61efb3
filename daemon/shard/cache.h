#pragma once
/* cache.h: what the shards of one process share. One per process, made before and freed after all shards.
 *
 * - Committed heads, bounded in bytes; least recently used goes first. Entries are valid only under the claim they came
 *   with: a shard drops its own on claim, fence, hold and release.
 * - Bounds on what all shards together hold in memory: records waiting for a turn, and turns being worked on.
 * - Compiled policies, so that 64 shards under one policy hold it once.
 * - Scratch memory of the turn that is being applied (calls never nest). */

#include "handlers/driftwatch.h"

typedef struct dw_cache dw_cache;
dw_cache *dw_cache_new(size_t bytes_max); /* bytes of heads; NULL when out of memory */
void dw_cache_free(dw_cache **cache);
/* Copies both. Evicts others when needed; bigger than a quarter of the cache: not kept. */
void dw_cache_put(dw_cache *cache, int32_t shard, dw_str subject, dw_str head);
/* Either will soon be asked of this subject: brings what tells where it lies near. (Most of a catch-up is waiting for that.) */
void dw_cache_expect(const dw_cache *cache, int32_t shard, dw_str subject);
bool dw_cache_get(dw_cache *cache, int32_t shard, dw_str subject,
                  dw_str *head); /* borrowed until the next put or drop */
void dw_cache_drop(dw_cache *cache, int32_t shard, dw_str subject);
void dw_cache_drop_shard(dw_cache *cache, int32_t shard);
size_t dw_cache_bytes(const dw_cache *cache);

/* Bytes of waiting records, and bytes of turns being worked on, of all shards. `used` may pass `max` a little: what was
 * handed over is kept, and a lone turn may always run. */
typedef struct dw_share {
    size_t used, max;
} dw_share;
dw_share *dw_cache_waiting(dw_cache *cache); /* max DW_WAITING_BYTES_MAX unless changed */
dw_share *dw_cache_working(dw_cache *cache); /* max DW_WORKING_BYTES_MAX unless changed */
/* Shards, not bytes: those far behind that collect records for a turn or have them in one. Each may hold its part of the bytes
 * of waiting records; the others leave theirs unread. max DW_FILLING_SHARDS_MAX unless changed. */
dw_share *dw_cache_filling(dw_cache *cache);

dw_pool *dw_cache_pool(dw_cache *cache); /* blocks of the shards' arenas: at most DW_POOL_BYTES_MAX unused */

/* A new reference to the kept policy of that number, digest and cut-over; NULL when there is none. */
dw_policy *dw_cache_policy(dw_cache *cache, uint32_t number, dw_str digest, int64_t cut_over_us);
void dw_cache_keep_policy(dw_cache *cache, dw_policy *policy); /* takes a reference of its own */

#define DW_ROW_BYTES_MAX 65536 /* bytes of one encoded transition */
typedef struct dw_vector {     /* growing list of borrowed strings */
    dw_str *items;
    size_t count, cap;
} dw_vector;
typedef struct dw_scratch {
    dw_emit *emit;
    dw_encoded encoded;
    dw_arena *event_arena; /* one decoded event */
    dw_event event;
    uint8_t row[DW_ROW_BYTES_MAX];
    dw_vector writes[16]; /* arguments of the commit's commands, see commit.c */
} dw_scratch;
dw_scratch *dw_cache_scratch(dw_cache *cache);

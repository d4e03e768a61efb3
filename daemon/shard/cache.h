#pragma once
/* cache.h: committed heads of the shards of one process, bounded in bytes; least recently used goes first.
 * Entries are valid only under the claim they came with: a shard drops its own on claim, fence, hold and release. */

#include "proto/base.h"

typedef struct dw_cache dw_cache;
dw_cache *dw_cache_new(size_t bytes_max);
void dw_cache_free(dw_cache **cache);
/* Copies both. Evicts others when needed; bigger than the whole cache: not kept. */
void dw_cache_put(dw_cache *cache, int32_t shard, dw_str subject, dw_str head);
bool dw_cache_get(dw_cache *cache, int32_t shard, dw_str subject, dw_str *head); /* borrowed until the next put */
void dw_cache_drop(dw_cache *cache, int32_t shard, dw_str subject);
void dw_cache_drop_shard(dw_cache *cache, int32_t shard);
size_t dw_cache_bytes(const dw_cache *cache);

/* Committed heads in least-recently-used order, and the other things the shards of a process share. */
#include "daemon/shard/cache.h"

#include <assert.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "daemon/shard/engine.h"

#define POLICIES_KEPT 4 /* old and new during a switch, twice */

typedef struct entry {
    struct entry *newer, *older;
    struct entry *shard_next, **shard_slot; /* list of one shard's entries */
    uint64_t hash;
    int32_t shard;
    uint32_t key_len, head_len;
    char bytes[]; /* subject, head */
} entry;

/* Open addressing with linear probing: a look-up that fails, as most do while catching up, touches one line of memory. */
typedef struct cache_slot {
    uint64_t hash;
    entry *entry; /* NULL: free */
} cache_slot;
#define SLOTS_MIN 256

typedef struct shard_list {
    UT_hash_handle hh;
    int32_t shard;
    entry *first;
} shard_list;

struct dw_cache {
    cache_slot *slots;
    size_t slot_mask, count;
    entry *newest, *oldest;
    shard_list *shards;
    size_t bytes, bytes_max;
    dw_share waiting, working, filling;
    dw_pool *pool;
    dw_policy *policies[POLICIES_KEPT];
    unsigned next_policy;
    dw_scratch scratch;
};

static size_t entry_bytes(uint32_t key_len, uint32_t head_len)
{
    return sizeof(entry) + key_len + head_len + 16 + 2 * sizeof(cache_slot); /* 16: malloc's own */
}

static void unlink_age(dw_cache *cache, entry *e)
{
    *(e->newer != NULL ? &e->newer->older : &cache->newest) = e->older;
    *(e->older != NULL ? &e->older->newer : &cache->oldest) = e->newer;
}

static void link_newest(dw_cache *cache, entry *e)
{
    e->newer = NULL;
    e->older = cache->newest;
    *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = e;
    cache->newest = e;
}

/* Takes a slot out; those behind it that would no longer be found move up. */
static void slot_remove(dw_cache *cache, size_t at)
{
    size_t mask = cache->slot_mask, next = at;
    cache->slots[at].entry = NULL;
    for (;;) {
        next = (next + 1) & mask;
        if (cache->slots[next].entry == NULL)
            return;
        size_t home = cache->slots[next].hash & mask;
        if (((next - home) & mask) >= ((next - at) & mask)) {
            cache->slots[at] = cache->slots[next];
            cache->slots[next].entry = NULL;
            at = next;
        }
    }
}

static size_t slot_of(const dw_cache *cache, const entry *e)
{
    size_t at = e->hash & cache->slot_mask;
    while (cache->slots[at].entry != e)
        at = (at + 1) & cache->slot_mask;
    return at;
}

static void entry_remove(dw_cache *cache, entry *e)
{
    slot_remove(cache, slot_of(cache, e));
    cache->count--;
    unlink_age(cache, e);
    *e->shard_slot = e->shard_next;
    if (e->shard_next != NULL)
        e->shard_next->shard_slot = e->shard_slot;
    cache->bytes -= entry_bytes(e->key_len, e->head_len);
    free(e);
}

static uint64_t hash_of(int32_t shard, dw_str subject)
{
    return XXH3_64bits_withSeed(subject.ptr, subject.len, (XXH64_hash_t)(uint32_t)shard);
}

static entry *find(const dw_cache *cache, int32_t shard, dw_str subject, uint64_t hash)
{
    for (size_t at = hash & cache->slot_mask; cache->slots[at].entry != NULL; at = (at + 1) & cache->slot_mask) {
        entry *e = cache->slots[at].entry;
        if (cache->slots[at].hash == hash && e->shard == shard && dw_str_eq((dw_str){e->bytes, e->key_len}, subject))
            return e;
    }
    return NULL;
}

static void slot_put(cache_slot *slots, size_t mask, entry *e)
{
    size_t at = e->hash & mask;
    while (slots[at].entry != NULL)
        at = (at + 1) & mask;
    slots[at] = (cache_slot){e->hash, e};
}

/* At most three quarters full. False: out of memory. */
static bool slots_grow(dw_cache *cache)
{
    size_t old = cache->slot_mask + 1;
    if (4 * (cache->count + 1) <= 3 * old)
        return true;
    cache_slot *fresh = calloc(2 * old, sizeof(*fresh));
    if (fresh == NULL)
        return false;
    for (size_t i = 0; i < old; i++)
        if (cache->slots[i].entry != NULL)
            slot_put(fresh, 2 * old - 1, cache->slots[i].entry);
    free(cache->slots);
    cache->slots = fresh;
    cache->slot_mask = 2 * old - 1;
    return true;
}

dw_cache *dw_cache_new(size_t bytes_max)
{
    dw_cache *cache = calloc(1, sizeof(*cache));
    if (cache == NULL)
        return NULL;
    cache->bytes_max = bytes_max;
    cache->waiting.max = DW_WAITING_BYTES_MAX;
    cache->working.max = DW_WORKING_BYTES_MAX;
    cache->filling.max = DW_FILLING_SHARDS_MAX;
    dw_scratch *scratch = &cache->scratch;
    scratch->emit = dw_emit_new();
    scratch->event_arena = dw_arena_new(DW_EVENT_ARENA_BYTES_MAX + 2 * DW_POLICY_BYTES_MAX);
    cache->pool = dw_pool_new(DW_POOL_BYTES_MAX);
    cache->slots = calloc(SLOTS_MIN, sizeof(*cache->slots));
    cache->slot_mask = SLOTS_MIN - 1;
    if (cache->slots == NULL || cache->pool == NULL || scratch->emit == NULL || scratch->event_arena == NULL)
        dw_cache_free(&cache);
    return cache;
}

void dw_cache_free(dw_cache **slot)
{
    if (slot == NULL || *slot == NULL)
        return;
    dw_cache *cache = *slot;
    while (cache->newest != NULL)
        entry_remove(cache, cache->newest);
    shard_list *list, *next;
    HASH_ITER (hh, cache->shards, list, next) {
        HASH_DEL(cache->shards, list);
        free(list);
    }
    for (size_t i = 0; i < POLICIES_KEPT; i++)
        dw_policy_unref(&cache->policies[i]);
    dw_emit_free(&cache->scratch.emit);
    dw_encoded_deinit(&cache->scratch.encoded);
    dw_arena_free(&cache->scratch.event_arena);
    for (size_t i = 0; i < sizeof(cache->scratch.writes) / sizeof(cache->scratch.writes[0]); i++)
        free(cache->scratch.writes[i].items);
    dw_pool_free(&cache->pool);
    free(cache->slots);
    free(cache);
    *slot = NULL;
}

static shard_list *list_of(dw_cache *cache, int32_t shard)
{
    shard_list *list = NULL;
    HASH_FIND_INT(cache->shards, &shard, list);
    if (list == NULL) {
        list = calloc(1, sizeof(*list));
        if (list == NULL)
            return NULL;
        list->shard = shard;
        HASH_ADD_INT(cache->shards, shard, list);
    }
    return list;
}

void dw_cache_expect(const dw_cache *cache, int32_t shard, dw_str subject)
{
    __builtin_prefetch(&cache->slots[hash_of(shard, subject) & cache->slot_mask]);
}

void dw_cache_put(dw_cache *cache, int32_t shard, dw_str subject, dw_str head)
{
    uint64_t hash = hash_of(shard, subject);
    size_t size = entry_bytes(subject.len, head.len);
    entry *e = find(cache, shard, subject, hash);
    if (e != NULL && e->head_len == head.len) {
        memcpy(e->bytes + e->key_len, head.ptr, head.len);
        unlink_age(cache, e);
        link_newest(cache, e);
        return;
    }
    if (e != NULL)
        entry_remove(cache, e);
    shard_list *list = list_of(cache, shard);
    if (size > cache->bytes_max / 4 || list == NULL)
        return;
    while (cache->bytes + size > cache->bytes_max)
        entry_remove(cache, cache->oldest);
    e = slots_grow(cache) ? malloc(sizeof(*e) + subject.len + head.len) : NULL;
    if (e == NULL)
        return; /* a cache may forget */
    e->hash = hash;
    e->shard = shard;
    e->key_len = subject.len;
    e->head_len = head.len;
    memcpy(e->bytes, subject.ptr, subject.len);
    if (head.len != 0)
        memcpy(e->bytes + subject.len, head.ptr, head.len);
    slot_put(cache->slots, cache->slot_mask, e);
    cache->count++;
    link_newest(cache, e);
    e->shard_next = list->first;
    e->shard_slot = &list->first;
    if (list->first != NULL)
        list->first->shard_slot = &e->shard_next;
    list->first = e;
    cache->bytes += size;
}

bool dw_cache_get(dw_cache *cache, int32_t shard, dw_str subject, dw_str *head)
{
    entry *e = find(cache, shard, subject, hash_of(shard, subject));
    if (e == NULL)
        return false;
    if (e != cache->newest) {
        unlink_age(cache, e);
        link_newest(cache, e);
    }
    *head = (dw_str){e->bytes + e->key_len, e->head_len};
    return true;
}

void dw_cache_drop(dw_cache *cache, int32_t shard, dw_str subject)
{
    entry *e = find(cache, shard, subject, hash_of(shard, subject));
    if (e != NULL)
        entry_remove(cache, e);
}

void dw_cache_drop_shard(dw_cache *cache, int32_t shard)
{
    shard_list *list = NULL;
    HASH_FIND_INT(cache->shards, &shard, list);
    while (list != NULL && list->first != NULL)
        entry_remove(cache, list->first);
}

size_t dw_cache_bytes(const dw_cache *cache)
{
    return cache->bytes;
}

dw_share *dw_cache_waiting(dw_cache *cache)
{
    return &cache->waiting;
}

dw_share *dw_cache_working(dw_cache *cache)
{
    return &cache->working;
}

dw_share *dw_cache_filling(dw_cache *cache)
{
    return &cache->filling;
}

dw_pool *dw_cache_pool(dw_cache *cache)
{
    return cache->pool;
}

dw_policy *dw_cache_policy(dw_cache *cache, uint32_t number, dw_str digest, int64_t cut_over_us)
{
    for (size_t i = 0; i < POLICIES_KEPT; i++) {
        dw_policy *policy = cache->policies[i];
        if (policy != NULL && dw_policy_number(policy) == number && dw_str_eq(dw_policy_digest(policy), digest) &&
            dw_policy_cut_over_us(policy) == cut_over_us)
            return dw_policy_ref(policy);
    }
    return NULL;
}

void dw_cache_keep_policy(dw_cache *cache, dw_policy *policy)
{
    dw_policy_unref(&cache->policies[cache->next_policy]);
    cache->policies[cache->next_policy] = dw_policy_ref(policy);
    cache->next_policy = (cache->next_policy + 1) % POLICIES_KEPT;
}

dw_scratch *dw_cache_scratch(dw_cache *cache)
{
    return &cache->scratch;
}

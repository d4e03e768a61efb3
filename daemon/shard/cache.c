/* Committed heads in least-recently-used order, and the other things the shards of a process share. */
#include "daemon/shard/cache.h"

#include <assert.h>

#include "daemon/shard/engine.h"

#define POLICIES_KEPT 4 /* old and new during a switch, twice */

typedef struct entry {
    UT_hash_handle hh;
    struct entry *newer, *older;
    struct entry *shard_next, **shard_slot; /* list of one shard's entries */
    uint32_t key_len, head_len;
    char bytes[]; /* 4 bytes of shard, subject, head */
} entry;

typedef struct shard_list {
    UT_hash_handle hh;
    int32_t shard;
    entry *first;
} shard_list;

struct dw_cache {
    entry *table, *newest, *oldest;
    shard_list *shards;
    size_t bytes, bytes_max;
    dw_share waiting, working;
    dw_policy *policies[POLICIES_KEPT];
    unsigned next_policy;
    dw_scratch scratch;
};

#define KEY_BYTES_MAX (sizeof(int32_t) + DW_SUBJECT_BYTES_MAX)

static size_t entry_bytes(uint32_t key_len, uint32_t head_len)
{
    return sizeof(entry) + key_len + head_len + 16; /* 16: malloc's own and a share of the table */
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

static void entry_remove(dw_cache *cache, entry *e)
{
    HASH_DEL(cache->table, e);
    unlink_age(cache, e);
    *e->shard_slot = e->shard_next;
    if (e->shard_next != NULL)
        e->shard_next->shard_slot = e->shard_slot;
    cache->bytes -= entry_bytes(e->key_len, e->head_len);
    free(e);
}

static uint32_t make_key(char key[KEY_BYTES_MAX], int32_t shard, dw_str subject)
{
    assert(subject.len <= DW_SUBJECT_BYTES_MAX);
    memcpy(key, &shard, sizeof(shard));
    if (subject.len != 0)
        memcpy(key + sizeof(shard), subject.ptr, subject.len);
    return (uint32_t)(sizeof(shard) + subject.len);
}

static entry *find(dw_cache *cache, int32_t shard, dw_str subject)
{
    char key[KEY_BYTES_MAX];
    entry *e = NULL;
    uint32_t len = make_key(key, shard, subject);
    HASH_FIND(hh, cache->table, key, len, e);
    return e;
}

dw_cache *dw_cache_new(size_t bytes_max)
{
    dw_cache *cache = calloc(1, sizeof(*cache));
    if (cache == NULL)
        return NULL;
    cache->bytes_max = bytes_max;
    cache->waiting.max = DW_WAITING_BYTES_MAX;
    cache->working.max = DW_WORKING_BYTES_MAX;
    dw_scratch *scratch = &cache->scratch;
    scratch->emit = dw_emit_new();
    scratch->event_arena = dw_arena_new(DW_EVENT_ARENA_BYTES_MAX + 2 * DW_POLICY_BYTES_MAX);
    scratch->row_arena = dw_arena_new(DW_EVENT_ARENA_BYTES_MAX);
    if (scratch->emit == NULL || scratch->event_arena == NULL || scratch->row_arena == NULL)
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
    dw_arena_free(&cache->scratch.row_arena);
    for (size_t i = 0; i < sizeof(cache->scratch.writes) / sizeof(cache->scratch.writes[0]); i++)
        free(cache->scratch.writes[i].items);
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

void dw_cache_put(dw_cache *cache, int32_t shard, dw_str subject, dw_str head)
{
    char key[KEY_BYTES_MAX];
    uint32_t key_len = make_key(key, shard, subject);
    size_t size = entry_bytes(key_len, head.len);
    entry *e = find(cache, shard, subject);
    if (e != NULL && e->head_len == head.len) {
        memcpy(e->bytes + key_len, head.ptr, head.len);
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
    e = malloc(sizeof(*e) + key_len + head.len);
    if (e == NULL)
        return; /* a cache may forget */
    e->key_len = key_len;
    e->head_len = head.len;
    memcpy(e->bytes, key, key_len);
    if (head.len != 0)
        memcpy(e->bytes + key_len, head.ptr, head.len);
    HASH_ADD_KEYPTR(hh, cache->table, e->bytes, key_len, e);
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
    entry *e = find(cache, shard, subject);
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
    entry *e = find(cache, shard, subject);
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

#pragma once
/* inbox.h: records handed over and not yet taken by a committed turn, as raw bytes in offset order. */

#include "daemon/shard/cache.h"
#include "daemon/shard/shard.h"

typedef struct dw_queued {
    int64_t offset, stamp_us;
    const char *at; /* key, value, auth, forward */
    uint32_t value_len;
    uint32_t
        real_len; /* of the value; more than value_len when it was too long to keep: then the bytes are its digest */
    uint16_t key_len, auth_len, forward_len;
    bool has_key, has_value;
    struct dw_subject *subject; /* set by the turn that plans it; of no meaning to others */
} dw_queued;

typedef struct dw_inbox {
    dw_queued *items;
    size_t head, count, cap;             /* items[head .. count) wait */
    struct dw_inbox_chunk *first, *last; /* their bytes, in order; freed as the records are taken */
    size_t held;                         /* bytes of the chunks */
    dw_share *share;                     /* of all shards' inboxes */
    size_t accounted;
} dw_inbox;

void dw_inbox_init(dw_inbox *inbox, dw_share *share);
void dw_inbox_deinit(dw_inbox *inbox);
bool dw_inbox_add(dw_inbox *inbox, const dw_log_record *rec); /* copies; false: out of memory */
size_t dw_inbox_count(const dw_inbox *inbox);
size_t dw_inbox_bytes(const dw_inbox *inbox);
/* The i-th waiting record; strings point into the inbox until it is taken or cleared. */
dw_queued *dw_inbox_item(const dw_inbox *inbox, size_t i);
void dw_inbox_get(const dw_inbox *inbox, size_t i, dw_log_record *out);
/* dw_digest16() of the value as it came, also of one that was too long to keep. */
void dw_queued_digest(const dw_queued *item, const dw_log_record *rec, char hex[17]);
void dw_inbox_take(dw_inbox *inbox, size_t n); /* forget the first n */
void dw_inbox_clear(dw_inbox *inbox);

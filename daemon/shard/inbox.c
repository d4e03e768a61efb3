/* Records waiting for a turn. */
#include "daemon/shard/inbox.h"

#include <assert.h>

#include "daemon/shard/keys.h"

#define KEEP_ITEMS 64          /* items whose memory an empty inbox keeps */
#define CHUNK_FIRST_BYTES 4096 /* of a shard that is live */
#define CHUNK_BYTES 32768

typedef struct dw_inbox_chunk {
    struct dw_inbox_chunk *next;
    size_t size, used;
    size_t waiting; /* records in it that were not taken */
    char bytes[];
} chunk;

void dw_inbox_init(dw_inbox *inbox, dw_share *share)
{
    *inbox = (dw_inbox){.share = share};
}

static void account(dw_inbox *inbox)
{
    size_t now = inbox->held + (inbox->count - inbox->head) * sizeof(dw_queued);
    inbox->share->used += now - inbox->accounted;
    inbox->accounted = now;
}

static void free_first(dw_inbox *inbox)
{
    chunk *gone = inbox->first;
    inbox->first = gone->next;
    if (inbox->first == NULL)
        inbox->last = NULL;
    inbox->held -= gone->size;
    free(gone);
}

static void forget(dw_inbox *inbox)
{
    while (inbox->first != NULL)
        free_first(inbox);
    inbox->head = inbox->count = 0;
    if (inbox->cap > KEEP_ITEMS) {
        free(inbox->items);
        inbox->items = NULL;
        inbox->cap = 0;
    }
}

void dw_inbox_clear(dw_inbox *inbox)
{
    forget(inbox);
    account(inbox);
}

void dw_inbox_deinit(dw_inbox *inbox)
{
    dw_inbox_clear(inbox);
    free(inbox->items);
    *inbox = (dw_inbox){0};
}

static bool reserve(dw_inbox *inbox, size_t bytes)
{
    if (inbox->count == inbox->cap) {
        size_t cap = inbox->cap == 0 ? KEEP_ITEMS / 2 : inbox->cap + inbox->cap / 2;
        dw_queued *items = reallocarray(inbox->items, cap, sizeof(*items));
        if (items == NULL)
            return false;
        inbox->items = items;
        inbox->cap = cap;
    }
    if (inbox->last != NULL && inbox->last->size - inbox->last->used >= bytes)
        return true;
    size_t size = inbox->last == NULL ? CHUNK_FIRST_BYTES : CHUNK_BYTES;
    if (size - sizeof(chunk) < bytes)
        size = bytes + sizeof(chunk);
    chunk *fresh = malloc(size);
    if (fresh == NULL)
        return false;
    *fresh = (chunk){.size = size - sizeof(chunk)};
    *(inbox->last != NULL ? &inbox->last->next : &inbox->first) = fresh;
    inbox->last = fresh;
    inbox->held += fresh->size;
    return true;
}

static uint32_t put(chunk *to, dw_str s)
{
    if (s.len != 0)
        memcpy(to->bytes + to->used, s.ptr, s.len);
    to->used += s.len;
    return s.len;
}

/* A key or header longer than anything valid is kept as one byte more than the longest valid one: it stays invalid. */
static dw_str cut(dw_str s, uint32_t max)
{
    return (dw_str){s.ptr, s.len > max ? max + 1 : s.len};
}

bool dw_inbox_add(dw_inbox *inbox, const dw_log_record *rec)
{
    char digest[17];
    dw_str key = cut(rec->key, 4096), auth = cut(rec->auth, 64), forward = cut(rec->forward, 256), value = rec->value;
    if (value.len > DW_POLICY_BYTES_MAX) {
        dw_digest16(value, digest);
        value = (dw_str){digest, 16};
    }
    if (!reserve(inbox, (size_t)key.len + value.len + auth.len + forward.len))
        return false;
    chunk *to = inbox->last;
    dw_queued *item = &inbox->items[inbox->count++];
    *item = (dw_queued){.offset = rec->offset,
                        .stamp_us = rec->stamp_us,
                        .at = to->bytes + to->used,
                        .real_len = rec->value.len,
                        .has_key = rec->has_key,
                        .has_value = rec->has_value};
    item->key_len = (uint16_t)put(to, key);
    item->value_len = put(to, value);
    item->auth_len = (uint16_t)put(to, auth);
    item->forward_len = (uint16_t)put(to, forward);
    to->waiting++;
    account(inbox);
    return true;
}

size_t dw_inbox_count(const dw_inbox *inbox)
{
    return inbox->count - inbox->head;
}

size_t dw_inbox_bytes(const dw_inbox *inbox)
{
    return inbox->accounted;
}

dw_queued *dw_inbox_item(const dw_inbox *inbox, size_t i)
{
    assert(i < dw_inbox_count(inbox));
    return &inbox->items[inbox->head + i];
}

void dw_inbox_get(const dw_inbox *inbox, size_t i, dw_log_record *out)
{
    const dw_queued *item = dw_inbox_item(inbox, i);
    const char *at = item->at;
    *out = (dw_log_record){
        .offset = item->offset, .stamp_us = item->stamp_us, .has_key = item->has_key, .has_value = item->has_value};
    out->key = (dw_str){at, item->key_len};
    at += item->key_len;
    out->value = (dw_str){at, item->value_len};
    at += item->value_len;
    out->auth = (dw_str){at, item->auth_len};
    at += item->auth_len;
    out->forward = (dw_str){at, item->forward_len};
}

void dw_queued_digest(const dw_queued *item, const dw_log_record *rec, char hex[17])
{
    if (item->real_len > item->value_len)
        (void)snprintf(hex, 17, "%.16s", rec->value.ptr);
    else
        dw_digest16(rec->value, hex);
}

void dw_inbox_take(dw_inbox *inbox, size_t n)
{
    assert(n <= dw_inbox_count(inbox));
    inbox->head += n;
    if (inbox->head == inbox->count) {
        forget(inbox);
    } else {
        while (n >= inbox->first->waiting) { /* the last chunk has more than that */
            n -= inbox->first->waiting;
            free_first(inbox);
        }
        inbox->first->waiting -= n;
    }
    if (inbox->head > inbox->count / 2) {
        size_t left = inbox->count - inbox->head;
        memmove(inbox->items, inbox->items + inbox->head, left * sizeof(*inbox->items));
        inbox->head = 0;
        inbox->count = left;
    }
    account(inbox);
}

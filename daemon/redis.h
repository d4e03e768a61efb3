#pragma once
/* redis.h: connections to Redis on the loop, by hiredis: each comes back by itself, each pipeline has a deadline.
 *
 * One dw_redis says where the server is and how to log in; a dw_redis_link is one connection: one a shard, because
 * WATCH belongs to a connection. What callers may rely on:
 * - replies of a pipeline come together, in order, once; count 0 = the link was lost or too slow: outcome unknown;
 * - a pipeline handed to a link that is down is answered with count 0 at the end of the turn;
 * - `up` comes after each login, with the server's run_id, and before any reply of that connection;
 * - no callback comes after dw_redis_link_free(), which may be called inside one. */

#include "config/settings.h"
#include "daemon/log.h"
#include "daemon/loop.h"

typedef struct dw_redis dw_redis;
typedef struct dw_redis_link dw_redis_link;

typedef struct dw_redis_handler {
    void (*up)(void *user, const char *run_id);
    void (*down)(void *user);                                                          /* may be NULL */
    void (*reply)(void *user, uint64_t ticket, const dw_reply *replies, size_t count); /* borrowed for the call */
} dw_redis_handler;

/* Resolves the address and reads the password, both once. NULL with *err filled. */
dw_redis *dw_redis_new(dw_loop *loop, dw_log *log, const dw_settings *settings, dw_error *err);
void dw_redis_free(dw_redis **redis); /* after all its links */
/* Links that are up now, and links there are. */
size_t dw_redis_up(const dw_redis *redis);
size_t dw_redis_links(const dw_redis *redis);

/* Starts connecting. partition: for log lines, or DW_LOG_NO_PARTITION. `handler` must outlive the link. */
dw_redis_link *dw_redis_link_new(dw_redis *redis, int32_t partition, const dw_redis_handler *handler, void *user);
void dw_redis_link_free(dw_redis_link **link);
bool dw_redis_link_is_up(const dw_redis_link *link);
const char *dw_redis_link_run_id(const dw_redis_link *link); /* of the last login; "" before */
bool dw_redis_link_busy(const dw_redis_link *link);          /* a pipeline waits for its answer */
/* Sends `calls` in order; their bytes are copied. */
void dw_redis_link_send(dw_redis_link *link, uint64_t ticket, const dw_call *calls, size_t count);

/* redis_spare.c: big buffers that are needed again at once. Fresh from the kernel every page of one is zeroed first. */
#define DW_REDIS_SPARES_MAX 4
typedef struct dw_redis_spares {
    struct {
        char *data;
        size_t size;
    } kept[DW_REDIS_SPARES_MAX];
    size_t count, bytes; /* at most DW_REDIS_PIPELINE_BYTES_KEEP */
} dw_redis_spares;
/* *size: what there is of it, at least `bytes`. NULL: out of memory. */
char *dw_redis_spares_take(dw_redis_spares *spares, size_t bytes, size_t *size);
void dw_redis_spares_give(dw_redis_spares *spares, char *data, size_t size); /* takes it over; NULL: nothing */
void dw_redis_spares_release(dw_redis_spares *spares);

/* redis_request.c: commands as they go over the wire. */
size_t dw_redis_calls_bytes(const dw_call *calls, size_t count);
/* Into `out`, of that many bytes; ends[i]: where call i ends in it. */
void dw_redis_calls_write(const dw_call *calls, size_t count, char *out, size_t *ends);

/* redis_reply.c: a reader for hiredis that builds dw_reply trees in blocks freed together. */
typedef struct dw_reply_block dw_reply_block;
typedef struct dw_reply_pool { /* spare blocks, shared by the links of a process */
    dw_reply_block *spare;
    size_t spare_bytes;
} dw_reply_pool;
typedef struct dw_reply_arena {
    dw_reply_pool *pool;
    dw_reply_block *first;
    size_t used, bytes; /* of the first block; of all */
} dw_reply_arena;
void *dw_reply_alloc(dw_reply_arena *arena, size_t bytes); /* 8-byte aligned, not zeroed; NULL: too much */
void dw_reply_arena_reset(dw_reply_arena *arena);
void dw_reply_pool_deinit(dw_reply_pool *pool);
/* Makes the reader (redisReader *) of a fresh connection build into `arena`; the reply given to callbacks is then for
 * dw_reply_of(). */
void dw_reply_reader_use(void *reader, dw_reply_arena *arena);
const dw_reply *dw_reply_of(const void *callback_reply);
/* "name:value" line of an INFO reply; empty when absent. */
dw_str dw_redis_info(dw_str info, const char *name);

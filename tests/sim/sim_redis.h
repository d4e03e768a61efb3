#pragma once
/* sim_redis.h: a Redis in memory, as far as the shard engine uses one: strings of RESP in, dw_reply out. WATCH, MULTI, EXEC with
 * elements that fail, EVALSHA of the seal (its meaning in C), streams that refuse ids that do not rise. It can be
 * copied as it stands and set back to a copy: a server that lost its tail. */

#include "daemon/shard/keys.h"
#include "daemon/shard/shard.h"

typedef struct sim_redis sim_redis;
typedef struct sim_conn sim_conn; /* one client's connection: what it watches and has queued */

sim_redis *sim_redis_new(void);
void sim_redis_free(sim_redis **redis);
sim_redis *sim_redis_copy(const sim_redis *redis);
void sim_redis_set_back(sim_redis *redis, const sim_redis *to);
void sim_redis_forget_scripts(sim_redis *redis);
void sim_redis_fail(sim_redis *redis, int next_writes_oom, int next_scripts_oom); /* faults that pass by themselves */

sim_conn *sim_conn_new(void);
void sim_conn_reset(sim_conn *conn); /* the link was cut */
void sim_conn_free(sim_conn **conn);

/* Runs the first `stop` of the calls. The replies live until the next run on this server. */
const dw_reply *sim_redis_run(sim_redis *redis, sim_conn *conn, const dw_call *calls, size_t count, size_t stop);

/* Looking in from outside. */
uint64_t sim_redis_seals(const sim_redis *redis);           /* commits and claims it has carried out */
size_t sim_redis_count(const sim_redis *redis, dw_str key); /* fields, members or rows */
bool sim_redis_item(const sim_redis *redis, dw_str key, size_t i, dw_str *field, dw_str *value, double *score);
bool sim_redis_hget(const sim_redis *redis, dw_str key, const char *field, dw_str *value);
void sim_redis_hset(sim_redis *redis, dw_str key, const char *field, const char *value); /* as another client would */

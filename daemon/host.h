#pragma once
/* host.h: one shard's place in the daemon: its engine, its connection to Redis, its partition of the log.
 *
 * A host lives from the group's assignment to its revocation. It carries bytes between the engine and the libraries and
 * decides nothing: records go in while the engine has room, commands come out after every input. */

#include "daemon/fetch.h"
#include "daemon/group.h"
#include "daemon/metrics.h"
#include "daemon/probe.h"
#include "daemon/producer.h"
#include "daemon/redis.h"
#include "daemon/shard/cache.h"

#include <sys/queue.h>

TAILQ_HEAD(dw_host_line, dw_host);

/* What all hosts of the process share; owned by the app. */
typedef struct dw_host_env {
    dw_loop *loop;
    dw_log *log;
    const dw_settings *settings;
    dw_redis *redis;
    dw_group *group;
    dw_fetch *fetch;
    dw_probe *probe;
    dw_producer *producer;
    dw_cache *cache;
    const dw_policy_text *own_policy;
    const uint8_t *auth_key; /* NULL: none */
    size_t auth_key_len;
    char owner[33]; /* random, of this process */
    char cluster_id[80];
    int32_t partition_count;     /* the topic's now; shards made from now on compare it with their state */
    int32_t stored_partitions;   /* that of the state in Redis as a whole */
    struct dw_host_line waiting; /* hosts with records to give, whose shards wait for others; first come first */
    uint64_t consumed, consumed_bytes;
    dw_histogram commit_seconds;
    void (*released)(void *user, int32_t partition); /* the engine lets go: the host may be freed */
    void (*changed)(void *user);                     /* a shard's state changed: readiness may have */
    void *user;
} dw_host_env;

typedef struct dw_host dw_host;

/* Connects, then claims. `life` is unique among the hosts of the process. NULL: no memory. */
dw_host *dw_host_new(dw_host_env *env, int32_t partition, uint64_t life);
void dw_host_free(dw_host **host);
/* lost: membership is gone, nothing may be committed. env->released follows, perhaps at once. */
void dw_host_revoke(dw_host *host, bool lost);
bool dw_host_is_released(const dw_host *host);

void dw_host_readable(dw_host *host);
void dw_host_group_witness(dw_host *host, bool member, int64_t committed);
void dw_host_probe_result(dw_host *host, int64_t low, int64_t high, int64_t alerts_last);
void dw_host_delivered(dw_host *host, uint64_t life, uint64_t ticket, bool ok, int64_t offset, int64_t stamp_us);
/* The topic's partition count changed: what is under way ends, and the shard is claimed anew, which holds it. */
void dw_host_recount(dw_host *host);
void dw_host_configure(dw_host *host); /* the reloadable limits, from the settings */
/* Called every second: catches timers that a suspended machine slept through. */
void dw_host_tick(dw_host *host);

int32_t dw_host_partition(const dw_host *host);
const dw_shard *dw_host_shard(const dw_host *host); /* NULL: not connected yet */
bool dw_host_link_up(const dw_host *host);
int64_t dw_host_lag(const dw_host *host); /* records; -1: not known yet */
/* Something is under way or waiting, so progress may be expected. */
bool dw_host_has_work(const dw_host *host);

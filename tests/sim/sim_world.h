#pragma once
/* sim_world.h: a log with a consumer group, a Redis, two instances of the daemon's shell around the shipped engine, and
 * everything that can go wrong between them. One seed, one history: nothing here reads a clock. */

#include "daemon/shard/engine.h"
#include "tests/sim/sim_redis.h"

#define SIM_PARTITIONS 3
#define SIM_INSTANCES 2
#define SIM_TOPIC "casework.events"

typedef struct sim_random {
    uint64_t state;
} sim_random;
uint64_t sim_next(sim_random *random);
size_t sim_below(sim_random *random, size_t n); /* 0 .. n-1 */
bool sim_chance(sim_random *random, unsigned percent);

typedef struct sim_record { /* of the input topic, or a row of another */
    int64_t stamp_us;
    bool has_key, has_value;
    char *bytes; /* key, value, auth, forward one after the other */
    uint32_t key_len, value_len, auth_len, forward_len;
} sim_record;
sim_record sim_record_make(int64_t stamp_us, const dw_str *key, const dw_str *value, dw_str auth, dw_str forward);
void sim_record_get(const sim_record *record, dw_log_record *out); /* without its offset */
typedef struct sim_log {
    sim_record *items;
    size_t count, cap;
} sim_log;
void sim_log_add(sim_log *log, int64_t stamp_us, const dw_str *key, const dw_str *value, dw_str auth, dw_str forward);
void sim_log_get(const sim_log *log, size_t offset, dw_log_record *out);
void sim_log_free(sim_log *log);

typedef struct sim_publish { /* on its way to the broker */
    uint64_t ticket;
    dw_topic topic;
    int32_t partition;
    sim_record record; /* forward of a row of an output topic: its position */
} sim_publish;

typedef struct sim_slot { /* one partition in one instance */
    dw_shard *shard;
    sim_conn *conn;
    bool link_up;
    bool redis_pending, witness_pending, released;
    uint64_t redis_ticket, witness_ticket;
    dw_call *calls;
    dw_str *args;
    char *bytes;
    size_t call_count;
    bool reading;
    int64_t next;     /* offset to hand over next */
    int64_t told_end; /* end of log told last */
    sim_publish flying[1024];
    size_t flying_at, flying_count;
} sim_slot;

typedef struct sim_instance {
    bool alive, frozen;
    unsigned births;
    char owner[32];
    dw_cache *cache;
    sim_slot slots[SIM_PARTITIONS];
} sim_instance;

typedef struct sim_world {
    sim_random random;
    int64_t now_us;
    bool quiet;     /* no more faults */
    bool reference; /* an undisturbed run over a finished log: nothing is appended to it */
    bool verbose, create_time;
    sim_log input[SIM_PARTITIONS], alerts[SIM_PARTITIONS], dead[SIM_PARTITIONS];
    int owner[SIM_PARTITIONS];         /* instance the group gives the partition to; -1: none */
    int64_t committed[SIM_PARTITIONS]; /* group offsets; -1: none */
    sim_redis *redis, *old;            /* old: a copy to go back to */
    unsigned redis_lives;
    char run_id[32];
    sim_instance instances[SIM_INSTANCES];
    dw_policy_text policy; /* the instances' own */
    const char *cluster_id;
    int64_t dead_letter_percent, dead_letter_per_minute;
    int32_t stored_partitions; /* what the shell says of the state as a whole; 0: nothing */
    const uint8_t *auth_key;
    size_t auth_key_len;
    int64_t gap_at; /* an offset that consumers are never given, as of a transaction's marker; 0: none */
    dw_turn_caps caps;
    size_t filling_max; /* of the instances started from now on */
    int64_t turn_events_live, turn_bytes, outbox_rows_max;
    unsigned faults_per_1000;                                                    /* of a step */
    size_t operated;                                                             /* holds that somebody ended */
    uint64_t retries, fenced, rollbacks, pages, hits, misses, ticks, torn, full; /* of shards that are gone */
    uint64_t sealed;        /* commits and claims they believe in */
    bool broken;            /* an invariant of a running shard failed (printed) */
    size_t faults[16];      /* how often each happened */
    dw_policy *compiled[4]; /* given to new instances: compiling is slow */
} sim_world;

typedef enum sim_fault {
    SIM_KILL,
    SIM_FREEZE,
    SIM_MOVE,
    SIM_LINK,
    SIM_REPLY_LOST,
    SIM_CUT,
    SIM_REDIS_BACK,
    SIM_REDIS_RESTART,
    SIM_REDIS_FAILOVER,
    SIM_SCRIPTS,
    SIM_OOM,
    SIM_SCRIPT_OOM,
    SIM_PUBLISH_FAILS,
    SIM_THAW
} sim_fault;

sim_world *sim_world_new(uint64_t seed, const dw_policy_text *policy);
void sim_world_free(sim_world **world);
/* One thing happens somewhere: a reply, some records, a delivery, time, or a fault. */
void sim_world_step(sim_world *world);
void sim_world_run(sim_world *world, int steps, int64_t step_us); /* without faults */
void sim_world_restart(sim_world *world);                         /* both instances are killed and started anew */
/* Everything heals and is worked off. False: it does not settle (printed). */
bool sim_world_settle(sim_world *world);
dw_now sim_world_now(const sim_world *world);
dw_str sim_key(dw_key_id id, int32_t partition, char buf[DW_KEY_BYTES_MAX]);
void sim_world_collect(sim_world *world, const dw_shard *shard);            /* its figures, before it goes */
const dw_shard *sim_world_shard(const sim_world *world, int32_t partition); /* the owner's */

/* Between sim_world.c and sim_faults.c. */
void sim_fault_now(sim_world *world);
void sim_link_cut(sim_world *world, sim_slot *slot, bool tell);
void sim_drain(sim_world *world, int instance, int32_t partition);
void sim_rebalance(sim_world *world, bool shuffle);
void sim_instance_start(sim_world *world, int instance);
void sim_instance_stop(sim_world *world, int instance);

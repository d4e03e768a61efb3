#pragma once
/* shard.h: the shard engine: one input partition, its state in Redis, its outbox. SANS I/O.
 *
 * Records, replies, delivery reports and times go in; commands come out. It links without libevent, librdkafka and
 * hiredis, so that the simulation runs the shipped code. The shell around it only carries bytes:
 *
 *     dw_shard *s = dw_shard_new(&config);
 *     dw_shard_assigned(s, now);                       // the group gave us the partition
 *     while (dw_shard_next(s, &cmd)) execute(cmd);     // after every input: drain the commands
 *     dw_shard_record(s, &rec) ...                     // while dw_shard_room(s) > 0
 *     dw_shard_reply(s, ticket, replies, n, now)       // one call per REDIS command, replies in order; n = 0: link lost,
 *                                                      // outcome unknown
 *     dw_shard_delivered(s, ticket, offset, stamp_us, error, now)
 *     dw_shard_tick(s, now)                            // at dw_shard_wake_us() or sooner
 *
 * Decisions depend on the log alone (DESIGN sections 1, 4, 5). `now` (host clocks) decides only when to act: ticks, retries, linger,
 * the future-record hold. What the engine promises and how (turn, sealed commit, claim, unknown outcome, witnesses, outbox,
 * cache, holds) is DESIGN section 5. Nothing here calls out but dw_shard_alert_counts(). Commands and their bytes stay valid until the
 * next call into the same shard. */

#include "config/policy_load.h"
#include "handlers/driftwatch.h"

typedef struct dw_now {
    int64_t wall_us; /* CLOCK_REALTIME */
    int64_t boot_us; /* CLOCK_BOOTTIME: never steps */
} dw_now;

/* A reply of the store, as RESP2 has them. Borrowed for the call. */
typedef enum dw_reply_type {
    DW_REPLY_NIL,
    DW_REPLY_INT,
    DW_REPLY_STR,
    DW_REPLY_STATUS,
    DW_REPLY_ERROR,
    DW_REPLY_ARRAY
} dw_reply_type;
typedef struct dw_reply {
    dw_reply_type type;
    int64_t integer;
    dw_str str;
    const struct dw_reply *items;
    size_t count;
} dw_reply;

/* One record of the input topic. Bytes are copied or decoded before the call returns. */
typedef struct dw_log_record {
    int64_t offset;
    int64_t stamp_us; /* broker timestamp */
    bool has_key;     /* false: no key at all (control records) */
    bool has_value;   /* false: null value */
    dw_str key, value;
    dw_str auth; /* header dw-auth: 64 hex digits, or empty */
    dw_str
        forward; /* header dw-forward: "<partition>/<position>/<hops>/<count>[/<hmac>]" or empty, made by a shard only;
                       <count>: partitions of the topic then */
} dw_log_record;

typedef enum dw_topic { DW_TOPIC_INPUT, DW_TOPIC_ALERTS, DW_TOPIC_DEADLETTER } dw_topic;

/* X(enumerator, name): why a shard does nothing until somebody acts; text says the command that mends it. */
#define DW_HOLD_LIST(X)                                                                                                \
    X(DW_HOLD_NONE, "none")                                                                                            \
    X(DW_HOLD_FUTURE_RECORD, "future_record") /* stamped > 5 min ahead; heals by waiting */                            \
    X(DW_HOLD_DEAD_LETTERS, "dead_letters")   /* more than the settings allow */                                       \
    X(DW_HOLD_OUTBOX_FULL, "outbox_full")     /* heals when the broker takes rows again */                             \
    X(DW_HOLD_TORN_COMMIT, "torn_commit")     /* a record ahead of meta: rebuild */                                    \
    X(DW_HOLD_PARTITIONS, "partition_count")  /* topic changed its partition count */                                  \
    X(DW_HOLD_LOG_BEHIND, "log_behind")       /* meta ahead of the log's end, or offset below its start */             \
    X(DW_HOLD_ANCHOR, "anchor_differs")       /* the last applied record is not what it was */                         \
    X(DW_HOLD_CLUSTER, "cluster_differs")     /* another Kafka cluster id */                                           \
    X(DW_HOLD_EMPTY_STORE, "empty_store")     /* Redis empty where the witnesses say there was state */                \
    X(DW_HOLD_NEWER_CORE, "newer_core")       /* core.set of a newer build, or newer stored format */                  \
    X(DW_HOLD_BAD_STATE, "bad_state")         /* stored bytes damaged, wrong type, refused by the seal */              \
    X(DW_HOLD_POLICY, "policy")               /* a policy.set that this build cannot compile */                        \
    X(DW_HOLD_BUG, "bug")                     /* an invariant failed */
typedef enum dw_hold {
#define X(e, n) e,
    DW_HOLD_LIST(X)
#undef X
        DW_HOLDS
} dw_hold;
const char *dw_hold_name(dw_hold hold);

typedef enum dw_shard_state {
    DW_SHARD_IDLE,    /* not ours */
    DW_SHARD_WITNESS, /* reading and re-committing the group's offset */
    DW_SHARD_CLAIM,   /* taking the epoch in Redis */
    DW_SHARD_LOAD,    /* policy text, outbox tail, checks */
    DW_SHARD_RUN,
    DW_SHARD_HELD,    /* claimed, not consuming */
    DW_SHARD_RELEASE, /* letting the commit in flight end */
    DW_SHARD_RELEASED /* may be freed */
} dw_shard_state;
const char *dw_shard_state_name(dw_shard_state state);

typedef enum dw_cmd_kind {
    DW_CMD_REDIS,   /* send `calls` in order on this shard's own connection as one pipeline; reply with the ticket */
    DW_CMD_WITNESS, /* fetch the group's committed offset and commit the same again (or 0 state when none); answer by
                              dw_shard_witness() */
    DW_CMD_FETCH,   /* begin (or begin anew) handing records from `offset`; whatever the shell still holds from an
                              earlier fetch is thrown away: after this command no record before or after it slips in */
    DW_CMD_PRODUCE, /* produce; answer by dw_shard_delivered() */
    DW_CMD_COMMIT_WITNESS, /* commit `offset` to the group, fire and forget */
    DW_CMD_LOG,            /* a line for people: level, event name, text (no child data) */
    DW_CMD_RELEASED        /* the partition may be handed back */
} dw_cmd_kind;

typedef struct dw_call { /* one Redis command */
    uint32_t argc;
    const dw_str *argv;
} dw_call;
typedef struct dw_header {
    dw_str name, value;
} dw_header;
#define DW_CMD_HEADERS_MAX 10
typedef struct dw_command {
    dw_cmd_kind kind;
    uint64_t ticket;      /* REDIS, PRODUCE, WITNESS */
    const dw_call *calls; /* REDIS */
    size_t call_count;
    int64_t offset;    /* FETCH, COMMIT_WITNESS */
    dw_topic topic;    /* PRODUCE */
    int32_t partition; /* PRODUCE; DEADLETTER: the shard's own number, modulo when the topic has fewer partitions */
    bool has_key;
    dw_str key, value;
    dw_header headers[DW_CMD_HEADERS_MAX];
    size_t header_count;
    int64_t stamp_us;  /* PRODUCE: 0 = now; create_time clock: the shard's clock, at least 1 ms */
    int level;         /* LOG: dw_log_level */
    const char *event; /* LOG: stable event name */
    const char *text;  /* LOG */
} dw_command;

typedef struct dw_shard_config {
    const char *prefix; /* "dw" */
    const char *topic;  /* input topic name: part of the keys */
    int32_t partition, partition_count;
    /* partition count that the state under `prefix` was made with; 0: not known. Without a meta, too, another one holds */
    int32_t stored_partitions;
    const char *cluster_id;  /* Kafka cluster id; "" when unknown (mock) */
    const char *run_id;      /* Redis run_id of the connection */
    const char *owner;       /* random, unique per process */
    bool create_time;        /* clock: create_time: no ticks, appended records carry the shard clock */
    const uint8_t *auth_key; /* NULL: nothing that needs dw-auth is accepted */
    size_t auth_key_len;
    int64_t turn_events_live, turn_bytes, turn_linger_us;
    int64_t outbox_rows_max, outbox_bytes_max;
    int64_t dead_letter_percent, dead_letter_per_minute;
    int64_t future_tolerance_us;
    const dw_policy_text *own_policy; /* appended as number 1 where the log has none; its texts outlive the shard */
    struct dw_cache *cache;           /* one for all shards of a process, see cache.h; outlives them */
} dw_shard_config;

typedef struct dw_shard dw_shard;
dw_shard *dw_shard_new(const dw_shard_config *config);
void dw_shard_free(dw_shard **shard);
void dw_shard_configure(dw_shard *shard, int64_t dead_letter_percent, int64_t dead_letter_per_minute); /* reload */

void dw_shard_assigned(dw_shard *shard, dw_now now);
/* committed: -1 = the group has none. low/high: the log's ends. member: false = the group refused us (fenced: wait). */
void dw_shard_witness(dw_shard *shard, uint64_t ticket, bool member, int64_t committed, int64_t low, int64_t high,
                      int64_t alerts_last_position_offset, dw_now now);
/* Bytes of record values it will take now; 0: leave the partition's queue unread. */
size_t dw_shard_room(const dw_shard *shard);
/* Is there no room only because other shards of the process are filling (cache.h)? Then ask again after theirs had an input. */
bool dw_shard_waits(const dw_shard *shard);
void dw_shard_record(dw_shard *shard, const dw_log_record *rec, dw_now now);
/* Everything up to `high` (exclusive) has been handed over. */
void dw_shard_end_of_log(dw_shard *shard, int64_t high, dw_now now);
void dw_shard_reply(dw_shard *shard, uint64_t ticket, const dw_reply *replies, size_t count, dw_now now);
/* The connection is back (perhaps to another server: new run_id). */
void dw_shard_store_up(dw_shard *shard, const char *run_id, dw_now now);
void dw_shard_delivered(dw_shard *shard, uint64_t ticket, bool ok, int64_t offset, int64_t stamp_us, dw_now now);
void dw_shard_revoke(dw_shard *shard, bool lost, dw_now now); /* lost: no longer a member, do not commit */
void dw_shard_tick(dw_shard *shard, dw_now now);
int64_t dw_shard_wake_boot_us(const dw_shard *shard); /* next CLOCK_BOOTTIME at which dw_shard_tick is wanted */
bool dw_shard_next(dw_shard *shard, dw_command *out);

/* Figures for metrics and status: plain counters, read at any time. X(field, help) */
#define DW_SHARD_COUNTER_LIST(X)                                                                                       \
    X(applied, "events applied")                                                                                       \
    X(duplicates, "events that changed nothing")                                                                       \
    X(forwarded, "records passed on to the partition their key belongs to")                                            \
    X(forward_repeats, "forwards seen before and dropped")                                                             \
    X(parked, "records parked for a later build")                                                                      \
    X(dead_lettered, "records rejected")                                                                               \
    X(control, "control records applied")                                                                              \
    X(ticks_sent, "clock ticks appended")                                                                              \
    X(turns, "turns begun")                                                                                            \
    X(commits, "commits applied")                                                                                      \
    X(commit_retries, "commits sent again after an unknown outcome")                                                   \
    X(fenced, "commits refused because another owner has the shard")                                                   \
    X(claims, "claims of the shard")                                                                                   \
    X(store_rollbacks, "times the store was found behind its witnesses")                                               \
    X(deadlines_fired, "deadlines fired")                                                                              \
    X(page_reads, "children whose pages were read")                                                                    \
    X(cache_hits, "heads taken from the cache")                                                                        \
    X(cache_misses, "heads read from the store")                                                                       \
    X(gaps, "offsets missing in the log (control records, aborted transactions)")
typedef struct dw_shard_stats {
#define X(f, h) uint64_t f;
    DW_SHARD_COUNTER_LIST(X)
#undef X
    uint64_t rejected_by[DW_ERRC_COUNT];
    dw_shard_state state;
    dw_hold hold;
    char hold_text[256];      /* with the command that mends it */
    int64_t next_offset;      /* offset of the next record to apply (meta) */
    int64_t high;             /* log end last told */
    int64_t clock_us;         /* shard clock */
    int64_t next_deadline_us; /* earliest known; DW_AT_NEVER */
    int64_t deadline_late_us; /* lateness of the last fired one against the broker's present */
    uint64_t outbox_rows, outbox_bytes;
    int64_t outbox_oldest_us; /* clock when the oldest unpublished row was made; 0 = none */
    int64_t last_commit_us;   /* duration of the last commit, host time */
    uint64_t epoch, seq;
    uint32_t policy_number, own_policy_differs;
    int32_t holidays_until; /* last bank holiday that the policy in force knows; meaningless without one */
    uint64_t progress;      /* rises with anything useful done: feeds the watchdog */
} dw_shard_stats;
const dw_shard_stats *dw_shard_get_stats(const dw_shard *shard);
/* Transitions counted per rule and kind since start: calls back for each non-zero pair. */
typedef void dw_shard_alert_count(void *user, dw_str rule_id, dw_transition_kind kind, uint64_t count);
void dw_shard_alert_counts(const dw_shard *shard, dw_shard_alert_count *each, void *user);

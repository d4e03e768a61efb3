#pragma once
/* engine.h: the inside of a shard, shared by the files of daemon/shard/ and by nobody else.
 *
 * shard.c     the calls of shard.h, states, commands, holds
 * advance.c   what to do next
 * claim.c     witness, claim, checks of identity, first load
 * plan.c      choosing the records of a turn and loading what they need
 * apply.c     records and deadlines in order, what each record's fate is
 * subject.c   children of a turn: from head to record
 * rows.c      what the turn has for topics
 * breaker.c   too many dead letters
 * commit.c    putting the transaction together
 * outcome.c   what became of it
 * switch.c    a new policy or core: every child anew
 * outbox.c    publishing rows, acknowledgements, trimming
 * clock.c     lower bound of the broker's present, ticks, the first policy */

#include "daemon/shard/batch.h"
#include "daemon/shard/cache.h"
#include "daemon/shard/inbox.h"
#include "daemon/shard/meta.h"
#include "daemon/shard/turn.h"
#include "proto/encode.h"

/* What the Redis command in flight is; one at a time. */
typedef enum dw_step {
    DW_STEP_NONE,
    DW_STEP_CLAIM_READ,
    DW_STEP_CLAIM_WRITE,
    DW_STEP_HEADS, /* first pipeline of a turn */
    DW_STEP_MORE,  /* second pipeline of a turn */
    DW_STEP_COMMIT,
    DW_STEP_RECHECK,  /* meta after a new link or an unknown outcome, or the poll of a held shard */
    DW_STEP_SUBJECTS, /* all children, for a switch */
    DW_STEP_OUTBOX    /* rows from the stream */
} dw_step;

typedef enum dw_row_state { DW_ROW_QUEUED, DW_ROW_SENT, DW_ROW_ACKED } dw_row_state;
typedef struct dw_pending_row { /* one allocation: row and its bytes */
    struct dw_pending_row *next;
    dw_row row;
    dw_row_state state;
    uint64_t ticket;
    size_t bytes;
} dw_pending_row;

typedef struct dw_outbox {
    dw_pending_row *first,
        *last; /* unacknowledged rows in memory, in order; acknowledged ones behind an unacked one too */
    dw_pending_row *next_send; /* first QUEUED; NULL: none */
    size_t in_memory, in_flight;
    size_t bytes;             /* of rows in memory */
    dw_position last_queued;  /* newest row that is or was in memory */
    bool unread;              /* the stream holds rows after last_queued */
    dw_position acked;        /* everything up to it is acknowledged */
    bool trim;                /* acked rows are still in the stream */
    int64_t trim_at_boot_us;  /* when a turn of its own is worth it */
    uint64_t rows, row_bytes; /* unacknowledged rows in the stream; bytes are an estimate after a claim */
    int64_t retry_at_boot_us; /* after a failed delivery; 0: none */
    bool resend;              /* when nothing is in flight: send again from the first */
} dw_outbox;

typedef struct dw_present { /* lower bound of the broker's clock */
    bool known;
    int64_t ahead_us; /* broker time - CLOCK_BOOTTIME */
} dw_present;

typedef struct dw_own_record { /* a record of our own that is on its way to the input partition */
    uint64_t ticket;           /* 0: none */
    int64_t at_boot_us;        /* not before */
    int64_t bound_us;          /* lower bound of the broker's present when it was sent */
    dw_arena *arena;           /* its bytes */
} dw_own_record;

typedef struct dw_switching {
    bool active;
    int64_t offset;    /* of the record that asks for it */
    int64_t stamp_us;  /* clock at which children are evaluated */
    dw_policy *policy; /* to switch to; may be NULL for a core switch without policy */
    uint32_t number, core;
    bool loaded; /* list of children is there */
    char *names; /* their names one after the other, each behind a 4-byte length */
    size_t names_len;
    uint32_t *order; /* offsets into names / 4, sorted by name */
    size_t count, next;
} dw_switching;

#define DW_WINDOW_BUCKETS 10
#define DW_WINDOW_BUCKET 1000 /* records */
typedef struct dw_breaker {   /* dead letters in the last records and in one minute of log time */
    uint32_t records[DW_WINDOW_BUCKETS], dead[DW_WINDOW_BUCKETS];
    unsigned at;
    int64_t minute;
    uint32_t in_minute;
} dw_breaker;

typedef struct dw_rule_count {
    UT_hash_handle hh;
    char rule_id[DW_RULE_ID_BYTES_MAX + 1];
    uint64_t by_kind[DW_TR_COUNT];
} dw_rule_count;

#define DW_BEHIND_WAIT_US 200000 /* a shard that is behind waits so long for its turn to fill */
#define DW_HELD_POLL_US 3000000  /* between looks of a held shard at its release */
#define DW_QUEUE_MAX 32 /* commands waiting for dw_shard_next(), beside outbox rows; log lines beyond are dropped */
#define DW_LOG_TEXT_MAX 320
typedef struct dw_queued_command {
    dw_command cmd;
    char text[DW_LOG_TEXT_MAX];
} dw_queued_command;

/* How much one turn does at most: the caps of limits.h; the simulation makes them small. */
typedef struct dw_turn_caps {
    size_t subjects, child_events, due, fires, rows, row_bytes, switched, outbox_rows, outbox_memory, near_records;
} dw_turn_caps;

struct dw_shard {
    dw_shard_config cfg; /* strings are ours */
    dw_policy_text own_policy;
    bool have_own_policy;
    char own_digest[65];
    dw_arena *cfg_arena;
    dw_turn_caps caps;
    dw_cache *cache;
    bool own_cache;
    char key_text[DW_KEYS][DW_KEY_BYTES_MAX];
    dw_str key[DW_KEYS];
    char seal_sha[41];
    dw_shard_stats stats;
    dw_rule_count *rule_counts;

    dw_now now;
    bool link_up;
    char run_id[DW_META_TEXT_MAX]; /* of the connection */
    dw_step step;
    uint64_t step_ticket, last_ticket;
    dw_batch read, commit; /* the commit is kept until its outcome is known */
    dw_arena *read_arena;
    dw_hold next_hold; /* taken once the turn in hand is committed */
    char next_hold_text[256];
    bool claimed;      /* meta says that the shard is ours */
    bool recheck;      /* meta has to be read and watched before anything else */
    bool commit_ready; /* a commit is built and its outcome not known to be good */
    bool commit_sent;  /* it has been sent at least once */
    uint32_t commit_tries;
    int64_t poll_at_boot_us;  /* HELD: next look at `released`; 0: not set */
    int64_t retry_at_boot_us; /* nothing is sent to Redis before; 0: at once */
    uint32_t claim_tries;
    int64_t commit_began_us; /* host time */

    /* witness */
    bool witness_wanted;
    uint64_t witness_ticket;
    int64_t committed, low, high, alerts_last;
    bool release_seen; /* the next witness is asked for after a release of dead letters was seen: its end counts */
    int64_t witnessed_offset; /* last one committed to the group */
    int64_t witness_at_boot_us;

    dw_meta meta;       /* as committed */
    dw_policy *policy;  /* in force; NULL: none */
    uint64_t seen_seq;  /* highest seq this process has seen under any claim: a lower one means the store went back */
    int64_t *dead_kept; /* offsets in the deadletter hash, ascending */
    size_t dead_kept_count;
    dw_position *forwards; /* by origin partition: last seen; {-1, 0}: none */

    dw_inbox inbox;
    int64_t expected;              /* next offset to be handed over; lower ones are repeats */
    bool skip_anchor;              /* released by an operator */
    bool check_anchor;             /* the next record must be the last applied one */
    bool at_end;                   /* everything was handed over */
    bool filling;                  /* one of dw_cache_filling() */
    bool draining;                 /* filling: a turn has begun, nothing more is collected */
    int64_t first_boot_us;         /* when the first waiting record came */
    int64_t no_work_until_boot_us; /* the process's working memory was full */

    dw_turn turn;
    dw_switching sw;
    dw_outbox outbox;
    bool outbox_read_last;                                          /* the last thing done was reading rows */
    char header_position[DW_POSITION_BYTES_MAX], header_digest[17]; /* of the row handed out last */
    dw_breaker breaker;
    dw_present present;
    dw_own_record tick, bootstrap;
    bool bootstrap_warned;
    bool probed;                 /* the tick that finds out the present has been sent under this claim */
    int64_t next_due_us;         /* lower bound of the deadline index; DW_AT_NEVER */
    int64_t deadline_at_boot_us; /* RELEASE: give up */
    size_t record_bytes;         /* running estimate of the memory of one child in a turn */

    dw_queued_command *queue;
    size_t queue_at, queue_count;
    char name[DW_KEY_BYTES_MAX]; /* "<topic>/<partition>" for texts */
};

/* shard.c */
void dw_engine_log(dw_shard *s, int level, const char *event, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
dw_queued_command *dw_engine_command(dw_shard *s, dw_cmd_kind kind);
void dw_engine_send(dw_shard *s, dw_step step, dw_batch *batch);
void dw_engine_hold(dw_shard *s, dw_hold hold, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void dw_engine_hold_after(dw_shard *s, dw_hold hold, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void dw_engine_resume(dw_shard *s); /* HELD -> RUN */
void dw_engine_state(dw_shard *s, dw_shard_state state);
void dw_engine_forget(dw_shard *s); /* everything that rests on the claim */
void dw_engine_finish_release(dw_shard *s);
void dw_engine_advance(dw_shard *s);                    /* advance.c */
int64_t dw_engine_jitter(dw_shard *s, int64_t base_us); /* base_us .. 2 * base_us by time and owner */
bool dw_engine_first_error(const dw_reply *replies, size_t count, dw_str *text);

/* claim.c */
void dw_claim_start(dw_shard *s, int64_t wait_us); /* from the witness on */
void dw_claim_advance(dw_shard *s);
void dw_claim_read(dw_shard *s, const dw_reply *replies, size_t count);
void dw_claim_written(dw_shard *s, const dw_reply *replies, size_t count);
void dw_claim_lost(dw_shard *s, const char *why); /* fenced */
bool dw_claim_compile(dw_shard *s, const dw_policy_text *text, dw_policy **out, char *why, size_t why_size);
bool dw_claim_check_anchor(dw_shard *s, const dw_log_record *rec);

/* plan.c */
bool dw_plan_ready(dw_shard *s); /* is it time for a turn? */
/* Far behind, a shard collects records only while it is one of the filling: from its first record until its turns have taken
 * the last, and no more once the first of them has begun, or it would never be another's. Many shards filling at once would
 * each have a shallow turn, and a child is loaded and stored once a turn. */
bool dw_plan_may_fill(const dw_shard *s);
void dw_plan_fill(dw_shard *s);
void dw_plan_filled(dw_shard *s);
size_t dw_plan_fill_bytes(const dw_shard *s); /* that its inbox may hold */
void dw_plan_records(dw_shard *s);
void dw_plan_subjects(dw_shard *s, const dw_str *names, size_t count); /* a switch turn */
void dw_plan_trim(dw_shard *s);
void dw_plan_heads(dw_shard *s, const dw_reply *replies, size_t count);
void dw_plan_more(dw_shard *s, const dw_reply *replies, size_t count);
void dw_plan_again(dw_shard *s); /* the link was lost while loading */
void dw_plan_drop(dw_shard *s);  /* forget the turn; its records stay in the inbox */

/* apply.c */
void dw_apply(dw_shard *s);

/* subject.c */
bool dw_subject_look(dw_shard *s, dw_subject *subject);    /* what its head says without decoding; false: held */
bool dw_subject_load(dw_shard *s, dw_subject *subject);    /* decode its head; false: held */
void dw_subject_weigh(dw_turn *turn, dw_subject *subject); /* its record has grown or gone */
void dw_subject_unload(dw_turn *turn, dw_subject *subject);

/* rows.c: rows are numbered as they are added, so the order of the calls is that of the topics. False: the turn cannot be
 * committed. */
typedef struct dw_applying { /* the record in hand */
    const dw_log_record *rec;
    const dw_queued *queued;
    int64_t clock_us;
} dw_applying;
bool dw_rows_emit(dw_shard *s, int64_t offset); /* the transitions in the scratch emitter */
/* A pointer to the record, and an entry of the deadletter hash: the log keeps the bytes. */
bool dw_rows_reject(dw_shard *s, const dw_applying *a, dw_errc reason, bool parked, dw_str source);
bool dw_rows_forward(dw_shard *s, const dw_applying *a, int64_t hops); /* the record, to the partition of its key */
/* What the core has for other subjects, as records of the input topic, also when they live in this partition. */
bool dw_rows_moves(dw_shard *s, const dw_applying *a, int64_t hops);
/* Header of a forward. With an auth key it is signed: a forged one could make the receiver drop true forwards. */
typedef struct dw_forward_mark {
    bool valid;
    int32_t origin;
    dw_position position;
    int64_t hops;
} dw_forward_mark;
dw_forward_mark dw_forward_read(const dw_shard *s, const dw_log_record *rec);
bool dw_forward_is_repeat(const dw_shard *s, const dw_forward_mark *mark); /* seen before; the mark is valid */

/* breaker.c */
bool dw_breaker_tripped(const dw_shard *s, const char **why);
void dw_breaker_count(dw_shard *s, int64_t stamp_us, bool dead);
void dw_breaker_reset(dw_shard *s);

/* commit.c */
extern const char dw_seal_script[];
void dw_commit_begin(dw_shard *s);
bool dw_commit_subject(dw_shard *s, dw_subject *subject); /* its writes; the record is freed */
void dw_commit_build(dw_shard *s); /* from the turn; sends it, or ends the turn when there is nothing to write */
void dw_commit_send(dw_shard *s);
void dw_commit_reply(dw_shard *s, const dw_reply *replies, size_t count);
void dw_commit_applied(dw_shard *s);
void dw_commit_guard_calls(dw_shard *s, dw_batch *batch); /* WATCH meta, HMGET meta appended */
void dw_commit_add_seal(dw_shard *s, dw_batch *batch, const dw_meta *next, const dw_meta *from);
bool dw_seal_is_refusal(dw_str error, dw_hold *hold);
void dw_recheck_send(dw_shard *s);
void dw_recheck_reply(dw_shard *s, const dw_reply *replies, size_t count);

/* switch.c */
typedef enum dw_switch_want { DW_SWITCH_NOT, DW_SWITCH_YES, DW_SWITCH_BAD, DW_SWITCH_HOLD } dw_switch_want;
/* Looks at a policy_set or core_set whose authority is checked. YES: s->sw is prepared. BAD: dead letter `code`. */
dw_switch_want dw_switch_prepare(dw_shard *s, const dw_log_record *rec, const dw_event *ev, int64_t clock_us,
                                 dw_errc *code);
void dw_switch_advance(dw_shard *s);
void dw_switch_subjects(dw_shard *s, const dw_reply *replies, size_t count);
void dw_switch_apply(dw_shard *s);
void dw_switch_writes(dw_shard *s, dw_vector *set); /* policy texts, at the end */
void dw_switch_committed(dw_shard *s);
void dw_switch_drop(dw_shard *s);

/* outbox.c */
void dw_outbox_committed(dw_shard *s, const dw_turn *turn);
void dw_outbox_loaded(dw_shard *s, uint64_t rows, const dw_reply *first);
bool dw_outbox_wants_read(const dw_shard *s);
void dw_outbox_read(dw_shard *s);
void dw_outbox_reply(dw_shard *s, const dw_reply *replies, size_t count);
bool dw_outbox_next(dw_shard *s, dw_command *out); /* a row to publish */
bool dw_outbox_delivered(dw_shard *s, uint64_t ticket, bool ok);
bool dw_outbox_full(const dw_shard *s, size_t more_rows, size_t more_bytes);
void dw_outbox_clear(dw_shard *s);

/* clock.c */
void dw_present_saw(dw_shard *s, int64_t stamp_us);
int64_t dw_present_at(const dw_shard *s); /* DW_AT_NONE: not known */
void dw_clock_advance(dw_shard *s);       /* ticks and the first policy */
bool dw_clock_delivered(dw_shard *s, uint64_t ticket, bool ok, int64_t offset, int64_t stamp_us);
int64_t dw_clock_wake(const dw_shard *s);

/* vectors of the scratch */
bool dw_vector_add(dw_vector *vector, dw_str s);

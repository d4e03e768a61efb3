#pragma once
/* inproc.h: the pure core over a log within one process: what a shard of the daemon decides, without Kafka and Redis.
 * The one driver beneath `driftwatch replay`, and for every other tool that asks "what would driftwatch say of this log".
 *
 *     dw_inproc *in = NULL;
 *     dw_inproc_new(policy, DW_INPROC_FIXED, &in, &err);       // or a NULL policy: from the log's policy.set on
 *     while (...next line...)
 *         dw_inproc_line(in, line, len, number, &out, &err);   // or dw_inproc_event() with an event of your own
 *     dw_inproc_advance(in, at_us, &err);                      // every deadline at or before at_us has fired
 *     for (size_t i = 0; i < dw_inproc_count(in); i++) {
 *         dw_inproc_child *child = dw_inproc_at(in, i);        // ascending "la/ref"
 *         const dw_record *rec = dw_inproc_record(child);      // rec->alerts: live, acknowledged, flags, closed
 *         dw_inproc_evaluate(in, child, at_us, &view, &err);   // facts, spans, obligations, all pages loaded
 *     }
 *
 * One dw_inproc is one shard: one clock, one policy. The children of a log may be in several partitions; who reads lines
 * of several gives each partition a dw_inproc of its own.
 *
 * Callers may rely on:
 * - What becomes of each record, and when each deadline fires, is as in daemon/shard/apply.c: the clock is the largest
 *   append time so far; before a record is applied everything due by then fires, one by one in the order (due, child), at
 *   its own instant; a policy.set whose number is above the one in force evaluates all children anew, in order; ticks move
 *   the clock; acknowledgements are taken as signed; what the daemon dead-letters or parks is told and changes nothing but
 *   the clock.
 * - Children who are merged or split move at once, with the record that says so: in the daemon their facts travel through
 *   the log (handlers/identity.h), here they do not, and subject_moved records of such a log are left out. With
 *   dw_inproc_follow_moves() it is the other way round, as in the daemon's own shard: for the log of one partition.
 * - No clock, zone or file of the host is read. The same calls give the same answers.
 * - Children stay decoded; a record is folded to its head, and its settled facts to pages in memory, as often as the
 *   daemon would about do it, which changes no answer.
 * Not thread-safe; one thread may use several. Memory: about 20 KiB a child. */

#include "handlers/driftwatch.h"

typedef struct dw_inproc dw_inproc;
typedef struct dw_inproc_child dw_inproc_child;

typedef enum dw_inproc_mode {
    DW_INPROC_FIXED, /* the policy given is in force throughout: policy.set records are checked and otherwise ignored */
    DW_INPROC_LOG /* policy.set records of the log switch; the policy given is in force before the first (may be NULL) */
} dw_inproc_mode;

/* Takes a reference of its own to `policy`. DW_E_NOMEM. */
dw_errc dw_inproc_new(const dw_policy *policy, dw_inproc_mode mode, dw_inproc **out, dw_error *err);
void dw_inproc_free(dw_inproc **in);

/* Nothing moves but by the subject_moved records of the log, each taken once. Before the first record. */
void dw_inproc_follow_moves(dw_inproc *in);

/* --- feeding */

/* What became of a record. X(enumerator, name) */
#define DW_INPROC_FATE_LIST(X)                                                                                         \
    X(DW_INPROC_APPLIED, "applied")     /* facts or an alert changed */                                                \
    X(DW_INPROC_DUPLICATE, "duplicate") /* it changed nothing: repeated, older, or about no alert of this child */     \
    X(DW_INPROC_CONTROL, "control")     /* a tick, a policy.set, a core.set, a move that is done already */            \
    X(DW_INPROC_FORWARDED, "forwarded") /* told of a child who is another subject now: it went there */                \
    X(DW_INPROC_PARKED, "parked")       /* well-formed, of a kind for a later version: kept by the daemon, not used */ \
    X(DW_INPROC_DEAD, "dead")           /* the daemon would dead-letter it */
typedef enum dw_inproc_fate {
#define X(e, n) e,
    DW_INPROC_FATE_LIST(X)
#undef X
        DW_INPROC_FATES
} dw_inproc_fate;
const char *dw_inproc_fate_name(dw_inproc_fate fate);

typedef struct dw_inproc_out {
    dw_inproc_fate fate;
    dw_errc reason; /* PARKED, DEAD: the reason code, as in a dead letter; else DW_OK */
} dw_inproc_out;

/* A record without an append time: it came at the clock as it stands; the first, when it was recorded or occurred. */
#define DW_INPROC_NO_TIME INT64_MIN

/* One record, in the order of the log. `offset` names it among the causes of facts and alerts (a log's offset, a line's
 * number); it has to rise from call to call. An error is what would hold a shard: DW_E_CONFIG (a policy that does not
 * compile; all its problems are in the text), DW_E_NEWER (core.set asks for a newer build), DW_E_NOMEM, DW_E_TOO_BIG. After
 * one the dw_inproc can only be freed. The event is not kept. */
dw_errc dw_inproc_event(dw_inproc *in, const dw_event *ev, int64_t log_time_us, int64_t offset, dw_inproc_out *out,
                        dw_error *err);
/* Records of one stretch of the log. */
typedef struct dw_inproc_item {
    const dw_event *ev; /* NULL: a record that is no event */
    int64_t log_time_us;
    int64_t offset;
} dw_inproc_item;
/* May the record be one of a lot? A child's own, not about who the child is; a tick. */
bool dw_inproc_may_group(const dw_inproc *in, const dw_event *ev);
/* Such records as if given to dw_inproc_event() one after the other, but child by child, which is kinder to the processor's
 * caches; nobody listens to transitions. Each has an append time. */
dw_errc dw_inproc_lot(dw_inproc *in, const dw_inproc_item *items, size_t count, dw_error *err);
/* The same for one line of JSON, as dw_line_read() (line.h) reads it; log_time beside the envelope is the append time. */
dw_errc dw_inproc_line(dw_inproc *in, const char *line, size_t len, int64_t offset, dw_inproc_out *out, dw_error *err);
/* Move the clock to `at_us`, as a tick would: every deadline at or before it fires. An earlier instant changes nothing. */
dw_errc dw_inproc_advance(dw_inproc *in, int64_t at_us, dw_error *err);
/* Switch to `policy` now, whatever the mode and its number. Takes a reference of its own. */
dw_errc dw_inproc_switch(dw_inproc *in, const dw_policy *policy, dw_error *err);

/* A record that is no event: only the clock moves. */
dw_errc dw_inproc_dead(dw_inproc *in, int64_t log_time_us, int64_t offset, dw_errc reason, dw_inproc_out *out,
                       dw_error *err);

/* Called with every transition, in the order in which the daemon would put them into its outbox. What it is given lives
 * until it returns. */
typedef void dw_inproc_transition_fn(void *user, const dw_transition *tr);
void dw_inproc_on_transition(dw_inproc *in, dw_inproc_transition_fn *fn, void *user);

/* --- looking */

int64_t dw_inproc_clock_us(const dw_inproc *in);            /* DW_AT_NONE before the first record */
const dw_policy *dw_inproc_policy(const dw_inproc *in);     /* in force now; NULL: none yet */
size_t dw_inproc_count(const dw_inproc *in);                /* children of whom anything was ever said */
dw_inproc_child *dw_inproc_at(dw_inproc *in, size_t index); /* ascending "la/ref", in byte order */
dw_inproc_child *dw_inproc_find(dw_inproc *in, dw_str la_code, dw_str child_ref); /* NULL: never heard of */

/* The child's record as it was last decided: identity, alerts, next instant. Its facts may lack those in pages. Valid until
 * the next call that feeds, advances, switches or evaluates. */
const dw_record *dw_inproc_record(const dw_inproc_child *child);
/* The child's record with every fact. DW_E_NOMEM, DW_E_FORMAT (a bug). */
dw_errc dw_inproc_facts(dw_inproc *in, dw_inproc_child *child, const dw_record **out, dw_error *err);

/* Spans, facts and obligations of one child at `at_us`, recomputed from all of its facts. Alerts do not move by it: first
 * dw_inproc_advance() to that instant. `obligations` is NULL while no policy is in force. Valid until the next call of any
 * kind on `in`. */
typedef struct dw_inproc_view {
    const dw_record *rec;
    const dw_chronology *chron;
    const dw_obligations *obligations;
} dw_inproc_view;
dw_errc dw_inproc_evaluate(dw_inproc *in, dw_inproc_child *child, int64_t at_us, dw_inproc_view *out, dw_error *err);

/* What was done so far. */
typedef struct dw_inproc_counts {
    uint64_t by_fate[DW_INPROC_FATES];
    uint64_t fired;       /* deadlines */
    uint64_t transitions; /* of alerts */
    uint64_t folds;       /* times a record went through its stored form */
} dw_inproc_counts;
const dw_inproc_counts *dw_inproc_counted(const dw_inproc *in);

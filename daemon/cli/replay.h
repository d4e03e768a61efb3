#pragma once
/* replay.h: the inside of `driftwatch replay`, shared by its files and by nobody else.
 *
 * replay.c          the verb: options, instants, policies
 * replay_log.c      the file: a first look over it, and passes through it
 * replay_print.c    what is said at an instant
 * replay_compare.c  what is said of two policies */

#include "daemon/cli/cli.h"
#include "daemon/cli/inproc.h"

#include <stdio.h>

typedef struct dw_replay_instant {
    int64_t us;
    char *text; /* as given */
    bool apart; /* lines not later than it stand behind later ones: it takes a pass of its own */
} dw_replay_instant;

typedef struct dw_replay_change { /* one row of the sums of --compare */
    size_t instant;               /* place in the list */
    char rule_id[DW_RULE_ID_BYTES_MAX + 1];
    char team_id[DW_ID_BYTES_MAX + 1];
    uint64_t added, gone, moved;
} dw_replay_change;

typedef struct dw_replay {
    const dw_cli *cli;
    const char *name;            /* of the file, for messages */
    FILE *file;                  /* seekable */
    dw_replay_instant *instants; /* ascending */
    size_t instant_count;
    const dw_policy *policy; /* side A: from the start; NULL: the log's */
    const dw_policy *other;  /* side B of --compare; NULL: no comparison */
    bool obligations, stats;

    dw_replay_change *changes;
    size_t change_count, change_cap;
    uint64_t kept; /* alerts that are the same under both, all instants */

    uint64_t lines, refused;
    dw_inproc_counts counts;        /* of side A, all lanes and passes */
    double read_s, core_s, print_s; /* CPU seconds */
} dw_replay;

/* What a first look over the file tells. */
typedef struct dw_replay_front {
    bool any_time;
    int64_t first_us, last_us; /* least and greatest log_time */
    bool has_policy;           /* a policy.set that can be read */
} dw_replay_front;
dw_errc dw_replay_look(dw_replay *r, dw_replay_front *out, dw_error *err);
/* Which instants have to be apart. Instants are sorted. */
dw_errc dw_replay_part(dw_replay *r, dw_error *err);
/* All passes; prints. */
dw_errc dw_replay_run(dw_replay *r, dw_error *err);

/* What is said of one shard at one instant. */
dw_errc dw_replay_print(dw_replay *r, dw_inproc *in, const dw_replay_instant *at, dw_error *err);
/* The same under two policies; `a` and `b` have been fed the same. Sums are kept for dw_replay_print_sums(). */
dw_errc dw_replay_compare(dw_replay *r, dw_inproc *a, dw_inproc *b, size_t instant, dw_error *err);
void dw_replay_print_sums(dw_replay *r);

/* Members of a JSON object being written: ,"name":"text" (escaped). The first goes without a comma. */
void dw_replay_put(const char *name, dw_str text);
void dw_replay_put_first(const char *name, dw_str text);
/* ,"due_on":"..." or ,"due_at":"..." with `prefix` before the name; nothing when there is none. */
void dw_replay_put_due(const char *prefix, dw_due_kind kind, int32_t due_on, int64_t due_at_us);
/* "due 2026-01-02" for people, empty without one. */
char *dw_replay_due_text(dw_due_kind kind, int32_t due_on, int64_t due_at_us, char *out, size_t size);
/* The subject's bare id: that of the plan, placement, episode ...; the child's own when the duty is the child's. */
dw_str dw_replay_subject(const dw_record *rec, dw_str subject_id);

/* CPU seconds of this process so far. */
double dw_replay_cpu_s(void);

#pragma once
/* turn.h: one turn of a shard: the children it touches, the deadlines due in it, what it makes.
 *
 * Everything here lives in the turn's arena, but for decoded records and the growing lists, and is forgotten when the
 * turn ends. A child is in the table once, however many records and deadlines concern it. */

#define XXH_INLINE_ALL
#include <xxhash.h>

#define HASH_FUNCTION(key, len, hash) ((hash) = (unsigned)XXH3_64bits((key), (len)))
#include <uthash.h>

#include "daemon/shard/cache.h"
#include "daemon/shard/meta.h"

/* Where a live alert stood in :by_post when its child was loaded. Strings of the child's record. */
typedef struct dw_stood {
    dw_str rule_id, subject_kind, subject_id, post;
    uint32_t level;
} dw_stood;

typedef struct dw_subject {
    UT_hash_handle hh;
    dw_str key;      /* "la/child" */
    dw_str head;     /* committed head; empty: none stored */
    dw_record *rec;  /* decoded; NULL until needed */
    dw_stood *stood; /* live alerts of the committed head, set with `rec` */
    uint32_t stood_count;
    int64_t old_due_us; /* next due of the committed head; DW_AT_NEVER */
    int64_t armed_us;   /* score of its entry in the deadline index, when `listed` */
    size_t heap_at;     /* place in the heap + 1; 0: not in it */
    uint32_t old_pages;
    uint32_t events; /* applied in this turn */
    size_t decoded;  /* bytes its decoded record is taken to hold */
    size_t last;     /* the last waiting record of the turn that concerns it */
    bool have_head;  /* head is known (perhaps that there is none) */
    bool listed;     /* came from the deadline index */
    bool want_pages; /* its pages have to be read */
    bool dirty;      /* record changed or may have */
    bool seen;       /* its head was looked into */
    bool done;       /* written to the commit: nothing in this turn concerns it any more */
} dw_subject;

/* One outbox row. */
typedef struct dw_row {
    dw_position id;
    dw_topic topic;
    int32_t partition;
    bool has_key;
    dw_str key, value;
    dw_str forward, auth; /* headers of a forwarded record; else empty */
    int64_t clock_us;
} dw_row;

/* A dead letter or parked record, for the deadletter hash. */
typedef struct dw_dead {
    int64_t offset;
    dw_str text;
} dw_dead;

/* Transitions made, for the counters. */
typedef struct dw_made {
    dw_transition_kind kind;
    char rule_id[DW_RULE_ID_BYTES_MAX + 1];
} dw_made;

typedef enum dw_turn_kind {
    DW_TURN_NONE,
    DW_TURN_RECORDS, /* records and the deadlines before them */
    DW_TURN_SWITCH,  /* some children under a new policy or core */
    DW_TURN_TRIM     /* nothing but trimming the outbox */
} dw_turn_kind;

typedef enum dw_turn_phase { DW_PHASE_NONE, DW_PHASE_HEADS, DW_PHASE_MORE, DW_PHASE_COMMIT } dw_turn_phase;

typedef struct dw_turn {
    dw_turn_kind kind;
    dw_turn_phase phase;
    dw_arena *arena;
    dw_subject *table;
    dw_subject **list; /* in order of addition */
    size_t count, list_cap;
    size_t subjects_max;
    size_t decoded_bytes, decoded_peak; /* of records decoded now, and at most */
    size_t reserved;                    /* bytes taken from the process's working share */

    size_t planned; /* waiting records it may apply */
    int64_t end_us; /* clock after the last of them */
    bool read_due;  /* the deadline index was asked */
    bool limited;   /* more are due than were read: nothing after (limit_us, limit_subject) may fire or be applied */
    int64_t limit_us;
    dw_str limit_subject;
    int64_t beyond_us; /* first deadline after end_us; DW_AT_NEVER */
    size_t due_count;
    size_t fetched; /* subjects before this one in `list` were asked for in the first pipeline */

    dw_subject **heap; /* (due, subject), smallest first; only what is due by end_us */
    size_t heap_count, heap_cap;

    /* results */
    dw_meta next;    /* meta after the commit */
    size_t consumed; /* records done with */
    dw_row *rows;
    size_t row_count, row_cap, row_bytes;
    dw_dead *dead;
    size_t dead_count, dead_cap;
    dw_made *made;
    size_t made_count, made_cap;
    struct dw_forward_change {
        int32_t origin;
        dw_position position;
    } * forwards;
    size_t forward_count, forward_cap;
    size_t fired;
    uint64_t repeats; /* forwards seen before */
    uint64_t page_reads, hits, misses;
    uint64_t rejected_by[DW_ERRC_COUNT];
    int64_t fired_late_us; /* due of the last fired one */
    dw_position trimmed;   /* rows up to it leave the stream with this commit; {0, 0}: none */
    int64_t first_due_us;  /* earliest deadline the commit writes or leaves */
    int64_t next_due_us;   /* lower bound of the deadline index after the commit */
    size_t switched;       /* children done in a switch turn */
    bool switch_done;      /* this commit ends the switch */
    bool failed;           /* out of memory */
} dw_turn;

bool dw_turn_init(dw_turn *turn, dw_pool *pool);
void dw_turn_reset(dw_turn *turn); /* frees records, keeps little memory */
void dw_turn_deinit(dw_turn *turn);
dw_subject *dw_turn_find(dw_turn *turn, dw_str key);
dw_subject *dw_turn_add(dw_turn *turn, dw_str key); /* found or new; copies key; NULL: out of memory */
void dw_turn_free_records(dw_turn *turn);

/* Heap of due deadlines by (rec->next_due_us, key). */
bool dw_turn_arm(dw_turn *turn, dw_subject *subject); /* put in, moved or taken out by rec->next_due_us and end_us */
dw_subject *dw_turn_first(const dw_turn *turn);       /* NULL: none */
int dw_due_cmp(int64_t a_us, dw_str a, int64_t b_us, dw_str b);

dw_row *dw_turn_row(dw_turn *turn); /* a zeroed new row; NULL: out of memory */
bool dw_turn_dead(dw_turn *turn, dw_dead dead);
bool dw_turn_made(dw_turn *turn, const dw_transition *tr);
bool dw_turn_forward(dw_turn *turn, int32_t origin, dw_position position);

#pragma once
/* inproc_parts.h: what the files behind inproc.h share. Private to daemon/cli/inproc*.c.
 *
 * inproc.c        the clock, what becomes of each record, looking
 * inproc_child.c  children by key, their deadlines, their stored form
 * inproc_lot.c    many records at once
 * inproc_move.c   facts that go from one child to another */

#include "daemon/cli/inproc.h"
#include "daemon/shard/meta.h"
#include "handlers/identity.h"

#define DW_INPROC_ARENA_BYTES (64u << 20) /* as the core's own scratch: one child, derived and evaluated */

struct dw_inproc_child {
    dw_record *rec;
    dw_buf *pages; /* stored pages, by index */
    uint32_t page_cap;
    size_t settle_bytes; /* memory of rec at which it is made anew */
    size_t heap_at;      /* place in the heap + 1; 0: nothing is due by time */
    uint64_t hash;
    dw_str key; /* "la/ref", in bytes */
    char bytes[];
};

typedef struct dw_inproc_due {
    int64_t due_us; /* the record's next_due_us, here so that a look at the heap touches no child */
    dw_inproc_child *child;
} dw_inproc_due;

typedef struct dw_inproc_waiting {
    dw_move move;
    int hops;
} dw_inproc_waiting;

typedef struct dw_inproc_slot {
    uint64_t hash; /* here so that a look past others touches no child */
    dw_inproc_child *child;
} dw_inproc_slot;

struct dw_inproc {
    dw_policy *policy; /* in force; NULL: none yet */
    dw_inproc_mode mode;
    int64_t clock_us;
    int64_t offset;        /* of the record being applied */
    dw_inproc_slot *slots; /* open addressing, by hash */
    size_t slot_mask;
    dw_inproc_child **children; /* ascending key up to `sorted` */
    size_t count, cap, sorted;
    dw_inproc_due *heap; /* by (due, key) */
    size_t heap_count, heap_cap;
    dw_emit *emit;
    bool follow; /* moves come with the log */
    struct last_move {
        int64_t origin;
        dw_position position;
    } * last_moves; /* of each partition that sent some */
    size_t last_move_count, last_move_cap;
    dw_inproc_waiting *moves; /* from one child to another, in order */
    size_t move_count, move_cap;
    dw_arena *move_arena;
    dw_encoded encoded;
    dw_arena *view, *control, *line; /* made when needed, as is */
    dw_event *ev;
    struct dw_inproc_turn *lot; /* room for one */
    size_t lot_cap;
    dw_inproc_transition_fn *fn;
    void *user;
    dw_inproc_counts counts;
};

dw_errc dw_inproc_no_memory(dw_error *err);

/* --- inproc_child.c */
bool dw_inproc_slots_init(dw_inproc *in);
dw_inproc_child *dw_inproc_child_make(dw_inproc *in, dw_str la_code,
                                      dw_str child_ref); /* or find; NULL: out of memory */
void dw_inproc_child_free(dw_inproc_child *child);
void dw_inproc_sort(dw_inproc *in); /* children by key */
/* The child's next instant may have changed: its place in the heap follows. False: out of memory. */
bool dw_inproc_arm(dw_inproc *in, dw_inproc_child *child);
/* Through its stored form: facts that are settled leave the head, and what the record's arena has lost comes back. */
dw_errc dw_inproc_settle(dw_inproc *in, dw_inproc_child *child, dw_error *err);
/* The same when a fold would be tried (as record_fold.c asks), or much memory has gone by. */
dw_errc dw_inproc_settle_some(dw_inproc *in, dw_inproc_child *child, dw_error *err);
dw_errc dw_inproc_load_pages(dw_inproc_child *child, dw_error *err);

/* --- inproc.c */
/* After each call of the core: its transitions are told, its failures are the caller's. */
dw_errc dw_inproc_told(dw_inproc *in, dw_core_result result, dw_error *err);
/* What the core did to a child is told and kept. */
dw_errc dw_inproc_touched(dw_inproc *in, dw_inproc_child *child, dw_core_result result, dw_error *err);

/* --- inproc_move.c */
/* The moves of the core's last call wait behind those that are there. */
dw_errc dw_inproc_take_moves(dw_inproc *in, int hops, dw_error *err);
/* Until nobody has anything for anybody. What is refused is told as the fate of the record that led to it. */
dw_errc dw_inproc_carry_moves(dw_inproc *in, dw_inproc_out *out, dw_error *err);
/* A move of the log. */
dw_errc dw_inproc_follow_move(dw_inproc *in, const dw_event *ev, dw_inproc_out *out, dw_error *err);

/* inproc.c: children, their deadlines and the clock of one log, in memory; see inproc.h. What becomes of a record is decided
 * here as daemon/shard/apply.c and switch.c decide it; tests/unit/cli/check_inproc.c holds the two against each other. */

#include "daemon/cli/inproc.h"

#include "config/policy_load.h"
#include "daemon/cli/line.h"
#include "daemon/shard/meta.h"
#include "handlers/identity.h"
#include "proto/encode.h"

#include <assert.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define SLOTS_MIN 1024
#define SETTLE_BYTES_MIN (48u << 10) /* memory of a decoded record at which it goes through its stored form, at least */
#define CONTROL_ARENA_BYTES (DW_EVENT_ARENA_BYTES_MAX + 4 * DW_POLICY_BYTES_MAX)
#define VIEW_ARENA_BYTES (64u << 20) /* as the core's own scratch: one child, derived and evaluated */

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

typedef struct due_entry {
    int64_t due_us; /* the record's next_due_us, here so that a look at the heap touches no child */
    dw_inproc_child *child;
} due_entry;

typedef struct waiting_move {
    dw_move move;
    int hops;
} waiting_move;

typedef struct slot {
    uint64_t hash; /* here so that a look past others touches no child */
    dw_inproc_child *child;
} slot;

struct dw_inproc {
    dw_policy *policy; /* in force; NULL: none yet */
    dw_inproc_mode mode;
    int64_t clock_us;
    int64_t offset; /* of the record being applied */
    slot *slots;    /* open addressing, by hash */
    size_t slot_mask;
    dw_inproc_child **children; /* ascending key up to `sorted` */
    size_t count, cap, sorted;
    due_entry *heap; /* by (due, key) */
    size_t heap_count, heap_cap;
    dw_emit *emit;
    bool follow; /* moves come with the log */
    struct last_move {
        int64_t origin;
        dw_position position;
    } * last_moves; /* of each partition that sent some */
    size_t last_move_count, last_move_cap;
    waiting_move *moves; /* from one child to another, in order */
    size_t move_count, move_cap;
    dw_arena *move_arena;
    dw_encoded encoded;
    dw_arena *view, *control, *line; /* made when needed, as is */
    dw_event *ev;
    dw_inproc_transition_fn *fn;
    void *user;
    dw_inproc_counts counts;
};

const char *dw_inproc_fate_name(dw_inproc_fate fate)
{
    static const char *const names[] = {
#define X(e, n) n,
        DW_INPROC_FATE_LIST(X)
#undef X
    };
    return fate < DW_INPROC_FATES ? names[fate] : "?";
}

static dw_errc no_memory(dw_error *err)
{
    return dw_fail(err, DW_E_NOMEM, "out of memory");
}

/* --- making and freeing */

dw_errc dw_inproc_new(const dw_policy *policy, dw_inproc_mode mode, dw_inproc **out, dw_error *err)
{
    dw_inproc *in = calloc(1, sizeof(*in));
    if (in == NULL)
        return no_memory(err);
    in->mode = mode;
    in->clock_us = DW_AT_NONE;
    in->slots = calloc(SLOTS_MIN, sizeof(*in->slots));
    in->slot_mask = SLOTS_MIN - 1;
    in->emit = dw_emit_new();
    if (in->slots == NULL || in->emit == NULL) {
        dw_inproc_free(&in);
        return no_memory(err);
    }
    in->policy = policy != NULL ? dw_policy_ref(policy) : NULL;
    *out = in;
    return DW_OK;
}

static void child_free(dw_inproc_child *child)
{
    dw_record_free(&child->rec);
    for (uint32_t i = 0; i < child->page_cap; i++)
        dw_buf_deinit(&child->pages[i]);
    free(child->pages);
    free(child);
}

void dw_inproc_free(dw_inproc **inp)
{
    dw_inproc *in = *inp;
    if (in == NULL)
        return;
    for (size_t i = 0; i < in->count; i++)
        child_free(in->children[i]);
    free(in->children);
    free(in->heap);
    free(in->slots);
    dw_emit_free(&in->emit);
    dw_encoded_deinit(&in->encoded);
    free(in->moves);
    free(in->last_moves);
    dw_arena_free(&in->move_arena);
    dw_arena_free(&in->view);
    dw_arena_free(&in->control);
    dw_arena_free(&in->line);
    free(in->ev);
    dw_policy_unref(&in->policy);
    free(in);
    *inp = NULL;
}

/* --- children by key */

static size_t find_slot(const dw_inproc *in, uint64_t hash, dw_str key)
{
    size_t at = hash & in->slot_mask;
    while (in->slots[at].child != NULL && (in->slots[at].hash != hash || !dw_str_eq(in->slots[at].child->key, key)))
        at = (at + 1) & in->slot_mask;
    return at;
}

static bool grow_slots(dw_inproc *in)
{
    size_t mask = in->slot_mask * 2 + 1;
    slot *slots = calloc(mask + 1, sizeof(*slots));
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < in->count; i++) {
        size_t at = in->children[i]->hash & mask;
        while (slots[at].child != NULL)
            at = (at + 1) & mask;
        slots[at] = (slot){in->children[i]->hash, in->children[i]};
    }
    free(in->slots);
    in->slots = slots;
    in->slot_mask = mask;
    return true;
}

/* Room for one more item. */
static bool room(void **list, size_t count, size_t *cap, size_t item_bytes)
{
    if (count < *cap)
        return true;
    size_t more = *cap == 0 ? 256 : *cap * 2;
    void *grown = realloc(*list, more * item_bytes);
    if (grown == NULL)
        return false;
    *list = grown;
    *cap = more;
    return true;
}

typedef struct subject_key {
    char bytes[DW_SUBJECT_BYTES_MAX + DW_ID_BYTES_MAX];
    dw_str str;
    uint64_t hash;
} subject_key;

/* False: longer than any subject. */
static bool key_of(dw_str la_code, dw_str child_ref, subject_key *out)
{
    if ((size_t)la_code.len + 1 + child_ref.len > sizeof(out->bytes))
        return false;
    if (la_code.len != 0)
        memcpy(out->bytes, la_code.ptr, la_code.len);
    out->bytes[la_code.len] = '/';
    if (child_ref.len != 0)
        memcpy(out->bytes + la_code.len + 1, child_ref.ptr, child_ref.len);
    out->str = (dw_str){out->bytes, la_code.len + 1 + child_ref.len};
    out->hash = XXH3_64bits(out->str.ptr, out->str.len);
    return true;
}

dw_inproc_child *dw_inproc_find(dw_inproc *in, dw_str la_code, dw_str child_ref)
{
    subject_key key;
    return key_of(la_code, child_ref, &key) ? in->slots[find_slot(in, key.hash, key.str)].child : NULL;
}

static dw_inproc_child *find_or_add(dw_inproc *in, dw_str la_code, dw_str child_ref)
{
    subject_key key;
    bool fits = key_of(la_code, child_ref, &key);
    assert(fits); /* ids have been checked */
    size_t at = find_slot(in, key.hash, key.str);
    if (in->slots[at].child != NULL)
        return in->slots[at].child;
    if (in->count * 2 >= in->slot_mask) {
        if (!grow_slots(in))
            return NULL;
        at = find_slot(in, key.hash, key.str);
    }
    dw_inproc_child *child = calloc(1, sizeof(*child) + key.str.len);
    if (child == NULL || !room((void **)&in->children, in->count, &in->cap, sizeof(*in->children))) {
        free(child);
        return NULL;
    }
    memcpy(child->bytes, key.str.ptr, key.str.len);
    child->key = (dw_str){child->bytes, key.str.len};
    child->hash = key.hash;
    child->settle_bytes = SETTLE_BYTES_MIN;
    child->rec = dw_record_new(la_code, child_ref);
    if (child->rec == NULL) {
        free(child);
        return NULL;
    }
    in->slots[at] = (slot){key.hash, child};
    in->children[in->count++] = child;
    return child;
}

static int by_key(const void *left, const void *right)
{
    return dw_str_cmp((*(dw_inproc_child *const *)left)->key, (*(dw_inproc_child *const *)right)->key);
}

static void sort_children(dw_inproc *in)
{
    if (in->sorted != in->count)
        qsort(in->children, in->count, sizeof(dw_inproc_child *), by_key);
    in->sorted = in->count;
}

/* --- deadlines: a heap by (due, key) */

static bool before(const due_entry *a, const due_entry *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : dw_str_cmp(a->child->key, b->child->key) < 0;
}

static void heap_set(dw_inproc *in, size_t at, due_entry entry)
{
    in->heap[at] = entry;
    entry.child->heap_at = at + 1;
}

/* Puts `entry` into the gap at `at`, or where it belongs above or below. */
static void heap_place(dw_inproc *in, size_t at, due_entry entry)
{
    while (at > 0 && before(&entry, &in->heap[(at - 1) / 2])) {
        heap_set(in, at, in->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    for (;;) {
        size_t next = 2 * at + 1;
        if (next + 1 < in->heap_count && before(&in->heap[next + 1], &in->heap[next]))
            next++;
        if (next >= in->heap_count || !before(&in->heap[next], &entry))
            break;
        heap_set(in, at, in->heap[next]);
        at = next;
    }
    heap_set(in, at, entry);
}

/* The child's next instant may have changed: its place in the heap follows. False: out of memory. */
static bool arm(dw_inproc *in, dw_inproc_child *child)
{
    due_entry entry = {child->rec->next_due_us, child};
    if (child->heap_at == 0) {
        if (entry.due_us == DW_AT_NEVER)
            return true;
        if (!room((void **)&in->heap, in->heap_count, &in->heap_cap, sizeof(*in->heap)))
            return false;
        in->heap_count++;
        heap_place(in, in->heap_count - 1, entry);
        return true;
    }
    size_t at = child->heap_at - 1;
    if (entry.due_us == in->heap[at].due_us)
        return true;
    if (entry.due_us == DW_AT_NEVER) {
        entry = in->heap[--in->heap_count];
        child->heap_at = 0;
        if (entry.child == child)
            return true;
    }
    heap_place(in, at, entry);
    return true;
}

/* --- the stored form: facts that are settled leave the head, and what the record's arena has lost comes back */

static dw_errc keep_pages(dw_inproc *in, dw_inproc_child *child)
{
    for (uint32_t i = 0; i < in->encoded.write_count; i++) {
        const dw_page_write *write = &in->encoded.writes[i];
        if (write->index >= child->page_cap) {
            uint32_t cap = write->index + 4;
            dw_buf *pages = realloc(child->pages, cap * sizeof(*pages));
            if (pages == NULL)
                return DW_E_NOMEM;
            memset(pages + child->page_cap, 0, (cap - child->page_cap) * sizeof(*pages));
            child->pages = pages;
            child->page_cap = cap;
        }
        dw_buf *page = &child->pages[write->index];
        page->len = 0;
        if (!dw_buf_append(page, in->encoded.pages.data + write->start, write->len))
            return DW_E_NOMEM;
    }
    return DW_OK;
}

static dw_errc settle(dw_inproc *in, dw_inproc_child *child, dw_error *err)
{
    dw_record *fresh = NULL;
    dw_encoded_reset(&in->encoded);
    dw_errc code = dw_record_encode(child->rec, in->policy, &in->encoded, err);
    if (code == DW_OK && keep_pages(in, child) != DW_OK)
        code = no_memory(err);
    if (code == DW_OK)
        code = dw_record_decode(in->encoded.head.data, in->encoded.head.len, &fresh, err);
    if (code != DW_OK)
        return code;
    dw_record_free(&child->rec);
    child->rec = fresh;
    size_t twice = 2 * dw_arena_used(fresh->arena);
    child->settle_bytes = twice > SETTLE_BYTES_MIN ? twice : SETTLE_BYTES_MIN;
    in->counts.folds++;
    return DW_OK;
}

/* When a fold would be tried (as record_fold.c asks), or much memory has gone by. */
static dw_errc settle_some(dw_inproc *in, dw_inproc_child *child, dw_error *err)
{
    const dw_record *rec = child->rec;
    bool fold = in->policy != NULL && (rec->fold_puts >= DW_FOLD_PUTS ||
                                       (rec->fold_day != DW_DAY_OPEN && dw_london_day(in->clock_us) >= rec->fold_day));
    if (!fold && dw_arena_used(rec->arena) < child->settle_bytes)
        return DW_OK;
    return settle(in, child, err);
}

static dw_errc load_pages(dw_inproc_child *child, dw_error *err)
{
    dw_record *rec = child->rec;
    dw_errc code = DW_OK;
    if (rec->pages_loaded == rec->page_count)
        return DW_OK;
    for (uint32_t i = 0; code == DW_OK && i < rec->page_count; i++) {
        assert(i < child->page_cap);
        code = dw_record_attach_page(rec, i, child->pages[i].data, child->pages[i].len, err);
    }
    return code;
}

/* --- the core */

/* After each call of the core: its transitions are told, its failures are the caller's. */
static dw_errc told(dw_inproc *in, dw_core_result result, dw_error *err)
{
    if (result.error != DW_OK || result.applied == DW_APPLY_NOMEM)
        return dw_fail(err, result.error != DW_OK ? result.error : DW_E_NOMEM, "record %lld cannot be applied: %s",
                       (long long)in->offset, dw_errc_meaning(result.error != DW_OK ? result.error : DW_E_NOMEM));
    in->counts.transitions += in->emit->count;
    for (uint32_t i = 0; in->fn != NULL && i < in->emit->count; i++)
        in->fn(in->user, &in->emit->items[i]);
    return DW_OK;
}

/* Everything due by `at_us`, each at its own instant. */
static dw_errc fire_until(dw_inproc *in, int64_t at_us, dw_error *err)
{
    while (in->heap_count != 0 && in->heap[0].due_us <= at_us) {
        dw_inproc_child *child = in->heap[0].child;
        int64_t due_us = in->heap[0].due_us;
        if (due_us > in->clock_us)
            in->clock_us = due_us;
        dw_emit_reset(in->emit);
        dw_errc code = told(in, dw_core_fire(child->rec, in->policy, due_us, in->emit), err);
        if (code != DW_OK)
            return code;
        assert(child->rec->next_due_us > due_us);
        in->counts.fired++;
        code = settle_some(in, child, err);
        if (code != DW_OK)
            return code;
        if (!arm(in, child))
            return no_memory(err);
    }
    return DW_OK;
}

dw_errc dw_inproc_advance(dw_inproc *in, int64_t at_us, dw_error *err)
{
    if (at_us <= in->clock_us)
        return DW_OK;
    dw_errc code = fire_until(in, at_us, err);
    if (code == DW_OK)
        in->clock_us = at_us;
    return code;
}

dw_errc dw_inproc_switch(dw_inproc *in, const dw_policy *policy, dw_error *err)
{
    dw_policy *old = in->policy;
    dw_errc code = DW_OK;
    in->policy = dw_policy_ref(policy);
    sort_children(in);
    for (size_t i = 0; code == DW_OK && i < in->count; i++) {
        dw_inproc_child *child = in->children[i];
        bool paged = child->rec->page_count != 0;
        code = load_pages(child, err);
        dw_emit_reset(in->emit);
        if (code == DW_OK)
            code = told(in, dw_core_switch(child->rec, in->policy, in->clock_us, in->emit), err);
        if (code == DW_OK)
            code = paged ? settle(in, child, err) : settle_some(in, child, err);
        if (code == DW_OK && !arm(in, child))
            code = no_memory(err);
    }
    dw_policy_unref(&old); /* what a live alert keeps of it stands in its record */
    return code;
}

/* --- records */

/* What the core did to a child is told and kept. */
static dw_errc touched(dw_inproc *in, dw_inproc_child *child, dw_core_result result, dw_error *err)
{
    dw_errc code = told(in, result, err);
    if (code == DW_OK)
        code = settle_some(in, child, err);
    if (code == DW_OK && !arm(in, child))
        code = no_memory(err);
    return code;
}

static void keep_text(dw_inproc *in, dw_str *text, bool *failed)
{
    if (text->len != 0)
        *text = dw_arena_str(in->move_arena, *text);
    *failed |= text->len != 0 && text->ptr == NULL;
}

void dw_inproc_follow_moves(dw_inproc *in)
{
    in->follow = true;
}

/* The moves of the core's last call wait behind those that are there. */
static dw_errc take_moves(dw_inproc *in, int hops, dw_error *err)
{
    bool failed = false;
    if (in->follow)
        return DW_OK; /* the log has them, if anybody */
    if (in->emit->move_count != 0 && in->move_arena == NULL)
        in->move_arena = dw_arena_new(VIEW_ARENA_BYTES);
    if (in->emit->move_count != 0 && in->move_arena == NULL)
        return no_memory(err);
    for (uint32_t i = 0; i < in->emit->move_count; i++) {
        dw_move move = in->emit->moves[i];
        keep_text(in, &move.la_code, &failed);
        keep_text(in, &move.child_ref, &failed);
        keep_text(in, &move.body.to_la_code, &failed);
        keep_text(in, &move.body.to_child_ref, &failed);
        keep_text(in, &move.body.from_la_code, &failed);
        keep_text(in, &move.body.from_child_ref, &failed);
        keep_text(in, &move.body.facts, &failed);
        if (failed || !room((void **)&in->moves, in->move_count, &in->move_cap, sizeof(*in->moves)))
            return no_memory(err);
        in->moves[in->move_count++] = (waiting_move){move, hops};
    }
    return DW_OK;
}

/* One move arrives. */
static dw_errc apply_move(dw_inproc *in, dw_str la_code, dw_str child_ref, const dw_moved *moved, int hops,
                          dw_inproc_out *out, dw_error *err)
{
    dw_inproc_child *child = find_or_add(in, la_code, child_ref);
    if (child == NULL)
        return no_memory(err);
    dw_errc code = load_pages(child, err);
    if (code != DW_OK)
        return code;
    dw_emit_reset(in->emit);
    dw_core_result result = dw_core_move(child->rec, in->policy, moved, in->clock_us, in->offset, in->emit);
    if (result.error == DW_OK && result.applied == DW_REFUSED)
        *out = (dw_inproc_out){DW_INPROC_DEAD, in->emit->refused};
    code = take_moves(in, hops, err);
    return code == DW_OK ? touched(in, child, result, err) : code;
}

/* Until nobody has anything for anybody. What is refused is told as the fate of the record that led to it. */
static dw_errc carry_moves(dw_inproc *in, dw_inproc_out *out, dw_error *err)
{
    dw_errc code = DW_OK;
    for (size_t i = 0; code == DW_OK && i < in->move_count; i++) {
        waiting_move next = in->moves[i];
        if (next.hops >= DW_MOVE_HOPS_MAX)
            *out = (dw_inproc_out){DW_INPROC_DEAD, DW_E_IDENTITY};
        else
            code = apply_move(in, next.move.la_code, next.move.child_ref, &next.move.body, next.hops + 1, out, err);
    }
    in->move_count = 0;
    if (in->move_arena != NULL)
        dw_arena_reset(in->move_arena);
    return code;
}

static dw_errc apply_child(dw_inproc *in, const dw_event *ev, dw_event_class class, dw_inproc_out *out, dw_error *err)
{
    dw_inproc_child *child = class == DW_EVC_ACK ? dw_inproc_find(in, ev->la_code, ev->child_ref)
                                                 : find_or_add(in, ev->la_code, ev->child_ref);
    out->fate = DW_INPROC_DUPLICATE;
    if (child == NULL)
        return class == DW_EVC_ACK ? DW_OK : no_memory(err);
    dw_errc code = DW_OK;
    if (child->rec->page_count != 0 && dw_record_needs_pages(child->rec, ev))
        code = load_pages(child, err);
    if (code != DW_OK)
        return code;
    dw_emit_reset(in->emit);
    dw_core_result result = class == DW_EVC_ACK
                                ? dw_core_ack(child->rec, in->policy, ev, in->clock_us, in->offset, in->emit)
                                : dw_core_event(child->rec, in->policy, ev, in->clock_us, in->offset, in->emit);
    if (result.error == DW_OK && result.applied == DW_REFUSED)
        *out = (dw_inproc_out){DW_INPROC_DEAD, in->emit->refused};
    else if (result.applied == DW_PASSED_ON)
        out->fate = DW_INPROC_FORWARDED;
    else if (result.applied == DW_APPLIED)
        out->fate = DW_INPROC_APPLIED;
    code = take_moves(in, 1, err);
    if (code == DW_OK)
        code = touched(in, child, result, err);
    return code == DW_OK && in->move_count != 0 ? carry_moves(in, out, err) : code;
}

/* Was this move seen before? Its id is "<partition of its sender>/<position there>", and a sender's positions rise. */
static dw_errc seen_move(dw_inproc *in, dw_str id, bool *seen, dw_error *err)
{
    struct last_move next = {0};
    const char *slash = id.len != 0 ? memchr(id.ptr, '/', id.len) : NULL;
    uint32_t at = slash != NULL ? (uint32_t)(slash - id.ptr) : id.len;
    *seen = slash == NULL || !dw_number_parse((dw_str){id.ptr, at}, &next.origin) ||
            !dw_position_parse((dw_str){slash + 1, id.len - at - 1}, &next.position); /* none of ours */
    for (size_t i = 0; !*seen && i < in->last_move_count; i++) {
        struct last_move *last = &in->last_moves[i];
        if (last->origin != next.origin)
            continue;
        *seen = dw_position_cmp(next.position, last->position) <= 0;
        if (!*seen)
            last->position = next.position;
        return DW_OK;
    }
    if (*seen)
        return DW_OK;
    if (!room((void **)&in->last_moves, in->last_move_count, &in->last_move_cap, sizeof(*in->last_moves)))
        return no_memory(err);
    in->last_moves[in->last_move_count++] = next;
    return DW_OK;
}

/* A move of the log. */
static dw_errc follow_move(dw_inproc *in, const dw_event *ev, dw_inproc_out *out, dw_error *err)
{
    dw_moved moved;
    bool seen = false;
    if (in->view == NULL && (in->view = dw_arena_new(VIEW_ARENA_BYTES)) == NULL)
        return no_memory(err);
    dw_errc code = seen_move(in, ev->source_record_id, &seen, err);
    if (code != DW_OK || seen) {
        out->fate = DW_INPROC_DUPLICATE;
        return code;
    }
    dw_arena_reset(in->view);
    code = dw_moved_from_event(ev, in->view, &moved, err);
    if (code != DW_OK) {
        *out = (dw_inproc_out){DW_INPROC_DEAD, code};
        return DW_OK;
    }
    out->fate = DW_INPROC_APPLIED;
    return apply_move(in, ev->la_code, ev->child_ref, &moved, 0, out, err);
}

static dw_errc compile(const dw_policy_text *text, dw_policy **out, dw_error *err)
{
    dw_problems problems = {0};
    dw_errc code = DW_OK;
    *out = dw_policy_load(text, NULL, &problems);
    if (*out == NULL) {
        char all[DW_ERROR_TEXT_MAX] = "";
        size_t len = 0;
        for (size_t i = 0; i < problems.count && i < DW_PROBLEMS_MAX && len < sizeof(all); i++)
            if (!problems.items[i].warning)
                len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s:%u: %s", len != 0 ? "; " : "",
                                        problems.items[i].file, problems.items[i].line, problems.items[i].text);
        code = dw_fail(err, DW_E_CONFIG, "policy %u cannot be used by this build: %s", text->number, all);
    }
    dw_problems_deinit(&problems);
    return code;
}

static dw_errc apply_policy(dw_inproc *in, const uint8_t *value, size_t len, dw_inproc_out *out, dw_error *err)
{
    dw_policy_text text;
    dw_policy *policy = NULL;
    dw_errc decoded = dw_policy_text_decode(value, len, in->control, &text, NULL);
    if (decoded != DW_OK) {
        *out = (dw_inproc_out){DW_INPROC_DEAD, decoded};
        return DW_OK;
    }
    if (in->mode == DW_INPROC_FIXED || (in->policy != NULL && text.number <= dw_policy_number(in->policy)))
        return DW_OK;
    dw_errc code = compile(&text, &policy, err);
    if (code == DW_OK)
        code = dw_inproc_switch(in, policy, err);
    dw_policy_unref(&policy);
    return code;
}

static dw_errc apply_control(dw_inproc *in, const dw_event *ev, dw_inproc_out *out, dw_error *err)
{
    const uint8_t *value = NULL;
    size_t len = 0;
    uint32_t version = 0;
    out->fate = DW_INPROC_CONTROL;
    if (ev->type == DW_EV_CLOCK_TICK)
        return DW_OK; /* the clock has moved already */
    if (in->control == NULL && (in->control = dw_arena_new(CONTROL_ARENA_BYTES)) == NULL)
        return no_memory(err);
    dw_arena_reset(in->control);
    dw_errc code = dw_event_encode(ev, in->control, &value, &len, err);
    if (code != DW_OK)
        return code;
    if (ev->type == DW_EV_POLICY_SET)
        return apply_policy(in, value, len, out, err);
    if (ev->type != DW_EV_CORE_SET || dw_core_set_decode(value, len, &version, NULL) != DW_OK) {
        *out = (dw_inproc_out){DW_INPROC_DEAD, DW_E_CONTROL};
        return DW_OK;
    }
    if (version > DW_CORE_VERSION)
        return dw_fail(err, DW_E_NEWER, "record %lld asks for core version %u; this build has %u",
                       (long long)in->offset, version, DW_CORE_VERSION);
    return DW_OK; /* a log is read with this build's core from its beginning */
}

dw_errc dw_inproc_event(dw_inproc *in, const dw_event *ev, int64_t log_time_us, int64_t offset, dw_inproc_out *out,
                        dw_error *err)
{
    *out = (dw_inproc_out){DW_INPROC_CONTROL, DW_OK};
    in->offset = offset;
    if (log_time_us == DW_INPROC_NO_TIME && in->clock_us == DW_AT_NONE)
        log_time_us = ev->recorded_at_us != 0 ? ev->recorded_at_us : ev->occurred_at_us;
    dw_errc code = log_time_us != DW_INPROC_NO_TIME ? dw_inproc_advance(in, log_time_us, err) : DW_OK;
    if (code != DW_OK)
        return code;
    dw_event_class class = dw_event_type_class(ev->type);
    switch (class) {
    case DW_EVC_CHILD:
    case DW_EVC_ACK:
        code = apply_child(in, ev, class, out, err);
        break;
    case DW_EVC_CONTROL:
        code = apply_control(in, ev, out, err);
        break;
    case DW_EVC_MOVE:
        if (in->follow)
            code = follow_move(in, ev, out, err);
        break; /* else what it tells of was done with the record that led to it */
    case DW_EVC_RESERVED:
        *out = (dw_inproc_out){DW_INPROC_PARKED, DW_E_RESERVED};
        break;
    }
    if (code == DW_OK)
        in->counts.by_fate[out->fate]++;
    return code;
}

dw_errc dw_inproc_dead(dw_inproc *in, int64_t log_time_us, int64_t offset, dw_errc reason, dw_inproc_out *out,
                       dw_error *err)
{
    *out = (dw_inproc_out){DW_INPROC_DEAD, reason};
    in->offset = offset;
    in->counts.by_fate[DW_INPROC_DEAD]++;
    return log_time_us != DW_INPROC_NO_TIME ? dw_inproc_advance(in, log_time_us, err) : DW_OK;
}

dw_errc dw_inproc_line(dw_inproc *in, const char *line, size_t len, int64_t offset, dw_inproc_out *out, dw_error *err)
{
    int64_t log_time_us = DW_INPROC_NO_TIME;
    if (in->line == NULL)
        in->line = dw_arena_new(DW_LINE_ARENA_BYTES);
    if (in->ev == NULL)
        in->ev = malloc(sizeof(*in->ev));
    if (in->line == NULL || in->ev == NULL)
        return no_memory(err);
    dw_arena_reset(in->line);
    dw_errc reason = dw_line_read(line, len, in->line, in->ev, &log_time_us, err);
    if (reason == DW_OK)
        return dw_inproc_event(in, in->ev, log_time_us, offset, out, err);
    if (reason == DW_E_NOMEM)
        return reason;
    return dw_inproc_dead(in, log_time_us, offset, reason, out, err);
}

void dw_inproc_on_transition(dw_inproc *in, dw_inproc_transition_fn *fn, void *user)
{
    in->fn = fn;
    in->user = user;
}

/* --- looking */

int64_t dw_inproc_clock_us(const dw_inproc *in)
{
    return in->clock_us;
}

const dw_policy *dw_inproc_policy(const dw_inproc *in)
{
    return in->policy;
}

size_t dw_inproc_count(const dw_inproc *in)
{
    return in->count;
}

dw_inproc_child *dw_inproc_at(dw_inproc *in, size_t index)
{
    assert(index < in->count);
    sort_children(in);
    return in->children[index];
}

const dw_record *dw_inproc_record(const dw_inproc_child *child)
{
    return child->rec;
}

dw_errc dw_inproc_facts(dw_inproc *in, dw_inproc_child *child, const dw_record **out, dw_error *err)
{
    (void)in;
    dw_errc code = load_pages(child, err);
    if (code == DW_OK)
        *out = child->rec;
    return code;
}

dw_errc dw_inproc_evaluate(dw_inproc *in, dw_inproc_child *child, int64_t at_us, dw_inproc_view *out, dw_error *err)
{
    dw_inproc_view view = {0};
    dw_errc code = dw_inproc_facts(in, child, &view.rec, err);
    if (code != DW_OK)
        return code;
    if (in->view == NULL && (in->view = dw_arena_new(VIEW_ARENA_BYTES)) == NULL)
        return no_memory(err);
    dw_arena_reset(in->view);
    view.chron = dw_chronology_derive(view.rec, at_us, in->view);
    if (view.chron != NULL && in->policy != NULL)
        view.obligations = dw_evaluate(view.chron, in->policy, in->view);
    if (view.chron == NULL || (in->policy != NULL && view.obligations == NULL))
        return no_memory(err);
    *out = view;
    return DW_OK;
}

const dw_inproc_counts *dw_inproc_counted(const dw_inproc *in)
{
    return &in->counts;
}

/* inproc_child.c: the children of an in-process log: by key, by deadline, and their stored form. */

#include "daemon/cli/inproc_parts.h"

#include <assert.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define SLOTS_MIN 1024
#define LIST_FIRST 256
#define SETTLE_BYTES_MIN (48u << 10) /* memory of a decoded record at which it goes through its stored form, at least */

/* --- by key */

bool dw_inproc_slots_init(dw_inproc *in)
{
    in->slots = calloc(SLOTS_MIN, sizeof(*in->slots));
    in->slot_mask = SLOTS_MIN - 1;
    return in->slots != NULL;
}

void dw_inproc_child_free(dw_inproc_child *child)
{
    dw_record_free(&child->rec);
    for (uint32_t i = 0; i < child->page_cap; i++)
        dw_buf_deinit(&child->pages[i]);
    free(child->pages);
    free(child);
}

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
    dw_inproc_slot *slots = calloc(mask + 1, sizeof(*slots));
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < in->count; i++) {
        size_t at = in->children[i]->hash & mask;
        while (slots[at].child != NULL)
            at = (at + 1) & mask;
        slots[at] = (dw_inproc_slot){in->children[i]->hash, in->children[i]};
    }
    free(in->slots);
    in->slots = slots;
    in->slot_mask = mask;
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

dw_inproc_child *dw_inproc_child_make(dw_inproc *in, dw_str la_code, dw_str child_ref)
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
    dw_inproc_child **children = dw_list_room(in->children, in->count, &in->cap, LIST_FIRST, sizeof(*children));
    in->children = children != NULL ? children : in->children;
    if (child == NULL || children == NULL) {
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
    in->slots[at] = (dw_inproc_slot){key.hash, child};
    in->children[in->count++] = child;
    return child;
}

static int by_key(const void *left, const void *right)
{
    return dw_str_cmp((*(dw_inproc_child *const *)left)->key, (*(dw_inproc_child *const *)right)->key);
}

void dw_inproc_sort(dw_inproc *in)
{
    if (in->sorted != in->count)
        qsort(in->children, in->count, sizeof(dw_inproc_child *), by_key);
    in->sorted = in->count;
}

/* --- deadlines: a heap by (due, key) */

static bool before(const dw_inproc_due *a, const dw_inproc_due *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : dw_str_cmp(a->child->key, b->child->key) < 0;
}

static void heap_set(dw_inproc *in, size_t at, dw_inproc_due entry)
{
    in->heap[at] = entry;
    entry.child->heap_at = at + 1;
}

/* Puts `entry` into the gap at `at`, or where it belongs above or below. */
static void heap_place(dw_inproc *in, size_t at, dw_inproc_due entry)
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

bool dw_inproc_arm(dw_inproc *in, dw_inproc_child *child)
{
    dw_inproc_due entry = {child->rec->next_due_us, child};
    if (child->heap_at == 0) {
        if (entry.due_us == DW_AT_NEVER)
            return true;
        dw_inproc_due *heap = dw_list_room(in->heap, in->heap_count, &in->heap_cap, LIST_FIRST, sizeof(*heap));
        if (heap == NULL)
            return false;
        in->heap = heap;
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

/* --- the stored form */

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

dw_errc dw_inproc_settle(dw_inproc *in, dw_inproc_child *child, dw_error *err)
{
    dw_record *fresh = NULL;
    dw_encoded_reset(&in->encoded);
    dw_errc code = dw_record_encode(child->rec, in->policy, &in->encoded, err);
    if (code == DW_OK && keep_pages(in, child) != DW_OK)
        code = dw_inproc_no_memory(err);
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

dw_errc dw_inproc_settle_some(dw_inproc *in, dw_inproc_child *child, dw_error *err)
{
    const dw_record *rec = child->rec;
    bool fold = in->policy != NULL && (rec->fold_puts >= DW_FOLD_PUTS ||
                                       (rec->fold_day != DW_DAY_OPEN && dw_london_day(in->clock_us) >= rec->fold_day));
    if (!fold && dw_arena_used(rec->arena) < child->settle_bytes)
        return DW_OK;
    return dw_inproc_settle(in, child, err);
}

dw_errc dw_inproc_load_pages(dw_inproc_child *child, dw_error *err)
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

/* identity_links.c: who was merged into whom, read off the merge and split facts of a record. */

#include "handlers/identity_links.h"

#include "field_ids.h"

#include <stdio.h>

/* --- subjects */

dw_str dw_subject_join(dw_str la_code, dw_str child_ref, char out[DW_SUBJECT_TEXT_MAX])
{
    int n = snprintf(out, DW_SUBJECT_TEXT_MAX, "%.*s/%.*s", DW_STR_ARG(la_code), DW_STR_ARG(child_ref));
    return (dw_str){out, n < DW_SUBJECT_TEXT_MAX ? (uint32_t)n : DW_SUBJECT_TEXT_MAX - 1};
}

dw_str dw_record_subject(const dw_record *rec, char out[DW_SUBJECT_TEXT_MAX])
{
    return dw_subject_join(rec->la_code, rec->child_ref, out);
}

dw_str dw_subject_la(dw_str subject)
{
    const char *slash = subject.len != 0 ? memchr(subject.ptr, '/', subject.len) : NULL;
    return (dw_str){subject.ptr, slash != NULL ? (uint32_t)(slash - subject.ptr) : subject.len};
}

/* --- links */

const dw_link *dw_links_find(const dw_links *all, dw_str child)
{
    for (uint32_t i = 0; i < all->count; i++)
        if (dw_str_eq(all->items[i].child, child))
            return &all->items[i];
    return NULL;
}

dw_str dw_links_root(const dw_links *all, dw_str subject)
{
    const dw_link *up;
    while ((up = dw_links_find(all, subject)) != NULL)
        subject = up->survivor;
    return subject;
}

/* Is `subject` the child `of`, or merged into it? */
static bool is_within(const dw_links *all, dw_str subject, dw_str of)
{
    const dw_link *up;
    while (!dw_str_eq(subject, of)) {
        up = dw_links_find(all, subject);
        if (up == NULL)
            return false;
        subject = up->survivor;
    }
    return true;
}

static void drop_link(dw_links *all, dw_str child)
{
    const dw_link *gone = dw_links_find(all, child);
    if (gone != NULL) {
        uint32_t at = (uint32_t)(gone - all->items);
        memmove(&all->items[at], &all->items[at + 1], (all->count - at - 1) * sizeof *all->items);
        all->count--;
    }
}

bool dw_identity_names(const dw_fact *fact, dw_str survivor, dw_arena *arena, dw_str *child)
{
    char text[DW_SUBJECT_TEXT_MAX];
    const dw_value *ref = dw_fact_get(fact, fact->type == DW_EV_IDENTITY_MERGED ? DW_F_IDENTITY_MERGED_MERGED_CHILD_REF
                                                                                : DW_F_IDENTITY_SPLIT_SPLIT_CHILD_REF);
    *child = (dw_str){NULL, 0};
    if (ref == NULL || ref->kind != DW_VAL_STR || ref->s.len == 0)
        return true;
    *child = dw_arena_str(arena, dw_subject_join(dw_subject_la(survivor), ref->s, text));
    return child->len != 0;
}

/* Time, then when it was written up (of a day only the date may be known), then a merge before its split. */
static bool is_before(const dw_fact *a, const dw_fact *b)
{
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us;
    if (a->first_recorded_us != b->first_recorded_us)
        return a->first_recorded_us < b->first_recorded_us;
    if (a->type != b->type)
        return a->type == DW_EV_IDENTITY_MERGED;
    return a->key < b->key;
}

/* The identity facts that count, in order. NULL: out of memory. */
static const dw_fact **identity_facts(const dw_record *rec, dw_arena *arena, uint32_t *count)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < rec->fact_count; i++)
        n += dw_event_is_identity(rec->facts[i].type);
    const dw_fact **list = dw_arena_alloc(arena, (n + 1) * sizeof *list);
    *count = 0;
    for (uint32_t i = 0; list != NULL && n != 0 && i < rec->fact_count; i++) {
        const dw_fact *fact = &rec->facts[i];
        if (!dw_event_is_identity(fact->type) || (fact->flags & (DW_FACTF_VOID | DW_FACTF_SHADOWED)) != 0)
            continue;
        uint32_t at = (*count)++;
        for (; at > 0 && is_before(fact, list[at - 1]); at--)
            list[at] = list[at - 1];
        list[at] = fact;
    }
    return list;
}

bool dw_links_read(const dw_record *rec, dw_str self, dw_arena *arena, dw_links *out)
{
    uint32_t n = 0;
    const dw_fact **facts = identity_facts(rec, arena, &n);
    *out = (dw_links){facts != NULL ? dw_arena_alloc(arena, (n + 1) * sizeof *out->items) : NULL, 0};
    if (out->items == NULL)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        const dw_fact *fact = facts[i];
        dw_str survivor = dw_fact_origin(fact).len != 0 ? dw_fact_origin(fact) : self;
        dw_str child;
        if (!dw_identity_names(fact, survivor, arena, &child))
            return false;
        if (child.len == 0 || dw_str_eq(child, self))
            continue; /* whether this one is another is for that one to say */
        if (fact->type == DW_EV_IDENTITY_SPLIT) {
            drop_link(out, child);
        } else if (!is_within(out, survivor, child)) {
            drop_link(out, child);
            out->items[out->count++] = (dw_link){child, survivor};
        }
    }
    return true;
}

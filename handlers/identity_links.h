#pragma once
/* identity_links.h: who is who, as the merge and split facts of one record tell it (handlers/identity.h). Private to the core:
 * identity.c asks before and after each change, and what differs is what has to be told to others. */

#include "handlers/identity.h"

/* A subject as "la/ref" in `out`; and its first part. */
dw_str dw_subject_join(dw_str la_code, dw_str child_ref, char out[DW_SUBJECT_TEXT_MAX]);
dw_str dw_subject_la(dw_str subject);

typedef struct dw_link {
    dw_str child, survivor; /* "la/ref": the one was merged into the other */
} dw_link;
typedef struct dw_links { /* there are no circles in it */
    dw_link *items;
    uint32_t count;
} dw_links;

/* As the facts of the record tell it, in the order in which they happened; `self`: its subject. In `arena`. False: out of
 * memory. */
bool dw_links_read(const dw_record *rec, dw_str self, dw_arena *arena, dw_links *out);
const dw_link *dw_links_find(const dw_links *all, dw_str child); /* NULL: it was merged into none */
/* Whom a subject is in the end: itself, when it was merged into none. */
dw_str dw_links_root(const dw_links *all, dw_str subject);

/* The other subject that an identity fact names, "la/ref" in `arena`; empty when it names none. False: out of memory. */
bool dw_identity_names(const dw_fact *fact, dw_str survivor, dw_arena *arena, dw_str *child);

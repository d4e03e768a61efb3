#pragma once
/* identity.h: two pseudonyms that are one child, and the way back (domain 4.20).
 *
 * identity_merged {M} is told under the subject S that stays, identity_split {M} too. Both are facts of S, so repetitions,
 * corrections and withdrawals are settled as ever. Which subjects are one child follows from these facts alone, in the
 * order in which they happened: a merge that would go round in a circle is none, a split ends the merge before it.
 * Where subjects live in different shards, they hear of it by moves (subject_moved), which dw_core_* put into the emitter:
 *
 *   to M: "you are S now"          M closes its live alerts as MERGED, sends all its facts to S, and stays as a signpost
 *                                  (dw_record.moved_to): what is told under it later goes to S the same way
 *   to S: facts of M               put under S, each with the subject it was told under (dw_fact_origin). A signpost
 *                                  passes them on; one that was told under a subject which is no part of S goes back to that one
 *   to M: "you are yourself again" no signpost any more; the facts told under M, and under those merged into it, follow
 *
 * Facts travel in blocks: a page's stored form, format version first. Evidence comes before what opens duties, and nothing
 * is decided before the last block, so that no alert is raised in between for want of evidence.
 * A merge is refused when a fact of either side tells of an adoption: the lives before and after are never linked. */

#include "handlers/reconcile.h"

/* One move to be sent: the caller carries it to the record of that subject and calls dw_core_move() there. */
typedef struct dw_move {
    dw_str la_code, child_ref; /* whose record it is for */
    dw_moved body;
} dw_move;

/* The subject of a record as "la/ref", in `out`. */
#define DW_SUBJECT_TEXT_MAX (2 * DW_ID_BYTES_MAX + 2)
dw_str dw_record_subject(const dw_record *rec, char out[DW_SUBJECT_TEXT_MAX]);

/* Private to the core: each changes facts and .moved_to and emits moves; none evaluates. All pages are loaded. */

/* An identity event of this subject or one merged into it. DW_REFUSED: emit->refused says why. */
dw_applied dw_identity_event(dw_record *rec, const dw_event *ev, int64_t offset, dw_emit *emit);
/* A fact of a subject that is another one now. */
dw_applied dw_identity_pass(const dw_record *rec, const dw_event *ev, int64_t offset, dw_emit *emit);
/* A move. *decide: the record has to be evaluated. */
dw_applied dw_identity_move(dw_record *rec, const dw_policy *policy, const dw_moved *moved, int64_t clock_us,
                            int64_t offset, dw_emit *emit, bool *decide);

#pragma once
/* driftwatch.h: the core in one header. Pure: no clock, no I/O; the same calls in the same order give the same bytes.
 *
 * One turn over one child, as the engine does it (the caller does all I/O):
 *
 *     dw_record *rec;
 *     dw_record_decode(head, head_len, &rec, &err);              // or dw_record_new() for a child never seen
 *     while (rec->next_due_us <= record_time_us)                 // before an event, everything due fires,
 *         dw_core_fire(rec, policy, rec->next_due_us, &emit);    //   each at its own instant
 *     if (dw_record_needs_pages(rec, &ev)) ...attach pages...
 *     dw_core_event(rec, policy, &ev, record_time_us, offset, &emit);
 *     for (i = 0; i < emit.count; i++) ...outbox row <offset>-<n>: dw_transition_encode(&emit.items[i])...
 *     for each rec->alerts[i].touched: dw_core_alert_row()       // row of :alerts and :by_post
 *     dw_record_encode(rec, policy, &encoded, &err);             // head and pages to store
 *     rec->next_due_us                                           // deadline to arm
 *
 * Clock: the caller passes the shard clock (largest broker time applied); it never goes back for a record. */

#include "handlers/reconcile.h"
#include "proto/decode.h"

typedef struct dw_core_result {
    dw_applied applied; /* event calls */
    dw_errc error;      /* DW_OK, or DW_E_NOMEM / DW_E_TOO_BIG: the shard holds */
} dw_core_result;

/* Apply one event of class CHILD. policy NULL: facts are kept, nothing is raised or armed. A duplicate (DW_DUPLICATE) is not
 * evaluated: only the record's offset moves. A record last evaluated under another policy is switched first. Who merges or
 * splits, and what is told of a child that is another subject now, leaves moves in the emitter (handlers/identity.h). */
dw_core_result dw_core_event(dw_record *rec, const dw_policy *policy, const dw_event *ev, int64_t clock_us,
                             int64_t offset, dw_emit *emit);
/* Facts or a new name come from another subject (class MOVE, authority already checked). DW_REFUSED: emit->refused. */
dw_core_result dw_core_move(dw_record *rec, const dw_policy *policy, const dw_moved *moved, int64_t clock_us,
                            int64_t offset, dw_emit *emit);
/* Apply an acknowledgement (class ACK, authority already checked). A stale one becomes a note; one for an alert that this
 * child never had, or without a review date, is DW_DUPLICATE and changes nothing. */
dw_core_result dw_core_ack(dw_record *rec, const dw_policy *policy, const dw_event *ev, int64_t clock_us,
                           int64_t offset, dw_emit *emit);
/* Something is due at `at_us` (== rec->next_due_us, or earlier when the index was early: then nothing happens). */
dw_core_result dw_core_fire(dw_record *rec, const dw_policy *policy, int64_t at_us, dw_emit *emit);
/* The shard switched to `policy`: evaluate anew at `clock_us`. Live alerts keep their ladder. */
dw_core_result dw_core_switch(dw_record *rec, const dw_policy *policy, int64_t clock_us, dw_emit *emit);

/* The stored row of a live alert: its state as a transition (kind = the last one); its strings stand in the record or the policy.
 * False: not live, delete the row. */
bool dw_core_alert_row(const dw_record *rec, const dw_alert *alert, const dw_policy *policy, dw_transition *row);

dw_emit *dw_emit_new(void);
void dw_emit_reset(dw_emit *emit);
/* The records of a turn are about to go: gives back what was kept of them (handlers/kept.h). */
void dw_emit_forget(dw_emit *emit);
void dw_emit_free(dw_emit **emit);

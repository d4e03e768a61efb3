#pragma once
/* reconcile.h: alerts + obligations + clock -> alerts', transitions. The ladder lives here.
 *
 * - Alert id = UUIDv5(la_code, child_ref, rule, subject); at most one live per id.
 * - Opens at the first instant late; entry level by priority (P1 team manager, P2 and P3 social worker).
 * - Climbs when unanswered by the working-time timers of alerts.md 4.4; the grace delays only the first climb.
 * - An acknowledgement (generation and level must match, else NOTED) stops it until the end of review_by, capped by priority;
 *   then ACK_EXPIRED at the same level; a third expiry climbs one level.
 * - Resolves only on evidence or when the duty is gone; the outcome says which. An ack never closes.
 * - A closed alert whose same duty (same due, or of a count or stall the same day) is open again is REOPENED at the level it had reached, generation + 1;
 *   a further missed duty after closing is OPENED, generation + 1.
 * - While live: a changed due, count or post is REVISED.
 * - Before the policy's cut-over nothing opens; at it, or later with a due before it, opens are found_at_start.
 * All transitions of one call come in ascending (rule id, subject), and are numbered by the caller. */

#include "handlers/evaluate.h"
#include "handlers/record.h"
#include "proto/decode.h"

/* Collector of transitions. Strings in them point into the record or the policy and live as long as those. */
struct dw_kept;
typedef struct dw_emit {
    struct dw_kept *kept; /* chronologies of the children last looked at (handlers/kept.h) */
    dw_transition *items;
    uint32_t count, cap;
    dw_arena *arena;       /* scratch of the core, emptied at the start of every dw_core_* call: keep nothing in it */
    bool overflow;         /* more than DW_TRANSITIONS_MAX: a bug or a bomb; the caller holds */
    bool nomem;            /* an allocation failed; the caller holds */
    struct dw_move *moves; /* to be sent to other subjects, in this order (handlers/identity.h) */
    uint32_t move_count, move_cap;
    dw_arena *move_arena; /* owns what they hold; until dw_emit_reset() */
    dw_errc refused;      /* of DW_REFUSED: why */
} dw_emit;

/* A record whose policy_number is another policy's is being switched: what ends then ended because the policy changed.
 * Returns the next instant at which the ladder, an acknowledgement or a cut-over acts (DW_AT_NEVER: none). */
int64_t dw_reconcile(dw_record *rec, const dw_chronology *chron, const dw_obligations *obs, const dw_policy *policy,
                     int64_t clock_us, dw_emit *emit);

/* Apply an acknowledgement at `clock_us` (ack fields as in proto/decode.h). Emits ACKNOWLEDGED or NOTED. */
void dw_reconcile_ack(dw_record *rec, const dw_ack *ack, const dw_policy *policy, int64_t clock_us, int64_t offset,
                      dw_emit *emit);

/* The child is another subject from here on: every live alert is resolved as MERGED. */
void dw_reconcile_merged(dw_record *rec, const dw_policy *policy, int64_t clock_us, int64_t offset, dw_emit *emit);

/* One transition of this alert as it stands now (also for rows and tools); causes are the alert's. */
void dw_transition_fill(const dw_record *rec, const dw_alert *alert, const dw_policy *policy, dw_transition_kind kind,
                        int64_t raised_at_us, dw_transition *out);

/* The namespace of all ids, as UUIDv5 wants it. An alert's id is UUIDv5(namespace, la_code US child_ref US rule US subject kind
 * US subject id), US being the byte 0x1F. A transition's is UUIDv5(namespace, alert id US generation US kind US level US
 * due), due as YYYY-MM-DD or microseconds, empty when there is none; kinds that may come more than once at a level (revised, acknowledged,
 * ack_expired, noted) add US raised_at US count US review_by US post. */
#define DW_ID_NAMESPACE "d960a879-8243-4432-bb8d-44fb65acc8de"

/* Ids, also for tools: text of 36 characters and NUL. */
void dw_alert_id(dw_str la_code, dw_str child_ref, dw_str rule_id, dw_str subject_kind, dw_str subject_id,
                 char out[DW_UUID_TEXT_LEN + 1]);
/* The record's alert of that id, whatever its state; NULL: another child's, or none at all. */
dw_alert *dw_alert_by_id(const dw_record *rec, dw_str id);

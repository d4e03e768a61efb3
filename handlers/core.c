/* core.c: one turn over one child: put, derive, evaluate, reconcile. */

#include "handlers/driftwatch.h"

#include <assert.h>

#define SCRATCH_BYTES_MAX (64 << 20) /* bytes one call may use: a record with all its pages, derived and evaluated */

dw_emit *dw_emit_new(void)
{
    dw_emit *emit = calloc(1, sizeof *emit);
    if (emit == NULL)
        return NULL;
    emit->arena = dw_arena_new(SCRATCH_BYTES_MAX);
    if (emit->arena == NULL) {
        free(emit);
        return NULL;
    }
    return emit;
}

void dw_emit_reset(dw_emit *emit)
{
    emit->count = 0;
    emit->overflow = false;
    emit->nomem = false;
    dw_arena_reset(emit->arena);
}

void dw_emit_free(dw_emit **emit)
{
    if (emit == NULL || *emit == NULL)
        return;
    dw_arena_free(&(*emit)->arena);
    free((*emit)->items);
    free(*emit);
    *emit = NULL;
}

/* The record as it stands at `clock_us`: alerts follow, and the next instant is armed. */
static dw_errc decide(dw_record *rec, const dw_policy *policy, int64_t clock_us, dw_emit *emit)
{
    if (clock_us > rec->clock_us)
        rec->clock_us = clock_us;
    if (policy == NULL) {
        rec->next_due_us = DW_AT_NEVER;
        return DW_OK;
    }
    dw_arena_reset(emit->arena);
    const dw_chronology *chron = dw_chronology_derive(rec, rec->clock_us, emit->arena);
    const dw_obligations *obs = chron != NULL ? dw_evaluate(chron, policy, emit->arena) : NULL;
    if (obs == NULL)
        return DW_E_NOMEM;
    int64_t ladder_us = dw_reconcile(rec, chron, obs, policy, rec->clock_us, emit);
    if (emit->nomem)
        return DW_E_NOMEM;
    if (emit->overflow)
        return DW_E_TOO_BIG;
    rec->next_due_us = obs->next_us < ladder_us ? obs->next_us : ladder_us;
    rec->policy_number = dw_policy_number(policy);
    return DW_OK;
}

/* A record last evaluated under another policy is switched before anything else happens to it. */
static dw_errc catch_up(dw_record *rec, const dw_policy *policy, int64_t clock_us, dw_emit *emit)
{
    if (policy == NULL || rec->policy_number == 0 || rec->policy_number == dw_policy_number(policy))
        return DW_OK;
    return decide(rec, policy, clock_us, emit);
}

dw_core_result dw_core_event(dw_record *rec, const dw_policy *policy, const dw_event *ev, int64_t clock_us,
                             int64_t offset, dw_emit *emit)
{
    dw_core_result result = {DW_APPLIED, catch_up(rec, policy, clock_us, emit)};
    if (result.error != DW_OK)
        return result;
    result.applied = dw_record_put(rec, ev, offset);
    if (result.applied == DW_APPLY_NOMEM) {
        result.error = DW_E_NOMEM;
        return result;
    }
    if (offset > rec->offset)
        rec->offset = offset;
    if (result.applied == DW_APPLIED)
        result.error = decide(rec, policy, clock_us, emit);
    return result;
}

dw_core_result dw_core_ack(dw_record *rec, const dw_policy *policy, const dw_event *ev, int64_t clock_us,
                           int64_t offset, dw_emit *emit)
{
    dw_core_result result = {DW_APPLIED, catch_up(rec, policy, clock_us, emit)};
    dw_ack ack;
    if (result.error != DW_OK)
        return result;
    if (offset > rec->offset)
        rec->offset = offset;
    if (policy == NULL || dw_ack_from_event(ev, &ack, NULL) != DW_OK) {
        result.applied = DW_DUPLICATE; /* nothing can have been raised, or nothing is said */
        return result;
    }
    if (clock_us > rec->clock_us)
        rec->clock_us = clock_us;
    uint32_t before = emit->count;
    dw_reconcile_ack(rec, &ack, policy, rec->clock_us, offset, emit);
    if (emit->nomem || emit->overflow) {
        result.error = emit->nomem ? DW_E_NOMEM : DW_E_TOO_BIG;
        return result;
    }
    if (emit->count == before)
        result.applied = DW_DUPLICATE;
    else
        result.error = decide(rec, policy, clock_us, emit);
    return result;
}

dw_core_result dw_core_fire(dw_record *rec, const dw_policy *policy, int64_t at_us, dw_emit *emit)
{
    dw_core_result result = {DW_APPLIED, DW_OK};
    if (rec->next_due_us > at_us)
        return result; /* the index was early */
    result.error = decide(rec, policy, at_us, emit);
    return result;
}

dw_core_result dw_core_switch(dw_record *rec, const dw_policy *policy, int64_t clock_us, dw_emit *emit)
{
    return (dw_core_result){DW_APPLIED, decide(rec, policy, clock_us, emit)};
}

/* The kind a row shows: what last happened to the alert, as far as its state tells. */
static dw_transition_kind row_kind(const dw_alert *alert)
{
    if (alert->state == DW_AL_ACKED)
        return DW_TR_ACKNOWLEDGED;
    if (alert->expiries > 0)
        return DW_TR_ACK_EXPIRED;
    if (alert->level > alert->ladder.entry_level && alert->level_since_us != alert->opened_us)
        return DW_TR_ESCALATED;
    return DW_TR_OPENED;
}

bool dw_core_alert_row(const dw_record *rec, const dw_alert *alert, const dw_policy *policy, dw_arena *arena,
                       dw_transition *row)
{
    (void)arena; /* every string stands in the record or the policy */
    if (alert->state != DW_AL_OPEN && alert->state != DW_AL_ACKED)
        return false;
    dw_transition_fill(rec, alert, policy, row_kind(alert), alert->opened_us, row);
    return true;
}

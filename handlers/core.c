/* core.c: one turn over one child: put, derive, evaluate, reconcile. */

#include "handlers/driftwatch.h"

#include "handlers/identity.h"
#include "handlers/kept.h"

#include <assert.h>

#define SCRATCH_BYTES_MAX (64 << 20) /* bytes one call may use: a record with all its pages, derived and evaluated */

dw_emit *dw_emit_new(void)
{
    dw_emit *emit = calloc(1, sizeof *emit);
    if (emit == NULL)
        return NULL;
    emit->arena = dw_arena_new(SCRATCH_BYTES_MAX);
    emit->kept = dw_kept_new(DW_KEPT_CHILDREN);
    if (emit->arena == NULL || emit->kept == NULL)
        dw_emit_free(&emit);
    return emit;
}

void dw_emit_reset(dw_emit *emit)
{
    emit->count = 0;
    emit->overflow = false;
    emit->nomem = false;
    emit->move_count = 0;
    emit->refused = DW_OK;
    if (emit->move_arena != NULL)
        dw_arena_reset(emit->move_arena);
    dw_arena_reset(emit->arena);
}

void dw_emit_forget(dw_emit *emit)
{
    dw_kept_clear(emit->kept);
}

void dw_emit_free(dw_emit **emit)
{
    if (emit == NULL || *emit == NULL)
        return;
    dw_kept_free(&(*emit)->kept);
    dw_arena_free(&(*emit)->arena);
    dw_arena_free(&(*emit)->move_arena);
    free((*emit)->moves);
    free((*emit)->items);
    free(*emit);
    *emit = NULL;
}

/* Is the fact put just now the first thing known of the child? Of nothing no rule says anything, at no instant. */
static bool is_first(const dw_record *rec)
{
    return rec->policy_number == 0 && rec->fact_count == 1 && rec->fresh_count == 1 && rec->page_count == 0 &&
           rec->alert_count == 0;
}

/* What is owed before the cut-over waits for it. */
static bool waits_for_cut_over(const dw_record *rec, const dw_policy *policy, int64_t before_us)
{
    int64_t cut_us = dw_policy_cut_over_us(policy);
    return cut_us != DW_AT_NONE && (is_first(rec) ? rec->clock_us : before_us) < cut_us;
}

static bool is_remembered(const dw_record *rec, const dw_policy *policy)
{
    size_t rules = dw_policy_rule_count(policy);
    return is_first(rec) || (rec->next_count == rules + 1 && rec->policy_number == dw_policy_number(policy) &&
                             rec->next_by_rule[rules] > rec->clock_us);
}

/* The one fact put since the last time, if nothing was known of it before. */
static const dw_fact *only_new_fact(const dw_record *rec)
{
    for (uint32_t i = dw_record_has_one_new(rec) ? rec->fact_count : 0; i-- > 0;)
        if (rec->facts[i].key == rec->fresh_key)
            return &rec->facts[i];
    return NULL;
}

/* Those that read what was put since the last time. False: nothing was. */
static bool add_readers(const dw_record *rec, const dw_policy *policy, dw_rule_set *set)
{
    const dw_fact *fresh = only_new_fact(rec);
    if (fresh != NULL) {
        dw_policy_add_readers_of(policy, fresh, set);
        return true;
    }
    bool any = false;
    for (size_t w = 0; w < DW_EV_WORDS; w++)
        for (uint64_t left = rec->changed[w]; left != 0; left &= left - 1) {
            dw_event_type type = (dw_event_type)(w * 64 + (size_t)__builtin_ctzll(left));
            dw_rule_set_unite(set, dw_policy_readers(policy, type));
            any = true;
        }
    return any;
}

/* The rules whose answer may be another than when the record was last evaluated: those that read what was put since, and
 * those whose own instant has come. All of them when the spans themselves change by time, before the cut-over (what is
 * owed then waits for it), under another policy, and when nothing is remembered. False: none is to be asked. */
static bool pick_rules(const dw_record *rec, const dw_policy *policy, int64_t before_us, dw_asking *out)
{
    size_t rules = dw_policy_rule_count(policy);
    *out = (dw_asking){.since_us = before_us};
    out->all = !is_remembered(rec, policy) || waits_for_cut_over(rec, policy, before_us);
    if (out->all) {
        out->rules = dw_policy_all_rules(policy);
        return true;
    }
    bool any = add_readers(rec, policy, &out->rules); /* also when no rule reads it: the spans' own next instant may */
    bool due = rec->next_due_us <= rec->clock_us && !is_first(rec); /* the least of them all */
    for (size_t i = 0; i < rules && due; i++)
        if (rec->next_by_rule[i] <= rec->clock_us) {
            dw_rule_set_add_rule(&out->rules, dw_policy_rule(policy, i));
            dw_rule_set_add(&out->due, i);
            any = true;
        }
    dw_policy_add_followers(policy, &out->rules);
    return any;
}

static bool make_nexts(dw_record *rec, size_t rules)
{
    rec->next_by_rule = dw_arena_alloc(rec->arena, (rules + 1) * sizeof *rec->next_by_rule);
    rec->next_count = rec->next_by_rule != NULL ? (uint32_t)rules + 1 : 0;
    for (uint32_t i = 0; i < rec->next_count; i++)
        rec->next_by_rule[i] = DW_AT_NEVER; /* of those not asked */
    return rec->next_count != 0;
}

static const dw_chronology *chronology(dw_record *rec, bool spans, dw_emit *emit)
{
    const dw_chronology *chron = dw_kept_find(emit->kept, rec, rec->clock_us);
    if (chron != NULL)
        return chron;
    if (!spans)
        return dw_chronology_facts(rec, rec->clock_us, emit->arena);
    if (rec->fact_count < DW_KEPT_FACTS_MIN || rec->fact_count > DW_KEPT_FACTS_MAX)
        return dw_chronology_derive(rec, rec->clock_us, emit->arena);
    return dw_kept_derive(emit->kept, rec, rec->clock_us, emit->arena);
}

/* The record as it stands at `clock_us`: alerts follow, and the next instant is armed. */
static dw_errc decide(dw_record *rec, const dw_policy *policy, int64_t clock_us, dw_emit *emit)
{
    int64_t before_us = rec->clock_us;
    if (clock_us > rec->clock_us)
        rec->clock_us = clock_us;
    if (policy == NULL) {
        rec->next_due_us = DW_AT_NEVER;
        rec->next_count = 0;
        return DW_OK;
    }
    size_t rules = dw_policy_rule_count(policy);
    dw_asking asking;
    bool ask = pick_rules(rec, policy, before_us, &asking);
    dw_arena_reset(emit->arena);
    if (rec->next_count != rules + 1 && !make_nexts(rec, rules))
        return DW_E_NOMEM;
    const dw_chronology *chron = chronology(rec, ask, emit);
    const dw_obligations *obs = chron != NULL ? dw_evaluate_some(chron, policy, &asking, rec, emit->arena) : NULL;
    if (obs == NULL)
        return DW_E_NOMEM;
    if (ask)
        rec->next_by_rule[rules] = chron->next_us;
    memset(rec->changed, 0, sizeof rec->changed);
    rec->fresh_count = 0;
    int64_t ladder_us = dw_reconcile(rec, chron, obs, policy, rec->clock_us, emit);
    if (emit->nomem)
        return DW_E_NOMEM;
    if (emit->overflow)
        return DW_E_TOO_BIG;
    rec->next_due_us = ladder_us;
    for (size_t i = 0; i <= rules; i++)
        if (rec->next_by_rule[i] < rec->next_due_us)
            rec->next_due_us = rec->next_by_rule[i];
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
    if (rec->moved_to.len != 0) {
        result.applied = dw_identity_pass(rec, ev, offset, emit);
        if (result.applied == DW_APPLY_NOMEM)
            result.error = DW_E_NOMEM;
        return result;
    }
    if (dw_event_is_identity(ev->type))
        result.applied = dw_identity_event(rec, ev, offset, emit);
    else
        result.applied = dw_record_put(rec, ev, offset);
    if (result.applied == DW_REFUSED)
        return result;
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

dw_core_result dw_core_move(dw_record *rec, const dw_policy *policy, const dw_moved *moved, int64_t clock_us,
                            int64_t offset, dw_emit *emit)
{
    dw_core_result result = {DW_APPLIED, catch_up(rec, policy, clock_us, emit)};
    bool changed = false;
    if (result.error != DW_OK)
        return result;
    if (clock_us < rec->clock_us)
        clock_us = rec->clock_us;
    result.applied = dw_identity_move(rec, policy, moved, clock_us, offset, emit, &changed);
    if (result.applied == DW_APPLY_NOMEM || emit->nomem)
        result.error = DW_E_NOMEM;
    else if (emit->overflow)
        result.error = DW_E_TOO_BIG;
    if (result.error != DW_OK || result.applied == DW_REFUSED)
        return result;
    if (result.applied != DW_PASSED_ON && offset > rec->offset)
        rec->offset = offset;
    if (changed)
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
    uint32_t before = emit->count; /* the clock is for decide() to move: it asks what came between */
    dw_reconcile_ack(rec, &ack, policy, clock_us > rec->clock_us ? clock_us : rec->clock_us, offset, emit);
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
    return alert->reopened ? DW_TR_REOPENED : DW_TR_OPENED;
}

bool dw_core_alert_row(const dw_record *rec, const dw_alert *alert, const dw_policy *policy, dw_transition *row)
{
    if (!dw_alert_is_live(alert))
        return false;
    dw_transition_fill(rec, alert, policy, row_kind(alert), alert->opened_us, row);
    return true;
}

/* Records in offset order, and before each one everything that is due, one by one in the order (due, subject), at its own
 * instant. What becomes of each record is decided here and nowhere else, from the log alone. */
#include "daemon/shard/engine.h"
#include "handlers/identity.h"

/* --- fates of a record */

typedef enum fate {
    FATE_APPLIED,
    FATE_DUPLICATE,
    FATE_FORWARDED,
    FATE_PARKED,
    FATE_DEAD,
    FATE_CONTROL,
    FATE_STOP, /* the turn ends before this record */
    FATE_FAIL  /* the turn cannot be committed */
} fate;

static fate reject(dw_shard *s, const dw_applying *a, dw_errc reason, bool parked, dw_str source)
{
    if (!dw_rows_reject(s, a, reason, parked, source))
        return FATE_FAIL;
    return parked ? FATE_PARKED : FATE_DEAD;
}

static fate forward(dw_shard *s, const dw_applying *a, const dw_forward_mark *mark)
{
    int64_t hops = mark->valid ? mark->hops + 1 : 1;
    if (hops > DW_FORWARD_HOPS_MAX)
        return reject(s, a, DW_E_KEY, false, (dw_str){NULL, 0});
    return dw_rows_forward(s, a, hops) ? FATE_FORWARDED : FATE_FAIL;
}

static fate core_failed(dw_shard *s, const dw_applying *a, dw_errc code)
{
    dw_engine_hold_after(s, DW_HOLD_BUG, "applying offset %lld failed: %s", (long long)a->rec->offset,
                         dw_errc_name(code));
    return FATE_FAIL;
}

/* The core's call for a record of a child of ours. */
static dw_core_result call_core(dw_shard *s, const dw_applying *a, dw_record *rec, const dw_event *ev,
                                const dw_moved *moved)
{
    dw_emit *emit = dw_cache_scratch(s->cache)->emit;
    switch (dw_event_type_class(ev->type)) {
    case DW_EVC_ACK:
        return dw_core_ack(rec, s->policy, ev, a->clock_us, a->rec->offset, emit);
    case DW_EVC_MOVE:
        return dw_core_move(rec, s->policy, moved, a->clock_us, a->rec->offset, emit);
    case DW_EVC_CHILD:
    case DW_EVC_CONTROL:
    case DW_EVC_RESERVED:
        break;
    }
    return dw_core_event(rec, s->policy, ev, a->clock_us, a->rec->offset, emit);
}

static fate refused(dw_shard *s, const dw_applying *a, const dw_event *ev, dw_errc why)
{
    if (why != DW_E_NEWER)
        return reject(s, a, why, false, ev->source_system);
    dw_engine_hold_after(s, DW_HOLD_NEWER_CORE, "facts at offset %lld were moved here by a newer build; run that one",
                         (long long)a->rec->offset);
    return FATE_FAIL;
}

/* A fact, an acknowledgement or a move of a child of ours; `hops` of what has to go on from here. */
static fate apply_child(dw_shard *s, const dw_applying *a, const dw_event *ev, int64_t hops)
{
    dw_scratch *scratch = dw_cache_scratch(s->cache);
    dw_subject *subject = a->queued->subject;
    dw_moved moved = {0};
    dw_errc code =
        ev->type == DW_EV_SUBJECT_MOVED ? dw_moved_from_event(ev, scratch->event_arena, &moved, NULL) : DW_OK;
    if (code != DW_OK)
        return reject(s, a, code == DW_E_NOMEM ? DW_E_BOMB : code, false, ev->source_system);
    if (subject == NULL || !subject->have_head)
        return FATE_STOP; /* not loaded with this turn: the next one begins with it */
    if (++subject->events > s->caps.child_events)
        return FATE_STOP; /* it settles what it can before it gets more */
    if (subject->rec == NULL && !dw_subject_load(s, subject))
        return FATE_FAIL;
    if (!subject->want_pages && subject->rec->page_count != 0 && dw_record_needs_pages(subject->rec, ev))
        return FATE_STOP;
    dw_emit_reset(scratch->emit);
    dw_core_result result = call_core(s, a, subject->rec, ev, &moved);
    if (result.error != DW_OK || result.applied == DW_APPLY_NOMEM)
        return core_failed(s, a, result.error != DW_OK ? result.error : DW_E_NOMEM);
    subject->dirty = true;
    if (!dw_rows_emit(s, a->rec->offset) || !dw_rows_moves(s, a, hops) || !dw_turn_arm(&s->turn, subject))
        return FATE_FAIL;
    dw_subject_weigh(&s->turn, subject);
    if (subject->last == s->turn.consumed && subject->heap_at == 0 && !dw_commit_subject(s, subject))
        return FATE_FAIL; /* written while it is warm: nothing else in this turn concerns it */
    if (result.applied == DW_REFUSED)
        return refused(s, a, ev, scratch->emit->refused);
    return result.applied == DW_DUPLICATE   ? FATE_DUPLICATE
           : result.applied == DW_PASSED_ON ? FATE_FORWARDED
                                            : FATE_APPLIED;
}

/* Facts are not passed on for ever: merges that chase each other round a circle end here, and the log keeps the facts. */
static fate apply_move(dw_shard *s, const dw_applying *a, const dw_event *ev, const dw_forward_mark *mark)
{
    if (s->cfg.auth_key == NULL || !mark->valid)
        return reject(s, a, DW_E_AUTH, false, ev->source_system);
    if (mark->hops > DW_MOVE_HOPS_MAX)
        return reject(s, a, DW_E_IDENTITY, false, ev->source_system);
    return apply_child(s, a, ev, mark->hops + 1);
}

static fate apply_control(dw_shard *s, const dw_applying *a, const dw_event *ev)
{
    dw_errc code = DW_E_CONTROL;
    if (ev->type == DW_EV_CLOCK_TICK)
        return FATE_CONTROL; /* the clock has moved already */
    if (!dw_auth_check(s->cfg.auth_key, s->cfg.auth_key_len, a->rec->key, a->rec->value, a->rec->auth))
        return reject(s, a, DW_E_AUTH, false, ev->source_system);
    switch (dw_switch_prepare(s, a->rec, ev, a->clock_us, &code)) {
    case DW_SWITCH_NOT:
        return FATE_CONTROL;
    case DW_SWITCH_YES:
    case DW_SWITCH_HOLD:
        return FATE_STOP;
    case DW_SWITCH_BAD:
        break;
    }
    return reject(s, a, code, false, ev->source_system);
}

static fate apply_record(dw_shard *s, const dw_applying *a)
{
    dw_scratch *scratch = dw_cache_scratch(s->cache);
    dw_event *ev = &scratch->event;
    dw_error err;
    if (!a->rec->has_value)
        return reject(s, a, DW_E_NO_VALUE, false, (dw_str){NULL, 0});
    if (a->queued->real_len > a->queued->value_len)
        return reject(s, a, DW_E_TOO_BIG, false, (dw_str){NULL, 0});
    dw_arena_reset(scratch->event_arena);
    dw_errc code =
        dw_event_decode((const uint8_t *)a->rec->value.ptr, a->rec->value.len, scratch->event_arena, ev, &err);
    bool parked = code == DW_E_UNKNOWN_KIND || code == DW_E_RESERVED;
    if (code == DW_E_NOMEM)
        code = DW_E_BOMB; /* the arena is full: the same bytes always fill it */
    if (code != DW_OK && !parked)
        return reject(s, a, code, false, (dw_str){NULL, 0});
    dw_event_class class = parked ? DW_EVC_RESERVED : dw_event_type_class(ev->type);
    dw_str source = parked ? (dw_str){NULL, 0} : ev->source_system;
    if (!parked && dw_event_check_key(ev, a->rec->has_key ? a->rec->key : (dw_str){NULL, 0}, &err) != DW_OK)
        return reject(s, a, DW_E_KEY, false, source);
    if (class == DW_EVC_CONTROL)
        return apply_control(s, a, ev);
    dw_forward_mark mark = dw_forward_read(s, a->rec);
    if (mark.valid && dw_forward_is_repeat(s, &mark)) {
        s->turn.repeats++;
        return FATE_DUPLICATE;
    }
    fate result;
    bool ours = a->queued->subject != NULL || !a->rec->has_key || a->rec->key.len == 0 ||
                a->rec->key.len > DW_SUBJECT_BYTES_MAX ||
                dw_partition_of(a->rec->key, s->cfg.partition_count) == s->cfg.partition;
    if (!ours)
        result = forward(s, a, &mark);
    else if (class == DW_EVC_RESERVED)
        result = reject(s, a, code != DW_OK ? code : DW_E_RESERVED, true, source);
    else if (class == DW_EVC_ACK &&
             !dw_auth_check(s->cfg.auth_key, s->cfg.auth_key_len, a->rec->key, a->rec->value, a->rec->auth))
        result = reject(s, a, DW_E_AUTH, false, source);
    else if (class == DW_EVC_MOVE)
        result = apply_move(s, a, ev, &mark);
    else
        result = apply_child(s, a, ev, 1);
    if (mark.valid && result != FATE_STOP && result != FATE_FAIL &&
        !dw_turn_forward(&s->turn, mark.origin, mark.position))
        return FATE_FAIL;
    return result;
}

static void count_fate(dw_turn *turn, fate result)
{
    dw_ledger *ledger = &turn->next.ledger;
    switch (result) {
    case FATE_APPLIED:
        ledger->applied++;
        break;
    case FATE_DUPLICATE:
        ledger->duplicate++;
        break;
    case FATE_FORWARDED:
        ledger->forwarded++;
        break;
    case FATE_PARKED:
        ledger->parked++;
        break;
    case FATE_DEAD:
        ledger->dead++;
        break;
    case FATE_CONTROL:
        ledger->control++;
        break;
    case FATE_STOP:
    case FATE_FAIL:
        break;
    }
}

/* --- deadlines */

typedef enum fired { FIRED_ALL, FIRED_SOME, FIRED_FAIL } fired;

static bool turn_full(const dw_shard *s)
{
    const dw_turn *turn = &s->turn;
    return turn->row_count >= s->caps.rows || turn->row_bytes >= s->caps.row_bytes ||
           turn->decoded_bytes > DW_TURN_DECODED_BYTES_MAX || dw_outbox_full(s, turn->row_count, turn->row_bytes);
}

/* Everything due by `clock_us`, for rows of record `offset`. SOME: the turn ends before that record. */
static fired fire_due(dw_shard *s, int64_t clock_us, int64_t offset)
{
    dw_turn *turn = &s->turn;
    dw_scratch *scratch = dw_cache_scratch(s->cache);
    dw_subject *subject;
    while ((subject = dw_turn_first(turn)) != NULL && subject->rec->next_due_us <= clock_us) {
        int64_t due_us = subject->rec->next_due_us;
        if (turn->limited && dw_due_cmp(due_us, subject->key, turn->limit_us, turn->limit_subject) > 0)
            return FIRED_SOME;
        if (turn->fired >= s->caps.fires || (turn_full(s) && (turn->consumed != 0 || turn->fired != 0)))
            return FIRED_SOME;
        if (due_us > turn->next.clock_us)
            turn->next.clock_us = due_us;
        dw_emit_reset(scratch->emit);
        dw_core_result result = dw_core_fire(subject->rec, s->policy, due_us, scratch->emit);
        if (result.error != DW_OK || result.applied == DW_APPLY_NOMEM || subject->rec->next_due_us <= due_us) {
            dw_engine_hold_after(s, DW_HOLD_BUG, "a deadline before offset %lld could not be fired", (long long)offset);
            return FIRED_FAIL;
        }
        subject->dirty = true;
        turn->fired++;
        turn->fired_late_us = due_us;
        if (!dw_rows_emit(s, offset) || !dw_turn_arm(turn, subject))
            return FIRED_FAIL;
    }
    return turn->limited && clock_us >= turn->limit_us ? FIRED_SOME : FIRED_ALL;
}

/* --- the turn */

static bool arm_due(dw_turn *turn)
{
    for (size_t i = 0; i < turn->count; i++)
        if (turn->list[i]->listed && turn->list[i]->rec != NULL && !dw_turn_arm(turn, turn->list[i]))
            return false;
    return true;
}

/* False: the turn is over (stopped, full or failed). */
static bool apply_next(dw_shard *s, bool *failed)
{
    dw_turn *turn = &s->turn;
    dw_log_record rec;
    const char *why;
    dw_inbox_get(&s->inbox, turn->consumed, &rec);
    int64_t clock_us = rec.stamp_us > turn->next.clock_us ? rec.stamp_us : turn->next.clock_us;
    fired due = fire_due(s, clock_us, rec.offset);
    *failed = due == FIRED_FAIL;
    if (due != FIRED_ALL || (turn_full(s) && (turn->consumed != 0 || turn->fired != 0)))
        return false;
    dw_applying a = {&rec, dw_inbox_item(&s->inbox, turn->consumed), clock_us};
    int64_t before_us = turn->next.clock_us;
    turn->next.clock_us = clock_us;
    fate result = apply_record(s, &a);
    if (turn->kind == DW_TURN_NONE)
        return false; /* dropped and held */
    if (result == FATE_STOP || result == FATE_FAIL) {
        turn->next.clock_us = before_us;
        *failed = result == FATE_FAIL;
        return false;
    }
    turn->next.ledger.gaps += (uint64_t)(rec.offset - turn->next.offset);
    count_fate(turn, result);
    turn->next.offset = rec.offset + 1;
    turn->consumed++;
    if (rec.offset < s->meta.pass_until)
        return true;
    dw_breaker_count(s, rec.stamp_us, result == FATE_DEAD);
    if (result == FATE_DEAD && dw_breaker_tripped(s, &why)) {
        dw_engine_hold_after(
            s, DW_HOLD_DEAD_LETTERS,
            "more dead letters than allowed (%s); see `driftwatch deadletter ls`, then raise "
            "shard.deadletter_hold_%s and reload, or let what is in the log now pass: `driftwatch shard "
            "release %d --reason ...`",
            why, why[0] == 's' ? "percent" : "per_minute", s->cfg.partition);
        return false;
    }
    return true;
}

static void set_anchor(dw_shard *s)
{
    dw_turn *turn = &s->turn;
    dw_log_record rec;
    if (turn->consumed == 0)
        return;
    const dw_queued *queued = dw_inbox_item(&s->inbox, turn->consumed - 1);
    dw_inbox_get(&s->inbox, turn->consumed - 1, &rec);
    turn->next.anchor_offset = rec.offset;
    dw_queued_digest(queued, &rec, turn->next.anchor_digest);
}

void dw_apply(dw_shard *s)
{
    dw_turn *turn = &s->turn;
    dw_commit_begin(s);
    if (turn->kind == DW_TURN_SWITCH) {
        dw_switch_apply(s);
        return;
    }
    bool failed = !arm_due(turn);
    while (!failed && turn->consumed < turn->planned && apply_next(s, &failed))
        ;
    if (turn->kind == DW_TURN_NONE)
        return;
    if (failed || turn->failed) {
        dw_plan_drop(s);
        if (s->next_hold == DW_HOLD_NONE)
            dw_engine_hold_after(s, DW_HOLD_BUG, "out of memory in a turn");
        return; /* dw_engine_advance takes the hold */
    }
    set_anchor(s);
    dw_commit_build(s);
}

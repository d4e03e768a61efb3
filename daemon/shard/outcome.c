/* What became of a commit: applied, to be sent again as it is, refused, or made void by another owner. */
#include "daemon/shard/engine.h"

static void count_ledger(dw_shard *s)
{
    const dw_ledger *now = &s->turn.next.ledger, *old = &s->meta.ledger;
    s->stats.applied += now->applied - old->applied;
    s->stats.duplicates += now->duplicate - old->duplicate;
    s->stats.forwarded += now->forwarded - old->forwarded;
    s->stats.parked += now->parked - old->parked;
    s->stats.dead_lettered += now->dead - old->dead;
    s->stats.control += now->control - old->control;
    s->stats.gaps += now->gaps - old->gaps;
    s->stats.forward_repeats += s->turn.repeats;
    s->stats.deadlines_fired += s->turn.fired;
    s->stats.page_reads += s->turn.page_reads;
    s->stats.cache_hits += s->turn.hits;
    s->stats.cache_misses += s->turn.misses;
    for (size_t i = 0; i < DW_ERRC_COUNT; i++)
        s->stats.rejected_by[i] += s->turn.rejected_by[i];
    if (s->turn.fired != 0 && s->present.known)
        s->stats.deadline_late_us = dw_present_at(s) - s->turn.fired_late_us;
}

static void count_made(dw_shard *s)
{
    for (size_t i = 0; i < s->turn.made_count; i++) {
        const dw_made *made = &s->turn.made[i];
        dw_rule_count *count = NULL;
        HASH_FIND_STR(s->rule_counts, made->rule_id, count);
        if (count == NULL) {
            if (HASH_COUNT(s->rule_counts) >= 2 * DW_RULES_MAX || (count = calloc(1, sizeof(*count))) == NULL)
                continue;
            memcpy(count->rule_id, made->rule_id, sizeof(count->rule_id));
            HASH_ADD_STR(s->rule_counts, rule_id, count);
        }
        count->by_kind[made->kind]++;
    }
}

static void keep_dead(dw_shard *s)
{
    size_t kept = s->dead_kept_count, more = s->turn.dead_count;
    size_t skip = more > DW_DEADLETTER_KEPT_MAX ? more - DW_DEADLETTER_KEPT_MAX : 0;
    size_t gone = kept + (more - skip) > DW_DEADLETTER_KEPT_MAX ? kept + (more - skip) - DW_DEADLETTER_KEPT_MAX : 0;
    if (more == 0)
        return;
    if (s->dead_kept == NULL && (s->dead_kept = calloc(DW_DEADLETTER_KEPT_MAX, sizeof(*s->dead_kept))) == NULL)
        return; /* older ones stay in the hash until the next claim */
    memmove(s->dead_kept, s->dead_kept + gone, (kept - gone) * sizeof(*s->dead_kept));
    kept -= gone;
    for (size_t i = skip; i < more; i++)
        s->dead_kept[kept++] = s->turn.dead[i].offset;
    s->dead_kept_count = kept;
}

static void keep_heads(dw_shard *s)
{
    enum { AHEAD = 4 }; /* children: some hundred nanoseconds */
    const dw_turn *turn = &s->turn;
    for (size_t i = 0; i < turn->count; i++) {
        if (i + AHEAD < turn->count)
            dw_cache_expect(s->cache, s->cfg.partition, turn->list[i + AHEAD]->key);
        if (turn->list[i]->dirty)
            dw_cache_put(s->cache, s->cfg.partition, turn->list[i]->key, turn->list[i]->head);
    }
}

void dw_commit_applied(dw_shard *s)
{
    dw_turn *turn = &s->turn;
    count_ledger(s);
    count_made(s);
    keep_dead(s);
    for (size_t i = 0; i < turn->forward_count; i++)
        s->forwards[turn->forwards[i].origin] = turn->forwards[i].position;
    keep_heads(s);
    s->meta = turn->next;
    s->next_due_us = turn->next_due_us;
    if (s->meta.seq > s->seen_seq)
        s->seen_seq = s->meta.seq;
    dw_outbox_committed(s, turn);
    if (turn->consumed != 0) {
        dw_inbox_take(&s->inbox, turn->consumed);
        s->first_boot_us = s->now.boot_us; /* what is left waits as if it had come now */
        if (dw_inbox_count(&s->inbox) == 0)
            dw_plan_filled(s);
    }
    if (turn->kind == DW_TURN_SWITCH)
        dw_switch_committed(s);
    s->stats.commits++;
    s->stats.last_commit_us = s->now.boot_us - s->commit_began_us;
    s->stats.next_offset = s->meta.offset;
    s->stats.clock_us = s->meta.clock_us;
    s->stats.seq = s->meta.seq;
    s->stats.policy_number = s->meta.policy_number;
    s->stats.holidays_until = s->policy != NULL ? dw_calendar_last_holiday(dw_policy_calendar(s->policy)) : DW_DAY_NONE;
    s->stats.progress++;
    dw_plan_drop(s);
}

bool dw_seal_is_refusal(dw_str error, dw_hold *hold)
{
    if (error.len >= 11 && memcmp(error.ptr, "SEAL outbox", 11) == 0)
        return *hold = DW_HOLD_TORN_COMMIT, true;
    if (error.len >= 9 && memcmp(error.ptr, "SEAL type", 9) == 0)
        return *hold = DW_HOLD_BAD_STATE, true;
    return false;
}

static void try_later(dw_shard *s, dw_str why)
{
    if (s->commit_tries == 1 || s->commit_tries % 100 == 0)
        dw_engine_log(s, 1, "commit_refused", "Redis refused a commit, trying again: %.*s", DW_STR_ARG(why));
    s->recheck = true;
    s->retry_at_boot_us = s->now.boot_us + dw_engine_jitter(s, 100000);
}

static void judge(dw_shard *s, dw_guard guard)
{
    switch (guard) {
    case DW_GUARD_SAME:
        if (s->commit_ready)
            dw_commit_send(s);
        return;
    case DW_GUARD_NEXT:
        if (s->commit_ready && s->commit_sent)
            dw_commit_applied(s);
        else
            dw_claim_lost(s, "meta has moved on without us");
        return;
    case DW_GUARD_BEHIND:
        s->stats.store_rollbacks++;
        dw_claim_lost(s, "Redis went back to an older state");
        return;
    case DW_GUARD_FOREIGN:
        s->stats.fenced++;
        dw_claim_lost(s, "another owner has the shard");
        return;
    case DW_GUARD_ERROR:
        try_later(s, DW_STR_LIT("meta could not be read"));
        return;
    }
}

void dw_commit_reply(dw_shard *s, const dw_reply *replies, size_t count)
{
    if (count != s->commit.call_count || count < 4) {
        try_later(s, DW_STR_LIT("fewer replies than commands"));
        return;
    }
    const dw_reply *exec = &replies[count - 3], *guard = &replies[count - 1];
    if (exec->type == DW_REPLY_ARRAY && exec->count != 0) {
        const dw_reply *seal = &exec->items[exec->count - 1];
        dw_hold hold;
        if (seal->type != DW_REPLY_ERROR) {
            dw_commit_applied(s);
            dw_guard now = dw_meta_guard(&s->meta, guard);
            if (now != DW_GUARD_SAME)
                judge(s, now == DW_GUARD_NEXT ? DW_GUARD_FOREIGN : now);
        } else if (dw_seal_is_refusal(seal->str, &hold)) {
            dw_str first = seal->str;
            (void)dw_engine_first_error(exec->items, exec->count, &first);
            dw_plan_drop(s);
            dw_engine_hold(s, hold, "a commit was refused by its seal (%.*s; first error %.*s)", DW_STR_ARG(seal->str),
                           DW_STR_ARG(first));
        } else {
            try_later(s, seal->str);
        }
    } else if (exec->type == DW_REPLY_NIL) {
        dw_guard now = dw_meta_guard(&s->meta, guard);
        if (now == DW_GUARD_SAME && s->commit_tries > 10)
            try_later(s, DW_STR_LIT("meta is being changed"));
        else
            judge(s, now);
    } else {
        try_later(s, exec->type == DW_REPLY_ERROR ? exec->str : DW_STR_LIT("unexpected reply"));
    }
}

/* --- meta once more */

void dw_recheck_send(dw_shard *s)
{
    dw_arena_reset(s->read_arena);
    dw_batch_reset(&s->read);
    dw_batch_call(&s->read, "SCRIPT");
    dw_batch_text(&s->read, "LOAD");
    dw_batch_text(&s->read, dw_seal_script);
    dw_commit_guard_calls(s, &s->read);
    dw_engine_send(s, DW_STEP_RECHECK, &s->read);
}

void dw_recheck_reply(dw_shard *s, const dw_reply *replies, size_t count)
{
    dw_str error = DW_STR_LIT("fewer replies than commands");
    if (count != 3 || dw_engine_first_error(replies, count, &error)) {
        try_later(s, error);
        return;
    }
    s->recheck = false;
    s->poll_at_boot_us = 0;
    judge(s, dw_meta_guard(&s->meta, &replies[2]));
}

/* What a shard does next, whatever just happened to it: claim, look again, commit again, a turn, the outbox, ticks. */
#include "daemon/shard/engine.h"

#define WITNESS_COMMIT_US 1000000 /* between commits of the group's offset */

/* A held shard: has what held it gone? True: something was sent or changed. */
static void advance_held(dw_shard *s)
{
    const char *why;
    dw_log_record rec;
    if (!s->claimed) {
        if (s->now.boot_us >= s->poll_at_boot_us) /* refused before the claim: everything is looked at again */
            dw_claim_start(s, 0);
        return;
    }
    bool free = false;
    switch (s->stats.hold) {
    case DW_HOLD_FUTURE_RECORD:
        free = dw_inbox_count(&s->inbox) == 0;
        if (!free) {
            dw_inbox_get(&s->inbox, 0, &rec);
            free = rec.stamp_us <= s->now.wall_us + s->cfg.future_tolerance_us;
        }
        break;
    case DW_HOLD_OUTBOX_FULL:
        free = !dw_outbox_full(s, (size_t)s->cfg.outbox_rows_max / 10, (size_t)s->cfg.outbox_bytes_max / 10);
        break;
    case DW_HOLD_DEAD_LETTERS:
        free = !dw_breaker_tripped(s, &why); /* the settings were raised */
        break;
    case DW_HOLD_NONE:
    case DW_HOLD_TORN_COMMIT:
    case DW_HOLD_PARTITIONS:
    case DW_HOLD_LOG_BEHIND:
    case DW_HOLD_ANCHOR:
    case DW_HOLD_CLUSTER:
    case DW_HOLD_EMPTY_STORE:
    case DW_HOLD_NEWER_CORE:
    case DW_HOLD_BAD_STATE:
    case DW_HOLD_POLICY:
    case DW_HOLD_BUG:
    case DW_HOLDS:
        break;
    }
    if (free) {
        dw_engine_resume(s);
        return;
    }
    if (s->meta.released[0] != '\0') {
        if (dw_meta_released(&s->meta, "rebuild") || dw_meta_released(&s->meta, dw_hold_name(DW_HOLD_ANCHOR))) {
            dw_claim_start(s, 0);
            return;
        }
        bool known = dw_meta_released(&s->meta, dw_hold_name(s->stats.hold));
        if (known && s->stats.hold == DW_HOLD_DEAD_LETTERS) {
            s->release_seen = true; /* the claim learns the log's present end, which is how far the release goes */
            dw_claim_start(s, 0);
            return;
        }
        if (known) {
            dw_engine_resume(s);
            return;
        }
    }
    if (dw_outbox_wants_read(s)) {
        dw_outbox_read(s);
    } else if (s->now.boot_us >= s->poll_at_boot_us) {
        s->poll_at_boot_us = s->now.boot_us + DW_HELD_POLL_US;
        dw_recheck_send(s);
    }
}

/* --- what next */

void dw_engine_finish_release(dw_shard *s)
{
    bool clean = s->claimed && s->link_up;
    if (clean)
        dw_engine_command(s, DW_CMD_COMMIT_WITNESS)->cmd.offset = s->meta.offset;
    dw_engine_forget(s);
    dw_engine_state(s, DW_SHARD_RELEASED);
    (void)dw_engine_command(s, DW_CMD_RELEASED);
}

static void take_next_hold(dw_shard *s)
{
    dw_hold hold = s->next_hold;
    s->next_hold = DW_HOLD_NONE;
    char text[sizeof(s->next_hold_text)];
    memcpy(text, s->next_hold_text, sizeof(text));
    dw_engine_hold(s, hold, "%s", text);
}

static void advance_run(dw_shard *s)
{
    if (s->next_hold != DW_HOLD_NONE) {
        take_next_hold(s);
    } else if (dw_outbox_wants_read(s) && !s->outbox_read_last) {
        s->outbox_read_last = true; /* turns and reads of the outbox take turns */
        dw_outbox_read(s);
        return;
    } else if (s->sw.active || dw_plan_ready(s)) {
        if (dw_outbox_full(s, 0, 0))
            dw_engine_hold(s, DW_HOLD_OUTBOX_FULL, "%llu rows wait to be published; is Kafka taking them?",
                           (unsigned long long)s->outbox.rows);
        else if (s->sw.active)
            dw_switch_advance(s);
        else
            dw_plan_records(s);
    } else if (s->outbox.trim && s->now.boot_us >= s->outbox.trim_at_boot_us) {
        dw_plan_trim(s);
    }
    s->outbox_read_last = false;
}

static bool redis_idle(const dw_shard *s)
{
    return s->link_up && s->step == DW_STEP_NONE && s->now.boot_us >= s->retry_at_boot_us;
}

static void commit_witness(dw_shard *s)
{
    if (!s->claimed || s->meta.offset <= s->witnessed_offset || s->now.boot_us < s->witness_at_boot_us)
        return;
    s->witness_at_boot_us = s->now.boot_us + WITNESS_COMMIT_US;
    s->witnessed_offset = s->meta.offset;
    dw_engine_command(s, DW_CMD_COMMIT_WITNESS)->cmd.offset = s->meta.offset;
}

static void advance_once(dw_shard *s)
{
    switch (s->stats.state) {
    case DW_SHARD_IDLE:
    case DW_SHARD_RELEASED:
        return;
    case DW_SHARD_WITNESS:
        dw_claim_advance(s);
        return;
    case DW_SHARD_RELEASE:
        if (!s->commit_ready || s->now.boot_us >= s->deadline_at_boot_us || (redis_idle(s) && !s->claimed))
            dw_engine_finish_release(s);
        else if (redis_idle(s))
            dw_recheck_send(s);
        return;
    case DW_SHARD_CLAIM:
    case DW_SHARD_LOAD:
    case DW_SHARD_RUN:
    case DW_SHARD_HELD:
        break;
    }
    if (!redis_idle(s))
        return;
    if (s->stats.state == DW_SHARD_CLAIM)
        dw_claim_advance(s);
    else if (s->recheck)
        dw_recheck_send(s);
    else if (s->stats.state == DW_SHARD_RUN)
        advance_run(s);
    else if (s->stats.state == DW_SHARD_HELD)
        advance_held(s);
}

void dw_engine_advance(dw_shard *s)
{
    /* A step may end at once (everything cached, nothing to write): then the next begins. Each pass changes something, or
     * nothing has changed and it ends. */
    for (int pass = 0; pass < 8; pass++) {
        dw_shard_state state = s->stats.state;
        size_t waiting = dw_inbox_count(&s->inbox);
        bool sw = s->sw.active, hold = s->next_hold != DW_HOLD_NONE;
        advance_once(s);
        if (s->step != DW_STEP_NONE || (state == s->stats.state && waiting == dw_inbox_count(&s->inbox) &&
                                        sw == s->sw.active && hold == (s->next_hold != DW_HOLD_NONE)))
            break;
    }
    if (s->stats.state == DW_SHARD_RUN)
        dw_clock_advance(s);
    if (s->stats.state == DW_SHARD_RUN || s->stats.state == DW_SHARD_HELD)
        commit_witness(s);
    s->stats.next_deadline_us = s->next_due_us;
}

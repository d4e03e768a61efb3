/* The calls of shard.h, the states of a shard, and what it does next. */
#include "daemon/shard/shard.h"

#include <assert.h>
#include <stdarg.h>

#include "daemon/shard/engine.h"

#define RELEASE_US 4000000 /* a commit in flight may take so long when the partition is handed back */
#define READ_ARENA_BYTES_MAX (64 << 20)
#define CONFIG_ARENA_BYTES_MAX 65536 /* names and the key; policy texts are not copied */
#define ROOM_MIN 65536               /* bytes an empty shard may always take, however full the process is */

static const char *const hold_names[DW_HOLDS] = {
#define X(e, n) [e] = n,
    DW_HOLD_LIST(X)
#undef X
};

const char *dw_hold_name(dw_hold hold)
{
    return (unsigned)hold < DW_HOLDS ? hold_names[hold] : "?";
}

const char *dw_shard_state_name(dw_shard_state state)
{
    switch (state) {
    case DW_SHARD_IDLE:
        return "idle";
    case DW_SHARD_WITNESS:
        return "witness";
    case DW_SHARD_CLAIM:
        return "claim";
    case DW_SHARD_LOAD:
        return "load";
    case DW_SHARD_RUN:
        return "run";
    case DW_SHARD_HELD:
        return "held";
    case DW_SHARD_RELEASE:
        return "release";
    case DW_SHARD_RELEASED:
        return "released";
    }
    return "?";
}

/* --- commands */

dw_queued_command *dw_engine_command(dw_shard *s, dw_cmd_kind kind)
{
    assert(s->queue_count < DW_QUEUE_MAX); /* drained after every call; one of each kind at most, log lines give way */
    dw_queued_command *queued = &s->queue[(s->queue_at + s->queue_count++) % DW_QUEUE_MAX];
    queued->cmd = (dw_command){.kind = kind};
    queued->text[0] = '\0';
    return queued;
}

void dw_engine_log(dw_shard *s, int level, const char *event, const char *fmt, ...)
{
    va_list args;
    if (s->queue_count >= DW_QUEUE_MAX / 2)
        return;
    dw_queued_command *queued = dw_engine_command(s, DW_CMD_LOG);
    int n = snprintf(queued->text, sizeof(queued->text), "%.100s: ", s->name);
    va_start(args, fmt);
    (void)vsnprintf(queued->text + n, sizeof(queued->text) - (size_t)n, fmt, args);
    va_end(args);
    queued->cmd.level = level;
    queued->cmd.event = event;
    queued->cmd.text = queued->text;
}

void dw_engine_send(dw_shard *s, dw_step step, dw_batch *batch)
{
    assert(s->step == DW_STEP_NONE);
    if (!dw_batch_finish(batch)) {
        dw_plan_drop(s);
        dw_engine_hold(s, DW_HOLD_BUG, "out of memory for commands");
        return;
    }
    dw_queued_command *queued = dw_engine_command(s, DW_CMD_REDIS);
    queued->cmd.ticket = s->step_ticket = ++s->last_ticket;
    queued->cmd.calls = batch->calls;
    queued->cmd.call_count = batch->call_count;
    s->step = step;
}

bool dw_engine_first_error(const dw_reply *replies, size_t count, dw_str *text)
{
    for (size_t i = 0; i < count; i++)
        if (replies[i].type == DW_REPLY_ERROR) {
            if (text != NULL)
                *text = (dw_str){replies[i].str.ptr, replies[i].str.len > 150 ? 150 : replies[i].str.len};
            return true;
        }
    return false;
}

/* Different for two owners at one time, and for one owner from time to time. */
int64_t dw_engine_jitter(dw_shard *s, int64_t base_us)
{
    uint64_t h =
        0xcbf29ce484222325u ^ (uint64_t)s->now.boot_us ^ (uint64_t)s->cfg.partition << 40 ^ s->last_ticket << 20;
    for (const char *p = s->cfg.owner; *p != '\0'; p++)
        h = (h ^ (uint8_t)*p) * 0x100000001b3u;
    h ^= h >> 31;
    h *= 0x9e3779b97f4a7c15u;
    return base_us + (int64_t)(h >> 11) % (base_us + 1);
}

/* --- states and holds */

void dw_engine_state(dw_shard *s, dw_shard_state state)
{
    s->stats.state = state;
}

/* Texts of a queued command stand beside it. */
static void repoint(dw_queued_command *to, const dw_queued_command *from)
{
    if (to->cmd.text == from->text)
        to->cmd.text = to->text;
    for (size_t i = 0; i < to->cmd.header_count; i++)
        if (to->cmd.headers[i].value.ptr == from->text)
            to->cmd.headers[i].value.ptr = to->text;
}

/* A Redis command that the shell has not fetched yet is taken back: its bytes go. */
static void unsend(dw_shard *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->queue_count; i++) {
        dw_queued_command *from = &s->queue[(s->queue_at + i) % DW_QUEUE_MAX];
        dw_queued_command *to = &s->queue[(s->queue_at + kept) % DW_QUEUE_MAX];
        if (from->cmd.kind == DW_CMD_REDIS) {
            s->step = DW_STEP_NONE;
            continue;
        }
        if (to != from) {
            *to = *from;
            repoint(to, from);
        }
        kept++;
    }
    s->queue_count = kept;
}

/* Everything that rests on the claim. */
void dw_engine_forget(dw_shard *s)
{
    unsend(s);
    dw_plan_drop(s);
    dw_switch_drop(s);
    dw_inbox_clear(&s->inbox);
    dw_plan_filled(s);
    dw_outbox_clear(s);
    dw_policy_unref(&s->policy);
    dw_cache_drop_shard(s->cache, s->cfg.partition);
    dw_breaker_reset(s);
    s->claimed = s->recheck = s->at_end = s->probed = s->check_anchor = false;
    s->next_hold = DW_HOLD_NONE;
    s->next_due_us = DW_AT_NEVER;
    s->poll_at_boot_us = s->retry_at_boot_us = 0;
}

static void hold_now(dw_shard *s, dw_hold hold, const char *text)
{
    bool news = s->stats.hold != hold;
    if (s->stats.state == DW_SHARD_RELEASE || s->stats.state == DW_SHARD_RELEASED)
        return;
    s->stats.hold = hold;
    (void)snprintf(s->stats.hold_text, sizeof(s->stats.hold_text), "%s", text);
    dw_engine_state(s, DW_SHARD_HELD);
    dw_plan_filled(s);
    s->poll_at_boot_us = s->now.boot_us + DW_HELD_POLL_US;
    if (news)
        dw_engine_log(s, hold == DW_HOLD_OUTBOX_FULL || hold == DW_HOLD_FUTURE_RECORD ? 1 : 0, "held", "%s: %s",
                      dw_hold_name(hold), text);
}

void dw_engine_hold(dw_shard *s, dw_hold hold, const char *fmt, ...)
{
    char text[256];
    va_list args;
    va_start(args, fmt);
    if (vsnprintf(text, sizeof(text), fmt, args) < 0)
        text[0] = '\0';
    va_end(args);
    hold_now(s, hold, text);
}

void dw_engine_hold_after(dw_shard *s, dw_hold hold, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    if (vsnprintf(s->next_hold_text, sizeof(s->next_hold_text), fmt, args) < 0)
        s->next_hold_text[0] = '\0';
    va_end(args);
    s->next_hold = hold;
}

void dw_engine_resume(dw_shard *s)
{
    if (s->stats.state != DW_SHARD_HELD)
        return;
    dw_engine_log(s, 2, "hold_over", "%s", dw_hold_name(s->stats.hold));
    s->stats.hold = DW_HOLD_NONE;
    s->stats.hold_text[0] = '\0';
    dw_engine_state(s, DW_SHARD_RUN);
}

/* --- life */

static const char *keep_text(dw_shard *s, const char *text)
{
    return dw_arena_str(s->cfg_arena, dw_str_from(text != NULL ? text : "")).ptr;
}

static bool copy_config(dw_shard *s, const dw_shard_config *config)
{
    s->cfg = *config;
    s->cfg.prefix = keep_text(s, config->prefix);
    s->cfg.topic = keep_text(s, config->topic);
    s->cfg.cluster_id = keep_text(s, config->cluster_id);
    s->cfg.owner = keep_text(s, config->owner);
    s->cfg.run_id = NULL;
    (void)snprintf(s->run_id, sizeof(s->run_id), "%s", config->run_id != NULL ? config->run_id : "");
    if (config->auth_key != NULL)
        s->cfg.auth_key = (const uint8_t *)dw_arena_str(
                              s->cfg_arena, (dw_str){(const char *)config->auth_key, (uint32_t)config->auth_key_len})
                              .ptr;
    if (config->own_policy != NULL) {
        s->have_own_policy = true;
        s->own_policy = *config->own_policy;
        dw_policy_text_digest(&s->own_policy, s->own_digest);
        s->own_policy.digest = dw_str_from(s->own_digest);
    }
    return s->cfg.prefix != NULL && s->cfg.topic != NULL && s->cfg.cluster_id != NULL && s->cfg.owner != NULL;
}

dw_shard *dw_shard_new(const dw_shard_config *config)
{
    dw_shard *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return NULL;
    s->cache = config->cache != NULL ? config->cache : dw_cache_new(0);
    s->own_cache = config->cache == NULL;
    dw_pool *pool = s->cache != NULL ? dw_cache_pool(s->cache) : NULL;
    s->cfg_arena = dw_arena_new_small(CONFIG_ARENA_BYTES_MAX, 512);
    s->read_arena = dw_arena_new_pooled(READ_ARENA_BYTES_MAX, pool);
    s->queue = calloc(DW_QUEUE_MAX, sizeof(*s->queue));
    s->forwards = calloc((size_t)config->partition_count, sizeof(*s->forwards));
    if (s->cfg_arena == NULL || s->read_arena == NULL || s->cache == NULL || s->queue == NULL || s->forwards == NULL ||
        !copy_config(s, config) || !dw_turn_init(&s->turn, pool)) {
        dw_shard_free(&s);
        return NULL;
    }
    dw_batch_init(&s->read, s->read_arena);
    dw_batch_init(&s->commit, s->turn.arena);
    dw_inbox_init(&s->inbox, dw_cache_waiting(s->cache));
    dw_meta_init(&s->meta);
    for (size_t i = 0; i < DW_KEYS; i++)
        s->key[i] = (dw_str){s->key_text[i], (uint32_t)dw_key(s->key_text[i], s->cfg.prefix, s->cfg.topic,
                                                              s->cfg.partition, dw_key_name((dw_key_id)i))};
    (void)snprintf(s->name, sizeof(s->name), "%s/%d", s->cfg.topic, s->cfg.partition);
    s->caps = (dw_turn_caps){.subjects = DW_TURN_SUBJECTS_MAX,
                             .child_events = DW_TURN_CHILD_EVENTS_MAX,
                             .due = DW_TURN_DUE_MAX,
                             .fires = DW_TURN_FIRES_MAX,
                             .rows = DW_TURN_ROWS_MAX,
                             .row_bytes = DW_TURN_ROW_BYTES_MAX,
                             .switched = DW_SWITCH_SUBJECTS,
                             .outbox_rows = DW_OUTBOX_READ_ROWS,
                             .outbox_memory = DW_OUTBOX_MEMORY_BYTES,
                             .near_records = DW_NEAR_RECORDS};
    s->link_up = true;
    s->committed = s->witnessed_offset = s->alerts_last = -1;
    s->next_due_us = s->stats.next_deadline_us = DW_AT_NEVER;
    dw_breaker_reset(s);
    return s;
}

void dw_shard_free(dw_shard **slot)
{
    if (slot == NULL || *slot == NULL)
        return;
    dw_shard *s = *slot;
    if (s->turn.arena != NULL)
        dw_engine_forget(s);
    dw_turn_deinit(&s->turn);
    dw_batch_deinit(&s->read);
    dw_batch_deinit(&s->commit);
    if (s->inbox.share != NULL)
        dw_inbox_deinit(&s->inbox);
    dw_arena_free(&s->tick.arena);
    dw_arena_free(&s->bootstrap.arena);
    dw_arena_free(&s->read_arena);
    dw_arena_free(&s->cfg_arena);
    dw_rule_count *count, *next;
    HASH_ITER (hh, s->rule_counts, count, next) {
        HASH_DEL(s->rule_counts, count);
        free(count);
    }
    free(s->dead_kept);
    free(s->forwards);
    free(s->queue);
    if (s->own_cache)
        dw_cache_free(&s->cache);
    free(s);
    *slot = NULL;
}

void dw_shard_configure(dw_shard *s, int64_t dead_letter_percent, int64_t dead_letter_per_minute)
{
    s->cfg.dead_letter_percent = dead_letter_percent;
    s->cfg.dead_letter_per_minute = dead_letter_per_minute;
    dw_engine_advance(s);
}

/* --- inputs */

void dw_shard_assigned(dw_shard *s, dw_now now)
{
    s->now = now;
    if (s->stats.state != DW_SHARD_IDLE)
        return;
    dw_claim_start(s, 0);
    dw_engine_advance(s);
}

size_t dw_shard_room(const dw_shard *s)
{
    if (s->stats.state != DW_SHARD_RUN || s->turn.kind != DW_TURN_NONE || s->sw.active || s->recheck ||
        s->commit_ready || s->next_hold != DW_HOLD_NONE || !dw_plan_may_fill(s))
        return 0;
    const dw_share *share = dw_cache_waiting(s->cache);
    size_t have = dw_inbox_bytes(&s->inbox), most = dw_plan_fill_bytes(s);
    size_t free_bytes = share->used < share->max ? share->max - share->used : 0;
    if (free_bytes == 0 && have < ROOM_MIN)
        free_bytes = ROOM_MIN - have;
    if (have >= most)
        return 0;
    return most - have < free_bytes ? most - have : free_bytes;
}

bool dw_shard_waits(const dw_shard *s)
{
    return s->stats.state == DW_SHARD_RUN && !s->filling && !dw_plan_may_fill(s);
}

void dw_shard_record(dw_shard *s, const dw_log_record *rec, dw_now now)
{
    s->now = now;
    if (s->stats.state != DW_SHARD_RUN && s->stats.state != DW_SHARD_HELD)
        return;
    if (!s->claimed || rec->offset < s->expected || s->stats.hold == DW_HOLD_ANCHOR)
        return; /* a repeat, or of an earlier claim: a new fetch brings it again */
    if (s->check_anchor) {
        (void)dw_claim_check_anchor(s, rec);
        if (rec->stamp_us <= now.wall_us + s->cfg.future_tolerance_us)
            dw_present_saw(s, rec->stamp_us);
        dw_engine_advance(s);
        return;
    }
    s->at_end = false;
    if (rec->stamp_us <= now.wall_us + s->cfg.future_tolerance_us)
        dw_present_saw(s, rec->stamp_us);
    if (dw_inbox_count(&s->inbox) == 0)
        s->first_boot_us = now.boot_us;
    if (s->stats.state == DW_SHARD_RUN)
        dw_plan_fill(s);
    if (!dw_inbox_add(&s->inbox, rec)) {
        dw_claim_lost(s, "out of memory for records");
        return;
    }
    s->expected = rec->offset + 1;
    if (s->expected > s->stats.high)
        s->stats.high = s->expected;
    if (s->turn.kind == DW_TURN_NONE && dw_plan_ready(s))
        dw_engine_advance(s);
}

void dw_shard_end_of_log(dw_shard *s, int64_t high, dw_now now)
{
    s->now = now;
    if (s->stats.state != DW_SHARD_RUN && s->stats.state != DW_SHARD_HELD)
        return;
    if (s->check_anchor && high > s->meta.anchor_offset) {
        const dw_log_record none = {.offset = -1};
        (void)dw_claim_check_anchor(s, &none); /* the log has no such record any more */
    }
    s->stats.high = s->high = high;
    s->at_end = !s->check_anchor;
    dw_engine_advance(s);
}

static void link_lost(dw_shard *s)
{
    s->link_up = false;
    if (s->step == DW_STEP_CLAIM_READ || s->step == DW_STEP_CLAIM_WRITE)
        dw_claim_start(s, 0);
    else if (s->step == DW_STEP_HEADS || s->step == DW_STEP_MORE)
        dw_plan_again(s);
    s->step = DW_STEP_NONE;
    s->recheck = s->claimed;
}

void dw_shard_reply(dw_shard *s, uint64_t ticket, const dw_reply *replies, size_t count, dw_now now)
{
    s->now = now;
    dw_step step = s->step;
    if (step == DW_STEP_NONE || ticket != s->step_ticket)
        return;
    if (count == 0) {
        link_lost(s);
        dw_engine_advance(s);
        return;
    }
    s->step = DW_STEP_NONE;
    switch (step) {
    case DW_STEP_NONE:
        break;
    case DW_STEP_CLAIM_READ:
        if (s->stats.state == DW_SHARD_CLAIM)
            dw_claim_read(s, replies, count);
        break;
    case DW_STEP_CLAIM_WRITE:
        if (s->stats.state == DW_SHARD_CLAIM)
            dw_claim_written(s, replies, count);
        break;
    case DW_STEP_HEADS:
        if (s->turn.phase == DW_PHASE_HEADS)
            dw_plan_heads(s, replies, count);
        break;
    case DW_STEP_MORE:
        if (s->turn.phase == DW_PHASE_MORE)
            dw_plan_more(s, replies, count);
        break;
    case DW_STEP_COMMIT:
        if (s->commit_ready)
            dw_commit_reply(s, replies, count);
        break;
    case DW_STEP_RECHECK:
        if (s->claimed)
            dw_recheck_reply(s, replies, count);
        break;
    case DW_STEP_SUBJECTS:
        if (s->sw.active)
            dw_switch_subjects(s, replies, count);
        break;
    case DW_STEP_OUTBOX:
        if (s->claimed)
            dw_outbox_reply(s, replies, count);
        break;
    }
    dw_engine_advance(s);
}

void dw_shard_store_up(dw_shard *s, const char *run_id, dw_now now)
{
    s->now = now;
    if (s->step != DW_STEP_NONE)
        link_lost(s); /* its reply will not come */
    s->link_up = true;
    bool other = strcmp(s->run_id, run_id) != 0;
    (void)snprintf(s->run_id, sizeof(s->run_id), "%s", run_id);
    s->retry_at_boot_us = s->stats.state == DW_SHARD_WITNESS ? s->retry_at_boot_us : 0;
    switch (s->stats.state) {
    case DW_SHARD_IDLE:
    case DW_SHARD_WITNESS:
    case DW_SHARD_RELEASED:
        break;
    case DW_SHARD_CLAIM:
    case DW_SHARD_LOAD:
        dw_claim_start(s, 0);
        break;
    case DW_SHARD_RUN:
    case DW_SHARD_HELD:
        if (other)
            dw_claim_start(s, 0); /* another server, or the same one restarted: it may have lost its tail */
        else
            s->recheck = s->claimed;
        break;
    case DW_SHARD_RELEASE:
        if (other)
            dw_plan_drop(s); /* whatever became of the commit, the next owner finds out */
        break;
    }
    dw_engine_advance(s);
}

void dw_shard_delivered(dw_shard *s, uint64_t ticket, bool ok, int64_t offset, int64_t stamp_us, dw_now now)
{
    s->now = now;
    if (ok && stamp_us <= now.wall_us + s->cfg.future_tolerance_us)
        dw_present_saw(s, stamp_us);
    if (!dw_clock_delivered(s, ticket, ok, offset, stamp_us))
        (void)dw_outbox_delivered(s, ticket, ok);
    dw_engine_advance(s);
}

void dw_shard_revoke(dw_shard *s, bool lost, dw_now now)
{
    s->now = now;
    if (s->stats.state == DW_SHARD_RELEASED || s->stats.state == DW_SHARD_RELEASE)
        return;
    if (lost)
        s->claimed = false; /* nothing is begun any more; a commit under way is still heard out: applied or refused */
    if (!s->commit_ready || !s->commit_sent) {
        dw_engine_finish_release(s);
        return;
    }
    s->deadline_at_boot_us = now.boot_us + RELEASE_US;
    dw_engine_state(s, DW_SHARD_RELEASE);
    dw_engine_advance(s);
}

void dw_shard_tick(dw_shard *s, dw_now now)
{
    s->now = now;
    dw_engine_advance(s);
}

int64_t dw_shard_wake_boot_us(const dw_shard *s)
{
    int64_t at = INT64_MAX;
#define SOONER(when)                                                                                                   \
    do {                                                                                                               \
        int64_t when_us = (when);                                                                                      \
        if (when_us < at)                                                                                              \
            at = when_us;                                                                                              \
    } while (0)
    switch (s->stats.state) {
    case DW_SHARD_IDLE:
    case DW_SHARD_RELEASED:
        return at;
    case DW_SHARD_WITNESS:
        return s->witness_wanted ? s->retry_at_boot_us : at;
    case DW_SHARD_CLAIM:
    case DW_SHARD_LOAD:
        break;
    case DW_SHARD_RELEASE:
        SOONER(s->deadline_at_boot_us);
        break;
    case DW_SHARD_RUN:
        if (dw_inbox_count(&s->inbox) != 0 && s->turn.kind == DW_TURN_NONE) {
            bool behind = s->expected < s->high && !s->at_end;
            int64_t ready = s->first_boot_us + (behind ? DW_BEHIND_WAIT_US : s->cfg.turn_linger_us);
            SOONER(ready > s->no_work_until_boot_us ? ready : s->no_work_until_boot_us);
        }
        if (s->outbox.trim)
            SOONER(s->outbox.trim_at_boot_us);
        SOONER(dw_clock_wake(s));
        break;
    case DW_SHARD_HELD:
        SOONER(s->poll_at_boot_us);
        if (s->stats.hold == DW_HOLD_FUTURE_RECORD)
            SOONER(s->now.boot_us + 1000000);
        break;
    }
    if (s->retry_at_boot_us > s->now.boot_us)
        SOONER(s->retry_at_boot_us);
    if (s->outbox.retry_at_boot_us > s->now.boot_us)
        SOONER(s->outbox.retry_at_boot_us);
    if (s->claimed && s->meta.offset > s->witnessed_offset)
        SOONER(s->witness_at_boot_us);
    return at;
#undef SOONER
}

bool dw_shard_next(dw_shard *s, dw_command *out)
{
    if (s->queue_count == 0)
        return dw_outbox_next(s, out);
    *out = s->queue[s->queue_at].cmd;
    s->queue_at = (s->queue_at + 1) % DW_QUEUE_MAX;
    if (--s->queue_count == 0)
        s->queue_at = 0; /* few of its places are ever touched */
    return true;
}

/* --- figures */

const dw_shard_stats *dw_shard_get_stats(const dw_shard *s)
{
    return &s->stats;
}

void dw_shard_alert_counts(const dw_shard *s, dw_shard_alert_count *each, void *user)
{
    for (dw_rule_count *count = s->rule_counts; count != NULL; count = count->hh.next)
        for (int kind = 0; kind < DW_TR_COUNT; kind++)
            if (count->by_kind[kind] != 0)
                each(user, dw_str_from(count->rule_id), (dw_transition_kind)kind, count->by_kind[kind]);
}

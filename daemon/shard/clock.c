/* When to append: the broker's present is known by a lower bound only, and it decides nothing but when a tick is sent. */
#include "daemon/shard/engine.h"

#define TICK_US 1000000      /* at most one a second after the first */
#define BOOTSTRAP_US 5000000 /* between tries to append the first policy */

void dw_present_saw(dw_shard *s, int64_t stamp_us)
{
    int64_t ahead_us = stamp_us - s->now.boot_us;
    if (stamp_us <= 0 || s->cfg.create_time)
        return;
    if (!s->present.known || ahead_us > s->present.ahead_us)
        s->present = (dw_present){true, ahead_us};
}

int64_t dw_present_at(const dw_shard *s)
{
    return s->present.known ? s->now.boot_us + s->present.ahead_us : DW_AT_NONE;
}

static bool append(dw_shard *s, dw_own_record *own, const uint8_t *value, size_t len, const char *auth)
{
    dw_queued_command *queued = dw_engine_command(s, DW_CMD_PRODUCE);
    dw_command *cmd = &queued->cmd;
    cmd->ticket = own->ticket = ++s->last_ticket;
    cmd->topic = DW_TOPIC_INPUT;
    cmd->partition = s->cfg.partition;
    cmd->value = (dw_str){(const char *)value, (uint32_t)len};
    if (s->cfg.create_time)
        cmd->stamp_us = s->meta.clock_us > 1000 ? s->meta.clock_us : 1000;
    if (auth != NULL) {
        (void)snprintf(queued->text, sizeof(queued->text), "%s", auth);
        cmd->headers[cmd->header_count++] = (dw_header){DW_STR_LIT("dw-auth"), {queued->text, 64}};
    }
    return true;
}

static void send_tick(dw_shard *s)
{
    const uint8_t *value;
    size_t len;
    int64_t present_us = dw_present_at(s);
    if (s->tick.arena == NULL && (s->tick.arena = dw_arena_new_pooled(16384, dw_cache_pool(s->cache))) == NULL)
        return;
    dw_arena_reset(s->tick.arena);
    int64_t at_us = present_us != DW_AT_NONE ? present_us : s->meta.clock_us;
    if (at_us < 1000)
        at_us = 1000;
    s->tick.at_boot_us = s->now.boot_us + TICK_US;
    s->tick.bound_us = present_us;
    if (dw_tick_encode(at_us, s->tick.arena, &value, &len, NULL) == DW_OK && append(s, &s->tick, value, len, NULL)) {
        s->probed = true;
        s->stats.ticks_sent++;
    }
}

/* The first policy of a shard whose log has none. */
static void send_bootstrap(dw_shard *s)
{
    const uint8_t *value;
    size_t len;
    char hmac[65];
    dw_policy_text text = s->own_policy;
    text.number = 1;
    s->bootstrap.at_boot_us = s->now.boot_us + BOOTSTRAP_US;
    if (s->cfg.auth_key == NULL) {
        if (!s->bootstrap_warned)
            dw_engine_log(s, 1, "no_policy",
                          "the log holds no policy and no auth.key_file is set to append one: nothing is raised; run "
                          "driftwatchd --setup");
        s->bootstrap_warned = true;
        return;
    }
    dw_arena_free(&s->bootstrap.arena);
    if ((s->bootstrap.arena = dw_arena_new(DW_EVENT_ARENA_BYTES_MAX + 2 * DW_POLICY_BYTES_MAX)) == NULL)
        return;
    dw_error err = {DW_OK, ""};
    if (dw_policy_text_encode(&text, s->bootstrap.arena, &value, &len, &err) != DW_OK) {
        dw_engine_log(s, 0, "no_policy", "the configured policy cannot be appended: %s", err.text);
        return;
    }
    dw_auth_compute(s->cfg.auth_key, s->cfg.auth_key_len, (dw_str){NULL, 0},
                    (dw_str){(const char *)value, (uint32_t)len}, hmac);
    if (append(s, &s->bootstrap, value, len, hmac))
        dw_engine_log(s, 2, "first_policy", "the log holds no policy: appending the configured one as number 1");
}

static bool nothing_to_do(const dw_shard *s)
{
    return s->stats.state == DW_SHARD_RUN && s->at_end && dw_inbox_count(&s->inbox) == 0 &&
           s->turn.kind == DW_TURN_NONE && !s->sw.active;
}

/* Is a tick wanted by now? `at_boot_us`: when to look again. */
static bool tick_wanted(const dw_shard *s, int64_t *at_boot_us)
{
    *at_boot_us = INT64_MAX;
    if (s->cfg.create_time || s->tick.ticket != 0 || s->next_due_us == DW_AT_NEVER || !nothing_to_do(s))
        return false;
    if (s->now.boot_us < s->tick.at_boot_us) {
        *at_boot_us = s->tick.at_boot_us;
        return false;
    }
    if (!s->probed)
        return true; /* what is known of the present may be from before a long stop */
    int64_t present_us = dw_present_at(s);
    if (present_us == DW_AT_NONE || present_us >= s->next_due_us)
        return true;
    *at_boot_us = s->now.boot_us + (s->next_due_us - present_us);
    return false;
}

static bool bootstrap_wanted(const dw_shard *s)
{
    return s->have_own_policy && s->meta.policy_number == 0 && s->bootstrap.ticket == 0 && nothing_to_do(s);
}

void dw_clock_advance(dw_shard *s)
{
    int64_t at;
    if (bootstrap_wanted(s) && s->now.boot_us >= s->bootstrap.at_boot_us)
        send_bootstrap(s);
    if (tick_wanted(s, &at))
        send_tick(s);
}

int64_t dw_clock_wake(const dw_shard *s)
{
    int64_t at;
    if (tick_wanted(s, &at))
        at = s->now.boot_us;
    if (bootstrap_wanted(s) && s->bootstrap.at_boot_us < at)
        at = s->bootstrap.at_boot_us;
    return at;
}

bool dw_clock_delivered(dw_shard *s, uint64_t ticket, bool ok, int64_t offset, int64_t stamp_us)
{
    if (ticket == s->bootstrap.ticket) {
        s->bootstrap.ticket = 0;
        s->at_end &= !(ok && offset >= s->expected); /* our own record is to be read first */
        dw_arena_free(&s->bootstrap.arena);
        return true;
    }
    if (ticket != s->tick.ticket)
        return false;
    s->tick.ticket = 0;
    if (ok) {
        s->at_end &= offset < s->expected;
        /* The report proves that the broker's clock was not past its stamp when the tick was sent: a bound above it has drifted. */
        if (s->tick.bound_us != DW_AT_NONE && s->tick.bound_us > stamp_us && stamp_us > 0)
            s->present = (dw_present){true, stamp_us - s->now.boot_us};
    }
    return true;
}

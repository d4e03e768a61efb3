/* host.c: feeding records, executing the engine's commands, and the life of one assignment. */

#include "daemon/host.h"

#include "proto/limits.h"

#include <assert.h>
#include <stdlib.h>

typedef enum host_state {
    HOST_CONNECTING, /* no engine yet: it needs the server's run_id */
    HOST_SERVING,
    HOST_RESTARTING, /* the log is not where the engine asked: let go and claim again */
    HOST_REVOKED,    /* waiting for the engine to let go */
    HOST_RELEASED
} host_state;

struct dw_host {
    dw_host_env *env;
    int32_t partition;
    uint64_t life;
    host_state state;
    dw_shard *shard;
    dw_redis_link *link;
    TAILQ_ENTRY(dw_host) line; /* env->waiting */
    bool in_line;
    dw_timer wake, restart;
    int64_t wake_boot_us; /* what the timer is armed for; 0: not armed */

    rd_kafka_message_t *messages[DW_FEED_MESSAGES]; /* taken from the queue, not yet given */
    size_t message_at, message_count;
    bool unread;      /* the queue may hold something */
    int64_t expected; /* lowest offset wanted; -1: not reading */
    uint64_t commits; /* as last seen */
    dw_shard_state shard_state;
    dw_hold hold;

    uint64_t witness_ticket; /* 0: none asked for */
    bool have_group, have_ends, member;
    int64_t committed, low, high, alerts_last;
};

static void after_input(dw_host *host);
static void look_for_room(dw_host *host);
static void run_commands(dw_host *host);

/* --- records */

static void drop_messages(dw_host *host)
{
    while (host->message_at < host->message_count)
        rd_kafka_message_destroy(host->messages[host->message_at++]);
    host->message_at = host->message_count = 0;
}

static void on_restart(void *user);

/* The log does not hold the offset: claim again, which compares the log's ends with the stored offset and holds with the
 * command that mends it. */
static void out_of_range(dw_host *host, const rd_kafka_message_t *message)
{
    dw_log_write(host->env->log, DW_LOG_ERROR, "offset_out_of_range", host->partition,
                 "the log does not hold offset %lld: %s; the shard is claimed again", (long long)host->expected,
                 rd_kafka_message_errstr(message));
    dw_fetch_stop(host->env->fetch, host->partition);
    host->expected = -1;
    dw_timer_arm(&host->restart, 5000000);
}

static void on_message_error(dw_host *host, const rd_kafka_message_t *message, dw_now now)
{
    switch ((int)message->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        dw_shard_end_of_log(host->shard, message->offset, now);
        break;
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
        out_of_range(host, message);
        break;
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR__BAD_MSG:
        dw_log_write(
            host->env->log, DW_LOG_ERROR, "record_unreadable", host->partition,
            "a batch at or after offset %lld cannot be unpacked: %s; the shard cannot go on. Look at it with another "
            "client; `kafka-delete-records.sh` with the offset behind it, then `driftwatch shard rebuild %d`, "
            "goes on without it",
            (long long)host->expected, rd_kafka_message_errstr(message), host->partition);
        break;
    default:
        dw_log_write(host->env->log, DW_LOG_WARN, "fetch_error", host->partition, "%s",
                     rd_kafka_message_errstr(message));
        break;
    }
}

/* Publishers' time on a LogAppendTime clock would decide on alerts: the topic was altered while we run. */
static bool wrong_clock(dw_host *host, const rd_kafka_message_t *message, int64_t *stamp_us)
{
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    *stamp_us = rd_kafka_message_timestamp(message, &type) * 1000;
    if (type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME || host->env->settings->clock == DW_CLOCK_CREATE_TIME)
        return false;
    dw_log_write(
        host->env->log, DW_LOG_ERROR, "kafka_clock", host->partition,
        "offset %lld has the publisher's time, not the broker's: the topic's message.timestamp.type was changed; "
        "the shard stops there. Mend it: `kafka-configs.sh --alter --entity-type topics --entity-name %s "
        "--add-config message.timestamp.type=LogAppendTime`, and have the record published again behind it",
        (long long)message->offset, host->env->settings->kafka_topics_input);
    return true;
}

/* False: reading stops here. */
static bool give(dw_host *host, const rd_kafka_message_t *message, dw_now now)
{
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        on_message_error(host, message, now);
        return host->expected >= 0;
    }
    if (message->offset < host->expected)
        return true; /* of an earlier start */
    dw_log_record rec = {.offset = message->offset,
                         .has_key = message->key != NULL,
                         .has_value = message->payload != NULL,
                         .key = {message->key, (uint32_t)message->key_len},
                         .value = {message->payload, (uint32_t)message->len},
                         .auth = dw_kafka_header(message, "dw-auth"),
                         .forward = dw_kafka_header(message, "dw-forward")};
    if (wrong_clock(host, message, &rec.stamp_us)) {
        dw_fetch_stop(host->env->fetch, host->partition);
        host->expected = -1;
        return false;
    }
    host->expected = message->offset + 1;
    size_t bytes = message->key_len + message->len;
    host->env->consumed++;
    host->env->consumed_bytes += bytes;
    dw_shard_record(host->shard, &rec, now);
    run_commands(host);
    return host->expected >= 0;
}

/* --- shards that wait for others to be done filling */

static void leave_line(dw_host *host)
{
    if (!host->in_line)
        return;
    host->in_line = false;
    TAILQ_REMOVE(&host->env->waiting, host, line);
}

static void join_line(dw_host *host)
{
    if (host->in_line)
        return;
    host->in_line = true;
    TAILQ_INSERT_TAIL(&host->env->waiting, host, line);
}

/* One at a time: when it has nothing to read after all, the next is served behind it. */
static void serve_line(dw_host_env *env)
{
    const dw_share *filling = dw_cache_filling(env->cache);
    dw_host *first = TAILQ_FIRST(&env->waiting);
    if (first == NULL || filling->used >= filling->max)
        return;
    leave_line(first);
    dw_fetch_again(env->fetch, first->partition);
}

static void feed(dw_host *host)
{
    if (host->state != HOST_SERVING || host->expected < 0)
        return;
    size_t budget = DW_FEED_BYTES_TURN, left = dw_shard_room(host->shard);
    bool any = false;
    dw_now now = dw_now_read();
    while (left > 0 && budget > 0) {
        if (host->message_at == host->message_count) {
            host->message_at = 0;
            host->message_count =
                host->unread ? dw_fetch_read(host->env->fetch, host->partition, host->messages, DW_FEED_MESSAGES) : 0;
            if (host->message_count == 0) {
                host->unread = false;
                break;
            }
        }
        rd_kafka_message_t *message = host->messages[host->message_at++];
        size_t bytes = message->key_len + message->len + 1;
        bool go_on = give(host, message, now);
        rd_kafka_message_destroy(message);
        any = true;
        if (!go_on) {
            drop_messages(host);
            break;
        }
        budget -= bytes < budget ? bytes : budget;
        left = dw_shard_room(host->shard);
    }
    if (host->expected >= 0 && left > 0 && budget == 0)
        dw_fetch_again(host->env->fetch, host->partition);
    if (any)
        after_input(host);
    else
        look_for_room(host);
}

void dw_host_readable(dw_host *host)
{
    host->unread = true;
    if (host->shard != NULL)
        feed(host);
    serve_line(host->env);
}

/* --- commands */

static void on_fetch_command(dw_host *host, int64_t offset)
{
    drop_messages(host);
    host->expected = offset;
    host->unread = true;
    dw_timer_disarm(&host->restart);
    dw_fetch_start(host->env->fetch, host->partition, offset);
}

static void execute(dw_host *host, const dw_command *command)
{
    dw_host_env *env = host->env;
    switch (command->kind) {
    case DW_CMD_REDIS:
        dw_redis_link_send(host->link, command->ticket, command->calls, command->call_count);
        break;
    case DW_CMD_WITNESS:
        host->witness_ticket = command->ticket;
        host->have_group = host->have_ends = false;
        dw_group_witness(env->group, host->partition);
        dw_probe_ask(env->probe, host->partition);
        break;
    case DW_CMD_FETCH:
        on_fetch_command(host, command->offset);
        break;
    case DW_CMD_PRODUCE:
        dw_producer_send(env->producer, command, host->partition, host->life);
        break;
    case DW_CMD_COMMIT_WITNESS:
        dw_group_commit(env->group, host->partition, command->offset);
        break;
    case DW_CMD_LOG:
        dw_log_write(env->log, (dw_log_level)command->level, command->event, host->partition, "%s", command->text);
        break;
    case DW_CMD_RELEASED:
        break; /* seen by the state */
    }
}

static void to_released(dw_host *host)
{
    host->state = HOST_RELEASED;
    dw_timer_disarm(&host->wake);
    dw_timer_disarm(&host->restart);
    drop_messages(host);
    dw_fetch_stop(host->env->fetch, host->partition);
    host->env->released(host->env->user, host->partition);
}

static void arm_wake(dw_host *host)
{
    int64_t at_us = dw_shard_wake_boot_us(host->shard);
    if (at_us == INT64_MAX || (host->wake_boot_us != 0 && host->wake_boot_us <= at_us))
        return; /* a timer that is armed for earlier costs one look, arming anew at every step costs more */
    host->wake_boot_us = at_us;
    dw_timer_arm(&host->wake, at_us - dw_now_read().boot_us);
}

static void note_stats(dw_host *host)
{
    const dw_shard_stats *stats = dw_shard_get_stats(host->shard);
    if (stats->commits != host->commits) {
        host->commits = stats->commits;
        dw_histogram_observe(&host->env->commit_seconds, (double)stats->last_commit_us / 1e6);
    }
    if (stats->state != host->shard_state || stats->hold != host->hold) {
        host->shard_state = stats->state;
        host->hold = stats->hold;
        host->env->changed(host->env->user);
    }
}

static void new_shard(dw_host *host, const char *run_id);

static void run_commands(dw_host *host)
{
    dw_command command;
    while (dw_shard_next(host->shard, &command))
        execute(host, &command);
}

/* There is something to give: at once, when the others are done filling, or when the turn under way is over. */
static void look_for_room(dw_host *host)
{
    bool more = host->message_at < host->message_count || host->unread;
    if (!more || host->state != HOST_SERVING || host->expected < 0)
        return;
    if (dw_shard_room(host->shard) > 0)
        dw_fetch_again(host->env->fetch, host->partition);
    else if (dw_shard_waits(host->shard))
        join_line(host);
}

/* The engine has let go: for good, or to claim again. */
static void after_release(dw_host *host)
{
    if (host->state == HOST_REVOKED)
        to_released(host);
    else if (host->state == HOST_RESTARTING) {
        char run_id[64];
        snprintf(run_id, sizeof(run_id), "%s", dw_redis_link_run_id(host->link));
        dw_shard_free(&host->shard);
        new_shard(host, run_id);
    }
}

/* After every input: carry out what the engine wants, then see whether it has room again. What it let go of may be another's
 * turn: that of the first in the line. */
static void after_input(dw_host *host)
{
    run_commands(host);
    note_stats(host);
    if (host->shard_state == DW_SHARD_RELEASED) {
        after_release(host);
    } else {
        arm_wake(host);
        look_for_room(host);
    }
    serve_line(host->env);
}

/* --- inputs */

static void on_wake(void *user)
{
    dw_host *host = user;
    host->wake_boot_us = 0;
    dw_shard_tick(host->shard, dw_now_read());
    after_input(host);
}

static void on_restart(void *user)
{
    dw_host *host = user;
    if (host->state != HOST_SERVING)
        return;
    host->state = HOST_RESTARTING;
    leave_line(host);
    dw_shard_revoke(host->shard, false, dw_now_read());
    after_input(host);
}

void dw_host_recount(dw_host *host)
{
    if (host->state != HOST_SERVING)
        return; /* no shard yet, or on its way out: the next one is made with the new count */
    drop_messages(host);
    host->expected = -1;
    dw_timer_disarm(&host->restart);
    dw_fetch_stop(host->env->fetch, host->partition);
    on_restart(host);
}

static void new_shard(dw_host *host, const char *run_id)
{
    dw_host_env *env = host->env;
    const dw_settings *s = env->settings;
    dw_shard_config config = {
        .prefix = s->redis_prefix,
        .topic = s->kafka_topics_input,
        .partition = host->partition,
        .partition_count = env->partition_count,
        .stored_partitions = env->stored_partitions,
        .cluster_id = env->cluster_id,
        .run_id = run_id,
        .owner = env->owner,
        .create_time = s->clock == DW_CLOCK_CREATE_TIME,
        .auth_key = env->auth_key,
        .auth_key_len = env->auth_key_len,
        .turn_events_live = s->shard_turn_events_live,
        .turn_bytes = s->shard_turn_bytes,
        .turn_linger_us = s->shard_turn_linger_ms * 1000,
        .outbox_rows_max = s->shard_outbox_rows_max,
        .outbox_bytes_max = s->shard_outbox_bytes_max,
        .dead_letter_percent = s->shard_deadletter_hold_percent,
        .dead_letter_per_minute = s->shard_deadletter_hold_per_minute,
        .future_tolerance_us = s->shard_future_tolerance_s * 1000000,
        .own_policy = env->own_policy,
        .cache = env->cache,
    };
    host->shard = dw_shard_new(&config);
    if (host->shard == NULL)
        abort(); /* no memory: the unit starts us again */
    host->state = HOST_SERVING;
    host->commits = 0;
    host->expected = -1;
    dw_shard_assigned(host->shard, dw_now_read());
    after_input(host);
}

static void on_up(void *user, const char *run_id)
{
    dw_host *host = user;
    if (host->state == HOST_RELEASED)
        return;
    if (host->shard == NULL) {
        new_shard(host, run_id);
        return;
    }
    dw_shard_store_up(host->shard, run_id, dw_now_read());
    after_input(host);
}

static void on_reply(void *user, uint64_t ticket, const dw_reply *replies, size_t count)
{
    dw_host *host = user;
    if (host->shard == NULL || host->state == HOST_RELEASED)
        return;
    dw_shard_reply(host->shard, ticket, replies, count, dw_now_read());
    after_input(host);
}

static void give_witness(dw_host *host)
{
    if (!host->have_group || !host->have_ends || host->witness_ticket == 0 || host->shard == NULL ||
        host->state == HOST_RELEASED)
        return;
    uint64_t ticket = host->witness_ticket;
    host->witness_ticket = 0;
    dw_shard_witness(host->shard, ticket, host->member, host->committed, host->low, host->high, host->alerts_last,
                     dw_now_read());
    after_input(host);
}

void dw_host_group_witness(dw_host *host, bool member, int64_t committed)
{
    if (host->witness_ticket == 0)
        return;
    dw_log_write(host->env->log, DW_LOG_DEBUG, "witness_group", host->partition, "member %d, committed %lld", member,
                 (long long)committed);
    host->have_group = true;
    host->member = member;
    host->committed = committed;
    give_witness(host);
}

void dw_host_probe_result(dw_host *host, int64_t low, int64_t high, int64_t alerts_last)
{
    if (host->witness_ticket == 0)
        return;
    dw_log_write(host->env->log, DW_LOG_DEBUG, "witness_ends", host->partition, "log %lld to %lld, last alert of %lld",
                 (long long)low, (long long)high, (long long)alerts_last);
    host->have_ends = true;
    host->low = low;
    host->high = high;
    host->alerts_last = alerts_last;
    give_witness(host);
}

void dw_host_delivered(dw_host *host, uint64_t life, uint64_t ticket, bool ok, int64_t offset, int64_t stamp_us)
{
    if (life != host->life || host->shard == NULL || host->state == HOST_RELEASED)
        return;
    dw_shard_delivered(host->shard, ticket, ok, offset, stamp_us, dw_now_read());
    after_input(host);
}

void dw_host_configure(dw_host *host)
{
    if (host->shard == NULL || host->state == HOST_RELEASED)
        return;
    dw_shard_configure(host->shard, host->env->settings->shard_deadletter_hold_percent,
                       host->env->settings->shard_deadletter_hold_per_minute);
    after_input(host);
}

void dw_host_tick(dw_host *host)
{
    if (host->shard == NULL || host->state == HOST_RELEASED)
        return;
    if (dw_shard_wake_boot_us(host->shard) <= dw_now_read().boot_us)
        on_wake(host);
}

/* --- life */

dw_host *dw_host_new(dw_host_env *env, int32_t partition, uint64_t life)
{
    static const dw_redis_handler handler = {.up = on_up, .reply = on_reply};
    dw_host *host = calloc(1, sizeof(*host));
    if (host == NULL)
        return NULL;
    host->env = env;
    host->partition = partition;
    host->life = life;
    host->expected = -1;
    host->alerts_last = -1;
    bool ok = dw_timer_init(&host->wake, env->loop, on_wake, host) &&
              dw_timer_init(&host->restart, env->loop, on_restart, host);
    host->link = ok ? dw_redis_link_new(env->redis, partition, &handler, host) : NULL;
    if (host->link == NULL)
        dw_host_free(&host);
    return host;
}

void dw_host_free(dw_host **at)
{
    dw_host *host = *at;
    *at = NULL;
    if (host == NULL)
        return;
    leave_line(host);
    drop_messages(host);
    dw_timer_deinit(&host->wake);
    dw_timer_deinit(&host->restart);
    dw_redis_link_free(&host->link);
    dw_shard_free(&host->shard);
    free(host);
}

void dw_host_revoke(dw_host *host, bool lost)
{
    if (host->state == HOST_RELEASED)
        return;
    drop_messages(host);
    host->expected = -1;
    host->witness_ticket = 0;
    dw_timer_disarm(&host->restart);
    dw_fetch_stop(host->env->fetch, host->partition);
    if (host->shard == NULL) {
        to_released(host);
        return;
    }
    host->state = HOST_REVOKED;
    leave_line(host); /* it has nothing to read any more: its turn is the next one's */
    dw_shard_revoke(host->shard, lost, dw_now_read());
    after_input(host);
}

bool dw_host_is_released(const dw_host *host)
{
    return host->state == HOST_RELEASED;
}

int32_t dw_host_partition(const dw_host *host)
{
    return host->partition;
}

const dw_shard *dw_host_shard(const dw_host *host)
{
    return host->shard;
}

bool dw_host_link_up(const dw_host *host)
{
    return dw_redis_link_is_up(host->link);
}

int64_t dw_host_lag(const dw_host *host)
{
    int64_t low = -1, high = -1;
    if (host->shard == NULL)
        return -1;
    if (!dw_fetch_ends(host->env->fetch, host->partition, &low, &high))
        high = host->high; /* as the probe saw it */
    int64_t next = dw_shard_get_stats(host->shard)->next_offset;
    return high > next ? high - next : 0;
}

bool dw_host_has_work(const dw_host *host)
{
    if (host->state == HOST_RELEASED || host->shard == NULL || host->shard_state == DW_SHARD_HELD)
        return false;
    if (dw_redis_link_busy(host->link))
        return true;
    return host->message_at < host->message_count ||
           (host->expected >= 0 && dw_fetch_unread(host->env->fetch, host->partition) > 0);
}

/* app.c: bringing the parts up, rebalances and stop. */

#include "daemon/app.h"

#include "daemon/app_parts.h"
#include "proto/limits.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/time.h>
#include <unistd.h>

enum { EXIT_OK = 0, EXIT_BUG = 70, EXIT_BAD_CONFIG = 78 };

const char *dw_app_state_name(dw_app_state state)
{
    switch (state) {
    case DW_APP_CHECK_KAFKA:
        return "checking Kafka";
    case DW_APP_CHECK_REDIS:
        return "checking Redis";
    case DW_APP_JOINING:
        return "joining the group";
    case DW_APP_SERVING:
        return "serving";
    case DW_APP_REVOKING:
        return "handing partitions back";
    case DW_APP_STOPPING:
        return "stopping";
    case DW_APP_STOPPED:
        return "stopped";
    }
    return "?";
}

static void to_state(dw_app *app, dw_app_state state)
{
    if (app->state == state || app->state == DW_APP_STOPPED)
        return;
    if (app->state == DW_APP_STOPPING && state != DW_APP_STOPPED)
        return;
    app->state = state;
    dw_log_write(app->log, DW_LOG_DEBUG, "state", DW_LOG_NO_PARTITION, "%s", dw_app_state_name(state));
    if (state == DW_APP_STOPPED)
        dw_loop_stop(app->loop);
}

static void end(dw_app *app, int status)
{
    app->exit_status = status;
    to_state(app, DW_APP_STOPPED);
}

/* --- hosts */

static dw_host *host_of(dw_app *app, int32_t partition)
{
    return partition >= 0 && partition < app->host_slots ? app->hosts[partition] : NULL;
}

static void free_hosts(dw_app *app)
{
    for (int32_t p = 0; p < app->host_slots; p++) {
        if (app->hosts[p] == NULL)
            continue;
        dw_app_retire(app, app->hosts[p]);
        dw_host_free(&app->hosts[p]);
    }
}

static void finish_revoke(dw_app *app)
{
    dw_timer_disarm(&app->revoke_limit);
    dw_loop_later_cancel(app->loop, &app->revoke_check);
    dw_probe_cancel_all(app->env.probe);
    free_hosts(app);
    dw_group_revoke_done(app->env.group);
    to_state(app, DW_APP_JOINING);
}

static void revoke_check(void *user)
{
    dw_app *app = user;
    for (int32_t p = 0; p < app->host_slots; p++)
        if (app->hosts[p] != NULL && !dw_host_is_released(app->hosts[p]))
            return;
    finish_revoke(app);
}

static void on_revoke_limit(void *user)
{
    dw_app *app = user;
    for (int32_t p = 0; p < app->host_slots; p++)
        if (app->hosts[p] != NULL && !dw_host_is_released(app->hosts[p]))
            dw_log_write(app->log, DW_LOG_WARN, "revoke_slow", p,
                         "no answer to the commit in flight within %d s; handed back without it",
                         (int)(DW_REVOKE_US / 1000000));
    finish_revoke(app);
}

static void on_released(void *user, int32_t partition)
{
    dw_app *app = user;
    (void)partition;
    dw_loop_later(app->loop, &app->revoke_check, revoke_check, app); /* the host is still on the stack */
}

static void tell_ready(dw_app *app)
{
    if (app->ready_told)
        return;
    app->ready_told = true;
    dw_notify_ready(&app->notify);
}

static void on_changed(void *user)
{
    dw_app *app = user;
    if (!app->ready_told && dw_app_is_ready(app))
        tell_ready(app);
}

/* A changed count sends children's events to other partitions than their records are in: every shard holds. */
static void say_partition_count(dw_app *app)
{
    if (app->env.partition_count == app->env.stored_partitions)
        return;
    dw_log_write(
        app->log, DW_LOG_ERROR, "partition_count", DW_LOG_NO_PARTITION,
        "topic %s has %d partitions, the state under %s:* was made with %d: children's keys go to other partitions, so "
        "every shard holds. Kafka takes no partition back: set another redis.prefix, kafka.group, kafka.topics.alerts "
        "and kafka.topics.deadletter, and kafka.partitions: %d; then `driftwatchd --config %s --setup`, and start "
        "again: the log is read anew (driftwatchd(8), PARTITIONS)",
        app->settings->kafka_topics_input, app->env.partition_count, app->settings->redis_prefix,
        app->env.stored_partitions, app->env.partition_count, app->settings->file);
}

static void on_partition_count(void *user, int32_t count)
{
    dw_app *app = user;
    if (count == app->env.partition_count || app->stop_asked)
        return;
    app->env.partition_count = count;
    say_partition_count(app);
    for (int32_t p = 0; p < app->host_slots; p++)
        if (app->hosts[p] != NULL)
            dw_host_recount(app->hosts[p]);
}

/* Partitions that came while we run. */
static void grow_hosts(dw_app *app, int32_t slots)
{
    dw_host **hosts = realloc(app->hosts, (size_t)slots * sizeof(*hosts));
    if (hosts == NULL)
        abort();
    memset(hosts + app->host_slots, 0, (size_t)(slots - app->host_slots) * sizeof(*hosts));
    app->hosts = hosts;
    app->host_slots = slots;
}

static void on_assigned(void *user, const int32_t *partitions, size_t count)
{
    dw_app *app = user;
    to_state(app, DW_APP_SERVING);
    for (size_t i = 0; i < count; i++) {
        int32_t p = partitions[i];
        if (p < 0 || p >= DW_PARTITIONS_MAX) {
            dw_log_write(app->log, DW_LOG_ERROR, "partition_count", DW_LOG_NO_PARTITION,
                         "topic %s has more than %d partitions", app->settings->kafka_topics_input, DW_PARTITIONS_MAX);
            end(app, EXIT_BAD_CONFIG);
            return;
        }
        if (p >= app->env.partition_count)
            on_partition_count(app, p + 1); /* the group knows it before the next look */
        if (p >= app->host_slots)
            grow_hosts(app, p + 1);
        assert(app->hosts[p] == NULL);
        app->hosts[p] = dw_host_new(&app->env, p, ++app->lives);
        if (app->hosts[p] == NULL)
            abort();
    }
    on_changed(app);
}

static void on_revoked(void *user, bool lost)
{
    dw_app *app = user;
    to_state(app, DW_APP_REVOKING);
    dw_timer_arm(&app->revoke_limit, DW_REVOKE_US);
    for (int32_t p = 0; p < app->host_slots; p++)
        if (app->hosts[p] != NULL)
            dw_host_revoke(app->hosts[p], lost);
    dw_loop_later(app->loop, &app->revoke_check, revoke_check, app);
}

static void on_group_witness(void *user, int32_t partition, bool member, int64_t committed)
{
    dw_host *host = host_of(user, partition);
    if (host != NULL)
        dw_host_group_witness(host, member, committed);
}

static void on_left(void *user)
{
    end(user, EXIT_OK);
}

static void on_probe(void *user, int32_t partition, int64_t low, int64_t high, int64_t alerts_last)
{
    dw_host *host = host_of(user, partition);
    if (host != NULL)
        dw_host_probe_result(host, low, high, alerts_last);
}

static void on_readable(void *user, int32_t partition)
{
    dw_host *host = host_of(user, partition);
    if (host != NULL)
        dw_host_readable(host);
}

static void on_delivered(void *user, int32_t shard, uint64_t life, uint64_t ticket, bool ok, int64_t offset,
                         int64_t stamp_us)
{
    dw_host *host = host_of(user, shard);
    if (host != NULL)
        dw_host_delivered(host, life, ticket, ok, offset, stamp_us);
}

/* --- start */

static dw_errc open_kafka(dw_app *app, dw_error *err)
{
    static const dw_fetch_handler fetch_handler = {.readable = on_readable, .partition_count = on_partition_count};
    dw_host_env *env = &app->env;
    app->host_slots = app->facts.partitions;
    app->hosts = calloc((size_t)app->host_slots, sizeof(dw_host *));
    env->partition_count = app->facts.partitions;
    snprintf(env->cluster_id, sizeof(env->cluster_id), "%s", app->facts.cluster_id);
    env->probe = dw_probe_new(app->loop, app->log, app->settings, on_probe, app);
    if (app->hosts == NULL || env->probe == NULL)
        return dw_fail(err, DW_E_NOMEM, "no memory");
    env->fetch = dw_fetch_new(app->loop, app->log, app->settings, &app->facts, &fetch_handler, app, err);
    if (env->fetch == NULL)
        return DW_E_CONFIG;
    env->producer = dw_producer_new(app->loop, app->log, app->settings, on_delivered, app, err);
    return env->producer != NULL ? DW_OK : DW_E_CONFIG;
}

static void on_redis_checked(void *user, dw_check_outcome outcome, int32_t partitions)
{
    dw_app *app = user;
    if (outcome == DW_CHECKED_REFUSED && app->state == DW_APP_CHECK_REDIS) {
        end(app, EXIT_BAD_CONFIG);
        return;
    }
    if (outcome != DW_CHECKED_OK || app->state != DW_APP_CHECK_REDIS)
        return; /* later looks only speak; the shards compare for themselves */
    dw_log_write(app->log, DW_LOG_INFO, "redis_ok", DW_LOG_NO_PARTITION, "%s keeps its data and belongs to this log",
                 app->settings->redis_address);
    app->env.stored_partitions = partitions;
    say_partition_count(app);
    dw_error err;
    if (dw_group_join(app->env.group, &err) != DW_OK) {
        dw_log_write(app->log, DW_LOG_ERROR, "group_join", DW_LOG_NO_PARTITION, "%s", err.text);
        end(app, EXIT_BUG);
        return;
    }
    dw_probe_prepare(app->env.probe);
    to_state(app, DW_APP_JOINING);
}

static void on_kafka_checked(void *user, dw_check_outcome outcome, const dw_kafka_facts *facts)
{
    dw_app *app = user;
    if (app->state != DW_APP_CHECK_KAFKA)
        return;
    switch (outcome) {
    case DW_CHECKED_WAIT:
        dw_timer_arm(&app->retry, 1000000);
        return;
    case DW_CHECKED_REFUSED:
        end(app, EXIT_BAD_CONFIG);
        return;
    case DW_CHECKED_OK:
        break;
    }
    app->facts = *facts;
    dw_log_write(app->log, DW_LOG_INFO, "kafka_ok", DW_LOG_NO_PARTITION, "topic %s: %d partitions, cluster %s",
                 app->settings->kafka_topics_input, facts->partitions,
                 facts->cluster_id[0] != '\0' ? facts->cluster_id : "without an id");
    dw_error err;
    if (open_kafka(app, &err) != DW_OK) {
        dw_log_write(app->log, DW_LOG_ERROR, "kafka_open", DW_LOG_NO_PARTITION, "%s", err.text);
        end(app, EXIT_BAD_CONFIG);
        return;
    }
    to_state(app, DW_APP_CHECK_REDIS);
    app->redis_check = dw_redis_check_new(app->redis, app->log, app->settings, facts, on_redis_checked, app);
    if (app->redis_check == NULL)
        abort();
}

static void check_kafka(void *user)
{
    dw_app *app = user;
    if (app->state == DW_APP_CHECK_KAFKA)
        dw_kafka_check_run(app->kafka_check);
}

/* --- every second */

/* Feeds the watchdog while something moves or nothing is to be done. Waiting for Redis or Kafka is not a stall: starting
 * again would not bring them back. */
static bool is_alive(dw_app *app, int64_t now_boot_us)
{
    uint64_t progress = app->env.consumed;
    bool work = false;
    for (int32_t p = 0; p < app->host_slots; p++) {
        if (app->hosts[p] == NULL)
            continue;
        const dw_shard *shard = dw_host_shard(app->hosts[p]);
        if (shard != NULL)
            progress += dw_shard_get_stats(shard)->progress + 1;
        if (dw_host_link_up(app->hosts[p]) && dw_host_has_work(app->hosts[p]))
            work = true;
    }
    if (progress != app->progress_seen || !work) {
        app->progress_seen = progress;
        app->progress_boot_us = now_boot_us;
    }
    return now_boot_us - app->progress_boot_us < DW_WATCHDOG_STALL_US;
}

static void on_second(void *user)
{
    dw_app *app = user;
    int64_t now_us = dw_now_read().boot_us;
    dw_timer_arm(&app->second, dw_notify_interval_us(&app->notify));
    for (int32_t p = 0; p < app->host_slots; p++)
        if (app->hosts[p] != NULL)
            dw_host_tick(app->hosts[p]);
    /* Up and waiting for servers that are not there yet is a state of its own, said by STATUS and /readyz. */
    if (now_us - app->started_boot_us > DW_READY_US)
        tell_ready(app);
    dw_app_watch_holidays(app);
    char line[160];
    dw_app_status_line(app, line, sizeof(line));
    dw_notify_status(&app->notify, "%s", line);
    bool alive = is_alive(app, now_us);
    if (!alive)
        dw_log_write(app->log, DW_LOG_ERROR, "stalled", DW_LOG_NO_PARTITION,
                     "no progress for %d s with work to do; the watchdog is not fed",
                     (int)(DW_WATCHDOG_STALL_US / 1000000));
    dw_notify_alive(&app->notify, alive);
    dw_log_flush(app->log);
}

/* --- stop */

static void on_stop_limit(void *user)
{
    dw_app *app = user;
    dw_log_write(app->log, DW_LOG_WARN, "stop_slow", DW_LOG_NO_PARTITION,
                 "not everything ended in time; the next owner finds each commit whole or not at all");
    _exit(EXIT_OK);
}

static void stop(dw_app *app)
{
    if (app->stop_asked) {
        dw_log_write(app->log, DW_LOG_WARN, "stopped", DW_LOG_NO_PARTITION, "at once, as asked twice");
        _exit(EXIT_OK);
    }
    app->stop_asked = true;
    dw_notify_stopping(&app->notify);
    dw_log_write(app->log, DW_LOG_INFO, "stopping", DW_LOG_NO_PARTITION, "commits in flight end, partitions go back");
    dw_timer_arm(&app->stop_limit, DW_STOP_US);
    if (app->state == DW_APP_CHECK_KAFKA || app->state == DW_APP_CHECK_REDIS) {
        end(app, EXIT_OK);
        return;
    }
    if (app->state != DW_APP_REVOKING)
        to_state(app, DW_APP_STOPPING);
    dw_group_leave(app->env.group);
}

static void on_signal(void *user, int signo)
{
    if (signo == SIGHUP)
        dw_app_reload(user);
    else
        stop(user);
}

/* --- parts */

static dw_errc open_base(dw_app *app, dw_error *err)
{
    static const dw_group_handler group_handler = {
        .assigned = on_assigned, .revoked = on_revoked, .witness = on_group_witness, .left = on_left};
    dw_settings *s = app->settings;
    app->log = dw_log_new(stderr, (dw_log_format)s->log_format, (dw_log_level)s->log_level);
    app->loop = dw_loop_new();
    if (app->log == NULL || app->loop == NULL || !dw_timer_init(&app->second, app->loop, on_second, app) ||
        !dw_timer_init(&app->retry, app->loop, check_kafka, app) ||
        !dw_timer_init(&app->revoke_limit, app->loop, on_revoke_limit, app) ||
        !dw_timer_init(&app->stop_limit, app->loop, on_stop_limit, app) ||
        !dw_loop_on_signal(app->loop, SIGTERM, on_signal, app) ||
        !dw_loop_on_signal(app->loop, SIGINT, on_signal, app) || !dw_loop_on_signal(app->loop, SIGHUP, on_signal, app))
        return dw_fail(err, DW_E_NOMEM, "no memory, or no monotonic clock");
    if (strcmp(s->http_listen, "off") != 0) {
        app->http = dw_http_new(app->loop, app->log, s->http_listen, dw_app_page, app, err);
        if (app->http == NULL)
            return DW_E_CONFIG;
    }
    app->redis = dw_redis_new(app->loop, app->log, s, err);
    if (app->redis == NULL)
        return DW_E_CONFIG;
    dw_group *group = dw_group_new(app->loop, app->log, s, &group_handler, app, err);
    if (group == NULL)
        return DW_E_CONFIG;
    app->env.group = group;
    app->kafka_check = dw_kafka_check_new(app->loop, app->log, s, dw_group_rk(group), on_kafka_checked, app);
    TAILQ_INIT(&app->env.waiting);
    app->env.cache = dw_cache_new((size_t)s->shard_cache_bytes);
    return app->kafka_check != NULL && app->env.cache != NULL ? DW_OK : dw_fail(err, DW_E_NOMEM, "no memory");
}

static dw_errc fill_env(dw_app *app, dw_error *err)
{
    dw_host_env *env = &app->env;
    env->loop = app->loop;
    env->log = app->log;
    env->settings = app->settings;
    env->redis = app->redis;
    env->own_policy = &app->policy.text;
    env->released = on_released;
    env->changed = on_changed;
    env->user = app;
    uint8_t random[16];
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return dw_fail(err, DW_E_IO, "no random numbers");
    for (size_t i = 0; i < sizeof(random); i++)
        snprintf(env->owner + 2 * i, 3, "%02x", random[i]);
    if (app->settings->auth_key_file[0] == '\0') {
        dw_log_write(
            app->log, DW_LOG_WARN, "no_auth_key", DW_LOG_NO_PARTITION,
            "auth.key_file is not set: every acknowledgement and every change of policy from elsewhere is refused; "
            "`driftwatchd --setup` makes a key");
        return DW_OK;
    }
    char *key = NULL;
    dw_errc rc = dw_secret_read(app->settings->auth_key_file, &key, &env->auth_key_len, err);
    env->auth_key = (uint8_t *)key;
    return rc;
}

static void close_parts(dw_app *app)
{
    if (app->hosts != NULL)
        free_hosts(app);
    free(app->hosts);
    app->hosts = NULL;
    app->host_slots = 0;
    dw_redis_check_free(&app->redis_check);
    dw_kafka_check_free(&app->kafka_check);
    dw_http_free(&app->http);
    if (app->loop != NULL)
        dw_loop_drain(app->loop); /* links that are freed at the end of a turn */
    dw_producer_free(&app->env.producer);
    dw_probe_free(&app->env.probe);
    dw_fetch_free(&app->env.fetch);
    dw_group_free(&app->env.group);
    dw_redis_free(&app->redis);
    dw_cache_free(&app->env.cache);
    dw_timer_deinit(&app->second);
    dw_timer_deinit(&app->retry);
    dw_timer_deinit(&app->revoke_limit);
    dw_timer_deinit(&app->stop_limit);
    if (app->loop != NULL)
        dw_loop_drain(app->loop);
    dw_loop_free(&app->loop);
    if (app->env.auth_key != NULL) {
        explicit_bzero((void *)app->env.auth_key, app->env.auth_key_len);
        free((void *)app->env.auth_key);
    }
    dw_policy_files_deinit(&app->policy);
    dw_log_free(&app->log);
}

/* Taking the libraries down can wait for a broker that does not answer. */
static void on_alarm(int signo)
{
    (void)signo;
    _exit(EXIT_OK);
}

static void bound_closing(int status)
{
    struct sigaction action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval in = {.it_value = {.tv_sec = 0, .tv_usec = 400000}};
    if (status == EXIT_OK)
        setitimer(ITIMER_REAL, &in, NULL);
}

static bool read_policy(dw_app *app)
{
    dw_problems problems = {0};
    bool ok = dw_policy_files_read(app->settings, &app->policy, &problems);
    dw_problems_print(&problems, stderr);
    dw_problems_deinit(&problems);
    return ok;
}

int dw_app_run(dw_settings *settings, const char *config_path)
{
    dw_app *app = calloc(1, sizeof(*app));
    if (app == NULL)
        return EXIT_BUG;
    app->settings = settings;
    app->config_path = config_path;
    dw_now now = dw_now_read();
    app->started_wall_us = now.wall_us;
    app->started_boot_us = app->progress_boot_us = now.boot_us;
    dw_notify_init(&app->notify);
    app->exit_status = EXIT_BAD_CONFIG;
    dw_error err;
    if (!read_policy(app)) {
        fprintf(stderr, "driftwatchd: the policy cannot be used\n");
    } else if (open_base(app, &err) != DW_OK || fill_env(app, &err) != DW_OK) {
        fprintf(stderr, "driftwatchd: %s\n", err.text);
    } else {
        app->exit_status = EXIT_OK;
        dw_log_write(app->log, DW_LOG_INFO, "started", DW_LOG_NO_PARTITION, "driftwatchd " DW_VERSION ", settings %s",
                     settings->file[0] != '\0' ? settings->file : "by default");
        dw_timer_arm(&app->second, 0);
        dw_timer_arm(&app->retry, 0);
        dw_loop_run(app->loop);
        bound_closing(app->exit_status);
    }
    int status = app->exit_status;
    if (app->log != NULL && status == EXIT_OK)
        dw_log_write(app->log, DW_LOG_INFO, "stopped", DW_LOG_NO_PARTITION, "in order");
    close_parts(app);
    dw_settings_free(&app->settings);
    free(app);
    return status;
}

/* app_pages.c: what the app shows: /metrics, /livez, /readyz, the status line. */

#include "daemon/app_parts.h"

#include "proto/json.h"
#include "proto/limits.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* --- counters of all shards, those handed back included */

static void add_counters(dw_shard_stats *sum, const dw_shard_stats *one)
{
#define X(f, h) sum->f += one->f;
    DW_SHARD_COUNTER_LIST(X)
#undef X
    for (size_t i = 0; i < DW_ERRC_COUNT; i++)
        sum->rejected_by[i] += one->rejected_by[i];
}

static void count_alerts(void *user, dw_str rule_id, dw_transition_kind kind, uint64_t count)
{
    dw_alert_counts *counts = user;
    size_t i = 0;
    while (i < counts->count && !dw_str_eq(dw_str_from(counts->rules[i].rule), rule_id))
        i++;
    if (i == counts->count) {
        if (i == DW_RULES_MAX || rule_id.len > DW_RULE_ID_BYTES_MAX)
            return;
        memcpy(counts->rules[i].rule, rule_id.ptr, rule_id.len);
        counts->count++;
    }
    counts->rules[i].by_kind[kind] += count;
}

void dw_app_retire(dw_app *app, const dw_host *host)
{
    const dw_shard *shard = dw_host_shard(host);
    if (shard == NULL)
        return;
    add_counters(&app->retired, dw_shard_get_stats(shard));
    dw_shard_alert_counts(shard, count_alerts, &app->retired_alerts);
}

typedef struct view { /* what a page is made from */
    const dw_app *app;
    dw_now now;
    dw_metrics_page *page;
    dw_shard_stats sum;
} view;

static const dw_shard_stats *stats_of(const dw_app *app, int32_t partition)
{
    const dw_host *host = app->hosts[partition];
    const dw_shard *shard = host != NULL ? dw_host_shard(host) : NULL;
    return shard != NULL ? dw_shard_get_stats(shard) : NULL;
}

static bool is_claimed(const dw_shard_stats *stats)
{
    switch (stats->state) {
    case DW_SHARD_RUN:
    case DW_SHARD_HELD:
        return true;
    case DW_SHARD_IDLE:
    case DW_SHARD_WITNESS:
    case DW_SHARD_CLAIM:
    case DW_SHARD_LOAD:
    case DW_SHARD_RELEASE:
    case DW_SHARD_RELEASED:
        return false;
    }
    return false;
}

/* --- families of one value a shard */

typedef bool shard_value(const view *v, int32_t partition, const dw_shard_stats *stats, double *out);

static bool value_claimed(const view *v, int32_t p, const dw_shard_stats *s, double *out)
{
    (void)v;
    (void)p;
    *out = is_claimed(s) ? 1 : 0;
    return true;
}
static bool value_offset(const view *v, int32_t p, const dw_shard_stats *s, double *out)
{
    (void)v;
    (void)p;
    *out = (double)s->next_offset;
    return true;
}
static bool value_lag(const view *v, int32_t p, const dw_shard_stats *s, double *out)
{
    (void)s;
    *out = (double)dw_host_lag(v->app->hosts[p]);
    return *out >= 0;
}
static bool value_lag_seconds(const view *v, int32_t p, const dw_shard_stats *s, double *out)
{
    int64_t lag = dw_host_lag(v->app->hosts[p]);
    *out = lag > 0 && s->clock_us > 0 ? (double)(v->now.wall_us - s->clock_us) / 1e6 : 0;
    if (*out < 0)
        *out = 0;
    return lag >= 0;
}
static bool value_clock(const view *v, int32_t p, const dw_shard_stats *s, double *out)
{
    (void)v;
    (void)p;
    *out = (double)s->clock_us / 1e6;
    return s->clock_us > 0;
}
static bool value_rows(const view *v, int32_t p, const dw_shard_stats *s, double *out)
{
    (void)v;
    (void)p;
    *out = (double)s->outbox_rows;
    return true;
}
static bool value_row_bytes(const view *v, int32_t p, const dw_shard_stats *s, double *out)
{
    (void)v;
    (void)p;
    *out = (double)s->outbox_bytes;
    return true;
}
static bool value_row_age(const view *v, int32_t p, const dw_shard_stats *s, double *out)
{
    (void)p;
    *out = s->outbox_rows > 0 && s->outbox_oldest_us > 0 ? (double)(v->now.wall_us - s->outbox_oldest_us) / 1e6 : 0;
    if (*out < 0)
        *out = 0;
    return true;
}
static bool value_deadline(const view *v, int32_t p, const dw_shard_stats *s, double *out)
{
    (void)v;
    (void)p;
    *out = (double)s->next_deadline_us / 1e6;
    return s->next_deadline_us != DW_AT_NEVER && s->next_deadline_us != DW_AT_NONE;
}
static bool value_deadline_overdue(const view *v, int32_t p, const dw_shard_stats *s, double *out)
{
    bool armed = value_deadline(v, p, s, out);
    *out = armed && s->next_deadline_us < v->now.wall_us ? (double)(v->now.wall_us - s->next_deadline_us) / 1e6 : 0;
    return true;
}
static bool value_deadline_late(const view *v, int32_t p, const dw_shard_stats *s, double *out)
{
    (void)v;
    (void)p;
    *out = (double)s->deadline_late_us / 1e6;
    return true;
}
static bool value_policy(const view *v, int32_t p, const dw_shard_stats *s, double *out)
{
    (void)v;
    (void)p;
    *out = s->policy_number;
    return true;
}

static void put_by_shard(const view *v, dw_metric metric, shard_value *value)
{
    dw_metrics_family(v->page, metric);
    for (int32_t p = 0; p < v->app->host_slots; p++) {
        const dw_shard_stats *stats = stats_of(v->app, p);
        double number = 0;
        if (stats == NULL || !value(v, p, stats, &number))
            continue;
        char label[40];
        snprintf(label, sizeof(label), "partition=\"%d\"", p);
        dw_metrics_sample(v->page, metric, label, number);
    }
}

/* Every reason at 0, the one that holds at 1: so that a rule on the series needs no "absent". */
static void put_holds(const view *v)
{
    dw_metrics_family(v->page, DW_M_HOLD);
    for (int32_t p = 0; p < v->app->host_slots; p++) {
        const dw_shard_stats *stats = stats_of(v->app, p);
        for (int h = DW_HOLD_NONE + 1; stats != NULL && h < DW_HOLDS; h++) {
            if (v->app->host_slots > DW_HOLD_SERIES_PARTITIONS && (int)stats->hold != h)
                continue;
            char label[80];
            snprintf(label, sizeof(label), "partition=\"%d\",hold=\"%s\"", p, dw_hold_name((dw_hold)h));
            dw_metrics_sample(v->page, DW_M_HOLD, label, (int)stats->hold == h ? 1 : 0);
        }
    }
}

static void put_shards(const view *v)
{
    static const struct {
        dw_metric metric;
        shard_value *value;
    } families[] = {
        {DW_M_CLAIMED, value_claimed},
        {DW_M_OFFSET, value_offset},
        {DW_M_LAG, value_lag},
        {DW_M_LAG_SECONDS, value_lag_seconds},
        {DW_M_CLOCK, value_clock},
        {DW_M_OUTBOX_ROWS, value_rows},
        {DW_M_OUTBOX_BYTES, value_row_bytes},
        {DW_M_OUTBOX_AGE, value_row_age},
        {DW_M_NEXT_DEADLINE, value_deadline},
        {DW_M_DEADLINES_OVERDUE, value_deadline_overdue},
        {DW_M_DEADLINE_LATE, value_deadline_late},
        {DW_M_POLICY, value_policy},
    };
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        put_by_shard(v, families[i].metric, families[i].value);
    put_holds(v);
}

/* --- families of the process */

static void put_one(const view *v, dw_metric metric, double value)
{
    dw_metrics_family(v->page, metric);
    dw_metrics_sample(v->page, metric, NULL, value);
}

static void put_counters(const view *v)
{
    const dw_shard_stats *s = &v->sum;
    const struct {
        dw_metric metric;
        uint64_t value;
    } counters[] = {
        {DW_M_CONSUMED, v->app->env.consumed},
        {DW_M_CONSUMED_BYTES, v->app->env.consumed_bytes},
        {DW_M_APPLIED, s->applied},
        {DW_M_DUPLICATES, s->duplicates},
        {DW_M_FORWARDED, s->forwarded},
        {DW_M_FORWARD_REPEATS, s->forward_repeats},
        {DW_M_PARKED, s->parked},
        {DW_M_DEAD_LETTERS, s->dead_lettered},
        {DW_M_CONTROL, s->control},
        {DW_M_TICKS, s->ticks_sent},
        {DW_M_GAPS, s->gaps},
        {DW_M_DEADLINES_FIRED, s->deadlines_fired},
        {DW_M_TURNS, s->turns},
        {DW_M_COMMITS, s->commits},
        {DW_M_COMMIT_RETRIES, s->commit_retries},
        {DW_M_CLAIMS, s->claims},
        {DW_M_FENCED, s->fenced},
        {DW_M_ROLLBACKS, s->store_rollbacks},
        {DW_M_PAGE_READS, s->page_reads},
        {DW_M_CACHE_HITS, s->cache_hits},
        {DW_M_CACHE_MISSES, s->cache_misses},
        {DW_M_LOG_SWALLOWED, dw_log_swallowed(v->app->log)},
        {DW_M_PRODUCER_RESTARTS, v->app->env.producer != NULL ? dw_producer_restarts(v->app->env.producer) : 0},
    };
    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
        put_one(v, counters[i].metric, (double)counters[i].value);
    dw_metrics_family(v->page, DW_M_REJECTED);
    for (int e = DW_OK + 1; e < DW_ERRC_COUNT; e++) {
        if (s->rejected_by[e] == 0)
            continue;
        char label[80];
        snprintf(label, sizeof(label), "reason=\"%s\"", dw_errc_name((dw_errc)e));
        dw_metrics_sample(v->page, DW_M_REJECTED, label, (double)s->rejected_by[e]);
    }
    dw_metrics_family(v->page, DW_M_RELOADS);
    dw_metrics_sample(v->page, DW_M_RELOADS, "result=\"ok\"", (double)v->app->reloads_ok);
    dw_metrics_sample(v->page, DW_M_RELOADS, "result=\"failed\"", (double)v->app->reloads_failed);
}

static void put_alerts(const view *v)
{
    dw_metrics_family(v->page, DW_M_ALERTS);
    dw_alert_counts *counts = malloc(sizeof(*counts));
    if (counts == NULL) {
        v->page->failed = true;
        return;
    }
    *counts = v->app->retired_alerts;
    for (int32_t p = 0; p < v->app->host_slots; p++)
        if (v->app->hosts[p] != NULL && dw_host_shard(v->app->hosts[p]) != NULL)
            dw_shard_alert_counts(dw_host_shard(v->app->hosts[p]), count_alerts, counts);
    for (size_t i = 0; i < counts->count; i++) {
        for (int k = DW_TR_NONE + 1; k < DW_TR_COUNT; k++) {
            if (counts->rules[i].by_kind[k] == 0)
                continue;
            char label[120];
            snprintf(label, sizeof(label), "rule=\"%s\",transition=\"%s\"", counts->rules[i].rule,
                     dw_transition_name((dw_transition_kind)k));
            dw_metrics_sample(v->page, DW_M_ALERTS, label, (double)counts->rules[i].by_kind[k]);
        }
    }
    free(counts);
}

/* Policy files differ: from the log's policy at the start (the engine compared), or by an edit since. */
static bool policy_differs(const dw_app *app)
{
    bool differs = app->policy_files_changed;
    for (int32_t p = 0; p < app->host_slots; p++) {
        const dw_shard_stats *stats = stats_of(app, p);
        if (stats != NULL && stats->own_policy_differs != 0)
            differs = true;
    }
    return differs;
}

static size_t count_fds(void)
{
    size_t n = 0;
    DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL)
        return 0;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir))
        if (entry->d_name[0] != '.')
            n++;
    closedir(dir);
    return n > 0 ? n - 1 : 0; /* without the directory itself */
}

/* The number behind `name`, when the line of /proc/self/status begins with it. */
static void read_status(const char *line, const char *name, unsigned long long *out)
{
    size_t len = strlen(name);
    if (strncmp(line, name, len) == 0)
        *out = strtoull(line + len, NULL, 10);
}

static void put_process(const view *v)
{
    struct rusage usage;
    struct rlimit limit;
    unsigned long long vsize = 0, rss = 0, threads = 0;
    FILE *status = fopen("/proc/self/status", "re");
    char line[200];
    while (status != NULL && fgets(line, sizeof(line), status) != NULL) {
        read_status(line, "VmSize:", &vsize);
        read_status(line, "VmRSS:", &rss);
        read_status(line, "Threads:", &threads);
    }
    if (status != NULL)
        fclose(status);
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        put_one(v, DW_M_CPU,
                (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
    put_one(v, DW_M_RSS, (double)rss * 1024);
    put_one(v, DW_M_VSIZE, (double)vsize * 1024);
    put_one(v, DW_M_THREADS, (double)threads);
    put_one(v, DW_M_FDS, (double)count_fds());
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        put_one(v, DW_M_MAX_FDS, (double)limit.rlim_cur);
    put_one(v, DW_M_START, (double)v->app->started_wall_us / 1e6);
}

static bool kafka_up(const dw_app *app)
{
    return app->env.fetch != NULL && dw_fetch_broker_up(app->env.fetch);
}

static bool redis_up(const dw_app *app)
{
    return app->redis_check != NULL && dw_redis_check_is_up(app->redis_check);
}

static void metrics_page(const dw_app *app, dw_http_answer *answer)
{
    dw_metrics_page page = {0};
    view v = {.app = app, .now = dw_now_read(), .page = &page, .sum = app->retired};
    for (int32_t p = 0; p < app->host_slots; p++)
        if (stats_of(app, p) != NULL)
            add_counters(&v.sum, stats_of(app, p));
    dw_metrics_family(&page, DW_M_BUILD_INFO);
    dw_metrics_sample(&page, DW_M_BUILD_INFO, "version=\"" DW_VERSION "\"", 1);
    put_one(&v, DW_M_UP_SECONDS, (double)(v.now.boot_us - app->started_boot_us) / 1e6);
    put_one(&v, DW_M_READY, dw_app_is_ready(app) ? 1 : 0);
    put_one(&v, DW_M_REDIS_UP, redis_up(app) ? 1 : 0);
    put_one(&v, DW_M_KAFKA_UP, kafka_up(app) ? 1 : 0);
    put_counters(&v);
    put_alerts(&v);
    dw_metrics_histogram(&page, DW_M_COMMIT_SECONDS, &app->env.commit_seconds);
    put_one(&v, DW_M_CACHE_BYTES, (double)dw_cache_bytes(app->env.cache));
    put_one(&v, DW_M_POLICY_DIFFERS, policy_differs(app) ? 1 : 0);
    dw_holidays_left holidays;
    if (dw_app_holidays(app, &holidays))
        put_one(&v, DW_M_HOLIDAYS, holidays.days);
    put_shards(&v);
    put_process(&v);
    answer->content_type = "text/plain; version=0.0.4; charset=utf-8";
    if (page.failed) {
        dw_metrics_page_deinit(&page);
        return;
    }
    answer->text = page.text;
    answer->len = page.len;
}

/* --- health */

/* Why the daemon is not ready; each is one line of /readyz?verbose. Returns how many. */
static size_t reasons(const dw_app *app, FILE *out)
{
    size_t n = 0;
#define REASON(...) (n++, out != NULL ? (void)fprintf(out, __VA_ARGS__) : (void)0)
    if (app->state != DW_APP_SERVING)
        REASON("[-] %s\n", dw_app_state_name(app->state));
    if (!redis_up(app))
        REASON("[-] redis: no connection\n");
    if (app->env.fetch != NULL && !kafka_up(app))
        REASON("[-] kafka: no broker can be reached\n");
    for (int32_t p = 0; p < app->host_slots; p++) {
        if (app->hosts[p] == NULL)
            continue;
        const dw_shard_stats *stats = stats_of(app, p);
        if (stats == NULL)
            REASON("[-] shard %d: connecting to redis\n", p);
        else if (stats->state == DW_SHARD_HELD)
            REASON("[-] shard %d: held, %s: %s\n", p, dw_hold_name(stats->hold), stats->hold_text);
        else if (!is_claimed(stats))
            REASON("[-] shard %d: %s\n", p, dw_shard_state_name(stats->state));
    }
#undef REASON
    return n;
}

bool dw_app_is_ready(const dw_app *app)
{
    return reasons(app, NULL) == 0;
}

static void count_shards(const dw_app *app, size_t *owned, size_t *held, int64_t *lag)
{
    *owned = *held = 0;
    *lag = 0;
    for (int32_t p = 0; p < app->host_slots; p++) {
        const dw_shard_stats *stats = stats_of(app, p);
        if (stats == NULL)
            continue;
        int64_t one = dw_host_lag(app->hosts[p]);
        *lag += one > 0 ? one : 0;
        *owned += is_claimed(stats);
        *held += stats->state == DW_SHARD_HELD;
    }
}

void dw_app_status_line(const dw_app *app, char *out, size_t max)
{
    size_t owned = 0, held = 0;
    int64_t lag = 0;
    count_shards(app, &owned, &held, &lag);
    if (app->state != DW_APP_SERVING)
        snprintf(out, max, "%s", dw_app_state_name(app->state));
    else if (!redis_up(app))
        snprintf(out, max, "waiting for Redis");
    else if (held > 0)
        snprintf(out, max, "%zu of %zu shards held: see /readyz?verbose or `driftwatch status`", held, owned);
    else
        snprintf(out, max, "%zu shards, %s", owned, lag > 1000 ? "catching up" : "up to date");
}

/* What does not make the daemon unready, but somebody must do. */
static void warn_of_holidays(const dw_app *app, FILE *out)
{
    dw_holidays_left holidays;
    char until[16];
    if (!dw_app_holidays(app, &holidays) || !holidays.soon)
        return;
    dw_date_format(holidays.until, until);
    fprintf(out, "[!] the list of bank holidays ends on %s, in %d days: take a new one\n", until, holidays.days);
}

static void health_page(const dw_app *app, bool ready_page, bool verbose, dw_http_answer *answer)
{
    FILE *out = open_memstream(&answer->text, &answer->len);
    if (out == NULL)
        return;
    size_t bad = ready_page ? reasons(app, verbose ? out : NULL) : 0;
    if (verbose) {
        char line[160];
        dw_app_status_line(app, line, sizeof(line));
        fprintf(out, "%s\n", line);
    }
    if (ready_page)
        warn_of_holidays(app, out);
    fprintf(out, bad == 0 ? "ok\n" : "not ready\n");
    if (fclose(out) != 0) {
        free(answer->text);
        answer->text = NULL;
    }
    answer->status = bad == 0 ? 200 : 503;
}

void dw_app_page(void *user, dw_http_page page, bool verbose, dw_http_answer *answer)
{
    switch (page) {
    case DW_HTTP_METRICS:
        metrics_page(user, answer);
        break;
    case DW_HTTP_LIVEZ:
        health_page(user, false, verbose, answer);
        break;
    case DW_HTTP_READYZ:
        health_page(user, true, verbose, answer);
        break;
    }
}

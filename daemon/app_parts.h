#pragma once
/* app_parts.h: the inside of the app, shared by the files app*.c and by nobody else. */

#include "daemon/app.h"
#include "daemon/host.h"
#include "daemon/http.h"
#include "daemon/kafka_check.h"
#include "daemon/metrics.h"
#include "daemon/notify.h"
#include "daemon/policy_files.h"
#include "daemon/redis_check.h"

typedef enum dw_app_state {
    DW_APP_CHECK_KAFKA,
    DW_APP_CHECK_REDIS,
    DW_APP_JOINING, /* subscribed, no assignment yet */
    DW_APP_SERVING,
    DW_APP_REVOKING,
    DW_APP_STOPPING,
    DW_APP_STOPPED
} dw_app_state;
const char *dw_app_state_name(dw_app_state state);

/* Transitions counted per rule and kind, of shards that are gone; those held now are asked. */
typedef struct dw_alert_counts {
    struct {
        char rule[DW_RULE_ID_BYTES_MAX + 1];
        uint64_t by_kind[DW_TR_COUNT];
    } rules[DW_RULES_MAX];
    size_t count;
} dw_alert_counts;

typedef struct dw_app {
    dw_settings *settings;
    const char *config_path;
    dw_app_state state;
    int exit_status;
    bool stop_asked, ready_told;
    int64_t started_wall_us, started_boot_us;

    dw_loop *loop;
    dw_log *log;
    dw_notify notify;
    dw_http *http;
    dw_policy_files policy;
    bool policy_files_changed; /* since the start */
    dw_redis *redis;
    dw_kafka_check *kafka_check;
    dw_redis_check *redis_check;
    dw_kafka_facts facts;
    dw_host_env env;

    int32_t host_slots; /* >= partitions, once known */
    dw_host **hosts;    /* by partition; NULL: not ours */
    uint64_t lives;

    dw_timer second, retry, revoke_limit, stop_limit;
    dw_later revoke_check;

    dw_shard_stats retired; /* counters of shards handed back */
    dw_alert_counts retired_alerts;
    uint64_t reloads_ok, reloads_failed;
    uint64_t progress_seen;
    int64_t progress_boot_us;
    int32_t holidays_told_day; /* by a shard's clock; 0: not yet */
} dw_app;

/* app_holidays.c: how far the list of bank holidays reaches, of the shard where it is shortest; by that shard's clock. */
typedef struct dw_holidays_left {
    int32_t days, today, until;
    bool soon; /* it ends within DW_HOLIDAYS_AHEAD_MONTHS */
} dw_holidays_left;
bool dw_app_holidays(const dw_app *app, dw_holidays_left *out); /* false: no shard has a policy yet */
void dw_app_watch_holidays(dw_app *app);                        /* a line in the log at start and once a day */

void dw_app_reload(dw_app *app); /* app_reload.c: the settings are read again */

/* app_pages.c */
void dw_app_page(void *user, dw_http_page page, bool verbose, dw_http_answer *answer);
bool dw_app_is_ready(const dw_app *app);
void dw_app_retire(dw_app *app, const dw_host *host); /* keeps a shard's counters before it goes */
void dw_app_status_line(const dw_app *app, char *out, size_t max);

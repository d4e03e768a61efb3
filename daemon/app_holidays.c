/* app_holidays.c: the alarm when the list of bank holidays in force ends within a year, by the clocks of the shards: the host's
 * clock plays no part in what is due, so it plays none here. */

#include "daemon/app_parts.h"

#include "proto/json.h"

/* Days of the list that lie ahead of a shard; false until it has a policy and a clock. */
static bool left_of(const dw_shard_stats *stats, int32_t *today, int32_t *left)
{
    if (stats->policy_number == 0 || stats->clock_us <= 0 || stats->holidays_until == DW_DAY_NONE)
        return false;
    *today = dw_london_day(stats->clock_us);
    *left = stats->holidays_until - *today;
    return true;
}

bool dw_app_holidays(const dw_app *app, dw_holidays_left *out)
{
    bool any = false;
    for (int32_t p = 0; p < app->host_slots; p++) {
        const dw_shard *shard = app->hosts[p] != NULL ? dw_host_shard(app->hosts[p]) : NULL;
        int32_t today, left;
        if (shard == NULL || !left_of(dw_shard_get_stats(shard), &today, &left) || (any && left >= out->days))
            continue;
        *out = (dw_holidays_left){.days = left, .today = today, .until = today + left};
        out->soon = out->until < dw_day_add_months(today, DW_HOLIDAYS_AHEAD_MONTHS);
        any = true;
    }
    return any;
}

void dw_app_watch_holidays(dw_app *app)
{
    dw_holidays_left holidays;
    char until[16];
    if (!dw_app_holidays(app, &holidays) || !holidays.soon || holidays.today <= app->holidays_told_day)
        return;
    app->holidays_told_day = holidays.today;
    dw_date_format(holidays.until, until);
    dw_log_write(
        app->log, DW_LOG_WARN, "bank_holidays_end", DW_LOG_NO_PARTITION,
        "the list of bank holidays ends on %s, %d days ahead: past it every weekday counts as a working day; take "
        "https://www.gov.uk/bank-holidays.json and run `driftwatch policy apply`",
        until, holidays.days);
}

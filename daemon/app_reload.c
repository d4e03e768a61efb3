/* app_reload.c: SIGHUP: what may change while it runs, and what only is told. */

#include "daemon/app_parts.h"

static void log_problems(dw_app *app, const dw_problems *problems)
{
    char text[DW_PROBLEM_TEXT_MAX];
    for (size_t i = 0; i < problems->count && i < DW_PROBLEMS_MAX; i++)
        dw_log_write(app->log, problems->items[i].warning ? DW_LOG_WARN : DW_LOG_ERROR, "reload_problem",
                     DW_LOG_NO_PARTITION, "%s:%u:%u: %s", problems->items[i].file, problems->items[i].line,
                     problems->items[i].column, dw_problem_text(&problems->items[i], text));
}

/* Files are only read here; the policy in force is in the log. */
static void compare_policy(dw_app *app, dw_problems *problems)
{
    dw_policy_files files;
    if (!dw_policy_files_read(app->settings, &files, problems))
        return;
    app->policy_files_changed = strcmp(files.digest, app->policy.digest) != 0;
    dw_policy_files_deinit(&files);
    if (app->policy_files_changed)
        dw_log_write(
            app->log, DW_LOG_WARN, "policy_differs", DW_LOG_NO_PARTITION,
            "the standards, bank holidays or reporting line changed on disk since the start; the policy in force "
            "does not change by that: `driftwatch policy diff` shows it, `driftwatch policy apply` does it");
}

void dw_app_reload(dw_app *app)
{
    dw_problems problems = {0};
    dw_notify_reloading(&app->notify);
    dw_settings *fresh = dw_settings_load(app->config_path, &problems);
    if (fresh != NULL) {
        dw_settings_reload(app->settings, fresh, &problems);
        dw_log_configure(app->log, (dw_log_format)app->settings->log_format, (dw_log_level)app->settings->log_level);
        for (int32_t p = 0; p < app->host_slots; p++)
            if (app->hosts[p] != NULL)
                dw_host_configure(app->hosts[p]);
        compare_policy(app, &problems);
        dw_settings_free(&fresh);
        app->reloads_ok++;
        dw_log_write(app->log, DW_LOG_INFO, "reloaded", DW_LOG_NO_PARTITION, "settings were read again");
    } else {
        app->reloads_failed++;
        dw_log_write(app->log, DW_LOG_ERROR, "reload_failed", DW_LOG_NO_PARTITION,
                     "%zu errors: the old settings stay in force", problems.errors);
    }
    log_problems(app, &problems);
    dw_problems_deinit(&problems);
    dw_notify_ready(&app->notify);
}

/* notify.c: sd_notify. */

#include "daemon/notify.h"

#include <systemd/sd-daemon.h>
#include <time.h>

void dw_notify_init(dw_notify *notify)
{
    *notify = (dw_notify){0};
    uint64_t us = 0;
    if (sd_watchdog_enabled(0, &us) > 0)
        notify->watchdog_us = (int64_t)us;
}

void dw_notify_ready(dw_notify *notify)
{
    (void)notify;
    sd_notify(0, "READY=1");
}

void dw_notify_reloading(dw_notify *notify)
{
    (void)notify;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

void dw_notify_stopping(dw_notify *notify)
{
    (void)notify;
    sd_notify(0, "STOPPING=1");
}

void dw_notify_status(dw_notify *notify, const char *fmt, ...)
{
    char text[sizeof(notify->status)];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (strcmp(text, notify->status) == 0)
        return;
    memcpy(notify->status, text, sizeof(text));
    sd_notifyf(0, "STATUS=%s", text);
}

int64_t dw_notify_interval_us(const dw_notify *notify)
{
    int64_t third_us = notify->watchdog_us / 3;
    return third_us > 0 && third_us < 1000000 ? third_us : 1000000;
}

void dw_notify_alive(dw_notify *notify, bool alive)
{
    if (notify->watchdog_us > 0 && alive)
        sd_notify(0, "WATCHDOG=1");
}

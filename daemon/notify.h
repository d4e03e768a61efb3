#pragma once
/* notify.h: word to systemd: READY, RELOADING, STOPPING, STATUS and the watchdog. Does nothing outside systemd.
 *
 * The watchdog is fed only while dw_notify_alive() is called with true: the caller says so while progress is made or
 * there is nothing to do, so that a daemon that hangs is started again. */

#include "proto/base.h"

typedef struct dw_notify {
    int64_t watchdog_us; /* WATCHDOG_USEC of the unit; 0 = none */
    char status[200];
} dw_notify;

void dw_notify_init(dw_notify *notify);
void dw_notify_ready(dw_notify *notify);
void dw_notify_reloading(dw_notify *notify);
void dw_notify_stopping(dw_notify *notify);
/* One sentence for `systemctl status`; sent when it changed. */
void dw_notify_status(dw_notify *notify, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* How often to call dw_notify_alive(): a third of the unit's time, at most a second; 1 s without a watchdog. */
int64_t dw_notify_interval_us(const dw_notify *notify);
void dw_notify_alive(dw_notify *notify, bool alive);

#pragma once
/* app.h: the daemon: owns every part, brings them up in order, and takes them down.
 *
 *   start     settings, policy files and HTTP are there; then Kafka is checked, then Redis; both may come late
 *   join      the group gives partitions; each gets a host (host.h)
 *   rebalance everything is taken first: hosts let their commits end, at most DW_REVOKE_US
 *   reload    SIGHUP: settings are read again; what may change does, errors keep the old ones
 *   stop      SIGTERM: revoke as in a rebalance, leave the group, exit 0; after DW_STOP_US in any case, because a commit
 *             that was cut off is found whole or not at all by the next owner; a second SIGTERM exits at once */

#include "config/settings.h"

/* Runs until stopped; the exit status (sysexits: 0, 78 configuration, 70 software). Takes `settings` over.
 * config_path: for reloads; NULL: defaults. */
int dw_app_run(dw_settings *settings, const char *config_path);

#pragma once
/* probe.h: a look at a partition before it is claimed: where its log begins and ends, and the position of the last row in
 * the alerts partition. librdkafka 2.0.2 has no asynchronous request for either, so a handle of its own with tiny limits
 * reads one record at each place. The handle lives only while there is something to look at. */

#include "daemon/kafka.h"

typedef struct dw_probe dw_probe;
/* alerts_last: input offset of the last row's dw-position; -1: none, or not to be had. */
typedef void dw_probe_callback(void *user, int32_t partition, int64_t low, int64_t high, int64_t alerts_last);

dw_probe *dw_probe_new(dw_loop *loop, dw_log *log, const dw_settings *settings, dw_probe_callback *call, void *user);
void dw_probe_free(dw_probe **probe);
/* Answered once, unless cancelled; it keeps trying while the brokers do not answer. Asking again while one is under way
 * changes nothing. */
void dw_probe_prepare(dw_probe *probe); /* connects ahead: an assignment is about to come */
void dw_probe_ask(dw_probe *probe, int32_t partition);
void dw_probe_cancel_all(dw_probe *probe);

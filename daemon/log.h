#pragma once
/* log.h: what the daemon says: one line an occurrence, with a stable event name that a machine can watch for.
 *
 * Event names are lower_case and never change; texts may. Never a child's reference, never bytes of an event.
 * Formats: text (a person at a terminal), logfmt, JSON (an object a line), journal (native fields of systemd-journald,
 * logfmt on standard error when there is no journal). More than DW_LOG_BURST lines of one event name in
 * DW_LOG_WINDOW_US are swallowed; the count is told when the window ends. */

#include "config/settings.h"

typedef struct dw_log dw_log;

#define DW_LOG_NO_PARTITION (-1)

/* `stream` (a FILE *) stays the caller's. auto: journal when the stream is connected to it, text otherwise. */
dw_log *dw_log_new(void *stream, dw_log_format format, dw_log_level level);
void dw_log_free(dw_log **log);
void dw_log_configure(dw_log *log, dw_log_format format, dw_log_level level); /* reload */
bool dw_log_wants(const dw_log *log, dw_log_level level);
/* partition: the shard it concerns, or DW_LOG_NO_PARTITION. Control characters of the text become '?'. */
void dw_log_write(dw_log *log, dw_log_level level, const char *event, int32_t partition, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* Says how many lines were swallowed in windows that have ended; called now and then. */
void dw_log_flush(dw_log *log);
uint64_t dw_log_swallowed(const dw_log *log);
const char *dw_log_level_name(dw_log_level level);

#pragma once
/* kafka.h: what the librdkafka handles of the daemon share: configuration, log lines, queues on the loop.
 *
 * The daemon has four handles (librdkafka 2.0.2, Debian 12), because each needs something the others may not do:
 *   group     membership and the group's offsets. Its rebalances are answered with an EMPTY assignment: it fetches nothing,
 *             so the eager protocol's rule "change everything or nothing" does not touch what is read.
 *   fetch     reads. It never joins a group; partitions come and go one by one by incremental assignment at the offset
 *             the engine asks for: no seek, no pause, and no partition disturbs another.
 *   probe     looks at the ends of a partition and at the last row of the alerts topic; small limits; short-lived.
 *   producer  idempotent; replaced after a fatal error. */

#include "config/settings.h"
#include "daemon/log.h"
#include "daemon/loop.h"

#include <librdkafka/rdkafka.h>

/* A librdkafka queue whose events are served on the loop. Its fd is an eventfd that librdkafka writes to when the empty
 * queue gets something: fd first, then the queue until it is empty. */
typedef struct dw_kqueue dw_kqueue;
typedef void dw_kqueue_callback(void *user, rd_kafka_event_t *event); /* the event is destroyed afterwards */
/* Takes the reference over, also on failure (NULL). */
dw_kqueue *dw_kqueue_new(dw_loop *loop, rd_kafka_queue_t *queue, dw_kqueue_callback *call, void *user);
void dw_kqueue_free(dw_kqueue **kqueue); /* may be called in its own callback: then it ends after the turn */
rd_kafka_queue_t *dw_kqueue_queue(dw_kqueue *kqueue);
/* Serves now what is there, though no fd said so: keeps max.poll.interval.ms quiet. */
void dw_kqueue_poke(dw_kqueue *kqueue);

/* The last value of that name among the headers; empty when there is none, and when it is longer than any of ours. */
dw_str dw_kafka_header(const rd_kafka_message_t *message, const char *name);

/* A connection that failed and will be tried again: librdkafka's own log line says it already. */
bool dw_kafka_is_weather(rd_kafka_resp_err_t error);

typedef enum dw_kafka_role {
    DW_KAFKA_GROUP,
    DW_KAFKA_FETCH,
    DW_KAFKA_PROBE,
    DW_KAFKA_PRODUCER,
    DW_KAFKA_ADMIN
} dw_kafka_role;
const char *dw_kafka_role_name(dw_kafka_role role);

/* A handle and the queue of its log lines. */
typedef struct dw_kafka_handle {
    rd_kafka_t *rk;
    dw_kafka_role role;
    dw_log *log;
    dw_kqueue *logs;
    bool quiet; /* its last words are for debugging only: it is being closed */
} dw_kafka_handle;

/* Bytes of prefetch for each partition queue, of DW_PREFETCH_BYTES for all. */
int64_t dw_kafka_prefetch_bytes(int32_t partition_count);
/* Our fixed properties and those of kafka.properties. NULL with *err filled. partition_count: for FETCH, else 0. */
rd_kafka_conf_t *dw_kafka_conf(const dw_settings *settings, dw_kafka_role role, int32_t partition_count, dw_error *err);
/* "name=value" lines of what the fetch handle is set to, for the benchmark's bare consumer. */
void dw_kafka_print_consumer_settings(const dw_settings *settings, void *stdio_file);
/* loop NULL: no log queue, for programs without a loop; log lines are then dropped. */
dw_errc dw_kafka_open(dw_kafka_handle *handle, dw_loop *loop, dw_log *log, const dw_settings *settings,
                      dw_kafka_role role, int32_t partition_count, dw_error *err);
void dw_kafka_close(dw_kafka_handle *handle); /* all other references to its queues must be gone */

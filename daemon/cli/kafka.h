#pragma once
/* kafka.h: librdkafka used plainly and blocking, for tools. Errors are texts for people; nothing prints a payload. */

#include "config/settings.h"
#include "proto/base.h"

#include <librdkafka/rdkafka.h>

#define DW_KAFKA_TIMEOUT_MS 10000 /* for one answer of a broker */

/* A handle with the settings' brokers and kafka.properties. A consumer has no group membership and commits nothing. */
dw_errc dw_kafka_producer_new(const dw_settings *settings, rd_kafka_t **out, dw_error *err);
dw_errc dw_kafka_consumer_new(const dw_settings *settings, rd_kafka_t **out, dw_error *err);
dw_errc dw_kafka_partition_count(rd_kafka_t *rk, const char *topic, int32_t *count, dw_error *err);
/* Offsets of the first record and behind the last one. */
dw_errc dw_kafka_ends(rd_kafka_t *rk, const char *topic, int32_t partition, int64_t *low, int64_t *high, dw_error *err);

/* Reads [from, until) of partitions one message at a time, on a consumer of its own. `from` may be
 * RD_KAFKA_OFFSET_BEGINNING or _END. */
typedef struct dw_log_reader dw_log_reader;
typedef struct dw_log_span {
    int32_t partition;
    int64_t from, until; /* until: not included; INT64_MAX: goes on for ever */
} dw_log_span;
dw_errc dw_log_reader_new(const dw_settings *settings, const char *topic, const dw_log_span *spans, size_t count,
                          dw_log_reader **out, dw_error *err);
/* The next message, owned by the reader until the next call. NULL: with err->code DW_OK all spans are at their end or
 * `timeout_ms` passed without one; else a failure. */
const rd_kafka_message_t *dw_log_reader_next(dw_log_reader *reader, int timeout_ms, dw_error *err);
bool dw_log_reader_done(const dw_log_reader *reader);
void dw_log_reader_free(dw_log_reader **reader);

/* Appends records in order with acks=all, idempotent; reports what the brokers refused. */
typedef struct dw_publisher dw_publisher;
typedef struct dw_delivery {
    uint64_t tag;      /* as given to send */
    const char *error; /* NULL: stored */
    int32_t partition;
    int64_t offset;
} dw_delivery;
typedef void dw_delivery_fn(void *user, const dw_delivery *delivery);

dw_errc dw_publisher_new(const dw_settings *settings, const char *topic, dw_delivery_fn *each, void *user,
                         dw_publisher **out, dw_error *err);
int32_t dw_publisher_partitions(const dw_publisher *publisher);
typedef struct dw_outgoing {
    int32_t partition;
    bool has_key;
    dw_str key, value;
    dw_str auth;      /* header dw-auth; empty: none */
    int64_t stamp_us; /* record timestamp; 0: now. Not below one millisecond otherwise */
    uint64_t tag;
} dw_outgoing;
/* Bytes are copied. Waits while the queue is full. */
dw_errc dw_publisher_send(dw_publisher *publisher, const dw_outgoing *record, dw_error *err);
/* Waits until everything is stored or refused. */
dw_errc dw_publisher_flush(dw_publisher *publisher, dw_error *err);
uint64_t dw_publisher_stored(const dw_publisher *publisher);
uint64_t dw_publisher_refused(const dw_publisher *publisher);
void dw_publisher_free(dw_publisher **publisher);

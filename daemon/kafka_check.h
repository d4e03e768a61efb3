#pragma once
/* kafka_check.h: is the log what the daemon relies on? Topics there, partition counts alike, LogAppendTime, never compacted,
 * kept for ever. And the other way round: --setup makes what is missing.
 *
 * The check runs before anything is read. It asks for metadata with a short wait of at most DW_METADATA_MS (librdkafka has
 * no asynchronous call), which happens only then, and for the topic's settings without waiting. */

#include "daemon/kafka.h"
#include "proto/limits.h"

typedef enum dw_check_outcome {
    DW_CHECKED_OK,
    DW_CHECKED_WAIT,   /* no answer; a later try may succeed */
    DW_CHECKED_REFUSED /* said in the log, with the command that mends it */
} dw_check_outcome;

typedef struct dw_kafka_facts {
    int32_t partitions;           /* of the input topic */
    char cluster_id[80];          /* "" when unknown (mock broker) */
    int32_t idle[DW_BROKERS_MAX]; /* one partition of the dead-letter topic of each leading broker; see fetch.h */
    size_t idle_count;
    char too_narrow
        [500]; /* a topic of ours has fewer partitions than the input, and what mends it; "": none. Whether it is
                             refused is up to redis_check.h, which knows how many the input once had */
} dw_kafka_facts;

typedef void dw_kafka_check_callback(void *user, dw_check_outcome outcome, const dw_kafka_facts *facts);

typedef struct dw_kafka_check dw_kafka_check;
dw_kafka_check *dw_kafka_check_new(dw_loop *loop, dw_log *log, const dw_settings *settings, rd_kafka_t *rk,
                                   dw_kafka_check_callback *call, void *user);
void dw_kafka_check_free(dw_kafka_check **check);
void dw_kafka_check_run(dw_kafka_check *check); /* one try; answered by one call, perhaps at once */

/* --setup: makes missing topics, waits for the brokers' answers; no loop. Says on `out` what it did. */
dw_errc dw_kafka_setup(const dw_settings *settings, void *stdio_out, dw_error *err);

#pragma once
/* fetch.h: reads partitions of the input topic, each from the offset its shard asks for, each on a queue of its own.
 *
 * Back-pressure is not reading: a queue that is not read fills to its limit and librdkafka stops fetching it. No seek,
 * no pause. In librdkafka 2.0.2 a broker's fetcher sleeps up to a second when all its partitions are full, and nothing but
 * an answer wakes it; so one idle partition of each broker (of the dead-letter topic, from its end; what comes is thrown
 * away) keeps a request under way, and a drained queue is filled again within fetch.wait.max.ms. That lets queues be
 * small. After a start the first message may have any offset not below the one asked for (transaction marks leave
 * holes); callers check. */

#include "daemon/kafka_check.h"

typedef struct dw_fetch dw_fetch;

typedef struct dw_fetch_handler {
    void (*readable)(void *user, int32_t partition);    /* something is there, or dw_fetch_again() was asked */
    void (*partition_count)(void *user, int32_t count); /* the topic's, at each look, when it is known */
} dw_fetch_handler;

dw_fetch *dw_fetch_new(dw_loop *loop, dw_log *log, const dw_settings *settings, const dw_kafka_facts *facts,
                       const dw_fetch_handler *handler, void *user, dw_error *err);
void dw_fetch_free(dw_fetch **fetch);
/* Takes effect at the end of the turn; starting again moves to the new offset. Only of the partitions that the topic had when
 * this was made may one be started; of those that came later the other calls say that nothing is there. */
void dw_fetch_start(dw_fetch *fetch, int32_t partition, int64_t offset);
void dw_fetch_stop(dw_fetch *fetch, int32_t partition);
/* Up to `max` messages, errors and ends of partition among them; the caller destroys them. Never waits. */
size_t dw_fetch_read(dw_fetch *fetch, int32_t partition, rd_kafka_message_t **messages, size_t max);
/* Another `readable` in the next turn: for callers that stopped early. */
void dw_fetch_again(dw_fetch *fetch, int32_t partition);
size_t dw_fetch_unread(dw_fetch *fetch, int32_t partition); /* messages waiting in the queue */
/* Ends of the log as last seen; false: not known yet. high: exclusive. */
bool dw_fetch_ends(dw_fetch *fetch, int32_t partition, int64_t *low, int64_t *high);
bool dw_fetch_broker_up(const dw_fetch *fetch);

#pragma once
/* producer.h: appends records of the engine: rows of the outbox, ticks, forwards, the first policy.
 *
 * Order per partition is kept: the producer is idempotent and gapless, and after a failure nothing more of that shard is
 * taken until all of it has been reported, so that a later row cannot overtake a lost one. After a fatal error the handle is
 * replaced and everything that was under way is reported as not delivered; the engine sends it again, and consumers drop
 * positions they have seen. Reports come from the loop, never inside dw_producer_send(). */

#include "daemon/kafka.h"

typedef struct dw_producer dw_producer;
/* offset, stamp_us: where and when the broker appended it; -1 and 0 when not delivered or not told. */
typedef void dw_producer_callback(void *user, int32_t shard, uint64_t life, uint64_t ticket, bool ok, int64_t offset,
                                  int64_t stamp_us);

dw_producer *dw_producer_new(dw_loop *loop, dw_log *log, const dw_settings *settings, dw_producer_callback *call,
                             void *user, dw_error *err);
void dw_producer_free(dw_producer **producer); /* what is under way is dropped unreported */
/* A PRODUCE command of shard `shard`; `life` tells its owners apart and comes back in the report. Bytes are copied. */
void dw_producer_send(dw_producer *producer, const dw_command *command, int32_t shard, uint64_t life);
size_t dw_producer_under_way(const dw_producer *producer);
uint64_t dw_producer_restarts(const dw_producer *producer);

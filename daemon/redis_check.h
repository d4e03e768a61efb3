#pragma once
/* redis_check.h: is the store what the daemon relies on? Writes to disk, refuses rather than evicts, stands alone, belongs to
 * this log. Everything is said aloud; what is wrong is refused with the command that mends it. */

#include "daemon/kafka_check.h"
#include "daemon/redis.h"

/* OK: partitions is the count of the input topic when the state was made. Another one than today's is not refused: the
 * shards hold, each by its own state. */
typedef void dw_redis_check_callback(void *user, dw_check_outcome outcome, int32_t partitions);

typedef struct dw_redis_check dw_redis_check;
/* Starts at once on a link of its own and answers each time it has looked: again after each loss of that link, so a
 * server that was exchanged is seen. */
dw_redis_check *dw_redis_check_new(dw_redis *redis, dw_log *log, const dw_settings *settings,
                                   const dw_kafka_facts *facts, dw_redis_check_callback *call, void *user);
void dw_redis_check_free(dw_redis_check **check);
bool dw_redis_check_is_up(const dw_redis_check *check); /* its link stands */

#pragma once
/* group.h: membership of the consumer group, and the group's offsets as a witness.
 *
 * The protocol is eager: a rebalance first takes everything (revoked), then gives (assigned). While the owner lets its
 * commits end, the group waits: dw_group_revoke_done() answers. Nothing here fetches (see kafka.h).
 * The witness: reading the committed offset is an administrative request; committing the same again succeeds only for a
 * current member: a thawed zombie gets UNKNOWN_MEMBER_ID. Both are asynchronous. */

#include "daemon/kafka.h"

typedef struct dw_group dw_group;

typedef struct dw_group_handler {
    void (*assigned)(void *user, const int32_t *partitions, size_t count);
    void (*revoked)(void *user, bool lost); /* everything; lost: membership ended, do not commit */
    /* member: false = the group refused us. committed: -1 = none. */
    void (*witness)(void *user, int32_t partition, bool member, int64_t committed);
    void (*left)(void *user); /* after dw_group_leave() */
} dw_group_handler;

dw_group *dw_group_new(dw_loop *loop, dw_log *log, const dw_settings *settings, const dw_group_handler *handler,
                       void *user, dw_error *err);
void dw_group_free(dw_group **group);
rd_kafka_t *dw_group_rk(dw_group *group); /* for administrative requests */
dw_errc dw_group_join(dw_group *group, dw_error *err);
bool dw_group_is_member(const dw_group *group); /* an assignment was given, perhaps an empty one, and not taken */
void dw_group_revoke_done(dw_group *group);
void dw_group_witness(dw_group *group, int32_t partition);
/* Commit, fire and forget; gathered for DW_WITNESS_US. */
void dw_group_commit(dw_group *group, int32_t partition, int64_t offset);
void dw_group_flush(dw_group *group); /* sends what is gathered */
void dw_group_leave(dw_group *group); /* then a last `revoked` may come, then `left` */

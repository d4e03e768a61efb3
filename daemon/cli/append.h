#pragma once
/* append.h: how a tool appends to the input topic: key, partition, dw-auth and timestamp of a record, from its event.
 *
 * Facts and acknowledgements go to the partition their key hashes to (murmur2, as Java's). Control records have no key
 * and go to every partition, or to the one asked for. Acknowledgements, policy and core carry dw-auth. With
 * `clock: create_time` a record without a time of its own carries the shard's clock (DESIGN section 4). */

#include "daemon/cli/kafka.h"
#include "proto/event.h"

typedef struct dw_appender dw_appender;
dw_errc dw_appender_new(const dw_settings *settings, dw_delivery_fn *each, void *user, dw_appender **out,
                        dw_error *err);
dw_publisher *dw_appender_publisher(dw_appender *appender);
int32_t dw_appender_partitions(const dw_appender *appender);

#define DW_EVERY_PARTITION (-1)
/* Append one event. log_time_us: 0 = none. partition: for control records only, else DW_EVERY_PARTITION. */
dw_errc dw_appender_event(dw_appender *appender, const dw_event *ev, int64_t log_time_us, int32_t partition,
                          uint64_t tag, dw_error *err);
/* Append encoded bytes of a control record that needs dw-auth. */
dw_errc dw_appender_control(dw_appender *appender, dw_str value, int64_t log_time_us, int32_t partition, uint64_t tag,
                            dw_error *err);
/* The time a record of `partition` would carry now: 0 (the broker's) or, with create_time, the shard's clock. */
dw_errc dw_appender_stamp(dw_appender *appender, int32_t partition, int64_t *stamp_us, dw_error *err);
void dw_appender_free(dw_appender **appender);

/* "la/child" of an event; returns its length, 0 when it does not fit. */
size_t dw_subject_key(const dw_event *ev, char out[DW_SUBJECT_BYTES_MAX]);
/* A random UUID, for records that tools make. */
void dw_uuid_random(char out[40]);

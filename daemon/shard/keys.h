#pragma once
/* keys.h: the names and forms of everything a shard keeps in Redis; shared by the engine and the tools.
 *
 * All keys of a shard share one hash tag: <prefix>:{<topic>/<partition>}:<name>
 *   meta       hash: fields below, written only by the seal
 *   children   hash: "la/child" -> head bytes (handlers/record.h)
 *   facts      hash: "la/child/<page>" -> page bytes
 *   deadlines  zset: member "la/child", score = next due in microseconds, never later than the record's truth
 *   alerts     hash: alert id -> transition bytes (proto/alert.h), kind = last transition; live ones only
 *   by_post    zset, score 0: member "la/post/level/alert id"
 *   outbox     stream, ids <offset>-<n>: fields t (a alerts, d dead letter, i input), p partition, k key (absent: none), v value,
 *              c clock in microseconds, and for forwards: f dw-forward, a dw-auth (absent: none)
 *   deadletter hash: offset -> "reason|class|size|digest|source_system?" class: dead or parked; newest DW_DEADLETTER_KEPT_MAX for `deadletter ls`
 *   policy     hash: number, digest, standards, calendar, organisation, cut_over_us (texts in force)
 *   forwards   hash: origin partition -> last position seen
 * A dead letter in its topic: key "<partition>/<offset>", value JSON {"partition", "offset", "reason", "class", "size",
 * "digest", "source_system" when known}; the digest is dw_digest16() of the value.
 *
 * Tools read everything and write one thing: HSET meta released "<hold name>:<reason>" lets a held shard go on past
 * that hold, "rebuild:<reason>" makes it drop its state and read its partition again from the start. The shard looks
 * every few seconds while it is held.
 *
 * <prefix>:identity is a plain hash: cluster_id, topic, partitions, environment: written once, compared at start. */

#include "proto/base.h"

#define DW_DEADLETTER_KEPT_MAX 1000 /* dead letters a shard keeps for people; older ones stay in the topic */

/* X(field of meta, meaning) */
#define DW_META_LIST(X)                                                                                                \
    X(format, "format of all values of the shard")                                                                     \
    X(epoch, "rises with each claim")                                                                                  \
    X(owner, "random id of the claimer")                                                                               \
    X(run_id, "Redis run_id seen by the claimer")                                                                      \
    X(seq, "rises with each commit and claim")                                                                         \
    X(offset, "next input offset to apply")                                                                            \
    X(clock_us, "shard clock")                                                                                         \
    X(outbox_last, "id of the newest outbox row ever made")                                                            \
    X(policy_number, "policy in force")                                                                                \
    X(policy_cursor, "last subject re-evaluated during a policy switch; empty when none runs")                         \
    X(policy_offset, "offset of the policy.set being switched to")                                                     \
    X(core, "core version")                                                                                            \
    X(partitions, "partition count of the input topic")                                                                \
    X(cluster_id, "Kafka cluster id")                                                                                  \
    X(anchor, "offset:digest of the last applied record")                                                              \
    X(ledger, "applied,duplicate,forwarded,parked,dead,control,gaps: their sum is offset")                             \
    X(released, "operator's release of a hold, with its reason")                                                       \
    X(pass_until, "dead letters below this offset hold nothing: the log's end when their hold was released")

/* X(suffix of DW_KEY_, name, Redis type); meta and outbox first: the seal relies on it */
#define DW_KEY_LIST(X)                                                                                                 \
    X(META, "meta", "hash")                                                                                            \
    X(OUTBOX, "outbox", "stream")                                                                                      \
    X(CHILDREN, "children", "hash")                                                                                    \
    X(FACTS, "facts", "hash")                                                                                          \
    X(DEADLINES, "deadlines", "zset")                                                                                  \
    X(ALERTS, "alerts", "hash")                                                                                        \
    X(BY_POST, "by_post", "zset")                                                                                      \
    X(DEADLETTER, "deadletter", "hash")                                                                                \
    X(POLICY, "policy", "hash")                                                                                        \
    X(FORWARDS, "forwards", "hash")
typedef enum dw_key_id {
#define X(e, n, t) DW_KEY_##e,
    DW_KEY_LIST(X)
#undef X
        DW_KEYS
} dw_key_id;

#define DW_KEY_BYTES_MAX 400
/* "<prefix>:{<topic>/<partition>}:<name>" into out; returns length. */
size_t dw_key(char out[DW_KEY_BYTES_MAX], const char *prefix, const char *topic, int32_t partition, const char *name);
const char *dw_key_name(dw_key_id id);
/* Partition of a record key, as Java's default partitioner (murmur2). */
int32_t dw_partition_of(dw_str key, int32_t partition_count);
/* dw-auth: lower-case hex HMAC-SHA256 over key, one zero byte, value. */
void dw_auth_compute(const uint8_t *secret, size_t secret_len, dw_str key, dw_str value, char hex[65]);
bool dw_auth_check(const uint8_t *secret, size_t secret_len, dw_str key, dw_str value, dw_str hex);
/* SHA-256 as 16 hex digits: anchor and dead-letter digests. */
void dw_digest16(dw_str bytes, char hex[17]);

#pragma once
/* meta.h: the meta hash of a shard as a value: read at claim, written by the seal. */

#include "daemon/shard/keys.h"
#include "daemon/shard/shard.h"

/* Place of a row in the outbox: its stream id. {0, 0}: none ever made. */
typedef struct dw_position {
    int64_t offset, n;
} dw_position;
static inline int dw_position_cmp(dw_position a, dw_position b)
{
    return a.offset != b.offset ? (a.offset > b.offset) - (a.offset < b.offset) : (a.n > b.n) - (a.n < b.n);
}
#define DW_POSITION_BYTES_MAX 44                                                   /* two 64-bit numbers, a dash, NUL */
uint32_t dw_position_print(dw_position position, char out[DW_POSITION_BYTES_MAX]); /* "<offset>-<n>"; returns length */
bool dw_position_parse(dw_str text, dw_position *out);
bool dw_number_parse(dw_str text, int64_t *out); /* decimal, optional minus, nothing else */

/* What became of the offsets before meta.offset. X(field) in stored order */
#define DW_LEDGER_LIST(X) X(applied) X(duplicate) X(forwarded) X(parked) X(dead) X(control) X(gaps)
typedef struct dw_ledger {
#define X(f) uint64_t f;
    DW_LEDGER_LIST(X)
#undef X
} dw_ledger;
uint64_t dw_ledger_sum(const dw_ledger *ledger);

#define DW_META_TEXT_MAX 128 /* bytes of owner, run_id, cluster_id, released */
#define DW_SHARD_FORMAT 1    /* of everything a shard keeps in Redis */
#define DW_NO_OFFSET INT64_C(-1)
typedef struct dw_meta {
    bool present; /* it has an epoch: some owner has claimed it once */
    uint32_t format, core, policy_number;
    uint64_t epoch, seq;
    int64_t offset, clock_us;
    dw_position outbox_last;
    int64_t policy_offset; /* of the switch that runs; DW_NO_OFFSET: none */
    int32_t partitions;
    int64_t anchor_offset; /* DW_NO_OFFSET: none */
    int64_t pass_until;    /* DW_NO_OFFSET: no hold of dead letters was released */
    char anchor_digest[17];
    dw_ledger ledger;
    char cursor[DW_SUBJECT_BYTES_MAX + 1];
    char owner[DW_META_TEXT_MAX], run_id[DW_META_TEXT_MAX], cluster_id[DW_META_TEXT_MAX], released[DW_META_TEXT_MAX];
} dw_meta;
void dw_meta_init(dw_meta *meta);
/* From the reply of HGETALL meta. Unknown fields are ignored; a field that cannot be read is DW_E_FORMAT. */
dw_errc dw_meta_parse(const dw_reply *reply, dw_meta *out, dw_error *err);
/* "field value" pairs of what differs from `from` (NULL: all), for the seal; strings are copied by `add`. */
typedef void dw_meta_add(void *user, dw_str field, dw_str value);
void dw_meta_fields(const dw_meta *meta, const dw_meta *from, dw_meta_add *add, void *user);

/* Is the shard still under the claim and commit that `mine` says? Answers by the reply of dw_meta_guard's HMGET. */
typedef enum dw_guard {
    DW_GUARD_SAME,    /* as `mine` */
    DW_GUARD_NEXT,    /* one commit further, by us */
    DW_GUARD_BEHIND,  /* same or older epoch, older seq, or nothing there: the store went back */
    DW_GUARD_FOREIGN, /* another owner */
    DW_GUARD_ERROR    /* the reply is an error or no guard reply */
} dw_guard;
/* reply: HMGET meta epoch owner run_id seq released. `released` is copied into `mine`. */
dw_guard dw_meta_guard(dw_meta *mine, const dw_reply *reply);

/* Has an operator asked for `what` ("<hold name>" or "rebuild")? meta.released is "<what>" or "<what>:<reason>". */
bool dw_meta_released(const dw_meta *meta, const char *what);

#pragma once
/* record_wire.h: the numbers of the stored form: varints, zigzag, days and instants. Private to the record codec.
 *
 * Writing goes to memory that the caller has reserved; reading is checked at every step: a reader past its end or on
 * an impossible number turns `bad` and yields zeros, so a damaged record ends in DW_E_FORMAT. */

#include "handlers/record.h"

#define DW_WIRE_VARINT_MAX 10 /* bytes of the longest varint */
#define DW_WIRE_DAY_US INT64_C(86400000000)
#define DW_WIRE_DAY_LIMIT 400000            /* |day| beyond it is damage: years 875 to 3065 */
#define DW_WIRE_AT_LIMIT (INT64_C(1) << 55) /* |us| beyond it is damage: years 829 to 3111 */

static inline uint8_t *dw_wire_put(uint8_t *at, uint64_t v)
{
    while (v >= 0x80) {
        *at++ = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    *at++ = (uint8_t)v;
    return at;
}
static inline uint64_t dw_wire_zigzag(int64_t v)
{
    return ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
}
static inline int64_t dw_wire_unzigzag(uint64_t v)
{
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}
static inline uint8_t *dw_wire_put_signed(uint8_t *at, int64_t v)
{
    return dw_wire_put(at, dw_wire_zigzag(v));
}
/* Difference and sum of numbers that may be sentinels or damaged: wraps, never overflows. */
static inline int64_t dw_wire_minus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}
static inline int64_t dw_wire_plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}
/* A span of time in its largest whole unit: minutes, seconds, milliseconds or microseconds. */
static inline uint8_t *dw_wire_put_time(uint8_t *at, int64_t us)
{
    static const int64_t unit_us[4] = {60000000, 1000000, 1000, 1};
    unsigned unit = us % 60000000 == 0 ? 0 : us % 1000000 == 0 ? 1 : us % 1000 == 0 ? 2 : 3;
    return dw_wire_put(at, dw_wire_zigzag(us / unit_us[unit]) << 2 | unit);
}

typedef struct dw_reader {
    const uint8_t *at, *end;
    bool bad;
} dw_reader;

static inline uint64_t dw_wire_get(dw_reader *in)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64 && in->at < in->end; shift += 7) {
        uint8_t byte = *in->at++;
        v |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80)
            return v;
    }
    in->bad = true;
    in->at = in->end;
    return 0;
}
static inline uint8_t dw_wire_get_byte(dw_reader *in)
{
    if (in->at < in->end)
        return *in->at++;
    in->bad = true;
    return 0;
}
static inline int64_t dw_wire_get_signed(dw_reader *in)
{
    return dw_wire_unzigzag(dw_wire_get(in));
}
static inline uint64_t dw_wire_get_max(dw_reader *in, uint64_t max)
{
    uint64_t v = dw_wire_get(in);
    if (v <= max)
        return v;
    in->bad = true;
    return 0;
}
static inline uint32_t dw_wire_get_u32(dw_reader *in)
{
    return (uint32_t)dw_wire_get_max(in, UINT32_MAX);
}
/* A number of items of which each takes at least one byte. */
static inline uint32_t dw_wire_get_count(dw_reader *in)
{
    return (uint32_t)dw_wire_get_max(in, (uint64_t)(in->end - in->at));
}
static inline int64_t dw_wire_get_time(dw_reader *in)
{
    static const int64_t unit_us[4] = {60000000, 1000000, 1000, 1};
    uint64_t v = dw_wire_get(in);
    int64_t n = dw_wire_unzigzag(v >> 2);
    int64_t us = 0;
    if (__builtin_mul_overflow(n, unit_us[v & 3], &us)) {
        in->bad = true;
        return 0;
    }
    return us;
}
/* Days and instants with their sentinels. */
static inline uint8_t *dw_wire_put_day(uint8_t *at, int32_t day)
{
    return dw_wire_put(at, day == DW_DAY_NONE ? 0 : day == DW_DAY_OPEN ? 1 : 2 + dw_wire_zigzag(day));
}
static inline int32_t dw_wire_get_day(dw_reader *in)
{
    uint64_t v = dw_wire_get_max(in, 2 * DW_WIRE_DAY_LIMIT);
    return v == 0 ? DW_DAY_NONE : v == 1 ? DW_DAY_OPEN : (int32_t)dw_wire_unzigzag(v - 2);
}
static inline uint8_t *dw_wire_put_at(uint8_t *at, int64_t us, int64_t base_us)
{
    if (us == DW_AT_NONE || us == DW_AT_NEVER) {
        *at++ = us == DW_AT_NONE ? 0 : 1;
        return at;
    }
    *at++ = 2;
    return dw_wire_put_time(at, dw_wire_minus(us, base_us));
}
static inline int64_t dw_wire_get_at(dw_reader *in, int64_t base_us)
{
    uint64_t kind = dw_wire_get_max(in, 2);
    if (kind < 2)
        return kind == 0 ? DW_AT_NONE : DW_AT_NEVER;
    int64_t us = dw_wire_plus(dw_wire_get_time(in), base_us);
    if (us <= -DW_WIRE_AT_LIMIT || us >= DW_WIRE_AT_LIMIT) {
        in->bad = true;
        return 0;
    }
    return us;
}

/* Codec of facts, shared by head and pages. */

#define DW_WIRE_RECENT 32 /* strings found by address */

/* Collects the strings of one block while it is written; the table goes in front of it. */
typedef struct dw_strings {
    dw_buf *strings; /* array of dw_str in order of first use */
    dw_buf *slots;   /* open-addressed hash table of index + 1, uint32_t */
    uint32_t count, mask;
    bool failed;
    struct { /* by address: a decoded record names equal strings by one address */
        dw_str s;
        uint32_t index;
    } recent[DW_WIRE_RECENT];
} dw_strings;

bool dw_strings_init(dw_strings *set, dw_buf *strings, dw_buf *slots);
uint32_t dw_strings_index(dw_strings *set, dw_str s);
bool dw_strings_write(const dw_strings *set, dw_buf *out); /* count, then length and bytes of each */

/* Append facts[0..n-1] to `out`. False: out of memory. */
bool dw_facts_write(dw_buf *out, dw_strings *set, const dw_fact *facts, uint32_t n);
bool dw_alerts_write(dw_buf *out, dw_strings *set, const dw_alert *alerts, uint32_t n, int64_t clock_us);
/* Bytes that one fact takes at most. */
size_t dw_fact_bytes_max(const dw_fact *fact);

dw_errc dw_facts_read(dw_record *rec, dw_reader *in, const dw_str *table, uint32_t table_count, uint32_t flags,
                      dw_error *err);
/* Alerts written against `clock_us`, behind those the record has; what it has already stands. */
dw_errc dw_alerts_read(dw_record *rec, dw_reader *in, const dw_str *table, uint32_t table_count, int64_t clock_us,
                       dw_error *err);
dw_errc dw_strings_read(dw_record *rec, dw_reader *in, const dw_str **table, uint32_t *count, dw_error *err);

#define DW_FACT_VALUES_MAX (DW_EVENT_BODY_FIELDS_MAX + 5) /* body fields, and those of the envelope and the origin */
#define DW_FACT_FLAGS_STORED                                                                                           \
    (DW_FACTF_VOID | DW_FACTF_APPROXIMATE | DW_FACTF_RESTRICTED | DW_FACTF_MISSED | DW_FACTF_SHADOWED)

/* The fact that an event becomes; `values` has room for DW_FACT_VALUES_MAX, they point into the event. */
void dw_fact_from_event(const dw_event *ev, int64_t offset, dw_value *values, dw_fact *out);
/* Put a fact, copied: as dw_record_put(). Revisions of a source record are settled among those of one origin. */
dw_applied dw_record_put_fact(dw_record *rec, const dw_fact *fact);
/* Which of the facts of that key stands, when several subjects told some. */
void dw_record_settle_key(dw_record *rec, uint64_t key);
/* Take out the marked facts. */
void dw_record_remove(dw_record *rec, const bool *gone);

/* The key of the fact that this event becomes, and its day and instant (readings 45). */
uint64_t dw_record_key(const dw_event *ev);
void dw_record_place(const dw_event *ev, const dw_handler *handler, dw_fact *fact);

/* The fingerprint of the span that this fact is joined to by an id, a plan also by its type. False: it has none. */
bool dw_fact_span_print(const dw_fact *fact, uint16_t *print);
/* That of the span an alert is about (false: the child), and that of an alert's id. */
bool dw_alert_subject_print(const dw_alert *alert, uint16_t *print);
uint16_t dw_alert_id_print(dw_str id);
bool dw_record_print_paged(const dw_record *rec, uint16_t print);

/* Make room for one more fact, alert or fingerprint. False: out of memory. */
bool dw_record_reserve_facts(dw_record *rec, uint32_t more);
/* Put the facts in order again. */
void dw_record_sort_facts(dw_record *rec);

/* Move settled facts to pages in `out`; see record.h. On return the facts left belong to the head. */
dw_errc dw_record_fold(dw_record *rec, const dw_policy *policy, dw_encoded *out, dw_error *err);
/* Move closed alerts, else about so many of the oldest facts, to pages that the head is `excess` bytes shorter: settled ones,
 * and with `counted`, or without a policy, others too. Nothing moved: there is nothing that could. */
dw_errc dw_record_shed(dw_record *rec, const dw_policy *policy, dw_encoded *out, size_t excess, bool counted,
                       dw_error *err);

#pragma once
/* chronology.h: what is known of one child: facts, and the spans of time derived from them.
 *
 * A FACT is what one source record says, after its newest revision: keyed by (source_system, source_record_id).
 * Amend replaces the whole fact, void leaves a tombstone, an older revision or an equal one changes nothing (equal
 * revision with other content: the later recorded_at wins, then the greater content digest, so that arrival order
 * never matters; readings 44-45). A void that comes before its create leaves its tombstone, and the create stays out.
 *
 * A SPAN is a stretch of time that duties hang on: a plan, a placement, care, a missing episode ... Spans are derived
 * from the facts not later than the clock, never stored; so arrival order cannot change them.
 *
 * Facts live in the record (record.h) and die with it; spans in the arena that they are derived into. */

#include "handlers/calendar.h"
#include "proto/event.h"

/* Envelope fields that rules may name besides body fields; ids above every body field id. */
#define DW_F_ENV_TEAM_ID 0xFF01
#define DW_F_ENV_WORKER_REF 0xFF02
#define DW_F_ENV_FAMILY_REF 0xFF03
#define DW_F_ENV_SOURCE_SYSTEM 0xFF04
#define DW_F_ENV_ORIGIN 0xFF05 /* of a fact told under another subject: that subject, "la/ref" (handlers/identity.h) */

#define DW_FACTF_VOID 1u        /* tombstone */
#define DW_FACTF_APPROXIMATE 2u /* instant known to the day only */
#define DW_FACTF_PINNED 4u      /* some rule still looks back on it (set by evaluation, used by folding) */
#define DW_FACTF_RESTRICTED 8u
#define DW_FACTF_PAGED 16u /* came from a page (not stored) */
#define DW_FACTF_MISSED                                                                                                \
    32u /* met a duty too late, and nobody had explained it when older facts went to pages: what came
                                   before it in that duty's chain stayed (handlers/rules/breach.c) */
#define DW_FACTF_MISSED_NOW 64u /* the same while it is found out (not stored) */
#define DW_FACTF_SHADOWED 128u  /* another subject that is this child told a later revision of the same source record */

typedef struct dw_fact {
    uint64_t key;     /* XXH3-64 of source_system, NUL, source_record_id */
    uint64_t content; /* XXH3-64 of the kept content; 0 = not worked out (after decoding) */
    dw_event_type type;
    uint32_t revision;
    uint32_t flags;
    int32_t day;               /* the London date that counts: named date field, else occurred_at's */
    int64_t at_us;             /* the instant that counts; local start of `day` when only a date is known */
    int64_t recorded_us;       /* of this revision; 0 = absent */
    int64_t first_recorded_us; /* of the earliest revision seen (readings 46) */
    int64_t offset;            /* input offset that last changed it: the cause */
    uint32_t value_count;
    uint32_t has;           /* dw_fact_bit() of every value: says at once that there is none of a field */
    const dw_value *values; /* kept body and envelope fields, ascending id */
} dw_fact;
/* Several fields may share a bit; those of one event mostly do not. */
static inline uint32_t dw_fact_bit(uint16_t field)
{
    return UINT32_C(1) << ((field ^ (field >> 5)) & 31);
}
/* To be called by whoever sets .values. */
static inline void dw_fact_mark_values(dw_fact *fact)
{
    fact->has = 0;
    for (uint32_t i = 0; i < fact->value_count; i++)
        fact->has |= dw_fact_bit(fact->values[i].field);
}
/* The order of facts: day, instant, key. Below, at or above 0. */
static inline int dw_fact_order(const dw_fact *a, const dw_fact *b)
{
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us ? -1 : 1;
    return (a->key > b->key) - (a->key < b->key);
}
static inline bool dw_fact_before(const dw_fact *a, const dw_fact *b)
{
    return dw_fact_order(a, b) < 0;
}
static inline const dw_value *dw_fact_get(const dw_fact *fact, uint16_t field)
{
    if ((fact->has & dw_fact_bit(field)) == 0)
        return NULL;
    for (uint32_t i = 0; i < fact->value_count && fact->values[i].field <= field; i++)
        if (fact->values[i].field == field)
            return &fact->values[i];
    return NULL;
}
dw_str dw_fact_origin(const dw_fact *fact); /* empty: told under the subject itself */
/* Is it about which subjects are one child? Such facts are no part of the child's history. */
static inline bool dw_event_is_identity(dw_event_type type)
{
    return type == DW_EV_IDENTITY_MERGED || type == DW_EV_IDENTITY_SPLIT;
}
/* Is it known of the child? Not: withdrawn, shadowed, or about who the child is. */
static inline bool dw_fact_counts(const dw_fact *fact)
{
    return (fact->flags & (DW_FACTF_VOID | DW_FACTF_SHADOWED)) == 0 && !dw_event_is_identity(fact->type);
}

/* Families of spans. X(enumerator, name in rules, subject kind of alerts) */
#define DW_SPAN_LIST(X)                                                                                                \
    X(DW_SPAN_CHILD, "child", "child")              /* from the first fact on; one */                                  \
    X(DW_SPAN_CASE, "case", "child")                /* while any plan, care or open referral exists; one at a time */  \
    X(DW_SPAN_PLAN, "plan", "plan")                 /* plan_started .. plan_ended, by plan_id */                       \
    X(DW_SPAN_CARE, "care", "plan")                 /* looked after; subject the CLA plan when there is one */         \
    X(DW_SPAN_PLACEMENT, "placement", "placement")  /* merged by readings 14 (RNE, short T-placements) */              \
    X(DW_SPAN_EPISODE, "episode", "episode")        /* missing; merged by readings 40 */                               \
    X(DW_SPAN_CONTACT, "contact", "contact")        /* received .. decided */                                          \
    X(DW_SPAN_REFERRAL, "referral", "referral")     /* received .. decided */                                          \
    X(DW_SPAN_ALLOCATION, "allocation", "child")    /* one worker in one role */                                       \
    X(DW_SPAN_UNALLOCATED, "unallocated", "child")  /* case open, last LEAD_SW ended, none open */                     \
    X(DW_SPAN_ASSESSMENT, "assessment", "referral") /* owed from the referral to its authorisation (readings 3) */     \
    X(DW_SPAN_S47, "s47", "s47")                    /* enquiry .. initial conference, or none needed */                \
    X(DW_SPAN_TRANSFER, "transfer", "child")        /* notice of a child who moved in .. conference */                 \
    X(DW_SPAN_PREPROCEEDINGS, "preproceedings", "child") /* letter .. decision or application (readings 39) */         \
    X(DW_SPAN_PROCEEDINGS, "proceedings", "child")       /* application .. final order */                              \
    X(DW_SPAN_ACCOMMODATION, "accommodation", "child")   /* of a care leaver; to 25 */                                 \
    X(DW_SPAN_DISPUTE, "dispute", "child")               /* of a reviewing officer or chair: opened .. resolved */     \
    X(DW_SPAN_LEVEL, "level", "child")                   /* days with one highest level: CIN, CP, CLA (readings 38) */
typedef enum dw_span_family {
#define X(e, n, s) e,
    DW_SPAN_LIST(X)
#undef X
        DW_SPAN_FAMILIES
} dw_span_family;
const char *dw_span_family_name(dw_span_family family);
extern const dw_str dw_span_subject_kinds[DW_SPAN_FAMILIES]; /* of alerts about spans of the family */

typedef enum dw_span_end {
    DW_END_OPEN,
    DW_END_FACT,     /* ended by its own ending fact */
    DW_END_REPLACED, /* a later one of its family took its place */
    DW_END_CLOSED,   /* the case was closed */
    DW_END_AGE       /* a birthday: the 18th (readings 2, domain 4.14), or that at which a rule ends */
} dw_span_end;

/* Of LEVEL spans: the plan of most weight, and how the run of days began. */
enum { DW_LEVEL_NONE, DW_LEVEL_CIN, DW_LEVEL_CP, DW_LEVEL_CLA };
enum { DW_STEPPED_NOT, DW_STEPPED_UP, DW_STEPPED_DOWN };

/* What rules may ask of a span beside the fields of its facts. Texts. X(enumerator, name, families it is of, its values) */
#define DW_SPAN_WORD_LIST(X)                                                                                           \
    X(DW_WORD_ENDED_BY, "ended_by", DW_SPAN_FAMILIES, "OPEN FACT REPLACED CLOSED AGE")                                 \
    X(DW_WORD_LEVEL, "level", DW_SPAN_LEVEL, "CIN CP CLA")                                                             \
    X(DW_WORD_STEP, "step", DW_SPAN_LEVEL, "NONE UP DOWN")
typedef enum dw_span_word {
    DW_WORD_NONE,
#define X(e, n, f, v) e,
    DW_SPAN_WORD_LIST(X)
#undef X
} dw_span_word;

typedef struct dw_span {
    dw_span_family family;
    dw_str id;         /* subject id; empty for child-wide families. For ALLOCATION the worker_ref */
    int32_t start_day; /* day that counts */
    int32_t end_day;   /* DW_DAY_OPEN while open (at the clock) */
    int64_t start_us;
    int64_t end_us; /* DW_AT_NEVER while open */
    dw_span_end end;
    bool start_approximate, end_approximate;
    const dw_fact *opened_by; /* earliest fact */
    const dw_fact *closed_by; /* NULL while open or closed by age */
    const dw_fact **facts;    /* all its facts, ascending (day, at_us, key) */
    uint32_t fact_count;
    uint8_t level, step; /* LEVEL: DW_LEVEL_*, DW_STEPPED_* */
    const dw_str *ids;   /* every id it goes by: merged placements and episodes have several; the first is .id */
    uint32_t id_count;
    const struct dw_span *within; /* of a placement: the care that it lies in; else NULL */
    const struct dw_span
        *whole; /* of a part in which a rule speaks for a span (handlers/rules/phases.c): that span; else NULL */
} dw_span;
/* The span itself, or the one that this is a part of. */
static inline const dw_span *dw_span_whole(const dw_span *span)
{
    return span->whole != NULL ? span->whole : span;
}
/* Does `id` name this span, or one that was merged into it? */
bool dw_span_has_id(const dw_span *span, dw_str id);

typedef struct dw_chronology {
    dw_str la_code, child_ref;
    int64_t clock_us;      /* facts later than this do not count yet */
    int32_t whole_from;    /* facts of this day and later are all here; DW_DAY_NONE: all facts are */
    int32_t today;         /* London date of the clock */
    const dw_fact **facts; /* counting facts, ascending (day, at_us, key); no tombstones */
    uint32_t fact_count, fact_cap;
    const dw_fact **by_type; /* the same facts, grouped by type: see dw_chronology_of_type() */
    uint32_t type_start[DW_EV_MAX + 1];
    dw_span *spans[DW_SPAN_FAMILIES]; /* ascending start, then id */
    uint32_t span_count[DW_SPAN_FAMILIES];
    uint64_t plan_types;   /* of the plans, by any of their facts: bit DW_V_PLAN_TYPE_* */
    int32_t birth_day;     /* DW_DAY_NONE when unknown */
    int32_t expected_day;  /* of birth; DW_DAY_NONE when unknown */
    int32_t death_day;     /* DW_DAY_NONE: alive */
    const dw_fact *death;  /* the fact that tells it */
    dw_str team_id;        /* team that answers for the child now; empty when unknown */
    bool restricted;       /* any counting fact is restricted */
    int64_t next_us;       /* next instant at which spans or counting facts change by time alone; DW_AT_NEVER */
    int32_t last_fact_day; /* latest day of any counting fact; DW_DAY_NONE when empty */
} dw_chronology;

/* The counting facts of one type, ascending (day, at_us, key). */
const dw_fact *const *dw_chronology_of_type(const dw_chronology *chron, dw_event_type type, uint32_t *count);
/* The last day on which the span can be asked: today, or that of its end. */
static inline int32_t dw_span_last_day(const dw_chronology *chron, const dw_span *span)
{
    return span->end_day < chron->today ? span->end_day : chron->today;
}
/* The `years`-th birthday; of a child born on 29 February the 1st of March in other years (domain 4.14). */
int32_t dw_birthday(int32_t birth_day, int years);

/* Can a fact of this type change the spans of the family, or what is read off them? (An upper bound: every answer of a rule
 * rests on the spans it names and on the facts its clauses count, and on nothing else.) */
bool dw_span_family_reads(dw_span_family family, dw_event_type type);

/* Field of a span by name-resolved ref (policy.h): the value in the span's latest fact not later than `as_of` that
 * carries it, the opening fact counting at any date; NULL when none does. The `category` of an episode is M or A: the
 * highest of all its facts, NO_APPARENT_RISK read as A, police gradings and an unstated category as M (readings 43). A temporary
 * stay that a placement goes on through (readings 14) tells nothing of its `place`; the legal status that no fact of a
 * placement tells is that of the care it lies in. */
struct dw_field_ref;
const dw_value *dw_span_value(const dw_span *span, const struct dw_field_ref *ref, int32_t as_of,
                              const dw_fact **carrier);

/* One row per event type: how its facts come about. The rows are the files in handlers/events/. */
typedef struct dw_handler {
    dw_event_type type;
    const uint16_t *day_fields;  /* named date fields in order of preference, 0-ended; then occurred_at (readings 45) */
    const uint16_t *at_fields;   /* named instant fields in order of preference, 0-ended */
    const uint16_t *keep_fields; /* body fields a rule, span or explanation may use, 0-ended, ascending */
    const uint16_t *env_fields;  /* DW_F_ENV_* to keep, 0-ended, ascending */
} dw_handler;
const dw_handler *dw_handler_find(dw_event_type type); /* NULL for kinds that are not facts */

#pragma once
/* record.h: one child's record: identity, facts, alerts; its stored form is a head and pages.
 *
 * Head (about 1 KiB, seldom more than DW_HEAD_BYTES_MAX, at most DW_HEAD_BYTES_HARD_MAX) holds every fact that some rule still looks back on, all live alerts,
 * generation memory of closed ones whose subject it still knows, the per-rule next instants and the horizon. Settled
 * facts, and then the closed alerts about them, move to pages (DW_PAGE_BYTES_MAX each), append-only except when a
 * correction rewrites one. Pages are needed only when dw_record_needs_pages() says so. Folding keeps this promise: for any later create that is not older than the horizon and for
 * any passing of time, evaluating the head alone gives what evaluating everything gives (a property test holds it).
 *
 * Stored form begins: format version, core version, policy number, the offset it includes. Absolute, deterministic:
 * equal records encode to equal bytes. */

#include "handlers/chronology.h"
#include "handlers/policy.h"
#include "proto/alert.h"

#define DW_RECORD_FORMAT 5u /* stored format this build writes; it also reads those before */
#define DW_CORE_VERSION 1u  /* raised when a golden log changes (core.set) */

/* --- alerts: one per (rule, subject) that ever was raised */
typedef enum dw_alert_state {
    DW_AL_OPEN,   /* live, somebody has to answer; the ladder runs */
    DW_AL_ACKED,  /* live, oversight recorded until review_by; the ladder rests */
    DW_AL_CLOSED, /* generation memory */
    DW_AL_FLAG    /* an attribute that was emitted once (readings 47) */
} dw_alert_state;

typedef struct dw_alert {
    dw_alert_state state;
    dw_str rule_id;
    uint32_t rule_version;
    uint32_t policy_number; /* under which this generation opened; its ladder stays (DESIGN section 4) */
    dw_priority priority;
    dw_ladder ladder; /* copied at opening */
    dw_str subject_kind, subject_id;
    uint32_t generation;
    uint32_t level;
    uint32_t count;
    dw_due_kind due_kind;
    int32_t due_on; /* DW_DUE_NONE: the day of the crossing or stall, by which the duty is known again */
    int64_t due_at_us;
    int64_t opened_us;      /* raised_at of this generation */
    int64_t level_since_us; /* the ladder counts from here */
    uint32_t expiries;      /* acknowledgements that ran out at this level */
    int32_t review_by;      /* ACKED */
    int32_t paused_until;   /* live: last day of an authorised pause; 0 = not paused */
    dw_str reason_code, oversight_ref;
    dw_str post; /* post last named */
    bool restricted, found_at_start, approximate;
    bool reopened;      /* this generation is the duty of the last one again */
    dw_outcome outcome; /* CLOSED */
    dw_profile calendar;
    dw_count_mode count_mode;
    uint32_t causes_total, cause_count;
    int64_t causes[DW_CAUSES_MAX]; /* offsets */
    bool touched;                  /* changed since the record was decoded: its row has to be written (not stored) */
} dw_alert;
/* Somebody has to answer it, or has acknowledged it. */
static inline bool dw_alert_is_live(const dw_alert *alert)
{
    return alert->state == DW_AL_OPEN || alert->state == DW_AL_ACKED;
}

typedef struct dw_record {
    dw_arena *arena; /* owns everything below; one per record */
    dw_str la_code, child_ref;
    dw_str moved_to;        /* "la/ref" of the subject that this child is now (handlers/identity.h); empty: itself */
    uint32_t policy_number; /* policy under which it was last evaluated; 0 = none yet */
    int64_t offset;         /* input offset it includes; -1 = none */
    int64_t clock_us;       /* shard clock at which it was last evaluated */
    int64_t next_due_us;    /* next instant at which its answer changes by time alone; DW_AT_NEVER */
    int32_t horizon;        /* facts before this day may be in pages; DW_DAY_NONE = no pages */
    dw_fact *facts;         /* incl. tombstones, ascending (day, at_us, key) */
    uint32_t fact_count, fact_cap;
    dw_alert *alerts; /* ascending (rule_id, subject_kind, subject_id) */
    uint32_t alert_count, alert_cap;
    uint16_t *paged; /* fingerprints of the keys of paged facts and of the ids of their spans, ascending */
    uint32_t paged_count, paged_cap;
    uint32_t page_count;   /* pages stored */
    uint32_t pages_loaded; /* 0 or page_count: facts of pages are in .facts */
    uint32_t counters[4];  /* facts folded by size alone, events applied, duplicates, unknown codes */
    int64_t *
        next_by_rule; /* [next_count]: of each rule by index the next instant at which its answer changes by time alone,
                              then that of the spans; DW_AT_NEVER = none */
    uint32_t next_count;           /* rules of the policy + 1; 0 = not known: every rule has to be asked */
    dw_rule_set missed;            /* rules of which some duty was missed; known when next_count is not 0 */
    uint64_t changed[DW_EV_WORDS]; /* types of the facts put since it was last evaluated (not stored) */
    uint64_t fresh_key;            /* key of the one fact among them, */
    uint32_t fresh_count;          /* if it is one; 2 = several, */
    int32_t fresh_day;             /* and its day, if what it says was not put before that; DW_DAY_NONE (not stored) */
    const void
        *spans_in; /* the place of its chronology among those kept (handlers/kept.h); NULL = none holds (not stored) */
    int32_t fold_day;   /* the next fold is tried when the clock's date reaches it; DW_DAY_OPEN: not by time */
    uint32_t fold_puts; /* facts put since the last try */
} dw_record;

/* What is derived of its facts has to be derived anew: anything but a later fact behind the others has happened to them. */
static inline void dw_record_forget_spans(dw_record *rec)
{
    rec->spans_in = NULL;
}
/* Is what was put since it was last evaluated one fact, of which nothing was known before? */
static inline bool dw_record_has_one_new(const dw_record *rec)
{
    return rec->fresh_count == 1 && rec->fresh_day != DW_DAY_NONE;
}

dw_record *dw_record_new(dw_str la_code, dw_str child_ref); /* empty; NULL when out of memory */
/* Its memory from a pool (NULL: as above) that outlives it: for those who make and free thousands a second. */
dw_record *dw_record_new_pooled(dw_str la_code, dw_str child_ref, dw_pool *pool);
void dw_record_free(dw_record **rec);

/* Head bytes -> record. DW_E_NEWER: stored by a newer build; DW_E_FORMAT: damaged. Nothing points into `head` after. */
dw_errc dw_record_decode(const uint8_t *head, size_t len, dw_record **out, dw_error *err);
dw_errc dw_record_decode_pooled(const uint8_t *head, size_t len, dw_pool *pool, dw_record **out, dw_error *err);
/* What the keeper of heads needs of one without decoding it (some 30 ns). False: newer or damaged, decoding says which. */
typedef struct dw_record_front {
    int64_t offset, next_due_us;
    uint32_t page_count;
} dw_record_front;
bool dw_record_peek(const uint8_t *head, size_t len, dw_record_front *out);
/* Add the facts and closed alerts of stored page `index` (all of 0..page_count-1, in order). */
dw_errc dw_record_attach_page(dw_record *rec, uint32_t index, const uint8_t *page, size_t len, dw_error *err);

/* Must the pages be attached before this event may be applied? (its day or any date it carries is older than the
 * horizon, or those of the fact that it may replace are; amend, void, revision > 1; a key whose fingerprint is paged; the
 * id of a plan, placement, episode, contact, referral or allocation of which a page holds a record, or that ended before
 * the horizon, for its id is used again; a code that changes what such a span from before the horizon is, as another type
 * of plan does; an ending or change of one that the head does not know; an acknowledgement of an alert whose memory a page
 * holds; who the child is; or a record with pages and a policy switch: pass NULL). Facts, acknowledgements and moves. */
bool dw_record_needs_pages(const dw_record *rec, const dw_event *ev);

typedef enum dw_applied {
    DW_APPLIED,
    DW_DUPLICATE,
    DW_PASSED_ON, /* the child is another subject now: it goes there */
    DW_REFUSED,   /* nothing has changed; the emitter says why */
    DW_APPLY_NOMEM
} dw_applied;
/* The event becomes a fact, replaces one, or changes nothing (DW_DUPLICATE). Does not evaluate.
 *
 * Of one source record that revision stands which is greatest in the order (source_revision, void before other ops,
 * recorded_at, content digest), whatever order they arrive in. `first_recorded_us` is the least recorded_at of all revisions
 * that arrived; an older revision that lowers it is DW_APPLIED. `supersedes` names a message for people and decides
 * nothing. Only what the type's handler keeps is content. */
dw_applied dw_record_put(dw_record *rec, const dw_event *ev, int64_t offset);

/* A growing byte buffer owned by the caller; `len` bytes valid. */
typedef struct dw_buf {
    uint8_t *data;
    size_t len, cap;
} dw_buf;
bool dw_buf_reserve(dw_buf *buf, size_t more);
bool dw_buf_append(dw_buf *buf, const void *data, size_t len);
void dw_buf_deinit(dw_buf *buf);

/* Pages to be written by an encode: whole page values, by index. */
typedef struct dw_page_write {
    uint32_t index;
    size_t start, len; /* in dw_encoded.pages */
} dw_page_write;
typedef struct dw_encoded {
    dw_buf head;
    dw_buf pages;
    dw_page_write *writes; /* as many as the facts need: DW_RECORD_ARENA_BYTES_MAX bounds those */
    uint32_t write_count, write_cap;
    dw_buf body, strings, slots; /* work space of the encoder */
    dw_arena *arena;             /* work space of the fold; made on first need */
} dw_encoded;
/* Fold what is settled (needs `policy` for look-backs) and encode. When pages are loaded all of them are made again;
 * otherwise newly settled facts go to new pages (the last page may be left short). A head that would be longer than
 * DW_HEAD_BYTES_MAX sheds closed alerts of subjects it does not know and what is settled, however few; without a policy its
 * oldest facts, for the policy's switch asks for the pages. What is still counted stays, until the head would be longer than
 * DW_HEAD_BYTES_HARD_MAX: then the oldest of it goes, and counts of more than some hundred come out too small from there on.
 * counters[0] counts what was shed. Settled facts are moved some dozens at a time, never one by one. All-zero `out` is a
 * valid start. Facts that went to pages are gone from `rec`. */
dw_errc dw_record_encode(dw_record *rec, const dw_policy *policy, dw_encoded *out, dw_error *err);
void dw_encoded_reset(dw_encoded *enc); /* keep the memory */
void dw_encoded_deinit(dw_encoded *enc);

/* Derive the spans as of `clock_us` into `arena`. NULL when out of memory. */
const dw_chronology *dw_chronology_derive(const dw_record *rec, int64_t clock_us, dw_arena *arena);
/* The same, with room for `more` facts in .facts and .by_type. */
dw_chronology *dw_chronology_make(const dw_record *rec, int64_t clock_us, uint32_t more, dw_arena *arena);
/* The same without spans: counting facts, team, restriction; its next_us speaks for the facts only. */
const dw_chronology *dw_chronology_facts(const dw_record *rec, int64_t clock_us, dw_arena *arena);

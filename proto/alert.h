#pragma once
/* alert.h: one transition of one alert as a plain value, and its public bytes.
 * Published on driftwatch.alerts, one message per transition (AlertTransition in alerts.proto). */

#include "proto/base.h"
#include "proto/limits.h"

/* X(enumerator, stable name) */
#define DW_TRANSITION_LIST(X)                                                                                          \
    X(DW_TR_OPENED, "opened")                                                                                          \
    X(DW_TR_ESCALATED, "escalated")                                                                                    \
    X(DW_TR_ACKNOWLEDGED, "acknowledged")                                                                              \
    X(DW_TR_ACK_EXPIRED, "ack_expired") /* review date passed without evidence */                                      \
    X(DW_TR_REOPENED, "reopened")       /* closed, then its clearing fact was withdrawn or corrected */                \
    X(DW_TR_REVISED, "revised")         /* due, count or priority changed while live, or a closed one's facts did */   \
    X(DW_TR_RESOLVED, "resolved")                                                                                      \
    X(DW_TR_FLAGGED, "flagged") /* an attribute: no post, no level, no end (readings 47) */                            \
    X(DW_TR_NOTED, "noted")     /* a stale acknowledgement kept as a note */

typedef enum dw_transition_kind {
    DW_TR_NONE = 0,
#define X(e, n) e,
    DW_TRANSITION_LIST(X)
#undef X
        DW_TR_COUNT
} dw_transition_kind;

/* Why an alert ended. X(enumerator, stable name, plain English) */
#define DW_OUTCOME_LIST(X)                                                                                             \
    X(DW_OUT_DONE_ON_TIME_RECORDED_LATE, "done_on_time_recorded_late", "it was done in time but recorded late")        \
    X(DW_OUT_DONE_LATE, "done_late", "it was done, late")                                                              \
    X(DW_OUT_SUPERSEDED_OVERDUE, "superseded_overdue", "the plan, placement or care ended while it was overdue")       \
    X(DW_OUT_CANCELLED, "cancelled", "the duty no longer applies")                                                     \
    X(DW_OUT_ENTERED_IN_ERROR, "entered_in_error", "a correction shows that it was never overdue")                     \
    X(DW_OUT_FADED, "faded", "the count left its window")                                                              \
    X(DW_OUT_POLICY_CHANGED, "policy_changed", "the standards in force no longer demand it")                           \
    X(DW_OUT_ANSWERED, "answered", "what it calls for has happened")                                                   \
    X(DW_OUT_MERGED, "merged", "the child's record was merged into another, where it goes on")

typedef enum dw_outcome {
    DW_OUT_NONE = 0,
#define X(e, n, t) e,
    DW_OUTCOME_LIST(X)
#undef X
        DW_OUT_COUNT
} dw_outcome;

typedef enum dw_priority { DW_P_NONE = 0, DW_P1 = 1, DW_P2 = 2, DW_P3 = 3 } dw_priority;
typedef enum dw_due_kind { DW_DUE_NONE = 0, DW_DUE_DATE = 1, DW_DUE_INSTANT = 2 } dw_due_kind;

#define DW_UUID_TEXT_LEN 36

/* Where a causing event stands in the log. */
typedef struct dw_cause {
    uint32_t partition; /* of the input topic; filled by the engine */
    int64_t offset;
} dw_cause;

typedef struct dw_transition {
    dw_transition_kind kind;
    dw_outcome outcome; /* of RESOLVED */
    dw_priority priority;
    dw_due_kind due_kind;
    int32_t due_on;       /* DW_DUE_DATE: days since epoch; the last day in time */
    int64_t due_at_us;    /* DW_DUE_INSTANT: the last instant in time */
    int64_t raised_at_us; /* shard clock under which this was decided */
    uint32_t rule_version;
    uint32_t generation; /* from 1 */
    uint32_t level;      /* 0..4; with FLAGGED: no meaning */
    uint32_t count;      /* occurrences */
    uint32_t policy_number;
    bool restricted;
    bool found_at_start;   /* opened by the cut-over of a first load */
    bool approximate;      /* due rests on a date-only fact */
    uint32_t causes_total; /* how many events caused it */
    uint32_t cause_count;  /* how many of them are named */
    dw_cause causes[DW_CAUSES_MAX];
    char alert_id[DW_UUID_TEXT_LEN + 1];      /* UUIDv5(la_code, child_ref, rule, subject) */
    char transition_id[DW_UUID_TEXT_LEN + 1]; /* UUIDv5(alert id, generation, kind, level, due) */
    dw_str rule_id;
    dw_str la_code, child_ref;
    dw_str subject_kind; /* "plan", "placement", "episode", "contact", "referral", "child" */
    dw_str subject_id;   /* empty for "child" */
    dw_str post;         /* e.g. "team-07"; empty for FLAGGED */
    dw_str calendar;     /* "ew", "calendar", "hours" */
    dw_str count_mode;   /* "excl", "incl", "elapsed" */
    dw_str policy_digest;
    dw_str reason_code;   /* ACKNOWLEDGED, NOTED */
    dw_str oversight_ref; /* ACKNOWLEDGED, NOTED */
    int32_t review_by;    /* ACKNOWLEDGED: days since epoch, 0 = none */
    int32_t paused_until; /* last day of an authorised pause: days since epoch, 0 = not paused */
} dw_transition;

const char *dw_transition_name(dw_transition_kind kind);
const char *dw_outcome_name(dw_outcome outcome);
const char *dw_outcome_text(dw_outcome outcome);

/* Encode to the public protobuf bytes. Appends nothing on failure. *len_out <= max. Deterministic. */
dw_errc dw_transition_encode(const dw_transition *tr, uint8_t *buf, size_t max, size_t *len_out, dw_error *err);
/* Decode (tools, tests). Views into the arena. */
dw_errc dw_transition_decode(const uint8_t *buf, size_t len, dw_arena *arena, dw_transition *out, dw_error *err);

#pragma once
/* event.h: one validated event as a plain value: the only form in which the core sees what was published.
 *
 * Made by dw_event_decode() (bytes) or dw_event_from_json() (JSON Lines). Every string is a view into the arena
 * given to the decoder (or into the value bytes) and lives as long as they do. All checks of range, text and
 * presence have been done. No generated protobuf type leaks past proto/.
 *
 * The body is a flat list of the fields that are present, in ascending field id. A field id is the protobuf field
 * number; a field inside a nested message (visit_frequency.days) is outer number + 256 * inner number. An enum with
 * UNSPECIFIED, an empty string, an absent message are "absent" and not in the list.
 * Ids as C constants come from the generated header "field_ids.h": DW_F_<MESSAGE>_<FIELD>, e.g. DW_F_VISIT_DONE_MODE,
 * DW_F_PLAN_STARTED_VISIT_FREQUENCY_DAYS for nested ones; enum values are the generated DW_V_<VALUE_NAME>,
 * e.g. DW_V_VISIT_TYPE_CP. */

#include "proto/base.h"
#include "proto/limits.h"

/* Event types: the number of the field in `oneof body`. Names are domain.md's with `_` for `.`.
 * X(ENUMERATOR_SUFFIX, field number, "proto name", class) class: CHILD = fact about one child, needs subject key;
 * ACK = acknowledgement (subject key, dw-auth); CONTROL = no subject key; MOVE = facts on their way between subjects,
 * driftwatch's own (subject key, signed forward header); RESERVED = well-formed, parked. */
#define DW_EVENT_TYPE_LIST(X)                                                                                          \
    X(CONTACT_RECEIVED, 30, "contact_received", CHILD)                                                                 \
    X(VISIT_DONE, 31, "visit_done", CHILD)                                                                             \
    X(MISSING_EPISODE, 32, "missing_episode", CHILD)                                                                   \
    X(PLAN_REVIEW, 33, "plan_review", CHILD)                                                                           \
    X(RHI, 34, "rhi", CHILD)                                                                                           \
    X(REFERRAL_RECEIVED, 35, "referral_received", CHILD)                                                               \
    X(ASSESSMENT_STARTED, 36, "assessment_started", CHILD)                                                             \
    X(ASSESSMENT_AUTHORISED, 37, "assessment_authorised", CHILD)                                                       \
    X(S47_STARTED, 38, "s47_started", CHILD)                                                                           \
    X(CONFERENCE_ICPC, 39, "conference_icpc", CHILD)                                                                   \
    X(PLAN_STARTED, 40, "plan_started", CHILD)                                                                         \
    X(PLAN_CHANGED, 41, "plan_changed", CHILD)                                                                         \
    X(PLAN_ENDED, 42, "plan_ended", CHILD)                                                                             \
    X(PLACEMENT_STARTED, 43, "placement_started", CHILD)                                                               \
    X(PLACEMENT_ENDED, 44, "placement_ended", CHILD)                                                                   \
    X(LEGAL_CHANGED, 45, "legal_changed", CHILD)                                                                       \
    X(MEETING_HELD, 46, "meeting_held", CHILD)                                                                         \
    X(SUPERVISION_HELD, 47, "supervision_held", CHILD)                                                                 \
    X(OVERSIGHT_RECORDED, 48, "oversight_recorded", CHILD)                                                             \
    X(WORKER_ALLOCATED, 49, "worker_allocated", CHILD)                                                                 \
    X(WORKER_ENDED, 50, "worker_ended", CHILD)                                                                         \
    X(TEAM_TRANSFERRED, 51, "team_transferred", CHILD)                                                                 \
    X(CHILD_UPDATED, 52, "child_updated", CHILD)                                                                       \
    X(CLOCK_PAUSED, 53, "clock_paused", CHILD)                                                                         \
    X(CLOCK_RESUMED, 54, "clock_resumed", CHILD)                                                                       \
    X(SCHEDULE_OVERRIDE, 55, "schedule_override", CHILD)                                                               \
    X(CASE_CLOSED, 56, "case_closed", CHILD)                                                                           \
    X(AUDIT_OUTCOME, 57, "audit_outcome", CHILD)                                                                       \
    X(HEALTH_ASSESSMENT, 58, "health_assessment", CHILD)                                                               \
    X(PREPROCEEDINGS_STEP, 59, "preproceedings_step", CHILD)                                                           \
    X(PA_CONTACT, 60, "pa_contact", CHILD)                                                                             \
    X(ACCOMMODATION_PROVIDED, 61, "accommodation_provided", CHILD)                                                     \
    X(CHRONOLOGY_UPDATED, 62, "chronology_updated", CHILD)                                                             \
    X(EARLY_HELP_STARTED, 63, "early_help_started", CHILD)                                                             \
    X(DISPUTE_STEP, 64, "dispute_step", CHILD)                                                                         \
    X(ALERT_ACKNOWLEDGED, 80, "alert_acknowledged", ACK)                                                               \
    X(CLOCK_TICK, 81, "clock_tick", CONTROL)                                                                           \
    X(POLICY_SET, 82, "policy_set", CONTROL)                                                                           \
    X(CORE_SET, 83, "core_set", CONTROL)                                                                               \
    X(IDENTITY_MERGED, 90, "identity_merged", CHILD)                                                                   \
    X(IDENTITY_SPLIT, 91, "identity_split", CHILD)                                                                     \
    X(SUBJECT_MOVED, 92, "subject_moved", MOVE)                                                                        \
    X(SUBJECT_ERASED, 93, "subject_erased", RESERVED)                                                                  \
    X(HOLD_SET, 94, "hold_set", RESERVED)

typedef enum dw_event_type {
    DW_EV_NONE = 0,
#define X(e, n, s, c) DW_EV_##e = n,
    DW_EVENT_TYPE_LIST(X)
#undef X
        DW_EV_MAX = 96
} dw_event_type;
#define DW_EV_WORDS (((size_t)DW_EV_MAX + 63) / 64) /* words of 64 bits, one for each type */

typedef enum dw_event_class { DW_EVC_CHILD, DW_EVC_ACK, DW_EVC_CONTROL, DW_EVC_MOVE, DW_EVC_RESERVED } dw_event_class;

typedef enum dw_op { DW_OP_CREATE = 1, DW_OP_AMEND = 2, DW_OP_VOID = 3 } dw_op;
typedef enum dw_precision { DW_PRECISION_UNSPECIFIED = 0, DW_PRECISION_MINUTE = 1, DW_PRECISION_DATE = 2 } dw_precision;

/* Yes/no facts are never a bool: absent, no and not-applicable differ. Values of the .proto enum Answer. */
typedef enum dw_answer { DW_ANSWER_UNKNOWN = 0, DW_ANSWER_Y = 1, DW_ANSWER_N = 2, DW_ANSWER_NA = 3 } dw_answer;

typedef enum dw_value_kind {
    DW_VAL_NONE = 0,
    DW_VAL_ENUM,    /* .i = number, also unknown newer ones */
    DW_VAL_INT,     /* .i */
    DW_VAL_DATE,    /* .i = civil date as days since 1970-01-01 */
    DW_VAL_INSTANT, /* .i = microseconds since the epoch, UTC */
    DW_VAL_STR,     /* .s */
    DW_VAL_STRS     /* .list, n >= 1: repeated ids */
} dw_value_kind;

typedef struct dw_value {
    uint16_t field; /* field id, see above */
    uint8_t kind;   /* dw_value_kind */
    uint8_t flags;  /* DW_VALF_* */
    uint32_t n;     /* items of .list */
    union {
        int64_t i;
        dw_str s;
        const dw_str *list;
    };
} dw_value;
#define DW_VALF_UNKNOWN_CODE 1u /* enum value this build has no name for: kept, flagged, never refused */

typedef struct dw_event {
    dw_event_type type;
    dw_op op;
    dw_precision occurred_precision;
    dw_answer restricted;
    uint32_t schema_version;
    uint32_t source_revision;
    int64_t occurred_at_us; /* UTC */
    int64_t recorded_at_us; /* UTC; 0 = absent */
    dw_str event_id;
    dw_str la_code; /* three digits; empty on control records */
    dw_str child_ref;
    dw_str source_system;
    dw_str source_record_id;
    dw_str supersedes;
    dw_str family_ref;
    dw_str team_id;
    dw_str worker_ref;
    uint32_t unknown_fields; /* fields of a newer publisher that were ignored */
    uint32_t unknown_codes;  /* values with DW_VALF_UNKNOWN_CODE */
    uint32_t value_count;
    dw_value values[DW_EVENT_BODY_FIELDS_MAX]; /* ascending .field */
} dw_event;

const char *dw_event_type_name(dw_event_type type); /* "visit_done"; "?" when unknown */
dw_event_type dw_event_type_parse(dw_str name);     /* accepts `_` and `.`; DW_EV_NONE when unknown */
dw_event_class dw_event_type_class(dw_event_type type);

/* The value of a body field, or NULL when absent. */
const dw_value *dw_event_get(const dw_event *ev, uint16_t field);

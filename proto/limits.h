#pragma once
/* limits.h: every cap of driftwatch in one place, each with its unit and its reason.
 * A queue, batch, string, list or retry without a line here is a defect. */

/* --- one event (source: shared reliability study; librdkafka and protobuf-c bound nothing themselves) */
#define DW_EVENT_BYTES_MAX 65536            /* bytes of a record value other than policy.set */
#define DW_POLICY_BYTES_MAX (512 * 1024)    /* bytes of a policy.set value (DESIGN section 4) */
#define DW_EVENT_ARENA_BYTES_MAX (1 << 20)  /* bytes protobuf-c may allocate for one event */
#define DW_EVENT_UNKNOWN_FIELDS_MAX 16      /* unknown fields in one message: each costs 29 times its wire size */
#define DW_EVENT_REPEATED_MAX 64            /* items of one repeated field, e.g. episode_ids */
#define DW_SCHEMA_VERSION 1                 /* schema_version our own records carry */
#define DW_EVENT_WIRE_FIELDS_MAX 512        /* fields of all levels on the wire, repeats included */
#define DW_NUMBER_MAX 1000000               /* any count, sequence or version in a body; none comes near */
#define DW_INTERVAL_DAYS_MAX 3660           /* days of a recorded visit frequency: ten years */
#define DW_LEVEL_MAX 4                      /* highest level of the reporting line */
#define DW_EVENT_BODY_FIELDS_MAX 48         /* present scalar fields of one body after flattening */
#define DW_EVENT_DEPTH_MAX 4                /* nesting of the schema; it is not recursive */
#define DW_JSON_BYTES_MAX (4 * 1024 * 1024) /* bytes of one JSON line; a policy of 512 KiB with every byte escaped */
#define DW_ID_BYTES_MAX 64                  /* bytes of any id or reference */
#define DW_CODE_BYTES_MAX 32                /* bytes of a free code field */
#define DW_SUBJECT_BYTES_MAX 72             /* "ddd/" + child_ref */
#define DW_YEAR_MIN 1900                    /* first year a date may have */
#define DW_YEAR_MAX 2200                    /* last year a date may have */

/* --- one child's record */
#define DW_HEAD_BYTES_MAX 16384              /* bytes of an encoded head; then counted facts fold into pages */
#define DW_PAGE_BYTES_MAX 4096               /* bytes of one page of settled facts */
#define DW_CAUSES_MAX 8                      /* causing offsets named by a transition; then a count */
#define DW_TRANSITIONS_MAX 256               /* transitions one event or deadline may emit for one child */
#define DW_RULES_MAX 200                     /* rules in one policy */
#define DW_RULE_ID_BYTES_MAX 16              /* bytes of a rule id such as CP-07 */
#define DW_RECORD_ARENA_BYTES_MAX (64 << 20) /* bytes a decoded record may take, all its pages loaded */
#define DW_FOLD_DAYS_MIN 60  /* days a fact stays in the head at least: late records must not need pages */
#define DW_FOLD_FACTS_MIN 24 /* settled facts that are worth a page write */
#define DW_FOLD_PUTS 32      /* facts put after which a fold is tried, for first loads of history */

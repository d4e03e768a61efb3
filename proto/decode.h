#pragma once
/* decode.h: bytes of a record value -> dw_event, with every check of section 4 of the public schema.
 * Sole user, with encode.c, fields.c and json.c, of generated code.
 *
 * Order of checks: size; the wire, before anything is taken (sound fields, bombs: unknown fields, repeats, levels; NUL;
 * two bodies); body present and known; text (UTF-8, controls, ids); required fields; ranges; conflicts. The first failure
 * decides the code; the text names the field and never quotes its content.
 * The value is copied into the arena, so the record may be freed. Strings do not end in NUL. */

#include "proto/event.h"

/* Decode `value`. On success *out is filled; views point into `arena`. On failure *out is untouched, err says why.
 * DW_E_UNKNOWN_KIND / DW_E_RESERVED: the envelope is well-formed, the body is not for this build (parked). */
dw_errc dw_event_decode(const uint8_t *value, size_t len, dw_arena *arena, dw_event *out, dw_error *err);

/* Does the record key equal "la_code/child_ref"? (control records: no key at all) DW_E_KEY otherwise. */
dw_errc dw_event_check_key(const dw_event *ev, dw_str key, dw_error *err);

/* Policy text of a policy_set event, views into the arena. number >= 1. */
typedef struct dw_policy_text {
    uint32_t number;
    dw_str digest;    /* lower-case hex SHA-256 of the three texts, each preceded by its length as 8 bytes big-endian */
    dw_str standards; /* YAML */
    dw_str calendar;  /* JSON, gov.uk bank-holidays form plus closures */
    dw_str organisation; /* YAML */
    int64_t cut_over_us; /* 0 = none; nothing is raised before it */
} dw_policy_text;
dw_errc dw_policy_text_decode(const uint8_t *value, size_t len, dw_arena *arena, dw_policy_text *out, dw_error *err);

/* Acknowledgement of an alert (event type ALERT_ACKNOWLEDGED) as a plain value. */
typedef struct dw_ack {
    dw_str alert_id;
    uint32_t generation;
    uint32_t level;
    dw_str reason_code;
    int32_t review_by; /* days since 1970-01-01 */
    dw_str actor_post;
    dw_str actor_ref;
    dw_str oversight_ref;
} dw_ack;
/* A subject_moved event as a plain value (SubjectMoved in events.proto). `facts` is a block of handlers/identity.h. */
typedef struct dw_moved {
    dw_str to_la_code, to_child_ref;     /* both empty when there are facts */
    dw_str from_la_code, from_child_ref; /* both empty: not told */
    dw_str facts;                        /* bytes */
    bool more;
} dw_moved;
/* DW_E_CONTROL: neither facts nor a subject to move to, or half a subject. The bytes of the facts go into `arena`. */
dw_errc dw_moved_from_event(const dw_event *ev, dw_arena *arena, dw_moved *out, dw_error *err);
dw_errc dw_ack_from_event(const dw_event *ev, dw_ack *out, dw_error *err);

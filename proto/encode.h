#pragma once
/* encode.h: dw_event -> record value bytes, for publishers' tools, ticks and tests. Deterministic. */

#include "proto/decode.h"

/* Serialise. Buffer belongs to the arena. */
dw_errc dw_event_encode(const dw_event *ev, dw_arena *arena, const uint8_t **out, size_t *len, dw_error *err);
/* A clock.tick stamped `at_us` (its occurred_at; the broker's time decides on LogAppendTime topics). */
dw_errc dw_tick_encode(int64_t at_us, dw_arena *arena, const uint8_t **out, size_t *len, dw_error *err);
/* A policy.set; the digest is computed here. */
dw_errc dw_policy_text_encode(const dw_policy_text *policy, dw_arena *arena, const uint8_t **out, size_t *len,
                              dw_error *err);
/* SHA-256 digest of the texts as in dw_policy_text.digest; `hex` holds 65 bytes. */
void dw_policy_text_digest(const dw_policy_text *policy, char hex[65]);
/* A subject_moved for the subject la_code/child_ref; `id` tells it from all others. */
dw_errc dw_moved_encode(dw_str la_code, dw_str child_ref, const dw_moved *moved, int64_t at_us, const char *id,
                        dw_arena *arena, const uint8_t **out, size_t *len, dw_error *err);
/* A core.set for core version `version`. */
dw_errc dw_core_set_encode(uint32_t version, dw_arena *arena, const uint8_t **out, size_t *len, dw_error *err);
dw_errc dw_core_set_decode(const uint8_t *value, size_t len, uint32_t *version, dw_error *err);

#pragma once
/* samples.h: events and raw bytes for the tests of dw_proto. */

#include "proto/encode.h"
#include "proto/fields.h"

/* A valid event of a type with every field set (but the expected birth date), values varied by `salt`. The strings
 * live in the arena. */
dw_event sample_event(dw_event_type type, unsigned salt, dw_arena *arena);
/* The valid envelope alone: value_count 0. */
dw_event sample_envelope(dw_event_type type);
/* All event types, in ascending number; returns how many. */
size_t sample_types(dw_event_type out[DW_EV_MAX]);

/* Bytes put together by hand, for what no encoder would make. */
typedef struct wire {
    uint8_t bytes[1 << 20];
    size_t len;
} wire;
void wire_varint(wire *w, uint64_t value);
void wire_tag(wire *w, uint32_t field, uint32_t wire_type);
void wire_number(wire *w, uint32_t field, uint64_t value);
void wire_bytes(wire *w, uint32_t field, const void *bytes, size_t len);
void wire_text(wire *w, uint32_t field, const char *text);
/* The sample envelope of a visit without its body; `omit` leaves that field out (0 = none). */
void wire_envelope(wire *w, uint32_t omit);
/* The parts of an instant as field `field`. */
void wire_instant(wire *w, uint32_t field, int64_t seconds, int64_t nanos);

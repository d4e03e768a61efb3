#pragma once
/* unpack.h: private to proto/: protobuf-c over an arena, after a scan of the wire, with a cap on what it may take. */

#include "proto/event.h"

#include <protobuf-c/protobuf-c.h>

#include "proto/wire.h"

/* Scan and unpack; *out and all it points to belong to the arena (never free it with protobuf-c).
 * DW_E_BOMB when it would take more than DW_EVENT_ARENA_BYTES_MAX, DW_E_NOMEM when the arena itself is full. */
dw_errc dw_unpack(const ProtobufCMessageDescriptor *desc, const uint8_t *bytes, size_t len, dw_arena *arena,
                  const ProtobufCMessage **out, dw_wire_facts *facts, dw_error *err);

/* Serialise into the arena. */
dw_errc dw_pack(const ProtobufCMessage *message, dw_arena *arena, const uint8_t **out, size_t *len, dw_error *err);

/* Unpack an Event and demand that its body is `type`; checks the size, the scan and the body's presence.
 * *body is the body message. */
dw_errc dw_unpack_body(const uint8_t *value, size_t len, dw_event_type type, dw_arena *arena,
                       const ProtobufCMessage **body, dw_error *err);

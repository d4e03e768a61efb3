#pragma once
/* wire.h: private to proto/: a look over the bytes of a message before protobuf-c unpacks them.
 *
 * protobuf-c bounds nothing: an unknown field costs 29 times its wire size, an empty nested one up to 89 times, a NUL
 * in a string is invisible afterwards. The scan refuses such bytes while they cost nothing, in one pass without memory:
 * malformed or mistyped fields, too many fields, unknown fields, repeats or levels, NUL, two bodies in one envelope. */

#include "proto/event.h"

#include <protobuf-c/protobuf-c.h>

typedef struct dw_wire_facts {
    uint32_t fields;         /* fields of all levels */
    uint32_t unknown_fields; /* those this schema does not have */
    uint32_t body;           /* number of the body field; 0 = none */
    uint32_t unknown_body;   /* number of a body this schema does not have; 0 = none */
} dw_wire_facts;

/* Scan `len` bytes as a message of `desc`. *facts is filled as far as the scan came, also on failure. */
dw_errc dw_wire_scan(const ProtobufCMessageDescriptor *desc, const uint8_t *bytes, size_t len, dw_wire_facts *facts,
                     dw_error *err);

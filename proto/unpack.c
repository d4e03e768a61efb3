/* protobuf-c over an arena: bounded, without malloc, nothing to free. */
#include "proto/unpack.h"

#include "proto/schema.h"

typedef struct capped_arena {
    dw_arena *arena;
    size_t end_bytes; /* dw_arena_used() may not pass this */
    bool capped;
    bool full;
} capped_arena;

static void *capped_alloc(void *data, size_t size)
{
    capped_arena *capped = data;
    if (dw_arena_used(capped->arena) + size > capped->end_bytes) {
        capped->capped = true;
        return NULL;
    }
    void *ptr = dw_arena_alloc(capped->arena, size);
    capped->full |= ptr == NULL;
    return ptr;
}

static void capped_free(void *data, void *ptr)
{
    (void)data; /* the arena frees everything at once */
    (void)ptr;
}

dw_errc dw_unpack(const ProtobufCMessageDescriptor *desc, const uint8_t *bytes, size_t len, dw_arena *arena,
                  const ProtobufCMessage **out, dw_wire_facts *facts, dw_error *err)
{
    dw_errc code = dw_wire_scan(desc, bytes, len, facts, err);
    if (code != DW_OK)
        return code;
    capped_arena capped = {.arena = arena, .end_bytes = dw_arena_used(arena) + DW_EVENT_ARENA_BYTES_MAX};
    ProtobufCAllocator allocator = {.alloc = capped_alloc, .free = capped_free, .allocator_data = &capped};
    const ProtobufCMessage *message = protobuf_c_message_unpack(desc, &allocator, len, bytes);
    if (message == NULL) {
        if (capped.full)
            return dw_fail(err, DW_E_NOMEM, "arena is full");
        if (capped.capped)
            return dw_fail(err, DW_E_BOMB, "takes more than %d bytes of memory", DW_EVENT_ARENA_BYTES_MAX);
        return dw_fail(err, DW_E_TRUNCATED, "not a %s message", desc->short_name);
    }
    *out = message;
    return DW_OK;
}

dw_errc dw_pack(const ProtobufCMessage *message, dw_arena *arena, const uint8_t **out, size_t *len, dw_error *err)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = dw_arena_alloc(arena, size);
    if (bytes == NULL)
        return dw_fail(err, DW_E_NOMEM, "arena is full");
    *len = protobuf_c_message_pack(message, bytes);
    *out = bytes;
    return DW_OK;
}

dw_errc dw_unpack_body(const uint8_t *value, size_t len, dw_event_type type, dw_arena *arena,
                       const ProtobufCMessage **body, dw_error *err)
{
    dw_wire_facts facts;
    const ProtobufCMessage *message;
    if (value == NULL || len == 0)
        return dw_fail(err, DW_E_NO_VALUE, "no value");
    if (len > DW_POLICY_BYTES_MAX)
        return dw_fail(err, DW_E_TOO_BIG, "%zu bytes", len);
    dw_errc code = dw_unpack(&driftwatch__v1__event__descriptor, value, len, arena, &message, &facts, err);
    if (code != DW_OK)
        return code;
    const ProtobufCFieldDescriptor *field = dw_schema_body(type);
    if (facts.body != field->id)
        return dw_fail(err, DW_E_CONTROL, "not a %s", dw_event_type_name(type));
    *body = DW_MEMBER_CONST(message, field, const ProtobufCMessage *);
    return DW_OK;
}

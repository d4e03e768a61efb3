// link: dw_proto
/* fuzz_decode.c: any bytes as an event, a transition, a policy, a core version, and as JSON. What decodes must encode, and what
 * is printed must be read again. */
#include "proto/encode.h"
#include "proto/json.h"
#include "tests/fuzz/fuzz.h"

/* An event that decodes must encode, and its JSON must be read again. */
static void use_event(const dw_event *ev, dw_arena *arena)
{
    dw_event again;
    dw_error err;
    const uint8_t *bytes;
    size_t len;
    char *line = dw_event_to_json(ev, NULL);
    if (line == NULL || dw_event_from_json(line, strlen(line), arena, &again, NULL, &err) != DW_OK ||
        dw_event_encode(&again, arena, &bytes, &len, &err) != DW_OK)
        abort();
    free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dw_event ev;
    dw_transition tr;
    dw_policy_text policy;
    dw_error err;
    uint32_t version;
    uint8_t buf[4096];
    size_t len;
    dw_arena *arena = dw_arena_new(4 * DW_EVENT_ARENA_BYTES_MAX);
    if (arena == NULL)
        return 0;
    if (dw_event_decode(data, size, arena, &ev, &err) == DW_OK)
        use_event(&ev, arena);
    dw_arena_reset(arena);
    if (dw_transition_decode(data, size, arena, &tr, &err) == DW_OK) {
        free(dw_transition_to_json(&tr, NULL));
        (void)dw_transition_encode(&tr, buf, sizeof(buf), &len, &err);
    }
    dw_arena_reset(arena);
    (void)dw_policy_text_decode(data, size, arena, &policy, &err);
    (void)dw_core_set_decode(data, size, &version, &err);
    dw_arena_reset(arena);
    if (dw_event_from_json((const char *)data, size, arena, &ev, NULL, &err) == DW_OK) {
        const uint8_t *bytes;
        if (dw_event_encode(&ev, arena, &bytes, &len, &err) != DW_OK)
            abort();
    }
    dw_arena_free(&arena);
    return 0;
}

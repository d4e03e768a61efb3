// link: dw_proto
// with: daemon/cli/line.c
/* fuzz_line.c: any bytes as a line of a log in JSON Lines. What passes every check is an event that encodes. */
#include "daemon/cli/line.h"
#include "proto/encode.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char blank[] = "";
    const char *line = size != 0 ? (const char *)data : blank;
    dw_arena *arena = dw_arena_new(DW_LINE_ARENA_BYTES);
    dw_line_front front;
    dw_event ev;
    dw_error err = {0};
    int64_t log_time_us = 0;
    if (arena == NULL)
        return 0;
    dw_line_look(line, size, &front);
    if (dw_line_read(line, size, arena, &ev, &log_time_us, &err) == DW_OK) {
        const uint8_t *bytes;
        size_t len;
        FUZZ_MUST(dw_event_encode(&ev, arena, &bytes, &len, &err) == DW_OK);
        FUZZ_MUST(log_time_us == front.log_time_us); /* both ways of looking at a line see the same time */
    }
    dw_arena_free(&arena);
    return 0;
}

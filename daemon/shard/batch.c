/* Pipelines of Redis commands. */
#include "daemon/shard/batch.h"

#include <inttypes.h>

#define KEEP_ARGS 128 /* arguments whose memory an idle batch keeps */

void dw_batch_init(dw_batch *batch, dw_arena *arena)
{
    *batch = (dw_batch){.arena = arena};
}

void dw_batch_deinit(dw_batch *batch)
{
    free(batch->calls);
    free(batch->starts);
    free(batch->args);
    *batch = (dw_batch){0};
}

void dw_batch_reset(dw_batch *batch)
{
    if (batch->arg_cap > KEEP_ARGS || batch->call_cap > KEEP_ARGS) {
        dw_arena *arena = batch->arena;
        dw_batch_deinit(batch);
        batch->arena = arena;
    }
    batch->call_count = 0;
    batch->arg_count = 0;
    batch->failed = false;
}

#define LIST_FIRST 64

/* Room for one call more: in both lists, or it counts as none. */
static bool room_for_call(dw_batch *batch)
{
    size_t cap = batch->call_cap;
    dw_call *calls = dw_list_room(batch->calls, batch->call_count, &cap, LIST_FIRST, sizeof(*calls));
    if (calls == NULL)
        return false;
    batch->calls = calls;
    size_t *starts = dw_list_room(batch->starts, batch->call_count, &batch->call_cap, LIST_FIRST, sizeof(*starts));
    if (starts == NULL)
        return false;
    batch->starts = starts;
    return true;
}

void dw_batch_call(dw_batch *batch, const char *verb)
{
    if (!room_for_call(batch)) {
        batch->failed = true;
        return;
    }
    batch->starts[batch->call_count++] = batch->arg_count;
    dw_batch_text(batch, verb);
}

void dw_batch_arg(dw_batch *batch, dw_str arg)
{
    dw_str *args = dw_list_room(batch->args, batch->arg_count, &batch->arg_cap, LIST_FIRST, sizeof(*args));
    if (args == NULL) {
        batch->failed = true;
        return;
    }
    batch->args = args;
    batch->args[batch->arg_count++] = arg;
}

void dw_batch_text(dw_batch *batch, const char *arg)
{
    dw_batch_arg(batch, dw_str_from(arg));
}

void dw_batch_copy(dw_batch *batch, dw_str arg)
{
    dw_str copy = dw_arena_str(batch->arena, arg);
    if (copy.ptr == NULL)
        batch->failed = true;
    else
        dw_batch_arg(batch, copy);
}

void dw_batch_number(dw_batch *batch, int64_t n)
{
    char text[24];
    int len = snprintf(text, sizeof(text), "%" PRId64, n);
    dw_batch_copy(batch, (dw_str){text, (uint32_t)len});
}

bool dw_batch_finish(dw_batch *batch)
{
    if (batch->failed)
        return false;
    for (size_t i = 0; i < batch->call_count; i++) {
        size_t end = i + 1 < batch->call_count ? batch->starts[i + 1] : batch->arg_count;
        batch->calls[i] = (dw_call){(uint32_t)(end - batch->starts[i]), batch->args + batch->starts[i]};
    }
    return true;
}

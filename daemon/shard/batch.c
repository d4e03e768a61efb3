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

static bool grow(void **items, size_t size, size_t *cap)
{
    size_t more = *cap == 0 ? 64 : *cap * 2;
    void *fresh = reallocarray(*items, more, size);
    if (fresh == NULL)
        return false;
    *items = fresh;
    *cap = more;
    return true;
}

void dw_batch_call(dw_batch *batch, const char *verb)
{
    if (batch->call_count == batch->call_cap) {
        size_t cap = batch->call_cap;
        if (!grow((void **)&batch->calls, sizeof(*batch->calls), &cap) ||
            (cap = batch->call_cap, !grow((void **)&batch->starts, sizeof(*batch->starts), &cap))) {
            batch->failed = true;
            return;
        }
        batch->call_cap = cap;
    }
    batch->starts[batch->call_count++] = batch->arg_count;
    dw_batch_text(batch, verb);
}

void dw_batch_arg(dw_batch *batch, dw_str arg)
{
    if (batch->arg_count == batch->arg_cap && !grow((void **)&batch->args, sizeof(*batch->args), &batch->arg_cap)) {
        batch->failed = true;
        return;
    }
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

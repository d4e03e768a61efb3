/* Error values and the bump arena. */
#include "proto/base.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *name;
    const char *meaning;
} errc_table[DW_ERRC_COUNT] = {
#define X(e, n, m) [e] = {n, m},
    DW_ERRC_LIST(X)
#undef X
};

#undef dw_fail
dw_errc dw_fail(dw_error *err, dw_errc code, const char *fmt, ...)
{
    if (err != NULL) {
        va_list args;
        err->code = code;
        va_start(args, fmt);
        if (vsnprintf(err->text, sizeof(err->text), fmt, args) < 0)
            err->text[0] = '\0';
        va_end(args);
    }
    return code;
}

const char *dw_errc_name(dw_errc code)
{
    return (unsigned)code < DW_ERRC_COUNT ? errc_table[code].name : "?";
}

const char *dw_errc_meaning(dw_errc code)
{
    return (unsigned)code < DW_ERRC_COUNT ? errc_table[code].meaning : "?";
}

/* --- arena */

#define ARENA_ALIGN ((size_t)16)
#define ARENA_FIRST_BYTES ((size_t)32768) /* holds any ordinary event, so a reset arena allocates nothing */

typedef struct arena_block {
    struct arena_block *next; /* the block before this one */
    size_t size;              /* usable bytes */
    _Alignas(16) unsigned char data[];
} arena_block;

struct dw_arena {
    size_t limit_bytes;
    size_t held_bytes; /* usable bytes of all blocks: never above limit_bytes */
    size_t full_bytes; /* used bytes of all blocks but the newest */
    size_t used;       /* used bytes of the newest block */
    arena_block *newest;
    arena_block *first; /* kept by a reset */
};

static arena_block *block_new(dw_arena *arena, size_t size)
{
    arena_block *block = malloc(sizeof(*block) + size);
    if (block == NULL)
        return NULL;
    block->size = size;
    block->next = arena->newest;
    arena->held_bytes += size;
    return block;
}

dw_arena *dw_arena_new(size_t limit_bytes)
{
    return dw_arena_new_small(limit_bytes, ARENA_FIRST_BYTES);
}

dw_arena *dw_arena_new_small(size_t limit_bytes, size_t first_bytes)
{
    dw_arena *arena = calloc(1, sizeof(*arena));
    if (arena == NULL)
        return NULL;
    arena->limit_bytes = limit_bytes & ~(ARENA_ALIGN - 1);
    size_t first = arena->limit_bytes < first_bytes ? arena->limit_bytes : first_bytes;
    arena->first = block_new(arena, first);
    if (arena->first == NULL) {
        free(arena);
        return NULL;
    }
    arena->newest = arena->first;
    return arena;
}

void dw_arena_free(dw_arena **arena)
{
    if (arena == NULL || *arena == NULL)
        return;
    dw_arena_reset(*arena);
    free((*arena)->first);
    free(*arena);
    *arena = NULL;
}

static bool arena_grow(dw_arena *arena, size_t bytes)
{
    size_t left = arena->limit_bytes - arena->held_bytes;
    size_t size = arena->newest->size * 2;
    if (size < bytes)
        size = bytes;
    if (size > left)
        size = left;
    if (size < bytes)
        return false;
    arena_block *block = block_new(arena, size);
    if (block == NULL)
        return false;
    arena->full_bytes += arena->used;
    arena->newest = block;
    arena->used = 0;
    return true;
}

void *dw_arena_alloc(dw_arena *arena, size_t bytes)
{
    if (bytes > arena->limit_bytes)
        return NULL;
    size_t rounded = (bytes + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
    if (rounded == 0)
        rounded = ARENA_ALIGN;
    if (rounded > arena->newest->size - arena->used && !arena_grow(arena, rounded))
        return NULL;
    void *ptr = arena->newest->data + arena->used;
    arena->used += rounded;
    return memset(ptr, 0, rounded);
}

dw_str dw_arena_str(dw_arena *arena, dw_str s)
{
    char *copy = dw_arena_alloc(arena, (size_t)s.len + 1);
    if (copy == NULL)
        return (dw_str){NULL, 0};
    if (s.len != 0)
        memcpy(copy, s.ptr, s.len);
    return (dw_str){copy, s.len};
}

void dw_arena_reset(dw_arena *arena)
{
    while (arena->newest != arena->first) {
        arena_block *block = arena->newest;
        arena->newest = block->next;
        arena->held_bytes -= block->size;
        free(block);
    }
    arena->full_bytes = 0;
    arena->used = 0;
}

size_t dw_arena_used(const dw_arena *arena)
{
    return arena->full_bytes + arena->used;
}

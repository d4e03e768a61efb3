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

/* --- blocks and their pool */

#define ARENA_ALIGN ((size_t)16)
#define ARENA_FIRST_BYTES ((size_t)32768)    /* holds any ordinary event, so a reset arena allocates nothing */
#define ARENA_STEP_BYTES ((size_t)256 << 10) /* blocks grow no further than this: half a block is wasted at most */
#define POOL_FIRST_BYTES ((size_t)4096)      /* smallest block of a pool, header included; classes double */
#define POOL_CLASSES 7                       /* up to ARENA_STEP_BYTES */

typedef struct arena_block {
    struct arena_block *next; /* the block before this one */
    size_t size;              /* usable bytes */
    _Alignas(16) unsigned char data[];
} arena_block;

struct dw_pool {
    size_t kept_bytes, keep_bytes;
    arena_block *unused[POOL_CLASSES];
};

/* The class of blocks of `size` usable bytes or the next bigger ones; POOL_CLASSES: none so big. */
static unsigned class_for(size_t size, size_t *class_size)
{
    unsigned class = 0;
    size_t total = POOL_FIRST_BYTES;
    while (class < POOL_CLASSES && total - sizeof(arena_block) < size) {
        class ++;
        total *= 2;
    }
    *class_size = total - sizeof(arena_block);
    return class;
}

dw_pool *dw_pool_new(size_t keep_bytes)
{
    dw_pool *pool = calloc(1, sizeof(*pool));
    if (pool != NULL)
        pool->keep_bytes = keep_bytes;
    return pool;
}

void dw_pool_trim(dw_pool *pool)
{
    for (unsigned class = 0; class < POOL_CLASSES; class ++)
        while (pool->unused[class] != NULL) {
            arena_block *block = pool->unused[class];
            pool->unused[class] = block->next;
            free(block);
        }
    pool->kept_bytes = 0;
}

void dw_pool_free(dw_pool **pool)
{
    if (pool == NULL || *pool == NULL)
        return;
    dw_pool_trim(*pool);
    free(*pool);
    *pool = NULL;
}

size_t dw_pool_kept(const dw_pool *pool)
{
    return pool->kept_bytes;
}

static arena_block *pool_take(dw_pool *pool, size_t *size)
{
    size_t class_size;
    unsigned class = class_for(*size, &class_size);
    if (class == POOL_CLASSES)
        return NULL;
    *size = class_size;
    arena_block *block = pool->unused[class];
    if (block != NULL) {
        pool->unused[class] = block->next;
        pool->kept_bytes -= block->size;
    }
    return block;
}

static void block_free(dw_pool *pool, arena_block *block)
{
    size_t class_size;
    unsigned class = pool != NULL ? class_for(block->size, &class_size) : POOL_CLASSES;
    if (class == POOL_CLASSES || class_size != block->size || pool->kept_bytes + block->size > pool->keep_bytes) {
        free(block);
        return;
    }
    block->next = pool->unused[class];
    pool->unused[class] = block;
    pool->kept_bytes += block->size;
}

/* --- arena */

struct dw_arena {
    size_t limit_bytes;
    size_t held_bytes; /* usable bytes of all blocks: never above limit_bytes */
    size_t full_bytes; /* used bytes of all blocks but the newest */
    size_t used;       /* used bytes of the newest block */
    arena_block *newest;
    arena_block *first; /* kept by a reset; NULL: none is */
    dw_pool *pool;
};

static arena_block *block_new(dw_arena *arena, size_t size)
{
    size_t class_size = size;
    arena_block *block = NULL;
    if (arena->pool != NULL && size <= ARENA_STEP_BYTES) {
        block = pool_take(arena->pool, &class_size);
        if (class_size > arena->limit_bytes - arena->held_bytes) { /* only what the limit leaves */
            if (block != NULL)
                block_free(arena->pool, block);
            block = NULL;
            class_size = size;
        }
    }
    if (block == NULL) {
        block = malloc(sizeof(*block) + class_size);
        if (block == NULL)
            return NULL;
        block->size = class_size;
    }
    block->next = arena->newest;
    arena->held_bytes += block->size;
    return block;
}

static dw_arena *arena_new(size_t limit_bytes, dw_pool *pool)
{
    dw_arena *arena = calloc(1, sizeof(*arena));
    if (arena != NULL) {
        arena->limit_bytes = limit_bytes & ~(ARENA_ALIGN - 1);
        arena->pool = pool;
    }
    return arena;
}

dw_arena *dw_arena_new(size_t limit_bytes)
{
    return dw_arena_new_small(limit_bytes, ARENA_FIRST_BYTES);
}

dw_arena *dw_arena_new_small(size_t limit_bytes, size_t first_bytes)
{
    dw_arena *arena = arena_new(limit_bytes, NULL);
    if (arena == NULL)
        return NULL;
    arena->first = block_new(arena, arena->limit_bytes < first_bytes ? arena->limit_bytes : first_bytes);
    if (arena->first == NULL) {
        free(arena);
        return NULL;
    }
    arena->newest = arena->first;
    return arena;
}

dw_arena *dw_arena_new_pooled(size_t limit_bytes, dw_pool *pool)
{
    return pool != NULL ? arena_new(limit_bytes, pool) : dw_arena_new(limit_bytes);
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
    size_t size = arena->newest != NULL ? arena->newest->size * 2 : POOL_FIRST_BYTES - sizeof(arena_block);
    if (size > ARENA_STEP_BYTES - sizeof(arena_block))
        size = ARENA_STEP_BYTES - sizeof(arena_block);
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
    if ((arena->newest == NULL || rounded > arena->newest->size - arena->used) && !arena_grow(arena, rounded))
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

void *dw_list_room(void *items, size_t count, size_t *cap, size_t first, size_t item_bytes)
{
    if (count < *cap)
        return items;
    size_t more = *cap == 0 ? first : *cap * 2;
    void *grown = more <= SIZE_MAX / item_bytes ? realloc(items, more * item_bytes) : NULL;
    if (grown != NULL)
        *cap = more;
    return grown;
}

void *dw_arena_room(dw_arena *arena, void *items, uint32_t count, uint32_t *cap, uint32_t first, size_t item_bytes)
{
    if (count < *cap)
        return items;
    uint32_t more = *cap == 0 ? first : *cap * 2;
    void *grown = dw_arena_alloc(arena, more * item_bytes);
    if (grown == NULL)
        return NULL;
    if (count != 0)
        memcpy(grown, items, count * item_bytes);
    *cap = more;
    return grown;
}

void dw_arena_reset(dw_arena *arena)
{
    while (arena->newest != arena->first) {
        arena_block *block = arena->newest;
        arena->newest = block->next;
        arena->held_bytes -= block->size;
        block_free(arena->pool, block);
    }
    arena->full_bytes = 0;
    arena->used = 0;
}

size_t dw_arena_used(const dw_arena *arena)
{
    return arena->full_bytes + arena->used;
}

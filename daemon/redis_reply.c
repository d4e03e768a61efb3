/* redis_reply.c: RESP replies straight into dw_reply trees: no object is built twice and nothing is freed singly.
 * A turn of thousands of children gets as many strings in one reply, so both would show. */

#include "daemon/redis.h"
#include "proto/limits.h"

#include <hiredis/hiredis.h>

#define BLOCK_BYTES ((size_t)64 * 1024)

struct dw_reply_block {
    dw_reply_block *next;
    size_t bytes;
    _Alignas(16) char data[];
};

/* What a callback gets. hiredis itself looks at type and str of a reply that nobody asked for, so those come first. */
typedef struct root {
    redisReply compat;
    dw_reply reply;
} root;

static dw_reply_block *take_block(dw_reply_arena *arena, size_t bytes)
{
    dw_reply_pool *pool = arena->pool;
    dw_reply_block *block = NULL;
    if (bytes <= BLOCK_BYTES && pool->spare != NULL) {
        block = pool->spare;
        pool->spare = block->next;
        pool->spare_bytes -= block->bytes;
    } else {
        size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
        block = malloc(sizeof(*block) + size);
        if (block == NULL)
            return NULL;
        block->bytes = size;
    }
    return block;
}

void *dw_reply_alloc(dw_reply_arena *arena, size_t bytes)
{
    bytes = (bytes + 7) & ~(size_t)7;
    if (arena->first == NULL || arena->first->bytes - arena->used < bytes) {
        if (bytes > DW_REDIS_REPLY_BYTES_MAX || arena->bytes + bytes > DW_REDIS_REPLY_BYTES_MAX)
            return NULL;
        dw_reply_block *block = take_block(arena, bytes);
        if (block == NULL)
            return NULL;
        block->next = arena->first;
        arena->first = block;
        arena->used = 0;
        arena->bytes += block->bytes;
    }
    void *at = arena->first->data + arena->used;
    arena->used += bytes;
    return at;
}

void dw_reply_arena_reset(dw_reply_arena *arena)
{
    dw_reply_pool *pool = arena->pool;
    while (arena->first != NULL) {
        dw_reply_block *block = arena->first;
        arena->first = block->next;
        if (block->bytes == BLOCK_BYTES && pool->spare_bytes + block->bytes <= DW_REDIS_REPLY_BYTES_KEEP) {
            block->next = pool->spare;
            pool->spare = block;
            pool->spare_bytes += block->bytes;
        } else {
            free(block);
        }
    }
    arena->used = 0;
    arena->bytes = 0;
}

void dw_reply_pool_deinit(dw_reply_pool *pool)
{
    while (pool->spare != NULL) {
        dw_reply_block *block = pool->spare;
        pool->spare = block->next;
        free(block);
    }
    pool->spare_bytes = 0;
}

/* Where the value of this task goes; *object is what hiredis keeps for it. */
static dw_reply *target(const redisReadTask *task, void **object)
{
    if (task->parent == NULL) {
        root *top = dw_reply_alloc(task->privdata, sizeof(*top));
        if (top == NULL)
            return NULL;
        *top = (root){.compat = {.type = REDIS_REPLY_NIL}};
        *object = top;
        return &top->reply;
    }
    const dw_reply *container = task->parent->parent == NULL ? &((root *)task->parent->obj)->reply : task->parent->obj;
    dw_reply *slot = (dw_reply *)container->items + task->idx;
    *object = slot;
    return slot;
}

static void *create_string(const redisReadTask *task, char *text, size_t len)
{
    void *object = NULL;
    dw_reply *reply = target(task, &object);
    char *copy = reply != NULL && len <= UINT32_MAX - 1 ? dw_reply_alloc(task->privdata, len + 1) : NULL;
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, len);
    copy[len] = '\0';
    dw_reply_type type = task->type == REDIS_REPLY_ERROR    ? DW_REPLY_ERROR
                         : task->type == REDIS_REPLY_STATUS ? DW_REPLY_STATUS
                                                            : DW_REPLY_STR;
    *reply = (dw_reply){.type = type, .str = {copy, (uint32_t)len}};
    if (task->parent == NULL) {
        redisReply *compat = object;
        compat->type = task->type;
        compat->str = copy;
        compat->len = len;
    }
    return object;
}

static void *create_array(const redisReadTask *task, int count)
{
    void *object = NULL;
    dw_reply *reply = target(task, &object);
    size_t n = count > 0 ? (size_t)count : 0;
    dw_reply *items = reply != NULL && n <= DW_REDIS_REPLY_BYTES_MAX / sizeof(dw_reply)
                          ? dw_reply_alloc(task->privdata, (n != 0 ? n : 1) * sizeof(dw_reply))
                          : NULL;
    if (items == NULL)
        return NULL;
    *reply = (dw_reply){.type = DW_REPLY_ARRAY, .items = items, .count = n};
    return object;
}

static void *create_integer(const redisReadTask *task, long long value)
{
    void *object = NULL;
    dw_reply *reply = target(task, &object);
    if (reply != NULL)
        *reply = (dw_reply){.type = DW_REPLY_INT, .integer = value};
    return object;
}

static void *create_nil(const redisReadTask *task)
{
    void *object = NULL;
    dw_reply *reply = target(task, &object);
    if (reply != NULL)
        *reply = (dw_reply){.type = DW_REPLY_NIL};
    return object;
}

static void free_object(void *object)
{
    (void)object; /* the arena does it */
}

void dw_reply_reader_use(void *reader, dw_reply_arena *arena)
{
    static redisReplyObjectFunctions functions = {create_string, create_array, create_integer, create_nil, free_object};
    redisReader *r = reader;
    r->fn = &functions;
    r->privdata = arena;
}

const dw_reply *dw_reply_of(const void *callback_reply)
{
    return &((const root *)callback_reply)->reply;
}

dw_str dw_redis_info(dw_str info, const char *name)
{
    size_t len = strlen(name);
    const char *end = info.ptr + info.len;
    for (const char *line = info.ptr; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        if (stop == NULL)
            stop = end;
        const char *last = stop > line && stop[-1] == '\r' ? stop - 1 : stop;
        if ((size_t)(last - line) > len && memcmp(line, name, len) == 0 && line[len] == ':')
            return (dw_str){line + len + 1, (uint32_t)(last - line - (ptrdiff_t)len - 1)};
        line = stop + 1;
    }
    return (dw_str){"", 0};
}

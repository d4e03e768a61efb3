#pragma once
/* failing_alloc.h: memory that runs out when told to. The including test program names the functions in a line
 * "// wrap: malloc calloc realloc dw_arena_alloc dw_arena_str dw_arena_room" (tests/CMakeLists.txt), so that calls of them from our own
 * libraries come here; those of other libraries do not. */

#include "proto/base.h"

#include <stdlib.h>

static struct {
    unsigned long fail_at; /* the n-th allocation from now fails; 0: none */
    unsigned long asked;
    bool for_good; /* and all after it */
    bool hit;
} failing;

static inline void failing_arm(unsigned long at, bool for_good)
{
    failing.fail_at = at;
    failing.asked = 0;
    failing.for_good = for_good;
    failing.hit = false;
}

/* How many were asked for; none fails from here on. */
static inline unsigned long failing_disarm(void)
{
    failing.fail_at = 0;
    return failing.asked;
}

static inline bool failing_now(void)
{
    failing.asked++;
    bool now = failing.fail_at != 0 && (failing.asked == failing.fail_at || (failing.for_good && failing.hit));
    failing.hit |= now;
    return now;
}

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t n, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__real_dw_arena_alloc(dw_arena *arena, size_t bytes);
dw_str __real_dw_arena_str(dw_arena *arena, dw_str s);
void *__real_dw_arena_room(dw_arena *arena, void *items, uint32_t count, uint32_t *cap, uint32_t first,
                           size_t item_bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);
void *__wrap_dw_arena_alloc(dw_arena *arena, size_t bytes);
dw_str __wrap_dw_arena_str(dw_arena *arena, dw_str s);
void *__wrap_dw_arena_room(dw_arena *arena, void *items, uint32_t count, uint32_t *cap, uint32_t first,
                           size_t item_bytes);

void *__wrap_malloc(size_t bytes)
{
    return failing_now() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t n, size_t bytes)
{
    return failing_now() ? NULL : __real_calloc(n, bytes);
}

void *__wrap_realloc(void *old, size_t bytes)
{
    return failing_now() ? NULL : __real_realloc(old, bytes);
}

void *__wrap_dw_arena_alloc(dw_arena *arena, size_t bytes)
{
    return failing_now() ? NULL : __real_dw_arena_alloc(arena, bytes);
}

dw_str __wrap_dw_arena_str(dw_arena *arena, dw_str s)
{
    return failing_now() ? (dw_str){NULL, 0} : __real_dw_arena_str(arena, s);
}

void *__wrap_dw_arena_room(dw_arena *arena, void *items, uint32_t count, uint32_t *cap, uint32_t first,
                           size_t item_bytes)
{
    bool fails = count >= *cap && failing_now(); /* where there is room, it asks for none */
    return fails ? NULL : __real_dw_arena_room(arena, items, count, cap, first, item_bytes);
}

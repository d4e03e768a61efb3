#pragma once
/* base.h: the few small types that every layer shares: a borrowed string and an error value.
 *
 * Callers may rely on: dw_str never owns its bytes and is not NUL-terminated; a dw_error is filled
 * only on failure and is untouched on success. Nothing here allocates or reads a clock. */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A borrowed run of bytes. `ptr` may be NULL only when `len` is 0. Valid as long as what it points into. */
typedef struct dw_str {
    const char *ptr;
    uint32_t len;
} dw_str;

#define DW_STR_LIT(s) ((dw_str){(s), (uint32_t)(sizeof(s) - 1)})
#define DW_STR_ARG(s) (int)(s).len, (s).ptr /* for "%.*s" */

static inline dw_str dw_str_from(const char *s)
{
    return (dw_str){s, s != NULL ? (uint32_t)strlen(s) : 0};
}
static inline bool dw_str_eq(dw_str a, dw_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
/* Byte order, shorter first on a common prefix: the order "sorted" means everywhere in driftwatch. */
static inline int dw_str_cmp(dw_str a, dw_str b)
{
    uint32_t n = a.len < b.len ? a.len : b.len;
    int c = n != 0 ? memcmp(a.ptr, b.ptr, n) : 0;
    return c != 0 ? c : (a.len > b.len) - (a.len < b.len);
}

/* Error value: a code from the table below and a bounded text for people (never payload text). */
#define DW_ERROR_TEXT_MAX 400 /* bytes; a message longer than this is cut */

/* X(enumerator, stable lower-case name used in logs, dead letters and metrics, meaning) */
#define DW_ERRC_LIST(X)                                                                                                \
    X(DW_OK, "ok", "no error")                                                                                         \
    X(DW_E_NOMEM, "no_memory", "allocation failed or an arena is full")                                                \
    X(DW_E_INVAL, "invalid", "caller gave something unusable")                                                         \
    X(DW_E_TOO_BIG, "oversized", "longer than its limit")                                                              \
    X(DW_E_TRUNCATED, "undecodable", "bytes are not the message they claim to be")                                     \
    X(DW_E_NO_BODY, "no_body", "envelope without a body")                                                              \
    X(DW_E_UNKNOWN_KIND, "unknown_kind", "well-formed envelope of a kind this build does not know: parked")            \
    X(DW_E_UTF8, "invalid_utf8", "text is not UTF-8")                                                                  \
    X(DW_E_NUL, "control_character", "text holds NUL or a control character")                                          \
    X(DW_E_ID, "bad_id", "an id is not 1 to 64 printable ASCII bytes")                                                 \
    X(DW_E_MISSING, "missing_field", "a required field is absent")                                                     \
    X(DW_E_DATE, "date_out_of_range", "a date or instant is impossible or outside 1900-2200")                          \
    X(DW_E_RANGE, "out_of_range", "a number is outside its range")                                                     \
    X(DW_E_CONFLICT, "conflicting_fields", "two fields that exclude each other are both set")                          \
    X(DW_E_BOMB, "too_many_fields", "too many repeated items, nested levels or unknown fields")                        \
    X(DW_E_KEY, "key_mismatch", "record key is not la_code/child_ref")                                                 \
    X(DW_E_NO_VALUE, "no_value", "record without a value")                                                             \
    X(DW_E_AUTH, "bad_auth", "a record that needs dw-auth has none or a wrong one")                                    \
    X(DW_E_CONTROL, "bad_control", "a control record that cannot be applied")                                          \
    X(DW_E_RESERVED, "reserved_kind", "a kind reserved for a later version: parked")                                   \
    X(DW_E_ADOPTED, "adopted", "a merge is refused: one of the two was adopted, and the lives are never linked")       \
    X(DW_E_IDENTITY, "identity_conflict", "a merge or move that contradicts another: split that one first")            \
    X(DW_E_FORMAT, "bad_format", "stored bytes are damaged")                                                           \
    X(DW_E_NEWER, "newer_format", "stored by a newer build")                                                           \
    X(DW_E_CONFIG, "bad_config", "a setting, rule or list is wrong")                                                   \
    X(DW_E_IO, "io", "a file or server could not be used")

typedef enum dw_errc {
#define X(e, n, m) e,
    DW_ERRC_LIST(X)
#undef X
        DW_ERRC_COUNT
} dw_errc;

typedef struct dw_error {
    dw_errc code;
    char text[DW_ERROR_TEXT_MAX];
} dw_error;

/* Fill *err (when not NULL) and return `code`, so that `return dw_fail(err, ...)` reads well. */
dw_errc dw_fail(dw_error *err, dw_errc code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
const char *dw_errc_name(dw_errc code);    /* stable lower-case name */
const char *dw_errc_meaning(dw_errc code); /* one line for people */

/* Bump arena: many small objects with one lifetime. Fails (NULL) past `limit_bytes`; memory is zeroed. */
typedef struct dw_arena dw_arena;
dw_arena *dw_arena_new(size_t limit_bytes);
/* The same with a first block of `first_bytes`: for many small arenas at once, such as one a record. */
dw_arena *dw_arena_new_small(size_t limit_bytes, size_t first_bytes);
/* Blocks that arenas give back and take again, so that many arenas used in turns cost the memory of those in use. Keeps at
 * most `keep_bytes` of unused ones; outlives its arenas. */
typedef struct dw_pool dw_pool;
dw_pool *dw_pool_new(size_t keep_bytes);
void dw_pool_free(dw_pool **pool);
void dw_pool_trim(dw_pool *pool); /* frees what is unused */
size_t dw_pool_kept(const dw_pool *pool);
/* An arena on a pool: it holds no block until its first allocation nor after a reset. NULL pool: as dw_arena_new. */
dw_arena *dw_arena_new_pooled(size_t limit_bytes, dw_pool *pool);
void dw_arena_free(dw_arena **arena);
void *dw_arena_alloc(dw_arena *arena, size_t bytes); /* 16-byte aligned; NULL when the limit is reached */
dw_str dw_arena_str(dw_arena *arena, dw_str s);      /* copy; also NUL-terminated behind its end; ptr NULL on failure */
/* A list in the arena with room for one item more: `items` itself, or when `count` has reached *cap a copy of twice the room
 * (of `first` items at the beginning). NULL on failure; the list is as it was then. */
void *dw_arena_room(dw_arena *arena, void *items, uint32_t count, uint32_t *cap, uint32_t first, size_t item_bytes);
void dw_arena_reset(dw_arena *arena); /* forget everything, keep the first block (not on a pool) */
size_t dw_arena_used(const dw_arena *arena);

/* A list on the heap with room for one item more: `items` itself, or when `count` has reached *cap the list moved to twice the
 * room (of `first` items at the beginning; NULL is an empty list). NULL: out of memory; the list is as it was then. */
void *dw_list_room(void *items, size_t count, size_t *cap, size_t first, size_t item_bytes);

#ifdef __clang_analyzer__ /* it sees one file at a time, and must be told that a failure is not DW_OK */
#define dw_fail(err, code, ...) ((void)dw_fail(err, code, __VA_ARGS__), (code))
#endif

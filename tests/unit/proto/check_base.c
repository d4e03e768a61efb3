/* Errors, strings, the arena, civil dates, and time as text. */
#include <stdlib.h>

#include "proto/civil.h"
#include "proto/json.h"
#include "tests/support/suite.h"

/* --- errors and strings */

START_TEST(errors)
{
    dw_error err = {.code = DW_OK, .text = ""};
    static const char long_text[2 * DW_ERROR_TEXT_MAX] = {[0 ... 2 * DW_ERROR_TEXT_MAX - 2] = 'x'};
    ck_assert_int_eq(dw_fail(&err, DW_E_ID, "field %s, %d", "a", 7), DW_E_ID);
    ck_assert_int_eq(err.code, DW_E_ID);
    ck_assert_str_eq(err.text, "field a, 7");
    ck_assert_int_eq(dw_fail(NULL, DW_E_IO, "x"), DW_E_IO);
    (void)dw_fail(&err, DW_E_IO, "%s", long_text);
    ck_assert_uint_eq(strlen(err.text), DW_ERROR_TEXT_MAX - 1);
    for (int i = 0; i < DW_ERRC_COUNT; i++) {
        ck_assert_str_ne(dw_errc_name((dw_errc)i), "?");
        ck_assert_str_ne(dw_errc_meaning((dw_errc)i), "?");
        for (int k = 0; k < i; k++)
            ck_assert_str_ne(dw_errc_name((dw_errc)i), dw_errc_name((dw_errc)k));
    }
    ck_assert_str_eq(dw_errc_name((dw_errc)999), "?");
    ck_assert_str_eq(dw_errc_name((dw_errc)DW_ERRC_COUNT), "?");
    ck_assert_str_eq(dw_errc_meaning((dw_errc)DW_ERRC_COUNT), "?");
    ck_assert_str_eq(dw_errc_meaning((dw_errc)999), "?");
}
END_TEST

START_TEST(strings)
{
    ck_assert_int_lt(dw_str_cmp(DW_STR_LIT("a"), DW_STR_LIT("ab")), 0);
    ck_assert_int_gt(dw_str_cmp(DW_STR_LIT("b"), DW_STR_LIT("ab")), 0);
    ck_assert_int_eq(dw_str_cmp(DW_STR_LIT("ab"), DW_STR_LIT("ab")), 0);
    ck_assert_int_gt(dw_str_cmp(DW_STR_LIT("\xff"), DW_STR_LIT("a")), 0);
    ck_assert(dw_str_eq(dw_str_from(NULL), DW_STR_LIT("")));
}
END_TEST

/* --- arena */

START_TEST(arena_gives_zeroed_aligned_memory)
{
    static const unsigned char zeros[3000];
    dw_arena *arena = dw_arena_new(1 << 20);
    for (int round = 0; round < 3; round++) {
        for (size_t bytes = 0; bytes < 3000; bytes += 7) {
            unsigned char *p = dw_arena_alloc(arena, bytes);
            ck_assert_ptr_nonnull(p);
            ck_assert_uint_eq((uintptr_t)p % 16, 0);
            ck_assert_mem_eq(p, zeros, bytes);
            memset(p, 0xee, bytes);
        }
        ck_assert_uint_gt(dw_arena_used(arena), 600000);
        dw_arena_reset(arena);
        ck_assert_uint_eq(dw_arena_used(arena), 0);
    }
    dw_arena_free(&arena);
    ck_assert_ptr_null(arena);
    dw_arena_free(&arena);
}
END_TEST

/* Nothing is asked for, and yet it is a place of its own. */
START_TEST(arena_gives_a_place_for_nothing)
{
    dw_arena *arena = dw_arena_new(1 << 20);
    unsigned char *nothing = dw_arena_alloc(arena, 0), *again = dw_arena_alloc(arena, 0),
                  *one = dw_arena_alloc(arena, 1);
    ck_assert(nothing != NULL && again != NULL && one != NULL);
    ck_assert(nothing != again && again != one);
    ck_assert_uint_eq(dw_arena_used(arena), 48);
    dw_arena_free(&arena);
}
END_TEST

START_TEST(arena_keeps_its_limit)
{
    static const size_t limits[] = {0, 16, 100, 4096, 100000, 1 << 20};
    dw_arena *arena = dw_arena_new(limits[_i]);
    size_t got = 0;
    ck_assert_ptr_nonnull(arena);
    ck_assert_ptr_null(dw_arena_alloc(arena, limits[_i] + 1));
    ck_assert_ptr_null(dw_arena_alloc(arena, SIZE_MAX));
    ck_assert_ptr_null(dw_arena_alloc(arena, SIZE_MAX - 15));
    while (dw_arena_alloc(arena, 16) != NULL)
        got += 16;
    ck_assert_uint_le(got, limits[_i]);
    ck_assert_uint_ge(got + 16, limits[_i]); /* all of it, less at most one step */
    ck_assert_uint_eq(dw_arena_used(arena), got);
    ck_assert_ptr_null(dw_arena_str(arena, DW_STR_LIT("abc")).ptr);
    dw_arena_reset(arena);
    if (limits[_i] >= 16)
        ck_assert_ptr_nonnull(dw_arena_alloc(arena, 1));
    dw_arena_free(&arena);
}
END_TEST

/* Blocks go from arena to arena; what is unused stays under its cap. */
START_TEST(arenas_on_a_pool)
{
    dw_pool *pool = dw_pool_new(64 << 10);
    dw_arena *one = dw_arena_new_pooled(1 << 20, pool), *other = dw_arena_new_pooled(20000, pool);
    ck_assert(pool != NULL && one != NULL && other != NULL);
    for (int round = 0; round < 3; round++) {
        size_t got = 0;
        for (size_t bytes = 1; bytes < 40000; bytes = bytes * 3 + round) {
            unsigned char *p = dw_arena_alloc(one, bytes);
            ck_assert_ptr_nonnull(p);
            ck_assert_uint_eq((uintptr_t)p % 16, 0);
            for (size_t i = 0; i < bytes; i++)
                ck_assert_uint_eq(p[i], 0);
            memset(p, 0xff, bytes);
        }
        while (dw_arena_alloc(other, 16) != NULL)
            got += 16;
        ck_assert_uint_eq(got, 20000); /* bigger blocks of the pool do not widen its limit */
        ck_assert_ptr_nonnull(dw_arena_alloc(one, 600000));
        dw_arena_reset(one);
        dw_arena_reset(other);
        ck_assert_uint_gt(dw_pool_kept(pool), 0);
        ck_assert_uint_le(dw_pool_kept(pool), 64 << 10);
    }
    size_t kept = dw_pool_kept(pool);
    void *p = dw_arena_alloc(one, 100);
    ck_assert_uint_lt(dw_pool_kept(pool), kept);
    dw_arena_reset(one);
    ck_assert_ptr_eq(dw_arena_alloc(other, 100), p); /* the same block */
    dw_pool_trim(pool);
    ck_assert_uint_eq(dw_pool_kept(pool), 0);
    dw_arena_free(&one);
    dw_arena_free(&other);
    dw_pool_free(&pool);
    ck_assert_ptr_null(pool);
}
END_TEST

/* It keeps as much as it may, to the byte. */
START_TEST(a_pool_that_is_just_big_enough)
{
    for (size_t less = 0; less < 2; less++) {
        const size_t first = 4096 - 16; /* the smallest block, without its header */
        dw_pool *pool = dw_pool_new(first - less);
        dw_arena *arena = dw_arena_new_pooled(1 << 20, pool);
        ck_assert_ptr_nonnull(dw_arena_alloc(arena, 100));
        dw_arena_free(&arena);
        ck_assert_uint_eq(dw_pool_kept(pool), less == 0 ? first : 0);
        dw_pool_free(&pool);
    }
}
END_TEST

/* What is no size of a pool's, or leaves no room under the limit, is taken past the pool; and freeing nothing is nothing. */
START_TEST(blocks_that_do_not_fit_the_pool)
{
    dw_pool *pool = dw_pool_new(1 << 20), *none = NULL;
    dw_arena *arena = dw_arena_new_pooled(1 << 20, pool), *no_arena = NULL;
    ck_assert_ptr_nonnull(dw_arena_alloc(arena, 256 << 10)); /* as big as the biggest block, its header not counted */
    dw_arena_free(&arena);
    ck_assert_uint_eq(dw_pool_kept(pool), 0);
    arena = dw_arena_new_pooled(1 << 20, pool);
    ck_assert_ptr_nonnull(dw_arena_alloc(arena, (1 << 20) - 16)); /* as big as one four times the biggest */
    dw_arena_free(&arena);
    ck_assert_uint_eq(dw_pool_kept(pool), 0);
    arena = dw_arena_new_pooled(1 << 20, pool);
    ck_assert_ptr_nonnull(dw_arena_alloc(arena, 6000)); /* a block of 8 KiB */
    dw_arena_free(&arena);
    size_t kept = dw_pool_kept(pool);
    ck_assert_uint_gt(kept, 6000);
    arena = dw_arena_new_pooled(6016, pool);
    ck_assert_ptr_nonnull(dw_arena_alloc(arena, 6000));
    ck_assert_uint_eq(dw_pool_kept(pool), kept); /* not the kept one: it is bigger than the limit */
    dw_arena_free(&arena);
    ck_assert_uint_eq(dw_pool_kept(pool), kept);
    arena = dw_arena_new_pooled(6016, NULL); /* without a pool: like any other */
    ck_assert_ptr_nonnull(dw_arena_alloc(arena, 6000));
    dw_arena_free(&arena);
    dw_arena_free(&no_arena);
    dw_arena_free(NULL);
    dw_pool_free(&none);
    dw_pool_free(NULL);
    dw_pool_free(&pool);
    ck_assert_ptr_null(pool);
}
END_TEST

START_TEST(arena_copies_end_in_nul)
{
    dw_arena *arena = dw_arena_new(4096);
    dw_str copy = dw_arena_str(arena, (dw_str){"abcdef", 3});
    ck_assert_uint_eq(copy.len, 3);
    ck_assert_str_eq(copy.ptr, "abc");
    copy = dw_arena_str(arena, (dw_str){NULL, 0});
    ck_assert_str_eq(copy.ptr, "");
    dw_arena_free(&arena);
}
END_TEST

/* --- dates */

/* Every day of the range: there and back, each one more than the day before. */
START_TEST(a_list_in_an_arena_grows_by_doubling)
{
    dw_arena *arena = dw_arena_new(4096);
    uint64_t *list = NULL;
    uint32_t cap = 0, n = 0;
    while (n < 24) {
        uint64_t *room = dw_arena_room(arena, list, n, &cap, 3, sizeof *room);
        ck_assert_ptr_nonnull(room);
        if (n == 1 || n == 4 || n == 23)
            ck_assert_ptr_eq(room, list); /* there was room */
        list = room;
        n++;
        list[n - 1] = 100 + n;
        ck_assert_uint_eq(cap, n <= 3 ? 3 : n <= 6 ? 6 : n <= 12 ? 12 : 24);
    }
    for (uint32_t i = 0; i < n; i++)
        ck_assert_uint_eq(list[i], 101 + i);
    while (dw_arena_alloc(arena, 512) != NULL)
        continue;
    ck_assert_ptr_null(dw_arena_room(arena, list, n, &cap, 3, 1024)); /* past the limit */
    ck_assert_uint_eq(cap, 24);
    dw_arena_free(&arena);
}
END_TEST

START_TEST(a_list_on_the_heap_grows_by_doubling)
{
    uint64_t *list = NULL;
    size_t cap = 0, n = 0;
    while (n < 24) {
        uint64_t *room = dw_list_room(list, n, &cap, 3, sizeof *room);
        ck_assert_ptr_nonnull(room);
        if (n == 1 || n == 4 || n == 23)
            ck_assert_ptr_eq(room, list); /* there was room */
        list = room;
        n++;
        list[n - 1] = 100 + n;
        ck_assert_uint_eq(cap, n <= 3 ? 3 : n <= 6 ? 6 : n <= 12 ? 12 : 24);
    }
    for (size_t i = 0; i < n; i++)
        ck_assert_uint_eq(list[i], 101 + i);
    ck_assert_ptr_null(dw_list_room(list, n, &cap, 3, SIZE_MAX / 40)); /* more bytes than there are numbers for */
    ck_assert_uint_eq(cap, 24);
    free(list);
}
END_TEST

START_TEST(every_day)
{
    dw_civil last = {1899, 12, 31};
    for (int32_t days = DW_DAYS_MIN; days <= DW_DAYS_MAX; days++) {
        dw_civil date = dw_civil_from_days(days);
        ck_assert(dw_civil_valid(date));
        ck_assert_int_eq(dw_civil_days(date), days);
        if (date.day != last.day + 1) {
            ck_assert_int_eq(date.day, 1);
            ck_assert_int_eq(date.month, last.month % 12 + 1);
            dw_civil next = {last.year, last.month, last.day + 1};
            ck_assert(!dw_civil_valid(next));
        }
        last = date;
    }
    ck_assert_int_eq(last.year, 2200);
    ck_assert_int_eq(last.month * 100 + last.day, 1231);
    ck_assert_int_eq(dw_civil_days((dw_civil){1970, 1, 1}), 0);
    ck_assert_int_eq(dw_civil_days((dw_civil){2000, 3, 1}), 11017);
    ck_assert_int_eq(dw_civil_days((dw_civil){1900, 1, 1}), DW_DAYS_MIN);
}
END_TEST

static const struct {
    const char *text;
    int32_t days; /* INT32_MIN: refused */
} date_table[] = {
    {"1970-01-01", 0},          {"2020-11-20", 18586},      {"1900-01-01", DW_DAYS_MIN}, {"2200-12-31", DW_DAYS_MAX},
    {"1899-12-31", INT32_MIN},  {"2201-01-01", INT32_MIN},  {"2021-02-29", INT32_MIN},   {"2020-1-1", INT32_MIN},
    {"2020-11-20 ", INT32_MIN}, {" 2020-11-20", INT32_MIN}, {"2020/11/20", INT32_MIN},   {"", INT32_MIN},
    {"2020-11", INT32_MIN},     {"20201120", INT32_MIN},    {"+020-11-20", INT32_MIN},   {"2020-11-2x", INT32_MIN},
    {"2020-11-20T", INT32_MIN}, {"2020-00-20", INT32_MIN},
};

START_TEST(date_text)
{
    char text[16];
    int32_t days = 7;
    bool ok = dw_date_parse(dw_str_from(date_table[_i].text), &days);
    ck_assert_int_eq(ok, date_table[_i].days != INT32_MIN);
    ck_assert_int_eq(days, ok ? date_table[_i].days : 7);
    if (ok) {
        dw_date_format(days, text);
        ck_assert_str_eq(text, date_table[_i].text);
    }
}
END_TEST

static const struct {
    const char *text;
    const char *printed; /* NULL: refused */
} instant_table[] = {
    {"2026-11-22T03:40:57Z", "2026-11-22T03:40:57.000Z"},
    {"2026-11-22T03:40:57.1Z", "2026-11-22T03:40:57.100Z"},
    {"2026-11-22T03:40:57.123456Z", "2026-11-22T03:40:57.123456Z"},
    {"2026-11-22T03:40:57.000001Z", "2026-11-22T03:40:57.000001Z"},
    {"2026-11-22T03:40:57.123456789Z", "2026-11-22T03:40:57.123456Z"},
    {"2026-11-22t03:40:57z", "2026-11-22T03:40:57.000Z"},
    {"2026-11-22 03:40:57Z", "2026-11-22T03:40:57.000Z"},
    {"2021-10-31T01:30:00+01:00", "2021-10-31T00:30:00.000Z"},
    {"2021-10-31T01:30:00+00:00", "2021-10-31T01:30:00.000Z"},
    {"2021-01-01T00:15:00+05:45", "2020-12-31T18:30:00.000Z"},
    {"2020-12-31T23:30:00-01:00", "2021-01-01T00:30:00.000Z"},
    {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
    {"1900-01-01T00:00:00Z", "1900-01-01T00:00:00.000Z"},
    {"1900-01-01T00:00:00+00:01", NULL},
    {"2200-12-31T23:59:59.999999Z", "2200-12-31T23:59:59.999999Z"},
    {"2200-12-31T23:59:59-00:01", NULL},
    {"2026-11-22T03:40:57", NULL},
    {"2026-11-22T03:40Z", NULL},
    {"2026-11-22T24:00:00Z", NULL},
    {"2026-11-22T23:60:00Z", NULL},
    {"2026-11-22T23:59:60Z", NULL},
    {"2026-11-22T23:59:59.Z", NULL},
    {"2026-11-22T23:59:59.1234567890Z", NULL},
    {"2026-11-22T23:59:59+24:00", NULL},
    {"2026-11-22T23:59:59+01:60", NULL},
    {"2026-11-22T23:59:59+0100", NULL},
    {"2026-11-22T23:59:59Zx", NULL},
    {"2026-02-30T23:59:59Z", NULL},
    {"2026-11-22", NULL},
    {"", NULL},
};

START_TEST(instant_text)
{
    char text[32];
    int64_t us = 7;
    bool ok = dw_instant_parse(dw_str_from(instant_table[_i].text), &us);
    ck_assert_int_eq(ok, instant_table[_i].printed != NULL);
    if (ok) {
        dw_instant_format(us, text);
        ck_assert_str_eq(text, instant_table[_i].printed);
    } else {
        ck_assert_int_eq(us, 7);
    }
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
    Suite *suite = suite_create("proto base");
    TCase *tc = tcase_create("base");
    tcase_add_test(tc, errors);
    tcase_add_test(tc, strings);
    tcase_add_test(tc, arena_gives_zeroed_aligned_memory);
    tcase_add_test(tc, arena_gives_a_place_for_nothing);
    tcase_add_loop_test(tc, arena_keeps_its_limit, 0, 6);
    tcase_add_test(tc, arenas_on_a_pool);
    tcase_add_test(tc, a_pool_that_is_just_big_enough);
    tcase_add_test(tc, blocks_that_do_not_fit_the_pool);
    tcase_add_test(tc, arena_copies_end_in_nul);
    tcase_add_test(tc, a_list_in_an_arena_grows_by_doubling);
    tcase_add_test(tc, a_list_on_the_heap_grows_by_doubling);
    tcase_add_test(tc, every_day);
    tcase_add_loop_test(tc, date_text, 0, COUNT(date_table));
    tcase_add_loop_test(tc, instant_text, 0, COUNT(instant_table));
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

/* check_record_wire.c: the numbers of the stored form: what is put comes back, at every edge of its range and length, and
 * damaged bytes are told. */

#include "handlers/record_wire.h"
#include "tests/support/core_build.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

static uint8_t bytes[64];

static dw_reader reader(const uint8_t *end)
{
    return (dw_reader){.at = bytes, .end = end};
}

START_TEST(days)
{
    static const int32_t all[] = {DW_DAY_NONE, DW_DAY_OPEN, 0, 1, -1, 2, -2, 63, 64, -64, -65, 20000, 199999, -199999};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        dw_reader in = reader(dw_wire_put_day(bytes, all[i]));
        ck_assert_int_eq(dw_wire_get_day(&in), all[i]);
        ck_assert(!in.bad && in.at == in.end);
    }
    ck_assert_ptr_eq(dw_wire_put_day(bytes, DW_DAY_NONE), bytes + 1); /* as stored by builds before this one */
    ck_assert_uint_eq(bytes[0], 0);
    dw_wire_put_day(bytes, DW_DAY_OPEN);
    ck_assert_uint_eq(bytes[0], 1);
    dw_wire_put_day(bytes, 0);
    ck_assert_uint_eq(bytes[0], 2);
    dw_wire_put_day(bytes, -1);
    ck_assert_uint_eq(bytes[0], 3);
}
END_TEST

START_TEST(instants)
{
    static const int64_t all[] = {
        DW_AT_NONE,           DW_AT_NEVER,         0, 1, -1, 1000, 1000000, 60000000, -60000000, 1600000000123456,
        DW_WIRE_AT_LIMIT - 1, 1 - DW_WIRE_AT_LIMIT};
    static const int64_t bases[] = {0, 1, -1, 1600000000000000};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        for (size_t b = 0; b < sizeof bases / sizeof bases[0]; b++) {
            dw_reader in = reader(dw_wire_put_at(bytes, all[i], bases[b]));
            ck_assert_int_eq(dw_wire_get_at(&in, bases[b]), all[i]);
            ck_assert(!in.bad && in.at == in.end);
        }
    static const int64_t beyond[] = {DW_WIRE_AT_LIMIT, -DW_WIRE_AT_LIMIT};
    for (int i = 0; i < 2; i++) {
        dw_reader in = reader(dw_wire_put_at(bytes, beyond[i], 0));
        (void)dw_wire_get_at(&in, 0);
        ck_assert(in.bad);
    }
    dw_wire_put_at(bytes, DW_AT_NONE, 0);
    ck_assert_uint_eq(bytes[0], 0);
    dw_wire_put_at(bytes, DW_AT_NEVER, 0);
    ck_assert_uint_eq(bytes[0], 1);
    bytes[0] = 3; /* none of the three kinds */
    dw_reader in = reader(bytes + 1);
    (void)dw_wire_get_at(&in, 0);
    ck_assert(in.bad);
}
END_TEST

START_TEST(numbers)
{
    for (int shift = 0; shift < 64; shift++)
        for (int step = -1; step <= 1; step++) {
            uint64_t v = (UINT64_C(1) << shift) + (uint64_t)step;
            uint8_t *end = dw_wire_put(bytes, v);
            ck_assert_uint_le((size_t)(end - bytes), DW_WIRE_VARINT_MAX);
            dw_reader in = reader(end);
            ck_assert_uint_eq(dw_wire_get(&in), v);
            ck_assert(!in.bad && in.at == in.end);
            for (const uint8_t *cut = bytes; cut < end; cut++) { /* too short at any place */
                in = reader(cut);
                (void)dw_wire_get(&in);
                ck_assert(in.bad);
            }
            in = reader(end);
            ck_assert_uint_eq(dw_wire_get_max(&in, v), v);
            ck_assert(!in.bad);
            if (v != 0) {
                in = reader(end);
                (void)dw_wire_get_max(&in, v - 1);
                ck_assert(in.bad);
            }
            int64_t s = (int64_t)v;
            ck_assert_int_eq(dw_wire_unzigzag(dw_wire_zigzag(s)), s);
            ck_assert_int_eq(dw_wire_unzigzag(dw_wire_zigzag(-(s / 2))), -(s / 2));
        }
    memset(bytes, 0xff, sizeof bytes); /* never ends */
    dw_reader in = reader(bytes + sizeof bytes);
    (void)dw_wire_get(&in);
    ck_assert(in.bad);
}
END_TEST

/* The stored form itself: what other builds have written has to be read. */
START_TEST(bytes_of_numbers)
{
    static const struct {
        uint64_t v;
        uint8_t bytes[DW_WIRE_VARINT_MAX];
        size_t len;
    } all[] = {{0, {0}, 1},
               {1, {1}, 1},
               {127, {0x7F}, 1},
               {128, {0x80, 1}, 2},
               {255, {0xFF, 1}, 2},
               {16383, {0xFF, 0x7F}, 2},
               {16384, {0x80, 0x80, 1}, 3},
               {UINT64_MAX, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1}, 10}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        ck_assert_ptr_eq(dw_wire_put(bytes, all[i].v), bytes + all[i].len);
        ck_assert_mem_eq(bytes, all[i].bytes, all[i].len);
    }
    /* signed numbers alternate; times in the largest unit that is whole, its index in the two lowest bits */
    static const int64_t alternate[] = {0, -1, 1, -2, 2};
    for (uint8_t i = 0; i < 5; i++) {
        ck_assert_ptr_eq(dw_wire_put_signed(bytes, alternate[i]), bytes + 1);
        ck_assert_uint_eq(bytes[0], i);
    }
    dw_reader in = {bytes, bytes + 1, false};
    (void)dw_wire_get_byte(&in);
    ck_assert(!in.bad && in.at == in.end);
    ck_assert_uint_eq(dw_wire_get_byte(&in), 0);
    ck_assert(in.bad && in.at == in.end);
    static const int64_t times[] = {60000000, 1000000, 1000, 1};
    for (uint8_t i = 0; i < 4; i++) {
        ck_assert_ptr_eq(dw_wire_put_time(bytes, times[i]), bytes + 1);
        ck_assert_uint_eq(bytes[0], 2 << 2 | i);
    }
}
END_TEST

/* A list of texts, of which the last may end where the bytes do, and no later. */
START_TEST(texts)
{
    static const uint8_t list[] = {2, 1, 'a', 3, 'b', 'c', 'd'};
    dw_record *rec = dw_record_new(DW_STR_LIT("936"), DW_STR_LIT("C-1"));
    const dw_str *table = NULL;
    uint32_t count = 0;
    for (size_t len = 0; len <= sizeof list; len++) {
        dw_error err = {0};
        memcpy(bytes, list, sizeof list);
        dw_reader in = reader(bytes + len);
        dw_errc code = dw_strings_read(rec, &in, &table, &count, &err);
        ck_assert(code == (len == sizeof list ? DW_OK : DW_E_FORMAT) && in.bad == (len != sizeof list));
    }
    ck_assert_uint_eq(count, 2);
    ck_assert(dw_str_eq(table[0], DW_STR_LIT("a")) && dw_str_eq(table[1], DW_STR_LIT("bcd")));
    dw_record_free(&rec);
}
END_TEST

static dw_str text_of(int i)
{
    static char names[2000][8];
    snprintf(names[i], sizeof names[i], "t%d", i);
    return dw_str_from(names[i]);
}

/* A set begins empty, wherever in the table the string stood before. */
START_TEST(a_set_begins_empty)
{
    dw_buf strings = {0}, slots = {0};
    for (int i = 1; i < 2000; i++) {
        dw_strings set;
        ck_assert(dw_strings_init(&set, &strings, &slots));
        ck_assert_uint_eq(dw_strings_index(&set, text_of(0)), 0);
        ck_assert_uint_eq(dw_strings_index(&set, text_of(i)), 1);
        ck_assert(dw_strings_init(&set, &strings, &slots));
        ck_assert_uint_eq(dw_strings_index(&set, text_of(i)), 0);
        ck_assert_uint_eq(set.count, 1);
        ck_assert_uint_eq(strings.len, sizeof(dw_str));
    }
    dw_buf_deinit(&strings);
    dw_buf_deinit(&slots);
}
END_TEST

/* Strings that all want the even places of a table, as many as there are of those: the next one finds a place between them. */
START_TEST(a_place_is_found)
{
    dw_buf strings = {0}, slots = {0};
    dw_strings set;
    uint32_t n = 0;
    ck_assert(dw_strings_init(&set, &strings, &slots));
    for (int i = 0; n <= 128; i++) {
        dw_str text = text_of(i);
        ck_assert_uint_eq(set.mask, 255);
        if ((XXH3_64bits(text.ptr, text.len) & 1) == 0)
            ck_assert_uint_eq(dw_strings_index(&set, text), n++);
    }
    ck_assert_uint_eq(set.mask, 511); /* it was looked for before the table grew */
    for (uint32_t i = 0; i < n; i++) {
        static char copies[129][8]; /* at other addresses, as by address it is found without the table */
        const dw_str *text = &((const dw_str *)(const void *)strings.data)[i];
        memcpy(copies[i], text->ptr, text->len);
        ck_assert_uint_eq(dw_strings_index(&set, (dw_str){copies[i], text->len}), i);
    }
    ck_assert(!set.failed);
    dw_buf_deinit(&strings);
    dw_buf_deinit(&slots);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record_wire");
    TCase *cases = tcase_create("record_wire");
    tcase_add_test(cases, days);
    tcase_add_test(cases, instants);
    tcase_add_test(cases, numbers);
    tcase_add_test(cases, bytes_of_numbers);
    tcase_add_test(cases, texts);
    tcase_add_test(cases, a_set_begins_empty);
    tcase_add_test(cases, a_place_is_found);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

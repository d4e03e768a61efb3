/* check_cache.c: heads come back as put, the oldest go first, one shard's can be dropped, bytes stay bounded. */

#include "daemon/shard/cache.h"
#include "tests/support/suite.h"

static dw_str text(char *buf, size_t size, const char *start, unsigned n)
{
    int len = snprintf(buf, size, "%s%u", start, n);
    return (dw_str){buf, (uint32_t)len};
}

START_TEST(put_get_drop)
{
    dw_cache *cache = dw_cache_new(1 << 20);
    dw_str head;
    ck_assert(!dw_cache_get(cache, 1, DW_STR_LIT("301/a"), &head));
    dw_cache_put(cache, 1, DW_STR_LIT("301/a"), DW_STR_LIT("one"));
    dw_cache_put(cache, 2, DW_STR_LIT("301/a"), DW_STR_LIT("two"));
    ck_assert(dw_cache_get(cache, 1, DW_STR_LIT("301/a"), &head) && dw_str_eq(head, DW_STR_LIT("one")));
    ck_assert(dw_cache_get(cache, 2, DW_STR_LIT("301/a"), &head) && dw_str_eq(head, DW_STR_LIT("two")));
    dw_cache_put(cache, 1, DW_STR_LIT("301/a"), DW_STR_LIT("ONE"));
    ck_assert(dw_cache_get(cache, 1, DW_STR_LIT("301/a"), &head) && dw_str_eq(head, DW_STR_LIT("ONE")));
    dw_cache_put(cache, 1, DW_STR_LIT("301/a"), DW_STR_LIT("longer"));
    ck_assert(dw_cache_get(cache, 1, DW_STR_LIT("301/a"), &head) && dw_str_eq(head, DW_STR_LIT("longer")));
    dw_cache_drop(cache, 2, DW_STR_LIT("301/a"));
    ck_assert(!dw_cache_get(cache, 2, DW_STR_LIT("301/a"), &head));
    ck_assert(dw_cache_get(cache, 1, DW_STR_LIT("301/a"), &head));
    dw_cache_drop_shard(cache, 1);
    ck_assert(!dw_cache_get(cache, 1, DW_STR_LIT("301/a"), &head));
    ck_assert_uint_eq(dw_cache_bytes(cache), 0);
    dw_cache_free(&cache);
    ck_assert_ptr_null(cache);
}
END_TEST

START_TEST(least_recently_used_goes_first)
{
    char buf[32], value[200];
    dw_str head;
    memset(value, 'v', sizeof(value));
    dw_cache *cache = dw_cache_new(10000);
    for (unsigned i = 0; i < 1000; i++) {
        dw_cache_put(cache, 0, text(buf, sizeof(buf), "301/", i), (dw_str){value, sizeof(value)});
        ck_assert(dw_cache_get(cache, 0, DW_STR_LIT("301/0"), &head)); /* used all the time: stays */
        ck_assert_uint_le(dw_cache_bytes(cache), 10000);
    }
    ck_assert(dw_cache_get(cache, 0, DW_STR_LIT("301/999"), &head));
    ck_assert(!dw_cache_get(cache, 0, DW_STR_LIT("301/1"), &head));
    ck_assert(!dw_cache_get(cache, 0, DW_STR_LIT("301/900"), &head));
    dw_cache_free(&cache);
}
END_TEST

START_TEST(too_big_is_not_kept)
{
    static char big[5000];
    dw_str head;
    dw_cache *cache = dw_cache_new(10000);
    dw_cache_put(cache, 0, DW_STR_LIT("301/a"), DW_STR_LIT("small"));
    dw_cache_put(cache, 0, DW_STR_LIT("301/a"), (dw_str){big, sizeof(big)});
    ck_assert_msg(!dw_cache_get(cache, 0, DW_STR_LIT("301/a"), &head),
                  "the old head must not stay when the new one is not kept");
    dw_cache_free(&cache);
}
END_TEST

/* Against a plain array: whatever is found is what was put last, and an unbounded cache finds everything. */
START_TEST(model)
{
    enum { SUBJECTS = 300, SHARDS = 3 };
    static unsigned last[SHARDS][SUBJECTS];
    uint64_t seed = 7 + (uint64_t)_i;
    dw_cache *cache = dw_cache_new(_i % 2 == 0 ? 1 << 24 : 9000);
    memset(last, 0, sizeof(last));
    for (unsigned step = 1; step < 20000; step++) {
        char key[32], value[64];
        dw_str head;
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        unsigned subject = (unsigned)(seed >> 33) % SUBJECTS, shard = (unsigned)(seed >> 20) % SHARDS;
        dw_str k = text(key, sizeof(key), "301/c-", subject);
        switch ((seed >> 50) % 40) {
        case 0:
            dw_cache_drop(cache, (int32_t)shard, k);
            last[shard][subject] = 0;
            break;
        case 1:
            if ((seed >> 56) % 8 == 0) {
                dw_cache_drop_shard(cache, (int32_t)shard);
                memset(last[shard], 0, sizeof(last[shard]));
            }
            break;
        default:
            if ((seed >> 51) % 2 == 0) {
                dw_str v = text(value, sizeof(value), subject % 3 == 0 ? "" : "value number ", step);
                dw_cache_put(cache, (int32_t)shard, k, v);
                last[shard][subject] = step;
            } else {
                bool found = dw_cache_get(cache, (int32_t)shard, k, &head);
                dw_str v = text(value, sizeof(value), subject % 3 == 0 ? "" : "value number ", last[shard][subject]);
                ck_assert(!found || (last[shard][subject] != 0 && dw_str_eq(head, v)));
                ck_assert(found || _i % 2 != 0 || last[shard][subject] == 0);
            }
        }
    }
    dw_cache_free(&cache);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cache");
    TCase *tc = tcase_create("cache");
    tcase_add_test(tc, put_get_drop);
    tcase_add_test(tc, least_recently_used_goes_first);
    tcase_add_test(tc, too_big_is_not_kept);
    tcase_add_loop_test(tc, model, 0, 8);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

/* check_keys.c: names, the partitioner against Kafka's own vectors, dw-auth against RFC 4231, the short digest. */

#include "daemon/shard/keys.h"
#include "tests/support/suite.h"

/* org.apache.kafka.common.utils.UtilsTest.testMurmur2 */
static const struct {
    const char *key;
    int32_t hash;
} murmur[] = {{"21", -973932308},
              {"foobar", -790332482},
              {"a-little-bit-long-string", -985981536},
              {"a-little-bit-longer-string", -1486304829},
              {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
              {"abc", 479470107}};

START_TEST(partition_is_that_of_java)
{
    int32_t want = murmur[_i].hash & 0x7fffffff;
    dw_str key = dw_str_from(murmur[_i].key);
    ck_assert_int_eq(dw_partition_of(key, INT32_MAX), want);
    ck_assert_int_eq(dw_partition_of(key, 64), want % 64);
    ck_assert_int_eq(dw_partition_of(key, 7), want % 7);
    ck_assert_int_eq(dw_partition_of(key, 1), 0);
}
END_TEST

START_TEST(names_share_a_hash_tag)
{
    char out[DW_KEY_BYTES_MAX];
    size_t n = dw_key(out, "dw", "casework.events", 7, dw_key_name(DW_KEY_DEADLINES));
    ck_assert_str_eq(out, "dw:{casework.events/7}:deadlines");
    ck_assert_uint_eq(n, strlen(out));
    dw_key(out, "dw", "casework.events", 7, dw_key_name(DW_KEY_BY_POST));
    ck_assert_str_eq(out, "dw:{casework.events/7}:by_post");
}
END_TEST

START_TEST(auth_covers_key_and_value)
{
    const uint8_t secret[] = "Jefe";
    char hex[65], other[65];
    dw_str key = DW_STR_LIT("301/c1"), value = DW_STR_LIT("what do ya want for nothing?");
    dw_auth_compute(secret, 4, key, value, hex);
    ck_assert_uint_eq(strlen(hex), 64);
    ck_assert(dw_auth_check(secret, 4, key, value, dw_str_from(hex)));
    ck_assert(!dw_auth_check(secret, 4, DW_STR_LIT("301/c2"), value, dw_str_from(hex)));
    ck_assert(!dw_auth_check(secret, 4, key, DW_STR_LIT("what do ya want for nothing!"), dw_str_from(hex)));
    ck_assert(!dw_auth_check((const uint8_t *)"Jeff", 4, key, value, dw_str_from(hex)));
    ck_assert(!dw_auth_check(NULL, 0, key, value, dw_str_from(hex)));
    ck_assert(!dw_auth_check(secret, 4, key, value, (dw_str){hex, 63}));
    ck_assert(!dw_auth_check(secret, 4, key, value, (dw_str){NULL, 0}));
    /* the zero byte between: a key cannot lend its end to the value */
    dw_auth_compute(secret, 4, DW_STR_LIT("ab"), DW_STR_LIT("c"), hex);
    dw_auth_compute(secret, 4, DW_STR_LIT("a"), DW_STR_LIT("bc"), other);
    ck_assert_str_ne(hex, other);
    for (size_t i = 0; i < 64; i++) {
        char bent[65];
        memcpy(bent, hex, 65);
        bent[i] = bent[i] == '0' ? '1' : '0';
        ck_assert(!dw_auth_check(secret, 4, DW_STR_LIT("ab"), DW_STR_LIT("c"), dw_str_from(bent)));
    }
}
END_TEST

/* printf 'k\0v' | openssl dgst -sha256 -hmac key */
START_TEST(auth_is_a_plain_hmac)
{
    char hex[65];
    dw_auth_compute((const uint8_t *)"key", 3, DW_STR_LIT("k"), DW_STR_LIT("v"), hex);
    ck_assert_str_eq(hex, "137e7c83d27b75e32f4946761c0d038897b8dc57388dcfb172a458b343c5b41d");
}
END_TEST

START_TEST(digest_is_the_start_of_sha256)
{
    char hex[17];
    dw_digest16(DW_STR_LIT("abc"), hex);
    ck_assert_str_eq(hex, "ba7816bf8f01cfea");
    dw_digest16((dw_str){NULL, 0}, hex);
    ck_assert_str_eq(hex, "e3b0c44298fc1c14");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keys");
    TCase *tc = tcase_create("keys");
    tcase_add_loop_test(tc, partition_is_that_of_java, 0, (int)(sizeof(murmur) / sizeof(murmur[0])));
    tcase_add_test(tc, names_share_a_hash_tag);
    tcase_add_test(tc, auth_covers_key_and_value);
    tcase_add_test(tc, auth_is_a_plain_hmac);
    tcase_add_test(tc, digest_is_the_start_of_sha256);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

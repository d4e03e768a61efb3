/* Key names, the partitioner of Java's clients, dw-auth and the short digest. */
#include "daemon/shard/keys.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

static const char *const key_names[DW_KEYS] = {
#define X(e, n, t) [DW_KEY_##e] = n,
    DW_KEY_LIST(X)
#undef X
};

size_t dw_key(char out[DW_KEY_BYTES_MAX], const char *prefix, const char *topic, int32_t partition, const char *name)
{
    int n = snprintf(out, DW_KEY_BYTES_MAX, "%s:{%s/%d}:%s", prefix, topic, partition, name);
    assert(n > 0 && n < DW_KEY_BYTES_MAX); /* settings bound prefix and topic */
    return (size_t)n;
}

const char *dw_key_name(dw_key_id id)
{
    return key_names[id];
}

/* Austin Appleby's 32-bit MurmurHash2 with the seed of org.apache.kafka.common.utils.Utils.murmur2. */
static uint32_t murmur2(const uint8_t *data, uint32_t len)
{
    const uint32_t m = 0x5bd1e995u;
    uint32_t h = 0x9747b28cu ^ len;
    while (len >= 4) {
        uint32_t k = (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
        k *= m;
        k ^= k >> 24;
        k *= m;
        h *= m;
        h ^= k;
        data += 4;
        len -= 4;
    }
    if (len >= 3)
        h ^= (uint32_t)data[2] << 16;
    if (len >= 2)
        h ^= (uint32_t)data[1] << 8;
    if (len >= 1) {
        h ^= data[0];
        h *= m;
    }
    h ^= h >> 13;
    h *= m;
    h ^= h >> 15;
    return h;
}

int32_t dw_partition_of(dw_str key, int32_t partition_count)
{
    assert(partition_count > 0);
    return (int32_t)((murmur2((const uint8_t *)key.ptr, key.len) & 0x7fffffffu) % (uint32_t)partition_count);
}

static void hex_of(const uint8_t *bytes, size_t n, char *hex)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    hex[2 * n] = '\0';
}

void dw_auth_compute(const uint8_t *secret, size_t secret_len, dw_str key, dw_str value, char hex[65])
{
    uint8_t sum[EVP_MAX_MD_SIZE];
    size_t len = 0;
    hex[0] = '\0'; /* out of memory leaves the empty text, which authorises nothing */
    EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL, secret, secret_len);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (pkey != NULL && ctx != NULL && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pkey) == 1 &&
        (key.len == 0 || EVP_DigestSignUpdate(ctx, key.ptr, key.len) == 1) && EVP_DigestSignUpdate(ctx, "", 1) == 1 &&
        (value.len == 0 || EVP_DigestSignUpdate(ctx, value.ptr, value.len) == 1)) {
        len = sizeof(sum);
        if (EVP_DigestSignFinal(ctx, sum, &len) == 1 && len == 32)
            hex_of(sum, 32, hex);
    }
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
}

bool dw_auth_check(const uint8_t *secret, size_t secret_len, dw_str key, dw_str value, dw_str hex)
{
    char want[65];
    if (secret == NULL || secret_len == 0 || hex.len != 64)
        return false;
    dw_auth_compute(secret, secret_len, key, value, want);
    return want[0] != '\0' && CRYPTO_memcmp(want, hex.ptr, 64) == 0;
}

void dw_digest16(dw_str bytes, char hex[17])
{
    uint8_t sum[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    memset(hex, '0', 16);
    hex[16] = '\0';
    if (EVP_Digest(bytes.len != 0 ? bytes.ptr : "", bytes.len, sum, &len, EVP_sha256(), NULL) == 1 && len >= 8)
        hex_of(sum, 8, hex);
}

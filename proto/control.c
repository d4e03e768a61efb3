/* Control records: clock ticks, the policy text with its digest, the core version. */
#include <openssl/evp.h>
#include <stdio.h>

#include "field_ids.h"
#include "proto/civil.h"
#include "proto/encode.h"
#include "proto/schema.h"
#include "proto/unpack.h"
#include "proto/validate.h"

/* The envelope driftwatch's own control records have. */
static void own_envelope(dw_event *ev, dw_event_type type, dw_str event_id, dw_str record_id, uint32_t revision)
{
    ev->type = type;
    ev->op = DW_OP_CREATE;
    ev->schema_version = DW_SCHEMA_VERSION;
    ev->event_id = event_id;
    ev->source_system = DW_STR_LIT("driftwatch");
    ev->source_record_id = record_id;
    ev->source_revision = revision;
}

dw_errc dw_tick_encode(int64_t at_us, dw_arena *arena, const uint8_t **out, size_t *len, dw_error *err)
{
    char id[40];
    (void)snprintf(id, sizeof(id), "tick-%lld", (long long)at_us);
    dw_event ev = {.occurred_at_us = at_us};
    own_envelope(&ev, DW_EV_CLOCK_TICK, dw_str_from(id), DW_STR_LIT("clock"), 1);
    return dw_event_encode(&ev, arena, out, len, err);
}

dw_errc dw_core_set_encode(uint32_t version, dw_arena *arena, const uint8_t **out, size_t *len, dw_error *err)
{
    char id[32];
    if (version == 0 || version > DW_NUMBER_MAX)
        return dw_fail(err, DW_E_INVAL, "core version %u", version);
    (void)snprintf(id, sizeof(id), "core-%u", version);
    dw_event ev = {.value_count = 1};
    own_envelope(&ev, DW_EV_CORE_SET, dw_str_from(id), DW_STR_LIT("core"), version);
    ev.values[0] = (dw_value){.field = DW_F_CORE_SET_VERSION, .kind = DW_VAL_INT, .i = version};
    return dw_event_encode(&ev, arena, out, len, err);
}

dw_errc dw_core_set_decode(const uint8_t *value, size_t len, uint32_t *version, dw_error *err)
{
    const ProtobufCMessage *body;
    dw_arena *arena = dw_arena_new(DW_EVENT_ARENA_BYTES_MAX);
    if (arena == NULL)
        return dw_fail(err, DW_E_NOMEM, "out of memory");
    dw_errc code = dw_unpack_body(value, len, DW_EV_CORE_SET, arena, &body, err);
    if (code == DW_OK) {
        uint32_t number = ((const Driftwatch__V1__CoreSet *)body)->version;
        if (number == 0 || number > DW_NUMBER_MAX)
            code = dw_fail(err, DW_E_CONTROL, "core version %u", number);
        else
            *version = number;
    }
    dw_arena_free(&arena);
    return code;
}

/* --- policy */

static bool digest_text(EVP_MD_CTX *ctx, dw_str text)
{
    uint8_t length[8];
    for (int i = 0; i < 8; i++)
        length[i] = (uint8_t)((uint64_t)text.len >> (8 * (7 - i)));
    return EVP_DigestUpdate(ctx, length, sizeof(length)) == 1 &&
           (text.len == 0 || EVP_DigestUpdate(ctx, text.ptr, text.len) == 1);
}

/* False when OpenSSL is out of memory; then hex is empty, which equals no digest. */
static bool digest_policy(const dw_policy_text *policy, char hex[65])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t sum[EVP_MAX_MD_SIZE];
    hex[0] = '\0';
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 && digest_text(ctx, policy->standards) &&
              digest_text(ctx, policy->calendar) && digest_text(ctx, policy->organisation) &&
              EVP_DigestFinal_ex(ctx, sum, NULL) == 1;
    EVP_MD_CTX_free(ctx);
    if (!ok)
        return false;
    for (int i = 0; i < 32; i++) {
        hex[2 * i] = digits[sum[i] >> 4];
        hex[2 * i + 1] = digits[sum[i] & 15];
    }
    hex[64] = '\0';
    return true;
}

void dw_policy_text_digest(const dw_policy_text *policy, char hex[65])
{
    (void)digest_policy(policy, hex);
}

dw_errc dw_policy_text_encode(const dw_policy_text *policy, dw_arena *arena, const uint8_t **out, size_t *len,
                              dw_error *err)
{
    char id[32];
    char hex[65];
    const uint8_t *bytes;
    size_t n;
    if (policy->number == 0 || policy->number > DW_NUMBER_MAX)
        return dw_fail(err, DW_E_INVAL, "policy number %u", policy->number);
    if (!digest_policy(policy, hex))
        return dw_fail(err, DW_E_NOMEM, "digest of the policy");
    (void)snprintf(id, sizeof(id), "policy-%u", policy->number);
    dw_event ev = {.type = DW_EV_POLICY_SET};
    own_envelope(&ev, DW_EV_POLICY_SET, dw_str_from(id), DW_STR_LIT("policy"), policy->number);
    const dw_value values[] = {
        {.field = DW_F_POLICY_SET_NUMBER, .kind = DW_VAL_INT, .i = policy->number},
        {.field = DW_F_POLICY_SET_DIGEST, .kind = DW_VAL_STR, .s = dw_str_from(hex)},
        {.field = DW_F_POLICY_SET_STANDARDS, .kind = DW_VAL_STR, .s = policy->standards},
        {.field = DW_F_POLICY_SET_CALENDAR, .kind = DW_VAL_STR, .s = policy->calendar},
        {.field = DW_F_POLICY_SET_ORGANISATION, .kind = DW_VAL_STR, .s = policy->organisation},
        {.field = DW_F_POLICY_SET_CUT_OVER, .kind = DW_VAL_INSTANT, .i = policy->cut_over_us},
    };
    uint32_t count = sizeof(values) / sizeof(values[0]) - (policy->cut_over_us == 0);
    memcpy(ev.values, values, count * sizeof(values[0]));
    ev.value_count = count;
    dw_errc code = dw_event_encode(&ev, arena, &bytes, &n, err);
    if (code != DW_OK)
        return code;
    if (n > DW_POLICY_BYTES_MAX)
        return dw_fail(err, DW_E_TOO_BIG, "policy takes %zu bytes, at most %d", n, DW_POLICY_BYTES_MAX);
    *out = bytes;
    *len = n;
    return DW_OK;
}

dw_errc dw_policy_text_decode(const uint8_t *value, size_t len, dw_arena *arena, dw_policy_text *out, dw_error *err)
{
    const ProtobufCMessage *body;
    char hex[65];
    dw_errc code = dw_unpack_body(value, len, DW_EV_POLICY_SET, arena, &body, err);
    if (code != DW_OK)
        return code;
    const Driftwatch__V1__PolicySet *set = (const Driftwatch__V1__PolicySet *)body;
    dw_policy_text policy = {.number = set->number,
                             .digest = dw_str_from(set->digest),
                             .standards = dw_str_from(set->standards),
                             .calendar = dw_str_from(set->calendar),
                             .organisation = dw_str_from(set->organisation)};
    if ((code = dw_text_check(policy.standards, "standards", err)) != DW_OK ||
        (code = dw_text_check(policy.calendar, "calendar", err)) != DW_OK ||
        (code = dw_text_check(policy.organisation, "organisation", err)) != DW_OK)
        return code;
    if (policy.number == 0 || policy.number > DW_NUMBER_MAX)
        return dw_fail(err, DW_E_CONTROL, "policy number %u", policy.number);
    if (set->cut_over != NULL) {
        policy.cut_over_us = dw_schema_instant_us(set->cut_over);
        if (policy.cut_over_us == DW_INSTANT_NONE)
            return dw_fail(err, DW_E_DATE, "cut_over is impossible or out of range");
    }
    if (!digest_policy(&policy, hex))
        return dw_fail(err, DW_E_NOMEM, "digest of the policy");
    if (!dw_str_eq(policy.digest, dw_str_from(hex)))
        return dw_fail(err, DW_E_CONTROL, "digest does not belong to the policy's texts");
    *out = policy;
    return DW_OK;
}

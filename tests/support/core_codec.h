#pragma once
/* core_codec.h: one record and its stored form, byte by byte. */

#include "handlers/record_wire.h"
#include "tests/unit/handlers/small_policy.h"

static dw_record *rec;
static dw_encoded enc;

static inline void setup(void)
{
    rec = dw_record_new(DW_STR_LIT("941"), DW_STR_LIT("c-1"));
    ck_assert_ptr_nonnull(rec);
    memset(&enc, 0, sizeof enc);
}

static inline void teardown(void)
{
    dw_record_free(&rec);
    dw_encoded_deinit(&enc);
}

static inline dw_errc encode_decode(dw_record **out)
{
    dw_error err = {0};
    ck_assert_msg(dw_record_encode(rec, NULL, &enc, &err) == DW_OK, "%s", err.text);
    return dw_record_decode(enc.head.data, enc.head.len, out, &err);
}

static inline void same_str(dw_str a, dw_str b)
{
    ck_assert(dw_str_eq(a, b));
}

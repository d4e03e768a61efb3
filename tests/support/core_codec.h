#pragma once
/* core_codec.h: one record and its stored form, byte by byte. */

#include "tests/support/core_encoded.h"
#include "tests/unit/handlers/small_policy.h"

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

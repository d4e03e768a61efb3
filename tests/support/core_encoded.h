#pragma once
/* core_encoded.h: one record and its stored form, for tests of records. */

#include "handlers/record_wire.h"
#include "tests/support/suite.h"

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

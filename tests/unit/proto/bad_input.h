#pragma once
/* bad_input.h: a record built byte by byte, and what its decoding says. */

#include <stdio.h>
#include <stdlib.h>

#include "field_ids.h"
#include "proto/civil.h"
#include "proto/decode.h"
#include "tests/support/suite.h"
#include "tests/unit/proto/samples.h"

static dw_arena *arena;
static wire w;    /* the record under test */
static wire body; /* its body */

static inline void setup(void)
{
    arena = dw_arena_new(4 << 20);
    ck_assert_ptr_nonnull(arena);
    w.len = 0;
    body.len = 0;
}

static inline void teardown(void)
{
    dw_arena_free(&arena);
}

/* Decode w; on failure out must be untouched, on success err. */
static inline dw_errc decode(dw_event *out, dw_error *err)
{
    uint8_t *copy = malloc(w.len + 1); /* exact size, so that AddressSanitizer sees a read behind the end */
    ck_assert_ptr_nonnull(copy);
    uint8_t *bytes = realloc(copy, w.len != 0 ? w.len : 1);
    ck_assert_ptr_nonnull(bytes);
    memcpy(bytes, w.bytes, w.len);
    dw_arena_reset(arena);
    *err = (dw_error){DW_OK, ""};
    memset(out, 0xa5, sizeof(*out));
    dw_errc code = dw_event_decode(bytes, w.len, arena, out, err);
    ck_assert_int_eq(err->code, code);
    if (code != DW_OK) {
        dw_event untouched;
        memset(&untouched, 0xa5, sizeof(untouched));
        ck_assert_mem_eq(out, &untouched, sizeof(untouched));
        ck_assert_uint_gt(strlen(err->text), 0);
    }
    free(bytes);
    return code;
}

#define ASSERT_CODE(expected)                                                                                          \
    do {                                                                                                               \
        dw_event ev_;                                                                                                  \
        dw_error err_;                                                                                                 \
        dw_errc got_ = decode(&ev_, &err_);                                                                            \
        ck_assert_msg(got_ == (expected), "%s wanted, got %s: %s", dw_errc_name(expected), dw_errc_name(got_),         \
                      err_.text);                                                                                      \
    } while (0)

static inline void add_date(wire *to, uint32_t field)
{
    static const uint8_t date[] = {0x08, 0xe4, 0x0f, 0x10, 0x02, 0x18, 0x1d}; /* 2020-02-29 */
    wire_bytes(to, field, date, sizeof(date));
}

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* subject_moved: facts on their way between subjects, as a plain value and as record value. */
#include <assert.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>

#include "field_ids.h"
#include "proto/encode.h"
#include "proto/schema.h"

static dw_errc full(dw_error *err)
{
    return dw_fail(err, DW_E_NOMEM, "arena is full");
}

/* --- base64 */

static dw_errc encode64(dw_str bytes, dw_arena *arena, dw_str *out, dw_error *err)
{
    if (bytes.len > INT_MAX / 2)
        return dw_fail(err, DW_E_TOO_BIG, "%u bytes of facts", bytes.len);
    char *text = dw_arena_alloc(arena, (size_t)bytes.len / 3 * 4 + 5);
    if (text == NULL)
        return full(err);
    int n = EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)bytes.ptr, (int)bytes.len);
    *out = (dw_str){text, (uint32_t)n};
    return DW_OK;
}

static dw_errc decode64(dw_str text, dw_arena *arena, dw_str *out, dw_error *err)
{
    unsigned char *bytes = dw_arena_alloc(arena, (size_t)text.len / 4 * 3 + 4);
    if (bytes == NULL)
        return full(err);
    int n = text.len % 4 == 0 ? EVP_DecodeBlock(bytes, (const unsigned char *)text.ptr, (int)text.len) : -1;
    if (n < 0 || (uint32_t)n != text.len / 4 * 3)
        return dw_fail(err, DW_E_CONTROL, "facts are not base64");
    uint32_t padding = text.ptr[text.len - 1] != '=' ? 0 : text.ptr[text.len - 2] != '=' ? 1 : 2;
    *out = (dw_str){(const char *)bytes, (uint32_t)n - padding};
    return DW_OK;
}

/* --- the event */

static void put(dw_event *ev, const dw_value *value)
{
    bool put = dw_event_put(ev, value);
    assert(put); /* six fields, of which an event takes many more */
}

static void put_text(dw_event *ev, uint16_t field, dw_str text)
{
    if (text.len != 0)
        put(ev, &(dw_value){.field = field, .kind = DW_VAL_STR, .s = text});
}

dw_errc dw_moved_encode(dw_str la_code, dw_str child_ref, const dw_moved *moved, int64_t at_us, const char *id,
                        dw_arena *arena, const uint8_t **out, size_t *len, dw_error *err)
{
    char event_id[DW_ID_BYTES_MAX + 1];
    dw_str facts = {NULL, 0};
    (void)snprintf(event_id, sizeof(event_id), "moved-%s", id);
    dw_event ev = {.type = DW_EV_SUBJECT_MOVED,
                   .op = DW_OP_CREATE,
                   .schema_version = DW_SCHEMA_VERSION,
                   .event_id = dw_str_from(event_id),
                   .la_code = la_code,
                   .child_ref = child_ref,
                   .occurred_at_us = at_us,
                   .source_system = DW_STR_LIT("driftwatch"),
                   .source_record_id = dw_str_from(id),
                   .source_revision = 1};
    dw_errc code = moved->facts.len != 0 ? encode64(moved->facts, arena, &facts, err) : DW_OK;
    if (code != DW_OK)
        return code;
    put_text(&ev, DW_F_SUBJECT_MOVED_TO_LA_CODE, moved->to_la_code);
    put_text(&ev, DW_F_SUBJECT_MOVED_TO_CHILD_REF, moved->to_child_ref);
    put_text(&ev, DW_F_SUBJECT_MOVED_FROM_LA_CODE, moved->from_la_code);
    put_text(&ev, DW_F_SUBJECT_MOVED_FROM_CHILD_REF, moved->from_child_ref);
    put_text(&ev, DW_F_SUBJECT_MOVED_FACTS, facts);
    if (moved->more)
        put(&ev, &(dw_value){.field = DW_F_SUBJECT_MOVED_MORE, .kind = DW_VAL_ENUM, .i = DW_ANSWER_Y});
    return dw_event_encode(&ev, arena, out, len, err);
}

static dw_str text_of(const dw_event *ev, uint16_t field)
{
    const dw_value *value = dw_event_get(ev, field);
    return value != NULL ? value->s : (dw_str){NULL, 0};
}

dw_errc dw_moved_from_event(const dw_event *ev, dw_arena *arena, dw_moved *out, dw_error *err)
{
    if (ev->type != DW_EV_SUBJECT_MOVED)
        return dw_fail(err, DW_E_INVAL, "not a move");
    const dw_value *more = dw_event_get(ev, DW_F_SUBJECT_MOVED_MORE);
    dw_str facts = text_of(ev, DW_F_SUBJECT_MOVED_FACTS);
    dw_moved moved = {.to_la_code = text_of(ev, DW_F_SUBJECT_MOVED_TO_LA_CODE),
                      .to_child_ref = text_of(ev, DW_F_SUBJECT_MOVED_TO_CHILD_REF),
                      .from_la_code = text_of(ev, DW_F_SUBJECT_MOVED_FROM_LA_CODE),
                      .from_child_ref = text_of(ev, DW_F_SUBJECT_MOVED_FROM_CHILD_REF),
                      .more = more != NULL && more->i == DW_ANSWER_Y};
    bool to = moved.to_la_code.len != 0, from = moved.from_la_code.len != 0;
    if (to != (moved.to_child_ref.len != 0) || from != (moved.from_child_ref.len != 0))
        return dw_fail(err, DW_E_CONTROL, "half a subject");
    if (to == (facts.len != 0) || (facts.len != 0 && !from))
        return dw_fail(err, DW_E_CONTROL, "either facts and where they are from, or a subject to move to");
    dw_errc code = facts.len != 0 ? decode64(facts, arena, &moved.facts, err) : DW_OK;
    if (code == DW_OK)
        *out = moved;
    return code;
}

/* check_record_codec.c: the stored form byte by byte: every field of a head comes back, also at the edges; what no build
 * writes is refused or put right, and what a keeper peeks is what is decoded. */

#include "tests/support/core_codec.h"

/* All that a front holds, with another value in each place. */
static void fill_front(void)
{
    static uint16_t paged[] = {0, 1, 300, 65535};
    static int64_t next[] = {DW_AT_NEVER, 1000000, DW_AT_NEVER};
    rec->policy_number = 11;
    rec->offset = 12;
    rec->clock_us = INT64_C(1600000000000013);
    rec->next_due_us = INT64_C(1700000000000014);
    rec->horizon = 15;
    rec->fold_day = 16;
    rec->fold_puts = 17;
    for (uint32_t i = 0; i < 4; i++)
        rec->counters[i] = 18 + i;
    rec->page_count = 22;
    rec->paged = paged;
    rec->paged_count = rec->paged_cap = 4;
    rec->moved_to = DW_STR_LIT("941/c-2");
    rec->next_by_rule = next;
    rec->next_count = 3;
    dw_rule_set_add(&rec->missed, 1);
}

START_TEST(a_front_comes_back)
{
    dw_record *back = NULL;
    dw_record_front front = {0};
    fill_front();
    ck_assert_int_eq(encode_decode(&back), DW_OK);
    same_str(back->la_code, rec->la_code);
    same_str(back->child_ref, rec->child_ref);
    same_str(back->moved_to, rec->moved_to);
    ck_assert_uint_eq(back->policy_number, 11);
    ck_assert_int_eq(back->offset, 12);
    ck_assert_int_eq(back->clock_us, rec->clock_us);
    ck_assert_int_eq(back->next_due_us, rec->next_due_us);
    ck_assert_int_eq(back->horizon, 15);
    ck_assert_int_eq(back->fold_day, 16);
    ck_assert_uint_eq(back->fold_puts, 17);
    ck_assert_mem_eq(back->counters, rec->counters, sizeof rec->counters);
    ck_assert_uint_eq(back->page_count, 22);
    ck_assert_uint_eq(back->pages_loaded, 0);
    ck_assert_uint_eq(back->paged_count, 4);
    ck_assert_mem_eq(back->paged, rec->paged, 4 * sizeof *rec->paged);
    ck_assert_uint_eq(back->next_count, 3);
    ck_assert_mem_eq(back->next_by_rule, rec->next_by_rule, 3 * sizeof *rec->next_by_rule);
    ck_assert_mem_eq(&back->missed, &rec->missed, sizeof rec->missed);
    ck_assert(dw_record_peek(enc.head.data, enc.head.len, &front));
    ck_assert_int_eq(front.offset, 12);
    ck_assert_int_eq(front.next_due_us, rec->next_due_us);
    ck_assert_uint_eq(front.page_count, 22);
    dw_record_free(&back);
}
END_TEST

/* Neither looks beyond the end, wherever that is; what cannot be decoded leaves nothing behind. */
START_TEST(cut_short)
{
    dw_record *back = NULL;
    dw_record_front front;
    dw_error err;
    size_t peeked = 0;
    fill_front();
    ck_assert_int_eq(encode_decode(&back), DW_OK);
    dw_record_free(&back);
    for (size_t len = 0; len < enc.head.len; len++) {
        uint8_t *bytes = malloc(len != 0 ? len : 1);
        memcpy(bytes, enc.head.data, len);
        ck_assert_int_eq(dw_record_decode(bytes, len, &back, &err), DW_E_FORMAT);
        ck_assert_ptr_null(back);
        memset(&front, 0x5a, sizeof front);
        bool seen = dw_record_peek(bytes, len, &front);
        ck_assert(seen || front.page_count == 0x5a5a5a5a);
        if (seen) {
            ck_assert_int_eq(front.offset, 12);
            ck_assert_int_eq(front.next_due_us, rec->next_due_us);
            ck_assert_uint_eq(front.page_count, 22);
        }
        peeked += seen;
        free(bytes);
    }
    ck_assert_uint_gt(peeked, 0);
    ck_assert_uint_lt(peeked, enc.head.len);
    uint8_t *longer = malloc(enc.head.len + 1);
    memcpy(longer, enc.head.data, enc.head.len);
    longer[enc.head.len] = 0;
    ck_assert_int_eq(dw_record_decode(longer, enc.head.len + 1, &back, &err), DW_E_FORMAT);
    free(longer);
}
END_TEST

/* A fingerprint has 16 bits: the last of these is told as so much more than the one before. */
START_TEST(fingerprints_that_cannot_be)
{
    static const uint8_t told[] = {22, 4, 0, 1, 0xAB, 2, 0xD3, 0xFD, 3};
    dw_record *back = NULL;
    dw_error err;
    size_t at = 0;
    fill_front();
    ck_assert_int_eq(encode_decode(&back), DW_OK);
    dw_record_free(&back);
    while (memcmp(enc.head.data + at, told, sizeof told) != 0)
        ck_assert_uint_lt(++at + sizeof told, enc.head.len);
    enc.head.data[at + 3] = 2;
    ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len, &back, &err), DW_E_FORMAT);
    enc.head.data[at + 3] = 0;
    ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len, &back, &err), DW_OK);
    ck_assert_uint_eq(back->paged[3], 65534);
    dw_record_free(&back);
}
END_TEST

/* Its first byte is the format, its second the core version. */
START_TEST(versions)
{
    static const struct {
        uint8_t format, core;
        dw_errc code;
    } all[] = {{DW_RECORD_FORMAT, DW_CORE_VERSION, DW_OK},
               {DW_RECORD_FORMAT + 1, DW_CORE_VERSION, DW_E_NEWER},
               {DW_RECORD_FORMAT, DW_CORE_VERSION + 1, DW_E_NEWER},
               {0, DW_CORE_VERSION, DW_E_FORMAT},
               {DW_RECORD_FORMAT, 0, DW_E_FORMAT}};
    dw_record *back = NULL;
    dw_record_front front;
    dw_error err;
    ck_assert_int_eq(encode_decode(&back), DW_OK);
    dw_record_free(&back);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        enc.head.data[0] = all[i].format;
        enc.head.data[1] = all[i].core;
        ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len, &back, &err), all[i].code);
        dw_record_free(&back);
        bool newer = all[i].format > DW_RECORD_FORMAT;
        ck_assert_int_eq(dw_record_peek(enc.head.data, enc.head.len, &front), !newer);
    }
}
END_TEST

START_TEST(without_a_name)
{
    dw_record *back = NULL;
    dw_record_free(&rec);
    rec = dw_record_new((dw_str){NULL, 0}, (dw_str){NULL, 0});
    ck_assert_int_eq(encode_decode(&back), DW_OK);
    ck_assert_uint_eq(back->la_code.len + back->child_ref.len + back->moved_to.len, 0);
    ck_assert_int_eq(back->offset, -1);
    dw_record_free(&back);
}
END_TEST

/* Instants of rules: within the years that are possible. */
START_TEST(instants_of_rules)
{
    static const struct {
        int64_t us;
        dw_errc code;
    } all[] = {{0, DW_OK},
               {DW_WIRE_AT_LIMIT - 1, DW_OK},
               {1 - DW_WIRE_AT_LIMIT, DW_OK},
               {DW_WIRE_AT_LIMIT, DW_E_FORMAT},
               {-DW_WIRE_AT_LIMIT, DW_E_FORMAT}};
    dw_record *back = NULL;
    int64_t next[] = {DW_AT_NEVER, all[_i].us, DW_AT_NEVER, all[_i].us};
    rec->next_by_rule = next;
    rec->next_count = 4;
    ck_assert_int_eq(encode_decode(&back), all[_i].code);
    if (all[_i].code != DW_OK)
        return;
    ck_assert_uint_eq(back->next_count, 4);
    ck_assert_mem_eq(back->next_by_rule, next, sizeof next);
    dw_record_free(&back);
}
END_TEST

/* The instants of rules stand at the end of the front, and then which were missed; behind them no strings, facts, or alerts:
 * 4 bytes. */
#define BEHIND 4
START_TEST(damaged_instants)
{
    static const struct {
        uint8_t bytes[14];
        size_t len;
        uint8_t format;
        dw_errc code;
        bool first, second, missed; /* has an instant, has one, was missed */
    } all[] = {
        {{0, 0}, 2, DW_RECORD_FORMAT, DW_OK, false, false, false},
        {{1, 0, 1, 0, 0, 0}, 6, DW_RECORD_FORMAT, DW_OK, true, true, false}, /* both at the base */
        {{2, 0, 0, 0}, 4, DW_RECORD_FORMAT, DW_OK, false, true, false},
        {{0, 1, 0}, 3, DW_RECORD_FORMAT, DW_OK, false, false, true},
        {{2, 0, 1, 0, 0, 0}, 6, DW_RECORD_FORMAT, DW_E_FORMAT, false, false, false}, /* a third instant */
        {{3, 0, 0, 0}, 4, DW_RECORD_FORMAT, DW_E_FORMAT, false, false, false},       /* a third instant */
        {{2, 0, 1, 0}, 4, DW_RECORD_FORMAT, DW_E_FORMAT, false, false, false}, /* the same, and no end of the list */
        {{0, 2, 0}, 3, DW_RECORD_FORMAT, DW_E_FORMAT, false, false, false},    /* a second rule */
        {{0, 1, 1, 0}, 4, DW_RECORD_FORMAT, DW_E_FORMAT, false, false, false}, /* a second rule */
        {{1, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 0},   /* no such time */
         13,
         DW_RECORD_FORMAT,
         DW_E_FORMAT,
         false,
         false,
         false},
        {{1, 0, 0}, 3, 4, DW_OK, false, false, false}, /* as format 4 was: every rule is asked again */
    };
    dw_record *back = NULL;
    dw_error err;
    int64_t next[] = {DW_AT_NEVER, DW_AT_NEVER};
    rec->next_by_rule = next;
    rec->next_count = 2;
    ck_assert_int_eq(encode_decode(&back), DW_OK);
    ck_assert_uint_eq(back->next_count, 2);
    dw_record_free(&back);
    uint8_t bytes[256];
    size_t front = enc.head.len - BEHIND - 2; /* the 0 that ends each list */
    ck_assert_uint_eq(enc.head.data[front - 1], 2);
    memcpy(bytes, enc.head.data, front);
    bytes[0] = all[_i].format;
    memcpy(bytes + front, all[_i].bytes, all[_i].len);
    memset(bytes + front + all[_i].len, 0, BEHIND);
    ck_assert_int_eq(dw_record_decode(bytes, front + all[_i].len + BEHIND, &back, &err), all[_i].code);
    if (all[_i].code == DW_OK && all[_i].format == DW_RECORD_FORMAT) {
        ck_assert_uint_eq(back->next_count, 2);
        ck_assert_int_eq(back->next_by_rule[0], all[_i].first ? 0 : DW_AT_NEVER);
        ck_assert_int_eq(back->next_by_rule[1], all[_i].second ? 0 : DW_AT_NEVER);
        ck_assert_int_eq(dw_rule_set_has(&back->missed, 0), all[_i].missed);
    } else if (all[_i].code == DW_OK) {
        ck_assert_uint_eq(back->next_count, 0);
    }
    dw_record_free(&back);
}
END_TEST

/* Which rules were missed, at either end of the words that hold them. */
START_TEST(missed_rules)
{
    static int64_t next[DW_RULES_MAX + 1];
    dw_record *back = NULL;
    for (uint32_t i = 0; i <= DW_RULES_MAX; i++)
        next[i] = DW_AT_NEVER;
    rec->next_by_rule = next;
    rec->next_count = DW_RULES_MAX + 1;
    for (uint32_t step = 1; step <= DW_RULES_MAX; step += step == 1 ? 62 : 45) {
        rec->missed = (dw_rule_set){{0}};
        for (uint32_t i = step - 1; i < DW_RULES_MAX; i += step)
            dw_rule_set_add(&rec->missed, i);
        ck_assert_int_eq(encode_decode(&back), DW_OK);
        ck_assert_mem_eq(&back->missed, &rec->missed, sizeof rec->missed);
        dw_record_free(&back);
    }
}
END_TEST

static void put_visit(const char *id, int64_t at_us)
{
    dw_event ev = {.type = DW_EV_VISIT_DONE, .op = DW_OP_CREATE, .source_revision = 1, .occurred_at_us = at_us};
    ev.source_record_id = dw_str_from(id);
    ck_assert_int_eq(dw_record_put(rec, &ev, 1), DW_APPLIED);
}

/* Facts stored in another order come out in theirs: by day, instant, key. */
START_TEST(facts_out_of_order)
{
    static const int64_t at[][3] = {{1, 2, 3}, {1, 1, 1}, {1, 1, 90000000000}, {1, 90000000000, 90000000000}};
    dw_record *back = NULL;
    put_visit("a", at[_i][0]);
    put_visit("b", at[_i][1]);
    put_visit("c", at[_i][2]);
    dw_fact want[3];
    memcpy(want, rec->facts, sizeof want);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            if (i == k)
                continue;
            rec->facts[0] = want[i];
            rec->facts[1] = want[k];
            rec->facts[2] = want[3 - i - k];
            ck_assert_int_eq(encode_decode(&back), DW_OK);
            ck_assert_uint_eq(back->fact_count, 3);
            for (int n = 0; n < 3; n++) {
                ck_assert_uint_eq(back->facts[n].key, want[n].key);
                ck_assert_int_eq(back->facts[n].at_us, want[n].at_us);
            }
            dw_record_free(&back);
        }
}
END_TEST

/* A page's pieces: facts, or alerts, and nothing behind them. */
START_TEST(pages)
{
    static const struct {
        uint8_t bytes[8];
        size_t len;
        dw_errc code;
    } all[] = {
        {{DW_RECORD_FORMAT, 0, 0, 0}, 4, DW_OK},              /* no strings, facts, values */
        {{DW_RECORD_FORMAT, 0, 0, 0, 0}, 5, DW_OK},           /* and no alerts */
        {{DW_RECORD_FORMAT, 0, 0, 0, 0, 0}, 6, DW_E_FORMAT},  /* and something behind */
        {{DW_RECORD_FORMAT, 0, 0}, 3, DW_E_FORMAT},           /* too short */
        {{DW_RECORD_FORMAT, 0}, 2, DW_E_FORMAT},              /* too short */
        {{DW_RECORD_FORMAT}, 1, DW_E_FORMAT},                 /* too short */
        {{0}, 0, DW_E_FORMAT},                                /* nothing */
        {{DW_RECORD_FORMAT + 1, 0, 0, 0}, 4, DW_E_NEWER},     /* a newer build's */
        {{0, 0, 0, 0}, 4, DW_E_FORMAT},                       /* nobody's */
        {{1, 0, 0, 0}, 4, DW_OK},                             /* the first build's */
        {{DW_RECORD_FORMAT, 0, 0, 0, 1}, 5, DW_E_FORMAT},     /* an alert of no bytes */
        {{DW_RECORD_FORMAT, 2, 0, 0, 0, 0}, 6, DW_OK},        /* two empty strings */
        {{DW_RECORD_FORMAT, 1, 9, 'a', 0, 0}, 6, DW_E_FORMAT} /* a string past the end */
    };
    dw_error err;
    rec->page_count = 2;
    ck_assert_int_eq(dw_record_attach_page(rec, 0, all[_i].bytes, all[_i].len, &err), all[_i].code);
    ck_assert_uint_eq(rec->pages_loaded, all[_i].code == DW_OK);
    ck_assert_uint_eq(rec->fact_count + rec->alert_count, 0);
}
END_TEST

/* Text is told by its place among the strings, and there is no string at that place. */
START_TEST(a_string_that_is_not_there)
{
    static const uint8_t format = DW_RECORD_FORMAT, none = 0;
    dw_value value = {.field = 5, .kind = DW_VAL_STR, .s = DW_STR_LIT("p-1")};
    dw_strings set;
    dw_encoded work = {0};
    dw_error err;
    put_visit("a", 1);
    dw_fact fact = rec->facts[0];
    fact.values = &value;
    fact.value_count = 1;
    rec->page_count = 2;
    ck_assert(dw_strings_init(&set, &work.strings, &work.slots) && dw_facts_write(&work.body, &set, &fact, 1));
    for (int there = 0; there <= 1; there++) {
        work.head.len = 0;
        ck_assert(dw_buf_append(&work.head, &format, 1));
        ck_assert(there ? dw_strings_write(&set, &work.head) : dw_buf_append(&work.head, &none, 1));
        ck_assert(dw_buf_append(&work.head, work.body.data, work.body.len));
        ck_assert_int_eq(dw_record_attach_page(rec, 0, work.head.data, work.head.len, &err),
                         there ? DW_OK : DW_E_FORMAT);
        ck_assert_uint_eq(rec->fact_count, there ? 2 : 1);
    }
    dw_encoded_deinit(&work);
}
END_TEST

START_TEST(pages_in_turn)
{
    static const uint8_t none[] = {DW_RECORD_FORMAT, 0, 0, 0};
    dw_error err;
    ck_assert_int_eq(dw_record_attach_page(rec, 0, none, sizeof none, &err), DW_E_INVAL); /* it has no pages */
    rec->page_count = 2;
    ck_assert_int_eq(dw_record_attach_page(rec, 1, none, sizeof none, &err), DW_E_INVAL);
    ck_assert_int_eq(dw_record_attach_page(rec, 0, none, sizeof none, &err), DW_OK);
    ck_assert_int_eq(dw_record_attach_page(rec, 0, none, sizeof none, &err), DW_E_INVAL);
    ck_assert_int_eq(dw_record_attach_page(rec, 1, none, sizeof none, &err), DW_OK);
    ck_assert_int_eq(dw_record_attach_page(rec, 2, none, sizeof none, &err), DW_E_INVAL);
    ck_assert_str_eq(err.text, "page 2 of 2 attached after 2");
}
END_TEST

/* Only what the handler keeps is content: fields beyond are as if they had not been told. */
START_TEST(fields_that_nobody_keeps)
{
    dw_event ev = {.type = DW_EV_VISIT_DONE, .op = DW_OP_CREATE, .source_revision = 1};
    ev.values[0] = (dw_value){.field = DW_F_VISIT_DONE_VISIT_ID, .kind = DW_VAL_STR, .s = DW_STR_LIT("v")};
    ev.values[1] = (dw_value){.field = DW_F_VISIT_DONE_MODE, .kind = DW_VAL_ENUM, .i = DW_V_VISIT_MODE_F2F};
    ev.values[2] = (dw_value){.field = 5000, .kind = DW_VAL_INT, .i = 1};
    ev.values[3] = (dw_value){.field = 5001, .kind = DW_VAL_INT, .i = 1};
    ev.value_count = 4;
    ck_assert_int_eq(dw_record_put(rec, &ev, 1), DW_APPLIED);
    ck_assert_uint_eq(rec->facts[0].value_count, 1);
    ck_assert_uint_eq(rec->facts[0].values[0].field, DW_F_VISIT_DONE_MODE);
    ev.values[3].i = 2;
    ck_assert_int_eq(dw_record_put(rec, &ev, 2), DW_DUPLICATE);
}
END_TEST

/* As much as no record may take: told before memory is asked for. */
START_TEST(far_too_long)
{
    uint8_t *bytes = calloc(1, (size_t)DW_RECORD_ARENA_BYTES_MAX + 1);
    dw_record *back = NULL;
    dw_error err;
    ck_assert_ptr_nonnull(bytes);
    rec->page_count = 1;
    ck_assert_int_eq(dw_record_decode(bytes, (size_t)DW_RECORD_ARENA_BYTES_MAX + 1, &back, &err), DW_E_FORMAT);
    ck_assert_str_eq(err.text, "stored record: damaged length");
    ck_assert_int_eq(dw_record_decode(bytes, DW_RECORD_ARENA_BYTES_MAX, &back, &err), DW_E_NOMEM);
    ck_assert_int_eq(dw_record_attach_page(rec, 0, bytes, (size_t)DW_RECORD_ARENA_BYTES_MAX + 1, &err), DW_E_FORMAT);
    ck_assert_str_eq(err.text, "stored record: damaged length");
    ck_assert_int_eq(dw_record_attach_page(rec, 0, bytes, DW_RECORD_ARENA_BYTES_MAX, &err), DW_E_NOMEM);
    ck_assert_ptr_null(back);
    free(bytes);
}
END_TEST

/* Fields ascend; what no build writes is damage. */
START_TEST(fields_out_of_order)
{
    dw_record *back = NULL;
    dw_error err;
    dw_value values[] = {{.field = 5, .kind = DW_VAL_INT, .i = 5}, {.field = 6, .kind = DW_VAL_INT, .i = 5}};
    static const struct {
        uint16_t first, second;
        dw_errc code;
    } all[] = {{5, 6, DW_OK},
               {6, 5, DW_E_FORMAT},
               {1, 0xFF01, DW_OK},
               {0xFF01, 1, DW_E_FORMAT},
               {0xFF02, 0xFF02, DW_E_FORMAT},
               {1, 15, DW_OK},
               {1, 16, DW_OK},
               {1, 0xFEFF, DW_OK},
               {0xFFFE, 0xFFFF, DW_OK}};
    put_visit("a", 1);
    rec->facts[0].values = values;
    rec->facts[0].value_count = 2;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        values[0].field = all[i].first;
        values[1].field = all[i].second;
        ck_assert_int_eq(encode_decode(&back), all[i].code);
        if (all[i].code == DW_OK) {
            ck_assert_uint_eq(back->facts[0].values[0].field, all[i].first);
            ck_assert_uint_eq(back->facts[0].values[1].field, all[i].second);
        }
        dw_record_free(&back);
    }
    /* one beyond the last that there can be: of tag, field, number, tag, field, number, no alerts the second field is told as
     * the one after the first */
    uint8_t *tail = enc.head.data + enc.head.len - 7;
    ck_assert_uint_eq(tail[1], 0xFE);
    ck_assert_uint_eq(tail[4], 0xFF);
    tail[1] = 0xFF;
    tail[3] |= 1 << 4;
    memmove(tail + 4, tail + 5, 2);
    ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len - 1, &back, &err), DW_E_FORMAT);
    tail[1] = 0xFE;
    ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len - 1, &back, &err), DW_OK);
    dw_record_free(&back);
    /* the second value is of a kind that there is not, and so has nothing behind its field */
    tail[4] = tail[5];
    for (unsigned kind = 0; kind < 8; kind++) {
        if (kind >= DW_VAL_ENUM && kind <= DW_VAL_STRS)
            continue;
        tail[3] = (uint8_t)((tail[3] & ~7u) | kind);
        ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len - 2, &back, &err), DW_E_FORMAT);
    }
}
END_TEST

/* A fact is told of, and there is less than the least that it takes. */
START_TEST(a_fact_that_is_not_there)
{
    dw_record *back = NULL;
    dw_error err;
    ck_assert_int_eq(encode_decode(&back), DW_OK);
    dw_record_free(&back);
    uint8_t *tail = enc.head.data + enc.head.len - 3; /* no facts, no values, no alerts */
    ck_assert(tail[0] == 0 && tail[1] == 0 && tail[2] == 0);
    tail[0] = 1;
    ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len, &back, &err), DW_E_FORMAT);
}
END_TEST

/* The fewest that can be out of order. */
START_TEST(two_facts_out_of_order)
{
    put_visit("a", 1);
    put_visit("b", 2);
    dw_fact first = rec->facts[0];
    rec->facts[0] = rec->facts[1];
    rec->facts[1] = first;
    dw_record_sort_facts(rec);
    ck_assert_uint_eq(rec->facts[0].key, first.key);
    ck_assert_int_lt(rec->facts[0].at_us, rec->facts[1].at_us);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record_codec");
    TCase *cases = tcase_create("record_codec");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, a_front_comes_back);
    tcase_add_test(cases, cut_short);
    tcase_add_test(cases, fingerprints_that_cannot_be);
    tcase_add_test(cases, versions);
    tcase_add_test(cases, without_a_name);
    tcase_add_loop_test(cases, instants_of_rules, 0, 5);
    tcase_add_loop_test(cases, damaged_instants, 0, 11);
    tcase_add_test(cases, missed_rules);
    tcase_add_loop_test(cases, facts_out_of_order, 0, 4);
    tcase_add_test(cases, two_facts_out_of_order);
    tcase_add_test(cases, a_fact_that_is_not_there);
    tcase_add_loop_test(cases, pages, 0, 13);
    tcase_add_test(cases, a_string_that_is_not_there);
    tcase_add_test(cases, pages_in_turn);
    tcase_add_test(cases, fields_that_nobody_keeps);
    tcase_add_test(cases, far_too_long);
    tcase_add_test(cases, fields_out_of_order);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

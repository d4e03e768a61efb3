/* check_turn.c: waiting records come back as handed over, due children come in order, a head's front tells what decoding does. */

#include "daemon/shard/engine.h"
#include "tests/support/suite.h"

START_TEST(inbox_keeps_what_it_got)
{
    dw_share share = {0, 1 << 20};
    dw_inbox inbox;
    static char big[DW_POLICY_BYTES_MAX + 1];
    int64_t first = 0, next = 0;
    dw_inbox_init(&inbox, &share);
    for (unsigned round = 0; round < 200; round++) {
        for (unsigned i = 0; i < round % 17; i++, next++) {
            char key[32], value[200];
            int k = snprintf(key, sizeof(key), "301/%lld", (long long)next);
            int v = snprintf(value, sizeof(value), "%0*lld", (int)(next % 150) + 1, (long long)next);
            dw_log_record rec = {.offset = next,
                                 .stamp_us = next * 10,
                                 .has_key = next % 3 != 0,
                                 .has_value = next % 5 != 0,
                                 .key = {key, next % 3 != 0 ? (uint32_t)k : 0},
                                 .value = {value, next % 5 != 0 ? (uint32_t)v : 0},
                                 .auth = DW_STR_LIT("auth"),
                                 .forward = DW_STR_LIT("1/2-3/1")};
            ck_assert(dw_inbox_add(&inbox, &rec));
        }
        ck_assert_uint_eq(dw_inbox_count(&inbox), (size_t)(next - first));
        for (size_t i = 0; i < dw_inbox_count(&inbox); i++) {
            dw_log_record rec;
            char key[32];
            dw_inbox_get(&inbox, i, &rec);
            int64_t offset = first + (int64_t)i;
            (void)snprintf(key, sizeof(key), "301/%lld", (long long)offset);
            ck_assert_int_eq(rec.offset, offset);
            ck_assert(rec.has_key ? dw_str_eq(rec.key, dw_str_from(key)) : rec.key.len == 0);
            ck_assert(dw_str_eq(rec.auth, DW_STR_LIT("auth")) && dw_str_eq(rec.forward, DW_STR_LIT("1/2-3/1")));
        }
        size_t take = dw_inbox_count(&inbox) * (round % 4) / 3;
        dw_inbox_take(&inbox, take < dw_inbox_count(&inbox) ? take : dw_inbox_count(&inbox));
        first += (int64_t)(take < (size_t)(next - first) ? take : (size_t)(next - first));
    }
    dw_log_record rec = {.has_value = true, .value = {big, sizeof(big)}};
    size_t before = share.used;
    ck_assert(dw_inbox_add(&inbox, &rec));
    ck_assert_msg(share.used - before < sizeof(big) / 4, "a value that is too long is kept as its digest");
    const dw_queued *item = dw_inbox_item(&inbox, dw_inbox_count(&inbox) - 1);
    ck_assert_uint_eq(item->real_len, sizeof(big));
    ck_assert_uint_eq(item->value_len, 16);
    dw_inbox_deinit(&inbox);
    ck_assert_uint_eq(share.used, 0);
}
END_TEST

/* Firing in the order (due, subject), with deadlines that move while it goes on. */
START_TEST(due_in_order)
{
    dw_turn turn;
    uint64_t seed = 99 + (uint64_t)_i;
    ck_assert(dw_turn_init(&turn, NULL));
    turn.end_us = 1000;
    for (unsigned i = 0; i < 200; i++) {
        char key[32];
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        int n = snprintf(key, sizeof(key), "301/c%u", (unsigned)(seed >> 40) % 150);
        dw_subject *subject = dw_turn_add(&turn, (dw_str){key, (uint32_t)n});
        if (subject->rec == NULL)
            subject->rec = dw_record_new(DW_STR_LIT("301"), DW_STR_LIT("c"));
        subject->rec->next_due_us = (int64_t)((seed >> 20) % 1400);
        ck_assert(dw_turn_arm(&turn, subject));
    }
    int64_t at_us = 0;
    dw_subject *subject, *before = NULL;
    size_t fired = 0;
    while ((subject = dw_turn_first(&turn)) != NULL) {
        for (size_t i = 0; i < turn.count; i++)
            ck_assert_int_le(
                dw_due_cmp(subject->rec->next_due_us, subject->key, turn.list[i]->rec->next_due_us, turn.list[i]->key),
                0);
        ck_assert_int_ge(subject->rec->next_due_us, at_us);
        at_us = subject->rec->next_due_us;
        ck_assert(subject != before || at_us > 0);
        before = subject;
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        subject->rec->next_due_us = (seed >> 60) == 0 ? DW_AT_NEVER : at_us + 1 + (int64_t)((seed >> 40) % 300);
        ck_assert(dw_turn_arm(&turn, subject));
        fired++;
    }
    ck_assert_uint_gt(fired, 100);
    for (size_t i = 0; i < turn.count; i++)
        ck_assert_int_gt(turn.list[i]->rec->next_due_us, turn.end_us);
    dw_turn_deinit(&turn);
}
END_TEST

START_TEST(front_of_a_head)
{
    dw_encoded encoded = {0};
    dw_error err;
    dw_record_front front;
    const int64_t dues[] = {DW_AT_NEVER, 0, 1767600000000001, 1767600060000000, -5};
    dw_record *rec = dw_record_new(DW_STR_LIT("301"), DW_STR_LIT("child-with-a-long-reference"));
    rec->offset = _i == 0 ? -1 : (int64_t)1 << (7 * _i);
    rec->clock_us = 1767600000000000;
    rec->next_due_us = dues[_i];
    rec->page_count = (uint32_t)_i * 1000;
    rec->pages_loaded = 0;
    ck_assert_int_eq(dw_record_encode(rec, NULL, &encoded, &err), DW_OK);
    ck_assert(dw_record_peek(encoded.head.data, encoded.head.len, &front));
    ck_assert_int_eq(front.offset, rec->offset);
    ck_assert_int_eq(front.next_due_us, rec->next_due_us);
    ck_assert_uint_eq(front.page_count, rec->page_count);
    for (size_t cut = 0; cut < 12; cut++)
        ck_assert(!dw_record_peek(encoded.head.data, cut, &front));
    encoded.head.data[0] = DW_RECORD_FORMAT + 1;
    ck_assert(!dw_record_peek(encoded.head.data, encoded.head.len, &front));
    dw_encoded_deinit(&encoded);
    dw_record_free(&rec);
}
END_TEST

START_TEST(batches)
{
    dw_arena *arena = dw_arena_new(1 << 20);
    dw_batch batch;
    dw_batch_init(&batch, arena);
    for (int round = 0; round < 3; round++) {
        dw_batch_reset(&batch);
        dw_arena_reset(arena);
        for (int i = 0; i < 300; i++) {
            dw_batch_call(&batch, "HSET");
            for (int k = 0; k < i % 5; k++)
                dw_batch_number(&batch, i * 10 + k);
        }
        ck_assert(dw_batch_finish(&batch));
        ck_assert_uint_eq(batch.call_count, 300);
        for (int i = 0; i < 300; i++) {
            ck_assert_uint_eq(batch.calls[i].argc, 1 + (unsigned)i % 5);
            ck_assert(dw_str_eq(batch.calls[i].argv[0], DW_STR_LIT("HSET")));
        }
        ck_assert(dw_str_eq(batch.calls[299].argv[4], DW_STR_LIT("2993")));
    }
    dw_batch_deinit(&batch);
    dw_arena_free(&arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("turn");
    TCase *tc = tcase_create("turn");
    tcase_add_test(tc, inbox_keeps_what_it_got);
    tcase_add_loop_test(tc, due_in_order, 0, 5);
    tcase_add_loop_test(tc, front_of_a_head, 0, 5);
    tcase_add_test(tc, batches);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

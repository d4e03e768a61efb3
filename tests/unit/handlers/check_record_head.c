/* check_record_head.c: the stored head: round trips, other formats, damage, shedding and pages. */

#include "tests/support/core_record.h"

/* --- the stored head */

static void fill(int visits)
{
    static char ids[2000][24];
    ck_assert_int_le(visits, 2000);
    for (int i = 0; i < visits; i++) {
        snprintf(ids[i], sizeof ids[i], "note-%07d", i % 10000000);
        dw_event ev = visit(ids[i], at_utc(2021, 1, 4, 14, 30) + i * INT64_C(864000000000));
        ev.recorded_at_us += INT64_C(3600000000) * 5;
        ck_assert_int_eq(dw_record_put(rec, &ev, 100000 + i * 17), DW_APPLIED);
    }
}

static void add_alerts(uint32_t n)
{
    rec->alerts = dw_arena_alloc(rec->arena, n * sizeof *rec->alerts);
    rec->alert_count = rec->alert_cap = n;
    for (uint32_t i = 0; i < n; i++)
        rec->alerts[i] = (dw_alert){
            .state = DW_AL_ACKED,
            .rule_id = i == 0 ? DW_STR_LIT("CP-07") : DW_STR_LIT("SU-01"),
            .rule_version = 3,
            .policy_number = 12,
            .priority = DW_P2,
            .ladder = {0, 4, 240, {480, 960, 2400, 4800, 0}, 5},
            .subject_kind = DW_STR_LIT("plan"),
            .subject_id = DW_STR_LIT("plan-2021-000117"),
            .generation = 2,
            .level = 1,
            .count = 3,
            .due_kind = DW_DUE_DATE,
            .due_on = day_of(2021, 6, 1),
            .due_at_us = DW_AT_NEVER,
            .opened_us = at_utc(2021, 6, 1, 23, 0),
            .level_since_us = at_utc(2021, 6, 3, 9, 0) + 123456,
            .expiries = 1,
            .review_by = day_of(2021, 6, 9),
            .reason_code = DW_STR_LIT("STAFFING"),
            .oversight_ref = DW_STR_LIT("note-991"),
            .post = DW_STR_LIT("team-07/1"),
            .restricted = true,
            .found_at_start = i == 1,
            .approximate = true,
            .reopened = i != 1,
            .outcome = DW_OUT_DONE_LATE,
            .calendar = DW_CAL_EW_CLOSURE,
            .count_mode = DW_COUNT_INCL,
            .causes_total = 11,
            .cause_count = 2,
            .causes = {100017, 100034},
        };
    rec->clock_us = at_utc(2021, 7, 1, 12, 0) + 250000;
    rec->next_due_us = at_utc(2021, 7, 2, 0, 0);
    rec->offset = 123456;
    rec->policy_number = 12;
}

static dw_record *decode(const dw_buf *bytes)
{
    dw_record *out = NULL;
    dw_error err;
    dw_errc rc = dw_record_decode(bytes->data, bytes->len, &out, &err);
    ck_assert_msg(rc == DW_OK, "%s", rc == DW_OK ? "" : err.text);
    return out;
}

static void same_value(const dw_value *a, const dw_value *b)
{
    ck_assert_uint_eq(a->field, b->field);
    ck_assert_uint_eq(a->kind, b->kind);
    ck_assert_uint_eq(a->flags, b->flags);
    if (a->kind == DW_VAL_STR) {
        ck_assert(dw_str_eq(a->s, b->s));
    } else if (a->kind == DW_VAL_STRS) {
        ck_assert_uint_eq(a->n, b->n);
        for (uint32_t i = 0; i < a->n; i++)
            ck_assert(dw_str_eq(a->list[i], b->list[i]));
    } else {
        ck_assert_int_eq(a->i, b->i);
    }
}

static void same_record(const dw_record *a, const dw_record *b)
{
    ck_assert(dw_str_eq(a->la_code, b->la_code) && dw_str_eq(a->child_ref, b->child_ref));
    ck_assert_int_eq(a->offset, b->offset);
    ck_assert_int_eq(a->clock_us, b->clock_us);
    ck_assert_int_eq(a->next_due_us, b->next_due_us);
    ck_assert_int_eq(a->horizon, b->horizon);
    ck_assert_uint_eq(a->policy_number, b->policy_number);
    ck_assert_uint_eq(a->page_count, b->page_count);
    ck_assert_uint_eq(a->paged_count, b->paged_count);
    ck_assert_mem_eq(a->counters, b->counters, sizeof a->counters);
    ck_assert_uint_eq(a->fact_count, b->fact_count);
    for (uint32_t i = 0; i < a->fact_count; i++) {
        const dw_fact *x = &a->facts[i], *y = &b->facts[i];
        ck_assert_uint_eq(x->key, y->key);
        ck_assert_int_eq(x->type, y->type);
        ck_assert_uint_eq(x->revision, y->revision);
        ck_assert_uint_eq(x->flags & ~DW_FACTF_PINNED, y->flags & ~DW_FACTF_PINNED);
        ck_assert_int_eq(x->day, y->day);
        ck_assert_int_eq(x->at_us, y->at_us);
        ck_assert_int_eq(x->recorded_us, y->recorded_us);
        ck_assert_int_eq(x->first_recorded_us, y->first_recorded_us);
        ck_assert_int_eq(x->offset, y->offset);
        ck_assert_uint_eq(x->value_count, y->value_count);
        for (uint32_t k = 0; k < x->value_count; k++)
            same_value(&x->values[k], &y->values[k]);
    }
    ck_assert_uint_eq(a->alert_count, b->alert_count);
}

START_TEST(test_round_trip)
{
    fill(_i);
    add_alerts(2);
    if (_i > 2) { /* the rarer shapes */
        dw_event gone = visit("note-0000001", at_utc(2021, 1, 1, 0, 0));
        gone.op = DW_OP_VOID;
        gone.source_revision = 9;
        gone.recorded_at_us = 0;
        gone.value_count = 0;
        gone.restricted = DW_ANSWER_Y;
        ck_assert_int_eq(dw_record_put(rec, &gone, 4), DW_APPLIED);
        dw_str episodes[3] = {DW_STR_LIT("e1"), DW_STR_LIT("e22"), DW_STR_LIT("e1")};
        dw_event rhi = event_make(DW_EV_RHI, "rhi", at_utc(1999, 12, 31, 23, 59) + 999999);
        rhi.values[rhi.value_count++] =
            (dw_value){.field = DW_F_RHI_EPISODE_IDS, .kind = DW_VAL_STRS, .n = 3, .list = episodes};
        rhi.values[rhi.value_count - 1].flags = 0;
        ck_assert_int_eq(dw_record_put(rec, &rhi, 5), DW_APPLIED);
        dw_event plan = event_make(DW_EV_PLAN_STARTED, "plan", at_utc(2021, 6, 30, 23, 30));
        event_text(&plan, DW_F_PLAN_STARTED_PLAN_ID, "p");
        event_code(&plan, DW_F_PLAN_STARTED_PLAN_TYPE, 777);
        plan.values[plan.value_count - 1].flags = DW_VALF_UNKNOWN_CODE;
        event_date(&plan, DW_F_PLAN_STARTED_VISIT_FREQUENCY_FROM, day_of(1900, 1, 1));
        event_date(&plan, DW_F_PLAN_STARTED_END_DATE, day_of(2200, 12, 31));
        ck_assert_int_eq(dw_record_put(rec, &plan, 6), DW_APPLIED);
    }
    dw_error err;
    ck_assert_int_eq(dw_record_encode(rec, NULL, &enc, &err), DW_OK);
    dw_record *back = decode(&enc.head);
    same_record(rec, back);
    for (uint32_t i = 0; i < 2; i++) {
        dw_alert want = rec->alerts[i], got = back->alerts[i];
        ck_assert(dw_str_eq(want.rule_id, got.rule_id) && dw_str_eq(want.subject_kind, got.subject_kind) &&
                  dw_str_eq(want.subject_id, got.subject_id) && dw_str_eq(want.reason_code, got.reason_code) &&
                  dw_str_eq(want.oversight_ref, got.oversight_ref) && dw_str_eq(want.post, got.post));
        got.rule_id = want.rule_id;
        got.subject_kind = want.subject_kind;
        got.subject_id = want.subject_id;
        got.reason_code = want.reason_code;
        got.oversight_ref = want.oversight_ref;
        got.post = want.post;
        ck_assert_mem_eq(&want.causes, &got.causes, sizeof want.causes);
        ck_assert_mem_eq(&want.ladder.climb_minutes, &got.ladder.climb_minutes, sizeof want.ladder.climb_minutes);
        ck_assert_int_eq(want.level_since_us, got.level_since_us);
        ck_assert_int_eq(want.opened_us, got.opened_us);
        ck_assert_int_eq(want.due_at_us, got.due_at_us);
        ck_assert_int_eq(want.review_by, got.review_by);
        ck_assert_int_eq(want.due_on, got.due_on);
        ck_assert(want.state == got.state && want.priority == got.priority && want.outcome == got.outcome);
        ck_assert(want.calendar == got.calendar && want.count_mode == got.count_mode);
        ck_assert(want.restricted == got.restricted && want.found_at_start == got.found_at_start);
        ck_assert(want.reopened == got.reopened);
        ck_assert(want.approximate == got.approximate && want.due_kind == got.due_kind);
        ck_assert(want.generation == got.generation && want.level == got.level && want.count == got.count);
        ck_assert(want.expiries == got.expiries && want.causes_total == got.causes_total);
        ck_assert(want.rule_version == got.rule_version && want.policy_number == got.policy_number);
        ck_assert(want.cause_count == got.cause_count && want.ladder.top_level == got.ladder.top_level);
        ck_assert(want.ladder.grace_minutes == got.ladder.grace_minutes && !got.touched);
    }
    /* equal records give equal bytes */
    dw_encoded again = {0};
    ck_assert_int_eq(dw_record_encode(back, NULL, &again, &err), DW_OK);
    ck_assert_uint_eq(again.head.len, enc.head.len);
    ck_assert_mem_eq(again.head.data, enc.head.data, enc.head.len);
    dw_encoded_deinit(&again);
    dw_record_free(&back);
}
END_TEST

START_TEST(test_size)
{
    fill(20);
    add_alerts(2);
    dw_error err;
    ck_assert_int_eq(dw_record_encode(rec, NULL, &enc, &err), DW_OK);
    ck_assert_uint_le(enc.head.len, 1200);
    ck_assert_uint_eq(enc.write_count, 0);
}
END_TEST

START_TEST(test_new_record)
{
    dw_error err;
    ck_assert_int_eq(dw_record_encode(rec, NULL, &enc, &err), DW_OK);
    dw_record *back = decode(&enc.head);
    same_record(rec, back);
    ck_assert_int_eq(back->offset, -1);
    ck_assert_int_eq(back->next_due_us, DW_AT_NEVER);
    dw_record_free(&back);
}
END_TEST

START_TEST(test_newer)
{
    dw_error err;
    dw_record *out = NULL;
    ck_assert_int_eq(dw_record_encode(rec, NULL, &enc, &err), DW_OK);
    enc.head.data[0]++;
    ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len, &out, &err), DW_E_NEWER);
    enc.head.data[0]--;
    enc.head.data[1]++; /* the core version */
    ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len, &out, &err), DW_E_NEWER);
    enc.head.data[1] = 0;
    ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len, &out, &err), DW_E_FORMAT);
    ck_assert_ptr_null(out);
}
END_TEST

/* A record without facts, strings and alerts ends in one zero for each, after one for the instants that format 1 had not
 * and one for the subject that a child is now, which formats before 4 had not. */
START_TEST(test_format_1)
{
    dw_error err;
    dw_record *out = NULL;
    rec->policy_number = 4;
    ck_assert_int_eq(dw_record_encode(rec, NULL, &enc, &err), DW_OK);
    enc.head.data[0] = 1;
    ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len, &out, &err), DW_E_FORMAT);
    ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len - 2, &out, &err), DW_OK);
    ck_assert_uint_eq(out->policy_number, 4);
    ck_assert_uint_eq(out->moved_to.len, 0);
    ck_assert_uint_eq(out->next_count, 0);
    dw_record_free(&out);
    for (uint8_t format = 2; format <= 3; format++) { /* have the instants, and not yet what was moved */
        enc.head.data[0] = format;
        ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len - 2, &out, &err), DW_E_FORMAT);
        ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len - 1, &out, &err), DW_OK);
        ck_assert_uint_eq(out->policy_number, 4);
        dw_record_free(&out);
    }
}
END_TEST

/* The next instant of every rule comes back as it was; facts that no rule was asked about make them unknown. */
START_TEST(test_next_instants)
{
    dw_error err;
    int64_t next[5] = {DW_AT_NEVER, at_utc(2021, 7, 9, 23, 0), at_utc(2021, 7, 3, 10, 20) + 1, DW_AT_NEVER,
                       at_utc(2020, 1, 1, 0, 0)};
    rec->clock_us = at_utc(2021, 7, 1, 22, 30) + 77;
    rec->next_by_rule = next;
    rec->next_count = 5;
    ck_assert_int_eq(dw_record_encode(rec, NULL, &enc, &err), DW_OK);
    dw_record *back = decode(&enc.head);
    ck_assert_uint_eq(back->next_count, 5);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(back->next_by_rule[i], next[i]);
    dw_record_free(&back);
    dw_event ev = visit("v1", at_utc(2021, 7, 1, 22, 30));
    ck_assert_int_eq(dw_record_put(rec, &ev, 7), DW_APPLIED);
    ck_assert_int_eq(dw_record_encode(rec, NULL, &enc, &err), DW_OK);
    back = decode(&enc.head);
    ck_assert_uint_eq(back->next_count, 0);
    dw_record_free(&back);
}
END_TEST

static uint64_t seed = 88172645463325252u;
static uint64_t draw(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* Damaged bytes give an error or a record that can be used. */
START_TEST(test_damage)
{
    fill(12);
    add_alerts(2);
    dw_event plan = event_make(DW_EV_PLAN_STARTED, "plan", at_utc(2021, 1, 1, 9, 0));
    event_text(&plan, DW_F_PLAN_STARTED_PLAN_ID, "plan-2021-000117");
    event_code(&plan, DW_F_PLAN_STARTED_PLAN_TYPE, DW_V_PLAN_TYPE_CLA);
    dw_record_put(rec, &plan, 3);
    dw_error err;
    ck_assert_int_eq(dw_record_encode(rec, NULL, &enc, &err), DW_OK);
    dw_arena *arena = dw_arena_new(16 << 20);
    uint8_t *bytes = malloc(enc.head.len);
    int decoded = 0, refused = 0;
    for (int round = 0; round < 60000; round++) {
        size_t len = enc.head.len;
        memcpy(bytes, enc.head.data, len);
        for (uint64_t n = 1 + draw() % 3; n > 0; n--)
            bytes[draw() % len] = (uint8_t)(draw() % 4 == 0 ? 0xFF : draw());
        if (draw() % 8 == 0)
            len = draw() % len;
        dw_record *got = NULL;
        dw_errc rc = dw_record_decode(bytes, len, &got, &err);
        ck_assert(rc == DW_OK || rc == DW_E_FORMAT || rc == DW_E_NEWER || rc == DW_E_NOMEM);
        ck_assert_int_eq(rc == DW_OK, got != NULL);
        refused += rc != DW_OK;
        if (got == NULL)
            continue;
        decoded++;
        dw_arena_reset(arena);
        ck_assert_ptr_nonnull(dw_chronology_derive(got, at_utc(2022, 1, 1, 0, 0), arena));
        dw_event ev = visit("new", at_utc(2021, 8, 1, 9, 0));
        ck_assert_int_eq(dw_record_put(got, &ev, 9), DW_APPLIED);
        dw_encoded out = {0};
        if (round % 16 == 0)
            ck_assert_int_eq(dw_record_encode(got, NULL, &out, &err), DW_OK);
        dw_encoded_deinit(&out);
        dw_record_free(&got);
    }
    ck_assert_int_gt(decoded, 1000);
    ck_assert_int_gt(refused, 1000);
    free(bytes);
    dw_arena_free(&arena);
}
END_TEST

/* --- too much for one head, without a policy */

static void load_pages(dw_record *into, const dw_encoded *from)
{
    dw_error err;
    for (uint32_t i = 0; i < from->write_count; i++) {
        const dw_page_write *page = &from->writes[i];
        ck_assert_uint_eq(page->index, i);
        ck_assert_uint_le(page->len, DW_PAGE_BYTES_MAX);
        ck_assert_int_eq(dw_record_attach_page(into, i, from->pages.data + page->start, page->len, &err), DW_OK);
    }
}

START_TEST(test_shedding)
{
    fill(2000);
    rec->clock_us = at_utc(2021, 7, 1, 12, 0);
    dw_error err;
    ck_assert_int_eq(dw_record_encode(rec, NULL, &enc, &err), DW_OK);
    ck_assert_uint_le(enc.head.len, DW_HEAD_BYTES_MAX);
    ck_assert_uint_gt(enc.head.len, DW_HEAD_BYTES_MAX / 2); /* it sheds no more than it must, about */
    ck_assert_uint_gt(enc.write_count, 5);
    dw_record *back = decode(&enc.head);
    ck_assert_uint_eq(back->page_count, enc.write_count);
    ck_assert_uint_eq(back->counters[0] + back->fact_count, 2000);
    ck_assert_uint_eq(back->counters[0], back->paged_count);
    /* the oldest went */
    ck_assert_int_ge(back->facts[0].day, back->horizon - 2);
    dw_event old = visit("x", dw_london_start_us(back->horizon) - 1), young = visit("x", old.occurred_at_us + 1);
    ck_assert(dw_record_needs_pages(back, &old));
    ck_assert(!dw_record_needs_pages(back, &young));
    ck_assert(dw_record_needs_pages(back, NULL));
    young.source_revision = 2;
    ck_assert(dw_record_needs_pages(back, &young));
    young.source_revision = 1;
    young.op = DW_OP_VOID;
    ck_assert(dw_record_needs_pages(back, &young));
    dw_event paged = visit("note-0000000", dw_london_start_us(back->horizon));
    ck_assert(dw_record_needs_pages(back, &paged)); /* by its fingerprint */
    /* what began in the head needs no pages to be changed or ended; what the head does not know does */
    int64_t now = dw_london_start_us(back->horizon);
    dw_event plan = event_make(DW_EV_PLAN_CHANGED, "x", now), worker = event_make(DW_EV_WORKER_ENDED, "y", now);
    dw_event gone = event_make(DW_EV_MISSING_EPISODE, "z", now);
    event_text(&plan, DW_F_PLAN_CHANGED_PLAN_ID, "P");
    worker.worker_ref = DW_STR_LIT("SW-1");
    event_text(&gone, DW_F_MISSING_EPISODE_EPISODE_ID, "E");
    ck_assert(!dw_record_needs_pages(back, &gone)); /* begins an episode */
    event_code(&gone, DW_F_MISSING_EPISODE_PHASE, DW_V_MISSING_PHASE_RETURNED);
    ck_assert(dw_record_needs_pages(back, &plan));
    ck_assert(dw_record_needs_pages(back, &worker));
    ck_assert(dw_record_needs_pages(back, &gone));
    dw_event begun[3] = {event_make(DW_EV_PLAN_STARTED, "a", now), event_make(DW_EV_WORKER_ALLOCATED, "b", now),
                         event_make(DW_EV_MISSING_EPISODE, "c", now)};
    event_text(&begun[0], DW_F_PLAN_STARTED_PLAN_ID, "P");
    begun[1].worker_ref = worker.worker_ref;
    event_text(&begun[2], DW_F_MISSING_EPISODE_EPISODE_ID, "E");
    for (int i = 0; i < 3; i++) {
        ck_assert(!dw_record_needs_pages(back, &begun[i]));
        ck_assert_int_eq(dw_record_put(back, &begun[i], 0), DW_APPLIED);
    }
    ck_assert(!dw_record_needs_pages(back, &plan));
    ck_assert(!dw_record_needs_pages(back, &worker));
    ck_assert(!dw_record_needs_pages(back, &gone));
    event_date(&plan, DW_F_PLAN_CHANGED_CPP_END_DATE, back->horizon - 1);
    ck_assert(dw_record_needs_pages(back, &plan)); /* a date before the horizon */
    dw_record_free(&back);
    back = decode(&enc.head);
    /* with the pages it is whole again; written again, it is the same */
    load_pages(back, &enc);
    ck_assert_uint_eq(back->fact_count, 2000);
    ck_assert(!dw_record_needs_pages(back, NULL));
    for (uint32_t i = 1; i < back->fact_count; i++)
        ck_assert_int_lt(back->facts[i - 1].at_us, back->facts[i].at_us);
    dw_encoded again = {0};
    ck_assert_int_eq(dw_record_encode(back, NULL, &again, &err), DW_OK);
    ck_assert_uint_le(again.write_count, enc.write_count); /* packed anew */
    dw_record *third = decode(&again.head), *second = decode(&enc.head);
    second->page_count = third->page_count;
    same_record(third, second);
    load_pages(third, &again);
    ck_assert_uint_eq(third->fact_count, 2000);
    dw_record_free(&third);
    dw_record_free(&second);
    dw_encoded_deinit(&again);
    dw_record_free(&back);
}
END_TEST

START_TEST(test_bad_pages)
{
    fill(2000);
    dw_error err;
    ck_assert_int_eq(dw_record_encode(rec, NULL, &enc, &err), DW_OK);
    dw_record *back = decode(&enc.head);
    const dw_page_write *page = &enc.writes[0];
    uint8_t *bytes = enc.pages.data + page->start;
    ck_assert_int_eq(dw_record_attach_page(back, 1, bytes, page->len, &err), DW_E_INVAL); /* out of turn */
    ck_assert_int_eq(dw_record_attach_page(back, 0, bytes, page->len - 1, &err), DW_E_FORMAT);
    bytes[0] = 99;
    ck_assert_int_eq(dw_record_attach_page(back, 0, bytes, page->len, &err), DW_E_NEWER);
    dw_record_free(&back);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("record_head");
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_round_trip, 0, 24);
    tcase_add_test(tc, test_size);
    tcase_add_test(tc, test_new_record);
    tcase_add_test(tc, test_newer);
    tcase_add_test(tc, test_format_1);
    tcase_add_test(tc, test_next_instants);
    tcase_add_test(tc, test_damage);
    tcase_add_test(tc, test_shedding);
    tcase_add_test(tc, test_bad_pages);
    return run_suite_of(tc, "record_head");
}

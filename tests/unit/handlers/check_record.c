/* Facts by revision in any arrival order; the stored head: round trip, size, damage; the question for pages. */

#include "events.h"
#include "handlers/record_wire.h"

#include <check.h>
#include <stdlib.h>

static dw_record *rec;
static dw_encoded enc;

static void setup(void)
{
    rec = dw_record_new(DW_STR_LIT("941"), DW_STR_LIT("c-1"));
    ck_assert_ptr_nonnull(rec);
    memset(&enc, 0, sizeof enc);
}
static void teardown(void)
{
    dw_record_free(&rec);
    dw_encoded_deinit(&enc);
}

static dw_event visit(const char *id, int64_t at)
{
    dw_event ev = event_make(DW_EV_VISIT_DONE, id, at);
    event_code(&ev, DW_F_VISIT_DONE_VISIT_TYPE, DW_V_VISIT_TYPE_CP);
    event_code(&ev, DW_F_VISIT_DONE_MODE, DW_V_VISIT_MODE_F2F);
    event_code(&ev, DW_F_VISIT_DONE_ATTEMPT_RESULT, DW_V_ATTEMPT_RESULT_SEEN);
    event_code(&ev, DW_F_VISIT_DONE_CHILD_SEEN, DW_ANSWER_Y);
    event_code(&ev, DW_F_VISIT_DONE_CHILD_SEEN_ALONE, DW_ANSWER_Y);
    event_text(&ev, DW_F_VISIT_DONE_PLAN_ID, "plan-2021-000117");
    ev.team_id = DW_STR_LIT("team-07");
    ev.worker_ref = DW_STR_LIT("SW-00412");
    return ev;
}

/* --- what a fact is */

START_TEST(test_kept_fields)
{
    dw_event ev = visit("v1", at_utc(2021, 7, 1, 22, 30));
    event_text(&ev, DW_F_VISIT_DONE_VISIT_ID, "v1"); /* nothing looks at it */
    ck_assert_int_eq(dw_record_put(rec, &ev, 7), DW_APPLIED);
    ck_assert_uint_eq(rec->fact_count, 1);
    const dw_fact *fact = &rec->facts[0];
    ck_assert_int_eq(fact->type, DW_EV_VISIT_DONE);
    ck_assert_int_eq(fact->day, day_of(2021, 7, 1));
    ck_assert_int_eq(fact->at_us, at_utc(2021, 7, 1, 22, 30));
    ck_assert_int_eq(fact->offset, 7);
    ck_assert_ptr_null(dw_fact_get(fact, DW_F_VISIT_DONE_VISIT_ID));
    ck_assert_int_eq(dw_fact_get(fact, DW_F_VISIT_DONE_MODE)->i, DW_V_VISIT_MODE_F2F);
    ck_assert(dw_str_eq(dw_fact_get(fact, DW_F_ENV_WORKER_REF)->s, DW_STR_LIT("SW-00412")));
    ck_assert(dw_str_eq(dw_fact_get(fact, DW_F_ENV_TEAM_ID)->s, DW_STR_LIT("team-07")));
    ck_assert_ptr_null(dw_fact_get(fact, DW_F_ENV_FAMILY_REF));
    ck_assert_ptr_ne(dw_fact_get(fact, DW_F_ENV_TEAM_ID)->s.ptr, ev.team_id.ptr); /* its own copy */
}
END_TEST

START_TEST(test_when)
{
    /* 22:30 UTC in July is 23:30 in London, 23:30 UTC is the next day */
    dw_event late = visit("late", at_utc(2021, 7, 1, 23, 30));
    dw_record_put(rec, &late, 0);
    ck_assert_int_eq(rec->facts[0].day, day_of(2021, 7, 2));
    /* a named date wins over occurred_at (readings 45) and is known to the day */
    dw_event review = event_make(DW_EV_PLAN_REVIEW, "r1", at_utc(2021, 8, 10, 10, 0));
    event_date(&review, DW_F_PLAN_REVIEW_HELD_ON, day_of(2021, 8, 3));
    dw_record_put(rec, &review, 1);
    ck_assert_int_eq(rec->facts[1].day, day_of(2021, 8, 3));
    ck_assert_int_eq(rec->facts[1].at_us, dw_london_start_us(day_of(2021, 8, 3)));
    ck_assert(rec->facts[1].flags & DW_FACTF_APPROXIMATE);
    /* on the same day occurred_at still gives the time */
    dw_event same = event_make(DW_EV_PLAN_REVIEW, "r2", at_utc(2021, 8, 10, 10, 0));
    event_date(&same, DW_F_PLAN_REVIEW_HELD_ON, day_of(2021, 8, 10));
    dw_record_put(rec, &same, 2);
    ck_assert_int_eq(rec->facts[2].at_us, at_utc(2021, 8, 10, 10, 0));
    ck_assert(!(rec->facts[2].flags & DW_FACTF_APPROXIMATE));
    /* known to the day only */
    dw_event day_only = visit("day", at_utc(2021, 8, 11, 12, 0));
    day_only.occurred_precision = DW_PRECISION_DATE;
    dw_record_put(rec, &day_only, 3);
    ck_assert_int_eq(rec->facts[3].at_us, dw_london_start_us(day_of(2021, 8, 11)));
    ck_assert(rec->facts[3].flags & DW_FACTF_APPROXIMATE);
    /* a named instant wins */
    dw_event back = event_make(DW_EV_MISSING_EPISODE, "m", at_utc(2021, 8, 20, 12, 0));
    event_at(&back, DW_F_MISSING_EPISODE_MIS_START, at_utc(2021, 8, 18, 1, 0));
    event_at(&back, DW_F_MISSING_EPISODE_RETURNED_AT, at_utc(2021, 8, 19, 1, 0));
    dw_record_put(rec, &back, 4);
    ck_assert_int_eq(rec->facts[4].at_us, at_utc(2021, 8, 19, 1, 0));
}
END_TEST

/* --- arrival order */

/* Revisions of one source record; any arrival order must leave the same fact. */
static dw_event revision(uint32_t number, int content, int recorded_day, dw_op op)
{
    dw_event ev = visit("one", at_utc(2021, 3, 1 + content, 10, 0));
    ev.source_revision = number;
    ev.op = op;
    ev.recorded_at_us = recorded_day == 0 ? 0 : at_utc(2021, 4, recorded_day, 9, 0);
    if (op == DW_OP_VOID)
        ev.value_count = 0;
    return ev;
}

static void permute(dw_event *events, int n, int at, void (*visit_order)(const dw_event *, int))
{
    if (at == n) {
        visit_order(events, n);
        return;
    }
    for (int i = at; i < n; i++) {
        dw_event swap = events[at];
        events[at] = events[i];
        events[i] = swap;
        permute(events, n, at + 1, visit_order);
        swap = events[at];
        events[at] = events[i];
        events[i] = swap;
    }
}

static dw_fact first_result;
static bool have_first;
static void one_order(const dw_event *events, int n)
{
    dw_record *mine = dw_record_new(DW_STR_LIT("941"), DW_STR_LIT("c-1"));
    for (int i = 0; i < n; i++)
        dw_record_put(mine, &events[i], 5);
    for (int i = 0; i < n; i++) /* and again: nothing */
        ck_assert_int_eq(dw_record_put(mine, &events[i], 6), DW_DUPLICATE);
    ck_assert_uint_eq(mine->fact_count, 1);
    dw_fact got = mine->facts[0];
    if (!have_first)
        first_result = got;
    have_first = true;
    ck_assert_uint_eq(got.revision, first_result.revision);
    ck_assert_uint_eq(got.flags, first_result.flags);
    ck_assert_uint_eq(got.content, first_result.content);
    ck_assert_int_eq(got.day, first_result.day);
    ck_assert_int_eq(got.recorded_us, first_result.recorded_us);
    ck_assert_int_eq(got.first_recorded_us, first_result.first_recorded_us);
    ck_assert_int_eq(got.offset, 5);
    dw_record_free(&mine);
}

static const struct {
    struct {
        uint32_t revision;
        int content, recorded_day;
        dw_op op;
    } events[4];
    int want_content; /* -1: void */
    uint32_t want_revision;
    int want_first; /* day of first_recorded, 0 = absent */
} orders[] = {
    {{{1, 1, 1, DW_OP_CREATE}, {2, 2, 5, DW_OP_AMEND}, {3, 3, 9, DW_OP_AMEND}, {2, 2, 5, DW_OP_AMEND}}, 3, 3, 1},
    /* a void before its create, below and above other revisions */
    {{{1, 1, 1, DW_OP_CREATE}, {2, 0, 4, DW_OP_VOID}, {1, 1, 1, DW_OP_CREATE}, {1, 1, 1, DW_OP_CREATE}}, -1, 2, 1},
    {{{1, 1, 1, DW_OP_CREATE}, {2, 0, 4, DW_OP_VOID}, {3, 2, 6, DW_OP_AMEND}, {2, 2, 3, DW_OP_AMEND}}, 2, 3, 1},
    {{{1, 1, 3, DW_OP_CREATE}, {1, 0, 2, DW_OP_VOID}, {1, 2, 9, DW_OP_AMEND}, {1, 1, 3, DW_OP_CREATE}}, -1, 1, 2},
    /* equal revision: the later recorded_at; none recorded is the least; then the content decides */
    {{{1, 1, 1, DW_OP_CREATE}, {1, 2, 2, DW_OP_CREATE}, {1, 3, 0, DW_OP_CREATE}, {1, 1, 1, DW_OP_CREATE}}, 2, 1, 1},
    {{{1, 1, 1, DW_OP_CREATE}, {1, 2, 1, DW_OP_CREATE}, {1, 3, 1, DW_OP_CREATE}, {1, 4, 1, DW_OP_CREATE}}, -2, 1, 1},
    /* an old revision that was recorded first, met last */
    {{{5, 1, 9, DW_OP_AMEND}, {4, 2, 2, DW_OP_AMEND}, {3, 3, 0, DW_OP_AMEND}, {1, 4, 7, DW_OP_CREATE}}, 1, 5, 2},
    {{{2, 1, 0, DW_OP_AMEND}, {1, 2, 0, DW_OP_CREATE}, {2, 1, 0, DW_OP_AMEND}, {1, 2, 0, DW_OP_CREATE}}, 1, 2, 0},
};

START_TEST(test_arrival_order)
{
    dw_event events[4];
    for (int i = 0; i < 4; i++)
        events[i] = revision(orders[_i].events[i].revision, orders[_i].events[i].content,
                             orders[_i].events[i].recorded_day, orders[_i].events[i].op);
    have_first = false;
    permute(events, 4, 0, one_order);
    ck_assert_uint_eq(first_result.revision, orders[_i].want_revision);
    ck_assert_int_eq((first_result.flags & DW_FACTF_VOID) != 0, orders[_i].want_content == -1);
    if (orders[_i].want_content >= 0)
        ck_assert_int_eq(first_result.day, day_of(2021, 3, 1 + orders[_i].want_content));
    ck_assert_int_eq(first_result.first_recorded_us,
                     orders[_i].want_first == 0 ? 0 : at_utc(2021, 4, orders[_i].want_first, 9, 0));
}
END_TEST

START_TEST(test_keys_and_counters)
{
    dw_event a = visit("one", at_utc(2021, 3, 1, 10, 0)), b = visit("two", at_utc(2021, 2, 1, 10, 0)), c = a;
    c.source_system = DW_STR_LIT("POLICE");
    c.unknown_codes = 2;
    ck_assert_int_eq(dw_record_put(rec, &a, 1), DW_APPLIED);
    ck_assert_int_eq(dw_record_put(rec, &b, 2), DW_APPLIED);
    ck_assert_int_eq(dw_record_put(rec, &c, 3), DW_APPLIED);
    ck_assert_int_eq(dw_record_put(rec, &c, 4), DW_DUPLICATE);
    ck_assert_uint_eq(rec->fact_count, 3);
    ck_assert_int_eq(rec->facts[0].day, day_of(2021, 2, 1));
    for (uint32_t i = 1; i < 3; i++)
        ck_assert(rec->facts[i - 1].day <= rec->facts[i].day);
    ck_assert_uint_eq(rec->counters[1], 3);
    ck_assert_uint_eq(rec->counters[2], 1);
    ck_assert_uint_eq(rec->counters[3], 2);
    /* an amendment moves the fact to its new day */
    a.source_revision = 2;
    a.op = DW_OP_AMEND;
    a.occurred_at_us = at_utc(2021, 1, 1, 10, 0);
    ck_assert_int_eq(dw_record_put(rec, &a, 5), DW_APPLIED);
    ck_assert_uint_eq(rec->fact_count, 3);
    ck_assert_int_eq(rec->facts[0].day, day_of(2021, 1, 1));
    ck_assert_int_eq(rec->facts[0].offset, 5);
}
END_TEST

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
    Suite *suite = suite_create("record");
    TCase *tc = tcase_create("record");
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_kept_fields);
    tcase_add_test(tc, test_when);
    tcase_add_loop_test(tc, test_arrival_order, 0, sizeof orders / sizeof orders[0]);
    tcase_add_test(tc, test_keys_and_counters);
    tcase_add_loop_test(tc, test_round_trip, 0, 24);
    tcase_add_test(tc, test_size);
    tcase_add_test(tc, test_new_record);
    tcase_add_test(tc, test_newer);
    tcase_add_test(tc, test_format_1);
    tcase_add_test(tc, test_next_instants);
    tcase_add_test(tc, test_damage);
    tcase_add_test(tc, test_shedding);
    tcase_add_test(tc, test_bad_pages);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

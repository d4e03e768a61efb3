/* check_record.c: what a fact is, and that the order of arrival does not matter. */

#include "tests/support/core_record.h"

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

int main(void)
{
    TCase *tc = tcase_create("record");
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_kept_fields);
    tcase_add_test(tc, test_when);
    tcase_add_loop_test(tc, test_arrival_order, 0, sizeof orders / sizeof orders[0]);
    tcase_add_test(tc, test_keys_and_counters);
    return run_suite_of(tc, "record");
}

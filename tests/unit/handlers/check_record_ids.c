/* check_record_ids.c: the id of a span that is used again after its records went to pages asks for them (record.h). */

#include "handlers/record.h"

#include "field_ids.h"
#include "tests/support/suite.h"
#include "tests/unit/handlers/events.h"

#include <stdlib.h>

static dw_record *rec;
static dw_encoded enc;

static void setup(void)
{
    rec = dw_record_new(DW_STR_LIT("301"), DW_STR_LIT("C-1"));
    ck_assert_ptr_nonnull(rec);
}

static void teardown(void)
{
    dw_record_free(&rec);
    dw_encoded_deinit(&enc);
}

/* More visits than a head holds, one every ten days: the older ones go to pages. */
static void fill(void)
{
    static char ids[2000][24];
    for (int i = 0; i < 2000; i++) {
        snprintf(ids[i], sizeof ids[i], "note-%d", i);
        dw_event ev = event_make(DW_EV_VISIT_DONE, ids[i], dw_london_start_us(18600 + 10 * i));
        ck_assert_int_eq(dw_record_put(rec, &ev, i), DW_APPLIED);
    }
    rec->clock_us = dw_london_start_us(18600 + 10 * 2000);
}

static dw_record *fold(void)
{
    dw_error err;
    dw_record *back = NULL;
    ck_assert_int_eq(dw_record_encode(rec, NULL, &enc, &err), DW_OK);
    ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len, &back, &err), DW_OK);
    ck_assert_uint_gt(back->page_count, 0);
    return back;
}

static const struct {
    dw_event_type type;
    uint16_t field;
} joined[] = {{DW_EV_PLAN_STARTED, DW_F_PLAN_STARTED_PLAN_ID},
              {DW_EV_PLAN_CHANGED, DW_F_PLAN_CHANGED_PLAN_ID},
              {DW_EV_PLAN_ENDED, DW_F_PLAN_ENDED_PLAN_ID},
              {DW_EV_PLACEMENT_STARTED, DW_F_PLACEMENT_STARTED_PLACEMENT_ID},
              {DW_EV_PLACEMENT_ENDED, DW_F_PLACEMENT_ENDED_PLACEMENT_ID},
              {DW_EV_MISSING_EPISODE, DW_F_MISSING_EPISODE_EPISODE_ID},
              {DW_EV_CONTACT_RECEIVED, DW_F_CONTACT_RECEIVED_CONTACT_ID},
              {DW_EV_REFERRAL_RECEIVED, DW_F_REFERRAL_RECEIVED_REFERRAL_ID},
              {DW_EV_WORKER_ALLOCATED, DW_F_WORKER_ALLOCATED_ALLOCATION_ID},
              {DW_EV_WORKER_ENDED, DW_F_WORKER_ENDED_ALLOCATION_ID}};

/* Begins the span of joined[i], in a way that asks for no pages by itself. */
static dw_event begin_again(int i, const char *record, const char *id, int64_t at_us)
{
    while (joined[i].type == DW_EV_PLAN_CHANGED || joined[i].type == DW_EV_PLAN_ENDED ||
           joined[i].type == DW_EV_PLACEMENT_ENDED || joined[i].type == DW_EV_WORKER_ENDED)
        i--;
    dw_event ev = event_make(joined[i].type, record, at_us);
    event_text(&ev, joined[i].field, id);
    return ev;
}

START_TEST(test_id_of_a_paged_span)
{
    dw_event first = event_make(joined[_i].type, "first", dw_london_start_us(18500));
    event_text(&first, joined[_i].field, "again");
    ck_assert_int_eq(dw_record_put(rec, &first, 0), DW_APPLIED);
    fill();
    dw_record *back = fold();
    int64_t now = dw_london_start_us(back->horizon);
    dw_event again = begin_again(_i, "second", "again", now), other = begin_again(_i, "second", "other", now);
    ck_assert(dw_record_needs_pages(back, &again));
    ck_assert(!dw_record_needs_pages(back, &other));
    dw_record_free(&back);
}
END_TEST

START_TEST(test_id_that_ended_before_the_horizon)
{
    static const int ends[] = {2, 4, 9};
    fill();
    dw_record *back = fold();
    int64_t now = dw_london_start_us(back->horizon);
    dw_event again = begin_again(ends[_i], "second", "again", now);
    dw_event ended = event_make(joined[ends[_i]].type, "end", now);
    event_text(&ended, joined[ends[_i]].field, "again");
    ck_assert_int_eq(dw_record_put(back, &ended, 0), DW_APPLIED);
    ck_assert(!dw_record_needs_pages(back, &again));
    back->horizon++;
    again.occurred_at_us = dw_london_start_us(back->horizon);
    ck_assert(dw_record_needs_pages(back, &again));
    dw_record_free(&back);
}
END_TEST

/* A plan of the head that has been open since before the horizon becomes one of another type: its duties come about anew from its
 * start on. What says nothing new needs no pages, nor does a plan that began since. */
START_TEST(test_plan_of_another_type)
{
    static const dw_event_type types[] = {DW_EV_PLAN_STARTED, DW_EV_PLAN_CHANGED};
    fill();
    dw_record *back = fold();
    int64_t now = dw_london_start_us(back->horizon);
    dw_event begun = event_make(DW_EV_PLAN_STARTED, "first", now), again = event_make(types[_i], "second", now);
    event_text(&begun, DW_F_PLAN_STARTED_PLAN_ID, "plan");
    event_text(&again, DW_F_PLAN_STARTED_PLAN_ID, "plan");
    event_code(&begun, DW_F_PLAN_STARTED_PLAN_TYPE, DW_V_PLAN_TYPE_PF);
    dw_event same = again;
    event_code(&again, DW_F_PLAN_STARTED_PLAN_TYPE, DW_V_PLAN_TYPE_CP);
    event_code(&same, DW_F_PLAN_STARTED_PLAN_TYPE, DW_V_PLAN_TYPE_PF);
    ck_assert_int_eq(dw_record_put(back, &begun, 0), DW_APPLIED);
    ck_assert(!dw_record_needs_pages(back, &again));
    back->horizon++;
    again.occurred_at_us = same.occurred_at_us = dw_london_start_us(back->horizon);
    ck_assert(dw_record_needs_pages(back, &again));
    ck_assert(!dw_record_needs_pages(back, &same));
    dw_record_free(&back);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record_ids");
    TCase *tc = tcase_create("ids");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_id_of_a_paged_span, 0, sizeof joined / sizeof joined[0]);
    tcase_add_loop_test(tc, test_id_that_ended_before_the_horizon, 0, 3);
    tcase_add_loop_test(tc, test_plan_of_another_type, 0, 2);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

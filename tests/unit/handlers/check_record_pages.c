/* check_record_pages.c: a child with more pages, or more closed alerts, than anybody should have is stored, read back whole
 * and stored again. */

#include "handlers/reconcile.h"

#include "field_ids.h"
#include "tests/support/suite.h"
#include "tests/unit/handlers/events.h"

#include <stdlib.h>

#define FACTS 13000 /* some 24 to a page */

static char ids[FACTS][DW_ID_BYTES_MAX + 1], plans[FACTS][DW_ID_BYTES_MAX + 1], workers[FACTS][DW_ID_BYTES_MAX + 1];

/* Visits whose three ids are as long as they may be. */
static dw_record *many_facts(void)
{
    dw_record *rec = dw_record_new(DW_STR_LIT("301"), DW_STR_LIT("C-1"));
    ck_assert_ptr_nonnull(rec);
    for (int i = 0; i < FACTS; i++) {
        snprintf(ids[i], sizeof ids[i], "%064d", i);
        snprintf(plans[i], sizeof plans[i], "p%063d", i);
        snprintf(workers[i], sizeof workers[i], "w%063d", i);
        dw_event ev = event_make(DW_EV_VISIT_DONE, ids[i], dw_london_start_us(14600) + i * INT64_C(7200000000));
        event_text(&ev, DW_F_VISIT_DONE_VISIT_ID, ids[i]);
        event_text(&ev, DW_F_VISIT_DONE_PLAN_ID, plans[i]);
        ev.worker_ref = dw_str_from(workers[i]);
        ck_assert_int_eq(dw_record_put(rec, &ev, i), DW_APPLIED);
        rec->clock_us = ev.occurred_at_us;
    }
    return rec;
}

static dw_record *read_back(const dw_encoded *enc)
{
    dw_error err = {0};
    dw_record *rec = NULL;
    ck_assert_msg(dw_record_decode(enc->head.data, enc->head.len, &rec, &err) == DW_OK, "%s", err.text);
    ck_assert_uint_eq(rec->page_count, enc->write_count);
    for (uint32_t i = 0; i < enc->write_count; i++) {
        const dw_page_write *page = &enc->writes[i];
        ck_assert_uint_eq(page->index, i);
        ck_assert_msg(dw_record_attach_page(rec, i, enc->pages.data + page->start, page->len, &err) == DW_OK, "%s",
                      err.text);
    }
    return rec;
}

START_TEST(test_many_pages)
{
    dw_error err = {0};
    dw_encoded enc = {0}, again = {0};
    dw_record *rec = many_facts();
    ck_assert_msg(dw_record_encode(rec, NULL, &enc, &err) == DW_OK, "%s", err.text);
    ck_assert_uint_gt(enc.write_count, 512);
    ck_assert_uint_le(enc.head.len, DW_HEAD_BYTES_MAX);
    dw_record *back = read_back(&enc);
    ck_assert_uint_eq(back->fact_count, FACTS);
    dw_event late = event_make(DW_EV_VISIT_DONE, "late", dw_london_start_us(14600));
    ck_assert_int_eq(dw_record_put(back, &late, FACTS), DW_APPLIED);
    ck_assert_msg(dw_record_encode(back, NULL, &again, &err) == DW_OK, "%s", err.text); /* all pages anew */
    ck_assert_uint_gt(again.write_count, 512);
    ck_assert_uint_le(again.head.len, DW_HEAD_BYTES_MAX);
    dw_record_free(&back);
    back = read_back(&again);
    ck_assert_uint_eq(back->fact_count, FACTS + 1);
    dw_record_free(&back);
    dw_record_free(&rec);
    dw_encoded_deinit(&enc);
    dw_encoded_deinit(&again);
}
END_TEST

/* Episodes of long ago whose facts are gone from the head: only the memory of their alerts is left. */
static void add_closed(dw_record *rec, uint32_t n)
{
    static char subjects[3000][16];
    rec->alerts = dw_arena_alloc(rec->arena, n * sizeof *rec->alerts);
    rec->alert_count = rec->alert_cap = n;
    for (uint32_t i = 0; i < n; i++) {
        snprintf(subjects[i], sizeof subjects[i], "episode-%05u", i);
        rec->alerts[i] = (dw_alert){.state = DW_AL_CLOSED,
                                    .rule_id = DW_STR_LIT("MI-01"),
                                    .subject_kind = DW_STR_LIT("episode"),
                                    .subject_id = dw_str_from(subjects[i]),
                                    .generation = 1 + i % 7,
                                    .due_kind = DW_DUE_DATE,
                                    .due_on = 18000 + (int32_t)i,
                                    .due_at_us = DW_AT_NONE,
                                    .opened_us = 18001 * INT64_C(86400000000) + i,
                                    .level_since_us = 18002 * INT64_C(86400000000) + i,
                                    .outcome = DW_OUT_DONE_LATE};
    }
}

START_TEST(test_many_closed_alerts)
{
    dw_error err = {0};
    dw_encoded enc = {0};
    dw_record *rec = dw_record_new(DW_STR_LIT("301"), DW_STR_LIT("C-1"));
    add_closed(rec, 3000);
    rec->alerts[17].state = DW_AL_OPEN; /* live: it stays */
    rec->alerts[18].touched = true;     /* its row is still to be written */
    rec->alerts[19].subject_kind = DW_STR_LIT("child");
    rec->alerts[19].subject_id = (dw_str){NULL, 0};
    rec->clock_us = dw_london_start_us(20000);
    ck_assert_msg(dw_record_encode(rec, NULL, &enc, &err) == DW_OK, "%s", err.text);
    ck_assert_uint_le(enc.head.len, DW_HEAD_BYTES_MAX);
    ck_assert_uint_eq(rec->alert_count, 3);
    dw_event again = event_make(DW_EV_MISSING_EPISODE, "new", rec->clock_us), ack = again, other = again;
    event_text(&again, DW_F_MISSING_EPISODE_EPISODE_ID, "episode-00100");
    ck_assert(dw_record_needs_pages(rec, &again));
    char id[DW_UUID_TEXT_LEN + 1];
    dw_alert_id(rec->la_code, rec->child_ref, DW_STR_LIT("MI-01"), DW_STR_LIT("episode"), DW_STR_LIT("episode-00100"),
                id);
    ack.type = DW_EV_ALERT_ACKNOWLEDGED;
    event_text(&ack, DW_F_ALERT_ACKNOWLEDGED_ALERT_ID, id);
    ck_assert(dw_record_needs_pages(rec, &ack));
    other.type = DW_EV_ALERT_ACKNOWLEDGED;
    event_text(&other, DW_F_ALERT_ACKNOWLEDGED_ALERT_ID, "00000000-0000-0000-0000-000000000001");
    ck_assert(!dw_record_needs_pages(rec, &other));
    dw_record *back = read_back(&enc);
    ck_assert_uint_eq(back->alert_count, 3000);
    for (uint32_t i = 0; i < 3000; i++) { /* in order again, the one about the child first */
        uint32_t was = i == 0 ? 19 : i <= 19 ? i - 1 : i;
        ck_assert_uint_eq(back->alerts[i].generation, 1 + was % 7);
        ck_assert_int_eq(back->alerts[i].due_on, 18000 + (int32_t)was);
        ck_assert_int_eq(back->alerts[i].due_at_us, DW_AT_NONE);
        ck_assert_int_eq(back->alerts[i].opened_us, 18001 * INT64_C(86400000000) + was);
        ck_assert_int_eq(back->alerts[i].level_since_us, 18002 * INT64_C(86400000000) + was);
    }
    dw_record_free(&back);
    dw_record_free(&rec);
    dw_encoded_deinit(&enc);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record_pages");
    TCase *tc = tcase_create("pages");
    tcase_add_test(tc, test_many_pages);
    tcase_add_test(tc, test_many_closed_alerts);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

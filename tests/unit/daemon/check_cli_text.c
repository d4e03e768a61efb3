// link: dw_cli
/* check_cli_text.c: dates, spans, alerts in words; differences of texts; figures read from a metrics page. */

#include "daemon/cli/diff.h"
#include "daemon/cli/scrape.h"
#include "daemon/cli/text.h"
#include "proto/json.h"
#include "tests/support/suite.h"

#include <stdio.h>

static int64_t at(const char *text)
{
    int64_t us = 0;
    ck_assert(dw_instant_parse(dw_str_from(text), &us));
    return us;
}

static const struct {
    const char *instant, *words;
} times[] = {
    {"2026-01-05T09:12:59Z", "Mon 5 Jan 2026 09:12"},  {"2026-07-31T23:30:00Z", "Sat 1 Aug 2026 00:30"},
    {"2026-03-29T00:59:00Z", "Sun 29 Mar 2026 00:59"}, {"2026-03-29T01:00:00Z", "Sun 29 Mar 2026 02:00"},
    {"2026-10-25T00:59:00Z", "Sun 25 Oct 2026 01:59"}, {"2026-10-25T01:00:00Z", "Sun 25 Oct 2026 01:00"},
    {"1999-12-31T23:59:00Z", "Fri 31 Dec 1999 23:59"},
};
START_TEST(times_are_londons)
{
    char out[DW_TEXT_TIME_MAX];
    ck_assert_str_eq(dw_text_time(at(times[_i].instant), out, sizeof(out)), times[_i].words);
}
END_TEST

static const struct {
    int64_t us;
    const char *words;
} lengths[] = {
    {0, "no time"},         {1000000, "1 second"},        {119000000, "1 minute"},   {7200000000, "2 hours"},
    {86400000000, "1 day"}, {-3 * 86400000000, "3 days"}, {86399000000, "23 hours"},
};
START_TEST(spans_name_their_largest_unit)
{
    char out[32];
    ck_assert_str_eq(dw_text_span(lengths[_i].us, out, sizeof(out)), lengths[_i].words);
}
END_TEST

START_TEST(due_dates_say_how_they_stand)
{
    char out[96];
    dw_transition tr = {.due_kind = DW_DUE_DATE, .due_on = dw_day_from_ymd(2026, 1, 5)};
    ck_assert_str_eq(dw_text_due(&tr, at("2026-01-05T23:00:00Z"), out, sizeof(out)), "due Mon 5 Jan 2026 (today)");
    ck_assert_str_eq(dw_text_due(&tr, at("2026-01-08T00:00:00Z"), out, sizeof(out)), "due Mon 5 Jan 2026 (3 days ago)");
    ck_assert_str_eq(dw_text_due(&tr, at("2026-01-04T23:00:00Z"), out, sizeof(out)), "due Mon 5 Jan 2026 (in 1 day)");
    tr = (dw_transition){.due_kind = DW_DUE_INSTANT, .due_at_us = at("2026-01-05T10:00:00Z")};
    ck_assert_str_eq(dw_text_due(&tr, at("2026-01-05T11:30:00Z"), out, sizeof(out)),
                     "due Mon 5 Jan 2026 10:00 (1 hour ago)");
    tr.due_kind = DW_DUE_NONE;
    ck_assert_str_eq(dw_text_due(&tr, 0, out, sizeof(out)), "raised Thu 1 Jan 1970");
}
END_TEST

/* Every kind says something, and nothing that belongs to another child or post. */
START_TEST(every_transition_has_a_sentence)
{
    dw_transition tr = {.kind = (dw_transition_kind)_i,
                        .outcome = DW_OUT_DONE_LATE,
                        .level = 1,
                        .count = 2,
                        .due_kind = DW_DUE_DATE,
                        .due_on = dw_day_from_ymd(2026, 1, 5),
                        .review_by = dw_day_from_ymd(2026, 1, 9),
                        .la_code = DW_STR_LIT("936"),
                        .child_ref = DW_STR_LIT("c-1"),
                        .subject_kind = DW_STR_LIT("plan"),
                        .subject_id = DW_STR_LIT("p-1"),
                        .post = DW_STR_LIT("team-07"),
                        .reason_code = DW_STR_LIT("SICK")};
    char out[640];
    dw_text_transition(&tr, DW_STR_LIT("Visit overdue"), out, sizeof(out));
    static const char begin[] = "Visit overdue for 936/c-1 (plan p-1), due Mon 5 Jan 2026: ";
    ck_assert_uint_gt(strlen(out), sizeof(begin) - 1);
    ck_assert_int_eq(strncmp(out, begin, sizeof(begin) - 1), 0);
    char small[16];
    ck_assert_uint_lt(strlen(dw_text_transition(&tr, DW_STR_LIT("Visit overdue"), small, sizeof(small))),
                      sizeof(small));
}
END_TEST

/* --- differences */
typedef struct collected {
    char text[400];
} collected;
static void collect(void *user, char sign, size_t line, dw_str text)
{
    collected *c = user;
    size_t len = strlen(c->text);
    snprintf(c->text + len, sizeof(c->text) - len, "%c%zu%.*s ", sign, line, DW_STR_ARG(text));
}
static const struct {
    const char *before, *after, *expected;
    size_t count;
} diffs[] = {
    {"a\nb\nc\n", "a\nb\nc\n", "", 0},
    {"a\nb\nc\n", "a\nc\n", "-2b ", 1},
    {"a\nc\n", "a\nb\nc\n", "+2b ", 1},
    {"a\nb\nc\n", "a\nx\nc\n", "-2b +2x ", 2},
    {"", "a\n", "+1a ", 1},
    {"a", "", "-1a ", 1},
    {"a\nb\nc\nd\n", "b\nd\ne\n", "-1a -3c +3e ", 3},
};
START_TEST(differences_are_the_shortest)
{
    collected c = {""};
    ck_assert_uint_eq(dw_diff(dw_str_from(diffs[_i].before), dw_str_from(diffs[_i].after), collect, &c),
                      diffs[_i].count);
    ck_assert_str_eq(c.text, diffs[_i].expected);
}
END_TEST

START_TEST(figures_are_read_by_partition)
{
    static const char page[] = "HTTP/1.0 200 OK\r\n\r\n"
                               "# HELP driftwatch_outbox_rows Rows.\n"
                               "driftwatch_outbox_rows{partition=\"1\"} 7\n"
                               "driftwatch_outbox_rows{partition=\"11\"} 9\n"
                               "driftwatch_shard_hold{partition=\"1\",hold=\"anchor_differs\"} 0\n"
                               "driftwatch_shard_hold{partition=\"11\",hold=\"policy\"} 1\n"
                               "driftwatch_shard_hold{partition=\"1\",hold=\"dead_letters\"} 1\n";
    char hold[40];
    ck_assert_int_eq((int)dw_scrape_value(page, "driftwatch_outbox_rows", 1, -1), 7);
    ck_assert_int_eq((int)dw_scrape_value(page, "driftwatch_outbox_rows", 11, -1), 9);
    ck_assert_int_eq((int)dw_scrape_value(page, "driftwatch_outbox_rows", 2, -1), -1);
    dw_scrape_hold(page, 1, hold, sizeof(hold));
    ck_assert_str_eq(hold, "dead_letters");
    dw_scrape_hold(page, 2, hold, sizeof(hold));
    ck_assert_str_eq(hold, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli text");
    TCase *tests = tcase_create("words");
    tcase_add_loop_test(tests, times_are_londons, 0, sizeof(times) / sizeof(times[0]));
    tcase_add_loop_test(tests, spans_name_their_largest_unit, 0, sizeof(lengths) / sizeof(lengths[0]));
    tcase_add_test(tests, due_dates_say_how_they_stand);
    tcase_add_loop_test(tests, every_transition_has_a_sentence, DW_TR_OPENED, DW_TR_COUNT);
    tcase_add_loop_test(tests, differences_are_the_shortest, 0, sizeof(diffs) / sizeof(diffs[0]));
    tcase_add_test(tests, figures_are_read_by_partition);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}

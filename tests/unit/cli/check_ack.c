/* check_ack.c: what `ack` says of an answer: refused, shortened, taken as it is, only noted. */

#include "daemon/cli/ack_told.h"
#include "daemon/cli/shipped.h"
#include "handlers/reconcile.h"
#include "proto/json.h"
#include "tests/support/suite.h"

#include <stdlib.h>

static int32_t day(const char *text)
{
    int32_t out = 0;
    ck_assert(dw_date_parse(dw_str_from(text), &out));
    return out;
}

START_TEST(a_review_date_in_the_past_is_refused)
{
    dw_error err = {0};
    ck_assert_int_eq(dw_ack_check(day("2026-11-23"), day("2026-11-22"), &err), DW_OK);
    ck_assert_int_eq(dw_ack_check(day("2026-11-22"), day("2026-11-22"), &err), DW_OK); /* to the end of today */
    ck_assert_int_eq(dw_ack_check(day("2026-11-21"), day("2026-11-22"), &err), DW_E_INVAL);
    ck_assert_str_eq(err.text,
                     "the review date Sat 21 Nov 2026 is past (today is Sun 22 Nov 2026): nothing was answered");
}
END_TEST

/* The shipped standards: 1, 5 and 10 working days. Christmas Day, the 28th (for the 26th, a Saturday) and
 * New Year's Day do not count. */
static const struct {
    dw_priority priority;
    const char *cap;
} caps[] = {{DW_P1, "2026-12-24"}, {DW_P2, "2027-01-04"}, {DW_P3, "2027-01-11"}};
START_TEST(the_longest_is_by_the_ladder_of_the_alert)
{
    dw_problems problems = {0};
    dw_policy *policy = dw_policy_from_dir(NULL, &problems);
    ck_assert_ptr_nonnull(policy);
    dw_alert alerts[] = {
        {.rule_id = DW_STR_LIT("CP-07"), .subject_kind = DW_STR_LIT("plan"), .subject_id = DW_STR_LIT("P1")},
        {.rule_id = DW_STR_LIT("CP-07"), .subject_kind = DW_STR_LIT("plan"), .subject_id = DW_STR_LIT("P2")}};
    alerts[0].ladder.review_max_days = 99;
    alerts[1].ladder = *dw_policy_ladder(policy, caps[_i].priority);
    dw_record rec = {.la_code = DW_STR_LIT("936"), .child_ref = DW_STR_LIT("c"), .alerts = alerts, .alert_count = 2};
    char id[DW_UUID_TEXT_LEN + 1];
    dw_alert_id(rec.la_code, rec.child_ref, alerts[1].rule_id, alerts[1].subject_kind, alerts[1].subject_id, id);
    int32_t today = day("2026-12-23");
    ck_assert_int_eq(dw_ack_review_cap(&rec, policy, id, today), day(caps[_i].cap));
    ck_assert_int_eq(dw_ack_review_cap(&rec, NULL, id, today), DW_DAY_NONE);
    ck_assert_int_eq(dw_ack_review_cap(NULL, policy, id, today), DW_DAY_NONE);
    rec.alert_count = 1;
    ck_assert_int_eq(dw_ack_review_cap(&rec, policy, id, today), DW_DAY_NONE);
    dw_policy_unref(&policy);
    dw_problems_deinit(&problems);
}
END_TEST

static const struct {
    uint32_t level;
    const char *asked, *cap, *in_force, *told;
} answers[] = {
    {1, "2026-11-26", "2026-11-27", "2026-11-26", "answered at team manager level, review by Thu 26 Nov 2026"},
    {1, "2026-11-27", "2026-11-27", "2026-11-27", "answered at team manager level, review by Fri 27 Nov 2026"},
    {1, "2027-01-04", "2026-11-27", "2026-11-27",
     "answered at team manager level, review by Fri 27 Nov 2026, the longest that is allowed (asked for: Mon 4 Jan "
     "2027)"},
    {1, "2027-01-04", NULL, NULL,
     "answered at team manager level, review by Mon 4 Jan 2027, or sooner when that is longer than allowed"},
    {2, "2026-11-26", "2026-11-27", NULL,
     "only noted: the answer is of service manager level, the alert stands at team manager level"},
};
START_TEST(the_date_in_force_is_told)
{
    char told[DW_ACK_TOLD_MAX];
    dw_transition row = {.level = 1};
    dw_ack ack = {.level = answers[_i].level, .review_by = day(answers[_i].asked)};
    int32_t cap = answers[_i].cap != NULL ? day(answers[_i].cap) : DW_DAY_NONE;
    int32_t in_force = answers[_i].in_force != NULL ? day(answers[_i].in_force) : DW_DAY_NONE;
    ck_assert_int_eq(dw_ack_review_by(&row, &ack, cap), in_force);
    ck_assert_str_eq(dw_ack_told(&row, &ack, cap, told, sizeof(told)), answers[_i].told);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ack");
    TCase *tests = tcase_create("told");
    tcase_add_test(tests, a_review_date_in_the_past_is_refused);
    tcase_add_loop_test(tests, the_longest_is_by_the_ladder_of_the_alert, 0, sizeof(caps) / sizeof(caps[0]));
    tcase_add_loop_test(tests, the_date_in_force_is_told, 0, sizeof(answers) / sizeof(answers[0]));
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}

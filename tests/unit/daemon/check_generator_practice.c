// link: dw_cli dw_config
/* check_generator_practice.c: the simulated authority under the shipped standards: its staff practise every duty, mostly
 * in time; the children who drift are found. */

#include "daemon/cli/gen.h"
#include "daemon/cli/inproc.h"
#include "handlers/calendar.h"
#include "tests/support/core_standards.h"
#include "tests/support/suite.h"

#define RULES_MAX 128

/* What a year of a quarter of a county makes of alerts, by rule. */
typedef struct year {
    size_t events, transitions, opened, escalated;
    struct {
        char id[DW_RULE_ID_BYTES_MAX + 1];
        size_t found; /* opened or flagged */
    } rules[RULES_MAX];
    size_t rule_count;
} year;

static size_t *found(year *y, dw_str id)
{
    size_t i = 0;
    while (i < y->rule_count && !dw_str_eq(id, dw_str_from(y->rules[i].id)))
        i++;
    ck_assert_uint_lt(i, RULES_MAX);
    if (i == y->rule_count) {
        y->rule_count++;
        snprintf(y->rules[i].id, sizeof(y->rules[i].id), "%.*s", (int)id.len, id.ptr);
    }
    return &y->rules[i].found;
}

static void count(void *user, const dw_transition *tr)
{
    year *y = user;
    bool opens = tr->kind == DW_TR_OPENED || tr->kind == DW_TR_REOPENED || tr->kind == DW_TR_FLAGGED;
    y->transitions++;
    y->opened += opens;
    y->escalated += tr->kind == DW_TR_ESCALATED;
    *found(y, tr->rule_id) += opens;
}

static void live_a_year(uint64_t seed, year *y)
{
    int32_t from = dw_day_from_ymd(2025, 10, 1);
    dw_gen_config config = {
        .seed = seed, .from_day = from, .to_day = from + 365, .scale = 0.25, .la_code = "936", .tick_hours = 24};
    dw_gen *gen = NULL;
    dw_inproc *in = NULL;
    dw_inproc_out out;
    dw_error err = {0};
    dw_policy *policy = shipped_policy(1, NULL);
    dw_event *ev = malloc(sizeof(*ev));
    int64_t log_us = 0;
    ck_assert_int_eq(dw_gen_new(&config, &gen, &err), DW_OK);
    ck_assert_int_eq(dw_inproc_new(policy, DW_INPROC_FIXED, &in, &err), DW_OK);
    dw_inproc_on_transition(in, count, y);
    while (dw_gen_next(gen, ev, &log_us, &err)) {
        y->events++;
        ck_assert_int_eq(dw_inproc_event(in, ev, log_us, (int64_t)y->events, &out, &err), DW_OK);
        ck_assert_int_ne(out.fate, DW_INPROC_DEAD);
    }
    ck_assert_int_eq(err.code, DW_OK);
    dw_inproc_free(&in);
    dw_policy_unref(&policy);
    dw_gen_free(&gen);
    free(ev);
}

START_TEST(a_year_looks_like_an_authority)
{
    year *y = calloc(1, sizeof(*y));
    live_a_year(1, y);
    ck_assert_uint_gt(y->events, 80000);
    /* of a hundred events four to six raise something, and one or two go up */
    ck_assert_uint_gt(y->opened * 100, y->events * 3);
    ck_assert_uint_lt(y->opened * 100, y->events * 6);
    ck_assert_uint_lt(y->transitions * 100, y->events * 11);
    ck_assert_uint_lt(y->escalated * 100, y->events * 5 / 2);
    /* no rule is broken all the time */
    for (size_t i = 0; i < y->rule_count; i++)
        ck_assert_msg(y->rules[i].found * 4 < y->opened, "%s alone: %zu of %zu", y->rules[i].id, y->rules[i].found,
                      y->opened);
    free(y);
}
END_TEST

/* Rules whose subject every year of a quarter of a county has often enough. */
START_TEST(who_drifts_is_found)
{
    static const char *const rules[] = {
        "CP-01", "CP-03", "CP-04", "CP-05", "CP-06",  "CP-07", "CP-08", "CP-11", "CN-01", "CN-02", "CN-03",
        "LA-01", "LA-02", "LA-03", "LA-06", "LA-13",  "LA-15", "HA-02", "PP-01", "CL-02", "CL-03", "ST-01",
        "SU-01", "SU-02", "SU-03", "DR-01", "DR-01V", "DR-02", "DR-04", "DR-05", "MI-01", "MI-02", "MI-03",
        "MI-04", "MI-05", "MI-06", "FD-01", "FD-04",  "FD-05", "AS-01", "AS-03", "RE-01", "PL-02"};
    year *y = calloc(1, sizeof(*y));
    live_a_year(1, y);
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        ck_assert_msg(*found(y, dw_str_from(rules[i])) != 0, "%s never", rules[i]);
    free(y);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("generator_practice");
    TCase *tests = tcase_create("year");
    tcase_set_timeout(tests, 240);
    tcase_add_test(tests, a_year_looks_like_an_authority);
    tcase_add_test(tests, who_drifts_is_found);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}

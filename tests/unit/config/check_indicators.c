/* check_indicators.c: figures that could not count, refused with their line. */

#include "config/indicators_load.h"

#include "config/policy_load.h"
#include "tests/support/suite.h"

#include <stdlib.h>

static const char standards[] = "rules:\n  - {id: OFF-1, enabled: false}\n";

/* Everything wrong with the figure, as "line: text; "; empty: it was taken. */
static void problems_of(const char *figure, char *out, size_t size)
{
    char text[1024];
    dw_error err = {0};
    dw_problems problems = {0};
    dw_policy *policy = dw_policy_new(1 << 20);
    snprintf(text, sizeof(text), "indicators:\n  - id: X\n    form: all\n    title: T\n%s", figure);
    dw_policy_set_calendar(policy, dw_calendar_new(NULL, 0, NULL, 0, 540, 1020));
    ck_assert_msg(dw_policy_seal(policy, &err) == DW_OK, "%s", err.text);
    dw_indicators *list = dw_indicators_load("f", dw_str_from(text), policy, dw_str_from(standards), &problems);
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < problems.count; i++)
        len += (size_t)snprintf(out + len, size - len, "%u: %s; ", problems.items[i].line, problems.items[i].text);
    ck_assert(list == NULL || problems.errors == 0);
    if (list != NULL && list->items[0].missing.len != 0)
        snprintf(out + len, size - len, "missing %.*s", DW_STR_ARG(list->items[0].missing));
    dw_indicators_free(&list);
    dw_problems_deinit(&problems);
    dw_policy_unref(&policy);
}

static const struct {
    const char *figure, *problems;
} rows[] = {
    {"    count: open\n    over: care\n    counted: true\n", ""},
    {"    count: fell_due\n    rules: [OFF-1]\n", "missing OFF-1"},
    {"    count: fell_due\n    rules: [NO-1]\n", "6: rules: there is no rule NO-1; "},
    {"    count: opne\n    over: care\n", "5: count must say what is counted; did you mean open?; "},
    {"    count: open\n    counted: true\n", "2: over is missing: whom or what it counts; "},
    {"    count: open\n    over: care\n",
     "2: nothing says what the numerator counts; a plain count is counted: true; "},
    {"    count: open\n    over: care\n    rules: [OFF-1]\n", "7: rules does not belong to count: open; "},
    {"    count: began\n    over: care\n    rules: [OFF-1]\n",
     "2: over says nothing here: the rules say what their duties hang on; "},
    {"    count: began\n", "2: rules is missing: whose duties it counts; "},
    {"    count: started\n    over: episode\n    at_least: 2\n", "2: at_least belongs to per: child; "},
    {"    count: started\n    over: referral\n    earlier: referral\n", "2: earlier needs within: how long before; "},
    {"    count: open\n    over: care\n    longer_than: 3 working days\n",
     "7: longer_than counts days, weeks, months or hours; "},
};

START_TEST(each_fault_is_named)
{
    char got[1024];
    problems_of(rows[_i].figure, got, sizeof(got));
    ck_assert_str_eq(got, rows[_i].problems);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("indicators");
    TCase *cases = tcase_create("indicators");
    tcase_add_loop_test(cases, each_fault_is_named, 0, sizeof(rows) / sizeof(rows[0]));
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

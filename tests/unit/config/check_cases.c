/* check_cases.c: one bad file per error, with the position and text that people must be told (cases/NAME.cases). */

#include "config/policy_load.h"
#include "config/settings.h"
#include "tests/unit/config/cases.h"

#include <check.h>
#include <unistd.h>

static case_item *items;
static size_t item_count;

/* What is not under test comes from the shipped files. */
static void load_policy(const char *standards, const char *calendar, const char *organisation, dw_problems *problems)
{
    char *defaults[3] = {case_file("config/default/standards.yaml"), case_file("config/default/bank-holidays.json"),
                         case_file("config/default/organisation.yaml")};
    dw_policy_text text = {
        .number = 1,
        .digest = DW_STR_LIT("00"),
        .standards = dw_str_from(standards != NULL ? standards : defaults[0]),
        .calendar = dw_str_from(calendar != NULL ? calendar : defaults[1]),
        .organisation = dw_str_from(organisation != NULL ? organisation : defaults[2]),
    };
    dw_policy *policy = dw_policy_load(&text, NULL, problems);
    ck_assert((policy == NULL) == (problems->errors != 0));
    dw_policy_unref(&policy);
    for (size_t i = 0; i < 3; i++)
        free(defaults[i]);
}

START_TEST(rules_case)
{
    dw_problems problems = {0};
    load_policy(items[_i].text, NULL, NULL, &problems);
    case_check(&items[_i], &problems);
    dw_problems_deinit(&problems);
}
END_TEST

START_TEST(holidays_case)
{
    dw_problems problems = {0};
    load_policy(NULL, items[_i].text, NULL, &problems);
    case_check(&items[_i], &problems);
    dw_problems_deinit(&problems);
}
END_TEST

START_TEST(organisation_case)
{
    dw_problems problems = {0};
    load_policy(NULL, NULL, items[_i].text, &problems);
    case_check(&items[_i], &problems);
    dw_problems_deinit(&problems);
}
END_TEST

START_TEST(settings_case)
{
    char path[] = "/tmp/check_settings.XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    size_t len = strlen(items[_i].text);
    ck_assert_int_eq(write(fd, items[_i].text, len), (ssize_t)len);
    close(fd);
    dw_problems problems = {0};
    dw_settings *settings = dw_settings_load(path, &problems);
    unlink(path);
    ck_assert((settings == NULL) == (problems.errors != 0));
    case_check(&items[_i], &problems);
    dw_settings_free(&settings);
    dw_problems_deinit(&problems);
}
END_TEST

/* The good file that the bad ones are made from must be good, or they would prove nothing. */
START_TEST(base_is_good)
{
    dw_problems problems = {0};
    char *rules = case_file("rules.yaml"), *organisation = case_file("organisation.yaml");
    load_policy(rules, NULL, organisation, &problems);
    dw_problems_print(&problems, stdout);
    ck_assert_uint_eq(problems.count, 0);
    dw_problems_deinit(&problems);
    free(rules);
    free(organisation);
}
END_TEST

/* Each file of cases is a run of its own: the loop bounds must be known before forking. */
static int run(const char *file, const TTest *test)
{
    item_count = cases_load(file, &items);
    Suite *suite = suite_create(file);
    TCase *tc = tcase_create("cases");
    tcase_set_timeout(tc, 30);
    _tcase_add_test(tc, test, 0, 0, 0, (int)item_count);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    cases_free(&items, item_count);
    return failed;
}

int main(void)
{
    unsetenv("CREDENTIALS_DIRECTORY");
    Suite *suite = suite_create("cases");
    TCase *tc = tcase_create("base");
    tcase_add_test(tc, base_is_good);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    failed += run("rules.cases", rules_case);
    failed += run("holidays.cases", holidays_case);
    failed += run("organisation.cases", organisation_case);
    failed += run("settings.cases", settings_case);
    return failed == 0 ? 0 : 1;
}

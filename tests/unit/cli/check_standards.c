/* check_standards.c: `driftwatch standards` and an authority's own file in a policy's directory. */

#include "daemon/cli/cli.h"
#include "daemon/cli/shipped.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <unistd.h>

#define DIR DW_SOURCE_DIR "/tests/unit/cli/standards/"

static char *words_of(const char *word)
{
    return (char *)(uintptr_t)word; /* getopt wants them so and changes nothing but their order */
}

static int captured(FILE *file, int count, char **words)
{
    fflush(NULL);
    int old_out = dup(1), old_err = dup(2);
    dup2(fileno(file), 1);
    dup2(fileno(file), 2);
    int code = dw_cli_run(count, words);
    fflush(NULL);
    dup2(old_out, 1);
    dup2(old_err, 2);
    close(old_out);
    close(old_err);
    return code;
}

/* Runs the verb on a directory; `out` is what it said. */
static int standards(const char *dir, const char *option, const char *value, char *out, size_t size)
{
    char *words[] = {words_of("driftwatch"),
                     words_of("standards"),
                     words_of("--policy"),
                     words_of(dir),
                     words_of(option),
                     words_of(value),
                     NULL};
    FILE *file = tmpfile();
    ck_assert_ptr_nonnull(file);
    int code = captured(file, option == NULL ? 4 : value == NULL ? 5 : 6, words);
    rewind(file);
    out[fread(out, 1, size - 1, file)] = '\0';
    fclose(file);
    return code;
}

static void read_text(const char *path, char *out, size_t size)
{
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s", path);
    out[fread(out, 1, size - 1, file)] = '\0';
    fclose(file);
}

START_TEST(the_table)
{
    char got[8192], want[8192];
    ck_assert_int_eq(standards(DIR "policy", NULL, NULL, got, sizeof(got)), DW_EXIT_OK);
    read_text(DIR "table.txt", want, sizeof(want));
    ck_assert_str_eq(got, want);
}
END_TEST

/* The shipped list of bank holidays ends on 26 December 2028. */
START_TEST(the_end_of_the_holidays)
{
    char got[2048];
    ck_assert_int_eq(standards(DIR "policy", "--check", "--at=2027-12-26", got, sizeof(got)), DW_EXIT_OK);
    ck_assert_str_eq(got, "");
    ck_assert_int_eq(standards(DIR "policy", "--check", "--at=2027-12-27", got, sizeof(got)), DW_EXIT_FAILED);
    ck_assert_ptr_nonnull(strstr(got, "the list of bank holidays ends on Tue 26 Dec 2028"));
}
END_TEST

START_TEST(the_shipped_standards_are_clean)
{
    char got[2048];
    ck_assert_int_eq(standards(DW_SOURCE_DIR "/config/default", "--check", "--at=2026-11-22", got, sizeof(got)),
                     DW_EXIT_OK);
    ck_assert_str_eq(got, "");
}
END_TEST

/* Caseloads are a worker's, not a child's: who reads the table must not take them for watched. */
START_TEST(a_rule_about_workers_is_not_watched)
{
    static char got[1 << 18];
    ck_assert_int_eq(standards(DW_SOURCE_DIR "/config/default", NULL, NULL, got, sizeof(got)), DW_EXIT_OK);
    const char *caseload = strstr(got, "\nWL-01  ");
    ck_assert_ptr_nonnull(caseload);
    const char *said = strstr(caseload, "raises         nothing: it is listed, and not watched (per: worker)");
    ck_assert_ptr_nonnull(said);
    const char *next = strstr(caseload, "\n\n");
    ck_assert(next == NULL || said < next);
}
END_TEST

/* What replay and test load from a directory: the authority's file counts there, too, and its faults bear its name. */
START_TEST(a_directory_with_an_own_file)
{
    dw_problems problems = {0};
    dw_policy *policy = dw_policy_from_dir(DIR "policy", &problems);
    ck_assert_ptr_nonnull(policy);
    ck_assert_int_eq(dw_policy_find_rule(policy, DW_STR_LIT("XX-01"))->limits[0].n, 5);
    dw_policy_unref(&policy);
    char got[2048];
    ck_assert_int_eq(standards(DIR "laxer", "--check", NULL, got, sizeof(got)), DW_EXIT_FAILED);
    ck_assert_ptr_nonnull(strstr(got, "laxer/standards.local.yaml:3:18: error: XX-01 is a statutory rule"));
    dw_problems_deinit(&problems);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("standards");
    TCase *tc = tcase_create("standards");
    tcase_set_timeout(tc, 30);
    tcase_add_test(tc, the_table);
    tcase_add_test(tc, the_end_of_the_holidays);
    tcase_add_test(tc, the_shipped_standards_are_clean);
    tcase_add_test(tc, a_rule_about_workers_is_not_watched);
    tcase_add_test(tc, a_directory_with_an_own_file);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

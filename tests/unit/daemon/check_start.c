/* Command line, key file and policy files: what happens before the daemon runs. */

#include "daemon/options.h"
#include "daemon/policy_files.h"
#include "daemon/setup.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *arguments[5];
    bool ok;
    dw_verb verb;
    const char *config, *told; /* told: what is wrong */
} lines[] = {
    {{NULL}, true, DW_VERB_RUN, NULL, NULL},
    {{"--config", "a.yaml", NULL}, true, DW_VERB_RUN, "a.yaml", NULL},
    {{"-c", "a.yaml", "--check-config", NULL}, true, DW_VERB_CHECK, "a.yaml", NULL},
    {{"--setup", "--config=b", NULL}, true, DW_VERB_SETUP, "b", NULL},
    {{"--print-sample", NULL}, true, DW_VERB_SAMPLE, NULL, NULL},
    {{"--print-consumer-settings", NULL}, true, DW_VERB_CONSUMER_SETTINGS, NULL, NULL},
    {{"-V", NULL}, true, DW_VERB_VERSION, NULL, NULL},
    {{"--help", NULL}, true, DW_VERB_HELP, NULL, NULL},
    {{"--check-config", "-c", "a", "--check-config", NULL}, true, DW_VERB_CHECK, "a", NULL},
    {{"--check-config", "--setup", NULL}, false, DW_VERB_RUN, NULL, "one thing at a time: --setup is the second"},
    {{"--help", "--version", NULL}, true, DW_VERB_HELP, NULL, NULL},
    {{"--version", "--help", NULL}, true, DW_VERB_HELP, NULL, NULL}, /* help whatever else is asked */
    {{"--version", "--setup", NULL}, false, DW_VERB_RUN, NULL, "one thing at a time: --setup is the second"},
    {{"--nonsense", NULL}, false, DW_VERB_RUN, NULL, "there is no option --nonsense"},
    {{"--config", NULL}, false, DW_VERB_RUN, NULL, "--config needs a value"},
    {{"stray", NULL}, false, DW_VERB_RUN, NULL, "'stray' is one word too many"},
    {{"--config", "a", "--config", "b", NULL}, false, DW_VERB_RUN, NULL, "--config is given twice"},
    {{"-c", "a", "--setup", "-cb", NULL}, false, DW_VERB_RUN, NULL, "--config is given twice"},
    {{"-c", "a", "--config=a", NULL}, true, DW_VERB_RUN, "a", NULL},
    {{"-c", NULL}, false, DW_VERB_RUN, NULL, "--config needs a value"},
    {{"-Vx", NULL}, false, DW_VERB_RUN, NULL, "there is no option -x"},
    {{"--version=3", NULL}, false, DW_VERB_RUN, NULL, "--version takes no value"},
    {{"--print", NULL}, false, DW_VERB_RUN, NULL, "--print could be --print-sample or --print-consumer-settings"},
};

START_TEST(command_lines)
{
    char *argv[8] = {(char *)"driftwatchd"};
    int argc = 1;
    for (size_t i = 0; lines[_i].arguments[i] != NULL; i++)
        argv[argc++] = (char *)lines[_i].arguments[i];
    dw_options options;
    dw_error err = {.text = ""};
    ck_assert_int_eq(dw_options_parse(argc, argv, &options, &err), lines[_i].ok);
    if (!lines[_i].ok) {
        ck_assert_str_eq(err.text, lines[_i].told);
        return;
    }
    ck_assert_int_eq(options.verb, lines[_i].verb);
    ck_assert_int_eq(options.config == NULL, lines[_i].config == NULL);
    if (options.config != NULL)
        ck_assert_str_eq(options.config, lines[_i].config);
}
END_TEST

START_TEST(a_key_is_private_random_and_never_overwritten)
{
    char path[2][64];
    char *key[2] = {NULL};
    for (int i = 0; i < 2; i++) {
        struct stat st;
        size_t len = 0;
        dw_error err;
        snprintf(path[i], sizeof(path[i]), "/tmp/dw-check-key-%d-%d", (int)getpid(), i);
        ck_assert_int_eq(dw_setup_key(path[i], &err), DW_OK);
        ck_assert_int_eq(stat(path[i], &st), 0);
        ck_assert_int_eq(st.st_mode & 07777, 0600);
        ck_assert_int_eq(dw_secret_read(path[i], &key[i], &len, &err), DW_OK);
        ck_assert_uint_eq(len, 64);
        ck_assert_uint_eq(strspn(key[i], "0123456789abcdef"), 64);
        ck_assert_int_eq(dw_setup_key(path[i], &err), DW_E_IO);
    }
    ck_assert_str_ne(key[0], key[1]);
    for (int i = 0; i < 2; i++) {
        free(key[i]);
        unlink(path[i]);
    }
}
END_TEST

static dw_settings shipped(void)
{
    return (dw_settings){.policy_standards = (char *)DW_SOURCE_DIR "/config/default/standards.yaml",
                         .policy_bank_holidays = (char *)DW_SOURCE_DIR "/config/default/bank-holidays.json",
                         .policy_organisation = (char *)DW_SOURCE_DIR "/config/default/organisation.yaml",
                         .policy_cut_over = (char *)""};
}

START_TEST(the_shipped_policy_is_read)
{
    dw_problems problems = {0};
    dw_policy_files files;
    dw_settings settings = shipped();
    ck_assert(dw_policy_files_read(&settings, &files, &problems));
    ck_assert_uint_eq(problems.errors, 0);
    ck_assert_uint_eq(files.text.number, 1);
    ck_assert_uint_eq(strlen(files.digest), 64);
    ck_assert(dw_str_eq(files.text.digest, dw_str_from(files.digest)));
    char digest[65];
    memcpy(digest, files.digest, sizeof(digest));
    dw_policy_files_deinit(&files);
    ck_assert(dw_policy_files_read(&settings, &files, &problems));
    ck_assert_str_eq(files.digest, digest); /* the same files, the same policy */
    dw_policy_files_deinit(&files);
    dw_problems_deinit(&problems);
}
END_TEST

START_TEST(every_missing_file_is_named)
{
    dw_problems problems = {0};
    dw_policy_files files;
    dw_settings settings = shipped();
    settings.policy_standards = (char *)"/nonexistent/standards.yaml";
    settings.policy_organisation = (char *)"/nonexistent/organisation.yaml";
    ck_assert(!dw_policy_files_read(&settings, &files, &problems));
    ck_assert_uint_eq(problems.errors, 2);
    ck_assert_str_eq(problems.items[0].file, settings.policy_standards);
    ck_assert_str_eq(problems.items[1].file, settings.policy_organisation);
    ck_assert_ptr_null(files.standards);
    dw_problems_deinit(&problems);
}
END_TEST

START_TEST(a_wrong_rule_is_told_with_its_line)
{
    char path[64];
    snprintf(path, sizeof(path), "/tmp/dw-check-standards-%d", (int)getpid());
    FILE *file = fopen(path, "w");
    fputs("rules:\n  - id: XX-01\n    nonsense: 1\n", file);
    fclose(file);
    dw_problems problems = {0};
    dw_policy_files files;
    dw_settings settings = shipped();
    settings.policy_standards = path;
    ck_assert(!dw_policy_files_read(&settings, &files, &problems));
    ck_assert_uint_gt(problems.errors, 0);
    ck_assert_str_eq(problems.items[0].file, path);
    ck_assert_uint_gt(problems.items[0].line, 0);
    dw_problems_deinit(&problems);
    unlink(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("start");
    TCase *tc = tcase_create("start");
    tcase_add_loop_test(tc, command_lines, 0, sizeof(lines) / sizeof(lines[0]));
    tcase_add_test(tc, a_key_is_private_random_and_never_overwritten);
    tcase_add_test(tc, the_shipped_policy_is_read);
    tcase_add_test(tc, every_missing_file_is_named);
    tcase_add_test(tc, a_wrong_rule_is_told_with_its_line);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

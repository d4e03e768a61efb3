/* check_told.c: what `child`, `explain` and `replay` say of a record that lacks something, and of one that was merged into another. */

#include "daemon/cli/child_print.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/inproc.h"
#include "daemon/cli/shipped.h"
#include "proto/json.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <unistd.h>

#define NO_FREQUENCY "no frequency is recorded for this child"
#define NO_BIRTH_DATE "the birth date is not recorded: no clock runs"

static char out[65536];

static int capture_begin(FILE **to)
{
    fflush(NULL);
    *to = tmpfile();
    ck_assert_ptr_nonnull(*to);
    int old = dup(1);
    dup2(fileno(*to), 1);
    return old;
}

static void capture_end(FILE *to, int old)
{
    fflush(NULL);
    dup2(old, 1);
    close(old);
    rewind(to);
    out[fread(out, 1, sizeof(out) - 1, to)] = '\0';
    fclose(to);
}

#define LINE(id, ref, day, body)                                                                                       \
    "{\"event_id\":\"" id "\",\"la_code\":\"936\",\"child_ref\":\"" ref "\",\"occurred_at\":\"" day                    \
    "T09:00:00Z\",\"source_system\":\"LCS\",\"source_record_id\":\"" id "\",\"source_revision\":1,\"op\":\"CREATE\","  \
    "\"log_time\":\"" day "T09:00:00Z\"," body "}"

static const char *const lines[] = {
    /* a: short breaks without an agreed frequency of visits; b: of unknown age; c is d, too */
    LINE("e1", "a", "2026-01-05", "\"placement_started\":{\"placement_id\":\"p1\",\"ls\":\"V3\",\"place\":\"U6\"}"),
    LINE("e2", "b", "2026-01-05", "\"plan_started\":{\"plan_id\":\"cp\",\"plan_type\":\"CP\"}"),
    LINE("e3", "c", "2026-01-05", "\"plan_started\":{\"plan_id\":\"cp\",\"plan_type\":\"CP\"}"),
    LINE("e7", "b", "2026-01-05", "\"placement_started\":{\"placement_id\":\"p2\",\"ls\":\"C2\",\"place\":\"U6\"}"),
    LINE("e8", "b", "2026-01-07", "\"health_assessment\":{\"kind\":\"IHA\"}"),
    LINE("e4", "c", "2026-01-05", "\"child_updated\":{\"person_birth_date\":\"2015-01-05\"}"),
    LINE("e5", "d", "2026-01-05", "\"plan_started\":{\"plan_id\":\"cp\",\"plan_type\":\"CP\"}"),
    LINE("e6", "c", "2026-01-06", "\"identity_merged\":{\"merged_child_ref\":\"d\"}"),
    LINE("e9", "e", "2026-01-05", "\"s47_started\":{\"s47_id\":\"S1\",\"initial_cpc_target\":\"2026-01-23\"}"),
};
#define AT "2026-01-12"

static void write_log(char path[])
{
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    FILE *file = fdopen(fd, "w");
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        fprintf(file, "%s\n", lines[i]);
    fclose(file);
}

/* Runs the tool over the log; words end with NULL, "LOG" stands for its path. */
static void tool(const char *first, ...)
{
    char path[] = "/tmp/check_told_XXXXXX";
    char *words[16] = {(char *)(uintptr_t) "driftwatch", (char *)(uintptr_t)first};
    int count = 2;
    va_list args;
    FILE *to;
    write_log(path);
    va_start(args, first);
    for (const char *word; (word = va_arg(args, const char *)) != NULL;)
        words[count++] = strcmp(word, "LOG") == 0 ? path : (char *)(uintptr_t)word;
    va_end(args);
    int old = capture_begin(&to);
    int code = dw_cli_run(count, words);
    capture_end(to, old);
    unlink(path);
    ck_assert_int_eq(code, 0);
}

/* The line of the output that holds all of these; words end with NULL. */
static bool has_line(const char *first, ...)
{
    char copy[sizeof(out)], *rest = copy;
    memcpy(copy, out, sizeof(out));
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        va_list args;
        bool all = strstr(line, first) != NULL;
        va_start(args, first);
        for (const char *word; all && (word = va_arg(args, const char *)) != NULL;)
            all = strstr(line, word) != NULL;
        va_end(args);
        if (all)
            return true;
    }
    return false;
}

START_TEST(replay_names_gaps)
{
    tool("replay", "LOG", "--obligations", "--at", AT, "--json", NULL);
    ck_assert_msg(has_line("\"rule\":\"LA-10\"", "\"child_ref\":\"a\"", "\"gaps\":[\"frequency\"],", NULL), "%.3000s",
                  out);
    ck_assert_msg(has_line("\"rule\":\"CP-08\"", "\"child_ref\":\"b\"", "\"gaps\":[\"birth_date\"],", NULL), "%.3000s",
                  out);
    ck_assert_msg(has_line("\"rule\":\"HA-02\"", "\"child_ref\":\"b\"",
                           "\"state\":\"scheduled\"", /* the dental clock runs */
                           "\"gaps\":[\"birth_date\"],", NULL),
                  "%.3000s", out);
    ck_assert(has_line("\"rule\":\"CP-08\"", "\"child_ref\":\"c\"", NULL));
    ck_assert(!has_line("\"rule\":\"CP-08\"", "\"child_ref\":\"c\"", "gaps", NULL));
    tool("replay", "LOG", "--obligations", "--at", AT, NULL);
    ck_assert_msg(has_line("LA-10", "936/a", ", " NO_FREQUENCY, NULL), "%.3000s", out);
    ck_assert_msg(has_line("CP-08", "936/b", ", " NO_BIRTH_DATE, NULL), "%.3000s", out);
    ck_assert(!has_line("CP-08", "936/c", NO_BIRTH_DATE, NULL));
}
END_TEST

START_TEST(explain_names_gaps)
{
    tool("explain", "--why-not", "LA-10", "936/a", "--at", AT, "--log", "LOG", NULL);
    ck_assert_msg(has_line("  gap ", NO_FREQUENCY, NULL), "%.3000s", out);
    tool("explain", "--why-not", "CP-08", "936/b", "--at", AT, "--log", "LOG", "--json", NULL);
    ck_assert_msg(has_line("{\"key\":\"gap\",\"text\":\"" NO_BIRTH_DATE "\"}", NULL), "%.3000s", out);
    tool("explain", "--why-not", "CP-08", "936/c", "--at", AT, "--log", "LOG", NULL);
    ck_assert_msg(!has_line("  gap ", NULL), "%.3000s", out);
}
END_TEST

START_TEST(explain_tells_of_a_target_that_differs)
{
    tool("explain", "--why-not", "CP-01T", "936/e", "--at", AT, "--log", "LOG", NULL);
    ck_assert_msg(has_line("  due ", "Mon 26 Jan 2026 is the last day in time", NULL), "%.3000s", out);
    ck_assert_msg(has_line("  supplied ", "s47_started of Mon 5 Jan 2026 (offset ",
                           "): initial_cpc_target is Fri 23 Jan 2026", NULL),
                  "%.3000s", out);
    ck_assert_msg(has_line("it raises a flag, and no alert", NULL), "%.3000s", out);
}
END_TEST

START_TEST(explain_tells_of_a_warning_before_there_is_a_due_date)
{
    tool("explain", "--why-not", "LA-14", "936/a", "--at", "2026-04-07", "--log", "LOG", NULL);
    ck_assert_msg(has_line("  warning ", "from Mon 6 Apr 2026 00:00:00 BST on", NULL), "%.3000s", out);
    ck_assert_msg(has_line("  so ", "a warning, and no alert: what it counts from has not happened yet", NULL),
                  "%.3000s", out);
    tool("explain", "--why-not", "LA-14", "936/a", "--at", "2026-04-05", "--log", "LOG", NULL);
    ck_assert_msg(!has_line("  warning ", NULL), "%.3000s", out);
}
END_TEST

static void print_child(const char *ref, bool json)
{
    dw_problems problems = {0};
    dw_error err = {0};
    dw_inproc *in = NULL;
    const dw_record *rec = NULL;
    FILE *to;
    int32_t day;
    dw_policy *policy = dw_policy_from_dir(NULL, &problems);
    dw_arena *arena = dw_arena_new((size_t)64 << 20);
    ck_assert_ptr_nonnull(policy);
    ck_assert(dw_date_parse(dw_str_from(AT), &day));
    ck_assert_int_eq(dw_inproc_new(policy, DW_INPROC_FIXED, &in, &err), DW_OK);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        dw_inproc_out fate;
        ck_assert_int_eq(dw_inproc_line(in, lines[i], strlen(lines[i]), (int64_t)i, &fate, &err), DW_OK);
        ck_assert_msg(fate.fate == DW_INPROC_APPLIED, "%s: %d", lines[i], fate.reason);
    }
    dw_inproc_child *child = dw_inproc_find(in, DW_STR_LIT("936"), dw_str_from(ref));
    ck_assert_ptr_nonnull(child);
    ck_assert_int_eq(dw_inproc_facts(in, child, &rec, &err), DW_OK);
    dw_child_view view = {
        .record = rec, .policy = policy, .clock_us = dw_london_start_us(day), .facts_max = 0, .json = json};
    int old = capture_begin(&to);
    dw_errc code = dw_child_print(&view, arena, &err);
    capture_end(to, old);
    ck_assert_int_eq(code, DW_OK);
    dw_arena_free(&arena);
    dw_inproc_free(&in);
    dw_policy_unref(&policy);
    dw_problems_deinit(&problems);
}

START_TEST(child_names_gaps)
{
    print_child("a", true);
    ck_assert_msg(has_line("\"rule_id\":\"LA-10\"", "\"gaps\":[\"frequency\"]", NULL), "%.3000s", out);
    print_child("a", false);
    ck_assert_msg(has_line("LA-10", ", " NO_FREQUENCY, NULL), "%.3000s", out);
    print_child("b", true);
    ck_assert_msg(has_line("\"rule_id\":\"CP-08\"", "\"gaps\":[\"birth_date\"]", NULL), "%.3000s", out);
    print_child("b", false);
    ck_assert_msg(has_line("CP-08", ", " NO_BIRTH_DATE, NULL), "%.3000s", out);
    print_child("c", true);
    ck_assert_msg(has_line("\"rule_id\":\"CP-08\"", "\"gaps\":[]", NULL), "%.3000s", out);
}
END_TEST

START_TEST(a_merged_child_says_whose_records_it_has)
{
    print_child("d", true);
    ck_assert_msg(has_line("\"kind\":\"child\"", "\"merged_into\":\"936/c\"", NULL), "%.3000s", out);
    print_child("d", false);
    ck_assert_msg(has_line("Merged into 936/c: what was told of this child is that child's now.", NULL), "%.3000s",
                  out);
    print_child("c", true);
    ck_assert_msg(has_line("\"kind\":\"child\"", "\"merged_into\":null", NULL), "%.3000s", out);
    print_child("c", false);
    ck_assert_msg(!has_line("erged into", NULL), "%.3000s", out);
    tool("explain", "--why-not", "CP-08", "936/d", "--at", AT, "--log", "LOG", NULL);
    ck_assert_msg(has_line("  merged_into ", "936/c: what was told of this child is that child's now", NULL), "%s",
                  out);
    ck_assert_msg(!has_line("  hangs_on ", NULL), "%.3000s", out);
    tool("explain", "--why-not", "CP-08", "936/c", "--at", AT, "--log", "LOG", NULL);
    ck_assert_msg(!has_line("merged_into", NULL), "%.3000s", out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("told");
    TCase *tc = tcase_create("told");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, replay_names_gaps);
    tcase_add_test(tc, explain_names_gaps);
    tcase_add_test(tc, explain_tells_of_a_target_that_differs);
    tcase_add_test(tc, explain_tells_of_a_warning_before_there_is_a_due_date);
    tcase_add_test(tc, child_names_gaps);
    tcase_add_test(tc, a_merged_child_says_whose_records_it_has);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

/* check_replay.c: `driftwatch replay` over small logs, its output compared whole. */

#include "daemon/cli/cli.h"
#include "daemon/cli/inproc.h"
#include "proto/encode.h"
#include "proto/json.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <unistd.h>

#define DIR DW_SOURCE_DIR "/tests/unit/cli/replay/"
#define LOG DIR "log.jsonl"
#define POLICY DIR "policy"
#define OTHER DIR "other"

typedef struct run {
    int code;
    char out[16384], err[4096];
} run;

static void take(FILE *file, char *text, size_t size)
{
    rewind(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

/* Runs the tool in this process; words end with NULL. */
static run tool(const char *input, ...)
{
    run result = {0};
    char *words[24] = {(char *)(uintptr_t) "driftwatch", (char *)(uintptr_t) "replay"};
    int count = 2;
    va_list args;
    va_start(args, input);
    for (const char *word; (word = va_arg(args, const char *)) != NULL;)
        words[count++] = (char *)(uintptr_t)word;
    va_end(args);
    fflush(NULL);
    FILE *out = tmpfile(), *err = tmpfile(), *in = tmpfile();
    ck_assert(out != NULL && err != NULL && in != NULL);
    if (input != NULL)
        ck_assert_uint_eq(fwrite(input, 1, strlen(input), in), strlen(input));
    rewind(in);
    int old_out = dup(1), old_err = dup(2), old_in = dup(0);
    dup2(fileno(out), 1);
    dup2(fileno(err), 2);
    dup2(fileno(in), 0);
    clearerr(stdin);
    result.code = dw_cli_run(count, words);
    fflush(NULL);
    dup2(old_out, 1);
    dup2(old_err, 2);
    dup2(old_in, 0);
    close(old_out);
    close(old_err);
    close(old_in);
    take(out, result.out, sizeof(result.out));
    take(err, result.err, sizeof(result.err));
    fclose(in);
    return result;
}

#define REFUSED                                                                                                        \
    "driftwatch replay: " LOG ":5: missing_field: la_code is missing; left out\n"                                      \
    "driftwatch replay: " LOG ":6: invalid: not JSON at column 4; left out\n"                                          \
    "driftwatch replay: " LOG ":9: reserved_kind: kept for a later version; left out\n"

static void read_whole(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s", path);
    take(file, text, size);
}

/* Standard output is, whole, what the file holds. */
static void expect(const run *got, const char *name)
{
    char path[512], wanted[16384];
    snprintf(path, sizeof(path), "%sexpected/%s", DIR, name);
    read_whole(path, wanted, sizeof(wanted));
    ck_assert_str_eq(got->out, wanted);
    ck_assert_str_eq(got->err, REFUSED);
    ck_assert_int_eq(got->code, 0);
}

START_TEST(live_alerts_at_instants)
{
    run got = tool(NULL, LOG, "--policy", POLICY, "--json", "--at",
                   "2026-03-16T23:59:59Z,2026-03-17,2026-03-15T20:00:00Z,2026-03-15T20:00:00.000001Z,2026-03-20", NULL);
    expect(&got, "at.jsonl");
    got = tool(NULL, LOG, "--policy", POLICY, "--at", "2026-03-17", NULL);
    expect(&got, "at.txt");
}
END_TEST

START_TEST(london_midnights)
{
    run got = tool(NULL, LOG, "--policy", POLICY, "--json", "--every", "2d", NULL);
    expect(&got, "every.jsonl");
}
END_TEST

START_TEST(obligations_too)
{
    run got = tool(NULL, LOG, "--policy", POLICY, "--json", "--obligations", "--at", "2026-03-17", NULL);
    expect(&got, "obligations.jsonl");
}
END_TEST

START_TEST(what_another_policy_changes)
{
    run got = tool(NULL, LOG, "--policy", POLICY, "--json", "--compare", OTHER, "--at", "2026-03-17,2026-04-20", NULL);
    expect(&got, "compare.jsonl");
    got = tool(NULL, LOG, "--policy", POLICY, "--compare", OTHER, "--at", "2026-04-20", NULL);
    expect(&got, "compare.txt");
}
END_TEST

#define PLAN(at)                                                                                                       \
    "{\"event_id\":\"p\",\"la_code\":\"936\",\"child_ref\":\"c\",\"occurred_at\":\"2026-03-02T09:00:00Z\","            \
    "\"source_system\":\"LCS\",\"source_record_id\":\"p\",\"source_revision\":1,\"op\":\"CREATE\",\"plan_started\":"   \
    "{\"plan_id\":\"cp\",\"plan_type\":\"CP\"}" at "}\n"
#define VISIT(at)                                                                                                      \
    "{\"event_id\":\"v\",\"la_code\":\"936\",\"child_ref\":\"c\",\"occurred_at\":\"2026-03-10T09:00:00Z\","            \
    "\"source_system\":\"LCS\",\"source_record_id\":\"v\",\"source_revision\":1,\"op\":\"CREATE\",\"visit_done\":"     \
    "{\"plan_id\":\"cp\",\"visit_type\":\"CP\",\"mode\":\"F2F\",\"child_seen\":\"Y\"}" at "}\n"
#define TICK(at)                                                                                                       \
    "{\"event_id\":\"t\",\"occurred_at\":\"2026-03-02T09:00:00Z\",\"clock_tick\":{},\"log_time\":\"" at "\"}\n"

static size_t count_of(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
        n++;
    return n;
}

START_TEST(lines_need_not_be_sorted)
{ /* the visit stands behind a tick that is later than the instant, and counts at it all the same */
    const char *log = PLAN(",\"log_time\":\"2026-03-02T09:00:00Z\"") TICK("2026-03-18T00:00:00Z")
        VISIT(",\"log_time\":\"2026-03-12T09:00:00Z\"");
    run got = tool(log, "-", "--policy", POLICY, "--json", "--at", "2026-03-17,2026-03-25,2026-03-12T08:59:59Z", NULL);
    ck_assert_str_eq(got.err, "");
    ck_assert_uint_eq(count_of(got.out, "\n"), 1);
    ck_assert_uint_eq(count_of(got.out, "{\"at\":\"2026-03-25\",\"rule\":\"CP-07\""), 1);
    ck_assert_uint_eq(count_of(got.out, "\"due_on\":\"2026-03-24\""), 1);
    got = tool(PLAN(",\"log_time\":\"2026-03-02T09:00:00Z\"") TICK("2026-03-18T00:00:00Z"), "-", "--policy", POLICY,
               "--json", "--at", "2026-03-17", NULL);
    ck_assert_uint_eq(count_of(got.out, "\"due_on\":\"2026-03-16\""), 1);
}
END_TEST

START_TEST(a_line_of_the_very_instant_counts)
{
    const char *log = PLAN(",\"log_time\":\"2026-03-02T09:00:00Z\"") VISIT(",\"log_time\":\"2026-03-18T09:00:00Z\"");
    run got =
        tool(log, "-", "--policy", POLICY, "--json", "--at", "2026-03-18T08:59:59.999999Z,2026-03-18T09:00:00Z", NULL);
    ck_assert_uint_eq(count_of(got.out, "\n"), 1);
    ck_assert_uint_eq(count_of(got.out, "08:59:59.999999Z\",\"rule\":\"CP-07\""), 1);
}
END_TEST

START_TEST(lines_without_log_time)
{
    run got = tool(PLAN("") VISIT(""), "-", "--policy", POLICY, "--json", "--at", "2026-03-17,2026-03-25", NULL);
    ck_assert_str_eq(got.err, "");
    ck_assert_uint_eq(count_of(got.out, "\n"), 1);
    ck_assert_uint_eq(count_of(got.out, "\"due_on\":\"2026-03-24\""), 1);
    got = tool(PLAN("") VISIT(""), "-", "--policy", POLICY, "--json", "--every", "1d", NULL);
    ck_assert_int_eq(got.code, 1);
}
END_TEST

START_TEST(partitions_are_shards)
{ /* as export prints them: the second begins again where the first began */
    const char *log = PLAN(",\"log_time\":\"2026-03-02T09:00:00Z\",\"partition\":0")
        TICK("2026-04-01T00:00:00Z") "{\"event_id\":\"m\",\"la_code\":\"936\",\"child_ref\":\"d\",\"occurred_at\":"
                                     "\"2026-03-14T20:00:00Z\","
                                     "\"source_system\":\"LCS\",\"source_record_id\":\"m\",\"source_revision\":1,"
                                     "\"op\":\"CREATE\",\"missing_episode\":"
                                     "{\"episode_id\":\"m\",\"phase\":\"OPENED\"},\"log_time\":\"2026-03-14T20:00:"
                                     "00Z\",\"partition\":1}\n";
    run got = tool(log, "-", "--policy", POLICY, "--json", "--at", "2026-04-01T00:00:00Z", NULL);
    ck_assert_uint_eq(count_of(got.out, "\n"), 2);
    ck_assert_uint_eq(count_of(got.out, "\"raised_at\":\"2026-03-15T20:00:00.000001Z\""), 1);
    ck_assert_uint_eq(count_of(got.out, "\"raised_at\":\"2026-03-17T00:00:00.000Z\""), 1);
}
END_TEST

/* A policy.set as a line of a log. */
static char *policy_line(const char *dir, uint32_t number, const char *log_time)
{
    static char standards[65536], calendar[65536], organisation[65536];
    char path[512], extra[80], digest[65];
    snprintf(path, sizeof(path), "%s/standards.yaml", dir);
    read_whole(path, standards, sizeof(standards));
    read_whole(DW_SOURCE_DIR "/config/default/bank-holidays.json", calendar, sizeof(calendar));
    read_whole(DW_SOURCE_DIR "/config/default/organisation.yaml", organisation, sizeof(organisation));
    dw_policy_text text = {.number = number,
                           .standards = dw_str_from(standards),
                           .calendar = dw_str_from(calendar),
                           .organisation = dw_str_from(organisation)};
    dw_policy_text_digest(&text, digest);
    text.digest = dw_str_from(digest);
    dw_arena *arena = dw_arena_new(16 << 20);
    dw_event *ev = malloc(sizeof(*ev));
    const uint8_t *bytes = NULL;
    size_t len = 0;
    ck_assert(arena != NULL && ev != NULL);
    ck_assert_int_eq(dw_policy_text_encode(&text, arena, &bytes, &len, NULL), DW_OK);
    ck_assert_int_eq(dw_event_decode(bytes, len, arena, ev, NULL), DW_OK);
    snprintf(extra, sizeof(extra), ",\"log_time\":\"%s\"", log_time);
    char *line = dw_event_to_json(ev, extra);
    ck_assert_ptr_nonnull(line);
    free(ev);
    dw_arena_free(&arena);
    return line;
}

START_TEST(policies_of_the_log)
{ /* nothing is raised before the first; the second, of 15 working days, takes the alert back */
    char *one = policy_line(POLICY, 1, "2026-03-18T00:00:00Z"), *two = policy_line(OTHER, 2, "2026-03-19T00:00:00Z");
    char *log = NULL;
    ck_assert_int_gt(asprintf(&log, "%s%s\n%s\n", PLAN(",\"log_time\":\"2026-03-02T09:00:00Z\""), one, two), 0);
    run got = tool(log, "-", "--json", "--at", "2026-03-17T12:00:00Z,2026-03-18T00:00:00Z,2026-03-19,2026-03-24", NULL);
    ck_assert_str_eq(got.err, "");
    ck_assert_uint_eq(count_of(got.out, "\n"), 2);
    ck_assert_uint_eq(count_of(got.out, "2026-03-18T00:00:00Z\",\"rule\":\"CP-07\""), 1);
    ck_assert_uint_eq(count_of(got.out, "\"raised_at\":\"2026-03-18T00:00:00.000Z\""), 1);
    ck_assert_uint_eq(count_of(got.out, "2026-03-24\",\"rule\":\"CP-07\""), 1);
    ck_assert_uint_eq(count_of(got.out, "\"due_on\":\"2026-03-23\""), 1);
    got = tool(log, "-", "--policy", POLICY, "--json", "--at", "2026-03-17T12:00:00Z", NULL); /* --policy wins */
    ck_assert_uint_eq(count_of(got.out, "\"due_on\":\"2026-03-16\""), 1);
    free(one);
    free(two);
    free(log);
}
END_TEST

START_TEST(the_shipped_standards_are_found)
{
    ck_assert_int_eq(chdir("/"), 0);
    run got = tool(PLAN(",\"log_time\":\"2026-03-02T09:00:00Z\""), "-", "--json", "--at", "2026-06-01", NULL);
    ck_assert_str_eq(got.err, "");
    ck_assert_uint_ge(count_of(got.out, "\"rule\":\"CP-07\""), 1);
}
END_TEST

START_TEST(wrong_use)
{
    run got = tool(NULL, LOG, NULL);
    ck_assert_int_eq(got.code, 2);
    got = tool(NULL, LOG, "--at", "yesterday", NULL);
    ck_assert_int_eq(got.code, 2);
    got = tool(NULL, LOG, "--every", "0d", NULL);
    ck_assert_int_eq(got.code, 2);
    got = tool(NULL, LOG, "--policy", "/nowhere", "--at", "2026-03-17", NULL);
    ck_assert_int_eq(got.code, 1);
    got = tool(NULL, "/nowhere", "--at", "2026-03-17", NULL);
    ck_assert_int_eq(got.code, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("replay");
    TCase *tcase = tcase_create("cli");
    tcase_add_test(tcase, live_alerts_at_instants);
    tcase_add_test(tcase, london_midnights);
    tcase_add_test(tcase, obligations_too);
    tcase_add_test(tcase, what_another_policy_changes);
    tcase_add_test(tcase, lines_need_not_be_sorted);
    tcase_add_test(tcase, a_line_of_the_very_instant_counts);
    tcase_add_test(tcase, lines_without_log_time);
    tcase_add_test(tcase, partitions_are_shards);
    tcase_add_test(tcase, policies_of_the_log);
    tcase_add_test(tcase, the_shipped_standards_are_found);
    tcase_add_test(tcase, wrong_use);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}

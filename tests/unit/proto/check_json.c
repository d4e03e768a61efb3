/* The JSON form: what is read, what is refused and how the refusal names it, what is printed. */
#include <stdio.h>
#include <stdlib.h>

#include "field_ids.h"
#include "proto/json.h"
#include "samples.h"
#include "tests/support/suite.h"

static dw_arena *arena;

static void setup(void)
{
    arena = dw_arena_new(4 << 20);
    ck_assert_ptr_nonnull(arena);
}

static void teardown(void)
{
    dw_arena_free(&arena);
}

#define ENVELOPE                                                                                                       \
    "{\"event_id\":\"e-1\",\"la_code\":\"936\",\"child_ref\":\"c-1\",\"occurred_at\":\"2020-11-20T09:30:00Z\","        \
    "\"source_system\":\"LCS\",\"source_record_id\":\"v/1\",\"source_revision\":1,\"op\":\"CREATE\""
#define VISIT(members) ENVELOPE ",\"visit_done\":{" members "}}"

static dw_errc parse(const char *text, size_t len, dw_event *out, int64_t *log_time_us, dw_error *err)
{
    char *copy = malloc(len + 1); /* exact size under AddressSanitizer */
    ck_assert_ptr_nonnull(copy);
    char *bytes = realloc(copy, len != 0 ? len : 1);
    memcpy(bytes, text, len);
    *err = (dw_error){DW_OK, ""};
    dw_errc code = dw_event_from_json(bytes, len, arena, out, log_time_us, err);
    free(bytes);
    return code;
}

START_TEST(a_line_is_read)
{
    static const char line[] =
        "{\"log_time\":\"2020-11-20T10:00:00.5+01:00\",\"partition\":3,\"offset\":17,\"event_id\":\"e-1\","
        "\"schema_version\":1,\"la_code\":\"936\",\"child_ref\":\"c-1\",\"occurred_at\":\"2020-11-20T09:30:00+01:00\","
        "\"occurred_precision\":\"date\",\"source_system\":\"LCS\",\"source_record_id\":\"p/1\",\"source_revision\":2,"
        "\"op\":\"amend\",\"restricted\":true,\"plan_started\":{\"plan_id\":\"p-1\",\"plan_type\":\"PLAN_TYPE_CP\","
        "\"cpp_start_date\":\"2020-11-20\",\"initial_category\":\"NEG\",\"temporary_ola\":\"N\","
        "\"number_of_previous_cpp\":0,\"visit_frequency\":{\"days\":5,\"unit\":\"WD\",\"from\":\"2020-12-01\"}}}";
    dw_event ev;
    dw_error err;
    int64_t log_time_us = 0;
    ck_assert_msg(parse(line, sizeof(line) - 1, &ev, &log_time_us, &err) == DW_OK, "%s", err.text);
    ck_assert_int_eq(log_time_us, INT64_C(1605862800500000));
    ck_assert_int_eq(ev.occurred_at_us, INT64_C(1605861000000000));
    ck_assert_int_eq(ev.occurred_precision, DW_PRECISION_DATE);
    ck_assert_int_eq(ev.op, DW_OP_AMEND);
    ck_assert_int_eq(ev.restricted, DW_ANSWER_Y);
    ck_assert_int_eq(ev.type, DW_EV_PLAN_STARTED);
    ck_assert_uint_eq(ev.value_count, 9);
    ck_assert_int_eq(dw_event_get(&ev, DW_F_PLAN_STARTED_PLAN_TYPE)->i, DW_V_PLAN_TYPE_CP);
    ck_assert_int_eq(dw_event_get(&ev, DW_F_PLAN_STARTED_NUMBER_OF_PREVIOUS_CPP)->i, 0);
    ck_assert_int_eq(dw_event_get(&ev, DW_F_PLAN_STARTED_VISIT_FREQUENCY_DAYS)->i, 5);
    ck_assert_int_eq(dw_event_get(&ev, DW_F_PLAN_STARTED_CPP_START_DATE)->i, 18586);
    ck_assert_int_eq(dw_event_get(&ev, DW_F_PLAN_STARTED_VISIT_FREQUENCY_FROM)->i, 18597);

    char *printed = dw_event_to_json(&ev, ",\"log_time\":1");
    ck_assert_str_eq(printed,
                     "{\"event_id\":\"e-1\",\"schema_version\":1,\"la_code\":\"936\",\"child_ref\":\"c-1\","
                     "\"occurred_at\":\"2020-11-20T08:30:00.000Z\",\"occurred_precision\":\"DATE\","
                     "\"source_system\":\"LCS\",\"source_record_id\":\"p/1\",\"source_revision\":2,\"op\":\"AMEND\","
                     "\"restricted\":\"Y\",\"plan_started\":{\"plan_id\":\"p-1\",\"plan_type\":\"CP\","
                     "\"cpp_start_date\":\"2020-11-20\",\"initial_category\":\"NEG\",\"number_of_previous_cpp\":0,"
                     "\"temporary_ola\":\"N\",\"visit_frequency\":{\"days\":5,\"unit\":\"WD\","
                     "\"from\":\"2020-12-01\"}},\"log_time\":1}");
    free(printed);
}
END_TEST

static const struct {
    const char *json;
    dw_answer answer;
} answer_table[] = {{"\"Y\"", DW_ANSWER_Y},     {"\"N\"", DW_ANSWER_N},       {"\"NA\"", DW_ANSWER_NA},
                    {"true", DW_ANSWER_Y},      {"false", DW_ANSWER_N},       {"\"true\"", DW_ANSWER_Y},
                    {"\"false\"", DW_ANSWER_N}, {"\"ANSWER_Y\"", DW_ANSWER_Y}};

START_TEST(answers)
{
    char line[1024];
    dw_event ev;
    dw_error err;
    (void)snprintf(line, sizeof(line), VISIT("\"child_seen\":%s"), answer_table[_i].json);
    ck_assert_msg(parse(line, strlen(line), &ev, NULL, &err) == DW_OK, "%s", err.text);
    ck_assert_int_eq(dw_event_get(&ev, DW_F_VISIT_DONE_CHILD_SEEN)->i, answer_table[_i].answer);
}
END_TEST

/* As long as a name may be that is shown. */
#define LONG_KEY "abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_abcdefghij"

static const struct {
    const char *line;
    dw_errc code;
    const char *names; /* must stand in the error's text */
} error_table[] = {
    {VISIT(""), DW_OK, ""},
    {"", DW_E_INVAL, "JSON"},
    {"[]", DW_E_INVAL, "object"},
    {"{", DW_E_INVAL, "JSON"},
    {VISIT("") "x", DW_E_INVAL, "JSON"},
    {"{}", DW_E_NO_BODY, "body"},
    {ENVELOPE "}", DW_E_NO_BODY, "body"},
    {"{\"visit_done\":{}}", DW_E_MISSING, "event_id"},
    {ENVELOPE ",\"event_id\":\"e-2\",\"visit_done\":{}}", DW_E_CONFLICT, "event_id"},
    {ENVELOPE ",\"visit_done\":{},\"rhi\":{}}", DW_E_CONFLICT, "rhi"},
    {ENVELOPE ",\"visits_done\":{}}", DW_E_INVAL, "visits_done"},
    {ENVELOPE ",\"body\":{}}", DW_E_INVAL, "body"},
    {ENVELOPE ",\"visit_done\":[]}", DW_E_INVAL, "visit_done"},
    {ENVELOPE ",\"visit_done\":null}", DW_E_INVAL, "visit_done"},
    {ENVELOPE ",\"team_id\":null,\"visit_done\":{}}", DW_E_INVAL, "team_id"},
    {ENVELOPE ",\"team_id\":7,\"visit_done\":{}}", DW_E_INVAL, "team_id"},
    {ENVELOPE ",\"partition\":\"3\",\"visit_done\":{}}", DW_E_INVAL, "partition"},
    {ENVELOPE ",\"log_time\":5,\"visit_done\":{}}", DW_E_INVAL, "log_time"},
    {ENVELOPE ",\"recorded_at\":\"2020-11-20T09:30:00\",\"visit_done\":{}}", DW_E_DATE, "recorded_at"},
    {ENVELOPE ",\"schema_version\":1.5,\"visit_done\":{}}", DW_E_INVAL, "schema_version"},
    {ENVELOPE ",\"schema_version\":-1,\"visit_done\":{}}", DW_E_RANGE, "schema_version"},
    {ENVELOPE ",\"restricted\":\"MAYBE\",\"visit_done\":{}}", DW_E_INVAL, "restricted"},
    {ENVELOPE ",\"Jo Bloggs\":1}", DW_E_INVAL, "unknown field"},
    {ENVELOPE ",\"schema_version\":4294967296,\"visit_done\":{}}", DW_E_RANGE, "schema_version"},
    {ENVELOPE ",\"recording_2\":1}", DW_E_INVAL, "recording_2"},
    {ENVELOPE ",\"" LONG_KEY "\":1}", DW_E_INVAL, LONG_KEY ": unknown field"},
    {ENVELOPE ",\"" LONG_KEY "k\":1}", DW_E_INVAL, "(not a field name): unknown field"},
    {VISIT("\"mod\":\"F2F\""), DW_E_INVAL, "mod"},
    {VISIT("\"mode\":2147483647"), DW_OK, ""}, /* codes of a newer schema, as far as they go */
    {VISIT("\"mode\":-2147483648"), DW_OK, ""},
    {VISIT("\"mode\":-2147483649"), DW_E_RANGE, "mode"},
    {VISIT("\"mode\":2147483648"), DW_E_RANGE, "mode"},
    {VISIT("\"mode\":\"" LONG_KEY LONG_KEY "\""), DW_E_INVAL, "mode: not a code of VisitMode"},
    {VISIT("\"mode\":\"" LONG_KEY "0123456789012345678901234567890123456789012345678901234567890123\""), DW_E_INVAL,
     "mode: not a code of VisitMode"},
    {VISIT("\"mode\":\"FTF\""), DW_E_INVAL, "mode"},
    {VISIT("\"mode\":true"), DW_E_INVAL, "mode"},
    {VISIT("\"mode\":null"), DW_E_INVAL, "mode"},
    {VISIT("\"mode\":\"F2F\",\"mode\":\"VIDEO\""), DW_E_CONFLICT, "mode: there twice"},
    {"{\"number_of_previous_cpp\":1,\"number_of_previous_cpp\":2}", DW_E_CONFLICT,
     "a field is there twice, the second time at column 52"},
    {"{\"\":1,\"\":2}", DW_E_CONFLICT, "(a field without a name): there twice"},
    {"{\"seventeen_letters\":1,\"seventeen_letters\":2}", DW_E_CONFLICT, "seventeen_letters: there twice"},
    {VISIT("\"mode\":4294967296"), DW_E_RANGE, "mode"},
    {VISIT("\"child_seen\":\"yes\""), DW_E_INVAL, "child_seen"},
    {VISIT("\"visit_id\":1"), DW_E_INVAL, "visit_id"},
    {VISIT("\"visit_id\":\"a\\u0000b\""), DW_E_NUL, "NUL"},
    {VISIT("\"visit_id\":\"a\\nb\""), DW_E_NUL, "visit_id"},
    {VISIT("\"visit_id\":\"zo\\u00eb\""), DW_E_ID, "visit_id"},
    {VISIT("\"visit_id\":\"\xff\""), DW_E_UTF8, "UTF-8"},
    {VISIT("\"authorised_at\":\"2020-13-20T09:30:00Z\""), DW_E_DATE, "authorised_at"},
    {VISIT("\"authorised_at\":1605864600"), DW_E_INVAL, "authorised_at"},
    {ENVELOPE ",\"plan_review\":{\"held_on\":\"20-11-2020\"}}", DW_E_DATE, "held_on"},
    {ENVELOPE ",\"plan_review\":{\"held_on\":20201120}}", DW_E_INVAL, "held_on"},
    {ENVELOPE ",\"plan_review\":{\"held_on\":\"2021-02-29\"}}", DW_E_DATE, "held_on"},
    {ENVELOPE ",\"plan_review\":{\"seq\":-1}}", DW_E_RANGE, "seq"},
    {ENVELOPE ",\"plan_review\":{\"seq\":\"1\"}}", DW_E_INVAL, "seq"},
    {ENVELOPE ",\"plan_review\":{\"seq\":2000000}}", DW_E_RANGE, "seq"},
    {ENVELOPE ",\"plan_started\":{\"visit_frequency\":5}}", DW_E_INVAL, "visit_frequency"},
    {ENVELOPE ",\"plan_started\":{\"visit_frequency\":{\"hours\":5}}}", DW_E_INVAL, "visit_frequency.hours"},
    {ENVELOPE ",\"plan_started\":{\"visit_frequency\":{\"days\":5000}}}", DW_E_RANGE, "visit_frequency.days"},
    {ENVELOPE ",\"rhi\":{\"episode_ids\":\"m-1\"}}", DW_E_INVAL, "episode_ids"},
    {ENVELOPE ",\"rhi\":{\"episode_ids\":[1]}}", DW_E_INVAL, "episode_ids"},
    {ENVELOPE ",\"rhi\":{\"episode_ids\":[\"\"]}}", DW_E_ID, "episode_ids"},
    {ENVELOPE ",\"rhi\":{\"episode_ids\":[]}}", DW_OK, ""},
    {ENVELOPE ",\"child_updated\":{\"person_birth_date\":\"2010-01-01\",\"expected_person_birth_date\":"
              "\"2010-01-02\"}}",
     DW_E_CONFLICT, "person_birth_date"},
    {"{\"event_id\":\"t\",\"occurred_at\":\"2020-11-20T09:30:00Z\",\"clock_tick\":{}}", DW_OK, ""},
    {"{\"event_id\":\"t\",\"occurred_at\":\"2020-11-20T09:30:00Z\",\"op\":7,\"clock_tick\":{}}", DW_E_INVAL, "op"},
};

START_TEST(errors_name_the_field)
{
    dw_event ev;
    dw_error err;
    memset(&ev, 0xa5, sizeof(ev));
    dw_event before = ev;
    int64_t log_time_us = 42;
    dw_errc code = parse(error_table[_i].line, strlen(error_table[_i].line), &ev, &log_time_us, &err);
    ck_assert_msg(code == error_table[_i].code, "%s: %s", dw_errc_name(code), err.text);
    ck_assert_int_eq(err.code, code);
    if (code != DW_OK) {
        ck_assert_msg(strstr(err.text, error_table[_i].names) != NULL, "'%s' is not in '%s'", error_table[_i].names,
                      err.text);
        ck_assert_mem_eq(&ev, &before, sizeof(ev));
        ck_assert_int_eq(log_time_us, 42);
    }
}
END_TEST

START_TEST(long_lists)
{
    for (int items = DW_EVENT_REPEATED_MAX; items <= DW_EVENT_REPEATED_MAX + 1; items++) {
        char line[4096];
        dw_event ev;
        dw_error err = {0};
        int64_t log_time_us = 0;
        size_t len = (size_t)snprintf(line, sizeof line, "%s,\"rhi\":{\"episode_ids\":[", ENVELOPE);
        for (int i = 0; i < items; i++)
            len += (size_t)snprintf(line + len, sizeof line - len, "%s\"m-%d\"", i == 0 ? "" : ",", i);
        len += (size_t)snprintf(line + len, sizeof line - len, "]}}");
        bool fits = items == DW_EVENT_REPEATED_MAX;
        ck_assert_int_eq(parse(line, len, &ev, &log_time_us, &err), fits ? DW_OK : DW_E_BOMB);
        if (fits)
            ck_assert_uint_eq(dw_event_get(&ev, DW_F_RHI_EPISODE_IDS)->n, DW_EVENT_REPEATED_MAX);
        else
            ck_assert_str_eq(err.text, "episode_ids has more than 64 items");
    }
}
END_TEST

/* What people write in a wrong place never reaches a log. */
START_TEST(errors_never_quote)
{
    static const char *const lines[] = {
        ENVELOPE ",\"visit_done\":{\"visit_id\":\"Secret\xff\"}}",
        ENVELOPE ",\"visit_done\":{\"mode\":\"Secret\"}}",
        ENVELOPE ",\"visit_done\":{\"Secret\":1}}",
        ENVELOPE ",\"visit_done\":{\"Secret\":1,\"Secret\":1}}",
        ENVELOPE ",\"visit_done\":{\"visit_id\":\"Secret\\u0001\"}}",
        ENVELOPE ",\"visit_done\":{} Secret",
        ENVELOPE ",\"Secret\":\"Secret\"}",
        ENVELOPE ",\"recorded_at\":\"Secret\",\"visit_done\":{}}",
    };
    dw_event ev;
    dw_error err;
    ck_assert_int_ne(parse(lines[_i], strlen(lines[_i]), &ev, NULL, &err), DW_OK);
    ck_assert_uint_gt(strlen(err.text), 0);
    ck_assert_msg(strstr(err.text, "ecret") == NULL, "%s", err.text);
}
END_TEST

START_TEST(oversized_line)
{
    size_t len = DW_JSON_BYTES_MAX + 1;
    char *line = calloc(1, len);
    dw_event ev;
    dw_error err;
    ck_assert_int_eq(dw_event_from_json(line, len, arena, &ev, NULL, &err), DW_E_TOO_BIG);
    free(line);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
    Suite *suite = suite_create("proto json");
    TCase *tc = tcase_create("json");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_line_is_read);
    tcase_add_loop_test(tc, answers, 0, COUNT(answer_table));
    tcase_add_loop_test(tc, errors_name_the_field, 0, COUNT(error_table));
    tcase_add_loop_test(tc, errors_never_quote, 0, 8);
    tcase_add_test(tc, long_lists);
    tcase_add_test(tc, oversized_line);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

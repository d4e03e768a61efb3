/* Formats, levels, the rate limit, and that nothing can break a line. */

#include "daemon/log.h"

#include "proto/limits.h"
#include "tests/support/suite.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct sink {
    char *text;
    size_t len;
    FILE *stream;
    dw_log *log;
} sink;

static void sink_open(sink *s, dw_log_format format, dw_log_level level)
{
    *s = (sink){0};
    s->stream = open_memstream(&s->text, &s->len);
    s->log = dw_log_new(s->stream, format, level);
    ck_assert_ptr_nonnull(s->log);
}

static void sink_close(sink *s)
{
    dw_log_free(&s->log);
    fclose(s->stream);
    free(s->text);
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what))
        n++;
    return n;
}

static const struct {
    dw_log_format format;
    int32_t partition;
    const char *wanted; /* behind the time */
} shapes[] = {
    {DW_LOG_TEXT, 7, " warn  an_event [7]: say \"it\" 5\n"},
    {DW_LOG_TEXT, DW_LOG_NO_PARTITION, " warn  an_event: say \"it\" 5\n"},
    {DW_LOG_LOGFMT, 7, " level=warn event=an_event partition=7 text=\"say \\\"it\\\" 5\"\n"},
    {DW_LOG_LOGFMT, DW_LOG_NO_PARTITION, " level=warn event=an_event text=\"say \\\"it\\\" 5\"\n"},
    {DW_LOG_JSON, 0, ",\"level\":\"warn\",\"event\":\"an_event\",\"partition\":0,\"text\":\"say \\\"it\\\" 5\"}\n"},
};

START_TEST(formats)
{
    sink s;
    sink_open(&s, shapes[_i].format, DW_LOG_INFO);
    dw_log_write(s.log, DW_LOG_WARN, "an_event", shapes[_i].partition, "say \"%s\" %d", "it", 5);
    ck_assert_ptr_nonnull(strstr(s.text, shapes[_i].wanted));
    ck_assert_uint_eq(strlen(strstr(s.text, shapes[_i].wanted)), strlen(shapes[_i].wanted));
    sink_close(&s);
}
END_TEST

START_TEST(json_is_json_whatever_the_text)
{
    sink s;
    sink_open(&s, DW_LOG_JSON, DW_LOG_INFO);
    char nasty[200];
    for (size_t i = 0; i < sizeof(nasty) - 1; i++)
        nasty[i] = (char)(i % 127 + 1);
    nasty[sizeof(nasty) - 1] = '\0';
    dw_log_write(s.log, DW_LOG_INFO, "an_event", 3, "%s\n\r\x1b[31m\"\\", nasty);
    ck_assert_uint_eq(count(s.text, "\n"), 1);
    json_t *line = json_loads(s.text, 0, NULL);
    ck_assert_ptr_nonnull(line);
    ck_assert_str_eq(json_string_value(json_object_get(line, "event")), "an_event");
    ck_assert_int_eq((int)json_integer_value(json_object_get(line, "partition")), 3);
    json_decref(line);
    sink_close(&s);
}
END_TEST

START_TEST(levels_and_reload)
{
    sink s;
    sink_open(&s, DW_LOG_TEXT, DW_LOG_WARN);
    dw_log_write(s.log, DW_LOG_INFO, "quiet", -1, "x");
    dw_log_write(s.log, DW_LOG_ERROR, "loud", -1, "x");
    ck_assert(!dw_log_wants(s.log, DW_LOG_INFO));
    dw_log_configure(s.log, DW_LOG_LOGFMT, DW_LOG_DEBUG);
    dw_log_write(s.log, DW_LOG_DEBUG, "now", -1, "x");
    ck_assert_ptr_null(strstr(s.text, "quiet"));
    ck_assert_ptr_nonnull(strstr(s.text, "error loud: x"));
    ck_assert_ptr_nonnull(strstr(s.text, "event=now"));
    sink_close(&s);
}
END_TEST

START_TEST(one_noisy_event_does_not_hide_the_others)
{
    sink s;
    sink_open(&s, DW_LOG_TEXT, DW_LOG_INFO);
    for (int i = 0; i < DW_LOG_BURST + 30; i++)
        dw_log_write(s.log, DW_LOG_WARN, "noisy", -1, "x");
    dw_log_write(s.log, DW_LOG_WARN, "other", -1, "y");
    ck_assert_uint_eq(count(s.text, " noisy:"), DW_LOG_BURST);
    ck_assert_uint_eq(count(s.text, " other:"), 1);
    ck_assert_uint_eq(dw_log_swallowed(s.log), 30);
    sink_close(&s);
}
END_TEST

START_TEST(a_long_text_is_cut)
{
    sink s;
    sink_open(&s, DW_LOG_TEXT, DW_LOG_INFO);
    char *text = malloc(100000);
    memset(text, 'x', 99999);
    text[99999] = '\0';
    dw_log_write(s.log, DW_LOG_WARN, "long", -1, "%s", text);
    ck_assert_uint_lt(s.len, DW_LOG_LINE_BYTES_MAX + 80);
    free(text);
    sink_close(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("log");
    TCase *tc = tcase_create("log");
    tcase_add_loop_test(tc, formats, 0, sizeof(shapes) / sizeof(shapes[0]));
    tcase_add_test(tc, json_is_json_whatever_the_text);
    tcase_add_test(tc, levels_and_reload);
    tcase_add_test(tc, one_noisy_event_does_not_hide_the_others);
    tcase_add_test(tc, a_long_text_is_cut);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

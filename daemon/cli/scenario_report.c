/* scenario_report.c: see scenario_report.h. */

#include "daemon/cli/scenario_report.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

/* --- for people */

static void put_field(FILE *out, const char *name, dw_str text)
{
    if (text.len != 0)
        fprintf(out, "        %-9s %.*s\n", name, DW_STR_ARG(text));
}

/* "at 2026-01-20, the end of the day": a date alone is the whole of it. */
static void put_when(FILE *out, dw_str when)
{
    if (when.len != 0)
        fprintf(out, "%.*s%s", DW_STR_ARG(when), when.len == 10 ? " (end of the day)" : "");
}

static void put_failure(FILE *out, const dw_scn_file *file, const dw_scn_failure *f)
{
    fprintf(out, "      %s:%u:%u: at ", file->path, f->pos.line, f->pos.column);
    put_when(out, f->when);
    fputc('\n', out);
    put_field(out, "expected", f->expected);
    put_field(out, "found", f->found);
    put_field(out, "nearest", f->hint);
}

void dw_report_failure(const dw_scn_file *file, const dw_scn_scenario *scenario, const dw_scn_result *result)
{
    printf("FAIL  %s:%u: %.*s\n", file->path, scenario->pos.line, DW_STR_ARG(scenario->title));
    for (size_t i = 0; i < result->count; i++)
        put_failure(stdout, file, &result->items[i]);
}

/* --- JSON */

static json_t *text_of(dw_str text)
{
    return json_stringn(text.ptr != NULL ? text.ptr : "", text.len);
}

bool dw_report_json(const dw_scn_file *file, const dw_scn_scenario *scenario, const dw_scn_result *result)
{
    json_t *rules = json_array(), *failures = json_array();
    for (uint32_t i = 0; i < scenario->rule_count; i++)
        json_array_append_new(rules, text_of(scenario->rules[i]));
    for (size_t i = 0; i < result->count; i++) {
        const dw_scn_failure *f = &result->items[i];
        json_array_append_new(failures,
                              json_pack("{s:i,s:i,s:o,s:o,s:o,s:o}", "line", (int)f->pos.line, "column",
                                        (int)f->pos.column, "at", text_of(f->when), "expected", text_of(f->expected),
                                        "found", text_of(f->found), "nearest", text_of(f->hint)));
    }
    json_t *line = json_pack("{s:s,s:i,s:o,s:o,s:s,s:o}", "file", file->path, "line", (int)scenario->pos.line, "title",
                             text_of(scenario->title), "rules", rules, "status",
                             result->count == 0 ? "passed" : "failed", "failures", failures);
    char *text = line != NULL ? json_dumps(line, JSON_COMPACT) : NULL;
    if (text != NULL)
        puts(text);
    free(text);
    json_decref(line);
    return text != NULL;
}

/* --- JUnit */

static void put_xml(FILE *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '&')
            fputs("&amp;", out);
        else if (c == '<')
            fputs("&lt;", out);
        else if (c == '>')
            fputs("&gt;", out);
        else if (c == '"')
            fputs("&quot;", out);
        else if (c >= 0x20 || c == '\n' || c == '\t')
            fputc(c, out);
        else
            fputc('?', out); /* XML has no such characters, not even as references */
    }
}

dw_errc dw_junit_open(dw_junit *junit, const char *path, dw_error *err)
{
    *junit = (dw_junit){.file = path != NULL ? fopen(path, "we") : NULL};
    if (path != NULL && junit->file == NULL)
        return dw_fail(err, DW_E_IO, "%s: %s", path, strerror(errno));
    if (junit->file != NULL)
        fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"driftwatch\">\n", junit->file);
    return DW_OK;
}

/* The counts stand in front of the cases, so a suite is put together in memory. */
bool dw_junit_suite_start(dw_junit *junit)
{
    junit->tests = junit->failures = 0;
    if (junit->file == NULL)
        return true;
    junit->suite_file = open_memstream(&junit->suite, &junit->suite_len);
    return junit->suite_file != NULL;
}

void dw_junit_case(dw_junit *junit, const dw_scn_file *file, const dw_scn_scenario *scenario,
                   const dw_scn_result *result)
{
    FILE *out = junit->suite_file;
    if (out == NULL)
        return;
    junit->tests++;
    fputs("    <testcase classname=\"", out);
    put_xml(out, file->path, strlen(file->path));
    fputs("\" name=\"", out);
    put_xml(out, scenario->title.ptr, scenario->title.len);
    fprintf(out, "\" line=\"%u\"", scenario->pos.line);
    if (result->count == 0) {
        fputs("/>\n", out);
        return;
    }
    char *text = NULL;
    size_t len = 0;
    FILE *words = open_memstream(&text, &len);
    for (size_t i = 0; words != NULL && i < result->count; i++)
        put_failure(words, file, &result->items[i]);
    if (words != NULL)
        fclose(words);
    junit->failures++;
    fprintf(out, ">\n      <failure message=\"%zu of its expectations %s not met\">", result->count,
            result->count == 1 ? "is" : "are");
    put_xml(out, text != NULL ? text : "", text != NULL ? len : 0);
    fputs("</failure>\n    </testcase>\n", out);
    free(text);
}

bool dw_junit_suite_end(dw_junit *junit, const char *name)
{
    if (junit->suite_file == NULL)
        return true;
    bool ok = fclose(junit->suite_file) == 0;
    junit->suite_file = NULL;
    fputs("  <testsuite name=\"", junit->file);
    put_xml(junit->file, name, strlen(name));
    fprintf(junit->file, "\" tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"0\">\n", junit->tests,
            junit->failures);
    if (ok)
        fputs(junit->suite, junit->file);
    fputs("  </testsuite>\n", junit->file);
    free(junit->suite);
    junit->suite = NULL;
    return ok;
}

bool dw_junit_close(dw_junit *junit)
{
    if (junit->file == NULL)
        return true;
    fputs("</testsuites>\n", junit->file);
    bool ok = ferror(junit->file) == 0;
    ok = fclose(junit->file) == 0 && ok;
    junit->file = NULL;
    return ok;
}

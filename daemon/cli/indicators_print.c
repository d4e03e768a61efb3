/* indicators_print.c: the figures for people, for programs, for spreadsheets. */

#include "daemon/cli/indicators.h"
#include "daemon/cli/text.h"
#include "proto/json.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

/* The share in per cent, one decimal, halves up; false when it cannot be given: "82.0". */
#define PERCENT_MAX 48
static bool percent_text(const dw_figure *one, char out[PERCENT_MAX])
{
    if (one->numerator < 0 || one->denominator <= 0)
        return false;
    int64_t tenths = (one->numerator * 2000 + one->denominator) / (2 * one->denominator);
    snprintf(out, PERCENT_MAX, "%" PRId64 ".%" PRId64, tenths / 10, tenths % 10);
    return true;
}

static const char *count_text(int64_t value, char out[24])
{
    if (value == DW_FIGURE_HIDDEN)
        return "c";
    if (value == DW_FIGURE_NONE)
        return "";
    snprintf(out, 24, "%" PRId64, value);
    return out;
}

static bool has_period(const dw_indicator *ind)
{
    return dw_ind_take_has_period(ind->take);
}

/* --- JSON: one object a line; a hidden count is null and named in `suppressed` */

static json_t *json_text(dw_str s)
{
    return json_stringn(s.ptr != NULL ? s.ptr : "", s.len);
}

static json_t *json_count(int64_t value)
{
    return value < 0 ? json_null() : json_integer((json_int_t)value);
}

static json_t *json_hidden(const dw_figure *one)
{
    const struct {
        const char *name;
        int64_t value;
    } counts[] = {{"numerator", one->numerator},
                  {"denominator", one->denominator},
                  {"not_yet_due", one->not_yet_due},
                  {"unknown", one->unknown},
                  {"paused", one->paused}};
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < sizeof(counts) / sizeof(counts[0]); i++)
        if (counts[i].value == DW_FIGURE_HIDDEN)
            json_array_append_new(list, json_string(counts[i].name));
    return list;
}

static bool put_line(json_t *object)
{
    char *line =
        object != NULL ? json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(6)) : NULL;
    if (line != NULL)
        puts(line);
    free(line);
    json_decref(object);
    return line != NULL;
}

static bool print_json(const dw_figures *f)
{
    char at[40], data[40], from[16], to[16], percent[PERCENT_MAX];
    dw_instant_format(f->at_us, at);
    dw_instant_format(f->data_us, data);
    dw_date_format(f->period.from_day, from);
    dw_date_format(f->period.to_day, to);
    bool ok =
        put_line(json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:I, s:b}", "kind", "indicators", "at", at, "data_as_of",
                           data, "period_from", from, "period_to", to, "standards_digest", json_text(f->digest),
                           "policy_number", (json_int_t)f->policy_number, "publish", f->publish));
    for (size_t i = 0; ok && i < f->count; i++) {
        const dw_figure *one = &f->items[i];
        const dw_indicator *ind = one->ind;
        json_t *object =
            json_pack("{s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "kind", "indicator", "id",
                      json_text(ind->id), "form", json_text(ind->form), "title", json_text(ind->title), "over",
                      has_period(ind) ? "period" : "instant", "numerator", json_count(one->numerator), "denominator",
                      json_count(one->denominator), "not_yet_due", json_count(one->not_yet_due), "unknown",
                      json_count(one->unknown), "paused", json_count(one->paused), "suppressed", json_hidden(one));
        if (object != NULL && percent_text(one, percent))
            json_object_set_new(object, "percent", json_real(strtod(percent, NULL)));
        if (object != NULL && ind->missing.len != 0)
            json_object_set_new(object, "not_in_force", json_text(ind->missing));
        if (object != NULL && ind->note.len != 0)
            json_object_set_new(object, "note", json_text(ind->note));
        ok = put_line(object);
    }
    return ok;
}

/* --- CSV (RFC 4180): every row by itself says what it stands for */

static void put_quoted(dw_str s)
{
    putchar('"');
    for (uint32_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '"')
            putchar('"');
        putchar(s.ptr[i]);
    }
    putchar('"');
}

static bool print_csv(const dw_figures *f)
{
    char at[40], data[40], from[16], to[16];
    dw_instant_format(f->at_us, at);
    dw_instant_format(f->data_us, data);
    dw_date_format(f->period.from_day, from);
    dw_date_format(f->period.to_day, to);
    printf("id,form,title,numerator,denominator,percent,not_yet_due,unknown,paused,period_from,period_to,at,data_as_of,"
           "standards_digest\r\n");
    for (size_t i = 0; i < f->count; i++) {
        const dw_figure *one = &f->items[i];
        char a[24], b[24], c[24], d[24], e[24], percent[PERCENT_MAX] = "";
        bool period = has_period(one->ind);
        (void)percent_text(one, percent);
        printf("%.*s,%.*s,", DW_STR_ARG(one->ind->id), DW_STR_ARG(one->ind->form));
        put_quoted(one->ind->title);
        printf(",%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%.*s\r\n", count_text(one->numerator, a),
               count_text(one->denominator, b), percent, count_text(one->not_yet_due, c), count_text(one->unknown, d),
               count_text(one->paused, e), period ? from : "", period ? to : "", at, data, DW_STR_ARG(f->digest));
    }
    return true;
}

/* --- a table */

static bool print_text(const dw_figures *f)
{
    char at[DW_TEXT_TIME_MAX], data[DW_TEXT_TIME_MAX], from[DW_TEXT_DATE_MAX], to[DW_TEXT_DATE_MAX];
    printf("At %s, from records up to %s.\nPeriod: %s to %s. Standards: number %u, %.*s.\n%s\n",
           dw_text_time(f->at_us, at, sizeof(at)), dw_text_time(f->data_us, data, sizeof(data)),
           dw_text_day(f->period.from_day, from, sizeof(from)), dw_text_day(f->period.to_day, to, sizeof(to)),
           f->policy_number, (int)(f->digest.len < 12 ? f->digest.len : 12), f->digest.ptr != NULL ? f->digest.ptr : "",
           f->publish ? "c: a small number, or one that would tell a small number; not given out.\n" : "");
    printf("%-7s %-24s %7s %7s %7s %8s %8s %7s\n", "", "", "", "of", "%", "not due", "unknown", "paused");
    for (size_t i = 0; i < f->count; i++) {
        const dw_figure *one = &f->items[i];
        char a[24], b[24], c[24], d[24], e[24], percent[PERCENT_MAX] = "";
        (void)percent_text(one, percent);
        printf("%-7.*s %-24.*s %7s %7s %7s %8s %8s %7s  %.*s\n", DW_STR_ARG(one->ind->id), DW_STR_ARG(one->ind->form),
               count_text(one->numerator, a), count_text(one->denominator, b), percent, count_text(one->not_yet_due, c),
               count_text(one->unknown, d), count_text(one->paused, e), DW_STR_ARG(one->ind->title));
        if (one->ind->missing.len != 0)
            printf("%-7s %-24s rule %.*s is not in force\n", "", "", DW_STR_ARG(one->ind->missing));
    }
    return true;
}

bool dw_figures_print(const dw_figures *figures, dw_figures_as as)
{
    switch (as) {
    case DW_FIGURES_TEXT:
        return print_text(figures);
    case DW_FIGURES_JSON:
        return print_json(figures);
    case DW_FIGURES_CSV:
        return print_csv(figures);
    }
    return false;
}

/* metrics.c: the text exposition format. */

#include "daemon/metrics.h"

#include "proto/limits.h"

#include <math.h>

typedef struct family {
    const char *name, *type, *help;
} family;

static const family families[DW_METRICS] = {
#define X(e, n, t, h) [e] = {n, t, h},
    DW_METRIC_LIST(X)
#undef X
};

static const double bounds_s[DW_HISTOGRAM_BOUNDS] = {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05,
                                                     0.1,    0.2,   0.5,   1,     2,    5};

const char *dw_metric_name(dw_metric metric)
{
    return families[metric].name;
}

void dw_metrics_page_deinit(dw_metrics_page *page)
{
    free(page->text);
    *page = (dw_metrics_page){0};
}

static void put(dw_metrics_page *page, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(dw_metrics_page *page, const char *fmt, ...)
{
    for (int tries = 0; tries < 2 && !page->failed; tries++) {
        va_list args;
        va_start(args, fmt);
        int n = vsnprintf(page->text == NULL ? NULL : page->text + page->len, page->cap - page->len, fmt, args);
        va_end(args);
        if (n >= 0 && page->text != NULL && (size_t)n < page->cap - page->len) {
            page->len += (size_t)n;
            return;
        }
        size_t cap = page->cap * 2 + (size_t)(n < 0 ? 0 : n) + 4096;
        char *text = n < 0 || cap > DW_METRICS_BYTES_MAX ? NULL : realloc(page->text, cap);
        if (text == NULL) {
            page->failed = true;
            return;
        }
        page->text = text;
        page->cap = cap;
    }
}

void dw_metrics_family(dw_metrics_page *page, dw_metric metric)
{
    const family *f = &families[metric];
    put(page, "# HELP %s %s\n# TYPE %s %s\n", f->name, f->help, f->name, f->type);
}

static void put_value(dw_metrics_page *page, double value)
{
    if (value >= -9e15 && value <= 9e15 && value == floor(value))
        put(page, " %.0f\n", value);
    else
        put(page, " %.9g\n", value);
}

void dw_metrics_sample_suffix(dw_metrics_page *page, dw_metric metric, const char *suffix, const char *labels,
                              double value)
{
    if (labels != NULL && *labels != '\0')
        put(page, "%s%s{%s}", families[metric].name, suffix, labels);
    else
        put(page, "%s%s", families[metric].name, suffix);
    put_value(page, value);
}

void dw_metrics_sample(dw_metrics_page *page, dw_metric metric, const char *labels, double value)
{
    dw_metrics_sample_suffix(page, metric, "", labels, value);
}

void dw_histogram_observe(dw_histogram *histogram, double seconds)
{
    size_t i = 0;
    while (i < DW_HISTOGRAM_BOUNDS && seconds > bounds_s[i])
        i++;
    histogram->buckets[i]++;
    histogram->count++;
    histogram->sum_s += seconds;
}

void dw_metrics_histogram(dw_metrics_page *page, dw_metric metric, const dw_histogram *histogram)
{
    dw_metrics_family(page, metric);
    uint64_t below = 0;
    for (size_t i = 0; i <= DW_HISTOGRAM_BOUNDS; i++) {
        char label[40];
        below += histogram->buckets[i];
        if (i < DW_HISTOGRAM_BOUNDS)
            snprintf(label, sizeof(label), "le=\"%g\"", bounds_s[i]);
        else
            snprintf(label, sizeof(label), "le=\"+Inf\"");
        dw_metrics_sample_suffix(page, metric, "_bucket", label, (double)below);
    }
    dw_metrics_sample_suffix(page, metric, "_sum", NULL, histogram->sum_s);
    dw_metrics_sample_suffix(page, metric, "_count", NULL, (double)histogram->count);
}

/* The exposition: one HELP and TYPE a family, cumulative buckets, names by the conventions. */

#include "daemon/metrics.h"

#include "proto/limits.h"
#include "tests/support/suite.h"

#include <stdlib.h>

static const struct {
    const char *name, *type, *help;
} all[] = {
#define X(e, n, t, h) {n, t, h},
    DW_METRIC_LIST(X)
#undef X
};

START_TEST(names_follow_the_conventions)
{
    const char *name = all[_i].name;
    size_t len = strlen(name);
    ck_assert(strncmp(name, "driftwatch_", 11) == 0 || strncmp(name, "process_", 8) == 0);
    for (size_t i = 0; i < len; i++)
        ck_assert((name[i] >= 'a' && name[i] <= 'z') || name[i] == '_');
    bool total = len > 6 && strcmp(name + len - 6, "_total") == 0;
    ck_assert_int_eq(total, strcmp(all[_i].type, "counter") == 0);
    ck_assert_ptr_null(strchr(all[_i].help, '\n'));
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        ck_assert(i == (size_t)_i || strcmp(all[i].name, name) != 0);
}
END_TEST

START_TEST(text_of_a_family)
{
    dw_metrics_page page = {0};
    dw_metrics_family(&page, DW_M_LAG);
    dw_metrics_sample(&page, DW_M_LAG, "partition=\"3\"", 12);
    dw_metrics_sample(&page, DW_M_LAG, NULL, 0.25);
    ck_assert(!page.failed);
    ck_assert_str_eq(page.text, "# HELP driftwatch_lag_records Records appended and not yet applied.\n"
                                "# TYPE driftwatch_lag_records gauge\n"
                                "driftwatch_lag_records{partition=\"3\"} 12\n"
                                "driftwatch_lag_records 0.25\n");
    dw_metrics_page_deinit(&page);
}
END_TEST

START_TEST(buckets_are_cumulative)
{
    dw_histogram h = {0};
    dw_histogram_observe(&h, 0.0004);
    dw_histogram_observe(&h, 0.0005); /* a bound belongs to its bucket */
    dw_histogram_observe(&h, 0.3);
    dw_histogram_observe(&h, 99);
    dw_metrics_page page = {0};
    dw_metrics_histogram(&page, DW_M_COMMIT_SECONDS, &h);
    ck_assert_ptr_nonnull(strstr(page.text, "_bucket{le=\"0.0005\"} 2\n"));
    ck_assert_ptr_nonnull(strstr(page.text, "_bucket{le=\"0.2\"} 2\n"));
    ck_assert_ptr_nonnull(strstr(page.text, "_bucket{le=\"0.5\"} 3\n"));
    ck_assert_ptr_nonnull(strstr(page.text, "_bucket{le=\"5\"} 3\n"));
    ck_assert_ptr_nonnull(strstr(page.text, "_bucket{le=\"+Inf\"} 4\n"));
    ck_assert_ptr_nonnull(strstr(page.text, "_count 4\n"));
    dw_metrics_page_deinit(&page);
}
END_TEST

START_TEST(a_page_is_bounded)
{
    dw_metrics_page page = {0};
    for (int i = 0; i < 200000; i++)
        dw_metrics_sample(&page, DW_M_LAG, "partition=\"1\"", i);
    ck_assert(page.failed);
    ck_assert_uint_le(page.cap, DW_METRICS_BYTES_MAX);
    dw_metrics_page_deinit(&page);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics");
    TCase *tc = tcase_create("metrics");
    tcase_add_loop_test(tc, names_follow_the_conventions, 0, sizeof(all) / sizeof(all[0]));
    tcase_add_test(tc, text_of_a_family);
    tcase_add_test(tc, buckets_are_cumulative);
    tcase_add_test(tc, a_page_is_bounded);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

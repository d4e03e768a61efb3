#pragma once
/* suite.h: how a test program of `check` runs its suite and what it returns. */

#include <check.h>
#include <stdlib.h>

static inline int run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV); /* as CK_VERBOSITY says, else normal */
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Of a suite with one case. */
static inline int run_suite_of(TCase *tc, const char *name)
{
    Suite *suite = suite_create(name);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

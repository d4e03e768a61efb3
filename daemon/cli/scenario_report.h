#pragma once
/* scenario_report.h: what became of scenarios: for people, as JSON Lines, as JUnit XML. No times, so that the same
 * run is reported in the same bytes. */

#include "daemon/cli/scenario.h"

#include <stdio.h>

/* A JUnit file under way; NULL stream: none is wanted. */
typedef struct dw_junit {
    FILE *file;
    char *suite; /* test cases of the file being run */
    size_t suite_len;
    FILE *suite_file;
    unsigned tests, failures;
} dw_junit;

dw_errc dw_junit_open(dw_junit *junit, const char *path, dw_error *err);
bool dw_junit_suite_start(dw_junit *junit);
bool dw_junit_suite_end(dw_junit *junit, const char *name);
void dw_junit_case(dw_junit *junit, const dw_scn_file *file, const dw_scn_scenario *scenario,
                   const dw_scn_result *result);
bool dw_junit_close(dw_junit *junit); /* false: it could not be written */

/* One scenario that failed, to stdout, in some lines. */
void dw_report_failure(const dw_scn_file *file, const dw_scn_scenario *scenario, const dw_scn_result *result);
/* One scenario, to stdout, as one line of JSON. False: out of memory. */
bool dw_report_json(const dw_scn_file *file, const dw_scn_scenario *scenario, const dw_scn_result *result);

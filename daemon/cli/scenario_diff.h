#pragma once
/* scenario_diff.h: private to the runner of scenarios: one expectation against one child's alerts and duties, in words. */

#include "daemon/cli/inproc.h"
#include "daemon/cli/scenario.h"

#define DW_SCN_TEXT_MAX 400 /* bytes of one line of a difference */

/* How well something meets an expectation: every thing said that differs is a bit 1 << dw_scn_field; 0 = it meets it. */
uint32_t dw_scn_alert_differs(const dw_scn_want *want, const dw_record *rec, const dw_alert *alert);
uint32_t dw_scn_duty_differs(const dw_scn_want *want, const dw_record *rec, const dw_obligation *duty);

/* In words, as an expectation is written: "CP-07 due 2026-01-19 subject P1". Each returns `out`. `child` says whether the
 * child has to be named. */
char *dw_scn_want_text(const dw_scn_want *want, char out[DW_SCN_TEXT_MAX]);
char *dw_scn_alert_text(const dw_record *rec, const dw_alert *alert, bool child, char out[DW_SCN_TEXT_MAX]);
char *dw_scn_duty_text(const dw_record *rec, const dw_obligation *duty, bool child, char out[DW_SCN_TEXT_MAX]);
/* " (due, level)": the names of the bits. */
char *dw_scn_differs_text(uint32_t differs, char out[DW_SCN_TEXT_MAX]);

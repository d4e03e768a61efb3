#pragma once
/* text.h: dates, times, levels and alerts in words, for people in England. Pure: no clock, no I/O. Local times are
 * Europe/London's. Every function writes at most `size` bytes with the NUL and returns `out`. */

#include "handlers/calendar.h"
#include "handlers/policy.h"
#include "proto/alert.h"

#define DW_TEXT_DATE_MAX 24 /* bytes: "Wed 30 Sep 2026" */
#define DW_TEXT_TIME_MAX 32 /* bytes: "Wed 30 Sep 2026 17:05" */

char *dw_text_day(int32_t day, char *out, size_t size);    /* "Tue 4 Nov 2025" */
char *dw_text_time(int64_t at_us, char *out, size_t size); /* "Tue 4 Nov 2025 09:12" */
/* When a duty was due, and how that stands at `today`: "due Tue 4 Nov 2025 (3 days ago)"; "no due date" without one. */
char *dw_text_due(const dw_transition *tr, int64_t now_us, char *out, size_t size);
/* "3 days", "1 day", "5 hours", "40 minutes": the largest unit that is at least one. */
char *dw_text_span(int64_t us, char *out, size_t size);
const char *dw_text_level(uint32_t level); /* "social worker" ... "director"; "level ?" beyond */
/* "child" and "plan P-1": what the alert is about, behind the child. Empty for subject kind child. */
char *dw_text_subject(dw_str kind, dw_str id, char *out, size_t size);
/* One sentence that says what happened: "Child protection visit overdue for 999/C1000042 (plan P-1), due Tue 4 Nov 2025:
 * goes to safeguarding-01-manager (team manager)". `title`: the rule's, or its id. */
char *dw_text_transition(const dw_transition *tr, dw_str title, char *out, size_t size);
/* Does it match? `*` and `?` do not count here: equality, or empty pattern. */
bool dw_text_matches(dw_str value, const char *wanted);

#pragma once
/* explain.h: why an alert is (or is not) there: rule, evidence, and the working of the due date line by line.
 * Pure; used by `driftwatch explain` and the pages. Text for people, one fact per line, no names. */

#include "handlers/driftwatch.h"

/* Receives one line (no newline). `key` is a stable field name for JSON ("rule", "anchor", "working", "due" ...). */
typedef void dw_explain_line(void *user, const char *key, const char *text);

/* Explain the obligation of (rule, subject) of this record at `clock_us`. False when the rule does not apply to the subject, or
 * when memory ran out. */
bool dw_explain(const dw_record *rec, const dw_policy *policy, dw_str rule_id, dw_str subject_kind, dw_str subject_id,
                int64_t clock_us, dw_explain_line *line, void *user);

/* Why this rule raises nothing for the child, or what it does raise: is it in force, which spans it could hang on and why one is
 * not selected (the values found), what it counts from, rests, evidence that met it or was passed over, the due date with its
 * days, the clock, warnings, the cut-over, the alerts there were. Of a child that was merged into another only that is told. False when the policy has no such rule, or memory ran out. */
bool dw_explain_why_not(const dw_record *rec, const dw_policy *policy, dw_str rule_id, int64_t clock_us,
                        dw_explain_line *line, void *user);

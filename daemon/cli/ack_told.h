#pragma once
/* ack_told.h: what the core will make of an acknowledgement (handlers/reconcile.h), told before and after it is sent. Pure: the
 * day and the record are arguments. What comes to the log in between can still change it. */

#include "handlers/driftwatch.h"

#define DW_ACK_TOLD_MAX 256 /* bytes of dw_ack_told()'s text */

/* DW_E_INVAL: the review date lies before `today`, and the core would only note the answer. */
dw_errc dw_ack_check(int32_t review_by, int32_t today, dw_error *err);
/* The last day that an answer of `today` to this alert may last, by the ladder it opened with and the calendar in force.
 * DW_DAY_NONE: not known, for want of the record, of its alert or of a policy (both may be NULL). */
int32_t dw_ack_review_cap(const dw_record *rec, const dw_policy *policy, const char *alert_id, int32_t today);
/* The review date that is then in force; DW_DAY_NONE when the cap is not known, or when the answer is not of the alert's level
 * and thus only noted. */
int32_t dw_ack_review_by(const dw_transition *row, const dw_ack *ack, int32_t cap);
/* "answered at social worker level, review by Fri 27 Nov 2026, the longest that is allowed (asked for: Mon 4 Jan 2027)".
 * Returns `out`. */
char *dw_ack_told(const dw_transition *row, const dw_ack *ack, int32_t cap, char *out, size_t size);

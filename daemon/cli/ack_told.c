/* ack_told.c: see ack_told.h. */

#include "daemon/cli/ack_told.h"
#include "daemon/cli/text.h"
#include "handlers/ladder.h"
#include "handlers/reconcile.h"

#include <stdio.h>

dw_errc dw_ack_check(int32_t review_by, int32_t today, dw_error *err)
{
    char asked[DW_TEXT_DATE_MAX];
    char now[DW_TEXT_DATE_MAX];
    if (review_by >= today)
        return DW_OK;
    return dw_fail(err, DW_E_INVAL, "the review date %s is past (today is %s): nothing was answered",
                   dw_text_day(review_by, asked, sizeof(asked)), dw_text_day(today, now, sizeof(now)));
}

int32_t dw_ack_review_cap(const dw_record *rec, const dw_policy *policy, const char *alert_id, int32_t today)
{
    const dw_alert *alert = rec != NULL && policy != NULL ? dw_alert_by_id(rec, dw_str_from(alert_id)) : NULL;
    return alert != NULL ? dw_ladder_review_cap(&alert->ladder, dw_policy_calendar(policy), today) : DW_DAY_NONE;
}

int32_t dw_ack_review_by(const dw_transition *row, const dw_ack *ack, int32_t cap)
{
    if (cap == DW_DAY_NONE || ack->level != row->level)
        return DW_DAY_NONE;
    return ack->review_by < cap ? ack->review_by : cap;
}

char *dw_ack_told(const dw_transition *row, const dw_ack *ack, int32_t cap, char *out, size_t size)
{
    char asked[DW_TEXT_DATE_MAX];
    char last[DW_TEXT_DATE_MAX];
    const char *level = dw_text_level(ack->level);
    dw_text_day(ack->review_by, asked, sizeof(asked));
    dw_text_day(cap, last, sizeof(last));
    if (ack->level != row->level)
        snprintf(out, size, "only noted: the answer is of %s level, the alert stands at %s level", level,
                 dw_text_level(row->level));
    else if (cap == DW_DAY_NONE)
        snprintf(out, size, "answered at %s level, review by %s, or sooner when that is longer than allowed", level,
                 asked);
    else if (ack->review_by > cap)
        snprintf(out, size, "answered at %s level, review by %s, the longest that is allowed (asked for: %s)", level,
                 last, asked);
    else
        snprintf(out, size, "answered at %s level, review by %s", level, asked);
    return out;
}

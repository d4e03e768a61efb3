#pragma once
/* outcome.h: why a live alert is no longer demanded. Private to the core: reconcile.c asks when it resolves one. */

#include "handlers/evaluate.h"
#include "handlers/record.h"

/* Is the duty due when the alert was, and does the alert rest on the fact of that offset? */
static inline bool dw_alert_same_due(const dw_alert *alert, const dw_obligation *ob)
{
    if (alert->due_kind != ob->due_kind)
        return false;
    return ob->due_kind == DW_DUE_INSTANT ? alert->due_at_us == ob->due_at_us : alert->due_on == ob->due_on;
}

static inline bool dw_alert_has_cause(const dw_alert *alert, int64_t offset)
{
    for (uint32_t i = 0; i < alert->cause_count; i++)
        if (alert->causes[i] == offset)
            return true;
    return false;
}

/* `ob`: the present duty of the alert's rule and subject, with the others of it behind it; NULL: there is none. by_policy: the
 * rule went, or what it asks. *closing: the fact that ended the alert, when one did, else NULL. */
dw_outcome dw_outcome_of(const dw_alert *alert, const dw_obligation *ob, bool by_policy, const dw_fact **closing);

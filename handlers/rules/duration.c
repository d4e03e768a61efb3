/* duration.c: a span open longer than a limit: a plan of over 15 months. */

#include "handlers/rules/rules.h"

static void duration_of_span(dw_eval *ev, const dw_rule *rule, const dw_span *span)
{
    dw_when anchor;
    dw_obligation ob = dw_ob_make(rule, span);
    if (!dw_eval_anchor(ev, rule, span, &anchor))
        return;
    dw_due due;
    if (!dw_eval_due(ev, rule, span, &anchor, &due)) {
        dw_ob_rest(&ob, &anchor, due.gaps);
    } else {
        dw_ob_set_due(&ob, &anchor, &due);
        if (span->end_us > ev->chron->clock_us)
            dw_ob_run(ev, &ob);
        else if (span->end == DW_END_FACT)
            dw_ob_meet(&ob, span->closed_by, span->end_day <= due.on);
        else
            dw_ob_end(&ob, span);
    }
    dw_eval_add(ev, &ob);
}

void dw_rule_duration(dw_eval *ev, const dw_rule *rule)
{
    dw_eval_each_part(ev, rule, duration_of_span);
}

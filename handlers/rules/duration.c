/* duration.c: a span open longer than a limit: a plan of over 15 months. */

#include "handlers/rules/rules.h"

void dw_rule_duration(dw_eval *ev, const dw_rule *rule)
{
    uint32_t count;
    const dw_span *spans = dw_eval_spans(ev, &rule->over, &count);
    for (uint32_t i = 0; i < count; i++) {
        const dw_span *span = &spans[i];
        if (dw_eval_settled(ev, span) || !dw_eval_selected(ev, &rule->over, span))
            continue;
        dw_when anchor = dw_eval_anchor(ev, rule, span);
        dw_obligation ob = dw_ob_make(rule, span);
        dw_due due;
        if (!dw_eval_due(ev, rule, span, &anchor, &due)) {
            ob.state = DW_OB_RESTING;
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
}

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

void dw_rule_duration(dw_eval *ev, const dw_rule *rule)
{
    uint32_t count;
    const dw_span *spans = dw_eval_spans(ev, &rule->over, &count);
    dw_eval_pin_anchors(ev, rule);
    for (uint32_t i = 0; i < count; i++) {
        if (dw_eval_settled(ev, &spans[i]))
            continue;
        uint32_t parts;
        const dw_span *part = dw_eval_phases(ev, rule, &spans[i], &parts);
        for (uint32_t k = 0; k < parts; k++)
            duration_of_span(ev, rule, &part[k]);
    }
}

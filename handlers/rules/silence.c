/* silence.c: nothing recorded at all for longer than a limit while a case is open. Any surviving fact restarts it. */

#include "handlers/rules/rules.h"

static const dw_fact *last_fact(const dw_eval *ev, const dw_span *span)
{
    for (uint32_t i = ev->chron->fact_count; i > 0; i--) {
        const dw_fact *fact = ev->chron->facts[i - 1];
        if (fact->day <= span->end_day && fact->at_us <= ev->chron->clock_us) /* not the end still to come of a spell */
            return fact;
    }
    return NULL;
}

void dw_rule_silence(dw_eval *ev, const dw_rule *rule)
{
    for (uint32_t i = 0; i < ev->chron->span_count[rule->over.family]; i++) {
        const dw_span *span = &ev->chron->spans[rule->over.family][i];
        if (dw_eval_settled(ev, span) || !dw_eval_selected(ev, &rule->over, span))
            continue;
        const dw_fact *last = last_fact(ev, span);
        dw_when from = {span->start_day, span->start_us, span->start_approximate, span->opened_by};
        if (last != NULL && last->day >= span->start_day)
            from = (dw_when){last->day, last->at_us, true, last};
        dw_obligation ob = dw_ob_make(rule, span);
        dw_due due;
        if (!dw_eval_due(ev, rule, span, &from, &due)) {
            dw_ob_rest(&ob, &from, due.gaps);
            dw_eval_add(ev, &ob);
            continue;
        }
        dw_ob_set_due(&ob, &from, &due);
        ob.met_by = last;
        if (span->end_us <= ev->chron->clock_us)
            dw_ob_end(&ob, span);
        else
            dw_ob_run(ev, &ob);
        dw_eval_add(ev, &ob);
    }
}

/* intervals.c: all intervals of a recurring duty, past ones too: each stretch between two pieces of evidence, in the parts of its
 * spans that no rest covers. What an indicator counts, and what a breach is found by. */

#include "handlers/rules/rules.h"

/* Is what lies between the two all there? */
static bool is_known(const dw_eval *ev, const dw_fact *until)
{
    return until == NULL || until->day >= ev->chron->whole_from || (until->flags & DW_FACTF_MISSED) != 0;
}

typedef struct walk {
    const dw_rule *rule;
    const dw_chain *chain;
    dw_interval_fn *fn;
    void *user;
} walk;

static void look_at(dw_eval *ev, const walk *w, const dw_active *part, dw_when from, const dw_fact *until,
                    uint32_t rank, bool speaks)
{
    dw_interval one = {
        .rule = w->rule, .span = w->chain->span, .from = from, .until = until, .part_until_us = part->until_us};
    int64_t now_us = ev->chron->clock_us;
    one.owed = speaks && dw_eval_due_nth(ev, w->rule, one.span, &from, rank, &one.due);
    if (one.owed) {
        one.late_us = one.due.late_from_us;
        if (part->rested && one.late_us < part->from_us)
            one.late_us = part->from_us; /* owed again from here on */
        if (until != NULL)
            one.missed = !dw_fact_in_time(until, &one.due);
        else
            one.missed = one.late_us <= (part->until_us < now_us ? part->until_us : now_us);
    }
    w->fn(ev, w->user, &one);
}

/* What begins the first interval of a part that follows a rest: the last evidence of either kind up to its end. */
static dw_when after_rest(dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_active *part, dw_when own)
{
    dw_reach reach = {span->start_day, part->from_day, DW_AT_NONE};
    const dw_fact *last = dw_eval_last(ev, rule->after_rest, rule->after_rest_count, span, &reach);
    return last != NULL && last->day > own.day ? dw_when_of_fact(last) : own;
}

static void intervals_of_part(dw_eval *ev, const walk *w, const dw_active *part)
{
    const dw_chain *chain = w->chain;
    uint32_t i = chain->first; /* evidence i begins, or for chain->first the anchor; list[i] meets it */
    while (part->rested && i < chain->count && chain->list[i]->day <= part->from_day)
        i++;
    dw_when from = i > chain->first ? dw_when_of_fact(chain->list[i - 1]) : chain->anchor;
    bool speaks = dw_chain_speaks(w->rule, chain, i);
    if (part->rested) {
        const dw_fact *begun_by = from.fact;
        from = after_rest(ev, w->rule, chain->span, part, from);
        speaks = speaks || from.fact != begun_by;
    }
    for (;; i++) {
        const dw_fact *until = i < chain->count && chain->list[i]->day <= part->until_day ? chain->list[i] : NULL;
        int32_t over = until != NULL ? until->day : part->until_day;
        bool settled = over < ev->look_from || (until != NULL ? over <= ev->settled_to : over < ev->settled_to);
        if (!settled && is_known(ev, until))
            look_at(ev, w, part, from, until, i, speaks);
        if (until == NULL)
            return;
        from = dw_when_of_fact(until);
        speaks = dw_chain_speaks(w->rule, chain, i + 1);
    }
}

void dw_eval_intervals(dw_eval *ev, const dw_rule *rule, dw_interval_fn *fn, void *user)
{
    uint32_t spans, parts, n;
    const dw_span *span = dw_eval_spans(ev, &rule->over, &spans);
    for (uint32_t i = 0; i < spans; i++) {
        const dw_span *phase = dw_eval_phases(ev, rule, &span[i], &n);
        for (uint32_t k = 0; k < n; k++) {
            dw_chain chain;
            walk w = {rule, &chain, fn, user};
            if (!dw_recurring_chain(ev, rule, &phase[k], &chain))
                continue;
            const dw_active *part = dw_eval_active(ev, rule, chain.span, &parts);
            for (uint32_t p = 0; p < parts; p++)
                intervals_of_part(ev, &w, &part[p]);
        }
    }
}

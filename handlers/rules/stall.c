/* stall.c: two consecutive reviews of one plan that changed nothing. */

#include "handlers/rules/rules.h"

/* The latest thing said about a field as of a day: by a review of the plan, by the plan, or by the placement then open.
 * Blank means unchanged, so an earlier word stands. */
typedef struct word {
    const dw_value *value;
    const dw_fact *fact;
} word;

static void later_word(word *have, const dw_value *value, const dw_fact *fact)
{
    if (value != NULL && (have->fact == NULL || !dw_fact_before(fact, have->fact)))
        *have = (word){value, fact};
}

static const dw_span *placement_on(const dw_eval *ev, int32_t day)
{
    const dw_span *found = NULL;
    for (uint32_t i = 0; i < ev->chron->span_count[DW_SPAN_PLACEMENT]; i++) {
        const dw_span *span = &ev->chron->spans[DW_SPAN_PLACEMENT][i];
        if (span->start_day <= day && day <= span->end_day)
            found = span; /* on the day of a move: the one moved to */
    }
    return found;
}

static word word_on(const dw_eval *ev, const dw_field_ref *field, const dw_span *span, const dw_fact **reviews,
                    uint32_t n, int32_t day)
{
    word said = {NULL, NULL};
    const dw_fact *carrier = NULL;
    for (uint32_t i = 0; i < n && reviews[i]->day <= day; i++)
        later_word(&said, dw_fact_says(reviews[i], field), reviews[i]);
    const dw_value *value = dw_span_value(span, field, day, &carrier);
    if (value != NULL)
        later_word(&said, value, carrier);
    const dw_span *placement = placement_on(ev, day);
    value = placement != NULL ? dw_span_value(placement, field, day, &carrier) : NULL;
    if (value != NULL)
        later_word(&said, value, carrier);
    return said;
}

static bool same_word(const dw_value *a, const dw_value *b)
{
    return a == NULL || b == NULL ? a == b : dw_value_same(a, b);
}

/* Is everything the rule names on day `b` as it was on day `a`? */
static bool unchanged(const dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_fact **reviews, uint32_t n,
                      int32_t a, int32_t b)
{
    if (rule->same_placement) {
        const dw_span *then = placement_on(ev, a), *now = placement_on(ev, b);
        if (then != now)
            return false;
    }
    for (uint32_t i = 0; i < rule->same_count; i++)
        if (!same_word(word_on(ev, rule->same[i], span, reviews, n, a).value,
                       word_on(ev, rule->same[i], span, reviews, n, b).value))
            return false;
    return true;
}

/* Do reviews i-1 and i make a stall? */
static bool stalled(const dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_fact **reviews, uint32_t n,
                    uint32_t i)
{
    return dw_pred_fact(rule->both, reviews[i - 1]) && dw_pred_fact(rule->both, reviews[i]) &&
           unchanged(ev, rule, span, reviews, n, reviews[i - 1]->day, reviews[i]->day);
}

static void pin_plan(dw_eval *ev, const dw_span *span, const dw_fact **reviews, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        dw_eval_pin_fact(ev, reviews[i]);
    for (uint32_t i = 0; i < ev->chron->span_count[DW_SPAN_PLACEMENT]; i++) {
        const dw_span *placement = &ev->chron->spans[DW_SPAN_PLACEMENT][i];
        if (placement->end_day >= span->start_day)
            dw_eval_pin_span(ev, placement);
    }
}

/* A placement that ended today is the child's to the end of the day: what is compared changes by time alone. */
static void wait_for_move(dw_eval *ev)
{
    for (uint32_t i = 0; i < ev->chron->span_count[DW_SPAN_PLACEMENT]; i++)
        if (ev->chron->spans[DW_SPAN_PLACEMENT][i].end_day == ev->chron->today)
            dw_eval_wake(ev, dw_london_start_us(ev->chron->today + 1));
}

void dw_rule_stall(dw_eval *ev, const dw_rule *rule)
{
    for (uint32_t s = 0; s < ev->chron->span_count[rule->over.family]; s++) {
        const dw_span *span = &ev->chron->spans[rule->over.family][s];
        if (dw_eval_settled(ev, span) || !dw_eval_selected(ev, &rule->over, span))
            continue;
        dw_reach reach = {span->start_day, span->end_day, DW_AT_NONE};
        const dw_fact **reviews;
        uint32_t n = dw_eval_all(ev, rule->evidence, rule->evidence_count, span, &reach, &reviews);
        if (ev->pin) {
            if (n > 0)
                pin_plan(ev, span, reviews, n);
            continue;
        }
        if (n < 2 || !stalled(ev, rule, span, reviews, n, n - 1))
            continue;
        uint32_t first = n - 1; /* the pair that began the unbroken stall */
        while (first > 1 && stalled(ev, rule, span, reviews, n, first - 1))
            first--;
        dw_obligation ob = dw_ob_make(rule, span);
        dw_due since = {.kind = DW_DUE_NONE, .on = reviews[first]->day, .from_day = reviews[first]->day};
        since.from_us = reviews[first]->at_us;
        since.late_from_us = since.at_us = reviews[first]->at_us;
        dw_when from = {reviews[first]->day, reviews[first]->at_us, true, reviews[first - 1]};
        dw_ob_set_due(&ob, &from, &since);
        for (uint32_t i = first; i < n; i++)
            dw_ob_cause(&ob, reviews[i]);
        ob.count = n - first;
        wait_for_move(ev);
        int32_t now = span->end_day < ev->chron->today ? span->end_day : ev->chron->today;
        if (span->end_us <= ev->chron->clock_us)
            ob.state = DW_OB_SUPERSEDED_OVERDUE;
        else if (!unchanged(ev, rule, span, reviews, n, reviews[n - 1]->day, now))
            ob.state = DW_OB_MET_LATE; /* a change of plan or placement since */
        else
            ob.state = DW_OB_OVERDUE;
        dw_eval_add(ev, &ob);
    }
}

/* rest.c: what a duty rests for: spans beside its own, such as a stricter plan. */

#include "handlers/rules/rules.h"

/* Whichever of these turns out to be the rest that ended last: it, and the last visit up to its end, must be there. */
static void pin_rest(dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_span *other)
{
    dw_reach reach = {span->start_day, other->end_day, DW_AT_NONE};
    dw_eval_pin_span(ev, other);
    (void)dw_eval_last(ev, rule->after_rest, rule->after_rest_count, span, &reach);
}

dw_rest dw_eval_rest(dw_eval *ev, const dw_rule *rule, const dw_span *span, int64_t from_us)
{
    dw_rest found = {false, DW_AT_NEVER, DW_AT_NONE, DW_DAY_NONE};
    int64_t moment = dw_span_moment(ev, span);
    for (uint32_t r = 0; r < rule->rest_count; r++) {
        dw_span *spans = ev->chron->spans[rule->rests[r].family];
        for (uint32_t i = 0; i < ev->chron->span_count[rule->rests[r].family]; i++) {
            dw_span *other = &spans[i];
            if (other->start_us > moment || other->end_us <= span->start_us ||
                !dw_eval_selected(ev, &rule->rests[r], other))
                continue;
            if (ev->pin && other->end_us > from_us)
                pin_rest(ev, rule, span, other);
            if (other->end_us > moment) {
                found.open = true;
                if (other->start_us < found.open_since_us)
                    found.open_since_us = other->start_us;
            } else if (other->end_us > found.ended_us) {
                found.ended_us = other->end_us;
                found.ended_day = other->end_day;
            }
        }
    }
    return found;
}

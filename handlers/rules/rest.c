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

/* --- the parts between rests */

typedef struct rest_list {
    const dw_span **items; /* ascending start */
    uint32_t count;
} rest_list;

static rest_list rests_of(dw_eval *ev, const dw_rule *rule, const dw_span *span)
{
    uint32_t most = 0;
    int64_t moment = dw_span_moment(ev, span);
    for (uint32_t r = 0; r < rule->rest_count; r++)
        most += ev->chron->span_count[rule->rests[r].family];
    rest_list list = {dw_arena_alloc(ev->arena, (most + 1) * sizeof *list.items), 0};
    ev->nomem = ev->nomem || list.items == NULL;
    for (uint32_t r = 0; r < rule->rest_count && list.items != NULL; r++) {
        dw_span *spans = ev->chron->spans[rule->rests[r].family];
        for (uint32_t i = 0; i < ev->chron->span_count[rule->rests[r].family]; i++) {
            const dw_span *other = &spans[i];
            if (other->start_us > moment || other->end_us <= span->start_us ||
                !dw_eval_selected(ev, &rule->rests[r], other))
                continue;
            uint32_t at = list.count++;
            for (; at > 0 && list.items[at - 1]->start_us > other->start_us; at--)
                list.items[at] = list.items[at - 1];
            list.items[at] = other;
        }
    }
    return list;
}

const dw_active *dw_eval_active(dw_eval *ev, const dw_rule *rule, const dw_span *span, uint32_t *count)
{
    rest_list rests = rests_of(ev, rule, span);
    dw_active *parts = dw_arena_alloc(ev->arena, (rests.count + 1) * sizeof *parts);
    *count = 0;
    if (parts == NULL || rests.items == NULL) {
        ev->nomem = true;
        return NULL;
    }
    dw_active part = {span->start_day, span->end_day, span->start_us, span->end_us, false};
    for (uint32_t i = 0; i < rests.count; i++) {
        const dw_span *rest = rests.items[i];
        bool same_day =
            part.rested && rest->start_day == part.from_day; /* one rest into the next: no day between them */
        if (rest->start_us > part.from_us && !same_day) {
            parts[*count] = part;
            parts[*count].until_day = rest->start_day;
            parts[*count].until_us = rest->start_us;
            ++*count;
        }
        if (rest->end_us >= span->end_us)
            return parts;
        if (rest->end_us > part.from_us) {
            part.from_day = rest->end_day;
            part.from_us = rest->end_us;
            part.rested = true;
        }
    }
    parts[(*count)++] = part;
    return parts;
}

void dw_eval_pin_rests(dw_eval *ev, const dw_rule *rule, const dw_span *span, int64_t from_us, int64_t until_us)
{
    for (uint32_t r = 0; r < rule->rest_count; r++) {
        dw_span *spans = ev->chron->spans[rule->rests[r].family];
        for (uint32_t i = 0; i < ev->chron->span_count[rule->rests[r].family]; i++)
            if (spans[i].start_us <= until_us && spans[i].end_us >= from_us)
                pin_rest(ev, rule, span, &spans[i]);
    }
}

bool dw_eval_rest_stays(const dw_eval *ev, const dw_rule *rule, int64_t start_us)
{
    bool stays = false;
    for (uint32_t r = 0; r < rule->rest_count; r++) {
        const dw_span *spans = ev->chron->spans[rule->rests[r].family];
        for (uint32_t i = 0; i < ev->chron->span_count[rule->rests[r].family] && !stays; i++)
            stays = spans[i].start_us == start_us && dw_eval_span_stays(ev, &spans[i]);
    }
    return stays;
}

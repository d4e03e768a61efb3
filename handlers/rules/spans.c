/* spans.c: the spans that a selector chooses from. Those of the families stand in the chronology; `each EVENT` makes one of
 * every fact of the type, from the fact on until the case is closed, the child is 18 or dead. It has the subject that the
 * fact names: its placement, plan or episode, else the child. */

#include "handlers/derive.h"
#include "handlers/record.h"
#include "handlers/rules/rules.h"

/* What a fact says it belongs to, by the first of its fields that names one (dw_policy_owner_fields). */
static void name_owner(const uint16_t *fields, dw_span *span)
{
    static const dw_span_family owners[DW_FACT_OWNERS] = {DW_SPAN_PLACEMENT, DW_SPAN_PLAN, DW_SPAN_EPISODE};
    for (size_t i = 0; i < DW_FACT_OWNERS; i++) {
        dw_str id = fields[i] != 0 ? dw_fact_text(span->opened_by, fields[i]) : (dw_str){0};
        if (id.len == 0)
            continue;
        span->family = owners[i];
        span->id = id;
        return;
    }
}

static void end_at(dw_eval *ev, dw_span *span, int64_t us, int32_t day, dw_span_end kind, const dw_fact *fact)
{
    if (us < span->start_us || us >= span->end_us)
        return;
    if (us > ev->chron->clock_us) {
        dw_eval_wake(ev, us);
        return;
    }
    span->end_us = us;
    span->end_day = day;
    span->end = kind;
    span->closed_by = fact;
}

/* What would begin later is over when it begins. */
void dw_eval_end_by_death(dw_eval *ev, dw_span *span)
{
    const dw_chronology *chron = ev->chron;
    if (chron->death_day == DW_DAY_NONE)
        return;
    int64_t us = dw_london_start_us(chron->death_day);
    bool before = us < span->start_us;
    end_at(ev, span, before ? span->start_us : us, before ? span->start_day : chron->death_day, DW_END_CLOSED,
           chron->death);
}

void dw_eval_end_by_case(dw_eval *ev, dw_span *span)
{
    uint32_t n;
    const dw_chronology *chron = ev->chron;
    const dw_fact *const *closed = dw_chronology_of_type(chron, DW_EV_CASE_CLOSED, &n);
    for (uint32_t i = 0; i < n; i++)
        end_at(ev, span, closed[i]->at_us, closed[i]->day, DW_END_CLOSED, closed[i]);
    dw_eval_end_by_death(ev, span);
}

void dw_eval_end_by_child(dw_eval *ev, dw_span *span)
{
    dw_eval_end_by_case(ev, span);
    if (ev->chron->birth_day != DW_DAY_NONE) {
        int32_t day = dw_birthday(ev->chron->birth_day, 18);
        end_at(ev, span, dw_london_start_us(day), day, DW_END_AGE, NULL);
    }
}

static const dw_span *each_fact(dw_eval *ev, dw_event_type type, uint32_t *count)
{
    uint32_t n;
    const dw_fact *const *facts = dw_chronology_of_type(ev->chron, type, &n);
    dw_span *spans = dw_arena_alloc(ev->arena, (n != 0 && !ev->fresh_only ? n : 1) * sizeof *spans);
    const uint16_t *fields = dw_policy_owner_fields(ev->policy, type);
    *count = 0;
    if (spans == NULL) {
        ev->nomem = true;
        return NULL;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (ev->fresh_only && (ev->rec->fresh_count == 0 || facts[i]->key != ev->rec->fresh_key))
            continue;
        dw_span *span = &spans[(*count)++];
        *span = (dw_span){.family = DW_SPAN_CHILD, .opened_by = facts[i], .fact_count = 1, .id_count = 1};
        span->start_day = facts[i]->day;
        span->start_us = facts[i]->at_us;
        span->start_approximate = (facts[i]->flags & DW_FACTF_APPROXIMATE) != 0;
        span->end_day = DW_DAY_OPEN;
        span->end_us = DW_AT_NEVER;
        span->facts = (const dw_fact **)(uintptr_t)&facts[i]; /* nobody writes through a span */
        span->ids = &span->id;
        name_owner(fields, span);
        dw_eval_end_by_child(ev, span);
    }
    return spans;
}

const dw_span *dw_eval_spans(dw_eval *ev, const dw_span_selector *selector, uint32_t *count)
{
    if (selector->each)
        return each_fact(ev, selector->each_type, count);
    *count = ev->chron->span_count[selector->family];
    return ev->chron->spans[selector->family];
}

/* spans_dispute.c: formal disputes of an independent reviewing officer or a conference chair, from their opening to the step that
 * resolves or withdraws them. Steps are joined by dispute_id; those without one follow each other, and an opening begins
 * anew. A dispute whose opening nobody told runs from the first step that is known. */

#include "field_ids.h"
#include "handlers/derive.h"

static int64_t step_of(const dw_fact *fact)
{
    return dw_fact_code(fact, DW_F_DISPUTE_STEP_STEP);
}

static bool ends(const dw_fact *fact)
{
    int64_t step = step_of(fact);
    return step == DW_V_DISPUTE_STAGE_RESOLVED || step == DW_V_DISPUTE_STAGE_WITHDRAWN;
}

static bool same_dispute(const dw_group *group, const dw_fact *fact, dw_str id)
{
    if (id.len != 0 || group->id.len != 0)
        return dw_str_eq(group->id, id);
    return step_of(fact) != DW_V_DISPUTE_STAGE_OPENED;
}

static const dw_fact *opening(const dw_group *group)
{
    const dw_fact *first = NULL;
    for (uint32_t i = 0; i < group->count; i++) {
        if (step_of(group->facts[i]) == DW_V_DISPUTE_STAGE_OPENED)
            return group->facts[i];
        if (first == NULL && !ends(group->facts[i]))
            first = group->facts[i];
    }
    return first;
}

void dw_derive_dispute(dw_derive *d)
{
    uint32_t n = 0, count = 0;
    const dw_fact *const *steps = dw_chronology_of_type(d->chron, DW_EV_DISPUTE_STEP, &n);
    dw_group *groups = dw_derive_groups(d, steps, n, DW_F_DISPUTE_STEP_DISPUTE_ID, same_dispute, &count);
    if (!dw_derive_room(d, DW_SPAN_DISPUTE, count))
        return;
    for (uint32_t g = 0; g < count; g++) {
        const dw_fact *first = opening(&groups[g]);
        if (first == NULL)
            continue;
        dw_span *span = dw_derive_add_group(d, DW_SPAN_DISPUTE, &groups[g], first);
        dw_end_at end = dw_end_earlier(dw_end_by_case(d, first->at_us), dw_end_by_age(d, 18));
        for (uint32_t i = 0; i < groups[g].count; i++)
            if (ends(groups[g].facts[i]) && groups[g].facts[i]->at_us >= first->at_us)
                end = dw_end_earlier(end, dw_end_of_fact(groups[g].facts[i], DW_END_FACT));
        dw_derive_end(d, span, end);
    }
    dw_derive_sort(d, DW_SPAN_DISPUTE);
}

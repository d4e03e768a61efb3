/* spans_plan.c: plans, from their started, changed and ended records in any arrival order.
 *
 * The records of a plan are joined by plan_id. Those without one are joined by plan type (placement plans also by the
 * placement that they name), a start after an end beginning another plan. A record that only ends or changes a plan
 * gives none; one that carries the start date does, so start and end may also be revisions of one record (readings 44).
 * Plans end by their own end, the closing of the case, or age: private fostering at 16, pathway plans never, all others
 * at 18. */

#include "field_ids.h"
#include "handlers/derive.h"

/* The three messages have the same fields under the same numbers. */
#define F(name) DW_F_PLAN_STARTED_##name
_Static_assert(DW_F_PLAN_ENDED_PLAN_ID == F(PLAN_ID) && DW_F_PLAN_CHANGED_PLAN_ID == F(PLAN_ID) &&
                   DW_F_PLAN_ENDED_PLAN_TYPE == F(PLAN_TYPE) && DW_F_PLAN_CHANGED_PLAN_TYPE == F(PLAN_TYPE) &&
                   DW_F_PLAN_ENDED_START_DATE == F(START_DATE) && DW_F_PLAN_CHANGED_END_DATE == F(END_DATE) &&
                   DW_F_PLAN_ENDED_PLACEMENT_ID == F(PLACEMENT_ID) &&
                   DW_F_PLAN_CHANGED_PLACEMENT_ID == F(PLACEMENT_ID) &&
                   DW_F_PLAN_ENDED_TEMPORARY_OLA == F(TEMPORARY_OLA) &&
                   DW_F_PLAN_CHANGED_TEMPORARY_OLA == F(TEMPORARY_OLA),
               "plan messages differ");

static bool same_plan(const dw_group *group, const dw_fact *fact, dw_str id)
{
    if (id.len != 0 || group->id.len != 0)
        return dw_str_eq(group->id, id);
    int64_t type = dw_fact_code(fact, F(PLAN_TYPE));
    if (dw_fact_code(group->first, F(PLAN_TYPE)) != type)
        return false;
    if (type == DW_V_PLAN_TYPE_PLACEMENT &&
        !dw_str_eq(dw_fact_text(group->first, F(PLACEMENT_ID)), dw_fact_text(fact, F(PLACEMENT_ID))))
        return false; /* each placement has its own */
    bool again = fact->type == DW_EV_PLAN_STARTED && group->last->type == DW_EV_PLAN_ENDED;
    return !again || group->last->at_us == fact->at_us;
}

static bool named_day(const dw_fact *fact, const uint16_t *fields, int32_t *day)
{
    for (; *fields != 0; fields++) {
        const dw_value *value = dw_fact_get(fact, *fields);
        if (value != NULL && value->kind == DW_VAL_DATE) {
            *day = (int32_t)value->i;
            return true;
        }
    }
    return false;
}

typedef struct plan_start {
    const dw_fact *fact; /* NULL: none is known */
    int32_t day;
    int64_t us;
    bool approximate;
} plan_start;

static const uint16_t starts[] = {F(CPP_START_DATE), F(CIN_PLAN_START_DATE), F(START_DATE),
                                  F(AWARE_ON),       F(NOTIFIED_ON),         0};

bool dw_plan_start_is_told(const dw_fact *fact)
{
    bool of_plan = fact->type == DW_EV_PLAN_CHANGED || fact->type == DW_EV_PLAN_ENDED;
    int32_t day = 0;
    return of_plan && named_day(fact, starts, &day);
}

static uint64_t types_told(const dw_group *group)
{
    uint64_t types = 0;
    for (uint32_t i = 0; i < group->count; i++)
        types |= UINT64_C(1) << (dw_fact_code(group->facts[i], F(PLAN_TYPE)) & 63);
    return types;
}

/* The earliest start that a start record tells, else the earliest start date that another record carries. */
static plan_start find_start(const dw_group *group)
{
    plan_start start = {0};
    for (uint32_t i = 0; i < group->count; i++) {
        const dw_fact *fact = group->facts[i];
        if (fact->type == DW_EV_PLAN_STARTED)
            return (plan_start){fact, fact->day, fact->at_us, (fact->flags & DW_FACTF_APPROXIMATE) != 0};
    }
    for (uint32_t i = 0; i < group->count; i++) {
        int32_t day = 0;
        if (named_day(group->facts[i], starts, &day) && (start.fact == NULL || day < start.day))
            start = (plan_start){group->facts[i], day, dw_london_start_us(day), true};
    }
    return start;
}

/* The latest end that an end record tells, else the latest end date that another record carries. */
static dw_end_at find_end(const dw_group *group)
{
    static const uint16_t ends[] = {F(CPP_END_DATE), F(CIN_PLAN_END_DATE), F(END_DATE), 0};
    dw_end_at end = DW_END_NEVER;
    for (uint32_t i = group->count; i-- > 0;)
        if (group->facts[i]->type == DW_EV_PLAN_ENDED)
            return dw_end_of_fact(group->facts[i], DW_END_FACT);
    for (uint32_t i = 0; i < group->count; i++) {
        int32_t day = 0;
        if (named_day(group->facts[i], ends, &day) && (end.fact == NULL || day > end.day))
            end = dw_end_at_date(group->facts[i], day);
    }
    return end;
}

int64_t dw_plan_type(const dw_span *plan)
{
    int64_t type = 0;
    for (uint32_t i = 0; i < plan->fact_count && type == 0; i++)
        type = dw_fact_code(plan->facts[i], F(PLAN_TYPE));
    return type;
}

bool dw_plan_is_named(const dw_span *plan)
{
    return dw_fact_text(plan->opened_by, F(PLAN_ID)).len != 0; /* all of them, or none */
}

bool dw_plan_is_lodged(const dw_span *plan)
{
    int64_t answer = 0;
    for (uint32_t i = plan->fact_count; i-- > 0 && answer == 0;)
        answer = dw_fact_code(plan->facts[i], F(TEMPORARY_OLA));
    return answer == DW_V_ANSWER_Y;
}

void dw_derive_plans(dw_derive *d)
{
    static const dw_event_type types[] = {DW_EV_PLAN_STARTED, DW_EV_PLAN_CHANGED, DW_EV_PLAN_ENDED, DW_EV_NONE};
    uint32_t n = 0, count = 0;
    const dw_fact **facts = dw_derive_facts(d, types, &n);
    dw_group *groups = dw_derive_groups(d, facts, n, F(PLAN_ID), same_plan, &count);
    if (!dw_derive_room(d, DW_SPAN_PLAN, count))
        return;
    for (uint32_t g = 0; g < count; g++) {
        plan_start start = find_start(&groups[g]);
        if (start.fact == NULL)
            continue;
        if (start.us > d->chron->clock_us) { /* a record of today that names a start to come */
            dw_derive_next(d, start.us);
            continue;
        }
        dw_span *plan = dw_derive_add_group(d, DW_SPAN_PLAN, &groups[g], start.fact);
        d->chron->plan_types |= types_told(&groups[g]);
        plan->start_day = start.day;
        plan->start_us = start.us;
        plan->start_approximate = start.approximate;
        int64_t type = dw_plan_type(plan);
        /* private fostering to 16, a leaver's plan to 25 (turning 18 leaves it), all others to 18 */
        int years = type == DW_V_PLAN_TYPE_PF ? 16 : type == DW_V_PLAN_TYPE_PATHWAY ? 25 : 18;
        dw_end_at end = dw_end_earlier(find_end(&groups[g]), dw_end_by_case(d, start.us));
        end = dw_end_earlier(end, dw_end_by_age(d, years));
        dw_derive_end(d, plan, end);
    }
    dw_derive_sort(d, DW_SPAN_PLAN);
}

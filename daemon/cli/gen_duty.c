/* gen_duty.c: what comes round again: visits, reviews, supervision, core groups, workers, health. */

#include "daemon/cli/gen_internal.h"

#include <assert.h>

static int64_t noon_us(int32_t day)
{
    return dw_london_start_us(day) + 12 * GEN_HOUR_US;
}

/* --- visits */
/* The last day on which the next visit is in time (CP-07, CN-01, LA-01 to LA-07, PF-01 to PF-03, CL-01, CL-02). */
static int32_t visit_limit(const gen_child *child, int32_t last)
{
    int32_t limit = GEN_NEVER;
    switch ((gen_stage)child->stage) {
    case GEN_CP:
        limit = gen_working_days(last, 10);
        break;
    case GEN_CIN:
    case GEN_ENQUIRY_47:
        return gen_working_days(last, child->visit_days != 0 ? child->visit_days : 20);
    case GEN_CLA: {
        bool at_home = child->place == DW_V_PLACE_P1;
        bool interim = at_home && child->legal == DW_V_LEGAL_STATUS_C1;
        bool weekly = interim || child->unassessed; /* until the first review in the placement */
        bool until_18 = child->place == DW_V_PLACE_U1 || child->place == DW_V_PLACE_U4;
        if (child->early_visit || (weekly && !child->placement_reviewed))
            limit = last + 7;
        else if (until_18 && last >= dw_day_add_months(child->placed_from, 12))
            limit = dw_day_add_months(last, 3);
        else
            limit = last + (interim ? 28 : 42);
        break;
    }
    case GEN_PF:
        if (child->early_visit)
            return gen_working_days(last, 7);
        return last + (last < dw_day_add_months(child->stage_from, 12) ? 42 : 84);
    case GEN_LEAVER: /* the personal adviser's */
        return child->early_visit ? last + 7 : child->own_home ? last + 112 : dw_day_add_months(last, 2);
    case GEN_FREE:
    case GEN_DORMANT:
    case GEN_REFERRED:
        return GEN_NEVER;
    }
    return child->visit_days != 0 && last + child->visit_days < limit ? last + child->visit_days : limit;
}

int32_t gen_next_visit(gen_child *child, int32_t last)
{
    if (child->stage == GEN_REFERRED)
        return gen_working_days(last, dw_rng_between(&child->rng, 6, 14));
    int32_t limit = visit_limit(child, last);
    if (limit == GEN_NEVER)
        return GEN_NEVER;
    gen_watch(child, GEN_WATCH_VISIT, limit, last);
    int32_t day = gen_practise(child, last, limit);
    if (!child->met && child->worker != 0) { /* the new worker comes to see the child */
        int32_t introduced = gen_practise(child, child->allocated, gen_working_days(child->allocated, 10));
        if (introduced < day && introduced > last)
            day = introduced;
    }
    return day;
}

static int visit_type(const gen_child *child)
{
    switch ((gen_stage)child->stage) {
    case GEN_CP:
        return DW_V_VISIT_TYPE_CP;
    case GEN_CIN:
        return DW_V_VISIT_TYPE_CIN;
    case GEN_CLA:
        return DW_V_VISIT_TYPE_CLA;
    case GEN_PF:
        return DW_V_VISIT_TYPE_PF;
    case GEN_REFERRED:
        return DW_V_VISIT_TYPE_ASSESSMENT;
    case GEN_ENQUIRY_47: /* the plan beside it goes on */
        return child->early_visit || child->plan == 0 ? DW_V_VISIT_TYPE_S47 : DW_V_VISIT_TYPE_CIN;
    case GEN_LEAVER:
        return DW_V_VISIT_TYPE_PA;
    case GEN_FREE:
    case GEN_DORMANT:
        break;
    }
    return DW_V_VISIT_TYPE_DUTY;
}

void gen_visit_fact(dw_gen *gen, gen_child *child, int32_t day, bool seen)
{
    dw_rng *rng = &child->rng;
    bool infant = day - child->birth_day < 4 * 365;
    int result = seen                      ? DW_V_ATTEMPT_RESULT_SEEN
                 : dw_rng_chance(rng, 480) ? DW_V_ATTEMPT_RESULT_NO_ACCESS
                 : dw_rng_chance(rng, 800) ? DW_V_ATTEMPT_RESULT_NOT_SEEN
                                           : DW_V_ATTEMPT_RESULT_CANCELLED;
    int location = child->stage == GEN_CLA   ? DW_V_VISIT_LOCATION_PLACEMENT
                   : dw_rng_chance(rng, 860) ? DW_V_VISIT_LOCATION_HOME
                                             : DW_V_VISIT_LOCATION_SCHOOL;
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_VISIT_DONE, gen_office_time(rng, day));
    gen_id(&fact, DW_F_VISIT_DONE_VISIT_ID, GEN_ID_VISIT, fact.record);
    gen_enum(&fact, DW_F_VISIT_DONE_VISIT_TYPE, visit_type(child));
    gen_enum(&fact, DW_F_VISIT_DONE_MODE, DW_V_VISIT_MODE_F2F);
    gen_enum(&fact, DW_F_VISIT_DONE_ATTEMPT_RESULT, result);
    gen_enum(&fact, DW_F_VISIT_DONE_CHILD_SEEN, seen ? DW_ANSWER_Y : DW_ANSWER_N);
    if (seen) {
        bool alone = gen->loading || dw_rng_chance(rng, 800 - child->slip);
        gen_enum(&fact, DW_F_VISIT_DONE_CHILD_SEEN_ALONE, infant ? DW_ANSWER_NA : alone ? DW_ANSWER_Y : DW_ANSWER_N);
        if (child->stage == GEN_CP && !infant && (alone || child->limit[GEN_WATCH_OTHER] == GEN_NEVER))
            gen_watch(child, GEN_WATCH_OTHER, day + 42, day);
        gen_enum(&fact, DW_F_VISIT_DONE_BEDROOM_SEEN, dw_rng_chance(rng, 400) ? DW_ANSWER_Y : DW_ANSWER_N);
    }
    gen_enum(&fact, DW_F_VISIT_DONE_LOCATION, location);
    gen_enum(&fact, DW_F_VISIT_DONE_UNANNOUNCED, dw_rng_chance(rng, 150) ? DW_ANSWER_Y : DW_ANSWER_N);
    gen_enum(&fact, DW_F_VISIT_DONE_BY_ROLE, child->stage == GEN_LEAVER ? DW_V_ROLE_PA : DW_V_ROLE_SW);
    gen_id(&fact, DW_F_VISIT_DONE_PLAN_ID, GEN_ID_PLAN, child->plan);
    if (child->stage == GEN_CLA)
        gen_id(&fact, DW_F_VISIT_DONE_PLACEMENT_ID, GEN_ID_PLACEMENT, child->placement);
    gen_publish(gen, child, &fact);
}

void gen_act_visit(dw_gen *gen, gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    if (child->stage == GEN_DORMANT)
        return;
    bool seen = !dw_rng_chance(rng, 55);
    gen_visit_fact(gen, child, day, seen);
    if (!seen) {
        if (dw_rng_chance(rng, 250))
            gen_oversight_fact(gen, child, day);
        gen_due(child, GEN_ACT_VISIT, gen_working_days(day, dw_rng_chance(rng, 800) ? 1 : dw_rng_between(rng, 2, 4)));
        return;
    }
    bool enquiry = child->stage == GEN_ENQUIRY_47;
    if (!enquiry || !child->early_visit)
        child->visited = day;
    child->early_visit = false;
    child->met = child->worker != 0;
    if (child->stage == GEN_LEAVER)
        gen_in_touch(child, day);
    if (!enquiry || child->plan != 0)
        gen_due(child, GEN_ACT_VISIT, gen_next_visit(child, child->visited));
}

/* --- reviews */
int32_t gen_next_review(gen_child *child, int32_t last)
{
    int32_t limit = GEN_NEVER;
    switch ((gen_stage)child->stage) {
    case GEN_CP:
        limit = last + (child->reviews == 0 ? 91 : 183);
        break;
    case GEN_CLA:
        limit = child->reviews == 0 ? gen_working_days(last, 20) : dw_day_add_months(last, child->reviews == 1 ? 3 : 6);
        break;
    case GEN_CIN:
        limit = last + (child->reviews == 0 ? 42 : 84);
        break;
    case GEN_LEAVER:
        limit = dw_day_add_months(last, 6);
        break;
    case GEN_FREE:
    case GEN_DORMANT:
    case GEN_REFERRED:
    case GEN_ENQUIRY_47:
    case GEN_PF:
        return GEN_NEVER;
    }
    gen_watch(child, GEN_WATCH_REVIEW, limit, last);
    return gen_practise(child, last, limit);
}

static int review_kind(const gen_child *child)
{
    return child->stage == GEN_CP    ? DW_V_REVIEW_KIND_RCPC
           : child->stage == GEN_CLA ? DW_V_REVIEW_KIND_CLA
           : child->stage == GEN_CIN ? DW_V_REVIEW_KIND_CIN
                                     : DW_V_REVIEW_KIND_PATHWAY;
}

static gen_fact review_begin(dw_gen *gen, gen_child *child, int32_t day, int status)
{
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_PLAN_REVIEW, gen_office_time(&child->rng, day));
    gen_id(&fact, DW_F_PLAN_REVIEW_REVIEW_ID, GEN_ID_REVIEW, fact.record);
    gen_enum(&fact, DW_F_PLAN_REVIEW_REVIEW_KIND, review_kind(child));
    gen_date(&fact, DW_F_PLAN_REVIEW_HELD_ON, day);
    gen_enum(&fact, DW_F_PLAN_REVIEW_STATUS, status);
    gen_id(&fact, DW_F_PLAN_REVIEW_PLAN_ID, GEN_ID_PLAN, child->plan);
    return fact;
}

void gen_review_fact(dw_gen *gen, gen_child *child, int32_t day, int outcome)
{
    dw_rng *rng = &child->rng;
    if (child->reviews < 250)
        child->reviews++;
    if (child->stage == GEN_CLA && child->reviews >= 2 && child->permanence == 0 &&
        (gen->loading || !dw_rng_chance(rng, 40 + child->slip)))
        child->permanence = (uint8_t)dw_rng_between(rng, 1, 10);
    child->placement_reviewed = true;
    bool infant = day - child->birth_day < 4 * 365;
    gen_fact fact = review_begin(gen, child, day, DW_V_REVIEW_STATUS_HELD);
    gen_int(&fact, DW_F_PLAN_REVIEW_SEQ, child->reviews);
    gen_enum(&fact, DW_F_PLAN_REVIEW_OUTCOME, outcome);
    if (child->stage == GEN_CLA) {
        gen_enum(&fact, DW_F_PLAN_REVIEW_PARTICIPATION, infant ? DW_V_PARTICIPATION_PN0 : dw_rng_between(rng, 2, 8));
        gen_enum(&fact, DW_F_PLAN_REVIEW_PERMANENCE_PLAN, child->permanence);
    }
    if (child->stage == GEN_CP)
        gen_enum(&fact, DW_F_PLAN_REVIEW_QUORATE, DW_ANSWER_Y);
    gen_publish(gen, child, &fact);
}

/* How often the child is to be visited from now on. */
static void change_frequency(gen_child *child)
{
    dw_rng *rng = &child->rng;
    static const uint8_t days[2][3] = {{14, 12, 10}, {42, 35, 28}};
    if (child->stage == GEN_CIN) { /* working days */
        child->visit_days = child->visit_days == 15 ? 20 : 15;
        return;
    }
    uint8_t was = child->visit_days;
    while (child->visit_days == was)
        child->visit_days = days[child->stage == GEN_CLA][dw_rng_below(rng, 3)];
}

/* Nearly every review changes something: the category, the permanence plan, how often the child is visited. Where it did
 * and nobody wrote it down, that is mostly put right when somebody asks. */
void gen_change_plan(dw_gen *gen, gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    bool forgotten = !gen->loading && dw_rng_chance(rng, 25 + child->slip / 4);
    if (child->stage == GEN_LEAVER || (forgotten && dw_rng_chance(rng, 300 + child->slip)))
        return;
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_PLAN_CHANGED, dw_london_start_us(day) + 9 * GEN_HOUR_US);
    fact.date_only = true;
    gen_id(&fact, DW_F_PLAN_CHANGED_PLAN_ID, GEN_ID_PLAN, child->plan);
    gen_enum(&fact, DW_F_PLAN_CHANGED_PLAN_TYPE,
             child->stage == GEN_CP    ? DW_V_PLAN_TYPE_CP
             : child->stage == GEN_CIN ? DW_V_PLAN_TYPE_CIN
                                       : DW_V_PLAN_TYPE_CLA);
    if (child->stage == GEN_CP && dw_rng_chance(rng, 500)) {
        child->category = (uint8_t)(child->category % 5 + 1);
    } else if (child->stage == GEN_CLA && !forgotten && dw_rng_chance(rng, 500)) {
        child->permanence = (uint8_t)(child->permanence % 10 + 1);
    } else {
        change_frequency(child);
    }
    if (child->stage == GEN_CP)
        gen_enum(&fact, DW_F_PLAN_CHANGED_LATEST_CATEGORY, child->category);
    if (child->stage == GEN_CLA)
        gen_enum(&fact, DW_F_PLAN_CHANGED_PERMANENCE_PLAN, child->permanence);
    if (child->visit_days != 0) {
        bool days_of_work = child->stage == GEN_CIN;
        gen_int(&fact, DW_F_PLAN_CHANGED_VISIT_FREQUENCY_DAYS, child->visit_days);
        gen_enum(&fact, DW_F_PLAN_CHANGED_VISIT_FREQUENCY_UNIT,
                 days_of_work ? DW_V_FREQUENCY_UNIT_WD : DW_V_FREQUENCY_UNIT_CD);
        gen_enum(&fact, DW_F_PLAN_CHANGED_VISIT_FREQUENCY_AGREED_BY, days_of_work ? DW_V_ROLE_TM : DW_V_ROLE_CHAIR);
        gen_date(&fact, DW_F_PLAN_CHANGED_VISIT_FREQUENCY_FROM, day);
    }
    /* in time: before the review itself is written up */
    gen_publish_after(gen, &fact, forgotten ? dw_rng_between(rng, 2, 9) * 24 * GEN_HOUR_US : 5 * GEN_MINUTE_US);
}

void gen_act_review(dw_gen *gen, gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    if (child->stage != GEN_CP && child->stage != GEN_CLA && child->stage != GEN_CIN && child->stage != GEN_LEAVER)
        return;
    if (dw_rng_chance(rng, 20)) {
        gen_fact fact = review_begin(gen, child, day, DW_V_REVIEW_STATUS_ADJOURNED);
        gen_publish(gen, child, &fact);
        gen_due(child, GEN_ACT_REVIEW, gen_working_days(day, dw_rng_between(rng, 2, 8)));
        return;
    }
    bool ends = child->stage != GEN_LEAVER && day >= child->ends_from;
    if (!ends)
        gen_change_plan(gen, child, day);
    gen_review_fact(gen, child, day, ends ? DW_V_REVIEW_OUTCOME_END : DW_V_REVIEW_OUTCOME_CONTINUE);
    if (ends) {
        gen_act_stage(gen, child, day);
        return;
    }
    gen_maybe_dispute(gen, child, day);
    gen_due(child, GEN_ACT_REVIEW, gen_next_review(child, day));
}

/* --- supervision */
int32_t gen_next_supervision(gen_child *child, int32_t last)
{
    bool monthly = child->stage == GEN_CP || (child->stage == GEN_CLA && child->legal == DW_V_LEGAL_STATUS_C1);
    return gen_practise(child, last, last + (monthly || child->stage == GEN_REFERRED ? 28 : 42));
}

void gen_supervision_fact(dw_gen *gen, gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_SUPERVISION_HELD, gen_office_time(rng, day));
    gen_id(&fact, DW_F_SUPERVISION_HELD_SUPERVISION_ID, GEN_ID_SUPERVISION, fact.record);
    gen_date(&fact, DW_F_SUPERVISION_HELD_HELD_ON, day);
    gen_enum(&fact, DW_F_SUPERVISION_HELD_ACTIONS_REVIEWED,
             dw_rng_chance(rng, 20 + child->slip / 5) ? DW_ANSWER_N : DW_ANSWER_Y);
    gen_enum(&fact, DW_F_SUPERVISION_HELD_ROLE, DW_V_ROLE_TM);
    gen_publish(gen, child, &fact);
    child->supervised = day;
}

void gen_act_supervision(dw_gen *gen, gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    if (child->plan == 0 && child->stage != GEN_REFERRED && child->stage != GEN_ENQUIRY_47)
        return;
    gen_supervision_fact(gen, child, day);
    if (dw_rng_chance(rng, 300)) /* the supervisor's note on the case */
        gen_oversight_fact(gen, child, day);
    if (dw_rng_chance(rng, 12)) {
        gen_fact audit = gen_fact_begin(gen, child, DW_EV_AUDIT_OUTCOME, noon_us(day));
        audit.date_only = true;
        gen_id(&audit, DW_F_AUDIT_OUTCOME_AUDIT_ID, GEN_ID_OTHER, audit.record);
        gen_enum(&audit, DW_F_AUDIT_OUTCOME_GRADE, dw_rng_between(rng, 1, 4));
        gen_date(&audit, DW_F_AUDIT_OUTCOME_AUDITED_ON, day);
        gen_publish_after(gen, &audit, 26 * GEN_HOUR_US);
    }
    gen_due(child, GEN_ACT_SUPERVISION, gen_next_supervision(child, day));
}

/* --- core groups and permanency planning meetings */
int32_t gen_next_meeting(gen_child *child, int32_t last)
{
    if (child->stage == GEN_CP)
        return gen_practise(child, last, last + 42);
    bool young = last < dw_day_add_months(child->birth_day, 5 * 12);
    return gen_practise(child, last, dw_day_add_months(last, young ? 1 : 3));
}

void gen_meeting_fact(dw_gen *gen, gen_child *child, int32_t day)
{
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_MEETING_HELD, gen_office_time(&child->rng, day));
    gen_id(&fact, DW_F_MEETING_HELD_MEETING_ID, GEN_ID_MEETING, fact.record);
    gen_enum(&fact, DW_F_MEETING_HELD_KIND,
             child->stage == GEN_CP ? DW_V_MEETING_KIND_CORE_GROUP : DW_V_MEETING_KIND_PPM);
    gen_date(&fact, DW_F_MEETING_HELD_HELD_ON, day);
    gen_id(&fact, DW_F_MEETING_HELD_PLAN_ID, GEN_ID_PLAN, child->plan);
    gen_publish(gen, child, &fact);
}

void gen_act_meeting(dw_gen *gen, gen_child *child, int32_t day)
{
    if (child->stage != GEN_CP && child->stage != GEN_CLA)
        return;
    gen_meeting_fact(gen, child, day);
    gen_due(child, GEN_ACT_MEETING, gen_next_meeting(child, day));
}

/* --- workers */
void gen_allocate(dw_gen *gen, gen_child *child, int32_t day, int reason)
{
    /* seven workers a team; a number is never given to another person, so it also counts the years */
    uint32_t year = (uint32_t)(day / 365 - 20);
    child->worker = (uint32_t)child->team * 1000 + year % 100 * 10 + 1 + dw_rng_below(&child->rng, 7);
    child->unallocated_to = GEN_NEVER;
    child->allocated = day;
    child->met = false;
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_WORKER_ALLOCATED, noon_us(day));
    fact.date_only = true;
    child->allocation = fact.record;
    gen_id(&fact, DW_F_WORKER_ALLOCATED_ALLOCATION_ID, GEN_ID_ALLOCATION, fact.record);
    gen_enum(&fact, DW_F_WORKER_ALLOCATED_ROLE, DW_V_ALLOCATION_ROLE_LEAD_SW);
    gen_enum(&fact, DW_F_WORKER_ALLOCATED_CHANGE_REASON, reason);
    gen_date(&fact, DW_F_WORKER_ALLOCATED_ALLOCATED_ON, day);
    gen_publish_after(gen, &fact, 6 * GEN_HOUR_US);
}

void gen_act_worker(dw_gen *gen, gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    if (child->plan == 0)
        return;
    if (child->worker != 0) {
        gen_fact ended = gen_fact_begin(gen, child, DW_EV_WORKER_ENDED, noon_us(day));
        ended.date_only = true;
        gen_id(&ended, DW_F_WORKER_ENDED_ALLOCATION_ID, GEN_ID_ALLOCATION, child->allocation);
        gen_enum(&ended, DW_F_WORKER_ENDED_ROLE, DW_V_ALLOCATION_ROLE_LEAD_SW);
        gen_enum(&ended, DW_F_WORKER_ENDED_CHANGE_REASON, DW_V_WORKER_CHANGE_REASON_LEFTRL);
        gen_date(&ended, DW_F_WORKER_ENDED_ENDED_ON, day);
        gen_publish_after(gen, &ended, 4 * GEN_HOUR_US);
        child->worker = 0;
        if (dw_rng_chance(rng, 30 + child->slip / 4)) { /* nobody to take the child on for a while */
            child->unallocated_to = gen_working_days(day, dw_rng_chance(rng, 750) ? 2 : dw_rng_between(rng, 3, 7));
            gen_due(child, GEN_ACT_WORKER, child->unallocated_to);
            return;
        }
    }
    gen_allocate(gen, child, day, DW_V_WORKER_CHANGE_REASON_LEFTRL);
    int32_t introduced =
        gen_practise(child, day, gen_working_days(day, 10)); /* the new worker comes to see the child */
    if (child->due[GEN_ACT_VISIT] == GEN_NEVER || child->due[GEN_ACT_VISIT] > introduced)
        gen_due(child, GEN_ACT_VISIT, introduced);
    /* some children lose one worker after another */
    int next = child->slip > 200 ? dw_rng_between(rng, 60, 240) : dw_rng_between(rng, 200, 1100);
    gen_due(child, GEN_ACT_WORKER, gen_weekday(day + next));
}

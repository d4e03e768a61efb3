/* gen_duty.c: what comes round again: visits, reviews, supervision, core groups, workers, health. */

#include "daemon/cli/gen_internal.h"

#include <assert.h>

static int64_t noon_us(int32_t day)
{
    return dw_london_start_us(day) + 12 * GEN_HOUR_US;
}

/* In time, or after the limit when this one slips. */
static int spread(gen_child *child, int from, int limit, int late)
{
    return dw_rng_chance(&child->rng, child->slip) ? dw_rng_between(&child->rng, limit + 1, late)
                                                   : dw_rng_between(&child->rng, from, limit);
}

/* --- visits */
int32_t gen_next_visit(gen_child *child, int32_t last, bool early)
{
    bool first = child->early_visit || early;
    if (child->visit_days != 0 && child->stage == GEN_CP)
        return gen_weekday_before(last +
                                  spread(child, child->visit_days - 2, child->visit_days, child->visit_days + 6));
    switch ((gen_stage)child->stage) {
    case GEN_CP:
        return gen_working_days(last, spread(child, 5, 10, 18));
    case GEN_CIN: {
        int limit = child->visit_days != 0 ? child->visit_days : 20;
        return gen_working_days(last, spread(child, limit / 2, limit, limit + 14));
    }
    case GEN_CLA:
        return first ? gen_weekday_before(last + spread(child, 3, 7, 14))
                     : gen_weekday_before(last + spread(child, 24, 42, 66));
    case GEN_PF:
        if (child->stage_from == last)
            return gen_working_days(last, spread(child, 2, 7, 12));
        return gen_weekday_before(
            last + (last - child->stage_from < 365 ? spread(child, 25, 42, 60) : spread(child, 50, 84, 110)));
    case GEN_REFERRED:
        return gen_working_days(last, dw_rng_between(&child->rng, 6, 14));
    case GEN_LEAVER: /* the personal adviser's */
        return child->stage_from == last ? gen_working_days(last, spread(child, 2, 5, 9))
                                         : gen_weekday_before(last + spread(child, 30, 56, 80));
    case GEN_FREE:
    case GEN_DORMANT:
    case GEN_ENQUIRY_47:
        break;
    }
    return GEN_NEVER;
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
    case GEN_ENQUIRY_47:
        return DW_V_VISIT_TYPE_S47;
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
        gen_enum(&fact, DW_F_VISIT_DONE_CHILD_SEEN_ALONE,
                 infant                    ? DW_ANSWER_NA
                 : dw_rng_chance(rng, 720) ? DW_ANSWER_Y
                                           : DW_ANSWER_N);
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

static void oversight_fact(dw_gen *gen, gen_child *child, int32_t day)
{
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_OVERSIGHT_RECORDED, gen_office_time(&child->rng, day));
    gen_id(&fact, DW_F_OVERSIGHT_RECORDED_OVERSIGHT_ID, GEN_ID_OVERSIGHT, fact.record);
    gen_date(&fact, DW_F_OVERSIGHT_RECORDED_RECORDED_ON, day);
    gen_enum(&fact, DW_F_OVERSIGHT_RECORDED_ROLE, DW_V_ROLE_TM);
    gen_publish_after(gen, &fact, 20 * GEN_MINUTE_US);
}

void gen_act_visit(dw_gen *gen, gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    if (child->stage == GEN_DORMANT)
        return;
    bool seen = !dw_rng_chance(rng, 85);
    gen_visit_fact(gen, child, day, seen);
    if (!seen) {
        if (dw_rng_chance(rng, 250))
            oversight_fact(gen, child, day);
        gen_due(child, GEN_ACT_VISIT, gen_working_days(day, dw_rng_between(rng, 1, 4)));
        return;
    }
    child->early_visit = false;
    if (child->stage != GEN_ENQUIRY_47)
        gen_due(child, GEN_ACT_VISIT, gen_next_visit(child, day, false));
}

/* --- reviews */
int32_t gen_next_review(gen_child *child, int32_t last)
{
    switch ((gen_stage)child->stage) {
    case GEN_CP:
        return gen_weekday_before(last +
                                  (child->reviews == 0 ? spread(child, 68, 90, 112) : spread(child, 150, 181, 214)));
    case GEN_CLA:
        if (child->reviews == 0)
            return gen_working_days(last, spread(child, 13, 19, 27));
        return gen_weekday_before(last +
                                  (child->reviews == 1 ? spread(child, 70, 88, 108) : spread(child, 150, 180, 212)));
    case GEN_CIN:
        return gen_weekday_before(last +
                                  (child->reviews == 0 ? spread(child, 28, 42, 58) : spread(child, 62, 84, 108)));
    case GEN_LEAVER:
        return gen_weekday_before(last + spread(child, 150, 180, 220));
    case GEN_FREE:
    case GEN_DORMANT:
    case GEN_REFERRED:
    case GEN_ENQUIRY_47:
    case GEN_PF:
        break;
    }
    return GEN_NEVER;
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
    if (child->stage == GEN_CLA && child->reviews >= 2 && child->permanence == 0 && dw_rng_chance(rng, 700))
        child->permanence = (uint8_t)dw_rng_between(rng, 1, 10);
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

/* Many a review changes the plan: another category, visits more or less often, another permanence plan. */
void gen_change_plan(dw_gen *gen, gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    if (child->stage == GEN_LEAVER || !dw_rng_chance(rng, 640 - child->slip / 2))
        return;
    if (child->stage == GEN_CLA)
        child->permanence = (uint8_t)(child->permanence % 10 + 1);
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_PLAN_CHANGED, dw_london_start_us(day) + 9 * GEN_HOUR_US);
    fact.date_only = true;
    gen_id(&fact, DW_F_PLAN_CHANGED_PLAN_ID, GEN_ID_PLAN, child->plan);
    gen_enum(&fact, DW_F_PLAN_CHANGED_PLAN_TYPE,
             child->stage == GEN_CP    ? DW_V_PLAN_TYPE_CP
             : child->stage == GEN_CIN ? DW_V_PLAN_TYPE_CIN
                                       : DW_V_PLAN_TYPE_CLA);
    bool days_of_work = child->stage == GEN_CIN;
    if (child->stage == GEN_CP && dw_rng_chance(rng, 600))
        child->category = (uint8_t)dw_rng_between(rng, 1, 5);
    else if (child->stage == GEN_CP)
        child->visit_days = 7;
    else if (child->stage == GEN_CIN)
        child->visit_days = child->visit_days == 15 ? 20 : 15;
    if (child->stage == GEN_CP)
        gen_enum(&fact, DW_F_PLAN_CHANGED_LATEST_CATEGORY, child->category);
    if (child->stage == GEN_CLA) {
        gen_enum(&fact, DW_F_PLAN_CHANGED_PERMANENCE_PLAN, child->permanence);
    } else if (child->visit_days != 0) {
        gen_int(&fact, DW_F_PLAN_CHANGED_VISIT_FREQUENCY_DAYS, child->visit_days);
        gen_enum(&fact, DW_F_PLAN_CHANGED_VISIT_FREQUENCY_UNIT,
                 days_of_work ? DW_V_FREQUENCY_UNIT_WD : DW_V_FREQUENCY_UNIT_CD);
        gen_enum(&fact, DW_F_PLAN_CHANGED_VISIT_FREQUENCY_AGREED_BY, days_of_work ? DW_V_ROLE_TM : DW_V_ROLE_CHAIR);
        gen_date(&fact, DW_F_PLAN_CHANGED_VISIT_FREQUENCY_FROM, day);
    }
    gen_publish_after(gen, &fact, 5 * GEN_MINUTE_US); /* before the review itself is written up */
}

void gen_act_review(dw_gen *gen, gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    if (gen_next_review(child, day) == GEN_NEVER)
        return;
    if (dw_rng_chance(rng, 30)) {
        gen_fact fact = review_begin(gen, child, day, DW_V_REVIEW_STATUS_ADJOURNED);
        gen_publish(gen, child, &fact);
        gen_due(child, GEN_ACT_REVIEW, gen_working_days(day, dw_rng_between(rng, 3, 12)));
        return;
    }
    bool ends = child->stage != GEN_LEAVER && day >= child->ends_from;
    gen_review_fact(gen, child, day, ends ? DW_V_REVIEW_OUTCOME_END : DW_V_REVIEW_OUTCOME_CONTINUE);
    if (ends) {
        gen_act_stage(gen, child, day);
        return;
    }
    gen_change_plan(gen, child, day);
    gen_due(child, GEN_ACT_REVIEW, gen_next_review(child, day));
}

/* --- supervision */
int32_t gen_next_supervision(gen_child *child, int32_t last)
{
    bool monthly = child->stage == GEN_CP || (child->stage == GEN_CLA && child->legal == DW_V_LEGAL_STATUS_C1);
    return gen_weekday_before(last + (monthly ? spread(child, 19, 28, 44) : spread(child, 28, 42, 62)));
}

void gen_supervision_fact(dw_gen *gen, gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_SUPERVISION_HELD, gen_office_time(rng, day));
    gen_id(&fact, DW_F_SUPERVISION_HELD_SUPERVISION_ID, GEN_ID_SUPERVISION, fact.record);
    gen_date(&fact, DW_F_SUPERVISION_HELD_HELD_ON, day);
    gen_enum(&fact, DW_F_SUPERVISION_HELD_ACTIONS_REVIEWED, dw_rng_chance(rng, 860) ? DW_ANSWER_Y : DW_ANSWER_N);
    gen_enum(&fact, DW_F_SUPERVISION_HELD_ROLE, DW_V_ROLE_TM);
    gen_publish(gen, child, &fact);
}

void gen_act_supervision(dw_gen *gen, gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    if (child->plan == 0)
        return;
    gen_supervision_fact(gen, child, day);
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
void gen_act_meeting(dw_gen *gen, gen_child *child, int32_t day)
{
    if (child->stage != GEN_CP && child->stage != GEN_CLA)
        return;
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_MEETING_HELD, gen_office_time(&child->rng, day));
    gen_id(&fact, DW_F_MEETING_HELD_MEETING_ID, GEN_ID_MEETING, fact.record);
    gen_enum(&fact, DW_F_MEETING_HELD_KIND,
             child->stage == GEN_CP ? DW_V_MEETING_KIND_CORE_GROUP : DW_V_MEETING_KIND_PPM);
    gen_date(&fact, DW_F_MEETING_HELD_HELD_ON, day);
    gen_id(&fact, DW_F_MEETING_HELD_PLAN_ID, GEN_ID_PLAN, child->plan);
    gen_publish(gen, child, &fact);
    int next = child->stage == GEN_CP ? spread(child, 26, 42, 56) : spread(child, 76, 90, 120);
    gen_due(child, GEN_ACT_MEETING, gen_weekday_before(day + next));
}

/* --- workers */
void gen_allocate(dw_gen *gen, gen_child *child, int32_t day, int reason)
{
    /* seven workers a team; a number is never given to another person, so it also counts the years */
    uint32_t year = (uint32_t)(day / 365 - 20);
    child->worker = (uint32_t)child->team * 1000 + year % 100 * 10 + 1 + dw_rng_below(&child->rng, 7);
    child->unallocated_to = GEN_NEVER;
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
        if (dw_rng_chance(rng, 140)) { /* nobody to take the child on for a while */
            child->unallocated_to = gen_working_days(day, dw_rng_between(rng, 2, 9));
            gen_due(child, GEN_ACT_WORKER, child->unallocated_to);
            return;
        }
    }
    gen_allocate(gen, child, day, DW_V_WORKER_CHANGE_REASON_LEFTRL);
    int32_t introduced = gen_working_days(day, spread(child, 2, 9, 15)); /* the new worker comes to see the child */
    if (child->due[GEN_ACT_VISIT] == GEN_NEVER || child->due[GEN_ACT_VISIT] > introduced)
        gen_due(child, GEN_ACT_VISIT, introduced);
    /* some children lose one worker after another */
    int next = child->slip > 500 ? dw_rng_between(rng, 40, 200) : dw_rng_between(rng, 120, 900);
    gen_due(child, GEN_ACT_WORKER, gen_weekday(day + next));
}

/* --- health of children looked after, contact with care leavers, chronologies of the others */
void gen_act_health(dw_gen *gen, gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    if (child->plan == 0)
        return;
    if (child->stage == GEN_CLA) {
        gen_fact fact = gen_fact_begin(gen, child, DW_EV_HEALTH_ASSESSMENT, gen_office_time(rng, day));
        gen_id(&fact, DW_F_HEALTH_ASSESSMENT_HEALTH_ASSESSMENT_ID, GEN_ID_HEALTH, fact.record);
        gen_enum(&fact, DW_F_HEALTH_ASSESSMENT_KIND,
                 day - child->stage_from < 60 ? DW_V_HEALTH_ASSESSMENT_KIND_IHA : dw_rng_between(rng, 2, 3));
        gen_date(&fact, DW_F_HEALTH_ASSESSMENT_HELD_ON, day);
        gen_publish(gen, child, &fact);
        gen_due(child, GEN_ACT_HEALTH, gen_weekday(day + dw_rng_between(rng, 120, 190)));
    } else if (child->stage == GEN_LEAVER) {
        gen_fact fact = gen_fact_begin(gen, child, DW_EV_PA_CONTACT, gen_office_time(rng, day));
        gen_id(&fact, DW_F_PA_CONTACT_PA_CONTACT_ID, GEN_ID_OTHER, fact.record);
        gen_enum(&fact, DW_F_PA_CONTACT_IN_TOUCH, dw_rng_chance(rng, 920) ? DW_V_IN_TOUCH_YES : DW_V_IN_TOUCH_NO);
        gen_enum(&fact, DW_F_PA_CONTACT_MODE, dw_rng_between(rng, 1, 3));
        gen_date(&fact, DW_F_PA_CONTACT_CONTACTED_ON, day);
        gen_publish(gen, child, &fact);
        gen_due(child, GEN_ACT_HEALTH, gen_weekday(day + spread(child, 30, 56, 80)));
    } else {
        gen_fact fact = gen_fact_begin(gen, child, DW_EV_CHRONOLOGY_UPDATED, noon_us(day));
        fact.date_only = true;
        gen_date(&fact, DW_F_CHRONOLOGY_UPDATED_UPDATED_ON, day);
        gen_publish_after(gen, &fact, 4 * GEN_HOUR_US);
        gen_due(child, GEN_ACT_HEALTH, gen_weekday(day + spread(child, 50, 84, 120)));
    }
}

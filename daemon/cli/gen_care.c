/* gen_care.c: duties that came with the longer standards: health, placement plans, pathway plans, contact with care
 * leavers, chronologies. */

#include "daemon/cli/gen_internal.h"

static int64_t noon_us(int32_t day)
{
    return dw_london_start_us(day) + 12 * GEN_HOUR_US;
}

static bool is_under(const gen_child *child, int years, int32_t day)
{
    return day < dw_day_add_months(child->birth_day, years * 12);
}

/* --- health */
static int32_t next_health(gen_child *child, int32_t last, bool initial)
{
    int32_t limit = initial ? gen_working_days(last, 20) : dw_day_add_months(last, is_under(child, 5, last) ? 6 : 12);
    return gen_practise(child, last, limit);
}
static int32_t next_dental(gen_child *child, int32_t last)
{
    return gen_practise(child, last, dw_day_add_months(last, 12));
}

static void health_fact(dw_gen *gen, gen_child *child, int32_t day, int kind)
{
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_HEALTH_ASSESSMENT, gen_office_time(&child->rng, day));
    gen_id(&fact, DW_F_HEALTH_ASSESSMENT_HEALTH_ASSESSMENT_ID, GEN_ID_HEALTH, fact.record);
    gen_enum(&fact, DW_F_HEALTH_ASSESSMENT_KIND, kind);
    gen_date(&fact, DW_F_HEALTH_ASSESSMENT_HELD_ON, day);
    gen_publish(gen, child, &fact);
}

void gen_act_health(dw_gen *gen, gen_child *child, int32_t day)
{
    if (child->stage != GEN_CLA)
        return;
    health_fact(gen, child, day, child->assessed ? DW_V_HEALTH_ASSESSMENT_KIND_RHA : DW_V_HEALTH_ASSESSMENT_KIND_IHA);
    child->assessed = true;
    gen_due(child, GEN_ACT_HEALTH, next_health(child, day, false));
}

void gen_act_dental(dw_gen *gen, gen_child *child, int32_t day)
{
    if (child->stage != GEN_CLA)
        return;
    health_fact(gen, child, day, DW_V_HEALTH_ASSESSMENT_KIND_DENTAL);
    gen_due(child, GEN_ACT_DENTAL, next_dental(child, day));
}

/* --- chronologies */
static int32_t next_chronology(gen_child *child, int32_t last)
{
    return gen_practise(child, last, last + 84);
}

static void chronology_fact(dw_gen *gen, gen_child *child, int32_t day)
{
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_CHRONOLOGY_UPDATED, noon_us(day));
    fact.date_only = true;
    gen_date(&fact, DW_F_CHRONOLOGY_UPDATED_UPDATED_ON, day);
    gen_enum(&fact, DW_F_CHRONOLOGY_UPDATED_KIND,
             dw_rng_chance(&child->rng, 700) ? DW_V_CHRONOLOGY_KIND_CHRONOLOGY : DW_V_CHRONOLOGY_KIND_SUMMARY);
    gen_publish_after(gen, &fact, 4 * GEN_HOUR_US);
    child->written = day;
}

void gen_act_chronology(dw_gen *gen, gen_child *child, int32_t day)
{
    if (child->stage == GEN_DORMANT || child->stage == GEN_LEAVER)
        return;
    chronology_fact(gen, child, day);
    gen_due(child, GEN_ACT_CHRONOLOGY, next_chronology(child, day));
}

/* --- personal advisers */
static int32_t next_contact(gen_child *child, int32_t last)
{
    gen_in_touch(child, last);
    return gen_practise(child, last, last + 56);
}

static void contact_fact(dw_gen *gen, gen_child *child, int32_t day, bool in_touch)
{
    dw_rng *rng = &child->rng;
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_PA_CONTACT, gen_office_time(rng, day));
    gen_id(&fact, DW_F_PA_CONTACT_PA_CONTACT_ID, GEN_ID_OTHER, fact.record);
    gen_enum(&fact, DW_F_PA_CONTACT_IN_TOUCH, in_touch ? DW_V_IN_TOUCH_YES : DW_V_IN_TOUCH_NO);
    gen_enum(&fact, DW_F_PA_CONTACT_MODE, dw_rng_between(rng, 1, 3));
    gen_date(&fact, DW_F_PA_CONTACT_CONTACTED_ON, day);
    gen_publish(gen, child, &fact);
}

void gen_act_contact(dw_gen *gen, gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    if (child->stage != GEN_LEAVER)
        return;
    bool in_touch = !dw_rng_chance(rng, 80);
    contact_fact(gen, child, day, in_touch);
    gen_due(child, GEN_ACT_CONTACT,
            in_touch ? next_contact(child, day) : gen_working_days(day, dw_rng_between(rng, 2, 7)));
}

static gen_fact accommodation_fact(dw_gen *gen, gen_child *child, int32_t from)
{
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_ACCOMMODATION_PROVIDED, noon_us(from));
    fact.date_only = true;
    gen_date(&fact, DW_F_ACCOMMODATION_PROVIDED_PROVIDED_ON, from);
    return fact;
}

/* The end of the last one is a correction of its record. */
static void leave_accommodation(dw_gen *gen, gen_child *child, int32_t day)
{
    gen_fact fact = accommodation_fact(gen, child, child->housed);
    fact.record = child->accommodation;
    fact.replaces = child->accommodation_uid;
    fact.op = DW_OP_AMEND;
    fact.revision = 2;
    gen_id(&fact, DW_F_ACCOMMODATION_PROVIDED_ACCOMMODATION_ID, GEN_ID_OTHER, fact.record);
    gen_enum(&fact, DW_F_ACCOMMODATION_PROVIDED_PROVIDED_BY_LA, child->own_home ? DW_ANSWER_N : DW_ANSWER_Y);
    gen_date(&fact, DW_F_ACCOMMODATION_PROVIDED_ENDED_ON, day);
    gen_publish_after(gen, &fact, noon_us(day) - fact.occurred_us + 3 * GEN_HOUR_US);
}

void gen_accommodation(dw_gen *gen, gen_child *child, int32_t day)
{
    if (child->accommodation != 0)
        leave_accommodation(gen, child, day);
    child->own_home = dw_rng_chance(&child->rng, 350);
    gen_fact fact = accommodation_fact(gen, child, day);
    child->accommodation = fact.record;
    child->accommodation_uid = fact.uid;
    child->housed = day;
    gen_id(&fact, DW_F_ACCOMMODATION_PROVIDED_ACCOMMODATION_ID, GEN_ID_OTHER, fact.record);
    gen_enum(&fact, DW_F_ACCOMMODATION_PROVIDED_SUITABLE, dw_rng_chance(&child->rng, 930) ? DW_ANSWER_Y : DW_ANSWER_N);
    gen_enum(&fact, DW_F_ACCOMMODATION_PROVIDED_PROVIDED_BY_LA, child->own_home ? DW_ANSWER_N : DW_ANSWER_Y);
    gen_publish_after(gen, &fact, 3 * GEN_HOUR_US);
}

/* --- pathway plans */
static int32_t next_pathway(gen_child *child, int32_t last)
{
    int32_t limit = dw_day_add_months(last, child->pathway == 0 ? 3 : 6);
    if (child->pathway != 0)
        gen_watch(child, GEN_WATCH_OTHER, limit, last);
    return gen_practise(child, last, limit);
}

static void pathway_fact(dw_gen *gen, gen_child *child, int32_t day)
{
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_PLAN_STARTED, noon_us(day));
    fact.date_only = true;
    child->pathway = fact.record;
    gen_id(&fact, DW_F_PLAN_STARTED_PLAN_ID, GEN_ID_PLAN, fact.record);
    gen_enum(&fact, DW_F_PLAN_STARTED_PLAN_TYPE, DW_V_PLAN_TYPE_PATHWAY);
    gen_date(&fact, DW_F_PLAN_STARTED_START_DATE, day);
    gen_publish_after(gen, &fact, 5 * GEN_HOUR_US);
}

static void pathway_review_fact(dw_gen *gen, gen_child *child, int32_t day)
{
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_PLAN_REVIEW, gen_office_time(&child->rng, day));
    gen_id(&fact, DW_F_PLAN_REVIEW_REVIEW_ID, GEN_ID_REVIEW, fact.record);
    gen_enum(&fact, DW_F_PLAN_REVIEW_REVIEW_KIND, DW_V_REVIEW_KIND_PATHWAY);
    gen_date(&fact, DW_F_PLAN_REVIEW_HELD_ON, day);
    gen_enum(&fact, DW_F_PLAN_REVIEW_STATUS, DW_V_REVIEW_STATUS_HELD);
    gen_id(&fact, DW_F_PLAN_REVIEW_PLAN_ID, GEN_ID_PLAN, child->pathway);
    gen_publish(gen, child, &fact);
}

static void do_pathway(dw_gen *gen, gen_child *child, int32_t day)
{
    if (child->pathway == 0)
        pathway_fact(gen, child, day);
    else
        pathway_review_fact(gen, child, day);
    child->pathway_looked_at = day;
}

void gen_act_pathway(dw_gen *gen, gen_child *child, int32_t day)
{
    if (child->stage != GEN_CLA)
        return;
    do_pathway(gen, child, day);
    gen_due(child, GEN_ACT_PATHWAY, next_pathway(child, day));
}

/* --- placement plans */
static void placement_plan_fact(dw_gen *gen, gen_child *child, int32_t day)
{
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_PLAN_STARTED, noon_us(day));
    fact.date_only = true;
    child->placement_plan = fact.record;
    gen_id(&fact, DW_F_PLAN_STARTED_PLAN_ID, GEN_ID_PLAN, fact.record);
    gen_enum(&fact, DW_F_PLAN_STARTED_PLAN_TYPE, DW_V_PLAN_TYPE_PLACEMENT);
    gen_date(&fact, DW_F_PLAN_STARTED_START_DATE, day);
    gen_id(&fact, DW_F_PLAN_STARTED_PLACEMENT_ID, GEN_ID_PLACEMENT, child->placement);
    gen_publish_after(gen, &fact, 6 * GEN_HOUR_US + 30 * GEN_MINUTE_US);
}

void gen_act_placement_plan(dw_gen *gen, gen_child *child, int32_t day)
{
    if (child->placement != 0 && child->placement_plan == 0)
        placement_plan_fact(gen, child, day);
}

/* Most are agreed when the child moves in. */
void gen_placement_plan_later(dw_gen *gen, gen_child *child, int32_t day)
{
    child->placement_plan = 0;
    if (gen->loading || dw_rng_chance(&child->rng, 700 - child->slip))
        placement_plan_fact(gen, child, day);
    else if (dw_rng_chance(&child->rng, 120))
        gen_due(child, GEN_ACT_PLACEMENT_PLAN, gen_working_days(day, 5 + gen_lateness(child)));
    else
        gen_due(child, GEN_ACT_PLACEMENT_PLAN, gen_practise(child, day, gen_working_days(day, 5)));
}

void gen_plan_end_fact(dw_gen *gen, gen_child *child, int32_t day, uint32_t plan, int plan_type)
{
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_PLAN_ENDED, noon_us(day));
    fact.date_only = true;
    gen_id(&fact, DW_F_PLAN_ENDED_PLAN_ID, GEN_ID_PLAN, plan);
    gen_enum(&fact, DW_F_PLAN_ENDED_PLAN_TYPE, plan_type);
    if (plan_type == DW_V_PLAN_TYPE_CP)
        gen_date(&fact, DW_F_PLAN_ENDED_CPP_END_DATE, day);
    else if (plan_type == DW_V_PLAN_TYPE_CIN)
        gen_date(&fact, DW_F_PLAN_ENDED_CIN_PLAN_END_DATE, day);
    else
        gen_date(&fact, DW_F_PLAN_ENDED_END_DATE, day);
    gen_publish_after(gen, &fact, 5 * GEN_HOUR_US);
}

/* --- agenda */
static int32_t pathway_from(const gen_child *child, int32_t care_from)
{
    int32_t sixteen = dw_day_add_months(child->birth_day, 16 * 12);
    return sixteen > care_from ? sixteen : care_from;
}

void gen_care_agenda(gen_child *child, int32_t day)
{
    if (child->stage == GEN_CLA) {
        child->assessed = false;
        gen_due(child, GEN_ACT_HEALTH, next_health(child, day, true));
        gen_due(child, GEN_ACT_DENTAL, next_dental(child, day));
        gen_due(child, GEN_ACT_PATHWAY, next_pathway(child, pathway_from(child, day)));
    }
    if (child->stage == GEN_LEAVER)
        gen_due(child, GEN_ACT_CONTACT, next_contact(child, day));
    else
        gen_due(child, GEN_ACT_CHRONOLOGY, next_chronology(child, child->written != 0 ? child->written : day));
}

static int32_t next_review_health(gen_child *child, int32_t last)
{
    return next_health(child, last, false);
}

static void load_health(dw_gen *gen, gen_child *child, int32_t start, int32_t today)
{
    int32_t initial = child->due[GEN_ACT_HEALTH];
    if (initial < today) {
        int32_t due = 0;
        health_fact(gen, child, initial, DW_V_HEALTH_ASSESSMENT_KIND_IHA);
        child->assessed = true;
        int32_t last = gen_last_before(child, next_review_health, initial, today, &due);
        if (last > initial)
            health_fact(gen, child, last, DW_V_HEALTH_ASSESSMENT_KIND_RHA);
        gen_due(child, GEN_ACT_HEALTH, due);
    }
    int32_t due = 0;
    int32_t last = gen_last_before(child, next_dental, start, today, &due);
    if (last > start)
        health_fact(gen, child, last, DW_V_HEALTH_ASSESSMENT_KIND_DENTAL);
    gen_due(child, GEN_ACT_DENTAL, due);
}

void gen_load_care(dw_gen *gen, gen_child *child, int32_t start, int32_t today)
{
    int32_t due = 0;
    if (child->stage == GEN_CLA)
        load_health(gen, child, start, today);
    while (child->stage == GEN_CLA && child->due[GEN_ACT_PATHWAY] < today)
        gen_act_pathway(gen, child, child->due[GEN_ACT_PATHWAY]);
    if (child->stage == GEN_LEAVER) {
        int32_t last = gen_last_before(child, next_contact, start, today, &due);
        if (last > start)
            contact_fact(gen, child, last, true);
        gen_due(child, GEN_ACT_CONTACT, due);
    } else {
        int32_t last = gen_last_before(child, next_chronology, start, today, &due);
        if (last > start)
            chronology_fact(gen, child, last);
        gen_due(child, GEN_ACT_CHRONOLOGY, due);
    }
}

/* gen_court.c: steps before and in care proceedings; formal disputes of reviewing officers and conference chairs. */

#include "daemon/cli/gen_internal.h"

static int64_t noon_us(int32_t day)
{
    return dw_london_start_us(day) + 12 * GEN_HOUR_US;
}

/* --- before and in court */
static void step_fact(dw_gen *gen, gen_child *child, int32_t day, int step)
{
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_PREPROCEEDINGS_STEP, noon_us(day));
    fact.date_only = true;
    if (child->court == 0)
        child->court = fact.record;
    gen_id(&fact, DW_F_PREPROCEEDINGS_STEP_PREPROCEEDINGS_ID, GEN_ID_OTHER, child->court);
    gen_enum(&fact, DW_F_PREPROCEEDINGS_STEP_STEP, step);
    gen_date(&fact, DW_F_PREPROCEEDINGS_STEP_STEP_DATE, day);
    gen_publish_after(gen, &fact, 5 * GEN_HOUR_US);
}

/* Some protection plans get a letter before proceedings; who comes into care under an interim order is in proceedings. */
void gen_court_agenda(dw_gen *gen, gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    if (child->stage == GEN_CP && dw_rng_chance(rng, 90))
        gen_due(child, GEN_ACT_COURT, gen_weekday(day + dw_rng_between(rng, 60, 200)));
    if (child->stage != GEN_CLA || child->legal != DW_V_LEGAL_STATUS_C1)
        return;
    step_fact(gen, child, day, DW_V_PREPROCEEDINGS_KIND_COURT_APPLICATION);
    int32_t limit = day + 26 * 7;
    gen_due(child, GEN_ACT_COURT,
            dw_rng_chance(rng, 80) ? gen_working_days(limit, dw_rng_between(rng, 5, 60))
                                   : gen_practise(child, day, limit));
}

static void final_order(dw_gen *gen, gen_child *child, int32_t day)
{
    step_fact(gen, child, day, DW_V_PREPROCEEDINGS_KIND_FINAL_ORDER);
    child->court = 0;
    child->legal = DW_V_LEGAL_STATUS_C2;
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_LEGAL_CHANGED, noon_us(day));
    fact.date_only = true;
    gen_date(&fact, DW_F_LEGAL_CHANGED_DECOM, day);
    gen_enum(&fact, DW_F_LEGAL_CHANGED_LS, child->legal);
    gen_enum(&fact, DW_F_LEGAL_CHANGED_RNE, DW_V_RNE_L);
    gen_id(&fact, DW_F_LEGAL_CHANGED_PLACEMENT_ID, GEN_ID_PLACEMENT, child->placement);
    gen_publish_after(gen, &fact, 8 * GEN_HOUR_US);
    if (child->place == DW_V_PLACE_P1) { /* at home under an order: a visit within a week of it */
        child->early_visit = true;
        gen_due(child, GEN_ACT_VISIT, gen_next_visit(child, day));
    }
}

void gen_act_court(dw_gen *gen, gen_child *child, int32_t day)
{
    if (child->stage == GEN_CLA && child->court != 0)
        final_order(gen, child, day);
    if (child->stage != GEN_CP)
        return;
    if (child->court == 0) {
        step_fact(gen, child, day, DW_V_PREPROCEEDINGS_KIND_LBP_SENT);
        child->court_by = gen_practise(child, day, day + 16 * 7);
    } else if (day >= child->court_by) {
        step_fact(gen, child, day, DW_V_PREPROCEEDINGS_KIND_STEP_DECISION);
        child->court = 0;
        return;
    } else {
        step_fact(gen, child, day, DW_V_PREPROCEEDINGS_KIND_REVIEW);
    }
    int32_t review = gen_practise(child, day, day + 6 * 7);
    gen_due(child, GEN_ACT_COURT, review < child->court_by ? review : child->court_by);
}

/* --- disputes */
static void dispute_fact(dw_gen *gen, gen_child *child, int32_t day, int step)
{
    bool officer = child->dispute_kind == DW_V_DISPUTE_KIND_IRO;
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_DISPUTE_STEP, noon_us(day));
    fact.date_only = true;
    if (child->dispute == 0)
        child->dispute = fact.record;
    child->dispute_step = (uint8_t)step;
    gen_id(&fact, DW_F_DISPUTE_STEP_DISPUTE_ID, GEN_ID_OTHER, child->dispute);
    gen_enum(&fact, DW_F_DISPUTE_STEP_KIND, child->dispute_kind);
    gen_enum(&fact, DW_F_DISPUTE_STEP_STEP, step);
    gen_date(&fact, DW_F_DISPUTE_STEP_STEP_ON, day);
    if (step == DW_V_DISPUTE_STAGE_OPENED)
        gen_enum(&fact, DW_F_DISPUTE_STEP_ROLE, officer ? DW_V_ROLE_IRO : DW_V_ROLE_CHAIR);
    gen_publish_after(gen, &fact, 4 * GEN_HOUR_US);
}

static int32_t answered_by(gen_child *child, int32_t day)
{
    int32_t limit = gen_working_days(day, child->dispute_kind == DW_V_DISPUTE_KIND_IRO ? 20 : 5);
    if (dw_rng_chance(&child->rng, 150))
        return gen_working_days(limit, gen_lateness(child));
    return gen_practise(child, day, limit);
}

/* After a review that found a neglected child, sooner than after others. */
void gen_maybe_dispute(dw_gen *gen, gen_child *child, int32_t day)
{
    if ((child->stage != GEN_CP && child->stage != GEN_CLA) || child->dispute != 0 ||
        !dw_rng_chance(&child->rng, 15 + child->slip / 4))
        return;
    child->dispute_kind = child->stage == GEN_CLA ? DW_V_DISPUTE_KIND_IRO : DW_V_DISPUTE_KIND_CHAIR;
    dispute_fact(gen, child, day, DW_V_DISPUTE_STAGE_OPENED);
    gen_due(child, GEN_ACT_DISPUTE, answered_by(child, day));
}

void gen_act_dispute(dw_gen *gen, gen_child *child, int32_t day)
{
    if (child->dispute == 0)
        return;
    bool last = child->dispute_kind == DW_V_DISPUTE_KIND_IRO || child->dispute_step == DW_V_DISPUTE_STAGE_STAGE_4;
    if (last || dw_rng_chance(&child->rng, 600)) {
        dispute_fact(gen, child, day, DW_V_DISPUTE_STAGE_RESOLVED);
        child->dispute = 0;
        return;
    }
    dispute_fact(gen, child, day, child->dispute_step + 1);
    gen_due(child, GEN_ACT_DISPUTE, answered_by(child, day));
}

/* The plan ends: so does what was in dispute or in court about it. */
void gen_end_court(dw_gen *gen, gen_child *child, int32_t day)
{
    if (child->court != 0)
        step_fact(gen, child, day,
                  child->stage == GEN_CLA ? DW_V_PREPROCEEDINGS_KIND_FINAL_ORDER
                                          : DW_V_PREPROCEEDINGS_KIND_STEP_DECISION);
    if (child->dispute != 0)
        dispute_fact(gen, child, day, DW_V_DISPUTE_STAGE_RESOLVED);
    child->court = child->dispute = 0;
}

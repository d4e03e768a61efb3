/* gen_missing.c: children who go missing: episodes, return home interviews, the meeting after the third. */

#include "daemon/cli/gen_internal.h"

int32_t gen_next_missing(gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    bool in_care = child->stage == GEN_CLA;
    if (child->missing_risk == 0 || child->stage == GEN_PF || child->stage == GEN_LEAVER)
        return GEN_NEVER;
    if (child->missing_risk == 2)
        return day + dw_rng_between(rng, 5, in_care ? 60 : 110);
    return day + dw_rng_between(rng, 30, in_care ? 260 : 500);
}

static gen_fact episode_fact(dw_gen *gen, gen_child *child, uint32_t *episode, int phase, int category, int64_t at_us,
                             int64_t start_us)
{
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_MISSING_EPISODE, at_us);
    if (*episode == 0)
        *episode = fact.record;
    gen_id(&fact, DW_F_MISSING_EPISODE_EPISODE_ID, GEN_ID_EPISODE, *episode);
    gen_enum(&fact, DW_F_MISSING_EPISODE_PHASE, phase);
    gen_enum(&fact, DW_F_MISSING_EPISODE_CATEGORY, category);
    gen_instant(&fact, DW_F_MISSING_EPISODE_MIS_START, start_us);
    return fact;
}

/* What the record says of the absence. Where an answer is missing it is mostly filled in some days later. */
static void publish_answers(dw_gen *gen, gen_child *child, const gen_fact *held)
{
    dw_rng *rng = &child->rng;
    static const uint16_t answers[] = {DW_F_RHI_WHY, DW_F_RHI_WHERE, DW_F_RHI_WITH_WHOM, DW_F_RHI_HARM,
                                       DW_F_RHI_SAFETY_PLAN};
    const size_t count = sizeof(answers) / sizeof(answers[0]);
    size_t missing = dw_rng_chance(rng, 80 + child->slip / 2) ? dw_rng_below(rng, (uint32_t)count) : count;
    gen_fact fact = *held;
    for (size_t i = 0; i < count; i++)
        gen_enum(&fact, answers[i], i == missing ? DW_ANSWER_N : DW_ANSWER_Y);
    gen_publish(gen, child, &fact);
    if (missing == count || dw_rng_chance(rng, 100 + child->slip / 2))
        return;
    gen_fact full = *held;
    for (size_t i = 0; i < count; i++)
        gen_enum(&full, answers[i], DW_ANSWER_Y);
    full.replaces = fact.uid;
    full.uid = ++gen->uids;
    full.op = DW_OP_AMEND;
    full.revision = 2;
    gen_publish_after(gen, &full, dw_rng_between(rng, 3, 10) * 24 * GEN_HOUR_US);
}

/* What of the interview reaches the record, and when. */
static void interview(dw_gen *gen, gen_child *child, uint32_t episode, int64_t returned_us)
{
    dw_rng *rng = &child->rng;
    gen_fact offer = gen_fact_begin(gen, child, DW_EV_RHI, returned_us + dw_rng_between(rng, 3, 26) * GEN_HOUR_US);
    uint32_t id = offer.record;
    int64_t offered_us = offer.occurred_us;
    gen_id(&offer, DW_F_RHI_RHI_ID, GEN_ID_INTERVIEW, id);
    gen_id(&offer, DW_F_RHI_EPISODE_ID, GEN_ID_EPISODE, episode);
    gen_enum(&offer, DW_F_RHI_STAGE, DW_V_RHI_STAGE_OFFERED);
    gen_enum(&offer, DW_F_RHI_OFFERED, DW_ANSWER_Y);
    gen_publish_after(gen, &offer, 90 * GEN_MINUTE_US);

    if (dw_rng_chance(rng, 15 + child->slip / 8))
        return; /* nobody ever went back to it */
    bool declined = dw_rng_chance(rng, 140);
    int64_t at = dw_rng_chance(rng, 20 + child->slip / 2) ? returned_us + dw_rng_between(rng, 76, 200) * GEN_HOUR_US
                                                          : returned_us + dw_rng_between(rng, 20, 56) * GEN_HOUR_US;
    if (at <= offered_us)
        at = offered_us + GEN_HOUR_US;
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_RHI, at);
    gen_id(&fact, DW_F_RHI_RHI_ID, GEN_ID_INTERVIEW, id);
    gen_id(&fact, DW_F_RHI_EPISODE_ID, GEN_ID_EPISODE, episode);
    gen_enum(&fact, DW_F_RHI_STAGE, declined ? DW_V_RHI_STAGE_DECLINED : DW_V_RHI_STAGE_HELD);
    gen_enum(&fact, DW_F_RHI_OFFERED, DW_ANSWER_Y);
    gen_enum(&fact, DW_F_RHI_ACCEPTED, declined ? DW_ANSWER_N : DW_ANSWER_Y);
    if (declined) {
        gen_enum(&fact, DW_F_RHI_REASON_DECLINED, dw_rng_between(rng, 1, 6));
        gen_publish(gen, child, &fact);
        return;
    }
    gen_enum(&fact, DW_F_RHI_INDEPENDENT, DW_ANSWER_Y);
    gen_enum(&fact, DW_F_RHI_INTERVIEWER_ROLE, DW_V_ROLE_FSW);
    publish_answers(gen, child, &fact);
}

/* Working days until the meeting. */
static int meeting_in(gen_child *child)
{
    dw_rng *rng = &child->rng;
    int roll = (int)dw_rng_below(rng, 1000) + child->slip / 4;
    return roll < 560 ? 1 : roll < 960 ? dw_rng_between(rng, 2, 4) : dw_rng_between(rng, 6, 10);
}

/* Remembers the start; a third within 90 days mostly leads to a meeting. */
static void remember(gen_child *child, uint32_t episode, int32_t day)
{
    for (int i = 0; i < 2; i++) {
        child->episodes[i] = child->episodes[i + 1];
        child->starts[i] = child->starts[i + 1];
    }
    child->episodes[2] = episode;
    child->starts[2] = day;
    if (child->episodes[0] != 0 && day - child->starts[0] <= 90 && !dw_rng_chance(&child->rng, 20 + child->slip / 4))
        gen_due(child, GEN_ACT_STRATEGY, gen_working_days(day, meeting_in(child)));
}

void gen_act_missing(dw_gen *gen, gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    if (child->plan == 0)
        return;
    int64_t start_us = dw_london_start_us(day) + dw_rng_between(rng, 17 * 60, 23 * 60 + 50) * GEN_MINUTE_US;
    int64_t reported_us = start_us + dw_rng_between(rng, 20, 240) * GEN_MINUTE_US;
    int roll = (int)dw_rng_below(rng, 100);
    int hours = roll < 74   ? dw_rng_between(rng, 3, 14)
                : roll < 94 ? dw_rng_between(rng, 15, 23)
                            : dw_rng_between(rng, 25, 80);
    int64_t end_us = start_us + hours * GEN_HOUR_US + dw_rng_between(rng, 0, 59) * GEN_MINUTE_US;
    if (reported_us >= end_us)
        reported_us = start_us + 30 * GEN_MINUTE_US;
    int category = dw_rng_chance(rng, 780) ? DW_V_MISSING_CATEGORY_M : DW_V_MISSING_CATEGORY_A;
    int from = child->stage == GEN_CLA ? DW_V_MISSING_FROM_PLACEMENT : DW_V_MISSING_FROM_HOME;

    uint32_t episode = 0;
    gen_fact opened = episode_fact(gen, child, &episode, DW_V_MISSING_PHASE_OPENED, category, reported_us, start_us);
    gen_instant(&opened, DW_F_MISSING_EPISODE_LAST_SEEN_AT, start_us - 20 * GEN_MINUTE_US);
    gen_instant(&opened, DW_F_MISSING_EPISODE_REPORTED_AT, reported_us);
    gen_enum(&opened, DW_F_MISSING_EPISODE_FROM, from);
    gen_enum(&opened, DW_F_MISSING_EPISODE_REPORTER, dw_rng_between(rng, 1, 3));
    gen_enum(&opened, DW_F_MISSING_EPISODE_PHILOMENA_HELD, child->stage == GEN_CLA ? DW_ANSWER_Y : DW_ANSWER_NA);
    gen_publish_after(gen, &opened, dw_rng_between(rng, 5, 60) * GEN_MINUTE_US);

    if (dw_rng_chance(rng, 130)) { /* the police's own record of the same absence, its times a little off */
        uint32_t other = 0;
        int64_t police_us = start_us + dw_rng_between(rng, -40, 90) * GEN_MINUTE_US;
        gen_fact police = episode_fact(gen, child, &other, DW_V_MISSING_PHASE_CLOSED, DW_V_MISSING_CATEGORY_MEDIUM,
                                       end_us, police_us);
        police.by_police = true;
        gen_instant(&police, DW_F_MISSING_EPISODE_MIS_END, end_us);
        gen_instant(&police, DW_F_MISSING_EPISODE_FOUND_AT, end_us - 10 * GEN_MINUTE_US);
        gen_enum(&police, DW_F_MISSING_EPISODE_FOUND_BY_ROLE, DW_V_MISSING_REPORTER_POLICE);
        gen_enum(&police, DW_F_MISSING_EPISODE_FROM, from);
        gen_id(&police, DW_F_MISSING_EPISODE_POLICE_REF, GEN_ID_OTHER, police.record);
        gen_publish_after(gen, &police, 5 * GEN_HOUR_US);
    }

    gen_fact returned = episode_fact(gen, child, &episode, DW_V_MISSING_PHASE_RETURNED, category, end_us, start_us);
    gen_instant(&returned, DW_F_MISSING_EPISODE_MIS_END, end_us);
    gen_instant(&returned, DW_F_MISSING_EPISODE_RETURNED_AT, end_us);
    gen_enum(&returned, DW_F_MISSING_EPISODE_FROM, from);
    gen_publish_after(gen, &returned, dw_rng_between(rng, 20, 360) * GEN_MINUTE_US);
    if (category == DW_V_MISSING_CATEGORY_M)
        interview(gen, child, episode, end_us);
    if (category == DW_V_MISSING_CATEGORY_M)
        remember(child, episode, day);

    int32_t next = gen_next_missing(child, day);
    if (next != GEN_NEVER && next <= day + hours / 24 + 1)
        next = day + hours / 24 + 2; /* not before the child is back */
    gen_due(child, GEN_ACT_MISSING, next);
}

void gen_act_strategy(dw_gen *gen, gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    if (child->plan == 0)
        return;
    int roll = (int)dw_rng_below(rng, 10);
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_MEETING_HELD, gen_office_time(rng, day));
    gen_id(&fact, DW_F_MEETING_HELD_MEETING_ID, GEN_ID_MEETING, fact.record);
    gen_enum(&fact, DW_F_MEETING_HELD_KIND,
             roll < 5   ? DW_V_MEETING_KIND_STRATEGY
             : roll < 8 ? DW_V_MEETING_KIND_RMM
                        : DW_V_MEETING_KIND_INTERVENTION);
    gen_date(&fact, DW_F_MEETING_HELD_HELD_ON, day);
    gen_ids(&fact, DW_F_MEETING_HELD_EPISODE_IDS, GEN_ID_EPISODE, child->episodes[2]);
    gen_publish_after(gen, &fact, GEN_HOUR_US);
}

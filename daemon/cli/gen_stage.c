/* gen_stage.c: the way of a case: contact, referral, assessment, enquiry, plans, placements, the end. */

#include "daemon/cli/gen_internal.h"

static int64_t noon_us(int32_t day)
{
    return dw_london_start_us(day) + 12 * GEN_HOUR_US;
}

/* A fact of which only the date is known. */
static gen_fact dated_fact(dw_gen *gen, gen_child *child, dw_event_type type, int32_t day)
{
    gen_fact fact = gen_fact_begin(gen, child, type, noon_us(day));
    fact.date_only = true;
    return fact;
}

void gen_birth_date(dw_gen *gen, gen_child *child, int32_t day)
{
    if (child->known)
        return;
    child->known = true;
    gen_fact fact = dated_fact(gen, child, DW_EV_CHILD_UPDATED, day);
    gen_date(&fact, DW_F_CHILD_UPDATED_PERSON_BIRTH_DATE, child->birth_day);
    gen_publish_after(gen, &fact, GEN_HOUR_US);
}

/* --- the front door */
static int contact_outcome(gen_child *child)
{
    int roll = (int)dw_rng_below(&child->rng, 1000);
    if (roll < 3)
        return DW_V_CONTACT_OUTCOME_PRIVATE_FOSTERING;
    if (roll < 370)
        return DW_V_CONTACT_OUTCOME_REFERRAL;
    if (roll < 620)
        return DW_V_CONTACT_OUTCOME_NFA;
    return roll < 820 ? DW_V_CONTACT_OUTCOME_INFO_ADVICE : DW_V_CONTACT_OUTCOME_EARLY_HELP;
}

static void gen_referral(dw_gen *gen, gen_child *child, uint32_t contact, int source, int64_t at_us)
{
    dw_rng *rng = &child->rng;
    int32_t day = dw_london_day(at_us);
    bool nfa = dw_rng_chance(rng, 60);
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_REFERRAL_RECEIVED, at_us);
    child->referral = fact.record;
    gen_id(&fact, DW_F_REFERRAL_RECEIVED_REFERRAL_ID, GEN_ID_REFERRAL, fact.record);
    gen_date(&fact, DW_F_REFERRAL_RECEIVED_CIN_REFERRAL_DATE, day);
    gen_enum(&fact, DW_F_REFERRAL_RECEIVED_REFERRAL_SOURCE, source);
    gen_enum(&fact, DW_F_REFERRAL_RECEIVED_PRIMARY_NEED_CODE, child->need);
    gen_id(&fact, DW_F_REFERRAL_RECEIVED_CONTACT_ID, GEN_ID_CONTACT, contact);
    bool undecided = dw_rng_chance(rng, 20 + child->slip / 6); /* the decision is an amendment of the referral */
    int64_t decided_us = at_us + dw_rng_between(rng, 5, 180) * GEN_MINUTE_US;
    if (undecided) {
        gen_publish_after(gen, &fact, 4 * GEN_HOUR_US);
        day = gen_working_days(day, 1 + gen_lateness(child));
        decided_us = gen_office_time(rng, day);
        fact.replaces = fact.uid;
        fact.uid = ++gen->uids;
        fact.op = DW_OP_AMEND;
        fact.revision = 2;
    }
    gen_enum(&fact, DW_F_REFERRAL_RECEIVED_REFERRAL_NFA, nfa ? DW_ANSWER_Y : DW_ANSWER_N);
    gen_instant(&fact, DW_F_REFERRAL_RECEIVED_DECIDED_AT, decided_us);
    gen_publish_after(gen, &fact, decided_us - at_us + GEN_HOUR_US);
    gen_birth_date(gen, child, day);
    if (nfa) {
        gen_child_close(gen, child);
        return;
    }
    child->stage = GEN_REFERRED;
    gen_hand_over(gen, child, GEN_TEAM_ASSESSMENT, day);
    int32_t begin = gen_weekday(day + dw_rng_between(rng, 0, 3));
    gen_fact started = dated_fact(gen, child, DW_EV_ASSESSMENT_STARTED, begin);
    child->assessment = started.record;
    gen_id(&started, DW_F_ASSESSMENT_STARTED_ASSESSMENT_ID, GEN_ID_ASSESSMENT, started.record);
    gen_id(&started, DW_F_ASSESSMENT_STARTED_REFERRAL_ID, GEN_ID_REFERRAL, child->referral);
    gen_date(&started, DW_F_ASSESSMENT_STARTED_ASSESSMENT_ACTUAL_START_DATE, begin);
    gen_publish(gen, child, &started);
    gen_due(child, GEN_ACT_VISIT, gen_practise(child, day, gen_working_days(day, 8)));
    child->supervised = day;
    gen_due(child, GEN_ACT_SUPERVISION, gen_next_supervision(child, day));
    bool slow = dw_rng_chance(rng, 10 + child->slip / 2);
    gen_due(child, GEN_ACT_STAGE, gen_working_days(day, slow ? 45 + gen_lateness(child) : dw_rng_between(rng, 12, 43)));
}

void gen_contact(dw_gen *gen, gen_child *child, uint32_t children, int32_t day)
{
    dw_rng *rng = &child->rng;
    child->team = gen_team(gen, rng, GEN_TEAM_FRONT_DOOR);
    child->worker = 0;
    int source = dw_rng_chance(rng, 280) ? DW_V_CONTACT_SOURCE_6 : dw_rng_between(rng, 1, 22);
    int64_t at_us = dw_day_weekday(day) < 5 ? gen_office_time(rng, day)
                                            : dw_london_start_us(day) + dw_rng_between(rng, 0, 1430) * GEN_MINUTE_US;
    int outcome = contact_outcome(child);
    int roll = (int)dw_rng_below(rng, 1000);
    int64_t decided_us = roll < 860   ? at_us + dw_rng_between(rng, 10, 300) * GEN_MINUTE_US
                         : roll < 972 ? gen_office_time(rng, gen_working_days(day, 1))
                                      : gen_office_time(rng, gen_working_days(day, 1 + gen_lateness(child)));
    if (decided_us < at_us)
        decided_us = at_us + GEN_HOUR_US;

    gen_fact fact = gen_fact_begin(gen, child, DW_EV_CONTACT_RECEIVED, at_us);
    gen_id(&fact, DW_F_CONTACT_RECEIVED_CONTACT_ID, GEN_ID_CONTACT, fact.record);
    gen_enum(&fact, DW_F_CONTACT_RECEIVED_CONTACT_SOURCE, source);
    gen_int(&fact, DW_F_CONTACT_RECEIVED_CHILDREN_IN_CONTACT, children);
    if (child->birth_day < day - 16 * 365)
        gen_enum(&fact, DW_F_CONTACT_RECEIVED_AGE_BAND_16_17_HOMELESS,
                 dw_rng_chance(rng, 200) ? DW_ANSWER_Y : DW_ANSWER_N);
    bool decided_later = decided_us > at_us + 3 * GEN_HOUR_US;
    if (decided_later)
        gen_publish_after(gen, &fact, 10 * GEN_MINUTE_US);
    gen_enum(&fact, DW_F_CONTACT_RECEIVED_OUTCOME, outcome);
    gen_instant(&fact, DW_F_CONTACT_RECEIVED_DECIDED_AT, decided_us);
    if (decided_later) { /* the decision is an amendment of the contact */
        fact.replaces = fact.uid;
        fact.uid = ++gen->uids;
        fact.op = DW_OP_AMEND;
        fact.revision = 2;
    }
    gen_publish_after(gen, &fact, decided_us - at_us + 5 * GEN_MINUTE_US);

    if (outcome == DW_V_CONTACT_OUTCOME_REFERRAL) {
        gen_referral(gen, child, fact.record, source, decided_us);
    } else if (outcome == DW_V_CONTACT_OUTCOME_PRIVATE_FOSTERING) {
        gen_birth_date(gen, child, day);
        gen_start_plan(gen, child, GEN_PF, dw_london_day(decided_us));
    } else {
        gen_child_close(gen, child);
    }
}

/* --- after the assessment, after the enquiry */
static void close_case(dw_gen *gen, gen_child *child, int32_t day, int reason)
{
    gen_fact fact = dated_fact(gen, child, DW_EV_CASE_CLOSED, day);
    gen_date(&fact, DW_F_CASE_CLOSED_CIN_CLOSURE_DATE, day);
    gen_enum(&fact, DW_F_CASE_CLOSED_REASON_FOR_CLOSURE, reason);
    gen_id(&fact, DW_F_CASE_CLOSED_REFERRAL_ID, GEN_ID_REFERRAL, child->referral);
    gen_publish_after(gen, &fact, 3 * GEN_HOUR_US);
    child->referral = 0;
    gen_child_close(gen, child);
}

static void begin_enquiry(dw_gen *gen, gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    gen_fact meeting = gen_fact_begin(gen, child, DW_EV_MEETING_HELD, gen_office_time(rng, day));
    gen_fact enquiry = dated_fact(gen, child, DW_EV_S47_STARTED, day);
    child->enquiry = enquiry.record;
    gen_id(&meeting, DW_F_MEETING_HELD_MEETING_ID, GEN_ID_MEETING, meeting.record);
    gen_enum(&meeting, DW_F_MEETING_HELD_KIND, DW_V_MEETING_KIND_STRATEGY);
    gen_date(&meeting, DW_F_MEETING_HELD_HELD_ON, day);
    gen_enum(&meeting, DW_F_MEETING_HELD_INITIATED_S47, DW_ANSWER_Y);
    gen_id(&meeting, DW_F_MEETING_HELD_S47_ID, GEN_ID_ENQUIRY, enquiry.record);
    gen_publish_after(gen, &meeting, 2 * GEN_HOUR_US);
    gen_id(&enquiry, DW_F_S47_STARTED_S47_ID, GEN_ID_ENQUIRY, enquiry.record);
    gen_id(&enquiry, DW_F_S47_STARTED_REFERRAL_ID, GEN_ID_REFERRAL, child->referral);
    gen_date(&enquiry, DW_F_S47_STARTED_S47_ACTUAL_START_DATE, day);
    gen_date(&enquiry, DW_F_S47_STARTED_INITIAL_CPC_TARGET, gen_working_days(day, 15));
    gen_id(&enquiry, DW_F_S47_STARTED_MEETING_ID, GEN_ID_MEETING, meeting.record);
    gen_publish_after(gen, &enquiry, 5 * GEN_HOUR_US);
    child->stage = GEN_ENQUIRY_47;
    child->early_visit = true;
    gen_due(child, GEN_ACT_VISIT, gen_working_days(day, 1));
    gen_due(child, GEN_ACT_STAGE, gen_practise(child, day, gen_working_days(day, 15)));
}

static void hold_conference(dw_gen *gen, gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    bool plan = dw_rng_chance(rng, 840);
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_CONFERENCE_ICPC, gen_office_time(rng, day));
    gen_id(&fact, DW_F_CONFERENCE_ICPC_CONFERENCE_ID, GEN_ID_CONFERENCE, fact.record);
    gen_date(&fact, DW_F_CONFERENCE_ICPC_DATE_OF_INITIAL_CPC, day);
    gen_enum(&fact, DW_F_CONFERENCE_ICPC_TRANSFER_IN, DW_ANSWER_N);
    gen_enum(&fact, DW_F_CONFERENCE_ICPC_RESULT,
             plan ? DW_V_CONFERENCE_RESULT_CP_PLAN : DW_V_CONFERENCE_RESULT_NO_PLAN);
    gen_id(&fact, DW_F_CONFERENCE_ICPC_S47_ID, GEN_ID_ENQUIRY, child->enquiry);
    gen_publish_after(gen, &fact, 3 * GEN_HOUR_US);
    child->enquiry = 0;
    if (child->plan != 0)
        gen_end_plan(gen, child, day, true);
    gen_start_plan(gen, child, plan ? GEN_CP : GEN_CIN, day);
}

static void end_assessment(dw_gen *gen, gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    gen_fact fact = dated_fact(gen, child, DW_EV_ASSESSMENT_AUTHORISED, day);
    gen_id(&fact, DW_F_ASSESSMENT_AUTHORISED_ASSESSMENT_ID, GEN_ID_ASSESSMENT, child->assessment);
    gen_id(&fact, DW_F_ASSESSMENT_AUTHORISED_REFERRAL_ID, GEN_ID_REFERRAL, child->referral);
    gen_date(&fact, DW_F_ASSESSMENT_AUTHORISED_ASSESSMENT_AUTHORISATION_DATE, day);
    gen_enum(&fact, DW_F_ASSESSMENT_AUTHORISED_CHILD_SEEN, DW_ANSWER_Y);
    gen_publish_after(gen, &fact, 2 * GEN_HOUR_US);
    gen_due_clear(child);
    int roll = (int)dw_rng_below(rng, 1000);
    if (roll < 540)
        close_case(gen, child, day, roll < 330 ? DW_V_REASON_FOR_CLOSURE_RC8 : DW_V_REASON_FOR_CLOSURE_RC9);
    else if (roll < 820)
        gen_start_plan(gen, child, GEN_CIN, day);
    else if (roll < 950)
        begin_enquiry(gen, child, day);
    else
        gen_start_plan(gen, child, GEN_CLA, day);
}

/* --- plans */
static int plan_code(gen_stage stage)
{
    switch (stage) {
    case GEN_CIN:
        return DW_V_PLAN_TYPE_CIN;
    case GEN_CP:
        return DW_V_PLAN_TYPE_CP;
    case GEN_CLA:
        return DW_V_PLAN_TYPE_CLA;
    case GEN_PF:
        return DW_V_PLAN_TYPE_PF;
    case GEN_LEAVER:
        return DW_V_PLAN_TYPE_PATHWAY;
    case GEN_FREE:
    case GEN_DORMANT:
    case GEN_REFERRED:
    case GEN_ENQUIRY_47:
        break;
    }
    return 0;
}

static void plan_fact(dw_gen *gen, gen_child *child, int32_t day)
{
    gen_stage stage = (gen_stage)child->stage;
    gen_fact fact = dated_fact(gen, child, DW_EV_PLAN_STARTED, day);
    child->plan = fact.record;
    gen_id(&fact, DW_F_PLAN_STARTED_PLAN_ID, GEN_ID_PLAN, fact.record);
    gen_enum(&fact, DW_F_PLAN_STARTED_PLAN_TYPE, plan_code(stage));
    if (stage == GEN_CP) {
        gen_date(&fact, DW_F_PLAN_STARTED_CPP_START_DATE, day);
        gen_enum(&fact, DW_F_PLAN_STARTED_INITIAL_CATEGORY, child->category);
        gen_enum(&fact, DW_F_PLAN_STARTED_LATEST_CATEGORY, child->category);
        gen_int(&fact, DW_F_PLAN_STARTED_NUMBER_OF_PREVIOUS_CPP, child->plans_before++);
    } else if (stage == GEN_CIN) {
        gen_date(&fact, DW_F_PLAN_STARTED_CIN_PLAN_START_DATE, day);
    } else {
        gen_date(&fact, DW_F_PLAN_STARTED_START_DATE, day);
    }
    if (stage == GEN_PF) {
        gen_date(&fact, DW_F_PLAN_STARTED_NOTIFIED_ON, day);
        gen_date(&fact, DW_F_PLAN_STARTED_AWARE_ON, day);
    }
    gen_publish_after(gen, &fact, 5 * GEN_HOUR_US);
}

/* Takes the child into the team of the new stage when it is another. */
void gen_hand_over(dw_gen *gen, gen_child *child, gen_team_kind kind, int32_t day)
{
    if (child->team != GEN_TEAMS_NONE && child->team >= gen->team_first[kind] &&
        child->team < gen->team_first[kind + 1] && child->worker != 0)
        return;
    bool known_team = child->team != GEN_TEAMS_NONE;
    if (child->worker != 0) {
        gen_fact ended = dated_fact(gen, child, DW_EV_WORKER_ENDED, day);
        gen_id(&ended, DW_F_WORKER_ENDED_ALLOCATION_ID, GEN_ID_ALLOCATION, child->allocation);
        gen_enum(&ended, DW_F_WORKER_ENDED_ROLE, DW_V_ALLOCATION_ROLE_LEAD_SW);
        gen_enum(&ended, DW_F_WORKER_ENDED_CHANGE_REASON, DW_V_WORKER_CHANGE_REASON_TSPROC);
        gen_date(&ended, DW_F_WORKER_ENDED_ENDED_ON, day);
        gen_publish_after(gen, &ended, 5 * GEN_HOUR_US);
    }
    child->team = gen_team(gen, &child->rng, kind);
    child->worker = 0;
    if (known_team && !gen->loading) {
        gen_fact moved = dated_fact(gen, child, DW_EV_TEAM_TRANSFERRED, day);
        gen_enum(&moved, DW_F_TEAM_TRANSFERRED_CHANGE_REASON, DW_V_WORKER_CHANGE_REASON_TSPROC);
        gen_date(&moved, DW_F_TEAM_TRANSFERRED_TRANSFERRED_ON, day);
        gen_publish_after(gen, &moved, 5 * GEN_HOUR_US);
    }
    gen_allocate(gen, child, day, DW_V_WORKER_CHANGE_REASON_TSPROC);
}

static void agenda_of_plan(gen_child *child, int32_t day)
{
    dw_rng *rng = &child->rng;
    gen_stage stage = (gen_stage)child->stage;
    gen_due_clear(child);
    child->visited = day;
    gen_due(child, GEN_ACT_VISIT, gen_next_visit(child, day));
    int32_t reviewed = stage == GEN_LEAVER && child->pathway_looked_at > 0 ? child->pathway_looked_at : day;
    gen_due(child, GEN_ACT_REVIEW, gen_next_review(child, reviewed));
    gen_due(child, GEN_ACT_SUPERVISION, gen_next_supervision(child, child->supervised > 0 ? child->supervised : day));
    gen_due(child, GEN_ACT_WORKER, gen_weekday(day + dw_rng_between(rng, 100, 1000)));
    gen_due(child, GEN_ACT_MISSING, gen_next_missing(child, day));
    gen_care_agenda(child, day);
    if (stage == GEN_CP) {
        gen_watch(child, GEN_WATCH_OTHER, day + 42, day);
        gen_due(child, GEN_ACT_MEETING, gen_practise(child, day, gen_working_days(day, 10)));
    }
    if (stage == GEN_CLA) {
        gen_due(child, GEN_ACT_MEETING, gen_next_meeting(child, day));
        gen_due(child, GEN_ACT_PLACEMENT, gen_weekday(day + dw_rng_between(rng, 30, 1500)));
        int32_t eighteen = dw_day_add_months(child->birth_day, 18 * 12);
        gen_due(child, GEN_ACT_STAGE, eighteen > day ? eighteen : day + 1);
    }
    if (stage == GEN_LEAVER)
        gen_due(child, GEN_ACT_PLACEMENT, gen_weekday(day + dw_rng_between(rng, 120, 900)));
    if (stage == GEN_PF || stage == GEN_LEAVER)
        gen_due(child, GEN_ACT_STAGE, gen_weekday(child->ends_from));
}

/* Nobody takes a plan on with the supervision or the chronology of the work before it out of date. */
static void bring_up_to_date(dw_gen *gen, gen_child *child, int32_t day)
{
    if (gen->loading || dw_rng_chance(&child->rng, child->slip))
        return;
    if (child->supervised == 0 || child->supervised < day - 16)
        gen_supervision_fact(gen, child, day);
    if (child->stage != GEN_LEAVER && child->written < day - 28)
        gen_act_chronology(gen, child, day);
}

void gen_start_plan(dw_gen *gen, gen_child *child, gen_stage stage, int32_t day)
{
    dw_rng *rng = &child->rng;
    static const gen_team_kind teams[] = {[GEN_CIN] = GEN_TEAM_SAFEGUARDING,
                                          [GEN_CP] = GEN_TEAM_SAFEGUARDING,
                                          [GEN_CLA] = GEN_TEAM_LOOKED_AFTER,
                                          [GEN_PF] = GEN_TEAM_FOSTERING,
                                          [GEN_LEAVER] = GEN_TEAM_LEAVERS};
    static const int shortest[] = {[GEN_CIN] = 70, [GEN_CP] = 150, [GEN_CLA] = 90, [GEN_PF] = 90, [GEN_LEAVER] = 800};
    static const int longest[] = {
        [GEN_CIN] = 320, [GEN_CP] = 450, [GEN_CLA] = 1700, [GEN_PF] = 600, [GEN_LEAVER] = 1300};
    child->stage = (uint8_t)stage;
    child->stage_from = day;
    child->reviews = 0;
    child->visit_days = 0;
    child->ends_from = day + dw_rng_between(rng, shortest[stage], longest[stage]);
    child->permanence = (uint8_t)(dw_rng_chance(rng, 500) ? DW_V_PERMANENCE_PLAN_RETURN6M : 0);
    gen_team_kind team = teams[stage];
    if (stage == GEN_CIN && child->need == DW_V_PRIMARY_NEED_N2)
        team = GEN_TEAM_DISABILITIES;
    child->early_visit = true;
    gen_hand_over(gen, child, team, day);
    /* of those who come into care in their teens, more go missing than of others */
    if (stage == GEN_CLA && child->missing_risk == 0 && day - child->birth_day > 11 * 365)
        child->missing_risk = (uint8_t)(dw_rng_chance(rng, 40) ? 2 : dw_rng_chance(rng, 120) ? 1 : 0);
    if (stage == GEN_LEAVER)
        gen_accommodation(gen, child, day);
    if (stage == GEN_LEAVER && child->pathway != 0)
        child->plan = child->pathway;
    else
        plan_fact(gen, child, day);
    if (stage == GEN_CLA)
        gen_move(gen, child, day, true);
    bring_up_to_date(gen, child, day);
    agenda_of_plan(child, day);
    gen_court_agenda(gen, child, day);
    if (stage == GEN_CLA)
        gen_placement_plan_later(gen, child, day);
}

void gen_end_plan(dw_gen *gen, gen_child *child, int32_t day, bool stepped_up)
{
    if (child->stage == GEN_CLA && child->placement != 0) {
        int rec = stepped_up                                ? DW_V_REC_E8
                  : day - child->birth_day > 17 * 365 + 300 ? DW_V_REC_E17
                  : dw_rng_chance(&child->rng, 600)         ? DW_V_REC_E4A
                                                            : dw_rng_between(&child->rng, 18, 22);
        gen_fact placement = dated_fact(gen, child, DW_EV_PLACEMENT_ENDED, day);
        gen_id(&placement, DW_F_PLACEMENT_ENDED_PLACEMENT_ID, GEN_ID_PLACEMENT, child->placement);
        gen_date(&placement, DW_F_PLACEMENT_ENDED_DEC, day);
        gen_enum(&placement, DW_F_PLACEMENT_ENDED_REC, rec);
        gen_publish_after(gen, &placement, 4 * GEN_HOUR_US);
        if (child->placement_plan != 0)
            gen_plan_end_fact(gen, child, day, child->placement_plan, DW_V_PLAN_TYPE_PLACEMENT);
        child->placement = child->placement_plan = 0;
    }
    gen_explain(gen, child, day);
    gen_end_court(gen, child, day);
    int code = child->stage == GEN_ENQUIRY_47 ? DW_V_PLAN_TYPE_CIN : plan_code((gen_stage)child->stage);
    gen_plan_end_fact(gen, child, day, child->plan, code);
    bool grown_up = day >= dw_day_add_months(child->birth_day, 18 * 12);
    if (child->stage == GEN_CLA && child->pathway != 0 && !grown_up) {
        gen_plan_end_fact(gen, child, day, child->pathway, DW_V_PLAN_TYPE_PATHWAY);
        child->pathway = 0;
    }
    for (int i = 0; i < GEN_WATCHES; i++)
        child->limit[i] = GEN_NEVER;
    if (child->stage == GEN_LEAVER)
        child->pathway = child->accommodation = 0;
    child->plan = 0;
}

/* What follows when a plan has run its time. */
static void after_plan(dw_gen *gen, gen_child *child, int32_t day)
{
    gen_stage stage = (gen_stage)child->stage;
    int roll = (int)dw_rng_below(&child->rng, 1000);
    if (stage == GEN_CIN && roll < 90) { /* worse: an enquiry beside the running plan */
        begin_enquiry(gen, child, day);
        return;
    }
    gen_end_plan(gen, child, day, stage == GEN_CP && roll < 140);
    gen_due_clear(child);
    bool adult = day >= dw_day_add_months(child->birth_day, 18 * 12);
    if (stage == GEN_CP && roll < 140 && !adult)
        gen_start_plan(gen, child, GEN_CLA, day);
    else if (((stage == GEN_CP && roll < 640) || (stage == GEN_CLA && roll < 400)) && !adult)
        gen_start_plan(gen, child, GEN_CIN, day);
    else if (stage == GEN_CLA && adult)
        gen_start_plan(gen, child, GEN_LEAVER, day);
    else
        close_case(gen, child, day, DW_V_REASON_FOR_CLOSURE_RC7);
}

void gen_act_stage(dw_gen *gen, gen_child *child, int32_t day)
{
    switch ((gen_stage)child->stage) {
    case GEN_DORMANT:
        gen_contact(gen, child, 1, day);
        break;
    case GEN_REFERRED:
        end_assessment(gen, child, day);
        break;
    case GEN_ENQUIRY_47:
        hold_conference(gen, child, day);
        break;
    case GEN_CIN:
    case GEN_CP:
    case GEN_CLA:
    case GEN_PF:
    case GEN_LEAVER:
        after_plan(gen, child, day);
        break;
    case GEN_FREE:
        break;
    }
}

/* --- placements */
void gen_move(dw_gen *gen, gen_child *child, int32_t day, bool first)
{
    dw_rng *rng = &child->rng;
    static const uint8_t places[] = {DW_V_PLACE_U6, DW_V_PLACE_U6, DW_V_PLACE_U6, DW_V_PLACE_U4, DW_V_PLACE_U3,
                                     DW_V_PLACE_U1, DW_V_PLACE_K2, DW_V_PLACE_K2, DW_V_PLACE_P1, DW_V_PLACE_R3};
    if (first)
        child->legal = (uint8_t)(dw_rng_chance(rng, 550)   ? DW_V_LEGAL_STATUS_C1
                                 : dw_rng_chance(rng, 850) ? DW_V_LEGAL_STATUS_V2
                                                           : DW_V_LEGAL_STATUS_C2);
    if (first && gen->loading && child->legal == DW_V_LEGAL_STATUS_C1 && gen->config.from_day - day > 170)
        child->legal = DW_V_LEGAL_STATUS_C2; /* by now the order has been made */
    if (child->placement != 0) {
        gen_fact ended = dated_fact(gen, child, DW_EV_PLACEMENT_ENDED, day);
        gen_id(&ended, DW_F_PLACEMENT_ENDED_PLACEMENT_ID, GEN_ID_PLACEMENT, child->placement);
        gen_date(&ended, DW_F_PLACEMENT_ENDED_DEC, day);
        gen_enum(&ended, DW_F_PLACEMENT_ENDED_REC, DW_V_REC_X1);
        gen_enum(&ended, DW_F_PLACEMENT_ENDED_REASON_PLACE_CHANGE, dw_rng_between(rng, 1, 12));
        gen_publish_after(gen, &ended, 5 * GEN_HOUR_US);
        if (child->placement_plan != 0)
            gen_plan_end_fact(gen, child, day, child->placement_plan, DW_V_PLAN_TYPE_PLACEMENT);
    }
    gen_fact fact = dated_fact(gen, child, DW_EV_PLACEMENT_STARTED, day);
    child->placement = fact.record;
    child->placed_from = day;
    child->early_visit = true;
    child->placement_reviewed = false;
    int place = places[dw_rng_below(rng, sizeof(places))];
    child->place = (uint8_t)place;
    child->unassessed = place == DW_V_PLACE_P1 && dw_rng_chance(rng, 350);
    gen_id(&fact, DW_F_PLACEMENT_STARTED_PLACEMENT_ID, GEN_ID_PLACEMENT, fact.record);
    gen_date(&fact, DW_F_PLACEMENT_STARTED_DECOM, day);
    gen_enum(&fact, DW_F_PLACEMENT_STARTED_RNE, first ? DW_V_RNE_S : DW_V_RNE_P);
    gen_enum(&fact, DW_F_PLACEMENT_STARTED_LS, child->legal);
    gen_enum(&fact, DW_F_PLACEMENT_STARTED_PLACE, place);
    gen_enum(&fact, DW_F_PLACEMENT_STARTED_INTENDED_UNTIL_18,
             place == DW_V_PLACE_U1 || place == DW_V_PLACE_U4 ? DW_ANSWER_Y : DW_ANSWER_N);
    if (child->unassessed)
        gen_enum(&fact, DW_F_PLACEMENT_STARTED_REG19, DW_ANSWER_Y);
    gen_publish_after(gen, &fact, 6 * GEN_HOUR_US);
}

void gen_act_placement(dw_gen *gen, gen_child *child, int32_t day)
{
    if (child->stage == GEN_LEAVER) {
        gen_accommodation(gen, child, day);
        child->early_visit = true;
        gen_due(child, GEN_ACT_VISIT, gen_next_visit(child, day));
        gen_due(child, GEN_ACT_PLACEMENT, gen_weekday(day + dw_rng_between(&child->rng, 120, 900)));
    }
    if (child->stage != GEN_CLA)
        return;
    gen_move(gen, child, day, false);
    gen_placement_plan_later(gen, child, day);
    gen_due(child, GEN_ACT_VISIT, gen_next_visit(child, day));
    gen_due(child, GEN_ACT_PLACEMENT, gen_weekday(day + dw_rng_between(&child->rng, 60, 1500)));
}

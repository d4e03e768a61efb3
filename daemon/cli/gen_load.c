/* gen_load.c: a case that was open before the story begins: what a first load brings of it.
 * Facts are made in the order of time and published in the other one (gen_publish_after). */

#include "daemon/cli/gen_internal.h"

#include <assert.h>

/* How long the case may have been open, in days, by stage. */
static int age_of_case(gen_child *child, gen_stage stage)
{
    static const int longest[] = {
        [GEN_CIN] = 270, [GEN_CP] = 400, [GEN_CLA] = 1400, [GEN_PF] = 500, [GEN_LEAVER] = 800};
    return dw_rng_between(&child->rng, 3, longest[stage]);
}

/* Reviews up to now, each by the rules of the stage; returns the day of the last one, or the plan's start. */
static int32_t past_reviews(dw_gen *gen, gen_child *child, int32_t start, int32_t today)
{
    int32_t last = start;
    for (;;) {
        int32_t next = gen_next_review(child, last);
        if (next == GEN_NEVER || next >= today)
            return last;
        last = next;
        gen_change_plan(gen, child, last);
        gen_review_fact(gen, child, last, DW_V_REVIEW_OUTCOME_CONTINUE);
    }
}

static int32_t next_visit(gen_child *child, int32_t last)
{
    if (last > child->stage_from)
        child->early_visit = false;
    return gen_next_visit(child, last);
}

/* The first visit of a placement or arrangement, and the last one. */
static void load_visits(dw_gen *gen, gen_child *child, int32_t start, int32_t today)
{
    int32_t due = child->due[GEN_ACT_VISIT];
    if (due < today && child->stage != GEN_CIN && child->stage != GEN_CP) {
        gen_visit_fact(gen, child, due, true);
        child->early_visit = false;
        start = due;
    }
    child->placement_reviewed = child->reviews > 0;
    int32_t visited = gen_last_before(child, next_visit, start, today, &due);
    if (visited > start)
        gen_visit_fact(gen, child, visited, true);
    child->met = true;
    child->visited = visited;
    gen_due(child, GEN_ACT_VISIT, due);
}

static void load_supervision(dw_gen *gen, gen_child *child, int32_t start, int32_t today)
{
    int32_t due = 0;
    int32_t supervised = gen_last_before(child, gen_next_supervision, start, today, &due);
    if (supervised > start)
        gen_supervision_fact(gen, child, supervised);
    gen_due(child, GEN_ACT_SUPERVISION, due);
}

/* Core groups: the first, and the last. Permanency planning meetings: the last. */
static void load_meetings(dw_gen *gen, gen_child *child, int32_t today)
{
    int32_t due = child->due[GEN_ACT_MEETING];
    if (due >= today) /* also: there are none */
        return;
    gen_meeting_fact(gen, child, due);
    int32_t first = due;
    int32_t last = gen_last_before(child, gen_next_meeting, first, today, &due);
    if (last > first)
        gen_meeting_fact(gen, child, last);
    gen_due(child, GEN_ACT_MEETING, due);
}

/* Before proceedings: the steps until now. An order that should have been made by now is about to be. */
static void load_court(dw_gen *gen, gen_child *child, int32_t today)
{
    if (child->stage == GEN_CLA && child->due[GEN_ACT_COURT] < today)
        gen_due(child, GEN_ACT_COURT, gen_weekday(today + dw_rng_between(&child->rng, 1, 15)));
    while (child->due[GEN_ACT_COURT] < today) {
        int32_t day = child->due[GEN_ACT_COURT];
        gen_due(child, GEN_ACT_COURT, GEN_NEVER);
        gen_act_court(gen, child, day);
    }
}

void gen_load_child(dw_gen *gen, gen_child *child, gen_stage stage)
{
    dw_rng *rng = &child->rng;
    int32_t today = gen->config.from_day;
    int age = age_of_case(child, stage);
    int32_t start = gen_weekday_before(today - age);
    /* of an age that fits: looked after until 18, a leaver from then on */
    if (stage == GEN_LEAVER)
        child->birth_day = start - 18 * 365 - 5;
    else if (today - child->birth_day > 17 * 365)
        child->birth_day += 2 * 365;
    if (child->birth_day > start - 10)
        child->birth_day = start - dw_rng_between(rng, 10, 300);

    gen_birth_date(gen, child, start);
    gen_start_plan(gen, child, stage, start);
    load_court(gen, child, today);
    if (child->ends_from <= today)
        child->ends_from = today + dw_rng_between(rng, 5, stage == GEN_CLA ? 1300 : stage == GEN_CIN ? 300 - age : 300);
    if (stage == GEN_PF || stage == GEN_LEAVER)
        gen_due(child, GEN_ACT_STAGE, gen_weekday(child->ends_from));
    int32_t reviewed = past_reviews(gen, child, start, today);
    gen_due(child, GEN_ACT_REVIEW, gen_next_review(child, reviewed));

    load_visits(gen, child, start, today);
    load_supervision(gen, child, start, today);
    load_meetings(gen, child, today);
    gen_load_care(gen, child, start, today);
    /* what was missed until now has been explained */
    child->unexplained = GEN_NEVER;
    if (age > 7 && !dw_rng_chance(rng, 15))
        gen_oversight_fact(gen, child, gen_weekday_before(today - 1));
    gen_oversight_next(child);
    static const gen_act later[] = {GEN_ACT_WORKER, GEN_ACT_PLACEMENT, GEN_ACT_MISSING};
    for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
        if (child->due[later[i]] <= today)
            child->due[later[i]] = gen_weekday(today + dw_rng_between(rng, 1, 40));
    if (child->due[GEN_ACT_MISSING] != GEN_NEVER)
        gen_due(child, GEN_ACT_MISSING, gen_next_missing(child, today));
}

/* gen_load.c: a case that was open before the story begins: what a first load brings of it.
 * Facts are made in the order of time and published in the other one (gen_publish_after). */

#include "daemon/cli/gen_internal.h"

#include <assert.h>

/* How long the case may have been open, in days, by stage. */
static int age_of_case(gen_child *child, gen_stage stage)
{
    static const int longest[] = {
        [GEN_CIN] = 300, [GEN_CP] = 400, [GEN_CLA] = 1400, [GEN_PF] = 500, [GEN_LEAVER] = 800};
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
        gen_review_fact(gen, child, last, DW_V_REVIEW_OUTCOME_CONTINUE);
        gen_change_plan(gen, child, last);
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
    if (child->ends_from <= today)
        child->ends_from = today + dw_rng_between(rng, 5, stage == GEN_CLA ? 1300 : 300);
    if (stage == GEN_PF || stage == GEN_LEAVER)
        gen_due(child, GEN_ACT_STAGE, gen_weekday(child->ends_from));
    int32_t reviewed = past_reviews(gen, child, start, today);
    gen_due(child, GEN_ACT_REVIEW, gen_next_review(child, reviewed));

    /* the last visit and the last supervision; with a case of a few days they may still be to come */
    int32_t next_visit = child->due[GEN_ACT_VISIT];
    int32_t visited = start;
    if (next_visit < today) {
        int back = stage == GEN_CP ? 12 : stage == GEN_CIN ? 24 : 36;
        visited = gen_weekday_before(today - dw_rng_between(rng, 1, age < back ? age : back));
        if (visited > start) {
            gen_visit_fact(gen, child, visited, true);
            child->early_visit = false;
        } else {
            visited = start;
        }
        gen_due(child, GEN_ACT_VISIT, gen_next_visit(child, visited, false));
    }
    int32_t supervised = start;
    if (child->due[GEN_ACT_SUPERVISION] < today) {
        supervised = gen_weekday_before(today - dw_rng_between(rng, 1, age < 26 ? age : 26));
        if (supervised > start)
            gen_supervision_fact(gen, child, supervised);
        else
            supervised = start;
        gen_due(child, GEN_ACT_SUPERVISION, gen_next_supervision(child, supervised));
    }
    static const gen_act later[] = {GEN_ACT_WORKER, GEN_ACT_PLACEMENT, GEN_ACT_HEALTH, GEN_ACT_MEETING,
                                    GEN_ACT_MISSING};
    for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
        if (child->due[later[i]] <= today)
            child->due[later[i]] = gen_weekday(today + dw_rng_between(rng, 1, 40));
    if (child->due[GEN_ACT_MISSING] != GEN_NEVER)
        gen_due(child, GEN_ACT_MISSING, gen_next_missing(child, today));
}

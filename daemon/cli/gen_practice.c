/* gen_practice.c: how the simulated staff keep their clocks: mostly in time, some late, few very late; and the notes by
 * which managers explain what was missed. */

#include "daemon/cli/gen_internal.h"

/* Who is neglected is neglected longer. */
int gen_lateness(gen_child *child)
{
    dw_rng *rng = &child->rng;
    int roll = (int)dw_rng_below(rng, 1000) + child->slip / 3;
    if (roll < 740)
        return dw_rng_between(rng, 1, 2);
    if (roll < 930)
        return dw_rng_between(rng, 2, 4);
    if (roll < 1000)
        return dw_rng_between(rng, 5, 9);
    return dw_rng_between(rng, 10, roll < 1050 ? 20 : 45);
}

int32_t gen_practise(gen_child *child, int32_t last, int32_t limit)
{
    dw_rng *rng = &child->rng;
    if (dw_rng_chance(rng, child->slip))
        return gen_working_days(limit, gen_lateness(child));
    int days = limit - last;
    int32_t day = gen_weekday_before(last + dw_rng_between(rng, days * 60 / 100, days * 85 / 100));
    if (day <= last)
        day = gen_weekday(last + 1);
    return day;
}

int32_t gen_last_before(gen_child *child, gen_next *next, int32_t start, int32_t today, int32_t *due)
{
    int32_t last = start;
    for (*due = next(child, last); *due < today; *due = next(child, last))
        last = *due;
    return last;
}

/* --- oversight */
/* The earliest day that asks for a note; most are written one or two working days later. */
void gen_oversight_next(gen_child *child)
{
    dw_rng *rng = &child->rng;
    int32_t first = child->unexplained;
    for (int i = 0; i < GEN_WATCHES; i++)
        if (child->limit[i] < first)
            first = child->limit[i];
    if (first == GEN_NEVER) {
        gen_due(child, GEN_ACT_OVERSIGHT, GEN_NEVER);
        return;
    }
    bool soon = !dw_rng_chance(rng, 20 + child->slip / 6);
    gen_due(child, GEN_ACT_OVERSIGHT,
            gen_working_days(first, soon ? dw_rng_between(rng, 1, 2) : dw_rng_between(rng, 3, 9)));
}

/* A new interval began on `day`. A missed one that nobody explained stays on the manager's list, as does one that was met in
 * time when the record does not say so yet. */
void gen_watch(gen_child *child, gen_watched which, int32_t limit, int32_t day)
{
    int32_t known = child->recorded > day ? child->recorded : day;
    if (child->limit[which] < known && child->limit[which] < child->unexplained)
        child->unexplained = child->limit[which];
    child->limit[which] = limit;
    gen_oversight_next(child);
}

void gen_oversight_fact(dw_gen *gen, gen_child *child, int32_t day)
{
    gen_fact fact = gen_fact_begin(gen, child, DW_EV_OVERSIGHT_RECORDED, gen_office_time(&child->rng, day));
    gen_id(&fact, DW_F_OVERSIGHT_RECORDED_OVERSIGHT_ID, GEN_ID_OVERSIGHT, fact.record);
    gen_date(&fact, DW_F_OVERSIGHT_RECORDED_RECORDED_ON, day);
    gen_enum(&fact, DW_F_OVERSIGHT_RECORDED_ROLE, DW_V_ROLE_TM);
    gen_publish_after(gen, &fact, 20 * GEN_MINUTE_US);
}

void gen_explain(dw_gen *gen, gen_child *child, int32_t day)
{
    bool missed = child->unexplained != GEN_NEVER;
    for (int i = 0; i < GEN_WATCHES; i++)
        if (child->limit[i] < day) {
            missed = true;
            child->limit[i] = GEN_NEVER;
        }
    child->unexplained = GEN_NEVER;
    if (missed)
        gen_oversight_fact(gen, child, day);
}

void gen_act_oversight(dw_gen *gen, gen_child *child, int32_t day)
{
    gen_explain(gen, child, day);
    gen_oversight_next(child);
}

/* A contact or a visit, whichever was last. */
void gen_in_touch(gen_child *child, int32_t day)
{
    int32_t limit = child->limit[GEN_WATCH_OTHER];
    if (limit == GEN_NEVER || day + 56 > limit)
        gen_watch(child, GEN_WATCH_OTHER, day + 56, day);
}

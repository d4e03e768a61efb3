/* spans_level.c: runs of days with one highest level of plan: child in need, child protection, looked after.
 *
 * What counts is the level at the end of a day, or now (readings 38: a change of the highest open level on one day).
 * Another authority's temporary plans count for nothing. `step` tells how a run began: from a lower or a higher level the
 * day before, or from none. */

#include "field_ids.h"
#include "handlers/derive.h"

#include <assert.h>

/* A plan or care that holds its level from its first day to the day before it is no longer open at midnight. */
typedef struct held {
    int64_t level;
    const dw_span *span;
    int32_t from, until; /* days; until DW_DAY_OPEN */
} held;

static int64_t plan_level(const dw_span *plan)
{
    if (dw_plan_is_lodged(plan))
        return 0;
    int64_t type = dw_plan_type(plan);
    return type == DW_V_PLAN_TYPE_CIN ? DW_LEVEL_CIN : type == DW_V_PLAN_TYPE_CP ? DW_LEVEL_CP : 0;
}

static uint32_t gather(dw_derive *d, held *out)
{
    static const dw_span_family families[] = {DW_SPAN_PLAN, DW_SPAN_CARE};
    uint32_t n = 0;
    for (size_t f = 0; f < 2; f++)
        for (uint32_t i = 0; i < d->chron->span_count[families[f]]; i++) {
            const dw_span *span = &d->chron->spans[families[f]][i];
            int64_t level = families[f] == DW_SPAN_CARE ? DW_LEVEL_CLA : plan_level(span);
            int32_t until = span->end_us == DW_AT_NEVER ? DW_DAY_OPEN : dw_london_day(span->end_us) - 1;
            if (level != 0 && until >= span->start_day)
                out[n++] = (held){level, span, span->start_day, until};
        }
    return n;
}

static int64_t level_on(const held *all, uint32_t n, int32_t day, const dw_span **which)
{
    int64_t level = 0;
    for (uint32_t i = 0; i < n; i++)
        if (all[i].from <= day && day <= all[i].until && all[i].level > level) {
            level = all[i].level;
            *which = all[i].span;
        }
    return level;
}

/* The next day after `day` on which something begins or has ended; DW_DAY_OPEN: none. */
static int32_t next_change(const held *all, uint32_t n, int32_t day)
{
    int32_t next = DW_DAY_OPEN;
    for (uint32_t i = 0; i < n; i++) {
        if (all[i].from > day && all[i].from < next)
            next = all[i].from;
        if (all[i].until != DW_DAY_OPEN && all[i].until + 1 > day && all[i].until + 1 < next)
            next = all[i].until + 1;
    }
    return next;
}

/* The fact that made the level what it is on this day: a beginning of that level, else the end of what was higher. */
static const dw_fact *made_by(const held *all, uint32_t n, int32_t day, int64_t level, const dw_span *which,
                              int64_t *us)
{
    *us = dw_london_start_us(day);
    if (which->start_day == day) {
        *us = which->start_us;
        return which->opened_by;
    }
    const held *ended = all; /* a level falls by nothing else; what a birthday ends ends together, and leaves none */
    for (; ended->level <= level || ended->until != day - 1; ended++)
        assert(ended < all + n - 1);
    *us = ended->span->end_us;
    return ended->span->closed_by;
}

void dw_derive_level(dw_derive *d)
{
    uint32_t most = d->chron->span_count[DW_SPAN_PLAN] + d->chron->span_count[DW_SPAN_CARE];
    held *all = most == 0 ? NULL : dw_derive_alloc(d, most * sizeof *all);
    if (all == NULL)
        return;
    uint32_t n = gather(d, all);
    if (n == 0 || !dw_derive_room(d, DW_SPAN_LEVEL, 2 * n))
        return;
    int64_t before = 0;
    dw_span *run = NULL;
    for (int32_t day = next_change(all, n, INT32_MIN); day <= d->chron->today; day = next_change(all, n, day)) {
        const dw_span *which = NULL;
        int64_t level = level_on(all, n, day, &which), us = dw_london_start_us(day);
        if (level == before)
            continue;
        const dw_fact *fact = level != 0 ? made_by(all, n, day, level, which, &us) : NULL;
        if (run != NULL) {
            run->end_us = us;
            run->end_day = day;
            run->end = level != 0 ? DW_END_REPLACED : DW_END_FACT;
            run->closed_by = fact;
        }
        run = NULL;
        if (level != 0) {
            run = dw_derive_add(d, DW_SPAN_LEVEL, (dw_str){0}, fact, day, us);
            run->level = (uint8_t)level;
            run->step = before == 0 ? DW_STEPPED_NOT : level > before ? DW_STEPPED_UP : DW_STEPPED_DOWN;
            run->start_approximate = true;
            run->facts = dw_derive_alloc(d, sizeof *run->facts);
            if (run->facts == NULL)
                return;
            run->facts[0] = fact;
            run->fact_count = 1;
        }
        before = level;
    }
    dw_derive_sort(d, DW_SPAN_LEVEL);
}

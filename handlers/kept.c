/* kept.c: the chronologies that are kept: finding one, extending it by the facts that have come since, making one. */

#include "handlers/kept.h"

#include "handlers/derive.h"

#include <assert.h>
#include <stdlib.h>

typedef struct slot {
    dw_arena *arena; /* made on first need */
    dw_chronology *chron;
    const dw_record *rec;
    const dw_fact *facts; /* where the record had them */
    uint32_t taken;       /* of its facts, from the first on */
} slot;

struct dw_kept {
    uint32_t mask;
    uint32_t used; /* slots with an arena */
    slot slots[];
};

dw_kept *dw_kept_new(uint32_t children)
{
    assert(children != 0 && (children & (children - 1)) == 0);
    dw_kept *kept = calloc(1, sizeof *kept + children * sizeof kept->slots[0]);
    if (kept != NULL)
        kept->mask = children - 1;
    return kept;
}

void dw_kept_clear(dw_kept *kept)
{
    for (uint32_t i = 0; i <= kept->mask && kept->used != 0; i++) {
        slot *s = &kept->slots[i];
        kept->used -= s->arena != NULL;
        dw_arena_free(&s->arena);
        s->rec = NULL;
    }
}

void dw_kept_free(dw_kept **kept)
{
    if (*kept == NULL)
        return;
    dw_kept_clear(*kept);
    free(*kept);
    *kept = NULL;
}

static slot *slot_of(dw_kept *kept, const dw_record *rec)
{
    uint64_t h = (uint64_t)(uintptr_t)rec * UINT64_C(0x9E3779B97F4A7C15);
    return &kept->slots[(h >> 32) & kept->mask];
}

/* May the fact begin, end or change a span, or what is read off one? The child's own holds every fact. */
static bool changes_spans(const dw_fact *fact)
{
    bool any = false;
    for (int family = 0; family < DW_SPAN_FAMILIES && !any; family++)
        any = family != DW_SPAN_CHILD && dw_span_family_reads((dw_span_family)family, fact->type);
    return any;
}

/* One more fact, later than all the others. False: it cannot be added. */
static bool extend_by(dw_chronology *chron, const dw_fact *fact)
{
    if (!dw_fact_counts(fact))
        return true;
    if (chron->fact_count == chron->fact_cap || chron->fact_count == 0 || fact->at_us > chron->clock_us ||
        changes_spans(fact))
        return false;
    uint32_t at = chron->type_start[fact->type + 1], n = chron->fact_count++;
    chron->facts[n] = fact;
    memmove(&chron->by_type[at + 1], &chron->by_type[at], (n - at) * sizeof chron->by_type[0]);
    chron->by_type[at] = fact;
    for (int t = fact->type; t < DW_EV_MAX; t++)
        chron->type_start[t + 1]++;
    dw_str team = dw_fact_text(fact, DW_F_ENV_TEAM_ID);
    if (team.len != 0)
        chron->team_id = team;
    chron->restricted |= (fact->flags & DW_FACTF_RESTRICTED) != 0;
    chron->last_fact_day = fact->day;
    chron->spans[DW_SPAN_CHILD][0].fact_count = chron->fact_count;
    return true;
}

const dw_chronology *dw_kept_find(dw_kept *kept, const dw_record *rec, int64_t clock_us)
{
    slot *s = slot_of(kept, rec);
    if (s->rec != rec || rec->spans_in != s || s->facts != rec->facts || clock_us < s->chron->clock_us ||
        clock_us >= s->chron->next_us)
        return NULL;
    s->chron->clock_us = clock_us;
    s->chron->today = dw_london_day(clock_us);
    for (; s->taken < rec->fact_count; s->taken++)
        if (!extend_by(s->chron, &rec->facts[s->taken]))
            return NULL;
    return s->chron;
}

const dw_chronology *dw_kept_derive(dw_kept *kept, dw_record *rec, int64_t clock_us, dw_arena *arena)
{
    slot *s = slot_of(kept, rec);
    if (s->arena != NULL)
        dw_arena_reset(s->arena);
    else if ((s->arena = dw_arena_new_small(DW_KEPT_BYTES_MAX, DW_KEPT_BYTES_FIRST)) != NULL)
        kept->used++;
    s->rec = NULL;
    s->chron = s->arena != NULL ? dw_chronology_make(rec, clock_us, DW_KEPT_FACTS_MORE, s->arena) : NULL;
    if (s->chron == NULL)
        return dw_chronology_derive(rec, clock_us, arena);
    s->rec = rec;
    s->facts = rec->facts;
    s->taken = rec->fact_count;
    rec->spans_in = s;
    return s->chron;
}

/* spans_missing.c: missing episodes, merged from spells (readings 40, domain 4.6).
 *
 * Records are joined to spells by episode_id. A spell starts at mis_start, else when its opening record happened; it ends at
 * returned_at, else found_at, else mis_end, else when its RETURNED, else its CLOSED record happened. A CANCELLED record
 * takes the spell away. Spells that overlap, or leave a gap of at most 60 minutes, are one episode with the earliest start
 * and the latest end, under the id of the earliest; spells that touch in one minute are two when a return between them
 * is recorded. */

#include "field_ids.h"
#include "handlers/derive.h"

#include <assert.h>

#define MINUTE_US INT64_C(60000000)
#define MERGE_GAP_US (60 * MINUTE_US)
#define F(name) DW_F_MISSING_EPISODE_##name

typedef struct spell {
    dw_str id;
    const dw_group *group;
    const dw_fact *opened_by;
    int64_t start_us;
    bool start_approximate;
    dw_end_at end; /* DW_AT_NEVER: still missing */
    bool return_recorded;
} spell;

static bool is_phase(const dw_fact *fact, int64_t phase)
{
    return dw_fact_code(fact, F(PHASE)) == phase;
}

/* The latest instant that any record gives in `field`. */
static bool latest_instant(const dw_group *group, uint16_t field, dw_end_at *end)
{
    bool found = false;
    for (uint32_t i = 0; i < group->count; i++) {
        const dw_value *value = dw_fact_get(group->facts[i], field);
        if (value != NULL && (!found || value->i > end->us)) {
            *end = dw_end_at_instant(group->facts[i], value->i);
            found = true;
        }
    }
    return found;
}

static bool latest_phase(const dw_group *group, int64_t phase, dw_end_at *end)
{
    for (uint32_t i = group->count; i-- > 0;)
        if (is_phase(group->facts[i], phase)) {
            *end = dw_end_of_fact(group->facts[i], DW_END_FACT);
            return true;
        }
    return false;
}

static void find_end(const dw_group *group, spell *out)
{
    out->end = DW_END_NEVER;
    out->return_recorded =
        latest_instant(group, F(RETURNED_AT), &out->end) || latest_instant(group, F(FOUND_AT), &out->end);
    if (out->return_recorded || latest_instant(group, F(MIS_END), &out->end)) {
        dw_end_at phase;
        out->return_recorded = out->return_recorded || latest_phase(group, DW_V_MISSING_PHASE_RETURNED, &phase);
        return;
    }
    out->return_recorded = latest_phase(group, DW_V_MISSING_PHASE_RETURNED, &out->end);
    if (!out->return_recorded)
        latest_phase(group, DW_V_MISSING_PHASE_CLOSED, &out->end);
}

/* False: cancelled, or nothing tells when it began. */
static bool make_spell(dw_derive *d, const dw_group *group, spell *out)
{
    *out = (spell){.group = group, .start_us = DW_AT_NEVER};
    for (uint32_t i = 0; i < group->count; i++) {
        const dw_fact *fact = group->facts[i];
        assert(fact != NULL);
        const dw_value *start = dw_fact_get(fact, F(MIS_START));
        if (is_phase(fact, DW_V_MISSING_PHASE_CANCELLED))
            return false;
        if (start != NULL && start->i < out->start_us) {
            out->start_us = start->i;
            out->opened_by = fact;
        }
    }
    for (uint32_t i = 0; i < group->count && out->opened_by == NULL; i++) {
        const dw_fact *fact = group->facts[i];
        if (is_phase(fact, DW_V_MISSING_PHASE_OPENED) || is_phase(fact, DW_V_MISSING_PHASE_UNSPECIFIED)) {
            out->start_us = fact->at_us;
            out->opened_by = fact;
            out->start_approximate = (fact->flags & DW_FACTF_APPROXIMATE) != 0;
        }
    }
    if (out->opened_by == NULL)
        return false;
    if (out->start_us > d->chron->clock_us) {
        dw_derive_next(d, out->start_us);
        return false;
    }
    find_end(group, out);
    if (out->end.us > d->chron->clock_us) {
        dw_derive_next(d, out->end.us);
        out->end = DW_END_NEVER;
    } else if (out->end.us < out->start_us) {
        out->end.us = out->start_us;
        out->end.day = dw_london_day(out->start_us);
    }
    out->id = group->id.len != 0 ? group->id : dw_derive_name(d, out->opened_by);
    return true;
}

static bool is_one(const spell *whole, const spell *next)
{
    if (whole->end.us == DW_AT_NEVER || next->start_us < whole->end.us - whole->end.us % MINUTE_US)
        return true;
    if (next->start_us / MINUTE_US == whole->end.us / MINUTE_US)
        return !whole->return_recorded;
    return next->start_us - whole->end.us <= MERGE_GAP_US;
}

static void sort_spells(spell *spells, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        spell moving = spells[i];
        uint32_t at = i;
        for (; at > 0; at--) {
            const spell *before = &spells[at - 1];
            if (before->start_us < moving.start_us ||
                (before->start_us == moving.start_us && dw_str_cmp(before->id, moving.id) <= 0))
                break;
            spells[at] = *before;
        }
        spells[at] = moving;
    }
}

static void merge_facts(const dw_fact **into, const spell *spells, uint32_t n)
{
    uint32_t count = 0;
    for (uint32_t s = 0; s < n; s++)
        for (uint32_t i = 0; i < spells[s].group->count; i++) {
            const dw_fact *fact = spells[s].group->facts[i];
            uint32_t at = count++;
            for (; at > 0 && (into[at - 1]->at_us > fact->at_us ||
                              (into[at - 1]->at_us == fact->at_us && into[at - 1]->key > fact->key));
                 at--)
                into[at] = into[at - 1];
            into[at] = fact;
        }
}

/* One episode of spells[0..n-1]; the first is the earliest. */
static void add_episode(dw_derive *d, const spell *spells, uint32_t n, const dw_end_at *end)
{
    dw_span *span = dw_derive_add(d, DW_SPAN_EPISODE, spells[0].id, spells[0].opened_by,
                                  dw_london_day(spells[0].start_us), spells[0].start_us);
    span->start_approximate = spells[0].start_approximate;
    span->facts = spells[0].group->facts;
    span->fact_count = spells[0].group->count;
    dw_derive_end(d, span, *end);
    if (n == 1)
        return;
    dw_str *ids = dw_derive_alloc(d, n * sizeof *ids);
    for (uint32_t s = 1; s < n; s++)
        span->fact_count += spells[s].group->count;
    span->facts = dw_derive_alloc(d, span->fact_count * sizeof *span->facts);
    if (ids == NULL || span->facts == NULL)
        return;
    for (uint32_t s = 0; s < n; s++)
        ids[s] = spells[s].id;
    span->ids = ids;
    span->id_count = n;
    merge_facts(span->facts, spells, n);
}

void dw_derive_missing(dw_derive *d)
{
    uint32_t n = 0, count = 0, used = 0;
    const dw_fact *const *facts = dw_chronology_of_type(d->chron, DW_EV_MISSING_EPISODE, &n);
    dw_group *groups = dw_derive_groups(d, facts, n, F(EPISODE_ID), NULL, &count);
    spell *spells = count == 0 ? NULL : dw_derive_alloc(d, count * sizeof *spells);
    if (spells == NULL || !dw_derive_room(d, DW_SPAN_EPISODE, count))
        return;
    dw_end_at adult =
        dw_end_earlier(dw_end_by_age(d, 18), dw_end_by_death(d)); /* no return, and no child is missing after */
    for (uint32_t g = 0; g < count; g++)
        if (make_spell(d, &groups[g], &spells[used]) && spells[used].start_us < adult.us)
            used++;
    sort_spells(spells, used);
    for (uint32_t i = 0; i < used;) {
        spell whole = spells[i];
        uint32_t next = i + 1;
        while (next < used && is_one(&whole, &spells[next])) {
            if (spells[next].end.us > whole.end.us || spells[next].end.us == DW_AT_NEVER) {
                whole.end = spells[next].end;
                whole.return_recorded = spells[next].return_recorded;
            } else if (spells[next].end.us == whole.end.us) {
                whole.return_recorded |= spells[next].return_recorded;
            }
            next++;
        }
        whole.end = dw_end_earlier(whole.end, adult);
        add_episode(d, &spells[i], next - i, &whole.end);
        i = next;
    }
}

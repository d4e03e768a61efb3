/* spans_court.c: the steps before and in care proceedings, and the accommodation of those who left care.
 *
 * PREPROCEEDINGS run from the letter before proceedings to the decision to step down or to apply; PROCEEDINGS from the
 * application to the final order, also one that is only seen as legal status C2 or E1 (readings 39). Steps are joined by
 * preproceedings_id; those without one follow each other, and are steps of any process that runs. What comes after an end
 * begins anew. */

#include "field_ids.h"
#include "handlers/derive.h"

static int64_t step_of(const dw_fact *fact)
{
    return dw_fact_code(fact, DW_F_PREPROCEEDINGS_STEP_STEP);
}

static bool same_process(const dw_group *group, const dw_fact *fact, dw_str id)
{
    if (id.len != 0 || group->id.len != 0)
        return dw_str_eq(group->id, id);
    int64_t last = step_of(group->last);
    (void)fact;
    return last != DW_V_PREPROCEEDINGS_KIND_STEP_DECISION && last != DW_V_PREPROCEEDINGS_KIND_FINAL_ORDER;
}

static dw_str process_of(const dw_fact *step)
{
    return dw_fact_text(step, DW_F_PREPROCEEDINGS_STEP_PREPROCEEDINGS_ID);
}

/* Two steps are of one process unless they name two. */
static bool may_be_one(dw_str a, dw_str b)
{
    return a.len == 0 || b.len == 0 || dw_str_eq(a, b);
}

/* The first step of either kind, not before `from`, that may be of its process. Looked for among all of them: steps without an id
 * that were taken at one instant may stand in any order, and so be grouped in any. NULL: none. */
static const dw_fact *end_step(const dw_derive *d, int64_t a, int64_t b, const dw_fact *from)
{
    uint32_t n = 0;
    const dw_fact *const *steps = dw_chronology_of_type(d->chron, DW_EV_PREPROCEEDINGS_STEP, &n);
    dw_str id = process_of(from);
    for (uint32_t i = 0; i < n; i++)
        if ((step_of(steps[i]) == a || step_of(steps[i]) == b) && steps[i]->at_us >= from->at_us &&
            may_be_one(process_of(steps[i]), id))
            return steps[i];
    return NULL;
}

/* A full care or placement order, as a legal status. */
static dw_end_at order_made(const dw_derive *d, int64_t since_us)
{
    static const dw_event_type types[] = {DW_EV_LEGAL_CHANGED, DW_EV_PLACEMENT_STARTED};
    static const uint16_t fields[] = {DW_F_LEGAL_CHANGED_LS, DW_F_PLACEMENT_STARTED_LS};
    dw_end_at end = DW_END_NEVER;
    for (size_t t = 0; t < 2; t++) {
        uint32_t n = 0;
        const dw_fact *const *facts = dw_chronology_of_type(d->chron, types[t], &n);
        for (uint32_t i = 0; i < n; i++) {
            int64_t ls = dw_fact_code(facts[i], fields[t]);
            if (facts[i]->at_us >= since_us && (ls == DW_V_LEGAL_STATUS_C2 || ls == DW_V_LEGAL_STATUS_E1))
                end = dw_end_earlier(end, dw_end_of_fact(facts[i], DW_END_FACT));
        }
    }
    return end;
}

/* One process a stretch of time: told again while it runs, a first step says nothing new. */
static void add_processes(dw_derive *d, dw_span_family family, const dw_group *group, int64_t begins, int64_t ends,
                          int64_t or_ends)
{
    const dw_span *last = NULL;
    for (uint32_t i = 0; i < group->count && !d->failed; i++) {
        const dw_fact *first = group->facts[i];
        if (step_of(first) != begins || (last != NULL && first->at_us < last->end_us))
            continue;
        const dw_fact *ended = end_step(d, ends, or_ends, first);
        dw_end_at end = ended != NULL ? dw_end_of_fact(ended, DW_END_FACT) : DW_END_NEVER;
        if (family == DW_SPAN_PROCEEDINGS)
            end = dw_end_earlier(end, order_made(d, first->at_us));
        end = dw_end_earlier(end, dw_end_by_case(d, first->at_us));
        dw_span *span = dw_derive_add_group(d, family, group, first);
        dw_derive_end(d, span, dw_end_earlier(end, dw_end_by_age(d, 18)));
        last = span;
    }
}

/* A process without an id goes by every id there is: a step that names one may be of it. */
static void go_by_any(dw_derive *d, dw_span_family family, const dw_fact *const *steps, uint32_t n)
{
    for (uint32_t s = 0; s < d->chron->span_count[family]; s++) {
        dw_span *span = &d->chron->spans[family][s];
        if (process_of(span->opened_by).len != 0)
            continue;
        dw_str *ids = dw_derive_alloc(d, (n + 1) * sizeof *ids);
        if (ids == NULL)
            return;
        ids[0] = span->id;
        span->ids = ids;
        for (uint32_t i = 0; i < n; i++)
            if (process_of(steps[i]).len != 0 && !dw_span_has_id(span, process_of(steps[i])))
                ids[span->id_count++] = process_of(steps[i]);
    }
}

static void derive_processes(dw_derive *d)
{
    uint32_t n = 0, count = 0;
    const dw_fact *const *steps = dw_chronology_of_type(d->chron, DW_EV_PREPROCEEDINGS_STEP, &n);
    dw_group *groups = dw_derive_groups(d, steps, n, DW_F_PREPROCEEDINGS_STEP_PREPROCEEDINGS_ID, same_process, &count);
    if (!dw_derive_room(d, DW_SPAN_PREPROCEEDINGS, n) || !dw_derive_room(d, DW_SPAN_PROCEEDINGS, n))
        return;
    int64_t letter = DW_V_PREPROCEEDINGS_KIND_LBP_SENT, applied = DW_V_PREPROCEEDINGS_KIND_COURT_APPLICATION;
    int64_t decided = DW_V_PREPROCEEDINGS_KIND_STEP_DECISION, final = DW_V_PREPROCEEDINGS_KIND_FINAL_ORDER;
    for (uint32_t g = 0; g < count; g++) {
        add_processes(d, DW_SPAN_PREPROCEEDINGS, &groups[g], letter, decided, applied);
        add_processes(d, DW_SPAN_PROCEEDINGS, &groups[g], applied, final, final);
    }
    dw_derive_sort(d, DW_SPAN_PREPROCEEDINGS);
    dw_derive_sort(d, DW_SPAN_PROCEEDINGS);
    go_by_any(d, DW_SPAN_PREPROCEEDINGS, steps, n);
}

/* Young people have it to 25; it does not end with their childhood. */
static void derive_accommodation(dw_derive *d)
{
    uint32_t n = 0, count = 0;
    const dw_fact *const *facts = dw_chronology_of_type(d->chron, DW_EV_ACCOMMODATION_PROVIDED, &n);
    dw_group *groups = dw_derive_groups(d, facts, n, DW_F_ACCOMMODATION_PROVIDED_ACCOMMODATION_ID, NULL, &count);
    if (!dw_derive_room(d, DW_SPAN_ACCOMMODATION, count))
        return;
    for (uint32_t g = 0; g < count; g++) {
        const dw_fact *first = groups[g].facts[0];
        dw_span *span = dw_derive_add_group(d, DW_SPAN_ACCOMMODATION, &groups[g], first);
        dw_end_at end = dw_end_earlier(dw_end_by_case(d, first->at_us), dw_end_by_age(d, 25));
        for (uint32_t i = 0; i < groups[g].count; i++) {
            const dw_value *ended = dw_fact_get(groups[g].facts[i], DW_F_ACCOMMODATION_PROVIDED_ENDED_ON);
            if (ended != NULL)
                end = dw_end_earlier(end, dw_end_at_date(groups[g].facts[i], (int32_t)ended->i));
        }
        dw_derive_end(d, span, end);
    }
    dw_derive_sort(d, DW_SPAN_ACCOMMODATION);
}

void dw_derive_court(dw_derive *d)
{
    derive_processes(d);
    derive_accommodation(d);
}

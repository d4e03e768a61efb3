/* spans_care.c: care and placements, walked along one line of time.
 *
 * Care opens with the first placement, care plan (plan type CLA) or legal status, and closes when a placement ceases (REC
 * other than X1), when the care plan ends and no other one runs, when the case closes, and at 18.
 *
 * A placement begins with a placement record, unless readings 14 says that it goes on: RNE T, U or L (same carer, or legal
 * status only), the same placement_id again, and a temporary stay (PLACE T0 to T4) of at most 7 days, which is known on
 * day 8. A placement that goes on keeps its start and id and goes by the ids of all its records. */

#include "field_ids.h"
#include "handlers/derive.h"

#define TEMPORARY_DAYS 7 /* readings 14 */

/* One placement record with what ends it by itself. */
typedef struct stay {
    const dw_fact *fact;
    dw_str id;
    int64_t rne, place;
    dw_end_at end;
    bool ceases; /* its end is the end of care */
} stay;

typedef enum mark_kind { MARK_STAY_END, MARK_PLAN_END, MARK_PLAN, MARK_STAY, MARK_LEGAL, MARK_CLOSED } mark_kind;

/* A point on the line of time. */
typedef struct mark {
    int64_t us;
    int rank; /* among marks of one instant: ends of what began before, beginnings, ends of what began now, closing */
    mark_kind kind;
    uint32_t index; /* of the stay */
    const dw_span *plan;
    const dw_fact *fact;
} mark;

typedef struct care_walk {
    dw_derive *d;
    stay *stays;
    uint32_t stay_count;
    mark *marks;
    uint32_t mark_count;
    dw_end_at adult;    /* the 18th birthday, or death */
    dw_span *care;      /* NULL: not looked after */
    dw_span *placement; /* of this care: the running one, else the last one, which may go on */
    bool running;
    uint32_t last_stay;  /* of the placement */
    uint32_t first_stay; /* of the placement */
} care_walk;

static bool is_temporary(int64_t place)
{
    return place >= DW_V_PLACE_T0 && place <= DW_V_PLACE_T4;
}
_Static_assert(DW_V_PLACE_T4 - DW_V_PLACE_T0 == 4, "temporary placements are in one row");

static void find_stays(care_walk *w, const dw_fact *const *started, uint32_t n)
{
    uint32_t ended_count = 0;
    const dw_fact *const *ended = dw_chronology_of_type(w->d->chron, DW_EV_PLACEMENT_ENDED, &ended_count);
    for (uint32_t i = 0; i < n; i++) {
        const dw_fact *fact = started[i];
        w->stays[i] = (stay){.fact = fact,
                             .id = dw_fact_text(fact, DW_F_PLACEMENT_STARTED_PLACEMENT_ID),
                             .rne = dw_fact_code(fact, DW_F_PLACEMENT_STARTED_RNE),
                             .place = dw_fact_code(fact, DW_F_PLACEMENT_STARTED_PLACE),
                             .end = DW_END_NEVER};
    }
    w->stay_count = n;
    /* Each ending record ends the latest stay of its id that began by then; without an id the latest of all. */
    for (uint32_t e = 0; e < ended_count; e++) {
        dw_str id = dw_fact_text(ended[e], DW_F_PLACEMENT_ENDED_PLACEMENT_ID);
        for (uint32_t i = n; i-- > 0;) {
            stay *one = &w->stays[i];
            if (one->fact->at_us > ended[e]->at_us || (id.len != 0 && !dw_str_eq(id, one->id)))
                continue;
            if (one->end.fact == NULL) {
                int64_t rec = dw_fact_code(ended[e], DW_F_PLACEMENT_ENDED_REC);
                one->end = dw_end_of_fact(ended[e], DW_END_FACT);
                one->ceases = rec != DW_V_REC_UNSPECIFIED && rec != DW_V_REC_X1;
            }
            break;
        }
    }
}

static void add_mark(care_walk *w, mark new_mark)
{
    uint32_t at = w->mark_count++;
    for (; at > 0; at--) {
        const mark *before = &w->marks[at - 1];
        if (before->us < new_mark.us || (before->us == new_mark.us && before->rank <= new_mark.rank))
            break;
        w->marks[at] = *before;
    }
    w->marks[at] = new_mark;
}

static bool is_care_plan(const dw_span *plan)
{
    return dw_plan_type(plan) == DW_V_PLAN_TYPE_CLA && !dw_plan_is_lodged(plan);
}

static void add_marks(care_walk *w)
{
    const dw_chronology *chron = w->d->chron;
    uint32_t n = 0;
    for (uint32_t i = 0; i < chron->span_count[DW_SPAN_PLAN]; i++) {
        const dw_span *plan = &chron->spans[DW_SPAN_PLAN][i];
        if (!is_care_plan(plan))
            continue;
        add_mark(w, (mark){plan->start_us, 1, MARK_PLAN, 0, plan, plan->opened_by});
        if (plan->end == DW_END_FACT)
            add_mark(w, (mark){plan->end_us, plan->end_us > plan->start_us ? 0 : 2, MARK_PLAN_END, 0, plan,
                               plan->closed_by});
    }
    for (uint32_t i = 0; i < w->stay_count; i++) {
        const stay *one = &w->stays[i];
        add_mark(w, (mark){one->fact->at_us, 1, MARK_STAY, i, NULL, one->fact});
        if (one->end.fact != NULL)
            add_mark(
                w, (mark){one->end.us, one->end.us > one->fact->at_us ? 0 : 2, MARK_STAY_END, i, NULL, one->end.fact});
    }
    const dw_fact *const *legal = dw_chronology_of_type(chron, DW_EV_LEGAL_CHANGED, &n);
    for (uint32_t i = 0; i < n; i++)
        add_mark(w, (mark){legal[i]->at_us, 1, MARK_LEGAL, 0, NULL, legal[i]});
    const dw_fact *const *closed = dw_chronology_of_type(chron, DW_EV_CASE_CLOSED, &n);
    for (uint32_t i = 0; i < n; i++)
        add_mark(w, (mark){closed[i]->at_us, 3, MARK_CLOSED, 0, NULL, closed[i]});
}

static void append_fact(dw_span *span, const dw_fact *fact)
{
    for (uint32_t i = 0; i < span->fact_count; i++)
        if (span->facts[i] == fact)
            return;
    span->facts[span->fact_count++] = fact;
}

static dw_span *open_span(care_walk *w, dw_span_family family, dw_str id, const mark *at)
{
    const dw_fact **facts = dw_derive_alloc(w->d, (w->mark_count + 1) * sizeof *facts);
    int32_t day = at->plan != NULL ? at->plan->start_day : at->fact->day;
    dw_span *span = dw_derive_add(w->d, family, id, at->fact, day, at->us);
    span->start_approximate =
        at->plan != NULL ? at->plan->start_approximate : (at->fact->flags & DW_FACTF_APPROXIMATE) != 0;
    span->facts = facts;
    if (facts != NULL)
        append_fact(span, at->fact);
    return span;
}

static void tell_care(care_walk *w, const dw_fact *fact)
{
    if (w->care != NULL)
        append_fact(w->care, fact);
}

static bool be_in_care(care_walk *w, const mark *at)
{
    if (w->care == NULL)
        w->care = open_span(w, DW_SPAN_CARE, (dw_str){0}, at);
    else
        tell_care(w, at->fact);
    return !w->d->failed;
}

static void end_placement(care_walk *w, dw_end_at end)
{
    if (w->running)
        dw_derive_end(w->d, w->placement, end);
    w->running = false;
}

static void end_care(care_walk *w, dw_end_at end)
{
    if (w->care == NULL)
        return;
    end_placement(w, end);
    dw_derive_end(w->d, w->care, end);
    w->care = NULL;
    w->placement = NULL;
}

/* Has a temporary stay lasted longer than it may without being a placement of its own? */
static bool outstays(care_walk *w, uint32_t index)
{
    const stay *one = &w->stays[index];
    int32_t end_day = one->end.fact != NULL ? one->end.day : DW_DAY_OPEN;
    if (index + 1 < w->stay_count && w->stays[index + 1].fact->day < end_day)
        end_day = w->stays[index + 1].fact->day;
    if (end_day == DW_DAY_OPEN) {
        dw_derive_next(w->d, dw_london_start_us(one->fact->day + TEMPORARY_DAYS + 1));
        end_day = w->d->chron->today;
    }
    return end_day - one->fact->day > TEMPORARY_DAYS;
}

static bool goes_on(care_walk *w, const mark *at)
{
    const stay *one = &w->stays[at->index];
    if (w->placement == NULL || (!w->running && at->fact->day > w->placement->end_day + 1))
        return false;
    if (one->id.len != 0 && dw_span_has_id(w->placement, one->id))
        return true;
    if (is_temporary(one->place) && one->rne != DW_V_RNE_S)
        return !outstays(w, at->index);
    return one->rne == DW_V_RNE_T || one->rne == DW_V_RNE_U || one->rne == DW_V_RNE_L;
}

static void take_id(care_walk *w, dw_str id)
{
    dw_span *placement = w->placement;
    if (id.len == 0 || dw_span_has_id(placement, id))
        return;
    dw_str *ids = dw_derive_alloc(w->d, (placement->id_count + 1) * sizeof *ids);
    if (ids == NULL)
        return;
    memcpy(ids, placement->ids, placement->id_count * sizeof *ids);
    ids[placement->id_count++] = id;
    placement->ids = ids;
}

static void on_stay(care_walk *w, const mark *at)
{
    const stay *one = &w->stays[at->index];
    if (!be_in_care(w, at))
        return;
    if (goes_on(w, at)) {
        w->placement->end = DW_END_OPEN;
        w->placement->end_us = DW_AT_NEVER;
        w->placement->end_day = DW_DAY_OPEN;
        w->placement->closed_by = NULL;
        w->placement->end_approximate = false;
        append_fact(w->placement, at->fact);
        take_id(w, one->id);
    } else {
        end_placement(w, dw_end_of_fact(at->fact, DW_END_REPLACED));
        dw_str id = one->id.len != 0 ? one->id : dw_derive_name(w->d, at->fact);
        w->placement = open_span(w, DW_SPAN_PLACEMENT, id, at);
        w->placement->within = w->care;
        w->first_stay = at->index;
    }
    w->running = true;
    w->last_stay = at->index;
}

static void on_stay_end(care_walk *w, const mark *at)
{
    const stay *one = &w->stays[at->index];
    if (w->care == NULL)
        return;
    tell_care(w, at->fact);
    bool of_placement = w->placement != NULL && at->index >= w->first_stay;
    if (of_placement)
        append_fact(w->placement, at->fact);
    if (one->ceases) {
        end_care(w, one->end);
        return;
    }
    /* It ends with its last stay; when that was temporary and is over, with the last of the others (back in a placement that
     * nobody has ended, it goes on). */
    const stay *last = &w->stays[w->last_stay];
    bool back = is_temporary(last->place) && last->end.us <= at->us;
    if (!of_placement || (at->index != w->last_stay && !back))
        return;
    for (uint32_t i = w->first_stay; back && i < w->last_stay; i++)
        if (!is_temporary(w->stays[i].place) && w->stays[i].end.us > at->us)
            return;
    end_placement(w, one->end);
}

static bool other_plan_runs(const care_walk *w, const dw_span *ended)
{
    const dw_chronology *chron = w->d->chron;
    for (uint32_t i = 0; i < chron->span_count[DW_SPAN_PLAN]; i++) {
        const dw_span *plan = &chron->spans[DW_SPAN_PLAN][i];
        if (plan != ended && is_care_plan(plan) && plan->start_day <= ended->end_day && plan->end_us > ended->end_us)
            return true;
    }
    return false;
}

/* Not the day of the record that tells it: that may be the plan's first, with the end in it. */
static dw_end_at end_of_plan(const dw_span *plan)
{
    return (dw_end_at){.us = plan->end_us,
                       .day = plan->end_day,
                       .approximate = plan->end_approximate,
                       .kind = DW_END_FACT,
                       .fact = plan->closed_by};
}

static void walk(care_walk *w)
{
    for (uint32_t i = 0; i < w->mark_count && !w->d->failed; i++) {
        const mark *at = &w->marks[i];
        if (at->us >= w->adult.us)
            break;
        switch (at->kind) {
        case MARK_STAY:
            on_stay(w, at);
            break;
        case MARK_STAY_END:
            on_stay_end(w, at);
            break;
        case MARK_PLAN:
            be_in_care(w, at);
            break;
        case MARK_PLAN_END:
            tell_care(w, at->fact);
            if (!other_plan_runs(w, at->plan))
                end_care(w, end_of_plan(at->plan));
            break;
        case MARK_LEGAL:
            if (dw_fact_code(at->fact, DW_F_LEGAL_CHANGED_LS) != 0 && be_in_care(w, at) && w->running)
                append_fact(w->placement, at->fact);
            break;
        case MARK_CLOSED:
            end_care(w, dw_end_of_fact(at->fact, DW_END_CLOSED));
            break;
        }
    }
    if (w->care != NULL && !w->d->failed) {
        dw_end_at adult = w->adult;
        end_placement(w, adult); /* not yet due: they stay open, and the birthday is when that changes */
        dw_derive_end(w->d, w->care, adult);
    }
}

/* A care plan speaks for the care that it overlaps: all its facts are facts of the care, too. */
static void join_plan(dw_derive *d, dw_span *care, const dw_span *plan)
{
    const dw_fact **facts = dw_derive_alloc(d, (care->fact_count + plan->fact_count) * sizeof *facts);
    if (facts == NULL)
        return;
    memcpy(facts, care->facts, care->fact_count * sizeof *facts);
    care->facts = facts;
    for (uint32_t i = 0; i < plan->fact_count; i++)
        append_fact(care, plan->facts[i]);
}

/* Care goes by the id of the earliest care plan that overlaps it; of two from one instant on by an id that a record gives. */
static void finish(dw_derive *d)
{
    dw_chronology *chron = d->chron;
    for (uint32_t c = 0; c < chron->span_count[DW_SPAN_CARE]; c++) {
        dw_span *care = &chron->spans[DW_SPAN_CARE][c];
        const dw_span *first = NULL;
        for (uint32_t i = 0; i < chron->span_count[DW_SPAN_PLAN] && !d->failed; i++) {
            const dw_span *plan = &chron->spans[DW_SPAN_PLAN][i];
            if (!is_care_plan(plan) || plan->start_us > care->end_us || plan->end_us <= care->start_us)
                continue;
            if (first == NULL ||
                (plan->start_us == first->start_us && !dw_plan_is_named(first) && dw_plan_is_named(plan))) {
                first = plan;
                care->id = plan->id;
            }
            join_plan(d, care, plan);
        }
        dw_span_sort_facts(care);
    }
    for (uint32_t i = 0; i < chron->span_count[DW_SPAN_PLACEMENT]; i++)
        dw_span_sort_facts(&chron->spans[DW_SPAN_PLACEMENT][i]);
}

void dw_derive_care(dw_derive *d)
{
    uint32_t n = 0, ended = 0, legal = 0, closed = 0;
    const dw_fact *const *started = dw_chronology_of_type(d->chron, DW_EV_PLACEMENT_STARTED, &n);
    dw_chronology_of_type(d->chron, DW_EV_PLACEMENT_ENDED, &ended);
    dw_chronology_of_type(d->chron, DW_EV_LEGAL_CHANGED, &legal);
    dw_chronology_of_type(d->chron, DW_EV_CASE_CLOSED, &closed);
    uint32_t plans = d->chron->span_count[DW_SPAN_PLAN];
    if (d->failed || n + legal + plans == 0)
        return;
    care_walk w = {.d = d, .adult = dw_end_earlier(dw_end_by_age(d, 18), dw_end_by_death(d))};
    w.stays = dw_derive_alloc(d, (n + 1) * sizeof *w.stays);
    w.marks = dw_derive_alloc(d, (2 * plans + 2 * n + legal + closed + 1) * sizeof *w.marks);
    if (w.stays == NULL || w.marks == NULL || !dw_derive_room(d, DW_SPAN_CARE, n + legal + plans) ||
        !dw_derive_room(d, DW_SPAN_PLACEMENT, n))
        return;
    find_stays(&w, started, n);
    add_marks(&w);
    walk(&w);
    if (!d->failed)
        finish(d);
}

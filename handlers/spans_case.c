/* spans_case.c: contacts, referrals, the case, the workers of the child, and the time without one.
 *
 * A contact or referral runs from its day to its decision: decided_at, else with an outcome the time at which that was
 * recorded (readings 30). The case is open while any plan, care, undecided
 * referral or assessment is (placement plans aside, a pathway plan until 18); its closing ends whatever is
 * open. A lead social worker is replaced by the next one, unless an end of its own is recorded. */

#include "field_ids.h"
#include "handlers/derive.h"

#include <assert.h>

/* --- contacts and referrals */

static dw_end_at decision(const dw_fact *fact, uint16_t decided_at, uint16_t outcome, uint16_t closed_on)
{
    dw_end_at end = DW_END_NEVER;
    const dw_value *value = dw_fact_get(fact, decided_at);
    if (value != NULL)
        end = dw_end_at_instant(fact, value->i);
    else if (dw_fact_code(fact, outcome) != 0)
        end = dw_end_at_instant(fact, fact->recorded_us != 0 ? fact->recorded_us : fact->at_us);
    value = closed_on != 0 ? dw_fact_get(fact, closed_on) : NULL;
    return value == NULL ? end : dw_end_earlier(end, dw_end_at_date(fact, (int32_t)value->i));
}

typedef struct front_door {
    dw_span_family family;
    dw_event_type type;
    uint16_t id, decided_at, outcome, closed_on;
} front_door;

static void derive_decided(dw_derive *d, const front_door *kind)
{
    uint32_t n = 0, count = 0;
    const dw_fact *const *facts = dw_chronology_of_type(d->chron, kind->type, &n);
    dw_group *groups = dw_derive_groups(d, facts, n, kind->id, NULL, &count);
    if (!dw_derive_room(d, kind->family, count))
        return;
    for (uint32_t g = 0; g < count; g++) {
        const dw_fact *first = groups[g].facts[0];
        dw_span *span = dw_derive_add_group(d, kind->family, &groups[g], first);
        dw_end_at end = dw_end_by_case(d, first->at_us);
        for (uint32_t i = 0; i < groups[g].count; i++)
            end = dw_end_earlier(end, decision(groups[g].facts[i], kind->decided_at, kind->outcome, kind->closed_on));
        dw_derive_end(d, span, end);
    }
    dw_derive_sort(d, kind->family);
}

void dw_derive_front_door(dw_derive *d)
{
    static const front_door contacts = {.family = DW_SPAN_CONTACT,
                                        .type = DW_EV_CONTACT_RECEIVED,
                                        .id = DW_F_CONTACT_RECEIVED_CONTACT_ID,
                                        .decided_at = DW_F_CONTACT_RECEIVED_DECIDED_AT,
                                        .outcome = DW_F_CONTACT_RECEIVED_OUTCOME};
    static const front_door referrals = {.family = DW_SPAN_REFERRAL,
                                         .type = DW_EV_REFERRAL_RECEIVED,
                                         .id = DW_F_REFERRAL_RECEIVED_REFERRAL_ID,
                                         .decided_at = DW_F_REFERRAL_RECEIVED_DECIDED_AT,
                                         .outcome = DW_F_REFERRAL_RECEIVED_REFERRAL_NFA,
                                         .closed_on = DW_F_REFERRAL_RECEIVED_CIN_CLOSURE_DATE};
    derive_decided(d, &contacts);
    derive_decided(d, &referrals);
}

/* --- the case */

/* What the plan keeps open of the case; NULL: nothing. A placement plan belongs to its placement, and a pathway plan goes on
 * when the case of the child is over: at 18. */
static dw_span *part_of_case(dw_derive *d, dw_span *plan)
{
    assert(plan != NULL);
    int64_t type = dw_plan_type(plan);
    if (type == DW_V_PLAN_TYPE_PLACEMENT)
        return NULL;
    if (type != DW_V_PLAN_TYPE_PATHWAY)
        return plan;
    dw_end_at grown = dw_end_by_age(d, 18);
    dw_span *part = plan->start_us < grown.us ? dw_derive_alloc(d, sizeof *part) : NULL;
    if (part == NULL)
        return NULL;
    *part = *plan;
    if (grown.us < part->end_us)
        dw_derive_end(d, part, grown);
    return part;
}

static uint32_t gather(dw_derive *d, dw_span **out)
{
    const dw_chronology *chron = d->chron;
    static const dw_span_family parts[] = {DW_SPAN_PLAN, DW_SPAN_CARE, DW_SPAN_REFERRAL, DW_SPAN_ASSESSMENT};
    uint32_t n = 0;
    for (size_t p = 0; p < sizeof parts / sizeof parts[0]; p++)
        for (uint32_t i = 0; i < chron->span_count[parts[p]]; i++) {
            dw_span *part = &chron->spans[parts[p]][i];
            if (parts[p] == DW_SPAN_PLAN)
                part = part_of_case(d, part);
            if (part == NULL)
                continue;
            uint32_t at = n++;
            for (; at > 0 && out[at - 1]->start_us > part->start_us; at--)
                out[at] = out[at - 1];
            out[at] = part;
        }
    return n;
}

static void end_with(dw_span *whole, const dw_span *part)
{
    whole->end_us = part->end_us;
    whole->end_day = part->end_day;
    whole->end = part->end;
    whole->closed_by = part->closed_by;
    whole->end_approximate = part->end_approximate;
}

static void derive_case_spans(dw_derive *d)
{
    dw_chronology *chron = d->chron;
    uint32_t most = chron->span_count[DW_SPAN_PLAN] + chron->span_count[DW_SPAN_CARE] +
                    chron->span_count[DW_SPAN_REFERRAL] + chron->span_count[DW_SPAN_ASSESSMENT];
    dw_span **parts = most == 0 ? NULL : dw_derive_alloc(d, most * sizeof *parts);
    const dw_fact **openers = most == 0 ? NULL : dw_derive_alloc(d, most * sizeof *openers);
    if (parts == NULL || openers == NULL || !dw_derive_room(d, DW_SPAN_CASE, most))
        return;
    uint32_t n = gather(d, parts);
    dw_span *whole = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (whole == NULL || parts[i]->start_day > whole->end_day) {
            whole = dw_derive_add(d, DW_SPAN_CASE, (dw_str){0}, parts[i]->opened_by, parts[i]->start_day,
                                  parts[i]->start_us);
            whole->start_approximate = parts[i]->start_approximate;
            whole->facts = openers + i;
            end_with(whole, parts[i]);
        } else if (parts[i]->end_us > whole->end_us) {
            end_with(whole, parts[i]);
        }
        openers[i] = parts[i]->opened_by;
        whole->fact_count++;
    }
    for (uint32_t i = 0; i < chron->span_count[DW_SPAN_CASE]; i++)
        dw_span_sort_facts(&chron->spans[DW_SPAN_CASE][i]);
}

/* --- workers */

#define ROLE DW_F_WORKER_ALLOCATED_ROLE
#define ALLOCATION DW_F_WORKER_ALLOCATED_ALLOCATION_ID
_Static_assert(DW_F_WORKER_ENDED_ROLE == ROLE && DW_F_WORKER_ENDED_ALLOCATION_ID == ALLOCATION, "worker messages");

/* Does this record end that allocation? By id when both have one, else by worker, and by role where it names one. */
static bool ends_allocation(const dw_fact *ended, const dw_fact *allocated)
{
    dw_str id = dw_fact_text(ended, ALLOCATION), of = dw_fact_text(allocated, ALLOCATION);
    if (id.len != 0 && of.len != 0)
        return dw_str_eq(id, of);
    int64_t role = dw_fact_code(ended, ROLE);
    return dw_str_eq(dw_fact_text(ended, DW_F_ENV_WORKER_REF), dw_fact_text(allocated, DW_F_ENV_WORKER_REF)) &&
           (role == 0 || role == dw_fact_code(allocated, ROLE));
}

static bool same_allocation(const dw_fact *a, const dw_fact *b)
{
    dw_str id = dw_fact_text(a, ALLOCATION), of = dw_fact_text(b, ALLOCATION);
    if (id.len != 0 && of.len != 0)
        return dw_str_eq(id, of);
    return dw_fact_code(a, ROLE) == dw_fact_code(b, ROLE) &&
           dw_str_eq(dw_fact_text(a, DW_F_ENV_WORKER_REF), dw_fact_text(b, DW_F_ENV_WORKER_REF));
}

/* Does the second of two lead workers take the first one's place? Not from the same instant on: then nothing tells which of
 * them came last, and each is one. */
static bool replaces(const dw_fact *later, const dw_fact *allocated)
{
    return later->at_us > allocated->at_us && dw_fact_code(later, ROLE) == DW_V_ALLOCATION_ROLE_LEAD_SW &&
           !same_allocation(later, allocated);
}

/* Was the worker, replaced meanwhile, allocated anew before `until_us`? Then an end recorded later is that one's. */
static bool began_again(const dw_fact *const *allocated, uint32_t n, uint32_t i, int64_t until_us)
{
    bool replaced = false;
    for (uint32_t k = i + 1; k < n && allocated[k]->at_us <= until_us; k++) {
        if (replaced && same_allocation(allocated[k], allocated[i]))
            return true;
        replaced |= replaces(allocated[k], allocated[i]);
    }
    return false;
}

static dw_end_at allocation_end(const dw_derive *d, const dw_fact *const *allocated, uint32_t n, uint32_t i)
{
    uint32_t ended_count = 0;
    const dw_fact *const *ended = dw_chronology_of_type(d->chron, DW_EV_WORKER_ENDED, &ended_count);
    dw_end_at by_case = dw_end_by_case(d, allocated[i]->at_us);
    for (uint32_t k = 0; k < ended_count; k++)
        if (ended[k]->at_us >= allocated[i]->at_us && ends_allocation(ended[k], allocated[i]) &&
            !began_again(allocated, n, i, ended[k]->at_us))
            return dw_end_earlier(dw_end_of_fact(ended[k], DW_END_FACT), by_case);
    if (dw_fact_code(allocated[i], ROLE) == DW_V_ALLOCATION_ROLE_LEAD_SW)
        for (uint32_t k = i + 1; k < n; k++)
            if (replaces(allocated[k], allocated[i]))
                return dw_end_earlier(dw_end_of_fact(allocated[k], DW_END_REPLACED), by_case);
    return by_case;
}

/* The running allocation that this record says again; NULL: it begins one. */
static dw_span *repeated(const dw_chronology *chron, const dw_fact *fact)
{
    for (uint32_t i = chron->span_count[DW_SPAN_ALLOCATION]; i-- > 0;) {
        dw_span *span = &chron->spans[DW_SPAN_ALLOCATION][i];
        if (span->end_us > fact->at_us && same_allocation(span->opened_by, fact))
            return span;
    }
    return NULL;
}

static void add_fact(dw_derive *d, dw_span *span, const dw_fact *fact)
{
    const dw_fact **facts = dw_derive_alloc(d, ((size_t)span->fact_count + 1) * sizeof *facts);
    if (facts == NULL)
        return;
    if (span->fact_count != 0)
        memcpy(facts, span->facts, span->fact_count * sizeof *facts);
    facts[span->fact_count++] = fact;
    span->facts = facts;
    dw_span_sort_facts(span);
}

static void derive_allocations(dw_derive *d)
{
    uint32_t n = 0;
    const dw_fact *const *allocated = dw_chronology_of_type(d->chron, DW_EV_WORKER_ALLOCATED, &n);
    if (!dw_derive_room(d, DW_SPAN_ALLOCATION, n))
        return;
    for (uint32_t i = 0; i < n && !d->failed; i++) {
        dw_span *span = repeated(d->chron, allocated[i]);
        if (span != NULL) {
            add_fact(d, span, allocated[i]);
            continue;
        }
        span = dw_derive_add(d, DW_SPAN_ALLOCATION, dw_fact_text(allocated[i], DW_F_ENV_WORKER_REF), allocated[i],
                             allocated[i]->day, allocated[i]->at_us);
        span->start_approximate = (allocated[i]->flags & DW_FACTF_APPROXIMATE) != 0;
        dw_derive_end(d, span, allocation_end(d, allocated, n, i));
        add_fact(d, span, allocated[i]);
        if (span->end == DW_END_FACT)
            add_fact(d, span, span->closed_by);
    }
    dw_derive_sort(d, DW_SPAN_ALLOCATION);
}

static bool is_lead(const dw_span *allocation)
{
    return dw_fact_code(allocation->opened_by, ROLE) == DW_V_ALLOCATION_ROLE_LEAD_SW;
}

/* From the end of a lead worker's allocation, when the case is open then, or opens on that day, and no other lead worker is
 * there. */
static void unallocated_after(dw_derive *d, const dw_span *ended)
{
    const dw_chronology *chron = d->chron;
    const dw_span *spans = chron->spans[DW_SPAN_ALLOCATION], *next = NULL, *whole = NULL;
    for (uint32_t i = 0; i < chron->span_count[DW_SPAN_ALLOCATION]; i++) {
        const dw_span *other = &spans[i];
        if (other == ended || !is_lead(other) || other->end_us <= ended->end_us)
            continue;
        if (other->start_us <= ended->end_us)
            return;
        if (next == NULL) /* they ascend by start */
            next = other;
    }
    for (uint32_t i = 0; i < chron->span_count[DW_SPAN_CASE] && whole == NULL; i++) {
        const dw_span *one = &chron->spans[DW_SPAN_CASE][i];
        if (one->start_day <= ended->end_day && one->end_us > ended->end_us)
            whole = one;
    }
    if (whole == NULL)
        return;
    for (uint32_t i = 0; i < chron->span_count[DW_SPAN_UNALLOCATED]; i++)
        if (chron->spans[DW_SPAN_UNALLOCATED][i].start_us == ended->end_us)
            return; /* two ended at once */
    dw_span *span = dw_derive_add(d, DW_SPAN_UNALLOCATED, (dw_str){0}, ended->closed_by, ended->end_day, ended->end_us);
    span->start_approximate = ended->end_approximate;
    for (uint32_t i = 0; i < ended->fact_count; i++) /* it rests on the allocation that ended */
        add_fact(d, span, ended->facts[i]);
    if (ended->end != DW_END_FACT)
        add_fact(d, span, ended->closed_by);
    if (next != NULL && next->start_us <= whole->end_us)
        dw_derive_end(d, span, dw_end_of_fact(next->opened_by, DW_END_FACT));
    else if (whole->end != DW_END_OPEN)
        end_with(span, whole);
}

void dw_derive_case(dw_derive *d)
{
    derive_case_spans(d);
    derive_allocations(d);
    const dw_chronology *chron = d->chron;
    uint32_t n = chron->span_count[DW_SPAN_ALLOCATION];
    if (d->failed || !dw_derive_room(d, DW_SPAN_UNALLOCATED, n))
        return;
    for (uint32_t i = 0; i < n && !d->failed; i++) {
        const dw_span *span = &chron->spans[DW_SPAN_ALLOCATION][i];
        /* closed: so was what it was for */
        if (span->end != DW_END_OPEN && span->end != DW_END_CLOSED && is_lead(span))
            unallocated_after(d, span);
    }
    dw_derive_sort(d, DW_SPAN_UNALLOCATED);
}

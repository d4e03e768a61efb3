/* record_needs.c: are the pages of a record needed before an event is applied? Fingerprints answer for what is in them. */

#include "handlers/record_wire.h"

#include "field_ids.h"
#include "proto/fields.h"

#include <assert.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* --- fingerprints */

/* Which field joins records of this type to one span. */
typedef struct span_key {
    dw_span_family family;
    uint16_t field;
} span_key;

static span_key span_key_of(dw_event_type type)
{
    switch (type) {
    case DW_EV_PLAN_STARTED:
    case DW_EV_PLAN_CHANGED:
    case DW_EV_PLAN_ENDED: /* the same fields under the same numbers (spans_plan.c) */
        return (span_key){DW_SPAN_PLAN, DW_F_PLAN_STARTED_PLAN_ID};
    case DW_EV_PLACEMENT_STARTED:
        return (span_key){DW_SPAN_PLACEMENT, DW_F_PLACEMENT_STARTED_PLACEMENT_ID};
    case DW_EV_PLACEMENT_ENDED:
        return (span_key){DW_SPAN_PLACEMENT, DW_F_PLACEMENT_ENDED_PLACEMENT_ID};
    case DW_EV_MISSING_EPISODE:
        return (span_key){DW_SPAN_EPISODE, DW_F_MISSING_EPISODE_EPISODE_ID};
    case DW_EV_CONTACT_RECEIVED:
        return (span_key){DW_SPAN_CONTACT, DW_F_CONTACT_RECEIVED_CONTACT_ID};
    case DW_EV_REFERRAL_RECEIVED:
        return (span_key){DW_SPAN_REFERRAL, DW_F_REFERRAL_RECEIVED_REFERRAL_ID};
    case DW_EV_WORKER_ALLOCATED:
        return (span_key){DW_SPAN_ALLOCATION, DW_F_WORKER_ALLOCATED_ALLOCATION_ID};
    case DW_EV_WORKER_ENDED:
        return (span_key){DW_SPAN_ALLOCATION, DW_F_WORKER_ENDED_ALLOCATION_ID};
    default:
        return (span_key){DW_SPAN_FAMILIES, 0};
    }
}

/* Plans without an id are joined by their type. */
static bool print_of(span_key key, const dw_value *id, const dw_value *plan_type, uint16_t *print)
{
    if (id != NULL && id->kind == DW_VAL_STR && id->s.len != 0) {
        *print = (uint16_t)XXH3_64bits_withSeed(id->s.ptr, id->s.len, 1 + (uint64_t)key.family);
        return true;
    }
    if (key.family != DW_SPAN_PLAN)
        return false;
    int64_t type = plan_type != NULL && plan_type->kind == DW_VAL_ENUM ? plan_type->i : 0;
    *print = (uint16_t)XXH3_64bits_withSeed(&type, sizeof type, 0);
    return true;
}

bool dw_fact_span_print(const dw_fact *fact, uint16_t *print)
{
    span_key key = span_key_of(fact->type);
    return key.family != DW_SPAN_FAMILIES && (fact->flags & DW_FACTF_VOID) == 0 &&
           print_of(key, dw_fact_get(fact, key.field), dw_fact_get(fact, DW_F_PLAN_STARTED_PLAN_TYPE), print);
}

bool dw_alert_subject_print(const dw_alert *alert, uint16_t *print)
{
    const dw_value id = {.kind = DW_VAL_STR, .s = alert->subject_id};
    for (int family = 0; family < DW_SPAN_FAMILIES; family++)
        if (id.s.len != 0 && dw_str_eq(dw_span_subject_kinds[family], alert->subject_kind))
            return print_of((span_key){(dw_span_family)family, 0}, &id, NULL, print);
    return false;
}

uint16_t dw_alert_id_print(dw_str id)
{
    return (uint16_t)XXH3_64bits(id.ptr, id.len);
}

/* --- the question */

/* May this fact have ended its span? */
static bool may_end(const dw_fact *fact)
{
    if (fact->type != DW_EV_PLAN_STARTED && fact->type != DW_EV_PLAN_CHANGED)
        return fact->type == DW_EV_PLAN_ENDED || fact->type == DW_EV_PLACEMENT_ENDED ||
               fact->type == DW_EV_WORKER_ENDED || fact->type == DW_EV_MISSING_EPISODE;
    for (uint32_t i = 0; i < fact->value_count; i++) /* an end date, or another: no matter */
        if (fact->values[i].kind == DW_VAL_DATE)
            return true;
    return false;
}

static bool names_day_before(const dw_value *values, uint32_t n, int32_t day)
{
    for (uint32_t i = 0; i < n; i++) {
        if (values[i].kind == DW_VAL_DATE && values[i].i < day)
            return true;
        if (values[i].kind == DW_VAL_INSTANT && dw_london_day(values[i].i) < day)
            return true;
    }
    return false;
}

/* Is this a code of another meaning than what the fact says in the field of that name, if anything? */
static bool says_else(const dw_event *ev, const dw_value *value, const dw_fact *fact, bool *said)
{
    dw_field_info field, same;
    const dw_value *old = NULL;
    if (fact->type == ev->type)
        old = dw_fact_get(fact, value->field);
    else if (dw_field_by_id(ev->type, value->field, &field) &&
             dw_field_find(fact->type, dw_str_from(field.name), &same))
        old = dw_fact_get(fact, same.field);
    *said = *said || old != NULL;
    return old != NULL && (old->kind != DW_VAL_ENUM || old->i != value->i);
}

/* Does the event say of its span in the head, which began before the horizon, what nothing has said, or something has said
 * otherwise? A plan begun as one of private fostering that is called one of child protection, say: rules choose spans by what is
 * said last, so that duties come about, and were missed, from its start on, and what would have met them is in pages. */
static bool recasts_old_span(const dw_record *rec, const dw_event *ev, uint16_t print)
{
    uint16_t other;
    for (uint32_t v = 0; v < ev->value_count; v++) {
        bool old = false, said = false, else_said = false;
        if (ev->values[v].kind != DW_VAL_ENUM)
            continue;
        for (uint32_t i = 0; i < rec->fact_count; i++) {
            const dw_fact *fact = &rec->facts[i];
            if (!dw_fact_span_print(fact, &other) || other != print)
                continue;
            old = old || fact->day < rec->horizon || names_day_before(fact->values, fact->value_count, rec->horizon);
            else_said = says_else(ev, &ev->values[v], fact, &said) || else_said;
        }
        if (!old)
            return false;
        if (!said || else_said)
            return true;
    }
    return false;
}

/* Is the event about a span of which pages hold a record, or which the head says ended before the horizon? The id is then
 * used again after its end: the span may live anew, and what happened since its end, now folded, may count again. Or
 * does it change what the span is? */
static bool touches_paged_span(const dw_record *rec, const dw_event *ev)
{
    uint16_t print, other;
    span_key key = span_key_of(ev->type);
    if (key.family == DW_SPAN_FAMILIES ||
        !print_of(key, dw_event_get(ev, key.field), dw_event_get(ev, DW_F_PLAN_STARTED_PLAN_TYPE), &print))
        return false;
    if (dw_record_print_paged(rec, print))
        return true;
    for (uint32_t i = 0; i < rec->fact_count && rec->facts[i].day < rec->horizon; i++)
        if (may_end(&rec->facts[i]) && dw_fact_span_print(&rec->facts[i], &other) && other == print)
            return true;
    return recasts_old_span(rec, ev, print);
}

bool dw_record_print_paged(const dw_record *rec, uint16_t print)
{
    uint32_t lo = 0, hi = rec->paged_count;
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        if (rec->paged[mid] < print)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < rec->paged_count && rec->paged[lo] == print;
}

/* What a record that ends or changes something names, and in which records that something began. */
typedef struct joins {
    dw_event_type began; /* DW_EV_NONE: this record begins something itself */
    uint16_t field;
    dw_str id;
} joins;

static dw_str event_text(const dw_event *ev, uint16_t field)
{
    const dw_value *v = dw_event_get(ev, field);
    return v != NULL && v->kind == DW_VAL_STR ? v->s : (dw_str){0};
}

static bool begins_episode(const dw_event *ev)
{
    const dw_value *phase = dw_event_get(ev, DW_F_MISSING_EPISODE_PHASE);
    if (phase == NULL || phase->i == DW_V_MISSING_PHASE_OPENED)
        return true;
    return phase->i != DW_V_MISSING_PHASE_CANCELLED && dw_event_get(ev, DW_F_MISSING_EPISODE_MIS_START) != NULL;
}

static joins joins_of(const dw_event *ev)
{
    joins none = {.began = DW_EV_NONE};
    switch (ev->type) {
    case DW_EV_PLAN_CHANGED:
    case DW_EV_PLAN_ENDED:
        return (joins){DW_EV_PLAN_STARTED, DW_F_PLAN_STARTED_PLAN_ID, event_text(ev, DW_F_PLAN_ENDED_PLAN_ID)};
    case DW_EV_PLACEMENT_ENDED:
        return (joins){DW_EV_PLACEMENT_STARTED, DW_F_PLACEMENT_STARTED_PLACEMENT_ID,
                       event_text(ev, DW_F_PLACEMENT_ENDED_PLACEMENT_ID)};
    case DW_EV_MISSING_EPISODE:
        if (begins_episode(ev))
            return none;
        return (joins){DW_EV_MISSING_EPISODE, DW_F_MISSING_EPISODE_EPISODE_ID,
                       event_text(ev, DW_F_MISSING_EPISODE_EPISODE_ID)};
    case DW_EV_WORKER_ENDED:
        if (dw_event_get(ev, DW_F_WORKER_ENDED_ALLOCATION_ID) == NULL)
            return (joins){DW_EV_WORKER_ALLOCATED, DW_F_ENV_WORKER_REF, ev->worker_ref};
        return (joins){DW_EV_WORKER_ALLOCATED, DW_F_WORKER_ALLOCATED_ALLOCATION_ID,
                       event_text(ev, DW_F_WORKER_ENDED_ALLOCATION_ID)};
    default:
        return none;
    }
}

/* Does the head hold where that began? (Without an id: anything of the kind without one.) */
static bool head_knows(const dw_record *rec, const joins *what)
{
    for (uint32_t i = rec->fact_count; i-- > 0;) {
        const dw_fact *fact = &rec->facts[i];
        if (fact->type != what->began || (fact->flags & DW_FACTF_VOID) != 0)
            continue;
        const dw_value *v = dw_fact_get(fact, what->field);
        if (v == NULL ? what->id.len == 0 : v->kind == DW_VAL_STR && dw_str_eq(v->s, what->id))
            return true;
    }
    return false;
}

/* Might it take the place of a fact of the head that speaks of a time before the horizon? What was settled by that fact may
 * not be any more: the end of a plan, say, whose visits have gone to pages. */
static bool replaces_old(const dw_record *rec, const dw_event *ev)
{
    uint64_t key = dw_record_key(ev);
    for (uint32_t i = rec->fact_count; i-- > 0;) {
        const dw_fact *old = &rec->facts[i];
        if (old->key == key)
            return old->day < rec->horizon || names_day_before(old->values, old->value_count, rec->horizon);
    }
    return false;
}

bool dw_record_needs_pages(const dw_record *rec, const dw_event *ev)
{
    if (rec->page_count == 0 || rec->pages_loaded == rec->page_count)
        return false;
    if (ev == NULL || dw_event_is_identity(ev->type) || ev->type == DW_EV_SUBJECT_MOVED)
        return true;
    if (dw_event_type_class(ev->type) == DW_EVC_ACK) /* only a closed alert goes to pages, and it has a note to give */
        return dw_record_print_paged(rec, dw_alert_id_print(event_text(ev, DW_F_ALERT_ACKNOWLEDGED_ALERT_ID)));
    if (rec->moved_to.len != 0)
        return false; /* it goes on to the subject that this child is now */
    if (ev->op != DW_OP_CREATE || ev->source_revision > 1)
        return true;
    const dw_handler *handler = dw_handler_find(ev->type);
    assert(handler != NULL);
    dw_fact when = {0};
    dw_record_place(ev, handler, &when);
    if (when.day < rec->horizon || dw_record_print_paged(rec, (uint16_t)dw_record_key(ev)) ||
        touches_paged_span(rec, ev))
        return true;
    if (replaces_old(rec, ev))
        return true;
    joins what = joins_of(ev);
    if (what.began != DW_EV_NONE && !head_knows(rec, &what))
        return true;
    return names_day_before(ev->values, ev->value_count, rec->horizon);
}

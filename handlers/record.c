/* record.c: making a record, putting events into it, and the question whether its pages are needed first. */

#include "handlers/record.h"

#include "field_ids.h"
#include "handlers/record_wire.h"

#include <assert.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

dw_record *dw_record_new(dw_str la_code, dw_str child_ref)
{
    dw_arena *arena = dw_arena_new_small(DW_RECORD_ARENA_BYTES_MAX, DW_RECORD_ARENA_BYTES_FIRST);
    if (arena == NULL)
        return NULL;
    dw_record *rec = dw_arena_alloc(arena, sizeof *rec);
    if (rec == NULL)
        goto fail;
    rec->arena = arena;
    rec->la_code = dw_arena_str(arena, la_code);
    rec->child_ref = dw_arena_str(arena, child_ref);
    if (rec->la_code.ptr == NULL || rec->child_ref.ptr == NULL)
        goto fail;
    rec->offset = -1;
    rec->next_due_us = DW_AT_NEVER;
    rec->horizon = DW_DAY_NONE;
    rec->fold_day = DW_DAY_OPEN;
    return rec;
fail:
    dw_arena_free(&arena);
    return NULL;
}

void dw_record_free(dw_record **rec)
{
    if (*rec != NULL) {
        dw_arena *arena = (*rec)->arena;
        dw_arena_free(&arena);
        *rec = NULL;
    }
}

const dw_value *dw_fact_get(const dw_fact *fact, uint16_t field)
{
    for (uint32_t i = 0; i < fact->value_count && fact->values[i].field <= field; i++)
        if (fact->values[i].field == field)
            return &fact->values[i];
    return NULL;
}

bool dw_record_reserve_facts(dw_record *rec, uint32_t more)
{
    if (rec->fact_cap - rec->fact_count >= more)
        return true;
    uint32_t cap = rec->fact_cap * 2 > rec->fact_count + more ? rec->fact_cap * 2 : rec->fact_count + more + 8;
    dw_fact *facts = dw_arena_alloc(rec->arena, cap * sizeof *facts);
    if (facts == NULL)
        return false;
    if (rec->fact_count != 0)
        memcpy(facts, rec->facts, rec->fact_count * sizeof *facts);
    rec->facts = facts;
    rec->fact_cap = cap;
    return true;
}

static int fact_order(const void *left, const void *right)
{
    const dw_fact *a = left, *b = right;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us ? -1 : 1;
    return (a->key > b->key) - (a->key < b->key);
}

void dw_record_sort_facts(dw_record *rec)
{
    if (rec->fact_count > 1)
        qsort(rec->facts, rec->fact_count, sizeof *rec->facts, fact_order);
}

static uint64_t hash_key(const dw_event *ev)
{
    char text[2 * DW_ID_BYTES_MAX + 1];
    uint32_t n = ev->source_system.len;
    assert(n <= DW_ID_BYTES_MAX && ev->source_record_id.len <= DW_ID_BYTES_MAX);
    if (n != 0)
        memcpy(text, ev->source_system.ptr, n);
    text[n++] = '\0';
    if (ev->source_record_id.len != 0)
        memcpy(text + n, ev->source_record_id.ptr, ev->source_record_id.len);
    return XXH3_64bits(text, n + ev->source_record_id.len);
}

static uint64_t hash_content(const dw_fact *fact)
{
    const uint32_t kept = DW_FACTF_VOID | DW_FACTF_APPROXIMATE | DW_FACTF_RESTRICTED;
    int64_t head[4] = {(int64_t)fact->type, (int64_t)(fact->flags & kept), fact->day, fact->at_us};
    uint64_t h = XXH3_64bits(head, sizeof head);
    for (uint32_t i = 0; i < fact->value_count; i++) {
        const dw_value *v = &fact->values[i];
        int64_t tag[2] = {(int64_t)((uint64_t)v->field << 16 | (uint64_t)v->kind << 8 | v->flags), 0};
        if (v->kind == DW_VAL_STR) {
            tag[1] = v->s.len;
            h = XXH3_64bits_withSeed(tag, sizeof tag, h);
            h = XXH3_64bits_withSeed(v->s.ptr, v->s.len, h);
        } else if (v->kind == DW_VAL_STRS) {
            tag[1] = v->n;
            h = XXH3_64bits_withSeed(tag, sizeof tag, h);
            for (uint32_t k = 0; k < v->n; k++)
                h = XXH3_64bits_withSeed(v->list[k].ptr, v->list[k].len, h);
        } else {
            tag[1] = v->i;
            h = XXH3_64bits_withSeed(tag, sizeof tag, h);
        }
    }
    return h != 0 ? h : 1; /* 0 says: not worked out */
}

/* When it was: a named instant, else a named date (with the time of occurred_at when that lies on it), else
 * occurred_at (readings 45). */
static void place_in_time(const dw_event *ev, const dw_handler *handler, dw_fact *fact)
{
    bool date_only = ev->occurred_precision == DW_PRECISION_DATE;
    const dw_value *named = NULL;
    for (const uint16_t *f = handler->at_fields; *f != 0 && named == NULL; f++)
        named = dw_event_get(ev, *f);
    if (named != NULL) {
        fact->at_us = named->i;
        fact->day = dw_london_day(named->i);
        return;
    }
    fact->at_us = ev->occurred_at_us;
    fact->day = dw_london_day(ev->occurred_at_us);
    for (const uint16_t *f = handler->day_fields; *f != 0 && named == NULL; f++)
        named = dw_event_get(ev, *f);
    if (named != NULL && (int32_t)named->i != fact->day) {
        fact->day = (int32_t)named->i;
        date_only = true;
    }
    if (date_only) {
        fact->at_us = dw_london_start_us(fact->day);
        fact->flags |= DW_FACTF_APPROXIMATE;
    }
}

static dw_str env_value(const dw_event *ev, uint16_t field)
{
    switch (field) {
    case DW_F_ENV_TEAM_ID:
        return ev->team_id;
    case DW_F_ENV_WORKER_REF:
        return ev->worker_ref;
    case DW_F_ENV_FAMILY_REF:
        return ev->family_ref;
    case DW_F_ENV_SOURCE_SYSTEM:
        return ev->source_system;
    }
    return (dw_str){0};
}

/* The values that the handler keeps, still pointing into the event; returns how many. */
static uint32_t pick_values(const dw_event *ev, const dw_handler *handler, dw_value *out)
{
    uint32_t n = 0;
    const uint16_t *keep = handler->keep_fields;
    for (uint32_t i = 0; i < ev->value_count; i++) {
        while (*keep != 0 && *keep < ev->values[i].field)
            keep++;
        if (*keep == ev->values[i].field)
            out[n++] = ev->values[i];
    }
    for (const uint16_t *f = handler->env_fields; *f != 0; f++) {
        dw_str s = env_value(ev, *f);
        if (s.len != 0)
            out[n++] = (dw_value){.field = *f, .kind = DW_VAL_STR, .s = s};
    }
    return n;
}
#define PICK_MAX (DW_EVENT_BODY_FIELDS_MAX + 4)

static bool own_values(dw_arena *arena, dw_fact *fact, const dw_value *values, uint32_t n)
{
    if (n == 0)
        return true;
    dw_value *own = dw_arena_alloc(arena, n * sizeof *own);
    if (own == NULL)
        return false;
    memcpy(own, values, n * sizeof *own);
    for (uint32_t i = 0; i < n; i++) {
        if (own[i].kind == DW_VAL_STR) {
            own[i].s = dw_arena_str(arena, own[i].s);
            if (own[i].s.ptr == NULL)
                return false;
        } else if (own[i].kind == DW_VAL_STRS) {
            dw_str *list = dw_arena_alloc(arena, own[i].n * sizeof *list);
            if (list == NULL)
                return false;
            for (uint32_t k = 0; k < own[i].n; k++) {
                list[k] = dw_arena_str(arena, own[i].list[k]);
                if (list[k].ptr == NULL)
                    return false;
            }
            own[i].list = list;
        }
    }
    fact->values = own;
    fact->value_count = n;
    return true;
}

/* Is revision `b` of a source record the one that stands against `a`? Total, so that arrival order never matters. */
static bool stands_over(const dw_fact *b, const dw_fact *a)
{
    if (b->revision != a->revision)
        return b->revision > a->revision;
    if ((b->flags & DW_FACTF_VOID) != (a->flags & DW_FACTF_VOID))
        return (b->flags & DW_FACTF_VOID) != 0;
    if (b->recorded_us != a->recorded_us)
        return b->recorded_us > a->recorded_us;
    return b->content > a->content;
}

/* The earlier of two recording times of which 0 means absent. */
static int64_t earlier_recorded(int64_t a, int64_t b)
{
    return a == 0 ? b : b == 0 || a < b ? a : b;
}

static dw_fact *find_fact(const dw_record *rec, uint64_t key)
{
    for (uint32_t i = rec->fact_count; i-- > 0;)
        if (rec->facts[i].key == key)
            return &rec->facts[i];
    return NULL;
}

static void insert_fact(dw_record *rec, const dw_fact *fact)
{
    uint32_t at = rec->fact_count;
    while (at > 0 && fact_order(&rec->facts[at - 1], fact) > 0)
        at--;
    memmove(&rec->facts[at + 1], &rec->facts[at], (rec->fact_count - at) * sizeof *fact);
    rec->facts[at] = *fact;
    rec->fact_count++;
}

static void remove_fact(dw_record *rec, dw_fact *fact)
{
    uint32_t at = (uint32_t)(fact - rec->facts);
    memmove(fact, fact + 1, (rec->fact_count - at - 1) * sizeof *fact);
    rec->fact_count--;
}

static void note_changed(dw_record *rec, dw_event_type type)
{
    rec->changed[type / 64] |= UINT64_C(1) << (type % 64);
}

dw_applied dw_record_put(dw_record *rec, const dw_event *ev, int64_t offset)
{
    const dw_handler *handler = dw_handler_find(ev->type);
    assert(handler != NULL); /* the caller passes events of class CHILD only */
    dw_value picked[PICK_MAX];
    dw_fact fact = {
        .key = hash_key(ev),
        .type = ev->type,
        .revision = ev->source_revision,
        .recorded_us = ev->recorded_at_us,
        .first_recorded_us = ev->recorded_at_us,
        .offset = offset,
        .values = picked,
    };
    place_in_time(ev, handler, &fact);
    if (ev->restricted == DW_ANSWER_Y)
        fact.flags |= DW_FACTF_RESTRICTED;
    if (ev->op == DW_OP_VOID)
        fact.flags |= DW_FACTF_VOID;
    else
        fact.value_count = pick_values(ev, handler, picked);
    fact.content = hash_content(&fact);

    dw_fact *old = find_fact(rec, fact.key);
    if (old != NULL) {
        int64_t first_us = earlier_recorded(old->first_recorded_us, fact.recorded_us);
        if (old->content == 0)
            old->content = hash_content(old);
        if (!stands_over(&fact, old)) {
            bool earlier = first_us != old->first_recorded_us;
            old->first_recorded_us = first_us;
            note_changed(rec, old->type);
            rec->counters[earlier ? 1 : 2]++;
            return earlier ? DW_APPLIED : DW_DUPLICATE;
        }
        fact.first_recorded_us = first_us;
        fact.flags |= old->flags & DW_FACTF_PAGED;
    }
    uint32_t n = fact.value_count;
    fact.value_count = 0;
    fact.values = NULL;
    if (!own_values(rec->arena, &fact, picked, n) || !dw_record_reserve_facts(rec, 1))
        return DW_APPLY_NOMEM;
    old = find_fact(rec, fact.key); /* the array may have moved */
    if (old != NULL) {
        note_changed(rec, old->type);
        remove_fact(rec, old);
    }
    note_changed(rec, fact.type);
    insert_fact(rec, &fact);
    rec->counters[1]++;
    rec->counters[3] += ev->unknown_codes;
    rec->fold_puts++;
    return DW_APPLIED;
}

/* --- are pages needed? */

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

/* Is the event about a span of which pages hold a record, or which the head says ended before the horizon? The id is then
 * used again after its end: the span may live anew, and what happened since its end, now folded, may count again. */
static bool wakes_paged_span(const dw_record *rec, const dw_event *ev)
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
    return false;
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

/* Might it take the place of a fact of the head that speaks of a time before the horizon? What was settled by that fact may not be
 * any more: the end of a plan, say, whose visits have gone to pages. */
static bool replaces_old(const dw_record *rec, const dw_event *ev)
{
    const dw_fact *old = find_fact(rec, hash_key(ev));
    return old != NULL && (old->day < rec->horizon || names_day_before(old->values, old->value_count, rec->horizon));
}

bool dw_record_needs_pages(const dw_record *rec, const dw_event *ev)
{
    if (rec->page_count == 0 || rec->pages_loaded == rec->page_count)
        return false;
    if (ev == NULL || ev->op != DW_OP_CREATE || ev->source_revision > 1)
        return true;
    const dw_handler *handler = dw_handler_find(ev->type);
    assert(handler != NULL);
    dw_fact when = {0};
    place_in_time(ev, handler, &when);
    if (when.day < rec->horizon || dw_record_print_paged(rec, (uint16_t)hash_key(ev)) || wakes_paged_span(rec, ev))
        return true;
    if (replaces_old(rec, ev))
        return true;
    joins what = joins_of(ev);
    if (what.began != DW_EV_NONE && !head_knows(rec, &what))
        return true;
    return names_day_before(ev->values, ev->value_count, rec->horizon);
}

/* record.c: making a record and putting events into it. */

#include "handlers/record.h"

#include "field_ids.h"
#include "handlers/record_wire.h"

#include <assert.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

dw_record *dw_record_new(dw_str la_code, dw_str child_ref)
{
    return dw_record_new_pooled(la_code, child_ref, NULL);
}

dw_record *dw_record_new_pooled(dw_str la_code, dw_str child_ref, dw_pool *pool)
{
    dw_arena *arena = pool != NULL ? dw_arena_new_pooled(DW_RECORD_ARENA_BYTES_MAX, pool)
                                   : dw_arena_new_small(DW_RECORD_ARENA_BYTES_MAX, DW_RECORD_ARENA_BYTES_FIRST);
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
    return dw_fact_order(left, right);
}

void dw_record_sort_facts(dw_record *rec)
{
    dw_record_forget_spans(rec);
    if (rec->fact_count > 1)
        qsort(rec->facts, rec->fact_count, sizeof *rec->facts, fact_order);
}

uint64_t dw_record_key(const dw_event *ev)
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

dw_str dw_fact_origin(const dw_fact *fact)
{
    const dw_value *last = fact->value_count != 0 ? &fact->values[fact->value_count - 1] : NULL;
    return last != NULL && last->field == DW_F_ENV_ORIGIN ? last->s : (dw_str){NULL, 0};
}

static uint64_t hash_content(const dw_fact *fact)
{
    const uint32_t kept = DW_FACTF_VOID | DW_FACTF_APPROXIMATE | DW_FACTF_RESTRICTED;
    int64_t head[4] = {(int64_t)fact->type, (int64_t)(fact->flags & kept), fact->day, fact->at_us};
    uint64_t h = XXH3_64bits(head, sizeof head);
    for (uint32_t i = 0; i < fact->value_count; i++) {
        const dw_value *v = &fact->values[i];
        if (v->field == DW_F_ENV_ORIGIN)
            continue; /* where it was told is not what it says */
        int64_t tag[2] = {(int64_t)((uint64_t)v->field << 16 | (uint64_t)v->kind << 8 | v->flags)};
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
void dw_record_place(const dw_event *ev, const dw_handler *handler, dw_fact *fact)
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
    dw_fact_mark_values(fact);
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

/* What was told under `origin` by that source record. *others: something was by another subject, too. */
static dw_fact *find_fact(const dw_record *rec, uint64_t key, dw_str origin, bool *others)
{
    dw_fact *found = NULL;
    for (uint32_t i = rec->fact_count; i-- > 0;) {
        if (rec->facts[i].key != key)
            continue;
        if (found == NULL && dw_str_eq(dw_fact_origin(&rec->facts[i]), origin))
            found = &rec->facts[i];
        else
            *others = true;
    }
    return found;
}

static void insert_fact(dw_record *rec, const dw_fact *fact)
{
    uint32_t at = rec->fact_count;
    while (at > 0 && dw_fact_before(fact, &rec->facts[at - 1]))
        at--;
    if (at != rec->fact_count)
        dw_record_forget_spans(rec);
    memmove(&rec->facts[at + 1], &rec->facts[at], (rec->fact_count - at) * sizeof *fact);
    rec->facts[at] = *fact;
    rec->fact_count++;
}

static void remove_fact(dw_record *rec, dw_fact *fact)
{
    uint32_t at = (uint32_t)(fact - rec->facts);
    dw_record_forget_spans(rec);
    memmove(fact, fact + 1, (rec->fact_count - at - 1) * sizeof *fact);
    rec->fact_count--;
}

static void note_changed(dw_record *rec, const dw_fact *fact)
{
    rec->changed[fact->type / 64] |= UINT64_C(1) << (fact->type % 64);
    rec->fresh_day = rec->fresh_count == 0 ? fact->day : DW_DAY_NONE;
    if (rec->fresh_count == 0 || rec->fresh_key != fact->key)
        rec->fresh_count = rec->fresh_count == 0 ? 1 : 2;
    rec->fresh_key = fact->key;
}

/* Of one source record told under several subjects that are one child, only what stands counts. */
void dw_record_settle_key(dw_record *rec, uint64_t key)
{
    dw_fact *best = NULL;
    for (uint32_t i = 0; i < rec->fact_count; i++) {
        dw_fact *fact = &rec->facts[i];
        if (fact->key != key)
            continue;
        if (fact->content == 0)
            fact->content = hash_content(fact);
        if (best == NULL || stands_over(fact, best))
            best = fact;
    }
    for (uint32_t i = 0; i < rec->fact_count; i++) {
        dw_fact *fact = &rec->facts[i];
        uint32_t flag = fact->key == key && fact != best ? DW_FACTF_SHADOWED : 0;
        if (fact->key != key || (fact->flags & DW_FACTF_SHADOWED) == flag)
            continue;
        fact->flags ^= DW_FACTF_SHADOWED;
        dw_record_forget_spans(rec);
        note_changed(rec, fact);
    }
}

void dw_record_remove(dw_record *rec, const bool *gone)
{
    uint32_t kept = 0;
    dw_record_forget_spans(rec);
    for (uint32_t i = 0; i < rec->fact_count; i++)
        if (gone[i])
            note_changed(rec, &rec->facts[i]);
        else
            rec->facts[kept++] = rec->facts[i];
    rec->fact_count = kept;
}

void dw_fact_from_event(const dw_event *ev, int64_t offset, dw_value *values, dw_fact *out)
{
    const dw_handler *handler = dw_handler_find(ev->type);
    assert(handler != NULL); /* the caller passes events of class CHILD only */
    dw_fact fact = {
        .key = dw_record_key(ev),
        .type = ev->type,
        .revision = ev->source_revision,
        .recorded_us = ev->recorded_at_us,
        .first_recorded_us = ev->recorded_at_us,
        .offset = offset,
        .values = values,
    };
    dw_record_place(ev, handler, &fact);
    if (ev->restricted == DW_ANSWER_Y)
        fact.flags |= DW_FACTF_RESTRICTED;
    if (ev->op == DW_OP_VOID)
        fact.flags |= DW_FACTF_VOID;
    else
        fact.value_count = pick_values(ev, handler, values);
    dw_fact_mark_values(&fact);
    *out = fact;
}

dw_applied dw_record_put_fact(dw_record *rec, const dw_fact *given)
{
    dw_fact fact = *given;
    bool others = false;
    dw_str origin = dw_fact_origin(given);
    fact.content = hash_content(&fact);
    dw_fact *old = find_fact(rec, fact.key, origin, &others);
    if (old != NULL) {
        int64_t first_us = earlier_recorded(old->first_recorded_us, fact.first_recorded_us);
        if (old->content == 0)
            old->content = hash_content(old);
        if (!stands_over(&fact, old)) {
            bool earlier = first_us != old->first_recorded_us;
            old->first_recorded_us = first_us;
            if (earlier)
                note_changed(rec, old);
            rec->counters[earlier ? 1 : 2]++;
            return earlier ? DW_APPLIED : DW_DUPLICATE;
        }
        fact.first_recorded_us = first_us;
        fact.flags |= old->flags & DW_FACTF_PAGED;
    }
    uint32_t n = fact.value_count;
    fact.value_count = fact.has = 0;
    fact.values = NULL;
    size_t at = old != NULL ? (size_t)(old - rec->facts) : 0;
    if (!own_values(rec->arena, &fact, given->values, n) || !dw_record_reserve_facts(rec, 1))
        return DW_APPLY_NOMEM;
    if (old != NULL) {
        old = &rec->facts[at]; /* the array may have moved */
        note_changed(rec, old);
        remove_fact(rec, old);
    }
    note_changed(rec, &fact);
    insert_fact(rec, &fact);
    if (others)
        dw_record_settle_key(rec, fact.key);
    rec->counters[1]++;
    rec->fold_puts++;
    return DW_APPLIED;
}

dw_applied dw_record_put(dw_record *rec, const dw_event *ev, int64_t offset)
{
    dw_value picked[DW_FACT_VALUES_MAX];
    dw_fact fact;
    dw_fact_from_event(ev, offset, picked, &fact);
    dw_applied applied = dw_record_put_fact(rec, &fact);
    if (applied == DW_APPLIED)
        rec->counters[3] += ev->unknown_codes;
    return applied;
}

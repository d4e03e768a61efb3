#pragma once
/* derive.h: what the derivers of spans share (handlers/spans_*.c). Private to the chronology.
 *
 * Each deriver looks at the counting facts of its types, in ascending order, and appends its spans. What time alone
 * will change is told to dw_derive_next(). Out of memory sets `failed`; then nothing of the result is used. */

#include "handlers/chronology.h"

typedef struct dw_derive {
    dw_chronology *chron;
    dw_arena *arena;
    bool failed;
} dw_derive;

/* An end that may apply to a span; the earliest wins. */
typedef struct dw_end_at {
    int64_t us; /* DW_AT_NEVER: none */
    int32_t day;
    dw_span_end kind;
    const dw_fact *fact;
    bool approximate;
} dw_end_at;
#define DW_END_NEVER ((dw_end_at){.us = DW_AT_NEVER, .day = DW_DAY_OPEN, .kind = DW_END_OPEN})

void *dw_derive_alloc(dw_derive *d, size_t bytes); /* NULL sets failed */
/* Room for `most` spans of a family; false when out of memory. */
bool dw_derive_room(dw_derive *d, dw_span_family family, uint32_t most);
/* A new span of the family, open. Room must have been made. */
dw_span *dw_derive_add(dw_derive *d, dw_span_family family, dw_str id, const dw_fact *opened_by, int32_t day,
                       int64_t us);
/* Ascending (start, id). */
void dw_derive_sort(dw_derive *d, dw_span_family family);
void dw_span_sort_facts(dw_span *span); /* ascending (day, at_us, key); they come nearly sorted */

void dw_derive_next(dw_derive *d, int64_t us); /* something changes then; ignored unless it is later than the clock */
/* End the span at `end`, not before its start. An end later than the clock does not count yet. */
void dw_derive_end(dw_derive *d, dw_span *span, dw_end_at end);
dw_end_at dw_end_earlier(dw_end_at a, dw_end_at b);
dw_end_at dw_end_of_fact(const dw_fact *fact, dw_span_end kind); /* at the fact's own instant */
/* At an instant that the fact names. */
dw_end_at dw_end_at_instant(const dw_fact *fact, int64_t us);
/* At a date that the fact names: its first instant. */
dw_end_at dw_end_at_date(const dw_fact *fact, int32_t day);
/* The first closing of the case at or after `us`, or the day of death. */
dw_end_at dw_end_by_case(const dw_derive *d, int64_t us);
dw_end_at dw_end_by_death(const dw_derive *d); /* the day of death, when it is known */
/* The birthday, when the birth date is known. */
dw_end_at dw_end_by_age(const dw_derive *d, int years);

/* Facts of several records that speak of one thing. */
typedef struct dw_group {
    dw_str id; /* empty: the records name none */
    const dw_fact **facts;
    uint32_t count;
    uint32_t cap;                /* how many will come */
    const dw_fact *first, *last; /* while grouping: of those that have joined */
} dw_group;
/* Does the fact belong to the group? NULL: when both name the same id. */
typedef bool dw_group_joins(const dw_group *group, const dw_fact *fact, dw_str id);
/* Group facts[0..n-1] by the text field `field`; the groups come in order of their first fact. */
dw_group *dw_derive_groups(dw_derive *d, const dw_fact *const *facts, uint32_t n, uint16_t field, dw_group_joins *joins,
                           uint32_t *count);

dw_str dw_fact_text(const dw_fact *fact, uint16_t field);  /* empty when absent */
int64_t dw_fact_code(const dw_fact *fact, uint16_t field); /* 0 when absent */
/* A name for a thing whose record names none: the fact's key in hexadecimal. */
dw_str dw_derive_name(dw_derive *d, const dw_fact *fact);
#define DW_DERIVED_NAME_LEN 16 /* bytes; no NUL */
void dw_derived_name(const dw_fact *fact, char out[DW_DERIVED_NAME_LEN]);
/* A new span of the group's facts, open, by the group's id or else a name of its own. It starts with `opened_by`, unless the
 * caller sets another start. Room must have been made. */
dw_span *dw_derive_add_group(dw_derive *d, dw_span_family family, const dw_group *group, const dw_fact *opened_by);
/* facts of several types in one ascending list; `types` 0-ended. */
const dw_fact **dw_derive_facts(dw_derive *d, const dw_event_type *types, uint32_t *count);

/* Of a span of the family PLAN (spans_plan.c). */
int64_t dw_plan_type(const dw_span *plan);  /* the first that its facts tell; 0: none does */
bool dw_plan_is_named(const dw_span *plan); /* do its records give it an id? */
/* Is it another authority's plan, held here for a time (readings 18)? It is no care and no level of ours. */
bool dw_plan_is_lodged(const dw_span *plan);
/* Does this end, or change, of a plan tell when it began? Then it may be all there is of the plan. */
bool dw_plan_start_is_told(const dw_fact *fact);

/* The derivers, in the order in which they need each other. */
void dw_derive_plans(dw_derive *d);      /* spans_plan.c */
void dw_derive_care(dw_derive *d);       /* spans_care.c: care and placements; needs plans */
void dw_derive_missing(dw_derive *d);    /* spans_missing.c */
void dw_derive_front_door(dw_derive *d); /* spans_case.c: contacts and referrals */
void dw_derive_enquiry(dw_derive *d);    /* spans_enquiry.c: assessments, section 47, transfers */
void dw_derive_court(dw_derive *d);      /* spans_court.c: pre-proceedings, proceedings, accommodation */
void dw_derive_dispute(dw_derive *d);    /* spans_dispute.c */
void dw_derive_level(dw_derive *d);      /* spans_level.c; needs plans and care */
void dw_derive_case(dw_derive *d);       /* spans_case.c: case, allocations, unallocated; needs all but missing */

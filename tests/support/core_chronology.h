#pragma once
/* core_chronology.h: one child's story, told event by event, and the spans that come of it as text. */

#include "tests/support/suite.h"
#include "tests/unit/handlers/events.h"

#include <stdlib.h>

static dw_record *rec;
static dw_arena *arena;
static char names[4000][8];
static int named;

static inline void setup(void)
{
    rec = dw_record_new(DW_STR_LIT("941"), DW_STR_LIT("c-1"));
    arena = dw_arena_new(32 << 20);
    named = 0;
}
static inline void teardown(void)
{
    dw_record_free(&rec);
    dw_arena_free(&arena);
}

/* Days of the story are numbered from 1 January 2021 as day 1; instants are day and time, UTC (= London in winter). */
static inline int32_t day(int n)
{
    return day_of(2021, 1, 1) + n - 1;
}
static inline int64_t at(int n, int hour, int minute)
{
    return day(n) * INT64_C(86400000000) + (hour * 60 + minute) * INT64_C(60000000);
}

static inline dw_event make(dw_event_type type, int64_t occurred_us)
{
    snprintf(names[named], sizeof names[named], "r%d", named % 100000);
    return event_make(type, names[named++], occurred_us);
}
static inline void put(const dw_event *ev)
{
    ck_assert_int_eq(dw_record_put(rec, ev, named), DW_APPLIED);
}

/* What the spans of a family are at a clock, as text: "id day hh:mm - day hh:mm KIND" each. */
static inline const char *spans(dw_span_family family, int64_t clock_us)
{
    static char text[8192];
    static const char *const kinds[] = {"open", "fact", "replaced", "closed", "age"};
    dw_arena_reset(arena);
    const dw_chronology *chron = dw_chronology_derive(rec, clock_us, arena);
    ck_assert_ptr_nonnull(chron);
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < chron->span_count[family]; i++) {
        const dw_span *s = &chron->spans[family][i];
        int64_t from = (s->start_us - dw_london_start_us(s->start_day)) / 60000000;
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%.*s%s%d %02d:%02d%s", i == 0 ? "" : "; ",
                                 DW_STR_ARG(s->id), s->id.len != 0 ? " " : "", s->start_day - day(1) + 1,
                                 (int)(from / 60), (int)(from % 60), s->start_approximate ? "~" : "");
        if (s->end != DW_END_OPEN) {
            int64_t to = (s->end_us - dw_london_start_us(s->end_day)) / 60000000;
            used += (size_t)snprintf(text + used, sizeof text - used, " - %d %02d:%02d%s %s", s->end_day - day(1) + 1,
                                     (int)(to / 60), (int)(to % 60), s->end_approximate ? "~" : "", kinds[s->end]);
        } else {
            ck_assert_int_eq(s->end_day, DW_DAY_OPEN);
            ck_assert_int_eq(s->end_us, DW_AT_NEVER);
            ck_assert_ptr_null(s->closed_by);
        }
        ck_assert_ptr_nonnull(s->opened_by);
        ck_assert_uint_ge(s->fact_count, 1);
        ck_assert(dw_span_has_id(s, s->id));
        for (uint32_t k = 1; k < s->fact_count; k++)
            ck_assert_int_le(s->facts[k - 1]->at_us, s->facts[k]->at_us);
    }
    return text;
}
#define expect(family, clock_us, want) ck_assert_str_eq(spans(family, clock_us), want)

static inline int64_t next(int64_t clock_us)
{
    dw_arena_reset(arena);
    return dw_chronology_derive(rec, clock_us, arena)->next_us;
}

/* --- makers */

static inline dw_event plan(dw_event_type type, const char *id, int64_t kind, int n, int hour)
{
    dw_event ev = make(type, at(n, hour, 0));
    if (id != NULL)
        event_text(&ev, DW_F_PLAN_STARTED_PLAN_ID, id);
    if (kind != 0)
        event_code(&ev, DW_F_PLAN_STARTED_PLAN_TYPE, kind);
    return ev;
}
static inline void put_plan(dw_event_type type, const char *id, int64_t kind, int n, int hour)
{
    dw_event ev = plan(type, id, kind, n, hour);
    put(&ev);
}
static inline void put_placement(const char *id, int n, int64_t rne, int64_t place)
{
    dw_event ev = make(DW_EV_PLACEMENT_STARTED, at(n, 12, 0));
    event_text(&ev, DW_F_PLACEMENT_STARTED_PLACEMENT_ID, id);
    if (rne != 0)
        event_code(&ev, DW_F_PLACEMENT_STARTED_RNE, rne);
    if (place != 0)
        event_code(&ev, DW_F_PLACEMENT_STARTED_PLACE, place);
    put(&ev);
}
static inline void put_placement_end(const char *id, int n, int64_t rec_code)
{
    dw_event ev = make(DW_EV_PLACEMENT_ENDED, at(n, 11, 0));
    event_text(&ev, DW_F_PLACEMENT_ENDED_PLACEMENT_ID, id);
    if (rec_code != 0)
        event_code(&ev, DW_F_PLACEMENT_ENDED_REC, rec_code);
    put(&ev);
}
static inline void put_legal(int n, int64_t status)
{
    dw_event ev = make(DW_EV_LEGAL_CHANGED, at(n, 9, 0));
    event_code(&ev, DW_F_LEGAL_CHANGED_LS, status);
    put(&ev);
}
static inline void put_closed(int n, int hour)
{
    dw_event ev = make(DW_EV_CASE_CLOSED, at(n, hour, 0));
    put(&ev);
}
static inline void put_birth(int year, int month, int d)
{
    dw_event ev = make(DW_EV_CHILD_UPDATED, at(1, 0, 0));
    event_date(&ev, DW_F_CHILD_UPDATED_PERSON_BIRTH_DATE, day_of(year, month, d));
    put(&ev);
}
static inline dw_event missing(const char *id, int64_t phase, int64_t occurred_us)
{
    dw_event ev = make(DW_EV_MISSING_EPISODE, occurred_us);
    if (id != NULL)
        event_text(&ev, DW_F_MISSING_EPISODE_EPISODE_ID, id);
    if (phase != 0)
        event_code(&ev, DW_F_MISSING_EPISODE_PHASE, phase);
    return ev;
}
static inline void put_missing(const char *id, int64_t phase, int64_t occurred_us)
{
    dw_event ev = missing(id, phase, occurred_us);
    put(&ev);
}
/* A whole spell in two records; end 0: still missing. */
static inline void put_spell(const char *id, int64_t from, int64_t to)
{
    dw_event ev = missing(id, DW_V_MISSING_PHASE_OPENED, from);
    event_at(&ev, DW_F_MISSING_EPISODE_MIS_START, from);
    put(&ev);
    if (to == 0)
        return;
    ev = missing(id, DW_V_MISSING_PHASE_RETURNED, to);
    event_at(&ev, DW_F_MISSING_EPISODE_RETURNED_AT, to);
    put(&ev);
}
static inline void put_worker(dw_event_type type, const char *worker, int64_t role, int n, int hour)
{
    dw_event ev = make(type, at(n, hour, 0));
    ev.worker_ref = dw_str_from(worker);
    if (role != 0)
        event_code(&ev, DW_F_WORKER_ALLOCATED_ROLE, role);
    put(&ev);
}
#define LEAD DW_V_ALLOCATION_ROLE_LEAD_SW
#define CP DW_V_PLAN_TYPE_CP
#define CLA DW_V_PLAN_TYPE_CLA

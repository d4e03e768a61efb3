/* Spans from facts: plans, care, placements, episodes, contacts, referrals, workers; ends; what time alone changes. */

#include "events.h"

#include <check.h>
#include <stdlib.h>

static dw_record *rec;
static dw_arena *arena;
static char names[4000][8];
static int named;

static void setup(void)
{
    rec = dw_record_new(DW_STR_LIT("941"), DW_STR_LIT("c-1"));
    arena = dw_arena_new(32 << 20);
    named = 0;
}
static void teardown(void)
{
    dw_record_free(&rec);
    dw_arena_free(&arena);
}

/* Days of the story are numbered from 1 January 2021 as day 1; instants are day and time, UTC (= London in winter). */
static int32_t day(int n)
{
    return day_of(2021, 1, 1) + n - 1;
}
static int64_t at(int n, int hour, int minute)
{
    return day(n) * INT64_C(86400000000) + (hour * 60 + minute) * INT64_C(60000000);
}

static dw_event make(dw_event_type type, int64_t occurred_us)
{
    snprintf(names[named], sizeof names[named], "r%d", named % 100000);
    return event_make(type, names[named++], occurred_us);
}
static void put(const dw_event *ev)
{
    ck_assert_int_eq(dw_record_put(rec, ev, named), DW_APPLIED);
}

/* What the spans of a family are at a clock, as text: "id day hh:mm - day hh:mm KIND" each. */
static const char *spans(dw_span_family family, int64_t clock_us)
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

static int64_t next(int64_t clock_us)
{
    dw_arena_reset(arena);
    return dw_chronology_derive(rec, clock_us, arena)->next_us;
}

/* --- makers */

static dw_event plan(dw_event_type type, const char *id, int64_t kind, int n, int hour)
{
    dw_event ev = make(type, at(n, hour, 0));
    if (id != NULL)
        event_text(&ev, DW_F_PLAN_STARTED_PLAN_ID, id);
    if (kind != 0)
        event_code(&ev, DW_F_PLAN_STARTED_PLAN_TYPE, kind);
    return ev;
}
static void put_plan(dw_event_type type, const char *id, int64_t kind, int n, int hour)
{
    dw_event ev = plan(type, id, kind, n, hour);
    put(&ev);
}
static void put_placement(const char *id, int n, int64_t rne, int64_t place)
{
    dw_event ev = make(DW_EV_PLACEMENT_STARTED, at(n, 12, 0));
    event_text(&ev, DW_F_PLACEMENT_STARTED_PLACEMENT_ID, id);
    if (rne != 0)
        event_code(&ev, DW_F_PLACEMENT_STARTED_RNE, rne);
    if (place != 0)
        event_code(&ev, DW_F_PLACEMENT_STARTED_PLACE, place);
    put(&ev);
}
static void put_placement_end(const char *id, int n, int64_t rec_code)
{
    dw_event ev = make(DW_EV_PLACEMENT_ENDED, at(n, 11, 0));
    event_text(&ev, DW_F_PLACEMENT_ENDED_PLACEMENT_ID, id);
    if (rec_code != 0)
        event_code(&ev, DW_F_PLACEMENT_ENDED_REC, rec_code);
    put(&ev);
}
static void put_legal(int n, int64_t status)
{
    dw_event ev = make(DW_EV_LEGAL_CHANGED, at(n, 9, 0));
    event_code(&ev, DW_F_LEGAL_CHANGED_LS, status);
    put(&ev);
}
static void put_closed(int n, int hour)
{
    dw_event ev = make(DW_EV_CASE_CLOSED, at(n, hour, 0));
    put(&ev);
}
static void put_birth(int year, int month, int d)
{
    dw_event ev = make(DW_EV_CHILD_UPDATED, at(1, 0, 0));
    event_date(&ev, DW_F_CHILD_UPDATED_PERSON_BIRTH_DATE, day_of(year, month, d));
    put(&ev);
}
static dw_event missing(const char *id, int64_t phase, int64_t occurred_us)
{
    dw_event ev = make(DW_EV_MISSING_EPISODE, occurred_us);
    if (id != NULL)
        event_text(&ev, DW_F_MISSING_EPISODE_EPISODE_ID, id);
    if (phase != 0)
        event_code(&ev, DW_F_MISSING_EPISODE_PHASE, phase);
    return ev;
}
static void put_missing(const char *id, int64_t phase, int64_t occurred_us)
{
    dw_event ev = missing(id, phase, occurred_us);
    put(&ev);
}
/* A whole spell in two records; end 0: still missing. */
static void put_spell(const char *id, int64_t from, int64_t to)
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
static void put_worker(dw_event_type type, const char *worker, int64_t role, int n, int hour)
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

/* --- facts and the child */

START_TEST(test_clock)
{
    dw_event ev = make(DW_EV_VISIT_DONE, at(10, 9, 0));
    put(&ev);
    ev = make(DW_EV_VISIT_DONE, at(12, 9, 0));
    put(&ev);
    expect(DW_SPAN_CHILD, at(10, 8, 0), "");
    ck_assert_int_eq(next(at(10, 8, 0)), at(10, 9, 0));
    expect(DW_SPAN_CHILD, at(10, 9, 0), "10 09:00");
    const dw_chronology *chron = dw_chronology_derive(rec, at(11, 0, 0), arena);
    ck_assert_uint_eq(chron->fact_count, 1);
    ck_assert_int_eq(chron->next_us, at(12, 9, 0));
    ck_assert_int_eq(chron->today, day(11));
    ck_assert_int_eq(chron->last_fact_day, day(10));
    uint32_t n = 0;
    dw_chronology_of_type(chron, DW_EV_VISIT_DONE, &n);
    ck_assert_uint_eq(n, 1);
    dw_chronology_of_type(chron, DW_EV_RHI, &n);
    ck_assert_uint_eq(n, 0);
    /* a void takes the fact away */
    ev = rec->facts[0].key != 0 ? event_make(DW_EV_VISIT_DONE, names[0], at(10, 9, 0)) : ev;
    ev.op = DW_OP_VOID;
    ev.source_revision = 2;
    put(&ev);
    expect(DW_SPAN_CHILD, at(11, 0, 0), "");
}
END_TEST

START_TEST(test_child)
{
    dw_event ev = make(DW_EV_VISIT_DONE, at(3, 9, 0));
    ev.team_id = DW_STR_LIT("team-1");
    put(&ev);
    ev = make(DW_EV_TEAM_TRANSFERRED, at(9, 9, 0));
    ev.team_id = DW_STR_LIT("team-2");
    put(&ev);
    ev = make(DW_EV_VISIT_DONE, at(6, 9, 0)); /* recorded late: an earlier day does not take the team back */
    ev.team_id = DW_STR_LIT("team-1");
    ev.restricted = DW_ANSWER_Y;
    put(&ev);
    put_birth(2010, 5, 6);
    const dw_chronology *chron = dw_chronology_derive(rec, at(10, 0, 0), arena);
    ck_assert(dw_str_eq(chron->team_id, DW_STR_LIT("team-2")));
    ck_assert_int_eq(chron->birth_day, day_of(2010, 5, 6));
    ck_assert(chron->restricted);
    chron = dw_chronology_derive(rec, at(5, 0, 0), arena);
    ck_assert(dw_str_eq(chron->team_id, DW_STR_LIT("team-1")));
    ck_assert(!chron->restricted);
}
END_TEST

START_TEST(test_birthdays)
{
    ck_assert_int_eq(dw_birthday(day_of(2003, 5, 6), 18), day_of(2021, 5, 6));
    ck_assert_int_eq(dw_birthday(day_of(2004, 2, 29), 18), day_of(2022, 3, 1));
    ck_assert_int_eq(dw_birthday(day_of(2004, 2, 29), 16), day_of(2020, 2, 29));
    ck_assert_int_eq(dw_birthday(day_of(2004, 2, 28), 18), day_of(2022, 2, 28));
}
END_TEST

/* --- plans */

START_TEST(test_plan)
{
    put_plan(DW_EV_PLAN_ENDED, "P", CP, 40, 15); /* first its end */
    expect(DW_SPAN_PLAN, at(50, 0, 0), "");
    put_plan(DW_EV_PLAN_CHANGED, "P", CP, 20, 10);
    expect(DW_SPAN_PLAN, at(50, 0, 0), "");
    put_plan(DW_EV_PLAN_STARTED, "P", CP, 10, 10);
    expect(DW_SPAN_PLAN, at(50, 0, 0), "P 10 10:00 - 40 15:00 fact");
    expect(DW_SPAN_PLAN, at(39, 0, 0), "P 10 10:00");
    ck_assert_int_eq(next(at(39, 0, 0)), at(40, 15, 0));
    expect(DW_SPAN_PLAN, at(9, 0, 0), "");
    put_plan(DW_EV_PLAN_STARTED, "Q", DW_V_PLAN_TYPE_CIN, 5, 10);
    expect(DW_SPAN_PLAN, at(50, 0, 0), "Q 5 10:00; P 10 10:00 - 40 15:00 fact");
    expect(DW_SPAN_CASE, at(50, 0, 0), "5 10:00");
}
END_TEST

/* A plan that takes over on the day on which another one ends goes on with the case; a day later it is another case. */
START_TEST(test_case_goes_on)
{
    put_plan(DW_EV_PLAN_STARTED, "P", CP, 10, 10);
    put_plan(DW_EV_PLAN_ENDED, "P", CP, 20, 9);
    put_plan(DW_EV_PLAN_STARTED, "Q", DW_V_PLAN_TYPE_CIN, 20, 15);
    put_plan(DW_EV_PLAN_ENDED, "Q", DW_V_PLAN_TYPE_CIN, 30, 9);
    put_plan(DW_EV_PLAN_STARTED, "R", DW_V_PLAN_TYPE_CIN, 31, 9);
    expect(DW_SPAN_CASE, at(50, 0, 0), "10 10:00 - 30 09:00 fact; 31 09:00");
}
END_TEST

START_TEST(test_plan_one_record)
{
    /* revisions of one record: started, then ended with the start date (readings 44) */
    dw_event ev = plan(DW_EV_PLAN_STARTED, "P", CP, 10, 10);
    put(&ev);
    dw_event ended = event_make(DW_EV_PLAN_ENDED, names[0], at(40, 15, 0));
    ended.source_revision = 2;
    ended.op = DW_OP_AMEND;
    event_text(&ended, DW_F_PLAN_ENDED_PLAN_ID, "P");
    event_date(&ended, DW_F_PLAN_ENDED_CPP_START_DATE, day(10));
    event_date(&ended, DW_F_PLAN_ENDED_CPP_END_DATE, day(39));
    put(&ended);
    expect(DW_SPAN_PLAN, at(50, 0, 0), "P 10 00:00~ - 39 00:00~ fact");
}
END_TEST

START_TEST(test_plan_end_date_on_start)
{
    dw_event ev = plan(DW_EV_PLAN_STARTED, "P", DW_V_PLAN_TYPE_CIN, 10, 10);
    event_date(&ev, DW_F_PLAN_STARTED_CIN_PLAN_END_DATE, day(30));
    put(&ev);
    expect(DW_SPAN_PLAN, at(29, 23, 59), "P 10 10:00");
    ck_assert_int_eq(next(at(20, 0, 0)), at(30, 0, 0));
    expect(DW_SPAN_PLAN, at(30, 0, 0), "P 10 10:00 - 30 00:00~ fact");
}
END_TEST

START_TEST(test_plan_without_id)
{
    put_plan(DW_EV_PLAN_STARTED, NULL, CP, 10, 10);
    put_plan(DW_EV_PLAN_STARTED, NULL, DW_V_PLAN_TYPE_CIN, 12, 10);
    put_plan(DW_EV_PLAN_ENDED, NULL, CP, 20, 10);
    put_plan(DW_EV_PLAN_STARTED, NULL, CP, 30, 10);
    const dw_chronology *chron = dw_chronology_derive(rec, at(50, 0, 0), arena);
    ck_assert_uint_eq(chron->span_count[DW_SPAN_PLAN], 3);
    ck_assert_int_eq(chron->spans[DW_SPAN_PLAN][0].end_day, day(20));
    ck_assert_int_eq(chron->spans[DW_SPAN_PLAN][1].end_day, DW_DAY_OPEN);
    ck_assert_int_eq(chron->spans[DW_SPAN_PLAN][2].start_day, day(30));
    ck_assert_uint_eq(chron->spans[DW_SPAN_PLAN][0].id.len, 16);
}
END_TEST

static const struct {
    int64_t type;
    int birth_year; /* born on 6 January: day 6 of 2021 is the 16th, 18th or 25th birthday */
    const char *want;
} ages[] = {
    {DW_V_PLAN_TYPE_CP, 2003, "P 2 10:00 - 6 00:00 age"},
    {DW_V_PLAN_TYPE_CIN, 2003, "P 2 10:00 - 6 00:00 age"},
    {DW_V_PLAN_TYPE_CLA, 2003, "P 2 10:00 - 6 00:00 age"},
    {DW_V_PLAN_TYPE_PF, 2005, "P 2 10:00 - 6 00:00 age"},
    {DW_V_PLAN_TYPE_PATHWAY, 2003, "P 2 10:00"},
    {DW_V_PLAN_TYPE_PATHWAY, 1996, "P 2 10:00 - 6 00:00 age"},
    {DW_V_PLAN_TYPE_CP, 2005, "P 2 10:00"},
    {DW_V_PLAN_TYPE_PLACEMENT, 2003, "P 2 10:00 - 6 00:00 age"},
};
START_TEST(test_age)
{
    put_birth(ages[_i].birth_year, 1, 6);
    put_plan(DW_EV_PLAN_STARTED, "P", ages[_i].type, 2, 10);
    expect(DW_SPAN_PLAN, at(5, 23, 59), "P 2 10:00");
    expect(DW_SPAN_PLAN, at(9, 0, 0), ages[_i].want);
    if (strstr(ages[_i].want, "age") != NULL)
        ck_assert_int_eq(next(at(5, 0, 0)), at(6, 0, 0));
}
END_TEST

START_TEST(test_case_closed)
{
    put_plan(DW_EV_PLAN_STARTED, "P", CP, 10, 10);
    put_plan(DW_EV_PLAN_STARTED, "Q", DW_V_PLAN_TYPE_CIN, 5, 10);
    put_plan(DW_EV_PLAN_ENDED, "Q", DW_V_PLAN_TYPE_CIN, 9, 10);
    put_spell("E", at(18, 1, 0), 0);
    dw_event ev = make(DW_EV_CONTACT_RECEIVED, at(4, 10, 0));
    event_text(&ev, DW_F_CONTACT_RECEIVED_CONTACT_ID, "C");
    put(&ev);
    ev = make(DW_EV_REFERRAL_RECEIVED, at(4, 11, 0));
    event_text(&ev, DW_F_REFERRAL_RECEIVED_REFERRAL_ID, "R");
    put(&ev);
    put_worker(DW_EV_WORKER_ALLOCATED, "SW1", LEAD, 11, 9);
    put_placement("L", 12, DW_V_RNE_S, DW_V_PLACE_U6);
    put_closed(20, 16);
    put_plan(DW_EV_PLAN_STARTED, "S", CP, 25, 10); /* after it: another case */
    int64_t clock = at(30, 0, 0);
    expect(DW_SPAN_PLAN, clock, "Q 5 10:00 - 9 10:00 fact; P 10 10:00 - 20 16:00 closed; S 25 10:00");
    expect(DW_SPAN_CONTACT, clock, "C 4 10:00 - 20 16:00 closed");
    expect(DW_SPAN_REFERRAL, clock, "R 4 11:00 - 20 16:00 closed");
    expect(DW_SPAN_ALLOCATION, clock, "SW1 11 09:00 - 20 16:00 closed");
    expect(DW_SPAN_CARE, clock, "12 12:00 - 20 16:00 closed");
    expect(DW_SPAN_PLACEMENT, clock, "L 12 12:00 - 20 16:00 closed");
    expect(DW_SPAN_CASE, clock, "4 11:00 - 20 16:00 closed; 25 10:00");
    expect(DW_SPAN_EPISODE, clock, "E 18 01:00"); /* a missing child is not found by closing a case */
    expect(DW_SPAN_UNALLOCATED, clock, "");
}
END_TEST

/* --- care and placements (readings 14) */

static const struct {
    int64_t rne, place; /* of the second placement, on day 30 */
    const char *placements, *care;
} changes[] = {
    {DW_V_RNE_P, DW_V_PLACE_U6, "A 10 12:00 - 30 12:00 replaced; B 30 12:00", "10 12:00"},
    {DW_V_RNE_B, DW_V_PLACE_K2, "A 10 12:00 - 30 12:00 replaced; B 30 12:00", "10 12:00"},
    {DW_V_RNE_S, DW_V_PLACE_K2, "A 10 12:00 - 30 12:00 replaced; B 30 12:00", "10 12:00"},
    {0, DW_V_PLACE_U6, "A 10 12:00 - 30 12:00 replaced; B 30 12:00", "10 12:00"},
    {77, DW_V_PLACE_U6, "A 10 12:00 - 30 12:00 replaced; B 30 12:00", "10 12:00"},
    {DW_V_RNE_T, DW_V_PLACE_U6, "A 10 12:00", "10 12:00"},
    {DW_V_RNE_U, DW_V_PLACE_U6, "A 10 12:00", "10 12:00"},
    {DW_V_RNE_L, DW_V_PLACE_U6, "A 10 12:00", "10 12:00"},
};
START_TEST(test_placement_change)
{
    put_placement("A", 10, DW_V_RNE_S, DW_V_PLACE_U6);
    put_placement("B", 30, changes[_i].rne, changes[_i].place);
    expect(DW_SPAN_PLACEMENT, at(60, 0, 0), changes[_i].placements);
    expect(DW_SPAN_CARE, at(60, 0, 0), changes[_i].care);
    const dw_chronology *chron = dw_chronology_derive(rec, at(60, 0, 0), arena);
    bool one = chron->span_count[DW_SPAN_PLACEMENT] == 1;
    ck_assert(dw_span_has_id(&chron->spans[DW_SPAN_PLACEMENT][0], DW_STR_LIT("B")) == one);
    put_placement_end("A", 30, DW_V_REC_X1); /* the end of the old one changes nothing but how it ended */
    chron = dw_chronology_derive(rec, at(60, 0, 0), arena);
    ck_assert_int_eq(chron->span_count[DW_SPAN_PLACEMENT], one ? 1 : 2);
    ck_assert_int_eq(chron->spans[DW_SPAN_PLACEMENT][one ? 0 : 1].end_day, DW_DAY_OPEN);
}
END_TEST

START_TEST(test_temporary_stay)
{
    put_placement("A", 10, DW_V_RNE_S, DW_V_PLACE_U6);
    put_placement("T", 30, DW_V_RNE_P, DW_V_PLACE_T3);
    expect(DW_SPAN_PLACEMENT, at(37, 23, 59), "A 10 12:00"); /* seven days: not known yet */
    ck_assert_int_eq(next(at(37, 0, 0)), at(38, 0, 0));
    expect(DW_SPAN_PLACEMENT, at(38, 0, 0), "A 10 12:00 - 30 12:00 replaced; T 30 12:00"); /* known on day 8 */
    put_placement("A", 37, DW_V_RNE_P, DW_V_PLACE_U6);                                     /* but it was back by then */
    expect(DW_SPAN_PLACEMENT, at(60, 0, 0), "A 10 12:00");
    put_placement("B", 50, DW_V_RNE_P, DW_V_PLACE_U6);
    expect(DW_SPAN_PLACEMENT, at(60, 0, 0), "A 10 12:00 - 50 12:00 replaced; B 50 12:00");
}
END_TEST

START_TEST(test_temporary_stay_ended)
{
    put_placement("A", 10, DW_V_RNE_S, DW_V_PLACE_U6);
    put_placement("T", 30, DW_V_RNE_P, DW_V_PLACE_T1);
    put_placement_end("T", 33, DW_V_REC_X1); /* back in A, which nobody ended */
    expect(DW_SPAN_PLACEMENT, at(60, 0, 0), "A 10 12:00");
    expect(DW_SPAN_PLACEMENT, at(32, 0, 0), "A 10 12:00");
}
END_TEST

START_TEST(test_temporary_stay_long)
{
    put_placement("A", 10, DW_V_RNE_S, DW_V_PLACE_U6);
    put_placement_end("A", 30, DW_V_REC_X1);
    put_placement("T", 30, DW_V_RNE_P, DW_V_PLACE_T0);
    put_placement_end("T", 38, DW_V_REC_X1);
    put_placement("B", 38, DW_V_RNE_P, DW_V_PLACE_U6);
    expect(DW_SPAN_PLACEMENT, at(60, 0, 0), "A 10 12:00 - 30 11:00 fact; T 30 12:00 - 38 11:00 fact; B 38 12:00");
    expect(DW_SPAN_CARE, at(60, 0, 0), "10 12:00");
}
END_TEST

START_TEST(test_care_ends)
{
    put_placement("A", 10, DW_V_RNE_S, DW_V_PLACE_U6);
    put_placement_end("A", 20, 0); /* ended, but care did not cease */
    expect(DW_SPAN_CARE, at(60, 0, 0), "10 12:00");
    put_placement("B", 22, DW_V_RNE_P, DW_V_PLACE_K2);
    put_placement_end("B", 40, DW_V_REC_E4A);
    expect(DW_SPAN_CARE, at(60, 0, 0), "10 12:00 - 40 11:00 fact");
    expect(DW_SPAN_PLACEMENT, at(60, 0, 0), "A 10 12:00 - 20 11:00 fact; B 22 12:00 - 40 11:00 fact");
    put_placement("C", 50, DW_V_RNE_S, DW_V_PLACE_U6); /* into care again */
    expect(DW_SPAN_CARE, at(60, 0, 0), "10 12:00 - 40 11:00 fact; 50 12:00");
    expect(DW_SPAN_CASE, at(60, 0, 0), "10 12:00 - 40 11:00 fact; 50 12:00");
}
END_TEST

START_TEST(test_care_by_plan)
{
    put_plan(DW_EV_PLAN_STARTED, "L1", CLA, 10, 10);
    put_legal(12, DW_V_LEGAL_STATUS_C1);
    put_placement("A", 12, DW_V_RNE_S, DW_V_PLACE_U6);
    expect(DW_SPAN_CARE, at(30, 0, 0), "L1 10 10:00");
    put_plan(DW_EV_PLAN_STARTED, "L2", CLA, 40, 10);
    put_plan(DW_EV_PLAN_ENDED, "L1", CLA, 40, 9); /* another one takes over on the day: care goes on */
    expect(DW_SPAN_CARE, at(50, 0, 0), "L1 10 10:00");
    put_plan(DW_EV_PLAN_ENDED, "L2", CLA, 60, 9);
    expect(DW_SPAN_CARE, at(70, 0, 0), "L1 10 10:00 - 60 09:00 fact");
    expect(DW_SPAN_PLACEMENT, at(70, 0, 0), "A 12 12:00 - 60 09:00 fact");
}
END_TEST

START_TEST(test_care_by_status)
{
    put_legal(10, DW_V_LEGAL_STATUS_V2);
    put_placement("A", 12, DW_V_RNE_S, DW_V_PLACE_U6);
    expect(DW_SPAN_CARE, at(30, 0, 0), "10 09:00");
    put_legal(20, DW_V_LEGAL_STATUS_C2);
    dw_field_ref ls = {.name = DW_STR_LIT("ls")};
    ls.by_type[DW_EV_LEGAL_CHANGED] = DW_F_LEGAL_CHANGED_LS;
    ls.by_type[DW_EV_PLACEMENT_STARTED] = DW_F_PLACEMENT_STARTED_LS;
    const dw_chronology *chron = dw_chronology_derive(rec, at(30, 0, 0), arena);
    const dw_span *care = &chron->spans[DW_SPAN_CARE][0], *placement = &chron->spans[DW_SPAN_PLACEMENT][0];
    ck_assert_int_eq(dw_span_value(care, &ls, day(19), NULL)->i, DW_V_LEGAL_STATUS_V2);
    ck_assert_int_eq(dw_span_value(care, &ls, day(20), NULL)->i, DW_V_LEGAL_STATUS_C2);
    const dw_fact *carrier = NULL;
    ck_assert_int_eq(dw_span_value(placement, &ls, day(19), &carrier)->i, DW_V_LEGAL_STATUS_V2); /* told of the care */
    ck_assert_int_eq(carrier->day, day(10));
    ck_assert_int_eq(dw_span_value(placement, &ls, day(20), &carrier)->i, DW_V_LEGAL_STATUS_C2);
    ck_assert_int_eq(carrier->type, DW_EV_LEGAL_CHANGED);
}
END_TEST

/* A short temporary stay inside a placement is no other place, its legal status counts. */
START_TEST(test_place_of_placement)
{
    put_placement("A", 10, DW_V_RNE_S, DW_V_PLACE_A3);
    put_placement("B", 20, DW_V_RNE_T, DW_V_PLACE_T0 + 1);
    dw_field_ref place = {.name = DW_STR_LIT("place")};
    place.by_type[DW_EV_PLACEMENT_STARTED] = DW_F_PLACEMENT_STARTED_PLACE;
    const dw_chronology *chron = dw_chronology_derive(rec, at(22, 0, 0), arena);
    const dw_span *placement = &chron->spans[DW_SPAN_PLACEMENT][0];
    ck_assert_uint_eq(chron->span_count[DW_SPAN_PLACEMENT], 1);
    ck_assert_int_eq(dw_span_value(placement, &place, day(22), NULL)->i, DW_V_PLACE_A3);
    put_placement("C", 25, DW_V_RNE_T, DW_V_PLACE_A5);
    chron = dw_chronology_derive(rec, at(26, 0, 0), arena);
    placement = &chron->spans[DW_SPAN_PLACEMENT][0];
    ck_assert_int_eq(dw_span_value(placement, &place, day(24), NULL)->i, DW_V_PLACE_A3);
    ck_assert_int_eq(dw_span_value(placement, &place, day(25), NULL)->i, DW_V_PLACE_A5);
    ck_assert_ptr_eq(placement->within, &chron->spans[DW_SPAN_CARE][0]);
    for (int64_t i = 0; i < 6; i++) { /* T0 to T4 are temporary stays, what comes before and after them is not */
        static const int64_t places[] = {DW_V_PLACE_S1, DW_V_PLACE_T0, DW_V_PLACE_Z1, DW_V_PLACE_T4, DW_V_PLACE_Z14, 0};
        int64_t told =
            places[i] == DW_V_PLACE_T0 || places[i] == DW_V_PLACE_T4 || places[i] == 0 ? places[i - 1] : places[i];
        put_placement("D", 30 + (int)i, DW_V_RNE_T, places[i]);
        chron = dw_chronology_derive(rec, at(30 + (int)i, 20, 0), arena);
        placement = &chron->spans[DW_SPAN_PLACEMENT][0];
        ck_assert_uint_eq(chron->span_count[DW_SPAN_PLACEMENT], 1);
        ck_assert_int_eq(dw_span_value(placement, &place, day(30 + (int)i), NULL)->i, told);
    }
}
END_TEST

/* What a span says of itself. */
static const char *word_of(const dw_span *span, dw_span_word word)
{
    static char text[16];
    dw_field_ref ref = {.word = word};
    const dw_value *value = dw_span_value(span, &ref, DW_DAY_OPEN, NULL);
    if (value == NULL)
        return "-";
    ck_assert_int_eq(value->kind, DW_VAL_STR);
    snprintf(text, sizeof text, "%.*s", DW_STR_ARG(value->s));
    return text;
}

START_TEST(test_words)
{
    static const struct {
        dw_span span;
        const char *ended_by, *level, *step;
    } all[] = {
        {{.end = DW_END_OPEN}, "OPEN", "-", "-"},
        {{.end = DW_END_FACT, .step = DW_STEPPED_UP}, "FACT", "-", "-"},
        {{.end = DW_END_REPLACED, .level = DW_LEVEL_CIN}, "REPLACED", "CIN", "NONE"},
        {{.end = DW_END_CLOSED, .level = DW_LEVEL_CP, .step = DW_STEPPED_UP}, "CLOSED", "CP", "UP"},
        {{.end = DW_END_AGE, .level = DW_LEVEL_CLA, .step = DW_STEPPED_DOWN}, "AGE", "CLA", "DOWN"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        ck_assert_str_eq(word_of(&all[i].span, DW_WORD_ENDED_BY), all[i].ended_by);
        ck_assert_str_eq(word_of(&all[i].span, DW_WORD_LEVEL), all[i].level);
        ck_assert_str_eq(word_of(&all[i].span, DW_WORD_STEP), all[i].step);
    }
}
END_TEST

/* Names of the families and of what alerts about them are about; which facts can change them, by the header's upper bound. */
START_TEST(test_families)
{
    static const dw_event_type anything[] = {DW_EV_CHILD_UPDATED, DW_EV_CASE_CLOSED, DW_EV_PA_CONTACT};
#define PLANS DW_EV_PLAN_STARTED, DW_EV_PLAN_CHANGED, DW_EV_PLAN_ENDED
#define CARE PLANS, DW_EV_PLACEMENT_STARTED, DW_EV_PLACEMENT_ENDED, DW_EV_LEGAL_CHANGED
#define ASSESSMENTS DW_EV_REFERRAL_RECEIVED, DW_EV_ASSESSMENT_STARTED, DW_EV_ASSESSMENT_AUTHORISED
#define COURT DW_EV_PREPROCEEDINGS_STEP, DW_EV_LEGAL_CHANGED, DW_EV_PLACEMENT_STARTED
    static const struct {
        const char *name, *subject;
        dw_event_type types[16]; /* none: every fact */
    } all[DW_SPAN_FAMILIES] = {
        [DW_SPAN_CHILD] = {"child", "child", {0}},
        [DW_SPAN_CASE] = {"case", "child", {CARE, ASSESSMENTS}},
        [DW_SPAN_PLAN] = {"plan", "plan", {PLANS}},
        [DW_SPAN_CARE] = {"care", "plan", {CARE}},
        [DW_SPAN_PLACEMENT] = {"placement", "placement", {CARE}},
        [DW_SPAN_EPISODE] = {"episode", "episode", {DW_EV_MISSING_EPISODE}},
        [DW_SPAN_CONTACT] = {"contact", "contact", {DW_EV_CONTACT_RECEIVED}},
        [DW_SPAN_REFERRAL] = {"referral", "referral", {DW_EV_REFERRAL_RECEIVED}},
        [DW_SPAN_ALLOCATION] = {"allocation", "child", {CARE, ASSESSMENTS, DW_EV_WORKER_ALLOCATED, DW_EV_WORKER_ENDED}},
        [DW_SPAN_UNALLOCATED] = {"unallocated",
                                 "child",
                                 {CARE, ASSESSMENTS, DW_EV_WORKER_ALLOCATED, DW_EV_WORKER_ENDED}},
        [DW_SPAN_ASSESSMENT] = {"assessment", "referral", {ASSESSMENTS}},
        [DW_SPAN_S47] = {"s47", "s47", {DW_EV_S47_STARTED, DW_EV_CONFERENCE_ICPC}},
        [DW_SPAN_TRANSFER] = {"transfer", "child", {DW_EV_CONFERENCE_ICPC}},
        [DW_SPAN_PREPROCEEDINGS] = {"preproceedings", "child", {COURT}},
        [DW_SPAN_PROCEEDINGS] = {"proceedings", "child", {COURT}},
        [DW_SPAN_ACCOMMODATION] = {"accommodation", "child", {DW_EV_ACCOMMODATION_PROVIDED}},
        [DW_SPAN_DISPUTE] = {"dispute", "child", {DW_EV_DISPUTE_STEP}},
        [DW_SPAN_LEVEL] = {"level", "child", {CARE}},
    };
    for (int f = 0; f < DW_SPAN_FAMILIES; f++) {
        ck_assert_str_eq(dw_span_family_name((dw_span_family)f), all[f].name);
        ck_assert_str_eq(dw_span_subject_kind((dw_span_family)f), all[f].subject);
        for (int type = 0; type < DW_EV_MAX; type++) {
            bool wanted = f == DW_SPAN_CHILD;
            for (size_t i = 0; i < 3; i++)
                wanted |= (int)anything[i] == type;
            for (size_t i = 0; all[f].types[i] != DW_EV_NONE; i++)
                wanted |= (int)all[f].types[i] == type;
            ck_assert_msg(dw_span_family_reads((dw_span_family)f, (dw_event_type)type) == wanted, "%s: %s", all[f].name,
                          dw_event_type_name((dw_event_type)type));
        }
    }
    ck_assert_str_eq(dw_span_family_name(DW_SPAN_FAMILIES), "?");
    ck_assert_str_eq(dw_span_subject_kind(DW_SPAN_FAMILIES), "?");
    ck_assert_str_eq(dw_span_family_name((dw_span_family)-1), "?");
    ck_assert_str_eq(dw_span_subject_kind((dw_span_family)-1), "?");
}
END_TEST

/* Of an episode anything but its category is read as of any span: what was said last. */
START_TEST(test_fields_of_an_episode)
{
    dw_field_ref phase = {.name = DW_STR_LIT("phase")};
    phase.by_type[DW_EV_MISSING_EPISODE] = DW_F_MISSING_EPISODE_PHASE;
    put_missing("E", DW_V_MISSING_PHASE_OPENED, at(5, 9, 0));
    put_missing("E", DW_V_MISSING_PHASE_RETURNED, at(6, 9, 0));
    const dw_chronology *chron = dw_chronology_derive(rec, at(7, 0, 0), arena);
    const dw_span *episode = &chron->spans[DW_SPAN_EPISODE][0];
    ck_assert_int_eq(dw_span_value(episode, &phase, day(5), NULL)->i, DW_V_MISSING_PHASE_OPENED);
    ck_assert_int_eq(dw_span_value(episode, &phase, day(6), NULL)->i, DW_V_MISSING_PHASE_RETURNED);
}
END_TEST

START_TEST(test_care_at_18)
{
    put_birth(2003, 1, 20);
    put_placement("A", 10, DW_V_RNE_S, DW_V_PLACE_U6);
    put_plan(DW_EV_PLAN_STARTED, "W", DW_V_PLAN_TYPE_PATHWAY, 11, 10);
    ck_assert_int_eq(next(at(15, 0, 0)), at(20, 0, 0));
    expect(DW_SPAN_CARE, at(30, 0, 0), "10 12:00 - 20 00:00 age");
    expect(DW_SPAN_PLACEMENT, at(30, 0, 0), "A 10 12:00 - 20 00:00 age");
    put_placement("B", 25, DW_V_RNE_S, DW_V_PLACE_U6); /* an adult does not come into care */
    expect(DW_SPAN_CARE, at(30, 0, 0), "10 12:00 - 20 00:00 age");
    expect(DW_SPAN_PLAN, at(30, 0, 0), "W 11 10:00");
}
END_TEST

START_TEST(test_care_on_one_day)
{
    /* dates only: everything of a day is at its first instant */
    dw_event ev = make(DW_EV_PLACEMENT_STARTED, at(11, 9, 0));
    event_text(&ev, DW_F_PLACEMENT_STARTED_PLACEMENT_ID, "A");
    event_date(&ev, DW_F_PLACEMENT_STARTED_DECOM, day(10));
    put(&ev);
    ev = make(DW_EV_PLACEMENT_ENDED, at(31, 9, 0));
    event_text(&ev, DW_F_PLACEMENT_ENDED_PLACEMENT_ID, "A");
    event_date(&ev, DW_F_PLACEMENT_ENDED_DEC, day(30));
    event_code(&ev, DW_F_PLACEMENT_ENDED_REC, DW_V_REC_X1);
    put(&ev);
    ev = make(DW_EV_PLACEMENT_STARTED, at(31, 9, 0));
    event_text(&ev, DW_F_PLACEMENT_STARTED_PLACEMENT_ID, "B");
    event_date(&ev, DW_F_PLACEMENT_STARTED_DECOM, day(30));
    event_code(&ev, DW_F_PLACEMENT_STARTED_RNE, DW_V_RNE_P);
    put(&ev);
    expect(DW_SPAN_PLACEMENT, at(60, 0, 0), "A 10 00:00~ - 30 00:00~ fact; B 30 00:00~");
    ev = make(DW_EV_PLACEMENT_ENDED, at(31, 9, 0)); /* and B ends on its first day */
    event_text(&ev, DW_F_PLACEMENT_ENDED_PLACEMENT_ID, "B");
    event_date(&ev, DW_F_PLACEMENT_ENDED_DEC, day(30));
    event_code(&ev, DW_F_PLACEMENT_ENDED_REC, DW_V_REC_E4A);
    put(&ev);
    expect(DW_SPAN_PLACEMENT, at(60, 0, 0), "A 10 00:00~ - 30 00:00~ fact; B 30 00:00~ - 30 00:00~ fact");
    expect(DW_SPAN_CARE, at(60, 0, 0), "10 00:00~ - 30 00:00~ fact");
}
END_TEST

/* --- missing episodes (readings 40-44) */

static const struct {
    int second_from; /* minutes after 10:00, when the first spell ended */
    bool return_between;
    const char *want;
} gaps[] = {
    {-30, true, "E1 10 09:00 - 10 12:00 fact"},
    {1, true, "E1 10 09:00 - 10 12:00 fact"},
    {60, true, "E1 10 09:00 - 10 12:00 fact"},
    {61, true, "E1 10 09:00 - 10 10:00 fact; E2 10 11:01 - 10 12:00 fact"},
    {0, true, "E1 10 09:00 - 10 10:00 fact; E2 10 10:00 - 10 12:00 fact"},
    {0, false, "E1 10 09:00 - 10 12:00 fact"},
};
START_TEST(test_episode_gaps)
{
    dw_event ev = missing("E1", DW_V_MISSING_PHASE_CLOSED, at(10, 13, 0));
    event_at(&ev, DW_F_MISSING_EPISODE_MIS_START, at(10, 9, 0));
    event_at(&ev, gaps[_i].return_between ? DW_F_MISSING_EPISODE_RETURNED_AT : DW_F_MISSING_EPISODE_MIS_END,
             at(10, 10, 0));
    put(&ev);
    put_spell("E2", at(10, 10, 0) + gaps[_i].second_from * INT64_C(60000000), at(10, 12, 0));
    expect(DW_SPAN_EPISODE, at(20, 0, 0), gaps[_i].want);
    const dw_chronology *chron = dw_chronology_derive(rec, at(20, 0, 0), arena);
    bool one = chron->span_count[DW_SPAN_EPISODE] == 1;
    ck_assert(dw_span_has_id(&chron->spans[DW_SPAN_EPISODE][0], DW_STR_LIT("E2")) == one);
    ck_assert_uint_eq(chron->spans[DW_SPAN_EPISODE][0].fact_count, one ? 3 : 1);
}
END_TEST

START_TEST(test_episode_reports)
{
    /* police and carer report the same absence, times differ, only one closes: the earliest start, and still missing */
    put_spell("P", at(10, 9, 15), at(10, 20, 0));
    put_spell("C", at(10, 9, 0), 0);
    expect(DW_SPAN_EPISODE, at(11, 0, 0), "C 10 09:00");
    put_missing("C", DW_V_MISSING_PHASE_CANCELLED, at(10, 21, 0)); /* the carer's is withdrawn */
    expect(DW_SPAN_EPISODE, at(11, 0, 0), "P 10 09:15 - 10 20:00 fact");
    expect(DW_SPAN_EPISODE, at(10, 20, 30), "C 10 09:00"); /* not known yet then */
    ck_assert_int_eq(next(at(10, 20, 30)), at(10, 21, 0));
}
END_TEST

static const struct {
    uint16_t fields[3]; /* 0-ended; the n-th is given as day 11, n o'clock */
    int64_t phase;
    const char *want;
} ends[] = {
    {{DW_F_MISSING_EPISODE_RETURNED_AT, DW_F_MISSING_EPISODE_FOUND_AT}, 0, "E 10 09:00 - 11 01:00 fact"},
    {{DW_F_MISSING_EPISODE_MIS_END, DW_F_MISSING_EPISODE_FOUND_AT}, 0, "E 10 09:00 - 11 02:00 fact"},
    {{DW_F_MISSING_EPISODE_MIS_END}, 0, "E 10 09:00 - 11 01:00 fact"},
    {{0}, DW_V_MISSING_PHASE_RETURNED, "E 10 09:00 - 11 10:00 fact"},
    {{0}, DW_V_MISSING_PHASE_CLOSED, "E 10 09:00 - 11 10:00 fact"},
    {{0}, DW_V_MISSING_PHASE_UPDATED, "E 10 09:00"},
};
START_TEST(test_episode_end)
{
    dw_event ev = missing("E", DW_V_MISSING_PHASE_OPENED, at(10, 9, 0)); /* no mis_start: when it was opened */
    put(&ev);
    ev = missing("E", ends[_i].phase, at(11, 10, 0));
    for (int i = 0; i < 3 && ends[_i].fields[i] != 0; i++)
        event_at(&ev, ends[_i].fields[i], at(11, i + 1, 0));
    put(&ev);
    expect(DW_SPAN_EPISODE, at(20, 0, 0), ends[_i].want);
}
END_TEST

START_TEST(test_episode_date_only)
{
    put_missing("E", DW_V_MISSING_PHASE_OPENED, at(10, 9, 0));
    dw_event ev = missing("E", DW_V_MISSING_PHASE_RETURNED, at(11, 12, 0));
    ev.occurred_precision = DW_PRECISION_DATE;
    put(&ev);
    expect(DW_SPAN_EPISODE, at(20, 0, 0), "E 10 09:00 - 11 00:00~ fact");
}
END_TEST

START_TEST(test_episode_unknown_start)
{
    put_missing("E", DW_V_MISSING_PHASE_RETURNED, at(10, 9, 0));
    expect(DW_SPAN_EPISODE, at(20, 0, 0), "");
    put_missing("E", DW_V_MISSING_PHASE_OPENED, at(9, 9, 0)); /* learned later */
    expect(DW_SPAN_EPISODE, at(20, 0, 0), "E 9 09:00 - 10 09:00 fact");
    put_missing(NULL, DW_V_MISSING_PHASE_OPENED, at(15, 9, 0));
    const dw_chronology *chron = dw_chronology_derive(rec, at(20, 0, 0), arena);
    ck_assert_uint_eq(chron->span_count[DW_SPAN_EPISODE], 2);
    ck_assert_uint_eq(chron->spans[DW_SPAN_EPISODE][1].id.len, 16); /* named after its record */
}
END_TEST

static const struct {
    int64_t first, second; /* categories of two records, 0 = not stated */
    int64_t want;
} categories[] = {
    {0, 0, DW_V_MISSING_CATEGORY_M},
    {DW_V_MISSING_CATEGORY_A, 0, DW_V_MISSING_CATEGORY_A},
    {DW_V_MISSING_CATEGORY_NO_APPARENT_RISK, 0, DW_V_MISSING_CATEGORY_A},
    {DW_V_MISSING_CATEGORY_NO_APPARENT_RISK, DW_V_MISSING_CATEGORY_HIGH, DW_V_MISSING_CATEGORY_M},
    {DW_V_MISSING_CATEGORY_M, DW_V_MISSING_CATEGORY_A, DW_V_MISSING_CATEGORY_M},
    {DW_V_MISSING_CATEGORY_LOW, 0, DW_V_MISSING_CATEGORY_M},
};
START_TEST(test_episode_category)
{
    dw_field_ref category = {.name = DW_STR_LIT("category")};
    category.by_type[DW_EV_MISSING_EPISODE] = DW_F_MISSING_EPISODE_CATEGORY;
    dw_event ev = missing("E", DW_V_MISSING_PHASE_OPENED, at(10, 9, 0));
    if (categories[_i].first != 0)
        event_code(&ev, DW_F_MISSING_EPISODE_CATEGORY, categories[_i].first);
    put(&ev);
    ev = missing("E", DW_V_MISSING_PHASE_UPDATED, at(11, 9, 0));
    if (categories[_i].second != 0)
        event_code(&ev, DW_F_MISSING_EPISODE_CATEGORY, categories[_i].second);
    put(&ev);
    const dw_chronology *chron = dw_chronology_derive(rec, at(20, 0, 0), arena);
    const dw_fact *carrier = NULL;
    const dw_value *value = dw_span_value(&chron->spans[DW_SPAN_EPISODE][0], &category, day(10), &carrier);
    ck_assert_int_eq(value->i, categories[_i].want);
    ck_assert_ptr_nonnull(carrier);
}
END_TEST

/* --- contacts, referrals, workers */

START_TEST(test_contact)
{
    dw_event ev = make(DW_EV_CONTACT_RECEIVED, at(10, 9, 0));
    event_text(&ev, DW_F_CONTACT_RECEIVED_CONTACT_ID, "C");
    put(&ev);
    expect(DW_SPAN_CONTACT, at(20, 0, 0), "C 10 09:00");
    ev.source_revision = 2; /* decided: an amendment of the record */
    ev.op = DW_OP_AMEND;
    ev.recorded_at_us = at(12, 9, 0);
    event_code(&ev, DW_F_CONTACT_RECEIVED_OUTCOME, DW_V_CONTACT_OUTCOME_NFA);
    put(&ev);
    expect(DW_SPAN_CONTACT, at(20, 0, 0), "C 10 09:00 - 12 09:00 fact"); /* readings 30 */
    ev.source_revision = 3;
    event_at(&ev, DW_F_CONTACT_RECEIVED_DECIDED_AT, at(11, 9, 0));
    put(&ev);
    expect(DW_SPAN_CONTACT, at(20, 0, 0), "C 10 09:00 - 11 09:00 fact");
    expect(DW_SPAN_CONTACT, at(11, 0, 0), "C 10 09:00");
    ck_assert_int_eq(next(at(11, 0, 0)), at(11, 9, 0));
}
END_TEST

START_TEST(test_referral)
{
    dw_event ev = make(DW_EV_REFERRAL_RECEIVED, at(10, 9, 0));
    put(&ev);
    ck_assert_uint_eq(dw_chronology_derive(rec, at(20, 0, 0), arena)->spans[DW_SPAN_REFERRAL][0].id.len, 16);
    ev.source_revision = 2;
    ev.op = DW_OP_AMEND;
    event_text(&ev, DW_F_REFERRAL_RECEIVED_REFERRAL_ID, "R");
    event_date(&ev, DW_F_REFERRAL_RECEIVED_CIN_CLOSURE_DATE, day(15));
    put(&ev);
    expect(DW_SPAN_REFERRAL, at(20, 0, 0), "R 10 09:00 - 15 00:00~ fact");
    ev.source_revision = 3;
    event_at(&ev, DW_F_REFERRAL_RECEIVED_DECIDED_AT, at(11, 9, 0));
    put(&ev);
    expect(DW_SPAN_REFERRAL, at(20, 0, 0), "R 10 09:00 - 11 09:00 fact");
    expect(DW_SPAN_CASE, at(20, 0, 0), "10 09:00 - 15 00:00~ fact");
}
END_TEST

/* --- assessments, enquiries, proceedings, levels */

static dw_event put_text(dw_event_type type, int n, int hour, uint16_t field, const char *id)
{
    dw_event ev = make(type, at(n, hour, 0));
    if (id != NULL)
        event_text(&ev, field, id);
    return ev;
}

START_TEST(test_assessment)
{
    int64_t clock = at(90, 0, 0);
    dw_event a = put_text(DW_EV_REFERRAL_RECEIVED, 10, 9, DW_F_REFERRAL_RECEIVED_REFERRAL_ID, "A");
    put(&a);
    dw_event b = put_text(DW_EV_REFERRAL_RECEIVED, 20, 9, DW_F_REFERRAL_RECEIVED_REFERRAL_ID, "B");
    put(&b);
    expect(DW_SPAN_ASSESSMENT, clock, "A 10 09:00; B 20 09:00");
    /* by the assessment's other record, by name, and by nothing but the day */
    dw_event done = put_text(DW_EV_ASSESSMENT_AUTHORISED, 40, 9, DW_F_ASSESSMENT_AUTHORISED_ASSESSMENT_ID, "x");
    put(&done);
    expect(DW_SPAN_ASSESSMENT, clock, "A 10 09:00; B 20 09:00 - 40 09:00 fact");
    dw_event began = put_text(DW_EV_ASSESSMENT_STARTED, 12, 9, DW_F_ASSESSMENT_STARTED_ASSESSMENT_ID, "x");
    event_text(&began, DW_F_ASSESSMENT_STARTED_REFERRAL_ID, "A");
    put(&began);
    expect(DW_SPAN_ASSESSMENT, clock, "A 10 09:00 - 40 09:00 fact; B 20 09:00");
    b.source_revision = 2;
    b.op = DW_OP_AMEND;
    event_code(&b, DW_F_REFERRAL_RECEIVED_REFERRAL_NFA, DW_ANSWER_Y);
    event_at(&b, DW_F_REFERRAL_RECEIVED_DECIDED_AT, at(21, 15, 0));
    put(&b);
    expect(DW_SPAN_ASSESSMENT, clock, "A 10 09:00 - 40 09:00 fact; B 20 09:00 - 21 15:00 fact");
    expect(DW_SPAN_CASE, clock, "10 09:00"); /* referral A was never decided */
    put_closed(30, 9);
    expect(DW_SPAN_ASSESSMENT, clock, "A 10 09:00 - 30 09:00 closed; B 20 09:00 - 21 15:00 fact");
}
END_TEST

START_TEST(test_enquiry)
{
    int64_t clock = at(90, 0, 0);
    dw_event s = put_text(DW_EV_S47_STARTED, 10, 9, DW_F_S47_STARTED_S47_ID, "S");
    put(&s);
    dw_event moved = put_text(DW_EV_CONFERENCE_ICPC, 15, 9, DW_F_CONFERENCE_ICPC_CONFERENCE_ID, "T");
    event_code(&moved, DW_F_CONFERENCE_ICPC_TRANSFER_IN, DW_ANSWER_Y);
    event_date(&moved, DW_F_CONFERENCE_ICPC_TRANSFER_IN_NOTICE_RECEIVED, day(12));
    put(&moved);
    expect(DW_SPAN_S47, clock, "S 10 09:00"); /* somebody else's conference */
    expect(DW_SPAN_TRANSFER, clock, "T 12 00:00~");
    moved.source_revision = 2;
    event_date(&moved, DW_F_CONFERENCE_ICPC_DATE_OF_INITIAL_CPC, day(15));
    put(&moved);
    expect(DW_SPAN_TRANSFER, clock, "T 12 00:00~ - 15 09:00 fact");
    dw_event held = put_text(DW_EV_CONFERENCE_ICPC, 20, 9, DW_F_CONFERENCE_ICPC_S47_ID, "other");
    put(&held);
    expect(DW_SPAN_S47, clock, "S 10 09:00");
    dw_event nameless = put_text(DW_EV_CONFERENCE_ICPC, 25, 9, DW_F_CONFERENCE_ICPC_S47_ID, NULL);
    put(&nameless);
    expect(DW_SPAN_S47, clock, "S 10 09:00 - 25 09:00 fact");
    s.source_revision = 2;
    s.recorded_at_us = at(18, 9, 0);
    event_code(&s, DW_F_S47_STARTED_ICPC_NOT_REQUIRED, DW_ANSWER_Y);
    put(&s);
    expect(DW_SPAN_S47, clock, "S 10 09:00 - 18 09:00 replaced");
}
END_TEST

static void put_step(int64_t step, int n, const char *id)
{
    dw_event ev = put_text(DW_EV_PREPROCEEDINGS_STEP, n, 9, DW_F_PREPROCEEDINGS_STEP_PREPROCEEDINGS_ID, id);
    event_code(&ev, DW_F_PREPROCEEDINGS_STEP_STEP, step);
    put(&ev);
}

START_TEST(test_proceedings)
{
    int64_t clock = at(90, 0, 0);
    put_step(DW_V_PREPROCEEDINGS_KIND_LBP_SENT, 10, "Q");
    put_step(DW_V_PREPROCEEDINGS_KIND_REVIEW, 12, "Q");
    expect(DW_SPAN_PREPROCEEDINGS, clock, "Q 10 09:00");
    put_step(DW_V_PREPROCEEDINGS_KIND_COURT_APPLICATION, 20, "Q");
    expect(DW_SPAN_PREPROCEEDINGS, clock, "Q 10 09:00 - 20 09:00 fact");
    expect(DW_SPAN_PROCEEDINGS, clock, "Q 20 09:00");
    put_step(DW_V_PREPROCEEDINGS_KIND_FINAL_ORDER, 60, "Q");
    expect(DW_SPAN_PROCEEDINGS, clock, "Q 20 09:00 - 60 09:00 fact");
    dw_event order = make(DW_EV_LEGAL_CHANGED, at(50, 9, 0));
    event_code(&order, DW_F_LEGAL_CHANGED_LS, DW_V_LEGAL_STATUS_C2);
    put(&order);
    expect(DW_SPAN_PROCEEDINGS, clock, "Q 20 09:00 - 50 09:00 fact");
}
END_TEST

/* Steps without an id follow each other; a letter after stepping down begins anew. */
START_TEST(test_proceedings_without_id)
{
    int64_t clock = at(90, 0, 0);
    put_step(DW_V_PREPROCEEDINGS_KIND_LBP_SENT, 10, NULL);
    put_step(DW_V_PREPROCEEDINGS_KIND_STEP_DECISION, 20, NULL);
    put_step(DW_V_PREPROCEEDINGS_KIND_LBP_SENT, 30, NULL);
    dw_arena_reset(arena);
    const dw_chronology *chron = dw_chronology_derive(rec, clock, arena);
    ck_assert_uint_eq(chron->span_count[DW_SPAN_PREPROCEEDINGS], 2);
    ck_assert_int_eq(chron->spans[DW_SPAN_PREPROCEEDINGS][0].end_day, day(20));
    ck_assert_int_eq(chron->spans[DW_SPAN_PREPROCEEDINGS][1].end_day, DW_DAY_OPEN);
    ck_assert_uint_eq(chron->span_count[DW_SPAN_PROCEEDINGS], 0);
}
END_TEST

START_TEST(test_accommodation)
{
    dw_event ev = put_text(DW_EV_ACCOMMODATION_PROVIDED, 10, 9, DW_F_ACCOMMODATION_PROVIDED_ACCOMMODATION_ID, "R");
    put(&ev);
    dw_event born = make(DW_EV_CHILD_UPDATED, at(1, 9, 0));
    event_date(&born, DW_F_CHILD_UPDATED_PERSON_BIRTH_DATE, day_of(2003, 1, 5)); /* 18 on day 5 */
    put(&born);
    expect(DW_SPAN_ACCOMMODATION, at(90, 0, 0), "R 10 09:00");
    ev.source_revision = 2;
    event_date(&ev, DW_F_ACCOMMODATION_PROVIDED_ENDED_ON, day(30));
    put(&ev);
    expect(DW_SPAN_ACCOMMODATION, at(90, 0, 0), "R 10 09:00 - 30 00:00~ fact");
}
END_TEST

static void put_dispute(int d, const char *id, int64_t step)
{
    dw_event ev = put_text(DW_EV_DISPUTE_STEP, d, 9, DW_F_DISPUTE_STEP_DISPUTE_ID, id);
    event_code(&ev, DW_F_DISPUTE_STEP_STEP, step);
    put(&ev);
}

START_TEST(test_dispute)
{
    put_dispute(10, "D", DW_V_DISPUTE_STAGE_OPENED);
    put_dispute(12, "D", DW_V_DISPUTE_STAGE_STAGE_2);
    put_dispute(14, "D", DW_V_DISPUTE_STAGE_CAFCASS);
    put_dispute(15, "E", DW_V_DISPUTE_STAGE_STAGE_3); /* nobody told of its opening */
    put_dispute(16, "F", DW_V_DISPUTE_STAGE_RESOLVED);
    expect(DW_SPAN_DISPUTE, at(40, 0, 0), "D 10 09:00; E 15 09:00");
    put_dispute(20, "D", DW_V_DISPUTE_STAGE_RESOLVED);
    put_dispute(21, "E", DW_V_DISPUTE_STAGE_WITHDRAWN);
    expect(DW_SPAN_DISPUTE, at(40, 0, 0), "D 10 09:00 - 20 09:00 fact; E 15 09:00 - 21 09:00 fact");
}
END_TEST

static const char *levels(int64_t clock_us)
{
    static char text[256];
    static const char *const words[] = {"", "CIN", "CP", "CLA"}, *const steps[] = {"", "+", "-"};
    size_t used = 0;
    text[0] = '\0';
    dw_arena_reset(arena);
    const dw_chronology *chron = dw_chronology_derive(rec, clock_us, arena);
    for (uint32_t i = 0; i < chron->span_count[DW_SPAN_LEVEL]; i++) {
        const dw_span *s = &chron->spans[DW_SPAN_LEVEL][i];
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s%s %d", i == 0 ? "" : ", ", steps[s->step],
                                 words[s->level], s->start_day - day(1) + 1);
        if (s->end != DW_END_OPEN)
            used += (size_t)snprintf(text + used, sizeof text - used, "-%d", s->end_day - day(1) + 1);
    }
    return text;
}

START_TEST(test_level)
{
    put_plan(DW_EV_PLAN_STARTED, "N", DW_V_PLAN_TYPE_CIN, 5, 10);
    put_plan(DW_EV_PLAN_STARTED, "P", CP, 10, 10);
    ck_assert_str_eq(levels(at(12, 0, 0)), "CIN 5-10, +CP 10");
    put_plan(DW_EV_PLAN_ENDED, "P", CP, 20, 10);   /* the child in need plan was left open */
    put_plan(DW_EV_PLAN_STARTED, "Q", CP, 20, 16); /* the same level on one day is no step */
    ck_assert_str_eq(levels(at(21, 0, 0)), "CIN 5-10, +CP 10");
    put_plan(DW_EV_PLAN_ENDED, "Q", CP, 30, 10);
    put_plan(DW_EV_PLAN_ENDED, "N", DW_V_PLAN_TYPE_CIN, 40, 10);
    put_placement("H", 41, 0, 0); /* a day with nothing open: no step */
    ck_assert_str_eq(levels(at(60, 0, 0)), "CIN 5-10, +CP 10-30, -CIN 30-40, CLA 41");
    dw_event away = plan(DW_EV_PLAN_STARTED, "T", CP, 45, 9);
    event_code(&away, DW_F_PLAN_STARTED_TEMPORARY_OLA, DW_ANSWER_Y);
    put(&away);
    ck_assert_str_eq(levels(at(60, 0, 0)), "CIN 5-10, +CP 10-30, -CIN 30-40, CLA 41");
}
END_TEST

START_TEST(test_death)
{
    put_plan(DW_EV_PLAN_STARTED, "P", CP, 5, 10);
    dw_event ev = make(DW_EV_CHILD_UPDATED, at(22, 9, 0));
    event_date(&ev, DW_F_CHILD_UPDATED_PERSON_DEATH_DATE, day(20));
    put(&ev);
    expect(DW_SPAN_PLAN, at(60, 0, 0), "P 5 10:00 - 20 00:00~ closed");
    expect(DW_SPAN_CASE, at(60, 0, 0), "5 10:00 - 20 00:00~ closed");
}
END_TEST

/* A personal adviser learns of it, twice: the first counts. What somebody tells of the day itself counts before either. */
START_TEST(test_found_dead)
{
    static const int64_t told[] = {DW_V_IN_TOUCH_DIED + (DW_V_IN_TOUCH_DIED == 1 ? 1 : -1), DW_V_IN_TOUCH_DIED,
                                   DW_V_IN_TOUCH_DIED};
    put_plan(DW_EV_PLAN_STARTED, "P", CP, 5, 10);
    for (int i = 0; i < 3; i++) {
        dw_event ev = make(DW_EV_PA_CONTACT, at(30 + i, 9, 0));
        event_code(&ev, DW_F_PA_CONTACT_IN_TOUCH, told[i]);
        put(&ev);
    }
    expect(DW_SPAN_PLAN, at(60, 0, 0), "P 5 10:00 - 31 00:00~ closed");
    dw_event ev = make(DW_EV_CHILD_UPDATED, at(40, 9, 0));
    event_date(&ev, DW_F_CHILD_UPDATED_PERSON_DEATH_DATE, day(20));
    put(&ev);
    expect(DW_SPAN_PLAN, at(60, 0, 0), "P 5 10:00 - 20 00:00~ closed");
}
END_TEST

START_TEST(test_workers)
{
    put_plan(DW_EV_PLAN_STARTED, "P", CP, 5, 10);
    put_worker(DW_EV_WORKER_ALLOCATED, "A", LEAD, 10, 9);
    put_worker(DW_EV_WORKER_ALLOCATED, "I", DW_V_ALLOCATION_ROLE_IRO, 11, 9);
    put_worker(DW_EV_WORKER_ALLOCATED, "B", LEAD, 20, 9);
    int64_t clock = at(60, 0, 0);
    expect(DW_SPAN_ALLOCATION, clock, "A 10 09:00 - 20 09:00 replaced; I 11 09:00; B 20 09:00");
    expect(DW_SPAN_UNALLOCATED, clock, "");
    put_worker(DW_EV_WORKER_ENDED, "A", 0, 22, 9); /* a hand-over: the end of its own counts */
    expect(DW_SPAN_ALLOCATION, clock, "A 10 09:00 - 22 09:00 fact; I 11 09:00; B 20 09:00");
    expect(DW_SPAN_UNALLOCATED, clock, "");
    put_worker(DW_EV_WORKER_ENDED, "B", LEAD, 30, 9);
    expect(DW_SPAN_UNALLOCATED, clock, "30 09:00");
    put_worker(DW_EV_WORKER_ALLOCATED, "A", LEAD, 33, 9);
    expect(DW_SPAN_UNALLOCATED, clock, "30 09:00 - 33 09:00 fact");
    put_worker(DW_EV_WORKER_ENDED, "A", LEAD, 40, 9);
    put_closed(45, 9);
    expect(DW_SPAN_UNALLOCATED, clock, "30 09:00 - 33 09:00 fact; 40 09:00 - 45 09:00 closed");
    expect(DW_SPAN_ALLOCATION, clock,
           "A 10 09:00 - 22 09:00 fact; I 11 09:00 - 45 09:00 closed; B 20 09:00 - 30 09:00 fact; "
           "A 33 09:00 - 40 09:00 fact");
}
END_TEST

START_TEST(test_workers_repeated)
{
    put_worker(DW_EV_WORKER_ALLOCATED, "A", LEAD, 10, 9);
    put_worker(DW_EV_WORKER_ALLOCATED, "A", LEAD, 15, 9); /* said twice */
    expect(DW_SPAN_ALLOCATION, at(60, 0, 0), "A 10 09:00");
    put_worker(DW_EV_WORKER_ENDED, "A", LEAD, 20, 9); /* no case is open: nobody is missed */
    expect(DW_SPAN_ALLOCATION, at(60, 0, 0), "A 10 09:00 - 20 09:00 fact");
    expect(DW_SPAN_UNALLOCATED, at(60, 0, 0), "");
}
END_TEST

/* --- arrival order and time */

static uint64_t seed;
static uint32_t draw(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 11) % below;
}

static dw_event random_event(void)
{
    static const char *const ids[] = {"A", "B", "C"};
    static const dw_event_type types[] = {DW_EV_PLAN_STARTED,      DW_EV_PLAN_ENDED,      DW_EV_PLAN_CHANGED,
                                          DW_EV_PLACEMENT_STARTED, DW_EV_PLACEMENT_ENDED, DW_EV_LEGAL_CHANGED,
                                          DW_EV_MISSING_EPISODE,   DW_EV_MISSING_EPISODE, DW_EV_CONTACT_RECEIVED,
                                          DW_EV_WORKER_ALLOCATED,  DW_EV_WORKER_ENDED,    DW_EV_CASE_CLOSED,
                                          DW_EV_REFERRAL_RECEIVED, DW_EV_CHILD_UPDATED};
    dw_event_type type = types[draw(sizeof types / sizeof types[0])];
    int64_t when = at(1 + (int)draw(40), (int)draw(24), 30 * (int)draw(2));
    dw_event ev = make(type, when);
    const char *id = ids[draw(3)];
    ev.occurred_precision = draw(4) == 0 ? DW_PRECISION_DATE : DW_PRECISION_MINUTE;
    switch (type) {
    case DW_EV_PLAN_STARTED:
    case DW_EV_PLAN_CHANGED:
    case DW_EV_PLAN_ENDED:
        event_text(&ev, DW_F_PLAN_STARTED_PLAN_ID, id);
        event_code(&ev, DW_F_PLAN_STARTED_PLAN_TYPE, 1 + draw(5));
        if (draw(3) == 0)
            event_date(&ev, DW_F_PLAN_STARTED_START_DATE, day(1 + (int)draw(40)));
        break;
    case DW_EV_PLACEMENT_STARTED:
        event_text(&ev, DW_F_PLACEMENT_STARTED_PLACEMENT_ID, id);
        event_code(&ev, DW_F_PLACEMENT_STARTED_RNE, 1 + draw(6));
        event_code(&ev, DW_F_PLACEMENT_STARTED_PLACE, draw(2) ? DW_V_PLACE_U6 : DW_V_PLACE_T2);
        break;
    case DW_EV_PLACEMENT_ENDED:
        event_text(&ev, DW_F_PLACEMENT_ENDED_PLACEMENT_ID, id);
        event_code(&ev, DW_F_PLACEMENT_ENDED_REC, draw(2) ? DW_V_REC_X1 : DW_V_REC_E4A);
        break;
    case DW_EV_LEGAL_CHANGED:
        event_code(&ev, DW_F_LEGAL_CHANGED_LS, DW_V_LEGAL_STATUS_C2);
        break;
    case DW_EV_MISSING_EPISODE:
        event_text(&ev, DW_F_MISSING_EPISODE_EPISODE_ID, id);
        event_code(&ev, DW_F_MISSING_EPISODE_PHASE, 1 + draw(draw(4) == 0 ? 5 : 4));
        if (draw(3) == 0)
            event_at(&ev, DW_F_MISSING_EPISODE_MIS_START, when - draw(100) * INT64_C(1800000000));
        if (draw(3) == 0)
            event_at(&ev, DW_F_MISSING_EPISODE_MIS_END, when + draw(100) * INT64_C(1800000000));
        break;
    case DW_EV_CONTACT_RECEIVED:
        event_text(&ev, DW_F_CONTACT_RECEIVED_CONTACT_ID, id);
        if (draw(2))
            event_at(&ev, DW_F_CONTACT_RECEIVED_DECIDED_AT, when + draw(200) * INT64_C(1800000000));
        break;
    case DW_EV_REFERRAL_RECEIVED:
        event_text(&ev, DW_F_REFERRAL_RECEIVED_REFERRAL_ID, id);
        if (draw(2))
            event_date(&ev, DW_F_REFERRAL_RECEIVED_CIN_CLOSURE_DATE, day(1 + (int)draw(40)));
        break;
    case DW_EV_WORKER_ALLOCATED:
    case DW_EV_WORKER_ENDED:
        ev.worker_ref = dw_str_from(id);
        event_code(&ev, DW_F_WORKER_ALLOCATED_ROLE, 1 + draw(2));
        break;
    case DW_EV_CHILD_UPDATED:
        event_date(&ev, DW_F_CHILD_UPDATED_PERSON_BIRTH_DATE, day_of(2003, 1, 1 + (int)draw(31)));
        break;
    default:
        break;
    }
    return ev;
}

static char story[65536];
static const char *all_spans(int64_t clock_us)
{
    size_t used = 0;
    for (int family = 0; family < DW_SPAN_FAMILIES; family++)
        used += (size_t)snprintf(story + used, sizeof story - used, "%s\n", spans((dw_span_family)family, clock_us));
    ck_assert_uint_lt(used, sizeof story - 1);
    return story;
}

/* Any arrival order gives the same spans; between now and `next_us` nothing changes. */
START_TEST(test_random_stories)
{
    static char want[sizeof story];
    int changed_at_next = 0;
    for (int round = 0; round < 40; round++) {
        seed = 0x9E3779B97F4A7C15u + (uint64_t)(_i * 40 + round) * 7919;
        dw_event events[40];
        dw_record_free(&rec);
        rec = dw_record_new(DW_STR_LIT("941"), DW_STR_LIT("c-1"));
        named = 0;
        uint32_t n = 3 + draw(37);
        for (uint32_t i = 0; i < n; i++) {
            events[i] = random_event();
            put(&events[i]);
        }
        int64_t clock = at(1 + (int)draw(60), (int)draw(24), 0);
        memcpy(want, all_spans(clock), sizeof want);
        for (int step = 0; step < 8; step++) {
            int64_t to = next(clock);
            ck_assert_int_gt(to, clock);
            if (to == DW_AT_NEVER) {
                ck_assert_str_eq(all_spans(at(4000, 0, 0)), want); /* past the 25th birthday */
                break;
            }
            ck_assert_str_eq(all_spans(to - 1), want);
            ck_assert_str_eq(all_spans(clock + (to - clock) / 2), want);
            changed_at_next += strcmp(all_spans(to), want) != 0;
            memcpy(want, story, sizeof want);
            clock = to;
        }
        memcpy(want, all_spans(clock), sizeof want);
        for (uint32_t i = n; i > 1; i--) {
            uint32_t k = draw(i);
            dw_event swap = events[i - 1];
            events[i - 1] = events[k];
            events[k] = swap;
        }
        dw_record_free(&rec);
        rec = dw_record_new(DW_STR_LIT("941"), DW_STR_LIT("c-1"));
        for (uint32_t i = 0; i < n; i++)
            put(&events[i]);
        ck_assert_str_eq(all_spans(clock), want);
    }
    ck_assert_int_gt(changed_at_next, 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("chronology");
    TCase *tc = tcase_create("chronology");
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_clock);
    tcase_add_test(tc, test_child);
    tcase_add_test(tc, test_birthdays);
    tcase_add_test(tc, test_plan);
    tcase_add_test(tc, test_case_goes_on);
    tcase_add_test(tc, test_plan_one_record);
    tcase_add_test(tc, test_plan_end_date_on_start);
    tcase_add_test(tc, test_plan_without_id);
    tcase_add_loop_test(tc, test_age, 0, sizeof ages / sizeof ages[0]);
    tcase_add_test(tc, test_case_closed);
    tcase_add_loop_test(tc, test_placement_change, 0, sizeof changes / sizeof changes[0]);
    tcase_add_test(tc, test_temporary_stay);
    tcase_add_test(tc, test_temporary_stay_ended);
    tcase_add_test(tc, test_temporary_stay_long);
    tcase_add_test(tc, test_care_ends);
    tcase_add_test(tc, test_care_by_plan);
    tcase_add_test(tc, test_care_by_status);
    tcase_add_test(tc, test_place_of_placement);
    tcase_add_test(tc, test_words);
    tcase_add_test(tc, test_families);
    tcase_add_test(tc, test_fields_of_an_episode);
    tcase_add_test(tc, test_found_dead);
    tcase_add_test(tc, test_care_at_18);
    tcase_add_test(tc, test_care_on_one_day);
    tcase_add_loop_test(tc, test_episode_gaps, 0, sizeof gaps / sizeof gaps[0]);
    tcase_add_test(tc, test_episode_reports);
    tcase_add_loop_test(tc, test_episode_end, 0, sizeof ends / sizeof ends[0]);
    tcase_add_test(tc, test_episode_date_only);
    tcase_add_test(tc, test_episode_unknown_start);
    tcase_add_loop_test(tc, test_episode_category, 0, sizeof categories / sizeof categories[0]);
    tcase_add_test(tc, test_contact);
    tcase_add_test(tc, test_referral);
    tcase_add_test(tc, test_assessment);
    tcase_add_test(tc, test_enquiry);
    tcase_add_test(tc, test_proceedings);
    tcase_add_test(tc, test_proceedings_without_id);
    tcase_add_test(tc, test_accommodation);
    tcase_add_test(tc, test_dispute);
    tcase_add_test(tc, test_level);
    tcase_add_test(tc, test_death);
    tcase_add_test(tc, test_workers);
    tcase_add_test(tc, test_workers_repeated);
    tcase_add_loop_test(tc, test_random_stories, 0, 10);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Spans from facts: the child, plans; what time alone changes, and that the order of arrival changes nothing. */

#include "tests/support/core_chronology.h"

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
    tcase_add_loop_test(tc, test_random_stories, 0, 10);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

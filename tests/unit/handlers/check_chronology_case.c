/* Spans from facts: contacts, referrals, assessments, enquiries, proceedings, levels, workers; and death. */

#include "tests/support/core_chronology.h"

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

int main(void)
{
    Suite *suite = suite_create("chronology_case");
    TCase *tc = tcase_create("chronology_case");
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_found_dead);
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
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

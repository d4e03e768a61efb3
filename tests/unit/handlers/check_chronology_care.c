/* Spans from facts: care, placements, missing episodes. */

#include "tests/support/core_chronology.h"

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
        ck_assert(dw_str_eq(dw_span_subject_kinds[f], dw_str_from(all[f].subject)));
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
    ck_assert_str_eq(dw_span_family_name((dw_span_family)-1), "?");
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

/* A plan and a stay, begun and ended at one instant: the plan's end is the end of both. */
START_TEST(test_care_of_one_instant)
{
    put_plan(DW_EV_PLAN_STARTED, "L1", CLA, 10, 12);
    put_plan(DW_EV_PLAN_ENDED, "L1", CLA, 10, 12);
    put_placement("A", 10, DW_V_RNE_S, DW_V_PLACE_U6);
    dw_event ev = make(DW_EV_PLACEMENT_ENDED, at(10, 12, 0));
    event_text(&ev, DW_F_PLACEMENT_ENDED_PLACEMENT_ID, "A");
    event_code(&ev, DW_F_PLACEMENT_ENDED_REC, DW_V_REC_X1);
    put(&ev);
    expect(DW_SPAN_PLACEMENT, at(20, 0, 0), "A 10 12:00 - 10 12:00 fact");
    const dw_chronology *chron = dw_chronology_derive(rec, at(20, 0, 0), arena);
    ck_assert_int_eq(chron->spans[DW_SPAN_PLACEMENT][0].closed_by->type, DW_EV_PLAN_ENDED);
    ck_assert_int_eq(chron->spans[DW_SPAN_CARE][0].closed_by->type, DW_EV_PLAN_ENDED);
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

int main(void)
{
    Suite *suite = suite_create("chronology_care");
    TCase *tc = tcase_create("chronology_care");
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
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
    tcase_add_test(tc, test_care_at_18);
    tcase_add_test(tc, test_care_on_one_day);
    tcase_add_test(tc, test_care_of_one_instant);
    tcase_add_loop_test(tc, test_episode_gaps, 0, sizeof gaps / sizeof gaps[0]);
    tcase_add_test(tc, test_episode_reports);
    tcase_add_loop_test(tc, test_episode_end, 0, sizeof ends / sizeof ends[0]);
    tcase_add_test(tc, test_episode_date_only);
    tcase_add_test(tc, test_episode_unknown_start);
    tcase_add_loop_test(tc, test_episode_category, 0, sizeof categories / sizeof categories[0]);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

/* check_kept.c: chronologies that are kept: what they may be extended by, what makes an end of them, and that they equal what
 * is derived anew. */

#include "handlers/kept.h"

#include "handlers/record_wire.h"
#include "tests/support/core_chronology.h"
#include "tests/support/core_same.h"

static dw_kept *kept;

static void begin(void)
{
    setup();
    kept = dw_kept_new(4);
    ck_assert_ptr_nonnull(kept);
}

static void end(void)
{
    dw_kept_free(&kept);
    ck_assert_ptr_null(kept);
    teardown();
}

/* A child with a plan, a placement, an episode that is over and visits; kept as of day 40. */
static void known_child(void)
{
    ck_assert(dw_record_reserve_facts(rec, 64));
    put_birth(2010, 5, 5);
    put_plan(DW_EV_PLAN_STARTED, "P1", CP, 2, 9);
    put_placement("pl-1", 10, 0, 0);
    put_spell("E1", at(12, 9, 0), at(13, 9, 0));
    dw_event visit = make(DW_EV_VISIT_DONE, at(20, 10, 0));
    visit.team_id = DW_STR_LIT("team-1");
    put(&visit);
    ck_assert_ptr_null(dw_kept_find(kept, rec, at(40, 0, 0)));
    ck_assert_ptr_nonnull(dw_kept_derive(kept, rec, at(40, 0, 0), arena));
}

static void put_visit(int n, int hour)
{
    dw_event visit = make(DW_EV_VISIT_DONE, at(n, hour, 0));
    put(&visit);
}

static void amend(dw_event *ev, const char *id, uint32_t revision)
{
    ev->source_record_id = dw_str_from(id);
    ev->source_revision = revision;
    put(ev);
}

/* --- what may happen to the facts; does the chronology go on? */

static void nothing(void)
{
}
static void a_later_visit(void)
{
    put_visit(21, 9);
}
static void several_later_facts(void)
{
    put_visit(21, 9);
    dw_event note = make(DW_EV_CHRONOLOGY_UPDATED, at(22, 9, 0));
    note.team_id = DW_STR_LIT("team-2");
    note.restricted = DW_ANSWER_Y;
    put(&note);
    put_visit(23, 9);
    dw_event meeting = make(DW_EV_MEETING_HELD, at(23, 10, 0));
    put(&meeting);
}
static void a_later_withdrawal(void)
{
    dw_event ev = make(DW_EV_PLAN_ENDED, at(30, 9, 0));
    ev.op = DW_OP_VOID;
    put(&ev);
}
static void an_earlier_visit(void)
{
    put_visit(19, 9);
}
static void a_visit_to_come(void)
{
    put_visit(50, 9);
}
static void a_plan(void)
{
    put_plan(DW_EV_PLAN_STARTED, "P2", CLA, 30, 9);
}
static void an_amended_visit(void)
{
    dw_event visit = make(DW_EV_VISIT_DONE, at(25, 10, 0));
    amend(&visit, "r5", 2);
}
static void a_withdrawn_visit(void)
{
    dw_event visit = make(DW_EV_VISIT_DONE, at(20, 10, 0));
    visit.op = DW_OP_VOID;
    amend(&visit, "r5", 2);
}
static void a_visit_of_another_subject(void)
{
    dw_event visit = make(DW_EV_VISIT_DONE, at(26, 10, 0));
    dw_value picked[DW_FACT_VALUES_MAX];
    dw_fact fact;
    visit.source_record_id = DW_STR_LIT("r5");
    visit.source_revision = 7;
    dw_fact_from_event(&visit, named, picked, &fact);
    picked[fact.value_count++] = (dw_value){.field = DW_F_ENV_ORIGIN, .kind = DW_VAL_STR, .s = DW_STR_LIT("941/c-9")};
    dw_fact_mark_values(&fact);
    ck_assert_int_eq(dw_record_put_fact(rec, &fact), DW_APPLIED); /* it shadows the child's own */
}
static void a_fact_less(void)
{
    bool gone[16] = {[2] = true};
    dw_record_remove(rec, gone);
}
static void room_for_more(void)
{
    ck_assert(dw_record_reserve_facts(rec, 500));
}
static void sorting(void)
{
    dw_record_sort_facts(rec);
}
static void more_than_it_has_room_for(void)
{
    for (int i = 0; i <= DW_KEPT_FACTS_MORE; i++)
        put_visit(22, i);
}
static const struct {
    void (*happens)(void);
    int on_day;
    bool goes_on;
} rows[] = {
    {nothing, 40, true},
    {nothing, 41, true},
    {nothing, 39, false},
    {nothing, 40 + 366 * 12, false}, /* of age */
    {a_later_visit, 40, true},
    {several_later_facts, 41, true},
    {a_later_withdrawal, 41, true},
    {an_earlier_visit, 41, false},
    {a_visit_to_come, 41, false},
    {a_visit_to_come, 51, true}, /* it counts by now */
    {a_plan, 41, false},
    {an_amended_visit, 41, false},
    {a_withdrawn_visit, 41, false},
    {a_visit_of_another_subject, 41, false},
    {a_fact_less, 41, false},
    {room_for_more, 41, false},
    {sorting, 41, false},
    {more_than_it_has_room_for, 41, false},
};

START_TEST(what_ends_it)
{
    known_child();
    rows[_i].happens();
    int64_t clock_us = at(rows[_i].on_day, 0, 0);
    const dw_chronology *chron = dw_kept_find(kept, rec, clock_us);
    ck_assert_int_eq(chron != NULL, rows[_i].goes_on);
    if (chron == NULL)
        chron = dw_kept_derive(kept, rec, clock_us, arena);
    same_chronology(chron, dw_chronology_derive(rec, clock_us, arena));
    same_chronology(dw_kept_find(kept, rec, clock_us), chron);
}
END_TEST

/* A decoded record is new to it, and so is every other record that lies where one lay that it knew. */
START_TEST(of_this_record_only)
{
    known_child();
    dw_encoded enc = {0};
    dw_error err = {0};
    ck_assert_int_eq(dw_record_encode(rec, NULL, &enc, &err), DW_OK);
    dw_record before = *rec;
    ck_assert_ptr_nonnull(dw_kept_find(kept, rec, at(40, 0, 0)));
    *rec = (dw_record){.arena = before.arena, .next_due_us = DW_AT_NEVER, .horizon = DW_DAY_NONE};
    rec->la_code = before.la_code;
    rec->child_ref = before.child_ref;
    ck_assert_ptr_null(dw_kept_find(kept, rec, at(40, 0, 0)));
    *rec = before;
    ck_assert_ptr_nonnull(dw_kept_find(kept, rec, at(40, 0, 0)));
    dw_record *back = NULL;
    ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len, &back, &err), DW_OK);
    ck_assert_ptr_null(dw_kept_find(kept, back, at(40, 0, 0)));
    dw_record_free(&back);
    dw_encoded_deinit(&enc);
}
END_TEST

/* It holds until the instant at which spans change by time. */
START_TEST(until_the_next_instant)
{
    known_child();
    int64_t next_us = dw_kept_find(kept, rec, at(40, 0, 0))->next_us;
    ck_assert_ptr_nonnull(dw_kept_find(kept, rec, next_us - 1));
    ck_assert_ptr_null(dw_kept_find(kept, rec, next_us));
}
END_TEST

/* Cleared, it knows nobody, and goes on. */
START_TEST(cleared)
{
    known_child();
    dw_kept_clear(kept);
    ck_assert_ptr_null(dw_kept_find(kept, rec, at(40, 0, 0)));
    dw_kept_clear(kept);
    (void)dw_kept_derive(kept, rec, at(40, 0, 0), arena);
    ck_assert_ptr_nonnull(dw_kept_find(kept, rec, at(40, 0, 0)));
}
END_TEST

/* One that is kept in two places is known in the later of them. */
START_TEST(in_one_place)
{
    dw_kept *second = dw_kept_new(1);
    known_child();
    an_earlier_visit();
    (void)dw_kept_derive(second, rec, at(40, 0, 0), arena);
    ck_assert_ptr_null(dw_kept_find(kept, rec, at(40, 0, 0)));
    same_chronology(dw_kept_find(second, rec, at(40, 0, 0)), dw_chronology_derive(rec, at(40, 0, 0), arena));
    dw_kept_free(&second);
}
END_TEST

/* In one place is the later of two children, also when that one is too big for it. */
START_TEST(another_in_its_place)
{
    dw_kept *single = dw_kept_new(1);
    dw_record *first = dw_record_new(DW_STR_LIT("941"), DW_STR_LIT("c-2"));
    dw_record *second = dw_record_new(DW_STR_LIT("941"), DW_STR_LIT("c-3"));
    ck_assert_ptr_nonnull(dw_kept_derive(single, first, at(1, 0, 0), arena));
    ck_assert_ptr_nonnull(dw_kept_derive(single, second, at(1, 0, 0), arena));
    ck_assert_ptr_null(dw_kept_find(single, first, at(1, 0, 0)));
    for (int i = 0; i < 3000 * _i; i++)
        put_visit(1 + i / 1000, i / 60 % 24);
    ck_assert_ptr_nonnull(dw_kept_derive(single, rec, at(9, 0, 0), arena));
    ck_assert_ptr_null(dw_kept_find(single, second, at(9, 0, 0)));
    dw_record_free(&first);
    dw_record_free(&second);
    dw_kept_free(&single);
}
END_TEST

/* Of a child with nothing known but what is withdrawn there are no spans to extend. */
START_TEST(a_child_of_whom_nothing_counts)
{
    dw_event gone = make(DW_EV_VISIT_DONE, at(1, 9, 0));
    gone.op = DW_OP_VOID;
    put(&gone);
    ck_assert_uint_eq(dw_kept_derive(kept, rec, at(2, 0, 0), arena)->fact_count, 0);
    put_visit(1, 10);
    ck_assert_ptr_null(dw_kept_find(kept, rec, at(2, 0, 0)));
    const dw_chronology *chron = dw_kept_derive(kept, rec, at(2, 0, 0), arena);
    ck_assert_uint_eq(chron->span_count[DW_SPAN_CHILD], 1);
}
END_TEST

/* What is longer than may be kept is derived all the same, each time. */
START_TEST(too_big_to_be_kept)
{
    known_child();
    for (int i = 0; i < 3000; i++)
        put_visit(21 + i / 1000, i / 60 % 24);
    for (int i = 0; i < 2; i++) {
        const dw_chronology *chron = dw_kept_derive(kept, rec, at(40, 0, 0), arena);
        ck_assert_ptr_nonnull(chron);
        same_chronology(chron, dw_chronology_derive(rec, at(40, 0, 0), arena));
        ck_assert_ptr_null(dw_kept_find(kept, rec, at(40, 0, 0)));
    }
}
END_TEST

/* Pages that come and go change what is known. */
START_TEST(pages)
{
    static char team[3000];
    dw_encoded enc = {0};
    dw_error err = {0};
    memset(team, 't', sizeof team);
    known_child();
    for (uint32_t i = 0; i < 20; i++) {
        dw_event visit = make(DW_EV_VISIT_DONE, at(21, 10, (int)i));
        visit.team_id = (dw_str){team, (uint32_t)sizeof team - i};
        put(&visit);
    }
    (void)dw_kept_derive(kept, rec, at(40, 0, 0), arena);
    ck_assert_ptr_nonnull(dw_kept_find(kept, rec, at(40, 0, 0)));
    ck_assert_int_eq(dw_record_encode(rec, NULL, &enc, &err), DW_OK); /* the oldest go */
    ck_assert_uint_gt(rec->page_count, 1);
    ck_assert_ptr_null(dw_kept_find(kept, rec, at(40, 0, 0)));
    dw_record *back = NULL;
    ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len, &back, &err), DW_OK);
    (void)dw_kept_derive(kept, back, at(40, 0, 0), arena);
    ck_assert_ptr_nonnull(dw_kept_find(kept, back, at(40, 0, 0)));
    for (uint32_t i = 0; i < enc.write_count; i++) {
        const uint8_t *page = enc.pages.data + enc.writes[i].start;
        ck_assert_int_eq(dw_record_attach_page(back, i, page, enc.writes[i].len, &err), DW_OK);
    }
    ck_assert_ptr_null(dw_kept_find(kept, back, at(40, 0, 0)));
    ck_assert_uint_gt(back->fact_count, 20);
    dw_record_free(&back);
    dw_encoded_deinit(&enc);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kept");
    TCase *cases = tcase_create("kept");
    tcase_add_checked_fixture(cases, begin, end);
    tcase_add_loop_test(cases, what_ends_it, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(cases, of_this_record_only);
    tcase_add_test(cases, until_the_next_instant);
    tcase_add_test(cases, cleared);
    tcase_add_test(cases, in_one_place);
    tcase_add_loop_test(cases, another_in_its_place, 0, 2);
    tcase_add_test(cases, a_child_of_whom_nothing_counts);
    tcase_add_test(cases, too_big_to_be_kept);
    tcase_add_test(cases, pages);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

// link: dw_config
/* check_rules_invented.c: keys of rules that an authority may use, each on a rule of its own invention: conditions of limits,
 * anchors, ages, agreed frequencies. No shipped rule has a part in it. */

#include "tests/support/core_tell.h"

/* A world in which one rule watches: `rule` is the rest of its mapping in YAML. */
static world *world_of_rule(const char *rule)
{
    return tell_world((const char *const[]){rule, NULL});
}

static void plan(world *w, const char *day, const char *more)
{
    char when[40], body[240];
    snprintf(when, sizeof when, "%sT02:00:00Z", day);
    snprintf(body, sizeof body, "'plan_id':'P1','plan_type':'CIN','start_date':'%s'%s", day, more);
    ev(w, when, "plan_started", body);
}

static void on(world *w, const char *day, const char *kind, const char *body)
{
    char when[40];
    snprintf(when, sizeof when, "%sT09:00:00Z", day);
    ev(w, when, kind, body);
}

static void visit(world *w, const char *day)
{
    on(w, day, "visit_done", "'visit_type':'CIN','mode':'F2F'");
}

/* The first alert that opens, if any does; ends the world. */
static void opens(world *w, const char *until, const char *due)
{
    char expect[80];
    till(w, until);
    snprintf(expect, sizeof expect, "opened XX-1 P1 %s", due != NULL ? due : "");
    if (due == NULL)
        ck_assert_str_eq(w->log, "");
    else
        ck_assert_msg(strncmp(w->log, expect, strlen(expect)) == 0, "%s, not %s", w->log, expect);
    world_free(w);
}

#define RECURRING "kind: recurring, over: plan, evidence: visit_done, "
#define DEADLINE "kind: deadline, over: plan, evidence: visit_done, "

/* --- nth: by which evidence the interval was begun */

START_TEST(limit_nth)
{
    static const char *const visits[] = {"2026-01-06", "2026-01-13", "2026-01-14", "2026-01-15"};
    world *w = world_of_rule(RECURRING "limit: [{limit: 10 days, nth: 0}, {limit: 20 days, nth: 1 to 2}, "
                                       "{limit: 40 days, nth: 3 on}]");
    static const char *const expect[] = {"2026-01-15", "2026-01-26", "2026-02-02", "2026-02-23", "2026-02-24"};
    plan(w, "2026-01-05", "");
    for (int i = 0; i < _i; i++)
        visit(w, visits[i]);
    opens(w, "2026-04-01T00:00:00Z", expect[_i]);
}
END_TEST

/* --- before: until a review was held; the running interval keeps its date (readings 11) */

START_TEST(limit_before)
{
    static const struct {
        const char *review, *visit, *due;
    } rows[] = {
        {NULL, NULL, "2026-01-12"},
        {NULL, "2026-01-10", "2026-01-17"},
        {"2026-01-10", NULL, "2026-01-12"}, /* in mid-interval */
        {"2026-01-09", "2026-01-10", "2026-02-21"},
        {"2026-01-10", "2026-01-10", "2026-02-21"},
        {"2026-01-11", "2026-01-10", "2026-01-17"},
    };
    world *w = world_of_rule(RECURRING "limit: [{limit: 7 days, before: plan_review where review_kind = CIN}, "
                                       "{limit: 42 days}]");
    plan(w, "2026-01-05", "");
    if (rows[_i].review != NULL && strcmp(rows[_i].review, "2026-01-10") <= 0)
        on(w, rows[_i].review, "plan_review", "'review_kind':'CIN'");
    if (rows[_i].visit != NULL)
        visit(w, rows[_i].visit);
    if (rows[_i].review != NULL && strcmp(rows[_i].review, "2026-01-10") > 0)
        on(w, rows[_i].review, "plan_review", "'review_kind':'CIN'");
    opens(w, "2026-04-01T00:00:00Z", rows[_i].due);
}
END_TEST

/* --- from, until: the limit in force on the day from which it counts */

START_TEST(limit_in_force)
{
    static const struct {
        const char *start, *due;
    } rows[] = {
        {"2026-01-31", "2026-02-10"},
        {"2026-02-01", "2026-02-21"},
        {"2026-02-28", "2026-03-20"},
        {"2026-03-01", "2026-03-11"},
    };
    world *w =
        world_of_rule(RECURRING "limit: [{limit: 20 days, from: 2026-02-01, until: 2026-02-28}, {limit: 10 days}]");
    plan(w, rows[_i].start, "");
    opens(w, "2026-04-01T00:00:00Z", rows[_i].due);
}
END_TEST

/* --- limit: recorded, with and without something for where nothing is */

START_TEST(limit_recorded)
{
    static const struct {
        const char *limit, *more, *due;
    } rows[] = {
        {"recorded", "", NULL},
        {"recorded", ",'visit_frequency':{'days':14,'unit':'CD'}", "2026-01-19"},
        {"recorded", ",'visit_frequency':{'days':5,'unit':'WD'}", "2026-01-12"},
        {"{limit: recorded, gap: 7 days}", "", "2026-01-12"},
        {"{limit: recorded, gap: 7 days}", ",'visit_frequency':{'days':14,'unit':'CD'}", "2026-01-19"},
        {"recorded", ",'visit_frequency':{'days':14,'from':'2026-01-06'}", NULL}, /* not in force yet */
    };
    char rule[240];
    snprintf(rule, sizeof rule, RECURRING "recorded_frequency: visit_frequency, limit: %s", rows[_i].limit);
    world *w = world_of_rule(rule);
    plan(w, "2026-01-05", rows[_i].more);
    opens(w, "2026-04-01T00:00:00Z", rows[_i].due);
}
END_TEST

/* The frequency of other spans that are open on the day. */
START_TEST(frequency_of_others)
{
    static const struct {
        const char *day, *more, *due;
    } rows[] = {
        {"2026-01-05", "'plan_type':'CLA','visit_frequency':{'days':3}", "2026-01-08"},
        {"2026-01-05", "'plan_type':'CP','visit_frequency':{'days':3}", "2026-01-15"},
        {"2026-01-06", "'plan_type':'CLA','visit_frequency':{'days':3}", "2026-01-15"},
    };
    char body[160];
    world *w = world_of_rule("kind: recurring, over: plan where plan_type = CIN, evidence: visit_done, limit: 10 days, "
                             "recorded_frequency: {field: visit_frequency, of: plan where plan_type = CLA}");
    plan(w, "2026-01-05", "");
    snprintf(body, sizeof body, "'plan_id':'P2',%s", rows[_i].more);
    on(w, rows[_i].day, "plan_started", body);
    opens(w, "2026-04-01T00:00:00Z", rows[_i].due);
}
END_TEST

/* --- once: from a span that begins in this one */

START_TEST(limit_once)
{
    static const struct {
        const char *s47, *due;
    } rows[] = {{NULL, "2026-01-25"}, {"2026-01-10", "2026-01-12"}, {"2026-01-25", "2026-01-25"}};
    world *w = world_of_rule(DEADLINE "strictest: true, limit: [{limit: 2 days, once: s47}, {limit: 20 days}]");
    plan(w, "2026-01-05", "");
    if (rows[_i].s47 != NULL)
        on(w, rows[_i].s47, "s47_started", "'s47_id':'S1'");
    opens(w, "2026-04-01T00:00:00Z", rows[_i].due);
}
END_TEST

/* --- anchors */

START_TEST(anchor_nth_and_zero_days)
{
    static const char *const due[] = {NULL, NULL, "2026-01-12", "2026-01-12"}; /* a third changes nothing */
    static const char *const meetings[] = {"2026-01-05", "2026-01-12", "2026-01-14"};
    world *w = world_of_rule(DEADLINE "counts_from: nth 2 meeting_held where kind = PPM, limit: 0 days");
    plan(w, "2026-01-05", "");
    for (int i = 0; i < _i; i++)
        on(w, meetings[i], "meeting_held", "'kind':'PPM'");
    opens(w, "2026-01-14T12:00:00Z", due[_i]);
}
END_TEST

/* A birthday after the start of the plan, the later of both, a list that falls back. */
START_TEST(anchor_birthday)
{
    static const struct {
        const char *from, *born, *due;
    } rows[] = {
        {"birthday 10", "2016-01-20", "2026-01-30"},
        {"birthday 10", "2016-01-05", NULL}, /* on the first day */
        {"birthday 10", "2015-06-01", NULL},
        {"birthday 10", NULL, NULL},
        {"birthday 10", "2016-06-20", NULL}, /* still to come */
        {"later of start, birthday 10", "2016-01-20", "2026-01-30"},
        {"later of start, birthday 10", "2015-06-01", "2026-01-15"},
        {"later of start, birthday 10", NULL, NULL},
        {"[birthday 10, start]", NULL, "2026-01-15"},
        {"[birthday 10, start]", "2016-01-20", "2026-01-15"}, /* from the start, until the birthday comes */
    };
    char rule[240], body[80];
    snprintf(rule, sizeof rule, DEADLINE "counts_from: %s%s%s, limit: 10 days", rows[_i].from[0] == 'l' ? "'" : "",
             rows[_i].from, rows[_i].from[0] == 'l' ? "'" : "");
    world *w = world_of_rule(rule);
    if (rows[_i].born != NULL) {
        snprintf(body, sizeof body, "'person_birth_date':'%s'", rows[_i].born);
        on(w, "2026-01-02", "child_updated", body);
    }
    plan(w, "2026-01-05", "");
    opens(w, "2026-04-01T00:00:00Z", rows[_i].due);
}
END_TEST

/* A duty for each event; evidence of before it is for another. */
START_TEST(anchor_each)
{
    static const char *const due[] = {"2026-01-17", "2026-01-22", NULL};
    static const char *const visits[] = {"2026-01-08", "2026-01-13"};
    world *w = world_of_rule(DEADLINE "counts_from: each meeting_held where kind = PPM, limit: 10 days");
    plan(w, "2026-01-05", "");
    on(w, "2026-01-07", "meeting_held", "'kind':'PPM'");
    if (_i > 0)
        visit(w, visits[0]);
    on(w, "2026-01-12", "meeting_held", "'kind':'PPM'");
    if (_i > 1)
        visit(w, visits[1]);
    opens(w, "2026-04-01T00:00:00Z", due[_i]);
}
END_TEST

START_TEST(evidence_after_the_anchor)
{
    world *w = world_of_rule(_i == 0 ? DEADLINE "counts_from: birthday 10, evidence_after_anchor: true, limit: 10 days"
                                     : DEADLINE "counts_from: birthday 10, limit: 10 days");
    on(w, "2026-01-02", "child_updated", "'person_birth_date':'2016-01-20'");
    plan(w, "2026-01-05", "");
    visit(w, "2026-01-19");
    opens(w, "2026-04-01T00:00:00Z", _i == 0 ? "2026-01-30" : NULL);
}
END_TEST

/* --- age of the rule */

START_TEST(age_of_rule)
{
    static const struct {
        const char *age, *born, *visit, *due;
    } rows[] = {
        {"from 10", "2016-01-20", NULL, "2026-01-30"},
        {"from 10", "2016-01-20", "2026-01-19", "2026-01-30"}, /* of before it: does not count */
        {"from 10", "2016-01-20", "2026-01-20", "2026-01-30"},
        {"from 10", "2016-01-20", "2026-01-22", "2026-02-01"},
        {"from 10", NULL, NULL, NULL},
        {"from 0", NULL, NULL, "2026-01-15"}, /* nobody said that it is not born */
        {"until 10", "2016-01-20", NULL, "2026-01-15"},
        {"until 10", "2016-01-15", NULL, NULL}, /* ten on the due date */
        {"until 10", "2016-01-05", NULL, NULL},
        {"until 10", NULL, NULL, NULL},
    };
    char rule[240], body[80];
    snprintf(rule, sizeof rule, RECURRING "age: %s, limit: 10 days", rows[_i].age);
    world *w = world_of_rule(rule);
    if (rows[_i].born != NULL) {
        snprintf(body, sizeof body, "'person_birth_date':'%s'", rows[_i].born);
        on(w, "2026-01-02", "child_updated", body);
    }
    plan(w, "2026-01-05", "");
    if (rows[_i].visit != NULL)
        visit(w, rows[_i].visit);
    opens(w, "2026-04-01T00:00:00Z", rows[_i].due);
}
END_TEST

/* --- counts_from a breach, of a child of whom one record is known */

/* It opens the plan and meets the duty, in time. */
START_TEST(one_record_is_all)
{
    world *w = tell_world((const char *const[]){
        "kind: recurring, over: plan, counts_from: field aware_on, evidence: plan_started, limit: 10 days",
        "kind: deadline, over: child, counts_from: breach of XX-1, limit: 2 days, evidence: oversight_recorded", NULL});
    ev(w, "2026-03-02T10:00:00Z", "plan_started",
       "'plan_id':'P1','plan_type':'PF','start_date':'2026-03-01','aware_on':'2026-02-25'");
    saw(w, "");
    till(w, "2026-03-15T00:00:00Z");
    ck_assert_ptr_nonnull(strstr(w->log, "opened XX-2 P1 2026-03-14"));
    world_free(w);
}
END_TEST

/* What was missed lies in a part of the span that is over, while the span runs on. */
static world *outside_a_plan(void)
{
    return tell_world((const char *const[]){
        "kind: deadline, over: child, outside: plan where plan_type = CP, evidence: visit_done, limit: 5 days, raises: "
        "warning",
        "kind: deadline, over: child, counts_from: breach of XX-1, limit: 2 days, evidence: oversight_recorded", NULL});
}

START_TEST(a_part_that_is_over)
{
    static const char plan[] = "'plan_id':'P1','plan_type':'CP','start_date':'2026-01-20'";
    world *w = outside_a_plan();
    if (_i == 0) { /* told long after */
        ev_late(w, "2026-02-10T09:00:00Z", "2026-01-05T09:00:00Z", "plan_changed", plan);
        saw(w, "opened XX-2 - 2026-01-13 @2026-02-10T09:00Z");
    } else { /* told at once: the alert stays when the plan begins */
        ev(w, "2026-01-05T09:00:00Z", "plan_changed", plan);
        till(w, "2026-01-15T00:00:00Z");
        saw(w, "opened XX-2 - 2026-01-13 @2026-01-14T00:00Z");
        till(w, "2026-01-22T00:00:00Z");
        ck_assert_ptr_null(strstr(w->log, "resolved"));
    }
    world_free(w);
}
END_TEST

/* What the only record says of a plan holds from the day on which it says that the plan began: no part of it is over. */
START_TEST(no_part_before_the_only_record)
{
    world *w = tell_world((const char *const[]){
        "kind: deadline, over: plan where temporary_ola = Y, phases: true, evidence: visit_done, limit: 60 days, "
        "raises: "
        "warning",
        "kind: deadline, over: child, counts_from: breach of XX-1, limit: 2 days, evidence: oversight_recorded", NULL});
    ev(w, "2026-02-10T09:00:00Z", "plan_changed",
       "'plan_id':'P1','plan_type':'CP','start_date':'2026-01-05','temporary_ola':'Y'");
    till(w, "2026-03-09T00:00:00Z");
    saw(w, "");
    till(w, "2026-03-10T00:00:00Z");
    saw(w, "opened XX-2 P1 2026-03-09 @2026-03-10T00:00Z");
    world_free(w);
}
END_TEST

#define ROWS(test, n) tcase_add_loop_test(tc, test, 0, n)

int main(void)
{
    Suite *suite = suite_create("rules_invented");
    TCase *tc = tcase_create("keys");
    ROWS(limit_nth, 5);
    tcase_add_test(tc, one_record_is_all);
    ROWS(a_part_that_is_over, 2);
    tcase_add_test(tc, no_part_before_the_only_record);
    ROWS(limit_before, 6);
    ROWS(limit_in_force, 4);
    ROWS(limit_recorded, 6);
    ROWS(frequency_of_others, 3);
    ROWS(limit_once, 3);
    ROWS(anchor_nth_and_zero_days, 4);
    ROWS(anchor_birthday, 10);
    ROWS(anchor_each, 3);
    ROWS(evidence_after_the_anchor, 2);
    ROWS(age_of_rule, 10);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

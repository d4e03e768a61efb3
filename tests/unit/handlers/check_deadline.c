/* check_deadline.c: what a deadline may ask for, and duties that follow missed ones, on invented rules. */

#include "tests/unit/handlers/small_policy.h"

/* Within five working days of a contact. */
static dw_rule *add_deadline(dw_policy *policy, const char *id)
{
    dw_rule *rule = add_visits(policy, id);
    rule->kind = DW_RULE_DEADLINE;
    rule->from_start = false;
    rule->over = (dw_span_selector){.family = DW_SPAN_CONTACT};
    rule->evidence[0] = (dw_clause){.type = DW_EV_EARLY_HELP_STARTED, .link = field_ref(policy, "contact_id")};
    rule->limits[0].n = 5;
    return rule;
}

static void contact(world *w) /* received Thu 8 Jan 2026, decided the day after; due 15 Jan */
{
    ev(w, "2026-01-08T10:00:00Z", "contact_received", "'contact_id':'K1'");
    give(w, "2026-01-09T10:00:00Z", "2026-01-08T10:00:00Z", "r1", 2, "amend", "", "contact_received",
         "'contact_id':'K1','decided_at':'2026-01-09T10:00:00Z'");
}

static world *deadline_world(void (*change)(dw_policy *policy, dw_rule *rule))
{
    dw_policy *policy = small_policy_open(1);
    dw_rule *rule = add_deadline(policy, "DE-1");
    change(policy, rule);
    small_policy_seal(policy);
    return world_new(policy);
}

/* --- outlives_span */

static void outlive(dw_policy *policy, dw_rule *rule)
{
    (void)policy;
    rule->outlives_span = true;
}

START_TEST(outlives_its_span)
{
    static const struct {
        const char *when, *event, *body, *want;
    } rows[] = {
        {"2026-01-20T10:00:00Z", "early_help_started", "'contact_id':'K1'", "2026-01-20T10:00Z done_late"},
        {"2026-01-20T10:00:00Z", "case_closed", "", "2026-01-20T10:00Z superseded_overdue"},
        {"2026-01-20T10:00:00Z", "child_updated", "'person_birth_date':'2008-01-17'",
         "2026-01-20T10:00Z superseded_overdue"},
        {"2026-01-20T10:00:00Z", "child_updated", "'person_death_date':'2026-01-19'",
         "2026-01-20T10:00Z superseded_overdue"},
    };
    world *w = deadline_world(outlive);
    char want[160];
    contact(w);
    till_us(w, instant("2026-01-16T00:00:00Z") - 1);
    saw(w, "");
    till(w, "2026-01-16T00:00:00Z");
    saw(w, "opened DE-1 K1 2026-01-15 @2026-01-16T00:00Z");
    ev(w, rows[_i].when, rows[_i].event, rows[_i].body);
    snprintf(want, sizeof want, "resolved DE-1 K1 2026-01-15 @%s", rows[_i].want);
    saw(w, want);
    world_free(w);
}
END_TEST

static void as_it_is(dw_policy *policy, dw_rule *rule)
{
    (void)policy;
    (void)rule;
}

START_TEST(ends_with_its_span)
{
    world *w = deadline_world(as_it_is);
    contact(w);
    till(w, "2026-02-16T00:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

/* --- the n-th evidence, clauses with dates, evidence of any time, rests */

static void second(dw_policy *policy, dw_rule *rule)
{
    (void)policy;
    rule->outlives_span = true;
    rule->evidence_nth = 2;
}

START_TEST(nth_evidence)
{
    world *w = deadline_world(second);
    contact(w);
    ev(w, "2026-01-12T10:00:00Z", "early_help_started", "'contact_id':'K1'");
    if (_i == 0)
        ev(w, "2026-01-15T23:00:00Z", "early_help_started", "'contact_id':'K1'");
    till(w, "2026-01-16T00:00:00Z");
    saw(w, _i == 0 ? "" : "opened DE-1 K1 2026-01-15 @2026-01-16T00:00Z");
    world_free(w);
}
END_TEST

static void some_days(dw_policy *policy, dw_rule *rule)
{
    (void)policy;
    rule->outlives_span = true;
    rule->evidence[0].from_day = date("2026-01-12");
    rule->evidence[0].until_day = date("2026-01-14");
}

START_TEST(clause_with_dates)
{
    static const struct {
        const char *when;
        bool counts;
    } rows[] = {{"2026-01-11T10:00:00Z", false},
                {"2026-01-12T00:00:00Z", true},
                {"2026-01-14T23:59:00Z", true},
                {"2026-01-15T00:00:00Z", false}};
    world *w = deadline_world(some_days);
    contact(w);
    ev(w, rows[_i].when, "early_help_started", "'contact_id':'K1'");
    till(w, "2026-01-16T00:00:00Z");
    saw(w, rows[_i].counts ? "" : "opened DE-1 K1 2026-01-15 @2026-01-16T00:00Z");
    world_free(w);
}
END_TEST

static void any_time(dw_policy *policy, dw_rule *rule)
{
    (void)policy;
    rule->outlives_span = true;
    rule->evidence[0].any_time = true;
}

START_TEST(evidence_of_any_time)
{
    world *w = deadline_world(_i == 0 ? any_time : outlive);
    ev(w, "2026-01-02T10:00:00Z", "early_help_started", "'contact_id':'K1'");
    ev(w, "2026-01-08T10:00:00Z", "contact_received", "'contact_id':'K1'");
    till(w, "2026-01-16T00:00:00Z");
    saw(w, _i == 0 ? "" : "opened DE-1 K1 2026-01-15 @2026-01-16T00:00Z");
    world_free(w);
}
END_TEST

static void rest(dw_policy *policy, dw_rule *rule)
{
    (void)policy;
    rule->rests[0] = (dw_span_selector){.family = DW_SPAN_PLAN};
    rule->rest_count = 1;
}

START_TEST(rests_beside_a_plan)
{
    static const struct {
        const char *began, *want; /* the plan beside it, and what was said before and when it ended */
    } rows[] = {
        {"2026-01-14T10:00:00Z", "opened DE-1 K1 2026-01-15 @2026-01-22T10:00Z"}, /* owed again once it has ended */
        {"2026-01-16T10:00:00Z", "opened DE-1 K1 2026-01-15 @2026-01-16T00:00Z\n"
                                 "resolved DE-1 K1 2026-01-15 @2026-01-16T10:00Z superseded_overdue\n"
                                 "reopened DE-1 K1 2026-01-15 @2026-01-22T10:00Z g2"},
    };
    world *w = deadline_world(rest);
    ev(w, "2026-01-08T10:00:00Z", "contact_received", "'contact_id':'K1'");
    ev(w, rows[_i].began, "plan_started", "'plan_id':'P1','plan_type':'CP'");
    ev(w, "2026-01-22T10:00:00Z", "plan_ended", "'plan_id':'P1'");
    saw(w, rows[_i].want);
    world_free(w);
}
END_TEST

/* --- met by being written up */

static void recording(dw_policy *policy, dw_rule *rule)
{
    (void)policy;
    rule->over = (dw_span_selector){.family = DW_SPAN_CHILD, .each = true, .each_type = DW_EV_VISIT_DONE};
    rule->met_by = DW_MET_BY_RECORDING;
    rule->evidence_count = 0;
    rule->raises = DW_RAISES_FLAG;
}

START_TEST(met_by_recording)
{
    static const struct {
        const char *told, *more;
        bool flagged;
    } rows[] = {{"2026-01-15T23:59:59Z", "'recorded_at':'2026-01-15T23:59:59Z'", false},
                {"2026-01-16T00:00:00Z", "'recorded_at':'2026-01-16T00:00:00Z'", true},
                {"2026-01-16T00:00:00Z", "", false}}; /* nobody says when: nothing is held against it */
    world *w = deadline_world(recording);
    give(w, rows[_i].told, "2026-01-08T10:00:00Z", "V", 1, "create", rows[_i].more, "visit_done", "");
    saw(w, rows[_i].flagged ? "flagged DE-1 - 2026-01-15 @2026-01-16T00:00Z" : "");
    world_free(w);
}
END_TEST

/* --- duties that follow missed ones */

static dw_rule *add_follower(dw_policy *policy, const char *id, const char *source)
{
    dw_rule *rule = add_deadline(policy, id);
    dw_str *ids = dw_arena_alloc(dw_policy_arena(policy), sizeof *ids);
    *ids = dw_str_from(source);
    rule->over = (dw_span_selector){.family = DW_SPAN_CHILD};
    rule->anchor = DW_ANCHOR_BREACH;
    rule->breach_ids = ids;
    rule->breach_id_count = 1;
    rule->evidence[0] = (dw_clause){.type = DW_EV_OVERSIGHT_RECORDED};
    return rule;
}

/* Of a deadline, and of what follows itself: each a day after the limit of the one before. */
START_TEST(follows_what_follows)
{
    dw_policy *policy = small_policy_open(1);
    outlive(policy, add_deadline(policy, "DE-1"));
    add_follower(policy, "FO-1", "DE-1");
    add_follower(policy, "FO-2", "FO-1");
    small_policy_seal(policy);
    world *w = world_new(policy);
    contact(w);
    till(w, "2026-01-31T00:00:00Z"); /* 16 Jan + 5 = 23 Jan; 24 Jan (Sat) + 5 = 30 Jan */
    saw(w, "opened DE-1 K1 2026-01-15 @2026-01-16T00:00Z\n"
           "opened FO-1 K1 2026-01-23 @2026-01-24T00:00Z\n"
           "opened FO-2 K1 2026-01-30 @2026-01-31T00:00Z");
    ev(w, "2026-01-31T10:00:00Z", "oversight_recorded", "");
    saw(w, "resolved FO-1 K1 2026-01-23 @2026-01-31T10:00Z done_late\n"
           "resolved FO-2 K1 2026-01-30 @2026-01-31T10:00Z done_late");
    world_free(w);
}
END_TEST

START_TEST(sealing_refuses)
{
    static const struct {
        const char *first, *second, *want;
    } rows[] = {{"FO-1", "FO-1", "rule FO-1 waits for itself"},
                {"FO-2", "FO-1", "rule FO-1 waits for itself"},
                {"MI-03", "FO-1", "rule FO-1: nothing follows a missed MI-03: it is no duty with limits of its own"}};
    dw_policy *policy = small_policy_open(1);
    dw_error err = {0};
    add_episodes(policy, "MI-03");
    add_follower(policy, "FO-1", rows[_i].first);
    add_follower(policy, "FO-2", rows[_i].second);
    ck_assert_int_eq(dw_policy_seal(policy, &err), DW_E_CONFIG);
    ck_assert_str_eq(err.text, rows[_i].want);
    dw_policy_unref(&policy);
}
END_TEST

/* Folding keeps what is not explained yet, and lets go of the rest: two years of visits, one missed and explained, one missed
 * and not. */
START_TEST(folded)
{
    dw_policy *policy = small_policy_open(1);
    add_visits(policy, "CP-07");
    add_follower(policy, "FO-1", "CP-07");
    small_policy_seal(policy);
    world *w = world_new(policy);
    dw_encoded enc = {0};
    dw_error err = {0};
    w->only = "FO-1";
    ev(w, "2026-01-05T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    for (int32_t day = date("2026-01-12"), n = 0; day < date("2027-12-01"); day += n == 20 || n == 40 ? 28 : 7, n++) {
        char when[40], text[16];
        dw_date_format(day, text);
        snprintf(when, sizeof when, "%sT10:00:00Z", text);
        ev(w, when, "visit_done", "'mode':'F2F','plan_id':'P1'");
        if (n == 21)
            ev(w, when, "oversight_recorded", "");
        dw_record *back = NULL;
        dw_encoded_reset(&enc);
        ck_assert_int_eq(dw_record_encode(w->rec, w->policy, &enc, &err), DW_OK);
        ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len, &back, &err), DW_OK);
        dw_record_free(&w->rec);
        w->rec = back;
    }
    ck_assert_uint_gt(w->rec->page_count, 0);
    ck_assert_uint_lt(w->rec->fact_count, 60); /* of a hundred */
    saw(w, "opened FO-1 P1 2026-06-23 @2026-06-23T23:00Z\n"
           "resolved FO-1 P1 2026-06-23 @2026-06-29T10:00Z done_late\n"
           "opened FO-1 P1 2026-12-01 @2026-12-02T00:00Z g2");
    ev(w, "2027-12-05T10:00:00Z", "oversight_recorded", "");
    saw(w, "resolved FO-1 P1 2026-12-01 @2027-12-05T10:00Z g2 done_late");
    dw_encoded_deinit(&enc);
    world_free(w);
}
END_TEST

#define ROWS(test, n) tcase_add_loop_test(tc, test, 0, n)

int main(void)
{
    Suite *suite = suite_create("deadline");
    TCase *tc = tcase_create("deadline");
    ROWS(outlives_its_span, 4);
    tcase_add_test(tc, ends_with_its_span);
    ROWS(nth_evidence, 2);
    ROWS(clause_with_dates, 4);
    ROWS(evidence_of_any_time, 2);
    ROWS(rests_beside_a_plan, 2);
    ROWS(met_by_recording, 3);
    tcase_add_test(tc, follows_what_follows);
    ROWS(sealing_refuses, 3);
    tcase_add_test(tc, folded);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

/* check_counts.c: what counts and parts can say that no shipped rule has on by default; on invented rules. */

#include "tests/unit/handlers/small_policy.h"

static void visit(world *w, const char *day, const char *plan, const char *seen)
{
    char when[40], body[200];
    snprintf(when, sizeof when, "%sT10:00:00Z", day);
    snprintf(body, sizeof body, "'visit_type':'CP','mode':'F2F','child_seen':'Y','plan_id':'%s','bedroom_seen':'%s'",
             plan, seen);
    ev(w, when, "visit_done", body);
}

static void cp_plan(world *w, const char *day, const char *id)
{
    char when[40], body[200];
    snprintf(when, sizeof when, "%sT09:00:00Z", day);
    snprintf(body, sizeof body, "'plan_id':'%s','plan_type':'CP'", id);
    ev(w, when, "plan_started", body);
}

/* Two visits in a row without the bedroom, for each plan by itself, until one with it. */
static world *bedrooms(void)
{
    dw_policy *policy = small_policy_open(1);
    dw_rule *rule = add_visits(policy, "X-1");
    rule->kind = DW_RULE_COUNT;
    rule->limit_count = 0;
    rule->threshold = 2;
    rule->window_ever = true;
    rule->within_span = true;
    rule->until = DW_UNTIL_ANSWERED;
    rule->answer_clears = true;
    rule->evidence[0].where = pred_value(policy, DW_PRED_IN, "bedroom_seen", DW_V_ANSWER_N);
    rule->answer[0] = rule->evidence[0];
    rule->answer[0].where = pred_value(policy, DW_PRED_IN, "bedroom_seen", DW_V_ANSWER_Y);
    rule->answer_count = 1;
    small_policy_seal(policy);
    return world_new(policy);
}

START_TEST(within_a_span_until_cleared)
{
    world *w = bedrooms();
    cp_plan(w, "2026-01-05", "A");
    cp_plan(w, "2026-01-05", "B");
    visit(w, "2026-01-06", "A", "N");
    visit(w, "2026-01-07", "B", "N"); /* of another plan */
    saw(w, "");
    visit(w, "2026-01-13", "A", "N");
    saw(w, "opened X-1 A - @2026-01-13T10:00Z x2");
    visit(w, "2027-06-14", "A", "N"); /* no window */
    saw(w, "revised X-1 A - @2027-06-14T10:00Z x3");
    visit(w, "2027-06-21", "A", "Y");
    saw(w, "resolved X-1 A - @2027-06-21T10:00Z x3 answered");
    visit(w, "2027-06-28", "A", "N");
    saw(w, "");
    visit(w, "2027-07-05", "A", "N");
    saw(w, "opened X-1 A - @2027-07-05T10:00Z g2 x2");
    ev(w, "2027-07-06T10:00:00Z", "plan_ended", "'plan_id':'A'");
    saw(w, "resolved X-1 A - @2027-07-06T10:00Z g2 x2 superseded_overdue");
    world_free(w);
}
END_TEST

/* Folding loses neither the visits since the last answer nor the answer. */
START_TEST(what_is_counted_stays)
{
    world *w = bedrooms();
    cp_plan(w, "2024-01-05", "A");
    visit(w, "2024-01-12", "A", "Y");
    visit(w, "2024-01-19", "A", "N");
    for (int i = 0; i < 200; i++) {
        char when[40];
        snprintf(when, sizeof when, "2024-0%d-%02dT11:%02d:00Z", 2 + i / 28 % 6, 1 + i % 28, i % 60);
        ev(w, when, "oversight_recorded", "");
    }
    till(w, "2025-06-01T00:00:00Z");
    ev(w, "2025-06-01T00:00:00Z", "oversight_recorded", "");
    dw_encoded enc = {0};
    dw_error err = {0};
    ck_assert_int_eq(dw_record_encode(w->rec, w->policy, &enc, &err), DW_OK);
    ck_assert_uint_gt(enc.write_count, 0); /* something was folded */
    dw_record_free(&w->rec);
    ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len, &w->rec, &err), DW_OK);
    dw_encoded_deinit(&enc);
    visit(w, "2025-06-02", "A", "N");
    saw(w, "opened X-1 A - @2025-06-02T10:00Z x2");
    world_free(w);
}
END_TEST

START_TEST(raises_less_than_an_alert)
{
    static const dw_raises raises[] = {DW_RAISES_WARNING, DW_RAISES_NOTHING};
    static const dw_ob_state states[] = {DW_OB_WARNED, DW_OB_OVERDUE};
    dw_policy *policy = small_policy_open(1);
    add_visits(policy, "X-1")->raises = raises[_i];
    small_policy_seal(policy);
    world *w = world_new(policy);
    cp_plan(w, "2026-01-05", "A");
    till(w, "2026-03-05T00:00:00Z");
    saw(w, "");
    dw_arena *arena = dw_arena_new(1 << 20);
    const dw_obligations *obs = dw_evaluate(dw_chronology_derive(w->rec, w->clock_us, arena), w->policy, arena);
    ck_assert_uint_eq(obs->count, 1);
    ck_assert_int_eq(obs->items[0].state, states[_i]);
    dw_arena_free(&arena);
    world_free(w);
}
END_TEST

/* A missed duty that only is to be marked: met late is as good a mark as not met at all, and there is no end to it. */
START_TEST(flag_of_a_deadline)
{
    dw_policy *policy = small_policy_open(1);
    dw_rule *rule = add_visits(policy, "X-1");
    rule->kind = DW_RULE_DEADLINE;
    rule->raises = DW_RAISES_FLAG;
    small_policy_seal(policy);
    world *w = world_new(policy);
    cp_plan(w, "2026-01-05", "A");
    cp_plan(w, "2026-01-05", "B");
    visit(w, "2026-01-06", "B", "N");
    till(w, "2026-01-20T00:00:00Z");
    saw(w, "flagged X-1 A 2026-01-19 @2026-01-20T00:00Z");
    visit(w, "2026-01-21", "A", "N");
    ev(w, "2026-01-22T10:00:00Z", "plan_ended", "'plan_id':'A'");
    saw(w, "");
    world_free(w);
}
END_TEST

START_TEST(one_of_those_that_began_in_care)
{
    dw_policy *policy = small_policy_open(1);
    dw_rule *rule = add_episodes(policy, "X-1");
    rule->threshold = 1;
    rule->window_ever = true;
    rule->until = DW_UNTIL_FLAG;
    rule->raises = DW_RAISES_FLAG;
    rule->answer_count = 0;
    rule->has_at_start = true;
    rule->at_start_open = (dw_span_selector){.family = DW_SPAN_CARE};
    small_policy_seal(policy);
    world *w = world_new(policy);
    ev(w, "2026-01-05T10:00:00Z", "missing_episode",
       "'episode_id':'M1','phase':'CLOSED','mis_start':'2026-01-04T10:00:00Z','mis_end':'2026-01-05T10:00:00Z'");
    ev(w, "2026-01-06T10:00:00Z", "placement_started",
       "'placement_id':'P','rne':'S','place':'U4','ls':'C2','decom':'2026-01-06'");
    saw(w, "");
    ev(w, "2026-02-05T10:00:00Z", "missing_episode",
       "'episode_id':'M2','phase':'CLOSED','mis_start':'2026-02-04T10:00:00Z','mis_end':'2026-02-05T10:00:00Z'");
    saw(w, "flagged X-1 M2 - @2026-02-05T10:00Z");
    world_free(w);
}
END_TEST

/* A span of each event belongs to what the event names; the child else. */
START_TEST(each_event_has_its_owner)
{
    dw_policy *policy = small_policy_open(1);
    dw_rule *rule = add_visits(policy, "X-1");
    rule->kind = DW_RULE_COUNT;
    rule->evidence_count = rule->limit_count = 0;
    rule->count_spans = true;
    rule->over = (dw_span_selector){.family = DW_SPAN_CHILD, .each = true, .each_type = DW_EV_VISIT_DONE};
    rule->over.where = pred_value(policy, DW_PRED_IN, "bedroom_seen", DW_V_ANSWER_N);
    rule->threshold = 1;
    rule->window_ever = true;
    rule->until = DW_UNTIL_FLAG;
    rule->raises = DW_RAISES_FLAG;
    small_policy_seal(policy);
    world *w = world_new(policy);
    visit(w, "2026-01-06", "A", "Y");
    saw(w, "");
    visit(w, "2026-01-07", "A", "N");
    saw(w, "flagged X-1 A - @2026-01-07T10:00Z");
    ev(w, "2026-01-08T10:00:00Z", "visit_done", "'bedroom_seen':'N'");
    saw(w, "flagged X-1 - - @2026-01-08T10:00Z");
    world_free(w);
}
END_TEST

/* Two clocks under one id: the older missed duty makes the alert, and they are asked together. */
START_TEST(two_parts_meet_at_a_subject)
{
    dw_policy *policy = small_policy_open(1);
    add_visits(policy, "X-1");
    dw_rule *other = add_visits(policy, "X-1");
    other->part = 1;
    other->limits[0] = (dw_limit){.n = 20, .unit = DW_UNIT_DAYS};
    other->evidence[0].where = pred_value(policy, DW_PRED_IN, "bedroom_seen", DW_V_ANSWER_Y);
    small_policy_seal(policy);
    ck_assert_uint_eq(dw_policy_find_rule(policy, DW_STR_LIT("X-1"))->part, 0);
    ck_assert_uint_eq(dw_policy_find_rule(policy, DW_STR_LIT("X-1"))->parts, 2);
    world *w = world_new(policy);
    cp_plan(w, "2026-01-05", "A");
    till(w, "2026-01-20T00:00:00Z");
    saw(w, "opened X-1 A 2026-01-19 @2026-01-20T00:00Z");
    till(w, "2026-01-26T00:00:00Z"); /* the other is late, too */
    saw(w, "");
    visit(w, "2026-01-27", "A", "N"); /* meets the one only */
    saw(w, "revised X-1 A 2026-01-25 @2026-01-27T10:00Z");
    visit(w, "2026-01-28", "A", "Y");
    saw(w, "resolved X-1 A 2026-01-25 @2026-01-28T10:00Z done_late");
    world_free(w);
}
END_TEST

/* Two clocks of which one alerts and the other does not: that it was late first does not hide the alert. */
START_TEST(two_parts_of_which_one_alerts)
{
    static const dw_raises others[] = {DW_RAISES_WARNING, DW_RAISES_NOTHING};
    dw_policy *policy = small_policy_open(1);
    add_visits(policy, "X-1");
    dw_rule *other = add_visits(policy, "X-1");
    other->part = 1;
    other->raises = others[_i];
    other->limits[0] = (dw_limit){.n = 5, .unit = DW_UNIT_DAYS};
    small_policy_seal(policy);
    world *w = world_new(policy);
    cp_plan(w, "2026-01-05", "A");
    till(w, "2026-01-20T00:00:00Z");
    saw(w, "opened X-1 A 2026-01-19 @2026-01-20T00:00Z");
    ev(w, "2026-01-20T12:00:00Z", "visit_done", "'visit_type':'CP','mode':'PHONE'"); /* both are asked again */
    saw(w, "");
    dw_arena *arena = dw_arena_new(1 << 20); /* nor when all is told: it comes first */
    const dw_obligations *obs = dw_evaluate(dw_chronology_derive(w->rec, w->clock_us, arena), w->policy, arena);
    ck_assert_uint_eq(obs->count, 1);
    ck_assert_int_eq(obs->items[0].rule->raises, DW_RAISES_ALERT);
    dw_arena_free(&arena);
    visit(w, "2026-01-21", "A", "N");
    saw(w, "resolved X-1 A 2026-01-19 @2026-01-21T10:00Z done_late");
    world_free(w);
}
END_TEST

/* Both are due on one day: the alert ends by what its own clock asked for. */
START_TEST(two_parts_due_on_one_day)
{
    static const dw_raises others[] = {DW_RAISES_WARNING, DW_RAISES_NOTHING};
    dw_policy *policy = small_policy_open(1);
    dw_rule *parts[2];
    for (int i = 0; i < 2; i++)
        parts[i] = add_visits(policy, "X-1");
    parts[0]->kind = parts[1]->kind = DW_RULE_DEADLINE;
    parts[1]->part = 1;
    dw_rule *other = parts[_i % 2]; /* whichever is asked first */
    other->raises = others[_i / 2];
    other->evidence[0].where = pred_value(policy, DW_PRED_IN, "bedroom_seen", DW_V_ANSWER_Y);
    small_policy_seal(policy);
    world *w = world_new(policy);
    cp_plan(w, "2026-01-05", "A");
    till(w, "2026-01-20T00:00:00Z");
    saw(w, "opened X-1 A 2026-01-19 @2026-01-20T00:00Z");
    visit(w, "2026-01-21", "A", "N");
    saw(w, "resolved X-1 A 2026-01-19 @2026-01-21T10:00Z done_late");
    world_free(w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("counts");
    TCase *tc = tcase_create("counts");
    tcase_add_test(tc, within_a_span_until_cleared);
    tcase_add_test(tc, what_is_counted_stays);
    tcase_add_loop_test(tc, raises_less_than_an_alert, 0, 2);
    tcase_add_test(tc, flag_of_a_deadline);
    tcase_add_test(tc, one_of_those_that_began_in_care);
    tcase_add_test(tc, each_event_has_its_owner);
    tcase_add_test(tc, two_parts_meet_at_a_subject);
    tcase_add_loop_test(tc, two_parts_of_which_one_alerts, 0, 2);
    tcase_add_loop_test(tc, two_parts_due_on_one_day, 0, 4);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

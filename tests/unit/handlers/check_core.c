/* check_core.c: the calls of driftwatch.h: what they promise about duplicates, offsets, clocks, rows and arrival order. */

#include "handlers/identity.h"
#include "tests/unit/handlers/small_policy.h"

static world *small_world(void)
{
    return world_new(small_policy(1));
}

/* A duplicate changes nothing and is not even evaluated: a deadline that it finds due stays for its own firing. */
START_TEST(duplicates)
{
    world *w = small_world();
    const char *body = "'plan_id':'P1','plan_type':'CP'";
    ck_assert_int_eq(
        give(w, "2026-01-16T10:00:00Z", "2026-01-16T10:00:00Z", "PL", 1, "create", "", "plan_started", body),
        DW_APPLIED);
    int64_t next = w->rec->next_due_us;
    ck_assert_int_eq(next, instant("2026-01-31T00:00:00Z"));
    ck_assert_int_eq(
        give(w, "2026-01-17T10:00:00Z", "2026-01-16T10:00:00Z", "PL", 1, "create", "", "plan_started", body),
        DW_DUPLICATE);
    ck_assert_int_eq(w->rec->next_due_us, next);
    ck_assert_int_eq(w->rec->clock_us, instant("2026-01-16T10:00:00Z"));
    ck_assert_int_eq(w->rec->offset, 1);
    world_free(w);
}
END_TEST

START_TEST(without_a_policy_facts_are_kept)
{
    world *w = small_world();
    dw_policy *policy = w->policy;
    w->policy = NULL;
    ev(w, "2026-01-16T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    till(w, "2026-03-02T10:00:00Z");
    saw(w, "");
    ck_assert_int_eq(w->rec->next_due_us, DW_AT_NEVER);
    ck_assert_uint_eq(w->rec->policy_number, 0);
    ck_assert_uint_eq(w->rec->fact_count, 1);
    w->policy = policy;
    ck_assert_int_eq(dw_core_switch(w->rec, policy, instant("2026-03-02T10:00:00Z"), w->emit).error, DW_OK);
    world_take(w);
    saw(w, "opened CP-07 P1 2026-01-30 @2026-03-02T10:00Z");
    ck_assert_uint_eq(w->rec->policy_number, 1);
    world_free(w);
}
END_TEST

/* What was armed under a policy is not, without one: nobody could say what to do then. */
START_TEST(nothing_is_armed_without_a_policy)
{
    world *w = small_world();
    dw_policy *policy = w->policy;
    ev(w, "2026-01-16T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    ck_assert_int_eq(w->rec->next_due_us, instant("2026-01-31T00:00:00Z"));
    ck_assert_uint_eq(w->rec->next_count, 3);
    w->policy = NULL;
    ev(w, "2026-01-17T10:00:00Z", "visit_done", "'mode':'PHONE'");
    ck_assert_int_eq(w->rec->next_due_us, DW_AT_NEVER);
    ck_assert_uint_eq(w->rec->next_count, 0);
    ck_assert_int_eq(w->rec->clock_us, instant("2026-01-17T10:00:00Z"));
    w->policy = policy;
    ev(w, "2026-01-18T10:00:00Z", "visit_done", "'mode':'PHONE'");
    ck_assert_int_eq(w->rec->next_due_us, instant("2026-01-31T00:00:00Z"));
    world_free(w);
}
END_TEST

/* A record left behind by a switch is switched before the event counts. */
START_TEST(left_behind_by_a_switch)
{
    world *w = small_world();
    ev(w, "2026-01-16T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    till(w, "2026-02-02T09:00:00Z");
    saw(w, "opened CP-07 P1 2026-01-30 @2026-01-31T00:00Z");
    dw_policy_unref(&w->policy);
    w->policy = small_policy_open(2);
    add_visits(w->policy, "CP-07")->limits[0].n = 50;
    small_policy_seal(w->policy);
    ev(w, "2026-02-02T10:00:00Z", "visit_done", "'mode':'F2F'");
    saw(w, "resolved CP-07 P1 2026-01-30 @2026-02-02T10:00Z policy_changed");
    world_free(w);
}
END_TEST

START_TEST(fire_when_nothing_is_due)
{
    world *w = small_world();
    ev(w, "2026-01-16T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    dw_core_result r = dw_core_fire(w->rec, w->policy, instant("2026-01-30T10:00:00Z"), w->emit);
    ck_assert_int_eq(r.error, DW_OK);
    ck_assert_uint_eq(w->emit->count, 0);
    ck_assert_int_eq(w->rec->clock_us, instant("2026-01-16T10:00:00Z"));
    world_free(w);
}
END_TEST

START_TEST(rows)
{
    world *w = small_world();
    dw_transition row;
    ev(w, "2026-01-16T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    till(w, "2026-02-02T09:00:00Z");
    ck_assert_uint_eq(w->rec->alert_count, 1);
    const dw_alert *alert = &w->rec->alerts[0];
    ck_assert(alert->touched);
    ck_assert(dw_core_alert_row(w->rec, alert, w->policy, &row));
    ck_assert_int_eq(row.kind, DW_TR_OPENED);
    ck_assert(dw_str_eq(row.post, DW_STR_LIT("sw")));
    till(w, "2026-02-05T09:00:00Z");
    ck_assert(dw_core_alert_row(w->rec, alert, w->policy, &row));
    ck_assert_int_eq(row.kind, DW_TR_ESCALATED);
    ev(w, "2026-02-05T10:00:00Z", "visit_done", "'mode':'F2F'");
    ck_assert(!dw_core_alert_row(w->rec, &w->rec->alerts[0], w->policy, &row));
    world_free(w);
}
END_TEST

/* Arrival order changes neither facts nor what is owed in the end (DESIGN 3). */
START_TEST(arrival_order)
{
    static const struct {
        const char *occurred, *record, *kind, *body;
        unsigned revision;
    } told[] = {
        {"2026-01-16T10:00:00Z", "PL", "plan_started", "'plan_id':'P1','plan_type':'CP'", 1},
        {"2026-01-20T10:00:00Z", "V1", "visit_done", "'mode':'F2F'", 1},
        {"2026-01-22T10:00:00Z", "V1", "visit_done", "'mode':'F2F','plan_id':'P1'", 2},
        {"2026-01-28T10:00:00Z", "V2", "visit_done", "'mode':'PHONE'", 1},
    };
    static const int orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 3, 0, 2}};
    for (size_t o = 0; o < 4; o++) {
        world *w = small_world();
        for (int k = 0; k < 4; k++) {
            int i = orders[o][k];
            char when[40];
            snprintf(when, sizeof when, "2026-02-02T10:00:0%dZ", k);
            give(w, when, told[i].occurred, told[i].record, told[i].revision, told[i].revision > 1 ? "amend" : "create",
                 "", told[i].kind, told[i].body);
        }
        ck_assert_int_eq(w->rec->next_due_us, instant("2026-02-06T00:00:00Z")); /* 22 Jan + 10 working days = 5 Feb */
        ck_assert_uint_eq(w->rec->fact_count, 3);
        world_free(w);
    }
}
END_TEST

/* The same calls give the same transitions, ids included. */
START_TEST(deterministic)
{
    char ids[2][DW_UUID_TEXT_LEN + 1];
    for (int run = 0; run < 2; run++) {
        world *w = small_world();
        ev(w, "2026-01-16T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
        ck_assert_int_eq(dw_core_fire(w->rec, w->policy, w->rec->next_due_us, w->emit).error, DW_OK);
        ck_assert_uint_eq(w->emit->count, 1);
        memcpy(ids[run], w->emit->items[0].transition_id, sizeof ids[run]);
        world_free(w);
    }
    ck_assert_str_eq(ids[0], ids[1]);
}
END_TEST

/* Plans P<from> to P<until - 1>, begun at one instant. */
static void add_plans(world *w, int from, int until, const char *when)
{
    char record[24], body[64];
    dw_policy *policy = w->policy;
    w->policy = NULL;
    for (int i = from; i < until; i++) {
        snprintf(record, sizeof record, "p%d", i);
        snprintf(body, sizeof body, "'plan_id':'P%d','plan_type':'CP'", i);
        give(w, when, when, record, 1, "create", "", "plan_started", body);
    }
    w->policy = policy;
}

/* More than DW_TRANSITIONS_MAX for one child: the caller is told to hold. */
START_TEST(bomb)
{
    world *w = small_world();
    add_plans(w, 0, DW_TRANSITIONS_MAX + _i, "2026-01-16T10:00:00Z");
    ck_assert_int_eq(dw_core_switch(w->rec, w->policy, instant("2026-03-02T10:00:00Z"), w->emit).error,
                     _i == 0 ? DW_OK : DW_E_TOO_BIG);
    ck_assert_int_eq(w->emit->overflow, _i != 0);
    ck_assert_uint_eq(w->emit->count, DW_TRANSITIONS_MAX);
    world_free(w);
}
END_TEST

/* As many live alerts, opened in two turns, none of which is too much. */
static world *many_alerts(int n)
{
    dw_policy *policy = small_policy_open(1);
    add_visits(policy, "CP-07");
    dw_policy_set_ladder(policy, DW_P2, (dw_ladder){0, 0, 0, {0, 0, 0, 0, 0}, 5}); /* nobody further up */
    small_policy_seal(policy);
    world *w = world_new(policy);
    add_plans(w, 0, n / 2, "2026-01-16T10:00:00Z");
    ck_assert_int_eq(dw_core_switch(w->rec, w->policy, instant("2026-02-02T09:00:00Z"), w->emit).error, DW_OK);
    dw_emit_reset(w->emit);
    add_plans(w, n / 2, n, "2026-02-02T09:30:00Z");
    ck_assert_int_eq(dw_core_switch(w->rec, w->policy, instant("2026-02-02T10:00:00Z"), w->emit).error, DW_OK);
    dw_emit_reset(w->emit);
    ck_assert_int_eq(dw_core_switch(w->rec, w->policy, instant("2026-02-17T10:00:00Z"), w->emit).error, DW_OK);
    dw_emit_reset(w->emit);
    w->clock_us = w->rec->clock_us;
    ck_assert_uint_eq(w->rec->alert_count, (uint32_t)n);
    for (int i = 0; i < n; i++)
        ck_assert_int_eq(w->rec->alerts[i].state, DW_AL_OPEN);
    return w;
}

/* A child with more alerts than one call may close is not merged: the caller holds. */
START_TEST(bomb_that_is_merged)
{
    world *w = many_alerts(DW_TRANSITIONS_MAX + _i);
    dw_moved to = {.to_la_code = DW_STR_LIT("936"), .to_child_ref = DW_STR_LIT("C-2")};
    dw_core_result r = dw_core_move(w->rec, w->policy, &to, w->clock_us, 5000, w->emit);
    ck_assert_int_eq(r.error, _i == 0 ? DW_OK : DW_E_TOO_BIG);
    ck_assert_int_eq(w->emit->overflow, _i != 0);
    ck_assert_uint_eq(w->emit->count, DW_TRANSITIONS_MAX);
    for (uint32_t i = 0; i < w->emit->count; i++) {
        ck_assert_int_eq(w->emit->items[i].kind, DW_TR_RESOLVED);
        ck_assert_int_eq(w->emit->items[i].outcome, DW_OUT_MERGED);
        ck_assert_uint_eq(w->emit->items[i].cause_count, 1);
        ck_assert_int_eq(w->emit->items[i].causes[0].offset, 5000);
    }
    world_free(w);
}
END_TEST

/* An acknowledgement that finds another policy, of which as many transitions come as one call may have, is one too many,
 * whether it stops the alert (which went on) or is a note (on one that ended). */
START_TEST(bomb_that_is_acknowledged)
{
    world *w = many_alerts(DW_TRANSITIONS_MAX - 1 + _i / 2);
    char id[DW_UUID_TEXT_LEN + 1], body[400];
    ck_assert_uint_eq(w->rec->alerts[0].level, 0);
    dw_policy_unref(&w->policy);
    w->policy = small_policy_open(2);
    dw_rule *rule = add_visits(w->policy, "CP-07");
    if (_i % 2 == 0)
        rule->limits[0].n = 9; /* due a day earlier: all are revised */
    else
        rule->over.where = pred_value(w->policy, DW_PRED_IN, "plan_type", DW_V_PLAN_TYPE_PF);
    small_policy_seal(w->policy);
    dw_alert_id(DW_STR_LIT("936"), DW_STR_LIT("C-1"), DW_STR_LIT("CP-07"), DW_STR_LIT("plan"), DW_STR_LIT("P0"), id);
    snprintf(body, sizeof body,
             "{\"event_id\":\"a\",\"la_code\":\"936\",\"child_ref\":\"C-1\",\"source_system\":\"LCS\","
             "\"source_record_id\":\"a\",\"source_revision\":1,\"op\":\"create\",\"occurred_at\":"
             "\"2026-02-17T10:00:00Z\",\"alert_acknowledged\":{\"alert_id\":\"%s\",\"generation\":1,"
             "\"level\":%u,\"reason_code\":\"X\",\"oversight_ref\":\"N-7\",\"review_by\":\"2026-02-20\"}}",
             id, w->rec->alerts[0].level);
    dw_event ev;
    dw_error err = {0};
    int64_t ignored;
    ck_assert_msg(dw_event_from_json(body, strlen(body), w->arena, &ev, &ignored, &err) == DW_OK, "%s", err.text);
    dw_core_result r = dw_core_ack(w->rec, w->policy, &ev, w->clock_us, 6000, w->emit);
    ck_assert_int_eq(r.error, _i < 2 ? DW_OK : DW_E_TOO_BIG);
    ck_assert_uint_eq(w->emit->count, DW_TRANSITIONS_MAX);
    const dw_transition *last = &w->emit->items[DW_TRANSITIONS_MAX - 1];
    if (_i < 2) {
        ck_assert_int_eq(last->kind, _i % 2 == 0 ? DW_TR_ACKNOWLEDGED : DW_TR_NOTED);
        ck_assert(dw_str_eq(last->reason_code, DW_STR_LIT("X")));
        ck_assert(dw_str_eq(last->oversight_ref, DW_STR_LIT("N-7")));
    } else {
        ck_assert_int_eq(last->kind, _i % 2 == 0 ? DW_TR_REVISED : DW_TR_RESOLVED);
    }
    world_free(w);
}
END_TEST

/* A source record that is corrected to be of another kind is gone as what it was. */
START_TEST(another_kind_of_record)
{
    world *w = small_world();
    ev(w, "2026-01-16T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    give(w, "2026-01-20T10:00:00Z", "2026-01-20T10:00:00Z", "V", 1, "create", "", "visit_done", "'mode':'F2F'");
    till(w, "2026-02-02T10:00:00Z");
    saw(w, "");
    give(w, "2026-02-02T10:00:00Z", "2026-01-20T10:00:00Z", "V", 2, "amend", "", "meeting_held", "'kind':'STRATEGY'");
    saw(w, "opened CP-07 P1 2026-01-30 @2026-02-02T10:00Z");
    give(w, "2026-02-03T10:00:00Z", "2026-01-20T10:00:00Z", "V", 3, "amend", "", "visit_done", "'mode':'F2F'");
    saw(w, "resolved CP-07 P1 2026-01-30 @2026-02-03T10:00Z done_on_time_recorded_late");
    ck_assert_uint_eq(w->rec->fact_count, 2);
    world_free(w);
}
END_TEST

/* The scratch memory of a call is free for the next: as many calls as there may be need no more of it. */
START_TEST(scratch_is_reused)
{
    world *w = small_world();
    ev(w, "2026-01-16T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    for (int i = 0; i < 80000; i++)
        ck_assert_int_eq(dw_core_switch(w->rec, w->policy, w->clock_us, w->emit).error, DW_OK);
    ck_assert_uint_eq(w->emit->count, 0);
    world_free(w);
}
END_TEST

/* What a record includes never becomes less, nor does its clock go back, whatever a caller says. */
START_TEST(nothing_goes_back)
{
    world *w = small_world();
    dw_policy *policy = w->policy;
    char id[DW_UUID_TEXT_LEN + 1], body[400];
    ev(w, "2026-01-16T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    till(w, "2026-02-02T09:00:00Z");
    saw(w, "opened CP-07 P1 2026-01-30 @2026-01-31T00:00Z");
    ck_assert_int_eq(w->rec->clock_us, instant("2026-01-31T00:00:00Z"));
    w->rec->offset = 70;
    w->clock_us = instant("2026-01-20T10:00:00Z");
    ev(w, "2026-01-20T10:00:00Z", "visit_done", "'mode':'PHONE'");
    ck_assert_int_eq(w->rec->offset, 70);
    ck_assert_int_eq(w->rec->clock_us, instant("2026-01-31T00:00:00Z"));
    dw_alert_id(DW_STR_LIT("936"), DW_STR_LIT("C-1"), DW_STR_LIT("CP-07"), DW_STR_LIT("plan"), DW_STR_LIT("P1"), id);
    snprintf(body, sizeof body,
             "'alert_id':'%s','generation':1,'level':0,'reason_code':'SEEN','review_by':'2026-02-05'", id);
    w->ladder = true;
    ck_assert_int_eq(
        give(w, "2026-01-20T10:00:00Z", "2026-01-20T10:00:00Z", "A", 1, "create", "", "alert_acknowledged", body),
        DW_APPLIED);
    saw(w, "acknowledged CP-07 P1 2026-01-30 @2026-01-31T00:00Z L0");
    ck_assert_int_eq(w->rec->offset, 70);
    dw_moved to = {.to_la_code = DW_STR_LIT("936"), .to_child_ref = DW_STR_LIT("C-2")};
    ck_assert_int_eq(dw_core_move(w->rec, policy, &to, instant("2026-01-20T10:00:00Z"), 69, w->emit).error, DW_OK);
    world_take(w);
    saw(w, "resolved CP-07 P1 2026-01-30 @2026-01-31T00:00Z merged");
    ck_assert_int_eq(w->rec->offset, 70);
    ck_assert_int_eq(w->rec->clock_us, instant("2026-01-31T00:00:00Z"));
    dw_moved elsewhere = {.to_la_code = DW_STR_LIT("936"), .to_child_ref = DW_STR_LIT("C-3")};
    dw_core_result refused = dw_core_move(w->rec, policy, &elsewhere, instant("2026-01-31T10:00:00Z"), 75, w->emit);
    ck_assert_int_eq(refused.error, DW_OK);
    ck_assert_int_eq(refused.applied, DW_REFUSED);
    ck_assert_int_eq(w->emit->refused, DW_E_IDENTITY);
    ck_assert_int_eq(w->rec->offset, 70); /* nothing has changed */
    ck_assert_int_eq(w->rec->clock_us, instant("2026-01-31T00:00:00Z"));
    dw_moved again = {.to_la_code = DW_STR_LIT("936"),
                      .to_child_ref = DW_STR_LIT("C-1"),
                      .from_la_code = DW_STR_LIT("936"),
                      .from_child_ref = DW_STR_LIT("C-2")};
    ck_assert_int_eq(dw_core_move(w->rec, policy, &again, instant("2026-02-01T10:00:00Z"), 71, w->emit).error, DW_OK);
    ck_assert_int_eq(w->rec->offset, 71);
    ck_assert_uint_eq(w->rec->moved_to.len, 0);
    dw_emit *none = NULL;
    dw_emit_free(&none);
    dw_emit_free(NULL);
    world_free(w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("core");
    TCase *cases = tcase_create("core");
    tcase_add_test(cases, duplicates);
    tcase_add_test(cases, without_a_policy_facts_are_kept);
    tcase_add_test(cases, nothing_is_armed_without_a_policy);
    tcase_add_test(cases, left_behind_by_a_switch);
    tcase_add_test(cases, fire_when_nothing_is_due);
    tcase_add_test(cases, rows);
    tcase_add_test(cases, arrival_order);
    tcase_add_test(cases, deterministic);
    tcase_add_loop_test(cases, bomb, 0, 3);
    tcase_add_loop_test(cases, bomb_that_is_merged, 0, 2);
    tcase_add_loop_test(cases, bomb_that_is_acknowledged, 0, 4);
    tcase_add_test(cases, nothing_goes_back);
    tcase_add_test(cases, scratch_is_reused);
    tcase_add_test(cases, another_kind_of_record);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

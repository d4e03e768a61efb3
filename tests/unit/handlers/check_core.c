/* check_core.c: the calls of driftwatch.h: what they promise about duplicates, offsets, clocks, rows and arrival order. */

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
    ck_assert(dw_core_alert_row(w->rec, alert, w->policy, w->arena, &row));
    ck_assert_int_eq(row.kind, DW_TR_OPENED);
    ck_assert(dw_str_eq(row.post, DW_STR_LIT("sw")));
    till(w, "2026-02-05T09:00:00Z");
    ck_assert(dw_core_alert_row(w->rec, alert, w->policy, w->arena, &row));
    ck_assert_int_eq(row.kind, DW_TR_ESCALATED);
    ev(w, "2026-02-05T10:00:00Z", "visit_done", "'mode':'F2F'");
    ck_assert(!dw_core_alert_row(w->rec, &w->rec->alerts[0], w->policy, w->arena, &row));
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

/* More than DW_TRANSITIONS_MAX for one child: the caller is told to hold. */
START_TEST(bomb)
{
    world *w = small_world();
    char record[24], body[64];
    dw_policy *policy = w->policy;
    w->policy = NULL;
    for (int i = 0; i <= DW_TRANSITIONS_MAX; i++) {
        snprintf(record, sizeof record, "p%d", i);
        snprintf(body, sizeof body, "'plan_id':'P%d','plan_type':'CP'", i);
        give(w, "2026-01-16T10:00:00Z", "2026-01-16T10:00:00Z", record, 1, "create", "", "plan_started", body);
    }
    w->policy = policy;
    ck_assert_int_eq(dw_core_switch(w->rec, policy, instant("2026-03-02T10:00:00Z"), w->emit).error, DW_E_TOO_BIG);
    ck_assert_uint_eq(w->emit->count, DW_TRANSITIONS_MAX);
    world_free(w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("core");
    TCase *cases = tcase_create("core");
    tcase_add_test(cases, duplicates);
    tcase_add_test(cases, without_a_policy_facts_are_kept);
    tcase_add_test(cases, left_behind_by_a_switch);
    tcase_add_test(cases, fire_when_nothing_is_due);
    tcase_add_test(cases, rows);
    tcase_add_test(cases, arrival_order);
    tcase_add_test(cases, deterministic);
    tcase_add_test(cases, bomb);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

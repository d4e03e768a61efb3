/* check_evaluate.c: obligations and the next instant at which an answer changes by time alone. */

#include "tests/unit/handlers/small_policy.h"

typedef struct answer {
    const dw_obligations *obs;
    dw_arena *arena;
} answer;

static answer evaluate(world *w, const char *when)
{
    answer a = {NULL, dw_arena_new(1 << 24)};
    const dw_chronology *chron = dw_chronology_derive(w->rec, instant(when), a.arena);
    ck_assert_ptr_nonnull(chron);
    a.obs = dw_evaluate(chron, w->policy, a.arena);
    ck_assert_ptr_nonnull(a.obs);
    return a;
}

static void answer_free(answer *a)
{
    dw_arena_free(&a->arena);
}

/* state and due of the one obligation of a rule; "-" when there is none */
static void expect(world *w, const char *when, const char *rule, const char *state, const char *due, const char *next)
{
    answer a = evaluate(w, when);
    const dw_obligation *found = NULL;
    for (uint32_t i = 0; i < a.obs->count; i++)
        if (dw_str_eq(a.obs->items[i].rule->id, dw_str_from(rule)))
            found = &a.obs->items[i];
    ck_assert_msg(strcmp(state, found != NULL ? dw_ob_state_name(found->state) : "-") == 0, "%s: %s is %s", when, rule,
                  found != NULL ? dw_ob_state_name(found->state) : "-");
    if (due != NULL)
        ck_assert_int_eq(found->due_on, date(due));
    char text[32] = "never";
    if (a.obs->next_us != DW_AT_NEVER)
        dw_instant_format(a.obs->next_us, text);
    ck_assert_msg(a.obs->next_us == (next != NULL ? instant(next) : DW_AT_NEVER), "%s: next %s", when, text);
    answer_free(&a);
}

START_TEST(states_of_a_recurring_duty)
{
    world *w = world_new(small_policy(1));
    ev(w, "2026-01-16T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    expect(w, "2026-01-16T10:00:00Z", "CP-07", "scheduled", "2026-01-30", "2026-01-31T00:00:00Z");
    expect(w, "2026-01-30T23:59:59Z", "CP-07", "scheduled", "2026-01-30", "2026-01-31T00:00:00Z");
    expect(w, "2026-01-31T00:00:00Z", "CP-07", "overdue", "2026-01-30", NULL);
    ev(w, "2026-01-20T10:00:00Z", "visit_done", "'mode':'F2F'");
    expect(w, "2026-01-20T10:00:00Z", "CP-07", "scheduled", "2026-02-03", "2026-02-04T00:00:00Z");
    ev(w, "2026-02-03T10:00:00Z", "plan_ended", "'plan_id':'P1'");
    expect(w, "2026-02-03T10:00:00Z", "CP-07", "cancelled", "2026-02-03", NULL);
    world_free(w);
}
END_TEST

START_TEST(superseded)
{
    world *w = world_new(small_policy(1));
    ev(w, "2026-01-16T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    ev(w, "2026-02-03T10:00:00Z", "plan_ended", "'plan_id':'P1'");
    expect(w, "2026-02-03T10:00:00Z", "CP-07", "superseded_overdue", "2026-01-30", NULL);
    world_free(w);
}
END_TEST

/* Facts later than the clock do not count yet, and wake the record when they do (readings 45). */
START_TEST(later_than_the_clock)
{
    world *w = world_new(small_policy(1));
    ev(w, "2026-01-16T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    give(w, "2026-01-16T11:00:00Z", "2026-01-19T10:00:00Z", "V", 1, "create", "", "visit_done", "'mode':'F2F'");
    expect(w, "2026-01-16T11:00:00Z", "CP-07", "scheduled", "2026-01-30", "2026-01-19T10:00:00Z");
    expect(w, "2026-01-19T10:00:00Z", "CP-07", "scheduled", "2026-02-02", "2026-02-03T00:00:00Z");
    world_free(w);
}
END_TEST

START_TEST(recorded_late)
{
    dw_policy *policy = small_policy_open(1);
    add_visits(policy, "CP-07")->kind = DW_RULE_DEADLINE;
    small_policy_seal(policy);
    static const struct {
        const char *occurred, *recorded, *state;
    } rows[] = {
        {"2026-01-30T10:00:00Z", "2026-01-30T23:59:59Z", "met"},
        {"2026-01-30T10:00:00Z", "2026-01-31T00:00:00Z", "met_late_recorded"},
        {"2026-01-31T10:00:00Z", "2026-01-31T11:00:00Z", "met_late"},
    };
    for (size_t i = 0; i < 3; i++) {
        world *w = world_new(dw_policy_ref(policy));
        char more[64];
        snprintf(more, sizeof more, "'recorded_at':'%s'", rows[i].recorded);
        ev(w, "2026-01-16T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
        give(w, "2026-02-01T10:00:00Z", rows[i].occurred, "V", 1, "create", more, "visit_done", "'mode':'F2F'");
        expect(w, "2026-02-01T10:00:00Z", "CP-07", rows[i].state, "2026-01-30", NULL);
        world_free(w);
    }
    dw_policy_unref(&policy);
}
END_TEST

/* CP-11 in kind: the day after the limit is the first overdue one; its end meets it. */
START_TEST(duration)
{
    dw_policy *policy = small_policy_open(1);
    dw_rule *rule = add_visits(policy, "CP-11");
    rule->kind = DW_RULE_DURATION;
    rule->limits[0] = (dw_limit){.n = 18, .unit = DW_UNIT_MONTHS};
    small_policy_seal(policy);
    world *w = world_new(policy);
    ev(w, "2024-08-31T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    expect(w, "2026-02-28T23:59:59Z", "CP-11", "scheduled", "2026-02-28", "2026-03-01T00:00:00Z");
    expect(w, "2026-03-01T00:00:00Z", "CP-11", "overdue", "2026-02-28", NULL);
    ev(w, "2026-03-02T10:00:00Z", "plan_ended", "'plan_id':'P1'");
    expect(w, "2026-03-02T10:00:00Z", "CP-11", "met_late", "2026-02-28", NULL);
    world_free(w);
}
END_TEST

/* Day 1 is the day itself: one working day earlier. */
START_TEST(incl)
{
    dw_policy *policy = small_policy_open(1);
    add_visits(policy, "CP-07")->count_mode = DW_COUNT_INCL;
    small_policy_seal(policy);
    world *w = world_new(policy);
    ev(w, "2026-01-16T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    expect(w, "2026-01-16T10:00:00Z", "CP-07", "scheduled", "2026-01-29", "2026-01-30T00:00:00Z");
    world_free(w);
}
END_TEST

/* next_us is exact: nothing changes before it, something does at it. */
START_TEST(next_is_exact)
{
    world *w = world_new(small_policy(1));
    ev(w, "2026-01-16T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    ev(w, "2026-01-17T10:00:00Z", "plan_started", "'plan_id':'P2','plan_type':'CP'");
    ev(w, "2026-01-20T10:00:00Z", "plan_started", "'plan_id':'P3','plan_type':'CP'");
    const char *at = "2026-01-20T10:00:00Z";
    char text[32];
    for (int changes = 0; changes < 3; changes++) {
        answer now = evaluate(w, at);
        dw_instant_format(now.obs->next_us - 1, text);
        answer before = evaluate(w, text);
        dw_instant_format(now.obs->next_us, text);
        answer then = evaluate(w, text);
        int same = 0, differ = 0;
        for (uint32_t i = 0; i < now.obs->count; i++) {
            same += now.obs->items[i].state == before.obs->items[i].state;
            differ += now.obs->items[i].state != then.obs->items[i].state;
        }
        ck_assert_int_eq(same, 3);
        ck_assert_int_ge(differ, 1);
        answer_free(&now);
        answer_free(&before);
        answer_free(&then);
        at = text;
        if (differ == 2)
            changes++; /* P1 and P2 fall late on one day */
    }
    world_free(w);
}
END_TEST

static uint32_t asked_for_alerts(world *w, const char *when)
{
    dw_asking asking = {.rules = dw_policy_all_rules(w->policy), .all = true, .since_us = w->clock_us};
    dw_arena *arena = dw_arena_new(1 << 24);
    const dw_chronology *chron = dw_chronology_derive(w->rec, instant(when), arena);
    ck_assert_ptr_nonnull(chron);
    const dw_obligations *obs = dw_evaluate_some(chron, w->policy, &asking, w->rec, arena);
    ck_assert_ptr_nonnull(obs);
    uint32_t count = obs->count;
    dw_arena_free(&arena);
    return count;
}

/* For alerts to follow: the duty of a plan that is over is told while its alert is live, and no longer. */
START_TEST(no_alert_to_end)
{
    world *w = world_new(small_policy(1));
    ev(w, "2026-01-16T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    till(w, "2026-02-02T10:00:00Z");
    ck_assert_uint_eq(w->rec->alert_count, 1);
    ck_assert_uint_eq(asked_for_alerts(w, "2026-02-02T10:00:00Z"), 1);
    give(w, "2026-02-02T12:00:00Z", "2026-02-04T12:00:00Z", "E", 1, "create", "", "plan_ended", "'plan_id':'P1'");
    ck_assert_uint_eq(asked_for_alerts(w, "2026-02-04T12:00:00Z"), 1);
    till(w, "2026-02-04T12:00:00Z");
    ck_assert_int_eq(w->rec->alerts[0].state, DW_AL_CLOSED);
    ck_assert_uint_eq(asked_for_alerts(w, "2026-02-04T12:00:00Z"), 0);
    world_free(w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("evaluate");
    TCase *cases = tcase_create("evaluate");
    tcase_add_test(cases, states_of_a_recurring_duty);
    tcase_add_test(cases, superseded);
    tcase_add_test(cases, later_than_the_clock);
    tcase_add_test(cases, recorded_late);
    tcase_add_test(cases, duration);
    tcase_add_test(cases, incl);
    tcase_add_test(cases, next_is_exact);
    tcase_add_test(cases, no_alert_to_end);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

/* check_explain.c: an explanation names rule, anchor, each day of the working, what was looked at, and the ladder. */

#include "handlers/explain.h"
#include "tests/unit/handlers/small_policy.h"

typedef struct told {
    char text[16384];
    size_t len;
} told;

static void take_line(void *user, const char *key, const char *text)
{
    told *t = user;
    t->len += (size_t)snprintf(t->text + t->len, sizeof t->text - t->len, "%s: %s\n", key, text);
}

static bool explain(world *w, const char *rule, const char *kind, const char *id, told *t)
{
    *t = (told){.len = 0};
    return dw_explain(w->rec, w->policy, dw_str_from(rule), dw_str_from(kind), dw_str_from(id), w->clock_us, take_line,
                      t);
}

START_TEST(every_day_of_the_working)
{
    world *w = world_new(small_policy(1));
    told t;
    ev(w, "2026-03-26T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    ev(w, "2026-04-01T10:00:00Z", "visit_done", "'mode':'PHONE'");
    till(w, "2026-04-15T09:00:00Z");
    ck_assert(explain(w, "CP-07", "plan", "P1", &t));
    ck_assert_str_eq(t.text, "rule: CP-07 (version 1, recurring)\n"
                             "title: Visit overdue\n"
                             "source: LOC: a test\n"
                             "trigger: Ten working days without a visit.\n"
                             "applies_to: plan P1\n"
                             "anchor: counted from Thu 26 Mar 2026: plan_started (offset 0)\n"
                             "cause: plan_started of Thu 26 Mar 2026 (offset 0)\n"
                             "limit: 10 working days\n"
                             "count_mode: excl\n"
                             "calendar: ew\n"
                             "working: Fri 27 Mar 2026: working day 1\n"
                             "working: Sat 28 Mar 2026: weekend, not counted\n"
                             "working: Sun 29 Mar 2026: weekend, not counted\n"
                             "working: Mon 30 Mar 2026: working day 2\n"
                             "working: Tue 31 Mar 2026: working day 3\n"
                             "working: Wed 1 Apr 2026: working day 4\n"
                             "working: Thu 2 Apr 2026: working day 5\n"
                             "working: Fri 3 Apr 2026: bank holiday, not counted\n"
                             "working: Sat 4 Apr 2026: weekend, not counted\n"
                             "working: Sun 5 Apr 2026: weekend, not counted\n"
                             "working: Mon 6 Apr 2026: bank holiday, not counted\n"
                             "working: Tue 7 Apr 2026: working day 6\n"
                             "working: Wed 8 Apr 2026: working day 7\n"
                             "working: Thu 9 Apr 2026: working day 8\n"
                             "working: Fri 10 Apr 2026: working day 9\n"
                             "working: Sat 11 Apr 2026: weekend, not counted\n"
                             "working: Sun 12 Apr 2026: weekend, not counted\n"
                             "working: Mon 13 Apr 2026: working day 10\n"
                             "due: Mon 13 Apr 2026 is the last day in time\n"
                             "state: overdue: overdue\n"
                             "counts: visit_done where mode\n"
                             "evidence: none that counts since Thu 26 Mar 2026\n"
                             "passed_over: visit_done of Wed 1 Apr 2026 (offset 1): it does not count\n"
                             "alert: open, generation 1, raised Tue 14 Apr 2026 00:00:00 BST\n"
                             "level: 0, post sw\n"
                             "next: climbs to the next level Thu 16 Apr 2026 17:00:00 BST unless it is answered\n"
                             "action: Visit.\n"
                             "next_step: Record it.\n");
    ev(w, "2026-04-15T10:00:00Z", "visit_done", "'mode':'F2F'");
    ck_assert(explain(w, "CP-07", "plan", "P1", &t));
    ck_assert_ptr_nonnull(strstr(t.text, "alert: closed: it was done, late (generation 1)"));
    ck_assert_ptr_nonnull(strstr(t.text, "state: scheduled: running, not late"));
    world_free(w);
}
END_TEST

START_TEST(counts)
{
    world *w = world_new(small_policy(1));
    told t;
    for (int i = 1; i <= 3; i++) {
        char when[40], body[96];
        snprintf(when, sizeof when, "2026-02-0%dT10:00:00Z", i);
        snprintf(body, sizeof body, "'episode_id':'M%d','phase':'OPENED','category':'M'", i);
        ev(w, when, "missing_episode", body);
        snprintf(body, sizeof body, "'episode_id':'M%d','phase':'RETURNED'", i);
        snprintf(when, sizeof when, "2026-02-0%dT15:00:00Z", i);
        ev(w, when, "missing_episode", body);
    }
    ck_assert(explain(w, "MI-03", "child", "", &t));
    ck_assert_ptr_nonnull(strstr(t.text, "limit: 3 within 90 days"));
    ck_assert_ptr_nonnull(strstr(t.text, "reached: on Tue 3 Feb 2026"));
    ck_assert_ptr_nonnull(strstr(t.text, "count: 3"));
    ck_assert_ptr_nonnull(strstr(t.text, "cause: missing_episode of Sun 1 Feb 2026 (offset 0)"));
    world_free(w);
}
END_TEST

START_TEST(nothing_to_explain)
{
    world *w = world_new(small_policy(1));
    told t;
    till(w, "2026-02-02T10:00:00Z");
    ck_assert(!explain(w, "CP-07", "plan", "P1", &t));
    ck_assert(!explain(w, "XX-01", "plan", "P1", &t));
    ck_assert_uint_eq(t.len, 0);
    world_free(w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("explain");
    TCase *cases = tcase_create("explain");
    tcase_add_test(cases, every_day_of_the_working);
    tcase_add_test(cases, counts);
    tcase_add_test(cases, nothing_to_explain);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

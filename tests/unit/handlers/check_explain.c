/* check_explain.c: an explanation names rule, anchor, each day of the working, what was looked at, and the ladder. */

#include "handlers/explain.h"
#include "tests/unit/handlers/small_policy.h"

typedef struct told {
    char text[65536];
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
    static told t;
    ev(w, "2026-03-26T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    ev(w, "2026-04-01T10:00:00Z", "visit_done", "'mode':'PHONE'");
    till(w, "2026-04-15T09:00:00Z");
    ck_assert(explain(w, "CP-07", "plan", "P1", &t));
    ck_assert_str_eq(t.text, "rule: CP-07 (version 1, recurring)\n"
                             "title: Visit overdue\n"
                             "source: LOC: a test\n"
                             "trigger: Ten working days without a visit.\n"
                             "applies_to: plan P1\n"
                             "selected: yes: plan_type is CP (plan_started of Thu 26 Mar 2026, offset 0)\n"
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
                             "state: overdue: somebody has to act now\n"
                             "counts: visit_done where mode\n"
                             "evidence: none that counts since Thu 26 Mar 2026\n"
                             "passed_over: visit_done of Wed 1 Apr 2026 (offset 1): it does not count\n"
                             "because: no: mode is PHONE\n"
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
    static told t;
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
    static told t;
    till(w, "2026-02-02T10:00:00Z");
    ck_assert(!explain(w, "CP-07", "plan", "P1", &t));
    ck_assert(!explain(w, "XX-01", "plan", "P1", &t));
    ck_assert_uint_eq(t.len, 0);
    world_free(w);
}
END_TEST

/* --- a long working is summed up */

/* How often `part` stands in the text. */
static unsigned times(const char *text, const char *part)
{
    unsigned n = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        n++;
    return n;
}

START_TEST(a_long_working)
{
    static const struct {
        int limit;
        const char *due, *sum;
        unsigned lines;
    } rows[] = {
        /* from 2 March 2026; 400 days after its first day, 3 March 2026, comes 7 April 2027 */
        {284, "due: Wed 7 Apr 2027 is", NULL, 402},
        {285, "due: Thu 8 Apr 2027 is", "working: 285 working days lie between Mon 2 Mar 2026 and Thu 8 Apr 2027\n", 1},
    };
    dw_policy *policy = small_policy_open(1);
    add_visits(policy, "CP-07")->limits[0].n = rows[_i].limit;
    small_policy_seal(policy);
    world *w = world_new(policy);
    static told t;
    ev(w, "2026-03-02T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    ck_assert(explain(w, "CP-07", "plan", "P1", &t));
    ck_assert_msg(strstr(t.text, rows[_i].due) != NULL, "%s", t.text);
    ck_assert_uint_eq(times(t.text, "\nworking: "), rows[_i].lines);
    if (rows[_i].sum != NULL)
        ck_assert_ptr_nonnull(strstr(t.text, rows[_i].sum));
    world_free(w);
}
END_TEST

/* --- why not */

START_TEST(a_day_off_has_its_name)
{
    dw_policy *policy = small_policy_open(1);
    const int32_t holidays[] = {date("2026-04-03")}, closures[] = {date("2026-04-07")};
    dw_calendar *calendar = dw_calendar_new(holidays, 1, closures, 1, 540, 1020);
    ck_assert(dw_calendar_name_day(calendar, date("2026-04-03"), DW_STR_LIT("Good Friday")));
    dw_policy_set_calendar(policy, calendar);
    add_visits(policy, "CP-07")->calendar = DW_CAL_EW_CLOSURE;
    small_policy_seal(policy);
    world *w = world_new(policy);
    static told t;
    ev(w, "2026-04-01T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    ck_assert(explain(w, "CP-07", "plan", "P1", &t));
    ck_assert_ptr_nonnull(strstr(t.text, "working: Fri 3 Apr 2026: bank holiday (Good Friday), not counted\n"));
    ck_assert_ptr_nonnull(strstr(t.text, "working: Tue 7 Apr 2026: the authority is closed, not counted\n"));
    ck_assert_str_eq(dw_calendar_day_title(calendar, date("2026-04-07")), "");
    world_free(w);
}
END_TEST

static bool why_not(world *w, const char *rule, told *t)
{
    *t = (told){.len = 0};
    return dw_explain_why_not(w->rec, w->policy, dw_str_from(rule), w->clock_us, take_line, t);
}

#define HEAD                                                                                                           \
    "rule: CP-07 (version 1, recurring)\n"                                                                             \
    "title: Visit overdue\n"                                                                                           \
    "source: LOC: a test\n"                                                                                            \
    "trigger: Ten working days without a visit.\n"                                                                     \
    "enabled: yes: it is in force\n"

START_TEST(no_span_to_hang_on)
{
    world *w = world_new(small_policy(1));
    static told t;
    ev(w, "2026-03-02T10:00:00Z", "visit_done", "'mode':'F2F'");
    ck_assert(why_not(w, "CP-07", &t));
    ck_assert_str_eq(t.text, HEAD "clock: Mon 2 Mar 2026 10:00:00 GMT\n"
                                  "hangs_on: plan where plan_type\n"
                                  "not_owed: this child has no plan\n"
                                  "alert: none was raised\n");
    ck_assert(!why_not(w, "XX-01", &t));
    world_free(w);
}
END_TEST

START_TEST(a_span_that_is_not_selected)
{
    world *w = world_new(small_policy(1));
    static told t;
    ev(w, "2026-03-02T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CIN'");
    ev(w, "2026-03-03T10:00:00Z", "plan_started", "'plan_id':'P2'");
    ck_assert(why_not(w, "CP-07", &t));
    ck_assert_str_eq(t.text, HEAD "clock: Tue 3 Mar 2026 10:00:00 GMT\n"
                                  "hangs_on: plan where plan_type\n"
                                  "span: plan P1, Mon 2 Mar 2026 to now\n"
                                  "selected: no: plan_type is CIN (plan_started of Mon 2 Mar 2026, offset 0)\n"
                                  "not_owed: the rule does not speak for it\n"
                                  "span: plan P2, Tue 3 Mar 2026 to now\n"
                                  "selected: no: plan_type is not stated\n"
                                  "not_owed: the rule does not speak for it\n"
                                  "alert: none was raised\n");
    world_free(w);
}
END_TEST

START_TEST(not_late_yet)
{
    world *w = world_new(small_policy(1));
    static told t;
    ev(w, "2026-03-02T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    ev(w, "2026-03-03T10:00:00Z", "visit_done", "'mode':'F2F','plan_id':'P9'");
    till(w, "2026-03-16T09:00:00Z");
    ck_assert(why_not(w, "CP-07", &t));
    ck_assert_ptr_nonnull(strstr(t.text, "duty: plan P1\n"));
    ck_assert_ptr_nonnull(strstr(t.text, "passed_over: visit_done of Tue 3 Mar 2026 (offset 1): it does not count\n"
                                         "because: no: plan_id is P9\n"));
    ck_assert_ptr_nonnull(strstr(t.text, "so: nothing yet: late from Tue 17 Mar 2026 00:00:00 GMT on; it is Mon 16 Mar "
                                         "2026 09:00:00 GMT\n"
                                         "alert: none was raised\n"));
    till(w, "2026-03-17T09:00:00Z");
    ck_assert(why_not(w, "CP-07", &t));
    ck_assert_ptr_nonnull(strstr(t.text, "so: late since Tue 17 Mar 2026 00:00:00 GMT: it raises an alert\n"
                                         "subject: plan P1\n"
                                         "alert: open, generation 1, raised Tue 17 Mar 2026 00:00:00 GMT\n"));
    ev(w, "2026-03-18T10:00:00Z", "plan_ended", "'plan_id':'P1','plan_type':'CP'");
    ck_assert(why_not(w, "CP-07", &t));
    ck_assert_ptr_nonnull(strstr(t.text, "span: plan P1, Mon 2 Mar 2026 to Wed 18 Mar 2026\n"));
    ck_assert_ptr_nonnull(strstr(t.text, "so: nothing any more: what it hung on has ended\n"));
    ck_assert_ptr_nonnull(strstr(t.text, "alert: closed: "));
    world_free(w);
}
END_TEST

START_TEST(it_rests)
{
    dw_policy *policy = small_policy_open(1);
    dw_rule *rule = add_visits(policy, "CP-07");
    rule->rests[0] = (dw_span_selector){.family = DW_SPAN_PLAN,
                                        .where = pred_value(policy, DW_PRED_IN, "plan_type", DW_V_PLAN_TYPE_PF)};
    rule->rest_count = 1;
    small_policy_seal(policy);
    world *w = world_new(policy);
    static told t;
    ev(w, "2026-03-02T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    ev(w, "2026-03-04T10:00:00Z", "plan_started", "'plan_id':'P2','plan_type':'PF'");
    ck_assert(why_not(w, "CP-07", &t));
    ck_assert_ptr_nonnull(strstr(t.text, "rests_while: plan P2, Wed 4 Mar 2026 to now\n"
                                         "so: nothing: it rests\n"));
    world_free(w);
}
END_TEST

START_TEST(fewer_than_it_takes)
{
    world *w = world_new(small_policy(1));
    static told t;
    till(w, "2026-02-01T09:00:00Z");
    ck_assert(why_not(w, "MI-03", &t));
    ck_assert_ptr_nonnull(strstr(t.text, "not_owed: this child has no episode\n"
                                         "so: nothing: fewer than 3 count on one day\n"));
    ev(w, "2026-02-02T10:00:00Z", "missing_episode", "'episode_id':'M1','phase':'OPENED','category':'M'");
    ck_assert(why_not(w, "MI-03", &t));
    ck_assert_ptr_nonnull(strstr(t.text, "limit: 3 within 90 days\n"
                                         "counted: episode M1, Mon 2 Feb 2026 to now\n"
                                         "counts_until: Sun 3 May 2026\n"
                                         "so: nothing: fewer than 3 count on one day\n"));
    world_free(w);
}
END_TEST

START_TEST(before_the_cut_over)
{
    dw_policy *policy = small_policy_open(1);
    dw_policy_set_identity(policy, 1, DW_STR_LIT("digest"), instant("2026-04-01T00:00:00Z"));
    add_visits(policy, "CP-07");
    small_policy_seal(policy);
    world *w = world_new(policy);
    static told t;
    ev(w, "2026-03-02T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    till(w, "2026-03-20T09:00:00Z");
    ck_assert(why_not(w, "CP-07", &t));
    ck_assert_ptr_nonnull(strstr(t.text,
                                 "cut_over: what was late before Wed 1 Apr 2026 01:00:00 BST was part of the first "
                                 "load: nobody was paged for it\n"));
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
    tcase_add_loop_test(cases, a_long_working, 0, 2);
    tcase_add_test(cases, a_day_off_has_its_name);
    tcase_add_test(cases, no_span_to_hang_on);
    tcase_add_test(cases, a_span_that_is_not_selected);
    tcase_add_test(cases, not_late_yet);
    tcase_add_test(cases, it_rests);
    tcase_add_test(cases, fewer_than_it_takes);
    tcase_add_test(cases, before_the_cut_over);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

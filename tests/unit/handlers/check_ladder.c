/* check_ladder.c: what the ladder does next, and when. */

#include "handlers/ladder.h"
#include "tests/unit/handlers/small_policy.h"

typedef struct row {
    const char *name;
    dw_alert_state state;
    uint32_t level;
    const char *since, *opened, *due_at; /* due_at: an instant rule with climb hours 24 and 48 */
    dw_ladder_act act;
    const char *at;
} row;

static const row rows[] = {
    {"grace and one day", DW_AL_OPEN, 0, "2026-02-02T09:00:00Z", "2026-02-02T09:00:00Z", NULL, DW_LADDER_CLIMB,
     "2026-02-04T17:00:00Z"},
    {"no grace later", DW_AL_OPEN, 1, "2026-02-02T09:00:00Z", "2026-02-01T09:00:00Z", NULL, DW_LADDER_CLIMB,
     "2026-02-03T17:00:00Z"},
    {"over Easter", DW_AL_OPEN, 1, "2026-04-02T13:00:00+01:00", "2026-02-01T09:00:00Z", NULL, DW_LADDER_CLIMB,
     "2026-04-08T13:00:00+01:00"},
    {"the top", DW_AL_OPEN, 4, "2026-02-02T09:00:00Z", "2026-02-01T09:00:00Z", NULL, DW_LADDER_WAIT, NULL},
    {"closed", DW_AL_CLOSED, 0, "2026-02-02T09:00:00Z", "2026-02-02T09:00:00Z", NULL, DW_LADDER_WAIT, NULL},
    {"flag", DW_AL_FLAG, 0, "2026-02-02T09:00:00Z", "2026-02-02T09:00:00Z", NULL, DW_LADDER_WAIT, NULL},
    {"acknowledged", DW_AL_ACKED, 1, "2026-02-02T09:00:00Z", "2026-02-02T09:00:00Z", NULL, DW_LADDER_EXPIRE,
     "2026-02-06T00:00:00Z"},
    {"hours of the rule come first", DW_AL_OPEN, 0, "2026-02-06T18:00:00Z", "2026-02-06T18:00:00Z",
     "2026-02-06T18:00:00Z", DW_LADDER_CLIMB, "2026-02-07T18:00:00Z"},
    {"its second step", DW_AL_OPEN, 1, "2026-02-07T18:00:00Z", "2026-02-06T18:00:00Z", "2026-02-06T18:00:00Z",
     DW_LADDER_CLIMB, "2026-02-08T18:00:00Z"},
    {"then working time", DW_AL_OPEN, 2, "2026-02-08T18:00:00Z", "2026-02-06T18:00:00Z", "2026-02-06T18:00:00Z",
     DW_LADDER_CLIMB, "2026-02-11T17:00:00Z"},
};

START_TEST(next_act)
{
    const row *r = &rows[_i];
    dw_policy *policy = small_policy(1);
    dw_rule rule = {.climb_hours = {24, 48}, .climb_count = 2};
    dw_alert alert = {.state = r->state, .level = r->level, .ladder = *dw_policy_ladder(policy, DW_P2)};
    alert.level_since_us = instant(r->since);
    alert.opened_us = instant(r->opened);
    alert.review_by = date("2026-02-05");
    if (r->due_at != NULL) {
        alert.due_kind = DW_DUE_INSTANT;
        alert.due_at_us = instant(r->due_at);
    }
    int64_t at = 0;
    dw_ladder_act act = dw_ladder_next(&alert, r->due_at != NULL ? &rule : NULL, dw_policy_calendar(policy), &at);
    ck_assert_msg(act == r->act, "%s: act %d", r->name, act);
    char text[32];
    dw_instant_format(at, text);
    ck_assert_msg(at == (r->at != NULL ? instant(r->at) : DW_AT_NEVER), "%s: at %s", r->name, text);
    dw_policy_unref(&policy);
}
END_TEST

/* The rule's own steps: from a date the end of that day, from an instant itself; none below the entry level, beyond the
 * last step, or without a rule. */
START_TEST(steps_of_the_rule)
{
    dw_policy *policy = small_policy(1);
    const dw_calendar *cal = dw_policy_calendar(policy);
    dw_rule rule = {.climb_hours = {2, 1000}, .climb_count = 2};
    dw_alert alert = {.state = DW_AL_OPEN, .level = 1, .due_kind = DW_DUE_DATE, .due_on = date("2026-07-03")};
    alert.ladder = (dw_ladder){.entry_level = 1, .top_level = 4};
    alert.level_since_us = alert.opened_us = instant("2026-07-01T09:00:00Z");
    int64_t at;
    ck_assert_int_eq(dw_ladder_next(&alert, &rule, cal, &at), DW_LADDER_CLIMB);
    ck_assert_int_eq(at, instant("2026-07-04T02:00:00+01:00"));
    alert.due_kind = DW_DUE_INSTANT;
    alert.due_at_us = instant("2026-07-03T12:00:00Z");
    ck_assert_int_eq(dw_ladder_next(&alert, &rule, cal, &at), DW_LADDER_CLIMB);
    ck_assert_int_eq(at, instant("2026-07-03T14:00:00Z"));
    alert.level = 3; /* two steps are all it has, and the ladder has no time of its own */
    ck_assert_int_eq(dw_ladder_next(&alert, &rule, cal, &at), DW_LADDER_WAIT);
    ck_assert_int_eq(at, DW_AT_NEVER);
    alert.level = 0;
    ck_assert_int_eq(dw_ladder_next(&alert, &rule, cal, &at), DW_LADDER_WAIT);
    alert.level = 1;
    ck_assert_int_eq(dw_ladder_next(&alert, NULL, cal, &at), DW_LADDER_WAIT);
    /* whichever is earlier */
    alert.ladder.climb_minutes[1] = 60;
    ck_assert_int_eq(dw_ladder_next(&alert, &rule, cal, &at), DW_LADDER_CLIMB);
    ck_assert_int_eq(at, instant("2026-07-01T10:00:00Z"));
    alert.ladder.grace_minutes = 30; /* only for the first climb after the opening */
    ck_assert_int_eq(dw_ladder_next(&alert, &rule, cal, &at), DW_LADDER_CLIMB);
    ck_assert_int_eq(at, instant("2026-07-01T10:30:00Z"));
    alert.opened_us--;
    ck_assert_int_eq(dw_ladder_next(&alert, &rule, cal, &at), DW_LADDER_CLIMB);
    ck_assert_int_eq(at, instant("2026-07-01T10:00:00Z"));
    alert.ladder.climb_minutes[1] = 9600;
    ck_assert_int_eq(dw_ladder_next(&alert, &rule, cal, &at), DW_LADDER_CLIMB);
    ck_assert_int_eq(at, instant("2026-07-03T14:00:00Z"));
    alert.ladder.climb_minutes[1] = 1;
    ck_assert_int_eq(dw_ladder_next(&alert, &rule, cal, &at), DW_LADDER_CLIMB);
    ck_assert_int_eq(at, instant("2026-07-01T09:01:00Z"));
    alert.level = alert.ladder.top_level;
    ck_assert_int_eq(dw_ladder_next(&alert, &rule, cal, &at), DW_LADDER_WAIT);
    alert.level = alert.ladder.top_level = 1; /* the top of its ladder, though there are times for a climb */
    ck_assert_int_eq(dw_ladder_next(&alert, &rule, cal, &at), DW_LADDER_WAIT);
    ck_assert_int_eq(at, DW_AT_NEVER);
    dw_policy_unref(&policy);
}
END_TEST

/* Nobody up to the top: the top's post has it all the same; a level above a ladder's top stays where it is. */
START_TEST(nobody_to_answer)
{
    dw_policy *policy = small_policy_open(1);
    dw_line line = {.team_id = DW_STR_LIT("team-9"), .vacant = {true, true, true, true, true}};
    for (int i = 0; i < DW_LEVELS; i++)
        line.post[i] = DW_STR_LIT("t9");
    ck_assert(dw_policy_add_line(policy, line));
    small_policy_seal(policy);
    dw_str post = {NULL, 0};
    dw_ladder ladder = {.entry_level = 0, .top_level = 2};
    ck_assert_uint_eq(dw_ladder_fill(policy, &ladder, DW_STR_LIT("team-9"), 0, &post), 2);
    ck_assert(dw_str_eq(post, DW_STR_LIT("t9")));
    ck_assert_uint_eq(dw_ladder_fill(policy, &ladder, DW_STR_LIT("team-1"), 4, &post), 4);
    ck_assert(dw_str_eq(post, DW_STR_LIT("dir")));
    ck_assert_uint_eq(dw_ladder_fill(policy, &ladder, DW_STR_LIT("team-1"), 2, &post), 2);
    ck_assert(dw_str_eq(post, DW_STR_LIT("t1-sm")));
    dw_policy_unref(&policy);
}
END_TEST

START_TEST(fill)
{
    static const struct {
        const char *team;
        uint32_t from, level;
        const char *post;
    } cases[] = {
        {"team-1", 0, 0, "t1-sw"}, {"team-2", 0, 0, "t2-sw"}, {"team-2", 1, 2, "t2-sm"},
        {"team-2", 3, 3, "ad"},    {"nobody", 4, 4, "dir"},
    };
    dw_policy *policy = small_policy(1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dw_str post;
        uint32_t level =
            dw_ladder_fill(policy, dw_policy_ladder(policy, DW_P2), dw_str_from(cases[i].team), cases[i].from, &post);
        ck_assert_uint_eq(level, cases[i].level);
        ck_assert(dw_str_eq(post, dw_str_from(cases[i].post)));
    }
    dw_policy_unref(&policy);
}
END_TEST

START_TEST(review_cap)
{
    dw_policy *policy = small_policy(1);
    const dw_calendar *cal = dw_policy_calendar(policy);
    ck_assert_int_eq(dw_ladder_review_cap(dw_policy_ladder(policy, DW_P1), cal, date("2026-04-02")),
                     date("2026-04-07"));
    ck_assert_int_eq(dw_ladder_review_cap(dw_policy_ladder(policy, DW_P2), cal, date("2026-02-02")),
                     date("2026-02-09"));
    ck_assert_int_eq(dw_ladder_review_cap(dw_policy_ladder(policy, DW_P3), cal, date("2026-02-02")),
                     date("2026-02-16"));
    dw_policy_unref(&policy);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ladder");
    TCase *cases = tcase_create("ladder");
    tcase_add_loop_test(cases, next_act, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(cases, steps_of_the_rule);
    tcase_add_test(cases, nobody_to_answer);
    tcase_add_test(cases, fill);
    tcase_add_test(cases, review_cap);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

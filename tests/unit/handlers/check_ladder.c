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
    tcase_add_test(cases, fill);
    tcase_add_test(cases, review_cap);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

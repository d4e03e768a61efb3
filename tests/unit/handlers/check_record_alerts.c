/* check_record_alerts.c: the stored form of alerts: each comes back, is put right or refused. */

#include "tests/support/core_codec.h"

static dw_alert alert_of(const char *rule, const char *kind, const char *id, uint32_t generation)
{
    return (dw_alert){.state = DW_AL_OPEN,
                      .rule_id = dw_str_from(rule),
                      .subject_kind = dw_str_from(kind),
                      .subject_id = dw_str_from(id),
                      .generation = generation};
}

/* One alert to a rule and subject, in order, whatever was stored: the first of two stands. */
START_TEST(alerts_put_right)
{
    dw_record *back = NULL;
    dw_alert alerts[] = {alert_of("B", "plan", "p", 1),  alert_of("A", "plan", "p", 2), alert_of("B", "child", "p", 3),
                         alert_of("B", "plan", "o", 4),  alert_of("B", "plan", "p", 5), alert_of("C", "plan", "p", 6),
                         alert_of("B", "plan", "pp", 7), alert_of("A", "plan", "p", 8)};
    static const uint32_t want[] = {2, 3, 4, 1, 7, 6};
    rec->alerts = alerts;
    rec->alert_count = rec->alert_cap = sizeof alerts / sizeof alerts[0];
    ck_assert_int_eq(encode_decode(&back), DW_OK);
    ck_assert_uint_eq(back->alert_count, 6);
    for (uint32_t i = 0; i < 6; i++)
        ck_assert_uint_eq(back->alerts[i].generation, want[i]);
    dw_record_free(&back);
}
END_TEST

/* Every field of an alert, at both ends of its range. */
START_TEST(an_alert_comes_back)
{
    static const char text[] = "abcdefgh"; /* strings that begin at one address and end at others */
    dw_alert alert = {.state = _i == 0 ? DW_AL_OPEN : DW_AL_FLAG,
                      .rule_id = {text, 2},
                      .rule_version = _i == 0 ? 0 : UINT32_MAX,
                      .policy_number = _i == 0 ? 1 : UINT32_MAX,
                      .priority = _i == 0 ? DW_P1 : DW_P3,
                      .ladder = {.entry_level = _i == 0 ? 0 : DW_LEVELS - 1,
                                 .top_level = _i == 0 ? 1 : DW_LEVELS - 1,
                                 .grace_minutes = _i == 0 ? -1 : INT32_MAX - 1,
                                 .climb_minutes = {1, 2, 3, 4, _i == 0 ? -5 : INT32_MAX - 1},
                                 .review_max_days = _i == 0 ? 7 : INT32_MAX - 1},
                      .subject_kind = {text, 3},
                      .subject_id = {text, 4},
                      .generation = _i == 0 ? 0 : UINT32_MAX,
                      .level = _i == 0 ? 0 : DW_LEVELS - 1,
                      .count = _i == 0 ? 0 : UINT32_MAX,
                      .due_kind = _i == 0 ? DW_DUE_NONE : DW_DUE_INSTANT,
                      .due_on = _i == 0 ? DW_DAY_NONE : 199999,
                      .due_at_us = _i == 0 ? DW_AT_NEVER : DW_WIRE_AT_LIMIT - 1,
                      .opened_us = _i == 0 ? 1 : 1 - DW_WIRE_AT_LIMIT,
                      .level_since_us = _i == 0 ? 2 : 3,
                      .expiries = _i == 0 ? 0 : UINT32_MAX,
                      .review_by = _i == 0 ? 0 : -199999,
                      .paused_until = _i == 0 ? 0 : 20000,
                      .reason_code = {text, 5},
                      .oversight_ref = {text, 6},
                      .post = {text, 7},
                      .restricted = _i == 1,
                      .found_at_start = _i == 2,
                      .approximate = _i == 3,
                      .reopened = _i == 4,
                      .outcome = _i == 0 ? DW_OUT_NONE : DW_OUT_COUNT - 1,
                      .calendar = _i == 0 ? 0 : DW_PROFILE_COUNT - 1,
                      .count_mode = _i == 0 ? 0 : DW_COUNT_INCL,
                      .causes_total = _i == 0 ? 1 : UINT32_MAX,
                      .cause_count = _i == 0 ? 1 : DW_CAUSES_MAX,
                      .causes = {_i == 0 ? 0 : 7, 5, 6, 4, INT64_MAX, 0, 3, 1}};
    dw_record *back = NULL;
    rec->clock_us = INT64_C(1600000000000000);
    rec->alerts = &alert;
    rec->alert_count = 1;
    ck_assert_int_eq(encode_decode(&back), DW_OK);
    ck_assert_uint_eq(back->alert_count, 1);
    dw_alert got = back->alerts[0];
    same_str(got.rule_id, alert.rule_id);
    same_str(got.subject_kind, alert.subject_kind);
    same_str(got.subject_id, alert.subject_id);
    same_str(got.reason_code, alert.reason_code);
    same_str(got.oversight_ref, alert.oversight_ref);
    same_str(got.post, alert.post);
    ck_assert_int_eq(got.state, alert.state);
    ck_assert_uint_eq(got.rule_version, alert.rule_version);
    ck_assert_uint_eq(got.policy_number, alert.policy_number);
    ck_assert_int_eq(got.priority, alert.priority);
    ck_assert_int_eq(got.ladder.entry_level, alert.ladder.entry_level);
    ck_assert_int_eq(got.ladder.top_level, alert.ladder.top_level);
    ck_assert_int_eq(got.ladder.grace_minutes, alert.ladder.grace_minutes);
    ck_assert_mem_eq(got.ladder.climb_minutes, alert.ladder.climb_minutes, sizeof got.ladder.climb_minutes);
    ck_assert_int_eq(got.ladder.review_max_days, alert.ladder.review_max_days);
    ck_assert_uint_eq(got.generation, alert.generation);
    ck_assert_uint_eq(got.level, alert.level);
    ck_assert_uint_eq(got.count, alert.count);
    ck_assert_int_eq(got.due_kind, alert.due_kind);
    ck_assert_int_eq(got.due_on, alert.due_on);
    ck_assert_int_eq(got.due_at_us, alert.due_at_us);
    ck_assert_int_eq(got.opened_us, alert.opened_us);
    ck_assert_int_eq(got.level_since_us, alert.level_since_us);
    ck_assert_uint_eq(got.expiries, alert.expiries);
    ck_assert_int_eq(got.review_by, alert.review_by);
    ck_assert_int_eq(got.paused_until, alert.paused_until);
    ck_assert_int_eq(got.restricted, alert.restricted);
    ck_assert_int_eq(got.found_at_start, alert.found_at_start);
    ck_assert_int_eq(got.approximate, alert.approximate);
    ck_assert_int_eq(got.reopened, alert.reopened);
    ck_assert_int_eq(got.outcome, alert.outcome);
    ck_assert_int_eq(got.calendar, alert.calendar);
    ck_assert_int_eq(got.count_mode, alert.count_mode);
    ck_assert_uint_eq(got.causes_total, alert.causes_total);
    ck_assert_uint_eq(got.cause_count, alert.cause_count);
    ck_assert_mem_eq(got.causes, alert.causes, alert.cause_count * sizeof got.causes[0]);
    dw_record_free(&back);
}
END_TEST

/* One byte beyond what a field of an alert may be. */
START_TEST(impossible_alerts)
{
    dw_record *back = NULL;
    dw_alert alert = alert_of("A", "plan", "p", 1);
    rec->alerts = &alert;
    rec->alert_count = 1;
    switch (_i) {
    case 0:
        alert.state = (dw_alert_state)(DW_AL_FLAG + 1);
        break;
    case 1:
        alert.priority = (dw_priority)(DW_P3 + 1);
        break;
    case 2:
        alert.ladder.entry_level = DW_LEVELS;
        break;
    case 3:
        alert.ladder.top_level = DW_LEVELS;
        break;
    case 4:
        alert.level = DW_LEVELS;
        break;
    case 5:
        alert.due_kind = (dw_due_kind)(DW_DUE_INSTANT + 1);
        break;
    case 6:
        alert.outcome = DW_OUT_COUNT;
        break;
    case 7:
        alert.calendar = DW_PROFILE_COUNT;
        break;
    case 8:
        alert.count_mode = (dw_count_mode)(DW_COUNT_INCL + 1);
        break;
    case 9:
        alert.ladder.grace_minutes = INT32_MAX;
        break;
    case 10:
        alert.ladder.climb_minutes[DW_LEVELS - 1] = -INT32_MAX;
        break;
    case 11:
        alert.ladder.review_max_days = INT32_MAX;
        break;
    case 12:
        alert.due_at_us = DW_WIRE_AT_LIMIT;
        break;
    case 13:
        alert.opened_us = -DW_WIRE_AT_LIMIT;
        break;
    case 14:
        alert.due_on = DW_WIRE_DAY_LIMIT;
        break;
    default:
        break;
    }
    ck_assert_int_eq(encode_decode(&back), _i == 15 ? DW_OK : DW_E_FORMAT);
    dw_record_free(&back);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record_alerts");
    TCase *cases = tcase_create("record_alerts");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, alerts_put_right);
    tcase_add_loop_test(cases, an_alert_comes_back, 0, 5);
    tcase_add_loop_test(cases, impossible_alerts, 0, 16);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

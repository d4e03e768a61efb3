/* check_transition.c: what of an alert goes into a transition, and what makes its id another one. Consumers keep ids for
 * ever, so some stand here letter by letter. */

#include "tests/unit/handlers/small_policy.h"

static dw_policy *policy;
static dw_record *rec;

static void setup(void)
{
    policy = small_policy(7);
    rec = dw_record_new(DW_STR_LIT("936"), DW_STR_LIT("C-1"));
    ck_assert_ptr_nonnull(rec);
}

static void teardown(void)
{
    dw_record_free(&rec);
    dw_policy_unref(&policy);
}

static dw_alert sample(void)
{
    return (dw_alert){.state = DW_AL_ACKED,
                      .rule_id = DW_STR_LIT("CP-07"),
                      .rule_version = 3,
                      .priority = DW_P2,
                      .subject_kind = DW_STR_LIT("plan"),
                      .subject_id = DW_STR_LIT("P1"),
                      .generation = 2,
                      .level = 1,
                      .count = 4,
                      .due_kind = DW_DUE_DATE,
                      .due_on = 20000,
                      .due_at_us = 99,
                      .review_by = 20010,
                      .reason_code = DW_STR_LIT("SEEN"),
                      .oversight_ref = DW_STR_LIT("note-1"),
                      .post = DW_STR_LIT("t1-tm"),
                      .outcome = DW_OUT_DONE_LATE,
                      .calendar = DW_CAL_EW,
                      .count_mode = DW_COUNT_EXCL,
                      .causes_total = 9,
                      .cause_count = 2,
                      .causes = {5, 8}};
}

static dw_transition fill(const dw_alert *alert, dw_transition_kind kind, int64_t at_us)
{
    dw_transition tr;
    dw_transition_fill(rec, alert, policy, kind, at_us, &tr);
    return tr;
}

static bool is(dw_str s, const char *text)
{
    return dw_str_eq(s, dw_str_from(text));
}

START_TEST(carries_the_alert)
{
    dw_alert alert = sample();
    for (int kind = DW_TR_OPENED; kind < DW_TR_COUNT; kind++) {
        dw_transition tr = fill(&alert, (dw_transition_kind)kind, 1234);
        bool flag = kind == DW_TR_FLAGGED, ack = kind == DW_TR_ACKNOWLEDGED;
        ck_assert_int_eq(tr.kind, kind);
        ck_assert_int_eq(tr.outcome, kind == DW_TR_RESOLVED ? DW_OUT_DONE_LATE : DW_OUT_NONE);
        ck_assert_int_eq(tr.priority, DW_P2);
        ck_assert_int_eq(tr.due_on, 20000);
        ck_assert_int_eq(tr.due_at_us, 0);
        ck_assert_int_eq(tr.raised_at_us, 1234);
        ck_assert_uint_eq(tr.rule_version, 3);
        ck_assert_uint_eq(tr.generation, 2);
        ck_assert_uint_eq(tr.level, flag ? 0 : 1);
        ck_assert_uint_eq(tr.count, 4);
        ck_assert_uint_eq(tr.policy_number, 7);
        ck_assert_uint_eq(tr.causes_total, 9);
        ck_assert_uint_eq(tr.cause_count, 2);
        ck_assert_int_eq(tr.causes[0].offset, 5);
        ck_assert_int_eq(tr.causes[1].offset, 8);
        ck_assert(is(tr.policy_digest, "digest") && is(tr.rule_id, "CP-07") && is(tr.la_code, "936"));
        ck_assert(is(tr.child_ref, "C-1") && is(tr.subject_kind, "plan") && is(tr.subject_id, "P1"));
        ck_assert(is(tr.post, flag ? "" : "t1-tm"));
        ck_assert(is(tr.calendar, "ew") && is(tr.count_mode, "excl"));
        ck_assert(is(tr.reason_code, ack ? "SEEN" : "") && is(tr.oversight_ref, ack ? "note-1" : ""));
        ck_assert_int_eq(tr.review_by, ack ? 20010 : 0);
    }
}
END_TEST

START_TEST(due_by_kind)
{
    dw_alert alert = sample();
    alert.count_mode = DW_COUNT_INCL;
    alert.calendar = DW_CAL_EW_CLOSURE;
    dw_transition tr = fill(&alert, DW_TR_OPENED, 1);
    ck_assert(is(tr.calendar, "ew+closure") && is(tr.count_mode, "incl"));
    alert.due_kind = DW_DUE_INSTANT;
    tr = fill(&alert, DW_TR_OPENED, 1);
    ck_assert(is(tr.calendar, "hours") && is(tr.count_mode, "elapsed"));
    ck_assert_int_eq(tr.due_on, 0);
    ck_assert_int_eq(tr.due_at_us, 99);
    alert.due_kind = DW_DUE_NONE;
    tr = fill(&alert, DW_TR_OPENED, 1);
    ck_assert(is(tr.calendar, "") && is(tr.count_mode, ""));
    ck_assert(tr.due_on == 0 && tr.due_at_us == 0);
    alert.restricted = alert.found_at_start = alert.approximate = true;
    tr = fill(&alert, DW_TR_OPENED, 1);
    ck_assert(tr.restricted && tr.found_at_start && tr.approximate);
}
END_TEST

/* --- ids */

static bool same_id(const dw_alert *a, int64_t a_us, const dw_alert *b, int64_t b_us, dw_transition_kind kind)
{
    dw_transition one = fill(a, kind, a_us), other = fill(b, kind, b_us);
    return strcmp(one.transition_id, other.transition_id) == 0;
}

START_TEST(what_makes_another_id)
{
    for (int k = DW_TR_OPENED; k < DW_TR_COUNT; k++) {
        dw_transition_kind kind = (dw_transition_kind)k;
        bool repeats = k == DW_TR_REVISED || k == DW_TR_ACKNOWLEDGED || k == DW_TR_ACK_EXPIRED || k == DW_TR_NOTED;
        const dw_alert alert = sample();
        dw_alert other = alert;
        ck_assert(same_id(&alert, 1, &other, 1, kind));
        ck_assert(same_id(&alert, 1, &other, 2, kind) != repeats); /* the clock is no part of what happens once */
        other.causes_total++;
        other.causes[0]++;
        ck_assert(same_id(&alert, 1, &other, 1, kind));
        other.count++;
        ck_assert(same_id(&alert, 1, &other, 1, kind) != repeats);
        other = alert;
        other.post = DW_STR_LIT("t2-tm");
        ck_assert(same_id(&alert, 1, &other, 1, kind) != repeats);
        other = alert;
        other.generation++;
        ck_assert(!same_id(&alert, 1, &other, 1, kind));
        other = alert;
        other.level++;
        ck_assert(same_id(&alert, 1, &other, 1, kind) == (kind == DW_TR_FLAGGED)); /* a flag has no level */
        other = alert;
        other.due_on++;
        ck_assert(!same_id(&alert, 1, &other, 1, kind));
        other.due_kind = DW_DUE_INSTANT;
        dw_alert instant_alert = other;
        instant_alert.due_at_us++;
        ck_assert(!same_id(&alert, 1, &other, 1, kind) && !same_id(&other, 1, &instant_alert, 1, kind));
        other.due_kind = DW_DUE_NONE;
        instant_alert.due_kind = DW_DUE_NONE;
        ck_assert(!same_id(&alert, 1, &other, 1, kind) && same_id(&other, 1, &instant_alert, 1, kind));
        other = alert;
        other.subject_id = DW_STR_LIT("P2");
        ck_assert(!same_id(&alert, 1, &other, 1, kind));
    }
}
END_TEST

START_TEST(ids_of_alerts)
{
    char id[DW_UUID_TEXT_LEN + 1], other[DW_UUID_TEXT_LEN + 1];
    const dw_str parts[5] = {DW_STR_LIT("936"), DW_STR_LIT("C-1"), DW_STR_LIT("CP-07"), DW_STR_LIT("plan"),
                             DW_STR_LIT("P1")};
    dw_alert_id(parts[0], parts[1], parts[2], parts[3], parts[4], id);
    for (int i = 0; i < 5; i++) { /* each part counts, and so does where it ends */
        dw_str p[5];
        memcpy(p, parts, sizeof p);
        p[i] = DW_STR_LIT("x");
        dw_alert_id(p[0], p[1], p[2], p[3], p[4], other);
        ck_assert_str_ne(id, other);
        p[i] = (dw_str){NULL, 0};
        dw_alert_id(p[0], p[1], p[2], p[3], p[4], other);
        ck_assert_str_ne(id, other);
    }
    char again[DW_UUID_TEXT_LEN + 1];
    dw_alert_id(parts[0], DW_STR_LIT("C"), DW_STR_LIT("-1CP-07"), parts[3], parts[4], again);
    ck_assert_str_ne(id, again);
    dw_alert_id(DW_STR_LIT("936"), DW_STR_LIT("C-1"), DW_STR_LIT("CP-07"), DW_STR_LIT("child"), (dw_str){NULL, 0},
                other);
    ck_assert_int_eq(id[14], '5'); /* UUID version 5 */
    dw_transition tr = fill(&(dw_alert){.rule_id = DW_STR_LIT("CP-07"),
                                        .subject_kind = DW_STR_LIT("plan"),
                                        .subject_id = DW_STR_LIT("P1"),
                                        .generation = 1},
                            DW_TR_OPENED, 1);
    ck_assert_str_eq(tr.alert_id, id);
}
END_TEST

START_TEST(letter_by_letter)
{
    dw_alert alert = sample();
    dw_transition opened = fill(&alert, DW_TR_OPENED, 1600000000000000),
                  acked = fill(&alert, DW_TR_ACKNOWLEDGED, 1600000000000000);
    alert.due_kind = DW_DUE_INSTANT;
    dw_transition by_instant = fill(&alert, DW_TR_RESOLVED, 1600000000000000);
    ck_assert_str_eq(opened.alert_id, "214724f1-e61b-50a7-aaac-6b16fd1ef860");
    ck_assert_str_eq(opened.transition_id, "fe50cd56-5935-5bdf-a288-892941da9690");
    ck_assert_str_eq(acked.transition_id, "639a8ab6-52da-5f1d-b0c9-c4f22bda4518");
    ck_assert_str_eq(by_instant.transition_id, "c4115c26-757f-5381-833e-45778d64450d");
    alert.due_at_us = -1234567890123; /* before 1970 */
    dw_transition long_ago = fill(&alert, DW_TR_RESOLVED, 1600000000000000);
    ck_assert_str_eq(long_ago.transition_id, "50e7e5ac-13f8-55eb-b6b1-e81cd50c8052");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("transition");
    TCase *cases = tcase_create("transition");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, carries_the_alert);
    tcase_add_test(cases, due_by_kind);
    tcase_add_test(cases, what_makes_another_id);
    tcase_add_test(cases, ids_of_alerts);
    tcase_add_test(cases, letter_by_letter);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

/* check_policy.c: the shipped standards, bank holidays and reporting line, as they arrive in the core. */

#include "config/policy_load.h"
#include "field_ids.h"
#include "tests/support/suite.h"
#include "tests/unit/config/cases.h"

static dw_policy *load(const char *standards, const char *calendar, const char *organisation)
{
    dw_problems problems = {0};
    char *texts[3] = {case_file(standards), calendar[0] == '{' ? strdup(calendar) : case_file(calendar),
                      case_file(organisation)};
    dw_policy_text text = {
        .number = 7,
        .digest = DW_STR_LIT("0123abcd"),
        .standards = dw_str_from(texts[0]),
        .calendar = dw_str_from(texts[1]),
        .organisation = dw_str_from(texts[2]),
        .cut_over_us = 1767225600000000,
    };
    dw_policy *policy = dw_policy_load(&text, NULL, &problems);
    dw_problems_print(&problems, stdout);
    fflush(stdout);
    ck_assert_uint_eq(problems.count, 0);
    ck_assert_ptr_nonnull(policy);
    for (size_t i = 0; i < 3; i++) { /* nothing may point into them any more */
        memset(texts[i], 'x', strlen(texts[i]));
        free(texts[i]);
    }
    return policy;
}

static dw_policy *shipped(void)
{
    return load("config/default/standards.yaml", "config/default/bank-holidays.json",
                "config/default/organisation.yaml");
}

static dw_policy *sample(void)
{
    return load("rules.yaml",
                "{\"division\": \"england-and-wales\", \"events\": [{\"date\": \"2026-12-25\"}], "
                "\"closures\": [\"2026-12-29\"]}",
                "organisation.yaml");
}

static const dw_rule *rule_of(const dw_policy *policy, const char *id)
{
    const dw_rule *rule = dw_policy_find_rule(policy, dw_str_from(id));
    ck_assert_msg(rule != NULL, "no rule %s", id);
    return rule;
}

/* --- the shipped rules: kind, priority, status, first limit, count mode and calendar as settled */

static const struct {
    const char *id, *status;
    dw_rule_kind kind;
    dw_priority priority;
    int n; /* of the first limit; of the window for counts */
    dw_unit unit;
    dw_profile calendar;
    dw_span_family over;
} shipped_rules[] = {
    {"CL-01", "REG", DW_RULE_DEADLINE, DW_P2, 7, DW_UNIT_DAYS, DW_CAL_CALENDAR, DW_SPAN_ACCOMMODATION},
    {"CL-02", "REG", DW_RULE_RECURRING, DW_P2, 56, DW_UNIT_DAYS, DW_CAL_CALENDAR, DW_SPAN_PLAN},
    {"CL-03", "REG", DW_RULE_RECURRING, DW_P2, 6, DW_UNIT_MONTHS, DW_CAL_CALENDAR, DW_SPAN_PLAN},
    {"CN-01", "LOC", DW_RULE_RECURRING, DW_P2, 20, DW_UNIT_WORKING_DAYS, DW_CAL_EW, DW_SPAN_PLAN},
    {"CN-03", "LOC", DW_RULE_DURATION, DW_P3, 12, DW_UNIT_MONTHS, DW_CAL_CALENDAR, DW_SPAN_PLAN},
    {"CP-03", "SG", DW_RULE_DEADLINE, DW_P2, 10, DW_UNIT_WORKING_DAYS, DW_CAL_EW, DW_SPAN_PLAN},
    {"CP-04", "LOC", DW_RULE_RECURRING, DW_P3, 42, DW_UNIT_DAYS, DW_CAL_CALENDAR, DW_SPAN_PLAN},
    {"CP-05", "SG", DW_RULE_DEADLINE, DW_P2, 91, DW_UNIT_DAYS, DW_CAL_CALENDAR, DW_SPAN_PLAN},
    {"CP-06", "SG", DW_RULE_RECURRING, DW_P2, 183, DW_UNIT_DAYS, DW_CAL_CALENDAR, DW_SPAN_PLAN},
    {"CP-07", "LOC", DW_RULE_RECURRING, DW_P2, 10, DW_UNIT_WORKING_DAYS, DW_CAL_EW, DW_SPAN_PLAN},
    {"CP-11", "LOC", DW_RULE_DURATION, DW_P3, 18, DW_UNIT_MONTHS, DW_CAL_CALENDAR, DW_SPAN_PLAN},
    {"DR-01", "LOC", DW_RULE_COUNT, DW_P3, 365, DW_UNIT_DAYS, DW_CAL_CALENDAR, DW_SPAN_CASE},
    {"DR-01V", "LOC", DW_RULE_DEADLINE, DW_P3, 10, DW_UNIT_WORKING_DAYS, DW_CAL_EW, DW_SPAN_ALLOCATION},
    {"DR-02", "LOC", DW_RULE_DEADLINE, DW_P1, 1, DW_UNIT_WORKING_DAYS, DW_CAL_EW, DW_SPAN_UNALLOCATED},
    {"DR-03", "LOC", DW_RULE_SILENCE, DW_P3, 21, DW_UNIT_DAYS, DW_CAL_CALENDAR, DW_SPAN_CASE},
    {"DR-05", "LOC", DW_RULE_RECURRING, DW_P3, 84, DW_UNIT_DAYS, DW_CAL_CALENDAR, DW_SPAN_CASE},
    {"ES-01", "SG", DW_RULE_DEADLINE, DW_P2, 20, DW_UNIT_WORKING_DAYS, DW_CAL_EW, DW_SPAN_DISPUTE},
    {"ES-02", "LOC", DW_RULE_RECURRING, DW_P2, 5, DW_UNIT_WORKING_DAYS, DW_CAL_EW, DW_SPAN_DISPUTE},
    {"FD-01", "SG", DW_RULE_DEADLINE, DW_P2, 1, DW_UNIT_WORKING_DAYS, DW_CAL_EW, DW_SPAN_CONTACT},
    {"FD-02", "LOC", DW_RULE_DEADLINE, DW_P3, 3, DW_UNIT_WORKING_DAYS, DW_CAL_EW, DW_SPAN_CONTACT},
    {"FD-04", "SG", DW_RULE_DEADLINE, DW_P2, 1, DW_UNIT_WORKING_DAYS, DW_CAL_EW, DW_SPAN_REFERRAL},
    {"FD-05", "DATA", DW_RULE_COUNT, DW_P3, 12, DW_UNIT_MONTHS, DW_CAL_CALENDAR, DW_SPAN_REFERRAL},
    {"HA-01", "REG", DW_RULE_DEADLINE, DW_P2, 20, DW_UNIT_WORKING_DAYS, DW_CAL_EW, DW_SPAN_CARE},
    {"HO-01", "SG", DW_RULE_DEADLINE, DW_P2, 1, DW_UNIT_WORKING_DAYS, DW_CAL_EW, DW_SPAN_CONTACT},
    {"LA-01", "REG", DW_RULE_DEADLINE, DW_P2, 7, DW_UNIT_DAYS, DW_CAL_CALENDAR, DW_SPAN_PLACEMENT},
    {"LA-02", "REG", DW_RULE_RECURRING, DW_P2, 42, DW_UNIT_DAYS, DW_CAL_CALENDAR, DW_SPAN_PLACEMENT},
    {"LA-03", "REG", DW_RULE_RECURRING, DW_P2, 3, DW_UNIT_MONTHS, DW_CAL_CALENDAR, DW_SPAN_PLACEMENT},
    {"LA-05", "REG", DW_RULE_RECURRING, DW_P2, 7, DW_UNIT_DAYS, DW_CAL_CALENDAR, DW_SPAN_PLACEMENT},
    {"LA-06", "REG", DW_RULE_RECURRING, DW_P2, 7, DW_UNIT_DAYS, DW_CAL_CALENDAR, DW_SPAN_PLACEMENT},
    {"LA-07", "REG", DW_RULE_RECURRING, DW_P2, 7, DW_UNIT_DAYS, DW_CAL_CALENDAR, DW_SPAN_PLACEMENT},
    {"LA-08", "REG", DW_RULE_RECURRING, DW_P2, 7, DW_UNIT_DAYS, DW_CAL_CALENDAR, DW_SPAN_PLACEMENT},
    {"LA-10", "REG", DW_RULE_RECURRING, DW_P2, 0, DW_UNIT_DAYS, DW_CAL_CALENDAR, DW_SPAN_PLACEMENT},
    {"LA-11", "REG", DW_RULE_DEADLINE, DW_P2, 20, DW_UNIT_WORKING_DAYS, DW_CAL_EW, DW_SPAN_CARE},
    {"LA-12", "REG", DW_RULE_RECURRING, DW_P2, 3, DW_UNIT_MONTHS, DW_CAL_CALENDAR, DW_SPAN_CARE},
    {"LA-13", "REG", DW_RULE_RECURRING, DW_P2, 6, DW_UNIT_MONTHS, DW_CAL_CALENDAR, DW_SPAN_CARE},
    {"LA-16", "REG", DW_RULE_RECURRING, DW_P2, 3, DW_UNIT_MONTHS, DW_CAL_CALENDAR, DW_SPAN_CARE},
    {"PP-01", "REG", DW_RULE_DEADLINE, DW_P2, 5, DW_UNIT_WORKING_DAYS, DW_CAL_EW, DW_SPAN_PLACEMENT},
    {"RE-01", "LOC", DW_RULE_DEADLINE, DW_P3, 2, DW_UNIT_WORKING_DAYS, DW_CAL_EW, DW_SPAN_CHILD},
    {"SU-03", "LOC", DW_RULE_DEADLINE, DW_P3, 2, DW_UNIT_WORKING_DAYS, DW_CAL_EW, DW_SPAN_CHILD},
    {"MI-01", "LOC", DW_RULE_DEADLINE, DW_P1, 24, DW_UNIT_HOURS, DW_CAL_CALENDAR, DW_SPAN_EPISODE},
    {"MI-02", "SG", DW_RULE_DEADLINE, DW_P2, 72, DW_UNIT_HOURS, DW_CAL_CALENDAR, DW_SPAN_EPISODE},
    {"MI-03", "LOC", DW_RULE_COUNT, DW_P1, 90, DW_UNIT_DAYS, DW_CAL_CALENDAR, DW_SPAN_EPISODE},
    {"MI-05", "LOC", DW_RULE_DEADLINE, DW_P2, 5, DW_UNIT_WORKING_DAYS, DW_CAL_EW, DW_SPAN_CHILD},
    {"MI-06", "LOC", DW_RULE_DEADLINE, DW_P3, 3, DW_UNIT_WORKING_DAYS, DW_CAL_EW, DW_SPAN_EPISODE},
    {"PF-01", "REG", DW_RULE_DEADLINE, DW_P2, 7, DW_UNIT_WORKING_DAYS, DW_CAL_EW, DW_SPAN_PLAN},
    {"PF-02", "REG", DW_RULE_RECURRING, DW_P2, 42, DW_UNIT_DAYS, DW_CAL_CALENDAR, DW_SPAN_PLAN},
    {"PF-03", "REG", DW_RULE_RECURRING, DW_P2, 84, DW_UNIT_DAYS, DW_CAL_CALENDAR, DW_SPAN_PLAN},
    {"ST-01", "BP", DW_RULE_STALL, DW_P3, 0, DW_UNIT_DAYS, DW_CAL_CALENDAR, DW_SPAN_PLAN},
    {"SU-01", "LOC", DW_RULE_RECURRING, DW_P3, 28, DW_UNIT_DAYS, DW_CAL_CALENDAR, DW_SPAN_CASE},
};
#define SHIPPED_RULES (sizeof(shipped_rules) / sizeof(shipped_rules[0]))

START_TEST(shipped_rule)
{
    dw_policy *policy = shipped();
    const dw_rule *rule = dw_policy_find_rule(policy, dw_str_from(shipped_rules[_i].id));
    ck_assert_ptr_nonnull(rule);
    ck_assert_str_eq(rule->status.ptr, shipped_rules[_i].status);
    ck_assert_int_eq(rule->kind, shipped_rules[_i].kind);
    ck_assert_int_eq(rule->priority, shipped_rules[_i].priority);
    ck_assert_int_eq(rule->over.family, shipped_rules[_i].over);
    if (rule->kind == DW_RULE_COUNT) {
        ck_assert_int_eq(rule->window_n, shipped_rules[_i].n);
        ck_assert_int_eq(rule->window_unit, shipped_rules[_i].unit);
    } else if (rule->kind != DW_RULE_STALL) {
        ck_assert_int_eq(rule->limits[0].n, shipped_rules[_i].n);
        ck_assert_int_eq(rule->limits[0].unit, shipped_rules[_i].unit);
    }
    ck_assert_int_eq(rule->calendar, shipped_rules[_i].calendar);
    ck_assert_int_eq(rule->count_mode, DW_COUNT_EXCL);
    const dw_str texts[] = {rule->title, rule->action, rule->next_step, rule->trigger, rule->source};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        ck_assert_uint_gt(texts[i].len, 10);
    ck_assert_uint_ge(rule->version, 1);
    ck_assert_int_gt(rule->reviewed_on, dw_day_from_ymd(2026, 1, 1));
    dw_policy_unref(&policy);
}
END_TEST

/* --- what counts as a visit */

typedef struct visit_row {
    const char *rule;
    int type, mode, seen, result, role, location;
    bool counts;
} visit_row;

#define T(x) DW_V_VISIT_TYPE_##x
#define F2F DW_V_VISIT_MODE_F2F
#define VIDEO DW_V_VISIT_MODE_VIDEO
#define YES DW_ANSWER_Y
#define HOME DW_V_VISIT_LOCATION_HOME
#define SCHOOL DW_V_VISIT_LOCATION_SCHOOL
#define SW DW_V_ROLE_SW
#define FSW DW_V_ROLE_FSW
#define SEEN DW_V_ATTEMPT_RESULT_SEEN
#define NO_ACCESS DW_V_ATTEMPT_RESULT_NO_ACCESS

static const visit_row visit_rows[] = {
    {"CP-07", T(CP), F2F, YES, SEEN, SW, HOME, true},
    {"CP-07", T(CP), F2F, YES, 0, 0, 0, true}, /* an absent role is a social worker */
    {"CP-07", T(CP), F2F, YES, SEEN, FSW, HOME, false},
    {"CP-07", T(CIN), F2F, YES, SEEN, SW, HOME, false},
    {"CP-07", T(CP), VIDEO, YES, SEEN, SW, HOME, false},
    {"CP-07", T(CP), 0, YES, SEEN, SW, HOME, false},
    {"CP-07", T(CP), F2F, DW_ANSWER_N, SEEN, SW, HOME, false},
    {"CP-07", T(CP), F2F, 0, SEEN, SW, HOME, false}, /* blank is unknown, not yes */
    {"CP-07", T(CP), F2F, YES, NO_ACCESS, SW, HOME, false},
    {"CN-01", T(CIN), F2F, YES, SEEN, FSW, HOME, true}, /* any role */
    {"CN-01", T(CP), F2F, YES, SEEN, SW, HOME, false},  /* CIN alone counts */
    {"CN-01", T(CIN), F2F, DW_ANSWER_N, SEEN, SW, HOME, false},
    {"LA-01", T(CLA), F2F, YES, SEEN, SW, HOME, true},
    {"LA-01", T(CLA), F2F, YES, SEEN, 0, DW_V_VISIT_LOCATION_PLACEMENT, true},
    {"LA-01", T(CLA), F2F, YES, SEEN, SW, SCHOOL, false},
    {"LA-01", T(CLA), F2F, YES, SEEN, SW, 0, false},
    {"LA-02", T(CLA), F2F, YES, SEEN, FSW, HOME, false},
    {"LA-03", T(CP), F2F, YES, SEEN, SW, HOME, false},
    {"PF-01", T(PF), F2F, YES, SEEN, FSW, SCHOOL, true},
    {"PF-02", T(PF), F2F, YES, 0, 0, 0, true},
    {"PF-03", T(PF), VIDEO, YES, SEEN, SW, HOME, false},
    {"DR-01V", T(DUTY), F2F, YES, SEEN, SW, SCHOOL, true}, /* any visit by that worker */
    {"DR-01V", T(CP), F2F, DW_ANSWER_N, DW_V_ATTEMPT_RESULT_NOT_SEEN, SW, HOME, false},
};

START_TEST(qualifying_visit)
{
    const visit_row *row = &visit_rows[_i];
    const struct {
        uint16_t field;
        int value;
    } fields[] = {
        {DW_F_VISIT_DONE_VISIT_TYPE, row->type},       {DW_F_VISIT_DONE_MODE, row->mode},
        {DW_F_VISIT_DONE_ATTEMPT_RESULT, row->result}, {DW_F_VISIT_DONE_CHILD_SEEN, row->seen},
        {DW_F_VISIT_DONE_LOCATION, row->location},     {DW_F_VISIT_DONE_BY_ROLE, row->role},
    };
    dw_value values[6];
    dw_fact fact = {.type = DW_EV_VISIT_DONE, .has = UINT32_MAX, .values = values};
    for (size_t i = 0; i < 6; i++)
        if (fields[i].value != 0)
            values[fact.value_count++] =
                (dw_value){.field = fields[i].field, .kind = DW_VAL_ENUM, .i = fields[i].value};
    dw_policy *policy = shipped();
    const dw_rule *rule = rule_of(policy, row->rule);
    ck_assert_uint_eq(rule->evidence_count, 1);
    ck_assert_int_eq(rule->evidence[0].type, DW_EV_VISIT_DONE);
    ck_assert_msg(dw_pred_fact(rule->evidence[0].where, &fact) == row->counts, "%s, row %d", row->rule, _i);
    dw_policy_unref(&policy);
}
END_TEST

/* A review without status was held; one that was begun only was not. */
START_TEST(held_reviews_count)
{
    static const struct {
        int status;
        bool counts;
    } rows[] = {{0, true},
                {DW_V_REVIEW_STATUS_HELD, true},
                {DW_V_REVIEW_STATUS_ADJOURNED, false},
                {DW_V_REVIEW_STATUS_CANCELLED, false},
                {DW_V_REVIEW_STATUS_INQUORATE, false},
                {DW_V_REVIEW_STATUS_SERIES_PART, false}};
    dw_policy *policy = shipped();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const dw_value values[] = {
            {.field = DW_F_PLAN_REVIEW_REVIEW_KIND, .kind = DW_VAL_ENUM, .i = DW_V_REVIEW_KIND_RCPC},
            {.field = DW_F_PLAN_REVIEW_STATUS, .kind = DW_VAL_ENUM, .i = rows[i].status},
        };
        dw_fact fact = {
            .type = DW_EV_PLAN_REVIEW, .value_count = rows[i].status != 0 ? 2 : 1, .has = UINT32_MAX, .values = values};
        ck_assert(dw_pred_fact(rule_of(policy, "CP-05")->evidence[0].where, &fact) == rows[i].counts);
        ck_assert(dw_pred_fact(rule_of(policy, "CP-06")->evidence[0].where, &fact) == rows[i].counts);
        ck_assert(dw_pred_fact(rule_of(policy, "ST-01")->evidence[0].where, &fact) == rows[i].counts);
        ck_assert(!dw_pred_fact(rule_of(policy, "LA-11")->evidence[0].where, &fact));
    }
    dw_policy_unref(&policy);
}
END_TEST

/* --- the ladder and the working hours */

START_TEST(shipped_ladder)
{
    dw_policy *policy = shipped();
    const int32_t day = 8 * 60;
    const dw_ladder expected[] = {
        {1, 4, 0, {0, 2 * 60, 4 * 60, day, 0}, 1},
        {0, 4, 2 * day, {day, 2 * day, 3 * day, 5 * day, 0}, 5},
        {0, 3, 5 * day, {5 * day, 5 * day, 10 * day, 0, 0}, 10},
    };
    for (int p = DW_P1; p <= DW_P3; p++) {
        const dw_ladder *ladder = dw_policy_ladder(policy, (dw_priority)p), *e = &expected[p - DW_P1];
        ck_assert_uint_eq(ladder->entry_level, e->entry_level);
        ck_assert_uint_eq(ladder->top_level, e->top_level);
        ck_assert_int_eq(ladder->grace_minutes, e->grace_minutes);
        for (int i = 0; i < DW_LEVELS; i++)
            ck_assert_int_eq(ladder->climb_minutes[i], e->climb_minutes[i]);
        ck_assert_int_eq(ladder->review_max_days, e->review_max_days);
    }
    dw_policy_unref(&policy);
}
END_TEST

START_TEST(calendar_and_hours)
{
    dw_policy *policy = sample();
    const dw_calendar *cal = dw_policy_calendar(policy);
    int32_t christmas = dw_day_from_ymd(2026, 12, 25), closed = dw_day_from_ymd(2026, 12, 29);
    ck_assert(!dw_calendar_is_working(cal, DW_CAL_EW, christmas));
    ck_assert(dw_calendar_is_working(cal, DW_CAL_WEEKDAYS, christmas));
    ck_assert(dw_calendar_is_working(cal, DW_CAL_EW, closed));
    ck_assert(!dw_calendar_is_working(cal, DW_CAL_EW_CLOSURE, closed));
    /* Monday 7 December 2026, 16:00; the day ends at 16:30 and the next begins at 08:30 */
    int64_t monday = dw_london_start_us(dw_day_from_ymd(2026, 12, 7)), minute = 60 * INT64_C(1000000);
    int64_t at = dw_calendar_add_working_minutes(cal, monday + 16 * 60 * minute, 60);
    ck_assert_int_eq(at, monday + (24 * 60 + 9 * 60) * minute);
    /* one working day is as long as the working hours say */
    ck_assert_int_eq(dw_policy_ladder(policy, DW_P2)->grace_minutes, 2 * 8 * 60);
    dw_policy_unref(&policy);
    policy = shipped();
    ck_assert_int_eq(dw_calendar_last_holiday(dw_policy_calendar(policy)), dw_day_from_ymd(2028, 12, 26));
    ck_assert(!dw_calendar_is_working(dw_policy_calendar(policy), DW_CAL_EW, dw_day_from_ymd(2022, 9, 19)));
    ck_assert(dw_calendar_is_working(dw_policy_calendar(policy), DW_CAL_EW, dw_day_from_ymd(2026, 1, 2)));
    dw_policy_unref(&policy); /* 2 January is a bank holiday in Scotland only */
}
END_TEST

START_TEST(identity)
{
    dw_policy *policy = shipped();
    ck_assert_uint_eq(dw_policy_number(policy), 7);
    ck_assert_str_eq(dw_policy_digest(policy).ptr, "0123abcd");
    ck_assert_int_eq(dw_policy_cut_over_us(policy), 1767225600000000);
    dw_policy_unref(&policy);
}
END_TEST

/* --- reporting line */

START_TEST(posts)
{
    static const struct {
        const char *team;
        uint32_t level;
        const char *post;
        bool vacant;
    } rows[] = {
        {"team-1", 0, "team-1-sw", false},
        {"team-1", 1, "team-1-tm", true},
        {"team-1", 2, "sm", false},
        {"team-2", 0, "duty-sw", false},
        {"team-2", 4, "dcs-2", false},
        {"team-9", 1, "duty-tm", false},
        {"", 3, "ad", true},
        {"team-1", 3, "ad", true},
    };
    dw_policy *policy = sample();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool vacant = !rows[i].vacant;
        dw_str post = dw_policy_post(policy, dw_str_from(rows[i].team), rows[i].level, &vacant);
        ck_assert_msg(dw_str_eq(post, dw_str_from(rows[i].post)), "row %zu: %.*s", i, DW_STR_ARG(post));
        ck_assert(vacant == rows[i].vacant);
    }
    dw_policy_unref(&policy);
}
END_TEST

/* --- every key arrives where the core reads it (rules.yaml uses them all) */

START_TEST(members_of_recurring)
{
    dw_policy *policy = sample();
    const dw_rule *rule = rule_of(policy, "RE-1");
    ck_assert_uint_eq(rule->line, 7);
    ck_assert_uint_eq(rule->rest_count, 1);
    ck_assert_int_eq(rule->rests[0].family, DW_SPAN_CARE);
    ck_assert_uint_eq(rule->after_rest_count, 1);
    ck_assert_int_eq(rule->anchor, DW_ANCHOR_FIELD);
    ck_assert_uint_eq(rule->anchors[0].field_count, 2);
    ck_assert_str_eq(rule->anchors[0].fields[1]->name.ptr, "notified_on");
    ck_assert_str_eq(rule->evidence[0].link->name.ptr, "plan_id");
    ck_assert_str_eq(rule->over.where->text.ptr, "plan_type = CP");
    ck_assert(rule->from_start && rule->has_band && !rule->strictest && !rule->evidence_after_start);
    ck_assert_int_eq(rule->band_from_months, 0);
    ck_assert_int_eq(rule->band_until_months, 12);
    ck_assert_uint_eq(rule->frequencies[0].days->by_type[DW_EV_PLAN_CHANGED], DW_F_PLAN_CHANGED_VISIT_FREQUENCY_DAYS);
    ck_assert_uint_eq(rule->frequencies[0].unit->by_type[DW_EV_PLAN_STARTED], DW_F_PLAN_STARTED_VISIT_FREQUENCY_UNIT);
    ck_assert_uint_eq(rule->frequencies[0].from->by_type[DW_EV_PLAN_STARTED], DW_F_PLAN_STARTED_VISIT_FREQUENCY_FROM);
    ck_assert_int_eq(rule->count_mode, DW_COUNT_INCL);
    ck_assert_int_eq(rule->calendar, DW_CAL_EW_CLOSURE);
    rule = rule_of(policy, "RE-2");
    ck_assert(!rule->from_start && rule->strictest && rule->evidence_after_start);
    ck_assert_uint_eq(rule->nth_from, 2);
    ck_assert_uint_eq(rule->nth_to, 0);
    ck_assert_uint_eq(rule->due_override->by_type[DW_EV_PLAN_REVIEW], DW_F_PLAN_REVIEW_NEXT_DUE_OVERRIDE);
    ck_assert_uint_eq(rule->limit_count, 2);
    ck_assert_ptr_nonnull(rule->limits[0].when);
    ck_assert(!rule->limits[0].has_while && rule->limits[1].has_while && rule->limits[1].has_or);
    ck_assert_int_eq(rule->limits[1].during.family, DW_SPAN_PLAN);
    ck_assert_int_eq(rule->limits[1].or_during.family, DW_SPAN_CARE);
    ck_assert_uint_eq(rule->version, 2);
    dw_policy_unref(&policy);
}
END_TEST

START_TEST(members_of_deadline)
{
    dw_policy *policy = sample();
    const dw_rule *rule = rule_of(policy, "DE-1");
    ck_assert_int_eq(rule->anchor, DW_ANCHOR_END);
    ck_assert_str_eq(rule->evidence[0].link_more->name.ptr, "episode_ids");
    ck_assert(rule->evidence[0].link_required && rule->evidence[0].within_limit);
    ck_assert_int_eq(rule->limits[0].unit, DW_UNIT_HOURS);
    ck_assert_uint_eq(rule->climb_count, 2);
    ck_assert_int_eq(rule->climb_hours[1], 48);
    rule = rule_of(policy, "DE-2");
    ck_assert_int_eq(rule->met_by, DW_MET_BY_END);
    ck_assert_int_eq(rule->calendar, DW_CAL_WEEKDAYS);
    rule = rule_of(policy, "DE-3");
    ck_assert_int_eq(rule->anchor, DW_ANCHOR_CROSSING);
    ck_assert_str_eq(dw_policy_rule(policy, rule->anchor_rule)->id.ptr, "CO-1");
    ck_assert_str_eq(rule->reason.ptr, "it helps");
    ck_assert_int_eq(rule->limits[0].n, 6);
    ck_assert_int_eq(rule->limits[0].unit, DW_UNIT_WEEKS);
    rule = rule_of(policy, "DE-4");
    ck_assert_int_eq(rule->anchor, DW_ANCHOR_BEFORE_START);
    ck_assert_int_eq(rule->anchors[0].clause.type, DW_EV_CONFERENCE_ICPC);
    ck_assert_ptr_nonnull(rule->anchors[0].clause.where);
    dw_policy_unref(&policy);
}
END_TEST

START_TEST(members_of_the_others)
{
    dw_policy *policy = sample();
    const dw_rule *rule = rule_of(policy, "CO-1");
    ck_assert(rule->count_spans);
    ck_assert_uint_eq(rule->threshold, 3);
    ck_assert_int_eq(rule->until, DW_UNTIL_ANSWERED);
    ck_assert_uint_eq(rule->answer_count, 1);
    rule = rule_of(policy, "CO-2");
    ck_assert(!rule->count_spans);
    ck_assert_int_eq(rule->window_unit, DW_UNIT_MONTHS);
    ck_assert_uint_eq(rule->distinct->by_type[DW_EV_WORKER_ALLOCATED], DW_F_ENV_WORKER_REF);
    ck_assert_int_eq(rule_of(policy, "DU-1")->kind, DW_RULE_DURATION);
    ck_assert_int_eq(rule_of(policy, "SI-1")->kind, DW_RULE_SILENCE);
    rule = rule_of(policy, "ST-1");
    ck_assert(rule->same_placement);
    ck_assert_uint_eq(rule->same_count, 1);
    ck_assert_uint_eq(rule->same[0]->by_type[DW_EV_PLAN_CHANGED], DW_F_PLAN_CHANGED_LATEST_CATEGORY);
    ck_assert_ptr_nonnull(rule->both);
    dw_policy_unref(&policy);
}
END_TEST

/* rules.yaml uses every key that a rule may have; the man page tells of each. */
START_TEST(man_page_tells_of_every_key)
{
    dw_problems problems = {0};
    dw_yaml yaml;
    char *rules = case_file("rules.yaml"), *page = NULL, path[512];
    size_t len = 0, keys = 0;
    dw_error err = {0};
    snprintf(path, sizeof(path), "%s/daemon/man/driftwatch-standards.5.scd", DW_SOURCE_DIR);
    ck_assert_msg(dw_file_read(path, DW_CONFIG_BYTES_MAX, &page, &len, &err), "%s", err.text);
    ck_assert(dw_yaml_parse(&yaml, "rules.yaml", dw_str_from(rules), &problems));
    for (int id = 1; dw_yaml_node(&yaml, id) != NULL; id++) {
        const yaml_node_t *map = dw_yaml_node(&yaml, id);
        if (map->type != YAML_MAPPING_NODE)
            continue;
        for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
            char *key = (char *)dw_yaml_node(&yaml, p->key)->data.scalar.value, bold[80];
            snprintf(bold, sizeof(bold), "*%s", key);
            ck_assert_msg(strstr(page, bold) != NULL || strstr(page, key) != NULL, "%s", key);
            keys++;
        }
    }
    ck_assert_uint_gt(keys, 150);
    dw_yaml_deinit(&yaml);
    free(rules);
    free(page);
}
END_TEST

/* The names given by the caller stand in the problems; three faulty texts are told of at once. */
START_TEST(all_three_at_once)
{
    dw_problems problems = {0};
    dw_policy_names names = {.standards = "s.yaml", .calendar = "b.json", .organisation = "o.yaml"};
    dw_policy_text text = {
        .standards = DW_STR_LIT("rulez: 1"), .calendar = DW_STR_LIT("{}"), .organisation = DW_STR_LIT("lines: 3")};
    ck_assert_ptr_null(dw_policy_load(&text, &names, &problems));
    ck_assert_uint_eq(problems.errors, 5);
    ck_assert_str_eq(problems.items[0].file, "s.yaml");
    ck_assert_str_eq(problems.items[3].file, "b.json");
    ck_assert_str_eq(problems.items[4].file, "o.yaml");
    dw_problems_deinit(&problems);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("policy");
    TCase *tc = tcase_create("policy");
    tcase_add_loop_test(tc, shipped_rule, 0, SHIPPED_RULES);
    tcase_add_loop_test(tc, qualifying_visit, 0, sizeof(visit_rows) / sizeof(visit_rows[0]));
    tcase_add_test(tc, held_reviews_count);
    tcase_add_test(tc, shipped_ladder);
    tcase_add_test(tc, calendar_and_hours);
    tcase_add_test(tc, identity);
    tcase_add_test(tc, posts);
    tcase_add_test(tc, members_of_recurring);
    tcase_add_test(tc, members_of_deadline);
    tcase_add_test(tc, members_of_the_others);
    tcase_add_test(tc, man_page_tells_of_every_key);
    tcase_add_test(tc, all_three_at_once);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

#pragma once
/* small_policy.h: a policy built by hand, for tests of the core that must not depend on the shipped standards. */

#include "field_ids.h"
#include "proto/fields.h"
#include "tests/support/core_build.h"

static inline const dw_field_ref *field_ref(dw_policy *policy, const char *name)
{
    dw_field_ref *ref = dw_arena_alloc(dw_policy_arena(policy), sizeof *ref);
    ck_assert_ptr_nonnull(ref);
    ref->name = dw_str_from(name);
    bool any = false;
    for (int type = 1; type < DW_EV_MAX; type++) {
        dw_field_info info;
        if (dw_field_find((dw_event_type)type, ref->name, &info)) {
            ref->by_type[type] = info.field;
            any = true;
        }
    }
    ck_assert_msg(any, "no field %s", name);
    return ref;
}

static inline dw_pred *pred_new(dw_policy *policy, dw_pred_op op)
{
    dw_pred *pred = dw_arena_alloc(dw_policy_arena(policy), sizeof *pred);
    ck_assert_ptr_nonnull(pred);
    pred->op = op;
    return pred;
}

static inline const dw_pred *pred_value(dw_policy *policy, dw_pred_op op, const char *field, int64_t value)
{
    dw_pred *pred = pred_new(policy, op);
    int64_t *set = dw_arena_alloc(dw_policy_arena(policy), sizeof *set);
    *set = value;
    pred->field = field_ref(policy, field);
    pred->set = set;
    pred->set_count = 1;
    pred->text = dw_str_from(field);
    ck_assert_int_eq(dw_pred_ready(dw_policy_arena(policy), pred), DW_OK);
    return pred;
}

static inline const dw_pred *pred_pair(dw_policy *policy, dw_pred_op op, const dw_pred *left, const dw_pred *right)
{
    dw_pred *pred = pred_new(policy, op);
    pred->left = left;
    pred->right = right;
    pred->text = DW_STR_LIT("pair");
    ck_assert_int_eq(dw_pred_ready(dw_policy_arena(policy), pred), DW_OK);
    return pred;
}

/* A visit every 10 working days of a CP plan; priority P2. */
static inline dw_rule *add_visits(dw_policy *policy, const char *id)
{
    dw_rule *rule = dw_policy_add_rule(policy);
    ck_assert_ptr_nonnull(rule);
    rule->id = dw_str_from(id);
    rule->title = DW_STR_LIT("Visit overdue");
    rule->action = DW_STR_LIT("Visit.");
    rule->next_step = DW_STR_LIT("Record it.");
    rule->source = DW_STR_LIT("a test");
    rule->status = DW_STR_LIT("LOC");
    rule->trigger = DW_STR_LIT("Ten working days without a visit.");
    rule->version = 1;
    rule->kind = DW_RULE_RECURRING;
    rule->priority = DW_P2;
    rule->over = (dw_span_selector){.family = DW_SPAN_PLAN,
                                    .where = pred_value(policy, DW_PRED_IN, "plan_type", DW_V_PLAN_TYPE_CP)};
    rule->from_start = true;
    rule->evidence[0].type = DW_EV_VISIT_DONE;
    rule->evidence[0].where = pred_value(policy, DW_PRED_IN, "mode", DW_V_VISIT_MODE_F2F);
    rule->evidence[0].link = field_ref(policy, "plan_id");
    rule->evidence_count = 1;
    rule->limits[0] = (dw_limit){.n = 10, .unit = DW_UNIT_WORKING_DAYS};
    rule->limit_count = 1;
    return rule;
}

/* Three missing episodes within 90 days, until a meeting; priority P1. */
static inline dw_rule *add_episodes(dw_policy *policy, const char *id)
{
    dw_rule *rule = add_visits(policy, id);
    rule->kind = DW_RULE_COUNT;
    rule->priority = DW_P1;
    rule->over = (dw_span_selector){.family = DW_SPAN_EPISODE};
    rule->evidence_count = 0;
    rule->limit_count = 0;
    rule->count_spans = true;
    rule->threshold = 3;
    rule->window_n = 90;
    rule->window_unit = DW_UNIT_DAYS;
    rule->until = DW_UNTIL_ANSWERED;
    rule->answer[0].type = DW_EV_MEETING_HELD;
    rule->answer_count = 1;
    return rule;
}

/* 9 to 17, Good Friday and Easter Monday 2026, Christmas 2026; two teams (team-2 without a team manager); cut-over by the
 * caller with dw_policy_set_identity(). P1 as alerts.md 4.4: opens at the team manager; P2 at the social worker. */
static inline dw_policy *small_policy_open(uint32_t number)
{
    dw_policy *policy = dw_policy_new(1 << 20);
    ck_assert_ptr_nonnull(policy);
    const int32_t holidays[] = {date("2026-04-03"), date("2026-04-06"), date("2026-12-25")};
    dw_policy_set_calendar(policy, dw_calendar_new(holidays, 3, NULL, 0, 540, 1020));
    dw_policy_set_identity(policy, number, DW_STR_LIT("digest"), DW_AT_NONE);
    dw_policy_set_ladder(policy, DW_P1, (dw_ladder){1, 4, 0, {0, 120, 240, 480, 0}, 1});
    dw_policy_set_ladder(policy, DW_P2, (dw_ladder){0, 4, 960, {480, 960, 1440, 2400, 0}, 5});
    dw_policy_set_ladder(policy, DW_P3, (dw_ladder){0, 3, 2400, {2400, 2400, 4800, 0, 0}, 10});
#define S(text) DW_STR_LIT(text)
    dw_line lines[] = {
        {.team_id = {NULL, 0}, .post = {S("sw"), S("tm"), S("sm"), S("ad"), S("dir")}},
        {.team_id = S("team-1"), .post = {S("t1-sw"), S("t1-tm"), S("t1-sm"), S("ad"), S("dir")}},
        {.team_id = S("team-2"), .post = {S("t2-sw"), S("t2-tm"), S("t2-sm")}, .vacant = {false, true}},
    };
#undef S
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        ck_assert(dw_policy_add_line(policy, lines[i]));
    return policy;
}

static inline void small_policy_seal(dw_policy *policy)
{
    dw_error err = {0};
    ck_assert_msg(dw_policy_seal(policy, &err) == DW_OK, "%s", err.text);
}

static inline dw_policy *small_policy(uint32_t number)
{
    dw_policy *policy = small_policy_open(number);
    add_visits(policy, "CP-07");
    add_episodes(policy, "MI-03");
    small_policy_seal(policy);
    return policy;
}

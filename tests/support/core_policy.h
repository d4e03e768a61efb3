#pragma once
/* core_policy.h: a policy of a test, its rule, and the shapes that such a rule is given. */

#include "tests/unit/handlers/small_policy.h"

static dw_policy *policy; /* of the test */
static dw_rule *rule;     /* of the row: CP-07, a visit every 10 working days of a CP plan */

static inline dw_errc seal_text(dw_policy *open, char text[DW_ERROR_TEXT_MAX])
{
    dw_error err = {0};
    dw_errc code = dw_policy_seal(open, &err);
    snprintf(text, DW_ERROR_TEXT_MAX, "%s", err.text);
    return code;
}

static const dw_span_selector of_child = {.family = DW_SPAN_CHILD};

static inline dw_span_selector child_where(void)
{
    return (dw_span_selector){.family = DW_SPAN_CHILD, .where = rule->over.where};
}

static inline dw_span_selector plan_where(void)
{
    return (dw_span_selector){.family = DW_SPAN_PLAN, .where = rule->over.where};
}

static inline dw_span_selector each_where(void)
{
    return (dw_span_selector){
        .family = DW_SPAN_CHILD, .where = rule->over.where, .each = true, .each_type = DW_EV_VISIT_DONE};
}

/* The rule waits for the crossing of MI-03. */
static inline dw_rule *crossing(void)
{
    dw_rule *target = add_episodes(policy, "MI-03");
    rule->kind = DW_RULE_DEADLINE;
    rule->anchor = DW_ANCHOR_CROSSING;
    rule->anchor_rule_id = DW_STR_LIT("MI-03");
    return target;
}

/* `by` follows the missed duties of the others. */
static inline dw_rule *follow(dw_rule *by, const dw_str *ids, uint32_t n)
{
    by->kind = DW_RULE_DEADLINE;
    by->over = of_child;
    by->anchor = DW_ANCHOR_BREACH;
    by->breach_ids = ids;
    by->breach_id_count = n;
    return by;
}

static inline void to_target(void)
{
    rule->kind = DW_RULE_DEADLINE;
    rule->met_by = DW_MET_BY_TARGET;
    rule->target = field_ref(policy, "end_date");
    rule->raises = DW_RAISES_FLAG;
    rule->evidence_count = 0;
}

static const dw_str lower[] = {DW_STR_LIT("AA-1")}, higher[] = {DW_STR_LIT("CP-07")},
                    both[] = {DW_STR_LIT("BB-1"), DW_STR_LIT("BB-2")};

static inline dw_rule *breach(void)
{
    follow(rule, lower, 1);
    return add_visits(policy, "AA-1");
}

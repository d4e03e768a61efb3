/* policy_reads.c: which facts a policy's rules ask for: worked out once, when it is sealed. */

#include "handlers/policy_reads.h"

#include "field_ids.h"
#include "proto/fields.h"

static bool selector_reads(const dw_span_selector *selector, dw_event_type type)
{
    if (selector->each) /* age, death and the closing of the case end it */
        return type == selector->each_type || type == DW_EV_CHILD_UPDATED || type == DW_EV_CASE_CLOSED ||
               type == DW_EV_PA_CONTACT;
    return dw_span_family_reads(selector->family, type);
}

static bool begins_read(const dw_clause *clause, dw_event_type type)
{
    return clause->has_begins && selector_reads(&clause->begins, type);
}

static bool clauses_read(const dw_clause *clauses, uint32_t count, dw_event_type type)
{
    for (uint32_t i = 0; i < count; i++)
        if (clauses[i].type == type || begins_read(&clauses[i], type))
            return true;
    return false;
}

/* --- look-backs */

#define EVER_DAYS 73000 /* two hundred years: longer than any child's record */

static int window_days(const dw_rule *rule)
{
    if (rule->kind != DW_RULE_COUNT)
        return 0;
    if (rule->window_ever) /* one alone needs no other; since an answer all that counts is pinned */
        return rule->threshold > 1 && !rule->answer_clears ? EVER_DAYS : 0;
    return rule->window_unit == DW_UNIT_MONTHS ? rule->window_n * 31 + 1 : rule->window_n + 1;
}

static void work_out_lookbacks(dw_rule *const *rules, size_t count, dw_policy_reads *out)
{
    for (int type = 0; type < DW_EV_MAX; type++)
        out->lookback[type] = DW_FOLD_DAYS_MIN;
    for (size_t i = 0; i < count; i++) {
        dw_rule *rule = rules[i];
        rule->lookback_days = window_days(rule);
        for (int type = 0; type < DW_EV_MAX; type++) {
            bool counted = rule->count_spans && selector_reads(&rule->over, (dw_event_type)type);
            if (!rule->count_spans)
                counted = clauses_read(rule->evidence, rule->evidence_count, (dw_event_type)type);
            if (rule->answer_clears)
                counted = counted || clauses_read(rule->answer, rule->answer_count, (dw_event_type)type);
            int days = rule->lookback_days + DW_FOLD_DAYS_MIN;
            if (counted && out->lookback[type] < days)
                out->lookback[type] = days;
        }
    }
}

/* --- readers */

static bool limits_read(const dw_rule *rule, dw_event_type type)
{
    for (uint32_t i = 0; i < rule->limit_count; i++) {
        const dw_limit *limit = &rule->limits[i];
        if ((limit->has_while && selector_reads(&limit->during, type)) ||
            (limit->has_or && selector_reads(&limit->or_during, type)) ||
            (limit->has_both && (selector_reads(&limit->both[0], type) || selector_reads(&limit->both[1], type))) ||
            (limit->has_once && selector_reads(&limit->once, type)) ||
            (limit->has_before && limit->before.type == type))
            return true;
    }
    return false;
}

static bool count_reads(const dw_rule *rule, dw_event_type type)
{
    for (uint32_t i = 0; i < rule->ended_inside_count; i++)
        if (selector_reads(&rule->ended_inside[i], type))
            return true;
    return (rule->has_while_open && selector_reads(&rule->while_open, type)) ||
           (rule->has_at_start && selector_reads(&rule->at_start_open, type));
}

static bool anchors_read(const dw_rule *rule, dw_event_type type)
{
    for (uint32_t i = 0; i < rule->anchor_count; i++) {
        const dw_anchor_item *item = &rule->anchors[i];
        bool event = item->how == DW_ANCHOR_BEFORE_START || item->how == DW_ANCHOR_LINKED ||
                     item->how == DW_ANCHOR_NTH || item->how == DW_ANCHOR_EACH;
        if (event && item->clause.type == type)
            return true;
    }
    return false;
}

static bool frequencies_read(const dw_rule *rule, dw_event_type type)
{
    for (uint32_t i = 0; i < rule->frequency_count; i++) {
        const dw_frequency *source = &rule->frequencies[i];
        if ((source->source == DW_FREQUENCY_OF && selector_reads(&source->of, type)) ||
            (source->source == DW_FREQUENCY_OVERRIDE &&
             (type == DW_EV_SCHEDULE_OVERRIDE || dw_span_family_reads(DW_SPAN_PLAN, type))))
            return true;
    }
    return false;
}

static bool reads_itself(dw_rule *const *rules, const dw_rule *rule, dw_event_type type);

/* Can a fact of this type change the rule's answer by anything else than being evidence, or an answer? */
static bool reads_terms(dw_rule *const *rules, const dw_rule *rule, dw_event_type type)
{
    if (rule->kind == DW_RULE_SILENCE || type == DW_EV_CLOCK_PAUSED || type == DW_EV_CLOCK_RESUMED ||
        type == DW_EV_CHILD_UPDATED || type == DW_EV_CASE_CLOSED)
        return true; /* anything may be paused; age, death and the closing of the case end anything */
    if (rule->kind == DW_RULE_STALL && dw_span_family_reads(DW_SPAN_PLACEMENT, type))
        return true;
    if (rule->anchor == DW_ANCHOR_CROSSING) {
        if (reads_itself(rules, rules[rule->anchor_rule], type))
            return true;
    } else if (rule->anchor != DW_ANCHOR_BREACH && selector_reads(&rule->over, type)) {
        return true; /* with breaches the child is no more than where it hangs */
    }
    if (count_reads(rule, type))
        return true;
    if (anchors_read(rule, type) || frequencies_read(rule, type))
        return true;
    for (uint32_t i = 0; i < rule->rest_count; i++)
        if (selector_reads(&rule->rests[i], type))
            return true;
    for (uint32_t i = 0; i < rule->outside_count; i++)
        if (selector_reads(&rule->outside[i], type))
            return true;
    for (uint32_t i = 0; i < rule->evidence_count; i++)
        if (begins_read(&rule->evidence[i], type))
            return true;
    return limits_read(rule, type);
}

/* Can it change the answer, though none of a rule that this one follows? */
static bool reads_itself(dw_rule *const *rules, const dw_rule *rule, dw_event_type type)
{
    return reads_terms(rules, rule, type) || clauses_read(rule->evidence, rule->evidence_count, type) ||
           clauses_read(rule->after_rest, rule->after_rest_count, type) ||
           clauses_read(rule->answer, rule->answer_count, type);
}

static bool rule_reads(dw_rule *const *rules, const dw_rule *rule, dw_event_type type)
{
    for (uint32_t i = 0; i < rule->breach_count; i++)
        if (rule_reads(rules, rules[rule->breach_rules[i]], type))
            return true;
    return reads_itself(rules, rule, type);
}

static void work_out_readers(dw_rule *const *rules, size_t count, dw_policy_reads *out)
{
    for (int type = 0; type < DW_EV_MAX; type++)
        for (size_t i = 0; i < count; i++) {
            dw_rule *rule = rules[i];
            if (rule_reads(rules, rule, (dw_event_type)type))
                dw_rule_set_add_rule(&out->readers[type], rule);
            uint64_t bit = UINT64_C(1) << (type % 64);
            if (!reads_itself(rules, rule, (dw_event_type)type))
                continue;
            rule->own_types[type / 64] |= bit;
            if (reads_terms(rules, rule, (dw_event_type)type)) {
                rule->term_types[type / 64] |= bit;
                dw_rule_set_add_rule(&out->by_terms[type], rule);
            } else {
                dw_rule_set_add(&out->by_evidence[type], rule->index);
            }
        }
}

static bool clauses_may_count(const dw_clause *clauses, uint32_t count, const dw_fact *fact)
{
    bool may = false;
    for (uint32_t i = 0; i < count && !may; i++)
        may = clauses[i].type == fact->type && dw_pred_fact(clauses[i].where, fact);
    return may;
}

bool dw_rule_may_count(const dw_rule *rule, const dw_fact *fact)
{
    return clauses_may_count(rule->evidence, rule->evidence_count, fact) ||
           clauses_may_count(rule->after_rest, rule->after_rest_count, fact) ||
           clauses_may_count(rule->answer, rule->answer_count, fact);
}

/* Is all that the rule asks of an event the event itself: its date, and when it was recorded? */
static bool is_by_fact_alone(const dw_rule *rule)
{
    bool alone = rule->kind == DW_RULE_DEADLINE && rule->over.each && rule->met_by == DW_MET_BY_RECORDING &&
                 rule->anchor_count == 0 && !rule->has_age && rule->frequency_count == 0 && rule->rest_count == 0 &&
                 rule->outside_count == 0 && !rule->phases;
    for (uint32_t i = 0; i < rule->limit_count; i++) {
        const dw_limit *limit = &rule->limits[i];
        alone = alone && !limit->has_while && !limit->has_once && !limit->has_before && !limit->has_nth &&
                !limit->recorded && limit->when == NULL && limit->age_from == 0 && limit->age_until == 0;
    }
    return alone;
}

/* The plan types of which the condition asks for one, by a comparison without which it does not hold. */
static uint64_t plan_types_of(const dw_pred *where)
{
    uint64_t types = 0;
    if (where == NULL)
        return UINT64_MAX;
    if (where->op == DW_PRED_AND)
        return plan_types_of(where->left) & plan_types_of(where->right);
    if (where->op != DW_PRED_IN || where->set == NULL ||
        where->field->by_type[DW_EV_PLAN_STARTED] != DW_F_PLAN_STARTED_PLAN_TYPE)
        return UINT64_MAX;
    for (uint32_t i = 0; i < where->set_count; i++)
        types |= UINT64_C(1) << (where->set[i] & 63);
    return types;
}

static uint64_t plan_types_asked(const dw_rule *rule)
{
    bool by_span = rule->kind != DW_RULE_COUNT && rule->anchor != DW_ANCHOR_CROSSING &&
                   rule->anchor != DW_ANCHOR_BREACH && rule->over.family == DW_SPAN_PLAN;
    return by_span ? plan_types_of(rule->over.where) : UINT64_MAX;
}

static void work_out_spans(dw_rule *const *rules, size_t count, dw_policy_reads *out)
{
    for (size_t i = 0; i < count; i++) {
        dw_rule *rule = rules[i];
        rule->plan_types = plan_types_asked(rule);
        if (rule->over.family != DW_SPAN_PLAN)
            dw_rule_set_add(&out->over[rule->over.family], i);
        for (int type = 0; type < 64 && rule->over.family == DW_SPAN_PLAN; type++)
            if ((rule->plan_types >> type & 1) != 0)
                dw_rule_set_add(&out->over_plan[type], i);
    }
}

static void work_out_owners(dw_policy_reads *out)
{
    static const char *const names[DW_FACT_OWNERS] = {"placement_id", "plan_id", "episode_id"};
    for (int type = 0; type < DW_EV_MAX; type++)
        for (int k = 0; k < DW_FACT_OWNERS; k++) {
            dw_field_info info;
            if (dw_field_find((dw_event_type)type, dw_str_from(names[k]), &info))
                out->owners[type][k] = info.field;
        }
}

void dw_policy_reads_make(dw_rule *const *rules, size_t count, dw_policy_reads *out)
{
    *out = (dw_policy_reads){.follower_count = 0};
    work_out_lookbacks(rules, count, out);
    work_out_readers(rules, count, out);
    work_out_spans(rules, count, out);
    work_out_owners(out);
    for (size_t i = 0; i < count; i++) {
        rules[i]->by_fact_alone = is_by_fact_alone(rules[i]);
        if (rules[i]->breach_count != 0)
            out->followers[out->follower_count++] = rules[i]->index;
    }
}

/* rule_count.c: the keys of a count, and those that say what a missed duty leads to: raises, warn, worsens_after. */

#include "config/rule_keys.h"

#define problem dw_rule_problem

static const yaml_node_t *member(const dw_rule_loading *l, const char *key)
{
    return dw_yaml_get(l->loader->yaml, l->map, key);
}

/* --- counts */

void dw_rule_load_threshold(dw_rule_loading *l, const yaml_node_t *node)
{
    int64_t n;
    if (dw_load_number(l->loader, node, "threshold", 1, 100, &n))
        l->rule->threshold = (uint32_t)n;
}

/* An amount, or `ever`. */
void dw_rule_load_window(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_rule *rule = l->rule;
    rule->window_ever = dw_str_eq(dw_yaml_scalar(node), DW_STR_LIT("ever"));
    if (rule->window_ever || !dw_load_limit_amount(l->loader, node, "window", &rule->window_n, &rule->window_unit))
        return;
    if (rule->window_unit == DW_UNIT_WEEKS) {
        rule->window_n *= 7;
        rule->window_unit = DW_UNIT_DAYS;
    }
    if (rule->window_unit != DW_UNIT_DAYS && rule->window_unit != DW_UNIT_MONTHS)
        problem(l, node, "window counts days, weeks or months");
}

void dw_rule_load_until(dw_rule_loading *l, const yaml_node_t *node)
{
    static const char *const names[] = {"window", "answered", "flag", "span_end", NULL};
    static const dw_count_until values[] = {DW_UNTIL_WINDOW, DW_UNTIL_ANSWERED, DW_UNTIL_FLAG, DW_UNTIL_SPAN_END};
    int i = dw_rule_choice(l, node, "until", names);
    if (i < 0)
        return;
    l->rule->until = values[i];
    if (values[i] == DW_UNTIL_FLAG)
        l->rule->raises = DW_RAISES_FLAG;
}

/* A field of what is counted: the evidence, or the spans. */
void dw_rule_load_distinct(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_field_info info = {0};
    if (l->rule->evidence_count != 0) {
        l->rule->distinct = dw_rule_evidence_field(l, node, "distinct", &info);
        return;
    }
    dw_scope scope = dw_scope_of_selector(&l->rule->over);
    dw_text text = dw_text_open(l->loader->yaml, node, l->loader->arena, "distinct");
    if (text.failed)
        return;
    l->rule->distinct = dw_text_field(&text, &scope, &info);
    dw_text_finish(&text);
}

void dw_rule_load_within_span(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_load_bool(l->loader, node, "within_span", &l->rule->within_span);
}

void dw_rule_load_answer(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_clause_use use = {"answer", l->rule->over.family, false};
    dw_load_clauses(l->loader, node, use, l->rule->answer, &l->rule->answer_count);
}

void dw_rule_load_answer_clears(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_load_bool(l->loader, node, "answer_clears", &l->rule->answer_clears);
}

void dw_rule_load_measured_from(dw_rule_loading *l, const yaml_node_t *node)
{
    static const char *const names[] = {"start", "end", NULL};
    l->rule->measured_from_end = dw_rule_choice(l, node, "measured_from", names) == 1;
}

void dw_rule_load_counted_before(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_field_info info = {0};
    dw_scope scope = dw_scope_of_selector(&l->rule->over);
    dw_text text = dw_text_open(l->loader->yaml, node, l->loader->arena, "counted_before");
    if (text.failed)
        return;
    l->rule->counted_before = dw_text_field(&text, &scope, &info);
    if (dw_text_finish(&text) && l->rule->counted_before != NULL && info.kind != DW_VAL_INT)
        problem(l, node, "counted_before must name a field that holds a number");
}

void dw_rule_load_while_open(dw_rule_loading *l, const yaml_node_t *node)
{
    l->rule->has_while_open = dw_load_selector(l->loader, node, "while_open", &l->rule->while_open);
}

void dw_rule_load_at_start_open(dw_rule_loading *l, const yaml_node_t *node)
{
    l->rule->has_at_start = dw_load_selector(l->loader, node, "at_start_open", &l->rule->at_start_open);
}

void dw_rule_load_ended_inside(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_rule *rule = l->rule;
    size_t n = dw_list_count(l->loader, node, "ended_inside", DW_RULE_INSIDE_MAX);
    for (size_t i = 0; i < n; i++)
        dw_load_selector(l->loader, dw_list_item(l->loader, node, i), "ended_inside", &rule->ended_inside[i]);
    rule->ended_inside_count = (uint32_t)n;
}

static void check_answer(dw_rule_loading *l, const yaml_node_t *until)
{
    const dw_rule *rule = l->rule;
    const yaml_node_t *answer = member(l, "answer");
    bool window = rule->until == DW_UNTIL_WINDOW;
    if (rule->until == DW_UNTIL_ANSWERED && answer == NULL)
        problem(l, until, "until: answered and answer belong together");
    if (answer != NULL && window && !rule->answer_clears)
        problem(l, answer, "beside until: window an answer clears what it answers: answer_clears: true");
    if (answer != NULL && rule->until != DW_UNTIL_ANSWERED && !window)
        problem(l, answer, "until: answered and answer belong together");
    if (rule->answer_clears && answer == NULL)
        problem(l, member(l, "answer_clears"), "answer_clears without answer");
    bool plain = rule->count_spans && rule->distinct == NULL;
    if (rule->until == DW_UNTIL_ANSWERED && !rule->answer_clears && !plain)
        problem(l, until,
                "events (evidence), or different values, are answered by what clears them: answer_clears: true");
}

void dw_rule_check_count(dw_rule_loading *l)
{
    const dw_rule *rule = l->rule;
    const yaml_node_t *evidence = member(l, "evidence"), *over = member(l, "over"), *until = member(l, "until");
    if (rule->kind != DW_RULE_COUNT)
        return;
    if (evidence == NULL && over == NULL)
        problem(l, l->map, "%.*s: what is counted is missing: over (spans) or evidence (events)", DW_STR_ARG(rule->id));
    if (rule->within_span && (evidence == NULL || over == NULL))
        problem(l, member(l, "within_span"), "within_span counts events (evidence) for each span (over)");
    if (until == NULL)
        return;
    bool marks = rule->until == DW_UNTIL_FLAG || rule->until == DW_UNTIL_SPAN_END;
    if (marks && evidence != NULL)
        problem(l, until,
                "events (evidence) are counted until: window or answered; flag and span_end count spans (over)");
    if (marks && rule->distinct != NULL)
        problem(l, member(l, "distinct"), "different values are counted until: window or answered");
    if (!marks && rule->measured_from_end)
        problem(l, member(l, "measured_from"), "measured_from: end belongs to until: flag or span_end");
    if (!marks && rule->counted_before != NULL)
        problem(l, member(l, "counted_before"), "counted_before belongs to until: flag or span_end");
    if (marks && rule->has_while_open)
        problem(l, member(l, "while_open"), "while_open belongs to until: window or answered");
    bool spans_only = rule->has_at_start || rule->ended_inside_count != 0;
    if (spans_only && evidence != NULL)
        problem(l, evidence, "at_start_open and ended_inside choose among spans (over), not events");
    check_answer(l, until);
}

/* --- what a missed duty leads to */

void dw_rule_load_raises(dw_rule_loading *l, const yaml_node_t *node)
{
    static const char *const names[] = {"alert", "warning", "flag", "nothing", NULL};
    static const dw_raises values[] = {DW_RAISES_ALERT, DW_RAISES_WARNING, DW_RAISES_FLAG, DW_RAISES_NOTHING};
    int i = dw_rule_choice(l, node, "raises", names);
    if (i < 0)
        return;
    l->rule->raises = values[i];
    bool count = l->rule->kind == DW_RULE_COUNT;
    if (count && (values[i] == DW_RAISES_FLAG) != (l->rule->until == DW_UNTIL_FLAG))
        problem(l, node, "raises: flag and until: flag belong together");
    if (!count && values[i] == DW_RAISES_FLAG && l->rule->kind != DW_RULE_DEADLINE)
        problem(l, node, "raises: flag belongs to a rule of kind deadline or count");
}

/* "28 days", {limit: 28 days} or {limit: 3 months, counts_from: start} */
void dw_rule_load_warn(dw_rule_loading *l, const yaml_node_t *node)
{
    static const char *const keys[] = {"limit", "counts_from", NULL};
    static const char *const origins[] = {"start", NULL};
    dw_rule *rule = l->rule;
    const yaml_node_t *amount = node, *from = NULL;
    if (node->type == YAML_MAPPING_NODE) {
        dw_yaml_only(l->loader->yaml, node, keys);
        amount = dw_yaml_get(l->loader->yaml, node, "limit");
        from = dw_yaml_get(l->loader->yaml, node, "counts_from");
    }
    if (from != NULL)
        rule->warn_from_start = dw_rule_choice(l, from, "warn: counts_from", origins) == 0;
    if (from != NULL && (rule->kind != DW_RULE_DEADLINE || rule->over.each || rule->anchor == DW_ANCHOR_BREACH ||
                         rule->anchor == DW_ANCHOR_CROSSING || rule->anchor == DW_ANCHOR_EACH))
        problem(l, from, "warn: counts_from belongs to a deadline on a span, which counts from something else");
    if (amount == NULL)
        problem(l, node, "warn: limit is missing (how long)");
    else
        rule->has_warn = dw_load_limit_amount(l->loader, amount, "warn", &rule->warn.n, &rule->warn.unit);
}

/* "24 months" each, ascending, from where the limit counts. */
void dw_rule_load_worsens_after(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_rule *rule = l->rule;
    size_t n = dw_list_count(l->loader, node, "worsens_after", DW_RULE_WORSENS_MAX);
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *item = dw_list_item(l->loader, node, i);
        dw_unit unit = DW_UNIT_MONTHS;
        if (!dw_load_limit_amount(l->loader, item, "worsens_after", &rule->worsens_months[i], &unit))
            continue;
        if (unit != DW_UNIT_MONTHS)
            problem(l, item, "worsens_after counts months, such as 24 months");
        else if (i > 0 && rule->worsens_months[i] <= rule->worsens_months[i - 1])
            problem(l, item, "worsens_after: each time must be later than the one before");
    }
    rule->worsens_count = (uint32_t)n;
}

void dw_rule_check_raises(dw_rule_loading *l)
{
    const dw_rule *rule = l->rule;
    for (uint32_t i = 0; i < rule->limit_count; i++) {
        const dw_limit *limit = &rule->limits[i];
        if (rule->has_warn && (limit->unit == DW_UNIT_HOURS) != (rule->warn.unit == DW_UNIT_HOURS))
            problem(l, member(l, "warn"), "warn mixes hours with days: hours are elapsed time, days are dates");
        else if (rule->has_warn && !rule->warn_from_start && limit->unit == rule->warn.unit && rule->warn.n >= limit->n)
            problem(l, member(l, "warn"), "warn must be shorter than the limit: it would never be heard");
        if (rule->worsens_count != 0 && limit->unit == DW_UNIT_MONTHS && rule->worsens_months[0] <= limit->n)
            problem(l, member(l, "worsens_after"), "worsens_after must be longer than the limit");
    }
    if (rule->has_warn && rule->raises == DW_RAISES_WARNING)
        problem(l, member(l, "warn"), "a rule that raises a warning has no other before it");
}

/* rule_check.c: a rule that could never be missed, never be met, or says something that its kind does not listen to. */

#include "config/rule_load.h"

#define problem(loader, at, ...) dw_problems_add((loader)->yaml->problems, (loader)->yaml->file, at, false, __VA_ARGS__)

/* The key of each item of a list of clauses; `key` names it where it stands. */
static void refuse_in_clauses(dw_rule_loader *loader, const yaml_node_t *map, const char *list, const char *key,
                              const char *why)
{
    const yaml_node_t *node = dw_yaml_get(loader->yaml, map, list);
    size_t n = 0;
    if (node != NULL && node->type == YAML_SEQUENCE_NODE)
        n = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    else if (node != NULL)
        n = 1;
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *item = dw_list_item(loader, node, i);
        const yaml_node_t *at = item->type == YAML_MAPPING_NODE ? dw_yaml_get(loader->yaml, item, key) : NULL;
        if (at != NULL)
            problem(loader, at, "%s %s", key, why);
    }
}

static void check_clauses(dw_rule_loader *loader, const yaml_node_t *map, const dw_rule *rule)
{
    if (rule->kind != DW_RULE_DEADLINE) {
        refuse_in_clauses(loader, map, "evidence", "within_limit", "belongs to a rule of kind deadline");
        refuse_in_clauses(loader, map, "evidence", "any_time", "belongs to a rule of kind deadline");
        refuse_in_clauses(loader, map, "evidence", "breach_link", "belongs to a rule of kind deadline");
        refuse_in_clauses(loader, map, "evidence", "begins", "belongs to a rule of kind deadline");
    }
    if (rule->kind != DW_RULE_COUNT || rule->within_span)
        return;
    refuse_in_clauses(loader, map, "evidence", "link",
                      "has no meaning here: a count looks at all of the child's events");
    refuse_in_clauses(loader, map, "answer", "link", "has no meaning here: an answer is for all that was counted");
}

/* What is known of a child never ends, so nothing can count from its end or last until then. */
static void check_end(dw_rule_loader *loader, const yaml_node_t *map, const dw_rule *rule)
{
    if (rule->over.family != DW_SPAN_CHILD || rule->over.each)
        return;
    if (rule->kind == DW_RULE_DURATION)
        problem(loader, dw_yaml_get(loader->yaml, map, "over"),
                "the child's own span never ends: it would always be late");
    if (rule->kind == DW_RULE_DEADLINE && rule->met_by == DW_MET_BY_END)
        problem(loader, dw_yaml_get(loader->yaml, map, "met_by"),
                "the child's own span never ends: this could never be met");
    if (rule->kind == DW_RULE_DEADLINE && rule->anchor == DW_ANCHOR_END)
        problem(loader, dw_yaml_get(loader->yaml, map, "counts_from"),
                "the child's own span never ends: this would never be due");
}

/* A duty that rests while its own span is open is never owed. */
static void check_rests(dw_rule_loader *loader, const yaml_node_t *map, const dw_rule *rule)
{
    const yaml_node_t *node = dw_yaml_get(loader->yaml, map, "rests_while");
    for (uint32_t i = 0; i < rule->rest_count; i++) {
        const dw_span_selector *rest = &rule->rests[i];
        bool wider =
            rest->where == NULL || (rule->over.where != NULL && dw_str_eq(rest->where->text, rule->over.where->text));
        bool inside = rest->family == rule->over.family || rest->family == DW_SPAN_CHILD ||
                      (rest->family == DW_SPAN_CARE && rule->over.family == DW_SPAN_PLACEMENT && rest->where == NULL);
        if (wider && inside)
            problem(loader, dw_list_item(loader, node, i),
                    "such a span is open whenever the duty is owed: it could never be missed");
    }
}

void dw_rule_check(dw_rule_loader *loader, const yaml_node_t *map, const dw_rule *rule)
{
    check_clauses(loader, map, rule);
    check_end(loader, map, rule);
    check_rests(loader, map, rule);
}

/* rule_load.c: one mapping of `rules:` -> a dw_rule: every key by the table of rule_keys.c, and what only several keys
 * together show. */

#include "config/rule_keys.h"

#define problem dw_rule_problem

static const char *const kind_names[DW_RULE_KINDS] = {
    [DW_RULE_RECURRING] = "recurring", [DW_RULE_DEADLINE] = "deadline", [DW_RULE_COUNT] = "count",
    [DW_RULE_DURATION] = "duration",   [DW_RULE_SILENCE] = "silence",   [DW_RULE_STALL] = "stall",
};

const char *dw_rule_kind_name(dw_rule_kind kind)
{
    return kind_names[kind];
}

static const yaml_node_t *member(const dw_rule_loading *l, const char *key)
{
    return dw_yaml_get(l->loader->yaml, l->map, key);
}

static void check_keys(dw_rule_loading *l, unsigned kind)
{
    const char *names[DW_RULE_KEYS_MAX + 1] = {NULL};
    for (size_t i = 0; i < dw_rule_key_count; i++)
        names[i] = dw_rule_keys[i].name;
    dw_yaml_only(l->loader->yaml, l->map, names);
    dw_str id = dw_yaml_scalar(member(l, "id"));
    if (id.len == 0 || id.len > DW_RULE_ID_BYTES_MAX)
        id = DW_STR_LIT("this rule");
    for (size_t i = 0; i < dw_rule_key_count; i++) {
        const dw_rule_key *key = &dw_rule_keys[i];
        const yaml_node_t *node = member(l, key->name);
        if (node == NULL && (key->needs & kind) == kind)
            problem(l, l->map, "%.*s: %s is missing (%s)", DW_STR_ARG(id), key->name, key->what);
        if (node != NULL && (key->takes & kind) == 0)
            problem(l, node, "%s does not belong to a rule of kind %s", key->name, kind_names[l->rule->kind]);
    }
}

/* --- what only several keys together show */

static void check_evidence(dw_rule_loading *l)
{
    const dw_rule *rule = l->rule;
    const yaml_node_t *evidence = member(l, "evidence");
    if (rule->kind == DW_RULE_DEADLINE && rule->met_by == DW_MET_BY_EVIDENCE && evidence == NULL)
        problem(l, l->map, "%.*s: evidence is missing (which events count), or met_by: end", DW_STR_ARG(rule->id));
    if (rule->kind == DW_RULE_DEADLINE && rule->met_by != DW_MET_BY_EVIDENCE && evidence != NULL)
        problem(l, evidence, "evidence does not belong beside met_by: %s",
                rule->met_by == DW_MET_BY_END         ? "end"
                : rule->met_by == DW_MET_BY_RECORDING ? "recording"
                                                      : "target");
    if (rule->kind == DW_RULE_DEADLINE && rule->met_by == DW_MET_BY_END && rule->anchor == DW_ANCHOR_END)
        problem(l, member(l, "counts_from"), "counts_from: end does not belong beside met_by: end");
}

/* In which unit it is counted; where that is not written down (limit: recorded) in that of the gap. */
static dw_unit counted_in(const dw_limit *limit)
{
    return limit->recorded && limit->gap_n != 0 ? limit->gap_unit : limit->unit;
}

static void check_limits(dw_rule_loading *l)
{
    const dw_rule *rule = l->rule;
    const yaml_node_t *node = member(l, "limit"), *calendar = member(l, "calendar"), *count = member(l, "count");
    bool hours = false, dates = false, working = false, open_end = false;
    for (uint32_t i = 0; i < rule->limit_count; i++) {
        const dw_limit *limit = &rule->limits[i];
        hours = hours || counted_in(limit) == DW_UNIT_HOURS;
        dates = dates || counted_in(limit) != DW_UNIT_HOURS;
        working = working || counted_in(limit) == DW_UNIT_WORKING_DAYS;
        if (open_end && !rule->strictest)
            problem(l, dw_list_item(l->loader, node, i), "this limit is never reached: the one before always holds");
        open_end = open_end || dw_limit_is_open(limit);
    }
    if (hours && dates)
        problem(l, node, "limit mixes hours with days: hours are elapsed time, days are dates");
    if (hours && !dates && (calendar != NULL || count != NULL))
        problem(l, calendar != NULL ? calendar : count, "%s does not belong to a limit in hours, which is elapsed time",
                calendar != NULL ? "calendar" : "count");
    if (hours && rule->kind != DW_RULE_DEADLINE)
        problem(l, node, "only a rule of kind deadline counts hours");
    if (working && calendar != NULL && rule->calendar == DW_CAL_CALENDAR)
        problem(l, calendar, "working days need a calendar of working days: ew, ew+closure or weekdays");
    if (!working && !hours && calendar != NULL && rule->calendar != DW_CAL_CALENDAR)
        problem(l, calendar, "calendar: %s belongs to a limit in working days", dw_profile_name(rule->calendar));
    if (rule->frequency_count != 0 && hours)
        problem(l, member(l, "recorded_frequency"), "recorded_frequency does not belong to a limit in hours");
}

static void check_intervals(dw_rule_loading *l)
{
    const dw_rule *rule = l->rule;
    if (rule->kind == DW_RULE_STALL && rule->same_count == 0 && member(l, "same") != NULL)
        problem(l, member(l, "same"), "same needs a field beside the placement");
    if (rule->anchor == DW_ANCHOR_CROSSING && rule->kind != DW_RULE_DEADLINE)
        problem(l, member(l, "counts_from"), "counts_from: crossing belongs to a rule of kind deadline");
    if (rule->nth_from != 0 && rule->from_start)
        problem(l, member(l, "nth"), "nth chooses among intervals that evidence began: it needs from_start: false");
    if (rule->after_rest_count != 0 && rule->rest_count == 0)
        problem(l, member(l, "after_rest"), "after_rest without rests_while");
    if (rule->anchor == DW_ANCHOR_CROSSING && rule->over.family != DW_SPAN_CHILD &&
        rule->over.family != DW_SPAN_FAMILIES)
        problem(l, member(l, "counts_from"), "counts_from: crossing needs over: child");
    if (rule->strictest && rule->limit_count < 2)
        problem(l, member(l, "strictest"), "strictest chooses among several limits");
}

/* The kind decides what else belongs here; -1 with a problem. */
static int load_kind(dw_rule_loading *l)
{
    const char *names[DW_RULE_KINDS + 1] = {NULL};
    const yaml_node_t *node = member(l, "kind");
    memcpy(names, kind_names, sizeof(kind_names));
    if (node == NULL) {
        problem(l, l->map, "kind is missing (recurring, deadline, count, duration, silence or stall)");
        return -1;
    }
    return dw_rule_choice(l, node, "kind", names);
}

bool dw_rule_load(dw_rule_loader *loader, const yaml_node_t *map, dw_rule *rule)
{
    dw_rule_loading l = {.loader = loader, .map = map, .rule = rule};
    size_t errors = loader->yaml->problems->errors;
    if (map->type != YAML_MAPPING_NODE) {
        problem(&l, map, "a rule is a mapping (id:, title:, ...)");
        return false;
    }
    *rule = (dw_rule){.line = (uint32_t)map->start_mark.line + 1};
    int kind = load_kind(&l);
    if (kind >= 0)
        rule->kind = (dw_rule_kind)kind;
    rule->from_start = rule->kind == DW_RULE_RECURRING;
    check_keys(&l, kind >= 0 ? 1u << kind : DW_KIND_BITS_ALL);
    if (member(&l, "over") == NULL && rule->kind != DW_RULE_COUNT)
        rule->over.family = DW_SPAN_FAMILIES;
    for (size_t i = 0; i < dw_rule_key_count; i++) {
        const yaml_node_t *node = member(&l, dw_rule_keys[i].name);
        if (node != NULL && dw_rule_keys[i].load != NULL && (kind < 0 || (dw_rule_keys[i].takes & (1u << kind)) != 0))
            dw_rule_keys[i].load(&l, node);
    }
    if (kind < 0)
        return false;
    bool working = false;
    for (uint32_t i = 0; i < rule->limit_count; i++)
        working = working || counted_in(&rule->limits[i]) == DW_UNIT_WORKING_DAYS;
    working = working || (rule->has_warn && rule->warn.unit == DW_UNIT_WORKING_DAYS);
    if (member(&l, "calendar") == NULL)
        rule->calendar = working ? DW_CAL_EW : DW_CAL_CALENDAR;
    rule->count_spans = rule->kind == DW_RULE_COUNT && rule->evidence_count == 0;
    check_evidence(&l);
    dw_rule_check_count(&l);
    if (l.limits_ok) {
        check_limits(&l);
        dw_rule_check_raises(&l);
    }
    check_intervals(&l);
    dw_rule_check_deadline(&l);
    dw_rule_check(loader, map, rule);
    return loader->yaml->problems->errors == errors;
}

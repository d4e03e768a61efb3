/* rule_deadline.c: keys of a deadline: what meets it beside evidence, how long it is owed, and the missed duties that it follows. */

#include "config/rule_keys.h"

#define problem dw_rule_problem

void dw_rule_load_met_by(dw_rule_loading *l, const yaml_node_t *node)
{
    static const char *const names[] = {"evidence", "end", "recording", "target", NULL};
    static const dw_met_by values[] = {DW_MET_BY_EVIDENCE, DW_MET_BY_END, DW_MET_BY_RECORDING, DW_MET_BY_TARGET};
    int i = dw_rule_choice(l, node, "met_by", names);
    if (i >= 0)
        l->rule->met_by = values[i];
    if (l->rule->met_by == DW_MET_BY_RECORDING && !l->rule->over.each && l->rule->over.family != DW_SPAN_FAMILIES)
        problem(l, node, "met_by: recording asks when an event was written up: it needs over: each EVENT");
}

/* A field that holds a date, in any record of which such a span reads anything. */
void dw_rule_load_target(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_scope scope = dw_scope_of_selector(&l->rule->over);
    for (int type = 1; type < DW_EV_MAX && !l->rule->over.each; type++) {
        dw_scope one = dw_scope_of_type((dw_event_type)type);
        if (dw_span_family_reads(l->rule->over.family, (dw_event_type)type))
            dw_scope_add(&scope, &one);
    }
    dw_field_info info = {0};
    dw_text text = dw_text_open(l->loader->yaml, node, l->loader->arena, "target");
    if (text.failed)
        return;
    l->rule->target = dw_text_field(&text, &scope, &info);
    if (dw_text_finish(&text) && l->rule->target != NULL && info.kind != DW_VAL_DATE)
        problem(l, node, "target must name a field that holds a date");
}

void dw_rule_load_evidence_nth(dw_rule_loading *l, const yaml_node_t *node)
{
    int64_t n;
    if (dw_load_number(l->loader, node, "evidence_nth", 2, 100, &n))
        l->rule->evidence_nth = (uint32_t)n;
}

void dw_rule_load_outlives_span(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_load_bool(l->loader, node, "outlives_span", &l->rule->outlives_span);
}

static void check_target(dw_rule_loading *l)
{
    const dw_rule *rule = l->rule;
    const yaml_node_t *target = dw_yaml_get(l->loader->yaml, l->map, "target");
    const yaml_node_t *met_by = dw_yaml_get(l->loader->yaml, l->map, "met_by");
    bool wanted = rule->met_by == DW_MET_BY_TARGET;
    if (target != NULL && !wanted)
        problem(l, target, "target belongs beside met_by: target");
    if (!wanted)
        return;
    if (target == NULL)
        problem(l, met_by, "met_by: target needs target: the field of the date that was supplied");
    if (rule->raises != DW_RAISES_FLAG)
        problem(l, met_by, "met_by: target tells of a date that differs: it needs raises: flag");
    if (rule->over.each)
        problem(l, met_by, "met_by: target looks at the records of a span: over: each has none");
    for (uint32_t i = 0; i < rule->limit_count; i++)
        if (rule->limits[i].unit == DW_UNIT_HOURS)
            problem(l, met_by, "met_by: target compares dates: the limit cannot be in hours");
}

void dw_rule_check_deadline(dw_rule_loading *l)
{
    const dw_rule *rule = l->rule;
    const yaml_node_t *outlives = dw_yaml_get(l->loader->yaml, l->map, "outlives_span");
    const yaml_node_t *nth = dw_yaml_get(l->loader->yaml, l->map, "evidence_nth");
    const yaml_node_t *rests = dw_yaml_get(l->loader->yaml, l->map, "rests_while");
    const yaml_node_t *counts_from = dw_yaml_get(l->loader->yaml, l->map, "counts_from");
    const yaml_node_t *over = dw_yaml_get(l->loader->yaml, l->map, "over");
    bool by_evidence = rule->met_by == DW_MET_BY_EVIDENCE;
    bool follows = rule->anchor == DW_ANCHOR_BREACH || rule->anchor == DW_ANCHOR_CROSSING;
    if (rule->kind != DW_RULE_DEADLINE)
        return;
    check_target(l);
    if (outlives != NULL && rule->outlives_span &&
        (!by_evidence || follows || rule->anchor == DW_ANCHOR_END || rule->over.each))
        problem(l, outlives, "outlives_span is for what counts from the start of a span and is met by evidence");
    if (nth != NULL && (!by_evidence || follows))
        problem(l, nth, "evidence_nth is for what is met by evidence on its span");
    if (rests != NULL && (rule->met_by == DW_MET_BY_RECORDING || follows || rule->anchor == DW_ANCHOR_END))
        problem(l, rests, "rests_while is for what is owed while its span is open");
    for (uint32_t i = 0; i < rule->evidence_count; i++)
        if (rule->evidence_nth != 0 && (rule->evidence[i].within_limit || rule->evidence[i].has_begins))
            problem(l, nth, "evidence_nth does not belong beside %s",
                    rule->evidence[i].has_begins ? "begins" : "within_limit");
    bool over_child = rule->over.family == DW_SPAN_CHILD && !rule->over.each && rule->over.where == NULL;
    if (rule->anchor == DW_ANCHOR_BREACH && over != NULL && !over_child && rule->over.family != DW_SPAN_FAMILIES)
        problem(l, over, "counts_from: breach needs over: child");
    if (rule->anchor == DW_ANCHOR_BREACH && !by_evidence)
        problem(l, counts_from, "what follows a missed duty is met by evidence");
    for (uint32_t i = 0; i < rule->evidence_count; i++)
        if (rule->anchor == DW_ANCHOR_BREACH && rule->evidence[i].has_begins)
            problem(l, dw_list_item(l->loader, dw_yaml_get(l->loader->yaml, l->map, "evidence"), i),
                    "begins does not belong beside counts_from: breach of");
    for (uint32_t i = 0; i < rule->evidence_count; i++)
        if (rule->anchor != DW_ANCHOR_BREACH && (rule->evidence[i].breach_alert || rule->evidence[i].breach_rule))
            problem(l, dw_list_item(l->loader, dw_yaml_get(l->loader->yaml, l->map, "evidence"), i),
                    "breach_link belongs beside counts_from: breach of");
}

/* --- missed duties */

/* breach of ID {, ID}: `breach` is taken. */
void dw_rule_take_breach(dw_rule_loading *l, const yaml_node_t *node, dw_text *text)
{
    dw_str *ids = dw_arena_alloc(l->loader->arena, DW_RULE_BREACHES_MAX * sizeof *ids);
    uint32_t n = 0;
    l->rule->anchor = DW_ANCHOR_BREACH;
    if (l->rule->kind != DW_RULE_DEADLINE)
        problem(l, node, "counts_from: breach belongs to a rule of kind deadline");
    if (!dw_text_take(text, "of"))
        dw_text_fail(text, "expected `of` here, as in: breach of CP-05, CP-07");
    while (!text->failed && ids != NULL) {
        if (text->token != DW_TOK_WORD) {
            dw_text_fail(text, "the id of a rule belongs here");
            break;
        }
        for (uint32_t i = 0; i < n; i++)
            if (dw_str_eq(ids[i], text->word))
                dw_text_wrong(text, text->start, "%.*s stands here twice", DW_STR_ARG(text->word));
        if (n == DW_RULE_BREACHES_MAX) {
            dw_text_fail(text, "more than %d rules", DW_RULE_BREACHES_MAX);
            break;
        }
        ids[n++] = dw_arena_str(l->loader->arena, text->word);
        dw_text_next(text);
        if (text->token != DW_TOK_COMMA)
            break;
        dw_text_next(text);
    }
    l->rule->breach_ids = ids;
    l->rule->breach_id_count = n;
}

static const dw_field_ref *text_field(dw_rule_loader *loader, const yaml_node_t *node, dw_event_type type)
{
    dw_field_info info = {0};
    dw_scope scope = dw_scope_of_type(type);
    dw_text text = dw_text_open(loader->yaml, node, loader->arena, "breach_link");
    if (text.failed)
        return NULL;
    const dw_field_ref *ref = dw_text_field(&text, &scope, &info);
    if (!dw_text_finish(&text) || ref == NULL)
        return NULL;
    if (info.kind != DW_VAL_STR)
        dw_problems_add(loader->yaml->problems, loader->yaml->file, node, false,
                        "breach_link names fields that hold a text");
    return ref;
}

/* breach_link: [field of an alert's id, field of a rule's id] */
void dw_load_breach_link(dw_rule_loader *loader, const yaml_node_t *node, dw_clause *out)
{
    size_t n = node->type == YAML_SEQUENCE_NODE ? dw_list_count(loader, node, "breach_link", 2) : 0;
    if (n != 2) {
        dw_problems_add(loader->yaml->problems, loader->yaml->file, node, false,
                        "breach_link is two fields: that of the alert's id and that of the rule");
        return;
    }
    out->breach_alert = text_field(loader, dw_list_item(loader, node, 0), out->type);
    out->breach_rule = text_field(loader, dw_list_item(loader, node, 1), out->type);
}

/* --- over all rules */

#define WAIT_TEXT_MAX 400 /* bytes of a cycle as it is told */

static const dw_rule_follow *find(const dw_rule_follow *rules, size_t count, dw_str id)
{
    for (size_t i = 0; i < count; i++)
        if (dw_str_eq(rules[i].id, id))
            return &rules[i];
    return NULL;
}

/* Is there a way from `at` to `target`? Writes it. Each rule is looked at once. */
static bool waits_for(const dw_rule_follow *rules, size_t count, const dw_rule_follow *at, const dw_rule_follow *target,
                      bool *seen, char *way, size_t used)
{
    for (uint32_t i = 0; i < at->breach_count; i++) {
        const dw_rule_follow *next = find(rules, count, at->breaches[i]);
        if (next == NULL || (seen[next - rules] && next != target))
            continue;
        int n = snprintf(way + used, WAIT_TEXT_MAX - used, " -> %.*s", DW_STR_ARG(next->id));
        size_t more = n > 0 && used + (size_t)n < WAIT_TEXT_MAX ? (size_t)n : 0;
        seen[next - rules] = true;
        if (next == target || waits_for(rules, count, next, target, seen, way, used + more))
            return true;
    }
    return false;
}

void dw_rules_check_follow(dw_rule_loader *loader, const dw_rule_follow *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const dw_rule_follow *one = &rules[i];
        const yaml_node_t *at = dw_yaml_get(loader->yaml, one->node, "counts_from");
        for (uint32_t k = 0; k < one->breach_count; k++) {
            const dw_rule_follow *target = find(rules, count, one->breaches[k]);
            const char *why = target == NULL ? "there is no such rule"
                              : target->kind != DW_RULE_RECURRING && target->kind != DW_RULE_DEADLINE &&
                                      target->kind != DW_RULE_DURATION
                                  ? "only rules of kind recurring, deadline and duration are missed"
                              : target->unsteady ? "its limits hang on what is open beside it (while)"
                                                 : NULL;
            if (why != NULL)
                dw_problems_add(loader->yaml->problems, loader->yaml->file, at, false,
                                "counts_from: breach of %.*s: %s", DW_STR_ARG(one->breaches[k]), why);
        }
        bool seen[DW_RULES_MAX] = {false};
        char way[WAIT_TEXT_MAX];
        int n = snprintf(way, sizeof way, "%.*s", DW_STR_ARG(one->id));
        if (one->breach_count != 0 && waits_for(rules, count, one, one, seen, way, (size_t)n))
            dw_problems_add(loader->yaml->problems, loader->yaml->file, at, false,
                            "these rules wait for each other: %s", way);
    }
}

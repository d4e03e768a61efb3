/* rule_limit.c: limits with the conditions under which each holds, and recorded frequencies that may stand in their place. */

#include "config/rule_keys.h"
#include "proto/json.h"

#include "field_ids.h"

#define problem(loader, at, ...) dw_problems_add((loader)->yaml->problems, (loader)->yaml->file, at, false, __VA_ARGS__)

/* --- limits */

/* An amount, `recorded`, or `0 days`: due on the very day from which it counts. */
static bool load_amount(dw_rule_loader *loader, const yaml_node_t *node, const dw_rule *rule, dw_limit *out)
{
    dw_str text = dw_yaml_scalar(node);
    if (dw_str_eq(text, DW_STR_LIT("recorded"))) {
        out->recorded = true;
        out->unit = DW_UNIT_DAYS;
        return true;
    }
    if (!dw_str_eq(text, DW_STR_LIT("0 days")))
        return dw_load_limit_amount(loader, node, "limit", &out->n, &out->unit);
    out->n = 0;
    out->unit = DW_UNIT_DAYS;
    if (rule->kind != DW_RULE_DEADLINE)
        problem(loader, node, "0 days belongs to a rule of kind deadline: due on the day itself");
    return rule->kind == DW_RULE_DEADLINE;
}

/* "0", "1", "2 on", "0 to 3" */
static void load_nth(dw_rule_loader *loader, const yaml_node_t *node, const dw_rule *rule, dw_limit *out)
{
    dw_text text = dw_text_open(loader->yaml, node, loader->arena, "nth");
    if (text.failed)
        return;
    out->has_nth = true;
    out->nth_from = out->nth_to = (uint32_t)dw_text_count(&text, 0, 1000);
    if (dw_text_take(&text, "on"))
        out->nth_open = true;
    else if (dw_text_take(&text, "to"))
        out->nth_to = (uint32_t)dw_text_count(&text, 0, 1000);
    if (dw_text_finish(&text) && out->nth_to < out->nth_from)
        problem(loader, node, "nth ends before it begins");
    if (rule->kind != DW_RULE_RECURRING)
        problem(loader, node, "nth belongs to a rule of kind recurring");
}

static void load_date(dw_rule_loader *loader, const yaml_node_t *node, const char *key, int32_t *out)
{
    if (node != NULL && (!dw_date_parse(dw_yaml_scalar(node), out) || *out <= 0))
        problem(loader, node, "%s must be a date such as 2020-04-24", key);
}

static void load_once(dw_rule_loader *loader, const yaml_node_t *node, const yaml_node_t *link, const dw_rule *rule,
                      dw_limit *out)
{
    out->has_once = dw_load_selector(loader, node, "once", &out->once);
    if (!out->has_once || link == NULL)
        return;
    dw_field_info info = {0};
    dw_scope scope = dw_scope_of_family(out->once.family);
    dw_text text = dw_text_open(loader->yaml, link, loader->arena, "link");
    if (text.failed)
        return;
    out->once_link = dw_text_field(&text, &scope, &info);
    if (dw_text_finish(&text) && out->once_link != NULL && info.kind != DW_VAL_STR)
        problem(loader, link, "link must name a field that holds an id");
    if (!dw_family_has_id(rule->over.family))
        problem(loader, link, "link: spans of family %s have no id that a fact could name",
                dw_span_family_name(rule->over.family));
}

static void load_before(dw_rule_loader *loader, const yaml_node_t *node, const dw_rule *rule, dw_limit *out)
{
    dw_clause_use use = {"before", rule->over.family, false};
    uint32_t count = 0;
    if (node->type == YAML_SEQUENCE_NODE)
        problem(loader, node, "before is one event, not a list");
    else
        out->has_before = dw_load_clauses(loader, node, use, &out->before, &count);
}

/* `or_both: [care, proceedings]` */
static void load_both(dw_rule_loader *loader, const yaml_node_t *node, const yaml_node_t *during, dw_limit *out)
{
    if (node == NULL)
        return;
    if (during == NULL)
        problem(loader, node, "or_both without while");
    if (node->type != YAML_SEQUENCE_NODE || dw_list_count(loader, node, "or_both", 2) != 2) {
        problem(loader, node, "or_both names two kinds of spans, such as [care, proceedings]");
        return;
    }
    out->has_both = true;
    for (size_t i = 0; i < 2; i++)
        out->has_both =
            dw_load_selector(loader, dw_list_item(loader, node, i), "or_both", &out->both[i]) && out->has_both;
}

static bool load_limit_map(dw_rule_loader *loader, const yaml_node_t *map, const dw_rule *rule, dw_limit *out)
{
    static const char *const keys[] = {"limit", "when", "while", "or_while", "or_both", "nth",   "before",
                                       "age",   "once", "link",  "gap",      "from",    "until", NULL};
    dw_yaml *yaml = loader->yaml;
    size_t errors = yaml->problems->errors;
    dw_yaml_only(yaml, map, keys);
#define MEMBER(key) dw_yaml_get(yaml, map, key)
    const yaml_node_t *limit = MEMBER("limit"), *when = MEMBER("when"), *during = MEMBER("while");
    const yaml_node_t *or_during = MEMBER("or_while"), *nth = MEMBER("nth"), *before = MEMBER("before");
    const yaml_node_t *age = MEMBER("age"), *once = MEMBER("once"), *link = MEMBER("link"), *gap = MEMBER("gap");
    const yaml_node_t *from = MEMBER("from"), *until = MEMBER("until");
    if (limit == NULL)
        problem(loader, map, "limit is missing here (how long)");
    else
        load_amount(loader, limit, rule, out);
    if (when != NULL) {
        dw_scope scope = dw_scope_of_selector(&rule->over);
        dw_text text = dw_text_open(yaml, when, loader->arena, "when");
        out->when = dw_text_predicate(&text, &scope);
    }
    if (during != NULL)
        out->has_while = dw_load_selector(loader, during, "while", &out->during);
    if (or_during != NULL) {
        out->has_or = dw_load_selector(loader, or_during, "or_while", &out->or_during);
        if (during == NULL)
            problem(loader, or_during, "or_while without while");
    }
    load_both(loader, MEMBER("or_both"), during, out);
#undef MEMBER
    if (nth != NULL)
        load_nth(loader, nth, rule, out);
    if (before != NULL)
        load_before(loader, before, rule, out);
    if (age != NULL)
        dw_load_age(loader, age, &out->age_from, &out->age_until);
    if (once != NULL)
        load_once(loader, once, link, rule, out);
    else if (link != NULL)
        problem(loader, link, "link belongs beside once here");
    if (gap != NULL && dw_load_limit_amount(loader, gap, "gap", &out->gap_n, &out->gap_unit) && !out->recorded)
        problem(loader, gap, "gap belongs beside limit: recorded");
    load_date(loader, from, "from", &out->in_force_from);
    load_date(loader, until, "until", &out->in_force_until);
    if (out->in_force_from != 0 && out->in_force_until != 0 && out->in_force_until < out->in_force_from)
        problem(loader, until, "this limit ends before it begins");
    return yaml->problems->errors == errors;
}

bool dw_load_limits(dw_rule_loader *loader, const yaml_node_t *node, dw_rule *rule)
{
    size_t n = dw_list_count(loader, node, "limit", DW_RULE_LIMITS_MAX);
    bool ok = n > 0;
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *item = dw_list_item(loader, node, i);
        dw_limit *out = &rule->limits[i];
        *out = (dw_limit){0};
        if (item->type == YAML_MAPPING_NODE)
            ok = load_limit_map(loader, item, rule, out) && ok;
        else
            ok = load_amount(loader, item, rule, out) && ok;
    }
    rule->limit_count = (uint32_t)n;
    return ok;
}

bool dw_limit_is_open(const dw_limit *limit)
{
    return limit->when == NULL && !limit->has_while && !limit->has_nth && !limit->has_before && limit->age_from == 0 &&
           limit->age_until == 0 && !limit->has_once && limit->in_force_from == 0 && limit->in_force_until == 0 &&
           !(limit->recorded && limit->gap_n == 0);
}

/* --- recorded frequencies */

static const dw_field_ref *find_part(dw_rule_loader *loader, const yaml_node_t *node, const dw_scope *scope,
                                     const char *name, dw_value_kind kind, dw_field_info *info)
{
    char full[80];
    dw_str s = dw_yaml_scalar(node);
    snprintf(full, sizeof(full), "%.*s.%s", s.len > 40 ? 40 : (int)s.len, s.ptr, name);
    dw_text text = {.yaml = loader->yaml,
                    .node = node,
                    .arena = loader->arena,
                    .text = s,
                    .token = DW_TOK_WORD,
                    .word = dw_str_from(full)};
    const dw_field_ref *ref = dw_text_field(&text, scope, info);
    if (ref != NULL && info->kind != kind) {
        problem(loader, node, "recorded_frequency must name a field with days, unit, from and agreed_by");
        return NULL;
    }
    return ref;
}

static void load_roles(dw_rule_loader *loader, const yaml_node_t *node, const dw_field_info *role, uint32_t *out)
{
    size_t n = dw_list_count(loader, node, "looser_by", 31);
    for (size_t i = 0; i < n && role->enum_of != NULL; i++) {
        const yaml_node_t *item = dw_list_item(loader, node, i);
        int32_t value = 0;
        dw_str name = dw_yaml_scalar(item);
        if (dw_enum_parse(role, name, &value) && value > 0 && value < 32)
            *out |= UINT32_C(1) << value;
        else
            problem(loader, item, "there is no role %.*s", name.len > 40 ? 40 : (int)name.len, name.ptr);
    }
}

static void load_frequency(dw_rule_loader *loader, const yaml_node_t *item, const dw_rule *rule, dw_frequency *out)
{
    static const char *const keys[] = {"field", "of", "looser_by", NULL};
    bool is_map = item->type == YAML_MAPPING_NODE;
    if (is_map)
        dw_yaml_only(loader->yaml, item, keys);
    const yaml_node_t *field = is_map ? dw_yaml_get(loader->yaml, item, "field") : item;
    const yaml_node_t *of = is_map ? dw_yaml_get(loader->yaml, item, "of") : NULL;
    const yaml_node_t *looser = is_map ? dw_yaml_get(loader->yaml, item, "looser_by") : NULL;
    dw_scope scope = dw_scope_of_selector(&rule->over);
    if (of != NULL && dw_str_eq(dw_yaml_scalar(of), DW_STR_LIT("schedule_override"))) {
        out->source = DW_FREQUENCY_OVERRIDE;
        scope = dw_scope_of_type(DW_EV_SCHEDULE_OVERRIDE);
    } else if (of != NULL) {
        if (!dw_load_selector(loader, of, "of", &out->of))
            return;
        out->source = DW_FREQUENCY_OF;
        scope = dw_scope_of_family(out->of.family);
    }
    if (field == NULL) {
        problem(loader, item, "field is missing (such as visit_frequency)");
        return;
    }
    dw_field_info info = {0};
    out->days = find_part(loader, field, &scope, "days", DW_VAL_INT, &info);
    if (out->days == NULL)
        return; /* said once */
    out->unit = find_part(loader, field, &scope, "unit", DW_VAL_ENUM, &info);
    out->from = find_part(loader, field, &scope, "from", DW_VAL_DATE, &info);
    out->agreed_by = find_part(loader, field, &scope, "agreed_by", DW_VAL_ENUM, &info);
    if (looser != NULL)
        load_roles(loader, looser, &info, &out->looser_roles);
}

void dw_rule_load_frequencies(dw_rule_loading *l, const yaml_node_t *node)
{
    size_t n = dw_list_count(l->loader, node, "recorded_frequency", DW_RULE_FREQUENCIES_MAX);
    for (size_t i = 0; i < n; i++)
        load_frequency(l->loader, dw_list_item(l->loader, node, i), l->rule, &l->rule->frequencies[i]);
    l->rule->frequency_count = (uint32_t)n;
}

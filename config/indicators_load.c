/* indicators_load.c: see indicators_load.h. */

#include "config/indicators_load.h"

#include "config/policy_load.h"
#include "config/rule_load.h"

#include <stdlib.h>

#define ID_BYTES_MAX 40

typedef struct loading {
    dw_rule_loader loader;
    dw_yaml *yaml;
    const dw_policy *policy;
    dw_str standards;
    const yaml_node_t *map;
    dw_indicator *ind;
} loading;

#define problem(l, at, ...) dw_problems_add((l)->yaml->problems, (l)->yaml->file, at, false, __VA_ARGS__)

/* Which keys go with what is taken. */
enum { KEY_DUTIES = 1, KEY_SPANS = 2, KEY_ALL = 3 };

static bool load_amount(loading *l, const yaml_node_t *node, const char *key, bool working, dw_ind_amount *out)
{
    if (!dw_load_limit_amount(&l->loader, node, key, &out->n, &out->unit))
        return false;
    if (out->unit == DW_UNIT_WORKING_DAYS && !working) {
        problem(l, node, "%s counts days, weeks, months or hours", key);
        out->n = 0;
        return false;
    }
    return true;
}

/* --- one function a key */

static void load_title(loading *l, const yaml_node_t *node)
{
    dw_load_text(&l->loader, node, "title", DW_RULE_TITLE_BYTES_MAX, &l->ind->title);
}

static void load_note(loading *l, const yaml_node_t *node)
{
    dw_load_text(&l->loader, node, "note", DW_RULE_TEXT_BYTES_MAX, &l->ind->note);
}

static void load_id(loading *l, const yaml_node_t *node)
{
    dw_load_text(&l->loader, node, "id", ID_BYTES_MAX, &l->ind->id);
}

static void load_form(loading *l, const yaml_node_t *node)
{
    dw_load_text(&l->loader, node, "form", ID_BYTES_MAX, &l->ind->form);
}

static void load_group(loading *l, const yaml_node_t *node)
{
    dw_load_text(&l->loader, node, "group", ID_BYTES_MAX, &l->ind->group);
}

static void load_over(loading *l, const yaml_node_t *node)
{
    dw_load_selector(&l->loader, node, "over", &l->ind->over);
}

static void load_beside(loading *l, const yaml_node_t *node)
{
    size_t n = dw_list_count(&l->loader, node, "beside", DW_IND_BESIDE_MAX);
    for (size_t i = 0; i < n; i++)
        if (dw_load_selector(&l->loader, dw_list_item(&l->loader, node, i), "beside", &l->ind->beside[i]))
            l->ind->beside_count = (uint32_t)i + 1;
}

static void load_born(loading *l, const yaml_node_t *node)
{
    dw_load_bool(&l->loader, node, "born", &l->ind->born);
}

static void load_age(loading *l, const yaml_node_t *node)
{
    dw_load_age(&l->loader, node, &l->ind->age_from, &l->ind->age_until);
}

static void load_open_for(loading *l, const yaml_node_t *node)
{
    load_amount(l, node, "open_for", true, &l->ind->open_for);
}

static void load_within(loading *l, const yaml_node_t *node)
{
    load_amount(l, node, "within", false, &l->ind->within);
}

static void load_limit(loading *l, const yaml_node_t *node)
{
    load_amount(l, node, "limit", dw_ind_take_kind(l->ind->take) == DW_IND_DUTIES, &l->ind->limit);
}

/* A copy that raises nothing, so that a missed duty stays one; with the figure's own limit, which then holds for all alike. */
static dw_rule copy_of(const loading *l, const dw_rule *rule)
{
    dw_rule copy = *rule;
    dw_ind_amount limit = l->ind->limit;
    copy.raises = DW_RAISES_NOTHING;
    copy.worsens_count = 0;
    if (limit.n == 0)
        return copy;
    copy.limits[0] = (dw_limit){.n = limit.n, .unit = limit.unit};
    copy.limit_count = 1;
    copy.strictest = copy.has_warn = false;
    copy.frequency_count = 0;
    copy.due_override = NULL;
    if (limit.unit == DW_UNIT_WORKING_DAYS && copy.calendar == DW_CAL_CALENDAR)
        copy.calendar = DW_CAL_EW;
    return copy;
}

static void take_rule(loading *l, const yaml_node_t *node, dw_rule *rules)
{
    dw_str id = dw_yaml_scalar(node);
    const dw_rule *rule = dw_policy_find_rule(l->policy, id);
    if (id.len == 0) {
        problem(l, node, "rules: the id of a rule belongs here");
        return;
    }
    if (rule == NULL) {
        if (l->standards.len != 0 && dw_standards_find(l->standards, id) == DW_RULE_UNKNOWN)
            problem(l, node, "rules: there is no rule %.*s", DW_STR_ARG(id));
        else if (l->ind->missing.len == 0)
            l->ind->missing = dw_arena_str(l->loader.arena, id);
        return;
    }
    if (rule->kind != DW_RULE_RECURRING && rule->kind != DW_RULE_DEADLINE && rule->kind != DW_RULE_DURATION) {
        problem(l, node, "rules: %.*s has no due date: only rules of kind recurring, deadline and duration count",
                DW_STR_ARG(id));
        return;
    }
    for (uint32_t i = 0; i < rule->parts; i++) {
        if (l->ind->rule_count == DW_IND_RULES_MAX) {
            problem(l, node, "rules: more than %d rules and parts of rules", DW_IND_RULES_MAX);
            return;
        }
        rules[l->ind->rule_count++] = copy_of(l, dw_policy_rule(l->policy, (size_t)rule->index + i));
    }
}

static void load_rules(loading *l, const yaml_node_t *node)
{
    size_t n = dw_list_count(&l->loader, node, "rules", DW_IND_RULES_MAX);
    size_t room = 0;
    for (size_t i = 0; i < n; i++) {
        const dw_rule *rule = dw_policy_find_rule(l->policy, dw_yaml_scalar(dw_list_item(&l->loader, node, i)));
        room += rule != NULL ? rule->parts : 0;
    }
    dw_rule *rules = dw_arena_alloc(l->loader.arena, (room + 1) * sizeof *rules);
    if (rules == NULL) {
        problem(l, node, "out of memory");
        return;
    }
    for (size_t i = 0; i < n; i++)
        take_rule(l, dw_list_item(&l->loader, node, i), rules);
    l->ind->rules = rules;
    if (l->ind->rule_count != 0)
        l->ind->missing = (dw_str){NULL, 0}; /* the others are in force */
}

static void load_last_of(loading *l, const yaml_node_t *node)
{
    l->ind->last_of = true;
    load_rules(l, node);
}

static void load_not_first(loading *l, const yaml_node_t *node)
{
    dw_load_bool(&l->loader, node, "not_first", &l->ind->not_first);
}

static void load_late(loading *l, const yaml_node_t *node)
{
    dw_load_bool(&l->loader, node, "late", &l->ind->late);
}

static void load_counted(loading *l, const yaml_node_t *node)
{
    dw_load_bool(&l->loader, node, "counted", &l->ind->counted);
}

static void load_met(loading *l, const yaml_node_t *node)
{
    uint32_t count = 0;
    dw_clause clauses[DW_RULE_CLAUSES_MAX] = {0};
    dw_clause_use use = {.key = "met", .linked_to = DW_SPAN_CHILD};
    if (!dw_load_clauses(&l->loader, node, use, clauses, &count))
        return;
    if (count != 1)
        problem(l, node, "met is one clause");
    l->ind->met = clauses[0];
    l->ind->has_met = true;
}

static void load_clauses(loading *l, const yaml_node_t *node, const char *key, dw_clause *out, uint32_t *count)
{
    dw_clause clauses[DW_RULE_CLAUSES_MAX] = {0};
    dw_clause_use use = {.key = key, .linked_to = l->ind->over.family};
    uint32_t n = 0;
    if (!dw_load_clauses(&l->loader, node, use, clauses, &n))
        return;
    if (n > DW_IND_CLAUSES_MAX) {
        problem(l, node, "%s: more than %d clauses", key, DW_IND_CLAUSES_MAX);
        return;
    }
    memcpy(out, clauses, n * sizeof *out);
    *count = n;
}

static void load_given(loading *l, const yaml_node_t *node)
{
    load_clauses(l, node, "given", l->ind->given, &l->ind->given_count);
}

static void load_evidence(loading *l, const yaml_node_t *node)
{
    load_clauses(l, node, "evidence", l->ind->evidence, &l->ind->evidence_count);
}

static void load_longer_than(loading *l, const yaml_node_t *node)
{
    load_amount(l, node, "longer_than", false, &l->ind->longer_than);
}

/* A condition on the span; with last_of on the evidence of the first rule. */
static const dw_pred *load_condition(loading *l, const yaml_node_t *node, const char *key)
{
    dw_scope scope = dw_scope_of_selector(&l->ind->over);
    if (l->ind->last_of) {
        scope = (dw_scope){0};
        for (uint32_t i = 0; i < l->ind->rule_count && scope.count == 0; i++)
            scope = dw_scope_of_type(l->ind->rules[i].evidence[0].type);
    }
    dw_text text = dw_text_open(l->yaml, node, l->loader.arena, key);
    return text.failed ? NULL : dw_text_predicate(&text, &scope);
}

static void load_holds(loading *l, const yaml_node_t *node)
{
    l->ind->holds = load_condition(l, node, "holds");
}

static void load_unknown(loading *l, const yaml_node_t *node)
{
    l->ind->unknown = load_condition(l, node, "unknown");
}

static void load_earlier(loading *l, const yaml_node_t *node)
{
    l->ind->has_earlier = dw_load_selector(&l->loader, node, "earlier", &l->ind->earlier);
}

static void load_apart(loading *l, const yaml_node_t *node)
{
    l->ind->has_apart = dw_load_selector(&l->loader, node, "apart_from", &l->ind->apart);
}

static void load_per(loading *l, const yaml_node_t *node)
{
    dw_str word = dw_yaml_scalar(node);
    l->ind->per_child = dw_str_eq(word, DW_STR_LIT("child"));
    if (!l->ind->per_child && !dw_str_eq(word, DW_STR_LIT("span")))
        problem(l, node, "per is child or span");
}

static void load_at_least(loading *l, const yaml_node_t *node)
{
    int64_t n = 0;
    if (dw_load_number(&l->loader, node, "at_least", 2, 1000, &n))
        l->ind->at_least = (uint32_t)n;
}

/* In the order of loading: what a key's loader looks at stands above it. */
static const struct {
    const char *name;
    int with;
    void (*load)(loading *l, const yaml_node_t *node); /* NULL: read before all others */
} keys[] = {
    {"id", KEY_ALL, load_id},
    {"form", KEY_ALL, load_form},
    {"title", KEY_ALL, load_title},
    {"note", KEY_ALL, load_note},
    {"group", KEY_ALL, load_group},
    {"count", KEY_ALL, NULL},
    {"over", KEY_ALL, load_over},
    {"beside", KEY_ALL, load_beside},
    {"born", KEY_ALL, load_born},
    {"age", KEY_ALL, load_age},
    {"open_for", KEY_ALL, load_open_for},
    {"within", KEY_ALL, load_within},
    {"limit", KEY_ALL, load_limit},
    {"rules", KEY_DUTIES, load_rules},
    {"last_of", KEY_SPANS, load_last_of},
    {"not_first", KEY_DUTIES, load_not_first},
    {"late", KEY_DUTIES, load_late},
    {"met", KEY_DUTIES, load_met},
    {"per", KEY_SPANS, load_per},
    {"at_least", KEY_SPANS, load_at_least},
    {"counted", KEY_SPANS, load_counted},
    {"given", KEY_SPANS, load_given},
    {"evidence", KEY_SPANS, load_evidence},
    {"longer_than", KEY_SPANS, load_longer_than},
    {"holds", KEY_SPANS, load_holds},
    {"unknown", KEY_SPANS, load_unknown},
    {"earlier", KEY_SPANS, load_earlier},
    {"apart_from", KEY_SPANS, load_apart},
};
#define KEYS (sizeof keys / sizeof keys[0])

/* --- a figure */

static bool load_take(loading *l)
{
    const yaml_node_t *node = dw_yaml_get(l->yaml, l->map, "count");
    dw_nearest nearest = {.word = node != NULL ? dw_yaml_scalar(node) : (dw_str){NULL, 0}};
    for (int take = 0; take < DW_IND_TAKES; take++) {
        const char *name = dw_ind_take_name((dw_ind_take)take);
        if (dw_str_eq(nearest.word, dw_str_from(name))) {
            l->ind->take = (dw_ind_take)take;
            return true;
        }
        dw_nearest_try(&nearest, name);
    }
    if (node != NULL && nearest.best != NULL)
        problem(l, node, "count must say what is counted; did you mean %s?", nearest.best);
    else
        problem(
            l, node != NULL ? node : l->map,
            "count must say what is counted: children, running, began, fell_due, done, kept, open, started or ended");
    return false;
}

/* What only several keys together show. */
static void check_figure(loading *l)
{
    const dw_indicator *ind = l->ind;
    bool duties = dw_ind_take_kind(ind->take) == DW_IND_DUTIES;
    bool population = ind->take == DW_TAKE_CHILDREN || ind->take == DW_TAKE_KEPT || !duties;
    int tests = (ind->longer_than.n != 0) + (ind->evidence_count != 0) + ind->has_earlier +
                (ind->holds != NULL || ind->last_of) + (ind->at_least != 0);
    if (ind->id.len == 0 || ind->form.len == 0 || ind->title.len == 0)
        problem(l, l->map, "a figure has an id, a form and a title");
    if (population && dw_yaml_get(l->yaml, l->map, "over") == NULL)
        problem(l, l->map, "over is missing: whom or what it counts");
    if (!population && dw_yaml_get(l->yaml, l->map, "over") != NULL)
        problem(l, l->map, "over says nothing here: the rules say what their duties hang on");
    if (duties && dw_yaml_get(l->yaml, l->map, "rules") == NULL)
        problem(l, l->map, "rules is missing: whose duties it counts");
    if (tests > 1)
        problem(l, l->map,
                "longer_than, evidence, earlier, holds and at_least: one of them is what the numerator counts");
    if (!duties && tests == 0 && !ind->counted)
        problem(l, l->map, "nothing says what the numerator counts; a plain count is counted: true");
    if (ind->counted && tests != 0)
        problem(l, l->map, "counted: true has no numerator of its own");
    if (ind->last_of && ind->holds == NULL && ind->rule_count != 0)
        problem(l, l->map, "last_of needs holds: what is asked of the last evidence");
    if (ind->at_least != 0 && !ind->per_child)
        problem(l, l->map, "at_least belongs to per: child");
    if (ind->has_earlier && ind->within.n == 0)
        problem(l, l->map, "earlier needs within: how long before");
}

static void load_figure(loading *l)
{
    const char *names[KEYS + 1] = {NULL};
    *l->ind = (dw_indicator){.over.family = DW_SPAN_CHILD};
    if (l->map->type != YAML_MAPPING_NODE) {
        problem(l, l->map, "a figure is a mapping (id:, form:, title:, count:, ...)");
        return;
    }
    for (size_t i = 0; i < KEYS; i++)
        names[i] = keys[i].name;
    dw_yaml_only(l->yaml, l->map, names);
    if (!load_take(l))
        return;
    int with = dw_ind_take_kind(l->ind->take) == DW_IND_DUTIES ? KEY_DUTIES : KEY_SPANS;
    size_t errors = l->yaml->problems->errors;
    for (size_t i = 0; i < KEYS; i++) {
        const yaml_node_t *node = dw_yaml_get(l->yaml, l->map, keys[i].name);
        if (node != NULL && (keys[i].with & with) == 0)
            problem(l, node, "%s does not belong to count: %s", keys[i].name, dw_ind_take_name(l->ind->take));
        else if (node != NULL && keys[i].load != NULL)
            keys[i].load(l, node);
    }
    if (l->ind->group.len == 0)
        l->ind->group = l->ind->id;
    if (l->yaml->problems->errors == errors)
        check_figure(l);
}

static void load_all(loading *l, dw_indicators *list)
{
    static const char *const top[] = {"indicators", NULL};
    const yaml_node_t *root = dw_yaml_root(l->yaml);
    const yaml_node_t *seq = NULL;
    if (root != NULL && root->type == YAML_MAPPING_NODE) {
        dw_yaml_only(l->yaml, root, top);
        seq = dw_yaml_get(l->yaml, root, "indicators");
    }
    if (seq == NULL || seq->type != YAML_SEQUENCE_NODE) {
        problem(l, root, "indicators: a list of figures belongs here");
        return;
    }
    size_t n = dw_list_count(&l->loader, seq, "indicators", DW_INDICATORS_MAX);
    list->items = dw_arena_alloc(list->arena, (n + 1) * sizeof *list->items);
    if (list->items == NULL) {
        problem(l, seq, "out of memory");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        l->map = dw_list_item(&l->loader, seq, i);
        l->ind = &list->items[i];
        load_figure(l);
        for (size_t k = 0; k < i; k++)
            if (l->ind->id.len != 0 && dw_str_eq(list->items[k].id, l->ind->id) &&
                dw_str_eq(list->items[k].form, l->ind->form))
                problem(l, l->map, "there is a figure %.*s %.*s already", DW_STR_ARG(l->ind->id),
                        DW_STR_ARG(l->ind->form));
    }
    list->count = n;
}

dw_indicators *dw_indicators_load(const char *file, dw_str text, const dw_policy *policy, dw_str standards,
                                  dw_problems *problems)
{
    dw_yaml yaml;
    size_t errors = problems->errors;
    dw_indicators *list = calloc(1, sizeof *list);
    if (list == NULL || (list->arena = dw_arena_new(DW_INDICATORS_ARENA_BYTES_MAX)) == NULL) {
        dw_problems_add(problems, file, NULL, false, "out of memory");
        dw_indicators_free(&list);
        return NULL;
    }
    if (dw_yaml_parse(&yaml, file, text, problems)) {
        loading l = {.loader = {&yaml, list->arena}, .yaml = &yaml, .policy = policy, .standards = standards};
        load_all(&l, list);
        dw_yaml_deinit(&yaml);
    }
    dw_problems_sort(problems);
    if (problems->errors != errors)
        dw_indicators_free(&list);
    return list;
}

void dw_indicators_free(dw_indicators **list)
{
    if (*list == NULL)
        return;
    dw_arena_free(&(*list)->arena);
    free(*list);
    *list = NULL;
}

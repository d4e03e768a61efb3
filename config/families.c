/* families.c: precedence of rules over one span, and elections between clocks, compiled into the rules. */

#include "config/families.h"

#define problem(loader, at, ...) dw_problems_add((loader)->yaml->problems, (loader)->yaml->file, at, false, __VA_ARGS__)

static const yaml_node_t *member(dw_rule_loader *loader, const yaml_node_t *map, const char *key)
{
    return dw_yaml_get(loader->yaml, map, key);
}

static bool is_known(const dw_rule_names *names, dw_str id)
{
    for (size_t i = 0; i < names->count; i++)
        if (dw_str_eq(names->ids[i], id))
            return true;
    return false;
}

/* The parts of a rule in the policy, which is not sorted yet; none when it is switched off or faulty. */
typedef struct rule_parts {
    dw_str id;
    const yaml_node_t *node;
    uint32_t place;
    dw_rule *part[DW_RULE_PARTS_MAX];
    uint32_t count;
    const dw_pred *own[DW_RULE_PARTS_MAX]; /* their conditions as written */
} rule_parts;

static bool find_parts(dw_policy *policy, dw_rule_loader *loader, const dw_rule_names *names, const yaml_node_t *node,
                       rule_parts *out)
{
    *out = (rule_parts){.id = dw_yaml_scalar(node), .node = node};
    if (!is_known(names, out->id)) {
        problem(loader, node, "there is no rule %.*s", out->id.len > 40 ? 40 : DW_STR_ARG(out->id));
        return false;
    }
    for (size_t i = 0; i < dw_policy_rule_count(policy); i++) {
        dw_rule *rule = dw_policy_rule_to_change(policy, i);
        if (dw_str_eq(rule->id, out->id) && out->count < DW_RULE_PARTS_MAX) {
            out->own[out->count] = rule->over.where;
            out->part[out->count++] = rule;
        }
    }
    return true;
}

/* --- families */

typedef struct family {
    dw_rule_loader *loader;
    dw_policy *policy;
    const dw_rule_names *names;
    dw_span_family over;
    rule_parts entries[DW_FAMILY_RULES_MAX];
    uint32_t count;
    bool failed; /* said already: what cannot be joined here not for the entries behind, either */
} family;

static bool has_parts(dw_rule_kind kind)
{
    return kind == DW_RULE_RECURRING || kind == DW_RULE_DEADLINE || kind == DW_RULE_DURATION;
}

static void add_entry(family *f, const yaml_node_t *node, uint32_t place)
{
    rule_parts entry;
    if (f->count == DW_FAMILY_RULES_MAX) {
        problem(f->loader, node, "more than %d rules in a family", DW_FAMILY_RULES_MAX);
        return;
    }
    if (!find_parts(f->policy, f->loader, f->names, node, &entry))
        return;
    for (uint32_t k = 0; k < entry.count; k++) {
        const dw_rule *rule = entry.part[k];
        if (rule->over.each || rule->over.family != f->over || !has_parts(rule->kind)) {
            problem(f->loader, node, "%.*s is not a rule of kind recurring, deadline or duration over %s",
                    DW_STR_ARG(entry.id), dw_span_family_name(f->over));
            return;
        }
        if (rule->in_family) {
            problem(f->loader, node, "%.*s stands in a family already", DW_STR_ARG(entry.id));
            return;
        }
        entry.part[k]->in_family = true;
    }
    entry.place = place;
    f->entries[f->count++] = entry;
}

static int days_of(int months, int days)
{
    return months * 30 + days; /* to compare bands with each other */
}

/* Do both speak for spans of one age? */
static bool bands_meet(const dw_rule *a, const dw_rule *b)
{
    int a_from = days_of(a->band_from_months, a->band_from_days);
    int b_from = days_of(b->band_from_months, b->band_from_days);
    int a_until = days_of(a->band_until_months, a->band_until_days);
    int b_until = days_of(b->band_until_months, b->band_until_days);
    return (b_until == 0 || a_from < b_until) && (a_until == 0 || b_from < a_until);
}

/* For an entry. NULL: there is nothing to join, or f->failed. */
static const dw_pred *join(family *f, const rule_parts *entry, dw_pred_op op, const dw_pred *left, const dw_pred *right,
                           const char *word)
{
    if (f->failed)
        return NULL;
    if (op != DW_PRED_NOT && (left == NULL || right == NULL))
        return left != NULL ? left : right;
    dw_pred *pred = dw_arena_alloc(f->loader->arena, sizeof *pred);
    uint32_t room = left->text.len + (right != NULL ? right->text.len : 0) + 16;
    char *text = dw_arena_alloc(f->loader->arena, room);
    dw_errc code = DW_E_NOMEM;
    if (pred != NULL && text != NULL) {
        int n = op == DW_PRED_NOT
                    ? snprintf(text, room, "%s(%.*s)", word, DW_STR_ARG(left->text))
                    : snprintf(text, room, "(%.*s)%s(%.*s)", DW_STR_ARG(left->text), word, DW_STR_ARG(right->text));
        *pred = (dw_pred){.op = op, .left = left, .right = right, .text = {text, (uint32_t)n}};
        code = dw_pred_ready(f->loader->arena, pred);
    }
    if (code == DW_OK)
        return pred;
    if (code == DW_E_TOO_BIG)
        problem(f->loader, entry->node, "%.*s: together with the rules before it more than %d comparisons",
                DW_STR_ARG(entry->id), DW_PRED_TESTS_MAX);
    else
        problem(f->loader, entry->node, "out of memory");
    f->failed = true;
    return NULL;
}

/* The conditions of the entries before this one. */
static const dw_pred *taken_before(family *f, const rule_parts *entry, const dw_rule *rule)
{
    const dw_pred *taken = NULL;
    for (const rule_parts *before = f->entries; before < entry && before->place < entry->place; before++)
        for (uint32_t k = 0; k < before->count; k++) {
            if (!bands_meet(before->part[k], rule))
                continue;
            if (before->own[k] == NULL) {
                problem(f->loader, entry->node, "%.*s never speaks: %.*s before it has no condition",
                        DW_STR_ARG(rule->id), DW_STR_ARG(before->id));
                return NULL;
            }
            taken = join(f, entry, DW_PRED_OR, taken, before->own[k], " or ");
        }
    return taken;
}

static void compile(family *f)
{
    for (uint32_t i = 0; i < f->count; i++) {
        const rule_parts *entry = &f->entries[i];
        for (uint32_t k = 0; k < entry->count && !f->failed; k++) {
            dw_rule *rule = entry->part[k];
            const dw_pred *taken = taken_before(f, entry, rule);
            rule->phases = true;
            if (taken != NULL)
                rule->over.where = join(f, entry, DW_PRED_AND, entry->own[k],
                                        join(f, entry, DW_PRED_NOT, taken, NULL, "not "), " and ");
        }
    }
}

static bool load_over(family *f, const yaml_node_t *node)
{
    dw_span_selector over = {0};
    if (!dw_load_selector(f->loader, node, "over", &over))
        return false;
    if (over.where != NULL || over.each)
        problem(f->loader, node, "over is the name of a family of spans; the conditions stand with the rules");
    f->over = over.family;
    return true;
}

static void load_family(dw_policy *policy, dw_rule_loader *loader, const dw_rule_names *names, const yaml_node_t *map)
{
    static const char *const keys[] = {"name", "over", "order", NULL};
    family f = {.loader = loader, .policy = policy, .names = names};
    dw_str name;
    if (map->type != YAML_MAPPING_NODE) {
        problem(loader, map, "a family holds name, over and order");
        return;
    }
    dw_yaml_only(loader->yaml, map, keys);
    for (int i = 0; keys[i] != NULL; i++)
        if (member(loader, map, keys[i]) == NULL) {
            problem(loader, map, "family: %s is missing", keys[i]);
            return;
        }
    const yaml_node_t *order = member(loader, map, "order");
    dw_load_text(loader, member(loader, map, "name"), "name", DW_RULE_TITLE_BYTES_MAX, &name);
    if (!load_over(&f, member(loader, map, "over")))
        return;
    size_t places = dw_list_count(loader, order, "order", DW_FAMILY_RULES_MAX);
    for (size_t i = 0; i < places; i++) {
        const yaml_node_t *place = dw_list_item(loader, order, i);
        size_t n = dw_list_count(loader, place, "order", DW_FAMILY_RULES_MAX);
        for (size_t k = 0; k < n; k++)
            add_entry(&f, dw_list_item(loader, place, k), (uint32_t)i);
    }
    compile(&f);
}

void dw_families_load(dw_policy *policy, dw_rule_loader *loader, const dw_rule_names *names,
                      const yaml_node_t *families)
{
    if (families == NULL)
        return;
    size_t n = dw_list_count(loader, families, "families", DW_FAMILY_RULES_MAX);
    for (size_t i = 0; i < n; i++)
        load_family(policy, loader, names, dw_list_item(loader, families, i));
}

/* --- elections */

typedef struct side {
    dw_str name;
    dw_span_selector during;
    rule_parts rules[DW_FAMILY_RULES_MAX];
    uint32_t count;
} side;

typedef struct election {
    side sides[DW_ELECTION_SIDES_MAX];
    uint32_t count;
} election;

/* A visit that the elected side counts begins an interval here, too, once the rest is over (as readings 19). */
static void count_after_rest(dw_rule_loader *loader, const side *elected, const yaml_node_t *at, dw_rule *rule)
{
    for (uint32_t i = 0; i < elected->count; i++)
        for (uint32_t k = 0; k < elected->rules[i].count; k++) {
            const dw_rule *other = elected->rules[i].part[k];
            for (uint32_t c = 0; other->kind == DW_RULE_RECURRING && c < other->evidence_count; c++) {
                dw_clause clause = other->evidence[c];
                bool there = false;
                clause.link = clause.link_more = NULL; /* it names a span of the other side */
                clause.link_required = false;
                for (uint32_t a = 0; a < rule->after_rest_count; a++)
                    there = there || (rule->after_rest[a].type == clause.type &&
                                      (rule->after_rest[a].where == clause.where ||
                                       (clause.where != NULL && rule->after_rest[a].where != NULL &&
                                        dw_str_eq(rule->after_rest[a].where->text, clause.where->text))));
                if (there)
                    continue;
                if (rule->after_rest_count == DW_RULE_CLAUSES_MAX) {
                    problem(loader, at, "%.*s: more than %d kinds of evidence after its rest", DW_STR_ARG(rule->id),
                            DW_RULE_CLAUSES_MAX);
                    return;
                }
                rule->after_rest[rule->after_rest_count++] = clause;
            }
        }
}

static void let_rest(dw_rule_loader *loader, const side *elected, const rule_parts *entry)
{
    for (uint32_t k = 0; k < entry->count; k++) {
        dw_rule *rule = entry->part[k];
        if (rule->kind != DW_RULE_RECURRING && rule->kind != DW_RULE_DEADLINE)
            problem(loader, entry->node, "%.*s: only rules of kind recurring and deadline rest", DW_STR_ARG(rule->id));
        else if (rule->rest_count == DW_RULE_RESTS_MAX)
            problem(loader, entry->node, "%.*s rests for more than %d already", DW_STR_ARG(rule->id),
                    DW_RULE_RESTS_MAX);
        else {
            rule->rests[rule->rest_count++] = elected->during;
            if (rule->kind == DW_RULE_RECURRING)
                count_after_rest(loader, elected, entry->node, rule);
        }
    }
}

static bool load_side(dw_policy *policy, dw_rule_loader *loader, const dw_rule_names *names, const yaml_node_t *map,
                      side *out)
{
    static const char *const keys[] = {"while", "rules", NULL};
    const yaml_node_t *during = map->type == YAML_MAPPING_NODE ? member(loader, map, "while") : NULL;
    const yaml_node_t *rules = map->type == YAML_MAPPING_NODE ? member(loader, map, "rules") : NULL;
    if (during == NULL || rules == NULL) {
        problem(loader, map, "a side of an election holds while (its spans) and rules");
        return false;
    }
    dw_yaml_only(loader->yaml, map, keys);
    if (!dw_load_selector(loader, during, "while", &out->during))
        return false;
    if (out->during.each) {
        problem(loader, during, "while names a family of spans");
        return false;
    }
    size_t n = dw_list_count(loader, rules, "rules", DW_FAMILY_RULES_MAX);
    for (size_t i = 0; i < n; i++)
        if (find_parts(policy, loader, names, dw_list_item(loader, rules, i), &out->rules[out->count]))
            out->count++;
    return true;
}

/* The side that is elected; NULL: both, or a problem. */
static const side *find_elected(dw_rule_loader *loader, const election *e, const yaml_node_t *node)
{
    if (node == NULL || dw_str_eq(dw_yaml_scalar(node), DW_STR_LIT("both")))
        return NULL;
    for (uint32_t i = 0; i < e->count; i++)
        if (dw_str_eq(e->sides[i].name, dw_yaml_scalar(node)))
            return &e->sides[i];
    problem(loader, node, "an authority elects both, or one of the sides that the election names");
    return NULL;
}

/* What the authority says of one election: the name of a side, or {side:, reason:, loosens:}. */
typedef struct choice {
    const yaml_node_t *node, *side; /* NULL: it says nothing */
    bool has_reason;                /* why statutory rules may rest */
} choice;

static choice load_choice(dw_rule_loader *loader, const yaml_node_t *node)
{
    static const char *const keys[] = {"side", "reason", "loosens", NULL};
    choice made = {.node = node, .side = node};
    if (node == NULL || node->type != YAML_MAPPING_NODE)
        return made;
    dw_yaml_only(loader->yaml, node, keys);
    const yaml_node_t *reason = member(loader, node, "reason"), *loosens = member(loader, node, "loosens");
    dw_str text;
    if (reason != NULL)
        dw_load_text(loader, reason, "reason", DW_RULE_TEXT_BYTES_MAX, &text);
    if (loosens != NULL)
        dw_load_text(loader, loosens, "loosens", DW_RULE_TEXT_BYTES_MAX, &text);
    made.side = member(loader, node, "side");
    made.has_reason = loosens != NULL;
    if (made.side == NULL)
        problem(loader, node, "side is missing (which one is elected)");
    return made;
}

/* A statutory rule that rests is laxer, as by an override. Said once for all of them. */
static bool is_statutory(const rule_parts *entry)
{
    return entry->count != 0 && dw_str_eq(entry->part[0]->status, DW_STR_LIT("REG"));
}

static void refuse_rest(dw_rule_loader *loader, const choice *made, const rule_parts *entry)
{
    problem(loader, made->node,
            "%.*s is a statutory rule, and would rest: both clocks stay, unless `loosens:` says why, as in "
            "{side: .., loosens: ..}",
            DW_STR_ARG(entry->id));
}

static void load_election(dw_policy *policy, dw_rule_loader *loader, const dw_rule_names *names, const yaml_node_t *map,
                          const yaml_node_t *chosen)
{
    static const char *const keys[] = {"name", "default", "sides", NULL};
    const yaml_node_t *sides = member(loader, map, "sides");
    election e = {.count = 0};
    dw_yaml_only(loader->yaml, map, keys);
    if (sides == NULL || sides->type != YAML_MAPPING_NODE) {
        problem(loader, sides != NULL ? sides : map, "an election holds name and sides (each with while and rules)");
        return;
    }
    for (const yaml_node_pair_t *p = sides->data.mapping.pairs.start; p < sides->data.mapping.pairs.top; p++) {
        if (e.count == DW_ELECTION_SIDES_MAX) {
            problem(loader, sides, "more than %d sides", DW_ELECTION_SIDES_MAX);
            return;
        }
        e.sides[e.count].name = dw_yaml_scalar(dw_yaml_node(loader->yaml, p->key));
        if (!load_side(policy, loader, names, dw_yaml_node(loader->yaml, p->value), &e.sides[e.count]))
            return;
        e.count++;
    }
    const side *by_default = find_elected(loader, &e, member(loader, map, "default"));
    const choice made = load_choice(loader, chosen);
    const side *elected = made.node == NULL   ? by_default
                          : made.side != NULL ? find_elected(loader, &e, made.side)
                                              : NULL;
    bool told = elected == by_default;
    for (uint32_t i = 0; elected != NULL && i < e.count; i++)
        for (uint32_t k = 0; &e.sides[i] != elected && k < e.sides[i].count; k++) {
            let_rest(loader, elected, &e.sides[i].rules[k]);
            if (made.node == NULL || made.has_reason || told || !is_statutory(&e.sides[i].rules[k]))
                continue;
            refuse_rest(loader, &made, &e.sides[i].rules[k]);
            told = true;
        }
}

static bool names_election(dw_rule_loader *loader, const yaml_node_t *list, dw_str name)
{
    size_t n = list != NULL && list->type == YAML_SEQUENCE_NODE
                   ? (size_t)(list->data.sequence.items.top - list->data.sequence.items.start)
                   : 0;
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *map = dw_list_item(loader, list, i);
        if (map->type == YAML_MAPPING_NODE && dw_str_eq(dw_yaml_scalar(member(loader, map, "name")), name))
            return true;
    }
    return false;
}

static void check_elected(dw_rule_loader *loader, const yaml_node_t *elections, const yaml_node_t *elected)
{
    if (elected->type != YAML_MAPPING_NODE) {
        problem(loader, elected, "elections holds what is elected, such as cp_or_cla: cp");
        return;
    }
    for (const yaml_node_pair_t *p = elected->data.mapping.pairs.start; p < elected->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = dw_yaml_node(loader->yaml, p->key);
        dw_str name = dw_yaml_scalar(key);
        if (!names_election(loader, elections, name))
            problem(loader, key, "the standards have no election %.*s", name.len > 40 ? 40 : DW_STR_ARG(name));
    }
}

void dw_elections_load(dw_policy *policy, dw_rule_loader *loader, const dw_rule_names *names,
                       const yaml_node_t *elections, const yaml_node_t *elected)
{
    if (elected != NULL)
        check_elected(loader, elections, elected);
    if (elections == NULL)
        return;
    size_t n = dw_list_count(loader, elections, "elections", DW_FAMILY_RULES_MAX);
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *map = dw_list_item(loader, elections, i);
        char key[48] = "";
        dw_str name = map->type == YAML_MAPPING_NODE ? dw_yaml_scalar(member(loader, map, "name")) : (dw_str){0};
        if (name.len == 0 || name.len >= sizeof(key)) {
            problem(loader, map, "an election has a name of 1 to %zu bytes, and sides", sizeof(key) - 1);
            continue;
        }
        memcpy(key, name.ptr, name.len);
        load_election(policy, loader, names, map,
                      elected != NULL && elected->type == YAML_MAPPING_NODE ? member(loader, elected, key) : NULL);
    }
}

/* overrides.c: the authority's own file over the standards: own rules, presets, single values, working hours, ladder,
 * closures. */

#include "config/overrides.h"

#define problem(s, at, ...) dw_problems_add((s)->yaml.problems, (s)->yaml.file, at, false, __VA_ARGS__)

static yaml_node_t *node_of(dw_standards_text *s, int id)
{
    return id != 0 ? dw_yaml_node(&s->yaml, id) : NULL;
}

/* The number of a member's value; 0 when absent. */
static int member(dw_standards_text *s, int map, const char *key)
{
    const yaml_node_t *node = node_of(s, map);
    const yaml_node_t *value = dw_yaml_get(&s->yaml, node, key);
    return value != NULL ? (int)(value - s->yaml.doc.nodes.start) + 1 : 0;
}

static int list_count(dw_standards_text *s, int list)
{
    const yaml_node_t *node = node_of(s, list);
    if (node == NULL || node->type != YAML_SEQUENCE_NODE)
        return 0;
    return (int)(node->data.sequence.items.top - node->data.sequence.items.start);
}

static int list_item(dw_standards_text *s, int list, int i)
{
    return node_of(s, list)->data.sequence.items.start[i];
}

static bool is_map(dw_standards_text *s, int id)
{
    const yaml_node_t *node = node_of(s, id);
    return node != NULL && node->type == YAML_MAPPING_NODE;
}

static dw_str scalar(dw_standards_text *s, int id)
{
    return dw_yaml_scalar(node_of(s, id));
}

/* --- making nodes; 0 when out of memory, which is said */

static int new_node(dw_standards_text *s, int id, int like)
{
    if (id == 0) {
        problem(s, NULL, "out of memory");
        return 0;
    }
    node_of(s, id)->start_mark = node_of(s, like)->start_mark;
    node_of(s, id)->end_mark = node_of(s, like)->end_mark;
    return id;
}

static bool add_pair(dw_standards_text *s, int map, yaml_node_pair_t pair)
{
    if (yaml_document_append_mapping_pair(&s->yaml.doc, map, pair.key, pair.value) != 0)
        return true;
    problem(s, NULL, "out of memory");
    return false;
}

/* `base` with the keys of `set` in place of its own; a key without a value takes it away. `deep`: mappings in mappings, too.
 * It stands where `at` stands. */
static int merge(dw_standards_text *s, int base, int set, int at, bool deep)
{
    int map = new_node(s, yaml_document_add_mapping(&s->yaml.doc, NULL, YAML_BLOCK_MAPPING_STYLE), at);
    for (int pass = 0; pass < 2 && map != 0; pass++) {
        int from = pass == 0 ? base : set;
        for (int i = 0;; i++) {
            const yaml_node_t *node = node_of(s, from);
            if (node->data.mapping.pairs.start + i >= node->data.mapping.pairs.top)
                break;
            yaml_node_pair_t pair = node->data.mapping.pairs.start[i];
            char key[64];
            dw_str name = scalar(s, pair.key);
            if (name.len >= sizeof(key))
                name.len = sizeof(key) - 1;
            snprintf(key, sizeof(key), "%.*s", DW_STR_ARG(name));
            int changed = pass == 0 ? member(s, set, key) : 0, before = pass == 1 ? member(s, base, key) : 0;
            if (changed != 0 || (pass == 1 && dw_yaml_is_null(node_of(s, pair.value))))
                continue;
            if (deep && before != 0 && is_map(s, before) && is_map(s, pair.value))
                pair.value = merge(s, before, pair.value, pair.value, true);
            if (pair.value == 0 || !add_pair(s, map, pair))
                return 0;
        }
    }
    return map;
}

/* `rule` with item `part` (from 1) of its any_of changed by `set`. */
static int merge_part(dw_standards_text *s, int rule, int part, int set, int at)
{
    int list = member(s, rule, "any_of");
    int n = list_count(s, list);
    int copy = new_node(s, yaml_document_add_sequence(&s->yaml.doc, NULL, YAML_BLOCK_SEQUENCE_STYLE), list);
    int whole = new_node(s, yaml_document_add_mapping(&s->yaml.doc, NULL, YAML_BLOCK_MAPPING_STYLE), at);
    if (copy == 0 || whole == 0)
        return 0;
    for (int i = 0; i < n; i++) {
        int item = list_item(s, list, i);
        if (i + 1 == part && is_map(s, item))
            item = merge(s, item, set, at, false);
        if (item == 0 || yaml_document_append_sequence_item(&s->yaml.doc, copy, item) == 0)
            return 0;
    }
    for (int i = 0;; i++) {
        const yaml_node_t *node = node_of(s, rule);
        if (node->data.mapping.pairs.start + i >= node->data.mapping.pairs.top)
            return whole;
        yaml_node_pair_t pair = node->data.mapping.pairs.start[i];
        if (dw_str_eq(scalar(s, pair.key), DW_STR_LIT("any_of")))
            pair.value = copy;
        if (!add_pair(s, whole, pair))
            return 0;
    }
}

/* --- rules and their presets */

static void add_rules(dw_standards_text *s, int list, bool own)
{
    const yaml_node_t *node = node_of(s, list);
    if (node == NULL)
        return;
    if (node->type != YAML_SEQUENCE_NODE || (list_count(s, list) == 0 && !own))
        problem(s, node, "rules must be a list of rules (- id: ...)");
    for (int i = 0; i < list_count(s, list); i++) {
        if (s->rule_count == DW_RULES_MAX) {
            problem(s, node_of(s, list), "more than %d rules", DW_RULES_MAX);
            return;
        }
        int map = list_item(s, list, i);
        s->rules[s->rule_count++] = (dw_rule_entry){.base = map, .effective = map, .own = own};
    }
}

/* The key is as if it was not there. */
static void drop_key(dw_standards_text *s, int map, const char *key)
{
    yaml_node_t *node = node_of(s, map);
    yaml_node_pair_t *to = node->data.mapping.pairs.start;
    for (yaml_node_pair_t *p = to; p < node->data.mapping.pairs.top; p++)
        if (!dw_str_eq(scalar(s, p->key), dw_str_from(key)))
            *to++ = *p;
    node->data.mapping.pairs.top = to;
}

/* What neither a preset nor an override may touch: told, and taken out of it, so that one mistake is one problem. */
static void refuse_fixed(dw_standards_text *s, int set, const char *what, const char *enabled)
{
    static const char *const fixed[] = {"id", "status", "kind", "presets", "enabled", NULL};
    for (int i = 0; fixed[i] != NULL; i++) {
        int id = member(s, set, fixed[i]);
        if (id == 0)
            continue;
        problem(s, node_of(s, id), "%s can not change %s%s", what, fixed[i],
                strcmp(fixed[i], "enabled") == 0 ? enabled : "");
        drop_key(s, set, fixed[i]);
    }
}

static bool name_fits(dw_str name)
{
    bool ok = name.len >= 1 && name.len <= DW_PRESET_NAME_MAX;
    for (uint32_t i = 0; i < name.len && ok; i++)
        ok = (name.ptr[i] >= 'a' && name.ptr[i] <= 'z') || (name.ptr[i] >= '0' && name.ptr[i] <= '9') ||
             name.ptr[i] == '_';
    return ok;
}

/* Each preset as a whole rule, so that it is checked although nobody has chosen it. */
static void add_presets(dw_standards_text *s, size_t rule)
{
    int map = s->rules[rule].base, presets = member(s, map, "presets");
    if (presets == 0)
        return;
    if (!is_map(s, presets)) {
        problem(s, node_of(s, presets),
                "presets names each one and what it changes, such as months: {limit: 3 months}");
        return;
    }
    for (int i = 0;; i++) {
        const yaml_node_t *node = node_of(s, presets);
        if (node->data.mapping.pairs.start + i >= node->data.mapping.pairs.top)
            return;
        yaml_node_pair_t pair = node->data.mapping.pairs.start[i];
        if (!name_fits(scalar(s, pair.key)))
            problem(s, node_of(s, pair.key), "a preset's name is 1 to %d small letters, digits and _",
                    DW_PRESET_NAME_MAX);
        else if (!is_map(s, pair.value) ||
                 node_of(s, pair.value)->data.mapping.pairs.start == node_of(s, pair.value)->data.mapping.pairs.top)
            problem(s, node_of(s, pair.value), "a preset holds the keys that it changes, such as limit: 3 months");
        else if (s->preset_count == DW_PRESETS_MAX)
            problem(s, node_of(s, pair.key), "more than %d presets", DW_PRESETS_MAX);
        else {
            refuse_fixed(s, pair.value, "a preset", ": an override says that, beside the preset");
            int whole = merge(s, map, pair.value, pair.value, false);
            if (whole != 0)
                s->presets[s->preset_count++] = (dw_rule_preset){rule, pair.key, whole};
        }
    }
}

/* --- overrides */

static dw_rule_entry *find_rule(dw_standards_text *s, int id, dw_nearest *nearest)
{
    *nearest = (dw_nearest){.word = scalar(s, id)};
    for (size_t i = 0; i < s->rule_count; i++) {
        dw_str known = scalar(s, member(s, s->rules[i].base, "id"));
        if (known.len != 0 && dw_str_eq(known, nearest->word))
            return &s->rules[i];
        if (known.len != 0)
            dw_nearest_try(nearest, known.ptr); /* libyaml ends scalars with a NUL */
    }
    return NULL;
}

/* What the preset of that name changes; 0 with a problem. */
static int find_preset(dw_standards_text *s, const dw_rule_entry *rule, int name)
{
    int presets = member(s, rule->base, "presets");
    const yaml_node_t *node = node_of(s, presets);
    dw_nearest nearest = {.word = scalar(s, name)};
    if (!is_map(s, presets)) {
        problem(s, node_of(s, name), "this rule has no presets");
        return 0;
    }
    for (const yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
        if (dw_str_eq(scalar(s, p->key), nearest.word))
            return is_map(s, p->value) ? p->value : 0;
        if (scalar(s, p->key).len != 0)
            dw_nearest_try(&nearest, scalar(s, p->key).ptr);
    }
    if (nearest.best != NULL)
        problem(s, node_of(s, name), "there is no such preset; did you mean %s?", nearest.best);
    else
        problem(s, node_of(s, name), "there is no such preset");
    return 0;
}

/* 0: the whole rule; -1 with a problem. */
static int part_of(dw_standards_text *s, const dw_rule_entry *rule, int item)
{
    int node = member(s, item, "part"), n = list_count(s, member(s, rule->effective, "any_of"));
    dw_str text = scalar(s, node);
    if (node == 0)
        return 0;
    if (text.len == 1 && text.ptr[0] >= '1' &&
        text.ptr[0] <= '0' + (n < DW_OVERRIDE_PARTS_MAX ? n : DW_OVERRIDE_PARTS_MAX))
        return text.ptr[0] - '0';
    if (n == 0)
        problem(s, node_of(s, node), "part belongs to a rule with any_of");
    else
        problem(s, node_of(s, node), "part is the number of one of its %d clocks", n);
    return -1;
}

/* Where `enabled` belongs, with what it needs there. */
static const char *enabled_belongs(dw_standards_text *s, const dw_rule_entry *rule, int item, int set)
{
    bool statutory = dw_str_eq(scalar(s, member(s, rule->base, "status")), DW_STR_LIT("REG"));
    bool off = dw_str_eq(scalar(s, member(s, set, "enabled")), DW_STR_LIT("false"));
    return statutory && off && member(s, item, "loosens") == 0
               ? ": write `enabled: false` beside id, with `loosens:`, since the rule is statutory"
               : ": it belongs beside id, not in set";
}

static void apply_set(dw_standards_text *s, dw_rule_entry *rule, int item, int set)
{
    int part = part_of(s, rule, item);
    if (!is_map(s, set)) {
        problem(s, node_of(s, set), "set holds the keys that change, such as limit: 3 months");
        return;
    }
    refuse_fixed(s, set, "set", enabled_belongs(s, rule, item, set));
    int made = part < 0   ? 0
               : part > 0 ? merge_part(s, rule->effective, part, set, item)
                          : merge(s, rule->effective, set, item, false);
    if (made != 0)
        rule->effective = made;
}

/* enabled: true or false, as a mapping of its own that can be merged. */
static void apply_enabled(dw_standards_text *s, dw_rule_entry *rule, int item, int value)
{
    static const char word[] = "enabled";
    int key = new_node(s,
                       yaml_document_add_scalar(&s->yaml.doc, NULL, (const yaml_char_t *)word, (int)sizeof(word) - 1,
                                                YAML_PLAIN_SCALAR_STYLE),
                       value);
    int set = new_node(s, yaml_document_add_mapping(&s->yaml.doc, NULL, YAML_BLOCK_MAPPING_STYLE), item);
    if (key == 0 || set == 0 || !add_pair(s, set, (yaml_node_pair_t){key, value}))
        return;
    int made = merge(s, rule->effective, set, item, false);
    if (made != 0)
        rule->effective = made;
}

static bool is_blank(dw_str text)
{
    uint32_t i = 0;
    while (i < text.len && (text.ptr[i] == ' ' || text.ptr[i] == '\t' || text.ptr[i] == '\r' || text.ptr[i] == '\n'))
        i++;
    return i == text.len;
}

static void check_text(dw_standards_text *s, int item, const char *key)
{
    int id = member(s, item, key);
    if (id != 0 && (is_blank(scalar(s, id)) || dw_yaml_is_null(node_of(s, id))))
        problem(s, node_of(s, id), "%s must be a text", key);
}

static void apply_override(dw_standards_text *s, int item)
{
    static const char *const keys[] = {"id", "preset", "set", "part", "enabled", "reason", "loosens", NULL};
    dw_nearest nearest;
    if (!is_map(s, item)) {
        problem(s, node_of(s, item), "an override is a mapping (id:, set: ...)");
        return;
    }
    dw_yaml_only(&s->yaml, node_of(s, item), keys);
    int id = member(s, item, "id"), preset = member(s, item, "preset"), set = member(s, item, "set");
    int enabled = member(s, item, "enabled");
    check_text(s, item, "reason");
    check_text(s, item, "loosens");
    dw_rule_entry *rule = id != 0 ? find_rule(s, id, &nearest) : NULL;
    if (id == 0)
        problem(s, node_of(s, item), "id is missing (of the rule that changes)");
    else if (rule == NULL && nearest.best != NULL)
        problem(s, node_of(s, id), "there is no such rule; did you mean %s?", nearest.best);
    else if (rule == NULL)
        problem(s, node_of(s, id), "there is no such rule");
    if (preset == 0 && set == 0 && enabled == 0)
        problem(s, node_of(s, item), "it changes nothing: preset, set or enabled is missing");
    if (member(s, item, "part") != 0 && set == 0)
        problem(s, node_of(s, item), "part belongs beside set");
    if (rule == NULL || !is_map(s, rule->base))
        return;
    int last = dw_rule_last_override(rule);
    if (last != 0 && (member(s, item, "part") == 0 || member(s, last, "part") == 0)) {
        dw_problems_add_beside(s->yaml.problems, s->yaml.file, node_of(s, id), node_of(s, last),
                               "this rule is changed already");
        return;
    }
    if (rule->change_count == DW_OVERRIDE_PARTS_MAX) {
        problem(s, node_of(s, id), "this rule is changed %d times already", DW_OVERRIDE_PARTS_MAX);
        return;
    }
    int before = rule->effective;
    int chosen = preset != 0 ? find_preset(s, rule, preset) : 0;
    int made = chosen != 0 ? merge(s, rule->effective, chosen, item, false) : 0;
    if (made != 0)
        rule->effective = made;
    if (set != 0)
        apply_set(s, rule, item, set);
    if (enabled != 0)
        apply_enabled(s, rule, item, enabled);
    rule->changes[rule->change_count++] = (dw_rule_change){item, before, rule->effective};
}

/* --- the two documents */

static void open_local(dw_standards_text *s)
{
    static const char *const keys[] = {"overrides", "rules", "working_hours", "ladder", "closures", "elections", NULL};
    if (!is_map(s, s->local)) {
        problem(s, node_of(s, s->local),
                "the authority's file holds overrides, closures, elections, rules, ladder or working_hours");
        return;
    }
    dw_yaml_only(&s->yaml, node_of(s, s->local), keys);
    for (int i = 0; keys[i] != NULL; i++) /* "overrides:" and nothing behind it: as with [] */
        if (dw_yaml_is_null(node_of(s, member(s, s->local, keys[i]))))
            drop_key(s, s->local, keys[i]);
    add_rules(s, member(s, s->local, "rules"), true);
    int hours = member(s, s->local, "working_hours"), ladder = member(s, s->local, "ladder");
    if (hours != 0)
        s->hours = hours;
    s->closures = member(s, s->local, "closures");
    if (is_map(s, ladder) && is_map(s, s->ladder))
        s->ladder = merge(s, s->ladder, ladder, s->ladder, true);
    else if (ladder != 0)
        problem(s, node_of(s, ladder), "ladder holds what changes, such as P2: {grace: 1 working day}");
}

dw_standards_text *dw_standards_text_open(const char *file, dw_str text, dw_problems *problems)
{
    static const char *const keys[] = {"working_hours", "ladder", "families", "elections", "rules", NULL};
    dw_standards_text *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        dw_problems_add(problems, file, NULL, false, "out of memory");
        return NULL;
    }
    if (!dw_yaml_parse_two(&s->yaml, file, text, problems, &s->local, &s->second_line)) {
        free(s);
        return NULL;
    }
    s->root = dw_yaml_root(&s->yaml) != NULL ? 1 : 0;
    if (!is_map(s, s->root)) {
        problem(s, node_of(s, s->root), "standards must hold working_hours, ladder and rules");
        s->root = 0;
        return s;
    }
    dw_yaml_only(&s->yaml, node_of(s, s->root), keys);
    s->hours = member(s, s->root, "working_hours");
    s->ladder = member(s, s->root, "ladder");
    if (s->ladder == 0)
        problem(s, node_of(s, s->root), "ladder is missing");
    if (member(s, s->root, "rules") == 0)
        problem(s, node_of(s, s->root), "rules is missing");
    add_rules(s, member(s, s->root, "rules"), false);
    if (s->local != 0)
        open_local(s);
    for (size_t i = 0; i < s->rule_count; i++)
        if (is_map(s, s->rules[i].base))
            add_presets(s, i);
    int overrides = s->local != 0 ? member(s, s->local, "overrides") : 0;
    if (overrides != 0 && node_of(s, overrides)->type != YAML_SEQUENCE_NODE)
        problem(s, node_of(s, overrides), "overrides must be a list (- id: ...)");
    for (int i = 0; i < list_count(s, overrides); i++)
        apply_override(s, list_item(s, overrides, i));
    return s;
}

void dw_standards_text_free(dw_standards_text **standards)
{
    if (*standards == NULL)
        return;
    dw_yaml_deinit(&(*standards)->yaml);
    free(*standards);
    *standards = NULL;
}

/* One override makes a statutory rule laxer, and its own reason for that is missing. */
static void check_change(dw_standards_text *s, const dw_rule_entry *rule, const dw_rule_change *change,
                         const dw_calendar *calendar)
{
    if (change->after == change->before || member(s, change->item, "loosens") != 0)
        return;
    const char *key = dw_rule_loosens(&s->yaml, node_of(s, change->before), node_of(s, change->after), calendar);
    if (key == NULL)
        return;
    dw_str id = scalar(s, member(s, rule->base, "id"));
    int set = member(s, change->item, "set"), at = set != 0 ? member(s, set, key) : 0;
    problem(s, node_of(s, at != 0 ? at : change->item),
            "%.*s is a statutory rule, and %s makes it laxer (or may do so): it stays as it is, unless "
            "`loosens:` says why",
            DW_STR_ARG(id), key);
}

void dw_standards_check_loosening(dw_standards_text *s, const dw_calendar *calendar)
{
    for (size_t i = 0; i < s->rule_count; i++) {
        const dw_rule_entry *rule = &s->rules[i];
        if (rule->effective == rule->base || rule->faulty ||
            !dw_str_eq(scalar(s, member(s, rule->base, "status")), DW_STR_LIT("REG")))
            continue;
        for (uint32_t k = 0; k < rule->change_count; k++)
            check_change(s, rule, &rule->changes[k], calendar);
    }
}

/* --- joining the two files */

static unsigned count_lines(dw_str text)
{
    unsigned n = 0;
    for (uint32_t i = 0; i < text.len; i++)
        n += text.ptr[i] == '\n';
    return n;
}

/* Its first line that says something is a --- of its own. */
static bool begins_document(dw_str text)
{
    uint32_t at = 0;
    while (at < text.len) {
        uint32_t end = at, said = 0; /* up to a comment */
        while (end < text.len && text.ptr[end] != '\n')
            end++;
        while (at + said < end && text.ptr[at + said] != '#')
            said++;
        if (!is_blank((dw_str){text.ptr + at, said}))
            return end - at >= 3 && memcmp(text.ptr + at, "---", 3) == 0;
        at = end + 1;
    }
    return false;
}

char *dw_standards_join(dw_str standards, dw_str local, size_t *len, unsigned *line)
{
    const char *middle = standards.len != 0 && standards.ptr[standards.len - 1] != '\n' ? "\n" : "";
    const char *mark = local.len == 0 || begins_document(local) ? "" : "---\n";
    size_t n = (size_t)standards.len + 1 + 4 + local.len + 1;
    char *text = malloc(n);
    if (text == NULL)
        return NULL;
    const dw_str parts[] = {standards, dw_str_from(local.len != 0 ? middle : ""), dw_str_from(mark), local};
    *len = 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].len != 0)
            memcpy(text + *len, parts[i].ptr, parts[i].len);
        *len += parts[i].len;
    }
    text[*len] = '\0';
    *line = local.len == 0 ? 0 : count_lines(standards) + (middle[0] != '\0') + (mark[0] != '\0');
    return text;
}

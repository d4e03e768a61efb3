/* rule_any_of.c: one rule of the file, with one clock or with several under one id. Each item of `any_of` is read as a rule of
 * its own, with the keys that stand outside beneath its own. */

#include "config/rule_keys.h"

#define PAIRS_MAX 128 /* keys outside and inside together: the table of keys has half as many */

static const yaml_node_t *member(dw_rule_loader *loader, const yaml_node_t *map, const char *key)
{
    return dw_yaml_get(loader->yaml, map, key);
}

static const dw_rule_key *key_of(dw_str name)
{
    for (size_t i = 0; i < dw_rule_key_count; i++)
        if (dw_str_eq(name, dw_str_from(dw_rule_keys[i].name)))
            return &dw_rule_keys[i];
    return NULL;
}

/* The kinds of a part, as bits; all of them when it is not said or wrong, which is reported elsewhere. */
static unsigned kinds_of(dw_rule_loader *loader, const yaml_node_t *outer, const yaml_node_t *part)
{
    const yaml_node_t *node = member(loader, part, "kind");
    dw_str name = dw_yaml_scalar(node != NULL ? node : member(loader, outer, "kind"));
    for (int i = 0; i < DW_RULE_KINDS; i++)
        if (dw_str_eq(name, dw_str_from(dw_rule_kind_name((dw_rule_kind)i))))
            return 1u << i;
    return DW_KIND_BITS_ALL;
}

/* The part over the rule: a mapping of the keys of both. Keys outside that its kind does not take are left out. */
static yaml_node_t lay_over(dw_rule_loader *loader, const yaml_node_t *outer, const yaml_node_t *part,
                            yaml_node_pair_t *pairs)
{
    yaml_node_t merged = *part;
    unsigned kinds = kinds_of(loader, outer, part);
    size_t n = 0;
    for (const yaml_node_pair_t *p = part->data.mapping.pairs.start; p < part->data.mapping.pairs.top; p++)
        if (n < PAIRS_MAX)
            pairs[n++] = *p;
    for (const yaml_node_pair_t *p = outer->data.mapping.pairs.start; p < outer->data.mapping.pairs.top; p++) {
        dw_str name = dw_yaml_scalar(dw_yaml_node(loader->yaml, p->key));
        const dw_rule_key *key = key_of(name);
        char text[40];
        snprintf(text, sizeof(text), "%.*s", name.len < sizeof(text) ? (int)name.len : 0, name.ptr);
        bool taken = key == NULL || key->load == NULL || (key->takes & kinds) != 0;
        if (n < PAIRS_MAX && taken && !dw_str_eq(name, DW_STR_LIT("any_of")) && member(loader, part, text) == NULL)
            pairs[n++] = *p;
    }
    merged.data.mapping.pairs.start = pairs;
    merged.data.mapping.pairs.end = pairs + PAIRS_MAX;
    merged.data.mapping.pairs.top = pairs + n;
    return merged;
}

/* What stands outside belongs to the rule as a whole, or to at least one of its parts. */
static void check_outside(dw_rule_loader *loader, const yaml_node_t *outer, unsigned kinds)
{
    for (const yaml_node_pair_t *p = outer->data.mapping.pairs.start; p < outer->data.mapping.pairs.top; p++) {
        const yaml_node_t *node = dw_yaml_node(loader->yaml, p->key);
        const dw_rule_key *key = key_of(dw_yaml_scalar(node));
        if (key != NULL && key->load != NULL && (key->takes & kinds) == 0)
            dw_problems_add(loader->yaml->problems, loader->yaml->file, node, false,
                            "%s does not belong to any part of this rule", key->name);
    }
}

/* Texts and priority stand once, outside. */
static void check_inside(dw_rule_loader *loader, const yaml_node_t *part)
{
    static const char *const outside[] = {"id",          "version", "title",     "status", "source",
                                          "reviewed_on", "reason",  "next_step", "action", "priority",
                                          "trigger",     "any_of",  NULL};
    for (const char *const *name = outside; *name != NULL; name++) {
        const yaml_node_t *node = member(loader, part, *name);
        if (node != NULL)
            dw_problems_add(loader->yaml->problems, loader->yaml->file, node, false,
                            "%s stands outside any_of, once for all parts", *name);
    }
}

size_t dw_rule_load_parts(dw_rule_loader *loader, const yaml_node_t *map, dw_rule *out)
{
    const yaml_node_t *list = member(loader, map, "any_of");
    if (list == NULL)
        return dw_rule_load(loader, map, &out[0]) ? 1 : 0;
    size_t items = list->type == YAML_SEQUENCE_NODE
                       ? (size_t)(list->data.sequence.items.top - list->data.sequence.items.start)
                       : 0;
    if (items < 2 || items > DW_RULE_PARTS_MAX) {
        dw_problems_add(loader->yaml->problems, loader->yaml->file, list, false,
                        "any_of is a list of 2 to %d clocks, each with the keys of its kind", DW_RULE_PARTS_MAX);
        return 0;
    }
    size_t errors = loader->yaml->problems->errors;
    unsigned kinds = 0;
    for (size_t i = 0; i < items; i++) {
        const yaml_node_t *part = dw_list_item(loader, list, i);
        if (part->type != YAML_MAPPING_NODE) {
            dw_problems_add(loader->yaml->problems, loader->yaml->file, part, false,
                            "a part of any_of is a mapping (kind:, over: ...)");
            continue;
        }
        yaml_node_pair_t pairs[PAIRS_MAX];
        yaml_node_t merged = lay_over(loader, map, part, pairs);
        check_inside(loader, part);
        kinds |= kinds_of(loader, map, part);
        (void)dw_rule_load(loader, &merged, &out[i]); /* says what is wrong */
        out[i].part = (uint8_t)i;
    }
    check_outside(loader, map, kinds);
    return loader->yaml->problems->errors == errors ? items : 0;
}

/* rule_caseload.c: a rule about workers, not children (`per: worker`): how many a worker may have. It is read, checked and
 * listed. No shard asks it: what a shard knows is one child at a time, and the children of one worker lie in many. */

#include "config/rule_keys.h"

#define BANDS_MAX 8

bool dw_rule_is_caseload(dw_yaml *yaml, const yaml_node_t *map)
{
    return dw_yaml_get(yaml, map, "per") != NULL;
}

static const yaml_node_t *member(dw_rule_loading *l, const yaml_node_t *map, const char *key)
{
    return dw_yaml_get(l->loader->yaml, map, key);
}

static void load_word(dw_rule_loading *l, const yaml_node_t *node, const char *key)
{
    dw_str word;
    if (node != NULL)
        dw_load_text(l->loader, node, key, DW_ID_BYTES_MAX, &word);
}

/* {threshold: 21, role: PA, team: ..., warn: 18}; false when it holds for everybody. */
static bool load_band(dw_rule_loading *l, const yaml_node_t *band)
{
    static const char *const keys[] = {"threshold", "warn", "role", "team", NULL};
    if (band->type != YAML_MAPPING_NODE) {
        dw_rule_problem(l, band, "a band is such as {threshold: 16} or {threshold: 21, role: PA}");
        return true;
    }
    dw_yaml_only(l->loader->yaml, band, keys);
    const yaml_node_t *threshold = member(l, band, "threshold"), *warn = member(l, band, "warn");
    int64_t most = 0, earlier = 0;
    if (threshold == NULL)
        dw_rule_problem(l, band, "threshold is missing (from how many children on)");
    else
        dw_load_number(l->loader, threshold, "threshold", 1, 1000, &most);
    if (warn != NULL && dw_load_number(l->loader, warn, "warn", 1, 1000, &earlier) && most != 0 && earlier >= most)
        dw_rule_problem(l, warn, "warn must be below the threshold");
    load_word(l, member(l, band, "role"), "role");
    load_word(l, member(l, band, "team"), "team");
    return member(l, band, "role") != NULL || member(l, band, "team") != NULL;
}

static void load_bands(dw_rule_loading *l, const yaml_node_t *list)
{
    size_t n = dw_list_count(l->loader, list, "bands", BANDS_MAX);
    bool everybody = false;
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *band = dw_list_item(l->loader, list, i);
        if (everybody)
            dw_rule_problem(l, band, "this band is never reached: the one before holds for everybody");
        everybody = !load_band(l, band) || everybody;
    }
}

static void load_common(dw_rule_loading *l)
{
    for (size_t i = 0; i < dw_rule_key_count; i++) {
        const dw_rule_key *key = &dw_rule_keys[i];
        const yaml_node_t *node = member(l, l->map, key->name);
        bool common = key->takes == DW_KIND_BITS_ALL && key->load != NULL;
        if (node == NULL && common && key->needs == DW_KIND_BITS_ALL)
            dw_rule_problem(l, l->map, "%s is missing (%s)", key->name, key->what);
        else if (node != NULL && common)
            key->load(l, node);
        else if (node != NULL && !common && strcmp(key->name, "kind") != 0)
            dw_rule_problem(l, node, "%s does not belong to a rule with per: worker", key->name);
    }
}

void dw_rule_load_texts(dw_rule_loader *loader, const yaml_node_t *map, const char *const *keys, dw_rule *out)
{
    dw_rule_loading l = {.loader = loader, .map = map, .rule = out};
    *out = (dw_rule){0};
    for (size_t i = 0; i < dw_rule_key_count; i++) {
        const dw_rule_key *key = &dw_rule_keys[i];
        const yaml_node_t *node = member(&l, map, key->name);
        bool wanted = false;
        for (int k = 0; keys[k] != NULL; k++)
            wanted = wanted || strcmp(key->name, keys[k]) == 0;
        if (wanted && node == NULL)
            dw_rule_problem(&l, map, "%s is missing (%s)", key->name, key->what);
        else if (wanted)
            key->load(&l, node);
    }
}

size_t dw_rule_load_caseload(dw_rule_loader *loader, const yaml_node_t *map, dw_rule *out)
{
    static const char *const per[] = {"worker", NULL};
    dw_rule_loading l = {.loader = loader, .map = map, .rule = out};
    size_t errors = loader->yaml->problems->errors;
    const char *names[DW_RULE_KEYS_MAX + 3] = {NULL};
    size_t n = 0;
    for (; n < dw_rule_key_count; n++)
        names[n] = dw_rule_keys[n].name;
    names[n++] = "per";
    names[n++] = "bands";
    *out = (dw_rule){.line = (uint32_t)map->start_mark.line + 1, .kind = DW_RULE_COUNT};
    dw_yaml_only(loader->yaml, map, names);
    dw_rule_choice(&l, member(&l, map, "per"), "per", per);
    if (!dw_str_eq(dw_yaml_scalar(member(&l, map, "kind")), DW_STR_LIT("count")))
        dw_rule_problem(&l, map, "a rule with per: worker is of kind count");
    load_common(&l);
    const yaml_node_t *bands = member(&l, map, "bands"), *over = member(&l, map, "over");
    if (bands == NULL)
        dw_rule_problem(&l, map, "bands is missing (how many children are too many)");
    else
        load_bands(&l, bands);
    if (over == NULL)
        dw_rule_problem(&l, map, "over is missing (what is counted)");
    else if (out->over.family != DW_SPAN_ALLOCATION && out->over.family != DW_SPAN_FAMILIES)
        dw_rule_problem(&l, over, "per: worker counts allocations");
    return loader->yaml->problems->errors == errors ? 1 : 0;
}

/* rule_in_force.c: when a rule counts at all: `enabled`, `in_force`, and the dates of a clause. Presets are checked where they
 * are made into rules (overrides.c). */

#include "config/rule_keys.h"
#include "proto/json.h"

static void load_date(dw_rule_loader *loader, const yaml_node_t *node, const char *key, int32_t *out)
{
    if (node != NULL && (!dw_date_parse(dw_yaml_scalar(node), out) || *out <= 0))
        dw_problems_add(loader->yaml->problems, loader->yaml->file, node, false, "%s must be a date such as 2020-04-24",
                        key);
}

void dw_load_dates(dw_rule_loader *loader, const yaml_node_t *map, int32_t *from_day, int32_t *until_day)
{
    const yaml_node_t *from = dw_yaml_get(loader->yaml, map, "from"), *until = dw_yaml_get(loader->yaml, map, "until");
    load_date(loader, from, "from", from_day);
    load_date(loader, until, "until", until_day);
    if (*until_day != 0 && *until_day < *from_day)
        dw_problems_add(loader->yaml->problems, loader->yaml->file, until, false,
                        "until lies before from: this never counts");
}

void dw_rule_load_in_force(dw_rule_loading *l, const yaml_node_t *node)
{
    static const char *const keys[] = {"from", "until", NULL};
    if (node->type != YAML_MAPPING_NODE) {
        dw_rule_problem(l, node, "in_force holds dates, such as {from: 2021-04-01, until: 2022-03-31}");
        return;
    }
    dw_yaml_only(l->loader->yaml, node, keys);
    dw_load_dates(l->loader, node, &l->rule->in_force_from, &l->rule->in_force_until);
    if (dw_yaml_get(l->loader->yaml, node, "from") == NULL && dw_yaml_get(l->loader->yaml, node, "until") == NULL)
        dw_rule_problem(l, node, "in_force holds from, until or both");
}

void dw_rule_load_enabled(dw_rule_loading *l, const yaml_node_t *node)
{
    bool enabled;
    dw_load_bool(l->loader, node, "enabled", &enabled); /* standards.c leaves out what is off */
}

void dw_rule_load_presets(dw_rule_loading *l, const yaml_node_t *node)
{
    (void)l;
    (void)node;
}

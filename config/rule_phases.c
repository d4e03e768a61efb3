/* rule_phases.c: the keys that say for which parts of a span a rule speaks, and of which ages. */

#include "config/rule_keys.h"

#define problem dw_rule_problem

void dw_rule_load_phases(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_load_bool(l->loader, node, "phases", &l->rule->phases);
}

void dw_rule_load_outside(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_rule *rule = l->rule;
    size_t n = dw_list_count(l->loader, node, "outside", DW_RULE_OUTSIDE_MAX);
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *item = dw_list_item(l->loader, node, i);
        dw_span_selector *outside = &rule->outside[i];
        if (!dw_load_selector(l->loader, item, "outside", outside))
            continue;
        if (outside->each || outside->family == DW_SPAN_CHILD)
            problem(l, item, "outside names spans that are open for a time, such as care");
        rule->outside_count = (uint32_t)i + 1;
    }
    rule->phases = true;
    if (rule->over.each)
        problem(l, node, "outside does not belong beside over: each");
}

/* true, false, or "after 7 days" */
void dw_rule_load_from_start(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_text text = dw_text_open(l->loader->yaml, node, l->loader->arena, "from_start");
    if (text.failed)
        return;
    if (!dw_text_take(&text, "after")) {
        dw_load_bool(l->loader, node, "from_start", &l->rule->from_start);
        return;
    }
    l->rule->from_start = true;
    l->rule->from_start_days = dw_text_count(&text, 1, DW_LIMIT_YEARS_MAX * 366);
    if (!text.failed && !dw_text_take(&text, "days") && !dw_text_take(&text, "day"))
        dw_text_fail(&text, "expected `days` here");
    dw_text_finish(&text);
}

/* One bound of a band: a number, and its unit unless the other bound's follows. False with a problem. */
typedef struct band_bound {
    int n;
    bool days, said;
} band_bound;

static void take_bound(dw_text *text, band_bound *out)
{
    out->n = dw_text_count(text, 1, DW_LIMIT_YEARS_MAX * 366);
    out->days = dw_text_is(text, "days") || dw_text_is(text, "day");
    out->said = out->days || dw_text_is(text, "months") || dw_text_is(text, "month");
    if (out->said)
        dw_text_next(text);
}

/* "until 12 months", "from 7 days", "from 6 until 12 months", "from 7 days until 12 months" */
void dw_rule_load_band(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_rule *rule = l->rule;
    band_bound from = {0}, until = {0};
    dw_text text = dw_text_open(l->loader->yaml, node, l->loader->arena, "band");
    if (text.failed)
        return;
    if (dw_text_take(&text, "from"))
        take_bound(&text, &from);
    if (dw_text_take(&text, "until"))
        take_bound(&text, &until);
    if (from.n == 0 && until.n == 0)
        dw_text_fail(&text, "band is such as: until 12 months, from 12 months, from 6 until 12 months, until 7 days");
    if (from.n != 0 && !from.said && until.said) {
        from.days = until.days;
        from.said = true;
    }
    if (!text.failed && ((from.n != 0 && !from.said) || (until.n != 0 && !until.said)))
        dw_text_fail(&text, "expected `months` or `days` here");
    int early = from.n * (from.days ? 1 : 30), late = until.n * (until.days ? 1 : 30);
    if (dw_text_finish(&text) && until.n != 0 && late <= early)
        problem(l, node, "band ends before it begins");
    rule->band_from_days = from.days ? from.n : 0;
    rule->band_from_months = from.days ? 0 : from.n;
    rule->band_until_days = until.days ? until.n : 0;
    rule->band_until_months = until.days ? 0 : until.n;
    rule->has_band = true;
}

/* standards_find.c: is a rule in a text of standards, and is it in force? */

#include "config/policy_parts.h"

dw_rule_presence dw_standards_find(dw_str standards, dw_str id)
{
    dw_problems problems = {0};
    dw_rule_presence found = DW_RULE_UNKNOWN;
    dw_standards_text *text = dw_standards_text_open("standards", standards, &problems);
    for (size_t i = 0; text != NULL && i < text->rule_count; i++) {
        const yaml_node_t *map = dw_yaml_node(&text->yaml, text->rules[i].effective);
        if (!dw_str_eq(dw_yaml_scalar(dw_yaml_get(&text->yaml, map, "id")), id))
            continue;
        bool off = dw_str_eq(dw_yaml_scalar(dw_yaml_get(&text->yaml, map, "enabled")), DW_STR_LIT("false"));
        found = off ? DW_RULE_OFF : DW_RULE_ON;
        break;
    }
    dw_standards_text_free(&text);
    dw_problems_deinit(&problems);
    return found;
}

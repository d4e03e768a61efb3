#pragma once
/* overrides.h: the standards as they are in force: the rules of the first document of the text, changed by what the authority
 * says in the second (its own file, standards.local.yaml). Private to config/. Keys: driftwatch-standards(5).
 *
 * Everything here is nodes of one YAML document: a changed rule is a new mapping made of the nodes of both, so every problem
 * is named where it stands. Nodes are known by their numbers, because adding one moves the others. */

#include "config/yaml.h"
#include "handlers/calendar.h"
#include "proto/limits.h"

#define DW_PRESETS_MAX 200      /* presets of all rules together */
#define DW_PRESET_NAME_MAX 40   /* bytes of a preset's name */
#define DW_OVERRIDE_PARTS_MAX 8 /* clocks of one rule that can be changed by number */

/* What one override made of a rule. */
typedef struct dw_rule_change {
    int item; /* the override */
    int before, after;
} dw_rule_change;

typedef struct dw_rule_entry {
    int base;      /* the rule as it is shipped (or as the authority's own file has it) */
    int effective; /* as it is in force; base when nothing changes it */
    dw_rule_change changes[DW_OVERRIDE_PARTS_MAX]; /* one override, or one a part */
    uint32_t change_count;
    bool own;    /* a rule of the authority's own file */
    bool faulty; /* something is wrong with it, and said: what it would loosen cannot be told (dw_standards_load()) */
} dw_rule_entry;
/* The last override of the rule; 0: none. */
static inline int dw_rule_last_override(const dw_rule_entry *rule)
{
    return rule->change_count != 0 ? rule->changes[rule->change_count - 1].item : 0;
}

typedef struct dw_rule_preset {
    size_t rule; /* of .rules */
    int name;    /* the key */
    int map;     /* the whole rule as the preset makes it */
} dw_rule_preset;

typedef struct dw_standards_text {
    dw_yaml yaml;
    unsigned second_line; /* line of the --- before the authority's document; 0 = there is none */
    int root, local;      /* the two documents; 0 = there is none. Only what stands in the first may be missing here */
    int hours, ladder, closures;
    dw_rule_entry rules[DW_RULES_MAX];
    size_t rule_count;
    dw_rule_preset presets[DW_PRESETS_MAX];
    size_t preset_count;
} dw_standards_text;

/* Heap. NULL when nothing could be read; otherwise as much as there is, and what is wrong is in `problems`. */
dw_standards_text *dw_standards_text_open(const char *file, dw_str text, dw_problems *problems);
void dw_standards_text_free(dw_standards_text **standards);

/* Two nodes say the same: keys in any order, however they are written. */
bool dw_yaml_equal(dw_yaml *yaml, const yaml_node_t *a, const yaml_node_t *b);

/* Report each change that makes a statutory rule (status REG) laxer, or of which that cannot be told, and that is not marked
 * by `loosens`. `calendar` for comparing days with working days; NULL: nothing is known of such. Faulty rules are passed
 * over. */
void dw_standards_check_loosening(dw_standards_text *standards, const dw_calendar *calendar);
/* What makes `changed` laxer than `base`: the name of the first key, NULL when nothing does (rule_loosens.c). */
const char *dw_rule_loosens(dw_yaml *yaml, const yaml_node_t *base, const yaml_node_t *changed,
                            const dw_calendar *calendar);

/* standards.yaml and the authority's own file as one text: malloc'd, NULL when out of memory. *line: the last line before the
 * authority's text, for dw_policy_names. `local` may be empty; then it is `standards` alone and *line is 0. */
char *dw_standards_join(dw_str standards, dw_str local, size_t *len, unsigned *line);

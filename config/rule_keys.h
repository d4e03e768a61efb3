#pragma once
/* rule_keys.h: the keys a rule may have: which kinds take and need each, and its loader. Private to config/: the table is in
 * rule_keys.c, what uses it in rule_load.c. */

#include "config/rule_load.h"

/* One rule while it is being loaded. */
typedef struct dw_rule_loading {
    dw_rule_loader *loader;
    const yaml_node_t *map;
    dw_rule *rule;
    bool limits_ok; /* the limits were readable, so it makes sense to compare them */
} dw_rule_loading;

#define DW_KIND_BIT(k) (1u << DW_RULE_##k)
#define DW_KIND_BITS_ALL ((1u << DW_RULE_KINDS) - 1)

typedef struct dw_rule_key {
    const char *name;
    unsigned takes, needs;                                     /* kinds, as bits */
    void (*load)(dw_rule_loading *l, const yaml_node_t *node); /* NULL: loaded before all others */
    const char *what;                                          /* for "is missing" */
} dw_rule_key;

/* In the order of loading: a key's loader may look at what the rows above it have loaded. */
extern const dw_rule_key dw_rule_keys[];
extern const size_t dw_rule_key_count;
#define DW_RULE_KEYS_MAX 64 /* rows of the table at most */

/* A problem at a node, with the place in its file. */
#define dw_rule_problem(l, at, ...)                                                                                    \
    dw_problems_add((l)->loader->yaml->problems, (l)->loader->yaml->file, at, false, __VA_ARGS__)

/* A field of the evidence; NULL with a problem. */
const dw_field_ref *dw_rule_evidence_field(dw_rule_loading *l, const yaml_node_t *node, const char *key,
                                           dw_field_info *info);

/* The keys of counts, and of what a missed duty leads to (rule_count.c). */
void dw_rule_load_threshold(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_load_window(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_load_until(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_load_distinct(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_load_within_span(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_load_answer(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_load_answer_clears(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_load_measured_from(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_load_target(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_load_counted_before(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_load_while_open(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_load_at_start_open(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_load_ended_inside(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_load_raises(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_load_warn(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_load_worsens_after(dw_rule_loading *l, const yaml_node_t *node);
/* What only several of them together show. */
void dw_rule_check_count(dw_rule_loading *l);
void dw_rule_check_raises(dw_rule_loading *l);

/* --- loaders that stand in files of their own */
void dw_rule_load_counts_from(dw_rule_loading *l, const yaml_node_t *node); /* rule_anchor.c */
void dw_rule_load_age(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_load_frequencies(dw_rule_loading *l, const yaml_node_t *node); /* rule_limit.c */

void dw_rule_load_enabled(dw_rule_loading *l, const yaml_node_t *node); /* rule_in_force.c */
void dw_rule_load_in_force(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_load_presets(dw_rule_loading *l, const yaml_node_t *node);

void dw_rule_load_phases(dw_rule_loading *l, const yaml_node_t *node); /* rule_phases.c */
void dw_rule_load_outside(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_load_from_start(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_load_band(dw_rule_loading *l, const yaml_node_t *node);

void dw_rule_load_met_by(dw_rule_loading *l, const yaml_node_t *node); /* rule_deadline.c */
void dw_rule_load_evidence_nth(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_load_outlives_span(dw_rule_loading *l, const yaml_node_t *node);
void dw_rule_take_breach(dw_rule_loading *l, const yaml_node_t *node, dw_text *text);
void dw_rule_check_deadline(dw_rule_loading *l);

/* One of a NULL-ended list of names; its index, or -1 with a problem. */
int dw_rule_choice(dw_rule_loading *l, const yaml_node_t *node, const char *key, const char *const *names);

#pragma once
/* families.h: which of several rules speaks for a span (families, domain 2.2), and which clock runs when a child has two
 * (elections, domain 4.4). Both are compiled into the conditions of the rules, so nothing of them is left to evaluate.
 * Private to config/. Keys: driftwatch-standards(5). */

#include "config/rule_load.h"

#define DW_FAMILY_RULES_MAX 32  /* ids in one family, or on one side of an election */
#define DW_ELECTION_SIDES_MAX 4 /* plans that one child can have beside each other */

/* What the rules of the file are called, those included that are switched off. */
typedef struct dw_rule_names {
    const dw_str *ids;
    size_t count;
} dw_rule_names;

/* The families: an entry leaves to those before it what they speak for, if both speak for the same age of a span (band). */
void dw_families_load(dw_policy *policy, dw_rule_loader *loader, const dw_rule_names *names,
                      const yaml_node_t *families);
/* The elections, with what the authority has elected (NULL: nothing): while a span of the elected side is open, the rules of
 * the other sides rest. */
void dw_elections_load(dw_policy *policy, dw_rule_loader *loader, const dw_rule_names *names,
                       const yaml_node_t *elections, const yaml_node_t *elected);

#pragma once
/* rule_load.h: one mapping of `rules:` -> a dw_rule. Private to config/. The keys are described in driftwatch-standards(5);
 * the table in rule_keys.c says which kind of rule takes and needs which. */

#include "config/rule_text.h"

#define DW_LIMIT_YEARS_MAX 30       /* a limit or window beyond it is a slip of the pen */
#define DW_LIMIT_HOURS_MAX 8784     /* a year: what is longer is counted in days */
#define DW_RULE_TITLE_BYTES_MAX 120 /* a title is one line of a list */
#define DW_RULE_TEXT_BYTES_MAX 800  /* bytes of the longer texts */
#define DW_RULE_VERSION_MAX 1000000

typedef struct dw_rule_loader {
    dw_yaml *yaml;
    dw_arena *arena; /* the policy's: texts, predicates and references live there */
} dw_rule_loader;

/* A length of time in words: "10 working days", "72 hours", "3 months". */
typedef enum dw_amount_unit {
    DW_AMOUNT_WORKING_DAYS,
    DW_AMOUNT_DAYS,
    DW_AMOUNT_WEEKS,
    DW_AMOUNT_MONTHS,
    DW_AMOUNT_HOURS,
    DW_AMOUNT_WORKING_HOURS
} dw_amount_unit;
typedef struct dw_amount {
    int n; /* from 1 */
    dw_amount_unit unit;
} dw_amount;

/* Fill *rule from `map`. False when anything is wrong (reported); then *rule must not be used. */
bool dw_rule_load(dw_rule_loader *loader, const yaml_node_t *map, dw_rule *rule);
/* The same for a rule with one clock or several (`any_of`): fills out[0 .. n-1], room for DW_RULE_PARTS_MAX. 0 when anything
 * is wrong; then out[0] has the id, if that could be read. */
size_t dw_rule_load_parts(dw_rule_loader *loader, const yaml_node_t *map, dw_rule *out);
const char *dw_rule_kind_name(dw_rule_kind kind);

/* Of `map` the keys that every rule has and that are named in the NULL-ended list, each of which must be there. */
void dw_rule_load_texts(dw_rule_loader *loader, const yaml_node_t *map, const char *const *keys, dw_rule *out);
/* A rule about workers (`per: worker`, rule_caseload.c): read and checked, but never in a policy. */
bool dw_rule_is_caseload(dw_yaml *yaml, const yaml_node_t *map);
size_t dw_rule_load_caseload(dw_rule_loader *loader, const yaml_node_t *map, dw_rule *out);

/* Of each rule what others that follow its missed duties must know (rule_deadline.c). */
#define DW_RULE_BREACHES_MAX 64 /* rules one rule may follow */
typedef struct dw_rule_follow {
    dw_str id;
    const yaml_node_t *node;
    dw_rule_kind kind;
    bool unsteady;          /* a limit of it waits for what is open beside it */
    const dw_str *breaches; /* the rules it follows itself */
    uint32_t breach_count;
} dw_rule_follow;
/* Report unknown rules, such as cannot be missed, and rules that wait for each other. */
void dw_rules_check_follow(dw_rule_loader *loader, const dw_rule_follow *rules, size_t count);

/* What could never be met or missed, and what its kind would not listen to (rule_check.c). */
void dw_rule_check(dw_rule_loader *loader, const yaml_node_t *map, const dw_rule *rule);

/* --- parts (rule_parts.c); each reports what is wrong and returns false */
/* A text for people: neither empty nor longer than `max`. */
bool dw_load_text(dw_rule_loader *loader, const yaml_node_t *node, const char *key, uint32_t max, dw_str *out);
bool dw_load_number(dw_rule_loader *loader, const yaml_node_t *node, const char *key, int64_t min, int64_t max,
                    int64_t *out);
bool dw_load_bool(dw_rule_loader *loader, const yaml_node_t *node, const char *key, bool *out);
/* The amount at hand; at most DW_LIMIT_YEARS_MAX, hours at most DW_LIMIT_HOURS_MAX. */
bool dw_text_amount(dw_text *text, dw_amount *out);
/* An amount as a limit: hours are elapsed hours, working hours are refused. */
bool dw_load_limit_amount(dw_rule_loader *loader, const yaml_node_t *node, const char *key, int *n, dw_unit *unit);
bool dw_load_selector(dw_rule_loader *loader, const yaml_node_t *node, const char *key, dw_span_selector *out);
/* One clause or a list of them: "TYPE where ..." or {fact:, link:, link_required:, within_limit:}. */
typedef struct dw_clause_use {
    const char *key;
    dw_span_family linked_to; /* the family whose id `link` names */
    bool with_limit;          /* within_limit is allowed */
} dw_clause_use;
bool dw_load_clauses(dw_rule_loader *loader, const yaml_node_t *node, dw_clause_use use, dw_clause *out,
                     uint32_t *count);
/* breach_link: [FIELD, FIELD] of a clause (rule_deadline.c) */
void dw_load_breach_link(dw_rule_loader *loader, const yaml_node_t *node, dw_clause *out);
/* link: FIELD or [FIELD, FIELD] of a clause. */
bool dw_load_link(dw_rule_loader *loader, const yaml_node_t *node, dw_clause_use use, dw_clause *out);
bool dw_family_has_id(dw_span_family family); /* an id that a fact could name */

/* --- rule_limit.c */
/* `limit:` one amount, or a list of {limit:, when:, while:, or_while:, or_both:, nth:, before:, age:, once:, link:, gap:, from:, until:}. */
bool dw_load_limits(dw_rule_loader *loader, const yaml_node_t *node, dw_rule *rule);
/* Nothing has to be so for it to hold: what stands behind it in a list is never reached. */
bool dw_limit_is_open(const dw_limit *limit);
/* "from 4", "until 5", "from 4 until 10" (rule_anchor.c) */
bool dw_load_age(dw_rule_loader *loader, const yaml_node_t *node, uint8_t *from, uint8_t *until);
/* `from:` and `until:` of a mapping, both included; what is not there keeps its value. */
void dw_load_dates(dw_rule_loader *loader, const yaml_node_t *map, int32_t *from_day, int32_t *until_day);
/* Items of a list, or the node itself as the only one; 0 and a problem for an empty list. */
size_t dw_list_count(dw_rule_loader *loader, const yaml_node_t *node, const char *key, size_t max);
const yaml_node_t *dw_list_item(dw_rule_loader *loader, const yaml_node_t *node, size_t i);

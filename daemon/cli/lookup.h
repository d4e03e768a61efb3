#pragma once
/* lookup.h: alerts and policies found in Redis, for verbs. */

#include "daemon/cli/store.h"

/* Policies by number, read once each. */
typedef struct dw_policies dw_policies;
dw_policies *dw_policies_new(dw_store *store);
void dw_policies_free(dw_policies **policies);
/* Policy in force in the partition. NULL: none there yet, or unreadable (then *err says why). Owned by the cache. */
const dw_policy_in_force *dw_policies_get(dw_policies *policies, int32_t partition, dw_error *err);
/* Text of a rule in force; an empty string when it is not known. `title` falls back to the id. */
typedef struct dw_rule_words {
    dw_str title, action, next_step;
} dw_rule_words;
dw_rule_words dw_policies_words(dw_policies *policies, int32_t partition, dw_str rule_id);

/* A live alert's row. */
typedef struct dw_found_alert {
    int32_t partition;
    dw_transition row; /* views into the arena given */
} dw_found_alert;
/* By id or by a beginning of it (8 characters or more) that only one has. DW_E_MISSING: there is none. */
dw_errc dw_alert_find(dw_store *store, int32_t partitions, const char *id, dw_arena *arena, dw_found_alert *out,
                      dw_error *err);
/* The record of the alert's child; *rec NULL: nothing is known of it any more. */
dw_errc dw_found_alert_record(dw_store *store, const dw_found_alert *alert, dw_record **rec, dw_error *err);
/* {"title":...,"action":...,"next_step":...} as ",\"title\":..." members for dw_transition_to_json; malloc'd. */
char *dw_rule_words_json(dw_rule_words words, int32_t partition);

#pragma once
/* indicators_load.h: indicators.yaml -> figures bound to a policy. Keys: driftwatch-indicators(5). Rules and conditions are checked
 * as those of the standards are; a figure that could never count anything is refused with its line. */

#include "config/yaml.h"
#include "handlers/indicators.h"

#define DW_INDICATORS_MAX 200
#define DW_INDICATORS_ARENA_BYTES_MAX (8u << 20) /* with copies of the rules that they speak of */

typedef struct dw_indicators {
    dw_arena *arena;
    dw_indicator *items;
    size_t count;
} dw_indicators;

/* NULL when any error was found (all of them are in `problems`, sorted). `policy` must outlive the result. `standards`: the text
 * that the policy was made of, so that a rule that is off can be told from one that does not exist; empty: not known, and
 * rules that are not in the policy are passed over. A figure all of whose rules are off has .missing set. */
dw_indicators *dw_indicators_load(const char *file, dw_str text, const dw_policy *policy, dw_str standards,
                                  dw_problems *problems);
void dw_indicators_free(dw_indicators **list);

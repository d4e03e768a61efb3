#pragma once
/* policy_reads.h: which facts a policy's rules ask for, and which of its rules ask others: worked out once, by seal. Private to
 * handlers/policy*.c; what it says is read through policy.h. */

#include "handlers/policy.h"

typedef struct dw_policy_reads {
    int lookback[DW_EV_MAX];            /* dw_policy_lookback_days() */
    dw_rule_set readers[DW_EV_MAX];     /* dw_policy_readers() */
    dw_rule_set by_terms[DW_EV_MAX];    /* of those the rules for which a fact of the type may be more than evidence, */
    dw_rule_set by_evidence[DW_EV_MAX]; /* and those for which it is evidence, when it satisfies a clause */
    dw_rule_set over[DW_SPAN_FAMILIES]; /* the rules over spans of the family; not PLAN: */
    dw_rule_set over_plan[64];          /* those that can speak for a plan of the type */
    uint16_t owners[DW_EV_MAX][DW_FACT_OWNERS]; /* dw_policy_owner_fields() */
    uint16_t followers[DW_RULES_MAX];           /* indices of the rules that count from breaches of others, ascending */
    size_t follower_count;
} dw_policy_reads;

/* The rules are those of one policy, ascending, with their indices, parts, anchor and breach rules resolved. Each is also told
 * what it reads itself: .lookback_days, .own_types, .term_types, .plan_types, .by_fact_alone. */
void dw_policy_reads_make(dw_rule *const *rules, size_t count, dw_policy_reads *out);

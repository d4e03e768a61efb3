#pragma once
/* evaluate.h: chronology + policy + clock -> obligations. Pure; every kind of rule is one file in handlers/rules/.
 *
 * For every (rule, subject) that applies there is at most one obligation: the oldest unmet one, else the latest met or
 * pending one. `next_us` is the next instant at which any answer changes by time alone. */

#include "handlers/chronology.h"
#include "handlers/policy.h"

/* States of domain.md 2.2. X(enumerator, name) */
#define DW_OB_LIST(X)                                                                                                  \
    X(DW_OB_SCHEDULED, "scheduled")                   /* running, not late */                                          \
    X(DW_OB_WARNED, "warned")                         /* running, past its warning; or late, and no more than that */  \
    X(DW_OB_OVERDUE, "overdue")                       /* demands an alert now (also: count reached, stall found) */    \
    X(DW_OB_MET, "met")                               /* done in time */                                               \
    X(DW_OB_MET_LATE, "met_late")                     /* done after the due date */                                    \
    X(DW_OB_MET_LATE_RECORDED, "met_late_recorded")   /* done in time, recorded after it */                            \
    X(DW_OB_CANCELLED, "cancelled")                   /* its span ended on or before the due date */                   \
    X(DW_OB_SUPERSEDED_OVERDUE, "superseded_overdue") /* its span ended while it was overdue */                        \
    X(DW_OB_RESTING, "resting")                       /* a stricter plan has taken over (readings 19) */               \
    X(DW_OB_FADED, "faded")                           /* a count that left its window */                               \
    X(DW_OB_FLAGGED, "flagged")                       /* flag rules */
typedef enum dw_ob_state {
#define X(e, n) e,
    DW_OB_LIST(X)
#undef X
        DW_OB_STATES
} dw_ob_state;
const char *dw_ob_state_name(dw_ob_state state);

/* What the record does not say, though the rule asks for it. Reported, never alerted. X(enumerator, bit, name, words) */
#define DW_GAP_LIST(X)                                                                                                 \
    X(DW_GAP_FREQUENCY, 1u, "frequency", "no frequency is recorded for this child")                                    \
    X(DW_GAP_BIRTH_DATE, 2u, "birth_date", "the birth date is not recorded: no clock runs")
enum {
#define X(e, bit, n, w) e = (bit),
    DW_GAP_LIST(X)
#undef X
};

typedef struct dw_obligation {
    const dw_rule *rule;
    dw_str subject_kind, subject_id;
    dw_ob_state state;
    dw_due_kind due_kind;
    int32_t due_on;       /* last day in time; counts and stalls, which have no due time: the day that made it one */
    int64_t due_at_us;    /* last instant in time */
    int64_t late_from_us; /* first instant late; DW_AT_NEVER when it cannot be late */
    int64_t warn_from_us; /* first instant past the warning; 0 when there is none */
    int32_t
        paused_until; /* last day of a pause that was authorised; 0 = not paused. Changes nothing else (readings 18) */
    int64_t pause_reason; /* DW_V_PAUSE_REASON_* */
    bool approximate;
    uint32_t gaps;      /* DW_GAP_* bits */
    uint32_t count;     /* count rules: how many are in the window; else 1 */
    int32_t anchor_day; /* for explain: what the limit was counted from */
    int64_t anchor_us;
    uint8_t limit_index;   /* which of rule->limits was used; DW_LIMIT_* of rules.h: something else was */
    const dw_fact *agreed; /* for explain: the record of what was agreed for this child, where that held; else NULL */
    const dw_fact *anchor; /* fact that began the interval; NULL when a birthday or the like did */
    const dw_fact *met_by; /* evidence that met it (terminal), or last evidence that restarted a recurring one */
    const dw_span *span;   /* NULL for child-wide counts */
    const struct dw_obligation
        *others;          /* the subject's other duties under this rule, latest first (a worker before this
                                           one, a crossing before this one); NULL = none known */
    uint32_t cause_count; /* facts that explain it, newest last */
    const dw_fact *causes[DW_CAUSES_MAX];
    uint32_t causes_total;
} dw_obligation;

typedef struct dw_obligations {
    dw_obligation *items; /* ascending (rule id, subject kind, subject id) */
    uint32_t count;
    int64_t next_us;   /* of those asked and of the spans: > clock, or DW_AT_NEVER */
    dw_rule_set asked; /* the rules that were asked */
} dw_obligations;

struct dw_record;
/* Evaluate all rules; the result lives in `arena`; NULL when out of memory. */
const dw_obligations *dw_evaluate(const dw_chronology *chron, const dw_policy *policy, dw_arena *arena);

/* What one clock of one rule asks, by itself; for the indicators. It may be a copy of a rule of the policy with another limit. */
const dw_obligations *dw_evaluate_rule(const dw_chronology *chron, const dw_policy *policy, const dw_rule *rule,
                                       dw_arena *arena);

/* What of a record is to be evaluated again. */
typedef struct dw_asking {
    dw_rule_set rules; /* with all that follow them (dw_policy_add_followers) */
    dw_rule_set due;   /* those of which an instant of their own has come */
    bool all;          /* nothing is taken as known */
    int64_t since_us;  /* when the record was last evaluated */
} dw_asking;
/* Ask some rules, for alerts to follow, and remember in `rec` of those asked the next instant, and of those whose breaches were
 * looked for whether any is unexplained. Left out is what nothing can follow from: a duty of a span that is over when no alert
 * of its rule is live, and, unless all are asked, flags of events other than the one put since. */
const dw_obligations *dw_evaluate_some(const dw_chronology *chron, const dw_policy *policy, const dw_asking *asking,
                                       struct dw_record *rec, dw_arena *arena);

/* Mark DW_FACTF_PINNED on those facts of the record (chron->facts point into it) that some answer, now or after any later
 * create not older than the horizon (which is never later than today - DW_FOLD_DAYS_MIN), still rests on besides those
 * young enough by dw_policy_lookback_days(); clears it on all others. A fact that stays keeps its whole span, and the
 * evidence of duties on such spans. Used by dw_record_encode before folding. False: arena full, fold nothing.
 * *settled: how many are neither young nor marked. Once they are fewer than `least` the rest is not worked out: the marks are
 * then not all made, and those of what met a duty too late (DW_FACTF_MISSED) are as they were. */
bool dw_evaluate_pin(struct dw_record *rec, const dw_chronology *chron, const dw_policy *policy, uint32_t least,
                     dw_arena *arena, uint32_t *settled);

/* One function per kind, in handlers/rules/<kind>.c: append the obligations of one rule. */
typedef struct dw_eval dw_eval; /* builder: chronology, policy, arena, list, next_us; see handlers/rules/rules.h */

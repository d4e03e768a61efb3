#pragma once
/* indicators.h: figures about many children from the facts of each: how many were visited in time, decided in time, reviewed on
 * time. What is counted is data (config/default/indicators.yaml); no rule's id appears here. Pure: one child at a time is
 * added to a row of tallies. Source: domain.md 5.
 *
 * Two kinds say everything:
 *   duties  what rules asked: of the children of a population, or of the duties that were open, began, fell due, were done
 *   spans   plans, episodes, referrals ... that were open, began or ended, and what is so of them
 *
 * In every figure `unknown` is in neither numerator nor denominator. What is not yet due is in neither, too, but for `children`,
 * who are in time as long as nothing is overdue (domain.md: IND-1), unless the figure leaves them out. */

#include "handlers/evaluate.h"

#define DW_IND_RULES_MAX 24 /* rules of one figure, counting every part */
#define DW_IND_BESIDE_MAX 4 /* what it is not counted beside */
#define DW_IND_CLAUSES_MAX 4

typedef enum dw_ind_kind { DW_IND_DUTIES, DW_IND_SPANS } dw_ind_kind;

/* X(enumerator, word in the file, kind, counts over a period) */
#define DW_IND_TAKE_LIST(X)                                                                                            \
    X(DW_TAKE_CHILDREN, "children", DW_IND_DUTIES, false) /* children of `over` at T with nothing overdue */           \
    X(DW_TAKE_RUNNING, "running", DW_IND_DUTIES, false)   /* duties that run at T and are not overdue */               \
    X(DW_TAKE_BEGAN, "began", DW_IND_DUTIES, true) /* duties counted from a day of the period, once they are due */    \
    X(DW_TAKE_FELL_DUE, "fell_due", DW_IND_DUTIES, true) /* duties whose due day lies in the period */                 \
    X(DW_TAKE_DONE, "done", DW_IND_DUTIES, true)         /* duties met in the period */                                \
    X(DW_TAKE_KEPT, "kept", DW_IND_DUTIES, false)        /* spans of `over` open at T that never missed one */         \
    X(DW_TAKE_OPEN, "open", DW_IND_SPANS, false)         /* spans open at T */                                         \
    X(DW_TAKE_STARTED, "started", DW_IND_SPANS, true)    /* spans that began in the period */                          \
    X(DW_TAKE_ENDED, "ended", DW_IND_SPANS, true)        /* spans that a record ended in the period */
typedef enum dw_ind_take {
#define X(e, n, k, p) e,
    DW_IND_TAKE_LIST(X)
#undef X
        DW_IND_TAKES
} dw_ind_take;
const char *dw_ind_take_name(dw_ind_take take);
dw_ind_kind dw_ind_take_kind(dw_ind_take take);
bool dw_ind_take_has_period(dw_ind_take take);

typedef struct dw_ind_amount { /* n 0: none */
    int n;
    dw_unit unit; /* DAYS, WEEKS, MONTHS, HOURS; WORKING_DAYS where a limit is meant */
} dw_ind_amount;

typedef struct dw_indicator {
    dw_str id, form, title, note, group;
    dw_ind_take take;
    dw_span_selector over;                      /* population; of duties that are not of a population: family CHILD */
    dw_span_selector beside[DW_IND_BESIDE_MAX]; /* not counted while such a span is open */
    uint32_t beside_count;
    bool born;                   /* leave the unborn out */
    uint8_t age_from, age_until; /* at T; 0 = no bound */
    dw_ind_amount open_for;      /* only spans open so long or longer at T */

    /* duties */
    const dw_rule *rules; /* copies, with the figure's own limit */
    uint32_t rule_count;
    dw_str missing; /* a rule that the policy in force lacks: nothing can be counted */
    bool not_first; /* children: leave out those of whom only first duties run */
    bool late;      /* the numerator is the late ones */
    bool has_met;   /* done: only duties met by such a fact; such facts that met none are unknown */
    dw_clause met;
    dw_ind_amount within; /* kept: only what fell due so long before T; repeats: the window */

    /* spans */
    bool per_child;                 /* count children, not spans */
    uint32_t at_least;              /* per_child: so many, within `within` when that is given; 0 = one */
    bool counted;                   /* a plain count: no denominator */
    dw_ind_amount longer_than;      /* numerator: open longer than this */
    const dw_pred *holds, *unknown; /* numerator, unknown: conditions on the span, or with last_of on the fact */
    bool has_earlier; /* numerator: one of these began within `within` before it, on an earlier day or instant */
    dw_span_selector earlier;
    bool has_apart; /* left out when such a span was open as it began that had begun before it */
    dw_span_selector apart;
    dw_clause given[DW_IND_CLAUSES_MAX], evidence[DW_IND_CLAUSES_MAX]; /* left out without; numerator */
    uint32_t given_count, evidence_count;
    dw_ind_amount limit; /* evidence: not later than so long after the span's end */
    bool
        last_of; /* numerator: `holds` on the last evidence of .rules that counts for the span; without any, left out */
} dw_indicator;

typedef struct dw_ind_tally {
    uint64_t numerator, denominator, not_yet_due, unknown;
    uint64_t paused; /* children or duties shown as paused (now, or when they were due); counted as all others are */
} dw_ind_tally;

typedef struct dw_ind_period {
    int32_t from_day, to_day; /* both included */
} dw_ind_period;

/* Adds one child. `chron` as of T, with every fact (all pages). False when the arena is full. */
bool dw_indicator_add(const dw_indicator *ind, const dw_chronology *chron, const dw_policy *policy,
                      dw_ind_period period, dw_arena *arena, dw_ind_tally *tally);

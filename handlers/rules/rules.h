#pragma once
/* rules.h: what the kinds of rule share while one chronology is evaluated. Private to handlers/evaluate.c and handlers/rules/.
 *
 * A kind walks the spans its rule hangs on, finds evidence with the functions below and hands in one obligation a
 * subject. The same code runs twice: to evaluate, and (pin mode, before folding) to mark the facts that the answers rest on.
 * In pin mode conditions on the span are taken as met, since a later fact may make them so. */

#include "handlers/evaluate.h"

#define DW_LIMIT_FREQUENCY 0xFF /* limit_index: a recorded frequency held instead of the rule's limits */
#define DW_LIMIT_OVERRIDE 0xFE  /* limit_index: the evidence itself named an earlier date */
#define DW_LIMIT_AGREED 0xFD    /* limit_index: the next date that somebody agreed for this child */

struct dw_eval {
    const dw_chronology *chron;
    const dw_policy *policy;
    const dw_calendar *cal;
    dw_arena *arena;
    dw_obligation *items;
    uint32_t count, cap;
    const dw_rule *rule_asked; /* the rule, or the part of one, at work */
    uint32_t rule_first;       /* first obligation of the rule at work */
    int64_t next_us;
    struct dw_record *rec;   /* whose alerts follow; NULL: every duty is wanted */
    const dw_asking *asking; /* rec: what is asked */
    dw_rule_set with_spans;  /* rules that there may be a span for: dw_policy_with_spans() */
    dw_rule_set late;        /* rules that have handed in a duty that is, or was, late */
    dw_rule_set alerting;    /* rec: the rules with a live alert */
    bool skip_over;          /* what is left of spans that are over matters to nobody */
    int32_t settled_to;      /* what was missed and over by this day is explained; DW_DAY_NONE */
    int32_t look_from;       /* intervals that were over before this day are known not to be missed; DW_DAY_NONE */
    bool fresh_only;         /* of `each` event only the one put since matters */
    bool nomem;
    bool pin;
    bool pin_changed;   /* pin: a fact was marked */
    uint32_t pin_left;  /* pin: facts neither young nor marked */
    bool missed_more;   /* pin: another fact was marked as having met a duty too late */
    int32_t pin_before; /* facts of this day and later stay anyway */
    struct dw_breaches
        *breaches; /* where missed duties are gathered instead of obligations; NULL = nowhere (breach.c) */
};
typedef struct dw_breaches dw_breaches;

/* For whoever asks with the functions below outside of an evaluation (explain_why.c): nothing is gathered or marked. */
void dw_eval_begin(dw_eval *ev, const dw_chronology *chron, const dw_policy *policy, dw_arena *arena);

/* Young enough to stay whatever rests on it? */
bool dw_eval_is_young(const dw_eval *ev, const dw_fact *fact);

/* Where an interval begins. */
typedef struct dw_when {
    int32_t day;
    int64_t us;
    bool approximate;
    const dw_fact *fact; /* NULL when none began it */
} dw_when;

typedef struct dw_due {
    dw_due_kind kind;
    int32_t on;
    int64_t at_us;        /* last instant in time */
    int64_t late_from_us; /* first instant late */
    int64_t warn_from_us; /* first instant past the warning; 0 when there is none */
    bool approximate;
    uint8_t limit;
    int32_t from_day; /* what it was counted from: the anchor, or the start of the run a limit waits for */
    int64_t from_us;
    uint32_t gaps;         /* DW_GAP_* bits: what the record does not say */
    const dw_fact *agreed; /* limit DW_LIMIT_FREQUENCY, DW_LIMIT_AGREED: the record of the agreement */
} dw_due;

/* Where evidence may lie: days from..to, and when from_us is not DW_AT_NONE not before that instant (facts known to the
 * day only are compared by day). */
typedef struct dw_reach {
    int32_t from_day, to_day;
    int64_t from_us;
} dw_reach;

/* --- evidence (handlers/rules/evidence.c) */
static inline bool dw_rule_in_force(const dw_rule *rule, int32_t day)
{
    return day >= rule->in_force_from && (rule->in_force_until == 0 || day <= rule->in_force_until);
}
/* In which an agreed frequency in working days is counted: the rule's own calendar, or that of England and Wales. */
static inline dw_profile dw_rule_agreed_profile(const dw_rule *rule)
{
    return rule->calendar != DW_CAL_CALENDAR ? rule->calendar : DW_CAL_EW;
}
bool dw_eval_counts(const dw_clause *clause, const dw_fact *fact, const dw_span *span);
/* May a span that has begun stand for this one, by what its records name? Of a clause with .has_begins; NULL: it may. */
bool dw_clause_links(const dw_clause *clause, const dw_span *begun, const dw_span *span);
/* The record that tells of the span, as of its start: an end or a change may carry that (readings 44). */
dw_fact dw_fact_of_start(const dw_span *span);
bool dw_fact_in_time(const dw_fact *fact, const dw_due *due);
bool dw_value_same(const dw_value *a, const dw_value *b); /* of one field; lists are the same in the same order */
/* Earliest fact that any clause counts; `due` judges clauses that count only within the limit (NULL: as if in time). Of a span
 * that begins: the record that tells of it, or a copy as of its start in the arena. */
const dw_fact *dw_eval_first(dw_eval *ev, const dw_clause *clauses, uint32_t count, const dw_span *span,
                             const dw_reach *reach, const dw_due *due);
const dw_fact *dw_eval_last(dw_eval *ev, const dw_clause *clauses, uint32_t count, const dw_span *span,
                            const dw_reach *reach);
/* All of them, ascending, in the arena. */
uint32_t dw_eval_all(dw_eval *ev, const dw_clause *clauses, uint32_t count, const dw_span *span, const dw_reach *reach,
                     const dw_fact ***out);
/* Of the evidence that begins an interval, and of any other of its type and instant (nothing tells which of them is the last):
 * the earliest day that one names in rule->due_override, not before the interval. DW_DAY_OPEN: none does. */
int32_t dw_eval_named_day(const dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_when *from);
void dw_eval_pin_ties(dw_eval *ev); /* ... so what stands beside a pinned one stays with it */
void dw_eval_pin_fact(dw_eval *ev, const dw_fact *fact);
void dw_eval_pin_span(dw_eval *ev, const dw_span *span);
void dw_eval_pin_any_time(dw_eval *ev,
                          const dw_rule *rule); /* before folding: evidence of spans that are still to begin */

/* --- spans and what a duty is counted from (handlers/rules/anchor.c) */
bool dw_span_open_at(const dw_span *span, int64_t us);
int64_t dw_span_moment(const dw_eval *ev, const dw_span *span); /* the clock, or the last instant of an ended span */
bool dw_eval_selected(const dw_eval *ev, const dw_span_selector *selector, const dw_span *span);
/* The spans a selector chooses from, ascending start: of its family, or one made for every fact of its type (spans.c). */
const dw_span *dw_eval_spans(dw_eval *ev, const dw_span_selector *selector, uint32_t *count);
/* End an open span as nothing but the child does: by the closing of the case, by death, at 18 (spans.c). */
void dw_eval_end_by_child(dw_eval *ev, dw_span *span);
void dw_eval_end_by_case(dw_eval *ev, dw_span *span);  /* not at 18 */
void dw_eval_end_by_death(dw_eval *ev, dw_span *span); /* nor by the closing */
/* The parts of the span for which the rule speaks, ascending: the span itself, or its phases (phases.c). Where only what runs now
 * can matter, no more than that. In pin mode also the whole. */
const dw_span *dw_eval_phases(dw_eval *ev, const dw_rule *rule, const dw_span *span, uint32_t *count);
/* A rule of one duty a part: `duty` for every part of every span of rule->over that is not settled (phases.c). */
typedef void dw_part_duty(dw_eval *ev, const dw_rule *rule, const dw_span *part);
void dw_eval_each_part(dw_eval *ev, const dw_rule *rule, dw_part_duty *duty);
/* Does an interval that begins on this day lie in the rule's band? It counts from the start of the whole span, else the anchor. */
bool dw_eval_in_band(const dw_rule *rule, const dw_span *span, const dw_when *anchor, int32_t day);
dw_when dw_when_of_span(const dw_span *span);
dw_when dw_when_of_fact(const dw_fact *fact);
/* What the rule counts from in this span; false when it is not there (yet): then nothing is owed. */
bool dw_eval_anchor(dw_eval *ev, const dw_rule *rule, const dw_span *span, dw_when *out);
/* Before folding: what anchors of spans to come may rest on. */
void dw_eval_pin_anchors(dw_eval *ev, const dw_rule *rule);
typedef enum dw_aged {
    DW_AGED_RUNS,    /* old enough, or no matter */
    DW_AGED_WAITS,   /* for a birthday, or for birth */
    DW_AGED_UNKNOWN, /* no birth date: no clock */
    DW_AGED_NEVER    /* the birthday comes after the span's end */
} dw_aged;
/* Is the child of the age that the rule waits for? Moves *from up to that birthday. */
dw_aged dw_eval_age(dw_eval *ev, const dw_rule *rule, const dw_span *span, dw_when *from);
/* The span, or the part of it before the birthday at which the rule ends; NULL: no part. */
const dw_span *dw_eval_until_age(dw_eval *ev, const dw_rule *rule, const dw_span *span);

/* --- limits (handlers/rules/limit.c, frequency.c) */
void dw_due_on(dw_due *due, int32_t on); /* a due date: in time to the end of that day */
/* First day of the unbroken run of such spans that covers `at_us`; DW_DAY_NONE when none is open then. */
int32_t dw_eval_run_start(dw_eval *ev, const dw_limit *limit, int64_t at_us, int32_t not_before);
/* False when no limit applies; out->gaps says whether something is missing for it. `rank`: by which evidence of its span the
 * interval was begun; 0 by the anchor. */
bool dw_eval_due_nth(dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_when *from, uint32_t rank,
                     dw_due *out);
/* First instant at which the duty is past its warning; 0: it has none. `from` NULL: of a warning from the start of the span. */
int64_t dw_eval_warn_us(const dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_when *from);
bool dw_eval_due(dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_when *from, dw_due *out);
/* What was agreed for this child, in force on the day of `from`, against *due (have) or by itself; false: nothing. */
bool dw_eval_agreed(dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_when *from, bool have, dw_due *due);

/* --- rests: no duty while a stricter plan is open beside it (handlers/rules/rest.c; readings 19) */
typedef struct dw_rest {
    bool open;
    int64_t open_since_us;
    int64_t ended_us; /* the last to end; DW_AT_NONE */
    int32_t ended_day;
} dw_rest;
/* The rests beside the span, as of now or its end; in pin mode those that ended after `from_us` are marked. */
dw_rest dw_eval_rest(dw_eval *ev, const dw_rule *rule, const dw_span *span, int64_t from_us);
/* The parts of a span that no rest covers, ascending, in the arena. */
typedef struct dw_active {
    int32_t from_day, until_day; /* DW_DAY_OPEN while it lasts */
    int64_t from_us, until_us;   /* DW_AT_NEVER while it lasts */
    bool rested;                 /* a rest came before it */
} dw_active;
const dw_active *dw_eval_active(dw_eval *ev, const dw_rule *rule, const dw_span *span, uint32_t *count);
/* Before folding: the rests that touch this stretch of time. */
void dw_eval_pin_rests(dw_eval *ev, const dw_rule *rule, const dw_span *span, int64_t from_us, int64_t until_us);
/* Before folding: may a rest of the rule that began then still be there afterwards? */
bool dw_eval_rest_stays(const dw_eval *ev, const dw_rule *rule, int64_t start_us);

/* --- obligations (handlers/evaluate.c) */
/* Is it, or was it, late, whatever has become of it since? */
static inline bool dw_ob_is_missed(dw_ob_state state)
{
    return state == DW_OB_OVERDUE || state == DW_OB_MET_LATE || state == DW_OB_SUPERSEDED_OVERDUE;
}
/* span NULL: the child */
static inline dw_obligation dw_ob_make(const dw_rule *rule, const dw_span *span)
{
    bool named = span != NULL && span->id.len != 0;
    dw_span_family family = named ? span->family : DW_SPAN_CHILD;
    bool child = dw_str_eq(dw_span_subject_kinds[family], dw_span_subject_kinds[DW_SPAN_CHILD]);
    return (dw_obligation){.rule = rule,
                           .subject_kind = dw_span_subject_kinds[family],
                           .subject_id = child ? (dw_str){0} : span->id,
                           .span = span,
                           .count = 1,
                           .late_from_us = DW_AT_NEVER,
                           .anchor_day = DW_DAY_NONE};
}
void dw_ob_set_due(dw_obligation *ob, const dw_when *from, const dw_due *due);
/* No clock runs: none of its limits applies now, or what it would have to know is missing. It would count from `from`. */
static inline void dw_ob_rest(dw_obligation *ob, const dw_when *from, uint32_t gaps)
{
    ob->state = DW_OB_RESTING;
    ob->gaps |= gaps;
    ob->anchor_day = from->day;
    ob->anchor_us = from->us;
    ob->anchor = from->fact;
}
void dw_ob_cause(dw_obligation *ob, const dw_fact *fact);
/* MET, MET_LATE or MET_LATE_RECORDED by this fact. */
void dw_ob_meet(dw_obligation *ob, const dw_fact *fact, bool in_time);
/* The duty's span has ended: cancelled, or superseded while overdue. */
void dw_ob_end(dw_obligation *ob, const dw_span *span);
/* Still owed: scheduled or overdue by the clock; arms next_us. */
void dw_ob_run(dw_eval *ev, dw_obligation *ob);
/* Is the span over, and nothing to follow from a duty that ended with it? */
/* (Of what raises flags, something does: they stay.) */
static inline bool dw_eval_settled(const dw_eval *ev, const dw_span *span)
{
    return ev->skip_over && span->end_us <= ev->chron->clock_us;
}
void dw_eval_add(dw_eval *ev, const dw_obligation *ob);
bool dw_eval_span_stays(const dw_eval *ev, const dw_span *span); /* before folding: is it one of those that stay? */
void dw_eval_wake(dw_eval *ev, int64_t us); /* something changes at this instant, when it lies ahead */
/* Mark the duties from ev->rule_first on that are paused now (pause.c); readings 18. */
void dw_eval_pause(dw_eval *ev);
/* Was a duty on the span (NULL: the child) shown as paused on that day? */
bool dw_eval_paused_on(const dw_eval *ev, const dw_span *span, int32_t day);
/* Before folding: the pauses that last, or ended lately, and what may have ended them. */
void dw_eval_pin_pauses(dw_eval *ev);

/* --- the six kinds */
void dw_rule_recurring(dw_eval *ev, const dw_rule *rule);
void dw_rule_deadline(dw_eval *ev, const dw_rule *rule);
void dw_rule_count(dw_eval *ev, const dw_rule *rule);
void dw_rule_duration(dw_eval *ev, const dw_rule *rule);
void dw_rule_silence(dw_eval *ev, const dw_rule *rule);
void dw_rule_stall(dw_eval *ev, const dw_rule *rule);

/* All the evidence of a recurring duty on one span, or part of one. Interval i, from .first to .count, begins with list[i - 1], that
 * of .first with the anchor; list[i] meets it. */
typedef struct dw_chain {
    const dw_span *span; /* up to the age at which the rule ends */
    dw_when anchor;
    const dw_fact **list;
    uint32_t first, count;
} dw_chain;
/* False when no clock runs. */
bool dw_recurring_chain(dw_eval *ev, const dw_rule *rule, const dw_span *whole, dw_chain *out);
bool dw_chain_speaks(const dw_rule *rule, const dw_chain *chain, uint32_t i); /* does the rule speak for interval i? */

/* All intervals of a recurring rule that the facts tell of (intervals.c), each once, of one part of a span ascending. Of what lies
 * before chron->whole_from only those are told of which everything is known. `fn` is also told of those the rule does not
 * speak for (owed false). */
typedef struct dw_interval {
    const dw_rule *rule;
    const dw_span *span;
    dw_when from;
    const dw_fact *until; /* the evidence that met it; NULL: none */
    bool owed;            /* the rule speaks for it and has a limit: .due, .late_us and .missed say something */
    dw_due due;
    int64_t late_us;       /* first instant late */
    int64_t part_until_us; /* the span's end, or a rest; DW_AT_NEVER while it lasts */
    bool missed;           /* met late, late now, or late when its part ended */
} dw_interval;
typedef void dw_interval_fn(dw_eval *ev, void *user, const dw_interval *one);
void dw_eval_intervals(dw_eval *ev, const dw_rule *rule, dw_interval_fn *fn, void *user);

/* A deadline that follows every missed duty of other rules (breach.c). */
void dw_rule_breach(dw_eval *ev, const dw_rule *rule);
void dw_breach_take(dw_eval *ev, const dw_obligation *ob); /* while ev->breaches gathers */

/* For a deadline that follows a count rule (MI-05): the crossings that were not yet answered by an earlier meeting, each the
 * first of its run, ascending. */
typedef struct dw_crossing {
    const dw_span *span;   /* the start that reached the threshold */
    const dw_fact *answer; /* NULL: nobody has answered yet */
    uint32_t count;
    uint32_t first, last; /* positions among the counted spans of its window's first and its run's last */
} dw_crossing;
/* The last day on which what is of that day still counts: the end of its window; DW_DAY_OPEN: it always does. */
int32_t dw_count_last_day(const dw_rule *rule, int32_t day);
/* Is the span one of those that are counted? Before folding: of those that may be. */
bool dw_count_takes(dw_eval *ev, const dw_rule *rule, const dw_span *span);
/* Has the child grown out of what such a rule counts? Missing episodes end at 18 and with death, and so does what is owed
 * because there were so many. *end gets the end of it: the day and the instant. */
bool dw_count_outgrown(dw_eval *ev, const dw_rule *rule, dw_span *end);
uint32_t dw_count_crossings(dw_eval *ev, const dw_rule *rule, dw_crossing **out, const dw_span ***counted,
                            uint32_t *counted_count);

/* indicators.c: one child more for a figure about plans, episodes, referrals; and what all figures share. */

#include "handlers/indicators_parts.h"

static const struct {
    const char *name;
    dw_ind_kind kind;
    bool has_period;
} takes[DW_IND_TAKES] = {
#define X(e, n, k, p) [e] = {n, k, p},
    DW_IND_TAKE_LIST(X)
#undef X
};

const char *dw_ind_take_name(dw_ind_take take)
{
    return takes[take].name;
}

dw_ind_kind dw_ind_take_kind(dw_ind_take take)
{
    return takes[take].kind;
}

bool dw_ind_take_has_period(dw_ind_take take)
{
    return takes[take].has_period;
}

/* --- the population */

bool dw_ind_in_period(const dw_ind_asking *a, int32_t day)
{
    return a->period.from_day <= day && day <= a->period.to_day;
}

/* The first instant at which something that began then has lasted longer than the amount. */
static int64_t past(const dw_ind_asking *a, int32_t day, int64_t us, dw_ind_amount amount)
{
    (void)a;
    if (amount.unit == DW_UNIT_HOURS)
        return us + amount.n * INT64_C(3600000000) + 1;
    if (amount.unit == DW_UNIT_MONTHS)
        return dw_london_start_us(dw_day_add_months(day, amount.n) + 1);
    return dw_london_start_us(day + amount.n * (amount.unit == DW_UNIT_WEEKS ? 7 : 1) + 1);
}

static bool open_beside(const dw_ind_asking *a, int64_t at_us, int32_t day)
{
    for (uint32_t i = 0; i < a->ind->beside_count; i++) {
        uint32_t n;
        const dw_span *other = dw_eval_spans(a->ev, &a->ind->beside[i], &n);
        for (uint32_t k = 0; k < n; k++)
            if (dw_span_open_at(&other[k], at_us) && dw_pred_span(a->ind->beside[i].where, &other[k], day))
                return true;
    }
    return false;
}

/* Born, and of the age, as far as is known? */
static bool child_counts(const dw_ind_asking *a)
{
    int32_t born = a->chron->birth_day;
    const dw_indicator *ind = a->ind;
    if (ind->born && (born == DW_DAY_NONE ? a->chron->expected_day != DW_DAY_NONE : born > a->chron->today))
        return false;
    return born == DW_DAY_NONE || ((ind->age_from == 0 || a->chron->today >= dw_birthday(born, ind->age_from)) &&
                                   (ind->age_until == 0 || a->chron->today < dw_birthday(born, ind->age_until)));
}

bool dw_ind_age_unknown(const dw_ind_asking *a)
{
    return (a->ind->age_from != 0 || a->ind->age_until != 0) && a->chron->birth_day == DW_DAY_NONE;
}

bool dw_ind_span_open(const dw_ind_asking *a, const dw_span *span)
{
    const dw_indicator *ind = a->ind;
    int64_t now_us = a->chron->clock_us;
    if (!dw_span_open_at(span, now_us) || !dw_pred_span(ind->over.where, span, a->chron->today))
        return false;
    if (ind->open_for.n != 0 && ind->open_for.unit == DW_UNIT_WORKING_DAYS &&
        dw_calendar_due(a->ev->cal, DW_CAL_EW, DW_COUNT_EXCL, span->start_day, ind->open_for.n, ind->open_for.unit) >
            a->chron->today)
        return false;
    if (ind->open_for.n != 0 && ind->open_for.unit != DW_UNIT_WORKING_DAYS &&
        past(a, span->start_day - 1, span->start_us - 1, ind->open_for) > now_us)
        return false;
    return !open_beside(a, now_us, a->chron->today);
}

/* --- spans: is it one of those that are counted? */

static bool has_fact(const dw_ind_asking *a, const dw_clause *clauses, uint32_t count, const dw_span *span)
{
    dw_reach reach = {span->start_day, DW_DAY_OPEN, DW_AT_NONE};
    return dw_eval_first(a->ev, clauses, count, span, &reach, NULL) != NULL;
}

static bool began_apart(const dw_ind_asking *a, const dw_span *span)
{
    uint32_t n;
    if (!a->ind->has_apart)
        return true;
    const dw_span *other = dw_eval_spans(a->ev, &a->ind->apart, &n);
    for (uint32_t i = 0; i < n; i++)
        if (other[i].start_day < span->start_day && span->start_us < other[i].end_us &&
            dw_pred_span(a->ind->apart.where, &other[i], span->start_day))
            return false;
    return true;
}

static bool is_counted(const dw_ind_asking *a, const dw_span *span)
{
    const dw_indicator *ind = a->ind;
    int32_t last = span->end_day < a->chron->today ? span->end_day : a->chron->today;
    if (ind->take == DW_TAKE_OPEN && !dw_ind_span_open(a, span))
        return false;
    if (!dw_pred_span(ind->over.where, span, last))
        return false;
    if (ind->take == DW_TAKE_STARTED && !dw_ind_in_period(a, span->start_day))
        return false;
    if (ind->take == DW_TAKE_ENDED &&
        (span->end != DW_END_FACT || !dw_ind_in_period(a, span->end_day))) /* what is to end later is open */
        return false;
    if (ind->take != DW_TAKE_OPEN && open_beside(a, span->start_us, span->start_day))
        return false;
    return began_apart(a, span) && (ind->given_count == 0 || has_fact(a, ind->given, ind->given_count, span));
}

/* --- spans: what is so of it */

typedef enum verdict { YES, NO, NOT_YET, UNKNOWN, LEFT_OUT } verdict;

static verdict by_condition(const dw_indicator *ind, const dw_fact *fact, const dw_span *span, int32_t day)
{
    bool unknown = ind->unknown != NULL &&
                   (fact != NULL ? dw_pred_fact(ind->unknown, fact) : dw_pred_span(ind->unknown, span, day));
    if (unknown)
        return UNKNOWN;
    return (fact != NULL ? dw_pred_fact(ind->holds, fact) : dw_pred_span(ind->holds, span, day)) ? YES : NO;
}

static verdict by_last(const dw_ind_asking *a, const dw_span *span)
{
    const dw_fact *last = NULL;
    dw_reach reach = {span->start_day, span->end_day, DW_AT_NONE};
    for (uint32_t i = 0; i < a->ind->rule_count; i++) {
        const dw_rule *rule = &a->ind->rules[i];
        const dw_fact *fact = dw_eval_last(a->ev, rule->evidence, rule->evidence_count, span, &reach);
        if (fact != NULL && (last == NULL || dw_fact_before(last, fact)))
            last = fact;
    }
    return last == NULL ? LEFT_OUT : by_condition(a->ind, last, NULL, 0);
}

static verdict by_evidence(const dw_ind_asking *a, const dw_span *span)
{
    const dw_indicator *ind = a->ind;
    if (ind->limit.n == 0)
        return has_fact(a, ind->evidence, ind->evidence_count, span) ? YES : NO;
    int64_t late_us = past(a, span->end_day, span->end_us, ind->limit);
    dw_due due = {.kind = DW_DUE_INSTANT, .at_us = late_us - 1, .late_from_us = late_us};
    if (ind->limit.unit != DW_UNIT_HOURS)
        dw_due_on(&due, dw_london_day(late_us - 1));
    else if (span->end_approximate) /* to the end of the last day that it can mean, as with every limit in hours */
        dw_due_on(&due, span->end_day + (ind->limit.n + 23) / 24);
    dw_reach reach = {span->start_day, DW_DAY_OPEN, DW_AT_NONE};
    const dw_fact *fact = dw_eval_first(a->ev, ind->evidence, ind->evidence_count, span, &reach, NULL);
    if (fact != NULL)
        return dw_fact_in_time(fact, &due) ? YES : NO;
    return due.late_from_us > a->chron->clock_us ? NOT_YET : NO;
}

static verdict by_earlier(const dw_ind_asking *a, const dw_span *span)
{
    uint32_t n;
    const dw_span *other = dw_eval_spans(a->ev, &a->ind->earlier, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (other[i].start_us < span->start_us &&
            past(a, other[i].start_day, other[i].start_us, a->ind->within) > span->start_us &&
            dw_pred_span(a->ind->earlier.where, &other[i], span->start_day))
            return YES;
    }
    return NO;
}

static verdict judge(const dw_ind_asking *a, const dw_span *span)
{
    const dw_indicator *ind = a->ind;
    int64_t now_us = a->chron->clock_us;
    if (dw_ind_age_unknown(a))
        return UNKNOWN;
    if (ind->last_of)
        return by_last(a, span);
    if (ind->longer_than.n != 0)
        return past(a, span->start_day, span->start_us, ind->longer_than) <=
                       (span->end_us < now_us ? span->end_us : now_us)
                   ? YES
                   : NO;
    if (ind->evidence_count != 0)
        return by_evidence(a, span);
    if (ind->has_earlier)
        return by_earlier(a, span);
    if (ind->holds != NULL)
        return by_condition(ind, NULL, span, span->end_day < a->chron->today ? span->end_day : a->chron->today);
    return YES;
}

static void add_verdict(dw_ind_tally *tally, verdict what, bool counted)
{
    switch (what) {
    case YES:
        tally->numerator++;
        tally->denominator += !counted;
        return;
    case NO:
        tally->denominator += !counted;
        return;
    case NOT_YET:
        tally->not_yet_due++;
        return;
    case UNKNOWN:
        tally->unknown++;
        return;
    case LEFT_OUT:
        return;
    }
}

/* Did the child have so many, the last of them in the period, within the window? */
static bool repeated(const dw_ind_asking *a, const dw_span *spans, uint32_t count)
{
    const dw_indicator *ind = a->ind;
    uint32_t seen = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!is_counted(a, &spans[i]))
            continue;
        if (ind->within.n == 0) {
            if (++seen >= ind->at_least)
                return true;
            continue;
        }
        seen = 0; /* those that began within the window before it, and it; they may have begun before the period */
        for (uint32_t k = 0; k <= i; k++)
            seen += dw_pred_span(ind->over.where, &spans[k], spans[i].start_day) &&
                    past(a, spans[k].start_day, spans[k].start_us, ind->within) > spans[i].start_us;
        if (seen >= ind->at_least)
            return true;
    }
    return false;
}

static void add_spans(const dw_ind_asking *a, dw_ind_tally *tally)
{
    const dw_indicator *ind = a->ind;
    uint32_t count, counted = 0;
    verdict child = LEFT_OUT;
    const dw_span *span = dw_eval_spans(a->ev, &ind->over, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (!is_counted(a, &span[i]))
            continue;
        verdict one = judge(a, &span[i]);
        if (!ind->per_child)
            add_verdict(tally, one, ind->counted);
        if (one < child) /* one that is so is enough */
            child = one;
        counted++;
    }
    if (!ind->per_child || counted == 0)
        return;
    if (ind->at_least > 1 && child != UNKNOWN)
        child = repeated(a, span, count) ? YES : NO;
    add_verdict(tally, child, ind->counted);
}

bool dw_indicator_add(const dw_indicator *ind, const dw_chronology *chron, const dw_policy *policy,
                      dw_ind_period period, dw_arena *arena, dw_ind_tally *tally)
{
    dw_eval ev;
    dw_ind_asking a = {ind, chron, &ev, policy, period};
    dw_eval_begin(&ev, chron, policy, arena);
    if (!child_counts(&a) || ind->missing.len != 0)
        return true;
    if (dw_ind_take_kind(ind->take) == DW_IND_SPANS)
        add_spans(&a, tally);
    else if (!dw_ind_add_duties(&a, tally))
        return false;
    return !ev.nomem;
}

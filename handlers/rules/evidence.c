/* evidence.c: which facts count for a duty, and finding the first, the last or all of them. */

#include "handlers/rules/rules.h"

bool dw_value_same(const dw_value *a, const dw_value *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == DW_VAL_STR)
        return dw_str_eq(a->s, b->s);
    if (a->kind != DW_VAL_STRS)
        return a->i == b->i;
    bool same = a->n == b->n;
    for (uint32_t i = 0; same && i < a->n; i++)
        same = dw_str_eq(a->list[i], b->list[i]);
    return same;
}

void dw_eval_pin_fact(dw_eval *ev, const dw_fact *fact)
{
    dw_fact *mark = (dw_fact *)(uintptr_t)fact; /* dw_evaluate_pin owns the record; so in breach.c */
    if (!ev->pin || mark == NULL || (mark->flags & DW_FACTF_PINNED) != 0)
        return;
    mark->flags |= DW_FACTF_PINNED;
    ev->pin_changed = true;
    if (!dw_eval_is_young(ev, fact))
        ev->pin_left--;
}

void dw_eval_pin_span(dw_eval *ev, const dw_span *span)
{
    if (!ev->pin)
        return;
    for (uint32_t i = 0; i < span->fact_count; i++)
        dw_eval_pin_fact(ev, span->facts[i]);
    dw_eval_pin_fact(ev, span->opened_by);
    dw_eval_pin_fact(ev, span->closed_by); /* a closing of the case, or whatever took its place */
}

/* Does the fact name a span through this field, and is it this one? */
static bool names_span(const dw_field_ref *link, const dw_fact *fact, const dw_span *span, bool *named)
{
    const dw_value *value = dw_fact_says(fact, link);
    if (value == NULL)
        return false;
    *named = true;
    if (value->kind == DW_VAL_STR)
        return dw_span_has_id(span, value->s);
    for (uint32_t i = 0; i < value->n; i++)
        if (dw_span_has_id(span, value->list[i]))
            return true;
    return false;
}

bool dw_eval_counts(const dw_clause *clause, const dw_fact *fact, const dw_span *span)
{
    if (fact->day < clause->from_day || (clause->until_day != 0 && fact->day > clause->until_day))
        return false;
    if (clause->link != NULL && span != NULL) {
        bool named = false;
        bool mine = names_span(clause->link, fact, span, &named) || names_span(clause->link_more, fact, span, &named);
        if (named ? !mine : clause->link_required)
            return false;
    }
    return dw_pred_fact(clause->where, fact);
}

bool dw_clause_links(const dw_clause *clause, const dw_span *begun, const dw_span *span)
{
    bool named = false, mine = false;
    for (uint32_t i = 0; i < begun->fact_count && span != NULL; i++)
        mine = names_span(clause->link, begun->facts[i], span, &named) ||
               names_span(clause->link_more, begun->facts[i], span, &named) || mine;
    return clause->link == NULL || span == NULL || (named ? mine : !clause->link_required);
}

/* Is it such a span, and of this one? Of those that a clause asks to have begun. */
static bool is_begun(const dw_eval *ev, const dw_clause *clause, const dw_span *other, const dw_span *span)
{
    return dw_clause_links(clause, other, span) &&
           dw_pred_span(clause->begins.where, other, dw_span_last_day(ev->chron, other));
}

#define UNBORN_DAYS 366 /* what names a span that is not known yet is kept so long: a plan is not made a year before */

static void pin_begun(dw_eval *ev, const dw_clause *clause)
{
    const dw_span *spans = ev->chron->spans[clause->begins.family];
    for (uint32_t i = 0; i < ev->chron->span_count[clause->begins.family]; i++) {
        if (!is_begun(ev, clause, &spans[i], NULL) ||
            (clause->link != NULL && spans[i].start_day < ev->chron->today - UNBORN_DAYS))
            continue;
        dw_eval_pin_span(ev, &spans[i]);
        if (clause->link == NULL)
            break;
    }
}

static void pin_facts(dw_eval *ev, const dw_clause *clause)
{
    for (uint32_t i = ev->chron->type_start[clause->type]; i < ev->chron->type_start[clause->type + 1]; i++) {
        const dw_fact *fact = ev->chron->by_type[i];
        if (!dw_eval_counts(clause, fact, NULL) || (clause->link != NULL && fact->day < ev->chron->today - UNBORN_DAYS))
            continue;
        dw_eval_pin_fact(ev, fact);
        if (clause->link == NULL) /* the first answers whatever begins later */
            break;
    }
}

/* Evidence of any time may come before the span that it belongs to. */
void dw_eval_pin_any_time(dw_eval *ev, const dw_rule *rule)
{
    for (uint32_t k = 0; k < rule->evidence_count && ev->pin; k++) {
        const dw_clause *clause = &rule->evidence[k];
        if (clause->any_time && clause->has_begins)
            pin_begun(ev, clause);
        else if (clause->any_time)
            pin_facts(ev, clause);
    }
}

/* A rule that waits for a birthday does not count what happened before it. */
static bool counts(const dw_eval *ev, const dw_clause *clause, const dw_fact *fact, const dw_span *span)
{
    if (clause->waits_for_age && ev->chron->birth_day != DW_DAY_NONE &&
        fact->day < dw_birthday(ev->chron->birth_day, clause->age))
        return false;
    return dw_eval_counts(clause, fact, span);
}

bool dw_fact_in_time(const dw_fact *fact, const dw_due *due)
{
    if (due->kind == DW_DUE_DATE)
        return fact->day <= due->on;
    if ((fact->flags & DW_FACTF_APPROXIMATE) != 0)
        return fact->day <= dw_london_day(due->at_us);
    return fact->at_us <= due->at_us;
}

static bool within(const dw_clause *clause, const dw_reach *reach, const dw_fact *fact)
{
    if (fact->day > reach->to_day)
        return false;
    if (clause->any_time)
        return true;
    if (fact->day < reach->from_day)
        return false;
    return reach->from_us == DW_AT_NONE || (fact->flags & DW_FACTF_APPROXIMATE) != 0 || fact->at_us >= reach->from_us;
}

static bool tells_start(const dw_span *span)
{
    return span->opened_by->day == span->start_day && span->opened_by->at_us == span->start_us;
}

dw_fact dw_fact_of_start(const dw_span *span)
{
    dw_fact fact = *span->opened_by;
    if (tells_start(span))
        return fact;
    fact.day = span->start_day;
    fact.at_us = span->start_us;
    fact.flags |= DW_FACTF_APPROXIMATE | DW_FACTF_PINNED; /* not the record's: its own are marked with the span */
    return fact;
}

static const dw_fact *as_of_start(dw_eval *ev, const dw_span *span)
{
    if (tells_start(span))
        return span->opened_by;
    dw_fact *copy = dw_arena_alloc(ev->arena, sizeof *copy);
    if (copy == NULL)
        ev->nomem = true;
    else
        *copy = dw_fact_of_start(span);
    return copy;
}

/* The first such span that begins within reach, and before `best`, as a fact; else `best`. */
static const dw_fact *first_beginning(dw_eval *ev, const dw_clause *clause, const dw_span *span, const dw_reach *reach,
                                      const dw_due *due, const dw_fact *best)
{
    const dw_span *spans = ev->chron->spans[clause->begins.family];
    for (uint32_t i = 0; i < ev->chron->span_count[clause->begins.family]; i++) {
        if (spans[i].start_day > reach->to_day)
            break;
        if ((spans[i].start_day < reach->from_day && !clause->any_time) || !is_begun(ev, clause, &spans[i], span))
            continue;
        const dw_fact *fact = as_of_start(ev, &spans[i]);
        if (fact == NULL || !within(clause, reach, fact) || !counts(ev, clause, fact, NULL) ||
            (clause->within_limit && due != NULL && !dw_fact_in_time(fact, due)))
            continue;
        dw_eval_pin_span(ev, &spans[i]);
        return best != NULL && !dw_fact_before(fact, best) ? best : fact;
    }
    return best;
}

const dw_fact *dw_eval_first(dw_eval *ev, const dw_clause *clauses, uint32_t count, const dw_span *span,
                             const dw_reach *reach, const dw_due *due)
{
    const dw_fact *best = NULL;
    for (uint32_t k = 0; k < count; k++) {
        const dw_clause *clause = &clauses[k];
        for (uint32_t i = ev->chron->type_start[clause->type]; i < ev->chron->type_start[clause->type + 1]; i++) {
            const dw_fact *fact = ev->chron->by_type[i];
            if (fact->day > reach->to_day || (best != NULL && !dw_fact_before(fact, best)))
                break;
            if (!within(clause, reach, fact) || !counts(ev, clause, fact, span))
                continue;
            if (clause->within_limit && due != NULL && !dw_fact_in_time(fact, due))
                continue;
            best = fact;
            break;
        }
    }
    dw_eval_pin_fact(ev, best);
    for (uint32_t k = 0; k < count; k++)
        if (clauses[k].has_begins)
            best = first_beginning(ev, &clauses[k], span, reach, due, best);
    return best;
}

/* The last in reach before day `before`. */
static const dw_fact *last_before(const dw_eval *ev, const dw_clause *clauses, uint32_t count, const dw_span *span,
                                  const dw_reach *reach, int32_t before)
{
    const dw_fact *best = NULL;
    for (uint32_t k = 0; k < count; k++) {
        const dw_clause *clause = &clauses[k];
        for (uint32_t i = ev->chron->type_start[clause->type + 1]; i > ev->chron->type_start[clause->type]; i--) {
            const dw_fact *fact = ev->chron->by_type[i - 1];
            if (fact->day < reach->from_day || (best != NULL && dw_fact_before(fact, best)))
                break;
            if (fact->day >= before || !within(clause, reach, fact) || !counts(ev, clause, fact, span))
                continue;
            best = fact;
            break;
        }
    }
    return best;
}

const dw_fact *dw_eval_last(dw_eval *ev, const dw_clause *clauses, uint32_t count, const dw_span *span,
                            const dw_reach *reach)
{
    const dw_fact *best = last_before(ev, clauses, count, span, reach, DW_DAY_OPEN);
    if (ev->pin) {
        dw_eval_pin_fact(ev, best);
        dw_eval_pin_fact(ev, last_before(ev, clauses, count, span, reach, ev->pin_before));
    }
    return best;
}

static bool is_evidence(const dw_eval *ev, const dw_rule *rule, const dw_fact *fact, const dw_span *span)
{
    for (uint32_t k = 0; k < rule->evidence_count; k++)
        if (rule->evidence[k].type == fact->type && counts(ev, &rule->evidence[k], fact, span))
            return true;
    return false;
}

static bool at_once(const dw_fact *a, const dw_fact *b)
{
    return a->day == b->day && a->at_us == b->at_us;
}

int32_t dw_eval_named_day(const dw_eval *ev, const dw_rule *rule, const dw_span *span, const dw_when *from)
{
    const dw_fact *fact = from->fact;
    uint16_t id = rule->due_override->by_type[fact->type];
    int32_t day = DW_DAY_OPEN;
    for (uint32_t i = ev->chron->type_start[fact->type + 1]; id != 0 && i > ev->chron->type_start[fact->type]; i--) {
        const dw_fact *other = ev->chron->by_type[i - 1];
        if (other->day < fact->day)
            break;
        const dw_value *value = at_once(other, fact) ? dw_fact_get(other, id) : NULL;
        if (value != NULL && value->i >= from->day && value->i < day &&
            (other == fact || is_evidence(ev, rule, other, span)))
            day = (int32_t)value->i;
    }
    return day;
}

/* Facts of the type that stand beside a pinned one. */
static void pin_type_ties(dw_eval *ev, size_t type)
{
    const dw_fact *const *facts = ev->chron->by_type;
    for (uint32_t i = ev->chron->type_start[type]; i + 1 < ev->chron->type_start[type + 1]; i++) {
        if (!at_once(facts[i], facts[i + 1]))
            continue;
        if ((facts[i]->flags & DW_FACTF_PINNED) != 0)
            dw_eval_pin_fact(ev, facts[i + 1]);
        else if ((facts[i + 1]->flags & DW_FACTF_PINNED) != 0)
            dw_eval_pin_fact(ev, facts[i]);
    }
}

void dw_eval_pin_ties(dw_eval *ev)
{
    for (size_t r = 0; r < dw_policy_rule_count(ev->policy); r++) {
        const dw_field_ref *field = dw_policy_rule(ev->policy, r)->due_override;
        for (size_t type = 0; field != NULL && type < DW_EV_MAX; type++)
            if (field->by_type[type] != 0)
                pin_type_ties(ev, type);
    }
}

uint32_t dw_eval_all(dw_eval *ev, const dw_clause *clauses, uint32_t count, const dw_span *span, const dw_reach *reach,
                     const dw_fact ***out)
{
    uint32_t cap = 0, n = 0;
    for (uint32_t k = 0; k < count; k++)
        cap += ev->chron->type_start[clauses[k].type + 1] - ev->chron->type_start[clauses[k].type];
    const dw_fact **list = dw_arena_alloc(ev->arena, (cap != 0 ? cap : 1) * sizeof *list);
    *out = list;
    if (list == NULL) {
        ev->nomem = true;
        return 0;
    }
    for (uint32_t k = 0; k < count; k++) {
        const dw_clause *clause = &clauses[k];
        for (uint32_t i = ev->chron->type_start[clause->type]; i < ev->chron->type_start[clause->type + 1]; i++) {
            const dw_fact *fact = ev->chron->by_type[i];
            if (!within(clause, reach, fact) || !counts(ev, clause, fact, span))
                continue;
            uint32_t at = n;
            while (at > 0 && dw_fact_before(fact, list[at - 1]))
                at--;
            if (at > 0 && list[at - 1] == fact)
                continue; /* two clauses count the same fact */
            memmove(&list[at + 1], &list[at], (n - at) * sizeof *list);
            list[at] = fact;
            n++;
        }
    }
    return n;
}

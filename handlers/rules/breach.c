/* breach.c: a duty that follows each missed duty of other rules: an oversight note that explains it (readings 25, 35).
 *
 * Nothing is kept of a missed duty: all of them are found again from the facts. Of a recurring one that is every interval
 * between two pieces of evidence, so it matters what folding takes away between them. Facts of the horizon's day and later
 * are all there, and so is the last evidence before them. Of what lies further back, an interval is looked at only when the
 * fact that ended it carries DW_FACTF_MISSED: then the one before it stayed, too, because nothing had explained it yet. */

#include "handlers/derive.h"
#include "handlers/reconcile.h"
#include "handlers/record.h"
#include "handlers/rules/rules.h"

/* A duty of another rule, or one interval of it. */
typedef struct stretch {
    const dw_rule *rule;
    const dw_span *span;
    dw_str subject_kind, subject_id;
    const dw_fact *from, *until; /* what began it, and what met it; NULL = none */
    int64_t late_us;             /* first instant at which it was overdue */
    int64_t over_us;             /* of a recurring duty: when its span, or a rest, ended it unmet; DW_AT_NEVER */
    bool chained;                /* of a recurring duty */
    bool missed;
} stretch;

struct dw_breaches {
    stretch *items;
    uint32_t count, cap;
    bool unmissed_too; /* before folding */
};

static void add(dw_eval *ev, dw_breaches *list, const stretch *one)
{
    if (!one->missed && !list->unmissed_too)
        return;
    stretch *items = dw_arena_room(ev->arena, list->items, list->count, &list->cap, 8, sizeof *items);
    if (items == NULL) {
        ev->nomem = true;
        return;
    }
    list->items = items;
    list->items[list->count++] = *one;
}

void dw_breach_take(dw_eval *ev, const dw_obligation *ob)
{
    bool missed = dw_ob_is_missed(ob->state);
    stretch one = {.rule = ob->rule, .span = ob->span, .from = ob->anchor, .until = ob->met_by, .missed = missed};
    one.over_us = DW_AT_NEVER;
    one.subject_kind = ob->subject_kind;
    one.subject_id = ob->subject_id;
    one.late_us = ob->late_from_us;
    /* By a note on an overdue day. (What met it may lie before, as the visit does of which only the writing up was late.) */
    bool explained = ob->state == DW_OB_MET_LATE && dw_london_day(ob->late_from_us) <= ev->settled_to;
    if (missed && !explained)
        add(ev, ev->breaches, &one);
}

/* One interval of a recurring duty (intervals.c). */
static void take_interval(dw_eval *ev, void *user, const dw_interval *it)
{
    stretch one = {.rule = it->rule, .span = it->span, .from = it->from.fact, .until = it->until, .chained = true};
    dw_obligation subject = dw_ob_make(it->rule, it->span);
    (void)user;
    one.subject_kind = subject.subject_kind;
    one.subject_id = subject.subject_id;
    one.late_us = it->late_us;
    one.over_us = it->part_until_us;
    one.missed = it->missed && dw_rule_in_force(it->rule, it->due.from_day);
    add(ev, ev->breaches, &one);
}

static bool any_changed(const dw_eval *ev, const uint64_t *types)
{
    uint64_t both = 0;
    for (size_t w = 0; w < DW_EV_WORDS; w++)
        both |= types[w] & ev->rec->changed[w];
    return both != 0;
}

/* May anything else have come than one more note? Of a source with nothing unexplained there is nothing for it to explain. */
static bool more_than_a_note(const dw_eval *ev, const dw_rule *rule)
{
    bool new = dw_record_has_one_new(ev->rec); /* not a correction of one */
    return any_changed(ev, new ? rule->term_types : rule->own_types);
}

/* The sources that need be looked at. Not one that had nothing unexplained and was not asked now: nothing has changed its
 * answer; and of those without spans there is nothing to find. */
static dw_rule_set sources_to_look_at(dw_eval *ev, const dw_rule *rule, bool anew)
{
    dw_rule_set set = rule->breach_sources;
    if (ev->pin)
        return set; /* marks also what spans to come may rest on */
    for (size_t w = 0; w < DW_RULE_WORDS; w++) {
        if (!anew)
            set.word[w] &= ev->asking->rules.word[w] | ev->rec->missed.word[w];
        if (ev->rec != NULL)
            ev->rec->missed.word[w] &= ~set.word[w] | ev->with_spans.word[w];
        set.word[w] &= ev->with_spans.word[w];
    }
    return set;
}

/* From which day on may a recurring duty that had nothing unexplained have been missed since? An interval rests on the terms of
 * its rule, on the evidence at its two ends and on how much came before: with one more piece of evidence those that ended
 * before it are as they were. DW_DAY_NONE: from the beginning. */
static int32_t changed_from(const dw_eval *ev, const dw_rule *source)
{
    const dw_record *rec = ev->rec;
    if (ev->asking->all || dw_rule_set_has(&rec->missed, source->index) || any_changed(ev, source->term_types))
        return DW_DAY_NONE;
    int32_t since = dw_london_day(ev->asking->since_us);
    if (!any_changed(ev, source->own_types))
        return since;
    return rec->fresh_day < since ? rec->fresh_day : since;
}

/* Is the new piece of evidence the last there is? */
static bool is_last_evidence(const dw_eval *ev, const dw_rule *source)
{
    bool last = ev->rec->fresh_day != DW_DAY_NONE;
    for (uint32_t k = 0; k < source->evidence_count && last; k++) {
        uint32_t end = ev->chron->type_start[source->evidence[k].type + 1];
        const dw_fact *fact =
            end > ev->chron->type_start[source->evidence[k].type] ? ev->chron->by_type[end - 1] : NULL;
        last = !source->evidence[k].has_begins &&
               (fact == NULL || fact->key == ev->rec->fresh_key || fact->day < ev->rec->fresh_day);
    }
    return last;
}

/* Does the new piece of evidence come after all spans of the family that are over? */
static bool is_after_what_is_over(const dw_eval *ev, dw_span_family family)
{
    bool after = true;
    for (uint32_t i = 0; i < ev->chron->span_count[family] && after; i++) {
        const dw_span *span = &ev->chron->spans[family][i];
        after = span->end_us > ev->chron->clock_us || span->end_day < ev->rec->fresh_day;
    }
    return after;
}

/* Of a duty with nothing unexplained, the last evidence of which has come before it could be late: what its rule, asked because
 * of it, has said just now tells whether there is anything else. */
static bool is_answered_in_time(const dw_eval *ev, const dw_rule *rule, const dw_rule *source)
{
    return source->index < rule->index && !source->over.each && !dw_rule_set_has(&ev->asking->due, source->index) &&
           !dw_rule_set_has(&ev->late, source->index) && is_last_evidence(ev, source) &&
           is_after_what_is_over(ev, source->over.family);
}

/* Does the rule speak for the whole of the span, which runs? A part of it that is over would be another duty: those begin
 * and end with spans of `outside`, and on days of facts after its start (phases.c). */
static bool is_one_running_part(const dw_eval *ev, const dw_rule *source, const dw_span *span)
{
    bool whole = !source->phases || (source->outside_count == 0 && ev->chron->facts[0]->day <= span->start_day);
    return whole && span->end_us > ev->chron->clock_us;
}

/* Of a child of whom one fact is known, which met nothing, there is no more than what runs now: its rule, asked just now, has
 * said whether that is late. */
static bool is_all_said(const dw_eval *ev, const dw_rule *rule, const dw_rule *source)
{
    if (ev->rec == NULL || ev->asking->all || ev->chron->fact_count != 1 || source->index >= rule->index ||
        source->over.each || !dw_rule_set_has(&ev->asking->rules, source->index) ||
        dw_rule_set_has(&ev->late, source->index) || dw_rule_may_count(source, ev->chron->facts[0]))
        return false;
    bool said = true;
    for (uint32_t i = 0; i < ev->chron->span_count[source->over.family]; i++)
        said &= is_one_running_part(ev, source, &ev->chron->spans[source->over.family][i]);
    return said;
}

/* Of a recurring duty with nothing unexplained, where only time has passed: is it late by what it asks now? */
static bool is_late_now(dw_eval *ev, const dw_rule *source)
{
    uint32_t before = ev->breaches->count;
    dw_rule_recurring(ev, source);
    bool late = ev->breaches->count != before;
    ev->breaches->count = before;
    return late;
}

/* Of a duty that had nothing unexplained: is that so still? Then what lies back need not be worked out again. */
static bool goes_on_well(dw_eval *ev, const dw_rule *rule, const dw_rule *source)
{
    if (ev->look_from == DW_DAY_NONE || source->after_rest_count != 0)
        return false;
    if (any_changed(ev, source->own_types))
        return is_answered_in_time(ev, rule, source);
    return source->kind == DW_RULE_RECURRING && !is_late_now(ev, source);
}

static void remember(dw_eval *ev, const dw_rule *source, bool missed)
{
    if (ev->rec == NULL)
        return;
    if (missed)
        dw_rule_set_add(&ev->rec->missed, source->index);
    else
        dw_rule_set_remove(&ev->rec->missed, source->index);
}

/* These fields are texts: config/ accepts no others. */
static dw_str text_of(const dw_fact *fact, const dw_field_ref *ref)
{
    const dw_value *value = dw_fact_says(fact, ref);
    return value != NULL ? value->s : (dw_str){0};
}

static bool names_none(const dw_clause *clause, const dw_fact *fact)
{
    return text_of(fact, clause->breach_alert).len == 0 && text_of(fact, clause->breach_rule).len == 0;
}

/* The day of the last note that answers whatever was missed until then; DW_DAY_NONE when there is none. */
static int32_t last_general_answer(const dw_eval *ev, const dw_rule *rule)
{
    int32_t day = DW_DAY_NONE;
    for (uint32_t k = 0; k < rule->evidence_count; k++) {
        const dw_clause *clause = &rule->evidence[k];
        for (uint32_t i = ev->chron->type_start[clause->type + 1]; i > ev->chron->type_start[clause->type]; i--) {
            const dw_fact *fact = ev->chron->by_type[i - 1];
            if (day != DW_DAY_NONE && fact->day <= day)
                break;
            if (dw_eval_counts(clause, fact, NULL) && names_none(clause, fact)) {
                day = fact->day;
                break;
            }
        }
    }
    return day;
}

static void find_breaches_of(dw_eval *ev, const dw_rule *rule, const dw_rule *source)
{
    if (goes_on_well(ev, rule, source))
        return;
    if (source->kind == DW_RULE_RECURRING)
        dw_eval_intervals(ev, source, take_interval, NULL);
    else if (source->kind == DW_RULE_DEADLINE)
        dw_rule_deadline(ev, source);
    else
        dw_rule_duration(ev, source);
}

/* As things are, also before folding: what might yet become a breach by a later fact is found from what stays for its own
 * rule. The instants of the sources are theirs: they are asked then, and this rule with them. */
static dw_breaches find_breaches(dw_eval *ev, const dw_rule *rule)
{
    dw_breaches list = {.unmissed_too = ev->pin};
    dw_eval within = *ev;
    bool anew = ev->rec == NULL || more_than_a_note(ev, rule); /* not only what is new */
    within.settled_to = ev->skip_over ? last_general_answer(ev, rule) : DW_DAY_NONE;
    within.pin = within.skip_over = false;
    within.breaches = &list;
    dw_rule_set look = sources_to_look_at(ev, rule, anew);
    for (size_t w = 0; w < DW_RULE_WORDS; w++)
        for (uint64_t left = look.word[w]; left != 0; left &= left - 1) {
            const dw_rule *source = dw_policy_rule(ev->policy, w * 64 + (size_t)__builtin_ctzll(left));
            uint32_t before = list.count;
            within.look_from = anew ? DW_DAY_NONE : changed_from(ev, source);
            if (ev->pin ? ev->chron->span_count[source->over.family] != 0 : !is_all_said(ev, rule, source))
                find_breaches_of(&within, rule, source);
            remember(ev, source, list.count != before);
        }
    ev->nomem = within.nomem;
    return list;
}

/* --- what answers it */

static bool names_alert(const dw_eval *ev, dw_str id, const dw_rule *rule, const stretch *one)
{
    char text[DW_UUID_TEXT_LEN + 1];
    dw_alert_id(ev->chron->la_code, ev->chron->child_ref, rule->id, one->subject_kind, one->subject_id, text);
    return dw_str_eq(id, dw_str_from(text));
}

/* Does the note speak of this breach? By its alert (that of the missed duty, or of this one), by its rule, or by naming none. */
static bool speaks_of(const dw_eval *ev, const dw_rule *rule, const dw_clause *clause, const dw_fact *fact,
                      const stretch *one)
{
    if (names_none(clause, fact))
        return true;
    dw_str alert = text_of(fact, clause->breach_alert);
    if (dw_str_eq(text_of(fact, clause->breach_rule), one->rule->id))
        return true;
    return alert.len != 0 && (names_alert(ev, alert, one->rule, one) || names_alert(ev, alert, rule, one));
}

static const dw_fact *first_answer(const dw_eval *ev, const dw_rule *rule, const stretch *one, int32_t from_day)
{
    const dw_fact *best = NULL;
    for (uint32_t k = 0; k < rule->evidence_count; k++) {
        const dw_clause *clause = &rule->evidence[k];
        for (uint32_t i = ev->chron->type_start[clause->type]; i < ev->chron->type_start[clause->type + 1]; i++) {
            const dw_fact *fact = ev->chron->by_type[i];
            if (best != NULL && !dw_fact_before(fact, best))
                break;
            if (fact->day < from_day || !dw_eval_counts(clause, fact, NULL) || !speaks_of(ev, rule, clause, fact, one))
                continue;
            best = fact;
            break;
        }
    }
    return best;
}

/* The explanation of one breach: it runs from its first overdue day until a note, else until the case is closed or the child
 * is dead. */
typedef struct explanation {
    dw_span owed;
    const dw_fact *answer;
} explanation;

static explanation explain(dw_eval *ev, const dw_rule *rule, const stretch *one)
{
    explanation found = {.answer = NULL};
    dw_span *owed = &found.owed;
    *owed = (dw_span){.family = DW_SPAN_CHILD, .start_day = dw_london_day(one->late_us), .start_us = one->late_us};
    owed->end_day = DW_DAY_OPEN;
    owed->end_us = DW_AT_NEVER;
    dw_eval_end_by_case(ev, owed);
    found.answer = first_answer(ev, rule, one, owed->start_day);
    if (found.answer != NULL && found.answer->day > owed->end_day)
        found.answer = NULL;
    return found;
}

/* --- before folding */

static void mark_missed(dw_eval *ev, const dw_fact *fact)
{
    dw_fact *mark = (dw_fact *)(uintptr_t)fact; /* dw_evaluate_pin owns the record: as dw_eval_pin_fact() */
    if (mark == NULL || (mark->flags & DW_FACTF_MISSED_NOW) != 0)
        return;
    mark->flags |= DW_FACTF_MISSED_NOW;
    ev->missed_more = true;
}

static void pin_stretch(dw_eval *ev, const stretch *one)
{
    dw_eval_pin_fact(ev, one->from);
    dw_eval_pin_fact(ev, one->until);
    if (one->span == NULL)
        return;
    dw_eval_pin_span(ev, one->span);
    int64_t from_us = one->from != NULL ? one->from->at_us : one->span->start_us;
    dw_eval_pin_rests(ev, one->rule, one->span, from_us, one->until != NULL ? one->until->at_us : one->over_us);
}

static void pin_breach(dw_eval *ev, const dw_rule *rule, const stretch *one)
{
    if (one->until != NULL && (one->until->flags & DW_FACTF_MISSED_NOW) != 0)
        pin_stretch(ev, one); /* whatever another rule makes of the same fact, what came before it has to be there */
    if (!one->missed) {
        if (one->until == NULL && dw_eval_rest_stays(ev, one->rule, one->over_us))
            pin_stretch(
                ev, one); /* nothing but the rest says that it is over: it must not seem to begin with an older visit */
        return;
    }
    explanation told = explain(ev, rule, one);
    bool closed = told.owed.end_us <= ev->chron->clock_us;
    if (told.answer == NULL && !closed) {
        pin_stretch(ev, one);
        if (one->chained)
            mark_missed(ev, one->until);
        return;
    }
    bool looked_for = one->chained && one->until != NULL ? one->until->day >= ev->pin_before
                                                         : one->span == NULL || dw_eval_span_stays(ev, one->span);
    if (looked_for) {
        dw_eval_pin_fact(ev, told.answer);
        dw_eval_pin_fact(ev, told.owed.closed_by);
    }
}

/* A plan that begins later may count from a conference of long ago, and be overdue at once, since a day before the horizon. It
 * is explained when any note from that day on speaks of it: the last one shows whether there is one, as the last closing
 * shows whether there was. (A note cannot name the alert of what has not begun.) */
static void pin_last_note(dw_eval *ev, const dw_rule *rule, const dw_clause *clause, const dw_rule *source)
{
    const stretch unborn = {.rule = source, .subject_kind = DW_STR_LIT(""), .subject_id = DW_STR_LIT("")};
    for (uint32_t i = ev->chron->type_start[clause->type + 1]; i > ev->chron->type_start[clause->type]; i--) {
        const dw_fact *fact = ev->chron->by_type[i - 1];
        if (fact->day >= ev->pin_before || !dw_eval_counts(clause, fact, NULL) ||
            !speaks_of(ev, rule, clause, fact, &unborn))
            continue;
        dw_eval_pin_fact(ev, fact);
        return;
    }
}

static void pin_unborn(dw_eval *ev, const dw_rule *rule)
{
    for (uint32_t i = 0; i < rule->breach_count; i++)
        for (uint32_t k = 0; k < rule->evidence_count; k++)
            pin_last_note(ev, rule, &rule->evidence[k], dw_policy_rule(ev->policy, rule->breach_rules[i]));
    uint32_t n;
    const dw_fact *const *closed = dw_chronology_of_type(ev->chron, DW_EV_CASE_CLOSED, &n);
    while (n > 0 && closed[n - 1]->day >= ev->pin_before)
        n--;
    if (n > 0)
        dw_eval_pin_fact(ev, closed[n - 1]);
}

/* --- */

static void owe(dw_eval *ev, const dw_rule *rule, const stretch *one)
{
    dw_obligation ob = dw_ob_make(rule, NULL);
    explanation told = explain(ev, rule, one);
    dw_when anchor = {told.owed.start_day, one->late_us, true, one->from};
    dw_due due;
    ob.subject_kind = one->subject_kind;
    ob.subject_id = one->subject_id;
    if (!dw_eval_due(ev, rule, &ev->chron->spans[DW_SPAN_CHILD][0], &anchor, &due))
        return;
    dw_ob_set_due(&ob, &anchor, &due);
    dw_ob_cause(&ob, one->until);
    if (told.answer != NULL)
        dw_ob_meet(&ob, told.answer, dw_fact_in_time(told.answer, &due));
    else if (told.owed.end_us <= ev->chron->clock_us)
        dw_ob_end(&ob, &told.owed);
    else
        dw_ob_run(ev, &ob);
    dw_eval_add(ev, &ob);
}

void dw_rule_breach(dw_eval *ev, const dw_rule *rule)
{
    int64_t cut_us = dw_policy_cut_over_us(ev->policy);
    dw_breaches list = find_breaches(ev, rule);
    if (ev->pin)
        pin_unborn(ev, rule);
    for (uint32_t i = 0; i < list.count && !ev->nomem; i++) {
        const stretch *one = &list.items[i];
        if (one->missed && cut_us != DW_AT_NONE && one->late_us < cut_us)
            continue; /* history of a first load */
        if (ev->pin)
            pin_breach(ev, rule, one);
        else
            owe(ev, rule, one);
    }
}

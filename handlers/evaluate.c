/* evaluate.c: runs every rule over one chronology, and marks what must not be folded away. */

#include "handlers/evaluate.h"

#include "handlers/derive.h"
#include "handlers/record.h"
#include "handlers/rules/rules.h"

#include <assert.h>

const char *dw_ob_state_name(dw_ob_state state)
{
    static const char *const names[DW_OB_STATES] = {
#define X(e, n) [e] = n,
        DW_OB_LIST(X)
#undef X
    };
    return (unsigned)state < DW_OB_STATES ? names[state] : "?";
}

/* --- making obligations */

void dw_ob_set_due(dw_obligation *ob, const dw_when *from, const dw_due *due)
{
    ob->anchor_day = due->from_day;
    ob->anchor_us = due->from_us;
    ob->anchor = from->fact;
    ob->due_kind = due->kind;
    ob->due_on = due->on;
    ob->due_at_us = due->at_us;
    ob->late_from_us = due->late_from_us;
    ob->warn_from_us = due->warn_from_us;
    ob->approximate = due->approximate;
    ob->limit_index = due->limit;
    ob->agreed = due->agreed;
    ob->gaps |= due->gaps;
    dw_ob_cause(ob, from->fact);
}

void dw_ob_cause(dw_obligation *ob, const dw_fact *fact)
{
    if (fact == NULL)
        return;
    for (uint32_t i = 0; i < ob->cause_count; i++)
        if (ob->causes[i] == fact)
            return;
    ob->causes_total++;
    if (ob->cause_count == DW_CAUSES_MAX) { /* the newest are the ones that matter */
        memmove(&ob->causes[0], &ob->causes[1], (DW_CAUSES_MAX - 1) * sizeof ob->causes[0]);
        ob->cause_count--;
    }
    ob->causes[ob->cause_count++] = fact;
}

void dw_ob_meet(dw_obligation *ob, const dw_fact *fact, bool in_time)
{
    ob->met_by = fact;
    if (!in_time)
        ob->state = DW_OB_MET_LATE;
    else if (fact != NULL && fact->first_recorded_us != 0 && fact->first_recorded_us >= ob->late_from_us)
        ob->state = DW_OB_MET_LATE_RECORDED;
    else
        ob->state = DW_OB_MET;
}

void dw_ob_end(dw_obligation *ob, const dw_span *span)
{
    bool late = ob->due_kind == DW_DUE_INSTANT ? span->end_us > ob->due_at_us : span->end_day > ob->due_on;
    ob->state = late ? DW_OB_SUPERSEDED_OVERDUE : DW_OB_CANCELLED;
}

/* Overdue for longer than it may be at all: each such limit that has passed makes it one occurrence more. */
static void worsen(dw_eval *ev, dw_obligation *ob)
{
    for (uint32_t i = 0; i < ob->rule->worsens_count; i++) {
        int64_t us = dw_london_start_us(dw_day_add_months(ob->anchor_day, ob->rule->worsens_months[i]) + 1);
        if (us <= ev->chron->clock_us)
            ob->count++;
        dw_eval_wake(ev, us);
    }
}

void dw_ob_run(dw_eval *ev, dw_obligation *ob)
{
    int64_t now_us = ev->chron->clock_us;
    bool warned = ob->warn_from_us != 0 && ob->warn_from_us <= now_us;
    ob->state = ob->late_from_us <= now_us ? DW_OB_OVERDUE : warned ? DW_OB_WARNED : DW_OB_SCHEDULED;
    if (ob->state == DW_OB_OVERDUE)
        worsen(ev, ob);
    if (ob->warn_from_us != 0)
        dw_eval_wake(ev, ob->warn_from_us);
    dw_eval_wake(ev, ob->late_from_us);
}

void dw_eval_wake(dw_eval *ev, int64_t us)
{
    if (us > ev->chron->clock_us && us < ev->next_us)
        ev->next_us = us;
}

/* --- one obligation a subject */

static int standing(const dw_obligation *ob)
{
    switch (ob->state) {
    case DW_OB_OVERDUE:
        return ob->rule->raises == DW_RAISES_ALERT ? 2 : 1;
    case DW_OB_SCHEDULED:
    case DW_OB_WARNED:
    case DW_OB_RESTING:
        return 1;
    case DW_OB_MET:
    case DW_OB_MET_LATE:
    case DW_OB_MET_LATE_RECORDED:
    case DW_OB_CANCELLED:
    case DW_OB_SUPERSEDED_OVERDUE:
    case DW_OB_FADED:
    case DW_OB_FLAGGED:
    case DW_OB_STATES:
        break;
    }
    return 0;
}

/* Put `loser` and what it carries into the list behind `winner`, latest first. */
static void keep_beside(dw_eval *ev, dw_obligation *winner, const dw_obligation *loser)
{
    dw_obligation *copy = dw_arena_alloc(ev->arena, sizeof *copy);
    if (copy == NULL) {
        ev->nomem = true;
        return;
    }
    const dw_obligation *rest = winner->others != NULL ? winner->others : loser->others;
    assert(winner->others == NULL || loser->others == NULL); /* what is added comes alone */
    *copy = *loser;
    copy->others = rest;
    winner->others = copy;
}

/* Two duties of one subject under one rule, of two spans, parts or events: the oldest unmet one, else the running one, of
 * several clocks that which is due first, else the later. */
static void merge_into(dw_eval *ev, dw_obligation *have, const dw_obligation *add)
{
    int a = standing(have), b = standing(add);
    bool take = b > a || (b == a && add->anchor_us > have->anchor_us);
    if (a == 1 && b == 1) /* several clocks: the one that runs, and is due first */
        take = have->state == DW_OB_RESTING || (add->state != DW_OB_RESTING && add->late_from_us < have->late_from_us);
    if (a == 2 && b == 2)
        take = add->late_from_us < have->late_from_us;
    dw_obligation loser = take ? *have : *add;
    if (take)
        *have = *add;
    keep_beside(ev, have, &loser);
}

/* What the rule makes of a duty that was missed. */
static dw_ob_state raised(const dw_rule *rule, dw_ob_state state)
{
    switch (rule->raises) {
    case DW_RAISES_WARNING:
        return state == DW_OB_OVERDUE ? DW_OB_WARNED : state;
    case DW_RAISES_FLAG:
        return dw_ob_is_missed(state) ? DW_OB_FLAGGED : state;
    case DW_RAISES_ALERT:
    case DW_RAISES_NOTHING:
        break;
    }
    return state;
}

/* Is it a reason for an alert, or a flag? */
static bool opens(const dw_rule *rule, dw_ob_state state)
{
    return state == DW_OB_FLAGGED || (state == DW_OB_OVERDUE && rule->raises == DW_RAISES_ALERT);
}

void dw_eval_add(dw_eval *ev, const dw_obligation *one)
{
    if (ev->pin || !dw_rule_in_force(one->rule, one->anchor_day))
        return;
    if (ev->breaches != NULL) {
        dw_breach_take(ev, one);
        return;
    }
    if (dw_ob_is_missed(one->state))
        dw_rule_set_add(&ev->late, one->rule->index);
    dw_ob_state state = raised(one->rule, one->state);
    if (ev->rec != NULL && !dw_rule_set_has(&ev->alerting, one->rule->index) && !opens(one->rule, state))
        return; /* no alert follows from it, and none is there that it could end */
    dw_obligation made = *one;
    const dw_obligation *ob = &made;
    made.state = state;
    uint32_t at = ev->count;
    while (at > ev->rule_first) {
        const dw_obligation *other = &ev->items[at - 1];
        int order = dw_str_cmp(ob->subject_kind, other->subject_kind);
        if (order == 0)
            order = dw_str_cmp(ob->subject_id, other->subject_id);
        if (order == 0) {
            merge_into(ev, &ev->items[at - 1], ob);
            return;
        }
        if (order > 0)
            break;
        at--;
    }
    dw_obligation *items = dw_arena_room(ev->arena, ev->items, ev->count, &ev->cap, 4, sizeof *items);
    if (items == NULL) {
        ev->nomem = true;
        return;
    }
    ev->items = items;
    memmove(&ev->items[at + 1], &ev->items[at], (ev->count - at) * sizeof ev->items[0]);
    ev->items[at] = *ob;
    ev->count++;
}

/* --- running the rules */

/* The rules with a live alert, all their parts. */
static dw_rule_set rules_alerting(const dw_record *rec, const dw_policy *policy)
{
    dw_rule_set set = {{0}};
    for (uint32_t i = 0; i < rec->alert_count; i++) {
        const dw_alert *alert = &rec->alerts[i];
        if (!dw_alert_is_live(alert))
            continue;
        const dw_rule *rule = dw_policy_find_rule(policy, alert->rule_id);
        if (rule != NULL)
            dw_rule_set_add_rule(&set, rule);
    }
    return set;
}

static void run_rule(dw_eval *ev, const dw_rule *rule)
{
    if (ev->rule_asked == NULL || ev->rule_asked->index - ev->rule_asked->part != rule->index - rule->part)
        ev->rule_first = ev->count; /* duties of one subject under one rule meet, whichever part they are of */
    ev->rule_asked = rule;
    bool for_alerts = ev->rec != NULL;
    ev->skip_over = for_alerts && rule->raises != DW_RAISES_FLAG && !dw_rule_set_has(&ev->alerting, rule->index);
    ev->fresh_only = for_alerts && !ev->asking->all && rule->raises == DW_RAISES_FLAG && rule->by_fact_alone &&
                     ev->rec->fresh_count < 2;
    switch (rule->kind) {
    case DW_RULE_RECURRING:
        dw_rule_recurring(ev, rule);
        break;
    case DW_RULE_DEADLINE:
        dw_rule_deadline(ev, rule);
        break;
    case DW_RULE_COUNT:
        dw_rule_count(ev, rule);
        break;
    case DW_RULE_DURATION:
        dw_rule_duration(ev, rule);
        break;
    case DW_RULE_SILENCE:
        dw_rule_silence(ev, rule);
        break;
    case DW_RULE_STALL:
        dw_rule_stall(ev, rule);
        break;
    case DW_RULE_KINDS:
        break;
    }
}

void dw_eval_begin(dw_eval *ev, const dw_chronology *chron, const dw_policy *policy, dw_arena *arena)
{
    *ev = (dw_eval){.chron = chron, .policy = policy, .arena = arena, .next_us = DW_AT_NEVER};
    ev->cal = dw_policy_calendar(policy);
    ev->with_spans = dw_policy_with_spans(policy, chron);
    ev->settled_to = ev->look_from = DW_DAY_NONE;
}

static const dw_obligations *evaluate(const dw_chronology *chron, const dw_policy *policy, const dw_asking *asking,
                                      dw_record *rec, dw_arena *arena)
{
    dw_eval ev;
    dw_obligations *result = dw_arena_alloc(arena, sizeof *result);
    if (result == NULL)
        return NULL;
    dw_eval_begin(&ev, chron, policy, arena);
    if (rec != NULL) {
        ev.rec = rec;
        ev.asking = asking;
        ev.alerting = rules_alerting(rec, policy);
    }
    int64_t next_us = chron->next_us;
    for (size_t w = 0; w < DW_RULE_WORDS; w++) {
        for (uint64_t left = asking->rules.word[w]; left != 0; left &= left - 1) {
            size_t i = w * 64 + (size_t)__builtin_ctzll(left);
            if (!dw_rule_set_has(&ev.with_spans, i)) {
                if (rec != NULL)
                    rec->next_by_rule[i] = DW_AT_NEVER;
                continue;
            }
            ev.next_us = DW_AT_NEVER;
            run_rule(&ev, dw_policy_rule(policy, i));
            dw_eval_pause(&ev);
            if (rec != NULL)
                rec->next_by_rule[i] = ev.next_us;
            if (ev.next_us < next_us)
                next_us = ev.next_us;
        }
    }
    if (ev.nomem)
        return NULL;
    *result = (dw_obligations){ev.items, ev.count, next_us, asking->rules};
    return result;
}

const dw_obligations *dw_evaluate(const dw_chronology *chron, const dw_policy *policy, dw_arena *arena)
{
    dw_asking asking = {.rules = dw_policy_all_rules(policy), .all = true};
    return evaluate(chron, policy, &asking, NULL, arena);
}

const dw_obligations *dw_evaluate_some(const dw_chronology *chron, const dw_policy *policy, const dw_asking *asking,
                                       dw_record *rec, dw_arena *arena)
{
    assert(rec->next_count == dw_policy_rule_count(policy) + 1);
    return evaluate(chron, policy, asking, rec, arena);
}

const dw_obligations *dw_evaluate_rule(const dw_chronology *chron, const dw_policy *policy, const dw_rule *rule,
                                       dw_arena *arena)
{
    dw_eval ev;
    dw_obligations *result = dw_arena_alloc(arena, sizeof *result);
    if (result == NULL)
        return NULL;
    dw_eval_begin(&ev, chron, policy, arena);
    if (dw_rule_set_has(&ev.with_spans, rule->index))
        run_rule(&ev, rule);
    dw_eval_pause(&ev);
    *result = (dw_obligations){.items = ev.items, .count = ev.count, .next_us = ev.next_us};
    return ev.nomem ? NULL : result;
}

/* --- pinning */

bool dw_eval_is_young(const dw_eval *ev, const dw_fact *fact)
{
    return fact->day >= ev->chron->today - dw_policy_lookback_days(ev->policy, fact->type);
}

/* A span that stays, because it is open, has ended lately (a late record may move the end) or any of its facts stays, stays
 * whole: half of it would be another span. */
bool dw_eval_span_stays(const dw_eval *ev, const dw_span *span)
{
    if (span->end_day >= ev->pin_before)
        return true;
    for (uint32_t i = 0; i < span->fact_count; i++)
        if ((span->facts[i]->flags & DW_FACTF_PINNED) != 0 || dw_eval_is_young(ev, span->facts[i]))
            return true;
    return false;
}

static uint32_t pin_spans_once(dw_eval *ev)
{
    uint32_t staying = 0;
    for (int family = 0; family < DW_SPAN_FAMILIES; family++) {
        if (family == DW_SPAN_CHILD)
            continue; /* holds every fact */
        for (uint32_t i = 0; i < ev->chron->span_count[family]; i++) {
            const dw_span *span = &ev->chron->spans[family][i];
            if (!dw_eval_span_stays(ev, span))
                continue;
            dw_eval_pin_span(ev, span);
            staying++;
        }
    }
    return staying;
}

/* A span that stays may keep others by the facts they share, and so may what stands beside a fact that stays. Returns how
 * many spans stay. */
static uint32_t pin_spans(dw_eval *ev)
{
    uint32_t staying;
    do { /* each round marks a fact */
        ev->pin_changed = false;
        dw_eval_pin_ties(ev);
        staying = pin_spans_once(ev);
    } while (ev->pin_changed);
    return staying;
}

/* What the chronology itself reads off single facts: its first day, birth, the team, restriction, the last day. */
static void pin_singles(dw_eval *ev)
{
    const dw_fact *last = NULL, *restricted = NULL, *team = NULL;
    for (uint32_t i = 0; i < ev->chron->fact_count; i++) {
        const dw_fact *fact = ev->chron->facts[i];
        if (i == 0 || fact->type == DW_EV_CHILD_UPDATED)
            dw_eval_pin_fact(ev, fact);
        if (fact->day >= ev->pin_before)
            continue;
        last = fact;
        if ((fact->flags & DW_FACTF_RESTRICTED) != 0)
            restricted = fact;
        if (dw_fact_get(fact, DW_F_ENV_TEAM_ID) != NULL)
            team = fact;
    }
    dw_eval_pin_fact(ev, ev->chron->death);
    dw_eval_pin_fact(ev, last);
    dw_eval_pin_fact(ev, restricted);
    dw_eval_pin_fact(ev, team);
}

/* Is it an end, or a change, of a plan that comes soon and may be all there is of it, from a start long past (readings 44)? */
static bool is_told_soon(const dw_eval *ev, const dw_fact *fact)
{
    return dw_fact_counts(fact) && fact->at_us > ev->chron->clock_us &&
           fact->day <= ev->chron->today + DW_FOLD_DAYS_MIN && dw_plan_start_is_told(fact);
}

/* What rests on such a plan cannot be told from what does not before it counts: what the head has stays until then. */
static bool pin_until_told(dw_eval *ev, const dw_record *rec)
{
    bool waits = false;
    for (uint32_t i = 0; i < rec->fact_count && !waits; i++)
        waits = is_told_soon(ev, &rec->facts[i]);
    for (uint32_t i = 0; i < rec->fact_count && waits; i++)
        if ((rec->facts[i].flags & DW_FACTF_PAGED) == 0)
            dw_eval_pin_fact(ev, &rec->facts[i]);
    return waits;
}

/* What rules mark hangs on which spans stay and on what was missed: each round adds to one of them. False: too little is
 * left. */
static bool pin_by_rules(dw_eval *ev, uint32_t least)
{
    size_t rules = dw_policy_rule_count(ev->policy);
    uint32_t before, staying = pin_spans(ev);
    do {
        before = staying;
        ev->missed_more = false;
        for (size_t i = 0; i < rules && ev->pin_left >= least; i++)
            run_rule(ev, dw_policy_rule(ev->policy, i));
        staying = ev->pin_left >= least ? pin_spans(ev) : before;
    } while (ev->pin_left >= least && (staying != before || ev->missed_more) && !ev->nomem);
    return ev->pin_left >= least;
}

bool dw_evaluate_pin(dw_record *rec, const dw_chronology *chron, const dw_policy *policy, uint32_t least,
                     dw_arena *arena, uint32_t *settled)
{
    dw_eval ev;
    dw_eval_begin(&ev, chron, policy, arena);
    ev.pin = true;
    ev.pin_before = chron->today - DW_FOLD_DAYS_MIN;
    for (uint32_t i = 0; i < rec->fact_count; i++) {
        rec->facts[i].flags &= ~(DW_FACTF_PINNED | DW_FACTF_MISSED_NOW);
        ev.pin_left += !dw_eval_is_young(&ev, &rec->facts[i]);
    }
    pin_singles(&ev);
    dw_eval_pin_pauses(&ev);
    bool waits = pin_until_told(&ev, rec);
    bool whole = pin_by_rules(&ev, least) && !waits;
    for (uint32_t i = 0; i < rec->fact_count && !ev.nomem; i++) {
        dw_fact *fact = &rec->facts[i];
        uint32_t now = (fact->flags & DW_FACTF_MISSED_NOW) != 0 ? DW_FACTF_MISSED : 0;
        fact->flags &= ~DW_FACTF_MISSED_NOW;
        if (whole)
            fact->flags = (fact->flags & ~DW_FACTF_MISSED) | now;
    }
    if (!ev.nomem)
        *settled = ev.pin_left;
    return !ev.nomem;
}

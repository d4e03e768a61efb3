/* reconcile.c: alerts follow obligations: opens, revises, escalates, resolves, re-opens. */

#include "handlers/reconcile.h"

#include "handlers/ladder.h"
#include "handlers/outcome.h"

#include <assert.h>

typedef struct turn {
    dw_record *rec;
    const dw_chronology *chron;
    const dw_policy *policy;
    const dw_calendar *cal;
    int64_t clock_us, cut_us, next_us;
    bool switched;
    dw_emit *emit;
} turn;

/* --- emitting */

static dw_transition *emit_slot(dw_emit *emit)
{
    if (emit->count == DW_TRANSITIONS_MAX) {
        emit->overflow = true;
        return NULL;
    }
    if (emit->count == emit->cap) {
        uint32_t cap = emit->cap == 0 ? 8 : emit->cap * 2;
        dw_transition *grown = realloc(emit->items, cap * sizeof *grown);
        if (grown == NULL) {
            emit->nomem = true;
            return NULL;
        }
        emit->items = grown;
        emit->cap = cap;
    }
    return &emit->items[emit->count++];
}

static dw_transition *emit_alert(turn *t, dw_alert *alert, dw_transition_kind kind)
{
    dw_transition *tr = emit_slot(t->emit);
    alert->touched = true;
    if (tr != NULL)
        dw_transition_fill(t->rec, alert, t->policy, kind, t->clock_us, tr);
    return tr;
}

static dw_str keep(turn *t, dw_str text)
{
    dw_str copy = {NULL, 0};
    if (text.len == 0)
        return copy;
    copy = dw_arena_str(t->rec->arena, text);
    if (copy.ptr == NULL)
        t->emit->nomem = true;
    return copy;
}

/* --- the alert as a value */

/* The one function that changes an alert's state. */
static void alert_become(dw_alert *alert, dw_alert_state state, int64_t clock_us)
{
    alert->state = state;
    switch (state) {
    case DW_AL_OPEN:
        alert->review_by = 0;
        alert->level_since_us = clock_us;
        return;
    case DW_AL_ACKED:
        return;
    case DW_AL_CLOSED: /* memory of the generation: what a re-opening needs, no more */
        alert->review_by = 0;
        alert->paused_until = 0;
        alert->expiries = 0;
        alert->cause_count = 0;
        alert->causes_total = 0;
        alert->reason_code = alert->oversight_ref = (dw_str){NULL, 0};
        return;
    case DW_AL_FLAG:
        alert->cause_count = 0;
        alert->causes_total = 0;
        return;
    }
}

static void take_due(dw_alert *alert, const dw_obligation *ob)
{
    const dw_rule *rule = ob->rule;
    alert->due_kind = ob->due_kind;
    alert->due_on = ob->due_on;
    alert->due_at_us = ob->due_kind == DW_DUE_INSTANT ? ob->due_at_us : 0;
    alert->approximate = ob->approximate;
    alert->rule_version = rule->version;
    alert->count_mode = rule->count_mode;
    bool working = ob->limit_index < rule->limit_count ? rule->limits[ob->limit_index].unit == DW_UNIT_WORKING_DAYS
                                                       : ob->limit_index == 0xFF;
    alert->calendar = working ? rule->calendar : DW_CAL_CALENDAR;
}

static void take_causes(dw_alert *alert, const dw_obligation *ob)
{
    int64_t offsets[DW_CAUSES_MAX] = {0};
    for (uint32_t i = 0; i < ob->cause_count; i++)
        offsets[i] = ob->causes[i]->offset;
    if (alert->cause_count == ob->cause_count && alert->causes_total == ob->causes_total &&
        memcmp(alert->causes, offsets, ob->cause_count * sizeof offsets[0]) == 0)
        return;
    memcpy(alert->causes, offsets, sizeof offsets);
    alert->cause_count = ob->cause_count;
    alert->causes_total = ob->causes_total;
    alert->touched = true;
}

static void arm(turn *t, int64_t at_us)
{
    if (at_us > t->clock_us && at_us < t->next_us)
        t->next_us = at_us;
}

/* --- opening */

static dw_alert *insert_alert(turn *t, uint32_t at, const dw_obligation *ob)
{
    dw_record *rec = t->rec;
    dw_alert *alerts = dw_arena_room(rec->arena, rec->alerts, rec->alert_count, &rec->alert_cap, 4, sizeof *alerts);
    if (alerts == NULL) {
        t->emit->nomem = true;
        return NULL;
    }
    rec->alerts = alerts;
    dw_alert *alert = &rec->alerts[at];
    memmove(alert + 1, alert, (rec->alert_count - at) * sizeof *alert);
    rec->alert_count++;
    *alert = (dw_alert){.rule_id = keep(t, ob->rule->id)};
    alert->subject_kind = keep(t, ob->subject_kind);
    alert->subject_id = keep(t, ob->subject_id);
    return alert;
}

static void open_alert(turn *t, dw_alert *alert, const dw_obligation *ob)
{
    bool again = alert->state == DW_AL_CLOSED && alert->generation != 0 && dw_alert_same_due(alert, ob);
    uint32_t reached = alert->level;
    dw_str post;
    alert->generation++;
    alert->policy_number = dw_policy_number(t->policy);
    alert->priority = ob->rule->priority;
    alert->ladder = *dw_policy_ladder(t->policy, ob->rule->priority);
    uint32_t entry = again && reached > alert->ladder.entry_level ? reached : alert->ladder.entry_level;
    alert->level = dw_ladder_fill(t->policy, &alert->ladder, t->chron->team_id, entry, &post);
    alert->post = keep(t, post);
    alert->count = ob->count;
    alert->opened_us = t->clock_us;
    alert->expiries = 0;
    alert->restricted = t->chron->restricted;
    alert->found_at_start = t->cut_us != DW_AT_NONE && ob->late_from_us < t->cut_us;
    alert->outcome = DW_OUT_NONE;
    alert->reopened = again;
    alert->paused_until = ob->paused_until;
    take_due(alert, ob);
    take_causes(alert, ob);
    alert_become(alert, DW_AL_OPEN, t->clock_us);
    emit_alert(t, alert, again ? DW_TR_REOPENED : DW_TR_OPENED);
}

static void flag_alert(turn *t, uint32_t at, const dw_obligation *ob)
{
    if (t->cut_us != DW_AT_NONE && ob->late_from_us < t->cut_us)
        return; /* history of a first load */
    dw_alert *alert = insert_alert(t, at, ob);
    if (alert == NULL)
        return;
    alert->generation = 1;
    alert->policy_number = dw_policy_number(t->policy);
    alert->priority = ob->rule->priority;
    alert->count = ob->count;
    alert->opened_us = t->clock_us;
    alert->restricted = t->chron->restricted;
    take_due(alert, ob);
    take_causes(alert, ob);
    dw_transition *tr = emit_slot(t->emit);
    alert->touched = true;
    if (tr != NULL)
        dw_transition_fill(t->rec, alert, t->policy, DW_TR_FLAGGED, t->clock_us, tr);
    alert_become(alert, DW_AL_FLAG, t->clock_us);
}

/* --- while it lives */

/* Did the duty the alert stands for pass into a later one that is missed too? Then that is another occurrence. */
static uint32_t occurrences(const dw_alert *alert, const dw_obligation *ob)
{
    if (ob->rule->kind == DW_RULE_COUNT || ob->rule->kind == DW_RULE_STALL || ob->rule->worsens_count != 0)
        return ob->count;
    bool further = ob->due_kind == DW_DUE_DATE && alert->due_kind == DW_DUE_DATE && ob->due_on > alert->due_on &&
                   ob->met_by != NULL && !dw_alert_has_cause(alert, ob->met_by->offset) &&
                   ob->met_by->day > alert->due_on;
    return further ? alert->count + 1 : alert->count;
}

/* `ob` NULL: its rule was not asked, so the duty is as it was; but the post or the restriction may have changed. */
static void revise(turn *t, dw_alert *alert, const dw_obligation *ob)
{
    uint32_t count = ob != NULL ? occurrences(alert, ob) : alert->count;
    dw_str post;
    bool vacant = false;
    post = dw_policy_post(t->policy, t->chron->team_id, alert->level, &vacant);
    bool changed = (ob != NULL && !dw_alert_same_due(alert, ob)) || count != alert->count ||
                   t->chron->restricted != alert->restricted || (!vacant && !dw_str_eq(post, alert->post));
    bool worse = count > alert->count;
    changed = changed || (ob != NULL && ob->paused_until != alert->paused_until);
    if (changed) {
        if (ob != NULL) {
            take_due(alert, ob);
            alert->paused_until = ob->paused_until;
        }
        alert->count = count;
        alert->restricted = t->chron->restricted;
        if (!vacant && !dw_str_eq(post, alert->post))
            alert->post = keep(t, post);
    }
    if (ob != NULL)
        take_causes(alert, ob);
    if (changed) {
        if (worse && alert->state == DW_AL_ACKED) /* what was acknowledged has got worse (alerts.md T7) */
            alert_become(alert, DW_AL_OPEN, t->clock_us);
        emit_alert(t, alert, DW_TR_REVISED);
    }
}

static void climb(turn *t, dw_alert *alert)
{
    dw_str post;
    alert->level = dw_ladder_fill(t->policy, &alert->ladder, t->chron->team_id, alert->level + 1, &post);
    if (!dw_str_eq(post, alert->post))
        alert->post = keep(t, post);
    alert->expiries = 0;
    alert->level_since_us = t->clock_us;
    emit_alert(t, alert, DW_TR_ESCALATED);
}

/* A post that fell vacant under a live alert, or belongs to a team whose post is: skipped upwards. */
static void leave_vacant_post(turn *t, dw_alert *alert)
{
    bool vacant = false;
    dw_str post;
    (void)dw_policy_post(t->policy, t->chron->team_id, alert->level, &vacant);
    if (vacant && alert->state == DW_AL_OPEN && alert->level < alert->ladder.top_level &&
        dw_ladder_fill(t->policy, &alert->ladder, t->chron->team_id, alert->level, &post) > alert->level)
        climb(t, alert);
}

static void run_ladder(turn *t, dw_alert *alert, const dw_rule *rule)
{
    leave_vacant_post(t, alert);
    for (int step = 0; step < 2 * DW_LEVELS; step++) {
        int64_t at_us;
        dw_ladder_act act = dw_ladder_next(alert, rule, t->cal, &at_us);
        if (act == DW_LADDER_WAIT)
            return;
        if (at_us > t->clock_us) {
            arm(t, at_us);
            return;
        }
        if (act == DW_LADDER_CLIMB) {
            climb(t, alert);
            continue;
        }
        alert_become(alert, DW_AL_OPEN, t->clock_us);
        alert->expiries++;
        emit_alert(t, alert, DW_TR_ACK_EXPIRED);
        if (alert->expiries >= DW_ACK_EXPIRIES_MAX && alert->level < alert->ladder.top_level)
            climb(t, alert);
        else
            leave_vacant_post(t, alert);
    }
}

/* --- ending */

static void resolve(turn *t, dw_alert *alert, const dw_obligation *ob)
{
    const dw_fact *closing = NULL;
    bool by_policy = t->switched || dw_policy_find_rule(t->policy, alert->rule_id) == NULL;
    alert->outcome = dw_outcome_of(alert, ob, by_policy, &closing);
    dw_transition *tr = emit_alert(t, alert, DW_TR_RESOLVED);
    if (tr != NULL && closing != NULL) {
        tr->cause_count = tr->causes_total = 1;
        tr->causes[0] = (dw_cause){0, closing->offset};
    }
    alert_become(alert, DW_AL_CLOSED, t->clock_us);
}

/* --- one (rule, subject) after the other */

static int order(const dw_alert *alert, const dw_obligation *ob)
{
    int c = dw_str_cmp(alert->rule_id, ob->rule->id);
    if (c == 0)
        c = dw_str_cmp(alert->subject_kind, ob->subject_kind);
    return c != 0 ? c : dw_str_cmp(alert->subject_id, ob->subject_id);
}

static bool may_open(turn *t)
{
    if (t->cut_us == DW_AT_NONE || t->clock_us >= t->cut_us)
        return true;
    arm(t, t->cut_us);
    return false;
}

static bool is_owed(const dw_obligation *ob)
{
    return ob->state == DW_OB_OVERDUE && ob->rule->raises == DW_RAISES_ALERT;
}

/* A flag of the subject, by whichever part of its rule. */
static const dw_obligation *flag_among(const dw_obligation *ob)
{
    while (ob != NULL && ob->state != DW_OB_FLAGGED)
        ob = ob->others;
    return ob;
}

/* An obligation without a record of an alert; true when one was inserted at `at`. An alert says more than a flag: there is
 * none beside it. */
static bool reconcile_new(turn *t, uint32_t at, const dw_obligation *ob)
{
    uint32_t before = t->rec->alert_count;
    const dw_obligation *flag = flag_among(ob);
    if (!is_owed(ob) && flag != NULL) {
        flag_alert(t, at, flag);
    } else if (is_owed(ob) && may_open(t)) {
        dw_alert *alert = insert_alert(t, at, ob);
        if (alert != NULL) {
            open_alert(t, alert, ob);
            run_ladder(t, alert, ob->rule);
        }
    }
    return t->rec->alert_count != before;
}

static void reconcile_known(turn *t, dw_alert *alert, const dw_obligation *ob)
{
    bool owed = is_owed(ob);
    switch (alert->state) {
    case DW_AL_FLAG:
    case DW_AL_CLOSED:
        if (!owed || !may_open(t))
            return;
        open_alert(t, alert, ob);
        break;
    case DW_AL_OPEN:
    case DW_AL_ACKED:
        if (!owed) {
            resolve(t, alert, ob);
            return;
        }
        revise(t, alert, ob);
        break;
    }
    run_ladder(t, alert, ob->rule);
}

/* Was the alert's rule left out because nothing could have changed its answer? */
static const dw_rule *not_asked(const turn *t, const dw_alert *alert, const dw_obligations *obs)
{
    const dw_rule *rule = dw_policy_find_rule(t->policy, alert->rule_id);
    return rule != NULL && !dw_rule_set_has(&obs->asked, rule->index) ? rule : NULL;
}

/* A live alert without an obligation: it ends, unless its rule was not asked. */
static void reconcile_alone(turn *t, dw_alert *alert, const dw_obligations *obs)
{
    if (!dw_alert_is_live(alert))
        return;
    const dw_rule *rule = not_asked(t, alert, obs);
    if (rule == NULL) {
        resolve(t, alert, NULL);
        return;
    }
    revise(t, alert, NULL);
    run_ladder(t, alert, rule);
}

int64_t dw_reconcile(dw_record *rec, const dw_chronology *chron, const dw_obligations *obs, const dw_policy *policy,
                     int64_t clock_us, dw_emit *emit)
{
    turn t = {rec,         chron,
              policy,      dw_policy_calendar(policy),
              clock_us,    dw_policy_cut_over_us(policy),
              DW_AT_NEVER, rec->policy_number != 0 && rec->policy_number != dw_policy_number(policy),
              emit};
    uint32_t a = 0, o = 0;
    while ((a < rec->alert_count || o < obs->count) && !emit->nomem && !emit->overflow) {
        int c = a == rec->alert_count ? 1 : o == obs->count ? -1 : order(&rec->alerts[a], &obs->items[o]);
        if (c > 0) {
            if (reconcile_new(&t, a, &obs->items[o]))
                a++;
            o++;
        } else {
            if (c == 0)
                reconcile_known(&t, &rec->alerts[a], &obs->items[o++]);
            else
                reconcile_alone(&t, &rec->alerts[a], obs);
            a++;
        }
    }
    return t.next_us;
}

void dw_reconcile_merged(dw_record *rec, const dw_policy *policy, int64_t clock_us, int64_t offset, dw_emit *emit)
{
    turn t = {rec, NULL, policy, dw_policy_calendar(policy), clock_us, DW_AT_NONE, DW_AT_NEVER, false, emit};
    for (uint32_t i = 0; i < rec->alert_count; i++) {
        dw_alert *alert = &rec->alerts[i];
        if (!dw_alert_is_live(alert))
            continue;
        alert->outcome = DW_OUT_MERGED;
        dw_transition *tr = emit_alert(&t, alert, DW_TR_RESOLVED);
        if (tr != NULL) {
            tr->cause_count = tr->causes_total = 1;
            tr->causes[0] = (dw_cause){0, offset};
        }
        alert_become(alert, DW_AL_CLOSED, clock_us);
    }
}

/* --- acknowledgements */

dw_alert *dw_alert_by_id(const dw_record *rec, dw_str id)
{
    for (uint32_t i = 0; i < rec->alert_count; i++) {
        dw_alert *alert = &rec->alerts[i];
        char text[DW_UUID_TEXT_LEN + 1];
        dw_alert_id(rec->la_code, rec->child_ref, alert->rule_id, alert->subject_kind, alert->subject_id, text);
        if (dw_str_eq(id, dw_str_from(text)))
            return alert;
    }
    return NULL;
}

static void note(turn *t, dw_alert *alert, const dw_ack *ack, int64_t offset)
{
    dw_transition *tr = emit_alert(t, alert, DW_TR_NOTED);
    if (tr == NULL)
        return;
    tr->reason_code = keep(t, ack->reason_code);
    tr->oversight_ref = keep(t, ack->oversight_ref);
    tr->cause_count = tr->causes_total = 1;
    tr->causes[0] = (dw_cause){0, offset};
}

void dw_reconcile_ack(dw_record *rec, const dw_ack *ack, const dw_policy *policy, int64_t clock_us, int64_t offset,
                      dw_emit *emit)
{
    turn t = {rec, NULL, policy, dw_policy_calendar(policy), clock_us, DW_AT_NONE, DW_AT_NEVER, false, emit};
    dw_alert *alert = dw_alert_by_id(rec, ack->alert_id);
    if (alert == NULL)
        return; /* another child's, or none at all: nothing to hang a note on */
    int32_t today = dw_london_day(clock_us);
    if (!dw_alert_is_live(alert) || ack->generation != alert->generation || ack->level != alert->level ||
        ack->review_by < today) {
        note(&t, alert, ack, offset);
        return;
    }
    int32_t cap = dw_ladder_review_cap(&alert->ladder, t.cal, today);
    alert->review_by = ack->review_by < cap ? ack->review_by : cap;
    alert->reason_code = keep(&t, ack->reason_code);
    alert->oversight_ref = keep(&t, ack->oversight_ref);
    alert_become(alert, DW_AL_ACKED, clock_us);
    dw_transition *tr = emit_alert(&t, alert, DW_TR_ACKNOWLEDGED);
    if (tr != NULL) {
        tr->cause_count = tr->causes_total = 1;
        tr->causes[0] = (dw_cause){0, offset};
    }
}

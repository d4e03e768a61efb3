/* outcome.c: what became of a duty that an alert was raised for. */

#include "handlers/outcome.h"

static dw_outcome outcome_of_state(dw_ob_state state)
{
    switch (state) {
    case DW_OB_MET:
    case DW_OB_MET_LATE_RECORDED:
        return DW_OUT_DONE_ON_TIME_RECORDED_LATE;
    case DW_OB_MET_LATE:
        return DW_OUT_DONE_LATE;
    case DW_OB_SUPERSEDED_OVERDUE:
        return DW_OUT_SUPERSEDED_OVERDUE;
    case DW_OB_CANCELLED:
    case DW_OB_RESTING:
        return DW_OUT_CANCELLED;
    case DW_OB_FADED:
        return DW_OUT_FADED;
    case DW_OB_SCHEDULED:
    case DW_OB_WARNED:
    case DW_OB_OVERDUE:
    case DW_OB_FLAGGED:
    case DW_OB_STATES:
        break;
    }
    return DW_OUT_ENTERED_IN_ERROR;
}

static bool shares_cause(const dw_alert *alert, const dw_obligation *ob)
{
    for (uint32_t i = 0; i < ob->cause_count; i++)
        if (dw_alert_has_cause(alert, ob->causes[i]->offset))
            return true;
    return false;
}

/* Has the fact come since the alert learned what it rests on? What came before had not answered it then. */
static bool is_news(const dw_alert *alert, const dw_fact *fact)
{
    bool news = fact != NULL;
    for (uint32_t i = 0; i < alert->cause_count && news; i++)
        news = fact->offset > alert->causes[i];
    return news;
}

/* An older duty of the subject that is over, and not the one the alert stands for. (What is still to come is not older: the
 * alert is overdue.) */
static bool is_older(const dw_alert *alert, const dw_obligation *ob)
{
    return ob->state != DW_OB_RESTING && ob->due_on < alert->due_on && !shares_cause(alert, ob);
}

/* Of several clocks under one rule (of its parts, or of spans with one subject) the one that went on from evidence which the
 * alert did not know, told last; else the present duty. */
static const dw_obligation *moved_on(const dw_alert *alert, const dw_obligation *ob)
{
    const dw_obligation *found = ob;
    int64_t told = -1;
    for (const dw_obligation *one = ob; one != NULL; one = one->others) {
        if (!is_news(alert, one->met_by) || one->met_by->offset <= told || is_older(alert, one))
            continue;
        told = one->met_by->offset;
        found = one;
    }
    return found;
}

/* The very duty the alert was raised for, among those of its subject; the present one when it is not to be found. */
static const dw_obligation *own_duty(const dw_alert *alert, const dw_obligation *ob)
{
    const dw_obligation *same = NULL;
    for (const dw_obligation *one = ob; one != NULL; one = one->others) {
        if (!dw_alert_same_due(alert, one) || one->rule->raises != DW_RAISES_ALERT)
            continue; /* a flag, or a clock beside it that raises none */
        if (shares_cause(alert, one))
            return one;
        if (same == NULL)
            same = one;
    }
    return same != NULL ? same : moved_on(alert, ob);
}

/* By its own duty; NULL: nothing is left of the subject. */
static dw_outcome outcome_by(const dw_alert *alert, const dw_obligation *ob, const dw_fact **closing)
{
    if (ob == NULL)
        return DW_OUT_ENTERED_IN_ERROR;
    if (ob->state == DW_OB_FADED)
        return DW_OUT_FADED;
    if (is_older(alert, ob))
        return DW_OUT_ENTERED_IN_ERROR; /* nothing else of the subject is left: its own is gone */
    bool ended = ob->state == DW_OB_CANCELLED || ob->state == DW_OB_SUPERSEDED_OVERDUE;
    if (ended && ob->span != NULL)
        *closing = ob->span->closed_by;
    if (dw_alert_same_due(alert, ob)) { /* as late as the alert: it is not still to come */
        if (!ended)
            *closing = ob->met_by;
        return outcome_of_state(ob->state);
    }
    /* The duty moved on: by evidence that the alert did not know ... */
    if (is_news(alert, ob->met_by)) {
        *closing = ob->met_by;
        return ob->met_by->day > alert->due_on ? DW_OUT_DONE_LATE : DW_OUT_DONE_ON_TIME_RECORDED_LATE;
    }
    /* ... or because what made it so strict is over (readings 1, 19) ... */
    bool rests_on = ob->met_by != NULL && dw_alert_has_cause(alert, ob->met_by->offset);
    bool loosened = rests_on || (ob->state == DW_OB_RESTING && ob->due_kind == DW_DUE_NONE);
    if (loosened || (ended && ob->span != NULL && ob->span->end_day > alert->due_on))
        return DW_OUT_SUPERSEDED_OVERDUE;
    /* ... or it never was late. */
    return ended ? outcome_of_state(ob->state) : DW_OUT_ENTERED_IN_ERROR;
}

/* A count or a stall has no due time, so what answers it is neither in time nor late. */
static dw_outcome without_lateness(dw_outcome outcome, const dw_obligation *ob)
{
    bool done = outcome == DW_OUT_DONE_LATE || outcome == DW_OUT_DONE_ON_TIME_RECORDED_LATE;
    bool counted = ob != NULL && (ob->rule->kind == DW_RULE_COUNT || ob->rule->kind == DW_RULE_STALL);
    return done && counted ? DW_OUT_ANSWERED : outcome;
}

dw_outcome dw_outcome_of(const dw_alert *alert, const dw_obligation *ob, bool by_policy, const dw_fact **closing)
{
    *closing = NULL;
    if (by_policy)
        return DW_OUT_POLICY_CHANGED;
    if (ob != NULL)
        ob = own_duty(alert, ob);
    return without_lateness(outcome_by(alert, ob, closing), ob);
}

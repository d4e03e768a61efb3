/* pause.c: duties that are shown as paused (readings 18): who authorised it and until when must be told, and nothing else
 * changes: the due date, the state and the ladder stay (domain 4.21). */

#include "field_ids.h"
#include "handlers/derive.h"
#include "handlers/rules/rules.h"

static int32_t last_day_of(const dw_fact *pause)
{
    const dw_value *until = dw_fact_get(pause, DW_F_CLOCK_PAUSED_UNTIL);
    bool valid = until != NULL && dw_fact_code(pause, DW_F_CLOCK_PAUSED_AUTHORISER_ROLE) != 0;
    return valid ? (int32_t)until->i : DW_DAY_NONE;
}

/* Does this resumption end that pause? By its id; one that names no pause ends all of its plan, or of the child. */
static bool ends(const dw_fact *resumed, const dw_fact *pause)
{
    if (dw_fact_before(resumed, pause))
        return false;
    dw_str id = dw_fact_text(resumed, DW_F_CLOCK_RESUMED_PAUSE_ID);
    if (id.len != 0)
        return dw_str_eq(id, dw_fact_text(pause, DW_F_CLOCK_PAUSED_PAUSE_ID));
    dw_str plan = dw_fact_text(resumed, DW_F_CLOCK_RESUMED_PLAN_ID);
    return plan.len == 0 || dw_str_eq(plan, dw_fact_text(pause, DW_F_CLOCK_PAUSED_PLAN_ID));
}

/* Of a resumption by the end of that day. */
static bool is_on(const dw_eval *ev, const dw_fact *pause, int32_t day)
{
    uint32_t n;
    const dw_fact *const *resumed = dw_chronology_of_type(ev->chron, DW_EV_CLOCK_RESUMED, &n);
    if (last_day_of(pause) < day)
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (resumed[i]->day <= day && ends(resumed[i], pause))
            return false;
    return true;
}

static bool concerns(const dw_fact *pause, dw_str subject_id, const dw_span *span)
{
    dw_str plan = dw_fact_text(pause, DW_F_CLOCK_PAUSED_PLAN_ID);
    return plan.len == 0 || dw_str_eq(plan, subject_id) || (span != NULL && dw_span_has_id(span, plan));
}

bool dw_eval_paused_on(const dw_eval *ev, const dw_span *span, int32_t day)
{
    uint32_t n;
    const dw_fact *const *pauses = dw_chronology_of_type(ev->chron, DW_EV_CLOCK_PAUSED, &n);
    for (uint32_t i = 0; i < n; i++)
        if (pauses[i]->day <= day && is_on(ev, pauses[i], day) &&
            concerns(pauses[i], span != NULL ? span->id : (dw_str){0}, span))
            return true;
    return false;
}

static bool is_running(const dw_obligation *ob)
{
    return ob->state == DW_OB_SCHEDULED || ob->state == DW_OB_WARNED || ob->state == DW_OB_OVERDUE;
}

void dw_eval_pause(dw_eval *ev)
{
    uint32_t n;
    if (ev->rule_first == ev->count)
        return;
    const dw_fact *const *pauses = dw_chronology_of_type(ev->chron, DW_EV_CLOCK_PAUSED, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (!is_on(ev, pauses[i], ev->chron->today))
            continue;
        int32_t until = last_day_of(pauses[i]);
        for (uint32_t k = ev->rule_first; k < ev->count; k++) {
            dw_obligation *ob = &ev->items[k];
            if (!is_running(ob) || !concerns(pauses[i], ob->subject_id, ob->span))
                continue;
            dw_eval_wake(ev, dw_london_start_us(until + 1));
            if (until > ob->paused_until) {
                ob->paused_until = until;
                ob->pause_reason = dw_fact_code(pauses[i], DW_F_CLOCK_PAUSED_REASON);
            }
        }
    }
}

void dw_eval_pin_pauses(dw_eval *ev)
{
    uint32_t n, ended;
    const dw_fact *const *pauses = dw_chronology_of_type(ev->chron, DW_EV_CLOCK_PAUSED, &n);
    const dw_fact *const *resumed = dw_chronology_of_type(ev->chron, DW_EV_CLOCK_RESUMED, &ended);
    for (uint32_t i = 0; i < n; i++) {
        if (last_day_of(pauses[i]) < ev->pin_before)
            continue;
        dw_eval_pin_fact(ev, pauses[i]);
        for (uint32_t k = 0; k < ended; k++)
            dw_eval_pin_fact(ev, resumed[k]);
    }
}

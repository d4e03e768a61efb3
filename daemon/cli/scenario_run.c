/* scenario_run.c: a scenario over the pure core, step by step. */

#include "daemon/cli/scenario_diff.h"

#include "daemon/cli/ack_event.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct run {
    const dw_scn_scenario *scenario;
    const dw_policy *policy;
    dw_inproc *in;
    dw_scn_result *out;
    const dw_scn_step *step; /* being taken */
    int64_t offset;
    bool nomem;
} run;

/* --- differences */

static dw_str keep(run *r, const char *text)
{
    dw_str copy = dw_arena_str(r->out->arena, dw_str_from(text));
    r->nomem = r->nomem || copy.ptr == NULL;
    return copy.ptr != NULL ? copy : DW_STR_LIT("");
}

static void fail(run *r, dw_scn_pos pos, const char *expected, const char *found, const char *hint)
{
    if (r->out->count == DW_SCN_FAILURES_MAX)
        return;
    r->out->items[r->out->count++] = (dw_scn_failure){
        .pos = pos,
        .when = r->step->when,
        .expected = keep(r, expected),
        .found = keep(r, found),
        .hint = keep(r, hint),
    };
}

/* --- looking */

static unsigned bits(uint32_t set)
{
    return (unsigned)__builtin_popcount(set);
}

/* What comes nearest to an expectation: an alert, or a duty, of the same rule. */
typedef struct nearest {
    bool any;
    uint32_t differs;
    char text[DW_SCN_TEXT_MAX];
} nearest;

static bool nearer(nearest *n, uint32_t differs)
{
    if ((differs & (1u << DW_SCN_F_RULE)) != 0 || (n->any && bits(n->differs) <= bits(differs)))
        return false;
    n->any = true;
    n->differs = differs;
    return true;
}

static bool in_section(const dw_scn_want *want, const dw_alert *alert)
{
    return want->section == DW_SCN_CLOSED ? alert->state == DW_AL_CLOSED : dw_alert_is_live(alert);
}

/* The alert that meets the expectation, or the nearest. */
static void look_at_alerts(run *r, const dw_scn_want *want, nearest *n)
{
    size_t children = dw_inproc_count(r->in);
    for (size_t i = 0; i < children; i++) {
        const dw_record *rec = dw_inproc_record(dw_inproc_at(r->in, i));
        for (uint32_t k = 0; k < rec->alert_count; k++)
            if (in_section(want, &rec->alerts[k]) && nearer(n, dw_scn_alert_differs(want, rec, &rec->alerts[k])))
                dw_scn_alert_text(rec, &rec->alerts[k], children > 1, n->text);
    }
}

/* The same among duties, the others that are known of a subject included. */
static dw_errc look_at_duties(run *r, const dw_scn_want *want, nearest *n, dw_error *err)
{
    size_t children = dw_inproc_count(r->in);
    for (size_t i = 0; i < children; i++) {
        dw_inproc_view view;
        dw_errc code = dw_inproc_evaluate(r->in, dw_inproc_at(r->in, i), r->step->at_us, &view, err);
        if (code != DW_OK)
            return code;
        for (uint32_t k = 0; view.obligations != NULL && k < view.obligations->count; k++)
            for (const dw_obligation *duty = &view.obligations->items[k]; duty != NULL; duty = duty->others)
                if (nearer(n, dw_scn_duty_differs(want, view.rec, duty)))
                    dw_scn_duty_text(view.rec, duty, children > 1, n->text);
    }
    return DW_OK;
}

/* --- one expectation */

static dw_errc missing(run *r, const dw_scn_want *want, const nearest *alert, dw_error *err)
{
    char expected[DW_SCN_TEXT_MAX], found[2 * DW_SCN_TEXT_MAX + 8], names[DW_SCN_TEXT_MAX], hint[DW_SCN_TEXT_MAX + 32];
    nearest duty = {.any = false};
    dw_scn_want_text(want, expected);
    dw_scn_differs_text(alert->differs, names);
    if (alert->any)
        snprintf(found, sizeof(found), "%s   (%s)", alert->text, names);
    else
        snprintf(found, sizeof(found), "no %s alert under this rule",
                 want->section == DW_SCN_CLOSED ? "ended" : "live");
    dw_errc code = look_at_duties(r, want, &duty, err);
    snprintf(hint, sizeof(hint), "%s", duty.any ? duty.text : "the rule asks nothing of this child at this time");
    if (code == DW_OK)
        fail(r, want->pos, expected, found, hint);
    return code;
}

static dw_errc check_alert(run *r, const dw_scn_want *want, dw_error *err)
{
    nearest n = {.any = false};
    look_at_alerts(r, want, &n);
    return n.any && n.differs == 0 ? DW_OK : missing(r, want, &n, err);
}

static dw_errc check_duty(run *r, const dw_scn_want *want, dw_error *err)
{
    char expected[DW_SCN_TEXT_MAX], found[2 * DW_SCN_TEXT_MAX + 8], names[DW_SCN_TEXT_MAX];
    nearest n = {.any = false};
    dw_scn_want sought = *want;
    if (want->section != DW_SCN_OBLIGATIONS) {
        sought.has |= 1u << DW_SCN_F_STATE;
        sought.ob_state = want->section == DW_SCN_FLAGS ? DW_OB_FLAGGED : DW_OB_WARNED;
    }
    dw_errc code = look_at_duties(r, &sought, &n, err);
    if (code != DW_OK || (n.any && n.differs == 0))
        return code;
    dw_scn_differs_text(n.differs, names);
    if (n.any)
        snprintf(found, sizeof(found), "%s   (%s)", n.text, names);
    else
        snprintf(found, sizeof(found), "the rule asks nothing of this child at this time");
    fail(r, want->pos, dw_scn_want_text(&sought, expected), found, "");
    return DW_OK;
}

/* Those that must not be there. */
static dw_errc check_absent(run *r, const dw_scn_want *want, dw_error *err)
{
    char text[DW_SCN_TEXT_MAX], expected[DW_SCN_TEXT_MAX + 16];
    nearest n = {.any = false};
    dw_errc code = DW_OK;
    if (want->section == DW_SCN_NOT)
        look_at_alerts(r, want, &n);
    else
        code = look_at_duties(r, want, &n, err);
    if (code != DW_OK || !n.any || n.differs != 0)
        return code;
    snprintf(expected, sizeof(expected), "%s%s", want->section == DW_SCN_NOT ? "not " : "without ",
             dw_scn_want_text(want, text));
    fail(r, want->pos, expected, n.text, "");
    return DW_OK;
}

/* alerts: nothing, and not: anything else */
static void check_whole(run *r)
{
    size_t children = dw_inproc_count(r->in);
    for (size_t i = 0; i < children; i++) {
        const dw_record *rec = dw_inproc_record(dw_inproc_at(r->in, i));
        for (uint32_t k = 0; k < rec->alert_count; k++) {
            const dw_alert *alert = &rec->alerts[k];
            bool named = false;
            char text[DW_SCN_TEXT_MAX];
            for (uint32_t w = 0; w < r->step->want_count && !r->step->nothing; w++)
                named = named || (r->step->wants[w].section == DW_SCN_ALERTS &&
                                  dw_scn_alert_differs(&r->step->wants[w], rec, alert) == 0);
            if (dw_alert_is_live(alert) && !named)
                fail(r, r->step->whole, r->step->nothing ? "no live alert" : "no other live alert",
                     dw_scn_alert_text(rec, alert, children > 1, text), "");
        }
    }
}

static dw_errc check_want(run *r, const dw_scn_want *want, dw_error *err)
{
    switch (want->section) {
    case DW_SCN_ALERTS:
    case DW_SCN_CLOSED:
        return check_alert(r, want, err);
    case DW_SCN_OBLIGATIONS:
    case DW_SCN_WARNINGS:
    case DW_SCN_FLAGS:
        return check_duty(r, want, err);
    case DW_SCN_NOT:
    case DW_SCN_WITHOUT:
        return check_absent(r, want, err);
    case DW_SCN_SECTIONS:
        break;
    }
    return DW_OK;
}

/* --- steps */

static dw_errc take_check(run *r, dw_error *err)
{
    dw_errc code = dw_inproc_advance(r->in, r->step->at_us, err);
    for (uint32_t i = 0; code == DW_OK && i < r->step->want_count; i++)
        code = check_want(r, &r->step->wants[i], err);
    if (code == DW_OK && (r->step->nothing || r->step->no_others))
        check_whole(r);
    return code;
}

static dw_errc take_event(run *r, dw_error *err)
{
    dw_inproc_out out;
    dw_errc code = dw_inproc_line(r->in, r->step->json.ptr, r->step->json.len, r->offset, &out, err);
    if (code == DW_OK && out.fate == DW_INPROC_DEAD)
        fail(r, r->step->pos, "an event that is applied", dw_errc_meaning(out.reason), "");
    if (code == DW_OK && out.fate == DW_INPROC_PARKED)
        fail(r, r->step->pos, "an event that is applied", "this version keeps it for a later one and does not use it",
             "");
    return code;
}

static const dw_alert *find_live(run *r, const dw_scn_want *which, const dw_record **rec)
{
    dw_scn_want sought = *which;
    sought.has &= 1u << DW_SCN_F_RULE | 1u << DW_SCN_F_CHILD | 1u << DW_SCN_F_SUBJECT;
    for (size_t i = 0; i < dw_inproc_count(r->in); i++) {
        *rec = dw_inproc_record(dw_inproc_at(r->in, i));
        for (uint32_t k = 0; k < (*rec)->alert_count; k++)
            if (dw_alert_is_live(&(*rec)->alerts[k]) && dw_scn_alert_differs(&sought, *rec, &(*rec)->alerts[k]) == 0)
                return &(*rec)->alerts[k];
    }
    return NULL;
}

/* What fires before the acknowledgement comes has to be seen by it. */
static dw_errc take_ack(run *r, dw_error *err)
{
    char id[DW_UUID_TEXT_LEN + 1], text[DW_SCN_TEXT_MAX], event_id[32];
    const dw_scn_ack *ack = &r->step->ack;
    const dw_record *rec = NULL;
    dw_inproc_out out;
    dw_errc code = dw_inproc_advance(r->in, r->step->at_us, err);
    const dw_alert *alert = code == DW_OK ? find_live(r, &ack->which, &rec) : NULL;
    if (code != DW_OK)
        return code;
    if (alert == NULL) {
        fail(r, r->step->pos, dw_scn_want_text(&ack->which, text), "no live alert to acknowledge", "");
        return DW_OK;
    }
    dw_alert_id(rec->la_code, rec->child_ref, alert->rule_id, alert->subject_kind, alert->subject_id, id);
    dw_ack answer = {
        .alert_id = dw_str_from(id),
        .generation = dw_scn_wants(&ack->which, DW_SCN_F_GENERATION) ? ack->which.generation : alert->generation,
        .level = dw_scn_wants(&ack->which, DW_SCN_F_LEVEL) ? ack->which.level : alert->level,
        .reason_code = ack->reason,
        .review_by = ack->review_by != DW_DAY_NONE ? ack->review_by : dw_london_day(r->step->at_us) + 365,
        .actor_post = ack->post,
        .actor_ref = ack->post,
        .oversight_ref = ack->ref.len != 0 ? ack->ref : DW_STR_LIT("note"),
    };
    snprintf(event_id, sizeof(event_id), "ack-%lld", (long long)r->offset);
    dw_event *ev = malloc(sizeof(*ev));
    if (ev == NULL)
        return dw_fail(err, DW_E_NOMEM, "out of memory");
    dw_ack_event(ev, &answer, rec->la_code, rec->child_ref, DW_STR_LIT("driftwatch"), dw_str_from(event_id),
                 r->step->at_us);
    code = dw_inproc_event(r->in, ev, r->step->at_us, r->offset, &out, err);
    free(ev);
    return code;
}

static dw_errc take_step(run *r, dw_error *err)
{
    switch (r->step->kind) {
    case DW_SCN_EVENT:
        return take_event(r, err);
    case DW_SCN_ACK:
        return take_ack(r, err);
    case DW_SCN_CHECK:
        return take_check(r, err);
    }
    return DW_OK;
}

dw_errc dw_scn_run(const dw_scn_scenario *scenario, const dw_policy *policy, dw_scn_result *out, dw_error *err)
{
    run r = {.scenario = scenario, .policy = policy, .out = out};
    *out = (dw_scn_result){.arena = dw_arena_new(DW_SCN_RESULT_ARENA_BYTES)};
    if (out->arena != NULL)
        out->items = dw_arena_alloc(out->arena, DW_SCN_FAILURES_MAX * sizeof(*out->items));
    if (out->items == NULL)
        return dw_fail(err, DW_E_NOMEM, "out of memory");
    dw_errc code = dw_inproc_new(policy, DW_INPROC_FIXED, &r.in, err);
    for (uint32_t i = 0; code == DW_OK && i < scenario->step_count; i++) {
        r.step = &scenario->steps[i];
        r.offset = i;
        code = take_step(&r, err);
    }
    dw_inproc_free(&r.in);
    if (code == DW_OK && r.nomem)
        code = dw_fail(err, DW_E_NOMEM, "out of memory");
    return code;
}

void dw_scn_result_deinit(dw_scn_result *result)
{
    dw_arena_free(&result->arena);
    *result = (dw_scn_result){0};
}

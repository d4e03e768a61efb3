/* inproc.c: the clock of one log and what becomes of its records, in memory; see inproc.h. What becomes of a record is decided
 * here as daemon/shard/apply.c and switch.c decide it; tests/sim/check_inproc.c holds the two against each other. */

#include "daemon/cli/inproc_parts.h"

#include "config/policy_load.h"
#include "daemon/cli/line.h"
#include "proto/encode.h"

#include <assert.h>
#include <stdlib.h>

#define CONTROL_ARENA_BYTES (DW_EVENT_ARENA_BYTES_MAX + 4 * DW_POLICY_BYTES_MAX)

const char *dw_inproc_fate_name(dw_inproc_fate fate)
{
    static const char *const names[] = {
#define X(e, n) n,
        DW_INPROC_FATE_LIST(X)
#undef X
    };
    return fate < DW_INPROC_FATES ? names[fate] : "?";
}

dw_errc dw_inproc_no_memory(dw_error *err)
{
    return dw_fail(err, DW_E_NOMEM, "out of memory");
}

/* --- making and freeing */

dw_errc dw_inproc_new(const dw_policy *policy, dw_inproc_mode mode, dw_inproc **out, dw_error *err)
{
    dw_inproc *in = calloc(1, sizeof(*in));
    if (in == NULL)
        return dw_inproc_no_memory(err);
    in->mode = mode;
    in->clock_us = DW_AT_NONE;
    in->emit = dw_emit_new();
    if (!dw_inproc_slots_init(in) || in->emit == NULL) {
        dw_inproc_free(&in);
        return dw_inproc_no_memory(err);
    }
    in->policy = policy != NULL ? dw_policy_ref(policy) : NULL;
    *out = in;
    return DW_OK;
}

void dw_inproc_free(dw_inproc **inp)
{
    dw_inproc *in = *inp;
    if (in == NULL)
        return;
    for (size_t i = 0; i < in->count; i++)
        dw_inproc_child_free(in->children[i]);
    free(in->children);
    free(in->heap);
    free(in->slots);
    dw_emit_free(&in->emit);
    dw_encoded_deinit(&in->encoded);
    free(in->moves);
    free(in->last_moves);
    dw_arena_free(&in->move_arena);
    dw_arena_free(&in->view);
    dw_arena_free(&in->control);
    dw_arena_free(&in->line);
    free(in->ev);
    free(in->lot);
    dw_policy_unref(&in->policy);
    free(in);
    *inp = NULL;
}

/* --- the core */

dw_errc dw_inproc_told(dw_inproc *in, dw_core_result result, dw_error *err)
{
    if (result.error != DW_OK || result.applied == DW_APPLY_NOMEM)
        return dw_fail(err, result.error != DW_OK ? result.error : DW_E_NOMEM, "record %lld cannot be applied: %s",
                       (long long)in->offset, dw_errc_meaning(result.error != DW_OK ? result.error : DW_E_NOMEM));
    in->counts.transitions += in->emit->count;
    for (uint32_t i = 0; in->fn != NULL && i < in->emit->count; i++)
        in->fn(in->user, &in->emit->items[i]);
    return DW_OK;
}

/* Everything due by `at_us`, each at its own instant. */
static dw_errc fire_until(dw_inproc *in, int64_t at_us, dw_error *err)
{
    while (in->heap_count != 0 && in->heap[0].due_us <= at_us) {
        dw_inproc_child *child = in->heap[0].child;
        int64_t due_us = in->heap[0].due_us;
        if (due_us > in->clock_us)
            in->clock_us = due_us;
        dw_emit_reset(in->emit);
        dw_errc code = dw_inproc_told(in, dw_core_fire(child->rec, in->policy, due_us, in->emit), err);
        if (code != DW_OK)
            return code;
        assert(child->rec->next_due_us > due_us);
        in->counts.fired++;
        code = dw_inproc_settle_some(in, child, err);
        if (code != DW_OK)
            return code;
        if (!dw_inproc_arm(in, child))
            return dw_inproc_no_memory(err);
    }
    return DW_OK;
}

dw_errc dw_inproc_advance(dw_inproc *in, int64_t at_us, dw_error *err)
{
    if (at_us <= in->clock_us)
        return DW_OK;
    dw_errc code = fire_until(in, at_us, err);
    if (code == DW_OK)
        in->clock_us = at_us;
    return code;
}

dw_errc dw_inproc_switch(dw_inproc *in, const dw_policy *policy, dw_error *err)
{
    dw_policy *old = in->policy;
    dw_errc code = DW_OK;
    in->policy = dw_policy_ref(policy);
    dw_inproc_sort(in);
    for (size_t i = 0; code == DW_OK && i < in->count; i++) {
        dw_inproc_child *child = in->children[i];
        bool paged = child->rec->page_count != 0;
        code = dw_inproc_load_pages(child, err);
        dw_emit_reset(in->emit);
        if (code == DW_OK)
            code = dw_inproc_told(in, dw_core_switch(child->rec, in->policy, in->clock_us, in->emit), err);
        if (code == DW_OK)
            code = paged ? dw_inproc_settle(in, child, err) : dw_inproc_settle_some(in, child, err);
        if (code == DW_OK && !dw_inproc_arm(in, child))
            code = dw_inproc_no_memory(err);
    }
    dw_policy_unref(&old); /* what a live alert keeps of it stands in its record */
    return code;
}

/* --- records */

dw_errc dw_inproc_touched(dw_inproc *in, dw_inproc_child *child, dw_core_result result, dw_error *err)
{
    dw_errc code = dw_inproc_told(in, result, err);
    if (code == DW_OK)
        code = dw_inproc_settle_some(in, child, err);
    if (code == DW_OK && !dw_inproc_arm(in, child))
        code = dw_inproc_no_memory(err);
    return code;
}

void dw_inproc_follow_moves(dw_inproc *in)
{
    in->follow = true;
}

static dw_errc apply_child(dw_inproc *in, const dw_event *ev, dw_event_class class, dw_inproc_out *out, dw_error *err)
{
    dw_inproc_child *child = class == DW_EVC_ACK ? dw_inproc_find(in, ev->la_code, ev->child_ref)
                                                 : dw_inproc_child_make(in, ev->la_code, ev->child_ref);
    out->fate = DW_INPROC_DUPLICATE;
    if (child == NULL)
        return class == DW_EVC_ACK ? DW_OK : dw_inproc_no_memory(err);
    dw_errc code = DW_OK;
    if (child->rec->page_count != 0 && dw_record_needs_pages(child->rec, ev))
        code = dw_inproc_load_pages(child, err);
    if (code != DW_OK)
        return code;
    dw_emit_reset(in->emit);
    dw_core_result result = class == DW_EVC_ACK
                                ? dw_core_ack(child->rec, in->policy, ev, in->clock_us, in->offset, in->emit)
                                : dw_core_event(child->rec, in->policy, ev, in->clock_us, in->offset, in->emit);
    if (result.error == DW_OK && result.applied == DW_REFUSED)
        *out = (dw_inproc_out){DW_INPROC_DEAD, in->emit->refused};
    else if (result.applied == DW_PASSED_ON)
        out->fate = DW_INPROC_FORWARDED;
    else if (result.applied == DW_APPLIED)
        out->fate = DW_INPROC_APPLIED;
    code = dw_inproc_take_moves(in, 1, err);
    if (code == DW_OK)
        code = dw_inproc_touched(in, child, result, err);
    return code == DW_OK && in->move_count != 0 ? dw_inproc_carry_moves(in, out, err) : code;
}

static dw_errc compile(const dw_policy_text *text, dw_policy **out, dw_error *err)
{
    dw_problems problems = {0};
    dw_errc code = DW_OK;
    *out = dw_policy_load(text, NULL, &problems);
    if (*out == NULL) {
        char all[DW_ERROR_TEXT_MAX] = "", one[DW_PROBLEM_TEXT_MAX];
        size_t len = 0;
        for (size_t i = 0; i < problems.count && i < DW_PROBLEMS_MAX && len < sizeof(all); i++)
            if (!problems.items[i].warning)
                len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s:%u: %s", len != 0 ? "; " : "",
                                        problems.items[i].file, problems.items[i].line,
                                        dw_problem_text(&problems.items[i], one));
        code = dw_fail(err, DW_E_CONFIG, "policy %u cannot be used by this build: %s", text->number, all);
    }
    dw_problems_deinit(&problems);
    return code;
}

static dw_errc apply_policy(dw_inproc *in, const uint8_t *value, size_t len, dw_inproc_out *out, dw_error *err)
{
    dw_policy_text text;
    dw_policy *policy = NULL;
    dw_errc decoded = dw_policy_text_decode(value, len, in->control, &text, NULL);
    if (decoded != DW_OK) {
        *out = (dw_inproc_out){DW_INPROC_DEAD, decoded};
        return DW_OK;
    }
    if (in->mode == DW_INPROC_FIXED || (in->policy != NULL && text.number <= dw_policy_number(in->policy)))
        return DW_OK;
    dw_errc code = compile(&text, &policy, err);
    if (code == DW_OK)
        code = dw_inproc_switch(in, policy, err);
    dw_policy_unref(&policy);
    return code;
}

static dw_errc apply_control(dw_inproc *in, const dw_event *ev, dw_inproc_out *out, dw_error *err)
{
    const uint8_t *value = NULL;
    size_t len = 0;
    uint32_t version = 0;
    out->fate = DW_INPROC_CONTROL;
    if (ev->type == DW_EV_CLOCK_TICK)
        return DW_OK; /* the clock has moved already */
    if (in->control == NULL && (in->control = dw_arena_new(CONTROL_ARENA_BYTES)) == NULL)
        return dw_inproc_no_memory(err);
    dw_arena_reset(in->control);
    dw_errc code = dw_event_encode(ev, in->control, &value, &len, err);
    if (code != DW_OK)
        return code;
    if (ev->type == DW_EV_POLICY_SET)
        return apply_policy(in, value, len, out, err);
    if (ev->type != DW_EV_CORE_SET || dw_core_set_decode(value, len, &version, NULL) != DW_OK) {
        *out = (dw_inproc_out){DW_INPROC_DEAD, DW_E_CONTROL};
        return DW_OK;
    }
    if (version > DW_CORE_VERSION)
        return dw_fail(err, DW_E_NEWER, "record %lld asks for core version %u; this build has %u",
                       (long long)in->offset, version, DW_CORE_VERSION);
    return DW_OK; /* a log is read with this build's core from its beginning */
}

dw_errc dw_inproc_event(dw_inproc *in, const dw_event *ev, int64_t log_time_us, int64_t offset, dw_inproc_out *out,
                        dw_error *err)
{
    *out = (dw_inproc_out){DW_INPROC_CONTROL, DW_OK};
    in->offset = offset;
    if (log_time_us == DW_INPROC_NO_TIME && in->clock_us == DW_AT_NONE)
        log_time_us = ev->recorded_at_us != 0 ? ev->recorded_at_us : ev->occurred_at_us;
    dw_errc code = log_time_us != DW_INPROC_NO_TIME ? dw_inproc_advance(in, log_time_us, err) : DW_OK;
    if (code != DW_OK)
        return code;
    dw_event_class class = dw_event_type_class(ev->type);
    switch (class) {
    case DW_EVC_CHILD:
    case DW_EVC_ACK:
        code = apply_child(in, ev, class, out, err);
        break;
    case DW_EVC_CONTROL:
        code = apply_control(in, ev, out, err);
        break;
    case DW_EVC_MOVE:
        if (in->follow)
            code = dw_inproc_follow_move(in, ev, out, err);
        break; /* else what it tells of was done with the record that led to it */
    case DW_EVC_RESERVED:
        *out = (dw_inproc_out){DW_INPROC_PARKED, DW_E_RESERVED};
        break;
    }
    if (code == DW_OK)
        in->counts.by_fate[out->fate]++;
    return code;
}

dw_errc dw_inproc_dead(dw_inproc *in, int64_t log_time_us, int64_t offset, dw_errc reason, dw_inproc_out *out,
                       dw_error *err)
{
    *out = (dw_inproc_out){DW_INPROC_DEAD, reason};
    in->offset = offset;
    in->counts.by_fate[DW_INPROC_DEAD]++;
    return log_time_us != DW_INPROC_NO_TIME ? dw_inproc_advance(in, log_time_us, err) : DW_OK;
}

dw_errc dw_inproc_line(dw_inproc *in, const char *line, size_t len, int64_t offset, dw_inproc_out *out, dw_error *err)
{
    int64_t log_time_us = DW_INPROC_NO_TIME;
    if (in->line == NULL)
        in->line = dw_arena_new(DW_LINE_ARENA_BYTES);
    if (in->ev == NULL)
        in->ev = malloc(sizeof(*in->ev));
    if (in->line == NULL || in->ev == NULL)
        return dw_inproc_no_memory(err);
    dw_arena_reset(in->line);
    dw_errc reason = dw_line_read(line, len, in->line, in->ev, &log_time_us, err);
    if (reason == DW_OK)
        return dw_inproc_event(in, in->ev, log_time_us, offset, out, err);
    if (reason == DW_E_NOMEM)
        return reason;
    return dw_inproc_dead(in, log_time_us, offset, reason, out, err);
}

void dw_inproc_on_transition(dw_inproc *in, dw_inproc_transition_fn *fn, void *user)
{
    in->fn = fn;
    in->user = user;
}

/* --- looking */

int64_t dw_inproc_clock_us(const dw_inproc *in)
{
    return in->clock_us;
}

const dw_policy *dw_inproc_policy(const dw_inproc *in)
{
    return in->policy;
}

size_t dw_inproc_count(const dw_inproc *in)
{
    return in->count;
}

dw_inproc_child *dw_inproc_at(dw_inproc *in, size_t index)
{
    assert(index < in->count);
    dw_inproc_sort(in);
    return in->children[index];
}

const dw_record *dw_inproc_record(const dw_inproc_child *child)
{
    return child->rec;
}

dw_errc dw_inproc_facts(dw_inproc *in, dw_inproc_child *child, const dw_record **out, dw_error *err)
{
    (void)in;
    dw_errc code = dw_inproc_load_pages(child, err);
    if (code == DW_OK)
        *out = child->rec;
    return code;
}

dw_errc dw_inproc_evaluate(dw_inproc *in, dw_inproc_child *child, int64_t at_us, dw_inproc_view *out, dw_error *err)
{
    dw_inproc_view view = {0};
    dw_errc code = dw_inproc_facts(in, child, &view.rec, err);
    if (code != DW_OK)
        return code;
    if (in->view == NULL && (in->view = dw_arena_new(DW_INPROC_ARENA_BYTES)) == NULL)
        return dw_inproc_no_memory(err);
    dw_arena_reset(in->view);
    view.chron = dw_chronology_derive(view.rec, at_us, in->view);
    if (view.chron != NULL && in->policy != NULL)
        view.obligations = dw_evaluate(view.chron, in->policy, in->view);
    if (view.chron == NULL || (in->policy != NULL && view.obligations == NULL))
        return dw_inproc_no_memory(err);
    *out = view;
    return DW_OK;
}

const dw_inproc_counts *dw_inproc_counted(const dw_inproc *in)
{
    return &in->counts;
}

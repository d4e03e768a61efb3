/* inproc_lot.c: many records at once, child by child. Between two looks at them children have nothing to do with one another, but
 * when one is merged or split: the lot of each is what it would be in the order of the log, and its record stays near. */

#include "daemon/cli/inproc_parts.h"

#include <stdlib.h>

struct dw_inproc_turn {
    dw_inproc_child *child;
    const dw_event *ev;
    int64_t clock_us; /* of the log when the record is applied */
    int64_t offset;
};

bool dw_inproc_may_group(const dw_inproc *in, const dw_event *ev)
{
    if (ev->type == DW_EV_CLOCK_TICK)
        return true;
    if (in->fn != NULL || dw_event_type_class(ev->type) != DW_EVC_CHILD || dw_event_is_identity(ev->type))
        return false;
    const dw_inproc_child *child = dw_inproc_find((dw_inproc *)(uintptr_t)in, ev->la_code, ev->child_ref);
    return child == NULL || child->rec->moved_to.len == 0;
}

static int by_child(const void *left, const void *right)
{
    const struct dw_inproc_turn *a = left, *b = right;
    if (a->child->hash != b->child->hash)
        return a->child->hash < b->child->hash ? -1 : 1;
    if (a->child != b->child)
        return dw_str_cmp(a->child->key, b->child->key);
    return (a->offset > b->offset) - (a->offset < b->offset);
}

/* What is due for this child by then. */
static dw_errc fire_child(dw_inproc *in, dw_inproc_child *child, int64_t until_us, dw_error *err)
{
    dw_errc code = DW_OK;
    while (code == DW_OK && child->rec->next_due_us <= until_us) {
        in->clock_us = child->rec->next_due_us;
        dw_emit_reset(in->emit);
        code = dw_inproc_told(in, dw_core_fire(child->rec, in->policy, in->clock_us, in->emit), err);
        in->counts.fired++;
        if (code == DW_OK)
            code = dw_inproc_settle_some(in, child, err);
    }
    return code;
}

static dw_errc apply(dw_inproc *in, const struct dw_inproc_turn *turn, dw_error *err)
{
    dw_inproc_child *child = turn->child;
    dw_errc code = fire_child(in, child, turn->clock_us, err);
    in->clock_us = turn->clock_us;
    in->offset = turn->offset;
    if (code == DW_OK && child->rec->page_count != 0 && dw_record_needs_pages(child->rec, turn->ev))
        code = dw_inproc_load_pages(child, err);
    if (code != DW_OK)
        return code;
    dw_emit_reset(in->emit);
    dw_core_result result = dw_core_event(child->rec, in->policy, turn->ev, in->clock_us, in->offset, in->emit);
    in->counts.by_fate[result.applied == DW_APPLIED ? DW_INPROC_APPLIED : DW_INPROC_DUPLICATE]++;
    code = dw_inproc_told(in, result, err);
    return code == DW_OK ? dw_inproc_settle_some(in, child, err) : code;
}

dw_errc dw_inproc_lot(dw_inproc *in, const dw_inproc_item *items, size_t count, dw_error *err)
{
    int64_t began_us = in->clock_us, clock_us = in->clock_us;
    size_t n = 0;
    if (in->lot_cap < count) {
        free(in->lot);
        in->lot = malloc(count * sizeof(*in->lot));
        in->lot_cap = in->lot != NULL ? count : 0;
        if (in->lot == NULL)
            return dw_inproc_no_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        if (items[i].log_time_us > clock_us)
            clock_us = items[i].log_time_us;
        if (items[i].ev->type == DW_EV_CLOCK_TICK) {
            in->counts.by_fate[DW_INPROC_CONTROL]++;
            continue;
        }
        dw_inproc_child *child = dw_inproc_child_make(in, items[i].ev->la_code, items[i].ev->child_ref);
        if (child == NULL)
            return dw_inproc_no_memory(err);
        in->lot[n++] = (struct dw_inproc_turn){child, items[i].ev, clock_us, items[i].offset};
    }
    qsort(in->lot, n, sizeof(*in->lot), by_child);
    dw_errc code = DW_OK;
    for (size_t i = 0; i < n && code == DW_OK; i++) {
        code = apply(in, &in->lot[i], err);
        if (code == DW_OK && (i + 1 == n || in->lot[i + 1].child != in->lot[i].child) &&
            !dw_inproc_arm(in, in->lot[i].child))
            code = dw_inproc_no_memory(err);
    }
    in->clock_us = began_us; /* what is due by the end of the stretch is so in the order of all children */
    return code == DW_OK ? dw_inproc_advance(in, clock_us, err) : code;
}

/* inproc_move.c: facts that go from one child to another, at once or as the log has them. */

#include "daemon/cli/inproc_parts.h"

#define LIST_FIRST 256

static void keep_text(dw_inproc *in, dw_str *text, bool *failed)
{
    if (text->len != 0)
        *text = dw_arena_str(in->move_arena, *text);
    *failed |= text->len != 0 && text->ptr == NULL;
}

dw_errc dw_inproc_take_moves(dw_inproc *in, int hops, dw_error *err)
{
    bool failed = false;
    if (in->follow)
        return DW_OK; /* the log has them, if anybody */
    if (in->emit->move_count != 0 && in->move_arena == NULL)
        in->move_arena = dw_arena_new(DW_INPROC_ARENA_BYTES);
    if (in->emit->move_count != 0 && in->move_arena == NULL)
        return dw_inproc_no_memory(err);
    for (uint32_t i = 0; i < in->emit->move_count; i++) {
        dw_move move = in->emit->moves[i];
        keep_text(in, &move.la_code, &failed);
        keep_text(in, &move.child_ref, &failed);
        keep_text(in, &move.body.to_la_code, &failed);
        keep_text(in, &move.body.to_child_ref, &failed);
        keep_text(in, &move.body.from_la_code, &failed);
        keep_text(in, &move.body.from_child_ref, &failed);
        keep_text(in, &move.body.facts, &failed);
        dw_inproc_waiting *moves = dw_list_room(in->moves, in->move_count, &in->move_cap, LIST_FIRST, sizeof(*moves));
        in->moves = moves != NULL ? moves : in->moves;
        if (failed || moves == NULL)
            return dw_inproc_no_memory(err);
        in->moves[in->move_count++] = (dw_inproc_waiting){move, hops};
    }
    return DW_OK;
}

/* One move arrives. */
static dw_errc apply_move(dw_inproc *in, dw_str la_code, dw_str child_ref, const dw_moved *moved, int hops,
                          dw_inproc_out *out, dw_error *err)
{
    dw_inproc_child *child = dw_inproc_child_make(in, la_code, child_ref);
    if (child == NULL)
        return dw_inproc_no_memory(err);
    dw_errc code = dw_inproc_load_pages(child, err);
    if (code != DW_OK)
        return code;
    dw_emit_reset(in->emit);
    dw_core_result result = dw_core_move(child->rec, in->policy, moved, in->clock_us, in->offset, in->emit);
    if (result.error == DW_OK && result.applied == DW_REFUSED)
        *out = (dw_inproc_out){DW_INPROC_DEAD, in->emit->refused};
    code = dw_inproc_take_moves(in, hops, err);
    return code == DW_OK ? dw_inproc_touched(in, child, result, err) : code;
}

dw_errc dw_inproc_carry_moves(dw_inproc *in, dw_inproc_out *out, dw_error *err)
{
    dw_errc code = DW_OK;
    for (size_t i = 0; code == DW_OK && i < in->move_count; i++) {
        dw_inproc_waiting next = in->moves[i];
        if (next.hops >= DW_MOVE_HOPS_MAX)
            *out = (dw_inproc_out){DW_INPROC_DEAD, DW_E_IDENTITY};
        else
            code = apply_move(in, next.move.la_code, next.move.child_ref, &next.move.body, next.hops + 1, out, err);
    }
    in->move_count = 0;
    if (in->move_arena != NULL)
        dw_arena_reset(in->move_arena);
    return code;
}

/* Was this move seen before? Its id is "<partition of its sender>/<position there>", and a sender's positions rise. */
static dw_errc seen_move(dw_inproc *in, dw_str id, bool *seen, dw_error *err)
{
    struct last_move next = {0};
    const char *slash = id.len != 0 ? memchr(id.ptr, '/', id.len) : NULL;
    uint32_t at = slash != NULL ? (uint32_t)(slash - id.ptr) : id.len;
    *seen = slash == NULL || !dw_number_parse((dw_str){id.ptr, at}, &next.origin) ||
            !dw_position_parse((dw_str){slash + 1, id.len - at - 1}, &next.position); /* none of ours */
    for (size_t i = 0; !*seen && i < in->last_move_count; i++) {
        struct last_move *last = &in->last_moves[i];
        if (last->origin != next.origin)
            continue;
        *seen = dw_position_cmp(next.position, last->position) <= 0;
        if (!*seen)
            last->position = next.position;
        return DW_OK;
    }
    if (*seen)
        return DW_OK;
    struct last_move *lasts =
        dw_list_room(in->last_moves, in->last_move_count, &in->last_move_cap, LIST_FIRST, sizeof(*lasts));
    if (lasts == NULL)
        return dw_inproc_no_memory(err);
    in->last_moves = lasts;
    in->last_moves[in->last_move_count++] = next;
    return DW_OK;
}

dw_errc dw_inproc_follow_move(dw_inproc *in, const dw_event *ev, dw_inproc_out *out, dw_error *err)
{
    dw_moved moved;
    bool seen = false;
    if (in->view == NULL && (in->view = dw_arena_new(DW_INPROC_ARENA_BYTES)) == NULL)
        return dw_inproc_no_memory(err);
    dw_errc code = seen_move(in, ev->source_record_id, &seen, err);
    if (code != DW_OK || seen) {
        out->fate = DW_INPROC_DUPLICATE;
        return code;
    }
    dw_arena_reset(in->view);
    code = dw_moved_from_event(ev, in->view, &moved, err);
    if (code != DW_OK) {
        *out = (dw_inproc_out){DW_INPROC_DEAD, code};
        return DW_OK;
    }
    out->fate = DW_INPROC_APPLIED;
    return apply_move(in, ev->la_code, ev->child_ref, &moved, 0, out, err);
}

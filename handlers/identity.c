/* identity.c: moving the facts of subjects that are one child; see identity.h. */

#include "handlers/identity.h"

#include "field_ids.h"
#include "handlers/identity_links.h"
#include "handlers/record_wire.h"

#include <assert.h>
#include <stdlib.h>

#define MOVE_ARENA_BYTES (64u << 20) /* bytes of the moves of one call: all facts of a child, some times over */

/* --- small things */

static dw_str ref_of(dw_str subject)
{
    uint32_t la = dw_subject_la(subject).len;
    return la < subject.len ? (dw_str){subject.ptr + la + 1, subject.len - la - 1} : (dw_str){NULL, 0};
}

static dw_applied refuse(dw_emit *emit, dw_errc why)
{
    emit->refused = why;
    return DW_REFUSED;
}

/* --- moves */

static dw_str keep(dw_emit *emit, dw_str text)
{
    dw_str copy = text.len != 0 ? dw_arena_str(emit->move_arena, text) : (dw_str){NULL, 0};
    emit->nomem |= text.len != 0 && copy.ptr == NULL;
    return copy;
}

static void add_move(dw_emit *emit, dw_str subject, dw_str to, dw_str from, dw_str facts, bool more)
{
    if (emit->move_arena == NULL)
        emit->move_arena = dw_arena_new(MOVE_ARENA_BYTES);
    if (emit->move_count == emit->move_cap) {
        uint32_t cap = emit->move_cap == 0 ? 4 : emit->move_cap * 2;
        dw_move *grown = realloc(emit->moves, cap * sizeof *grown);
        if (grown != NULL) {
            emit->moves = grown;
            emit->move_cap = cap;
        }
    }
    if (emit->move_arena == NULL || emit->move_count == emit->move_cap) {
        emit->nomem = true;
        return;
    }
    subject = keep(emit, subject);
    to = keep(emit, to);
    from = keep(emit, from);
    dw_moved body = {.facts = keep(emit, facts), .more = more};
    if (to.len != 0) {
        body.to_la_code = dw_subject_la(to);
        body.to_child_ref = ref_of(to);
    }
    if (from.len != 0) {
        body.from_la_code = dw_subject_la(from);
        body.from_child_ref = ref_of(from);
    }
    emit->moves[emit->move_count++] = (dw_move){dw_subject_la(subject), ref_of(subject), body};
}

/* --- blocks of facts */

/* In which order facts travel: who is who first, what opens duties last. */
static int rank_of(const dw_fact *fact)
{
    switch (fact->type) {
    case DW_EV_IDENTITY_MERGED:
    case DW_EV_IDENTITY_SPLIT:
        return 0;
    case DW_EV_PLAN_STARTED:
    case DW_EV_PLACEMENT_STARTED:
    case DW_EV_MISSING_EPISODE:
    case DW_EV_CONTACT_RECEIVED:
    case DW_EV_REFERRAL_RECEIVED:
    case DW_EV_S47_STARTED:
        return 2;
    default:
        return 1;
    }
}

/* The fact as it travels: with the subject it was told under. */
static bool with_origin(const dw_fact *fact, dw_str self, dw_arena *arena, dw_fact *out)
{
    *out = *fact;
    if (dw_fact_origin(fact).len != 0)
        return true;
    dw_value *values = dw_arena_alloc(arena, (fact->value_count + 1) * sizeof *values);
    if (values == NULL)
        return false;
    if (fact->value_count != 0)
        memcpy(values, fact->values, fact->value_count * sizeof *values);
    values[fact->value_count] = (dw_value){.field = DW_F_ENV_ORIGIN, .kind = DW_VAL_STR, .s = self};
    out->values = values;
    out->value_count++;
    out->has |= dw_fact_bit(DW_F_ENV_ORIGIN);
    return true;
}

/* Facts 0..n-1 as one block in block->head, which is empty when memory ran out. */
static bool write_block(dw_encoded *block, const dw_fact *facts, uint32_t n)
{
    dw_strings set;
    uint8_t format = DW_RECORD_FORMAT;
    block->head.len = block->body.len = 0;
    if (dw_strings_init(&set, &block->strings, &block->slots) && dw_facts_write(&block->body, &set, facts, n) &&
        dw_buf_append(&block->head, &format, 1) && dw_strings_write(&set, &block->head) &&
        dw_buf_append(&block->head, block->body.data, block->body.len))
        return true;
    block->head.len = 0;
    return false;
}

/* Send the facts, in order, to `subject` in as many blocks as it takes. */
static void send_blocks(dw_emit *emit, dw_str subject, dw_str self, const dw_fact *facts, uint32_t n)
{
    dw_encoded block = {0};
    uint32_t at = 0, guess = n;
    while (at < n && !emit->nomem) {
        uint32_t take = guess < n - at ? guess : n - at;
        while (write_block(&block, &facts[at], take) && block.head.len > DW_MOVE_BLOCK_BYTES && take > 1) {
            take = (uint32_t)((uint64_t)take * (DW_MOVE_BLOCK_BYTES / 8 * 7) / block.head.len);
            take = take == 0 ? 1 : take;
            guess = take;
        }
        if (block.head.len == 0) {
            emit->nomem = true;
            break;
        }
        dw_str bytes = {(const char *)block.head.data, (uint32_t)block.head.len};
        add_move(emit, subject, (dw_str){NULL, 0}, self, bytes, at + take < n);
        at += take;
    }
    dw_encoded_deinit(&block);
}

/* Send those of `facts` that are marked to `subject`. */
static void send_facts(dw_emit *emit, dw_str subject, dw_str self, const dw_fact *facts, uint32_t count,
                       const bool *marked)
{
    dw_fact *going = dw_arena_alloc(emit->arena, (count + 1) * sizeof *going);
    uint32_t n = 0;
    if (going == NULL) {
        emit->nomem = true;
        return;
    }
    for (int rank = 0; rank <= 2; rank++)
        for (uint32_t i = 0; i < count; i++)
            if ((marked == NULL || marked[i]) && rank_of(&facts[i]) == rank &&
                !with_origin(&facts[i], self, emit->arena, &going[n++]))
                emit->nomem = true;
    if (!emit->nomem)
        send_blocks(emit, subject, self, going, n);
}

/* --- what follows when the links have changed */

static void send_back(dw_record *rec, dw_str self, const dw_links *after, dw_str child, bool *gone, dw_emit *emit)
{
    bool *marked = dw_arena_alloc(emit->arena, rec->fact_count + 1);
    if (marked == NULL) {
        emit->nomem = true;
        return;
    }
    for (uint32_t i = 0; i < rec->fact_count; i++) {
        dw_str origin = dw_fact_origin(&rec->facts[i]);
        marked[i] = origin.len != 0 && dw_str_eq(dw_links_root(after, origin), child);
        gone[i] |= marked[i];
    }
    send_facts(emit, child, self, rec->facts, rec->fact_count, marked);
}

/* Take out what was sent back; of each source record the rest is settled anew. */
static void forget(dw_record *rec, const bool *gone, dw_emit *emit)
{
    uint32_t n = 0;
    uint64_t *keys = dw_arena_alloc(emit->arena, (rec->fact_count + 1) * sizeof *keys);
    if (keys == NULL) {
        emit->nomem = true;
        return;
    }
    for (uint32_t i = 0; i < rec->fact_count; i++)
        if (gone[i])
            keys[n++] = rec->facts[i].key;
    dw_record_remove(rec, gone);
    for (uint32_t i = 0; i < n; i++)
        dw_record_settle_key(rec, keys[i]);
}

static dw_applied follow_links(dw_record *rec, dw_str self, const dw_links *before, dw_emit *emit)
{
    dw_links after;
    bool *gone = dw_arena_alloc(emit->arena, rec->fact_count + 1), any = false;
    const dw_str none = {NULL, 0};
    if (gone == NULL || !dw_links_read(rec, self, emit->arena, &after))
        return DW_APPLY_NOMEM;
    for (uint32_t i = 0; i < after.count; i++) {
        const dw_link *now = &after.items[i], *was = dw_links_find(before, now->child);
        if (was == NULL || !dw_str_eq(was->survivor, now->survivor))
            add_move(emit, now->child, now->survivor, was != NULL ? was->survivor : none, none, false);
    }
    for (uint32_t i = 0; i < before->count; i++) {
        const dw_link *was = &before->items[i];
        if (dw_links_find(&after, was->child) != NULL)
            continue;
        add_move(emit, was->child, was->child, was->survivor, none, false);
        send_back(rec, self, &after, was->child, gone, emit);
        any = true;
    }
    if (any)
        forget(rec, gone, emit);
    return emit->nomem ? DW_APPLY_NOMEM : DW_APPLIED;
}

static bool was_adopted(const dw_record *rec)
{
    for (uint32_t i = 0; i < rec->fact_count; i++) {
        const dw_fact *fact = &rec->facts[i];
        const dw_value *v = NULL;
        if (!dw_fact_counts(fact))
            continue;
        if (fact->type == DW_EV_PLACEMENT_ENDED && (v = dw_fact_get(fact, DW_F_PLACEMENT_ENDED_REC)) != NULL &&
            (v->i == DW_V_REC_E11 || v->i == DW_V_REC_E12))
            return true;
        if (fact->type == DW_EV_CASE_CLOSED)
            v = dw_fact_get(fact, DW_F_CASE_CLOSED_REASON_FOR_CLOSURE);
        else if (fact->type == DW_EV_REFERRAL_RECEIVED)
            v = dw_fact_get(fact, DW_F_REFERRAL_RECEIVED_REASON_FOR_CLOSURE);
        if (fact->type != DW_EV_PLACEMENT_ENDED && v != NULL && v->i == DW_V_REASON_FOR_CLOSURE_RC1)
            return true;
    }
    return false;
}

dw_applied dw_identity_event(dw_record *rec, const dw_event *ev, int64_t offset, dw_emit *emit)
{
    char text[DW_SUBJECT_TEXT_MAX];
    dw_str self = dw_record_subject(rec, text);
    dw_links before;
    dw_arena_reset(emit->arena);
    if (ev->type == DW_EV_IDENTITY_MERGED && ev->op != DW_OP_VOID && was_adopted(rec))
        return refuse(emit, DW_E_ADOPTED);
    if (!dw_links_read(rec, self, emit->arena, &before))
        return DW_APPLY_NOMEM;
    dw_applied applied = dw_record_put(rec, ev, offset);
    return applied == DW_APPLIED ? follow_links(rec, self, &before, emit) : applied;
}

dw_applied dw_identity_pass(const dw_record *rec, const dw_event *ev, int64_t offset, dw_emit *emit)
{
    char text[DW_SUBJECT_TEXT_MAX];
    dw_value values[DW_FACT_VALUES_MAX];
    dw_fact fact;
    dw_arena_reset(emit->arena);
    dw_fact_from_event(ev, offset, values, &fact);
    send_facts(emit, rec->moved_to, dw_record_subject(rec, text), &fact, 1, NULL);
    return emit->nomem ? DW_APPLY_NOMEM : DW_PASSED_ON;
}

/* --- moves that arrive */

/* "You are `to` now." */
static dw_applied become(dw_record *rec, const dw_policy *policy, dw_str self, dw_str to, dw_str from, int64_t clock_us,
                         int64_t offset, dw_emit *emit)
{
    dw_links all;
    if (dw_str_eq(rec->moved_to, to))
        return DW_DUPLICATE;
    dw_str kept = dw_arena_str(rec->arena, to);
    if (kept.ptr == NULL)
        return DW_APPLY_NOMEM;
    if (rec->moved_to.len != 0) { /* whom it was merged into was merged anew, or another one says so */
        if (!dw_str_eq(rec->moved_to, from))
            return refuse(emit, DW_E_IDENTITY);
        rec->moved_to = kept;
        return DW_APPLIED;
    }
    if (!dw_links_read(rec, self, emit->arena, &all))
        return DW_APPLY_NOMEM;
    if (dw_str_eq(dw_links_root(&all, to), self))
        return refuse(emit, DW_E_IDENTITY); /* round in a circle */
    if (was_adopted(rec))
        return refuse(emit, DW_E_ADOPTED);
    if (policy != NULL)
        dw_reconcile_merged(rec, policy, clock_us, offset, emit);
    if (rec->fact_count != 0)
        send_facts(emit, to, self, rec->facts, rec->fact_count, NULL);
    bool *gone = dw_arena_alloc(emit->arena, rec->fact_count + 1);
    if (gone == NULL || emit->nomem)
        return DW_APPLY_NOMEM;
    memset(gone, 1, rec->fact_count);
    dw_record_remove(rec, gone);
    rec->moved_to = kept;
    return DW_APPLIED;
}

/* A fact of a block as it is kept here. */
static dw_fact landed(const dw_fact *fact, dw_str self, int64_t offset)
{
    dw_fact own = *fact;
    own.flags &= ~(DW_FACTF_PAGED | DW_FACTF_MISSED | DW_FACTF_SHADOWED);
    own.content = 0;
    own.offset = offset;
    if (dw_str_eq(dw_fact_origin(fact), self))
        own.value_count--; /* the origin is the last value */
    return own;
}

/* Is what was told under this subject told of the child of the record? */
static bool belongs(const dw_links *all, dw_str origin, dw_str self)
{
    return origin.len == 0 || dw_str_eq(dw_links_root(all, origin), self);
}

/* Puts what belongs here; `foreign` marks the rest. Who is who comes first, for it says what else belongs. */
static dw_applied put_block(dw_record *rec, const dw_record *block, dw_str self, int64_t offset, bool *foreign,
                            dw_emit *emit)
{
    dw_applied result = DW_DUPLICATE;
    bool identity = true;
    for (uint32_t i = 0; i < block->fact_count; i++)
        foreign[i] = true;
    for (;;) {
        dw_links all;
        bool any = false;
        if (!dw_links_read(rec, self, emit->arena, &all))
            return DW_APPLY_NOMEM;
        for (uint32_t i = 0; i < block->fact_count; i++) {
            const dw_fact *fact = &block->facts[i];
            if (!foreign[i] || dw_event_is_identity(fact->type) != identity ||
                !belongs(&all, dw_fact_origin(fact), self))
                continue;
            dw_fact own = landed(fact, self, offset);
            dw_applied applied = dw_record_put_fact(rec, &own);
            if (applied == DW_APPLY_NOMEM)
                return applied;
            if (applied == DW_APPLIED)
                result = applied;
            foreign[i] = false;
            any = true;
        }
        if (!identity)
            return result;
        identity = any; /* another round: what was put may make more belong */
    }
}

/* A single merge that somebody told under a subject which is another one now, and that one was adopted. */
static bool links_adopted(const dw_record *rec, const dw_record *block)
{
    return block->fact_count == 1 && block->facts[0].type == DW_EV_IDENTITY_MERGED &&
           (block->facts[0].flags & DW_FACTF_VOID) == 0 && was_adopted(rec);
}

/* What belongs to no subject of this child goes back to where it was told: not to who sent it, for that one may only have
 * passed it on and would do so again. Returns how many facts. */
static uint32_t send_home(const dw_record *block, dw_str self, const bool *foreign, dw_emit *emit)
{
    uint32_t n = 0;
    bool *marked = dw_arena_alloc(emit->arena, block->fact_count + 1);
    bool *done = dw_arena_alloc(emit->arena, block->fact_count + 1);
    if (marked == NULL || done == NULL) {
        emit->nomem = true;
        return 0;
    }
    for (uint32_t i = 0; i < block->fact_count; i++) {
        dw_str origin = dw_fact_origin(&block->facts[i]);
        if (!foreign[i] || done[i])
            continue;
        for (uint32_t k = 0; k < block->fact_count; k++) {
            marked[k] = foreign[k] && dw_str_eq(dw_fact_origin(&block->facts[k]), origin);
            done[k] |= marked[k];
            n += marked[k];
        }
        send_facts(emit, origin, self, block->facts, block->fact_count, marked);
    }
    return n;
}

/* Merges of the block that no longer hold, for what ended them was told here while they were on their way: who was merged
 * hears of it now. (To one who knows it is nothing new.) */
static dw_applied undo_overtaken(const dw_record *rec, const dw_record *block, dw_str self, const bool *foreign,
                                 dw_emit *emit)
{
    dw_links after;
    if (!dw_links_read(rec, self, emit->arena, &after))
        return DW_APPLY_NOMEM;
    for (uint32_t i = 0; i < block->fact_count; i++) {
        const dw_fact *fact = &block->facts[i];
        if (foreign[i] || fact->type != DW_EV_IDENTITY_MERGED || (fact->flags & DW_FACTF_VOID) != 0)
            continue;
        dw_str survivor = dw_fact_origin(fact), child;
        if (!dw_identity_names(fact, survivor, emit->arena, &child))
            return DW_APPLY_NOMEM;
        if (child.len != 0 && !dw_str_eq(child, self) && dw_links_find(&after, child) == NULL)
            add_move(emit, child, child, survivor, (dw_str){NULL, 0}, false);
    }
    return DW_APPLIED;
}

/* Facts of others. */
static dw_applied take_in(dw_record *rec, dw_str self, const dw_moved *moved, int64_t offset, dw_emit *emit)
{
    dw_record *block = dw_record_new(rec->la_code, rec->child_ref);
    dw_links before;
    if (block == NULL)
        return DW_APPLY_NOMEM;
    block->page_count = 1; /* it is one */
    dw_errc code = dw_record_attach_page(block, 0, (const uint8_t *)moved->facts.ptr, moved->facts.len, NULL);
    bool *foreign = dw_arena_alloc(emit->arena, block->fact_count + 1);
    dw_applied result = DW_APPLY_NOMEM;
    if (code != DW_OK && code != DW_E_NOMEM) {
        result = refuse(emit, code);
        goto done;
    }
    if (code != DW_OK || foreign == NULL || !dw_links_read(rec, self, emit->arena, &before))
        goto done;
    if (links_adopted(rec, block)) {
        result = refuse(emit, DW_E_ADOPTED);
        goto done;
    }
    result = put_block(rec, block, self, offset, foreign, emit);
    if (result != DW_APPLY_NOMEM && undo_overtaken(rec, block, self, foreign, emit) == DW_APPLY_NOMEM)
        result = DW_APPLY_NOMEM;
    if (result == DW_APPLIED)
        result = follow_links(rec, self, &before, emit);
    if (result != DW_APPLY_NOMEM && send_home(block, self, foreign, emit) == block->fact_count &&
        block->fact_count != 0)
        result = DW_PASSED_ON;
    if (emit->nomem)
        result = DW_APPLY_NOMEM;
done:
    dw_record_free(&block);
    return result;
}

dw_applied dw_identity_move(dw_record *rec, const dw_policy *policy, const dw_moved *moved, int64_t clock_us,
                            int64_t offset, dw_emit *emit, bool *decide)
{
    char text[DW_SUBJECT_TEXT_MAX], to_text[DW_SUBJECT_TEXT_MAX], from_text[DW_SUBJECT_TEXT_MAX];
    dw_str self = dw_record_subject(rec, text), to = {NULL, 0}, from = {NULL, 0};
    dw_arena_reset(emit->arena);
    *decide = false;
    if (moved->to_la_code.len != 0)
        to = dw_subject_join(moved->to_la_code, moved->to_child_ref, to_text);
    if (moved->from_la_code.len != 0)
        from = dw_subject_join(moved->from_la_code, moved->from_child_ref, from_text);
    if (to.len != 0 && !dw_str_eq(to, self)) {
        dw_applied applied = become(rec, policy, self, to, from, clock_us, offset, emit);
        *decide = applied == DW_APPLIED;
        return applied;
    }
    if (to.len != 0) { /* itself again, says the one it had become */
        if (rec->moved_to.len == 0 || !dw_str_eq(rec->moved_to, from))
            return DW_DUPLICATE;
        rec->moved_to = (dw_str){NULL, 0};
        return DW_APPLIED;
    }
    if (rec->moved_to.len != 0) {
        add_move(emit, rec->moved_to, (dw_str){NULL, 0}, self, moved->facts, moved->more);
        return emit->nomem ? DW_APPLY_NOMEM : DW_PASSED_ON;
    }
    dw_applied applied = take_in(rec, self, moved, offset, emit);
    *decide = !moved->more && applied != DW_APPLY_NOMEM && applied != DW_REFUSED;
    return applied;
}

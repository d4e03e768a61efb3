/* Tables and lists of one turn. */
#include "daemon/shard/turn.h"

#include <assert.h>

#include "daemon/shard/engine.h"

bool dw_turn_init(dw_turn *turn, dw_pool *pool)
{
    *turn = (dw_turn){0};
    turn->arena = dw_arena_new_pooled(DW_TURN_ARENA_BYTES_MAX, pool);
    return turn->arena != NULL;
}

void dw_turn_free_records(dw_turn *turn)
{
    for (size_t i = 0; i < turn->count; i++)
        dw_record_free(&turn->list[i]->rec);
}

static void shrink(void **items, size_t *cap, size_t size)
{
    if (*cap * size > DW_TURN_KEEP_BYTES) {
        free(*items);
        *items = NULL;
        *cap = 0;
    }
}

void dw_turn_reset(dw_turn *turn)
{
    dw_turn_free_records(turn);
    HASH_CLEAR(hh, turn->table);
    dw_arena_reset(turn->arena);
    dw_turn old = *turn;
    shrink((void **)&old.list, &old.list_cap, sizeof(*old.list));
    shrink((void **)&old.heap, &old.heap_cap, sizeof(*old.heap));
    shrink((void **)&old.rows, &old.row_cap, sizeof(*old.rows));
    shrink((void **)&old.dead, &old.dead_cap, sizeof(*old.dead));
    shrink((void **)&old.made, &old.made_cap, sizeof(*old.made));
    shrink((void **)&old.forwards, &old.forward_cap, sizeof(*old.forwards));
    *turn = (dw_turn){.arena = old.arena,
                      .list = old.list,
                      .list_cap = old.list_cap,
                      .heap = old.heap,
                      .heap_cap = old.heap_cap,
                      .rows = old.rows,
                      .row_cap = old.row_cap,
                      .dead = old.dead,
                      .dead_cap = old.dead_cap,
                      .made = old.made,
                      .made_cap = old.made_cap,
                      .forwards = old.forwards,
                      .forward_cap = old.forward_cap};
}

void dw_turn_deinit(dw_turn *turn)
{
    if (turn->arena == NULL)
        return;
    dw_turn_reset(turn);
    dw_arena_free(&turn->arena);
    free(turn->list);
    free(turn->heap);
    free(turn->rows);
    free(turn->dead);
    free(turn->made);
    free(turn->forwards);
    *turn = (dw_turn){0};
}

/* Room for one more item; false: out of memory. */
static bool room(dw_turn *turn, void **items, size_t count, size_t *cap, size_t size)
{
    void *grown = dw_list_room(*items, count, cap, 32, size);
    if (grown == NULL) {
        turn->failed = true;
        return false;
    }
    *items = grown;
    return true;
}

dw_subject *dw_turn_find(dw_turn *turn, dw_str key)
{
    dw_subject *subject = NULL;
    HASH_FIND(hh, turn->table, key.ptr, key.len, subject);
    return subject;
}

dw_subject *dw_turn_add(dw_turn *turn, dw_str key)
{
    dw_subject *subject = dw_turn_find(turn, key);
    if (subject != NULL)
        return subject;
    if (!room(turn, (void **)&turn->list, turn->count, &turn->list_cap, sizeof(*turn->list)))
        return NULL;
    subject = dw_arena_alloc(turn->arena, sizeof(*subject));
    dw_str copy = dw_arena_str(turn->arena, key);
    if (subject == NULL || copy.ptr == NULL) {
        turn->failed = true;
        return NULL;
    }
    subject->key = copy;
    subject->old_due_us = DW_AT_NEVER;
    HASH_ADD_KEYPTR(hh, turn->table, copy.ptr, copy.len, subject);
    turn->list[turn->count++] = subject;
    return subject;
}

int dw_due_cmp(int64_t a_us, dw_str a, int64_t b_us, dw_str b)
{
    return a_us != b_us ? (a_us > b_us) - (a_us < b_us) : dw_str_cmp(a, b);
}

static bool before(const dw_subject *a, const dw_subject *b)
{
    return dw_due_cmp(a->rec->next_due_us, a->key, b->rec->next_due_us, b->key) < 0;
}

static void heap_set(dw_turn *turn, size_t at, dw_subject *subject)
{
    turn->heap[at] = subject;
    subject->heap_at = at + 1;
}

static void heap_up(dw_turn *turn, size_t at)
{
    dw_subject *moving = turn->heap[at];
    while (at > 0 && before(moving, turn->heap[(at - 1) / 2])) {
        heap_set(turn, at, turn->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    heap_set(turn, at, moving);
}

static void heap_down(dw_turn *turn, size_t at)
{
    dw_subject *moving = turn->heap[at];
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= turn->heap_count)
            break;
        if (child + 1 < turn->heap_count && before(turn->heap[child + 1], turn->heap[child]))
            child++;
        if (!before(turn->heap[child], moving))
            break;
        heap_set(turn, at, turn->heap[child]);
        at = child;
    }
    heap_set(turn, at, moving);
}

bool dw_turn_arm(dw_turn *turn, dw_subject *subject)
{
    bool due = subject->rec->next_due_us <= turn->end_us;
    size_t at = subject->heap_at;
    if (at == 0 && !due)
        return true;
    if (at == 0) {
        if (!room(turn, (void **)&turn->heap, turn->heap_count, &turn->heap_cap, sizeof(*turn->heap)))
            return false;
        heap_set(turn, turn->heap_count++, subject);
        heap_up(turn, turn->heap_count - 1);
        return true;
    }
    at--;
    if (!due) {
        dw_subject *last = turn->heap[--turn->heap_count];
        subject->heap_at = 0;
        if (last == subject)
            return true;
        heap_set(turn, at, last);
    }
    heap_up(turn, at);
    heap_down(turn, turn->heap[at]->heap_at - 1);
    return true;
}

dw_subject *dw_turn_first(const dw_turn *turn)
{
    return turn->heap_count != 0 ? turn->heap[0] : NULL;
}

dw_row *dw_turn_row(dw_turn *turn)
{
    if (!room(turn, (void **)&turn->rows, turn->row_count, &turn->row_cap, sizeof(*turn->rows)))
        return NULL;
    dw_row *row = &turn->rows[turn->row_count++];
    *row = (dw_row){0};
    return row;
}

bool dw_turn_dead(dw_turn *turn, dw_dead dead)
{
    if (!room(turn, (void **)&turn->dead, turn->dead_count, &turn->dead_cap, sizeof(*turn->dead)))
        return false;
    turn->dead[turn->dead_count++] = dead;
    return true;
}

bool dw_turn_made(dw_turn *turn, const dw_transition *tr)
{
    if (!room(turn, (void **)&turn->made, turn->made_count, &turn->made_cap, sizeof(*turn->made)))
        return false;
    dw_made *made = &turn->made[turn->made_count++];
    made->kind = tr->kind;
    uint32_t n = tr->rule_id.len < DW_RULE_ID_BYTES_MAX ? tr->rule_id.len : DW_RULE_ID_BYTES_MAX;
    memcpy(made->rule_id, tr->rule_id.ptr, n);
    made->rule_id[n] = '\0';
    return true;
}

bool dw_turn_forward(dw_turn *turn, int32_t origin, dw_position position)
{
    for (size_t i = 0; i < turn->forward_count; i++)
        if (turn->forwards[i].origin == origin) {
            turn->forwards[i].position = position;
            return true;
        }
    if (!room(turn, (void **)&turn->forwards, turn->forward_count, &turn->forward_cap, sizeof(*turn->forwards)))
        return false;
    turn->forwards[turn->forward_count].origin = origin;
    turn->forwards[turn->forward_count++].position = position;
    return true;
}

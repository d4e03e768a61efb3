/* rows.c: what a turn has for topics: transitions, dead letters, records that belong elsewhere, facts that move. And the mark
 * by which a receiver takes what was passed on once. */

#include "daemon/shard/engine.h"
#include "handlers/identity.h"

#include <inttypes.h>

/* Rows are numbered from 1 within the record that made the clock move or asked for them, over turns. */
static dw_position next_position(const dw_turn *turn, int64_t offset)
{
    dw_position last = turn->next.outbox_last;
    return (dw_position){offset, last.offset == offset ? last.n + 1 : 1};
}

static dw_row *add_row(dw_shard *s, int64_t offset, dw_topic topic, int32_t partition, dw_str key, dw_str value)
{
    dw_row *row = dw_turn_row(&s->turn);
    if (row == NULL)
        return NULL;
    row->id = next_position(&s->turn, offset);
    row->topic = topic;
    row->partition = partition;
    row->has_key = true;
    row->key = key;
    row->value = value;
    row->clock_us = s->turn.next.clock_us;
    s->turn.next.outbox_last = row->id;
    s->turn.row_bytes += value.len;
    return row;
}

/* "la/ref" in the turn's arena; ptr NULL: out of memory. */
static dw_str child_key(dw_turn *turn, dw_str la_code, dw_str child_ref)
{
    char key[DW_SUBJECT_TEXT_MAX];
    int n = snprintf(key, sizeof(key), "%.*s/%.*s", DW_STR_ARG(la_code), DW_STR_ARG(child_ref));
    return dw_arena_str(turn->arena, (dw_str){key, (uint32_t)n});
}

bool dw_rows_emit(dw_shard *s, int64_t offset)
{
    dw_scratch *scratch = dw_cache_scratch(s->cache);
    dw_emit *emit = scratch->emit;
    dw_error err = {DW_OK, ""};
    if (emit->overflow) {
        dw_engine_hold_after(s, DW_HOLD_BUG, "more than %d transitions of one child at offset %lld", DW_TRANSITIONS_MAX,
                             (long long)offset);
        return false;
    }
    for (uint32_t i = 0; i < emit->count; i++) {
        dw_transition *tr = &emit->items[i];
        size_t len = 0;
        for (uint32_t c = 0; c < tr->cause_count; c++)
            tr->causes[c].partition = (uint32_t)s->cfg.partition;
        if (dw_transition_encode(tr, scratch->row, sizeof(scratch->row), &len, &err) != DW_OK) {
            dw_engine_hold_after(s, DW_HOLD_BUG, "a transition cannot be encoded: %s", err.text);
            return false;
        }
        dw_str value = dw_arena_str(s->turn.arena, (dw_str){(const char *)scratch->row, (uint32_t)len});
        dw_str key = child_key(&s->turn, tr->la_code, tr->child_ref);
        bool kept = value.ptr != NULL && key.ptr != NULL;
        if (!kept || add_row(s, offset, DW_TOPIC_ALERTS, s->cfg.partition, key, value) == NULL ||
            !dw_turn_made(&s->turn, tr)) {
            s->turn.failed = true;
            return false;
        }
    }
    return true;
}

/* --- dead letters */

/* Escaped for JSON: ids are printable ASCII, so quotes and backslashes are all there is. */
static void json_text(dw_str s, char *out, size_t size)
{
    size_t at = 0;
    for (uint32_t i = 0; i < s.len && at + 3 < size; i++) {
        if (s.ptr[i] == '"' || s.ptr[i] == '\\')
            out[at++] = '\\';
        if (s.ptr[i] >= 0x20 && s.ptr[i] < 0x7f)
            out[at++] = s.ptr[i];
    }
    out[at] = '\0';
}

bool dw_rows_reject(dw_shard *s, const dw_applying *a, dw_errc reason, bool parked, dw_str source)
{
    char digest[17], text[512], quoted[2 * DW_ID_BYTES_MAX + 4];
    const char *class = parked ? "parked" : "dead";
    dw_queued_digest(a->queued, a->rec, digest);
    int n = snprintf(text, sizeof(text), "%s|%s|%u|%s|%.*s", dw_errc_name(reason), class, a->queued->real_len, digest,
                     (int)(source.len <= DW_ID_BYTES_MAX ? source.len : 0), source.ptr);
    dw_str kept = dw_arena_str(s->turn.arena, (dw_str){text, (uint32_t)n});
    json_text(source, quoted, sizeof(quoted));
    n = snprintf(
        text, sizeof(text),
        "{\"partition\":%d,\"offset\":%lld,\"reason\":\"%s\",\"class\":\"%s\",\"size\":%u,\"digest\":\"%s\"%s%s%s}",
        s->cfg.partition, (long long)a->rec->offset, dw_errc_name(reason), class, a->queued->real_len, digest,
        source.len != 0 ? ",\"source_system\":\"" : "", source.len != 0 ? quoted : "", source.len != 0 ? "\"" : "");
    dw_str value = dw_arena_str(s->turn.arena, (dw_str){text, (uint32_t)n});
    n = snprintf(text, sizeof(text), "%d/%lld", s->cfg.partition, (long long)a->rec->offset);
    dw_str key = dw_arena_str(s->turn.arena, (dw_str){text, (uint32_t)n});
    if (kept.ptr == NULL || value.ptr == NULL || key.ptr == NULL)
        return false;
    if (add_row(s, a->rec->offset, DW_TOPIC_DEADLETTER, s->cfg.partition, key, value) == NULL ||
        !dw_turn_dead(&s->turn, (dw_dead){a->rec->offset, kept}))
        return false;
    s->turn.rejected_by[reason]++;
    return true;
}

/* --- what goes on to other subjects */

static bool next_part(dw_str *rest, dw_str *part)
{
    const char *slash = rest->len != 0 ? memchr(rest->ptr, '/', rest->len) : NULL;
    uint32_t n = slash != NULL ? (uint32_t)(slash - rest->ptr) : rest->len;
    *part = (dw_str){rest->ptr, n};
    uint32_t skip = n + (slash != NULL);
    *rest = (dw_str){rest->ptr + skip, rest->len - skip};
    return n != 0;
}

dw_forward_mark dw_forward_read(const dw_shard *s, const dw_log_record *rec)
{
    dw_forward_mark mark = {false, 0, {0, 0}, 0};
    dw_str rest = rec->forward, part;
    int64_t origin, count;
    if (rest.len == 0 || rest.len > 256)
        return mark;
    if (!next_part(&rest, &part) || !dw_number_parse(part, &origin) || origin < 0 || origin >= s->cfg.partition_count)
        return mark;
    if (!next_part(&rest, &part) || !dw_position_parse(part, &mark.position))
        return mark;
    if (!next_part(&rest, &part) || !dw_number_parse(part, &mark.hops) || mark.hops < 1)
        return mark;
    if (!next_part(&rest, &part) || !dw_number_parse(part, &count) || count != s->cfg.partition_count)
        return mark; /* made when the topic had another count: its positions say nothing about ours */
    if (s->cfg.auth_key != NULL) {
        uint32_t signed_len = (uint32_t)(part.ptr + part.len - rec->forward.ptr);
        if (!dw_auth_check(s->cfg.auth_key, s->cfg.auth_key_len, (dw_str){rec->forward.ptr, signed_len}, rec->value,
                           rest))
            return mark;
    }
    mark.origin = (int32_t)origin;
    mark.valid = true;
    return mark;
}

/* Marks a row for the input topic, so that its receiver takes it once. */
static bool mark_forward(dw_shard *s, dw_row *row, int64_t hops)
{
    char text[DW_POSITION_BYTES_MAX + 120], position[DW_POSITION_BYTES_MAX], hmac[65] = "";
    (void)dw_position_print(row->id, position);
    int n =
        snprintf(text, sizeof(text), "%d/%s/%" PRId64 "/%d", s->cfg.partition, position, hops, s->cfg.partition_count);
    if (s->cfg.auth_key != NULL) {
        dw_auth_compute(s->cfg.auth_key, s->cfg.auth_key_len, (dw_str){text, (uint32_t)n}, row->value, hmac);
        n += snprintf(text + n, sizeof(text) - (size_t)n, "/%s", hmac);
    }
    row->forward = dw_arena_str(s->turn.arena, (dw_str){text, (uint32_t)n});
    return row->forward.ptr != NULL;
}

bool dw_forward_is_repeat(const dw_shard *s, const dw_forward_mark *mark)
{
    dw_position last = s->forwards[mark->origin];
    for (size_t i = 0; i < s->turn.forward_count; i++)
        if (s->turn.forwards[i].origin == mark->origin)
            last = s->turn.forwards[i].position;
    return dw_position_cmp(mark->position, last) <= 0;
}

bool dw_rows_forward(dw_shard *s, const dw_applying *a, int64_t hops)
{
    dw_str value = dw_arena_str(s->turn.arena, a->rec->value), key = dw_arena_str(s->turn.arena, a->rec->key);
    dw_str auth = dw_arena_str(s->turn.arena, a->rec->auth);
    if (value.ptr == NULL || key.ptr == NULL || auth.ptr == NULL)
        return false;
    dw_row *row = add_row(s, a->rec->offset, DW_TOPIC_INPUT, dw_partition_of(key, s->cfg.partition_count), key, value);
    if (row == NULL)
        return false;
    row->auth = auth;
    return mark_forward(s, row, hops);
}

bool dw_rows_moves(dw_shard *s, const dw_applying *a, int64_t hops)
{
    const dw_emit *emit = dw_cache_scratch(s->cache)->emit;
    for (uint32_t i = 0; i < emit->move_count; i++) {
        const dw_move *move = &emit->moves[i];
        char position[DW_POSITION_BYTES_MAX], id[DW_POSITION_BYTES_MAX + 24];
        const uint8_t *bytes = NULL;
        size_t len = 0;
        (void)dw_position_print(next_position(&s->turn, a->rec->offset), position);
        (void)snprintf(id, sizeof(id), "%d/%s", s->cfg.partition, position);
        dw_str key = child_key(&s->turn, move->la_code, move->child_ref);
        if (key.ptr == NULL || dw_moved_encode(move->la_code, move->child_ref, &move->body, a->clock_us, id,
                                               s->turn.arena, &bytes, &len, NULL) != DW_OK)
            return false;
        dw_row *row = add_row(s, a->rec->offset, DW_TOPIC_INPUT, dw_partition_of(key, s->cfg.partition_count), key,
                              (dw_str){(const char *)bytes, (uint32_t)len});
        if (row == NULL || !mark_forward(s, row, hops))
            return false;
    }
    return true;
}

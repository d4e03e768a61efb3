/* Publishing the outbox: rows leave in order, several in flight; they are trimmed from the stream by the next commit after
 * the broker's acknowledgement. Few rows stay in memory; the others wait in the stream. */
#include "daemon/shard/engine.h"

#define RESEND_US 500000    /* after a failed delivery */
#define TRIM_US 1000000     /* acknowledged rows wait so long for a turn before they get one of their own */
#define ROW_BYTES_GUESS 512 /* of a row found in the stream at claim */

static bool pending(const dw_outbox *box)
{
    return box->first != NULL || box->unread;
}

static void free_first(dw_outbox *box)
{
    dw_pending_row *row = box->first;
    box->first = row->next;
    if (box->first == NULL)
        box->last = NULL;
    if (box->next_send == row)
        box->next_send = row->next;
    box->in_memory--;
    box->bytes -= row->bytes;
    free(row);
}

void dw_outbox_clear(dw_shard *s)
{
    while (s->outbox.first != NULL)
        free_first(&s->outbox);
    s->outbox = (dw_outbox){0};
    s->stats.outbox_rows = s->stats.outbox_bytes = 0;
    s->stats.outbox_oldest_us = 0;
}

static dw_str place(char **at, dw_str s)
{
    char *to = *at;
    if (s.len != 0)
        memcpy(to, s.ptr, s.len);
    *at += s.len;
    return (dw_str){to, s.len};
}

static bool push(dw_shard *s, const dw_row *row)
{
    dw_outbox *box = &s->outbox;
    size_t bytes = sizeof(dw_pending_row) + row->key.len + row->value.len + row->forward.len + row->auth.len;
    dw_pending_row *fresh = malloc(bytes);
    if (fresh == NULL)
        return false;
    *fresh = (dw_pending_row){.row = *row, .bytes = bytes};
    char *at = (char *)(fresh + 1);
    fresh->row.key = place(&at, row->key);
    fresh->row.value = place(&at, row->value);
    fresh->row.forward = place(&at, row->forward);
    fresh->row.auth = place(&at, row->auth);
    *(box->last != NULL ? &box->last->next : &box->first) = fresh;
    box->last = fresh;
    if (box->next_send == NULL)
        box->next_send = fresh;
    box->in_memory++;
    box->bytes += bytes;
    box->last_queued = row->id;
    return true;
}

static void show(dw_shard *s)
{
    const dw_outbox *box = &s->outbox;
    s->stats.outbox_rows = box->rows;
    s->stats.outbox_bytes = box->row_bytes;
    s->stats.outbox_oldest_us = box->first != NULL ? box->first->row.clock_us : 0;
}

void dw_outbox_committed(dw_shard *s, const dw_turn *turn)
{
    dw_outbox *box = &s->outbox;
    if (turn->trimmed.offset != 0 || turn->trimmed.n != 0)
        box->trim = dw_position_cmp(turn->trimmed, box->acked) < 0;
    for (size_t i = 0; i < turn->row_count; i++) {
        const dw_row *row = &turn->rows[i];
        if (!box->unread && (box->bytes >= s->caps.outbox_memory || !push(s, row)))
            box->unread = true;
        box->rows++;
        box->row_bytes += row->value.len + row->key.len;
    }
    show(s);
}

/* A row as XRANGE gives it: [id, [field, value, ...]]. */
static bool parse_row(const dw_reply *entry, dw_row *row)
{
    int64_t n;
    *row = (dw_row){0};
    if (entry->type != DW_REPLY_ARRAY || entry->count != 2 || entry->items[1].type != DW_REPLY_ARRAY ||
        !dw_position_parse(entry->items[0].str, &row->id))
        return false;
    bool topic = false;
    for (size_t i = 0; i + 1 < entry->items[1].count; i += 2) {
        dw_str field = entry->items[1].items[i].str, value = entry->items[1].items[i + 1].str;
        if (field.len != 1)
            return false;
        switch (field.ptr[0]) {
        case 't':
            topic = value.len == 1 && memchr("aid", value.ptr[0], 3) != NULL;
            if (topic)
                row->topic = value.ptr[0] == 'a'   ? DW_TOPIC_ALERTS
                             : value.ptr[0] == 'i' ? DW_TOPIC_INPUT
                                                   : DW_TOPIC_DEADLETTER;
            break;
        case 'p':
            if (!dw_number_parse(value, &n) || n < 0 || n > INT32_MAX)
                return false;
            row->partition = (int32_t)n;
            break;
        case 'c':
            if (!dw_number_parse(value, &row->clock_us))
                return false;
            break;
        case 'k':
            row->has_key = true;
            row->key = value;
            break;
        case 'v':
            row->value = value;
            break;
        case 'f':
            row->forward = value;
            break;
        case 'a':
            row->auth = value;
            break;
        default:
            break; /* a newer build's field */
        }
    }
    return topic;
}

static bool take_rows(dw_shard *s, const dw_reply *reply)
{
    dw_row row;
    dw_outbox *box = &s->outbox;
    for (size_t i = 0; i < reply->count; i++) {
        if (!parse_row(&reply->items[i], &row))
            return false;
        if (dw_position_cmp(row.id, box->last_queued) <= 0)
            continue;
        if (!push(s, &row))
            return true; /* read again later */
    }
    if (reply->count < s->caps.outbox_rows)
        box->unread = dw_position_cmp(box->last_queued, s->meta.outbox_last) < 0 && reply->count != 0;
    return true;
}

void dw_outbox_loaded(dw_shard *s, uint64_t rows, const dw_reply *first)
{
    dw_outbox_clear(s);
    s->outbox.rows = rows;
    s->outbox.row_bytes = rows * ROW_BYTES_GUESS;
    s->outbox.unread = rows != 0;
    if (rows != 0 && (first->type != DW_REPLY_ARRAY || !take_rows(s, first)))
        dw_engine_hold_after(s, DW_HOLD_BAD_STATE, "the outbox holds a row that is none; rebuild the shard");
    show(s);
}

bool dw_outbox_wants_read(const dw_shard *s)
{
    return s->outbox.unread && s->outbox.bytes < s->caps.outbox_memory / 2;
}

void dw_outbox_read(dw_shard *s)
{
    char from[DW_POSITION_BYTES_MAX + 1] = "(";
    uint32_t n = dw_position_print(s->outbox.last_queued, from + 1);
    dw_arena_reset(s->read_arena);
    dw_batch_reset(&s->read);
    dw_batch_call(&s->read, "XRANGE");
    dw_batch_arg(&s->read, s->key[DW_KEY_OUTBOX]);
    dw_batch_copy(&s->read, (dw_str){from, n + 1});
    dw_batch_text(&s->read, "+");
    dw_batch_text(&s->read, "COUNT");
    dw_batch_number(&s->read, (int64_t)s->caps.outbox_rows);
    dw_engine_send(s, DW_STEP_OUTBOX, &s->read);
}

void dw_outbox_reply(dw_shard *s, const dw_reply *replies, size_t count)
{
    if (count != 1 || replies[0].type != DW_REPLY_ARRAY) {
        s->recheck = true;
        s->retry_at_boot_us = s->now.boot_us + dw_engine_jitter(s, 100000);
        return;
    }
    if (!take_rows(s, &replies[0]))
        dw_engine_hold(s, DW_HOLD_BAD_STATE, "the outbox holds a row that is none; rebuild the shard");
    show(s);
}

static void header(dw_command *out, const char *name, dw_str value)
{
    out->headers[out->header_count++] = (dw_header){dw_str_from(name), value};
}

bool dw_outbox_next(dw_shard *s, dw_command *out)
{
    dw_outbox *box = &s->outbox;
    dw_pending_row *row = box->next_send;
    if (row == NULL || !s->claimed || box->in_flight >= DW_OUTBOX_IN_FLIGHT_MAX || box->resend ||
        s->now.boot_us < box->retry_at_boot_us || (s->stats.state != DW_SHARD_RUN && s->stats.state != DW_SHARD_HELD))
        return false;
    row->state = DW_ROW_SENT;
    row->ticket = ++s->last_ticket;
    box->in_flight++;
    box->next_send = row->next;
    *out = (dw_command){.kind = DW_CMD_PRODUCE,
                        .ticket = row->ticket,
                        .topic = row->row.topic,
                        .partition = row->row.partition,
                        .has_key = row->row.has_key,
                        .key = row->row.key,
                        .value = row->row.value};
    if (s->cfg.create_time)
        out->stamp_us = s->meta.clock_us > 1000 ? s->meta.clock_us : 1000;
    if (row->row.topic == DW_TOPIC_INPUT) {
        header(out, "dw-forward", row->row.forward);
        if (row->row.auth.len != 0)
            header(out, "dw-auth", row->row.auth);
    } else {
        uint32_t n = dw_position_print(row->row.id, s->header_position);
        dw_digest16(row->row.value, s->header_digest);
        header(out, "dw-position", (dw_str){s->header_position, n});
        header(out, "dw-digest", (dw_str){s->header_digest, 16});
    }
    return true;
}

/* Nothing is in flight after a failure: everything that is not acknowledged goes out again, in order. */
static void rewind_unacked(dw_shard *s)
{
    dw_outbox *box = &s->outbox;
    for (dw_pending_row *row = box->first; row != NULL; row = row->next)
        row->state = DW_ROW_QUEUED;
    box->next_send = box->first;
    box->resend = false;
}

bool dw_outbox_delivered(dw_shard *s, uint64_t ticket, bool ok)
{
    dw_outbox *box = &s->outbox;
    dw_pending_row *row = box->first;
    while (row != NULL && !(row->ticket == ticket && row->state == DW_ROW_SENT))
        row = row->next;
    if (row == NULL)
        return false;
    box->in_flight--;
    row->state = ok ? DW_ROW_ACKED : DW_ROW_QUEUED;
    if (!ok) {
        if (box->retry_at_boot_us <= s->now.boot_us)
            dw_engine_log(s, 1, "publish_failed", "a row could not be published, sending it again");
        box->resend = true;
        box->retry_at_boot_us = s->now.boot_us + dw_engine_jitter(s, RESEND_US);
    }
    while (box->first != NULL && box->first->state == DW_ROW_ACKED) {
        box->acked = box->first->row.id;
        if (!box->trim)
            box->trim_at_boot_us = s->now.boot_us + TRIM_US;
        box->trim = true;
        size_t bytes = box->first->row.value.len + box->first->row.key.len;
        box->rows -= box->rows != 0;
        box->row_bytes = box->row_bytes > bytes ? box->row_bytes - bytes : 0;
        free_first(box);
        s->stats.progress++;
    }
    if (!pending(box))
        box->rows = box->row_bytes = 0;
    if (box->resend && box->in_flight == 0)
        rewind_unacked(s);
    show(s);
    return true;
}

bool dw_outbox_full(const dw_shard *s, size_t more_rows, size_t more_bytes)
{
    return (int64_t)(s->outbox.rows + more_rows) >= s->cfg.outbox_rows_max ||
           (int64_t)(s->outbox.row_bytes + more_bytes) >= s->cfg.outbox_bytes_max;
}

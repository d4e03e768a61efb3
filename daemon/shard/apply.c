/* Records in offset order, and before each one everything that is due, one by one in the order (due, subject), at its own
 * instant. What becomes of each record is decided here and nowhere else, from the log alone. */
#include "daemon/shard/engine.h"
#include "handlers/identity.h"

#include <inttypes.h>

#define PERCENT_OF_MIN                                                                                                 \
    1000 /* a few dead letters at a start are no flood: the share counts over this many records at least */

/* --- children */

static bool damaged_head(dw_shard *s, dw_errc code, const char *text)
{
    dw_plan_drop(s);
    if (code == DW_E_NEWER)
        dw_engine_hold(s, DW_HOLD_NEWER_CORE, "a child's record was stored by a newer build; run that one");
    else
        dw_engine_hold(s, DW_HOLD_BAD_STATE, "a child's record is damaged: %s", text);
    return false;
}

bool dw_apply_look(dw_shard *s, dw_subject *subject)
{
    dw_record_front front;
    subject->seen = true;
    if (!dw_record_peek((const uint8_t *)subject->head.ptr, subject->head.len, &front))
        return dw_apply_load(s, subject); /* decoding says what is wrong with it */
    if (front.offset >= s->meta.offset) {
        dw_plan_drop(s);
        dw_engine_hold(s, DW_HOLD_TORN_COMMIT, "a child's record holds offset %lld, but %lld is the next to apply",
                       (long long)front.offset, (long long)s->meta.offset);
        return false;
    }
    subject->old_due_us = front.next_due_us;
    subject->old_pages = front.page_count;
    return true;
}

#define RECORD_PAGES_BYTES 8192 /* memory that a decoded record takes beside what it uses */

static bool is_live(const dw_alert *alert)
{
    return alert->state == DW_AL_OPEN || alert->state == DW_AL_ACKED;
}

/* The commit has to know which rows of :by_post an alert leaves; decoding the old head for that would cost as much again. */
static void note_stood(dw_turn *turn, dw_subject *subject)
{
    const dw_record *rec = subject->rec;
    uint32_t live = 0;
    for (uint32_t i = 0; i < rec->alert_count; i++)
        live += is_live(&rec->alerts[i]);
    subject->stood_count = 0;
    subject->stood = live != 0 ? dw_arena_alloc(turn->arena, live * sizeof(*subject->stood)) : NULL;
    if (live != 0 && subject->stood == NULL) {
        turn->failed = true;
        return;
    }
    for (uint32_t i = 0; i < rec->alert_count; i++) {
        const dw_alert *alert = &rec->alerts[i];
        if (is_live(alert))
            subject->stood[subject->stood_count++] =
                (dw_stood){alert->rule_id, alert->subject_kind, alert->subject_id, alert->post, alert->level};
    }
}

bool dw_apply_load(dw_shard *s, dw_subject *subject)
{
    dw_error err = {DW_OK, ""};
    if (subject->head.len == 0) {
        const char *slash = memchr(subject->key.ptr, '/', subject->key.len);
        uint32_t at = slash != NULL ? (uint32_t)(slash - subject->key.ptr) : subject->key.len;
        subject->rec = dw_record_new((dw_str){subject->key.ptr, at},
                                     (dw_str){subject->key.ptr + at + 1, subject->key.len - at - (slash != NULL)});
        if (subject->rec == NULL) {
            dw_plan_drop(s);
            dw_engine_hold(s, DW_HOLD_BUG, "out of memory");
            return false;
        }
    } else {
        dw_errc code = dw_record_decode((const uint8_t *)subject->head.ptr, subject->head.len, &subject->rec, &err);
        if (code != DW_OK)
            return damaged_head(s, code, err.text);
        note_stood(&s->turn, subject);
    }
    dw_apply_weigh(&s->turn, subject);
    return true;
}

void dw_apply_weigh(dw_turn *turn, dw_subject *subject)
{
    size_t bytes = subject->rec != NULL ? dw_arena_used(subject->rec->arena) + RECORD_PAGES_BYTES : 0;
    turn->decoded_bytes += bytes - subject->decoded;
    subject->decoded = bytes;
    if (turn->decoded_bytes > turn->decoded_peak)
        turn->decoded_peak = turn->decoded_bytes;
}

void dw_apply_unload(dw_turn *turn, dw_subject *subject)
{
    dw_record_free(&subject->rec);
    dw_apply_weigh(turn, subject);
}

/* --- dead letters by share and by minute of log time */

void dw_breaker_reset(dw_shard *s)
{
    s->breaker = (dw_breaker){.minute = INT64_MIN};
}

void dw_breaker_count(dw_shard *s, int64_t stamp_us, bool dead)
{
    dw_breaker *b = &s->breaker;
    int64_t minute = stamp_us / 60000000;
    if (minute != b->minute) {
        b->minute = minute;
        b->in_minute = 0;
    }
    if (b->records[b->at] == DW_WINDOW_BUCKET) {
        b->at = (b->at + 1) % DW_WINDOW_BUCKETS;
        b->records[b->at] = b->dead[b->at] = 0;
    }
    b->records[b->at]++;
    b->dead[b->at] += dead;
    b->in_minute += dead;
}

bool dw_breaker_tripped(const dw_shard *s, const char **why)
{
    const dw_breaker *b = &s->breaker;
    int64_t records = 0, dead = 0;
    for (size_t i = 0; i < DW_WINDOW_BUCKETS; i++) {
        records += b->records[i];
        dead += b->dead[i];
    }
    if (records < PERCENT_OF_MIN)
        records = PERCENT_OF_MIN;
    *why = "share";
    if (s->cfg.dead_letter_percent < 100 && dead * 100 > s->cfg.dead_letter_percent * records)
        return true;
    *why = "minute";
    return s->cfg.dead_letter_per_minute > 0 && b->in_minute > s->cfg.dead_letter_per_minute;
}

/* --- rows */

/* Rows are numbered from 1 within the record that made the clock move or asked for them, over turns. */
static dw_position next_position(const dw_turn *turn, int64_t offset)
{
    dw_position last = turn->next.outbox_last;
    return (dw_position){offset, last.offset == offset ? last.n + 1 : 1};
}

static dw_row *add_row(dw_shard *s, int64_t offset, dw_topic topic, int32_t partition, dw_str value)
{
    dw_row *row = dw_turn_row(&s->turn);
    if (row == NULL)
        return NULL;
    row->id = next_position(&s->turn, offset);
    row->topic = topic;
    row->partition = partition;
    row->value = value;
    row->clock_us = s->turn.next.clock_us;
    s->turn.next.outbox_last = row->id;
    s->turn.row_bytes += value.len;
    return row;
}

bool dw_apply_emit(dw_shard *s, int64_t offset)
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
        char key[DW_SUBJECT_BYTES_MAX + DW_ID_BYTES_MAX];
        int n = snprintf(key, sizeof(key), "%.*s/%.*s", DW_STR_ARG(tr->la_code), DW_STR_ARG(tr->child_ref));
        dw_str value = dw_arena_str(s->turn.arena, (dw_str){(const char *)scratch->row, (uint32_t)len});
        dw_str key_copy = dw_arena_str(s->turn.arena, (dw_str){key, (uint32_t)n});
        dw_row *row = value.ptr != NULL && key_copy.ptr != NULL
                          ? add_row(s, offset, DW_TOPIC_ALERTS, s->cfg.partition, value)
                          : NULL;
        if (row == NULL || !dw_turn_made(&s->turn, tr)) {
            s->turn.failed = true;
            return false;
        }
        row->has_key = true;
        row->key = key_copy;
    }
    return true;
}

/* --- fates of a record */

typedef enum fate {
    FATE_APPLIED,
    FATE_DUPLICATE,
    FATE_FORWARDED,
    FATE_PARKED,
    FATE_DEAD,
    FATE_CONTROL,
    FATE_STOP, /* the turn ends before this record */
    FATE_FAIL  /* the turn cannot be committed */
} fate;

typedef struct applying {
    const dw_log_record *rec;
    const dw_queued *queued;
    int64_t clock_us;
} applying;

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

/* A pointer row and an entry of the deadletter hash: the log keeps the bytes. */
static fate reject(dw_shard *s, const applying *a, dw_errc reason, bool parked, dw_str source)
{
    char digest[17], text[512], quoted[2 * DW_ID_BYTES_MAX + 4];
    const char *class = parked ? "parked" : "dead";
    if (a->queued->real_len > a->queued->value_len)
        (void)snprintf(digest, sizeof(digest), "%.16s", a->rec->value.ptr);
    else
        dw_digest16(a->rec->value, digest);
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
        return FATE_FAIL;
    dw_row *row = add_row(s, a->rec->offset, DW_TOPIC_DEADLETTER, s->cfg.partition, value);
    if (row == NULL || !dw_turn_dead(&s->turn, (dw_dead){a->rec->offset, kept}))
        return FATE_FAIL;
    row->has_key = true;
    row->key = key;
    s->turn.rejected_by[reason]++;
    return parked ? FATE_PARKED : FATE_DEAD;
}

/* Header of a forward. With an auth key it is signed: a forged one could make the receiver drop true forwards. */
typedef struct forward_mark {
    bool valid;
    int32_t origin;
    dw_position position;
    int64_t hops;
} forward_mark;

static bool next_part(dw_str *rest, dw_str *part)
{
    const char *slash = rest->len != 0 ? memchr(rest->ptr, '/', rest->len) : NULL;
    uint32_t n = slash != NULL ? (uint32_t)(slash - rest->ptr) : rest->len;
    *part = (dw_str){rest->ptr, n};
    uint32_t skip = n + (slash != NULL);
    *rest = (dw_str){rest->ptr + skip, rest->len - skip};
    return n != 0;
}

static forward_mark read_forward(const dw_shard *s, const dw_log_record *rec)
{
    forward_mark mark = {false, 0, {0, 0}, 0};
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

static fate forward(dw_shard *s, const applying *a, const forward_mark *mark)
{
    int64_t hops = mark->valid ? mark->hops + 1 : 1;
    if (hops > DW_FORWARD_HOPS_MAX)
        return reject(s, a, DW_E_KEY, false, (dw_str){NULL, 0});
    dw_str value = dw_arena_str(s->turn.arena, a->rec->value), key = dw_arena_str(s->turn.arena, a->rec->key);
    dw_str auth = dw_arena_str(s->turn.arena, a->rec->auth);
    if (value.ptr == NULL || key.ptr == NULL || auth.ptr == NULL)
        return FATE_FAIL;
    dw_row *row = add_row(s, a->rec->offset, DW_TOPIC_INPUT, dw_partition_of(key, s->cfg.partition_count), value);
    if (row == NULL)
        return FATE_FAIL;
    row->has_key = true;
    row->key = key;
    row->auth = auth;
    return mark_forward(s, row, hops) ? FATE_FORWARDED : FATE_FAIL;
}

/* What the core has for other subjects becomes rows for the input topic, also when they live in this partition. */
static bool send_moves(dw_shard *s, const applying *a, int64_t hops)
{
    const dw_emit *emit = dw_cache_scratch(s->cache)->emit;
    for (uint32_t i = 0; i < emit->move_count; i++) {
        const dw_move *move = &emit->moves[i];
        char position[DW_POSITION_BYTES_MAX], id[DW_POSITION_BYTES_MAX + 24], key[DW_SUBJECT_TEXT_MAX];
        const uint8_t *bytes = NULL;
        size_t len = 0;
        (void)dw_position_print(next_position(&s->turn, a->rec->offset), position);
        (void)snprintf(id, sizeof(id), "%d/%s", s->cfg.partition, position);
        int n = snprintf(key, sizeof(key), "%.*s/%.*s", DW_STR_ARG(move->la_code), DW_STR_ARG(move->child_ref));
        dw_str key_copy = dw_arena_str(s->turn.arena, (dw_str){key, (uint32_t)n});
        if (key_copy.ptr == NULL || dw_moved_encode(move->la_code, move->child_ref, &move->body, a->clock_us, id,
                                                    s->turn.arena, &bytes, &len, NULL) != DW_OK)
            return false;
        dw_row *row = add_row(s, a->rec->offset, DW_TOPIC_INPUT, dw_partition_of(key_copy, s->cfg.partition_count),
                              (dw_str){(const char *)bytes, (uint32_t)len});
        if (row == NULL)
            return false;
        row->has_key = true;
        row->key = key_copy;
        if (!mark_forward(s, row, hops))
            return false;
    }
    return true;
}

static dw_position last_forward(const dw_shard *s, int32_t origin)
{
    for (size_t i = 0; i < s->turn.forward_count; i++)
        if (s->turn.forwards[i].origin == origin)
            return s->turn.forwards[i].position;
    return s->forwards[origin];
}

static fate core_failed(dw_shard *s, const applying *a, dw_errc code)
{
    dw_engine_hold_after(s, DW_HOLD_BUG, "applying offset %lld failed: %s", (long long)a->rec->offset,
                         dw_errc_name(code));
    return FATE_FAIL;
}

/* The core's call for a record of a child of ours. */
static dw_core_result call_core(dw_shard *s, const applying *a, dw_record *rec, const dw_event *ev,
                                const dw_moved *moved)
{
    dw_emit *emit = dw_cache_scratch(s->cache)->emit;
    switch (dw_event_type_class(ev->type)) {
    case DW_EVC_ACK:
        return dw_core_ack(rec, s->policy, ev, a->clock_us, a->rec->offset, emit);
    case DW_EVC_MOVE:
        return dw_core_move(rec, s->policy, moved, a->clock_us, a->rec->offset, emit);
    case DW_EVC_CHILD:
    case DW_EVC_CONTROL:
    case DW_EVC_RESERVED:
        break;
    }
    return dw_core_event(rec, s->policy, ev, a->clock_us, a->rec->offset, emit);
}

static fate refused(dw_shard *s, const applying *a, const dw_event *ev, dw_errc why)
{
    if (why != DW_E_NEWER)
        return reject(s, a, why, false, ev->source_system);
    dw_engine_hold_after(s, DW_HOLD_NEWER_CORE, "facts at offset %lld were moved here by a newer build; run that one",
                         (long long)a->rec->offset);
    return FATE_FAIL;
}

/* A fact, an acknowledgement or a move of a child of ours; `hops` of what has to go on from here. */
static fate apply_child(dw_shard *s, const applying *a, const dw_event *ev, int64_t hops)
{
    dw_scratch *scratch = dw_cache_scratch(s->cache);
    dw_subject *subject = a->queued->subject;
    dw_moved moved = {0};
    dw_errc code =
        ev->type == DW_EV_SUBJECT_MOVED ? dw_moved_from_event(ev, scratch->event_arena, &moved, NULL) : DW_OK;
    if (code != DW_OK)
        return reject(s, a, code == DW_E_NOMEM ? DW_E_BOMB : code, false, ev->source_system);
    if (subject == NULL || !subject->have_head)
        return FATE_STOP; /* not loaded with this turn: the next one begins with it */
    if (++subject->events > s->caps.child_events)
        return FATE_STOP; /* it settles what it can before it gets more */
    if (subject->rec == NULL && !dw_apply_load(s, subject))
        return FATE_FAIL;
    if (!subject->want_pages && subject->rec->page_count != 0 && dw_record_needs_pages(subject->rec, ev))
        return FATE_STOP;
    dw_emit_reset(scratch->emit);
    dw_core_result result = call_core(s, a, subject->rec, ev, &moved);
    if (result.error != DW_OK || result.applied == DW_APPLY_NOMEM)
        return core_failed(s, a, result.error != DW_OK ? result.error : DW_E_NOMEM);
    subject->dirty = true;
    if (!dw_apply_emit(s, a->rec->offset) || !send_moves(s, a, hops) || !dw_turn_arm(&s->turn, subject))
        return FATE_FAIL;
    dw_apply_weigh(&s->turn, subject);
    if (subject->last == s->turn.consumed && subject->heap_at == 0 && !dw_commit_subject(s, subject))
        return FATE_FAIL; /* written while it is warm: nothing else in this turn concerns it */
    if (result.applied == DW_REFUSED)
        return refused(s, a, ev, scratch->emit->refused);
    return result.applied == DW_DUPLICATE   ? FATE_DUPLICATE
           : result.applied == DW_PASSED_ON ? FATE_FORWARDED
                                            : FATE_APPLIED;
}

/* Facts are not passed on for ever: merges that chase each other round a circle end here, and the log keeps the facts. */
static fate apply_move(dw_shard *s, const applying *a, const dw_event *ev, const forward_mark *mark)
{
    if (s->cfg.auth_key == NULL || !mark->valid)
        return reject(s, a, DW_E_AUTH, false, ev->source_system);
    if (mark->hops > DW_MOVE_HOPS_MAX)
        return reject(s, a, DW_E_IDENTITY, false, ev->source_system);
    return apply_child(s, a, ev, mark->hops + 1);
}

static fate apply_control(dw_shard *s, const applying *a, const dw_event *ev)
{
    dw_errc code = DW_E_CONTROL;
    if (ev->type == DW_EV_CLOCK_TICK)
        return FATE_CONTROL; /* the clock has moved already */
    if (!dw_auth_check(s->cfg.auth_key, s->cfg.auth_key_len, a->rec->key, a->rec->value, a->rec->auth))
        return reject(s, a, DW_E_AUTH, false, ev->source_system);
    switch (dw_switch_prepare(s, a->rec, ev, a->clock_us, &code)) {
    case DW_SWITCH_NOT:
        return FATE_CONTROL;
    case DW_SWITCH_YES:
    case DW_SWITCH_HOLD:
        return FATE_STOP;
    case DW_SWITCH_BAD:
        break;
    }
    return reject(s, a, code, false, ev->source_system);
}

static fate apply_record(dw_shard *s, const applying *a)
{
    dw_scratch *scratch = dw_cache_scratch(s->cache);
    dw_event *ev = &scratch->event;
    dw_error err;
    if (!a->rec->has_value)
        return reject(s, a, DW_E_NO_VALUE, false, (dw_str){NULL, 0});
    if (a->queued->real_len > a->queued->value_len)
        return reject(s, a, DW_E_TOO_BIG, false, (dw_str){NULL, 0});
    dw_arena_reset(scratch->event_arena);
    dw_errc code =
        dw_event_decode((const uint8_t *)a->rec->value.ptr, a->rec->value.len, scratch->event_arena, ev, &err);
    bool parked = code == DW_E_UNKNOWN_KIND || code == DW_E_RESERVED;
    if (code == DW_E_NOMEM)
        code = DW_E_BOMB; /* the arena is full: the same bytes always fill it */
    if (code != DW_OK && !parked)
        return reject(s, a, code, false, (dw_str){NULL, 0});
    dw_event_class class = parked ? DW_EVC_RESERVED : dw_event_type_class(ev->type);
    dw_str source = parked ? (dw_str){NULL, 0} : ev->source_system;
    if (!parked && dw_event_check_key(ev, a->rec->has_key ? a->rec->key : (dw_str){NULL, 0}, &err) != DW_OK)
        return reject(s, a, DW_E_KEY, false, source);
    if (class == DW_EVC_CONTROL)
        return apply_control(s, a, ev);
    forward_mark mark = read_forward(s, a->rec);
    if (mark.valid) {
        if (dw_position_cmp(mark.position, last_forward(s, mark.origin)) <= 0) {
            s->turn.repeats++;
            return FATE_DUPLICATE;
        }
    }
    fate result;
    bool ours = a->queued->subject != NULL || !a->rec->has_key || a->rec->key.len == 0 ||
                a->rec->key.len > DW_SUBJECT_BYTES_MAX ||
                dw_partition_of(a->rec->key, s->cfg.partition_count) == s->cfg.partition;
    if (!ours)
        result = forward(s, a, &mark);
    else if (class == DW_EVC_RESERVED)
        result = reject(s, a, code != DW_OK ? code : DW_E_RESERVED, true, source);
    else if (class == DW_EVC_ACK &&
             !dw_auth_check(s->cfg.auth_key, s->cfg.auth_key_len, a->rec->key, a->rec->value, a->rec->auth))
        result = reject(s, a, DW_E_AUTH, false, source);
    else if (class == DW_EVC_MOVE)
        result = apply_move(s, a, ev, &mark);
    else
        result = apply_child(s, a, ev, 1);
    if (mark.valid && result != FATE_STOP && result != FATE_FAIL &&
        !dw_turn_forward(&s->turn, mark.origin, mark.position))
        return FATE_FAIL;
    return result;
}

static void count_fate(dw_turn *turn, fate result)
{
    dw_ledger *ledger = &turn->next.ledger;
    switch (result) {
    case FATE_APPLIED:
        ledger->applied++;
        break;
    case FATE_DUPLICATE:
        ledger->duplicate++;
        break;
    case FATE_FORWARDED:
        ledger->forwarded++;
        break;
    case FATE_PARKED:
        ledger->parked++;
        break;
    case FATE_DEAD:
        ledger->dead++;
        break;
    case FATE_CONTROL:
        ledger->control++;
        break;
    case FATE_STOP:
    case FATE_FAIL:
        break;
    }
}

/* --- deadlines */

typedef enum fired { FIRED_ALL, FIRED_SOME, FIRED_FAIL } fired;

static bool turn_full(const dw_shard *s)
{
    const dw_turn *turn = &s->turn;
    return turn->row_count >= s->caps.rows || turn->row_bytes >= s->caps.row_bytes ||
           turn->decoded_bytes > DW_TURN_DECODED_BYTES_MAX || dw_outbox_full(s, turn->row_count, turn->row_bytes);
}

/* Everything due by `clock_us`, for rows of record `offset`. SOME: the turn ends before that record. */
static fired fire_due(dw_shard *s, int64_t clock_us, int64_t offset)
{
    dw_turn *turn = &s->turn;
    dw_scratch *scratch = dw_cache_scratch(s->cache);
    dw_subject *subject;
    while ((subject = dw_turn_first(turn)) != NULL && subject->rec->next_due_us <= clock_us) {
        int64_t due_us = subject->rec->next_due_us;
        if (turn->limited && dw_due_cmp(due_us, subject->key, turn->limit_us, turn->limit_subject) > 0)
            return FIRED_SOME;
        if (turn->fired >= s->caps.fires || (turn_full(s) && (turn->consumed != 0 || turn->fired != 0)))
            return FIRED_SOME;
        if (due_us > turn->next.clock_us)
            turn->next.clock_us = due_us;
        dw_emit_reset(scratch->emit);
        dw_core_result result = dw_core_fire(subject->rec, s->policy, due_us, scratch->emit);
        if (result.error != DW_OK || result.applied == DW_APPLY_NOMEM || subject->rec->next_due_us <= due_us) {
            dw_engine_hold_after(s, DW_HOLD_BUG, "a deadline before offset %lld could not be fired", (long long)offset);
            return FIRED_FAIL;
        }
        subject->dirty = true;
        turn->fired++;
        turn->fired_late_us = due_us;
        if (!dw_apply_emit(s, offset) || !dw_turn_arm(turn, subject))
            return FIRED_FAIL;
    }
    return turn->limited && clock_us >= turn->limit_us ? FIRED_SOME : FIRED_ALL;
}

/* --- the turn */

static bool arm_due(dw_turn *turn)
{
    for (size_t i = 0; i < turn->count; i++)
        if (turn->list[i]->listed && turn->list[i]->rec != NULL && !dw_turn_arm(turn, turn->list[i]))
            return false;
    return true;
}

/* False: the turn is over (stopped, full or failed). */
static bool apply_next(dw_shard *s, bool *failed)
{
    dw_turn *turn = &s->turn;
    dw_log_record rec;
    const char *why;
    dw_inbox_get(&s->inbox, turn->consumed, &rec);
    int64_t clock_us = rec.stamp_us > turn->next.clock_us ? rec.stamp_us : turn->next.clock_us;
    fired due = fire_due(s, clock_us, rec.offset);
    *failed = due == FIRED_FAIL;
    if (due != FIRED_ALL || (turn_full(s) && (turn->consumed != 0 || turn->fired != 0)))
        return false;
    applying a = {&rec, dw_inbox_item(&s->inbox, turn->consumed), clock_us};
    int64_t before_us = turn->next.clock_us;
    turn->next.clock_us = clock_us;
    fate result = apply_record(s, &a);
    if (turn->kind == DW_TURN_NONE)
        return false; /* dropped and held */
    if (result == FATE_STOP || result == FATE_FAIL) {
        turn->next.clock_us = before_us;
        *failed = result == FATE_FAIL;
        return false;
    }
    turn->next.ledger.gaps += (uint64_t)(rec.offset - turn->next.offset);
    count_fate(turn, result);
    turn->next.offset = rec.offset + 1;
    turn->consumed++;
    if (rec.offset < s->meta.pass_until)
        return true;
    dw_breaker_count(s, rec.stamp_us, result == FATE_DEAD);
    if (result == FATE_DEAD && dw_breaker_tripped(s, &why)) {
        dw_engine_hold_after(
            s, DW_HOLD_DEAD_LETTERS,
            "more dead letters than allowed (%s); see `driftwatch deadletter ls`, then raise "
            "shard.deadletter_hold_%s and reload, or let what is in the log now pass: `driftwatch shard "
            "release %d --reason ...`",
            why, why[0] == 's' ? "percent" : "per_minute", s->cfg.partition);
        return false;
    }
    return true;
}

static void set_anchor(dw_shard *s)
{
    dw_turn *turn = &s->turn;
    dw_log_record rec;
    if (turn->consumed == 0)
        return;
    const dw_queued *queued = dw_inbox_item(&s->inbox, turn->consumed - 1);
    dw_inbox_get(&s->inbox, turn->consumed - 1, &rec);
    turn->next.anchor_offset = rec.offset;
    if (queued->real_len > queued->value_len)
        (void)snprintf(turn->next.anchor_digest, sizeof(turn->next.anchor_digest), "%.16s", rec.value.ptr);
    else
        dw_digest16(rec.value, turn->next.anchor_digest);
}

void dw_apply(dw_shard *s)
{
    dw_turn *turn = &s->turn;
    dw_commit_begin(s);
    if (turn->kind == DW_TURN_SWITCH) {
        dw_switch_apply(s);
        return;
    }
    bool failed = !arm_due(turn);
    while (!failed && turn->consumed < turn->planned && apply_next(s, &failed))
        ;
    if (turn->kind == DW_TURN_NONE)
        return;
    if (failed || turn->failed) {
        dw_plan_drop(s);
        if (s->next_hold == DW_HOLD_NONE)
            dw_engine_hold_after(s, DW_HOLD_BUG, "out of memory in a turn");
        return; /* dw_engine_advance takes the hold */
    }
    set_anchor(s);
    dw_commit_build(s);
}

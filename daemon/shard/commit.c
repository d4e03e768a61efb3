/* The sealed commit: absolute writes in one MULTI, last the seal, which alone moves meta. */
#include "daemon/shard/engine.h"

/* KEYS: all keys of the shard, meta and outbox first. ARGV: types of the keys, the outbox's last id, then fields of meta.
 * EXEC does not stop at a failing command; this does, and without it the offset does not move. */
const char dw_seal_script[] =
    "for i, key in ipairs(KEYS) do\n"
    "  local t = redis.call('TYPE', key).ok\n"
    "  if t ~= 'none' and t ~= ARGV[i] then return redis.error_reply('SEAL type ' .. i) end\n"
    "end\n"
    "local last = '0-0'\n"
    "if redis.call('EXISTS', KEYS[2]) == 1 then last = redis.call('XINFO', 'STREAM', KEYS[2])[8] end\n"
    "if last ~= ARGV[#KEYS + 1] then return redis.error_reply('SEAL outbox ' .. last) end\n"
    "redis.call('HSET', KEYS[1], unpack(ARGV, #KEYS + 2))\n"
    "return redis.status_reply('SEALED')\n";

static const char *const key_types[DW_KEYS] = {
#define X(e, n, t) [DW_KEY_##e] = t,
    DW_KEY_LIST(X)
#undef X
};

/* Lists of arguments of one command each: X(name, verb, key) in the order they are written */
#define WRITE_LIST(X)                                                                                                  \
    X(CHILDREN_SET, "HSET", DW_KEY_CHILDREN)                                                                           \
    X(FACTS_SET, "HSET", DW_KEY_FACTS)                                                                                 \
    X(FACTS_DEL, "HDEL", DW_KEY_FACTS)                                                                                 \
    X(DEADLINES_ADD, "ZADD", DW_KEY_DEADLINES)                                                                         \
    X(DEADLINES_REM, "ZREM", DW_KEY_DEADLINES)                                                                         \
    X(ALERTS_SET, "HSET", DW_KEY_ALERTS)                                                                               \
    X(ALERTS_DEL, "HDEL", DW_KEY_ALERTS)                                                                               \
    X(BY_POST_ADD, "ZADD", DW_KEY_BY_POST)                                                                             \
    X(BY_POST_REM, "ZREM", DW_KEY_BY_POST)                                                                             \
    X(DEAD_SET, "HSET", DW_KEY_DEADLETTER)                                                                             \
    X(DEAD_DEL, "HDEL", DW_KEY_DEADLETTER)                                                                             \
    X(POLICY_SET, "HSET", DW_KEY_POLICY)                                                                               \
    X(FORWARDS_SET, "HSET", DW_KEY_FORWARDS)
enum write_id {
#define X(e, v, k) W_##e,
    WRITE_LIST(X)
#undef X
        WRITES
};
static const struct {
    const char *verb;
    dw_key_id key;
} write_table[WRITES] = {
#define X(e, v, k) {v, k},
    WRITE_LIST(X)
#undef X
};
_Static_assert(WRITES <= sizeof(((dw_scratch *)0)->writes) / sizeof(((dw_scratch *)0)->writes[0]),
               "scratch is smaller");

bool dw_vector_add(dw_vector *vector, dw_str s)
{
    dw_str *items = dw_list_room(vector->items, vector->count, &vector->cap, 64, sizeof(*items));
    if (items == NULL)
        return false;
    vector->items = items;
    vector->items[vector->count++] = s;
    return true;
}

typedef struct building {
    dw_shard *s;
    dw_turn *turn;
    dw_scratch *scratch;
    const dw_policy *policy; /* under which records are stored */
    bool failed;
} building;

static void add(building *b, enum write_id list, dw_str s)
{
    b->failed |= s.ptr == NULL || !dw_vector_add(&b->scratch->writes[list], s);
}

static dw_str keep(building *b, const void *bytes, size_t len)
{
    return dw_arena_str(b->turn->arena, (dw_str){bytes, (uint32_t)len});
}

static dw_str keep_number(building *b, int64_t n)
{
    char text[24];
    int len = snprintf(text, sizeof(text), "%lld", (long long)n);
    return keep(b, text, (size_t)len);
}

/* --- one child's rows of :alerts and :by_post */

static dw_str post_member(building *b, dw_str la_code, dw_str post, uint32_t level, const char *id)
{
    char text[2 * DW_ID_BYTES_MAX + 64 + DW_UUID_TEXT_LEN];
    int n = snprintf(text, sizeof(text), "%.*s/%.*s/%u/%s", DW_STR_ARG(la_code), DW_STR_ARG(post), level, id);
    return keep(b, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

static const dw_stood *find_stood(const dw_subject *subject, const dw_alert *like)
{
    for (uint32_t i = 0; i < subject->stood_count; i++) {
        const dw_stood *stood = &subject->stood[i];
        if (dw_str_eq(stood->rule_id, like->rule_id) && dw_str_eq(stood->subject_kind, like->subject_kind) &&
            dw_str_eq(stood->subject_id, like->subject_id))
            return stood;
    }
    return NULL;
}

static void write_alert(building *b, const dw_subject *subject, const dw_alert *alert)
{
    const dw_record *rec = subject->rec;
    char id[DW_UUID_TEXT_LEN + 1];
    dw_transition row;
    dw_str old_member = {NULL, 0}, member = {NULL, 0};
    size_t len = 0;
    const dw_stood *old = find_stood(subject, alert);
    bool live = dw_core_alert_row(rec, alert, b->policy, &row);
    if (!live && old == NULL)
        return; /* it opened and closed within this turn, or stays closed */
    if (live)
        memcpy(id, row.alert_id, sizeof(id));
    else
        dw_alert_id(rec->la_code, rec->child_ref, alert->rule_id, alert->subject_kind, alert->subject_id, id);
    dw_str id_kept = keep(b, id, DW_UUID_TEXT_LEN);
    if (old != NULL)
        old_member = post_member(b, rec->la_code, old->post, old->level, id);
    if (live) {
        for (uint32_t c = 0; c < row.cause_count; c++)
            row.causes[c].partition = (uint32_t)b->s->cfg.partition;
        if (dw_transition_encode(&row, b->scratch->row, sizeof(b->scratch->row), &len, NULL) != DW_OK) {
            b->failed = true;
            return;
        }
        member = post_member(b, row.la_code, row.post, row.level, id);
        add(b, W_ALERTS_SET, id_kept);
        add(b, W_ALERTS_SET, keep(b, b->scratch->row, len));
    } else {
        add(b, W_ALERTS_DEL, id_kept);
    }
    if (old_member.ptr != NULL && !dw_str_eq(old_member, member))
        add(b, W_BY_POST_REM, old_member);
    if (member.ptr != NULL && !dw_str_eq(old_member, member)) {
        add(b, W_BY_POST_ADD, DW_STR_LIT("0"));
        add(b, W_BY_POST_ADD, member);
    }
}

static void write_alerts(building *b, const dw_subject *subject)
{
    for (uint32_t i = 0; i < subject->rec->alert_count; i++)
        if (subject->rec->alerts[i].touched)
            write_alert(b, subject, &subject->rec->alerts[i]);
}

/* --- one child's head, pages and deadline */

static void page_field(building *b, const dw_subject *subject, uint32_t page, enum write_id list)
{
    char field[DW_SUBJECT_BYTES_MAX + 16];
    int n = snprintf(field, sizeof(field), "%.*s/%u", DW_STR_ARG(subject->key), page);
    add(b, list, keep(b, field, (size_t)n));
}

static void write_record(building *b, dw_subject *subject)
{
    dw_encoded *enc = &b->scratch->encoded;
    dw_error err = {DW_OK, ""};
    write_alerts(b, subject); /* before encoding: folding may drop closed ones */
    dw_encoded_reset(enc);
    if (dw_record_encode(subject->rec, b->policy, enc, &err) != DW_OK) {
        dw_engine_hold_after(b->s, DW_HOLD_BUG, "a child's record cannot be stored: %s", err.text);
        b->failed = true;
        return;
    }
    for (uint32_t i = 0; i < enc->write_count; i++) {
        page_field(b, subject, enc->writes[i].index, W_FACTS_SET);
        add(b, W_FACTS_SET, keep(b, enc->pages.data + enc->writes[i].start, enc->writes[i].len));
    }
    for (uint32_t page = subject->rec->page_count; page < subject->old_pages; page++)
        page_field(b, subject, page, W_FACTS_DEL);
    subject->dirty =
        enc->head.len != subject->head.len || memcmp(enc->head.data, subject->head.ptr, enc->head.len) != 0;
    if (!subject->dirty)
        return;
    subject->head = keep(b, enc->head.data, enc->head.len);
    add(b, W_CHILDREN_SET, subject->key);
    add(b, W_CHILDREN_SET, subject->head);
}

static void arm(building *b, dw_str key, int64_t due_us)
{
    add(b, W_DEADLINES_ADD, keep_number(b, due_us));
    add(b, W_DEADLINES_ADD, key);
    if (due_us < b->turn->first_due_us)
        b->turn->first_due_us = due_us;
}

/* Lazy: an entry may be early, never late. One that was looked at is set to the truth. */
static void write_deadline(building *b, const dw_subject *subject)
{
    int64_t due_us = subject->rec != NULL ? subject->rec->next_due_us : DW_AT_NEVER;
    if (!subject->listed) {
        if (due_us < subject->old_due_us)
            arm(b, subject->key, due_us);
    } else if (due_us == DW_AT_NEVER) {
        add(b, W_DEADLINES_REM, subject->key);
    } else if (due_us != subject->armed_us) {
        arm(b, subject->key, due_us);
    } else if (due_us < b->turn->first_due_us) {
        b->turn->first_due_us = due_us;
    }
}

static void write_subject(building *b, dw_subject *subject)
{
    if (subject->rec != NULL && subject->dirty)
        write_record(b, subject);
    else
        subject->dirty = false;
    if (subject->rec != NULL || subject->listed)
        write_deadline(b, subject);
    if (subject->rec != NULL)
        dw_subject_unload(b->turn, subject);
    subject->done = true;
}

static building building_of(dw_shard *s)
{
    return (building){.s = s,
                      .turn = &s->turn,
                      .scratch = dw_cache_scratch(s->cache),
                      .policy = s->turn.kind == DW_TURN_SWITCH ? s->sw.policy : s->policy};
}

void dw_commit_begin(dw_shard *s)
{
    dw_scratch *scratch = dw_cache_scratch(s->cache);
    for (size_t w = 0; w < WRITES; w++)
        scratch->writes[w].count = 0;
    s->turn.first_due_us = DW_AT_NEVER;
}

bool dw_commit_subject(dw_shard *s, dw_subject *subject)
{
    building b = building_of(s);
    write_subject(&b, subject);
    return !b.failed;
}

/* --- the rest */

static void write_dead(building *b)
{
    dw_shard *s = b->s;
    size_t kept = s->dead_kept_count, more = b->turn->dead_count;
    size_t skip = more > DW_DEADLETTER_KEPT_MAX ? more - DW_DEADLETTER_KEPT_MAX : 0;
    size_t gone = kept + (more - skip) > DW_DEADLETTER_KEPT_MAX ? kept + (more - skip) - DW_DEADLETTER_KEPT_MAX : 0;
    for (size_t i = skip; i < more; i++) {
        add(b, W_DEAD_SET, keep_number(b, b->turn->dead[i].offset));
        add(b, W_DEAD_SET, b->turn->dead[i].text);
    }
    for (size_t i = 0; i < gone; i++)
        add(b, W_DEAD_DEL, keep_number(b, s->dead_kept[i]));
}

static void write_forwards(building *b)
{
    for (size_t i = 0; i < b->turn->forward_count; i++) {
        char text[DW_POSITION_BYTES_MAX];
        uint32_t n = dw_position_print(b->turn->forwards[i].position, text);
        add(b, W_FORWARDS_SET, keep_number(b, b->turn->forwards[i].origin));
        add(b, W_FORWARDS_SET, keep(b, text, n));
    }
}

static void batch_row(dw_shard *s, const dw_row *row)
{
    static const char topics[] = {[DW_TOPIC_INPUT] = 'i', [DW_TOPIC_ALERTS] = 'a', [DW_TOPIC_DEADLETTER] = 'd'};
    char id[DW_POSITION_BYTES_MAX];
    dw_batch *batch = &s->commit;
    uint32_t n = dw_position_print(row->id, id);
    dw_batch_call(batch, "XADD");
    dw_batch_arg(batch, s->key[DW_KEY_OUTBOX]);
    dw_batch_copy(batch, (dw_str){id, n});
    dw_batch_text(batch, "t");
    dw_batch_copy(batch, (dw_str){&topics[row->topic], 1});
    dw_batch_text(batch, "p");
    dw_batch_number(batch, row->partition);
    dw_batch_text(batch, "c");
    dw_batch_number(batch, row->clock_us);
    if (row->has_key) {
        dw_batch_text(batch, "k");
        dw_batch_arg(batch, row->key);
    }
    dw_batch_text(batch, "v");
    dw_batch_arg(batch, row->value);
    if (row->forward.len != 0) {
        dw_batch_text(batch, "f");
        dw_batch_arg(batch, row->forward);
    }
    if (row->auth.len != 0) {
        dw_batch_text(batch, "a");
        dw_batch_arg(batch, row->auth);
    }
}

static void add_meta_field(void *user, dw_str field, dw_str value)
{
    dw_batch_arg(user, field);
    dw_batch_copy(user, value);
}

void dw_commit_add_seal(dw_shard *s, dw_batch *batch, const dw_meta *next, const dw_meta *from)
{
    char last[DW_POSITION_BYTES_MAX];
    dw_batch_call(batch, "EVALSHA");
    dw_batch_text(batch, s->seal_sha);
    dw_batch_number(batch, DW_KEYS);
    for (size_t i = 0; i < DW_KEYS; i++)
        dw_batch_arg(batch, s->key[i]);
    for (size_t i = 0; i < DW_KEYS; i++)
        dw_batch_text(batch, key_types[i]);
    uint32_t n = dw_position_print(next->outbox_last, last);
    dw_batch_copy(batch, (dw_str){last, n});
    dw_meta_fields(next, from, add_meta_field, batch);
}

void dw_commit_guard_calls(dw_shard *s, dw_batch *batch)
{
    dw_batch_call(batch, "WATCH");
    dw_batch_arg(batch, s->key[DW_KEY_META]);
    dw_batch_call(batch, "HMGET");
    dw_batch_arg(batch, s->key[DW_KEY_META]);
    dw_batch_text(batch, "epoch");
    dw_batch_text(batch, "owner");
    dw_batch_text(batch, "run_id");
    dw_batch_text(batch, "seq");
    dw_batch_text(batch, "released");
}

static bool batch_all(building *b)
{
    dw_shard *s = b->s;
    dw_batch *batch = &s->commit;
    dw_batch_call(batch, "MULTI");
    for (size_t w = 0; w < WRITES; w++) {
        const dw_vector *list = &b->scratch->writes[w];
        if (list->count == 0)
            continue;
        dw_batch_call(batch, write_table[w].verb);
        dw_batch_arg(batch, s->key[write_table[w].key]);
        for (size_t i = 0; i < list->count; i++)
            dw_batch_arg(batch, list->items[i]);
    }
    for (size_t i = 0; i < b->turn->row_count; i++)
        batch_row(s, &b->turn->rows[i]);
    if (s->outbox.trim) {
        char id[DW_POSITION_BYTES_MAX];
        dw_position from = {s->outbox.acked.offset, s->outbox.acked.n + 1};
        uint32_t n = dw_position_print(from, id);
        dw_batch_call(batch, "XTRIM");
        dw_batch_arg(batch, s->key[DW_KEY_OUTBOX]);
        dw_batch_text(batch, "MINID");
        dw_batch_copy(batch, (dw_str){id, n});
        b->turn->trimmed = s->outbox.acked;
    }
    dw_commit_add_seal(s, batch, &b->turn->next, &s->meta);
    dw_batch_call(batch, "EXEC");
    dw_commit_guard_calls(s, batch);
    return dw_batch_finish(batch);
}

void dw_commit_build(dw_shard *s)
{
    building b = building_of(s);
    bool was_switch = s->turn.kind == DW_TURN_SWITCH;
    dw_emit_forget(b.scratch->emit); /* nothing more is decided in this turn */
    if (s->meta.released[0] != '\0' && s->stats.hold == DW_HOLD_NONE)
        b.turn->next.released[0] = '\0';
    for (size_t i = 0; i < b.turn->count && !b.failed; i++)
        if (!b.turn->list[i]->done)
            write_subject(&b, b.turn->list[i]);
    write_dead(&b);
    write_forwards(&b);
    if (was_switch && s->turn.switch_done)
        dw_switch_writes(s, &b.scratch->writes[W_POLICY_SET]);
    bool any = b.turn->consumed != 0 || b.turn->row_count != 0 || was_switch || b.turn->kind == DW_TURN_TRIM;
    for (size_t w = 0; w < WRITES; w++)
        any |= b.scratch->writes[w].count != 0;
    int64_t read_due_us = b.turn->limited ? b.turn->limit_us : b.turn->beyond_us;
    b.turn->next_due_us = b.turn->read_due ? read_due_us : s->next_due_us;
    if (b.turn->first_due_us < b.turn->next_due_us)
        b.turn->next_due_us = b.turn->first_due_us;
    if (!any && !b.failed) {
        s->next_due_us = b.turn->next_due_us;
        dw_plan_drop(s);
        return; /* a switch, or a hold, comes next */
    }
    dw_batch_reset(&s->commit);
    if (b.failed || b.turn->failed || !batch_all(&b)) {
        dw_plan_drop(s);
        if (s->next_hold == DW_HOLD_NONE)
            dw_engine_hold_after(s, DW_HOLD_BUG, "out of memory in a commit");
        return;
    }
    dw_share *share = dw_cache_working(s->cache);
    size_t left = dw_arena_used(b.turn->arena); /* the records are gone, the commit's bytes stay until it is decided */
    if (b.turn->count != 0)
        s->record_bytes = (3 * s->record_bytes + (b.turn->decoded_peak + left) / b.turn->count) / 4;
    share->used += left - b.turn->reserved;
    b.turn->reserved = left;
    b.turn->phase = DW_PHASE_COMMIT;
    s->commit_ready = true;
    s->commit_sent = false;
    s->commit_tries = 0;
    dw_commit_send(s);
}

void dw_commit_send(dw_shard *s)
{
    if (s->commit_sent)
        s->stats.commit_retries++;
    s->commit_sent = true;
    s->commit_tries++;
    s->commit_began_us = s->now.boot_us;
    dw_engine_send(s, DW_STEP_COMMIT, &s->commit);
}

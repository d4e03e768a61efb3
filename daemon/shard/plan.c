/* Choosing the records of a turn and loading what they need: due deadlines and missing heads in one pipeline, the heads
 * of due children and pages in a second. What is in the cache is not asked for. */
#include "daemon/shard/engine.h"

#define MEMORY_WAIT_US 10000    /* between looks when the process's working memory is full */
#define RECORD_BYTES_FIRST 8192 /* memory of one child in a turn, until measured */

static bool is_far_behind(const dw_shard *s)
{
    return !s->at_end && s->high - s->expected > (int64_t)s->caps.near_records;
}

bool dw_plan_may_fill(const dw_shard *s)
{
    const dw_share *filling = dw_cache_filling(s->cache);
    return s->filling ? !s->draining : filling->used < filling->max || !is_far_behind(s);
}

void dw_plan_fill(dw_shard *s)
{
    if (s->filling || !is_far_behind(s))
        return;
    s->filling = true;
    dw_cache_filling(s->cache)->used++;
}

void dw_plan_filled(dw_shard *s)
{
    if (!s->filling)
        return;
    s->filling = s->draining = false;
    dw_cache_filling(s->cache)->used--;
}

size_t dw_plan_fill_bytes(const dw_shard *s)
{
    size_t most = (size_t)s->cfg.turn_bytes, part = dw_cache_waiting(s->cache)->max / dw_cache_filling(s->cache)->max;
    return s->filling && part < most ? part : most;
}

bool dw_plan_ready(dw_shard *s)
{
    size_t count = dw_inbox_count(&s->inbox);
    if (count == 0 || s->now.boot_us < s->no_work_until_boot_us)
        return false;
    if (dw_inbox_bytes(&s->inbox) >= dw_plan_fill_bytes(s) || dw_shard_room(s) == 0)
        return true;
    bool behind = s->expected < s->high && !s->at_end;
    const dw_share *share = dw_cache_waiting(s->cache);
    if (behind && !s->filling && share->used / 3 >= share->max / 4)
        return true; /* the process holds as much as it may: waiting for more would be idleness */
    if (!behind && (int64_t)count >= s->cfg.turn_events_live)
        return true;
    int64_t wait_us = behind ? DW_BEHIND_WAIT_US : s->cfg.turn_linger_us;
    return s->now.boot_us >= s->first_boot_us + wait_us;
}

static void reserve(dw_shard *s, size_t subjects)
{
    dw_share *share = dw_cache_working(s->cache);
    size_t want = subjects * s->record_bytes;
    if (want > s->turn.reserved) {
        share->used += want - s->turn.reserved;
        s->turn.reserved = want;
    }
}

/* Begin a turn; false: the process's memory for turns is in use, try again soon. */
static bool turn_begin(dw_shard *s, dw_turn_kind kind)
{
    dw_share *share = dw_cache_working(s->cache);
    if (kind != DW_TURN_TRIM && share->used >= share->max) {
        s->no_work_until_boot_us = s->now.boot_us + MEMORY_WAIT_US;
        return false;
    }
    if (s->record_bytes == 0)
        s->record_bytes = RECORD_BYTES_FIRST;
    dw_turn_reset(&s->turn);
    dw_turn *turn = &s->turn;
    turn->kind = kind;
    turn->next = s->meta;
    turn->next.seq++;
    turn->end_us = s->meta.clock_us;
    turn->beyond_us = DW_AT_NEVER;
    size_t fit = share->used < share->max ? (share->max - share->used) / s->record_bytes : 0;
    turn->subjects_max = fit;
    if (turn->subjects_max < DW_TURN_SUBJECTS_MIN)
        turn->subjects_max = DW_TURN_SUBJECTS_MIN;
    if (turn->subjects_max > s->caps.subjects)
        turn->subjects_max = s->caps.subjects;
    if (kind != DW_TURN_TRIM)
        s->stats.turns++;
    return true;
}

void dw_plan_drop(dw_shard *s)
{
    dw_cache_working(s->cache)->used -= s->turn.reserved;
    dw_turn_reset(&s->turn);
    dw_batch_reset(&s->commit);
    if (s->step == DW_STEP_NONE) { /* the shell is done with what was asked */
        dw_batch_reset(&s->read);
        dw_arena_reset(s->read_arena);
    }
    s->commit_ready = s->commit_sent = false;
    s->commit_tries = 0;
}

static void out_of_memory(dw_shard *s)
{
    dw_plan_drop(s);
    dw_engine_hold(s, DW_HOLD_BUG, "out of memory in a turn");
}

/* A head from the cache, copied: another shard may evict it before the turn is over. */
static bool take_cached(dw_shard *s, dw_subject *subject)
{
    dw_str head;
    if (!dw_cache_get(s->cache, s->cfg.partition, subject->key, &head)) {
        s->turn.misses++;
        return false;
    }
    s->turn.hits++;
    subject->head = dw_arena_str(s->turn.arena, head);
    subject->have_head = subject->head.ptr != NULL;
    s->turn.failed |= !subject->have_head;
    return true;
}

static void take_all_cached(dw_shard *s)
{
    enum { AHEAD = 8 }; /* subjects: some hundred nanoseconds */
    for (size_t i = 0; i < s->turn.count; i++) {
        if (i + AHEAD < s->turn.count)
            dw_cache_expect(s->cache, s->cfg.partition, s->turn.list[i + AHEAD]->key);
        (void)take_cached(s, s->turn.list[i]);
    }
}

/* Takes records into the plan while they fit. False: nothing can be planned (held). */
static bool choose_records(dw_shard *s)
{
    dw_turn *turn = &s->turn;
    size_t count = dw_inbox_count(&s->inbox);
    for (size_t i = 0; i < count; i++) {
        dw_log_record rec;
        dw_inbox_get(&s->inbox, i, &rec);
        if (!s->cfg.create_time && rec.stamp_us > s->now.wall_us + s->cfg.future_tolerance_us) {
            if (i == 0)
                dw_engine_hold(s, DW_HOLD_FUTURE_RECORD,
                               "record %lld is stamped %lld s ahead of this host's clock; set the clocks right or wait",
                               (long long)rec.offset, (long long)((rec.stamp_us - s->now.wall_us) / 1000000));
            return i != 0;
        }
        dw_queued *queued = dw_inbox_item(&s->inbox, i);
        queued->subject = NULL;
        if (rec.has_key && rec.key.len != 0 && rec.key.len <= DW_SUBJECT_BYTES_MAX && rec.has_value &&
            dw_partition_of(rec.key, s->cfg.partition_count) == s->cfg.partition) {
            size_t before = turn->count;
            if (before >= turn->subjects_max && dw_turn_find(turn, rec.key) == NULL)
                return true;
            queued->subject = dw_turn_add(turn, rec.key);
            if (queued->subject == NULL)
                return true; /* out of memory, told by turn->failed */
            queued->subject->last = i;
        }
        turn->planned++;
        if (rec.stamp_us > turn->end_us)
            turn->end_us = rec.stamp_us;
    }
    return true;
}

/* HMGET children for the subjects from list[first] on whose head is not known. Returns how many. */
static size_t ask_heads(dw_shard *s, size_t first)
{
    size_t asked = 0;
    for (size_t i = first; i < s->turn.count; i++) {
        if (s->turn.list[i]->have_head)
            continue;
        if (asked++ == 0) {
            dw_batch_call(&s->read, "HMGET");
            dw_batch_arg(&s->read, s->key[DW_KEY_CHILDREN]);
        }
        dw_batch_arg(&s->read, s->turn.list[i]->key);
    }
    return asked;
}

static void read_begin(dw_shard *s)
{
    dw_arena_reset(s->read_arena);
    dw_batch_reset(&s->read);
}

static void load_heads(dw_shard *s);

void dw_plan_records(dw_shard *s)
{
    if (!turn_begin(s, DW_TURN_RECORDS))
        return;
    if (!choose_records(s)) {
        dw_plan_drop(s);
        return;
    }
    take_all_cached(s);
    s->draining = s->filling;
    s->turn.read_due = s->next_due_us <= s->turn.end_us;
    load_heads(s);
}

void dw_plan_subjects(dw_shard *s, const dw_str *names, size_t count)
{
    if (!turn_begin(s, DW_TURN_SWITCH))
        return;
    for (size_t i = 0; i < count; i++) {
        dw_subject *subject = dw_turn_add(&s->turn, names[i]);
        if (subject != NULL)
            (void)take_cached(s, subject);
    }
    if (s->sw.stamp_us > s->turn.end_us)
        s->turn.end_us = s->sw.stamp_us;
    load_heads(s);
}

void dw_plan_trim(dw_shard *s)
{
    if (turn_begin(s, DW_TURN_TRIM)) {
        dw_commit_begin(s);
        dw_commit_build(s);
    }
}

static void load_more(dw_shard *s);

/* First pipeline. */
static void load_heads(dw_shard *s)
{
    dw_turn *turn = &s->turn;
    reserve(s, turn->count);
    turn->phase = DW_PHASE_HEADS;
    read_begin(s);
    if (turn->read_due) {
        dw_batch_call(&s->read, "ZRANGEBYSCORE");
        dw_batch_arg(&s->read, s->key[DW_KEY_DEADLINES]);
        dw_batch_text(&s->read, "-inf");
        dw_batch_number(&s->read, turn->end_us);
        dw_batch_text(&s->read, "WITHSCORES");
        dw_batch_text(&s->read, "LIMIT");
        dw_batch_number(&s->read, 0);
        dw_batch_number(&s->read, (int64_t)s->caps.due);
        char after[32];
        (void)snprintf(after, sizeof(after), "(%lld", (long long)turn->end_us);
        dw_batch_call(&s->read, "ZRANGEBYSCORE");
        dw_batch_arg(&s->read, s->key[DW_KEY_DEADLINES]);
        dw_batch_copy(&s->read, dw_str_from(after));
        dw_batch_text(&s->read, "+inf");
        dw_batch_text(&s->read, "WITHSCORES");
        dw_batch_text(&s->read, "LIMIT");
        dw_batch_number(&s->read, 0);
        dw_batch_number(&s->read, 1);
    }
    turn->fetched = turn->count;
    (void)ask_heads(s, 0);
    if (turn->failed || s->read.failed)
        out_of_memory(s);
    else if (s->read.call_count != 0)
        dw_engine_send(s, DW_STEP_HEADS, &s->read);
    else
        load_more(s);
}

/* Fills the unknown heads of list[first .. end) from a reply of HMGET. False: held. */
static bool take_heads(dw_shard *s, size_t first, size_t end, const dw_reply *reply)
{
    size_t at = 0;
    for (size_t i = first; i < end; i++) {
        dw_subject *subject = s->turn.list[i];
        if (subject->have_head)
            continue;
        if (reply->type != DW_REPLY_ARRAY || at >= reply->count)
            return false;
        const dw_reply *item = &reply->items[at++];
        if (item->type == DW_REPLY_STR) {
            subject->head = dw_arena_str(s->turn.arena, item->str);
            s->turn.failed |= subject->head.ptr == NULL;
        } else if (item->type != DW_REPLY_NIL) {
            return false;
        }
        subject->have_head = true;
    }
    return true;
}

static bool parse_score(dw_str text, int64_t *out)
{
    char buf[40];
    char *end;
    if (text.len == 0 || text.len >= sizeof(buf))
        return false;
    memcpy(buf, text.ptr, text.len);
    buf[text.len] = '\0';
    double score = strtod(buf, &end);
    if (*end != '\0' || !(score > -9e18 && score < 9e18))
        return false;
    *out = (int64_t)score;
    return true;
}

static bool take_due(dw_shard *s, const dw_reply *due, const dw_reply *beyond)
{
    dw_turn *turn = &s->turn;
    if (due->type != DW_REPLY_ARRAY || beyond->type != DW_REPLY_ARRAY || due->count % 2 != 0)
        return false;
    for (size_t i = 0; i < due->count; i += 2) {
        int64_t score;
        dw_str member = due->items[i].str;
        if (member.len > DW_SUBJECT_BYTES_MAX || !parse_score(due->items[i + 1].str, &score))
            return false;
        size_t before = turn->count;
        dw_subject *subject = dw_turn_add(turn, member);
        if (subject == NULL)
            return false;
        if (turn->count != before)
            (void)take_cached(s, subject);
        subject->listed = true;
        subject->armed_us = score;
        turn->limit_us = score;
        turn->limit_subject = subject->key;
    }
    turn->due_count = due->count / 2;
    turn->limited = turn->due_count == s->caps.due;
    if (beyond->count == 2 && !parse_score(beyond->items[1].str, &turn->beyond_us))
        return false;
    return true;
}

/* A reply that is not what was asked: an error that will pass (LOADING, BUSY ...), or a key of a wrong type. */
static void bad_reply(dw_shard *s, const dw_reply *replies, size_t count)
{
    dw_str error = DW_STR_LIT("unexpected reply");
    bool is_error = dw_engine_first_error(replies, count, &error);
    dw_plan_drop(s);
    if (is_error && (error.len < 9 || memcmp(error.ptr, "WRONGTYPE", 9) != 0)) {
        dw_engine_log(s, 1, "store_error", "reading the state failed: %.*s", DW_STR_ARG(error));
        s->recheck = true;
        s->retry_at_boot_us = s->now.boot_us + dw_engine_jitter(s, 100000);
        return;
    }
    dw_engine_hold(s, DW_HOLD_BAD_STATE, "the stored state cannot be read: %.*s", DW_STR_ARG(error));
}

void dw_plan_heads(dw_shard *s, const dw_reply *replies, size_t count)
{
    dw_turn *turn = &s->turn;
    size_t at = 0, calls = s->read.call_count;
    bool ok = count == calls && !dw_engine_first_error(replies, count, NULL);
    if (ok && turn->read_due) {
        at = 2;
        ok = take_due(s, &replies[0], &replies[1]);
    }
    if (ok && at < calls)
        ok = take_heads(s, 0, turn->fetched, &replies[at]);
    if (turn->failed)
        out_of_memory(s);
    else if (!ok)
        bad_reply(s, replies, count);
    else
        load_more(s);
}

/* Looks into the heads that came. Only what has to be known now is decoded: due children, and those that have pages, because
 * only an event can tell whether it needs them; the others when their first record is applied. */
static bool look_at_heads(dw_shard *s, bool *pages)
{
    dw_turn *turn = &s->turn;
    *pages = false;
    for (size_t i = 0; i < turn->count; i++) {
        dw_subject *subject = turn->list[i];
        if (!subject->have_head || subject->head.len == 0 || subject->seen)
            continue;
        if (!dw_subject_look(s, subject))
            return false;
        bool wanted = subject->listed || subject->old_pages != 0 || turn->kind == DW_TURN_SWITCH;
        if (wanted && !dw_subject_load(s, subject))
            return false;
        *pages |= subject->old_pages != 0;
    }
    return true;
}

static bool mark_pages(dw_shard *s)
{
    dw_turn *turn = &s->turn;
    dw_scratch *scratch = dw_cache_scratch(s->cache);
    bool pages;
    if (!look_at_heads(s, &pages))
        return false;
    if (turn->kind == DW_TURN_SWITCH) {
        for (size_t i = 0; i < turn->count; i++)
            turn->list[i]->want_pages = turn->list[i]->rec != NULL && dw_record_needs_pages(turn->list[i]->rec, NULL);
        return true;
    }
    for (size_t i = 0; pages && i < turn->planned; i++) {
        dw_log_record rec;
        dw_subject *subject = dw_inbox_item(&s->inbox, i)->subject;
        if (subject == NULL || subject->want_pages || subject->old_pages == 0)
            continue;
        dw_inbox_get(&s->inbox, i, &rec);
        dw_arena_reset(scratch->event_arena);
        if (dw_event_decode((const uint8_t *)rec.value.ptr, rec.value.len, scratch->event_arena, &scratch->event,
                            NULL) == DW_OK &&
            dw_event_type_class(scratch->event.type) != DW_EVC_CONTROL)
            subject->want_pages = dw_record_needs_pages(subject->rec, &scratch->event);
    }
    return true;
}

static void ask_pages(dw_shard *s)
{
    bool begun = false;
    for (size_t i = 0; i < s->turn.count; i++) {
        const dw_subject *subject = s->turn.list[i];
        if (!subject->want_pages)
            continue;
        s->turn.page_reads++;
        for (uint32_t page = 0; page < subject->rec->page_count; page++) {
            char field[DW_SUBJECT_BYTES_MAX + 16];
            int n = snprintf(field, sizeof(field), "%.*s/%u", DW_STR_ARG(subject->key), page);
            if (!begun) {
                dw_batch_call(&s->read, "HMGET");
                dw_batch_arg(&s->read, s->key[DW_KEY_FACTS]);
                begun = true;
            }
            dw_batch_copy(&s->read, (dw_str){field, (uint32_t)n});
        }
    }
}

/* Second pipeline. */
static void load_more(dw_shard *s)
{
    dw_turn *turn = &s->turn;
    reserve(s, turn->count);
    turn->phase = DW_PHASE_MORE;
    if (!mark_pages(s))
        return;
    read_begin(s);
    (void)ask_heads(s, turn->fetched);
    ask_pages(s);
    if (turn->failed || s->read.failed)
        out_of_memory(s);
    else if (s->read.call_count != 0)
        dw_engine_send(s, DW_STEP_MORE, &s->read);
    else
        dw_apply(s);
}

static bool take_pages(dw_shard *s, const dw_reply *reply)
{
    size_t at = 0;
    for (size_t i = 0; i < s->turn.count; i++) {
        dw_subject *subject = s->turn.list[i];
        if (!subject->want_pages)
            continue;
        for (uint32_t page = 0; page < subject->old_pages; page++) {
            dw_error err = {DW_OK, ""};
            if (reply == NULL || reply->type != DW_REPLY_ARRAY || at >= reply->count)
                return false;
            const dw_reply *item = &reply->items[at++];
            if (item->type != DW_REPLY_STR || dw_record_attach_page(subject->rec, page, (const uint8_t *)item->str.ptr,
                                                                    item->str.len, &err) != DW_OK) {
                dw_plan_drop(s);
                dw_engine_hold(s, DW_HOLD_BAD_STATE, "page %u of a child is missing or damaged %s", page, err.text);
                return false;
            }
        }
    }
    return true;
}

void dw_plan_more(dw_shard *s, const dw_reply *replies, size_t count)
{
    dw_turn *turn = &s->turn;
    bool heads = false;
    for (size_t i = turn->fetched; i < turn->count; i++)
        heads |= !turn->list[i]->have_head;
    bool ok = count == s->read.call_count && !dw_engine_first_error(replies, count, NULL);
    if (ok && heads)
        ok = take_heads(s, turn->fetched, turn->count, &replies[0]);
    if (ok && !take_pages(s, count > (heads ? 1u : 0u) ? &replies[heads ? 1 : 0] : NULL)) {
        if (turn->kind == DW_TURN_NONE)
            return; /* held */
        ok = false;
    }
    if (!ok) {
        bad_reply(s, replies, count);
        return;
    }
    bool pages;
    if (!look_at_heads(s, &pages))
        return;
    if (turn->failed)
        out_of_memory(s);
    else
        dw_apply(s);
}

void dw_plan_again(dw_shard *s)
{
    dw_plan_drop(s); /* its records wait in the inbox; a switch goes on from its cursor */
}

/* Taking a shard: the group's witness first, then the epoch in Redis, with every check that state and log belong together. */
#include "daemon/shard/engine.h"

#define CLAIM_RETRY_US 200000 /* after a refused claim, doubled by jitter */
#define HOLD_RETRY_US 5000000 /* an unclaimed hold looks again this often */
#define ROLLBACK_PAGE 100000  /* records to read again above which the log line is an error */

void dw_claim_start(dw_shard *s, int64_t wait_us)
{
    dw_engine_forget(s);
    dw_engine_state(s, DW_SHARD_WITNESS);
    s->witness_wanted = true;
    s->witness_ticket = 0;
    s->retry_at_boot_us = wait_us > 0 ? s->now.boot_us + dw_engine_jitter(s, wait_us) : 0;
}

void dw_claim_lost(dw_shard *s, const char *why)
{
    dw_engine_log(s, 1, "claim_lost", "%s; claiming again while the group gives us the partition", why);
    if (s->stats.state == DW_SHARD_RELEASE) {
        dw_plan_drop(s);
        s->claimed = false;
        return; /* advance ends the release */
    }
    dw_claim_start(s, CLAIM_RETRY_US);
}

void dw_shard_witness(dw_shard *s, uint64_t ticket, bool member, int64_t committed, int64_t low, int64_t high,
                      int64_t alerts_last_position_offset, dw_now now)
{
    s->now = now;
    if (s->stats.state != DW_SHARD_WITNESS || ticket != s->witness_ticket || ticket == 0)
        return;
    s->witness_ticket = 0;
    if (!member) {
        s->witness_wanted = true;
        s->retry_at_boot_us = now.boot_us + dw_engine_jitter(s, CLAIM_RETRY_US);
        return;
    }
    s->committed = committed;
    s->witnessed_offset = committed;
    s->low = low;
    s->high = high;
    s->stats.high = high;
    s->alerts_last = alerts_last_position_offset;
    s->retry_at_boot_us = 0;
    dw_engine_state(s, DW_SHARD_CLAIM);
    dw_engine_advance(s);
}

void dw_claim_advance(dw_shard *s)
{
    if (s->now.boot_us < s->retry_at_boot_us)
        return;
    if (s->stats.state == DW_SHARD_WITNESS) {
        if (!s->witness_wanted)
            return;
        s->witness_wanted = false;
        dw_queued_command *cmd = dw_engine_command(s, DW_CMD_WITNESS);
        cmd->cmd.ticket = s->witness_ticket = ++s->last_ticket;
        return;
    }
    dw_arena_reset(s->read_arena);
    dw_batch_reset(&s->read);
    dw_batch_call(&s->read, "SCRIPT");
    dw_batch_text(&s->read, "LOAD");
    dw_batch_text(&s->read, dw_seal_script);
    dw_batch_call(&s->read, "WATCH");
    dw_batch_arg(&s->read, s->key[DW_KEY_META]);
    dw_batch_call(&s->read, "HGETALL");
    dw_batch_arg(&s->read, s->key[DW_KEY_META]);
    dw_batch_call(&s->read, "EXISTS");
    for (size_t i = DW_KEY_OUTBOX; i < DW_KEYS; i++)
        dw_batch_arg(&s->read, s->key[i]);
    dw_engine_send(s, DW_STEP_CLAIM_READ, &s->read);
}

static void retry(dw_shard *s, dw_str why)
{
    s->claim_tries++;
    if (s->claim_tries == 1 || s->claim_tries % 50 == 0)
        dw_engine_log(s, 1, "claim_failed", "the shard could not be claimed, trying again: %.*s", DW_STR_ARG(why));
    dw_claim_start(s, CLAIM_RETRY_US);
}

/* Has an operator let the shard go on past this hold? */
static bool released(const dw_meta *meta, dw_hold hold)
{
    return dw_meta_released(meta, dw_hold_name(hold));
}

static bool rebuild_wanted(const dw_meta *meta)
{
    return dw_meta_released(meta, "rebuild");
}

/* A hold before the claim: look again later from the witness on. */
static bool refuse(dw_shard *s, dw_hold hold, const char *text)
{
    dw_engine_hold(s, hold, "%s", text);
    s->poll_at_boot_us = s->now.boot_us + dw_engine_jitter(s, HOLD_RETRY_US);
    return false;
}

/* `kept`: partition count of the time when the state was made; 0: none. */
static bool check_partitions(dw_shard *s, int32_t kept)
{
    char text[256];
    if (kept == 0 || kept == s->cfg.partition_count)
        return true;
    (void)snprintf(text, sizeof(text),
                   "the topic has %d partitions, the state was made with %d: children's keys go to other partitions. "
                   "Kafka takes none back: the log has to be read anew under other names, see PARTITIONS in "
                   "driftwatchd(8)",
                   s->cfg.partition_count, kept);
    return refuse(s, DW_HOLD_PARTITIONS, text);
}

/* Nothing of this shard is in Redis. True: begin at the start of the log. */
static bool check_empty(dw_shard *s, dw_meta *meta, bool other_keys)
{
    char text[250];
    if (!check_partitions(s, s->cfg.stored_partitions))
        return false;
    if (other_keys && !rebuild_wanted(meta))
        return refuse(s, DW_HOLD_BAD_STATE,
                      "keys of this shard are in Redis, but not its meta; restore it, or rebuild the shard");
    if ((s->committed > 0 || s->alerts_last >= 0) && !released(meta, DW_HOLD_EMPTY_STORE) && !rebuild_wanted(meta)) {
        (void)snprintf(
            text, sizeof(text),
            "Redis knows nothing of this shard, but the group has read to %lld and alerts were made up to %lld; "
            "restore Redis, or rebuild the shard",
            (long long)s->committed, (long long)s->alerts_last);
        return refuse(s, DW_HOLD_EMPTY_STORE, text);
    }
    meta->offset = s->low > 0 ? s->low : 0;
    meta->ledger.gaps = (uint64_t)meta->offset;
    return true;
}

static bool check_identity(dw_shard *s, dw_meta *meta)
{
    if (meta->format > DW_SHARD_FORMAT || meta->core > DW_CORE_VERSION)
        return refuse(s, DW_HOLD_NEWER_CORE, "the shard was kept by a newer build; run that one");
    if (!check_partitions(s, meta->partitions))
        return false;
    if (meta->cluster_id[0] != '\0' && s->cfg.cluster_id[0] != '\0' &&
        strcmp(meta->cluster_id, s->cfg.cluster_id) != 0 && !released(meta, DW_HOLD_CLUSTER))
        return refuse(s, DW_HOLD_CLUSTER,
                      "this is another Kafka cluster than the one the shard has read; check kafka.brokers");
    return true;
}

static bool check_log(dw_shard *s, dw_meta *meta)
{
    char text[250];
    bool above = s->high >= 0 && meta->offset > s->high, below = s->low > 0 && meta->offset < s->low;
    if (!above && !below)
        return true;
    if (released(meta, DW_HOLD_LOG_BEHIND)) {
        int64_t to = above ? s->high : s->low;
        if (below)
            meta->ledger.gaps += (uint64_t)(to - meta->offset);
        else
            meta->ledger = (dw_ledger){.gaps = (uint64_t)to}; /* the log was begun anew, and the ledger with it */
        if (above)
            meta->pass_until = DW_NO_OFFSET;
        meta->offset = to;
        meta->anchor_offset = DW_NO_OFFSET;
        return true;
    }
    (void)snprintf(text, sizeof(text), "the next offset to apply is %lld, but the log holds %lld to %lld; %s",
                   (long long)meta->offset, (long long)s->low, (long long)s->high,
                   above ? "was the topic made anew? Restore it, or release or rebuild the shard"
                         : "records were deleted unread; release the shard to count them as lost");
    return refuse(s, DW_HOLD_LOG_BEHIND, text);
}

/* Redis behind its witnesses went back: reading the log again heals it. */
static void note_rollback(dw_shard *s, const dw_meta *meta)
{
    int64_t witness = s->committed > s->alerts_last ? s->committed : s->alerts_last;
    bool behind = meta->offset < witness;
    if (!behind && !(meta->seq < s->seen_seq))
        return;
    if (behind || s->seen_seq != 0)
        s->stats.store_rollbacks++;
    s->seen_seq = 0;
    int64_t records = witness - meta->offset;
    dw_engine_log(s, records > ROLLBACK_PAGE ? 0 : 1, "store_went_back",
                  "Redis is behind its witnesses (next %lld, seen %lld): reading the log again from there",
                  (long long)meta->offset, (long long)witness);
}

/* Whoever releases a hold of dead letters lets pass all that is in the log at that moment, read or not: that is the end
 * the witness has seen, if it was asked for after the release. False: it is asked for again. */
static bool pass_released(dw_shard *s, const dw_meta *from, dw_meta *meta)
{
    bool after = s->release_seen;
    s->release_seen = released(from, DW_HOLD_DEAD_LETTERS);
    if (!s->release_seen)
        return true;
    if (!after) {
        dw_claim_start(s, 0);
        return false;
    }
    s->release_seen = false;
    meta->pass_until = s->high >= 0 ? s->high : DW_NO_OFFSET;
    dw_engine_log(s, 2, "dead_letters_pass", "those before offset %lld hold nothing", (long long)meta->pass_until);
    return true;
}

static void write_claim(dw_shard *s, dw_meta *meta, const dw_meta *from, bool rebuild);

void dw_claim_read(dw_shard *s, const dw_reply *replies, size_t count)
{
    dw_error err;
    dw_meta meta;
    dw_str error = DW_STR_LIT("fewer replies than commands");
    if (count != 4 || dw_engine_first_error(replies, count, &error)) {
        if (count == 4 && replies[2].type == DW_REPLY_ERROR && replies[2].str.len > 9 &&
            memcmp(replies[2].str.ptr, "WRONGTYPE", 9) == 0)
            (void)refuse(s, DW_HOLD_BAD_STATE, "meta is not a hash");
        else
            retry(s, error);
        return;
    }
    if (replies[0].type == DW_REPLY_STR && replies[0].str.len == 40) {
        memcpy(s->seal_sha, replies[0].str.ptr, 40);
        s->seal_sha[40] = '\0';
    }
    if (dw_meta_parse(&replies[2], &meta, &err) != DW_OK) {
        (void)refuse(s, DW_HOLD_BAD_STATE, err.text);
        return;
    }
    dw_meta from = meta;
    if (!pass_released(s, &from, &meta))
        return;
    bool rebuild = rebuild_wanted(&meta), fresh = !meta.present;
    if (fresh && !check_empty(s, &meta, replies[3].integer != 0))
        return;
    if (!fresh && !check_identity(s, &meta))
        return;
    if (rebuild) {
        dw_meta anew;
        dw_meta_init(&anew);
        anew.epoch = meta.epoch;
        anew.seq = meta.seq;
        anew.offset = s->low > 0 ? s->low : 0;
        anew.ledger.gaps = (uint64_t)anew.offset;
        meta = anew;
    } else if (!fresh) {
        if (!check_log(s, &meta))
            return;
        note_rollback(s, &meta);
    }
    s->skip_anchor = released(&from, DW_HOLD_ANCHOR);
    if (s->skip_anchor)
        meta.pass_until = DW_NO_OFFSET; /* of another log */
    meta.format = DW_SHARD_FORMAT;
    meta.core = meta.core != 0 ? meta.core : DW_CORE_VERSION;
    meta.partitions = s->cfg.partition_count;
    if (s->cfg.cluster_id[0] != '\0')
        (void)snprintf(meta.cluster_id, sizeof(meta.cluster_id), "%s", s->cfg.cluster_id);
    meta.epoch++;
    meta.seq++;
    (void)snprintf(meta.owner, sizeof(meta.owner), "%s", s->cfg.owner);
    (void)snprintf(meta.run_id, sizeof(meta.run_id), "%s", s->run_id);
    meta.present = true;
    meta.released[0] = '\0';
    write_claim(s, &meta, fresh ? NULL : &from, rebuild || (fresh && rebuild_wanted(&from)));
}

static void write_claim(dw_shard *s, dw_meta *meta, const dw_meta *from, bool rebuild)
{
    dw_batch *batch = &s->read;
    dw_arena_reset(s->read_arena);
    dw_batch_reset(batch);
    dw_batch_call(batch, "MULTI");
    if (rebuild) {
        dw_batch_call(batch, "UNLINK");
        for (size_t i = DW_KEY_OUTBOX; i < DW_KEYS; i++)
            dw_batch_arg(batch, s->key[i]);
    }
    dw_commit_add_seal(s, batch, meta, from);
    dw_batch_call(batch, "EXEC");
    dw_commit_guard_calls(s, batch);
    static const struct {
        const char *verb;
        dw_key_id key;
    } reads[] = {{"HGETALL", DW_KEY_POLICY},
                 {"HGETALL", DW_KEY_FORWARDS},
                 {"HKEYS", DW_KEY_DEADLETTER},
                 {"XLEN", DW_KEY_OUTBOX}};
    for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
        dw_batch_call(batch, reads[i].verb);
        dw_batch_arg(batch, s->key[reads[i].key]);
    }
    dw_batch_call(batch, "XRANGE");
    dw_batch_arg(batch, s->key[DW_KEY_OUTBOX]);
    dw_batch_text(batch, "-");
    dw_batch_text(batch, "+");
    dw_batch_text(batch, "COUNT");
    dw_batch_number(batch, (int64_t)s->caps.outbox_rows);
    dw_batch_call(batch, "ZRANGEBYSCORE");
    dw_batch_arg(batch, s->key[DW_KEY_DEADLINES]);
    dw_batch_text(batch, "-inf");
    dw_batch_text(batch, "+inf");
    dw_batch_text(batch, "WITHSCORES");
    dw_batch_text(batch, "LIMIT");
    dw_batch_number(batch, 0);
    dw_batch_number(batch, 1);
    s->meta = *meta;
    dw_engine_send(s, DW_STEP_CLAIM_WRITE, batch);
}

/* --- first load */

bool dw_claim_compile(dw_shard *s, const dw_policy_text *text, dw_policy **out, char *why, size_t why_size)
{
    static const dw_policy_names names = {
        .standards = "standards", .calendar = "calendar", .organisation = "organisation"};
    int64_t cut_over_us = text->cut_over_us != 0 ? text->cut_over_us : DW_AT_NONE;
    *out = dw_cache_policy(s->cache, text->number, text->digest, cut_over_us);
    if (*out != NULL)
        return true;
    dw_problems problems = {0};
    *out = dw_policy_load(text, &names, &problems);
    if (*out == NULL) {
        const dw_problem *first = NULL;
        for (size_t i = 0; i < problems.count && i < DW_PROBLEMS_MAX && first == NULL; i++)
            if (!problems.items[i].warning)
                first = &problems.items[i];
        (void)snprintf(why, why_size, "%s:%u: %s", first != NULL ? first->file : "policy",
                       first != NULL ? first->line : 0, first != NULL ? first->text : "cannot be compiled");
    } else {
        dw_cache_keep_policy(s->cache, *out);
    }
    dw_problems_deinit(&problems);
    return *out != NULL;
}

static bool load_policy(dw_shard *s, const dw_reply *reply)
{
    dw_policy_text text = {.number = s->meta.policy_number};
    char why[180];
    int64_t number = 0;
    s->stats.own_policy_differs = 0;
    if (s->meta.policy_number == 0)
        return true;
    for (size_t i = 0; reply->type == DW_REPLY_ARRAY && i + 1 < reply->count; i += 2) {
        dw_str field = reply->items[i].str, value = reply->items[i + 1].str;
        if (dw_str_eq(field, DW_STR_LIT("number")))
            (void)dw_number_parse(value, &number);
        else if (dw_str_eq(field, DW_STR_LIT("digest")))
            text.digest = value;
        else if (dw_str_eq(field, DW_STR_LIT("standards")))
            text.standards = value;
        else if (dw_str_eq(field, DW_STR_LIT("calendar")))
            text.calendar = value;
        else if (dw_str_eq(field, DW_STR_LIT("organisation")))
            text.organisation = value;
        else if (dw_str_eq(field, DW_STR_LIT("cut_over_us")))
            (void)dw_number_parse(value, &text.cut_over_us);
    }
    if (number != s->meta.policy_number) {
        dw_engine_hold(s, DW_HOLD_BAD_STATE, "policy %u is in force, but its text is not in Redis; rebuild the shard",
                       s->meta.policy_number);
        return false;
    }
    if (!dw_claim_compile(s, &text, &s->policy, why, sizeof(why))) {
        dw_engine_hold(s, DW_HOLD_POLICY, "the policy in force cannot be used by this build: %s", why);
        return false;
    }
    s->stats.own_policy_differs = s->have_own_policy && !dw_str_eq(text.digest, dw_str_from(s->own_digest));
    return true;
}

static void load_forwards(dw_shard *s, const dw_reply *reply)
{
    for (int32_t i = 0; i < s->cfg.partition_count; i++)
        s->forwards[i] = (dw_position){-1, 0};
    for (size_t i = 0; reply->type == DW_REPLY_ARRAY && i + 1 < reply->count; i += 2) {
        int64_t origin;
        dw_position position;
        if (dw_number_parse(reply->items[i].str, &origin) && origin >= 0 && origin < s->cfg.partition_count &&
            dw_position_parse(reply->items[i + 1].str, &position))
            s->forwards[origin] = position;
    }
}

static int cmp_offset(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void load_dead(dw_shard *s, const dw_reply *reply)
{
    size_t n = reply->type == DW_REPLY_ARRAY ? reply->count : 0;
    free(s->dead_kept);
    s->dead_kept = NULL;
    s->dead_kept_count = 0;
    if (n == 0)
        return;
    int64_t *all = calloc(n > DW_DEADLETTER_KEPT_MAX ? n : DW_DEADLETTER_KEPT_MAX, sizeof(*all));
    for (size_t i = 0; all != NULL && i < n; i++)
        if (dw_number_parse(reply->items[i].str, &all[s->dead_kept_count]))
            s->dead_kept_count++;
    if (all != NULL)
        qsort(all, s->dead_kept_count, sizeof(*all), cmp_offset);
    if (s->dead_kept_count > DW_DEADLETTER_KEPT_MAX)
        s->dead_kept_count = DW_DEADLETTER_KEPT_MAX;
    s->dead_kept = all;
}

static int64_t first_score(const dw_reply *reply)
{
    if (reply->type != DW_REPLY_ARRAY || reply->count < 2 || reply->items[1].str.len >= 40)
        return DW_AT_NEVER;
    char text[40];
    memcpy(text, reply->items[1].str.ptr, reply->items[1].str.len);
    text[reply->items[1].str.len] = '\0';
    return (int64_t)strtod(text, NULL);
}

/* The records from here on; the last applied one is read again, to see that the log is still the same. */
static void start_reading(dw_shard *s)
{
    s->check_anchor = s->meta.anchor_offset != DW_NO_OFFSET && s->meta.anchor_offset >= s->low && !s->skip_anchor;
    s->expected = s->check_anchor ? s->meta.anchor_offset : s->meta.offset;
    s->at_end = false;
    dw_engine_command(s, DW_CMD_FETCH)->cmd.offset = s->expected;
}

void dw_claim_written(dw_shard *s, const dw_reply *replies, size_t count)
{
    size_t at = 0;
    while (at < count && at < s->read.call_count && !dw_str_eq(s->read.calls[at].argv[0], DW_STR_LIT("EXEC")))
        at++;
    if (count != s->read.call_count || count < at + 9) {
        retry(s, DW_STR_LIT("fewer replies than commands"));
        return;
    }
    const dw_reply *exec = &replies[at], *load = &replies[at + 3];
    if (exec->type != DW_REPLY_ARRAY || exec->count == 0) {
        retry(s, exec->type == DW_REPLY_ERROR ? exec->str : DW_STR_LIT("another claim came first"));
        return;
    }
    const dw_reply *seal = &exec->items[exec->count - 1];
    dw_hold hold;
    dw_str error;
    if (seal->type == DW_REPLY_ERROR && dw_seal_is_refusal(seal->str, &hold)) {
        (void)refuse(s, hold,
                     "the stored state does not fit its meta (a torn commit, or a foreign writer); rebuild the shard");
        return;
    }
    if (seal->type == DW_REPLY_ERROR || dw_engine_first_error(load, 6, &error)) {
        retry(s, seal->type == DW_REPLY_ERROR ? seal->str : error);
        return;
    }
    if (dw_meta_guard(&s->meta, &replies[at + 2]) != DW_GUARD_SAME) {
        retry(s, DW_STR_LIT("another claim came behind"));
        return;
    }
    s->claimed = true;
    s->claim_tries = 0;
    s->stats.claims++;
    s->stats.epoch = s->meta.epoch;
    s->stats.seq = s->meta.seq;
    s->stats.next_offset = s->meta.offset;
    s->stats.clock_us = s->meta.clock_us;
    s->stats.policy_number = s->meta.policy_number;
    s->stats.holidays_until = s->policy != NULL ? dw_calendar_last_holiday(dw_policy_calendar(s->policy)) : DW_DAY_NONE;
    s->stats.hold = DW_HOLD_NONE;
    s->stats.hold_text[0] = '\0';
    if (s->meta.seq > s->seen_seq)
        s->seen_seq = s->meta.seq;
    dw_engine_state(s, DW_SHARD_LOAD);
    load_forwards(s, &load[1]);
    load_dead(s, &load[2]);
    dw_outbox_loaded(s, load[3].type == DW_REPLY_INT ? (uint64_t)load[3].integer : 0, &load[4]);
    s->next_due_us = first_score(&load[5]);
    if (!load_policy(s, &load[0]))
        return;
    dw_engine_state(s, DW_SHARD_RUN);
    dw_engine_log(s, 2, "claimed", "epoch %llu, next offset %lld", (unsigned long long)s->meta.epoch,
                  (long long)s->meta.offset);
    start_reading(s);
}

bool dw_claim_check_anchor(dw_shard *s, const dw_log_record *rec)
{
    char digest[17];
    s->check_anchor = false;
    dw_digest16(rec->value, digest);
    if (rec->offset == s->meta.anchor_offset && strcmp(digest, s->meta.anchor_digest) == 0) {
        s->expected = s->meta.offset;
        return true;
    }
    dw_engine_hold(
        s, DW_HOLD_ANCHOR,
        "offset %lld does not hold the record that was applied there; was the topic made anew? Restore it, or "
        "rebuild the shard",
        (long long)s->meta.anchor_offset);
    return false;
}

/* A new policy or core version: every child is evaluated anew under it, in sorted order, in bounded turns with the cursor
 * in meta; the offset passes its record only with the last of them. Nothing else happens in between. */
#include "daemon/shard/engine.h"

void dw_switch_drop(dw_shard *s)
{
    dw_policy_unref(&s->sw.policy);
    free(s->sw.names);
    free(s->sw.order);
    s->sw = (dw_switching){0};
}

static dw_switch_want begin(dw_shard *s, const dw_log_record *rec, int64_t clock_us, dw_policy *policy, uint32_t core)
{
    dw_switch_drop(s);
    s->sw = (dw_switching){.active = true,
                           .offset = rec->offset,
                           .stamp_us = clock_us,
                           .policy = policy,
                           .number = policy != NULL ? dw_policy_number(policy) : 0,
                           .core = core};
    return DW_SWITCH_YES;
}

static dw_switch_want prepare_core(dw_shard *s, const dw_log_record *rec, int64_t clock_us, dw_errc *code)
{
    uint32_t version = 0;
    dw_error err;
    if (dw_core_set_decode((const uint8_t *)rec->value.ptr, rec->value.len, &version, &err) != DW_OK) {
        *code = DW_E_CONTROL;
        return DW_SWITCH_BAD;
    }
    if (version <= s->meta.core)
        return DW_SWITCH_NOT;
    if (version > DW_CORE_VERSION) {
        dw_engine_hold_after(s, DW_HOLD_NEWER_CORE,
                             "offset %lld asks for core version %u; this build has %u: install the newer one",
                             (long long)rec->offset, version, DW_CORE_VERSION);
        return DW_SWITCH_HOLD;
    }
    return begin(s, rec, clock_us, s->policy != NULL ? dw_policy_ref(s->policy) : NULL, version);
}

dw_switch_want dw_switch_prepare(dw_shard *s, const dw_log_record *rec, const dw_event *ev, int64_t clock_us,
                                 dw_errc *code)
{
    dw_policy_text text;
    dw_policy *policy = NULL;
    dw_error err;
    char why[180];
    if (ev->type == DW_EV_CORE_SET)
        return prepare_core(s, rec, clock_us, code);
    dw_arena *arena = dw_cache_scratch(s->cache)->event_arena;
    dw_errc decoded = ev->type == DW_EV_POLICY_SET
                          ? dw_policy_text_decode((const uint8_t *)rec->value.ptr, rec->value.len, arena, &text, &err)
                          : DW_E_CONTROL;
    if (decoded != DW_OK) {
        *code = decoded == DW_E_NOMEM ? DW_E_BOMB : decoded;
        return DW_SWITCH_BAD;
    }
    if (text.number <= s->meta.policy_number)
        return DW_SWITCH_NOT;
    if (!dw_claim_compile(s, &text, &policy, why, sizeof(why))) {
        dw_engine_hold_after(s, DW_HOLD_POLICY, "the policy at offset %lld cannot be used by this build: %s",
                             (long long)rec->offset, why);
        return DW_SWITCH_HOLD;
    }
    return begin(s, rec, clock_us, policy, s->meta.core);
}

/* --- the list of children */

static dw_str name_at(const dw_switching *sw, uint32_t at)
{
    uint32_t len;
    memcpy(&len, sw->names + (size_t)at * 4, sizeof(len));
    return (dw_str){sw->names + (size_t)at * 4 + 4, len};
}

static int cmp_names(const void *a, const void *b, void *user)
{
    return dw_str_cmp(name_at(user, *(const uint32_t *)a), name_at(user, *(const uint32_t *)b));
}

static bool load_names(dw_switching *sw, const dw_reply *reply)
{
    size_t bytes = 0, at = 0;
    for (size_t i = 0; i < reply->count; i++)
        bytes += 4 + (((size_t)reply->items[i].str.len + 3) & ~(size_t)3);
    if (bytes > DW_SWITCH_NAMES_BYTES_MAX)
        return false;
    sw->names = malloc(bytes + 1);
    sw->order = calloc(reply->count + 1, sizeof(*sw->order));
    if (sw->names == NULL || sw->order == NULL)
        return false;
    for (size_t i = 0; i < reply->count; i++) {
        dw_str name = reply->items[i].str;
        sw->order[sw->count++] = (uint32_t)(at / 4);
        memcpy(sw->names + at, &name.len, 4);
        if (name.len != 0)
            memcpy(sw->names + at + 4, name.ptr, name.len);
        at += 4 + (((size_t)name.len + 3) & ~(size_t)3);
    }
    sw->names_len = at;
    qsort_r(sw->order, sw->count, sizeof(*sw->order), cmp_names, sw);
    sw->loaded = true;
    return true;
}

void dw_switch_subjects(dw_shard *s, const dw_reply *replies, size_t count)
{
    dw_switching *sw = &s->sw;
    dw_str error = DW_STR_LIT("unexpected reply");
    if (count != 1 || replies[0].type != DW_REPLY_ARRAY) {
        (void)dw_engine_first_error(replies, count, &error);
        dw_engine_log(s, 1, "store_error", "the children could not be listed: %.*s", DW_STR_ARG(error));
        s->recheck = true;
        s->retry_at_boot_us = s->now.boot_us + dw_engine_jitter(s, 100000);
        return;
    }
    if (!load_names(sw, &replies[0])) {
        dw_engine_hold(s, DW_HOLD_BUG, "no memory for the list of children of a policy switch");
        return;
    }
    if (s->meta.policy_offset == sw->offset) {
        dw_str cursor = dw_str_from(s->meta.cursor);
        while (sw->next < sw->count && dw_str_cmp(name_at(sw, sw->order[sw->next]), cursor) <= 0)
            sw->next++;
    }
    dw_engine_log(s, 2, "policy_switch", "policy %u: evaluating %zu children anew", sw->number, sw->count - sw->next);
}

void dw_switch_advance(dw_shard *s)
{
    dw_switching *sw = &s->sw;
    dw_str batch[DW_SWITCH_SUBJECTS];
    if (!sw->loaded) {
        dw_arena_reset(s->read_arena);
        dw_batch_reset(&s->read);
        dw_batch_call(&s->read, "HKEYS");
        dw_batch_arg(&s->read, s->key[DW_KEY_CHILDREN]);
        dw_engine_send(s, DW_STEP_SUBJECTS, &s->read);
        return;
    }
    size_t n = 0;
    while (n < s->caps.switched && sw->next + n < sw->count) {
        batch[n] = name_at(sw, sw->order[sw->next + n]);
        n++;
    }
    dw_plan_subjects(s, batch, n);
}

void dw_switch_apply(dw_shard *s)
{
    dw_turn *turn = &s->turn;
    dw_switching *sw = &s->sw;
    dw_scratch *scratch = dw_cache_scratch(s->cache);
    bool failed = false;
    size_t done = 0;
    if (sw->stamp_us > turn->next.clock_us)
        turn->next.clock_us = sw->stamp_us;
    for (; done < turn->count && !failed; done++) {
        dw_subject *subject = turn->list[done];
        if (done != 0 && (turn->row_count >= s->caps.rows || turn->row_bytes >= s->caps.row_bytes))
            break;
        if (subject->rec == NULL || sw->policy == NULL)
            continue;
        dw_emit_reset(scratch->emit);
        dw_core_result result = dw_core_switch(subject->rec, sw->policy, turn->next.clock_us, scratch->emit);
        failed = result.error != DW_OK || result.applied == DW_APPLY_NOMEM ||
                 subject->rec->next_due_us <= turn->next.clock_us || !dw_rows_emit(s, sw->offset);
        subject->dirty = true;
    }
    if (failed || turn->failed) {
        dw_plan_drop(s);
        if (s->next_hold == DW_HOLD_NONE)
            dw_engine_hold_after(s, DW_HOLD_BUG, "a child could not be evaluated under policy %u", sw->number);
        return;
    }
    turn->switched = done;
    turn->next.policy_offset = sw->offset;
    if (done != 0) {
        dw_str last = turn->list[done - 1]->key;
        memcpy(turn->next.cursor, last.ptr, last.len);
        turn->next.cursor[last.len] = '\0';
    }
    turn->switch_done = sw->next + done == sw->count;
    if (turn->switch_done) {
        dw_log_record rec;
        dw_inbox_get(&s->inbox, 0, &rec);
        turn->next.ledger.gaps += (uint64_t)(rec.offset - turn->next.offset);
        turn->next.ledger.control++;
        turn->next.offset = rec.offset + 1;
        turn->next.policy_offset = DW_NO_OFFSET;
        turn->next.cursor[0] = '\0';
        turn->next.policy_number = sw->number;
        turn->next.core = sw->core;
        turn->next.anchor_offset = rec.offset;
        dw_digest16(rec.value, turn->next.anchor_digest);
        turn->consumed = 1;
    }
    dw_commit_build(s);
}

void dw_switch_writes(dw_shard *s, dw_vector *set)
{
    dw_log_record rec;
    dw_policy_text text;
    dw_error err;
    char number[2][24];
    dw_arena *arena = s->turn.arena;
    dw_inbox_get(&s->inbox, 0, &rec);
    if (s->sw.core != s->meta.core)
        return;
    if (dw_policy_text_decode((const uint8_t *)rec.value.ptr, rec.value.len, arena, &text, &err) != DW_OK) {
        s->turn.failed = true;
        return;
    }
    (void)snprintf(number[0], sizeof(number[0]), "%u", text.number);
    (void)snprintf(number[1], sizeof(number[1]), "%lld", (long long)text.cut_over_us);
    const dw_str fields[][2] = {
        {DW_STR_LIT("number"), dw_str_from(number[0])},  {DW_STR_LIT("digest"), text.digest},
        {DW_STR_LIT("standards"), text.standards},       {DW_STR_LIT("calendar"), text.calendar},
        {DW_STR_LIT("organisation"), text.organisation}, {DW_STR_LIT("cut_over_us"), dw_str_from(number[1])}};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        dw_str value = dw_arena_str(arena, fields[i][1]); /* the inbox may move before the commit's outcome is known */
        if (value.ptr == NULL || !dw_vector_add(set, fields[i][0]) || !dw_vector_add(set, value))
            s->turn.failed = true;
    }
}

void dw_switch_committed(dw_shard *s)
{
    dw_switching *sw = &s->sw;
    sw->next += s->turn.switched;
    if (!s->turn.switch_done)
        return;
    dw_policy_unref(&s->policy);
    s->policy = sw->policy != NULL ? dw_policy_ref(sw->policy) : NULL;
    s->stats.own_policy_differs =
        s->policy != NULL && s->have_own_policy && !dw_str_eq(dw_policy_digest(s->policy), dw_str_from(s->own_digest));
    dw_engine_log(s, 2, "policy_in_force", "policy %u, core %u at offset %lld", sw->number, sw->core,
                  (long long)sw->offset);
    dw_switch_drop(s);
}

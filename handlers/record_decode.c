/* record_decode.c: head and page bytes -> record. Damaged bytes give DW_E_FORMAT or a record, never a crash: every read,
 * count, index and enumerator is checked, and facts come out in their order whatever the bytes say. */

#include "handlers/record_wire.h"

static dw_errc damaged(dw_error *err, const char *what)
{
    return dw_fail(err, DW_E_FORMAT, "stored record: damaged %s", what);
}

static dw_errc no_memory(dw_error *err)
{
    return dw_fail(err, DW_E_NOMEM, "no memory for a stored record");
}

/* A run of bytes of the input itself. */
static dw_str get_bytes(dw_reader *in, uint32_t max)
{
    uint64_t len = dw_wire_get_max(in, max);
    if (len > (uint64_t)(in->end - in->at)) {
        in->bad = true;
        return (dw_str){0};
    }
    dw_str s = {(const char *)in->at, (uint32_t)len};
    in->at += len;
    return s;
}

dw_errc dw_strings_read(dw_record *rec, dw_reader *in, const dw_str **table, uint32_t *count, dw_error *err)
{
    uint32_t n = dw_wire_get_count(in);
    dw_str *strings = dw_arena_alloc(rec->arena, n * sizeof *strings);
    if (strings == NULL)
        return no_memory(err);
    for (uint32_t i = 0; i < n; i++)
        strings[i] = get_bytes(in, UINT32_MAX);
    if (in->bad)
        return damaged(err, "strings");
    *table = strings;
    *count = n;
    return DW_OK;
}

static dw_str get_string(dw_reader *in, const dw_str *table, uint32_t count)
{
    uint64_t index = dw_wire_get(in);
    if (index >= count) {
        in->bad = true;
        return (dw_str){0};
    }
    return table[index];
}

static int64_t get_bounded(dw_reader *in, int64_t value, int64_t limit)
{
    if (value > -limit && value < limit)
        return value;
    in->bad = true;
    return 0;
}

/* --- facts */

typedef struct fact_reader {
    dw_record *rec;
    dw_reader *in;
    const dw_str *table;
    uint32_t table_count;
    dw_value *values; /* room for all of the block */
    uint64_t values_left;
    bool no_memory;
} fact_reader;

static void read_list(fact_reader *r, dw_value *v)
{
    uint32_t n = dw_wire_get_count(r->in);
    dw_str *list = n == 0 ? NULL : dw_arena_alloc(r->rec->arena, n * sizeof *list);
    if (list == NULL) {
        r->no_memory = n != 0;
        r->in->bad = true;
        return;
    }
    for (uint32_t k = 0; k < n; k++)
        list[k] = get_string(r->in, r->table, r->table_count);
    v->n = n;
    v->list = list;
}

static void read_value(fact_reader *r, const dw_fact *fact, uint16_t before, dw_value *v)
{
    dw_reader *in = r->in;
    uint8_t tag = dw_wire_get_byte(in);
    unsigned step = tag >> 4;
    uint64_t field = (uint64_t)before + step;
    if (step == 0)
        field = 0xFF00u + dw_wire_get_byte(in);
    else if (step == 15)
        field = dw_wire_get_max(in, 0xFEFF);
    v->field = (uint16_t)field;
    v->kind = tag & 7;
    v->flags = tag >> 3 & DW_VALF_UNKNOWN_CODE;
    if (field <= before || field > 0xFFFF)
        in->bad = true;
    switch (v->kind) {
    case DW_VAL_ENUM:
    case DW_VAL_INT:
        v->i = dw_wire_get_signed(in);
        return;
    case DW_VAL_DATE:
        v->i = get_bounded(in, dw_wire_plus(dw_wire_get_signed(in), fact->day), DW_WIRE_DAY_LIMIT);
        return;
    case DW_VAL_INSTANT:
        v->i = get_bounded(in, dw_wire_plus(dw_wire_get_time(in), fact->at_us), DW_WIRE_AT_LIMIT);
        return;
    case DW_VAL_STR:
        v->s = get_string(in, r->table, r->table_count);
        return;
    case DW_VAL_STRS:
        read_list(r, v);
        return;
    default:
        in->bad = true;
    }
}

static void read_times(dw_reader *in, dw_fact *fact, int32_t day_before)
{
    fact->day = (int32_t)get_bounded(in, dw_wire_plus(dw_wire_get_signed(in), day_before), DW_WIRE_DAY_LIMIT);
    /* a London day lies within an hour of the UTC day */
    int64_t into_day = get_bounded(in, dw_wire_get_time(in), DW_WIRE_DAY_US + DW_WIRE_DAY_US / 24);
    fact->at_us = fact->day * DW_WIRE_DAY_US + into_day;
    if (dw_wire_get_max(in, 1) == 1)
        fact->recorded_us = get_bounded(in, dw_wire_plus(dw_wire_get_time(in), fact->at_us), DW_WIRE_AT_LIMIT);
    fact->first_recorded_us = fact->recorded_us;
    if (dw_wire_get_max(in, 1) == 1)
        fact->first_recorded_us = get_bounded(in, dw_wire_plus(dw_wire_get_time(in), fact->at_us), DW_WIRE_AT_LIMIT);
}

static void read_fact(fact_reader *r, dw_fact *fact, int32_t day_before, int64_t offset_before)
{
    dw_reader *in = r->in;
    if (in->end - in->at < (ptrdiff_t)(sizeof fact->key + 2)) {
        in->bad = true;
        return;
    }
    memcpy(&fact->key, in->at, sizeof fact->key);
    in->at += sizeof fact->key;
    fact->type = (dw_event_type)*in->at++;
    fact->flags |= *in->at++ & DW_FACT_FLAGS_STORED;
    if (dw_handler_find(fact->type) == NULL)
        in->bad = true;
    fact->revision = dw_wire_get_u32(in);
    read_times(in, fact, day_before);
    fact->offset = dw_wire_plus(dw_wire_get_signed(in), offset_before);
    uint64_t n = dw_wire_get(in);
    if (n > r->values_left || in->bad) {
        in->bad = true;
        return;
    }
    fact->values = r->values;
    fact->value_count = (uint32_t)n;
    uint16_t before = 0;
    for (uint64_t i = 0; i < n && !in->bad; i++) {
        read_value(r, fact, before, &r->values[i]);
        before = r->values[i].field;
    }
    dw_fact_mark_values(fact);
    r->values += n;
    r->values_left -= n;
}

dw_errc dw_facts_read(dw_record *rec, dw_reader *in, const dw_str *table, uint32_t table_count, uint32_t flags,
                      dw_error *err)
{
    uint32_t n = dw_wire_get_count(in);
    fact_reader r = {.rec = rec, .in = in, .table = table, .table_count = table_count};
    r.values_left = dw_wire_get_count(in);
    if (in->bad)
        return damaged(err, "facts");
    r.values = dw_arena_alloc(rec->arena, (size_t)r.values_left * sizeof *r.values);
    if (r.values == NULL || !dw_record_reserve_facts(rec, n + 2))
        return no_memory(err);
    int32_t day = 0;
    int64_t offset = 0;
    for (uint32_t i = 0; i < n; i++) {
        dw_fact *fact = &rec->facts[rec->fact_count + i];
        *fact = (dw_fact){.flags = flags};
        read_fact(&r, fact, day, offset);
        if (in->bad)
            return r.no_memory ? no_memory(err) : damaged(err, "facts");
        day = fact->day;
        offset = fact->offset;
    }
    rec->fact_count += n;
    return DW_OK;
}

/* --- alerts */

static void read_ladder(dw_reader *in, dw_ladder *ladder)
{
    ladder->entry_level = (uint8_t)dw_wire_get_max(in, DW_LEVELS - 1);
    ladder->top_level = (uint8_t)dw_wire_get_max(in, DW_LEVELS - 1);
    ladder->grace_minutes = (int32_t)get_bounded(in, dw_wire_get_signed(in), INT32_MAX);
    for (int i = 0; i < DW_LEVELS; i++)
        ladder->climb_minutes[i] = (int32_t)get_bounded(in, dw_wire_get_signed(in), INT32_MAX);
    ladder->review_max_days = (int32_t)get_bounded(in, dw_wire_get_signed(in), INT32_MAX);
}

static void read_alert(dw_reader *in, const dw_str *table, uint32_t count, int64_t clock_us, dw_alert *alert)
{
    alert->state = (dw_alert_state)dw_wire_get_max(in, DW_AL_FLAG);
    uint64_t bits = dw_wire_get_max(in, 31);
    alert->restricted = (bits & 1) != 0;
    alert->found_at_start = (bits & 2) != 0;
    alert->approximate = (bits & 4) != 0;
    alert->reopened = (bits & 8) != 0;
    alert->rule_id = get_string(in, table, count);
    alert->subject_kind = get_string(in, table, count);
    alert->subject_id = get_string(in, table, count);
    alert->reason_code = get_string(in, table, count);
    alert->oversight_ref = get_string(in, table, count);
    alert->post = get_string(in, table, count);
    alert->rule_version = dw_wire_get_u32(in);
    alert->policy_number = dw_wire_get_u32(in);
    alert->priority = (dw_priority)dw_wire_get_max(in, DW_P3);
    read_ladder(in, &alert->ladder);
    alert->generation = dw_wire_get_u32(in);
    alert->level = (uint32_t)dw_wire_get_max(in, DW_LEVELS - 1);
    alert->count = dw_wire_get_u32(in);
    alert->due_kind = (dw_due_kind)dw_wire_get_max(in, DW_DUE_INSTANT);
    alert->due_on = dw_wire_get_day(in);
    alert->due_at_us = dw_wire_get_at(in, clock_us);
    alert->opened_us = dw_wire_get_at(in, clock_us);
    alert->level_since_us = dw_wire_get_at(in, clock_us);
    alert->expiries = dw_wire_get_u32(in);
    alert->review_by = dw_wire_get_day(in);
    alert->paused_until = (bits & 16) != 0 ? dw_wire_get_day(in) : 0;
    alert->outcome = (dw_outcome)dw_wire_get_max(in, DW_OUT_COUNT - 1);
    alert->calendar = (dw_profile)dw_wire_get_max(in, DW_PROFILE_COUNT - 1);
    alert->count_mode = (dw_count_mode)dw_wire_get_max(in, DW_COUNT_INCL);
    alert->causes_total = dw_wire_get_u32(in);
    alert->cause_count = (uint32_t)dw_wire_get_max(in, DW_CAUSES_MAX);
    int64_t before = 0;
    for (uint32_t i = 0; i < alert->cause_count; i++)
        before = alert->causes[i] = dw_wire_plus(dw_wire_get_signed(in), before);
}

/* Where the alert belongs; *there: it has one of that rule and subject. */
static uint32_t alert_place(const dw_record *rec, const dw_alert *alert, bool *there)
{
    uint32_t at = rec->alert_count;
    *there = false;
    for (; at > 0; at--) {
        const dw_alert *other = &rec->alerts[at - 1];
        int c = dw_str_cmp(other->rule_id, alert->rule_id);
        if (c == 0)
            c = dw_str_cmp(other->subject_kind, alert->subject_kind);
        if (c == 0)
            c = dw_str_cmp(other->subject_id, alert->subject_id);
        *there = c == 0;
        if (c <= 0)
            break;
    }
    return at;
}

dw_errc dw_alerts_read(dw_record *rec, dw_reader *in, const dw_str *table, uint32_t table_count, int64_t clock_us,
                       dw_error *err)
{
    uint32_t n = dw_wire_get_count(in);
    /* A damaged count must not ask for 280 times its bytes: an alert takes at least 30. */
    if (in->bad || n > (size_t)(in->end - in->at) / 30)
        return damaged(err, "alerts");
    if (rec->alert_cap - rec->alert_count < n) {
        uint32_t cap = rec->alert_count + n + 4;
        dw_alert *alerts = dw_arena_alloc(rec->arena, cap * sizeof *alerts);
        if (alerts == NULL)
            return no_memory(err);
        if (rec->alert_count != 0)
            memcpy(alerts, rec->alerts, rec->alert_count * sizeof *alerts);
        rec->alerts = alerts;
        rec->alert_cap = cap;
    }
    for (uint32_t i = 0; i < n; i++) {
        dw_alert alert = {0};
        bool there;
        read_alert(in, table, table_count, clock_us, &alert);
        if (in->bad)
            return damaged(err, "alerts");
        uint32_t at = alert_place(rec, &alert, &there);
        if (there)
            continue;
        memmove(&rec->alerts[at + 1], &rec->alerts[at], (rec->alert_count - at) * sizeof alert);
        rec->alerts[at] = alert;
        rec->alert_count++;
    }
    return DW_OK;
}

/* --- head */

static dw_errc read_rules(dw_rule_set *set, dw_reader *in, uint32_t rules, dw_error *err)
{
    uint64_t at = 0, step;
    while ((step = dw_wire_get_max(in, rules)) != 0) {
        at += step;
        if (at > rules)
            return damaged(err, "rules");
        dw_rule_set_add(set, at - 1);
    }
    return in->bad ? damaged(err, "rules") : DW_OK;
}

/* Formats before 5 did not say what was missed: every rule is asked again. */
static dw_errc read_nexts(dw_record *rec, dw_reader *in, uint64_t format, dw_error *err)
{
    uint32_t n = (uint32_t)dw_wire_get_max(in, DW_RULES_MAX + 1);
    if (n == 0)
        return in->bad ? damaged(err, "instants") : DW_OK;
    rec->next_by_rule = dw_arena_alloc(rec->arena, n * sizeof *rec->next_by_rule);
    if (rec->next_by_rule == NULL)
        return no_memory(err);
    rec->next_count = n;
    for (uint32_t i = 0; i < n; i++)
        rec->next_by_rule[i] = DW_AT_NEVER;
    int64_t base_us = rec->clock_us - rec->clock_us % DW_WIRE_DAY_US;
    uint64_t at = 0, step;
    while ((step = dw_wire_get_max(in, n)) != 0) { /* each takes a byte at least, so damage ends it, too */
        at += step;
        int64_t us = dw_wire_plus(dw_wire_get_time(in), base_us);
        if (at > n || us <= -DW_WIRE_AT_LIMIT || us >= DW_WIRE_AT_LIMIT)
            return damaged(err, "instants");
        rec->next_by_rule[at - 1] = us;
    }
    if (in->bad)
        return damaged(err, "instants");
    if (format >= 5)
        return read_rules(&rec->missed, in, n - 1, err);
    rec->next_count = 0;
    return DW_OK;
}

static dw_errc read_front(dw_record *rec, dw_reader *in, uint64_t format, dw_error *err)
{
    rec->policy_number = dw_wire_get_u32(in);
    rec->offset = (int64_t)(dw_wire_get_max(in, INT64_MAX) - 1);
    rec->la_code = get_bytes(in, DW_SUBJECT_BYTES_MAX);
    rec->child_ref = get_bytes(in, DW_SUBJECT_BYTES_MAX);
    rec->clock_us = dw_wire_get_at(in, 0);
    rec->next_due_us = dw_wire_get_at(in, rec->clock_us);
    rec->horizon = dw_wire_get_day(in);
    rec->fold_day = dw_wire_get_day(in);
    rec->fold_puts = dw_wire_get_u32(in);
    for (int i = 0; i < 4; i++)
        rec->counters[i] = dw_wire_get_u32(in);
    rec->page_count = dw_wire_get_u32(in);
    uint32_t n = dw_wire_get_count(in);
    if (in->bad)
        return damaged(err, "front");
    rec->paged_count = rec->paged_cap = n;
    rec->paged = dw_arena_alloc(rec->arena, n * sizeof *rec->paged);
    if (rec->paged == NULL)
        return no_memory(err);
    uint64_t print = 0;
    for (uint32_t i = 0; i < n; i++) {
        print += dw_wire_get_max(in, UINT16_MAX);
        if (print > UINT16_MAX)
            in->bad = true;
        rec->paged[i] = (uint16_t)print;
    }
    if (format >= 4)
        rec->moved_to = get_bytes(in, DW_SUBJECT_BYTES_MAX);
    if (in->bad)
        return damaged(err, "fingerprints");
    return format < 2 ? DW_OK : read_nexts(rec, in, format, err); /* format 1 knew none */
}

static bool in_order(const dw_record *rec)
{
    for (uint32_t i = 1; i < rec->fact_count; i++) {
        const dw_fact *a = &rec->facts[i - 1], *b = &rec->facts[i];
        if (a->day > b->day || (a->day == b->day && (a->at_us > b->at_us || (a->at_us == b->at_us && a->key > b->key))))
            return false;
    }
    return true;
}

/* A copy of the stored bytes in the record's arena: the strings point into it. */
static bool own_bytes(dw_record *rec, const uint8_t *bytes, size_t len, dw_reader *in)
{
    dw_str copy = dw_arena_str(rec->arena, (dw_str){(const char *)bytes, (uint32_t)len});
    *in = (dw_reader){(const uint8_t *)copy.ptr, (const uint8_t *)copy.ptr + copy.len, false};
    return copy.ptr != NULL;
}

/* Format and core version: may this build read it? */
static dw_errc check_format(dw_reader *in, bool has_core, uint64_t *out, dw_error *err)
{
    uint64_t format = dw_wire_get(in);
    uint64_t core = has_core ? dw_wire_get(in) : DW_CORE_VERSION;
    if (in->bad || format == 0 || core == 0)
        return damaged(err, "version");
    if (format > DW_RECORD_FORMAT || core > DW_CORE_VERSION)
        return dw_fail(err, DW_E_NEWER, "stored record: format %llu, core %llu; this build knows %u and %u",
                       (unsigned long long)format, (unsigned long long)core, DW_RECORD_FORMAT, DW_CORE_VERSION);
    *out = format;
    return DW_OK;
}

dw_errc dw_record_decode(const uint8_t *head, size_t len, dw_record **out, dw_error *err)
{
    return dw_record_decode_pooled(head, len, NULL, out, err);
}

dw_errc dw_record_decode_pooled(const uint8_t *head, size_t len, dw_pool *pool, dw_record **out, dw_error *err)
{
    const dw_str *table = NULL;
    uint32_t count = 0;
    uint64_t format = 0;
    dw_reader in = {0};
    dw_errc rc = DW_E_NOMEM;
    if (len > DW_RECORD_ARENA_BYTES_MAX)
        return damaged(err, "length");
    dw_record *rec = dw_record_new_pooled((dw_str){0}, (dw_str){0}, pool);
    if (rec == NULL || !own_bytes(rec, head, len, &in)) {
        rc = no_memory(err);
        goto fail;
    }
    rc = check_format(&in, true, &format, err);
    if (rc != DW_OK)
        goto fail;
    rc = read_front(rec, &in, format, err);
    if (rc != DW_OK)
        goto fail;
    rc = dw_strings_read(rec, &in, &table, &count, err);
    if (rc != DW_OK)
        goto fail;
    rc = dw_facts_read(rec, &in, table, count, 0, err);
    if (rc != DW_OK)
        goto fail;
    rc = dw_alerts_read(rec, &in, table, count, rec->clock_us, err);
    if (rc != DW_OK)
        goto fail;
    if (in.at != in.end) {
        rc = damaged(err, "end");
        goto fail;
    }
    if (!in_order(rec))
        dw_record_sort_facts(rec);
    *out = rec;
    return DW_OK;
fail:
    dw_record_free(&rec);
    return rc;
}

dw_errc dw_record_attach_page(dw_record *rec, uint32_t index, const uint8_t *page, size_t len, dw_error *err)
{
    const dw_str *table = NULL;
    uint32_t count = 0;
    uint64_t format = 0;
    dw_reader in = {0};
    if (index >= rec->page_count || index != rec->pages_loaded)
        return dw_fail(err, DW_E_INVAL, "page %u of %u attached after %u", index, rec->page_count, rec->pages_loaded);
    if (len > DW_RECORD_ARENA_BYTES_MAX)
        return damaged(err, "length");
    if (!own_bytes(rec, page, len, &in))
        return no_memory(err);
    dw_errc rc = check_format(&in, false, &format, err);
    if (rc == DW_OK)
        rc = dw_strings_read(rec, &in, &table, &count, err);
    if (rc == DW_OK)
        rc = dw_facts_read(rec, &in, table, count, DW_FACTF_PAGED, err);
    if (rc == DW_OK && in.at != in.end)
        rc = dw_alerts_read(rec, &in, table, count, 0, err);
    if (rc != DW_OK)
        return rc;
    if (in.at != in.end)
        return damaged(err, "end of page");
    if (++rec->pages_loaded == rec->page_count)
        dw_record_sort_facts(rec);
    return DW_OK;
}

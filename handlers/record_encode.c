/* record_encode.c: record -> head bytes, and the block of strings and facts that head and pages share.
 *
 * Head: format, core version, policy number, offset + 1; identity; clock, next due, horizon, fold state; counters;
 * pages; fingerprints; the subject it is now; then strings, facts, alerts. Page: format; strings, facts. All numbers are varints (record_wire.h).
 * A string is stored once and named by its index. A fact's instant is stored from the UTC midnight of its day, its other
 * times and dates from that, so that most of them take two or three bytes. */

#include "handlers/record_wire.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

/* --- strings */

bool dw_strings_init(dw_strings *set, dw_buf *strings, dw_buf *slots)
{
    strings->len = slots->len = 0;
    *set = (dw_strings){.strings = strings, .slots = slots, .mask = 255};
    if (!dw_buf_reserve(slots, 256 * sizeof(uint32_t)) || !dw_buf_reserve(strings, 64 * sizeof(dw_str)))
        return false;
    memset(slots->data, 0, 256 * sizeof(uint32_t));
    return true;
}

static uint32_t *find_slot(const dw_strings *set, dw_str s)
{
    const dw_str *table = (const dw_str *)(const void *)set->strings->data;
    uint32_t *slots = (uint32_t *)(void *)set->slots->data;
    uint32_t at = (uint32_t)XXH3_64bits(s.ptr, s.len) & set->mask;
    while (slots[at] != 0 && !dw_str_eq(table[slots[at] - 1], s))
        at = (at + 1) & set->mask;
    return &slots[at];
}

static bool grow_slots(dw_strings *set)
{
    uint32_t size = (set->mask + 1) * 2;
    if (!dw_buf_reserve(set->slots, size * sizeof(uint32_t)))
        return false;
    memset(set->slots->data, 0, size * sizeof(uint32_t));
    set->mask = size - 1;
    for (uint32_t i = 0; i < set->count; i++)
        *find_slot(set, ((const dw_str *)(const void *)set->strings->data)[i]) = i + 1;
    return true;
}

static uint32_t index_by_content(dw_strings *set, dw_str s)
{
    uint32_t *slot = find_slot(set, s);
    if (*slot != 0)
        return *slot - 1;
    if (set->count >= (set->mask + 1) / 2) {
        if (!grow_slots(set)) {
            set->failed = true;
            return 0;
        }
        slot = find_slot(set, s);
    }
    if (!dw_buf_append(set->strings, &s, sizeof s)) {
        set->failed = true;
        return 0;
    }
    *slot = ++set->count;
    return set->count - 1;
}

uint32_t dw_strings_index(dw_strings *set, dw_str s)
{
    uintptr_t address = (uintptr_t)s.ptr;
    size_t at = (address ^ address >> 5) % DW_WIRE_RECENT;
    if (set->recent[at].s.ptr == s.ptr && set->recent[at].s.len == s.len && s.len != 0)
        return set->recent[at].index;
    uint32_t index = index_by_content(set, s);
    set->recent[at].s = s;
    set->recent[at].index = index;
    return index;
}

bool dw_strings_write(const dw_strings *set, dw_buf *out)
{
    const dw_str *table = (const dw_str *)(const void *)set->strings->data;
    size_t bytes = DW_WIRE_VARINT_MAX;
    for (uint32_t i = 0; i < set->count; i++)
        bytes += 5 + (size_t)table[i].len;
    if (!dw_buf_reserve(out, bytes))
        return false;
    uint8_t *at = dw_wire_put(out->data + out->len, set->count);
    for (uint32_t i = 0; i < set->count; i++) {
        at = dw_wire_put(at, table[i].len);
        if (table[i].len != 0)
            memcpy(at, table[i].ptr, table[i].len);
        at += table[i].len;
    }
    out->len = (size_t)(at - out->data);
    return true;
}

/* --- facts */

#define FACT_FIXED_MAX 90 /* key, type, revision, flags, day, four times, offset, number of values */
#define VALUE_MAX 16      /* tag, field, number */

size_t dw_fact_bytes_max(const dw_fact *fact)
{
    size_t bytes = FACT_FIXED_MAX + (size_t)fact->value_count * VALUE_MAX;
    for (uint32_t i = 0; i < fact->value_count; i++)
        if (fact->values[i].kind == DW_VAL_STRS)
            bytes += (size_t)fact->values[i].n * 5;
    return bytes;
}

/* Tag byte: kind in bits 0-2, unknown code in bit 3, in bits 4-7 the step from the field before (1..14), or 0: an
 * envelope field follows as its low byte, or 15: the field follows as a varint. */
static uint8_t *put_value(uint8_t *at, dw_strings *set, const dw_fact *fact, const dw_value *v, uint16_t before)
{
    unsigned step = (unsigned)v->field - before;
    step = v->field >= 0xFF00 ? 0 : step < 15 ? step : 15;
    *at++ = (uint8_t)((v->kind & 7u) | (v->flags & DW_VALF_UNKNOWN_CODE) << 3 | step << 4);
    if (step == 0)
        *at++ = (uint8_t)v->field;
    else if (step == 15)
        at = dw_wire_put(at, v->field);
    switch ((dw_value_kind)v->kind) {
    case DW_VAL_NONE:
        break;
    case DW_VAL_ENUM:
    case DW_VAL_INT:
        return dw_wire_put_signed(at, v->i);
    case DW_VAL_DATE:
        return dw_wire_put_signed(at, v->i - fact->day);
    case DW_VAL_INSTANT:
        return dw_wire_put_time(at, v->i - fact->at_us);
    case DW_VAL_STR:
        return dw_wire_put(at, dw_strings_index(set, v->s));
    case DW_VAL_STRS:
        at = dw_wire_put(at, v->n);
        for (uint32_t k = 0; k < v->n; k++)
            at = dw_wire_put(at, dw_strings_index(set, v->list[k]));
        break;
    }
    return at;
}

static uint8_t *put_fact(uint8_t *at, dw_strings *set, const dw_fact *fact, int32_t day_before, int64_t offset_before)
{
    memcpy(at, &fact->key, sizeof fact->key); /* little-endian hosts only, as are all we build for */
    at += sizeof fact->key;
    *at++ = (uint8_t)fact->type;
    *at++ = (uint8_t)(fact->flags & DW_FACT_FLAGS_STORED);
    at = dw_wire_put(at, fact->revision);
    at = dw_wire_put_signed(at, (int64_t)fact->day - day_before);
    at = dw_wire_put_time(at, fact->at_us - fact->day * DW_WIRE_DAY_US);
    *at++ = fact->recorded_us != 0;
    if (fact->recorded_us != 0)
        at = dw_wire_put_time(at, fact->recorded_us - fact->at_us);
    *at++ = fact->first_recorded_us != fact->recorded_us;
    if (fact->first_recorded_us != fact->recorded_us)
        at = dw_wire_put_time(at, fact->first_recorded_us - fact->at_us);
    at = dw_wire_put_signed(at, dw_wire_minus(fact->offset, offset_before));
    at = dw_wire_put(at, fact->value_count);
    uint16_t field = 0;
    for (uint32_t i = 0; i < fact->value_count; i++) {
        at = put_value(at, set, fact, &fact->values[i], field);
        field = fact->values[i].field;
    }
    return at;
}

bool dw_facts_write(dw_buf *out, dw_strings *set, const dw_fact *facts, uint32_t n)
{
    uint64_t values = 0; /* so that the reader can take room for all of them at once */
    size_t bytes = 2 * DW_WIRE_VARINT_MAX;
    for (uint32_t i = 0; i < n; i++) {
        values += facts[i].value_count;
        bytes += dw_fact_bytes_max(&facts[i]);
    }
    if (!dw_buf_reserve(out, bytes))
        return false;
    uint8_t *at = dw_wire_put(out->data + out->len, n);
    at = dw_wire_put(at, values);
    int32_t day = 0;
    int64_t offset = 0;
    for (uint32_t i = 0; i < n; i++) {
        at = put_fact(at, set, &facts[i], day, offset);
        day = facts[i].day;
        offset = facts[i].offset;
    }
    out->len = (size_t)(at - out->data);
    return !set->failed;
}

/* --- alerts */

#define ALERT_MAX 400 /* 20 numbers of the ladder and some 25 others, 8 causes */

static uint8_t *put_ladder(uint8_t *at, const dw_ladder *ladder)
{
    *at++ = ladder->entry_level;
    *at++ = ladder->top_level;
    at = dw_wire_put_signed(at, ladder->grace_minutes);
    for (int i = 0; i < DW_LEVELS; i++)
        at = dw_wire_put_signed(at, ladder->climb_minutes[i]);
    return dw_wire_put_signed(at, ladder->review_max_days);
}

static uint8_t *put_alert(uint8_t *at, dw_strings *set, const dw_alert *alert, int64_t clock_us)
{
    *at++ = (uint8_t)alert->state;
    *at++ = (uint8_t)((unsigned)alert->restricted | (unsigned)alert->found_at_start << 1 |
                      (unsigned)alert->approximate << 2 | (unsigned)alert->reopened << 3 |
                      (unsigned)(alert->paused_until != 0) << 4);
    at = dw_wire_put(at, dw_strings_index(set, alert->rule_id));
    at = dw_wire_put(at, dw_strings_index(set, alert->subject_kind));
    at = dw_wire_put(at, dw_strings_index(set, alert->subject_id));
    at = dw_wire_put(at, dw_strings_index(set, alert->reason_code));
    at = dw_wire_put(at, dw_strings_index(set, alert->oversight_ref));
    at = dw_wire_put(at, dw_strings_index(set, alert->post));
    at = dw_wire_put(at, alert->rule_version);
    at = dw_wire_put(at, alert->policy_number);
    *at++ = (uint8_t)alert->priority;
    at = put_ladder(at, &alert->ladder);
    at = dw_wire_put(at, alert->generation);
    at = dw_wire_put(at, alert->level);
    at = dw_wire_put(at, alert->count);
    *at++ = (uint8_t)alert->due_kind;
    at = dw_wire_put_day(at, alert->due_on);
    at = dw_wire_put_at(at, alert->due_at_us, clock_us);
    at = dw_wire_put_at(at, alert->opened_us, clock_us);
    at = dw_wire_put_at(at, alert->level_since_us, clock_us);
    at = dw_wire_put(at, alert->expiries);
    at = dw_wire_put_day(at, alert->review_by);
    if (alert->paused_until != 0)
        at = dw_wire_put_day(at, alert->paused_until);
    *at++ = (uint8_t)alert->outcome;
    *at++ = (uint8_t)alert->calendar;
    *at++ = (uint8_t)alert->count_mode;
    at = dw_wire_put(at, alert->causes_total);
    at = dw_wire_put(at, alert->cause_count);
    int64_t before = 0;
    for (uint32_t i = 0; i < alert->cause_count; i++) {
        at = dw_wire_put_signed(at, dw_wire_minus(alert->causes[i], before));
        before = alert->causes[i];
    }
    return at;
}

bool dw_alerts_write(dw_buf *out, dw_strings *set, const dw_alert *alerts, uint32_t n, int64_t clock_us)
{
    if (!dw_buf_reserve(out, DW_WIRE_VARINT_MAX + (size_t)n * ALERT_MAX))
        return false;
    uint8_t *at = dw_wire_put(out->data + out->len, n);
    for (uint32_t i = 0; i < n; i++)
        at = put_alert(at, set, &alerts[i], clock_us);
    out->len = (size_t)(at - out->data);
    return !set->failed;
}

/* --- head */

/* The rules of the set, ascending, each as the step from the one before. */
static uint8_t *put_rules(uint8_t *at, const dw_rule_set *set, uint32_t rules)
{
    uint32_t before = 0;
    for (uint32_t i = 0; i < rules; i++) {
        if (!dw_rule_set_has(set, i))
            continue;
        at = dw_wire_put(at, i + 1 - before);
        before = i + 1;
    }
    return dw_wire_put(at, 0);
}

/* The next instant of each rule that has one: most lie on midnights, so they count in minutes from a day's start. Then the
 * rules of which a duty was missed. */
static uint8_t *put_nexts(uint8_t *at, const dw_record *rec)
{
    bool known = rec->next_count != 0;
    for (size_t i = 0; i < DW_EV_WORDS; i++)
        known = known && rec->changed[i] == 0; /* facts put and not evaluated: ask every rule */
    if (!known)
        return dw_wire_put(at, 0);
    int64_t base_us = rec->clock_us - rec->clock_us % DW_WIRE_DAY_US;
    at = dw_wire_put(at, rec->next_count);
    uint32_t before = 0;
    for (uint32_t i = 0; i < rec->next_count; i++) {
        if (rec->next_by_rule[i] == DW_AT_NEVER)
            continue;
        at = dw_wire_put(at, i + 1 - before);
        at = dw_wire_put_time(at, dw_wire_minus(rec->next_by_rule[i], base_us));
        before = i + 1;
    }
    return put_rules(dw_wire_put(at, 0), &rec->missed, rec->next_count - 1);
}

static bool write_front(const dw_record *rec, dw_buf *out)
{
    size_t bytes = 32 * DW_WIRE_VARINT_MAX + rec->la_code.len + rec->child_ref.len + rec->moved_to.len +
                   3 * (size_t)rec->paged_count + 3 * DW_WIRE_VARINT_MAX * (size_t)(rec->next_count + 1);
    if (!dw_buf_reserve(out, bytes))
        return false;
    uint8_t *at = out->data + out->len;
    at = dw_wire_put(at, DW_RECORD_FORMAT);
    at = dw_wire_put(at, DW_CORE_VERSION);
    at = dw_wire_put(at, rec->policy_number);
    at = dw_wire_put(at, (uint64_t)rec->offset + 1);
    at = dw_wire_put(at, rec->la_code.len);
    if (rec->la_code.len != 0)
        memcpy(at, rec->la_code.ptr, rec->la_code.len);
    at += rec->la_code.len;
    at = dw_wire_put(at, rec->child_ref.len);
    if (rec->child_ref.len != 0)
        memcpy(at, rec->child_ref.ptr, rec->child_ref.len);
    at += rec->child_ref.len;
    at = dw_wire_put_at(at, rec->clock_us, 0);
    at = dw_wire_put_at(at, rec->next_due_us, rec->clock_us);
    at = dw_wire_put_day(at, rec->horizon);
    at = dw_wire_put_day(at, rec->fold_day);
    at = dw_wire_put(at, rec->fold_puts);
    for (int i = 0; i < 4; i++)
        at = dw_wire_put(at, rec->counters[i]);
    at = dw_wire_put(at, rec->page_count);
    at = dw_wire_put(at, rec->paged_count);
    uint16_t before = 0;
    for (uint32_t i = 0; i < rec->paged_count; i++) {
        at = dw_wire_put(at, (uint64_t)(rec->paged[i] - before));
        before = rec->paged[i];
    }
    at = dw_wire_put(at, rec->moved_to.len);
    if (rec->moved_to.len != 0)
        memcpy(at, rec->moved_to.ptr, rec->moved_to.len);
    at += rec->moved_to.len;
    at = put_nexts(at, rec);
    out->len = (size_t)(at - out->data);
    return true;
}

static bool encode_head(const dw_record *rec, dw_encoded *out)
{
    dw_strings set;
    out->head.len = out->body.len = 0;
    return dw_strings_init(&set, &out->strings, &out->slots) &&
           dw_facts_write(&out->body, &set, rec->facts, rec->fact_count) &&
           dw_alerts_write(&out->body, &set, rec->alerts, rec->alert_count, rec->clock_us) &&
           write_front(rec, &out->head) && dw_strings_write(&set, &out->head) &&
           dw_buf_append(&out->head, out->body.data, out->body.len);
}

dw_errc dw_record_encode(dw_record *rec, const dw_policy *policy, dw_encoded *out, dw_error *err)
{
    out->head.len = out->pages.len = 0;
    out->write_count = 0;
    dw_errc rc = dw_record_fold(rec, policy, out, err);
    if (rc != DW_OK)
        return rc;
    if (!encode_head(rec, out))
        return dw_fail(err, DW_E_NOMEM, "no memory for a record's head");
    uint32_t before = UINT32_MAX;
    while (out->head.len > DW_HEAD_BYTES_MAX && rec->fact_count + rec->alert_count < before) {
        bool counted = policy != NULL && out->head.len > DW_HEAD_BYTES_HARD_MAX;
        size_t most = counted ? DW_HEAD_BYTES_HARD_MAX : DW_HEAD_BYTES_MAX;
        if (policy != NULL && !counted && rec->fold_puts != 0)
            break; /* what is settled was looked for a short while ago: it costs as much as a turn */
        before = rec->fact_count + rec->alert_count;
        rc = dw_record_shed(rec, policy, out, out->head.len - most, counted, err);
        if (rc != DW_OK)
            return rc;
        if (!encode_head(rec, out))
            return dw_fail(err, DW_E_NOMEM, "no memory for a record's head");
    }
    return DW_OK;
}

void dw_encoded_reset(dw_encoded *enc)
{
    enc->head.len = enc->pages.len = 0;
    enc->write_count = 0;
}

void dw_encoded_deinit(dw_encoded *enc)
{
    dw_buf_deinit(&enc->head);
    dw_buf_deinit(&enc->pages);
    dw_buf_deinit(&enc->body);
    dw_buf_deinit(&enc->strings);
    dw_buf_deinit(&enc->slots);
    dw_arena_free(&enc->arena);
    free(enc->writes);
    enc->writes = NULL;
    enc->write_count = enc->write_cap = 0;
}

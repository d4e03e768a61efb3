/* Reading and writing a shard's meta hash. */
#include "daemon/shard/meta.h"

#include <inttypes.h>

static bool str_is(dw_str s, const char *text)
{
    return dw_str_eq(s, dw_str_from(text));
}

bool dw_number_parse(dw_str text, int64_t *out)
{
    uint64_t v = 0;
    uint32_t i = text.len != 0 && text.ptr[0] == '-' ? 1 : 0;
    if (text.len == i || text.len > 20)
        return false;
    for (uint32_t k = i; k < text.len; k++) {
        if (text.ptr[k] < '0' || text.ptr[k] > '9')
            return false;
        if (v > (uint64_t)INT64_MAX / 10)
            return false;
        v = v * 10 + (uint64_t)(text.ptr[k] - '0');
        if (v > (uint64_t)INT64_MAX)
            return false;
    }
    *out = i != 0 ? -(int64_t)v : (int64_t)v;
    return true;
}

uint32_t dw_position_print(dw_position position, char out[DW_POSITION_BYTES_MAX])
{
    return (uint32_t)snprintf(out, DW_POSITION_BYTES_MAX, "%" PRId64 "-%" PRId64, position.offset, position.n);
}

bool dw_position_parse(dw_str text, dw_position *out)
{
    const char *dash = text.len != 0 ? memchr(text.ptr, '-', text.len) : NULL;
    dw_position p;
    if (dash == NULL || dash == text.ptr)
        return false;
    uint32_t at = (uint32_t)(dash - text.ptr);
    if (!dw_number_parse((dw_str){text.ptr, at}, &p.offset) ||
        !dw_number_parse((dw_str){dash + 1, text.len - at - 1}, &p.n) || p.offset < 0 || p.n < 0)
        return false;
    *out = p;
    return true;
}

uint64_t dw_ledger_sum(const dw_ledger *ledger)
{
    uint64_t sum = 0;
#define X(f) sum += ledger->f;
    DW_LEDGER_LIST(X)
#undef X
    return sum;
}

void dw_meta_init(dw_meta *meta)
{
    *meta = (dw_meta){.policy_offset = DW_NO_OFFSET, .anchor_offset = DW_NO_OFFSET, .pass_until = DW_NO_OFFSET};
}

static bool parse_text(dw_str value, char *out, size_t size)
{
    if (value.len >= size)
        return false;
    if (value.len != 0)
        memcpy(out, value.ptr, value.len);
    out[value.len] = '\0';
    return true;
}

static bool parse_u32(dw_str value, uint32_t *out)
{
    int64_t v;
    if (!dw_number_parse(value, &v) || v < 0 || v > UINT32_MAX)
        return false;
    *out = (uint32_t)v;
    return true;
}

static bool parse_u64(dw_str value, uint64_t *out)
{
    int64_t v;
    if (!dw_number_parse(value, &v) || v < 0)
        return false;
    *out = (uint64_t)v;
    return true;
}

static bool parse_ledger(dw_str value, dw_ledger *out)
{
    uint64_t *const fields[] = {
#define X(f) &out->f,
        DW_LEDGER_LIST(X)
#undef X
    };
    const size_t n = sizeof(fields) / sizeof(fields[0]);
    uint32_t at = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t end = at;
        while (end < value.len && value.ptr[end] != ',')
            end++;
        if (at > value.len || !parse_u64((dw_str){value.ptr + at, end - at}, fields[i]))
            return false;
        at = end + 1;
    }
    return at == value.len + 1;
}

static bool parse_anchor(dw_str value, dw_meta *out)
{
    if (value.len == 0) {
        out->anchor_offset = DW_NO_OFFSET;
        out->anchor_digest[0] = '\0';
        return true;
    }
    const char *colon = memchr(value.ptr, ':', value.len);
    if (colon == NULL)
        return false;
    uint32_t at = (uint32_t)(colon - value.ptr);
    return dw_number_parse((dw_str){value.ptr, at}, &out->anchor_offset) && out->anchor_offset >= 0 &&
           parse_text((dw_str){colon + 1, value.len - at - 1}, out->anchor_digest, sizeof(out->anchor_digest));
}

static bool parse_offset(dw_str value, int64_t *out)
{
    if (value.len == 0) {
        *out = DW_NO_OFFSET;
        return true;
    }
    return dw_number_parse(value, out) && *out >= 0;
}

static bool parse_field(dw_str field, dw_str value, dw_meta *out)
{
    uint32_t partitions;
    if (str_is(field, "format"))
        return parse_u32(value, &out->format);
    if (str_is(field, "epoch"))
        return out->present = true, parse_u64(value, &out->epoch);
    if (str_is(field, "owner"))
        return parse_text(value, out->owner, sizeof(out->owner));
    if (str_is(field, "run_id"))
        return parse_text(value, out->run_id, sizeof(out->run_id));
    if (str_is(field, "seq"))
        return parse_u64(value, &out->seq);
    if (str_is(field, "offset"))
        return dw_number_parse(value, &out->offset) && out->offset >= 0;
    if (str_is(field, "clock_us"))
        return dw_number_parse(value, &out->clock_us);
    if (str_is(field, "outbox_last"))
        return dw_position_parse(value, &out->outbox_last);
    if (str_is(field, "policy_number"))
        return parse_u32(value, &out->policy_number);
    if (str_is(field, "policy_cursor"))
        return parse_text(value, out->cursor, sizeof(out->cursor));
    if (str_is(field, "policy_offset"))
        return parse_offset(value, &out->policy_offset);
    if (str_is(field, "core"))
        return parse_u32(value, &out->core);
    if (str_is(field, "partitions"))
        return parse_u32(value, &partitions) && partitions <= INT32_MAX ? (out->partitions = (int32_t)partitions, true)
                                                                        : false;
    if (str_is(field, "cluster_id"))
        return parse_text(value, out->cluster_id, sizeof(out->cluster_id));
    if (str_is(field, "anchor"))
        return parse_anchor(value, out);
    if (str_is(field, "ledger"))
        return parse_ledger(value, &out->ledger);
    if (str_is(field, "pass_until"))
        return parse_offset(value, &out->pass_until);
    if (str_is(field, "released")) {
        if (!parse_text(value, out->released, sizeof(out->released)))
            parse_text((dw_str){value.ptr, sizeof(out->released) - 1}, out->released, sizeof(out->released));
        return true;
    }
    return true;
}

dw_errc dw_meta_parse(const dw_reply *reply, dw_meta *out, dw_error *err)
{
    dw_meta meta;
    dw_meta_init(&meta);
    if (reply->type != DW_REPLY_ARRAY || reply->count % 2 != 0)
        return dw_fail(err, DW_E_FORMAT, "meta is not a hash");
    for (size_t i = 0; i < reply->count; i += 2) {
        const dw_reply *field = &reply->items[i], *value = &reply->items[i + 1];
        if (field->type != DW_REPLY_STR || value->type != DW_REPLY_STR)
            return dw_fail(err, DW_E_FORMAT, "meta is not a hash of strings");
        if (!parse_field(field->str, value->str, &meta))
            return dw_fail(err, DW_E_FORMAT, "field %.*s of meta cannot be read", DW_STR_ARG(field->str));
    }
    *out = meta;
    return DW_OK;
}

/* All fields of meta as texts, in the order of DW_META_LIST. */
typedef struct meta_texts {
#define X(f, m) char f[200];
    DW_META_LIST(X)
#undef X
} meta_texts;

static void print_offset(char *out, size_t size, int64_t offset)
{
    out[0] = '\0';
    if (offset != DW_NO_OFFSET)
        (void)snprintf(out, size, "%" PRId64, offset);
}

static void print_texts(const dw_meta *m, meta_texts *t)
{
    (void)snprintf(t->format, sizeof(t->format), "%u", m->format);
    (void)snprintf(t->epoch, sizeof(t->epoch), "%" PRIu64, m->epoch);
    (void)snprintf(t->owner, sizeof(t->owner), "%s", m->owner);
    (void)snprintf(t->run_id, sizeof(t->run_id), "%s", m->run_id);
    (void)snprintf(t->seq, sizeof(t->seq), "%" PRIu64, m->seq);
    (void)snprintf(t->offset, sizeof(t->offset), "%" PRId64, m->offset);
    (void)snprintf(t->clock_us, sizeof(t->clock_us), "%" PRId64, m->clock_us);
    (void)dw_position_print(m->outbox_last, t->outbox_last);
    (void)snprintf(t->policy_number, sizeof(t->policy_number), "%u", m->policy_number);
    (void)snprintf(t->policy_cursor, sizeof(t->policy_cursor), "%s", m->cursor);
    print_offset(t->policy_offset, sizeof(t->policy_offset), m->policy_offset);
    (void)snprintf(t->core, sizeof(t->core), "%u", m->core);
    (void)snprintf(t->partitions, sizeof(t->partitions), "%d", m->partitions);
    (void)snprintf(t->cluster_id, sizeof(t->cluster_id), "%s", m->cluster_id);
    t->anchor[0] = '\0';
    if (m->anchor_offset != DW_NO_OFFSET)
        (void)snprintf(t->anchor, sizeof(t->anchor), "%" PRId64 ":%s", m->anchor_offset, m->anchor_digest);
    size_t at = 0;
#define X(f)                                                                                                           \
    at += (size_t)snprintf(t->ledger + at, sizeof(t->ledger) - at, at == 0 ? "%" PRIu64 : ",%" PRIu64, m->ledger.f);
    DW_LEDGER_LIST(X)
#undef X
    (void)snprintf(t->released, sizeof(t->released), "%s", m->released);
    print_offset(t->pass_until, sizeof(t->pass_until), m->pass_until);
}

void dw_meta_fields(const dw_meta *meta, const dw_meta *from, dw_meta_add *add, void *user)
{
    meta_texts now, before;
    print_texts(meta, &now);
    if (from != NULL)
        print_texts(from, &before);
#define X(f, m)                                                                                                        \
    if (from == NULL || strcmp(now.f, before.f) != 0)                                                                  \
        add(user, DW_STR_LIT(#f), dw_str_from(now.f));
    DW_META_LIST(X)
#undef X
}

bool dw_meta_released(const dw_meta *meta, const char *what)
{
    size_t n = strlen(what);
    return strncmp(meta->released, what, n) == 0 && (meta->released[n] == ':' || meta->released[n] == '\0');
}

dw_guard dw_meta_guard(dw_meta *mine, const dw_reply *reply)
{
    uint64_t epoch, seq;
    if (reply->type != DW_REPLY_ARRAY || reply->count != 5)
        return DW_GUARD_ERROR;
    for (size_t i = 0; i < 4; i++) {
        if (reply->items[i].type == DW_REPLY_NIL)
            return DW_GUARD_BEHIND; /* meta is gone */
        if (reply->items[i].type != DW_REPLY_STR)
            return DW_GUARD_ERROR;
    }
    if (!parse_u64(reply->items[0].str, &epoch) || !parse_u64(reply->items[3].str, &seq))
        return DW_GUARD_ERROR;
    if (reply->items[4].type == DW_REPLY_STR)
        (void)parse_field(DW_STR_LIT("released"), reply->items[4].str, mine);
    bool ours =
        epoch == mine->epoch && str_is(reply->items[1].str, mine->owner) && str_is(reply->items[2].str, mine->run_id);
    if (ours && seq == mine->seq)
        return DW_GUARD_SAME;
    if (ours && seq == mine->seq + 1)
        return DW_GUARD_NEXT;
    if (seq < mine->seq)
        return DW_GUARD_BEHIND;
    return DW_GUARD_FOREIGN;
}

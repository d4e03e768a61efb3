/* sim_log.c: the topics of the simulated world, as logs of records. */
#include "tests/sim/sim_world.h"

#include <assert.h>

sim_record sim_record_make(int64_t stamp_us, const dw_str *key, const dw_str *value, dw_str auth, dw_str forward)
{
    dw_str k = key != NULL ? *key : (dw_str){NULL, 0}, v = value != NULL ? *value : (dw_str){NULL, 0};
    sim_record record = {.stamp_us = stamp_us,
                         .has_key = key != NULL,
                         .has_value = value != NULL,
                         .key_len = k.len,
                         .value_len = v.len,
                         .auth_len = auth.len,
                         .forward_len = forward.len};
    const dw_str parts[] = {k, v, auth, forward};
    char *at = record.bytes = malloc((size_t)k.len + v.len + auth.len + forward.len + 1);
    assert(at != NULL);
    for (size_t i = 0; i < 4; i++) {
        if (parts[i].len != 0)
            memcpy(at, parts[i].ptr, parts[i].len);
        at += parts[i].len;
    }
    return record;
}

static void log_push(sim_log *log, sim_record record)
{
    if (log->count == log->cap) {
        log->cap = log->cap == 0 ? 64 : log->cap * 2;
        log->items = reallocarray(log->items, log->cap, sizeof(*log->items));
        assert(log->items != NULL);
    }
    log->items[log->count++] = record;
}

void sim_log_add(sim_log *log, int64_t stamp_us, const dw_str *key, const dw_str *value, dw_str auth, dw_str forward)
{
    log_push(log, sim_record_make(stamp_us, key, value, auth, forward));
}

void sim_record_get(const sim_record *record, dw_log_record *out)
{
    const char *at = record->bytes;
    *out = (dw_log_record){.stamp_us = record->stamp_us, .has_key = record->has_key, .has_value = record->has_value};
    out->key = (dw_str){at, record->key_len};
    at += record->key_len;
    out->value = (dw_str){at, record->value_len};
    at += record->value_len;
    out->auth = (dw_str){at, record->auth_len};
    at += record->auth_len;
    out->forward = (dw_str){at, record->forward_len};
}

void sim_log_get(const sim_log *log, size_t offset, dw_log_record *out)
{
    assert(offset < log->count);
    sim_record_get(&log->items[offset], out);
    out->offset = (int64_t)offset;
}

void sim_log_free(sim_log *log)
{
    for (size_t i = 0; i < log->count; i++)
        free(log->items[i].bytes);
    free(log->items);
    *log = (sim_log){0};
}

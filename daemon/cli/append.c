/* append.c: see append.h. */

#include "daemon/cli/append.h"

#include "daemon/cli/store.h"
#include "proto/encode.h"

#include <uuid.h>

struct dw_appender {
    const dw_settings *settings;
    dw_publisher *publisher;
    dw_store *store; /* opened when a shard's clock is first wanted */
    int64_t *clocks; /* per partition; -1 = not asked yet */
    dw_arena *arena;
    char *secret;
    size_t secret_len;
};

dw_errc dw_appender_new(const dw_settings *settings, dw_delivery_fn *each, void *user, dw_appender **out, dw_error *err)
{
    dw_appender *appender = calloc(1, sizeof(*appender));
    if (appender == NULL)
        return dw_fail(err, DW_E_NOMEM, "out of memory");
    appender->settings = settings;
    dw_errc code = DW_OK;
    appender->arena = dw_arena_new(4 * DW_POLICY_BYTES_MAX);
    if (appender->arena == NULL) {
        code = dw_fail(err, DW_E_NOMEM, "out of memory");
        goto done;
    }
    if (settings->auth_key_file[0] != '\0') {
        code = dw_secret_read(settings->auth_key_file, &appender->secret, &appender->secret_len, err);
        if (code != DW_OK)
            goto done;
    }
    code = dw_publisher_new(settings, settings->kafka_topics_input, each, user, &appender->publisher, err);
    if (code != DW_OK)
        goto done;
    int32_t partitions = dw_publisher_partitions(appender->publisher);
    appender->clocks = malloc((size_t)partitions * sizeof(int64_t));
    if (appender->clocks == NULL) {
        code = dw_fail(err, DW_E_NOMEM, "out of memory");
        goto done;
    }
    for (int32_t p = 0; p < partitions; p++)
        appender->clocks[p] = -1;
done:
    if (code != DW_OK)
        dw_appender_free(&appender);
    else
        *out = appender;
    return code;
}

void dw_appender_free(dw_appender **appender)
{
    if (*appender == NULL)
        return;
    if ((*appender)->secret != NULL) {
        explicit_bzero((*appender)->secret, (*appender)->secret_len);
        free((*appender)->secret);
    }
    dw_publisher_free(&(*appender)->publisher);
    dw_store_close(&(*appender)->store);
    dw_arena_free(&(*appender)->arena);
    free((*appender)->clocks);
    free(*appender);
    *appender = NULL;
}

dw_publisher *dw_appender_publisher(dw_appender *appender)
{
    return appender->publisher;
}
int32_t dw_appender_partitions(const dw_appender *appender)
{
    return dw_publisher_partitions(appender->publisher);
}

dw_errc dw_appender_stamp(dw_appender *appender, int32_t partition, int64_t *stamp_us, dw_error *err)
{
    *stamp_us = 0;
    if (appender->settings->clock != DW_CLOCK_CREATE_TIME)
        return DW_OK;
    if (appender->clocks[partition] < 0) {
        dw_errc code = DW_OK;
        if (appender->store == NULL)
            code = dw_store_open(appender->settings, &appender->store, err);
        int64_t clock_us = 0;
        if (code == DW_OK)
            code = dw_store_meta_int(appender->store, partition, "clock_us", 0, &clock_us, err);
        if (code != DW_OK)
            return code;
        appender->clocks[partition] = clock_us > 1000 ? clock_us : 1000;
    }
    *stamp_us = appender->clocks[partition];
    return DW_OK;
}

static bool needs_auth(const dw_event *ev)
{
    switch (dw_event_type_class(ev->type)) {
    case DW_EVC_CHILD:
        return false;
    case DW_EVC_ACK:
    case DW_EVC_MOVE:
    case DW_EVC_RESERVED:
        return true;
    case DW_EVC_CONTROL:
        return ev->type != DW_EV_CLOCK_TICK;
    }
    return true;
}

static dw_errc append_one(dw_appender *appender, dw_outgoing *record, int64_t log_time_us, bool sign, dw_error *err)
{
    char hex[65] = "";
    if (sign) {
        if (appender->secret == NULL)
            return dw_fail(
                err, DW_E_AUTH,
                "such a record must be signed: name the key in auth.key_file (`driftwatchd --setup` makes one)");
        dw_auth_compute((const uint8_t *)appender->secret, appender->secret_len, record->key, record->value, hex);
        record->auth = (dw_str){hex, 64};
    }
    record->stamp_us = log_time_us;
    dw_errc code = DW_OK;
    if (log_time_us == 0)
        code = dw_appender_stamp(appender, record->partition, &record->stamp_us, err);
    if (code == DW_OK)
        code = dw_publisher_send(appender->publisher, record, err);
    record->auth = (dw_str){NULL, 0}; /* it stood on our stack */
    return code;
}

static dw_errc append_control(dw_appender *appender, dw_str value, bool sign, int64_t log_time_us, int32_t partition,
                              uint64_t tag, dw_error *err)
{
    int32_t count = dw_appender_partitions(appender);
    if (partition >= count)
        return dw_fail(err, DW_E_RANGE, "there is no partition %d", (int)partition);
    int32_t first = partition < 0 ? 0 : partition;
    int32_t last = partition < 0 ? count - 1 : partition;
    for (int32_t p = first; p <= last; p++) {
        dw_outgoing record = {.partition = p, .value = value, .tag = tag};
        dw_errc code = append_one(appender, &record, log_time_us, sign, err);
        if (code != DW_OK)
            return code;
    }
    return DW_OK;
}

dw_errc dw_appender_control(dw_appender *appender, dw_str value, int64_t log_time_us, int32_t partition, uint64_t tag,
                            dw_error *err)
{
    return append_control(appender, value, true, log_time_us, partition, tag, err);
}

size_t dw_subject_key(const dw_event *ev, char out[DW_SUBJECT_BYTES_MAX])
{
    size_t len = (size_t)ev->la_code.len + 1 + ev->child_ref.len;
    if (ev->la_code.len == 0 || ev->child_ref.len == 0 || len > DW_SUBJECT_BYTES_MAX)
        return 0;
    memcpy(out, ev->la_code.ptr, ev->la_code.len);
    out[ev->la_code.len] = '/';
    memcpy(out + ev->la_code.len + 1, ev->child_ref.ptr, ev->child_ref.len);
    return len;
}

dw_errc dw_appender_event(dw_appender *appender, const dw_event *ev, int64_t log_time_us, int32_t partition,
                          uint64_t tag, dw_error *err)
{
    dw_arena_reset(appender->arena);
    const uint8_t *bytes = NULL;
    size_t len = 0;
    dw_errc code = dw_event_encode(ev, appender->arena, &bytes, &len, err);
    if (code != DW_OK)
        return code;
    dw_str value = {(const char *)bytes, (uint32_t)len};
    if (dw_event_type_class(ev->type) == DW_EVC_CONTROL)
        return append_control(appender, value, needs_auth(ev), log_time_us, partition, tag, err);
    char key[DW_SUBJECT_BYTES_MAX];
    size_t key_len = dw_subject_key(ev, key);
    if (key_len == 0)
        return dw_fail(err, DW_E_KEY, "la_code and child_ref do not make a key");
    dw_outgoing record = {.has_key = true, .key = {key, (uint32_t)key_len}, .value = value, .tag = tag};
    record.partition = dw_partition_of(record.key, dw_appender_partitions(appender));
    return append_one(appender, &record, log_time_us, needs_auth(ev), err);
}

void dw_uuid_random(char out[40])
{
    uuid_t id;
    uuid_generate_random(id);
    uuid_unparse_lower(id, out);
}

/* shard_view.c: see shard_view.h. */

#include "daemon/cli/shard_view.h"

#include "proto/json.h"

#include <jansson.h>
#include <stdio.h>

static void put_field(dw_shard_view *view, const char *name, dw_str value)
{
#define X(field, meaning)                                                                                              \
    if (strcmp(name, #field) == 0)                                                                                     \
        snprintf(view->field, sizeof(view->field), "%.*s", DW_STR_ARG(value));
    DW_META_LIST(X)
#undef X
}

static dw_errc read_meta(dw_store *store, dw_shard_view *view, dw_error *err)
{
    redisReply *reply = dw_store_call(store, "HGETALL", view->partition, "meta", NULL, 0, err);
    if (reply == NULL)
        return DW_E_IO;
    view->present = reply->type == REDIS_REPLY_ARRAY && reply->elements != 0;
    for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i + 1 < reply->elements; i += 2)
        put_field(view, reply->element[i]->str,
                  (dw_str){reply->element[i + 1]->str, (uint32_t)reply->element[i + 1]->len});
    freeReplyObject(reply);
    return DW_OK;
}

static dw_errc read_size(dw_store *store, int32_t partition, const char *command, const char *name, int64_t *out,
                         dw_error *err)
{
    redisReply *reply = dw_store_call(store, command, partition, name, NULL, 0, err);
    if (reply == NULL)
        return DW_E_IO;
    *out = reply->type == REDIS_REPLY_INTEGER ? reply->integer : 0;
    freeReplyObject(reply);
    return DW_OK;
}

dw_errc dw_shard_view_read(dw_store *store, int32_t partition, dw_shard_view *out, dw_error *err)
{
    *out = (dw_shard_view){.partition = partition, .low = -1, .high = -1, .outbox_waiting = -1};
    dw_errc code = read_meta(store, out, err);
    if (code == DW_OK)
        code = read_size(store, partition, "HLEN", "children", &out->children, err);
    if (code == DW_OK)
        code = read_size(store, partition, "ZCARD", "deadlines", &out->deadlines, err);
    if (code == DW_OK)
        code = read_size(store, partition, "HLEN", "alerts", &out->alerts, err);
    if (code == DW_OK)
        code = read_size(store, partition, "XLEN", "outbox", &out->outbox_rows, err);
    if (code == DW_OK)
        code = read_size(store, partition, "HLEN", "deadletter", &out->dead_letters, err);
    return code;
}

int64_t dw_shard_view_lag(const dw_shard_view *view)
{
    if (view->high < 0)
        return -1;
    int64_t offset = view->present ? strtoll(view->offset, NULL, 10) : 0;
    return view->high > offset ? view->high - offset : 0;
}

void dw_shard_view_json(const dw_shard_view *view)
{
    json_t *object = json_object();
    json_object_set_new(object, "partition", json_integer(view->partition));
    json_object_set_new(object, "hold", view->hold[0] != '\0' ? json_string(view->hold) : json_null());
    json_object_set_new(object, "lag", view->high >= 0 ? json_integer(dw_shard_view_lag(view)) : json_null());
    json_object_set_new(object, "log_start", view->low >= 0 ? json_integer(view->low) : json_null());
    json_object_set_new(object, "log_end", view->high >= 0 ? json_integer(view->high) : json_null());
    char clock[32];
    int64_t clock_us = strtoll(view->clock_us, NULL, 10);
    dw_instant_format(clock_us, clock);
    json_object_set_new(object, "clock", clock_us > 0 ? json_string(clock) : json_null());
    json_object_set_new(object, "children", json_integer(view->children));
    json_object_set_new(object, "deadlines", json_integer(view->deadlines));
    json_object_set_new(object, "alerts", json_integer(view->alerts));
    json_object_set_new(object, "outbox_rows", json_integer(view->outbox_rows));
    json_object_set_new(object, "outbox_waiting",
                        view->outbox_waiting >= 0 ? json_integer(view->outbox_waiting) : json_null());
    json_object_set_new(object, "dead_letters", json_integer(view->dead_letters));
    json_t *meta = json_object();
#define X(field, meaning) json_object_set_new(meta, #field, json_string(view->field));
    DW_META_LIST(X)
#undef X
    json_object_set_new(object, "meta", view->present ? meta : json_null());
    if (!view->present)
        json_decref(meta);
    char *text = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
    if (text != NULL)
        puts(text);
    free(text);
    json_decref(object);
}

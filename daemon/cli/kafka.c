/* kafka.c: see kafka.h. */

#include "daemon/cli/kafka.h"

#include <errno.h>

/* Idle brokers, and those that come back later, are no news for a tool: what matters fails a call. */
static void keep_quiet(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    (void)rk;
    if (level <= 2)
        fprintf(stderr, "librdkafka: %s: %s\n", facility, text);
}

static bool conf_set(rd_kafka_conf_t *conf, const char *name, const char *value, dw_error *err)
{
    char text[256];
    if (rd_kafka_conf_set(conf, name, value, text, sizeof(text)) == RD_KAFKA_CONF_OK)
        return true;
    dw_fail(err, DW_E_CONFIG, "kafka property %s: %s", name, text);
    return false;
}

/* Properties of the settings that belong to group members only would be refused or misunderstood here. */
static bool for_members_only(const char *name)
{
    static const char *const names[] = {"group.instance.id", "session.timeout.ms", "heartbeat.interval.ms",
                                        "partition.assignment.strategy", "max.poll.interval.ms"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static rd_kafka_conf_t *conf_new(const dw_settings *settings, dw_error *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    bool ok = conf_set(conf, "bootstrap.servers", settings->kafka_brokers, err) &&
              conf_set(conf, "client.id", "driftwatch", err) && conf_set(conf, "log_level", "2", err);
    for (size_t i = 0; ok && i < settings->kafka_property_count; i++)
        if (!for_members_only(settings->kafka_properties[i].name))
            ok = conf_set(conf, settings->kafka_properties[i].name, settings->kafka_properties[i].value, err);
    if (!ok) {
        rd_kafka_conf_destroy(conf);
        return NULL;
    }
    rd_kafka_conf_set_log_cb(conf, keep_quiet);
    return conf;
}

static dw_errc handle_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, rd_kafka_t **out, dw_error *err)
{
    char text[256];
    rd_kafka_t *rk = rd_kafka_new(type, conf, text, sizeof(text));
    if (rk == NULL) {
        rd_kafka_conf_destroy(conf);
        return dw_fail(err, DW_E_IO, "kafka: %s", text);
    }
    *out = rk;
    return DW_OK;
}

static rd_kafka_conf_t *producer_conf(const dw_settings *settings, dw_error *err)
{
    rd_kafka_conf_t *conf = conf_new(settings, err);
    if (conf == NULL)
        return NULL;
    if (conf_set(conf, "enable.idempotence", "true", err) && conf_set(conf, "linger.ms", "5", err) &&
        conf_set(conf, "queue.buffering.max.messages", "200000", err) &&
        /* a reader holds a whole batch of each partition at least */
        conf_set(conf, "batch.size", "65536", err) && conf_set(conf, "message.max.bytes", "1000000", err) &&
        conf_set(conf, "delivery.timeout.ms", "30000", err))
        return conf;
    rd_kafka_conf_destroy(conf);
    return NULL;
}

dw_errc dw_kafka_producer_new(const dw_settings *settings, rd_kafka_t **out, dw_error *err)
{
    dw_error local;
    err = err != NULL ? err : &local;
    rd_kafka_conf_t *conf = producer_conf(settings, err);
    return conf != NULL ? handle_new(RD_KAFKA_PRODUCER, conf, out, err) : err->code;
}

dw_errc dw_kafka_consumer_new(const dw_settings *settings, rd_kafka_t **out, dw_error *err)
{
    dw_error local;
    err = err != NULL ? err : &local;
    rd_kafka_conf_t *conf = conf_new(settings, err);
    if (conf == NULL)
        return err->code;
    if (!conf_set(conf, "group.id", "driftwatch-tool", err) || !conf_set(conf, "enable.auto.commit", "false", err) ||
        !conf_set(conf, "enable.partition.eof", "true", err) || !conf_set(conf, "auto.offset.reset", "error", err) ||
        !conf_set(conf, "fetch.wait.max.ms", "50", err) || !conf_set(conf, "isolation.level", "read_committed", err)) {
        rd_kafka_conf_destroy(conf);
        return err->code;
    }
    return handle_new(RD_KAFKA_CONSUMER, conf, out, err);
}

dw_errc dw_kafka_partition_count(rd_kafka_t *rk, const char *topic, int32_t *count, dw_error *err)
{
    rd_kafka_topic_t *handle = rd_kafka_topic_new(rk, topic, NULL);
    if (handle == NULL)
        return dw_fail(err, DW_E_IO, "topic %s: %s", topic, rd_kafka_err2str(rd_kafka_last_error()));
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code = rd_kafka_metadata(rk, 0, handle, &metadata, DW_KAFKA_TIMEOUT_MS);
    rd_kafka_topic_destroy(handle);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return dw_fail(err, DW_E_IO, "topic %s: %s", topic, rd_kafka_err2str(code));
    dw_errc result = DW_OK;
    if (metadata->topic_cnt != 1 || metadata->topics[0].err != RD_KAFKA_RESP_ERR_NO_ERROR)
        result = dw_fail(err, DW_E_IO, "topic %s: %s; `driftwatchd --setup` makes the topics", topic,
                         metadata->topic_cnt == 1 ? rd_kafka_err2str(metadata->topics[0].err) : "unknown");
    else if (metadata->topics[0].partition_cnt < 1)
        result = dw_fail(err, DW_E_IO, "topic %s has no partition", topic);
    else
        *count = metadata->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
    return result;
}

dw_errc dw_kafka_ends(rd_kafka_t *rk, const char *topic, int32_t partition, int64_t *low, int64_t *high, dw_error *err)
{
    rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(rk, topic, partition, low, high, DW_KAFKA_TIMEOUT_MS);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return dw_fail(err, DW_E_IO, "%s/%d: %s", topic, (int)partition, rd_kafka_err2str(code));
    return DW_OK;
}

/* --- reading */
struct dw_log_reader {
    rd_kafka_t *rk;
    rd_kafka_message_t *message;
    dw_log_span *spans;
    size_t count, left;
};

dw_errc dw_log_reader_new(const dw_settings *settings, const char *topic, const dw_log_span *spans, size_t count,
                          dw_log_reader **out, dw_error *err)
{
    dw_log_reader *reader = calloc(1, sizeof(*reader));
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    dw_errc code = DW_OK;
    if (reader == NULL || (reader->spans = calloc(count + 1, sizeof(*spans))) == NULL) {
        code = dw_fail(err, DW_E_NOMEM, "out of memory");
        goto done;
    }
    for (size_t i = 0; i < count; i++) {
        reader->spans[i] = spans[i];
        if (spans[i].from >= 0 && spans[i].from >= spans[i].until)
            reader->spans[i].until = INT64_MIN; /* nothing to read */
        else {
            rd_kafka_topic_partition_list_add(list, topic, spans[i].partition)->offset = spans[i].from;
            reader->left++;
        }
    }
    reader->count = count;
    code = dw_kafka_consumer_new(settings, &reader->rk, err);
    if (code != DW_OK)
        goto done;
    rd_kafka_poll_set_consumer(reader->rk);
    rd_kafka_resp_err_t kafka = rd_kafka_assign(reader->rk, list);
    if (kafka != RD_KAFKA_RESP_ERR_NO_ERROR)
        code = dw_fail(err, DW_E_IO, "%s: %s", topic, rd_kafka_err2str(kafka));
done:
    rd_kafka_topic_partition_list_destroy(list);
    if (code != DW_OK)
        dw_log_reader_free(&reader);
    else
        *out = reader;
    return code;
}

static dw_log_span *span_of(dw_log_reader *reader, int32_t partition)
{
    for (size_t i = 0; i < reader->count; i++)
        if (reader->spans[i].partition == partition && reader->spans[i].until != INT64_MIN)
            return &reader->spans[i];
    return NULL;
}
static void span_done(dw_log_reader *reader, dw_log_span *span)
{
    span->until = INT64_MIN;
    reader->left--;
}
bool dw_log_reader_done(const dw_log_reader *reader)
{
    return reader->left == 0;
}

const rd_kafka_message_t *dw_log_reader_next(dw_log_reader *reader, int timeout_ms, dw_error *err)
{
    err->code = DW_OK;
    while (reader->left > 0) {
        if (reader->message != NULL)
            rd_kafka_message_destroy(reader->message);
        reader->message = rd_kafka_consumer_poll(reader->rk, timeout_ms);
        rd_kafka_message_t *message = reader->message;
        if (message == NULL)
            return NULL;
        dw_log_span *span = span_of(reader, message->partition);
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            /* offsets up to the end that hold no record (markers of transactions) end a span too */
            if (span != NULL && span->until != INT64_MAX && message->offset >= span->until)
                span_done(reader, span);
            continue;
        }
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            dw_fail(err, DW_E_IO, "kafka: %s", rd_kafka_message_errstr(message));
            return NULL;
        }
        if (span == NULL)
            continue;
        bool last = message->offset >= span->until - 1;
        bool beyond = message->offset >= span->until;
        if (last)
            span_done(reader, span);
        if (!beyond)
            return message;
    }
    return NULL;
}

void dw_log_reader_free(dw_log_reader **reader)
{
    if (*reader == NULL)
        return;
    if ((*reader)->message != NULL)
        rd_kafka_message_destroy((*reader)->message);
    if ((*reader)->rk != NULL) {
        rd_kafka_consumer_close((*reader)->rk);
        rd_kafka_destroy((*reader)->rk);
    }
    free((*reader)->spans);
    free(*reader);
    *reader = NULL;
}

/* --- appending */
struct dw_publisher {
    rd_kafka_t *rk;
    rd_kafka_topic_t *topic;
    int32_t partitions;
    dw_delivery_fn *each;
    void *user;
    uint64_t stored, refused;
};

static void delivered(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque)
{
    (void)rk;
    dw_publisher *publisher = opaque;
    bool ok = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (ok)
        publisher->stored++;
    else
        publisher->refused++;
    if (publisher->each == NULL)
        return;
    dw_delivery delivery = {.tag = (uint64_t)(uintptr_t)message->_private,
                            .error = ok ? NULL : rd_kafka_err2str(message->err),
                            .partition = message->partition,
                            .offset = message->offset};
    publisher->each(publisher->user, &delivery);
}

dw_errc dw_publisher_new(const dw_settings *settings, const char *topic, dw_delivery_fn *each, void *user,
                         dw_publisher **out, dw_error *err)
{
    dw_error local = {.code = DW_E_CONFIG};
    err = err != NULL ? err : &local;
    dw_publisher *publisher = calloc(1, sizeof(*publisher));
    if (publisher == NULL)
        return dw_fail(err, DW_E_NOMEM, "out of memory");
    publisher->each = each;
    publisher->user = user;
    dw_errc code = DW_OK;
    rd_kafka_conf_t *conf = producer_conf(settings, err);
    if (conf == NULL) {
        code = err->code;
        goto done;
    }
    rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    rd_kafka_conf_set_opaque(conf, publisher);
    code = handle_new(RD_KAFKA_PRODUCER, conf, &publisher->rk, err);
    if (code != DW_OK)
        goto done;
    code = dw_kafka_partition_count(publisher->rk, topic, &publisher->partitions, err);
    if (code != DW_OK)
        goto done;
    publisher->topic = rd_kafka_topic_new(publisher->rk, topic, NULL);
    if (publisher->topic == NULL)
        code = dw_fail(err, DW_E_IO, "topic %s: %s", topic, rd_kafka_err2str(rd_kafka_last_error()));
done:
    if (code != DW_OK)
        dw_publisher_free(&publisher);
    else
        *out = publisher;
    return code;
}

int32_t dw_publisher_partitions(const dw_publisher *publisher)
{
    return publisher->partitions;
}
uint64_t dw_publisher_stored(const dw_publisher *publisher)
{
    return publisher->stored;
}
uint64_t dw_publisher_refused(const dw_publisher *publisher)
{
    return publisher->refused;
}

static rd_kafka_resp_err_t produce(dw_publisher *publisher, const dw_outgoing *record)
{
    int64_t stamp_ms = record->stamp_us / 1000;
    if (record->stamp_us != 0 && stamp_ms < 1)
        stamp_ms = 1;
    rd_kafka_vu_t args[8];
    size_t n = 0;
    args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = publisher->topic};
    args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = record->partition};
    args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY};
    args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_VALUE,
                                .u.mem = {.ptr = (void *)(uintptr_t)record->value.ptr, .size = record->value.len}};
    if (record->has_key)
        args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_KEY,
                                    .u.mem = {.ptr = (void *)(uintptr_t)record->key.ptr, .size = record->key.len}};
    args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = stamp_ms};
    args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = (void *)(uintptr_t)record->tag};
    if (record->auth.len != 0)
        args[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_HEADER,
                                    .u.header = {.name = "dw-auth", .val = record->auth.ptr, .size = record->auth.len}};
    rd_kafka_error_t *error = rd_kafka_produceva(publisher->rk, args, n);
    rd_kafka_resp_err_t code = error != NULL ? rd_kafka_error_code(error) : RD_KAFKA_RESP_ERR_NO_ERROR;
    if (error != NULL)
        rd_kafka_error_destroy(error);
    return code;
}

dw_errc dw_publisher_send(dw_publisher *publisher, const dw_outgoing *record, dw_error *err)
{
    for (;;) {
        rd_kafka_resp_err_t code = produce(publisher, record);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
            break;
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            return dw_fail(err, DW_E_IO, "kafka: %s", rd_kafka_err2str(code));
        rd_kafka_poll(publisher->rk, 100);
    }
    rd_kafka_poll(publisher->rk, 0);
    return DW_OK;
}

dw_errc dw_publisher_flush(dw_publisher *publisher, dw_error *err)
{
    rd_kafka_resp_err_t code = rd_kafka_flush(publisher->rk, 60000);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return dw_fail(err, DW_E_IO, "kafka: %s", rd_kafka_err2str(code));
    return DW_OK;
}

void dw_publisher_free(dw_publisher **publisher)
{
    if (*publisher == NULL)
        return;
    if ((*publisher)->topic != NULL)
        rd_kafka_topic_destroy((*publisher)->topic);
    if ((*publisher)->rk != NULL)
        rd_kafka_destroy((*publisher)->rk);
    free(*publisher);
    *publisher = NULL;
}

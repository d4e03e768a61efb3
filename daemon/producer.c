/* producer.c: the producer handle, delivery reports, and its replacement after a fatal error. */

#include "daemon/producer.h"
#include "proto/limits.h"

#include <assert.h>

typedef struct note { /* opaque of one message, or a failure to be reported */
    struct note *next;
    int32_t shard;
    uint64_t life, ticket;
} note;

typedef struct queue {
    note *first, **last;
} queue;

struct dw_producer {
    dw_loop *loop;
    dw_log *log;
    const dw_settings *settings;
    dw_producer_callback *call;
    void *user;
    dw_kafka_handle handle;
    dw_kqueue *main;
    size_t under_way;
    uint64_t restarts;
    bool replacing; /* reports of the dying handle go to `failed` */
    queue failed;   /* refused at once or lost with a handle: reported at the end of the turn */
    dw_later report, replace;
    dw_timer reopen;
};

static void push(queue *q, note *n)
{
    n->next = NULL;
    if (q->last == NULL)
        q->last = &q->first;
    *q->last = n;
    q->last = &n->next;
}

static void report_now(void *user)
{
    dw_producer *producer = user;
    note *list = producer->failed.first;
    producer->failed = (queue){0};
    while (list != NULL) {
        note *n = list;
        list = n->next;
        producer->call(producer->user, n->shard, n->life, n->ticket, false, -1, 0);
        free(n);
    }
}

static void fail_later(dw_producer *producer, note *n)
{
    push(&producer->failed, n);
    dw_loop_later(producer->loop, &producer->report, report_now, producer);
}

static void on_delivery(dw_producer *producer, const rd_kafka_message_t *message)
{
    note *n = message->_private;
    producer->under_way--;
    if (producer->replacing) {
        push(&producer->failed, n);
        return;
    }
    bool ok = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    int64_t stamp_ms = rd_kafka_message_timestamp(message, &type);
    if (type != RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME)
        stamp_ms = 0; /* our own time says nothing about the broker's */
    if (!ok)
        dw_log_write(producer->log, DW_LOG_WARN, "produce_failed", n->shard, "%s: %s",
                     message->rkt != NULL ? rd_kafka_topic_name(message->rkt) : "?", rd_kafka_err2str(message->err));
    producer->call(producer->user, n->shard, n->life, n->ticket, ok, ok ? message->offset : -1,
                   stamp_ms > 0 ? stamp_ms * 1000 : 0);
    free(n);
}

static void replace_now(void *user);

static void on_event(void *user, rd_kafka_event_t *event)
{
    dw_producer *producer = user;
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR) {
        const rd_kafka_message_t *message = NULL;
        while ((message = rd_kafka_event_message_next(event)) != NULL)
            on_delivery(producer, message);
    } else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR && !producer->replacing) { /* purging is fatal too */
        char why[256];
        bool fatal = rd_kafka_event_error_is_fatal(event) ||
                     rd_kafka_fatal_error(producer->handle.rk, why, sizeof(why)) != RD_KAFKA_RESP_ERR_NO_ERROR;
        bool weather = !fatal && (dw_kafka_is_weather(rd_kafka_event_error(event)) ||
                                  rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN);
        dw_log_write(producer->log, weather ? DW_LOG_DEBUG : DW_LOG_WARN, fatal ? "producer_fatal" : "producer_error",
                     DW_LOG_NO_PARTITION, "%s", rd_kafka_event_error_string(event));
        if (fatal)
            dw_loop_later(producer->loop, &producer->replace, replace_now, producer);
    }
}

static dw_errc open_handle(dw_producer *producer, dw_error *err)
{
    dw_errc rc =
        dw_kafka_open(&producer->handle, producer->loop, producer->log, producer->settings, DW_KAFKA_PRODUCER, 0, err);
    if (rc != DW_OK)
        return rc;
    producer->main = dw_kqueue_new(producer->loop, rd_kafka_queue_get_main(producer->handle.rk), on_event, producer);
    return producer->main != NULL ? DW_OK : dw_fail(err, DW_E_NOMEM, "producer: no memory");
}

/* Gives every message of the handle back: purged ones come as delivery reports with an error. */
static void close_handle(dw_producer *producer)
{
    if (producer->handle.rk == NULL)
        return;
    producer->handle.quiet = true;
    rd_kafka_purge(producer->handle.rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    producer->replacing = true;
    if (producer->main != NULL) {
        rd_kafka_event_t *event = NULL;
        int64_t until_us = dw_now_read().boot_us + 2000000;
        while (producer->under_way > 0 && dw_now_read().boot_us < until_us) {
            /* reports of purged messages come from the broker threads at once; this wait is bounded and rare */
            event = rd_kafka_queue_poll(dw_kqueue_queue(producer->main), 20);
            if (event == NULL)
                continue;
            on_event(producer, event);
            rd_kafka_event_destroy(event);
        }
    }
    producer->replacing = false;
    dw_kqueue_free(&producer->main);
    dw_kafka_close(&producer->handle);
}

static void replace_now(void *user)
{
    dw_producer *producer = user;
    producer->restarts++;
    close_handle(producer);
    producer->under_way = 0;
    dw_error err;
    if (open_handle(producer, &err) != DW_OK) {
        dw_log_write(producer->log, DW_LOG_ERROR, "producer_open", DW_LOG_NO_PARTITION, "%s; trying again", err.text);
        close_handle(producer);
        dw_timer_arm(&producer->reopen, 1000000);
    }
    dw_loop_later(producer->loop, &producer->report, report_now, producer);
}

dw_producer *dw_producer_new(dw_loop *loop, dw_log *log, const dw_settings *settings, dw_producer_callback *call,
                             void *user, dw_error *err)
{
    dw_producer *producer = calloc(1, sizeof(*producer));
    if (producer == NULL) {
        dw_fail(err, DW_E_NOMEM, "producer: no memory");
        return NULL;
    }
    *producer = (dw_producer){.loop = loop, .log = log, .settings = settings, .call = call, .user = user};
    if (!dw_timer_init(&producer->reopen, loop, replace_now, producer))
        dw_fail(err, DW_E_NOMEM, "producer: no memory");
    else if (open_handle(producer, err) == DW_OK)
        return producer;
    dw_producer_free(&producer);
    return NULL;
}

void dw_producer_free(dw_producer **at)
{
    dw_producer *producer = *at;
    *at = NULL;
    if (producer == NULL)
        return;
    dw_loop_later_cancel(producer->loop, &producer->report);
    dw_loop_later_cancel(producer->loop, &producer->replace);
    dw_timer_deinit(&producer->reopen);
    close_handle(producer);
    while (producer->failed.first != NULL) {
        note *n = producer->failed.first;
        producer->failed.first = n->next;
        free(n);
    }
    free(producer);
}

static const char *topic_of(const dw_settings *settings, dw_topic topic)
{
    switch (topic) {
    case DW_TOPIC_INPUT:
        return settings->kafka_topics_input;
    case DW_TOPIC_ALERTS:
        return settings->kafka_topics_alerts;
    case DW_TOPIC_DEADLETTER:
        break;
    }
    return settings->kafka_topics_deadletter;
}

static bool shard_failing(const dw_producer *producer, int32_t shard, uint64_t life)
{
    for (const note *n = producer->failed.first; n != NULL; n = n->next)
        if (n->shard == shard && n->life == life)
            return true;
    return false;
}

static rd_kafka_headers_t *headers_of(const dw_command *command)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(command->header_count);
    for (size_t i = 0; i < command->header_count; i++)
        rd_kafka_header_add(headers, command->headers[i].name.ptr, (ssize_t)command->headers[i].name.len,
                            command->headers[i].value.ptr, (ssize_t)command->headers[i].value.len);
    return headers;
}

void dw_producer_send(dw_producer *producer, const dw_command *command, int32_t shard, uint64_t life)
{
    note *n = malloc(sizeof(*n));
    if (n == NULL)
        abort();
    *n = (note){.shard = shard, .life = life, .ticket = command->ticket};
    if (producer->handle.rk == NULL || shard_failing(producer, shard, life)) {
        fail_later(producer, n);
        return;
    }
    rd_kafka_headers_t *headers = headers_of(command);
    const char *topic = topic_of(producer->settings, command->topic);
    rd_kafka_vu_t vus[] = {
        {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = topic},
        {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = command->partition},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)command->value.ptr, command->value.len}},
        {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = command->stamp_us / 1000},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = n},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)command->key.ptr, command->key.len}},
    };
    size_t count = sizeof(vus) / sizeof(vus[0]);
    rd_kafka_error_t *error = rd_kafka_produceva(producer->handle.rk, vus, command->has_key ? count : count - 1);
    if (error == NULL) {
        producer->under_way++;
        return;
    }
    dw_log_write(producer->log, DW_LOG_WARN, "produce_failed", shard, "%s: %s", topic, rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    rd_kafka_headers_destroy(headers); /* a failed call leaves them ours */
    fail_later(producer, n);
}

size_t dw_producer_under_way(const dw_producer *producer)
{
    return producer->under_way;
}

uint64_t dw_producer_restarts(const dw_producer *producer)
{
    return producer->restarts;
}

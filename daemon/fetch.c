/* fetch.c: the fetch handle: incremental assignment and split partition queues. */

#include "daemon/fetch.h"
#include "proto/limits.h"

#include <assert.h>
#include <jansson.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct slot {
    dw_fetch *fetch;
    int32_t partition;
    rd_kafka_queue_t *queue; /* NULL: never started */
    int fd;
    dw_watch *watch;
    bool assigned;
    bool changed;   /* differs from what librdkafka was told */
    int64_t wanted; /* offset; -1: stopped */
} slot;

struct dw_fetch {
    dw_loop *loop;
    dw_log *log;
    dw_kafka_handle handle;
    char *topic;
    rd_kafka_topic_t *rkt; /* keeps the topic's metadata and connections warm */
    dw_kqueue *main;
    const dw_fetch_handler *handler;
    void *user;
    dw_later apply;
    bool broker_up;
    int32_t count;
    slot *slots;
};

static void on_fd(void *user)
{
    slot *s = user;
    uint64_t value;
    ssize_t n = read(s->fd, &value, sizeof(value));
    (void)n;
    s->fetch->handler->readable(s->fetch->user, s->partition);
}

static bool slot_open(slot *s)
{
    dw_fetch *fetch = s->fetch;
    s->queue = rd_kafka_queue_get_partition(fetch->handle.rk, fetch->topic, s->partition);
    s->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    s->watch = s->fd >= 0 ? dw_watch_new(fetch->loop, s->fd, on_fd, s) : NULL;
    if (s->queue == NULL || s->watch == NULL)
        return false;
    rd_kafka_queue_forward(s->queue, NULL); /* split it off the consumer's queue, for good */
    uint64_t one = 1;
    rd_kafka_queue_io_event_enable(s->queue, s->fd, &one, sizeof(one));
    return true;
}

static void slot_close(slot *s)
{
    dw_watch_free(&s->watch);
    if (s->queue != NULL) {
        rd_kafka_queue_io_event_enable(s->queue, -1, NULL, 0);
        rd_kafka_queue_destroy(s->queue);
    }
    if (s->fd >= 0)
        close(s->fd);
    s->queue = NULL;
    s->fd = -1;
}

static void report(dw_fetch *fetch, const char *what, rd_kafka_error_t *error)
{
    if (error == NULL)
        return;
    dw_log_write(fetch->log, DW_LOG_ERROR, "fetch_assign", DW_LOG_NO_PARTITION, "%s: %s", what,
                 rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
}

static void apply_now(void *user)
{
    dw_fetch *fetch = user;
    rd_kafka_topic_partition_list_t *out = rd_kafka_topic_partition_list_new(8);
    rd_kafka_topic_partition_list_t *in = rd_kafka_topic_partition_list_new(8);
    for (int32_t p = 0; p < fetch->count; p++) {
        slot *s = &fetch->slots[p];
        if (!s->changed)
            continue;
        s->changed = false;
        if (s->assigned)
            rd_kafka_topic_partition_list_add(out, fetch->topic, p);
        if (s->wanted >= 0)
            rd_kafka_topic_partition_list_add(in, fetch->topic, p)->offset = s->wanted;
        s->assigned = s->wanted >= 0;
    }
    if (out->cnt > 0)
        report(fetch, "stop reading", rd_kafka_incremental_unassign(fetch->handle.rk, out));
    if (in->cnt > 0)
        report(fetch, "start reading", rd_kafka_incremental_assign(fetch->handle.rk, in));
    rd_kafka_topic_partition_list_destroy(out);
    rd_kafka_topic_partition_list_destroy(in);
}

void dw_fetch_start(dw_fetch *fetch, int32_t partition, int64_t offset)
{
    assert(partition >= 0 && partition < fetch->count && offset >= 0);
    slot *s = &fetch->slots[partition];
    if (s->queue == NULL && !slot_open(s))
        abort();
    s->wanted = offset;
    s->changed = true;
    dw_loop_later(fetch->loop, &fetch->apply, apply_now, fetch);
}

void dw_fetch_stop(dw_fetch *fetch, int32_t partition)
{
    if (partition >= fetch->count)
        return;
    slot *s = &fetch->slots[partition];
    if (s->wanted < 0)
        return;
    s->wanted = -1;
    s->changed = true;
    dw_loop_later(fetch->loop, &fetch->apply, apply_now, fetch);
}

size_t dw_fetch_read(dw_fetch *fetch, int32_t partition, rd_kafka_message_t **messages, size_t max)
{
    if (partition >= fetch->count)
        return 0;
    slot *s = &fetch->slots[partition];
    if (s->queue == NULL)
        return 0;
    ssize_t n = rd_kafka_consume_batch_queue(s->queue, 0, messages, max);
    size_t kept = n > 0 ? (size_t)n : 0;
    if (kept > 0)
        fetch->broker_up = true;
    if (!s->changed && s->assigned)
        return kept;
    for (size_t i = 0; i < kept; i++) /* stopped or moved in this turn: none of this is wanted */
        rd_kafka_message_destroy(messages[i]);
    return 0;
}

void dw_fetch_again(dw_fetch *fetch, int32_t partition)
{
    if (partition < fetch->count && fetch->slots[partition].watch != NULL)
        dw_watch_again(fetch->slots[partition].watch);
}

size_t dw_fetch_unread(dw_fetch *fetch, int32_t partition)
{
    if (partition >= fetch->count)
        return 0;
    slot *s = &fetch->slots[partition];
    return s->queue != NULL && s->assigned ? rd_kafka_queue_length(s->queue) : 0;
}

bool dw_fetch_ends(dw_fetch *fetch, int32_t partition, int64_t *low, int64_t *high)
{
    return partition < fetch->count && fetch->slots[partition].assigned &&
           rd_kafka_get_watermark_offsets(fetch->handle.rk, fetch->topic, partition, low, high) ==
               RD_KAFKA_RESP_ERR_NO_ERROR &&
           *high >= 0;
}

bool dw_fetch_broker_up(const dw_fetch *fetch)
{
    return fetch->broker_up;
}

/* The library's statistics are the one way to see brokers and the partition count without asking and waiting. */
static void on_statistics(dw_fetch *fetch, const char *text)
{
    json_t *tree = json_loads(text, 0, NULL);
    if (tree == NULL)
        return;
    const char *name = NULL;
    json_t *broker = NULL;
    bool up = false;
    json_object_foreach(json_object_get(tree, "brokers"), name, broker)
    {
        const char *state = json_string_value(json_object_get(broker, "state"));
        if (state != NULL && strcmp(state, "UP") == 0)
            up = true;
    }
    fetch->broker_up = up;
    json_t *partitions = json_object_get(json_object_get(json_object_get(tree, "topics"), fetch->topic), "partitions");
    int32_t count = 0;
    json_object_foreach(partitions, name, broker)
    {
        if (strcmp(name, "-1") != 0 && json_is_false(json_object_get(broker, "unknown")))
            count++;
    }
    json_decref(tree);
    if (count > 0)
        fetch->handler->partition_count(fetch->user, count);
}

static void on_event(void *user, rd_kafka_event_t *event)
{
    dw_fetch *fetch = user;
    rd_kafka_event_type_t type = rd_kafka_event_type(event);
    if (type == RD_KAFKA_EVENT_STATS) {
        on_statistics(fetch, rd_kafka_event_stats(event));
    } else if (type == RD_KAFKA_EVENT_ERROR) {
        rd_kafka_resp_err_t error = rd_kafka_event_error(event);
        if (error == RD_KAFKA_RESP_ERR__PARTITION_EOF)
            return; /* of an idle partition */
        if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
            fetch->broker_up = false;
            dw_log_write(fetch->log, DW_LOG_WARN, "kafka_down", DW_LOG_NO_PARTITION,
                         "no broker can be reached; trying again");
            return;
        }
        dw_log_write(fetch->log, dw_kafka_is_weather(error) ? DW_LOG_DEBUG : DW_LOG_WARN, "fetch_error",
                     DW_LOG_NO_PARTITION, "%s", rd_kafka_event_error_string(event));
    }
}

static void start_idle(dw_fetch *fetch, const char *topic, const dw_kafka_facts *facts)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)facts->idle_count + 1);
    for (size_t i = 0; i < facts->idle_count; i++)
        rd_kafka_topic_partition_list_add(list, topic, facts->idle[i])->offset = RD_KAFKA_OFFSET_END;
    if (list->cnt > 0)
        report(fetch, "start idling", rd_kafka_incremental_assign(fetch->handle.rk, list));
    rd_kafka_topic_partition_list_destroy(list);
}

dw_fetch *dw_fetch_new(dw_loop *loop, dw_log *log, const dw_settings *settings, const dw_kafka_facts *facts,
                       const dw_fetch_handler *handler, void *user, dw_error *err)
{
    int32_t partition_count = facts->partitions;
    dw_fetch *fetch = calloc(1, sizeof(*fetch));
    if (fetch == NULL) {
        dw_fail(err, DW_E_NOMEM, "fetch: no memory");
        return NULL;
    }
    fetch->loop = loop;
    fetch->log = log;
    fetch->handler = handler;
    fetch->user = user;
    fetch->broker_up = true;
    fetch->topic = strdup(settings->kafka_topics_input);
    fetch->slots = calloc((size_t)partition_count, sizeof(*fetch->slots));
    dw_errc rc = fetch->topic == NULL || fetch->slots == NULL
                     ? dw_fail(err, DW_E_NOMEM, "fetch: no memory")
                     : dw_kafka_open(&fetch->handle, loop, log, settings, DW_KAFKA_FETCH, partition_count, err);
    if (rc == DW_OK) {
        fetch->count = partition_count;
        for (int32_t p = 0; p < partition_count; p++)
            fetch->slots[p] = (slot){.fetch = fetch, .partition = p, .fd = -1, .wanted = -1};
        fetch->rkt = rd_kafka_topic_new(fetch->handle.rk, fetch->topic, NULL);
        fetch->main = dw_kqueue_new(loop, rd_kafka_queue_get_consumer(fetch->handle.rk), on_event, fetch);
        if (fetch->main == NULL)
            rc = dw_fail(err, DW_E_NOMEM, "fetch: no memory");
        else
            start_idle(fetch, settings->kafka_topics_deadletter, facts);
    }
    if (rc != DW_OK)
        dw_fetch_free(&fetch);
    return fetch;
}

void dw_fetch_free(dw_fetch **at)
{
    dw_fetch *fetch = *at;
    *at = NULL;
    if (fetch == NULL)
        return;
    dw_loop_later_cancel(fetch->loop, &fetch->apply);
    for (int32_t p = 0; p < fetch->count; p++)
        slot_close(&fetch->slots[p]);
    dw_kqueue_free(&fetch->main);
    if (fetch->rkt != NULL)
        rd_kafka_topic_destroy(fetch->rkt);
    dw_kafka_close(&fetch->handle);
    free(fetch->slots);
    free(fetch->topic);
    free(fetch);
}

/* kafka.c: configuration of the handles, their log lines, and librdkafka queues on the loop. */

#include "daemon/kafka.h"
#include "proto/limits.h"

#include <assert.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* --- queues */

enum { EVENTS_TURN = 1000 }; /* events of one queue before others have their turn */

struct dw_kqueue {
    dw_loop *loop;
    rd_kafka_queue_t *queue;
    int fd;
    dw_watch *watch;
    dw_kqueue_callback *call;
    void *user;
    bool serving, dead;
    dw_later end;
};

static void kqueue_end(void *user)
{
    dw_kqueue *k = user;
    dw_watch_free(&k->watch);
    if (k->queue != NULL) {
        rd_kafka_queue_io_event_enable(k->queue, -1, NULL, 0);
        rd_kafka_queue_destroy(k->queue);
    }
    if (k->fd >= 0)
        close(k->fd);
    free(k);
}

static void kqueue_serve(dw_kqueue *k)
{
    k->serving = true;
    int n = 0;
    while (n < EVENTS_TURN && !k->dead) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(k->queue, 0);
        if (event == NULL)
            break;
        k->call(k->user, event);
        rd_kafka_event_destroy(event);
        n++;
    }
    k->serving = false;
    if (k->dead)
        dw_loop_later(k->loop, &k->end, kqueue_end, k);
    else if (n == EVENTS_TURN)
        dw_watch_again(k->watch);
}

static void on_wakeup(void *user)
{
    dw_kqueue *k = user;
    uint64_t value;
    ssize_t n = read(k->fd, &value, sizeof(value)); /* EAGAIN when we woke ourselves */
    (void)n;
    kqueue_serve(k);
}

dw_kqueue *dw_kqueue_new(dw_loop *loop, rd_kafka_queue_t *queue, dw_kqueue_callback *call, void *user)
{
    dw_kqueue *k = calloc(1, sizeof(*k));
    if (k == NULL) {
        rd_kafka_queue_destroy(queue);
        return NULL;
    }
    *k = (dw_kqueue){.loop = loop, .queue = queue, .call = call, .user = user};
    k->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    k->watch = k->fd >= 0 ? dw_watch_new(loop, k->fd, on_wakeup, k) : NULL;
    if (k->watch == NULL) {
        kqueue_end(k);
        return NULL;
    }
    uint64_t one = 1;
    rd_kafka_queue_io_event_enable(queue, k->fd, &one, sizeof(one));
    dw_watch_again(k->watch); /* what was there before */
    return k;
}

void dw_kqueue_free(dw_kqueue **kqueue)
{
    dw_kqueue *k = *kqueue;
    *kqueue = NULL;
    if (k == NULL)
        return;
    k->dead = true;
    if (!k->serving)
        kqueue_end(k);
}

rd_kafka_queue_t *dw_kqueue_queue(dw_kqueue *kqueue)
{
    return kqueue->queue;
}

void dw_kqueue_poke(dw_kqueue *kqueue)
{
    if (!kqueue->serving)
        kqueue_serve(kqueue);
}

/* --- configuration */

const char *dw_kafka_role_name(dw_kafka_role role)
{
    switch (role) {
    case DW_KAFKA_GROUP:
        return "group";
    case DW_KAFKA_FETCH:
        return "fetch";
    case DW_KAFKA_PROBE:
        return "probe";
    case DW_KAFKA_PRODUCER:
        return "producer";
    case DW_KAFKA_ADMIN:
        return "admin";
    }
    return "?";
}

typedef struct property {
    const char *name, *value;
} property;

/* Defaults of ours that kafka.properties may change. */
static const property tunable_consumer[] = {
    /* One event is answered at once: an alert waits for it. Under load the requests follow one another and each brings what
     * has come meanwhile (at 1,000 events a second over 64 partitions that costs us 0.1 and the broker 0.15 of a core more
     * than waiting for 16 KiB or 10 ms did, and takes 10 ms off every alert). The longest wait is also how often full
     * queues are looked at again. */
    {"fetch.wait.max.ms", "10"},
    {"fetch.min.bytes", "1"},
    {"fetch.error.backoff.ms", "200"},
    {"topic.metadata.refresh.interval.ms", "30000"}, /* a changed partition count must be seen soon */
    {"socket.nagle.disable", "true"},
    {"reconnect.backoff.max.ms", "2000"},
    {NULL, NULL},
};
static const property tunable_group[] = {
    {"session.timeout.ms", "10000"},
    {"heartbeat.interval.ms", "2000"},
    {"max.poll.interval.ms", "300000"},
    {NULL, NULL},
};
static const property tunable_producer[] = {
    /* librdkafka sends a request per partition, and one partition seldom has a second row within any wait that is worth it;
     * the rows of one turn, and all that come while requests are under way, still share theirs. */
    {"linger.ms", "0"},
    {"socket.nagle.disable", "true"},
    {"reconnect.backoff.max.ms", "2000"},
    {"queue.buffering.max.messages", "2000000"}, /* the engine bounds what is in flight; refusing here would reorder */
    {"queue.buffering.max.kbytes", "1048576"},
    {NULL, NULL},
};
/* What the daemon relies on; kafka.properties refuses these names. */
static const property fixed_consumer[] = {
    {"enable.auto.commit", "false"},
    {"enable.auto.offset.store", "false"},
    {"auto.offset.reset", "error"},
    {"enable.partition.eof", "true"},
    {"check.crcs", "true"},
    {"isolation.level", "read_committed"},
    {"partition.assignment.strategy", "range"},
    {"allow.auto.create.topics", "false"},
    {NULL, NULL},
};
static const property fixed_producer[] = {
    {"enable.idempotence", "true"},
    {"acks", "all"},
    {"enable.gapless.guarantee", "true"}, /* a lost row must not be overtaken: consumers drop older positions */
    {"message.timeout.ms", "0"},          /* a row is never given up */
    {NULL, NULL},
};

static dw_errc set(rd_kafka_conf_t *conf, const char *name, const char *value, dw_error *err)
{
    char why[256];
    if (rd_kafka_conf_set(conf, name, value, why, sizeof(why)) != RD_KAFKA_CONF_OK)
        return dw_fail(err, DW_E_CONFIG, "kafka.properties: %s: %s", name, why);
    return DW_OK;
}

static dw_errc set_all(rd_kafka_conf_t *conf, const property *list, dw_error *err)
{
    dw_errc rc = DW_OK;
    for (; list->name != NULL && rc == DW_OK; list++)
        rc = set(conf, list->name, list->value, err);
    return rc;
}

static dw_errc set_number(rd_kafka_conf_t *conf, const char *name, int64_t value, dw_error *err)
{
    char text[24];
    snprintf(text, sizeof(text), "%lld", (long long)value);
    return set(conf, name, text, err);
}

int64_t dw_kafka_prefetch_bytes(int32_t partition_count)
{
    int64_t each = DW_PREFETCH_BYTES / (partition_count > 0 ? partition_count : 1);
    if (each < DW_PREFETCH_PARTITION_BYTES_MIN)
        return DW_PREFETCH_PARTITION_BYTES_MIN;
    return each < DW_PREFETCH_PARTITION_BYTES_MAX ? each : DW_PREFETCH_PARTITION_BYTES_MAX;
}

/* The limit of queued bytes counts for each partition queue, because ours are split off the consumer's. One unread record
 * pins the whole response it came in, so responses are small too. */
static dw_errc set_fetch_limits(rd_kafka_conf_t *conf, int32_t partition_count, dw_error *err)
{
    int64_t each = dw_kafka_prefetch_bytes(partition_count);
    dw_errc rc = set_number(conf, "queued.max.messages.kbytes", each / 1024, err);
    if (rc == DW_OK)
        rc = set_number(conf, "queued.min.messages", 100000, err);
    if (rc == DW_OK)
        rc = set_number(conf, "fetch.message.max.bytes", each < 1 << 20 ? each : 1 << 20, err);
    if (rc == DW_OK) /* librdkafka raises fetch.max.bytes to this; it bounds nothing else in a consumer */
        rc = set_number(conf, "message.max.bytes", DW_FETCH_RESPONSE_BYTES_MAX, err);
    if (rc == DW_OK)
        rc = set_number(conf, "fetch.max.bytes", DW_FETCH_RESPONSE_BYTES_MAX, err);
    return rc;
}

/* One record of each partition is wanted. The queue's limits must never be reached: librdkafka would then sleep a second. */
static dw_errc set_probe_limits(rd_kafka_conf_t *conf, dw_error *err)
{
    static const property limits[] = {{"queued.min.messages", "100000"},
                                      {"queued.max.messages.kbytes", "65536"},
                                      {"fetch.message.max.bytes", "1024"},
                                      {"fetch.wait.max.ms", "20"},
                                      {NULL, NULL}};
    return set_all(conf, limits, err);
}

static dw_errc set_role(rd_kafka_conf_t *conf, const dw_settings *settings, dw_kafka_role role, int32_t partition_count,
                        dw_error *err)
{
    dw_errc rc = DW_OK;
    switch (role) {
    case DW_KAFKA_GROUP:
        rc = set_all(conf, tunable_consumer, err);
        return rc != DW_OK ? rc : set_all(conf, tunable_group, err);
    case DW_KAFKA_FETCH:
        rc = set_all(conf, tunable_consumer, err);
        if (rc == DW_OK)
            rc = set_fetch_limits(conf, partition_count, err);
        return rc != DW_OK ? rc : set_number(conf, "statistics.interval.ms", DW_KAFKA_STATISTICS_MS, err);
    case DW_KAFKA_PROBE:
        rc = set_all(conf, tunable_consumer, err);
        return rc != DW_OK ? rc : set_probe_limits(conf, err);
    case DW_KAFKA_PRODUCER:
        return set_all(conf, tunable_producer, err);
    case DW_KAFKA_ADMIN:
        break;
    }
    (void)settings;
    return rc;
}

static bool is_consumer(dw_kafka_role role)
{
    return role == DW_KAFKA_GROUP || role == DW_KAFKA_FETCH || role == DW_KAFKA_PROBE;
}

static dw_errc set_fixed(rd_kafka_conf_t *conf, const dw_settings *settings, dw_kafka_role role, dw_error *err)
{
    dw_errc rc = set(conf, "bootstrap.servers", settings->kafka_brokers, err);
    if (rc == DW_OK)
        rc = set(conf, "client.id", "driftwatchd", err);
    if (rc == DW_OK && is_consumer(role))
        rc = set(conf, "group.id", settings->kafka_group, err);
    if (rc == DW_OK && is_consumer(role))
        rc = set_all(conf, fixed_consumer, err);
    if (rc == DW_OK && role == DW_KAFKA_PRODUCER)
        rc = set_all(conf, fixed_producer, err);
    return rc;
}

rd_kafka_conf_t *dw_kafka_conf(const dw_settings *settings, dw_kafka_role role, int32_t partition_count, dw_error *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    dw_errc rc = set_role(conf, settings, role, partition_count, err);
    for (size_t i = 0; i < settings->kafka_property_count && rc == DW_OK; i++)
        rc = set(conf, settings->kafka_properties[i].name, settings->kafka_properties[i].value, err);
    if (rc == DW_OK && role == DW_KAFKA_PROBE)
        rc = set_probe_limits(conf, err); /* not to be widened */
    if (rc == DW_OK)
        rc = set_fixed(conf, settings, role, err);
    if (rc == DW_OK)
        return conf;
    rd_kafka_conf_destroy(conf);
    return NULL;
}

void dw_kafka_print_consumer_settings(const dw_settings *settings, void *stdio_file)
{
    static const char *const names[] = {"message.max.bytes",
                                        "fetch.wait.max.ms",
                                        "fetch.min.bytes",
                                        "fetch.error.backoff.ms",
                                        "queued.min.messages",
                                        "fetch.max.bytes",
                                        "queued.max.messages.kbytes",
                                        "fetch.message.max.bytes",
                                        "check.crcs",
                                        "isolation.level",
                                        "socket.nagle.disable",
                                        "enable.auto.commit",
                                        "auto.offset.reset",
                                        "receive.message.max.bytes"};
    dw_error err;
    rd_kafka_conf_t *conf = dw_kafka_conf(settings, DW_KAFKA_FETCH, (int32_t)settings->kafka_partitions, &err);
    for (size_t i = 0; conf != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
        char value[128];
        size_t len = sizeof(value);
        if (rd_kafka_conf_get(conf, names[i], value, &len) == RD_KAFKA_CONF_OK)
            fprintf(stdio_file, "%s=%s\n", names[i], value);
    }
    if (conf != NULL)
        rd_kafka_conf_destroy(conf);
}

/* --- messages */

dw_str dw_kafka_header(const rd_kafka_message_t *message, const char *name)
{
    rd_kafka_headers_t *headers = NULL;
    const void *value = NULL;
    size_t len = 0;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        rd_kafka_header_get_last(headers, name, &value, &len) != RD_KAFKA_RESP_ERR_NO_ERROR || value == NULL ||
        len > DW_EVENT_BYTES_MAX)
        return (dw_str){"", 0};
    return (dw_str){value, (uint32_t)len};
}

/* --- handles */

bool dw_kafka_is_weather(rd_kafka_resp_err_t error)
{
    return error == RD_KAFKA_RESP_ERR__TRANSPORT || error == RD_KAFKA_RESP_ERR__RESOLVE ||
           error == RD_KAFKA_RESP_ERR__TIMED_OUT;
}

/* Trouble with a broker is weather for us: the library tries again by itself. */
static void on_log(void *user, rd_kafka_event_t *event)
{
    dw_kafka_handle *handle = user;
    const char *facility = NULL, *text = NULL;
    int level = 0;
    if (rd_kafka_event_log(event, &facility, &text, &level) != 0)
        return;
    dw_log_level ours = level <= 2 ? DW_LOG_ERROR : level <= 4 ? DW_LOG_WARN : level <= 5 ? DW_LOG_INFO : DW_LOG_DEBUG;
    if (strcmp(facility, "CONFWARN") == 0 || handle->quiet)
        ours = DW_LOG_DEBUG; /* consumer properties on a producer and the like */
    dw_log_write(handle->log, ours, "kafka_library", DW_LOG_NO_PARTITION, "%s: %s: %s",
                 dw_kafka_role_name(handle->role), facility, text);
}

static void drop_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    (void)rk;
    (void)level;
    (void)facility;
    (void)text;
}

dw_errc dw_kafka_open(dw_kafka_handle *handle, dw_loop *loop, dw_log *log, const dw_settings *settings,
                      dw_kafka_role role, int32_t partition_count, dw_error *err)
{
    *handle = (dw_kafka_handle){.role = role, .log = log};
    rd_kafka_conf_t *conf = dw_kafka_conf(settings, role, partition_count, err);
    if (conf == NULL)
        return DW_E_CONFIG;
    if (loop != NULL && set(conf, "log.queue", "true", err) != DW_OK) {
        rd_kafka_conf_destroy(conf);
        return DW_E_CONFIG;
    }
    if (loop == NULL)
        rd_kafka_conf_set_log_cb(conf, drop_log);
    int events = RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS | RD_KAFKA_EVENT_OFFSET_COMMIT;
    if (role == DW_KAFKA_GROUP)
        events |= RD_KAFKA_EVENT_REBALANCE;
    if (role == DW_KAFKA_PRODUCER)
        events |= RD_KAFKA_EVENT_DR;
    rd_kafka_conf_set_events(conf, events | RD_KAFKA_EVENT_LOG);
    char why[256];
    handle->rk = rd_kafka_new(is_consumer(role) ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, conf, why, sizeof(why));
    if (handle->rk == NULL) {
        rd_kafka_conf_destroy(conf);
        return dw_fail(err, DW_E_CONFIG, "kafka (%s): %s", dw_kafka_role_name(role), why);
    }
    if (is_consumer(role))
        rd_kafka_poll_set_consumer(handle->rk);
    if (loop == NULL)
        return DW_OK;
    rd_kafka_queue_t *queue = rd_kafka_queue_new(handle->rk);
    rd_kafka_set_log_queue(handle->rk, queue);
    handle->logs = dw_kqueue_new(loop, queue, on_log, handle);
    if (handle->logs != NULL)
        return DW_OK;
    dw_kafka_close(handle);
    return dw_fail(err, DW_E_NOMEM, "kafka: no memory");
}

void dw_kafka_close(dw_kafka_handle *handle)
{
    if (handle->rk == NULL)
        return;
    if (handle->logs != NULL)
        dw_kqueue_poke(handle->logs);
    dw_kqueue_free(&handle->logs);
    rd_kafka_destroy_flags(handle->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    handle->rk = NULL;
}

// link: dw_proto PkgConfig::RDKAFKA
/* bench_fill: load for the benchmark, in true record sizes.
 *   bench_fill fill BROKERS TOPIC PARTITIONS CHILDREN EVENTS_EACH
 *   bench_fill latency BROKERS TOPIC ALERTS PARTITIONS RATE SECONDS WARM_UP_SECONDS  -> prints one JSON object
 * fill: windows of 1,000 children, each child's events spread over its window, so that deadlines are armed for all.
 * latency: one contact of last month a record, undecided: each raises one alert. whole: from produce() to the alert read
 * back; to_log, decide, deliver: its parts, in the log's whole milliseconds. Every event after the warm-up counts; `lost`
 * ones had no alert within 20 s of the last. */

#include "proto/encode.h"
#include "proto/json.h"

#include <errno.h>
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WINDOW 1000
#define ARENA_BYTES (1 << 18)
#define LATENCY_EVENTS_MAX 1000000

static int64_t mono_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int64_t wall_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "bench_fill: %s: %s\n", what, why);
    exit(1);
}

static int64_t number(const char *text)
{
    char *end = NULL;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || v < 1) {
        fail(text, "not a number above 0");
    }
    return v;
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char err[512];
    if (rd_kafka_conf_set(conf, name, value, err, sizeof(err)) != RD_KAFKA_CONF_OK) {
        fail(name, err);
    }
}

/* One measured event: when it was sent and came back, and the two instants between that the log itself notes (whole
 * milliseconds): the broker's time of the event, the daemon's own time of the alert. */
typedef struct probe {
    int64_t sent_us, took_us; /* monotonic; took: 0 until the alert is read */
    int64_t sent_wall_ms, logged_ms, decided_ms, read_wall_ms;
} probe;

typedef struct probes {
    probe *list;
    int64_t total, found;
    char prefix[32]; /* of this run's child references */
} probes;

static void on_delivered(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
    (void)rk;
    (void)opaque;
    probe *one = m->_private;
    if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        fail("delivery", rd_kafka_err2str(m->err));
    }
    if (one != NULL) {
        rd_kafka_timestamp_type_t type;
        one->logged_ms = rd_kafka_message_timestamp(m, &type);
    }
}

static rd_kafka_t *producer_new(const char *brokers, const char *linger_ms)
{
    char err[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", brokers);
    set(conf, "linger.ms", linger_ms);
    set(conf, "acks", "all");
    set(conf, "partitioner", "murmur2_random");
    set(conf, "queue.buffering.max.messages", "1000000");
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivered);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, err, sizeof(err));
    if (rk == NULL) {
        fail("producer", err);
    }
    return rk;
}

static void civil(time_t t, char out[16])
{
    struct tm tm;
    gmtime_r(&t, &tm);
    strftime(out, 16, "%Y-%m-%d", &tm);
}

/* The k-th event of a child as JSON of the public form: a child protection plan, its worker, a visit, a supervision. */
static int event_json(char *out, size_t max, int64_t child, int64_t k, const char *prefix)
{
    time_t day = time(NULL) - 86400;
    char date[16], old[16];
    civil(day, date);
    civil(day - 30 * 86400, old);
    char head[512];
    snprintf(head, sizeof(head),
             "{\"event_id\":\"0c7e2b1a-5d3f-4e6a-9b8c-%06" PRId64 "%06" PRId64
             "\",\"schema_version\":1,\"la_code\":\"936\","
             "\"child_ref\":\"%s%07" PRId64 "\",\"occurred_at\":\"%sT10:00:00Z\",\"recorded_at\":\"%sT17:00:00Z\","
             "\"source_system\":\"LCS\",\"source_record_id\":\"r-%07" PRId64 "-%" PRId64
             "\",\"source_revision\":1,\"op\":\"CREATE\","
             "\"team_id\":\"team-%02" PRId64 "\",\"worker_ref\":\"sw-%04" PRId64 "\",",
             child % 1000000, k, prefix, child, k < 0 ? old : date, date, child, k, child % 40, child % 700);
    if (k < 0) {
        return snprintf(out, max,
                        "%s\"contact_received\":{\"contact_id\":\"con-%" PRId64 "\",\"contact_source\":\"2A\"}}", head,
                        child);
    }
    switch (k % 4) {
    case 0:
        return snprintf(out, max,
                        "%s\"plan_started\":{\"plan_id\":\"cp-%" PRId64
                        "\",\"plan_type\":\"CP\",\"cpp_start_date\":\"%s\","
                        "\"initial_category\":\"NEG\",\"latest_category\":\"NEG\"}}",
                        head, child, date);
    case 1:
        return snprintf(out, max,
                        "%s\"worker_allocated\":{\"allocation_id\":\"al-%" PRId64
                        "\",\"role\":\"LEAD_SW\",\"allocated_on\":\"%s\"}}",
                        head, child, date);
    case 2:
        return snprintf(
            out, max,
            "%s\"visit_done\":{\"visit_id\":\"v-%" PRId64 "\",\"visit_type\":\"CP\",\"mode\":\"F2F\","
            "\"attempt_result\":\"SEEN\",\"child_seen\":\"Y\",\"child_seen_alone\":\"Y\",\"plan_id\":\"cp-%" PRId64
            "\"}}",
            head, child, child);
    default:
        return snprintf(out, max, "%s\"supervision_held\":{\"supervision_id\":\"su-%" PRId64 "\",\"held_on\":\"%s\"}}",
                        head, child, date);
    }
}

/* Encode and produce one event; waits while the producer's queue is full. */
static void send_event(rd_kafka_t *rk, const char *topic, dw_arena *arena, int64_t child, int64_t k, const char *prefix,
                       void *opaque)
{
    char json[2048];
    int len = event_json(json, sizeof(json), child, k, prefix);
    static dw_event ev;
    dw_error err = {0};
    int64_t log_time_us = 0;
    const uint8_t *bytes = NULL;
    size_t size = 0;
    dw_arena_reset(arena);
    if (dw_event_from_json(json, (size_t)len, arena, &ev, &log_time_us, &err) != DW_OK ||
        dw_event_encode(&ev, arena, &bytes, &size, &err) != DW_OK) {
        fail("event", err.text);
    }
    char key[DW_SUBJECT_BYTES_MAX + 1];
    int key_len = snprintf(key, sizeof(key), "936/%s%07" PRId64, prefix, child);
    for (;;) {
        rd_kafka_resp_err_t rc =
            rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY(key, (size_t)key_len),
                              RD_KAFKA_V_VALUE((void *)(uintptr_t)bytes, size),
                              RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
        if (rc == RD_KAFKA_RESP_ERR_NO_ERROR) {
            break;
        }
        if (rc != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            fail("produce", rd_kafka_err2str(rc));
        }
        rd_kafka_poll(rk, 20);
    }
    rd_kafka_poll(rk, 0);
}

static void fill(char **argv)
{
    rd_kafka_t *rk = producer_new(argv[2], "20");
    dw_arena *arena = dw_arena_new(ARENA_BYTES);
    int64_t children = number(argv[5]), each = number(argv[6]);
    for (int64_t first = 0; first < children; first += WINDOW) {
        int64_t last = first + WINDOW < children ? first + WINDOW : children;
        for (int64_t k = 0; k < each; k++) {
            for (int64_t child = first; child < last; child++) {
                send_event(rk, argv[3], arena, child, k, "c-", NULL);
            }
        }
    }
    if (rd_kafka_flush(rk, 120000) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        fail("flush", "not delivered within two minutes");
    }
    dw_arena_free(&arena);
    rd_kafka_destroy(rk);
    printf("%" PRId64 "\n", children * each);
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static rd_kafka_t *reader_new(const char *brokers, const char *topic, int partitions)
{
    char err[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", brokers);
    set(conf, "group.id", "bench-latency");
    set(conf, "fetch.wait.max.ms", "5");
    set(conf, "enable.auto.commit", "false");
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, err, sizeof(err));
    if (rk == NULL) {
        fail("reader", err);
    }
    rd_kafka_poll_set_consumer(rk);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
    for (int p = 0; p < partitions; p++) {
        int64_t low = 0, high = 0;
        rd_kafka_resp_err_t rc = rd_kafka_query_watermark_offsets(rk, topic, p, &low, &high, 10000);
        if (rc != RD_KAFKA_RESP_ERR_NO_ERROR) {
            fail("watermarks", rd_kafka_err2str(rc));
        }
        rd_kafka_topic_partition_list_add(list, topic, p)->offset = high;
    }
    rd_kafka_assign(rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    return rk;
}

static void note_alert(probes *all, const rd_kafka_message_t *m)
{
    size_t skip = 4 + strlen(all->prefix);
    char digits[16] = {0};
    const char *key = m->key;
    if (m->key_len <= skip || m->key_len - skip >= sizeof(digits) ||
        memcmp(key + 4, all->prefix, strlen(all->prefix)) != 0) {
        return;
    }
    memcpy(digits, key + skip, m->key_len - skip);
    int64_t n = strtoll(digits, NULL, 10);
    if (n < 0 || n >= all->total || all->list[n].took_us != 0) {
        return;
    }
    rd_kafka_timestamp_type_t type;
    all->list[n].took_us = mono_us() - all->list[n].sent_us;
    all->list[n].read_wall_ms = wall_ms();
    all->list[n].decided_ms = rd_kafka_message_timestamp(m, &type);
    all->found++;
}

/* Take every alert that has come; the first one of each child counts. */
static void read_alerts(rd_kafka_t *reader, probes *all, int wait_ms)
{
    rd_kafka_message_t *m = NULL;
    while ((m = rd_kafka_consumer_poll(reader, wait_ms)) != NULL) {
        if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            note_alert(all, m);
        }
        rd_kafka_message_destroy(m);
        wait_ms = 0;
    }
}

/* `name`: its 50th and 99th percentile and its worst, of what `of` says about each alert that came. */
static void print_spread(const char *name, const probe *list, int64_t count, int64_t (*of)(const probe *), double unit)
{
    int64_t *values = calloc((size_t)count, sizeof(*values)), n = 0;
    if (values == NULL) {
        fail("latency", "no memory");
    }
    for (int64_t i = 0; i < count; i++) {
        if (list[i].took_us != 0) {
            values[n++] = of(&list[i]);
        }
    }
    qsort(values, (size_t)n, sizeof(*values), by_size);
    printf("\"%s_p50_ms\": %.2f, \"%s_p99_ms\": %.2f, \"%s_max_ms\": %.2f, ", name, (double)values[n / 2] / unit, name,
           (double)values[n * 99 / 100] / unit, name, (double)values[n - 1] / unit);
    free(values);
}

static int64_t whole_of(const probe *one)
{
    return one->took_us;
}

static int64_t to_log_of(const probe *one)
{
    return one->logged_ms - one->sent_wall_ms;
}

static int64_t decide_of(const probe *one)
{
    return one->decided_ms - one->logged_ms;
}

static int64_t deliver_of(const probe *one)
{
    return one->read_wall_ms - one->decided_ms;
}

/* Events at an even rate; those of the warm-up are sent and read like the others and not counted. */
static void latency(char **argv)
{
    int64_t rate = number(argv[6]), warm = rate * number(argv[8]), total = rate * number(argv[7]) + warm;
    if (total > LATENCY_EVENTS_MAX) {
        fail("latency", "too many events");
    }
    probes all = {.list = calloc((size_t)total, sizeof(probe)), .total = total};
    snprintf(all.prefix, sizeof(all.prefix), "l%" PRId64 "-", (int64_t)time(NULL) % 100000);
    if (all.list == NULL) {
        fail("latency", "no memory");
    }
    rd_kafka_t *reader = reader_new(argv[2], argv[4], (int)number(argv[5]));
    rd_kafka_t *rk = producer_new(argv[2], "0");
    dw_arena *arena = dw_arena_new(ARENA_BYTES);
    int64_t start = mono_us(), late_us = 0;
    for (int64_t n = 0; n < total; n++) {
        int64_t due_us = start + n * 1000000 / rate;
        while (mono_us() < due_us) {
            read_alerts(reader, &all, 1);
        }
        probe *one = &all.list[n];
        one->sent_us = mono_us();
        one->sent_wall_ms = wall_ms();
        if (n >= warm && one->sent_us - due_us > late_us) {
            late_us = one->sent_us - due_us;
        }
        send_event(rk, argv[3], arena, n, -1, all.prefix, one);
        read_alerts(reader, &all, 0);
    }
    int64_t end = mono_us() + 20000000;
    while (all.found < total && mono_us() < end) {
        read_alerts(reader, &all, 10);
    }
    rd_kafka_flush(rk, 10000);
    int64_t lost = 0;
    for (int64_t n = warm; n < total; n++) {
        lost += all.list[n].took_us == 0;
    }
    if (lost == total - warm) {
        fail("latency", "no alert came");
    }
    printf("{");
    print_spread("whole", all.list + warm, total - warm, whole_of, 1000);
    print_spread("to_log", all.list + warm, total - warm, to_log_of, 1);
    print_spread("decide", all.list + warm, total - warm, decide_of, 1);
    print_spread("deliver", all.list + warm, total - warm, deliver_of, 1);
    printf("\"sender_late_ms\": %.2f, \"alerts\": %" PRId64 ", \"lost\": %" PRId64 "}\n", (double)late_us / 1000,
           total - warm - lost, lost);
    dw_arena_free(&arena);
    free(all.list);
    rd_kafka_destroy(rk);
    rd_kafka_consumer_close(reader);
    rd_kafka_destroy(reader);
}

int main(int argc, char **argv)
{
    if (argc == 7 && strcmp(argv[1], "fill") == 0) {
        fill(argv);
    } else if (argc == 9 && strcmp(argv[1], "latency") == 0) {
        latency(argv);
    } else {
        fail("usage",
             "fill BROKERS TOPIC PARTITIONS CHILDREN EACH | latency BROKERS TOPIC ALERTS PARTITIONS RATE SECONDS "
             "WARM_UP_SECONDS");
    }
    return 0;
}

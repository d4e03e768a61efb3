// link: dw_proto PkgConfig::RDKAFKA
/* bench_fill: load for the benchmark, in true record sizes.
 *   bench_fill fill BROKERS TOPIC PARTITIONS CHILDREN EVENTS_EACH
 *   bench_fill latency BROKERS TOPIC ALERTS PARTITIONS RATE SECONDS  -> prints p50_ms p99_ms max_ms alerts
 * fill: windows of 1,000 children, each child's events spread over its window, so that deadlines are armed for all.
 * latency: one contact of last month a record, undecided: each raises one alert; time from produce() to the alert read back. */

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

static rd_kafka_t *producer_new(const char *brokers, const char *linger_ms)
{
    char err[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", brokers);
    set(conf, "linger.ms", linger_ms);
    set(conf, "acks", "all");
    set(conf, "partitioner", "murmur2_random");
    set(conf, "queue.buffering.max.messages", "1000000");
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
static void send_event(rd_kafka_t *rk, const char *topic, dw_arena *arena, int64_t child, int64_t k, const char *prefix)
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
        rd_kafka_resp_err_t rc = rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY(key, (size_t)key_len),
                                                   RD_KAFKA_V_VALUE((void *)(uintptr_t)bytes, size),
                                                   RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
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
                send_event(rk, argv[3], arena, child, k, "c-");
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

/* Take every alert that has come; note the first one of each child. */
static int64_t read_alerts(rd_kafka_t *reader, const char *prefix, const int64_t *sent, int64_t *took, int64_t wanted,
                           int wait_ms)
{
    int64_t found = 0;
    rd_kafka_message_t *m = NULL;
    while ((m = rd_kafka_consumer_poll(reader, wait_ms)) != NULL) {
        if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR && m->key_len > 4 + strlen(prefix)) {
            char digits[16] = {0};
            const char *key = (const char *)m->key + 4 + strlen(prefix);
            size_t len = m->key_len - 4 - strlen(prefix);
            if (memcmp((const char *)m->key + 4, prefix, strlen(prefix)) == 0 && len < sizeof(digits)) {
                memcpy(digits, key, len);
                int64_t n = strtoll(digits, NULL, 10);
                if (n >= 0 && n < wanted && took[n] == 0) {
                    took[n] = mono_us() - sent[n];
                    found++;
                }
            }
        }
        rd_kafka_message_destroy(m);
        wait_ms = 0;
    }
    return found;
}

static void latency(char **argv)
{
    int64_t rate = number(argv[6]), total = rate * number(argv[7]);
    if (total > LATENCY_EVENTS_MAX) {
        fail("latency", "too many events");
    }
    char prefix[32];
    snprintf(prefix, sizeof(prefix), "l%" PRId64 "-", (int64_t)time(NULL) % 100000);
    int64_t *sent = calloc((size_t)total, sizeof(*sent)), *took = calloc((size_t)total, sizeof(*took));
    if (sent == NULL || took == NULL) {
        fail("latency", "no memory");
    }
    rd_kafka_t *reader = reader_new(argv[2], argv[4], (int)number(argv[5]));
    rd_kafka_t *rk = producer_new(argv[2], "0");
    dw_arena *arena = dw_arena_new(ARENA_BYTES);
    int64_t start = mono_us(), found = 0;
    for (int64_t n = 0; n < total; n++) {
        while (mono_us() < start + n * 1000000 / rate) {
            found += read_alerts(reader, prefix, sent, took, total, 1);
        }
        sent[n] = mono_us();
        send_event(rk, argv[3], arena, n, -1, prefix);
        found += read_alerts(reader, prefix, sent, took, total, 0);
    }
    int64_t end = mono_us() + 20000000;
    while (found < total && mono_us() < end) {
        found += read_alerts(reader, prefix, sent, took, total, 10);
    }
    int64_t count = 0;
    for (int64_t n = 0; n < total; n++) {
        if (took[n] > 0) {
            took[count++] = took[n];
        }
    }
    if (count == 0) {
        fail("latency", "no alert came");
    }
    qsort(took, (size_t)count, sizeof(*took), by_size);
    printf("%.2f %.2f %.2f %" PRId64 "\n", (double)took[count / 2] / 1000, (double)took[count * 99 / 100] / 1000,
           (double)took[count - 1] / 1000, count);
    dw_arena_free(&arena);
    free(sent);
    free(took);
    rd_kafka_flush(rk, 10000);
    rd_kafka_destroy(rk);
    rd_kafka_consumer_close(reader);
    rd_kafka_destroy(reader);
}

int main(int argc, char **argv)
{
    if (argc == 7 && strcmp(argv[1], "fill") == 0) {
        fill(argv);
    } else if (argc == 8 && strcmp(argv[1], "latency") == 0) {
        latency(argv);
    } else {
        fail("usage",
             "fill BROKERS TOPIC PARTITIONS CHILDREN EACH | latency BROKERS TOPIC ALERTS PARTITIONS RATE SECONDS");
    }
    return 0;
}

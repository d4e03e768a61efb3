// link: PkgConfig::RDKAFKA
/* bench_bare: R of the benchmark: a consumer that does nothing with what it reads. Reads a topic from its beginning to
 * its present end with the settings it is given and prints: events seconds bytes. Like the daemon it gives every
 * partition a queue of its own: the library's prefetch limits count per queue, so that equal settings mean the same. */

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH 512
#define PARTITIONS_MAX 1024

static double now_s(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "bench_bare: %s: %s\n", what, why);
    exit(1);
}

static rd_kafka_t *consumer_new(int argc, char **argv)
{
    char err[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (rd_kafka_conf_set(conf, "bootstrap.servers", argv[1], err, sizeof(err)) != RD_KAFKA_CONF_OK) {
        fail("bootstrap.servers", err);
    }
    for (int i = 3; i < argc; i++) {
        char *eq = strchr(argv[i], '=');
        if (eq == NULL) {
            fail(argv[i], "expected name=value");
        }
        *eq = '\0';
        if (rd_kafka_conf_set(conf, argv[i], eq + 1, err, sizeof(err)) != RD_KAFKA_CONF_OK) {
            fail(argv[i], err);
        }
    }
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, err, sizeof(err));
    if (rk == NULL) {
        fail("consumer", err);
    }
    rd_kafka_poll_set_consumer(rk);
    return rk;
}

/* Assigns every partition from its beginning; returns how many records there are. */
static int64_t assign_all(rd_kafka_t *rk, const char *topic, rd_kafka_queue_t **queues, int *queue_count)
{
    const struct rd_kafka_metadata *md = NULL;
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, topic, NULL);
    rd_kafka_resp_err_t rc = rd_kafka_metadata(rk, 0, rkt, &md, 10000);
    if (rc != RD_KAFKA_RESP_ERR_NO_ERROR || md->topic_cnt != 1 || md->topics[0].partition_cnt > PARTITIONS_MAX) {
        fail("metadata", rd_kafka_err2str(rc));
    }
    int partitions = md->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(md);
    rd_kafka_topic_destroy(rkt);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
    int64_t total = 0;
    for (int p = 0; p < partitions; p++) {
        int64_t low = 0, high = 0;
        rc = rd_kafka_query_watermark_offsets(rk, topic, p, &low, &high, 10000);
        if (rc != RD_KAFKA_RESP_ERR_NO_ERROR) {
            fail("watermarks", rd_kafka_err2str(rc));
        }
        total += high - low;
        rd_kafka_topic_partition_list_add(list, topic, p)->offset = low;
        queues[p] = rd_kafka_queue_get_partition(rk, topic, p);
        rd_kafka_queue_forward(queues[p], NULL);
    }
    *queue_count = partitions;
    rc = rd_kafka_assign(rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (rc != RD_KAFKA_RESP_ERR_NO_ERROR) {
        fail("assign", rd_kafka_err2str(rc));
    }
    return total;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fail("usage", "bench_bare BROKERS TOPIC [name=value...]");
    }
    rd_kafka_t *rk = consumer_new(argc, argv);
    static rd_kafka_queue_t *queues[PARTITIONS_MAX];
    int queue_count = 0;
    int64_t total = assign_all(rk, argv[2], queues, &queue_count), seen = 0, bytes = 0;
    static rd_kafka_message_t *batch[BATCH];
    double start = now_s(), idle_since = start;
    while (seen < total) {
        int64_t before = seen;
        for (int p = 0; p < queue_count; p++) {
            ssize_t n = rd_kafka_consume_batch_queue(queues[p], 0, batch, BATCH);
            for (ssize_t i = 0; i < n; i++) {
                if (batch[i]->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
                    seen++;
                    bytes += (int64_t)batch[i]->len;
                }
                rd_kafka_message_destroy(batch[i]);
            }
        }
        if (seen != before) {
            idle_since = now_s();
        } else if (now_s() - idle_since > 30) {
            fail("reading", "nothing for 30 seconds");
        } else {
            rd_kafka_message_t *other = rd_kafka_consumer_poll(rk, 1); /* serves the library's own events; waits 1 ms */
            if (other != NULL) {
                rd_kafka_message_destroy(other);
            }
        }
    }
    printf("%lld %.3f %lld\n", (long long)seen, now_s() - start, (long long)bytes);
    for (int p = 0; p < queue_count; p++) {
        rd_kafka_queue_destroy(queues[p]);
    }
    rd_kafka_consumer_close(rk);
    rd_kafka_destroy(rk);
    return 0;
}

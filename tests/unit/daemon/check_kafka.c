/* The four handles against librdkafka's mock cluster: positions, membership, ends, order, replacement. */

#include "daemon/fetch.h"
#include "daemon/group.h"
#include "daemon/probe.h"
#include "daemon/producer.h"
#include "tests/support/suite.h"

#include <event2/event.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PARTITIONS = 4 };

typedef struct world {
    dw_loop *loop;
    dw_log *log;
    dw_settings settings;
    rd_kafka_t *mock_rk;
    rd_kafka_mock_cluster_t *mock;
    dw_kafka_facts facts;
    dw_producer *producer;
    dw_fetch *fetch;
    dw_group *group;
    dw_probe *probe;
    /* delivered */
    size_t delivered, failed;
    uint64_t last_ticket, life;
    int64_t offsets[256];
    bool tickets_in_order;
    /* read */
    size_t read[PARTITIONS], ends[PARTITIONS];
    int64_t next[PARTITIONS];
    bool offsets_in_order;
    int32_t partition_count;
    /* group */
    int assigned, revoked, left, witnesses;
    size_t assigned_count;
    bool member;
    int64_t committed[PARTITIONS];
    /* probe */
    int probed;
    int64_t low[PARTITIONS], high[PARTITIONS], last[PARTITIONS];
} world;

static void on_delivered(void *user, int32_t shard, uint64_t life, uint64_t ticket, bool ok, int64_t offset,
                         int64_t stamp_us)
{
    world *w = user;
    (void)shard;
    (void)stamp_us;
    w->life = life;
    w->tickets_in_order = w->tickets_in_order && ticket > w->last_ticket;
    w->last_ticket = ticket;
    if (!ok) {
        ck_assert_int_eq(offset, -1);
        w->failed++;
        return;
    }
    if (ticket < 256)
        w->offsets[ticket] = offset;
    w->delivered++;
}

static void on_readable(void *user, int32_t p)
{
    world *w = user;
    rd_kafka_message_t *messages[7];
    size_t n = dw_fetch_read(w->fetch, p, messages, 7);
    for (size_t i = 0; i < n; i++) {
        if (messages[i]->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            w->ends[p]++;
        } else if (messages[i]->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            w->offsets_in_order = w->offsets_in_order && messages[i]->offset == w->next[p];
            w->next[p] = messages[i]->offset + 1;
            w->read[p]++;
        }
        rd_kafka_message_destroy(messages[i]);
    }
    if (n == 7)
        dw_fetch_again(w->fetch, p); /* stopped early */
}

static void on_partition_count(void *user, int32_t count)
{
    ((world *)user)->partition_count = count;
}

static void on_assigned(void *user, const int32_t *partitions, size_t count)
{
    world *w = user;
    (void)partitions;
    w->assigned++;
    w->assigned_count = count;
}

static void on_revoked(void *user, bool lost)
{
    world *w = user;
    (void)lost;
    w->revoked++;
    dw_group_revoke_done(w->group);
}

static void on_witness(void *user, int32_t partition, bool member, int64_t committed)
{
    world *w = user;
    w->witnesses++;
    w->member = member;
    w->committed[partition] = committed;
}

static void on_left(void *user)
{
    ((world *)user)->left++;
}

static void on_probe(void *user, int32_t p, int64_t low, int64_t high, int64_t last)
{
    world *w = user;
    w->probed++;
    w->low[p] = low;
    w->high[p] = high;
    w->last[p] = last;
}

static const dw_fetch_handler fetch_handler = {on_readable, on_partition_count};
static const dw_group_handler group_handler = {on_assigned, on_revoked, on_witness, on_left};

static void open_world(world *w)
{
    *w = (world){.loop = dw_loop_new(),
                 .log = dw_log_new(stderr, DW_LOG_TEXT, DW_LOG_ERROR),
                 .tickets_in_order = true,
                 .offsets_in_order = true};
    char why[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "0", why, sizeof(why));
    w->mock_rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
    w->mock = rd_kafka_mock_cluster_new(w->mock_rk, 1);
    rd_kafka_mock_topic_create(w->mock, "in", PARTITIONS, 1);
    rd_kafka_mock_topic_create(w->mock, "alerts", PARTITIONS, 1);
    rd_kafka_mock_topic_create(w->mock, "dead", PARTITIONS, 1);
    w->settings = (dw_settings){.kafka_brokers = (char *)rd_kafka_mock_cluster_bootstraps(w->mock),
                                .kafka_group = (char *)"g",
                                .kafka_topics_input = (char *)"in",
                                .kafka_topics_alerts = (char *)"alerts",
                                .kafka_topics_deadletter = (char *)"dead",
                                .kafka_partitions = PARTITIONS};
    w->facts = (dw_kafka_facts){.partitions = PARTITIONS, .idle = {0}, .idle_count = 1};
    dw_error err;
    w->producer = dw_producer_new(w->loop, w->log, &w->settings, on_delivered, w, &err);
    ck_assert_msg(w->producer != NULL, "%s", err.text);
}

static void close_world(world *w)
{
    dw_producer_free(&w->producer);
    dw_probe_free(&w->probe);
    dw_fetch_free(&w->fetch);
    dw_group_free(&w->group);
    dw_loop_drain(w->loop);
    dw_log_free(&w->log);
    dw_loop_free(&w->loop);
    rd_kafka_mock_cluster_destroy(w->mock);
    rd_kafka_destroy(w->mock_rk);
}

#define TURN_UNTIL(w, condition, ms)                                                                                   \
    do {                                                                                                               \
        for (int turn_ = 0; turn_ < (ms) && !(condition); turn_++) {                                                   \
            event_base_loop(dw_loop_base((w)->loop), EVLOOP_NONBLOCK);                                                 \
            usleep(1000);                                                                                              \
        }                                                                                                              \
        ck_assert_msg((condition), "not within %d ms: %s", (ms), #condition);                                          \
    } while (0)

static void produce(world *w, dw_topic topic, int32_t partition, uint64_t ticket, const char *position)
{
    char value[32];
    snprintf(value, sizeof(value), "value %llu", (unsigned long long)ticket);
    dw_command command = {.kind = DW_CMD_PRODUCE,
                          .ticket = ticket,
                          .topic = topic,
                          .partition = partition,
                          .has_key = true,
                          .key = DW_STR_LIT("k"),
                          .value = dw_str_from(value),
                          .stamp_us = 1700000000000000};
    if (position != NULL)
        command.headers[command.header_count++] = (dw_header){DW_STR_LIT("dw-position"), dw_str_from(position)};
    dw_producer_send(w->producer, &command, partition, 42);
}

START_TEST(rows_are_delivered_in_order_with_their_offsets)
{
    world w;
    open_world(&w);
    for (uint64_t t = 1; t <= 200; t++)
        produce(&w, DW_TOPIC_ALERTS, 2, t, NULL);
    TURN_UNTIL(&w, w.delivered == 200, 10000);
    ck_assert(w.tickets_in_order);
    ck_assert_uint_eq(w.failed, 0);
    ck_assert_uint_eq(w.life, 42);
    for (uint64_t t = 1; t <= 200; t++)
        ck_assert_int_eq(w.offsets[t], (int64_t)t - 1);
    ck_assert_uint_eq(dw_producer_under_way(w.producer), 0);
    close_world(&w);
}
END_TEST

START_TEST(each_partition_begins_where_asked_and_can_move)
{
    world w;
    open_world(&w);
    for (uint64_t t = 1; t <= 100; t++)
        produce(&w, DW_TOPIC_INPUT, (int32_t)(t % 2), t, NULL);
    TURN_UNTIL(&w, w.delivered == 100, 10000);
    dw_error err;
    w.fetch = dw_fetch_new(w.loop, w.log, &w.settings, &w.facts, &fetch_handler, &w, &err);
    ck_assert_msg(w.fetch != NULL, "%s", err.text);
    w.next[0] = 10;
    w.next[1] = 45;
    dw_fetch_start(w.fetch, 0, 10);
    TURN_UNTIL(&w, w.ends[0] == 1, 10000);
    ck_assert_uint_eq(w.read[0], 40);
    dw_fetch_start(w.fetch, 1, 45); /* the other one goes on as it is */
    TURN_UNTIL(&w, w.ends[1] == 1, 10000);
    ck_assert_uint_eq(w.read[1], 5);
    ck_assert_uint_eq(w.read[0], 40);
    w.next[0] = 3;
    dw_fetch_start(w.fetch, 0, 3); /* back */
    TURN_UNTIL(&w, w.read[0] == 40 + 47, 10000);
    ck_assert(w.offsets_in_order);
    produce(&w, DW_TOPIC_INPUT, 1, 101, NULL);
    TURN_UNTIL(&w, w.read[1] == 6, 10000);
    int64_t low = -1, high = -1;
    ck_assert(dw_fetch_ends(w.fetch, 1, &low, &high));
    ck_assert_int_eq(high, 51);
    dw_fetch_stop(w.fetch, 1);
    produce(&w, DW_TOPIC_INPUT, 1, 102, NULL);
    produce(&w, DW_TOPIC_INPUT, 0, 103, NULL);
    TURN_UNTIL(&w, w.read[0] == 40 + 48, 10000);
    ck_assert_uint_eq(w.read[1], 6);
    ck_assert(w.offsets_in_order);
    close_world(&w);
}
END_TEST

/* What is not read stays in its queue, and comes when it is asked for. */
START_TEST(not_reading_is_back_pressure)
{
    world w;
    open_world(&w);
    for (uint64_t t = 1; t <= 50; t++)
        produce(&w, DW_TOPIC_INPUT, 0, t, NULL);
    TURN_UNTIL(&w, w.delivered == 50, 10000);
    dw_error err;
    w.fetch = dw_fetch_new(w.loop, w.log, &w.settings, &w.facts, &fetch_handler, &w, &err);
    dw_fetch_start(w.fetch, 0, 0);
    for (int i = 0; i < 5; i++) /* the start takes effect at the end of the turn */
        event_base_loop(dw_loop_base(w.loop), EVLOOP_NONBLOCK);
    for (int i = 0; i < 30000 && dw_fetch_unread(w.fetch, 0) < 51; i++)
        usleep(1000);                                   /* the loop does not turn */
    ck_assert_uint_eq(dw_fetch_unread(w.fetch, 0), 51); /* and the end of partition */
    ck_assert_uint_eq(w.read[0], 0);
    TURN_UNTIL(&w, w.ends[0] == 1, 3000);
    ck_assert_uint_eq(w.read[0], 50);
    ck_assert(w.offsets_in_order);
    close_world(&w);
}
END_TEST

START_TEST(ends_of_the_log_and_the_last_alert)
{
    world w;
    open_world(&w);
    for (uint64_t t = 1; t <= 20; t++)
        produce(&w, DW_TOPIC_INPUT, 1, t, NULL);
    produce(&w, DW_TOPIC_ALERTS, 1, 21, "16-0");
    produce(&w, DW_TOPIC_ALERTS, 1, 22, "17-3");
    produce(&w, DW_TOPIC_ALERTS, 2, 23, "nonsense");
    TURN_UNTIL(&w, w.delivered == 23, 10000);
    w.probe = dw_probe_new(w.loop, w.log, &w.settings, on_probe, &w);
    for (int32_t p = 0; p < 3; p++)
        dw_probe_ask(w.probe, p);
    dw_probe_ask(w.probe, 1); /* once more: answered once */
    TURN_UNTIL(&w, w.probed == 3, 20000);
    ck_assert_int_eq(w.low[0], 0);
    ck_assert_int_eq(w.high[0], 0);
    ck_assert_int_eq(w.last[0], -1);
    ck_assert_int_eq(w.low[1], 0);
    ck_assert_int_eq(w.high[1], 20);
    ck_assert_int_eq(w.last[1], 17);
    ck_assert_int_eq(w.last[2], -1);
    dw_probe_ask(w.probe, 1); /* later, on the same handle */
    TURN_UNTIL(&w, w.probed == 4, 20000);
    ck_assert_int_eq(w.high[1], 20);
    close_world(&w);
}
END_TEST

START_TEST(members_commit_and_leave)
{
    world w;
    dw_error err;
    open_world(&w);
    w.group = dw_group_new(w.loop, w.log, &w.settings, &group_handler, &w, &err);
    ck_assert_msg(w.group != NULL, "%s", err.text);
    ck_assert_int_eq(dw_group_join(w.group, &err), DW_OK);
    TURN_UNTIL(&w, w.assigned == 1, 20000);
    ck_assert_uint_eq(w.assigned_count, PARTITIONS);
    ck_assert(dw_group_is_member(w.group));
    for (int32_t p = 0; p < PARTITIONS; p++)
        dw_group_witness(w.group, p);
    TURN_UNTIL(&w, w.witnesses == PARTITIONS, 10000);
    ck_assert(w.member);
    ck_assert_int_eq(w.committed[3], -1); /* none before */
    dw_group_commit(w.group, 3, 70);
    dw_group_commit(w.group, 3, 77); /* the later one counts */
    dw_group_flush(w.group);
    /* commit and read go over connections of their own, so the first look may come too early */
    for (int tries = 0; tries < 20 && w.committed[3] != 77; tries++) {
        w.witnesses = 0;
        dw_group_witness(w.group, 3);
        dw_group_witness(w.group, 3); /* asked twice, answered once */
        TURN_UNTIL(&w, w.witnesses > 0, 10000);
        ck_assert_int_eq(w.witnesses, 1);
    }
    ck_assert_int_eq(w.committed[3], 77);
    dw_group_leave(w.group);
    TURN_UNTIL(&w, w.left == 1, 10000);
    ck_assert_int_eq(w.revoked, 1);
    close_world(&w);
}
END_TEST

/* A group that says "unknown member" is believed; one that is only busy is asked again. */
START_TEST(refused_members_and_bad_weather)
{
    world w;
    dw_error err;
    open_world(&w);
    w.group = dw_group_new(w.loop, w.log, &w.settings, &group_handler, &w, &err);
    ck_assert_int_eq(dw_group_join(w.group, &err), DW_OK);
    TURN_UNTIL(&w, w.assigned == 1, 20000);
    enum { OFFSET_COMMIT = 8 };
    rd_kafka_mock_push_request_errors(w.mock, OFFSET_COMMIT, 1, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID);
    dw_group_witness(w.group, 1);
    /* librdkafka may take everything away before it reports the refusal: then there is nobody left to tell */
    TURN_UNTIL(&w, w.witnesses == 1 || w.revoked == 1, 10000);
    ck_assert(!w.member);
    TURN_UNTIL(&w, w.revoked == 1 && w.assigned == 2, 20000);
    w.witnesses = 0;
    rd_kafka_mock_push_request_errors(w.mock, OFFSET_COMMIT, 1, RD_KAFKA_RESP_ERR_INVALID_COMMIT_OFFSET_SIZE);
    dw_group_witness(w.group, 1);
    TURN_UNTIL(&w, w.witnesses == 1, 10000);
    ck_assert(w.member);
    close_world(&w);
}
END_TEST

/* A row that cannot be taken fails, and so does all behind it until that is told: nothing overtakes. */
START_TEST(a_refused_row_is_not_overtaken)
{
    world w;
    open_world(&w);
    static char big[2 << 20];
    dw_command command = {.kind = DW_CMD_PRODUCE, .ticket = 2, .topic = DW_TOPIC_ALERTS, .value = {big, sizeof(big)}};
    produce(&w, DW_TOPIC_ALERTS, 0, 1, NULL);
    dw_producer_send(w.producer, &command, 0, 42); /* larger than message.max.bytes */
    produce(&w, DW_TOPIC_ALERTS, 0, 3, NULL);
    produce(&w, DW_TOPIC_ALERTS, 1, 4, NULL); /* another shard goes on */
    ck_assert_uint_eq(w.failed, 0);           /* never inside the call */
    TURN_UNTIL(&w, w.failed == 2 && w.delivered == 2, 10000);
    w.tickets_in_order = true;
    w.last_ticket = 0;
    produce(&w, DW_TOPIC_ALERTS, 0, 5, NULL);
    TURN_UNTIL(&w, w.delivered == 3, 10000);
    ck_assert_int_eq(w.offsets[5], 1);
    close_world(&w);
}
END_TEST

START_TEST(a_fatal_error_replaces_the_producer)
{
    world w;
    open_world(&w);
    produce(&w, DW_TOPIC_ALERTS, 0, 1, NULL);
    TURN_UNTIL(&w, w.delivered == 1, 10000);
    enum { PRODUCE = 0 };
    rd_kafka_mock_push_request_errors(w.mock, PRODUCE, 1, RD_KAFKA_RESP_ERR_INVALID_RECORD);
    for (uint64_t t = 2; t <= 20; t++)
        produce(&w, DW_TOPIC_ALERTS, 0, t, NULL);
    TURN_UNTIL(&w, w.failed + w.delivered == 20 && w.failed > 0, 10000);
    TURN_UNTIL(&w, dw_producer_restarts(w.producer) == 1, 10000);
    size_t failed = w.failed, delivered = w.delivered;
    for (uint64_t t = 21; t <= 25; t++)
        produce(&w, DW_TOPIC_ALERTS, 0, t, NULL);
    TURN_UNTIL(&w, w.delivered == delivered + 5, 10000);
    ck_assert_uint_eq(w.failed, failed);
    close_world(&w);
}
END_TEST

START_TEST(properties_of_the_user_do_not_undo_ours)
{
    dw_kafka_property user[] = {{(char *)"enable.auto.commit", (char *)"true"},
                                {(char *)"fetch.wait.max.ms", (char *)"123"},
                                {(char *)"queued.min.messages", (char *)"1"}};
    dw_settings settings = {.kafka_brokers = (char *)"127.0.0.1:1",
                            .kafka_group = (char *)"g",
                            .kafka_properties = user,
                            .kafka_property_count = 3};
    dw_error err;
    char value[64];
    size_t len = sizeof(value);
    rd_kafka_conf_t *conf = dw_kafka_conf(&settings, DW_KAFKA_FETCH, 8, &err);
    ck_assert_int_eq(rd_kafka_conf_get(conf, "enable.auto.commit", value, &len), RD_KAFKA_CONF_OK);
    ck_assert_str_eq(value, "false");
    len = sizeof(value);
    ck_assert_int_eq(rd_kafka_conf_get(conf, "fetch.wait.max.ms", value, &len), RD_KAFKA_CONF_OK);
    ck_assert_str_eq(value, "123");
    rd_kafka_conf_destroy(conf);
    conf = dw_kafka_conf(&settings, DW_KAFKA_PROBE, 0, &err);
    len = sizeof(value);
    ck_assert_int_eq(rd_kafka_conf_get(conf, "queued.min.messages", value, &len), RD_KAFKA_CONF_OK);
    ck_assert_str_ne(value, "1"); /* would put the probe to sleep */
    rd_kafka_conf_destroy(conf);
    user[0].name = (char *)"no.such.property";
    ck_assert_ptr_null(dw_kafka_conf(&settings, DW_KAFKA_FETCH, 8, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "no.such.property"));
}
END_TEST

static const struct {
    dw_kafka_role role;
    const char *name, *value;
} prompts[] = {
    {DW_KAFKA_FETCH, "fetch.min.bytes", "1"},    /* the broker answers at the first event */
    {DW_KAFKA_FETCH, "fetch.wait.max.ms", "10"}, /* so soon are drained queues seen again: fetch.h */
    {DW_KAFKA_PRODUCER, "linger.ms", "0"},
};

START_TEST(a_single_event_is_not_kept_waiting)
{
    dw_settings settings = {.kafka_brokers = (char *)"127.0.0.1:1", .kafka_group = (char *)"g"};
    dw_error err;
    char value[64];
    rd_kafka_conf_t *conf = dw_kafka_conf(&settings, prompts[_i].role, 64, &err);
    size_t len = sizeof(value);
    ck_assert_int_eq(rd_kafka_conf_get(conf, prompts[_i].name, value, &len), RD_KAFKA_CONF_OK);
    ck_assert_str_eq(value, prompts[_i].value);
    rd_kafka_conf_destroy(conf);
}
END_TEST

static const struct {
    int32_t partitions;
    int64_t least, most;
} prefetches[] = {
    {1, 1 << 20, 2 << 20}, {8, 128 << 10, 512 << 10}, {64, 64 << 10, 64 << 10}, {4096, 64 << 10, 64 << 10}};

START_TEST(prefetch_shrinks_with_partitions)
{
    int64_t each = dw_kafka_prefetch_bytes(prefetches[_i].partitions);
    ck_assert_int_ge(each, prefetches[_i].least);
    ck_assert_int_le(each, prefetches[_i].most);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kafka");
    TCase *tc = tcase_create("mock cluster");
    tcase_add_test(tc, rows_are_delivered_in_order_with_their_offsets);
    tcase_add_test(tc, each_partition_begins_where_asked_and_can_move);
    tcase_add_test(tc, not_reading_is_back_pressure);
    tcase_add_test(tc, ends_of_the_log_and_the_last_alert);
    tcase_add_test(tc, members_commit_and_leave);
    tcase_add_test(tc, refused_members_and_bad_weather);
    tcase_add_test(tc, a_refused_row_is_not_overtaken);
    tcase_add_test(tc, a_fatal_error_replaces_the_producer);
    tcase_add_test(tc, properties_of_the_user_do_not_undo_ours);
    tcase_add_loop_test(tc, a_single_event_is_not_kept_waiting, 0, sizeof(prompts) / sizeof(prompts[0]));
    tcase_add_loop_test(tc, prefetch_shrinks_with_partitions, 0, sizeof(prefetches) / sizeof(prefetches[0]));
    tcase_set_timeout(tc, 60);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

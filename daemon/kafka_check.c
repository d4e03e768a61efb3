/* kafka_check.c: topics as they are against topics as they must be. */

#include "daemon/kafka_check.h"
#include "proto/limits.h"

struct dw_kafka_check {
    dw_log *log;
    const dw_settings *settings;
    rd_kafka_t *rk;
    dw_kqueue *answers;
    dw_kafka_check_callback *call;
    void *user;
    dw_kafka_facts facts;
    bool said_unreachable;
};

static void refuse(dw_kafka_check *check, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void refuse(dw_kafka_check *check, const char *fmt, ...)
{
    char text[600];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    dw_log_write(check->log, DW_LOG_ERROR, "kafka_refused", DW_LOG_NO_PARTITION, "%s", text);
}

static void unreachable(dw_kafka_check *check, const char *why)
{
    dw_log_write(check->log, check->said_unreachable ? DW_LOG_DEBUG : DW_LOG_WARN, "kafka_down", DW_LOG_NO_PARTITION,
                 "no answer from %s: %s; trying again", check->settings->kafka_brokers, why);
    check->said_unreachable = true;
}

static void note_leaders(dw_kafka_facts *facts, const struct rd_kafka_metadata_topic *topic)
{
    int32_t leaders[DW_BROKERS_MAX];
    facts->idle_count = 0;
    for (int i = 0; i < topic->partition_cnt; i++) {
        size_t b = 0;
        while (b < facts->idle_count && leaders[b] != topic->partitions[i].leader)
            b++;
        if (b < facts->idle_count || b == DW_BROKERS_MAX || topic->partitions[i].leader < 0)
            continue;
        leaders[b] = topic->partitions[i].leader;
        facts->idle[facts->idle_count++] = topic->partitions[i].id;
    }
}

/* Partitions of a topic; 0: it is not there; -1: no answer. */
static int32_t count_partitions(dw_kafka_check *check, const char *topic)
{
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(check->rk, topic, NULL);
    const struct rd_kafka_metadata *md = NULL;
    rd_kafka_resp_err_t rc = rd_kafka_metadata(check->rk, 0, rkt, &md, DW_METADATA_MS);
    int32_t count = -1;
    if (rc == RD_KAFKA_RESP_ERR_NO_ERROR && md->topic_cnt == 1) {
        rd_kafka_resp_err_t err = md->topics[0].err;
        if (err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            count = md->topics[0].partition_cnt;
            note_leaders(&check->facts, &md->topics[0]); /* the dead-letter topic is asked last */
        } else if (err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
            count = 0;
        else
            rc = err;
    }
    if (count < 0)
        unreachable(check, rd_kafka_err2str(rc));
    if (md != NULL)
        rd_kafka_metadata_destroy(md);
    rd_kafka_topic_destroy(rkt);
    return count;
}

static dw_check_outcome check_counts(dw_kafka_check *check)
{
    const dw_settings *s = check->settings;
    const char *topics[] = {s->kafka_topics_input, s->kafka_topics_alerts, s->kafka_topics_deadletter};
    dw_check_outcome outcome = DW_CHECKED_OK;
    check->facts.too_narrow[0] = '\0';
    for (int i = 0; i < 3; i++) {
        int32_t count = count_partitions(check, topics[i]);
        if (count < 0)
            return DW_CHECKED_WAIT;
        if (i == 0)
            check->facts.partitions = count;
        if (count == 0) {
            refuse(check, "topic %s is not there; `driftwatchd --config %s --setup` makes it", topics[i], s->file);
            outcome = DW_CHECKED_REFUSED;
        } else if (count > DW_PARTITIONS_MAX) {
            refuse(check, "topic %s has %d partitions, more than %d", topics[i], count, DW_PARTITIONS_MAX);
            outcome = DW_CHECKED_REFUSED;
        } else if (count < check->facts.partitions) {
            snprintf(
                check->facts.too_narrow, sizeof(check->facts.too_narrow),
                "topic %s has %d partitions and %s has %d; rows go to the partition of their event: `kafka-topics.sh "
                "--bootstrap-server %s --alter --topic %s --partitions %d`",
                topics[i], count, topics[0], check->facts.partitions, s->kafka_brokers, topics[i],
                check->facts.partitions);
        }
    }
    return outcome;
}

static const char *config_of(const rd_kafka_ConfigResource_t *resource, const char *name)
{
    size_t n = 0;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), name) == 0)
            return rd_kafka_ConfigEntry_value(entries[i]);
    return NULL;
}

static bool want_config(dw_kafka_check *check, const rd_kafka_ConfigResource_t *resource, const char *name,
                        const char *wanted, const char *why)
{
    const char *is = config_of(resource, name);
    if (is != NULL && strcmp(is, wanted) == 0)
        return true;
    const dw_settings *s = check->settings;
    refuse(check,
           "topic %s has %s=%s: %s; mend it: `kafka-configs.sh --bootstrap-server %s --alter --entity-type topics "
           "--entity-name %s --add-config %s=%s`",
           s->kafka_topics_input, name, is != NULL ? is : "?", why, s->kafka_brokers, s->kafka_topics_input, name,
           wanted);
    return false;
}

static dw_check_outcome check_configs(dw_kafka_check *check, const rd_kafka_ConfigResource_t *resource)
{
    const dw_settings *s = check->settings;
    bool ok = want_config(check, resource, "cleanup.policy", "delete",
                          "compaction removes events that a rebuild and every explanation need");
    if (s->clock == DW_CLOCK_LOG_APPEND)
        ok = want_config(check, resource, "message.timestamp.type", "LogAppendTime",
                         "publishers could choose the time") &&
             ok;
    if (!s->kafka_allow_finite_retention) {
        const char *why = "events would be forgotten, and a lost Redis could not be rebuilt from the log "
                          "(kafka.allow_finite_retention: true accepts that)";
        ok = want_config(check, resource, "retention.ms", "-1", why) && ok;
        ok = want_config(check, resource, "retention.bytes", "-1", why) && ok;
    }
    const char *type = config_of(resource, "message.timestamp.type");
    if (s->clock == DW_CLOCK_CREATE_TIME && type != NULL && strcmp(type, "CreateTime") != 0)
        dw_log_write(
            check->log, DW_LOG_WARN, "kafka_clock", DW_LOG_NO_PARTITION,
            "clock: create_time, but topic %s has message.timestamp.type=%s: no ticks are sent, so deadlines fire "
            "only when events arrive",
            s->kafka_topics_input, type);
    return ok ? DW_CHECKED_OK : DW_CHECKED_REFUSED;
}

/* Settings could not be read: only replays, tests and the demo (create_time; the mock broker) may go on without. */
static dw_check_outcome unknown_configs(dw_kafka_check *check, rd_kafka_resp_err_t error, const char *why)
{
    if (check->settings->clock == DW_CLOCK_CREATE_TIME) {
        dw_log_write(check->log, DW_LOG_WARN, "kafka_unchecked", DW_LOG_NO_PARTITION,
                     "the settings of topic %s could not be checked: %s", check->settings->kafka_topics_input, why);
        return DW_CHECKED_OK;
    }
    if (error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED || error == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE) {
        refuse(check,
               "the settings of topic %s may not be read (%s), so LogAppendTime and retention cannot be checked; grant "
               "it: "
               "`kafka-acls.sh --bootstrap-server %s --add --allow-principal User:<driftwatch> --operation "
               "DescribeConfigs "
               "--topic %s`",
               check->settings->kafka_topics_input, why, check->settings->kafka_brokers,
               check->settings->kafka_topics_input);
        return DW_CHECKED_REFUSED;
    }
    unreachable(check, why);
    return DW_CHECKED_WAIT;
}

static void on_answer(void *user, rd_kafka_event_t *event)
{
    dw_kafka_check *check = user;
    if (rd_kafka_event_type(event) != RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT)
        return;
    dw_check_outcome outcome = DW_CHECKED_WAIT;
    size_t n = 0;
    const rd_kafka_ConfigResource_t **resources = NULL;
    rd_kafka_resp_err_t error = rd_kafka_event_error(event);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
        resources = rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &n);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        outcome = unknown_configs(check, error, rd_kafka_event_error_string(event));
    else if (n == 1 && rd_kafka_ConfigResource_error(resources[0]) != RD_KAFKA_RESP_ERR_NO_ERROR)
        outcome = unknown_configs(check, rd_kafka_ConfigResource_error(resources[0]),
                                  rd_kafka_ConfigResource_error_string(resources[0]));
    else if (n == 1)
        outcome = check_configs(check, resources[0]);
    check->call(check->user, outcome, &check->facts);
}

void dw_kafka_check_run(dw_kafka_check *check)
{
    dw_check_outcome outcome = check_counts(check);
    if (outcome != DW_CHECKED_OK) {
        check->call(check->user, outcome, &check->facts);
        return;
    }
    char *id = rd_kafka_clusterid(check->rk, 0);
    snprintf(check->facts.cluster_id, sizeof(check->facts.cluster_id), "%s", id != NULL ? id : "");
    if (id != NULL)
        rd_kafka_mem_free(check->rk, id);
    char why[200];
    rd_kafka_ConfigResource_t *resource =
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, check->settings->kafka_topics_input);
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(check->rk, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    int timeout_ms = check->settings->clock == DW_CLOCK_CREATE_TIME ? DW_METADATA_MS * 4 : DW_KAFKA_REQUEST_MS;
    rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, why, sizeof(why));
    rd_kafka_DescribeConfigs(check->rk, &resource, 1, options, dw_kqueue_queue(check->answers));
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_ConfigResource_destroy(resource);
}

dw_kafka_check *dw_kafka_check_new(dw_loop *loop, dw_log *log, const dw_settings *settings, rd_kafka_t *rk,
                                   dw_kafka_check_callback *call, void *user)
{
    dw_kafka_check *check = calloc(1, sizeof(*check));
    if (check == NULL)
        return NULL;
    *check = (dw_kafka_check){.log = log, .settings = settings, .rk = rk, .call = call, .user = user};
    check->answers = dw_kqueue_new(loop, rd_kafka_queue_new(rk), on_answer, check);
    if (check->answers == NULL)
        dw_kafka_check_free(&check);
    return check;
}

void dw_kafka_check_free(dw_kafka_check **check)
{
    if (*check == NULL)
        return;
    dw_kqueue_free(&(*check)->answers);
    free(*check);
    *check = NULL;
}

/* --- setup */

typedef struct plan {
    const char *topic;
    const char *configs[12]; /* name, value, ...; NULL at the end */
} plan;

static rd_kafka_NewTopic_t *new_topic(const plan *p, const dw_settings *settings, dw_error *err)
{
    char why[256];
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(p->topic, (int)settings->kafka_partitions,
                                                       (int)settings->kafka_replication, why, sizeof(why));
    if (topic == NULL) {
        dw_fail(err, DW_E_INVAL, "topic %s: %s", p->topic, why);
        return NULL;
    }
    for (size_t i = 0; p->configs[i] != NULL; i += 2)
        rd_kafka_NewTopic_set_config(topic, p->configs[i], p->configs[i + 1]);
    return topic;
}

static dw_errc say_results(rd_kafka_event_t *event, const dw_settings *settings, FILE *out, dw_error *err)
{
    if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return dw_fail(err, DW_E_IO, "topics: %s", rd_kafka_event_error_string(event));
    size_t n = 0;
    const rd_kafka_topic_result_t **results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &n);
    dw_errc rc = DW_OK;
    for (size_t i = 0; i < n; i++) {
        const char *name = rd_kafka_topic_result_name(results[i]);
        rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[i]);
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
            fprintf(out, "made topic %s, %d partitions\n", name, (int)settings->kafka_partitions);
        else if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
            fprintf(out, "topic %s is there already; left as it is\n", name);
        else
            rc = dw_fail(err, DW_E_IO, "topic %s: %s", name, rd_kafka_topic_result_error_string(results[i]));
    }
    return rc;
}

/* A year. Kafka begins a segment a week unless told otherwise, by the times of the records: of topics that are kept for ever
 * that is 52 sets of files a year and partition, mostly of some KiB, each open in the broker, and a read never crosses
 * from one to the next. They still begin anew at segment.bytes. */
#define SEGMENT_MS "31536000000"

dw_errc dw_kafka_setup(const dw_settings *settings, void *stdio_out, dw_error *err)
{
    bool append = settings->clock == DW_CLOCK_LOG_APPEND;
    const plan plans[] = {
        {settings->kafka_topics_input,
         {"message.timestamp.type", append ? "LogAppendTime" : "CreateTime", "cleanup.policy", "delete", "retention.ms",
          "-1", "retention.bytes", "-1", "segment.ms", SEGMENT_MS, NULL}},
        /* for ever: positions are a witness, and rows are the record of what people were told */
        {settings->kafka_topics_alerts,
         {"cleanup.policy", "delete", "retention.ms", "-1", "segment.ms", SEGMENT_MS, NULL}},
        {settings->kafka_topics_deadletter,
         {"cleanup.policy", "delete", "retention.ms", "31536000000", NULL}}, /* a year */
    };
    enum { COUNT = sizeof(plans) / sizeof(plans[0]) };
    dw_kafka_handle handle;
    dw_errc rc = dw_kafka_open(&handle, NULL, NULL, settings, DW_KAFKA_ADMIN, 0, err);
    if (rc != DW_OK)
        return rc;
    rd_kafka_queue_t *queue = rd_kafka_queue_new(handle.rk);
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(handle.rk, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_NewTopic_t *topics[COUNT] = {0};
    char why[200];
    rd_kafka_AdminOptions_set_request_timeout(options, DW_KAFKA_REQUEST_MS, why, sizeof(why));
    rd_kafka_AdminOptions_set_operation_timeout(options, DW_KAFKA_REQUEST_MS, why, sizeof(why));
    for (size_t i = 0; i < COUNT && rc == DW_OK; i++) {
        topics[i] = new_topic(&plans[i], settings, err);
        if (topics[i] == NULL)
            rc = DW_E_INVAL;
    }
    if (rc == DW_OK) {
        rd_kafka_CreateTopics(handle.rk, topics, COUNT, options, queue);
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, DW_KAFKA_REQUEST_MS + 5000);
        if (event == NULL) {
            rc = dw_fail(err, DW_E_IO, "no answer from %s", settings->kafka_brokers);
        } else {
            rc = say_results(event, settings, stdio_out, err);
            rd_kafka_event_destroy(event);
        }
    }
    for (size_t i = 0; i < COUNT; i++)
        if (topics[i] != NULL)
            rd_kafka_NewTopic_destroy(topics[i]);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    dw_kafka_close(&handle);
    return rc;
}

/* probe.c: one record from the beginning of the input partition and the last of the alerts partition. */

#include "daemon/probe.h"
#include "proto/limits.h"

#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

typedef struct look {
    struct look *next;
    int32_t partition;
    int64_t since_us;
    bool have_ends, have_alerts;
    int64_t low, high, alerts_last;
} look;

struct dw_probe {
    dw_loop *loop;
    dw_log *log;
    const dw_settings *settings;
    dw_probe_callback *call;
    void *user;
    dw_kafka_handle handle; /* rk NULL: not open */
    dw_kqueue *main;
    rd_kafka_topic_t *input, *alerts; /* keep metadata and connections warm */
    look *looks;
    dw_later start, finish;
    dw_timer tick;
    bool watching; /* tick is armed for looks under way; looks that begin later must not put it off */
};

static look *find(dw_probe *probe, int32_t partition)
{
    for (look *l = probe->looks; l != NULL; l = l->next)
        if (l->partition == partition)
            return l;
    return NULL;
}

static void close_handle(dw_probe *probe)
{
    dw_kqueue_free(&probe->main);
    if (probe->input != NULL)
        rd_kafka_topic_destroy(probe->input);
    if (probe->alerts != NULL)
        rd_kafka_topic_destroy(probe->alerts);
    probe->input = probe->alerts = NULL;
    if (probe->handle.rk == NULL)
        return;
    dw_kafka_close(&probe->handle);
    malloc_trim(0); /* claims are over: what they took goes back */
}

/* Answers what is complete. Runs at the end of a turn, because it may close the handle whose events led here. */
static void finish_now(void *user)
{
    dw_probe *probe = user;
    for (look **at = &probe->looks; *at != NULL;) {
        look *l = *at;
        if (!l->have_ends || !l->have_alerts) {
            at = &l->next;
            continue;
        }
        *at = l->next;
        look done = *l;
        free(l);
        probe->call(probe->user, done.partition, done.low, done.high, done.alerts_last);
        at = &probe->looks; /* the call may have changed the list */
    }
    if (probe->looks != NULL)
        return;
    probe->watching = false;
    dw_timer_arm(&probe->tick, DW_PROBE_US); /* the next look often comes soon */
}

static void done_with(dw_probe *probe, const char *topic, int32_t partition)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, partition);
    rd_kafka_error_t *error = rd_kafka_incremental_unassign(probe->handle.rk, list);
    if (error != NULL)
        rd_kafka_error_destroy(error);
    rd_kafka_topic_partition_list_destroy(list);
    dw_loop_later(probe->loop, &probe->finish, finish_now, probe);
}

/* "<offset>-<n>" of the row's header; -1 when there is none. */
static int64_t position_of(const rd_kafka_message_t *message)
{
    dw_str value = dw_kafka_header(message, "dw-position");
    char text[64];
    if (value.len == 0 || value.len >= sizeof(text))
        return -1;
    memcpy(text, value.ptr, value.len);
    text[value.len] = '\0';
    char *end = NULL;
    errno = 0;
    long long offset = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '-' && offset >= 0 ? (int64_t)offset : -1;
}

static void on_input(dw_probe *probe, look *l, int64_t offset)
{
    int64_t low = -1, high = -1;
    rd_kafka_get_watermark_offsets(probe->handle.rk, probe->settings->kafka_topics_input, l->partition, &low, &high);
    l->low = low >= 0 && low <= offset ? low : offset;
    l->high = high >= offset ? high : offset;
    l->have_ends = true;
    done_with(probe, probe->settings->kafka_topics_input, l->partition);
}

static void on_alerts(dw_probe *probe, look *l, int64_t position)
{
    l->alerts_last = position;
    l->have_alerts = true;
    done_with(probe, probe->settings->kafka_topics_alerts, l->partition);
}

/* The end of an empty partition; or why a partition cannot be read: then the alerts row is done without. */
static void on_error(dw_probe *probe, rd_kafka_event_t *event)
{
    rd_kafka_topic_partition_t *at = rd_kafka_event_topic_partition(event);
    look *l = at != NULL ? find(probe, at->partition) : NULL;
    rd_kafka_resp_err_t error = rd_kafka_event_error(event);
    bool input = at != NULL && strcmp(at->topic, probe->settings->kafka_topics_input) == 0;
    if (error != RD_KAFKA_RESP_ERR__PARTITION_EOF)
        dw_log_write(probe->log, at == NULL ? DW_LOG_DEBUG : DW_LOG_WARN, "probe_error",
                     at != NULL ? at->partition : DW_LOG_NO_PARTITION, "%s", rd_kafka_event_error_string(event));
    if (l != NULL && input && !l->have_ends && error == RD_KAFKA_RESP_ERR__PARTITION_EOF)
        on_input(probe, l, at->offset);
    else if (l != NULL && !input && !l->have_alerts)
        on_alerts(probe, l, -1);
    if (at != NULL)
        rd_kafka_topic_partition_destroy(at);
}

static void on_event(void *user, rd_kafka_event_t *event)
{
    dw_probe *probe = user;
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR) {
        on_error(probe, event);
        return;
    }
    const rd_kafka_message_t *message = NULL;
    while ((message = rd_kafka_event_message_next(event)) != NULL) {
        look *l = find(probe, message->partition);
        if (l == NULL || message->rkt == NULL)
            continue;
        bool input = strcmp(rd_kafka_topic_name(message->rkt), probe->settings->kafka_topics_input) == 0;
        if (input && !l->have_ends)
            on_input(probe, l, message->offset);
        else if (!input && !l->have_alerts)
            on_alerts(probe, l, position_of(message));
    }
}

static bool open_handle(dw_probe *probe)
{
    dw_error err;
    if (probe->handle.rk != NULL)
        return true;
    if (dw_kafka_open(&probe->handle, probe->loop, probe->log, probe->settings, DW_KAFKA_PROBE, 0, &err) != DW_OK) {
        dw_log_write(probe->log, DW_LOG_ERROR, "probe_error", DW_LOG_NO_PARTITION, "%s", err.text);
        return false;
    }
    probe->input = rd_kafka_topic_new(probe->handle.rk, probe->settings->kafka_topics_input, NULL);
    probe->alerts = rd_kafka_topic_new(probe->handle.rk, probe->settings->kafka_topics_alerts, NULL);
    probe->main = dw_kqueue_new(probe->loop, rd_kafka_queue_get_consumer(probe->handle.rk), on_event, probe);
    return probe->main != NULL;
}

/* Assigns what is not complete; from the start again when an answer took too long. */
static void start_now(void *user)
{
    dw_probe *probe = user;
    if (probe->looks == NULL || !open_handle(probe))
        return;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
    for (look *l = probe->looks; l != NULL; l = l->next) {
        if (l->since_us != 0)
            continue;
        l->since_us = dw_now_read().boot_us;
        if (!l->have_ends)
            rd_kafka_topic_partition_list_add(list, probe->settings->kafka_topics_input, l->partition)->offset =
                RD_KAFKA_OFFSET_BEGINNING;
        if (!l->have_alerts)
            rd_kafka_topic_partition_list_add(list, probe->settings->kafka_topics_alerts, l->partition)->offset =
                RD_KAFKA_OFFSET_TAIL(1);
    }
    rd_kafka_error_t *error = list->cnt > 0 ? rd_kafka_incremental_assign(probe->handle.rk, list) : NULL;
    if (error != NULL) {
        dw_log_write(probe->log, DW_LOG_WARN, "probe_error", DW_LOG_NO_PARTITION, "%s", rd_kafka_error_string(error));
        rd_kafka_error_destroy(error);
    }
    rd_kafka_topic_partition_list_destroy(list);
    if (probe->watching)
        return;
    probe->watching = true;
    dw_timer_arm(&probe->tick, DW_PROBE_US);
}

/* Too slow: a fresh handle begins again. The alerts row is only a second witness, so it is not waited for twice. */
static void on_tick(void *user)
{
    dw_probe *probe = user;
    probe->watching = false;
    if (probe->looks == NULL) {
        close_handle(probe);
        return;
    }
    int64_t now_us = dw_now_read().boot_us;
    bool late = false;
    for (look *l = probe->looks; l != NULL; l = l->next)
        if (l->since_us != 0 && now_us - l->since_us >= DW_PROBE_US)
            late = true;
    if (!late) {
        probe->watching = true;
        dw_timer_arm(&probe->tick, DW_PROBE_US / 4);
        return;
    }
    dw_log_write(probe->log, DW_LOG_WARN, "probe_slow", DW_LOG_NO_PARTITION,
                 "the ends of the log could not be read within %d s; trying again", (int)(DW_PROBE_US / 1000000));
    close_handle(probe);
    for (look *l = probe->looks; l != NULL; l = l->next) {
        l->since_us = 0;
        if (l->have_ends)
            l->have_alerts = true;
    }
    dw_loop_later(probe->loop, &probe->finish, finish_now, probe);
    start_now(probe);
}

dw_probe *dw_probe_new(dw_loop *loop, dw_log *log, const dw_settings *settings, dw_probe_callback *call, void *user)
{
    dw_probe *probe = calloc(1, sizeof(*probe));
    if (probe == NULL)
        return NULL;
    *probe = (dw_probe){.loop = loop, .log = log, .settings = settings, .call = call, .user = user};
    if (!dw_timer_init(&probe->tick, loop, on_tick, probe)) {
        free(probe);
        return NULL;
    }
    return probe;
}

void dw_probe_cancel_all(dw_probe *probe)
{
    while (probe->looks != NULL) {
        look *l = probe->looks;
        probe->looks = l->next;
        free(l);
    }
    probe->watching = false;
    close_handle(probe); /* nothing of an older assignment may answer a newer one */
}

void dw_probe_free(dw_probe **at)
{
    dw_probe *probe = *at;
    *at = NULL;
    if (probe == NULL)
        return;
    dw_probe_cancel_all(probe);
    dw_loop_later_cancel(probe->loop, &probe->finish);
    dw_loop_later_cancel(probe->loop, &probe->start);
    dw_timer_deinit(&probe->tick);
    close_handle(probe);
    free(probe);
}

void dw_probe_prepare(dw_probe *probe)
{
    if (open_handle(probe))
        dw_timer_arm(&probe->tick, DW_PROBE_US);
}

void dw_probe_ask(dw_probe *probe, int32_t partition)
{
    if (find(probe, partition) != NULL)
        return;
    look *l = calloc(1, sizeof(*l));
    if (l == NULL)
        abort();
    *l = (look){.next = probe->looks, .partition = partition, .alerts_last = -1};
    probe->looks = l;
    dw_loop_later(probe->loop, &probe->start, start_now, probe);
}

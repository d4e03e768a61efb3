/* group.c: rebalances answered with an empty assignment, witnesses read and committed again in batches. */

#include "daemon/group.h"
#include "proto/limits.h"

#include <assert.h>

typedef struct batch { /* witnesses asked for together */
    struct batch *next;
    uint64_t generation;
    size_t count;
    int64_t *committed; /* as read; -1: none */
    int32_t partitions[];
} batch;

struct dw_group {
    dw_loop *loop;
    dw_log *log;
    dw_kafka_handle handle;
    char *topic, *name;
    dw_kqueue *main, *answers;
    const dw_group_handler *handler;
    void *user;
    dw_timer poke, commit_timer, retry;
    dw_later ask;
    uint64_t generation; /* of the assignment, ours: witnesses of an older one are dropped */
    bool joined, member, revoking, leaving, left;
    int32_t *wanted; /* witnesses asked for in this turn */
    size_t wanted_count, wanted_cap;
    rd_kafka_topic_partition_list_t *commits; /* gathered */
    int64_t sent[DW_PARTITIONS_MAX];          /* offset last committed by us as this member; 0: none */
    batch *batches;
};

static void batch_free(dw_group *group, batch *b)
{
    for (batch **at = &group->batches; *at != NULL; at = &(*at)->next) {
        if (*at == b) {
            *at = b->next;
            break;
        }
    }
    free(b->committed);
    free(b);
}

static void want(dw_group *group, int32_t partition)
{
    for (size_t i = 0; i < group->wanted_count; i++)
        if (group->wanted[i] == partition)
            return;
    if (group->wanted_count == group->wanted_cap) {
        size_t cap = group->wanted_cap * 2 + 64;
        int32_t *more = realloc(group->wanted, cap * sizeof(*more));
        if (more == NULL)
            abort();
        group->wanted = more;
        group->wanted_cap = cap;
    }
    group->wanted[group->wanted_count++] = partition;
}

/* Asks again for every partition of a batch that met bad weather. */
static void again(dw_group *group, batch *b, const char *why)
{
    dw_log_write(group->log, DW_LOG_WARN, "witness_retry", DW_LOG_NO_PARTITION,
                 "the group's offsets could not be read or committed: %s; trying again", why);
    if (b->generation == group->generation)
        for (size_t i = 0; i < b->count; i++)
            want(group, b->partitions[i]);
    batch_free(group, b);
    dw_timer_arm(&group->retry, 500000);
}

static void ask_now(void *user)
{
    dw_group *group = user;
    if (group->wanted_count == 0 || group->left)
        return;
    batch *b = calloc(1, sizeof(*b) + group->wanted_count * sizeof(b->partitions[0]));
    int64_t *committed = calloc(group->wanted_count, sizeof(*committed));
    if (b == NULL || committed == NULL)
        abort();
    b->generation = group->generation;
    b->count = group->wanted_count;
    b->committed = committed;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)b->count);
    for (size_t i = 0; i < b->count; i++) {
        b->partitions[i] = group->wanted[i];
        rd_kafka_topic_partition_list_add(list, group->topic, group->wanted[i]);
    }
    group->wanted_count = 0;
    b->next = group->batches;
    group->batches = b;
    char why[200];
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(group->handle.rk, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
    rd_kafka_AdminOptions_set_request_timeout(options, DW_KAFKA_REQUEST_MS, why, sizeof(why));
    rd_kafka_AdminOptions_set_opaque(options, b);
    rd_kafka_ListConsumerGroupOffsets_t *request = rd_kafka_ListConsumerGroupOffsets_new(group->name, list);
    rd_kafka_ListConsumerGroupOffsets(group->handle.rk, &request, 1, options, dw_kqueue_queue(group->answers));
    rd_kafka_ListConsumerGroupOffsets_destroy(request);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_topic_partition_list_destroy(list);
}

static void on_retry(void *user)
{
    ask_now(user);
}

static int64_t *committed_of(batch *b, int32_t partition)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->partitions[i] == partition)
            return &b->committed[i];
    return NULL;
}

/* Read: commit the same again. Where the group has none, 0 says the same: nothing was applied. */
static void on_read(dw_group *group, rd_kafka_event_t *event)
{
    batch *b = rd_kafka_event_opaque(event);
    if (b->generation != group->generation) {
        batch_free(group, b);
        return;
    }
    if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        again(group, b, rd_kafka_event_error_string(event));
        return;
    }
    size_t n = 0;
    const rd_kafka_group_result_t **results =
        rd_kafka_ListConsumerGroupOffsets_result_groups(rd_kafka_event_ListConsumerGroupOffsets_result(event), &n);
    const rd_kafka_error_t *error = n == 1 ? rd_kafka_group_result_error(results[0]) : NULL;
    const rd_kafka_topic_partition_list_t *read = n == 1 ? rd_kafka_group_result_partitions(results[0]) : NULL;
    if (error != NULL || read == NULL || (size_t)read->cnt != b->count) {
        again(group, b, error != NULL ? rd_kafka_error_string(error) : "incomplete answer");
        return;
    }
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(read->cnt);
    const char *why = NULL;
    for (int i = 0; i < read->cnt && why == NULL; i++) {
        int64_t *committed = committed_of(b, read->elems[i].partition);
        if (read->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR || committed == NULL) {
            why = rd_kafka_err2str(read->elems[i].err);
            break;
        }
        *committed = read->elems[i].offset >= 0 ? read->elems[i].offset : -1;
        /* the answer may be older than a commit of ours on its way: the same again must not set that back */
        int64_t sent = read->elems[i].partition < DW_PARTITIONS_MAX ? group->sent[read->elems[i].partition] : 0;
        if (sent > *committed && sent > 0)
            *committed = sent;
        rd_kafka_topic_partition_list_add(list, group->topic, read->elems[i].partition)->offset =
            *committed >= 0 ? *committed : 0;
    }
    if (why == NULL) {
        rd_kafka_resp_err_t rc =
            rd_kafka_commit_queue(group->handle.rk, list, dw_kqueue_queue(group->answers), NULL, b);
        why = rc != RD_KAFKA_RESP_ERR_NO_ERROR ? rd_kafka_err2str(rc) : NULL;
    }
    rd_kafka_topic_partition_list_destroy(list);
    if (why != NULL)
        again(group, b, why);
}

/* Answers that say: you are not a member (any more). Others are weather. */
static bool refuses_member(rd_kafka_resp_err_t err)
{
    return err == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID || err == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION ||
           err == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID || err == RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST;
}

static void on_committed_again(dw_group *group, batch *b, rd_kafka_event_t *event)
{
    rd_kafka_resp_err_t err = rd_kafka_event_error(event);
    rd_kafka_topic_partition_list_t *list = rd_kafka_event_topic_partition_list(event);
    if (b->generation != group->generation) {
        batch_free(group, b);
        return;
    }
    for (int i = 0; list != NULL && i < list->cnt && err == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
        err = list->elems[i].err;
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR && !refuses_member(err)) {
        again(group, b, rd_kafka_err2str(err));
        return;
    }
    for (size_t i = 0; i < b->count && b->generation == group->generation; i++)
        group->handler->witness(group->user, b->partitions[i], err == RD_KAFKA_RESP_ERR_NO_ERROR, b->committed[i]);
    batch_free(group, b);
}

static void on_answer(void *user, rd_kafka_event_t *event)
{
    dw_group *group = user;
    rd_kafka_event_type_t type = rd_kafka_event_type(event);
    if (type == RD_KAFKA_EVENT_LISTCONSUMERGROUPOFFSETS_RESULT)
        on_read(group, event);
    else if (type == RD_KAFKA_EVENT_OFFSET_COMMIT && rd_kafka_event_opaque(event) != NULL)
        on_committed_again(group, rd_kafka_event_opaque(event), event);
    else if (type == RD_KAFKA_EVENT_OFFSET_COMMIT && rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
        dw_log_write(group->log, DW_LOG_DEBUG, "witness_commit", DW_LOG_NO_PARTITION, "%s",
                     rd_kafka_event_error_string(event)); /* the next one says more */
}

void dw_group_witness(dw_group *group, int32_t partition)
{
    want(group, partition);
    dw_loop_later(group->loop, &group->ask, ask_now, group);
}

/* --- offsets */

void dw_group_flush(dw_group *group)
{
    dw_timer_disarm(&group->commit_timer);
    if (group->commits == NULL)
        return;
    for (int i = 0; i < group->commits->cnt && group->member; i++)
        if (group->commits->elems[i].partition < DW_PARTITIONS_MAX)
            group->sent[group->commits->elems[i].partition] = group->commits->elems[i].offset;
    if (group->member)
        rd_kafka_commit_queue(group->handle.rk, group->commits, dw_kqueue_queue(group->answers), NULL, NULL);
    rd_kafka_topic_partition_list_destroy(group->commits);
    group->commits = NULL;
}

static void on_commit_timer(void *user)
{
    dw_group_flush(user);
}

void dw_group_commit(dw_group *group, int32_t partition, int64_t offset)
{
    if (!group->member)
        return;
    if (group->commits == NULL) {
        group->commits = rd_kafka_topic_partition_list_new(16);
        dw_timer_arm(&group->commit_timer, DW_WITNESS_US);
    }
    rd_kafka_topic_partition_t *at = rd_kafka_topic_partition_list_find(group->commits, group->topic, partition);
    if (at == NULL)
        at = rd_kafka_topic_partition_list_add(group->commits, group->topic, partition);
    at->offset = offset;
}

/* --- rebalances */

static void on_assign(dw_group *group, const rd_kafka_topic_partition_list_t *list)
{
    rd_kafka_topic_partition_list_t *nothing = rd_kafka_topic_partition_list_new(1);
    rd_kafka_resp_err_t rc = rd_kafka_assign(group->handle.rk, nothing);
    rd_kafka_topic_partition_list_destroy(nothing);
    if (rc != RD_KAFKA_RESP_ERR_NO_ERROR)
        dw_log_write(group->log, DW_LOG_ERROR, "group_assign", DW_LOG_NO_PARTITION, "%s", rd_kafka_err2str(rc));
    group->generation++;
    group->member = true;
    memset(group->sent, 0, sizeof(group->sent));
    int32_t *partitions = calloc((size_t)list->cnt + 1, sizeof(*partitions));
    size_t n = 0;
    if (partitions == NULL)
        abort();
    for (int i = 0; i < list->cnt; i++)
        if (strcmp(list->elems[i].topic, group->topic) == 0)
            partitions[n++] = list->elems[i].partition;
    dw_log_write(group->log, DW_LOG_INFO, "group_assigned", DW_LOG_NO_PARTITION, "%zu partitions", n);
    group->handler->assigned(group->user, partitions, n);
    free(partitions);
}

static void on_revoke(dw_group *group)
{
    bool lost = rd_kafka_assignment_lost(group->handle.rk);
    dw_log_write(group->log, lost ? DW_LOG_WARN : DW_LOG_INFO, "group_revoked", DW_LOG_NO_PARTITION,
                 lost ? "membership lost" : "partitions are handed back");
    group->revoking = true;
    group->generation++;
    group->wanted_count = 0;
    if (lost)
        group->member = false;
    group->handler->revoked(group->user, lost);
}

void dw_group_revoke_done(dw_group *group)
{
    if (!group->revoking)
        return;
    dw_group_flush(group);
    group->revoking = false;
    group->member = false;
    rd_kafka_resp_err_t rc = rd_kafka_assign(group->handle.rk, NULL);
    if (rc != RD_KAFKA_RESP_ERR_NO_ERROR)
        dw_log_write(group->log, DW_LOG_ERROR, "group_assign", DW_LOG_NO_PARTITION, "%s", rd_kafka_err2str(rc));
}

static void check_left(dw_group *group)
{
    if (!group->leaving || group->left || !rd_kafka_consumer_closed(group->handle.rk))
        return;
    group->left = true;
    group->handler->left(group->user);
}

static void on_event(void *user, rd_kafka_event_t *event)
{
    dw_group *group = user;
    rd_kafka_event_type_t type = rd_kafka_event_type(event);
    if (type == RD_KAFKA_EVENT_REBALANCE) {
        if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
            on_assign(group, rd_kafka_event_topic_partition_list(event));
        else
            on_revoke(group);
    } else if (type == RD_KAFKA_EVENT_ERROR) {
        char why[256];
        rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(group->handle.rk, why, sizeof(why));
        if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR) {
            /* Never seen without group.instance.id; a new process is the one sure cure. */
            dw_log_write(group->log, DW_LOG_ERROR, "group_fatal", DW_LOG_NO_PARTITION, "%s", why);
            abort();
        }
        bool weather = dw_kafka_is_weather(rd_kafka_event_error(event)) ||
                       rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
        dw_log_write(group->log, weather ? DW_LOG_DEBUG : DW_LOG_WARN, "group_error", DW_LOG_NO_PARTITION, "%s",
                     rd_kafka_event_error_string(event));
    }
}

/* Keeps max.poll.interval.ms quiet when nothing happens, and sees the end of leaving. */
static void on_poke(void *user)
{
    dw_group *group = user;
    dw_timer_arm(&group->poke, group->leaving ? 20000 : 500000);
    if (!group->left)
        dw_kqueue_poke(group->main);
    check_left(group);
}

/* --- life */

dw_group *dw_group_new(dw_loop *loop, dw_log *log, const dw_settings *settings, const dw_group_handler *handler,
                       void *user, dw_error *err)
{
    dw_group *group = calloc(1, sizeof(*group));
    if (group == NULL) {
        dw_fail(err, DW_E_NOMEM, "group: no memory");
        return NULL;
    }
    group->loop = loop;
    group->log = log;
    group->handler = handler;
    group->user = user;
    group->topic = strdup(settings->kafka_topics_input);
    group->name = strdup(settings->kafka_group);
    dw_errc rc = dw_kafka_open(&group->handle, loop, log, settings, DW_KAFKA_GROUP, 0, err);
    if (rc == DW_OK) {
        group->main = dw_kqueue_new(loop, rd_kafka_queue_get_consumer(group->handle.rk), on_event, group);
        group->answers = dw_kqueue_new(loop, rd_kafka_queue_new(group->handle.rk), on_answer, group);
        if (group->main == NULL || group->answers == NULL || group->topic == NULL || group->name == NULL ||
            !dw_timer_init(&group->poke, loop, on_poke, group) ||
            !dw_timer_init(&group->commit_timer, loop, on_commit_timer, group) ||
            !dw_timer_init(&group->retry, loop, on_retry, group))
            rc = dw_fail(err, DW_E_NOMEM, "group: no memory");
    }
    if (rc != DW_OK)
        dw_group_free(&group);
    return group;
}

void dw_group_free(dw_group **at)
{
    dw_group *group = *at;
    *at = NULL;
    if (group == NULL)
        return;
    dw_loop_later_cancel(group->loop, &group->ask);
    dw_timer_deinit(&group->poke);
    dw_timer_deinit(&group->commit_timer);
    dw_timer_deinit(&group->retry);
    if (group->commits != NULL)
        rd_kafka_topic_partition_list_destroy(group->commits);
    dw_kqueue_free(&group->main);
    dw_kqueue_free(&group->answers);
    dw_kafka_close(&group->handle);
    while (group->batches != NULL)
        batch_free(group, group->batches);
    free(group->wanted);
    free(group->topic);
    free(group->name);
    free(group);
}

rd_kafka_t *dw_group_rk(dw_group *group)
{
    return group->handle.rk;
}

dw_errc dw_group_join(dw_group *group, dw_error *err)
{
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, group->topic, RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t rc = rd_kafka_subscribe(group->handle.rk, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    if (rc != RD_KAFKA_RESP_ERR_NO_ERROR)
        return dw_fail(err, DW_E_IO, "cannot join the group %s: %s", group->name, rd_kafka_err2str(rc));
    group->joined = true;
    dw_timer_arm(&group->poke, 500000);
    return DW_OK;
}

bool dw_group_is_member(const dw_group *group)
{
    return group->member;
}

void dw_group_leave(dw_group *group)
{
    if (group->leaving)
        return;
    group->leaving = true;
    dw_group_flush(group);
    rd_kafka_error_t *error = rd_kafka_consumer_close_queue(group->handle.rk, dw_kqueue_queue(group->main));
    if (error != NULL) {
        dw_log_write(group->log, DW_LOG_WARN, "group_leave", DW_LOG_NO_PARTITION, "%s", rd_kafka_error_string(error));
        rd_kafka_error_destroy(error);
        group->left = true;
        group->handler->left(group->user);
        return;
    }
    dw_timer_arm(&group->poke, 5000);
}

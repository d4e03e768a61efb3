/* export.c: `driftwatch export`: the log up to its present end, as JSON Lines. */

#include "daemon/cli/cli.h"
#include "daemon/cli/kafka.h"
#include "proto/json.h"

#include <errno.h>

enum { OPT_PARTITION, OPT_SUBJECT };
static const dw_opt export_opts[] = {
    {"partition", "N", "only this partition"},
    {"child", "LA/REF", "only records with this key"},
};

typedef struct export_job {
    const dw_cli *cli;
    const char *child;
    dw_arena *arena;
    dw_event *ev;
    uint64_t printed, unreadable;
} export_job;

static dw_errc export_record(export_job *job, const rd_kafka_message_t *message, dw_error *err)
{
    if (job->child != NULL && (message->key == NULL || message->key_len != strlen(job->child) ||
                               memcmp(message->key, job->child, message->key_len) != 0))
        return DW_OK;
    dw_arena_reset(job->arena);
    dw_error bad = {0};
    dw_errc code = message->payload == NULL
                       ? dw_fail(&bad, DW_E_NO_VALUE, "no value")
                       : dw_event_decode(message->payload, message->len, job->arena, job->ev, &bad);
    if (code != DW_OK) {
        job->unreadable++;
        dw_cli_say(job->cli, 0, "left out: record %d/%lld: %s", (int)message->partition, (long long)message->offset,
                   dw_errc_name(code));
        return DW_OK;
    }
    char stamp[32];
    char extra[128];
    dw_instant_format(rd_kafka_message_timestamp(message, NULL) * 1000, stamp);
    snprintf(extra, sizeof(extra), ",\"log_time\":\"%s\",\"partition\":%d,\"offset\":%lld", stamp,
             (int)message->partition, (long long)message->offset);
    char *line = dw_event_to_json(job->ev, extra);
    if (line == NULL)
        return dw_fail(err, DW_E_NOMEM, "out of memory");
    int put = puts(line);
    free(line);
    job->printed++;
    return put >= 0 ? DW_OK : dw_fail(err, DW_E_IO, "standard output: %s", strerror(errno));
}

/* One partition after the other, each in its order: what matters, and nothing has to be held back. */
static dw_errc export_partition(export_job *job, int32_t partition, int64_t low, int64_t high, dw_error *err)
{
    dw_log_span span = {partition, low, high};
    dw_log_reader *reader = NULL;
    const char *topic = job->cli->settings->kafka_topics_input;
    dw_errc code = dw_log_reader_new(job->cli->settings, topic, &span, 1, &reader, err);
    while (code == DW_OK && !dw_log_reader_done(reader)) {
        const rd_kafka_message_t *message = dw_log_reader_next(reader, DW_KAFKA_TIMEOUT_MS, err);
        code = err->code;
        if (message != NULL)
            code = export_record(job, message, err);
        else if (code == DW_OK && !dw_log_reader_done(reader))
            code = dw_fail(err, DW_E_IO, "%s/%d: no record within %d s", topic, (int)partition,
                           DW_KAFKA_TIMEOUT_MS / 1000);
    }
    dw_log_reader_free(&reader);
    return code;
}

static int export_run(dw_cli *cli, const dw_args *args)
{
    int64_t only = -1;
    if (!dw_arg_int(cli, &dw_verb_export, args, OPT_PARTITION, 0, 65535, &only))
        return DW_EXIT_USAGE;
    dw_error err = {0};
    rd_kafka_t *rk = NULL;
    int32_t count = 0;
    export_job job = {.cli = cli,
                      .child = args->value[OPT_SUBJECT],
                      .arena = dw_arena_new(4 * DW_POLICY_BYTES_MAX),
                      .ev = malloc(sizeof(dw_event))};
    const char *topic = cli->settings->kafka_topics_input;
    dw_errc code = job.arena != NULL && job.ev != NULL ? dw_kafka_consumer_new(cli->settings, &rk, &err)
                                                       : dw_fail(&err, DW_E_NOMEM, "out of memory");
    if (code == DW_OK)
        code = dw_kafka_partition_count(rk, topic, &count, &err);
    if (code == DW_OK && only >= count)
        code = dw_fail(&err, DW_E_MISSING, "%s has %d partitions", topic, (int)count);
    for (int32_t p = 0; code == DW_OK && p < count; p++) {
        int64_t low = 0;
        int64_t high = 0;
        if (only >= 0 && only != p)
            continue;
        code = dw_kafka_ends(rk, topic, p, &low, &high, &err);
        if (code == DW_OK && low < high)
            code = export_partition(&job, p, low, high, &err);
    }
    if (code != DW_OK)
        dw_cli_fail(cli, &err);
    else if (job.unreadable != 0)
        dw_cli_say(cli, 0, "%llu records are no events and were left out", (unsigned long long)job.unreadable);
    if (rk != NULL)
        rd_kafka_destroy(rk);
    dw_arena_free(&job.arena);
    free(job.ev);
    return code == DW_OK ? DW_EXIT_OK : DW_EXIT_FAILED;
}

const dw_verb dw_verb_export = {
    .name = "export",
    .run = export_run,
    .opts = export_opts,
    .opt_count = sizeof(export_opts) / sizeof(export_opts[0]),
    .words = "",
    .summary = "the log up to its present end, as JSON Lines",
    .help = "Each line is an event in the form that `publish` reads, with log_time, partition and offset; published "
            "again with\n"
            "`clock: create_time` it is the same story. Partition by partition, each in its order. Records that are no "
            "events\n"
            "are named on standard error and left out. Signatures are not printed: publish makes new ones.\n",
};

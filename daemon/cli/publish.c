/* publish.c: `driftwatch publish`: JSON Lines -> records of the input topic. */

#include "daemon/cli/append.h"
#include "daemon/cli/cli.h"
#include "proto/encode.h"
#include "proto/json.h"

#include <errno.h>
#include <jansson.h>
#include <sys/types.h>

#define LINE_BYTES_MAX (4 * DW_POLICY_BYTES_MAX) /* a policy as a JSON text needs some more bytes than in protobuf */

enum { OPT_CHECK, OPT_QUIET };
static const dw_opt publish_opts[] = {
    {"check", NULL, "only validate: nothing is sent, no broker is asked"},
    {"quiet", NULL, "do not say at the end how many were sent"},
};

typedef struct publish {
    const dw_cli *cli;
    dw_appender *appender; /* NULL with --check */
    dw_arena *arena;
    const char *file;
    uint64_t line, lines_good, lines_bad, refused;
} publish;

/* One line about a line: for people on stderr, for machines on stdout. */
static void complain(const publish *p, uint64_t line, const char *code, const char *text)
{
    if (!p->cli->json) {
        fprintf(stderr, "%s:%llu: %s\n", p->file, (unsigned long long)line, text);
        return;
    }
    json_t *object =
        json_pack("{s:s, s:I, s:s, s:s}", "file", p->file, "line", (json_int_t)line, "error", code, "text", text);
    char *out = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
    if (out != NULL)
        puts(out);
    free(out);
    json_decref(object);
}

static void on_delivery(void *user, const dw_delivery *delivery)
{
    publish *p = user;
    if (delivery->error == NULL)
        return;
    p->refused++;
    complain(p, delivery->tag, "io", delivery->error);
}

/* `partition` beside the envelope, as export writes it: a control record goes there only. */
static int32_t partition_of_line(const char *line, size_t len)
{
    if (memmem(line, len, "\"partition\"", 11) == NULL)
        return DW_EVERY_PARTITION;
    json_t *object = json_loadb(line, len, 0, NULL);
    json_t *partition = json_object_get(object, "partition");
    int32_t out =
        json_is_integer(partition) && json_integer_value(partition) >= 0 && json_integer_value(partition) < 65536
            ? (int32_t)json_integer_value(partition)
            : DW_EVERY_PARTITION;
    json_decref(object);
    return out;
}

static bool is_blank(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (strchr(" \t\r\n", line[i]) == NULL)
            return false;
    return true;
}

/* Does it encode, and decode again with every check that the daemon makes? */
static dw_errc check_event(publish *p, const dw_event *ev, dw_error *err)
{
    const uint8_t *bytes = NULL;
    size_t len = 0;
    dw_errc code = dw_event_encode(ev, p->arena, &bytes, &len, err);
    if (code != DW_OK)
        return code;
    size_t max = ev->type == DW_EV_POLICY_SET ? DW_POLICY_BYTES_MAX : DW_EVENT_BYTES_MAX;
    if (len > max)
        return dw_fail(err, DW_E_TOO_BIG, "the record would have %zu bytes; at most %zu are allowed", len, max);
    return DW_OK;
}

/* False: a failure that ends the run. */
static bool publish_line(publish *p, const char *line, size_t len)
{
    if (is_blank(line, len))
        return true;
    dw_arena_reset(p->arena);
    dw_event ev;
    int64_t log_time_us = 0;
    dw_error err = {0};
    dw_errc code = dw_event_from_json(line, len, p->arena, &ev, &log_time_us, &err);
    if (code == DW_OK)
        code = check_event(p, &ev, &err);
    if (code != DW_OK) {
        p->lines_bad++;
        complain(p, p->line, dw_errc_name(code), err.text);
        return true;
    }
    if (p->appender != NULL) {
        int32_t partition =
            dw_event_type_class(ev.type) == DW_EVC_CONTROL ? partition_of_line(line, len) : DW_EVERY_PARTITION;
        code = dw_appender_event(p->appender, &ev, log_time_us, partition, p->line, &err);
        if (code != DW_OK) {
            p->lines_bad++;
            complain(p, p->line, dw_errc_name(code), err.text);
            return code != DW_E_IO;
        }
    }
    p->lines_good++;
    return true;
}

static bool publish_file(publish *p, const char *path)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    p->file = is_stdin ? "stdin" : path;
    p->line = 0;
    if (file == NULL) {
        dw_cli_say(p->cli, 0, "%s: %s", path, strerror(errno));
        return false;
    }
    char *line = NULL;
    size_t cap = 0;
    ssize_t len = 0;
    bool ok = true;
    while (ok && (len = getline(&line, &cap, file)) >= 0) {
        p->line++;
        if ((size_t)len > LINE_BYTES_MAX) {
            p->lines_bad++;
            complain(p, p->line, dw_errc_name(DW_E_TOO_BIG), "the line is longer than any event");
            continue;
        }
        ok = publish_line(p, line, (size_t)len);
    }
    if (ok && ferror(file)) {
        dw_cli_say(p->cli, 0, "%s: %s", path, strerror(errno));
        ok = false;
    }
    free(line);
    if (!is_stdin)
        fclose(file);
    return ok;
}

static int publish_run(dw_cli *cli, const dw_args *args)
{
    publish p = {.cli = cli};
    dw_error err = {0};
    int code = DW_EXIT_FAILED;
    bool check = args->value[OPT_CHECK] != NULL;
    p.arena = dw_arena_new(3 * LINE_BYTES_MAX);
    if (p.arena == NULL)
        return dw_cli_say(cli, DW_EXIT_FAILED, "out of memory");
    if (!check && dw_appender_new(cli->settings, on_delivery, &p, &p.appender, &err) != DW_OK) {
        code = dw_cli_fail(cli, &err);
        goto done;
    }
    bool ok = true;
    if (args->rest_count == 0)
        ok = publish_file(&p, "-");
    for (int i = 0; ok && i < args->rest_count; i++)
        ok = publish_file(&p, args->rest[i]);
    if (!check && dw_publisher_flush(dw_appender_publisher(p.appender), &err) != DW_OK) {
        dw_cli_fail(cli, &err);
        ok = false;
    }
    if (args->value[OPT_QUIET] == NULL && (ok || p.lines_good + p.lines_bad != 0))
        fprintf(stderr, "%llu event%s %s, %llu refused\n", (unsigned long long)(p.lines_good - p.refused),
                p.lines_good - p.refused == 1 ? "" : "s", check ? "valid" : "sent",
                (unsigned long long)(p.lines_bad + p.refused));
    if (ok && p.lines_bad == 0 && p.refused == 0)
        code = DW_EXIT_OK;
done:
    dw_appender_free(&p.appender);
    dw_arena_free(&p.arena);
    return code;
}

const dw_verb dw_verb_publish = {
    .name = "publish",
    .run = publish_run,
    .opts = publish_opts,
    .opt_count = sizeof(publish_opts) / sizeof(publish_opts[0]),
    .max_words = -1,
    .settings_unless = OPT_CHECK + 1,
    .words = "[FILE...]",
    .summary = "append events, given as JSON Lines, to the input topic",
    .help =
        "Reads the files, or standard input (also as -). A wrong line is reported with its number, field and reason,\n"
        "nothing of it is sent, and the exit status is 1; the other lines are sent. A file that cannot be read ends\n"
        "the run, for what comes behind it may rest on it. log_time beside the envelope\n"
        "becomes the record's timestamp (it counts on topics with `clock: create_time`). Control records go to every\n"
        "partition, or to `partition` where a line has it, as in the output of `driftwatch export`.\n",
};

/* shard.c: `driftwatch shard`: look at one shard, let it go on past a hold, have it read its partition again. */

#include "daemon/shard/shard.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/scrape.h"
#include "daemon/cli/shard_view.h"
#include "daemon/cli/text.h"

#include <errno.h>

enum { OPT_REASON, OPT_HOLD };
static const dw_opt shard_opts[] = {
    {"reason", "TEXT", "why; kept with the shard (release, rebuild)"},
    {"hold", "NAME", "which hold to release (default: the one the daemon shows)"},
};

/* A reason goes into a field of meta: one short line of plain text. */
static bool is_reason(const char *text)
{
    size_t len = text != NULL ? strlen(text) : 0;
    if (len == 0 || len > 120)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return true;
}

static bool is_hold(const char *name)
{
    for (int hold = DW_HOLD_NONE + 1; hold < DW_HOLDS; hold++)
        if (strcmp(name, dw_hold_name((dw_hold)hold)) == 0)
            return true;
    return false;
}

static dw_errc set_released(dw_store *store, int32_t partition, const char *what, const char *reason, dw_error *err)
{
    char text[DW_META_TEXT_MAX];
    int len = snprintf(text, sizeof(text), "%s:%s", what, reason);
    dw_str args[] = {DW_STR_LIT("released"), {text, (uint32_t)len}};
    redisReply *reply = dw_store_call(store, "HSET", partition, "meta", args, 2, err);
    if (reply == NULL)
        return DW_E_IO;
    freeReplyObject(reply);
    return DW_OK;
}

static int list_shards(dw_cli *cli, dw_store *store, int32_t partitions, dw_error *err)
{
    for (int32_t p = 0; p < partitions; p++) {
        dw_shard_view view;
        if (dw_shard_view_read(store, p, &view, err) != DW_OK)
            return dw_cli_fail(cli, err);
        if (cli->json) {
            dw_shard_view_json(&view);
            continue;
        }
        char clock[DW_TEXT_TIME_MAX];
        int64_t clock_us = strtoll(view.clock_us, NULL, 10);
        printf("%-5d offset %-10s %6lld children %6lld alerts  clock %s\n", (int)p, view.present ? view.offset : "-",
               (long long)view.children, (long long)view.alerts,
               clock_us > 0 ? dw_text_time(clock_us, clock, sizeof(clock)) : "-");
    }
    return DW_EXIT_OK;
}

static int show_shard(dw_cli *cli, dw_store *store, int32_t partition, dw_error *err)
{
    dw_shard_view view;
    if (dw_shard_view_read(store, partition, &view, err) != DW_OK)
        return dw_cli_fail(cli, err);
    dw_error ignored = {0};
    char *page = dw_scrape(cli->settings, &ignored);
    if (page != NULL) {
        dw_scrape_hold(page, partition, view.hold, sizeof(view.hold));
        view.outbox_waiting = (int64_t)dw_scrape_value(page, "driftwatch_outbox_rows", partition, -1);
        free(page);
    }
    if (!view.present)
        return dw_cli_say(cli, DW_EXIT_FAILED, "shard %d has never been claimed", (int)partition);
    if (cli->json) {
        dw_shard_view_json(&view);
        return DW_EXIT_OK;
    }
#define X(field, meaning) printf("%-14s %-40s %s\n", #field, view.field[0] != '\0' ? view.field : "-", meaning);
    DW_META_LIST(X)
#undef X
    printf("%-14s %-40lld %s\n", "children", (long long)view.children, "records kept");
    printf("%-14s %-40lld %s\n", "deadlines", (long long)view.deadlines, "instants armed");
    printf("%-14s %-40lld %s\n", "alerts", (long long)view.alerts, "live");
    printf("%-14s %-40lld %s\n", "outbox", (long long)view.outbox_rows, "rows kept");
    printf("%-14s %-40lld %s\n", "deadletter", (long long)view.dead_letters, "records that could not be used");
    printf("%-14s %s\n", "hold", view.hold[0] != '\0' ? view.hold : "none, or not known");
    return DW_EXIT_OK;
}

static int release_shard(dw_cli *cli, dw_store *store, int32_t partition, const dw_args *args, dw_error *err)
{
    char hold[40] = "";
    if (args->value[OPT_HOLD] != NULL) {
        snprintf(hold, sizeof(hold), "%s", args->value[OPT_HOLD]);
    } else {
        char *page = dw_scrape(cli->settings, err);
        if (page == NULL)
            return dw_cli_say(cli, DW_EXIT_FAILED, "%s; name the hold with --hold", err->text);
        dw_scrape_hold(page, partition, hold, sizeof(hold));
        free(page);
        if (hold[0] == '\0')
            return dw_cli_say(cli, DW_EXIT_FAILED, "the daemon shows no hold of shard %d", (int)partition);
    }
    if (!is_hold(hold))
        return dw_cli_usage(cli, "there is no hold named '%s'", hold);
    if (set_released(store, partition, hold, args->value[OPT_REASON], err) != DW_OK)
        return dw_cli_fail(cli, err);
    if (cli->json)
        printf("{\"partition\":%d,\"released\":\"%s\"}\n", (int)partition, hold);
    else
        printf("shard %d may go on past the hold '%s'; it looks every few seconds\n", (int)partition, hold);
    return DW_EXIT_OK;
}

static int rebuild_shard(dw_cli *cli, dw_store *store, int32_t partition, const dw_args *args, dw_error *err)
{
    if (set_released(store, partition, "rebuild", args->value[OPT_REASON], err) != DW_OK)
        return dw_cli_fail(cli, err);
    if (cli->json)
        printf("{\"partition\":%d,\"released\":\"rebuild\"}\n", (int)partition);
    else
        printf("shard %d is made again from its partition once it is held or claimed; alerts keep their ids and "
               "positions\n",
               (int)partition);
    return DW_EXIT_OK;
}

static bool parse_partition(const char *text, int32_t count, int32_t *out)
{
    char *end = NULL;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 0 || value >= count)
        return false;
    *out = (int32_t)value;
    return true;
}

static int shard_run(dw_cli *cli, const dw_args *args)
{
    const char *what = args->rest[0];
    bool ls = strcmp(what, "ls") == 0;
    bool release = strcmp(what, "release") == 0;
    bool rebuild = strcmp(what, "rebuild") == 0;
    if (!ls && !release && !rebuild && strcmp(what, "show") != 0)
        return dw_cli_usage(cli, "'%s' is none of ls, show, release, rebuild", what);
    if (args->rest_count != (ls ? 1 : 2))
        return dw_cli_usage(cli, ls ? "ls takes no more words" : "the shard's number is missing");
    if ((release || rebuild) && !is_reason(args->value[OPT_REASON]))
        return dw_cli_usage(cli, "--reason is needed: a short line of text");
    dw_error err = {0};
    dw_store *store = NULL;
    int32_t partitions = 0;
    int32_t partition = 0;
    int code = DW_EXIT_FAILED;
    if (dw_store_open(cli->settings, &store, &err) != DW_OK || dw_store_partitions(store, &partitions, &err) != DW_OK)
        dw_cli_fail(cli, &err);
    else if (ls)
        code = list_shards(cli, store, partitions, &err);
    else if (!parse_partition(args->rest[1], partitions, &partition))
        code = dw_cli_usage(cli, "'%s' is no shard: they are numbered 0 to %d", args->rest[1], (int)partitions - 1);
    else if (release)
        code = release_shard(cli, store, partition, args, &err);
    else if (rebuild)
        code = rebuild_shard(cli, store, partition, args, &err);
    else
        code = show_shard(cli, store, partition, &err);
    dw_store_close(&store);
    return code;
}

static const dw_opt_rule shard_rules[] = {
    {.option = "reason", .only_to = "release|rebuild"},
    {.option = "hold", .only_to = "release"},
    {0},
};

const dw_verb dw_verb_shard = {
    .name = "shard",
    .run = shard_run,
    .opts = shard_opts,
    .opt_count = sizeof(shard_opts) / sizeof(shard_opts[0]),
    .rules = shard_rules,
    .min_words = 1,
    .max_words = 2,
    .words = "ls | show N | release N | rebuild N",
    .summary = "look at shards, let a held one go on, have one read its partition again",
    .help = "release lets the shard go on past the hold it stands at; look at why first. rebuild throws its state away "
            "and\n"
            "makes it again from the log: the same alerts, ids and positions come out.\n",
};

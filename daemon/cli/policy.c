/* policy.c: `driftwatch policy`: the standards in force, how the files differ, and putting the files in force. */

#include "daemon/cli/append.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/diff.h"
#include "daemon/cli/files.h"
#include "daemon/cli/lookup.h"
#include "daemon/cli/policy_try.h"
#include "daemon/cli/text.h"
#include "proto/encode.h"

#include <inttypes.h>
#include <jansson.h>

#define ACCEPT_FREE 50 /* alerts that may open and close without --accept */

enum { OPT_ACCEPT, OPT_DRY_RUN, OPT_PARTITION, OPT_TEXT };
static const dw_opt policy_opts[] = {
    {"accept", "N", "apply: go on when at most N alerts open or close (without it: at most 50)"},
    {"dry-run", NULL, "apply: only try it and say what would happen"},
    {"partition", "N", "show, diff: what is in force in this partition (default 0)"},
    {"text", "NAME", "show: print the text of standards, calendar or organisation"},
};

static void put_line(json_t *object)
{
    char *line = object != NULL ? json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
    if (line != NULL)
        puts(line);
    free(line);
    json_decref(object);
}

/* --- show */
static int show_text(dw_cli *cli, const dw_policy_text *text, const char *name)
{
    dw_str part = strcmp(name, "standards") == 0      ? text->standards
                  : strcmp(name, "calendar") == 0     ? text->calendar
                  : strcmp(name, "organisation") == 0 ? text->organisation
                                                      : (dw_str){0};
    if (part.ptr == NULL)
        return dw_cli_usage(cli, "--text is standards, calendar or organisation");
    fwrite(part.ptr, 1, part.len, stdout);
    return DW_EXIT_OK;
}

static int show_policy(dw_cli *cli, const dw_args *args, const dw_policy_in_force *policy)
{
    const dw_policy_text *text = &policy->text;
    if (args->value[OPT_TEXT] != NULL)
        return show_text(cli, text, args->value[OPT_TEXT]);
    char cut_over[DW_TEXT_TIME_MAX] = "none";
    if (text->cut_over_us != 0)
        dw_text_time(text->cut_over_us, cut_over, sizeof(cut_over));
    size_t rules = dw_policy_rule_count(policy->policy);
    if (!cli->json)
        printf("policy %u, digest %.*s, cut-over %s, %zu rules\n\n", text->number, DW_STR_ARG(text->digest), cut_over,
               rules);
    for (size_t i = 0; i < rules; i++) {
        const dw_rule *rule = dw_policy_rule(policy->policy, i);
        if (cli->json)
            put_line(json_pack("{s:I, s:s%, s:s%, s:I, s:i, s:s%, s:s%, s:s%, s:s%}", "policy_number",
                               (json_int_t)text->number, "rule_id", rule->id.ptr, (size_t)rule->id.len, "title",
                               rule->title.ptr, (size_t)rule->title.len, "version", (json_int_t)rule->version,
                               "priority", (int)rule->priority, "action", rule->action.ptr, (size_t)rule->action.len,
                               "next_step", rule->next_step.ptr != NULL ? rule->next_step.ptr : "",
                               (size_t)rule->next_step.len, "status", rule->status.ptr != NULL ? rule->status.ptr : "",
                               (size_t)rule->status.len, "source", rule->source.ptr != NULL ? rule->source.ptr : "",
                               (size_t)rule->source.len));
        else
            printf("%-6.*s P%d  %.*s\n", DW_STR_ARG(rule->id), (int)rule->priority, DW_STR_ARG(rule->title));
    }
    return DW_EXIT_OK;
}

/* --- diff */
typedef struct diff_printer {
    const dw_cli *cli;
    const char *part;
} diff_printer;

static void on_diff(void *user, char sign, size_t line, dw_str text)
{
    const diff_printer *p = user;
    char one[2] = {sign, '\0'};
    if (p->cli->json)
        put_line(json_pack("{s:s, s:s, s:I, s:s%}", "part", p->part, "change", one, "line", (json_int_t)line, "text",
                           text.ptr != NULL ? text.ptr : "", (size_t)text.len));
    else
        printf("%s:%zu: %c %.*s\n", p->part, line, sign, DW_STR_ARG(text));
}

/* True: files and policy in force are the same. */
static bool diff_texts(const dw_cli *cli, const dw_policy_text *before, const dw_policy_text *after)
{
    size_t changes = 0;
    diff_printer p = {cli, "standards"};
    changes += dw_diff(before->standards, after->standards, on_diff, &p) != 0;
    p.part = "calendar";
    changes += dw_diff(before->calendar, after->calendar, on_diff, &p) != 0;
    p.part = "organisation";
    changes += dw_diff(before->organisation, after->organisation, on_diff, &p) != 0;
    if (before->cut_over_us != after->cut_over_us) {
        char old[DW_TEXT_TIME_MAX] = "none";
        char new[DW_TEXT_TIME_MAX] = "none";
        if (before->cut_over_us != 0)
            dw_text_time(before->cut_over_us, old, sizeof(old));
        if (after->cut_over_us != 0)
            dw_text_time(after->cut_over_us, new, sizeof(new));
        p.part = "cut_over";
        on_diff(&p, '-', 1, dw_str_from(old));
        on_diff(&p, '+', 1, dw_str_from(new));
        changes++;
    }
    return changes == 0;
}

/* --- apply */
static void print_trial(const dw_cli *cli, const dw_policy_text *text, const dw_try *result)
{
    for (size_t i = 0; i < result->count; i++) {
        const dw_try_row *row = &result->rows[i];
        if (cli->json)
            put_line(json_pack("{s:s, s:s, s:s, s:I, s:I, s:I}", "kind", "trial", "rule_id", row->rule_id, "post",
                               row->post, "opens", (json_int_t)row->opens, "closes", (json_int_t)row->closes, "changes",
                               (json_int_t)row->changes));
        else
            printf("  %-6s %-32s opens %llu, closes %llu, changes %llu\n", row->rule_id,
                   row->post[0] != '\0' ? row->post : "-", (unsigned long long)row->opens,
                   (unsigned long long)row->closes, (unsigned long long)row->changes);
    }
    if (cli->json)
        put_line(json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "kind", "trial_sum", "policy_number",
                           (json_int_t)text->number, "children", (json_int_t)result->children, "opens",
                           (json_int_t)result->opens, "closes", (json_int_t)result->closes, "changes",
                           (json_int_t)result->changes));
    else
        printf("policy %u, tried on %llu children: %llu alerts open, %llu close, %llu change\n", text->number,
               (unsigned long long)result->children, (unsigned long long)result->opens,
               (unsigned long long)result->closes, (unsigned long long)result->changes);
}

typedef struct refusals {
    uint64_t count;
    char first[160];
} refusals;
static void on_delivery(void *user, const dw_delivery *delivery)
{
    refusals *r = user;
    if (delivery->error != NULL && r->count++ == 0)
        snprintf(r->first, sizeof(r->first), "%s", delivery->error);
}

static dw_errc append_policy(dw_cli *cli, const dw_policy_text *text, int32_t *partitions, dw_error *err)
{
    refusals refused = {0};
    dw_appender *appender = NULL;
    const uint8_t *bytes = NULL;
    size_t len = 0;
    dw_arena *arena = dw_arena_new(4 * DW_POLICY_BYTES_MAX);
    dw_errc code = arena != NULL ? dw_policy_text_encode(text, arena, &bytes, &len, err)
                                 : dw_fail(err, DW_E_NOMEM, "out of memory");
    if (code == DW_OK && len > DW_POLICY_BYTES_MAX)
        code = dw_fail(err, DW_E_TOO_BIG, "the policy has %zu bytes; at most %d are allowed", len, DW_POLICY_BYTES_MAX);
    if (code == DW_OK)
        code = dw_appender_new(cli->settings, on_delivery, &refused, &appender, err);
    if (code == DW_OK) {
        *partitions = dw_appender_partitions(appender);
        code =
            dw_appender_control(appender, (dw_str){(const char *)bytes, (uint32_t)len}, 0, DW_EVERY_PARTITION, 1, err);
    }
    if (code == DW_OK)
        code = dw_publisher_flush(dw_appender_publisher(appender), err);
    if (code == DW_OK && refused.count != 0)
        code = dw_fail(err, DW_E_IO, "%llu partitions have not got it: %s; run it again",
                       (unsigned long long)refused.count, refused.first);
    dw_appender_free(&appender);
    dw_arena_free(&arena);
    return code;
}

/* The next number, and whether every partition has exactly these texts in force already. */
static dw_errc number_for(dw_store *store, int32_t partitions, dw_policy_text *text, bool *same, dw_error *err)
{
    *same = true;
    uint32_t highest = 0;
    for (int32_t p = 0; p < partitions; p++) {
        static const char *const fields[] = {"number", "digest", "cut_over_us"};
        char values[3][80] = {"", "", ""};
        for (size_t i = 0; i < 3; i++) {
            redisReply *reply = dw_store_hget(store, p, "policy", dw_str_from(fields[i]), err);
            if (reply == NULL)
                return DW_E_IO;
            if (reply->type == REDIS_REPLY_STRING)
                snprintf(values[i], sizeof(values[i]), "%s", reply->str);
            freeReplyObject(reply);
        }
        uint32_t number = (uint32_t)strtoul(values[0], NULL, 10);
        highest = number > highest ? number : highest;
        if (!dw_str_eq(dw_str_from(values[1]), text->digest) || strtoll(values[2], NULL, 10) != text->cut_over_us)
            *same = false;
    }
    text->number = highest + 1;
    return DW_OK;
}

static int apply(dw_cli *cli, const dw_args *args, dw_store *store, int32_t partitions, dw_policy_files *files)
{
    int64_t accept = ACCEPT_FREE;
    if (!dw_arg_int(cli, &dw_verb_policy, args, OPT_ACCEPT, 0, INT32_MAX, &accept))
        return DW_EXIT_USAGE;
    dw_error err = {0};
    bool same = false;
    dw_problems problems = {0};
    dw_policy *policy = NULL;
    dw_try result = {0};
    int code = DW_EXIT_FAILED;
    int32_t count = 0;
    if (number_for(store, partitions, &files->text, &same, &err) != DW_OK) {
        dw_cli_fail(cli, &err);
        goto done;
    }
    if (same) {
        dw_cli_say(cli, 0, "the files are in force already (policy %u)", files->text.number - 1);
        code = DW_EXIT_OK;
        goto done;
    }
    const dw_policy_names names = {.standards = cli->settings->policy_standards,
                                   .calendar = cli->settings->policy_bank_holidays,
                                   .organisation = cli->settings->policy_organisation,
                                   .overrides = cli->settings->policy_overrides,
                                   .overrides_line = files->overrides_line};
    policy = dw_policy_load(&files->text, &names, &problems);
    dw_problems_print(&problems, stderr);
    if (policy == NULL) {
        code = DW_EXIT_FAILED;
        goto done;
    }
    if (dw_try_run(store, partitions, policy, &result, &err) != DW_OK) {
        dw_cli_fail(cli, &err);
        goto done;
    }
    print_trial(cli, &files->text, &result);
    if (args->value[OPT_DRY_RUN] != NULL) {
        code = DW_EXIT_OK;
    } else if (result.opens + result.closes > (uint64_t)accept) {
        uint64_t touched = result.opens + result.closes;
        dw_cli_say(cli, 0,
                   "%" PRIu64 " alerts would open or close: nothing was changed; say --accept %" PRIu64 " to go on",
                   touched, touched);
    } else if (append_policy(cli, &files->text, &count, &err) != DW_OK) {
        dw_cli_fail(cli, &err);
    } else {
        if (cli->json)
            put_line(json_pack("{s:s, s:I, s:s, s:i}", "kind", "applied", "policy_number",
                               (json_int_t)files->text.number, "digest", files->digest, "partitions", (int)count));
        else
            printf("policy %u is in the log of all %d partitions\n", files->text.number, (int)count);
        code = DW_EXIT_OK;
    }
done:
    dw_try_deinit(&result);
    if (policy != NULL)
        dw_policy_unref(&policy);
    dw_problems_deinit(&problems);
    return code;
}

static int show_or_diff(dw_cli *cli, const dw_args *args, dw_store *store, int32_t partitions, bool show)
{
    int64_t partition = 0;
    if (!dw_arg_int(cli, &dw_verb_policy, args, OPT_PARTITION, 0, partitions - 1, &partition))
        return DW_EXIT_USAGE;
    dw_error err = {0};
    dw_policy_in_force policy = {0};
    dw_policy_files files = {0};
    int code = DW_EXIT_FAILED;
    if (dw_store_policy(store, (int32_t)partition, &policy, &err) != DW_OK ||
        (!show && dw_policy_files_read(cli->settings, &files, &err) != DW_OK)) {
        dw_cli_fail(cli, &err);
    } else if (policy.policy == NULL) {
        dw_cli_say(cli, 0, "no policy is in force in partition %d yet", (int)partition);
    } else if (show) {
        code = show_policy(cli, args, &policy);
    } else {
        code = diff_texts(cli, &policy.text, &files.text) ? DW_EXIT_OK : DW_EXIT_FAILED;
    }
    dw_policy_files_deinit(&files);
    dw_policy_in_force_deinit(&policy);
    return code;
}

static int policy_run(dw_cli *cli, const dw_args *args)
{
    const char *what = args->rest[0];
    bool show = strcmp(what, "show") == 0;
    bool applies = strcmp(what, "apply") == 0;
    if (!show && !applies && strcmp(what, "diff") != 0)
        return dw_cli_usage(cli, "'%s' is none of show, diff, apply", what);
    dw_error err = {0};
    dw_store *store = NULL;
    int32_t partitions = 0;
    dw_policy_files files = {0};
    int code = DW_EXIT_FAILED;
    if (dw_store_open(cli->settings, &store, &err) != DW_OK || dw_store_partitions(store, &partitions, &err) != DW_OK ||
        (applies && dw_policy_files_read(cli->settings, &files, &err) != DW_OK))
        dw_cli_fail(cli, &err);
    else
        code = applies ? apply(cli, args, store, partitions, &files) : show_or_diff(cli, args, store, partitions, show);
    dw_policy_files_deinit(&files);
    dw_store_close(&store);
    return code;
}

static const dw_opt_rule policy_rules[] = {
    {.option = "accept", .only_to = "apply", .never_with = "dry-run"},
    {.option = "dry-run", .only_to = "apply"},
    {.option = "partition", .only_to = "show|diff"},
    {.option = "text", .only_to = "show", .never_with = "json"},
    {0},
};

const dw_verb dw_verb_policy = {
    .name = "policy",
    .run = policy_run,
    .opts = policy_opts,
    .opt_count = sizeof(policy_opts) / sizeof(policy_opts[0]),
    .rules = policy_rules,
    .min_words = 1,
    .max_words = 1,
    .words = "show | diff | apply",
    .summary = "the standards in force, how the files differ, putting the files in force",
    .help = "diff: exit status 1 when they differ. apply: tries the files on a copy of the live records first and says "
            "what\n"
            "opens, what closes and on whom it lands; when that is much, only with --accept N. Then the policy is "
            "appended to\n"
            "every partition, signed (auth.key_file), and each shard switches when it comes to it.\n",
};

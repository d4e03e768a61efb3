/* ack.c: `driftwatch ack`: answers a live alert with a signed record in the log. */

#include "daemon/cli/ack_event.h"
#include "daemon/cli/ack_told.h"
#include "daemon/cli/append.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/lookup.h"
#include "daemon/cli/text.h"
#include "proto/json.h"

#include <time.h>

enum { OPT_REASON, OPT_REVIEW_BY, OPT_REF, OPT_POST, OPT_BY, OPT_LEVEL };
static const dw_opt ack_opts[] = {
    {"reason", "CODE", "why the duty is unmet: a code of the authority's list"},
    {"review-by", "DATE", "the date by which it is looked at again"},
    {"ref", "REF", "the oversight note in the case system"},
    {"post", "POST", "the post that answers (default: the one the alert stands with)"},
    {"by", "REF", "pseudonym of whoever holds the post (default: the post)"},
    {"level", "0..4", "the level that answers (default: the alert's)"},
};

typedef struct ack_result {
    bool ok;
    int32_t partition;
    int64_t offset;
    char error[160];
} ack_result;

static void on_delivery(void *user, const dw_delivery *delivery)
{
    ack_result *result = user;
    result->ok = delivery->error == NULL;
    result->partition = delivery->partition;
    result->offset = delivery->offset;
    snprintf(result->error, sizeof(result->error), "%s", delivery->error != NULL ? delivery->error : "");
}

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static dw_errc send_ack(dw_cli *cli, const dw_found_alert *alert, const dw_ack *ack, ack_result *result, dw_error *err)
{
    dw_appender *appender = NULL;
    char id[40];
    dw_event ev;
    int64_t stamp_us = 0;
    dw_errc code = dw_appender_new(cli->settings, on_delivery, result, &appender, err);
    if (code == DW_OK)
        code = dw_appender_stamp(appender, alert->partition, &stamp_us, err);
    if (code == DW_OK) {
        dw_uuid_random(id);
        dw_ack_event(&ev, ack, alert->row.la_code, alert->row.child_ref, DW_STR_LIT("driftwatch"), dw_str_from(id),
                     stamp_us != 0 ? stamp_us : now_us());
        code = dw_appender_event(appender, &ev, 0, DW_EVERY_PARTITION, 1, err);
    }
    if (code == DW_OK)
        code = dw_publisher_flush(dw_appender_publisher(appender), err);
    if (code == DW_OK && !result->ok)
        code = dw_fail(err, DW_E_IO, "not stored: %s", result->error);
    dw_appender_free(&appender);
    return code;
}

/* What the options say, and the alert where they say nothing. */
static dw_ack ack_of(const dw_transition *row, const dw_args *args, int64_t level, int32_t review_by)
{
    dw_str post = args->value[OPT_POST] != NULL ? dw_str_from(args->value[OPT_POST]) : row->post;
    return (dw_ack){.alert_id = dw_str_from(row->alert_id),
                    .generation = row->generation,
                    .level = level >= 0 ? (uint32_t)level : row->level,
                    .reason_code = dw_str_from(args->value[OPT_REASON]),
                    .review_by = review_by,
                    .actor_post = post,
                    .actor_ref = args->value[OPT_BY] != NULL ? dw_str_from(args->value[OPT_BY]) : post,
                    .oversight_ref = dw_str_from(args->value[OPT_REF])};
}

/* The day on which the shard will take it: that of its clock, which real time moves on but with `clock: create_time`. */
static dw_errc day_of_shard(const dw_cli *cli, dw_store *store, int32_t partition, int32_t *today, dw_error *err)
{
    int64_t clock_us = 0;
    dw_errc code = dw_store_meta_int(store, partition, "clock_us", 0, &clock_us, err);
    int64_t now = now_us();
    if (code == DW_OK)
        *today = dw_london_day(cli->settings->clock != DW_CLOCK_CREATE_TIME && now > clock_us ? now : clock_us);
    return code;
}

/* What the store cannot tell is not known: the answer does not depend on it. */
static int32_t review_cap(dw_store *store, const dw_found_alert *alert, int32_t today)
{
    dw_error ignored = {0};
    dw_record *rec = NULL;
    dw_policies *policies = dw_policies_new(store);
    const dw_policy_in_force *policy = policies != NULL ? dw_policies_get(policies, alert->partition, &ignored) : NULL;
    int32_t cap = DW_DAY_NONE;
    if (policy != NULL && dw_found_alert_record(store, alert, &rec, &ignored) == DW_OK)
        cap = dw_ack_review_cap(rec, policy->policy, alert->row.alert_id, today);
    dw_record_free(&rec);
    dw_policies_free(&policies);
    return cap;
}

static void print_answer(const dw_cli *cli, const dw_found_alert *alert, const dw_ack *ack, int32_t cap,
                         const ack_result *result)
{
    char told[DW_ACK_TOLD_MAX];
    char date[16] = "null";
    int32_t review_by = dw_ack_review_by(&alert->row, ack, cap);
    if (review_by != DW_DAY_NONE)
        dw_date_format(review_by, date);
    const char *quote = review_by != DW_DAY_NONE ? "\"" : "";
    if (cli->json)
        printf("{\"alert_id\":\"%s\",\"generation\":%u,\"review_by\":%s%s%s,\"partition\":%d,\"offset\":%lld}\n",
               alert->row.alert_id, alert->row.generation, quote, date, quote, (int)result->partition,
               (long long)result->offset);
    else
        printf("%s; in the log at %d/%lld\n", dw_ack_told(&alert->row, ack, cap, told, sizeof(told)),
               (int)result->partition, (long long)result->offset);
}

static int ack_run(dw_cli *cli, const dw_args *args)
{
    for (int id = OPT_REASON; id <= OPT_REF; id++)
        if (args->value[id] == NULL || args->value[id][0] == '\0')
            return dw_cli_usage(cli, "--%s is missing", ack_opts[id].name);
    int32_t review_by = 0, today = 0, partitions = 0;
    int64_t level = -1;
    if (!dw_arg_date(cli, &dw_verb_ack, args, OPT_REVIEW_BY, &review_by) ||
        !dw_arg_int(cli, &dw_verb_ack, args, OPT_LEVEL, 0, DW_LEVELS - 1, &level))
        return DW_EXIT_USAGE;
    dw_error err = {0};
    dw_store *store = NULL;
    dw_found_alert alert = {0};
    ack_result result = {0};
    dw_arena *arena = dw_arena_new(DW_EVENT_ARENA_BYTES_MAX);
    dw_errc code =
        arena != NULL ? dw_store_open(cli->settings, &store, &err) : dw_fail(&err, DW_E_NOMEM, "out of memory");
    if (code == DW_OK)
        code = dw_store_partitions(store, &partitions, &err);
    if (code == DW_OK)
        code = dw_alert_find(store, partitions, args->rest[0], arena, &alert, &err);
    if (code == DW_OK)
        code = day_of_shard(cli, store, alert.partition, &today, &err);
    if (code == DW_OK)
        code = dw_ack_check(review_by, today, &err);
    if (code == DW_OK) {
        dw_ack ack = ack_of(&alert.row, args, level, review_by);
        int32_t cap = review_cap(store, &alert, today);
        code = send_ack(cli, &alert, &ack, &result, &err);
        if (code == DW_OK)
            print_answer(cli, &alert, &ack, cap, &result);
    }
    if (code != DW_OK)
        dw_cli_fail(cli, &err);
    dw_store_close(&store);
    dw_arena_free(&arena);
    return code == DW_OK ? DW_EXIT_OK : DW_EXIT_FAILED;
}

const dw_verb dw_verb_ack = {
    .name = "ack",
    .run = ack_run,
    .opts = ack_opts,
    .opt_count = sizeof(ack_opts) / sizeof(ack_opts[0]),
    .min_words = 1,
    .max_words = 1,
    .words = "ALERT",
    .summary = "answer an alert: its ladder rests until the review date",
    .help = "ALERT is its id, or a beginning of it that no other alert has. --reason, --review-by and --ref are "
            "needed. An\n"
            "answer closes nothing: only the visit, the review, the interview does. A review date that is past is "
            "refused; one that\n"
            "is later than the standards allow is shortened, and the date in force is printed. Needs auth.key_file.\n",
};

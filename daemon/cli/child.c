/* child.c: `driftwatch child`: all that is known of one child: facts, spans, obligations, alerts. */

#include "daemon/cli/child_print.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/lookup.h"

enum { OPT_FACTS };
static const dw_opt child_opts[] = {
    {"facts", "N", "how many of the latest facts to show; 0 = none (default: all)"},
};

static int child_run(dw_cli *cli, const dw_args *args)
{
    dw_child_view view = {.json = cli->json, .facts_max = INT64_MAX};
    if (!dw_arg_int(cli, &dw_verb_child, args, OPT_FACTS, 0, INT32_MAX, &view.facts_max))
        return DW_EXIT_USAGE;
    dw_str subject = dw_str_from(args->rest[0]);
    if (memchr(subject.ptr, '/', subject.len) == NULL)
        return dw_cli_usage(cli, "a child is LA/REF, such as 936/C1000042");
    dw_error err = {0};
    dw_store *store = NULL;
    dw_record *rec = NULL;
    dw_policies *policies = NULL;
    int32_t partitions = 0;
    dw_arena *arena = dw_arena_new((size_t)64 << 20);
    dw_errc code =
        arena != NULL ? dw_store_open(cli->settings, &store, &err) : dw_fail(&err, DW_E_NOMEM, "out of memory");
    if (code == DW_OK)
        code = dw_store_partitions(store, &partitions, &err);
    int32_t partition = code == DW_OK ? dw_partition_of(subject, partitions) : 0;
    int64_t clock_us = 0;
    if (code == DW_OK)
        code = dw_store_record(store, partition, subject, &rec, &err);
    if (code == DW_OK && rec == NULL)
        code = dw_fail(&err, DW_E_MISSING, "nothing is known of %s", args->rest[0]);
    if (code == DW_OK)
        code = dw_store_meta_int(store, partition, "clock_us", 0, &clock_us, &err);
    if (code == DW_OK && (policies = dw_policies_new(store)) == NULL)
        code = dw_fail(&err, DW_E_NOMEM, "out of memory");
    if (code == DW_OK) {
        const dw_policy_in_force *policy = dw_policies_get(policies, partition, &err);
        view.record = rec;
        view.policy = policy != NULL ? policy->policy : NULL;
        view.clock_us = clock_us;
        view.partition = partition;
        code = dw_child_print(&view, arena, &err);
    }
    if (code != DW_OK)
        dw_cli_fail(cli, &err);
    dw_policies_free(&policies);
    dw_record_free(&rec);
    dw_store_close(&store);
    dw_arena_free(&arena);
    return code == DW_OK ? DW_EXIT_OK : DW_EXIT_FAILED;
}

const dw_verb dw_verb_child = {
    .name = "child",
    .run = child_run,
    .opts = child_opts,
    .opt_count = sizeof(child_opts) / sizeof(child_opts[0]),
    .min_words = 1,
    .max_words = 1,
    .words = "LA/REF",
    .summary = "what is known of one child: facts, duties with their due dates, alerts",
    .help = "As the shard has it: at its own clock, under the policy in force. Facts are what source records say after "
            "their\n"
            "newest revision; withdrawn ones are not shown.\n",
};

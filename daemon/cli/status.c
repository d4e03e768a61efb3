/* status.c: `driftwatch status`: one line a shard: who has it, how far it is, what waits, what holds it. */

#include "daemon/cli/cli.h"
#include "daemon/cli/kafka.h"
#include "daemon/cli/scrape.h"
#include "daemon/cli/shard_view.h"
#include "daemon/cli/text.h"

enum { OPT_NO_BROKER };
static const dw_opt status_opts[] = {
    {"no-broker", NULL, "do not ask Kafka how far the log goes"},
};

static void print_header(void)
{
    printf("%-5s %-6s %-10s %10s %8s %-22s %8s %7s %8s %6s  %s\n", "shard", "epoch", "owner", "offset", "lag", "clock",
           "children", "alerts", "waiting", "policy", "hold");
}

static void print_shard(const dw_shard_view *view)
{
    char clock[DW_TEXT_TIME_MAX] = "-";
    char lag[24] = "?";
    char waiting[24] = "?";
    int64_t clock_us = strtoll(view->clock_us, NULL, 10);
    if (clock_us > 0)
        dw_text_time(clock_us, clock, sizeof(clock));
    if (view->high >= 0)
        snprintf(lag, sizeof(lag), "%lld", (long long)dw_shard_view_lag(view));
    if (view->outbox_waiting >= 0)
        snprintf(waiting, sizeof(waiting), "%lld", (long long)view->outbox_waiting);
    printf("%-5d %-6s %-10.10s %10s %8s %-22s %8lld %7lld %8s %6s  %s\n", (int)view->partition,
           view->present ? view->epoch : "-", view->present ? view->owner : "never", view->present ? view->offset : "-",
           lag, clock, (long long)view->children, (long long)view->alerts, waiting,
           view->policy_number[0] != '\0' ? view->policy_number : "-", view->hold[0] != '\0' ? view->hold : "none");
}

typedef struct totals {
    int64_t lag, children, alerts, dead_letters;
    int holds;
} totals;

static void add_up(totals *t, const dw_shard_view *view)
{
    t->lag += dw_shard_view_lag(view) > 0 ? dw_shard_view_lag(view) : 0;
    t->children += view->children;
    t->alerts += view->alerts;
    t->dead_letters += view->dead_letters;
    t->holds += view->hold[0] != '\0';
}

static int status_run(dw_cli *cli, const dw_args *args)
{
    dw_error err = {0};
    dw_error no_figures = {0};
    dw_store *store = NULL;
    rd_kafka_t *rk = NULL;
    int32_t partitions = 0;
    totals sum = {0};
    char *page = dw_scrape(cli->settings, &no_figures);
    dw_errc code = dw_store_open(cli->settings, &store, &err);
    if (code == DW_OK)
        code = dw_store_partitions(store, &partitions, &err);
    if (code == DW_OK && args->value[OPT_NO_BROKER] == NULL)
        code = dw_kafka_consumer_new(cli->settings, &rk, &err);
    if (code == DW_OK && !cli->json)
        print_header();
    for (int32_t p = 0; code == DW_OK && p < partitions; p++) {
        dw_shard_view view;
        code = dw_shard_view_read(store, p, &view, &err);
        if (code == DW_OK && rk != NULL)
            code = dw_kafka_ends(rk, cli->settings->kafka_topics_input, p, &view.low, &view.high, &err);
        if (code != DW_OK)
            break;
        if (page != NULL) {
            dw_scrape_hold(page, p, view.hold, sizeof(view.hold));
            view.outbox_waiting = (int64_t)dw_scrape_value(page, "driftwatch_outbox_rows", p, -1);
        }
        add_up(&sum, &view);
        if (cli->json)
            dw_shard_view_json(&view);
        else
            print_shard(&view);
    }
    if (code == DW_OK && !cli->json) {
        printf("\n%d shards, %lld records behind, %lld children, %lld live alerts, %lld dead letters kept, %d held\n",
               (int)partitions, (long long)sum.lag, (long long)sum.children, (long long)sum.alerts,
               (long long)sum.dead_letters, sum.holds);
        if (page == NULL)
            printf("Holds and waiting rows are not known: %s\n", no_figures.text);
    }
    if (code != DW_OK)
        dw_cli_fail(cli, &err);
    free(page);
    if (rk != NULL)
        rd_kafka_destroy(rk);
    dw_store_close(&store);
    return code == DW_OK ? DW_EXIT_OK : DW_EXIT_FAILED;
}

const dw_verb dw_verb_status = {
    .name = "status",
    .run = status_run,
    .opts = status_opts,
    .opt_count = sizeof(status_opts) / sizeof(status_opts[0]),
    .words = "",
    .summary = "assignment, lag, outbox, clock and holds of every shard",
    .help = "State comes from Redis, the ends of the log from Kafka, holds and rows that wait for the broker from the\n"
            "metrics of the daemon named by http.listen (with several daemons: of that one's shards).\n",
};

/* generate.c: `driftwatch generate`: the events of a simulated authority, to a file or straight into Kafka. */

#include "daemon/cli/append.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/files.h"
#include "daemon/cli/gen.h"
#include "handlers/calendar.h"
#include "proto/encode.h"
#include "proto/json.h"

#include <errno.h>
#include <time.h>

enum {
    OPT_SEED,
    OPT_FROM,
    OPT_TO,
    OPT_DAYS,
    OPT_SCALE,
    OPT_CHILDREN,
    OPT_LA,
    OPT_TICKS,
    OPT_POLICY,
    OPT_PUBLISH,
    OPT_FORMAT,
    OPT_COUNT_ONLY
};
static const dw_opt generate_opts[] = {
    {"seed", "N", "another number, another story (default 1)"},
    {"from", "DATE", "first day (default: 180 days before --to)"},
    {"to", "DATE", "the day after the last one (default: today, or --from and --days)"},
    {"days", "N", "length of the story in days"},
    {"scale", "X", "1 = a county: 1,000 looked after, 800 on CP plans, 2,000 in need (default 1)"},
    {"children", "N", "size by open cases instead of --scale"},
    {"la", "CODE", "the authority's code, three digits (default 999)"},
    {"ticks", "HOURS", "a clock_tick every so many hours, from 1 to 24"},
    {"policy", NULL, "the configured policy first, in every partition"},
    {"publish", NULL, "append to the input topic instead of printing"},
    {"format", "FORM", "jsonl (default), or publish: the same as --publish"},
    {"count", NULL, "only say how many events there are of each type"},
};

typedef struct generate {
    const dw_cli *cli;
    dw_appender *appender; /* NULL: print */
    bool count_only;
    uint64_t events, refused;
    uint64_t by_type[DW_EV_MAX];
    char first_refusal[160];
} generate;

static void on_delivery(void *user, const dw_delivery *delivery)
{
    generate *g = user;
    if (delivery->error == NULL)
        return;
    if (g->refused++ == 0)
        snprintf(g->first_refusal, sizeof(g->first_refusal), "%s", delivery->error);
}

static int32_t today(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return dw_london_day((int64_t)now.tv_sec * 1000000);
}

static bool scale_of(const dw_cli *cli, const dw_args *args, double *scale)
{
    const char *text = args->value[OPT_SCALE];
    if (text != NULL && args->value[OPT_CHILDREN] != NULL) {
        dw_cli_usage(cli, "--scale and --children say the same thing: give one");
        return false;
    }
    if (text != NULL) {
        char *end = NULL;
        errno = 0;
        *scale = strtod(text, &end);
        if (errno != 0 || end == text || *end != '\0' || !(*scale > 0) || *scale > DW_GEN_SCALE_MAX) {
            dw_cli_usage(cli, "--scale takes a number above 0, at most %.0f", DW_GEN_SCALE_MAX);
            return false;
        }
    }
    int64_t children = 0;
    if (!dw_arg_int(cli, &dw_verb_generate, args, OPT_CHILDREN, 1, (int64_t)(DW_GEN_OPEN_CASES * DW_GEN_SCALE_MAX),
                    &children))
        return false;
    if (children != 0)
        *scale = (double)children / DW_GEN_OPEN_CASES;
    return true;
}

static bool read_options(const dw_cli *cli, const dw_args *args, dw_gen_config *config)
{
    int64_t seed = 1;
    int64_t days = 0;
    int64_t ticks = 0;
    int32_t from = DW_DAY_NONE;
    int32_t to = DW_DAY_NONE;
    const dw_verb *verb = &dw_verb_generate;
    if (!dw_arg_int(cli, verb, args, OPT_SEED, 0, INT64_MAX, &seed) ||
        !dw_arg_int(cli, verb, args, OPT_DAYS, 1, DW_GEN_DAYS_MAX, &days) ||
        !dw_arg_int(cli, verb, args, OPT_TICKS, 1, 24, &ticks) || !dw_arg_date(cli, verb, args, OPT_FROM, &from) ||
        !dw_arg_date(cli, verb, args, OPT_TO, &to) || !scale_of(cli, args, &config->scale))
        return false;
    if (from != DW_DAY_NONE && to != DW_DAY_NONE && days != 0) {
        dw_cli_usage(cli, "--from, --to and --days: give two of them");
        return false;
    }
    int32_t length = days != 0 ? (int32_t)days : 180;
    if (from != DW_DAY_NONE && to == DW_DAY_NONE)
        to = days != 0 ? from + length : today();
    if (to == DW_DAY_NONE)
        to = today();
    if (from == DW_DAY_NONE)
        from = to - length;
    config->seed = (uint64_t)seed;
    config->from_day = from;
    config->to_day = to;
    config->tick_hours = (int)ticks;
    config->la_code = args->value[OPT_LA] != NULL ? args->value[OPT_LA] : "999";
    return true;
}

static dw_errc print_event(const dw_event *ev, int64_t log_time_us, dw_error *err)
{
    char stamp[32];
    char extra[64];
    dw_instant_format(log_time_us, stamp);
    snprintf(extra, sizeof(extra), ",\"log_time\":\"%s\"", stamp);
    char *line = dw_event_to_json(ev, extra);
    if (line == NULL)
        return dw_fail(err, DW_E_NOMEM, "out of memory");
    int put = puts(line);
    free(line);
    return put >= 0 ? DW_OK : dw_fail(err, DW_E_IO, "standard output: %s", strerror(errno));
}

/* The configured policy as number 1 (or as it would be: a number not above the one in force changes nothing). */
static dw_errc policy_first(generate *g, int64_t log_time_us, dw_error *err)
{
    dw_policy_files files = {0};
    const uint8_t *bytes = NULL;
    size_t len = 0;
    dw_arena *arena = dw_arena_new(4 * DW_POLICY_BYTES_MAX);
    dw_errc code =
        arena != NULL ? dw_policy_files_read(g->cli->settings, &files, err) : dw_fail(err, DW_E_NOMEM, "out of memory");
    if (code == DW_OK) {
        files.text.number = 1;
        code = dw_policy_text_encode(&files.text, arena, &bytes, &len, err);
    }
    if (code == DW_OK && g->appender != NULL) {
        code = dw_appender_control(g->appender, (dw_str){(const char *)bytes, (uint32_t)len}, log_time_us,
                                   DW_EVERY_PARTITION, 0, err);
    } else if (code == DW_OK && !g->count_only) {
        dw_event *ev = malloc(sizeof(*ev));
        code = ev != NULL ? dw_event_decode(bytes, len, arena, ev, err) : dw_fail(err, DW_E_NOMEM, "out of memory");
        if (code == DW_OK)
            code = print_event(ev, log_time_us, err);
        free(ev);
    }
    dw_policy_files_deinit(&files);
    dw_arena_free(&arena);
    return code;
}

static dw_errc run_story(generate *g, dw_gen *gen, const dw_gen_config *config, bool with_policy, dw_error *err)
{
    dw_errc code = DW_OK;
    if (with_policy)
        code = policy_first(g, dw_london_start_us(config->from_day), err);
    dw_event ev;
    int64_t log_time_us = 0;
    err->code = DW_OK;
    while (code == DW_OK && dw_gen_next(gen, &ev, &log_time_us, err)) {
        g->events++;
        g->by_type[ev.type]++;
        if (g->count_only)
            continue;
        code = g->appender != NULL
                   ? dw_appender_event(g->appender, &ev, log_time_us, DW_EVERY_PARTITION, g->events, err)
                   : print_event(&ev, log_time_us, err);
    }
    if (code == DW_OK)
        code = err->code;
    if (code == DW_OK && g->appender != NULL)
        code = dw_publisher_flush(dw_appender_publisher(g->appender), err);
    if (code == DW_OK && g->refused != 0)
        code = dw_fail(err, DW_E_IO, "%llu records were refused: %s", (unsigned long long)g->refused, g->first_refusal);
    return code;
}

static void print_counts(const generate *g)
{
    for (int type = 0; type < DW_EV_MAX; type++) {
        if (g->by_type[type] == 0)
            continue;
        if (g->cli->json)
            printf("{\"type\":\"%s\",\"events\":%llu}\n", dw_event_type_name((dw_event_type)type),
                   (unsigned long long)g->by_type[type]);
        else
            printf("%9llu  %s\n", (unsigned long long)g->by_type[type], dw_event_type_name((dw_event_type)type));
    }
    if (!g->cli->json)
        printf("%9llu  in all\n", (unsigned long long)g->events);
}

static int generate_run(dw_cli *cli, const dw_args *args)
{
    dw_gen_config config = {.scale = 1.0};
    generate g = {.cli = cli, .count_only = args->value[OPT_COUNT_ONLY] != NULL};
    dw_gen *gen = NULL;
    dw_error err = {0};
    const char *format = args->value[OPT_FORMAT];
    if (format != NULL && strcmp(format, "jsonl") != 0 && strcmp(format, "publish") != 0)
        return dw_cli_usage(cli, "--format is jsonl or publish");
    bool to_kafka = args->value[OPT_PUBLISH] != NULL || (format != NULL && strcmp(format, "publish") == 0);
    if (!read_options(cli, args, &config))
        return DW_EXIT_USAGE;
    if (dw_gen_new(&config, &gen, &err) != DW_OK)
        return dw_cli_usage(cli, "%s", err.text);
    dw_errc code = DW_OK;
    if (to_kafka && !g.count_only)
        code = dw_appender_new(cli->settings, on_delivery, &g, &g.appender, &err);
    if (code == DW_OK)
        code = run_story(&g, gen, &config, args->value[OPT_POLICY] != NULL, &err);
    if (code != DW_OK)
        dw_cli_fail(cli, &err);
    else if (g.count_only)
        print_counts(&g);
    else if (to_kafka)
        fprintf(stderr, "%llu events sent\n", (unsigned long long)g.events);
    dw_appender_free(&g.appender);
    dw_gen_free(&gen);
    return code == DW_OK ? DW_EXIT_OK : DW_EXIT_FAILED;
}

static const dw_opt_rule generate_rules[] = {
    {.option = "count", .never_with = "publish"},
    {.option = "count", .never_with = "format"},
    {.option = "publish", .never_with = "format"},
    {0},
};

const dw_verb dw_verb_generate = {
    .name = "generate",
    .run = generate_run,
    .opts = generate_opts,
    .opt_count = sizeof(generate_opts) / sizeof(generate_opts[0]),
    .rules = generate_rules,
    .words = "",
    .summary = "make the events of a simulated authority",
    .help =
        "Children move through contact, referral, assessment, child in need, child protection, care, private\n"
        "fostering and care leaving, with visits, reviews, supervision, missing episodes, changes of worker, records\n"
        "written up late, corrected, withdrawn or sent twice. The same seed and sizes give the same events, byte for\n"
        "byte. The story begins with the first load of the open cases. log_time is the time of appending.\n",
};

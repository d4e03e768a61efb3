/* indicators.c: `driftwatch indicators`: figures about all children, from a log in a file or from what the daemon holds. */

#include "daemon/cli/indicators.h"

#include "daemon/cli/log_file.h"
#include "daemon/cli/lookup.h"
#include "daemon/cli/shipped.h"
#include "proto/json.h"

#include <stdlib.h>
#include <unistd.h>

#define ARENA_BYTES ((size_t)64 << 20) /* one child, derived and evaluated */
#define FIGURES_FILE "indicators.yaml"

enum { OPT_AT, OPT_PERIOD, OPT_CSV, OPT_PUBLISH, OPT_POLICY, OPT_FIGURES };
static const dw_opt indicators_opts[] = {
    {"at", "INSTANT", "as of this instant, or the first of a date (default: now; of a file, its last log_time)"},
    {"period", "FROM..TO", "days, both included, for figures of a period (default: the 12 months up to the instant)"},
    {"csv", NULL, "one row a figure, for spreadsheets"},
    {"publish", NULL, "hide numbers from 1 to 5 and what would tell them, before figures leave the service"},
    {"policy", "DIR", "with FILE: these standards, instead of those of the log"},
    {"figures", "FILE", "what is counted (default: indicators.yaml of --policy, else the shipped one)"},
};

/* The run: options, and the figures bound to each policy met. */
typedef struct bound {
    const dw_policy *policy;
    dw_indicators *list;
} bound;

typedef struct run {
    dw_cli *cli;
    int64_t at_us, data_us;
    bool has_period;
    dw_ind_period period;
    const char *policy_dir, *figures_path;
    char path[DW_SHIPPED_PATH_MAX];
    char *text;
    size_t text_len;
    bound *bounds; /* the first one's texts are printed */
    size_t bound_count;
    dw_ind_tally *tallies;
    size_t tally_count;
    dw_arena *arena;
    dw_str standards; /* text of the policy at hand; empty: not known */
} run;

static dw_errc no_memory(dw_error *err)
{
    return dw_fail(err, DW_E_NOMEM, "out of memory");
}

/* --- what is counted */

static bool named(char out[DW_SHIPPED_PATH_MAX], const char *dir, const char *name)
{
    int n = snprintf(out, DW_SHIPPED_PATH_MAX, "%s/%s", dir, name);
    return n > 0 && n < DW_SHIPPED_PATH_MAX;
}

static dw_errc read_figures(run *r, dw_error *err)
{
    char shipped[DW_SHIPPED_PATH_MAX];
    bool found = false;
    if (r->figures_path != NULL)
        found = snprintf(r->path, sizeof(r->path), "%s", r->figures_path) < (int)sizeof(r->path);
    if (!found && r->policy_dir != NULL)
        found = named(r->path, r->policy_dir, FIGURES_FILE) && access(r->path, R_OK) == 0;
    if (!found && dw_shipped_dir(shipped))
        found = named(r->path, shipped, FIGURES_FILE);
    if (!found)
        return dw_fail(err, DW_E_MISSING,
                       "no " FIGURES_FILE ", and the shipped one is not where this program looks for it");
    return dw_file_read(r->path, DW_CONFIG_BYTES_MAX, &r->text, &r->text_len, err) ? DW_OK : err->code;
}

/* The figures bound to this policy. */
static const dw_indicators *bind(run *r, const dw_policy *policy, dw_error *err)
{
    for (size_t i = 0; i < r->bound_count; i++)
        if (r->bounds[i].policy == policy)
            return r->bounds[i].list;
    dw_problems problems = {0};
    bound *grown = realloc(r->bounds, (r->bound_count + 1) * sizeof(*grown));
    if (grown == NULL) {
        no_memory(err);
        return NULL;
    }
    r->bounds = grown;
    dw_indicators *list =
        dw_indicators_load(r->path, (dw_str){r->text, (uint32_t)r->text_len}, policy, r->standards, &problems);
    dw_problems_print(&problems, stderr);
    dw_problems_deinit(&problems);
    if (list == NULL) {
        dw_fail(err, DW_E_CONFIG, "%s cannot be used", r->path);
        return NULL;
    }
    if (r->tallies == NULL) {
        r->tally_count = list->count;
        r->tallies = calloc(list->count + 1, sizeof(*r->tallies));
    }
    if (r->tallies == NULL || list->count != r->tally_count) {
        dw_indicators_free(&list);
        no_memory(err);
        return NULL;
    }
    r->bounds[r->bound_count++] = (bound){policy, list};
    return list;
}

static void settle_period(run *r)
{
    int32_t today = dw_london_day(r->at_us);
    if (!r->has_period)
        r->period = (dw_ind_period){dw_day_add_months(today, -12) + 1, today};
    r->has_period = true;
}

/* --- children */

static dw_errc add_child(run *r, const dw_record *rec, const dw_policy *policy, dw_error *err)
{
    const dw_indicators *list = bind(r, policy, err);
    if (list == NULL)
        return err->code;
    dw_arena_reset(r->arena);
    const dw_chronology *chron = dw_chronology_derive(rec, r->at_us, r->arena);
    for (size_t i = 0; i < list->count; i++)
        if (chron == NULL || !dw_indicator_add(&list->items[i], chron, policy, r->period, r->arena, &r->tallies[i]))
            return no_memory(err);
    return DW_OK;
}

static dw_errc print(run *r, const dw_policy *policy, dw_error *err, bool csv, bool publish)
{
    const dw_indicators *list = bind(r, policy, err);
    if (list == NULL)
        return err->code;
    dw_figures figures = {.count = list->count,
                          .at_us = r->at_us,
                          .data_us = r->data_us,
                          .period = r->period,
                          .digest = dw_policy_digest(policy),
                          .policy_number = dw_policy_number(policy)};
    figures.items = calloc(list->count + 1, sizeof(*figures.items));
    if (figures.items == NULL)
        return no_memory(err);
    for (size_t i = 0; i < list->count; i++)
        figures.items[i] = dw_figure_of(&list->items[i], &r->tallies[i]);
    if (publish)
        dw_figures_publish(&figures);
    bool ok = dw_figures_print(&figures, csv ? DW_FIGURES_CSV : r->cli->json ? DW_FIGURES_JSON : DW_FIGURES_TEXT);
    free(figures.items);
    return ok ? DW_OK : no_memory(err);
}

/* --- from a file */

static dw_errc from_file(run *r, const dw_args *args, dw_error *err)
{
    dw_log_file *file = NULL;
    dw_policy_texts texts = {0};
    dw_problems problems = {0};
    const dw_policy *policy = NULL;
    dw_errc code = dw_log_file_read(r->cli, args->rest[0], r->policy_dir, r->at_us, &file, err);
    if (code != DW_OK)
        return code;
    if (!dw_log_file_has_policy(file) && dw_policy_texts_read(r->policy_dir, &texts, &problems))
        r->standards = texts.text.standards;
    r->at_us = dw_log_file_at_us(file);
    r->data_us = dw_log_file_data_us(file);
    settle_period(r);
    for (size_t i = 0; code == DW_OK && i < dw_log_file_shards(file); i++) {
        dw_inproc *in = dw_log_file_shard(file, i);
        size_t count = dw_inproc_count(in);
        if (dw_inproc_policy(in) != NULL)
            policy = dw_inproc_policy(in);
        else if (count != 0)
            code = dw_fail(err, DW_E_MISSING, "no policy is in force at that instant of the log");
        for (size_t k = 0; code == DW_OK && k < count; k++) {
            const dw_record *rec = NULL;
            code = dw_inproc_facts(in, dw_inproc_at(in, k), &rec, err);
            if (code == DW_OK)
                code = add_child(r, rec, policy, err);
        }
    }
    if (code == DW_OK && policy == NULL)
        code = dw_fail(err, DW_E_MISSING, "%s: there is no record in it", args->rest[0]);
    if (code == DW_OK)
        code = print(r, policy, err, args->value[OPT_CSV] != NULL, args->value[OPT_PUBLISH] != NULL);
    dw_policy_texts_deinit(&texts);
    dw_problems_deinit(&problems);
    dw_log_file_free(&file);
    return code;
}

/* --- from what the daemon holds */

typedef struct subjects {
    char **items;
    size_t count, cap;
    bool failed;
} subjects;

static bool take_subject(void *user, dw_str field, dw_str value)
{
    subjects *list = user;
    (void)value;
    char **items = dw_list_room(list->items, list->count, &list->cap, 256, sizeof(*items));
    if (items == NULL)
        return !(list->failed = true);
    list->items = items;
    list->items[list->count] = strndup(field.ptr, field.len);
    list->failed = list->items[list->count] == NULL;
    list->count += !list->failed;
    return !list->failed;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void subjects_deinit(subjects *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (subjects){0};
}

static dw_errc add_partition(run *r, dw_store *store, dw_policies *policies, int32_t partition,
                             const dw_policy **policy, dw_error *err)
{
    subjects list = {0};
    dw_errc code = dw_store_scan(store, partition, "children", NULL, take_subject, &list, err);
    if (code == DW_OK && list.failed)
        code = no_memory(err);
    const dw_policy_in_force *in_force = NULL;
    if (code == DW_OK && list.count != 0) {
        qsort(list.items, list.count, sizeof(*list.items), by_name);
        in_force = dw_policies_get(policies, partition, err);
        if (in_force == NULL)
            code = err->code != DW_OK ? err->code
                                      : dw_fail(err, DW_E_MISSING, "no policy is in force in partition %d", partition);
        else {
            *policy = in_force->policy;
            r->standards = in_force->text.standards;
        }
    }
    for (size_t i = 0; code == DW_OK && i < list.count; i++) {
        dw_record *rec = NULL;
        if (i > 0 && strcmp(list.items[i], list.items[i - 1]) == 0)
            continue; /* HSCAN may tell a field twice */
        code = dw_store_record(store, partition, dw_str_from(list.items[i]), &rec, err);
        if (code == DW_OK && rec != NULL)
            code = add_child(r, rec, in_force->policy, err);
        dw_record_free(&rec);
    }
    subjects_deinit(&list);
    return code;
}

/* The clock of the shard that is furthest behind, and the furthest. */
static dw_errc read_clocks(run *r, dw_store *store, int32_t partitions, dw_error *err)
{
    int64_t last_us = 0;
    dw_errc code = DW_OK;
    r->data_us = 0;
    for (int32_t p = 0; code == DW_OK && p < partitions; p++) {
        int64_t clock_us = 0;
        code = dw_store_meta_int(store, p, "clock_us", 0, &clock_us, err);
        if (clock_us != 0 && (r->data_us == 0 || clock_us < r->data_us))
            r->data_us = clock_us;
        if (clock_us > last_us)
            last_us = clock_us;
    }
    if (code == DW_OK && r->at_us == DW_AT_NONE)
        r->at_us = last_us;
    return code;
}

static dw_errc from_store(run *r, const dw_args *args, dw_error *err)
{
    dw_store *store = NULL;
    dw_policies *policies = NULL;
    const dw_policy *policy = NULL;
    int32_t partitions = 0;
    dw_errc code = dw_store_open(r->cli->settings, &store, err);
    if (code == DW_OK)
        code = dw_store_partitions(store, &partitions, err);
    if (code == DW_OK)
        code = read_clocks(r, store, partitions, err);
    if (code == DW_OK && (policies = dw_policies_new(store)) == NULL)
        code = no_memory(err);
    if (code == DW_OK)
        settle_period(r);
    for (int32_t p = 0; code == DW_OK && p < partitions; p++)
        code = add_partition(r, store, policies, p, &policy, err);
    if (code == DW_OK && policy == NULL)
        code = dw_fail(err, DW_E_MISSING, "no child is known yet");
    if (code == DW_OK)
        code = print(r, policy, err, args->value[OPT_CSV] != NULL, args->value[OPT_PUBLISH] != NULL);
    dw_policies_free(&policies);
    dw_store_close(&store);
    return code;
}

/* --- the verb */

static bool read_at(const char *text, int64_t *us)
{
    int32_t day = 0;
    if (!dw_date_parse(dw_str_from(text), &day))
        return dw_instant_parse(dw_str_from(text), us);
    *us = dw_london_start_us(day);
    return true;
}

static bool read_period(const char *text, dw_ind_period *out)
{
    const char *dots = strstr(text, "..");
    return dots != NULL && dw_date_parse((dw_str){text, (uint32_t)(dots - text)}, &out->from_day) &&
           dw_date_parse(dw_str_from(dots + 2), &out->to_day) && out->from_day <= out->to_day;
}

static int indicators_run(dw_cli *cli, const dw_args *args)
{
    dw_error err = {0};
    run r = {.cli = cli,
             .at_us = DW_AT_NONE,
             .policy_dir = args->value[OPT_POLICY],
             .figures_path = args->value[OPT_FIGURES]};
    if (args->value[OPT_AT] != NULL && !read_at(args->value[OPT_AT], &r.at_us))
        return dw_cli_usage(cli, "--at takes an instant such as 2026-11-22T09:00:00Z, or a date");
    if (args->value[OPT_PERIOD] != NULL && !(r.has_period = read_period(args->value[OPT_PERIOD], &r.period)))
        return dw_cli_usage(cli, "--period takes two dates such as 2026-04-01..2026-06-30");
    if (r.policy_dir != NULL && args->rest_count == 0)
        return dw_cli_usage(cli, "--policy goes with a file: what runs has its own");
    r.arena = dw_arena_new(ARENA_BYTES);
    dw_errc code = r.arena != NULL ? read_figures(&r, &err) : no_memory(&err);
    if (code == DW_OK)
        code = args->rest_count != 0 ? from_file(&r, args, &err) : from_store(&r, args, &err);
    for (size_t i = 0; i < r.bound_count; i++)
        dw_indicators_free(&r.bounds[i].list);
    free(r.bounds);
    free(r.tallies);
    free(r.text);
    dw_arena_free(&r.arena);
    return code == DW_OK ? DW_EXIT_OK : dw_cli_fail(cli, &err);
}

static const dw_opt_rule indicators_rules[] = {
    {.option = "csv", .never_with = "json"},
    {0},
};

const dw_verb dw_verb_indicators = {
    .name = "indicators",
    .run = indicators_run,
    .opts = indicators_opts,
    .opt_count = sizeof(indicators_opts) / sizeof(indicators_opts[0]),
    .rules = indicators_rules,
    .min_words = 0,
    .max_words = 1,
    .words = "[FILE]",
    .settings_unless = -1,
    .summary = "figures about all children: visited, decided, reviewed in time, missing",
    .help = "From FILE, a log in JSON Lines as `replay` reads it (- is standard input), as it was known at the "
            "instant; without one "
            "from\n"
            "what the daemon holds now. Every figure with numerator, denominator, what is not yet due, what is unknown "
            "and what\n"
            "is paused; driftwatch-indicators(5) says what each means and how to change them.\n",
};

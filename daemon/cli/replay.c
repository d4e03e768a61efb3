/* replay.c: `driftwatch replay`: the pure core over a log in a file, at instants, perhaps under another policy. */

#include "daemon/cli/replay.h"

#include "daemon/cli/line.h"
#include "daemon/cli/shipped.h"
#include "proto/json.h"

#include <errno.h>
#include <stdlib.h>

enum { OPT_AT, OPT_EVERY, OPT_POLICY, OPT_OBLIGATIONS, OPT_COMPARE, OPT_STATS };
static const dw_opt replay_opts[] = {
    {"at", "INSTANT[,...]", "when to say what is live: 2026-11-22T09:00:00Z, or a date (its first instant in London)"},
    {"every", "Nd", "at every Nth London midnight from the first to the last log_time"},
    {"policy", "DIR", "these standards throughout, instead of those of the log"},
    {"obligations", NULL, "also obligations, warnings and flags"},
    {"compare", "DIR", "what these standards would add, drop and move, by rule and team"},
    {"stats", NULL, "say on standard error what it took: CPU seconds to read and to decide"},
};

/* --- instants */

static bool add_instant(dw_replay *r, int64_t us, const char *text, size_t len)
{
    if (r->instant_count % 64 == 0) {
        dw_replay_instant *grown = realloc(r->instants, (r->instant_count + 64) * sizeof(*grown));
        if (grown == NULL)
            return false;
        r->instants = grown;
    }
    char *copy = strndup(text, len);
    if (copy == NULL)
        return false;
    r->instants[r->instant_count++] = (dw_replay_instant){.us = us, .text = copy};
    return true;
}

/* Ascending; of one instant written in two ways both stay. */
static int by_instant(const void *left, const void *right)
{
    const dw_replay_instant *a = left, *b = right;
    return a->us != b->us ? (a->us < b->us ? -1 : 1) : strcmp(a->text, b->text);
}

static int read_at(dw_replay *r, const char *text)
{
    while (true) {
        size_t len = strcspn(text, ",");
        dw_str one = {text, (uint32_t)len};
        int64_t us = 0;
        int32_t day = 0;
        if (dw_date_parse(one, &day))
            us = dw_london_start_us(day);
        else if (!dw_instant_parse(one, &us))
            return dw_cli_usage(r->cli,
                                "--at takes instants such as 2026-11-22T09:00:00Z, or dates, with commas between");
        if (r->instant_count == DW_REPLAY_INSTANTS_MAX)
            return dw_cli_usage(r->cli, "--at takes at most %d instants", DW_REPLAY_INSTANTS_MAX);
        if (!add_instant(r, us, text, len))
            return dw_cli_say(r->cli, DW_EXIT_FAILED, "out of memory");
        if (text[len] == '\0')
            return DW_EXIT_OK;
        text += len + 1;
    }
}

static bool read_every(const dw_cli *cli, const char *text, int32_t *days)
{
    char *end = NULL;
    errno = 0;
    long n = strtol(text, &end, 10);
    if (errno != 0 || end == text || strcmp(end, "d") != 0 || n < 1 || n > DW_REPLAY_EVERY_DAYS_MAX) {
        dw_cli_usage(cli, "--every takes a number of days from 1d to %dd", DW_REPLAY_EVERY_DAYS_MAX);
        return false;
    }
    *days = (int32_t)n;
    return true;
}

/* London midnights, written with London's offset. */
static int make_every(dw_replay *r, const dw_replay_front *front, int32_t days)
{
    if (!front->any_time)
        return dw_cli_say(r->cli, DW_EXIT_FAILED, "%s: no line has a log_time: --every has no beginning and no end",
                          r->name);
    int32_t day = dw_london_day(front->first_us);
    if (dw_london_start_us(day) < front->first_us)
        day++;
    for (; dw_london_start_us(day) <= front->last_us; day += days) {
        char text[40], date[16];
        int64_t us = dw_london_start_us(day);
        bool summer = us % (INT64_C(86400) * 1000000) != 0;
        dw_date_format(day, date);
        snprintf(text, sizeof(text), "%sT00:00:00%s", date, summer ? "+01:00" : "+00:00");
        if (r->instant_count == DW_REPLAY_INSTANTS_MAX)
            return dw_cli_say(r->cli, DW_EXIT_FAILED, "more than %d instants: take longer steps",
                              DW_REPLAY_INSTANTS_MAX);
        if (!add_instant(r, us, text, strlen(text)))
            return dw_cli_say(r->cli, DW_EXIT_FAILED, "out of memory");
    }
    return DW_EXIT_OK;
}

/* --- the file */

/* What cannot be read twice is copied to a file that has no name. */
static FILE *spool(FILE *from)
{
    FILE *copy = tmpfile();
    char *buf = malloc(1 << 16);
    size_t n;
    bool ok = copy != NULL && buf != NULL;
    while (ok && (n = fread(buf, 1, 1 << 16, from)) > 0)
        ok = fwrite(buf, 1, n, copy) == n;
    ok = ok && !ferror(from) && fflush(copy) == 0;
    free(buf);
    if (!ok && copy != NULL) {
        fclose(copy);
        copy = NULL;
    }
    return copy;
}

static bool open_file(dw_replay *r, const char *path)
{
    bool is_stdin = strcmp(path, "-") == 0;
    r->name = is_stdin ? "stdin" : path;
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    if (file != NULL && fseeko(file, 0, SEEK_SET) == 0) {
        r->file = file;
        return true;
    }
    if (file != NULL) {
        r->file = spool(file);
        if (!is_stdin)
            fclose(file);
    }
    if (r->file == NULL)
        dw_cli_say(r->cli, 0, "%s: %s", r->name, strerror(errno));
    return r->file != NULL;
}

/* --- policies */

static bool load_policy(const dw_cli *cli, const char *dir, dw_policy **out)
{
    dw_problems problems = {0};
    *out = dw_policy_from_dir(dir, &problems);
    if (*out == NULL) {
        dw_problems_print(&problems, stderr);
        dw_cli_say(cli, 0, "%s%s cannot be used", dir != NULL ? "the policy in " : "the shipped policy",
                   dir != NULL ? dir : "");
    }
    dw_problems_deinit(&problems);
    return *out != NULL;
}

static void print_stats(const dw_replay *r)
{
    uint64_t events = r->counts.by_fate[DW_INPROC_APPLIED] + r->counts.by_fate[DW_INPROC_DUPLICATE] +
                      r->counts.by_fate[DW_INPROC_CONTROL];
    double core_s = r->core_s > 1e-9 ? r->core_s : 1e-9;
    double read_s = r->read_s > 1e-9 ? r->read_s : 1e-9;
    fprintf(
        stderr,
        "lines %llu, refused %llu; reading %.3f s CPU (%.0f lines/s)\n"
        "events %llu, deadlines %llu, transitions %llu, folds %llu; core %.3f s CPU (%.0f events/s); printing %.3f s\n",
        (unsigned long long)r->lines, (unsigned long long)r->refused, r->read_s, (double)r->lines / read_s,
        (unsigned long long)events, (unsigned long long)r->counts.fired, (unsigned long long)r->counts.transitions,
        (unsigned long long)r->counts.folds, r->core_s, (double)events / core_s, r->print_s);
}

static int replay_file(dw_replay *r, const dw_args *args, int32_t every_days)
{
    dw_replay_front front;
    dw_policy *policy = NULL, *other = NULL;
    dw_error err = {0};
    int code = DW_EXIT_FAILED;
    const char *dir = args->value[OPT_POLICY];
    if (dw_replay_look(r, &front, &err) != DW_OK) {
        dw_cli_fail(r->cli, &err);
        goto done;
    }
    if ((dir != NULL || !front.has_policy) && !load_policy(r->cli, dir, &policy))
        goto done;
    if (args->value[OPT_COMPARE] != NULL && !load_policy(r->cli, args->value[OPT_COMPARE], &other))
        goto done;
    r->policy = policy;
    r->other = other;
    if (every_days != 0 && (code = make_every(r, &front, every_days)) != DW_EXIT_OK)
        goto done;
    if (r->instant_count > 1)
        qsort(r->instants, r->instant_count, sizeof(*r->instants), by_instant);
    dw_errc ran = dw_replay_part(r, &err);
    if (ran == DW_OK)
        ran = dw_replay_run(r, &err);
    code = ran == DW_OK ? DW_EXIT_OK : dw_cli_fail(r->cli, &err);
    if (ran == DW_OK && r->other != NULL)
        dw_replay_print_sums(r);
    if (r->stats)
        print_stats(r);
done:
    dw_policy_unref(&policy);
    dw_policy_unref(&other);
    return code;
}

static int replay_run(dw_cli *cli, const dw_args *args)
{
    dw_replay r = {
        .cli = cli, .obligations = args->value[OPT_OBLIGATIONS] != NULL, .stats = args->value[OPT_STATS] != NULL};
    int32_t every_days = 0;
    int code = DW_EXIT_FAILED;
    if (args->value[OPT_AT] == NULL && args->value[OPT_EVERY] == NULL)
        return dw_cli_usage(cli, "give --at or --every");
    if (args->value[OPT_EVERY] != NULL && !read_every(cli, args->value[OPT_EVERY], &every_days))
        return DW_EXIT_USAGE;
    if (args->value[OPT_AT] != NULL && (code = read_at(&r, args->value[OPT_AT])) != DW_EXIT_OK)
        goto done;
    code = open_file(&r, args->rest[0]) ? replay_file(&r, args, every_days) : DW_EXIT_FAILED;
done:
    if (r.file != NULL && r.file != stdin)
        fclose(r.file);
    for (size_t i = 0; i < r.instant_count; i++)
        free(r.instants[i].text);
    free(r.instants);
    free(r.changes);
    return code;
}

static const dw_opt_rule replay_rules[] = {
    {.option = "at", .never_with = "every"},
    {.option = "compare", .never_with = "obligations"},
    {0},
};

const dw_verb dw_verb_replay = {
    .name = "replay",
    .run = replay_run,
    .opts = replay_opts,
    .opt_count = sizeof(replay_opts) / sizeof(replay_opts[0]),
    .rules = replay_rules,
    .min_words = 1,
    .max_words = 1,
    .words = "FILE",
    .without_settings = true,
    .summary = "what driftwatch says of a log in a file, at any instant, under any policy",
    .help =
        "FILE is JSON Lines as `publish` reads and `export` prints them (- is standard input), in the order in which "
        "they\n"
        "arrived; log_time is when. No server is asked, and neither the clock nor the time zone of this machine plays "
        "a\n"
        "part. At an instant every line with log_time up to and including it is applied, and every deadline at or "
        "before\n"
        "it has fired. One line per live alert, acknowledged or not. A line without log_time came with the line "
        "before.\n"
        "Lines with `partition` are replayed partition by partition, as the daemon has them.\n"
        "Policy: --policy (a directory with standards.yaml, bank-holidays.json, organisation.yaml; what it lacks is "
        "the\n"
        "shipped one's), else the policy_set lines of the file, else the shipped standards. No cut-over but that of a\n"
        "policy_set line. A line that the daemon would dead-letter is named on standard error and left out.\n",
};

/* test.c: `driftwatch test`: scenarios against the standards. */

#include "config/standards_print.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/scenario_report.h"
#include "daemon/cli/shipped.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

/* sysexits.h, as `driftwatchd --check-config` uses it: wrong words, and wrong files. */
enum { EXIT_WORDS = 64, EXIT_BAD_FILE = 78 };

#define FILES_MAX 1000    /* files of one run */
#define POLICIES_MAX 64   /* policies of one run: few scenarios name one of their own */
#define MIN_NAMED_MAX 100 /* --min */

enum { OPT_POLICY, OPT_JUNIT, OPT_COVERAGE, OPT_MIN, OPT_RULE, OPT_VERBOSE };
static const dw_opt test_opts[] = {
    {"policy", "DIR", "these standards instead of the shipped ones"},
    {"junit", "FILE", "also write the results as JUnit XML"},
    {"coverage", NULL, "run nothing; say of each rule how many scenarios are about it"},
    {"min", "N", "with --coverage: fail when a rule has fewer than N"},
    {"rule", "ID", "only scenarios that are about this rule"},
    {"verbose", NULL, "also name the scenarios that passed"},
};

/* A policy as some scenario wants it. */
typedef struct known_policy {
    char *dir; /* NULL: the run's own */
    int64_t cut_over_us;
    dw_policy *policy; /* NULL: it cannot be used, which has been said */
} known_policy;

typedef struct test_run {
    dw_cli *cli;
    const char *dir, *rule;
    bool verbose;
    char *paths[FILES_MAX];
    size_t path_count;
    dw_scn_file *files[FILES_MAX];
    known_policy policies[POLICIES_MAX];
    size_t policy_count;
    dw_problems problems;
    dw_junit junit;
    uint64_t passed, failed;
} test_run;

/* --- files */

static bool add_path(test_run *t, const char *dir, const char *name)
{
    char path[DW_SHIPPED_PATH_MAX];
    int n = dir != NULL ? snprintf(path, sizeof(path), "%s/%s", dir, name) : snprintf(path, sizeof(path), "%s", name);
    if (n < 0 || (size_t)n >= sizeof(path) || t->path_count == FILES_MAX)
        return false;
    t->paths[t->path_count] = strdup(path);
    return t->paths[t->path_count] != NULL && ++t->path_count != 0;
}

static int is_yaml(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return entry->d_name[0] != '.' && dot != NULL && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

/* All *.yaml of a directory, by name; those below it are not looked for. */
static int add_directory(test_run *t, const char *dir)
{
    char path[DW_SHIPPED_PATH_MAX];
    struct dirent **entries = NULL;
    snprintf(path, sizeof(path), "%s", dir);
    for (size_t n = strlen(path); n > 1 && path[n - 1] == '/';)
        path[--n] = '\0';
    int n = scandir(path, &entries, is_yaml, alphasort);
    bool ok = n > 0;
    for (int i = 0; i < n; i++) {
        ok = ok && add_path(t, path, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    if (n < 0)
        return dw_cli_say(t->cli, EXIT_WORDS, "%s: %s", dir, strerror(errno));
    if (!ok)
        return dw_cli_say(t->cli, EXIT_WORDS, "%s: %s", dir, n == 0 ? "no *.yaml in it" : "too many files");
    return DW_EXIT_OK;
}

static int find_files(test_run *t, const dw_args *args)
{
    for (int i = 0; i < args->rest_count; i++) {
        struct stat what;
        int code = DW_EXIT_OK;
        if (stat(args->rest[i], &what) != 0)
            code = dw_cli_say(t->cli, EXIT_WORDS, "%s: %s", args->rest[i], strerror(errno));
        else if (S_ISDIR(what.st_mode))
            code = add_directory(t, args->rest[i]);
        else if (!add_path(t, NULL, args->rest[i]))
            code = dw_cli_say(t->cli, EXIT_WORDS, "%s: too many files", args->rest[i]);
        if (code != DW_EXIT_OK)
            return code;
    }
    return DW_EXIT_OK;
}

static void read_files(test_run *t)
{
    for (size_t i = 0; i < t->path_count; i++) {
        char *text = NULL;
        size_t len = 0;
        dw_error err = {0};
        if (dw_file_read(t->paths[i], DW_CONFIG_BYTES_MAX, &text, &len, &err))
            t->files[i] = dw_scn_read(t->paths[i], (dw_str){text, (uint32_t)len}, &t->problems);
        else
            dw_problems_add(&t->problems, t->paths[i], NULL, false, "%s", err.text);
        free(text);
    }
}

/* --- policies */

static const known_policy *load_policy(test_run *t, const char *dir, int64_t cut_over_us)
{
    for (size_t i = 0; i < t->policy_count; i++) {
        const known_policy *known = &t->policies[i];
        bool same_dir = known->dir == NULL || dir == NULL ? known->dir == dir : strcmp(known->dir, dir) == 0;
        if (same_dir && known->cut_over_us == cut_over_us)
            return known;
    }
    if (t->policy_count == POLICIES_MAX)
        return NULL;
    known_policy *known = &t->policies[t->policy_count++];
    *known = (known_policy){.dir = dir != NULL ? strdup(dir) : NULL, .cut_over_us = cut_over_us};
    known->policy = dw_policy_from_dir_at(dir != NULL ? dir : t->dir, cut_over_us, &t->problems);
    return known;
}

/* The policy of a scenario; a directory that it names lies beside its file. NULL: a problem was added. */
static const dw_policy *policy_of(test_run *t, const dw_scn_file *file, const dw_scn_scenario *scenario)
{
    char dir[DW_SHIPPED_PATH_MAX];
    const char *slash = strrchr(file->path, '/');
    int base = slash != NULL && scenario->policy.len != 0 && scenario->policy.ptr[0] != '/'
                   ? (int)(slash + 1 - file->path)
                   : 0;
    int n = snprintf(dir, sizeof(dir), "%.*s%.*s", base, file->path, DW_STR_ARG(scenario->policy));
    if (n < 0 || (size_t)n >= sizeof(dir))
        n = 0;
    const known_policy *known = load_policy(t, scenario->policy.len != 0 && n > 0 ? dir : NULL, scenario->cut_over_us);
    if (known == NULL)
        dw_problems_add_at(&t->problems, file->path, scenario->pos.line, scenario->pos.column, false,
                           "more than %d different policies and cut-overs in one run", POLICIES_MAX);
    else if (known->policy == NULL && scenario->policy.len != 0)
        dw_problems_add_at(&t->problems, file->path, scenario->policy_pos.line, scenario->policy_pos.column, false,
                           "the policy in %s cannot be used", dir);
    return known != NULL ? known->policy : NULL;
}

static void check_policies(test_run *t)
{
    load_policy(t, NULL, 0);
    for (size_t i = 0; i < t->path_count; i++)
        for (size_t k = 0; t->files[i] != NULL && k < t->files[i]->count; k++) {
            const dw_scn_scenario *scenario = &t->files[i]->items[k];
            const dw_policy *policy = policy_of(t, t->files[i], scenario);
            if (policy != NULL)
                dw_scn_check_rules(t->files[i], scenario, policy, &t->problems);
        }
}

/* --- coverage */

static bool is_about(const dw_scn_scenario *scenario, dw_str rule)
{
    for (uint32_t i = 0; i < scenario->rule_count; i++)
        if (dw_str_eq(scenario->rules[i], rule))
            return true;
    return false;
}

static int64_t scenarios_about(const test_run *t, dw_str rule)
{
    int64_t n = 0;
    for (size_t f = 0; f < t->path_count; f++)
        for (size_t k = 0; k < t->files[f]->count; k++)
            n += is_about(&t->files[f]->items[k], rule);
    return n;
}

/* From the text, where each rule stands once and those that are switched off stand, too. A rule about workers is left out: a
 * scenario tells of a child. So is the ladder, which is no rule. */
static int coverage_of(const test_run *t, dw_standards_text *standards, int64_t min)
{
    size_t rules = 0, thin = 0;
    for (size_t i = 0; i < standards->rule_count; i++) {
        const yaml_node_t *map = dw_yaml_node(&standards->yaml, standards->rules[i].effective);
        if (dw_yaml_get(&standards->yaml, map, "per") != NULL)
            continue;
        dw_str id = dw_yaml_scalar(dw_yaml_get(&standards->yaml, map, "id"));
        int64_t n = scenarios_about(t, id);
        rules++;
        thin += n < min;
        if (t->cli->json)
            printf("{\"rule\":\"%.*s\",\"scenarios\":%lld}\n", DW_STR_ARG(id), (long long)n);
        else
            printf("%-8.*s %4lld%s\n", DW_STR_ARG(id), (long long)n, n < min ? "  too few" : "");
    }
    if (thin == 0)
        return DW_EXIT_OK;
    return dw_cli_say(t->cli, DW_EXIT_FAILED, "%zu of %zu rules have fewer than %lld scenarios", thin, rules,
                      (long long)min);
}

static int coverage(const test_run *t, int64_t min)
{
    dw_policy_texts texts;
    dw_problems problems = {0}; /* they were said when the policy was compiled */
    int code = DW_EXIT_FAILED;
    dw_standards_text *standards = NULL;
    if (dw_policy_texts_read(t->dir, &texts, &problems)) {
        standards = dw_standards_text_open(texts.names.standards, texts.text.standards, &problems);
        code = standards != NULL ? coverage_of(t, standards, min) : dw_cli_say(t->cli, code, "out of memory");
        dw_standards_text_free(&standards);
        dw_policy_texts_deinit(&texts);
    }
    dw_problems_deinit(&problems);
    return code;
}

/* --- running */

static int run_one(test_run *t, const dw_scn_file *file, const dw_scn_scenario *scenario)
{
    dw_scn_result result;
    dw_error err = {0};
    dw_errc code = dw_scn_run(scenario, policy_of(t, file, scenario), &result, &err);
    if (code != DW_OK) {
        dw_scn_result_deinit(&result);
        return dw_cli_say(t->cli, DW_EXIT_FAILED, "%s:%u: %s", file->path, scenario->pos.line, err.text);
    }
    bool ok = result.count == 0, told = true;
    *(ok ? &t->passed : &t->failed) += 1;
    if (t->cli->json)
        told = dw_report_json(file, scenario, &result);
    else if (!ok)
        dw_report_failure(file, scenario, &result);
    else if (t->verbose)
        printf("ok    %s:%u: %.*s\n", file->path, scenario->pos.line, DW_STR_ARG(scenario->title));
    dw_junit_case(&t->junit, file, scenario, &result);
    dw_scn_result_deinit(&result);
    return told ? DW_EXIT_OK : dw_cli_say(t->cli, DW_EXIT_FAILED, "out of memory");
}

static int run_file(test_run *t, const dw_scn_file *file)
{
    uint64_t passed = t->passed, failed = t->failed;
    if (!dw_junit_suite_start(&t->junit))
        return dw_cli_say(t->cli, DW_EXIT_FAILED, "out of memory");
    int code = DW_EXIT_OK;
    for (size_t k = 0; code == DW_EXIT_OK && k < file->count; k++)
        if (t->rule == NULL || is_about(&file->items[k], dw_str_from(t->rule)))
            code = run_one(t, file, &file->items[k]);
    if (!dw_junit_suite_end(&t->junit, file->path))
        code = dw_cli_say(t->cli, DW_EXIT_FAILED, "out of memory");
    if (!t->cli->json && code == DW_EXIT_OK && t->failed == failed && t->passed != passed)
        printf("ok    %s: %llu scenarios\n", file->path, (unsigned long long)(t->passed - passed));
    return code;
}

static int run_all(test_run *t, const char *junit_path)
{
    dw_error err = {0};
    if (dw_junit_open(&t->junit, junit_path, &err) != DW_OK)
        return dw_cli_fail(t->cli, &err);
    int code = DW_EXIT_OK;
    for (size_t i = 0; code == DW_EXIT_OK && i < t->path_count; i++)
        code = run_file(t, t->files[i]);
    if (!dw_junit_close(&t->junit))
        code = dw_cli_say(t->cli, DW_EXIT_FAILED, "%s: could not be written", junit_path);
    if (code == DW_EXIT_OK && t->passed + t->failed == 0)
        return dw_cli_say(t->cli, EXIT_WORDS, "no scenario is about %s", t->rule);
    if (!t->cli->json)
        printf("%llu passed, %llu failed, 0 skipped\n", (unsigned long long)t->passed, (unsigned long long)t->failed);
    return code == DW_EXIT_OK && t->failed != 0 ? DW_EXIT_FAILED : code;
}

static void free_run(test_run *t)
{
    for (size_t i = 0; i < t->path_count; i++) {
        dw_scn_free(&t->files[i]);
        free(t->paths[i]);
    }
    for (size_t i = 0; i < t->policy_count; i++) {
        free(t->policies[i].dir);
        dw_policy_unref(&t->policies[i].policy);
    }
    dw_problems_deinit(&t->problems);
    free(t);
}

static int test_verb(dw_cli *cli, const dw_args *args)
{
    int64_t min = 0;
    if (!dw_arg_int(cli, &dw_verb_test, args, OPT_MIN, 0, MIN_NAMED_MAX, &min))
        return DW_EXIT_USAGE;
    test_run *t = calloc(1, sizeof(*t));
    if (t == NULL)
        return dw_cli_say(cli, DW_EXIT_FAILED, "out of memory");
    t->cli = cli;
    t->dir = args->value[OPT_POLICY];
    t->rule = args->value[OPT_RULE];
    t->verbose = args->value[OPT_VERBOSE] != NULL;
    int code = find_files(t, args);
    if (code == DW_EXIT_OK) {
        read_files(t);
        check_policies(t);
        dw_problems_sort(&t->problems);
        dw_problems_print(&t->problems, stderr);
        if (t->problems.errors != 0)
            code = EXIT_BAD_FILE;
        else if (args->value[OPT_COVERAGE] != NULL)
            code = coverage(t, min);
        else
            code = run_all(t, args->value[OPT_JUNIT]);
    }
    free_run(t);
    return code;
}

static const dw_opt_rule test_rules[] = {
    {.option = "min", .only_with = "coverage"},
    {.option = "coverage", .never_with = "junit"},
    {.option = "coverage", .never_with = "rule"},
    {.option = "coverage", .never_with = "verbose"},
    {0},
};

const dw_verb dw_verb_test = {
    .name = "test",
    .run = test_verb,
    .opts = test_opts,
    .opt_count = sizeof(test_opts) / sizeof(test_opts[0]),
    .rules = test_rules,
    .min_words = 1,
    .max_words = -1,
    .words = "FILE-or-DIR...",
    .without_settings = true,
    .summary = "scenarios in YAML against the standards: what should be alerted, and what not",
    .help =
        "Each FILE holds scenarios as driftwatch-scenarios(5) describes them; of a DIR all *.yaml are run. No server "
        "is\n"
        "asked, and neither the clock nor the time zone of this machine plays a part. For each expectation that is "
        "not\n"
        "met: file, line, what was expected, what was there, and the nearest duty with its due date.\n"
        "Exit status: 0 all hold, 1 one does not, 64 no such file, 78 a file or the standards have mistakes; all of\n"
        "them are named with line and column, and nothing is run.\n",
};

/* cli.c: the table of verbs, the command line, help. */

#include "daemon/cli/cli.h"

#include "daemon/cli/shipped.h"
#include "daemon/next_option.h"
#include "proto/json.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#define DEFAULT_CONFIG "/etc/driftwatch/driftwatch.yaml"

static const dw_verb *const verbs[] = {
#define X(name) &dw_verb_##name,
    DW_VERB_LIST(X)
#undef X
};
#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

/* Options of every verb, behind its own; they may stand before the verb, too. */
enum { COMMON_CONFIG, COMMON_JSON, COMMON_HELP, COMMON_VERSION, COMMON_COUNT };

int dw_cli_say(const dw_cli *cli, int code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fflush(stdout);
    fprintf(stderr, "driftwatch %s: ", cli->verb);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    return code;
}

int dw_cli_fail(const dw_cli *cli, const dw_error *err)
{
    return dw_cli_say(cli, DW_EXIT_FAILED, "%s", err->text);
}

int dw_cli_usage(const dw_cli *cli, const char *fmt, ...)
{
    const char *between = cli->verb != NULL ? " " : "", *verb = cli->verb != NULL ? cli->verb : "";
    va_list args;
    va_start(args, fmt);
    fprintf(stderr, "driftwatch%s%s: ", between, verb);
    vfprintf(stderr, fmt, args);
    fprintf(stderr, "\nTry `driftwatch help%s%s`.\n", between, verb);
    va_end(args);
    return DW_EXIT_USAGE;
}

bool dw_arg_int(const dw_cli *cli, const dw_verb *verb, const dw_args *args, int id, int64_t min, int64_t max,
                int64_t *out)
{
    const char *text = args->value[id];
    if (text == NULL)
        return true;
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < min || value > max) {
        dw_cli_usage(cli, "--%s takes a number from %lld to %lld", verb->opts[id].name, (long long)min, (long long)max);
        return false;
    }
    *out = value;
    return true;
}

bool dw_arg_date(const dw_cli *cli, const dw_verb *verb, const dw_args *args, int id, int32_t *out)
{
    const char *text = args->value[id];
    if (text == NULL || dw_date_parse(dw_str_from(text), out))
        return true;
    dw_cli_usage(cli, "--%s takes a date, YYYY-MM-DD", verb->opts[id].name);
    return false;
}

/* --- help */
static void print_options(const dw_verb *verb)
{
    if (verb->opt_count != 0)
        puts("\nOptions:");
    for (size_t i = 0; i < verb->opt_count; i++) {
        const dw_opt *opt = &verb->opts[i];
        char left[64];
        snprintf(left, sizeof(left), "--%s%s%s", opt->name, opt->arg != NULL ? " " : "",
                 opt->arg != NULL ? opt->arg : "");
        printf("  %-24s %s\n", left, opt->help);
    }
    puts("\nOf every verb:\n"
         "  --config FILE            settings (default: $DRIFTWATCH_CONFIG, those installed with this\n"
         "                           program, " DEFAULT_CONFIG ")\n"
         "  --json                   one JSON object a line");
}

static int help(const char *name)
{
    if (name == NULL) {
        puts("driftwatch: what driftwatchd knows, and what people do about it.\n\n"
             "Usage: driftwatch [--config FILE] [--json] VERB [OPTIONS] ...\n"
             "       driftwatch --version | --help\n");
        for (size_t i = 0; i < VERB_COUNT; i++)
            printf("  %-11s %s\n", verbs[i]->name, verbs[i]->summary);
        puts("\n`driftwatch help VERB` says more; driftwatch(1) says all.\n"
             "Exit status: 0 done, 1 not found or failed, 2 wrong use.");
        return DW_EXIT_OK;
    }
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(verbs[i]->name, name) != 0)
            continue;
        printf("Usage: driftwatch %s [OPTIONS]%s%s\n\n%s.\n%s", name, verbs[i]->words[0] != '\0' ? " " : "",
               verbs[i]->words, verbs[i]->summary, verbs[i]->help);
        print_options(verbs[i]);
        return DW_EXIT_OK;
    }
    return dw_cli_usage(&(dw_cli){.verb = NULL}, "there is no verb '%s'", name);
}

static int version(void)
{
    puts("driftwatch " DW_VERSION);
    return DW_EXIT_OK;
}

/* --- the command line */

/* One row for each of the verb's options and the common ones; returns how many are the verb's. */
static size_t long_options(const dw_verb *verb, struct option *out)
{
    enum { FIRST = 256 }; /* no letter */
    static const struct option common[COMMON_COUNT] = {
        {"config", required_argument, NULL, FIRST + DW_OPTS_MAX},
        {"json", no_argument, NULL, FIRST + DW_OPTS_MAX + 1},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
    };
    size_t own = 0;
    for (; verb != NULL && own < verb->opt_count; own++)
        out[own] = (struct option){verb->opts[own].name, verb->opts[own].arg != NULL, NULL, FIRST + (int)own};
    memcpy(out + own, common, sizeof(common));
    out[own + COMMON_COUNT] = (struct option){0};
    return own;
}

/* `verb` NULL: what stands before it. `common`: what was given before, and here. False: said what is wrong. */
static bool parse(int argc, char **argv, const dw_verb *verb, const char *common[COMMON_COUNT], dw_args *args)
{
    struct option options[DW_OPTS_MAX + COMMON_COUNT + 1];
    const char *given[DW_OPTS_MAX + COMMON_COUNT] = {NULL};
    dw_error err;
    int c;
    assert(verb == NULL || verb->opt_count <= DW_OPTS_MAX);
    size_t own = long_options(verb, options);
    memcpy(given + own, common, COMMON_COUNT * sizeof(*given));
    optind = 0;
    while ((c = dw_next_option(argc, argv, verb == NULL ? "+:hV" : ":hV", options, given, &err)) != -1)
        if (c == '?') {
            dw_cli_usage(&(dw_cli){.verb = verb != NULL ? verb->name : NULL}, "%s", err.text);
            return false;
        }
    memcpy(common, given + own, COMMON_COUNT * sizeof(*given));
    memcpy(args->value, given, own * sizeof(*given));
    args->rest = argv + optind;
    args->rest_count = argc - optind;
    return true;
}

/* Named, or of the environment, or installed beside this program, or the machine's; NULL: none, so the defaults. */
static const char *config_path(const char *named, char beside[DW_SHIPPED_PATH_MAX])
{
    char program[DW_SHIPPED_PATH_MAX];
    if (named != NULL)
        return named;
    const char *env = getenv("DRIFTWATCH_CONFIG");
    if (env != NULL && env[0] != '\0')
        return env;
    if (dw_program_path(program) && dw_settings_beside(program, beside))
        return beside;
    return access(DEFAULT_CONFIG, R_OK) == 0 ? DEFAULT_CONFIG : NULL;
}

static bool is_given(const dw_verb *verb, const dw_cli *cli, const dw_args *args, const char *option)
{
    if (strcmp(option, "json") == 0)
        return cli->json;
    for (size_t i = 0; i < verb->opt_count; i++)
        if (strcmp(verb->opts[i].name, option) == 0)
            return args->value[i] != NULL;
    assert(false);
    return false;
}

/* Are the verb's words among these: "ls|retry parked"? */
static bool is_for(const char *words, const dw_args *args)
{
    char given[64];
    bool two = args->rest_count > 1;
    snprintf(given, sizeof(given), "%s%s%s", args->rest_count > 0 ? args->rest[0] : "", two ? " " : "",
             two ? args->rest[1] : "");
    while (words != NULL) {
        size_t len = strcspn(words, "|");
        if (strncmp(words, given, len) == 0 && (given[len] == '\0' || given[len] == ' '))
            return true;
        words = words[len] == '|' ? words + len + 1 : NULL;
    }
    return false;
}

static bool options_agree(const dw_verb *verb, const dw_cli *cli, const dw_args *args)
{
    for (const dw_opt_rule *r = verb->rules; r != NULL && r->option != NULL; r++) {
        if (!is_given(verb, cli, args, r->option))
            continue;
        if (r->only_with != NULL && !is_given(verb, cli, args, r->only_with))
            dw_cli_usage(cli, "--%s goes with --%s", r->option, r->only_with);
        else if (r->never_with != NULL && is_given(verb, cli, args, r->never_with))
            dw_cli_usage(cli, "--%s or --%s, not both", r->option, r->never_with);
        else if (r->only_to != NULL && !is_for(r->only_to, args)) {
            size_t first = strcspn(r->only_to, "|");
            bool more = r->only_to[first] == '|';
            dw_cli_usage(cli, "--%s goes with %.*s%s%s", r->option, (int)first, r->only_to, more ? " and " : "",
                         more ? r->only_to + first + 1 : "");
        } else
            continue;
        return false;
    }
    return true;
}

static int run_verb(const dw_verb *verb, const char *const common[COMMON_COUNT], const dw_args *args)
{
    dw_cli cli = {.verb = verb->name, .json = common[COMMON_JSON] != NULL};
    if (args->rest_count < verb->min_words)
        return dw_cli_usage(&cli, "%s is missing", verb->words);
    if (verb->max_words >= 0 && args->rest_count > verb->max_words)
        return dw_cli_usage(&cli, "'%s' is one word too many", args->rest[verb->max_words]);
    if (!options_agree(verb, &cli, args))
        return DW_EXIT_USAGE;
    dw_settings *settings = NULL;
    bool alone = verb->settings_unless > 0 ? args->value[verb->settings_unless - 1] != NULL
                                           : verb->settings_unless < 0 && args->rest_count > 0;
    if (!verb->without_settings && !alone) {
        dw_problems problems = {0};
        char beside[DW_SHIPPED_PATH_MAX];
        settings = dw_settings_load(config_path(common[COMMON_CONFIG], beside), &problems);
        dw_problems_print(&problems, stderr);
        dw_problems_deinit(&problems);
        if (settings == NULL)
            return DW_EXIT_USAGE;
    }
    cli.settings = settings;
    int code = verb->run(&cli, args);
    dw_settings_free(&settings);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        if (errno != EPIPE)
            dw_cli_say(&cli, 0, "standard output: %s", strerror(errno));
        return DW_EXIT_FAILED;
    }
    return code;
}

int dw_cli_run(int argc, char **argv)
{
    const char *common[COMMON_COUNT] = {NULL};
    dw_args args = {0};
    if (!parse(argc, argv, NULL, common, &args))
        return DW_EXIT_USAGE;
    if (common[COMMON_VERSION] != NULL)
        return version();
    if (args.rest_count == 0 || common[COMMON_HELP] != NULL) {
        int code = help(args.rest_count > 0 ? args.rest[0] : NULL);
        return common[COMMON_HELP] != NULL ? code : DW_EXIT_USAGE;
    }
    if (strcmp(args.rest[0], "help") == 0 && args.rest_count > 2)
        return dw_cli_usage(&(dw_cli){.verb = NULL}, "'%s' is one word too many", args.rest[2]);
    if (strcmp(args.rest[0], "help") == 0)
        return help(args.rest_count > 1 ? args.rest[1] : NULL);
    const dw_verb *verb = NULL;
    for (size_t i = 0; i < VERB_COUNT && verb == NULL; i++)
        if (strcmp(verbs[i]->name, args.rest[0]) == 0)
            verb = verbs[i];
    if (verb == NULL)
        return help(args.rest[0]); /* there is none */
    int rest_count = args.rest_count;
    char **rest = args.rest;
    args = (dw_args){0};
    if (!parse(rest_count, rest, verb, common, &args))
        return DW_EXIT_USAGE;
    if (common[COMMON_VERSION] != NULL)
        return version();
    if (common[COMMON_HELP] != NULL)
        return help(verb->name);
    return run_verb(verb, common, &args);
}

/* standards.c: `driftwatch standards`: the rules in force as a table, and whether they are in order. */

#include "config/standards_print.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/shipped.h"
#include "daemon/cli/text.h"
#include "proto/encode.h"

#include <time.h>
#include <unistd.h>

enum { OPT_POLICY, OPT_MARKDOWN, OPT_CHECK, OPT_AT };
static const dw_opt standards_opts[] = {
    {"policy", "DIR", "the standards of this directory, not those of the settings"},
    {"markdown", NULL, "as Markdown, for a handbook"},
    {"check", NULL, "print nothing but what is wrong; exit status 1 when anything is"},
    {"at", "DATE", "with --check: the day on which bank holidays must be known for a year (default: today)"},
};

/* The texts of the settings, if their standards are there; else the shipped ones. */
static bool read_of_settings(const dw_settings *settings, dw_policy_texts *out, dw_problems *problems)
{
    if (access(settings->policy_standards, R_OK) != 0 && settings->file[0] == '\0')
        return dw_policy_texts_read(NULL, out, problems);
    const dw_policy_names names = {.standards = settings->policy_standards,
                                   .calendar = settings->policy_bank_holidays,
                                   .organisation = settings->policy_organisation,
                                   .overrides =
                                       settings->policy_overrides[0] != '\0' ? settings->policy_overrides : NULL};
    return dw_policy_texts_read_files(&names, out, problems);
}

static dw_policy *compile(dw_policy_texts *texts, dw_problems *problems)
{
    char digest[65];
    texts->text.number = 1;
    dw_policy_text_digest(&texts->text, digest);
    texts->text.digest = dw_str_from(digest);
    dw_policy *policy = dw_policy_load(&texts->text, &texts->names, problems);
    texts->text.digest = (dw_str){0};
    return policy;
}

static dw_standards_text *parse(const dw_policy_texts *texts)
{
    dw_problems said = {0}; /* they were, when it was compiled */
    dw_standards_text *text = dw_standards_text_open(texts->names.standards, texts->text.standards, &said);
    dw_problems_deinit(&said);
    return text;
}

static int print_table(const dw_cli *cli, const dw_args *args, const dw_policy_texts *texts)
{
    dw_policy_texts base;
    dw_problems problems = {0};
    dw_standards_format format = cli->json                           ? DW_STANDARDS_JSON
                                 : args->value[OPT_MARKDOWN] != NULL ? DW_STANDARDS_MARKDOWN
                                                                     : DW_STANDARDS_TEXT;
    bool have_base = dw_policy_texts_read(NULL, &base, &problems);
    dw_standards_text *here = parse(texts), *shipped = have_base ? parse(&base) : NULL;
    bool ok = here != NULL && dw_standards_print(here, shipped, format, stdout);
    if (!have_base)
        dw_cli_say(cli, 0,
                   "the shipped standards are not where this program looks for them: compared with the text "
                   "itself");
    if (!ok)
        dw_cli_say(cli, 0, "out of memory");
    dw_standards_text_free(&here);
    dw_standards_text_free(&shipped);
    if (have_base)
        dw_policy_texts_deinit(&base);
    dw_problems_deinit(&problems);
    return ok ? DW_EXIT_OK : DW_EXIT_FAILED;
}

/* Nobody is to find out at Christmas that the list has ended. */
static bool holidays_end_soon(const dw_cli *cli, const dw_policy *policy, int32_t today)
{
    char until[DW_TEXT_DATE_MAX];
    int32_t last = dw_calendar_last_holiday(dw_policy_calendar(policy));
    if (!dw_calendar_ends_soon(dw_policy_calendar(policy), today))
        return false;
    dw_text_day(last, until, sizeof(until));
    dw_cli_say(cli, 0,
               "the list of bank holidays ends on %s, in less than %d months: take a new one from "
               "https://www.gov.uk/bank-holidays.json",
               until, DW_HOLIDAYS_AHEAD_MONTHS);
    return true;
}

static int standards_run(dw_cli *cli, const dw_args *args)
{
    dw_policy_texts texts;
    dw_problems problems = {0};
    int32_t today = dw_london_day((int64_t)time(NULL) * 1000000);
    if (!dw_arg_date(cli, &dw_verb_standards, args, OPT_AT, &today))
        return DW_EXIT_USAGE;
    bool check = args->value[OPT_CHECK] != NULL;
    const char *dir = args->value[OPT_POLICY];
    bool have =
        dir != NULL ? dw_policy_texts_read(dir, &texts, &problems) : read_of_settings(cli->settings, &texts, &problems);
    dw_policy *policy = have ? compile(&texts, &problems) : NULL;
    int code = policy != NULL ? DW_EXIT_OK : DW_EXIT_FAILED;
    dw_problems_print(&problems, stderr);
    if (policy != NULL && check && holidays_end_soon(cli, policy, today))
        code = DW_EXIT_FAILED;
    if (policy != NULL && !check)
        code = print_table(cli, args, &texts);
    dw_policy_unref(&policy);
    if (have)
        dw_policy_texts_deinit(&texts);
    dw_problems_deinit(&problems);
    return code;
}

static const dw_opt_rule standards_rules[] = {
    {.option = "markdown", .never_with = "json"},
    {.option = "markdown", .never_with = "check"},
    {.option = "check", .never_with = "json"},
    {.option = "at", .only_with = "check"},
    {0},
};

const dw_verb dw_verb_standards = {
    .name = "standards",
    .run = standards_run,
    .opts = standards_opts,
    .opt_count = sizeof(standards_opts) / sizeof(standards_opts[0]),
    .rules = standards_rules,
    .min_words = 0,
    .max_words = 0,
    .words = "",
    .summary = "every standard as it is in force here, and what differs from the shipped ones",
    .help =
        "All texts of each rule in the order of their ids, those that are switched off, too, and of the ladder; then\n"
        "closures, elections and working hours. Of the settings' files (policy.standards, policy.overrides); when\n"
        "there are no settings, of the shipped ones. --check: whatever is wrong in them, all of it at once, and\n"
        "whether bank holidays are known for twelve months.\n",
};

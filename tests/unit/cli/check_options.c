/* check_options.c: options of the tool that are none, that do not go together or would do nothing are refused before anything is
 * read. */

#include "daemon/cli/cli.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <unistd.h>

static const struct {
    const char *line; /* words of the command */
    const char *told; /* what is said; NULL: nothing of that kind */
} lines[] = {
    {"alerts --from-start", "driftwatch alerts: --from-start goes with --follow\n"},
    {"alerts --idle 3", "--idle goes with --follow\n"},
    {"alerts --follow --from-start --idle 3", NULL},
    {"alerts --rule CP-07 --rule CP-08", "--rule is given twice\n"},
    {"alerts --rule CP-07 --json --rule CP-07 --json", NULL},
    {"alerts --config a --config b", "driftwatch alerts: --config is given twice\nTry `driftwatch help alerts`.\n"},
    {"--config a alerts --config b", "driftwatch alerts: --config is given twice\n"},
    {"--config a --config b alerts", "driftwatch: --config is given twice\nTry `driftwatch help`.\n"},
    {"--config /nowhere/a alerts --config=/nowhere/a", NULL},
    {"alerts --colour", "driftwatch alerts: there is no option --colour\nTry `driftwatch help alerts`.\n"},
    {"alerts --colour=red --json", "there is no option --colour\n"},
    {"alerts --json -x", "there is no option -x\n"},
    {"alerts --p 3", "--p could be --post or --priority\n"},
    {"ack A --re x", "--re could be --reason, --review-by or --ref\n"},
    {"alerts --=3", "driftwatch alerts: there is no option --=\n"},
    {"alerts --pri 1 --", NULL},
    {"alerts --json=3", "--json takes no value\n"},
    {"alerts --json --rule", "driftwatch alerts: --rule needs a value\n"},
    {"--colour alerts", "driftwatch: there is no option --colour\nTry `driftwatch help`.\n"},
    {"--config", "driftwatch: --config needs a value\nTry `driftwatch help`.\n"},
    {"colour", "driftwatch: there is no verb 'colour'\nTry `driftwatch help`.\n"},
    {"help colour", "driftwatch: there is no verb 'colour'\n"},
    {"help replay colour", "driftwatch: 'colour' is one word too many\n"},
    {"explain A --at 2026-01-01", "--at goes with --why-not\n"},
    {"explain A --log f", "--log goes with --why-not\n"},
    {"explain A --policy d", "--policy goes with --why-not\n"},
    {"explain --why-not CP-07 936/a --at 2026-01-01", NULL},
    {"explain --why-not CP-07 936/a --policy d", "--policy goes with --log\n"},
    {"indicators --json --csv", "--csv or --json, not both\n"},
    {"indicators --csv --publish", NULL},
    {"deadletter show 3/4 --reason x", "--reason goes with ls and retry parked\n"},
    {"deadletter retry 3/4 --source x", "--source goes with ls and retry parked\n"},
    {"deadletter show 3/4 --partition 2", "--partition goes with ls and retry parked\n"},
    {"deadletter retry parked --source x --reason y --partition 2", NULL},
    {"deadletter ls --source x", NULL},
    {"policy show --accept 4", "--accept goes with apply\n"},
    {"policy diff --dry-run", "--dry-run goes with apply\n"},
    {"policy apply --dry-run --accept 4", "--accept or --dry-run, not both\n"},
    {"policy apply --partition 2", "--partition goes with show and diff\n"},
    {"policy diff --text calendar", "--text goes with show\n"},
    {"policy show --text calendar --json", "--text or --json, not both\n"},
    {"policy show --partition 3 --text calendar", NULL},
    {"policy apply --accept 4 --json", NULL},
    {"standards --markdown --json", "--markdown or --json, not both\n"},
    {"standards --markdown --check", "--markdown or --check, not both\n"},
    {"standards --check --json", "--check or --json, not both\n"},
    {"standards --at 2026-01-01", "--at goes with --check\n"},
    {"standards --check --at 2026-01-01", NULL},
    {"shard ls --reason x", "--reason goes with release and rebuild\n"},
    {"shard rebuild 3 --reason x --hold y", "--hold goes with release\n"},
    {"shard release 3 --reason x --hold y", NULL},
    {"generate --count --publish", "--count or --publish, not both\n"},
    {"generate --count --format jsonl", "--count or --format, not both\n"},
    {"generate --publish --format jsonl", "--publish or --format, not both\n"},
    {"replay - --at 2026-01-01 --every 7d", "--at or --every, not both\n"},
    {"replay - --at 2026-01-01 --compare d --obligations", "--compare or --obligations, not both\n"},
    {"replay -", "give --at or --every\n"},
    {"test f --min 3", "--min goes with --coverage\n"},
    {"test f --coverage --junit f", "--coverage or --junit, not both\n"},
    {"test f --coverage --rule CP-07", "--coverage or --rule, not both\n"},
    {"test f --coverage --verbose", "--coverage or --verbose, not both\n"},
    {"test /nowhere --coverage --min 3 --json", NULL},
};

/* What the line writes to that descriptor; returns its exit status. */
static int said_to(int fd, const char *line, char said[4096])
{
    char copy[200], *words[16] = {(char *)(uintptr_t) "driftwatch"};
    int count = 1;
    snprintf(copy, sizeof(copy), "%s", line);
    for (char *rest = copy, *word; (word = strsep(&rest, " ")) != NULL;)
        words[count++] = word;
    FILE *to = tmpfile();
    fflush(NULL);
    int old = dup(fd);
    dup2(fileno(to), fd);
    int code = dw_cli_run(count, words);
    fflush(NULL);
    dup2(old, fd);
    close(old);
    rewind(to);
    said[fread(said, 1, 4095, to)] = '\0';
    fclose(to);
    return code;
}

START_TEST(options_agree)
{
    char said[4096];
    int code = said_to(2, lines[_i].line, said);
    if (lines[_i].told == NULL) { /* it went on, to settings or a file that is not there */
        ck_assert_msg(strstr(said, "/nowhere") != NULL, "%s: %s", lines[_i].line, said);
        return;
    }
    ck_assert_msg(code == DW_EXIT_USAGE && strstr(said, lines[_i].told) != NULL, "%s: %d, %s", lines[_i].line, code,
                  said);
}
END_TEST

START_TEST(version_is_told)
{
    static const char *const asking[] = {"--version", "-V", "replay --version", "--version alerts"};
    for (size_t i = 0; i < sizeof(asking) / sizeof(asking[0]); i++) {
        char said[4096];
        ck_assert_int_eq(said_to(1, asking[i], said), DW_EXIT_OK);
        ck_assert_str_eq(said, "driftwatch " DW_VERSION "\n");
    }
}
END_TEST

/* What is no file is said, and nothing is counted that was not there. */
START_TEST(files_that_cannot_be_read)
{
    char said[4096];
    ck_assert_int_eq(said_to(2, "publish --check /nowhere/events.jsonl", said), DW_EXIT_FAILED);
    ck_assert_str_eq(said, "driftwatch publish: /nowhere/events.jsonl: No such file or directory\n");
}
END_TEST

int main(void)
{
    setenv("DRIFTWATCH_CONFIG", "/nowhere/driftwatch.yaml", 1);
    Suite *suite = suite_create("options");
    TCase *tc = tcase_create("options");
    tcase_add_loop_test(tc, options_agree, 0, sizeof(lines) / sizeof(lines[0]));
    tcase_add_test(tc, version_is_told);
    tcase_add_test(tc, files_that_cannot_be_read);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

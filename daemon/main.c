/* main.c: driftwatchd: reads the command line and the settings, then runs the app. */

#include "daemon/app.h"
#include "daemon/kafka.h"
#include "daemon/options.h"
#include "daemon/policy_files.h"
#include "daemon/setup.h"

#include <librdkafka/rdkafka.h>
#include <malloc.h>
#include <signal.h>
#include <sys/stat.h>

enum { EXIT_FINE = 0, EXIT_USAGE = 64, EXIT_UNAVAILABLE = 69, EXIT_BAD_CONFIG = 78 };

/* librdkafka's threads would each grow a heap of their own, and big buffers would stay behind in it. */
static void bound_heaps(void)
{
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
}

/* Settings and policy files, all problems at once. */
static int check(const dw_options *options)
{
    dw_problems problems = {0};
    dw_settings *settings = dw_settings_load(options->config, &problems);
    dw_policy_files files = {0};
    if (settings != NULL && dw_policy_files_read(settings, &files, &problems))
        dw_policy_files_deinit(&files);
    dw_problems_print(&problems, stdout);
    if (options->config == NULL && problems.errors != 0)
        puts("no --config: the default settings look for these files in /etc/driftwatch (driftwatchd --help)");
    bool ok = settings != NULL && problems.errors == 0;
    if (ok)
        printf("%s: all right\n", options->config != NULL ? options->config : "defaults");
    dw_problems_deinit(&problems);
    dw_settings_free(&settings);
    return ok ? EXIT_FINE : EXIT_BAD_CONFIG;
}

static int with_settings(const dw_options *options)
{
    dw_problems problems = {0};
    dw_settings *settings = dw_settings_load(options->config, &problems);
    dw_problems_print(&problems, stderr);
    dw_problems_deinit(&problems);
    if (settings == NULL)
        return EXIT_BAD_CONFIG;
    if (options->verb == DW_VERB_RUN)
        return dw_app_run(settings, options->config);
    int status = EXIT_FINE;
    dw_error err;
    if (options->verb == DW_VERB_CONSUMER_SETTINGS) {
        dw_kafka_print_consumer_settings(settings, stdout);
    } else if (dw_setup(settings, stdout, &err) != DW_OK) {
        fprintf(stderr, "driftwatchd: %s\n", err.text);
        status = EXIT_UNAVAILABLE;
    }
    dw_settings_free(&settings);
    return status;
}

int main(int argc, char **argv)
{
    dw_options options;
    dw_error err;
    bound_heaps();
    umask(0077);
    signal(SIGPIPE, SIG_IGN);
    if (!dw_options_parse(argc, argv, &options, &err)) {
        fprintf(stderr, "driftwatchd: %s\nTry `driftwatchd --help`.\n", err.text);
        return EXIT_USAGE;
    }
    switch (options.verb) {
    case DW_VERB_HELP:
        dw_options_help(stdout);
        return EXIT_FINE;
    case DW_VERB_VERSION:
        printf("driftwatchd " DW_VERSION " (librdkafka %s)\n", rd_kafka_version_str());
        return EXIT_FINE;
    case DW_VERB_SAMPLE:
        dw_settings_print_sample(stdout);
        return EXIT_FINE;
    case DW_VERB_CHECK:
        return check(&options);
    case DW_VERB_RUN:
    case DW_VERB_SETUP:
    case DW_VERB_CONSUMER_SETTINGS:
        break;
    }
    return with_settings(&options);
}

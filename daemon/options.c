/* options.c: the command line, and the help text from the table of settings. */

#include "daemon/options.h"

#include "config/settings.h"
#include "daemon/next_option.h"

bool dw_options_parse(int argc, char **argv, dw_options *out, dw_error *err)
{
    enum { CHECK = 256, SAMPLE, SETUP, CONSUMER };
    static const struct option table[] = {
        {"config", required_argument, NULL, 'c'},
        {"check-config", no_argument, NULL, CHECK},
        {"print-sample", no_argument, NULL, SAMPLE},
        {"setup", no_argument, NULL, SETUP},
        {"print-consumer-settings", no_argument, NULL, CONSUMER},
        {"version", no_argument, NULL, 'V'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *given[sizeof(table) / sizeof(table[0])] = {NULL};
    int c;
    *out = (dw_options){.verb = DW_VERB_RUN};
    optind = 0;
    while ((c = dw_next_option(argc, argv, ":c:Vh", table, given, err)) != -1) {
        dw_verb verb = DW_VERB_RUN;
        switch (c) {
        case 'c':
            out->config = optarg;
            continue;
        case CHECK:
            verb = DW_VERB_CHECK;
            break;
        case SAMPLE:
            verb = DW_VERB_SAMPLE;
            break;
        case SETUP:
            verb = DW_VERB_SETUP;
            break;
        case CONSUMER:
            verb = DW_VERB_CONSUMER_SETTINGS;
            break;
        case 'V':
            verb = DW_VERB_VERSION;
            break;
        case 'h':
            verb = DW_VERB_HELP;
            break;
        default:
            return false;
        }
        if (verb == DW_VERB_HELP) { /* whatever else is asked */
            out->verb = verb;
            return true;
        }
        if (out->verb != DW_VERB_RUN && out->verb != verb) {
            dw_fail(err, DW_E_INVAL, "one thing at a time: %s is the second", argv[optind - 1]);
            return false;
        }
        out->verb = verb;
    }
    if (optind < argc) {
        dw_fail(err, DW_E_INVAL, "'%s' is one word too many", argv[optind]);
        return false;
    }
    return true;
}

void dw_options_help(void *stdio_file)
{
    fputs("driftwatchd: watches casework events and raises alerts\n\n"
          "  driftwatchd [--config FILE]              run\n"
          "  driftwatchd [--config FILE] --check-config  say everything that is wrong as file:line:column; exit 78\n"
          "  driftwatchd [--config FILE] --setup      make missing topics, and the dw-auth key file\n"
          "  driftwatchd --print-sample               a commented settings file\n"
          "  driftwatchd --version | --help\n\n"
          "Without --config the defaults below apply. SIGHUP reads the settings again; SIGTERM stops in order.\n\n"
          "Settings:\n",
          stdio_file);
    dw_settings_print_help(stdio_file);
}

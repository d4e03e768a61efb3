#pragma once
/* options.h: the command line of driftwatchd. */

#include "proto/base.h"

typedef enum dw_verb {
    DW_VERB_RUN,
    DW_VERB_CHECK,
    DW_VERB_SAMPLE,
    DW_VERB_SETUP,
    DW_VERB_CONSUMER_SETTINGS,
    DW_VERB_VERSION,
    DW_VERB_HELP
} dw_verb;
typedef struct dw_options {
    dw_verb verb;
    const char *config; /* NULL: defaults */
} dw_options;

/* False: *err says what is wrong with the command line (exit 64). */
bool dw_options_parse(int argc, char **argv, dw_options *out, dw_error *err);
void dw_options_help(void *stdio_file);

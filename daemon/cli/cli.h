#pragma once
/* cli.h: what the verbs of `driftwatch` share: their table, options, exit codes, and how they talk.
 *
 * A verb is one function. It writes results to stdout (with --json: one object a line), everything else to stderr, and
 * returns an exit code; only main() exits. Verbs are short-lived programs of their own and may block. */

#include "config/settings.h"
#include "proto/base.h"

#include <stdio.h>

enum {
    DW_EXIT_OK = 0,     /* done; found */
    DW_EXIT_FAILED = 1, /* not found, refused, a server could not be used */
    DW_EXIT_USAGE = 2   /* wrong words on the command line, wrong settings */
};

typedef struct dw_cli {
    const char *verb;
    const dw_settings *settings;
    bool json;
} dw_cli;

/* One option of a verb. Its place in the table is its id. */
typedef struct dw_opt {
    const char *name; /* long name, without -- */
    const char *arg;  /* what its argument is called in help; NULL: a flag */
    const char *help;
} dw_opt;
/* What an option does not go without, or with: otherwise it would be taken and do nothing. Wrong use, before settings are read.
 * Options by their names; "json" is that of every verb. */
typedef struct dw_opt_rule {
    const char *option;
    const char *only_with, *never_with; /* other options; NULL: any */
    const char *only_to;                /* the words it is for: "ls|retry parked"; NULL: any */
} dw_opt_rule;
#define DW_OPTS_MAX 24 /* options of one verb, more is unreadable */

typedef struct dw_args {
    const char *value[DW_OPTS_MAX]; /* argument of each given option, "" for a flag; NULL: not given */
    char **rest;                    /* words that are no options */
    int rest_count;
} dw_args;

typedef int dw_verb_fn(dw_cli *cli, const dw_args *args);
typedef struct dw_verb {
    const char *name;
    dw_verb_fn *run;
    const dw_opt *opts;
    size_t opt_count;
    const dw_opt_rule *rules; /* the row without an option ends them; NULL: none */
    int min_words, max_words; /* words behind the verb; -1 = any number */
    const char *words;        /* how they are called in help: "ALERT" */
    bool without_settings;    /* it works from its words alone: no settings are read, cli->settings is NULL */
    int settings_unless; /* > 0: nor are they when option number settings_unless - 1 is given; -1: when there are words */
    const char *summary; /* one line */
    const char *help;    /* some lines more */
} dw_verb;

/* The table: one row in cli.c, one definition in the file of the verb. X(name) */
#define DW_VERB_LIST(X)                                                                                                \
    X(publish)                                                                                                         \
    X(alerts)                                                                                                          \
    X(ack)                                                                                                             \
    X(child)                                                                                                           \
    X(explain)                                                                                                         \
    X(indicators)                                                                                                      \
    X(deadletter)                                                                                                      \
    X(policy)                                                                                                          \
    X(standards)                                                                                                       \
    X(export)                                                                                                          \
    X(status)                                                                                                          \
    X(shard)                                                                                                           \
    X(generate)                                                                                                        \
    X(replay)                                                                                                          \
    X(test)
#define X(name) extern const dw_verb dw_verb_##name;
DW_VERB_LIST(X)
#undef X

/* Runs `driftwatch ARGV...`; returns the exit code. */
int dw_cli_run(int argc, char **argv);

/* "driftwatch VERB: text" on stderr; returns `code`, so that `return dw_cli_say(...)` reads well. */
int dw_cli_say(const dw_cli *cli, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int dw_cli_fail(const dw_cli *cli, const dw_error *err); /* DW_EXIT_FAILED */
/* A wrong use: text and how to get help; DW_EXIT_USAGE. Without cli->verb: of the words before one. */
int dw_cli_usage(const dw_cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Option arguments. False: said already what is wrong with it. Absent: *out keeps its value. */
bool dw_arg_int(const dw_cli *cli, const dw_verb *verb, const dw_args *args, int id, int64_t min, int64_t max,
                int64_t *out);
bool dw_arg_date(const dw_cli *cli, const dw_verb *verb, const dw_args *args, int id, int32_t *out);

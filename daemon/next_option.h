#pragma once
/* next_option.h: the options of a command line, one after the other, and in words what is wrong with one. Both programs read
 * theirs so, which makes the same faults the same everywhere. */

#include "proto/base.h"

#include <getopt.h>

/* getopt_long() that says nothing itself. `shorts` begins with ":" or "+:"; the rows of `table` have different `val`s above
 * 0, a short option's is its letter. given[i]: what row i was given, "" when it takes nothing, NULL when it was not;
 * callers begin with NULLs, or with what an earlier command line gave. Set optind = 0 before the first call.
 *
 * Returns the option's `val`; -1 behind the last one, optind is then the first word that is none; '?' with *err: there is no
 * such option, its value is missing or one too many, or it was given another value before. */
int dw_next_option(int argc, char **argv, const char *shorts, const struct option *table, const char **given,
                   dw_error *err);

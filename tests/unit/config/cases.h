#pragma once
/* cases.h: reads a file of bad configurations (cases/NAME.cases): each is a good file and what is changed in it, with every
 * problem that must be found. The format is that of a diff:
 *
 *   = a name for the test's output
 *   base recurring.yaml        the good file, in cases/; left out: an empty one
 *   -    limit: 10 days        lines that are taken out; they must be there, one behind the other, and stand there once
 *   +    limit: 0 days         lines that come in their place; without "-" lines: at the end
 *   ! 12:12 must be ...        an error that must be found, with line and column; ? instead of ! for a warning
 *   ! the whole file ...       an error without position */

#include "config/yaml.h"

#define CASE_EXPECTED_MAX 40

typedef struct case_expected {
    unsigned line, column;
    bool warning;
    char *text;
} case_expected;

typedef struct case_item {
    char *name;
    char *text;
    case_expected expected[CASE_EXPECTED_MAX];
    size_t expected_count;
} case_item;

/* All cases of a file; ends the program on a malformed one. */
size_t cases_load(const char *name, case_item **out);
void cases_free(case_item **items, size_t count);
/* The problems found must be those expected, in order, no more and no fewer. */
void case_check(const case_item *item, const dw_problems *found);
/* A file below tests/unit/config/cases/, or below the source folder when it begins with config/ or daemon/. malloc'd. */
char *case_file(const char *name);

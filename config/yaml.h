#pragma once
/* yaml.h: libyaml documents with positions, and a collector of problems: all errors of a file, not only the first.
 * Aliases, anchors, tags, further documents and duplicate keys are refused, also nesting over DW_YAML_DEPTH_MAX (it costs
 * libyaml quadratic time); files over DW_CONFIG_BYTES_MAX are refused. Lines and columns count from 1, in characters. */

#include "proto/base.h"

#include <yaml.h>

#define DW_CONFIG_BYTES_MAX (1024 * 1024) /* bytes of one configuration file */
#define DW_PROBLEMS_MAX 200               /* problems kept of one load; then a count */
#define DW_YAML_DEPTH_MAX 16              /* nested lists and mappings; our own files need 5 */

typedef struct dw_problem {
    char *file;            /* as named by the user */
    unsigned line, column; /* from 1; 0 = whole file */
    bool warning;
    char *text;
    char *other_file; /* NULL: none; else another place that belongs to it (dw_problem_text()) */
    unsigned other_line;
} dw_problem;
typedef struct dw_problems {
    dw_problem *items;
    size_t count, errors; /* errors excludes warnings; both count beyond DW_PROBLEMS_MAX too */
} dw_problems;            /* start with {0} */

/* Add one at a node (NULL: the whole file), or at a line and column. Control characters in the text become '?'. */
void dw_problems_add(dw_problems *list, const char *file, const yaml_node_t *at, bool warning, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
void dw_problems_add_at(dw_problems *list, const char *file, unsigned line, unsigned column, bool warning,
                        const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* The same with the place of another node of that file: "there is a rule CP-07 already, at rules.yaml:63". */
void dw_problems_add_beside(dw_problems *list, const char *file, const yaml_node_t *at, const yaml_node_t *other,
                            const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* Problems from number `first` on that lie behind line `after` of `file` are of the text that begins there: file `to`. So
 * are the other places that they name. */
void dw_problems_move(dw_problems *list, size_t first, const char *file, unsigned after, const char *to);
/* Into the order of the text: files in the order of their first problem, then line and column. Loaders do it last. */
void dw_problems_sort(dw_problems *list);
void dw_problems_deinit(dw_problems *list);
/* Its text with the other place behind it, if there is one: the problem's own, or `out`. */
#define DW_PROBLEM_TEXT_MAX 1000 /* bytes, with NUL; a longer one is cut */
const char *dw_problem_text(const dw_problem *problem, char out[DW_PROBLEM_TEXT_MAX]);
/* "file:line:column: error: text" lines to a stream (FILE *). */
void dw_problems_print(const dw_problems *list, void *stdio_file);

/* "Did you mean": offer candidates, then read .best (NULL when none is near enough). Start with {.word = w}. */
typedef struct dw_nearest {
    dw_str word;
    const char *best; /* one of the candidates: valid as long as they are */
    unsigned distance;
} dw_nearest;
void dw_nearest_try(dw_nearest *nearest, const char *candidate);

typedef struct dw_yaml {
    yaml_document_t doc;
    const char *file;
    dw_problems *problems;
    dw_str text; /* the source, for positions inside a scalar; must outlive the document */
} dw_yaml;
/* Parse text; false (with problems) on a syntax error. dw_yaml_deinit() only after true. Duplicate keys are reported,
 * and the first one counts. */
bool dw_yaml_parse(dw_yaml *yaml, const char *file, dw_str text, dw_problems *problems);
/* The same for a text of one or two documents. The nodes of the second are in the same `doc`, at their positions in the whole
 * text. *second: its root's number (0: there is none, or it is empty); *second_line: the line of its --- (0: none). */
bool dw_yaml_parse_two(dw_yaml *yaml, const char *file, dw_str text, dw_problems *problems, int *second,
                       unsigned *second_line);
void dw_yaml_deinit(dw_yaml *yaml);
yaml_node_t *dw_yaml_root(dw_yaml *yaml); /* NULL for an empty document */
yaml_node_t *dw_yaml_node(dw_yaml *yaml, int id);
/* Member of a mapping; NULL when absent. */
yaml_node_t *dw_yaml_get(dw_yaml *yaml, const yaml_node_t *map, const char *key);
dw_str dw_yaml_scalar(const yaml_node_t *node); /* empty for non-scalars */
/* Plain `~`, `null` or nothing at all: a key without a value. */
bool dw_yaml_is_null(const yaml_node_t *node);
/* Report every key of `map` that is not in the NULL-ended list, with a suggestion when one is near. */
void dw_yaml_only(dw_yaml *yaml, const yaml_node_t *map, const char *const *allowed);
/* Where byte `offset` of a scalar's value stands in the source (also when it is quoted or goes over several lines). */
void dw_yaml_position(const dw_yaml *yaml, const yaml_node_t *scalar, size_t offset, unsigned *line, unsigned *column);

bool dw_file_read(const char *path, size_t max, char **out, size_t *len,
                  dw_error *err); /* malloc'd, NUL behind the end */

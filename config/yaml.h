#pragma once
/* yaml.h: libyaml documents with positions, and a collector of problems: all errors of a file, not only the first.
 * Aliases, anchors, tags and duplicate keys are refused; files over DW_CONFIG_BYTES_MAX are refused. */

#include "proto/base.h"

#include <yaml.h>

#define DW_CONFIG_BYTES_MAX (1024 * 1024) /* bytes of one configuration file */
#define DW_PROBLEMS_MAX 200               /* problems kept of one load; then a count */

typedef struct dw_problem {
    char *file; /* as named by the user */
    unsigned line, column; /* from 1; 0 = whole file */
    bool warning;
    char *text;
} dw_problem;
typedef struct dw_problems {
    dw_problem *items;
    size_t count, errors; /* errors excludes warnings; both count beyond DW_PROBLEMS_MAX too */
} dw_problems;
void dw_problems_add(dw_problems *list, const char *file, const yaml_node_t *at, bool warning, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
void dw_problems_deinit(dw_problems *list);
/* "file:line:column: error: text" lines to a stream. */
void dw_problems_print(const dw_problems *list, void *stdio_file);

typedef struct dw_yaml {
    yaml_document_t doc;
    const char *file;
    dw_problems *problems;
} dw_yaml;
/* Parse text; false (with problems) on a syntax error. dw_yaml_deinit() only after true. */
bool dw_yaml_parse(dw_yaml *yaml, const char *file, dw_str text, dw_problems *problems);
void dw_yaml_deinit(dw_yaml *yaml);
yaml_node_t *dw_yaml_root(dw_yaml *yaml);
yaml_node_t *dw_yaml_node(dw_yaml *yaml, int id);
/* Member of a mapping; NULL when absent. */
yaml_node_t *dw_yaml_get(dw_yaml *yaml, const yaml_node_t *map, const char *key);
dw_str dw_yaml_scalar(const yaml_node_t *node); /* empty for non-scalars */
/* Report every key of `map` that is not in the NULL-ended list, with a suggestion when one is near. */
void dw_yaml_only(dw_yaml *yaml, const yaml_node_t *map, const char *const *allowed);
bool dw_file_read(const char *path, size_t max, char **out, size_t *len, dw_error *err); /* malloc'd, NUL behind the end */

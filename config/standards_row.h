#pragma once
/* standards_row.h: one rule of the printed table, as texts. Private to config/. */

#include "config/overrides.h"

/* X(field, name, key): key is the rule's own; NULL: made of several */
#define DW_ROW_LIST(X)                                                                                                 \
    X(id, "id", "id")                                                                                                  \
    X(title, "title", "title")                                                                                         \
    X(status, "status", "status")                                                                                      \
    X(priority, "priority", "priority")                                                                                \
    X(kind, "kind", NULL)                                                                                              \
    X(who, "who", NULL)                                                                                                \
    X(counts_from, "counts_from", "counts_from")                                                                       \
    X(evidence, "evidence", "evidence")                                                                                \
    X(limit, "limit", NULL)                                                                                            \
    X(count, "count", NULL)                                                                                            \
    X(calendar, "calendar", NULL)                                                                                      \
    X(raises, "raises", "raises")                                                                                      \
    X(family, "family", NULL)                                                                                          \
    X(in_force, "in_force", "in_force")                                                                                \
    X(trigger, "trigger", "trigger")                                                                                   \
    X(action, "action", "action")                                                                                      \
    X(next_step, "next_step", "next_step")                                                                             \
    X(source, "source", "source")                                                                                      \
    X(reviewed_on, "reviewed_on", "reviewed_on")                                                                       \
    X(version, "version", "version")                                                                                   \
    X(presets, "presets", NULL)

typedef enum dw_row_field {
#define X(field, name, key) DW_ROW_##field,
    DW_ROW_LIST(X)
#undef X
        DW_ROW_FIELDS
} dw_row_field;

#define DW_ROW_DIFFS_MAX 40
typedef struct dw_row_diff {
    char *key, *shipped, *here; /* NULL: it is not there */
} dw_row_diff;
typedef struct dw_row {
    char *text[DW_ROW_FIELDS];       /* never NULL; empty = does not apply */
    bool off, own;                   /* enabled: false; a rule that is not shipped */
    char *preset, *reason, *loosens; /* of the override, a reason also of the rule; NULL = none */
    dw_row_diff diffs[DW_ROW_DIFFS_MAX];
    size_t diff_count;
} dw_row;

/* `ladder`: the row of the ladder itself, when it has an id. Texts are malloc'd. False when out of memory. */
bool dw_row_of_rule(dw_standards_text *here, const dw_rule_entry *rule, dw_standards_text *shipped, dw_row *out);
bool dw_row_of_ladder(dw_standards_text *here, dw_standards_text *shipped, dw_row *out);
/* Of what is no rule, those that are said: ladder, working hours, closures, elections. Adds to rows[*count ..], room for
 * DW_SETTING_ROWS_MAX. False when out of memory; then, too, *count rows are to be freed. */
#define DW_ELECTION_ROWS_MAX 32
#define DW_SETTING_ROWS_MAX (3 + DW_ELECTION_ROWS_MAX)
bool dw_rows_of_settings(dw_standards_text *here, dw_standards_text *shipped, dw_row *rows, size_t *count);
/* Texts that are still NULL: the rule's own keys, and empty for the others; `rule` NULL: all empty. False when out of memory, also
 * when a text or a diff's key was made in vain before. */
bool dw_row_finish(dw_row *row, dw_yaml *yaml, const yaml_node_t *rule);
void dw_row_deinit(dw_row *row);
/* A node on one line, malloc'd: "a; b" for lists, "key: value, key: value" for mappings; "" for NULL. */
char *dw_node_words(dw_yaml *yaml, const yaml_node_t *node);

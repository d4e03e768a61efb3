#pragma once
/* settings.h: driftwatch.yaml as a typed, checked value. One table (settings.def) of keys: type, range, default, reloadable,
 * help; the commented sample, --help, the man page section, the checks and this struct come from it. */

#include "config/yaml.h"

/* Values in the order of the choices in settings.def. */
typedef enum dw_clock_source { DW_CLOCK_LOG_APPEND, DW_CLOCK_CREATE_TIME } dw_clock_source;
typedef enum dw_log_format { DW_LOG_AUTO, DW_LOG_TEXT, DW_LOG_LOGFMT, DW_LOG_JSON, DW_LOG_JOURNAL } dw_log_format;
typedef enum dw_log_level { DW_LOG_ERROR, DW_LOG_WARN, DW_LOG_INFO, DW_LOG_DEBUG } dw_log_level;

#ifndef DW_CONFIG_DIR
#define DW_CONFIG_DIR "/etc/driftwatch" /* where an installed driftwatch.yaml and its neighbours stand */
#endif
#define DW_KAFKA_PROPERTIES_MAX 100 /* librdkafka has about 170 in all */
#define DW_SECRET_BYTES_MAX 65536   /* bytes of a secret: a key chain in PEM is a few thousand */

typedef struct dw_kafka_property {
    char *name,
        *value; /* a *_file property stands here under its real name with the file's content: never print values */
} dw_kafka_property;

/* Field names follow the dotted key with `_`: kafka.topics.input -> kafka_topics_input. Made by settings.def. Strings are
 * never NULL; paths are resolved (relative to the file's folder), secrets are still names: see dw_secret_read. */
typedef struct dw_settings {
#define DW_S_STR(field) char *field;
#define DW_S_INT(field) int64_t field;
#define DW_S_BOOL(field) bool field;
#define DW_S_ENUM(field) int field;
#include "config/settings_fields.h"
    dw_kafka_property *kafka_properties; /* kafka.properties, checked against the deny-list, sorted by name */
    size_t kafka_property_count;
    char *file; /* where it came from; "" = defaults */
} dw_settings;

/* Load and check a file. NULL when any error was found. Relative paths are relative to the file's folder.
 * path NULL: all defaults, relative to DW_CONFIG_DIR. */
dw_settings *dw_settings_load(const char *path, dw_problems *problems);
void dw_settings_free(dw_settings **settings);
/* Take over from `fresh` what may be reloaded; names of keys that differ but need a restart go to `problems` as warnings. */
void dw_settings_reload(dw_settings *live, dw_settings *fresh, dw_problems *problems);
/* policy.cut_over as an instant (a date counts from its first instant in London); 0 = none, as in dw_policy_text. */
int64_t dw_settings_cut_over_us(const dw_settings *settings);
void dw_settings_print_sample(
    void *stdio_file);                         /* the commented sample: config/default/driftwatch.yaml is its output */
void dw_settings_print_help(void *stdio_file); /* a table of keys for --help */
void dw_settings_print_man(void *stdio_file);  /* the table of keys in driftwatch.yaml(5), scdoc source */
/* Read a *_file key's secret (trailing newline dropped); refuses empty files and files readable by others. malloc'd. A name
 * without '/' is looked up in $CREDENTIALS_DIRECTORY. */
dw_errc dw_secret_read(const char *path, char **out, size_t *len, dw_error *err);

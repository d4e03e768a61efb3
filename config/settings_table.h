#pragma once
/* settings_table.h: the rows of settings.def as data; private to the settings_*.c files. */

#include "config/settings.h"

typedef enum dw_setting_type {
    DW_SETTING_SECTION,
    DW_SETTING_STR,
    DW_SETTING_PATH,
    DW_SETTING_SECRET,
    DW_SETTING_INT,
    DW_SETTING_BOOL,
    DW_SETTING_ENUM,
    DW_SETTING_MAP
} dw_setting_type;

/* Checks of texts beyond their type. */
typedef enum dw_check {
    DW_CHECK_NONE,
    DW_CHECK_NOT_EMPTY,
    DW_CHECK_ROLES,
    DW_CHECK_BROKERS,
    DW_CHECK_TOPIC,
    DW_CHECK_NAME,
    DW_CHECK_NAME_OR_EMPTY,
    DW_CHECK_PREFIX,
    DW_CHECK_REDIS,
    DW_CHECK_LISTEN,
    DW_CHECK_CUT_OVER
} dw_check;

typedef struct dw_setting {
    dw_setting_type type;
    const char *key;  /* dotted */
    const char *help; /* lines separated by \n */
    size_t offset;    /* of the field in dw_settings */
    bool reload;
    dw_check check;
    const char *text; /* default of texts; choices of ENUM */
    int64_t number;   /* default of INT, BOOL, ENUM */
    int64_t min, max; /* INT */
    const char *unit; /* INT */
} dw_setting;

extern const dw_setting dw_setting_table[];
extern const size_t dw_setting_count;

const char *dw_setting_leaf(const dw_setting *row); /* the part of the key behind the last dot */
unsigned dw_setting_depth(const dw_setting *row);   /* dots in the key */
char **dw_setting_str(dw_settings *settings, const dw_setting *row);
int64_t *dw_setting_int(dw_settings *settings, const dw_setting *row);
bool *dw_setting_bool(dw_settings *settings, const dw_setting *row);
int *dw_setting_enum(dw_settings *settings, const dw_setting *row);
/* The i-th of "a|b|c"; empty when there is none. */
dw_str dw_setting_choice(const dw_setting *row, int i);

/* NULL when `value` is fine for this check, else what is wrong, for people. */
const char *dw_setting_check(dw_check check, dw_str value);
/* policy.cut_over: *us = 0 for empty. */
bool dw_cut_over_parse(dw_str value, int64_t *us);

/* Read the mapping kafka.properties into `settings`. `folder` is what relative *_file names are relative to. */
void dw_kafka_properties_load(dw_yaml *yaml, const yaml_node_t *map, const char *folder, dw_settings *settings);
/* folder/path for a relative path with '/', or any relative one when `always`; NULL when out of memory. */
char *dw_settings_path(const char *folder, dw_str path, bool always);
/* Try to read a secret; problems at `node`. A bare name outside a service is a warning: it can not be looked up. */
void dw_secret_check(dw_yaml *yaml, const yaml_node_t *node, const char *path, char **out, size_t *len);

/* settings.c: driftwatch.yaml -> dw_settings, with all that is wrong in it at once; and what a reload may change. */

#include "config/settings_table.h"

#include <assert.h>
#include <errno.h>

#define CUT 80 /* bytes of a value quoted in a problem */

typedef struct loader {
    dw_yaml *yaml;
    dw_settings *settings;
    const char *folder;
} loader;

static void problem(loader *l, const yaml_node_t *at, const dw_setting *row, const char *what)
{
    dw_problems_add(l->yaml->problems, l->yaml->file, at, false, "%s %s", row->key, what);
}

char *dw_settings_path(const char *folder, dw_str path, bool always)
{
    bool as_is = path.len == 0 || path.ptr[0] == '/' || (!always && memchr(path.ptr, '/', path.len) == NULL);
    char *out = NULL;
    int n = as_is ? asprintf(&out, "%.*s", DW_STR_ARG(path)) : asprintf(&out, "%s/%.*s", folder, DW_STR_ARG(path));
    return n < 0 ? NULL : out;
}

static char *folder_of(const char *path)
{
    if (path == NULL)
        return strdup(DW_CONFIG_DIR);
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/* Put a text in place; false when out of memory. */
static bool set_text(dw_settings *settings, const dw_setting *row, const char *folder, dw_str value)
{
    char *copy = row->type == DW_SETTING_PATH     ? dw_settings_path(folder, value, true)
                 : row->type == DW_SETTING_SECRET ? dw_settings_path(folder, value, false)
                                                  : strndup(value.ptr != NULL ? value.ptr : "", value.len);
    if (copy == NULL)
        return false;
    char **field = dw_setting_str(settings, row);
    free(*field);
    *field = copy;
    return true;
}

static bool set_default(dw_settings *settings, const dw_setting *row, const char *folder)
{
    switch (row->type) {
    case DW_SETTING_STR:
    case DW_SETTING_PATH:
    case DW_SETTING_SECRET:
        return set_text(settings, row, folder, dw_str_from(row->text));
    case DW_SETTING_INT:
        *dw_setting_int(settings, row) = row->number;
        return true;
    case DW_SETTING_BOOL:
        *dw_setting_bool(settings, row) = row->number != 0;
        return true;
    case DW_SETTING_ENUM:
        *dw_setting_enum(settings, row) = (int)row->number;
        return true;
    case DW_SETTING_SECTION:
    case DW_SETTING_MAP:
        return true;
    }
    return true;
}

static bool plain(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

/* "8388608", or "8 MiB" where the unit is bytes. */
static bool parse_int(const dw_setting *row, dw_str text, int64_t *out)
{
    static const struct {
        const char *name;
        int shift;
    } units[] = {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}};
    char buf[40], *end;
    if (text.len == 0 || text.len >= sizeof(buf))
        return false;
    memcpy(buf, text.ptr, text.len);
    buf[text.len] = '\0';
    bool digit = (buf[0] >= '0' && buf[0] <= '9') || (buf[0] == '-' && buf[1] >= '0' && buf[1] <= '9');
    if (!digit)
        return false;
    errno = 0;
    long long number = strtoll(buf, &end, 10);
    if (errno != 0)
        return false;
    end += *end == ' ';
    int shift = 0;
    for (size_t i = 0; *end != '\0' && i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(row->unit, "bytes") == 0 && strcmp(end, units[i].name) == 0)
            shift = units[i].shift;
    if (*end != '\0' && shift == 0)
        return false;
    return !__builtin_mul_overflow(number, (int64_t)1 << shift, out);
}

static void load_int(loader *l, const yaml_node_t *node, const dw_setting *row)
{
    int64_t value;
    if (!plain(node) || !parse_int(row, dw_yaml_scalar(node), &value))
        problem(l, node, row,
                strcmp(row->unit, "bytes") == 0 ? "must be a whole number of bytes, or such as 8 MiB"
                                                : "must be a whole number");
    else if (value < row->min || value > row->max)
        dw_problems_add(l->yaml->problems, l->yaml->file, node, false, "%s must be from %lld to %lld%s%s", row->key,
                        (long long)row->min, (long long)row->max, row->unit[0] != '\0' ? " " : "", row->unit);
    else
        *dw_setting_int(l->settings, row) = value;
}

static void load_bool(loader *l, const yaml_node_t *node, const dw_setting *row)
{
    dw_str s = dw_yaml_scalar(node);
    bool yes = dw_str_eq(s, DW_STR_LIT("true")), no = dw_str_eq(s, DW_STR_LIT("false"));
    if (!plain(node) || (!yes && !no))
        problem(l, node, row, "must be true or false");
    else
        *dw_setting_bool(l->settings, row) = yes;
}

static void load_enum(loader *l, const yaml_node_t *node, const dw_setting *row)
{
    dw_str s = dw_yaml_scalar(node);
    for (int i = 0; dw_setting_choice(row, i).len != 0; i++) {
        if (dw_str_eq(s, dw_setting_choice(row, i))) {
            *dw_setting_enum(l->settings, row) = i;
            return;
        }
    }
    char list[120];
    size_t n = 0;
    for (const char *c = row->text; *c != '\0' && n + 3 < sizeof(list); c++) {
        if (*c == '|')
            list[n++] = ',';
        list[n++] = *c == '|' ? ' ' : *c;
    }
    list[n] = '\0';
    dw_problems_add(l->yaml->problems, l->yaml->file, node, false, "%s must be one of: %s", row->key, list);
}

static void load_text(loader *l, const yaml_node_t *node, const dw_setting *row)
{
    dw_str s = dw_yaml_scalar(node);
    if (node->type != YAML_SCALAR_NODE) {
        problem(l, node, row, "must be a text");
        return;
    }
    if (memchr(s.ptr, '\0', s.len) != NULL) {
        problem(l, node, row, "must not hold a NUL byte");
        return;
    }
    const char *wrong = dw_setting_check(row->check, s);
    if (wrong != NULL)
        problem(l, node, row, wrong);
    else if (!set_text(l->settings, row, l->folder, s))
        problem(l, node, row, "out of memory");
    else if (row->type == DW_SETTING_SECRET && s.len != 0)
        dw_secret_check(l->yaml, node, *dw_setting_str(l->settings, row), NULL, NULL);
}

/* roles: a list of names, or one. */
static void load_roles(loader *l, const yaml_node_t *node, const dw_setting *row)
{
    if (node->type != YAML_SEQUENCE_NODE) {
        load_text(l, node, row);
        return;
    }
    if (node->data.sequence.items.top == node->data.sequence.items.start)
        problem(l, node, row, "must name at least one role");
    for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++)
        load_text(l, dw_yaml_node(l->yaml, *i), row);
}

static void load_value(loader *l, const yaml_node_t *node, const dw_setting *row)
{
    if (dw_yaml_is_null(node) && row->type != DW_SETTING_MAP) {
        problem(l, node, row, "has no value: leave the key out for the default");
        return;
    }
    switch (row->type) {
    case DW_SETTING_STR:
        if (row->check == DW_CHECK_ROLES)
            load_roles(l, node, row);
        else
            load_text(l, node, row);
        return;
    case DW_SETTING_PATH:
    case DW_SETTING_SECRET:
        load_text(l, node, row);
        return;
    case DW_SETTING_INT:
        load_int(l, node, row);
        return;
    case DW_SETTING_BOOL:
        load_bool(l, node, row);
        return;
    case DW_SETTING_ENUM:
        load_enum(l, node, row);
        return;
    case DW_SETTING_MAP:
        dw_kafka_properties_load(l->yaml, node, l->folder, l->settings);
        return;
    case DW_SETTING_SECTION:
        return;
    }
}

/* Does the row stand directly in the section named by `prefix` ("" = top)? */
static bool row_in(const dw_setting *row, const char *prefix)
{
    size_t n = strlen(prefix);
    if (n == 0)
        return strchr(row->key, '.') == NULL;
    return strncmp(row->key, prefix, n) == 0 && row->key[n] == '.' && strchr(row->key + n + 1, '.') == NULL;
}

/* Secrets written into the file are refused with the way out, not merely as unknown. */
static bool inline_secret(loader *l, const yaml_node_t *node, const char *prefix)
{
    char file_key[64];
    dw_str key = dw_yaml_scalar(node);
    snprintf(file_key, sizeof(file_key), "%.*s_file", key.len > 40 ? 40 : (int)key.len, key.ptr);
    for (size_t i = 0; i < dw_setting_count; i++) {
        const dw_setting *row = &dw_setting_table[i];
        if (row->type == DW_SETTING_SECRET && row_in(row, prefix) && strcmp(dw_setting_leaf(row), file_key) == 0) {
            dw_problems_add(
                l->yaml->problems, l->yaml->file, node, false,
                "a secret does not belong in this file: put it in a file of mode 0600 and name that file in "
                "%s",
                row->key);
            return true;
        }
    }
    return false;
}

static void unknown_key(loader *l, const yaml_node_t *node, const char *prefix)
{
    dw_nearest nearest = {.word = dw_yaml_scalar(node)};
    if (node->type != YAML_SCALAR_NODE || inline_secret(l, node, prefix))
        return;
    for (size_t i = 0; i < dw_setting_count; i++) {
        if (row_in(&dw_setting_table[i], prefix))
            dw_nearest_try(&nearest, dw_setting_leaf(&dw_setting_table[i]));
        dw_nearest_try(&nearest, dw_setting_table[i].key); /* dotted, as people write it elsewhere */
    }
    if (nearest.best != NULL && dw_str_eq(nearest.word, dw_str_from(nearest.best))) {
        const char *dot = strrchr(nearest.best, '.');
        if (dot != NULL)
            dw_problems_add(l->yaml->problems, l->yaml->file, node, false,
                            "keys are nested: write %.*s: and, indented below it, %s:", (int)(dot - nearest.best),
                            nearest.best, dot + 1);
        else
            dw_problems_add(l->yaml->problems, l->yaml->file, node, false,
                            "unknown key %s.%s; %s stands by itself, at the left margin", prefix, nearest.best,
                            nearest.best);
        return;
    }
    const char *elsewhere = NULL; /* the right name in the wrong section */
    for (size_t i = 0; i < dw_setting_count && nearest.best == NULL; i++)
        if (dw_str_eq(nearest.word, dw_str_from(dw_setting_leaf(&dw_setting_table[i]))))
            elsewhere = dw_setting_table[i].key;
    int cut = nearest.word.len > CUT ? CUT : (int)nearest.word.len;
    const char *dot = prefix[0] != '\0' ? "." : "";
    if (nearest.best != NULL || elsewhere != NULL)
        dw_problems_add(l->yaml->problems, l->yaml->file, node, false, "unknown key %s%s%.*s; did you mean %s?", prefix,
                        dot, cut, nearest.word.ptr, nearest.best != NULL ? nearest.best : elsewhere);
    else
        dw_problems_add(l->yaml->problems, l->yaml->file, node, false, "unknown key %s%s%.*s", prefix, dot, cut,
                        nearest.word.ptr);
}

/* `depth` is bounded by the sections of the table. */
static void load_section(loader *l, const yaml_node_t *map, const char *prefix)
{
    if (dw_yaml_is_null(map))
        return; /* a section whose keys are all commented out */
    if (map->type != YAML_MAPPING_NODE) {
        dw_problems_add(l->yaml->problems, l->yaml->file, map, false, "%s must hold keys (name: value)",
                        prefix[0] != '\0' ? prefix : "the file");
        return;
    }
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = dw_yaml_node(l->yaml, p->key), *value = dw_yaml_node(l->yaml, p->value);
        const dw_setting *row = NULL;
        for (size_t i = 0; i < dw_setting_count && row == NULL; i++)
            if (row_in(&dw_setting_table[i], prefix) &&
                dw_str_eq(dw_yaml_scalar(key), dw_str_from(dw_setting_leaf(&dw_setting_table[i]))))
                row = &dw_setting_table[i];
        if (row == NULL)
            unknown_key(l, key, prefix);
        else if (row->type == DW_SETTING_SECTION)
            load_section(l, value, row->key);
        else
            load_value(l, value, row);
    }
}

/* What only two keys together show. */
static void check_together(loader *l)
{
    const dw_settings *s = l->settings;
    const char *topics[] = {s->kafka_topics_input, s->kafka_topics_alerts, s->kafka_topics_deadletter};
    yaml_node_t *root = dw_yaml_root(l->yaml);
    yaml_node_t *at = dw_yaml_get(l->yaml, dw_yaml_get(l->yaml, root, "kafka"), "topics");
    assert(topics[0] != NULL && topics[1] != NULL && topics[2] != NULL); /* every text has its default */
    for (size_t i = 0; i < 3; i++)
        for (size_t j = i + 1; j < 3; j++)
            if (strcmp(topics[i], topics[j]) == 0)
                dw_problems_add(l->yaml->problems, l->yaml->file, at, false,
                                "kafka.topics: %s is named twice; input, alerts and deadletter must be three topics",
                                topics[i]);
}

static dw_settings *defaults(const char *path, const char *folder)
{
    dw_settings *settings = calloc(1, sizeof(*settings));
    bool ok = settings != NULL && (settings->file = strdup(path != NULL ? path : "")) != NULL;
    for (size_t i = 0; i < dw_setting_count && ok; i++)
        ok = set_default(settings, &dw_setting_table[i], folder);
    if (!ok)
        dw_settings_free(&settings);
    return settings;
}

dw_settings *dw_settings_load(const char *path, dw_problems *problems)
{
    char *folder = folder_of(path), *text = NULL;
    dw_settings *settings = folder != NULL ? defaults(path, folder) : NULL;
    size_t len = 0, errors = problems->errors;
    dw_error err = {0};
    dw_yaml yaml;
    if (settings == NULL) {
        dw_problems_add(problems, path, NULL, false, "out of memory");
    } else if (path != NULL && !dw_file_read(path, DW_CONFIG_BYTES_MAX, &text, &len, &err)) {
        dw_problems_add(problems, path, NULL, false, "%s", err.text);
    } else if (path != NULL && dw_yaml_parse(&yaml, path, (dw_str){text, (uint32_t)len}, problems)) {
        loader l = {&yaml, settings, folder};
        if (dw_yaml_root(&yaml) != NULL) /* an empty file is all defaults */
            load_section(&l, dw_yaml_root(&yaml), "");
        check_together(&l);
        dw_yaml_deinit(&yaml);
    }
    free(folder);
    free(text);
    dw_problems_sort(problems);
    if (problems->errors != errors)
        dw_settings_free(&settings);
    return settings;
}

static void free_properties(dw_kafka_property *properties, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(properties[i].name);
        if (properties[i].value != NULL) /* may be a secret */
            explicit_bzero(properties[i].value, strlen(properties[i].value));
        free(properties[i].value);
    }
    free(properties);
}

void dw_settings_free(dw_settings **settings)
{
    dw_settings *s = *settings;
    if (s == NULL)
        return;
    for (size_t i = 0; i < dw_setting_count; i++) {
        const dw_setting *row = &dw_setting_table[i];
        if (row->type == DW_SETTING_STR || row->type == DW_SETTING_PATH || row->type == DW_SETTING_SECRET)
            free(*dw_setting_str(s, row));
    }
    free_properties(s->kafka_properties, s->kafka_property_count);
    free(s->file);
    free(s);
    *settings = NULL;
}

static bool same_value(dw_settings *a, dw_settings *b, const dw_setting *row)
{
    switch (row->type) {
    case DW_SETTING_STR:
    case DW_SETTING_PATH:
    case DW_SETTING_SECRET:
        return strcmp(*dw_setting_str(a, row), *dw_setting_str(b, row)) == 0;
    case DW_SETTING_INT:
        return *dw_setting_int(a, row) == *dw_setting_int(b, row);
    case DW_SETTING_BOOL:
        return *dw_setting_bool(a, row) == *dw_setting_bool(b, row);
    case DW_SETTING_ENUM:
        return *dw_setting_enum(a, row) == *dw_setting_enum(b, row);
    case DW_SETTING_MAP:
        if (a->kafka_property_count != b->kafka_property_count)
            return false;
        for (size_t i = 0; i < a->kafka_property_count; i++)
            if (strcmp(a->kafka_properties[i].name, b->kafka_properties[i].name) != 0 ||
                strcmp(a->kafka_properties[i].value, b->kafka_properties[i].value) != 0)
                return false;
        return true;
    case DW_SETTING_SECTION:
        return true;
    }
    return true;
}

static void take_over(dw_settings *live, dw_settings *fresh, const dw_setting *row)
{
    char *text;
    switch (row->type) {
    case DW_SETTING_STR:
    case DW_SETTING_PATH:
    case DW_SETTING_SECRET:
        text = *dw_setting_str(live, row);
        *dw_setting_str(live, row) = *dw_setting_str(fresh, row);
        *dw_setting_str(fresh, row) = text;
        return;
    case DW_SETTING_INT:
        *dw_setting_int(live, row) = *dw_setting_int(fresh, row);
        return;
    case DW_SETTING_BOOL:
        *dw_setting_bool(live, row) = *dw_setting_bool(fresh, row);
        return;
    case DW_SETTING_ENUM:
        *dw_setting_enum(live, row) = *dw_setting_enum(fresh, row);
        return;
    case DW_SETTING_MAP:
    case DW_SETTING_SECTION:
        return;
    }
}

void dw_settings_reload(dw_settings *live, dw_settings *fresh, dw_problems *problems)
{
    for (size_t i = 0; i < dw_setting_count; i++) {
        const dw_setting *row = &dw_setting_table[i];
        if (same_value(live, fresh, row))
            continue;
        if (row->reload)
            take_over(live, fresh, row);
        else
            dw_problems_add(problems, fresh->file, NULL, true, "%s has changed; the new value counts after a restart",
                            row->key);
    }
}

int64_t dw_settings_cut_over_us(const dw_settings *settings)
{
    int64_t us = 0;
    dw_cut_over_parse(dw_str_from(settings->policy_cut_over), &us); /* checked at load */
    return us;
}

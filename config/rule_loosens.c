/* rule_loosens.c: is a changed rule laxer than the one that is shipped? What cannot be told counts as laxer. */

#include "config/overrides.h"
#include "config/rule_load.h"

bool dw_yaml_equal(dw_yaml *yaml, const yaml_node_t *a, const yaml_node_t *b)
{
    if (a == b)
        return true;
    if (a == NULL || b == NULL || a->type != b->type)
        return false;
    switch (a->type) {
    case YAML_SCALAR_NODE:
        return dw_str_eq(dw_yaml_scalar(a), dw_yaml_scalar(b));
    case YAML_SEQUENCE_NODE: {
        ptrdiff_t n = a->data.sequence.items.top - a->data.sequence.items.start;
        if (n != b->data.sequence.items.top - b->data.sequence.items.start)
            return false;
        for (ptrdiff_t i = 0; i < n; i++)
            if (!dw_yaml_equal(yaml, dw_yaml_node(yaml, a->data.sequence.items.start[i]),
                               dw_yaml_node(yaml, b->data.sequence.items.start[i])))
                return false;
        return true;
    }
    case YAML_MAPPING_NODE: {
        ptrdiff_t n = a->data.mapping.pairs.top - a->data.mapping.pairs.start;
        if (n != b->data.mapping.pairs.top - b->data.mapping.pairs.start)
            return false;
        for (const yaml_node_pair_t *p = a->data.mapping.pairs.start; p < a->data.mapping.pairs.top; p++) {
            const char *key = (const char *)dw_yaml_node(yaml, p->key)->data.scalar.value;
            if (!dw_yaml_equal(yaml, dw_yaml_node(yaml, p->value), dw_yaml_get(yaml, b, key)))
                return false;
        }
        return true;
    }
    case YAML_NO_NODE:
        break;
    }
    return true;
}

typedef struct judge {
    dw_yaml *yaml;
    const dw_calendar *calendar;
} judge;

static const yaml_node_t *item_of(const judge *j, const yaml_node_t *node, size_t i)
{
    return node->type == YAML_SEQUENCE_NODE ? dw_yaml_node(j->yaml, node->data.sequence.items.start[i]) : node;
}

static size_t item_count(const yaml_node_t *node)
{
    if (node == NULL)
        return 0;
    return node->type == YAML_SEQUENCE_NODE ? (size_t)(node->data.sequence.items.top - node->data.sequence.items.start)
                                            : 1;
}

static bool all_scalars(const judge *j, const yaml_node_t *node)
{
    for (size_t i = 0; i < item_count(node); i++)
        if (item_of(j, node, i)->type != YAML_SCALAR_NODE)
            return false;
    return node != NULL;
}

/* --- lengths of time */

static bool amount_of(const judge *j, const yaml_node_t *node, int *n, dw_unit *unit)
{
    dw_problems quiet = {0};
    dw_yaml yaml = *j->yaml; /* its problems have been said where the rule was loaded */
    yaml.problems = &quiet;
    dw_arena *arena = dw_arena_new((size_t)1 << 16);
    dw_rule_loader loader = {&yaml, arena};
    bool ok = arena != NULL && node != NULL && node->type == YAML_SCALAR_NODE &&
              dw_load_limit_amount(&loader, node, "limit", n, unit);
    dw_arena_free(&arena);
    dw_problems_deinit(&quiet);
    return ok;
}

/* Hours from the first instant of `from` until it is late, if it began then. */
static int64_t hours_until_late(const judge *j, int32_t from, int n, dw_unit unit)
{
    if (unit == DW_UNIT_HOURS)
        return n;
    dw_profile profile = unit == DW_UNIT_WORKING_DAYS ? DW_CAL_EW : DW_CAL_CALENDAR;
    int32_t due = dw_calendar_due(j->calendar, profile, DW_COUNT_EXCL, from, n, unit);
    return ((int64_t)due - from + 1) * 24;
}

/* Of two lengths; days that are hours begin at midnight, hours that become days may begin a minute before the next. */
static bool amount_longer(const judge *j, const yaml_node_t *base, const yaml_node_t *changed)
{
    static const int probes[][2] = {
        {3, 1}, {11, 27}, {12, 24}}; /* of 2026: before a short month, Christmas, at Christmas */
    int n = 0, m = 0;
    dw_unit unit, other;
    if (!amount_of(j, base, &n, &unit) || !amount_of(j, changed, &m, &other))
        return true;
    if (unit == other)
        return m > n;
    if (j->calendar == NULL)
        return false; /* the bank holidays are refused, and so is all: it is told when they are mended */
    for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
        int32_t from = dw_day_from_ymd(2026, probes[i][0], probes[i][1]);
        int64_t before = hours_until_late(j, from, n, unit), after = hours_until_late(j, from, m, other);
        if (after + (other == DW_UNIT_HOURS ? 24 : 0) > before)
            return true;
    }
    return false;
}

/* --- limits */

static bool only_limit_differs(const judge *j, const yaml_node_t *base, const yaml_node_t *changed)
{
    for (const yaml_node_pair_t *p = base->data.mapping.pairs.start; p < base->data.mapping.pairs.top; p++) {
        const char *key = (const char *)dw_yaml_node(j->yaml, p->key)->data.scalar.value;
        if (strcmp(key, "limit") != 0 &&
            !dw_yaml_equal(j->yaml, dw_yaml_node(j->yaml, p->value), dw_yaml_get(j->yaml, changed, key)))
            return false;
    }
    return base->data.mapping.pairs.top - base->data.mapping.pairs.start ==
           changed->data.mapping.pairs.top - changed->data.mapping.pairs.start;
}

static bool limit_item_looser(const judge *j, const yaml_node_t *base, const yaml_node_t *changed)
{
    if (dw_yaml_equal(j->yaml, base, changed))
        return false;
    if (base->type == YAML_SCALAR_NODE && changed->type == YAML_SCALAR_NODE)
        return amount_longer(j, base, changed);
    if (base->type != YAML_MAPPING_NODE || changed->type != YAML_MAPPING_NODE || !only_limit_differs(j, base, changed))
        return true;
    return amount_longer(j, dw_yaml_get(j->yaml, base, "limit"), dw_yaml_get(j->yaml, changed, "limit"));
}

static bool limits_looser(const judge *j, const yaml_node_t *base, const yaml_node_t *changed)
{
    if (base == NULL || changed == NULL)
        return true;
    size_t n = item_count(base);
    if (n != item_count(changed) || (base->type == YAML_SEQUENCE_NODE) != (changed->type == YAML_SEQUENCE_NODE))
        return true;
    for (size_t i = 0; i < n; i++)
        if (limit_item_looser(j, item_of(j, base, i), item_of(j, changed, i)))
            return true;
    return false;
}

/* --- one key */

/* Where the word stands in a list from strict to lax; `absent` when the key is not there. Past the end: not in it. */
static int rank_of(const yaml_node_t *node, const char *const *words, const char *absent)
{
    dw_str word = node != NULL ? dw_yaml_scalar(node) : dw_str_from(absent);
    int i = 0;
    while (words[i] != NULL && !dw_str_eq(word, dw_str_from(words[i])))
        i++;
    return i;
}

static bool number_of(const yaml_node_t *node, long *out)
{
    dw_str s = dw_yaml_scalar(node);
    *out = 0;
    for (uint32_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9' || i == 6)
            return false;
        *out = *out * 10 + (s.ptr[i] - '0');
    }
    return s.len != 0;
}

static bool says_nothing_of_the_duty(const char *key)
{
    static const char *const keys[] = {"title",   "trigger", "action",  "next_step",   "reason",      "source",
                                       "version", "warn",    "presets", "reviewed_on", "climb_after", NULL};
    for (int i = 0; keys[i] != NULL; i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

static bool key_loosens(const judge *j, const char *key, const yaml_node_t *base, const yaml_node_t *changed)
{
    static const char *const calendars[] = {"calendar", "weekdays", "ew", "ew+closure", NULL};
    static const char *const counts[] = {"incl", "excl", NULL};
    static const char *const priorities[] = {"P1", "P2", "P3", NULL};
    static const char *const switches[] = {"true", "false", NULL};
    long n, m;
    if (says_nothing_of_the_duty(key))
        return false;
    if (strcmp(key, "limit") == 0)
        return limits_looser(j, base, changed);
    if (strcmp(key, "calendar") == 0) /* when it is not there: ew, if it counts working days */
        return rank_of(changed, calendars, "ew") > rank_of(base, calendars, "ew");
    if (strcmp(key, "count") == 0)
        return rank_of(changed, counts, "excl") > rank_of(base, counts, "excl");
    if (strcmp(key, "priority") == 0)
        return rank_of(changed, priorities, "") > rank_of(base, priorities, "");
    if (strcmp(key, "enabled") == 0)
        return rank_of(changed, switches, "true") > rank_of(base, switches, "true");
    if (strcmp(key, "threshold") == 0)
        return !number_of(base, &n) || !number_of(changed, &m) || m > n;
    if (strcmp(key, "window") == 0) /* the longer, the more lies in it */
        return base == NULL || changed == NULL || amount_longer(j, changed, base);
    if (strcmp(key, "evidence") == 0 && base != NULL && changed != NULL && all_scalars(j, base) &&
        all_scalars(j, changed) && item_count(changed) < item_count(base)) { /* fewer ways to meet it */
        for (size_t i = 0; i < item_count(changed); i++) {
            bool known = false;
            for (size_t k = 0; k < item_count(base) && !known; k++)
                known = dw_yaml_equal(j->yaml, item_of(j, base, k), item_of(j, changed, i));
            if (!known)
                return true;
        }
        return false;
    }
    return true;
}

/* any_of: the same clocks in the same order, none of them laxer. */
static bool clocks_loosen(const judge *j, const yaml_node_t *base, const yaml_node_t *changed)
{
    if (base == NULL || changed == NULL || base->type != YAML_SEQUENCE_NODE || changed->type != YAML_SEQUENCE_NODE ||
        item_count(base) != item_count(changed))
        return true;
    for (size_t i = 0; i < item_count(base); i++)
        if (dw_rule_loosens(j->yaml, item_of(j, base, i), item_of(j, changed, i), j->calendar) != NULL)
            return true;
    return false;
}

static const char *loosening_key(const judge *j, const yaml_node_t *from, const yaml_node_t *base,
                                 const yaml_node_t *changed)
{
    for (const yaml_node_pair_t *p = from->data.mapping.pairs.start; p < from->data.mapping.pairs.top; p++) {
        const char *key = (const char *)dw_yaml_node(j->yaml, p->key)->data.scalar.value;
        const yaml_node_t *a = dw_yaml_get(j->yaml, base, key), *b = dw_yaml_get(j->yaml, changed, key);
        if (dw_yaml_equal(j->yaml, a, b))
            continue;
        if (strcmp(key, "any_of") == 0 ? clocks_loosen(j, a, b) : key_loosens(j, key, a, b))
            return key;
    }
    return NULL;
}

const char *dw_rule_loosens(dw_yaml *yaml, const yaml_node_t *base, const yaml_node_t *changed,
                            const dw_calendar *calendar)
{
    judge j = {yaml, calendar};
    if (base->type != YAML_MAPPING_NODE || changed->type != YAML_MAPPING_NODE)
        return dw_yaml_equal(yaml, base, changed) ? NULL : "this";
    const char *key = loosening_key(&j, changed, base, changed);
    return key != NULL ? key : loosening_key(&j, base, base, changed);
}

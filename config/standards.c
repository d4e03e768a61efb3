/* standards.c: standards.yaml: working hours, the ladder of each priority, and the list of rules. */

#include "config/families.h"
#include "config/policy_parts.h"

const char *const dw_level_names[DW_LEVELS + 1] = {
    "social_worker", "team_manager", "service_manager", "assistant_director", "director", NULL,
};

typedef struct standards {
    dw_policy *policy;
    dw_rule_loader loader;
    dw_yaml *yaml;
    int day_minutes; /* of one working day */
} standards;

#define problem(s, at, ...) dw_problems_add((s)->yaml->problems, (s)->yaml->file, at, false, __VA_ARGS__)

/* --- working hours: "09:00-17:00" */

static bool two_digits(const char *at, int max, int *out)
{
    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
        return false;
    *out = (at[0] - '0') * 10 + (at[1] - '0');
    return *out <= max;
}

static bool parse_minute(const char *at, int *out)
{
    int hour, minute;
    if (!two_digits(at, 24, &hour) || at[2] != ':' || !two_digits(at + 3, 59, &minute))
        return false;
    *out = hour * 60 + minute;
    return *out <= 24 * 60;
}

static void load_hours(standards *s, const yaml_node_t *node, int *open_minute, int *close_minute)
{
    dw_str text = dw_yaml_scalar(node);
    int from = 0, to = 0;
    bool shape =
        text.len == 11 && text.ptr[5] == '-' && parse_minute(text.ptr, &from) && parse_minute(text.ptr + 6, &to);
    if (!shape)
        problem(s, node, "working_hours must be such as 09:00-17:00");
    else if (to - from < 60)
        problem(s, node, "working_hours must be at least one hour, on one day");
    else {
        *open_minute = from;
        *close_minute = to;
    }
}

/* --- ladder */

/* "2 working hours", "1 working day", "none" -> minutes of working time. */
static bool load_working_time(standards *s, const yaml_node_t *node, const char *key, int32_t *minutes)
{
    dw_amount amount;
    dw_text text = dw_text_open(s->yaml, node, s->loader.arena, key);
    if (text.failed)
        return false;
    if (dw_text_take(&text, "none")) {
        *minutes = 0;
        return dw_text_finish(&text);
    }
    if (!dw_text_amount(&text, &amount) || !dw_text_finish(&text))
        return false;
    if (amount.unit == DW_AMOUNT_WORKING_HOURS)
        *minutes = amount.n * 60;
    else if (amount.unit == DW_AMOUNT_WORKING_DAYS)
        *minutes = amount.n * s->day_minutes;
    else {
        problem(s, node, "%s counts working hours or working days", key);
        return false;
    }
    return true;
}

static bool load_level(standards *s, const yaml_node_t *node, const char *key, uint8_t *level)
{
    dw_nearest nearest = {.word = dw_yaml_scalar(node)};
    for (uint8_t i = 0; i < DW_LEVELS; i++) {
        if (dw_str_eq(nearest.word, dw_str_from(dw_level_names[i]))) {
            *level = i;
            return true;
        }
        dw_nearest_try(&nearest, dw_level_names[i]);
    }
    if (nearest.best != NULL)
        problem(s, node, "%s must be a level; did you mean %s?", key, nearest.best);
    else
        problem(s, node, "%s must be social_worker, team_manager, service_manager, assistant_director or director",
                key);
    return false;
}

static void load_climbs(standards *s, const yaml_node_t *map, dw_ladder *ladder)
{
    if (map->type != YAML_MAPPING_NODE) {
        problem(s, map, "climbs_after names each level and its time, such as team_manager: 2 working hours");
        return;
    }
    dw_yaml_only(s->yaml, map, dw_level_names);
    for (int level = 0; level < DW_LEVELS; level++) {
        const yaml_node_t *node = dw_yaml_get(s->yaml, map, dw_level_names[level]);
        bool climbs = level >= ladder->entry_level && level < ladder->top_level;
        int32_t minutes = 0;
        if (node != NULL && !climbs)
            problem(s, node, "%s does not climb: the ladder goes from %s to %s", dw_level_names[level],
                    dw_level_names[ladder->entry_level], dw_level_names[ladder->top_level]);
        else if (node == NULL && climbs)
            problem(s, map, "climbs_after: %s is missing", dw_level_names[level]);
        else if (node != NULL && load_working_time(s, node, dw_level_names[level], &minutes)) {
            if (minutes == 0)
                problem(s, node, "%s must be more than nothing", dw_level_names[level]);
            ladder->climb_minutes[level] = minutes;
        }
    }
}

/* "5 working days"; whole days, because an acknowledgement lasts to the end of a day. */
static void load_review(standards *s, const yaml_node_t *node, dw_ladder *ladder)
{
    dw_amount amount;
    dw_text text = dw_text_open(s->yaml, node, s->loader.arena, "review_within");
    if (!dw_text_amount(&text, &amount) || !dw_text_finish(&text))
        return;
    if (amount.unit != DW_AMOUNT_WORKING_DAYS)
        problem(s, node, "review_within counts working days");
    ladder->review_max_days = amount.n;
}

static void load_priority(standards *s, const yaml_node_t *map, const char *name, dw_priority priority)
{
    static const char *const keys[] = {"opens_at", "stops_at", "grace", "climbs_after", "review_within", NULL};
    const yaml_node_t *nodes[5];
    dw_ladder ladder = {.top_level = DW_LEVELS - 1};
    bool complete = true;
    if (map->type != YAML_MAPPING_NODE) {
        problem(s, map, "ladder: %s must hold keys (opens_at: ...)", name);
        return;
    }
    dw_yaml_only(s->yaml, map, keys);
    for (int i = 0; keys[i] != NULL; i++) {
        nodes[i] = dw_yaml_get(s->yaml, map, keys[i]);
        if (nodes[i] == NULL)
            problem(s, map, "ladder: %s: %s is missing", name, keys[i]);
        complete = complete && nodes[i] != NULL;
    }
    if (!complete)
        return;
    bool levels = load_level(s, nodes[0], "opens_at", &ladder.entry_level);
    levels = load_level(s, nodes[1], "stops_at", &ladder.top_level) && levels;
    load_working_time(s, nodes[2], "grace", &ladder.grace_minutes);
    if (levels && ladder.top_level < ladder.entry_level)
        problem(s, nodes[1], "stops_at lies below opens_at");
    else if (levels)
        load_climbs(s, nodes[3], &ladder);
    load_review(s, nodes[4], &ladder);
    dw_policy_set_ladder(s->policy, priority, ladder);
}

/* The ladder may be listed as a rule of its own: all of its texts, or none. */
static void check_ladder_texts(standards *s, const yaml_node_t *map, const char *const *keys)
{
    dw_rule none;
    bool any = false;
    for (int i = 0; keys[i] != NULL; i++)
        any = any || dw_yaml_get(s->yaml, map, keys[i]) != NULL;
    if (any)
        dw_rule_load_texts(&s->loader, map, keys, &none);
}

static void load_ladder(standards *s, const yaml_node_t *map)
{
    static const char *const keys[] = {"P1",     "P2",     "P3",          "id",     "title",
                                       "status", "source", "reviewed_on", "action", NULL};
    static const char *const texts[] = {"id", "title", "status", "source", "reviewed_on", "action", NULL};
    static const dw_priority priorities[] = {DW_P1, DW_P2, DW_P3};
    if (map->type != YAML_MAPPING_NODE) {
        problem(s, map, "ladder must hold P1, P2 and P3");
        return;
    }
    dw_yaml_only(s->yaml, map, keys);
    check_ladder_texts(s, map, texts);
    for (int i = 0; i < 3; i++) {
        const yaml_node_t *node = dw_yaml_get(s->yaml, map, keys[i]);
        if (node == NULL)
            problem(s, map, "ladder: %s is missing", keys[i]);
        else
            load_priority(s, node, keys[i], priorities[i]);
    }
}

/* --- rules */

/* What is known of a rule that has been read, also of a faulty one. */
typedef struct rule_seen {
    dw_str id;
    const yaml_node_t *node;
    dw_rule_kind kind;
    dw_count_until until;
    dw_str crossing; /* the count rule it refers to; empty = none */
    bool off;        /* enabled: false */
    dw_rule_follow follow;
} rule_seen;

#define TRIAL_ARENA_BYTES_MAX (1024 * 1024) /* texts and predicates of one rule */

static size_t load_rule(dw_rule_loader *loader, const yaml_node_t *map, dw_rule *out)
{
    return dw_rule_is_caseload(loader->yaml, map) ? dw_rule_load_caseload(loader, map, out)
                                                  : dw_rule_load_parts(loader, map, out);
}

static void check_references(standards *s, const rule_seen *seen, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const rule_seen *one = &seen[i], *target = NULL;
        for (size_t j = 0; j < i; j++)
            if (one->id.len != 0 && dw_str_eq(one->id, seen[j].id)) {
                dw_problems_add_beside(s->yaml->problems, s->yaml->file, dw_yaml_get(s->yaml, one->node, "id"),
                                       seen[j].node, "there is a rule %.*s already", DW_STR_ARG(one->id));
                break;
            }
        if (one->crossing.len == 0)
            continue;
        for (size_t j = 0; j < count && target == NULL; j++)
            if (dw_str_eq(one->crossing, seen[j].id))
                target = &seen[j];
        const yaml_node_t *at = dw_yaml_get(s->yaml, one->node, "counts_from");
        if (target == NULL)
            problem(s, at, "counts_from: there is no rule %.*s", DW_STR_ARG(one->crossing));
        else if (target->off && !one->off)
            problem(s, at, "counts_from: %.*s is switched off (enabled: false)", DW_STR_ARG(one->crossing));
        else if (target->kind != DW_RULE_COUNT || target->until != DW_UNTIL_ANSWERED)
            problem(s, at, "counts_from: %.*s is not a rule of kind count that lasts until answered",
                    DW_STR_ARG(one->crossing));
    }
}

/* A variant of a rule that is only checked: as it was before an override, or as a preset makes it. */
static bool try_rule(standards *s, const yaml_node_t *map)
{
    dw_arena *arena = dw_arena_new(TRIAL_ARENA_BYTES_MAX);
    dw_rule rules[DW_RULE_PARTS_MAX];
    dw_rule_loader loader = {s->yaml, arena};
    if (arena == NULL)
        problem(s, map, "out of memory");
    bool ok = arena != NULL && load_rule(&loader, map, rules) != 0;
    dw_arena_free(&arena);
    return ok;
}

static void load_one(standards *s, const dw_rule_entry *entry, rule_seen *seen)
{
    const yaml_node_t *map = dw_yaml_node(s->yaml, entry->effective);
    dw_rule rules[DW_RULE_PARTS_MAX] = {0};
    if (entry->effective != entry->base && !try_rule(s, dw_yaml_node(s->yaml, entry->base)))
        return;
    size_t parts = load_rule(&s->loader, map, rules);
    bool off = dw_str_eq(dw_yaml_scalar(dw_yaml_get(s->yaml, map, "enabled")), DW_STR_LIT("false"));
    *seen = (rule_seen){.id = rules[0].id, .node = map, .kind = rules[0].kind, .until = rules[0].until};
    seen->crossing = rules[0].anchor_rule_id;
    seen->off = off;
    seen->follow =
        (dw_rule_follow){rules[0].id, map, rules[0].kind, false, rules[0].breach_ids, rules[0].breach_id_count};
    for (size_t k = 0; k < parts; k++)
        for (uint32_t n = 0; n < rules[k].limit_count; n++)
            seen->follow.unsteady = seen->follow.unsteady || rules[k].limits[n].has_while;
    if (off || dw_rule_is_caseload(s->yaml, map))
        return; /* present, listed, not asked of any child */
    for (size_t k = 0; k < parts; k++) {
        dw_rule *added = dw_policy_add_rule(s->policy);
        if (added != NULL)
            *added = rules[k];
        else
            problem(s, map, "more than %d rules and parts of rules", DW_RULES_MAX);
    }
}

static const yaml_node_t *member_of(standards *s, int map, const char *key)
{
    return map != 0 ? dw_yaml_get(s->yaml, dw_yaml_node(s->yaml, map), key) : NULL;
}

/* What several rules together say; conditions that are compiled into the rules. */
static void load_families(standards *s, const dw_standards_text *text)
{
    dw_str ids[DW_RULES_MAX];
    for (size_t i = 0; i < text->rule_count; i++)
        ids[i] = dw_yaml_scalar(member_of(s, text->rules[i].base, "id"));
    dw_rule_names names = {ids, text->rule_count};
    dw_families_load(s->policy, &s->loader, &names, member_of(s, text->root, "families"));
    dw_elections_load(s->policy, &s->loader, &names, member_of(s, text->root, "elections"),
                      member_of(s, text->local, "elections"));
}

static void load_rules(standards *s, dw_standards_text *text)
{
    rule_seen seen[DW_RULES_MAX] = {0};
    for (size_t i = 0; i < text->rule_count; i++) {
        size_t errors = s->yaml->problems->errors;
        load_one(s, &text->rules[i], &seen[i]);
        text->rules[i].faulty = s->yaml->problems->errors != errors;
    }
    for (size_t i = 0; i < text->preset_count; i++)
        if (!text->rules[text->presets[i].rule].faulty)
            try_rule(s, dw_yaml_node(s->yaml, text->presets[i].map));
    dw_rule_follow follow[DW_RULES_MAX];
    for (size_t i = 0; i < text->rule_count; i++)
        follow[i] = seen[i].follow;
    dw_rules_check_follow(&s->loader, follow, text->rule_count);
    check_references(s, seen, text->rule_count);
    load_families(s, text);
}

void dw_standards_load_hours(dw_policy *policy, dw_standards_text *text, int *open_minute, int *close_minute)
{
    standards s = {.policy = policy, .loader = {&text->yaml, dw_policy_arena(policy)}, .yaml = &text->yaml};
    if (text->hours != 0)
        load_hours(&s, dw_yaml_node(&text->yaml, text->hours), open_minute, close_minute);
}

void dw_standards_load(dw_policy *policy, dw_standards_text *text, int day_minutes)
{
    standards s = {.policy = policy, .loader = {&text->yaml, dw_policy_arena(policy)}, .yaml = &text->yaml};
    s.day_minutes = day_minutes;
    if (text->ladder != 0)
        load_ladder(&s, dw_yaml_node(&text->yaml, text->ladder));
    load_rules(&s, text);
}

/* organisation.c: organisation.yaml: which post answers for a team at each level. Posts, never people. */

#include "config/policy_parts.h"

typedef struct organisation {
    dw_policy *policy;
    dw_yaml *yaml;
    dw_arena *arena;
    bool has_default;
    dw_line fallback; /* the default line */
} organisation;

#define problem(o, at, ...) dw_problems_add((o)->yaml->problems, (o)->yaml->file, at, false, __VA_ARGS__)

/* A post or team id: a key of pages and digests, so without blanks. */
static bool load_name(organisation *o, const yaml_node_t *node, const char *what, dw_str *out)
{
    dw_str s = dw_yaml_scalar(node);
    bool ok = node->type == YAML_SCALAR_NODE && s.len >= 1 && s.len <= DW_ID_BYTES_MAX;
    for (uint32_t i = 0; i < s.len && ok; i++)
        ok = s.ptr[i] > 0x20 && s.ptr[i] < 0x7f;
    if (!ok) {
        problem(o, node, "%s must be 1 to %d letters, digits and signs without blanks", what, DW_ID_BYTES_MAX);
        return false;
    }
    *out = dw_arena_str(o->arena, s);
    return true;
}

/* NAME, or {post: NAME, vacant: true} */
static void load_post(organisation *o, const yaml_node_t *node, int level, dw_line *line)
{
    static const char *const keys[] = {"post", "vacant", NULL};
    if (node->type != YAML_MAPPING_NODE) {
        load_name(o, node, dw_level_names[level], &line->post[level]);
        return;
    }
    dw_yaml_only(o->yaml, node, keys);
    const yaml_node_t *post = dw_yaml_get(o->yaml, node, "post"), *vacant = dw_yaml_get(o->yaml, node, "vacant");
    dw_rule_loader loader = {o->yaml, o->arena};
    if (post == NULL)
        problem(o, node, "%s: post is missing", dw_level_names[level]);
    else
        load_name(o, post, "post", &line->post[level]);
    if (vacant != NULL)
        dw_load_bool(&loader, vacant, "vacant", &line->vacant[level]);
}

/* The posts of a line. A level that is left out is taken from the default line. */
static bool load_line(organisation *o, const yaml_node_t *map, bool is_default, dw_line *line)
{
    size_t errors = o->yaml->problems->errors;
    bool anybody = false;
    for (int level = 0; level < DW_LEVELS; level++) {
        const yaml_node_t *node = dw_yaml_get(o->yaml, map, dw_level_names[level]);
        if (node != NULL) {
            load_post(o, node, level, line);
        } else if (is_default || !o->has_default) {
            problem(o, map, "%s is missing%s", dw_level_names[level],
                    is_default ? "" : ", and there is no default line to take it from");
        } else {
            line->post[level] = o->fallback.post[level];
            line->vacant[level] = o->fallback.vacant[level];
        }
        anybody = anybody || !line->vacant[level];
    }
    if (o->yaml->problems->errors == errors && !anybody)
        problem(o, map, "every post of this line is vacant: somebody has to be told");
    return o->yaml->problems->errors == errors;
}

static void load_default(organisation *o, const yaml_node_t *map)
{
    o->has_default = true; /* also a faulty one: its own faults are enough */
    if (map->type != YAML_MAPPING_NODE) {
        problem(o, map, "default must name a post for each level");
        return;
    }
    dw_yaml_only(o->yaml, map, dw_level_names);
    if (load_line(o, map, true, &o->fallback) && !dw_policy_add_line(o->policy, o->fallback))
        problem(o, map, "out of memory");
}

static void load_team(organisation *o, const yaml_node_t *map)
{
    const char *keys[DW_LEVELS + 2] = {"team"};
    const yaml_node_t *team = dw_yaml_get(o->yaml, map, "team");
    dw_line line = {0};
    if (map->type != YAML_MAPPING_NODE) {
        problem(o, map, "a line names its team and its posts (- team: ...)");
        return;
    }
    memcpy(keys + 1, dw_level_names, sizeof(dw_level_names));
    dw_yaml_only(o->yaml, map, keys);
    bool named = team != NULL && load_name(o, team, "team", &line.team_id);
    if (team == NULL)
        problem(o, map, "team is missing");
    if (load_line(o, map, false, &line) && named && !dw_policy_add_line(o->policy, line))
        problem(o, map, "out of memory");
}

typedef struct team_at {
    dw_str team;
    const yaml_node_t *node;
} team_at;

static int by_team(const void *a, const void *b)
{
    const team_at *x = a, *y = b;
    int c = dw_str_cmp(x->team, y->team);
    return c != 0 ? c : (x->node > y->node) - (x->node < y->node); /* nodes lie in the order of the text */
}

static void check_twice(organisation *o, const yaml_node_t *list, size_t n)
{
    team_at *teams = calloc(n, sizeof(*teams));
    if (teams == NULL) {
        problem(o, list, "out of memory");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *map = dw_yaml_node(o->yaml, list->data.sequence.items.start[i]);
        teams[i].node = dw_yaml_get(o->yaml, map, "team");
        teams[i].team = dw_yaml_scalar(teams[i].node);
    }
    qsort(teams, n, sizeof(*teams), by_team);
    for (size_t i = 1; i < n; i++)
        if (teams[i].team.len != 0 && dw_str_eq(teams[i - 1].team, teams[i].team))
            problem(o, teams[i].node, "team %.*s has a line already, in line %zu",
                    teams[i].team.len > DW_ID_BYTES_MAX ? DW_ID_BYTES_MAX : (int)teams[i].team.len, teams[i].team.ptr,
                    teams[i - 1].node->start_mark.line + 1);
    free(teams);
}

static void load_lines(organisation *o, const yaml_node_t *list)
{
    if (dw_yaml_is_null(list))
        return;
    if (list->type != YAML_SEQUENCE_NODE) {
        problem(o, list, "lines must be a list of teams (- team: ...)");
        return;
    }
    size_t n = (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
    if (n > DW_LINES_MAX) {
        problem(o, list, "more than %d lines", DW_LINES_MAX);
        return;
    }
    for (size_t i = 0; i < n; i++)
        load_team(o, dw_yaml_node(o->yaml, list->data.sequence.items.start[i]));
    if (n > 0)
        check_twice(o, list, n);
}

void dw_organisation_load(dw_policy *policy, const char *file, dw_str text, dw_problems *problems)
{
    static const char *const keys[] = {"default", "lines", NULL};
    dw_yaml yaml;
    if (!dw_yaml_parse(&yaml, file, text, problems))
        return;
    organisation o = {.policy = policy, .yaml = &yaml, .arena = dw_policy_arena(policy)};
    yaml_node_t *root = dw_yaml_root(&yaml);
    if (root != NULL && root->type != YAML_MAPPING_NODE) {
        problem(&o, root, "organisation must hold default and lines");
    } else if (root != NULL) { /* an empty file: every alert goes to the team it belongs to */
        const yaml_node_t *line = dw_yaml_get(&yaml, root, "default"), *lines = dw_yaml_get(&yaml, root, "lines");
        dw_yaml_only(&yaml, root, keys);
        if (line != NULL)
            load_default(&o, line);
        if (lines != NULL)
            load_lines(&o, lines);
    }
    dw_yaml_deinit(&yaml);
}

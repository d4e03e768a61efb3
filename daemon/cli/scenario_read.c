/* scenario_read.c: a file of scenarios, and one scenario of it; see scenario.h. */

#include "daemon/cli/scenario_parts.h"

#include <stdlib.h>

/* --- shared by the parts of the reader */

dw_scn_pos dw_scn_at(const yaml_node_t *node)
{
    return (dw_scn_pos){(unsigned)node->start_mark.line + 1, (unsigned)node->start_mark.column + 1};
}

void dw_scn_problem(dw_scn_reader *r, const yaml_node_t *at, const char *fmt, ...)
{
    char text[400];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    dw_problems_add(r->yaml->problems, r->yaml->file, at, false, "%s", text);
}

dw_str dw_scn_copy(dw_scn_reader *r, dw_str text)
{
    dw_str copy = dw_arena_str(r->arena, text);
    if (copy.ptr == NULL)
        r->nomem = true;
    return copy.ptr != NULL ? copy : DW_STR_LIT("");
}

bool dw_scn_read_when(dw_scn_reader *r, const yaml_node_t *node, int minute_of_day, int64_t *us_out, bool *date_only)
{
    dw_str text = dw_yaml_scalar(node);
    const char *why = dw_scn_when(text, minute_of_day, us_out, date_only);
    if (why != NULL)
        dw_scn_problem(r, node, "%.*s: %s", DW_STR_ARG(text), why);
    return why == NULL;
}

/* --- one scenario */

static void add_rule(dw_scn_reader *r, const yaml_node_t *node, dw_scn_scenario *out)
{
    dw_str text = dw_yaml_scalar(node);
    if (text.len == 0) {
        dw_scn_problem(r, node, "rule is the id of a rule, or a list of ids");
    } else if (out->rule_count == DW_SCN_RULES_MAX) {
        dw_scn_problem(r, node, "more than %d rules in one scenario", DW_SCN_RULES_MAX);
    } else {
        out->rule_pos[out->rule_count] = dw_scn_at(node);
        out->rules[out->rule_count++] = dw_scn_copy(r, text);
    }
}

static void read_rules(dw_scn_reader *r, const yaml_node_t *node, dw_scn_scenario *out)
{
    if (node == NULL)
        return;
    if (node->type != YAML_SEQUENCE_NODE) {
        add_rule(r, node, out);
        return;
    }
    for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++)
        add_rule(r, dw_yaml_node(r->yaml, *i), out);
}

static void read_step(dw_scn_reader *r, const yaml_node_t *item, dw_scn_step *step)
{
    step->pos = dw_scn_at(item);
    if (item->type == YAML_MAPPING_NODE && dw_yaml_get(r->yaml, item, "at") != NULL)
        dw_scn_read_check(r, item, step);
    else if (item->type == YAML_SCALAR_NODE ||
             (item->type == YAML_MAPPING_NODE && item->data.mapping.pairs.start < item->data.mapping.pairs.top))
        dw_scn_read_event(r, item, step);
    else
        dw_scn_problem(r, item, "a step is `DATE EVENT: {...}`, or a checkpoint with `at: DATE`");
}

/* Steps stand in the order in which they arrive: otherwise a reader and the program would tell two stories. */
static void check_order(dw_scn_reader *r, const yaml_node_t *item, const dw_scn_step *step, const dw_scn_step **latest)
{
    if (step->at_us == DW_AT_NONE)
        return;
    if (*latest != NULL && step->at_us < (*latest)->at_us)
        dw_scn_problem(r, item,
                       "this is earlier than the step in line %u (%.*s%s): put it above that, or say with `recorded:` "
                       "when it was written up",
                       (*latest)->pos.line, DW_STR_ARG((*latest)->when),
                       (*latest)->kind == DW_SCN_CHECK && (*latest)->when.len == 10 ? ", the end of the day" : "");
    else
        *latest = step;
}

static void read_steps(dw_scn_reader *r, const yaml_node_t *node, const yaml_node_t *scenario, dw_scn_scenario *out)
{
    if (node == NULL || node->type != YAML_SEQUENCE_NODE) {
        dw_scn_problem(r, node != NULL ? node : scenario, "steps is a list: what was recorded, and checkpoints");
        return;
    }
    size_t n = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    if (n > DW_SCN_STEPS_MAX) {
        dw_scn_problem(r, node, "more than %d steps", DW_SCN_STEPS_MAX);
        return;
    }
    dw_scn_step *steps = dw_arena_alloc(r->arena, (n + 1) * sizeof(*steps));
    const dw_scn_step *latest = NULL;
    bool checked = false;
    if (steps == NULL) {
        r->nomem = true;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *item = dw_yaml_node(r->yaml, node->data.sequence.items.start[i]);
        read_step(r, item, &steps[i]);
        check_order(r, item, &steps[i], &latest);
        checked = checked || steps[i].kind == DW_SCN_CHECK;
    }
    if (!checked)
        dw_scn_problem(r, scenario, "a scenario without a checkpoint (`at: DATE`) can never fail");
    out->steps = steps;
    out->step_count = (uint32_t)n;
}

static void read_scenario(dw_scn_reader *r, const yaml_node_t *node, dw_scn_scenario *out)
{
    static const char *const allowed[] = {"title", "rule", "policy", "cut_over", "defaults", "steps", "why", NULL};
    if (node->type != YAML_MAPPING_NODE) {
        dw_scn_problem(r, node, "a scenario has a title, a rule it is about, and steps");
        return;
    }
    dw_yaml_only(r->yaml, node, allowed);
    const yaml_node_t *title = dw_yaml_get(r->yaml, node, "title"), *policy = dw_yaml_get(r->yaml, node, "policy");
    const yaml_node_t *cut_over = dw_yaml_get(r->yaml, node, "cut_over");
    out->pos = dw_scn_at(node);
    out->title = dw_scn_copy(r, dw_yaml_scalar(title));
    if (out->title.len == 0)
        dw_scn_problem(r, title != NULL ? title : node, "a scenario needs a title: one line that says what it shows");
    read_rules(r, dw_yaml_get(r->yaml, node, "rule"), out);
    if (policy != NULL) {
        out->policy = dw_scn_copy(r, dw_yaml_scalar(policy));
        out->policy_pos = dw_scn_at(policy);
        if (out->policy.len == 0)
            dw_scn_problem(r, policy, "policy is the path of a directory");
    }
    if (cut_over != NULL)
        dw_scn_read_when(r, cut_over, 0, &out->cut_over_us, NULL);
    r->defaults = dw_yaml_get(r->yaml, node, "defaults");
    if (r->defaults != NULL)
        dw_scn_check_defaults(r, r->defaults);
    read_steps(r, dw_yaml_get(r->yaml, node, "steps"), node, out);
    dw_scn_forget_records(r);
}

static void check_titles(dw_scn_reader *r, const dw_scn_file *file)
{
    for (size_t i = 1; i < file->count; i++)
        for (size_t k = 0; k < i; k++)
            if (file->items[i].title.len != 0 && dw_str_eq(file->items[i].title, file->items[k].title))
                dw_problems_add_at(r->yaml->problems, r->yaml->file, file->items[i].pos.line, file->items[i].pos.column,
                                   false, "the scenario in line %u has this title already", file->items[k].pos.line);
}

/* --- the file */

static void read_root(dw_scn_reader *r, dw_scn_file *file)
{
    static const char *const allowed[] = {"defaults", "scenarios", NULL};
    const yaml_node_t *root = dw_yaml_root(r->yaml);
    const yaml_node_t *list = dw_yaml_get(r->yaml, root, "scenarios");
    if (list == NULL || list->type != YAML_SEQUENCE_NODE ||
        list->data.sequence.items.start == list->data.sequence.items.top) {
        dw_problems_add(r->yaml->problems, r->yaml->file, list != NULL ? list : root, false,
                        "a file of scenarios is a list under the key scenarios");
        return;
    }
    dw_yaml_only(r->yaml, root, allowed);
    r->file_defaults = dw_yaml_get(r->yaml, root, "defaults");
    if (r->file_defaults != NULL)
        dw_scn_check_defaults(r, r->file_defaults);
    size_t n = (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
    file->items = dw_arena_alloc(file->arena, n * sizeof(*file->items));
    if (file->items == NULL) {
        r->nomem = true;
        return;
    }
    for (size_t i = 0; i < n; i++)
        read_scenario(r, dw_yaml_node(r->yaml, list->data.sequence.items.start[i]), &file->items[file->count++]);
    check_titles(r, file);
}

dw_scn_file *dw_scn_read(const char *path, dw_str text, dw_problems *problems)
{
    dw_yaml yaml;
    dw_scn_file *file = calloc(1, sizeof(*file));
    dw_scn_reader *r = calloc(1, sizeof(*r));
    bool parsed = false;
    if (file != NULL)
        file->arena = dw_arena_new(DW_SCN_FILE_ARENA_BYTES);
    if (r == NULL || file == NULL || file->arena == NULL) {
        dw_problems_add(problems, path, NULL, false, "out of memory");
        goto done;
    }
    file->path = dw_arena_str(file->arena, dw_str_from(path)).ptr;
    parsed = file->path != NULL && dw_yaml_parse(&yaml, path, text, problems);
    if (!parsed)
        goto done;
    r->yaml = &yaml;
    r->arena = file->arena;
    read_root(r, file);
    if (r->nomem)
        dw_problems_add(problems, path, NULL, false, "too long: cut it into several files");
    dw_problems_sort(problems);
done:
    if (parsed)
        dw_yaml_deinit(&yaml);
    else if (file != NULL)
        dw_scn_free(&file);
    free(r);
    return file;
}

void dw_scn_free(dw_scn_file **file)
{
    if (*file == NULL)
        return;
    dw_arena_free(&(*file)->arena);
    free(*file);
    *file = NULL;
}

/* --- rules against a policy */

static void check_rule(const dw_scn_file *file, const dw_policy *policy, dw_str id, dw_scn_pos pos,
                       dw_problems *problems)
{
    char name[DW_RULE_ID_BYTES_MAX + 1];
    dw_nearest nearest = {.word = id};
    const char *best = NULL;
    if (id.len == 0 || dw_policy_find_rule(policy, id) != NULL)
        return;
    for (size_t i = 0; i < dw_policy_rule_count(policy); i++) {
        dw_str other = dw_policy_rule(policy, i)->id;
        char candidate[DW_RULE_ID_BYTES_MAX + 1];
        snprintf(candidate, sizeof(candidate), "%.*s", DW_STR_ARG(other));
        unsigned before = nearest.distance;
        bool had = nearest.best != NULL;
        dw_nearest_try(&nearest, candidate);
        if (nearest.best != NULL && (!had || nearest.distance < before)) {
            memcpy(name, candidate, sizeof(name));
            best = nearest.best = name;
        }
    }
    if (best != NULL)
        dw_problems_add_at(problems, file->path, pos.line, pos.column, false,
                           "the standards have no rule %.*s; did you mean %s?", DW_STR_ARG(id), best);
    else
        dw_problems_add_at(problems, file->path, pos.line, pos.column, false, "the standards have no rule %.*s",
                           DW_STR_ARG(id));
}

void dw_scn_check_rules(const dw_scn_file *file, const dw_scn_scenario *scenario, const dw_policy *policy,
                        dw_problems *problems)
{
    for (uint32_t i = 0; i < scenario->rule_count; i++)
        check_rule(file, policy, scenario->rules[i], scenario->rule_pos[i], problems);
    for (uint32_t i = 0; i < scenario->step_count; i++) {
        const dw_scn_step *step = &scenario->steps[i];
        if (step->kind == DW_SCN_ACK)
            check_rule(file, policy, step->ack.which.rule, step->ack.which.pos, problems);
        for (uint32_t k = 0; k < step->want_count; k++)
            check_rule(file, policy, step->wants[k].rule, step->wants[k].pos, problems);
    }
}

/* scenario_want.c: a checkpoint: the instant it looks at, and what is expected there. */

#include "daemon/cli/scenario_parts.h"

#include "proto/civil.h"
#include "proto/json.h"

static const char *const section_names[] = {
#define X(e, n) n,
    DW_SCN_SECTION_LIST(X)
#undef X
};
static const char *const field_names[] = {
#define X(e, n) n,
    DW_SCN_FIELD_LIST(X)
#undef X
};
static const char *const levels[DW_LEVELS] = {"social_worker", "team_manager", "service_manager", "assistant_director",
                                              "director"};

const char *dw_scn_field_name(dw_scn_field field)
{
    return field < DW_SCN_FIELDS ? field_names[field] : "?";
}

/* --- one field */

static bool read_number(dw_str text, uint32_t max, uint32_t *out)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || n > max)
            return false;
        n = n * 10 + (uint32_t)(text.ptr[i] - '0');
    }
    *out = n;
    return text.len != 0 && n <= max;
}

static bool set_number(dw_scn_reader *r, dw_str text, uint32_t max, const char *name, const yaml_node_t *at,
                       uint32_t *out)
{
    if (read_number(text, max, out))
        return true;
    dw_scn_problem(r, at, "%s is a number up to %u, not %.*s", name, max, DW_STR_ARG(text));
    return false;
}

static bool set_level(dw_scn_reader *r, dw_str text, const yaml_node_t *at, uint32_t *out)
{
    for (uint32_t i = 0; i < DW_LEVELS; i++)
        if (dw_str_eq(text, dw_str_from(levels[i]))) {
            *out = i;
            return true;
        }
    if (read_number(text, DW_LEVEL_MAX, out))
        return true;
    dw_scn_problem(r, at,
                   "level is 0 to 4, or social_worker, team_manager, service_manager, assistant_director, "
                   "director");
    return false;
}

static bool set_due(dw_scn_reader *r, dw_scn_want *want, dw_str text, const yaml_node_t *at)
{
    bool date_only = false;
    int64_t us = 0;
    const char *why = dw_scn_when(text, 0, &us, &date_only);
    if (why != NULL) {
        dw_scn_problem(r, at, "due %.*s: %s", DW_STR_ARG(text), why);
        return false;
    }
    want->due_kind = date_only ? DW_DUE_DATE : DW_DUE_INSTANT;
    want->due_on = date_only ? dw_london_day(us) : 0;
    want->due_at_us = date_only ? 0 : us;
    return true;
}

static bool set_paused(dw_scn_reader *r, dw_scn_want *want, dw_str text, const yaml_node_t *at)
{
    if (dw_date_parse(text, &want->paused_until))
        return true;
    dw_scn_problem(r, at, "paused %.*s: not a date such as 2026-01-19", DW_STR_ARG(text));
    return false;
}

static bool set_raised(dw_scn_reader *r, dw_scn_want *want, dw_str text, const yaml_node_t *at)
{
    const char *why = dw_scn_when(text, 0, &want->raised_us, NULL);
    if (why != NULL)
        dw_scn_problem(r, at, "raised %.*s: %s", DW_STR_ARG(text), why);
    return why == NULL;
}

/* The words for how an alert, an ended one or a duty stands. */
static bool state_word(dw_scn_want *want, dw_str text)
{
    if (want->section == DW_SCN_ALERTS || want->section == DW_SCN_NOT) {
        want->alert_state = dw_str_eq(text, DW_STR_LIT("open")) ? DW_AL_OPEN : DW_AL_ACKED;
        return want->alert_state == DW_AL_OPEN || dw_str_eq(text, DW_STR_LIT("acknowledged"));
    }
    for (int i = 0; want->section != DW_SCN_CLOSED && i < DW_OB_STATES; i++)
        if (dw_str_eq(text, dw_str_from(dw_ob_state_name((dw_ob_state)i)))) {
            want->ob_state = (dw_ob_state)i;
            return true;
        }
    return false;
}

static bool outcome_word(dw_scn_want *want, dw_str text)
{
    for (int i = 1; want->section == DW_SCN_CLOSED && i < DW_OUT_COUNT; i++)
        if (dw_str_eq(text, dw_str_from(dw_outcome_name((dw_outcome)i)))) {
            want->outcome = (dw_outcome)i;
            return true;
        }
    return false;
}

static void bad_state(dw_scn_reader *r, const dw_scn_want *want, dw_str text, const yaml_node_t *at)
{
    dw_nearest nearest = {.word = text};
    if (want->section == DW_SCN_CLOSED)
        for (int i = 1; i < DW_OUT_COUNT; i++)
            dw_nearest_try(&nearest, dw_outcome_name((dw_outcome)i));
    else if (want->section == DW_SCN_ALERTS || want->section == DW_SCN_NOT)
        dw_nearest_try(&nearest, "acknowledged");
    else
        for (int i = 0; i < DW_OB_STATES; i++)
            dw_nearest_try(&nearest, dw_ob_state_name((dw_ob_state)i));
    for (int i = 0; i < DW_SCN_FIELDS; i++)
        dw_nearest_try(&nearest, field_names[i]);
    if (nearest.best != NULL)
        dw_scn_problem(r, at, "under %s, what is %.*s? Did you mean %s?", section_names[want->section],
                       DW_STR_ARG(text), nearest.best);
    else
        dw_scn_problem(r, at, "under %s, what is %.*s?", section_names[want->section], DW_STR_ARG(text));
}

static bool set_priority(dw_scn_reader *r, dw_scn_want *want, dw_str text, const yaml_node_t *at)
{
    if (text.len == 2 && text.ptr[0] == 'P' && text.ptr[1] >= '1' && text.ptr[1] <= '3') {
        want->priority = (dw_priority)(text.ptr[1] - '0');
        return true;
    }
    dw_scn_problem(r, at, "priority is P1, P2 or P3");
    return false;
}

bool dw_scn_set_field(dw_scn_reader *r, dw_scn_want *want, dw_scn_field field, dw_str text, const yaml_node_t *at)
{
    bool ok = true;
    dw_str *copy_to = NULL;
    if (text.len == 0) {
        dw_scn_problem(r, at, "%s has no value", field_names[field]);
        return false;
    }
    if (dw_scn_wants(want, field)) {
        dw_scn_problem(r, at, "%s is said twice", field_names[field]);
        return false;
    }
    switch (field) {
    case DW_SCN_F_RULE:
        copy_to = &want->rule;
        break;
    case DW_SCN_F_CHILD:
        copy_to = &want->child;
        break;
    case DW_SCN_F_SUBJECT:
        copy_to = &want->subject;
        break;
    case DW_SCN_F_POST:
        copy_to = &want->post;
        break;
    case DW_SCN_F_DUE:
        ok = set_due(r, want, text, at);
        break;
    case DW_SCN_F_PRIORITY:
        ok = set_priority(r, want, text, at);
        break;
    case DW_SCN_F_LEVEL:
        ok = set_level(r, text, at, &want->level);
        break;
    case DW_SCN_F_COUNT:
        ok = set_number(r, text, DW_NUMBER_MAX, "count", at, &want->count);
        break;
    case DW_SCN_F_GENERATION:
        ok = set_number(r, text, DW_NUMBER_MAX, "generation", at, &want->generation);
        break;
    case DW_SCN_F_RAISED:
        ok = set_raised(r, want, text, at);
        break;
    case DW_SCN_F_PAUSED:
        ok = set_paused(r, want, text, at);
        break;
    case DW_SCN_F_STATE:
    case DW_SCN_F_OUTCOME:
        ok = field == DW_SCN_F_STATE ? state_word(want, text) : outcome_word(want, text);
        if (!ok)
            bad_state(r, want, text, at);
        break;
    case DW_SCN_FIELDS:
        return false;
    }
    if (copy_to != NULL)
        *copy_to = dw_scn_copy(r, text);
    if (ok)
        want->has |= 1u << field;
    return ok;
}

/* --- one expectation, in words or as a mapping */

static bool field_called(dw_str name, dw_scn_field *out)
{
    for (int i = 0; i < DW_SCN_FIELDS; i++)
        if (dw_str_eq(name, dw_str_from(field_names[i]))) {
            *out = (dw_scn_field)i;
            return true;
        }
    return false;
}

/* "CP-07 due 2026-01-19 level 1": the rule, then names with their values, and states as they are. */
static void read_words(dw_scn_reader *r, dw_scn_want *want, dw_str text, const yaml_node_t *at)
{
    dw_str rest = text, word = dw_scn_word(&rest);
    dw_scn_set_field(r, want, DW_SCN_F_RULE, word, at);
    while ((word = dw_scn_word(&rest)).len != 0) {
        dw_scn_field field;
        if (word.ptr[word.len - 1] == ',')
            word.len--;
        if (field_called(word, &field)) {
            dw_str value = dw_scn_word(&rest), left = rest, next = dw_scn_word(&left);
            if (dw_scn_is_time(next) && (field == DW_SCN_F_DUE || field == DW_SCN_F_RAISED)) {
                value.len = (uint32_t)(next.ptr + next.len - value.ptr);
                rest = left;
            }
            dw_scn_set_field(r, want, field, value, at);
        } else if (state_word(want, word)) {
            want->has |= 1u << DW_SCN_F_STATE;
        } else if (outcome_word(want, word)) {
            want->has |= 1u << DW_SCN_F_OUTCOME;
        } else if (word.len == 2 && word.ptr[0] == 'P') {
            dw_scn_set_field(r, want, DW_SCN_F_PRIORITY, word, at);
        } else {
            bad_state(r, want, word, at);
            return; /* what follows may be its value */
        }
    }
}

static void read_map(dw_scn_reader *r, dw_scn_want *want, const yaml_node_t *map)
{
    const char *allowed[DW_SCN_FIELDS + 1] = {NULL};
    for (int i = 0; i < DW_SCN_FIELDS; i++)
        allowed[i] = field_names[i];
    dw_yaml_only(r->yaml, map, allowed);
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
        const yaml_node_t *value = dw_yaml_node(r->yaml, p->value);
        dw_scn_field field;
        if (!field_called(dw_yaml_scalar(dw_yaml_node(r->yaml, p->key)), &field))
            continue;
        if (value->type == YAML_SCALAR_NODE)
            dw_scn_set_field(r, want, field, dw_yaml_scalar(value), value);
        else
            dw_scn_problem(r, value, "%s takes one value", field_names[field]);
    }
    if (!dw_scn_wants(want, DW_SCN_F_RULE))
        dw_scn_problem(r, map, "rule is missing");
}

static void read_want(dw_scn_reader *r, const yaml_node_t *node, dw_scn_section section, dw_scn_want *want)
{
    *want = (dw_scn_want){.section = section, .pos = dw_scn_at(node)};
    if (node->type == YAML_MAPPING_NODE)
        read_map(r, want, node);
    else if (node->type == YAML_SCALAR_NODE && dw_yaml_scalar(node).len != 0)
        read_words(r, want, dw_yaml_scalar(node), node);
    else
        dw_scn_problem(r, node, "an expectation is a rule and more of it, such as `CP-07 due 2026-01-19`");
}

/* --- the checkpoint */

static void read_one(dw_scn_reader *r, const yaml_node_t *node, dw_scn_section section, dw_scn_step *step,
                     dw_scn_want *wants)
{
    dw_str text = dw_yaml_scalar(node);
    if (section == DW_SCN_ALERTS && dw_str_eq(text, DW_STR_LIT("nothing"))) {
        step->nothing = true;
        step->whole = dw_scn_at(node);
    } else if (section == DW_SCN_NOT && dw_str_eq(text, DW_STR_LIT("anything else"))) {
        step->no_others = true;
        step->whole = dw_scn_at(node);
    } else if (step->want_count == DW_SCN_WANTS_MAX) {
        dw_scn_problem(r, node, "more than %d expectations of one checkpoint", DW_SCN_WANTS_MAX);
    } else {
        read_want(r, node, section, &wants[step->want_count++]);
    }
}

static void read_section(dw_scn_reader *r, const yaml_node_t *node, dw_scn_section section, dw_scn_step *step,
                         dw_scn_want *wants)
{
    if (node->type != YAML_SEQUENCE_NODE) {
        read_one(r, node, section, step, wants);
        return;
    }
    if (node->data.sequence.items.start == node->data.sequence.items.top)
        dw_scn_problem(r, node, "nothing is expected here; `alerts: nothing` says that no alert is live");
    for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++)
        read_one(r, dw_yaml_node(r->yaml, *i), section, step, wants);
}

static size_t count_items(const yaml_node_t *node)
{
    if (node == NULL || node->type != YAML_SEQUENCE_NODE)
        return node != NULL;
    return (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
}

void dw_scn_read_check(dw_scn_reader *r, const yaml_node_t *item, dw_scn_step *step)
{
    const char *allowed[DW_SCN_SECTIONS + 2] = {"at"};
    const yaml_node_t *at = dw_yaml_get(r->yaml, item, "at");
    bool date_only = false;
    bool any = false;
    size_t items = 0;
    for (int i = 0; i < DW_SCN_SECTIONS; i++) {
        allowed[i + 1] = section_names[i];
        any = any || dw_yaml_get(r->yaml, item, section_names[i]) != NULL;
        items += count_items(dw_yaml_get(r->yaml, item, section_names[i]));
    }
    items = items < DW_SCN_WANTS_MAX ? items : DW_SCN_WANTS_MAX;
    dw_scn_want *wants = dw_arena_alloc(r->arena, (items + 1) * sizeof(*wants));
    if (wants == NULL) {
        r->nomem = true;
        return;
    }
    dw_yaml_only(r->yaml, item, allowed);
    step->kind = DW_SCN_CHECK;
    step->at_us = DW_AT_NONE;
    step->when = dw_scn_copy(r, dw_yaml_scalar(at));
    int64_t us = 0;
    if (dw_scn_read_when(r, at, 0, &us, &date_only))
        step->at_us = date_only ? dw_scn_day_end(dw_london_day(us)) : us;
    for (int i = 0; i < DW_SCN_SECTIONS; i++) {
        const yaml_node_t *section = dw_yaml_get(r->yaml, item, section_names[i]);
        if (section != NULL)
            read_section(r, section, (dw_scn_section)i, step, wants);
    }
    if (!any)
        dw_scn_problem(
            r, item,
            "a checkpoint that expects nothing: say alerts, not, closed, obligations, without, warnings or flags "
            "(`alerts: nothing` when none may be live)");
    step->wants = wants;
}

/* rule_keys.c: the keys of a rule, each key's loader, and which kinds of rule take and need it. */

#include "config/rule_keys.h"
#include "proto/json.h"

#define KIND(k) DW_KIND_BIT(k)
#define ALL DW_KIND_BITS_ALL
#define TIMED (KIND(RECURRING) | KIND(DEADLINE) | KIND(DURATION) | KIND(SILENCE))
#define PHASED (KIND(RECURRING) | KIND(DEADLINE) | KIND(DURATION))
#define NEVER 0u
#define problem dw_rule_problem

int dw_rule_choice(dw_rule_loading *l, const yaml_node_t *node, const char *key, const char *const *names)
{
    dw_nearest nearest = {.word = dw_yaml_scalar(node)};
    char list[160] = "";
    size_t used = 0;
    for (int i = 0; names[i] != NULL; i++) {
        if (dw_str_eq(nearest.word, dw_str_from(names[i])))
            return i;
        dw_nearest_try(&nearest, names[i]);
        int n = snprintf(list + used, sizeof(list) - used, "%s%s", i > 0 ? ", " : "", names[i]);
        used = n > 0 && used + (size_t)n < sizeof(list) ? used + (size_t)n : used;
    }
    if (nearest.best != NULL)
        problem(l, node, "%s must be one of: %s; did you mean %s?", key, list, nearest.best);
    else
        problem(l, node, "%s must be one of: %s", key, list);
    return -1;
}

/* --- what every rule has */

static void load_id(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_str s = dw_yaml_scalar(node);
    bool ok = s.len >= 1 && s.len <= DW_RULE_ID_BYTES_MAX;
    for (uint32_t i = 0; i < s.len && ok; i++) {
        char c = s.ptr[i];
        ok = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    }
    if (!ok)
        problem(l, node, "id must be 1 to %d capital letters, digits and hyphens, such as CP-07", DW_RULE_ID_BYTES_MAX);
    else
        dw_load_text(l->loader, node, "id", DW_RULE_ID_BYTES_MAX, &l->rule->id);
}
static void load_version(dw_rule_loading *l, const yaml_node_t *node)
{
    int64_t version;
    if (dw_load_number(l->loader, node, "version", 1, DW_RULE_VERSION_MAX, &version))
        l->rule->version = (uint32_t)version;
}
static void load_title(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_load_text(l->loader, node, "title", DW_RULE_TITLE_BYTES_MAX, &l->rule->title);
}
static void load_trigger(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_load_text(l->loader, node, "trigger", DW_RULE_TEXT_BYTES_MAX, &l->rule->trigger);
}
static void load_action(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_load_text(l->loader, node, "action", DW_RULE_TEXT_BYTES_MAX, &l->rule->action);
}
static void load_next_step(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_load_text(l->loader, node, "next_step", DW_RULE_TEXT_BYTES_MAX, &l->rule->next_step);
}
static void load_source(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_load_text(l->loader, node, "source", DW_RULE_TEXT_BYTES_MAX, &l->rule->source);
}
static void load_reason(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_load_text(l->loader, node, "reason", DW_RULE_TEXT_BYTES_MAX, &l->rule->reason);
}
static void load_status(dw_rule_loading *l, const yaml_node_t *node)
{
    static const char *const names[] = {"REG", "SG", "LOC", "DATA", "BP", NULL};
    int i = dw_rule_choice(l, node, "status", names);
    if (i >= 0)
        l->rule->status = dw_str_from(names[i]);
}
static void load_reviewed_on(dw_rule_loading *l, const yaml_node_t *node)
{
    if (!dw_date_parse(dw_yaml_scalar(node), &l->rule->reviewed_on))
        problem(l, node, "reviewed_on must be a date such as 2026-03-31");
}
static void load_priority(dw_rule_loading *l, const yaml_node_t *node)
{
    static const char *const names[] = {"P1", "P2", "P3", NULL};
    static const dw_priority priorities[] = {DW_P1, DW_P2, DW_P3};
    int i = dw_rule_choice(l, node, "priority", names);
    if (i >= 0)
        l->rule->priority = priorities[i];
}

/* --- what the duty hangs on */

static void load_over(dw_rule_loading *l, const yaml_node_t *node)
{
    if (!dw_load_selector(l->loader, node, "over", &l->rule->over))
        l->rule->over.family = DW_SPAN_FAMILIES; /* what depends on it keeps quiet */
}
static void load_rests_while(dw_rule_loading *l, const yaml_node_t *node)
{
    size_t n = dw_list_count(l->loader, node, "rests_while", DW_RULE_RESTS_MAX);
    for (size_t i = 0; i < n; i++)
        dw_load_selector(l->loader, dw_list_item(l->loader, node, i), "rests_while", &l->rule->rests[i]);
    l->rule->rest_count = (uint32_t)n;
}

static void load_clause_list(dw_rule_loading *l, const yaml_node_t *node, const char *key, bool with_limit,
                             dw_clause *out, uint32_t *count)
{
    dw_clause_use use = {key, l->rule->over.family, with_limit};
    dw_load_clauses(l->loader, node, use, out, count);
}
static void load_after_rest(dw_rule_loading *l, const yaml_node_t *node)
{
    load_clause_list(l, node, "after_rest", false, l->rule->after_rest, &l->rule->after_rest_count);
}
static void load_evidence(dw_rule_loading *l, const yaml_node_t *node)
{
    load_clause_list(l, node, "evidence", true, l->rule->evidence, &l->rule->evidence_count);
}

/* --- what meets it */

static void load_evidence_after_start(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_load_bool(l->loader, node, "evidence_after_start", &l->rule->evidence_after_start);
}

static void load_evidence_after_anchor(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_load_bool(l->loader, node, "evidence_after_anchor", &l->rule->evidence_after_anchor);
}

/* --- intervals of a recurring duty */

/* "1", "2 on", "1 to 3" */
static void load_nth(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_text text = dw_text_open(l->loader->yaml, node, l->loader->arena, "nth");
    if (text.failed)
        return;
    int from = dw_text_count(&text, 1, 1000), to = from;
    if (dw_text_take(&text, "on"))
        to = 0;
    else if (dw_text_take(&text, "to"))
        to = dw_text_count(&text, 1, 1000);
    if (dw_text_finish(&text) && to != 0 && to < from)
        problem(l, node, "nth ends before it begins");
    l->rule->nth_from = (uint32_t)from;
    l->rule->nth_to = (uint32_t)to;
}

const dw_field_ref *dw_rule_evidence_field(dw_rule_loading *l, const yaml_node_t *node, const char *key,
                                           dw_field_info *info)
{
    dw_scope scope = {0};
    snprintf(scope.what, sizeof(scope.what), "the evidence");
    for (uint32_t i = 0; i < l->rule->evidence_count; i++) {
        dw_scope one = dw_scope_of_type(l->rule->evidence[i].type);
        dw_scope_add(&scope, &one);
    }
    dw_text text = dw_text_open(l->loader->yaml, node, l->loader->arena, key);
    if (text.failed)
        return NULL;
    const dw_field_ref *ref = dw_text_field(&text, &scope, info);
    return dw_text_finish(&text) ? ref : NULL;
}
static void load_due_override(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_field_info info = {0};
    l->rule->due_override = dw_rule_evidence_field(l, node, "due_override", &info);
    if (l->rule->due_override != NULL && info.kind != DW_VAL_DATE)
        problem(l, node, "due_override must name a field that holds a date");
}

/* --- limits */

static void load_limit(dw_rule_loading *l, const yaml_node_t *node)
{
    l->limits_ok = dw_load_limits(l->loader, node, l->rule);
}
static void load_strictest(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_load_bool(l->loader, node, "strictest", &l->rule->strictest);
}
static void load_count(dw_rule_loading *l, const yaml_node_t *node)
{
    static const char *const names[] = {"excl", "incl", NULL};
    l->rule->count_mode = dw_rule_choice(l, node, "count", names) == 1 ? DW_COUNT_INCL : DW_COUNT_EXCL;
}
static void load_calendar(dw_rule_loading *l, const yaml_node_t *node)
{
    const char *names[DW_PROFILE_COUNT + 1] = {NULL};
    for (int i = 0; i < DW_PROFILE_COUNT; i++)
        names[i] = dw_profile_name((dw_profile)i);
    int i = dw_rule_choice(l, node, "calendar", names);
    if (i >= 0)
        l->rule->calendar = (dw_profile)i;
}

/* "24 hours" each, ascending: elapsed time after the due instant. */
static void load_climb_after(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_rule *rule = l->rule;
    size_t n = dw_list_count(l->loader, node, "climb_after", DW_RULE_CLIMBS_MAX);
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *item = dw_list_item(l->loader, node, i);
        int hours = 0;
        dw_unit unit = DW_UNIT_HOURS;
        if (!dw_load_limit_amount(l->loader, item, "climb_after", &hours, &unit))
            continue;
        if (unit != DW_UNIT_HOURS)
            problem(l, item, "climb_after counts elapsed hours, such as 24 hours");
        else if (i > 0 && hours <= rule->climb_hours[i - 1])
            problem(l, item, "climb_after: each time must be later than the one before");
        rule->climb_hours[i] = hours;
    }
    rule->climb_count = (uint32_t)n;
}

/* --- stall */

static void load_same(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_rule *rule = l->rule;
    size_t n = dw_list_count(l->loader, node, "same", DW_RULE_SAME_MAX + 1);
    dw_scope scope = dw_scope_of_family(rule->over.family);
    for (uint32_t i = 0; i < rule->evidence_count; i++) {
        dw_scope one = dw_scope_of_type(rule->evidence[i].type);
        dw_scope_add(&scope, &one);
    }
    snprintf(scope.what, sizeof(scope.what), "%s or review", dw_span_family_name(rule->over.family));
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *item = dw_list_item(l->loader, node, i);
        dw_text text = dw_text_open(l->loader->yaml, item, l->loader->arena, "same");
        if (text.failed)
            continue;
        if (dw_text_take(&text, "placement"))
            rule->same_placement = true;
        else if (rule->same_count == DW_RULE_SAME_MAX)
            dw_text_fail(&text, "more than %d fields", DW_RULE_SAME_MAX);
        else
            rule->same[rule->same_count++] = dw_text_field(&text, &scope, NULL);
        dw_text_finish(&text);
    }
}
static void load_both(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_scope scope = {0};
    snprintf(scope.what, sizeof(scope.what), "the review");
    for (uint32_t i = 0; i < l->rule->evidence_count; i++) {
        dw_scope one = dw_scope_of_type(l->rule->evidence[i].type);
        dw_scope_add(&scope, &one);
    }
    dw_text text = dw_text_open(l->loader->yaml, node, l->loader->arena, "both");
    l->rule->both = dw_text_predicate(&text, &scope);
}
/* --- the table: a key may look at what the rows above it have loaded */

const dw_rule_key dw_rule_keys[] = {
    {"id", ALL, ALL, load_id, "the rule's name, such as CP-07"},
    {"version", ALL, ALL, load_version, "a number that rises when the meaning changes"},
    {"kind", ALL, NEVER, NULL, NULL}, /* loaded first */
    {"title", ALL, ALL, load_title, "one line for lists"},
    {"status", ALL, ALL, load_status, "REG, SG, LOC, DATA or BP"},
    {"source", ALL, ALL, load_source, "where the standard stands written"},
    {"reviewed_on", ALL, ALL, load_reviewed_on, "when somebody last compared the rule with its source"},
    {"priority", ALL, ALL, load_priority, "P1, P2 or P3"},
    {"trigger", ALL, ALL, load_trigger, "in plain words, when the alert opens"},
    {"action", ALL, ALL, load_action, "what is expected"},
    {"next_step", ALL, ALL, load_next_step, "what the person alerted does first"},
    {"reason", ALL, NEVER, load_reason, NULL},
    {"enabled", ALL, NEVER, dw_rule_load_enabled, NULL},
    {"in_force", ALL, NEVER, dw_rule_load_in_force, NULL},
    {"presets", ALL, NEVER, dw_rule_load_presets, NULL},
    {"over", ALL, ALL & ~KIND(COUNT), load_over, "what the duty hangs on"},
    {"rests_while", KIND(RECURRING) | KIND(DEADLINE), NEVER, load_rests_while, NULL},
    {"after_rest", KIND(RECURRING), NEVER, load_after_rest, NULL},
    {"counts_from", KIND(RECURRING) | KIND(DEADLINE) | KIND(DURATION), NEVER, dw_rule_load_counts_from, NULL},
    {"age", KIND(RECURRING) | KIND(DEADLINE), NEVER, dw_rule_load_age, NULL},
    {"met_by", KIND(DEADLINE), NEVER, dw_rule_load_met_by, NULL},
    {"target", KIND(DEADLINE), NEVER, dw_rule_load_target, NULL},
    {"evidence", KIND(RECURRING) | KIND(DEADLINE) | KIND(COUNT) | KIND(STALL), KIND(RECURRING) | KIND(STALL),
     load_evidence, "which events count"},
    {"evidence_after_start", KIND(RECURRING) | KIND(DEADLINE), NEVER, load_evidence_after_start, NULL},
    {"evidence_nth", KIND(DEADLINE), NEVER, dw_rule_load_evidence_nth, NULL},
    {"outlives_span", KIND(DEADLINE), NEVER, dw_rule_load_outlives_span, NULL},
    {"evidence_after_anchor", KIND(DEADLINE), NEVER, load_evidence_after_anchor, NULL},
    {"phases", PHASED, NEVER, dw_rule_load_phases, NULL},
    {"outside", PHASED, NEVER, dw_rule_load_outside, NULL},
    {"from_start", KIND(RECURRING), NEVER, dw_rule_load_from_start, NULL},
    {"nth", KIND(RECURRING), NEVER, load_nth, NULL},
    {"band", KIND(RECURRING) | KIND(DEADLINE), NEVER, dw_rule_load_band, NULL},
    {"recorded_frequency", KIND(RECURRING) | KIND(DEADLINE), NEVER, dw_rule_load_frequencies, NULL},
    {"due_override", KIND(RECURRING), NEVER, load_due_override, NULL},
    {"limit", TIMED, TIMED, load_limit, "how long"},
    {"strictest", TIMED, NEVER, load_strictest, NULL},
    {"count", TIMED, NEVER, load_count, NULL},
    {"calendar", TIMED, NEVER, load_calendar, NULL},
    {"climb_after", KIND(DEADLINE) | KIND(DURATION), NEVER, load_climb_after, NULL},
    {"threshold", KIND(COUNT), KIND(COUNT), dw_rule_load_threshold, "how many"},
    {"window", KIND(COUNT), KIND(COUNT), dw_rule_load_window, "within how long, or ever"},
    {"until", KIND(COUNT), KIND(COUNT), dw_rule_load_until, "how it ends: window, answered, span_end or flag"},
    {"distinct", KIND(COUNT), NEVER, dw_rule_load_distinct, NULL},
    {"within_span", KIND(COUNT), NEVER, dw_rule_load_within_span, NULL},
    {"answer", KIND(COUNT), NEVER, dw_rule_load_answer, NULL},
    {"answer_clears", KIND(COUNT), NEVER, dw_rule_load_answer_clears, NULL},
    {"measured_from", KIND(COUNT), NEVER, dw_rule_load_measured_from, NULL},
    {"counted_before", KIND(COUNT), NEVER, dw_rule_load_counted_before, NULL},
    {"while_open", KIND(COUNT), NEVER, dw_rule_load_while_open, NULL},
    {"at_start_open", KIND(COUNT), NEVER, dw_rule_load_at_start_open, NULL},
    {"ended_inside", KIND(COUNT), NEVER, dw_rule_load_ended_inside, NULL},
    {"raises", ALL, NEVER, dw_rule_load_raises, NULL},
    {"warn", KIND(RECURRING) | KIND(DEADLINE) | KIND(DURATION), NEVER, dw_rule_load_warn, NULL},
    {"worsens_after", KIND(DEADLINE) | KIND(DURATION), NEVER, dw_rule_load_worsens_after, NULL},
    {"same", KIND(STALL), KIND(STALL), load_same, "what must be unchanged"},
    {"both", KIND(STALL), NEVER, load_both, NULL},
};
const size_t dw_rule_key_count = sizeof(dw_rule_keys) / sizeof(dw_rule_keys[0]);
_Static_assert(sizeof(dw_rule_keys) / sizeof(dw_rule_keys[0]) <= DW_RULE_KEYS_MAX, "DW_RULE_KEYS_MAX");

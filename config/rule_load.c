/* rule_load.c: one mapping of `rules:` -> a dw_rule: which keys a kind takes and needs, each key's loader, and what only several
 * keys together show. */

#include "config/rule_load.h"
#include "proto/json.h"

#define KIND(k) (1u << DW_RULE_##k)
#define ALL (KIND(RECURRING) | KIND(DEADLINE) | KIND(COUNT) | KIND(DURATION) | KIND(SILENCE) | KIND(STALL))
#define TIMED (KIND(RECURRING) | KIND(DEADLINE) | KIND(DURATION) | KIND(SILENCE))
#define NEVER 0u

static const char *const kind_names[DW_RULE_KINDS] = {
    [DW_RULE_RECURRING] = "recurring", [DW_RULE_DEADLINE] = "deadline", [DW_RULE_COUNT] = "count",
    [DW_RULE_DURATION] = "duration",   [DW_RULE_SILENCE] = "silence",   [DW_RULE_STALL] = "stall",
};

typedef struct loading {
    dw_rule_loader *loader;
    const yaml_node_t *map;
    dw_rule *rule;
    bool limits_ok; /* the limits were readable, so it makes sense to compare them */
} loading;

#define problem(l, at, ...)                                                                                            \
    dw_problems_add((l)->loader->yaml->problems, (l)->loader->yaml->file, at, false, __VA_ARGS__)

static const yaml_node_t *member(const loading *l, const char *key)
{
    return dw_yaml_get(l->loader->yaml, l->map, key);
}

/* One of a NULL-ended list of names; its index, or -1 with a problem. */
static int load_choice(loading *l, const yaml_node_t *node, const char *key, const char *const *names)
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

static void load_id(loading *l, const yaml_node_t *node)
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
static void load_version(loading *l, const yaml_node_t *node)
{
    int64_t version;
    if (dw_load_number(l->loader, node, "version", 1, DW_RULE_VERSION_MAX, &version))
        l->rule->version = (uint32_t)version;
}
static void load_title(loading *l, const yaml_node_t *node)
{
    dw_load_text(l->loader, node, "title", DW_RULE_TITLE_BYTES_MAX, &l->rule->title);
}
static void load_trigger(loading *l, const yaml_node_t *node)
{
    dw_load_text(l->loader, node, "trigger", DW_RULE_TEXT_BYTES_MAX, &l->rule->trigger);
}
static void load_action(loading *l, const yaml_node_t *node)
{
    dw_load_text(l->loader, node, "action", DW_RULE_TEXT_BYTES_MAX, &l->rule->action);
}
static void load_next_step(loading *l, const yaml_node_t *node)
{
    dw_load_text(l->loader, node, "next_step", DW_RULE_TEXT_BYTES_MAX, &l->rule->next_step);
}
static void load_source(loading *l, const yaml_node_t *node)
{
    dw_load_text(l->loader, node, "source", DW_RULE_TEXT_BYTES_MAX, &l->rule->source);
}
static void load_reason(loading *l, const yaml_node_t *node)
{
    dw_load_text(l->loader, node, "reason", DW_RULE_TEXT_BYTES_MAX, &l->rule->reason);
}
static void load_status(loading *l, const yaml_node_t *node)
{
    static const char *const names[] = {"REG", "SG", "LOC", "DATA", "BP", NULL};
    int i = load_choice(l, node, "status", names);
    if (i >= 0)
        l->rule->status = dw_str_from(names[i]);
}
static void load_reviewed_on(loading *l, const yaml_node_t *node)
{
    if (!dw_date_parse(dw_yaml_scalar(node), &l->rule->reviewed_on))
        problem(l, node, "reviewed_on must be a date such as 2026-03-31");
}
static void load_priority(loading *l, const yaml_node_t *node)
{
    static const char *const names[] = {"P1", "P2", "P3", NULL};
    static const dw_priority priorities[] = {DW_P1, DW_P2, DW_P3};
    int i = load_choice(l, node, "priority", names);
    if (i >= 0)
        l->rule->priority = priorities[i];
}

/* --- what the duty hangs on */

static void load_over(loading *l, const yaml_node_t *node)
{
    if (!dw_load_selector(l->loader, node, "over", &l->rule->over))
        l->rule->over.family = DW_SPAN_FAMILIES; /* what depends on it keeps quiet */
}
static void load_rests_while(loading *l, const yaml_node_t *node)
{
    size_t n = dw_list_count(l->loader, node, "rests_while", DW_RULE_RESTS_MAX);
    for (size_t i = 0; i < n; i++)
        dw_load_selector(l->loader, dw_list_item(l->loader, node, i), "rests_while", &l->rule->rests[i]);
    l->rule->rest_count = (uint32_t)n;
}

static void load_clause_list(loading *l, const yaml_node_t *node, const char *key, bool with_limit, dw_clause *out,
                             uint32_t *count)
{
    dw_clause_use use = {key, l->rule->over.family, with_limit};
    dw_load_clauses(l->loader, node, use, out, count);
}
static void load_after_rest(loading *l, const yaml_node_t *node)
{
    load_clause_list(l, node, "after_rest", false, l->rule->after_rest, &l->rule->after_rest_count);
}
static void load_evidence(loading *l, const yaml_node_t *node)
{
    load_clause_list(l, node, "evidence", true, l->rule->evidence, &l->rule->evidence_count);
}
static void load_answer(loading *l, const yaml_node_t *node)
{
    load_clause_list(l, node, "answer", false, l->rule->answer, &l->rule->answer_count);
}

/* --- from when the limit counts */

static void anchor_fields(loading *l, dw_text *text)
{
    dw_rule *rule = l->rule;
    dw_scope scope = dw_scope_of_family(rule->over.family);
    size_t max = sizeof(rule->anchor_fields) / sizeof(rule->anchor_fields[0]);
    do {
        dw_field_info info = {0};
        uint32_t at = text->start;
        dw_text_next(text); /* `field`, or a comma */
        at = text->start;
        const dw_field_ref *ref = dw_text_field(text, &scope, &info);
        if (ref != NULL && info.kind != DW_VAL_DATE && info.kind != DW_VAL_INSTANT)
            dw_text_wrong(text, at, "a limit counts from a date or an instant; this field holds neither");
        if (rule->anchor_field_count == max)
            dw_text_fail(text, "more than %zu fields", max);
        else
            rule->anchor_fields[rule->anchor_field_count++] = ref;
    } while (!text->failed && text->token == DW_TOK_COMMA);
    rule->anchor = DW_ANCHOR_FIELD;
}

static void anchor_latest(loading *l, dw_text *text)
{
    dw_text_next(text);
    l->rule->anchor = DW_ANCHOR_BEFORE_START;
    dw_text_clause(text, &l->rule->anchor_clause);
}

/* start | end | field F {, F} | latest EVENT_TYPE [where ...] | crossing RULE */
static void load_counts_from(loading *l, const yaml_node_t *node)
{
    dw_rule *rule = l->rule;
    dw_text text = dw_text_open(l->loader->yaml, node, l->loader->arena, "counts_from");
    if (text.failed)
        return;
    if (dw_text_is(&text, "field")) {
        anchor_fields(l, &text);
    } else if (dw_text_is(&text, "latest")) {
        anchor_latest(l, &text);
    } else if (dw_text_take(&text, "start")) {
        rule->anchor = DW_ANCHOR_START;
    } else if (dw_text_take(&text, "end")) {
        rule->anchor = DW_ANCHOR_END;
        if (rule->kind != DW_RULE_DEADLINE)
            problem(l, node, "counts_from: end belongs to a rule of kind deadline");
    } else if (dw_text_take(&text, "crossing")) {
        rule->anchor = DW_ANCHOR_CROSSING;
        rule->anchor_rule_id = dw_arena_str(l->loader->arena, text.word);
        if (text.token != DW_TOK_WORD)
            dw_text_fail(&text, "the id of a rule of kind count belongs here");
        dw_text_next(&text);
    } else {
        dw_text_fail(&text, "counts_from is start, end, field NAME, latest EVENT or crossing RULE");
    }
    dw_text_finish(&text);
}

static void load_met_by(loading *l, const yaml_node_t *node)
{
    static const char *const names[] = {"evidence", "end", NULL};
    int i = load_choice(l, node, "met_by", names);
    l->rule->met_by = i == 1 ? DW_MET_BY_END : DW_MET_BY_EVIDENCE;
}
static void load_evidence_after_start(loading *l, const yaml_node_t *node)
{
    dw_load_bool(l->loader, node, "evidence_after_start", &l->rule->evidence_after_start);
}

/* --- intervals of a recurring duty */

static void load_from_start(loading *l, const yaml_node_t *node)
{
    dw_load_bool(l->loader, node, "from_start", &l->rule->from_start);
}

/* A number of the text, from 1 to `max`; 0 with a problem. */
static int take_count(dw_text *text, int max)
{
    int n = 0;
    for (uint32_t i = 0; text->token == DW_TOK_WORD && i < text->word.len; i++) {
        char c = text->word.ptr[i];
        n = c >= '0' && c <= '9' && n <= max ? n * 10 + (c - '0') : max + 1;
    }
    if (n < 1 || n > max)
        dw_text_fail(text, "a whole number from 1 to %d belongs here", max);
    else
        dw_text_next(text);
    return n;
}

/* "1", "2 on", "1 to 3" */
static void load_nth(loading *l, const yaml_node_t *node)
{
    dw_text text = dw_text_open(l->loader->yaml, node, l->loader->arena, "nth");
    if (text.failed)
        return;
    int from = take_count(&text, 1000), to = from;
    if (dw_text_take(&text, "on"))
        to = 0;
    else if (dw_text_take(&text, "to"))
        to = take_count(&text, 1000);
    if (dw_text_finish(&text) && to != 0 && to < from)
        problem(l, node, "nth ends before it begins");
    l->rule->nth_from = (uint32_t)from;
    l->rule->nth_to = (uint32_t)to;
}

/* "until 12 months", "from 12 months", "from 6 until 12 months" */
static void load_band(loading *l, const yaml_node_t *node)
{
    dw_rule *rule = l->rule;
    dw_text text = dw_text_open(l->loader->yaml, node, l->loader->arena, "band");
    if (text.failed)
        return;
    if (dw_text_take(&text, "from"))
        rule->band_from_months = take_count(&text, DW_LIMIT_YEARS_MAX * 12);
    if (dw_text_take(&text, "until"))
        rule->band_until_months = take_count(&text, DW_LIMIT_YEARS_MAX * 12);
    if (rule->band_from_months == 0 && rule->band_until_months == 0)
        dw_text_fail(&text, "band is such as: until 12 months, from 12 months, from 6 until 12 months");
    if (!text.failed && !dw_text_take(&text, "months"))
        dw_text_fail(&text, "expected `months` here");
    if (dw_text_finish(&text) && rule->band_until_months != 0 && rule->band_until_months <= rule->band_from_months)
        problem(l, node, "band ends before it begins");
    rule->has_band = true;
}

static const dw_field_ref *find_part(loading *l, const yaml_node_t *node, const char *name, dw_value_kind kind)
{
    dw_scope scope = dw_scope_of_family(l->rule->over.family);
    char full[80];
    dw_field_info info = {0};
    dw_str s = dw_yaml_scalar(node);
    snprintf(full, sizeof(full), "%.*s.%s", s.len > 40 ? 40 : (int)s.len, s.ptr, name);
    dw_text text = {.yaml = l->loader->yaml,
                    .node = node,
                    .arena = l->loader->arena,
                    .text = s,
                    .token = DW_TOK_WORD,
                    .word = dw_str_from(full)};
    const dw_field_ref *ref = dw_text_field(&text, &scope, &info);
    if (ref != NULL && info.kind != kind) {
        problem(l, node, "recorded_frequency must name a field with days, unit and from");
        return NULL;
    }
    return ref;
}
static void load_recorded_frequency(loading *l, const yaml_node_t *node)
{
    l->rule->frequency_days = find_part(l, node, "days", DW_VAL_INT);
    if (l->rule->frequency_days == NULL)
        return; /* said once */
    l->rule->frequency_unit = find_part(l, node, "unit", DW_VAL_ENUM);
    l->rule->frequency_from = find_part(l, node, "from", DW_VAL_DATE);
}

/* A field of the evidence. */
static const dw_field_ref *evidence_field(loading *l, const yaml_node_t *node, const char *key, dw_field_info *info)
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
static void load_due_override(loading *l, const yaml_node_t *node)
{
    dw_field_info info = {0};
    l->rule->due_override = evidence_field(l, node, "due_override", &info);
    if (l->rule->due_override != NULL && info.kind != DW_VAL_DATE)
        problem(l, node, "due_override must name a field that holds a date");
}

/* --- limits */

static void load_limit(loading *l, const yaml_node_t *node)
{
    l->limits_ok = dw_load_limits(l->loader, node, l->rule);
}
static void load_strictest(loading *l, const yaml_node_t *node)
{
    dw_load_bool(l->loader, node, "strictest", &l->rule->strictest);
}
static void load_count(loading *l, const yaml_node_t *node)
{
    static const char *const names[] = {"excl", "incl", NULL};
    l->rule->count_mode = load_choice(l, node, "count", names) == 1 ? DW_COUNT_INCL : DW_COUNT_EXCL;
}
static void load_calendar(loading *l, const yaml_node_t *node)
{
    const char *names[DW_PROFILE_COUNT + 1] = {NULL};
    for (int i = 0; i < DW_PROFILE_COUNT; i++)
        names[i] = dw_profile_name((dw_profile)i);
    int i = load_choice(l, node, "calendar", names);
    if (i >= 0)
        l->rule->calendar = (dw_profile)i;
}

/* "24 hours" each, ascending: elapsed time after the due instant. */
static void load_climb_after(loading *l, const yaml_node_t *node)
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

/* --- counts */

static void load_threshold(loading *l, const yaml_node_t *node)
{
    int64_t n;
    if (dw_load_number(l->loader, node, "threshold", 2, 100, &n))
        l->rule->threshold = (uint32_t)n;
}
static void load_window(loading *l, const yaml_node_t *node)
{
    dw_rule *rule = l->rule;
    if (!dw_load_limit_amount(l->loader, node, "window", &rule->window_n, &rule->window_unit))
        return;
    if (rule->window_unit == DW_UNIT_WEEKS) {
        rule->window_n *= 7;
        rule->window_unit = DW_UNIT_DAYS;
    }
    if (rule->window_unit != DW_UNIT_DAYS && rule->window_unit != DW_UNIT_MONTHS)
        problem(l, node, "window counts days, weeks or months");
}
static void load_until(loading *l, const yaml_node_t *node)
{
    static const char *const names[] = {"window", "answered", "flag", NULL};
    static const dw_count_until values[] = {DW_UNTIL_WINDOW, DW_UNTIL_ANSWERED, DW_UNTIL_FLAG};
    int i = load_choice(l, node, "until", names);
    if (i >= 0)
        l->rule->until = values[i];
}
static void load_distinct(loading *l, const yaml_node_t *node)
{
    dw_field_info info = {0};
    if (l->rule->evidence_count == 0)
        problem(l, node, "distinct counts values of a field of the evidence, and there is no evidence");
    else
        l->rule->distinct = evidence_field(l, node, "distinct", &info);
}

/* --- stall */

static void load_same(loading *l, const yaml_node_t *node)
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
static void load_both(loading *l, const yaml_node_t *node)
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

typedef struct rule_key {
    const char *name;
    unsigned takes, needs; /* kinds */
    void (*load)(loading *l, const yaml_node_t *node);
    const char *what; /* for "is missing" */
} rule_key;

static const rule_key rule_keys[] = {
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
    {"over", ALL, ALL & ~KIND(COUNT), load_over, "what the duty hangs on"},
    {"rests_while", KIND(RECURRING) | KIND(DEADLINE) | KIND(DURATION) | KIND(SILENCE), NEVER, load_rests_while, NULL},
    {"after_rest", KIND(RECURRING), NEVER, load_after_rest, NULL},
    {"counts_from", KIND(RECURRING) | KIND(DEADLINE) | KIND(DURATION), NEVER, load_counts_from, NULL},
    {"met_by", KIND(DEADLINE), NEVER, load_met_by, NULL},
    {"evidence", KIND(RECURRING) | KIND(DEADLINE) | KIND(COUNT) | KIND(STALL), KIND(RECURRING) | KIND(STALL),
     load_evidence, "which events count"},
    {"evidence_after_start", KIND(RECURRING) | KIND(DEADLINE), NEVER, load_evidence_after_start, NULL},
    {"from_start", KIND(RECURRING), NEVER, load_from_start, NULL},
    {"nth", KIND(RECURRING), NEVER, load_nth, NULL},
    {"band", KIND(RECURRING), NEVER, load_band, NULL},
    {"recorded_frequency", KIND(RECURRING), NEVER, load_recorded_frequency, NULL},
    {"due_override", KIND(RECURRING), NEVER, load_due_override, NULL},
    {"limit", TIMED, TIMED, load_limit, "how long"},
    {"strictest", TIMED, NEVER, load_strictest, NULL},
    {"count", TIMED, NEVER, load_count, NULL},
    {"calendar", TIMED, NEVER, load_calendar, NULL},
    {"climb_after", KIND(DEADLINE) | KIND(DURATION), NEVER, load_climb_after, NULL},
    {"threshold", KIND(COUNT), KIND(COUNT), load_threshold, "how many"},
    {"window", KIND(COUNT), KIND(COUNT), load_window, "within how long"},
    {"until", KIND(COUNT), KIND(COUNT), load_until, "how it ends: window, answered or flag"},
    {"distinct", KIND(COUNT), NEVER, load_distinct, NULL},
    {"answer", KIND(COUNT), NEVER, load_answer, NULL},
    {"same", KIND(STALL), KIND(STALL), load_same, "what must be unchanged"},
    {"both", KIND(STALL), NEVER, load_both, NULL},
};
#define RULE_KEYS (sizeof(rule_keys) / sizeof(rule_keys[0]))

static void check_keys(loading *l, unsigned kind)
{
    const char *names[RULE_KEYS + 1] = {NULL};
    for (size_t i = 0; i < RULE_KEYS; i++)
        names[i] = rule_keys[i].name;
    dw_yaml_only(l->loader->yaml, l->map, names);
    dw_str id = dw_yaml_scalar(member(l, "id"));
    if (id.len == 0 || id.len > DW_RULE_ID_BYTES_MAX)
        id = DW_STR_LIT("this rule");
    for (size_t i = 0; i < RULE_KEYS; i++) {
        const rule_key *key = &rule_keys[i];
        const yaml_node_t *node = member(l, key->name);
        if (node == NULL && (key->needs & kind) == kind)
            problem(l, l->map, "%.*s: %s is missing (%s)", DW_STR_ARG(id), key->name, key->what);
        if (node != NULL && (key->takes & kind) == 0)
            problem(l, node, "%s does not belong to a rule of kind %s", key->name, kind_names[l->rule->kind]);
    }
}

/* --- what only several keys together show */

static void check_evidence(loading *l)
{
    const dw_rule *rule = l->rule;
    const yaml_node_t *evidence = member(l, "evidence"), *over = member(l, "over"), *until = member(l, "until");
    if (rule->kind == DW_RULE_DEADLINE && rule->met_by == DW_MET_BY_EVIDENCE && evidence == NULL)
        problem(l, l->map, "%.*s: evidence is missing (which events count), or met_by: end", DW_STR_ARG(rule->id));
    if (rule->kind == DW_RULE_DEADLINE && rule->met_by == DW_MET_BY_END && evidence != NULL)
        problem(l, evidence, "evidence does not belong beside met_by: end");
    if (rule->kind == DW_RULE_DEADLINE && rule->met_by == DW_MET_BY_END && rule->anchor == DW_ANCHOR_END)
        problem(l, member(l, "counts_from"), "counts_from: end does not belong beside met_by: end");
    if (rule->kind != DW_RULE_COUNT)
        return;
    if (evidence == NULL && over == NULL)
        problem(l, l->map, "%.*s: what is counted is missing: over (spans) or evidence (events)", DW_STR_ARG(rule->id));
    if (until == NULL)
        return;
    if ((rule->until == DW_UNTIL_ANSWERED) != (member(l, "answer") != NULL))
        problem(l, until, "until: answered and answer belong together");
    if (rule->until != DW_UNTIL_WINDOW && evidence != NULL)
        problem(l, until,
                "events (evidence) are counted with until: window only; answered and flag count spans (over)");
}

static void check_limits(loading *l)
{
    const dw_rule *rule = l->rule;
    const yaml_node_t *node = member(l, "limit"), *calendar = member(l, "calendar"), *count = member(l, "count");
    bool hours = false, dates = false, working = false, open_end = false;
    for (uint32_t i = 0; i < rule->limit_count; i++) {
        const dw_limit *limit = &rule->limits[i];
        hours = hours || limit->unit == DW_UNIT_HOURS;
        dates = dates || limit->unit != DW_UNIT_HOURS;
        working = working || limit->unit == DW_UNIT_WORKING_DAYS;
        if (open_end && !rule->strictest)
            problem(l, dw_list_item(l->loader, node, i), "this limit is never reached: the one before always holds");
        open_end = open_end || (limit->when == NULL && !limit->has_while);
    }
    if (hours && dates)
        problem(l, node, "limit mixes hours with days: hours are elapsed time, days are dates");
    if (hours && !dates && (calendar != NULL || count != NULL))
        problem(l, calendar != NULL ? calendar : count, "%s does not belong to a limit in hours, which is elapsed time",
                calendar != NULL ? "calendar" : "count");
    if (hours && rule->kind != DW_RULE_DEADLINE)
        problem(l, node, "only a rule of kind deadline counts hours");
    if (working && calendar != NULL && rule->calendar == DW_CAL_CALENDAR)
        problem(l, calendar, "working days need a calendar of working days: ew, ew+closure or weekdays");
    if (!working && !hours && calendar != NULL && rule->calendar != DW_CAL_CALENDAR)
        problem(l, calendar, "calendar: %s belongs to a limit in working days", dw_profile_name(rule->calendar));
    if (rule->frequency_days != NULL && hours)
        problem(l, member(l, "recorded_frequency"), "recorded_frequency does not belong to a limit in hours");
}

static void check_intervals(loading *l)
{
    const dw_rule *rule = l->rule;
    if (rule->kind == DW_RULE_STALL && rule->same_count == 0 && member(l, "same") != NULL)
        problem(l, member(l, "same"), "same needs a field beside the placement");
    if (rule->anchor == DW_ANCHOR_CROSSING && rule->kind != DW_RULE_DEADLINE)
        problem(l, member(l, "counts_from"), "counts_from: crossing belongs to a rule of kind deadline");
    if (rule->nth_from != 0 && rule->from_start)
        problem(l, member(l, "nth"), "nth chooses among intervals that evidence began: it needs from_start: false");
    if (rule->after_rest_count != 0 && rule->rest_count == 0)
        problem(l, member(l, "after_rest"), "after_rest without rests_while");
    if (rule->anchor == DW_ANCHOR_CROSSING && rule->over.family != DW_SPAN_CHILD &&
        rule->over.family != DW_SPAN_FAMILIES)
        problem(l, member(l, "counts_from"), "counts_from: crossing needs over: child");
    if (rule->strictest && rule->limit_count < 2)
        problem(l, member(l, "strictest"), "strictest chooses among several limits");
}

/* The kind decides what else belongs here; -1 with a problem. */
static int load_kind(loading *l)
{
    const char *names[DW_RULE_KINDS + 1] = {NULL};
    const yaml_node_t *node = member(l, "kind");
    memcpy(names, kind_names, sizeof(kind_names));
    if (node == NULL) {
        problem(l, l->map, "kind is missing (recurring, deadline, count, duration, silence or stall)");
        return -1;
    }
    return load_choice(l, node, "kind", names);
}

bool dw_rule_load(dw_rule_loader *loader, const yaml_node_t *map, dw_rule *rule)
{
    loading l = {.loader = loader, .map = map, .rule = rule};
    size_t errors = loader->yaml->problems->errors;
    if (map->type != YAML_MAPPING_NODE) {
        problem(&l, map, "a rule is a mapping (id:, title:, ...)");
        return false;
    }
    *rule = (dw_rule){.line = (uint32_t)map->start_mark.line + 1};
    int kind = load_kind(&l);
    if (kind >= 0)
        rule->kind = (dw_rule_kind)kind;
    rule->from_start = rule->kind == DW_RULE_RECURRING;
    check_keys(&l, kind >= 0 ? 1u << kind : ALL);
    if (member(&l, "over") == NULL && rule->kind != DW_RULE_COUNT)
        rule->over.family = DW_SPAN_FAMILIES;
    for (size_t i = 0; i < RULE_KEYS; i++) {
        const yaml_node_t *node = member(&l, rule_keys[i].name);
        if (node != NULL && rule_keys[i].load != NULL && (kind < 0 || (rule_keys[i].takes & (1u << kind)) != 0))
            rule_keys[i].load(&l, node);
    }
    if (kind < 0)
        return false;
    bool working = false;
    for (uint32_t i = 0; i < rule->limit_count; i++)
        working = working || rule->limits[i].unit == DW_UNIT_WORKING_DAYS;
    if (member(&l, "calendar") == NULL)
        rule->calendar = working ? DW_CAL_EW : DW_CAL_CALENDAR;
    rule->count_spans = rule->kind == DW_RULE_COUNT && rule->evidence_count == 0;
    check_evidence(&l);
    if (l.limits_ok)
        check_limits(&l);
    check_intervals(&l);
    return loader->yaml->problems->errors == errors;
}

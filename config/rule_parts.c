/* rule_parts.c: the parts of a rule: texts, numbers, amounts of time, selectors and clauses. */

#include "config/rule_load.h"

#include <errno.h>

#define problem(loader, at, ...) dw_problems_add((loader)->yaml->problems, (loader)->yaml->file, at, false, __VA_ARGS__)

bool dw_load_text(dw_rule_loader *loader, const yaml_node_t *node, const char *key, uint32_t max, dw_str *out)
{
    dw_str s = dw_yaml_scalar(node);
    while (s.len > 0 && (s.ptr[s.len - 1] == '\n' || s.ptr[s.len - 1] == ' '))
        s.len--;
    if (node->type != YAML_SCALAR_NODE || dw_yaml_is_null(node) || s.len == 0) {
        problem(loader, node, "%s must be a text", key);
        return false;
    }
    if (s.len > max) {
        problem(loader, node, "%s is longer than %u bytes", key, max);
        return false;
    }
    for (uint32_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f) {
            problem(loader, node, "%s must be one line (in YAML, > joins lines)", key);
            return false;
        }
    }
    *out = dw_arena_str(loader->arena, s);
    if (out->ptr == NULL)
        problem(loader, node, "out of memory");
    return out->ptr != NULL;
}

bool dw_load_number(dw_rule_loader *loader, const yaml_node_t *node, const char *key, int64_t min, int64_t max,
                    int64_t *out)
{
    char buf[24], *end = buf;
    dw_str s = dw_yaml_scalar(node);
    int64_t value = 0;
    if (s.len > 0 && s.len < sizeof(buf) && s.ptr[0] >= '0' && s.ptr[0] <= '9') {
        memcpy(buf, s.ptr, s.len);
        buf[s.len] = '\0';
        errno = 0;
        value = strtoll(buf, &end, 10);
    }
    if (end == buf || *end != '\0' || errno != 0 || value < min || value > max) {
        problem(loader, node, "%s must be a whole number from %lld to %lld", key, (long long)min, (long long)max);
        return false;
    }
    *out = value;
    return true;
}

bool dw_load_bool(dw_rule_loader *loader, const yaml_node_t *node, const char *key, bool *out)
{
    dw_str s = dw_yaml_scalar(node);
    bool yes = dw_str_eq(s, DW_STR_LIT("true"));
    if (!yes && !dw_str_eq(s, DW_STR_LIT("false"))) {
        problem(loader, node, "%s must be true or false", key);
        return false;
    }
    *out = yes;
    return true;
}

size_t dw_list_count(dw_rule_loader *loader, const yaml_node_t *node, const char *key, size_t max)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return 1;
    size_t n = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    if (n == 0)
        problem(loader, node, "%s is an empty list", key);
    if (n > max) {
        problem(loader, node, "%s: more than %zu", key, max);
        return 0;
    }
    return n;
}

const yaml_node_t *dw_list_item(dw_rule_loader *loader, const yaml_node_t *node, size_t i)
{
    return node->type == YAML_SEQUENCE_NODE ? dw_yaml_node(loader->yaml, node->data.sequence.items.start[i]) : node;
}

/* --- amounts of time */

static const struct {
    const char *name; /* plural; the singular is without its s */
    bool working;
    dw_amount_unit unit;
    int max;
} amount_units[] = {
    {"days", true, DW_AMOUNT_WORKING_DAYS, DW_LIMIT_YEARS_MAX * 262},
    {"days", false, DW_AMOUNT_DAYS, DW_LIMIT_YEARS_MAX * 366},
    {"weeks", false, DW_AMOUNT_WEEKS, DW_LIMIT_YEARS_MAX * 53},
    {"months", false, DW_AMOUNT_MONTHS, DW_LIMIT_YEARS_MAX * 12},
    {"hours", false, DW_AMOUNT_HOURS, DW_LIMIT_HOURS_MAX},
    {"hours", true, DW_AMOUNT_WORKING_HOURS, DW_LIMIT_HOURS_MAX},
};

static bool unit_word(dw_str word, const char *plural)
{
    uint32_t n = (uint32_t)strlen(plural);
    return dw_str_eq(word, (dw_str){plural, n}) || dw_str_eq(word, (dw_str){plural, n - 1});
}

static bool digits(dw_str word, int64_t *out)
{
    *out = 0;
    for (uint32_t i = 0; i < word.len; i++) {
        if (word.ptr[i] < '0' || word.ptr[i] > '9')
            return false;
        if (*out <= INT32_MAX)
            *out = *out * 10 + (word.ptr[i] - '0');
    }
    return word.len > 0;
}

bool dw_text_amount(dw_text *text, dw_amount *out)
{
    int64_t n = 0;
    uint32_t at = text->start;
    if (text->failed)
        return false;
    bool negative = text->token == DW_TOK_WORD && text->word.len > 1 && text->word.ptr[0] == '-';
    dw_str number = negative ? (dw_str){text->word.ptr + 1, text->word.len - 1} : text->word;
    if (text->token != DW_TOK_WORD || !digits(number, &n)) {
        dw_text_fail(text, "a length of time belongs here, such as 10 working days, 6 weeks, 3 months or 72 hours");
        return false;
    }
    dw_text_next(text);
    bool working = dw_text_take(text, "working");
    if (!working)
        dw_text_take(text, "calendar");
    for (size_t i = 0; i < sizeof(amount_units) / sizeof(amount_units[0]); i++) {
        if (text->token != DW_TOK_WORD || amount_units[i].working != working ||
            !unit_word(text->word, amount_units[i].name))
            continue;
        dw_text_next(text);
        if (negative || n == 0 || n > amount_units[i].max) {
            dw_text_wrong(text, at, "this must be from 1 to %d %s%s", amount_units[i].max, working ? "working " : "",
                          amount_units[i].name);
            return false;
        }
        *out = (dw_amount){(int)n, amount_units[i].unit};
        return true;
    }
    dw_text_fail(text, "a unit belongs here: working days, days, weeks, months or hours");
    return false;
}

bool dw_load_limit_amount(dw_rule_loader *loader, const yaml_node_t *node, const char *key, int *n, dw_unit *unit)
{
    dw_amount amount;
    dw_text text = dw_text_open(loader->yaml, node, loader->arena, key);
    if (!dw_text_amount(&text, &amount) || !dw_text_finish(&text))
        return false;
    *n = amount.n;
    switch (amount.unit) {
    case DW_AMOUNT_WORKING_DAYS:
        *unit = DW_UNIT_WORKING_DAYS;
        return true;
    case DW_AMOUNT_DAYS:
        *unit = DW_UNIT_DAYS;
        return true;
    case DW_AMOUNT_WEEKS:
        *unit = DW_UNIT_WEEKS;
        return true;
    case DW_AMOUNT_MONTHS:
        *unit = DW_UNIT_MONTHS;
        return true;
    case DW_AMOUNT_HOURS:
        *unit = DW_UNIT_HOURS;
        return true;
    case DW_AMOUNT_WORKING_HOURS:
        problem(loader, node, "%s counts elapsed hours; working hours belong to the ladder", key);
        return false;
    }
    return false;
}

/* --- selectors and clauses */

bool dw_load_selector(dw_rule_loader *loader, const yaml_node_t *node, const char *key, dw_span_selector *out)
{
    dw_text text = dw_text_open(loader->yaml, node, loader->arena, key);
    if (!dw_text_selector(&text, out) || !dw_text_finish(&text))
        return false;
    if (out->each && strcmp(key, "over") != 0)
        problem(loader, node, "each belongs to over; %s names a family of spans", key);
    return !out->each || strcmp(key, "over") == 0;
}

bool dw_family_has_id(dw_span_family family)
{
    switch (family) {
    case DW_SPAN_CHILD:
    case DW_SPAN_CASE:
    case DW_SPAN_UNALLOCATED:
    case DW_SPAN_LEVEL:
        return false;
    case DW_SPAN_PLAN:
    case DW_SPAN_CARE:
    case DW_SPAN_PLACEMENT:
    case DW_SPAN_EPISODE:
    case DW_SPAN_CONTACT:
    case DW_SPAN_REFERRAL:
    case DW_SPAN_ALLOCATION:
    case DW_SPAN_ASSESSMENT:
    case DW_SPAN_S47:
    case DW_SPAN_TRANSFER:
    case DW_SPAN_PREPROCEEDINGS:
    case DW_SPAN_PROCEEDINGS:
    case DW_SPAN_ACCOMMODATION:
    case DW_SPAN_DISPUTE:
    case DW_SPAN_FAMILIES: /* `over` was wrong, and said so */
        return true;
    }
    return false;
}

static bool load_link_field(dw_rule_loader *loader, const yaml_node_t *node, const dw_scope *scope,
                            const dw_field_ref **out)
{
    dw_field_info info = {0};
    dw_text text = dw_text_open(loader->yaml, node, loader->arena, "link");
    if (text.failed)
        return false;
    const dw_field_ref *ref = dw_text_field(&text, scope, &info);
    if (!dw_text_finish(&text) || ref == NULL)
        return false;
    if (info.kind != DW_VAL_STR && info.kind != DW_VAL_STRS) {
        problem(loader, node, "link must name a field that holds an id");
        return false;
    }
    *out = ref;
    return true;
}

/* link: FIELD or [FIELD, FIELD] */
bool dw_load_link(dw_rule_loader *loader, const yaml_node_t *node, dw_clause_use use, dw_clause *out)
{
    size_t n = dw_list_count(loader, node, "link", 2);
    if (n == 0)
        return false;
    if (!dw_family_has_id(use.linked_to)) {
        problem(loader, node, "link: spans of family %s have no id that a fact could name",
                dw_span_family_name(use.linked_to));
        return false;
    }
    dw_scope scope = out->has_begins ? dw_scope_of_family(out->begins.family) : dw_scope_of_type(out->type);
    bool ok = load_link_field(loader, dw_list_item(loader, node, 0), &scope, &out->link);
    if (n == 2)
        ok = load_link_field(loader, dw_list_item(loader, node, 1), &scope, &out->link_more) && ok;
    return ok;
}

/* begins: FAMILY [where ...], instead of fact */
static bool load_begins(dw_rule_loader *loader, const yaml_node_t *map, const yaml_node_t *node, dw_clause *out)
{
    static const char *const of_facts[] = {"fact", "breach_link", NULL};
    out->has_begins = dw_load_selector(loader, node, "begins", &out->begins);
    for (int i = 0; of_facts[i] != NULL; i++)
        if (dw_yaml_get(loader->yaml, map, of_facts[i]) != NULL)
            problem(loader, dw_yaml_get(loader->yaml, map, of_facts[i]), "%s does not belong beside begins",
                    of_facts[i]);
    return out->has_begins;
}

static bool load_clause_map(dw_rule_loader *loader, const yaml_node_t *map, dw_clause_use use, dw_clause *out)
{
    static const char *const keys[] = {"fact",     "link",        "link_required", "within_limit", "at_any_age",
                                       "any_time", "breach_link", "begins",        "from",         "until",
                                       NULL};
    static const char *const keys_without[] = {"fact", "link", "link_required", "from", "until", NULL};
    dw_yaml *yaml = loader->yaml;
    size_t errors = yaml->problems->errors;
    dw_yaml_only(yaml, map, use.with_limit ? keys : keys_without);
    const yaml_node_t *fact = dw_yaml_get(yaml, map, "fact"), *link = dw_yaml_get(yaml, map, "link");
    const yaml_node_t *required = dw_yaml_get(yaml, map, "link_required");
    const yaml_node_t *within = dw_yaml_get(yaml, map, "within_limit");
    const yaml_node_t *begins = use.with_limit ? dw_yaml_get(yaml, map, "begins") : NULL;
    bool typed = false;
    if (begins != NULL) {
        typed = load_begins(loader, map, begins, out);
    } else if (fact == NULL) {
        problem(loader, map, "%s: fact is missing (which events count)", use.key);
        return false;
    } else {
        dw_text text = dw_text_open(yaml, fact, loader->arena, "fact");
        typed = dw_text_clause(&text, out);
        typed = dw_text_finish(&text) && typed;
    }
    if (typed && link != NULL)
        dw_load_link(loader, link, use, out);
    if (required != NULL && dw_load_bool(loader, required, "link_required", &out->link_required) && link == NULL)
        problem(loader, required, "link_required without link");
    const yaml_node_t *any_age = dw_yaml_get(yaml, map, "at_any_age");
    if (any_age != NULL && use.with_limit)
        dw_load_bool(loader, any_age, "at_any_age", &out->at_any_age);
    if (within != NULL && use.with_limit)
        dw_load_bool(loader, within, "within_limit", &out->within_limit);
    const yaml_node_t *any_time = dw_yaml_get(yaml, map, "any_time"), *breach = dw_yaml_get(yaml, map, "breach_link");
    if (any_time != NULL && use.with_limit)
        dw_load_bool(loader, any_time, "any_time", &out->any_time);
    if (breach != NULL && use.with_limit && typed && begins == NULL)
        dw_load_breach_link(loader, breach, out);
    dw_load_dates(loader, map, &out->from_day, &out->until_day);
    return typed && yaml->problems->errors == errors;
}

bool dw_load_clauses(dw_rule_loader *loader, const yaml_node_t *node, dw_clause_use use, dw_clause *out,
                     uint32_t *count)
{
    size_t n = dw_list_count(loader, node, use.key, DW_RULE_CLAUSES_MAX);
    bool ok = n > 0;
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *item = dw_list_item(loader, node, i);
        out[i] = (dw_clause){0};
        if (item->type == YAML_MAPPING_NODE) {
            ok = load_clause_map(loader, item, use, &out[i]) && ok;
            continue;
        }
        dw_text text = dw_text_open(loader->yaml, item, loader->arena, use.key);
        ok = dw_text_clause(&text, &out[i]) && ok;
        ok = dw_text_finish(&text) && ok;
    }
    *count = (uint32_t)n;
    return ok;
}

/* check_language.c: what only one shipped rule says, or none, stands with its reason in config/single-use.txt, and nothing else
 * does; and driftwatch-standards(5) explains every key. The words are those that the loaders themselves ask for. */
// wrap: dw_text_open dw_text_take dw_text_is dw_text_selector dw_text_field dw_text_predicate dw_yaml_only dw_rule_choice

#include "config/overrides.h"
#include "config/rule_keys.h"
#include "tests/support/suite.h"
#include "tests/unit/config/cases.h"

#define WORDS_MAX 600
#define WORD_MAX 64

/* A word of the language and the shipped rules that say it. */
typedef struct word {
    char name[WORD_MAX]; /* "PLACE WORD" */
    unsigned rules;
    char rule[DW_RULE_ID_BYTES_MAX + 1]; /* the last of them */
    bool is_key;
} word;

static word words[WORDS_MAX];
static size_t word_count;
static char loading[DW_RULE_ID_BYTES_MAX + 1]; /* the rule at hand; empty: only to learn words */

static word *note(const char *place, const char *name, bool said)
{
    char whole[WORD_MAX];
    size_t i = 0;
    snprintf(whole, sizeof(whole), "%s %s", place, name);
    while (i < word_count && strcmp(words[i].name, whole) != 0)
        i++;
    ck_assert_uint_lt(i, WORDS_MAX);
    if (i == word_count)
        snprintf(words[word_count++].name, WORD_MAX, "%s", whole);
    if (said && loading[0] != '\0' && strcmp(words[i].rule, loading) != 0) {
        words[i].rules++;
        snprintf(words[i].rule, sizeof(words[i].rule), "%s", loading);
    }
    return &words[i];
}

/* --- what the loaders ask for */

static const char *text_of = ""; /* the key whose text is being read */

dw_text __real_dw_text_open(dw_yaml *yaml, const yaml_node_t *node, dw_arena *arena, const char *what);
dw_text __wrap_dw_text_open(dw_yaml *yaml, const yaml_node_t *node, dw_arena *arena, const char *what);
dw_text __wrap_dw_text_open(dw_yaml *yaml, const yaml_node_t *node, dw_arena *arena, const char *what)
{
    text_of = what;
    return __real_dw_text_open(yaml, node, arena, what);
}

static void note_word(const char *name, bool said)
{
    static const char *const of_conditions[] = {"and", "or", "not", "in", "absent", "present", NULL};
    static const char *const of_amounts[] = {"working", "calendar", NULL};
    const char *place = text_of;
    for (int i = 0; of_conditions[i] != NULL; i++)
        place = strcmp(name, of_conditions[i]) == 0 ? "where" : place;
    for (int i = 0; of_amounts[i] != NULL; i++)
        place = strcmp(name, of_amounts[i]) == 0 ? "amount" : place;
    note(place, name, said);
}

bool __real_dw_text_take(dw_text *text, const char *name);
bool __wrap_dw_text_take(dw_text *text, const char *name);
bool __wrap_dw_text_take(dw_text *text, const char *name)
{
    bool taken = __real_dw_text_take(text, name);
    note_word(name, taken);
    return taken;
}

bool __real_dw_text_is(const dw_text *text, const char *name);
bool __wrap_dw_text_is(const dw_text *text, const char *name);
bool __wrap_dw_text_is(const dw_text *text, const char *name)
{
    bool is = __real_dw_text_is(text, name);
    note_word(name, is);
    return is;
}

bool __real_dw_text_selector(dw_text *text, dw_span_selector *out);
bool __wrap_dw_text_selector(dw_text *text, dw_span_selector *out);
bool __wrap_dw_text_selector(dw_text *text, dw_span_selector *out)
{
    bool ok = __real_dw_text_selector(text, out);
    if (ok && out->each)
        note("over", "each", true);
    else if (ok)
        note("spans", dw_span_family_name(out->family), true);
    return ok;
}

static const char *const span_words[] = {"",
#define X(e, n, f, v) n,
                                         DW_SPAN_WORD_LIST(X)
#undef X
};

const dw_field_ref *__real_dw_text_field(dw_text *text, const dw_scope *scope, dw_field_info *info);
const dw_field_ref *__wrap_dw_text_field(dw_text *text, const dw_scope *scope, dw_field_info *info);
const dw_field_ref *__wrap_dw_text_field(dw_text *text, const dw_scope *scope, dw_field_info *info)
{
    const dw_field_ref *ref = __real_dw_text_field(text, scope, info);
    if (ref != NULL && ref->word != DW_WORD_NONE)
        note("spans where", span_words[ref->word], true)->is_key = true;
    return ref;
}

static void note_condition(const dw_pred *pred)
{
    static const char *const signs[] = {
        [DW_PRED_LT] = "<", [DW_PRED_LE] = "<=", [DW_PRED_GT] = ">", [DW_PRED_GE] = ">="};
    if (pred == NULL)
        return;
    if (pred->op >= DW_PRED_LT)
        note("where", signs[pred->op], true);
    for (uint32_t i = 0; pred->strings != NULL && pred->field->word != DW_WORD_NONE && i < pred->set_count; i++)
        note(span_words[pred->field->word], pred->strings[i].ptr, true);
    note_condition(pred->left);
    note_condition(pred->right);
}

const dw_pred *__real_dw_text_predicate(dw_text *text, const dw_scope *scope);
const dw_pred *__wrap_dw_text_predicate(dw_text *text, const dw_scope *scope);
const dw_pred *__wrap_dw_text_predicate(dw_text *text, const dw_scope *scope)
{
    const dw_pred *pred = __real_dw_text_predicate(text, scope);
    note_condition(pred);
    return pred;
}

/* The mapping that has these keys. */
static const char *place_of(const char *const *allowed)
{
    static const char *const places[][3] = {{"fact", "link", "evidence"},     {"limit", "when", "limit"},
                                            {"limit", "counts_from", "warn"}, {"field", "of", "recorded_frequency"},
                                            {"latest", "nth", "counts_from"}, {"from", "until", "in_force"},
                                            {"threshold", "warn", "bands"}};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (strcmp(allowed[0], places[i][0]) == 0 && strcmp(allowed[1], places[i][1]) == 0)
            return places[i][2];
    return "rule";
}

void __real_dw_yaml_only(dw_yaml *yaml, const yaml_node_t *map, const char *const *allowed);
void __wrap_dw_yaml_only(dw_yaml *yaml, const yaml_node_t *map, const char *const *allowed);
void __wrap_dw_yaml_only(dw_yaml *yaml, const yaml_node_t *map, const char *const *allowed)
{
    bool of_file = strcmp(allowed[0], "working_hours") == 0;
    for (int i = 0; allowed[i] != NULL && !of_file; i++)
        note(place_of(allowed), allowed[i], dw_yaml_get(yaml, map, allowed[i]) != NULL)->is_key = true;
    __real_dw_yaml_only(yaml, map, allowed);
}

int __real_dw_rule_choice(dw_rule_loading *l, const yaml_node_t *node, const char *key, const char *const *names);
int __wrap_dw_rule_choice(dw_rule_loading *l, const yaml_node_t *node, const char *key, const char *const *names);
int __wrap_dw_rule_choice(dw_rule_loading *l, const yaml_node_t *node, const char *key, const char *const *names)
{
    int chosen = __real_dw_rule_choice(l, node, key, names);
    for (int i = 0; names[i] != NULL; i++)
        note(key, names[i], i == chosen);
    return chosen;
}

/* --- what stands in a rule without a word being asked for */

static void note_limit(const dw_limit *limit)
{
    static const char *const units[] = {[DW_UNIT_WORKING_DAYS] = "working days",
                                        [DW_UNIT_DAYS] = "days",
                                        [DW_UNIT_MONTHS] = "months",
                                        [DW_UNIT_HOURS] = "hours"};
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (units[i] != NULL)
            note("limit in", units[i], !limit->recorded && limit->unit == (dw_unit)i);
    note("limit", "recorded", limit->recorded);
    note("limit", "0 days", !limit->recorded && limit->n == 0);
}

static void note_rule(const dw_rule *rule)
{
    static const char *const priorities[] = {[DW_P1] = "P1", [DW_P2] = "P2", [DW_P3] = "P3"};
    for (uint32_t i = 0; i < rule->limit_count; i++)
        note_limit(&rule->limits[i]);
    for (int i = 0; i < DW_PROFILE_COUNT; i++)
        note("calendar", dw_profile_name((dw_profile)i), rule->calendar == (dw_profile)i && rule->limit_count != 0);
    for (size_t i = 0; i < sizeof(priorities) / sizeof(priorities[0]); i++)
        if (priorities[i] != NULL)
            note("priority", priorities[i], rule->priority == (dw_priority)i);
    note("count", "incl", rule->count_mode == DW_COUNT_INCL);
    note("window", "ever", rule->window_ever);
}

static void load_rule(dw_yaml *yaml, const yaml_node_t *map)
{
    dw_rule out[DW_RULE_PARTS_MAX] = {0};
    dw_rule_loader loader = {yaml, dw_arena_new((size_t)1 << 20)};
    size_t n = 0;
    if (dw_rule_is_caseload(yaml, map))
        dw_rule_load_caseload(&loader, map, out);
    else
        n = dw_rule_load_parts(&loader, map, out);
    for (size_t i = 0; i < n; i++)
        note_rule(&out[i]);
    dw_arena_free(&loader.arena);
}

static void load_all(const char *file, bool shipped)
{
    char *text = case_file(file);
    dw_problems problems = {0};
    dw_standards_text *s = dw_standards_text_open(file, dw_str_from(text), &problems);
    ck_assert_ptr_nonnull(s);
    for (size_t i = 0; i < s->rule_count; i++) {
        const yaml_node_t *map = dw_yaml_node(&s->yaml, s->rules[i].base);
        const yaml_node_t *id = dw_yaml_get(&s->yaml, map, "id");
        snprintf(loading, sizeof(loading), "%s", shipped ? (const char *)id->data.scalar.value : "");
        load_rule(&s->yaml, map);
        for (size_t k = 0; k < s->preset_count; k++)
            if (s->presets[k].rule == i)
                load_rule(&s->yaml, dw_yaml_node(&s->yaml, s->presets[k].map));
    }
    loading[0] = '\0';
    ck_assert_uint_eq(problems.errors, 0);
    dw_problems_deinit(&problems);
    dw_standards_text_free(&s);
    free(text);
}

/* Every word there is, and who says it. */
static void setup(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    word_count = 0;
    for (size_t i = 0; i < dw_rule_key_count; i++)
        note("rule", dw_rule_keys[i].name, false)->is_key = true;
    for (int i = 0; i < DW_SPAN_FAMILIES; i++)
        note("spans", dw_span_family_name((dw_span_family)i), false);
    for (size_t i = 1; i < sizeof(span_words) / sizeof(span_words[0]); i++) {
        char values[80], *at = values, *value;
        note("spans where", span_words[i], false)->is_key = true;
        snprintf(values, sizeof(values), "%s", dw_span_word_values(dw_str_from(span_words[i])));
        while ((value = strsep(&at, " ")) != NULL)
            note(span_words[i], value, false);
    }
    load_all("rules.yaml", false);
    load_all("config/default/standards.yaml", true);
}

/* --- the list */

typedef struct line {
    char name[WORD_MAX], rule[DW_RULE_ID_BYTES_MAX + 1];
} line;

/* "NAME  RULE  reason" with two blanks or more between them. False: a comment or nothing. */
static bool read_line(char *text, line *out)
{
    if (text[0] == '#' || text[0] == '\0')
        return false;
    char *rule = strstr(text, "  ");
    ck_assert_msg(rule != NULL, "no rule: %s", text);
    *rule = '\0';
    rule += 1 + strspn(rule + 1, " ");
    char *reason = strstr(rule, "  ");
    ck_assert_msg(reason != NULL && strlen(reason) > 8, "no reason: %s", text);
    *reason = '\0';
    snprintf(out->name, sizeof(out->name), "%s", text);
    snprintf(out->rule, sizeof(out->rule), "%s", rule);
    return true;
}

static size_t read_list(line *lines)
{
    char *list = case_file("config/single-use.txt"), *at = list, *text;
    size_t n = 0;
    while ((text = strsep(&at, "\n")) != NULL) {
        ck_assert_uint_lt(n, WORDS_MAX);
        if (read_line(text, &lines[n]))
            n++;
    }
    free(list);
    return n;
}

static const line *find_line(const line *lines, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(lines[i].name, name) == 0)
            return &lines[i];
    return NULL;
}

START_TEST(what_one_rule_says_has_its_reason)
{
    static line lines[WORDS_MAX];
    size_t n = read_list(lines), wrong = 0;
    for (size_t i = 0; i < word_count; i++) {
        const word *w = &words[i];
        const line *found = find_line(lines, n, w->name);
        const char *rule = w->rules == 0 ? "-" : w->rule;
        if (w->rules < 2 && (found == NULL || strcmp(found->rule, rule) != 0))
            printf("config/single-use.txt: a line is missing: %s  %s  (reason)\n", w->name, rule), wrong++;
        if (w->rules >= 2 && found != NULL)
            printf("config/single-use.txt: %u rules say it by now: %s\n", w->rules, w->name), wrong++;
    }
    for (size_t i = 0; i < n; i++) {
        bool known = false;
        for (size_t k = 0; k < word_count; k++)
            known = known || strcmp(words[k].name, lines[i].name) == 0;
        if (!known || find_line(lines, n, lines[i].name) != &lines[i])
            printf("config/single-use.txt: %s: %s\n", known ? "it stands there twice" : "there is no such word",
                   lines[i].name),
                wrong++;
    }
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* --- the man page */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* In bold or underlined, or in an example. */
static bool has_word(const char *page, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = strstr(page, name); at != NULL; at = strstr(at + 1, name)) {
        char before = at > page ? at[-1] : ' ', after = at[len];
        bool marked = (before == '*' || before == '_') && after == before;
        if (marked || ((before == '_' || !is_letter(before)) && after == ':'))
            return true;
    }
    return false;
}

START_TEST(the_man_page_has_every_key)
{
    char *page = case_file("daemon/man/driftwatch-standards.5.scd"), *to = page;
    size_t wrong = 0;
    for (const char *from = page; *from != '\0'; from++)
        if (*from != '\\')
            *to++ = *from;
    *to = '\0';
    for (size_t i = 0; i < word_count; i++) {
        const char *name = strrchr(words[i].name, ' ') + 1;
        if (words[i].is_key && !has_word(page, name))
            printf("driftwatch-standards(5) does not have %s\n", words[i].name), wrong++;
    }
    ck_assert_uint_eq(wrong, 0);
    free(page);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("language");
    TCase *tc = tcase_create("language");
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, what_one_rule_says_has_its_reason);
    tcase_add_test(tc, the_man_page_has_every_key);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

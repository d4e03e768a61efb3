/* standards_row.c: one rule in words, and how it differs from the shipped one. */

#include "config/standards_row.h"

static const yaml_node_t *node_of(dw_standards_text *s, int id)
{
    return id != 0 ? dw_yaml_node(&s->yaml, id) : NULL;
}

/* --- a node on one line */

static void put_scalar(FILE *out, dw_str s)
{
    bool gap = false, any = false;
    for (uint32_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
            gap = any;
            continue;
        }
        if (gap)
            fputc(' ', out);
        fputc(c, out);
        gap = false;
        any = true;
    }
}

static void put_node(FILE *out, dw_yaml *yaml, const yaml_node_t *node)
{
    if (node == NULL)
        return;
    if (node->type == YAML_SCALAR_NODE)
        put_scalar(out, dw_yaml_scalar(node));
    if (node->type == YAML_SEQUENCE_NODE)
        for (const yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++) {
            if (i != node->data.sequence.items.start)
                fputs("; ", out);
            put_node(out, yaml, dw_yaml_node(yaml, *i));
        }
    if (node->type == YAML_MAPPING_NODE)
        for (const yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
            if (p != node->data.mapping.pairs.start)
                fputs(", ", out);
            put_node(out, yaml, dw_yaml_node(yaml, p->key));
            fputs(": ", out);
            const yaml_node_t *value = dw_yaml_node(yaml, p->value);
            bool nested = value->type != YAML_SCALAR_NODE;
            fputs(nested ? "(" : "", out);
            put_node(out, yaml, value);
            fputs(nested ? ")" : "", out);
        }
}

/* What a writer leaves behind; NULL when out of memory. */
typedef struct words {
    char *text;
    size_t len;
    FILE *out;
} words;

static bool words_open(words *w)
{
    *w = (words){0};
    w->out = open_memstream(&w->text, &w->len);
    return w->out != NULL;
}

static char *words_close(words *w)
{
    if (fclose(w->out) == 0)
        return w->text;
    free(w->text);
    return NULL;
}

char *dw_node_words(dw_yaml *yaml, const yaml_node_t *node)
{
    words w;
    if (!words_open(&w))
        return NULL;
    put_node(w.out, yaml, node);
    return words_close(&w);
}

/* --- what is made of several keys */

typedef struct rule_view {
    dw_yaml *yaml;
    const yaml_node_t *rule, *part; /* part: one clock of any_of, or the rule itself */
} rule_view;

static const yaml_node_t *get(const rule_view *v, const char *key)
{
    const yaml_node_t *own = dw_yaml_get(v->yaml, v->part, key);
    return own != NULL ? own : dw_yaml_get(v->yaml, v->rule, key);
}

static void put_key(FILE *out, const rule_view *v, const char *key)
{
    put_node(out, v->yaml, get(v, key));
}

static void put_limit_item(FILE *out, const rule_view *v, const yaml_node_t *item)
{
    const char *open = " (";
    if (item->type != YAML_MAPPING_NODE) {
        put_node(out, v->yaml, item);
        return;
    }
    put_node(out, v->yaml, dw_yaml_get(v->yaml, item, "limit"));
    for (const yaml_node_pair_t *p = item->data.mapping.pairs.start; p < item->data.mapping.pairs.top; p++) {
        dw_str key = dw_yaml_scalar(dw_yaml_node(v->yaml, p->key));
        if (dw_str_eq(key, DW_STR_LIT("limit")))
            continue;
        fprintf(out, "%s%.*s ", open, DW_STR_ARG(key));
        put_node(out, v->yaml, dw_yaml_node(v->yaml, p->value));
        open = ", ";
    }
    fputs(open[0] == ',' ? ")" : "", out);
}

static void put_limits(FILE *out, const rule_view *v)
{
    const yaml_node_t *limit = get(v, "limit");
    if (limit->type != YAML_SEQUENCE_NODE) {
        put_limit_item(out, v, limit);
        return;
    }
    for (const yaml_node_item_t *i = limit->data.sequence.items.start; i < limit->data.sequence.items.top; i++) {
        if (i != limit->data.sequence.items.start)
            fputs("; else ", out);
        put_limit_item(out, v, dw_yaml_node(v->yaml, *i));
    }
    if (dw_str_eq(dw_yaml_scalar(get(v, "strictest")), DW_STR_LIT("true")))
        fputs("; the strictest of them", out);
}

static void put_limit(FILE *out, const rule_view *v)
{
    const yaml_node_t *window = get(v, "window"), *warn = get(v, "warn");
    if (get(v, "bands") != NULL) {
        put_key(out, v, "bands");
    } else if (get(v, "threshold") != NULL) {
        put_key(out, v, "threshold");
        bool ever = dw_str_eq(dw_yaml_scalar(window), DW_STR_LIT("ever"));
        fputs(ever ? ", whenever they were" : " within ", out);
        if (!ever)
            put_node(out, v->yaml, window);
    } else if (get(v, "same") != NULL) {
        fputs("two in a row with the same ", out);
        put_key(out, v, "same");
    } else if (get(v, "limit") != NULL) {
        put_limits(out, v);
    }
    if (warn != NULL) {
        fputs("; warns at ", out);
        put_limit_item(out, v, warn);
    }
}

static bool mentions(const rule_view *v, const char *key, const char *word)
{
    char *text = dw_node_words(v->yaml, get(v, key));
    bool found = text != NULL && strstr(text, word) != NULL;
    free(text);
    return found;
}

/* Only what counts days has a mode and a calendar. */
static bool counts_days(const rule_view *v)
{
    return get(v, "limit") != NULL && !mentions(v, "limit", "hour");
}

static void put_count(FILE *out, const rule_view *v)
{
    if (!counts_days(v))
        return;
    if (get(v, "count") != NULL)
        put_key(out, v, "count");
    else
        fputs("excl", out);
}

static void put_calendar(FILE *out, const rule_view *v)
{
    if (!counts_days(v))
        return;
    if (get(v, "calendar") != NULL)
        put_key(out, v, "calendar");
    else
        fputs(mentions(v, "limit", "working") ? "ew" : "calendar", out);
}

static void put_kind(FILE *out, const rule_view *v)
{
    put_key(out, v, "kind");
}

static void put_who(FILE *out, const rule_view *v)
{
    const yaml_node_t *over = get(v, "over");
    if (over == NULL)
        fputs("every child", out);
    put_node(out, v->yaml, over);
    if (get(v, "age") != NULL) {
        fputs("; age ", out);
        put_key(out, v, "age");
    }
    if (get(v, "rests_while") != NULL) {
        fputs("; not while: ", out);
        put_key(out, v, "rests_while");
    }
    if (get(v, "outside") != NULL) {
        fputs("; outside: ", out);
        put_key(out, v, "outside");
    }
}

static void put_evidence(FILE *out, const rule_view *v)
{
    put_key(out, v, "evidence");
}

static void put_counts_from(FILE *out, const rule_view *v)
{
    put_key(out, v, "counts_from");
}

/* Of a rule with several clocks: each one's, unless they say the same. */
static char *of_clocks(dw_yaml *yaml, const yaml_node_t *rule, void (*put)(FILE *out, const rule_view *v))
{
    const yaml_node_t *list = dw_yaml_get(yaml, rule, "any_of");
    size_t n = list != NULL && list->type == YAML_SEQUENCE_NODE
                   ? (size_t)(list->data.sequence.items.top - list->data.sequence.items.start)
                   : 1;
    char *last = NULL;
    words all;
    if (!words_open(&all))
        return NULL;
    for (size_t i = 0; i < n; i++) {
        words one;
        rule_view v = {yaml, rule, n > 1 ? dw_yaml_node(yaml, list->data.sequence.items.start[i]) : rule};
        if (!words_open(&one))
            break;
        put(one.out, &v);
        char *text = words_close(&one);
        if (text != NULL && text[0] == '\0' && n > 1) {
            free(text);
            text = strdup("-"); /* does not apply to this clock */
        }
        bool same = text == NULL || (last != NULL && strcmp(last, text) == 0);
        if (!same)
            fprintf(all.out, "%s%s", last != NULL ? " | " : "", text);
        free(same ? text : last);
        last = same ? last : text;
    }
    free(last);
    char *text = words_close(&all);
    if (text != NULL && strcmp(text, "-") == 0)
        text[0] = '\0';
    return text;
}

/* "looked-after visits, 3 of 7": its place among rules of which only the first that fits speaks. */
static char *family_of(dw_standards_text *s, dw_str id)
{
    const yaml_node_t *families = dw_yaml_get(&s->yaml, node_of(s, s->root), "families");
    char *text = NULL;
    if (families == NULL || families->type != YAML_SEQUENCE_NODE)
        return strdup("");
    for (const yaml_node_item_t *f = families->data.sequence.items.start; f < families->data.sequence.items.top; f++) {
        const yaml_node_t *family = dw_yaml_node(&s->yaml, *f), *order = dw_yaml_get(&s->yaml, family, "order");
        if (order == NULL || order->type != YAML_SEQUENCE_NODE)
            continue;
        ptrdiff_t n = order->data.sequence.items.top - order->data.sequence.items.start;
        for (ptrdiff_t i = 0; i < n && text == NULL; i++) {
            const yaml_node_t *place = dw_yaml_node(&s->yaml, order->data.sequence.items.start[i]);
            bool list = place->type == YAML_SEQUENCE_NODE;
            ptrdiff_t m = list ? place->data.sequence.items.top - place->data.sequence.items.start : 1;
            bool here = false;
            for (ptrdiff_t k = 0; k < m; k++)
                here =
                    here ||
                    dw_str_eq(
                        dw_yaml_scalar(list ? dw_yaml_node(&s->yaml, place->data.sequence.items.start[k]) : place), id);
            if (here && asprintf(&text, "%.*s, %td of %td",
                                 DW_STR_ARG(dw_yaml_scalar(dw_yaml_get(&s->yaml, family, "name"))), i + 1, n) < 0)
                return NULL;
        }
    }
    return text != NULL ? text : strdup("");
}

static char *preset_names(dw_yaml *yaml, const yaml_node_t *rule)
{
    const yaml_node_t *presets = dw_yaml_get(yaml, rule, "presets");
    words w;
    if (!words_open(&w))
        return NULL;
    if (presets != NULL && presets->type == YAML_MAPPING_NODE)
        for (const yaml_node_pair_t *p = presets->data.mapping.pairs.start; p < presets->data.mapping.pairs.top; p++) {
            fputs(p != presets->data.mapping.pairs.start ? "; " : "", w.out);
            put_node(w.out, yaml, dw_yaml_node(yaml, p->key));
            fputs(" (", w.out);
            put_node(w.out, yaml, dw_yaml_node(yaml, p->value));
            fputs(")", w.out);
        }
    return words_close(&w);
}

/* --- what differs */

static bool add_diff(dw_row *row, const char *key, dw_yaml *a, const yaml_node_t *before, dw_yaml *b,
                     const yaml_node_t *after)
{
    if (row->diff_count == DW_ROW_DIFFS_MAX)
        return true;
    dw_row_diff *diff = &row->diffs[row->diff_count];
    *diff = (dw_row_diff){.key = strdup(key)};
    if (before != NULL)
        diff->shipped = dw_node_words(a, before);
    if (after != NULL)
        diff->here = dw_node_words(b, after);
    row->diff_count++;
    return diff->key != NULL && (before == NULL || diff->shipped != NULL) && (after == NULL || diff->here != NULL);
}

static size_t clock_count(const yaml_node_t *list)
{
    return list != NULL && list->type == YAML_SEQUENCE_NODE
               ? (size_t)(list->data.sequence.items.top - list->data.sequence.items.start)
               : 0;
}

static bool compare(dw_row *row, const char *prefix, dw_yaml *a, const yaml_node_t *before, dw_yaml *b,
                    const yaml_node_t *after);

/* any_of with as many clocks as before: which keys of which. */
static bool compare_clocks(dw_row *row, dw_yaml *a, const yaml_node_t *before, dw_yaml *b, const yaml_node_t *after)
{
    for (size_t i = 0; i < clock_count(after); i++) {
        const yaml_node_t *was = dw_yaml_node(a, before->data.sequence.items.start[i]);
        const yaml_node_t *is = dw_yaml_node(b, after->data.sequence.items.start[i]);
        char prefix[40];
        snprintf(prefix, sizeof(prefix), "clock %zu, ", i + 1);
        if (was->type == YAML_MAPPING_NODE && is->type == YAML_MAPPING_NODE && !compare(row, prefix, a, was, b, is))
            return false;
    }
    return true;
}

/* The keys of `from` whose values the two do not share; of the second pass only those that the first has not seen. */
static bool find_diffs(dw_row *row, const char *prefix, dw_yaml *a, const yaml_node_t *before, dw_yaml *b,
                       const yaml_node_t *after, bool second)
{
    dw_yaml *yaml = second ? a : b;
    const yaml_node_t *from = second ? before : after;
    for (const yaml_node_pair_t *p = from->data.mapping.pairs.start; p < from->data.mapping.pairs.top; p++) {
        const char *key = (const char *)dw_yaml_node(yaml, p->key)->data.scalar.value;
        const yaml_node_t *was = dw_yaml_get(a, before, key), *is = dw_yaml_get(b, after, key);
        if ((second && is != NULL) || strcmp(key, "presets") == 0)
            continue;
        if (strcmp(key, "any_of") == 0 && clock_count(was) != 0 && clock_count(was) == clock_count(is)) {
            if (!compare_clocks(row, a, was, b, is))
                return false;
            continue;
        }
        char name[100];
        snprintf(name, sizeof(name), "%s%.50s", prefix, key);
        char *old = dw_node_words(a, was), *new = dw_node_words(b, is);
        bool same = was != NULL && is != NULL && old != NULL && new != NULL &&strcmp(old, new) == 0;
        free(old);
        free(new);
        if (!same && !add_diff(row, name, a, was, b, is))
            return false;
    }
    return true;
}

static bool compare(dw_row *row, const char *prefix, dw_yaml *a, const yaml_node_t *before, dw_yaml *b,
                    const yaml_node_t *after)
{
    return find_diffs(row, prefix, a, before, b, after, false) && find_diffs(row, prefix, a, before, b, after, true);
}

static const yaml_node_t *shipped_rule(dw_standards_text *shipped, dw_str id)
{
    for (size_t i = 0; i < shipped->rule_count; i++) {
        const yaml_node_t *rule = node_of(shipped, shipped->rules[i].base);
        if (!shipped->rules[i].own && dw_str_eq(dw_yaml_scalar(dw_yaml_get(&shipped->yaml, rule, "id")), id))
            return rule;
    }
    return NULL;
}

/* --- rows */

bool dw_row_finish(dw_row *row, dw_yaml *yaml, const yaml_node_t *rule)
{
    static const char *const keys[] = {
#define X(field, name, key) key,
        DW_ROW_LIST(X)
#undef X
    };
    bool ok = true;
    for (int i = 0; i < DW_ROW_FIELDS; i++) {
        if (row->text[i] == NULL)
            row->text[i] =
                dw_node_words(yaml, rule != NULL && keys[i] != NULL ? dw_yaml_get(yaml, rule, keys[i]) : NULL);
        ok = ok && row->text[i] != NULL;
    }
    for (size_t i = 0; i < row->diff_count; i++)
        ok = ok && row->diffs[i].key != NULL;
    return ok;
}

static char *member_text(dw_yaml *yaml, const yaml_node_t *map, const char *key)
{
    const yaml_node_t *node = dw_yaml_get(yaml, map, key);
    return node != NULL ? dw_node_words(yaml, node) : NULL;
}

bool dw_row_of_rule(dw_standards_text *here, const dw_rule_entry *entry, dw_standards_text *shipped, dw_row *row)
{
    dw_yaml *yaml = &here->yaml;
    const yaml_node_t *rule = node_of(here, entry->effective), *item = node_of(here, dw_rule_last_override(entry));
    dw_str id = dw_yaml_scalar(dw_yaml_get(yaml, rule, "id"));
    *row = (dw_row){.own = entry->own};
    row->off = dw_str_eq(dw_yaml_scalar(dw_yaml_get(yaml, rule, "enabled")), DW_STR_LIT("false"));
    row->text[DW_ROW_kind] = of_clocks(yaml, rule, put_kind);
    row->text[DW_ROW_who] = of_clocks(yaml, rule, put_who);
    row->text[DW_ROW_counts_from] = of_clocks(yaml, rule, put_counts_from);
    row->text[DW_ROW_evidence] = of_clocks(yaml, rule, put_evidence);
    row->text[DW_ROW_limit] = of_clocks(yaml, rule, put_limit);
    row->text[DW_ROW_count] = of_clocks(yaml, rule, put_count);
    row->text[DW_ROW_calendar] = of_clocks(yaml, rule, put_calendar);
    row->text[DW_ROW_family] = family_of(here, id);
    row->text[DW_ROW_presets] = preset_names(yaml, rule);
    if (dw_yaml_get(yaml, rule, "per") != NULL)
        row->text[DW_ROW_raises] = strdup("nothing: it is listed, and not watched (per: worker)");
    row->preset = member_text(yaml, item, "preset");
    row->reason = member_text(yaml, item, "reason");
    if (row->reason == NULL) /* of an authority's own rule */
        row->reason = member_text(yaml, rule, "reason");
    row->loosens = member_text(yaml, item, "loosens");
    const yaml_node_t *before = shipped != NULL ? shipped_rule(shipped, id) : node_of(here, entry->base);
    if (shipped != NULL && before == NULL)
        row->own = true;
    return dw_row_finish(row, yaml, rule) &&
           (row->own || compare(row, "", shipped != NULL ? &shipped->yaml : yaml, before, yaml, rule));
}

bool dw_row_of_ladder(dw_standards_text *here, dw_standards_text *shipped, dw_row *row)
{
    static const char *const priorities[] = {"P1", "P2", "P3"};
    dw_yaml *yaml = &here->yaml;
    const yaml_node_t *ladder = node_of(here, here->ladder);
    words w;
    *row = (dw_row){0};
    if (!words_open(&w))
        return false;
    for (int i = 0; i < 3; i++) {
        const yaml_node_t *one = dw_yaml_get(yaml, ladder, priorities[i]);
        fprintf(w.out, "%s%s ", i > 0 ? "; " : "", priorities[i]);
        put_node(w.out, yaml, dw_yaml_get(yaml, one, "climbs_after"));
    }
    row->text[DW_ROW_limit] = words_close(&w);
    row->text[DW_ROW_kind] = strdup("ladder");
    row->text[DW_ROW_who] = strdup("every alert");
    dw_standards_text *base = shipped != NULL ? shipped : here;
    const yaml_node_t *before = dw_yaml_get(&base->yaml, node_of(base, base->root), "ladder");
    return dw_row_finish(row, yaml, ladder) && compare(row, "", &base->yaml, before, yaml, ladder);
}

void dw_row_deinit(dw_row *row)
{
    for (int i = 0; i < DW_ROW_FIELDS; i++)
        free(row->text[i]);
    for (size_t i = 0; i < row->diff_count; i++) {
        free(row->diffs[i].key);
        free(row->diffs[i].shipped);
        free(row->diffs[i].here);
    }
    free(row->preset);
    free(row->reason);
    free(row->loosens);
    *row = (dw_row){0};
}

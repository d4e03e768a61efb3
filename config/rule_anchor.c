/* rule_anchor.c: counts_from and age: from when the limit counts, and between which birthdays anything is owed. */

#include "config/rule_keys.h"

#define problem dw_rule_problem

/* --- one anchor */

/* field F {, F} */
static bool take_fields(dw_rule_loading *l, dw_text *text, bool several, dw_anchor_item *out)
{
    dw_scope scope = dw_scope_of_selector(&l->rule->over);
    do {
        dw_field_info info = {0};
        dw_text_next(text); /* `field`, or a comma */
        uint32_t at = text->start;
        const dw_field_ref *ref = dw_text_field(text, &scope, &info);
        if (ref != NULL && info.kind != DW_VAL_DATE && info.kind != DW_VAL_INSTANT)
            dw_text_wrong(text, at, "a limit counts from a date or an instant; this field holds neither");
        if (out->field_count == DW_ANCHOR_FIELDS_MAX)
            dw_text_fail(text, "more than %d fields", DW_ANCHOR_FIELDS_MAX);
        else
            out->fields[out->field_count++] = ref;
    } while (several && !text->failed && text->token == DW_TOK_COMMA);
    out->how = DW_ANCHOR_FIELD;
    return !text->failed;
}

/* start | field F | birthday N */
static bool take_plain(dw_rule_loading *l, dw_text *text, bool several, dw_anchor_item *out)
{
    if (dw_text_is(text, "field"))
        return take_fields(l, text, several, out);
    if (dw_text_take(text, "birthday")) {
        out->how = DW_ANCHOR_BIRTHDAY;
        out->n = (uint32_t)dw_text_count(text, 0, DW_AGE_MAX);
        return !text->failed;
    }
    out->how = DW_ANCHOR_START;
    return dw_text_take(text, "start");
}

/* later of A, B {, C}; the whole of counts_from */
static void take_later(dw_rule_loading *l, dw_text *text)
{
    dw_rule *rule = l->rule;
    if (!dw_text_take(text, "of"))
        dw_text_fail(text, "expected `of` here, as in: later of start, birthday 16");
    do {
        if (rule->anchor_count != 0)
            dw_text_next(text); /* the comma */
        if (rule->anchor_count == DW_RULE_ANCHORS_MAX)
            dw_text_fail(text, "more than %d of them", DW_RULE_ANCHORS_MAX);
        else if (!take_plain(l, text, false, &rule->anchors[rule->anchor_count++]))
            dw_text_fail(text, "start, field NAME or birthday N belongs here");
    } while (!text->failed && text->token == DW_TOK_COMMA);
    if (!text->failed && rule->anchor_count < 2)
        dw_text_fail(text, "later of needs two of them, as in: later of start, birthday 16");
    rule->anchors_later = true;
}

/* What stands alone: end, crossing RULE. True when it was one of them. */
static bool take_alone(dw_rule_loading *l, const yaml_node_t *node, dw_text *text)
{
    dw_rule *rule = l->rule;
    if (dw_text_take(text, "end")) {
        rule->anchor = DW_ANCHOR_END;
        if (rule->kind != DW_RULE_DEADLINE)
            problem(l, node, "counts_from: end belongs to a rule of kind deadline");
        return true;
    }
    if (dw_text_take(text, "breach")) {
        dw_rule_take_breach(l, node, text);
        return true;
    }
    if (!dw_text_take(text, "crossing"))
        return false;
    rule->anchor = DW_ANCHOR_CROSSING;
    rule->anchor_rule_id = dw_arena_str(l->loader->arena, text->word);
    if (text->token != DW_TOK_WORD)
        dw_text_fail(text, "the id of a rule of kind count belongs here");
    dw_text_next(text);
    return true;
}

/* The other anchors that are one line: latest CLAUSE, nth N CLAUSE, each CLAUSE. */
static void take_item(dw_rule_loading *l, dw_text *text, dw_anchor_item *out)
{
    if (dw_text_take(text, "latest")) {
        out->how = DW_ANCHOR_BEFORE_START;
        dw_text_clause(text, &out->clause);
    } else if (dw_text_take(text, "nth")) {
        out->how = DW_ANCHOR_NTH;
        out->n = (uint32_t)dw_text_count(text, 1, 100);
        dw_text_clause(text, &out->clause);
    } else if (dw_text_take(text, "each")) {
        out->how = DW_ANCHOR_EACH;
        dw_text_clause(text, &out->clause);
    } else if (!take_plain(l, text, true, out)) {
        dw_text_fail(text, "counts_from is start, end, field NAME, latest EVENT, nth N EVENT, each EVENT, birthday N, "
                           "later of .., or crossing RULE");
    }
}

/* --- a mapping: an event that is linked to the span */

/* A field that both the event and the facts of the span have: it holds the event's id. */
static void load_back_link(dw_rule_loading *l, const yaml_node_t *node, dw_anchor_item *out)
{
    dw_scope span = dw_scope_of_selector(&l->rule->over), event = dw_scope_of_type(out->clause.type);
    for (int side = 0; side < 2; side++) {
        dw_field_info info = {0};
        dw_text text = dw_text_open(l->loader->yaml, node, l->loader->arena, "back_link");
        if (text.failed)
            return;
        const dw_field_ref *ref = dw_text_field(&text, side == 0 ? &event : &span, &info);
        if (!dw_text_finish(&text) || ref == NULL)
            return;
        if (info.kind != DW_VAL_STR) {
            problem(l, node, "back_link must name a field that holds an id");
            return;
        }
        if (side == 0) {
            out->back_link = ref;
            continue;
        }
        dw_field_ref *both = dw_arena_alloc(l->loader->arena, sizeof *both);
        if (both == NULL) {
            problem(l, node, "out of memory");
            return;
        }
        *both = *ref;
        both->by_type[out->clause.type] = out->back_link->by_type[out->clause.type];
        out->back_link = both;
    }
}

static void load_map(dw_rule_loading *l, const yaml_node_t *map, dw_anchor_item *out)
{
    static const char *const keys[] = {"latest", "nth", "each", "linked", "link", "back_link", NULL};
    dw_yaml *yaml = l->loader->yaml;
    dw_yaml_only(yaml, map, keys);
    static const dw_anchor hows[] = {DW_ANCHOR_BEFORE_START, DW_ANCHOR_NTH, DW_ANCHOR_EACH, DW_ANCHOR_LINKED};
    const yaml_node_t *said = NULL;
    for (size_t i = 0; i < sizeof hows / sizeof hows[0]; i++) {
        const yaml_node_t *node = dw_yaml_get(yaml, map, keys[i]);
        if (node != NULL && said != NULL)
            problem(l, node, "one of latest, nth, each and linked belongs here");
        if (node == NULL || said != NULL)
            continue;
        said = node;
        out->how = hows[i];
    }
    if (said == NULL) {
        problem(l, map, "one of latest, nth, each and linked belongs here: the event that it counts from");
        return;
    }
    dw_text text = dw_text_open(yaml, said, l->loader->arena, "counts_from");
    if (!text.failed && out->how == DW_ANCHOR_NTH)
        out->n = (uint32_t)dw_text_count(&text, 1, 100);
    bool typed = dw_text_clause(&text, &out->clause);
    if (!dw_text_finish(&text) || !typed)
        return;
    const yaml_node_t *link = dw_yaml_get(yaml, map, "link"), *back = dw_yaml_get(yaml, map, "back_link");
    if (link != NULL)
        dw_load_link(l->loader, link, (dw_clause_use){"counts_from", l->rule->over.family, false}, &out->clause);
    if (out->how == DW_ANCHOR_LINKED && link == NULL && back == NULL)
        problem(l, said, "linked needs link (the event names the span) or back_link (the span names the event)");
    if (back != NULL && out->how != DW_ANCHOR_LINKED)
        problem(l, back, "back_link belongs beside linked");
    else if (back != NULL)
        load_back_link(l, back, out);
}

/* --- counts_from */

static void load_item(dw_rule_loading *l, const yaml_node_t *node, dw_anchor_item *out)
{
    *out = (dw_anchor_item){.how = DW_ANCHOR_START};
    if (node->type == YAML_MAPPING_NODE) {
        load_map(l, node, out);
        return;
    }
    dw_text text = dw_text_open(l->loader->yaml, node, l->loader->arena, "counts_from");
    if (text.failed)
        return;
    if (dw_text_is(&text, "end") || dw_text_is(&text, "crossing") || dw_text_is(&text, "breach") ||
        dw_text_is(&text, "later"))
        dw_text_fail(&text, "%.*s stands alone, not in a list", DW_STR_ARG(text.word));
    else
        take_item(l, &text, out);
    dw_text_finish(&text);
}

static void check_items(dw_rule_loading *l, const yaml_node_t *node)
{
    const dw_rule *rule = l->rule;
    for (uint32_t i = 0; i < rule->anchor_count; i++) {
        const yaml_node_t *at = dw_list_item(l->loader, node, i);
        dw_anchor how = rule->anchors[i].how;
        if (how == DW_ANCHOR_EACH && rule->kind != DW_RULE_DEADLINE)
            problem(l, at, "counts_from: each belongs to a rule of kind deadline");
        if (how == DW_ANCHOR_EACH && rule->anchor_count > 1)
            problem(l, at, "each stands alone, not in a list");
        if (how == DW_ANCHOR_START && !rule->anchors_later && i + 1 < rule->anchor_count)
            problem(l, dw_list_item(l->loader, node, i + 1), "this is never reached: a span always has a start");
    }
}

void dw_rule_load_counts_from(dw_rule_loading *l, const yaml_node_t *node)
{
    dw_rule *rule = l->rule;
    if (node->type != YAML_SCALAR_NODE) {
        size_t n = dw_list_count(l->loader, node, "counts_from", DW_RULE_ANCHORS_MAX);
        rule->anchor_count = (uint32_t)n;
        for (size_t i = 0; i < n; i++)
            load_item(l, dw_list_item(l->loader, node, i), &rule->anchors[i]);
    } else {
        dw_text text = dw_text_open(l->loader->yaml, node, l->loader->arena, "counts_from");
        if (text.failed)
            return;
        if (dw_text_take(&text, "later"))
            take_later(l, &text);
        else if (!take_alone(l, node, &text))
            take_item(l, &text, &rule->anchors[rule->anchor_count++]);
        dw_text_finish(&text);
    }
    if (rule->anchor_count != 0)
        rule->anchor = rule->anchors[0].how;
    check_items(l, node);
}

/* --- age */

bool dw_load_age(dw_rule_loader *loader, const yaml_node_t *node, uint8_t *from, uint8_t *until)
{
    dw_text text = dw_text_open(loader->yaml, node, loader->arena, "age");
    if (text.failed)
        return false;
    bool from_said = dw_text_take(&text, "from");
    *from = from_said ? (uint8_t)dw_text_count(&text, 0, DW_AGE_MAX) : 0;
    bool until_said = !text.failed && dw_text_take(&text, "until");
    *until = until_said ? (uint8_t)dw_text_count(&text, 1, DW_AGE_MAX) : 0;
    if (!from_said && !until_said)
        dw_text_fail(&text, "age is such as: from 4, until 5, from 4 until 10");
    if (!dw_text_finish(&text))
        return false;
    if (until_said && *until <= *from) {
        dw_problems_add(loader->yaml->problems, loader->yaml->file, node, false, "age ends before it begins");
        return false;
    }
    return true;
}

void dw_rule_load_age(dw_rule_loading *l, const yaml_node_t *node)
{
    l->rule->has_age = dw_load_age(l->loader, node, &l->rule->age_from, &l->rule->age_until);
}

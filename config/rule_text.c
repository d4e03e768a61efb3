/* rule_text.c: the scanner of the short texts inside rules, selectors and clauses, and the look-up of field names. */

#include "config/rule_text.h"

#define CUT 40          /* bytes of a word quoted in a problem */
#define MESSAGE_MAX 400 /* bytes of a problem */

static int cut(dw_str s)
{
    return s.len > CUT ? CUT : (int)s.len;
}

static bool word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("_.-+:/", c) != NULL) || (unsigned char)c >= 0x80;
}

/* A problem at byte `at` of the text, in the file's own lines and columns. */
static void report(dw_text *text, uint32_t at, const char *message)
{
    unsigned line, column;
    dw_yaml_position(text->yaml, text->node, at, &line, &column);
    dw_problems_add_at(text->yaml->problems, text->yaml->file, line, column, false, "%s", message);
}

void dw_text_fail(dw_text *text, const char *fmt, ...)
{
    char message[MESSAGE_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    if (!text->failed)
        report(text, text->start, message);
    text->failed = true;
    text->token = DW_TOK_END;
    text->start = text->end = text->text.len;
}

void dw_text_wrong(dw_text *text, uint32_t at, const char *fmt, ...)
{
    char message[MESSAGE_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    report(text, at, message);
}

dw_text dw_text_open(dw_yaml *yaml, const yaml_node_t *node, dw_arena *arena, const char *what)
{
    dw_text text = {.yaml = yaml, .node = node, .arena = arena, .text = dw_yaml_scalar(node)};
    if (node->type != YAML_SCALAR_NODE || text.text.len == 0) {
        dw_problems_add(yaml->problems, yaml->file, node, false, "%s must be a text", what);
        text.failed = true;
        return text;
    }
    dw_text_next(&text);
    return text;
}

static void take(dw_text *text, dw_token token, uint32_t len)
{
    text->token = token;
    text->end = text->start + len;
}

static void take_quoted(dw_text *text, const char *at, uint32_t left)
{
    const char *close = memchr(at + 1, at[0], left - 1);
    if (close == NULL) {
        dw_text_fail(text, "the quotation mark %c is not closed", at[0]);
        return;
    }
    text->word = (dw_str){at + 1, (uint32_t)(close - at - 1)};
    take(text, DW_TOK_WORD, text->word.len + 2);
}

void dw_text_next(dw_text *text)
{
    text->start = text->end;
    while (text->start < text->text.len && strchr(" \t\n", text->text.ptr[text->start]) != NULL)
        text->start++;
    text->end = text->start;
    if (text->start == text->text.len) {
        text->token = DW_TOK_END;
        return;
    }
    const char *at = text->text.ptr + text->start;
    uint32_t left = text->text.len - text->start;
    bool equal = left > 1 && at[1] == '=';
    switch (at[0]) {
    case '=':
        take(text, DW_TOK_EQ, equal ? 2 : 1); /* == is meant as = */
        return;
    case '!':
        take(text, equal ? DW_TOK_NE : DW_TOK_BAD, equal ? 2 : 1);
        return;
    case '<':
        take(text, equal ? DW_TOK_LE : DW_TOK_LT, equal ? 2 : 1);
        return;
    case '>':
        take(text, equal ? DW_TOK_GE : DW_TOK_GT, equal ? 2 : 1);
        return;
    case '(':
        take(text, DW_TOK_OPEN, 1);
        return;
    case ')':
        take(text, DW_TOK_CLOSE, 1);
        return;
    case ',':
        take(text, DW_TOK_COMMA, 1);
        return;
    case '\'':
    case '"':
        take_quoted(text, at, left);
        return;
    default:
        break;
    }
    uint32_t len = 0;
    while (len < left && word_char(at[len]))
        len++;
    text->word = (dw_str){at, len};
    take(text, len != 0 ? DW_TOK_WORD : DW_TOK_BAD, len != 0 ? len : 1);
}

bool dw_text_is(const dw_text *text, const char *word)
{
    return text->token == DW_TOK_WORD && dw_str_eq(text->word, dw_str_from(word));
}

bool dw_text_take(dw_text *text, const char *word)
{
    if (!dw_text_is(text, word))
        return false;
    dw_text_next(text);
    return true;
}

int dw_text_count(dw_text *text, int min, int max)
{
    int n = text->token == DW_TOK_WORD && !text->failed ? 0 : max + 1;
    for (uint32_t i = 0; n <= max && i < text->word.len; i++) {
        char c = text->word.ptr[i];
        n = c >= '0' && c <= '9' ? n * 10 + (c - '0') : max + 1;
    }
    if (n < min || n > max) {
        dw_text_fail(text, "a whole number from %d to %d belongs here", min, max);
        return min;
    }
    dw_text_next(text);
    return n;
}

bool dw_text_finish(dw_text *text)
{
    if (!text->failed && text->token != DW_TOK_END)
        dw_text_fail(text, "did not expect %.*s here", cut((dw_str){NULL, text->end - text->start}),
                     text->text.ptr + text->start);
    return !text->failed;
}

/* --- scopes */

dw_scope dw_scope_of_type(dw_event_type type)
{
    dw_scope scope = {.types = {type}, .count = 1};
    snprintf(scope.what, sizeof(scope.what), "%s", dw_event_type_name(type));
    return scope;
}

void dw_scope_add(dw_scope *scope, const dw_scope *more)
{
    for (size_t i = 0; i < more->count; i++) {
        bool there = false;
        for (size_t j = 0; j < scope->count; j++)
            there = there || scope->types[j] == more->types[i];
        if (!there && scope->count < DW_SCOPE_TYPES_MAX)
            scope->types[scope->count++] = more->types[i];
    }
}

dw_scope dw_scope_of_family(dw_span_family family)
{
    static const dw_scope plan = {.types = {DW_EV_PLAN_STARTED, DW_EV_PLAN_CHANGED, DW_EV_PLAN_ENDED}, .count = 3};
    static const dw_scope placement = {.types = {DW_EV_PLACEMENT_STARTED, DW_EV_PLACEMENT_ENDED, DW_EV_LEGAL_CHANGED},
                                       .count = 3};
    static const dw_scope allocation = {.types = {DW_EV_WORKER_ALLOCATED, DW_EV_WORKER_ENDED}, .count = 2};
    dw_scope scope = {0};
    switch (family) {
    case DW_SPAN_CHILD:
        scope = dw_scope_of_type(DW_EV_CHILD_UPDATED);
        break;
    case DW_SPAN_CASE:
        scope = plan;
        dw_scope_add(&scope, &(dw_scope){.types = {DW_EV_REFERRAL_RECEIVED, DW_EV_CASE_CLOSED}, .count = 2});
        break;
    case DW_SPAN_PLAN:
        scope = plan;
        break;
    case DW_SPAN_CARE:
        scope = placement;
        dw_scope_add(&scope, &plan);
        break;
    case DW_SPAN_PLACEMENT:
        scope = placement;
        break;
    case DW_SPAN_EPISODE:
        scope = dw_scope_of_type(DW_EV_MISSING_EPISODE);
        break;
    case DW_SPAN_CONTACT:
        scope = dw_scope_of_type(DW_EV_CONTACT_RECEIVED);
        break;
    case DW_SPAN_REFERRAL:
        scope = dw_scope_of_type(DW_EV_REFERRAL_RECEIVED);
        break;
    case DW_SPAN_ALLOCATION:
    case DW_SPAN_UNALLOCATED:
        scope = allocation;
        break;
    case DW_SPAN_ASSESSMENT:
        scope = (dw_scope){.types = {DW_EV_REFERRAL_RECEIVED, DW_EV_ASSESSMENT_STARTED, DW_EV_ASSESSMENT_AUTHORISED},
                           .count = 3};
        break;
    case DW_SPAN_S47:
        scope = dw_scope_of_type(DW_EV_S47_STARTED);
        break;
    case DW_SPAN_TRANSFER:
        scope = dw_scope_of_type(DW_EV_CONFERENCE_ICPC);
        break;
    case DW_SPAN_PREPROCEEDINGS:
    case DW_SPAN_PROCEEDINGS:
        scope = dw_scope_of_type(DW_EV_PREPROCEEDINGS_STEP);
        break;
    case DW_SPAN_ACCOMMODATION:
        scope = dw_scope_of_type(DW_EV_ACCOMMODATION_PROVIDED);
        break;
    case DW_SPAN_DISPUTE:
        scope = dw_scope_of_type(DW_EV_DISPUTE_STEP);
        break;
    case DW_SPAN_LEVEL: /* it has words only */
    case DW_SPAN_FAMILIES:
        break;
    }
    scope.spans = family != DW_SPAN_FAMILIES;
    scope.family = family;
    snprintf(scope.what, sizeof(scope.what), "%s", dw_span_family_name(family));
    return scope;
}

dw_scope dw_scope_of_selector(const dw_span_selector *selector)
{
    return selector->each ? dw_scope_of_type(selector->each_type) : dw_scope_of_family(selector->family);
}

/* --- fields */

static const struct {
    const char *name;
    uint16_t field;
} envelope_fields[] = {
    {"team_id", DW_F_ENV_TEAM_ID},
    {"worker_ref", DW_F_ENV_WORKER_REF},
    {"family_ref", DW_F_ENV_FAMILY_REF},
    {"source_system", DW_F_ENV_SOURCE_SYSTEM},
};
#define ENVELOPE_FIELDS (sizeof(envelope_fields) / sizeof(envelope_fields[0]))

static bool listed(const uint16_t *list, uint16_t field)
{
    for (; list != NULL && *list != 0; list++)
        if (*list == field)
            return true;
    return false;
}

static void unknown_field(dw_text *text, dw_str name, const dw_scope *scope)
{
    dw_field_info all[96];
    dw_nearest nearest = {.word = name};
    char best[sizeof(all[0].name)] = "";
    for (size_t t = 0; t < scope->count; t++) {
        size_t n = dw_field_all(scope->types[t], all, sizeof(all) / sizeof(all[0]));
        for (size_t i = 0; i < n; i++) {
            unsigned before = nearest.best != NULL ? nearest.distance : UINT32_MAX;
            dw_nearest_try(&nearest, all[i].name);
            if (nearest.best != NULL && nearest.distance < before) { /* keep a copy: `all` is filled anew */
                snprintf(best, sizeof(best), "%s", all[i].name);
                nearest.best = best;
            }
        }
    }
    for (size_t i = 0; i < ENVELOPE_FIELDS; i++)
        dw_nearest_try(&nearest, envelope_fields[i].name);
    if (nearest.best != NULL)
        dw_text_wrong(text, text->start, "%s has no field %.*s; did you mean %s?", scope->what, cut(name), name.ptr,
                      nearest.best);
    else
        dw_text_wrong(text, text->start, "%s has no field %.*s", scope->what, cut(name), name.ptr);
}

/* What one event type has under this name; false when it has nothing. */
static bool find_in_type(dw_event_type type, dw_str name, dw_field_info *info, bool *kept)
{
    const dw_handler *handler = dw_handler_find(type);
    for (size_t i = 0; i < ENVELOPE_FIELDS; i++) {
        if (dw_str_eq(name, dw_str_from(envelope_fields[i].name))) {
            *info = (dw_field_info){.type = type, .field = envelope_fields[i].field, .kind = DW_VAL_STR};
            *kept = handler != NULL && listed(handler->env_fields, info->field);
            return true;
        }
    }
    if (!dw_field_find(type, name, info))
        return false;
    *kept = handler != NULL && listed(handler->keep_fields, info->field);
    return true;
}

static const struct {
    const char *name;
    dw_span_family family; /* DW_SPAN_FAMILIES: any */
    const char *values;
} span_words[] = {
#define X(e, n, f, v) [e] = {n, f, v},
    DW_SPAN_WORD_LIST(X)
#undef X
};

const char *dw_span_word_values(dw_str name)
{
    for (size_t i = 1; i < sizeof(span_words) / sizeof(span_words[0]); i++)
        if (dw_str_eq(name, dw_str_from(span_words[i].name)))
            return span_words[i].values;
    return NULL;
}

/* A word of the span itself, when one stands here. */
static const dw_field_ref *take_word(dw_text *text, dw_span_family family, dw_field_info *info)
{
    for (size_t i = 1; i < sizeof(span_words) / sizeof(span_words[0]); i++) {
        if (!dw_text_is(text, span_words[i].name) ||
            (span_words[i].family != family && span_words[i].family != DW_SPAN_FAMILIES))
            continue;
        dw_field_ref *ref = dw_arena_alloc(text->arena, sizeof(*ref));
        if (ref == NULL) {
            dw_text_fail(text, "out of memory");
            return NULL;
        }
        ref->name = dw_str_from(span_words[i].name);
        ref->word = (dw_span_word)i;
        if (info != NULL)
            *info = (dw_field_info){.type = DW_EV_NONE, .kind = DW_VAL_STR};
        dw_text_next(text);
        return ref;
    }
    return NULL;
}

const dw_field_ref *dw_text_field(dw_text *text, const dw_scope *scope, dw_field_info *info_out)
{
    dw_str name = text->word;
    dw_field_info first = {0};
    bool found = false, any_kept = false, differs = false;
    if (text->token != DW_TOK_WORD) {
        dw_text_fail(text, "the name of a field belongs here");
        return NULL;
    }
    const dw_field_ref *word = scope->spans ? take_word(text, scope->family, info_out) : NULL;
    if (word != NULL)
        return word;
    if (scope->count == 0 && scope->spans) {
        unknown_field(text, name, scope);
        dw_text_next(text);
        return NULL;
    }
    if (scope->count == 0) { /* what it hangs on was wrong, and said so */
        dw_text_next(text);
        return NULL;
    }
    dw_field_ref *ref = dw_arena_alloc(text->arena, sizeof(*ref));
    if (ref == NULL) {
        dw_text_fail(text, "out of memory");
        return NULL;
    }
    for (size_t t = 0; t < scope->count; t++) {
        dw_field_info info;
        bool kept = false;
        if (!find_in_type(scope->types[t], name, &info, &kept))
            continue;
        differs = differs || (found && (info.kind != first.kind || info.enum_of != first.enum_of));
        if (!found)
            first = info;
        found = true;
        any_kept = any_kept || kept;
        if (kept)
            ref->by_type[scope->types[t]] = info.field;
    }
    if (!found)
        unknown_field(text, name, scope);
    else if (differs)
        dw_text_wrong(text, text->start, "%.*s means different things in %s", cut(name), name.ptr, scope->what);
    else if (!any_kept)
        dw_text_wrong(text, text->start, "%.*s of %s is not kept in a child's record, so no rule can use it", cut(name),
                      name.ptr, scope->what);
    dw_text_next(text);
    if (!found || differs || !any_kept)
        return NULL;
    ref->name = dw_arena_str(text->arena, name);
    if (info_out != NULL)
        *info_out = first;
    return ref;
}

/* --- selectors and clauses */

/* [where predicate]; false on failure. */
static bool take_where(dw_text *text, const dw_scope *scope, const dw_pred **out)
{
    *out = NULL;
    if (text->failed)
        return false;
    if (text->token == DW_TOK_END)
        return true;
    if (!dw_text_take(text, "where")) {
        dw_text_fail(text, "expected `where` here");
        return false;
    }
    *out = dw_text_predicate(text, scope);
    return *out != NULL;
}

bool dw_text_selector(dw_text *text, dw_span_selector *out)
{
    if (text->failed)
        return false;
    if (dw_text_take(text, "each")) {
        dw_clause clause = {0};
        out->family = DW_SPAN_CHILD;
        out->each = dw_text_clause(text, &clause);
        out->each_type = clause.type;
        out->where = clause.where;
        return out->each;
    }
    dw_nearest nearest = {.word = text->word};
    int family = text->token == DW_TOK_WORD ? 0 : DW_SPAN_FAMILIES;
    for (; family < DW_SPAN_FAMILIES; family++) {
        if (dw_text_is(text, dw_span_family_name((dw_span_family)family)))
            break;
        dw_nearest_try(&nearest, dw_span_family_name((dw_span_family)family));
    }
    if (family == DW_SPAN_FAMILIES) {
        if (text->token == DW_TOK_WORD && nearest.best != NULL)
            dw_text_fail(text, "there is no family of spans %.*s; did you mean %s?", cut(text->word), text->word.ptr,
                         nearest.best);
        else
            dw_text_fail(text, "a family of spans belongs here, such as plan, care, placement, episode or referral");
        return false;
    }
    dw_text_next(text);
    dw_scope scope = dw_scope_of_family((dw_span_family)family);
    out->family = (dw_span_family)family;
    return take_where(text, &scope, &out->where);
}

static void unknown_type(dw_text *text)
{
    dw_nearest nearest = {.word = text->word};
    if (text->token == DW_TOK_WORD) {
        for (int type = 0; type < DW_EV_MAX; type++)
            if (dw_handler_find((dw_event_type)type) != NULL)
                dw_nearest_try(&nearest, dw_event_type_name((dw_event_type)type));
    }
    if (nearest.best != NULL)
        dw_text_fail(text, "there is no event type %.*s; did you mean %s?", cut(text->word), text->word.ptr,
                     nearest.best);
    else
        dw_text_fail(text, "the type of an event about a child belongs here, such as visit_done");
}

bool dw_text_clause(dw_text *text, dw_clause *out)
{
    if (text->failed)
        return false;
    dw_event_type type = text->token == DW_TOK_WORD ? dw_event_type_parse(text->word) : DW_EV_NONE;
    if (type == DW_EV_NONE || dw_handler_find(type) == NULL) {
        unknown_type(text);
        return false;
    }
    dw_text_next(text);
    dw_scope scope = dw_scope_of_type(type);
    out->type = type;
    return take_where(text, &scope, &out->where);
}

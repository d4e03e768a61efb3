/* predicate_parse.c: "visit_type = CP and not temporary_ola = Y" -> a tree of dw_pred, by recursive descent. */

#include "config/rule_text.h"
#include "proto/json.h"

#include <errno.h>

#define CUT 40 /* bytes of a word quoted in a problem */

static int cut(dw_str s)
{
    return s.len > CUT ? CUT : (int)s.len;
}

static dw_pred *new_pred(dw_text *text, dw_pred_op op)
{
    dw_pred *pred = dw_arena_alloc(text->arena, sizeof(*pred));
    if (pred == NULL)
        dw_text_fail(text, "out of memory");
    else
        pred->op = op;
    return pred;
}

static bool ready(dw_text *text, dw_pred *pred)
{
    dw_errc code = dw_pred_ready(text->arena, pred);
    if (code == DW_E_TOO_BIG)
        dw_text_fail(text, "more than %d comparisons in one condition", DW_PRED_TESTS_MAX);
    else if (code != DW_OK)
        dw_text_fail(text, "out of memory");
    return code == DW_OK;
}

/* Keep the source between two bytes, for explain. */
static void keep_text(dw_text *text, dw_pred *pred, uint32_t from, uint32_t to)
{
    while (to > from && strchr(" \t\n", text->text.ptr[to - 1]) != NULL)
        to--;
    pred->text = dw_arena_str(text->arena, (dw_str){text->text.ptr + from, to - from});
}

/* --- values */

static void unknown_code(dw_text *text, const dw_field_info *info, dw_str field)
{
    dw_nearest nearest = {.word = text->word};
    for (int32_t value = 1, gap = 0; gap < 16; value++) {
        const char *name = dw_enum_name(info, value);
        gap = name == NULL ? gap + 1 : 0;
        if (name != NULL)
            dw_nearest_try(&nearest, name);
    }
    if (nearest.best != NULL)
        dw_text_wrong(text, text->start, "%.*s has no code %.*s; did you mean %s?", cut(field), field.ptr,
                      cut(text->word), text->word.ptr, nearest.best);
    else
        dw_text_wrong(text, text->start, "%.*s has no code %.*s", cut(field), field.ptr, cut(text->word),
                      text->word.ptr);
}

static bool parse_number(dw_str word, int64_t *out)
{
    char buf[24], *end;
    if (word.len == 0 || word.len >= sizeof(buf) || !((word.ptr[0] >= '0' && word.ptr[0] <= '9') || word.ptr[0] == '-'))
        return false;
    memcpy(buf, word.ptr, word.len);
    buf[word.len] = '\0';
    errno = 0;
    *out = strtoll(buf, &end, 10);
    return *end == '\0' && errno == 0;
}

/* The word at hand as a number the field is compared with. Reports what is wrong; reading goes on. */
static int64_t take_number(dw_text *text, const dw_field_info *info, dw_str field)
{
    int32_t code = 0, day = 0;
    int64_t number = 0;
    switch (info->kind) {
    case DW_VAL_ENUM:
        if (!dw_enum_parse(info, text->word, &code))
            unknown_code(text, info, field);
        else if (code == 0)
            dw_text_wrong(text, text->start, "not stated is written `%.*s absent`", cut(field), field.ptr);
        number = code;
        break;
    case DW_VAL_INT:
        if (!parse_number(text->word, &number))
            dw_text_wrong(text, text->start, "%.*s is compared with a whole number", cut(field), field.ptr);
        break;
    case DW_VAL_DATE:
        if (!dw_date_parse(text->word, &day))
            dw_text_wrong(text, text->start, "%.*s is compared with a date such as 2026-03-31", cut(field), field.ptr);
        number = day;
        break;
    case DW_VAL_NONE:
    case DW_VAL_INSTANT:
    case DW_VAL_STR:
    case DW_VAL_STRS:
        break;
    }
    return number;
}

typedef struct values {
    int64_t numbers[DW_PRED_SET_MAX];
    dw_str words[DW_PRED_SET_MAX];
    uint32_t count;
} values;

/* A text; of a span's own words, one of those it can be. */
static dw_str take_word_value(dw_text *text, const dw_field_info *info, dw_str field)
{
    const char *known = info->type == DW_EV_NONE ? dw_span_word_values(field) : NULL;
    const char *at = known;
    bool found = known == NULL;
    while (!found && at != NULL && *at != '\0') {
        size_t len = strcspn(at, " ");
        found = text->word.len == len && memcmp(at, text->word.ptr, len) == 0;
        at += len + (at[len] == ' ');
    }
    if (!found)
        dw_text_wrong(text, text->start, "%.*s is none of %s", (int)text->word.len, text->word.ptr, known);
    return dw_arena_str(text->arena, text->word);
}

static void take_value(dw_text *text, const dw_field_info *info, dw_str field, values *out)
{
    if (text->failed)
        return;
    if (text->token != DW_TOK_WORD) {
        dw_text_fail(text, "a code or value belongs here");
        return;
    }
    if (out->count == DW_PRED_SET_MAX) {
        dw_text_fail(text, "more than %d values", DW_PRED_SET_MAX);
        return;
    }
    if (info != NULL && (info->kind == DW_VAL_STR || info->kind == DW_VAL_STRS))
        out->words[out->count] = take_word_value(text, info, field);
    else if (info != NULL)
        out->numbers[out->count] = take_number(text, info, field);
    out->count++;
    dw_text_next(text);
}

/* Copy the values into the arena, as the comparison's set. */
static bool keep_set(dw_text *text, dw_pred *pred, const values *from, bool strings)
{
    size_t bytes = from->count * (strings ? sizeof(dw_str) : sizeof(int64_t));
    void *copy = dw_arena_alloc(text->arena, bytes);
    if (copy == NULL) {
        dw_text_fail(text, "out of memory");
        return false;
    }
    memcpy(copy, strings ? (const void *)from->words : (const void *)from->numbers, bytes);
    pred->set_count = from->count;
    if (strings)
        pred->strings = copy;
    else
        pred->set = copy;
    return true;
}

/* --- comparisons */

static void take_list(dw_text *text, const dw_field_info *info, dw_str field, values *out)
{
    if (text->token != DW_TOK_OPEN) {
        dw_text_fail(text, "the codes behind `in` stand in parentheses: in (A, B)");
        return;
    }
    do {
        dw_text_next(text);
        take_value(text, info, field, out);
    } while (!text->failed && text->token == DW_TOK_COMMA);
    if (!text->failed && text->token != DW_TOK_CLOSE)
        dw_text_fail(text, "expected a comma or the closing parenthesis here");
    if (!text->failed)
        dw_text_next(text);
}

static bool op_of(dw_token token, dw_pred_op *op)
{
    switch (token) {
    case DW_TOK_LT:
        *op = DW_PRED_LT;
        return true;
    case DW_TOK_LE:
        *op = DW_PRED_LE;
        return true;
    case DW_TOK_GT:
        *op = DW_PRED_GT;
        return true;
    case DW_TOK_GE:
        *op = DW_PRED_GE;
        return true;
    case DW_TOK_EQ:
    case DW_TOK_NE:
        *op = DW_PRED_IN;
        return true;
    case DW_TOK_END:
    case DW_TOK_WORD:
    case DW_TOK_OPEN:
    case DW_TOK_CLOSE:
    case DW_TOK_COMMA:
    case DW_TOK_BAD:
        return false;
    }
    return false;
}

/* May this kind of field be compared so? Said at the operator. */
static void check_kind(dw_text *text, const dw_field_info *info, dw_pred_op op, dw_str field, uint32_t at)
{
    if (info->kind == DW_VAL_INSTANT)
        dw_text_wrong(text, at, "%.*s is an instant: it can only be present or absent", cut(field), field.ptr);
    else if (op != DW_PRED_IN && info->kind != DW_VAL_INT && info->kind != DW_VAL_DATE)
        dw_text_wrong(text, at, "%.*s has no order: only numbers and dates can be less or more", cut(field), field.ptr);
}

static dw_pred *negation(dw_text *text, const dw_pred *of)
{
    dw_pred *outer = new_pred(text, DW_PRED_NOT);
    if (outer == NULL)
        return NULL;
    outer->left = of;
    return ready(text, outer) ? outer : NULL;
}

/* What follows a field. `ref` NULL: the field was wrong and said so; the rest is still read for its own faults. */
static const dw_pred *take_operator(dw_text *text, const dw_field_ref *ref, const dw_field_info *info, dw_str field)
{
    values set = {.count = 0};
    dw_pred_op op;
    uint32_t at = text->start;
    bool absent = dw_text_is(text, "absent"), negated = text->token == DW_TOK_NE;
    if (absent || dw_text_is(text, "present")) {
        dw_text_next(text);
        dw_pred *simple = new_pred(text, absent ? DW_PRED_ABSENT : DW_PRED_PRESENT);
        if (simple == NULL)
            return NULL;
        simple->field = ref;
        return ready(text, simple) ? simple : NULL;
    }
    if (op_of(text->token, &op)) {
        dw_text_next(text);
        take_value(text, info, field, &set);
    } else {
        negated = dw_text_take(text, "not");
        if (!dw_text_take(text, "in")) {
            dw_text_fail(text, "expected =, !=, <, <=, >, >=, in, absent or present behind %.*s", cut(field),
                         field.ptr);
            return NULL;
        }
        op = DW_PRED_IN;
        take_list(text, info, field, &set);
    }
    if (text->failed)
        return NULL;
    if (info != NULL)
        check_kind(text, info, op, field, at);
    dw_pred *pred = new_pred(text, op);
    if (pred == NULL ||
        !keep_set(text, pred, &set, info != NULL && (info->kind == DW_VAL_STR || info->kind == DW_VAL_STRS)))
        return NULL;
    pred->field = ref;
    if (!ready(text, pred))
        return NULL;
    return negated ? negation(text, pred) : pred;
}

static const dw_pred *take_comparison(dw_text *text, const dw_scope *scope)
{
    uint32_t from = text->start;
    dw_str field = text->word;
    dw_field_info info;
    const dw_field_ref *ref = dw_text_field(text, scope, &info);
    if (text->failed)
        return NULL;
    dw_pred *pred = (dw_pred *)take_operator(text, ref, ref != NULL ? &info : NULL, field);
    if (pred != NULL)
        keep_text(text, pred, from, text->start);
    return pred;
}

/* --- and, or, not */

static const dw_pred *take_any(dw_text *text, const dw_scope *scope, unsigned depth);

static const dw_pred *take_term(dw_text *text, const dw_scope *scope, unsigned depth)
{
    uint32_t from = text->start;
    if (depth > DW_PRED_DEPTH_MAX) {
        dw_text_fail(text, "more than %d parentheses and nots inside each other", DW_PRED_DEPTH_MAX);
        return NULL;
    }
    if (dw_text_take(text, "not")) {
        const dw_pred *inner = take_term(text, scope, depth + 1);
        dw_pred *pred = inner != NULL ? negation(text, inner) : NULL;
        if (pred != NULL)
            keep_text(text, pred, from, text->start);
        return pred;
    }
    if (text->token != DW_TOK_OPEN)
        return take_comparison(text, scope);
    dw_text_next(text);
    const dw_pred *inner = take_any(text, scope, depth + 1);
    if (inner == NULL)
        return NULL;
    if (text->token != DW_TOK_CLOSE) {
        dw_text_fail(text, "expected the closing parenthesis here");
        return NULL;
    }
    dw_text_next(text);
    return inner;
}

/* A row of terms joined by one word. "a and b or c" is refused: people read it both ways. */
static const dw_pred *take_any(dw_text *text, const dw_scope *scope, unsigned depth)
{
    uint32_t from = text->start;
    const dw_pred *left = take_term(text, scope, depth);
    const char *word = dw_text_is(text, "or") ? "or" : "and";
    while (left != NULL && dw_text_take(text, word)) {
        const dw_pred *right = take_term(text, scope, depth);
        dw_pred *joined = right != NULL ? new_pred(text, word[0] == 'o' ? DW_PRED_OR : DW_PRED_AND) : NULL;
        if (joined == NULL)
            return NULL;
        joined->left = left;
        joined->right = right;
        keep_text(text, joined, from, text->start);
        left = ready(text, joined) ? joined : NULL;
    }
    if (left != NULL && (dw_text_is(text, "and") || dw_text_is(text, "or"))) {
        dw_text_fail(text, "`and` and `or` side by side: put parentheses around what belongs together");
        return NULL;
    }
    return left;
}

const dw_pred *dw_text_predicate(dw_text *text, const dw_scope *scope)
{
    if (text->failed)
        return NULL;
    uint32_t at = text->start;
    const dw_pred *pred = take_any(text, scope, 0);
    if (!dw_text_finish(text))
        return NULL;
    if (pred != NULL && !dw_pred_can_hold(pred))
        dw_text_wrong(text, at, "this condition can never hold");
    return pred;
}

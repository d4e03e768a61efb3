#pragma once
/* rule_text.h: the short texts inside rules ("visit_done where mode = F2F and child_seen = Y", "10 working days"): a scanner
 * that knows where in the file each word stands, and the parsers of selectors, clauses and predicates.
 *
 * Grammar (words are letters, digits and _ . - + : /, or anything in '...' or "..."):
 *   selector  = FAMILY [ "where" predicate ]                     plan where plan_type = CP
 *             | "each" clause                                      each visit_done where mode = F2F
 *   clause    = EVENT_TYPE [ "where" predicate ]                 visit_done where mode = F2F
 *   predicate = term { "and" term } | term { "or" term }         mixing needs parentheses
 *   term      = "not" term | "(" predicate ")" | comparison
 *   comparison= FIELD ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) VALUE | FIELD [ "not" ] "in" "(" VALUE { "," VALUE } ")"
 *             | FIELD "absent" | FIELD "present"
 * Fields and codes are those of the .proto files; they are checked against every event type they apply to, and a field that
 * records do not keep is refused. Everything is allocated in the arena given; problems go to the document's collector. */

#include "config/yaml.h"
#include "handlers/policy.h"
#include "proto/fields.h"

#define DW_PRED_DEPTH_MAX 16 /* nested parentheses and nots; the parser recurses */
#define DW_PRED_SET_MAX 200  /* codes in one list: no code list of the schema is longer */

/* The event types a field name is looked up in. */
#define DW_SCOPE_TYPES_MAX 16
typedef struct dw_scope {
    char what[48]; /* for people: "visit_done", "plan" */
    dw_event_type types[DW_SCOPE_TYPES_MAX];
    size_t count;
    bool spans; /* the words of this family's spans belong to it, too */
    dw_span_family family;
} dw_scope;
dw_scope dw_scope_of_type(dw_event_type type);
dw_scope dw_scope_of_family(dw_span_family family); /* the facts its spans are made of */
dw_scope dw_scope_of_selector(const dw_span_selector *selector);
/* The values of a span's own word, as "FACT AGE ..."; NULL: no such word. */
const char *dw_span_word_values(dw_str name);
/* An empty scope stands for one whose owner was wrong: fields in it are passed over without a second complaint. */
void dw_scope_add(dw_scope *scope, const dw_scope *more);

typedef enum dw_token {
    DW_TOK_END,
    DW_TOK_WORD,
    DW_TOK_EQ,
    DW_TOK_NE,
    DW_TOK_LT,
    DW_TOK_LE,
    DW_TOK_GT,
    DW_TOK_GE,
    DW_TOK_OPEN,
    DW_TOK_CLOSE,
    DW_TOK_COMMA,
    DW_TOK_BAD
} dw_token;
typedef struct dw_text {
    dw_yaml *yaml;
    const yaml_node_t *node;
    dw_arena *arena;
    dw_str text;
    uint32_t start, end; /* bytes of the token at hand */
    dw_token token;
    dw_str word; /* DW_TOK_WORD: without quotes */
    bool failed; /* the text does not parse; said once */
} dw_text;

/* Begin on a scalar; reports and fails on anything else. The first token is at hand. */
dw_text dw_text_open(dw_yaml *yaml, const yaml_node_t *node, dw_arena *arena, const char *what);
void dw_text_next(dw_text *text);
bool dw_text_is(const dw_text *text, const char *word);
bool dw_text_take(dw_text *text, const char *word); /* step over it when it is at hand */
/* A problem at a byte of the text. fail: the rest can not be read (said once); warn: reading goes on. */
void dw_text_fail(dw_text *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void dw_text_wrong(dw_text *text, uint32_t at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* A whole number from `min` to `max`; another is a failure, and `min`. Steps over it. */
int dw_text_count(dw_text *text, int min, int max);
bool dw_text_finish(dw_text *text); /* nothing may be left; true when it all parsed */

/* The field at hand, resolved in the scope; NULL when unknown (reported). Steps over it. `info` may be NULL. */
const dw_field_ref *dw_text_field(dw_text *text, const dw_scope *scope, dw_field_info *info);
/* The predicate up to the end of the text; NULL on failure. */
const dw_pred *dw_text_predicate(dw_text *text, const dw_scope *scope);
/* Is there any fact of which it is true? A condition too large to try out is taken as one. */
bool dw_pred_can_hold(const dw_pred *pred);
/* "FAMILY [where ...]" and "EVENT_TYPE [where ...]" up to the end of the text; false on failure. */
bool dw_text_selector(dw_text *text, dw_span_selector *out);
bool dw_text_clause(dw_text *text, dw_clause *out);

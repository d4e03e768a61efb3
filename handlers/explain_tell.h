#pragma once
/* explain_tell.h: what the two explanations share (explain.c: of a duty; explain_why.c: of a rule and a child): lines, dates in
 * words, and why a condition holds or does not. Private to handlers/explain*.c. */

#include "handlers/explain.h"
#include "handlers/rules/rules.h"

typedef struct dw_teller {
    dw_explain_line *line;
    void *user;
    const dw_record *rec;
    const dw_policy *policy;
    const dw_calendar *cal;
    const dw_chronology *chron;
    const dw_obligation *ob; /* the duty at hand */
} dw_teller;

/* One line of at most 512 bytes; a longer one is cut. */
void dw_tell(const dw_teller *t, const char *key, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

typedef struct dw_tell_text {
    char s[80];
} dw_tell_text;
dw_tell_text dw_tell_day(int32_t day);       /* "Tue 7 Apr 2026" */
dw_tell_text dw_tell_instant(int64_t at_us); /* "Tue 7 Apr 2026 09:00:00 BST" */

/* A field's value as it is written in rules: the name of a code, a date. */
void dw_tell_value(char *out, size_t size, const dw_value *value, const dw_fact *carrier, uint16_t field);

/* Why the condition holds, or does not: one line for each comparison that decided it, with the value found and where it
 * stands. `pred` may be NULL. */
void dw_tell_span_condition(const dw_teller *t, const char *key, const dw_pred *pred, const dw_span *span,
                            int32_t as_of);
void dw_tell_fact_condition(const dw_teller *t, const char *key, const dw_pred *pred, const dw_fact *fact);

/* What the records of a span that has begun name, which is not the span at hand (dw_clause_links: false). */
void dw_tell_link(const dw_teller *t, const char *key, const dw_clause *clause, const dw_span *begun, int32_t as_of);

/* Rule, title, source, trigger. */
void dw_tell_rule(const dw_teller *t, const dw_rule *rule);
/* Of the duty at hand: what it counts from, limit and working, due, evidence. */
void dw_tell_duty(const dw_teller *t);
/* Of a fact that is of a clause's type: why it does not count for the span. */
void dw_tell_not_counted(const dw_teller *t, const dw_clause *clause, const dw_fact *fact, const dw_span *span);
/* "visit_done of Tue 7 Apr 2026 (offset 12)", and `more` behind it. */
void dw_tell_fact(const dw_teller *t, const char *key, const dw_fact *fact, const char *more);
void dw_tell_limit(const dw_teller *t, const char *key, const dw_limit *limit);
void dw_tell_count_limit(const dw_teller *t, const dw_rule *rule); /* of a count: so many, and in which window */
/* Of a child that was merged into another. */
void dw_tell_merged(const dw_teller *t);
void dw_tell_alert(const dw_teller *t, const dw_alert *alert);

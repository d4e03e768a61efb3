/* explain_tell.c: lines of an explanation: dates in words, and why a condition holds or does not. */

#include "handlers/explain_tell.h"

#include "proto/fields.h"
#include "proto/json.h"

#include <inttypes.h>
#include <stdio.h>

#define LINE_BYTES_MAX 512

void dw_tell(const dw_teller *t, const char *key, const char *fmt, ...)
{
    char text[LINE_BYTES_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    t->line(t->user, key, text);
}

/* --- dates and instants for people */

dw_tell_text dw_tell_day(int32_t day)
{
    static const char *const weekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    dw_tell_text out;
    dw_ymd ymd = dw_day_to_ymd(day);
    snprintf(out.s, sizeof out.s, "%s %d %s %d", weekdays[dw_day_weekday(day)], ymd.day, months[ymd.month - 1],
             ymd.year);
    return out;
}

/* Local time in London, with the name of the clock in force. */
dw_tell_text dw_tell_instant(int64_t us)
{
    const int64_t hour = INT64_C(3600000000), day_us = 24 * hour;
    int32_t day = dw_london_day(us);
    int64_t start = dw_london_start_us(day);
    bool summer = start != day * day_us;
    if (dw_london_start_us(day + 1) - start != day_us && us >= day * day_us + hour)
        summer = !summer; /* the clocks change at 01:00 UTC of this day */
    int64_t local = us + (summer ? hour : 0) - day * day_us;
    dw_tell_text out;
    unsigned second = (unsigned)(local / (hour / 3600)) % 86400;
    int len = snprintf(out.s, sizeof out.s, "%s", dw_tell_day(day).s);
    snprintf(out.s + len, sizeof out.s - (size_t)len, " %02u:%02u:%02u %s", second / 3600, second / 60 % 60,
             second % 60, summer ? "BST" : "GMT");
    return out;
}

/* --- conditions */

void dw_tell_value(char *out, size_t size, const dw_value *value, const dw_fact *carrier, uint16_t field)
{
    dw_field_info info;
    const char *name = NULL;
    char text[32];
    switch ((dw_value_kind)value->kind) {
    case DW_VAL_ENUM:
        if (dw_field_by_id(carrier->type, field, &info))
            name = dw_enum_name(&info, (int32_t)value->i);
        if (name != NULL)
            snprintf(out, size, "%s", name);
        else
            snprintf(out, size, "code %" PRId64, value->i);
        return;
    case DW_VAL_INT:
        snprintf(out, size, "%" PRId64, value->i);
        return;
    case DW_VAL_DATE:
        dw_date_format((int32_t)value->i, text);
        snprintf(out, size, "%s", text);
        return;
    case DW_VAL_INSTANT:
        snprintf(out, size, "%s", dw_tell_instant(value->i).s);
        return;
    case DW_VAL_STR:
        snprintf(out, size, "%.*s", DW_STR_ARG(value->s));
        return;
    case DW_VAL_STRS:
        snprintf(out, size, "%u ids", value->n);
        return;
    case DW_VAL_NONE:
        break;
    }
    snprintf(out, size, "?");
}

static void tell_leaf(const dw_teller *t, const char *key, const dw_field_ref *field, const dw_asked *of, bool so)
{
    const dw_fact *carrier = NULL;
    const dw_value *value = dw_asked_value(of, field, &carrier);
    char found[96];
    dw_str name = field->name;
    if (value == NULL) {
        dw_tell(t, key, "%s: %.*s is not stated", so ? "yes" : "no", DW_STR_ARG(name));
        return;
    }
    if (carrier != NULL)
        dw_tell_value(found, sizeof found, value, carrier, field->by_type[carrier->type]);
    else /* a word of the span itself: a text */
        snprintf(found, sizeof found, "%.*s", DW_STR_ARG(value->s));
    if (of->fact == NULL && carrier != NULL)
        dw_tell(t, key, "%s: %.*s is %s (%s of %s, offset %" PRId64 ")", so ? "yes" : "no", DW_STR_ARG(name), found,
                dw_event_type_name(carrier->type), dw_tell_day(carrier->day).s, carrier->offset);
    else
        dw_tell(t, key, "%s: %.*s is %s", so ? "yes" : "no", DW_STR_ARG(name), found);
}

/* The comparisons that made `pred` what it is. `so`: what that means for the condition as a whole. */
static void tell_why(const dw_teller *t, const char *key, const dw_pred *pred, const dw_asked *of, bool so)
{
    bool now = dw_pred_holds(pred, of);
    switch (pred->op) {
    case DW_PRED_AND:
    case DW_PRED_OR: /* all of a kind decide, or those that differ from the rest */
        if (dw_pred_holds(pred->left, of) == now)
            tell_why(t, key, pred->left, of, so);
        if (dw_pred_holds(pred->right, of) == now)
            tell_why(t, key, pred->right, of, so);
        return;
    case DW_PRED_NOT:
        tell_why(t, key, pred->left, of, so);
        return;
    case DW_PRED_IN:
    case DW_PRED_ABSENT:
    case DW_PRED_PRESENT:
    case DW_PRED_LT:
    case DW_PRED_LE:
    case DW_PRED_GT:
    case DW_PRED_GE:
        tell_leaf(t, key, pred->field, of, so);
        return;
    }
}

void dw_tell_span_condition(const dw_teller *t, const char *key, const dw_pred *pred, const dw_span *span,
                            int32_t as_of)
{
    dw_asked of = {.span = span, .as_of = as_of};
    if (pred != NULL)
        tell_why(t, key, pred, &of, dw_pred_holds(pred, &of));
}

void dw_tell_link(const dw_teller *t, const char *key, const dw_clause *clause, const dw_span *begun, int32_t as_of)
{
    dw_asked of = {.span = begun, .as_of = as_of};
    bool more = clause->link_more != NULL && dw_asked_value(&of, clause->link, NULL) == NULL;
    tell_leaf(t, key, more ? clause->link_more : clause->link, &of, false);
}

void dw_tell_fact_condition(const dw_teller *t, const char *key, const dw_pred *pred, const dw_fact *fact)
{
    dw_asked of = {.fact = fact};
    tell_why(t, key, pred, &of, dw_pred_holds(pred, &of));
}

/* --- facts */

void dw_tell_fact(const dw_teller *t, const char *key, const dw_fact *fact, const char *more)
{
    dw_tell(t, key, "%s of %s (offset %" PRId64 ")%s", dw_event_type_name(fact->type), dw_tell_day(fact->day).s,
            fact->offset, more);
}

static bool names_another(const dw_clause *clause, const dw_fact *fact, const dw_span *span)
{
    dw_clause link_only = *clause;
    link_only.where = NULL;
    link_only.from_day = link_only.until_day = 0;
    return span != NULL && !dw_eval_counts(&link_only, fact, span);
}

void dw_tell_not_counted(const dw_teller *t, const dw_clause *clause, const dw_fact *fact, const dw_span *span)
{
    if (fact->day < clause->from_day)
        dw_tell(t, "because", "such evidence counts from %s", dw_tell_day(clause->from_day).s);
    if (clause->until_day != 0 && fact->day > clause->until_day)
        dw_tell(t, "because", "such evidence counted until %s", dw_tell_day(clause->until_day).s);
    if (names_another(clause, fact, span)) {
        const dw_field_ref *link = clause->link;
        const dw_value *value = dw_fact_get(fact, link->by_type[fact->type]);
        if (value == NULL && clause->link_more != NULL) {
            link = clause->link_more;
            value = dw_fact_get(fact, link->by_type[fact->type]);
        }
        char found[96] = "not stated";
        if (value != NULL)
            dw_tell_value(found, sizeof found, value, fact, link->by_type[fact->type]);
        dw_tell(t, "because", "no: %.*s is %s", DW_STR_ARG(link->name), found);
    }
    if (!dw_pred_fact(clause->where, fact))
        dw_tell_fact_condition(t, "because", clause->where, fact);
}

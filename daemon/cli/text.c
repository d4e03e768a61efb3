/* text.c: see text.h. */

#include "daemon/cli/text.h"

#include <stdio.h>

#define DAY_US 86400000000LL

static const char *const weekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const levels[] = {"social worker", "team manager", "service manager", "assistant director",
                                     "director"};

char *dw_text_day(int32_t day, char *out, size_t size)
{
    if (day == DW_DAY_NONE || day == DW_DAY_OPEN) {
        snprintf(out, size, "-");
        return out;
    }
    dw_ymd ymd = dw_day_to_ymd(day);
    snprintf(out, size, "%s %d %s %d", weekdays[dw_day_weekday(day)], ymd.day, months[ymd.month - 1], ymd.year);
    return out;
}

char *dw_text_time(int64_t at_us, char *out, size_t size)
{
    if (at_us == DW_AT_NONE || at_us == DW_AT_NEVER) {
        snprintf(out, size, "-");
        return out;
    }
    char date[DW_TEXT_DATE_MAX];
    int32_t day = dw_london_day(at_us);
    /* Minutes on the clock, not since midnight: on the two days of the change the clock jumps at 01:00 UTC. */
    int64_t utc_minute = (at_us - (int64_t)day * DAY_US) / 60000000;
    int32_t start_offset = (int32_t)(((int64_t)day * DAY_US - dw_london_start_us(day)) / 60000000);
    int32_t end_offset = (int32_t)(((int64_t)(day + 1) * DAY_US - dw_london_start_us(day + 1)) / 60000000);
    int64_t local = utc_minute + (utc_minute >= 60 ? end_offset : start_offset);
    snprintf(out, size, "%s %02d:%02d", dw_text_day(day, date, sizeof(date)), (int)(local / 60) % 24,
             (int)(local % 60));
    return out;
}

char *dw_text_span(int64_t us, char *out, size_t size)
{
    static const struct {
        const char *name;
        int64_t us;
    } units[] = {{"day", DAY_US}, {"hour", 3600000000LL}, {"minute", 60000000LL}, {"second", 1000000LL}};
    if (us < 0)
        us = -us;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        int64_t n = us / units[i].us;
        if (n != 0) {
            snprintf(out, size, "%lld %s%s", (long long)n, units[i].name, n == 1 ? "" : "s");
            return out;
        }
    }
    snprintf(out, size, "no time");
    return out;
}

char *dw_text_due(const dw_transition *tr, int64_t now_us, char *out, size_t size)
{
    char when[DW_TEXT_TIME_MAX];
    char span[32];
    if (tr->due_kind == DW_DUE_NONE) {
        snprintf(out, size, "raised %s", dw_text_day(dw_london_day(tr->raised_at_us), when, sizeof(when)));
    } else if (tr->due_kind == DW_DUE_DATE) {
        int64_t days = (int64_t)dw_london_day(now_us) - tr->due_on;
        dw_text_day(tr->due_on, when, sizeof(when));
        if (days == 0)
            snprintf(out, size, "due %s (today)", when);
        else
            snprintf(out, size, "due %s (%s%s%s)", when, days < 0 ? "in " : "",
                     dw_text_span(days * DAY_US, span, sizeof(span)), days < 0 ? "" : " ago");
    } else {
        int64_t past = now_us - tr->due_at_us;
        snprintf(out, size, "due %s (%s%s%s)", dw_text_time(tr->due_at_us, when, sizeof(when)), past < 0 ? "in " : "",
                 dw_text_span(past, span, sizeof(span)), past < 0 ? "" : " ago");
    }
    return out;
}

const char *dw_text_level(uint32_t level)
{
    return level < sizeof(levels) / sizeof(levels[0]) ? levels[level] : "level ?";
}

char *dw_text_subject(dw_str kind, dw_str id, char *out, size_t size)
{
    if (id.len == 0)
        snprintf(out, size, "%s", "");
    else
        snprintf(out, size, "%.*s %.*s", DW_STR_ARG(kind), DW_STR_ARG(id));
    return out;
}

bool dw_text_matches(dw_str value, const char *wanted)
{
    return wanted == NULL || wanted[0] == '\0' || dw_str_eq(value, dw_str_from(wanted));
}

static void due_words(const dw_transition *tr, char *out, size_t size)
{
    char when[DW_TEXT_TIME_MAX];
    out[0] = '\0';
    if (tr->due_kind == DW_DUE_DATE)
        snprintf(out, size, ", due %s", dw_text_day(tr->due_on, when, sizeof(when)));
    else if (tr->due_kind == DW_DUE_INSTANT)
        snprintf(out, size, ", due %s", dw_text_time(tr->due_at_us, when, sizeof(when)));
}

/* What comes behind the colon. */
static void happened(const dw_transition *tr, char *out, size_t size)
{
    char day[DW_TEXT_DATE_MAX];
    switch (tr->kind) {
    case DW_TR_OPENED:
        snprintf(out, size, "%s %.*s (%s)", tr->found_at_start ? "found at the start, for" : "goes to",
                 DW_STR_ARG(tr->post), dw_text_level(tr->level));
        break;
    case DW_TR_ESCALATED:
        snprintf(out, size, "nobody answered, up to %.*s (%s)", DW_STR_ARG(tr->post), dw_text_level(tr->level));
        break;
    case DW_TR_ACKNOWLEDGED:
        snprintf(out, size, "answered at %s level (%.*s), looked at again on %s", dw_text_level(tr->level),
                 DW_STR_ARG(tr->reason_code), dw_text_day(tr->review_by, day, sizeof(day)));
        break;
    case DW_TR_ACK_EXPIRED:
        snprintf(out, size, "the review date passed and nothing was done, back to %.*s (%s)", DW_STR_ARG(tr->post),
                 dw_text_level(tr->level));
        break;
    case DW_TR_REOPENED:
        snprintf(out, size, "open again, the record that closed it was corrected; %.*s (%s)", DW_STR_ARG(tr->post),
                 dw_text_level(tr->level));
        break;
    case DW_TR_REVISED:
        snprintf(out, size, "changed%s; %.*s (%s)", tr->count > 1 ? ", it happened again" : "", DW_STR_ARG(tr->post),
                 dw_text_level(tr->level));
        break;
    case DW_TR_RESOLVED:
        snprintf(out, size, "closed, %s", dw_outcome_text(tr->outcome));
        break;
    case DW_TR_FLAGGED:
        snprintf(out, size, "noted on the record");
        break;
    case DW_TR_NOTED:
        snprintf(out, size, "an answer came too late and is kept as a note (%.*s)", DW_STR_ARG(tr->reason_code));
        break;
    case DW_TR_NONE:
    case DW_TR_COUNT:
        out[0] = '\0';
        break;
    }
}

char *dw_text_transition(const dw_transition *tr, dw_str title, char *out, size_t size)
{
    char subject[128];
    char due[64];
    char event[192];
    dw_text_subject(tr->subject_kind, tr->subject_id, subject, sizeof(subject));
    due_words(tr, due, sizeof(due));
    happened(tr, event, sizeof(event));
    snprintf(out, size, "%.*s for %.*s/%.*s%s%s%s%s: %s", DW_STR_ARG(title), DW_STR_ARG(tr->la_code),
             DW_STR_ARG(tr->child_ref), subject[0] != '\0' ? " (" : "", subject, subject[0] != '\0' ? ")" : "", due,
             event);
    return out;
}

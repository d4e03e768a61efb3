/* demo_line.c: see demo_line.h. */

#include "daemon/cli/demo_line.h"

#include "daemon/cli/text.h"

#include <stdio.h>

#define DIM "\033[2m"
#define RED "\033[31m"
#define YELLOW "\033[33m"
#define GREEN "\033[32m"
#define PLAIN "\033[0m"

/* The sign at the head of a line, and its colour: what a reader looks for first. */
static const char *sign_of(const dw_transition *tr, const char **colour)
{
    *colour = "";
    switch (tr->kind) {
    case DW_TR_OPENED:
    case DW_TR_REOPENED:
        *colour = tr->priority == DW_P1 ? RED : YELLOW;
        return tr->kind == DW_TR_REOPENED ? "raised again" : tr->found_at_start ? "found" : "raised";
    case DW_TR_ESCALATED:
        *colour = RED;
        return "goes up";
    case DW_TR_ACK_EXPIRED:
        *colour = YELLOW;
        return "answer ran out";
    case DW_TR_RESOLVED:
        *colour = GREEN;
        return "closed";
    case DW_TR_ACKNOWLEDGED:
        return "answered";
    case DW_TR_REVISED:
        return "changed";
    case DW_TR_FLAGGED:
        *colour = DIM;
        return "noted";
    case DW_TR_NOTED:
        return "late answer";
    case DW_TR_NONE:
    case DW_TR_COUNT:
        break;
    }
    return "?";
}

/* "Mon 31 Aug", "Mon 31 Aug 16:20": the year is the story's own. */
static void short_day(int32_t day, char *out, size_t size)
{
    char text[DW_TEXT_DATE_MAX];
    dw_text_day(day, text, sizeof(text));
    snprintf(out, size, "%.*s", (int)(strlen(text) > 5 ? strlen(text) - 5 : 0), text);
}
static void short_time(int64_t at_us, char *out, size_t size)
{
    char text[DW_TEXT_TIME_MAX];
    char day[DW_TEXT_DATE_MAX];
    dw_text_time(at_us, text, sizeof(text));
    short_day(dw_london_day(at_us), day, sizeof(day));
    snprintf(out, size, "%s %s", day, text + strlen(text) - 5);
}

/* Why: when it was due, how often. */
static void why(const dw_transition *tr, char *out, size_t size)
{
    char when[DW_TEXT_TIME_MAX];
    char times[48] = "";
    out[0] = '\0';
    if (tr->count > 1)
        snprintf(times, sizeof(times), ", %u in all", tr->count);
    if (tr->due_kind == DW_DUE_DATE)
        short_day(tr->due_on, when, sizeof(when));
    else if (tr->due_kind == DW_DUE_INSTANT)
        short_time(tr->due_at_us, when, sizeof(when));
    snprintf(out, size, "%s%s%s", tr->due_kind != DW_DUE_NONE ? ", due by " : "",
             tr->due_kind != DW_DUE_NONE ? when : "", times);
}

char *dw_demo_line(const dw_transition *tr, dw_str title, bool colour, char *out, size_t size)
{
    char at[DW_TEXT_TIME_MAX];
    char when[DW_TEXT_TIME_MAX];
    char reason[96];
    char what[200] = "";
    const char *paint = "";
    const char *sign = sign_of(tr, &paint);
    short_time(tr->raised_at_us, at, sizeof(at));
    why(tr, reason, sizeof(reason));
    char priority[4] = "  ";
    if (tr->priority != DW_P_NONE)
        snprintf(priority, sizeof(priority), "P%d", (int)tr->priority % 10);
    switch (tr->kind) {
    case DW_TR_RESOLVED:
        snprintf(what, sizeof(what), ": %s", dw_outcome_text(tr->outcome));
        break;
    case DW_TR_ACKNOWLEDGED:
        short_day(tr->review_by, when, sizeof(when));
        snprintf(what, sizeof(what), ": %.*s answers %.*s, will look again by %s", DW_STR_ARG(tr->post),
                 DW_STR_ARG(tr->reason_code), when);
        break;
    case DW_TR_ESCALATED:
        snprintf(what, sizeof(what), "%s: nobody answered -> %.*s", reason, DW_STR_ARG(tr->post));
        break;
    case DW_TR_FLAGGED:
    case DW_TR_NOTED:
        break;
    case DW_TR_OPENED:
    case DW_TR_REOPENED:
    case DW_TR_REVISED:
    case DW_TR_ACK_EXPIRED:
    case DW_TR_NONE:
    case DW_TR_COUNT:
        snprintf(what, sizeof(what), "%s -> %.*s", reason, DW_STR_ARG(tr->post));
        break;
    }
    bool painted = colour && paint[0] != '\0';
    snprintf(out, size, "  %-16s %s%-11s%s %s %-6.*s %.*s  %.*s%s", at, painted ? paint : "", sign,
             painted ? PLAIN : "", priority, DW_STR_ARG(tr->rule_id), DW_STR_ARG(tr->child_ref), DW_STR_ARG(title),
             what);
    return out;
}

static void add_words(char *out, size_t size, uint64_t count, const char *one, const char *many)
{
    size_t len = strlen(out);
    if (count != 0)
        snprintf(out + len, size - len, "%s%llu %s", len != 0 ? ", " : "", (unsigned long long)count,
                 count == 1 ? one : many);
}

char *dw_demo_week_line(const dw_demo_week *week, bool colour, char *out, size_t size)
{
    char words[400] = "";
    char amends[100] = "";
    const uint64_t *n = week->by_type;
    add_words(words, sizeof(words), n[DW_EV_CONTACT_RECEIVED], "contact", "contacts");
    add_words(words, sizeof(words), n[DW_EV_REFERRAL_RECEIVED], "referral", "referrals");
    add_words(words, sizeof(words), n[DW_EV_VISIT_DONE], "visit", "visits");
    add_words(words, sizeof(words), n[DW_EV_PLAN_REVIEW], "review", "reviews");
    add_words(words, sizeof(words), n[DW_EV_SUPERVISION_HELD], "supervision", "supervisions");
    add_words(words, sizeof(words), n[DW_EV_MEETING_HELD], "meeting", "meetings");
    add_words(words, sizeof(words), n[DW_EV_MISSING_EPISODE], "report of a missing child",
              "reports of missing children");
    add_words(words, sizeof(words), n[DW_EV_PLAN_STARTED] + n[DW_EV_PLACEMENT_STARTED], "new plan or placement",
              "new plans or placements");
    add_words(words, sizeof(words), n[DW_EV_WORKER_ENDED], "worker leaves a case", "workers leave a case");
    if (week->late + week->corrected != 0)
        snprintf(amends, sizeof(amends), "; %llu written up late, %llu corrected or withdrawn",
                 (unsigned long long)week->late, (unsigned long long)week->corrected);
    snprintf(out, size, "%s  %llu events arrived: %s%s%s", colour ? DIM : "", (unsigned long long)week->events, words,
             amends, colour ? PLAIN : "");
    return out;
}

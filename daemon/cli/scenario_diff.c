/* scenario_diff.c: expectations against alerts and duties, and both in words. */

#include "daemon/cli/scenario_diff.h"

#include "daemon/cli/text.h"
#include "proto/civil.h"
#include "proto/json.h"

#include <stdio.h>

/* --- comparing */

static bool same_due(const dw_scn_want *want, dw_due_kind kind, int32_t due_on, int64_t due_at_us)
{
    if (want->due_kind != kind)
        return false;
    return kind == DW_DUE_DATE ? want->due_on == due_on : want->due_at_us == due_at_us;
}

/* What alerts and duties have in common. */
static uint32_t common_differs(const dw_scn_want *want, const dw_record *rec, dw_str rule, dw_str subject)
{
    uint32_t differs = 0;
    if (!dw_str_eq(want->rule, rule))
        differs |= 1u << DW_SCN_F_RULE;
    if (dw_scn_wants(want, DW_SCN_F_CHILD) && !dw_str_eq(want->child, rec->child_ref))
        differs |= 1u << DW_SCN_F_CHILD;
    if (dw_scn_wants(want, DW_SCN_F_SUBJECT) && !dw_str_eq(want->subject, subject.len != 0 ? subject : rec->child_ref))
        differs |= 1u << DW_SCN_F_SUBJECT;
    return differs;
}

static uint32_t bit_if(bool differs, dw_scn_field field)
{
    return differs ? 1u << field : 0;
}

uint32_t dw_scn_alert_differs(const dw_scn_want *want, const dw_record *rec, const dw_alert *alert)
{
    uint32_t differs = common_differs(want, rec, alert->rule_id, alert->subject_id);
    differs |= bit_if(!same_due(want, alert->due_kind, alert->due_on, alert->due_at_us), DW_SCN_F_DUE);
    differs |= bit_if(want->priority != alert->priority, DW_SCN_F_PRIORITY);
    differs |= bit_if(want->level != alert->level, DW_SCN_F_LEVEL);
    differs |= bit_if(!dw_str_eq(want->post, alert->post), DW_SCN_F_POST);
    differs |= bit_if(want->alert_state != alert->state, DW_SCN_F_STATE);
    differs |= bit_if(want->count != alert->count, DW_SCN_F_COUNT);
    differs |= bit_if(want->generation != alert->generation, DW_SCN_F_GENERATION);
    differs |= bit_if(want->raised_us != alert->opened_us, DW_SCN_F_RAISED);
    differs |= bit_if(want->outcome != alert->outcome, DW_SCN_F_OUTCOME);
    return differs & want->has;
}

uint32_t dw_scn_duty_differs(const dw_scn_want *want, const dw_record *rec, const dw_obligation *duty)
{
    uint32_t differs = common_differs(want, rec, duty->rule->id, duty->subject_id);
    differs |= bit_if(!same_due(want, duty->due_kind, duty->due_on, duty->due_at_us), DW_SCN_F_DUE);
    differs |= bit_if(want->priority != duty->rule->priority, DW_SCN_F_PRIORITY);
    differs |= bit_if(want->ob_state != duty->state, DW_SCN_F_STATE);
    differs |= bit_if(want->count != duty->count, DW_SCN_F_COUNT);
    differs |= bit_if(want->paused_until != duty->paused_until, DW_SCN_F_PAUSED);
    return differs & want->has;
}

/* --- words */

typedef struct line {
    char *out;
    size_t used;
} line;

static void put(line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(line *l, const char *fmt, ...)
{
    va_list args;
    size_t room = DW_SCN_TEXT_MAX - l->used;
    va_start(args, fmt);
    int n = vsnprintf(l->out + l->used, room, fmt, args);
    va_end(args);
    if (n > 0)
        l->used += (size_t)n < room ? (size_t)n : room - 1;
}

static line start(char *out)
{
    out[0] = '\0';
    return (line){out, 0};
}

/* An instant as a scenario would write it: London time, with seconds only where there are some. */
static void put_instant(line *l, int64_t us)
{
    char date[16];
    int32_t day = dw_london_day(us);
    bool summer_first = dw_london_start_us(day) != day * DW_US_PER_DAY;
    bool summer_last = dw_london_start_us(day + 1) != (day + 1) * DW_US_PER_DAY;
    if (summer_first != summer_last) { /* the clocks change: the offset has to be seen */
        char text[32];
        dw_instant_format(us, text);
        put(l, " %s", text);
        return;
    }
    int64_t s = (us - dw_london_start_us(day)) / DW_US_PER_SECOND;
    dw_date_format(day, date);
    put(l, " %s %02d:%02d", date, (int)(s / 3600), (int)(s / 60 % 60));
    if (s % 60 != 0)
        put(l, ":%02d", (int)(s % 60));
}

static void put_due(line *l, dw_due_kind kind, int32_t due_on, int64_t due_at_us)
{
    char date[16];
    if (kind == DW_DUE_NONE)
        return;
    put(l, " due");
    if (kind == DW_DUE_INSTANT) {
        put_instant(l, due_at_us);
        return;
    }
    dw_date_format(due_on, date);
    put(l, " %s", date);
}

static void put_paused(line *l, int32_t until)
{
    char date[16];
    dw_date_format(until, date);
    put(l, " paused %s", date);
}

static const char *alert_word(dw_alert_state state)
{
    switch (state) {
    case DW_AL_OPEN:
        return "open";
    case DW_AL_ACKED:
        return "acknowledged";
    case DW_AL_CLOSED:
        return "closed";
    case DW_AL_FLAG:
        break;
    }
    return "flag";
}

char *dw_scn_want_text(const dw_scn_want *want, char out[DW_SCN_TEXT_MAX])
{
    line l = start(out);
    put(&l, "%.*s", DW_STR_ARG(want->rule));
    if (dw_scn_wants(want, DW_SCN_F_STATE))
        put(&l, " %s",
            want->section == DW_SCN_ALERTS || want->section == DW_SCN_NOT ? alert_word(want->alert_state)
                                                                          : dw_ob_state_name(want->ob_state));
    if (dw_scn_wants(want, DW_SCN_F_OUTCOME))
        put(&l, " %s", dw_outcome_name(want->outcome));
    if (dw_scn_wants(want, DW_SCN_F_DUE))
        put_due(&l, want->due_kind, want->due_on, want->due_at_us);
    if (dw_scn_wants(want, DW_SCN_F_CHILD))
        put(&l, " child %.*s", DW_STR_ARG(want->child));
    if (dw_scn_wants(want, DW_SCN_F_SUBJECT))
        put(&l, " subject %.*s", DW_STR_ARG(want->subject));
    if (dw_scn_wants(want, DW_SCN_F_PRIORITY))
        put(&l, " P%d", (int)want->priority);
    if (dw_scn_wants(want, DW_SCN_F_LEVEL))
        put(&l, " level %u", want->level);
    if (dw_scn_wants(want, DW_SCN_F_POST))
        put(&l, " post %.*s", DW_STR_ARG(want->post));
    if (dw_scn_wants(want, DW_SCN_F_COUNT))
        put(&l, " count %u", want->count);
    if (dw_scn_wants(want, DW_SCN_F_GENERATION))
        put(&l, " generation %u", want->generation);
    if (dw_scn_wants(want, DW_SCN_F_PAUSED))
        put_paused(&l, want->paused_until);
    if (dw_scn_wants(want, DW_SCN_F_RAISED)) {
        put(&l, " raised");
        put_instant(&l, want->raised_us);
    }
    return out;
}

static void put_whose(line *l, const dw_record *rec, bool child, dw_str subject)
{
    if (child)
        put(l, " child %.*s", DW_STR_ARG(rec->child_ref));
    if (subject.len != 0)
        put(l, " subject %.*s", DW_STR_ARG(subject));
}

char *dw_scn_alert_text(const dw_record *rec, const dw_alert *alert, bool child, char out[DW_SCN_TEXT_MAX])
{
    line l = start(out);
    put(&l, "%.*s %s", DW_STR_ARG(alert->rule_id),
        alert->state == DW_AL_CLOSED ? dw_outcome_name(alert->outcome) : alert_word(alert->state));
    put_due(&l, alert->due_kind, alert->due_on, alert->due_at_us);
    put_whose(&l, rec, child, alert->subject_id);
    if (alert->state == DW_AL_FLAG)
        return out;
    put(&l, " P%d level %u post %.*s count %u generation %u raised", (int)alert->priority, alert->level,
        DW_STR_ARG(alert->post), alert->count, alert->generation);
    put_instant(&l, alert->opened_us);
    return out;
}

char *dw_scn_duty_text(const dw_record *rec, const dw_obligation *duty, bool child, char out[DW_SCN_TEXT_MAX])
{
    line l = start(out);
    put(&l, "%.*s %s", DW_STR_ARG(duty->rule->id), dw_ob_state_name(duty->state));
    put_due(&l, duty->due_kind, duty->due_on, duty->due_at_us);
    put_whose(&l, rec, child, duty->subject_id);
    if (duty->rule->kind == DW_RULE_COUNT)
        put(&l, " count %u", duty->count);
    if (duty->paused_until != 0)
        put_paused(&l, duty->paused_until);
    return out;
}

char *dw_scn_differs_text(uint32_t differs, char out[DW_SCN_TEXT_MAX])
{
    line l = start(out);
    for (int i = 0; i < DW_SCN_FIELDS; i++)
        if ((differs & (1u << i)) != 0)
            put(&l, "%s%s", l.used != 0 ? ", " : "", dw_scn_field_name((dw_scn_field)i));
    return out;
}

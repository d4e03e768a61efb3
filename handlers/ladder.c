/* ladder.c: levels, posts and timers of live alerts. */

#include "handlers/ladder.h"

#include <assert.h>

#define HOUR_US INT64_C(3600000000)

uint32_t dw_ladder_fill(const dw_policy *policy, const dw_ladder *ladder, dw_str team_id, uint32_t level, dw_str *post)
{
    assert(level < DW_LEVELS && ladder->top_level < DW_LEVELS);
    for (uint32_t at = level; at < ladder->top_level; at++) {
        bool vacant = false;
        *post = dw_policy_post(policy, team_id, at, &vacant);
        if (!vacant)
            return at;
    }
    uint32_t top = level > ladder->top_level ? level : ladder->top_level;
    *post = dw_policy_post(policy, team_id, top, NULL);
    return top;
}

/* The instant by which the rule itself wants the next level. */
static int64_t rule_climb_us(const dw_alert *alert, const dw_rule *rule)
{
    if (rule == NULL || alert->level < alert->ladder.entry_level)
        return DW_AT_NEVER;
    uint32_t step = alert->level - alert->ladder.entry_level;
    if (step >= rule->climb_count)
        return DW_AT_NEVER;
    int64_t due_us = alert->due_kind == DW_DUE_INSTANT ? alert->due_at_us : dw_london_start_us(alert->due_on + 1);
    return due_us + rule->climb_hours[step] * HOUR_US;
}

static int64_t working_climb_us(const dw_alert *alert, const dw_calendar *cal)
{
    int32_t minutes = alert->ladder.climb_minutes[alert->level];
    if (minutes <= 0)
        return DW_AT_NEVER;
    /* The grace is for late recording: it belongs to the first climb only. */
    bool first = alert->level_since_us == alert->opened_us;
    return dw_calendar_add_working_minutes(cal, alert->level_since_us,
                                           minutes + (first ? alert->ladder.grace_minutes : 0));
}

dw_ladder_act dw_ladder_next(const dw_alert *alert, const dw_rule *rule, const dw_calendar *cal, int64_t *at_us)
{
    *at_us = DW_AT_NEVER;
    switch (alert->state) {
    case DW_AL_ACKED:
        *at_us = dw_london_start_us(alert->review_by + 1);
        return DW_LADDER_EXPIRE;
    case DW_AL_OPEN:
        break;
    case DW_AL_CLOSED:
    case DW_AL_FLAG:
        return DW_LADDER_WAIT;
    }
    if (alert->level >= alert->ladder.top_level || alert->level + 1 >= DW_LEVELS)
        return DW_LADDER_WAIT;
    int64_t working_us = working_climb_us(alert, cal);
    int64_t rule_us = rule_climb_us(alert, rule);
    *at_us = working_us < rule_us ? working_us : rule_us;
    return *at_us == DW_AT_NEVER ? DW_LADDER_WAIT : DW_LADDER_CLIMB;
}

int32_t dw_ladder_review_cap(const dw_ladder *ladder, const dw_calendar *cal, int32_t day)
{
    return dw_calendar_due(cal, DW_CAL_EW, DW_COUNT_EXCL, day, ladder->review_max_days, DW_UNIT_WORKING_DAYS);
}

#pragma once
/* ladder.h: who has to answer an alert, and when it climbs to the next level (alerts.md 4.4). Part of reconcile.
 *
 * Working time, not elapsed time, moves an alert up; an acknowledgement stops it to the end of its review date. A rule may add
 * elapsed hours after the due instant by which a level must have been reached (MI-01: 48 h, 72 h). A vacant post is
 * skipped upwards. */

#include "handlers/policy.h"
#include "handlers/record.h"

#define DW_ACK_EXPIRIES_MAX 3 /* acknowledgements that may run out at one level before it climbs */

typedef enum dw_ladder_act { DW_LADDER_WAIT, DW_LADDER_CLIMB, DW_LADDER_EXPIRE } dw_ladder_act;

/* The lowest level from `level` to the ladder's top whose post is filled (the top when none is), and its post. */
uint32_t dw_ladder_fill(const dw_policy *policy, const dw_ladder *ladder, dw_str team_id, uint32_t level, dw_str *post);
/* What the ladder does next with a live alert, and at which instant (DW_AT_NEVER with WAIT). rule NULL: gone. */
dw_ladder_act dw_ladder_next(const dw_alert *alert, const dw_rule *rule, const dw_calendar *cal, int64_t *at_us);
/* The last day an acknowledgement made on `day` may last. */
int32_t dw_ladder_review_cap(const dw_ladder *ladder, const dw_calendar *cal, int32_t day);

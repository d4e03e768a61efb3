/* meeting_held.c: A core group, strategy or other meeting. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_MEETING_HELD_HELD_ON, 0};
static const uint16_t keep_fields[] = {
    DW_F_MEETING_HELD_MEETING_ID,    DW_F_MEETING_HELD_KIND,   DW_F_MEETING_HELD_HELD_ON, DW_F_MEETING_HELD_EPISODE_IDS,
    DW_F_MEETING_HELD_INITIATED_S47, DW_F_MEETING_HELD_S47_ID, DW_F_MEETING_HELD_PLAN_ID, 0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, 0};

DW_HANDLER(MEETING_HELD) = {
    .type = DW_EV_MEETING_HELD,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

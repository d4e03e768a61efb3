/* clock_paused.c: Duties are shown as paused. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_CLOCK_PAUSED_FROM, 0};
static const uint16_t keep_fields[] = {DW_F_CLOCK_PAUSED_PAUSE_ID,
                                       DW_F_CLOCK_PAUSED_REASON,
                                       DW_F_CLOCK_PAUSED_AUTHORISER_ROLE,
                                       DW_F_CLOCK_PAUSED_UNTIL,
                                       DW_F_CLOCK_PAUSED_FROM,
                                       DW_F_CLOCK_PAUSED_PLAN_ID,
                                       0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, 0};

DW_HANDLER(CLOCK_PAUSED) = {
    .type = DW_EV_CLOCK_PAUSED,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

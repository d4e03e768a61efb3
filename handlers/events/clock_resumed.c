/* clock_resumed.c: A pause ended early. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t keep_fields[] = {DW_F_CLOCK_RESUMED_PAUSE_ID, DW_F_CLOCK_RESUMED_REASON,
                                       DW_F_CLOCK_RESUMED_AUTHORISER_ROLE, DW_F_CLOCK_RESUMED_PLAN_ID, 0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, 0};

DW_HANDLER(CLOCK_RESUMED) = {
    .type = DW_EV_CLOCK_RESUMED,
    .day_fields = dw_no_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

/* team_transferred.c: The child moved to the team in the envelope. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_TEAM_TRANSFERRED_TRANSFERRED_ON, 0};
static const uint16_t keep_fields[] = {DW_F_TEAM_TRANSFERRED_FROM_TEAM_ID, DW_F_TEAM_TRANSFERRED_CHANGE_REASON,
                                       DW_F_TEAM_TRANSFERRED_TRANSFERRED_ON, 0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, 0};

DW_HANDLER(TEAM_TRANSFERRED) = {
    .type = DW_EV_TEAM_TRANSFERRED,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

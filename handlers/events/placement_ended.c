/* placement_ended.c: A placement ended. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_PLACEMENT_ENDED_DEC, 0};
static const uint16_t keep_fields[] = {DW_F_PLACEMENT_ENDED_PLACEMENT_ID, DW_F_PLACEMENT_ENDED_DEC,
                                       DW_F_PLACEMENT_ENDED_REC, DW_F_PLACEMENT_ENDED_REASON_PLACE_CHANGE, 0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, 0};

DW_HANDLER(PLACEMENT_ENDED) = {
    .type = DW_EV_PLACEMENT_ENDED,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

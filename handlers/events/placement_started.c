/* placement_started.c: A placement began. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_PLACEMENT_STARTED_DECOM, 0};
static const uint16_t keep_fields[] = {DW_F_PLACEMENT_STARTED_PLACEMENT_ID,
                                       DW_F_PLACEMENT_STARTED_DECOM,
                                       DW_F_PLACEMENT_STARTED_RNE,
                                       DW_F_PLACEMENT_STARTED_LS,
                                       DW_F_PLACEMENT_STARTED_PLACE,
                                       DW_F_PLACEMENT_STARTED_INTENDED_UNTIL_18,
                                       DW_F_PLACEMENT_STARTED_REG24,
                                       DW_F_PLACEMENT_STARTED_REG19,
                                       DW_F_PLACEMENT_STARTED_LONG_TERM_AGREED,
                                       0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, 0};

DW_HANDLER(PLACEMENT_STARTED) = {
    .type = DW_EV_PLACEMENT_STARTED,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

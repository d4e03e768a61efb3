/* dispute_step.c: A step of a formal dispute of a reviewing officer or conference chair. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_DISPUTE_STEP_STEP_ON, 0};
static const uint16_t keep_fields[] = {DW_F_DISPUTE_STEP_DISPUTE_ID, DW_F_DISPUTE_STEP_KIND, DW_F_DISPUTE_STEP_STEP,
                                       DW_F_DISPUTE_STEP_STEP_ON,    DW_F_DISPUTE_STEP_ROLE, 0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, 0};

DW_HANDLER(DISPUTE_STEP) = {
    .type = DW_EV_DISPUTE_STEP,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

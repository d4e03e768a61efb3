/* preproceedings_step.c: A step before or in care proceedings. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_PREPROCEEDINGS_STEP_STEP_DATE, 0};
static const uint16_t keep_fields[] = {DW_F_PREPROCEEDINGS_STEP_PREPROCEEDINGS_ID, DW_F_PREPROCEEDINGS_STEP_STEP,
                                       DW_F_PREPROCEEDINGS_STEP_STEP_DATE, 0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, 0};

DW_HANDLER(PREPROCEEDINGS_STEP) = {
    .type = DW_EV_PREPROCEEDINGS_STEP,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

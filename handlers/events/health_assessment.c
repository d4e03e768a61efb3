/* health_assessment.c: A health assessment or dental check. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_HEALTH_ASSESSMENT_HELD_ON, 0};
static const uint16_t keep_fields[] = {DW_F_HEALTH_ASSESSMENT_KIND, DW_F_HEALTH_ASSESSMENT_HELD_ON, 0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, 0};

DW_HANDLER(HEALTH_ASSESSMENT) = {
    .type = DW_EV_HEALTH_ASSESSMENT,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

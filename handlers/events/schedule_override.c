/* schedule_override.c: Another frequency or due date was agreed for one duty. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_SCHEDULE_OVERRIDE_FROM, 0};
static const uint16_t keep_fields[] = {DW_F_SCHEDULE_OVERRIDE_RULE,
                                       DW_F_SCHEDULE_OVERRIDE_PLAN_ID,
                                       DW_F_SCHEDULE_OVERRIDE_PLACEMENT_ID,
                                       DW_F_SCHEDULE_OVERRIDE_REASON,
                                       DW_F_SCHEDULE_OVERRIDE_AUTHORISER_ROLE,
                                       DW_F_SCHEDULE_OVERRIDE_FROM,
                                       DW_F_SCHEDULE_OVERRIDE_UNTIL,
                                       DW_F_SCHEDULE_OVERRIDE_NEXT_DUE,
                                       DW_F_SCHEDULE_OVERRIDE_VISIT_FREQUENCY_DAYS,
                                       DW_F_SCHEDULE_OVERRIDE_VISIT_FREQUENCY_UNIT,
                                       DW_F_SCHEDULE_OVERRIDE_VISIT_FREQUENCY_AGREED_BY,
                                       DW_F_SCHEDULE_OVERRIDE_VISIT_FREQUENCY_FROM,
                                       0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, 0};

DW_HANDLER(SCHEDULE_OVERRIDE) = {
    .type = DW_EV_SCHEDULE_OVERRIDE,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

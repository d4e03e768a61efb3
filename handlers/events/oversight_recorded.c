/* oversight_recorded.c: A manager's oversight note. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_OVERSIGHT_RECORDED_RECORDED_ON, 0};
static const uint16_t keep_fields[] = {DW_F_OVERSIGHT_RECORDED_RECORDED_ON, DW_F_OVERSIGHT_RECORDED_ROLE,
                                       DW_F_OVERSIGHT_RECORDED_LINKED_ALERT_ID, DW_F_OVERSIGHT_RECORDED_LINKED_RULE, 0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, DW_F_ENV_WORKER_REF, 0};

DW_HANDLER(OVERSIGHT_RECORDED) = {
    .type = DW_EV_OVERSIGHT_RECORDED,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

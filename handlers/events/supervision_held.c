/* supervision_held.c: Case supervision of the worker. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_SUPERVISION_HELD_HELD_ON, 0};
static const uint16_t keep_fields[] = {DW_F_SUPERVISION_HELD_HELD_ON, DW_F_SUPERVISION_HELD_ACTIONS_REVIEWED,
                                       DW_F_SUPERVISION_HELD_ROLE, DW_F_SUPERVISION_HELD_LINKED_ALERT_ID, 0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, DW_F_ENV_WORKER_REF, 0};

DW_HANDLER(SUPERVISION_HELD) = {
    .type = DW_EV_SUPERVISION_HELD,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

/* worker_allocated.c: A worker took the child on. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_WORKER_ALLOCATED_ALLOCATED_ON, 0};
static const uint16_t keep_fields[] = {DW_F_WORKER_ALLOCATED_ALLOCATION_ID, DW_F_WORKER_ALLOCATED_ROLE,
                                       DW_F_WORKER_ALLOCATED_CHANGE_REASON, DW_F_WORKER_ALLOCATED_ALLOCATED_ON, 0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, DW_F_ENV_WORKER_REF, 0};

DW_HANDLER(WORKER_ALLOCATED) = {
    .type = DW_EV_WORKER_ALLOCATED,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

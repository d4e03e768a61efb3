/* chronology_updated.c: The chronology or the summary was brought up to date. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_CHRONOLOGY_UPDATED_UPDATED_ON, 0};
static const uint16_t keep_fields[] = {DW_F_CHRONOLOGY_UPDATED_UPDATED_ON, DW_F_CHRONOLOGY_UPDATED_KIND, 0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, DW_F_ENV_WORKER_REF, 0};

DW_HANDLER(CHRONOLOGY_UPDATED) = {
    .type = DW_EV_CHRONOLOGY_UPDATED,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

/* early_help_started.c: Early help took the family on. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_EARLY_HELP_STARTED_STARTED_ON, 0};
static const uint16_t keep_fields[] = {DW_F_EARLY_HELP_STARTED_EARLY_HELP_ID, DW_F_EARLY_HELP_STARTED_CONTACT_ID,
                                       DW_F_EARLY_HELP_STARTED_STARTED_ON, 0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, DW_F_ENV_WORKER_REF, 0};

DW_HANDLER(EARLY_HELP_STARTED) = {
    .type = DW_EV_EARLY_HELP_STARTED,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

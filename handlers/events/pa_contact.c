/* pa_contact.c: A personal adviser's contact with a care leaver. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_PA_CONTACT_CONTACTED_ON, 0};
static const uint16_t keep_fields[] = {DW_F_PA_CONTACT_IN_TOUCH, DW_F_PA_CONTACT_MODE, DW_F_PA_CONTACT_CONTACTED_ON, 0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, DW_F_ENV_WORKER_REF, 0};

DW_HANDLER(PA_CONTACT) = {
    .type = DW_EV_PA_CONTACT,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

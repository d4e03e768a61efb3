/* accommodation_provided.c: Accommodation of a care leaver. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_ACCOMMODATION_PROVIDED_PROVIDED_ON, 0};
static const uint16_t keep_fields[] = {
    DW_F_ACCOMMODATION_PROVIDED_ACCOMMODATION_ID, DW_F_ACCOMMODATION_PROVIDED_PROVIDED_ON,
    DW_F_ACCOMMODATION_PROVIDED_ENDED_ON,         DW_F_ACCOMMODATION_PROVIDED_SUITABLE,
    DW_F_ACCOMMODATION_PROVIDED_PROVIDED_BY_LA,   0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, 0};

DW_HANDLER(ACCOMMODATION_PROVIDED) = {
    .type = DW_EV_ACCOMMODATION_PROVIDED,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

/* contact_received.c: Somebody told the authority about a child. Its day is the day of the contact, also when decided later. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t keep_fields[] = {DW_F_CONTACT_RECEIVED_CONTACT_ID,
                                       DW_F_CONTACT_RECEIVED_CONTACT_SOURCE,
                                       DW_F_CONTACT_RECEIVED_OUTCOME,
                                       DW_F_CONTACT_RECEIVED_DECIDED_AT,
                                       DW_F_CONTACT_RECEIVED_CHILDREN_IN_CONTACT,
                                       DW_F_CONTACT_RECEIVED_AGE_BAND_16_17_HOMELESS,
                                       DW_F_CONTACT_RECEIVED_REFERRAL_ID,
                                       0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, DW_F_ENV_SOURCE_SYSTEM, 0};

DW_HANDLER(CONTACT_RECEIVED) = {
    .type = DW_EV_CONTACT_RECEIVED,
    .day_fields = dw_no_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

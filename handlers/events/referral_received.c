/* referral_received.c: A referral: received, perhaps decided, acknowledged or closed. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_REFERRAL_RECEIVED_CIN_REFERRAL_DATE, 0};
static const uint16_t keep_fields[] = {DW_F_REFERRAL_RECEIVED_REFERRAL_ID,
                                       DW_F_REFERRAL_RECEIVED_CIN_REFERRAL_DATE,
                                       DW_F_REFERRAL_RECEIVED_REFERRAL_SOURCE,
                                       DW_F_REFERRAL_RECEIVED_PRIMARY_NEED_CODE,
                                       DW_F_REFERRAL_RECEIVED_REFERRAL_NFA,
                                       DW_F_REFERRAL_RECEIVED_DECIDED_AT,
                                       DW_F_REFERRAL_RECEIVED_ACKNOWLEDGED_AT,
                                       DW_F_REFERRAL_RECEIVED_CONTACT_ID,
                                       DW_F_REFERRAL_RECEIVED_CIN_CLOSURE_DATE,
                                       DW_F_REFERRAL_RECEIVED_REASON_FOR_CLOSURE,
                                       0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, DW_F_ENV_SOURCE_SYSTEM, 0};

DW_HANDLER(REFERRAL_RECEIVED) = {
    .type = DW_EV_REFERRAL_RECEIVED,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

/* s47_started.c: A section 47 enquiry began. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_S47_STARTED_S47_ACTUAL_START_DATE, 0};
static const uint16_t keep_fields[] = {DW_F_S47_STARTED_S47_ID,
                                       DW_F_S47_STARTED_REFERRAL_ID,
                                       DW_F_S47_STARTED_S47_ACTUAL_START_DATE,
                                       DW_F_S47_STARTED_ICPC_NOT_REQUIRED,
                                       DW_F_S47_STARTED_INITIAL_CPC_TARGET,
                                       DW_F_S47_STARTED_MEETING_ID,
                                       0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, 0};

DW_HANDLER(S47_STARTED) = {
    .type = DW_EV_S47_STARTED,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

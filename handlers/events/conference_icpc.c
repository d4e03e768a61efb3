/* conference_icpc.c: An initial or transfer-in child protection conference. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_CONFERENCE_ICPC_DATE_OF_INITIAL_CPC, 0};
static const uint16_t keep_fields[] = {DW_F_CONFERENCE_ICPC_CONFERENCE_ID,
                                       DW_F_CONFERENCE_ICPC_DATE_OF_INITIAL_CPC,
                                       DW_F_CONFERENCE_ICPC_INITIAL_CPC_TARGET,
                                       DW_F_CONFERENCE_ICPC_TRANSFER_IN,
                                       DW_F_CONFERENCE_ICPC_TRANSFER_IN_NOTICE_RECEIVED,
                                       DW_F_CONFERENCE_ICPC_RESULT,
                                       DW_F_CONFERENCE_ICPC_S47_ID,
                                       DW_F_CONFERENCE_ICPC_PLAN_ID,
                                       0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, 0};

DW_HANDLER(CONFERENCE_ICPC) = {
    .type = DW_EV_CONFERENCE_ICPC,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

/* rhi.c: One stage of a return home interview. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t keep_fields[] = {DW_F_RHI_EPISODE_ID,
                                       DW_F_RHI_STAGE,
                                       DW_F_RHI_OFFERED,
                                       DW_F_RHI_ACCEPTED,
                                       DW_F_RHI_INDEPENDENT,
                                       DW_F_RHI_INTERVIEWER_ROLE,
                                       DW_F_RHI_REASON_DECLINED,
                                       DW_F_RHI_WHY,
                                       DW_F_RHI_WHERE,
                                       DW_F_RHI_WITH_WHOM,
                                       DW_F_RHI_HARM,
                                       DW_F_RHI_SAFETY_PLAN,
                                       DW_F_RHI_EPISODE_IDS,
                                       0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, DW_F_ENV_WORKER_REF, 0};

DW_HANDLER(RHI) = {
    .type = DW_EV_RHI,
    .day_fields = dw_no_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

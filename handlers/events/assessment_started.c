/* assessment_started.c: An assessment began. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_ASSESSMENT_STARTED_ASSESSMENT_ACTUAL_START_DATE, 0};
static const uint16_t keep_fields[] = {DW_F_ASSESSMENT_STARTED_ASSESSMENT_ID, DW_F_ASSESSMENT_STARTED_REFERRAL_ID,
                                       DW_F_ASSESSMENT_STARTED_ASSESSMENT_ACTUAL_START_DATE,
                                       DW_F_ASSESSMENT_STARTED_ASSESSMENT_INTERNAL_REVIEW_DATE, 0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, DW_F_ENV_WORKER_REF, 0};

DW_HANDLER(ASSESSMENT_STARTED) = {
    .type = DW_EV_ASSESSMENT_STARTED,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

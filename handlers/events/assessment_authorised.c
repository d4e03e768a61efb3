/* assessment_authorised.c: An assessment was signed off. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_ASSESSMENT_AUTHORISED_ASSESSMENT_AUTHORISATION_DATE, 0};
static const uint16_t keep_fields[] = {DW_F_ASSESSMENT_AUTHORISED_ASSESSMENT_ID,
                                       DW_F_ASSESSMENT_AUTHORISED_REFERRAL_ID,
                                       DW_F_ASSESSMENT_AUTHORISED_ASSESSMENT_AUTHORISATION_DATE,
                                       DW_F_ASSESSMENT_AUTHORISED_ASSESSMENT_ACTUAL_START_DATE,
                                       DW_F_ASSESSMENT_AUTHORISED_CHILD_SEEN,
                                       0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, DW_F_ENV_WORKER_REF, 0};

DW_HANDLER(ASSESSMENT_AUTHORISED) = {
    .type = DW_EV_ASSESSMENT_AUTHORISED,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

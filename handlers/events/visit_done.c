/* visit_done.c: A visit made or tried. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t keep_fields[] = {DW_F_VISIT_DONE_VISIT_TYPE,
                                       DW_F_VISIT_DONE_MODE,
                                       DW_F_VISIT_DONE_ATTEMPT_RESULT,
                                       DW_F_VISIT_DONE_CHILD_SEEN,
                                       DW_F_VISIT_DONE_CHILD_SEEN_ALONE,
                                       DW_F_VISIT_DONE_BEDROOM_SEEN,
                                       DW_F_VISIT_DONE_LOCATION,
                                       DW_F_VISIT_DONE_UNANNOUNCED,
                                       DW_F_VISIT_DONE_BY_ROLE,
                                       DW_F_VISIT_DONE_PLAN_ID,
                                       DW_F_VISIT_DONE_PLACEMENT_ID,
                                       DW_F_VISIT_DONE_AUTHORISED_AT,
                                       0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, DW_F_ENV_WORKER_REF, 0};

DW_HANDLER(VISIT_DONE) = {
    .type = DW_EV_VISIT_DONE,
    .day_fields = dw_no_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

/* plan_review.c: One sitting of a review. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_PLAN_REVIEW_HELD_ON, 0};
static const uint16_t keep_fields[] = {DW_F_PLAN_REVIEW_REVIEW_KIND,
                                       DW_F_PLAN_REVIEW_SEQ,
                                       DW_F_PLAN_REVIEW_HELD_ON,
                                       DW_F_PLAN_REVIEW_STATUS,
                                       DW_F_PLAN_REVIEW_OUTCOME,
                                       DW_F_PLAN_REVIEW_PARTICIPATION,
                                       DW_F_PLAN_REVIEW_PERMANENCE_PLAN,
                                       DW_F_PLAN_REVIEW_NEXT_DUE_OVERRIDE,
                                       DW_F_PLAN_REVIEW_QUORATE,
                                       DW_F_PLAN_REVIEW_PLAN_ID,
                                       0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, 0};

DW_HANDLER(PLAN_REVIEW) = {
    .type = DW_EV_PLAN_REVIEW,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

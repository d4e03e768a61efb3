/* plan_changed.c: Something in a plan changed at occurred_at; its date fields say when the plan began, not when it changed. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t keep_fields[] = {DW_F_PLAN_CHANGED_PLAN_ID,
                                       DW_F_PLAN_CHANGED_PLAN_TYPE,
                                       DW_F_PLAN_CHANGED_CPP_START_DATE,
                                       DW_F_PLAN_CHANGED_CPP_END_DATE,
                                       DW_F_PLAN_CHANGED_CIN_PLAN_START_DATE,
                                       DW_F_PLAN_CHANGED_CIN_PLAN_END_DATE,
                                       DW_F_PLAN_CHANGED_START_DATE,
                                       DW_F_PLAN_CHANGED_END_DATE,
                                       DW_F_PLAN_CHANGED_INITIAL_CATEGORY,
                                       DW_F_PLAN_CHANGED_LATEST_CATEGORY,
                                       DW_F_PLAN_CHANGED_NUMBER_OF_PREVIOUS_CPP,
                                       DW_F_PLAN_CHANGED_TEMPORARY_OLA,
                                       DW_F_PLAN_CHANGED_NOTIFIED_ON,
                                       DW_F_PLAN_CHANGED_AWARE_ON,
                                       DW_F_PLAN_CHANGED_PLACEMENT_ID,
                                       DW_F_PLAN_CHANGED_PERMANENCE_PLAN,
                                       DW_F_PLAN_CHANGED_VISIT_FREQUENCY_DAYS,
                                       DW_F_PLAN_CHANGED_VISIT_FREQUENCY_UNIT,
                                       DW_F_PLAN_CHANGED_VISIT_FREQUENCY_AGREED_BY,
                                       DW_F_PLAN_CHANGED_VISIT_FREQUENCY_FROM,
                                       0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, 0};

DW_HANDLER(PLAN_CHANGED) = {
    .type = DW_EV_PLAN_CHANGED,
    .day_fields = dw_no_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

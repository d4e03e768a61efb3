/* plan_started.c: A plan or arrangement began. A private fostering arrangement begins when the authority became aware of it. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_PLAN_STARTED_CPP_START_DATE, DW_F_PLAN_STARTED_CIN_PLAN_START_DATE,
                                      DW_F_PLAN_STARTED_START_DATE,     DW_F_PLAN_STARTED_AWARE_ON,
                                      DW_F_PLAN_STARTED_NOTIFIED_ON,    0};
static const uint16_t keep_fields[] = {DW_F_PLAN_STARTED_PLAN_ID,
                                       DW_F_PLAN_STARTED_PLAN_TYPE,
                                       DW_F_PLAN_STARTED_CPP_START_DATE,
                                       DW_F_PLAN_STARTED_CPP_END_DATE,
                                       DW_F_PLAN_STARTED_CIN_PLAN_START_DATE,
                                       DW_F_PLAN_STARTED_CIN_PLAN_END_DATE,
                                       DW_F_PLAN_STARTED_START_DATE,
                                       DW_F_PLAN_STARTED_END_DATE,
                                       DW_F_PLAN_STARTED_INITIAL_CATEGORY,
                                       DW_F_PLAN_STARTED_LATEST_CATEGORY,
                                       DW_F_PLAN_STARTED_NUMBER_OF_PREVIOUS_CPP,
                                       DW_F_PLAN_STARTED_TEMPORARY_OLA,
                                       DW_F_PLAN_STARTED_NOTIFIED_ON,
                                       DW_F_PLAN_STARTED_AWARE_ON,
                                       DW_F_PLAN_STARTED_PLACEMENT_ID,
                                       DW_F_PLAN_STARTED_PERMANENCE_PLAN,
                                       DW_F_PLAN_STARTED_VISIT_FREQUENCY_DAYS,
                                       DW_F_PLAN_STARTED_VISIT_FREQUENCY_UNIT,
                                       DW_F_PLAN_STARTED_VISIT_FREQUENCY_AGREED_BY,
                                       DW_F_PLAN_STARTED_VISIT_FREQUENCY_FROM,
                                       0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, 0};

DW_HANDLER(PLAN_STARTED) = {
    .type = DW_EV_PLAN_STARTED,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

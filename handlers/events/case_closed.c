/* case_closed.c: The case closed. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_CASE_CLOSED_CIN_CLOSURE_DATE, 0};
static const uint16_t keep_fields[] = {DW_F_CASE_CLOSED_CIN_CLOSURE_DATE, DW_F_CASE_CLOSED_REASON_FOR_CLOSURE,
                                       DW_F_CASE_CLOSED_REFERRAL_ID, 0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, 0};

DW_HANDLER(CASE_CLOSED) = {
    .type = DW_EV_CASE_CLOSED,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

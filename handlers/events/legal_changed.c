/* legal_changed.c: The legal status changed. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_LEGAL_CHANGED_DECOM, 0};
static const uint16_t keep_fields[] = {DW_F_LEGAL_CHANGED_DECOM, DW_F_LEGAL_CHANGED_LS, DW_F_LEGAL_CHANGED_RNE,
                                       DW_F_LEGAL_CHANGED_PLACEMENT_ID, 0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, 0};

DW_HANDLER(LEGAL_CHANGED) = {
    .type = DW_EV_LEGAL_CHANGED,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

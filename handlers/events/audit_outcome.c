/* audit_outcome.c: A case audit was graded or followed up. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t day_fields[] = {DW_F_AUDIT_OUTCOME_AUDITED_ON, 0};
static const uint16_t keep_fields[] = {DW_F_AUDIT_OUTCOME_AUDIT_ID,          DW_F_AUDIT_OUTCOME_GRADE,
                                       DW_F_AUDIT_OUTCOME_AUDITED_ON,        DW_F_AUDIT_OUTCOME_RE_AUDIT,
                                       DW_F_AUDIT_OUTCOME_ACTIONS_EVIDENCED, 0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, 0};

DW_HANDLER(AUDIT_OUTCOME) = {
    .type = DW_EV_AUDIT_OUTCOME,
    .day_fields = day_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

/* child_updated.c: Birth, expected birth or death of the child. The day is that of the knowledge: it says nothing about practice. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t keep_fields[] = {DW_F_CHILD_UPDATED_PERSON_BIRTH_DATE,
                                       DW_F_CHILD_UPDATED_EXPECTED_PERSON_BIRTH_DATE,
                                       DW_F_CHILD_UPDATED_PERSON_DEATH_DATE, 0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, DW_F_ENV_FAMILY_REF, 0};

DW_HANDLER(CHILD_UPDATED) = {
    .type = DW_EV_CHILD_UPDATED,
    .day_fields = dw_no_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};

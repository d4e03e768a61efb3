/* identity_split.c: They are not: read by handlers/identity_links.c alone, no rule counts it. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t keep_fields[] = {DW_F_IDENTITY_SPLIT_SPLIT_CHILD_REF, 0};

DW_HANDLER(IDENTITY_SPLIT) = {
    .type = DW_EV_IDENTITY_SPLIT,
    .day_fields = dw_no_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = dw_no_fields,
};

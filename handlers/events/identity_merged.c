/* identity_merged.c: Two pseudonyms are one child: read by handlers/identity_links.c alone, no rule counts it. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t keep_fields[] = {DW_F_IDENTITY_MERGED_MERGED_CHILD_REF, 0};

DW_HANDLER(IDENTITY_MERGED) = {
    .type = DW_EV_IDENTITY_MERGED,
    .day_fields = dw_no_fields,
    .at_fields = dw_no_fields,
    .keep_fields = keep_fields,
    .env_fields = dw_no_fields,
};

/* table.c: handler by event type. */

#include "handlers/events/events.h"

const uint16_t dw_no_fields[] = {0};

#define DW_HANDLER_ROW_CHILD(E) [DW_EV_##E] = &dw_handler_##E,
static const dw_handler *const handlers[DW_EV_MAX] = {
#define X(e, n, s, c) DW_HANDLER_ROW_##c(e)
    DW_EVENT_TYPE_LIST(X)
#undef X
};

const dw_handler *dw_handler_find(dw_event_type type)
{
    return (unsigned)type < DW_EV_MAX ? handlers[type] : NULL;
}

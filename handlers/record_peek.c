/* The few numbers of a stored head that its keeper needs before anything is decoded. */

#include "handlers/record_wire.h"

bool dw_record_peek(const uint8_t *head, size_t len, dw_record_front *out)
{
    dw_reader in = {.at = head, .end = head + len};
    dw_record_front front = {0};
    if (dw_wire_get(&in) > DW_RECORD_FORMAT)
        return false;
    (void)dw_wire_get(&in); /* core version */
    (void)dw_wire_get(&in); /* policy number */
    front.offset = (int64_t)(dw_wire_get_max(&in, INT64_MAX) - 1);
    for (int i = 0; i < 2; i++) { /* la_code, child_ref */
        uint64_t n = dw_wire_get_count(&in);
        in.at += n;
    }
    int64_t clock_us = dw_wire_get_at(&in, 0);
    front.next_due_us = dw_wire_get_at(&in, clock_us);
    (void)dw_wire_get_day(&in); /* horizon */
    (void)dw_wire_get_day(&in); /* fold_day */
    for (int i = 0; i < 5; i++) /* fold_puts, counters */
        (void)dw_wire_get(&in);
    front.page_count = dw_wire_get_u32(&in);
    if (in.bad)
        return false;
    *out = front;
    return true;
}

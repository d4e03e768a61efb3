#pragma once
/* ack_event.h: an acknowledgement as an event, for `driftwatch ack` and the demo. Pure. */

#include "proto/decode.h"

/* Envelope and body of an ALERT_ACKNOWLEDGED event; strings are borrowed. The source record is named like the event. */
void dw_ack_event(dw_event *ev, const dw_ack *ack, dw_str la_code, dw_str child_ref, dw_str source_system,
                  dw_str event_id, int64_t occurred_at_us);

#pragma once
/* validate.h: private to proto/: the checks every event passes, whether it came as bytes or as JSON.
 * Order: text, required fields, ranges, conflicts. The text of an error names the field and never quotes it. */

#include "proto/event.h"

/* Check a complete event; on a control record the subject is cleared. ev->occurred_at_us may be DW_INSTANT_NONE
 * (absent), an impossible date is INT64_MIN in its value. */
dw_errc dw_event_finish(dw_event *ev, dw_error *err);
/* The envelope alone, of an event whose body this build cannot read. */
dw_errc dw_envelope_check(const dw_event *ev, dw_error *err);
/* Text of any length within UTF-8, without control characters but tab and line ends. */
dw_errc dw_text_check(dw_str text, const char *name, dw_error *err);
/* An id: 1 to 64 printable ASCII bytes (empty is absent and passes). */
dw_errc dw_id_check(dw_str id, const char *name, dw_error *err);

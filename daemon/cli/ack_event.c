/* ack_event.c: see ack_event.h. */

#include "daemon/cli/ack_event.h"

#include <field_ids.h>

static void put_text(dw_event *ev, uint16_t field, dw_str text)
{
    ev->values[ev->value_count++] = (dw_value){.field = field, .kind = DW_VAL_STR, .s = text};
}
static void put_number(dw_event *ev, uint16_t field, dw_value_kind kind, int64_t number)
{
    ev->values[ev->value_count++] = (dw_value){.field = field, .kind = (uint8_t)kind, .i = number};
}

void dw_ack_event(dw_event *ev, const dw_ack *ack, dw_str la_code, dw_str child_ref, dw_str source_system,
                  dw_str event_id, int64_t occurred_at_us)
{
    memset(ev, 0, sizeof(*ev));
    ev->type = DW_EV_ALERT_ACKNOWLEDGED;
    ev->op = DW_OP_CREATE;
    ev->occurred_precision = DW_PRECISION_MINUTE;
    ev->schema_version = 1;
    ev->source_revision = 1;
    ev->occurred_at_us = occurred_at_us;
    ev->event_id = event_id;
    ev->source_record_id = event_id;
    ev->source_system = source_system;
    ev->la_code = la_code;
    ev->child_ref = child_ref;
    /* in ascending field ids, as an event has them */
    put_text(ev, DW_F_ALERT_ACKNOWLEDGED_ALERT_ID, ack->alert_id);
    put_number(ev, DW_F_ALERT_ACKNOWLEDGED_GENERATION, DW_VAL_INT, ack->generation);
    put_number(ev, DW_F_ALERT_ACKNOWLEDGED_LEVEL, DW_VAL_INT, ack->level);
    put_text(ev, DW_F_ALERT_ACKNOWLEDGED_REASON_CODE, ack->reason_code);
    put_number(ev, DW_F_ALERT_ACKNOWLEDGED_REVIEW_BY, DW_VAL_DATE, ack->review_by);
    put_text(ev, DW_F_ALERT_ACKNOWLEDGED_ACTOR_POST, ack->actor_post);
    put_text(ev, DW_F_ALERT_ACKNOWLEDGED_ACTOR_REF, ack->actor_ref);
    put_text(ev, DW_F_ALERT_ACKNOWLEDGED_OVERSIGHT_REF, ack->oversight_ref);
}

#pragma once
/* core_record.h: one record, and events of visits for it. */

#include "tests/support/core_encoded.h"
#include "tests/unit/handlers/events.h"

static inline dw_event visit(const char *id, int64_t at)
{
    dw_event ev = event_make(DW_EV_VISIT_DONE, id, at);
    event_code(&ev, DW_F_VISIT_DONE_VISIT_TYPE, DW_V_VISIT_TYPE_CP);
    event_code(&ev, DW_F_VISIT_DONE_MODE, DW_V_VISIT_MODE_F2F);
    event_code(&ev, DW_F_VISIT_DONE_ATTEMPT_RESULT, DW_V_ATTEMPT_RESULT_SEEN);
    event_code(&ev, DW_F_VISIT_DONE_CHILD_SEEN, DW_ANSWER_Y);
    event_code(&ev, DW_F_VISIT_DONE_CHILD_SEEN_ALONE, DW_ANSWER_Y);
    event_text(&ev, DW_F_VISIT_DONE_PLAN_ID, "plan-2021-000117");
    ev.team_id = DW_STR_LIT("team-07");
    ev.worker_ref = DW_STR_LIT("SW-00412");
    return ev;
}

#pragma once
/* core_record.h: one record, and events of visits for it. */

#include "handlers/record_wire.h"
#include "tests/unit/handlers/events.h"

#include <check.h>
#include <stdlib.h>

static dw_record *rec;
static dw_encoded enc;

static inline void setup(void)
{
    rec = dw_record_new(DW_STR_LIT("941"), DW_STR_LIT("c-1"));
    ck_assert_ptr_nonnull(rec);
    memset(&enc, 0, sizeof enc);
}
static inline void teardown(void)
{
    dw_record_free(&rec);
    dw_encoded_deinit(&enc);
}

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

static inline int run_suite_of(TCase *tc, const char *name)
{
    Suite *suite = suite_create(name);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

// link: dw_config
// wrap: malloc calloc realloc dw_arena_alloc dw_arena_str dw_arena_room
/* check_tables_nomem.c: each allocation of deriving, evaluating and marking fails in turn, alone and with all after it: then
 * there is no answer, and never another one. */

#include "tests/support/core_tables.h"
#include "tests/support/failing_alloc.h"

#define PRE(step) " preproceedings_step 'step':'" step "'"
#define CARE(day, id) day " plan_started 'plan_id':'" id "','plan_type':'CLA'"

static const row rows[] = {
    {{RECURRING "age: until 10, limit: 5 days",
      "kind: deadline, over: child, counts_from: breach of XX-1, limit: 2 days, evidence: oversight_recorded",
      "kind: count, over: plan, within_span: true, evidence: visit_done, threshold: 2, window: ever, until: answered, "
      "answer: meeting_held, answer_clears: true"},
     "2026-03-05T00:00:00Z",
     "",
     {BORN("2016-02-02"), PLAN("2026-01-05"), VISIT("2026-01-12"), VISIT("2026-01-20"), VISIT("2026-01-28")}},
    {{"kind: recurring, over: plan where plan_type = CIN, evidence: visit_done, rests_while: [plan where plan_type = "
      "CP, "
      "care], after_rest: [visit_done where visit_type = CP], limit: 5 days",
      "kind: deadline, over: child, counts_from: breach of XX-1, limit: 2 days, evidence: oversight_recorded",
      "kind: deadline, over: placement where ls = C2, outside: plan where plan_type = CP, evidence: visit_done, limit: "
      "5 days"},
     "2026-03-05T00:00:00Z",
     "",
     {PLAN("2026-01-05"), "2026-01-12 legal_changed 'ls':'C2'", "2026-01-13 placement_started 'placement_id':'L1'",
      "2026-01-20 placement_started 'placement_id':'L2','rne':'T'", "2026-01-25 plan_started 'plan_type':'CP'",
      CARE("2026-02-01", "C1"), CARE("2026-02-02", "C2"), "2026-02-05 placement_ended 'rec':'E3'"}},
    {{"kind: count, over: episode, threshold: 2, window: 90 days, until: answered, answer: meeting_held, "
      "at_start_open: "
      "plan",
      "kind: deadline, over: child, counts_from: crossing XX-1, evidence: meeting_held, limit: 5 days",
      "kind: deadline, over: each visit_done, met_by: recording, limit: 2 days"},
     "2026-03-05T00:00:00Z",
     "",
     {PLAN("2026-01-04"), EPISODE("E1", "2026-01-05", ""), EPISODE("E2", "2026-01-12", ""),
      "2026-01-12 missing_episode 'mis_start':'2026-01-12T10:30:00Z'", VISIT("2026-01-13"),
      "2026-01-14" PRE("LBP_SENT"), "2026-01-15" PRE("COURT_APPLICATION"), "2026-01-16 dispute_step 'step':'OPENED'",
      "2026-01-17 accommodation_provided",
      "2026-01-18 conference_icpc 'transfer_in':'Y','transfer_in_notice_received':'2026-01-17'"}},
    {{"kind: stall, over: plan, evidence: plan_review, same: [latest_category]",
      "kind: silence, over: case, limit: 10 days", "kind: duration, over: plan, limit: 10 days"},
     "2026-03-05T00:00:00Z",
     "",
     {PLAN("2026-01-04"), "2026-01-05 referral_received 'referral_id':'R1'",
      "2026-01-06 assessment_started 'referral_id':'R1'", "2026-01-07 s47_started 's47_id':'S1'",
      "2026-01-08 worker_allocated 'role':'LEAD_SW' & 'worker_ref':'W1'",
      "2026-01-09 worker_allocated 'role':'LEAD_SW' & 'worker_ref':'W2'",
      "2026-01-10 worker_ended 'role':'LEAD_SW' & 'worker_ref':'W2'", "2026-01-12 plan_review",
      "2026-01-19 plan_review", "2026-01-20 plan_started 'plan_id':'P7','plan_type':'PATHWAY'", BORN("2010-01-01"),
      "2026-01-21 worker_allocated 'role':'LEAD_SW' & 'worker_ref':'W3'"}},
    {{"kind: deadline, over: assessment, evidence: {begins: plan where plan_type = CIN}, limit: 10 days"},
     "2026-03-05T00:00:00Z",
     "",
     {"2026-01-05 referral_received 'referral_id':'R1'",
      "2026-02-10 plan_ended 'plan_id':'P','plan_type':'CIN','start_date':'2026-01-09'"}},
};

/* 1 when there was an answer, 0 when there was none. */
static int answer(world *w, int64_t clock_us, bool pin, tell_text *out)
{
    dw_arena *arena = dw_arena_new(64 << 20);
    int answered = 0;
    uint32_t settled;
    const dw_chronology *chron = arena != NULL ? dw_chronology_derive(w->rec, clock_us, arena) : NULL;
    const dw_obligations *obs = NULL;
    if (chron != NULL && pin)
        answered = dw_evaluate_pin(w->rec, chron, w->policy, 0, arena, &settled);
    else if (chron != NULL)
        answered = (obs = dw_evaluate(chron, w->policy, arena)) != NULL;
    (void)failing_disarm();
    for (uint32_t i = 0; obs != NULL && i < obs->count; i++)
        tell_obligation(out, &obs->items[i]);
    for (uint32_t i = 0; answered && pin && i < w->rec->fact_count; i++)
        tell(out, "%u", w->rec->facts[i].flags);
    dw_arena_free(&arena);
    return answered;
}

START_TEST(memory_runs_out)
{
    const row *one = &rows[_i / 2];
    bool pin = _i % 2 != 0;
    int64_t clock_us = instant(one->when);
    world *w = tell_world(one->rules);
    tell_events(w, one->events, sizeof one->events / sizeof one->events[0]);
    tell_text good = {.len = 0};
    failing_arm(0, false);
    ck_assert_int_eq(answer(w, clock_us, pin, &good), 1);
    unsigned refused = 0;
    for (int for_good = 0; for_good < 2; for_good++)
        for (unsigned long at = 1;; at++) {
            tell_text poor = {.len = 0};
            failing_arm(at, for_good != 0);
            int answered = answer(w, clock_us, pin, &poor);
            if (answered)
                ck_assert_str_eq(poor.text, good.text);
            refused += !answered;
            if (!failing.hit)
                break;
        }
    ck_assert_uint_gt(refused, 20);
    world_free(w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tables_nomem");
    TCase *tc = tcase_create("tables");
    tcase_add_loop_test(tc, memory_runs_out, 0, 2 * sizeof rows / sizeof rows[0]);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

// link: dw_config
/* check_tables_pins.c: what folding must leave in the head (evaluate.h): of old facts exactly those are marked that an answer
 * rests on, now or after a later record; and what is then said by the marked facts alone is what all would say. */

#include "tests/support/core_tables.h"

typedef struct pins {
    const char *rules[4];
    const char *until; /* the instant of the fold */
    const char *expect;
    const char *events[12]; /* e1 .. : before them and after them lies one more, which stay as the first and the last */
    const char *later[5];   /* told after the fold, to all and to what stayed */
} pins;

#define FOLD "2026-01-05T12:00:00Z"
#define SETTLED_DAYS 60

/* The same child with what stays only. */
static void take_away(world *w)
{
    dw_record *rec = w->rec;
    uint32_t kept = 0;
    int32_t today = date("2026-01-05");
    for (uint32_t i = 0; i < rec->fact_count; i++) {
        const dw_fact *fact = &rec->facts[i];
        bool young = fact->day >= today - dw_policy_lookback_days(w->policy, fact->type);
        if (young || (fact->flags & DW_FACTF_PINNED) != 0)
            rec->facts[kept++] = *fact;
    }
    rec->fact_count = kept;
    rec->page_count = 1;
    rec->horizon = today - SETTLED_DAYS;
}

/* What is still owed, or stands. */
static bool is_live(const dw_obligation *ob)
{
    return ob->state == DW_OB_SCHEDULED || ob->state == DW_OB_WARNED || ob->state == DW_OB_OVERDUE ||
           ob->state == DW_OB_RESTING;
}

static void told_of(const pins *one, bool folded, tell_text *marked, tell_text *said)
{
    world *w = tell_world(one->rules);
    tell_event(w, "2023-01-02 audit_outcome");
    tell_events(w, one->events, sizeof one->events / sizeof one->events[0]);
    tell_event(w, "2025-10-01 audit_outcome");
    till(w, one->until);
    tell_pins(w, one->until, marked);
    if (folded)
        take_away(w);
    tell_asked(w, one->until, is_live, said);
    tell(said, "\nlater\n");
    tell_events(w, one->later, sizeof one->later / sizeof one->later[0]);
    tell_asked(w, "2026-03-05T12:00:00Z", is_live, said);
    world_free(w);
}

static void pins_row(const pins *one)
{
    tell_text marked = {.len = 0}, again = {.len = 0}, all = {.len = 0}, folded = {.len = 0};
    told_of(one, false, &marked, &all);
    told_of(one, true, &again, &folded);
    ck_assert_str_eq(all.text, folded.text);
    ck_assert_msg(strcmp(marked.text, one->expect) == 0, "at %s\n%s\n", one->until, marked.text);
}

#define PIN(rule, when, expect, later, ...)                                                                            \
    {                                                                                                                  \
        {rule}, when, expect, {__VA_ARGS__},                                                                           \
        {                                                                                                              \
            later                                                                                                      \
        }                                                                                                              \
    }
#define PIN2(rule, other, when, expect, later, ...)                                                                    \
    {                                                                                                                  \
        {rule, other}, when, expect, {__VA_ARGS__},                                                                    \
        {                                                                                                              \
            later                                                                                                      \
        }                                                                                                              \
    }
#define PIN3(rule, other, third, when, expect, later, ...)                                                             \
    {                                                                                                                  \
        {rule, other, third}, when, expect, {__VA_ARGS__},                                                             \
        {                                                                                                              \
            later                                                                                                      \
        }                                                                                                              \
    }
#define NO_MORE NULL
#define THEN(...) __VA_ARGS__
#define PIN_NEXT(day) day " plan_started 'plan_id':'P2','plan_type':'CIN','start_date':'" day "'"
#define OVER(id, type, start, end) end " plan_ended 'plan_id':'" id "','plan_type':'" type "','start_date':'" start "'"
#define PAUSED(day, until) day " clock_paused 'reason':'ABROAD','authoriser_role':'TM','until':'" until "'"
#define MEET(day) day " meeting_held 'kind':'STRATEGY'"

static const pins duties[] = {
    /* the last evidence, and that of a span that is over and done with not at all */
    PIN(RECURRING "limit: 10 days", FOLD, "e0 e1 e3 e4", "2026-02-05 visit_done", PLAN("2024-01-05"),
        VISIT("2024-02-05"), VISIT("2024-03-05")),
    PIN(RECURRING "limit: 10 days", FOLD, "e0 e2 e4", PIN_NEXT("2026-01-10"), PLAN("2024-01-05"), VISIT("2024-02-05"),
        PLAN_OVER("2024-03-05")),
    PIN(RECURRING "limit: 10 days", FOLD, "e0 e1 e3 e4 e5 e6", "2026-01-10 visit_done", PLAN("2024-01-05"),
        VISIT("2024-02-05"), "2025-12-20 plan_ended 'plan_id':'P1'", VISIT("2025-11-25"), VISIT("2025-03-05")),
    /* all there is of the plan is an end still to come, which tells its start: until then nothing can be told apart */
    PIN(RECURRING "limit: 10 days", FOLD, "e0 e1 e2 e3 e4", NO_MORE, OVER("P1", "CIN", "2024-01-05", "2026-01-20"),
        VISIT("2024-02-05"), VISIT("2024-03-05")),
    PIN(RECURRING "limit: 10 days", FOLD, "e0 e1 e2 e3 e4 e5", NO_MORE,
        "2026-01-20 plan_changed 'plan_id':'P1','plan_type':'CIN','start_date':'2024-01-05'", VISIT("2026-01-25"),
        VISIT("2024-02-05"), VISIT("2024-03-05")),
    PIN(RECURRING "limit: 10 days", FOLD, "e0 e4", NO_MORE, OVER("P1", "CIN", "2024-01-05", "2026-03-20"),
        VISIT("2024-02-05"), VISIT("2024-03-05")),
    /* ranks: those that fix all later ones */
    PIN(RECURRING "from_start: false, nth: 2 to 3, limit: 10 days", FOLD, "e0 e1 e2 e3 e4 e5 e7 e8",
        VISIT("2026-01-10"), PLAN("2024-01-05"), VISIT("2024-02-05"), VISIT("2024-03-05"), VISIT("2024-04-05"),
        VISIT("2024-05-05"), VISIT("2024-06-05"), VISIT("2024-07-05")),
    PIN(RECURRING "from_start: false, nth: 2 on, limit: 10 days", FOLD, "e0 e1 e2 e3 e5 e6", VISIT("2026-01-10"),
        PLAN("2024-01-05"), VISIT("2024-02-05"), VISIT("2024-03-05"), VISIT("2024-04-05"), VISIT("2024-05-05")),
    PIN(RECURRING "limit: [{limit: 10 days, nth: 0 to 1}, {limit: 20 days, nth: 2 on}]", FOLD, "e0 e1 e2 e3 e4 e5 e6",
        VISIT("2026-01-10"), PLAN("2024-01-05"), VISIT("2024-02-05"), VISIT("2024-03-05"), VISIT("2024-04-05"),
        VISIT("2024-05-05")),
    PIN(RECURRING "limit: [{limit: 10 days, nth: 0 to 3}, {limit: 20 days}]", FOLD, "e0 e1 e2 e3 e4 e5 e7 e8",
        VISIT("2026-01-10"), PLAN("2024-01-05"), VISIT("2024-02-05"), VISIT("2024-03-05"), VISIT("2024-04-05"),
        VISIT("2024-05-05"), VISIT("2024-06-05"), VISIT("2024-07-05")),
    /* anchors: the last before a start to come; what names a span to come; the n-th */
    PIN(DEADLINE "counts_from: latest meeting_held where kind = STRATEGY, limit: 10 days", FOLD, "e0 e2 e4",
        PIN_NEXT("2026-01-10"), MEET("2024-01-05"), MEET("2024-02-05"), "2024-03-05 meeting_held 'kind':'PPM'"),
    PIN(DEADLINE "counts_from: latest meeting_held where kind = STRATEGY, limit: 10 days", FOLD, "e0 e2 e4 e5",
        PIN_NEXT("2025-12-10"), MEET("2024-01-05"), MEET("2024-02-05"), MEET("2025-12-05"), MEET("2025-12-20")),
    PIN("kind: deadline, over: s47, evidence: visit_done, counts_from: [{linked: meeting_held where kind = STRATEGY, "
        "link: s47_id}, start], limit: 10 days",
        FOLD, "e0 e1 e4", "2026-01-10 s47_started 's47_id':'S1'", MEETING("2024-01-05", ",'s47_id':'S1'"),
        MEETING("2024-02-05", ""), "2024-03-05 meeting_held 'kind':'PPM','s47_id':'S1'"),
    PIN("kind: deadline, over: s47, evidence: visit_done, counts_from: [{linked: meeting_held where kind = STRATEGY, "
        "back_link: meeting_id}, start], limit: 10 days",
        FOLD, "e0 e1 e4", "2026-01-10 s47_started 's47_id':'S1','meeting_id':'M1'",
        MEETING("2024-01-05", ",'meeting_id':'M1'"), MEETING("2024-02-05", ""),
        "2024-03-05 meeting_held 'kind':'PPM','meeting_id':'M1'"),
    PIN("kind: deadline, over: episode, evidence: visit_done, counts_from: [{linked: rhi, link: [episode_id, "
        "episode_ids]}], limit: 10 days",
        FOLD, "e0 e1 e3 e4",
        THEN("2026-01-10 missing_episode "
             "'episode_id':'E1','mis_start':'2026-01-10T08:00:00Z','returned_at':'2026-01-10T09:00:00Z'",
             "2026-01-12 missing_episode 'episode_id':'E3','mis_start':'2026-01-12T08:00:00Z'"),
        "2024-01-05 rhi 'episode_id':'E1'", "2024-02-05 rhi 'stage':'HELD'",
        "2024-03-05 rhi 'episode_ids':['E2','E3']"),
    PIN(DEADLINE "counts_from: nth 2 meeting_held where kind = STRATEGY, limit: 10 days", FOLD, "e0 e1 e2 e3 e5",
        VISIT("2026-01-10"), PLAN("2024-01-05"), MEET("2024-02-05"), MEET("2024-03-05"), MEET("2024-04-05")),
    /* ... and not what names another span */
    PIN(DEADLINE "counts_from: {nth: 1 meeting_held where kind = STRATEGY, link: plan_id}, limit: 10 days", FOLD,
        "e0 e1 e2 e4", VISIT("2026-01-10"), PLAN("2024-01-05"), MEETING("2024-02-05", ",'plan_id':'P1'"),
        MEETING("2024-03-05", ",'plan_id':'P9'")),
    PIN("kind: deadline, over: plan, evidence: meeting_held where kind = PPM, counts_from: each meeting_held where "
        "kind = STRATEGY, limit: 10 days",
        FOLD, "e0 e1 e3 e4 e5 e6", "2026-01-10 meeting_held 'kind':'PPM'", PLAN("2024-01-05"), MEET("2024-02-05"),
        "2024-02-10 meeting_held 'kind':'PPM'", MEET("2024-03-05"), MEET("2024-04-05")),
    /* what meets: the first, the n-th, of any time; before a birthday */
    PIN(DEADLINE "limit: 10 days", FOLD, "e0 e1 e2 e4", VISIT("2026-01-10"), PLAN("2024-01-05"), VISIT("2024-02-05"),
        VISIT("2024-03-05")),
    PIN(DEADLINE "evidence_nth: 2, limit: 10 days", FOLD, "e0 e1 e2 e3 e5", VISIT("2026-01-10"), PLAN("2024-01-05"),
        VISIT("2024-02-05"), VISIT("2024-03-05"), VISIT("2024-04-05")),
    PIN(DEADLINE "evidence_nth: 3, limit: 10 days", FOLD, "e0 e1 e2 e3 e4", VISIT("2026-01-10"), PLAN("2024-01-05"),
        VISIT("2024-02-05"), VISIT("2024-03-05")),
    PIN("kind: deadline, over: plan, evidence: [{fact: meeting_held where kind = STRATEGY, any_time: true}, "
        "visit_done], limit: 10 days",
        FOLD, "e0 e1 e3", PIN_NEXT("2026-01-10"), MEETING("2024-01-05", ""), MEETING("2024-02-05", "")),
    PIN("kind: deadline, over: plan, evidence: [{fact: meeting_held, any_time: true}, visit_done], limit: 10 days",
        FOLD, "e0 e3", NO_MORE, "2024-01-05 supervision_held", "2024-02-05 supervision_held"),
    PIN("kind: deadline, over: plan, evidence: {fact: meeting_held where kind = STRATEGY, link: plan_id, any_time: "
        "true}, limit: 10 days",
        FOLD, "e0 e2 e3 e5", PIN_NEXT("2026-01-10"), MEETING("2025-01-03", ",'plan_id':'P2'"),
        MEETING("2025-01-04", ",'plan_id':'P2'"), MEETING("2025-01-05", ""),
        "2025-01-06 meeting_held 'kind':'PPM','plan_id':'P2'"),
    /* the same of spans that have begun: the first answers whatever begins later; by name, those that could be named */
    PIN("kind: deadline, over: episode, evidence: [{begins: plan where plan_type = CIN, any_time: true}, visit_done], "
        "limit: 10 days",
        FOLD, "e0 e2 e4", "2026-01-10 missing_episode 'episode_id':'E1','mis_start':'2026-01-10T08:00:00Z'",
        OVER("PA", "CP", "2024-01-02", "2024-02-01"), OVER("PB", "CIN", "2024-03-05", "2024-04-02"),
        OVER("PC", "CIN", "2024-06-05", "2024-07-03")),
    PIN("kind: deadline, over: episode, evidence: {begins: plan where plan_type = CIN, any_time: true}, limit: 10 days",
        FOLD, "e0 e1 e2", NO_MORE, OVER("PB", "CIN", "2024-03-05", "2024-04-02")),
    PIN("kind: deadline, over: placement, evidence: {begins: plan where plan_type = PLACEMENT, any_time: true, link: "
        "placement_id}, limit: 10 days",
        FOLD, "e0 e2 e4", "2026-01-10 placement_started 'placement_id':'H1'",
        "2025-01-02 plan_ended 'plan_id':'PA','plan_type':'PLACEMENT','placement_id':'H1','start_date':'2025-01-01'",
        "2025-01-05 plan_ended 'plan_id':'PB','plan_type':'PLACEMENT','placement_id':'H1','start_date':'2025-01-04'",
        "2025-02-05 plan_ended 'plan_id':'PC','plan_type':'CP','placement_id':'H1','start_date':'2025-01-05'"),
    PIN(DEADLINE "counts_from: birthday 10, limit: 10 days", FOLD, "e0 e1 e2 e3 e5", VISIT("2026-02-05"),
        "2024-01-02 child_updated 'person_birth_date':'2016-02-02'", PLAN("2024-01-05"), VISIT("2024-02-05"),
        VISIT("2024-03-05")),
    PIN(DEADLINE "age: from 10, limit: 10 days", FOLD, "e0 e1 e2 e4", VISIT("2026-02-05"),
        "2024-01-02 child_updated 'person_birth_date':'2016-02-02'", PLAN("2024-01-05"), VISIT("2024-02-05")),
    PIN("kind: deadline, over: episode, counts_from: end, evidence: rhi, limit: 72 hours", FOLD, "e0 e3 e4",
        "2026-01-10 rhi", EPISODE("E1", "2024-01-05", ""), EPISODE("E2", "2024-02-05", ""), "2024-02-07 rhi"),
    PIN("kind: deadline, over: contact, outlives_span: true, evidence: early_help_started, limit: 3 days", FOLD,
        "e0 e4 e5", "2026-01-10 early_help_started",
        "2024-01-05 contact_received 'contact_id':'K1','outcome':'EARLY_HELP'",
        "2024-02-05 contact_received 'contact_id':'K2','outcome':'EARLY_HELP'",
        "2024-02-07 case_closed 'reason_for_closure':'RC7'",
        "2024-03-05 contact_received 'contact_id':'K3','outcome':'EARLY_HELP'"),
    /* durations wait for nothing; what is over is gone */
    PIN("kind: duration, over: plan, limit: 3 months", FOLD, "e0 e1 e2 e3 e4 e5", NO_MORE, PLAN("2024-01-05"),
        "2024-02-05 plan_changed 'plan_id':'P1','latest_category':'NEG'",
        "2024-01-05 plan_started 'plan_id':'P9','plan_type':'CP'", "2024-06-05 plan_ended 'plan_id':'P9'"),
    PIN("kind: deadline, over: s47, met_by: end, counts_from: [{linked: meeting_held where kind = STRATEGY, link: "
        "s47_id}], limit: 10 days",
        FOLD, "e0 e1 e2", MEETING("2026-01-10", ",'s47_id':'S1'"), "2024-01-05 s47_started 's47_id':'S1'"),
    PIN("kind: deadline, over: plan, evidence: {fact: visit_done, within_limit: true}, counts_from: birthday 10, "
        "limit: 10 days",
        FOLD, "e0 e1 e2 e3 e5", VISIT("2026-02-05"), "2024-01-02 child_updated 'person_birth_date':'2016-02-02'",
        PLAN("2024-01-05"), VISIT("2024-02-05"), VISIT("2024-03-05")),
    PIN("kind: recurring, over: case, evidence: visit_done, limit: {limit: 10 days, while: child}", FOLD, "e0 e1 e3 e4",
        VISIT("2026-02-05"), PLAN("2024-01-05"), VISIT("2024-02-05"), VISIT("2024-03-05")),
    /* what a plan that stays was outside of, for that says where its parts lie */
    PIN("kind: deadline, over: plan where plan_type = CIN, outside: s47, evidence: visit_done, limit: 10 days", FOLD,
        "e0 e1 e2 e3 e4", NO_MORE, PLAN("2024-01-05"), "2024-02-05 s47_started 's47_id':'S1'",
        "2024-02-10 conference_icpc 's47_id':'S1'"),
    /* pauses that are on, or were lately; not one that is long over */
    PIN(RECURRING "limit: 10 days", FOLD, "e0 e1 e3 e4 e6", NO_MORE, PLAN("2024-01-05"), VISIT("2024-02-05"),
        PAUSED("2024-03-01", "2026-03-20"), VISIT("2024-03-05"), PAUSED("2024-03-06", "2024-05-01")),
};
START_TEST(duty)
{
    pins_row(&duties[_i]);
}
END_TEST

#define NAMED                                                                                                          \
    "kind: recurring, over: plan, evidence: plan_review where review_kind = CIN, due_override: next_due_override, "    \
    "limit: 24 months"
#define CIN_REVIEW(day) day " plan_review 'review_kind':'CIN'"
#define OTHER_REVIEW(day) day " plan_review 'review_kind':'PATHWAY'"

static const pins limits[] = {
    /* runs that a limit waits for; a span that begins in this one; a review before which it holds */
    PIN("kind: recurring, over: case, evidence: visit_done, limit: {limit: 10 days, while: plan where plan_type = CP, "
        "or_while: care}",
        FOLD, "e0 e1 e2 e3 e4 e5 e6 e7", NO_MORE, PLAN("2024-01-05"),
        "2024-01-10 plan_started 'plan_id':'P8','plan_type':'CP'", "2024-02-10 plan_ended 'plan_id':'P8'",
        "2024-03-05 plan_started 'plan_id':'P9','plan_type':'CP'",
        "2024-04-05 placement_started 'placement_id':'L1','rne':'S'", "2024-05-05 plan_ended 'plan_id':'P9'"),
    PIN("kind: deadline, over: assessment, evidence: visit_done, limit: [{limit: 1 days, once: s47, link: "
        "referral_id}, {limit: 20 days}], strictest: true",
        FOLD, "e0 e1 e2 e3 e6", "2026-01-10 visit_done", "2024-01-05 referral_received 'referral_id':'R1'",
        "2024-01-10 s47_started 's47_id':'S1'", "2024-01-12 conference_icpc 's47_id':'S1'",
        "2024-01-15 s47_started 's47_id':'S2'", "2024-01-16 conference_icpc 's47_id':'S2'"),
    PIN(RECURRING "limit: [{limit: 7 days, before: plan_review}, {limit: 42 days}]", FOLD, "e0 e1 e2 e4 e5",
        VISIT("2026-01-10"), PLAN("2024-01-05"), "2024-02-05 plan_review", "2024-03-05 plan_review",
        VISIT("2024-02-01")),
    /* a frequency of another plan that is open, over */
    PIN(RECURRING "recorded_frequency: {field: visit_frequency, of: plan where plan_type = CP}, limit: 10 days", FOLD,
        "e0 e1 e2 e3 e4 e5", VISIT("2026-01-10"), PLAN("2024-01-05"),
        "2024-02-01 plan_started 'plan_id':'P9','plan_type':'CP','visit_frequency':{'days':3}", VISIT("2024-02-05"),
        "2024-03-05 plan_ended 'plan_id':'P9'"),
    /* reviews of one instant: the date that the next one is due by may stand in any */
    /* two of one instant stay together, whichever of them is asked for; not what stands next to one, or those before */
    PIN(NAMED, FOLD, "e0 e1 e2 e3 e4", NO_MORE, PLAN("2024-01-05"), CIN_REVIEW("2024-02-05"),
        OTHER_REVIEW("2024-02-05")),
    PIN(NAMED, FOLD, "e0 e1 e2 e3 e4", NO_MORE, PLAN("2024-01-05"), OTHER_REVIEW("2024-02-05"),
        CIN_REVIEW("2024-02-05")),
    PIN(NAMED, FOLD, "e0 e1 e5 e7", NO_MORE, PLAN("2024-01-05"), OTHER_REVIEW("2024-01-15"), CIN_REVIEW("2024-02-05"),
        OTHER_REVIEW("2024-02-05"), CIN_REVIEW("2024-04-05"), "2024-04-05 rhi 'stage':'OFFERED'"),
    PIN("kind: recurring, over: plan, evidence: plan_review, due_override: next_due_override, limit: 24 months", FOLD,
        "e0 e1 e2 e3 e4", NO_MORE, PLAN("2024-01-05"), "2024-02-05 plan_review 'next_due_override':'2025-02-05'",
        "2024-02-05 plan_review 'next_due_override':'2025-02-06'"),
    /* overrides that may still hold, by rule and last day */
    PIN(RECURRING "recorded_frequency: {field: visit_frequency, of: schedule_override}, limit: 10 days", FOLD,
        "e0 e1 e2 e3 e6 e7", VISIT("2026-01-10"), PLAN("2025-01-05"), VISIT("2025-02-05"),
        "2024-01-05 schedule_override 'rule':'XX-1','visit_frequency':{'days':3}",
        "2024-01-06 schedule_override 'rule':'XX-9','visit_frequency':{'days':4}",
        "2024-01-07 schedule_override 'rule':'XX-1','until':'2025-11-05','visit_frequency':{'days':5}",
        "2024-01-08 schedule_override 'rule':'XX-1','until':'2025-11-06','visit_frequency':{'days':6}"),
    PIN(RECURRING "recorded_frequency: {field: visit_frequency, of: schedule_override}, limit: 10 days", FOLD,
        "e0 e1 e2 e3 e4", VISIT("2026-01-10"), PLAN("2025-01-05"), VISIT("2025-02-05"),
        "2025-02-01 schedule_override 'rule':'XX-1','until':'2025-02-20','visit_frequency':{'days':3}"),
    /* pauses that last, or ended lately, and all resumptions */
    PIN(RECURRING "limit: 10 days", FOLD, "e0 e1 e3 e4 e6", NO_MORE, PLAN("2025-01-05"),
        "2025-02-01 clock_paused 'authoriser_role':'TM','until':'2025-11-05'",
        "2025-02-02 clock_paused 'authoriser_role':'TM','until':'2025-11-06','pause_id':'Z1'",
        "2025-02-03 clock_resumed 'pause_id':'Z1'", "2025-02-04 clock_paused 'until':'2026-11-06'"),
    PIN(RECURRING "limit: 10 days", FOLD, "e0 e1 e4", NO_MORE, PLAN("2025-01-05"),
        "2025-02-01 clock_paused 'authoriser_role':'TM','until':'2025-11-05'",
        "2025-02-03 clock_resumed 'pause_id':'Z1'"),
    /* what makes phases; rests that ended since the interval began, with the last visit up to their end */
    PIN("kind: deadline, over: plan where plan_type = CIN, outside: s47, evidence: visit_done, limit: 10 days", FOLD,
        "e0 e1 e2 e3 e6", NO_MORE, PLAN("2024-01-05"), "2024-02-05 s47_started 's47_id':'S1'",
        "2024-02-10 conference_icpc 's47_id':'S1'", "2023-02-05 s47_started 's47_id':'S0'",
        "2023-02-10 conference_icpc 's47_id':'S0'"),
    PIN("kind: recurring, over: plan where plan_type = CIN, evidence: visit_done where visit_type = CIN, rests_while: "
        "[plan where plan_type = CP], after_rest: [visit_done where visit_type = CP], limit: 10 days",
        FOLD, "e0 e1 e2 e3 e4 e5 e6 e8 e9 e10", NO_MORE, PLAN("2024-01-05"),
        "2024-02-05 plan_started 'plan_id':'P8','plan_type':'CP'", "2024-02-06 visit_done 'visit_type':'CP'",
        "2024-02-10 plan_ended 'plan_id':'P8'", VISIT("2024-03-05"),
        "2024-04-05 plan_started 'plan_id':'P9','plan_type':'CP'", "2024-04-06 visit_done 'visit_type':'CP'",
        "2024-04-07 visit_done 'visit_type':'CP'", "2024-04-10 plan_ended 'plan_id':'P9'"),
    /* reviews, and the placements since the plan began */
    PIN("kind: stall, over: plan where plan_type = CIN, evidence: {fact: plan_review, link: plan_id}, same: "
        "[latest_category, placement]",
        FOLD, "e0 e3 e4 e5 e6 e7 e8", "2026-01-10 plan_review 'plan_id':'P1'",
        "2024-01-01 placement_started 'placement_id':'L0','rne':'S'",
        "2024-01-04 placement_ended 'placement_id':'L0','rec':'E3'", PLAN("2024-01-05"),
        "2024-02-01 placement_started 'placement_id':'L1','rne':'S'",
        "2024-03-01 placement_ended 'placement_id':'L1','rec':'E3'", "2024-02-05 plan_review 'plan_id':'P1'",
        "2024-04-05 plan_review 'plan_id':'P1'"),
    PIN("kind: stall, over: plan where plan_type = CIN, evidence: {fact: plan_review, link: plan_id}, same: "
        "[latest_category, placement]",
        FOLD, "e0 e1 e2 e3 e4", NO_MORE, PLAN("2024-01-05"),
        "2024-02-01 placement_started 'placement_id':'L1','rne':'S'",
        "2024-03-01 placement_ended 'placement_id':'L1','rec':'E3'"),
    /* ... of a plan that makes no level and keeps no case: nothing else would keep them. A placement that ended on the plan's first day was that day's */
    PIN("kind: stall, over: plan where plan_type = PLACEMENT, evidence: {fact: plan_review, link: plan_id}, same: "
        "[latest_category, placement]",
        FOLD, "e0 e3 e4 e5 e6 e7 e8", "2026-01-10 plan_review 'plan_id':'P1'",
        "2024-01-01 placement_started 'placement_id':'L0','rne':'S'",
        "2024-01-04 placement_ended 'placement_id':'L0','rec':'E3'",
        "2024-01-05 plan_started 'plan_id':'P1','plan_type':'PLACEMENT'",
        "2024-02-01 placement_started 'placement_id':'L1','rne':'S'", "2024-02-05 plan_review 'plan_id':'P1'",
        "2024-03-01 placement_ended 'placement_id':'L1','rec':'E3'", "2024-04-05 plan_review 'plan_id':'P1'"),
    PIN("kind: stall, over: plan where plan_type = PLACEMENT, evidence: {fact: plan_review, link: plan_id}, same: "
        "[latest_category, placement]",
        FOLD, "e0 e1 e2 e3 e4 e5 e6", "2026-01-10 plan_review 'plan_id':'P1'",
        "2024-01-01 placement_started 'placement_id':'L0','rne':'S'",
        "2024-01-05T08:00 placement_ended 'placement_id':'L0','rec':'E3'",
        "2024-01-05 plan_started 'plan_id':'P1','plan_type':'PLACEMENT'", "2024-01-05T10:00 plan_review 'plan_id':'P1'",
        "2024-04-05 plan_review 'plan_id':'P1'"),
    PIN("kind: stall, over: plan where plan_type = PLACEMENT, evidence: {fact: plan_review, link: plan_id}, same: "
        "[latest_category, placement]",
        FOLD, "e0 e1 e2 e3 e4 e5", "2026-01-10 plan_review 'plan_id':'P1'",
        "2024-01-05 plan_started 'plan_id':'P1','plan_type':'PLACEMENT'",
        "2024-02-01 placement_started 'placement_id':'L1','rne':'S'", "2024-02-05 plan_review 'plan_id':'P1'",
        "2024-03-01 placement_ended 'placement_id':'L1','rec':'E3'"),
    PIN("kind: stall, over: plan where plan_type = PLACEMENT, evidence: {fact: plan_review, link: plan_id}, same: "
        "[latest_category, placement]",
        FOLD, "e0 e1 e4", THEN("2026-01-10 plan_review 'plan_id':'P1'", "2026-01-11 plan_review 'plan_id':'P1'"),
        "2024-01-05 plan_started 'plan_id':'P1','plan_type':'PLACEMENT'",
        "2024-02-01 placement_started 'placement_id':'L1','rne':'S'",
        "2024-03-01 placement_ended 'placement_id':'L1','rec':'E3'"),
    PIN(RECURRING "limit: [{limit: 7 days, when: plan_type = CIN}, {limit: 42 days}]", FOLD, "e0 e1 e3 e4",
        VISIT("2026-01-10"), PLAN("2024-01-05"), VISIT("2024-02-05"), VISIT("2024-03-05")),
    PIN(RECURRING "limit: {limit: 10 days, while: s47}", FOLD, "e0 e1 e2 e3 e4 e6", NO_MORE, PLAN("2024-01-05"),
        "2024-02-05 s47_started 's47_id':'S1'", "2024-03-05 s47_started 's47_id':'S2'",
        "2024-03-05T10:00 conference_icpc 's47_id':'S1'", "2024-04-05 conference_icpc 's47_id':'S9'"),
    /* a run of two kinds, and of the days of both: each kind stays */
    PIN(RECURRING "limit: {limit: 10 days, while: s47, or_while: episode}", FOLD, "e0 e1 e2 e4", NO_MORE,
        PLAN("2024-01-05"), EPISODE("E1", "2024-02-05", ""), "2024-02-10 rhi 'stage':'HELD'"),
    PIN(RECURRING "limit: {limit: 10 days, while: s47, or_both: [episode, placement]}", FOLD, "e0 e1 e2 e4", NO_MORE,
        PLAN("2024-01-05"), EPISODE("E1", "2024-02-05", ""), "2024-02-10 rhi 'stage':'HELD'"),
};
START_TEST(limit)
{
    pins_row(&limits[_i]);
}
END_TEST

static const pins counts[] = {
    PIN("kind: count, over: episode, threshold: 2, window: 30 days, until: answered, answer: meeting_held where kind = "
        "STRATEGY",
        FOLD, "e0 e2 e3 e4 e5", MEET("2026-01-10"), EPISODE("E0", "2024-01-05", ""), EPISODE("E1", "2024-06-05", ""),
        EPISODE("E2", "2024-06-12", ""), EPISODE("E3", "2024-06-20", "")),
    PIN("kind: count, over: episode, threshold: 2, window: 30 days, until: answered, answer: meeting_held where kind = "
        "STRATEGY",
        FOLD, "e0 e3 e5", MEET("2026-01-10"), EPISODE("E1", "2024-06-05", ""), EPISODE("E2", "2024-06-12", ""),
        MEET("2024-06-20"), MEET("2024-06-22")),
    PIN("kind: count, over: plan, within_span: true, evidence: visit_done where child_seen = N, threshold: 3, window: "
        "ever, until: answered, answer: visit_done where child_seen = Y, answer_clears: true",
        FOLD, "e0 e1 e5 e6 e7 e8", "2026-01-10 visit_done 'child_seen':'N'", PLAN("2024-01-05"),
        "2024-01-06 visit_done 'child_seen':'N'", "2024-01-07 visit_done 'child_seen':'N'",
        "2024-01-08 visit_done 'child_seen':'Y'", "2024-01-09 visit_done 'child_seen':'Y'",
        "2024-01-10 visit_done 'child_seen':'N'", "2024-01-11 visit_done 'child_seen':'N'"),
    PIN("kind: count, over: plan where plan_type = CP, threshold: 2, window: 24 months, until: span_end, "
        "measured_from: end",
        FOLD, "e0 e3 e4 e5 e6", "2026-01-10 plan_started 'plan_id':'P4','plan_type':'CP'",
        "2023-01-05 plan_started 'plan_id':'P0','plan_type':'CP'", "2023-06-05 plan_ended 'plan_id':'P0'",
        "2024-01-05 plan_started 'plan_id':'P1','plan_type':'CP'", "2024-02-05 plan_ended 'plan_id':'P1'",
        "2025-08-05 plan_started 'plan_id':'P2','plan_type':'CP'"),
    PIN("kind: count, over: episode, threshold: 1, window: 90 days, until: answered, answer: meeting_held where kind = "
        "STRATEGY, at_start_open: plan where plan_type = CP",
        FOLD, "e0 e1 e2 e3 e4", NO_MORE, "2024-01-04 plan_started 'plan_id':'P2','plan_type':'CP'",
        EPISODE("E1", "2024-01-05", ""), "2024-01-06 plan_ended 'plan_id':'P2'"),
    PIN("kind: count, over: referral, threshold: 2, window: 12 months, until: flag", FOLD, "e0 e3 e4",
        "2026-01-10 referral_received 'referral_id':'R4'",
        "2023-01-05 referral_received 'referral_id':'R1','referral_nfa':'Y'",
        "2024-06-05 referral_received 'referral_id':'R2','referral_nfa':'Y'",
        "2025-02-05 referral_received 'referral_id':'R3','referral_nfa':'Y'"),
    PIN("kind: count, over: episode, threshold: 1, window: 90 days, until: answered, answer: meeting_held where kind = "
        "STRATEGY, at_start_open: plan where plan_type = CP",
        FOLD, "e0 e3 e4 e5 e6", NO_MORE, "2023-02-04 plan_started 'plan_id':'P0','plan_type':'PF'",
        "2023-03-06 plan_ended 'plan_id':'P0'", "2024-01-04 plan_started 'plan_id':'P2','plan_type':'CP'",
        EPISODE("E1", "2024-01-05", ""), "2024-01-06 plan_ended 'plan_id':'P2'"),
    PIN("kind: count, over: episode, threshold: 1, window: 90 days, until: span_end, ended_inside: [plan where "
        "plan_type = CP, placement]",
        FOLD, "e0 e1 e2 e3 e6", "2026-01-10 missing_episode 'episode_id':'E1','returned_at':'2026-01-10T08:00:00Z'",
        "2024-01-04 plan_started 'plan_id':'P2','plan_type':'CP'",
        "2024-01-05 missing_episode 'episode_id':'E1','mis_start':'2024-01-05T08:00:00Z'",
        "2024-01-06 plan_ended 'plan_id':'P2'", "2023-01-04 plan_started 'plan_id':'P3','plan_type':'PF'",
        "2023-01-06 plan_ended 'plan_id':'P3'"),
    PIN("kind: count, over: episode, threshold: 1, window: 90 days, until: span_end, ended_inside: [plan where "
        "plan_type = CP, placement]",
        FOLD, "e0 e1 e2 e3 e4 e5", NO_MORE, "2024-01-04 plan_started 'plan_id':'P2','plan_type':'CP'",
        "2025-12-20 missing_episode 'episode_id':'E1','mis_start':'2025-12-20T08:00:00Z'",
        "2025-12-22 missing_episode 'episode_id':'E1','returned_at':'2025-12-22T08:00:00Z'",
        "2025-12-25 plan_ended 'plan_id':'P2'"),
    /* what ended at the very instant did not end inside */
    PIN("kind: count, over: episode, threshold: 1, window: 90 days, until: span_end, ended_inside: [plan where "
        "plan_type = CP]",
        FOLD, "e0 e3 e4", NO_MORE, "2023-12-04 plan_started 'plan_id':'P2','plan_type':'CP'",
        "2024-01-05T08:00 plan_ended 'plan_id':'P2'",
        "2024-01-05T08:00 missing_episode 'episode_id':'E1','mis_start':'2024-01-05T08:00:00Z'"),
};
START_TEST(count)
{
    pins_row(&counts[_i]);
}
END_TEST

#define NOTE(day, more) day " oversight_recorded 'role':'TM'" more
#define BREACH                                                                                                         \
    "kind: deadline, over: child, counts_from: breach of XX-1, limit: 2 days, evidence: [{fact: oversight_recorded, "  \
    "breach_link: [linked_alert_id, linked_rule]}]"

#define CLOSED(day) day " case_closed 'reason_for_closure':'RC7'"
#define RETURNED(id, day) "'episode_id':'" id "','mis_start':'" day "T08:00:00Z','returned_at':'" day "T10:00:00Z'"

static const pins breaches[] = {
    /* what was owed after its span, which stays, ended with a closing of the case: that one, not the last alone */
    PIN2("kind: deadline, over: episode, counts_from: end, evidence: rhi, limit: 72 hours", BREACH, FOLD,
         "e0 e1 e2 e3 e4 e5", NO_MORE, EPISODE("E1", "2024-01-05", ""), CLOSED("2024-01-20"), CLOSED("2024-03-20"),
         "2025-12-20 missing_episode " RETURNED("E1", "2024-01-05")),
    /* a note of the first day of which all are there is none of those before */
    PIN2(DEADLINE "limit: 5 days", BREACH, FOLD, "e0 e2 e4", NO_MORE, NOTE("2024-02-01", ""), NOTE("2024-03-01", ""),
         NOTE("2025-11-06", "")),
    /* a late visit that nobody explained: it, and what began its interval; explained: the last note alone */
    PIN2(RECURRING "limit: 50 days", BREACH, FOLD, "e0 e1 e3 e4! e6 e7", NOTE("2026-01-10", ""), PLAN("2024-01-05"),
         VISIT("2024-02-05"), VISIT("2024-03-05"), VISIT("2024-05-05"), VISIT("2024-06-05"), VISIT("2024-07-05")),
    PIN2(RECURRING "limit: 50 days", BREACH, FOLD, "e0 e1 e5 e7 e9", NOTE("2026-01-10", ""), PLAN("2024-01-05"),
         VISIT("2024-02-05"), VISIT("2024-03-05"), VISIT("2024-05-05"), NOTE("2024-05-06", ""), VISIT("2024-06-05"),
         VISIT("2024-07-05"), NOTE("2024-07-06", ",'linked_rule':'XX-9'")),
    PIN2(RECURRING "limit: 50 days", BREACH, FOLD, "e0 e3 e4 e5", NOTE("2026-01-10", ""), PLAN("2024-01-05"),
         VISIT("2024-02-05"), VISIT("2024-05-05"), "2024-05-06 case_closed 'reason_for_closure':'RC7'"),
    PIN2(DEADLINE "limit: 5 days", BREACH, FOLD, "e0 e1 e2 e3 e4", NOTE("2026-01-10", ""), PLAN("2024-01-05"),
         VISIT("2024-02-05"), "2024-02-07 plan_ended 'plan_id':'P1'"),
    PIN2(DEADLINE "limit: 5 days", BREACH, FOLD, "e0 e2 e5 e7", NOTE("2026-01-10", ""), PLAN("2024-01-05"),
         VISIT("2024-02-05"), "2024-02-07 plan_ended 'plan_id':'P1'", NOTE("2024-03-01", ""),
         NOTE("2024-04-01", ",'linked_rule':'XX-1'"),
         NOTE("2024-05-01", ",'linked_alert_id':'00000000-0000-5000-8000-000000000000'")),
    PIN2(DEADLINE "limit: 5 days", BREACH, FOLD, "e0 e1 e2 e3 e4", NOTE("2026-01-10", ""), PLAN("2024-01-05"),
         NOTE("2024-02-01", ""), NOTE("2024-03-01", "")),
    PIN3(DEADLINE "limit: 5 days", BREACH,
         "kind: deadline, over: child, counts_from: breach of XX-2, limit: 3 days, evidence: supervision_held", FOLD,
         "e0 e1 e2 e3 e4", "2026-01-10 supervision_held", PLAN("2024-01-05"), VISIT("2024-02-05"),
         "2024-02-07 plan_ended 'plan_id':'P1'"),
    PIN2(DEADLINE "limit: 5 days",
         "kind: deadline, over: child, counts_from: breach of XX-1, limit: 2 days, evidence: oversight_recorded where "
         "role = TM",
         FOLD, "e0 e2 e4 e6", NOTE("2026-01-10", ""), PLAN("2024-01-05"), VISIT("2024-02-05"),
         "2024-02-07 plan_ended 'plan_id':'P1'", NOTE("2024-03-01", ""), "2024-04-01 oversight_recorded 'role':'SW'"),
    PIN2("kind: recurring, over: care, outside: plan where plan_type = PF, evidence: visit_done, limit: 5 days", BREACH,
         FOLD, "e0 e1 e2 e3 e4! e5 e6", NOTE("2026-01-10", ""),
         "2024-01-02 child_updated 'person_birth_date':'2008-02-02'",
         "2024-01-05 placement_started 'placement_id':'L1','rne':'S'",
         "2024-01-07 plan_started 'plan_id':'F1','plan_type':'PF'", "2024-06-05 visit_done",
         "2024-06-06 placement_ended 'placement_id':'L1','rec':'E3'"),
    PIN3(DEADLINE "limit: 5 days", BREACH,
         "kind: deadline, over: child, counts_from: breach of XX-2, limit: 3 days, evidence: supervision_held", FOLD,
         "e0 e1 e2 e3 e4 e5", "2026-01-10 supervision_held", PLAN("2024-01-05"), VISIT("2024-02-05"),
         "2024-02-07 plan_ended 'plan_id':'P1'", "2024-03-01 supervision_held"),
    PIN2("kind: recurring, over: plan where plan_type = CIN, evidence: visit_done where visit_type = CIN, rests_while: "
         "[plan where plan_type = CP], after_rest: [visit_done where visit_type = CP], limit: 50 days",
         BREACH, FOLD, "e0 e1 e2 e3 e4! e5 e6 e7! e8 e9 e10", NOTE("2026-01-10", ""), PLAN("2024-01-05"),
         "2024-02-05 plan_started 'plan_id':'P8','plan_type':'CP'", "2024-02-10 plan_ended 'plan_id':'P8'",
         VISIT("2024-06-01"), "2024-06-20 plan_started 'plan_id':'P7','plan_type':'CP'",
         "2024-06-25 plan_ended 'plan_id':'P7'", VISIT("2024-09-01"),
         "2024-11-05 plan_started 'plan_id':'P9','plan_type':'CP'", "2024-11-10 plan_ended 'plan_id':'P9'"),
    /* the last note of each kind that may speak of what begins later, not one about another rule; the last closing of before */
    PIN3(DEADLINE "limit: 5 days", RECURRING "limit: 50 days",
         "kind: deadline, over: child, counts_from: breach of XX-2, limit: 2 days, evidence: [{fact: "
         "oversight_recorded, breach_link: [linked_alert_id, linked_rule]}]",
         FOLD, "e0 e2 e4", NO_MORE, NOTE("2024-02-01", ",'linked_rule':'XX-2'"),
         NOTE("2024-03-01", ",'linked_rule':'XX-2'"), NOTE("2024-04-01", ",'linked_rule':'XX-1'")),
    PIN2(RECURRING "limit: 50 days", BREACH, FOLD, "e0 e3 e8", NO_MORE, PLAN("2024-01-05"),
         "2024-02-06 case_closed 'reason_for_closure':'RC7'", "2024-05-06 case_closed 'reason_for_closure':'RC7'",
         "2025-11-06 case_closed 'reason_for_closure':'RC7'", "2025-12-06 case_closed 'reason_for_closure':'RC7'",
         "2025-12-10 team_transferred", "2025-12-11 team_transferred"),
    /* a late visit that nobody explained: the rests since the one before it, too, to the very instant; not those beside them */
    PIN2("kind: recurring, over: plan, evidence: visit_done, rests_while: [s47], limit: 50 days", BREACH, FOLD,
         "e0 e1 e4 e5 e6 e7! e10 e11 e12", NOTE("2026-01-10", ""), PLAN("2024-01-05"),
         "2024-01-10 s47_started 's47_id':'S0'", "2024-01-12 conference_icpc 's47_id':'S0'", VISIT("2024-01-20"),
         "2024-02-05 s47_started 's47_id':'S1'", "2024-02-10 conference_icpc 's47_id':'S1'", VISIT("2024-06-01"),
         "2024-06-10 s47_started 's47_id':'S2'", "2024-06-12 conference_icpc 's47_id':'S2'", VISIT("2024-07-01"),
         PLAN_OVER("2024-07-10")),
    PIN2("kind: recurring, over: plan, evidence: visit_done, rests_while: [s47], limit: 50 days", BREACH, FOLD,
         "e0 e1 e2 e3 e4 e5! e6 e7 e8 e9 e10", NOTE("2026-01-10", ""), PLAN("2024-01-05"),
         "2024-01-10 s47_started 's47_id':'S0'", "2024-01-20 conference_icpc 's47_id':'S0'", VISIT("2024-01-20"),
         VISIT("2024-06-01"), "2024-06-01 s47_started 's47_id':'S2'", "2024-06-12 conference_icpc 's47_id':'S2'",
         VISIT("2024-07-01"), PLAN_OVER("2024-07-10")),
    /* what began in time before a rest of long ago, which goes with it */
    PIN2("kind: recurring, over: plan where plan_type = CIN, evidence: visit_done, rests_while: [placement], limit: 50 "
         "days",
         BREACH, FOLD, "e0 e5 e7 e8", NO_MORE, PLAN("2024-01-05"), VISIT("2024-01-20"),
         "2024-02-01 placement_started 'placement_id':'L1','rne':'S'",
         "2024-02-10 placement_ended 'placement_id':'L1','rec':'E3'", VISIT("2024-02-20"), PLAN_OVER("2024-03-05"),
         "2025-12-20 placement_started 'placement_id':'L2','rne':'S'"),
    /* what another rule was late by, but this one was not */
    PIN3(
        "kind: deadline, over: episode, outlives_span: true, evidence: visit_done, limit: 60 days",
        RECURRING "limit: 5 days",
        "kind: deadline, over: child, counts_from: 'breach of XX-1, XX-2', limit: 2 days, evidence: oversight_recorded",
        FOLD, "e0 e1 e3! e4 e5", NO_MORE, PLAN("2024-01-05"), EPISODE("E1", "2024-01-20", ""), VISIT("2024-02-05"),
        PLAN_OVER("2024-03-01")),
    /* what began in time before a rest that stays, where another plan keeps an older visit */
    PIN2("kind: recurring, over: plan where plan_type = CIN, evidence: {fact: visit_done where visit_type = CIN, link: "
         "plan_id}, rests_while: [plan where plan_type = CP], limit: 50 days",
         BREACH, FOLD, "e0 e1 e2 e3 e4 e5 e6 e7 e8", NO_MORE, PLAN("2025-05-01"),
         "2025-05-01 plan_started 'plan_id':'P2','plan_type':'CIN'", VISIT("2025-06-01"),
         "2025-07-01 visit_done 'visit_type':'CIN','plan_id':'P1'",
         "2025-08-01 plan_started 'plan_id':'P8','plan_type':'CP'", VISIT("2025-09-01"),
         "2025-12-20 plan_ended 'plan_id':'P8'"),
    PIN2("kind: recurring, over: plan where plan_type = CIN, evidence: {fact: visit_done where visit_type = CIN, link: "
         "plan_id}, rests_while: [placement], limit: 50 days",
         BREACH, FOLD, "e0 e1 e2 e3 e4 e5 e6 e7 e8", NO_MORE, PLAN("2025-05-01"),
         "2025-05-01 plan_started 'plan_id':'P2','plan_type':'CIN'", VISIT("2025-06-01"),
         "2025-07-01 visit_done 'visit_type':'CIN','plan_id':'P1'",
         "2025-08-01 placement_started 'placement_id':'L1','rne':'S'", VISIT("2025-09-01"),
         "2025-12-20 placement_ended 'placement_id':'L1','rec':'E3'"),
};
START_TEST(breach)
{
    pins_row(&breaches[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tables_pins");
    TCase *tc = tcase_create("tables");
#define ROWS(test, table) tcase_add_loop_test(tc, test, 0, sizeof table / sizeof table[0])
    ROWS(duty, duties);
    ROWS(limit, limits);
    ROWS(count, counts);
    ROWS(breach, breaches);
#undef ROWS
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

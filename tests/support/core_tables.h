#pragma once
/* core_tables.h: tables of invented rules over small worlds. Each row compares the whole of every obligation, and when it changes
 * next. What a rule reads is named by its event: e0 is the first of the row. */

#include "tests/support/core_tell.h"

typedef struct row {
    const char *rules[4]; /* XX-1, XX-2 .. */
    const char *when;
    const char *expect;
    const char *events[13];
} row;

static inline void tell_row(const row *one)
{
    world *w = tell_world(one->rules);
    tell_text out = {.len = 0};
    tell_events(w, one->events, sizeof one->events / sizeof one->events[0]);
    tell_asked(w, one->when, NULL, &out);
    world_free(w);
    ck_assert_msg(strcmp(out.text, one->expect) == 0, "at %s\n%s\n", one->when, out.text);
}

#define ROW(rule, when, expect, ...)                                                                                   \
    {                                                                                                                  \
        {rule}, when, expect,                                                                                          \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
#define TWO(rule, other, when, expect, ...)                                                                            \
    {                                                                                                                  \
        {rule, other}, when, expect,                                                                                   \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
#define THREE(rule, other, third, when, expect, ...)                                                                   \
    {                                                                                                                  \
        {rule, other, third}, when, expect,                                                                            \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }

#define RECURRING "kind: recurring, over: plan, evidence: visit_done, "
#define DEADLINE "kind: deadline, over: plan, evidence: visit_done, "
#define PLAN(day) day " plan_started 'plan_id':'P1','plan_type':'CIN','start_date':'" day "'"
#define PLAN_OVER(day) day " plan_ended 'plan_id':'P1','end_date':'" day "'"
#define ONE_INSTANT                                                                                                    \
    "2026-01-05T00:00 plan_started 'plan_id':'P1','plan_type':'CIN','start_date':'2026-01-05','end_date':'2026-01-05'"
#define BORN(day) "2026-01-02 child_updated 'person_birth_date':'" day "'"
#define VISIT(day) day " visit_done 'visit_type':'CIN','mode':'F2F'"
#define MEETING(day, more) day " meeting_held 'kind':'STRATEGY'" more
#define CONTACT(day, more) day " contact_received " more
#define EPISODE(id, day, more)                                                                                         \
    day " missing_episode 'episode_id':'" id "','mis_start':'" day "T08:00:00Z','returned_at':'" day "T10:00:"         \
        "00Z'" more

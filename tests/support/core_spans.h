#pragma once
/* core_spans.h: tables of worlds: what records become spans, with all their facts, the whole of the answer compared. */

#include "tests/support/core_tell.h"

typedef struct row {
    const char *families, *until;
    const char *events[10];
    const char *expect; /* a line a span, then the next change */
} row;

static inline void tell_row(const row *one)
{
    static const char *const no_rules[] = {"kind: duration, over: plan, limit: 3 months", NULL};
    world *w = tell_world(no_rules);
    tell_text out = {.len = 0};
    tell_events(w, one->events, sizeof one->events / sizeof one->events[0]);
    tell_spans(w, one->families, one->until, &out);
    world_free(w);
    ck_assert_msg(strcmp(out.text, one->expect) == 0, "at %s\n%s\n", one->until, out.text);
}

#define ROW(families, until, expect, ...)                                                                              \
    {                                                                                                                  \
        families, until, {__VA_ARGS__}, expect                                                                         \
    }

#define STAY(id, more) "placement_started 'placement_id':'" id "'," more
#define ENDED(id, more) "placement_ended 'placement_id':'" id "'," more
#define OPEN_CASE "2026-01-05 plan_started 'plan_id':'P1','plan_type':'CIN'"

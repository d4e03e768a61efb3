#pragma once
/* core_build.h: a small world for tests of the core: one child, a policy, events given as text, and the transitions
 * that come out as one line each. Header only: a test program is one file. */

#include "handlers/driftwatch.h"
#include "proto/json.h"
#include "tests/support/suite.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define WORLD_LOG_BYTES 65536

typedef struct world {
    dw_policy *policy;
    dw_record *rec;
    dw_emit *emit;
    dw_arena *arena; /* of events */
    int64_t clock_us, offset;
    unsigned records; /* source records named so far */
    bool ladder;      /* show escalations, acknowledgements and the like too */
    bool posts;       /* show posts */
    bool closing;     /* show what resolved or answered, by its event: e0 is the first */
    const char *only; /* show these rules only, ids with a blank between; NULL = all */
    char log[WORLD_LOG_BYTES];
    size_t log_len;
} world;

static inline int64_t instant(const char *text)
{
    int64_t us = 0;
    ck_assert_msg(dw_instant_parse(dw_str_from(text), &us), "bad instant %s", text);
    return us;
}

static inline int32_t date(const char *text)
{
    int32_t day = 0;
    ck_assert_msg(dw_date_parse(dw_str_from(text), &day), "bad date %s", text);
    return day;
}

/* Takes over one reference of the policy. */
static inline world *world_new(dw_policy *policy)
{
    world *w = calloc(1, sizeof *w);
    ck_assert_ptr_nonnull(w);
    w->policy = policy;
    w->rec = dw_record_new(DW_STR_LIT("936"), DW_STR_LIT("C-1"));
    w->emit = dw_emit_new();
    w->arena = dw_arena_new(64 << 20);
    ck_assert(w->rec != NULL && w->emit != NULL && w->arena != NULL);
    w->clock_us = INT64_MIN;
    return w;
}

static inline void world_free(world *w)
{
    dw_record_free(&w->rec);
    dw_emit_free(&w->emit);
    dw_arena_free(&w->arena);
    dw_policy_unref(&w->policy);
    free(w);
}

/* 2026-03-04T00:00:00.000Z -> without what says nothing */
static inline void short_instant(int64_t us, char out[40])
{
    char text[32];
    dw_instant_format(us, text);
    size_t keep = strlen(text);
    if (us % 60000000 == 0)
        keep = 16;
    else if (us % 1000000 == 0)
        keep = 19;
    snprintf(out, 40, "%.*s%s", (int)keep, text, keep < 20 ? "Z" : "");
}

static inline bool world_shows(const world *w, dw_str rule)
{
    for (const char *at = w->only; at != NULL && *at != '\0';) {
        size_t len = strcspn(at, " ");
        if (len == rule.len && memcmp(at, rule.ptr, len) == 0)
            return true;
        at += len + strspn(at + len, " ");
    }
    return w->only == NULL;
}

static inline void world_log(world *w, const dw_transition *tr)
{
    bool shown = w->ladder || tr->kind == DW_TR_OPENED || tr->kind == DW_TR_REOPENED || tr->kind == DW_TR_RESOLVED ||
                 tr->kind == DW_TR_FLAGGED || tr->kind == DW_TR_REVISED;
    char due[40], raised[40];
    if (!shown || !world_shows(w, tr->rule_id))
        return;
    if (tr->due_kind == DW_DUE_INSTANT)
        short_instant(tr->due_at_us, due);
    else if (tr->due_kind == DW_DUE_DATE)
        dw_date_format(tr->due_on, due);
    else
        snprintf(due, sizeof due, "-");
    for (uint32_t i = 0; i < tr->cause_count; i++)
        ck_assert_uint_eq(tr->causes[i].partition, 0); /* filled by the engine */
    short_instant(tr->raised_at_us, raised);
    int n = snprintf(w->log + w->log_len, sizeof w->log - w->log_len, "%s%s %.*s %.*s %s @%s", w->log_len ? "\n" : "",
                     dw_transition_name(tr->kind), DW_STR_ARG(tr->rule_id),
                     (int)(tr->subject_id.len ? tr->subject_id.len : 1), tr->subject_id.len ? tr->subject_id.ptr : "-",
                     due, raised);
    w->log_len += (size_t)n;
#define LOG_MORE(...) w->log_len += (size_t)snprintf(w->log + w->log_len, sizeof w->log - w->log_len, __VA_ARGS__)
    if (w->ladder && tr->kind != DW_TR_RESOLVED)
        LOG_MORE(" L%u", tr->level);
    if (w->posts)
        LOG_MORE(" %.*s", DW_STR_ARG(tr->post));
    if (tr->generation > 1)
        LOG_MORE(" g%u", tr->generation);
    if (tr->count != 1)
        LOG_MORE(" x%u", tr->count);
    if (tr->kind == DW_TR_RESOLVED)
        LOG_MORE(" %s", dw_outcome_name(tr->outcome));
    if (w->closing && tr->causes_total == 1 &&
        (tr->kind == DW_TR_RESOLVED || tr->kind == DW_TR_ACKNOWLEDGED || tr->kind == DW_TR_NOTED))
        LOG_MORE(" by e%" PRId64, tr->causes[0].offset);
    if (tr->found_at_start)
        LOG_MORE(" found");
    if (tr->approximate)
        LOG_MORE(" approx");
    ck_assert_uint_lt(w->log_len, sizeof w->log - 256);
#undef LOG_MORE
}

static inline void world_take(world *w)
{
    for (uint32_t i = 0; i < w->emit->count; i++)
        world_log(w, &w->emit->items[i]);
    dw_emit_reset(w->emit);
}

/* Everything due up to and including this instant fires, each at its own. */
static inline void till_us(world *w, int64_t us)
{
    for (int guard = 0; w->rec->next_due_us <= us; guard++) {
        int64_t at = w->rec->next_due_us;
        ck_assert_int_lt(guard, 100000);
        dw_core_result r = dw_core_fire(w->rec, w->policy, at, w->emit);
        ck_assert_int_eq(r.error, DW_OK);
        ck_assert_msg(w->rec->next_due_us > at, "a deadline that stays where it is");
        world_take(w);
    }
    if (us > w->clock_us)
        w->clock_us = us;
}

static inline void till(world *w, const char *when)
{
    till_us(w, instant(when));
}

/* One event; `body` in JSON with single quotes and without braces. Returns what became of it. */
static inline dw_applied give(world *w, const char *log_time, const char *occurred, const char *record, unsigned rev,
                              const char *op, const char *more, const char *kind, const char *body)
{
    char text[4096];
    int len = snprintf(text, sizeof text,
                       "{\"event_id\":\"e%" PRId64 "\",\"schema_version\":1,\"la_code\":\"936\",\"child_ref\":\"C-1\","
                       "\"source_system\":\"LCS\",\"source_record_id\":\"%s\",\"source_revision\":%u,\"op\":\"%s\","
                       "\"occurred_at\":\"%s\"%s%s,\"%s\":{%s}}",
                       w->offset, record, rev, op, occurred, *more ? "," : "", more, kind, body);
    for (int i = 0; i < len; i++)
        if (text[i] == '\'')
            text[i] = '"';
    dw_event ev;
    dw_error err = {0};
    int64_t ignored = 0;
    dw_errc code = dw_event_from_json(text, (size_t)len, w->arena, &ev, &ignored, &err);
    ck_assert_msg(code == DW_OK, "%s: %s", text, err.text);
    till(w, log_time);
    dw_core_result r = dw_event_type_class(ev.type) == DW_EVC_ACK
                           ? dw_core_ack(w->rec, w->policy, &ev, w->clock_us, w->offset, w->emit)
                           : dw_core_event(w->rec, w->policy, &ev, w->clock_us, w->offset, w->emit);
    ck_assert_int_eq(r.error, DW_OK);
    w->offset++;
    world_take(w);
    return r.applied;
}

/* The usual event: new, recorded when it happened. */
static inline dw_applied ev(world *w, const char *when, const char *kind, const char *body)
{
    char record[24];
    snprintf(record, sizeof record, "r%u", ++w->records);
    return give(w, when, when, record, 1, "create", "", kind, body);
}

/* It happened earlier than the log learned of it. */
static inline dw_applied ev_late(world *w, const char *log_time, const char *occurred, const char *kind,
                                 const char *body)
{
    char record[24], more[64];
    snprintf(record, sizeof record, "r%u", ++w->records);
    snprintf(more, sizeof more, "'recorded_at':'%s'", log_time);
    return give(w, log_time, occurred, record, 1, "create", more, kind, body);
}

/* What came out since the last look, one line each. */
#define saw(w, expected)                                                                                               \
    do {                                                                                                               \
        ck_assert_str_eq((w)->log, expected);                                                                          \
        (w)->log_len = 0;                                                                                              \
        (w)->log[0] = '\0';                                                                                            \
    } while (0)

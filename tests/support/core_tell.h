#pragma once
/* core_tell.h: everything that the core derives from one child's events, as text: spans, obligations, and the facts that
 * folding must leave in the head. Tables of tests compare the whole of it. A fact is named by its event: e0 is the first. */

#include "handlers/derive.h"
#include "tests/support/core_standards.h"

#define TELL_BYTES 16384

typedef struct tell_text {
    char text[TELL_BYTES];
    size_t len;
} tell_text;

__attribute__((format(printf, 2, 3))) static inline void tell(tell_text *out, const char *form, ...)
{
    va_list args;
    va_start(args, form);
    int n = vsnprintf(out->text + out->len, sizeof out->text - out->len, form, args);
    va_end(args);
    ck_assert(n >= 0 && out->len + (size_t)n < sizeof out->text);
    out->len += (size_t)n;
}

/* --- worlds of one invented rule */

#define TELL_HEAD                                                                                                      \
    "working_hours: 09:00-17:00\n"                                                                                     \
    "ladder:\n"                                                                                                        \
    "  P1: {opens_at: team_manager, stops_at: team_manager, grace: none, climbs_after: {}, review_within: 1 working "  \
    "day}\n"                                                                                                           \
    "  P2: {opens_at: team_manager, stops_at: team_manager, grace: none, climbs_after: {}, review_within: 1 working "  \
    "day}\n"                                                                                                           \
    "  P3: {opens_at: team_manager, stops_at: team_manager, grace: none, climbs_after: {}, review_within: 1 working "  \
    "day}\n"                                                                                                           \
    "rules:\n"
#define TELL_RULE                                                                                                      \
    "version: 1, title: t, status: LOC, source: s, reviewed_on: 2026-11-22, priority: P2, trigger: t, action: a, "     \
    "next_step: n, "

/* `rules`: the mappings of the list, each "{id: XX-1, " and "version: .." before the rest; NULL ends it. The first is XX-1, the
 * second XX-2 and so on. */
static inline world *tell_world(const char *const *rules)
{
    tell_text text = {.len = 0};
    tell(&text, "%s", TELL_HEAD);
    for (int i = 0; rules[i] != NULL; i++)
        tell(&text, "  - {id: XX-%d, %s%s}\n", i + 1, TELL_RULE, rules[i]);
    return world_new(policy_of_standards((dw_policy_text){.number = 1, .standards = dw_str_from(text.text)}));
}

/* --- events: "[@LOG ][amend N |void N ]WHEN KIND BODY"; WHEN and LOG a date (nine o'clock UTC) or "2026-01-05T10:30". LOG is
 * when it was recorded and arrived, else it is WHEN. N is the event that is amended or withdrawn. Fields of the envelope follow
 * the body after " & ". */

static inline const char *tell_instant(const char *at, char out[32])
{
    size_t len = strcspn(at, " ");
    ck_assert_uint_lt(len, 20);
    snprintf(out, 32, "%.*s%s", (int)len, at, len == 10 ? "T09:00:00Z" : len == 16 ? ":00Z" : "");
    return at + len + (at[len] == ' ');
}

static inline void tell_event(world *w, const char *line)
{
    char when[32], log[32] = "", record[24], kind[40], more[240] = "", body[1024] = "";
    const char *op = "create", *at = line;
    unsigned revision = 1;
    unsigned long of = (unsigned long)w->offset;
    if (*at == '@')
        at = tell_instant(at + 1, log);
    bool amends = strncmp(at, "amend ", 6) == 0, voids = strncmp(at, "void ", 5) == 0;
    if (amends || voids) {
        char *rest;
        op = amends ? "amend" : "void";
        revision = (unsigned)w->offset + 2;
        of = strtoul(at + (amends ? 6 : 5), &rest, 10);
        at = rest + 1;
    }
    at = tell_instant(at, when);
    if (log[0] == '\0')
        snprintf(log, sizeof log, "%s", when);
    else
        snprintf(more, sizeof more, "'recorded_at':'%s'", log);
    size_t len = strcspn(at, " "), used = strlen(more);
    snprintf(kind, sizeof kind, "%.*s", (int)len, at);
    snprintf(body, sizeof body, "%s", at[len] == ' ' ? at + len + 1 : "");
    char *envelope = strstr(body, "& ");
    if (envelope != NULL) {
        snprintf(more + used, sizeof more - used, "%s%s", used != 0 ? "," : "", envelope + 2);
        *envelope = '\0';
    }
    snprintf(record, sizeof record, "e%lu", of);
    give(w, log, when, record, revision, op, more, kind, body);
}

/* Up to `most` of them, or those before a NULL. */
static inline void tell_events(world *w, const char *const *events, size_t most)
{
    for (size_t i = 0; i < most && events[i] != NULL; i++)
        tell_event(w, events[i]);
}

/* --- text of what is derived */

static inline const dw_chronology *tell_derived(const world *w, const char *when, dw_arena *arena)
{
    const dw_chronology *chron = dw_chronology_derive(w->rec, instant(when), arena);
    ck_assert_ptr_nonnull(chron);
    return chron;
}

static inline void tell_when(tell_text *out, int32_t day, int64_t us, bool approximate)
{
    char date[40], at[40];
    if (us == DW_AT_NEVER || us == DW_AT_NONE || day == DW_DAY_NONE) {
        tell(out, "%s", us == DW_AT_NEVER && day == DW_DAY_OPEN ? "open" : "?");
        return;
    }
    dw_date_format(day, date);
    short_instant(us, at);
    if (us == dw_london_start_us(day))
        tell(out, "%s", date);
    else
        tell(out, "%s", at);
    if (us != dw_london_start_us(day) && dw_london_day(us) != day)
        tell(out, " of %s", date);
    tell(out, "%s", approximate ? "~" : "");
}

static inline void tell_instant_of(tell_text *out, const char *before, int64_t us)
{
    char at[40];
    short_instant(us, at);
    tell(out, "%s%s", before, us == DW_AT_NEVER ? "never" : at);
}

static inline void tell_fact(tell_text *out, const char *before, const dw_fact *fact)
{
    if (fact != NULL)
        tell(out, "%se%" PRId64, before, fact->offset);
}

static inline void tell_facts(tell_text *out, const dw_fact *const *facts, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        tell_fact(out, i == 0 ? " [" : " ", facts[i]);
    tell(out, "%s", n != 0 ? "]" : "");
}

static inline void tell_span(tell_text *out, const dw_span *span)
{
    static const char *const ends[] = {"", " fact", " replaced", " closed", " age"};
    static const char *const levels[] = {"", " CIN", " CP", " CLA"}, *const steps[] = {"", " up", " down"};
    tell(out, "%s", dw_span_family_name(span->family));
    for (uint32_t i = 0; i < span->id_count && span->id.len != 0; i++) {
        bool made = span->ids[i].len == DW_DERIVED_NAME_LEN; /* of a record without an id */
        tell(out, "%c%.*s", i == 0 ? ' ' : '+', made ? 5 : (int)span->ids[i].len, made ? "(own)" : span->ids[i].ptr);
    }
    tell(out, " ");
    tell_when(out, span->start_day, span->start_us, span->start_approximate);
    tell(out, " - ");
    tell_when(out, span->end_day, span->end_us, span->end_approximate);
    tell(out, "%s%s%s", ends[span->end], levels[span->level], steps[span->step]);
    tell_fact(out, " by ", span->opened_by);
    tell_fact(out, " closed ", span->closed_by);
    tell_facts(out, span->facts, span->fact_count);
    if (span->within != NULL)
        tell(out, " in %s", dw_span_family_name(span->within->family));
}

/* All spans of the families named (names with blanks between) at the instant, one a line, then when time changes them next. */
static inline void tell_spans(world *w, const char *families, const char *until, tell_text *out)
{
    dw_arena *arena = dw_arena_new(64 << 20);
    const dw_chronology *chron = tell_derived(w, until, arena);
    for (int f = 0; f < DW_SPAN_FAMILIES; f++) {
        const char *name = dw_span_family_name((dw_span_family)f), *at = families;
        while (*at != '\0' && (strcspn(at, " ") != strlen(name) || strncmp(at, name, strlen(name)) != 0))
            at += strcspn(at, " ") + (at[strcspn(at, " ")] == ' ');
        if (*at == '\0')
            continue;
        for (uint32_t i = 0; i < chron->span_count[f]; i++) {
            tell_span(out, &chron->spans[f][i]);
            tell(out, "\n");
        }
    }
    tell_instant_of(out, "next ", chron->next_us);
    dw_arena_free(&arena);
}

static inline void tell_due(tell_text *out, const dw_obligation *ob)
{
    char text[40];
    int64_t usual_us = DW_AT_NEVER;
    if (ob->due_kind == DW_DUE_DATE) {
        dw_date_format(ob->due_on, text);
        tell(out, " due %s", text);
        usual_us = dw_london_start_us(ob->due_on + 1);
        ck_assert_int_eq(ob->due_at_us, usual_us - 1);
    } else if (ob->due_kind == DW_DUE_INSTANT) {
        tell_instant_of(out, " due ", ob->due_at_us);
        usual_us = ob->due_at_us + 1;
        ck_assert_int_eq(ob->due_on, dw_london_day(ob->due_at_us));
    } else if (ob->due_on != 0) {
        dw_date_format(ob->due_on, text);
        tell(out, " reached %s", text);
        usual_us = ob->anchor_us;
        ck_assert_int_eq(ob->due_at_us, ob->late_from_us);
    }
    if (ob->late_from_us != usual_us)
        tell_instant_of(out, " late ", ob->late_from_us);
    if (ob->warn_from_us != 0)
        tell_instant_of(out, " warn ", ob->warn_from_us);
}

static inline void tell_obligation(tell_text *out, const dw_obligation *ob)
{
    char text[40];
    tell(out, "%.*s.%u %.*s%s%.*s %s", DW_STR_ARG(ob->rule->id), ob->rule->part, DW_STR_ARG(ob->subject_kind),
         ob->subject_id.len != 0 ? " " : "", DW_STR_ARG(ob->subject_id), dw_ob_state_name(ob->state));
    tell_due(out, ob);
    if (ob->anchor_day != DW_DAY_NONE) {
        tell(out, " from ");
        tell_when(out, ob->anchor_day, ob->anchor_us, false);
    }
    tell_fact(out, " by ", ob->anchor);
    tell_fact(out, " met ", ob->met_by);
    if (ob->count != 1)
        tell(out, " x%u", ob->count);
    if (ob->limit_index != 0)
        tell(out, " limit %u", ob->limit_index);
    if (ob->gaps != 0)
        tell(out, " gaps %u", ob->gaps);
    if (ob->approximate)
        tell(out, " approx");
    if (ob->paused_until != 0) {
        dw_date_format(ob->paused_until, text);
        tell(out, " paused to %s for %" PRId64, text, ob->pause_reason);
    }
    tell_facts(out, ob->causes, ob->cause_count);
    if (ob->causes_total != ob->cause_count)
        tell(out, " of %u", ob->causes_total);
    for (const dw_obligation *other = ob->others; other != NULL; other = other->others) {
        dw_obligation alone = *other;
        alone.others = NULL;
        tell(out, "\n  ");
        tell_obligation(out, &alone);
    }
}

typedef bool tell_filter(const dw_obligation *ob);

static inline void tell_obligations(tell_text *out, const dw_obligations *obs, tell_filter *shows)
{
    for (uint32_t i = 0; i < obs->count; i++) {
        dw_obligation one = obs->items[i];
        if (shows != NULL && !shows(&one))
            continue;
        if (shows != NULL)
            one.others = NULL;
        tell_obligation(out, &one);
        tell(out, "\n");
    }
}

/* The obligations at the instant that `shows` lets through, one a line, then when time changes them next. NULL: all, with those
 * beside them, indented. A rule that is the only one says the same when it is asked by itself. */
static inline void tell_asked(world *w, const char *when, tell_filter *shows, tell_text *out)
{
    dw_arena *arena = dw_arena_new(64 << 20);
    const dw_chronology *chron = tell_derived(w, when, arena);
    const dw_obligations *obs = dw_evaluate(chron, w->policy, arena);
    ck_assert_ptr_nonnull(obs);
    tell_obligations(out, obs, shows);
    if (dw_policy_rule_count(w->policy) == 1) {
        tell_text all = {.len = 0}, alone = {.len = 0};
        tell_obligations(&all, obs, NULL);
        tell_obligations(&alone, dw_evaluate_rule(chron, w->policy, dw_policy_rule(w->policy, 0), arena), NULL);
        ck_assert_str_eq(alone.text, all.text);
    }
    tell_instant_of(out, "next ", obs->next_us);
    dw_arena_free(&arena);
}

/* The facts that must stay at the instant, ascending; "!" behind one that met a duty too late and unexplained. */
static inline void tell_pins(world *w, const char *when, tell_text *out)
{
    dw_arena *arena = dw_arena_new(64 << 20);
    const dw_chronology *chron = tell_derived(w, when, arena);
    uint32_t settled;
    ck_assert(dw_evaluate_pin(w->rec, chron, w->policy, 0, arena, &settled));
    for (uint32_t i = 0; i < w->rec->fact_count; i++) {
        const dw_fact *fact = &w->rec->facts[i];
        settled -= (fact->flags & DW_FACTF_PINNED) == 0 &&
                   fact->day < chron->today - dw_policy_lookback_days(w->policy, fact->type);
    }
    ck_assert_uint_eq(settled, 0);
    for (int64_t offset = 0; offset < w->offset; offset++)
        for (uint32_t i = 0; i < w->rec->fact_count; i++) {
            const dw_fact *fact = &w->rec->facts[i];
            if (fact->offset == offset && (fact->flags & DW_FACTF_PINNED) != 0)
                tell(out, "%se%" PRId64 "%s", out->len != 0 ? " " : "", offset,
                     (fact->flags & DW_FACTF_MISSED) != 0 ? "!" : "");
        }
    dw_arena_free(&arena);
}

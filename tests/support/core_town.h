#pragma once
/* core_town.h: several subjects of identity.h whose moves travel as they do between partitions; what is told of them, and what
 * opened and closed at each. */

#include "handlers/identity.h"
#include "handlers/record_wire.h"
#include "proto/encode.h"
#include "tests/unit/handlers/small_policy.h"

#define KIDS 5
#define MAIL_MAX 4096

typedef struct letter { /* a move on its way */
    int from, to;
    dw_moved body;
} letter;

typedef struct town {
    dw_policy *policy;
    dw_record *rec[KIDS];
    dw_emit *emit;
    dw_arena *arena;
    dw_encoded enc;
    int64_t clock_us, offset;
    letter *mail;
    size_t mail_count, sent, blocks;
    dw_errc refused; /* the last refusal */
    bool store;      /* each record goes through its stored form after each call */
    char log[8192];
    size_t log_len;
} town;

static const char *const names[KIDS] = {"a", "b", "c", "d", "e"};

static inline town *town_new(void)
{
    town *t = calloc(1, sizeof *t);
    t->policy = small_policy(1);
    t->emit = dw_emit_new();
    t->arena = dw_arena_new(256 << 20);
    t->mail = calloc(MAIL_MAX, sizeof *t->mail);
    for (int i = 0; i < KIDS; i++)
        t->rec[i] = dw_record_new(DW_STR_LIT("936"), dw_str_from(names[i]));
    return t;
}

static inline void town_free(town *t)
{
    for (int i = 0; i < KIDS; i++)
        dw_record_free(&t->rec[i]);
    dw_emit_free(&t->emit);
    dw_arena_free(&t->arena);
    dw_encoded_deinit(&t->enc);
    dw_policy_unref(&t->policy);
    free(t->mail);
    free(t);
}

static inline int kid_of(dw_str ref)
{
    for (int i = 0; i < KIDS; i++)
        if (dw_str_eq(ref, dw_str_from(names[i])))
            return i;
    ck_abort_msg("no child %.*s", DW_STR_ARG(ref));
    return -1;
}

static inline dw_str copied(town *t, dw_str s)
{
    return s.len != 0 ? dw_arena_str(t->arena, s) : s;
}

/* Head and pages away and back. */
static inline void stored(town *t, int kid)
{
    dw_error err = {0};
    dw_record *fresh = NULL;
    dw_encoded_reset(&t->enc);
    ck_assert_int_eq(dw_record_encode(t->rec[kid], t->policy, &t->enc, &err), DW_OK);
    ck_assert_int_eq(dw_record_decode(t->enc.head.data, t->enc.head.len, &fresh, &err), DW_OK);
    ck_assert_uint_eq(fresh->page_count, 0); /* all that happens here is young */
    dw_record_free(&t->rec[kid]);
    t->rec[kid] = fresh;
}

static inline dw_applied took(town *t, int kid, dw_core_result r)
{
    ck_assert_int_eq(r.error, DW_OK);
    if (r.applied == DW_REFUSED)
        t->refused = t->emit->refused;
    for (uint32_t i = 0; i < t->emit->count; i++) {
        const dw_transition *tr = &t->emit->items[i];
        char due[16] = "-";
        if (tr->due_kind == DW_DUE_DATE)
            dw_date_format(tr->due_on, due);
        if (tr->outcome == DW_OUT_MERGED) { /* by what has just come */
            ck_assert(tr->cause_count == 1 && tr->causes_total == 1);
            ck_assert(tr->causes[0].partition == 0 && tr->causes[0].offset == t->offset - 1);
        }
        if (tr->kind == DW_TR_OPENED || tr->kind == DW_TR_REOPENED || tr->kind == DW_TR_RESOLVED)
            t->log_len +=
                (size_t)snprintf(t->log + t->log_len, sizeof t->log - t->log_len, "%s%.*s %s %.*s %s g%u%s%s",
                                 t->log_len != 0 ? "\n" : "", DW_STR_ARG(tr->child_ref), dw_transition_name(tr->kind),
                                 DW_STR_ARG(tr->rule_id), due, tr->generation, tr->outcome != DW_OUT_NONE ? " " : "",
                                 tr->outcome != DW_OUT_NONE ? dw_outcome_name(tr->outcome) : "");
        ck_assert_uint_lt(t->log_len, sizeof t->log - 256);
    }
    for (uint32_t i = 0; i < t->emit->move_count; i++) {
        const dw_move *m = &t->emit->moves[i];
        const uint8_t *bytes;
        size_t len;
        dw_event ev;
        char key[DW_SUBJECT_TEXT_MAX];
        letter *next = &t->mail[t->mail_count++];
        ck_assert_uint_lt(t->mail_count, MAIL_MAX);
        *next = (letter){.from = kid, .to = kid_of(m->child_ref)};
        /* through the wire */
        ck_assert_int_eq(
            dw_moved_encode(m->la_code, m->child_ref, &m->body, t->clock_us, "0/1-1", t->arena, &bytes, &len, NULL),
            DW_OK);
        ck_assert_uint_le(len, DW_EVENT_BYTES_MAX);
        ck_assert_int_eq(dw_event_decode(bytes, len, t->arena, &ev, NULL), DW_OK);
        ck_assert_int_eq(dw_event_check_key(&ev, dw_record_subject(t->rec[next->to], key), NULL), DW_OK);
        ck_assert_int_eq(dw_moved_from_event(&ev, t->arena, &next->body, NULL), DW_OK);
        next->body.facts = copied(t, next->body.facts);
        t->blocks += next->body.facts.len != 0;
        t->sent++;
    }
    dw_emit_reset(t->emit);
    if (t->store)
        stored(t, kid);
    return r.applied;
}

static inline void till_then(town *t, int64_t us)
{
    for (;;) {
        int next = -1;
        for (int i = 0; i < KIDS; i++)
            if (t->rec[i]->next_due_us <= us && (next < 0 || t->rec[i]->next_due_us < t->rec[next]->next_due_us))
                next = i;
        if (next < 0)
            break;
        (void)took(t, next, dw_core_fire(t->rec[next], t->policy, t->rec[next]->next_due_us, t->emit));
    }
    if (us > t->clock_us)
        t->clock_us = us;
}

/* The letter at `at` arrives. */
static inline dw_applied deliver(town *t, size_t at)
{
    letter one = t->mail[at];
    memmove(&t->mail[at], &t->mail[at + 1], (t->mail_count - at - 1) * sizeof *t->mail);
    t->mail_count--;
    return took(t, one.to, dw_core_move(t->rec[one.to], t->policy, &one.body, t->clock_us, t->offset++, t->emit));
}

static inline void deliver_all(town *t)
{
    for (int guard = 0; t->mail_count != 0; guard++) {
        ck_assert_int_lt(guard, 10000);
        (void)deliver(t, 0);
    }
}

static inline dw_event event_of(town *t, const char *kid, const char *when, const char *record, unsigned rev,
                                const char *op, const char *kind, const char *body)
{
    char text[1024];
    int len = snprintf(text, sizeof text,
                       "{'event_id':'e','la_code':'936','child_ref':'%s','source_system':'LCS','source_record_id':'%s',"
                       "'source_revision':%u,'op':'%s','occurred_at':'%s','%s':{%s}}",
                       kid, record, rev, op, when, kind, body);
    for (int i = 0; i < len; i++)
        if (text[i] == '\'')
            text[i] = '"';
    dw_event ev;
    dw_error err = {0};
    int64_t ignored;
    ck_assert_msg(dw_event_from_json(text, (size_t)len, t->arena, &ev, &ignored, &err) == DW_OK, "%s: %s", text,
                  err.text);
    return ev;
}

static inline dw_applied say_as(town *t, const char *kid, const char *when, const char *record, unsigned rev,
                                const char *op, const char *kind, const char *body)
{
    dw_event ev = event_of(t, kid, when, record, rev, op, kind, body);
    int at = kid_of(dw_str_from(kid));
    till_then(t, ev.occurred_at_us);
    return took(t, at, dw_core_event(t->rec[at], t->policy, &ev, t->clock_us, t->offset++, t->emit));
}

/* Something new, and whatever it sets going is over. */
static inline dw_applied say(town *t, const char *kid, const char *when, const char *record, const char *kind,
                             const char *body)
{
    dw_applied applied = say_as(t, kid, when, record, 1, "CREATE", kind, body);
    deliver_all(t);
    return applied;
}

#define heard(t, expected)                                                                                             \
    do {                                                                                                               \
        ck_assert_str_eq((t)->log, expected);                                                                          \
        (t)->log_len = 0;                                                                                              \
        (t)->log[0] = '\0';                                                                                            \
    } while (0)

static town *t;

static inline void open_town(void)
{
    t = town_new();
}

static inline void close_town(void)
{
    town_free(t);
}

#define PLAN "'plan_id':'p','plan_type':'CP'"
#define VISIT "'visit_type':'CP','mode':'F2F','plan_id':'p'"

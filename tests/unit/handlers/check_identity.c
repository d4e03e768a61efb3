/* Tests of identity.h: merges and splits among several subjects whose moves travel as they do between partitions. */

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

static town *town_new(void)
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

static void town_free(town *t)
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

static int kid_of(dw_str ref)
{
    for (int i = 0; i < KIDS; i++)
        if (dw_str_eq(ref, dw_str_from(names[i])))
            return i;
    ck_abort_msg("no child %.*s", DW_STR_ARG(ref));
    return -1;
}

static dw_str copied(town *t, dw_str s)
{
    return s.len != 0 ? dw_arena_str(t->arena, s) : s;
}

/* Head and pages away and back. */
static void stored(town *t, int kid)
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

static dw_applied took(town *t, int kid, dw_core_result r)
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

static void till_then(town *t, int64_t us)
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
static dw_applied deliver(town *t, size_t at)
{
    letter one = t->mail[at];
    memmove(&t->mail[at], &t->mail[at + 1], (t->mail_count - at - 1) * sizeof *t->mail);
    t->mail_count--;
    return took(t, one.to, dw_core_move(t->rec[one.to], t->policy, &one.body, t->clock_us, t->offset++, t->emit));
}

static void deliver_all(town *t)
{
    for (int guard = 0; t->mail_count != 0; guard++) {
        ck_assert_int_lt(guard, 10000);
        (void)deliver(t, 0);
    }
}

static dw_event event_of(town *t, const char *kid, const char *when, const char *record, unsigned rev, const char *op,
                         const char *kind, const char *body)
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

static dw_applied say_as(town *t, const char *kid, const char *when, const char *record, unsigned rev, const char *op,
                         const char *kind, const char *body)
{
    dw_event ev = event_of(t, kid, when, record, rev, op, kind, body);
    int at = kid_of(dw_str_from(kid));
    till_then(t, ev.occurred_at_us);
    return took(t, at, dw_core_event(t->rec[at], t->policy, &ev, t->clock_us, t->offset++, t->emit));
}

/* Something new, and whatever it sets going is over. */
static dw_applied say(town *t, const char *kid, const char *when, const char *record, const char *kind,
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

static void open_town(void)
{
    t = town_new();
}

static void close_town(void)
{
    town_free(t);
}

#define PLAN "'plan_id':'p','plan_type':'CP'"
#define VISIT "'visit_type':'CP','mode':'F2F','plan_id':'p'"

START_TEST(merged_and_split)
{
    t->store = _i == 1;
    say(t, "a", "2026-01-05T09:00:00Z", "r1", "plan_started", PLAN);
    say(t, "b", "2026-01-12T09:00:00Z", "r2", "visit_done", VISIT);
    till_then(t, instant("2026-01-21T00:00:00Z"));
    heard(t, "a opened CP-07 2026-01-19 g1");
    ck_assert_int_eq(say(t, "b", "2026-01-21T10:00:00Z", "r3", "identity_merged", "'merged_child_ref':'a'"),
                     DW_APPLIED);
    heard(t, "a resolved CP-07 2026-01-19 g1 merged"); /* b was visited: due on the 26th */
    ck_assert_uint_eq(t->rec[0]->fact_count, 0);
    ck_assert(dw_str_eq(t->rec[0]->moved_to, DW_STR_LIT("936/b")));
    ck_assert_uint_eq(t->rec[1]->fact_count, 3);
    ck_assert(dw_str_eq(dw_fact_origin(&t->rec[1]->facts[0]), DW_STR_LIT("936/a")));
    ck_assert_int_eq(t->rec[1]->facts[0].offset, t->offset - 1); /* of the move, not of where it was told */
    ck_assert_uint_eq(dw_fact_origin(&t->rec[1]->facts[1]).len, 0);
    till_then(t, instant("2026-01-27T00:00:00Z"));
    heard(t, "b opened CP-07 2026-01-26 g1");
    /* what is told of a goes on, as often as it is told */
    ck_assert_int_eq(say(t, "a", "2026-01-27T10:00:00Z", "r4", "visit_done", VISIT), DW_PASSED_ON);
    heard(t, "b resolved CP-07 2026-01-26 g1 done_late");
    ck_assert_int_eq(say(t, "a", "2026-01-27T10:00:00Z", "r4", "visit_done", VISIT), DW_PASSED_ON);
    heard(t, "");
    ck_assert_uint_eq(t->rec[1]->fact_count, 4);
    ck_assert_int_eq(say(t, "b", "2026-01-28T10:00:00Z", "r5", "identity_split", "'split_child_ref':'a'"), DW_APPLIED);
    /* b has no plan and never had; a was visited on the 27th, late for the 19th */
    heard(t, "");
    ck_assert_uint_eq(t->rec[0]->moved_to.len, 0);
    ck_assert_uint_eq(t->rec[0]->fact_count, 2);
    ck_assert_uint_eq(dw_fact_origin(&t->rec[0]->facts[0]).len, 0);
    ck_assert_uint_eq(t->rec[1]->fact_count, 3); /* the visit, who was merged, who was split */
    till_then(t, instant("2026-02-11T00:00:00Z"));
    heard(t, "a opened CP-07 2026-02-10 g2");
    ck_assert_int_eq(say(t, "b", "2026-02-11T10:00:00Z", "r6", "identity_split", "'split_child_ref':'a'"),
                     DW_APPLIED); /* noted, to no effect */
    heard(t, "");
}
END_TEST

START_TEST(alerts_come_back_with_a_split)
{
    say(t, "a", "2026-01-05T09:00:00Z", "r1", "plan_started", PLAN);
    till_then(t, instant("2026-01-21T00:00:00Z"));
    heard(t, "a opened CP-07 2026-01-19 g1");
    say(t, "b", "2026-01-21T10:00:00Z", "r3", "identity_merged", "'merged_child_ref':'a'");
    heard(t, "a resolved CP-07 2026-01-19 g1 merged\nb opened CP-07 2026-01-19 g1");
    /* the merge itself is withdrawn, which is as good as a split */
    ck_assert_int_eq(say_as(t, "b", "2026-01-22T10:00:00Z", "r3", 2, "VOID", "identity_merged", ""), DW_APPLIED);
    deliver_all(t);
    heard(t, "b resolved CP-07 2026-01-19 g1 entered_in_error\na reopened CP-07 2026-01-19 g2");
    ck_assert_int_eq(say_as(t, "b", "2026-01-22T10:00:00Z", "r3", 2, "VOID", "identity_merged", ""), DW_DUPLICATE);
    ck_assert_uint_eq(t->mail_count, 0);
    /* and again */
    say(t, "b", "2026-01-23T10:00:00Z", "r4", "identity_merged", "'merged_child_ref':'a'");
    heard(t, "a resolved CP-07 2026-01-19 g2 merged\nb reopened CP-07 2026-01-19 g2");
}
END_TEST

START_TEST(no_count_is_made_in_between)
{
    /* two episodes here, two there: the third start in 90 days is known with the merge and gone with the split */
    char body[300];
    for (int i = 0; i < 4; i++) {
        char when[32], end[32], id[4] = {'e', (char)('0' + i), 0};
        snprintf(when, sizeof when, "2026-01-%02dT09:00:00Z", 5 + i);
        snprintf(end, sizeof end, "2026-01-%02dT10:00:00Z", 5 + i);
        snprintf(body, sizeof body, "'episode_id':'%s','phase':'OPENED','category':'M','mis_start':'%s','mis_end':'%s'",
                 id, when, end);
        say(t, i % 2 ? "a" : "b", when, id, "missing_episode", body);
    }
    heard(t, "");
    say(t, "b", "2026-01-10T09:00:00Z", "m", "identity_merged", "'merged_child_ref':'a'");
    heard(t, "b opened MI-03 - g1");
    say(t, "b", "2026-01-11T09:00:00Z", "s", "identity_split", "'split_child_ref':'a'");
    heard(t, "b resolved MI-03 - g1 entered_in_error");
}
END_TEST

START_TEST(a_split_takes_along_who_was_merged_before)
{
    t->store = true;
    say(t, "a", "2026-01-05T09:00:00Z", "r1", "plan_started", PLAN);
    say(t, "b", "2026-01-05T09:00:00Z", "r2", "visit_done", VISIT);
    say(t, "b", "2026-01-06T09:00:00Z", "r3", "identity_merged", "'merged_child_ref':'a'");
    say(t, "c", "2026-01-07T09:00:00Z", "r4", "identity_merged", "'merged_child_ref':'b'");
    ck_assert_uint_eq(t->rec[2]->fact_count, 4);
    /* told of a: by way of b to c */
    say(t, "a", "2026-01-08T09:00:00Z", "r5", "visit_done", VISIT);
    ck_assert_uint_eq(t->rec[2]->fact_count, 5);
    /* a merge told of b, while b is c: d hears of it and sends what it has the same way */
    say(t, "d", "2026-01-08T09:00:00Z", "r6", "visit_done", VISIT);
    say(t, "b", "2026-01-09T09:00:00Z", "r7", "identity_merged", "'merged_child_ref':'d'");
    ck_assert(dw_str_eq(t->rec[3]->moved_to, DW_STR_LIT("936/b")));
    ck_assert_uint_eq(t->rec[2]->fact_count, 7);
    say(t, "c", "2026-01-10T09:00:00Z", "r8", "identity_split", "'split_child_ref':'b'");
    ck_assert_uint_eq(t->rec[2]->fact_count, 2); /* merge and split of b */
    ck_assert_uint_eq(t->rec[1]->fact_count, 6); /* a's plan and visit, its own visit, d's visit, two merges */
    ck_assert_uint_eq(t->rec[0]->fact_count + t->rec[3]->fact_count, 0);
    say(t, "d", "2026-01-11T09:00:00Z", "r9", "visit_done", VISIT);
    ck_assert_uint_eq(t->rec[1]->fact_count, 7);
    say(t, "b", "2026-01-12T09:00:00Z", "r10", "identity_split", "'split_child_ref':'d'");
    ck_assert_uint_eq(t->rec[3]->fact_count, 2);
    ck_assert_uint_eq(t->rec[1]->fact_count, 6);
}
END_TEST

START_TEST(merge_and_split_of_one_day)
{
    /* only the date is known of either: what was written up later came later, else the split */
    say(t, "a", "2026-01-05T09:00:00Z", "r1", "plan_started", PLAN);
    for (unsigned i = 0; i < 8; i++) {
        char merge[16], split[16];
        snprintf(merge, sizeof merge, "m%u", i);
        snprintf(split, sizeof split, "s%u", i);
        bool first = i % 2 != 0; /* told in either order */
        say(t, "b", "2026-01-06T09:00:00Z", first ? split : merge, first ? "identity_split" : "identity_merged",
            first ? "'split_child_ref':'a'" : "'merged_child_ref':'a'");
        say(t, "b", "2026-01-06T09:00:00Z", first ? merge : split, first ? "identity_merged" : "identity_split",
            first ? "'merged_child_ref':'a'" : "'split_child_ref':'a'");
        ck_assert_uint_eq(t->rec[0]->moved_to.len, 0);
        ck_assert_uint_eq(t->rec[0]->fact_count, 1);
    }
}
END_TEST

/* Told to the day only, with the time at which each was written up. */
START_TEST(merge_and_split_as_written_up)
{
    bool merge_last = _i % 2 != 0, told_last_first = _i / 2 != 0;
    say(t, "a", "2026-01-05T09:00:00Z", "r1", "plan_started", PLAN);
    for (int i = 0; i < 2; i++) {
        bool merge = (i == 0) == (merge_last == told_last_first);
        dw_event ev = event_of(t, "b", "2026-01-06T09:00:00Z", merge ? "m" : "s", 1, "CREATE",
                               merge ? "identity_merged" : "identity_split",
                               merge ? "'merged_child_ref':'a'" : "'split_child_ref':'a'");
        ev.recorded_at_us = instant(merge == merge_last ? "2026-01-06T12:00:00Z" : "2026-01-06T11:00:00Z");
        till_then(t, ev.occurred_at_us);
        (void)took(t, 1, dw_core_event(t->rec[1], t->policy, &ev, t->clock_us, t->offset++, t->emit));
        deliver_all(t);
    }
    ck_assert_int_eq(t->rec[0]->moved_to.len != 0, merge_last);
    ck_assert_uint_eq(t->rec[0]->fact_count, merge_last ? 0 : 1);
    ck_assert_uint_eq(t->rec[1]->fact_count, merge_last ? 3 : 2);
}
END_TEST

static bool counts(const dw_record *rec, const char *day)
{
    for (uint32_t i = 0; i < rec->fact_count; i++)
        if (rec->facts[i].day == date(day))
            return dw_fact_counts(&rec->facts[i]);
    ck_abort_msg("no fact of %s", day);
}

/* Of two source records a told the later revision: while they are one child b's own do not count, and after it they do. */
START_TEST(what_was_shadowed_counts_after_a_split)
{
    say_as(t, "a", "2026-01-05T09:00:00Z", "V", 2, "AMEND", "visit_done", VISIT);
    say_as(t, "b", "2026-01-06T09:00:00Z", "V", 1, "CREATE", "visit_done", VISIT);
    say_as(t, "a", "2026-01-07T09:00:00Z", "W", 2, "AMEND", "visit_done", VISIT);
    say_as(t, "b", "2026-01-08T09:00:00Z", "W", 1, "CREATE", "visit_done", VISIT);
    say(t, "b", "2026-01-09T09:00:00Z", "m", "identity_merged", "'merged_child_ref':'a'");
    ck_assert_uint_eq(t->rec[1]->fact_count, 5);
    ck_assert(counts(t->rec[1], "2026-01-05") && !counts(t->rec[1], "2026-01-06"));
    ck_assert(counts(t->rec[1], "2026-01-07") && !counts(t->rec[1], "2026-01-08"));
    say(t, "b", "2026-01-10T09:00:00Z", "s", "identity_split", "'split_child_ref':'a'");
    ck_assert_uint_eq(t->rec[1]->fact_count, 4);
    ck_assert(counts(t->rec[1], "2026-01-06") && counts(t->rec[1], "2026-01-08"));
    ck_assert(counts(t->rec[0], "2026-01-05") && counts(t->rec[0], "2026-01-07"));
}
END_TEST

static dw_applied moved_to(dw_record *rec, const char *to, const char *from, bool *decide)
{
    dw_moved moved = {.to_la_code = DW_STR_LIT("936"), .to_child_ref = dw_str_from(to)};
    if (from != NULL) {
        moved.from_la_code = DW_STR_LIT("936");
        moved.from_child_ref = dw_str_from(from);
    }
    dw_emit_reset(t->emit);
    return dw_identity_move(rec, t->policy, &moved, t->clock_us, t->offset++, t->emit, decide);
}

/* It is itself again only when the one says so that it had become; said again, or by another, it changes nothing. */
START_TEST(who_says_that_it_is_itself_again)
{
    bool decide = true;
    say(t, "a", "2026-01-05T09:00:00Z", "r1", "plan_started", PLAN);
    ck_assert_int_eq(moved_to(t->rec[0], "a", "b", &decide), DW_DUPLICATE);
    ck_assert(!decide);
    ck_assert_int_eq(moved_to(t->rec[0], "b", NULL, &decide), DW_APPLIED);
    ck_assert(decide && dw_str_eq(t->rec[0]->moved_to, DW_STR_LIT("936/b")));
    ck_assert_int_eq(moved_to(t->rec[0], "b", NULL, &decide), DW_DUPLICATE);
    ck_assert(!decide);
    decide = true;
    ck_assert_int_eq(moved_to(t->rec[0], "a", "c", &decide), DW_DUPLICATE);
    ck_assert_int_eq(moved_to(t->rec[0], "a", NULL, &decide), DW_DUPLICATE);
    ck_assert(!decide && dw_str_eq(t->rec[0]->moved_to, DW_STR_LIT("936/b")));
    decide = true;
    ck_assert_int_eq(moved_to(t->rec[0], "a", "b", &decide), DW_APPLIED);
    ck_assert(!decide);
    ck_assert_uint_eq(t->rec[0]->moved_to.len, 0);
}
END_TEST

START_TEST(what_was_on_its_way_comes_home)
{
    say(t, "a", "2026-01-05T09:00:00Z", "r1", "plan_started", PLAN);
    say_as(t, "b", "2026-01-06T09:00:00Z", "r2", 1, "CREATE", "identity_merged", "'merged_child_ref':'a'");
    ck_assert_uint_eq(t->mail_count, 1);
    ck_assert_int_eq(deliver(t, 0), DW_APPLIED); /* a is b, and its facts are on their way */
    ck_assert_uint_eq(t->mail_count, 1);
    say_as(t, "b", "2026-01-06T09:01:00Z", "r3", 1, "CREATE", "identity_split", "'split_child_ref':'a'");
    ck_assert_uint_eq(t->mail_count, 2);
    ck_assert_int_eq(deliver(t, 0), DW_PASSED_ON); /* no facts of b: back to a, behind what makes a itself again */
    deliver_all(t);
    ck_assert_uint_eq(t->rec[0]->fact_count, 1);
    ck_assert_uint_eq(t->rec[0]->moved_to.len, 0);
    ck_assert_uint_eq(t->rec[1]->fact_count, 2);
    till_then(t, instant("2026-01-20T00:00:00Z"));
    heard(t, "a opened CP-07 2026-01-19 g1");
}
END_TEST

START_TEST(lives_before_and_after_an_adoption_are_never_linked)
{
    static const struct {
        const char *kind, *body;
    } how[] = {{"placement_ended", "'placement_id':'x','rec':'E11'"},
               {"placement_ended", "'placement_id':'x','rec':'E12'"},
               {"case_closed", "'reason_for_closure':'RC1'"},
               {"referral_received", "'referral_id':'x','reason_for_closure':'RC1'"}};
    bool other = _i >= 4; /* the adopted one is who is merged */
    say(t, "a", "2026-01-05T09:00:00Z", "r1", "plan_started", PLAN);
    say(t, other ? "a" : "b", "2026-01-06T09:00:00Z", "r2", how[_i % 4].kind, how[_i % 4].body);
    uint32_t facts = t->rec[0]->fact_count;
    t->refused = DW_OK;
    say(t, "b", "2026-01-07T09:00:00Z", "r3", "identity_merged", "'merged_child_ref':'a'");
    ck_assert_int_eq(t->refused, DW_E_ADOPTED);
    ck_assert_uint_eq(t->rec[0]->fact_count, facts);
    ck_assert_uint_eq(t->rec[0]->moved_to.len, 0);
    ck_assert_uint_eq(t->blocks, 0);
    /* what looks like it is none */
    if (other)
        return;
    say_as(t, "b", "2026-01-08T09:00:00Z", "r2", 2, "VOID", how[_i % 4].kind, "");
    say(t, "b", "2026-01-09T09:00:00Z", "r4", "identity_merged", "'merged_child_ref':'a'");
    ck_assert_uint_eq(t->rec[0]->fact_count, 0);
}
END_TEST

/* What looks like an adoption and is none. */
START_TEST(other_endings_are_no_adoption)
{
    static const struct {
        const char *kind, *body;
    } how[] = {{"placement_ended", "'placement_id':'x','rec':'E4A'"},
               {"placement_ended", "'placement_id':'x','rec':'E13'"},
               {"placement_ended", "'placement_id':'x'"},
               {"case_closed", "'reason_for_closure':'RC2'"},
               {"case_closed", ""},
               {"referral_received", "'referral_id':'x','reason_for_closure':'RC2'"},
               {"referral_received", "'referral_id':'x'"},
               {"visit_done", VISIT}};
    say(t, "a", "2026-01-05T09:00:00Z", "r1", how[_i].kind, how[_i].body);
    say(t, "b", "2026-01-06T09:00:00Z", "r2", how[_i].kind, how[_i].body);
    ck_assert_int_eq(say(t, "b", "2026-01-07T09:00:00Z", "r3", "identity_merged", "'merged_child_ref':'a'"),
                     DW_APPLIED);
    ck_assert_int_eq(t->refused, DW_OK);
    ck_assert_uint_eq(t->rec[0]->fact_count, 0);
    ck_assert_uint_eq(t->rec[1]->fact_count, 3);
}
END_TEST

START_TEST(a_merge_told_of_a_merged_child_is_refused_as_well)
{
    say(t, "d", "2026-01-05T09:00:00Z", "r1", "plan_started", PLAN);
    say(t, "b", "2026-01-06T09:00:00Z", "r2", "identity_merged", "'merged_child_ref':'a'");
    say(t, "b", "2026-01-07T09:00:00Z", "r3", "case_closed", "'reason_for_closure':'RC1'");
    ck_assert_int_eq(say(t, "a", "2026-01-08T09:00:00Z", "r4", "identity_merged", "'merged_child_ref':'d'"),
                     DW_PASSED_ON);
    ck_assert_int_eq(t->refused, DW_E_ADOPTED);
    ck_assert_uint_eq(t->rec[3]->fact_count, 1);
}
END_TEST

START_TEST(contradictions)
{
    say(t, "a", "2026-01-05T09:00:00Z", "r1", "plan_started", PLAN);
    say(t, "b", "2026-01-06T09:00:00Z", "r2", "identity_merged", "'merged_child_ref':'a'");
    /* merged elsewhere: it has to be split there first */
    say(t, "c", "2026-01-07T09:00:00Z", "r3", "identity_merged", "'merged_child_ref':'a'");
    ck_assert_int_eq(t->refused, DW_E_IDENTITY);
    ck_assert(dw_str_eq(t->rec[0]->moved_to, DW_STR_LIT("936/b")));
    ck_assert_uint_eq(t->rec[1]->fact_count, 2);
    /* itself, and round in a circle: nothing */
    size_t sent = t->sent;
    say(t, "b", "2026-01-08T09:00:00Z", "r4", "identity_merged", "'merged_child_ref':'b'");
    ck_assert_uint_eq(t->sent, sent);
    say(t, "a", "2026-01-08T09:00:00Z", "r5", "identity_merged", "'merged_child_ref':'b'");
    ck_assert_uint_eq(t->rec[1]->moved_to.len, 0);
    ck_assert_uint_eq(t->rec[1]->fact_count, 4);
    /* both at once: each is told that it is the other, and neither believes it */
    t->refused = DW_OK;
    say_as(t, "d", "2026-01-09T09:00:00Z", "r6", 1, "CREATE", "identity_merged", "'merged_child_ref':'e'");
    say_as(t, "e", "2026-01-09T09:00:00Z", "r7", 1, "CREATE", "identity_merged", "'merged_child_ref':'d'");
    deliver_all(t);
    ck_assert_int_eq(t->refused, DW_E_IDENTITY);
    ck_assert_uint_eq(t->rec[3]->moved_to.len + t->rec[4]->moved_to.len, 0);
    /* merged anew within the same child: facts stay, what is told later takes the other way */
    say(t, "b", "2026-01-10T09:00:00Z", "r8", "identity_merged", "'merged_child_ref':'c'");
    say(t, "c", "2026-01-11T09:00:00Z", "r9", "identity_merged", "'merged_child_ref':'a'");
    ck_assert(dw_str_eq(t->rec[0]->moved_to, DW_STR_LIT("936/c")));
    say(t, "a", "2026-01-12T09:00:00Z", "r10", "visit_done", VISIT);
    uint32_t facts = t->rec[1]->fact_count;
    say(t, "b", "2026-01-13T09:00:00Z", "r11", "identity_split", "'split_child_ref':'c'");
    /* with c goes a: plan, visit, the merge told of a, the merges of a told of c */
    ck_assert_uint_eq(t->rec[2]->fact_count, 5);
    ck_assert_uint_eq(t->rec[1]->fact_count + t->rec[2]->fact_count, facts + 1);
}
END_TEST

START_TEST(one_source_record_told_of_both)
{
    say(t, "a", "2026-01-05T09:00:00Z", "r1", "plan_started", PLAN);
    say(t, "b", "2026-01-05T10:00:00Z", "r1", "plan_started", PLAN);
    /* after the merge the system corrects its record under the name that stays */
    say(t, "b", "2026-01-06T09:00:00Z", "m", "identity_merged", "'merged_child_ref':'a'");
    ck_assert_uint_eq(t->rec[1]->fact_count, 3);
    say_as(t, "b", "2026-01-07T09:00:00Z", "r1", 2, "AMEND", "plan_started", "'plan_id':'p','plan_type':'CIN'");
    till_then(t, instant("2026-01-20T00:00:00Z"));
    heard(t, ""); /* a plan of another kind has no such duty */
    say(t, "b", "2026-01-20T09:00:00Z", "s", "identity_split", "'split_child_ref':'a'");
    heard(t, "a opened CP-07 2026-01-19 g1"); /* nobody corrected that one */
    say(t, "b", "2026-01-21T09:00:00Z", "m2", "identity_merged", "'merged_child_ref':'a'");
    heard(t, "a resolved CP-07 2026-01-19 g1 merged");
    t->store = true;
    stored(t, 1);
    say_as(t, "b", "2026-01-22T09:00:00Z", "r1", 3, "VOID", "plan_started", "");
    heard(t, ""); /* withdrawn for both */
    ck_assert_uint_eq(t->rec[1]->fact_count, 5);
}
END_TEST

START_TEST(many_facts_in_several_blocks)
{
    char id[16];
    uint32_t opened = 0;
    say(t, "a", "2026-01-05T09:00:00Z", "r1", "plan_started", PLAN);
    for (int i = 0; i < 2000; i++) {
        snprintf(id, sizeof id, "v%d", i);
        say(t, "a", "2026-01-06T09:00:00Z", id, "visit_done",
            "'visit_type':'CP','mode':'F2F','placement_id':'elsewhere'");
    }
    till_then(t, instant("2026-01-21T00:00:00Z"));
    t->log_len = 0;
    say_as(t, "b", "2026-01-21T10:00:00Z", "m", 1, "CREATE", "identity_merged", "'merged_child_ref':'a'");
    (void)deliver(t, 0);
    ck_assert_uint_gt(t->mail_count, 1);
    t->log_len = 0;
    t->log[0] = '\0';
    while (t->mail_count != 0) {
        opened += t->rec[1]->alert_count;
        ck_assert_int_eq(t->mail[0].body.more, t->mail_count > 1);
        (void)deliver(t, 0);
    }
    ck_assert_uint_eq(opened, 0);                 /* not before the last */
    ck_assert_uint_eq(t->rec[1]->alert_count, 1); /* no visit names the plan */
    ck_assert_uint_eq(t->rec[1]->fact_count, 2002);
}
END_TEST

/* The types of the facts of a block, in its order. */
static dw_record *opened(const letter *one)
{
    dw_record *block = dw_record_new(DW_STR_LIT("936"), DW_STR_LIT("x"));
    dw_error err = {0};
    block->page_count = 2; /* so that they stay in the order in which they travel */
    ck_assert_msg(dw_record_attach_page(block, 0, (const uint8_t *)one->body.facts.ptr, one->body.facts.len, &err) ==
                      DW_OK,
                  "%s", err.text);
    return block;
}

/* Who is who travels first, what opens duties last, and else all is in order. */
START_TEST(evidence_comes_before_what_opens_duties)
{
    static const struct {
        const char *kind, *body;
        int rank;
    } facts[] = {{"plan_started", PLAN, 2},
                 {"visit_done", VISIT, 1},
                 {"placement_started", "'placement_id':'l'", 2},
                 {"missing_episode", "'episode_id':'e'", 2},
                 {"contact_received", "'contact_id':'k'", 2},
                 {"plan_changed", "'plan_id':'p'", 1},
                 {"referral_received", "'referral_id':'r'", 2},
                 {"s47_started", "'s47_id':'s'", 2},
                 {"identity_merged", "'merged_child_ref':'d'", 0},
                 {"identity_split", "'split_child_ref':'d'", 0},
                 {"child_updated", "", 1},
                 {"plan_ended", "'plan_id':'p'", 1}};
    const uint32_t n = sizeof facts / sizeof facts[0];
    for (uint32_t i = 0; i < n; i++) {
        char when[32], record[8];
        snprintf(when, sizeof when, "2026-01-05T%02u:00:00Z", (i + 9) % 24);
        snprintf(record, sizeof record, "r%u", i % 99);
        say(t, "a", when, record, facts[i].kind, facts[i].body);
    }
    say_as(t, "b", "2026-01-06T09:00:00Z", "m", 1, "CREATE", "identity_merged", "'merged_child_ref':'a'");
    ck_assert_int_eq(deliver(t, 0), DW_APPLIED);
    ck_assert_uint_eq(t->mail_count, 1);
    dw_record *block = opened(&t->mail[0]);
    ck_assert_uint_eq(block->fact_count, n);
    uint32_t at = 0;
    for (int rank = 0; rank <= 2; rank++)
        for (uint32_t i = 0; i < n; i++) {
            if (facts[i].rank != rank)
                continue;
            const dw_fact *fact = &block->facts[at++];
            ck_assert_str_eq(dw_event_type_name(fact->type), facts[i].kind);
            ck_assert(dw_str_eq(dw_fact_origin(fact), DW_STR_LIT("936/a")));
        }
    dw_record_free(&block);
}
END_TEST

/* As many blocks as it takes, none longer than it may be, and nothing lost: of small facts, of larger ones, of the largest
 * that there are. */
START_TEST(blocks_of_any_facts)
{
    static const struct {
        int facts, ids;
        size_t most; /* blocks */
    } sizes[] = {{6000, 0, 12}, {200, 20, 12}, {30, 64, 30}};
    char text[64][65];
    dw_str list[64];
    for (int i = 0; i < sizes[_i].facts; i++) {
        char record[16];
        dw_event ev = event_of(t, "a", "2026-01-05T09:00:00Z", "r", 1, "CREATE", "rhi", "");
        snprintf(record, sizeof record, "r%d", i);
        ev.source_record_id = dw_str_from(record);
        for (int k = 0; k < sizes[_i].ids; k++) {
            snprintf(text[k], sizeof text[k], "%064d", i * 100 + k);
            list[k] = dw_str_from(text[k]);
        }
        ev.value_count = sizes[_i].ids != 0;
        ev.values[0] = (dw_value){.field = DW_F_RHI_EPISODE_IDS, .kind = DW_VAL_STRS, .list = list};
        ev.values[0].n = (uint32_t)sizes[_i].ids;
        ck_assert_int_eq(dw_record_put(t->rec[0], &ev, i), DW_APPLIED);
    }
    say_as(t, "b", "2026-01-06T09:00:00Z", "m", 1, "CREATE", "identity_merged", "'merged_child_ref':'a'");
    ck_assert_int_eq(deliver(t, 0), DW_APPLIED);
    ck_assert_uint_ge(t->mail_count, 3);
    ck_assert_uint_le(t->mail_count, sizes[_i].most);
    uint32_t facts = 0;
    for (size_t i = 0; i < t->mail_count; i++) {
        dw_record *block = opened(&t->mail[i]);
        ck_assert_uint_le(t->mail[i].body.facts.len, DW_MOVE_BLOCK_BYTES);
        ck_assert_int_eq(t->mail[i].body.more, i + 1 < t->mail_count);
        facts += block->fact_count;
        dw_record_free(&block);
    }
    ck_assert_uint_eq(facts, (uint32_t)sizes[_i].facts);
    deliver_all(t);
    ck_assert_uint_eq(t->rec[1]->fact_count, (uint32_t)sizes[_i].facts + 1);
}
END_TEST

/* --- what only damage, or another build, could bring */

/* A block as another subject would send it. */
static letter block_of(const dw_fact *facts, uint32_t n)
{
    dw_strings set;
    dw_encoded work = {0};
    const uint8_t format = DW_RECORD_FORMAT;
    letter one = {.from = 0, .to = 1};
    ck_assert(dw_strings_init(&set, &work.strings, &work.slots) && dw_facts_write(&work.body, &set, facts, n) &&
              dw_buf_append(&work.head, &format, 1) && dw_strings_write(&set, &work.head) &&
              dw_buf_append(&work.head, work.body.data, work.body.len));
    one.body.facts = copied(t, (dw_str){(const char *)work.head.data, (uint32_t)work.head.len});
    dw_encoded_deinit(&work);
    return one;
}

static dw_fact fact_of(dw_event_type type, uint64_t key, const dw_value *values, uint32_t n)
{
    return (dw_fact){.key = key,
                     .type = type,
                     .revision = 1,
                     .day = 20000,
                     .at_us = 20000 * INT64_C(86400000000),
                     .values = values,
                     .value_count = n};
}

/* Several facts come at once, each of which marks the child by itself: written up late. None of them is passed over. */
START_TEST(each_of_a_block_is_flagged)
{
    dw_policy_unref(&t->policy);
    t->policy = small_policy_open(1);
    dw_rule *rule = add_visits(t->policy, "RE-01");
    rule->kind = DW_RULE_DEADLINE;
    rule->over = (dw_span_selector){.family = DW_SPAN_CHILD, .each = true, .each_type = DW_EV_VISIT_DONE};
    rule->met_by = DW_MET_BY_RECORDING;
    rule->raises = DW_RAISES_FLAG;
    rule->evidence_count = 0;
    small_policy_seal(t->policy);
    say(t, "b", "2026-01-05T08:00:00Z", "r", "child_updated", "");
    for (int i = 0; i < 4; i++) {
        char id[16], body[80];
        snprintf(id, sizeof id, "v%d", i);
        snprintf(body, sizeof body, "'visit_type':'CP','mode':'F2F','plan_id':'%s'", id);
        dw_event ev = event_of(t, "a", "2026-01-05T09:00:00Z", id, 1, "CREATE", "visit_done", body);
        ev.recorded_at_us = instant(i == 3 ? "2026-01-06T09:00:00Z" : "2026-02-05T09:00:00Z");
        till_then(t, instant("2026-02-05T09:00:00Z"));
        if (i < 2 + _i) /* with the third, or without */
            (void)took(t, 0, dw_core_event(t->rec[0], t->policy, &ev, t->clock_us, t->offset++, t->emit));
    }
    ck_assert_uint_eq(t->rec[0]->alert_count, _i == 2 ? 3 : 2 + (uint32_t)_i);
    say(t, "b", "2026-02-06T09:00:00Z", "m", "identity_merged", "'merged_child_ref':'a'");
    ck_assert_uint_eq(t->rec[1]->alert_count, t->rec[0]->alert_count);
    for (uint32_t i = 0; i < t->rec[1]->alert_count; i++)
        ck_assert_int_eq(t->rec[1]->alerts[i].state, DW_AL_FLAG);
}
END_TEST

START_TEST(blocks_of_odd_facts)
{
    const dw_value to_b = {.field = DW_F_ENV_ORIGIN, .kind = DW_VAL_STR, .s = DW_STR_LIT("936/b")};
    const dw_value to_c = {.field = DW_F_ENV_ORIGIN, .kind = DW_VAL_STR, .s = DW_STR_LIT("936/c")};
    /* told under nobody: of the child itself */
    dw_fact nobodys = fact_of(DW_EV_VISIT_DONE, 1, NULL, 0), ours = fact_of(DW_EV_VISIT_DONE, 2, &to_b, 1);
    t->mail[t->mail_count++] = block_of(&nobodys, 1);
    ck_assert_int_eq(deliver(t, 0), DW_APPLIED);
    t->mail[t->mail_count++] = block_of(&nobodys, 1);
    ck_assert_int_eq(deliver(t, 0), DW_DUPLICATE);
    t->mail[t->mail_count++] = block_of(&ours, 1);
    ck_assert_int_eq(deliver(t, 0), DW_APPLIED);
    ck_assert_uint_eq(t->rec[1]->fact_count, 2);
    ck_assert_uint_eq(dw_fact_origin(&t->rec[1]->facts[0]).len + dw_fact_origin(&t->rec[1]->facts[1]).len, 0);
    /* nothing at all */
    t->mail[t->mail_count++] = block_of(NULL, 0);
    ck_assert_int_eq(deliver(t, 0), DW_DUPLICATE);
    /* identity that names nobody, or not by a text: kept, to no effect */
    static const dw_value odd[] = {
        {.field = DW_F_IDENTITY_MERGED_MERGED_CHILD_REF, .kind = DW_VAL_INT, .i = 5},
        {.field = DW_F_IDENTITY_MERGED_MERGED_CHILD_REF, .kind = DW_VAL_STR, .s = {"", 0}},
    };
    for (uint32_t i = 0; i < 3; i++) {
        dw_value values[2] = {odd[i % 2], to_b};
        dw_fact merge = fact_of(DW_EV_IDENTITY_MERGED, 10 + i, i < 2 ? values : &to_b, i < 2 ? 2 : 1);
        t->mail[t->mail_count++] = block_of(&merge, 1);
        ck_assert_int_eq(deliver(t, 0), DW_APPLIED);
    }
    ck_assert_uint_eq(t->mail_count, 0);
    ck_assert_uint_eq(t->rec[1]->fact_count, 5);
    /* of another subject: it goes there, and not to who sent it */
    dw_fact theirs[2] = {fact_of(DW_EV_VISIT_DONE, 3, &to_c, 1), ours};
    t->mail[t->mail_count++] = block_of(theirs, 1);
    ck_assert_int_eq(deliver(t, 0), DW_PASSED_ON);
    ck_assert_uint_eq(t->mail_count, 1);
    ck_assert_int_eq(t->mail[0].to, 2);
    t->mail_count = 0;
    t->mail[t->mail_count++] = block_of(theirs, 2); /* one of each */
    ck_assert_int_eq(deliver(t, 0), DW_DUPLICATE);
    ck_assert_uint_eq(t->mail_count, 1);
    ck_assert_uint_eq(t->rec[1]->fact_count, 5);
}
END_TEST

/* What the sender's record thought of a fact stays there. */
START_TEST(flags_that_do_not_travel)
{
    dw_fact fact = fact_of(DW_EV_VISIT_DONE, 1, NULL, 0);
    fact.flags = DW_FACTF_MISSED | DW_FACTF_SHADOWED | DW_FACTF_RESTRICTED | DW_FACTF_APPROXIMATE;
    t->mail[t->mail_count++] = block_of(&fact, 1);
    ck_assert_int_eq(deliver(t, 0), DW_APPLIED);
    ck_assert_uint_eq(t->rec[1]->facts[0].flags, DW_FACTF_RESTRICTED | DW_FACTF_APPROXIMATE);
}
END_TEST

/* Nothing is decided before the last block, also when those before it hold all that a duty needs. */
START_TEST(decided_with_the_last_block)
{
    const dw_value plan[] = {{.field = DW_F_PLAN_STARTED_PLAN_ID, .kind = DW_VAL_STR, .s = DW_STR_LIT("p")},
                             {.field = DW_F_PLAN_STARTED_PLAN_TYPE, .kind = DW_VAL_ENUM, .i = DW_V_PLAN_TYPE_CP}};
    dw_fact facts[2] = {fact_of(DW_EV_PLAN_STARTED, 1, plan, 2), fact_of(DW_EV_MEETING_HELD, 2, NULL, 0)};
    t->clock_us = dw_london_start_us(20100);
    t->mail[t->mail_count++] = block_of(&facts[0], 1);
    t->mail[0].body.more = true;
    ck_assert_int_eq(deliver(t, 0), DW_APPLIED);
    ck_assert_uint_eq(t->rec[1]->fact_count, 1);
    ck_assert_uint_eq(t->rec[1]->alert_count, 0);
    ck_assert_int_eq(t->rec[1]->next_due_us, DW_AT_NEVER);
    t->mail[t->mail_count++] = block_of(&facts[_i], 1); /* whether it brings anything or not */
    ck_assert_int_eq(deliver(t, 0), _i == 0 ? DW_DUPLICATE : DW_APPLIED);
    ck_assert_uint_eq(t->rec[1]->alert_count, 1);
    ck_assert_int_eq(t->rec[1]->alerts[0].state, DW_AL_OPEN);
}
END_TEST

/* What a block itself tells of who is who decides what else of it belongs, in whatever order it stands there. */
START_TEST(a_block_that_tells_who_is_who)
{
    const dw_value origins[] = {{.field = DW_F_ENV_ORIGIN, .kind = DW_VAL_STR, .s = DW_STR_LIT("936/b")},
                                {.field = DW_F_ENV_ORIGIN, .kind = DW_VAL_STR, .s = DW_STR_LIT("936/c")},
                                {.field = DW_F_ENV_ORIGIN, .kind = DW_VAL_STR, .s = DW_STR_LIT("936/d")},
                                {.field = DW_F_ENV_ORIGIN, .kind = DW_VAL_STR, .s = DW_STR_LIT("936/e")}};
    const dw_value is_d[] = {{.field = DW_F_IDENTITY_MERGED_MERGED_CHILD_REF, .kind = DW_VAL_STR, .s = DW_STR_LIT("d")},
                             origins[1]};
    const dw_value is_c[] = {{.field = DW_F_IDENTITY_MERGED_MERGED_CHILD_REF, .kind = DW_VAL_STR, .s = DW_STR_LIT("c")},
                             origins[0]};
    const dw_fact facts[] = {fact_of(DW_EV_VISIT_DONE, 1, &origins[2], 1), fact_of(DW_EV_IDENTITY_MERGED, 2, is_d, 2),
                             fact_of(DW_EV_IDENTITY_MERGED, 3, is_c, 2), fact_of(DW_EV_VISIT_DONE, 4, &origins[3], 1)};
    t->mail[t->mail_count++] = block_of(facts, 4);
    ck_assert_int_eq(deliver(t, 0), DW_APPLIED);
    ck_assert_uint_eq(t->rec[1]->fact_count, 3);
    uint64_t keys = 0;
    for (uint32_t i = 0; i < 3; i++)
        keys |= UINT64_C(1) << t->rec[1]->facts[i].key;
    ck_assert_uint_eq(keys, 1u << 1 | 1u << 2 | 1u << 3);
    /* d and c hear who they are, and e gets back what was told of it */
    ck_assert_uint_eq(t->mail_count, 3);
    ck_assert_int_eq(t->mail[0].to, 3);
    ck_assert(dw_str_eq(t->mail[0].body.to_child_ref, DW_STR_LIT("c")));
    ck_assert_int_eq(t->mail[1].to, 2);
    ck_assert(dw_str_eq(t->mail[1].body.to_child_ref, DW_STR_LIT("b")));
    ck_assert_int_eq(t->mail[2].to, 4);
    ck_assert_uint_ne(t->mail[2].body.facts.len, 0);
}
END_TEST

/* A name longer than any can be is cut, not written over what lies behind it. */
START_TEST(names_too_long)
{
    char long_text[DW_SUBJECT_TEXT_MAX], out[DW_SUBJECT_TEXT_MAX + 8];
    memset(long_text, 'x', sizeof long_text);
    for (uint32_t over = 0; over < 3; over++) {
        dw_record *rec = dw_record_new(DW_STR_LIT("936"), (dw_str){long_text, DW_SUBJECT_TEXT_MAX - 6 + over});
        memset(out, '#', sizeof out);
        dw_str subject = dw_record_subject(rec, out);
        ck_assert_uint_eq(subject.len, DW_SUBJECT_TEXT_MAX - 2 + (over != 0));
        ck_assert_int_eq(out[subject.len], '\0');
        ck_assert_int_eq(out[DW_SUBJECT_TEXT_MAX], '#');
        dw_record_free(&rec);
    }
}
END_TEST

START_TEST(damaged_blocks_change_nothing)
{
    say(t, "a", "2026-01-05T09:00:00Z", "r1", "plan_started", PLAN);
    say_as(t, "b", "2026-01-06T09:00:00Z", "m", 1, "CREATE", "identity_merged", "'merged_child_ref':'a'");
    (void)deliver(t, 0);
    letter whole = t->mail[0];
    for (uint32_t cut = 1; cut < whole.body.facts.len; cut++) {
        t->mail[0] = whole;
        t->mail[0].body.facts.len = cut;
        t->mail_count = 1;
        t->refused = DW_OK;
        ck_assert_int_eq(deliver(t, 0), DW_REFUSED);
        ck_assert_int_eq(t->refused, DW_E_FORMAT);
    }
    ck_assert_uint_eq(t->rec[1]->fact_count, 1);
}
END_TEST

/* --- at random: whatever is told in whatever order the moves arrive, in the end each child has what belongs to it */

typedef struct told_event {
    dw_event ev;
    int kid;
} told_event;

static unsigned draw(uint64_t *state, unsigned n)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(*state >> 33) % n;
}

/* Any letter, but those between two children keep their order. */
static void deliver_any(uint64_t *random)
{
    size_t at = draw(random, (unsigned)t->mail_count);
    for (size_t i = 0; i < at; i++)
        if (t->mail[i].from == t->mail[at].from && t->mail[i].to == t->mail[at].to)
            at = i;
    (void)deliver(t, at);
}

static int root_now(const int *into, int kid)
{
    while (into[kid] >= 0)
        kid = into[kid];
    return kid;
}

static void compare_with_union(const told_event *told, size_t n, const int *into)
{
    for (int kid = 0; kid < KIDS; kid++) {
        char text[400] = "", expected[400] = "";
        dw_record *all = dw_record_new(DW_STR_LIT("936"), dw_str_from(names[kid]));
        dw_emit *emit = dw_emit_new();
        for (size_t i = 0; i < n; i++)
            if (root_now(into, told[i].kid) == kid)
                (void)dw_core_event(all, NULL, &told[i].ev, told[i].ev.occurred_at_us, (int64_t)i, emit);
        (void)dw_core_switch(all, t->policy, t->clock_us, emit);
        for (int side = 0; side < 2; side++) {
            const dw_record *rec = side == 0 ? all : t->rec[kid];
            char *out = side == 0 ? expected : text;
            size_t len = 0;
            for (uint32_t i = 0; i < rec->alert_count; i++)
                if (rec->alerts[i].state == DW_AL_OPEN)
                    len +=
                        (size_t)snprintf(out + len, 400 - len, "%.*s %.*s %d x%u;", DW_STR_ARG(rec->alerts[i].rule_id),
                                         DW_STR_ARG(rec->alerts[i].subject_id), rec->alerts[i].due_on,
                                         rec->alerts[i].rule_id.ptr[0] == 'M' ? rec->alerts[i].count : 0);
        }
        ck_assert_str_eq(text, expected);
        if (into[kid] >= 0)
            ck_assert_uint_eq(t->rec[kid]->fact_count, 0);
        dw_emit_free(&emit);
        dw_record_free(&all);
    }
}

START_TEST(in_any_order_of_moves)
{
    uint64_t random = (uint64_t)_i * 77 + 5;
    static told_event told[400];
    size_t n = 0;
    int into[KIDS] = {-1, -1, -1, -1, -1};
    t->store = _i % 2 == 1;
    for (int step = 0; step < 120; step++) {
        char when[40], record[16], body[200];
        int kid = (int)draw(&random, KIDS), other = (int)draw(&random, KIDS);
        dw_instant_format(instant("2026-01-05T09:00:00Z") + step * INT64_C(3600000000) * 12, when);
        snprintf(record, sizeof record, "r%d", step);
        unsigned what = draw(&random, 20);
        if (what < 2) {
            /* one at a time, and none into two: the rest is tested by name */
            if (into[other] >= 0 || root_now(into, kid) == other)
                continue;
            deliver_all(t);
            snprintf(body, sizeof body, "'merged_child_ref':'%s'", names[other]);
            say_as(t, names[kid], when, record, 1, "CREATE", "identity_merged", body);
            into[other] = kid;
            continue;
        }
        if (what < 4) {
            if (into[other] < 0)
                continue;
            snprintf(body, sizeof body, "'split_child_ref':'%s'", names[other]);
            say_as(t, names[into[other]], when, record, 1, "CREATE", "identity_split", body);
            into[other] = -1;
            continue;
        }
        const char *kind = "visit_done";
        snprintf(body, sizeof body, "'visit_type':'CP','mode':'F2F','plan_id':'p%d'", other);
        if (what < 7) {
            kind = "plan_started";
            snprintf(body, sizeof body, "'plan_id':'p%d','plan_type':'CP'", kid);
        } else if (what < 12) {
            kind = "missing_episode";
            snprintf(body, sizeof body, "'episode_id':'e%d','phase':'OPENED','category':'M','mis_start':'%s'", step,
                     when);
        }
        told[n++] = (told_event){event_of(t, names[kid], when, record, 1, "CREATE", kind, body), kid};
        say_as(t, names[kid], when, record, 1, "CREATE", kind, body);
        while (t->mail_count != 0 && draw(&random, 3) != 0)
            deliver_any(&random);
    }
    while (t->mail_count != 0)
        deliver_any(&random);
    till_then(t, t->clock_us + INT64_C(86400000000) * 10);
    compare_with_union(told, n, into);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("identity");
    TCase *tcase = tcase_create("identity");
    tcase_add_checked_fixture(tcase, open_town, close_town);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, merged_and_split, 0, 2);
    tcase_add_test(tcase, alerts_come_back_with_a_split);
    tcase_add_test(tcase, no_count_is_made_in_between);
    tcase_add_test(tcase, a_split_takes_along_who_was_merged_before);
    tcase_add_test(tcase, merge_and_split_of_one_day);
    tcase_add_loop_test(tcase, merge_and_split_as_written_up, 0, 4);
    tcase_add_test(tcase, what_was_on_its_way_comes_home);
    tcase_add_test(tcase, what_was_shadowed_counts_after_a_split);
    tcase_add_test(tcase, who_says_that_it_is_itself_again);
    tcase_add_loop_test(tcase, other_endings_are_no_adoption, 0, 8);
    tcase_add_test(tcase, evidence_comes_before_what_opens_duties);
    tcase_add_loop_test(tcase, blocks_of_any_facts, 0, 3);
    tcase_add_loop_test(tcase, each_of_a_block_is_flagged, 0, 3);
    tcase_add_test(tcase, blocks_of_odd_facts);
    tcase_add_test(tcase, flags_that_do_not_travel);
    tcase_add_loop_test(tcase, decided_with_the_last_block, 0, 2);
    tcase_add_test(tcase, a_block_that_tells_who_is_who);
    tcase_add_test(tcase, names_too_long);
    tcase_add_loop_test(tcase, lives_before_and_after_an_adoption_are_never_linked, 0, 8);
    tcase_add_test(tcase, a_merge_told_of_a_merged_child_is_refused_as_well);
    tcase_add_test(tcase, contradictions);
    tcase_add_test(tcase, one_source_record_told_of_both);
    tcase_add_test(tcase, many_facts_in_several_blocks);
    tcase_add_test(tcase, damaged_blocks_change_nothing);
    tcase_add_loop_test(tcase, in_any_order_of_moves, 0, 100);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}

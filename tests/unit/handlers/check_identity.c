/* Tests of identity.h: merges and splits among several subjects, told by name and at random. */

#include "tests/support/core_town.h"

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

/* What closes an alert of several causes, as another child's, is the merge alone (core_town.h looks at that). */
START_TEST(alerts_of_several_causes_are_merged)
{
    char body[200], when[32];
    for (int i = 0; i < 3; i++) {
        const char id[] = {'e', (char)('0' + i), '\0'};
        snprintf(when, sizeof when, "2026-01-%02dT09:00:00Z", 5 + i);
        snprintf(
            body, sizeof body,
            "'episode_id':'%s','phase':'OPENED','category':'M','mis_start':'%s','mis_end':'2026-01-%02dT10:00:00Z'", id,
            when, 5 + i);
        say(t, "a", when, id, "missing_episode", body);
    }
    heard(t, "a opened MI-03 - g1");
    ck_assert_uint_gt(t->rec[0]->alerts[0].cause_count, 1);
    say(t, "b", "2026-01-10T09:00:00Z", "m", "identity_merged", "'merged_child_ref':'a'");
    heard(t, "a resolved MI-03 - g1 merged\nb opened MI-03 - g1");
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

/* Of a record that was told of both the later telling goes with the split, and it was the last fact: the earlier one counts. */
START_TEST(the_last_that_went_shadows_nothing)
{
    say(t, "b", "2026-01-05T09:00:00Z", "r1", "plan_started", PLAN);
    say(t, "b", "2026-01-12T09:00:00Z", "vv", "visit_done", VISIT);
    say(t, "b", "2026-01-15T09:00:00Z", "m", "identity_merged", "'merged_child_ref':'a'");
    say_as(t, "a", "2026-01-22T09:00:00Z", "vv", 2, "AMEND", "visit_done", VISIT);
    deliver_all(t);
    ck_assert_uint_eq(t->rec[1]->fact_count, 4);
    ck_assert_int_eq(t->rec[1]->facts[3].day, date("2026-01-22"));
    till_then(t, instant("2026-01-26T09:00:00Z"));
    say(t, "b", "2026-01-20T09:00:00Z", "s", "identity_split", "'split_child_ref':'a'");
    heard(t, "");
    till_then(t, instant("2026-01-27T09:00:00Z"));
    heard(t, "b opened CP-07 2026-01-26 g1");
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

/* What else is told of a merged child goes on to one who was adopted since: it is the same child. */
START_TEST(facts_of_a_merged_child_reach_an_adopted_one)
{
    say(t, "b", "2026-01-06T09:00:00Z", "r2", "identity_merged", "'merged_child_ref':'a'");
    say(t, "b", "2026-01-07T09:00:00Z", "r3", "case_closed", "'reason_for_closure':'RC1'");
    ck_assert_int_eq(say(t, "a", "2026-01-08T09:00:00Z", "r4", "visit_done", VISIT), DW_PASSED_ON);
    ck_assert_int_eq(t->refused, DW_OK);
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

/* What was merged before an adoption can be undone behind it, also under the name of one who was merged. */
START_TEST(a_merge_told_of_a_merged_child_is_withdrawn_after_an_adoption)
{
    say(t, "d", "2026-01-05T09:00:00Z", "r1", "plan_started", PLAN);
    say(t, "b", "2026-01-06T09:00:00Z", "r2", "identity_merged", "'merged_child_ref':'a'");
    say(t, "a", "2026-01-07T09:00:00Z", "r3", "identity_merged", "'merged_child_ref':'d'");
    ck_assert_uint_eq(t->rec[3]->fact_count, 0);
    say(t, "b", "2026-01-08T09:00:00Z", "r4", "case_closed", "'reason_for_closure':'RC1'");
    ck_assert_int_eq(say_as(t, "a", "2026-01-09T09:00:00Z", "r3", 2, "VOID", "identity_merged", ""), DW_PASSED_ON);
    deliver_all(t);
    ck_assert_int_eq(t->refused, DW_OK);
    ck_assert_uint_eq(t->rec[3]->moved_to.len, 0);
    ck_assert_uint_eq(t->rec[3]->fact_count, 1); /* its plan is back */
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
    tcase_add_test(tcase, alerts_of_several_causes_are_merged);
    tcase_add_test(tcase, a_split_takes_along_who_was_merged_before);
    tcase_add_test(tcase, merge_and_split_of_one_day);
    tcase_add_loop_test(tcase, merge_and_split_as_written_up, 0, 4);
    tcase_add_test(tcase, what_was_on_its_way_comes_home);
    tcase_add_test(tcase, what_was_shadowed_counts_after_a_split);
    tcase_add_test(tcase, who_says_that_it_is_itself_again);
    tcase_add_loop_test(tcase, other_endings_are_no_adoption, 0, 8);
    tcase_add_loop_test(tcase, lives_before_and_after_an_adoption_are_never_linked, 0, 8);
    tcase_add_test(tcase, facts_of_a_merged_child_reach_an_adopted_one);
    tcase_add_test(tcase, the_last_that_went_shadows_nothing);
    tcase_add_test(tcase, a_merge_told_of_a_merged_child_is_refused_as_well);
    tcase_add_test(tcase, a_merge_told_of_a_merged_child_is_withdrawn_after_an_adoption);
    tcase_add_test(tcase, contradictions);
    tcase_add_test(tcase, one_source_record_told_of_both);
    tcase_add_loop_test(tcase, in_any_order_of_moves, 0, 100);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}

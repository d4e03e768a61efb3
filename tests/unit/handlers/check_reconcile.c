/* check_reconcile.c: alerts and their ladder: opening, climbing, acknowledgement, re-opening, cut-over, and the invariants
 * 1 to 6 of the alert lifecycle. */

#include "tests/unit/handlers/small_policy.h"

static world *small_world(void)
{
    world *w = world_new(small_policy(1));
    w->ladder = true;
    w->posts = true;
    return w;
}

static void plan(world *w, const char *team)
{
    char more[64];
    snprintf(more, sizeof more, "'team_id':'%s'", team);
    give(w, "2026-01-16T10:00:00Z", "2026-01-16T10:00:00Z", "PL", 1, "create", more, "plan_started",
         "'plan_id':'P1','plan_type':'CP'");
}

static void alert_id(world *w, char out[DW_UUID_TEXT_LEN + 1])
{
    (void)w;
    dw_alert_id(DW_STR_LIT("936"), DW_STR_LIT("C-1"), DW_STR_LIT("CP-07"), DW_STR_LIT("plan"), DW_STR_LIT("P1"), out);
}

static dw_applied ack(world *w, const char *when, unsigned generation, unsigned level, const char *review_by)
{
    char id[DW_UUID_TEXT_LEN + 1], body[400], record[24];
    alert_id(w, id);
    snprintf(record, sizeof record, "k%u", ++w->records);
    snprintf(
        body, sizeof body,
        "'alert_id':'%s','generation':%u,'level':%u,'reason_code':'VISIT_BOOKED','review_by':'%s','actor_post':'t1-tm'",
        id, generation, level, review_by);
    return give(w, when, when, record, 1, "create", "", "alert_acknowledged", body);
}

#define OPENED "opened CP-07 P1 2026-01-30 @2026-01-31T00:00Z L0 t1-sw"

/* The grace (2 working days) delays the first climb only; then 2, 3 and 5 working days; never past the top. */
START_TEST(climbs_in_working_time)
{
    world *w = small_world();
    plan(w, "team-1");
    till(w, "2026-12-01T00:00:00Z");
    saw(w, OPENED "\n"
                  "escalated CP-07 P1 2026-01-30 @2026-02-04T17:00Z L1 t1-tm\n"
                  "escalated CP-07 P1 2026-01-30 @2026-02-06T17:00Z L2 t1-sm\n"
                  "escalated CP-07 P1 2026-01-30 @2026-02-11T17:00Z L3 ad\n"
                  "escalated CP-07 P1 2026-01-30 @2026-02-18T17:00Z L4 dir");
    world_free(w);
}
END_TEST

START_TEST(vacant_post_is_skipped)
{
    world *w = small_world();
    plan(w, "team-2");
    till(w, "2026-02-06T00:00:00Z");
    saw(w, "opened CP-07 P1 2026-01-30 @2026-01-31T00:00Z L0 t2-sw\n"
           "escalated CP-07 P1 2026-01-30 @2026-02-04T17:00Z L2 t2-sm");
    world_free(w);
}
END_TEST

START_TEST(priority_decides_the_entry)
{
    world *w = small_world();
    for (int i = 1; i <= 3; i++) {
        char when[40], body[96];
        snprintf(when, sizeof when, "2026-02-0%dT10:00:00Z", i);
        snprintf(body, sizeof body, "'episode_id':'M%d','phase':'OPENED','category':'M'", i);
        ev(w, when, "missing_episode", body);
        snprintf(body, sizeof body, "'episode_id':'M%d','phase':'RETURNED'", i);
        snprintf(when, sizeof when, "2026-02-0%dT15:00:00Z", i);
        ev(w, when, "missing_episode", body);
    }
    till(w, "2026-02-03T16:00:00Z");
    saw(w, "opened MI-03 - - @2026-02-03T10:00Z L1 tm x3\n"
           "escalated MI-03 - - @2026-02-03T12:00Z L2 sm x3\n"
           "escalated MI-03 - - @2026-02-03T16:00Z L3 ad x3");
    world_free(w);
}
END_TEST

/* Another team: the same alert, told to its post; the timers go on. */
START_TEST(team_changes)
{
    world *w = small_world();
    plan(w, "team-1");
    till(w, "2026-02-01T00:00:00Z");
    saw(w, OPENED);
    give(w, "2026-02-02T10:00:00Z", "2026-02-02T10:00:00Z", "T", 1, "create", "'team_id':'team-2'",
         "oversight_recorded", "");
    saw(w, "revised CP-07 P1 2026-01-30 @2026-02-02T10:00Z L0 t2-sw");
    till(w, "2026-02-04T17:00:00Z");
    saw(w, "escalated CP-07 P1 2026-01-30 @2026-02-04T17:00Z L2 t2-sm");
    world_free(w);
}
END_TEST

/* Acknowledged: quiet to the end of the review date, then the same level again; a third expiry climbs. */
START_TEST(acknowledged_until_its_review_date)
{
    world *w = small_world();
    plan(w, "team-1");
    till(w, "2026-02-02T09:00:00Z");
    saw(w, OPENED);
    ack(w, "2026-02-02T10:00:00Z", 1, 0, "2026-02-05");
    saw(w, "acknowledged CP-07 P1 2026-01-30 @2026-02-02T10:00Z L0 t1-sw");
    till(w, "2026-02-05T23:59:59Z");
    saw(w, "");
    till(w, "2026-02-06T00:00:00Z");
    saw(w, "ack_expired CP-07 P1 2026-01-30 @2026-02-06T00:00Z L0 t1-sw");
    ck_assert_int_eq(w->rec->alerts[0].review_by, 0);
    ack(w, "2026-02-06T10:00:00Z", 1, 0, "2026-02-06");
    ack(w, "2026-02-07T10:00:00Z", 1, 0, "2026-02-07");
    till(w, "2026-02-08T00:00:00Z");
    saw(w, "acknowledged CP-07 P1 2026-01-30 @2026-02-06T10:00Z L0 t1-sw\n"
           "ack_expired CP-07 P1 2026-01-30 @2026-02-07T00:00Z L0 t1-sw\n"
           "acknowledged CP-07 P1 2026-01-30 @2026-02-07T10:00Z L0 t1-sw\n"
           "ack_expired CP-07 P1 2026-01-30 @2026-02-08T00:00Z L0 t1-sw\n"
           "escalated CP-07 P1 2026-01-30 @2026-02-08T00:00Z L1 t1-tm");
    world_free(w);
}
END_TEST

/* No longer than the priority allows: 5 working days for P2. */
START_TEST(review_date_is_capped)
{
    world *w = small_world();
    plan(w, "team-1");
    till(w, "2026-02-02T09:00:00Z");
    ack(w, "2026-02-02T10:00:00Z", 1, 0, "2026-06-30");
    w->log_len = 0;
    w->log[0] = '\0';
    till(w, "2026-02-09T23:59:59Z");
    saw(w, "");
    till(w, "2026-02-10T00:00:00Z");
    saw(w, "ack_expired CP-07 P1 2026-01-30 @2026-02-10T00:00Z L0 t1-sw");
    world_free(w);
}
END_TEST

/* Wrong generation or level, already past, or after the end: a note, and nothing else changes (I4). */
START_TEST(stale_acknowledgements_are_notes)
{
    static const struct {
        unsigned generation, level;
        const char *review_by;
    } rows[] = {{2, 0, "2026-02-05"}, {1, 1, "2026-02-05"}, {1, 0, "2026-02-01"}};
    world *w = small_world();
    plan(w, "team-1");
    till(w, "2026-02-02T09:00:00Z");
    saw(w, OPENED);
    ack(w, "2026-02-02T10:00:00Z", rows[_i].generation, rows[_i].level, rows[_i].review_by);
    saw(w, "noted CP-07 P1 2026-01-30 @2026-02-02T10:00Z L0 t1-sw");
    till(w, "2026-02-04T17:00:00Z");
    saw(w, "escalated CP-07 P1 2026-01-30 @2026-02-04T17:00Z L1 t1-tm");
    ev(w, "2026-02-05T09:00:00Z", "visit_done", "'mode':'F2F'");
    saw(w, "resolved CP-07 P1 2026-01-30 @2026-02-05T09:00Z t1-tm done_late");
    ack(w, "2026-02-05T10:00:00Z", 1, 1, "2026-02-06");
    saw(w, "noted CP-07 P1 2026-01-30 @2026-02-05T10:00Z L1 t1-tm");
    till(w, "2026-02-10T00:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

START_TEST(acknowledgement_of_nothing)
{
    world *w = small_world();
    ck_assert_int_eq(ack(w, "2026-02-02T10:00:00Z", 1, 0, "2026-02-05"), DW_DUPLICATE);
    saw(w, "");
    world_free(w);
}
END_TEST

/* I6: a new event erases no acknowledgement. T7: an acknowledged alert that gets worse is open again. */
START_TEST(acknowledgement_outlives_events_but_not_worse)
{
    world *w = small_world();
    plan(w, "team-1");
    till(w, "2026-02-02T09:00:00Z");
    ack(w, "2026-02-02T10:00:00Z", 1, 0, "2026-02-06");
    w->log_len = 0;
    w->log[0] = '\0';
    ev(w, "2026-02-03T10:00:00Z", "oversight_recorded", "");
    ev(w, "2026-02-03T10:00:00Z", "visit_done", "'mode':'PHONE'");
    saw(w, "");
    ck_assert_int_eq(w->rec->alerts[0].state, DW_AL_ACKED);
    ck_assert_int_eq(w->rec->alerts[0].review_by, date("2026-02-06"));
    world_free(w);
}
END_TEST

static void episode(world *w, const char *from, const char *to, const char *id)
{
    char body[64];
    snprintf(body, sizeof body, "'episode_id':'%s','phase':'OPENED','category':'M'", id);
    ev(w, from, "missing_episode", body);
    snprintf(body, sizeof body, "'episode_id':'%s','phase':'RETURNED'", id);
    ev(w, to, "missing_episode", body);
}

/* T7: one episode more than were acknowledged, and somebody has to answer again; a correction to fewer does not ask. */
START_TEST(what_got_worse_is_open_again)
{
    world *w = small_world();
    char id[DW_UUID_TEXT_LEN + 1], body[300];
    episode(w, "2026-02-02T10:00:00Z", "2026-02-02T20:00:00Z", "M1");
    episode(w, "2026-02-03T10:00:00Z", "2026-02-03T20:00:00Z", "M2");
    saw(w, "");
    episode(w, "2026-02-04T10:00:00Z", "2026-02-04T10:20:00Z", "M3");
    ck_assert_uint_eq(w->rec->alert_count, 1);
    const dw_alert *alert = &w->rec->alerts[0];
    ck_assert(alert->state == DW_AL_OPEN && alert->count == 3 && alert->level == 1);
    w->log_len = 0;
    w->log[0] = '\0';
    dw_alert_id(DW_STR_LIT("936"), DW_STR_LIT("C-1"), alert->rule_id, alert->subject_kind, alert->subject_id, id);
    snprintf(body, sizeof body,
             "'alert_id':'%s','generation':1,'level':1,'reason_code':'MEETING_SET','review_by':'2026-02-05'", id);
    w->closing = true;
    give(w, "2026-02-04T10:30:00Z", "2026-02-04T10:30:00Z", "A", 1, "create", "", "alert_acknowledged", body);
    ck_assert_int_eq(w->rec->alerts[0].state, DW_AL_ACKED);
    saw(w, "acknowledged MI-03 - - @2026-02-04T10:30Z L1 tm x3 by e6"); /* not by what it counts */
    ev(w, "2026-02-04T11:40:00Z", "missing_episode", "'episode_id':'M4','phase':'OPENED','category':'M'");
    ck_assert(w->rec->alerts[0].state == DW_AL_OPEN && w->rec->alerts[0].count == 4);
    saw(w, "revised MI-03 - - @2026-02-04T11:40Z L1 tm x4");
    give(w, "2026-02-04T11:45:00Z", "2026-02-04T11:45:00Z", "A", 2, "create", "", "alert_acknowledged", body);
    ck_assert_int_eq(w->rec->alerts[0].state, DW_AL_ACKED);
    w->log_len = 0;
    w->log[0] = '\0';
    give(w, "2026-02-04T11:50:00Z", "2026-02-04T11:40:00Z", "r7", 2, "void", "", "missing_episode", "");
    ck_assert(w->rec->alerts[0].state == DW_AL_ACKED && w->rec->alerts[0].count == 3);
    saw(w, "revised MI-03 - - @2026-02-04T11:50Z L1 tm x3");
    ev(w, "2026-02-04T12:00:00Z", "meeting_held", "'kind':'STRATEGY'");
    saw(w, "resolved MI-03 - - @2026-02-04T12:00Z tm x3 answered by e10");
    world_free(w);
}
END_TEST

START_TEST(a_restriction_is_told)
{
    world *w = small_world();
    plan(w, "team-1");
    till(w, "2026-02-02T09:00:00Z");
    saw(w, OPENED);
    ck_assert(!w->rec->alerts[0].restricted);
    ck_assert_int_eq(w->rec->alerts[0].due_at_us, 0); /* it is due on a day */
    ck_assert_uint_eq(w->rec->alerts[0].rule_version, 1);
    give(w, "2026-02-02T10:00:00Z", "2026-02-02T10:00:00Z", "X", 1, "create", "'restricted':'Y'", "oversight_recorded",
         "");
    ck_assert(w->rec->alerts[0].restricted);
    saw(w, "revised CP-07 P1 2026-01-30 @2026-02-02T10:00Z L0 t1-sw");
    give(w, "2026-02-03T10:00:00Z", "2026-02-02T10:00:00Z", "X", 2, "void", "", "oversight_recorded", "");
    ck_assert(!w->rec->alerts[0].restricted);
    saw(w, "revised CP-07 P1 2026-01-30 @2026-02-03T10:00Z L0 t1-sw");
    world_free(w);
}
END_TEST

/* Of a duty that is over the ladder is kept, and not what was said of it. */
static void remembers_no_more(const dw_alert *alert)
{
    ck_assert_int_eq(alert->review_by, 0);
    ck_assert_int_eq(alert->paused_until, 0);
    ck_assert_uint_eq(alert->expiries, 0);
    ck_assert_uint_eq(alert->cause_count, 0);
    ck_assert_uint_eq(alert->causes_total, 0);
    ck_assert_uint_eq(alert->reason_code.len, 0);
    ck_assert_uint_eq(alert->oversight_ref.len, 0);
}

/* At the top there is nobody further up, however often a review date passes. What was said meanwhile goes with the end. */
START_TEST(expiries_at_the_top)
{
    world *w = small_world();
    plan(w, "team-1");
    till(w, "2026-03-02T09:00:00Z");
    ck_assert_uint_eq(w->rec->alerts[0].level, 4);
    for (int i = 0; i < 4; i++) {
        char when[48], review[32];
        snprintf(when, sizeof when, "2026-03-%02dT10:00:00Z", 3 + i);
        snprintf(review, sizeof review, "2026-03-%02d", 3 + i);
        ack(w, when, 1, 4, review);
    }
    w->log_len = 0;
    w->log[0] = '\0';
    till(w, "2026-03-20T00:00:00Z");
    saw(w, "ack_expired CP-07 P1 2026-01-30 @2026-03-07T00:00Z L4 dir");
    ck_assert(w->rec->alerts[0].state == DW_AL_OPEN && w->rec->alerts[0].level == 4);
    ck_assert_uint_eq(w->rec->alerts[0].expiries, 4);
    ck_assert_int_eq(w->rec->alerts[0].review_by, 0);
    ack(w, "2026-03-20T10:00:00Z", 1, 4, "2026-03-24");
    w->rec->alerts[0].paused_until = date("2026-03-30");
    w->rec->alerts[0].oversight_ref = DW_STR_LIT("O1");
    ck_assert(w->rec->alerts[0].review_by != 0 && w->rec->alerts[0].reason_code.len != 0);
    ev(w, "2026-03-21T10:00:00Z", "visit_done", "'mode':'F2F'");
    ck_assert_int_eq(w->rec->alerts[0].state, DW_AL_CLOSED);
    remembers_no_more(&w->rec->alerts[0]);
    world_free(w);
}
END_TEST

/* Either way it is told which event said so; only what is acknowledged is remembered with the note that goes with it. */
START_TEST(acknowledgements_name_their_event)
{
    world *w = small_world();
    char id[DW_UUID_TEXT_LEN + 1], body[300];
    plan(w, "team-1");
    till(w, "2026-02-02T09:00:00Z");
    saw(w, OPENED);
    w->closing = true;
    alert_id(w, id);
    snprintf(body, sizeof body,
             "'alert_id':'%s','generation':1,'level':0,'reason_code':'SEEN','review_by':'2026-02-05','oversight_ref':"
             "'O7'",
             id);
    give(w, "2026-02-02T10:00:00Z", "2026-02-02T10:00:00Z", "A", 1, "create", "", "alert_acknowledged", body);
    ack(w, "2026-02-02T11:00:00Z", 9, 0, "2026-02-05");
    saw(w, "acknowledged CP-07 P1 2026-01-30 @2026-02-02T10:00Z L0 t1-sw by e1\n"
           "noted CP-07 P1 2026-01-30 @2026-02-02T11:00Z L0 t1-sw by e2");
    ck_assert(dw_str_eq(w->rec->alerts[0].oversight_ref, DW_STR_LIT("O7")));
    ck_assert(dw_str_eq(w->rec->alerts[0].reason_code, DW_STR_LIT("SEEN")));
    world_free(w);
}
END_TEST

/* Without a policy nothing can have been raised; without a review date nothing is said. Either way only the offset moves. */
START_TEST(acknowledgements_that_say_nothing)
{
    world *w = small_world();
    char id[DW_UUID_TEXT_LEN + 1], body[300];
    plan(w, "team-1");
    till(w, "2026-02-02T09:00:00Z");
    saw(w, OPENED);
    alert_id(w, id);
    snprintf(body, sizeof body, "'alert_id':'%s','generation':1,'level':0,'reason_code':'SEEN'", id);
    int64_t offset = w->offset;
    ck_assert_int_eq(
        give(w, "2026-02-02T10:00:00Z", "2026-02-02T10:00:00Z", "A", 1, "create", "", "alert_acknowledged", body),
        DW_DUPLICATE);
    ck_assert_int_eq(w->rec->offset, offset);
    dw_policy *policy = w->policy;
    w->policy = NULL;
    snprintf(body, sizeof body,
             "'alert_id':'%s','generation':1,'level':0,'reason_code':'SEEN','review_by':'2026-02-05'", id);
    ck_assert_int_eq(
        give(w, "2026-02-02T10:00:00Z", "2026-02-02T10:00:00Z", "A", 1, "create", "", "alert_acknowledged", body),
        DW_DUPLICATE);
    ck_assert_int_eq(w->rec->offset, offset + 1);
    w->policy = policy;
    saw(w, "");
    ck_assert_int_eq(w->rec->alerts[0].state, DW_AL_OPEN);
    world_free(w);
}
END_TEST

/* I1, I2: at most one live alert, levels only rise; a re-opened one starts at the level it had reached. */
START_TEST(reopened_at_the_level_reached)
{
    world *w = small_world();
    plan(w, "team-1");
    till(w, "2026-02-06T18:00:00Z");
    w->log_len = 0;
    w->log[0] = '\0';
    give(w, "2026-02-09T09:00:00Z", "2026-01-30T10:00:00Z", "V", 1, "create", "", "visit_done", "'mode':'F2F'");
    saw(w, "resolved CP-07 P1 2026-01-30 @2026-02-09T09:00Z t1-sm done_on_time_recorded_late");
    ck_assert_int_eq(w->rec->alerts[0].state, DW_AL_CLOSED);
    remembers_no_more(&w->rec->alerts[0]);
    give(w, "2026-02-10T09:00:00Z", "2026-01-30T10:00:00Z", "V", 2, "void", "", "visit_done", "");
    saw(w, "reopened CP-07 P1 2026-01-30 @2026-02-10T09:00Z L2 t1-sm g2");
    dw_transition row;
    ck_assert(dw_core_alert_row(w->rec, &w->rec->alerts[0], w->policy, &row));
    ck_assert_int_eq(row.kind, DW_TR_REOPENED);
    till(w, "2026-02-16T17:00:00Z"); /* the grace again, then 3 working days at the service manager */
    saw(w, "escalated CP-07 P1 2026-01-30 @2026-02-16T17:00Z L3 ad g2");
    world_free(w);
}
END_TEST

/* I3: a timer that the alert has outrun does nothing. */
START_TEST(stale_timer_is_a_no_op)
{
    world *w = small_world();
    plan(w, "team-1");
    till(w, "2026-02-02T09:00:00Z");
    saw(w, OPENED);
    ck_assert_int_eq(dw_core_fire(w->rec, w->policy, instant("2026-02-03T09:00:00Z"), w->emit).error, DW_OK);
    world_take(w);
    saw(w, "");
    ack(w, "2026-02-03T10:00:00Z", 1, 0, "2026-02-09");
    w->log_len = 0;
    w->log[0] = '\0';
    ck_assert_int_eq(dw_core_fire(w->rec, w->policy, instant("2026-02-04T17:00:00Z"), w->emit).error, DW_OK);
    world_take(w);
    saw(w, "");
    world_free(w);
}
END_TEST

/* An outage delays the ladder and never skips a level. */
START_TEST(outage_delays_and_skips_nothing)
{
    world *w = small_world();
    plan(w, "team-1");
    /* fired late, once, with the clock of after the outage */
    ck_assert_int_eq(dw_core_fire(w->rec, w->policy, instant("2026-02-16T09:00:00Z"), w->emit).error, DW_OK);
    world_take(w);
    saw(w, "opened CP-07 P1 2026-01-30 @2026-02-16T09:00Z L0 t1-sw");
    w->clock_us = instant("2026-02-16T09:00:00Z");
    till(w, "2026-02-18T17:00:00Z");
    saw(w, "escalated CP-07 P1 2026-01-30 @2026-02-18T17:00Z L1 t1-tm");
    world_free(w);
}
END_TEST

/* --- rows */

/* Stored and read again: nothing has changed since. */
static void stored(world *w)
{
    dw_encoded enc = {0};
    dw_error err = {0};
    dw_record *back = NULL;
    ck_assert_int_eq(dw_record_encode(w->rec, w->policy, &enc, &err), DW_OK);
    ck_assert_int_eq(dw_record_decode(enc.head.data, enc.head.len, &back, &err), DW_OK);
    dw_record_free(&w->rec);
    w->rec = back;
    dw_encoded_deinit(&enc);
    for (uint32_t i = 0; i < back->alert_count; i++)
        ck_assert(!back->alerts[i].touched);
}

/* Was the alert's row to be written again since it was stored last? Then it is stored. */
static void touched(world *w, bool expected)
{
    ck_assert_uint_eq(w->rec->alert_count, 1);
    ck_assert_int_eq(w->rec->alerts[0].touched, expected);
    stored(w);
    w->log_len = 0;
    w->log[0] = '\0';
}

/* Whatever is told of an alert changes its row. */
START_TEST(what_is_told_is_written)
{
    world *w = small_world();
    plan(w, "team-1");
    stored(w);
    till(w, "2026-01-31T00:00:00Z");
    touched(w, true); /* opened */
    ev(w, "2026-02-02T09:00:00Z", "oversight_recorded", "");
    touched(w, false);
    give(w, "2026-02-02T10:00:00Z", "2026-02-02T10:00:00Z", "X", 1, "create", "'restricted':'Y'", "oversight_recorded",
         "");
    touched(w, true); /* revised */
    till(w, "2026-02-04T17:00:00Z");
    touched(w, true); /* escalated */
    ack(w, "2026-02-05T10:00:00Z", 1, 1, "2026-02-05");
    touched(w, true);
    till(w, "2026-02-06T00:00:00Z");
    touched(w, true); /* expired */
    ack(w, "2026-02-06T10:00:00Z", 7, 1, "2026-02-06");
    touched(w, true); /* noted */
    ev(w, "2026-02-06T11:00:00Z", "visit_done", "'mode':'F2F'");
    touched(w, true); /* resolved */
    ev(w, "2026-02-06T12:00:00Z", "visit_done", "'mode':'PHONE'");
    touched(w, false);
    till(w, "2026-02-21T00:00:00Z");
    touched(w, true); /* opened anew */
    dw_moved to = {.to_la_code = DW_STR_LIT("936"), .to_child_ref = DW_STR_LIT("C-2")};
    ck_assert_int_eq(dw_core_move(w->rec, w->policy, &to, w->clock_us, w->offset++, w->emit).error, DW_OK);
    ck_assert_uint_eq(w->emit->count, 1);
    world_take(w);
    touched(w, true); /* merged */
    world_free(w);
}
END_TEST

/* --- cut-over */

static dw_policy *cut_policy(const char *cut_over)
{
    dw_policy *policy = small_policy_open(1);
    add_visits(policy, "CP-07");
    dw_rule *flag = add_episodes(policy, "FL-01");
    flag->until = DW_UNTIL_FLAG;
    flag->over.family = DW_SPAN_REFERRAL;
    flag->threshold = 2;
    flag->answer_count = 0;
    dw_policy_set_identity(policy, 1, DW_STR_LIT("d"), instant(cut_over));
    small_policy_seal(policy);
    return policy;
}

START_TEST(cut_over_keeps_history_quiet)
{
    world *w = world_new(cut_policy("2026-03-02T00:00:00Z"));
    plan(w, "team-1");
    ev(w, "2026-02-01T09:00:00Z", "referral_received", "'referral_id':'R1','referral_nfa':'Y'");
    ev(w, "2026-02-10T09:00:00Z", "referral_received", "'referral_id':'R2','referral_nfa':'Y'");
    till(w, "2026-03-01T23:59:59Z");
    saw(w, "");
    till(w, "2026-03-02T00:00:00Z");
    saw(w, "opened CP-07 P1 2026-01-30 @2026-03-02T00:00Z found");
    /* learned later, but due before it: found at the start too; due after it: not */
    ev_late(w, "2026-03-03T09:00:00Z", "2026-02-01T09:00:00Z", "plan_started", "'plan_id':'P2','plan_type':'CP'");
    saw(w, "opened CP-07 P2 2026-02-13 @2026-03-03T09:00Z found");
    ev(w, "2026-03-04T09:00:00Z", "plan_started", "'plan_id':'P3','plan_type':'CP'");
    ev(w, "2026-03-04T10:00:00Z", "referral_received", "'referral_id':'R3','referral_nfa':'Y'");
    saw(w, "flagged FL-01 R3 - @2026-03-04T10:00Z x2");
    uint32_t flags = 0;
    for (uint32_t i = 0; i < w->rec->alert_count; i++)
        if (w->rec->alerts[i].state == DW_AL_FLAG) {
            flags++;
            ck_assert_uint_eq(w->rec->alerts[i].cause_count, 0); /* nothing will be told of it again */
            ck_assert_uint_eq(w->rec->alerts[i].causes_total, 0);
        }
    ck_assert_uint_eq(flags, 1);
    till(w, "2026-03-19T00:00:00Z");
    saw(w, "opened CP-07 P3 2026-03-18 @2026-03-19T00:00Z");
    world_free(w);
}
END_TEST

/* --- a policy switch */

START_TEST(policy_switch)
{
    world *w = small_world();
    plan(w, "team-1");
    till(w, "2026-02-02T09:00:00Z");
    saw(w, OPENED);
    dw_policy *stricter = small_policy_open(2);
    add_visits(stricter, "CP-07")->limits[0].n = 5;
    dw_policy_set_ladder(stricter, DW_P2, (dw_ladder){0, 4, 0, {60, 60, 60, 60, 0}, 5});
    small_policy_seal(stricter);
    ck_assert_int_eq(dw_core_switch(w->rec, stricter, instant("2026-02-02T10:00:00Z"), w->emit).error, DW_OK);
    world_take(w);
    saw(w, "revised CP-07 P1 2026-01-23 @2026-02-02T10:00Z L0 t1-sw");
    dw_policy_unref(&w->policy);
    w->policy = stricter;
    till(w, "2026-02-04T17:00:00Z"); /* the ladder it opened with */
    saw(w, "escalated CP-07 P1 2026-01-23 @2026-02-04T17:00Z L1 t1-tm");
    dw_policy *none = small_policy_open(3);
    small_policy_seal(none);
    ck_assert_int_eq(dw_core_switch(w->rec, none, instant("2026-02-05T10:00:00Z"), w->emit).error, DW_OK);
    world_take(w);
    saw(w, "resolved CP-07 P1 2026-01-23 @2026-02-05T10:00Z t1-tm policy_changed");
    dw_policy_unref(&w->policy);
    w->policy = none;
    world_free(w);
}
END_TEST

/* --- ids */

/* What one part of a rule raises nothing of stays quiet while another part's alert is open. */
START_TEST(a_part_that_raises_nothing)
{
    dw_policy *policy = small_policy_open(1);
    add_visits(policy, "CP-07");
    dw_rule *part = add_visits(policy, "CP-07");
    part->part = 1;
    part->raises = DW_RAISES_NOTHING;
    part->over.where = pred_value(policy, DW_PRED_IN, "plan_type", DW_V_PLAN_TYPE_CIN);
    small_policy_seal(policy);
    world *w = world_new(policy);
    plan(w, "team-1");
    ev(w, "2026-01-19T10:00:00Z", "plan_started", "'plan_id':'P2','plan_type':'CIN'");
    till(w, "2026-02-10T10:00:00Z");
    saw(w, "opened CP-07 P1 2026-01-30 @2026-01-31T00:00Z");
    ev(w, "2026-02-10T10:00:00Z", "visit_done", "'mode':'F2F','plan_id':'P1'");
    saw(w, "resolved CP-07 P1 2026-01-30 @2026-02-10T10:00Z done_late");
    world_free(w);
}
END_TEST

START_TEST(ids)
{
    char id[DW_UUID_TEXT_LEN + 1], other[DW_UUID_TEXT_LEN + 1];
    alert_id(NULL, id);
    /* python3: uuid.uuid5(uuid.UUID("d960a879-8243-4432-bb8d-44fb65acc8de"), "936\x1fC-1\x1fCP-07\x1fplan\x1fP1") */
    ck_assert_str_eq(id, "214724f1-e61b-50a7-aaac-6b16fd1ef860");
    dw_alert_id(DW_STR_LIT("936"), DW_STR_LIT("C-1"), DW_STR_LIT("CP-07"), DW_STR_LIT("plan"), DW_STR_LIT("P2"), other);
    ck_assert_str_ne(id, other);
    world *w = world_new(small_policy(1));
    plan(w, "team-1");
    dw_emit_reset(w->emit);
    ck_assert_int_eq(dw_core_fire(w->rec, w->policy, w->rec->next_due_us, w->emit).error, DW_OK);
    ck_assert_uint_eq(w->emit->count, 1);
    ck_assert_str_eq(w->emit->items[0].alert_id, id);
    ck_assert_str_ne(w->emit->items[0].transition_id, id);
    ck_assert_uint_eq(w->emit->items[0].cause_count, 1);
    ck_assert_int_eq(w->emit->items[0].causes[0].offset, 0);
    ck_assert(dw_str_eq(w->emit->items[0].calendar, DW_STR_LIT("ew")));
    ck_assert(dw_str_eq(w->emit->items[0].count_mode, DW_STR_LIT("excl")));
    world_free(w);
}
END_TEST

/* How the days were counted is told, too. */
START_TEST(counted_inclusively)
{
    dw_policy *policy = small_policy_open(1);
    add_visits(policy, "CP-07")->count_mode = DW_COUNT_INCL;
    small_policy_seal(policy);
    world *w = world_new(policy);
    plan(w, "team-1");
    dw_emit_reset(w->emit);
    ck_assert_int_eq(dw_core_fire(w->rec, w->policy, w->rec->next_due_us, w->emit).error, DW_OK);
    ck_assert_uint_eq(w->emit->count, 1);
    ck_assert(dw_str_eq(w->emit->items[0].count_mode, DW_STR_LIT("incl")));
    ck_assert_int_eq(w->emit->items[0].due_on, date("2026-01-29"));
    world_free(w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reconcile");
    TCase *cases = tcase_create("reconcile");
    tcase_add_test(cases, climbs_in_working_time);
    tcase_add_test(cases, vacant_post_is_skipped);
    tcase_add_test(cases, priority_decides_the_entry);
    tcase_add_test(cases, team_changes);
    tcase_add_test(cases, acknowledged_until_its_review_date);
    tcase_add_test(cases, review_date_is_capped);
    tcase_add_loop_test(cases, stale_acknowledgements_are_notes, 0, 3);
    tcase_add_test(cases, acknowledgement_of_nothing);
    tcase_add_test(cases, acknowledgement_outlives_events_but_not_worse);
    tcase_add_test(cases, what_got_worse_is_open_again);
    tcase_add_test(cases, a_restriction_is_told);
    tcase_add_test(cases, expiries_at_the_top);
    tcase_add_test(cases, acknowledgements_name_their_event);
    tcase_add_test(cases, acknowledgements_that_say_nothing);
    tcase_add_test(cases, reopened_at_the_level_reached);
    tcase_add_test(cases, stale_timer_is_a_no_op);
    tcase_add_test(cases, outage_delays_and_skips_nothing);
    tcase_add_test(cases, cut_over_keeps_history_quiet);
    tcase_add_test(cases, policy_switch);
    tcase_add_test(cases, a_part_that_raises_nothing);
    tcase_add_test(cases, ids);
    tcase_add_test(cases, counted_inclusively);
    tcase_add_test(cases, what_is_told_is_written);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

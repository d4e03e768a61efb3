/* check_posts.c: who is told of an alert when posts are vacant, fall vacant, or one person holds several; and which of the
 * duties of one subject an alert follows when its rule has several clocks. */

#include "tests/unit/handlers/small_policy.h"

#define S(text) DW_STR_LIT(text)

/* Visits every ten working days; a line for each way a post can be vacant. The ladder of P2 is small_policy.h's. */
static dw_policy *line_policy(void)
{
    static const dw_line lines[] = {
        {.team_id = S("one-for-two"), .post = {S("sw"), S("x"), S("x"), S("y"), S("y")}},
        {.team_id = S("no-top"), .post = {S("sw"), S("tm"), S("sm"), S("ad"), S("dir")}, .vacant = {[4] = true}},
        {.team_id = S("only-sw"),
         .post = {S("sw"), S("tm"), S("sm"), S("ad"), S("dir")},
         .vacant = {false, true, true, true, true}},
        {.team_id = S("no-tm"), .post = {S("n-sw"), S("n-tm"), S("n-sm"), S("ad"), S("dir")}, .vacant = {[1] = true}},
        {.team_id = S("no-sw"), .post = {S("m-sw"), S("m-tm"), S("m-sm"), S("ad"), S("dir")}, .vacant = {true}},
        {.team_id = S("nobody"),
         .post = {S("o-sw"), S("o-tm"), S("o-sm"), S("ad"), S("dir")},
         .vacant = {true, true, true, true, true}},
    };
    dw_policy *policy = small_policy_open(1);
    add_visits(policy, "CP-07");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        ck_assert(dw_policy_add_line(policy, lines[i]));
    small_policy_seal(policy);
    return policy;
}

static void team(world *w, const char *when, const char *name)
{
    char more[64], record[24];
    snprintf(more, sizeof more, "'team_id':'%s'", name);
    snprintf(record, sizeof record, "t%u", ++w->records);
    give(w, when, when, record, 1, "create", more, "oversight_recorded", "");
}

/* A plan of which a visit is due on 30 January 2026; the team answers for the child. */
static world *planned(const char *name)
{
    world *w = world_new(line_policy());
    w->ladder = w->posts = true;
    ev(w, "2026-01-16T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    team(w, "2026-01-16T11:00:00Z", name);
    return w;
}

static void acknowledge(world *w, const char *when, unsigned level, const char *review_by)
{
    char id[DW_UUID_TEXT_LEN + 1], body[400], record[24];
    dw_alert_id(S("936"), S("C-1"), S("CP-07"), S("plan"), S("P1"), id);
    snprintf(record, sizeof record, "k%u", ++w->records);
    snprintf(body, sizeof body,
             "'alert_id':'%s','generation':1,'level':%u,'reason_code':'VISIT_BOOKED','review_by':'%s'", id, level,
             review_by);
    give(w, when, when, record, 1, "create", "", "alert_acknowledged", body);
}

#define AT_FIRST "opened CP-07 P1 2026-01-30 @2026-01-31T00:00Z"

static const struct {
    const char *team, *told;
} whole[] = {
    {"one-for-two", AT_FIRST " L0 sw\n"
                             "escalated CP-07 P1 2026-01-30 @2026-02-04T17:00Z L1 x\n"
                             "escalated CP-07 P1 2026-01-30 @2026-02-06T17:00Z L2 x\n"
                             "escalated CP-07 P1 2026-01-30 @2026-02-11T17:00Z L3 y\n"
                             "escalated CP-07 P1 2026-01-30 @2026-02-18T17:00Z L4 y"},
    {"no-top", AT_FIRST " L0 sw\n"
                        "escalated CP-07 P1 2026-01-30 @2026-02-04T17:00Z L1 tm\n"
                        "escalated CP-07 P1 2026-01-30 @2026-02-06T17:00Z L2 sm\n"
                        "escalated CP-07 P1 2026-01-30 @2026-02-11T17:00Z L3 ad\n"
                        "escalated CP-07 P1 2026-01-30 @2026-02-18T17:00Z L4 dir"},
    {"only-sw", AT_FIRST " L0 sw\n"
                         "escalated CP-07 P1 2026-01-30 @2026-02-04T17:00Z L4 dir"},
    {"no-sw", AT_FIRST " L1 m-tm\n"
                       "escalated CP-07 P1 2026-01-30 @2026-02-05T17:00Z L2 m-sm\n"
                       "escalated CP-07 P1 2026-01-30 @2026-02-10T17:00Z L3 ad\n"
                       "escalated CP-07 P1 2026-01-30 @2026-02-17T17:00Z L4 dir"},
    {"nobody", AT_FIRST " L4 dir"},
};

/* From opening to the top: a vacant post is passed over, at the top somebody has to be named. */
START_TEST(the_whole_ladder)
{
    world *w = planned(whole[_i].team);
    till(w, "2026-03-20T00:00:00Z");
    saw(w, whole[_i].told);
    ev(w, "2026-03-20T10:00:00Z", "visit_done", "'mode':'PHONE'"); /* asked again, nobody is told again */
    till(w, "2026-04-20T00:00:00Z");
    saw(w, "");
    world_free(w);
}
END_TEST

/* The post under a live alert falls vacant, or the child goes to a team where it is. */
START_TEST(a_post_falls_vacant)
{
    world *w = planned("one-for-two");
    till(w, "2026-02-05T00:00:00Z");
    saw(w, AT_FIRST " L0 sw\n"
                    "escalated CP-07 P1 2026-01-30 @2026-02-04T17:00Z L1 x");
    team(w, "2026-02-05T09:00:00Z", "no-tm");
    saw(w, "escalated CP-07 P1 2026-01-30 @2026-02-05T09:00Z L2 n-sm");
    team(w, "2026-02-05T09:30:00Z", "nobody"); /* passed over up to the top */
    saw(w, "escalated CP-07 P1 2026-01-30 @2026-02-05T09:30Z L4 dir");
    team(w, "2026-02-05T10:00:00Z", "no-tm"); /* it never goes down again */
    saw(w, "");
    world_free(w);
}
END_TEST

/* While it is acknowledged it stays where it is, and with whom; so it does at the top. */
START_TEST(a_post_falls_vacant_meanwhile)
{
    world *w = planned("one-for-two");
    till(w, "2026-02-05T00:00:00Z");
    acknowledge(w, "2026-02-05T09:00:00Z", 1, "2026-02-06");
    w->log_len = 0;
    w->log[0] = '\0';
    team(w, "2026-02-05T10:00:00Z", "no-tm");
    saw(w, "");
    give(w, "2026-02-05T11:00:00Z", "2026-02-05T11:00:00Z", "X", 1, "create", "'restricted':'Y'", "oversight_recorded",
         "");
    saw(w, "revised CP-07 P1 2026-01-30 @2026-02-05T11:00Z L1 x");
    ck_assert(w->rec->alerts[0].restricted);
    ck_assert_int_eq(w->rec->alerts[0].state, DW_AL_ACKED);
    till(w, "2026-02-07T00:00:00Z"); /* open again, it is passed over at once */
    saw(w, "ack_expired CP-07 P1 2026-01-30 @2026-02-07T00:00Z L1 x\n"
           "escalated CP-07 P1 2026-01-30 @2026-02-07T00:00Z L2 n-sm");
    world_free(w);
    w = planned("one-for-two");
    till(w, "2026-02-20T00:00:00Z");
    w->log_len = 0;
    w->log[0] = '\0';
    team(w, "2026-02-20T10:00:00Z", "no-top");
    saw(w, "");
    world_free(w);
}
END_TEST

/* --- several clocks */

/* Two parts of one rule, each a visit to a plan, by its own limit; `rests` of each may rest while a placement is open. */
static dw_policy *two_clocks(int first_days, int second_days, bool first_rests, bool second_rests)
{
    dw_policy *policy = small_policy_open(1);
    for (unsigned part = 0; part < 2; part++) {
        dw_rule *rule = add_visits(policy, "X-1");
        rule->kind = DW_RULE_DEADLINE;
        rule->part = (uint8_t)part;
        rule->limits[0] = (dw_limit){.n = part == 0 ? first_days : second_days, .unit = DW_UNIT_DAYS};
        rule->rests[0] = (dw_span_selector){.family = DW_SPAN_PLACEMENT};
        rule->rest_count = part == 0 ? first_rests : second_rests;
    }
    return policy;
}

/* The duty of rule X-1 of which the subject is told, and those beside it: "state due, state due". One by itself says the
 * same. */
static void duties_by(world *w, const char *when, const char *expected, bool by_itself)
{
    char text[300] = "", due[16];
    size_t len = 0;
    dw_arena *arena = dw_arena_new(1 << 20);
    const dw_chronology *chron = dw_chronology_derive(w->rec, instant(when), arena);
    const dw_obligations *obs = by_itself ? dw_evaluate_rule(chron, w->policy, dw_policy_rule(w->policy, 0), arena)
                                          : dw_evaluate(chron, w->policy, arena);
    ck_assert_uint_eq(obs->count, 1);
    for (const dw_obligation *ob = obs->items; ob != NULL; ob = ob->others) {
        dw_date_format(ob->due_on, due);
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s %s", len != 0 ? ", " : "",
                                dw_ob_state_name(ob->state), due);
    }
    ck_assert_msg(strcmp(text, expected) == 0, "%s: %s", when, text);
    dw_arena_free(&arena);
}

static void duties(world *w, const char *when, const char *expected)
{
    duties_by(w, when, expected, false);
    if (dw_policy_rule_count(w->policy) == 1)
        duties_by(w, when, expected, true);
}

static const struct {
    int first_days, second_days;
    bool first_rests, second_rests;
    const char *at_20_january, *at_1_february, *at_1_march;
} clocks[] = {
    {20, 40, false, false, "scheduled 2026-01-25, scheduled 2026-02-14", "overdue 2026-01-25, scheduled 2026-02-14",
     "overdue 2026-01-25, overdue 2026-02-14"},
    {40, 20, false, false, "scheduled 2026-01-25, scheduled 2026-02-14", "overdue 2026-01-25, scheduled 2026-02-14",
     "overdue 2026-01-25, overdue 2026-02-14"},
    {20, 40, true, false, "scheduled 2026-02-14, resting 2026-01-25", "scheduled 2026-02-14, resting 2026-01-25",
     "overdue 2026-02-14, resting 2026-01-25"},
    {20, 40, false, true, "scheduled 2026-01-25, resting 2026-02-14", "overdue 2026-01-25, resting 2026-02-14",
     "overdue 2026-01-25, resting 2026-02-14"},
    {40, 20, false, true, "scheduled 2026-02-14, resting 2026-01-25", "scheduled 2026-02-14, resting 2026-01-25",
     "overdue 2026-02-14, resting 2026-01-25"},
};

/* The clock that runs, and is due first; a late one before all. */
START_TEST(of_two_clocks)
{
    dw_policy *policy =
        two_clocks(clocks[_i].first_days, clocks[_i].second_days, clocks[_i].first_rests, clocks[_i].second_rests);
    small_policy_seal(policy);
    world *w = world_new(policy);
    ev(w, "2026-01-05T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    ev(w, "2026-01-06T10:00:00Z", "placement_started", "'placement_id':'L','rne':'S','ls':'C2','place':'U6'");
    duties(w, "2026-01-20T10:00:00Z", clocks[_i].at_20_january);
    duties(w, "2026-02-01T10:00:00Z", clocks[_i].at_1_february);
    duties(w, "2026-03-01T10:00:00Z", clocks[_i].at_1_march);
    world_free(w);
}
END_TEST

static const struct {
    dw_raises raises;
    const char *at_20_january, *at_5_february, *at_12_february;
} workers[] = {
    {DW_RAISES_ALERT, "scheduled 2026-02-04, scheduled 2026-02-11", "overdue 2026-02-04, scheduled 2026-02-11",
     "overdue 2026-02-04, overdue 2026-02-11"},
    {DW_RAISES_NOTHING, "scheduled 2026-02-04, scheduled 2026-02-11", "overdue 2026-02-04, scheduled 2026-02-11",
     "overdue 2026-02-04, overdue 2026-02-11"},
    {DW_RAISES_WARNING, "scheduled 2026-02-04, scheduled 2026-02-11", "warned 2026-02-04, scheduled 2026-02-11",
     "warned 2026-02-04, warned 2026-02-11"},
    {DW_RAISES_FLAG, "scheduled 2026-02-04, scheduled 2026-02-11", "scheduled 2026-02-11, flagged 2026-02-04",
     "flagged 2026-02-11, flagged 2026-02-04"},
};

/* Supervision of each worker, 30 days from the allocation. */
static dw_policy *two_workers(dw_raises raises)
{
    dw_policy *policy = small_policy_open(1);
    dw_rule *rule = add_visits(policy, "X-1");
    rule->over = (dw_span_selector){.family = DW_SPAN_ALLOCATION};
    rule->limits[0] = (dw_limit){.n = 30, .unit = DW_UNIT_DAYS};
    rule->evidence[0].type = DW_EV_SUPERVISION_HELD;
    rule->evidence[0].where = NULL;
    rule->evidence[0].link = NULL;
    rule->kind = DW_RULE_DEADLINE;
    rule->raises = raises;
    small_policy_seal(policy);
    return policy;
}

/* Two workers of one child, each a clock: the one that runs and is due first; of what is over the later. */
START_TEST(of_two_workers)
{
    world *w = world_new(two_workers(workers[_i].raises));
    ev(w, "2026-01-04T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    give(w, "2026-01-05T10:00:00Z", "2026-01-05T10:00:00Z", "A", 1, "create", "'worker_ref':'W1'", "worker_allocated",
         "'role':'LEAD_SW','allocation_id':'A1'");
    give(w, "2026-01-12T10:00:00Z", "2026-01-12T10:00:00Z", "B", 1, "create", "'worker_ref':'W2'", "worker_allocated",
         "'role':'IRO','allocation_id':'A2'");
    duties(w, "2026-01-20T10:00:00Z", workers[_i].at_20_january);
    duties(w, "2026-02-05T10:00:00Z", workers[_i].at_5_february);
    duties(w, "2026-02-12T10:00:00Z", workers[_i].at_12_february);
    world_free(w);
}
END_TEST

/* Two duties of one due date, the later of them off with its worker: the alert ends as its own duty does. */
START_TEST(of_two_workers_of_one_day)
{
    world *w = world_new(two_workers(DW_RAISES_ALERT));
    ev(w, "2026-01-04T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    give(w, "2026-01-05T10:00:00Z", "2026-01-05T10:00:00Z", "A", 1, "create", "'worker_ref':'W1'", "worker_allocated",
         "'role':'LEAD_SW','allocation_id':'A1'");
    give(w, "2026-01-05T11:00:00Z", "2026-01-05T11:00:00Z", "B", 1, "create", "'worker_ref':'W2'", "worker_allocated",
         "'role':'IRO','allocation_id':'A2'");
    ev(w, "2026-01-20T10:00:00Z", "worker_ended", "'allocation_id':'A2'");
    till(w, "2026-02-06T10:00:00Z");
    saw(w, "opened X-1 - 2026-02-04 @2026-02-05T00:00Z");
    ev(w, "2026-02-06T11:00:00Z", "supervision_held", "");
    saw(w, "resolved X-1 - 2026-02-04 @2026-02-06T11:00Z done_late");
    world_free(w);
}
END_TEST

/* The clock that was alerted is withdrawn; what is left only marks the child: the alert was entered in error. */
START_TEST(only_a_flag_is_left)
{
    dw_policy *policy = two_clocks(20, 20, false, false);
    dw_rule *flag = dw_policy_rule_to_change(policy, 1);
    flag->raises = DW_RAISES_FLAG;
    flag->over.where = NULL; /* of plans of any type */
    small_policy_seal(policy);
    world *w = world_new(policy);
    give(w, "2026-01-05T10:00:00Z", "2026-01-05T10:00:00Z", "PL", 1, "create", "", "plan_started",
         "'plan_id':'P1','plan_type':'CP'");
    till(w, "2026-02-01T10:00:00Z");
    saw(w, "opened X-1 P1 2026-01-25 @2026-01-26T00:00Z");
    give(w, "2026-02-01T10:00:00Z", "2026-01-05T10:00:00Z", "PL", 2, "amend", "", "plan_started",
         "'plan_id':'P1','plan_type':'CIN'");
    saw(w, "resolved X-1 P1 2026-01-25 @2026-02-01T10:00Z entered_in_error");
    world_free(w);
}
END_TEST

/* The plan turns out to have ended before anything was due: neither clock is the one that was alerted, and both say so. */
START_TEST(ended_before_either_was_due)
{
    dw_policy *policy = two_clocks(20, 20, false, false);
    small_policy_seal(policy);
    world *w = world_new(policy);
    give(w, "2026-01-05T10:00:00Z", "2026-01-05T10:00:00Z", "PL", 1, "create", "", "plan_started",
         "'plan_id':'P1','plan_type':'CP'");
    till(w, "2026-02-01T10:00:00Z");
    saw(w, "opened X-1 P1 2026-01-25 @2026-01-26T00:00Z");
    give(w, "2026-02-01T10:00:00Z", "2026-01-05T10:00:00Z", "PL", 2, "amend", "", "plan_started",
         "'plan_id':'P1','plan_type':'CP','end_date':'2026-01-20'");
    saw(w, "resolved X-1 P1 2026-01-25 @2026-02-01T10:00Z cancelled");
    world_free(w);
}
END_TEST

/* Of two recurring clocks the late one went on, by a visit that the other does not count. */
START_TEST(one_clock_went_on)
{
    dw_policy *policy = two_clocks(20, 35, false, false);
    for (size_t part = 0; part < 2; part++)
        dw_policy_rule_to_change(policy, part)->kind = DW_RULE_RECURRING;
    dw_policy_rule_to_change(policy, 0)->evidence[0].where = NULL; /* of any kind; the second clock: seen in person */
    small_policy_seal(policy);
    world *w = world_new(policy);
    ev(w, "2026-01-05T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    ev(w, "2026-01-06T10:00:00Z", "visit_done", "'mode':'F2F'");
    till(w, "2026-01-28T10:00:00Z");
    saw(w, "opened X-1 P1 2026-01-26 @2026-01-27T00:00Z");
    ev(w, "2026-01-28T10:00:00Z", "visit_done", "'mode':'PHONE'");
    saw(w, "resolved X-1 P1 2026-01-26 @2026-01-28T10:00Z done_late");
    duties(w, "2026-01-28T10:00:00Z", "scheduled 2026-02-10, scheduled 2026-02-17");
    world_free(w);
}
END_TEST

/* By what the due date was counted: a limit in working days, in days, what is recorded for the child, a date that is set. */
START_TEST(calendars)
{
    static const char *const names[] = {"ew", "calendar", "ew", "calendar"};
    dw_policy *policy = small_policy_open(1);
    dw_rule *rule = add_visits(policy, "X-1");
    rule->calendar = DW_CAL_EW;
    rule->evidence[0].type = DW_EV_PLAN_REVIEW;
    rule->evidence[0].where = NULL;
    if (_i == 1)
        rule->limits[0].unit = DW_UNIT_DAYS;
    if (_i == 2) {
        rule->frequency_count = 1;
        rule->frequencies[0].days = field_ref(policy, "visit_frequency.days");
        rule->frequencies[0].unit = field_ref(policy, "visit_frequency.unit");
        rule->frequencies[0].from = field_ref(policy, "visit_frequency.from");
        rule->frequencies[0].agreed_by = field_ref(policy, "visit_frequency.agreed_by");
    }
    if (_i == 3)
        rule->due_override = field_ref(policy, "next_due_override");
    small_policy_seal(policy);
    world *w = world_new(policy);
    ev(w, "2026-01-05T10:00:00Z", "plan_started",
       "'plan_id':'P1','plan_type':'CP','visit_frequency':{'days':5,'unit':'WD'}");
    ev(w, "2026-01-05T11:00:00Z", "plan_review", "'next_due_override':'2026-01-12'");
    w->clock_us = w->rec->next_due_us;
    ck_assert_int_eq(dw_core_fire(w->rec, w->policy, w->rec->next_due_us, w->emit).error, DW_OK);
    ck_assert_uint_eq(w->emit->count, 1);
    const dw_transition *tr = &w->emit->items[0];
    ck_assert_int_eq(tr->due_on, date(_i == 0 ? "2026-01-19" : _i == 1 ? "2026-01-15" : "2026-01-12"));
    ck_assert_msg(dw_str_eq(tr->calendar, dw_str_from(names[_i])), "%.*s", DW_STR_ARG(tr->calendar));
    world_free(w);
}
END_TEST

/* A span that ends in time takes its duty along; one that ends later was late: to the instant, or the day. */
START_TEST(ends_in_time)
{
    static const struct {
        dw_unit unit;
        int n;
        const char *ended;
        dw_ob_state state;
    } all[] = {{DW_UNIT_HOURS, 24, "2026-01-17T10:00:00Z", DW_OB_CANCELLED},
               {DW_UNIT_HOURS, 24, "2026-01-17T10:00:01Z", DW_OB_SUPERSEDED_OVERDUE},
               {DW_UNIT_HOURS, 24, "2026-01-17T23:00:00Z", DW_OB_SUPERSEDED_OVERDUE},
               {DW_UNIT_DAYS, 14, "2026-01-30T23:59:59Z", DW_OB_CANCELLED},
               {DW_UNIT_DAYS, 14, "2026-01-31T00:00:00Z", DW_OB_SUPERSEDED_OVERDUE}};
    dw_policy *policy = small_policy_open(1);
    dw_rule *rule = add_visits(policy, "X-1");
    rule->kind = DW_RULE_DEADLINE;
    rule->limits[0] = (dw_limit){.n = all[_i].n, .unit = all[_i].unit};
    small_policy_seal(policy);
    world *w = world_new(policy);
    ev(w, "2026-01-16T10:00:00Z", "plan_started", "'plan_id':'P1','plan_type':'CP'");
    ev(w, all[_i].ended, "plan_ended", "'plan_id':'P1'");
    dw_arena *arena = dw_arena_new(1 << 20);
    const dw_chronology *chron = dw_chronology_derive(w->rec, instant("2026-02-10T00:00:00Z"), arena);
    const dw_obligations *obs = dw_evaluate(chron, w->policy, arena);
    ck_assert_uint_eq(obs->count, 1);
    ck_assert_int_eq(obs->items[0].state, all[_i].state);
    dw_arena_free(&arena);
    world_free(w);
}
END_TEST

START_TEST(names_of_states)
{
    static const char *const names[] = {
        "scheduled",          "warned",  "overdue", "met",    "met_late", "met_late_recorded", "cancelled",
        "superseded_overdue", "resting", "faded",   "flagged"};
    for (int state = 0; state < DW_OB_STATES; state++)
        ck_assert_str_eq(dw_ob_state_name((dw_ob_state)state), names[state]);
    ck_assert_str_eq(dw_ob_state_name(DW_OB_STATES), "?");
    ck_assert_str_eq(dw_ob_state_name((dw_ob_state)-1), "?");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("posts");
    TCase *cases = tcase_create("posts");
    tcase_add_loop_test(cases, the_whole_ladder, 0, sizeof whole / sizeof whole[0]);
    tcase_add_test(cases, a_post_falls_vacant);
    tcase_add_test(cases, a_post_falls_vacant_meanwhile);
    tcase_add_loop_test(cases, of_two_clocks, 0, sizeof clocks / sizeof clocks[0]);
    tcase_add_loop_test(cases, of_two_workers, 0, sizeof workers / sizeof workers[0]);
    tcase_add_test(cases, of_two_workers_of_one_day);
    tcase_add_test(cases, only_a_flag_is_left);
    tcase_add_test(cases, ended_before_either_was_due);
    tcase_add_test(cases, one_clock_went_on);
    tcase_add_loop_test(cases, calendars, 0, 4);
    tcase_add_loop_test(cases, ends_in_time, 0, 5);
    tcase_add_test(cases, names_of_states);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

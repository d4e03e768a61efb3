/* check_policy_reads.c: which facts can change which answer, how long they stay at hand, and posts. */

#include "tests/support/core_policy.h"

/* --- which facts can change which answer, and how long they stay at hand */

/* Beside the events that can change any rule's answer, and the visits and episodes of the rule itself. */
static const dw_event_type always[] = {DW_EV_CHILD_UPDATED, DW_EV_CASE_CLOSED,     DW_EV_PA_CONTACT, DW_EV_CLOCK_PAUSED,
                                       DW_EV_CLOCK_RESUMED, DW_EV_MISSING_EPISODE, DW_EV_VISIT_DONE};

static dw_span_selector contact(void)
{
    return (dw_span_selector){.family = DW_SPAN_CONTACT};
}

static void anchored(dw_anchor how)
{
    rule->anchors[0].how = how;
    rule->anchors[0].clause.type = DW_EV_MEETING_HELD;
    rule->anchor_count = 1;
}

#define PLANS DW_EV_PLAN_STARTED, DW_EV_PLAN_CHANGED, DW_EV_PLAN_ENDED
#define CARE PLANS, DW_EV_PLACEMENT_STARTED, DW_EV_PLACEMENT_ENDED, DW_EV_LEGAL_CHANGED
/* the types that are read, then what is done to the rule */
#define READERS(X)                                                                                                     \
    X(nothing_more, (DW_EV_NONE), (void)0)                                                                             \
    X(by_while, (DW_EV_CONTACT_RECEIVED), rule->limits[0].has_while = true; rule->limits[0].during = contact())        \
    X(by_or, (DW_EV_CONTACT_RECEIVED), rule->limits[0].has_or = true; rule->limits[0].or_during = contact())           \
    X(by_both, (DW_EV_CONTACT_RECEIVED), rule->limits[0].has_both = true; rule->limits[0].both[0] = contact();         \
      rule->limits[0].both[1].family = DW_SPAN_EPISODE)                                                                \
    X(by_both_second, (DW_EV_CONTACT_RECEIVED), rule->limits[0].has_both = true; rule->limits[0].both[1] = contact();  \
      rule->limits[0].both[0].family = DW_SPAN_EPISODE)                                                                \
    X(by_once, (DW_EV_CONTACT_RECEIVED), rule->limits[0].has_once = true; rule->limits[0].once = contact())            \
    X(by_before, (DW_EV_MEETING_HELD), rule->limits[0].has_before = true;                                              \
      rule->limits[0].before.type = DW_EV_MEETING_HELD)                                                                \
    X(by_the_second_limit, (DW_EV_CONTACT_RECEIVED), rule->limits[1].has_while = true;                                 \
      rule->limits[1].during = contact(); rule->limit_count = 2)                                                       \
    X(by_no_limit, (DW_EV_NONE), rule->limits[0].during = contact(); rule->limits[0].or_during = contact();            \
      rule->limits[0].both[0] = contact(); rule->limits[0].once = contact();                                           \
      rule->limits[0].before.type = DW_EV_MEETING_HELD)                                                                \
    X(by_rest, (DW_EV_CONTACT_RECEIVED), rule->rests[0] = contact(); rule->rest_count = 1)                             \
    X(by_outside, (DW_EV_CONTACT_RECEIVED), rule->outside[0] = contact(); rule->outside_count = 1)                     \
    X(after_a_rest, (DW_EV_MEETING_HELD), rule->after_rest[0].type = DW_EV_MEETING_HELD; rule->after_rest_count = 1)   \
    X(by_answer, (DW_EV_MEETING_HELD), rule->answer[0].type = DW_EV_MEETING_HELD; rule->answer_count = 1)              \
    X(by_second_evidence, (DW_EV_MEETING_HELD), rule->evidence[1].type = DW_EV_MEETING_HELD; rule->evidence_count = 2) \
    X(inside_it, (DW_EV_CONTACT_RECEIVED), rule->ended_inside[0] = contact(); rule->ended_inside_count = 1)            \
    X(while_open, (DW_EV_CONTACT_RECEIVED), rule->while_open = contact(); rule->has_while_open = true)                 \
    X(at_start, (DW_EV_CONTACT_RECEIVED), rule->at_start_open = contact(); rule->has_at_start = true)                  \
    X(not_while_open, (DW_EV_NONE), rule->while_open = contact(); rule->at_start_open = contact())                     \
    X(anchor_before, (DW_EV_MEETING_HELD), anchored(DW_ANCHOR_BEFORE_START))                                           \
    X(anchor_linked, (DW_EV_MEETING_HELD), anchored(DW_ANCHOR_LINKED))                                                 \
    X(anchor_nth, (DW_EV_MEETING_HELD), anchored(DW_ANCHOR_NTH))                                                       \
    X(anchor_each, (DW_EV_MEETING_HELD), anchored(DW_ANCHOR_EACH))                                                     \
    X(anchor_birthday, (DW_EV_NONE), anchored(DW_ANCHOR_BIRTHDAY))                                                     \
    X(frequency_own, (DW_EV_NONE), rule->frequency_count = 1; rule->frequencies[0].of = contact())                     \
    X(frequency_of, (DW_EV_CONTACT_RECEIVED), rule->frequency_count = 1;                                               \
      rule->frequencies[0].source = DW_FREQUENCY_OF; rule->frequencies[0].of = contact())                              \
    X(frequency_override, (DW_EV_SCHEDULE_OVERRIDE, PLANS), rule->frequency_count = 1;                                 \
      rule->frequencies[0].source = DW_FREQUENCY_OVERRIDE)                                                             \
    X(stalled, (CARE), rule->kind = DW_RULE_STALL; rule->same_count = 1)                                               \
    X(over_each_meeting, (DW_EV_MEETING_HELD, DW_EV_MISSING_EPISODE), rule->over.each = true;                          \
      rule->over.family = DW_SPAN_CHILD; rule->over.each_type = DW_EV_MEETING_HELD; rule->rest_count = 1;              \
      rule->rests[0].family = DW_SPAN_EPISODE)                                                                         \
    X(what_it_waits_for, (DW_EV_MEETING_HELD), rule->kind = DW_RULE_DEADLINE; rule->anchor = DW_ANCHOR_CROSSING;       \
      rule->anchor_rule_id = DW_STR_LIT("MI-03"); rule->over.family = DW_SPAN_CONTACT;                                 \
      add_episodes(policy, "MI-03")->over.where = NULL)                                                                \
    X(what_it_follows, (DW_EV_NONE), dw_rule *missed = breach(); missed->over.where = NULL;                            \
      missed->over.family = DW_SPAN_EPISODE)
#define TYPES(...)                                                                                                     \
    (const dw_event_type[])                                                                                            \
    {                                                                                                                  \
        __VA_ARGS__, DW_EV_NONE                                                                                        \
    }
#define ROW(name, types, ...)                                                                                          \
    static void reads_##name(void)                                                                                     \
    {                                                                                                                  \
        __VA_ARGS__;                                                                                                   \
    }
READERS(ROW)
#undef ROW

static const struct {
    const char *name;
    const dw_event_type *types;
    void (*change)(void);
} readers[] = {
#define ROW(name, types, ...) {#name, TYPES types, reads_##name},
    READERS(ROW)
#undef ROW
};

START_TEST(who_reads_what)
{
    bool wanted[DW_EV_MAX] = {false};
    policy = small_policy_open(1);
    rule = add_visits(policy, "CP-07");
    rule->over = (dw_span_selector){.family = DW_SPAN_EPISODE};
    readers[_i].change();
    small_policy_seal(policy);
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        wanted[always[i]] = true;
    for (const dw_event_type *t = readers[_i].types; *t != DW_EV_NONE; t++)
        wanted[*t] = true;
    for (int t = 0; t < DW_EV_MAX; t++)
        ck_assert_msg(dw_rule_set_has(dw_policy_readers(policy, (dw_event_type)t), rule->index) == wanted[t], "%s: %s",
                      readers[_i].name, dw_event_type_name((dw_event_type)t));
    dw_policy_unref(&policy);
}
END_TEST

/* Of what it follows the rule itself reads nothing: only what answers it, and what ends anything or pauses it. */
START_TEST(what_a_follower_reads_itself)
{
    static const dw_event_type own[] = {DW_EV_CHILD_UPDATED, DW_EV_CASE_CLOSED, DW_EV_CLOCK_PAUSED, DW_EV_CLOCK_RESUMED,
                                        DW_EV_MEETING_HELD};
    policy = small_policy_open(1);
    rule = add_visits(policy, "CP-07");
    dw_rule *missed = breach();
    rule->evidence[0] = (dw_clause){.type = DW_EV_MEETING_HELD};
    missed->over = (dw_span_selector){.family = DW_SPAN_EPISODE};
    small_policy_seal(policy);
    for (int t = 0; t < DW_EV_MAX; t++) {
        bool wanted = false;
        for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
            wanted |= (int)own[i] == t;
        ck_assert_msg((rule->own_types[t / 64] >> (t % 64) & 1) == wanted, "%s", dw_event_type_name((dw_event_type)t));
        /* what follows nothing reads all by itself */
        ck_assert_int_eq((missed->own_types[t / 64] >> (t % 64) & 1) != 0,
                         dw_rule_set_has(dw_policy_readers(policy, (dw_event_type)t), missed->index));
    }
    dw_policy_unref(&policy);
}
END_TEST

/* Those that follow, and those that follow them, with all their parts; nobody else. */
START_TEST(followers)
{
    static const struct {
        const char *asked, *with; /* a letter a rule: AA-1, both parts of BB-1, CP-07, ZZ-1 */
    } all[] = {{".....", "....."}, {"a....", "abbc."}, {".b...", ".b.c."},
               {"...c.", "...c."}, {"....z", "....z"}, {"a...z", "abbcz"}};
    policy = small_policy_open(1);
    rule = add_visits(policy, "CP-07");
    follow(rule, both, 1);
    follow(add_visits(policy, "BB-1"), lower, 1);
    dw_rule *part = follow(add_visits(policy, "BB-1"), lower, 1);
    part->part = 1;
    add_visits(policy, "AA-1");
    add_visits(policy, "ZZ-1");
    small_policy_seal(policy);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        dw_rule_set set = {{0}};
        char with[6] = ".....";
        for (size_t k = 0; k < 5; k++)
            if (all[i].asked[k] != '.')
                dw_rule_set_add(&set, k);
        dw_policy_add_followers(policy, &set);
        for (size_t k = 0; k < 5; k++)
            with[k] = dw_rule_set_has(&set, k) ? "abbcz"[k] : '.';
        ck_assert_str_eq(with, all[i].with);
    }
    dw_policy_unref(&policy);
}
END_TEST

/* What follows may stand before what it follows. */
START_TEST(followers_in_any_order)
{
    static const dw_str first[] = {DW_STR_LIT("ZZ-1")}, second[] = {DW_STR_LIT("CP-07")};
    dw_rule_set set = {{0}};
    policy = small_policy_open(1);
    rule = follow(add_visits(policy, "CP-07"), first, 1);
    follow(add_visits(policy, "AA-1"), second, 1);
    add_visits(policy, "BB-1");
    add_visits(policy, "ZZ-1");
    small_policy_seal(policy);
    dw_rule_set_add(&set, 3);
    dw_policy_add_followers(policy, &set);
    for (size_t k = 0; k < 4; k++)
        ck_assert_int_eq(dw_rule_set_has(&set, k), k != 1);
    dw_policy_unref(&policy);
}
END_TEST

/* What is put into a set, or taken out of it, is that rule alone, up to the last that a policy may have. */
START_TEST(sets_of_rules)
{
    dw_rule_set all = {{0}};
    for (size_t i = 0; i < DW_RULES_MAX; i++)
        dw_rule_set_add(&all, i);
    for (size_t i = 0; i < DW_RULES_MAX; i++) {
        dw_rule_set one = {{0}}, others = all;
        dw_rule_set_add(&one, i);
        dw_rule_set_remove(&others, i);
        for (size_t k = 0; k < DW_RULES_MAX; k++) {
            ck_assert_int_eq(dw_rule_set_has(&one, k), k == i);
            ck_assert_int_eq(dw_rule_set_has(&others, k), k != i);
        }
        ck_assert(!dw_rule_set_meets(&one, &others) && dw_rule_set_meets(&one, &all));
        dw_rule_set_remove(&one, i);
        ck_assert(!dw_rule_set_meets(&one, &all));
    }
}
END_TEST

START_TEST(owner_fields)
{
    static const struct {
        dw_event_type type;
        uint16_t placement, plan, episode;
    } all[] = {{DW_EV_VISIT_DONE, DW_F_VISIT_DONE_PLACEMENT_ID, DW_F_VISIT_DONE_PLAN_ID, 0},
               {DW_EV_PLAN_STARTED, DW_F_PLAN_STARTED_PLACEMENT_ID, DW_F_PLAN_STARTED_PLAN_ID, 0},
               {DW_EV_PLACEMENT_ENDED, DW_F_PLACEMENT_ENDED_PLACEMENT_ID, 0, 0},
               {DW_EV_RHI, 0, 0, DW_F_RHI_EPISODE_ID},
               {DW_EV_MISSING_EPISODE, 0, 0, DW_F_MISSING_EPISODE_EPISODE_ID},
               {DW_EV_CHILD_UPDATED, 0, 0, 0},
               {DW_EV_NONE, 0, 0, 0}};
    policy = small_policy(1);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const uint16_t *fields = dw_policy_owner_fields(policy, all[i].type);
        ck_assert_uint_eq(fields[0], all[i].placement);
        ck_assert_uint_eq(fields[1], all[i].plan);
        ck_assert_uint_eq(fields[2], all[i].episode);
    }
    dw_policy_unref(&policy);
}
END_TEST

/* What is owed of an event when it was written up is the event's own affair, unless anything else is asked, too. */
#define ALONE(X)                                                                                                       \
    X(alone, true, (void)0)                                                                                            \
    X(any_limit, true, rule->limits[1].n = 3; rule->limit_count = 2)                                                   \
    X(recurring, false, rule->kind = DW_RULE_RECURRING; rule->evidence_count = 1)                                      \
    X(over_plans, false, rule->over.each = false; rule->over.family = DW_SPAN_PLAN)                                    \
    X(by_evidence, false, rule->met_by = DW_MET_BY_EVIDENCE; rule->evidence_count = 1)                                 \
    X(by_end, false, rule->met_by = DW_MET_BY_END)                                                                     \
    X(anchored, false, rule->anchor_count = 1)                                                                         \
    X(of_an_age, false, rule->has_age = true)                                                                          \
    X(with_a_frequency, false, rule->frequency_count = 1)                                                              \
    X(resting, false, rule->rest_count = 1; rule->rests[0].family = DW_SPAN_CARE)                                      \
    X(outside_care, false, rule->outside_count = 1; rule->outside[0].family = DW_SPAN_CARE)                            \
    X(in_phases, false, rule->phases = true)                                                                           \
    X(with_while, false, rule->limits[0].has_while = true; rule->limits[0].during.family = DW_SPAN_CARE)               \
    X(with_once, false, rule->limits[0].has_once = true; rule->limits[0].once.family = DW_SPAN_CARE)                   \
    X(with_before, false, rule->limits[0].has_before = true)                                                           \
    X(with_nth, false, rule->limits[0].has_nth = true)                                                                 \
    X(recorded, false, rule->limits[0].recorded = true)                                                                \
    X(with_when, false, rule->limits[0].when = rule->over.where)                                                       \
    X(from_an_age, false, rule->limits[0].age_from = 5)                                                                \
    X(until_an_age, false, rule->limits[0].age_until = 5)                                                              \
    X(first_with_while, false, rule->limits[0].has_while = true; rule->limits[0].during.family = DW_SPAN_CARE;         \
      rule->limits[1].n = 3; rule->limit_count = 2)
#define ROW(name, is, ...)                                                                                             \
    static void alone_##name(void)                                                                                     \
    {                                                                                                                  \
        __VA_ARGS__;                                                                                                   \
    }
ALONE(ROW)
#undef ROW

static const struct {
    const char *name;
    bool is;
    void (*change)(void);
} alone[] = {
#define ROW(name, is, ...) {#name, is, alone_##name},
    ALONE(ROW)
#undef ROW
};

START_TEST(by_the_event_alone)
{
    policy = small_policy_open(1);
    rule = add_visits(policy, "CP-07");
    rule->kind = DW_RULE_DEADLINE;
    rule->over = each_where();
    rule->met_by = DW_MET_BY_RECORDING;
    rule->evidence_count = 0;
    alone[_i].change();
    small_policy_seal(policy);
    ck_assert_msg(rule->by_fact_alone == alone[_i].is, "%s", alone[_i].name);
    dw_policy_unref(&policy);
}
END_TEST

START_TEST(silence_reads_all)
{
    policy = small_policy_open(1);
    add_visits(policy, "CP-07")->kind = DW_RULE_SILENCE;
    small_policy_seal(policy);
    for (int t = 0; t < DW_EV_MAX; t++)
        ck_assert(dw_rule_set_has(dw_policy_readers(policy, (dw_event_type)t), 0));
    dw_policy_unref(&policy);
}
END_TEST

START_TEST(posts)
{
    policy = small_policy_open(1);
    small_policy_seal(policy);
    bool vacant = true;
    dw_str post = dw_policy_post(policy, DW_STR_LIT("team-1"), 0, &vacant);
    ck_assert(dw_str_eq(post, DW_STR_LIT("t1-sw")) && !vacant);
    post = dw_policy_post(policy, DW_STR_LIT("team-2"), 1, &vacant);
    ck_assert(dw_str_eq(post, DW_STR_LIT("t2-tm")) && vacant);
    post = dw_policy_post(policy, DW_STR_LIT("team-2"), 3, &vacant); /* the line leaves it out */
    ck_assert(dw_str_eq(post, DW_STR_LIT("ad")) && !vacant);
    post = dw_policy_post(policy, DW_STR_LIT("team-9"), 2, &vacant);
    ck_assert(dw_str_eq(post, DW_STR_LIT("sm")));
    post = dw_policy_post(policy, (dw_str){NULL, 0}, 4, NULL);
    ck_assert(dw_str_eq(post, DW_STR_LIT("dir")));
    dw_policy_unref(&policy);
    policy = dw_policy_new(1 << 20); /* no line for teams not listed */
    dw_calendar *calendar = dw_calendar_new(NULL, 0, NULL, 0, 540, 1020);
    dw_policy_set_calendar(policy, dw_calendar_new(NULL, 0, NULL, 0, 0, 60)); /* the last one holds */
    dw_policy_set_calendar(policy, calendar);
    ck_assert_ptr_eq(dw_policy_calendar(policy), calendar);
    for (int i = 0; i < 40; i++) { /* listed in any order */
        static char team[40][8], head[40][8];
        snprintf(team[i], sizeof team[i], "t%02d", i * 7 % 40);
        snprintf(head[i], sizeof head[i], "h%02d", i * 7 % 40);
        ck_assert(dw_policy_add_line(policy, (dw_line){.team_id = dw_str_from(team[i]),
                                                       .post = {[1] = dw_str_from(head[i])},
                                                       .vacant = {[1] = i % 2 == 0}}));
    }
    small_policy_seal(policy);
    for (int i = 0; i < 40; i++) {
        char team[8], head[8];
        snprintf(team, sizeof team, "t%02d", i * 7 % 40);
        snprintf(head, sizeof head, "h%02d", i * 7 % 40);
        post = dw_policy_post(policy, dw_str_from(team), 1, &vacant);
        ck_assert(dw_str_eq(post, dw_str_from(head)) && vacant == (i % 2 == 0));
        vacant = true;
        post = dw_policy_post(policy, dw_str_from(team), 2, &vacant); /* left out */
        ck_assert(dw_str_eq(post, dw_str_from(team)) && !vacant);
    }
    post = dw_policy_post(policy, DW_STR_LIT("t"), 1, &vacant);
    ck_assert(dw_str_eq(post, DW_STR_LIT("t")) && !vacant);
    dw_policy_unref(&policy);
    policy = dw_policy_new(1 << 20); /* nobody at all */
    post = dw_policy_post(policy, DW_STR_LIT("team-9"), 2, &vacant);
    ck_assert(dw_str_eq(post, DW_STR_LIT("team-9")));
    post = dw_policy_post(policy, (dw_str){NULL, 0}, 2, &vacant);
    ck_assert(dw_str_eq(post, DW_STR_LIT("unassigned")));
    dw_policy_unref(&policy);
}
END_TEST

#define EVER 73000
static const struct {
    const char *name;
    int episodes, meetings, visits; /* days beyond DW_FOLD_DAYS_MIN */
    bool facts, clears, ever;
    dw_unit unit;
    int n;
    uint32_t threshold;
} lookback[] = {
    {"spans in days", 91, 0, 0, false, false, false, DW_UNIT_DAYS, 90, 3},
    {"spans in months", 373, 0, 0, false, false, false, DW_UNIT_MONTHS, 12, 3},
    {"spans and what clears them", 91, 91, 0, false, true, false, DW_UNIT_DAYS, 90, 3},
    {"facts and what clears them", 0, 91, 91, true, true, false, DW_UNIT_DAYS, 90, 3},
    {"ever", EVER, 0, 0, false, false, true, DW_UNIT_DAYS, 0, 2},
    {"ever one", 0, 0, 0, false, false, true, DW_UNIT_DAYS, 0, 1},
    {"ever since an answer", 0, 0, 0, false, true, true, DW_UNIT_DAYS, 0, 2},
};

START_TEST(lookbacks)
{
    policy = small_policy_open(1);
    add_visits(policy, "CP-07");
    rule = add_episodes(policy, "MI-03");
    rule->count_spans = !lookback[_i].facts;
    rule->evidence_count = lookback[_i].facts ? 1 : 0;
    rule->answer_clears = lookback[_i].clears;
    rule->window_ever = lookback[_i].ever;
    rule->window_n = lookback[_i].n;
    rule->window_unit = lookback[_i].unit;
    rule->threshold = lookback[_i].threshold;
    add_episodes(policy, "MI-04")->window_n = 1; /* the longest decides */
    small_policy_seal(policy);
    int episodes = lookback[_i].episodes > 2 ? lookback[_i].episodes : 2;
    ck_assert_int_eq(dw_policy_lookback_days(policy, DW_EV_MISSING_EPISODE), DW_FOLD_DAYS_MIN + episodes);
    ck_assert_int_eq(dw_policy_lookback_days(policy, DW_EV_MEETING_HELD), DW_FOLD_DAYS_MIN + lookback[_i].meetings);
    ck_assert_int_eq(dw_policy_lookback_days(policy, DW_EV_VISIT_DONE), DW_FOLD_DAYS_MIN + lookback[_i].visits);
    ck_assert_int_eq(dw_policy_lookback_days(policy, DW_EV_LEGAL_CHANGED), DW_FOLD_DAYS_MIN);
    dw_policy_unref(&policy);
}
END_TEST

/* A count of spans of each event looks back on that, and on all that can end such a span. */
START_TEST(look_back_of_each)
{
    policy = small_policy_open(1);
    rule = add_episodes(policy, "MI-03");
    rule->over = (dw_span_selector){.family = DW_SPAN_CHILD, .each = true, .each_type = DW_EV_VISIT_DONE};
    small_policy_seal(policy);
    for (int t = 0; t < DW_EV_MAX; t++) {
        bool counted =
            t == DW_EV_VISIT_DONE || t == DW_EV_CHILD_UPDATED || t == DW_EV_CASE_CLOSED || t == DW_EV_PA_CONTACT;
        ck_assert_int_eq(dw_policy_lookback_days(policy, (dw_event_type)t), DW_FOLD_DAYS_MIN + (counted ? 91 : 0));
    }
    dw_policy_unref(&policy);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("policy_reads");
    TCase *cases = tcase_create("policy_reads");
    tcase_add_loop_test(cases, who_reads_what, 0, sizeof readers / sizeof readers[0]);
    tcase_add_test(cases, what_a_follower_reads_itself);
    tcase_add_test(cases, followers);
    tcase_add_test(cases, followers_in_any_order);
    tcase_add_test(cases, sets_of_rules);
    tcase_add_test(cases, owner_fields);
    tcase_add_loop_test(cases, by_the_event_alone, 0, sizeof alone / sizeof alone[0]);
    tcase_add_test(cases, silence_reads_all);
    tcase_add_test(cases, look_back_of_each);
    tcase_add_test(cases, posts);
    tcase_add_loop_test(cases, lookbacks, 0, sizeof lookback / sizeof lookback[0]);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

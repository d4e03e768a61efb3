/* check_record_fold.c: what goes to pages and what stays: single facts that answers rest on, facts too large for a page,
 * memory of alerts whose subject is still spoken of, and a head too long with what is still counted. */

#include "handlers/driftwatch.h"
#include "handlers/record_wire.h"
#include "tests/unit/handlers/small_policy.h"

static dw_record *rec;
static dw_policy *policy;
static dw_encoded enc;
static int64_t number;

#define OLD 20000
#define TODAY (OLD + 100)
#define MANY DW_FOLD_PUTS /* facts of which a fold finds enough */

static void setup(void)
{
    rec = dw_record_new(DW_STR_LIT("941"), DW_STR_LIT("c-1"));
    policy = small_policy(1);
    ck_assert_ptr_nonnull(rec);
    memset(&enc, 0, sizeof enc);
    number = 0;
}

static void teardown(void)
{
    dw_record_free(&rec);
    dw_policy_unref(&policy);
    dw_encoded_deinit(&enc);
}

static dw_event event_of(dw_event_type type, int32_t day)
{
    static char ids[8192][12];
    dw_event ev = {.type = type, .op = DW_OP_CREATE, .source_revision = 1};
    ck_assert_int_lt(number, 8192);
    snprintf(ids[number], sizeof ids[number], "r%d", (int)number);
    ev.source_record_id = dw_str_from(ids[number++]);
    ev.occurred_at_us = dw_london_start_us(day) + number;
    return ev;
}

static void put(const dw_event *ev)
{
    ck_assert_int_eq(dw_record_put(rec, ev, number), DW_APPLIED);
}

static void put_many(dw_event_type type, int n, int32_t day)
{
    for (int i = 0; i < n; i++) {
        dw_event ev = event_of(type, day);
        put(&ev);
    }
}

static void encode(void)
{
    dw_error err = {0};
    ck_assert_msg(dw_record_encode(rec, policy, &enc, &err) == DW_OK, "%s", err.text);
    ck_assert_uint_le(enc.head.len, DW_HEAD_BYTES_HARD_MAX);
}

static dw_record *read_back(bool with_pages)
{
    dw_error err = {0};
    dw_record *back = NULL;
    ck_assert_msg(dw_record_decode(enc.head.data, enc.head.len, &back, &err) == DW_OK, "%s", err.text);
    ck_assert_uint_eq(back->page_count, enc.write_count);
    for (uint32_t i = 0; with_pages && i < enc.write_count; i++)
        ck_assert_int_eq(dw_record_attach_page(back, i, enc.pages.data + enc.writes[i].start, enc.writes[i].len, &err),
                         DW_OK);
    return back;
}

static unsigned count_of(const dw_record *in, dw_event_type type)
{
    unsigned n = 0;
    for (uint32_t i = 0; i < in->fact_count; i++)
        n += in->facts[i].type == type;
    return n;
}

/* The first day, the last, the last restriction and the last team before the fold, and who the child is: in the head. */
START_TEST(single_facts_stay)
{
    dw_event first = event_of(DW_EV_MEETING_HELD, OLD - 5), restricted = event_of(DW_EV_MEETING_HELD, OLD - 3);
    dw_event team = event_of(DW_EV_MEETING_HELD, OLD - 1), birth = event_of(DW_EV_CHILD_UPDATED, OLD - 2);
    dw_event earlier_team = event_of(DW_EV_MEETING_HELD, OLD - 4);
    restricted.restricted = DW_ANSWER_Y;
    earlier_team.team_id = DW_STR_LIT("team-2");
    team.team_id = DW_STR_LIT("team-1");
    put(&first);
    put(&earlier_team);
    put(&restricted);
    put(&birth);
    put(&team);
    put_many(DW_EV_VISIT_DONE, MANY, OLD);
    rec->clock_us = dw_london_start_us(TODAY);
    encode();
    dw_record *back = read_back(false);
    dw_arena *arena = dw_arena_new(1 << 20);
    ck_assert_uint_eq(count_of(back, DW_EV_MEETING_HELD), 3); /* not the earlier team */
    ck_assert_uint_eq(count_of(back, DW_EV_CHILD_UPDATED), 1);
    ck_assert_uint_eq(count_of(back, DW_EV_VISIT_DONE), 1);
    const dw_chronology *chron = dw_chronology_facts(back, back->clock_us, arena);
    ck_assert(chron->restricted);
    ck_assert(dw_str_eq(chron->team_id, DW_STR_LIT("team-1")));
    ck_assert_int_eq(chron->last_fact_day, OLD);
    ck_assert_int_eq(chron->facts[0]->day, OLD - 5);
    ck_assert_int_eq(back->horizon, TODAY - DW_FOLD_DAYS_MIN);
    dw_arena_free(&arena);
    dw_record_free(&back);
}
END_TEST

static void put_episode(const char *id, int64_t phase, int32_t day)
{
    dw_event ev = event_of(DW_EV_MISSING_EPISODE, day);
    if (id[0] != '\0')
        ev.values[ev.value_count++] =
            (dw_value){.field = DW_F_MISSING_EPISODE_EPISODE_ID, .kind = DW_VAL_STR, .s = dw_str_from(id)};
    ev.values[ev.value_count++] = (dw_value){.field = DW_F_MISSING_EPISODE_PHASE, .kind = DW_VAL_ENUM, .i = phase};
    if (phase == DW_V_MISSING_PHASE_RETURNED)
        ev.values[ev.value_count++] =
            (dw_value){.field = DW_F_MISSING_EPISODE_RETURNED_AT, .kind = DW_VAL_INSTANT, .i = ev.occurred_at_us};
    put(&ev);
}

/* An episode of long ago that is cancelled now: its first record stays beside the one that says so, as no span holds them
 * together. Not that of another episode, or of one without an id. What was cancelled long ago stays beside its first record,
 * when that is the first of the child. */
START_TEST(a_cancelled_episode_stays_whole)
{
    static const struct {
        const char *old, *now;
        unsigned in_head;
        bool first;
    } rows[] = {{"M", "M", 2, false}, {"episode-1", "episode-1", 2, false},
                {"M", "N", 1, false}, {"", "", 1, false},
                {"M", "", 1, false},  {"", "M", 1, false},
                {"M", "M", 2, true},  {"M", "N", 1, true}};
    if (!rows[_i].first)
        put_many(DW_EV_MEETING_HELD, 1, OLD - 205);
    put_episode(rows[_i].old, DW_V_MISSING_PHASE_RETURNED, OLD - 200);
    put_many(DW_EV_VISIT_DONE, MANY, OLD);
    put_episode(rows[_i].now, DW_V_MISSING_PHASE_CANCELLED, rows[_i].first ? OLD - 190 : TODAY - 1);
    rec->clock_us = dw_london_start_us(TODAY);
    encode();
    dw_record *back = read_back(false);
    ck_assert_uint_eq(count_of(back, DW_EV_MISSING_EPISODE), rows[_i].in_head);
    ck_assert_uint_eq(count_of(back, DW_EV_VISIT_DONE), 1);
    dw_record_free(&back);
}
END_TEST

/* As many settled facts as are worth a page, or they stay; and on the day on which they are old enough. */
START_TEST(as_many_as_are_worth_it)
{
    int n = DW_FOLD_FACTS_MIN + (_i == 0 ? -1 : 0);
    int32_t last = OLD + dw_policy_lookback_days(policy, DW_EV_VISIT_DONE);
    dw_event first = event_of(DW_EV_CHILD_UPDATED, OLD - 1);
    put(&first);
    put_many(DW_EV_VISIT_DONE, n, OLD);
    put_many(DW_EV_VISIT_DONE, 1, OLD); /* the last fact of all stays */
    rec->fold_day = 0;
    rec->clock_us = dw_london_start_us(last + 1) - 1;
    encode();
    ck_assert_uint_eq(enc.write_count, 0);
    ck_assert_int_eq(rec->fold_day, last + 1);
    rec->clock_us++;
    encode();
    ck_assert_uint_eq(enc.write_count, _i);
    ck_assert_uint_eq(rec->fact_count, _i == 0 ? n + 2 : 2);
    ck_assert_uint_eq(rec->page_count, _i);
}
END_TEST

static int old_enough_on(int32_t day)
{
    int n = 0;
    for (uint32_t i = 0; i < rec->fact_count; i++)
        n += rec->facts[i].day + dw_policy_lookback_days(policy, rec->facts[i].type) < day;
    return n;
}

/* The next try is on the first day on which as many are old enough, whichever of them look back for longer. */
START_TEST(the_day_of_the_next_try)
{
    const int longer = dw_policy_lookback_days(policy, DW_EV_MISSING_EPISODE) - DW_FOLD_DAYS_MIN;
    const int32_t today = OLD + DW_FOLD_DAYS_MIN + 1;
    ck_assert_int_gt(longer, MANY);
    put_many(DW_EV_MISSING_EPISODE, _i, OLD - longer); /* old enough from today on */
    put_many(DW_EV_MISSING_EPISODE, 1, OLD + 1 - longer);
    for (int i = 0; i < MANY; i++) {
        put_many(DW_EV_VISIT_DONE, 1, OLD + 2 + 7 * i % MANY);
        put_many(DW_EV_MISSING_EPISODE, 1, OLD + 2 + 11 * i % MANY - longer);
    }
    rec->fold_day = 0;
    rec->fold_puts = 7;
    rec->clock_us = dw_london_start_us(today);
    ck_assert_int_eq(old_enough_on(today), _i);
    ck_assert(dw_buf_reserve(&enc.body, 1024));
    memset(enc.body.data, 0, enc.body.cap);
    encode();
    ck_assert_uint_eq(enc.write_count, 0);
    ck_assert_int_ge(old_enough_on(rec->fold_day), DW_FOLD_FACTS_MIN);
    ck_assert_int_lt(old_enough_on(rec->fold_day - 1), DW_FOLD_FACTS_MIN);
    ck_assert_uint_eq(rec->fold_puts, 0);
}
END_TEST

/* After a fold it is as many again; with fewer in sight no day is known. */
START_TEST(the_next_try_after_a_fold)
{
    put_many(DW_EV_CHILD_UPDATED, 1, OLD - 1);
    put_many(DW_EV_VISIT_DONE, DW_FOLD_FACTS_MIN + 1, OLD); /* one of them stays */
    for (int i = 0; i < DW_FOLD_FACTS_MIN - 2 + _i; i++)
        put_many(DW_EV_VISIT_DONE, 1, TODAY - DW_FOLD_DAYS_MIN + 2 + i);
    rec->fold_day = TODAY;
    rec->clock_us = dw_london_start_us(TODAY);
    encode();
    ck_assert_uint_eq(enc.write_count, 1);
    int old = old_enough_on(TODAY), young = (int)rec->fact_count - old;
    ck_assert_int_eq(young, DW_FOLD_FACTS_MIN - 1 + _i);
    ck_assert_int_eq(rec->fold_day == DW_DAY_OPEN, _i == 0);
    if (_i != 0) {
        ck_assert_int_ge(old_enough_on(rec->fold_day) - old, DW_FOLD_FACTS_MIN);
        ck_assert_int_lt(old_enough_on(rec->fold_day - 1) - old, DW_FOLD_FACTS_MIN);
    }
}
END_TEST

/* Facts that fill more than a page each have one of their own. */
START_TEST(facts_larger_than_a_page)
{
    char texts[DW_EVENT_REPEATED_MAX][DW_ID_BYTES_MAX + 1];
    dw_str list[DW_EVENT_REPEATED_MAX];
    uint32_t large = 0;
    int each = _i == 0 ? 3 : 1;
    for (int i = 0; i < MANY; i++) {
        for (int k = 0; k < DW_EVENT_REPEATED_MAX; k++) {
            snprintf(texts[k], sizeof texts[k], "%064d", i * 1000 + k);
            list[k] = dw_str_from(texts[k]);
        }
        dw_event ev = event_of(DW_EV_RHI, OLD);
        ev.values[0] = (dw_value){.field = DW_F_RHI_EPISODE_IDS, .kind = DW_VAL_STRS};
        ev.values[0].n = i % each == 0 ? DW_EVENT_REPEATED_MAX : 1;
        ev.values[0].list = list;
        ev.value_count = 1;
        large += i % each == 0;
        put(&ev);
    }
    put_many(DW_EV_VISIT_DONE, 1, OLD);
    rec->clock_us = dw_london_start_us(TODAY);
    encode();
    ck_assert_uint_gt(enc.write_count, large - 2);
    uint32_t over = 0;
    size_t at = 0;
    for (uint32_t i = 0; i < enc.write_count; i++) {
        ck_assert_uint_eq(enc.writes[i].index, i);
        ck_assert_uint_eq(enc.writes[i].start, at);
        at += enc.writes[i].len;
        over += enc.writes[i].len > DW_PAGE_BYTES_MAX;
        ck_assert_uint_le(enc.writes[i].len, DW_PAGE_BYTES_MAX + DW_PAGE_BYTES_MAX / 4);
    }
    ck_assert_uint_eq(at, enc.pages.len);
    ck_assert_uint_ge(over, large - 1); /* but the first of all, which stays */
    dw_record *back = read_back(true);
    ck_assert_uint_eq(count_of(back, DW_EV_RHI), MANY);
    for (uint32_t i = 0; i < MANY; i++)
        ck_assert_uint_eq(back->facts[i].values[0].n, i % each == 0 ? DW_EVENT_REPEATED_MAX : 1);
    dw_record_free(&back);
}
END_TEST

/* Small facts go to pages by sixty-four, and the last one may be alone in its page. */
START_TEST(sixty_four_to_a_page)
{
    static const struct {
        int facts;
        uint32_t pages;
    } rows[] = {{63, 1}, {64, 1}, {65, 2}, {66, 2}, {128, 2}, {129, 3}};
    put_many(DW_EV_CHILD_UPDATED, 1, OLD - 1);
    put_many(DW_EV_VISIT_DONE, rows[_i].facts + 1, OLD);
    rec->clock_us = dw_london_start_us(TODAY);
    encode();
    ck_assert_uint_eq(enc.write_count, rows[_i].pages);
    dw_record *back = read_back(true);
    ck_assert_uint_eq(count_of(back, DW_EV_VISIT_DONE), (unsigned)rows[_i].facts + 1);
    dw_record_free(&back);
}
END_TEST

static char filling[DW_PAGE_BYTES_MAX];

/* One page of facts, or two, of which one has a text of that length; what it comes to when it is one. */
static size_t page_with_text(uint32_t len, uint32_t pages)
{
    dw_event large = event_of(DW_EV_VISIT_DONE, OLD);
    large.values[0] = (dw_value){.field = DW_F_VISIT_DONE_PLAN_ID, .kind = DW_VAL_STR, .s = (dw_str){filling, len}};
    large.value_count = 1;
    put_many(DW_EV_CHILD_UPDATED, 1, OLD - 1);
    put(&large);
    put_many(DW_EV_VISIT_DONE, MANY, OLD);
    rec->clock_us = dw_london_start_us(TODAY);
    encode();
    ck_assert_uint_eq(enc.write_count, pages);
    ck_assert_uint_eq(count_of(rec, DW_EV_VISIT_DONE), 1);
    return enc.writes[0].len;
}

/* A page may be full to the last byte. A byte more, and there are two. */
START_TEST(a_page_may_be_full)
{
    memset(filling, 'x', sizeof filling);
    size_t len = page_with_text(1000, 1);
    ck_assert_uint_lt(len, DW_PAGE_BYTES_MAX);
    uint32_t more = 1000 + (uint32_t)(DW_PAGE_BYTES_MAX - len);
    teardown();
    setup();
    ck_assert_uint_eq(page_with_text(more, 1), DW_PAGE_BYTES_MAX);
    teardown();
    setup();
    ck_assert_uint_lt(page_with_text(more + 1, 2), DW_PAGE_BYTES_MAX);
    ck_assert_uint_gt(enc.writes[0].len, DW_PAGE_BYTES_MAX * 7 / 8);
}
END_TEST

/* The memory of an alert stays while the head speaks of its subject, in whatever field, or calls it by its derived name. */
START_TEST(alerts_whose_subject_is_known)
{
    static char subjects[20][24];
    char derived[17];
    dw_alert alerts[20];
    dw_event by_id = event_of(DW_EV_MISSING_EPISODE, TODAY), nameless = event_of(DW_EV_MISSING_EPISODE, TODAY);
    dw_event by_list = event_of(DW_EV_RHI, TODAY);
    const dw_str list[] = {DW_STR_LIT("episode-11"), DW_STR_LIT("episode-02")};
    by_id.values[0] =
        (dw_value){.field = DW_F_MISSING_EPISODE_EPISODE_ID, .kind = DW_VAL_STR, .s = DW_STR_LIT("episode-01")};
    by_id.value_count = 1;
    by_list.values[0] = (dw_value){.field = DW_F_RHI_EPISODE_IDS, .kind = DW_VAL_STRS, .n = 2, .list = list};
    by_list.value_count = 1;
    dw_event first = event_of(DW_EV_MISSING_EPISODE, OLD - 1); /* it stays, for the child is known from then on */
    first.values[0] =
        (dw_value){.field = DW_F_MISSING_EPISODE_EPISODE_ID, .kind = DW_VAL_STR, .s = DW_STR_LIT("episode-10")};
    first.value_count = 1;
    put(&first);
    put(&by_id);
    put(&nameless);
    put(&by_list);
    for (uint32_t i = 0; i < rec->fact_count; i++) /* behind a list's end stands what is not of it */
        if (rec->facts[i].type == DW_EV_RHI) {
            static const dw_str longer[] = {DW_STR_LIT("episode-11"), DW_STR_LIT("episode-02"),
                                            DW_STR_LIT("episode-12")};
            dw_value *own = dw_arena_alloc(rec->arena, sizeof *own);
            *own = rec->facts[i].values[0];
            own->list = longer;
            rec->facts[i].values = own;
        }
    snprintf(derived, sizeof derived, "%016" PRIx64, dw_record_key(&nameless));
    for (uint32_t i = 0; i < 20; i++) {
        snprintf(subjects[i], sizeof subjects[i], "episode-%02u", i);
        alerts[i] = (dw_alert){.state = i % 2 == 0 ? DW_AL_CLOSED : DW_AL_FLAG,
                               .rule_id = DW_STR_LIT("MI-01"),
                               .subject_kind = DW_STR_LIT("episode"),
                               .subject_id = dw_str_from(subjects[i]),
                               .generation = 1 + i};
    }
    alerts[3].subject_id = dw_str_from(derived);
    alerts[4].state = DW_AL_OPEN;
    alerts[5].state = DW_AL_ACKED;
    alerts[6].touched = true;
    alerts[7].subject_kind = DW_STR_LIT("child");
    alerts[8].subject_id = (dw_str){NULL, 0};
    alerts[9].subject_kind = DW_STR_LIT("unheard of");
    rec->alerts = alerts;
    rec->alert_count = rec->alert_cap = 20;
    put_many(DW_EV_VISIT_DONE, MANY, OLD);
    rec->clock_us = dw_london_start_us(TODAY);
    encode();
    /* 1 to 11 but the child's, which has an id and so is about something: too few may go */
    uint32_t may_go = 20 - 10;
    ck_assert_uint_lt(may_go, DW_FOLD_ALERTS_MIN);
    ck_assert_uint_eq(rec->alert_count, 20);
    /* when the head is too long, they all go, and nothing else does */
    static char long_id[3000];
    memset(long_id, 'x', sizeof long_id);
    for (int i = 0; i < 6; i++) {
        dw_event ev = event_of(DW_EV_MEETING_HELD, TODAY);
        ev.team_id = (dw_str){long_id, (uint32_t)(sizeof long_id - (size_t)i)};
        put(&ev);
    }
    uint32_t facts = rec->fact_count;
    rec->fold_puts = 0;
    encode();
    ck_assert_uint_eq(rec->alert_count, 10);
    ck_assert_uint_eq(rec->fact_count, facts);
    static const uint32_t stay[] = {1, 2, 3, 4, 5, 6, 8, 9, 10, 11};
    for (uint32_t i = 0; i < 10; i++)
        ck_assert_uint_eq(rec->alerts[i].generation, 1 + stay[i]);
}
END_TEST

/* The facts of a span leave one fingerprint of it with their own. */
START_TEST(a_span_is_noted_once)
{
    put_many(DW_EV_CHILD_UPDATED, 1, OLD - 201);
    for (int i = 0; i < MANY; i++)
        put_episode("M", DW_V_MISSING_PHASE_RETURNED, OLD - 200);
    put_many(DW_EV_VISIT_DONE, 1, OLD + 1);
    rec->clock_us = dw_london_start_us(TODAY);
    encode();
    ck_assert_uint_eq(rec->fact_count, 2);
    ck_assert_uint_eq(rec->paged_count, MANY + 1);
    for (uint32_t i = 1; i < rec->paged_count; i++)
        ck_assert_uint_ge(rec->paged[i], rec->paged[i - 1]);
}
END_TEST

/* What one fold noted of its pages is there after the next. */
START_TEST(fingerprints_stay_when_more_come)
{
    uint64_t keys[2 * MANY];
    put_many(DW_EV_CHILD_UPDATED, 1, OLD - 1);
    for (int half = 0; half < 2; half++) {
        for (int i = 0; i < MANY; i++) {
            dw_event ev = event_of(DW_EV_VISIT_DONE, OLD + half);
            keys[half * MANY + i] = dw_record_key(&ev);
            put(&ev);
        }
        put_many(DW_EV_VISIT_DONE, 1, OLD + half);
        rec->clock_us = dw_london_start_us(TODAY + half);
        rec->fold_puts = DW_FOLD_PUTS;
        dw_encoded_reset(&enc);
        encode();
        ck_assert_uint_gt(enc.write_count, 0);
    }
    ck_assert_uint_ge(rec->paged_count, 2 * MANY);
    for (int i = 0; i < 2 * MANY; i++)
        ck_assert(dw_record_print_paged(rec, (uint16_t)keys[i]));
}
END_TEST

/* One alert is enough when the head is too long: it goes before any fact. When facts were put since what may go was last looked
 * for, nothing does. */
START_TEST(a_single_alert)
{
    static char long_id[DW_HEAD_BYTES_MAX];
    dw_alert alert = {.state = DW_AL_CLOSED,
                      .rule_id = DW_STR_LIT("MI-01"),
                      .subject_kind = DW_STR_LIT("episode"),
                      .subject_id = DW_STR_LIT("e"),
                      .generation = 1};
    dw_event ev = event_of(DW_EV_MEETING_HELD, TODAY);
    memset(long_id, 'x', sizeof long_id);
    ev.team_id = (dw_str){long_id, sizeof long_id};
    put(&ev);
    rec->alerts = &alert;
    rec->alert_count = rec->alert_cap = 1;
    rec->clock_us = dw_london_start_us(TODAY);
    rec->fold_day = DW_DAY_OPEN;
    rec->fold_puts = (uint32_t)_i;
    encode();
    ck_assert_uint_gt(enc.head.len, _i == 0 ? 0 : DW_HEAD_BYTES_MAX);
    ck_assert_uint_eq(rec->alert_count, (uint32_t)_i);
    ck_assert_uint_eq(rec->fact_count, 1);
    ck_assert_uint_eq(enc.write_count, _i == 0 ? 1 : 0);
}
END_TEST

/* A head too long with what is still counted: all that is settled goes, then the oldest of the rest. */
START_TEST(the_oldest_goes_last)
{
    put_many(DW_EV_VISIT_DONE, 10, OLD - 60);      /* settled but the first, and too few for a fold */
    put_many(DW_EV_CHILD_UPDATED, 4000, OLD - 50); /* who the child is stays, while it can */
    rec->clock_us = dw_london_start_us(TODAY);
    encode();
    ck_assert_uint_gt(enc.head.len, DW_HEAD_BYTES_HARD_MAX / 2); /* no more goes than must, about */
    unsigned left = count_of(rec, DW_EV_CHILD_UPDATED);
    ck_assert_uint_eq(count_of(rec, DW_EV_VISIT_DONE), 0);
    ck_assert_uint_lt(left, 4000);
    ck_assert_uint_eq(rec->counters[0], 4010 - rec->fact_count);
    for (uint32_t i = 1; i < rec->fact_count; i++) /* the oldest went */
        ck_assert_int_gt(rec->facts[i].at_us, rec->facts[i - 1].at_us);
    ck_assert_int_eq(rec->facts[0].at_us, dw_london_start_us(OLD - 50) + 4010 - left + 1);
    dw_record *back = read_back(true);
    ck_assert_uint_eq(back->fact_count, 4010);
    /* what stays in the head when it is folded again is no page's any more, the first of all neither */
    dw_error err;
    ck_assert_uint_ne(back->facts[0].flags & DW_FACTF_PAGED, 0);
    dw_encoded_reset(&enc);
    ck_assert_int_eq(dw_record_fold(back, policy, &enc, &err), DW_OK);
    for (uint32_t i = 0; i < back->fact_count; i++)
        ck_assert_uint_eq(back->facts[i].flags & DW_FACTF_PAGED, 0);
    dw_record_free(&back);
}
END_TEST

/* An end that comes soon is all there is of a plan of long ago: until it counts nothing more goes to pages, but what was in one
 * goes back there. Not so when it does not tell the plan's start. */
START_TEST(what_was_paged_goes_back_while_the_head_waits)
{
    const int visits = DW_FOLD_FACTS_MIN + 2;
    dw_event ended = event_of(DW_EV_PLAN_ENDED, TODAY + 102);
    put_many(DW_EV_CHILD_UPDATED, 1, OLD - 1);
    put_many(DW_EV_VISIT_DONE, visits, OLD);
    rec->fold_puts = DW_FOLD_PUTS;
    rec->clock_us = dw_london_start_us(TODAY);
    encode();
    ck_assert_uint_eq(count_of(rec, DW_EV_VISIT_DONE), 1); /* the last one stays */
    dw_record *back = read_back(true);
    dw_record_free(&rec);
    rec = back;
    ck_assert_uint_eq(count_of(rec, DW_EV_VISIT_DONE), visits);
    put_many(DW_EV_MEETING_HELD, 10, TODAY);
    if (_i == 0)
        ended.values[ended.value_count++] =
            (dw_value){.field = DW_F_PLAN_ENDED_CPP_START_DATE, .kind = DW_VAL_DATE, .i = OLD - 10};
    put(&ended);
    rec->clock_us = dw_london_start_us(TODAY + 100);
    dw_encoded_reset(&enc);
    encode();
    ck_assert_uint_eq(enc.write_count, 1);
    ck_assert_uint_eq(count_of(rec, DW_EV_VISIT_DONE), _i == 0 ? 1 : 0);
    ck_assert_uint_eq(count_of(rec, DW_EV_MEETING_HELD), _i == 0 ? 10 : 1);
    back = read_back(true);
    ck_assert_uint_eq(back->fact_count, visits + 12); /* none is lost, none is there twice */
    dw_record_free(&back);
}
END_TEST

/* A child that is another subject from here on takes along what is in its pages, and none are left. */
START_TEST(a_merged_child_has_no_pages)
{
    dw_emit *emit = dw_emit_new();
    const dw_moved to = {.to_la_code = DW_STR_LIT("941"), .to_child_ref = DW_STR_LIT("c-2")};
    dw_policy *judge = policy;
    const uint32_t facts = _i == 0 ? 2000 : MANY;
    put_many(DW_EV_VISIT_DONE, (int)facts, OLD);
    rec->clock_us = dw_london_start_us(TODAY);
    policy = _i == 0 ? NULL : judge; /* then it is the oldest that go */
    encode();
    ck_assert_uint_gt(enc.write_count, 0);
    dw_record *back = read_back(true);
    dw_record_free(&rec);
    rec = back;
    ck_assert_uint_eq(rec->fact_count, facts);
    ck_assert_int_eq((rec->facts[0].flags & DW_FACTF_PAGED) != 0, _i == 0);
    ck_assert_int_eq(dw_core_move(rec, policy, &to, rec->clock_us, 1, emit).error, DW_OK);
    ck_assert_uint_gt(emit->move_count, 0);
    dw_encoded_reset(&enc);
    encode();
    policy = judge;
    ck_assert_uint_eq(enc.write_count, 0);
    ck_assert_uint_eq(rec->fact_count + rec->page_count + rec->paged_count, 0);
    ck_assert_int_eq(rec->horizon, DW_DAY_NONE);
    dw_emit_free(&emit);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record_fold");
    TCase *cases = tcase_create("record_fold");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, single_facts_stay);
    tcase_add_loop_test(cases, a_cancelled_episode_stays_whole, 0, 8);
    tcase_add_loop_test(cases, as_many_as_are_worth_it, 0, 2);
    tcase_add_loop_test(cases, the_day_of_the_next_try, 0, 4);
    tcase_add_loop_test(cases, the_next_try_after_a_fold, 0, 4);
    tcase_add_loop_test(cases, facts_larger_than_a_page, 0, 2);
    tcase_add_loop_test(cases, sixty_four_to_a_page, 0, 6);
    tcase_add_test(cases, a_page_may_be_full);
    tcase_add_test(cases, alerts_whose_subject_is_known);
    tcase_add_test(cases, a_span_is_noted_once);
    tcase_add_test(cases, fingerprints_stay_when_more_come);
    tcase_add_loop_test(cases, a_single_alert, 0, 2);
    tcase_add_test(cases, the_oldest_goes_last);
    tcase_add_loop_test(cases, what_was_paged_goes_back_while_the_head_waits, 0, 2);
    tcase_add_loop_test(cases, a_merged_child_has_no_pages, 0, 2);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

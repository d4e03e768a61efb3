// link: dw_config
// wrap: malloc calloc realloc dw_arena_alloc dw_arena_str dw_arena_room
/* check_nomem.c: memory may run out at any place, and then the core says so; it never gives another answer, a crash or a leak.
 * A life of many kinds of event is told step by step (load, fire what is due, apply, store). Each step is done once with
 * memory enough and then again and again, each time with another allocation failing, alone or with all after it. */

#include "config/indicators_load.h"
#include "handlers/explain.h"
#include "tests/support/core_standards.h"
#include "tests/support/failing_alloc.h"

#define PAGES_MAX 64
#define TRIES 160   /* failing places tried of one step */
#define TRIES_FEW 8 /* of the steps between */
#define ARENA_BYTES (64u << 20)

typedef struct stored {
    dw_buf head;
    dw_buf pages[PAGES_MAX];
} stored;

typedef struct told {
    int after_hours;
    const char *kind, *body;
} told;

#define DAYS 24
/* A child in care and on a plan who goes missing; corrections and repetitions come from say(). */
static const told script[] = {
    {1, "contact_received", "'contact_id':'K1'"},
    {2, "referral_received", "'referral_id':'R1'"},
    {3, "child_updated", "'person_birth_date':'2009-05-01'"},
    {4, "worker_allocated", "'role':'LEAD_SW','allocation_id':'A1'"},
    {DAYS, "assessment_started", "'assessment_id':'S1'"},
    {DAYS, "s47_started", "'s47_id':'E1'"},
    {2 * DAYS, "meeting_held", "'kind':'STRATEGY'"},
    {5 * DAYS, "conference_icpc", "'conference_id':'C1','s47_id':'E1'"},
    {1, "plan_started", "'plan_id':'P1','plan_type':'CP','initial_category':'NEG'"},
    {6 * DAYS, "visit_done", "'visit_type':'CP','mode':'F2F','child_seen':'Y','location':'HOME','plan_id':'P1'"},
    {9 * DAYS, "plan_changed", "'plan_id':'P1','latest_category':'EMO','visit_frequency':{'days':7,'unit':'CD'}"},
    {8 * DAYS, "missing_episode", "'episode_id':'M1','phase':'OPENED','category':'M'"},
    {9, "missing_episode", "'episode_id':'M1','phase':'RETURNED'"},
    {90, "rhi", "'episode_id':'M1','stage':'DECLINED'"},
    {5 * DAYS, "missing_episode", "'episode_id':'M2','phase':'OPENED','category':'M'"},
    {9, "missing_episode", "'episode_id':'M2','phase':'RETURNED'"},
    {5 * DAYS, "missing_episode", "'episode_id':'M3','phase':'OPENED','category':'A'"},
    {30, "missing_episode", "'episode_id':'M3','phase':'RETURNED'"},
    {9 * DAYS, "meeting_held", "'kind':'RMM'"},
    {DAYS, "placement_started", "'placement_id':'L1','rne':'S','ls':'C1','place':'U6'"},
    {DAYS, "plan_started", "'plan_id':'P2','plan_type':'CLA'"},
    {3, "health_assessment", "'health_assessment_id':'H1'"},
    {20 * DAYS, "plan_review", "'review_kind':'CLA','status':'HELD','outcome':'CONTINUE'"},
    {2 * DAYS, "legal_changed", "'ls':'C2'"},
    {DAYS, "placement_started", "'placement_id':'L2','rne':'P','ls':'C2','place':'K2'"},
    {1, "placement_started", "'placement_id':'L3','rne':'T','ls':'C2','place':'T1'"},
    {DAYS, "clock_paused", "'pause_id':'Z1'"},
    {DAYS, "clock_resumed", "'pause_id':'Z1'"},
    {DAYS, "worker_allocated", "'role':'LEAD_SW','allocation_id':'A2'"},
    {DAYS, "worker_ended", "'role':'LEAD_SW','allocation_id':'A1'"},
    {60 * DAYS, "supervision_held", ""},
    {40 * DAYS, "plan_review", "'review_kind':'RCPC','status':'HELD','outcome':'CONTINUE'"},
    {30 * DAYS, "audit_outcome", ""},
    {DAYS, "plan_ended", "'plan_id':'P1'"},
};
#define SCRIPT (sizeof script / sizeof script[0])
#define AFTER 130 /* visits and supervisions behind it, so that the record is folded */

typedef struct life {
    dw_policy *policy;
    stored store;
    dw_arena *events;
    int64_t now_us;
    uint32_t number;
} life;

/* What one step gave: transitions, head and pages. */
typedef struct answer {
    dw_buf bytes;
    stored store;
    uint32_t pages_read;
} answer;

static void answer_deinit(answer *a)
{
    dw_buf_deinit(&a->bytes);
    dw_buf_deinit(&a->store.head);
    for (int i = 0; i < PAGES_MAX; i++)
        dw_buf_deinit(&a->store.pages[i]);
}

static void keep(dw_buf *buf, const void *data, size_t len)
{
    ck_assert(dw_buf_append(buf, data, len));
}

/* --- one step */

static dw_errc load(const life *l, const dw_event *ev, dw_record **rec, answer *out)
{
    dw_error err = {0};
    if (l->store.head.len == 0) {
        *rec = dw_record_new(ev->la_code, ev->child_ref);
        return *rec != NULL ? DW_OK : DW_E_NOMEM;
    }
    dw_errc code = dw_record_decode(l->store.head.data, l->store.head.len, rec, &err);
    if (code != DW_OK || (*rec)->page_count == 0 || !dw_record_needs_pages(*rec, ev))
        return code;
    for (uint32_t i = 0; i < (*rec)->page_count && code == DW_OK; i++)
        code = dw_record_attach_page(*rec, i, l->store.pages[i].data, l->store.pages[i].len, &err);
    out->pages_read = (*rec)->page_count;
    return code;
}

static dw_errc decide(const life *l, dw_record *rec, const dw_event *ev, dw_emit *emit)
{
    while (rec->next_due_us <= l->now_us) {
        dw_core_result fired = dw_core_fire(rec, l->policy, rec->next_due_us, emit);
        if (fired.error != DW_OK)
            return fired.error;
    }
    return dw_core_event(rec, l->policy, ev, l->now_us, l->number, emit).error;
}

/* Memory may run out in load, decide and encode; what they gave is gathered afterwards. */
static dw_errc step(const life *l, const dw_event *ev, unsigned long fail_at, bool for_good, unsigned long *asked,
                    answer *out)
{
    dw_record *rec = NULL;
    dw_emit *emit = NULL;
    dw_encoded encoded = {0};
    dw_error err = {0};
    dw_errc code = DW_E_NOMEM;
    failing_arm(fail_at, for_good);
    emit = dw_emit_new();
    if (emit == NULL)
        goto out;
    code = load(l, ev, &rec, out);
    if (code == DW_OK)
        code = decide(l, rec, ev, emit);
    if (code == DW_OK)
        code = dw_record_encode(rec, l->policy, &encoded, &err);
out:
    *asked = failing_disarm();
    if (code == DW_OK) {
        for (uint32_t i = 0; i < emit->count; i++) {
            char *line = dw_transition_to_json(&emit->items[i], NULL);
            ck_assert_ptr_nonnull(line);
            keep(&out->bytes, line, strlen(line));
            free(line);
        }
        keep(&out->bytes, encoded.head.data, encoded.head.len);
        keep(&out->bytes, encoded.pages.data, encoded.pages.len);
        keep(&out->store.head, encoded.head.data, encoded.head.len);
        for (uint32_t i = 0; i < encoded.write_count; i++) {
            const dw_page_write *write = &encoded.writes[i];
            ck_assert_uint_lt(write->index, PAGES_MAX);
            keep(&out->store.pages[write->index], encoded.pages.data + write->start, write->len);
        }
    }
    dw_encoded_deinit(&encoded);
    dw_record_free(&rec);
    dw_emit_free(&emit);
    return code;
}

/* The step with memory enough, then with too little of it in `tries` places. */
static void try_step(life *l, const dw_event *ev, unsigned tries)
{
    answer good = {0};
    unsigned long needed, asked;
    ck_assert_int_eq(step(l, ev, 0, false, &needed, &good), DW_OK);
    unsigned long stride = needed / tries + 1, refused = 0;
    for (unsigned long at = 1 + l->number % stride; at <= needed; at += stride) {
        for (int for_good = 0; for_good < 2; for_good++) {
            answer poor = {0};
            dw_errc code = step(l, ev, at, for_good != 0, &asked, &poor);
            ck_assert_msg(failing.hit, "step %u: allocation %lu was not asked for", l->number, at);
            if (code == DW_OK)
                ck_assert_msg(poor.bytes.len == good.bytes.len &&
                                  memcmp(poor.bytes.data, good.bytes.data, good.bytes.len) == 0,
                              "step %u, allocation %lu of %lu: another answer", l->number, at, needed);
            else
                ck_assert_msg(code == DW_E_NOMEM, "step %u, allocation %lu of %lu: %s", l->number, at, needed,
                              dw_errc_name(code));
            refused += code != DW_OK;
            answer_deinit(&poor);
        }
    }
    ck_assert_uint_gt(refused, 0);
    for (int i = 0; i < PAGES_MAX; i++)
        if (good.store.pages[i].len == 0 && good.pages_read == 0) { /* stays as it is */
            dw_buf_deinit(&good.store.pages[i]);
            good.store.pages[i] = l->store.pages[i];
            l->store.pages[i] = (dw_buf){0};
        }
    stored before = l->store;
    l->store = good.store;
    good.store = before;
    answer_deinit(&good);
}

static dw_event say(life *l, unsigned record, unsigned revision, const char *op, int64_t at_us, const char *kind,
                    const char *body)
{
    char text[2048], at[40], recorded[40];
    dw_event ev;
    dw_error err = {0};
    int64_t ignored;
    dw_instant_format(at_us, at);
    dw_instant_format(l->now_us, recorded);
    int len = snprintf(text, sizeof text,
                       "{'event_id':'e%u','schema_version':1,'la_code':'936','child_ref':'C-1','source_system':'LCS',"
                       "'source_record_id':'r%u','source_revision':%u,'op':'%s','occurred_at':'%s','recorded_at':'%s',"
                       "'worker_ref':'W1','team_id':'team-01','%s':{%s}}",
                       l->number, record, revision, op, at, recorded, kind, body);
    for (int i = 0; i < len; i++)
        if (text[i] == '\'')
            text[i] = '"';
    dw_arena_reset(l->events);
    ck_assert_msg(dw_event_from_json(text, (size_t)len, l->events, &ev, &ignored, &err) == DW_OK, "%s: %s", text,
                  err.text);
    return ev;
}

static life life_begin(void)
{
    life l = {
        .policy = shipped_policy(1, NULL), .events = dw_arena_new(1 << 20), .now_us = instant("2024-01-08T09:00:00Z")};
    ck_assert_ptr_nonnull(l.events);
    return l;
}

static void life_end(life *l)
{
    dw_policy_unref(&l->policy);
    dw_arena_free(&l->events);
    dw_buf_deinit(&l->store.head);
    for (int i = 0; i < PAGES_MAX; i++)
        dw_buf_deinit(&l->store.pages[i]);
}

static void tell_script(life *l, unsigned tries)
{
    for (unsigned i = 0; i < SCRIPT; i++) {
        l->now_us += script[i].after_hours * INT64_C(3600000000);
        l->number++;
        dw_event ev = say(l, i, 1, "create", l->now_us, script[i].kind, script[i].body);
        try_step(l, &ev, tries);
    }
}

START_TEST(a_step_says_so_or_is_right)
{
    life l = life_begin();
    tell_script(&l, TRIES);
    unsigned with_pages = 0;
    for (unsigned i = 0; i < AFTER; i++) {
        l.now_us += 5 * DAYS * INT64_C(3600000000);
        l.number++;
        bool visit = i % 3 != 0;
        dw_event ev = say(&l, 1000 + i, 1, "create", l.now_us, visit ? "visit_done" : "supervision_held",
                          visit ? "'visit_type':'CLA','mode':'F2F','child_seen':'Y','location':'PLACEMENT'" : "");
        try_step(&l, &ev, i % 16 == 0 ? TRIES : TRIES_FEW);
    }
    for (unsigned i = 8; i < 26; i += 2) { /* corrections of what is in the pages by now */
        l.number++;
        dw_event ev =
            say(&l, i, 2, i % 4 == 0 ? "amend" : "void", instant("2024-01-20T09:00:00Z") + i * INT64_C(86400000000),
                script[i].kind, i % 4 == 0 ? script[i].body : "");
        try_step(&l, &ev, TRIES);
        with_pages += l.store.pages[0].len != 0;
    }
    ck_assert_uint_gt(with_pages, 0); /* else nothing was folded */
    life_end(&l);
}
END_TEST

typedef struct lines {
    char text[65536];
    size_t len;
} lines;

static void take_line(void *user, const char *key, const char *text)
{
    lines *out = user;
    out->len += (size_t)snprintf(out->text + out->len, sizeof out->text - out->len, "%s: %s\n", key, text);
    if (out->len >= sizeof out->text)
        abort(); /* check's own words need memory */
}

/* Asks why there is this alert, or why its rule raises what it does. */
static bool ask(const dw_record *rec, const life *l, const dw_alert *alert, bool why_not, lines *out)
{
    out->len = 0;
    if (why_not)
        return dw_explain_why_not(rec, l->policy, alert->rule_id, l->now_us, take_line, out);
    return dw_explain(rec, l->policy, alert->rule_id, alert->subject_kind, alert->subject_id, l->now_us, take_line,
                      out);
}

START_TEST(an_explanation_is_whole_or_refused)
{
    static lines good, poor;
    const bool why_not = _i == 1;
    life l = life_begin();
    tell_script(&l, 1);
    dw_record *rec = NULL;
    dw_error err = {0};
    unsigned refused = 0;
    ck_assert_int_eq(dw_record_decode(l.store.head.data, l.store.head.len, &rec, &err), DW_OK);
    ck_assert_uint_gt(rec->alert_count, 3);
    for (uint32_t a = 0; a < rec->alert_count; a++) {
        const dw_alert *alert = &rec->alerts[a];
        failing_arm(0, false);
        bool said = ask(rec, &l, alert, why_not, &good);
        unsigned long needed = failing_disarm();
        for (unsigned long at = 1; at <= needed; at += 1 + needed / TRIES) {
            failing_arm(at, a % 2 == 0);
            bool again = ask(rec, &l, alert, why_not, &poor);
            failing_disarm();
            if (again)
                ck_assert_msg(said && good.len == poor.len && memcmp(good.text, poor.text, good.len) == 0,
                              "%.*s, allocation %lu", DW_STR_ARG(alert->rule_id), at);
            refused += !again;
        }
    }
    ck_assert_uint_gt(refused, 0);
    dw_record_free(&rec);
    life_end(&l);
}
END_TEST

/* One figure after the other; false as soon as one could not be counted. */
static bool count_all(const dw_indicators *list, const dw_chronology *chron, const dw_policy *policy, dw_arena *arena,
                      dw_ind_tally *tallies)
{
    const dw_ind_period period = {chron->today - 365, chron->today};
    for (size_t i = 0; i < list->count; i++)
        if (!dw_indicator_add(&list->items[i], chron, policy, period, arena, &tallies[i]))
            return false;
    return true;
}

START_TEST(a_figure_is_counted_or_refused)
{
    static dw_ind_tally good[DW_INDICATORS_MAX], poor[DW_INDICATORS_MAX];
    life l = life_begin();
    tell_script(&l, 1);
    dw_record *rec = NULL;
    dw_error err = {0};
    dw_problems problems = {0};
    dw_str text = {NULL, 0};
    char *file = read_default("indicators.yaml", &text.len);
    text.ptr = file;
    dw_indicators *list = dw_indicators_load("indicators.yaml", text, l.policy, (dw_str){NULL, 0}, &problems);
    ck_assert_ptr_nonnull(list);
    ck_assert_int_eq(dw_record_decode(l.store.head.data, l.store.head.len, &rec, &err), DW_OK);
    dw_arena *arena = dw_arena_new(ARENA_BYTES), *scratch = dw_arena_new(ARENA_BYTES);
    const dw_chronology *chron = dw_chronology_derive(rec, l.now_us, arena);
    ck_assert(chron != NULL && scratch != NULL);
    failing_arm(0, false);
    ck_assert(count_all(list, chron, l.policy, scratch, good));
    unsigned long needed = failing_disarm(), refused = 0;
    for (unsigned long at = 1; at <= needed; at++) {
        memset(poor, 0, sizeof poor);
        dw_arena_reset(scratch);
        failing_arm(at, at % 2 == 0);
        bool counted = count_all(list, chron, l.policy, scratch, poor);
        failing_disarm();
        ck_assert_msg(!counted || memcmp(good, poor, sizeof good) == 0, "allocation %lu", at);
        refused += !counted;
    }
    ck_assert_uint_gt(refused, 0);
    dw_arena_free(&arena);
    dw_arena_free(&scratch);
    dw_record_free(&rec);
    dw_indicators_free(&list);
    dw_problems_deinit(&problems);
    free(file);
    life_end(&l);
}
END_TEST

START_TEST(a_calendar_is_whole_or_none)
{
    const int32_t day = date("2026-04-03");
    failing_arm(1, false);
    dw_calendar *cal = dw_calendar_new(&day, 1, NULL, 0, 540, 1020);
    failing_disarm();
    ck_assert_ptr_null(cal);
    cal = dw_calendar_new(&day, 1, NULL, 0, 540, 1020);
    ck_assert_ptr_nonnull(cal);
    ck_assert(dw_calendar_name_day(cal, day, DW_STR_LIT("Good Friday")));
    failing_arm(1, false);
    bool named = dw_calendar_name_day(cal, day + 3, DW_STR_LIT("Easter Monday"));
    failing_disarm();
    ck_assert(!named);
    ck_assert_str_eq(dw_calendar_day_title(cal, day), "Good Friday"); /* as before */
    ck_assert_str_eq(dw_calendar_day_title(cal, day + 3), "");
    dw_calendar_free(&cal);
    dw_calendar_free(&cal);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nomem");
    TCase *cases = tcase_create("nomem");
    tcase_set_timeout(cases, 110);
    tcase_add_test(cases, a_step_says_so_or_is_right);
    tcase_add_test(cases, a_calendar_is_whole_or_none);
    tcase_add_test(cases, a_figure_is_counted_or_refused);
    tcase_add_loop_test(cases, an_explanation_is_whole_or_refused, 0, 2);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

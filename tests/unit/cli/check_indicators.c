/* check_indicators.c: `driftwatch indicators` over a small authority whose every figure is worked out by hand, and what may be
 * published of figures. */

#include "daemon/cli/cli.h"
#include "daemon/cli/indicators.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <unistd.h>

/* --- the tool, in this process */

typedef struct run {
    int code;
    char out[65536], err[4096];
} run;

static void take(FILE *file, char *text, size_t size)
{
    rewind(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

static void tool(run *result, const char *verb, ...)
{
    char *words[24] = {(char *)(uintptr_t) "driftwatch", (char *)(uintptr_t)verb};
    int count = 2;
    va_list args;
    va_start(args, verb);
    for (const char *word; (word = va_arg(args, const char *)) != NULL;)
        words[count++] = (char *)(uintptr_t)word;
    va_end(args);
    fflush(NULL);
    FILE *out = tmpfile(), *err = tmpfile();
    ck_assert(out != NULL && err != NULL);
    int old_out = dup(1), old_err = dup(2);
    dup2(fileno(out), 1);
    dup2(fileno(err), 2);
    result->code = dw_cli_run(count, words);
    fflush(NULL);
    dup2(old_out, 1);
    dup2(old_err, 2);
    close(old_out);
    close(old_err);
    take(out, result->out, sizeof(result->out));
    take(err, result->err, sizeof(result->err));
}

/* --- the log */

typedef struct story {
    FILE *file;
    char path[64];
    int serial;
    char log_time[40];
} story;

/* A record of that instant, written up at once. Records come in the order of their times. */
static void say(story *s, const char *child, const char *when, const char *kind, const char *body)
{
    s->serial++;
    char text[1024];
    size_t len = 0;
    for (const char *c = body; *c != '\0' && len < sizeof(text) - 1; c++)
        text[len++] = *c == '\'' ? '"' : *c;
    text[len] = '\0';
    fprintf(
        s->file,
        "{\"event_id\":\"e%d\",\"la_code\":\"936\",\"child_ref\":\"%s\",\"occurred_at\":\"%s\",\"recorded_at\":\"%s\","
        "\"source_system\":\"LCS\",\"source_record_id\":\"r%d\",\"source_revision\":1,\"op\":\"CREATE\",\"%s\":{%s},"
        "\"log_time\":\"%s\"}\n",
        s->serial, child, when, when, s->serial, kind, text, when);
}

#define ON(day) "2026-" day "T10:00:00Z"
#define BORN(child, day) say(s, child, "2023-12-01T10:00:00Z", "child_updated", "'person_birth_date':'" day "'")
#define SEEN "'mode':'F2F','child_seen':'Y','attempt_result':'SEEN','by_role':'SW'"

/* Protection plans. T is Tuesday 31 March 2026, 12:00; 3 and 6 April are bank holidays; the period is January to March. */
static void tell_protection(story *s)
{
    BORN("a1", "2015-05-05");
    BORN("a3", "2016-05-05");
    BORN("a6", "2019-01-01");
    BORN("a7", "2010-01-01");
    say(s, "a2", "2024-01-01T09:00:00Z", "child_updated", "'person_birth_date':'2024-01-01'");
    /* a6: open for 27 months, never reviewed; seen on 30 March, not alone; paused */
    say(s, "a6", "2024-01-01T10:00:00Z", "plan_started", "'plan_id':'p6','plan_type':'CP','number_of_previous_cpp':0");
    /* a4: another authority's, out of everything */
    say(s, "a4", ON("01-05"), "plan_started", "'plan_id':'p4','plan_type':'CP','temporary_ola':'Y'");
    /* a1: seen on 9 March (due 16) and 23 March (due 23), next due 8 April; alone */
    say(s, "a1", ON("03-02"), "plan_started", "'plan_id':'p1','plan_type':'CP','number_of_previous_cpp':0");
    /* a2: two years old; seen on 3 March (due 16), then due on 17: late; by 28 days due on 31 March, so in time that day */
    say(s, "a2", ON("03-02"), "plan_started", "'plan_id':'p2','plan_type':'CP'");
    /* a5: unborn, so no visits; a plan all the same */
    say(s, "a5", "2026-03-02T09:00:00Z", "child_updated", "'expected_person_birth_date':'2026-06-01'");
    say(s, "a5", ON("03-02"), "plan_started", "'plan_id':'p5','plan_type':'CP'");
    /* a7: due on 16 March, seen only on 30: late in the period, in time now; alone is not stated */
    say(s, "a7", ON("03-02"), "plan_started", "'plan_id':'p7','plan_type':'CP'");
    say(s, "a2", ON("03-03"), "visit_done", "'visit_type':'CP','plan_id':'p2'," SEEN);
    say(s, "a1", ON("03-09"), "visit_done", "'visit_type':'CP','plan_id':'p1','child_seen_alone':'N'," SEEN);
    say(s, "a1", ON("03-23"), "visit_done", "'visit_type':'CP','plan_id':'p1','child_seen_alone':'Y'," SEEN);
    say(s, "a6", ON("03-30"), "visit_done", "'visit_type':'CP','plan_id':'p6','child_seen_alone':'N'," SEEN);
    say(s, "a7", ON("03-30"), "visit_done", "'visit_type':'CP','plan_id':'p7'," SEEN);
    say(s, "a6", "2026-03-30T12:00:00Z", "clock_paused",
        "'pause_id':'h1','plan_id':'p6','reason':'HOSPITAL','authoriser':'tm-1','authoriser_role':'TM','until':'2026-"
        "04-10'");
    /* a3: since 30 March, first visit due on 15 April; a second plan */
    say(s, "a3", ON("03-30"), "plan_started", "'plan_id':'p3','plan_type':'CP','number_of_previous_cpp':1");
}

static void tell_need_and_care(story *s)
{
    /* c2: in care since 5 January, first visit due on 12, made on 9; the next due on 20 February: late. First review due on 2
     * February, held on 30 January; the second is due on 30 April */
    say(s, "c2", ON("01-05"), "placement_started",
        "'placement_id':'h2','decom':'2026-01-05','rne':'S','ls':'C2','place':'U6'");
    say(s, "c2", ON("01-09"), "visit_done", "'visit_type':'CLA','placement_id':'h2','location':'PLACEMENT'," SEEN);
    say(s, "c2", ON("01-30"), "plan_review", "'review_kind':'CLA','held_on':'2026-01-30','status':'HELD'");
    /* b2: never seen, due on 2 March: late */
    say(s, "b2", ON("02-02"), "plan_started", "'plan_id':'n2','plan_type':'CIN'");
    /* b1: seen on 10 March (due 30), next due 9 April. b3: a plan beside care from 16 March on: it rests, and is not counted */
    say(s, "b1", ON("03-02"), "plan_started", "'plan_id':'n1','plan_type':'CIN'");
    say(s, "b3", ON("03-02"), "plan_started", "'plan_id':'n3','plan_type':'CIN'");
    say(s, "b1", ON("03-10"), "visit_done",
        "'visit_type':'CIN','plan_id':'n1','mode':'F2F','child_seen':'Y','by_role':'FSW'");
    /* b3: first visit due on 23 March, made on 20, next due on 1 May; in care for less than 20 working days */
    say(s, "b3", ON("03-16"), "placement_started",
        "'placement_id':'h3','decom':'2026-03-16','rne':'S','ls':'C2','place':'U6'");
    say(s, "b3", ON("03-20"), "visit_done", "'visit_type':'CLA','placement_id':'h3','location':'PLACEMENT'," SEEN);
    /* c1: since 27 March, first visit due on 3 April */
    say(s, "c1", ON("03-27"), "placement_started",
        "'placement_id':'h1','decom':'2026-03-27','rne':'S','ls':'C2','place':'U6'");
}

static void tell_front_door(story *s)
{
    /* e1: a referral of June 2025 that needed nothing further; another on 2 February, decided on 4 (due 3), authorised on 30
     * March (due 8 April) */
    say(s, "e1", "2025-06-02T10:00:00Z", "referral_received",
        "'referral_id':'R1','referral_nfa':'Y','decided_at':'2025-06-02T11:00:00Z'");
    /* e3: of 1 December, never authorised: late */
    say(s, "e3", "2025-12-01T10:00:00Z", "referral_received",
        "'referral_id':'R3','referral_nfa':'N','decided_at':'2025-12-01T11:00:00Z'");
    say(s, "e1", ON("02-04"), "referral_received",
        "'referral_id':'R2','cin_referral_date':'2026-02-02','referral_nfa':'N','decided_at':'2026-02-04T09:00:00Z'");
    /* e4: authorised, and nobody knows the referral */
    say(s, "e4", ON("02-10"), "assessment_authorised",
        "'assessment_id':'A4','assessment_authorisation_date':'2026-02-10'");
    /* e2: of 2 March, decided that day, its assessment still runs */
    say(s, "e2", "2026-03-02T12:00:00Z", "referral_received",
        "'referral_id':'R5','cin_referral_date':'2026-03-02','referral_nfa':'N','decided_at':'2026-03-02T11:00:00Z'");
    /* d1 decided on the next day, d2 on the third working day; d3 of 30 March may be decided all day long today */
    say(s, "d1", "2026-03-02T12:00:00Z", "contact_received",
        "'contact_id':'K1','decided_at':'2026-03-02T11:59:00Z','outcome':'NFA'");
    say(s, "d2", "2026-03-02T12:00:00Z", "contact_received",
        "'contact_id':'K2','decided_at':'2026-03-05T11:00:00Z','outcome':'NFA'");
    say(s, "d3", ON("03-30"), "contact_received", "'contact_id':'K3'");
    say(s, "e1", ON("03-30"), "assessment_authorised",
        "'assessment_id':'A2','referral_id':'R2','assessment_authorisation_date':'2026-03-30'");
    /* f1: conference 14 working days after the discussion; f2: a conference from nowhere */
    say(s, "f1", ON("02-02"), "meeting_held", "'meeting_id':'S','kind':'STRATEGY','initiated_s47':'Y','s47_id':'S1'");
    say(s, "f1", ON("02-02"), "s47_started", "'s47_id':'S1','s47_actual_start_date':'2026-02-02'");
    say(s, "f1", ON("02-20"), "conference_icpc", "'s47_id':'S1','date_of_initial_cpc':'2026-02-20','result':'NO_PLAN'");
    say(s, "f2", ON("03-10"), "conference_icpc", "'date_of_initial_cpc':'2026-03-10','result':'NO_PLAN'");
}

#define EPISODE(child, id, from, to)                                                                                   \
    say(s, child, to, "missing_episode",                                                                               \
        "'episode_id':'" id "','phase':'RETURNED','category':'M','mis_start':'" from "','returned_at':'" to "'")

static void tell_missing(story *s)
{
    /* g1: three within 90 days. Interview held in time; declined; accepted and held after six days */
    EPISODE("g1", "M1", "2026-02-02T10:00:00Z", "2026-02-02T20:00:00Z");
    say(s, "g1", "2026-02-04T12:00:00Z", "rhi", "'rhi_id':'i1','episode_id':'M1','stage':'HELD'");
    EPISODE("g1", "M2", "2026-02-10T10:00:00Z", "2026-02-12T10:00:00Z"); /* 48 hours */
    say(s, "g1", "2026-02-13T12:00:00Z", "rhi", "'rhi_id':'i2','episode_id':'M2','stage':'DECLINED'");
    EPISODE("g1", "M3", "2026-02-20T10:00:00Z", "2026-02-20T14:00:00Z");
    say(s, "g1", "2026-02-21T12:00:00Z", "rhi", "'rhi_id':'i3','episode_id':'M3','stage':'ACCEPTED'");
    say(s, "g1", "2026-02-26T12:00:00Z", "rhi", "'rhi_id':'i4','episode_id':'M3','stage':'HELD'");
    /* g3: away */
    say(s, "g3", "2026-03-01T20:00:00Z", "missing_episode",
        "'episode_id':'M5','phase':'RETURNED','category':'A','mis_start':'2026-03-01T10:00:00Z','returned_at':'2026-03-"
        "01T20:00:00Z'");
    /* g2: back since yesterday evening, 72 hours are not over */
    EPISODE("g2", "M4", "2026-03-30T09:00:00Z", "2026-03-30T20:00:00Z");
}

static void write_story(story *s)
{
    *s = (story){.path = "/tmp/dw-indicators-XXXXXX"};
    int fd = mkstemp(s->path);
    ck_assert_int_ge(fd, 0);
    s->file = fdopen(fd, "w");
    tell_protection(s);
    tell_need_and_care(s);
    tell_front_door(s);
    tell_missing(s);
    fclose(s->file);
}

#define AT "2026-03-31T11:00:00Z" /* noon in London */
#define PERIOD "2026-01-01..2026-03-31"
#define NONE "null"

static const struct {
    const char *id, *form, *numerator, *denominator, *not_yet_due, *unknown, *paused;
} wanted[] = {
    {"IND-1", "all", "2", "3", "1", "0", "0"},           /* b3, c1 | c2 late; c1 not yet due */
    {"IND-1", "without_first", "1", "2", "1", "0", "0"}, /* b3 | c2 */
    {"IND-1b", "period", "2", "3", "0", "0", "0"},       /* b3 23 March, c2 12 January | c2 20 February */
    {"IND-2", "standard", "4", "5", "1", "0", "1"},      /* a1, a3, a6, a7 | a2; a3 not yet; a6 paused; a4, a5 out */
    {"IND-2", "ten_working_days", "4", "5", "1", "0", "1"},
    {"IND-2", "four_weeks", "5", "5", "1", "0", "1"}, /* a2 is due today */
    {"IND-2", "without_first", "3", "4", "1", "0", "1"},
    {"IND-2b", "period", "3", "5", "0", "0", "0"}, /* a1 16 and 23, a2 16 March | a2 17, a7 16 March */
    {"IND-3", "all", "1", "2", "0", "0", "0"},     /* b1 | b2; b3 is in care */
    {"IND-3", "without_first", "1", "2", "0", "0", "0"},
    {"IND-3b", "period", "1", "2", "0", "0", "0"},         /* b1 30 March | b2 2 March */
    {"IND-4", "all", "1", "2", "0", "1", "0"},             /* a1 | a6; a7 does not say; a2 is two, a3 unseen */
    {"IND-5", "one_working_day", "1", "2", "1", "0", "0"}, /* d1 | d2; d3 not yet */
    {"IND-5", "three_working_days", "2", "2", "1", "0", "0"},
    {"IND-6", "authorised", "1", "1", "0", "1", "0"},      /* e1; e4 unknown */
    {"IND-6", "open_late", "1", "2", "0", "0", "0"},       /* e3 | e2 */
    {"IND-7", "one_working_day", "1", "2", "0", "0", "0"}, /* e2 | e1 */
    {"IND-7", "three_working_days", "2", "2", "0", "0", "0"},
    {"IND-8", "all", "1", "2", "0", "0", "0"},         /* e1 R2 after R1 | e2 */
    {"IND-8", "without_nfa", "0", "2", "0", "0", "0"}, /* R1 needed nothing further */
    {"IND-9", "cp_open", "6", NONE, "0", "0", "0"},    /* a1, a2, a3, a5, a6, a7 */
    {"IND-9", "cin_open", "3", NONE, "0", "0", "0"},
    {"IND-9", "cla_open", "3", NONE, "0", "0", "0"},
    {"IND-9", "cp_18_months", "1", "6", "0", "0", "0"}, /* a6 */
    {"IND-9", "cp_24_months", "1", "6", "0", "0", "0"},
    {"IND-9", "cp_again", "1", "2", "0", "3", "0"}, /* a3 | a1; a2, a5, a7 do not say; a6 began before */
    {"IND-10", "all", "0", "1", "0", "0", "1"},     /* a6 was never reviewed, and is paused; the others are younger */
    {"IND-11", "all", "1", "1", "0", "1", "0"},     /* f1; f2 unknown */
    {"IND-12", "all", "1", "1", "0", "0", "0"},     /* c2; the others are in care for less than 20 working days */
    {"IND-13", "children", "2", NONE, "0", "0", "0"},
    {"IND-13", "episodes", "4", NONE, "0", "0", "0"},
    {"IND-13", "away", "1", NONE, "0", "0", "0"},
    {"IND-13", "repeat", "1", "2", "0", "0", "0"},
    {"IND-13", "three_in_90_days", "1", "2", "0", "0", "0"},
    {"IND-13", "over_24_hours", "1", "4", "0", "0", "0"},            /* M2 */
    {"IND-13", "rhi_offered", "3", "4", "0", "0", "0"},              /* M1, M2, M3 */
    {"IND-13", "rhi_accepted", "2", "4", "0", "0", "0"},             /* M1, M3 */
    {"IND-13", "rhi_held", "2", "4", "0", "0", "0"},                 /* M1, M3 */
    {"IND-13", "rhi_72_hours", "1", "3", "1", "0", "0"},             /* M1 | M2, M3; M4 not yet */
    {"IND-13", "rhi_held_of_accepted", "2", "2", "0", "0", "0"},     /* M1, M3 */
    {"IND-13", "rhi_72_hours_of_accepted", "1", "2", "0", "0", "0"}, /* M1 | M3 */
};
#define WANTED (sizeof wanted / sizeof wanted[0])

static size_t count_of(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
        n++;
    return n;
}

/* The counts of the line of that figure. */
static void counts_of(const char *out, const char *id, const char *form, char *text, size_t size)
{
    char head[128];
    snprintf(head, sizeof(head), "\"id\":\"%s\",\"form\":\"%s\",", id, form);
    const char *line = strstr(out, head);
    ck_assert_msg(line != NULL, "no %s %s", id, form);
    const char *from = strstr(line, "\"numerator\""), *to = strstr(from, ",\"suppressed\"");
    snprintf(text, size, "%.*s", (int)(to - from), from);
}

START_TEST(every_figure_by_hand)
{
    story s;
    run got;
    char text[256], expected[256];
    write_story(&s);
    tool(&got, "indicators", s.path, "--at", AT, "--period", PERIOD, "--json", NULL);
    ck_assert_str_eq(got.err, "");
    ck_assert_int_eq(got.code, 0);
    for (size_t i = 0; i < WANTED; i++) {
        snprintf(expected, sizeof(expected),
                 "%s %s \"numerator\":%s,\"denominator\":%s,\"not_yet_due\":%s,\"unknown\":%s,\"paused\":%s",
                 wanted[i].id, wanted[i].form, wanted[i].numerator, wanted[i].denominator, wanted[i].not_yet_due,
                 wanted[i].unknown, wanted[i].paused);
        int len = snprintf(text, sizeof(text), "%s %s ", wanted[i].id, wanted[i].form);
        counts_of(got.out, wanted[i].id, wanted[i].form, text + len, sizeof(text) - (size_t)len);
        ck_assert_str_eq(text, expected);
    }
    ck_assert_uint_eq(count_of(got.out, "\n"), WANTED + 1); /* and no figure beside these */
    ck_assert_ptr_nonnull(
        strstr(got.out, "{\"kind\":\"indicators\",\"at\":\"2026-03-31T11:00:00.000Z\",\"data_as_of\":\"2026-03-30T20:"
                        "00:00.000Z\",\"period_from\":\"2026-01-01\",\"period_to\":\"2026-03-31\","));
    ck_assert_ptr_nonnull(strstr(got.out, "\"percent\":66.7"));
    unlink(s.path);
}
END_TEST

START_TEST(csv_and_publish)
{
    story s;
    run got;
    write_story(&s);
    tool(&got, "indicators", s.path, "--at", AT, "--period", PERIOD, "--csv", NULL);
    ck_assert_uint_eq(count_of(got.out, "\r\n"), WANTED + 1);
    ck_assert_ptr_nonnull(strstr(got.out,
                                 "\r\nIND-1,all,\"Looked-after children visited in timescale\",2,3,66.7,1,0,0,,,"
                                 "2026-03-31T11:00:00.000Z,2026-03-30T20:00:00.000Z,"));
    ck_assert_ptr_nonnull(strstr(got.out, "\r\nIND-9,cp_open,\"Child protection plans open\",6,,,0,0,0,,,"));
    tool(&got, "indicators", s.path, "--at", AT, "--period", PERIOD, "--csv", "--publish", NULL);
    ck_assert_ptr_nonnull(strstr(got.out, "\r\nIND-1,all,\"Looked-after children visited in timescale\",c,c,,c,0,0,"));
    ck_assert_ptr_nonnull(strstr(got.out, "\r\nIND-9,cp_open,\"Child protection plans open\",6,,,0,0,0,"));
    tool(&got, "indicators", s.path, "--json", "--csv", NULL);
    ck_assert_int_eq(got.code, DW_EXIT_USAGE);
    tool(&got, "indicators", s.path, "--period", "2026-03-31..2026-01-01", NULL);
    ck_assert_int_eq(got.code, DW_EXIT_USAGE);
    unlink(s.path);
}
END_TEST

/* What was not yet known does not count. */
START_TEST(as_it_was_known)
{
    story s;
    run got;
    char text[256];
    write_story(&s);
    tool(&got, "indicators", s.path, "--at", "2026-03-16T12:00:00Z", "--json", NULL);
    counts_of(got.out, "IND-2", "standard", text, sizeof(text)); /* a1, a2, a7 due later today | a6 since 2024 */
    ck_assert_str_eq(text, "\"numerator\":3,\"denominator\":4,\"not_yet_due\":1,\"unknown\":0,\"paused\":0");
    ck_assert_ptr_nonnull(strstr(got.out, "\"period_from\":\"2025-03-17\",\"period_to\":\"2026-03-16\""));
    unlink(s.path);
}
END_TEST

/* --- publishing */

static dw_figure figure(const dw_indicator *ind, int64_t numerator, int64_t denominator)
{
    return (dw_figure){.ind = ind, .numerator = numerator, .denominator = denominator};
}

#define HIDDEN DW_FIGURE_HIDDEN

START_TEST(small_numbers_are_hidden)
{
    dw_indicator one = {.group = DW_STR_LIT("A")};
    static const int64_t rows[][4] = {
        {0, 40, 0, 40},
        {1, 40, HIDDEN, 40},
        {5, 40, HIDDEN, 40},
        {6, 40, 6, 40},
        {2, 4, HIDDEN, HIDDEN},
        {39, 40, HIDDEN, 40}, /* one is missing: that is a small number, too */
        {35, 40, HIDDEN, 40},
        {34, 40, 34, 40},
        {40, 40, 40, 40},
        {6, 11, HIDDEN, 11},
        {7, DW_FIGURE_NONE, 7, DW_FIGURE_NONE},
        {3, DW_FIGURE_NONE, HIDDEN, DW_FIGURE_NONE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dw_figure item = figure(&one, rows[i][0], rows[i][1]);
        item.not_yet_due = 5;
        item.unknown = 6;
        item.paused = 1;
        dw_figures all = {.items = &item, .count = 1};
        dw_figures_publish(&all);
        ck_assert_msg(item.numerator == rows[i][2] && item.denominator == rows[i][3], "row %zu", i);
        ck_assert(item.not_yet_due == HIDDEN && item.unknown == 6 && item.paused == HIDDEN);
    }
}
END_TEST

/* 100 of 120 in time, 3 of them not yet due: without those 97 of 117. Both together would tell the 3. */
START_TEST(what_would_tell_them_is_hidden)
{
    dw_indicator one = {.group = DW_STR_LIT("A")}, other = {.group = DW_STR_LIT("B")};
    dw_figure items[3] = {figure(&one, 100, 120), figure(&one, 97, 117), figure(&other, 98, 118)};
    dw_figures all = {.items = items, .count = 3};
    items[0].not_yet_due = items[1].not_yet_due = 3;
    dw_figures_publish(&all);
    ck_assert_int_eq(items[0].numerator, 100);
    ck_assert_int_eq(items[0].denominator, 120);
    ck_assert_int_eq(items[0].not_yet_due, HIDDEN);
    ck_assert_int_eq(items[1].numerator, HIDDEN);
    ck_assert_int_eq(items[1].denominator, HIDDEN);
    ck_assert_int_eq(items[2].numerator, 98); /* of another group: others */
    ck_assert_int_eq(items[2].denominator, 118);
    ck_assert(all.publish);
}
END_TEST

/* The forms of IND-2 as they came out of a generated authority: 71 stays, although it is five below 76, since 76 is hidden. */
START_TEST(what_is_hidden_hides_nothing)
{
    dw_indicator one = {.group = DW_STR_LIT("CP")};
    static const int64_t rows[][4] = {{71, 77, 71, 77}, {71, 77, 71, 77}, {77, 77, 77, 77}, {70, 76, HIDDEN, HIDDEN}};
    dw_figure items[4];
    dw_figures all = {.items = items, .count = 4};
    for (size_t i = 0; i < 4; i++)
        items[i] = figure(&one, rows[i][0], rows[i][1]);
    dw_figures_publish(&all);
    for (size_t i = 0; i < 4; i++)
        ck_assert_msg(items[i].numerator == rows[i][2] && items[i].denominator == rows[i][3], "row %zu", i);
}
END_TEST

/* Is a count, or whatever it is told by, given out in `figures`? */
static bool beside(const dw_figures *figures, size_t i, int64_t value)
{
    for (size_t k = 0; k < figures->count; k++) {
        const int64_t values[] = {figures->items[k].numerator, figures->items[k].denominator};
        for (size_t n = 0; n < 2; n++)
            if (values[n] > value && values[n] <= value + DW_FIGURE_SMALL && values[n] >= 0 &&
                dw_str_eq(figures->items[i].ind->group, figures->items[k].ind->group))
                return true;
    }
    return false;
}

/* Of any figures: no two counts that are given out tell a small number, and each that is hidden would. */
START_TEST(enough_is_hidden_and_no_more)
{
    dw_indicator groups[2] = {{.group = DW_STR_LIT("A")}, {.group = DW_STR_LIT("B")}};
    uint32_t seed = 1;
    for (int world = 0; world < 2000; world++) {
        dw_figure items[8], before[8];
        dw_figures all = {.items = items, .count = 8};
        for (size_t i = 0; i < 8; i++) {
            int64_t n[2];
            for (size_t k = 0; k < 2; k++)
                n[k] = (int64_t)((seed = seed * 1664525 + 1013904223) >> 16) % 60;
            items[i] = figure(&groups[i % 2], n[0] < n[1] ? n[0] : n[1], n[0] < n[1] ? n[1] : n[0]);
        }
        memcpy(before, items, sizeof(items));
        dw_figures_publish(&all);
        for (size_t i = 0; i < 8; i++) {
            const int64_t was[] = {before[i].numerator, before[i].denominator};
            const int64_t is[] = {items[i].numerator, items[i].denominator};
            for (size_t k = 0; k < 2; k++) {
                bool small = was[k] >= 1 && was[k] <= DW_FIGURE_SMALL;
                ck_assert_int_eq(is[k], small || beside(&all, i, was[k]) ? HIDDEN : was[k]);
            }
        }
    }
}
END_TEST

/* --- explain --why-not, whole */

START_TEST(why_not_whole)
{
    story s;
    run got;
    write_story(&s);
    tool(&got, "explain", "--why-not", "CN-03", "936/b1", "--log", s.path, "--at", AT, NULL);
    ck_assert_int_eq(got.code, 0);
    ck_assert_str_eq(
        got.out,
        "CN-03  936/b1\n"
        "\n"
        "  child          936/b1\n"
        "  rule           CN-03 (version 1, duration)\n"
        "  title          Child in need plan open for more than 12 months\n"
        "  source         LOC: Local standard; no period is set in law\n"
        "  trigger        A child in need plan has been open for more than 12 months.\n"
        "  enabled        yes: it is in force\n"
        "  clock          Tue 31 Mar 2026 12:00:00 BST\n"
        "  hangs_on       plan where plan_type = CIN and not temporary_ola = Y\n"
        "  span           plan n1, Mon 2 Mar 2026 to now\n"
        "  selected       yes: plan_type is CIN (plan_started of Mon 2 Mar 2026, offset 24)\n"
        "                 yes: temporary_ola is not stated\n"
        "  duty           plan n1\n"
        "  anchor         counted from Mon 2 Mar 2026: plan_started (offset 24)\n"
        "  cause          plan_started of Mon 2 Mar 2026 (offset 24)\n"
        "  limit          12 months\n"
        "  count_mode     excl\n"
        "  calendar       calendar\n"
        "  working        Mon 2 Mar 2026 and 12 months is Tue 2 Mar 2027\n"
        "  due            Tue 2 Mar 2027 is the last day in time\n"
        "  state          scheduled: running, not late\n"
        "  warning        from Thu 3 Dec 2026 00:00:00 GMT on\n"
        "  so             nothing yet: late from Wed 3 Mar 2027 00:00:00 GMT on; it is Tue 31 Mar 2026 12:00:00 BST\n"
        "  alert          none was raised\n");
    tool(&got, "explain", "--why-not", "XX-99", "936/b1", "--log", s.path, "--json", NULL);
    ck_assert_int_eq(got.code, DW_EXIT_FAILED);
    ck_assert_str_eq(got.out, "");
    ck_assert_str_eq(got.err,
                     "driftwatch explain: the standards in force have no rule XX-99 that is asked of a child\n");
    tool(&got, "explain", "--why-not", "CP-07", "936/nobody", "--log", s.path, NULL);
    ck_assert_int_eq(got.code, DW_EXIT_FAILED);
    ck_assert_str_eq(got.err, "driftwatch explain: the log knows nothing of 936/nobody at that instant\n");
    tool(&got, "explain", "--why-not", "CP-07", "--log", s.path, NULL);
    ck_assert_int_eq(got.code, DW_EXIT_USAGE);
    unlink(s.path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("indicators");
    TCase *cases = tcase_create("indicators");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, every_figure_by_hand);
    tcase_add_test(cases, csv_and_publish);
    tcase_add_test(cases, as_it_was_known);
    tcase_add_test(cases, small_numbers_are_hidden);
    tcase_add_test(cases, what_would_tell_them_is_hidden);
    tcase_add_test(cases, what_is_hidden_hides_nothing);
    tcase_add_test(cases, enough_is_hidden_and_no_more);
    tcase_add_test(cases, why_not_whole);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

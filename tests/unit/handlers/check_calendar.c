/* Civil dates, Europe/London, working days by both count modes, working-hour timers (domain.md 2.1 and 4). */

#include "handlers/calendar.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <time.h>

#define HOUR_US INT64_C(3600000000)
#define MINUTE_US INT64_C(60000000)

static int32_t d(int y, int m, int day)
{
    return dw_day_from_ymd(y, m, day);
}
static int64_t utc(int y, int m, int day, int hour, int minute)
{
    return d(y, m, day) * 24 * HOUR_US + hour * HOUR_US + minute * MINUTE_US;
}

/* The England & Wales list around the vectors (gov.uk). */
static const int holidays[][3] = {
    {2015, 12, 25}, {2015, 12, 28}, {2016, 1, 1},   {2020, 1, 1},   {2020, 4, 10},  {2020, 4, 13}, {2020, 5, 8},
    {2020, 5, 25},  {2020, 8, 31},  {2020, 12, 25}, {2020, 12, 28}, {2021, 1, 1},   {2021, 4, 2},  {2021, 4, 5},
    {2021, 5, 3},   {2021, 5, 31},  {2021, 8, 30},  {2021, 12, 27}, {2021, 12, 28}, {2022, 1, 3},  {2022, 4, 15},
    {2022, 4, 18},  {2022, 5, 2},   {2022, 6, 2},   {2022, 6, 3},   {2022, 8, 29},  {2022, 9, 19}, {2022, 12, 26},
    {2022, 12, 27}, {2023, 1, 2},   {2023, 12, 25}, {2023, 12, 26}, {2024, 1, 1},   {2024, 3, 29}, {2024, 4, 1},
    {2024, 5, 6},   {2024, 5, 27},  {2026, 12, 25}, {2026, 12, 28}, {2027, 1, 1},
};
#define HOLIDAYS (sizeof holidays / sizeof holidays[0])

static dw_calendar *make(bool wrong_may)
{
    int32_t days[HOLIDAYS], closures[9];
    for (size_t i = 0; i < HOLIDAYS; i++)
        days[i] = d(holidays[i][0], holidays[i][1], holidays[i][2]);
    for (size_t i = 0; i < HOLIDAYS && wrong_may; i++)
        if (days[i] == d(2020, 5, 8))
            days[i] = d(2020, 5, 4);
    for (int i = 0; i < 9; i++)
        closures[i] = d(2019 + i / 3, 12, 29 + i % 3);
    dw_calendar *cal = dw_calendar_new(days, HOLIDAYS, closures, 9, 540, 1020);
    ck_assert_ptr_nonnull(cal);
    return cal;
}

START_TEST(test_civil)
{
    ck_assert_int_eq(d(1970, 1, 1), 0);
    ck_assert_int_eq(dw_day_weekday(d(2020, 12, 25)), 4); /* a Friday */
    ck_assert_int_eq(dw_day_weekday(d(1965, 3, 1)), 0);
    dw_ymd before = {1899, 12, 31};
    for (int32_t day = d(1900, 1, 1); day <= d(2201, 1, 1); day++) {
        dw_ymd got = dw_day_to_ymd(day);
        ck_assert_int_eq(dw_day_from_ymd(got.year, got.month, got.day), day);
        bool next_day = got.year == before.year && got.month == before.month && got.day == before.day + 1;
        ck_assert(next_day || got.day == 1);
        before = got;
    }
}
END_TEST

static const struct {
    const char *name;
    int from[3], n;
    dw_unit unit;
    int excl[3], incl[3], weekdays[3];
} dues[] = {
    {"16 Nov 2015 + 10 working days: the published example",
     {2015, 11, 16},
     10,
     DW_UNIT_WORKING_DAYS,
     {2015, 11, 30},
     {2015, 11, 27},
     {2015, 11, 30}},
    {"2 Jun 2022 + 15 working days: from a bank holiday, over the Jubilee",
     {2022, 6, 2},
     15,
     DW_UNIT_WORKING_DAYS,
     {2022, 6, 24},
     {2022, 6, 24},
     {2022, 6, 23}},
    {"12 Sep 2022 + 15 working days: the State funeral",
     {2022, 9, 12},
     15,
     DW_UNIT_WORKING_DAYS,
     {2022, 10, 4},
     {2022, 10, 3},
     {2022, 10, 3}},
    {"18 Dec 2020 + 15 working days: Christmas",
     {2020, 12, 18},
     15,
     DW_UNIT_WORKING_DAYS,
     {2021, 1, 13},
     {2021, 1, 12},
     {2021, 1, 8}},
    {"30 Apr 2020 + 5 working days: the moved May holiday is not in it",
     {2020, 4, 30},
     5,
     DW_UNIT_WORKING_DAYS,
     {2020, 5, 7},
     {2020, 5, 6},
     {2020, 5, 7}},
    {"22 Dec 2023 + 15 working days: Christmas",
     {2023, 12, 22},
     15,
     DW_UNIT_WORKING_DAYS,
     {2024, 1, 17},
     {2024, 1, 16},
     {2024, 1, 12}},
    {"Sat 26 Dec 2020 + 15 working days: the same in both modes",
     {2020, 12, 26},
     15,
     DW_UNIT_WORKING_DAYS,
     {2021, 1, 19},
     {2021, 1, 19},
     {2021, 1, 15}},
    {"28 Mar 2024 + 10 working days: Easter",
     {2024, 3, 28},
     10,
     DW_UNIT_WORKING_DAYS,
     {2024, 4, 15},
     {2024, 4, 12},
     {2024, 4, 11}},
    {"20 Nov 2020 + 45 working days",
     {2020, 11, 20},
     45,
     DW_UNIT_WORKING_DAYS,
     {2021, 1, 27},
     {2021, 1, 26},
     {2021, 1, 22}},
    {"29 Feb 2024 + 20 working days",
     {2024, 2, 29},
     20,
     DW_UNIT_WORKING_DAYS,
     {2024, 3, 28},
     {2024, 3, 27},
     {2024, 3, 28}},
    {"24 Dec 2026 + 15 working days",
     {2026, 12, 24},
     15,
     DW_UNIT_WORKING_DAYS,
     {2027, 1, 19},
     {2027, 1, 18},
     {2027, 1, 14}},
    {"30 Nov 2020 + 3 months: 90 days", {2020, 11, 30}, 3, DW_UNIT_MONTHS, {2021, 2, 28}, {2021, 2, 27}, {2021, 2, 28}},
    {"31 Aug 2019 + 6 months: 182 days", {2019, 8, 31}, 6, DW_UNIT_MONTHS, {2020, 2, 29}, {2020, 2, 28}, {2020, 2, 29}},
    {"31 Aug 2020 + 6 months: 181 days", {2020, 8, 31}, 6, DW_UNIT_MONTHS, {2021, 2, 28}, {2021, 2, 27}, {2021, 2, 28}},
    {"15 Dec 2021 + 13 months", {2021, 12, 15}, 13, DW_UNIT_MONTHS, {2023, 1, 15}, {2023, 1, 14}, {2023, 1, 15}},
    {"26 Mar 2021 + 7 days: over the change to summer time",
     {2021, 3, 26},
     7,
     DW_UNIT_DAYS,
     {2021, 4, 2},
     {2021, 4, 1},
     {2021, 4, 2}},
    {"26 Mar 2021 + 6 weeks", {2021, 3, 26}, 6, DW_UNIT_WEEKS, {2021, 5, 7}, {2021, 5, 6}, {2021, 5, 7}},
    {"Fri 15 Jan 2021 + 1 working day: day 1 is Monday",
     {2021, 1, 15},
     1,
     DW_UNIT_WORKING_DAYS,
     {2021, 1, 18},
     {2021, 1, 15},
     {2021, 1, 18}},
};

static int32_t from3(const int ymd[3])
{
    return d(ymd[0], ymd[1], ymd[2]);
}

START_TEST(test_due)
{
    static const struct {
        dw_profile profile;
        dw_count_mode mode;
    } columns[] = {{DW_CAL_EW, DW_COUNT_EXCL}, {DW_CAL_EW, DW_COUNT_INCL}, {DW_CAL_WEEKDAYS, DW_COUNT_EXCL}};
    dw_calendar *cal = make(false);
    const int *wanted[] = {dues[_i].excl, dues[_i].incl, dues[_i].weekdays};
    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) {
        dw_ymd got = dw_day_to_ymd(
            dw_calendar_due(cal, columns[c].profile, columns[c].mode, from3(dues[_i].from), dues[_i].n, dues[_i].unit));
        ck_assert_msg(got.year == wanted[c][0] && got.month == wanted[c][1] && got.day == wanted[c][2],
                      "%s (%s, %s): %d-%02d-%02d, not %d-%02d-%02d", dues[_i].name, dw_profile_name(columns[c].profile),
                      columns[c].mode == DW_COUNT_EXCL ? "excl" : "incl", got.year, got.month, got.day, wanted[c][0],
                      wanted[c][1], wanted[c][2]);
    }
    dw_calendar_free(&cal);
    ck_assert_ptr_null(cal);
}
END_TEST

START_TEST(test_lists)
{
    dw_calendar *cal = make(false), *wrong = make(true);
    ck_assert_int_eq(dw_calendar_due(cal, DW_CAL_EW_CLOSURE, DW_COUNT_EXCL, d(2020, 12, 18), 15, DW_UNIT_WORKING_DAYS),
                     d(2021, 1, 18));
    ck_assert_int_eq(dw_calendar_due(wrong, DW_CAL_EW, DW_COUNT_EXCL, d(2020, 4, 30), 5, DW_UNIT_WORKING_DAYS),
                     d(2020, 5, 8));
    ck_assert_int_eq(dw_calendar_due(cal, DW_CAL_CALENDAR, DW_COUNT_EXCL, d(2020, 12, 24), 3, DW_UNIT_WORKING_DAYS),
                     d(2020, 12, 27));
    ck_assert_int_eq(dw_calendar_last_holiday(cal), d(2027, 1, 1));
    ck_assert(!dw_calendar_is_working(cal, DW_CAL_EW, d(2020, 12, 25)));
    ck_assert(dw_calendar_is_working(cal, DW_CAL_WEEKDAYS, d(2020, 12, 25)));
    ck_assert(dw_calendar_is_working(cal, DW_CAL_EW, d(2020, 12, 29)));
    ck_assert(!dw_calendar_is_working(cal, DW_CAL_EW_CLOSURE, d(2020, 12, 29)));
    ck_assert(dw_calendar_is_working(cal, DW_CAL_CALENDAR, d(2020, 12, 27)));
    /* the three month vectors in days: what 91 and 183 days as a shortcut would miss */
    ck_assert_int_eq(dw_day_add_months(d(2020, 11, 30), 3) - d(2020, 11, 30), 90);
    ck_assert_int_eq(dw_day_add_months(d(2019, 8, 31), 6) - d(2019, 8, 31), 182);
    ck_assert_int_eq(dw_day_add_months(d(2020, 8, 31), 6) - d(2020, 8, 31), 181);
    dw_calendar_free(&cal);
    dw_calendar_free(&wrong);
    cal = dw_calendar_new(NULL, 0, NULL, 0, 0, 1440);
    ck_assert_int_eq(dw_calendar_last_holiday(cal), DW_DAY_NONE);
    dw_calendar_free(&cal);
}
END_TEST

/* Rank and select against counting day by day, over the edges of the bitmap. */
START_TEST(test_due_by_counting)
{
    static const int starts[][3] = {{1989, 11, 1}, {1995, 6, 1}, {2020, 11, 1}, {2200, 11, 1}, {2202, 1, 1}};
    dw_calendar *cal = make(false);
    for (size_t s = 0; s < sizeof starts / sizeof starts[0]; s++)
        for (int32_t from = from3(starts[s]); from < from3(starts[s]) + 100; from++)
            for (int p = 0; p < DW_PROFILE_COUNT; p++)
                for (int n = 1; n < 400; n = n * 2 + 1) {
                    int32_t excl = from, incl = from - 1;
                    for (int left = n; left > 0;)
                        left -= dw_calendar_is_working(cal, (dw_profile)p, ++excl);
                    for (int left = n; left > 0;)
                        left -= dw_calendar_is_working(cal, (dw_profile)p, ++incl);
                    ck_assert_int_eq(dw_calendar_due(cal, (dw_profile)p, DW_COUNT_EXCL, from, n, DW_UNIT_WORKING_DAYS),
                                     excl);
                    ck_assert_int_eq(dw_calendar_due(cal, (dw_profile)p, DW_COUNT_INCL, from, n, DW_UNIT_WORKING_DAYS),
                                     incl);
                    ck_assert_int_eq(dw_calendar_working_days_between(cal, (dw_profile)p, from, excl), n);
                    ck_assert_int_eq(dw_calendar_working_days_between(cal, (dw_profile)p, from, excl - 1), n - 1);
                }
    ck_assert_int_eq(dw_calendar_working_days_between(cal, DW_CAL_EW, 100, 100), 0);
    ck_assert_int_eq(dw_calendar_working_days_between(cal, DW_CAL_EW, 100, 50), 0);
    dw_calendar_free(&cal);
}
END_TEST

/* The formula against the zone data of the host. */
START_TEST(test_london_as_libc)
{
    ck_assert_int_eq(setenv("TZ", "Europe/London", 1), 0);
    tzset();
    int64_t end = utc(2037, 12, 31, 0, 0);
    int summer = 0;
    for (int64_t at = utc(1996, 1, 1, 0, 0); at < end; at += 6 * HOUR_US) {
        for (int edge = -1; edge <= 1; edge += 2) { /* the first and the last second of the quarter */
            time_t t = (time_t)((at + edge * 1000000) / 1000000);
            struct tm tm;
            ck_assert_ptr_nonnull(localtime_r(&t, &tm));
            summer += tm.tm_isdst > 0;
            int32_t day = d(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
            ck_assert_int_eq(dw_london_day((int64_t)t * 1000000), day);
            struct tm midnight = {.tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = tm.tm_mday, .tm_isdst = -1};
            ck_assert_int_eq(dw_london_start_us(day), (int64_t)mktime(&midnight) * 1000000);
        }
    }
    if (summer == 0)
        ck_abort_msg("this host has no zone data for Europe/London (package tzdata)");
}
END_TEST

START_TEST(test_clock_changes)
{
    /* 72 hours are elapsed time; the dates are local (domain 4.10) */
    int64_t spring = utc(2021, 3, 27, 23, 30) + 72 * HOUR_US; /* 31 Mar 00:30 BST */
    ck_assert_int_eq(dw_london_day(spring), d(2021, 3, 31));
    ck_assert_int_eq(spring - dw_london_start_us(d(2021, 3, 31)), 30 * MINUTE_US);
    int64_t autumn = utc(2021, 10, 29, 23, 30) + 72 * HOUR_US; /* 30 Oct 00:30 BST -> 1 Nov 23:30 GMT */
    ck_assert_int_eq(dw_london_day(utc(2021, 10, 29, 23, 30)), d(2021, 10, 30));
    ck_assert_int_eq(autumn, utc(2021, 11, 1, 23, 30));
    ck_assert_int_eq(dw_london_day(autumn), d(2021, 11, 1));
    /* both 01:30s of 31 October 2021 */
    ck_assert_int_eq(dw_london_day(utc(2021, 10, 31, 0, 30)), d(2021, 10, 31));
    ck_assert_int_eq(dw_london_day(utc(2021, 10, 31, 1, 30)), d(2021, 10, 31));
    ck_assert_int_eq(dw_london_start_us(d(2021, 11, 1)) - dw_london_start_us(d(2021, 10, 31)), 25 * HOUR_US);
    ck_assert_int_eq(dw_london_start_us(d(2021, 3, 29)) - dw_london_start_us(d(2021, 3, 28)), 23 * HOUR_US);
    /* before 1970 days still floor */
    ck_assert_int_eq(dw_london_day(-1), -1);
}
END_TEST

static const struct {
    int at[5]; /* UTC */
    int minutes;
    int want[5];
} timers[] = {
    {{2021, 1, 13, 9, 0}, 60, {2021, 1, 13, 10, 0}},
    {{2021, 1, 13, 9, 0}, 480, {2021, 1, 13, 17, 0}}, /* fills the day: its end, not the next opening */
    {{2021, 1, 13, 9, 0}, 481, {2021, 1, 14, 9, 1}},
    {{2021, 1, 13, 7, 0}, 30, {2021, 1, 13, 9, 30}},     /* before opening */
    {{2021, 1, 13, 17, 0}, 30, {2021, 1, 14, 9, 30}},    /* at closing */
    {{2021, 1, 13, 23, 50}, 30, {2021, 1, 14, 9, 30}},   /* at night */
    {{2021, 1, 15, 16, 30}, 60, {2021, 1, 18, 9, 30}},   /* over a weekend */
    {{2021, 1, 16, 12, 0}, 60, {2021, 1, 18, 10, 0}},    /* from a Saturday */
    {{2020, 12, 24, 16, 0}, 120, {2020, 12, 29, 10, 0}}, /* Christmas Day, weekend, substitute day */
    {{2020, 12, 24, 16, 0}, 480 * 3 + 60, {2020, 12, 31, 17, 0}},
    {{2021, 3, 26, 16, 0}, 120, {2021, 3, 29, 9, 0}},   /* GMT to BST: 10:00 local is 09:00 UTC */
    {{2021, 10, 29, 15, 0}, 120, {2021, 11, 1, 10, 0}}, /* BST to GMT: an hour on each side */
    {{2021, 7, 1, 7, 30}, 60, {2021, 7, 1, 9, 0}},      /* summer: opening is 08:00 UTC */
    {{2021, 1, 16, 12, 0}, 0, {2021, 1, 16, 12, 0}},
    {{2021, 1, 13, 9, 0}, 480 * 10, {2021, 1, 26, 17, 0}},
};

static int64_t utc5(const int at[5])
{
    return utc(at[0], at[1], at[2], at[3], at[4]);
}

START_TEST(test_working_minutes)
{
    dw_calendar *cal = make(false);
    ck_assert_int_eq(dw_calendar_add_working_minutes(cal, utc5(timers[_i].at), timers[_i].minutes),
                     utc5(timers[_i].want));
    dw_calendar_free(&cal);
}
END_TEST

/* What is left over for another day is a microsecond: it is that day's first. */
START_TEST(test_working_minutes_least_rest)
{
    dw_calendar *cal = make(false);
    int64_t at_us = utc(2021, 1, 13, 16, 59) + 1;
    ck_assert_int_eq(dw_calendar_add_working_minutes(cal, at_us, 1), utc(2021, 1, 14, 9, 0) + 1);
    ck_assert_int_eq(dw_calendar_add_working_minutes(cal, at_us, 481), utc(2021, 1, 15, 9, 0) + 1);
    dw_calendar_free(&cal);
}
END_TEST

START_TEST(test_names)
{
    ck_assert_str_eq(dw_profile_name(DW_CAL_EW), "ew");
    ck_assert_str_eq(dw_profile_name(DW_CAL_EW_CLOSURE), "ew+closure");
    ck_assert_str_eq(dw_profile_name(DW_PROFILE_COUNT), "?");
}
END_TEST

/* Before 1970 and before the year 0, centuries, and days that the map does not hold. */
START_TEST(test_edges)
{
    ck_assert_int_eq(dw_day_weekday(-1), 2); /* 31 December 1969 was a Wednesday */
    ck_assert_int_eq(dw_day_weekday(-7), 3);
    ck_assert_int_eq(dw_day_weekday(-4), 6);
    ck_assert_int_eq(dw_day_weekday(-3), 0);
    ck_assert_int_eq(dw_day_from_ymd(0, 3, 1), -719468);
    ck_assert_int_eq(dw_day_from_ymd(0, 2, 29), -719469);
    ck_assert_int_eq(dw_day_from_ymd(-400, 3, 1), -719468 - 146097);
    ck_assert_int_eq(dw_day_from_ymd(-401, 3, 1), -719468 - 146097 - 366);
    ck_assert_int_eq(dw_day_to_ymd(-719469).day, 29);
    ck_assert_int_eq(dw_day_to_ymd(-719468 - 146097 - 366).year, -401);
    ck_assert_int_eq(dw_day_add_months(d(2096, 2, 29), 48), d(2100, 2, 28));
    ck_assert_int_eq(dw_day_add_months(d(1996, 2, 29), 48), d(2000, 2, 29));
    ck_assert_int_eq(dw_day_add_months(d(2024, 2, 29), 12), d(2025, 2, 28));
    ck_assert_int_eq(dw_day_add_months(d(2024, 3, 31), -1), d(2024, 2, 29));
    ck_assert_int_eq(dw_day_add_months(d(2024, 1, 31), -13), d(2022, 12, 31));
    const int32_t unsorted[] = {d(2027, 1, 1), d(2026, 12, 25), d(1989, 12, 25), d(2300, 12, 25), d(1990, 1, 1)};
    dw_calendar *cal = dw_calendar_new(unsorted, 5, NULL, 0, 540, 1020);
    ck_assert_int_eq(dw_calendar_last_holiday(cal), d(2300, 12, 25));
    ck_assert(!dw_calendar_is_working(cal, DW_CAL_EW, d(2026, 12, 25)));
    ck_assert(!dw_calendar_is_working(cal, DW_CAL_EW, d(1990, 1, 1)));
    ck_assert(dw_calendar_is_working(cal, DW_CAL_EW, d(1989, 12, 25))); /* outside the map: weekends only */
    ck_assert(dw_calendar_is_working(cal, DW_CAL_EW, d(2300, 12, 25)));
    dw_calendar_free(&cal);
    cal = dw_calendar_new(unsorted, 2, NULL, 0, 540, 1020);
    ck_assert_int_eq(dw_calendar_last_holiday(cal), d(2027, 1, 1));
    for (int unit = DW_UNIT_WORKING_DAYS; unit < DW_UNIT_HOURS; unit++) /* nothing to count: the day itself */
        for (int n = -1; n < 1; n++) {
            ck_assert_int_eq(dw_calendar_due(cal, DW_CAL_EW, DW_COUNT_EXCL, d(2026, 5, 6), n, (dw_unit)unit),
                             d(2026, 5, 6));
            ck_assert_int_eq(dw_calendar_due(cal, DW_CAL_EW, DW_COUNT_INCL, d(2026, 5, 6), n, (dw_unit)unit),
                             d(2026, 5, 6));
        }
    dw_calendar_free(&cal);
}
END_TEST

/* A title is kept to its longest, and may be empty; the last day named of two is another. */
START_TEST(titles_of_days)
{
    char title[DW_DAY_TITLE_MAX + 2];
    memset(title, 't', sizeof title);
    const int32_t day = 20000;
    dw_calendar *cal = dw_calendar_new(NULL, 0, NULL, 0, 540, 1020);
    ck_assert_str_eq(dw_calendar_day_title(cal, day), "");
    for (uint32_t len = DW_DAY_TITLE_MAX - 1; len <= DW_DAY_TITLE_MAX + 1; len++)
        ck_assert(dw_calendar_name_day(cal, day + (int32_t)len, (dw_str){title, len}));
    ck_assert(dw_calendar_name_day(cal, day, (dw_str){NULL, 0}));
    ck_assert_uint_eq(strlen(dw_calendar_day_title(cal, day + DW_DAY_TITLE_MAX - 1)), DW_DAY_TITLE_MAX - 1);
    ck_assert_uint_eq(strlen(dw_calendar_day_title(cal, day + DW_DAY_TITLE_MAX)), DW_DAY_TITLE_MAX);
    ck_assert_uint_eq(strlen(dw_calendar_day_title(cal, day + DW_DAY_TITLE_MAX + 1)), DW_DAY_TITLE_MAX);
    ck_assert_str_eq(dw_calendar_day_title(cal, day), "");
    ck_assert_str_eq(dw_calendar_day_title(cal, day + 1), "");
    dw_calendar_free(&cal);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calendar");
    TCase *tc = tcase_create("calendar");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, titles_of_days);
    tcase_add_test(tc, test_civil);
    tcase_add_loop_test(tc, test_due, 0, sizeof dues / sizeof dues[0]);
    tcase_add_test(tc, test_lists);
    tcase_add_test(tc, test_due_by_counting);
    tcase_add_test(tc, test_london_as_libc);
    tcase_add_test(tc, test_clock_changes);
    tcase_add_loop_test(tc, test_working_minutes, 0, sizeof timers / sizeof timers[0]);
    tcase_add_test(tc, test_working_minutes_least_rest);
    tcase_add_test(tc, test_names);
    tcase_add_test(tc, test_edges);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

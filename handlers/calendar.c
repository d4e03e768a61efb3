/* calendar.c: civil days, Europe/London by formula, and working days by rank and select over one bitmap a profile. */

#include "handlers/calendar.h"

#include <assert.h>
#include <stdlib.h>

#define US_PER_SECOND INT64_C(1000000)
#define US_PER_MINUTE (60 * US_PER_SECOND)
#define US_PER_HOUR (3600 * US_PER_SECOND)
#define US_PER_DAY (86400 * US_PER_SECOND)

/* The bitmap covers 1990 to 2200; outside it the profiles know weekends only. Its first day is a Monday. */
#define MAP_START 7305 /* 1990-01-01 */
#define MAP_WORDS 1205
#define MAP_END (MAP_START + MAP_WORDS * 64) /* first day behind it */

typedef struct profile_map {
    uint64_t bits[MAP_WORDS];      /* bit set: working day */
    int32_t before[MAP_WORDS + 1]; /* working days in front of the word */
} profile_map;

typedef struct day_title {
    int32_t day;
    char text[DW_DAY_TITLE_MAX + 1];
} day_title;

struct dw_calendar {
    profile_map maps[3]; /* EW, EW_CLOSURE, WEEKDAYS */
    day_title *titles;
    size_t title_count;
    int32_t last_holiday;
    int64_t open_us, close_us; /* since local midnight */
};

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return q - (a % b != 0 && (a < 0) != (b < 0));
}

/* Civil days after Howard Hinnant's algorithms: years run from March, so that the leap day is the last of its year. */
int32_t dw_day_from_ymd(int year, int month, int day)
{
    int y = year - (month <= 2);
    int era = (y >= 0 ? y : y - 399) / 400;
    int yoe = y - era * 400;
    int doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

/* The way back by multiplications, after Neri and Schneider, Euclidean affine functions and their application to calendar
 * algorithms (2023): it is asked some dozens of times an event. *year: the one in which the March before began. Returns the day
 * since that, the 1st of March being 0. */
static uint32_t day_since_march(int32_t day, int *year)
{
    enum { ERAS = 82 }; /* of 400 years, so that all is above zero: from the year -32800 on */
    uint32_t n1 = 4 * ((uint32_t)day + 719468 + 146097 * ERAS) + 3;
    uint32_t century = n1 / 146097;
    uint64_t p2 = UINT64_C(2939745) * (n1 % 146097 | 3);
    *year = (int)(100 * century + (uint32_t)(p2 >> 32)) - 400 * ERAS;
    return (uint32_t)p2 / 2939745 / 4;
}

dw_ymd dw_day_to_ymd(int32_t day)
{
    int year;
    uint32_t since_march = day_since_march(day, &year), n3 = 2141 * since_march + 197913;
    bool next = since_march >= 306; /* January and February of the next */
    return (dw_ymd){year + next, (int)(n3 >> 16) - (next ? 12 : 0), (int)((n3 & 0xFFFF) / 2141) + 1};
}

int dw_day_weekday(int32_t day)
{
    int64_t w = ((int64_t)day + 3) % 7; /* day 0 was a Thursday */
    return (int)(w < 0 ? w + 7 : w);
}

/* Does summer time hold when `day` begins in London (`later` false), or when it ends? It starts and ends on the last Sunday
 * of March and October at 01:00 UTC. */
static bool is_summer(int32_t day, bool later)
{
    enum { LAST_OF_MARCH = 30, LAST_OF_OCTOBER = 244, WEEK = 7 };
    int year;
    int since_march = (int)day_since_march(day, &year);
    int last = since_march <= LAST_OF_MARCH ? LAST_OF_MARCH : LAST_OF_OCTOBER;
    bool before = since_march <= last - WEEK, summer_comes = last == LAST_OF_MARCH;
    if (before || since_march > last)
        return before != summer_comes;
    int32_t end = day + last - since_march;
    int32_t change = end - (dw_day_weekday(end) + 1) % WEEK;
    bool after = later ? day >= change : day > change;
    return after == summer_comes;
}

int32_t dw_london_day(int64_t at_us)
{
    int64_t day = floor_div(at_us, US_PER_DAY);
    if (at_us - day * US_PER_DAY < 23 * US_PER_HOUR)
        return (int32_t)day;
    /* In the last hour of a UTC day it is already tomorrow in London while summer time lasts. */
    return (int32_t)day + is_summer((int32_t)day, true);
}

int64_t dw_london_start_us(int32_t day)
{
    return day * US_PER_DAY - (is_summer(day, false) ? US_PER_HOUR : 0);
}

int32_t dw_day_add_months(int32_t day, int months)
{
    static const uint8_t lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    dw_ymd d = dw_day_to_ymd(day);
    int64_t m = (int64_t)d.year * 12 + (d.month - 1) + months;
    int year = (int)floor_div(m, 12);
    int month = (int)(m - (int64_t)year * 12) + 1;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    int length = lengths[month - 1] + (month == 2 && leap);
    return dw_day_from_ymd(year, month, d.day < length ? d.day : length);
}

const char *dw_profile_name(dw_profile profile)
{
    static const char *const names[DW_PROFILE_COUNT] = {
#define X(e, n) [e] = n,
        DW_PROFILE_LIST(X)
#undef X
    };
    return (unsigned)profile < DW_PROFILE_COUNT ? names[profile] : "?";
}

static void map_clear_day(profile_map *map, int32_t day)
{
    if (day >= MAP_START && day < MAP_END) {
        uint32_t at = (uint32_t)(day - MAP_START);
        map->bits[at / 64] &= ~(UINT64_C(1) << (at % 64));
    }
}

static void map_finish(profile_map *map)
{
    int32_t sum = 0;
    for (int w = 0; w < MAP_WORDS; w++) {
        map->before[w] = sum;
        sum += __builtin_popcountll(map->bits[w]);
    }
    map->before[MAP_WORDS] = sum;
}

dw_calendar *dw_calendar_new(const int32_t *holidays, size_t holiday_count, const int32_t *closures,
                             size_t closure_count, int open_minute, int close_minute)
{
    assert(open_minute >= 0 && open_minute < close_minute && close_minute <= 24 * 60);
    dw_calendar *cal = calloc(1, sizeof *cal);
    if (cal == NULL)
        return NULL;
    cal->open_us = open_minute * US_PER_MINUTE;
    cal->close_us = close_minute * US_PER_MINUTE;
    cal->last_holiday = DW_DAY_NONE;
    for (int32_t day = MAP_START; day < MAP_END; day++) {
        uint32_t at = (uint32_t)(day - MAP_START);
        if (dw_day_weekday(day) < 5)
            for (int m = 0; m < 3; m++)
                cal->maps[m].bits[at / 64] |= UINT64_C(1) << (at % 64);
    }
    for (size_t i = 0; i < holiday_count; i++) {
        map_clear_day(&cal->maps[DW_CAL_EW], holidays[i]);
        map_clear_day(&cal->maps[DW_CAL_EW_CLOSURE], holidays[i]);
        if (holidays[i] > cal->last_holiday)
            cal->last_holiday = holidays[i];
    }
    for (size_t i = 0; i < closure_count; i++)
        map_clear_day(&cal->maps[DW_CAL_EW_CLOSURE], closures[i]);
    for (int m = 0; m < 3; m++)
        map_finish(&cal->maps[m]);
    return cal;
}

void dw_calendar_free(dw_calendar **calendar)
{
    if (*calendar != NULL)
        free((*calendar)->titles);
    free(*calendar);
    *calendar = NULL;
}

bool dw_calendar_name_day(dw_calendar *cal, int32_t day, dw_str title)
{
    day_title *grown = realloc(cal->titles, (cal->title_count + 1) * sizeof *grown);
    if (grown == NULL)
        return false;
    cal->titles = grown;
    day_title *one = &cal->titles[cal->title_count++];
    uint32_t len = title.len < DW_DAY_TITLE_MAX ? title.len : DW_DAY_TITLE_MAX;
    one->day = day;
    if (len != 0)
        memcpy(one->text, title.ptr, len);
    one->text[len] = '\0';
    return true;
}

const char *dw_calendar_day_title(const dw_calendar *cal, int32_t day)
{
    for (size_t i = 0; i < cal->title_count; i++)
        if (cal->titles[i].day == day)
            return cal->titles[i].text;
    return "";
}

/* Weekdays (Monday to Friday) from MAP_START, a Monday, up to but without `day`; negative before it. */
static int64_t weekdays_before(int64_t day)
{
    int64_t days = day - MAP_START;
    int64_t weeks = floor_div(days, 7);
    int64_t rest = days - weeks * 7;
    return weeks * 5 + (rest < 5 ? rest : 5);
}

/* The day before which there are exactly `n` weekdays, and which is one: the inverse of weekdays_before(). */
static int64_t weekday_at(int64_t n)
{
    int64_t weeks = floor_div(n, 5);
    return MAP_START + weeks * 7 + (n - weeks * 5);
}

/* Working days before `day`, counted from the map's start. */
static int64_t rank_before(const profile_map *map, int64_t day)
{
    if (day < MAP_START)
        return weekdays_before(day);
    if (day >= MAP_END)
        return map->before[MAP_WORDS] + weekdays_before(day) - weekdays_before(MAP_END);
    uint32_t at = (uint32_t)(day - MAP_START);
    uint64_t low = map->bits[at / 64] & ((UINT64_C(1) << (at % 64)) - 1);
    return map->before[at / 64] + __builtin_popcountll(low);
}

/* The working day with `rank` working days before it; it is not before `from`, and mostly a few weeks after it. */
static int64_t select_rank(const profile_map *map, int64_t rank, int64_t from)
{
    if (rank < 0)
        return weekday_at(rank);
    if (rank >= map->before[MAP_WORDS])
        return weekday_at(rank - map->before[MAP_WORDS] + weekdays_before(MAP_END));
    int64_t lo = from > MAP_START ? (from - MAP_START) / 64 : 0; /* last word whose `before` is not above rank */
    while (map->before[lo + 1] <= rank)
        lo++;
    uint64_t word = map->bits[lo];
    for (int64_t skip = rank - map->before[lo]; skip > 0; skip--)
        word &= word - 1;
    return MAP_START + lo * 64 + __builtin_ctzll(word);
}

bool dw_calendar_is_working(const dw_calendar *cal, dw_profile profile, int32_t day)
{
    if (profile == DW_CAL_CALENDAR)
        return true;
    if (day < MAP_START || day >= MAP_END)
        return dw_day_weekday(day) < 5;
    uint32_t at = (uint32_t)(day - MAP_START);
    return (cal->maps[profile].bits[at / 64] >> (at % 64) & 1) != 0;
}

int32_t dw_calendar_last_holiday(const dw_calendar *cal)
{
    return cal->last_holiday;
}

bool dw_calendar_ends_soon(const dw_calendar *cal, int32_t day)
{
    return cal->last_holiday < dw_day_add_months(day, DW_HOLIDAYS_AHEAD_MONTHS);
}

int32_t dw_calendar_due(const dw_calendar *cal, dw_profile profile, dw_count_mode mode, int32_t from, int n,
                        dw_unit unit)
{
    int32_t incl = mode == DW_COUNT_INCL;
    assert(unit != DW_UNIT_HOURS);
    if (n < 1)
        return from;
    switch (unit) {
    case DW_UNIT_DAYS:
        return from + n - incl;
    case DW_UNIT_WEEKS:
        return from + 7 * n - incl;
    case DW_UNIT_MONTHS:
        return dw_day_add_months(from, n) - incl;
    case DW_UNIT_HOURS:
        return from;
    case DW_UNIT_WORKING_DAYS:
        break;
    }
    if (profile == DW_CAL_CALENDAR)
        return from + n - incl;
    const profile_map *map = &cal->maps[profile];
    return (int32_t)select_rank(map, rank_before(map, (int64_t)from + 1 - incl) + n - 1, from);
}

int dw_calendar_working_days_between(const dw_calendar *cal, dw_profile profile, int32_t from, int32_t to)
{
    if (to <= from)
        return 0;
    if (profile == DW_CAL_CALENDAR)
        return to - from;
    const profile_map *map = &cal->maps[profile];
    return (int)(rank_before(map, (int64_t)to + 1) - rank_before(map, (int64_t)from + 1));
}

int64_t dw_calendar_add_working_minutes(const dw_calendar *cal, int64_t at_us, int64_t minutes)
{
    /* Working days are never change days of the clock (those are Sundays), so local time is midnight plus elapsed. */
    const profile_map *map = &cal->maps[DW_CAL_EW];
    int64_t need = minutes * US_PER_MINUTE;
    int64_t length = cal->close_us - cal->open_us;
    if (need <= 0)
        return at_us;
    int32_t day = dw_london_day(at_us);
    if (dw_calendar_is_working(cal, DW_CAL_EW, day)) {
        int64_t start = dw_london_start_us(day);
        int64_t from = at_us > start + cal->open_us ? at_us : start + cal->open_us;
        int64_t left = start + cal->close_us - from;
        if (left >= need)
            return from + need;
        if (left > 0)
            need -= left;
    }
    int64_t days = (need + length - 1) / length; /* the last of them is used in part or to its end */
    int64_t target = select_rank(map, rank_before(map, (int64_t)day + 1) + days - 1, day);
    return dw_london_start_us((int32_t)target) + cal->open_us + need - (days - 1) * length;
}

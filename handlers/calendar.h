#pragma once
/* calendar.h: civil dates in Europe/London, working days, the two count modes, and working-hour timers.
 *
 * A day is an int32_t: days since 1970-01-01 in Europe/London. An instant is int64_t microseconds UTC.
 * Pure: Europe/London comes from the rule in force since 1996 (last Sunday of March and October, 01:00 UTC), never
 * from the host's zone files, so a replay gives the same dates everywhere. Source of the arithmetic: domain.md 2.1. */

#include "proto/base.h"

#define DW_DAY_NONE INT32_MIN
#define DW_DAY_OPEN INT32_MAX /* end of something that has not ended */
#define DW_AT_NONE INT64_MIN
#define DW_AT_NEVER INT64_MAX

typedef struct dw_ymd {
    int year, month, day;
} dw_ymd;
int32_t dw_day_from_ymd(int year, int month, int day); /* proleptic Gregorian; caller gives a real date */
dw_ymd dw_day_to_ymd(int32_t day);
int dw_day_weekday(int32_t day); /* 0 = Monday .. 6 = Sunday */

int32_t dw_london_day(int64_t at_us);               /* the Europe/London date of an instant */
int64_t dw_london_start_us(int32_t day);            /* first instant of that date */
int32_t dw_day_add_months(int32_t day, int months); /* same day of month, clamped to the month's end */

typedef enum dw_count_mode { DW_COUNT_EXCL, DW_COUNT_INCL } dw_count_mode; /* day after / trigger day is day 1 */
typedef enum dw_unit { DW_UNIT_WORKING_DAYS, DW_UNIT_DAYS, DW_UNIT_WEEKS, DW_UNIT_MONTHS, DW_UNIT_HOURS } dw_unit;

/* Calendar profiles of domain.md 2.1. X(enumerator, name) */
#define DW_PROFILE_LIST(X)                                                                                             \
    X(DW_CAL_EW, "ew")                 /* weekends and England & Wales bank holidays */                                \
    X(DW_CAL_EW_CLOSURE, "ew+closure") /* and the authority's shutdown days */                                         \
    X(DW_CAL_WEEKDAYS, "weekdays")     /* bank holidays count as working days */                                       \
    X(DW_CAL_CALENDAR, "calendar")     /* every day counts */
typedef enum dw_profile {
#define X(e, n) e,
    DW_PROFILE_LIST(X)
#undef X
        DW_PROFILE_COUNT
} dw_profile;
const char *dw_profile_name(dw_profile profile);

/* An immutable list of non-working days and the working hours. */
typedef struct dw_calendar dw_calendar;
/* Days need not be sorted. hours: minutes since local midnight, e.g. 540 and 1020. NULL when out of memory. */
dw_calendar *dw_calendar_new(const int32_t *holidays, size_t holiday_count, const int32_t *closures,
                             size_t closure_count, int open_minute, int close_minute);
void dw_calendar_free(dw_calendar **calendar);
/* What a day off is called ("Good Friday"), for people; at most DW_DAY_TITLE_MAX bytes are kept. While building only. */
#define DW_DAY_TITLE_MAX 63
bool dw_calendar_name_day(dw_calendar *cal, int32_t day, dw_str title); /* false: out of memory */
const char *dw_calendar_day_title(const dw_calendar *cal, int32_t day); /* "" when it has no name */
bool dw_calendar_is_working(const dw_calendar *cal, dw_profile profile, int32_t day);
int32_t dw_calendar_last_holiday(const dw_calendar *cal); /* past it every weekday is taken as working */
#define DW_HOLIDAYS_AHEAD_MONTHS 12 /* gov.uk publishes a year or two; past the end, limits come out short */
/* The list ends before `day` + that many months: somebody must take a new one. */
bool dw_calendar_ends_soon(const dw_calendar *cal, int32_t day);

/* The last day in time: `from` + `n` units. HOURS is not for this function. Working days: with EXCL the first
 * working day after `from` is day 1; with INCL `from` itself, when it is a working day, is day 1. DAYS/WEEKS/MONTHS with
 * INCL end one day earlier than with EXCL. */
int32_t dw_calendar_due(const dw_calendar *cal, dw_profile profile, dw_count_mode mode, int32_t from, int n,
                        dw_unit unit);
/* Working days d with from < d <= to (negative never). */
int dw_calendar_working_days_between(const dw_calendar *cal, dw_profile profile, int32_t from, int32_t to);
/* The instant `minutes` of working time (profile ew, opening hours) after `at_us`. */
int64_t dw_calendar_add_working_minutes(const dw_calendar *cal, int64_t at_us, int64_t minutes);

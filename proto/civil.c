/* Civil dates: days since 1970-01-01 and back, by counting from 1 March so that the leap day comes last. */
#include "proto/civil.h"

#define DAYS_PER_ERA 146097 /* 400 years */
#define ERA_SHIFT 719468    /* days from 0000-03-01 to 1970-01-01 */

static bool is_leap(int32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

bool dw_civil_valid(dw_civil date)
{
    static const uint8_t days_of[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (date.year < DW_YEAR_MIN || date.year > DW_YEAR_MAX || date.month < 1 || date.month > 12 || date.day < 1)
        return false;
    int32_t last = days_of[date.month - 1] + (date.month == 2 && is_leap(date.year));
    return date.day <= last;
}

int32_t dw_civil_days(dw_civil date)
{
    int32_t year = date.year - (date.month <= 2);
    int32_t era = (year >= 0 ? year : year - 399) / 400;
    int32_t year_of_era = year - era * 400;
    int32_t month = date.month > 2 ? date.month - 3 : date.month + 9;
    int32_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - ERA_SHIFT;
}

dw_civil dw_civil_from_days(int32_t days)
{
    int32_t shifted = days + ERA_SHIFT;
    int32_t era = (shifted >= 0 ? shifted : shifted - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int32_t day_of_era = shifted - era * DAYS_PER_ERA;
    int32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t month = (5 * day_of_year + 2) / 153;
    dw_civil date = {.year = year_of_era + era * 400,
                     .month = month < 10 ? month + 3 : month - 9,
                     .day = day_of_year - (153 * month + 2) / 5 + 1};
    date.year += date.month <= 2;
    return date;
}

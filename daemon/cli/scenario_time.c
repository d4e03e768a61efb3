/* scenario_time.c: dates and times as people in England write them. */

#include "daemon/cli/scenario_parts.h"

#include "proto/civil.h"
#include "proto/json.h"

#define HOUR_US INT64_C(3600000000)
#define MINUTE_US INT64_C(60000000)

int64_t dw_scn_day_end(int32_t day)
{
    return dw_london_start_us(day + 1) - 1;
}

/* Where a day begins says whether it begins in summer time, and where the next one begins whether it ends so. The clocks
 * change at 01:00 UTC. */
const char *dw_scn_local(int32_t day, int64_t us_of_day, int64_t *us_out)
{
    int64_t naive = day * DW_US_PER_DAY + us_of_day;
    bool summer_first = dw_london_start_us(day) != day * DW_US_PER_DAY;
    bool summer_last = dw_london_start_us(day + 1) != (day + 1) * DW_US_PER_DAY;
    bool summer = summer_first;
    if (summer_first != summer_last) {
        bool between = us_of_day >= HOUR_US && us_of_day < 2 * HOUR_US;
        if (between && summer_last)
            return "the clocks go forward over this time: it does not exist that day";
        if (between)
            return "the clocks go back over this time, so it comes twice: write it with its offset, as in "
                   "2021-10-31T01:30:00+01:00";
        summer = us_of_day < HOUR_US ? summer_first : summer_last;
    }
    *us_out = naive - (summer ? HOUR_US : 0);
    return NULL;
}

dw_str dw_scn_word(dw_str *rest)
{
    uint32_t from = 0, to;
    while (from < rest->len && (rest->ptr[from] == ' ' || rest->ptr[from] == '\n' || rest->ptr[from] == '\t'))
        from++;
    for (to = from; to < rest->len && rest->ptr[to] != ' ' && rest->ptr[to] != '\n' && rest->ptr[to] != '\t';)
        to++;
    dw_str word = {rest->ptr + from, to - from};
    *rest = (dw_str){rest->ptr + to, rest->len - to};
    return word;
}

static bool two_digits(const char *at, int max, int *out)
{
    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
        return false;
    *out = (at[0] - '0') * 10 + at[1] - '0';
    return *out <= max;
}

/* "14:30" or "14:30:59" */
static bool time_of_day(dw_str text, int64_t *us_out)
{
    int hour = 0, minute = 0, second = 0;
    if ((text.len != 5 && text.len != 8) || text.ptr[2] != ':' || !two_digits(text.ptr, 23, &hour) ||
        !two_digits(text.ptr + 3, 59, &minute))
        return false;
    if (text.len == 8 && (text.ptr[5] != ':' || !two_digits(text.ptr + 6, 59, &second)))
        return false;
    *us_out = hour * HOUR_US + minute * MINUTE_US + second * DW_US_PER_SECOND;
    return true;
}

bool dw_scn_is_time(dw_str word)
{
    return (word.len == 5 || word.len == 8) && word.ptr[2] == ':';
}

const char *dw_scn_when(dw_str text, int minute_of_day, int64_t *us_out, bool *date_only)
{
    static const char wrong[] = "not a date or time such as 2026-01-19, \"2026-01-19 14:30\" or 2026-01-19T14:30:00Z";
    int32_t day = 0;
    int64_t us_of_day = minute_of_day * MINUTE_US;
    if (date_only != NULL)
        *date_only = false;
    if (dw_instant_parse(text, us_out))
        return NULL;
    if (text.len < 10 || !dw_date_parse((dw_str){text.ptr, 10}, &day))
        return text.len >= 10 && text.ptr[4] == '-' && text.ptr[7] == '-' ? "there is no such date" : wrong;
    if (day <= DW_DAYS_MIN || day >= DW_DAYS_MAX)
        return "not a date in 1900 to 2200";
    if (text.len == 10) {
        if (date_only != NULL)
            *date_only = true;
    } else if ((text.ptr[10] != ' ' && text.ptr[10] != 'T') ||
               !time_of_day((dw_str){text.ptr + 11, text.len - 11}, &us_of_day)) {
        return wrong;
    }
    return dw_scn_local(day, us_of_day, us_out);
}

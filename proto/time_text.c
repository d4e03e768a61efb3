/* RFC 3339 instants and civil dates as text. */
#include <stdio.h>

#include "proto/civil.h"
#include "proto/json.h"

/* Exactly `n` digits at *at; false otherwise. */
static bool digits(const char **at, const char *end, int n, int32_t *out)
{
    int32_t value = 0;
    if (end - *at < n)
        return false;
    for (int i = 0; i < n; i++) {
        char c = (*at)[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    *at += n;
    *out = value;
    return true;
}

static bool skip(const char **at, const char *end, char wanted)
{
    if (*at == end || **at != wanted)
        return false;
    (*at)++;
    return true;
}

static bool read_date(const char **at, const char *end, int32_t *days_out)
{
    dw_civil date;
    if (!digits(at, end, 4, &date.year) || !skip(at, end, '-') || !digits(at, end, 2, &date.month) ||
        !skip(at, end, '-') || !digits(at, end, 2, &date.day) || !dw_civil_valid(date))
        return false;
    *days_out = dw_civil_days(date);
    return true;
}

bool dw_date_parse(dw_str text, int32_t *days_out)
{
    int32_t days;
    if (text.len == 0)
        return false;
    const char *at = text.ptr;
    if (!read_date(&at, text.ptr + text.len, &days) || at != text.ptr + text.len)
        return false;
    *days_out = days;
    return true;
}

/* ".123456789" -> microseconds; finer digits are cut. */
static bool read_fraction(const char **at, const char *end, int32_t *us_out)
{
    int32_t us = 0;
    int n = 0;
    for (; *at != end && **at >= '0' && **at <= '9'; (*at)++, n++) {
        if (n < 6)
            us = us * 10 + (**at - '0');
    }
    if (n == 0 || n > 9)
        return false;
    for (; n < 6; n++)
        us *= 10;
    *us_out = us;
    return true;
}

/* "Z" or "+01:00" -> seconds east of UTC. */
static bool read_offset(const char **at, const char *end, int32_t *seconds_out)
{
    int32_t hours, minutes;
    if (*at == end)
        return false;
    char sign = *(*at)++;
    if (sign == 'Z' || sign == 'z') {
        *seconds_out = 0;
        return true;
    }
    if ((sign != '+' && sign != '-') || !digits(at, end, 2, &hours) || !skip(at, end, ':') ||
        !digits(at, end, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *seconds_out = (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
    return true;
}

bool dw_instant_parse(dw_str text, int64_t *us_out)
{
    int32_t days, hour, minute, second, us = 0, offset;
    if (text.len == 0)
        return false;
    const char *at = text.ptr;
    const char *end = at + text.len;
    if (!read_date(&at, end, &days) || at == end || (*at != 'T' && *at != 't' && *at != ' '))
        return false;
    at++;
    if (!digits(&at, end, 2, &hour) || !skip(&at, end, ':') || !digits(&at, end, 2, &minute) || !skip(&at, end, ':') ||
        !digits(&at, end, 2, &second) || hour > 23 || minute > 59 || second > 59)
        return false;
    if (skip(&at, end, '.') && !read_fraction(&at, end, &us))
        return false;
    if (!read_offset(&at, end, &offset) || at != end)
        return false;
    int64_t seconds = (int64_t)days * 86400 + hour * 3600 + minute * 60 + second - offset;
    int64_t result = seconds * DW_US_PER_SECOND + us;
    if (result < DW_INSTANT_MIN_US || result > DW_INSTANT_MAX_US)
        return false;
    *us_out = result;
    return true;
}

void dw_date_format(int32_t days, char out[16])
{
    dw_civil date = dw_civil_from_days(days);
    if ((uint32_t)date.year > 9999) {
        (void)snprintf(out, 16, "%04d-%02d-%02d", date.year, date.month, date.day);
        return;
    }
    /* one in most ids of transitions: by hand a twentieth of the time */
    const int digits[] = {
        date.year / 1000, date.year / 100, date.year / 10, date.year, -1, date.month / 10, date.month, -1,
        date.day / 10,    date.day};
    for (size_t i = 0; i < sizeof digits / sizeof digits[0]; i++)
        out[i] = digits[i] < 0 ? '-' : (char)('0' + digits[i] % 10);
    out[10] = '\0';
}

void dw_instant_format(int64_t us, char out[32])
{
    int64_t days = us / DW_US_PER_DAY - (us % DW_US_PER_DAY < 0);
    int64_t in_day = us - days * DW_US_PER_DAY;
    int32_t seconds = (int32_t)(in_day / DW_US_PER_SECOND);
    int32_t micros = (int32_t)(in_day % DW_US_PER_SECOND);
    char date[16];
    dw_date_format((int32_t)days, date);
    int n = snprintf(out, 32, "%sT%02d:%02d:%02d.%03d", date, seconds / 3600, seconds / 60 % 60, seconds % 60,
                     micros / 1000);
    if (n < 0 || n > 26)
        n = 26; /* years beyond four digits do not occur: every instant is checked */
    if (micros % 1000 != 0)
        (void)snprintf(out + n, (size_t)(32 - n), "%03dZ", micros % 1000);
    else
        (void)snprintf(out + n, (size_t)(32 - n), "Z");
}

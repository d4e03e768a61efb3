#pragma once
/* civil.h: civil dates as days since 1970-01-01 (proleptic Gregorian), and the bounds every date must keep.
 *
 * Pure arithmetic, no time zone. Valid for every year of an int32 day count that limits.h admits, and far beyond;
 * callers check dw_civil_valid() before dw_civil_days() when the parts come from outside. */

#include "proto/base.h"
#include "proto/limits.h"

typedef struct dw_civil {
    int32_t year;
    int32_t month; /* 1..12 */
    int32_t day;   /* 1..31 */
} dw_civil;

#define DW_US_PER_SECOND INT64_C(1000000)
#define DW_US_PER_DAY (INT64_C(86400) * DW_US_PER_SECOND)
#define DW_DAYS_MIN INT32_C(-25567) /* 1900-01-01 */
#define DW_DAYS_MAX INT32_C(84370)  /* 2200-12-31 */
#define DW_INSTANT_MIN_US (DW_DAYS_MIN * DW_US_PER_DAY)
#define DW_INSTANT_MAX_US ((DW_DAYS_MAX + 1) * DW_US_PER_DAY - 1)
#define DW_INSTANT_NONE INT64_MIN /* an instant that is not there, where 0 is a possible one */

/* Do the parts name a real day between DW_YEAR_MIN and DW_YEAR_MAX? */
bool dw_civil_valid(dw_civil date);
/* Days since 1970-01-01 of a valid date. */
int32_t dw_civil_days(dw_civil date);
/* The date of a day count within +-10,000,000 days. */
dw_civil dw_civil_from_days(int32_t days);

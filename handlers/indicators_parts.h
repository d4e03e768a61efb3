#pragma once
/* indicators_parts.h: what the two files behind indicators.h share. Private to handlers/indicators*.c. */

#include "handlers/indicators.h"
#include "handlers/rules/rules.h"

/* One figure asked of one child. */
typedef struct dw_ind_asking {
    const dw_indicator *ind;
    const dw_chronology *chron;
    dw_eval *ev;
    const dw_policy *policy;
    dw_ind_period period;
} dw_ind_asking;

bool dw_ind_in_period(const dw_ind_asking *a, int32_t day);
/* The figure is about an age, and there is no birth date. */
bool dw_ind_age_unknown(const dw_ind_asking *a);
/* Is it a span of the population that is open at T, long enough, and nothing beside it that puts it out? */
bool dw_ind_span_open(const dw_ind_asking *a, const dw_span *span);
/* indicators_duties.c */
bool dw_ind_add_duties(const dw_ind_asking *a, dw_ind_tally *tally);

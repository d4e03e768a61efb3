#pragma once
/* gen.h: a simulated authority: the events that its casework systems would publish, in the order of the log.
 *
 * Children move through contact, referral, assessment, child in need, child protection, care, private fostering and
 * care leaving; each has visits, reviews, conferences, core groups, supervision, health assessments, chronologies, workers
 * that change; some go missing, some go to court.
 * Its staff practise the duties of the shipped standards: most are met in time and written up the same day; some are late,
 * fail, are written up days later, corrected, withdrawn or sent twice; managers note why something was missed. Under the
 * shipped standards of a hundred events four or five raise an alert or a flag. A few children are neglected more than
 * others. No free text: ids, codes, dates and answers only.
 *
 * Callers may rely on: the same configuration gives the same events, byte for byte, on every machine; log times never
 * go back; memory is bounded by the open cases (about 1 KiB each), not by the length of the story. It reads no clock
 * and does no I/O.
 *
 * Shape at scale 1 (domain.md section 1, one county): about 1,000 looked after, 800 on child protection plans, 2,000
 * in need, 25 privately fostered, 450 care leavers; 70 contacts a working day.
 * The story begins with the first load: what is known of the open cases, stamped from the first instant of the first
 * day on, a child a millisecond, its newest fact first (so that a plan finds its visits there when it arrives); then day
 * by day. */

#include "proto/event.h"

#define DW_GEN_DAYS_MAX 7320     /* days of one story: twenty years */
#define DW_GEN_SCALE_MAX 400.0   /* counties: more than all of England */
#define DW_GEN_OPEN_CASES 4275.0 /* open cases at scale 1 */

typedef struct dw_gen_config {
    uint64_t seed;
    int32_t from_day, to_day; /* London days, the second not included */
    double scale;             /* counties; above 0, at most DW_GEN_SCALE_MAX */
    const char *la_code;      /* three digits */
    int tick_hours;           /* a clock_tick every so many hours, 0 = none, at most 24 */
} dw_gen_config;

typedef struct dw_gen dw_gen;
/* DW_E_RANGE: a number of the configuration is out of its range. */
dw_errc dw_gen_new(const dw_gen_config *config, dw_gen **out, dw_error *err);
void dw_gen_free(dw_gen **gen);
/* The next event of the log and its append time. False: the story is over, or *err says that memory ran out. The event
 * and its strings are valid until the next call. */
bool dw_gen_next(dw_gen *gen, dw_event *out, int64_t *log_time_us, dw_error *err);

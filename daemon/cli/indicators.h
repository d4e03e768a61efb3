#pragma once
/* indicators.h: the inside of `driftwatch indicators`, shared by its files and by nobody else.
 *
 * indicators.c          the verb: where the children come from
 * indicators_print.c    the table, JSON lines, CSV
 * indicators_publish.c  what may leave the service */

#include "config/indicators_load.h"
#include "daemon/cli/cli.h"

/* One published figure. A count of DW_FIGURE_HIDDEN is not given out. */
#define DW_FIGURE_HIDDEN INT64_C(-1)
#define DW_FIGURE_NONE INT64_C(-2) /* there is none: a plain count has no denominator, a rule is off */
typedef struct dw_figure {
    const dw_indicator *ind;
    int64_t numerator, denominator, not_yet_due, unknown, paused;
} dw_figure;

/* What stands above the figures. */
typedef struct dw_figures {
    dw_figure *items;
    size_t count;
    int64_t at_us, data_us; /* asked for; the newest (live: of the shard that is furthest behind) record behind it */
    dw_ind_period period;
    dw_str digest; /* of the standards */
    uint32_t policy_number;
    bool publish;
} dw_figures;

dw_figure dw_figure_of(const dw_indicator *ind, const dw_ind_tally *tally);

/* Small numbers (1 to 5) are hidden, and with them whatever would let one work them out: of a numerator and its denominator, or
 * of two counts of figures of one group, that differ by 1 to 5, the lesser. Nothing else is: what is hidden itself tells
 * nothing, so that a count beside it may stay. */
#define DW_FIGURE_SMALL 5
void dw_figures_publish(dw_figures *figures);

typedef enum dw_figures_as { DW_FIGURES_TEXT, DW_FIGURES_JSON, DW_FIGURES_CSV } dw_figures_as;
/* False: out of memory. */
bool dw_figures_print(const dw_figures *figures, dw_figures_as as);

/* indicators_publish.c: small numbers, and what would give them away (domain.md 5 and 8: counts of 1 to 5 do not leave the
 * service). */

#include "daemon/cli/indicators.h"

dw_figure dw_figure_of(const dw_indicator *ind, const dw_ind_tally *tally)
{
    dw_figure one = {.ind = ind,
                     .numerator = (int64_t)tally->numerator,
                     .denominator = ind->counted ? DW_FIGURE_NONE : (int64_t)tally->denominator,
                     .not_yet_due = (int64_t)tally->not_yet_due,
                     .unknown = (int64_t)tally->unknown,
                     .paused = (int64_t)tally->paused};
    if (ind->missing.len != 0)
        one.numerator = one.denominator = one.not_yet_due = one.unknown = one.paused = DW_FIGURE_NONE;
    return one;
}

static bool is_small(int64_t value)
{
    return value >= 1 && value <= DW_FIGURE_SMALL;
}

static void hide_small(int64_t *value)
{
    if (is_small(*value))
        *value = DW_FIGURE_HIDDEN;
}

/* Would a count of `figure` that is given out tell this lesser one of `one`, of the same group? */
static bool tells(const dw_figure *figure, const dw_figure *one, int64_t value)
{
    if (figure != one && !dw_str_eq(figure->ind->group, one->ind->group))
        return false;
    return is_small(figure->numerator - value) || is_small(figure->denominator - value);
}

/* The greatest count below `limit` that is given out; none: below 0. */
static int64_t greatest_below(const dw_figures *figures, int64_t limit)
{
    int64_t best = DW_FIGURE_HIDDEN;
    for (size_t i = 0; i < figures->count; i++) {
        const int64_t values[] = {figures->items[i].numerator, figures->items[i].denominator};
        for (size_t k = 0; k < 2; k++)
            if (values[k] < limit && values[k] > best)
                best = values[k];
    }
    return best;
}

void dw_figures_publish(dw_figures *figures)
{
    for (size_t i = 0; i < figures->count; i++) {
        dw_figure *one = &figures->items[i];
        hide_small(&one->numerator);
        hide_small(&one->denominator);
        hide_small(&one->not_yet_due);
        hide_small(&one->unknown);
        hide_small(&one->paused);
    }
    /* From the greatest down: what a greater one tells that stays is hidden, and what is hidden tells nothing of a lesser one. */
    for (int64_t value = INT64_MAX; (value = greatest_below(figures, value)) >= 0;)
        for (size_t i = 0; i < figures->count; i++) {
            dw_figure *one = &figures->items[i];
            bool told = false;
            for (size_t k = 0; k < figures->count && !told; k++)
                told = tells(&figures->items[k], one, value);
            if (told && one->numerator == value)
                one->numerator = DW_FIGURE_HIDDEN;
            if (told && one->denominator == value)
                one->denominator = DW_FIGURE_HIDDEN;
        }
    figures->publish = true;
}

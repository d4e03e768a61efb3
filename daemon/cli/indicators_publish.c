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

/* Two counts that are given out, of which one lies in the other, tell the difference: hide the lesser. */
static bool hide_lesser(int64_t *a, int64_t *b)
{
    if (*a < 0 || *b < 0 || !is_small(*a > *b ? *a - *b : *b - *a))
        return false;
    if (*a < *b)
        *a = DW_FIGURE_HIDDEN;
    else
        *b = DW_FIGURE_HIDDEN;
    return true;
}

static bool hide_between(dw_figure *a, dw_figure *b)
{
    int64_t *of_a[] = {&a->numerator, &a->denominator}, *of_b[] = {&b->numerator, &b->denominator};
    bool hidden = false;
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 2; k++)
            hidden = hide_lesser(of_a[i], of_b[k]) || hidden;
    return hidden;
}

void dw_figures_publish(dw_figures *figures)
{
    bool again = true;
    for (size_t i = 0; i < figures->count; i++) {
        dw_figure *one = &figures->items[i];
        hide_small(&one->numerator);
        hide_small(&one->denominator);
        hide_small(&one->not_yet_due);
        hide_small(&one->unknown);
        hide_small(&one->paused);
    }
    while (again) { /* each round hides at least one more */
        again = false;
        for (size_t i = 0; i < figures->count; i++) {
            again = hide_lesser(&figures->items[i].numerator, &figures->items[i].denominator) || again;
            for (size_t k = i + 1; k < figures->count; k++)
                if (dw_str_eq(figures->items[i].ind->group, figures->items[k].ind->group))
                    again = hide_between(&figures->items[i], &figures->items[k]) || again;
        }
    }
    figures->publish = true;
}

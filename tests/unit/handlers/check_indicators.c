// link: dw_config
/* check_indicators.c: each way of counting, over one child at a time (indicators.txt; the lines of such a file: core_script.h).
 *
 *   | A count: children, over: plan, rules: [XX-1]     a figure, in YAML
 *   ? 2026-03-01 2026-03-31                            what the figures say of that period, as of the clock: numerator and
 *                                                      denominator, then what else is not 0 */

#include "config/indicators_load.h"
#include "tests/support/core_script.h"

static dw_indicators *figures(const script *s)
{
    script_text *text = calloc(1, sizeof *text);
    ck_assert_ptr_nonnull(text);
    script_put(text, "indicators:\n");
    for (const char *line = s->notes.data; *line != '\0'; line += strcspn(line, "\n") + 1) {
        char one[1000];
        int len = (int)strcspn(line, " "), rest = (int)strcspn(line, "\n") - len;
        snprintf(one, sizeof one, "  - {id: %.*s, form: all, title: T,%.*s}\n", len, line, rest, line + len);
        script_put(text, one);
    }
    dw_problems problems = {0};
    dw_indicators *list =
        dw_indicators_load(s->name, dw_str_from(text->data), s->w->policy, dw_str_from(s->rules.data), &problems);
    if (list == NULL)
        dw_problems_print(&problems, stderr);
    ck_assert_msg(list != NULL, "%s", s->name);
    dw_problems_deinit(&problems);
    free(text);
    return list;
}

static void put_count(script_text *out, const char *name, uint64_t n)
{
    char text[64];
    snprintf(text, sizeof text, ", %s %" PRIu64, name, n);
    if (n != 0)
        script_put(out, text);
}

static void ask(script *s, char *line)
{
    char *words[2], text[120];
    script_words(line, words, 2);
    dw_ind_period period = {date(words[0]), date(words[1])};
    dw_indicators *list = figures(s);
    dw_arena *arena = dw_arena_new(64 << 20);
    ck_assert_ptr_nonnull(arena);
    const dw_chronology *chron = dw_chronology_derive(s->w->rec, s->w->clock_us, arena);
    ck_assert_ptr_nonnull(chron);
    for (size_t i = 0; i < list->count; i++) {
        dw_ind_tally tally = {0};
        ck_assert(dw_indicator_add(&list->items[i], chron, s->w->policy, period, arena, &tally));
        snprintf(text, sizeof text, "%.*s %" PRIu64 "/%" PRIu64, DW_STR_ARG(list->items[i].id), tally.numerator,
                 tally.denominator);
        script_put(&s->found, text);
        put_count(&s->found, "not yet due", tally.not_yet_due);
        put_count(&s->found, "unknown", tally.unknown);
        put_count(&s->found, "paused", tally.paused);
        script_put(&s->found, "\n");
    }
    dw_arena_free(&arena);
    dw_indicators_free(&list);
}

START_TEST(counted_as_written)
{
    script_play("tests/unit/handlers/indicators.txt", ask);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("indicators");
    TCase *cases = tcase_create("indicators");
    tcase_add_test(cases, counted_as_written);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

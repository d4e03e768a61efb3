// link: dw_config
/* check_explain_texts.c: whole explanations, line by line (explain/NAME.txt; the lines of such a file: core_script.h).
 *
 *   ? why XX-1                            why (not)
 *   ? explain XX-1 plan P1                why one duty
 *   ? nothing explain XX-1 plan P1        there is nothing to explain: no line
 *   ? tail explain XX-1 plan P1           without the lines up to "trigger", which every answer begins with */

#include "handlers/explain.h"
#include "tests/support/core_script.h"

static const char *const files[] = {"duties", "counts", "why", "conditions"};

static void take_line(void *user, const char *key, const char *said)
{
    script_text *t = user;
    script_put(t, key);
    script_put(t, ": ");
    script_put(t, said);
    script_put(t, "\n");
}

static void ask(script *s, char *line)
{
    char *words[SCRIPT_WORDS_MAX];
    world *w = s->w;
    bool tail = strncmp(line, "tail ", 5) == 0, nothing = strncmp(line, "nothing ", 8) == 0, told;
    script_words(line + (tail ? 5 : nothing ? 8 : 0), words, 4);
    if (strcmp(words[0], "why") == 0)
        told = dw_explain_why_not(w->rec, w->policy, dw_str_from(words[1]), w->clock_us, take_line, &s->found);
    else
        told = dw_explain(w->rec, w->policy, dw_str_from(words[1]), dw_str_from(words[2]), dw_str_from(words[3]),
                          w->clock_us, take_line, &s->found);
    ck_assert_msg(told == !nothing && told == (s->found.len != 0), "%s: %s", s->name, s->question);
    if (!tail)
        return;
    static const char end_of_head[] = "trigger: When.\n";
    char *body = strstr(s->found.data, end_of_head);
    ck_assert_ptr_nonnull(body);
    body += strlen(end_of_head);
    s->found.len -= (size_t)(body - s->found.data);
    memmove(s->found.data, body, s->found.len + 1);
}

START_TEST(told_as_written)
{
    char name[120];
    snprintf(name, sizeof name, "tests/unit/handlers/explain/%s.txt", files[_i]);
    script_play(name, ask);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("explain_texts");
    TCase *cases = tcase_create("explain_texts");
    tcase_add_loop_test(cases, told_as_written, 0, (int)(sizeof files / sizeof files[0]));
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

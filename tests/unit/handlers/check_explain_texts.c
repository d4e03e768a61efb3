// link: dw_config
/* check_explain_texts.c: whole explanations, line by line, of small worlds with rules of their own (explain/NAME.txt).
 *
 *   = a name for the test's output
 *   + XX-1 kind: recurring, over: plan             a rule in YAML; its texts come from here. Lines "+ , limit: .." go on with it
 *   cut 2026-04-01T00:00:00Z                       the cut-over
 *   > 2026-03-02T10:00:00Z plan_started 'plan_id':'P1'   an event, recorded when it happened; the first is record r1
 *   >> 2026-03-05T10:00:00Z 2026-03-02T10:00:00Z visit_done ...    one of which the log learned later
 *   >d 2026-03-02T10:00:00Z visit_done ...         one of which only the day is known
 *   void 2026-03-05T10:00:00Z r1 plan_started ...  that record is withdrawn
 *   ack 2026-03-20T10:00:00Z XX-1 plan P1 2026-03-24     the alert is acknowledged until that day
 *   @ 2026-03-20T09:00:00Z                         the clock goes on
 *   ? why XX-1                                     why (not); then, after two blanks, every line of the answer
 *   ? explain XX-1 plan P1                         the same of one duty
 *   ? nothing explain XX-1 plan P1                 there is nothing to explain: no line
 *   ? tail explain XX-1 plan P1                    without the lines up to "trigger", which every answer begins with */

#include "handlers/explain.h"
#include "tests/support/core_standards.h"

#define TEXT_BYTES_MAX 131072
#define WORDS_MAX 6

static const char *const files[] = {"duties", "counts", "why", "conditions"};

static const char head[] = "working_hours: 09:00-17:00\n"
                           "ladder:\n"
                           "  P1: {opens_at: team_manager, stops_at: team_manager, grace: none, climbs_after: {}, "
                           "review_within: 1 working day}\n"
                           "  P2: {opens_at: social_worker, stops_at: team_manager, grace: 2 working days, "
                           "climbs_after: {social_worker: 1 working day}, review_within: 5 working days}\n"
                           "  P3: {opens_at: team_manager, stops_at: team_manager, grace: none, climbs_after: {}, "
                           "review_within: 1 working day}\n"
                           "rules:\n";
/* The authority is closed on 7 and 8 April 2026. */
static const char holidays[] = "{\"division\":\"england-and-wales\",\"events\":["
                               "{\"title\":\"Good Friday\",\"date\":\"2026-04-03\"},"
                               "{\"title\":\"Easter Monday\",\"date\":\"2026-04-06\"},"
                               "{\"title\":\"Spring bank holiday\",\"date\":\"2026-05-25\"}],"
                               "\"closures\":[\"2026-04-07\",{\"title\":\"stocktaking\",\"date\":\"2026-04-08\"}]}";

typedef struct text {
    char data[TEXT_BYTES_MAX];
    size_t len;
} text;

typedef struct play {
    char name[120], question[120], cut[40];
    world *w; /* from the first event or question on */
    bool in_rule;
    text rules, expected, found;
    unsigned asked, wrong;
} play;

static void put(text *t, const char *part)
{
    size_t n = strlen(part);
    ck_assert_uint_lt(t->len + n, sizeof t->data);
    memcpy(t->data + t->len, part, n + 1);
    t->len += n;
}

static void take_line(void *user, const char *key, const char *said)
{
    text *t = user;
    put(t, key);
    put(t, ": ");
    put(t, said);
    put(t, "\n");
}

static void rule_line(play *p, const char *line)
{
    char begin[2000];
    size_t len = strcspn(line, " ");
    if (line[0] == ',') {
        ck_assert(p->in_rule);
        put(&p->rules, line);
        return;
    }
    if (p->in_rule)
        put(&p->rules, "}\n");
    snprintf(begin, sizeof begin,
             "  - {id: %.*s, version: 3, title: Title of %.*s, status: LOC, source: a test, reviewed_on: 2026-11-22, "
             "priority: P2, trigger: When., action: Act., next_step: Then.,%s",
             (int)len, line, (int)len, line, line + len);
    put(&p->rules, begin);
    p->in_rule = true;
}

static void start(play *p)
{
    if (p->w != NULL)
        return;
    text *all = calloc(1, sizeof *all);
    ck_assert_ptr_nonnull(all);
    put(all, head);
    put(all, p->rules.data);
    put(all, "}\n");
    dw_policy_text parts = {.number = 1,
                            .digest = DW_STR_LIT("test"),
                            .standards = dw_str_from(all->data),
                            .calendar = dw_str_from(holidays),
                            .cut_over_us = p->cut[0] != '\0' ? instant(p->cut) : 0};
    char *lines = read_default("organisation.yaml", &parts.organisation.len);
    parts.organisation.ptr = lines;
    dw_problems problems = {0};
    dw_policy *policy = dw_policy_load(&parts, NULL, &problems);
    if (policy == NULL)
        dw_problems_print(&problems, stderr);
    ck_assert_msg(policy != NULL, "%s", p->name);
    dw_problems_deinit(&problems);
    free(all);
    free(lines);
    p->w = world_new(policy);
}

/* Cuts the first `count` words off; returns what is left. */
static char *take_words(char *line, char **words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        words[i] = line;
        line += strcspn(line, " ");
        if (*line != '\0')
            *line++ = '\0';
    }
    return line;
}

static void acknowledge(play *p, char **words)
{
    char id[DW_UUID_TEXT_LEN + 1], body[400];
    dw_alert_id(DW_STR_LIT("936"), DW_STR_LIT("C-1"), dw_str_from(words[1]), dw_str_from(words[2]),
                dw_str_from(words[3]), id);
    snprintf(body, sizeof body,
             "'alert_id':'%s','generation':1,'level':0,'reason_code':'VISIT_BOOKED','review_by':'%s','actor_post':'sw'",
             id, words[4]);
    ck_assert_int_eq(ev(p->w, words[0], "alert_acknowledged", body), DW_APPLIED);
}

static void event_line(play *p, char *line)
{
    char *words[WORDS_MAX];
    start(p);
    if (strncmp(line, "> ", 2) == 0) {
        char *body = take_words(line + 2, words, 2);
        ev(p->w, words[0], words[1], body);
    } else if (strncmp(line, ">d ", 3) == 0) {
        char *body = take_words(line + 3, words, 2), record[24];
        snprintf(record, sizeof record, "r%u", ++p->w->records);
        give(p->w, words[0], words[0], record, 1, "create", "'occurred_precision':'DATE'", words[1], body);
    } else if (strncmp(line, ">> ", 3) == 0) {
        char *body = take_words(line + 3, words, 3);
        ev_late(p->w, words[0], words[1], words[2], body);
    } else if (strncmp(line, "void ", 5) == 0) {
        char *body = take_words(line + 5, words, 3);
        give(p->w, words[0], words[0], words[1], 2, "void", "", words[2], body);
    } else if (strncmp(line, "ack ", 4) == 0) {
        take_words(line + 4, words, 5);
        acknowledge(p, words);
    } else {
        ck_assert_msg(strncmp(line, "@ ", 2) == 0, "%s: what is this line: %s", p->name, line);
        till(p->w, line + 2);
    }
}

static void judge(play *p)
{
    if (p->question[0] == '\0')
        return;
    if (strcmp(p->expected.data, p->found.data) != 0) {
        printf("--- %s\n? %s\n%s", p->name, p->question, p->found.data);
        p->wrong++;
    }
    p->asked++;
    p->question[0] = '\0';
}

static void ask(play *p, char *line)
{
    char *words[WORDS_MAX];
    judge(p);
    start(p);
    snprintf(p->question, sizeof p->question, "%s", line);
    p->expected.len = p->found.len = 0;
    p->expected.data[0] = p->found.data[0] = '\0';
    bool tail = strncmp(line, "tail ", 5) == 0, nothing = strncmp(line, "nothing ", 8) == 0, told;
    take_words(line + (tail ? 5 : nothing ? 8 : 0), words, 4);
    if (strcmp(words[0], "why") == 0)
        told = dw_explain_why_not(p->w->rec, p->w->policy, dw_str_from(words[1]), p->w->clock_us, take_line, &p->found);
    else
        told = dw_explain(p->w->rec, p->w->policy, dw_str_from(words[1]), dw_str_from(words[2]), dw_str_from(words[3]),
                          p->w->clock_us, take_line, &p->found);
    ck_assert_msg(told == !nothing && told == (p->found.len != 0), "%s: %s", p->name, p->question);
    if (!tail)
        return;
    char *body = strstr(p->found.data, "trigger: When.\n");
    ck_assert_ptr_nonnull(body);
    body += strlen("trigger: When.\n");
    p->found.len -= (size_t)(body - p->found.data);
    memmove(p->found.data, body, p->found.len + 1);
}

static void finish(play *p)
{
    judge(p);
    ck_assert_msg(p->name[0] == '\0' || p->asked != 0, "%s: asks nothing", p->name);
    if (p->w != NULL)
        world_free(p->w);
    p->w = NULL;
}

static void take(play **p, char *line)
{
    if (line[0] == '\0' || line[0] == '#')
        return;
    if (strncmp(line, "= ", 2) == 0) {
        finish(*p);
        unsigned wrong = (*p)->wrong;
        free(*p);
        *p = calloc(1, sizeof **p);
        ck_assert_ptr_nonnull(*p);
        (*p)->wrong = wrong;
        snprintf((*p)->name, sizeof(*p)->name, "%s", line + 2);
    } else if (strncmp(line, "+ ", 2) == 0) {
        rule_line(*p, line + 2);
    } else if (strncmp(line, "cut ", 4) == 0) {
        snprintf((*p)->cut, sizeof(*p)->cut, "%s", line + 4);
    } else if (strncmp(line, "? ", 2) == 0) {
        ask(*p, line + 2);
    } else if (strncmp(line, "  ", 2) == 0) {
        put(&(*p)->expected, line + 2);
        put(&(*p)->expected, "\n");
    } else {
        judge(*p);
        event_line(*p, line);
    }
}

START_TEST(told_as_written)
{
    char path[512];
    snprintf(path, sizeof path, "%s/tests/unit/handlers/explain/%s.txt", DW_SOURCE_DIR, files[_i]);
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "cannot open %s", path);
    play *p = calloc(1, sizeof *p);
    ck_assert_ptr_nonnull(p);
    char *line = NULL;
    size_t size = 0;
    for (ssize_t n; (n = getline(&line, &size, file)) > 0;) {
        if (line[n - 1] == '\n')
            line[n - 1] = '\0';
        take(&p, line);
    }
    finish(p);
    unsigned wrong = p->wrong;
    free(line);
    free(p);
    fclose(file);
    fflush(stdout);
    ck_assert_msg(wrong == 0, "%s: %u answers differ", files[_i], wrong);
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

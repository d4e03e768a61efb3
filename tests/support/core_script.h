#pragma once
/* core_script.h: files of small worlds, each with rules of its own, and questions about them whose whole answers are written
 * down. Header only. The lines of a file:
 *
 *   = a name for the test's output
 *   + XX-1 kind: recurring, over: plan             a rule in YAML; its texts come from here. Lines "+ , limit: .." go on with it
 *   | anything                                     for the program that asks: script.notes
 *   cut 2026-04-01T00:00:00Z                       the cut-over
 *   > 2026-03-02T10:00:00Z plan_started 'plan_id':'P1'   an event, recorded when it happened; the first is record r1
 *   >> 2026-03-05T10:00:00Z 2026-03-02T10:00:00Z visit_done ...    one of which the log learned later
 *   >d 2026-03-02T10:00:00Z visit_done ...         one of which only the day is known
 *   void 2026-03-05T10:00:00Z r1 plan_started ...  that record is withdrawn
 *   ack 2026-03-20T10:00:00Z XX-1 plan P1 2026-03-24     the alert is acknowledged until that day
 *   @ 2026-03-20T09:00:00Z                         the clock goes on
 *   ? a question                                   then, after two blanks, every line of the answer */

#include "tests/support/core_standards.h"

#define SCRIPT_TEXT_BYTES_MAX 131072
#define SCRIPT_WORDS_MAX 6

static const char script_head[] = "working_hours: 09:00-17:00\n"
                                  "ladder:\n"
                                  "  P1: {opens_at: team_manager, stops_at: team_manager, grace: none, climbs_after: "
                                  "{}, review_within: 1 working day}\n"
                                  "  P2: {opens_at: social_worker, stops_at: team_manager, grace: 2 working days, "
                                  "climbs_after: {social_worker: 1 working day}, review_within: 5 working days}\n"
                                  "  P3: {opens_at: team_manager, stops_at: team_manager, grace: none, climbs_after: "
                                  "{}, review_within: 1 working day}\n"
                                  "rules:\n";
/* The authority is closed on 7 and 8 April 2026. */
static const char script_holidays[] = "{\"division\":\"england-and-wales\",\"events\":["
                                      "{\"title\":\"Good Friday\",\"date\":\"2026-04-03\"},"
                                      "{\"title\":\"Easter Monday\",\"date\":\"2026-04-06\"},"
                                      "{\"title\":\"Spring bank holiday\",\"date\":\"2026-05-25\"}],"
                                      "\"closures\":[\"2026-04-07\",{\"title\":\"stocktaking\",\"date\":\"2026-04-08\"}"
                                      "]}";

typedef struct script_text {
    char data[SCRIPT_TEXT_BYTES_MAX];
    size_t len;
} script_text;

typedef struct script {
    char name[120], question[120], cut[40];
    world *w; /* from the first event or question on */
    bool in_rule;
    script_text rules, notes, expected, found;
    unsigned asked, wrong;
} script;

/* Answers `question` into s->found, each line with its newline. Its words may be cut apart. */
typedef void script_ask(script *s, char *question);

static inline void script_put(script_text *t, const char *part)
{
    size_t n = strlen(part);
    ck_assert_uint_lt(t->len + n, sizeof t->data);
    memcpy(t->data + t->len, part, n + 1);
    t->len += n;
}

/* Cuts the first `count` words off; returns what is left. */
static inline char *script_words(char *line, char **words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        words[i] = line;
        line += strcspn(line, " ");
        if (*line != '\0')
            *line++ = '\0';
    }
    return line;
}

static inline void script_rule(script *s, const char *line)
{
    char begin[2000];
    size_t len = strcspn(line, " ");
    if (line[0] == ',') {
        ck_assert(s->in_rule);
        script_put(&s->rules, line);
        return;
    }
    script_put(&s->rules, s->in_rule ? "}\n" : script_head);
    snprintf(begin, sizeof begin,
             "  - {id: %.*s, version: 3, title: Title of %.*s, status: LOC, source: a test, reviewed_on: 2026-11-22, "
             "priority: P2, trigger: When., action: Act., next_step: Then.,%s",
             (int)len, line, (int)len, line, line + len);
    script_put(&s->rules, begin);
    s->in_rule = true;
}

static inline void script_start(script *s)
{
    if (s->w != NULL)
        return;
    script_put(&s->rules, "}\n");
    s->w = world_new(policy_of_standards((dw_policy_text){.number = 1,
                                                          .standards = dw_str_from(s->rules.data),
                                                          .calendar = dw_str_from(script_holidays),
                                                          .cut_over_us = s->cut[0] != '\0' ? instant(s->cut) : 0}));
}

static inline void script_acknowledge(script *s, char **words)
{
    char id[DW_UUID_TEXT_LEN + 1], body[400];
    dw_alert_id(DW_STR_LIT("936"), DW_STR_LIT("C-1"), dw_str_from(words[1]), dw_str_from(words[2]),
                dw_str_from(words[3]), id);
    snprintf(body, sizeof body,
             "'alert_id':'%s','generation':1,'level':0,'reason_code':'VISIT_BOOKED','review_by':'%s','actor_post':'sw'",
             id, words[4]);
    ck_assert_int_eq(ev(s->w, words[0], "alert_acknowledged", body), DW_APPLIED);
}

static inline void script_event(script *s, char *line)
{
    char *words[SCRIPT_WORDS_MAX], *body, record[24];
    script_start(s);
    if (strncmp(line, "> ", 2) == 0) {
        body = script_words(line + 2, words, 2);
        ev(s->w, words[0], words[1], body);
    } else if (strncmp(line, ">d ", 3) == 0) {
        body = script_words(line + 3, words, 2);
        snprintf(record, sizeof record, "r%u", ++s->w->records);
        give(s->w, words[0], words[0], record, 1, "create", "'occurred_precision':'DATE'", words[1], body);
    } else if (strncmp(line, ">> ", 3) == 0) {
        body = script_words(line + 3, words, 3);
        ev_late(s->w, words[0], words[1], words[2], body);
    } else if (strncmp(line, "void ", 5) == 0) {
        body = script_words(line + 5, words, 3);
        give(s->w, words[0], words[0], words[1], 2, "void", "", words[2], body);
    } else if (strncmp(line, "ack ", 4) == 0) {
        script_words(line + 4, words, 5);
        script_acknowledge(s, words);
    } else {
        ck_assert_msg(strncmp(line, "@ ", 2) == 0, "%s: what is this line: %s", s->name, line);
        till(s->w, line + 2);
    }
}

static inline void script_judge(script *s)
{
    if (s->question[0] == '\0')
        return;
    if (strcmp(s->expected.data, s->found.data) != 0) {
        printf("--- %s\n? %s\n%s", s->name, s->question, s->found.data);
        s->wrong++;
    }
    s->asked++;
    s->question[0] = '\0';
}

static inline void script_question(script *s, char *line, script_ask *ask)
{
    script_start(s);
    snprintf(s->question, sizeof s->question, "%s", line);
    s->expected.len = s->found.len = 0;
    s->expected.data[0] = s->found.data[0] = '\0';
    ask(s, line);
}

static inline void script_finish(script *s)
{
    script_judge(s);
    ck_assert_msg(s->name[0] == '\0' || s->asked != 0, "%s: asks nothing", s->name);
    if (s->w != NULL)
        world_free(s->w);
    s->w = NULL;
}

static inline void script_line(script *s, char *line, script_ask *ask)
{
    if (line[0] == '\0' || line[0] == '#')
        return;
    if (strncmp(line, "  ", 2) == 0) {
        script_put(&s->expected, line + 2);
        script_put(&s->expected, "\n");
        return;
    }
    script_judge(s);
    if (strncmp(line, "= ", 2) == 0) {
        script_finish(s);
        unsigned wrong = s->wrong;
        memset(s, 0, sizeof *s);
        s->wrong = wrong;
        snprintf(s->name, sizeof s->name, "%s", line + 2);
    } else if (strncmp(line, "+ ", 2) == 0) {
        script_rule(s, line + 2);
    } else if (strncmp(line, "| ", 2) == 0) {
        script_put(&s->notes, line + 2);
        script_put(&s->notes, "\n");
    } else if (strncmp(line, "cut ", 4) == 0) {
        snprintf(s->cut, sizeof s->cut, "%s", line + 4);
    } else if (strncmp(line, "? ", 2) == 0) {
        script_question(s, line + 2, ask);
    } else {
        script_event(s, line);
    }
}

/* Plays the file below the root; what is answered otherwise is printed, and fails the test. */
static inline void script_play(const char *name, script_ask *ask)
{
    char path[512], *line = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s", DW_SOURCE_DIR, name);
    FILE *file = fopen(path, "r");
    script *s = calloc(1, sizeof *s);
    ck_assert_msg(file != NULL && s != NULL, "cannot open %s", path);
    for (ssize_t n; (n = getline(&line, &size, file)) > 0;) {
        if (line[n - 1] == '\n')
            line[n - 1] = '\0';
        script_line(s, line, ask);
    }
    script_finish(s);
    unsigned wrong = s->wrong;
    free(line);
    free(s);
    fclose(file);
    fflush(stdout);
    ck_assert_msg(wrong == 0, "%s: %u answers differ", name, wrong);
}

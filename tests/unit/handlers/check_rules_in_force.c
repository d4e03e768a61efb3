// link: dw_config
/* check_rules_in_force.c: what counts for some months only: a rule in force from one day to another, visits by video while they
 * were allowed. */

#include "tests/support/core_standards.h"
#include "tests/support/suite.h"

/* A contact that is not decided, received on the day at noon. */
static void contact(world *w, const char *day, const char *id)
{
    char when[40], body[120];
    snprintf(when, sizeof when, "%sT12:00:00Z", day);
    snprintf(body, sizeof body, "'contact_id':'%s','contact_source':'1A'", id);
    ev(w, when, "contact_received", body);
}

static const struct {
    const char *dates, *expect;
} dates[] = {
    {"from: 2026-03-03", "opened FD-01 C2 2026-03-04 @2026-03-05T00:00Z"},
    {"until: 2026-03-02", "opened FD-01 C1 2026-03-03 @2026-03-04T00:00Z"},
    {"from: 2026-03-02, until: 2026-03-03",
     "opened FD-01 C1 2026-03-03 @2026-03-04T00:00Z\nopened FD-01 C2 2026-03-04 @2026-03-05T00:00Z"},
    {"from: 2026-03-04", ""},
    {"until: 2026-03-01", ""},
};

/* The day from which a duty counts is what matters: both days belong to it. */
START_TEST(a_rule_of_some_months)
{
    char local[160];
    snprintf(local, sizeof local, "overrides:\n  - {id: FD-01, set: {in_force: {%s}}}\n", dates[_i].dates);
    world *w = shipped_world_with("FD-01", local);
    contact(w, "2026-03-02", "C1");
    contact(w, "2026-03-03", "C2");
    till(w, "2026-03-09T00:00:00Z");
    saw(w, dates[_i].expect);
    world_free(w);
}
END_TEST

#define VIDEO "'visit_type':'CLA','mode':'VIDEO','child_seen':'Y','by_role':'SW'"
static const struct {
    const char *preset, *start, *visit, *late, *expect;
} video[] = {
    {"virtual_2020", "2020-04-20", "2020-04-24", "2020-04-29T00:00:00Z", ""},
    {"virtual_2020", "2020-04-20", "2020-04-23", "2020-04-29T00:00:00Z",
     "opened LA-01 L1 2020-04-27 @2020-04-27T23:00Z"},
    {"virtual_2020", "2021-09-25", "2021-09-30", "2021-10-04T00:00:00Z", ""},
    {"virtual_2020", "2021-09-25", "2021-10-01", "2021-10-04T00:00:00Z",
     "opened LA-01 L1 2021-10-02 @2021-10-02T23:00Z"},
    {NULL, "2020-04-20", "2020-04-24", "2020-04-29T00:00:00Z", "opened LA-01 L1 2020-04-27 @2020-04-27T23:00Z"},
};

/* A clause looks at the fact's own day. As shipped a visit by video is none. */
START_TEST(visits_by_video)
{
    char body[160], when[40];
    world *w =
        shipped_world_with("LA-01", video[_i].preset == NULL ? ""
                                                             : "overrides:\n  - id: LA-01\n    preset: virtual_2020\n"
                                                               "    loosens: the coronavirus regulations\n");
    snprintf(when, sizeof when, "%sT10:00:00Z", video[_i].start);
    snprintf(body, sizeof body, "'placement_id':'L1','decom':'%s','rne':'S','ls':'C2','place':'U6'", video[_i].start);
    ev(w, when, "placement_started", body);
    snprintf(when, sizeof when, "%sT10:00:00Z", video[_i].visit);
    ev(w, when, "visit_done", VIDEO);
    till(w, video[_i].late);
    saw(w, video[_i].expect);
    world_free(w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rules_in_force");
    TCase *tc = tcase_create("in_force");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_rule_of_some_months, 0, sizeof dates / sizeof dates[0]);
    tcase_add_loop_test(tc, visits_by_video, 0, sizeof video / sizeof video[0]);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

/* check_overrides.c: an authority's own file over the standards: what it may change, what is refused and where that is told. */

#include "config/overrides.h"
#include "config/policy_load.h"
#include "config/standards_print.h"
#include "tests/support/suite.h"
#include "tests/unit/config/cases.h"

#include <unistd.h>

static char *shipped, *calendar, *organisation;

static void setup(void)
{
    shipped = case_file("config/default/standards.yaml");
    calendar = case_file("config/default/bank-holidays.json");
    organisation = case_file("config/default/organisation.yaml");
}

static void teardown(void)
{
    free(shipped);
    free(calendar);
    free(organisation);
}

static dw_policy *load_over(const char *standards, const char *local, dw_problems *problems)
{
    size_t len = 0;
    unsigned line = 0;
    char *joined = dw_standards_join(dw_str_from(standards), dw_str_from(local), &len, &line);
    ck_assert_ptr_nonnull(joined);
    dw_policy_text text = {.number = 1,
                           .digest = DW_STR_LIT("00"),
                           .standards = {joined, (uint32_t)len},
                           .calendar = dw_str_from(calendar),
                           .organisation = dw_str_from(organisation)};
    dw_policy_names names = {.standards = "s.yaml", .overrides = "local.yaml", .overrides_line = line};
    dw_policy *policy = dw_policy_load(&text, &names, problems);
    free(joined);
    return policy;
}

static dw_policy *load(const char *local)
{
    dw_problems problems = {0};
    dw_policy *policy = load_over(shipped, local, &problems);
    dw_problems_print(&problems, stdout);
    ck_assert_ptr_nonnull(policy);
    dw_problems_deinit(&problems);
    return policy;
}

static const dw_rule *rule_of(const dw_policy *policy, const char *id)
{
    return dw_policy_find_rule(policy, dw_str_from(id));
}

/* The whole table of a small file. */
static char *printed(const char *name, const char *local, dw_standards_format format)
{
    char *rules = case_file(name), *out = NULL;
    size_t len = 0, size = 0;
    unsigned line = 0;
    dw_problems problems = {0};
    char *joined = dw_standards_join(dw_str_from(rules), dw_str_from(local), &len, &line);
    dw_standards_text *text = dw_standards_text_open("s.yaml", (dw_str){joined, (uint32_t)len}, &problems);
    dw_problems_print(&problems, stdout);
    ck_assert_uint_eq(problems.errors, 0);
    FILE *file = open_memstream(&out, &size);
    ck_assert(dw_standards_print(text, NULL, format, file));
    fclose(file);
    dw_standards_text_free(&text);
    dw_problems_deinit(&problems);
    free(joined);
    free(rules);
    return out;
}

START_TEST(single_values_change)
{
    dw_policy *policy = load("overrides:\n"
                             "  - id: CP-07\n"
                             "    set: {limit: 14 days, count: incl}\n"
                             "    reason: agreed with the board\n"
                             "  - id: CN-01\n"
                             "    preset: six_weeks\n"
                             "  - id: MI-03\n"
                             "    preset: both\n"
                             "  - id: CP-06\n"
                             "    enabled: false\n"
                             "  - id: LA-11\n"
                             "    set: {limit: 18 working days}\n");
    ck_assert_int_eq(rule_of(policy, "CP-07")->limits[0].n, 14);
    ck_assert_int_eq(rule_of(policy, "CP-07")->limits[0].unit, DW_UNIT_DAYS);
    ck_assert_int_eq(rule_of(policy, "CP-07")->count_mode, DW_COUNT_INCL);
    ck_assert_int_eq(rule_of(policy, "CN-01")->limits[0].n, 42);
    ck_assert_uint_eq(rule_of(policy, "MI-03")->parts, 2);
    ck_assert_int_eq(rule_of(policy, "MI-03")->window_n, 90);
    ck_assert_ptr_null(rule_of(policy, "CP-06"));
    ck_assert_int_eq(rule_of(policy, "LA-11")->limits[0].n, 18); /* stricter needs no reason */
    dw_policy_unref(&policy);
}
END_TEST

START_TEST(an_empty_file_changes_nothing)
{
    static const char *const files[] = {"", "# only this\n", "---\n# and this\n", "overrides: []\nrules: []\n",
                                        "\n\n---\noverrides:\n  - {id: CP-07, set: {limit: 9 days}}\n"};
    dw_policy *plain = load(files[0]);
    for (size_t i = 0; i < 4; i++) {
        dw_policy *policy = load(files[i]);
        ck_assert_uint_eq(dw_policy_rule_count(policy), dw_policy_rule_count(plain));
        dw_policy_unref(&policy);
    }
    dw_policy *policy = load(files[4]); /* a --- of its own */
    ck_assert_int_eq(rule_of(policy, "CP-07")->limits[0].n, 9);
    dw_policy_unref(&policy);
    dw_policy_unref(&plain);
}
END_TEST

/* A section without a value, as when only the first line of an example was taken: as if it was empty, or was not there. */
START_TEST(a_section_without_a_value_is_an_empty_one)
{
    static const char *const files[] = {
        "overrides:\nrules:\nworking_hours:\nladder:\nclosures:\nelections:\n",
        "overrides: null\nrules: null\nworking_hours: ~\nladder: ~\nclosures: null\nelections: ~\n",
        "overrides: []\nrules: []\nladder: {}\nclosures: []\nelections: {}\n"};
    dw_policy *plain = load("");
    char *table = printed("table.yaml", "", DW_STANDARDS_TEXT);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        dw_policy *policy = load(files[i]);
        ck_assert_uint_eq(dw_policy_rule_count(policy), dw_policy_rule_count(plain));
        ck_assert_mem_eq(dw_policy_ladder(policy, DW_P2), dw_policy_ladder(plain, DW_P2), sizeof(dw_ladder));
        dw_policy_unref(&policy);
        char *same = printed("table.yaml", files[i], DW_STANDARDS_TEXT);
        ck_assert_int_eq(strcmp(same, table), 0);
        free(same);
    }
    dw_policy_unref(&plain);
    free(table);
}
END_TEST

/* The sample that is shipped: as it is, and with every example in it taken at its word. */
START_TEST(the_sample_loads)
{
    char *sample = case_file("config/default/standards.local.yaml");
    dw_policy *policy = load(sample), *plain = load("");
    ck_assert_uint_eq(dw_policy_rule_count(policy), dw_policy_rule_count(plain));
    dw_policy_unref(&policy);
    dw_policy_unref(&plain);
    char *to = sample; /* "#key" is an example, "# text" a comment */
    for (const char *from = sample; *from != '\0';) {
        if ((from == sample || from[-1] == '\n') && *from == '#' && from[1] != ' ')
            from++;
        else if ((from == sample || from[-1] == '\n') && strncmp(from, "#  ", 3) == 0)
            from++;
        *to++ = *from++;
    }
    *to = '\0';
    policy = load(sample);
    ck_assert_int_eq(rule_of(policy, "CP-07")->limits[0].n, 14);
    ck_assert_ptr_nonnull(rule_of(policy, "LA-04"));
    ck_assert_ptr_null(rule_of(policy, "MI-06"));
    ck_assert_ptr_nonnull(rule_of(policy, "XX-01"));
    dw_policy_unref(&policy);
    free(sample);
}
END_TEST

/* 18 Dec 2020 + 15 working days, the council closed on 29 to 31 December. */
START_TEST(closures_are_settable)
{
    dw_policy *policy = load("closures: [2020-12-29, 2020-12-30, 2020-12-31]\n"
                             "working_hours: 08:00-16:00\n"
                             "ladder: {P2: {climbs_after: {team_manager: 3 working hours}}}\n");
    const dw_calendar *cal = dw_policy_calendar(policy);
    int32_t from = dw_day_from_ymd(2020, 12, 18);
    ck_assert_int_eq(dw_calendar_due(cal, DW_CAL_EW_CLOSURE, DW_COUNT_EXCL, from, 15, DW_UNIT_WORKING_DAYS),
                     dw_day_from_ymd(2021, 1, 18));
    ck_assert_int_eq(dw_calendar_due(cal, DW_CAL_EW, DW_COUNT_EXCL, from, 15, DW_UNIT_WORKING_DAYS),
                     dw_day_from_ymd(2021, 1, 13));
    ck_assert_int_eq(dw_policy_ladder(policy, DW_P2)->climb_minutes[1], 180);
    ck_assert_int_eq(dw_policy_ladder(policy, DW_P2)->climb_minutes[0], 480); /* one working day, as shipped */
    dw_policy_unref(&policy);
}
END_TEST

/* A change of a statutory rule: what is laxer is refused unless its reason is given. */
static const struct {
    const char *id, *change;
    bool loosens;
} changes[] = {
    {"LA-01", "set: {limit: 8 days}", true},
    {"LA-01", "set: {limit: 6 days}", false},
    {"LA-01", "set: {limit: 5 working days}", true}, /* eight days at Easter */
    {"LA-01", "set: {limit: 3 working days}", false},
    {"HA-01", "set: {limit: 480 hours}", false},
    {"HA-01", "set: {limit: 660 hours}", true}, /* 27 and a half days: begun in the evening it ends after the 28th */
    {"LA-01", "set: {count: incl}", false},
    {"LA-01", "set: {priority: P1}", false},
    {"LA-01", "set: {priority: P3}", true},
    {"LA-01", "enabled: false", true},
    {"LA-01", "set: {over: placement where ls = C2}", true},
    {"LA-01", "set: {evidence: visit_done where visit_type = CLA}", true},
    {"LA-01", "preset: virtual_2020", true},
    {"LA-01", "set: {title: Our title, trigger: Our text, version: 7}", false},
    {"LA-01", "set: {raises: nothing}", true},
    {"LA-04", "enabled: true", false},
    {"LA-11", "set: {calendar: ew+closure}", true},
    {"LA-11", "set: {calendar: weekdays}", false},
    {"LA-11", "set: {limit: 28 days}",
     true},                          /* 20 working days are 28 days without a bank holiday, so 28 are not stricter
                                                 at all times: but not laxer either */
    {"LA-12", "preset: days", true}, /* 91 days after 24 December are later than three months */
    {"HA-02", "part: 2\n    set: {limit: 13 months}", true},
    {"HA-02", "part: 2\n    set: {limit: 11 months}", false},
    {"CP-07", "set: {limit: 60 days}", false}, /* local: the authority's own affair */
};

/* Of two overrides of one rule each needs its own reason; a blank is none. */
START_TEST(each_gives_its_own_reason)
{
    static const char *const reasons[] = {"", "    loosens: agreed\n", "    loosens: '  '\n"};
    char local[400];
    for (size_t i = 0; i < 3; i++) {
        dw_problems problems = {0};
        snprintf(local, sizeof(local),
                 "overrides:\n"
                 "  - id: HA-02\n"
                 "    part: 2\n"
                 "    set: {limit: 24 months}\n"
                 "%s"
                 "  - id: HA-02\n"
                 "    part: 1\n"
                 "    set: {limit: 24 months}\n"
                 "    loosens: only this one\n",
                 reasons[i]);
        dw_policy *policy = load_over(shipped, local, &problems);
        ck_assert_uint_eq(problems.errors, i == 1 ? 0 : 1);
        if (i == 0)
            ck_assert_uint_eq(problems.items[0].line, 2);
        dw_policy_unref(&policy);
        dw_problems_deinit(&problems);
    }
}
END_TEST

START_TEST(loosening)
{
    char local[400];
    dw_problems problems = {0};
    snprintf(local, sizeof(local), "overrides:\n  - id: %s\n    %s\n", changes[_i].id, changes[_i].change);
    dw_policy *policy = load_over(shipped, local, &problems);
    if (problems.errors != (changes[_i].loosens ? 1u : 0u))
        dw_problems_print(&problems, stdout);
    ck_assert_uint_eq(problems.errors, changes[_i].loosens ? 1 : 0);
    if (changes[_i].loosens) {
        ck_assert_str_eq(problems.items[0].file, "local.yaml");
        ck_assert_uint_ge(problems.items[0].line, 2);
        ck_assert_uint_le(problems.items[0].line, 4);
        ck_assert_ptr_nonnull(strstr(problems.items[0].text, "laxer"));
    }
    dw_policy_unref(&policy);
    dw_problems_deinit(&problems);
    dw_problems none = {0};
    snprintf(local, sizeof(local), "overrides:\n  - id: %s\n    %s\n    loosens: the regulations were changed\n",
             changes[_i].id, changes[_i].change);
    policy = load_over(shipped, local, &none);
    ck_assert_uint_eq(none.errors, 0);
    dw_policy_unref(&policy);
    dw_problems_deinit(&none);
}
END_TEST

/* What is wrong in the authority's file, with its own lines. */
static const struct {
    const char *local;
    unsigned line, column;
    const char *text;
} faults[] = {
    {"overrides:\n  - id: CP-77\n    enabled: false\n", 2, 9, "there is no such rule"},
    {"overrides:\n  - id: CP-07\n", 2, 5, "it changes nothing"},
    {"overrides:\n  - id: CP-07\n    preset: two_week\n", 3, 13, "did you mean two_weeks?"},
    {"overrides:\n  - id: SU-03\n    preset: x\n", 3, 13, "this rule has no presets"},
    {"overrides:\n  - id: CP-07\n    set: {limit: 0 weeks}\n", 3, 18, "this must be from 1"},
    {"overrides:\n  - id: CP-07\n    set: {limmit: 3 days}\n", 3, 11, "unknown key limmit"},
    {"overrides:\n  - id: CP-07\n    set: {status: REG}\n", 3, 19, "set can not change status"},
    {"overrides:\n  - id: CP-07\n    set: {limit: 3 days}\n  - id: CP-07\n    set: {count: incl}\n", 4, 9,
     "this rule is changed already, at local.yaml:2"},
    {"overrides:\n  - id: CP-07\n    part: 1\n    set: {limit: 3 days}\n", 3, 11, "part belongs to a rule with any_of"},
    {"overrides:\n  - id: HA-02\n    part: 3\n    set: {limit: 3 days}\n", 3, 11, "one of its 2 clocks"},
    {"overrides:\n  - id: MI-03\n    enabled: false\n", 0, 0, "MI-03 is switched off"},
    {"overrides: {}\n", 1, 12, "overrides must be a list"},
    {"rules: {}\n", 1, 8, "rules must be a list"},
    {"rules:\n  - id: XX-1\n  - id: XX-1\n", 3, 9, "there is a rule XX-1 already, at local.yaml:2"},
    {"closures: [Christmas]\n", 1, 12, "must be a date"},
    {"roles: watch\n", 1, 1, "unknown key roles"},
    {"rules:\n  - id: CP-07\n    kind: count\n", 2, 9, "there is a rule CP-07 already, at s.yaml:"},
    {"elections: {cp_or_cla: cp}\n", 1, 24, "LA-01 is a statutory rule, and would rest"},
    {"elections: {cp_or_cla: {side: cp, reason: so we agreed}}\n", 1, 24, "unless `loosens:` says why"},
    {"elections: {cp_or_cla: {side: cp, loosens: ' '}}\n", 1, 44, "loosens must be a text"},
    {"elections: {cp_or_cla: {side: cla, reason: ''}}\n", 1, 44, "reason must be a text"},
    {"overrides:\n  - {id: CP-07, set: {limit: 9 days}, reason: \"\\t\"}\n", 2, 47, "reason must be a text"},
    {"elections: {cp_or_cla: {loosens: agreed}}\n", 1, 24, "side is missing"},
    {"elections: {cp_or_cla: {side: cin, why: this}}\n", 1, 31, "an authority elects both, or one of the sides"},
    {"elections: {cp_or_cla: {side: cla, why: this}}\n", 1, 36, "unknown key why"},
    {"a: 1\n---\nb: 2\n", 2, 1, "a third document"},
};

START_TEST(faults_are_told_where_they_stand)
{
    dw_problems problems = {0};
    dw_policy *policy = load_over(shipped, faults[_i].local, &problems);
    ck_assert_ptr_null(policy);
    setvbuf(stdout, NULL, _IONBF, 0);
    bool found = false;
    for (size_t i = 0; i < problems.count; i++) {
        char text[DW_PROBLEM_TEXT_MAX];
        const dw_problem *p = &problems.items[i];
        bool here = faults[_i].line == 0 || (p->line == faults[_i].line && p->column == faults[_i].column &&
                                             strcmp(p->file, "local.yaml") == 0);
        found = found || (here && strstr(dw_problem_text(p, text), faults[_i].text) != NULL);
    }
    if (!found)
        dw_problems_print(&problems, stdout);
    ck_assert(found);
    dw_problems_deinit(&problems);
}
END_TEST

/* One mistake is one problem, and its advice mends it. */
START_TEST(what_set_may_not_change_is_told_once)
{
    static const struct {
        const char *local, *text, *mended;
    } cases[] = {
        {"overrides:\n  - {id: CP-07, set: {id: CP-08}}\n", "set can not change id", NULL},
        {"overrides:\n  - {id: CP-07, set: {id: 7}}\n", "set can not change id", NULL},
        {"overrides:\n  - {id: CP-07, set: {kind: count}}\n", "set can not change kind", NULL},
        {"overrides:\n  - {id: LA-01, set: {status: LOC}}\n", "set can not change status", NULL},
        {"overrides:\n  - {id: LA-01, set: {presets: 3}}\n", "set can not change presets", NULL},
        {"overrides:\n  - {id: HA-02, part: 2, set: {id: HA-09}}\n", "set can not change id", NULL},
        {"overrides:\n  - {id: LA-01, set: {enabled: false}}\n",
         "set can not change enabled: write `enabled: false` beside id, with `loosens:`, since the rule is statutory",
         "overrides:\n  - {id: LA-01, enabled: false, loosens: agreed}\n"},
        {"overrides:\n  - {id: LA-01, set: {enabled: false}, loosens: agreed}\n",
         "set can not change enabled: it belongs beside id, not in set",
         "overrides:\n  - {id: LA-01, enabled: false, loosens: agreed}\n"},
        {"overrides:\n  - {id: CP-07, set: {enabled: false}}\n",
         "set can not change enabled: it belongs beside id, not in set",
         "overrides:\n  - {id: CP-07, enabled: false}\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        dw_problems problems = {0};
        ck_assert_ptr_null(load_over(shipped, cases[i].local, &problems));
        if (problems.count != 1)
            dw_problems_print(&problems, stdout);
        ck_assert_uint_eq(problems.count, 1);
        ck_assert_str_eq(problems.items[0].text, cases[i].text);
        dw_problems_deinit(&problems);
        if (cases[i].mended != NULL) {
            dw_policy *policy = load(cases[i].mended);
            dw_policy_unref(&policy);
        }
    }
}
END_TEST

/* The other place is of its own file: both in the authority's, or one in the shipped one; and it is printed behind the text. */
START_TEST(the_other_place_is_kept_apart)
{
    static const struct {
        const char *local, *text, *file, *printed;
        unsigned line;
    } cases[] = {
        {"overrides:\n  - {id: CP-07, set: {limit: 3 days}}\n  - {id: CP-07, set: {limit: 4 days}}\n",
         "this rule is changed already", "local.yaml",
         "local.yaml:3:10: error: this rule is changed already, at local.yaml:2\n", 2},
        {"rules:\n  - id: CP-07\n", "there is a rule CP-07 already", "s.yaml",
         "local.yaml:2:9: error: there is a rule CP-07 already, at s.yaml:", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        dw_problems problems = {0};
        char *out = NULL;
        size_t size = 0;
        ck_assert_ptr_null(load_over(shipped, cases[i].local, &problems));
        const dw_problem *found = NULL;
        for (size_t k = 0; k < problems.count; k++)
            found = problems.items[k].other_file != NULL ? &problems.items[k] : found;
        ck_assert_ptr_nonnull(found);
        ck_assert_str_eq(found->text, cases[i].text);
        ck_assert_str_eq(found->other_file, cases[i].file);
        if (cases[i].line != 0)
            ck_assert_uint_eq(found->other_line, cases[i].line);
        FILE *file = open_memstream(&out, &size);
        dw_problems_print(&problems, file);
        fclose(file);
        ck_assert_ptr_nonnull(strstr(out, cases[i].printed));
        free(out);
        dw_problems_deinit(&problems);
    }
}
END_TEST

/* What makes a statutory rule laxer is told beside all else that is wrong, not after it is mended; of a rule that is wrong itself
 * it cannot be told yet, nor of days against working days while the bank holidays are wrong. */
START_TEST(laxer_is_told_beside_other_faults)
{
    static const struct {
        const char *local, *calendar;
        unsigned laxer;
    } cases[] = {
        {"overrides:\n  - {id: CP-77, enabled: false}\n  - {id: LA-01, set: {limit: 8 days}}\n", NULL, 1},
        {"overrides:\n  - {id: CP-07, set: {limmit: 8 days}}\n  - {id: LA-01, enabled: false}\n"
         "  - {id: LA-11, set: {limit: 21 working days}}\n",
         NULL, 2},
        {"overrides:\n  - {id: LA-01, set: {limit: 8 dayz}}\n", NULL, 0},
        {"overrides:\n  - {id: LA-01, set: {status: LOC}}\n", NULL, 0},
        {"overrides:\n  - {id: LA-01, set: {limit: 8 days}}\n  - {id: LA-11, set: {limit: 20 days}}\n", "{", 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *right = calendar, broken[] = "{";
        dw_problems problems = {0};
        calendar = cases[i].calendar != NULL ? broken : right;
        dw_policy *policy = load_over(shipped, cases[i].local, &problems);
        calendar = right;
        ck_assert_ptr_null(policy);
        unsigned laxer = 0;
        for (size_t k = 0; k < problems.count; k++)
            laxer += strstr(problems.items[k].text, "makes it laxer") != NULL;
        if (laxer != cases[i].laxer)
            dw_problems_print(&problems, stdout);
        ck_assert_uint_eq(laxer, cases[i].laxer);
        ck_assert_uint_gt(problems.errors, laxer);
        dw_problems_deinit(&problems);
    }
}
END_TEST

/* Every preset of every shipped rule can be chosen. */
START_TEST(every_preset_loads)
{
    dw_problems problems = {0};
    dw_standards_text *text = dw_standards_text_open("s.yaml", dw_str_from(shipped), &problems);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_eq(problems.count, 0);
    ck_assert_uint_ge(text->preset_count, 16);
    for (size_t i = 0; i < text->preset_count; i++) {
        const dw_rule_preset *preset = &text->presets[i];
        const yaml_node_t *rule = dw_yaml_node(&text->yaml, text->rules[preset->rule].base);
        char local[300];
        snprintf(local, sizeof(local), "overrides:\n  - {id: %s, preset: %s, enabled: true, loosens: to try it}\n",
                 (const char *)dw_yaml_get(&text->yaml, rule, "id")->data.scalar.value,
                 (const char *)dw_yaml_node(&text->yaml, preset->name)->data.scalar.value);
        dw_policy *policy = load(local);
        dw_policy_unref(&policy);
    }
    dw_standards_text_free(&text);
    dw_problems_deinit(&problems);
}
END_TEST

static const char own[] = "working_hours: 08:00-16:00\n"
                          "closures: [2026-12-29, 2026-12-30]\n"
                          "elections: {one_clock: {side: a, reason: agreed with b, loosens: the law | allows it}}\n"
                          "overrides:\n"
                          "  - id: AA-01\n"
                          "    set: {limit: 5 days}\n"
                          "    loosens: agreed\n"
                          "  - id: AA-03\n"
                          "    part: 2\n"
                          "    set: {limit: 5 weeks}\n"
                          "  - id: AA-02\n"
                          "    preset: wide\n"
                          "    reason: as the county does\n";

START_TEST(the_table_is_printed_whole)
{
    static const char *const names[] = {"table.txt", "table.md", "table.json"};
    char *out = printed("table.yaml", own, (dw_standards_format)_i), *want = case_file(names[_i]);
    if (strcmp(out, want) != 0)
        printf("%s", out);
    ck_assert_str_eq(out, want);
    free(out);
    free(want);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("overrides");
    TCase *tc = tcase_create("overrides");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, single_values_change);
    tcase_add_test(tc, an_empty_file_changes_nothing);
    tcase_add_test(tc, a_section_without_a_value_is_an_empty_one);
    tcase_add_test(tc, each_gives_its_own_reason);
    tcase_add_test(tc, the_sample_loads);
    tcase_add_test(tc, closures_are_settable);
    tcase_add_loop_test(tc, loosening, 0, sizeof(changes) / sizeof(changes[0]));
    tcase_add_loop_test(tc, faults_are_told_where_they_stand, 0, sizeof(faults) / sizeof(faults[0]));
    tcase_add_test(tc, what_set_may_not_change_is_told_once);
    tcase_add_test(tc, the_other_place_is_kept_apart);
    tcase_add_test(tc, laxer_is_told_beside_other_faults);
    tcase_add_test(tc, every_preset_loads);
    tcase_add_loop_test(tc, the_table_is_printed_whole, 0, 3);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

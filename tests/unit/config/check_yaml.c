/* check_yaml.c: positions inside scalars, the collector of problems, guesses, and the reading of files. */

#include "config/yaml.h"
#include "tests/support/suite.h"

#include <sys/stat.h>
#include <unistd.h>

/* --- where byte `offset` of the value of key a stands */

typedef struct position {
    const char *name, *yaml;
    size_t offset;
    unsigned line, column;
} position;

static const position positions[] = {
    {"plain", "a: one two", 4, 1, 8},
    {"plain start", "a: one two", 0, 1, 4},
    {"plain end", "a: one two", 7, 1, 11},
    {"single quotes", "a: 'one two'", 4, 1, 9},
    {"double quotes", "a: \"one two\"", 4, 1, 9},
    {"over two lines", "a: one\n  two three", 8, 2, 7},
    {"over an empty line", "a: one\n\n  two", 4, 3, 3},
    {"folded", "a: >\n  one\n  two three", 8, 3, 7},
    {"literal", "a: |\n  one\n  two", 4, 3, 3},
    {"folded and stripped", "# c\na: >-\n    one two\n    three", 8, 4, 5},
    {"letters of two bytes take one column", "a: \xc3\xa9\xc3\xa9 x", 5, 1, 7},
    {"further down", "b: {c: [1, 2]}\nd: 'x'\na:   one two", 4, 3, 10},
    {"windows line ends", "b: 1\r\na: one\r\n  two", 4, 3, 3},
    {"byte order mark",
     "\xef\xbb\xbf"
     "a: one two",
     4, 1, 8},
    {"an escape: the start is near enough", "a: \"one\\ttwo\"", 5, 1, 4},
};

START_TEST(position_in_scalar)
{
    const position *p = &positions[_i];
    dw_problems problems = {0};
    dw_yaml yaml;
    unsigned line = 0, column = 0;
    ck_assert(dw_yaml_parse(&yaml, "f", dw_str_from(p->yaml), &problems));
    const yaml_node_t *node = dw_yaml_get(&yaml, dw_yaml_root(&yaml), "a");
    ck_assert_ptr_nonnull(node);
    dw_yaml_position(&yaml, node, p->offset, &line, &column);
    ck_assert_msg(line == p->line && column == p->column, "%s: %u:%u, not %u:%u", p->name, line, column, p->line,
                  p->column);
    dw_yaml_deinit(&yaml);
    dw_problems_deinit(&problems);
}
END_TEST

/* --- texts that must be refused */

typedef struct refused {
    const char *yaml;
    unsigned line, column;
    const char *text;
} refused;

static const refused refused_texts[] = {
    {"a: &x 1", 1, 4, "anchors (&name) are not used in driftwatch files"},
    {"a: &x [1]", 1, 4, "anchors (&name) are not used in driftwatch files"},
    {"a: !t 1", 1, 4, "tags (!name) are not used in driftwatch files"},
    {"a: !!str 1", 1, 4, "tags (!name) are not used in driftwatch files"},
    {"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", 1, 17, "nested too deeply"},
    {"a: 1\n---\na: 2", 2, 1, "a second document (---): one file holds one document"},
    {"a: [1", 2, 1, "not valid YAML: while parsing a flow sequence did not find expected ',' or ']'"},
    {"a: 1\nb: \x01", 2, 4, "not valid YAML: control characters are not allowed"},
    {"a: 1\nb: \xff", 2, 4, "not valid YAML: invalid leading UTF-8 octet"},
    {"a: 1\nb: 2\na: 3\nb: 4\n", 3, 1, "a stands here a second time"},
    {"[a]: 1", 1, 1, "a key must be a word, not a list or mapping"},
};

START_TEST(refused_text)
{
    const refused *r = &refused_texts[_i];
    dw_problems problems = {0};
    dw_yaml yaml;
    if (dw_yaml_parse(&yaml, "f", dw_str_from(r->yaml), &problems))
        dw_yaml_deinit(&yaml);
    ck_assert_uint_ge(problems.errors, 1);
    ck_assert_str_eq(problems.items[0].text, r->text);
    ck_assert_msg(problems.items[0].line == r->line && problems.items[0].column == r->column, "%s: at %u:%u", r->text,
                  problems.items[0].line, problems.items[0].column);
    dw_problems_deinit(&problems);
}
END_TEST

START_TEST(sixteen_levels_are_fine)
{
    dw_problems problems = {0};
    dw_yaml yaml;
    ck_assert(dw_yaml_parse(&yaml, "f", DW_STR_LIT("[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]"), &problems));
    ck_assert_uint_eq(problems.count, 0);
    dw_yaml_deinit(&yaml);
    dw_problems_deinit(&problems);
}
END_TEST

START_TEST(long_text_is_refused)
{
    dw_problems problems = {0};
    dw_yaml yaml;
    char *text = malloc(DW_CONFIG_BYTES_MAX + 1);
    memset(text, '#', DW_CONFIG_BYTES_MAX + 1);
    ck_assert(!dw_yaml_parse(&yaml, "f", (dw_str){text, DW_CONFIG_BYTES_MAX + 1}, &problems));
    ck_assert_uint_eq(problems.errors, 1);
    dw_problems_deinit(&problems);
    ck_assert(dw_yaml_parse(&yaml, "f", (dw_str){text, DW_CONFIG_BYTES_MAX}, &problems));
    dw_yaml_deinit(&yaml);
    free(text);
}
END_TEST

START_TEST(nulls)
{
    dw_problems problems = {0};
    dw_yaml yaml;
    ck_assert(dw_yaml_parse(&yaml, "f", DW_STR_LIT("a:\nb: ~\nc: null\nd: ''\ne: 0\nf: []\n"), &problems));
    const char *keys = "abcdef";
    for (int i = 0; i < 6; i++) {
        char key[2] = {keys[i], '\0'};
        const yaml_node_t *node = dw_yaml_get(&yaml, dw_yaml_root(&yaml), key);
        ck_assert_msg(dw_yaml_is_null(node) == (i < 3), "%s", key);
    }
    ck_assert_ptr_null(dw_yaml_get(&yaml, dw_yaml_root(&yaml), "g"));
    dw_yaml_deinit(&yaml);
}
END_TEST

/* --- guesses */

START_TEST(nearest_word)
{
    static const struct {
        const char *word, *best;
    } rows[] = {
        {"broker", "brokers"},
        {"borkers", "brokers"},
        {"allow-finite-retention", "allow_finite_retention"},
        {"TOPICS", "topics"},
        {"id", NULL},
        {"topicses", "topics"},
        {"something quite else", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dw_nearest nearest = {.word = dw_str_from(rows[i].word)};
        dw_nearest_try(&nearest, "topics");
        dw_nearest_try(&nearest, "brokers");
        dw_nearest_try(&nearest, "allow_finite_retention");
        dw_nearest_try(&nearest, "ix");
        ck_assert_msg((nearest.best == NULL) == (rows[i].best == NULL), "%s: %s", rows[i].word, nearest.best);
        if (rows[i].best != NULL)
            ck_assert_str_eq(nearest.best, rows[i].best);
    }
}
END_TEST

/* --- problems */

static char *printed(const dw_problems *problems)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    dw_problems_print(problems, out);
    fclose(out);
    return text;
}

START_TEST(problems_sorted_and_printed)
{
    dw_problems problems = {0};
    dw_problems_add_at(&problems, "b.yaml", 9, 1, false, "late %d", 1);
    dw_problems_add_at(&problems, "a.yaml", 1, 1, true, "other file");
    dw_problems_add_at(&problems, "b.yaml", 2, 7, false, "early");
    dw_problems_add_at(&problems, "b.yaml", 2, 3, false, "earlier");
    dw_problems_add(&problems, "b.yaml", NULL, false, "all of it");
    dw_problems_add_at(&problems, "b.yaml", 2, 3, false, "a\nb\x1b[31m");
    dw_problems_sort(&problems);
    char *text = printed(&problems);
    ck_assert_str_eq(text, "b.yaml: error: all of it\n"
                           "b.yaml:2:3: error: earlier\n"
                           "b.yaml:2:3: error: a?b?[31m\n"
                           "b.yaml:2:7: error: early\n"
                           "b.yaml:9:1: error: late 1\n"
                           "a.yaml:1:1: warning: other file\n");
    ck_assert_uint_eq(problems.count, 6);
    ck_assert_uint_eq(problems.errors, 5);
    free(text);
    dw_problems_deinit(&problems);
    ck_assert_uint_eq(problems.count, 0);
}
END_TEST

START_TEST(problems_are_bounded)
{
    dw_problems problems = {0};
    for (int i = 0; i < DW_PROBLEMS_MAX + 5; i++)
        dw_problems_add_at(&problems, "f", 1, 1, false, "%d", i);
    ck_assert_uint_eq(problems.errors, DW_PROBLEMS_MAX + 5);
    dw_problems_sort(&problems);
    char *text = printed(&problems);
    ck_assert_ptr_nonnull(strstr(text, "and 5 more\n"));
    free(text);
    dw_problems_deinit(&problems);
}
END_TEST

/* --- files */

START_TEST(files)
{
    char folder[] = "/tmp/check_yaml.XXXXXX", path[64], *text = NULL;
    size_t len = 0;
    dw_error err = {0};
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/f", folder);
    ck_assert(!dw_file_read(path, 10, &text, &len, &err));
    ck_assert_int_eq(err.code, DW_E_IO);
    ck_assert(!dw_file_read(folder, 10, &text, &len, &err));
    FILE *file = fopen(path, "w");
    fputs("0123456789", file);
    fclose(file);
    ck_assert(dw_file_read(path, 10, &text, &len, &err));
    ck_assert_uint_eq(len, 10);
    ck_assert_str_eq(text, "0123456789");
    free(text);
    ck_assert(!dw_file_read(path, 9, &text, &len, &err));
    ck_assert_int_eq(err.code, DW_E_TOO_BIG);
    unlink(path);
    ck_assert_int_eq(mkfifo(path, 0600), 0); /* must not hang */
    ck_assert(!dw_file_read(path, 10, &text, &len, &err));
    unlink(path);
    rmdir(folder);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("yaml");
    TCase *tc = tcase_create("yaml");
    tcase_add_loop_test(tc, position_in_scalar, 0, sizeof(positions) / sizeof(positions[0]));
    tcase_add_loop_test(tc, refused_text, 0, sizeof(refused_texts) / sizeof(refused_texts[0]));
    tcase_add_test(tc, sixteen_levels_are_fine);
    tcase_add_test(tc, long_text_is_refused);
    tcase_add_test(tc, nulls);
    tcase_add_test(tc, nearest_word);
    tcase_add_test(tc, problems_sorted_and_printed);
    tcase_add_test(tc, problems_are_bounded);
    tcase_add_test(tc, files);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

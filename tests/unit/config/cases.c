/* cases.c: see cases.h. */

#include "tests/unit/config/cases.h"

#include <check.h>
#include <unistd.h>

/* Files are read before the tests run, so libcheck's own assertions do not work here. */
#define need(condition, ...)                                                                                           \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, __VA_ARGS__);                                                                              \
            fputc('\n', stderr);                                                                                       \
            exit(2);                                                                                                   \
        }                                                                                                              \
    } while (0)

#define CASES_MAX 400
#define CASE_BYTES_MAX 60000

char *case_file(const char *name)
{
    char path[512], *text = NULL;
    size_t len = 0;
    dw_error err = {0};
    bool ours = strncmp(name, "config/", 7) == 0 || strncmp(name, "daemon/", 7) == 0;
    snprintf(path, sizeof(path), "%s/%s%s", DW_SOURCE_DIR, ours ? "" : "tests/unit/config/cases/", name);
    need(dw_file_read(path, DW_CONFIG_BYTES_MAX, &text, &len, &err), "%s", err.text);
    return text;
}

/* A growing text. */
typedef struct text {
    char *data;
    size_t len;
} text;

static void put(text *t, const char *line)
{
    size_t n = strlen(line);
    need(t->len + n + 2 < CASE_BYTES_MAX, "too long: %s", "a case");
    if (t->data == NULL)
        t->data = calloc(1, CASE_BYTES_MAX);
    memcpy(t->data + t->len, line, n);
    t->len += n;
    t->data[t->len++] = '\n';
    t->data[t->len] = '\0';
}

/* Where the removed lines stand in the base, at the beginning of a line; they must stand there once. */
static char *find_lines(const char *name, char *base, const char *removed)
{
    char *found = NULL;
    for (char *at = base; (at = strstr(at, removed)) != NULL; at++) {
        if (at != base && at[-1] != '\n')
            continue;
        need(found == NULL, "%s: the lines taken out stand in the base twice", name);
        found = at;
    }
    need(found != NULL, "%s: the lines taken out are not in the base:\n%s", name, removed);
    return found;
}

static char *patched(const char *name, const char *base_name, const text *removed, const text *added)
{
    char *base = base_name != NULL ? case_file(base_name) : strdup("");
    char *at = base + strlen(base);
    size_t gone = 0;
    if (removed->len != 0) {
        at = find_lines(name, base, removed->data);
        gone = removed->len;
    }
    char *out = calloc(1, CASE_BYTES_MAX);
    int n = snprintf(out, CASE_BYTES_MAX, "%.*s%s%s", (int)(at - base), base, added->data != NULL ? added->data : "",
                     at + gone);
    need(n >= 0 && n < CASE_BYTES_MAX, "too long: %s", "a case");
    free(base);
    return out;
}

static void expect(case_item *item, const char *line, bool warning)
{
    need(item->expected_count < CASE_EXPECTED_MAX, "too long: %s", "a case");
    case_expected *e = &item->expected[item->expected_count++];
    char *end = NULL;
    const char *said = line;
    unsigned long first = strtoul(line, &end, 10);
    if (end != line && *end == ':') { /* line:column text */
        e->line = (unsigned)first;
        e->column = (unsigned)strtoul(end + 1, &end, 10);
        said = end + strspn(end, " ");
    }
    e->warning = warning;
    e->text = strdup(said);
}

typedef struct reader {
    case_item *items;
    size_t count;
    char *base;
    text removed, added;
} reader;

static void finish(reader *r)
{
    if (r->count != 0)
        r->items[r->count - 1].text = patched(r->items[r->count - 1].name, r->base, &r->removed, &r->added);
    free(r->base);
    free(r->removed.data);
    free(r->added.data);
    r->base = NULL;
    r->removed = r->added = (text){0};
}

static void take_line(reader *r, const char *line)
{
    case_item *now = r->count != 0 ? &r->items[r->count - 1] : NULL;
    if (line[0] == '\0' || line[0] == '#')
        return;
    if (line[0] == '=') {
        finish(r);
        need(r->count < CASES_MAX, "too long: %s", "a case");
        r->items[r->count++].name = strdup(line + 2);
        return;
    }
    need(now != NULL, "a line before the first case: %s", line);
    if (strncmp(line, "base ", 5) == 0)
        r->base = strdup(line + 5);
    else if (line[0] == '-')
        put(&r->removed, line + 1);
    else if (line[0] == '+')
        put(&r->added, line + 1);
    else if (line[0] == '!' || line[0] == '?')
        expect(now, line + 2, line[0] == '?');
    else
        need(false, "%s: what is this line: %s", now->name, line);
}

size_t cases_load(const char *name, case_item **out)
{
    char *file = case_file(name), *rest = NULL;
    reader r = {.items = calloc(CASES_MAX, sizeof(case_item))};
    need(r.items != NULL, "out of memory");
    for (char *line = file; line != NULL; line = rest) {
        rest = strchr(line, '\n');
        if (rest != NULL)
            *rest++ = '\0';
        take_line(&r, line);
    }
    finish(&r);
    free(file);
    need(r.count != 0, "%s holds no case", name);
    *out = r.items;
    return r.count;
}

void cases_free(case_item **items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < (*items)[i].expected_count; k++)
            free((*items)[i].expected[k].text);
        free((*items)[i].name);
        free((*items)[i].text);
    }
    free(*items);
    *items = NULL;
}

void case_check(const case_item *item, const dw_problems *found)
{
    bool same = found->count == item->expected_count;
    for (size_t i = 0; i < found->count && same; i++) {
        char said[DW_PROBLEM_TEXT_MAX];
        const dw_problem *p = &found->items[i];
        const case_expected *e = &item->expected[i];
        same = p->line == e->line && p->column == e->column && p->warning == e->warning &&
               strcmp(dw_problem_text(p, said), e->text) == 0;
    }
    if (same)
        return;
    printf("--- %s: found:\n", item->name);
    for (size_t i = 0; i < found->count; i++) {
        char said[DW_PROBLEM_TEXT_MAX];
        printf("%s %u:%u %s\n", found->items[i].warning ? "?" : "!", found->items[i].line, found->items[i].column,
               dw_problem_text(&found->items[i], said));
    }
    fflush(stdout); /* the test process ends in the next line */
    ck_abort_msg("%s: other problems than expected", item->name);
}

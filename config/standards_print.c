/* standards_print.c: the table of the standards as text, Markdown or JSON. */

#include "config/standards_print.h"

#include "config/standards_row.h"

#include <jansson.h>

static const char *const names[] = {
#define X(field, name, key) name,
    DW_ROW_LIST(X)
#undef X
};

static const char *label(int field, char out[24])
{
    snprintf(out, 24, "%s", names[field]);
    for (char *c = out; *c != '\0'; c++)
        *c = *c == '_' ? ' ' : *c;
    return out;
}

/* --- text */

#define COLUMN 17 /* where the values begin */
#define WIDTH 120

/* Words of a long value, broken at the width. */
static void put_wrapped(FILE *out, const char *name, const char *text)
{
    size_t at = COLUMN;
    fprintf(out, "  %-*s", COLUMN - 2, name);
    while (*text != '\0') {
        size_t n = strcspn(text, " ");
        if (at + n > WIDTH && at > COLUMN) {
            fprintf(out, "\n%*s", COLUMN, "");
            at = COLUMN;
        }
        fprintf(out, "%.*s", (int)n, text);
        at += n;
        text += n;
        if (*text == ' ') {
            text++;
            if (at + 1 + strcspn(text, " ") <= WIDTH)
                fputc(' ', out);
            at++;
        }
    }
    fputc('\n', out);
}

static char *diff_text(const dw_row_diff *diff)
{
    char *text = NULL;
    int n = diff->shipped == NULL ? asprintf(&text, "%s: %s (not shipped)", diff->key, diff->here)
            : diff->here == NULL  ? asprintf(&text, "%s: shipped %s; left out here", diff->key, diff->shipped)
                                  : asprintf(&text, "%s: shipped %s; here %s", diff->key, diff->shipped, diff->here);
    return n < 0 ? NULL : text;
}

static void print_text(const dw_row *row, FILE *out)
{
    fprintf(out, "%s  %s%s%s\n", row->text[DW_ROW_id], row->text[DW_ROW_title], row->off ? "  [off]" : "",
            row->own              ? "  [not shipped]"
            : row->diff_count > 0 ? "  [differs]"
                                  : "");
    for (int i = DW_ROW_status; i < DW_ROW_FIELDS; i++) {
        char name[24];
        if (row->text[i][0] != '\0')
            put_wrapped(out, label(i, name), row->text[i]);
    }
    for (size_t i = 0; i < row->diff_count; i++) {
        char *text = diff_text(&row->diffs[i]);
        put_wrapped(out, "differs", text != NULL ? text : "");
        free(text);
    }
    if (row->preset != NULL)
        put_wrapped(out, "preset", row->preset);
    if (row->reason != NULL)
        put_wrapped(out, "reason", row->reason);
    if (row->loosens != NULL)
        put_wrapped(out, "laxer because", row->loosens);
    fputc('\n', out);
}

/* --- Markdown */

static void put_cell(FILE *out, const char *text)
{
    fputs("| ", out);
    for (; *text != '\0'; text++) {
        if (*text == '|' || *text == '<' || *text == '*' || *text == '_')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc(' ', out);
}

static const int columns[] = {DW_ROW_id,    DW_ROW_title, DW_ROW_status,   DW_ROW_priority, DW_ROW_who,
                              DW_ROW_limit, DW_ROW_count, DW_ROW_calendar, DW_ROW_source,   DW_ROW_reviewed_on};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void print_markdown_head(FILE *out)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        char name[24];
        fprintf(out, "| %s ", label(columns[i], name));
    }
    fputs("| here |\n", out);
    for (size_t i = 0; i < COLUMNS; i++)
        fputs("|---", out);
    fputs("|---|\n", out);
}

static void print_markdown(const dw_row *row, FILE *out)
{
    for (size_t i = 0; i < COLUMNS; i++)
        put_cell(out, row->text[columns[i]]);
    put_cell(out, row->off && row->own              ? "off, not shipped"
                  : row->off && row->diff_count > 0 ? "off, differs"
                  : row->off                        ? "off"
                  : row->own                        ? "not shipped"
                  : row->diff_count > 0             ? "differs"
                                                    : "");
    fputs("|\n", out);
}

static void put_item(FILE *out, const char *name, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    fprintf(out, "- **%s** ", name);
    for (; *text != '\0'; text++) {
        if (*text == '<' || *text == '*' || *text == '_')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('\n', out);
}

static void print_markdown_section(const dw_row *row, FILE *out)
{
    fprintf(out, "\n## %s %s\n\n", row->text[DW_ROW_id], row->text[DW_ROW_title]);
    for (int i = DW_ROW_status; i < DW_ROW_FIELDS; i++) {
        char name[24];
        put_item(out, label(i, name), row->text[i]);
    }
    put_item(out, "off", row->off ? "it is not watched here" : NULL);
    for (size_t i = 0; i < row->diff_count; i++) {
        char *text = diff_text(&row->diffs[i]);
        put_item(out, "differs", text);
        free(text);
    }
    put_item(out, "preset", row->preset);
    put_item(out, "reason", row->reason);
    put_item(out, "laxer because", row->loosens);
}

/* --- JSON */

static bool print_json(const dw_row *row, FILE *out)
{
    json_t *object = json_object(), *differs = json_array();
    bool ok = object != NULL && differs != NULL;
    for (int i = 0; ok && i < DW_ROW_FIELDS; i++)
        ok = json_object_set_new(object, names[i], json_string(row->text[i])) == 0;
    for (size_t i = 0; ok && i < row->diff_count; i++)
        ok = json_array_append_new(differs, json_pack("{s:s, s:s?, s:s?}", "key", row->diffs[i].key, "shipped",
                                                      row->diffs[i].shipped, "here", row->diffs[i].here)) == 0;
    ok = ok && json_object_set_new(object, "enabled", json_boolean(!row->off)) == 0 &&
         json_object_set_new(object, "shipped", json_boolean(!row->own)) == 0 &&
         json_object_set(object, "differs", differs) == 0;
    const struct {
        const char *name, *text;
    } more[] = {{"preset", row->preset}, {"reason", row->reason}, {"loosens", row->loosens}};
    for (size_t i = 0; ok && i < sizeof(more) / sizeof(more[0]); i++)
        ok = more[i].text == NULL || json_object_set_new(object, more[i].name, json_string(more[i].text)) == 0;
    char *line = ok ? json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
    if (line != NULL)
        fprintf(out, "%s\n", line);
    ok = line != NULL;
    free(line);
    json_decref(differs);
    json_decref(object);
    return ok;
}

/* --- the table */

static int by_id(const void *a, const void *b)
{
    const dw_row *x = a, *y = b;
    return strcmp(x->text[DW_ROW_id], y->text[DW_ROW_id]);
}

bool dw_standards_print(dw_standards_text *here, dw_standards_text *shipped, dw_standards_format format,
                        void *stdio_out)
{
    FILE *out = stdio_out;
    size_t n = 0;
    dw_row *rows = calloc(here->rule_count + DW_SETTING_ROWS_MAX, sizeof(*rows));
    bool ok = rows != NULL;
    for (size_t i = 0; ok && i < here->rule_count; i++)
        ok = dw_row_of_rule(here, &here->rules[i], shipped, &rows[n++]);
    ok = ok && dw_rows_of_settings(here, shipped, rows, &n);
    if (ok)
        qsort(rows, n, sizeof(*rows), by_id);
    if (ok && format == DW_STANDARDS_MARKDOWN) {
        print_markdown_head(out);
        for (size_t i = 0; i < n; i++)
            print_markdown(&rows[i], out);
    }
    for (size_t i = 0; ok && i < n; i++) {
        if (format == DW_STANDARDS_TEXT)
            print_text(&rows[i], out);
        else if (format == DW_STANDARDS_MARKDOWN)
            print_markdown_section(&rows[i], out);
        else
            ok = print_json(&rows[i], out);
    }
    for (size_t i = 0; i < n; i++)
        dw_row_deinit(&rows[i]);
    free(rows);
    return ok;
}

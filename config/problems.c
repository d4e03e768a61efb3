/* problems.c: collects what is wrong with configuration files, and guesses what was meant. */

#include "config/yaml.h"

#define TEXT_MAX 500 /* bytes of one problem's text */
#define WORD_MAX 64  /* bytes of a word worth a guess */

static char *copy_printable(const char *text)
{
    char *copy = strdup(text);
    for (char *c = copy; copy != NULL && *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    return copy;
}

/* What was added; NULL when it was said already, or when there is no room. */
static dw_problem *add(dw_problems *list, const char *file, unsigned line, unsigned column, bool warning,
                       const char *text)
{
    size_t kept = list->count < DW_PROBLEMS_MAX ? list->count : DW_PROBLEMS_MAX;
    for (size_t i = 0; list->items != NULL && i < list->count && i < DW_PROBLEMS_MAX; i++)
        if (list->items[i].line == line && list->items[i].column == column && line != 0 &&
            list->items[i].text != NULL && strcmp(list->items[i].text, text) == 0)
            return NULL; /* said: what several parts of a rule share is read for each */
    list->count++;
    list->errors += warning ? 0 : 1;
    if (kept == DW_PROBLEMS_MAX)
        return NULL;
    if (list->items == NULL) {
        list->items = calloc(DW_PROBLEMS_MAX, sizeof(*list->items));
        if (list->items == NULL)
            return NULL;
    }
    dw_problem *item = &list->items[kept];
    item->file = copy_printable(file != NULL ? file : "");
    item->text = copy_printable(text);
    item->line = line;
    item->column = column;
    item->warning = warning;
    return item;
}

void dw_problems_add_at(dw_problems *list, const char *file, unsigned line, unsigned column, bool warning,
                        const char *fmt, ...)
{
    char text[TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    add(list, file, line, column, warning, text);
}

void dw_problems_add(dw_problems *list, const char *file, const yaml_node_t *at, bool warning, const char *fmt, ...)
{
    char text[TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (at != NULL)
        add(list, file, (unsigned)at->start_mark.line + 1, (unsigned)at->start_mark.column + 1, warning, text);
    else
        add(list, file, 0, 0, warning, text);
}

void dw_problems_add_beside(dw_problems *list, const char *file, const yaml_node_t *at, const yaml_node_t *other,
                            const char *fmt, ...)
{
    char text[TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    dw_problem *item =
        add(list, file, (unsigned)at->start_mark.line + 1, (unsigned)at->start_mark.column + 1, false, text);
    if (item == NULL)
        return;
    item->other_file = copy_printable(file);
    item->other_line = (unsigned)other->start_mark.line + 1;
}

static size_t kept_count(const dw_problems *list)
{
    if (list->items == NULL)
        return 0;
    return list->count < DW_PROBLEMS_MAX ? list->count : DW_PROBLEMS_MAX;
}

/* Line `after` + n of `file` is line n of `to`. */
static void move_place(char **name, unsigned *line, const char *file, unsigned after, const char *to)
{
    if (*name == NULL || strcmp(*name, file) != 0 || *line <= after)
        return;
    char *moved = copy_printable(to);
    if (moved == NULL)
        return;
    free(*name);
    *name = moved;
    *line -= after;
}

void dw_problems_move(dw_problems *list, size_t first, const char *file, unsigned after, const char *to)
{
    for (size_t i = first; i < kept_count(list); i++) {
        dw_problem *item = &list->items[i];
        move_place(&item->other_file, &item->other_line, file, after, to);
        move_place(&item->file, &item->line, file, after, to);
    }
}

static size_t file_rank(const dw_problems *list, const char *file)
{
    size_t i = 0;
    while (list->items[i].file != NULL && file != NULL && strcmp(list->items[i].file, file) != 0)
        i++;
    return i;
}

void dw_problems_sort(dw_problems *list)
{
    /* Insertion sort: stable, at most DW_PROBLEMS_MAX rows. Ranks are taken before anything moves. */
    size_t rank[DW_PROBLEMS_MAX];
    size_t n = kept_count(list);
    for (size_t i = 0; i < n; i++)
        rank[i] = file_rank(list, list->items[i].file);
    for (size_t i = 1; i < n; i++) {
        dw_problem moving = list->items[i];
        size_t moving_rank = rank[i], at = i;
        for (; at > 0; at--) {
            const dw_problem *before = &list->items[at - 1];
            bool later = rank[at - 1] != moving_rank   ? rank[at - 1] > moving_rank
                         : before->line != moving.line ? before->line > moving.line
                                                       : before->column > moving.column;
            if (!later)
                break;
            list->items[at] = *before;
            rank[at] = rank[at - 1];
        }
        list->items[at] = moving;
        rank[at] = moving_rank;
    }
}

void dw_problems_deinit(dw_problems *list)
{
    for (size_t i = 0; i < kept_count(list); i++) {
        free(list->items[i].file);
        free(list->items[i].text);
        free(list->items[i].other_file);
    }
    free(list->items);
    *list = (dw_problems){0};
}

const char *dw_problem_text(const dw_problem *problem, char out[DW_PROBLEM_TEXT_MAX])
{
    const char *text = problem->text != NULL ? problem->text : "out of memory";
    if (problem->other_file == NULL)
        return text;
    snprintf(out, DW_PROBLEM_TEXT_MAX, "%s, at %s:%u", text, problem->other_file, problem->other_line);
    return out;
}

void dw_problems_print(const dw_problems *list, void *stdio_file)
{
    FILE *out = stdio_file;
    size_t kept = kept_count(list);
    for (size_t i = 0; i < kept; i++) {
        char text[DW_PROBLEM_TEXT_MAX];
        const dw_problem *p = &list->items[i];
        fputs(p->file != NULL ? p->file : "", out);
        if (p->line != 0)
            fprintf(out, ":%u:%u", p->line, p->column);
        fprintf(out, ": %s: %s\n", p->warning ? "warning" : "error", dw_problem_text(p, text));
    }
    if (list->count > kept)
        fprintf(out, "and %zu more\n", list->count - kept);
}

static char fold(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c == '-' || c == ' ' ? '_' : c;
}

/* Optimal string alignment distance: insertions, deletions, replacements, swapped neighbours. */
static unsigned distance(dw_str a, dw_str b)
{
    unsigned row[3][WORD_MAX + 1];
    for (unsigned j = 0; j <= b.len; j++)
        row[0][j] = j;
    unsigned *before = row[2], *last = row[0], *now = row[1];
    for (unsigned i = 1; i <= a.len; i++) {
        now[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            bool same = fold(a.ptr[i - 1]) == fold(b.ptr[j - 1]);
            unsigned best = last[j - 1] + (same ? 0 : 1);
            best = last[j] + 1 < best ? last[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && fold(a.ptr[i - 1]) == fold(b.ptr[j - 2]) &&
                fold(a.ptr[i - 2]) == fold(b.ptr[j - 1]) && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        unsigned *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[b.len];
}

void dw_nearest_try(dw_nearest *nearest, const char *candidate)
{
    dw_str other = dw_str_from(candidate);
    dw_str word = nearest->word;
    if (word.len == 0 || other.len == 0 || word.len > WORD_MAX || other.len > WORD_MAX)
        return;
    unsigned shorter = word.len < other.len ? word.len : other.len;
    unsigned near = shorter <= 2 ? 0 : shorter == 3 ? 1 : shorter / 3; /* further off than a third it is another word */
    unsigned d = distance(word, other);
    if (d <= near && d < shorter && (nearest->best == NULL || d < nearest->distance)) {
        nearest->best = candidate;
        nearest->distance = d;
    }
}

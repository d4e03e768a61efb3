/* next_option.c: see next_option.h. */

#include "daemon/next_option.h"

static const struct option *row_of(const struct option *table, int val)
{
    while (table->name != NULL && table->val != val)
        table++;
    return table->name != NULL ? table : NULL;
}

/* The first from `row` on whose name begins so; NULL: none. */
static const struct option *row_like(const struct option *row, const char *name, size_t len)
{
    while (row->name != NULL && strncmp(row->name, name, len) != 0)
        row++;
    return row->name != NULL ? row : NULL;
}

/* A long option that is in no row, or shortened so far that it is in several. */
static void say_unknown(const struct option *table, const char *word, dw_error *err)
{
    size_t len = strcspn(word, "="), used = 0;
    char all[sizeof(err->text)] = "";
    unsigned count = 0;
    for (const struct option *row = row_like(table, word + 2, len - 2), *next; row != NULL; row = next, count++) {
        next = row_like(row + 1, word + 2, len - 2);
        const char *between = count == 0 ? "" : next != NULL ? ", " : " or ";
        int more = snprintf(all + used, sizeof(all) - used, "%s--%s", between, row->name);
        used += (size_t)more < sizeof(all) - used ? (size_t)more : 0;
    }
    if (count > 1 && len > 2)
        dw_fail(err, DW_E_INVAL, "%.*s could be %s", (int)len, word, all);
    else
        dw_fail(err, DW_E_INVAL, "there is no option %.*s", len > 2 ? (int)len : 3, word);
}

int dw_next_option(int argc, char **argv, const char *shorts, const struct option *table, const char **given,
                   dw_error *err)
{
    opterr = 0;
    int c = getopt_long(argc, argv, shorts, table, NULL);
    if (c == -1)
        return -1;
    const struct option *row = row_of(table, c == '?' || c == ':' ? optopt : c);
    if (row == NULL && optopt != 0)
        dw_fail(err, DW_E_INVAL, "there is no option -%c", optopt);
    else if (row == NULL)
        say_unknown(table, argv[optind - 1], err);
    else if (c == '?')
        dw_fail(err, DW_E_INVAL, "--%s takes no value", row->name);
    else if (c == ':')
        dw_fail(err, DW_E_INVAL, "--%s needs a value", row->name);
    else {
        const char *value = optarg != NULL ? optarg : "", **before = &given[row - table];
        if (*before == NULL || strcmp(*before, value) == 0) {
            *before = value;
            return c;
        }
        dw_fail(err, DW_E_INVAL, "--%s is given twice", row->name);
    }
    return '?';
}

/* settings_print.c: the commented sample, the --help table and the man page's list, all from settings.def. */

#include "config/settings_table.h"

static void print_default(FILE *out, const dw_setting *row)
{
    switch (row->type) {
    case DW_SETTING_STR:
    case DW_SETTING_PATH:
    case DW_SETTING_SECRET:
        fputs(row->text[0] != '\0' ? row->text : "\"\"", out);
        return;
    case DW_SETTING_INT:
        if (strcmp(row->unit, "bytes") == 0 && row->number != 0 && row->number % (1 << 20) == 0)
            fprintf(out, "%lld MiB", (long long)(row->number >> 20));
        else
            fprintf(out, "%lld", (long long)row->number);
        return;
    case DW_SETTING_BOOL:
        fputs(row->number != 0 ? "true" : "false", out);
        return;
    case DW_SETTING_ENUM:
        fprintf(out, "%.*s", DW_STR_ARG(dw_setting_choice(row, (int)row->number)));
        return;
    case DW_SETTING_SECTION:
    case DW_SETTING_MAP:
        return;
    }
}

/* What may stand there, in words. */
static void print_type(FILE *out, const dw_setting *row)
{
    switch (row->type) {
    case DW_SETTING_STR:
        fputs("text", out);
        return;
    case DW_SETTING_PATH:
        fputs("file", out);
        return;
    case DW_SETTING_SECRET:
        fputs("file of a secret", out);
        return;
    case DW_SETTING_INT:
        fprintf(out, "%lld to %lld%s%s", (long long)row->min, (long long)row->max, row->unit[0] != '\0' ? " " : "",
                row->unit);
        return;
    case DW_SETTING_BOOL:
        fputs("true or false", out);
        return;
    case DW_SETTING_ENUM:
        for (const char *c = row->text; *c != '\0'; c++) {
            if (*c == '|')
                fputs(", ", out);
            else
                fputc(*c, out);
        }
        return;
    case DW_SETTING_MAP:
        fputs("name: value", out);
        return;
    case DW_SETTING_SECTION:
        return;
    }
}

static void print_help_lines(FILE *out, const char *help, unsigned indent, const char *mark)
{
    for (const char *line = help; line != NULL;) {
        const char *end = strchr(line, '\n');
        int len = end != NULL ? (int)(end - line) : (int)strlen(line);
        fprintf(out, "%*s%s%.*s\n", (int)indent, "", mark, len, line);
        line = end != NULL ? end + 1 : NULL;
    }
}

void dw_settings_print_sample(void *stdio_file)
{
    FILE *out = stdio_file;
    fputs("# driftwatch.yaml: settings of driftwatchd. Every key shows its default; take the # away to change it.\n"
          "# `driftwatchd --config FILE --check-config` names everything that is wrong. Keys marked (reload) are\n"
          "# taken over at SIGHUP, the others at a restart. Relative file names are relative to this file's folder.\n",
          out);
    for (size_t i = 0; i < dw_setting_count; i++) {
        const dw_setting *row = &dw_setting_table[i];
        unsigned indent = 2 * dw_setting_depth(row);
        fputc('\n', out);
        print_help_lines(out, row->help, indent, "# ");
        if (row->type == DW_SETTING_SECTION) {
            fprintf(out, "%*s%s:\n", (int)indent, "", dw_setting_leaf(row));
            continue;
        }
        if (row->type != DW_SETTING_STR && row->type != DW_SETTING_PATH && row->type != DW_SETTING_MAP) {
            fprintf(out, "%*s# (", (int)indent, "");
            print_type(out, row);
            fputs(row->reload ? "; reload)\n" : ")\n", out);
        } else if (row->reload) {
            fprintf(out, "%*s# (reload)\n", (int)indent, "");
        }
        fprintf(out, "%*s#%s:%s", (int)indent, "", dw_setting_leaf(row), row->type == DW_SETTING_MAP ? "" : " ");
        print_default(out, row);
        fputc('\n', out);
    }
}

void dw_settings_print_help(void *stdio_file)
{
    FILE *out = stdio_file;
    for (size_t i = 0; i < dw_setting_count; i++) {
        const dw_setting *row = &dw_setting_table[i];
        if (row->type == DW_SETTING_SECTION)
            continue;
        fprintf(out, "  %s (", row->key);
        print_type(out, row);
        if (row->type != DW_SETTING_MAP) {
            fputs("; default ", out);
            print_default(out, row);
        }
        fputs(row->reload ? "; reload)\n" : ")\n", out);
        print_help_lines(out, row->help, 6, "");
    }
}

/* scdoc takes _ and * as marks: show them as they are. */
static void print_escaped(FILE *out, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '_' || *c == '*' || *c == '\\' || *c == '~')
            fputc('\\', out);
        fputc(*c == '\n' ? ' ' : *c, out);
    }
}

void dw_settings_print_man(void *stdio_file)
{
    FILE *out = stdio_file;
    for (size_t i = 0; i < dw_setting_count; i++) {
        const dw_setting *row = &dw_setting_table[i];
        if (row->type == DW_SETTING_SECTION)
            continue;
        char *buf = NULL;
        size_t len = 0;
        FILE *mem = open_memstream(&buf, &len);
        if (mem == NULL)
            return;
        print_type(mem, row);
        if (row->type != DW_SETTING_MAP) {
            fputs("; default ", mem);
            print_default(mem, row);
        }
        fputs(row->reload ? "; reload" : "", mem);
        if (fclose(mem) == 0 && buf != NULL) {
            fputc('*', out);
            print_escaped(out, row->key);
            fputs("* (", out);
            print_escaped(out, buf);
            fputs(")\n\t", out);
            print_escaped(out, row->help);
            fputs("\n\n", out);
        }
        free(buf);
    }
}

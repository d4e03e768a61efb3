/* shipped.c: see shipped.h. */

#include "daemon/cli/shipped.h"

#include "config/settings.h"
#include "proto/encode.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANCESTORS_MAX 4 /* folders above the program that may be its source tree */

enum { STANDARDS, CALENDAR, ORGANISATION, TEXTS };
_Static_assert((int)TEXTS == (int)DW_POLICY_TEXTS, "DW_POLICY_TEXTS");
static const char *const text_names[TEXTS] = {"standards.yaml", "bank-holidays.json", "organisation.yaml"};

static bool join(char out[DW_SHIPPED_PATH_MAX], const char *dir, const char *name)
{
    int n = snprintf(out, DW_SHIPPED_PATH_MAX, "%s/%s", dir, name);
    return n > 0 && n < DW_SHIPPED_PATH_MAX;
}

static bool holds_policy(const char *dir)
{
    char path[DW_SHIPPED_PATH_MAX];
    return join(path, dir, text_names[STANDARDS]) && access(path, R_OK) == 0;
}

/* Cuts the last part off; false at the root. */
static bool go_up(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path)
        return false;
    *slash = '\0';
    return true;
}

bool dw_program_path(char out[DW_SHIPPED_PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", out, DW_SHIPPED_PATH_MAX - 1);
    out[n > 0 ? n : 0] = '\0';
    return n > 0;
}

bool dw_settings_beside(const char *program, char out[DW_SHIPPED_PATH_MAX])
{
    char prefix[DW_SHIPPED_PATH_MAX];
    int n = snprintf(prefix, sizeof(prefix), "%s", program);
    if (n < 0 || n >= DW_SHIPPED_PATH_MAX || !go_up(prefix) || !go_up(prefix))
        return false;
    if (strcmp(prefix, "/usr") == 0)
        prefix[0] = '\0';
    return join(out, prefix, "etc/driftwatch/driftwatch.yaml") && access(out, R_OK) == 0;
}

bool dw_shipped_dir(char out[DW_SHIPPED_PATH_MAX])
{
    char at[DW_SHIPPED_PATH_MAX];
    bool known = dw_program_path(at);
    for (int up = 0; known && go_up(at) && up < ANCESTORS_MAX; up++) {
        if (up == 1 && join(out, at, "share/driftwatch") && holds_policy(out))
            return true;
        if (join(out, at, "config/default") && holds_policy(out))
            return true;
    }
    return snprintf(out, DW_SHIPPED_PATH_MAX, "%s", DW_SHIPPED_DIR) < DW_SHIPPED_PATH_MAX && holds_policy(out);
}

static bool is_directory(const char *path)
{
    struct stat what;
    return stat(path, &what) == 0 && S_ISDIR(what.st_mode);
}

/* The authority's own file lies in a directory that was named, beside the standards or over the shipped ones. */
static bool has_overrides(const char *dir, char path[DW_SHIPPED_PATH_MAX])
{
    return dir != NULL && is_directory(dir) && join(path, dir, DW_OVERRIDES_FILE) && access(path, F_OK) == 0;
}

/* Which file holds each text. */
static bool find_texts(const char *dir, char paths[TEXTS][DW_SHIPPED_PATH_MAX], dw_problems *problems)
{
    char shipped[DW_SHIPPED_PATH_MAX];
    bool have_shipped = dw_shipped_dir(shipped);
    bool one_file = dir != NULL && !is_directory(dir);
    for (int i = 0; i < TEXTS; i++) {
        bool given = dir != NULL &&
                     (one_file ? i == STANDARDS : join(paths[i], dir, text_names[i]) && access(paths[i], F_OK) == 0);
        if (given && one_file && snprintf(paths[i], DW_SHIPPED_PATH_MAX, "%s", dir) >= DW_SHIPPED_PATH_MAX)
            given = false;
        if (!given && dir != NULL && i == STANDARDS && !has_overrides(dir, paths[i])) {
            dw_problems_add(problems, dir, NULL, false, "there is no %s and no " DW_OVERRIDES_FILE, text_names[i]);
            return false;
        }
        if (!given && (!have_shipped || !join(paths[i], shipped, text_names[i]))) {
            dw_problems_add(problems, dir != NULL ? dir : "policy", NULL, false,
                            "no %s, and the shipped one is not where this program looks for it", text_names[i]);
            return false;
        }
    }
    return true;
}

dw_policy *dw_policy_from_dir(const char *dir, dw_problems *problems)
{
    return dw_policy_from_dir_at(dir, 0, problems);
}

bool dw_policy_texts_read_files(const dw_policy_names *files, dw_policy_texts *out, dw_problems *problems)
{
    *out = (dw_policy_texts){.names = *files};
    out->bytes[STANDARDS] = dw_standards_read(files->standards, files->overrides, DW_CONFIG_BYTES_MAX,
                                              &out->text.standards, &out->names.overrides_line, problems);
    bool ok = out->bytes[STANDARDS] != NULL;
    for (int i = CALENDAR; i < TEXTS; i++) {
        const char *path = i == CALENDAR ? files->calendar : files->organisation;
        size_t len = 0;
        dw_error err = {0};
        if (!dw_file_read(path, DW_CONFIG_BYTES_MAX, &out->bytes[i], &len, &err)) {
            dw_problems_add(problems, path, NULL, false, "%s", err.text);
            ok = false;
        }
        *(i == CALENDAR ? &out->text.calendar : &out->text.organisation) = (dw_str){out->bytes[i], (uint32_t)len};
    }
    if (!ok)
        dw_policy_texts_deinit(out);
    return ok;
}

bool dw_policy_texts_read(const char *dir, dw_policy_texts *out, dw_problems *problems)
{
    char(*paths)[DW_SHIPPED_PATH_MAX] = calloc(TEXTS + 1, DW_SHIPPED_PATH_MAX);
    *out = (dw_policy_texts){0};
    if (paths == NULL)
        dw_problems_add(problems, dir != NULL ? dir : "policy", NULL, false, "out of memory");
    if (paths == NULL || !find_texts(dir, paths, problems)) {
        free(paths);
        return false;
    }
    const dw_policy_names names = {.standards = paths[STANDARDS],
                                   .calendar = paths[CALENDAR],
                                   .organisation = paths[ORGANISATION],
                                   .overrides = has_overrides(dir, paths[TEXTS]) ? paths[TEXTS] : NULL};
    bool ok = dw_policy_texts_read_files(&names, out, problems);
    if (ok)
        out->paths = &paths[0][0];
    else
        free(paths);
    return ok;
}

void dw_policy_texts_deinit(dw_policy_texts *texts)
{
    for (int i = 0; i < TEXTS; i++)
        free(texts->bytes[i]);
    free(texts->paths);
    *texts = (dw_policy_texts){0};
}

dw_policy *dw_policy_from_dir_at(const char *dir, int64_t cut_over_us, dw_problems *problems)
{
    dw_policy_texts texts;
    char digest[65];
    if (!dw_policy_texts_read(dir, &texts, problems))
        return NULL;
    texts.text.number = 1;
    texts.text.cut_over_us = cut_over_us;
    dw_policy_text_digest(&texts.text, digest);
    texts.text.digest = dw_str_from(digest);
    dw_policy *policy = dw_policy_load(&texts.text, &texts.names, problems);
    dw_policy_texts_deinit(&texts);
    return policy;
}

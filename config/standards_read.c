/* standards_read.c: standards.yaml and the authority's own file from disk, as one text. */

#include "config/overrides.h"
#include "config/policy_load.h"

static bool read_one(const char *path, size_t max, char **out, dw_str *text, dw_problems *problems)
{
    size_t len = 0;
    dw_error err = {0};
    if (!dw_file_read(path, max, out, &len, &err)) {
        dw_problems_add(problems, path, NULL, false, "%s", err.text);
        return false;
    }
    *text = (dw_str){*out, (uint32_t)len};
    return true;
}

char *dw_standards_read(const char *path, const char *overrides, size_t max, dw_str *text, unsigned *line,
                        dw_problems *problems)
{
    char *bytes = NULL, *more = NULL, *joined = NULL;
    dw_str standards = {0}, local = {0};
    size_t len = 0;
    bool own = overrides != NULL && overrides[0] != '\0';
    bool ok = read_one(path, max, &bytes, &standards, problems);
    ok = (!own || read_one(overrides, max, &more, &local, problems)) && ok;
    if (ok)
        joined = dw_standards_join(standards, local, &len, line);
    if (ok && joined == NULL)
        dw_problems_add(problems, path, NULL, false, "out of memory");
    if (joined != NULL && len > max) {
        dw_problems_add(problems, overrides, NULL, false, "together with the standards longer than %zu bytes", max);
        free(joined);
        joined = NULL;
    }
    *text = (dw_str){joined, joined != NULL ? (uint32_t)len : 0};
    free(bytes);
    free(more);
    return joined;
}

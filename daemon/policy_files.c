/* policy_files.c: the files of the settings into one policy text, checked by compiling it. */

#include "daemon/policy_files.h"

#include "proto/encode.h"
#include "proto/limits.h"

#include <stdlib.h>

static bool read_one(const char *path, char **out, dw_str *text, dw_problems *problems)
{
    size_t len = 0;
    dw_error err;
    if (!dw_file_read(path, DW_POLICY_BYTES_MAX, out, &len, &err)) {
        dw_problems_add(problems, path, NULL, false, "%s", err.text);
        return false;
    }
    *text = (dw_str){*out, (uint32_t)len};
    return true;
}

bool dw_policy_files_read(const dw_settings *settings, dw_policy_files *out, dw_problems *problems)
{
    *out = (dw_policy_files){0};
    unsigned line = 0;
    out->standards = dw_standards_read(settings->policy_standards, settings->policy_overrides, DW_POLICY_BYTES_MAX,
                                       &out->text.standards, &line, problems);
    bool ok = out->standards != NULL;
    ok = read_one(settings->policy_bank_holidays, &out->calendar, &out->text.calendar, problems) && ok;
    ok = read_one(settings->policy_organisation, &out->organisation, &out->text.organisation, problems) && ok;
    if (ok) {
        out->text.number = 1;
        out->text.cut_over_us = dw_settings_cut_over_us(settings);
        dw_policy_text_digest(&out->text, out->digest);
        out->text.digest = dw_str_from(out->digest);
        const dw_policy_names names = {.standards = settings->policy_standards,
                                       .calendar = settings->policy_bank_holidays,
                                       .organisation = settings->policy_organisation,
                                       .overrides = settings->policy_overrides,
                                       .overrides_line = line};
        dw_policy *policy = dw_policy_load(&out->text, &names, problems);
        ok = policy != NULL;
        if (ok)
            dw_policy_unref(&policy);
    }
    if (!ok)
        dw_policy_files_deinit(out);
    return ok;
}

void dw_policy_files_deinit(dw_policy_files *files)
{
    free(files->standards);
    free(files->calendar);
    free(files->organisation);
    *files = (dw_policy_files){0};
}

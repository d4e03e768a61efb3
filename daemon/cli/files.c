/* files.c: see files.h. */

#include "daemon/cli/files.h"

#include "handlers/calendar.h"
#include "proto/encode.h"
#include "proto/json.h"

static dw_errc read_text(const char *path, char **out, dw_str *text, dw_error *err)
{
    size_t len = 0;
    if (!dw_file_read(path, DW_CONFIG_BYTES_MAX, out, &len, err))
        return DW_E_IO;
    *text = (dw_str){*out, (uint32_t)len};
    return DW_OK;
}

/* The first of the problems is told. */
static dw_errc read_standards(const dw_settings *settings, dw_policy_files *out, dw_error *err)
{
    char text[DW_PROBLEM_TEXT_MAX];
    dw_problems problems = {0};
    dw_errc code = DW_OK;
    out->standards = dw_standards_read(settings->policy_standards, settings->policy_overrides, DW_CONFIG_BYTES_MAX,
                                       &out->text.standards, &out->overrides_line, &problems);
    if (out->standards == NULL)
        code = dw_fail(err, DW_E_IO, "%s",
                       problems.items != NULL ? dw_problem_text(&problems.items[0], text) : "out of memory");
    dw_problems_deinit(&problems);
    return code;
}

/* policy.cut_over: a day (its first instant in London) or an instant; checked when the settings were loaded. */
static dw_errc cut_over_of(const char *text, int64_t *out, dw_error *err)
{
    int32_t day = 0;
    *out = 0;
    if (text[0] == '\0')
        return DW_OK;
    if (dw_date_parse(dw_str_from(text), &day))
        *out = dw_london_start_us(day);
    else if (!dw_instant_parse(dw_str_from(text), out))
        return dw_fail(err, DW_E_CONFIG, "policy.cut_over is neither a date nor an instant");
    return DW_OK;
}

dw_errc dw_policy_files_read(const dw_settings *settings, dw_policy_files *out, dw_error *err)
{
    *out = (dw_policy_files){0};
    dw_errc code = read_standards(settings, out, err);
    if (code == DW_OK)
        code = read_text(settings->policy_bank_holidays, &out->calendar, &out->text.calendar, err);
    if (code == DW_OK)
        code = read_text(settings->policy_organisation, &out->organisation, &out->text.organisation, err);
    if (code == DW_OK)
        code = cut_over_of(settings->policy_cut_over, &out->text.cut_over_us, err);
    if (code != DW_OK) {
        dw_policy_files_deinit(out);
        return code;
    }
    dw_policy_text_digest(&out->text, out->digest);
    out->text.digest = (dw_str){out->digest, 64};
    return DW_OK;
}

void dw_policy_files_deinit(dw_policy_files *files)
{
    free(files->standards);
    free(files->calendar);
    free(files->organisation);
    *files = (dw_policy_files){0};
}

#pragma once
/* files.h: the policy of the configuration: standards, bank holidays, organisation and cut-over as the settings name
 * them, as one text that can be compiled, compared or appended. */

#include "config/policy_load.h"
#include "config/settings.h"

typedef struct dw_policy_files {
    dw_policy_text text; /* number 0; digest computed; views into the three buffers */
    char *standards, *calendar, *organisation;
    unsigned overrides_line; /* of text.standards, for dw_policy_names */
    char digest[65];
} dw_policy_files;
dw_errc dw_policy_files_read(const dw_settings *settings, dw_policy_files *out, dw_error *err);
void dw_policy_files_deinit(dw_policy_files *files);

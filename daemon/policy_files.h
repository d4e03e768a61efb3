#pragma once
/* policy_files.h: the policy that the settings name, as the three texts a policy.set carries. */

#include "config/policy_load.h"
#include "config/settings.h"

/* Not to be copied or moved: text.digest points into it. */
typedef struct dw_policy_files {
    dw_policy_text text; /* number 1; views into what is below */
    char digest[65];
    char *standards, *calendar, *organisation;
} dw_policy_files;

/* Reads and compiles them (the same code that runs a policy from the log). False: problems were added; *out is empty. */
bool dw_policy_files_read(const dw_settings *settings, dw_policy_files *out, dw_problems *problems);
void dw_policy_files_deinit(dw_policy_files *files);

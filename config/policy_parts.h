#pragma once
/* policy_parts.h: the loaders behind dw_policy_load(). Private to config/. Each reports all that is wrong with its text. */

#include "config/policy_load.h"
#include "config/rule_load.h"

/* standards.yaml: rules and ladder into the policy, working hours out (minutes since midnight). */
void dw_standards_load(dw_policy *policy, const char *file, dw_str text, dw_problems *problems, int *open_minute,
                       int *close_minute);
/* bank-holidays.json: NULL with problems, or a calendar. */
dw_calendar *dw_bank_holidays_load(const char *file, dw_str text, int open_minute, int close_minute,
                                   dw_problems *problems);
/* organisation.yaml: lines into the policy. */
void dw_organisation_load(dw_policy *policy, const char *file, dw_str text, dw_problems *problems);
/* Key of a level in ladder and reporting line: "social_worker" .. "director"; NULL-ended. */
extern const char *const dw_level_names[DW_LEVELS + 1];

#pragma once
/* policy_parts.h: the loaders behind dw_policy_load(). Private to config/. Each reports all that is wrong with its text. */

#include "config/overrides.h"
#include "config/policy_load.h"
#include "config/rule_load.h"

#define DW_OPEN_MINUTE (9 * 60) /* working hours when none are given, in minutes since midnight */
#define DW_CLOSE_MINUTE (17 * 60)
/* standards.yaml: working hours (what is not said keeps its value), then rules and ladder into the policy. */
void dw_standards_load_hours(dw_policy *policy, dw_standards_text *text, int *open_minute, int *close_minute);
void dw_standards_load(dw_policy *policy, dw_standards_text *text, int day_minutes);
/* bank-holidays.json, and closures of the authority's own file (NULL: none): NULL with problems, or a calendar. */
dw_calendar *dw_bank_holidays_load(const char *file, dw_str text, dw_standards_text *standards, int open_minute,
                                   int close_minute, dw_problems *problems);
/* organisation.yaml: lines into the policy. */
void dw_organisation_load(dw_policy *policy, const char *file, dw_str text, dw_problems *problems);
/* Key of a level in ladder and reporting line: "social_worker" .. "director"; NULL-ended. */
extern const char *const dw_level_names[DW_LEVELS + 1];

/* policy_load.c: the three texts of a policy -> a sealed dw_policy, or all that is wrong with them. */

#include "config/policy_parts.h"

dw_policy *dw_policy_load(const dw_policy_text *text, const dw_policy_names *names, dw_problems *problems)
{
    const char *standards = names != NULL && names->standards != NULL ? names->standards : "standards";
    const char *calendar_name = names != NULL && names->calendar != NULL ? names->calendar : "calendar";
    const char *organisation = names != NULL && names->organisation != NULL ? names->organisation : "organisation";
    size_t errors = problems->errors;
    int open_minute = DW_OPEN_MINUTE, close_minute = DW_CLOSE_MINUTE;
    dw_error err = {0};
    dw_policy *policy = dw_policy_new(DW_POLICY_ARENA_BYTES_MAX);
    if (policy == NULL) {
        dw_problems_add(problems, standards, NULL, false, "out of memory");
        return NULL;
    }
    size_t first = problems->count;
    dw_standards_text *rules = dw_standards_text_open(standards, text->standards, problems);
    if (rules != NULL)
        dw_standards_load_hours(policy, rules, &open_minute, &close_minute);
    dw_calendar *calendar =
        dw_bank_holidays_load(calendar_name, text->calendar, rules, open_minute, close_minute, problems);
    if (calendar != NULL)
        dw_policy_set_calendar(policy, calendar);
    if (rules != NULL) {
        dw_standards_load(policy, rules, close_minute - open_minute);
        dw_standards_check_loosening(rules, calendar);
    }
    unsigned after = names != NULL && names->overrides_line != 0 ? names->overrides_line
                     : rules != NULL                             ? rules->second_line
                                                                 : 0;
    if (after != 0)
        dw_problems_move(problems, first, standards, after,
                         names != NULL && names->overrides != NULL ? names->overrides : "overrides");
    dw_standards_text_free(&rules);
    dw_organisation_load(policy, organisation, text->organisation, problems);
    dw_policy_set_identity(policy, text->number, text->digest, text->cut_over_us != 0 ? text->cut_over_us : DW_AT_NONE);
    if (problems->errors == errors && dw_policy_seal(policy, &err) != DW_OK)
        dw_problems_add(problems, standards, NULL, false, "%s", err.text);
    dw_problems_sort(problems);
    if (problems->errors != errors)
        dw_policy_unref(&policy);
    return policy;
}

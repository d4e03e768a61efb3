// link: dw_config
/* fuzz_policy.c: any bytes as standards, calendar and reporting line, in this order, with a line "%%%" between them; what is left
 * out is small and right. A policy that does not load says why, and its problems print. */
#include "config/policy_load.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

static const char small_calendar[] =
    "{\"england-and-wales\":{\"division\":\"england-and-wales\",\"events\":[{\"title\":\"Christmas Day\",\"date\":"
    "\"2026-12-25\",\"notes\":\"\",\"bunting\":true}]}}";
static const char small_lines[] = "default: {social_worker: sw, team_manager: tm, service_manager: sm, "
                                  "assistant_director: ad, director: dcs}\n";
static const char small_standards[] =
    "ladder:\n"
    "  P1: {opens_at: team_manager, stops_at: service_manager, grace: none, climbs_after: {team_manager: 2 working "
    "hours}, review_within: 1 working day}\n"
    "  P2: {opens_at: social_worker, stops_at: team_manager, grace: none, climbs_after: {social_worker: 1 working "
    "day}, "
    "review_within: 5 working days}\n"
    "  P3: {opens_at: social_worker, stops_at: social_worker, grace: none, climbs_after: {}, review_within: 10 working "
    "days}\n"
    "working_hours: 08:30-16:30\n"
    "rules:\n"
    "  - {id: A-1, version: 1, title: t, status: LOC, source: s, reviewed_on: 2026-01-31, priority: P2, trigger: a, "
    "action: b, next_step: c, kind: deadline, over: contact, met_by: end, limit: 1 working day}\n";

/* The part up to the next line "%%%"; *rest moves behind it. */
static dw_str next_text(dw_str *rest, const char *instead)
{
    const char *mark = rest->len != 0 ? memmem(rest->ptr, rest->len, "\n%%%\n", 5) : NULL;
    dw_str part = {rest->ptr, mark != NULL ? (uint32_t)(mark - rest->ptr) + 1 : rest->len};
    uint32_t taken = mark != NULL ? part.len + 4 : rest->len;
    *rest = (dw_str){rest->ptr + taken, rest->len - taken};
    return part.len > 1 ? part : dw_str_from(instead);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const dw_policy_names names = {
        .standards = "standards", .calendar = "calendar", .organisation = "organisation"};
    dw_str rest = {(const char *)data, (uint32_t)size};
    dw_policy_text text = {.number = 1, .digest = DW_STR_LIT("0123456789abcdef")};
    text.standards = next_text(&rest, small_standards);
    text.calendar = next_text(&rest, small_calendar);
    text.organisation = next_text(&rest, small_lines);
    dw_problems problems = {0};
    dw_policy *policy = dw_policy_load(&text, &names, &problems);
    FUZZ_MUST(policy != NULL || problems.errors != 0);
    FILE *out = fopen("/dev/null", "w");
    if (out != NULL) {
        dw_problems_print(&problems, out);
        (void)fclose(out);
    }
    dw_problems_deinit(&problems);
    dw_policy_unref(&policy);
    return 0;
}

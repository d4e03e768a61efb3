#pragma once
/* core_standards.h: the shipped standards, bank holidays and organisation as a policy, for tests that link dw_config. */

#include "config/policy_load.h"
#include "tests/support/core_build.h"

static inline char *read_default(const char *name, uint32_t *len)
{
    char path[512];
    snprintf(path, sizeof path, "%s/config/default/%s", DW_SOURCE_DIR, name);
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "cannot open %s", path);
    char *text = malloc(1 << 20);
    ck_assert_ptr_nonnull(text);
    *len = (uint32_t)fread(text, 1, 1 << 20, file);
    fclose(file);
    return text;
}

/* The policy of a text of standards: bank holidays and organisation are the shipped ones where the text has none. */
static inline dw_policy *policy_of_standards(dw_policy_text text)
{
    char *calendar = NULL, *organisation = NULL;
    text.digest = DW_STR_LIT("test");
    if (text.calendar.ptr == NULL)
        text.calendar.ptr = calendar = read_default("bank-holidays.json", &text.calendar.len);
    if (text.organisation.ptr == NULL)
        text.organisation.ptr = organisation = read_default("organisation.yaml", &text.organisation.len);
    dw_problems problems = {0};
    dw_policy *policy = dw_policy_load(&text, NULL, &problems);
    if (policy == NULL)
        dw_problems_print(&problems, stderr);
    uint32_t end = text.standards.len < 1000 ? text.standards.len : 1000; /* what a test adds comes last */
    ck_assert_msg(policy != NULL, "no policy: %.*s", (int)end, text.standards.ptr + text.standards.len - end);
    dw_problems_deinit(&problems);
    free(calendar);
    free(organisation);
    return policy;
}

/* `local`: an authority's own file over the standards. */
static inline dw_policy *shipped_policy_with(uint32_t number, const char *cut_over, const char *local)
{
    dw_policy_text text = {.number = number, .cut_over_us = cut_over != NULL ? instant(cut_over) : 0};
    char *standards = read_default("standards.yaml", &text.standards.len);
    size_t room = (1 << 20) - text.standards.len;
    int n = snprintf(standards + text.standards.len, room, "%s%s", local[0] != '\0' ? "\n---\n" : "", local);
    ck_assert(n >= 0 && (size_t)n < room);
    text.standards.len += (uint32_t)n;
    text.standards.ptr = standards;
    dw_policy *policy = policy_of_standards(text);
    free(standards);
    return policy;
}

static inline dw_policy *shipped_policy(uint32_t number, const char *cut_over)
{
    return shipped_policy_with(number, cut_over, "");
}

static inline world *shipped_world(void)
{
    return world_new(shipped_policy(1, NULL));
}

/* Shows what these rules do and nothing else, so that a rule more among the shipped ones breaks no other rule's test. */
static inline world *shipped_world_with(const char *rules, const char *local)
{
    world *w = world_new(shipped_policy_with(1, NULL, local));
    w->only = rules;
    return w;
}

static inline world *shipped_world_of(const char *rules)
{
    return shipped_world_with(rules, "");
}

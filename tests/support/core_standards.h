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

/* `local`: an authority's own file over the standards. */
static inline dw_policy *shipped_policy_with(uint32_t number, const char *cut_over, const char *local)
{
    dw_policy_text text = {.number = number, .digest = DW_STR_LIT("test")};
    char *a = read_default("standards.yaml", &text.standards.len);
    ck_assert_uint_lt(text.standards.len + strlen(local) + 8, 1 << 20);
    text.standards.len +=
        (uint32_t)snprintf(a + text.standards.len, strlen(local) + 8, "%s%s", local[0] != '\0' ? "\n---\n" : "", local);
    char *b = read_default("bank-holidays.json", &text.calendar.len);
    char *c = read_default("organisation.yaml", &text.organisation.len);
    text.standards.ptr = a;
    text.calendar.ptr = b;
    text.organisation.ptr = c;
    text.cut_over_us = cut_over != NULL ? instant(cut_over) : 0;
    dw_problems problems = {0};
    dw_policy *policy = dw_policy_load(&text, NULL, &problems);
    if (policy == NULL)
        dw_problems_print(&problems, stderr);
    ck_assert_ptr_nonnull(policy);
    dw_problems_deinit(&problems);
    free(a);
    free(b);
    free(c);
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
static inline world *shipped_world_of(const char *rules)
{
    world *w = shipped_world();
    w->only = rules;
    return w;
}

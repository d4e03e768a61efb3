#pragma once
/* policy_load.h: standards (YAML), bank holidays (gov.uk JSON) and organisation (YAML) -> a sealed dw_policy.
 * The same function loads the files of the configuration and the texts of a policy.set record, so what is
 * checked is what runs. A rule with an unknown field, an impossible limit, no source or no action is refused with its line. */

#include "config/yaml.h"
#include "handlers/policy.h"
#include "proto/decode.h"

#define DW_POLICY_ARENA_BYTES_MAX (4 * 1024 * 1024) /* compiled texts, predicates and references of one policy */
#define DW_HOLIDAYS_MAX 4000 /* days in one list: ten bank holidays a year are 2,000 in 200 years */
#define DW_LINES_MAX 2000    /* teams of one authority */

/* Names used in problems, in the order standards, calendar, organisation. NULL: these words. The authority's own file is the
 * second document of the standards; `overrides_line` is the last line before it, when dw_standards_join() said so. */
typedef struct dw_policy_names {
    const char *standards, *calendar, *organisation;
    const char *overrides; /* NULL: "overrides" */
    unsigned overrides_line;
} dw_policy_names;

#define DW_OVERRIDES_FILE "standards.local.yaml" /* the authority's own file, where a policy is a directory */

/* standards.yaml and the authority's own file (NULL or empty: none) as one text: malloc'd, *text views it, *line is for
 * dw_policy_names. NULL: problems were added. Both together at most `max` bytes. */
char *dw_standards_read(const char *path, const char *overrides, size_t max, dw_str *text, unsigned *line,
                        dw_problems *problems);

/* Compile. NULL when any error was found (all of them are in `problems`, sorted). The result is sealed and holds one
 * reference. Nothing in it points into `text`. */
dw_policy *dw_policy_load(const dw_policy_text *text, const dw_policy_names *names, dw_problems *problems);

/* Is there a rule of this id in a text of standards (the authority's own file joined to it or not)? Only what the text says: it
 * need not compile. ON and yet not in the policy: a rule about workers. */
typedef enum dw_rule_presence { DW_RULE_UNKNOWN, DW_RULE_OFF, DW_RULE_ON } dw_rule_presence;
dw_rule_presence dw_standards_find(dw_str standards, dw_str id);

#pragma once
/* shipped.h: a policy from a directory, and where the one is that comes with this program.
 *
 * A policy's directory holds standards.yaml, bank-holidays.json and organisation.yaml; what it does not hold is taken from
 * the shipped one. Beside them the authority's own file may lie, standards.local.yaml; without any of both a directory is none.
 * Neither settings nor the host's clock play a part, and a directory names no cut-over. */

#include "config/policy_load.h"

#define DW_SHIPPED_PATH_MAX 4096 /* bytes of a path */

/* The directory of the shipped policy: share/driftwatch beside the program's own bin (or sbin), else config/default of the source
 * tree that a program run from its build folder lies in, else that of the tree it was built from. False: none is there. */
bool dw_shipped_dir(char out[DW_SHIPPED_PATH_MAX]);

/* Of the program that runs; "" and false: it cannot be told. */
bool dw_program_path(char out[DW_SHIPPED_PATH_MAX]);

/* The settings that `cmake --install` put beside a program: PREFIX/etc/driftwatch/driftwatch.yaml for PREFIX/bin/driftwatch, under
 * /usr those in /etc. False: none can be read there. */
bool dw_settings_beside(const char *program, char out[DW_SHIPPED_PATH_MAX]);

/* The texts of the policy in `dir` (as below) and where they came from. Not to be copied. */
#define DW_POLICY_TEXTS 3
typedef struct dw_policy_texts {
    dw_policy_text text; /* number, digest and cut-over are not set */
    dw_policy_names names;
    char *bytes[DW_POLICY_TEXTS], *paths;
} dw_policy_texts;
bool dw_policy_texts_read(const char *dir, dw_policy_texts *out, dw_problems *problems);
/* The same from files that are named one by one. */
bool dw_policy_texts_read_files(const dw_policy_names *files, dw_policy_texts *out, dw_problems *problems);
void dw_policy_texts_deinit(dw_policy_texts *texts);

/* Compile the policy of `dir` (a directory; or a file: its standards alone; NULL: the shipped one) as number 1. NULL:
 * `problems` says why. */
dw_policy *dw_policy_from_dir(const char *dir, dw_problems *problems);
/* The same with a cut-over: nothing is raised before that instant (0: none). */
dw_policy *dw_policy_from_dir_at(const char *dir, int64_t cut_over_us, dw_problems *problems);

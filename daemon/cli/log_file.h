#pragma once
/* log_file.h: a log in JSON Lines brought to one instant, for verbs that look at what then was known: `explain --log`, `indicators`.
 *
 * Lines are applied as `replay` applies them: those with log_time later than the instant are left out, one without log_time
 * came with the line before, lines of several partitions are shards of their own, and every deadline at or before the instant
 * has fired. Policy: the one given, else the policy_set lines of the file, else the shipped standards. A line that the daemon
 * would dead-letter is named on standard error and left out. */

#include "daemon/cli/cli.h"
#include "daemon/cli/inproc.h"

typedef struct dw_log_file dw_log_file;

/* `path` may be - for standard input. `policy_dir`: as --policy; NULL: as above. `at_us`: DW_AT_NONE for the last log_time of the
 * file. What is wrong with a policy is printed; then the error says so in one line. */
dw_errc dw_log_file_read(const dw_cli *cli, const char *path, const char *policy_dir, int64_t at_us, dw_log_file **out,
                         dw_error *err);
void dw_log_file_free(dw_log_file **file);

int64_t dw_log_file_at_us(const dw_log_file *file); /* the instant */
int64_t
dw_log_file_data_us(const dw_log_file *file); /* log_time of the last line applied; the instant when there is none */
bool dw_log_file_has_policy(const dw_log_file *file); /* it is the log that sets the policy */
size_t dw_log_file_shards(const dw_log_file *file);
dw_inproc *dw_log_file_shard(dw_log_file *file, size_t i); /* each with a policy in force, or no line at all */

#pragma once
/* standards_print.h: the standards as they are in force, for people: every rule with all its texts and what differs from the
 * shipped ones. From the text, not from the compiled rules: what is printed is what somebody wrote. */

#include "config/overrides.h"

typedef enum dw_standards_format { DW_STANDARDS_TEXT, DW_STANDARDS_MARKDOWN, DW_STANDARDS_JSON } dw_standards_format;

/* `shipped`: what to compare with; NULL: the first document of `here`. Both must have loaded without errors. JSON: one object a
 * line. `stdio_out` is a FILE. False when out of memory. */
bool dw_standards_print(dw_standards_text *here, dw_standards_text *shipped, dw_standards_format format,
                        void *stdio_out);

#pragma once
/* events.h: the handlers, one const entry a file: handlers/events/<name>.c says how facts of that type come about.
 *
 * The table that lists them is DW_EVENT_TYPE_LIST (proto/event.h): a row of class CHILD demands one entry here, so
 * schema, row and file cannot drift apart: a row without a file does not link, a file without a row does not compile.
 * To add a type: the schema, that row, one file. */

#include "handlers/chronology.h"

/* Opens the definition of an entry: DW_HANDLER(VISIT_DONE) = {...}; */
#define DW_HANDLER(E) const dw_handler dw_handler_##E

#define DW_HANDLER_ROW_CHILD(E) extern DW_HANDLER(E);
#define DW_HANDLER_ROW_ACK(E)
#define DW_HANDLER_ROW_CONTROL(E)
#define DW_HANDLER_ROW_MOVE(E)
#define DW_HANDLER_ROW_RESERVED(E)
#define X(e, n, s, c) DW_HANDLER_ROW_##c(e)
DW_EVENT_TYPE_LIST(X)
#undef X
#undef DW_HANDLER_ROW_CHILD

/* For handlers without named date or instant fields. */
extern const uint16_t dw_no_fields[];

#pragma once
/* batch.h: a pipeline of Redis commands being put together. Arguments are borrowed or copied into the batch's arena; they and
 * the calls stay valid until the next reset. Out of memory turns `failed`, which dw_batch_finish() tells. */

#include "daemon/shard/shard.h"

typedef struct dw_batch {
    dw_arena *arena; /* borrowed: where copies go */
    dw_call *calls;
    size_t *starts; /* first argument of each call */
    size_t call_count, call_cap;
    dw_str *args;
    size_t arg_count, arg_cap;
    bool failed;
} dw_batch;

void dw_batch_init(dw_batch *batch, dw_arena *arena);
void dw_batch_deinit(dw_batch *batch);
void dw_batch_reset(dw_batch *batch);
void dw_batch_call(dw_batch *batch, const char *verb); /* begins a command */
void dw_batch_arg(dw_batch *batch, dw_str arg);        /* borrowed */
void dw_batch_text(dw_batch *batch, const char *arg);  /* borrowed */
void dw_batch_copy(dw_batch *batch, dw_str arg);
void dw_batch_number(dw_batch *batch, int64_t n);
bool dw_batch_finish(dw_batch *batch); /* argv of all calls are set; false: out of memory */

/* redis_spare.c: buffers of pipelines, kept for the next while many commit. */

#include "daemon/redis.h"
#include "proto/limits.h"

#define STEP ((size_t)256 * 1024) /* smaller ones come from the heap, which does not give them back */

char *dw_redis_spares_take(dw_redis_spares *spares, size_t bytes, size_t *size)
{
    for (size_t i = 0; bytes >= STEP && i < spares->count; i++) {
        if (spares->kept[i].size < bytes)
            continue;
        char *data = spares->kept[i].data;
        *size = spares->kept[i].size;
        spares->bytes -= *size;
        spares->kept[i] = spares->kept[--spares->count];
        return data;
    }
    if (bytes >= STEP && spares->count != 0) { /* all are too small: one less of them */
        spares->bytes -= spares->kept[--spares->count].size;
        free(spares->kept[spares->count].data);
    }
    *size = bytes < STEP ? bytes : (bytes + STEP - 1) / STEP * STEP;
    return malloc(*size);
}

void dw_redis_spares_give(dw_redis_spares *spares, char *data, size_t size)
{
    if (data == NULL || size < STEP || spares->count == DW_REDIS_SPARES_MAX ||
        spares->bytes + size > DW_REDIS_PIPELINE_BYTES_KEEP) {
        free(data);
        return;
    }
    spares->kept[spares->count].data = data;
    spares->kept[spares->count].size = size;
    spares->count++;
    spares->bytes += size;
}

void dw_redis_spares_release(dw_redis_spares *spares)
{
    while (spares->count != 0)
        free(spares->kept[--spares->count].data);
    spares->bytes = 0;
}

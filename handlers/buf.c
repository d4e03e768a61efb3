/* buf.c: the growing byte buffer of record.h. */

#include "handlers/record.h"

#include <stdlib.h>

bool dw_buf_reserve(dw_buf *buf, size_t more)
{
    if (buf->cap - buf->len >= more)
        return true;
    if (more > SIZE_MAX / 4 || buf->len > SIZE_MAX / 4)
        return false;
    size_t cap = buf->cap < 1024 ? 1024 : buf->cap;
    while (cap - buf->len < more)
        cap *= 2;
    uint8_t *data = realloc(buf->data, cap);
    if (data == NULL)
        return false;
    buf->data = data;
    buf->cap = cap;
    return true;
}

bool dw_buf_append(dw_buf *buf, const void *data, size_t len)
{
    if (!dw_buf_reserve(buf, len))
        return false;
    if (len != 0)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    return true;
}

void dw_buf_deinit(dw_buf *buf)
{
    free(buf->data);
    *buf = (dw_buf){0};
}

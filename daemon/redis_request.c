/* redis_request.c: commands as Redis reads them (RESP arrays of bulk strings), a whole pipeline in one go. */

#include "daemon/redis.h"

static size_t digits(size_t n)
{
    size_t d = 1;
    for (; n >= 10; n /= 10)
        d++;
    return d;
}

static char *put_number(char *at, char mark, size_t n)
{
    size_t d = digits(n);
    *at = mark;
    for (size_t i = d; i > 0; i--, n /= 10)
        at[i] = (char)('0' + n % 10);
    at[d + 1] = '\r';
    at[d + 2] = '\n';
    return at + d + 3;
}

size_t dw_redis_calls_bytes(const dw_call *calls, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += 3 + digits(calls[i].argc);
        for (uint32_t a = 0; a < calls[i].argc; a++)
            bytes += 5 + digits(calls[i].argv[a].len) + calls[i].argv[a].len;
    }
    return bytes;
}

void dw_redis_calls_write(const dw_call *calls, size_t count, char *out, size_t *ends)
{
    char *at = out;
    for (size_t i = 0; i < count; i++) {
        at = put_number(at, '*', calls[i].argc);
        for (uint32_t a = 0; a < calls[i].argc; a++) {
            dw_str arg = calls[i].argv[a];
            at = put_number(at, '$', arg.len);
            if (arg.len != 0)
                memcpy(at, arg.ptr, arg.len);
            at += arg.len;
            *at++ = '\r';
            *at++ = '\n';
        }
        ends[i] = (size_t)(at - out);
    }
}

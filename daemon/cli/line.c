/* line.c: see line.h. */

#include "daemon/cli/line.h"

#include "proto/encode.h"
#include "proto/json.h"

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
        at++;
    return at;
}

/* The value behind the first `"name" :` of the line; NULL when there is none. Quotes within a JSON string are escaped, so
 * the quoted name is either this key or a whole string value, which no colon follows. */
static const char *find_member(const char *line, const char *end, const char *quoted)
{
    size_t n = strlen(quoted);
    const char *at = line;
    while ((at = memmem(at, (size_t)(end - at), quoted, n)) != NULL) {
        at = skip_space(at + n, end);
        if (at < end && *at == ':')
            return skip_space(at + 1, end);
    }
    return NULL;
}

void dw_line_look(const char *line, size_t len, dw_line_front *out)
{
    const char *end = line + len;
    *out = (dw_line_front){.log_time_us = DW_LINE_NO_TIME, .partition = DW_LINE_NO_PARTITION};
    out->policy_set = memmem(line, len, "\"policy_set\"", 12) != NULL;
    const char *at = find_member(line, end, "\"log_time\"");
    if (at != NULL && at < end && *at == '"') {
        const char *stop = memchr(at + 1, '"', (size_t)(end - at - 1));
        int64_t us = 0;
        if (stop != NULL && dw_instant_parse((dw_str){at + 1, (uint32_t)(stop - at - 1)}, &us))
            out->log_time_us = us;
    }
    at = find_member(line, end, "\"partition\"");
    int32_t number = 0;
    int digits = 0;
    for (; at != NULL && at < end && *at >= '0' && *at <= '9' && digits < 6; at++, digits++)
        number = number * 10 + (*at - '0');
    if (digits > 0)
        out->partition = number;
}

size_t dw_lines_next(dw_lines *in)
{
    ssize_t n;
    while ((n = getline(&in->line, &in->cap, in->file)) >= 0) {
        in->number++;
        while (n > 0 && (in->line[n - 1] == '\n' || in->line[n - 1] == '\r'))
            n--;
        if (skip_space(in->line, in->line + n) != in->line + n)
            return (size_t)n;
    }
    return 0;
}

/* Only a long line can make a record that is too long: JSON says everything in more bytes than protobuf. */
static dw_errc check_size(const dw_event *ev, size_t len, dw_arena *arena, dw_error *err)
{
    const uint8_t *value = NULL;
    size_t bytes = 0;
    size_t max = ev->type == DW_EV_POLICY_SET ? DW_POLICY_BYTES_MAX : DW_EVENT_BYTES_MAX;
    if (len <= max)
        return DW_OK;
    dw_errc code = dw_event_encode(ev, arena, &value, &bytes, err);
    if (code == DW_OK && bytes > max)
        code = dw_fail(err, DW_E_TOO_BIG, "the record would have %zu bytes; at most %zu are allowed", bytes, max);
    return code;
}

dw_errc dw_line_read(const char *line, size_t len, dw_arena *arena, dw_event *out, int64_t *log_time_us, dw_error *err)
{
    int64_t at_us = 0;
    *log_time_us = DW_LINE_NO_TIME;
    if (len > DW_LINE_BYTES_MAX)
        return dw_fail(err, DW_E_TOO_BIG, "the line is longer than any event");
    dw_errc code = dw_event_from_json(line, len, arena, out, &at_us, err);
    if (code == DW_OK) {
        *log_time_us = at_us != 0 ? at_us : DW_LINE_NO_TIME;
        return check_size(out, len, arena, err);
    }
    dw_line_front front;
    dw_line_look(line, len, &front);
    *log_time_us = front.log_time_us;
    return code;
}

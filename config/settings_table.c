/* settings_table.c: the rows of settings.def, and the checks of texts. */

#include "config/settings_table.h"

#include "handlers/calendar.h"
#include "proto/json.h"

#define RELOAD true
#define RESTART false
#define DW_SECTION(k, h) {.type = DW_SETTING_SECTION, .key = k, .help = h},
#define DW_KEY_MAP(k, h) {.type = DW_SETTING_MAP, .key = k, .help = h},
#define TEXT(t, f, k, d, c, r, h)                                                                                      \
    {.type = t, .key = k, .help = h, .offset = offsetof(dw_settings, f), .reload = r, .check = c, .text = d},
#define DW_KEY_STR(f, k, d, c, r, h) TEXT(DW_SETTING_STR, f, k, d, c, r, h)
#define DW_KEY_PATH(f, k, d, c, r, h) TEXT(DW_SETTING_PATH, f, k, d, c, r, h)
#define DW_KEY_SECRET(f, k, d, r, h) TEXT(DW_SETTING_SECRET, f, k, d, DW_CHECK_NONE, r, h)
#define DW_KEY_INT(f, k, d, lo, hi, u, r, h)                                                                           \
    {.type = DW_SETTING_INT,                                                                                           \
     .key = k,                                                                                                         \
     .help = h,                                                                                                        \
     .offset = offsetof(dw_settings, f),                                                                               \
     .reload = r,                                                                                                      \
     .number = d,                                                                                                      \
     .min = lo,                                                                                                        \
     .max = hi,                                                                                                        \
     .unit = u},
#define DW_KEY_BOOL(f, k, d, r, h)                                                                                     \
    {.type = DW_SETTING_BOOL, .key = k, .help = h, .offset = offsetof(dw_settings, f), .reload = r, .number = d},
#define DW_KEY_ENUM(f, k, d, c, r, h)                                                                                  \
    {.type = DW_SETTING_ENUM,                                                                                          \
     .key = k,                                                                                                         \
     .help = h,                                                                                                        \
     .offset = offsetof(dw_settings, f),                                                                               \
     .reload = r,                                                                                                      \
     .text = c,                                                                                                        \
     .number = d},

const dw_setting dw_setting_table[] = {
#include "config/settings.def"
};
const size_t dw_setting_count = sizeof(dw_setting_table) / sizeof(dw_setting_table[0]);

const char *dw_setting_leaf(const dw_setting *row)
{
    const char *dot = strrchr(row->key, '.');
    return dot != NULL ? dot + 1 : row->key;
}

unsigned dw_setting_depth(const dw_setting *row)
{
    unsigned depth = 0;
    for (const char *c = row->key; *c != '\0'; c++)
        depth += *c == '.';
    return depth;
}

static void *field(dw_settings *settings, const dw_setting *row)
{
    return (char *)settings + row->offset;
}
char **dw_setting_str(dw_settings *settings, const dw_setting *row)
{
    return field(settings, row);
}
int64_t *dw_setting_int(dw_settings *settings, const dw_setting *row)
{
    return field(settings, row);
}
bool *dw_setting_bool(dw_settings *settings, const dw_setting *row)
{
    return field(settings, row);
}
int *dw_setting_enum(dw_settings *settings, const dw_setting *row)
{
    return field(settings, row);
}

dw_str dw_setting_choice(const dw_setting *row, int i)
{
    const char *at = row->text;
    for (; i > 0 && at != NULL; i--) {
        at = strchr(at, '|');
        at = at != NULL ? at + 1 : NULL;
    }
    if (at == NULL)
        return (dw_str){0};
    return (dw_str){at, (uint32_t)strcspn(at, "|")};
}

static bool all_of(dw_str s, const char *extra)
{
    for (uint32_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alnum && (c == '\0' || strchr(extra, c) == NULL))
            return false;
    }
    return true;
}

static bool starts(dw_str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.len >= n && memcmp(s.ptr, prefix, n) == 0;
}

/* "host:port" or "[v6]:port"; *host without brackets. */
static bool split_host_port(dw_str s, dw_str *host)
{
    uint32_t colon = s.len;
    while (colon > 0 && s.ptr[colon - 1] != ':')
        colon--;
    if (colon < 2 || s.len - colon < 1 || s.len - colon > 5)
        return false;
    unsigned port = 0;
    for (uint32_t i = colon; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        port = port * 10 + (unsigned)(s.ptr[i] - '0');
    }
    *host = (dw_str){s.ptr, colon - 1};
    if (host->ptr[0] == '[' && host->len > 2 && host->ptr[host->len - 1] == ']') {
        *host = (dw_str){host->ptr + 1, host->len - 2};
        return port >= 1 && port <= 65535 && all_of(*host, ":.%");
    }
    return port >= 1 && port <= 65535 && all_of(*host, ".-_");
}

static const char *check_brokers(dw_str value)
{
    uint32_t from = 0;
    for (uint32_t i = 0; i <= value.len; i++) {
        if (i < value.len && value.ptr[i] != ',')
            continue;
        dw_str host, one = {value.ptr + from, i - from};
        while (one.len > 0 && one.ptr[0] == ' ') {
            one.ptr++;
            one.len--;
        }
        if (!split_host_port(one, &host))
            return "must be host:port, several separated by commas";
        from = i + 1;
    }
    return NULL;
}

static bool unix_address(dw_str value, const char **wrong)
{
    if (!starts(value, "unix:"))
        return false;
    if (value.len < 7 || value.ptr[5] != '/')
        *wrong = "must have an absolute path behind unix:";
    else if (value.len - 5 > 107)
        *wrong = "may have 107 bytes of path at most";
    return true;
}

static const char *check_redis(dw_str value)
{
    const char *wrong = NULL;
    dw_str host;
    if (unix_address(value, &wrong))
        return wrong;
    return split_host_port(value, &host) ? NULL : "must be unix:/path or host:port";
}

static const char *check_listen(dw_str value)
{
    const char *wrong = NULL;
    dw_str host;
    if (dw_str_eq(value, DW_STR_LIT("off")) || unix_address(value, &wrong))
        return wrong;
    if (!split_host_port(value, &host))
        return "must be host:port, unix:/path or off";
    bool local = dw_str_eq(host, DW_STR_LIT("localhost")) || dw_str_eq(host, DW_STR_LIT("::1")) || starts(host, "127.");
    return local ? NULL
                 : "must be an address of this machine (127.0.0.1, ::1, localhost): metrics have no password; put a "
                   "reverse proxy in front";
}

bool dw_cut_over_parse(dw_str value, int64_t *us)
{
    int32_t day;
    *us = 0;
    if (value.len == 0)
        return true;
    if (dw_date_parse(value, &day)) {
        *us = dw_london_start_us(day);
        return true;
    }
    return dw_instant_parse(value, us);
}

const char *dw_setting_check(dw_check check, dw_str value)
{
    int64_t us;
    switch (check) {
    case DW_CHECK_NONE:
        return NULL;
    case DW_CHECK_NOT_EMPTY:
        return value.len != 0 ? NULL : "must not be empty";
    case DW_CHECK_ROLES:
        return dw_str_eq(value, DW_STR_LIT("watch")) ? NULL : "may only be watch in this version";
    case DW_CHECK_BROKERS:
        return check_brokers(value);
    case DW_CHECK_TOPIC:
        if (value.len == 0 || value.len > 249 || !all_of(value, "._-") || dw_str_eq(value, DW_STR_LIT(".")) ||
            dw_str_eq(value, DW_STR_LIT("..")))
            return "must be a Kafka topic name: 1 to 249 letters, digits, '.', '_' or '-'";
        return NULL;
    case DW_CHECK_NAME:
        return value.len >= 1 && value.len <= 200 && all_of(value, "._-")
                   ? NULL
                   : "must be 1 to 200 letters, digits, '.', '_' or '-'";
    case DW_CHECK_NAME_OR_EMPTY:
        return value.len <= 200 && all_of(value, "._-@") ? NULL
                                                         : "must be at most 200 letters, digits, '.', '_', '-' or '@'";
    case DW_CHECK_PREFIX:
        return value.len >= 1 && value.len <= 32 && all_of(value, "._-")
                   ? NULL
                   : "must be 1 to 32 letters, digits, '.', '_' or '-'";
    case DW_CHECK_REDIS:
        return check_redis(value);
    case DW_CHECK_LISTEN:
        return check_listen(value);
    case DW_CHECK_CUT_OVER:
        return dw_cut_over_parse(value, &us)
                   ? NULL
                   : "must be a date (2027-01-04) or an instant with offset (2027-01-04T08:00:00Z)";
    }
    return NULL;
}

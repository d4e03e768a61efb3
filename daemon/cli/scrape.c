/* scrape.c: see scrape.h. */

#include "daemon/cli/scrape.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int connect_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static int connect_tcp(const char *listen_at)
{
    char host[128];
    const char *colon = strrchr(listen_at, ':');
    size_t len = colon != NULL ? (size_t)(colon - listen_at) : 0;
    if (len == 0 || len >= sizeof(host)) {
        errno = EINVAL;
        return -1;
    }
    memcpy(host, listen_at, len);
    host[len] = '\0';
    char *name = host;
    if (name[0] == '[' && name[len - 1] == ']') { /* [::1] */
        name[len - 1] = '\0';
        name++;
    }
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    if (getaddrinfo(name, colon + 1, &hints, &list) != 0) {
        errno = EHOSTUNREACH;
        return -1;
    }
    int fd = -1;
    for (struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    return fd;
}

static char *read_all(int fd)
{
    size_t cap = 65536;
    size_t len = 0;
    char *text = malloc(cap);
    while (text != NULL) {
        ssize_t n = read(fd, text + len, cap - len - 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        len += (size_t)n;
        if (cap - len < 4096) {
            if (cap >= DW_SCRAPE_BYTES_MAX)
                break;
            char *more = realloc(text, cap * 2);
            if (more == NULL)
                break;
            text = more;
            cap *= 2;
        }
    }
    if (text != NULL)
        text[len] = '\0';
    return text;
}

char *dw_scrape(const dw_settings *settings, dw_error *err)
{
    const char *at = settings->http_listen;
    if (strcmp(at, "off") == 0) {
        dw_fail(err, DW_E_CONFIG, "http.listen is off: the daemon shows no figures");
        return NULL;
    }
    int fd = strncmp(at, "unix:", 5) == 0 ? connect_unix(at + 5) : connect_tcp(at);
    if (fd < 0) {
        dw_fail(err, DW_E_IO, "daemon at %s: %s", at, strerror(errno));
        return NULL;
    }
    struct timeval timeout = {.tv_sec = 5};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    static const char request[] = "GET /metrics HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    char *page = NULL;
    if (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) == (ssize_t)sizeof(request) - 1)
        page = read_all(fd);
    close(fd);
    if (page == NULL || strncmp(page, "HTTP/1.", 7) != 0 || strstr(page, " 200 ") == NULL) {
        free(page);
        dw_fail(err, DW_E_IO, "daemon at %s: no figures", at);
        return NULL;
    }
    return page;
}

/* The next line that is a sample of `name` and names the partition; NULL behind the last. */
static const char *sample(const char *from, const char *name, int32_t partition)
{
    char label[40];
    snprintf(label, sizeof(label), "partition=\"%d\"", (int)partition);
    size_t name_len = strlen(name);
    for (const char *at = strstr(from, name); at != NULL; at = strstr(at + 1, name)) {
        const char *end = strchr(at, '\n');
        const char *found = strstr(at, label);
        if (at != from && at[-1] == '\n' && at[name_len] == '{' && end != NULL && found != NULL && found < end)
            return at;
    }
    return NULL;
}

double dw_scrape_value(const char *page, const char *name, int32_t partition, double absent)
{
    const char *at = sample(page, name, partition);
    const char *close = at != NULL ? strchr(at, '}') : NULL;
    return close != NULL ? strtod(close + 1, NULL) : absent;
}

void dw_scrape_hold(const char *page, int32_t partition, char *out, size_t size)
{
    static const char name[] = "driftwatch_shard_hold";
    out[0] = '\0';
    for (const char *at = sample(page, name, partition); at != NULL; at = sample(at + 1, name, partition)) {
        const char *close = strchr(at, '}');
        const char *hold = strstr(at, "hold=\"");
        if (close == NULL || hold == NULL || hold > close || !(strtod(close + 1, NULL) > 0))
            continue;
        hold += 6;
        size_t len = strcspn(hold, "\"");
        if (len >= size)
            len = size - 1;
        memcpy(out, hold, len);
        out[len] = '\0';
        return;
    }
}

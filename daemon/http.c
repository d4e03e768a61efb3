/* http.c: three pages on evhttp, with the limits evhttp 2.1 does not have: connections, and how long one may live. */

#include "daemon/http.h"

#include "proto/limits.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <netdb.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* evhttp 2.1 tells nobody that a connection ended, and a reference to its bufferevent would keep reading from a descriptor
 * that is closed and perhaps somebody else's. So a connection is known by its descriptor and the socket behind it. */
typedef struct connection {
    int fd; /* -1: free slot */
    ino_t inode;
    int64_t since_us;
} connection;

struct dw_http {
    dw_loop *loop;
    dw_log *log;
    struct evhttp *server;
    struct evhttp_bound_socket *socket;
    dw_http_handler *handler;
    void *user;
    dw_timer reaper;
    char *unix_path;
    connection connections[DW_HTTP_CONNECTIONS_MAX];
    size_t open;
    struct bufferevent *accepted[DW_HTTP_CONNECTIONS_MAX]; /* in this turn */
    size_t accepted_count;
    dw_later note;
};

static bool same_socket(const connection *c)
{
    struct stat st;
    return fstat(c->fd, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_ino == c->inode;
}

/* Forgets ended connections, and ends those that have lived too long: a client that sends or reads a byte now and then
 * would stay for ever, since evhttp's timeout is per read. */
static void reap(void *user)
{
    dw_http *http = user;
    int64_t now_us = dw_now_read().boot_us;
    for (size_t i = 0; i < DW_HTTP_CONNECTIONS_MAX; i++) {
        connection *c = &http->connections[i];
        if (c->fd < 0)
            continue;
        if (!same_socket(c)) {
            c->fd = -1;
            http->open--;
        } else if (now_us - c->since_us >= DW_HTTP_LIFETIME_US) {
            shutdown(c->fd, SHUT_RDWR); /* evhttp sees its end and closes it */
        }
    }
    bool full = http->open >= DW_HTTP_CONNECTIONS_MAX;
    if (!full)
        evconnlistener_enable(evhttp_bound_socket_get_listener(http->socket));
    dw_timer_arm(&http->reaper, full ? 100000 : 1000000);
}

/* Runs in the turn of the accept, before anything was read: the bufferevents are still there. */
static void note_accepted(void *user)
{
    dw_http *http = user;
    for (size_t a = 0; a < http->accepted_count; a++) {
        struct stat st;
        int fd = bufferevent_getfd(http->accepted[a]);
        if (fd < 0 || fstat(fd, &st) != 0) {
            http->open--;
            continue;
        }
        for (size_t i = 0; i < DW_HTTP_CONNECTIONS_MAX; i++) {
            if (http->connections[i].fd >= 0)
                continue;
            http->connections[i] = (connection){fd, st.st_ino, dw_now_read().boot_us};
            break;
        }
    }
    http->accepted_count = 0;
}

/* Called for each accepted connection. At the cap we stop accepting: others wait in the kernel's short queue. */
static struct bufferevent *on_accept(struct event_base *base, void *arg)
{
    dw_http *http = arg;
    struct bufferevent *bev = bufferevent_socket_new(base, -1, 0);
    if (bev == NULL || http->open >= DW_HTTP_CONNECTIONS_MAX)
        return bev;
    http->accepted[http->accepted_count++] = bev;
    http->open++;
    dw_loop_later(http->loop, &http->note, note_accepted, http);
    if (http->open == DW_HTTP_CONNECTIONS_MAX) {
        evconnlistener_disable(evhttp_bound_socket_get_listener(http->socket));
        dw_timer_arm(&http->reaper, 100000);
    }
    return bev;
}

static const struct {
    const char *path;
    dw_http_page page;
} routes[] = {{"/metrics", DW_HTTP_METRICS}, {"/livez", DW_HTTP_LIVEZ}, {"/readyz", DW_HTTP_READYZ}};

static bool query_verbose(const struct evhttp_uri *uri)
{
    const char *query = evhttp_uri_get_query(uri);
    return query != NULL && (strcmp(query, "verbose") == 0 || strncmp(query, "verbose=", 8) == 0);
}

static void reply(struct evhttp_request *request, int status, const char *type, const char *text, size_t len)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    evhttp_add_header(headers, "Content-Type", type);
    evhttp_add_header(headers, "Connection", "close");
    evhttp_add_header(headers, "Cache-Control", "no-store");
    evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
    struct evbuffer *body = evhttp_request_get_output_buffer(request);
    if (evhttp_request_get_command(request) == EVHTTP_REQ_HEAD) {
        char length[24];
        snprintf(length, sizeof(length), "%zu", len);
        evhttp_add_header(headers, "Content-Length", length);
    } else if (len > 0) {
        evbuffer_add(body, text, len);
    }
    evhttp_send_reply(request, status, NULL, NULL);
}

static void reply_text(struct evhttp_request *request, int status, const char *text)
{
    reply(request, status, "text/plain; charset=utf-8", text, strlen(text));
}

static void on_request(struct evhttp_request *request, void *arg)
{
    dw_http *http = arg;
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const char *path = uri != NULL ? evhttp_uri_get_path(uri) : NULL;
    if (path == NULL || evhttp_uri_get_host(uri) != NULL ||
        evbuffer_get_length(evhttp_request_get_input_buffer(request)) > 0) {
        reply_text(request, 400, "bad request\n");
        return;
    }
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (strcmp(path, routes[i].path) != 0)
            continue;
        dw_http_answer answer = {.status = 200, .content_type = "text/plain; charset=utf-8"};
        http->handler(http->user, routes[i].page, query_verbose(uri), &answer);
        if (answer.text == NULL)
            reply_text(request, 500, "out of memory\n");
        else
            reply(request, answer.status, answer.content_type, answer.text, answer.len);
        free(answer.text);
        return;
    }
    reply_text(request, 404, "not found: /metrics, /livez and /readyz are here\n");
}

static bool is_loopback(const struct sockaddr *sa)
{
    if (sa->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)sa)->sin_addr.s_addr) >> 24 == 127;
    if (sa->sa_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr);
    return false;
}

static dw_errc listen_tcp(dw_http *http, const char *listen_at, dw_error *err)
{
    const char *colon = strrchr(listen_at, ':');
    if (colon == NULL || colon == listen_at)
        return dw_fail(err, DW_E_CONFIG, "http.listen: %s is not host:port", listen_at);
    char host[256];
    size_t n = (size_t)(colon - listen_at);
    if (listen_at[0] == '[' && n >= 2 && colon[-1] == ']')
        snprintf(host, sizeof(host), "%.*s", (int)(n - 2), listen_at + 1);
    else
        snprintf(host, sizeof(host), "%.*s", (int)n, listen_at);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *list = NULL;
    int rc = getaddrinfo(host, colon + 1, &hints, &list);
    if (rc != 0)
        return dw_fail(err, DW_E_CONFIG, "http.listen: %s: %s", listen_at, gai_strerror(rc));
    dw_errc result = DW_OK;
    if (!is_loopback(list->ai_addr)) {
        result = dw_fail(err, DW_E_CONFIG,
                         "http.listen: %s is not an address of this machine only; use 127.0.0.1:PORT, "
                         "or unix:/path behind a reverse proxy",
                         listen_at);
    } else {
        char literal[INET6_ADDRSTRLEN];
        getnameinfo(list->ai_addr, list->ai_addrlen, literal, sizeof(literal), NULL, 0, NI_NUMERICHOST);
        http->socket = evhttp_bind_socket_with_handle(http->server, literal, (ev_uint16_t)strtoul(colon + 1, NULL, 10));
        if (http->socket == NULL)
            result = dw_fail(err, DW_E_IO, "http.listen: %s: %s", listen_at, strerror(errno));
    }
    freeaddrinfo(list);
    return result;
}

/* A socket file that a dead process left behind is removed; one that answers is not ours to take. */
static bool in_use(const struct sockaddr_un *sa, socklen_t len)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool used = fd >= 0 && connect(fd, (const struct sockaddr *)sa, len) == 0;
    if (fd >= 0)
        close(fd);
    return used;
}

static dw_errc listen_unix(dw_http *http, const char *path, dw_error *err)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(sa.sun_path))
        return dw_fail(err, DW_E_CONFIG, "http.listen: %s is too long a path for a unix socket", path);
    memcpy(sa.sun_path, path, strlen(path) + 1);
    if (in_use(&sa, sizeof(sa)))
        return dw_fail(err, DW_E_IO, "http.listen: %s: another process listens there", path);
    struct stat st;
    if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
        unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0 || chmod(path, 0660) != 0 || listen(fd, 16) != 0) {
        dw_errc rc = dw_fail(err, DW_E_IO, "http.listen: %s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return rc;
    }
    http->socket = evhttp_accept_socket_with_handle(http->server, fd);
    if (http->socket == NULL) {
        close(fd);
        return dw_fail(err, DW_E_NOMEM, "http.listen: no memory");
    }
    http->unix_path = strdup(path);
    return DW_OK;
}

dw_http *dw_http_new(dw_loop *loop, dw_log *log, const char *listen_at, dw_http_handler *handler, void *user,
                     dw_error *err)
{
    dw_http *http = calloc(1, sizeof(*http));
    if (http != NULL) {
        http->loop = loop;
        http->server = evhttp_new(dw_loop_base(loop));
    }
    if (http == NULL || http->server == NULL || !dw_timer_init(&http->reaper, loop, reap, http)) {
        dw_fail(err, DW_E_NOMEM, "http: no memory");
        dw_http_free(&http);
        return NULL;
    }
    for (size_t i = 0; i < DW_HTTP_CONNECTIONS_MAX; i++)
        http->connections[i].fd = -1;
    http->log = log;
    http->handler = handler;
    http->user = user;
    evhttp_set_allowed_methods(http->server, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
    evhttp_set_max_headers_size(http->server, DW_HTTP_HEADER_BYTES_MAX);
    evhttp_set_max_body_size(http->server, DW_HTTP_BODY_BYTES_MAX);
    evhttp_set_timeout(http->server, DW_HTTP_TIMEOUT_S);
    evhttp_set_gencb(http->server, on_request, http);
    evhttp_set_bevcb(http->server, on_accept, http);
    dw_errc rc =
        strncmp(listen_at, "unix:", 5) == 0 ? listen_unix(http, listen_at + 5, err) : listen_tcp(http, listen_at, err);
    if (rc != DW_OK)
        dw_http_free(&http);
    else
        dw_timer_arm(&http->reaper, 1000000);
    return http;
}

void dw_http_free(dw_http **http)
{
    if (*http == NULL)
        return;
    dw_loop_later_cancel((*http)->loop, &(*http)->note);
    dw_timer_deinit(&(*http)->reaper);
    if ((*http)->server != NULL)
        evhttp_free((*http)->server);
    if ((*http)->unix_path != NULL)
        unlink((*http)->unix_path);
    free((*http)->unix_path);
    free(*http);
    *http = NULL;
}

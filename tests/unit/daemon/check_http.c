/* The three pages over real sockets: what is answered, what is refused, what is bounded. */

#include "daemon/http.h"

#include "proto/limits.h"
#include "tests/support/suite.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct world {
    dw_loop *loop;
    dw_log *log;
    dw_http *http;
    char path[64];
    int status;
    int asked;
    bool verbose;
} world;

static void on_page(void *user, dw_http_page page, bool verbose, dw_http_answer *answer)
{
    world *w = user;
    w->asked++;
    w->verbose = verbose;
    answer->status = page == DW_HTTP_READYZ ? w->status : 200;
    answer->text = strdup(page == DW_HTTP_METRICS ? "metrics\n" : page == DW_HTTP_LIVEZ ? "alive\n" : "ready\n");
    answer->len = strlen(answer->text);
}

static void open_world(world *w)
{
    dw_error err;
    *w = (world){.loop = dw_loop_new(), .log = dw_log_new(stderr, DW_LOG_TEXT, DW_LOG_ERROR), .status = 200};
    snprintf(w->path, sizeof(w->path), "unix:/tmp/dw-check-http-%d", (int)getpid());
    w->http = dw_http_new(w->loop, w->log, w->path, on_page, w, &err);
    ck_assert_msg(w->http != NULL, "%s", err.text);
}

static void close_world(world *w)
{
    dw_http_free(&w->http);
    dw_loop_drain(w->loop);
    struct stat st;
    ck_assert_int_ne(stat(w->path + 5, &st), 0); /* the socket file is gone */
    dw_log_free(&w->log);
    dw_loop_free(&w->loop);
}

static int dial(const world *w)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    memcpy(sa.sun_path, w->path + 5, strlen(w->path + 5) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void turn(world *w, int times)
{
    for (int i = 0; i < times; i++) {
        event_base_loop(dw_loop_base(w->loop), EVLOOP_NONBLOCK);
        usleep(500);
    }
}

/* Sends, then reads until the server closes; what came is in `out`. */
static void talk(world *w, const char *request, size_t len, char *out, size_t max)
{
    int fd = dial(w);
    size_t got = 0;
    ck_assert_int_eq(write(fd, request, len), (ssize_t)len);
    for (int i = 0; i < 400; i++) {
        turn(w, 1);
        ssize_t n = read(fd, out + got, max - 1 - got);
        if (n == 0 || (n < 0 && errno != EAGAIN))
            break;
        if (n > 0)
            got += (size_t)n;
    }
    out[got] = '\0';
    close(fd);
    turn(w, 2);
}

static const struct {
    const char *request, *begins, *holds; /* holds NULL: nothing more is asked */
    int asked;
} talks[] = {
    {"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200", "\r\n\r\nmetrics\n", 1},
    {"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200", "\r\n\r\nalive\n", 1},
    {"GET /readyz?verbose HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200", "\r\n\r\nready\n", 1},
    {"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200", "Connection: close\r\n", 1},
    {"HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200", "Content-Length: 8\r\n", 1},
    {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404", NULL, 0},
    {"GET /metrics/ HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404", NULL, 0},
    {"GET /%6detrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404", NULL, 0},
    {"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab", "HTTP/1.1 501", NULL, 0},
    {"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab", "HTTP/1.1 400", NULL, 0},
    {"GET http://elsewhere/metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400", NULL, 0},
    {"nonsense\r\n\r\n", "", NULL, 0},
};

START_TEST(answers)
{
    world w;
    char out[4096];
    open_world(&w);
    talk(&w, talks[_i].request, strlen(talks[_i].request), out, sizeof(out));
    ck_assert_msg(strncmp(out, talks[_i].begins, strlen(talks[_i].begins)) == 0, "%s", out);
    if (talks[_i].holds != NULL)
        ck_assert_msg(strstr(out, talks[_i].holds) != NULL, "%s", out);
    ck_assert_int_eq(w.asked, talks[_i].asked);
    ck_assert_int_eq(w.verbose, strstr(talks[_i].request, "?verbose") != NULL);
    if (strncmp(talks[_i].request, "HEAD", 4) == 0)
        ck_assert_ptr_null(strstr(out, "metrics\n"));
    close_world(&w);
}
END_TEST

START_TEST(not_ready_is_503)
{
    world w;
    char out[4096];
    open_world(&w);
    w.status = 503;
    const char *request = "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n";
    talk(&w, request, strlen(request), out, sizeof(out));
    ck_assert_msg(strncmp(out, "HTTP/1.1 503", 12) == 0, "%s", out);
    close_world(&w);
}
END_TEST

START_TEST(big_headers_are_refused)
{
    world w;
    char out[4096];
    static char request[DW_HTTP_HEADER_BYTES_MAX * 2];
    open_world(&w);
    int n = snprintf(request, sizeof(request), "GET /metrics HTTP/1.1\r\nHost: x\r\nX: ");
    memset(request + n, 'a', sizeof(request) - (size_t)n - 4);
    memcpy(request + sizeof(request) - 4, "\r\n\r\n", 4);
    talk(&w, request, sizeof(request), out, sizeof(out));
    ck_assert_int_eq(w.asked, 0);
    close_world(&w);
}
END_TEST

static size_t open_descriptors(void)
{
    size_t n = 0;
    for (int fd = 0; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            n++;
    return n;
}

/* Once full, further clients wait; when the silent ones go, they are served. */
START_TEST(connections_are_capped)
{
    world w;
    open_world(&w);
    size_t before = open_descriptors();
    int silent[DW_HTTP_CONNECTIONS_MAX + 4];
    for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
        silent[i] = dial(&w);
        turn(&w, 2);
    }
    size_t clients = sizeof(silent) / sizeof(silent[0]);
    ck_assert_uint_eq(open_descriptors(), before + clients + DW_HTTP_CONNECTIONS_MAX);
    for (size_t i = 0; i < clients; i++)
        close(silent[i]);
    turn(&w, 400); /* the reaper looks every 100 ms while it is full */
    char out[4096];
    const char *request = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
    talk(&w, request, strlen(request), out, sizeof(out));
    ck_assert_msg(strncmp(out, "HTTP/1.1 200", 12) == 0, "%s", out);
    turn(&w, 20);
    ck_assert_uint_eq(open_descriptors(), before);
    close_world(&w);
}
END_TEST

static void on_stolen(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (*(int *)arg)++;
}

/* evhttp 2.1 closes a connection without taking its events off when somebody else holds its bufferevent; the next user of
 * the descriptor number must get all of its bytes. */
START_TEST(a_closed_connection_reads_nothing_more)
{
    world w;
    char out[4096];
    open_world(&w);
    const char *request = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
    talk(&w, request, strlen(request), out, sizeof(out));
    for (int round = 0; round < 20; round++) {
        int pair[2];
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
        int seen = 0;
        struct event *ev = event_new(dw_loop_base(w.loop), pair[0], EV_READ, on_stolen, &seen);
        event_add(ev, NULL);
        ck_assert_int_eq(write(pair[1], "12345678", 8), 8);
        turn(&w, 2);
        char bytes[16];
        ck_assert_int_eq(seen, 1);
        ck_assert_int_eq(read(pair[0], bytes, sizeof(bytes)), 8);
        event_free(ev);
        close(pair[0]);
        close(pair[1]);
        talk(&w, request, strlen(request), out, sizeof(out));
    }
    close_world(&w);
}
END_TEST

static const struct {
    const char *listen;
    bool ok;
} addresses[] = {
    {"127.0.0.1:0", true},   {"0.0.0.0:0", false}, {"localhost:0", true}, {"[::]:0", false},
    {"192.0.2.1:80", false}, {"nonsense", false},  {":80", false},
};

START_TEST(only_this_machine)
{
    dw_loop *loop = dw_loop_new();
    dw_log *log = dw_log_new(stderr, DW_LOG_TEXT, DW_LOG_ERROR);
    dw_error err = {.text = ""};
    dw_http *http = dw_http_new(loop, log, addresses[_i].listen, on_page, NULL, &err);
    ck_assert_msg((http != NULL) == addresses[_i].ok, "%s: %s", addresses[_i].listen, err.text);
    ck_assert(addresses[_i].ok || strlen(err.text) > 10);
    dw_http_free(&http);
    dw_log_free(&log);
    dw_loop_free(&loop);
}
END_TEST

START_TEST(a_socket_in_use_is_not_taken)
{
    world w;
    open_world(&w);
    dw_error err;
    dw_http *second = dw_http_new(w.loop, w.log, w.path, on_page, &w, &err);
    ck_assert_ptr_null(second);
    ck_assert_ptr_nonnull(strstr(err.text, "another process"));
    close_world(&w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http");
    TCase *tc = tcase_create("http");
    tcase_add_loop_test(tc, answers, 0, sizeof(talks) / sizeof(talks[0]));
    tcase_add_test(tc, not_ready_is_503);
    tcase_add_test(tc, big_headers_are_refused);
    tcase_add_test(tc, connections_are_capped);
    tcase_add_test(tc, a_closed_connection_reads_nothing_more);
    tcase_add_loop_test(tc, only_this_machine, 0, sizeof(addresses) / sizeof(addresses[0]));
    tcase_add_test(tc, a_socket_in_use_is_not_taken);
    tcase_set_timeout(tc, 30);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

#pragma once
/* http.h: /metrics, /livez and /readyz on a loopback address or a unix socket, by libevent's evhttp.
 *
 * GET and HEAD only, one request a connection, small headers, no bodies, a cap on connections and on their lifetime.
 * evhttp is not fit to face a network, so other addresses than loopback are refused. */

#include "daemon/log.h"
#include "daemon/loop.h"

typedef struct dw_http dw_http;

/* What a page says. `text` is taken over and freed. */
typedef struct dw_http_answer {
    int status; /* 200, 503 */
    const char *content_type;
    char *text; /* malloc'd */
    size_t len;
} dw_http_answer;

typedef enum dw_http_page { DW_HTTP_METRICS, DW_HTTP_LIVEZ, DW_HTTP_READYZ } dw_http_page;
/* verbose: the query asked for it. Leaves answer->text NULL when it could not be made (then 500). */
typedef void dw_http_handler(void *user, dw_http_page page, bool verbose, dw_http_answer *answer);

/* listen: "host:port", "unix:/path"; not "off". NULL with *err filled: not loopback, or the address is taken. */
dw_http *dw_http_new(dw_loop *loop, dw_log *log, const char *listen, dw_http_handler *handler, void *user,
                     dw_error *err);
void dw_http_free(dw_http **http);

/* redis.c: one connection's life: connect, log in, pipelines under a deadline, loss, another try. */

#include "daemon/redis.h"
#include "proto/limits.h"

#include <assert.h>
#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <hiredis/sds.h>
#include <netdb.h>
#include <stdlib.h>

struct dw_redis {
    dw_loop *loop;
    dw_log *log;
    char *path;    /* unix socket, or NULL */
    char host[64]; /* numeric, so that connecting never waits for a name server */
    int port;
    int database;
    char *user, *password; /* NULL: none */
    size_t links, up;
    dw_reply_pool pool;
    dw_redis_spares spares;
    size_t waiting; /* pipelines */
};

typedef struct pipeline {
    struct pipeline *next;
    uint64_t ticket;
    size_t count, got;
    char *out; /* formatted commands, in a buffer of `room` bytes; NULL once all are handed to hiredis */
    size_t room;
    size_t fed, fed_calls;
    dw_reply *replies;
    size_t ends[]; /* of each command in out */
} pipeline;

typedef enum link_state {
    LINK_DOWN,       /* waiting for the next try */
    LINK_CONNECTING, /* until the socket is there */
    LINK_LOGIN,      /* AUTH, SELECT, INFO */
    LINK_UP,
    LINK_CUT /* to be dropped at the end of the turn */
} link_state;

struct dw_redis_link {
    dw_redis *redis;
    int32_t partition;
    const dw_redis_handler *handler; /* NULL: freed by its owner */
    void *user;
    link_state state;
    redisAsyncContext *ac;
    void (*adapter_del_write)(void *privdata);
    dw_timer deadline, retry;
    dw_later drop, fail_idle, free_later, shrink;
    bool told_down;
    bool in_callback;
    int64_t retry_us;
    pipeline *first, *last;
    dw_reply_arena arena;
    char run_id[48];
    char reason[160]; /* why it was cut */
};

/* --- dw_redis */

static dw_errc resolve(dw_redis *redis, const char *address, dw_error *err)
{
    const char *colon = strrchr(address, ':');
    if (colon == NULL || colon == address || (size_t)(colon - address) >= 256)
        return dw_fail(err, DW_E_CONFIG, "redis.address: %s is neither unix:/path nor host:port", address);
    char name[256];
    size_t n = (size_t)(colon - address);
    bool bracket = address[0] == '[' && n > 2 && colon[-1] == ']';
    snprintf(name, sizeof(name), "%.*s", (int)(bracket ? n - 2 : n), address + (bracket ? 1 : 0));
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int rc = getaddrinfo(name, colon + 1, &hints, &list);
    if (rc != 0)
        return dw_fail(err, DW_E_IO, "redis.address: %s: %s", address, gai_strerror(rc));
    rc = getnameinfo(list->ai_addr, list->ai_addrlen, redis->host, sizeof(redis->host), NULL, 0, NI_NUMERICHOST);
    freeaddrinfo(list);
    if (rc != 0)
        return dw_fail(err, DW_E_IO, "redis.address: %s: %s", address, gai_strerror(rc));
    redis->port = (int)strtol(colon + 1, NULL, 10);
    return DW_OK;
}

dw_redis *dw_redis_new(dw_loop *loop, dw_log *log, const dw_settings *settings, dw_error *err)
{
    dw_redis *redis = calloc(1, sizeof(*redis));
    if (redis == NULL) {
        dw_fail(err, DW_E_NOMEM, "redis: no memory");
        return NULL;
    }
    redis->loop = loop;
    redis->log = log;
    redis->database = (int)settings->redis_database;
    dw_errc rc = DW_OK;
    if (strncmp(settings->redis_address, "unix:", 5) == 0)
        redis->path = strdup(settings->redis_address + 5);
    else
        rc = resolve(redis, settings->redis_address, err);
    if (rc == DW_OK && settings->redis_user != NULL && settings->redis_user[0] != '\0')
        redis->user = strdup(settings->redis_user);
    size_t len = 0;
    if (rc == DW_OK && settings->redis_password_file != NULL && settings->redis_password_file[0] != '\0')
        rc = dw_secret_read(settings->redis_password_file, &redis->password, &len, err);
    if (rc != DW_OK)
        dw_redis_free(&redis);
    return redis;
}

void dw_redis_free(dw_redis **redis)
{
    if (*redis == NULL)
        return;
    assert((*redis)->links == 0);
    dw_reply_pool_deinit(&(*redis)->pool);
    dw_redis_spares_release(&(*redis)->spares);
    free((*redis)->path);
    free((*redis)->user);
    if ((*redis)->password != NULL)
        explicit_bzero((*redis)->password, strlen((*redis)->password));
    free((*redis)->password);
    free(*redis);
    *redis = NULL;
}

size_t dw_redis_up(const dw_redis *redis)
{
    return redis->up;
}

size_t dw_redis_links(const dw_redis *redis)
{
    return redis->links;
}

/* --- pipelines */

static void pipeline_free(dw_redis *redis, pipeline *p)
{
    dw_redis_spares_give(&redis->spares, p->out, p->room);
    free(p->replies);
    free(p);
    if (--redis->waiting == 0)
        dw_redis_spares_release(&redis->spares);
}

static pipeline *pipeline_new(dw_redis *redis, uint64_t ticket, const dw_call *calls, size_t count)
{
    size_t bytes = dw_redis_calls_bytes(calls, count);
    pipeline *p = malloc(sizeof(*p) + count * sizeof(p->ends[0]));
    if (p == NULL)
        return NULL;
    *p = (pipeline){.ticket = ticket, .count = count};
    redis->waiting++;
    p->out = dw_redis_spares_take(&redis->spares, bytes, &p->room);
    p->replies = calloc(count, sizeof(*p->replies));
    if (p->out == NULL || p->replies == NULL) {
        pipeline_free(redis, p);
        return NULL;
    }
    dw_redis_calls_write(calls, count, p->out, p->ends);
    assert(count == 0 || p->ends[count - 1] == bytes);
    return p;
}

/* --- a link's state */

static void to_state(dw_redis_link *link, link_state state)
{
    if (link->state == LINK_UP)
        link->redis->up--;
    link->state = state;
    switch (state) {
    case LINK_UP:
        link->redis->up++;
        link->retry_us = 0;
        link->told_down = false;
        break;
    case LINK_DOWN:
        dw_timer_disarm(&link->deadline);
        break;
    case LINK_CONNECTING:
    case LINK_LOGIN:
    case LINK_CUT:
        break;
    }
}

/* Answers every waiting pipeline with "outcome unknown". */
static void fail_pipelines(dw_redis_link *link)
{
    pipeline *list = link->first;
    link->first = link->last = NULL;
    dw_reply_arena_reset(&link->arena);
    while (list != NULL) {
        pipeline *p = list;
        list = p->next;
        if (link->handler != NULL)
            link->handler->reply(link->user, p->ticket, NULL, 0);
        pipeline_free(link->redis, p);
    }
}

static void schedule_retry(dw_redis_link *link)
{
    link->retry_us = link->retry_us == 0 ? DW_REDIS_RETRY_MIN_US : link->retry_us * 2;
    if (link->retry_us > DW_REDIS_RETRY_MAX_US)
        link->retry_us = DW_REDIS_RETRY_MAX_US;
    /* 50 to 100 %: many links must not come back in step */
    int64_t half = link->retry_us / 2;
    dw_timer_arm(&link->retry, half + (int64_t)arc4random_uniform((uint32_t)half + 1));
}

/* The context is gone (freed, or about to be by hiredis). */
static void gone(dw_redis_link *link, const char *why)
{
    bool was_up = link->state == LINK_UP || link->state == LINK_CUT;
    link->ac = NULL;
    to_state(link, LINK_DOWN);
    dw_loop_later_cancel(link->redis->loop, &link->drop);
    if (link->handler == NULL)
        return;
    if (!link->told_down)
        dw_log_write(link->redis->log, DW_LOG_WARN, "redis_down", link->partition, "%s: %s; trying again",
                     was_up ? "connection lost" : "no connection", why);
    link->told_down = true;
    schedule_retry(link);
    fail_pipelines(link);
    if (was_up && link->handler != NULL && link->handler->down != NULL)
        link->handler->down(link->user);
}

static void drop_now(void *user)
{
    dw_redis_link *link = user;
    if (link->ac != NULL) {
        redisAsyncContext *ac = link->ac;
        link->ac = NULL; /* callbacks that run inside see a link without a connection */
        ac->data = NULL;
        redisAsyncFree(ac);
    }
    if (link->state != LINK_DOWN)
        gone(link, link->reason);
}

/* Never frees the context here: hiredis may be using it further up the stack. */
static void cut(dw_redis_link *link, const char *reason)
{
    if (link->state == LINK_CUT || link->state == LINK_DOWN)
        return;
    snprintf(link->reason, sizeof(link->reason), "%s", reason);
    to_state(link, LINK_CUT);
    dw_loop_later(link->redis->loop, &link->drop, drop_now, link);
}

static void on_deadline(void *user)
{
    cut(user, "no answer within 5 s");
}

/* --- feeding hiredis: it moves the whole rest of its buffer after each partial write, so it gets little at a time */

static void on_reply(redisAsyncContext *ac, void *reply, void *privdata);

static void feed(dw_redis_link *link)
{
    redisAsyncContext *ac = link->ac;
    for (pipeline *p = link->first; p != NULL; p = p->next) {
        while (p->out != NULL && p->fed_calls < p->count) {
            if (sdslen(ac->c.obuf) >= DW_REDIS_FEED_BYTES)
                return;
            size_t begin = p->fed_calls > 0 ? p->ends[p->fed_calls - 1] : 0;
            size_t n = p->ends[p->fed_calls] - p->fed;
            if (n > DW_REDIS_FEED_BYTES)
                n = DW_REDIS_FEED_BYTES;
            if (p->fed == begin) { /* hiredis notes one expected reply and looks at the command's name only */
                if (redisAsyncFormattedCommand(ac, on_reply, link, p->out + p->fed, n) != REDIS_OK) {
                    cut(link, "no memory");
                    return;
                }
            } else {
                char *more = sdscatlen(ac->c.obuf, p->out + p->fed, n);
                if (more == NULL) {
                    cut(link, "no memory");
                    return;
                }
                ac->c.obuf = more;
                ac->ev.addWrite(ac->ev.data);
            }
            p->fed += n;
            if (p->fed == p->ends[p->fed_calls])
                p->fed_calls++;
        }
        dw_redis_spares_give(&link->redis->spares, p->out, p->room);
        p->out = NULL;
    }
}

/* hiredis wants no more write events: its buffer is empty. Called in place of the adapter's own function. */
static void on_drained(void *privdata)
{
    redisLibeventEvents *events = privdata;
    dw_redis_link *link = events->context->data;
    link->adapter_del_write(privdata);
    if (link->state == LINK_UP) {
        if (link->first != NULL)
            dw_timer_arm(&link->deadline, DW_REDIS_TIMEOUT_US); /* bytes went out: progress */
        feed(link);
    }
}

/* hiredis keeps the buffer of the biggest answer until the next one comes, for each link. */
static void shrink_now(void *user)
{
    dw_redis_link *link = user;
    redisReader *reader = link->ac != NULL ? link->ac->c.reader : NULL;
    if (reader == NULL || reader->pos != reader->len || reader->ridx != -1)
        return;
    sds empty = sdsempty();
    if (empty == NULL)
        return;
    sdsfree(reader->buf);
    reader->buf = empty;
    reader->pos = reader->len = 0;
}

static void on_reply(redisAsyncContext *ac, void *reply, void *privdata)
{
    dw_redis_link *link = privdata;
    if (reply == NULL || ac->data == NULL || link->state != LINK_UP)
        return; /* the connection is being dropped: gone() answers for all */
    pipeline *p = link->first;
    assert(p != NULL && p->got < p->count);
    p->replies[p->got++] = *dw_reply_of(reply);
    if (p->got < p->count) {
        dw_timer_arm(&link->deadline, DW_REDIS_TIMEOUT_US);
        return;
    }
    link->first = p->next;
    if (link->first == NULL)
        link->last = NULL;
    if (link->handler != NULL)
        link->handler->reply(link->user, p->ticket, p->replies, p->count);
    pipeline_free(link->redis, p);
    if (link->first == NULL) {
        dw_timer_disarm(&link->deadline);
        if (link->arena.bytes > DW_REDIS_REPLY_BYTES_KEEP / 4)
            dw_loop_later(link->redis->loop, &link->shrink, shrink_now, link);
        dw_reply_arena_reset(&link->arena);
    } else {
        dw_timer_arm(&link->deadline, DW_REDIS_TIMEOUT_US);
    }
}

/* --- login */

static void refuse(dw_redis_link *link, const char *event, const char *advice, dw_str answer)
{
    if (!link->told_down)
        dw_log_write(link->redis->log, DW_LOG_ERROR, event, link->partition, "%s: %.*s", advice, DW_STR_ARG(answer));
    link->told_down = true;
    link->retry_us = DW_REDIS_RETRY_MAX_US;
    cut(link, "login refused");
}

static void on_login(redisAsyncContext *ac, void *reply, void *privdata)
{
    dw_redis_link *link = ac->data;
    if (reply == NULL || link == NULL || link->state != LINK_LOGIN)
        return;
    const dw_reply *r = dw_reply_of(reply);
    if (r->type == DW_REPLY_ERROR)
        refuse(link, "redis_refused", privdata, r->str);
}

static void on_info(redisAsyncContext *ac, void *reply, void *privdata)
{
    (void)privdata;
    dw_redis_link *link = ac->data;
    if (reply == NULL || link == NULL || link->state != LINK_LOGIN)
        return;
    const dw_reply *r = dw_reply_of(reply);
    if (r->type != DW_REPLY_STR) {
        refuse(link, "redis_refused", "the user may not read INFO; grant it: ACL SETUSER <user> +info", r->str);
        return;
    }
    if (dw_str_eq(dw_redis_info(r->str, "loading"), DW_STR_LIT("1"))) {
        cut(link, "the server is loading its data");
        return;
    }
    dw_str run_id = dw_redis_info(r->str, "run_id");
    if (run_id.len == 0 || run_id.len >= sizeof(link->run_id)) {
        refuse(link, "redis_refused", "INFO names no run_id: not a Redis server", DW_STR_LIT(""));
        return;
    }
    memcpy(link->run_id, run_id.ptr, run_id.len);
    link->run_id[run_id.len] = '\0';
    dw_reply_arena_reset(&link->arena);
    dw_timer_disarm(&link->deadline);
    bool again = link->told_down;
    to_state(link, LINK_UP);
    dw_log_write(link->redis->log, again ? DW_LOG_INFO : DW_LOG_DEBUG, "redis_up", link->partition,
                 "connected, run_id %s", link->run_id);
    if (link->handler != NULL)
        link->handler->up(link->user, link->run_id);
}

static void log_in(dw_redis_link *link)
{
    dw_redis *redis = link->redis;
    redisAsyncContext *ac = link->ac;
    to_state(link, LINK_LOGIN);
    int rc = REDIS_OK;
    if (redis->user != NULL)
        rc = redisAsyncCommand(ac, on_login, "AUTH refused (redis.user, redis.password_file)", "AUTH %s %s",
                               redis->user, redis->password != NULL ? redis->password : "");
    else if (redis->password != NULL)
        rc = redisAsyncCommand(ac, on_login, "AUTH refused (redis.password_file)", "AUTH %s", redis->password);
    if (rc == REDIS_OK && redis->database != 0)
        rc = redisAsyncCommand(ac, on_login, "SELECT refused (redis.database)", "SELECT %d", redis->database);
    if (rc == REDIS_OK)
        rc = redisAsyncCommand(ac, on_info, NULL, "INFO");
    if (rc != REDIS_OK)
        cut(link, "no memory");
}

static void on_connect(const redisAsyncContext *ac, int status)
{
    dw_redis_link *link = ac->data;
    if (link == NULL)
        return;
    if (status != REDIS_OK) {
        gone(link, ac->errstr != NULL ? ac->errstr : "connection refused"); /* hiredis frees the context */
        return;
    }
    log_in(link);
}

static void on_disconnect(const redisAsyncContext *ac, int status)
{
    (void)status;
    dw_redis_link *link = ac->data;
    if (link != NULL)
        gone(link, ac->err != 0 && ac->errstr != NULL ? ac->errstr : "closed by the server");
}

static void connect_now(void *user)
{
    dw_redis_link *link = user;
    dw_redis *redis = link->redis;
    assert(link->ac == NULL);
    redisAsyncContext *ac =
        redis->path != NULL ? redisAsyncConnectUnix(redis->path) : redisAsyncConnect(redis->host, redis->port);
    to_state(link, LINK_CONNECTING);
    if (ac == NULL || ac->err != 0) {
        char why[160];
        snprintf(why, sizeof(why), "%s", ac != NULL && ac->errstr != NULL ? ac->errstr : "no memory");
        if (ac != NULL)
            redisAsyncFree(ac);
        gone(link, why);
        return;
    }
    link->ac = ac;
    ac->data = link;
    dw_reply_reader_use(ac->c.reader, &link->arena);
    redisLibeventAttach(ac, dw_loop_base(redis->loop));
    link->adapter_del_write = ac->ev.delWrite;
    ac->ev.delWrite = on_drained;
    redisAsyncSetConnectCallback(ac, on_connect);
    redisAsyncSetDisconnectCallback(ac, on_disconnect);
    dw_timer_arm(&link->deadline, DW_REDIS_TIMEOUT_US);
}

/* --- what callers use */

dw_redis_link *dw_redis_link_new(dw_redis *redis, int32_t partition, const dw_redis_handler *handler, void *user)
{
    dw_redis_link *link = calloc(1, sizeof(*link));
    if (link == NULL)
        return NULL;
    link->redis = redis;
    link->partition = partition;
    link->handler = handler;
    link->user = user;
    link->arena.pool = &redis->pool;
    if (!dw_timer_init(&link->deadline, redis->loop, on_deadline, link) ||
        !dw_timer_init(&link->retry, redis->loop, connect_now, link)) {
        dw_timer_deinit(&link->deadline);
        free(link);
        return NULL;
    }
    redis->links++;
    dw_timer_arm(&link->retry, 0);
    return link;
}

static void free_now(void *user)
{
    dw_redis_link *link = user;
    dw_redis *redis = link->redis;
    drop_now(link);
    dw_loop_later_cancel(redis->loop, &link->drop);
    dw_loop_later_cancel(redis->loop, &link->fail_idle);
    dw_loop_later_cancel(redis->loop, &link->shrink);
    fail_pipelines(link);
    dw_timer_deinit(&link->deadline);
    dw_timer_deinit(&link->retry);
    redis->links--;
    free(link);
}

void dw_redis_link_free(dw_redis_link **link)
{
    if (*link == NULL)
        return;
    (*link)->handler = NULL;
    dw_timer_disarm(&(*link)->retry);
    dw_loop_later((*link)->redis->loop, &(*link)->free_later, free_now, *link);
    *link = NULL;
}

bool dw_redis_link_is_up(const dw_redis_link *link)
{
    return link->state == LINK_UP;
}

const char *dw_redis_link_run_id(const dw_redis_link *link)
{
    return link->run_id;
}

bool dw_redis_link_busy(const dw_redis_link *link)
{
    return link->first != NULL;
}

static void fail_idle_now(void *user)
{
    dw_redis_link *link = user;
    if (link->state != LINK_UP)
        fail_pipelines(link);
}

void dw_redis_link_send(dw_redis_link *link, uint64_t ticket, const dw_call *calls, size_t count)
{
    assert(count > 0);
    pipeline *p = pipeline_new(link->redis, ticket, calls, count);
    if (p == NULL)
        abort(); /* out of memory: the unit restarts us, and nothing was promised yet */
    if (link->last != NULL)
        link->last->next = p;
    else
        link->first = p;
    link->last = p;
    if (link->state != LINK_UP) {
        dw_loop_later(link->redis->loop, &link->fail_idle, fail_idle_now, link);
        return;
    }
    if (link->first == p)
        dw_timer_arm(&link->deadline, DW_REDIS_TIMEOUT_US);
    feed(link);
}

/* Replies built in blocks, and a link against a small server of our own: order, big pipelines, loss, login. */

#include "daemon/redis.h"

#include "proto/limits.h"
#include "tests/support/suite.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <hiredis/read.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* --- replies */

typedef struct reading {
    dw_reply_pool pool;
    dw_reply_arena arena;
    redisReader *reader;
} reading;

static void reading_open(reading *r)
{
    *r = (reading){0};
    r->arena.pool = &r->pool;
    r->reader = redisReaderCreateWithFunctions(NULL);
    dw_reply_reader_use(r->reader, &r->arena);
}

static void reading_close(reading *r)
{
    redisReaderFree(r->reader);
    dw_reply_arena_reset(&r->arena);
    dw_reply_pool_deinit(&r->pool);
}

static const char nested[] = "*4\r\n:-7\r\n$5\r\na\r\nb\0\r\n*2\r\n$-1\r\n*1\r\n+OK\r\n-ERR no\r\n";

START_TEST(replies_have_their_shape_however_they_arrive)
{
    reading r;
    reading_open(&r);
    size_t len = sizeof(nested) - 1, step = (size_t)_i;
    void *reply = NULL;
    for (size_t at = 0; at < len; at += step) {
        ck_assert_ptr_null(reply);
        ck_assert_int_eq(redisReaderFeed(r.reader, nested + at, len - at < step ? len - at : step), 0);
        ck_assert_int_eq(redisReaderGetReply(r.reader, &reply), 0);
    }
    ck_assert_ptr_nonnull(reply);
    const dw_reply *top = dw_reply_of(reply);
    ck_assert_int_eq(top->type, DW_REPLY_ARRAY);
    ck_assert_uint_eq(top->count, 4);
    ck_assert_int_eq(top->items[0].type, DW_REPLY_INT);
    ck_assert_int_eq(top->items[0].integer, -7);
    ck_assert_int_eq(top->items[1].type, DW_REPLY_STR);
    ck_assert_uint_eq(top->items[1].str.len, 5);
    ck_assert_mem_eq(top->items[1].str.ptr, "a\r\nb\0", 5);
    ck_assert_int_eq(top->items[2].items[0].type, DW_REPLY_NIL);
    ck_assert_int_eq(top->items[2].items[1].items[0].type, DW_REPLY_STATUS);
    ck_assert_int_eq(top->items[3].type, DW_REPLY_ERROR);
    ck_assert(dw_str_eq(top->items[3].str, DW_STR_LIT("ERR no")));
    reading_close(&r);
}
END_TEST

START_TEST(blocks_go_back_to_the_pool)
{
    reading r;
    reading_open(&r);
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 20000; i++)
            ck_assert_ptr_nonnull(dw_reply_alloc(&r.arena, 100));
        ck_assert_ptr_nonnull(dw_reply_alloc(&r.arena, 1 << 20)); /* bigger than a block */
        dw_reply_arena_reset(&r.arena);
        ck_assert_uint_le(r.pool.spare_bytes, DW_REDIS_REPLY_BYTES_KEEP);
        ck_assert_uint_gt(r.pool.spare_bytes, 0);
    }
    ck_assert_ptr_null(dw_reply_alloc(&r.arena, (size_t)DW_REDIS_REPLY_BYTES_MAX + 1));
    reading_close(&r);
}
END_TEST

#define STEP ((size_t)256 * 1024)

START_TEST(big_buffers_are_used_again)
{
    dw_redis_spares spares = {.count = 0};
    size_t size = 0;
    char *small = dw_redis_spares_take(&spares, STEP - 1, &size);
    ck_assert_uint_eq(size, STEP - 1);
    dw_redis_spares_give(&spares, small, size); /* the heap keeps it */
    ck_assert_uint_eq(spares.count, 0);
    char *big = dw_redis_spares_take(&spares, 3 * STEP + 1, &size);
    ck_assert_uint_eq(size, 4 * STEP);
    dw_redis_spares_give(&spares, big, size);
    ck_assert_uint_eq(spares.bytes, 4 * STEP);
    char *smaller = dw_redis_spares_take(&spares, 10, &size);
    ck_assert(smaller != big && size == 10);
    free(smaller);
    ck_assert_ptr_eq(dw_redis_spares_take(&spares, 4 * STEP, &size), big);
    ck_assert(size == 4 * STEP && spares.count == 0 && spares.bytes == 0);
    dw_redis_spares_give(&spares, big, size);
    char *bigger = dw_redis_spares_take(&spares, 4 * STEP + 1, &size); /* the one that is too small goes */
    ck_assert(size == 5 * STEP && spares.count == 0 && spares.bytes == 0);
    dw_redis_spares_give(&spares, bigger, size);
    dw_redis_spares_give(&spares, NULL, 0);
    ck_assert_uint_eq(spares.count, 1);
    dw_redis_spares_release(&spares);
    ck_assert(spares.count == 0 && spares.bytes == 0);
}
END_TEST

START_TEST(spare_buffers_have_an_end)
{
    dw_redis_spares spares = {.count = 0};
    for (size_t each = STEP; each <= 16 * STEP; each *= 4) {
        for (int i = 0; i < 40; i++)
            dw_redis_spares_give(&spares, malloc(each), each);
        ck_assert_uint_le(spares.bytes, DW_REDIS_PIPELINE_BYTES_KEEP);
        ck_assert_uint_le(spares.count, DW_REDIS_SPARES_MAX);
        ck_assert_uint_eq(spares.bytes, spares.count * each);
        ck_assert_uint_gt(spares.count, 0);
        dw_redis_spares_release(&spares);
    }
}
END_TEST

/* Lengths of one digit and of two, an empty word, bytes of any kind. */
START_TEST(calls_as_they_are_written)
{
    static const char written[] = "*2\r\n$3\r\nGET\r\n$10\r\n0123456789\r\n"
                                  "*3\r\n$9\r\n123456789\r\n$0\r\n\r\n$2\r\n\r\0\r\n"
                                  "*10\r\n$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n"
                                  "$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n";
    const dw_str first[] = {DW_STR_LIT("GET"), DW_STR_LIT("0123456789")};
    const dw_str second[] = {DW_STR_LIT("123456789"), {NULL, 0}, {"\r\0", 2}};
    dw_str third[10];
    for (size_t i = 0; i < 10; i++)
        third[i] = DW_STR_LIT("a");
    const dw_call calls[] = {{2, first}, {3, second}, {10, third}};
    size_t ends[3], bytes = dw_redis_calls_bytes(calls, 3);
    ck_assert_uint_eq(bytes, sizeof(written) - 1);
    char *out = malloc(bytes);
    dw_redis_calls_write(calls, 3, out, ends);
    ck_assert_mem_eq(out, written, bytes);
    ck_assert_uint_eq(ends[0], 30);
    ck_assert_uint_eq(ends[1], 30 + 33);
    ck_assert_uint_eq(ends[2], bytes);
    free(out);
    ck_assert_uint_eq(dw_redis_calls_bytes(NULL, 0), 0);
}
END_TEST

START_TEST(info_lines)
{
    dw_str info = DW_STR_LIT("# Server\r\nrun_id:abc\r\nxrun_id:no\r\nempty:\r\nlast:9");
    ck_assert(dw_str_eq(dw_redis_info(info, "run_id"), DW_STR_LIT("abc")));
    ck_assert(dw_str_eq(dw_redis_info(info, "last"), DW_STR_LIT("9")));
    ck_assert_uint_eq(dw_redis_info(info, "empty").len, 0);
    ck_assert_uint_eq(dw_redis_info(info, "absent").len, 0);
    ck_assert_uint_eq(dw_redis_info(info, "run").len, 0);
}
END_TEST

/* --- a server that answers ECHO, INFO and AUTH, and can be told to fall silent or hang up */

typedef struct world {
    dw_loop *loop;
    dw_log *log;
    dw_redis *redis;
    dw_redis_link *link;
    struct evconnlistener *listener;
    struct bufferevent *client;
    char path[64];
    const char *password; /* NULL: none wanted */
    int hang_up_after;    /* commands; 0: never */
    int commands;
    int connections;
    /* seen by the link */
    int ups, downs;
    char run_id[48];
    uint64_t tickets[64];
    size_t counts[64];
    size_t answers;
    uint64_t sum; /* of the lengths of echoed texts */
    bool in_order;
    void (*on_reply)(struct world *w);
} world;

/* One whole command off the buffer: its first and last argument. False: not complete. */
static bool take_command(struct evbuffer *in, char first[64], uint8_t **last, size_t *last_len)
{
    size_t have = evbuffer_get_length(in);
    char *bytes = (char *)evbuffer_pullup(in, -1);
    char *at = bytes, *end = bytes + have;
    if (have == 0)
        return false;
    ck_assert_int_eq(*at, '*');
    char *line = memmem(at, have, "\r\n", 2);
    if (line == NULL)
        return false;
    long argc = strtol(at + 1, NULL, 10);
    at = line + 2;
    for (long i = 0; i < argc; i++) {
        line = memmem(at, (size_t)(end - at), "\r\n", 2);
        if (line == NULL)
            return false;
        ck_assert_int_eq(*at, '$');
        size_t len = strtoul(at + 1, NULL, 10);
        if ((size_t)(end - line) < len + 4)
            return false;
        if (i == 0)
            snprintf(first, 64, "%.*s", (int)len, line + 2);
        if (i == argc - 1) {
            *last = malloc(len + 1);
            memcpy(*last, line + 2, len);
            *last_len = len;
        }
        at = line + 2 + len;
        ck_assert_mem_eq(at, "\r\n", 2);
        at += 2;
    }
    evbuffer_drain(in, (size_t)(at - bytes));
    return true;
}

static void on_command(struct bufferevent *bev, void *arg)
{
    world *w = arg;
    char first[64];
    uint8_t *last = NULL;
    size_t len = 0;
    while (take_command(bufferevent_get_input(bev), first, &last, &len)) {
        struct evbuffer *out = bufferevent_get_output(bev);
        w->commands++;
        if (w->hang_up_after != 0 && w->commands > w->hang_up_after) {
            free(last);
            bufferevent_free(bev);
            w->client = NULL;
            return;
        }
        if (strcmp(first, "INFO") == 0) {
            char text[64];
            int n = snprintf(text, sizeof(text), "# Server\r\nrun_id:run%d\r\nloading:0\r\n", w->connections);
            evbuffer_add_printf(out, "$%d\r\n%s\r\n", n, text);
        } else if (strcmp(first, "AUTH") == 0) {
            bool ok = w->password != NULL && strlen(w->password) == len && memcmp(w->password, last, len) == 0;
            evbuffer_add_printf(out, ok ? "+OK\r\n" : "-WRONGPASS no\r\n");
        } else {
            evbuffer_add_printf(out, "$%zu\r\n", len);
            evbuffer_add(out, last, len);
            evbuffer_add(out, "\r\n", 2);
        }
        free(last);
    }
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
    (void)listener;
    (void)sa;
    (void)len;
    world *w = arg;
    w->connections++;
    w->client = bufferevent_socket_new(dw_loop_base(w->loop), fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(w->client, on_command, NULL, NULL, w);
    bufferevent_enable(w->client, EV_READ | EV_WRITE);
}

static void on_up(void *user, const char *run_id)
{
    world *w = user;
    w->ups++;
    snprintf(w->run_id, sizeof(w->run_id), "%s", run_id);
    if (w->on_reply != NULL && w->answers == 0)
        w->on_reply(w);
}

static void on_down(void *user)
{
    ((world *)user)->downs++;
}

static void on_answer(void *user, uint64_t ticket, const dw_reply *replies, size_t count)
{
    world *w = user;
    ck_assert_uint_lt(w->answers, 64);
    w->tickets[w->answers] = ticket;
    w->counts[w->answers++] = count;
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(replies[i].type, DW_REPLY_STR);
        w->sum += replies[i].str.len;
        if (replies[i].str.len >= 8) { /* each text begins with its number */
            uint64_t number;
            memcpy(&number, replies[i].str.ptr, 8);
            w->in_order = w->in_order && number == i;
        }
    }
    if (w->on_reply != NULL)
        w->on_reply(w);
}

static const dw_redis_handler handler = {on_up, on_down, on_answer};

static void open_world(world *w, const char *password_file)
{
    *w = (world){.loop = dw_loop_new(), .log = dw_log_new(stderr, DW_LOG_TEXT, DW_LOG_ERROR), .in_order = true};
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    snprintf(w->path, sizeof(w->path), "unix:/tmp/dw-check-redis-%d", (int)getpid());
    snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", w->path + 5);
    unlink(sa.sun_path);
    w->listener = evconnlistener_new_bind(dw_loop_base(w->loop), on_accept, w, LEV_OPT_CLOSE_ON_FREE, 8,
                                          (struct sockaddr *)&sa, sizeof(sa));
    ck_assert_ptr_nonnull(w->listener);
    dw_settings settings = {.redis_address = w->path, .redis_user = "", .redis_password_file = (char *)password_file};
    dw_error err;
    w->redis = dw_redis_new(w->loop, w->log, &settings, &err);
    ck_assert_msg(w->redis != NULL, "%s", err.text);
    w->link = dw_redis_link_new(w->redis, 0, &handler, w);
}

static void close_world(world *w)
{
    dw_redis_link_free(&w->link);
    dw_loop_drain(w->loop);
    ck_assert_uint_eq(dw_redis_links(w->redis), 0);
    dw_redis_free(&w->redis);
    if (w->client != NULL)
        bufferevent_free(w->client);
    evconnlistener_free(w->listener);
    unlink(w->path + 5);
    dw_log_free(&w->log);
    dw_loop_free(&w->loop);
}

static bool turn_until(world *w, const int *value, int at_least, int ms)
{
    for (int i = 0; i < ms && *value < at_least; i++) {
        event_base_loop(dw_loop_base(w->loop), EVLOOP_NONBLOCK);
        usleep(1000);
    }
    return *value >= at_least;
}

static void send_echoes(world *w, uint64_t ticket, size_t count, size_t bytes)
{
    dw_call *calls = calloc(count, sizeof(*calls));
    dw_str *args = calloc(2 * count, sizeof(*args));
    char *texts = calloc(count, bytes + 8);
    for (size_t i = 0; i < count; i++) {
        uint64_t number = i;
        char *text = texts + i * (bytes + 8);
        memset(text, (int)('a' + i % 26), bytes);
        if (bytes >= 8)
            memcpy(text, &number, 8);
        args[2 * i] = DW_STR_LIT("ECHO");
        args[2 * i + 1] = (dw_str){text, (uint32_t)bytes};
        calls[i] = (dw_call){2, args + 2 * i};
    }
    dw_redis_link_send(w->link, ticket, calls, count);
    memset(texts, 'x', count * (bytes + 8)); /* bytes were copied */
    free(texts);
    free(args);
    free(calls);
}

static bool turn_until_answers(world *w, size_t at_least, int ms)
{
    for (int i = 0; i < ms && w->answers < at_least; i++) {
        event_base_loop(dw_loop_base(w->loop), EVLOOP_NONBLOCK);
        usleep(500);
    }
    return w->answers >= at_least;
}

static const struct {
    size_t count, bytes;
} loads[] = {
    {1, 0}, {1, 9}, {5000, 12}, {40, 300000}, {3, 3000000}, {2, DW_REDIS_FEED_BYTES}, {100, DW_REDIS_FEED_BYTES - 30}};

START_TEST(pipelines_come_back_whole_and_in_order)
{
    world w;
    open_world(&w, "");
    ck_assert(turn_until(&w, &w.ups, 1, 3000));
    ck_assert_str_eq(w.run_id, "run1");
    send_echoes(&w, 7, loads[_i].count, loads[_i].bytes);
    send_echoes(&w, 8, 3, 100);
    ck_assert(dw_redis_link_busy(w.link));
    ck_assert(turn_until_answers(&w, 2, 20000));
    ck_assert_uint_eq(w.tickets[0], 7);
    ck_assert_uint_eq(w.counts[0], loads[_i].count);
    ck_assert_uint_eq(w.tickets[1], 8);
    ck_assert_uint_eq(w.counts[1], 3);
    ck_assert_uint_eq(w.sum, loads[_i].count * loads[_i].bytes + 300);
    ck_assert(w.in_order);
    ck_assert(!dw_redis_link_busy(w.link));
    close_world(&w);
}
END_TEST

START_TEST(a_lost_link_leaves_the_outcome_unknown_and_comes_back)
{
    world w;
    open_world(&w, "");
    ck_assert(turn_until(&w, &w.ups, 1, 3000));
    w.hang_up_after = w.commands + 2;
    send_echoes(&w, 1, 5, 10);
    send_echoes(&w, 2, 1, 10);
    ck_assert(turn_until_answers(&w, 2, 3000));
    ck_assert_uint_eq(w.counts[0], 0);
    ck_assert_uint_eq(w.counts[1], 0);
    ck_assert_int_eq(w.downs, 1);
    send_echoes(&w, 3, 1, 10); /* down: answered at the end of the turn */
    ck_assert(turn_until_answers(&w, 3, 3000));
    ck_assert_uint_eq(w.counts[2], 0);
    w.hang_up_after = 0;
    ck_assert(turn_until(&w, &w.ups, 2, 3000));
    ck_assert_str_eq(w.run_id, "run2");
    send_echoes(&w, 4, 2, 10);
    ck_assert(turn_until_answers(&w, 4, 3000));
    ck_assert_uint_eq(w.tickets[3], 4);
    ck_assert_uint_eq(w.counts[3], 2);
    close_world(&w);
}
END_TEST

static void send_again(world *w)
{
    if (w->answers < 40)
        send_echoes(w, w->answers, 2, 20);
    else
        dw_redis_link_free(&w->link); /* inside its own callback */
}

START_TEST(sending_and_freeing_inside_a_callback)
{
    world w;
    open_world(&w, "");
    w.on_reply = send_again;
    ck_assert(turn_until_answers(&w, 40, 5000));
    for (int i = 0; i < 50; i++)
        event_base_loop(dw_loop_base(w.loop), EVLOOP_NONBLOCK);
    ck_assert_uint_eq(w.answers, 40);
    ck_assert_uint_eq(dw_redis_links(w.redis), 0);
    close_world(&w);
}
END_TEST

START_TEST(a_silent_server_is_cut_after_its_time)
{
    world w;
    open_world(&w, "");
    ck_assert(turn_until(&w, &w.ups, 1, 3000));
    struct bufferevent *silent = w.client;
    bufferevent_disable(silent, EV_READ);
    dw_now before = dw_now_read();
    send_echoes(&w, 1, 1, 10);
    ck_assert(turn_until_answers(&w, 1, 20000));
    ck_assert_uint_eq(w.counts[0], 0);
    ck_assert_int_ge(dw_now_read().boot_us - before.boot_us, DW_REDIS_TIMEOUT_US - 100000);
    ck_assert(turn_until(&w, &w.ups, 2, 3000));
    bufferevent_free(silent);
    close_world(&w);
}
END_TEST

START_TEST(login)
{
    char path[64];
    snprintf(path, sizeof(path), "/tmp/dw-check-redis-password-%d", (int)getpid());
    FILE *file = fopen(path, "w");
    fputs("secret\n", file);
    fclose(file);
    ck_assert_int_eq(chmod(path, 0600), 0);
    world w;
    open_world(&w, path);
    w.password = _i == 0 ? "secret" : "another";
    ck_assert_int_eq(turn_until(&w, &w.ups, 1, 500), _i == 0);
    close_world(&w);
    unlink(path);
}
END_TEST

START_TEST(an_address_that_is_none)
{
    dw_loop *loop = dw_loop_new();
    dw_error err = {.text = ""};
    dw_settings settings = {.redis_address = (char *)"nonsense", .redis_user = (char *)""};
    ck_assert_ptr_null(dw_redis_new(loop, NULL, &settings, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "nonsense"));
    dw_loop_free(&loop);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("redis");
    TCase *tc = tcase_create("redis");
    tcase_add_loop_test(tc, replies_have_their_shape_however_they_arrive, 1, sizeof(nested));
    tcase_add_test(tc, blocks_go_back_to_the_pool);
    tcase_add_test(tc, big_buffers_are_used_again);
    tcase_add_test(tc, spare_buffers_have_an_end);
    tcase_add_test(tc, calls_as_they_are_written);
    tcase_add_test(tc, info_lines);
    tcase_add_loop_test(tc, pipelines_come_back_whole_and_in_order, 0, sizeof(loads) / sizeof(loads[0]));
    tcase_add_test(tc, a_lost_link_leaves_the_outcome_unknown_and_comes_back);
    tcase_add_test(tc, sending_and_freeing_inside_a_callback);
    tcase_add_test(tc, a_silent_server_is_cut_after_its_time);
    tcase_add_loop_test(tc, login, 0, 2);
    tcase_add_test(tc, an_address_that_is_none);
    tcase_set_timeout(tc, 60);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

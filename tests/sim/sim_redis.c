/* A Redis in memory. Items of a key stand in one array: the simulation is small. */
#include "tests/sim/sim_redis.h"

#include <assert.h>
#include <inttypes.h>

#include "daemon/shard/engine.h"

#define KEYS_MAX 64
#define WATCHES_MAX 8
#define SHA "5ea1ed0000000000000000000000000000005ea1"

typedef enum type { NONE, HASH, ZSET, STREAM } type;
static const char *const type_names[] = {"none", "hash", "zset", "stream"};

typedef struct item {
    char *k, *v; /* stream: v = fields and values, each behind a 4-byte length */
    uint32_t k_len, v_len;
    double score;
    int64_t id[2];
} item;

typedef struct key {
    char *name;
    uint32_t name_len;
    type type;
    item *items;
    size_t count, cap;
    int64_t last[2];
    uint64_t version;
} key;

struct sim_redis {
    key keys[KEYS_MAX];
    size_t key_count;
    uint64_t version;
    bool script;
    uint64_t seals;
    int writes_oom, scripts_oom;
    dw_arena *replies;
};

struct sim_conn {
    bool multi, abort;
    struct {
        key *key;
        uint64_t version;
    } watches[WATCHES_MAX];
    size_t watch_count;
    const dw_call *queued[4096];
    size_t queued_count;
};

static char *copy_bytes(const char *p, size_t n)
{
    char *copy = malloc(n + 1);
    assert(copy != NULL);
    if (n != 0)
        memcpy(copy, p, n);
    copy[n] = '\0';
    return copy;
}

sim_redis *sim_redis_new(void)
{
    sim_redis *redis = calloc(1, sizeof(*redis));
    assert(redis != NULL);
    redis->replies = dw_arena_new(256 << 20);
    return redis;
}

static void item_free(item *it)
{
    free(it->k);
    free(it->v);
}

static void key_clear(key *k)
{
    for (size_t i = 0; i < k->count; i++)
        item_free(&k->items[i]);
    free(k->items);
    k->items = NULL;
    k->count = k->cap = 0;
    k->type = NONE;
    k->last[0] = k->last[1] = 0;
}

void sim_redis_free(sim_redis **redis)
{
    if (*redis == NULL)
        return;
    for (size_t i = 0; i < (*redis)->key_count; i++) {
        key_clear(&(*redis)->keys[i]);
        free((*redis)->keys[i].name);
    }
    dw_arena_free(&(*redis)->replies);
    free(*redis);
    *redis = NULL;
}

static key *find_key(sim_redis *redis, dw_str name)
{
    for (size_t i = 0; i < redis->key_count; i++)
        if (redis->keys[i].name_len == name.len && memcmp(redis->keys[i].name, name.ptr, name.len) == 0)
            return &redis->keys[i];
    assert(redis->key_count < KEYS_MAX);
    key *k = &redis->keys[redis->key_count++];
    *k = (key){.name = copy_bytes(name.ptr, name.len), .name_len = name.len};
    return k;
}

static item *add_item(key *k)
{
    if (k->count == k->cap) {
        k->cap = k->cap == 0 ? 16 : k->cap * 2;
        k->items = reallocarray(k->items, k->cap, sizeof(item));
        assert(k->items != NULL);
    }
    k->items[k->count] = (item){0};
    return &k->items[k->count++];
}

static void key_copy(key *to, const key *from)
{
    key_clear(to);
    to->type = from->type;
    to->last[0] = from->last[0];
    to->last[1] = from->last[1];
    for (size_t i = 0; i < from->count; i++) {
        item *it = add_item(to);
        *it = from->items[i];
        it->k = copy_bytes(it->k, it->k_len);
        it->v = copy_bytes(it->v, it->v_len);
    }
}

sim_redis *sim_redis_copy(const sim_redis *redis)
{
    sim_redis *copy = sim_redis_new();
    sim_redis_set_back(copy, redis);
    return copy;
}

void sim_redis_set_back(sim_redis *redis, const sim_redis *to)
{
    for (size_t i = 0; i < redis->key_count; i++) {
        key_clear(&redis->keys[i]);
        redis->keys[i].version = ++redis->version;
    }
    for (size_t i = 0; i < to->key_count; i++) {
        key *k = find_key(redis, (dw_str){to->keys[i].name, to->keys[i].name_len});
        key_copy(k, &to->keys[i]);
        k->version = ++redis->version;
    }
}

void sim_redis_forget_scripts(sim_redis *redis)
{
    redis->script = false;
}

void sim_redis_fail(sim_redis *redis, int next_writes_oom, int next_scripts_oom)
{
    redis->writes_oom = next_writes_oom;
    redis->scripts_oom = next_scripts_oom;
}

sim_conn *sim_conn_new(void)
{
    sim_conn *conn = calloc(1, sizeof(*conn));
    assert(conn != NULL);
    return conn;
}

void sim_conn_reset(sim_conn *conn)
{
    *conn = (sim_conn){0};
}

void sim_conn_free(sim_conn **conn)
{
    free(*conn);
    *conn = NULL;
}

/* --- replies */

static dw_reply text_reply(sim_redis *redis, dw_reply_type t, const char *p, size_t n)
{
    return (dw_reply){.type = t, .str = dw_arena_str(redis->replies, (dw_str){p, (uint32_t)n})};
}

static dw_reply error_reply(sim_redis *redis, const char *text)
{
    return text_reply(redis, DW_REPLY_ERROR, text, strlen(text));
}

static dw_reply int_reply(int64_t n)
{
    return (dw_reply){.type = DW_REPLY_INT, .integer = n};
}

static dw_reply ok_reply(void)
{
    return (dw_reply){.type = DW_REPLY_STATUS, .str = DW_STR_LIT("OK")};
}

static dw_reply *array(sim_redis *redis, size_t n)
{
    return dw_arena_alloc(redis->replies, (n + 1) * sizeof(dw_reply));
}

static dw_reply array_reply(const dw_reply *items, size_t n)
{
    return (dw_reply){.type = DW_REPLY_ARRAY, .items = items, .count = n};
}

/* --- commands */

static item *find_item(const key *k, dw_str name)
{
    for (size_t i = 0; i < k->count; i++)
        if (k->items[i].k_len == name.len && memcmp(k->items[i].k, name.ptr, name.len) == 0)
            return &k->items[i];
    return NULL;
}

static void touch(sim_redis *redis, key *k)
{
    k->version = ++redis->version;
    if (k->count == 0 && k->type != STREAM)
        key_clear(k);
}

static void set_item(key *k, dw_str name, dw_str value, double score)
{
    item *it = find_item(k, name);
    if (it == NULL) {
        it = add_item(k);
        it->k = copy_bytes(name.ptr, name.len);
        it->k_len = name.len;
    } else {
        free(it->v);
    }
    it->v = copy_bytes(value.ptr, value.len);
    it->v_len = value.len;
    it->score = score;
}

static int64_t del_item(key *k, dw_str name)
{
    item *it = find_item(k, name);
    if (it == NULL)
        return 0;
    item_free(it);
    *it = k->items[--k->count];
    return 1;
}

static bool is(dw_str s, const char *text)
{
    return dw_str_eq(s, dw_str_from(text));
}

static double number(dw_str s)
{
    char buf[64];
    assert(s.len < sizeof(buf));
    memcpy(buf, s.ptr, s.len);
    buf[s.len] = '\0';
    return strtod(buf, NULL);
}

static int cmp_zset(const void *a, const void *b)
{
    const item *x = *(item *const *)a, *y = *(item *const *)b;
    if (x->score != y->score)
        return x->score < y->score ? -1 : 1;
    return dw_str_cmp((dw_str){x->k, x->k_len}, (dw_str){y->k, y->k_len});
}

static dw_reply zrange(sim_redis *redis, const key *k, const dw_call *c)
{
    bool min_open = c->argv[2].ptr[0] == '(';
    double min =
        is(c->argv[2], "-inf") ? -1e300 : number((dw_str){c->argv[2].ptr + min_open, c->argv[2].len - min_open});
    double max = is(c->argv[3], "+inf") ? 1e300 : number(c->argv[3]);
    assert(c->argc == 8 && is(c->argv[4], "WITHSCORES") && is(c->argv[5], "LIMIT") && is(c->argv[6], "0"));
    size_t limit = (size_t)number(c->argv[7]), n = 0;
    item **all = calloc(k->count + 1, sizeof(*all));
    for (size_t i = 0; i < k->count; i++)
        if ((min_open ? k->items[i].score > min : k->items[i].score >= min) && k->items[i].score <= max)
            all[n++] = &k->items[i];
    qsort(all, n, sizeof(*all), cmp_zset);
    if (n > limit)
        n = limit;
    dw_reply *out = array(redis, 2 * n);
    for (size_t i = 0; i < n; i++) {
        char score[40];
        (void)snprintf(score, sizeof(score), "%.17g", all[i]->score);
        out[2 * i] = text_reply(redis, DW_REPLY_STR, all[i]->k, all[i]->k_len);
        out[2 * i + 1] = text_reply(redis, DW_REPLY_STR, score, strlen(score));
    }
    free(all);
    return array_reply(out, 2 * n);
}

static int cmp_id(const int64_t a[2], const int64_t b[2])
{
    return a[0] != b[0] ? (a[0] > b[0]) - (a[0] < b[0]) : (a[1] > b[1]) - (a[1] < b[1]);
}

static void read_id(dw_str s, int64_t id[2])
{
    dw_position p;
    bool ok = dw_position_parse(s, &p);
    assert(ok);
    id[0] = p.offset;
    id[1] = p.n;
}

static dw_reply xadd(sim_redis *redis, key *k, const dw_call *c)
{
    int64_t id[2];
    read_id(c->argv[2], id);
    if (id[0] == 0 && id[1] == 0)
        return error_reply(redis, "ERR The ID specified in XADD must be greater than 0-0");
    if (k->type == STREAM && cmp_id(id, k->last) <= 0)
        return error_reply(redis, "ERR The ID specified in XADD is equal or smaller than the target stream top item");
    k->type = STREAM;
    item *it = add_item(k);
    it->k = copy_bytes(c->argv[2].ptr, c->argv[2].len);
    it->k_len = c->argv[2].len;
    it->id[0] = k->last[0] = id[0];
    it->id[1] = k->last[1] = id[1];
    size_t bytes = 0;
    for (uint32_t i = 3; i < c->argc; i++)
        bytes += 4 + c->argv[i].len;
    it->v = malloc(bytes + 1);
    assert(it->v != NULL);
    for (uint32_t i = 3; i < c->argc; i++) {
        memcpy(it->v + it->v_len, &c->argv[i].len, 4);
        memcpy(it->v + it->v_len + 4, c->argv[i].ptr, c->argv[i].len);
        it->v_len += 4 + c->argv[i].len;
    }
    touch(redis, k);
    return text_reply(redis, DW_REPLY_STR, c->argv[2].ptr, c->argv[2].len);
}

static dw_reply xrange(sim_redis *redis, const key *k, const dw_call *c)
{
    int64_t from[2] = {0, 0};
    bool open = c->argv[2].ptr[0] == '(';
    if (!is(c->argv[2], "-"))
        read_id((dw_str){c->argv[2].ptr + open, c->argv[2].len - open}, from);
    assert(c->argc == 6 && is(c->argv[3], "+"));
    size_t limit = (size_t)number(c->argv[5]), n = 0;
    dw_reply *out = array(redis, k->count);
    for (size_t i = 0; i < k->count && n < limit; i++) {
        int d = cmp_id(k->items[i].id, from);
        if (open ? d <= 0 : d < 0)
            continue;
        size_t parts = 0;
        dw_reply *pair = array(redis, 2), *fields = array(redis, 32);
        for (uint32_t at = 0; at < k->items[i].v_len;) {
            uint32_t len;
            memcpy(&len, k->items[i].v + at, 4);
            fields[parts++] = text_reply(redis, DW_REPLY_STR, k->items[i].v + at + 4, len);
            at += 4 + len;
        }
        pair[0] = text_reply(redis, DW_REPLY_STR, k->items[i].k, k->items[i].k_len);
        pair[1] = array_reply(fields, parts);
        out[n++] = array_reply(pair, 2);
    }
    return array_reply(out, n);
}

static dw_reply xtrim(sim_redis *redis, key *k, const dw_call *c)
{
    int64_t min[2];
    size_t gone = 0;
    assert(c->argc == 4 && is(c->argv[2], "MINID"));
    read_id(c->argv[3], min);
    while (gone < k->count && cmp_id(k->items[gone].id, min) < 0)
        item_free(&k->items[gone++]);
    if (gone != 0)
        memmove(k->items, k->items + gone, (k->count - gone) * sizeof(item));
    k->count -= gone;
    touch(redis, k);
    return int_reply((int64_t)gone);
}

/* What dw_seal_script does. */
static dw_reply seal(sim_redis *redis, const dw_call *c)
{
    uint32_t n = (uint32_t)number(c->argv[2]), types = 3 + n;
    char text[80];
    if (!redis->script)
        return error_reply(redis, "NOSCRIPT No matching script. Please use EVAL.");
    if (redis->scripts_oom > 0) {
        redis->scripts_oom--;
        return error_reply(redis, "OOM command not allowed when used memory > 'maxmemory'.");
    }
    for (uint32_t i = 0; i < n; i++) {
        const key *k = find_key(redis, c->argv[3 + i]);
        if (k->type != NONE && !is(c->argv[types + i], type_names[k->type])) {
            (void)snprintf(text, sizeof(text), "SEAL type %u", i + 1);
            return error_reply(redis, text);
        }
    }
    const key *outbox = find_key(redis, c->argv[4]);
    char last[64] = "0-0";
    if (outbox->type == STREAM)
        (void)snprintf(last, sizeof(last), "%" PRId64 "-%" PRId64, outbox->last[0], outbox->last[1]);
    if (!is(c->argv[types + n], last)) {
        (void)snprintf(text, sizeof(text), "SEAL outbox %s", last);
        return error_reply(redis, text);
    }
    key *meta = find_key(redis, c->argv[3]);
    meta->type = HASH;
    for (uint32_t i = types + n + 1; i + 1 < c->argc; i += 2)
        set_item(meta, c->argv[i], c->argv[i + 1], 0);
    touch(redis, meta);
    redis->seals++;
    return (dw_reply){.type = DW_REPLY_STATUS, .str = DW_STR_LIT("SEALED")};
}

static dw_reply hash_read(sim_redis *redis, const key *k, const dw_call *c)
{
    if (is(c->argv[0], "HMGET")) {
        dw_reply *out = array(redis, c->argc);
        for (uint32_t i = 2; i < c->argc; i++) {
            item *it = find_item(k, c->argv[i]);
            out[i - 2] =
                it != NULL ? text_reply(redis, DW_REPLY_STR, it->v, it->v_len) : (dw_reply){.type = DW_REPLY_NIL};
        }
        return array_reply(out, c->argc - 2);
    }
    bool values = is(c->argv[0], "HGETALL");
    dw_reply *out = array(redis, 2 * k->count);
    size_t n = 0;
    for (size_t i = 0; i < k->count; i++) {
        out[n++] = text_reply(redis, DW_REPLY_STR, k->items[i].k, k->items[i].k_len);
        if (values)
            out[n++] = text_reply(redis, DW_REPLY_STR, k->items[i].v, k->items[i].v_len);
    }
    return array_reply(out, n);
}

static const struct command {
    const char *name;
    type type;
    bool write;
} commands[] = {
    {"HSET", HASH, true},    {"HDEL", HASH, true},    {"HMGET", HASH, false},    {"HGETALL", HASH, false},
    {"HKEYS", HASH, false},  {"ZADD", ZSET, true},    {"ZREM", ZSET, true},      {"ZRANGEBYSCORE", ZSET, false},
    {"XADD", STREAM, true},  {"XTRIM", STREAM, true}, {"XRANGE", STREAM, false}, {"XLEN", STREAM, false},
    {"EVALSHA", NONE, true}, {"EXISTS", NONE, false}, {"UNLINK", NONE, true},    {"SCRIPT", NONE, false},
    {"WATCH", NONE, false},  {"MULTI", NONE, false},  {"EXEC", NONE, false}};

static const struct command *find_command(dw_str verb)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (is(verb, commands[i].name))
            return &commands[i];
    assert(!"a command the simulation does not know");
    return NULL;
}

static dw_reply run_one(sim_redis *redis, const dw_call *c)
{
    const struct command *command = find_command(c->argv[0]);
    int64_t n = 0;
    if (is(c->argv[0], "SCRIPT")) {
        assert(is(c->argv[2], dw_seal_script));
        redis->script = true;
        return text_reply(redis, DW_REPLY_STR, SHA, 40);
    }
    if (is(c->argv[0], "EVALSHA"))
        return seal(redis, c);
    if (is(c->argv[0], "EXISTS") || is(c->argv[0], "UNLINK")) {
        for (uint32_t i = 1; i < c->argc; i++) {
            key *k = find_key(redis, c->argv[i]);
            n += k->type != NONE;
            if (command->write && k->type != NONE) {
                key_clear(k);
                touch(redis, k);
            }
        }
        return int_reply(n);
    }
    key *k = find_key(redis, c->argv[1]);
    if (k->type != NONE && k->type != command->type)
        return error_reply(redis, "WRONGTYPE Operation against a key holding the wrong kind of value");
    if (is(c->argv[0], "ZRANGEBYSCORE"))
        return zrange(redis, k, c);
    if (is(c->argv[0], "XADD"))
        return xadd(redis, k, c);
    if (is(c->argv[0], "XRANGE"))
        return xrange(redis, k, c);
    if (is(c->argv[0], "XTRIM"))
        return k->type == NONE ? int_reply(0) : xtrim(redis, k, c);
    if (is(c->argv[0], "XLEN"))
        return int_reply((int64_t)k->count);
    if (!command->write)
        return hash_read(redis, k, c);
    bool set = is(c->argv[0], "HSET"), add = is(c->argv[0], "ZADD");
    assert(c->argc > 2 && (!(set || add) || c->argc % 2 == 0));
    for (uint32_t i = 2; i < c->argc; i += set || add ? 2 : 1) {
        if (set)
            set_item(k, c->argv[i], c->argv[i + 1], 0);
        else if (add)
            set_item(k, c->argv[i + 1], (dw_str){NULL, 0}, number(c->argv[i]));
        else
            n += del_item(k, c->argv[i]);
        if (set || add)
            k->type = command->type;
    }
    touch(redis, k);
    return int_reply(n);
}

static dw_reply exec(sim_redis *redis, sim_conn *conn)
{
    bool stale = false;
    for (size_t i = 0; i < conn->watch_count; i++)
        stale |= conn->watches[i].key->version != conn->watches[i].version;
    conn->watch_count = 0;
    conn->multi = false;
    if (conn->abort)
        return error_reply(redis, "EXECABORT Transaction discarded because of previous errors.");
    if (stale)
        return (dw_reply){.type = DW_REPLY_NIL};
    dw_reply *out = array(redis, conn->queued_count);
    for (size_t i = 0; i < conn->queued_count; i++)
        out[i] = run_one(redis, conn->queued[i]);
    return array_reply(out, conn->queued_count);
}

static dw_reply run_call(sim_redis *redis, sim_conn *conn, const dw_call *c)
{
    if (is(c->argv[0], "MULTI")) {
        conn->multi = true;
        conn->abort = false;
        conn->queued_count = 0;
        return ok_reply();
    }
    if (is(c->argv[0], "EXEC"))
        return exec(redis, conn);
    if (conn->multi) {
        assert(conn->queued_count < sizeof(conn->queued) / sizeof(conn->queued[0]));
        if (find_command(c->argv[0])->write && redis->writes_oom > 0) {
            redis->writes_oom--;
            conn->abort = true;
            return error_reply(redis, "OOM command not allowed when used memory > 'maxmemory'.");
        }
        conn->queued[conn->queued_count++] = c;
        return (dw_reply){.type = DW_REPLY_STATUS, .str = DW_STR_LIT("QUEUED")};
    }
    if (is(c->argv[0], "WATCH")) {
        assert(conn->watch_count < WATCHES_MAX);
        key *k = find_key(redis, c->argv[1]);
        for (size_t i = 0; i < conn->watch_count; i++)
            if (conn->watches[i].key == k)
                return ok_reply(); /* a change since the first WATCH still counts */
        conn->watches[conn->watch_count].key = k;
        conn->watches[conn->watch_count++].version = k->version;
        return ok_reply();
    }
    return run_one(redis, c);
}

const dw_reply *sim_redis_run(sim_redis *redis, sim_conn *conn, const dw_call *calls, size_t count, size_t stop)
{
    dw_arena_reset(redis->replies);
    dw_reply *out = array(redis, count);
    for (size_t i = 0; i < count && i < stop; i++)
        out[i] = run_call(redis, conn, &calls[i]);
    return out;
}

/* --- from outside */

static const key *peek(const sim_redis *redis, dw_str name)
{
    for (size_t i = 0; i < redis->key_count; i++)
        if (redis->keys[i].name_len == name.len && memcmp(redis->keys[i].name, name.ptr, name.len) == 0)
            return &redis->keys[i];
    return NULL;
}

uint64_t sim_redis_seals(const sim_redis *redis)
{
    return redis->seals;
}

size_t sim_redis_count(const sim_redis *redis, dw_str name)
{
    const key *k = peek(redis, name);
    return k != NULL ? k->count : 0;
}

bool sim_redis_item(const sim_redis *redis, dw_str name, size_t i, dw_str *field, dw_str *value, double *score)
{
    const key *k = peek(redis, name);
    if (k == NULL || i >= k->count)
        return false;
    *field = (dw_str){k->items[i].k, k->items[i].k_len};
    *value = (dw_str){k->items[i].v, k->items[i].v_len};
    *score = k->items[i].score;
    return true;
}

bool sim_redis_hget(const sim_redis *redis, dw_str name, const char *field, dw_str *value)
{
    const key *k = peek(redis, name);
    const item *it = k != NULL ? find_item(k, dw_str_from(field)) : NULL;
    if (it != NULL)
        *value = (dw_str){it->v, it->v_len};
    return it != NULL;
}

void sim_redis_hset(sim_redis *redis, dw_str name, const char *field, const char *value)
{
    key *k = find_key(redis, name);
    k->type = HASH;
    set_item(k, dw_str_from(field), dw_str_from(value), 0);
    touch(redis, k);
}

/* redis_check.c: INFO, the default user's rights, and the identity key. */

#include "daemon/redis_check.h"

#include "daemon/shard/keys.h"
#include "daemon/shard/meta.h"

struct dw_redis_check {
    dw_log *log;
    const dw_settings *settings;
    dw_kafka_facts facts;
    dw_redis_check_callback *call;
    void *user;
    dw_redis_link *link;
    char key[200], partitions[16];
};

enum { ASK_FACTS = 1, ASK_IDENTITY = 2 }; /* tickets */

static void refuse(dw_redis_check *check, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void refuse(dw_redis_check *check, const char *fmt, ...)
{
    char text[600];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    dw_log_write(check->log, DW_LOG_ERROR, "redis_refused", DW_LOG_NO_PARTITION, "%s", text);
}

static bool check_info(dw_redis_check *check, dw_str info)
{
    const dw_settings *s = check->settings;
    bool ok = true;
    if (!dw_str_eq(dw_redis_info(info, "cluster_enabled"), DW_STR_LIT("0"))) {
        refuse(check,
               "%s is a cluster node (cluster_enabled); driftwatch needs a server of its own: set `cluster-enabled "
               "no` in redis.conf",
               s->redis_address);
        ok = false;
    }
    dw_str policy = dw_redis_info(info, "maxmemory_policy");
    if (!dw_str_eq(policy, DW_STR_LIT("noeviction"))) {
        refuse(check,
               "%s has maxmemory-policy %.*s: it would drop children's records when full; mend it: `redis-cli CONFIG "
               "SET maxmemory-policy noeviction` and the same in redis.conf",
               s->redis_address, DW_STR_ARG(policy));
        ok = false;
    }
    if (dw_str_eq(dw_redis_info(info, "aof_enabled"), DW_STR_LIT("1")))
        return ok;
    if (s->redis_allow_no_persistence) {
        dw_log_write(check->log, DW_LOG_WARN, "redis_no_persistence", DW_LOG_NO_PARTITION,
                     "%s writes nothing to disk (appendonly no): after each of its restarts everything is read again",
                     s->redis_address);
        return ok;
    }
    refuse(check,
           "%s has appendonly no: a restart loses the state; mend it: `redis-cli CONFIG SET appendonly yes` and the "
           "same in redis.conf (redis.allow_no_persistence: true accepts it)",
           s->redis_address);
    return false;
}

/* With a default user without rights, Redis 7.0 refuses to load transactions from its own file at the next start. */
static void note_default_user(dw_redis_check *check, const dw_reply *acl)
{
    if (acl->type != DW_REPLY_ARRAY)
        return; /* not ours to read */
    for (size_t i = 0; i + 1 < acl->count; i += 2) {
        dw_str value = acl->items[i + 1].str;
        bool commands =
            dw_str_eq(acl->items[i].str, DW_STR_LIT("commands")) && memmem(value.ptr, value.len, "+@all", 5) == NULL;
        bool keys = dw_str_eq(acl->items[i].str, DW_STR_LIT("keys")) && memmem(value.ptr, value.len, "~*", 2) == NULL;
        if (commands || keys) {
            dw_log_write(
                check->log, DW_LOG_WARN, "redis_default_user", DW_LOG_NO_PARTITION,
                "the default user has no rights: Redis 7.0 then refuses its own transactions when it loads its "
                "file, and the state is gone after a restart; use `user default off resetpass ~* &* +@all`");
            return;
        }
    }
}

static dw_str field(const dw_reply *hash, const char *name)
{
    for (size_t i = 0; hash->type == DW_REPLY_ARRAY && i + 1 < hash->count; i += 2)
        if (dw_str_eq(hash->items[i].str, dw_str_from(name)))
            return hash->items[i + 1].str;
    return (dw_str){"", 0};
}

static void write_identity(dw_redis_check *check)
{
    const dw_str values[][4] = {
        {DW_STR_LIT("HSETNX"), dw_str_from(check->key), DW_STR_LIT("environment"),
         dw_str_from(check->settings->environment)},
        {DW_STR_LIT("HSETNX"), dw_str_from(check->key), DW_STR_LIT("topic"),
         dw_str_from(check->settings->kafka_topics_input)},
        {DW_STR_LIT("HSETNX"), dw_str_from(check->key), DW_STR_LIT("partitions"), dw_str_from(check->partitions)},
        {DW_STR_LIT("HSETNX"), dw_str_from(check->key), DW_STR_LIT("cluster_id"), dw_str_from(check->facts.cluster_id)},
    };
    const dw_str get[] = {DW_STR_LIT("HGETALL"), dw_str_from(check->key)};
    const dw_call calls[] = {{4, values[0]}, {4, values[1]}, {4, values[2]}, {4, values[3]}, {2, get}};
    dw_redis_link_send(check->link, ASK_IDENTITY, calls, 5);
}

static bool same(dw_redis_check *check, const dw_reply *identity, const char *name, const char *ours, const char *what)
{
    dw_str theirs = field(identity, name);
    if (dw_str_eq(theirs, dw_str_from(ours)))
        return true;
    refuse(
        check,
        "the keys %s:* in %s belong to another log (%s is %.*s there and %s here): use another redis.prefix, or, when "
        "that state is really not wanted, remove them: `redis-cli --scan --pattern '%s:*' | xargs redis-cli UNLINK`",
        check->settings->redis_prefix, check->settings->redis_address, what, DW_STR_ARG(theirs), ours,
        check->settings->redis_prefix);
    return false;
}

static dw_check_outcome check_identity(dw_redis_check *check, const dw_reply *identity)
{
    bool ok = same(check, identity, "topic", check->settings->kafka_topics_input, "the topic");
    /* a mock broker has no lasting id, and a topic restored elsewhere is for the shards to judge by their anchors */
    if (check->facts.cluster_id[0] != '\0' && field(identity, "cluster_id").len > 0)
        ok = same(check, identity, "cluster_id", check->facts.cluster_id, "the Kafka cluster") && ok;
    if (ok && field(identity, "environment").len > 0) /* else by a build that did not write it */
        ok = same(check, identity, "environment", check->settings->environment, "the environment");
    return ok ? DW_CHECKED_OK : DW_CHECKED_REFUSED;
}

/* Partition count of the state in Redis; without any, today's. */
static int32_t stored_partitions(const dw_redis_check *check, const dw_reply *identity)
{
    int64_t count = 0;
    bool known = dw_number_parse(field(identity, "partitions"), &count) && count > 0 && count <= INT32_MAX;
    return known ? (int32_t)count : check->facts.partitions;
}

/* A topic of ours with fewer partitions than the input is mended by widening it, unless the input is what was changed. */
static bool check_widths(dw_redis_check *check, const dw_reply *identity)
{
    if (check->facts.too_narrow[0] == '\0' || stored_partitions(check, identity) != check->facts.partitions)
        return true;
    dw_log_write(check->log, DW_LOG_ERROR, "kafka_refused", DW_LOG_NO_PARTITION, "%s", check->facts.too_narrow);
    return false;
}

static void on_up(void *user, const char *run_id)
{
    dw_redis_check *check = user;
    (void)run_id;
    const dw_str info[] = {DW_STR_LIT("INFO")};
    const dw_str acl[] = {DW_STR_LIT("ACL"), DW_STR_LIT("GETUSER"), DW_STR_LIT("default")};
    const dw_str get[] = {DW_STR_LIT("HGETALL"), dw_str_from(check->key)};
    const dw_call calls[] = {{1, info}, {3, acl}, {2, get}};
    dw_redis_link_send(check->link, ASK_FACTS, calls, 3);
}

static void on_reply(void *user, uint64_t ticket, const dw_reply *replies, size_t count)
{
    dw_redis_check *check = user;
    if (count == 0)
        return; /* asked again when the link is back */
    const dw_reply *identity = &replies[count - 1];
    if (replies[0].type == DW_REPLY_ERROR || identity->type != DW_REPLY_ARRAY) {
        const dw_reply *bad = replies[0].type == DW_REPLY_ERROR ? &replies[0] : identity;
        refuse(check, "the user %s may not do what the daemon needs: %.*s; see driftwatchd(8), REDIS",
               check->settings->redis_user[0] != '\0' ? check->settings->redis_user : "default", DW_STR_ARG(bad->str));
        check->call(check->user, DW_CHECKED_REFUSED, 0);
        return;
    }
    if (ticket == ASK_FACTS) {
        note_default_user(check, &replies[1]);
        if (!check_info(check, replies[0].str) || !check_widths(check, identity)) {
            check->call(check->user, DW_CHECKED_REFUSED, 0);
            return;
        }
        bool whole = field(identity, "environment").len > 0;
        if (identity->count == 0 || (!whole && check_identity(check, identity) == DW_CHECKED_OK)) {
            write_identity(check);
            return;
        }
    }
    check->call(check->user, check_identity(check, identity), stored_partitions(check, identity));
}

dw_redis_check *dw_redis_check_new(dw_redis *redis, dw_log *log, const dw_settings *settings,
                                   const dw_kafka_facts *facts, dw_redis_check_callback *call, void *user)
{
    static const dw_redis_handler handler = {.up = on_up, .reply = on_reply};
    dw_redis_check *check = calloc(1, sizeof(*check));
    if (check == NULL)
        return NULL;
    *check = (dw_redis_check){.log = log, .settings = settings, .facts = *facts, .call = call, .user = user};
    snprintf(check->key, sizeof(check->key), "%s:identity", settings->redis_prefix);
    snprintf(check->partitions, sizeof(check->partitions), "%d", facts->partitions);
    check->link = dw_redis_link_new(redis, DW_LOG_NO_PARTITION, &handler, check);
    if (check->link == NULL)
        dw_redis_check_free(&check);
    return check;
}

void dw_redis_check_free(dw_redis_check **check)
{
    if (*check == NULL)
        return;
    dw_redis_link_free(&(*check)->link);
    free(*check);
    *check = NULL;
}

bool dw_redis_check_is_up(const dw_redis_check *check)
{
    return dw_redis_link_is_up(check->link);
}

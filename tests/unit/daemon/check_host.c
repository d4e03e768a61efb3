/* What a host does beside carrying bytes: whose turn it is to read, and that every input's commands are carried out. The engine,
 * its connection and its log are stand-ins. */
// wrap: dw_shard_new dw_shard_free dw_shard_assigned dw_shard_next dw_shard_get_stats dw_shard_wake_boot_us dw_shard_room dw_shard_waits dw_shard_revoke dw_shard_configure dw_fetch_start dw_fetch_stop dw_fetch_again dw_fetch_read dw_group_commit dw_redis_link_new dw_redis_link_free dw_redis_link_run_id

#include "daemon/host.h"
#include "tests/support/suite.h"

#include <stdlib.h>

#define HOSTS 3

/* An engine as a test wants it. */
typedef struct engine {
    dw_shard_stats stats;
    bool waits, slow; /* slow: it lets go later */
    dw_command commands[4];
    size_t count;
} engine;

static engine engines[HOSTS];
static int made, again[HOSTS], committed, released;
static const dw_redis_handler *handler;
static void *users[HOSTS];
static int links;
static dw_cache *cache;

static engine *engine_of(const dw_shard *shard)
{
    return (engine *)(uintptr_t)shard;
}

dw_shard *__wrap_dw_shard_new(const dw_shard_config *config);
dw_shard *__wrap_dw_shard_new(const dw_shard_config *config)
{
    engine *e = &engines[config->partition];
    e->stats.state = DW_SHARD_RUN;
    made++;
    return (dw_shard *)e;
}
void __wrap_dw_shard_free(dw_shard **shard);
void __wrap_dw_shard_free(dw_shard **shard)
{
    *shard = NULL;
}
void __wrap_dw_shard_assigned(dw_shard *shard, dw_now now);
void __wrap_dw_shard_assigned(dw_shard *shard, dw_now now)
{
    (void)now;
    engine_of(shard)->commands[engine_of(shard)->count++] = (dw_command){.kind = DW_CMD_FETCH, .offset = 7};
}
bool __wrap_dw_shard_next(dw_shard *shard, dw_command *out);
bool __wrap_dw_shard_next(dw_shard *shard, dw_command *out)
{
    engine *e = engine_of(shard);
    if (e->count == 0)
        return false;
    *out = e->commands[--e->count];
    return true;
}
const dw_shard_stats *__wrap_dw_shard_get_stats(const dw_shard *shard);
const dw_shard_stats *__wrap_dw_shard_get_stats(const dw_shard *shard)
{
    return &engine_of(shard)->stats;
}
int64_t __wrap_dw_shard_wake_boot_us(const dw_shard *shard);
int64_t __wrap_dw_shard_wake_boot_us(const dw_shard *shard)
{
    (void)shard;
    return INT64_MAX;
}
size_t __wrap_dw_shard_room(const dw_shard *shard);
size_t __wrap_dw_shard_room(const dw_shard *shard)
{
    return engine_of(shard)->waits ? 0 : 1000;
}
bool __wrap_dw_shard_waits(const dw_shard *shard);
bool __wrap_dw_shard_waits(const dw_shard *shard)
{
    return engine_of(shard)->waits;
}
void __wrap_dw_shard_revoke(dw_shard *shard, bool lost, dw_now now);
void __wrap_dw_shard_revoke(dw_shard *shard, bool lost, dw_now now)
{
    (void)lost;
    (void)now;
    if (engine_of(shard)->slow)
        return;
    engine_of(shard)->stats.state = DW_SHARD_RELEASED;
    if (!engine_of(shard)->waits)
        dw_cache_filling(cache)->used--;
}
void __wrap_dw_shard_configure(dw_shard *shard, int64_t percent, int64_t per_minute);
void __wrap_dw_shard_configure(dw_shard *shard, int64_t percent, int64_t per_minute)
{
    ck_assert_int_eq(percent, 11);
    ck_assert_int_eq(per_minute, 22);
    engine_of(shard)->commands[engine_of(shard)->count++] = (dw_command){.kind = DW_CMD_COMMIT_WITNESS, .offset = 3};
}
void __wrap_dw_fetch_start(dw_fetch *fetch, int32_t partition, int64_t offset);
void __wrap_dw_fetch_start(dw_fetch *fetch, int32_t partition, int64_t offset)
{
    (void)fetch;
    (void)partition;
    ck_assert_int_eq(offset, 7);
}
void __wrap_dw_fetch_stop(dw_fetch *fetch, int32_t partition);
void __wrap_dw_fetch_stop(dw_fetch *fetch, int32_t partition)
{
    (void)fetch;
    (void)partition;
}
void __wrap_dw_fetch_again(dw_fetch *fetch, int32_t partition);
void __wrap_dw_fetch_again(dw_fetch *fetch, int32_t partition)
{
    (void)fetch;
    again[partition]++;
}
size_t __wrap_dw_fetch_read(dw_fetch *fetch, int32_t partition, rd_kafka_message_t **messages, size_t max);
size_t __wrap_dw_fetch_read(dw_fetch *fetch, int32_t partition, rd_kafka_message_t **messages, size_t max)
{
    (void)fetch;
    (void)partition;
    (void)messages;
    (void)max;
    return 0;
}
void __wrap_dw_group_commit(dw_group *group, int32_t partition, int64_t offset);
void __wrap_dw_group_commit(dw_group *group, int32_t partition, int64_t offset)
{
    (void)group;
    ck_assert_int_eq(partition, 0);
    ck_assert_int_eq(offset, 3);
    committed++;
}
dw_redis_link *__wrap_dw_redis_link_new(dw_redis *redis, int32_t partition, const dw_redis_handler *calls, void *user);
dw_redis_link *__wrap_dw_redis_link_new(dw_redis *redis, int32_t partition, const dw_redis_handler *calls, void *user)
{
    (void)redis;
    handler = calls;
    users[partition] = user;
    links++;
    return (dw_redis_link *)&links;
}
void __wrap_dw_redis_link_free(dw_redis_link **link);
void __wrap_dw_redis_link_free(dw_redis_link **link)
{
    *link = NULL;
}
const char *__wrap_dw_redis_link_run_id(const dw_redis_link *link);
const char *__wrap_dw_redis_link_run_id(const dw_redis_link *link)
{
    (void)link;
    return "run";
}

static void on_released(void *user, int32_t partition)
{
    (void)user;
    (void)partition;
    released++;
}
static void on_changed(void *user)
{
    (void)user;
}

static dw_settings settings = {.shard_deadletter_hold_percent = 11, .shard_deadletter_hold_per_minute = 22};
static dw_host_env env;
static dw_host *hosts[HOSTS];

/* Host 0 fills and nobody else may; the others have something to read, and wait for it in the order of their numbers. */
static void begin(void)
{
    memset(engines, 0, sizeof(engines));
    memset(again, 0, sizeof(again));
    made = committed = released = 0;
    cache = dw_cache_new(1000);
    dw_cache_filling(cache)->used = dw_cache_filling(cache)->max;
    env = (dw_host_env){.loop = dw_loop_new(),
                        .log = dw_log_new(stderr, DW_LOG_TEXT, DW_LOG_ERROR),
                        .settings = &settings,
                        .cache = cache,
                        .partition_count = HOSTS,
                        .released = on_released,
                        .changed = on_changed};
    TAILQ_INIT(&env.waiting);
    for (int32_t i = 0; i < HOSTS; i++) {
        engines[i].waits = i != 0;
        hosts[i] = dw_host_new(&env, i, 1);
        handler->up(users[i], "run");
        if (i != 0)
            dw_host_readable(hosts[i]);
    }
    ck_assert_int_eq(made, HOSTS);
    memset(again, 0, sizeof(again));
}

static void end(void)
{
    for (int32_t i = 0; i < HOSTS; i++)
        dw_host_free(&hosts[i]);
    ck_assert(TAILQ_EMPTY(&env.waiting));
    dw_log_free(&env.log);
    dw_loop_free(&env.loop);
    dw_cache_free(&cache);
}

/* Whoever lets go of a shard that fills hands its turn on: nothing else may come that would. */
START_TEST(a_released_shards_turn_is_the_next_ones)
{
    begin();
    dw_host_revoke(hosts[0], false);
    ck_assert_int_eq(released, 1);
    ck_assert_int_eq(again[1], 1);
    ck_assert_int_eq(again[2], 0);
    end();
}
END_TEST

START_TEST(a_claim_anew_hands_the_turn_on)
{
    begin();
    dw_host_recount(hosts[0]);
    ck_assert_int_eq(made, HOSTS + 1);
    ck_assert_int_eq(again[1], 1);
    end();
}
END_TEST

/* It has nothing to read any more: the turn would be lost on it. */
START_TEST(who_is_revoked_leaves_the_line)
{
    begin();
    engines[1].slow = true;
    dw_host_revoke(hosts[1], false);
    dw_host_revoke(hosts[0], false);
    ck_assert_int_eq(again[1], 0);
    ck_assert_int_eq(again[2], 1);
    end();
    begin();
    engines[1].slow = true;
    dw_host_recount(hosts[1]);
    dw_host_revoke(hosts[0], false);
    ck_assert_int_eq(again[1], 0);
    ck_assert_int_eq(again[2], 1);
    end();
}
END_TEST

/* New limits may end a hold: what the engine wants then does not wait for the next input. */
START_TEST(a_reload_is_an_input)
{
    begin();
    dw_host_configure(hosts[0]);
    ck_assert_int_eq(committed, 1);
    dw_host_revoke(hosts[0], false);
    dw_host_configure(hosts[0]); /* it is gone: nothing to configure */
    ck_assert_int_eq(engines[0].count, 0);
    ck_assert_int_eq(committed, 1);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host");
    TCase *tc = tcase_create("host");
    tcase_add_test(tc, a_released_shards_turn_is_the_next_ones);
    tcase_add_test(tc, a_claim_anew_hands_the_turn_on);
    tcase_add_test(tc, who_is_revoked_leaves_the_line);
    tcase_add_test(tc, a_reload_is_an_input);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

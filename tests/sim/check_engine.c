// link: dw_shard dw_config
/* check_engine.c: what the engine promises in single situations, each played in the simulated world without other faults. */
#include <check.h>

#include "proto/json.h"
#include "tests/sim/sim_events.h"

static sim_texts texts;
static dw_policy_text own;

static sim_world *new_world(void)
{
    own = sim_texts_policy(&texts, 1, 0);
    sim_world *world = sim_world_new(42, &own);
    world->create_time = false;
    world->caps = (dw_turn_caps){.subjects = 100,
                                 .child_events = 100,
                                 .due = 50,
                                 .fires = 1000,
                                 .rows = 1000,
                                 .row_bytes = 1 << 20,
                                 .switched = 50,
                                 .outbox_rows = 50,
                                 .outbox_memory = 10000};
    world->outbox_rows_max = 1000;
    return world;
}

static void json_to(sim_world *world, int32_t partition, const char *key, bool sign, const char *json)
{
    dw_event ev;
    dw_error err = {DW_OK, ""};
    const uint8_t *value;
    size_t len;
    int64_t log_time_us;
    char hex[65] = "";
    dw_arena *arena = dw_arena_new(1 << 20);
    ck_assert_msg(dw_event_from_json(json, strlen(json), arena, &ev, &log_time_us, &err) == DW_OK, "%s: %s", json,
                  err.text);
    ck_assert(dw_event_encode(&ev, arena, &value, &len, &err) == DW_OK);
    dw_str k = dw_str_from(key), v = {(const char *)value, (uint32_t)len};
    if (sign)
        dw_auth_compute(world->auth_key, world->auth_key_len, k, v, hex);
    sim_log_add(&world->input[partition], world->now_us, &k, &v, dw_str_from(hex), (dw_str){NULL, 0});
    dw_arena_free(&arena);
}

static int32_t home(const char *key)
{
    return dw_partition_of(dw_str_from(key), SIM_PARTITIONS);
}

/* A missing episode of child-1 began now: overdue 24 hours later under MI-01. */
static const char *missing_json(sim_world *world, unsigned record, const char *child)
{
    static char json[700];
    char when[32];
    dw_instant_format(world->now_us - world->now_us % 1000000, when);
    (void)snprintf(
        json, sizeof(json),
        "{\"event_id\":\"e%u\",\"la_code\":\"301\",\"child_ref\":\"%s\",\"occurred_at\":\"%s\",\"source_system\":\"T\","
        "\"source_record_id\":\"r%u\",\"source_revision\":1,\"op\":\"CREATE\",\"missing_episode\":{\"episode_id\":\"m%"
        "u\","
        "\"phase\":\"OPENED\",\"category\":\"M\",\"mis_start\":\"%s\"}}",
        record, child, when, record, record, when);
    return json;
}

static const dw_shard_stats *stats_of(const sim_world *world, int32_t p)
{
    const dw_shard *shard = sim_world_shard(world, p);
    ck_assert_ptr_nonnull(shard);
    return dw_shard_get_stats(shard);
}

/* What holds before the claim looks again from time to time, and may be doing so just now. */
static void held(sim_world *world, int32_t p, dw_hold hold)
{
    sim_world_run(world, 600, 20000);
    for (int i = 0; i < 100 && stats_of(world, p)->state == DW_SHARD_CLAIM; i++)
        sim_world_run(world, 1, 20000);
    const dw_shard_stats *stats = stats_of(world, p);
    ck_assert_msg(stats->state == DW_SHARD_HELD && stats->hold == hold, "%s %s: %s", dw_shard_state_name(stats->state),
                  dw_hold_name(stats->hold), stats->hold_text);
    ck_assert_msg(stats->hold_text[0] != '\0', "a hold says what to do");
}

static void meta_set(sim_world *world, int32_t p, const char *field, const char *value)
{
    char buf[DW_KEY_BYTES_MAX];
    sim_redis_hset(world->redis, sim_key(DW_KEY_META, p, buf), field, value);
}

static size_t rows_of(const sim_world *world, const char *transition)
{
    size_t n = 0;
    dw_arena *arena = dw_arena_new(1 << 20);
    for (int32_t p = 0; p < SIM_PARTITIONS; p++)
        for (size_t i = 0; i < world->alerts[p].count; i++) {
            dw_log_record rec;
            dw_transition tr;
            sim_log_get(&world->alerts[p], i, &rec);
            dw_arena_reset(arena);
            ck_assert(dw_transition_decode((const uint8_t *)rec.value.ptr, rec.value.len, arena, &tr, NULL) == DW_OK);
            n += strcmp(dw_transition_name(tr.kind), transition) == 0;
        }
    dw_arena_free(&arena);
    return n;
}

static bool dead_letter(const sim_world *world, int32_t p, const char *reason)
{
    char want[64];
    (void)snprintf(want, sizeof(want), "\"reason\":\"%s\"", reason);
    for (size_t i = 0; i < world->dead[p].count; i++) {
        dw_log_record rec;
        sim_log_get(&world->dead[p], i, &rec);
        if (memmem(rec.value.ptr, rec.value.len, want, strlen(want)) != NULL)
            return true;
    }
    return false;
}

START_TEST(first_start_is_one_step)
{
    sim_world *world = new_world();
    ck_assert(sim_world_settle(world));
    for (int32_t p = 0; p < SIM_PARTITIONS; p++) {
        ck_assert_uint_eq(stats_of(world, p)->policy_number, 1);
        ck_assert_int_gt(stats_of(world, p)->holidays_until, dw_day_from_ymd(2020, 1, 1));
        ck_assert_uint_eq(world->input[p].count, 1);
        ck_assert_uint_eq(stats_of(world, p)->own_policy_differs, 0);
    }
    sim_world_free(&world);
}
END_TEST

START_TEST(silence_fires_and_ticks_are_rare)
{
    sim_world *world = new_world();
    int32_t p = home("301/child-1");
    ck_assert(sim_world_settle(world));
    json_to(world, p, "301/child-1", false, missing_json(world, 1, "child-1"));
    ck_assert(sim_world_settle(world));
    size_t before = world->input[p].count;
    world->now_us += INT64_C(23) * 3600 * 1000000;
    ck_assert(sim_world_settle(world));
    ck_assert_uint_eq(rows_of(world, "opened"), 0);
    ck_assert_uint_le(world->input[p].count, before + 1);
    world->now_us += INT64_C(3600) * 1000000;
    ck_assert(sim_world_settle(world));
    ck_assert_uint_eq(rows_of(world, "opened"), 1);
    ck_assert_uint_le(world->input[p].count, before + 3);
    sim_world_free(&world);
}
END_TEST

START_TEST(silence_fires_after_a_restart)
{
    sim_world *world = new_world();
    int32_t p = home("301/child-1");
    ck_assert(sim_world_settle(world));
    json_to(world, p, "301/child-1", false, missing_json(world, 1, "child-1"));
    ck_assert(sim_world_settle(world));
    sim_world_restart(world);
    world->now_us += INT64_C(25) * 3600 * 1000000;
    ck_assert(sim_world_settle(world));
    ck_assert_uint_eq(rows_of(world, "opened"), 1);
    sim_world_free(&world);
}
END_TEST

START_TEST(no_key_no_policy)
{
    sim_world *world = new_world();
    int32_t p = home("301/child-1");
    world->auth_key = NULL;
    world->auth_key_len = 0;
    sim_world_run(world, 600, 20000);
    json_to(world, p, "301/child-1", false, missing_json(world, 1, "child-1"));
    world->now_us += INT64_C(48) * 3600 * 1000000;
    json_to(world, p, "301/child-1", false, missing_json(world, 2, "child-1"));
    ck_assert(sim_world_settle(world));
    ck_assert_uint_eq(stats_of(world, p)->policy_number, 0);
    ck_assert_uint_eq(stats_of(world, p)->applied, 2);
    ck_assert_uint_eq(rows_of(world, "opened"), 0);
    sim_world_free(&world);
}
END_TEST

START_TEST(create_time_sends_no_ticks)
{
    sim_world *world = new_world();
    int32_t p = home("301/child-1");
    world->create_time = true;
    ck_assert(sim_world_settle(world));
    json_to(world, p, "301/child-1", false, missing_json(world, 1, "child-1"));
    world->now_us += INT64_C(48) * 3600 * 1000000;
    ck_assert(sim_world_settle(world));
    ck_assert_uint_eq(world->input[p].count, 2);
    ck_assert_uint_eq(rows_of(world, "opened"), 0);
    dw_log_record rec;
    sim_log_get(&world->input[p], 0, &rec);
    ck_assert_int_eq(rec.stamp_us, 1000); /* the shard's clock, at least a millisecond */
    sim_world_free(&world);
}
END_TEST

START_TEST(empty_store_holds_until_released)
{
    sim_world *world = new_world();
    int32_t p = home("301/child-1");
    ck_assert(sim_world_settle(world));
    json_to(world, p, "301/child-1", false, missing_json(world, 1, "child-1"));
    world->now_us += INT64_C(48) * 3600 * 1000000;
    ck_assert(sim_world_settle(world));
    size_t rows = rows_of(world, "opened");
    sim_world_restart(world);
    sim_redis_free(&world->redis);
    world->redis = sim_redis_new();
    held(world, p, DW_HOLD_EMPTY_STORE);
    meta_set(world, p, "released", "empty_store:restored nothing");
    sim_world_run(world, 2000, 20000);
    ck_assert_int_eq(stats_of(world, p)->state, DW_SHARD_RUN);
    ck_assert_uint_eq(rows_of(world, "opened"), 2 * rows); /* the same rows again, under the same positions */
    sim_world_free(&world);
}
END_TEST

static const struct {
    const char *field, *value;
    dw_hold hold;
} edits[] = {{"partitions", "64", DW_HOLD_PARTITIONS},
             {"core", "99", DW_HOLD_NEWER_CORE},
             {"format", "99", DW_HOLD_NEWER_CORE},
             {"offset", "x", DW_HOLD_BAD_STATE},
             {"offset", "500", DW_HOLD_LOG_BEHIND},
             {"outbox_last", "0-7", DW_HOLD_TORN_COMMIT},
             {"policy_number", "7", DW_HOLD_BAD_STATE},
             {"cluster_id", "elsewhere", DW_HOLD_CLUSTER},
             {"anchor", "0:0000000000000000", DW_HOLD_ANCHOR}};

START_TEST(wrong_meta_holds)
{
    sim_world *world = new_world();
    ck_assert(sim_world_settle(world));
    sim_world_restart(world);
    meta_set(world, 1, edits[_i].field, edits[_i].value);
    held(world, 1, edits[_i].hold);
    ck_assert_int_eq(stats_of(world, 0)->state, DW_SHARD_RUN); /* the others go on */
    sim_world_free(&world);
}
END_TEST

/* Also where a shard has no state yet: it is of a partition that came later. */
START_TEST(a_fresh_shard_holds_on_another_partition_count)
{
    sim_world *world = new_world();
    world->stored_partitions = SIM_PARTITIONS - 1;
    sim_world_restart(world);
    held(world, 0, DW_HOLD_PARTITIONS);
    held(world, SIM_PARTITIONS - 1, DW_HOLD_PARTITIONS);
    world->stored_partitions = SIM_PARTITIONS;
    sim_world_restart(world);
    ck_assert(sim_world_settle(world));
    ck_assert_int_eq(stats_of(world, 0)->state, DW_SHARD_RUN);
    sim_world_free(&world);
}
END_TEST

START_TEST(another_record_at_the_anchor_holds)
{
    sim_world *world = new_world();
    ck_assert(sim_world_settle(world));
    sim_world_restart(world);
    world->input[2].items[0].bytes[world->input[2].items[0].value_len / 2] ^= 1;
    held(world, 2, DW_HOLD_ANCHOR);
    meta_set(world, 2, "released", "anchor_differs:known");
    sim_world_run(world, 1500, 20000);
    ck_assert_int_eq(stats_of(world, 2)->state, DW_SHARD_RUN);
    sim_world_free(&world);
}
END_TEST

START_TEST(foreign_types_hold_and_rebuild_mends)
{
    static const dw_key_id ids[] = {DW_KEY_OUTBOX, DW_KEY_DEADLINES, DW_KEY_BY_POST};
    sim_world *world = new_world();
    char buf[DW_KEY_BYTES_MAX];
    int32_t p = home("301/child-1");
    ck_assert(sim_world_settle(world));
    sim_redis_hset(world->redis, sim_key(ids[_i], p, buf), "written", "by a stranger");
    json_to(world, p, "301/child-1", false, missing_json(world, 1, "child-1"));
    held(world, p, DW_HOLD_BAD_STATE);
    ck_assert_int_eq(stats_of(world, p)->next_offset, 1);
    meta_set(world, p, "released", "rebuild:simulated");
    sim_world_run(world, 2500, 20000);
    ck_assert_int_eq(stats_of(world, p)->state, DW_SHARD_RUN);
    ck_assert_int_eq(stats_of(world, p)->next_offset, (int64_t)world->input[p].count);
    sim_world_free(&world);
}
END_TEST

START_TEST(future_record_waits)
{
    sim_world *world = new_world();
    int32_t p = home("301/child-1");
    ck_assert(sim_world_settle(world));
    world->now_us += INT64_C(3600) * 1000000;
    json_to(world, p, "301/child-1", false, missing_json(world, 1, "child-1"));
    world->now_us -= INT64_C(3600) * 1000000;
    held(world, p, DW_HOLD_FUTURE_RECORD);
    ck_assert_int_eq(stats_of(world, p)->next_offset, 1);
    world->now_us += INT64_C(3600) * 1000000;
    ck_assert(sim_world_settle(world));
    ck_assert_int_ge(stats_of(world, p)->next_offset, 2);
    sim_world_free(&world);
}
END_TEST

START_TEST(dead_letters_hold_by_minute_and_by_share)
{
    sim_world *world = new_world();
    dw_str junk = DW_STR_LIT("\xff\xff\xff"), key = DW_STR_LIT("301/child-1");
    int32_t p = home("301/child-1");
    world->dead_letter_percent = _i == 0 ? 100 : 1;
    world->dead_letter_per_minute = _i == 0 ? 5 : 0;
    ck_assert(sim_world_settle(world));
    for (int i = 0; i < 30; i++)
        sim_log_add(&world->input[p], world->now_us, &key, &junk, (dw_str){NULL, 0}, (dw_str){NULL, 0});
    held(world, p, DW_HOLD_DEAD_LETTERS);
    ck_assert_uint_eq(stats_of(world, p)->dead_lettered, _i == 0 ? 6 : 11); /* and not one more */
    for (int i = 0; i < SIM_INSTANCES; i++)
        if (world->instances[i].slots[p].shard != NULL)
            dw_shard_configure(world->instances[i].slots[p].shard, 100, 0);
    ck_assert(sim_world_settle(world));
    ck_assert_uint_eq(stats_of(world, p)->dead_lettered, 30);
    ck_assert(dead_letter(world, p, "undecodable"));
    sim_world_free(&world);
}
END_TEST

/* One release lets pass all that is in the log at that moment, whether the shard had read it or not, also when the shard is
 * claimed anew before it is through (_i 1) or the release came while nobody had it (_i 2); what comes later counts again. */
START_TEST(one_release_passes_all_dead_letters_in_the_log)
{
    sim_world *world = new_world();
    dw_str junk = DW_STR_LIT("\xff\xff\xff"), key = DW_STR_LIT("301/child-1"), none = {NULL, 0};
    int32_t p = home("301/child-1");
    const size_t flood = 300;
    world->dead_letter_percent = 1;
    world->turn_bytes = 1000; /* a shard that is held has read little beyond where it stands */
    ck_assert(sim_world_settle(world));
    for (size_t i = 0; i < flood; i++)
        sim_log_add(&world->input[p], world->now_us, &key, &junk, none, none);
    sim_world_run(world, 3000, 20000);
    held(world, p, DW_HOLD_DEAD_LETTERS);
    ck_assert_int_lt(stats_of(world, p)->high, (int64_t)flood);
    for (size_t i = 0; i < flood; i++)
        sim_log_add(&world->input[p], world->now_us, &key, &junk, none, none);
    int64_t end = (int64_t)world->input[p].count;
    if (_i == 2)
        sim_world_restart(world);
    meta_set(world, p, "released", "dead_letters:seen");
    int n = 0;
    do
        sim_world_run(world, 10, 20000);
    while (++n < 400 && stats_of(world, p)->next_offset < 100);
    if (_i == 1) {
        ck_assert_int_lt(stats_of(world, p)->next_offset, end);
        sim_world_restart(world);
    }
    ck_assert(sim_world_settle(world));
    ck_assert_int_ge(stats_of(world, p)->next_offset, end);
    for (size_t i = 0; i < flood; i++)
        sim_log_add(&world->input[p], world->now_us, &key, &junk, none, none);
    sim_world_run(world, 3000, 20000);
    held(world, p, DW_HOLD_DEAD_LETTERS);
    ck_assert_int_lt(stats_of(world, p)->next_offset, end + 100);
    sim_world_free(&world);
}
END_TEST

START_TEST(newer_core_and_unusable_policy_hold_at_their_offset)
{
    sim_world *world = new_world();
    dw_arena *arena = dw_arena_new(4 << 20);
    const uint8_t *value;
    size_t len;
    char hex[65];
    ck_assert(sim_world_settle(world));
    dw_policy_text bad = sim_texts_policy(&texts, 2, 0);
    bad.standards = DW_STR_LIT("rules: nonsense");
    if (_i == 0)
        ck_assert(dw_core_set_encode(DW_CORE_VERSION + 1, arena, &value, &len, NULL) == DW_OK);
    else
        ck_assert(dw_policy_text_encode(&bad, arena, &value, &len, NULL) == DW_OK);
    dw_str v = {(const char *)value, (uint32_t)len};
    dw_auth_compute(world->auth_key, world->auth_key_len, (dw_str){NULL, 0}, v, hex);
    sim_log_add(&world->input[0], world->now_us, NULL, &v, dw_str_from(hex), (dw_str){NULL, 0});
    held(world, 0, _i == 0 ? DW_HOLD_NEWER_CORE : DW_HOLD_POLICY);
    ck_assert_int_eq(stats_of(world, 0)->next_offset, 1);
    sim_world_free(&world);
    dw_arena_free(&arena);
}
END_TEST

START_TEST(misrouted_records_find_home_once)
{
    sim_world *world = new_world();
    int32_t p = home("301/child-1"), wrong = (p + 1) % SIM_PARTITIONS;
    dw_str key = DW_STR_LIT("301/child-1"), junk = DW_STR_LIT("junk");
    char mark[64];
    ck_assert(sim_world_settle(world));
    /* a forged mark with a position beyond all others must not make the receiver drop true ones */
    (void)snprintf(mark, sizeof(mark), "%d/999999999999-1/1/%d", wrong, SIM_PARTITIONS);
    sim_log_add(&world->input[p], world->now_us, &key, &junk, (dw_str){NULL, 0}, dw_str_from(mark));
    json_to(world, wrong, "301/child-1", false, missing_json(world, 1, "child-1"));
    ck_assert(sim_world_settle(world));
    ck_assert_uint_eq(stats_of(world, wrong)->forwarded, 1);
    ck_assert_uint_eq(stats_of(world, p)->applied, 1);
    ck_assert_uint_eq(stats_of(world, p)->dead_lettered, 1);
    /* the same forward again, as after a crash before the report */
    dw_log_record rec;
    size_t at = world->input[p].count;
    do
        sim_log_get(&world->input[p], --at, &rec); /* behind it may be a tick */
    while (rec.forward.len <= 64);
    sim_log_add(&world->input[p], world->now_us, &rec.key, &rec.value, rec.auth, rec.forward);
    ck_assert(sim_world_settle(world));
    ck_assert_uint_eq(stats_of(world, p)->forward_repeats, 1);
    ck_assert_uint_eq(stats_of(world, p)->applied, 1);
    sim_world_free(&world);
}
END_TEST

/* A log that is read anew after its topic got more partitions holds forwards of the time before: their positions are of
 * another order, and must not make the receiver drop true ones. */
START_TEST(marks_of_another_partition_count_say_nothing)
{
    sim_world *world = new_world();
    int32_t p = home("301/child-1"), wrong = (p + 1) % SIM_PARTITIONS;
    char mark[200], hex[65];
    dw_log_record rec;
    ck_assert(sim_world_settle(world));
    json_to(world, p, "301/child-1", false, missing_json(world, 1, "child-1"));
    sim_log_get(&world->input[p], world->input[p].count - 1, &rec);
    int n = snprintf(mark, sizeof(mark), "%d/999999999999-1/1/%d", wrong, SIM_PARTITIONS - 1);
    dw_auth_compute(world->auth_key, world->auth_key_len, (dw_str){mark, (uint32_t)n}, rec.value, hex);
    (void)snprintf(mark + n, sizeof(mark) - (size_t)n, "/%s", hex);
    sim_log_add(&world->input[p], world->now_us, &rec.key, &rec.value, rec.auth, dw_str_from(mark));
    json_to(world, wrong, "301/child-1", false, missing_json(world, 2, "child-1"));
    ck_assert(sim_world_settle(world));
    ck_assert_uint_eq(stats_of(world, p)->applied, 2);
    ck_assert_uint_eq(stats_of(world, p)->forward_repeats, 0);
    sim_world_free(&world);
}
END_TEST

START_TEST(a_third_hop_is_a_dead_letter)
{
    sim_world *world = new_world();
    int32_t p = home("301/child-1"), wrong = (p + 1) % SIM_PARTITIONS;
    char mark[200];
    dw_log_record rec;
    ck_assert(sim_world_settle(world));
    json_to(world, wrong, "301/child-1", false, missing_json(world, 1, "child-1"));
    sim_log_get(&world->input[wrong], world->input[wrong].count - 1, &rec);
    int n = snprintf(mark, sizeof(mark), "%d/5-1/2/%d", p, SIM_PARTITIONS);
    char hex[65];
    dw_auth_compute(world->auth_key, world->auth_key_len, (dw_str){mark, (uint32_t)n}, rec.value, hex);
    (void)snprintf(mark + n, sizeof(mark) - (size_t)n, "/%s", hex);
    sim_log_add(&world->input[wrong], world->now_us, &rec.key, &rec.value, rec.auth, dw_str_from(mark));
    ck_assert(sim_world_settle(world));
    ck_assert_uint_eq(stats_of(world, wrong)->forwarded, 1);
    ck_assert(dead_letter(world, wrong, "key_mismatch"));
    sim_world_free(&world);
}
END_TEST

START_TEST(acknowledgements_need_authority)
{
    static const char json[] =
        "{\"event_id\":\"a\",\"la_code\":\"301\",\"child_ref\":\"child-1\",\"occurred_at\":"
        "\"2026-01-05T08:00:00Z\",\"source_system\":\"driftwatch\",\"source_record_id\":\"a\","
        "\"source_revision\":1,\"op\":\"CREATE\",\"alert_acknowledged\":{\"alert_id\":"
        "\"00000000-0000-5000-8000-000000000000\",\"generation\":1,\"level\":1,\"reason_code\":\"X\","
        "\"review_by\":\"2026-01-07\",\"actor_post\":\"p\",\"actor_ref\":\"w\",\"oversight_ref\":\"n\"}}";
    sim_world *world = new_world();
    int32_t p = home("301/child-1");
    ck_assert(sim_world_settle(world));
    json_to(world, p, "301/child-1", false, json);
    ck_assert(sim_world_settle(world));
    ck_assert(dead_letter(world, p, "bad_auth"));
    ck_assert_uint_eq(stats_of(world, p)->dead_lettered, 1);
    json_to(world, p, "301/child-1", true, json);
    ck_assert(sim_world_settle(world));
    ck_assert_uint_eq(stats_of(world, p)->dead_lettered, 1);
    sim_world_free(&world);
}
END_TEST

START_TEST(gaps_are_counted_and_every_offset_has_a_fate)
{
    sim_world *world = new_world();
    int32_t p = home("301/child-1");
    ck_assert(sim_world_settle(world));
    for (unsigned i = 1; i < 6; i++)
        json_to(world, p, "301/child-1", false, missing_json(world, i, "child-1"));
    world->gap_at = 3; /* the broker keeps offset 3 for itself */
    ck_assert(sim_world_settle(world));
    const dw_shard *shard = sim_world_shard(world, p);
    ck_assert_uint_eq(shard->meta.ledger.gaps, 1);
    ck_assert_uint_eq(dw_ledger_sum(&shard->meta.ledger), (uint64_t)shard->meta.offset);
    sim_world_free(&world);
}
END_TEST

START_TEST(revoke_lets_the_commit_end)
{
    sim_world *world = new_world();
    int32_t p = home("301/child-1");
    ck_assert(sim_world_settle(world));
    json_to(world, p, "301/child-1", false, missing_json(world, 1, "child-1"));
    sim_slot *slot = &world->instances[world->owner[p]].slots[p];
    for (int i = 0; i < 5000 && !slot->shard->commit_sent; i++)
        sim_world_run(world, 1, 2000);
    ck_assert(slot->shard->commit_sent);
    dw_shard_revoke(slot->shard, false, sim_world_now(world));
    ck_assert_int_eq(slot->shard->stats.state, DW_SHARD_RELEASE);
    for (int i = 0; i < 5000 && slot->shard != NULL; i++) /* the next owner's claim would fence the commit */
        sim_world_run(world, 1, 2000);
    ck_assert_ptr_null(slot->shard);
    world->owner[p] = 1 - world->owner[p];
    ck_assert(sim_world_settle(world));
    ck_assert_int_ge(stats_of(world, p)->next_offset, 2);
    ck_assert_uint_eq(stats_of(world, p)->applied, 0); /* by the one before, not by this owner */
    sim_world_free(&world);
}
END_TEST

/* Far behind, one shard at a time collects records here, and one that is held lets the next go on. */
START_TEST(shards_far_behind_fill_one_after_the_other)
{
    sim_world *world = new_world();
    int32_t last = SIM_PARTITIONS - 1;
    bool waited = false, done = false;
    world->caps.near_records = 2;
    world->filling_max = 1;
    ck_assert(sim_world_settle(world));
    for (int i = 0; i < SIM_INSTANCES; i++)
        sim_instance_stop(world, i);
    for (unsigned record = 0; record < 300; record++) {
        char child[16], key[24];
        (void)snprintf(child, sizeof(child), "child-%u", record % 40);
        (void)snprintf(key, sizeof(key), "301/%s", child);
        bool ahead = _i == 1 && record > 100 && home(key) == last;
        world->now_us += ahead ? INT64_C(3600) * 1000000 : 0;
        json_to(world, home(key), key, false, missing_json(world, record, child));
        world->now_us -= ahead ? INT64_C(3600) * 1000000 : 0;
    }
    sim_instance_start(world, 0);
    sim_rebalance(world, false);
    for (int step = 0; step < 5000 && !done; step++) {
        size_t filling = 0;
        sim_world_run(world, 1, 20000);
        done = true;
        for (int32_t p = 0; p < SIM_PARTITIONS; p++) {
            const dw_shard *shard = world->instances[0].slots[p].shard;
            done &= shard != NULL && (shard->meta.offset + 1 >= (int64_t)world->input[p].count ||
                                      (_i == 1 && p == last && shard->stats.hold == DW_HOLD_FUTURE_RECORD));
            filling += shard != NULL && shard->filling;
            ck_assert_msg(shard == NULL || !shard->draining || dw_shard_room(shard) == 0, "it lets the others go on");
            waited |= shard != NULL && dw_shard_waits(shard);
        }
        ck_assert_uint_eq(dw_cache_filling(world->instances[0].cache)->used, filling);
        ck_assert_uint_le(filling, 1);
    }
    ck_assert_msg(done, "nobody waits for ever");
    ck_assert_msg(waited, "they did wait for each other");
    world->now_us += INT64_C(3600) * 1000000;
    ck_assert(sim_world_settle(world));
    for (int32_t p = 0; p < SIM_PARTITIONS; p++)
        ck_assert_int_ge(stats_of(world, p)->next_offset, (int64_t)world->input[p].count - 1);
    sim_world_free(&world);
}
END_TEST

int main(void)
{
    if (!sim_texts_load(&texts))
        return EXIT_FAILURE;
    Suite *suite = suite_create("engine");
    TCase *tc = tcase_create("engine");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, first_start_is_one_step);
    tcase_add_test(tc, silence_fires_and_ticks_are_rare);
    tcase_add_test(tc, silence_fires_after_a_restart);
    tcase_add_test(tc, no_key_no_policy);
    tcase_add_test(tc, create_time_sends_no_ticks);
    tcase_add_test(tc, empty_store_holds_until_released);
    tcase_add_test(tc, a_fresh_shard_holds_on_another_partition_count);
    tcase_add_loop_test(tc, wrong_meta_holds, 0, (int)(sizeof(edits) / sizeof(edits[0])));
    tcase_add_test(tc, another_record_at_the_anchor_holds);
    tcase_add_loop_test(tc, foreign_types_hold_and_rebuild_mends, 0, 3);
    tcase_add_test(tc, future_record_waits);
    tcase_add_loop_test(tc, dead_letters_hold_by_minute_and_by_share, 0, 2);
    tcase_add_loop_test(tc, one_release_passes_all_dead_letters_in_the_log, 0, 3);
    tcase_add_loop_test(tc, newer_core_and_unusable_policy_hold_at_their_offset, 0, 2);
    tcase_add_test(tc, misrouted_records_find_home_once);
    tcase_add_test(tc, marks_of_another_partition_count_say_nothing);
    tcase_add_test(tc, a_third_hop_is_a_dead_letter);
    tcase_add_test(tc, acknowledgements_need_authority);
    tcase_add_test(tc, gaps_are_counted_and_every_offset_has_a_fate);
    tcase_add_test(tc, revoke_lets_the_commit_end);
    tcase_add_loop_test(tc, shards_far_behind_fill_one_after_the_other, 0, 2);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    sim_texts_free(&texts);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The world around the engine, and its faults. */
#include "tests/sim/sim_world.h"

#include <assert.h>

#define SECOND INT64_C(1000000)

uint64_t sim_next(sim_random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

size_t sim_below(sim_random *random, size_t n)
{
    return (size_t)(sim_next(random) % n);
}

bool sim_chance(sim_random *random, unsigned percent)
{
    return sim_below(random, 100) < percent;
}

/* --- instances */

dw_now sim_world_now(const sim_world *world)
{
    return (dw_now){world->now_us, world->now_us - INT64_C(1700000000) * SECOND};
}

dw_str sim_key(dw_key_id id, int32_t partition, char buf[DW_KEY_BYTES_MAX])
{
    return (dw_str){buf, (uint32_t)dw_key(buf, "dw", SIM_TOPIC, partition, dw_key_name(id))};
}

static void drop_pending(sim_slot *slot)
{
    free(slot->calls);
    free(slot->args);
    free(slot->bytes);
    slot->calls = NULL;
    slot->args = NULL;
    slot->bytes = NULL;
    slot->redis_pending = false;
}

void sim_world_collect(sim_world *world, const dw_shard *shard)
{
    const dw_shard_stats *s = dw_shard_get_stats(shard);
    world->retries += s->commit_retries;
    world->fenced += s->fenced;
    world->rollbacks += s->store_rollbacks;
    world->pages += s->page_reads;
    world->hits += s->cache_hits;
    world->misses += s->cache_misses;
    world->ticks += s->ticks_sent;
    world->sealed += s->commits + s->claims;
}

static void slot_close(sim_world *world, sim_slot *slot)
{
    if (slot->shard != NULL)
        sim_world_collect(world, slot->shard);
    drop_pending(slot);
    while (slot->flying_count > 0) {
        free(slot->flying[slot->flying_at].record.bytes);
        slot->flying_at = (slot->flying_at + 1) % 1024;
        slot->flying_count--;
    }
    dw_shard_free(&slot->shard);
    sim_conn_free(&slot->conn);
    *slot = (sim_slot){0};
}

static void take_redis(sim_slot *slot, const dw_command *cmd)
{
    size_t args = 0, bytes = 0;
    assert(!slot->redis_pending);
    for (size_t i = 0; i < cmd->call_count; i++) {
        args += cmd->calls[i].argc;
        for (uint32_t a = 0; a < cmd->calls[i].argc; a++)
            bytes += cmd->calls[i].argv[a].len;
    }
    slot->calls = calloc(cmd->call_count, sizeof(*slot->calls));
    slot->args = calloc(args + 1, sizeof(*slot->args));
    slot->bytes = malloc(bytes + 1);
    assert(slot->calls != NULL && slot->args != NULL && slot->bytes != NULL);
    dw_str *arg = slot->args;
    char *at = slot->bytes;
    for (size_t i = 0; i < cmd->call_count; i++) {
        slot->calls[i] = (dw_call){cmd->calls[i].argc, arg};
        for (uint32_t a = 0; a < cmd->calls[i].argc; a++) {
            dw_str s = cmd->calls[i].argv[a];
            if (s.len != 0)
                memcpy(at, s.ptr, s.len);
            *arg++ = (dw_str){at, s.len};
            at += s.len;
        }
    }
    slot->call_count = cmd->call_count;
    slot->redis_ticket = cmd->ticket;
    slot->redis_pending = true;
}

static dw_str find_header(const dw_command *cmd, const char *name)
{
    for (size_t i = 0; i < cmd->header_count; i++)
        if (dw_str_eq(cmd->headers[i].name, dw_str_from(name)))
            return cmd->headers[i].value;
    return (dw_str){NULL, 0};
}

static void take_produce(sim_slot *slot, const dw_command *cmd)
{
    dw_str mark = find_header(cmd, cmd->topic == DW_TOPIC_INPUT ? "dw-forward" : "dw-position");
    assert(slot->flying_count < 1024);
    sim_publish *p = &slot->flying[(slot->flying_at + slot->flying_count++) % 1024];
    *p = (sim_publish){.ticket = cmd->ticket, .topic = cmd->topic, .partition = cmd->partition};
    p->record =
        sim_record_make(cmd->stamp_us, cmd->has_key ? &cmd->key : NULL, &cmd->value, find_header(cmd, "dw-auth"), mark);
}

void sim_drain(sim_world *world, int instance, int32_t partition)
{
    dw_command cmd;
    sim_slot *slot = &world->instances[instance].slots[partition];
    while (slot->shard != NULL && dw_shard_next(slot->shard, &cmd)) {
        switch (cmd.kind) {
        case DW_CMD_REDIS:
            take_redis(slot, &cmd);
            break;
        case DW_CMD_WITNESS:
            slot->witness_pending = true;
            slot->witness_ticket = cmd.ticket;
            break;
        case DW_CMD_FETCH:
            slot->reading = true;
            slot->next = cmd.offset;
            slot->told_end = -1;
            break;
        case DW_CMD_PRODUCE:
            take_produce(slot, &cmd);
            break;
        case DW_CMD_COMMIT_WITNESS:
            if (world->owner[partition] == instance)
                world->committed[partition] = cmd.offset;
            break;
        case DW_CMD_LOG:
            world->full += strcmp(cmd.event, "held") == 0 && strstr(cmd.text, "outbox_full") != NULL;
            if (world->verbose)
                printf("  [%d] %s: %s\n", instance, cmd.event, cmd.text);
            break;
        case DW_CMD_RELEASED:
            slot->released = true;
            break;
        }
    }
    if (slot->released && !slot->redis_pending)
        slot_close(world, slot);
}

static void assign(sim_world *world, int instance, int32_t partition)
{
    sim_instance *in = &world->instances[instance];
    sim_slot *slot = &in->slots[partition];
    if (slot->shard != NULL)
        return;
    dw_shard_config config = {.prefix = "dw",
                              .topic = SIM_TOPIC,
                              .partition = partition,
                              .partition_count = SIM_PARTITIONS,
                              .stored_partitions = world->stored_partitions,
                              .cluster_id = world->cluster_id,
                              .run_id = world->run_id,
                              .owner = in->owner,
                              .create_time = world->create_time,
                              .auth_key = world->auth_key,
                              .auth_key_len = world->auth_key_len,
                              .turn_events_live = world->turn_events_live,
                              .turn_bytes = world->turn_bytes,
                              .turn_linger_us = 5000,
                              .outbox_rows_max = world->outbox_rows_max,
                              .outbox_bytes_max = 1 << 20,
                              .dead_letter_percent = world->dead_letter_percent,
                              .dead_letter_per_minute = world->dead_letter_per_minute,
                              .future_tolerance_us = 300 * SECOND,
                              .own_policy = &world->policy,
                              .cache = in->cache};
    *slot = (sim_slot){.shard = dw_shard_new(&config), .conn = sim_conn_new(), .link_up = true};
    assert(slot->shard != NULL);
    slot->shard->caps = world->caps;
    dw_shard_assigned(slot->shard, sim_world_now(world));
    sim_drain(world, instance, partition);
}

void sim_instance_start(sim_world *world, int instance)
{
    sim_instance *in = &world->instances[instance];
    if (in->alive)
        return;
    *in = (sim_instance){.alive = true, .births = in->births + 1};
    (void)snprintf(in->owner, sizeof(in->owner), "owner-%d-%u", instance, in->births);
    in->cache = dw_cache_new(sim_chance(&world->random, 30) ? 3000 : 1 << 20);
    assert(in->cache != NULL);
    dw_cache_filling(in->cache)->max = world->filling_max;
    for (size_t i = 0; i < 4; i++)
        if (world->compiled[i] != NULL)
            dw_cache_keep_policy(in->cache, world->compiled[i]);
}

void sim_instance_stop(sim_world *world, int instance)
{
    sim_instance *in = &world->instances[instance];
    if (!in->alive)
        return;
    for (int32_t p = 0; p < SIM_PARTITIONS; p++) {
        sim_slot *slot = &in->slots[p];
        if (slot->redis_pending && slot->link_up) /* what had been sent may still be carried out, up to any command */
            (void)sim_redis_run(world->redis, slot->conn, slot->calls, slot->call_count,
                                sim_below(&world->random, slot->call_count + 1));
        slot_close(world, slot);
        if (world->owner[p] == instance)
            world->owner[p] = -1;
    }
    dw_cache_free(&in->cache);
    in->alive = in->frozen = false;
}

/* The group gives every partition to some member that is alive; nobody tells a frozen one. */
void sim_rebalance(sim_world *world, bool shuffle)
{
    int members[SIM_INSTANCES], n = 0;
    for (int i = 0; i < SIM_INSTANCES; i++)
        if (world->instances[i].alive && !world->instances[i].frozen)
            members[n++] = i;
    for (int32_t p = 0; p < SIM_PARTITIONS; p++) {
        int old = world->owner[p], fresh = old;
        if (n == 0)
            fresh = -1;
        else if (shuffle || old < 0 || world->instances[old].frozen || !world->instances[old].alive)
            fresh = members[sim_below(&world->random, (size_t)n)];
        if (fresh == old)
            continue;
        if (old >= 0 && world->instances[old].alive && !world->instances[old].frozen &&
            world->instances[old].slots[p].shard != NULL) {
            dw_shard_revoke(world->instances[old].slots[p].shard, sim_chance(&world->random, 30), sim_world_now(world));
            sim_drain(world, old, p);
        }
        world->owner[p] = fresh;
    }
}

/* Owners begin to hold what the group gave them, others learn that it was taken. */
static void settle_owners(sim_world *world)
{
    for (int i = 0; i < SIM_INSTANCES; i++) {
        sim_instance *in = &world->instances[i];
        for (int32_t p = 0; in->alive && !in->frozen && p < SIM_PARTITIONS; p++) {
            if (world->owner[p] == i)
                assign(world, i, p);
            else if (in->slots[p].shard != NULL && !in->slots[p].released && sim_below(&world->random, 1000) < 3) {
                dw_shard_revoke(in->slots[p].shard, true, sim_world_now(world));
                sim_drain(world, i, p);
            }
        }
    }
}

/* --- what happens to one slot */

void sim_link_cut(sim_world *world, sim_slot *slot, bool tell)
{
    slot->link_up = false;
    sim_conn_reset(slot->conn);
    if (slot->redis_pending) {
        drop_pending(slot);
        if (tell)
            dw_shard_reply(slot->shard, slot->redis_ticket, NULL, 0, sim_world_now(world));
    }
}

static void do_redis(sim_world *world, int instance, int32_t partition)
{
    sim_slot *slot = &world->instances[instance].slots[partition];
    sim_random *r = &world->random;
    if (!slot->link_up) {
        if (!world->quiet && sim_chance(r, 50))
            return;
        slot->link_up = true;
        sim_conn_reset(slot->conn);
        drop_pending(slot);
        dw_shard_store_up(slot->shard, world->run_id, sim_world_now(world));
        sim_drain(world, instance, partition);
        return;
    }
    if (!slot->redis_pending)
        return;
    size_t count = slot->call_count;
    if (!world->quiet && sim_chance(r, 3)) {
        bool before = sim_chance(r, 50);
        world->faults[before ? SIM_CUT : SIM_REPLY_LOST]++;
        (void)sim_redis_run(world->redis, slot->conn, slot->calls, count, before ? sim_below(r, count) : count);
        sim_link_cut(world, slot, sim_chance(r, 80));
        sim_drain(world, instance, partition);
        return;
    }
    const dw_reply *replies = sim_redis_run(world->redis, slot->conn, slot->calls, count, count);
    dw_call *calls = slot->calls;
    dw_str *args = slot->args;
    char *bytes = slot->bytes;
    slot->calls = NULL;
    slot->args = NULL;
    slot->bytes = NULL;
    slot->redis_pending = false;
    dw_meta before = slot->shard->meta;
    uint64_t claims = slot->shard->stats.claims;
    bool claimed = slot->shard->claimed;
    dw_shard_reply(slot->shard, slot->redis_ticket, replies, count, sim_world_now(world));
    const dw_meta *after = &slot->shard->meta;
    if (claimed && slot->shard->claimed && claims == slot->shard->stats.claims &&
        (after->clock_us < before.clock_us || after->offset < before.offset || after->seq < before.seq ||
         dw_position_cmp(after->outbox_last, before.outbox_last) < 0)) {
        printf("  partition %d went back under one claim\n", partition);
        world->broken = true;
    }
    free(calls);
    free(args);
    free(bytes);
    sim_drain(world, instance, partition);
}

static void do_witness(sim_world *world, int instance, int32_t partition)
{
    sim_slot *slot = &world->instances[instance].slots[partition];
    const sim_log *alerts = &world->alerts[partition];
    dw_position last = {-1, 0};
    dw_log_record rec;
    if (!slot->witness_pending)
        return;
    slot->witness_pending = false;
    if (alerts->count != 0) {
        sim_log_get(alerts, alerts->count - 1, &rec);
        (void)dw_position_parse(rec.forward, &last);
    }
    dw_shard_witness(slot->shard, slot->witness_ticket, world->owner[partition] == instance,
                     world->committed[partition], 0, (int64_t)world->input[partition].count, last.offset,
                     sim_world_now(world));
    sim_drain(world, instance, partition);
}

static void do_records(sim_world *world, int instance, int32_t partition)
{
    sim_slot *slot = &world->instances[instance].slots[partition];
    const sim_log *log = &world->input[partition];
    size_t n = 1 + sim_below(&world->random, 30);
    for (; n > 0 && slot->reading && slot->next < (int64_t)log->count && dw_shard_room(slot->shard) > 0; n--) {
        dw_log_record rec;
        sim_log_get(log, (size_t)slot->next++, &rec);
        if (world->gap_at != 0 && rec.offset == world->gap_at)
            continue;
        dw_shard_record(slot->shard, &rec, sim_world_now(world));
        sim_drain(world, instance, partition);
        if (slot->shard == NULL)
            return;
    }
    if (slot->reading && slot->next >= (int64_t)log->count && slot->told_end != (int64_t)log->count) {
        slot->told_end = (int64_t)log->count;
        dw_shard_end_of_log(slot->shard, slot->told_end, sim_world_now(world));
        sim_drain(world, instance, partition);
    }
}

/* The broker takes the oldest record in flight, or all of them fail, of which it may have taken a beginning. */
static int64_t broker_takes(sim_world *world, const sim_publish *p, int64_t *stamp_us)
{
    dw_log_record rec;
    sim_record_get(&p->record, &rec);
    sim_log *log = p->topic == DW_TOPIC_INPUT    ? &world->input[p->partition]
                   : p->topic == DW_TOPIC_ALERTS ? &world->alerts[p->partition]
                                                 : &world->dead[p->partition];
    *stamp_us = world->create_time ? rec.stamp_us : world->now_us;
    if (p->topic == DW_TOPIC_INPUT && world->reference)
        return -1;
    sim_log_add(log, *stamp_us, rec.has_key ? &rec.key : NULL, &rec.value, rec.auth, rec.forward);
    return (int64_t)log->count - 1;
}

static void do_publish(sim_world *world, int instance, int32_t partition)
{
    sim_slot *slot = &world->instances[instance].slots[partition];
    sim_random *r = &world->random;
    bool fail = !world->quiet && sim_chance(r, 2);
    size_t taken = fail ? sim_below(r, slot->flying_count + 1) : 1 + sim_below(r, slot->flying_count + 1);
    size_t reports = fail ? slot->flying_count : taken < slot->flying_count ? taken : slot->flying_count;
    world->faults[SIM_PUBLISH_FAILS] += fail && slot->flying_count != 0;
    for (size_t i = 0; i < reports && slot->shard != NULL && slot->flying_count > 0; i++) {
        sim_publish p = slot->flying[slot->flying_at];
        int64_t stamp_us = 0, offset = -1;
        slot->flying_at = (slot->flying_at + 1) % 1024;
        slot->flying_count--;
        if (i < taken)
            offset = broker_takes(world, &p, &stamp_us);
        free(p.record.bytes);
        if (world->reference && p.topic == DW_TOPIC_INPUT && p.record.forward_len == 0)
            continue; /* neither tick nor policy is needed: never reported */
        dw_shard_delivered(slot->shard, p.ticket, !fail, offset, stamp_us, sim_world_now(world));
        sim_drain(world, instance, partition);
    }
}

static void touch(sim_world *world, int instance, int32_t partition)
{
    sim_slot *slot = &world->instances[instance].slots[partition];
    if (!world->instances[instance].alive || world->instances[instance].frozen || slot->shard == NULL)
        return;
    switch (sim_below(&world->random, 5)) {
    case 0:
        do_witness(world, instance, partition);
        break;
    case 1:
        do_records(world, instance, partition);
        break;
    case 2:
        do_publish(world, instance, partition);
        break;
    case 3:
        dw_shard_tick(slot->shard, sim_world_now(world));
        sim_drain(world, instance, partition);
        break;
    default:
        do_redis(world, instance, partition);
        break;
    }
}

/* Drawn one after the other: of two arguments each compiler draws another one first, and a seed is to be one world. */
static void touch_any(sim_world *world)
{
    int32_t partition = (int32_t)sim_below(&world->random, SIM_PARTITIONS);
    int instance = (int)sim_below(&world->random, SIM_INSTANCES);
    touch(world, instance, partition);
}

/* The operator does what the texts of the holds say. */
static void operate(sim_world *world)
{
    char buf[DW_KEY_BYTES_MAX];
    for (int32_t p = 0; p < SIM_PARTITIONS; p++) {
        const dw_shard *shard = sim_world_shard(world, p);
        if (shard == NULL || dw_shard_get_stats(shard)->state != DW_SHARD_HELD || !sim_chance(&world->random, 5))
            continue;
        dw_str meta = sim_key(DW_KEY_META, p, buf);
        dw_hold hold = dw_shard_get_stats(shard)->hold;
        if (hold == DW_HOLD_EMPTY_STORE)
            sim_redis_hset(world->redis, meta, "released", "empty_store:simulated");
        else if (hold == DW_HOLD_TORN_COMMIT || hold == DW_HOLD_BAD_STATE)
            sim_redis_hset(world->redis, meta, "released", "rebuild:simulated");
        else
            continue;
        world->operated++;
        world->torn += hold != DW_HOLD_EMPTY_STORE;
    }
}

/* --- the world */

sim_world *sim_world_new(uint64_t seed, const dw_policy_text *policy)
{
    sim_world *world = calloc(1, sizeof(*world));
    assert(world != NULL);
    world->random.state = seed;
    world->now_us = INT64_C(1767600000) * SECOND; /* Monday 2026-01-05 08:00 UTC */
    world->redis = sim_redis_new();
    world->policy = *policy;
    world->cluster_id = "sim";
    world->dead_letter_percent = 100;
    world->auth_key = (const uint8_t *)"0123456789abcdef0123456789abcdef";
    world->auth_key_len = 32;
    sim_random *r = &world->random;
    world->caps = (dw_turn_caps){.subjects = 1 + sim_below(r, 20),
                                 .child_events = 1 + sim_below(r, 8),
                                 .due = 1 + sim_below(r, 6),
                                 .fires = 1 + sim_below(r, 12),
                                 .rows = 1 + sim_below(r, 12),
                                 .row_bytes = 1 << 20,
                                 .switched = 1 + sim_below(r, 4),
                                 .outbox_rows = 1 + sim_below(r, 5),
                                 .outbox_memory = 2 + sim_below(r, 5000),
                                 .near_records = sim_below(r, 5)};
    world->filling_max = 1 + sim_below(r, SIM_PARTITIONS);
    world->create_time = sim_chance(r, 20);
    world->faults_per_1000 = (unsigned)sim_below(&world->random, 40);
    world->outbox_rows_max = 3 + (int64_t)sim_below(&world->random, 200);
    world->turn_events_live = 1 + (int64_t)sim_below(&world->random, 40);
    world->turn_bytes = 500 + (int64_t)sim_below(&world->random, 20000);
    (void)snprintf(world->run_id, sizeof(world->run_id), "run-0");
    for (int32_t p = 0; p < SIM_PARTITIONS; p++) {
        world->owner[p] = -1;
        world->committed[p] = -1;
    }
    return world;
}

void sim_world_free(sim_world **slot)
{
    sim_world *world = *slot;
    for (int i = 0; i < SIM_INSTANCES; i++)
        sim_instance_stop(world, i);
    for (int32_t p = 0; p < SIM_PARTITIONS; p++) {
        sim_log_free(&world->input[p]);
        sim_log_free(&world->alerts[p]);
        sim_log_free(&world->dead[p]);
    }
    sim_redis_free(&world->redis);
    sim_redis_free(&world->old);
    free(world);
    *slot = NULL;
}

void sim_world_step(sim_world *world)
{
    sim_random *r = &world->random;
    static const int64_t leaps[] = {100, 1000, 5000, 20000, 200000, SECOND, 5 * SECOND};
    world->now_us += leaps[sim_below(r, 7)];
    if (!world->quiet && sim_below(r, 1000) < world->faults_per_1000)
        sim_fault_now(world);
    operate(world);
    for (int i = 0; i < SIM_INSTANCES; i++)
        if (!world->instances[i].alive && sim_chance(r, 2)) {
            sim_instance_start(world, i);
            sim_rebalance(world, sim_chance(r, 50));
        }
    settle_owners(world);
    touch_any(world);
}

const dw_shard *sim_world_shard(const sim_world *world, int32_t partition)
{
    return world->owner[partition] < 0 ? NULL : world->instances[world->owner[partition]].slots[partition].shard;
}

static bool settled(const sim_world *world)
{
    for (int32_t p = 0; p < SIM_PARTITIONS; p++) {
        const dw_shard *shard = sim_world_shard(world, p);
        if (shard == NULL)
            return false;
        const dw_shard_stats *stats = dw_shard_get_stats(shard);
        const sim_slot *slot = &world->instances[world->owner[p]].slots[p];
        if (stats->state != DW_SHARD_RUN || stats->next_offset != (int64_t)world->input[p].count ||
            stats->outbox_rows != 0 || slot->flying_count != 0 || slot->redis_pending ||
            slot->told_end != (int64_t)world->input[p].count)
            return false;
    }
    return true;
}

void sim_world_run(sim_world *world, int steps, int64_t step_us)
{
    world->quiet = true;
    for (int i = 0; i < SIM_INSTANCES; i++)
        sim_instance_start(world, i);
    sim_rebalance(world, false);
    for (int step = 0; step < steps; step++) {
        world->now_us += step_us;
        settle_owners(world);
        touch_any(world);
    }
}

void sim_world_restart(sim_world *world)
{
    for (int i = 0; i < SIM_INSTANCES; i++)
        sim_instance_stop(world, i);
}

bool sim_world_settle(sim_world *world)
{
    int calm = 0;
    world->quiet = true;
    sim_redis_fail(world->redis, 0, 0);
    for (int i = 0; i < SIM_INSTANCES; i++) {
        world->instances[i].frozen = false;
        sim_instance_start(world, i);
    }
    sim_rebalance(world, false);
    for (int step = 0; step < 60000; step++) {
        world->now_us += 20000;
        operate(world);
        settle_owners(world);
        touch_any(world);
        calm = settled(world) ? calm + 1 : 0;
        if (calm > 400)
            return true;
    }
    for (int32_t p = 0; p < SIM_PARTITIONS; p++) {
        const dw_shard *shard = sim_world_shard(world, p);
        const dw_shard_stats *stats = shard != NULL ? dw_shard_get_stats(shard) : NULL;
        if (stats != NULL)
            printf("  partition %d: %s %s (%s) next %lld of %zu, rows %llu\n", p, dw_shard_state_name(stats->state),
                   dw_hold_name(stats->hold), stats->hold_text, (long long)stats->next_offset, world->input[p].count,
                   (unsigned long long)stats->outbox_rows);
    }
    return false;
}

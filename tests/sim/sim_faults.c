/* What goes wrong. */
#include "tests/sim/sim_world.h"

static void redis_comes_back(sim_world *world, bool new_id)
{
    sim_redis_forget_scripts(world->redis);
    if (new_id)
        (void)snprintf(world->run_id, sizeof(world->run_id), "run-%u", ++world->redis_lives);
    for (int i = 0; i < SIM_INSTANCES; i++)
        for (int32_t p = 0; p < SIM_PARTITIONS; p++)
            if (world->instances[i].slots[p].shard != NULL) {
                sim_link_cut(world, &world->instances[i].slots[p], true);
                sim_drain(world, i, p);
            }
}

void sim_fault_now(sim_world *world)
{
    sim_random *r = &world->random;
    int i = (int)sim_below(r, SIM_INSTANCES);
    int32_t p = (int32_t)sim_below(r, SIM_PARTITIONS);
    sim_fault what = (sim_fault)sim_below(r, SIM_THAW + 1);
    sim_instance *in = &world->instances[i];
    world->faults[what]++;
    switch (what) {
    case SIM_KILL:
        sim_instance_stop(world, i);
        sim_rebalance(world, false);
        break;
    case SIM_FREEZE:
        in->frozen = in->alive;
        if (sim_chance(r, 80))
            sim_rebalance(world, false);
        break;
    case SIM_THAW:
        for (int k = 0; k < SIM_INSTANCES; k++)
            world->instances[k].frozen = false;
        break;
    case SIM_MOVE:
        sim_rebalance(world, true);
        break;
    case SIM_LINK:
    case SIM_CUT:
    case SIM_REPLY_LOST:
        if (in->alive && !in->frozen && in->slots[p].shard != NULL) {
            sim_link_cut(world, &in->slots[p], sim_chance(r, 80));
            sim_drain(world, i, p);
        }
        break;
    case SIM_REDIS_BACK:
    case SIM_REDIS_FAILOVER:
        if (world->old == NULL || sim_chance(r, 50)) {
            sim_redis_free(&world->old);
            world->old = sim_redis_copy(world->redis);
            break;
        }
        if (sim_chance(r, 50)) {
            sim_redis_set_back(world->redis, world->old);
            redis_comes_back(world, what == SIM_REDIS_BACK);
        }
        break;
    case SIM_REDIS_RESTART:
        redis_comes_back(world, true);
        break;
    case SIM_SCRIPTS:
        sim_redis_forget_scripts(world->redis);
        break;
    case SIM_OOM:
        sim_redis_fail(world->redis, (int)sim_below(r, 5), 0);
        break;
    case SIM_SCRIPT_OOM:
        sim_redis_fail(world->redis, 0, (int)sim_below(r, 3));
        break;
    case SIM_PUBLISH_FAILS:
        break;
    }
}

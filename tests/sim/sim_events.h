#pragma once
/* sim_events.h: what publishers do in the simulation: good, late, corrected, repeated, misrouted, forged and broken records. */

#include "tests/sim/sim_world.h"

#define SIM_POLICIES 3
typedef struct sim_texts { /* policy texts made from the shipped ones: few rules, so that compiling is quick */
    char *standards[SIM_POLICIES];
    char *calendar, *organisation;
} sim_texts;
bool sim_texts_load(sim_texts *texts);
void sim_texts_free(sim_texts *texts);
dw_policy_text sim_texts_policy(const sim_texts *texts, uint32_t number, int64_t cut_over_us);

typedef struct sim_publishers {
    sim_world *world;
    const sim_texts *texts;
    unsigned serial, policies, children;
    bool reuse_ids; /* plans and episodes of one id begin again years later */
    dw_arena *arena;
} sim_publishers;
/* One record (or one policy for all partitions) is appended to the log. */
void sim_publish_one(sim_publishers *publishers);

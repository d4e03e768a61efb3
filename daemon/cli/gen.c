/* gen.c: the simulated authority: its days, its children, who comes newly to its notice. */

#include "daemon/cli/gen_internal.h"

#include <assert.h>

/* Open cases and teams at scale 1 (domain.md section 1: caseloads of 16, seven workers a team). */
static const struct {
    gen_stage stage;
    double cases;
} gen_open_cases[] = {{GEN_CIN, 2000}, {GEN_CP, 800}, {GEN_CLA, 1000}, {GEN_PF, 25}, {GEN_LEAVER, 450}};
static const double gen_teams[GEN_TEAM_KINDS] = {2, 8, 24, 9, 4, 1, 3};
#define GEN_CONTACTS_A_DAY 70.0 /* on a working day, scale 1 */

/* --- time */
static bool is_shut(int32_t day)
{
    if (dw_day_weekday(day) >= 5)
        return true;
    dw_ymd ymd = dw_day_to_ymd(day);
    return (ymd.month == 12 && (ymd.day == 25 || ymd.day == 26)) || (ymd.month == 1 && ymd.day == 1);
}
int32_t gen_weekday(int32_t day)
{
    while (is_shut(day))
        day++;
    return day;
}
int32_t gen_weekday_before(int32_t day)
{
    while (is_shut(day))
        day--;
    return day;
}
int32_t gen_working_days(int32_t from, int count)
{
    while (count > 0) {
        from = gen_weekday(from + 1);
        count--;
    }
    return from;
}
int64_t gen_office_time(dw_rng *rng, int32_t day)
{
    return dw_london_start_us(day) + (9 * 60 + dw_rng_between(rng, 0, 8 * 60 + 30)) * GEN_MINUTE_US;
}

/* --- agenda */
void gen_due(gen_child *child, gen_act act, int32_t day)
{
    child->due[act] = day;
}
void gen_due_clear(gen_child *child)
{
    for (int act = 0; act < GEN_ACTS; act++)
        child->due[act] = GEN_NEVER;
}

/* Into the list of the first day that has something for the child; days after the story's end need no list. */
static void enlist(dw_gen *gen, uint32_t index)
{
    gen_child *child = &gen->children[index];
    int32_t first = GEN_NEVER;
    for (int act = 0; act < GEN_ACTS; act++) {
        if (child->due[act] <= gen->today)
            child->due[act] = gen->today + 1;
        if (child->due[act] < first)
            first = child->due[act];
    }
    if (first == GEN_NEVER || first >= gen->config.to_day)
        return;
    uint32_t *list = &gen->days[first - gen->config.from_day];
    child->next = *list;
    *list = index;
}

static bool grow_children(dw_gen *gen)
{
    uint32_t cap = gen->child_cap == 0 ? 256 : gen->child_cap * 2;
    gen_child *children = realloc(gen->children, cap * sizeof(*children));
    if (children == NULL)
        return false;
    gen->children = children;
    gen->child_cap = cap;
    return true;
}

uint32_t gen_child_new(dw_gen *gen)
{
    uint32_t index = gen->free_child;
    if (index != GEN_NONE) {
        gen->free_child = gen->children[index].next;
    } else {
        if (gen->child_count == gen->child_cap && !grow_children(gen)) {
            gen->out_of_memory = true;
            return GEN_NONE;
        }
        index = gen->child_count++;
    }
    gen_child *child = &gen->children[index];
    uint32_t number = 1000000 + ++gen->numbers;
    *child = (gen_child){.number = number,
                         .rng = dw_rng_for(gen->config.seed, number),
                         .next = GEN_NONE,
                         .unallocated_to = GEN_NEVER,
                         .unexplained = GEN_NEVER,
                         .limit = {GEN_NEVER, GEN_NEVER, GEN_NEVER},
                         .team = GEN_TEAMS_NONE};
    gen_due_clear(child);
    dw_rng *rng = &child->rng;
    int roll = (int)dw_rng_below(rng, 100);
    child->slip = (uint16_t)(roll < 72 ? 14 : roll < 94 ? 62 : 300);
    child->need = (uint8_t)(dw_rng_chance(rng, 550) ? DW_V_PRIMARY_NEED_N1 : dw_rng_between(rng, 2, 8));
    child->category = (uint8_t)(dw_rng_chance(rng, 500)   ? DW_V_ABUSE_CATEGORY_NEG
                                : dw_rng_chance(rng, 700) ? DW_V_ABUSE_CATEGORY_EMO
                                                          : dw_rng_between(rng, 3, 5));
    child->restricted = dw_rng_chance(rng, 12);
    /* ages spread over childhood, some more in the teens */
    int age_days =
        dw_rng_chance(rng, 300) ? dw_rng_between(rng, 12 * 365, 17 * 365) : dw_rng_between(rng, 20, 16 * 365);
    child->birth_day = (gen->loading ? gen->config.from_day : gen->today) - age_days;
    if (age_days > 11 * 365)
        child->missing_risk = (uint8_t)(dw_rng_chance(rng, 60) ? 2 : dw_rng_chance(rng, 120) ? 1 : 0);
    return index;
}

void gen_child_close(dw_gen *gen, gen_child *child)
{
    gen_due_clear(child);
    child->plan = child->placement = 0;
    child->unallocated_to = GEN_NEVER;
    child->worker = 0;
    if (dw_rng_chance(&child->rng, 220) && gen->today - child->birth_day < 17 * 365) {
        child->stage = GEN_DORMANT;
        gen_due(child, GEN_ACT_STAGE, gen_weekday(gen->today + dw_rng_between(&child->rng, 30, 420)));
    } else {
        child->stage = GEN_FREE;
    }
}

uint16_t gen_team(dw_gen *gen, dw_rng *rng, gen_team_kind kind)
{
    uint32_t count = (uint32_t)(gen->team_first[kind + 1] - gen->team_first[kind]);
    return (uint16_t)(gen->team_first[kind] + dw_rng_below(rng, count));
}

/* --- a day */
static void run_acts(dw_gen *gen, gen_child *child, int32_t day)
{
    typedef void act_fn(dw_gen *, gen_child *, int32_t);
    static act_fn *const acts[GEN_ACTS] = {[GEN_ACT_STAGE] = gen_act_stage,
                                           [GEN_ACT_VISIT] = gen_act_visit,
                                           [GEN_ACT_REVIEW] = gen_act_review,
                                           [GEN_ACT_SUPERVISION] = gen_act_supervision,
                                           [GEN_ACT_MEETING] = gen_act_meeting,
                                           [GEN_ACT_MISSING] = gen_act_missing,
                                           [GEN_ACT_STRATEGY] = gen_act_strategy,
                                           [GEN_ACT_WORKER] = gen_act_worker,
                                           [GEN_ACT_PLACEMENT] = gen_act_placement,
                                           [GEN_ACT_HEALTH] = gen_act_health,
                                           [GEN_ACT_DENTAL] = gen_act_dental,
                                           [GEN_ACT_CONTACT] = gen_act_contact,
                                           [GEN_ACT_CHRONOLOGY] = gen_act_chronology,
                                           [GEN_ACT_PATHWAY] = gen_act_pathway,
                                           [GEN_ACT_PLACEMENT_PLAN] = gen_act_placement_plan,
                                           [GEN_ACT_OVERSIGHT] = gen_act_oversight,
                                           [GEN_ACT_COURT] = gen_act_court,
                                           [GEN_ACT_DISPUTE] = gen_act_dispute};
    for (int act = 0; act < GEN_ACTS; act++) {
        if (child->due[act] > day)
            continue;
        child->due[act] = GEN_NEVER;
        acts[act](gen, child, day);
    }
}

/* How many, when `mean` are expected: many small chances, in arithmetic that is the same on every machine. */
static int arrivals_of(dw_rng *rng, double mean)
{
    int tries = (int)(mean * 8) + 8;
    double each = mean / tries;
    int count = 0;
    for (int i = 0; i < tries; i++)
        count += dw_rng_unit(rng) < each;
    return count;
}

static void arrivals(dw_gen *gen, int32_t day)
{
    double mean = GEN_CONTACTS_A_DAY * gen->config.scale * (dw_day_weekday(day) >= 5 ? 0.15 : 1.0) / 1.35;
    for (int contacts = arrivals_of(&gen->rng, mean); contacts > 0; contacts--) {
        int roll = (int)dw_rng_below(&gen->rng, 100);
        uint32_t siblings = roll < 75 ? 1 : roll < 92 ? 2 : 3;
        uint32_t family = ++gen->families;
        for (uint32_t i = 0; i < siblings; i++) {
            uint32_t index = gen_child_new(gen);
            if (index == GEN_NONE)
                return;
            gen_child *child = &gen->children[index];
            child->family = siblings > 1 ? family : 0;
            gen_contact(gen, child, siblings, day);
            if (child->stage == GEN_FREE) {
                child->next = gen->free_child;
                gen->free_child = index;
            } else {
                enlist(gen, index);
            }
        }
    }
}

static void ticks(dw_gen *gen, int32_t day)
{
    if (gen->config.tick_hours == 0)
        return;
    int64_t end = dw_london_start_us(day + 1);
    for (int64_t at = dw_london_start_us(day); at < end; at += gen->config.tick_hours * GEN_HOUR_US) {
        gen_fact tick = gen_fact_begin(gen, NULL, DW_EV_CLOCK_TICK, at);
        tick.log_us = at;
        gen_wait(gen, &tick);
    }
}

static void run_day(dw_gen *gen, int32_t day)
{
    gen->today = day;
    ticks(gen, day);
    uint32_t *list = &gen->days[day - gen->config.from_day];
    uint32_t index = *list;
    *list = GEN_NONE;
    while (index != GEN_NONE) {
        gen_child *child = &gen->children[index];
        uint32_t next = child->next;
        run_acts(gen, child, day);
        if (child->stage == GEN_FREE) {
            child->next = gen->free_child;
            gen->free_child = index;
        } else {
            enlist(gen, index);
        }
        index = next;
    }
    arrivals(gen, day);
}

/* --- the first load: one child a call; false: nobody left */
static bool load_one(dw_gen *gen)
{
    for (size_t i = 0; i < sizeof(gen_open_cases) / sizeof(gen_open_cases[0]); i++) {
        gen_stage stage = gen_open_cases[i].stage;
        if (gen->load_left[stage] == 0)
            continue;
        gen->load_left[stage]--;
        uint32_t index = gen_child_new(gen);
        if (index == GEN_NONE)
            return false;
        gen_child *child = &gen->children[index];
        if (dw_rng_chance(&gen->rng, 350) && gen->families != 0)
            child->family = gen->families; /* a sibling of the child before */
        else
            child->family = ++gen->families;
        gen->load_facts = 0;
        gen_load_child(gen, child, stage);
        gen->load_us += GEN_LOAD_STEP_US;
        enlist(gen, index);
        return true;
    }
    return false;
}

bool dw_gen_next(dw_gen *gen, dw_event *out, int64_t *log_time_us, dw_error *err)
{
    for (;;) {
        if (gen->out_of_memory) {
            dw_fail(err, DW_E_NOMEM, "the simulated authority ran out of memory");
            return false;
        }
        if (gen->loading) {
            if (gen_waiting_before(gen, gen->load_us))
                break;
            gen->loading = load_one(gen);
            if (!gen->loading)
                gen->today = gen->config.from_day - 1;
            continue;
        }
        int32_t next_day = gen->today + 1;
        if (gen_waiting_before(gen, dw_london_start_us(next_day)))
            break;
        if (next_day >= gen->config.to_day)
            return false;
        run_day(gen, next_day);
    }
    gen_take(gen, out, log_time_us);
    /* The first load may run into the first day's first minutes; the log never goes back. */
    if (*log_time_us < gen->last_log_us)
        *log_time_us = gen->last_log_us;
    gen->last_log_us = *log_time_us;
    return true;
}

static dw_errc check(const dw_gen_config *config, dw_error *err)
{
    if (config->to_day <= config->from_day || config->to_day - config->from_day > DW_GEN_DAYS_MAX)
        return dw_fail(err, DW_E_RANGE, "the story must last 1 to %d days", DW_GEN_DAYS_MAX);
    if (!(config->scale > 0) || config->scale > DW_GEN_SCALE_MAX)
        return dw_fail(err, DW_E_RANGE, "scale must be above 0 and at most %.0f", DW_GEN_SCALE_MAX);
    if (config->tick_hours < 0 || config->tick_hours > 24)
        return dw_fail(err, DW_E_RANGE, "ticks come every 1 to 24 hours, or 0 for none");
    if (config->la_code == NULL || strlen(config->la_code) != 3 || strspn(config->la_code, "0123456789") != 3)
        return dw_fail(err, DW_E_RANGE, "an authority's code has three digits");
    return DW_OK;
}

dw_errc dw_gen_new(const dw_gen_config *config, dw_gen **out, dw_error *err)
{
    dw_errc code = check(config, err);
    if (code != DW_OK)
        return code;
    dw_gen *gen = calloc(1, sizeof(*gen));
    if (gen == NULL)
        return dw_fail(err, DW_E_NOMEM, "out of memory");
    gen->config = *config;
    memcpy(gen->la_code, config->la_code, 4);
    gen->config.la_code = gen->la_code;
    gen->rng = dw_rng_for(config->seed, 0);
    gen->free_child = gen->free_fact = GEN_NONE;
    gen->loading = true;
    gen->today = config->from_day;
    gen->load_us = dw_london_start_us(config->from_day);
    gen->day_count = (uint32_t)(config->to_day - config->from_day);
    gen->days = malloc(gen->day_count * sizeof(*gen->days));
    if (gen->days == NULL) {
        free(gen);
        return dw_fail(err, DW_E_NOMEM, "out of memory");
    }
    for (uint32_t i = 0; i < gen->day_count; i++)
        gen->days[i] = GEN_NONE;
    for (size_t i = 0; i < sizeof(gen_open_cases) / sizeof(gen_open_cases[0]); i++)
        gen->load_left[gen_open_cases[i].stage] = (uint32_t)(gen_open_cases[i].cases * config->scale + 0.5);
    for (int kind = 0; kind < GEN_TEAM_KINDS; kind++) {
        double teams = gen_teams[kind] * config->scale;
        gen->team_first[kind + 1] = (uint16_t)(gen->team_first[kind] + (teams < 1 ? 1 : (uint16_t)teams));
    }
    *out = gen;
    return DW_OK;
}

void dw_gen_free(dw_gen **gen)
{
    if (*gen == NULL)
        return;
    free((*gen)->children);
    free((*gen)->days);
    free((*gen)->facts);
    free((*gen)->heap);
    free(*gen);
    *gen = NULL;
}

// link: dw_shard dw_config
/* sim_shard.c: seeded histories of the engine under faults, against an undisturbed run over the same log.
 *
 * For each seed: a log is filled while two instances fight over its partitions and everything fails; then all heals and
 * is worked off. What was published, deduplicated by position, must be byte for byte what an undisturbed instance makes
 * of the same log from an empty Redis; a repeated position has equal bytes; ledger, alerts and posts agree.
 *
 *     check_sim_sim_shard [seeds [first [vr]]]     v: with the engine's log lines; r: ids of plans and episodes come again years
 * after they ended */
#include <assert.h>

#include "proto/json.h"
#include "tests/sim/sim_events.h"

#define SEEDS 60
#define EVENTS 110
#define FIRST 1

typedef struct totals {
    size_t rows, repeats, records, operated, faults[16];
    uint64_t by_state[4];
    uint64_t applied, duplicate, forwarded, parked, dead, control, fired, retries, fenced, rollbacks, pages, hits,
        misses, ticks, torn, full;
} totals;

/* Positions in a published log: not above the highest seen = a repeat, which must equal its first. False: printed. */
static bool deduplicate(const sim_log *log, const char *what, int32_t partition, size_t **out, size_t *count, totals *t)
{
    size_t n = 0;
    dw_position last = {-1, 0};
    size_t *kept = calloc(log->count + 1, sizeof(*kept));
    assert(kept != NULL);
    *out = kept;
    for (size_t i = 0; i < log->count; i++) {
        dw_log_record rec, first;
        dw_position position;
        sim_log_get(log, i, &rec);
        if (!dw_position_parse(rec.forward, &position) || position.n < 1) {
            printf("  %s %d: row %zu has no position\n", what, partition, i);
            return false;
        }
        if (dw_position_cmp(position, last) > 0) {
            last = position;
            kept[n++] = i;
            continue;
        }
        t->repeats++;
        size_t k = n;
        do {
            if (k-- == 0) {
                printf("  %s %d: row %zu: position %.*s comes late\n", what, partition, i, DW_STR_ARG(rec.forward));
                return false;
            }
            sim_log_get(log, kept[k], &first);
        } while (!dw_str_eq(first.forward, rec.forward));
        if (!dw_str_eq(first.value, rec.value) || !dw_str_eq(first.key, rec.key)) {
            printf("  %s %d: position %.*s came again with other bytes\n", what, partition, DW_STR_ARG(rec.forward));
            return false;
        }
    }
    *count = n;
    return true;
}

/* The two rows that differ, as JSON when they are transitions. */
static void show_difference(const dw_log_record *a, const dw_log_record *b)
{
    const dw_log_record *const both[] = {a, b};
    dw_arena *arena = dw_arena_new(1 << 20);
    for (size_t i = 0; i < 2; i++) {
        dw_transition tr;
        dw_str v = both[i]->value;
        char *json = dw_transition_decode((const uint8_t *)v.ptr, v.len, arena, &tr, NULL) == DW_OK
                         ? dw_transition_to_json(&tr, NULL)
                         : NULL;
        printf("    %s\n", json != NULL ? json : "(no transition)");
        free(json);
    }
    dw_arena_free(&arena);
}

static bool same_rows(const sim_log *a, const sim_log *b, const char *what, int32_t partition, totals *t)
{
    size_t *ia = NULL, *ib = NULL, na = 0, nb = 0;
    bool ok = deduplicate(a, what, partition, &ia, &na, t) && deduplicate(b, what, partition, &ib, &nb, t);
    for (size_t i = 0; ok && i < na && i < nb; i++) {
        dw_log_record ra, rb;
        sim_log_get(a, ia[i], &ra);
        sim_log_get(b, ib[i], &rb);
        ok = dw_str_eq(ra.forward, rb.forward) && dw_str_eq(ra.key, rb.key) && dw_str_eq(ra.value, rb.value);
        if (!ok)
            printf("  %s %d: row %zu differs: position %.*s and undisturbed %.*s\n", what, partition, i,
                   DW_STR_ARG(ra.forward), DW_STR_ARG(rb.forward));
        if (!ok)
            show_difference(&ra, &rb);
    }
    if (ok && na != nb) {
        printf("  %s %d: %zu rows, undisturbed %zu\n", what, partition, na, nb);
        ok = false;
    }
    t->rows += na;
    free(ia);
    free(ib);
    return ok;
}

static bool same_key(const sim_world *a, const sim_world *b, dw_key_id id, int32_t partition)
{
    char buf[DW_KEY_BYTES_MAX];
    dw_str key = sim_key(id, partition, buf), field, value, field2, other;
    double score, score2;
    size_t n = sim_redis_count(a->redis, key), m = sim_redis_count(b->redis, key);
    bool ok = n == m;
    for (size_t i = 0; ok && sim_redis_item(a->redis, key, i, &field, &value, &score); i++) {
        bool found = false;
        for (size_t k = 0; !found && sim_redis_item(b->redis, key, k, &field2, &other, &score2); k++)
            found = dw_str_eq(field, field2) && dw_str_eq(value, other) && !(score < score2) && !(score > score2);
        ok = found;
        if (!ok)
            printf("  key %s of %d: %.*s differs\n", dw_key_name(id), partition, DW_STR_ARG(field));
    }
    if (n != m)
        printf("  key %s of %d: %zu items, undisturbed %zu\n", dw_key_name(id), partition, n, m);
    return ok;
}

/* An entry of the deadline index is never later than its record's truth, and none is missing. */
static bool deadlines_cover(const sim_world *world, int32_t partition)
{
    char children[DW_KEY_BYTES_MAX], deadlines[DW_KEY_BYTES_MAX];
    dw_str ck = sim_key(DW_KEY_CHILDREN, partition, children), dk = sim_key(DW_KEY_DEADLINES, partition, deadlines);
    dw_str field, head, member, none;
    double score = 0;
    for (size_t i = 0; sim_redis_item(world->redis, ck, i, &field, &head, &score); i++) {
        dw_record *rec = NULL;
        bool covered = false;
        if (dw_record_decode((const uint8_t *)head.ptr, head.len, &rec, NULL) != DW_OK)
            return false;
        int64_t due_us = rec->next_due_us;
        dw_record_free(&rec);
        for (size_t k = 0; !covered && sim_redis_item(world->redis, dk, k, &member, &none, &score); k++)
            covered = dw_str_eq(member, field) && score <= (double)due_us;
        if (!covered && due_us != DW_AT_NEVER) {
            printf("  partition %d: a deadline is not in the index\n", partition);
            return false;
        }
    }
    return true;
}

static bool same_meta(const sim_world *a, const sim_world *b, int32_t partition)
{
    static const char *const fields[] = {"offset", "clock_us", "outbox_last", "policy_number",
                                         "anchor", "ledger",   "core"};
    char buf[DW_KEY_BYTES_MAX];
    dw_str key = sim_key(DW_KEY_META, partition, buf), x, y;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (!sim_redis_hget(a->redis, key, fields[i], &x) || !sim_redis_hget(b->redis, key, fields[i], &y) ||
            !dw_str_eq(x, y)) {
            printf("  partition %d: %s of meta differs\n", partition, fields[i]);
            return false;
        }
    const dw_shard *shard = sim_world_shard(a, partition);
    if (dw_ledger_sum(&shard->meta.ledger) != (uint64_t)shard->meta.offset) {
        printf("  partition %d: the ledger does not balance\n", partition);
        return false;
    }
    return true;
}

static void count(totals *t, sim_world *world)
{
    t->operated += world->operated;
    for (size_t i = 0; i < 16; i++)
        t->faults[i] += world->faults[i];
    for (int32_t p = 0; p < SIM_PARTITIONS; p++) {
        const dw_shard *shard = sim_world_shard(world, p);
        const dw_ledger *l = &shard->meta.ledger;
        const dw_shard_stats *s = dw_shard_get_stats(shard);
        t->records += world->input[p].count;
        t->applied += l->applied;
        t->duplicate += l->duplicate;
        t->forwarded += l->forwarded;
        t->parked += l->parked;
        t->dead += l->dead;
        t->control += l->control;
        t->fired += s->deadlines_fired;
        sim_world_collect(world, shard);
    }
    t->retries += world->retries;
    t->fenced += world->fenced;
    t->rollbacks += world->rollbacks;
    t->pages += world->pages;
    t->hits += world->hits;
    t->misses += world->misses;
    t->ticks += world->ticks;
    t->torn += world->torn;
    t->full += world->full;
}

static bool compare(const sim_world *world, const sim_world *reference, totals *t)
{
    for (int32_t p = 0; p < SIM_PARTITIONS; p++)
        if (!same_rows(&world->alerts[p], &reference->alerts[p], "alerts", p, t) ||
            !same_rows(&world->dead[p], &reference->dead[p], "dead letters", p, t) || !same_meta(world, reference, p) ||
            !same_key(world, reference, DW_KEY_ALERTS, p) || !same_key(world, reference, DW_KEY_BY_POST, p) ||
            !same_key(world, reference, DW_KEY_DEADLETTER, p) || !same_key(world, reference, DW_KEY_FORWARDS, p) ||
            !same_key(world, reference, DW_KEY_POLICY, p) || !deadlines_cover(world, p) ||
            !deadlines_cover(reference, p))
            return false;
    return true;
}

static bool run_seed(uint64_t seed, const sim_texts *texts, dw_policy *const compiled[4], bool verbose, bool reuse,
                     totals *t)
{
    dw_policy_text own = sim_texts_policy(texts, 1, 0);
    sim_world *world = sim_world_new(seed, &own), *reference = NULL;
    sim_publishers pub = {
        .world = world, .texts = texts, .policies = 1, .reuse_ids = reuse, .arena = dw_arena_new(4 << 20)};
    assert(pub.arena != NULL);
    world->verbose = verbose;
    memcpy(world->compiled, compiled, sizeof(world->compiled));
    size_t leap_hours = 10 + sim_below(&world->random, sim_chance(&world->random, 20) ? 3000 : 150);
    pub.children = sim_chance(&world->random, 30) ? 2 : 3 + (unsigned)sim_below(&world->random, 15);
    size_t bursts = 1 + sim_below(&world->random, 30);
    size_t events = EVENTS;
    if (sim_chance(&world->random, 10)) { /* a long history of few children: pages */
        events = 4 * EVENTS;
        pub.children = 2;
        leap_hours = 1500;
    }
    for (size_t i = 0; i < events; i++) {
        sim_publish_one(&pub);
        if (sim_chance(&world->random, 12))
            world->now_us += (int64_t)sim_below(&world->random, leap_hours) * INT64_C(3600000000);
        for (size_t steps = sim_below(&world->random, 2 * bursts); steps > 0; steps--)
            sim_world_step(world);
    }
    for (size_t i = 0; i < 300; i++)
        sim_world_step(world);
    bool ok = sim_world_settle(world) && !world->broken;
    if (ok) {
        reference = sim_world_new(seed + 1, &own);
        reference->reference = true;
        reference->verbose = verbose;
        reference->turn_events_live = 1 + (int64_t)(seed % 7);
        reference->create_time = world->create_time;
        reference->outbox_rows_max = 1000;
        if (seed % 3 != 0)
            reference->caps = (dw_turn_caps){.subjects = 100,
                                             .child_events = 100,
                                             .due = 50,
                                             .fires = 1000,
                                             .rows = 1000,
                                             .row_bytes = 1 << 20,
                                             .switched = 50,
                                             .outbox_rows = 50,
                                             .outbox_memory = 10000};
        reference->now_us = world->now_us;
        memcpy(reference->compiled, compiled, sizeof(reference->compiled));
        memcpy(reference->input, world->input, sizeof(world->input));
        if (verbose)
            printf("  --- undisturbed\n");
        ok = sim_world_settle(reference) && compare(world, reference, t);
        if (ok)
            count(t, world);
        if (ok && world->sealed > sim_redis_seals(world->redis)) {
            printf("  %lu commits and claims are believed in, Redis made %lu\n", world->sealed,
                   sim_redis_seals(world->redis));
            ok = false;
        }
        memset(reference->input, 0, sizeof(reference->input));
    }
    if (reference != NULL)
        sim_world_free(&reference);
    sim_world_free(&world);
    dw_arena_free(&pub.arena);
    return ok;
}

/* Histories that once went wrong. */
static const struct {
    uint64_t seed;
    bool reuse;
} found[] = {{5663, false}, {4001, true}, {4502, true}, {5051, true}, {5828, true}}; /* an id again after its folding */
#define FOUND (sizeof(found) / sizeof(found[0]))

static bool compile(const sim_texts *texts, dw_policy *compiled[4])
{
    static const dw_policy_names names = {
        .standards = "standards", .calendar = "calendar", .organisation = "organisation"};
    for (uint32_t i = 0; i < SIM_POLICIES; i++) {
        dw_problems problems = {0};
        char digest[65];
        dw_policy_text text = sim_texts_policy(texts, i + 1, 0);
        dw_policy_text_digest(&text, digest);
        text.digest = dw_str_from(digest);
        compiled[i] = dw_policy_load(&text, &names, &problems);
        if (compiled[i] == NULL)
            dw_problems_print(&problems, stdout);
        dw_problems_deinit(&problems);
        if (compiled[i] == NULL)
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    sim_texts texts;
    dw_policy *compiled[4] = {0};
    totals t = {0};
    unsigned long seeds = argc > 1 ? strtoul(argv[1], NULL, 10) : SEEDS;
    unsigned long first = argc > 2 ? strtoul(argv[2], NULL, 10) : FIRST;
    bool verbose = argc > 3 && strchr(argv[3], 'v') != NULL, reuse = argc > 3 && strchr(argv[3], 'r') != NULL;
    bool ok = sim_texts_load(&texts) && compile(&texts, compiled);
    for (unsigned long i = 0; ok && i < seeds; i++) {
        ok = run_seed(first + i, &texts, compiled, verbose, reuse, &t);
        if (!ok)
            printf("FAILED: seed %lu\n", first + i);
    }
    for (size_t i = 0; ok && argc < 2 && i < FOUND; i++, seeds++) {
        ok = run_seed(found[i].seed, &texts, compiled, verbose, found[i].reuse, &t);
        if (!ok)
            printf("FAILED: seed %lu%s\n", found[i].seed, found[i].reuse ? " r" : "");
    }
    if (ok)
        printf("100%%: Checks: %lu, Failures: 0, Errors: 0\n", seeds);
    printf("%zu records: %lu applied, %lu duplicate, %lu forwarded, %lu parked, %lu dead, %lu control; %zu rows, %zu "
           "repeats\n",
           t.records, t.applied, t.duplicate, t.forwarded, t.parked, t.dead, t.control, t.rows, t.repeats);
    printf("deadlines fired %lu, commits again %lu, fenced %lu, rollbacks %lu, page reads %lu, cache hits %lu of %lu, "
           "ticks %lu, "
           "releases %zu (%lu rebuilds), outbox full %lu\nfaults:",
           t.fired, t.retries, t.fenced, t.rollbacks, t.pages, t.hits, t.hits + t.misses, t.ticks, t.operated, t.torn,
           t.full);
    for (size_t i = 0; i <= SIM_THAW; i++)
        printf(" %zu", t.faults[i]);
    printf("\n");
    for (size_t i = 0; i < 4; i++)
        dw_policy_unref(&compiled[i]);
    sim_texts_free(&texts);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

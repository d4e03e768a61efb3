// link: dw_cli dw_shard dw_config
/* check_inproc.c: the core over a log within one process says what the shipped engine says of the same log: every
 * transition of every partition, byte for byte and in the same order, whatever publishers send. And in lots it says the same. */
#include "daemon/cli/inproc.h"
#include "proto/json.h"
#include "tests/sim/sim_events.h"
#include "tests/support/suite.h"

#define SEEDS 24
#define TRANSITIONS_WANTED 2000 /* fewer would show little */
#define FOLDS_WANTED 100
#define LOT_MAX 24
#define LOTS_WANTED 500 /* of two records at least */

static sim_texts texts;

typedef struct against { /* the rows that the engine published, taken one by one */
    const sim_log *rows;
    size_t next;
    int32_t partition;
    uint64_t seed;
} against;

static void show_both(const dw_transition *mine, dw_str theirs)
{
    dw_transition tr;
    dw_arena *arena = dw_arena_new(1 << 20);
    char *one = dw_transition_to_json(mine, NULL), *other = NULL;
    if (dw_transition_decode((const uint8_t *)theirs.ptr, theirs.len, arena, &tr, NULL) == DW_OK)
        other = dw_transition_to_json(&tr, NULL);
    printf("inproc: %s\nengine: %s\n", one, other != NULL ? other : "(no transition)");
    free(one);
    free(other);
    dw_arena_free(&arena);
}

static void on_transition(void *user, const dw_transition *tr)
{
    against *a = user;
    dw_transition mine = *tr;
    dw_log_record row;
    uint8_t bytes[8192];
    size_t len = 0;
    for (uint32_t i = 0; i < mine.cause_count; i++)
        mine.causes[i].partition = (uint32_t)a->partition;
    ck_assert_int_eq(dw_transition_encode(&mine, bytes, sizeof(bytes), &len, NULL), DW_OK);
    ck_assert_msg(a->next < a->rows->count,
                  "seed %lu, partition %d: a transition that the engine did not make: %.*s %s", a->seed, a->partition,
                  DW_STR_ARG(mine.rule_id), dw_transition_name(mine.kind));
    sim_log_get(a->rows, a->next++, &row);
    if (row.value.len != len || memcmp(row.value.ptr, bytes, len) != 0)
        show_both(&mine, row.value);
    ck_assert_msg(row.value.len == len && memcmp(row.value.ptr, bytes, len) == 0,
                  "seed %lu, partition %d: transition %zu (%.*s %s) differs from the engine's", a->seed, a->partition,
                  a->next - 1, DW_STR_ARG(mine.rule_id), dw_transition_name(mine.kind));
}

/* "<partition>/<position>/<hops>/<partitions>/<signature>" */
static dw_errc admit_move(const sim_world *world, const dw_log_record *rec)
{
    const char *last = rec->forward.len != 0 ? memrchr(rec->forward.ptr, '/', rec->forward.len) : NULL;
    if (last == NULL)
        return DW_E_AUTH;
    dw_str head = {rec->forward.ptr, (uint32_t)(last - rec->forward.ptr)};
    dw_str hex = {last + 1, rec->forward.len - head.len - 1};
    if (!dw_auth_check(world->auth_key, world->auth_key_len, head, rec->value, hex))
        return DW_E_AUTH;
    const char *after = memrchr(head.ptr, '/', head.len);
    const char *before = memrchr(head.ptr, '/', (size_t)(after - head.ptr));
    int64_t hops = 0;
    ck_assert(dw_number_parse((dw_str){before + 1, (uint32_t)(after - before - 1)}, &hops));
    return hops > DW_MOVE_HOPS_MAX ? DW_E_IDENTITY : DW_OK;
}

/* Would the engine take the record in this partition? What stays are the decisions of wire and signature, which are not
 * inproc's to make. */
static dw_errc admit(const sim_world *world, int32_t partition, const dw_log_record *rec, dw_arena *arena, dw_event *ev)
{
    dw_arena_reset(arena);
    if (!rec->has_value)
        return DW_E_NO_VALUE;
    dw_errc code = dw_event_decode((const uint8_t *)rec->value.ptr, rec->value.len, arena, ev, NULL);
    if (code != DW_OK)
        return code;
    if (dw_event_check_key(ev, rec->has_key ? rec->key : (dw_str){NULL, 0}, NULL) != DW_OK)
        return DW_E_KEY;
    dw_event_class class = dw_event_type_class(ev->type);
    if (class != DW_EVC_CONTROL && dw_partition_of(rec->key, SIM_PARTITIONS) != partition)
        return DW_E_KEY; /* forwarded */
    if (class == DW_EVC_MOVE)
        return admit_move(world, rec);
    bool signed_kind = class == DW_EVC_ACK || (class == DW_EVC_CONTROL && ev->type != DW_EV_CLOCK_TICK);
    if (signed_kind && !dw_auth_check(world->auth_key, world->auth_key_len, rec->key, rec->value, rec->auth))
        return DW_E_AUTH;
    return DW_OK;
}

/* --- the same in lots */

typedef struct lot {
    dw_inproc *in;
    dw_inproc_item items[LOT_MAX];
    dw_event *events; /* [LOT_MAX] */
    dw_arena *arenas[LOT_MAX];
    size_t count, made;
} lot;

static void lot_apply(lot *l)
{
    dw_error err = {0};
    if (l->count != 0)
        ck_assert_msg(dw_inproc_lot(l->in, l->items, l->count, &err) == DW_OK, "%s", err.text);
    l->made += l->count > 1;
    l->count = 0;
}

static void same_children(dw_inproc *one, dw_inproc *other, uint64_t seed)
{
    dw_encoded a = {0}, b = {0};
    dw_error err = {0};
    ck_assert_uint_eq(dw_inproc_count(one), dw_inproc_count(other));
    ck_assert_int_eq(dw_inproc_clock_us(one), dw_inproc_clock_us(other));
    for (size_t i = 0; i < dw_inproc_count(one); i++) {
        dw_record *x = (dw_record *)(uintptr_t)dw_inproc_record(dw_inproc_at(one, i));
        dw_record *y = (dw_record *)(uintptr_t)dw_inproc_record(dw_inproc_at(other, i));
        dw_encoded_reset(&a);
        dw_encoded_reset(&b);
        ck_assert_int_eq(dw_record_encode(x, NULL, &a, &err), DW_OK);
        ck_assert_int_eq(dw_record_encode(y, NULL, &b, &err), DW_OK);
        ck_assert_msg(a.head.len == b.head.len && memcmp(a.head.data, b.head.data, a.head.len) == 0,
                      "seed %lu: %.*s differs in lots", seed, DW_STR_ARG(x->child_ref));
    }
    const dw_inproc_counts *c = dw_inproc_counted(one), *d = dw_inproc_counted(other);
    ck_assert(memcmp(c, d, sizeof(*c)) == 0);
    dw_encoded_deinit(&a);
    dw_encoded_deinit(&b);
}

/* What may be grouped is, up to a few at once, the rest goes one by one: all the same at the end as all of them one by one.
 * With every other seed facts move through the log, else at once. */
static size_t in_lots(const sim_world *world, int32_t partition, uint64_t seed)
{
    dw_inproc *one = NULL;
    lot l = {.events = calloc(LOT_MAX, sizeof(*l.events))};
    dw_error err = {0};
    ck_assert_ptr_nonnull(l.events);
    for (int i = 0; i < LOT_MAX; i++)
        l.arenas[i] = dw_arena_new(4 << 20);
    ck_assert_int_eq(dw_inproc_new(NULL, DW_INPROC_LOG, &one, &err), DW_OK);
    ck_assert_int_eq(dw_inproc_new(NULL, DW_INPROC_LOG, &l.in, &err), DW_OK);
    if (seed % 2 == 0) {
        dw_inproc_follow_moves(one);
        dw_inproc_follow_moves(l.in);
    }
    for (size_t i = 0; i < world->input[partition].count; i++) {
        dw_log_record rec;
        dw_inproc_out out;
        dw_event *ev = &l.events[l.count];
        sim_log_get(&world->input[partition], i, &rec);
        dw_errc reason = admit(world, partition, &rec, l.arenas[l.count], ev);
        if (reason == DW_OK)
            ck_assert_int_eq(dw_inproc_event(one, ev, rec.stamp_us, (int64_t)i, &out, &err), DW_OK);
        else
            ck_assert_int_eq(dw_inproc_dead(one, rec.stamp_us, (int64_t)i, reason, &out, &err), DW_OK);
        if (reason == DW_OK && dw_inproc_may_group(l.in, ev)) {
            l.items[l.count++] = (dw_inproc_item){ev, rec.stamp_us, (int64_t)i};
            if (l.count == 1 + (i + seed) % LOT_MAX || l.count == LOT_MAX)
                lot_apply(&l);
            continue;
        }
        lot_apply(&l);
        dw_errc code = reason == DW_OK ? dw_inproc_event(l.in, ev, rec.stamp_us, (int64_t)i, &out, &err)
                                       : dw_inproc_dead(l.in, rec.stamp_us, (int64_t)i, reason, &out, &err);
        ck_assert_msg(code == DW_OK, "seed %lu: offset %zu of %d: %s", seed, i, partition, err.text);
    }
    lot_apply(&l);
    same_children(one, l.in, seed);
    dw_inproc_free(&one);
    dw_inproc_free(&l.in);
    for (int i = 0; i < LOT_MAX; i++)
        dw_arena_free(&l.arenas[i]);
    free(l.events);
    return l.made;
}

/* One partition's log through inproc; returns how many children are live at its end. */
static void follow(const sim_world *world, int32_t partition, uint64_t seed, uint64_t *transitions, uint64_t *folds,
                   size_t *lots)
{
    dw_inproc *in = NULL;
    dw_error err = {0};
    dw_arena *arena = dw_arena_new(4 << 20);
    dw_event *ev = malloc(sizeof(*ev));
    against rows = {.rows = &world->alerts[partition], .partition = partition, .seed = seed};
    ck_assert(arena != NULL && ev != NULL);
    ck_assert_int_eq(dw_inproc_new(NULL, DW_INPROC_LOG, &in, &err), DW_OK);
    dw_inproc_follow_moves(in);
    dw_inproc_on_transition(in, on_transition, &rows);
    for (size_t i = 0; i < world->input[partition].count; i++) {
        dw_log_record rec;
        dw_inproc_out out;
        sim_log_get(&world->input[partition], i, &rec);
        dw_errc reason = admit(world, partition, &rec, arena, ev);
        dw_errc code = reason != DW_OK ? dw_inproc_dead(in, rec.stamp_us, (int64_t)i, reason, &out, &err)
                                       : dw_inproc_event(in, ev, rec.stamp_us, (int64_t)i, &out, &err);
        ck_assert_msg(code == DW_OK, "seed %lu: offset %zu of %d: %s", seed, i, partition, err.text);
    }
    ck_assert_msg(rows.next == rows.rows->count, "seed %lu, partition %d: the engine made %zu transitions, not %zu",
                  seed, partition, rows.rows->count, rows.next);
    *transitions += dw_inproc_counted(in)->transitions;
    *folds += dw_inproc_counted(in)->folds;
    *lots += in_lots(world, partition, seed);
    dw_inproc_free(&in);
    dw_arena_free(&arena);
    free(ev);
}

static void play(uint64_t seed, uint64_t *transitions, uint64_t *folds, size_t *lots)
{
    dw_policy_text own = sim_texts_policy(&texts, 1, 0);
    sim_world *world = sim_world_new(seed, &own);
    sim_publishers pub = {.world = world, .texts = &texts, .policies = 1, .arena = dw_arena_new(4 << 20)};
    ck_assert_ptr_nonnull(pub.arena);
    world->faults_per_1000 = 0;
    world->dead_letter_percent = 100;
    world->dead_letter_per_minute = 0;
    pub.children = seed % 4 == 0 ? 2 : 3 + (unsigned)(seed % 12);
    size_t events = seed % 4 == 0 ? 500 : 150;
    size_t leap_hours = seed % 4 == 0 ? 800 : 200;
    for (size_t i = 0; i < events; i++) {
        sim_publish_one(&pub);
        if (sim_chance(&world->random, 12))
            world->now_us += (int64_t)sim_below(&world->random, leap_hours) * INT64_C(3600000000);
        sim_world_run(world, (int)sim_below(&world->random, 12), 20000);
    }
    ck_assert_msg(sim_world_settle(world), "seed %lu does not settle", seed);
    for (int32_t p = 0; p < SIM_PARTITIONS; p++)
        follow(world, p, seed, transitions, folds, lots);
    sim_world_free(&world);
    dw_arena_free(&pub.arena);
}

START_TEST(every_transition_is_the_engines)
{
    uint64_t transitions = 0, folds = 0, seed = 0;
    size_t lots = 0;
    /* How much one seed makes depends on the standards and on the order in which a compiler evaluates arguments, so
     * it is played on until enough was compared; a tenfold number of seeds without it is about nothing. */
    while (seed < SEEDS || ((transitions < TRANSITIONS_WANTED || folds < FOLDS_WANTED) && seed < (uint64_t)10 * SEEDS))
        play(++seed, &transitions, &folds, &lots);
    ck_assert_uint_ge(transitions, TRANSITIONS_WANTED);
    ck_assert_uint_ge(folds, FOLDS_WANTED);
    ck_assert_uint_ge(lots, LOTS_WANTED);
}
END_TEST

int main(void)
{
    if (!sim_texts_load(&texts))
        return EXIT_FAILURE;
    Suite *suite = suite_create("inproc");
    TCase *tcase = tcase_create("engine");
    tcase_set_timeout(tcase, 300);
    tcase_add_test(tcase, every_transition_is_the_engines);
    suite_add_tcase(suite, tcase);
    int status = run_suite(suite);
    sim_texts_free(&texts);
    return status;
}

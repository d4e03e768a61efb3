// link: dw_cli
/* check_generator.c: the simulated authority: deterministic, in order, valid, of the promised shape. */

#include "daemon/cli/gen.h"
#include "daemon/cli/rng.h"
#include "handlers/calendar.h"
#include "proto/encode.h"
#include "tests/support/suite.h"

#include <field_ids.h>

static dw_gen *make(uint64_t seed, double scale, int days, int tick_hours)
{
    int32_t from = dw_day_from_ymd(2026, 1, 5);
    dw_gen_config config = {.seed = seed,
                            .from_day = from,
                            .to_day = from + days,
                            .scale = scale,
                            .la_code = "936",
                            .tick_hours = tick_hours};
    dw_gen *gen = NULL;
    dw_error err = {0};
    ck_assert_int_eq(dw_gen_new(&config, &gen, &err), DW_OK);
    return gen;
}

/* FNV-1a over the encoded bytes and append times of a whole story. */
static uint64_t story(uint64_t seed, double scale, int days, size_t *events)
{
    dw_gen *gen = make(seed, scale, days, 12);
    dw_arena *arena = dw_arena_new(DW_EVENT_ARENA_BYTES_MAX);
    dw_event ev;
    dw_error err = {0};
    int64_t log_us = 0;
    uint64_t hash = 14695981039346656037u;
    *events = 0;
    while (dw_gen_next(gen, &ev, &log_us, &err)) {
        const uint8_t *bytes = NULL;
        size_t len = 0;
        dw_arena_reset(arena);
        ck_assert_int_eq(dw_event_encode(&ev, arena, &bytes, &len, &err), DW_OK);
        for (size_t i = 0; i < len; i++)
            hash = (hash ^ bytes[i]) * 1099511628211u;
        hash = (hash ^ (uint64_t)log_us) * 1099511628211u;
        ++*events;
    }
    ck_assert_int_eq(err.code, DW_OK);
    dw_arena_free(&arena);
    dw_gen_free(&gen);
    return hash;
}

START_TEST(one_seed_one_story)
{
    size_t a = 0;
    size_t b = 0;
    uint64_t first = story(7, 0.02, 90, &a);
    ck_assert_uint_eq(first, story(7, 0.02, 90, &b));
    ck_assert_uint_eq(a, b);
    ck_assert_uint_gt(a, 1000);
    ck_assert_uint_ne(first, story(8, 0.02, 90, &b));
}
END_TEST

START_TEST(every_event_is_valid_and_time_never_goes_back)
{
    dw_gen *gen = make(3, 0.1, 200, 24);
    dw_arena *arena = dw_arena_new(DW_EVENT_ARENA_BYTES_MAX);
    dw_event *ev = calloc(2, sizeof(*ev));
    dw_error err = {0};
    int64_t log_us = 0;
    int64_t last_us = 0;
    size_t ticks = 0;
    while (dw_gen_next(gen, &ev[0], &log_us, &err)) {
        const uint8_t *bytes = NULL;
        size_t len = 0;
        ck_assert_int_ge(log_us, last_us);
        last_us = log_us;
        dw_arena_reset(arena);
        ck_assert_int_eq(dw_event_encode(&ev[0], arena, &bytes, &len, &err), DW_OK);
        ck_assert_msg(dw_event_decode(bytes, len, arena, &ev[1], &err) == DW_OK, "%s: %s",
                      dw_event_type_name(ev[0].type), err.text);
        ck_assert_int_eq(ev[1].type, ev[0].type);
        ck_assert_uint_eq(ev[1].value_count, ev[0].value_count);
        ck_assert_uint_eq(ev[1].unknown_codes, 0);
        if (ev[0].type == DW_EV_CLOCK_TICK) {
            ticks++;
            continue;
        }
        ck_assert_int_le(ev[0].occurred_at_us, ev[0].recorded_at_us);
        ck_assert_int_le(ev[0].recorded_at_us, log_us);
    }
    ck_assert_uint_eq(ticks, 200);
    free(ev);
    dw_arena_free(&arena);
    dw_gen_free(&gen);
}
END_TEST

static int64_t value_of(const dw_event *ev, uint16_t field)
{
    const dw_value *value = dw_event_get(ev, field);
    return value != NULL ? value->i : 0;
}

/* A county's open cases at the start, and a year later still about as many. */
START_TEST(the_shape_is_a_county_and_stays_one)
{
    dw_gen *gen = make(1, 0.5, 365, 0);
    dw_event ev;
    dw_error err = {0};
    int64_t log_us = 0;
    int open_plans[8] = {0};
    int at_start[8] = {0};
    size_t seen[DW_EV_MAX] = {0};
    int64_t load_end_us = dw_london_start_us(dw_day_from_ymd(2026, 1, 5)) + 3600000000LL;
    while (dw_gen_next(gen, &ev, &log_us, &err)) {
        seen[ev.type]++;
        if (ev.type == DW_EV_PLAN_STARTED)
            open_plans[value_of(&ev, DW_F_PLAN_STARTED_PLAN_TYPE) & 7]++;
        if (ev.type == DW_EV_PLAN_ENDED)
            open_plans[value_of(&ev, DW_F_PLAN_ENDED_PLAN_TYPE) & 7]--;
        if (log_us < load_end_us)
            memcpy(at_start, open_plans, sizeof(at_start));
    }
    ck_assert_int_eq(at_start[DW_V_PLAN_TYPE_CIN], 1000);
    ck_assert_int_eq(at_start[DW_V_PLAN_TYPE_CP], 400);
    ck_assert_int_eq(at_start[DW_V_PLAN_TYPE_CLA], 500);
    static const int kinds[] = {DW_V_PLAN_TYPE_CIN, DW_V_PLAN_TYPE_CP, DW_V_PLAN_TYPE_CLA};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_gt(open_plans[kinds[i]], at_start[kinds[i]] * 2 / 3);
        ck_assert_int_lt(open_plans[kinds[i]], at_start[kinds[i]] * 3 / 2);
    }
    static const dw_event_type common[] = {
        DW_EV_CONTACT_RECEIVED, DW_EV_VISIT_DONE,   DW_EV_MISSING_EPISODE,  DW_EV_PLAN_REVIEW,       DW_EV_RHI,
        DW_EV_SUPERVISION_HELD, DW_EV_MEETING_HELD, DW_EV_WORKER_ALLOCATED, DW_EV_PLACEMENT_STARTED, DW_EV_CASE_CLOSED};
    for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
        ck_assert_uint_gt(seen[common[i]], 100);
    dw_gen_free(&gen);
}
END_TEST

START_TEST(late_corrected_withdrawn_and_repeated_records_occur)
{
    dw_gen *gen = make(5, 0.2, 180, 0);
    dw_event ev;
    dw_error err = {0};
    int64_t log_us = 0;
    size_t late = 0;
    size_t amended = 0;
    size_t voided = 0;
    size_t all = 0;
    while (dw_gen_next(gen, &ev, &log_us, &err)) {
        all++;
        late += ev.recorded_at_us - ev.occurred_at_us > 2 * 86400000000LL;
        amended += ev.op == DW_OP_AMEND && ev.type == DW_EV_VISIT_DONE;
        voided += ev.op == DW_OP_VOID;
        if (ev.op == DW_OP_AMEND) {
            ck_assert_uint_eq(ev.source_revision, 2);
            ck_assert_uint_ne(ev.supersedes.len, 0);
        }
        if (ev.op == DW_OP_VOID)
            ck_assert_uint_eq(ev.value_count, 0);
    }
    ck_assert_uint_gt(late, all / 100);
    ck_assert_uint_lt(late, all / 5);
    ck_assert_uint_gt(amended, 20);
    ck_assert_uint_gt(voided, 5);
    dw_gen_free(&gen);
}
END_TEST

START_TEST(wrong_configurations_are_refused)
{
    int32_t day = dw_day_from_ymd(2026, 1, 5);
    const dw_gen_config wrong[] = {
        {.from_day = day, .to_day = day, .scale = 1, .la_code = "936"},
        {.from_day = day, .to_day = day + DW_GEN_DAYS_MAX + 1, .scale = 1, .la_code = "936"},
        {.from_day = day, .to_day = day + 1, .scale = 0, .la_code = "936"},
        {.from_day = day, .to_day = day + 1, .scale = DW_GEN_SCALE_MAX * 2, .la_code = "936"},
        {.from_day = day, .to_day = day + 1, .scale = 1, .la_code = "9x6"},
        {.from_day = day, .to_day = day + 1, .scale = 1, .la_code = "9361"},
        {.from_day = day, .to_day = day + 1, .scale = 1, .la_code = "936", .tick_hours = 25},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        dw_gen *gen = NULL;
        dw_error err = {0};
        ck_assert_int_eq(dw_gen_new(&wrong[i], &gen, &err), DW_E_RANGE);
        ck_assert_ptr_null(gen);
    }
}
END_TEST

START_TEST(chance_stays_in_its_bounds)
{
    dw_rng rng = dw_rng_for(1, 2);
    bool low = false;
    bool high = false;
    int often = 0;
    for (int i = 0; i < 10000; i++) {
        int n = dw_rng_between(&rng, -3, 4);
        ck_assert_int_ge(n, -3);
        ck_assert_int_le(n, 4);
        low |= n == -3;
        high |= n == 4;
        often += dw_rng_chance(&rng, 250);
        double u = dw_rng_unit(&rng);
        ck_assert(u >= 0 && u < 1);
    }
    ck_assert(low && high);
    ck_assert_int_gt(often, 2200);
    ck_assert_int_lt(often, 2800);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("generator");
    TCase *tests = tcase_create("story");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, one_seed_one_story);
    tcase_add_test(tests, every_event_is_valid_and_time_never_goes_back);
    tcase_add_test(tests, the_shape_is_a_county_and_stays_one);
    tcase_add_test(tests, late_corrected_withdrawn_and_repeated_records_occur);
    tcase_add_test(tests, wrong_configurations_are_refused);
    tcase_add_test(tests, chance_stays_in_its_bounds);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}

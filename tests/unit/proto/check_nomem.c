// wrap: malloc calloc realloc dw_arena_alloc dw_arena_str dw_arena_room
/* check_nomem.c: decoding, encoding and both ways of JSON with too little memory: DW_E_NOMEM and nothing half filled, at
 * whichever allocation it runs out. While JSON is written, jansson's allocations fail with ours. */
#include <jansson.h>
#include <stdlib.h>

#include "proto/alert.h"
#include "proto/json.h"
#include "samples.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"

static dw_arena *arena, *work;

static void *json_alloc(size_t bytes)
{
    return malloc(bytes);
}

static void *plain_alloc(size_t bytes)
{
    return __real_malloc(bytes);
}

static void setup(void)
{
    json_set_alloc_funcs(plain_alloc, free);
    arena = dw_arena_new(8 << 20);
    work = dw_arena_new(8 << 20);
    ck_assert(arena != NULL && work != NULL);
}

static void teardown(void)
{
    dw_arena_free(&arena);
    dw_arena_free(&work);
}

/* Calls `once` with every allocation failing in turn, alone and with all after it. It returns whether it succeeded and
 * checks the rest itself. */
typedef bool attempt(void *user);
static void try_all(attempt *once, void *user)
{
    failing_arm(0, false);
    bool good = once(user);
    unsigned long needed = failing_disarm();
    ck_assert(good);
    ck_assert_uint_gt(needed, 0);
    for (unsigned long at = 1; at <= needed; at++)
        for (int for_good = 0; for_good < 2; for_good++) {
            failing_arm(at, for_good != 0);
            bool again = once(user);
            failing_disarm();
            ck_assert_msg(failing.hit, "allocation %lu of %lu was not asked for", at, needed);
            ck_assert_msg(!again, "allocation %lu of %lu failed, and nobody said so", at, needed);
        }
}

typedef struct job {
    const uint8_t *bytes;
    size_t len;
    dw_event event;
    dw_transition transition;
    dw_policy_text policy;
    dw_errc (*make)(struct job *job, const uint8_t **bytes, size_t *len);
    const char *text;
    char *whole; /* what the first attempt wrote */
} job;

static void try_to_json(attempt *once, job *j)
{
    json_set_alloc_funcs(json_alloc, free);
    try_all(once, j);
    json_set_alloc_funcs(plain_alloc, free);
    free(j->whole);
    j->whole = NULL;
}

/* The core of an attempt; what must stay untouched is compared. */
static bool refused_well(dw_errc code, const void *out, const void *before, size_t len)
{
    if (code == DW_OK)
        return false;
    if (code != DW_E_NOMEM || memcmp(out, before, len) != 0) { /* check's own words need memory */
        fprintf(stderr, "%s, output %s\n", dw_errc_name(code), memcmp(out, before, len) != 0 ? "changed" : "as before");
        abort();
    }
    return true;
}

static bool decode_event(void *user)
{
    job *j = user;
    static dw_event ev, before;
    dw_error err;
    dw_arena_reset(work);
    memset(&ev, 0x5a, sizeof ev);
    memcpy(&before, &ev, sizeof ev);
    return !refused_well(dw_event_decode(j->bytes, j->len, work, &ev, &err), &ev, &before, sizeof ev);
}

static bool encode_event(void *user)
{
    job *j = user;
    const uint8_t *bytes = NULL;
    size_t len = 7, seven = 7;
    dw_error err;
    dw_arena_reset(work);
    return !refused_well(dw_event_encode(&j->event, work, &bytes, &len, &err), &len, &seven, sizeof len);
}

/* jansson 2.14 drops what its buffer has no room for and says nothing, so here only crash and leak are looked for. */
static bool text_refused(char *text, char **whole)
{
    bool first = *whole == NULL;
    if (first)
        *whole = text;
    else
        free(text);
    return !first || text == NULL;
}

static bool event_to_json(void *user)
{
    job *j = user;
    return !text_refused(dw_event_to_json(&j->event, ",\"log_time\":\"2026-01-01T00:00:00Z\""), &j->whole);
}

static bool event_from_json(void *user)
{
    job *j = user;
    static dw_event ev, before;
    dw_error err;
    int64_t log_time_us = 0;
    dw_arena_reset(work);
    memset(&ev, 0x5a, sizeof ev);
    memcpy(&before, &ev, sizeof ev);
    dw_errc code = dw_event_from_json(j->text, strlen(j->text), work, &ev, &log_time_us, &err);
    return !refused_well(code, &ev, &before, sizeof ev);
}

START_TEST(events_of_every_type)
{
    dw_event_type types[DW_EV_MAX];
    size_t n = sample_types(types);
    dw_error err;
    ck_assert_uint_gt(n, 30);
    for (size_t i = 0; i < n; i++) {
        job j = {.event = sample_event(types[i], 3, arena)};
        ck_assert_msg(dw_event_encode(&j.event, arena, &j.bytes, &j.len, &err) == DW_OK, "%s", err.text);
        if (dw_event_type_class(types[i]) == DW_EVC_RESERVED)
            continue;
        try_all(decode_event, &j);
        try_all(encode_event, &j);
        try_to_json(event_to_json, &j);
        char *text = dw_event_to_json(&j.event, NULL);
        ck_assert_ptr_nonnull(text);
        j.text = text;
        try_all(event_from_json, &j);
        free(text);
    }
}
END_TEST

static bool transition_to_json(void *user)
{
    job *j = user;
    return !text_refused(dw_transition_to_json(&j->transition, NULL), &j->whole);
}

static bool transition_decode(void *user)
{
    job *j = user;
    static dw_transition tr, before;
    dw_error err;
    dw_arena_reset(work);
    memset(&tr, 0x5a, sizeof tr);
    memcpy(&before, &tr, sizeof tr);
    return !refused_well(dw_transition_decode(j->bytes, j->len, work, &tr, &err), &tr, &before, sizeof tr);
}

START_TEST(transitions)
{
    job j = {.transition = {.kind = DW_TR_RESOLVED,
                            .outcome = DW_OUT_DONE_LATE,
                            .priority = DW_P2,
                            .due_kind = DW_DUE_INSTANT,
                            .due_at_us = INT64_C(1700000000000000),
                            .raised_at_us = INT64_C(1700000000000001),
                            .rule_version = 1,
                            .generation = 1,
                            .count = 1,
                            .policy_number = 1,
                            .cause_count = 2,
                            .causes_total = 2,
                            .causes = {{0, 1}, {0, 2}},
                            .alert_id = "0f8fad5b-d9cb-569f-a165-70867728950e",
                            .transition_id = "7c9e6679-7425-50de-944b-e07fc1f90ae7",
                            .la_code = DW_STR_LIT("936"),
                            .child_ref = DW_STR_LIT("C-1"),
                            .rule_id = DW_STR_LIT("CP-07"),
                            .subject_kind = DW_STR_LIT("plan"),
                            .subject_id = DW_STR_LIT("P1"),
                            .post = DW_STR_LIT("tm")}};
    dw_error err;
    static uint8_t bytes[8192];
    dw_errc code = dw_transition_encode(&j.transition, bytes, sizeof bytes, &j.len, &err);
    j.bytes = bytes;
    ck_assert_msg(code == DW_OK, "%s", err.text);
    try_all(transition_decode, &j);
    try_to_json(transition_to_json, &j);
}
END_TEST

static dw_errc make_tick(job *j, const uint8_t **bytes, size_t *len)
{
    (void)j;
    return dw_tick_encode(INT64_C(1605864600123456), work, bytes, len, NULL);
}

static dw_errc make_core_set(job *j, const uint8_t **bytes, size_t *len)
{
    (void)j;
    return dw_core_set_encode(3, work, bytes, len, NULL);
}

static dw_errc make_policy(job *j, const uint8_t **bytes, size_t *len)
{
    return dw_policy_text_encode(&j->policy, work, bytes, len, NULL);
}

static bool make(void *user)
{
    job *j = user;
    const uint8_t *bytes = NULL;
    size_t len = 7, seven = 7;
    dw_arena_reset(work);
    return !refused_well(j->make(j, &bytes, &len), &len, &seven, sizeof len);
}

static bool decode_core_set(void *user)
{
    job *j = user;
    uint32_t version = 9, nine = 9;
    return !refused_well(dw_core_set_decode(j->bytes, j->len, &version, NULL), &version, &nine, sizeof version);
}

static bool decode_policy(void *user)
{
    job *j = user;
    dw_policy_text out, before;
    memset(&out, 0x5a, sizeof out);
    memcpy(&before, &out, sizeof out);
    dw_arena_reset(work);
    return !refused_well(dw_policy_text_decode(j->bytes, j->len, work, &out, NULL), &out, &before, sizeof out);
}

START_TEST(control_records)
{
    job j = {.policy = {.number = 1,
                        .standards = DW_STR_LIT("rules: []"),
                        .calendar = DW_STR_LIT("{}"),
                        .organisation = DW_STR_LIT("posts: []")}};
    char hex[65];
    dw_policy_text_digest(&j.policy, hex);
    j.policy.digest = dw_str_from(hex);
    j.make = make_tick;
    try_all(make, &j);
    j.make = make_core_set;
    try_all(make, &j);
    ck_assert_int_eq(dw_core_set_encode(3, arena, &j.bytes, &j.len, NULL), DW_OK);
    try_all(decode_core_set, &j);
    j.make = make_policy;
    try_all(make, &j);
    ck_assert_int_eq(dw_policy_text_encode(&j.policy, arena, &j.bytes, &j.len, NULL), DW_OK);
    try_all(decode_policy, &j);
}
END_TEST

static bool make_pool(void *user)
{
    (void)user;
    dw_pool *pool = dw_pool_new(1 << 16);
    bool made = pool != NULL;
    dw_pool_free(&pool);
    return made;
}

START_TEST(pools)
{
    try_all(make_pool, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nomem");
    TCase *tc = tcase_create("nomem");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, events_of_every_type);
    tcase_add_test(tc, transitions);
    tcase_add_test(tc, control_records);
    tcase_add_test(tc, pools);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

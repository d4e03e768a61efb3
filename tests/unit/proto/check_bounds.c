/* check_bounds.c: both sides of every bound of the schema's values: text, instants, civil dates, numbers, lists, names. */
#include <stdlib.h>

#include "field_ids.h"
#include "proto/alert.h"
#include "proto/civil.h"
#include "proto/encode.h"
#include "proto/json.h"
#include "proto/schema.h"
#include "proto/validate.h"
#include "samples.h"
#include "tests/support/suite.h"

static dw_arena *arena;

static void setup(void)
{
    arena = dw_arena_new(16 << 20);
    ck_assert_ptr_nonnull(arena);
}

static void teardown(void)
{
    dw_arena_free(&arena);
}

/* --- text: first and last sequence of each length, and their neighbours */

static const struct {
    const char *bytes;
    dw_errc text, id; /* id: as part of an id, where only printable ASCII passes */
} texts[] = {
    {"plain", DW_OK, DW_OK},
    {" ~", DW_OK, DW_OK},
    {"\x7f", DW_E_NUL, DW_E_NUL},
    {"\x1f", DW_E_NUL, DW_E_NUL},
    {"a\tb\nc\r", DW_OK, DW_E_NUL},
    {"12345678\x7f", DW_E_NUL, DW_E_NUL},
    {"1234567\x7f", DW_E_NUL, DW_E_NUL},
    {"1234567\x1f", DW_E_NUL, DW_E_NUL},
    {"\xc1\xbf", DW_E_UTF8, DW_E_UTF8},         /* overlong */
    {"\xc2\x80", DW_OK, DW_E_ID},               /* U+0080 */
    {"\xdf\xbf", DW_OK, DW_E_ID},               /* U+07FF */
    {"\xdf", DW_E_UTF8, DW_E_UTF8},             /* cut off */
    {"\xdf\x7e", DW_E_UTF8, DW_E_UTF8},         /* no continuation */
    {"\xdf\xc0", DW_E_UTF8, DW_E_UTF8},         /* another beginning */
    {"\xe0\x9f\xbf", DW_E_UTF8, DW_E_UTF8},     /* overlong */
    {"\xe0\xa0\x80", DW_OK, DW_E_ID},           /* U+0800 */
    {"\xe1\x80\x80", DW_OK, DW_E_ID},           /* not held to E0's bound */
    {"\xe1\xbf\xbf", DW_OK, DW_E_ID},           /* nor to ED's or F4's */
    {"\xec\xbf\xbf", DW_OK, DW_E_ID},           /* nor to ED's */
    {"\xed\x9f\xbf", DW_OK, DW_E_ID},           /* U+D7FF */
    {"\xed\xa0\x80", DW_E_UTF8, DW_E_UTF8},     /* a surrogate */
    {"\xee\x80\x80", DW_OK, DW_E_ID},           /* U+E000 */
    {"\xef\xbf\xbf", DW_OK, DW_E_ID},           /* U+FFFF */
    {"\xef\xbf", DW_E_UTF8, DW_E_UTF8},         /* cut off */
    {"\xf0\x8f\xbf\xbf", DW_E_UTF8, DW_E_UTF8}, /* overlong */
    {"\xf0\x90\x80\x80", DW_OK, DW_E_ID},       /* U+10000 */
    {"\xf1\x80\x80\x80", DW_OK, DW_E_ID},
    {"\xf3\xbf\xbf\xbf", DW_OK, DW_E_ID},
    {"\xf4\x8f\xbf\xbf", DW_OK, DW_E_ID},       /* U+10FFFF */
    {"\xf4\x90\x80\x80", DW_E_UTF8, DW_E_UTF8}, /* beyond it */
    {"\xf5\x80\x80\x80", DW_E_UTF8, DW_E_UTF8},
    {"\xf0\x90\x80", DW_E_UTF8, DW_E_UTF8}, /* cut off */
    {"\x80", DW_E_UTF8, DW_E_UTF8},
};

START_TEST(text_bounds)
{
    dw_str s = dw_str_from(texts[_i].bytes);
    ck_assert_int_eq(dw_text_check(s, "it", NULL), texts[_i].text);
    ck_assert_int_eq(dw_id_check(s, "it", NULL), texts[_i].id);
    /* the same behind and in front of other text */
    char around[32];
    int len = snprintf(around, sizeof around, "abcdefghi%s", texts[_i].bytes);
    ck_assert_int_eq(dw_text_check((dw_str){around, (uint32_t)len}, "it", NULL), texts[_i].text);
    ck_assert_int_eq(dw_id_check((dw_str){around, (uint32_t)len}, "it", NULL), texts[_i].id);
    len = snprintf(around, sizeof around, "%sz", texts[_i].bytes);
    ck_assert_int_eq(dw_text_check((dw_str){around, (uint32_t)len}, "it", NULL), texts[_i].text);
}
END_TEST

START_TEST(length_of_ids)
{
    static const char sixty_five[] = "0123456789012345678901234567890123456789012345678901234567890123x";
    ck_assert_int_eq(dw_id_check((dw_str){sixty_five, 64}, "it", NULL), DW_OK);
    ck_assert_int_eq(dw_id_check((dw_str){sixty_five, 65}, "it", NULL), DW_E_ID);
    ck_assert_int_eq(dw_id_check((dw_str){NULL, 0}, "it", NULL), DW_OK);
}
END_TEST

/* --- instants and dates as text */

static const struct {
    const char *text;
    const char *again; /* NULL: refused */
} instants[] = {
    {"2026-01-31T23:59:59Z", "2026-01-31T23:59:59.000Z"},
    {"2026-01-31t23:59:59z", "2026-01-31T23:59:59.000Z"},
    {"2026-01-31 23:59:59Z", "2026-01-31T23:59:59.000Z"},
    {"2026-01-31x23:59:59Z", NULL},
    {"2026-01-31", NULL},
    {"2026-01-31T", NULL},
    {"2026-01-31T24:00:00Z", NULL},
    {"2026-01-31T23:60:00Z", NULL},
    {"2026-01-31T23:59:60Z", NULL},
    {"2026-01-31T2x:59:59Z", NULL},
    {"2026-01-31T0::59:59Z", NULL}, /* what stands next to the digits */
    {"2026-01-31T1/:59:59Z", NULL},
    {"2026-01-31T23-59:59Z", NULL},
    {"2026-01-31T23:5x:59Z", NULL},
    {"2026-01-31T23:59-59Z", NULL},
    {"2026-01-31T23:59:5x", NULL},
    {"2026-01-31T23:59:Z", NULL},
    {"2026-01-31T23::59Z", NULL},
    {"2026-01-31T:59:59Z", NULL},
    {"2026-01-31T23:59:5", NULL},
    {"2026-01-31T23:59:59", NULL},
    {"2026-01-31T23:59:59Zz", NULL},
    {"2026-01-31T23:59:59.Z", NULL},
    {"2026-01-31T23:59:59.", NULL},
    {"2026-01-31T23:59:59.9", NULL},
    {"2026-01-31T23:59:59.1Z", "2026-01-31T23:59:59.100Z"},
    {"2026-01-31T23:59:59.000001Z", "2026-01-31T23:59:59.000001Z"},
    {"2026-01-31T23:59:59.123456Z", "2026-01-31T23:59:59.123456Z"},
    {"2026-01-31T23:59:59.123456789Z", "2026-01-31T23:59:59.123456Z"},
    {"2026-01-31T23:59:59.1234567890Z", NULL},
    {"2026-01-31T23:59:59.9/Z", NULL},
    {"2026-01-31T23:59:59.9:Z", NULL},
    {"2026-01-31T23:59:59+01:30", "2026-01-31T22:29:59.000Z"},
    {"2026-01-31T23:59:59-01:30", "2026-02-01T01:29:59.000Z"},
    {"2026-01-31T23:59:59+23:59", "2026-01-31T00:00:59.000Z"},
    {"2026-01-31T23:59:59+24:00", NULL},
    {"2026-01-31T23:59:59+00:60", NULL},
    {"2026-01-31T23:59:59*01:30", NULL},
    {"2026-01-31T23:59:59+0x:30", NULL},
    {"2026-01-31T23:59:59+01-30", NULL},
    {"2026-01-31T23:59:59+01:3x", NULL},
    {"2026-01-31T23:59:59+01:3", NULL},
    {"2026-01-31T23:59:59+01", NULL},
    {"1900-01-01T00:00:00Z", "1900-01-01T00:00:00.000Z"},
    {"1900-01-01T00:00:00+00:01", NULL},
    {"2200-12-31T23:59:59.999999Z", "2200-12-31T23:59:59.999999Z"},
    {"2200-12-31T23:59:59-00:01", NULL},
    {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
    {"1969-12-31T00:00:00Z", "1969-12-31T00:00:00.000Z"},
};

START_TEST(instants_as_text)
{
    char out[32];
    int64_t us = 77;
    bool good = dw_instant_parse(dw_str_from(instants[_i].text), &us);
    ck_assert_msg(good == (instants[_i].again != NULL), "%s", instants[_i].text);
    if (!good) {
        ck_assert_int_eq(us, 77);
        return;
    }
    dw_instant_format(us, out);
    ck_assert_str_eq(out, instants[_i].again);
    /* what follows the text is not looked at */
    char longer[64];
    snprintf(longer, sizeof longer, "%s0", instants[_i].text);
    us = 0;
    ck_assert(dw_instant_parse((dw_str){longer, (uint32_t)strlen(instants[_i].text)}, &us));
    dw_instant_format(us, out);
    ck_assert_str_eq(out, instants[_i].again);
}
END_TEST

static const struct {
    const char *text;
    bool good;
} dates[] = {
    {"2024-02-29", true},  {"2023-02-29", false},  {"2100-02-29", false}, {"2000-02-29", true},  {"1900-02-29", false},
    {"1900-01-01", true},  {"1899-12-31", false},  {"2200-12-31", true},  {"2201-01-01", false}, {"2024-04-30", true},
    {"2024-04-31", false}, {"2024-12-31", true},   {"2024-12-32", false}, {"2024-13-01", false}, {"2024-00-01", false},
    {"2024-01-00", false}, {"2024-01-01x", false}, {"2024-01-1", false},  {"2024-1-01", false},  {"202-01-01", false},
    {"2024/01-01", false}, {"2024-01/01", false},  {"", false},           {"2024", false},       {"2024-01", false},
};

START_TEST(dates_as_text)
{
    int32_t days = 77;
    char out[16];
    ck_assert_msg(dw_date_parse(dw_str_from(dates[_i].text), &days) == dates[_i].good, "%s", dates[_i].text);
    if (dates[_i].good) {
        dw_date_format(days, out);
        ck_assert_str_eq(out, dates[_i].text);
    } else {
        ck_assert_int_eq(days, 77);
    }
}
END_TEST

/* Far outside the years that are let in, and still right: eras of either sign. */
START_TEST(civil_eras)
{
    static const int32_t edges[] = {-1000000, -719469, -719468, -719467, -146097, -1, 0, 1, 84370, 1000000};
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++)
        ck_assert_int_eq(dw_civil_days(dw_civil_from_days(edges[i])), edges[i]);
    dw_civil before = dw_civil_from_days(-719469); /* 0000-02-29 */
    ck_assert(before.year == 0 && before.month == 2 && before.day == 29);
    before = dw_civil_from_days(-719529); /* -0001-12-31 */
    ck_assert(before.year == -1 && before.month == 12 && before.day == 31);
    ck_assert_int_eq(dw_civil_days((dw_civil){-1, 12, 31}), -719529);
    ck_assert_int_eq(dw_civil_days((dw_civil){-401, 3, 1}), -719468 - 146097 - 366);
    ck_assert_int_eq(DW_DAYS_MIN, dw_civil_days((dw_civil){DW_YEAR_MIN, 1, 1}));
    ck_assert_int_eq(DW_DAYS_MAX, dw_civil_days((dw_civil){DW_YEAR_MAX, 12, 31}));
}
END_TEST

/* --- values of an event */

static dw_errc finish_with(dw_event_type type, dw_value value)
{
    dw_event ev = sample_envelope(type);
    ck_assert(dw_event_put(&ev, &value));
    return dw_event_finish(&ev, NULL);
}

static dw_errc finish_number(dw_event_type type, uint16_t field, dw_value_kind kind, int64_t i)
{
    return finish_with(type, (dw_value){.field = field, .kind = (uint8_t)kind, .i = i});
}

START_TEST(ranges_of_values)
{
    const uint16_t days = DW_F_PLAN_CHANGED_VISIT_FREQUENCY_DAYS, birth = DW_F_CHILD_UPDATED_PERSON_BIRTH_DATE;
    ck_assert_int_eq(finish_number(DW_EV_PLAN_CHANGED, days, DW_VAL_INT, DW_INTERVAL_DAYS_MAX), DW_OK);
    ck_assert_int_eq(finish_number(DW_EV_PLAN_CHANGED, days, DW_VAL_INT, DW_INTERVAL_DAYS_MAX + 1), DW_E_RANGE);
    ck_assert_int_eq(finish_number(DW_EV_PLAN_CHANGED, days, DW_VAL_INT, 0), DW_OK);
    ck_assert_int_eq(finish_number(DW_EV_PLAN_CHANGED, days, DW_VAL_INT, -1), DW_E_RANGE);
    const uint16_t level = DW_F_ALERT_ACKNOWLEDGED_LEVEL, generation = DW_F_ALERT_ACKNOWLEDGED_GENERATION;
    ck_assert_int_eq(finish_number(DW_EV_ALERT_ACKNOWLEDGED, level, DW_VAL_INT, DW_LEVEL_MAX), DW_OK);
    ck_assert_int_eq(finish_number(DW_EV_ALERT_ACKNOWLEDGED, level, DW_VAL_INT, DW_LEVEL_MAX + 1), DW_E_RANGE);
    ck_assert_int_eq(finish_number(DW_EV_ALERT_ACKNOWLEDGED, generation, DW_VAL_INT, DW_NUMBER_MAX), DW_OK);
    ck_assert_int_eq(finish_number(DW_EV_ALERT_ACKNOWLEDGED, generation, DW_VAL_INT, DW_NUMBER_MAX + 1), DW_E_RANGE);
    ck_assert_int_eq(finish_number(DW_EV_CHILD_UPDATED, birth, DW_VAL_DATE, DW_DAYS_MIN), DW_OK);
    ck_assert_int_eq(finish_number(DW_EV_CHILD_UPDATED, birth, DW_VAL_DATE, DW_DAYS_MIN - 1), DW_E_DATE);
    ck_assert_int_eq(finish_number(DW_EV_CHILD_UPDATED, birth, DW_VAL_DATE, DW_DAYS_MAX), DW_OK);
    ck_assert_int_eq(finish_number(DW_EV_CHILD_UPDATED, birth, DW_VAL_DATE, DW_DAYS_MAX + 1), DW_E_DATE);
    const uint16_t decided = DW_F_REFERRAL_RECEIVED_DECIDED_AT;
    ck_assert_int_eq(finish_number(DW_EV_REFERRAL_RECEIVED, decided, DW_VAL_INSTANT, DW_INSTANT_MIN_US), DW_OK);
    ck_assert_int_eq(finish_number(DW_EV_REFERRAL_RECEIVED, decided, DW_VAL_INSTANT, DW_INSTANT_MIN_US - 1), DW_E_DATE);
    ck_assert_int_eq(finish_number(DW_EV_REFERRAL_RECEIVED, decided, DW_VAL_INSTANT, DW_INSTANT_MAX_US), DW_OK);
    ck_assert_int_eq(finish_number(DW_EV_REFERRAL_RECEIVED, decided, DW_VAL_INSTANT, DW_INSTANT_MAX_US + 1), DW_E_DATE);
}
END_TEST

START_TEST(ranges_of_the_envelope)
{
    dw_event ev = sample_envelope(DW_EV_VISIT_DONE);
    ev.occurred_at_us = DW_INSTANT_MIN_US;
    ev.recorded_at_us = DW_INSTANT_MAX_US;
    ck_assert_int_eq(dw_event_finish(&ev, NULL), DW_OK);
    ck_assert_int_eq(dw_envelope_check(&ev, NULL), DW_OK);
    ev.occurred_at_us--;
    ck_assert_int_eq(dw_event_finish(&ev, NULL), DW_E_DATE);
    ck_assert_int_eq(dw_envelope_check(&ev, NULL), DW_E_DATE);
    ev.occurred_at_us = DW_INSTANT_MAX_US;
    ev.recorded_at_us++;
    ck_assert_int_eq(dw_event_finish(&ev, NULL), DW_E_DATE);
    ck_assert_int_eq(dw_envelope_check(&ev, NULL), DW_E_DATE);
    static const char *const wrong[] = {"93", "9366", "93x", "x36", "/36", "93:", "9 6"};
    ev = sample_envelope(DW_EV_VISIT_DONE);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        ev.la_code = dw_str_from(wrong[i]);
        ck_assert_int_eq(dw_event_finish(&ev, NULL), DW_E_ID);
        ck_assert_int_eq(dw_envelope_check(&ev, NULL), DW_E_ID);
    }
    ev.la_code = DW_STR_LIT("099");
    ck_assert_int_eq(dw_event_finish(&ev, NULL), DW_OK);
    ev.event_id = (dw_str){NULL, 0};
    ck_assert_int_eq(dw_envelope_check(&ev, NULL), DW_E_MISSING);
    ev = sample_envelope(DW_EV_VISIT_DONE);
    ev.occurred_at_us = DW_INSTANT_NONE;
    ck_assert_int_eq(dw_envelope_check(&ev, NULL), DW_E_MISSING);
    ev = sample_envelope(DW_EV_VISIT_DONE);
    ev.worker_ref = DW_STR_LIT("\x01");
    ck_assert_int_eq(dw_envelope_check(&ev, NULL), DW_E_NUL);
}
END_TEST

START_TEST(a_full_body_takes_no_more)
{
    dw_event ev = sample_envelope(DW_EV_VISIT_DONE);
    for (unsigned i = DW_EVENT_BODY_FIELDS_MAX; i > 0; i--) { /* backwards: they come out in order */
        dw_value value = {.field = (uint16_t)i, .kind = DW_VAL_ENUM, .flags = i % 2 == 0 ? DW_VALF_UNKNOWN_CODE : 0};
        ck_assert(dw_event_put(&ev, &value));
    }
    for (unsigned i = 0; i < DW_EVENT_BODY_FIELDS_MAX; i++)
        ck_assert_uint_eq(ev.values[i].field, i + 1);
    ck_assert_uint_eq(ev.unknown_codes, DW_EVENT_BODY_FIELDS_MAX / 2);
    dw_value more = {.field = 100, .kind = DW_VAL_ENUM};
    ck_assert(!dw_event_put(&ev, &more));
    ck_assert_uint_eq(ev.value_count, DW_EVENT_BODY_FIELDS_MAX);
}
END_TEST

/* --- names and numbers of the schema */

START_TEST(types_outside_the_schema)
{
    ck_assert_str_eq(dw_event_type_name((dw_event_type)DW_EV_MAX), "?");
    ck_assert_str_eq(dw_event_type_name((dw_event_type)-1), "?");
    ck_assert_int_eq(dw_event_type_class((dw_event_type)DW_EV_MAX), dw_event_type_class(DW_EV_NONE));
    ck_assert_ptr_null(dw_schema_body(DW_EV_NONE));
    ck_assert_ptr_null(dw_schema_body((dw_event_type)(DW_BODY_FIELD_MIN - 1)));
    ck_assert_ptr_nonnull(dw_schema_body(DW_EV_VISIT_DONE));
    ck_assert_ptr_null(dw_schema_body((dw_event_type)DW_BODY_FIELD_MAX));
    ck_assert_ptr_null(dw_schema_body((dw_event_type)(DW_BODY_FIELD_MAX + 1)));
    ck_assert_str_eq(dw_outcome_text((dw_outcome)DW_OUT_COUNT), "?");
    ck_assert_str_eq(dw_outcome_name((dw_outcome)DW_OUT_COUNT), "?");
    ck_assert_str_eq(dw_outcome_name(DW_OUT_NONE), "?");
    ck_assert_str_eq(dw_outcome_text(DW_OUT_NONE), "?");
    ck_assert_str_eq(dw_transition_name(DW_TR_COUNT), "?");
    ck_assert_str_eq(dw_transition_name(DW_TR_NONE), "?");
}
END_TEST

START_TEST(fields_are_all_there_or_cut)
{
    dw_field_info all[256];
    size_t n = dw_field_all(DW_EV_PLAN_STARTED, all, 256);
    ck_assert_uint_gt(n, 10);
    ck_assert_uint_lt(n, 64);
    for (size_t i = 0; i < n; i++) {
        dw_field_info one;
        ck_assert(dw_field_by_id(DW_EV_PLAN_STARTED, all[i].field, &one));
        ck_assert_str_eq(one.name, all[i].name);
        ck_assert(dw_field_find(DW_EV_PLAN_STARTED, dw_str_from(all[i].name), &one));
        ck_assert_uint_eq(one.field, all[i].field);
        if (i > 0)
            ck_assert_uint_gt(all[i].field, all[i - 1].field);
    }
    /* fields of messages within come behind all others, by their numbers there */
    static const char *const nested[] = {"visit_frequency.days", "visit_frequency.unit", "visit_frequency.agreed_by",
                                         "visit_frequency.from"};
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(all[n - 4 + i].name, nested[i]);
    ck_assert_ptr_null(strchr(all[n - 5].name, '.'));
    ck_assert_str_eq(all[0].name, "plan_id");
    for (size_t max = 0; max <= n; max++) {
        dw_field_info some[64];
        memset(some, 0x5a, sizeof some);
        ck_assert_uint_eq(dw_field_all(DW_EV_PLAN_STARTED, some, max), max);
        ck_assert(max == 64 || some[max].type == (dw_event_type)0x5a5a5a5a);
        ck_assert(max == 0 || memcmp(some, all, max * sizeof *some) == 0);
    }
    ck_assert_uint_eq(dw_field_all(DW_EV_NONE, all, 256), 0);
}
END_TEST

/* --- control records */

START_TEST(numbers_of_control_records)
{
    const uint8_t *bytes;
    size_t len;
    uint32_t version = 0;
    ck_assert_int_eq(dw_core_set_encode(DW_NUMBER_MAX, arena, &bytes, &len, NULL), DW_OK);
    ck_assert_int_eq(dw_core_set_decode(bytes, len, &version, NULL), DW_OK);
    ck_assert_uint_eq(version, DW_NUMBER_MAX);
    ck_assert_int_eq(dw_core_set_encode(DW_NUMBER_MAX + 1, arena, &bytes, &len, NULL), DW_E_INVAL);
    dw_policy_text policy = {.number = DW_NUMBER_MAX, .standards = DW_STR_LIT("a"), .calendar = DW_STR_LIT("b")};
    ck_assert_int_eq(dw_policy_text_encode(&policy, arena, &bytes, &len, NULL), DW_OK);
    policy.number++;
    ck_assert_int_eq(dw_policy_text_encode(&policy, arena, &bytes, &len, NULL), DW_E_INVAL);
    policy.number = 0;
    ck_assert_int_eq(dw_policy_text_encode(&policy, arena, &bytes, &len, NULL), DW_E_INVAL);
    policy.number = 1;
    static const char *const places[] = {"standards", "calendar", "organisation"};
    for (int i = 0; i < 3; i++) {
        dw_policy_text bad = policy;
        *(i == 0 ? &bad.standards : i == 1 ? &bad.calendar : &bad.organisation) = DW_STR_LIT("\x01");
        dw_policy_text out;
        ck_assert_int_eq(dw_policy_text_encode(&bad, arena, &bytes, &len, NULL), DW_OK);
        ck_assert_msg(dw_policy_text_decode(bytes, len, arena, &out, NULL) == DW_E_NUL, "%s", places[i]);
    }
}
END_TEST

/* An Event of our own making around one body. */
static void control(wire *w, dw_event_type type, const wire *body)
{
    wire_text(w, 1, "e-1");
    wire_number(w, 2, 1);
    wire_bytes(w, (uint32_t)type, body->bytes, body->len);
}

START_TEST(control_records_from_elsewhere)
{
    static wire body, record;
    uint32_t version = 9;
    static const uint64_t numbers[] = {0, DW_NUMBER_MAX + 1};
    for (int i = 0; i < 2; i++) {
        body.len = record.len = 0;
        if (numbers[i] != 0)
            wire_number(&body, 1, numbers[i]);
        control(&record, DW_EV_CORE_SET, &body);
        ck_assert_int_eq(dw_core_set_decode(record.bytes, record.len, &version, NULL), DW_E_CONTROL);
        ck_assert_uint_eq(version, 9);
        dw_policy_text out;
        ck_assert_int_eq(dw_policy_text_decode(record.bytes, record.len, arena, &out, NULL), DW_E_CONTROL);
    }
    dw_policy_text out, untouched;
    memset(&out, 0x5a, sizeof out);
    untouched = out;
    body.len = record.len = 0;
    wire_number(&body, 1, 1);
    wire_instant(&body, 6, INT64_C(1) << 40, 0); /* cut_over */
    control(&record, DW_EV_POLICY_SET, &body);
    ck_assert_int_eq(dw_policy_text_decode(record.bytes, record.len, arena, &out, NULL), DW_E_DATE);
    body.len = record.len = 0;
    wire_number(&body, 1, DW_NUMBER_MAX + 1);
    control(&record, DW_EV_POLICY_SET, &body);
    ck_assert_int_eq(dw_policy_text_decode(record.bytes, record.len, arena, &out, NULL), DW_E_CONTROL);
    ck_assert_int_eq(dw_policy_text_decode(record.bytes, 0, arena, &out, NULL), DW_E_NO_VALUE);
    ck_assert_mem_eq(&out, &untouched, sizeof out);
    static uint8_t long_value[DW_POLICY_BYTES_MAX + 1];
    ck_assert_int_eq(dw_core_set_decode(long_value, sizeof long_value, &version, NULL), DW_E_TOO_BIG);
    ck_assert_int_eq(dw_core_set_decode(long_value, DW_POLICY_BYTES_MAX, &version, NULL), DW_E_TRUNCATED);
    ck_assert_int_eq(dw_core_set_decode(long_value, 3, &version, NULL), DW_E_TRUNCATED);
}
END_TEST

/* --- values that only hand-made events have */

START_TEST(impossible_values_stay_impossible)
{
    static const int64_t days[] = {-10000000, -9999999, 9999999, 10000000};
    const uint8_t *bytes;
    size_t len;
    dw_event out;
    for (int i = 0; i < 4; i++) {
        dw_event ev = sample_envelope(DW_EV_PLAN_REVIEW);
        const dw_value held = {.field = DW_F_PLAN_REVIEW_HELD_ON, .kind = DW_VAL_DATE, .i = days[i]};
        ck_assert(dw_event_put(&ev, &held));
        ck_assert_int_eq(dw_event_encode(&ev, arena, &bytes, &len, NULL), DW_OK);
        ck_assert_int_eq(dw_event_decode(bytes, len, arena, &out, NULL), DW_E_DATE);
    }
    dw_event ev = sample_envelope(DW_EV_PLAN_REVIEW);
    ev.occurred_at_us = DW_INSTANT_NONE;
    ck_assert_int_eq(dw_event_encode(&ev, arena, &bytes, &len, NULL), DW_OK);
    ck_assert_int_eq(dw_event_decode(bytes, len, arena, &out, NULL), DW_E_MISSING);
}
END_TEST

START_TEST(printing_hand_made_events)
{
    dw_event ev = sample_envelope(DW_EV_VISIT_DONE);
    ck_assert(dw_event_put(&ev, &(dw_value){.field = DW_F_VISIT_DONE_VISIT_ID, .kind = DW_VAL_STR}));
    char *line = dw_event_to_json(&ev, "");
    ck_assert_ptr_nonnull(line);
    ck_assert_ptr_nonnull(strstr(line, "\"visit_done\":{\"visit_id\":\"\"}"));
    free(line);
    ck_assert(dw_event_put(&ev, &(dw_value){.field = 250, .kind = DW_VAL_INT, .i = 1})); /* a visit has no such field */
    ck_assert_ptr_null(dw_event_to_json(&ev, ""));
}
END_TEST

/* --- transitions */

static dw_errc encode(const dw_transition *tr)
{
    uint8_t bytes[4096];
    size_t len;
    return dw_transition_encode(tr, bytes, sizeof bytes, &len, NULL);
}

START_TEST(times_of_transitions)
{
    const dw_transition good = {.kind = DW_TR_OPENED, .rule_id = DW_STR_LIT("X-1")};
    dw_transition tr = good;
    ck_assert_int_eq(encode(&tr), DW_OK);
    static const int64_t instants_us[] = {DW_INSTANT_MIN_US, DW_INSTANT_MIN_US - 1, DW_INSTANT_MAX_US,
                                          DW_INSTANT_MAX_US + 1};
    static const int32_t days[] = {DW_DAYS_MIN, DW_DAYS_MIN - 1, DW_DAYS_MAX, DW_DAYS_MAX + 1};
    for (int i = 0; i < 4; i++) {
        dw_errc wanted = i % 2 == 0 ? DW_OK : DW_E_DATE;
        tr = good;
        tr.raised_at_us = instants_us[i];
        ck_assert_int_eq(encode(&tr), wanted);
        tr = good;
        tr.due_at_us = instants_us[i];
        ck_assert_int_eq(encode(&tr), DW_OK); /* not its kind of due */
        tr.due_kind = DW_DUE_INSTANT;
        ck_assert_int_eq(encode(&tr), wanted);
        tr = good;
        tr.due_on = days[i];
        ck_assert_int_eq(encode(&tr), DW_OK);
        tr.due_kind = DW_DUE_DATE;
        ck_assert_int_eq(encode(&tr), wanted);
        tr = good;
        tr.review_by = days[i];
        ck_assert_int_eq(encode(&tr), wanted);
        tr = good;
        tr.paused_until = days[i];
        ck_assert_int_eq(encode(&tr), wanted);
    }
    tr = good;
    tr.cause_count = DW_CAUSES_MAX;
    ck_assert_int_eq(encode(&tr), DW_OK);
    tr.cause_count++;
    ck_assert_int_eq(encode(&tr), DW_E_INVAL);
    tr = good;
    tr.kind = DW_TR_NONE;
    ck_assert_int_eq(encode(&tr), DW_E_INVAL);
    tr.kind = DW_TR_COUNT;
    ck_assert_int_eq(encode(&tr), DW_E_INVAL);
}
END_TEST

START_TEST(transitions_from_elsewhere)
{
    dw_transition tr = {.generation = 77};
    dw_error err;
    ck_assert_int_ne(dw_transition_decode(NULL, 0, arena, &tr, &err), DW_OK);
    uint8_t bytes[4096];
    size_t len;
    dw_transition good = {.kind = DW_TR_OPENED, .rule_id = DW_STR_LIT("X-1"), .raised_at_us = -1, .due_on = 3};
    good.due_kind = DW_DUE_DATE;
    ck_assert_int_eq(dw_transition_encode(&good, bytes, sizeof bytes, &len, &err), DW_OK);
    for (size_t cut = 0; cut < len; cut++) /* never room enough */
        ck_assert_int_eq(dw_transition_encode(&good, bytes, cut, &(size_t){0}, &err), DW_E_TOO_BIG);
    ck_assert_int_eq(dw_transition_encode(&good, bytes, len, &len, &err), DW_OK);
    ck_assert_int_eq(dw_transition_decode(bytes, len, arena, &tr, &err), DW_OK);
    ck_assert_int_eq(tr.raised_at_us, -1);
    ck_assert_int_eq(tr.due_on, 3);
    ck_assert_int_eq(tr.review_by, 0);
    ck_assert_int_eq(tr.paused_until, 0);
    good.review_by = 4;
    good.paused_until = 5;
    ck_assert_int_eq(dw_transition_encode(&good, bytes, sizeof bytes, &len, &err), DW_OK);
    ck_assert_int_eq(dw_transition_decode(bytes, len, arena, &tr, &err), DW_OK);
    ck_assert_int_eq(tr.review_by, 4);
    ck_assert_int_eq(tr.paused_until, 5);
    static wire w;
    static const char thirty_seven[] = "0f8fad5b-d9cb-569f-a165-70867728950ex";
    for (uint32_t field = 1; field <= 2; field++) { /* both ids are UUIDs */
        w.len = 0;
        wire_text(&w, field, thirty_seven);
        ck_assert_int_ne(dw_transition_decode(w.bytes, w.len, arena, &tr, &err), DW_OK);
        w.len = 0;
        wire_bytes(&w, field, thirty_seven, DW_UUID_TEXT_LEN);
        ck_assert_int_eq(dw_transition_decode(w.bytes, w.len, arena, &tr, &err), DW_OK);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bounds");
    TCase *tc = tcase_create("bounds");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, text_bounds, 0, sizeof texts / sizeof texts[0]);
    tcase_add_test(tc, length_of_ids);
    tcase_add_loop_test(tc, instants_as_text, 0, sizeof instants / sizeof instants[0]);
    tcase_add_loop_test(tc, dates_as_text, 0, sizeof dates / sizeof dates[0]);
    tcase_add_test(tc, civil_eras);
    tcase_add_test(tc, ranges_of_values);
    tcase_add_test(tc, ranges_of_the_envelope);
    tcase_add_test(tc, a_full_body_takes_no_more);
    tcase_add_test(tc, types_outside_the_schema);
    tcase_add_test(tc, fields_are_all_there_or_cut);
    tcase_add_test(tc, numbers_of_control_records);
    tcase_add_test(tc, control_records_from_elsewhere);
    tcase_add_test(tc, impossible_values_stay_impossible);
    tcase_add_test(tc, printing_hand_made_events);
    tcase_add_test(tc, times_of_transitions);
    tcase_add_test(tc, transitions_from_elsewhere);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

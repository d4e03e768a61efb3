/* Bad input: every reason for which a field of a record is refused; keys and acknowledgements. */

#include "tests/unit/proto/bad_input.h"

/* --- single envelope fields */

static const struct {
    uint32_t omit;
    dw_errc code;
} missing_table[] = {
    {1, DW_E_MISSING}, {3, DW_E_MISSING},  {4, DW_E_MISSING},  {5, DW_E_MISSING}, {8, DW_E_MISSING},
    {9, DW_E_MISSING}, {10, DW_E_MISSING}, {11, DW_E_MISSING}, {2, DW_OK}, /* schema_version is not required */
    {0, DW_OK}};

START_TEST(required_fields)
{
    wire_envelope(&w, missing_table[_i].omit);
    wire_bytes(&w, DW_EV_VISIT_DONE, NULL, 0);
    ASSERT_CODE(missing_table[_i].code);
}
END_TEST

/* Control records have no subject and need only an id and a time. */
START_TEST(control_records_need_no_subject)
{
    dw_event ev;
    dw_error err;
    wire_text(&w, 1, "tick-1");
    wire_instant(&w, 5, 1605864600, 0);
    wire_bytes(&w, DW_EV_CLOCK_TICK, NULL, 0);
    ck_assert_int_eq(decode(&ev, &err), DW_OK);
    ck_assert_int_eq(ev.type, DW_EV_CLOCK_TICK);
    wire_text(&w, 3, "936");
    wire_text(&w, 4, "c-1");
    ck_assert_int_eq(decode(&ev, &err), DW_OK);
    ck_assert_uint_eq(ev.la_code.len, 0);
    ck_assert_uint_eq(ev.child_ref.len, 0);
    ck_assert_int_eq(dw_event_check_key(&ev, DW_STR_LIT(""), &err), DW_OK);
    ck_assert_int_eq(dw_event_check_key(&ev, DW_STR_LIT("936/c-1"), &err), DW_E_KEY);
}
END_TEST

#define TEXT64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
static const struct {
    uint32_t field;
    const char *text;
    uint32_t len;
    dw_errc code;
} text_table[] = {
    {4, TEXT64, 64, DW_OK},
    {4, TEXT64 "x", 65, DW_E_ID},
    {4, "c 1~", 4, DW_OK}, /* both ends of printable ASCII */
    {4, "c\x7f", 2, DW_E_NUL},
    {4, "c\x1f", 2, DW_E_NUL},
    {4, "c\0d", 3, DW_E_NUL},
    {4, "line\n", 5, DW_E_NUL},
    {4, "zo\xc3\xab", 4, DW_E_ID}, /* UTF-8, but not ASCII */
    {4, "zo\xeb", 3, DW_E_UTF8},
    {4, "\xc0\xaf", 2, DW_E_UTF8},         /* overlong */
    {4, "\xed\xa0\x80", 3, DW_E_UTF8},     /* surrogate */
    {4, "\xf4\x90\x80\x80", 4, DW_E_UTF8}, /* above U+10FFFF */
    {4, "\xe2\x82", 2, DW_E_UTF8},         /* cut */
    {4, "\xf0\x9f\x98\x80", 4, DW_E_ID},
    {4, "0123456\x1f", 8, DW_E_NUL}, /* within the eight-byte step */
    {4, "0123456\x7f", 8, DW_E_NUL},
    {4, "0123456\x80", 8, DW_E_UTF8},
    {1, "\t", 1, DW_E_NUL},
    {8, TEXT64 "x", 65, DW_E_ID},
    {9, "\xff", 1, DW_E_UTF8},
    {12, "a\0", 2, DW_E_NUL},
    {13, "\x01", 1, DW_E_NUL},
    {14, "\xff", 1, DW_E_UTF8},
    {15, TEXT64 "x", 65, DW_E_ID},
    {3, "93", 2, DW_E_ID},
    {3, "9365", 4, DW_E_ID},
    {3, "93a", 3, DW_E_ID},
    {3, "000", 3, DW_OK},
    {3, "\xff", 1, DW_E_UTF8},
};

START_TEST(envelope_text)
{
    wire_envelope(&w, text_table[_i].field);
    wire_bytes(&w, text_table[_i].field, text_table[_i].text, text_table[_i].len);
    wire_bytes(&w, DW_EV_VISIT_DONE, NULL, 0);
    ASSERT_CODE(text_table[_i].code);
}
END_TEST

/* The same for an id in the body and for one of a list. */
START_TEST(body_text)
{
    if (text_table[_i].field != 4)
        return;
    wire_envelope(&w, 0);
    wire_bytes(&body, DW_F_VISIT_DONE_PLAN_ID, text_table[_i].text, text_table[_i].len);
    wire_bytes(&w, DW_EV_VISIT_DONE, body.bytes, body.len);
    ASSERT_CODE(text_table[_i].code);
    wire_envelope(&w, 0);
    body.len = 0;
    wire_text(&body, DW_F_RHI_EPISODE_IDS, "m-1");
    wire_bytes(&body, DW_F_RHI_EPISODE_IDS, text_table[_i].text, text_table[_i].len);
    wire_bytes(&w, DW_EV_RHI, body.bytes, body.len);
    ASSERT_CODE(text_table[_i].code);
}
END_TEST

/* A policy's texts are as long as they are; what has their numbers in other records is an id. */
START_TEST(text_or_id)
{
    static const struct {
        uint32_t type, field;
        const char *text;
        uint32_t len;
        dw_errc code;
    } rows[] = {
        {DW_EV_POLICY_SET, DW_F_POLICY_SET_STANDARDS, TEXT64 "\n", 65, DW_OK},
        {DW_EV_POLICY_SET, DW_F_POLICY_SET_CALENDAR, TEXT64 "\n", 65, DW_OK},
        {DW_EV_POLICY_SET, DW_F_POLICY_SET_ORGANISATION, TEXT64 "\n", 65, DW_OK},
        {DW_EV_POLICY_SET, DW_F_POLICY_SET_CALENDAR, "a\0", 2, DW_E_NUL},
        {DW_EV_POLICY_SET, DW_F_POLICY_SET_DIGEST, TEXT64, 64, DW_OK},
        {DW_EV_POLICY_SET, DW_F_POLICY_SET_DIGEST, TEXT64 "x", 65, DW_E_ID},
        {DW_EV_CLOCK_PAUSED, DW_F_CLOCK_PAUSED_AUTHORISER, TEXT64 "x", 65, DW_E_ID},
        {DW_EV_LEGAL_CHANGED, DW_F_LEGAL_CHANGED_PLACEMENT_ID, TEXT64 "x", 65, DW_E_ID},
        {DW_EV_OVERSIGHT_RECORDED, DW_F_OVERSIGHT_RECORDED_LINKED_RULE, TEXT64 "x", 65, DW_E_ID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        wire_envelope(&w, 0);
        body.len = 0;
        wire_bytes(&body, rows[i].field, rows[i].text, rows[i].len);
        wire_bytes(&w, rows[i].type, body.bytes, body.len);
        ASSERT_CODE(rows[i].code);
    }
}
END_TEST

/* The ids of a list need not come one behind the other. */
START_TEST(a_list_in_pieces)
{
    static const char *const ids[] = {"m-1", "m-2", "m-3"};
    dw_event ev;
    wire_envelope(&w, 0);
    for (int i = 0; i < 3; i++) {
        wire_text(&body, DW_F_MEETING_HELD_EPISODE_IDS, ids[i]);
        wire_text(&body, DW_F_MEETING_HELD_MEETING_ID, ids[2 - i]);
        wire_number(&body, DW_F_MEETING_HELD_INITIATED_S47, DW_ANSWER_Y);
    }
    wire_bytes(&w, DW_EV_MEETING_HELD, body.bytes, body.len);
    ck_assert_int_eq(dw_event_decode(w.bytes, w.len, arena, &ev, NULL), DW_OK);
    const dw_value *list = dw_event_get(&ev, DW_F_MEETING_HELD_EPISODE_IDS);
    ck_assert_uint_eq(list->n, 3);
    for (int i = 0; i < 3; i++)
        ck_assert(dw_str_eq(list->list[i], dw_str_from(ids[i])));
    ck_assert(dw_str_eq(dw_event_get(&ev, DW_F_MEETING_HELD_MEETING_ID)->s, dw_str_from(ids[0])));
}
END_TEST

START_TEST(empty_id_in_a_list)
{
    wire_envelope(&w, 0);
    wire_text(&body, DW_F_RHI_EPISODE_IDS, "");
    wire_bytes(&w, DW_EV_RHI, body.bytes, body.len);
    ASSERT_CODE(DW_E_ID);
}
END_TEST

/* --- dates */

static const struct {
    int64_t seconds;
    int64_t nanos;
    dw_errc code;
} instant_table[] = {
    {DW_DAYS_MIN * INT64_C(86400), 0, DW_OK},
    {DW_DAYS_MIN * INT64_C(86400) - 1, 999999999, DW_E_DATE},
    {(DW_DAYS_MAX + 1) * INT64_C(86400) - 1, 999999999, DW_OK},
    {(DW_DAYS_MAX + 1) * INT64_C(86400), 0, DW_E_DATE},
    {0, 0, DW_OK},
    {0, -1, DW_E_DATE},
    {0, 1000000000, DW_E_DATE},
    {INT64_MAX, 0, DW_E_DATE},
    {INT64_MIN, 0, DW_E_DATE},
};

START_TEST(instants)
{
    wire_envelope(&w, 5);
    wire_instant(&w, 5, instant_table[_i].seconds, instant_table[_i].nanos);
    wire_bytes(&w, DW_EV_VISIT_DONE, NULL, 0);
    ASSERT_CODE(instant_table[_i].code);
    wire_envelope(&w, 0);
    wire_instant(&w, 7, instant_table[_i].seconds, instant_table[_i].nanos);
    wire_bytes(&w, DW_EV_VISIT_DONE, NULL, 0);
    ASSERT_CODE(instant_table[_i].code);
    wire_envelope(&w, 0);
    wire_instant(&body, DW_F_VISIT_DONE_AUTHORISED_AT, instant_table[_i].seconds, instant_table[_i].nanos);
    wire_bytes(&w, DW_EV_VISIT_DONE, body.bytes, body.len);
    ASSERT_CODE(instant_table[_i].code);
}
END_TEST

static const struct {
    int64_t year, month, day;
    dw_errc code;
} date_table[] = {
    {1900, 1, 1, DW_OK},          {2200, 12, 31, DW_OK},        {1899, 12, 31, DW_E_DATE}, {2201, 1, 1, DW_E_DATE},
    {2021, 2, 29, DW_E_DATE},     {2020, 2, 29, DW_OK},         {1900, 2, 29, DW_E_DATE},  {2000, 2, 29, DW_OK},
    {2021, 4, 31, DW_E_DATE},     {2021, 13, 1, DW_E_DATE},     {2021, 0, 1, DW_E_DATE},   {2021, 1, 0, DW_E_DATE},
    {2021, 1, 32, DW_E_DATE},     {0, 0, 0, DW_E_DATE},         {2021, -1, 1, DW_E_DATE},  {2021, 1, -1, DW_E_DATE},
    {INT32_MAX, 1, 1, DW_E_DATE}, {INT32_MIN, 1, 1, DW_E_DATE},
};

START_TEST(dates)
{
    static wire date;
    date.len = 0;
    wire_number(&date, 1, (uint64_t)date_table[_i].year);
    wire_number(&date, 2, (uint64_t)date_table[_i].month);
    wire_number(&date, 3, (uint64_t)date_table[_i].day);
    wire_envelope(&w, 0);
    wire_bytes(&body, DW_F_PLAN_REVIEW_HELD_ON, date.bytes, date.len);
    wire_bytes(&w, DW_EV_PLAN_REVIEW, body.bytes, body.len);
    ASSERT_CODE(date_table[_i].code);
}
END_TEST

/* --- numbers and conflicts */

static const struct {
    dw_event_type type;
    uint32_t outer, field;
    uint64_t number;
    dw_errc code;
} number_table[] = {
    {DW_EV_PLAN_REVIEW, 0, DW_F_PLAN_REVIEW_SEQ, 1000000, DW_OK},
    {DW_EV_PLAN_REVIEW, 0, DW_F_PLAN_REVIEW_SEQ, 1000001, DW_E_RANGE},
    {DW_EV_PLAN_REVIEW, 0, DW_F_PLAN_REVIEW_SEQ, UINT32_MAX, DW_E_RANGE},
    {DW_EV_PLAN_STARTED, DW_F_PLAN_STARTED_VISIT_FREQUENCY, 1, 3660, DW_OK},
    {DW_EV_PLAN_STARTED, DW_F_PLAN_STARTED_VISIT_FREQUENCY, 1, 3661, DW_E_RANGE},
    {DW_EV_PLAN_STARTED, DW_F_PLAN_STARTED_NUMBER_OF_PREVIOUS_CPP, 1, 1000001, DW_E_RANGE},
    {DW_EV_ALERT_ACKNOWLEDGED, 0, DW_F_ALERT_ACKNOWLEDGED_LEVEL, 4, DW_OK},
    {DW_EV_ALERT_ACKNOWLEDGED, 0, DW_F_ALERT_ACKNOWLEDGED_LEVEL, 5, DW_E_RANGE},
};

START_TEST(numbers)
{
    static wire inner;
    inner.len = 0;
    wire_envelope(&w, 0);
    if (number_table[_i].outer != 0) {
        wire_number(&inner, number_table[_i].field, number_table[_i].number);
        wire_bytes(&body, number_table[_i].outer, inner.bytes, inner.len);
    } else {
        wire_number(&body, number_table[_i].field, number_table[_i].number);
    }
    wire_bytes(&w, (uint32_t)number_table[_i].type, body.bytes, body.len);
    ASSERT_CODE(number_table[_i].code);
}
END_TEST

/* The envelope's fields may stand in any order: each keeps what it says. */
START_TEST(an_envelope_from_behind)
{
    dw_event ev;
    dw_error err;
    wire_envelope(&w, 0);
    wire_number(&w, 16, DW_ANSWER_Y);
    wire_text(&w, 15, "w-1");
    wire_text(&w, 14, "team-1");
    wire_text(&w, 13, "family-1");
    wire_bytes(&w, DW_EV_VISIT_DONE, NULL, 0);
    ck_assert_msg(decode(&ev, &err) == DW_OK, "%s", err.text);
    ck_assert_int_eq(ev.restricted, DW_ANSWER_Y);
    ck_assert(dw_str_eq(ev.worker_ref, DW_STR_LIT("w-1")));
    ck_assert(dw_str_eq(ev.team_id, DW_STR_LIT("team-1")));
    ck_assert(dw_str_eq(ev.family_ref, DW_STR_LIT("family-1")));
}
END_TEST

/* What is written out as nothing was not said. */
START_TEST(nothing_is_not_said)
{
    dw_event ev;
    dw_error err;
    wire_envelope(&w, 0);
    wire_number(&body, DW_F_PLAN_REVIEW_REVIEW_KIND, 0);
    wire_number(&body, DW_F_PLAN_REVIEW_SEQ, 0);
    wire_bytes(&body, DW_F_PLAN_REVIEW_REVIEW_ID, NULL, 0);
    wire_bytes(&w, DW_EV_PLAN_REVIEW, body.bytes, body.len);
    ck_assert_msg(decode(&ev, &err) == DW_OK, "%s", err.text);
    ck_assert_uint_eq(ev.value_count, 0);
}
END_TEST

START_TEST(birth_dates_exclude_each_other)
{
    add_date(&body, DW_F_CHILD_UPDATED_PERSON_BIRTH_DATE);
    wire_envelope(&w, 0);
    wire_bytes(&w, DW_EV_CHILD_UPDATED, body.bytes, body.len);
    ASSERT_CODE(DW_OK);
    add_date(&body, DW_F_CHILD_UPDATED_EXPECTED_PERSON_BIRTH_DATE);
    wire_envelope(&w, 0);
    wire_bytes(&w, DW_EV_CHILD_UPDATED, body.bytes, body.len);
    ASSERT_CODE(DW_E_CONFLICT);
}
END_TEST

/* The other subject is all that a merge or a split says. */
START_TEST(who_was_merged_or_split)
{
    static const struct {
        dw_event_type type;
        uint32_t field;
    } rows[] = {{DW_EV_IDENTITY_MERGED, DW_F_IDENTITY_MERGED_MERGED_CHILD_REF},
                {DW_EV_IDENTITY_SPLIT, DW_F_IDENTITY_SPLIT_SPLIT_CHILD_REF}};
    for (int i = 0; i < 2; i++) {
        body.len = 0;
        wire_envelope(&w, 0);
        wire_bytes(&w, (uint32_t)rows[i].type, body.bytes, body.len);
        ASSERT_CODE(DW_E_MISSING);
        wire_number(&w, 11, DW_OP_VOID); /* what is withdrawn need not say whom it was about */
        ASSERT_CODE(DW_OK);
        wire_text(&body, rows[i].field, "c-2");
        wire_envelope(&w, 0);
        wire_bytes(&w, (uint32_t)rows[i].type, body.bytes, body.len);
        ASSERT_CODE(DW_OK);
    }
}
END_TEST

/* A count may hold what a later schema adds. */
START_TEST(a_count_of_a_later_schema)
{
    static wire inner;
    dw_event ev;
    inner.len = 0;
    wire_number(&inner, 1, 3);
    wire_number(&inner, 2, 9);
    wire_bytes(&body, DW_F_PLAN_STARTED_NUMBER_OF_PREVIOUS_CPP, inner.bytes, inner.len);
    wire_envelope(&w, 0);
    wire_bytes(&w, DW_EV_PLAN_STARTED, body.bytes, body.len);
    ck_assert_int_eq(dw_event_decode(w.bytes, w.len, arena, &ev, NULL), DW_OK);
    ck_assert_int_eq(dw_event_get(&ev, DW_F_PLAN_STARTED_NUMBER_OF_PREVIOUS_CPP)->i, 3);
    ck_assert_uint_eq(ev.unknown_fields, 1);
}
END_TEST

START_TEST(bodies)
{
    dw_event ev;
    dw_error err;
    wire_envelope(&w, 0);
    ASSERT_CODE(DW_E_NO_BODY);
    wire_bytes(&w, 20, "x", 1); /* an unknown envelope field is no body */
    ASSERT_CODE(DW_E_NO_BODY);
    wire_number(&w, 70, 1); /* nor is a number */
    ASSERT_CODE(DW_E_NO_BODY);
    wire_envelope(&w, 0);
    wire_bytes(&w, 199, "\x08\x01", 2);
    ASSERT_CODE(DW_E_UNKNOWN_KIND);
    wire_envelope(&w, 0);
    wire_bytes(&w, 200, "\x08\x01", 2);
    ASSERT_CODE(DW_E_NO_BODY);
    wire_envelope(&w, 9); /* a later control kind may have no source record */
    wire_bytes(&w, 150, NULL, 0);
    ASSERT_CODE(DW_E_UNKNOWN_KIND);
    wire_envelope(&w, 1); /* but an unsound envelope is not parked */
    wire_bytes(&w, 150, NULL, 0);
    ASSERT_CODE(DW_E_MISSING);
    wire_envelope(&w, 0);
    wire_bytes(&w, DW_EV_VISIT_DONE, NULL, 0);
    wire_bytes(&w, DW_EV_PLAN_REVIEW, NULL, 0);
    ASSERT_CODE(DW_E_CONFLICT);
    wire_envelope(&w, 0);
    wire_bytes(&w, DW_EV_VISIT_DONE, NULL, 0);
    wire_bytes(&w, DW_EV_VISIT_DONE, NULL, 0);
    ASSERT_CODE(DW_E_CONFLICT);
    wire_envelope(&w, 0);
    wire_bytes(&w, DW_EV_VISIT_DONE, NULL, 0);
    wire_bytes(&w, 150, NULL, 0);
    ASSERT_CODE(DW_E_CONFLICT);
    wire_envelope(&w, 11); /* a void with an empty body */
    wire_number(&w, 11, DW_V_OP_VOID);
    wire_bytes(&w, DW_EV_VISIT_DONE, NULL, 0);
    ck_assert_int_eq(decode(&ev, &err), DW_OK);
    ck_assert_int_eq(ev.op, DW_OP_VOID);
    ck_assert_uint_eq(ev.value_count, 0);
    wire_envelope(&w, 11); /* an op of a later schema */
    wire_number(&w, 11, 4);
    wire_bytes(&w, DW_EV_VISIT_DONE, NULL, 0);
    ASSERT_CODE(DW_E_UNKNOWN_KIND);
}
END_TEST

START_TEST(reserved_kinds)
{
    dw_event_type types[DW_EV_MAX];
    size_t n = sample_types(types);
    size_t reserved = 0;
    for (size_t i = 0; i < n; i++) {
        if (dw_event_type_class(types[i]) != DW_EVC_RESERVED)
            continue;
        reserved++;
        wire_envelope(&w, 0);
        wire_bytes(&w, (uint32_t)types[i], NULL, 0);
        ASSERT_CODE(DW_E_RESERVED);
    }
    ck_assert_uint_eq(reserved, 2);
}
END_TEST

/* --- keys and acknowledgements */

static const struct {
    const char *key;
    dw_errc code;
} key_table[] = {{"936/c-1", DW_OK},     {"936/c-2", DW_E_KEY}, {"937/c-1", DW_E_KEY}, {"936-c-1", DW_E_KEY},
                 {"936/c-1 ", DW_E_KEY}, {"936/c-", DW_E_KEY},  {"", DW_E_KEY},        {"c-1", DW_E_KEY}};

START_TEST(keys)
{
    dw_event ev;
    dw_error err;
    wire_envelope(&w, 0);
    wire_bytes(&w, DW_EV_VISIT_DONE, NULL, 0);
    ck_assert_int_eq(decode(&ev, &err), DW_OK);
    ck_assert_int_eq(dw_event_check_key(&ev, dw_str_from(key_table[_i].key), &err), key_table[_i].code);
}
END_TEST

START_TEST(acknowledgements)
{
    static const uint16_t needed[] = {DW_F_ALERT_ACKNOWLEDGED_ALERT_ID, DW_F_ALERT_ACKNOWLEDGED_GENERATION,
                                      DW_F_ALERT_ACKNOWLEDGED_REASON_CODE, DW_F_ALERT_ACKNOWLEDGED_REVIEW_BY};
    dw_ack ack;
    dw_error err;
    dw_event ev = sample_event(DW_EV_ALERT_ACKNOWLEDGED, 2, arena);
    ck_assert_int_eq(dw_ack_from_event(&ev, &ack, &err), DW_OK);
    ck_assert(dw_str_eq(ack.alert_id, DW_STR_LIT("alert_id-2")));
    ck_assert(dw_str_eq(ack.oversight_ref, DW_STR_LIT("oversight_ref-2")));
    ck_assert(dw_str_eq(ack.actor_post, DW_STR_LIT("actor_post-2")));
    ck_assert(dw_str_eq(ack.actor_ref, DW_STR_LIT("actor_ref-2")));
    ck_assert(dw_str_eq(ack.reason_code, DW_STR_LIT("reason_code-2")));
    ck_assert_uint_eq(ack.generation, 3);
    ck_assert_uint_eq(ack.level, 3);
    ck_assert_int_eq(ack.review_by, 18034);
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        dw_event cut = ev;
        uint32_t n = 0;
        for (uint32_t k = 0; k < ev.value_count; k++) {
            if (ev.values[k].field != needed[i])
                cut.values[n++] = ev.values[k];
        }
        cut.value_count = n;
        ck_assert_int_eq(dw_ack_from_event(&cut, &ack, &err), DW_E_CONTROL);
    }
    static const char code[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_01234"; /* 32 bytes, and its end one more */
    for (uint32_t k = 0; k < ev.value_count; k++) {
        if (ev.values[k].field != DW_F_ALERT_ACKNOWLEDGED_REASON_CODE)
            continue;
        ev.values[k].s = (dw_str){code, DW_CODE_BYTES_MAX};
        ck_assert_int_eq(dw_ack_from_event(&ev, &ack, &err), DW_OK);
        ev.values[k].s.len++;
        ck_assert_int_eq(dw_ack_from_event(&ev, &ack, &err), DW_E_CONTROL);
    }
    ev = sample_envelope(DW_EV_VISIT_DONE);
    ck_assert_int_eq(dw_ack_from_event(&ev, &ack, &err), DW_E_INVAL);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("decode");
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, required_fields, 0, COUNT(missing_table));
    tcase_add_test(tc, control_records_need_no_subject);
    tcase_add_loop_test(tc, envelope_text, 0, COUNT(text_table));
    tcase_add_loop_test(tc, body_text, 0, COUNT(text_table));
    tcase_add_test(tc, text_or_id);
    tcase_add_test(tc, a_list_in_pieces);
    tcase_add_test(tc, empty_id_in_a_list);
    tcase_add_loop_test(tc, instants, 0, COUNT(instant_table));
    tcase_add_loop_test(tc, dates, 0, COUNT(date_table));
    tcase_add_loop_test(tc, numbers, 0, COUNT(number_table));
    tcase_add_test(tc, an_envelope_from_behind);
    tcase_add_test(tc, nothing_is_not_said);
    tcase_add_test(tc, birth_dates_exclude_each_other);
    tcase_add_test(tc, who_was_merged_or_split);
    tcase_add_test(tc, a_count_of_a_later_schema);
    tcase_add_test(tc, bodies);
    tcase_add_test(tc, reserved_kinds);
    tcase_add_loop_test(tc, keys, 0, COUNT(key_table));
    tcase_add_test(tc, acknowledgements);
    return run_suite_of(tc, "decode");
}

/* The schema keeps its own rules, and the constants, tables and look-ups agree with it. */
#include <stdio.h>
#include <stdlib.h>

#include "field_ids.h"
#include "proto/fields.h"
#include "proto/schema.h"
#include "samples.h"
#include "tests/support/suite.h"

/* The table in event.h and the oneof are the same list. */
START_TEST(types_are_the_oneof)
{
    dw_event_type types[DW_EV_MAX];
    size_t n = sample_types(types);
    unsigned bodies = 0;
    for (size_t i = 0; i < n; i++) {
        const ProtobufCFieldDescriptor *field = dw_schema_body(types[i]);
        ck_assert_msg(field != NULL, "%s", dw_event_type_name(types[i]));
        ck_assert_str_eq(field->name, dw_event_type_name(types[i]));
        ck_assert((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0);
        ck_assert_int_eq(field->type, PROTOBUF_C_TYPE_MESSAGE);
    }
    const ProtobufCMessageDescriptor *event = &driftwatch__v1__event__descriptor;
    for (unsigned i = 0; i < event->n_fields; i++) {
        bool in_oneof = (event->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
        ck_assert_int_eq(in_oneof, event->fields[i].id >= DW_BODY_FIELD_MIN);
        ck_assert_uint_le(event->fields[i].id, DW_BODY_FIELD_MAX);
        bodies += in_oneof;
    }
    ck_assert_uint_eq(bodies, n);
    ck_assert_uint_le(event->n_fields, 64); /* the scan keeps one bit for each */
}
END_TEST

static void walk(const ProtobufCMessageDescriptor *desc, int depth)
{
    ck_assert_msg(depth <= DW_EVENT_DEPTH_MAX, "%s lies %d levels deep", desc->short_name, depth);
    ck_assert_uint_le(desc->n_fields, 64);
    for (unsigned i = 0; i < desc->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &desc->fields[i];
        if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
            walk(field->descriptor, depth + 1);
        } else if (field->type == PROTOBUF_C_TYPE_ENUM) {
            const ProtobufCEnumDescriptor *of = field->descriptor;
            ck_assert_int_eq(of->values[0].value, 0);
            for (unsigned k = 0; k < of->n_values; k++) {
                const char *name = dw_schema_enum_short(of, of->values[k].value);
                int32_t value = -1;
                ck_assert_uint_eq(of->values[k].value, k); /* dense */
                ck_assert_ptr_nonnull(name);
                ck_assert(dw_schema_enum_parse(of, dw_str_from(name), &value));
                ck_assert_uint_eq(value, k);
                ck_assert(dw_schema_enum_parse(of, dw_str_from(of->values[k].name), &value));
                ck_assert_uint_eq(value, k);
                ck_assert(dw_schema_enum_known(of, (int32_t)k));
            }
            ck_assert(!dw_schema_enum_known(of, (int32_t)of->n_values));
            ck_assert(!dw_schema_enum_known(of, -1));
        }
    }
}

/* No recursion, four levels at most, every enum dense from <PREFIX>_UNSPECIFIED. */
START_TEST(the_schema_is_shallow)
{
    walk(&driftwatch__v1__event__descriptor, 1);
    walk(&driftwatch__v1__alert_transition__descriptor, 1);
}
END_TEST

/* Bodies: only kinds that decode and encode know, ids below 256, few enough for a dw_event. */
START_TEST(bodies_can_be_flattened)
{
    dw_event_type types[DW_EV_MAX];
    dw_field_info fields[DW_EVENT_BODY_FIELDS_MAX + 1];
    size_t n = sample_types(types);
    for (size_t i = 0; i < n; i++) {
        size_t count = dw_field_all(types[i], fields, DW_EVENT_BODY_FIELDS_MAX + 1);
        ck_assert_uint_le(count, DW_EVENT_BODY_FIELDS_MAX);
        for (size_t k = 0; k < count; k++) {
            dw_field_info by_id, by_name;
            ck_assert_int_ne(fields[k].kind, DW_VAL_NONE);
            if (k > 0)
                ck_assert_uint_gt(fields[k].field, fields[k - 1].field);
            ck_assert(dw_field_by_id(types[i], fields[k].field, &by_id));
            ck_assert(dw_field_find(types[i], dw_str_from(fields[k].name), &by_name));
            ck_assert_str_eq(by_id.name, fields[k].name);
            ck_assert_uint_eq(by_name.field, fields[k].field);
            ck_assert_int_eq(by_name.kind, by_id.kind);
            ck_assert_ptr_eq(by_name.enum_of, by_id.enum_of);
            ck_assert_int_eq(by_name.answer, by_name.enum_of == &driftwatch__v1__answer__descriptor);
        }
        const ProtobufCMessageDescriptor *desc = dw_schema_body(types[i])->descriptor;
        for (unsigned k = 0; k < desc->n_fields; k++) {
            ck_assert_uint_lt(desc->fields[k].id, 256);
            if (dw_shape_of(&desc->fields[k]) != DW_SHAPE_NESTED)
                continue;
            const ProtobufCMessageDescriptor *nested = desc->fields[k].descriptor;
            for (unsigned m = 0; m < nested->n_fields; m++) {
                ck_assert_int_ne(dw_shape_of(&nested->fields[m]), DW_SHAPE_NESTED);
                ck_assert_int_ne(dw_shape_of(&nested->fields[m]), DW_SHAPE_STRS);
            }
        }
    }
}
END_TEST

/* The three plan messages are one, as events.proto promises. */
START_TEST(plan_messages_agree)
{
    dw_field_info started[DW_EVENT_BODY_FIELDS_MAX], other[DW_EVENT_BODY_FIELDS_MAX];
    size_t n = dw_field_all(DW_EV_PLAN_STARTED, started, DW_EVENT_BODY_FIELDS_MAX);
    static const dw_event_type others[] = {DW_EV_PLAN_CHANGED, DW_EV_PLAN_ENDED};
    for (size_t o = 0; o < 2; o++) {
        ck_assert_uint_eq(dw_field_all(others[o], other, DW_EVENT_BODY_FIELDS_MAX), n);
        for (size_t i = 0; i < n; i++) {
            ck_assert_str_eq(other[i].name, started[i].name);
            ck_assert_uint_eq(other[i].field, started[i].field);
            ck_assert_int_eq(other[i].kind, started[i].kind);
        }
    }
}
END_TEST

static const struct {
    dw_event_type type;
    const char *name;
    int id; /* -1: not found */
    dw_value_kind kind;
} find_table[] = {
    {DW_EV_VISIT_DONE, "mode", DW_F_VISIT_DONE_MODE, DW_VAL_ENUM},
    {DW_EV_VISIT_DONE, "authorised_at", DW_F_VISIT_DONE_AUTHORISED_AT, DW_VAL_INSTANT},
    {DW_EV_PLAN_STARTED, "visit_frequency.days", DW_F_PLAN_STARTED_VISIT_FREQUENCY_DAYS, DW_VAL_INT},
    {DW_EV_PLAN_STARTED, "visit_frequency.from", DW_F_PLAN_STARTED_VISIT_FREQUENCY_FROM, DW_VAL_DATE},
    {DW_EV_PLAN_STARTED, "number_of_previous_cpp", DW_F_PLAN_STARTED_NUMBER_OF_PREVIOUS_CPP, DW_VAL_INT},
    {DW_EV_MEETING_HELD, "episode_ids", DW_F_MEETING_HELD_EPISODE_IDS, DW_VAL_STRS},
    {DW_EV_MISSING_EPISODE, "from", DW_F_MISSING_EPISODE_FROM, DW_VAL_ENUM},
    {DW_EV_S47_STARTED, "s47_id", DW_F_S47_STARTED_S47_ID, DW_VAL_STR},
    {DW_EV_PLAN_STARTED, "visit_frequency", -1, DW_VAL_NONE},
    {DW_EV_PLAN_STARTED, "visit_frequency.", -1, DW_VAL_NONE},
    {DW_EV_PLAN_STARTED, "visit_frequency.hours", -1, DW_VAL_NONE},
    {DW_EV_PLAN_STARTED, "plan_id.x", -1, DW_VAL_NONE},
    {DW_EV_VISIT_DONE, "mod", -1, DW_VAL_NONE},
    {DW_EV_VISIT_DONE, "mode ", -1, DW_VAL_NONE},
    {DW_EV_VISIT_DONE, "", -1, DW_VAL_NONE},
    {DW_EV_VISIT_DONE, "event_id", -1, DW_VAL_NONE},
    {DW_EV_NONE, "event_id", -1, DW_VAL_NONE},
    {(dw_event_type)1, "event_id", -1, DW_VAL_NONE},
    {(dw_event_type)77, "mode", -1, DW_VAL_NONE},
};

START_TEST(fields_by_name)
{
    dw_field_info info = {.field = 7};
    bool found = dw_field_find(find_table[_i].type, dw_str_from(find_table[_i].name), &info);
    ck_assert_int_eq(found, find_table[_i].id >= 0);
    if (found) {
        ck_assert_int_eq(info.field, find_table[_i].id);
        ck_assert_int_eq(info.kind, find_table[_i].kind);
        ck_assert_int_eq(info.type, find_table[_i].type);
    } else {
        ck_assert_uint_eq(info.field, 7);
    }
}
END_TEST

START_TEST(fields_by_id)
{
    dw_field_info info;
    ck_assert(!dw_field_by_id(DW_EV_PLAN_STARTED, DW_F_PLAN_STARTED_VISIT_FREQUENCY, &info));
    ck_assert(!dw_field_by_id(DW_EV_PLAN_STARTED, DW_F_PLAN_STARTED_PLAN_ID + 256, &info));
    ck_assert(!dw_field_by_id(DW_EV_PLAN_STARTED, 13 + 256 * 99, &info));
    ck_assert(!dw_field_by_id(DW_EV_PLAN_STARTED, 0, &info));
    ck_assert(!dw_field_by_id(DW_EV_NONE, 1, &info));
}
END_TEST

static const struct {
    const char *field;
    const char *name;
    int value; /* -1: none */
} enum_table[] = {
    {"visit_type", "CP", DW_V_VISIT_TYPE_CP},
    {"visit_type", "VISIT_TYPE_CP", DW_V_VISIT_TYPE_CP},
    {"visit_type", "TYPE_CP", -1},
    {"visit_type", "cp", -1},
    {"visit_type", "", -1},
    {"visit_type", "true", -1},
    {"child_seen", "Y", DW_ANSWER_Y},
    {"child_seen", "ANSWER_N", DW_ANSWER_N},
    {"child_seen", "NA", DW_ANSWER_NA},
    {"child_seen", "true", DW_ANSWER_Y},
    {"child_seen", "false", DW_ANSWER_N},
    {"child_seen", "yes", -1},
    {"visit_id", "CP", -1}, /* no enum at all */
};

START_TEST(enum_names)
{
    dw_field_info info;
    int32_t value = -1;
    ck_assert(dw_field_find(DW_EV_VISIT_DONE, dw_str_from(enum_table[_i].field), &info));
    ck_assert_int_eq(dw_enum_parse(&info, dw_str_from(enum_table[_i].name), &value), enum_table[_i].value >= 0);
    ck_assert_int_eq(value, enum_table[_i].value);
    if (value >= 0)
        ck_assert_ptr_nonnull(dw_enum_name(&info, value));
    ck_assert_ptr_null(dw_enum_name(&info, 12345));
}
END_TEST

/* Every code from 0 to the last has a name, and none beyond: dw_schema_enum_known() counts on it. */
START_TEST(codes_are_dense)
{
    dw_field_info fields[DW_EVENT_BODY_FIELDS_MAX];
    unsigned enums = 0;
    for (unsigned type = 1; type < DW_EV_MAX; type++) {
        size_t n = dw_field_all((dw_event_type)type, fields, DW_EVENT_BODY_FIELDS_MAX);
        for (size_t i = 0; i < n; i++) {
            const ProtobufCEnumDescriptor *of = fields[i].enum_of;
            if (fields[i].kind != DW_VAL_ENUM)
                continue;
            enums++;
            for (int32_t code = -1; code <= (int32_t)of->n_values; code++)
                ck_assert_msg(dw_schema_enum_known(of, code) ==
                                  (protobuf_c_enum_descriptor_get_value(of, code) != NULL),
                              "%s %d", of->name, code);
        }
    }
    ck_assert_uint_gt(enums, 40);
}
END_TEST

START_TEST(type_names)
{
    ck_assert_int_eq(dw_event_type_parse(DW_STR_LIT("visit_done")), DW_EV_VISIT_DONE);
    ck_assert_int_eq(dw_event_type_parse(DW_STR_LIT("visit.done")), DW_EV_VISIT_DONE);
    ck_assert_int_eq(dw_event_type_parse(DW_STR_LIT("visit")), DW_EV_NONE);
    ck_assert_int_eq(dw_event_type_parse(DW_STR_LIT("visit_done_")), DW_EV_NONE);
    ck_assert_int_eq(dw_event_type_parse(DW_STR_LIT("")), DW_EV_NONE);
    ck_assert_int_eq(dw_event_type_parse(DW_STR_LIT("?")), DW_EV_NONE);
    ck_assert_str_eq(dw_event_type_name(DW_EV_RHI), "rhi");
    ck_assert_str_eq(dw_event_type_name((dw_event_type)77), "?");
    ck_assert_str_eq(dw_event_type_name((dw_event_type)5000), "?");
    ck_assert_int_eq(dw_event_type_class(DW_EV_POLICY_SET), DW_EVC_CONTROL);
    ck_assert_int_eq(dw_event_type_class(DW_EV_ALERT_ACKNOWLEDGED), DW_EVC_ACK);
    ck_assert_int_eq(dw_event_type_class(DW_EV_HOLD_SET), DW_EVC_RESERVED);
    ck_assert_int_eq(dw_event_type_class(DW_EV_PA_CONTACT), DW_EVC_CHILD);
}
END_TEST

/* The plain enums of event.h and alert.h are those of the schema. */
START_TEST(plain_enums_agree)
{
    ck_assert_int_eq(DW_OP_VOID, DW_V_OP_VOID);
    ck_assert_int_eq(DW_OP_AMEND, DW_V_OP_AMEND);
    ck_assert_int_eq(DW_PRECISION_DATE, DW_V_OCCURRED_PRECISION_DATE);
    ck_assert_int_eq(DW_ANSWER_NA, DW_V_ANSWER_NA);
    ck_assert_int_eq(DW_ANSWER_Y, DW_V_ANSWER_Y);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
    Suite *suite = suite_create("proto schema");
    TCase *tc = tcase_create("schema");
    tcase_add_test(tc, types_are_the_oneof);
    tcase_add_test(tc, the_schema_is_shallow);
    tcase_add_test(tc, bodies_can_be_flattened);
    tcase_add_test(tc, plan_messages_agree);
    tcase_add_loop_test(tc, fields_by_name, 0, COUNT(find_table));
    tcase_add_test(tc, fields_by_id);
    tcase_add_loop_test(tc, enum_names, 0, COUNT(enum_table));
    tcase_add_test(tc, type_names);
    tcase_add_test(tc, codes_are_dense);
    tcase_add_test(tc, plain_enums_agree);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

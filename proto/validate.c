/* The checks of section 4 of the public schema on a plain event. */
#include "proto/validate.h"

#include <stdio.h>

#include "field_ids.h"
#include "proto/civil.h"
#include "proto/fields.h"

/* --- text */

/* Length of the UTF-8 sequence at `s` (1..4), 0 when it is none: no overlong forms, surrogates or values above
 * U+10FFFF. */
static uint32_t utf8_step(const unsigned char *s, uint32_t left)
{
    if (s[0] < 0x80)
        return 1;
    uint32_t need = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || need > left)
        return 0;
    for (uint32_t i = 1; i < need; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
        (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return need;
}

dw_errc dw_text_check(dw_str text, const char *name, dw_error *err)
{
    const unsigned char *s = (const unsigned char *)text.ptr;
    for (uint32_t i = 0; i < text.len;) {
        if ((s[i] < 0x20 && s[i] != '\t' && s[i] != '\n' && s[i] != '\r') || s[i] == 0x7f)
            return dw_fail(err, DW_E_NUL, "%s holds a control character", name);
        uint32_t step = utf8_step(s + i, text.len - i);
        if (step == 0)
            return dw_fail(err, DW_E_UTF8, "%s is not UTF-8", name);
        i += step;
    }
    return DW_OK;
}

/* Are all bytes printable ASCII? Eight at a time: most of an event's bytes pass here. */
static bool all_printable(dw_str s)
{
    const uint64_t high = UINT64_C(0x8080808080808080);
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint32_t i = 0;
    for (; i + 8 <= s.len; i += 8) {
        uint64_t w;
        memcpy(&w, s.ptr + i, 8);
        /* a high bit; a byte below 0x20 (borrows); 0x7f (carries into the high bit) */
        if (((w | (w - ones * 0x20) | (w + ones)) & high) != 0)
            return false;
    }
    for (; i < s.len; i++) {
        if (s.ptr[i] < 0x20 || s.ptr[i] > 0x7e)
            return false;
    }
    return true;
}

dw_errc dw_id_check(dw_str id, const char *name, dw_error *err)
{
    if (id.len <= DW_ID_BYTES_MAX && all_printable(id))
        return DW_OK;
    for (uint32_t i = 0; i < id.len; i++) {
        unsigned char c = (unsigned char)id.ptr[i];
        if (c < 0x20 || c == 0x7f)
            return dw_fail(err, DW_E_NUL, "%s holds a control character", name);
    }
    for (uint32_t i = 0; i < id.len;) {
        uint32_t step = utf8_step((const unsigned char *)id.ptr + i, id.len - i);
        if (step == 0)
            return dw_fail(err, DW_E_UTF8, "%s is not UTF-8", name);
        i += step;
    }
    if (id.len > DW_ID_BYTES_MAX)
        return dw_fail(err, DW_E_ID, "%s is longer than %d bytes", name, DW_ID_BYTES_MAX);
    return dw_fail(err, DW_E_ID, "%s is not printable ASCII", name);
}

static const char *field_name(const dw_event *ev, uint16_t field, dw_field_info *info)
{
    return dw_field_by_id(ev->type, field, info) ? info->name : "field";
}

static bool is_policy_text(const dw_event *ev, uint16_t field)
{
    return ev->type == DW_EV_POLICY_SET && (field == DW_F_POLICY_SET_STANDARDS || field == DW_F_POLICY_SET_CALENDAR ||
                                            field == DW_F_POLICY_SET_ORGANISATION);
}

static bool is_fact_block(const dw_event *ev, uint16_t field)
{
    return ev->type == DW_EV_SUBJECT_MOVED && field == DW_F_SUBJECT_MOVED_FACTS;
}

static dw_errc check_value_text(const dw_event *ev, const dw_value *value, dw_error *err)
{
    dw_field_info info;
    const dw_str *items = value->kind == DW_VAL_STRS ? value->list : &value->s;
    uint32_t n = value->kind == DW_VAL_STRS ? value->n : 1;
    for (uint32_t i = 0; i < n; i++) {
        if (is_policy_text(ev, value->field)) {
            dw_errc code = dw_text_check(items[i], "policy text", err);
            if (code != DW_OK)
                return code;
        } else if (is_fact_block(ev, value->field)) {
            if (!all_printable(items[i])) /* as long as a record may be: base64 is all it can hold */
                return dw_fail(err, DW_E_ID, "facts are not base64");
        } else if (items[i].len == 0) {
            return dw_fail(err, DW_E_ID, "%s holds an empty id", field_name(ev, value->field, &info));
        } else if (items[i].len > DW_ID_BYTES_MAX || !all_printable(items[i])) {
            return dw_id_check(items[i], field_name(ev, value->field, &info), err);
        }
    }
    return DW_OK;
}

/* --- the envelope */

static dw_errc check_envelope_text(const dw_event *ev, dw_error *err)
{
    const struct {
        const dw_str *text;
        const char *name;
    } table[] = {
        {&ev->event_id, "event_id"},
        {&ev->la_code, "la_code"},
        {&ev->child_ref, "child_ref"},
        {&ev->source_system, "source_system"},
        {&ev->source_record_id, "source_record_id"},
        {&ev->supersedes, "supersedes"},
        {&ev->family_ref, "family_ref"},
        {&ev->team_id, "team_id"},
        {&ev->worker_ref, "worker_ref"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        dw_errc code = dw_id_check(*table[i].text, table[i].name, err);
        if (code != DW_OK)
            return code;
    }
    return DW_OK;
}

/* What a publisher of this or a later version always gives. */
static dw_errc check_identity(const dw_event *ev, dw_error *err)
{
    if (ev->event_id.len == 0)
        return dw_fail(err, DW_E_MISSING, "event_id is missing");
    if (ev->occurred_at_us == DW_INSTANT_NONE)
        return dw_fail(err, DW_E_MISSING, "occurred_at is missing");
    return DW_OK;
}

static dw_errc check_required(const dw_event *ev, dw_error *err)
{
    dw_errc code = check_identity(ev, err);
    if (code != DW_OK || dw_event_type_class(ev->type) == DW_EVC_CONTROL)
        return code;
    if (ev->la_code.len == 0)
        return dw_fail(err, DW_E_MISSING, "la_code is missing");
    if (ev->child_ref.len == 0)
        return dw_fail(err, DW_E_MISSING, "child_ref is missing");
    if (ev->source_system.len == 0)
        return dw_fail(err, DW_E_MISSING, "source_system is missing");
    if (ev->source_record_id.len == 0)
        return dw_fail(err, DW_E_MISSING, "source_record_id is missing");
    if (ev->source_revision == 0)
        return dw_fail(err, DW_E_MISSING, "source_revision is missing");
    if ((int)ev->op == 0)
        return dw_fail(err, DW_E_MISSING, "op is missing");
    return DW_OK;
}

static bool three_digits(dw_str s)
{
    if (s.len != 3)
        return false;
    for (uint32_t i = 0; i < 3; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
    }
    return true;
}

static bool instant_in_range(int64_t us)
{
    return us >= DW_INSTANT_MIN_US && us <= DW_INSTANT_MAX_US;
}

static dw_errc check_envelope_ranges(const dw_event *ev, dw_error *err)
{
    if (!instant_in_range(ev->occurred_at_us))
        return dw_fail(err, DW_E_DATE, "occurred_at is impossible or outside %d to %d", DW_YEAR_MIN, DW_YEAR_MAX);
    if (!instant_in_range(ev->recorded_at_us))
        return dw_fail(err, DW_E_DATE, "recorded_at is impossible or outside %d to %d", DW_YEAR_MIN, DW_YEAR_MAX);
    if (ev->la_code.len != 0 && !three_digits(ev->la_code))
        return dw_fail(err, DW_E_ID, "la_code is not three digits");
    return DW_OK;
}

dw_errc dw_envelope_check(const dw_event *ev, dw_error *err)
{
    dw_errc code = check_envelope_text(ev, err);
    if (code == DW_OK)
        code = check_identity(ev, err);
    if (code == DW_OK)
        code = check_envelope_ranges(ev, err);
    return code;
}

/* --- the body */

static int64_t number_max(const dw_event *ev, uint16_t field)
{
    if (field / 256 == DW_F_VISIT_FREQUENCY_DAYS)
        return DW_INTERVAL_DAYS_MAX; /* the only nested message is VisitFrequency */
    if (ev->type == DW_EV_ALERT_ACKNOWLEDGED && field == DW_F_ALERT_ACKNOWLEDGED_LEVEL)
        return DW_LEVEL_MAX;
    return DW_NUMBER_MAX;
}

static dw_errc check_value_range(const dw_event *ev, const dw_value *value, dw_error *err)
{
    dw_field_info info;
    switch ((dw_value_kind)value->kind) {
    case DW_VAL_INT:
        if (value->i < 0 || value->i > number_max(ev, value->field))
            return dw_fail(err, DW_E_RANGE, "%s is outside 0 to %lld", field_name(ev, value->field, &info),
                           (long long)number_max(ev, value->field));
        break;
    case DW_VAL_DATE:
        if (value->i < DW_DAYS_MIN || value->i > DW_DAYS_MAX)
            return dw_fail(err, DW_E_DATE, "%s is impossible or outside %d to %d", field_name(ev, value->field, &info),
                           DW_YEAR_MIN, DW_YEAR_MAX);
        break;
    case DW_VAL_INSTANT:
        if (!instant_in_range(value->i))
            return dw_fail(err, DW_E_DATE, "%s is impossible or outside %d to %d", field_name(ev, value->field, &info),
                           DW_YEAR_MIN, DW_YEAR_MAX);
        break;
    case DW_VAL_NONE:
    case DW_VAL_ENUM:
    case DW_VAL_STR:
    case DW_VAL_STRS:
        break;
    }
    return DW_OK;
}

dw_errc dw_event_finish(dw_event *ev, dw_error *err)
{
    dw_errc code = check_envelope_text(ev, err);
    for (uint32_t i = 0; code == DW_OK && i < ev->value_count; i++) {
        if (ev->values[i].kind == DW_VAL_STR || ev->values[i].kind == DW_VAL_STRS)
            code = check_value_text(ev, &ev->values[i], err);
    }
    if (code == DW_OK)
        code = check_required(ev, err);
    if (code == DW_OK)
        code = check_envelope_ranges(ev, err);
    for (uint32_t i = 0; code == DW_OK && i < ev->value_count; i++)
        code = check_value_range(ev, &ev->values[i], err);
    if (code != DW_OK)
        return code;

    if (ev->type == DW_EV_CHILD_UPDATED && dw_event_get(ev, DW_F_CHILD_UPDATED_PERSON_BIRTH_DATE) != NULL &&
        dw_event_get(ev, DW_F_CHILD_UPDATED_EXPECTED_PERSON_BIRTH_DATE) != NULL)
        return dw_fail(err, DW_E_CONFLICT, "person_birth_date and expected_person_birth_date are both set");
    if (ev->type == DW_EV_IDENTITY_MERGED && ev->op != DW_OP_VOID &&
        dw_event_get(ev, DW_F_IDENTITY_MERGED_MERGED_CHILD_REF) == NULL)
        return dw_fail(err, DW_E_MISSING, "merged_child_ref is missing");
    if (ev->type == DW_EV_IDENTITY_SPLIT && ev->op != DW_OP_VOID &&
        dw_event_get(ev, DW_F_IDENTITY_SPLIT_SPLIT_CHILD_REF) == NULL)
        return dw_fail(err, DW_E_MISSING, "split_child_ref is missing");
    if (dw_event_type_class(ev->type) == DW_EVC_CONTROL) {
        ev->la_code = (dw_str){NULL, 0};
        ev->child_ref = (dw_str){NULL, 0};
    }
    return DW_OK;
}

/* dw_transition <-> the bytes of AlertTransition. */
#include "proto/alert.h"

#include <assert.h>

#include "proto/civil.h"
#include "proto/schema.h"
#include "proto/unpack.h"

static const char *const transition_names[DW_TR_COUNT] = {
#define X(e, n) [e] = n,
    DW_TRANSITION_LIST(X)
#undef X
};

static const struct {
    const char *name;
    const char *text;
} outcome_table[DW_OUT_COUNT] = {
#define X(e, n, t) [e] = {n, t},
    DW_OUTCOME_LIST(X)
#undef X
};

const char *dw_transition_name(dw_transition_kind kind)
{
    return (unsigned)kind < DW_TR_COUNT && transition_names[kind] != NULL ? transition_names[kind] : "?";
}

const char *dw_outcome_name(dw_outcome outcome)
{
    return (unsigned)outcome < DW_OUT_COUNT && outcome_table[outcome].name != NULL ? outcome_table[outcome].name : "?";
}

const char *dw_outcome_text(dw_outcome outcome)
{
    return (unsigned)outcome < DW_OUT_COUNT && outcome_table[outcome].text != NULL ? outcome_table[outcome].text : "?";
}

/* --- encode */

#define SCRATCH_BYTES 1536 /* all texts of a transition, each with its NUL */

typedef struct scratch {
    char bytes[SCRATCH_BYTES];
    size_t used;
} scratch;

static dw_errc put_text(scratch *s, dw_str text, const char *name, char **out, dw_error *err)
{
    if (text.len == 0)
        return DW_OK;
    if (memchr(text.ptr, 0, text.len) != NULL)
        return dw_fail(err, DW_E_NUL, "%s holds a NUL byte", name);
    if (text.len >= SCRATCH_BYTES - s->used)
        return dw_fail(err, DW_E_TOO_BIG, "%s makes the texts of a transition too long", name);
    *out = s->bytes + s->used;
    memcpy(*out, text.ptr, text.len);
    (*out)[text.len] = '\0';
    s->used += (size_t)text.len + 1;
    return DW_OK;
}

static dw_errc put_texts(const dw_transition *tr, scratch *s, Driftwatch__V1__AlertTransition *out, dw_error *err)
{
    const struct {
        dw_str text;
        const char *name;
        char **place;
    } table[] = {
        {dw_str_from(tr->alert_id), "alert_id", &out->alert_id},
        {dw_str_from(tr->transition_id), "transition_id", &out->transition_id},
        {tr->rule_id, "rule_id", &out->rule_id},
        {tr->la_code, "la_code", &out->la_code},
        {tr->child_ref, "child_ref", &out->child_ref},
        {tr->subject_kind, "subject_kind", &out->subject_kind},
        {tr->subject_id, "subject_id", &out->subject_id},
        {tr->post, "post", &out->post},
        {tr->calendar, "calendar", &out->calendar},
        {tr->count_mode, "count_mode", &out->count_mode},
        {tr->policy_digest, "policy_digest", &out->policy_digest},
        {tr->reason_code, "reason_code", &out->reason_code},
        {tr->oversight_ref, "oversight_ref", &out->oversight_ref},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        dw_errc code = put_text(s, table[i].text, table[i].name, table[i].place, err);
        if (code != DW_OK)
            return code;
    }
    return DW_OK;
}

static void put_instant(int64_t us, Google__Protobuf__Timestamp *at)
{
    google__protobuf__timestamp__init(at);
    at->seconds = us / DW_US_PER_SECOND - (us % DW_US_PER_SECOND < 0);
    at->nanos = (int32_t)(us - at->seconds * DW_US_PER_SECOND) * 1000;
}

static void put_date(int32_t days, Driftwatch__V1__Date *date)
{
    dw_civil civil = dw_civil_from_days(days);
    driftwatch__v1__date__init(date);
    date->year = civil.year;
    date->month = civil.month;
    date->day = civil.day;
}

static bool times_in_range(const dw_transition *tr)
{
    return tr->raised_at_us >= DW_INSTANT_MIN_US && tr->raised_at_us <= DW_INSTANT_MAX_US &&
           (tr->due_kind != DW_DUE_DATE || (tr->due_on >= DW_DAYS_MIN && tr->due_on <= DW_DAYS_MAX)) &&
           (tr->due_kind != DW_DUE_INSTANT ||
            (tr->due_at_us >= DW_INSTANT_MIN_US && tr->due_at_us <= DW_INSTANT_MAX_US)) &&
           tr->review_by >= DW_DAYS_MIN && tr->review_by <= DW_DAYS_MAX && tr->paused_until >= DW_DAYS_MIN &&
           tr->paused_until <= DW_DAYS_MAX;
}

static void put_numbers(const dw_transition *tr, Driftwatch__V1__AlertTransition *out)
{
    out->transition = (Driftwatch__V1__TransitionKind)tr->kind;
    out->outcome = (Driftwatch__V1__AlertOutcome)tr->outcome;
    out->priority = (Driftwatch__V1__Priority)tr->priority;
    out->rule_version = tr->rule_version;
    out->generation = tr->generation;
    out->level = tr->level;
    out->occurrence_count = tr->count;
    out->policy_number = tr->policy_number;
    out->restricted = tr->restricted;
    out->found_at_start = tr->found_at_start;
    out->approximate = tr->approximate;
    out->causes_total = tr->causes_total;
}

dw_errc dw_transition_encode(const dw_transition *tr, uint8_t *buf, size_t max, size_t *len_out, dw_error *err)
{
    scratch texts; /* filled as far as used says */
    Driftwatch__V1__AlertTransition message = DRIFTWATCH__V1__ALERT_TRANSITION__INIT;
    Google__Protobuf__Timestamp raised_at, due_at;
    Driftwatch__V1__Date due_on, review_by, paused_until;
    Driftwatch__V1__Cause causes[DW_CAUSES_MAX];
    Driftwatch__V1__Cause *cause_list[DW_CAUSES_MAX];

    if ((unsigned)tr->kind == DW_TR_NONE || (unsigned)tr->kind >= DW_TR_COUNT || tr->cause_count > DW_CAUSES_MAX)
        return dw_fail(err, DW_E_INVAL, "transition of kind %d with %u causes", (int)tr->kind, tr->cause_count);
    if (!times_in_range(tr))
        return dw_fail(err, DW_E_DATE, "a date of the transition is outside %d to %d", DW_YEAR_MIN, DW_YEAR_MAX);
    texts.used = 0;
    dw_errc code = put_texts(tr, &texts, &message, err);
    if (code != DW_OK)
        return code;
    put_numbers(tr, &message);
    put_instant(tr->raised_at_us, &raised_at);
    message.raised_at = &raised_at;
    if (tr->due_kind == DW_DUE_DATE) {
        put_date(tr->due_on, &due_on);
        message.due_case = DRIFTWATCH__V1__ALERT_TRANSITION__DUE_DUE_ON;
        message.due_on = &due_on;
    } else if (tr->due_kind == DW_DUE_INSTANT) {
        put_instant(tr->due_at_us, &due_at);
        message.due_case = DRIFTWATCH__V1__ALERT_TRANSITION__DUE_DUE_AT;
        message.due_at = &due_at;
    }
    if (tr->review_by != 0) {
        put_date(tr->review_by, &review_by);
        message.review_by = &review_by;
    }
    if (tr->paused_until != 0) {
        put_date(tr->paused_until, &paused_until);
        message.paused_until = &paused_until;
    }
    for (uint32_t i = 0; i < tr->cause_count; i++) {
        driftwatch__v1__cause__init(&causes[i]);
        causes[i].partition = tr->causes[i].partition;
        causes[i].offset = tr->causes[i].offset;
        cause_list[i] = &causes[i];
    }
    message.n_causes = tr->cause_count;
    message.causes = cause_list;

    size_t size = protobuf_c_message_get_packed_size(&message.base);
    if (size > max)
        return dw_fail(err, DW_E_TOO_BIG, "transition takes %zu bytes", size);
    *len_out = protobuf_c_message_pack(&message.base, buf);
    return DW_OK;
}

/* --- decode */

static bool get_uuid(const char *text, char out[DW_UUID_TEXT_LEN + 1])
{
    size_t len = strlen(text);
    if (len > DW_UUID_TEXT_LEN)
        return false;
    memcpy(out, text, len + 1);
    return true;
}

static void get_texts(const Driftwatch__V1__AlertTransition *in, dw_transition *tr)
{
    tr->rule_id = dw_str_from(in->rule_id);
    tr->la_code = dw_str_from(in->la_code);
    tr->child_ref = dw_str_from(in->child_ref);
    tr->subject_kind = dw_str_from(in->subject_kind);
    tr->subject_id = dw_str_from(in->subject_id);
    tr->post = dw_str_from(in->post);
    tr->calendar = dw_str_from(in->calendar);
    tr->count_mode = dw_str_from(in->count_mode);
    tr->policy_digest = dw_str_from(in->policy_digest);
    tr->reason_code = dw_str_from(in->reason_code);
    tr->oversight_ref = dw_str_from(in->oversight_ref);
}

static void get_numbers(const Driftwatch__V1__AlertTransition *in, dw_transition *tr)
{
    tr->kind = (dw_transition_kind)in->transition;
    tr->outcome = (dw_outcome)in->outcome;
    tr->priority = (dw_priority)in->priority;
    tr->rule_version = in->rule_version;
    tr->generation = in->generation;
    tr->level = in->level;
    tr->count = in->occurrence_count;
    tr->policy_number = in->policy_number;
    tr->restricted = in->restricted != 0;
    tr->found_at_start = in->found_at_start != 0;
    tr->approximate = in->approximate != 0;
    tr->causes_total = in->causes_total;
}

/* False when the date is impossible. */
static bool get_date(const Driftwatch__V1__Date *in, int32_t *out)
{
    int64_t days = dw_schema_date_days(in);
    if (days != INT64_MIN)
        *out = (int32_t)days;
    return days != INT64_MIN;
}

/* False when a date is impossible. */
static bool get_times(const Driftwatch__V1__AlertTransition *in, dw_transition *tr)
{
    if (in->raised_at != NULL)
        tr->raised_at_us = dw_schema_instant_us(in->raised_at);
    if (in->due_case == DRIFTWATCH__V1__ALERT_TRANSITION__DUE_DUE_ON) {
        tr->due_kind = DW_DUE_DATE;
        if (!get_date(in->due_on, &tr->due_on))
            return false;
    } else if (in->due_case == DRIFTWATCH__V1__ALERT_TRANSITION__DUE_DUE_AT) {
        tr->due_kind = DW_DUE_INSTANT;
        tr->due_at_us = dw_schema_instant_us(in->due_at);
    }
    if ((in->review_by != NULL && !get_date(in->review_by, &tr->review_by)) ||
        (in->paused_until != NULL && !get_date(in->paused_until, &tr->paused_until)))
        return false;
    return tr->raised_at_us != DW_INSTANT_NONE && tr->due_at_us != DW_INSTANT_NONE;
}

dw_errc dw_transition_decode(const uint8_t *buf, size_t len, dw_arena *arena, dw_transition *out, dw_error *err)
{
    dw_wire_facts facts;
    const ProtobufCMessage *message;
    if (buf == NULL || len == 0)
        return dw_fail(err, DW_E_NO_VALUE, "no value");
    dw_errc code = dw_unpack(&driftwatch__v1__alert_transition__descriptor, buf, len, arena, &message, &facts, err);
    if (code != DW_OK)
        return code;
    const Driftwatch__V1__AlertTransition *in = (const Driftwatch__V1__AlertTransition *)message;
    dw_transition tr = {.kind = DW_TR_NONE};
    if (in->n_causes > DW_CAUSES_MAX)
        return dw_fail(err, DW_E_BOMB, "%zu causes", in->n_causes);
    if (!get_uuid(in->alert_id, tr.alert_id) || !get_uuid(in->transition_id, tr.transition_id))
        return dw_fail(err, DW_E_ID, "alert_id or transition_id is not a UUID");
    get_texts(in, &tr);
    get_numbers(in, &tr);
    if (!get_times(in, &tr))
        return dw_fail(err, DW_E_DATE, "a date of the transition is impossible");
    tr.cause_count = (uint32_t)in->n_causes;
    for (uint32_t i = 0; i < tr.cause_count; i++)
        tr.causes[i] = (dw_cause){.partition = in->causes[i]->partition, .offset = in->causes[i]->offset};
    *out = tr;
    return DW_OK;
}

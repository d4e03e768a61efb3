/* transition.c: ids of alerts and transitions, and an alert as one public transition. */

#include "handlers/reconcile.h"
#include "proto/json.h"

#include <assert.h>
#include <uuid.h>

#define NAME_MAX_BYTES 512 /* five ids of at most 72 bytes, numbers, separators */

/* Parts of a name, joined by US. */
typedef struct name {
    char text[NAME_MAX_BYTES];
    size_t len;
} name;

static void name_add(name *to, dw_str part)
{
    assert(to->len + part.len + 1 < sizeof to->text); /* every id is bounded by the decoder */
    if (to->len != 0)
        to->text[to->len++] = '\x1f';
    if (part.len != 0)
        memcpy(to->text + to->len, part.ptr, part.len);
    to->len += part.len;
}

static void name_add_int(name *to, int64_t value)
{
    char text[24];
    size_t at = sizeof text;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do { /* printf takes longer than the hash */
        text[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left != 0);
    if (value < 0)
        text[--at] = '-';
    name_add(to, (dw_str){text + at, (uint32_t)(sizeof text - at)});
}

static void name_to_uuid(const name *from, char out[DW_UUID_TEXT_LEN + 1])
{
    /* DW_ID_NAMESPACE as bytes; a test holds the two together */
    static const uuid_t space = {0xd9, 0x60, 0xa8, 0x79, 0x82, 0x43, 0x44, 0x32,
                                 0xbb, 0x8d, 0x44, 0xfb, 0x65, 0xac, 0xc8, 0xde};
    uuid_t id;
    uuid_generate_sha1(id, space, from->text, from->len);
    uuid_unparse_lower(id, out);
}

void dw_alert_id(dw_str la_code, dw_str child_ref, dw_str rule_id, dw_str subject_kind, dw_str subject_id,
                 char out[DW_UUID_TEXT_LEN + 1])
{
    name parts = {.len = 0};
    name_add(&parts, la_code);
    name_add(&parts, child_ref);
    name_add(&parts, rule_id);
    name_add(&parts, subject_kind);
    name_add(&parts, subject_id);
    name_to_uuid(&parts, out);
}

static void transition_id(dw_transition *tr)
{
    name parts = {.len = 0};
    name_add(&parts, dw_str_from(tr->alert_id));
    name_add_int(&parts, tr->generation);
    name_add(&parts, dw_str_from(dw_transition_name(tr->kind)));
    name_add_int(&parts, tr->level);
    if (tr->due_kind == DW_DUE_INSTANT) {
        name_add_int(&parts, tr->due_at_us);
    } else {
        char date[16] = "";
        if (tr->due_kind == DW_DUE_DATE)
            dw_date_format(tr->due_on, date);
        name_add(&parts, dw_str_from(date));
    }
    bool repeats = tr->kind == DW_TR_REVISED || tr->kind == DW_TR_ACKNOWLEDGED || tr->kind == DW_TR_ACK_EXPIRED ||
                   tr->kind == DW_TR_NOTED;
    if (repeats) {
        name_add_int(&parts, tr->raised_at_us);
        name_add_int(&parts, tr->count);
        name_add_int(&parts, tr->review_by);
        name_add(&parts, tr->post);
    }
    name_to_uuid(&parts, tr->transition_id);
}

void dw_transition_fill(const dw_record *rec, const dw_alert *alert, const dw_policy *policy, dw_transition_kind kind,
                        int64_t raised_at_us, dw_transition *out)
{
    *out = (dw_transition){.kind = kind};
    bool flag = kind == DW_TR_FLAGGED;
    bool instant = alert->due_kind == DW_DUE_INSTANT;
    out->outcome = kind == DW_TR_RESOLVED ? alert->outcome : DW_OUT_NONE;
    out->priority = alert->priority;
    out->due_kind = alert->due_kind;
    out->due_on = alert->due_kind == DW_DUE_DATE ? alert->due_on : 0;
    out->due_at_us = instant ? alert->due_at_us : 0;
    out->raised_at_us = raised_at_us;
    out->rule_version = alert->rule_version;
    out->generation = alert->generation;
    out->level = flag ? 0 : alert->level;
    out->count = alert->count;
    out->policy_number = dw_policy_number(policy);
    out->policy_digest = dw_policy_digest(policy);
    out->restricted = alert->restricted;
    out->found_at_start = alert->found_at_start;
    out->approximate = alert->approximate;
    out->causes_total = alert->causes_total;
    out->cause_count = alert->cause_count;
    for (uint32_t i = 0; i < alert->cause_count; i++)
        out->causes[i] = (dw_cause){0, alert->causes[i]};
    out->rule_id = alert->rule_id;
    out->la_code = rec->la_code;
    out->child_ref = rec->child_ref;
    out->subject_kind = alert->subject_kind;
    out->subject_id = alert->subject_id;
    out->paused_until = flag || kind == DW_TR_RESOLVED ? 0 : alert->paused_until;
    out->post = flag ? (dw_str){NULL, 0} : alert->post;
    if (alert->due_kind != DW_DUE_NONE) {
        out->calendar = instant ? DW_STR_LIT("hours") : dw_str_from(dw_profile_name(alert->calendar));
        out->count_mode = instant                              ? DW_STR_LIT("elapsed")
                          : alert->count_mode == DW_COUNT_INCL ? DW_STR_LIT("incl")
                                                               : DW_STR_LIT("excl");
    }
    if (kind == DW_TR_ACKNOWLEDGED) {
        out->reason_code = alert->reason_code;
        out->oversight_ref = alert->oversight_ref;
        out->review_by = alert->review_by;
    }
    dw_alert_id(rec->la_code, rec->child_ref, alert->rule_id, alert->subject_kind, alert->subject_id, out->alert_id);
    transition_id(out);
}

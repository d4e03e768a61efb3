/* spans_enquiry.c: assessments, section 47 enquiries and the conferences of children who moved in.
 *
 * An ASSESSMENT is owed from the referral on (readings 3): it runs until one is authorised, until the referral turns out to
 * need nothing further, is closed, or the case is. Records of assessments join by referral_id, else by an assessment_id
 * whose other record names the referral, else to the latest referral open then.
 * An S47 runs to the initial conference: the one that names it, else the first on or after its start; also until it is said
 * that none is needed. A TRANSFER runs from the written notice of a child who moved in to that conference. */

#include "field_ids.h"
#include "handlers/derive.h"

/* When a yes that has no date of its own was said. */
static dw_end_at when_said(const dw_fact *fact, dw_span_end kind)
{
    dw_end_at end = dw_end_at_instant(fact, fact->recorded_us != 0 ? fact->recorded_us : fact->at_us);
    end.kind = kind;
    return end;
}

/* --- assessments */

_Static_assert(DW_F_ASSESSMENT_STARTED_ASSESSMENT_ID == DW_F_ASSESSMENT_AUTHORISED_ASSESSMENT_ID &&
                   DW_F_ASSESSMENT_STARTED_REFERRAL_ID == DW_F_ASSESSMENT_AUTHORISED_REFERRAL_ID,
               "assessment messages differ");

/* The referral that one of the records of this assessment names; empty when none does. */
static dw_str referral_of(const dw_fact *fact, const dw_fact *const *all, uint32_t n)
{
    dw_str referral = dw_fact_text(fact, DW_F_ASSESSMENT_STARTED_REFERRAL_ID);
    dw_str id = dw_fact_text(fact, DW_F_ASSESSMENT_STARTED_ASSESSMENT_ID);
    for (uint32_t i = 0; i < n && referral.len == 0 && id.len != 0; i++)
        if (dw_str_eq(dw_fact_text(all[i], DW_F_ASSESSMENT_STARTED_ASSESSMENT_ID), id))
            referral = dw_fact_text(all[i], DW_F_ASSESSMENT_STARTED_REFERRAL_ID);
    return referral;
}

static dw_end_at assessment_end(const dw_group *group)
{
    dw_end_at end = DW_END_NEVER;
    for (uint32_t i = 0; i < group->count; i++) {
        const dw_fact *fact = group->facts[i];
        if (fact->type == DW_EV_ASSESSMENT_AUTHORISED) {
            end = dw_end_earlier(end, dw_end_of_fact(fact, DW_END_FACT));
            continue;
        }
        if (fact->type != DW_EV_REFERRAL_RECEIVED)
            continue;
        const dw_value *at = dw_fact_get(fact, DW_F_REFERRAL_RECEIVED_DECIDED_AT);
        if (dw_fact_code(fact, DW_F_REFERRAL_RECEIVED_REFERRAL_NFA) == DW_V_ANSWER_Y)
            end = dw_end_earlier(end, at != NULL ? dw_end_at_instant(fact, at->i) : when_said(fact, DW_END_FACT));
        const dw_value *closed = dw_fact_get(fact, DW_F_REFERRAL_RECEIVED_CIN_CLOSURE_DATE);
        if (closed != NULL)
            end = dw_end_earlier(end, dw_end_at_date(fact, (int32_t)closed->i));
    }
    return end;
}

/* The group the record belongs to; NULL: none. One that names no referral belongs to one alone, so that
 * nothing counts as assessed that was not: to the latest still open then, else to the latest. */
static dw_group *group_of(const dw_derive *d, dw_group *groups, uint32_t count, const dw_fact *fact, dw_str referral)
{
    dw_group *latest = NULL, *open = NULL;
    for (uint32_t g = 0; g < count; g++) {
        const dw_fact *first = groups[g].facts[0];
        if (referral.len != 0 && dw_str_eq(groups[g].id, referral))
            return &groups[g];
        if (referral.len != 0 || first->day > fact->day)
            continue;
        dw_end_at end = dw_end_earlier(assessment_end(&groups[g]), dw_end_by_case(d, first->at_us));
        latest = &groups[g];
        if (end.us > fact->at_us)
            open = &groups[g];
    }
    return open != NULL ? open : latest;
}

static void derive_assessments(dw_derive *d)
{
    static const dw_event_type types[] = {DW_EV_ASSESSMENT_STARTED, DW_EV_ASSESSMENT_AUTHORISED, DW_EV_NONE};
    uint32_t n = 0, count = 0, records = 0;
    const dw_fact *const *referrals = dw_chronology_of_type(d->chron, DW_EV_REFERRAL_RECEIVED, &n);
    dw_group *groups = dw_derive_groups(d, referrals, n, DW_F_REFERRAL_RECEIVED_REFERRAL_ID, NULL, &count);
    const dw_fact **assessments = dw_derive_facts(d, types, &records);
    if (!dw_derive_room(d, DW_SPAN_ASSESSMENT, count))
        return;
    for (uint32_t g = 0; g < count; g++) { /* room for whatever joins */
        const dw_fact **facts = dw_derive_alloc(d, ((size_t)groups[g].count + records) * sizeof *facts);
        if (facts == NULL)
            return;
        memcpy(facts, groups[g].facts, groups[g].count * sizeof *facts);
        groups[g].facts = facts;
    }
    for (uint32_t i = 0; i < records; i++) {
        dw_group *group = group_of(d, groups, count, assessments[i], referral_of(assessments[i], assessments, records));
        if (group != NULL)
            group->facts[group->count++] = assessments[i];
    }
    for (uint32_t g = 0; g < count; g++) {
        const dw_fact *first = groups[g].facts[0];
        dw_span *span = dw_derive_add_group(d, DW_SPAN_ASSESSMENT, &groups[g], first);
        dw_derive_end(d, span, dw_end_earlier(assessment_end(&groups[g]), dw_end_by_case(d, first->at_us)));
        dw_span_sort_facts(span);
    }
    dw_derive_sort(d, DW_SPAN_ASSESSMENT);
}

/* --- enquiries */

static bool is_transfer(const dw_fact *conference)
{
    return dw_fact_code(conference, DW_F_CONFERENCE_ICPC_TRANSFER_IN) == DW_V_ANSWER_Y;
}

static dw_end_at enquiry_end(const dw_derive *d, const dw_group *group)
{
    uint32_t n = 0;
    const dw_fact *const *held = dw_chronology_of_type(d->chron, DW_EV_CONFERENCE_ICPC, &n);
    dw_end_at end = DW_END_NEVER;
    for (uint32_t i = 0; i < n; i++) {
        dw_str named = dw_fact_text(held[i], DW_F_CONFERENCE_ICPC_S47_ID);
        if (!is_transfer(held[i]) && held[i]->day >= group->facts[0]->day &&
            (named.len == 0 || dw_str_eq(named, group->id)))
            end = dw_end_earlier(end, dw_end_of_fact(held[i], DW_END_FACT));
    }
    for (uint32_t i = 0; i < group->count; i++)
        if (dw_fact_code(group->facts[i], DW_F_S47_STARTED_ICPC_NOT_REQUIRED) == DW_V_ANSWER_Y)
            end = dw_end_earlier(end, when_said(group->facts[i], DW_END_REPLACED));
    return end;
}

static void derive_enquiries(dw_derive *d)
{
    uint32_t n = 0, count = 0;
    const dw_fact *const *started = dw_chronology_of_type(d->chron, DW_EV_S47_STARTED, &n);
    dw_group *groups = dw_derive_groups(d, started, n, DW_F_S47_STARTED_S47_ID, NULL, &count);
    if (!dw_derive_room(d, DW_SPAN_S47, count))
        return;
    for (uint32_t g = 0; g < count; g++) {
        const dw_fact *first = groups[g].facts[0];
        dw_span *span = dw_derive_add_group(d, DW_SPAN_S47, &groups[g], first);
        dw_end_at end = dw_end_earlier(enquiry_end(d, &groups[g]), dw_end_by_case(d, first->at_us));
        dw_derive_end(d, span, dw_end_earlier(end, dw_end_by_age(d, 18)));
    }
    dw_derive_sort(d, DW_SPAN_S47);
}

/* --- conferences of children who moved in */

/* The first transfer-in conference on or after the notice, by whatever id its record goes. A record with the notice and without
 * the date of a conference is the notice alone. */
static dw_end_at transfer_end(const dw_fact *const *moved_in, uint32_t n, int32_t notice_day)
{
    dw_end_at end = DW_END_NEVER;
    for (uint32_t i = 0; i < n; i++) {
        bool held = dw_fact_get(moved_in[i], DW_F_CONFERENCE_ICPC_DATE_OF_INITIAL_CPC) != NULL ||
                    dw_fact_get(moved_in[i], DW_F_CONFERENCE_ICPC_TRANSFER_IN_NOTICE_RECEIVED) == NULL;
        if (held && moved_in[i]->day >= notice_day)
            end = dw_end_earlier(end, dw_end_of_fact(moved_in[i], DW_END_FACT));
    }
    return end;
}

static void derive_transfers(dw_derive *d)
{
    uint32_t all = 0, n = 0, count = 0;
    const dw_fact *const *conferences = dw_chronology_of_type(d->chron, DW_EV_CONFERENCE_ICPC, &all);
    const dw_fact **moved_in = all == 0 ? NULL : dw_derive_alloc(d, all * sizeof *moved_in);
    for (uint32_t i = 0; i < all && moved_in != NULL; i++)
        if (is_transfer(conferences[i]))
            moved_in[n++] = conferences[i];
    dw_group *groups = dw_derive_groups(d, moved_in, n, DW_F_CONFERENCE_ICPC_CONFERENCE_ID, NULL, &count);
    if (!dw_derive_room(d, DW_SPAN_TRANSFER, count))
        return;
    for (uint32_t g = 0; g < count; g++) {
        const dw_group *group = &groups[g];
        const dw_value *notice = NULL;
        const dw_fact *told = NULL;
        for (uint32_t i = 0; i < group->count && notice == NULL; i++) {
            notice = dw_fact_get(group->facts[i], DW_F_CONFERENCE_ICPC_TRANSFER_IN_NOTICE_RECEIVED);
            told = group->facts[i];
        }
        if (notice == NULL)
            continue; /* the clock starts with the written notice */
        int32_t day = (int32_t)notice->i;
        int64_t us = dw_london_start_us(day);
        if (us > d->chron->clock_us) {
            dw_derive_next(d, us);
            continue;
        }
        dw_span *span = dw_derive_add_group(d, DW_SPAN_TRANSFER, group, told);
        span->start_day = day;
        span->start_us = us;
        span->start_approximate = true;
        dw_end_at end = dw_end_earlier(transfer_end(moved_in, n, day), dw_end_by_case(d, us));
        dw_derive_end(d, span, dw_end_earlier(end, dw_end_by_age(d, 18)));
    }
    dw_derive_sort(d, DW_SPAN_TRANSFER);
}

void dw_derive_enquiry(dw_derive *d)
{
    derive_assessments(d);
    derive_enquiries(d);
    derive_transfers(d);
}

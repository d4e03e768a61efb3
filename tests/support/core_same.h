#pragma once
/* core_same.h: are two chronologies of one record the same in everything? Both point into the record's facts. (One assertion
 * each: those of check are dear.) */

#include "handlers/chronology.h"
#include "tests/support/suite.h"

static inline bool same_facts(const dw_fact *const *a, const dw_fact *const *b, uint32_t n)
{
    return n == 0 || memcmp(a, b, n * sizeof *a) == 0;
}

static inline bool same_ids(const dw_span *a, const dw_span *b)
{
    bool same = a->id_count == b->id_count && dw_str_eq(a->id, b->id);
    for (uint32_t i = 0; i < a->id_count && same; i++)
        same = dw_str_eq(a->ids[i], b->ids[i]);
    return same;
}

static inline bool same_span(const dw_span *a, const dw_span *b)
{
    bool times = a->start_day == b->start_day && a->end_day == b->end_day && a->start_us == b->start_us &&
                 a->end_us == b->end_us && a->end == b->end && a->start_approximate == b->start_approximate &&
                 a->end_approximate == b->end_approximate;
    bool facts = a->opened_by == b->opened_by && a->closed_by == b->closed_by && a->fact_count == b->fact_count &&
                 same_facts(a->facts, b->facts, a->fact_count);
    bool within = (a->within != NULL) == (b->within != NULL) &&
                  (a->within == NULL || (a->within->start_us == b->within->start_us && same_ids(a->within, b->within)));
    return a->family == b->family && same_ids(a, b) && times && facts && within && a->level == b->level &&
           a->step == b->step && a->whole == NULL && b->whole == NULL;
}

static inline void same_chronology(const dw_chronology *a, const dw_chronology *b)
{
    bool facts = a->fact_count == b->fact_count && same_facts(a->facts, b->facts, a->fact_count) &&
                 same_facts(a->by_type, b->by_type, a->fact_count) &&
                 memcmp(a->type_start, b->type_start, sizeof a->type_start) == 0;
    bool child = dw_str_eq(a->la_code, b->la_code) && dw_str_eq(a->child_ref, b->child_ref) &&
                 a->birth_day == b->birth_day && a->expected_day == b->expected_day && a->death_day == b->death_day &&
                 a->death == b->death && dw_str_eq(a->team_id, b->team_id) && a->restricted == b->restricted;
    bool spans = a->plan_types == b->plan_types;
    for (int family = 0; family < DW_SPAN_FAMILIES; family++) {
        spans = spans && a->span_count[family] == b->span_count[family];
        for (uint32_t i = 0; i < a->span_count[family] && spans; i++)
            spans = same_span(&a->spans[family][i], &b->spans[family][i]);
    }
    bool times = a->clock_us == b->clock_us && a->whole_from == b->whole_from && a->today == b->today &&
                 a->next_us == b->next_us && a->last_fact_day == b->last_fact_day;
    ck_assert_msg(facts && child && spans && times, "facts %d child %d spans %d times %d", facts, child, spans, times);
}

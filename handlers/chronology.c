/* chronology.c: from the record's facts to the chronology: which facts count at the clock, who the child is, the spans. */

#include "handlers/chronology.h"

#include "field_ids.h"
#include "handlers/derive.h"
#include "handlers/record.h"

const dw_str dw_span_subject_kinds[DW_SPAN_FAMILIES] = {
#define X(e, n, s) [e] = {s, sizeof(s) - 1},
    DW_SPAN_LIST(X)
#undef X
};

const char *dw_span_family_name(dw_span_family family)
{
    static const char *const names[DW_SPAN_FAMILIES] = {
#define X(e, n, s) [e] = n,
        DW_SPAN_LIST(X)
#undef X
    };
    return (unsigned)family < DW_SPAN_FAMILIES ? names[family] : "?";
}

bool dw_span_has_id(const dw_span *span, dw_str id)
{
    for (uint32_t i = 0; i < span->id_count; i++)
        if (dw_str_eq(span->ids[i], id))
            return true;
    return false;
}

const dw_fact *const *dw_chronology_of_type(const dw_chronology *chron, dw_event_type type, uint32_t *count)
{
    uint32_t from = chron->type_start[type];
    *count = chron->type_start[type + 1] - from;
    return (const dw_fact *const *)(chron->by_type + from);
}

int32_t dw_birthday(int32_t birth_day, int years)
{
    dw_ymd born = dw_day_to_ymd(birth_day);
    return dw_day_from_ymd(born.year + years, born.month, born.day); /* 29 February goes over into 1 March */
}

bool dw_span_family_reads(dw_span_family family, dw_event_type type)
{
    if (type == DW_EV_CHILD_UPDATED || type == DW_EV_CASE_CLOSED || type == DW_EV_PA_CONTACT)
        return true; /* age, death and the closing of the case end anything */
    bool plans = type == DW_EV_PLAN_STARTED || type == DW_EV_PLAN_CHANGED || type == DW_EV_PLAN_ENDED;
    bool care =
        plans || type == DW_EV_PLACEMENT_STARTED || type == DW_EV_PLACEMENT_ENDED || type == DW_EV_LEGAL_CHANGED;
    bool assessments =
        type == DW_EV_REFERRAL_RECEIVED || type == DW_EV_ASSESSMENT_STARTED || type == DW_EV_ASSESSMENT_AUTHORISED;
    bool cases = care || assessments;
    switch (family) {
    case DW_SPAN_PLAN:
        return plans;
    case DW_SPAN_CARE:
    case DW_SPAN_PLACEMENT:
        return care;
    case DW_SPAN_EPISODE:
        return type == DW_EV_MISSING_EPISODE;
    case DW_SPAN_CONTACT:
        return type == DW_EV_CONTACT_RECEIVED;
    case DW_SPAN_REFERRAL:
        return type == DW_EV_REFERRAL_RECEIVED;
    case DW_SPAN_LEVEL:
        return care;
    case DW_SPAN_CASE:
        return cases;
    case DW_SPAN_ASSESSMENT:
        return assessments;
    case DW_SPAN_S47:
        return type == DW_EV_S47_STARTED || type == DW_EV_CONFERENCE_ICPC;
    case DW_SPAN_TRANSFER:
        return type == DW_EV_CONFERENCE_ICPC;
    case DW_SPAN_PREPROCEEDINGS:
    case DW_SPAN_PROCEEDINGS:
        return type == DW_EV_PREPROCEEDINGS_STEP || type == DW_EV_LEGAL_CHANGED || type == DW_EV_PLACEMENT_STARTED;
    case DW_SPAN_ACCOMMODATION:
        return type == DW_EV_ACCOMMODATION_PROVIDED;
    case DW_SPAN_DISPUTE:
        return type == DW_EV_DISPUTE_STEP;
    case DW_SPAN_ALLOCATION:
    case DW_SPAN_UNALLOCATED:
        return cases || type == DW_EV_WORKER_ALLOCATED || type == DW_EV_WORKER_ENDED;
    case DW_SPAN_CHILD:
    case DW_SPAN_FAMILIES:
        break;
    }
    return true;
}

/* --- values of spans */

static const dw_value *episode_category(const dw_span *span, const dw_fact **carrier)
{
    static const dw_value missing = {
        .field = DW_F_MISSING_EPISODE_CATEGORY, .kind = DW_VAL_ENUM, .i = DW_V_MISSING_CATEGORY_M};
    static const dw_value away = {
        .field = DW_F_MISSING_EPISODE_CATEGORY, .kind = DW_VAL_ENUM, .i = DW_V_MISSING_CATEGORY_A};
    const dw_fact *lower = NULL, *higher = NULL;
    for (uint32_t i = 0; i < span->fact_count; i++) {
        int64_t code = dw_fact_code(span->facts[i], DW_F_MISSING_EPISODE_CATEGORY);
        if (code == DW_V_MISSING_CATEGORY_UNSPECIFIED)
            continue;
        if (code == DW_V_MISSING_CATEGORY_A || code == DW_V_MISSING_CATEGORY_NO_APPARENT_RISK)
            lower = span->facts[i];
        else
            higher = span->facts[i];
    }
    bool is_away = higher == NULL && lower != NULL;
    if (carrier != NULL)
        *carrier = is_away ? lower : higher != NULL ? higher : span->opened_by;
    return is_away ? &away : &missing;
}

/* A word of the span itself. */
static const dw_value *span_word(const dw_span *span, dw_span_word word)
{
#define WORD(text)                                                                                                     \
    {                                                                                                                  \
        .kind = DW_VAL_STR, .s = { text, sizeof(text) - 1 }                                                            \
    }
    static const dw_value ends[] = {[DW_END_OPEN] = WORD("OPEN"),
                                    [DW_END_FACT] = WORD("FACT"),
                                    [DW_END_REPLACED] = WORD("REPLACED"),
                                    [DW_END_CLOSED] = WORD("CLOSED"),
                                    [DW_END_AGE] = WORD("AGE")};
    static const dw_value levels[] = {WORD(""), WORD("CIN"), WORD("CP"), WORD("CLA")};
    static const dw_value steps[] = {WORD("NONE"), WORD("UP"), WORD("DOWN")};
#undef WORD
    switch (word) {
    case DW_WORD_ENDED_BY:
        return &ends[span->end];
    case DW_WORD_LEVEL:
        return span->level != DW_LEVEL_NONE ? &levels[span->level] : NULL;
    case DW_WORD_STEP:
        return span->level != DW_LEVEL_NONE ? &steps[span->step] : NULL;
    case DW_WORD_NONE:
        break;
    }
    return NULL;
}

/* A temporary stay: T0 to T4. */
static bool passes_through(const dw_fact *fact)
{
    int64_t place = dw_fact_code(fact, DW_F_PLACEMENT_STARTED_PLACE);
    return place >= DW_V_PLACE_T0 && place <= DW_V_PLACE_T4;
}

const dw_value *dw_span_value(const dw_span *span, const struct dw_field_ref *ref, int32_t as_of,
                              const dw_fact **carrier)
{
    if (ref->word != DW_WORD_NONE)
        return span_word(span, ref->word);
    if (span->family == DW_SPAN_EPISODE && ref->by_type[DW_EV_MISSING_EPISODE] == DW_F_MISSING_EPISODE_CATEGORY)
        return episode_category(span, carrier);
    const dw_fact *opened_by = dw_span_whole(span)->opened_by;
    for (uint32_t i = span->fact_count; i-- > 0;) {
        const dw_fact *fact = span->facts[i];
        uint16_t field = ref->by_type[fact->type];
        if (field == 0 || (fact->day > as_of && fact != opened_by))
            continue;
        if (field == DW_F_PLACEMENT_STARTED_PLACE && fact != opened_by && passes_through(fact))
            continue;
        const dw_value *value = dw_fact_get(fact, field);
        if (value != NULL) {
            if (carrier != NULL)
                *carrier = fact;
            return value;
        }
    }
    if (span->within != NULL && ref->by_type[DW_EV_LEGAL_CHANGED] == DW_F_LEGAL_CHANGED_LS)
        return dw_span_value(span->within, ref, as_of, carrier);
    return NULL;
}

/* --- tools of the derivers */

void *dw_derive_alloc(dw_derive *d, size_t bytes)
{
    void *ptr = dw_arena_alloc(d->arena, bytes);
    if (ptr == NULL)
        d->failed = true;
    return ptr;
}

bool dw_derive_room(dw_derive *d, dw_span_family family, uint32_t most)
{
    if (most != 0)
        d->chron->spans[family] = dw_derive_alloc(d, most * sizeof(dw_span));
    return !d->failed;
}

dw_span *dw_derive_add(dw_derive *d, dw_span_family family, dw_str id, const dw_fact *opened_by, int32_t day,
                       int64_t us)
{
    dw_span *span = &d->chron->spans[family][d->chron->span_count[family]++];
    span->family = family;
    span->id = id;
    span->ids = &span->id;
    span->id_count = 1;
    span->start_day = day;
    span->start_us = us;
    span->end_day = DW_DAY_OPEN;
    span->end_us = DW_AT_NEVER;
    span->opened_by = opened_by;
    return span;
}

static bool span_before(const dw_span *a, const dw_span *b)
{
    return a->start_us != b->start_us ? a->start_us < b->start_us : dw_str_cmp(a->id, b->id) < 0;
}

void dw_derive_sort(dw_derive *d, dw_span_family family)
{
    dw_span *spans = d->chron->spans[family];
    uint32_t n = d->chron->span_count[family];
    for (uint32_t i = 1; i < n; i++) { /* they come nearly sorted */
        dw_span moving = spans[i];
        uint32_t at = i;
        for (; at > 0 && span_before(&moving, &spans[at - 1]); at--)
            spans[at] = spans[at - 1];
        spans[at] = moving;
    }
    for (uint32_t i = 0; i < n; i++) /* they have one id each: spans that go by several are made in order */
        spans[i].ids = &spans[i].id;
}

void dw_span_sort_facts(dw_span *span)
{
    for (uint32_t i = 1; i < span->fact_count; i++) {
        const dw_fact *moving = span->facts[i];
        uint32_t at = i;
        for (; at > 0 && dw_fact_before(moving, span->facts[at - 1]); at--)
            span->facts[at] = span->facts[at - 1];
        span->facts[at] = moving;
    }
}

void dw_derive_next(dw_derive *d, int64_t us)
{
    if (us > d->chron->clock_us && us < d->chron->next_us)
        d->chron->next_us = us;
}

void dw_derive_end(dw_derive *d, dw_span *span, dw_end_at end)
{
    if (end.us > d->chron->clock_us) {
        dw_derive_next(d, end.us);
        return;
    }
    bool early = end.us < span->start_us;
    span->end_us = early ? span->start_us : end.us;
    span->end_day = early ? span->start_day : end.day;
    span->end = end.kind;
    span->closed_by = end.fact;
    span->end_approximate = end.approximate;
}

dw_end_at dw_end_earlier(dw_end_at a, dw_end_at b)
{
    return b.us < a.us ? b : a;
}

dw_end_at dw_end_of_fact(const dw_fact *fact, dw_span_end kind)
{
    return (dw_end_at){fact->at_us, fact->day, kind, fact, (fact->flags & DW_FACTF_APPROXIMATE) != 0};
}

dw_end_at dw_end_at_instant(const dw_fact *fact, int64_t us)
{
    return (dw_end_at){us, dw_london_day(us), DW_END_FACT, fact, false};
}

dw_end_at dw_end_at_date(const dw_fact *fact, int32_t day)
{
    return (dw_end_at){dw_london_start_us(day), day, DW_END_FACT, fact, true};
}

dw_end_at dw_end_by_case(const dw_derive *d, int64_t us)
{
    uint32_t n = 0;
    const dw_fact *const *closed = dw_chronology_of_type(d->chron, DW_EV_CASE_CLOSED, &n);
    dw_end_at end = DW_END_NEVER;
    for (uint32_t i = 0; i < n && end.us == DW_AT_NEVER; i++)
        if (closed[i]->at_us >= us)
            end = dw_end_of_fact(closed[i], DW_END_CLOSED);
    return dw_end_earlier(end, dw_end_by_death(d));
}

dw_end_at dw_end_by_death(const dw_derive *d)
{
    if (d->chron->death_day == DW_DAY_NONE)
        return DW_END_NEVER;
    dw_end_at death = dw_end_at_date(d->chron->death, d->chron->death_day);
    death.kind = DW_END_CLOSED;
    return death;
}

dw_end_at dw_end_by_age(const dw_derive *d, int years)
{
    if (d->chron->birth_day == DW_DAY_NONE)
        return DW_END_NEVER;
    int32_t day = dw_birthday(d->chron->birth_day, years);
    return (dw_end_at){dw_london_start_us(day), day, DW_END_AGE, NULL, false};
}

dw_str dw_fact_text(const dw_fact *fact, uint16_t field)
{
    const dw_value *value = dw_fact_get(fact, field);
    return value != NULL && value->kind == DW_VAL_STR ? value->s : (dw_str){0};
}

int64_t dw_fact_code(const dw_fact *fact, uint16_t field)
{
    const dw_value *value = dw_fact_get(fact, field);
    return value != NULL && (value->kind == DW_VAL_ENUM || value->kind == DW_VAL_INT) ? value->i : 0;
}

void dw_derived_name(const dw_fact *fact, char out[DW_DERIVED_NAME_LEN])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < DW_DERIVED_NAME_LEN; i++)
        out[i] = digits[fact->key >> (60 - 4 * i) & 15];
}

dw_str dw_derive_name(dw_derive *d, const dw_fact *fact)
{
    char *text = dw_derive_alloc(d, DW_DERIVED_NAME_LEN);
    if (text == NULL)
        return (dw_str){0};
    dw_derived_name(fact, text);
    return (dw_str){text, DW_DERIVED_NAME_LEN};
}

dw_span *dw_derive_add_group(dw_derive *d, dw_span_family family, const dw_group *group, const dw_fact *opened_by)
{
    dw_str id = group->id.len != 0 ? group->id : dw_derive_name(d, opened_by);
    dw_span *span = dw_derive_add(d, family, id, opened_by, opened_by->day, opened_by->at_us);
    span->start_approximate = (opened_by->flags & DW_FACTF_APPROXIMATE) != 0;
    span->facts = group->facts;
    span->fact_count = group->count;
    return span;
}

const dw_fact **dw_derive_facts(dw_derive *d, const dw_event_type *types, uint32_t *count)
{
    uint32_t total = 0, n = 0;
    bool wanted[DW_EV_MAX] = {false};
    for (; *types != DW_EV_NONE; types++) {
        wanted[*types] = true;
        total += d->chron->type_start[*types + 1] - d->chron->type_start[*types];
    }
    *count = 0;
    const dw_fact **facts = total == 0 ? NULL : dw_derive_alloc(d, total * sizeof *facts);
    if (facts == NULL)
        return NULL;
    for (uint32_t i = 0; i < d->chron->fact_count && n < total; i++)
        if (wanted[d->chron->facts[i]->type])
            facts[n++] = d->chron->facts[i];
    *count = n;
    return facts;
}

dw_group *dw_derive_groups(dw_derive *d, const dw_fact *const *facts, uint32_t n, uint16_t field, dw_group_joins *joins,
                           uint32_t *count)
{
    *count = 0;
    dw_group *groups = n == 0 ? NULL : dw_derive_alloc(d, n * sizeof *groups);
    uint32_t *group_of = n == 0 ? NULL : dw_derive_alloc(d, n * sizeof *group_of);
    const dw_fact **room = n == 0 ? NULL : dw_derive_alloc(d, n * sizeof *room);
    if (groups == NULL || group_of == NULL || room == NULL)
        return NULL;
    uint32_t used = 0;
    for (uint32_t i = 0; i < n; i++) {
        dw_str id = dw_fact_text(facts[i], field);
        uint32_t g = used;
        while (g > 0 &&
               !(joins != NULL ? joins(&groups[g - 1], facts[i], id) : id.len != 0 && dw_str_eq(groups[g - 1].id, id)))
            g--;
        if (g == 0) {
            groups[used] = (dw_group){.id = id, .first = facts[i]};
            g = ++used;
        }
        groups[g - 1].cap++;
        groups[g - 1].last = facts[i];
        group_of[i] = g - 1;
    }
    for (uint32_t g = 0; g < used; g++) {
        groups[g].facts = room;
        room += groups[g].cap;
    }
    for (uint32_t i = 0; i < n; i++) {
        dw_group *group = &groups[group_of[i]];
        group->facts[group->count++] = facts[i];
    }
    *count = used;
    return groups;
}

/* --- the whole */

/* A missing child is one from the start of the episode on, also when its record tells of an end still to come. */
static int64_t counts_from(const dw_fact *fact)
{
    const dw_value *start =
        fact->type == DW_EV_MISSING_EPISODE ? dw_fact_get(fact, DW_F_MISSING_EPISODE_MIS_START) : NULL;
    return start != NULL && start->i < fact->at_us ? start->i : fact->at_us;
}

/* Facts not later than the clock, without tombstones, and the same by type. */
static bool count_facts(dw_derive *d, const dw_record *rec, uint32_t more)
{
    dw_chronology *chron = d->chron;
    uint32_t cap = rec->fact_count + more;
    const dw_fact **facts = dw_derive_alloc(d, 2 * ((size_t)cap + 1) * sizeof *facts);
    if (facts == NULL)
        return false;
    uint32_t n = 0;
    for (uint32_t i = 0; i < rec->fact_count; i++) {
        const dw_fact *fact = &rec->facts[i];
        if (!dw_fact_counts(fact))
            continue;
        int64_t from_us = counts_from(fact);
        if (from_us > chron->clock_us) {
            dw_derive_next(d, from_us);
            continue;
        }
        __builtin_prefetch(fact->values); /* the derivers are about to read them */
        facts[n++] = fact;
        chron->type_start[fact->type + 1]++;
        chron->restricted |= (fact->flags & DW_FACTF_RESTRICTED) != 0;
    }
    chron->facts = facts;
    chron->fact_count = n;
    chron->fact_cap = cap;
    chron->last_fact_day = n != 0 ? facts[n - 1]->day : DW_DAY_NONE;
    for (int t = 0; t < DW_EV_MAX; t++)
        chron->type_start[t + 1] += chron->type_start[t];
    uint32_t at[DW_EV_MAX];
    memcpy(at, chron->type_start, sizeof at);
    chron->by_type = facts + cap + 1;
    for (uint32_t i = 0; i < n; i++)
        chron->by_type[at[facts[i]->type]++] = facts[i];
    return true;
}

/* The latest fact that tells such a date; *teller that fact. */
static int32_t last_date(const dw_chronology *chron, uint16_t field, const dw_fact **teller)
{
    uint32_t n = 0;
    const dw_fact *const *updates = dw_chronology_of_type(chron, DW_EV_CHILD_UPDATED, &n);
    while (n-- > 0) {
        const dw_value *value = dw_fact_get(updates[n], field);
        if (value != NULL && value->kind == DW_VAL_DATE) {
            *teller = updates[n];
            return (int32_t)value->i;
        }
    }
    return DW_DAY_NONE;
}

/* A personal adviser learned that the young person has died, and nobody has told the date (SSDA903 IN_TOUCH). */
static void found_dead(dw_chronology *chron)
{
    uint32_t n = 0;
    const dw_fact *const *contacts = dw_chronology_of_type(chron, DW_EV_PA_CONTACT, &n);
    for (uint32_t i = 0; i < n && chron->death_day == DW_DAY_NONE; i++)
        if (dw_fact_code(contacts[i], DW_F_PA_CONTACT_IN_TOUCH) == DW_V_IN_TOUCH_DIED) {
            chron->death_day = contacts[i]->day;
            chron->death = contacts[i];
        }
}

/* Birth, death and team: the latest fact that tells. */
static void who_it_is(dw_chronology *chron)
{
    const dw_fact *teller = NULL;
    chron->birth_day = last_date(chron, DW_F_CHILD_UPDATED_PERSON_BIRTH_DATE, &teller);
    chron->expected_day = last_date(chron, DW_F_CHILD_UPDATED_EXPECTED_PERSON_BIRTH_DATE, &teller);
    chron->death_day = last_date(chron, DW_F_CHILD_UPDATED_PERSON_DEATH_DATE, &chron->death);
    if (chron->death_day == DW_DAY_NONE)
        found_dead(chron);
    for (uint32_t i = chron->fact_count; i-- > 0 && chron->team_id.len == 0;) {
        const dw_fact *fact = chron->facts[i];
        chron->team_id = dw_fact_text(fact, DW_F_ENV_TEAM_ID);
    }
}

static bool derive_facts(dw_derive *d, const dw_record *rec, int64_t clock_us, uint32_t more)
{
    d->chron = dw_arena_alloc(d->arena, sizeof(dw_chronology));
    if (d->chron == NULL)
        return false;
    d->chron->la_code = rec->la_code;
    d->chron->child_ref = rec->child_ref;
    d->chron->clock_us = clock_us;
    d->chron->whole_from = rec->pages_loaded == rec->page_count ? DW_DAY_NONE : rec->horizon;
    d->chron->today = dw_london_day(clock_us);
    d->chron->next_us = DW_AT_NEVER;
    if (!count_facts(d, rec, more))
        return false;
    who_it_is(d->chron);
    return true;
}

const dw_chronology *dw_chronology_facts(const dw_record *rec, int64_t clock_us, dw_arena *arena)
{
    dw_derive d = {.arena = arena};
    return derive_facts(&d, rec, clock_us, 0) ? d.chron : NULL;
}

dw_chronology *dw_chronology_make(const dw_record *rec, int64_t clock_us, uint32_t more, dw_arena *arena)
{
    dw_derive d = {.arena = arena};
    if (!derive_facts(&d, rec, clock_us, more))
        return NULL;
    dw_chronology *chron = d.chron;
    if (chron->fact_count == 0)
        return chron;
    if (!dw_derive_room(&d, DW_SPAN_CHILD, 1))
        return NULL;
    dw_span *child =
        dw_derive_add(&d, DW_SPAN_CHILD, (dw_str){0}, chron->facts[0], chron->facts[0]->day, chron->facts[0]->at_us);
    child->facts = chron->facts;
    child->fact_count = chron->fact_count;
    dw_derive_plans(&d);
    dw_derive_care(&d);
    dw_derive_missing(&d);
    dw_derive_front_door(&d);
    dw_derive_enquiry(&d);
    dw_derive_court(&d);
    dw_derive_dispute(&d);
    dw_derive_level(&d);
    dw_derive_case(&d);
    return d.failed ? NULL : chron;
}

const dw_chronology *dw_chronology_derive(const dw_record *rec, int64_t clock_us, dw_arena *arena)
{
    return dw_chronology_make(rec, clock_us, 0, arena);
}

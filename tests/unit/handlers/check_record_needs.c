/* check_record_needs.c: before which events the pages of a record are asked for (record.h, dw_record_needs_pages): a table
 * of heads with a horizon, an event, and yes or no, on both sides of each bound. */

#include "handlers/record_wire.h"

#include "tests/support/suite.h"
#include "tests/unit/handlers/events.h"

#include <stdlib.h>

#define HORIZON 20000

typedef struct said {
    uint16_t field;
    char kind; /* c code, d day from the horizon, t microseconds from its start, s text, w worker, v void, n number */
    int64_t i;
    const char *s;
} said;

typedef struct told {
    dw_event_type type; /* DW_EV_NONE: nothing */
    const char *record;
    int day; /* from the horizon */
    said said[3];
} told;

static dw_event make(const told *t)
{
    dw_event ev = event_make(t->type, t->record, dw_london_start_us(HORIZON + t->day));
    for (size_t i = 0; i < sizeof t->said / sizeof t->said[0]; i++) {
        const said *s = &t->said[i];
        switch (s->kind) {
        case 'c':
            event_code(&ev, s->field, s->i);
            break;
        case 'd':
            event_date(&ev, s->field, HORIZON + (int32_t)s->i);
            break;
        case 't':
            event_at(&ev, s->field, dw_london_start_us(HORIZON) + s->i);
            break;
        case 's':
            event_text(&ev, s->field, s->s);
            break;
        case 'w':
            ev.worker_ref = dw_str_from(s->s);
            break;
        case 'v':
            ev.op = DW_OP_VOID;
            ev.source_revision = 2;
            break;
        case 'n':
            ev.values[ev.value_count++] = (dw_value){.field = s->field, .kind = DW_VAL_INT, .i = s->i};
            break;
        default:
            break;
        }
    }
    return ev;
}

#define PLAN(id)                                                                                                       \
    {                                                                                                                  \
        DW_F_PLAN_STARTED_PLAN_ID, 's', 0, id                                                                          \
    }
#define TYPE(type)                                                                                                     \
    {                                                                                                                  \
        DW_F_PLAN_STARTED_PLAN_TYPE, 'c', DW_V_PLAN_TYPE_##type, NULL                                                  \
    }
#define PLACEMENT(id)                                                                                                  \
    {                                                                                                                  \
        DW_F_PLACEMENT_STARTED_PLACEMENT_ID, 's', 0, id                                                                \
    }
#define PLACEMENT_E(id)                                                                                                \
    {                                                                                                                  \
        DW_F_PLACEMENT_ENDED_PLACEMENT_ID, 's', 0, id                                                                  \
    }
#define ALLOCATION(id)                                                                                                 \
    {                                                                                                                  \
        DW_F_WORKER_ALLOCATED_ALLOCATION_ID, 's', 0, id                                                                \
    }
#define ALLOCATION_E(id)                                                                                               \
    {                                                                                                                  \
        DW_F_WORKER_ENDED_ALLOCATION_ID, 's', 0, id                                                                    \
    }
#define EPISODE(id)                                                                                                    \
    {                                                                                                                  \
        DW_F_MISSING_EPISODE_EPISODE_ID, 's', 0, id                                                                    \
    }
#define PHASE(phase)                                                                                                   \
    {                                                                                                                  \
        DW_F_MISSING_EPISODE_PHASE, 'c', DW_V_MISSING_PHASE_##phase, NULL                                              \
    }
#define WORKER(ref)                                                                                                    \
    {                                                                                                                  \
        0, 'w', 0, ref                                                                                                 \
    }
#define VOID                                                                                                           \
    {                                                                                                                  \
        0, 'v', 0, NULL                                                                                                \
    }
#define DAY(field, day)                                                                                                \
    {                                                                                                                  \
        DW_F_##field, 'd', day, NULL                                                                                   \
    }
#define AT(field, us)                                                                                                  \
    {                                                                                                                  \
        DW_F_##field, 't', us, NULL                                                                                    \
    }
#define CODE(field, code)                                                                                              \
    {                                                                                                                  \
        DW_F_##field, 'c', code, NULL                                                                                  \
    }
#define NUMBER(field, n)                                                                                               \
    {                                                                                                                  \
        DW_F_##field, 'n', n, NULL                                                                                     \
    }
#define E(type, record, day, ...)                                                                                      \
    {                                                                                                                  \
        DW_EV_##type, record, day,                                                                                     \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
#define MICRO INT64_C(1)

static const struct {
    const char *name;
    told head[2];
    told asked;
    bool needs;
} rows[] = {
    /* its own day */
    {"on the horizon", {{0}}, {DW_EV_VISIT_DONE, "x", 0, {{0}}}, false},
    {"before it", {{0}}, {DW_EV_VISIT_DONE, "x", -1, {{0}}}, true},
    /* another day that it names */
    {"a date on the horizon", {{0}}, E(PLAN_STARTED, "x", 5, DAY(PLAN_STARTED_END_DATE, 0)), false},
    {"a date before it", {{0}}, E(PLAN_STARTED, "x", 5, DAY(PLAN_STARTED_END_DATE, -1)), true},
    {"a second date before it",
     {{0}},
     E(PLAN_STARTED, "x", 5, DAY(PLAN_STARTED_CPP_END_DATE, 1), DAY(PLAN_STARTED_END_DATE, -1)),
     true},
    {"an instant on the horizon", {{0}}, E(VISIT_DONE, "x", 5, AT(VISIT_DONE_AUTHORISED_AT, 0)), false},
    {"an instant before it", {{0}}, E(VISIT_DONE, "x", 5, AT(VISIT_DONE_AUTHORISED_AT, -MICRO)), true},
    /* what it ends or changes */
    {"the change of an unknown plan", {{0}}, E(PLAN_CHANGED, "x", 5, PLAN("p")), true},
    {"the change of a known plan", {E(PLAN_STARTED, "a", 1, PLAN("p"))}, E(PLAN_CHANGED, "x", 5, PLAN("p")), false},
    {"the change of another plan", {E(PLAN_STARTED, "a", 1, PLAN("q"))}, E(PLAN_CHANGED, "x", 5, PLAN("p")), true},
    {"the end of an unknown plan", {{0}}, E(PLAN_ENDED, "x", 5, PLAN("p")), true},
    {"the end of a known plan", {E(PLAN_STARTED, "a", 1, PLAN("p"))}, E(PLAN_ENDED, "x", 5, PLAN("p")), false},
    {"the end of a plan that was withdrawn",
     {E(PLAN_STARTED, "a", 1, PLAN("p"), VOID)},
     E(PLAN_ENDED, "x", 5, PLAN("p")),
     true},
    {"the end of a plan without id", {E(PLAN_STARTED, "a", 1, TYPE(CP))}, E(PLAN_ENDED, "x", 5, TYPE(CP)), false},
    {"the end without id of a plan with one",
     {E(PLAN_STARTED, "a", 1, PLAN("p"), TYPE(CP))},
     E(PLAN_ENDED, "x", 5, TYPE(CP)),
     true},
    {"the end with id of a plan without one",
     {E(PLAN_STARTED, "a", 1, TYPE(CP))},
     E(PLAN_ENDED, "x", 5, PLAN("p"), TYPE(CP)),
     true},
    {"the end of a plan by the change that tells it",
     {E(PLAN_CHANGED, "a", 1, PLAN("p"))},
     E(PLAN_ENDED, "x", 5, PLAN("p")),
     true},
    {"the end of an unknown placement", {{0}}, E(PLACEMENT_ENDED, "x", 5, PLACEMENT_E("l")), true},
    {"the end of a known placement",
     {E(PLACEMENT_STARTED, "a", 1, PLACEMENT("l"))},
     E(PLACEMENT_ENDED, "x", 5, PLACEMENT_E("l")),
     false},
    {"the end of another placement",
     {E(PLACEMENT_STARTED, "a", 1, PLACEMENT("m"))},
     E(PLACEMENT_ENDED, "x", 5, PLACEMENT_E("l")),
     true},
    {"an allocation that ends unknown", {{0}}, E(WORKER_ENDED, "x", 5, ALLOCATION_E("A"), WORKER("w")), true},
    {"an allocation that ends known",
     {E(WORKER_ALLOCATED, "a", 1, ALLOCATION("A"))},
     E(WORKER_ENDED, "x", 5, ALLOCATION_E("A"), WORKER("w")),
     false},
    {"an allocation that ends by another id",
     {E(WORKER_ALLOCATED, "a", 1, ALLOCATION("B"), WORKER("w"))},
     E(WORKER_ENDED, "x", 5, ALLOCATION_E("A"), WORKER("w")),
     true},
    {"a worker who ends unknown", {{0}}, E(WORKER_ENDED, "x", 5, WORKER("w")), true},
    {"a worker who ends known",
     {E(WORKER_ALLOCATED, "a", 1, WORKER("w"))},
     E(WORKER_ENDED, "x", 5, WORKER("w")),
     false},
    {"another worker who ends", {E(WORKER_ALLOCATED, "a", 1, WORKER("v"))}, E(WORKER_ENDED, "x", 5, WORKER("w")), true},
    {"an episode begun without a phase", {{0}}, E(MISSING_EPISODE, "x", 5, EPISODE("e")), false},
    {"an episode opened", {{0}}, E(MISSING_EPISODE, "x", 5, EPISODE("e"), PHASE(OPENED)), false},
    {"a return to an unknown episode", {{0}}, E(MISSING_EPISODE, "x", 5, EPISODE("e"), PHASE(RETURNED)), true},
    {"a return that tells its start",
     {{0}},
     E(MISSING_EPISODE, "x", 5, EPISODE("e"), PHASE(RETURNED), AT(MISSING_EPISODE_MIS_START, 0)),
     false},
    {"a return that tells an old start",
     {{0}},
     E(MISSING_EPISODE, "x", 5, PHASE(RETURNED), AT(MISSING_EPISODE_MIS_START, -MICRO),
       AT(MISSING_EPISODE_MIS_END, MICRO)),
     true},
    {"a cancelled episode that is unknown",
     {{0}},
     E(MISSING_EPISODE, "x", 5, EPISODE("e"), PHASE(CANCELLED), AT(MISSING_EPISODE_MIS_START, 0)),
     true},
    {"a return to a known episode",
     {E(MISSING_EPISODE, "a", 1, EPISODE("e"))},
     E(MISSING_EPISODE, "x", 5, EPISODE("e"), PHASE(RETURNED)),
     false},
    {"a return to another episode",
     {E(MISSING_EPISODE, "a", 1, EPISODE("f"))},
     E(MISSING_EPISODE, "x", 5, EPISODE("e"), PHASE(RETURNED)),
     true},
    /* what it takes the place of */
    {"the same record, still young", {E(VISIT_DONE, "x", 0)}, E(VISIT_DONE, "x", 5), false},
    {"the same record, old", {E(VISIT_DONE, "x", -1)}, E(VISIT_DONE, "x", 5), true},
    {"the same record, that named an old day",
     {E(PLAN_STARTED, "x", 1, DAY(PLAN_STARTED_CPP_END_DATE, -1))},
     E(PLAN_STARTED, "x", 5),
     true},
    {"the same record, that named a young day",
     {E(PLAN_STARTED, "x", 1, DAY(PLAN_STARTED_CPP_END_DATE, 0))},
     E(PLAN_STARTED, "x", 5),
     false},
    {"the same record, that named an old instant",
     {E(VISIT_DONE, "x", 1, AT(VISIT_DONE_AUTHORISED_AT, -MICRO))},
     E(VISIT_DONE, "x", 5),
     true},
    {"another record, old", {E(VISIT_DONE, "y", -1)}, E(VISIT_DONE, "x", 5), false},
    /* an id that is used again */
    {"a plan that ended before the horizon",
     {E(PLAN_ENDED, "a", -1, PLAN("p"))},
     E(PLAN_STARTED, "x", 5, PLAN("p")),
     true},
    {"a plan that ended since", {E(PLAN_ENDED, "a", 0, PLAN("p"))}, E(PLAN_STARTED, "x", 5, PLAN("p")), false},
    {"another plan", {E(PLAN_ENDED, "a", -1, PLAN("q"))}, E(PLAN_STARTED, "x", 5, PLAN("p")), false},
    {"a plan that told of its end",
     {E(PLAN_STARTED, "a", -1, PLAN("p"), DAY(PLAN_STARTED_END_DATE, 9))},
     E(PLAN_STARTED, "x", 5, PLAN("p")),
     true},
    {"a plan changed that told of its end",
     {E(PLAN_STARTED, "a", -2, PLAN("p"), TYPE(CP)),
      E(PLAN_CHANGED, "b", -1, PLAN("p"), DAY(PLAN_CHANGED_END_DATE, 9))},
     E(PLAN_STARTED, "x", 5, PLAN("p")),
     true},
    {"a plan that told of none",
     {E(PLAN_STARTED, "a", -1, PLAN("p"), TYPE(CP))},
     E(PLAN_STARTED, "x", 5, PLAN("p")),
     false},
    {"a placement that ended before the horizon",
     {E(PLACEMENT_ENDED, "a", -1, PLACEMENT_E("l"))},
     E(PLACEMENT_STARTED, "x", 5, PLACEMENT("l")),
     true},
    {"a placement that began before the horizon",
     {E(PLACEMENT_STARTED, "a", -1, PLACEMENT("l"))},
     E(PLACEMENT_STARTED, "x", 5, PLACEMENT("l")),
     false},
    {"an allocation that ended before the horizon",
     {E(WORKER_ENDED, "a", -1, ALLOCATION_E("A"))},
     E(WORKER_ALLOCATED, "x", 5, ALLOCATION("A")),
     true},
    {"an episode of before the horizon",
     {E(MISSING_EPISODE, "a", -1, EPISODE("e"))},
     E(MISSING_EPISODE, "x", 5, EPISODE("e")),
     true},
    {"an id of another kind of thing",
     {E(PLACEMENT_ENDED, "a", -1, PLACEMENT_E("p"))},
     E(PLAN_STARTED, "x", 5, PLAN("p")),
     false},
    {"the second fact of before the horizon",
     {E(VISIT_DONE, "a", -2), E(PLAN_ENDED, "b", -1, PLAN("p"))},
     E(PLAN_STARTED, "x", 5, PLAN("p")),
     true},
    {"plans without an id, of one type", {E(PLAN_ENDED, "a", -1, TYPE(CP))}, E(PLAN_STARTED, "x", 5, TYPE(CP)), true},
    {"plans without an id, of two types",
     {E(PLAN_ENDED, "a", -1, TYPE(CP))},
     E(PLAN_STARTED, "x", 5, TYPE(CIN)),
     false},
    {"plans without an id or type", {E(PLAN_ENDED, "a", -1)}, E(PLAN_STARTED, "x", 5), true},
    {"a plan without an id, another without a type",
     {E(PLAN_ENDED, "a", -1, TYPE(CP))},
     E(PLAN_STARTED, "x", 5),
     false},
    {"placements without an id", {E(PLACEMENT_ENDED, "a", -1)}, E(PLACEMENT_STARTED, "x", 5), false},
    {"a plan whose id is no text",
     {E(PLAN_ENDED, "a", -1, NUMBER(PLAN_ENDED_PLAN_ID, 7))},
     E(PLAN_STARTED, "x", 5, NUMBER(PLAN_STARTED_PLAN_ID, 7)),
     true}, /* as without one */
    {"a plan whose type is no code",
     {E(PLAN_ENDED, "a", -1, NUMBER(PLAN_ENDED_PLAN_TYPE, DW_V_PLAN_TYPE_CP))},
     E(PLAN_STARTED, "x", 5),
     true}, /* as without one */
    {"a plan with an empty id", {E(PLAN_ENDED, "a", -1, PLAN(""))}, E(PLAN_STARTED, "x", 5), true},
    {"the end of a plan whose id is no text",
     {E(PLAN_STARTED, "a", 1, NUMBER(PLAN_STARTED_PLAN_ID, 7))},
     E(PLAN_ENDED, "x", 5, PLAN("p")),
     true},
    {"the end, its id no text, of a plan without one",
     {E(PLAN_STARTED, "a", 1)},
     E(PLAN_ENDED, "x", 5, NUMBER(PLAN_ENDED_PLAN_ID, 7)),
     false},
    /* what an old span is */
    {"an old plan that becomes another",
     {E(PLAN_STARTED, "a", -1, PLAN("p"), TYPE(PF))},
     E(PLAN_CHANGED, "x", 5, PLAN("p"), TYPE(CP)),
     true},
    {"an old plan that is called the same",
     {E(PLAN_STARTED, "a", -1, PLAN("p"), TYPE(PF))},
     E(PLAN_CHANGED, "x", 5, PLAN("p"), TYPE(PF)),
     false},
    {"a young plan that becomes another",
     {E(PLAN_STARTED, "a", 0, PLAN("p"), TYPE(PF))},
     E(PLAN_CHANGED, "x", 5, PLAN("p"), TYPE(CP)),
     false},
    {"a young plan that named an old day becomes another",
     {E(PLAN_STARTED, "a", 0, PLAN("p"), TYPE(PF)),
      E(PLAN_STARTED, "b", 0, PLAN("p"), DAY(PLAN_STARTED_CPP_END_DATE, -1))},
     E(PLAN_CHANGED, "x", 5, PLAN("p"), TYPE(CP)),
     true},
    {"an old plan of which nothing was said",
     {E(PLAN_STARTED, "a", -1, PLAN("p"))},
     E(PLAN_CHANGED, "x", 5, PLAN("p"), TYPE(CP)),
     true},
    {"an old plan of which something else is said, too",
     {E(PLAN_STARTED, "a", -1, PLAN("p"), TYPE(CP))},
     E(PLAN_CHANGED, "x", 5, PLAN("p"), TYPE(CP), CODE(PLAN_CHANGED_LATEST_CATEGORY, 1)),
     true},
    {"an old plan whose number changes",
     {E(PLAN_STARTED, "a", -1, PLAN("p"), TYPE(CP))},
     E(PLAN_CHANGED, "x", 5, PLAN("p"), NUMBER(PLAN_CHANGED_NUMBER_OF_PREVIOUS_CPP, 4)),
     false}, /* no code: rules choose by codes */
    {"an old plan that said it as a number",
     {E(PLAN_STARTED, "a", -1, PLAN("p"), NUMBER(PLAN_STARTED_PLAN_TYPE, DW_V_PLAN_TYPE_CP))},
     E(PLAN_CHANGED, "x", 5, PLAN("p"), TYPE(CP)),
     true},
    {"an old plan that said both",
     {E(PLAN_STARTED, "a", -2, PLAN("p"), TYPE(CP)), E(PLAN_CHANGED, "b", -1, PLAN("p"), TYPE(CIN))},
     E(PLAN_CHANGED, "x", 5, PLAN("p"), TYPE(CP)),
     true},
    {"another old plan becomes another",
     {E(PLAN_STARTED, "a", -1, PLAN("q"), TYPE(PF)), E(PLAN_STARTED, "b", 1, PLAN("p"))},
     E(PLAN_CHANGED, "x", 5, PLAN("p"), TYPE(CP)),
     false},
    {"a code that no schema has",
     {E(PLAN_STARTED, "a", -1, PLAN("p"), TYPE(CP))},
     E(PLAN_CHANGED, "x", 5, PLAN("p"), {999, 'c', 1, NULL}),
     true},
    {"an old placement whose reason is new",
     {E(PLACEMENT_STARTED, "a", -1, PLACEMENT("l"))},
     E(PLACEMENT_ENDED, "x", 5, PLACEMENT_E("l"), CODE(PLACEMENT_ENDED_REC, DW_V_REC_E12)),
     true},
};

static dw_record *head_of(const told *facts, size_t n)
{
    dw_record *rec = dw_record_new(DW_STR_LIT("941"), DW_STR_LIT("c-1"));
    ck_assert_ptr_nonnull(rec);
    for (size_t i = 0; i < n && facts[i].type != DW_EV_NONE; i++) {
        dw_event ev = make(&facts[i]);
        ck_assert_int_eq(dw_record_put(rec, &ev, (int64_t)i), DW_APPLIED);
    }
    rec->page_count = 1;
    rec->horizon = HORIZON;
    return rec;
}

START_TEST(pages_are_needed)
{
    dw_record *rec = head_of(rows[_i].head, 2);
    dw_event ev = make(&rows[_i].asked);
    ck_assert_msg(dw_record_needs_pages(rec, &ev) == rows[_i].needs, "%s", rows[_i].name);
    rec->pages_loaded = 1; /* they are there */
    ck_assert(!dw_record_needs_pages(rec, &ev));
    rec->pages_loaded = rec->page_count = 0; /* there are none */
    ck_assert(!dw_record_needs_pages(rec, &ev));
    dw_record_free(&rec);
}
END_TEST

/* What is asked for whatever the head says, or is not. */
START_TEST(by_the_kind_of_event)
{
    dw_record *rec = head_of(NULL, 0);
    const told young = E(VISIT_DONE, "x", 0), old = E(VISIT_DONE, "x", -1);
    dw_event ev = make(&young);
    ck_assert(dw_record_needs_pages(rec, NULL)); /* another policy */
    ck_assert(!dw_record_needs_pages(rec, &ev));
    ev.source_revision = 2;
    ck_assert(dw_record_needs_pages(rec, &ev));
    ev.source_revision = 0;
    ck_assert(!dw_record_needs_pages(rec, &ev));
    ev.op = DW_OP_AMEND;
    ck_assert(dw_record_needs_pages(rec, &ev));
    ev.op = DW_OP_VOID;
    ck_assert(dw_record_needs_pages(rec, &ev));
    const dw_event_type always[] = {DW_EV_IDENTITY_MERGED, DW_EV_IDENTITY_SPLIT, DW_EV_SUBJECT_MOVED};
    for (size_t i = 0; i < 3; i++) {
        ev = event_make(always[i], "x", dw_london_start_us(HORIZON));
        ck_assert(dw_record_needs_pages(rec, &ev));
    }
    uint16_t print = dw_alert_id_print(DW_STR_LIT("id"));
    rec->paged = &print;
    rec->paged_count = 1;
    ev = event_make(DW_EV_ALERT_ACKNOWLEDGED, "x", dw_london_start_us(HORIZON - 1));
    ck_assert(!dw_record_needs_pages(rec, &ev)); /* it names none */
    event_text(&ev, DW_F_ALERT_ACKNOWLEDGED_ALERT_ID, "id");
    ck_assert(dw_record_needs_pages(rec, &ev));
    print++;
    ck_assert(!dw_record_needs_pages(rec, &ev));
    /* a child that is another subject: it goes on there */
    ev = make(&old);
    ck_assert(dw_record_needs_pages(rec, &ev));
    rec->moved_to = DW_STR_LIT("941/c-2");
    ck_assert(!dw_record_needs_pages(rec, &ev));
    ev = event_make(DW_EV_IDENTITY_SPLIT, "x", dw_london_start_us(HORIZON));
    ck_assert(dw_record_needs_pages(rec, &ev));
    dw_record_free(&rec);
}
END_TEST

/* Of all there can be, these are in pages; each is found, and none between. */
START_TEST(fingerprints)
{
    dw_record *rec = head_of(NULL, 0);
    uint16_t prints[7];
    for (rec->paged_count = 0; rec->paged_count < 7; rec->paged_count++) {
        for (uint32_t i = 0; i < rec->paged_count; i++)
            prints[i] = (uint16_t)(3 * i + (i > 4 ? 65500 : 0));
        rec->paged = prints;
        uint32_t found = 0;
        for (uint32_t print = 0; print <= UINT16_MAX; print++)
            found += dw_record_print_paged(rec, (uint16_t)print);
        ck_assert_uint_eq(found, rec->paged_count);
        for (uint32_t i = 0; i < rec->paged_count; i++)
            ck_assert(dw_record_print_paged(rec, prints[i]));
    }
    dw_record_free(&rec);
}
END_TEST

/* Heads in the store hold them: what one build wrote another must find. */
START_TEST(fingerprints_stay_as_they_are)
{
    static const struct {
        dw_event_type type;
        uint16_t field, print;
    } all[] = {{DW_EV_PLAN_STARTED, DW_F_PLAN_STARTED_PLAN_ID, 17788},
               {DW_EV_PLACEMENT_STARTED, DW_F_PLACEMENT_STARTED_PLACEMENT_ID, 38440},
               {DW_EV_MISSING_EPISODE, DW_F_MISSING_EPISODE_EPISODE_ID, 41610},
               {DW_EV_CONTACT_RECEIVED, DW_F_CONTACT_RECEIVED_CONTACT_ID, 39551},
               {DW_EV_REFERRAL_RECEIVED, DW_F_REFERRAL_RECEIVED_REFERRAL_ID, 39463},
               {DW_EV_WORKER_ALLOCATED, DW_F_WORKER_ALLOCATED_ALLOCATION_ID, 6489}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        dw_value id = {.field = all[i].field, .kind = DW_VAL_STR, .s = DW_STR_LIT("C-17")};
        dw_fact fact = {.type = all[i].type, .values = &id, .value_count = 1};
        uint16_t print = 0;
        dw_fact_mark_values(&fact);
        ck_assert(dw_fact_span_print(&fact, &print));
        ck_assert_uint_eq(print, all[i].print);
    }
}
END_TEST

/* The key of the source record itself. */
START_TEST(by_key)
{
    dw_record *rec = head_of(NULL, 0);
    const told one = E(VISIT_DONE, "x", 0), other = E(VISIT_DONE, "y", 0);
    dw_event ev = make(&one), another = make(&other), nameless = ev, system = ev;
    nameless.source_record_id = (dw_str){NULL, 0};
    system.source_system = (dw_str){NULL, 0};
    const dw_event *all[] = {&ev, &another, &nameless, &system};
    for (size_t i = 0; i < 4; i++) {
        uint16_t print = (uint16_t)dw_record_key(all[i]);
        rec->paged = &print;
        rec->paged_count = 1;
        for (size_t k = 0; k < 4; k++)
            ck_assert(dw_record_needs_pages(rec, all[k]) == (i == k));
    }
    dw_record_free(&rec);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record_needs");
    TCase *tc = tcase_create("needs");
    tcase_add_loop_test(tc, pages_are_needed, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(tc, by_the_kind_of_event);
    tcase_add_test(tc, fingerprints);
    tcase_add_test(tc, fingerprints_stay_as_they_are);
    tcase_add_test(tc, by_key);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

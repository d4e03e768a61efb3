/* gen_fact.c: facts of the simulated authority: made, kept in a heap until the log reaches them, handed out as events. */

#include "daemon/cli/gen_internal.h"

#include <assert.h>

/* Letters of ids, by gen_text. */
static const char gen_letters[] = "CRAESPLVWMUOIHGTX";

uint32_t gen_record(gen_child *child)
{
    return ++child->records;
}

gen_fact gen_fact_begin(dw_gen *gen, gen_child *child, dw_event_type type, int64_t occurred_us)
{
    gen_fact fact = {.occurred_us = occurred_us,
                     .recorded_us = occurred_us,
                     .uid = ++gen->uids,
                     .team = GEN_TEAMS_NONE,
                     .type = (uint16_t)type,
                     .op = DW_OP_CREATE,
                     .revision = 1};
    if (child != NULL) {
        fact.child = child->number;
        fact.record = gen_record(child);
        fact.family = child->family;
        fact.team = child->team;
        fact.worker = child->worker;
        fact.restricted = child->restricted;
    }
    return fact;
}

static void add(gen_fact *fact, uint16_t field, dw_value_kind kind, gen_text text, int64_t value)
{
    assert(fact->field_count < GEN_FIELDS_MAX);
    /* ascending ids, as an event has them */
    unsigned at = fact->field_count++;
    for (; at > 0 && fact->fields[at - 1].field > field; at--)
        fact->fields[at] = fact->fields[at - 1];
    fact->fields[at] = (gen_field){.field = field, .kind = (uint8_t)kind, .text = (uint8_t)text, .value = value};
}
void gen_enum(gen_fact *fact, uint16_t field, int64_t value)
{
    if (value != 0)
        add(fact, field, DW_VAL_ENUM, GEN_ID_OTHER, value);
}
void gen_int(gen_fact *fact, uint16_t field, int64_t value)
{
    add(fact, field, DW_VAL_INT, GEN_ID_OTHER, value);
}
void gen_date(gen_fact *fact, uint16_t field, int32_t day)
{
    add(fact, field, DW_VAL_DATE, GEN_ID_OTHER, day);
}
void gen_instant(gen_fact *fact, uint16_t field, int64_t at_us)
{
    add(fact, field, DW_VAL_INSTANT, GEN_ID_OTHER, at_us);
}
void gen_id(gen_fact *fact, uint16_t field, gen_text text, uint32_t number)
{
    if (number != 0)
        add(fact, field, DW_VAL_STR, text, number);
}
void gen_ids(gen_fact *fact, uint16_t field, gen_text text, uint32_t number)
{
    if (number != 0)
        add(fact, field, DW_VAL_STRS, text, number);
}

/* --- the heap of what waits for the log: ascending (append time, order of making) */
static bool earlier(const struct gen_waiting *a, const struct gen_waiting *b)
{
    return a->log_us != b->log_us ? a->log_us < b->log_us : a->order < b->order;
}

static bool grow_facts(dw_gen *gen)
{
    uint32_t cap = gen->fact_cap == 0 ? 1024 : gen->fact_cap * 2;
    gen_fact *facts = realloc(gen->facts, cap * sizeof(*facts));
    if (facts == NULL)
        return false;
    gen->facts = facts;
    struct gen_waiting *heap = realloc(gen->heap, cap * sizeof(*heap));
    if (heap == NULL)
        return false;
    gen->heap = heap;
    gen->heap_cap = cap;
    for (uint32_t i = cap; i-- > gen->fact_cap;) {
        facts[i].record = gen->free_fact; /* free facts are a list through .record */
        gen->free_fact = i;
    }
    gen->fact_cap = cap;
    return true;
}

void gen_wait(dw_gen *gen, const gen_fact *fact)
{
    if (gen->free_fact == GEN_NONE && !grow_facts(gen)) {
        gen->out_of_memory = true;
        return;
    }
    uint32_t slot = gen->free_fact;
    gen->free_fact = gen->facts[slot].record;
    gen->facts[slot] = *fact;
    struct gen_waiting entry = {fact->log_us, ++gen->orders, slot};
    uint32_t at = gen->heap_count++;
    while (at > 0 && earlier(&entry, &gen->heap[(at - 1) / 2])) {
        gen->heap[at] = gen->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    gen->heap[at] = entry;
}

bool gen_waiting_before(const dw_gen *gen, int64_t log_us)
{
    return gen->heap_count != 0 && gen->heap[0].log_us < log_us;
}

static uint32_t pop(dw_gen *gen)
{
    uint32_t slot = gen->heap[0].fact;
    struct gen_waiting last = gen->heap[--gen->heap_count];
    uint32_t at = 0;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= gen->heap_count)
            break;
        if (child + 1 < gen->heap_count && earlier(&gen->heap[child + 1], &gen->heap[child]))
            child++;
        if (!earlier(&gen->heap[child], &last))
            break;
        gen->heap[at] = gen->heap[child];
        at = child;
    }
    gen->heap[at] = last;
    return slot;
}

/* --- publishing */
void gen_publish_after(dw_gen *gen, gen_fact *fact, int64_t delay_us)
{
    if (gen->loading) {
        fact->log_us = gen->load_us + GEN_LOAD_STEP_US - 1 - gen->load_facts;
        if (gen->load_facts < GEN_LOAD_STEP_US - 1)
            gen->load_facts++;
    } else {
        int64_t begin = dw_london_start_us(gen->today);
        fact->recorded_us = fact->occurred_us + delay_us;
        fact->log_us = fact->recorded_us + 2000000;
        if (fact->log_us < begin)
            fact->log_us = begin;
    }
    gen_wait(gen, fact);
}

/* Written up the same day, the next, or days later. */
static int64_t write_up_us(gen_child *child, const gen_fact *fact)
{
    dw_rng *rng = &child->rng;
    int late = 40 + child->slip / 6;
    int roll = (int)dw_rng_below(rng, 1000);
    if (roll >= late + 220)
        return fact->occurred_us + dw_rng_between(rng, 15, 240) * GEN_MINUTE_US;
    int days = roll >= late ? 1 : dw_rng_between(rng, 3, 12);
    int64_t at = gen_office_time(rng, gen_weekday(dw_london_day(fact->occurred_us) + days));
    return at > fact->occurred_us ? at : fact->occurred_us + GEN_HOUR_US;
}

static bool may_be_corrected(const gen_fact *fact)
{
    return fact->type == DW_EV_VISIT_DONE || fact->type == DW_EV_PLAN_REVIEW || fact->type == DW_EV_SUPERVISION_HELD ||
           fact->type == DW_EV_MEETING_HELD;
}

/* The record again with the true date, one or two days before the one first written down. */
static void correct(dw_gen *gen, gen_child *child, const gen_fact *first)
{
    gen_fact again = *first;
    int32_t day = dw_london_day(first->occurred_us);
    int32_t true_day = gen_weekday_before(day - dw_rng_between(&child->rng, 1, 2));
    again.uid = ++gen->uids;
    again.replaces = first->uid;
    again.revision = 2;
    again.op = DW_OP_AMEND;
    again.occurred_us -= (int64_t)(day - true_day) * 24 * GEN_HOUR_US;
    for (unsigned i = 0; i < again.field_count; i++)
        if (again.fields[i].kind == DW_VAL_DATE && again.fields[i].value == day)
            again.fields[i].value = true_day;
    again.recorded_us =
        gen_office_time(&child->rng, gen_weekday(dw_london_day(first->log_us) + dw_rng_between(&child->rng, 1, 15)));
    again.log_us = again.recorded_us + 3000000;
    gen_wait(gen, &again);
}

/* It was another child's: withdrawn. The body of a void may be empty. */
static void withdraw(dw_gen *gen, gen_child *child, const gen_fact *first)
{
    gen_fact gone = *first;
    gone.uid = ++gen->uids;
    gone.replaces = first->uid;
    gone.revision = 2;
    gone.op = DW_OP_VOID;
    gone.field_count = 0;
    gone.recorded_us =
        gen_office_time(&child->rng, gen_weekday(dw_london_day(first->log_us) + dw_rng_between(&child->rng, 1, 10)));
    gone.log_us = gone.recorded_us + 3000000;
    gen_wait(gen, &gone);
}

void gen_publish(dw_gen *gen, gen_child *child, gen_fact *fact)
{
    if (gen->loading) {
        gen_publish_after(gen, fact, 0);
        return;
    }
    fact->recorded_us = write_up_us(child, fact);
    fact->log_us = fact->recorded_us + dw_rng_between(&child->rng, 2, 40) * 1000000LL;
    int64_t begin = dw_london_start_us(gen->today);
    if (fact->log_us < begin)
        fact->log_us = begin;
    child->recorded = dw_london_day(fact->log_us);
    gen_wait(gen, fact);
    int roll = (int)dw_rng_below(&child->rng, 1000);
    if (roll < 5) { /* the feed sends it twice */
        gen_fact twice = *fact;
        twice.log_us += dw_rng_between(&child->rng, 1, 60) * GEN_MINUTE_US;
        gen_wait(gen, &twice);
    } else if (roll < 17 && may_be_corrected(fact)) {
        correct(gen, child, fact);
    } else if (roll < 20 && may_be_corrected(fact)) {
        withdraw(gen, child, fact);
    }
}

/* --- handing out */
static dw_str keep(dw_gen *gen, int len)
{
    return (dw_str){gen->text[gen->text_used++], (uint32_t)len};
}
static char *room(dw_gen *gen)
{
    assert(gen->text_used < sizeof(gen->text) / sizeof(gen->text[0]));
    return gen->text[gen->text_used];
}

/* Decimal digits of n at p; at least `width`. */
static char *digits(char *p, uint64_t n, int width)
{
    char reversed[24];
    int count = 0;
    do {
        reversed[count++] = (char)('0' + n % 10);
        n /= 10;
    } while (n != 0);
    while (count < width)
        reversed[count++] = '0';
    while (count > 0)
        *p++ = reversed[--count];
    return p;
}

static dw_str id_text(dw_gen *gen, char letter, uint32_t child, uint32_t number)
{
    char *begin = room(gen);
    char *p = begin;
    *p++ = letter;
    p = digits(p, child, 7);
    if (number != 0) {
        *p++ = '-';
        p = digits(p, number, 1);
    }
    return keep(gen, (int)(p - begin));
}

static dw_str uuid_text(dw_gen *gen, uint64_t uid)
{
    static const char hex[] = "0123456789abcdef";
    uint64_t high = dw_rng_mix(gen->config.seed ^ (uid * 0x9e3779b97f4a7c15u));
    uint64_t low = dw_rng_mix(high + uid);
    high = (high & ~0xf000ull) | 0x4000ull;
    low = (low & ~(3ull << 62)) | (2ull << 62);
    char *begin = room(gen);
    char *p = begin;
    for (int i = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            *p++ = '-';
        uint64_t half = i < 16 ? high : low;
        *p++ = hex[(half >> (60 - 4 * (i % 16))) & 15];
    }
    return keep(gen, (int)(p - begin));
}

static const char *const gen_team_names[GEN_TEAM_KINDS] = {"front-door",   "assessment", "safeguarding", "looked-after",
                                                           "care-leavers", "fostering",  "disabilities"};

static dw_str team_text(dw_gen *gen, uint16_t team)
{
    unsigned kind = 0;
    while (kind + 1 < GEN_TEAM_KINDS && team >= gen->team_first[kind + 1])
        kind++;
    char *p = room(gen);
    const char *name = gen_team_names[kind];
    size_t len = strlen(name);
    memcpy(p, name, len);
    p[len++] = '-';
    char *end = digits(p + len, (uint64_t)(team - gen->team_first[kind]) + 1, 2);
    return keep(gen, (int)(end - p));
}

static dw_str worker_text(dw_gen *gen, uint32_t worker)
{
    char *p = room(gen);
    p[0] = 'S';
    p[1] = 'W';
    char *end = digits(p + 2, worker, 6);
    return keep(gen, (int)(end - p));
}

static void hand_out_values(dw_gen *gen, const gen_fact *fact, dw_event *out)
{
    out->value_count = fact->field_count;
    unsigned lists = 0;
    for (unsigned i = 0; i < fact->field_count; i++) {
        const gen_field *field = &fact->fields[i];
        dw_value *value = &out->values[i];
        *value = (dw_value){.field = field->field, .kind = field->kind};
        if (field->kind == DW_VAL_STR) {
            value->s = id_text(gen, gen_letters[field->text], fact->child, (uint32_t)field->value);
        } else if (field->kind == DW_VAL_STRS) {
            gen->list[lists] = id_text(gen, gen_letters[field->text], fact->child, (uint32_t)field->value);
            value->list = &gen->list[lists++];
            value->n = 1;
        } else {
            value->i = field->value;
        }
    }
}

void gen_take(dw_gen *gen, dw_event *out, int64_t *log_us)
{
    uint32_t slot = pop(gen);
    gen_fact *fact = &gen->facts[slot];
    gen->text_used = 0;
    memset(out, 0, offsetof(dw_event, values));
    out->type = (dw_event_type)fact->type;
    out->op = (dw_op)fact->op;
    out->occurred_precision = fact->date_only ? DW_PRECISION_DATE : DW_PRECISION_MINUTE;
    out->schema_version = 1;
    out->source_revision = fact->revision;
    out->occurred_at_us = fact->occurred_us;
    out->event_id = uuid_text(gen, fact->uid);
    if (fact->child != 0) {
        out->restricted = fact->restricted ? DW_ANSWER_Y : DW_ANSWER_N;
        out->recorded_at_us = fact->recorded_us;
        out->la_code = (dw_str){gen->la_code, 3};
        out->child_ref = id_text(gen, 'C', fact->child, 0);
        out->source_system = fact->by_police ? DW_STR_LIT("POLICE") : DW_STR_LIT("LCS");
        out->source_record_id = id_text(gen, fact->by_police ? 'N' : 'R', fact->child, fact->record);
        if (fact->replaces != 0)
            out->supersedes = uuid_text(gen, fact->replaces);
        if (fact->family != 0)
            out->family_ref = id_text(gen, 'F', fact->family, 0);
        if (fact->team != GEN_TEAMS_NONE)
            out->team_id = team_text(gen, fact->team);
        if (fact->worker != 0)
            out->worker_ref = worker_text(gen, fact->worker);
    } else {
        out->source_system = DW_STR_LIT("driftwatch");
        out->source_record_id = DW_STR_LIT("tick");
    }
    hand_out_values(gen, fact, out);
    *log_us = fact->log_us;
    fact->record = gen->free_fact;
    gen->free_fact = slot;
}

/* record_fold.c: moving settled facts from the head to pages.
 *
 * A fact is settled when it is older than its type's look-back, no answer rests on it (dw_evaluate_pin, which also keeps
 * spans whole), and no fact that stays speaks of the same cancelled episode. Evaluating that
 * costs as much as a turn, so it is tried only when enough facts have grown old enough (fold_day) or have been put
 * since (fold_puts), and pages are written some dozens of facts at a time. Closed alerts follow the facts they are about. */

#include "field_ids.h"
#include "handlers/derive.h"
#include "handlers/evaluate.h"
#include "handlers/reconcile.h"
#include "handlers/record_wire.h"

#include <assert.h>
#include <stdlib.h>

/* A create of this many days after the last folded fact may still touch it (an episode within the hour, a placement on
 * the next day), so the horizon lies behind that. */
#define HORIZON_MARGIN_DAYS 2

static bool pages_are_loaded(const dw_record *rec)
{
    return rec->page_count != 0 && rec->pages_loaded == rec->page_count;
}

/* --- when */

static int32_t folds_from(const dw_fact *fact, const dw_policy *policy)
{
    return fact->day + dw_policy_lookback_days(policy, fact->type) + 1;
}

static uint32_t count_old(const dw_record *rec, const dw_policy *policy, int32_t today)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < rec->fact_count; i++)
        n += folds_from(&rec->facts[i], policy) <= today;
    return n;
}

static int compare_days(const void *a, const void *b)
{
    int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;
    return (left > right) - (left < right);
}

/* The day on which `missing` (one at least) more facts will have grown old enough. */
static bool plan_next_try(dw_record *rec, const dw_policy *policy, int32_t today, uint32_t missing, dw_buf *work)
{
    uint32_t n = 0;
    work->len = 0;
    if (!dw_buf_reserve(work, ((size_t)rec->fact_count + 1) * sizeof(int32_t)))
        return false;
    int32_t *days = (int32_t *)(void *)work->data;
    for (uint32_t i = 0; i < rec->fact_count; i++) {
        int32_t day = folds_from(&rec->facts[i], policy);
        if (day > today)
            days[n++] = day;
    }
    rec->fold_puts = 0;
    rec->fold_day = DW_DAY_OPEN;
    if (n >= missing) {
        qsort(days, n, sizeof *days, compare_days);
        rec->fold_day = days[missing - 1];
    }
    return true;
}

/* --- what */

/* Is the fact a record of that episode, by its id? A CANCELLED one takes the others' span away, so no span holds them
 * together. */
static bool same_episode(const dw_fact *fact, const dw_fact *episode)
{
    dw_str id = dw_fact_text(fact, DW_F_MISSING_EPISODE_EPISODE_ID);
    return fact->type == DW_EV_MISSING_EPISODE && id.len != 0 &&
           dw_str_eq(id, dw_fact_text(episode, DW_F_MISSING_EPISODE_EPISODE_ID));
}

/* Take out of `settled` the records of an episode of which another one stays. */
static void keep_episodes_whole(const dw_record *rec, bool *settled)
{
    for (uint32_t i = 0; i < rec->fact_count; i++)
        for (uint32_t k = 0; k < rec->fact_count && settled[i] && rec->facts[i].type == DW_EV_MISSING_EPISODE; k++)
            if (!settled[k] && same_episode(&rec->facts[k], &rec->facts[i]))
                settled[i] = false;
}

static dw_errc no_memory(dw_error *err)
{
    return dw_fail(err, DW_E_NOMEM, "no memory to fold a record");
}

/* Mark in `settled` what may go and count it. Less than `least` is only said to be less. False: out of memory. */
static bool find_settled(dw_record *rec, const dw_policy *policy, uint32_t least, dw_arena *arena, bool *settled,
                         uint32_t *count)
{
    int32_t today = dw_london_day(rec->clock_us);
    uint32_t n = 0;
    const dw_chronology *chron = dw_chronology_derive(rec, rec->clock_us, arena);
    if (chron == NULL || !dw_evaluate_pin(rec, chron, policy, least, arena, count))
        return false;
    if (*count < least)
        return true;
    for (uint32_t i = 0; i < rec->fact_count; i++)
        settled[i] = (rec->facts[i].flags & DW_FACTF_PINNED) == 0 && folds_from(&rec->facts[i], policy) <= today;
    keep_episodes_whole(rec, settled);
    for (uint32_t i = 0; i < rec->fact_count; i++)
        n += settled[i];
    *count = n;
    return true;
}

/* --- pages */

/* What goes to pages: facts or, in pages of their own, closed alerts; the other is NULL. */
typedef struct moving {
    const dw_fact *facts;
    const dw_alert *alerts;
} moving;

/* Append one page of items 0..n-1 to out->pages; *len gets its length. */
static bool write_page(dw_encoded *out, moving items, uint32_t n, size_t *len)
{
    dw_strings set;
    size_t start = out->pages.len;
    uint8_t format = DW_RECORD_FORMAT;
    out->body.len = 0;
    if (!dw_strings_init(&set, &out->strings, &out->slots) ||
        !dw_facts_write(&out->body, &set, items.facts, items.facts != NULL ? n : 0) ||
        (items.alerts != NULL && !dw_alerts_write(&out->body, &set, items.alerts, n, 0)) ||
        !dw_buf_append(&out->pages, &format, 1) || !dw_strings_write(&set, &out->pages) ||
        !dw_buf_append(&out->pages, out->body.data, out->body.len))
        return false;
    *len = out->pages.len - start;
    return true;
}

static bool add_write(dw_encoded *out, dw_page_write write)
{
    if (out->write_count == out->write_cap) {
        uint32_t cap = out->write_cap == 0 ? 16 : out->write_cap * 2;
        dw_page_write *grown = realloc(out->writes, cap * sizeof *grown);
        if (grown == NULL)
            return false;
        out->writes = grown;
        out->write_cap = cap;
    }
    out->writes[out->write_count++] = write;
    return true;
}

/* Write items 0..n-1 to pages from index `first` on. */
static dw_errc write_pages(dw_encoded *out, moving items, uint32_t n, uint32_t first, dw_error *err)
{
    uint32_t guess = 64;
    while (n > 0) {
        size_t len = 0, start = out->pages.len;
        uint32_t take = guess < n ? guess : n;
        for (;;) {
            if (!write_page(out, items, take, &len))
                return no_memory(err);
            if (len <= DW_PAGE_BYTES_MAX || take == 1)
                break;
            out->pages.len = start;
            take = (uint32_t)((uint64_t)take * (DW_PAGE_BYTES_MAX * 15 / 16) / len);
            take = take == 0 ? 1 : take;
            guess = take;
        }
        if (!add_write(out, (dw_page_write){first + out->write_count, start, len}))
            return no_memory(err);
        if (items.facts != NULL)
            items.facts += take;
        else
            items.alerts += take;
        n -= take;
    }
    return DW_OK;
}

static int compare_prints(const void *a, const void *b)
{
    return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

static bool reserve_prints(dw_record *rec, uint32_t more)
{
    if (rec->paged_cap - rec->paged_count >= more)
        return true;
    uint32_t cap = rec->paged_count + more + 32;
    uint16_t *paged = dw_arena_alloc(rec->arena, cap * sizeof *paged);
    if (paged == NULL)
        return false;
    if (rec->paged_count != 0)
        memcpy(paged, rec->paged, rec->paged_count * sizeof *paged);
    rec->paged = paged;
    rec->paged_cap = cap;
    return true;
}

/* There is room for it. */
static void add_print(dw_record *rec, uint16_t print)
{
    if (dw_record_print_paged(rec, print))
        return;
    uint32_t at = rec->paged_count++;
    for (; at > 0 && rec->paged[at - 1] > print; at--)
        rec->paged[at] = rec->paged[at - 1];
    rec->paged[at] = print;
}

/* Of every key (one at least), and once of every span: the facts of a span have one id. */
static bool add_prints(dw_record *rec, const dw_fact *facts, uint32_t n)
{
    uint16_t print;
    if (!reserve_prints(rec, 2 * n))
        return false;
    for (uint32_t i = 0; i < n; i++)
        rec->paged[rec->paged_count++] = (uint16_t)facts[i].key;
    qsort(rec->paged, rec->paged_count, sizeof *rec->paged, compare_prints);
    for (uint32_t i = 0; i < n; i++) {
        if (dw_fact_span_print(&facts[i], &print))
            add_print(rec, print);
    }
    return true;
}

static void raise_horizon(dw_record *rec, int32_t day)
{
    if (rec->horizon < day)
        rec->horizon = day;
}

/* Move the marked facts from the record to pages behind those it has (none, when they were loaded). */
static dw_errc move_to_pages(dw_record *rec, const bool *move, uint32_t n, dw_encoded *out, dw_error *err)
{
    uint32_t kept = 0, moved = 0;
    uint32_t first = rec->page_count - out->write_count;
    dw_fact *gone = n == 0 ? NULL : dw_arena_alloc(out->arena, n * sizeof *gone);
    if (n == 0)
        return DW_OK;
    if (gone == NULL)
        return no_memory(err);
    for (uint32_t i = 0; i < rec->fact_count; i++)
        if (move[i])
            gone[moved++] = rec->facts[i];
    assert(moved == n);
    dw_errc rc = write_pages(out, (moving){.facts = gone}, n, first, err);
    if (rc != DW_OK)
        return rc;
    if (!add_prints(rec, gone, n))
        return no_memory(err);
    dw_record_forget_spans(rec);
    for (uint32_t i = 0; i < rec->fact_count; i++)
        if (!move[i])
            rec->facts[kept++] = rec->facts[i];
    rec->fact_count = kept;
    rec->page_count = first + out->write_count;
    raise_horizon(rec, gone[n - 1].day + HORIZON_MARGIN_DAYS);
    return DW_OK;
}

/* --- closed alerts */

static bool is_one_of(const dw_value *value, dw_str id)
{
    if (value->kind == DW_VAL_STR)
        return dw_str_eq(value->s, id);
    for (uint32_t i = 0; value->kind == DW_VAL_STRS && i < value->n; i++)
        if (dw_str_eq(value->list[i], id))
            return true;
    return false;
}

/* Does the fact speak of this id in any of its fields, or is a span without one called so after it? */
static bool fact_names(const dw_fact *fact, dw_str id)
{
    char name[DW_DERIVED_NAME_LEN];
    for (uint32_t i = 0; i < fact->value_count; i++)
        if (is_one_of(&fact->values[i], id))
            return true;
    dw_derived_name(fact, name);
    return dw_str_eq(id, (dw_str){name, sizeof name});
}

/* May the memory of this alert go? It is closed, or a flag that was raised; it is about something else than the child, and
 * nothing in the head speaks of that, so that no duty of its subject can come about without the pages: whatever names
 * the subject asks for them by its fingerprint. (What is about the child is bounded by the number of rules.) */
static bool alert_may_go(const dw_record *rec, const dw_alert *alert)
{
    uint16_t print;
    if ((alert->state != DW_AL_CLOSED && alert->state != DW_AL_FLAG) || alert->touched ||
        !dw_alert_subject_print(alert, &print))
        return false;
    for (uint32_t i = 0; i < rec->fact_count; i++)
        if (fact_names(&rec->facts[i], alert->subject_id))
            return false;
    return true;
}

/* Move to pages what may go, when it is `least` or more; then *moved says how many. */
static dw_errc move_alerts(dw_record *rec, uint32_t least, dw_encoded *out, uint32_t *moved, dw_error *err)
{
    uint32_t first = rec->page_count - out->write_count, n = 0, kept = 0;
    dw_alert *gone = dw_arena_alloc(out->arena, (rec->alert_count + 1) * sizeof *gone);
    if (gone == NULL)
        return no_memory(err);
    for (uint32_t i = 0; i < rec->alert_count; i++)
        if (alert_may_go(rec, &rec->alerts[i]))
            gone[n++] = rec->alerts[i];
    if (n < least)
        return DW_OK;
    if (!reserve_prints(rec, 2 * n))
        return no_memory(err);
    dw_errc rc = write_pages(out, (moving){.alerts = gone}, n, first, err);
    if (rc != DW_OK)
        return rc;
    for (uint32_t i = 0, g = 0; i < rec->alert_count; i++) {
        const dw_alert *alert = &rec->alerts[i];
        if (g == n || !dw_str_eq(alert->rule_id, gone[g].rule_id) ||
            !dw_str_eq(alert->subject_kind, gone[g].subject_kind) ||
            !dw_str_eq(alert->subject_id, gone[g].subject_id)) {
            rec->alerts[kept++] = *alert;
            continue;
        }
        char id[DW_UUID_TEXT_LEN + 1];
        uint16_t print;
        dw_alert_id(rec->la_code, rec->child_ref, alert->rule_id, alert->subject_kind, alert->subject_id, id);
        add_print(rec, dw_alert_id_print(dw_str_from(id)));
        (void)dw_alert_subject_print(alert, &print); /* it is about something, or it might not have gone */
        add_print(rec, print);
        g++;
    }
    rec->alert_count = kept;
    rec->page_count = first + out->write_count;
    *moved = n;
    return DW_OK;
}

/* --- the whole */

/* Forget the stored pages: all their facts are in the record, and what goes to pages now makes them anew. */
static void forget_pages(dw_record *rec)
{
    rec->page_count = rec->pages_loaded = rec->paged_count = 0;
    rec->horizon = DW_DAY_NONE;
}

static bool work_space(dw_encoded *out)
{
    if (out->arena == NULL)
        out->arena = dw_arena_new(DW_RECORD_ARENA_BYTES_MAX);
    else
        dw_arena_reset(out->arena);
    return out->arena != NULL;
}

/* Pages were loaded and there is no policy to judge by: what came from pages goes back. */
static dw_errc put_back(dw_record *rec, dw_encoded *out, dw_error *err)
{
    uint32_t n = 0;
    bool *move = work_space(out) ? dw_arena_alloc(out->arena, rec->fact_count + 1) : NULL;
    if (move == NULL)
        return no_memory(err);
    for (uint32_t i = 0; i < rec->fact_count; i++) {
        move[i] = (rec->facts[i].flags & DW_FACTF_PAGED) != 0;
        n += move[i];
    }
    forget_pages(rec);
    return move_to_pages(rec, move, n, out, err);
}

dw_errc dw_record_fold(dw_record *rec, const dw_policy *policy, dw_encoded *out, dw_error *err)
{
    bool loaded = pages_are_loaded(rec);
    assert(rec->pages_loaded == 0 || loaded); /* all pages or none */
    if (policy == NULL)
        return loaded ? put_back(rec, out, err) : DW_OK;
    int32_t today = dw_london_day(rec->clock_us);
    if (!loaded && today < rec->fold_day && rec->fold_puts < DW_FOLD_PUTS)
        return DW_OK;
    uint32_t old = count_old(rec, policy, today);
    if (!loaded && old < DW_FOLD_FACTS_MIN)
        return plan_next_try(rec, policy, today, DW_FOLD_FACTS_MIN - old, &out->body) ? DW_OK : no_memory(err);
    bool *settled = work_space(out) ? dw_arena_alloc(out->arena, rec->fact_count + 1) : NULL;
    uint32_t n = 0;
    if (settled == NULL || !find_settled(rec, policy, loaded ? 0 : DW_FOLD_FACTS_MIN, out->arena, settled, &n))
        return no_memory(err);
    if (loaded)
        forget_pages(rec);
    uint32_t missing = DW_FOLD_FACTS_MORE;
    if (n >= DW_FOLD_FACTS_MIN) {
        missing = DW_FOLD_FACTS_MIN;
        dw_errc rc = move_to_pages(rec, settled, n, out, err);
        if (rc != DW_OK)
            return rc;
        raise_horizon(rec, today - DW_FOLD_DAYS_MIN); /* pins reckon with later creates from that day on only */
        uint32_t alerts = 0;
        rc = move_alerts(rec, DW_FOLD_ALERTS_MIN, out, &alerts, err);
        if (rc != DW_OK)
            return rc;
    }
    for (uint32_t i = 0; i < rec->fact_count; i++)
        rec->facts[i].flags &= ~DW_FACTF_PAGED;
    return plan_next_try(rec, policy, today, missing, &out->body) ? DW_OK : no_memory(err);
}

/* Closed alerts first, then what is settled though too little for a fold, then, with `counted` or without a policy (which asks
 * for the pages when it comes), the oldest of all: young evidence is not marked as pinned, but the duty it answers stays
 * with it. More than must go, or each turn would shed a fact. */
dw_errc dw_record_shed(dw_record *rec, const dw_policy *policy, dw_encoded *out, size_t excess, bool counted,
                       dw_error *err)
{
    int last = policy == NULL || counted;
    size_t shed = 0;
    uint32_t n = 0, alerts = 0;
    if (!work_space(out))
        return no_memory(err);
    dw_errc rc = move_alerts(rec, 1, out, &alerts, err);
    if (rc != DW_OK || alerts != 0)
        return rc;
    bool *move = dw_arena_alloc(out->arena, rec->fact_count + 1), *settled = NULL;
    if (move != NULL && policy != NULL)
        settled = dw_arena_alloc(out->arena, rec->fact_count + 1);
    uint32_t ready;
    if (move == NULL ||
        (policy != NULL && (settled == NULL || !find_settled(rec, policy, 0, out->arena, settled, &ready))))
        return no_memory(err);
    for (int all = settled == NULL; all <= last; all++)
        for (uint32_t i = 0; i < rec->fact_count && shed <= excess + DW_HEAD_BYTES_MAX / 8; i++) {
            if (move[i] || (!all && !settled[i]))
                continue;
            move[i] = true;
            n++;
            shed += dw_fact_bytes_max(&rec->facts[i]) / 4; /* about what it takes; too little means another round */
        }
    rec->counters[0] += n;
    return move_to_pages(rec, move, n, out, err);
}

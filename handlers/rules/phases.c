/* phases.c: the parts of a span in which a rule speaks for it: maximal runs of days at whose end the condition of `over` holds and
 * no span of `outside` is open. A duty begins anew with each of them (readings 13). */

#include "handlers/rules/rules.h"

typedef struct phase_days {
    int32_t *day; /* ascending: the first day of the span, and those on which the answer may change */
    uint32_t n;
} phase_days;

static void add_day(phase_days *days, const dw_span *span, int32_t today, int32_t day)
{
    if (day <= span->start_day || day > today || (span->end_day != DW_DAY_OPEN && day >= span->end_day))
        return;
    uint32_t at = days->n;
    while (days->day[at - 1] > day) /* the first is the start of the span, before all others */
        at--;
    if (days->day[at - 1] == day)
        return;
    memmove(&days->day[at + 1], &days->day[at], (days->n - at) * sizeof days->day[0]);
    days->day[at] = day;
    days->n++;
}

/* First day at whose end the span is no longer open. */
static int32_t gone_day(const dw_span *span)
{
    return span->end_us == DW_AT_NEVER ? DW_DAY_OPEN : dw_london_day(span->end_us);
}

static uint32_t days_at_most(const dw_eval *ev, const dw_rule *rule, const dw_span *span)
{
    uint32_t n = 1 + span->fact_count + (span->within != NULL ? span->within->fact_count : 0);
    for (uint32_t r = 0; r < rule->outside_count; r++) {
        dw_span_family family = rule->outside[r].family;
        for (uint32_t i = 0; i < ev->chron->span_count[family]; i++)
            n += 2 + ev->chron->spans[family][i].fact_count;
    }
    return n;
}

static bool find_days(dw_eval *ev, const dw_rule *rule, const dw_span *span, phase_days *days)
{
    int32_t today = ev->chron->today;
    *days = (phase_days){dw_arena_alloc(ev->arena, days_at_most(ev, rule, span) * sizeof *days->day), 1};
    if (days->day == NULL) {
        ev->nomem = true;
        return false;
    }
    days->day[0] = span->start_day;
    for (uint32_t i = 0; i < span->fact_count; i++)
        add_day(days, span, today, span->facts[i]->day);
    for (uint32_t i = 0; span->within != NULL && i < span->within->fact_count; i++)
        add_day(days, span, today, span->within->facts[i]->day);
    for (uint32_t r = 0; r < rule->outside_count; r++) {
        const dw_span *others = ev->chron->spans[rule->outside[r].family];
        for (uint32_t k = 0; k < ev->chron->span_count[rule->outside[r].family]; k++) {
            add_day(days, span, today, others[k].start_day);
            add_day(days, span, today, gone_day(&others[k]));
            for (uint32_t i = 0; rule->outside[r].where != NULL && i < others[k].fact_count; i++)
                add_day(days, span, today, others[k].facts[i]->day);
        }
    }
    return true;
}

static bool holds(const dw_eval *ev, const dw_rule *rule, const dw_span *span, int32_t day)
{
    for (uint32_t r = 0; r < rule->outside_count; r++) {
        const dw_span *others = ev->chron->spans[rule->outside[r].family];
        for (uint32_t k = 0; k < ev->chron->span_count[rule->outside[r].family]; k++)
            if (others[k].start_day <= day && day < gone_day(&others[k]) &&
                dw_pred_span(rule->outside[r].where, &others[k], day))
                return false;
    }
    return dw_pred_span(rule->over.where, span, day);
}

/* What happened on the day that made the difference: a fact of the span, else the start, the end or a fact of a span of
 * `outside`. (What care says while no placement runs comes on the last day of one or the first of the next.) NULL: a
 * birthday. */
static const dw_fact *cause_on(const dw_eval *ev, const dw_rule *rule, const dw_span *span, int32_t day)
{
    for (uint32_t i = span->fact_count; i-- > 0;)
        if (span->facts[i]->day == day)
            return span->facts[i];
    for (uint32_t r = 0; r < rule->outside_count; r++) {
        const dw_span *others = ev->chron->spans[rule->outside[r].family];
        for (uint32_t k = 0; k < ev->chron->span_count[rule->outside[r].family]; k++) {
            if (others[k].start_day == day)
                return others[k].opened_by;
            if (gone_day(&others[k]) == day && others[k].closed_by != NULL)
                return others[k].closed_by;
            for (uint32_t i = rule->outside[r].where != NULL ? others[k].fact_count : 0; i-- > 0;)
                if (others[k].facts[i]->day == day)
                    return others[k].facts[i];
        }
    }
    return NULL;
}

/* From day number `from` until day number `until`; until == n: to the end of the span. */
static dw_span make_phase(const dw_eval *ev, const dw_rule *rule, const dw_span *span, const phase_days *days,
                          uint32_t from, uint32_t until)
{
    dw_span phase = *span;
    phase.whole = span;
    if (phase.id_count == 1)
        phase.ids = &span->id;
    if (from > 0) {
        phase.start_day = days->day[from];
        phase.start_us = dw_london_start_us(phase.start_day);
        phase.start_approximate = true;
        phase.opened_by = cause_on(ev, rule, span, phase.start_day);
    }
    if (until < days->n) {
        phase.end_day = days->day[until];
        phase.end_us = dw_london_start_us(phase.end_day);
        phase.end = DW_END_REPLACED;
        phase.end_approximate = true;
        phase.closed_by = cause_on(ev, rule, span, phase.end_day);
    }
    return phase;
}

/* Phases in descending order of days into out[0], out[1] ..; where only what runs now matters, no more than the last. */
static uint32_t find_phases(dw_eval *ev, const dw_rule *rule, const dw_span *span, const phase_days *days, dw_span *out)
{
    uint32_t n = 0, until = days->n;
    bool inside = false;
    for (uint32_t i = days->n; i-- > 0;) {
        bool now = holds(ev, rule, span, days->day[i]);
        if (inside && !now)
            out[n++] = make_phase(ev, rule, span, days, i + 1, until);
        if (!now && ev->skip_over)
            return n;
        if (!now)
            until = i;
        inside = now;
    }
    if (inside)
        out[n++] = make_phase(ev, rule, span, days, 0, until);
    return n;
}

/* Before folding: whatever decides where the phases lie. */
static void pin_outside(dw_eval *ev, const dw_rule *rule, const dw_span *span)
{
    for (uint32_t r = 0; r < rule->outside_count; r++) {
        const dw_span *others = ev->chron->spans[rule->outside[r].family];
        for (uint32_t k = 0; k < ev->chron->span_count[rule->outside[r].family]; k++)
            if (others[k].start_us < span->end_us && others[k].end_us > span->start_us)
                dw_eval_pin_span(ev, &others[k]);
    }
}

const dw_span *dw_eval_phases(dw_eval *ev, const dw_rule *rule, const dw_span *span, uint32_t *count)
{
    *count = 0;
    if (!rule->phases) {
        *count = dw_eval_selected(ev, &rule->over, span);
        return span;
    }
    phase_days days;
    if (!find_days(ev, rule, span, &days))
        return NULL;
    dw_span *out = dw_arena_alloc(ev->arena, (days.n + 1) * sizeof *out);
    if (out == NULL) {
        ev->nomem = true;
        return NULL;
    }
    uint32_t n = find_phases(ev, rule, span, &days, out);
    for (uint32_t i = 0; i < n / 2; i++) {
        dw_span swap = out[i];
        out[i] = out[n - 1 - i];
        out[n - 1 - i] = swap;
    }
    if (ev->pin) { /* a later fact may make the whole of it one */
        pin_outside(ev, rule, span);
        out[n++] = *span;
    }
    *count = n;
    return out;
}

void dw_eval_each_part(dw_eval *ev, const dw_rule *rule, dw_part_duty *duty)
{
    uint32_t count;
    const dw_span *spans = dw_eval_spans(ev, &rule->over, &count);
    dw_eval_pin_anchors(ev, rule);
    for (uint32_t i = 0; i < count; i++) {
        if (dw_eval_settled(ev, &spans[i]))
            continue;
        uint32_t parts;
        const dw_span *part = dw_eval_phases(ev, rule, &spans[i], &parts);
        for (uint32_t k = 0; k < parts; k++)
            duty(ev, rule, &part[k]);
    }
}

/* policy.c: building, sealing and reading a policy. */

#include "handlers/policy_reads.h"

#include <assert.h>

#define LINES_MAX 4096 /* teams of one authority: hundreds; bounds the organisation text */

struct dw_policy {
    unsigned refs;
    bool sealed;
    dw_arena *arena;
    dw_rule *rules[DW_RULES_MAX];
    size_t rule_count;
    dw_ladder ladders[DW_P3 + 1];
    dw_line *lines; /* ascending team_id once sealed */
    size_t line_count, line_cap;
    dw_calendar *calendar;
    uint32_t number;
    dw_str digest;
    int64_t cut_over_us;
    dw_policy_reads reads;
};

dw_policy *dw_policy_new(size_t arena_limit_bytes)
{
    dw_policy *policy = calloc(1, sizeof *policy);
    if (policy == NULL)
        return NULL;
    policy->arena = dw_arena_new(arena_limit_bytes);
    if (policy->arena == NULL) {
        free(policy);
        return NULL;
    }
    policy->refs = 1;
    policy->cut_over_us = DW_AT_NONE;
    return policy;
}

dw_arena *dw_policy_arena(dw_policy *policy)
{
    return policy->arena;
}

dw_rule *dw_policy_add_rule(dw_policy *policy)
{
    assert(!policy->sealed);
    if (policy->rule_count == DW_RULES_MAX)
        return NULL;
    dw_rule *rule = dw_arena_alloc(policy->arena, sizeof *rule);
    if (rule != NULL)
        policy->rules[policy->rule_count++] = rule;
    return rule;
}

dw_rule *dw_policy_rule_to_change(dw_policy *policy, size_t i)
{
    assert(!policy->sealed && i < policy->rule_count);
    return policy->rules[i];
}

void dw_policy_set_ladder(dw_policy *policy, dw_priority priority, dw_ladder ladder)
{
    assert(!policy->sealed && priority >= DW_P1 && priority <= DW_P3);
    policy->ladders[priority] = ladder;
}

bool dw_policy_add_line(dw_policy *policy, dw_line line)
{
    assert(!policy->sealed);
    if (policy->line_count == LINES_MAX)
        return false;
    dw_line *lines = dw_list_room(policy->lines, policy->line_count, &policy->line_cap, 16, sizeof *lines);
    if (lines == NULL)
        return false;
    policy->lines = lines;
    policy->lines[policy->line_count++] = line;
    return true;
}

void dw_policy_set_calendar(dw_policy *policy, dw_calendar *owned)
{
    assert(!policy->sealed);
    dw_calendar_free(&policy->calendar);
    policy->calendar = owned;
}

void dw_policy_set_identity(dw_policy *policy, uint32_t number, dw_str digest, int64_t cut_over_us)
{
    assert(!policy->sealed);
    policy->number = number;
    policy->digest = dw_arena_str(policy->arena, digest);
    policy->cut_over_us = cut_over_us;
}

/* --- sealing */

static int rule_order(const void *a, const void *b)
{
    const dw_rule *const *x = a, *const *y = b;
    int order = dw_str_cmp((*x)->id, (*y)->id);
    return order != 0 ? order : (int)(*x)->part - (int)(*y)->part;
}

static int line_order(const void *a, const void *b)
{
    return dw_str_cmp(((const dw_line *)a)->team_id, ((const dw_line *)b)->team_id);
}

/* The child's span holds every fact, so no condition on it could be answered from the head of a record. */
static bool asks_the_child(const dw_rule *rule)
{
    bool asks = rule->over.family == DW_SPAN_CHILD && rule->over.where != NULL && !rule->over.each;
    for (uint32_t i = 0; i < rule->outside_count; i++)
        asks = asks || (rule->outside[i].family == DW_SPAN_CHILD && rule->outside[i].where != NULL);
    for (uint32_t i = 0; i < rule->rest_count; i++)
        asks = asks || (rule->rests[i].family == DW_SPAN_CHILD && rule->rests[i].where != NULL);
    for (uint32_t i = 0; i < rule->limit_count; i++) {
        const dw_limit *limit = &rule->limits[i];
        asks = asks || (limit->when != NULL && rule->over.family == DW_SPAN_CHILD && !rule->over.each);
        asks = asks || (limit->has_while && limit->during.family == DW_SPAN_CHILD && limit->during.where != NULL);
        asks = asks || (limit->has_or && limit->or_during.family == DW_SPAN_CHILD && limit->or_during.where != NULL);
        for (int k = 0; k < 2; k++)
            asks = asks || (limit->has_both && limit->both[k].family == DW_SPAN_CHILD && limit->both[k].where != NULL);
        asks = asks || (limit->has_once && limit->once.family == DW_SPAN_CHILD && !limit->once.each);
    }
    return asks;
}

/* NULL = fine. */
static const char *count_fault(const dw_rule *rule)
{
    if (rule->threshold < 1 || (rule->window_n <= 0 && !rule->window_ever))
        return "a count needs a threshold and a window";
    if (!rule->count_spans && rule->evidence_count == 0)
        return "it has nothing to count";
    bool marks = rule->until == DW_UNTIL_FLAG || rule->until == DW_UNTIL_SPAN_END;
    if (marks && (!rule->count_spans || rule->distinct != NULL))
        return "a flag, or a count until the end of a span, counts spans and no different values";
    if (!marks && (rule->measured_from_end || rule->counted_before != NULL))
        return "from the end, and what went before, is for flags and counts until the end of a span";
    if (rule->until == DW_UNTIL_ANSWERED && rule->answer_count == 0)
        return "a count until answered names its answer";
    if (rule->until == DW_UNTIL_ANSWERED && !rule->answer_clears && (!rule->count_spans || rule->distinct != NULL))
        return "a count of events, or of different values, is answered by what clears it";
    if (rule->within_span && rule->count_spans) /* as flags and counts until the end of a span do */
        return "spans, flags and counts until the end of a span are not counted within a span";
    return NULL;
}

/* What the evaluator takes for granted; config/ has said it with a line number before. NULL = fine. */
static const char *rule_fault(const dw_rule *rule)
{
    if (rule->id.len == 0 || rule->id.len > DW_RULE_ID_BYTES_MAX)
        return "its id is not 1 to 16 bytes long";
    if (rule->priority < DW_P1 || rule->priority > DW_P3)
        return "it has no priority";
    bool clauses_fit = rule->rest_count <= DW_RULE_RESTS_MAX && rule->after_rest_count <= DW_RULE_CLAUSES_MAX &&
                       rule->evidence_count <= DW_RULE_CLAUSES_MAX && rule->answer_count <= DW_RULE_CLAUSES_MAX &&
                       rule->limit_count <= DW_RULE_LIMITS_MAX && rule->same_count <= DW_RULE_SAME_MAX &&
                       rule->climb_count <= DW_RULE_CLIMBS_MAX && rule->anchor_count <= DW_RULE_ANCHORS_MAX &&
                       rule->frequency_count <= DW_RULE_FREQUENCIES_MAX && rule->worsens_count <= DW_RULE_WORSENS_MAX &&
                       rule->ended_inside_count <= DW_RULE_INSIDE_MAX && rule->part < DW_RULE_PARTS_MAX &&
                       rule->outside_count <= DW_RULE_OUTSIDE_MAX;
    if (!clauses_fit)
        return "it has too many clauses";
    bool timed = rule->kind == DW_RULE_RECURRING || rule->kind == DW_RULE_DEADLINE || rule->kind == DW_RULE_DURATION ||
                 rule->kind == DW_RULE_SILENCE;
    if (timed && rule->limit_count == 0)
        return "it has no limit";
    for (uint32_t i = 0; i < rule->limit_count; i++) {
        if (rule->limits[i].n < 0 || rule->limits[i].n > 36600)
            return "a limit is out of range";
        if (rule->limits[i].unit == DW_UNIT_HOURS && rule->kind != DW_RULE_DEADLINE)
            return "only a deadline can count hours";
    }
    if (asks_the_child(rule))
        return "it puts a condition on the child; name a plan, care or placement";
    if (rule->kind == DW_RULE_RECURRING && rule->evidence_count == 0)
        return "it has no evidence";
    if (rule->kind == DW_RULE_DEADLINE && rule->met_by == DW_MET_BY_EVIDENCE && rule->evidence_count == 0)
        return "it has no evidence";
    if (rule->kind == DW_RULE_DEADLINE && rule->met_by == DW_MET_BY_TARGET &&
        (rule->target == NULL || rule->raises != DW_RAISES_FLAG || rule->over.each))
        return "a supplied target date is a field of a span's records, and another one than the due date is flagged";
    if (rule->kind == DW_RULE_STALL && (rule->evidence_count == 0 || rule->same_count == 0))
        return "a stall needs reviews and fields";
    if (rule->kind == DW_RULE_COUNT)
        return count_fault(rule);
    return NULL;
}

static dw_errc resolve_anchor(const dw_policy *policy, dw_rule *rule, dw_error *err)
{
    const dw_rule *target = dw_policy_find_rule(policy, rule->anchor_rule_id);
    if (target == NULL || target->kind != DW_RULE_COUNT || target->until != DW_UNTIL_ANSWERED || !target->count_spans ||
        target->answer_clears)
        return dw_fail(err, DW_E_CONFIG, "rule %.*s: its anchor is not a count rule that lasts until answered",
                       DW_STR_ARG(rule->id));
    if (rule->kind != DW_RULE_DEADLINE)
        return dw_fail(err, DW_E_CONFIG, "rule %.*s: only a deadline can follow a count rule", DW_STR_ARG(rule->id));
    rule->anchor_rule = target->index;
    return DW_OK;
}

/* Evidence of before the birthday does not count, unless it says so itself. */
static void wait_for_age(dw_rule *rule)
{
    for (uint32_t i = 0; rule->has_age && i < rule->evidence_count; i++) {
        rule->evidence[i].waits_for_age = !rule->evidence[i].at_any_age;
        rule->evidence[i].age = rule->age_from;
    }
    for (uint32_t i = 0; rule->has_age && i < rule->after_rest_count; i++) {
        rule->after_rest[i].waits_for_age = !rule->after_rest[i].at_any_age;
        rule->after_rest[i].age = rule->age_from;
    }
}

/* --- rules that follow what others missed */

static bool can_be_missed(const dw_rule *rule)
{
    bool steady = true; /* what it was due by does not hang on what is open beside it now */
    for (uint32_t i = 0; i < rule->limit_count; i++)
        steady = steady && !rule->limits[i].has_while;
    return steady &&
           (rule->kind == DW_RULE_RECURRING || rule->kind == DW_RULE_DEADLINE || rule->kind == DW_RULE_DURATION);
}

static dw_errc resolve_breaches(dw_policy *policy, dw_rule *rule, dw_error *err)
{
    uint16_t *rules = dw_arena_alloc(policy->arena, (policy->rule_count + 1) * sizeof *rules);
    if (rules == NULL)
        return dw_fail(err, DW_E_NOMEM, "no memory for a policy");
    if (rule->kind != DW_RULE_DEADLINE || rule->over.family != DW_SPAN_CHILD || rule->over.each)
        return dw_fail(err, DW_E_CONFIG, "rule %.*s: only a deadline over the child follows missed duties",
                       DW_STR_ARG(rule->id));
    for (size_t i = 0; i < policy->rule_count; i++) {
        const dw_rule *source = policy->rules[i];
        for (uint32_t k = 0; k < rule->breach_id_count; k++) {
            if (!dw_str_eq(source->id, rule->breach_ids[k]))
                continue;
            if (!can_be_missed(source))
                return dw_fail(err, DW_E_CONFIG,
                               "rule %.*s: nothing follows a missed %.*s: it is no duty with limits of its own",
                               DW_STR_ARG(rule->id), DW_STR_ARG(source->id));
            rules[rule->breach_count++] = source->index;
            break;
        }
    }
    rule->breach_rules = rules;
    for (uint32_t i = 0; i < rule->breach_count; i++)
        dw_rule_set_add(&rule->breach_sources, rules[i]);
    return DW_OK;
}

/* Does rule `at` wait for rule `target`, itself or through others? Depth-first; each rule is visited once. */
static bool waits_for(const dw_policy *policy, const dw_rule *at, const dw_rule *target, bool *visited)
{
    for (uint32_t i = 0; i < at->breach_count; i++) {
        const dw_rule *next = policy->rules[at->breach_rules[i]];
        if (dw_str_eq(next->id, target->id))
            return true;
        if (visited[next->index])
            continue;
        visited[next->index] = true;
        if (waits_for(policy, next, target, visited))
            return true;
    }
    return false; /* a crossing waits for a count, and counts wait for nothing */
}

static dw_errc follow_breaches(dw_policy *policy, dw_error *err)
{
    for (size_t i = 0; i < policy->rule_count; i++) {
        if (policy->rules[i]->anchor != DW_ANCHOR_BREACH)
            continue;
        dw_errc code = resolve_breaches(policy, policy->rules[i], err);
        if (code != DW_OK)
            return code;
    }
    for (size_t i = 0; i < policy->rule_count; i++) {
        bool visited[DW_RULES_MAX] = {false};
        if (waits_for(policy, policy->rules[i], policy->rules[i], visited))
            return dw_fail(err, DW_E_CONFIG, "rule %.*s waits for itself", DW_STR_ARG(policy->rules[i]->id));
    }
    return DW_OK;
}

static bool count_parts(dw_policy *policy)
{
    for (size_t i = 0, n; i < policy->rule_count; i += n) {
        const dw_rule *first = policy->rules[i];
        for (n = 0; i + n < policy->rule_count && dw_str_eq(policy->rules[i + n]->id, first->id); n++)
            if (policy->rules[i + n]->part != n || policy->rules[i + n]->priority != first->priority)
                return false;
        for (size_t k = 0; k < n; k++)
            policy->rules[i + k]->parts = (uint8_t)n;
    }
    return true;
}

dw_errc dw_policy_seal(dw_policy *policy, dw_error *err)
{
    assert(!policy->sealed);
    if (policy->calendar == NULL)
        return dw_fail(err, DW_E_CONFIG, "the policy has no calendar");
    if (policy->rule_count > 1)
        qsort(policy->rules, policy->rule_count, sizeof policy->rules[0], rule_order);
    for (size_t i = 0; i < policy->rule_count; i++) {
        dw_rule *rule = policy->rules[i];
        const char *fault = rule_fault(rule);
        if (fault != NULL)
            return dw_fail(err, DW_E_CONFIG, "rule %.*s: %s", DW_STR_ARG(rule->id), fault);
        if (i > 0 && dw_str_eq(rule->id, policy->rules[i - 1]->id) && rule->part == policy->rules[i - 1]->part)
            return dw_fail(err, DW_E_CONFIG, "rule %.*s stands twice", DW_STR_ARG(rule->id));
        rule->index = (uint16_t)i;
        wait_for_age(rule);
    }
    if (!count_parts(policy))
        return dw_fail(err, DW_E_CONFIG, "the parts of a rule do not follow each other, or differ in priority");
    for (size_t i = 0; i < policy->rule_count; i++) {
        if (policy->rules[i]->anchor != DW_ANCHOR_CROSSING)
            continue;
        dw_errc code = resolve_anchor(policy, policy->rules[i], err);
        if (code != DW_OK)
            return code;
    }
    dw_errc follows = follow_breaches(policy, err);
    if (follows != DW_OK)
        return follows;
    if (policy->line_count > 1)
        qsort(policy->lines, policy->line_count, sizeof policy->lines[0], line_order);
    dw_policy_reads_make(policy->rules, policy->rule_count, &policy->reads);
    policy->sealed = true;
    return DW_OK;
}

dw_policy *dw_policy_ref(const dw_policy *policy)
{
    dw_policy *shared = (dw_policy *)(uintptr_t)policy; /* the count is no part of what callers see */
    if (shared != NULL)
        shared->refs++;
    return shared;
}

void dw_policy_unref(dw_policy **policy)
{
    dw_policy *old = policy != NULL ? *policy : NULL;
    if (old == NULL)
        return;
    *policy = NULL;
    assert(old->refs > 0);
    if (--old->refs > 0)
        return;
    dw_calendar_free(&old->calendar);
    free(old->lines);
    dw_arena_free(&old->arena);
    free(old);
}

/* --- reading */

uint32_t dw_policy_number(const dw_policy *policy)
{
    return policy->number;
}

dw_str dw_policy_digest(const dw_policy *policy)
{
    return policy->digest;
}

int64_t dw_policy_cut_over_us(const dw_policy *policy)
{
    return policy->cut_over_us;
}

size_t dw_policy_rule_count(const dw_policy *policy)
{
    return policy->rule_count;
}

const dw_rule *dw_policy_rule(const dw_policy *policy, size_t index)
{
    assert(index < policy->rule_count);
    return policy->rules[index];
}

dw_rule_set dw_policy_all_rules(const dw_policy *policy)
{
    dw_rule_set all = {{0}};
    for (size_t i = 0; i < policy->rule_count; i++)
        dw_rule_set_add(&all, i);
    return all;
}

const dw_rule *dw_policy_find_rule(const dw_policy *policy, dw_str id)
{
    size_t low = 0, high = policy->rule_count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        int order = dw_str_cmp(policy->rules[mid]->id, id);
        if (order == 0)
            return policy->rules[mid - policy->rules[mid]->part];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

const dw_calendar *dw_policy_calendar(const dw_policy *policy)
{
    return policy->calendar;
}

const dw_ladder *dw_policy_ladder(const dw_policy *policy, dw_priority priority)
{
    assert(priority >= DW_P1 && priority <= DW_P3);
    return &policy->ladders[priority];
}

dw_str dw_policy_post(const dw_policy *policy, dw_str team_id, uint32_t level, bool *vacant)
{
    assert(level < DW_LEVELS);
    if (vacant != NULL)
        *vacant = false;
    const dw_line *found = NULL, *fallback = NULL;
    size_t low = 0, high = policy->line_count;
    while (low < high && found == NULL) {
        size_t mid = (low + high) / 2;
        int order = dw_str_cmp(policy->lines[mid].team_id, team_id);
        if (order == 0)
            found = &policy->lines[mid];
        else if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    if (policy->line_count != 0 && policy->lines[0].team_id.len == 0)
        fallback = &policy->lines[0];
    const dw_line *lines[2] = {found, fallback};
    for (size_t i = 0; i < 2; i++) {
        if (lines[i] == NULL || lines[i]->post[level].len == 0)
            continue;
        if (vacant != NULL)
            *vacant = lines[i]->vacant[level];
        return lines[i]->post[level];
    }
    return team_id.len != 0 ? team_id : DW_STR_LIT("unassigned");
}

int dw_policy_lookback_days(const dw_policy *policy, dw_event_type type)
{
    assert((int)type >= 0 && type < DW_EV_MAX);
    return policy->reads.lookback[type];
}

const dw_rule_set *dw_policy_readers(const dw_policy *policy, dw_event_type type)
{
    assert((int)type >= 0 && type < DW_EV_MAX);
    return &policy->reads.readers[type];
}

void dw_policy_add_readers_of(const dw_policy *policy, const dw_fact *fact, dw_rule_set *set)
{
    const dw_policy_reads *reads = &policy->reads;
    dw_rule_set_unite(set, &reads->by_terms[fact->type]);
    for (size_t w = 0; w < DW_RULE_WORDS; w++)
        for (uint64_t left = reads->by_evidence[fact->type].word[w]; left != 0; left &= left - 1) {
            const dw_rule *rule = policy->rules[w * 64 + (size_t)__builtin_ctzll(left)];
            if (dw_rule_may_count(rule, fact))
                dw_rule_set_add_rule(set, rule);
        }
}

void dw_policy_add_followers(const dw_policy *policy, dw_rule_set *set)
{
    for (bool more = true; more;) { /* each round adds a rule: bounded by their number */
        more = false;
        for (size_t i = 0; i < policy->reads.follower_count; i++) {
            const dw_rule *rule = policy->rules[policy->reads.followers[i]];
            if (dw_rule_set_has(set, rule->index) || !dw_rule_set_meets(set, &rule->breach_sources))
                continue;
            dw_rule_set_add_rule(set, rule);
            more = true;
        }
    }
}

dw_rule_set dw_policy_with_spans(const dw_policy *policy, const dw_chronology *chron)
{
    dw_rule_set all = {{0}};
    for (int family = 0; family < DW_SPAN_FAMILIES; family++)
        if (chron->span_count[family] != 0)
            dw_rule_set_unite(&all, &policy->reads.over[family]);
    for (uint64_t left = chron->plan_types; left != 0; left &= left - 1)
        dw_rule_set_unite(&all, &policy->reads.over_plan[__builtin_ctzll(left)]);
    return all;
}

const uint16_t *dw_policy_owner_fields(const dw_policy *policy, dw_event_type type)
{
    assert((int)type >= 0 && type < DW_EV_MAX);
    return policy->reads.owners[type];
}

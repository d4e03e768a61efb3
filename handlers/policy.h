#pragma once
/* policy.h: the standards, calendar and reporting line in force, compiled: what config/ makes from YAML and the core
 * reads. Immutable after dw_policy_seal(); shared by reference count within one thread.
 *
 * No rule's id appears in C. Six kinds of rule say everything:
 *   recurring  a duty that starts anew with each evidence (visits, reviews, supervision)
 *   deadline   something by a limit after an anchor (interview within 72 hours)
 *   count      so many within a window (3 missing episodes in 90 days); may be a flag
 *   duration   a span open longer than a limit
 *   silence    nothing recorded at all for a limit
 *   stall      two consecutive reviews that changed nothing */

#include "handlers/chronology.h"
#include "proto/alert.h"
#include "proto/limits.h"

/* A field name resolved once: its id in each event type that has it (0 = none). Envelope fields have DW_F_ENV_*. */
typedef struct dw_field_ref {
    dw_str name;
    dw_span_word word; /* a word of the span itself; then by_type is empty */
    uint16_t by_type[DW_EV_MAX];
} dw_field_ref;
/* What the fact says in that field; NULL: nothing, its type has no such field, or no field is asked for (NULL). */
static inline const dw_value *dw_fact_says(const dw_fact *fact, const dw_field_ref *field)
{
    uint16_t id = field != NULL ? field->by_type[fact->type] : 0;
    return id != 0 ? dw_fact_get(fact, id) : NULL;
}

/* Predicate tree over one fact or one span. "Cannot tell" does not exist: an absent field makes every comparison
 * except != and `absent` false; != holds for an absent field. */
typedef enum dw_pred_op {
    DW_PRED_AND,
    DW_PRED_OR,
    DW_PRED_NOT,
    DW_PRED_IN, /* field is one of .set (enum numbers, ints, or .strings) */
    DW_PRED_ABSENT,
    DW_PRED_PRESENT,
    DW_PRED_LT,
    DW_PRED_LE,
    DW_PRED_GT,
    DW_PRED_GE /* numbers, dates */
} dw_pred_op;
typedef struct dw_pred {
    dw_pred_op op;
    const struct dw_pred *left, *right; /* AND, OR; NOT uses left */
    const dw_field_ref *field;
    uint32_t set_count;
    const int64_t *set;
    const dw_str *strings;       /* when not NULL: compare as text */
    dw_str text;                 /* as written, for explain */
    const struct dw_test *tests; /* the same as a row of comparisons, each of which tells where to go on; */
    uint32_t test_count;         /* made by dw_pred_ready() */
} dw_pred;
/* Conditions are asked some twenty times an event: as a row, not as a tree. To be called for every node once its own fields
 * are set, and first for those below it. DW_E_TOO_BIG: more than DW_PRED_TESTS_MAX comparisons; DW_E_NOMEM. */
dw_errc dw_pred_ready(dw_arena *arena, dw_pred *pred);
/* What a condition is asked of: a fact, or (fact NULL) a span as of a day. */
typedef struct dw_asked {
    const dw_fact *fact;
    const dw_span *span;
    int32_t as_of;
} dw_asked;
bool dw_pred_holds(const dw_pred *pred, const dw_asked *of); /* NULL pred = true; so below */
bool dw_pred_fact(const dw_pred *pred, const dw_fact *fact);
bool dw_pred_span(const dw_pred *pred, const dw_span *span, int32_t as_of);
/* The value of the field; NULL: absent. *carrier, where given: the fact that carries it. */
const dw_value *dw_asked_value(const dw_asked *of, const dw_field_ref *field, const dw_fact **carrier);

/* A set of rules of one policy, by index. */
#define DW_RULE_WORDS ((DW_RULES_MAX + 63) / 64)
typedef struct dw_rule_set {
    uint64_t word[DW_RULE_WORDS];
} dw_rule_set;
static inline void dw_rule_set_add(dw_rule_set *set, size_t index)
{
    set->word[index / 64] |= UINT64_C(1) << (index % 64);
}
static inline void dw_rule_set_remove(dw_rule_set *set, size_t index)
{
    set->word[index / 64] &= ~(UINT64_C(1) << (index % 64));
}
static inline bool dw_rule_set_has(const dw_rule_set *set, size_t index)
{
    return (set->word[index / 64] >> (index % 64) & 1) != 0;
}
static inline void dw_rule_set_unite(dw_rule_set *all, const dw_rule_set *more)
{
    for (size_t k = 0; k < DW_RULE_WORDS; k++)
        all->word[k] |= more->word[k];
}
static inline bool dw_rule_set_meets(const dw_rule_set *a, const dw_rule_set *b)
{
    uint64_t both = 0;
    for (size_t k = 0; k < DW_RULE_WORDS; k++)
        both |= a->word[k] & b->word[k];
    return both != 0;
}

typedef struct dw_span_selector { /* "plan where plan_type = CP" */
    dw_span_family family;
    const dw_pred *where;
    bool each; /* "each visit_done where ..": a span for every such fact (handlers/rules/spans.c); family CHILD */
    dw_event_type each_type; /* each: its type */
} dw_span_selector;

/* Evidence: which facts count, and how they belong to the span. */
typedef struct dw_clause {
    dw_event_type type;
    const dw_pred *where;
    const dw_field_ref *link; /* field(s) naming the span's id: a fact that names another span does not count; one that
                                 names none counts by date. NULL = by date only */
    bool link_required;       /* a fact that names no span does not count */
    const dw_field_ref *link_more; /* a second such field, e.g. the list episode_ids beside episode_id; NULL = none */
    bool within_limit;             /* counts only when not later than the due date or instant (DECLINED inside 72 h) */
    const dw_field_ref *breach_alert,
        *breach_rule;            /* BREACH: fields that name the alert, or the rule, of the missed duty; a fact
                                                       that names neither answers all. NULL = none */
    bool any_time;               /* counts at any date, also before what it belongs to began (a plan made beforehand) */
    int32_t from_day, until_day; /* only facts of these days, both included; 0 = no bound (a rule of some months) */
    bool has_begins; /* not a fact counts, but that such a span begins, whichever record tells of it (readings 44);
                                    .type is DW_EV_NONE, and what looks for facts finds none */
    dw_span_selector begins;
    bool at_any_age;    /* counts also before the birthday that its rule waits for */
    bool waits_for_age; /* made by seal: counts from the .age-th birthday on only */
    uint8_t age;
} dw_clause;

typedef enum dw_anchor {
    DW_ANCHOR_START,        /* the span's start */
    DW_ANCHOR_END,          /* the span's end: the duty outlives it (MI-02); stands alone */
    DW_ANCHOR_FIELD,        /* first present of .fields in the span */
    DW_ANCHOR_BEFORE_START, /* latest fact of .clause on or before the start (CP-05) */
    DW_ANCHOR_CROSSING,     /* the fact that reached the threshold of count rule .anchor_rule (MI-05); stands alone */
    DW_ANCHOR_BREACH,   /* the first day on which a duty of one of .breach_rules was overdue (SU-03); stands alone */
    DW_ANCHOR_LINKED,   /* latest fact of .clause that names the span, or that a fact of the span names (CP-01) */
    DW_ANCHOR_NTH,      /* the n-th fact of .clause in the span (LA-14) */
    DW_ANCHOR_BIRTHDAY, /* the n-th birthday; alone, only one after the start of the span (CP-10) */
    DW_ANCHOR_EACH      /* every fact of .clause in the span begins a duty of its own (LA-09); stands alone */
} dw_anchor;

#define DW_ANCHOR_FIELDS_MAX 4
typedef struct dw_anchor_item {
    dw_anchor how;
    const dw_field_ref *fields[DW_ANCHOR_FIELDS_MAX];
    uint32_t field_count;
    dw_clause clause;
    const dw_field_ref
        *back_link; /* LINKED: a field of the clause's fact and of the span's facts that holds the fact's id */
    uint32_t n;     /* NTH from 1; BIRTHDAY from 0 */
} dw_anchor_item;

typedef struct dw_limit {
    int n;
    dw_unit unit;
    const dw_pred *when; /* on the span, as of the anchor; NULL = always */
    bool has_while;
    dw_span_selector during; /* has_while: only while such a span is open; then counted from the later of anchor and
                                the first day of the unbroken run of such spans (and of the days on which `where` holds) that
                                reaches to now (SU-01, DR-03, readings 21) */
    bool has_or;
    dw_span_selector or_during; /* has_or: spans of a second kind that make up the same run, e.g. plan or care */
    bool has_both;
    dw_span_selector
        both[2];  /* has_both: the days on which two such spans are open make it up, too: care in proceedings */
    bool has_nth; /* only intervals begun by the nth_from-th .. nth_to-th evidence of the span; the 0th is that
                                   which the anchor began; nth_to 0 with nth_open = no end */
    bool nth_open;
    uint32_t nth_from, nth_to;
    bool
        has_before; /* only while no such fact lies in the span on or before the day from which it counts (readings 11) */
    dw_clause before;
    uint8_t age_from, age_until; /* age on the day from which it counts, in years; 0 = no bound (readings 15) */
    bool has_once; /* only once such a span has begun in this one; then from its first day, if later (readings 4) */
    dw_span_selector once;
    const dw_field_ref *once_link;         /* a field of that span's facts that names this one; NULL = by date only */
    int32_t in_force_from, in_force_until; /* the day from which it counts lies in these; 0 = no bound */
    bool
        recorded; /* not n units, but what is recorded (dw_frequency); without that the limit is gap_n, or there is none */
    int gap_n;    /* 0 = none */
    dw_unit gap_unit;
} dw_limit;

/* A frequency agreed for one child; in force on the day from which the interval counts (readings 20). */
typedef enum dw_frequency_source {
    DW_FREQUENCY_OWN,     /* in the facts of the span itself */
    DW_FREQUENCY_OF,      /* in the facts of spans of .of that are open that day */
    DW_FREQUENCY_OVERRIDE /* a schedule_override of the rule and the span; its next_due counts, too */
} dw_frequency_source;
typedef struct dw_frequency {
    dw_frequency_source source;
    dw_span_selector of;
    const dw_field_ref *days, *unit,
        *from; /* unit: DW_V_FREQUENCY_UNIT_WD, else calendar days; from: absent = the fact's day */
    const dw_field_ref *agreed_by;
    uint32_t looser_roles; /* bit DW_V_ROLE_*: who may agree to less than what was owed before; others only to more */
} dw_frequency;

typedef enum dw_rule_kind {
    DW_RULE_RECURRING,
    DW_RULE_DEADLINE,
    DW_RULE_COUNT,
    DW_RULE_DURATION,
    DW_RULE_SILENCE,
    DW_RULE_STALL,
    DW_RULE_KINDS
} dw_rule_kind;
typedef enum dw_count_until {
    DW_UNTIL_WINDOW,   /* while that many lie in the window that ends today */
    DW_UNTIL_ANSWERED, /* until one of .answer */
    DW_UNTIL_FLAG,     /* a flag for ever */
    DW_UNTIL_SPAN_END  /* while the span is open that made it so many */
} dw_count_until;
/* What a missed duty, or a count that is reached, leads to. */
typedef enum dw_raises {
    DW_RAISES_ALERT,
    DW_RAISES_WARNING, /* DW_OB_WARNED: seen beside the duties, nobody is alerted */
    DW_RAISES_FLAG,    /* an attribute (readings 47) */
    DW_RAISES_NOTHING  /* counted by the indicators only */
} dw_raises;
typedef enum dw_met_by {
    DW_MET_BY_EVIDENCE, /* a fact */
    DW_MET_BY_END,      /* the span's own end (decision, return, allocation) */
    DW_MET_BY_RECORDING, /* that the fact which opened the span was written up: the day it was first recorded (readings 46) */
    DW_MET_BY_TARGET /* a date that was supplied is the due date; late when it is another one (domain 4.17) */
} dw_met_by;
#define DW_RULE_CLAUSES_MAX 6
#define DW_RULE_LIMITS_MAX 8
#define DW_RULE_RESTS_MAX 4
#define DW_RULE_SAME_MAX 8
#define DW_RULE_CLIMBS_MAX 4
#define DW_RULE_WORSENS_MAX 4
#define DW_RULE_PARTS_MAX 8
#define DW_RULE_INSIDE_MAX 4
#define DW_RULE_ANCHORS_MAX 4
#define DW_RULE_FREQUENCIES_MAX 3
#define DW_AGE_MAX 25 /* care leavers: no duty to a child is older */
#define DW_RULE_OUTSIDE_MAX 4

typedef struct dw_rule {
    dw_str id, title, action, next_step, trigger, status, source, reason; /* texts for people */
    uint32_t version; /* from the file; rises when the rule's meaning changes */
    int32_t reviewed_on;
    dw_rule_kind kind;
    dw_priority priority;
    uint16_t index; /* position in the policy, ascending (rule id, part) */
    uint8_t
        part; /* of a rule with several clocks under one id (any_of): 0, 1 ..; all have the same texts and priority */
    uint8_t parts; /* how many there are; made by seal */
    dw_raises raises;
    uint32_t line;                         /* in the file it came from */
    int32_t in_force_from, in_force_until; /* only duties that count from one of these days; 0 = no bound */

    dw_span_selector over; /* what the duty hangs on */
    bool
        phases; /* it speaks for each run of days on which the condition of `over` holds, and begins anew with each; false: for
                    the whole span when it holds now (or held at the end) */
    dw_span_selector outside[DW_RULE_OUTSIDE_MAX]; /* phases: none of the days on which such a span is open */
    uint32_t outside_count;
    bool in_family; /* while building: it has its place among the rules of a family (config/families.h) */
    dw_span_selector rests[DW_RULE_RESTS_MAX]; /* no duty while one of these is open (CN-01 beside CP or care) */
    uint32_t rest_count;
    dw_clause after_rest[DW_RULE_CLAUSES_MAX]; /* further evidence that anchors it once a rest has ended */
    uint32_t after_rest_count;

    dw_anchor anchor;                            /* how of the first of .anchors */
    dw_anchor_item anchors[DW_RULE_ANCHORS_MAX]; /* the first that there is; none: the span's start */
    uint32_t anchor_count;
    bool
        anchors_later; /* not the first that there is, but the latest of all; without one of them nothing is owed yet */
    bool has_age;      /* owed between these birthdays only; from 0: not before birth (readings 8, domain 4.15) */
    uint8_t age_from, age_until; /* until 0 = no end */
    dw_str anchor_rule_id;       /* CROSSING: id of a count rule; set when building */
    uint16_t anchor_rule;        /* its index; made by seal */

    const dw_str *breach_ids; /* BREACH: rules of kind recurring, deadline or duration; set when building */
    uint32_t breach_id_count;
    const uint16_t *breach_rules; /* the indices of all their parts; made by seal */
    uint32_t breach_count;
    dw_rule_set breach_sources;       /* the same as a set */
    uint64_t own_types[DW_EV_WORDS];  /* facts it reads itself, not through those; made by seal */
    uint64_t term_types[DW_EV_WORDS]; /* of those the facts that are, or may be, more than evidence or an answer */

    dw_met_by met_by;
    dw_clause evidence[DW_RULE_CLAUSES_MAX]; /* any of them */
    uint32_t evidence_count;
    bool evidence_after_start;  /* evidence on the anchor day itself does not count (CP-05/06) */
    bool evidence_after_anchor; /* deadline: only evidence of the anchor's day and later counts (CP-10) */
    const dw_field_ref
        *target; /* TARGET: the field of the supplied date, in any record of the span or the one that ended it */
    uint32_t evidence_nth; /* deadline: the so-manieth piece of evidence meets it; 0 = the first */
    bool outlives_span; /* deadline: still owed when a fact has ended its span; the closing of the case and 18 end it */

    /* recurring */
    bool from_start;           /* the anchor itself starts an interval (CP-07); false: only evidence does (LA-02) */
    uint32_t nth_from, nth_to; /* only intervals begun by the nth..mth evidence of the span; 0,0 = all; to 0 = no end */
    int from_start_days;       /* from_start, but only of a part that begins so many days or more after its span did */
    bool has_band;             /* only intervals whose beginning lies in [band origin + from, band origin + until) */
    int band_from_months, band_until_months; /* 0 = no bound; origin = span start or anchor field (LA-02, PF-02) */
    int band_from_days, band_until_days;     /* the same in days */

    dw_limit limits[DW_RULE_LIMITS_MAX]; /* deadline, recurring, duration: first that holds, or strictest */
    uint32_t limit_count;
    bool strictest;
    dw_count_mode count_mode;
    dw_profile calendar;
    dw_frequency
        frequencies[DW_RULE_FREQUENCIES_MAX]; /* recurring, deadline: the stricter of these and the limit wins */
    uint32_t frequency_count;
    const dw_field_ref *due_override; /* recurring: a date in the evidence that began the interval; the earlier wins
                                           (next_due_override of a review); NULL = none */

    bool has_warn;
    dw_limit warn; /* an earlier limit of the same duty: from the day after it the duty is WARNED (readings 22) */
    bool
        warn_from_start; /* deadline: the warning counts from the start of the span, also before there is a day from which the
                             duty itself counts (LA-14) */
    int worsens_months[DW_RULE_WORSENS_MAX]; /* ascending: past so many months from the anchor it counts once more */
    uint32_t worsens_count;

    /* count: of spans (over) by their start, or of facts (evidence) by their day */
    bool count_spans;
    const dw_field_ref *distinct; /* count different values of this field; of spans: their own */
    uint32_t threshold;           /* from 1 */
    int window_n;
    dw_unit window_unit; /* DAYS or MONTHS; inside when difference <= window (readings 23) */
    bool window_ever;    /* no window: everything before counts */
    dw_count_until until;
    dw_clause answer[DW_RULE_CLAUSES_MAX];
    uint32_t answer_count;
    bool answer_clears;     /* what lies on or before the day of the last answer is not counted any more */
    bool within_span;       /* facts are counted for each span of `over` by itself; the span is the subject */
    bool measured_from_end; /* spans before the last count by their end, if they had ended by its start */
    const dw_field_ref *counted_before; /* of the last span: so many had gone before it, whatever is known of them */
    bool has_while_open;                /* nothing is owed unless such a span is open */
    dw_span_selector while_open;
    bool has_at_start; /* only spans at whose start such a span is open */
    dw_span_selector at_start_open;
    dw_span_selector ended_inside[DW_RULE_INSIDE_MAX]; /* only spans during which such a span ended */
    uint32_t ended_inside_count;

    /* stall: .evidence are the reviews; these fields of plan, reviews or current placement must be the same at both */
    const dw_field_ref *same[DW_RULE_SAME_MAX];
    uint32_t same_count;
    bool same_placement; /* and the placement open at both (a span, so a change without restart is none) */
    const dw_pred *both; /* must hold for both reviews (outcome = CONTINUE); NULL = always */

    int climb_hours
        [DW_RULE_CLIMBS_MAX]; /* elapsed hours after the due instant at which the level is at least entry+1, +2 .. */
    uint32_t climb_count;

    uint64_t
        plan_types; /* it speaks for plans of these types only (dw_chronology.plan_types); all bits: it is not over plans,
                            or does not say; made by seal */
    bool by_fact_alone; /* over each EVENT: only the event itself decides what is owed of it; made by seal */
    int lookback_days;  /* how far back counted facts must stay in the head; made by seal */
} dw_rule;

/* The ladder (alerts.md 4.4): minutes of working time at each level before it climbs. 0 = does not climb from here. */
#define DW_LEVELS 5 /* 0 social worker, 1 team manager, 2 service manager, 3 assistant director, 4 director */
typedef struct dw_ladder {
    uint8_t entry_level;
    uint8_t top_level;
    int32_t grace_minutes; /* working time added before the first climb */
    int32_t climb_minutes[DW_LEVELS];
    int32_t review_max_days; /* working days an acknowledgement may last */
} dw_ladder;

/* Reporting line: who answers at each level for a team. A post may be vacant: the ladder skips it upwards. */
typedef struct dw_line {
    dw_str team_id;
    dw_str post[DW_LEVELS];
    bool vacant[DW_LEVELS];
} dw_line;

typedef struct dw_policy dw_policy;

/* All parts of the rule: they are asked together. */
static inline void dw_rule_set_add_rule(dw_rule_set *set, const dw_rule *rule)
{
    for (size_t i = 0; i < rule->parts; i++)
        dw_rule_set_add(set, (size_t)rule->index - rule->part + i);
}

/* Building (config/ only; tests). All strings, predicates and refs are allocated in the policy's arena. */
dw_policy *dw_policy_new(size_t arena_limit_bytes);
dw_arena *dw_policy_arena(dw_policy *policy);
dw_rule *dw_policy_add_rule(dw_policy *policy); /* NULL past DW_RULES_MAX */
/* The i-th that was added, before seal: for what only several rules together say. */
dw_rule *dw_policy_rule_to_change(dw_policy *policy, size_t i);
void dw_policy_set_ladder(dw_policy *policy, dw_priority priority, dw_ladder ladder);
bool dw_policy_add_line(dw_policy *policy, dw_line line); /* team_id empty = for teams not listed */
void dw_policy_set_calendar(dw_policy *policy, dw_calendar *owned);
void dw_policy_set_identity(dw_policy *policy, uint32_t number, dw_str digest, int64_t cut_over_us);
/* Sort rules by id and part, resolve anchor rules, work out look-backs. After it the policy never changes. */
dw_errc dw_policy_seal(dw_policy *policy, dw_error *err);
dw_policy *dw_policy_ref(const dw_policy *policy);
void dw_policy_unref(dw_policy **policy);

/* Reading. */
uint32_t dw_policy_number(const dw_policy *policy);
dw_str dw_policy_digest(const dw_policy *policy);
int64_t dw_policy_cut_over_us(const dw_policy *policy); /* DW_AT_NONE = none */
size_t dw_policy_rule_count(const dw_policy *policy);
const dw_rule *dw_policy_rule(const dw_policy *policy, size_t index); /* ascending (id, part) */
dw_rule_set dw_policy_all_rules(const dw_policy *policy);
const dw_rule *dw_policy_find_rule(const dw_policy *policy, dw_str id); /* its first part */
const dw_calendar *dw_policy_calendar(const dw_policy *policy);
const dw_ladder *dw_policy_ladder(const dw_policy *policy, dw_priority priority);
/* The post for a team at a level; never empty (unknown team: the default line, else the team id, else "unassigned"). */
dw_str dw_policy_post(const dw_policy *policy, dw_str team_id, uint32_t level, bool *vacant);
/* Facts of this type younger than this stay in the head: DW_FOLD_DAYS_MIN and the window of any rule that counts them. The
 * record's horizon is never later than today - DW_FOLD_DAYS_MIN. */
int dw_policy_lookback_days(const dw_policy *policy, dw_event_type type);
/* Add to the set every rule that follows what rules of the set say: those that count from their breaches. */
void dw_policy_add_followers(const dw_policy *policy, dw_rule_set *set);
/* The rules for which there may be a span in the chronology: of their family, and of the plan types that they ask for. All
 * others say nothing. */
dw_rule_set dw_policy_with_spans(const dw_policy *policy, const dw_chronology *chron);
/* The fields by which a fact of this type names the placement, plan or episode it belongs to, in that order; 0: it has none. */
#define DW_FACT_OWNERS 3
const uint16_t *dw_policy_owner_fields(const dw_policy *policy, dw_event_type type);
/* The rules whose answer a fact of this type can change. All others, while no instant of their own has come, would say
 * again what they said: they need not be asked. */
const dw_rule_set *dw_policy_readers(const dw_policy *policy, dw_event_type type);
/* Is such a fact evidence of the rule, or an answer, whatever it belongs to and when it happened? */
bool dw_rule_may_count(const dw_rule *rule, const dw_fact *fact);
/* Add to the set the rules whose answer this one fact more can change, except those that only follow others: a visit to a child
 * in need is no evidence for the rules about other visits. It must be new: nothing was known of its record before. */
void dw_policy_add_readers_of(const dw_policy *policy, const dw_fact *fact, dw_rule_set *set);

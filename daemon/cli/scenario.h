#pragma once
/* scenario.h: scenarios in YAML (driftwatch-scenarios(5)): read, run over the pure core, compared with what was expected.
 *
 *     dw_scn_file *file = dw_scn_read("visits.yaml", text, &problems);
 *     // problems.errors != 0: it says where and why, all at once; run nothing
 *     for (size_t i = 0; i < file->count; i++) {
 *         dw_scn_check_rules(file, &file->items[i], policy, &problems);    // rules that the policy does not have
 *         dw_scn_run(&file->items[i], policy, &result, &err);              // result.count == 0: as expected
 *     }
 *
 * A scenario is a list of steps in the order in which they arrive: what was recorded, and checkpoints. Reading it turns every
 * record into the line of JSON that `driftwatch publish` would send, so what runs is what the daemon would apply. No clock,
 * zone or file of the host is read but the scenario's own text: the same text and policy give the same answers.
 * Not thread-safe. */

#include "config/yaml.h"
#include "handlers/driftwatch.h"

#define DW_SCN_FILE_ARENA_BYTES (32u << 20)  /* what one file of scenarios becomes */
#define DW_SCN_RESULT_ARENA_BYTES (4u << 20) /* texts of one scenario's differences */
#define DW_SCN_STEPS_MAX 1000                /* steps of one scenario: it is meant to be read */
#define DW_SCN_WANTS_MAX 100                 /* expectations of one checkpoint */
#define DW_SCN_RULES_MAX 20                  /* rules that one scenario names as its own */
#define DW_SCN_FAILURES_MAX 200              /* differences kept of one scenario */

typedef struct dw_scn_pos {
    unsigned line, column; /* from 1 */
} dw_scn_pos;

/* --- expectations. X(enumerator, key in the file) */
#define DW_SCN_SECTION_LIST(X)                                                                                         \
    X(DW_SCN_ALERTS, "alerts")           /* live: open or acknowledged */                                              \
    X(DW_SCN_NOT, "not")                 /* no such live alert */                                                      \
    X(DW_SCN_CLOSED, "closed")           /* an alert that was raised and has ended */                                  \
    X(DW_SCN_OBLIGATIONS, "obligations") /* a duty and how it stands */                                                \
    X(DW_SCN_WITHOUT, "without")         /* no such duty */                                                            \
    X(DW_SCN_WARNINGS, "warnings")       /* duties past their warning, which is no alert yet */                        \
    X(DW_SCN_FLAGS, "flags")             /* marks without ladder and end */
typedef enum dw_scn_section {
#define X(e, n) e,
    DW_SCN_SECTION_LIST(X)
#undef X
        DW_SCN_SECTIONS
} dw_scn_section;

/* What an expectation may say. X(enumerator, key) */
#define DW_SCN_FIELD_LIST(X)                                                                                           \
    X(DW_SCN_F_RULE, "rule")                                                                                           \
    X(DW_SCN_F_CHILD, "child")                                                                                         \
    X(DW_SCN_F_SUBJECT, "subject")                                                                                     \
    X(DW_SCN_F_DUE, "due")                                                                                             \
    X(DW_SCN_F_PRIORITY, "priority")                                                                                   \
    X(DW_SCN_F_LEVEL, "level")                                                                                         \
    X(DW_SCN_F_POST, "post")                                                                                           \
    X(DW_SCN_F_STATE, "state")                                                                                         \
    X(DW_SCN_F_COUNT, "count")                                                                                         \
    X(DW_SCN_F_GENERATION, "generation")                                                                               \
    X(DW_SCN_F_RAISED, "raised")                                                                                       \
    X(DW_SCN_F_OUTCOME, "outcome")                                                                                     \
    X(DW_SCN_F_PAUSED, "paused")
typedef enum dw_scn_field {
#define X(e, n) e,
    DW_SCN_FIELD_LIST(X)
#undef X
        DW_SCN_FIELDS
} dw_scn_field;
const char *dw_scn_field_name(dw_scn_field field);

typedef struct dw_scn_want {
    dw_scn_section section;
    dw_scn_pos pos;
    uint32_t has; /* bits 1 << dw_scn_field */
    dw_str rule, child, subject, post;
    dw_due_kind due_kind;
    int32_t due_on;
    int32_t paused_until; /* last day of an authorised pause */
    int64_t due_at_us, raised_us;
    dw_priority priority;
    uint32_t level, count, generation;
    dw_alert_state alert_state; /* ALERTS: open or acknowledged */
    dw_ob_state ob_state;       /* OBLIGATIONS */
    dw_outcome outcome;         /* CLOSED */
} dw_scn_want;
static inline bool dw_scn_wants(const dw_scn_want *want, dw_scn_field field)
{
    return (want->has & (1u << field)) != 0;
}

/* --- steps */
typedef enum dw_scn_step_kind { DW_SCN_EVENT, DW_SCN_ACK, DW_SCN_CHECK } dw_scn_step_kind;

typedef struct dw_scn_ack {
    dw_scn_want which; /* rule, perhaps child and subject */
    dw_str reason, post, ref;
    int32_t review_by; /* DW_DAY_NONE: as long as the ladder lets it last */
} dw_scn_ack;

typedef struct dw_scn_step {
    dw_scn_step_kind kind;
    dw_scn_pos pos;
    int64_t at_us; /* when it arrives; of a checkpoint the instant it looks at */
    dw_str when;   /* that instant as written */
    dw_str json;   /* EVENT */
    dw_scn_ack ack;
    const dw_scn_want *wants; /* CHECK */
    uint32_t want_count;
    bool nothing;     /* alerts: nothing */
    bool no_others;   /* not: anything else */
    dw_scn_pos whole; /* where either of them stands */
} dw_scn_step;

typedef struct dw_scn_scenario {
    dw_scn_pos pos;
    dw_str title;
    dw_str rules[DW_SCN_RULES_MAX]; /* those it is about */
    dw_scn_pos rule_pos[DW_SCN_RULES_MAX];
    uint32_t rule_count;
    dw_str policy; /* directory, as written; empty: the one the caller has */
    dw_scn_pos policy_pos;
    int64_t cut_over_us; /* 0: none. Nothing is raised before it */
    const dw_scn_step *steps;
    uint32_t step_count;
} dw_scn_scenario;

typedef struct dw_scn_file {
    dw_arena *arena; /* owns everything */
    const char *path;
    dw_scn_scenario *items;
    size_t count;
} dw_scn_file;

/* Reads a text; `path` is copied. Problems (sorted) say what is wrong, with line and column; a file with one is not to be
 * run, only to be looked at further. NULL: it is no YAML at all, or memory ran out. */
dw_scn_file *dw_scn_read(const char *path, dw_str text, dw_problems *problems);
void dw_scn_free(dw_scn_file **file);
/* Names rules of the scenario that `policy` does not have. */
void dw_scn_check_rules(const dw_scn_file *file, const dw_scn_scenario *scenario, const dw_policy *policy,
                        dw_problems *problems);

/* --- running */
typedef struct dw_scn_failure {
    dw_scn_pos pos;
    dw_str when;     /* of the checkpoint, as written; empty: of the step itself */
    dw_str expected; /* "CP-07 due 2026-01-19" */
    dw_str found;    /* what was there instead */
    dw_str hint;     /* the nearest duty and where it stands; may be empty */
} dw_scn_failure;

typedef struct dw_scn_result {
    dw_arena *arena;
    dw_scn_failure *items;
    size_t count; /* kept; at most DW_SCN_FAILURES_MAX */
} dw_scn_result;

/* Runs one scenario from nothing under `policy`. DW_OK whether or not it holds; another code when it cannot be run at all
 * (DW_E_NOMEM, a bug). dw_scn_result_deinit() in any case. */
dw_errc dw_scn_run(const dw_scn_scenario *scenario, const dw_policy *policy, dw_scn_result *out, dw_error *err);
void dw_scn_result_deinit(dw_scn_result *result);

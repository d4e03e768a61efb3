/* explain.c: `driftwatch explain`: why an alert is there: rule, evidence, and how its due date was worked out; and why a rule
 * raises nothing for a child (--why-not). */

#include "handlers/explain.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/log_file.h"
#include "daemon/cli/lookup.h"
#include "daemon/cli/shipped.h"
#include "daemon/cli/text.h"
#include "proto/json.h"

#include <jansson.h>

typedef struct printer {
    bool json;
    char last[48];
} printer;

static void on_line(void *user, const char *key, const char *text)
{
    printer *p = user;
    if (p->json) {
        json_t *object = json_pack("{s:s, s:s}", "key", key, "text", text);
        char *line = object != NULL ? json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
        if (line != NULL)
            puts(line);
        free(line);
        json_decref(object);
        return;
    }
    bool again = strcmp(p->last, key) == 0; /* the name of a run of lines stands before the first */
    printf("  %-14s %s\n", again ? "" : key, text);
    snprintf(p->last, sizeof(p->last), "%s", key);
}

static void headline(printer *p, const dw_found_alert *alert, dw_rule_words words, int64_t clock_us)
{
    char text[640];
    char when[DW_TEXT_TIME_MAX];
    const dw_transition *row = &alert->row;
    if (!p->json)
        printf("%.*s  %.*s\n\n", DW_STR_ARG(row->rule_id), DW_STR_ARG(words.title));
    on_line(p, "alert", row->alert_id);
    snprintf(text, sizeof(text), "%.*s/%.*s", DW_STR_ARG(row->la_code), DW_STR_ARG(row->child_ref));
    on_line(p, "child", text);
    snprintf(text, sizeof(text), "P%d, %s, with %.*s (%s), since %s", (int)row->priority, dw_transition_name(row->kind),
             DW_STR_ARG(row->post), dw_text_level(row->level), dw_text_time(row->raised_at_us, when, sizeof(when)));
    on_line(p, "stands", text);
    on_line(p, "as_of", dw_text_time(clock_us, when, sizeof(when)));
    for (uint32_t i = 0; i < row->cause_count; i++) {
        snprintf(text, sizeof(text), "record %u/%lld of the log", row->causes[i].partition,
                 (long long)row->causes[i].offset);
        on_line(p, "cause", text);
    }
}

static dw_errc explain_alert(dw_cli *cli, dw_store *store, dw_policies *policies, const dw_found_alert *alert,
                             dw_error *err)
{
    const dw_transition *row = &alert->row;
    dw_record *rec = NULL;
    int64_t clock_us = 0;
    dw_errc code = dw_store_meta_int(store, alert->partition, "clock_us", 0, &clock_us, err);
    if (code == DW_OK)
        code = dw_found_alert_record(store, alert, &rec, err);
    if (code == DW_OK && rec == NULL)
        code = dw_fail(err, DW_E_MISSING, "nothing is known of %.*s/%.*s any more", DW_STR_ARG(row->la_code),
                       DW_STR_ARG(row->child_ref));
    const dw_policy_in_force *policy = NULL;
    if (code == DW_OK && (policy = dw_policies_get(policies, alert->partition, err)) == NULL)
        code = err->code != DW_OK ? err->code : dw_fail(err, DW_E_MISSING, "no policy is in force in that partition");
    if (code == DW_OK) {
        printer p = {.json = cli->json};
        dw_rule_words words = dw_policies_words(policies, alert->partition, row->rule_id);
        headline(&p, alert, words, clock_us);
        if (!dw_explain(rec, policy->policy, row->rule_id, row->subject_kind, row->subject_id, clock_us, on_line, &p))
            on_line(&p, "note", "under the policy in force the rule no longer applies to this subject");
    }
    dw_record_free(&rec);
    return code;
}

/* --- why not */

typedef struct why_not {
    dw_cli *cli;
    dw_str rule_id, la_code, child_ref;
    char *child;   /* "la/ref" */
    int64_t at_us; /* DW_AT_NONE: now, or the end of the log */
    const char *log, *policy_dir;
} why_not;

/* Why a rule is not in force; NULL: there is none such. `standards`: the text. */
static const char *why_absent(dw_str rule_id, dw_str standards)
{
    dw_rule_presence there = standards.len != 0 ? dw_standards_find(standards, rule_id) : DW_RULE_UNKNOWN;
    switch (there) {
    case DW_RULE_UNKNOWN:
        break;
    case DW_RULE_OFF:
        return "no: it is in the standards and switched off (enabled: false)";
    case DW_RULE_ON:
        return "no: it is in the standards, but is not asked of a child (per: worker)";
    }
    return NULL;
}

static dw_errc tell_why_not(const why_not *w, const dw_record *rec, const dw_policy *policy, dw_str standards,
                            int64_t clock_us, dw_error *err)
{
    printer p = {.json = w->cli->json};
    bool in_force = dw_policy_find_rule(policy, w->rule_id) != NULL;
    const char *absent = in_force ? NULL : why_absent(w->rule_id, standards);
    if (!in_force && absent == NULL)
        return dw_fail(err, DW_E_MISSING, "the standards in force have no rule %.*s that is asked of a child",
                       DW_STR_ARG(w->rule_id));
    if (!w->cli->json)
        printf("%.*s  %s\n\n", DW_STR_ARG(w->rule_id), w->child);
    on_line(&p, "child", w->child);
    if (!in_force) {
        char text[320];
        snprintf(text, sizeof(text), "%.*s", DW_STR_ARG(w->rule_id));
        on_line(&p, "rule", text);
        on_line(&p, "enabled", absent);
        return DW_OK;
    }
    return dw_explain_why_not(rec, policy, w->rule_id, clock_us, on_line, &p)
               ? DW_OK
               : dw_fail(err, DW_E_NOMEM, "out of memory");
}

static dw_errc why_not_in_log(const why_not *w, dw_error *err)
{
    dw_log_file *file = NULL;
    dw_policy_texts texts = {0};
    dw_problems problems = {0};
    bool found = false;
    dw_errc code = dw_log_file_read(w->cli, w->log, w->policy_dir, w->at_us, &file, err);
    if (code != DW_OK)
        return code;
    (void)dw_policy_texts_read(w->policy_dir, &texts, &problems); /* only to tell what is off from what is not there */
    for (size_t i = 0; code == DW_OK && !found && i < dw_log_file_shards(file); i++) {
        dw_inproc *in = dw_log_file_shard(file, i);
        dw_inproc_child *child = dw_inproc_find(in, w->la_code, w->child_ref);
        const dw_record *rec = NULL;
        found = child != NULL;
        if (!found)
            continue;
        if (dw_inproc_policy(in) == NULL)
            code = dw_fail(err, DW_E_MISSING, "no policy is in force at that instant of the log");
        if (code == DW_OK)
            code = dw_inproc_facts(in, child, &rec, err);
        if (code == DW_OK)
            code = tell_why_not(w, rec, dw_inproc_policy(in), texts.text.standards, dw_log_file_at_us(file), err);
    }
    if (code == DW_OK && !found)
        code = dw_fail(err, DW_E_MISSING, "the log knows nothing of %s at that instant", w->child);
    dw_policy_texts_deinit(&texts);
    dw_problems_deinit(&problems);
    dw_log_file_free(&file);
    return code;
}

static dw_errc why_not_live(const why_not *w, dw_error *err)
{
    dw_store *store = NULL;
    dw_policies *policies = NULL;
    dw_record *rec = NULL;
    const dw_policy_in_force *policy = NULL;
    int32_t partitions = 0, partition = 0;
    int64_t clock_us = 0;
    dw_str subject = dw_str_from(w->child);
    dw_errc code = dw_store_open(w->cli->settings, &store, err);
    if (code == DW_OK)
        code = dw_store_partitions(store, &partitions, err);
    if (code == DW_OK) {
        partition = dw_partition_of(subject, partitions);
        code = dw_store_record(store, partition, subject, &rec, err);
    }
    if (code == DW_OK && rec == NULL)
        code = dw_fail(err, DW_E_MISSING, "nothing is known of %s", w->child);
    if (code == DW_OK)
        code = dw_store_meta_int(store, partition, "clock_us", 0, &clock_us, err);
    if (code == DW_OK && (policies = dw_policies_new(store)) == NULL)
        code = dw_fail(err, DW_E_NOMEM, "out of memory");
    if (code == DW_OK && (policy = dw_policies_get(policies, partition, err)) == NULL)
        code = err->code != DW_OK ? err->code : dw_fail(err, DW_E_MISSING, "no policy is in force in that partition");
    if (code == DW_OK)
        code = tell_why_not(w, rec, policy->policy, policy->text.standards,
                            w->at_us != DW_AT_NONE ? w->at_us : clock_us, err);
    dw_record_free(&rec);
    dw_policies_free(&policies);
    dw_store_close(&store);
    return code;
}

static bool read_instant(const char *text, int64_t *us)
{
    int32_t day = 0;
    dw_str s = dw_str_from(text);
    if (!dw_date_parse(s, &day))
        return dw_instant_parse(s, us);
    *us = dw_london_start_us(day);
    return true;
}

enum { OPT_WHY_NOT, OPT_AT, OPT_LOG, OPT_POLICY };
static const dw_opt explain_opts[] = {
    {"why-not", NULL, "why a rule raises nothing for a child: the words are RULE and CHILD (LA/REF)"},
    {"at", "INSTANT", "with --why-not: at that instant, from what is known now; of a log, from what was known then"},
    {"log", "FILE", "with --why-not: from a log in JSON Lines (as `replay` reads it), no server is asked"},
    {"policy", "DIR", "with --log: these standards, instead of those of the log"},
};

static int explain_why_not(dw_cli *cli, const dw_args *args)
{
    dw_error err = {0};
    why_not w = {.cli = cli, .at_us = DW_AT_NONE, .log = args->value[OPT_LOG], .policy_dir = args->value[OPT_POLICY]};
    if (args->rest_count != 2)
        return dw_cli_usage(cli, "--why-not takes a rule and a child, such as --why-not CP-07 936/C1000042");
    w.rule_id = dw_str_from(args->rest[0]);
    w.child = args->rest[1];
    const char *slash = strchr(w.child, '/');
    if (slash == NULL)
        return dw_cli_usage(cli, "a child is LA/REF, such as 936/C1000042");
    w.la_code = (dw_str){w.child, (uint32_t)(slash - w.child)};
    w.child_ref = dw_str_from(slash + 1);
    if (args->value[OPT_AT] != NULL && !read_instant(args->value[OPT_AT], &w.at_us))
        return dw_cli_usage(cli, "--at takes an instant such as 2026-11-22T09:00:00Z, or a date");
    if (w.log == NULL && cli->settings == NULL)
        return DW_EXIT_USAGE;
    dw_errc code = w.log != NULL ? why_not_in_log(&w, &err) : why_not_live(&w, &err);
    return code == DW_OK ? DW_EXIT_OK : dw_cli_fail(cli, &err);
}

static int explain_run(dw_cli *cli, const dw_args *args)
{
    if (args->value[OPT_WHY_NOT] != NULL)
        return explain_why_not(cli, args);
    if (args->rest_count != 1)
        return dw_cli_usage(cli, "give one alert, or --why-not with a rule and a child");
    dw_error err = {0};
    dw_store *store = NULL;
    dw_policies *policies = NULL;
    int32_t partitions = 0;
    dw_found_alert alert = {0};
    dw_arena *arena = dw_arena_new(DW_EVENT_ARENA_BYTES_MAX);
    dw_errc code =
        arena != NULL ? dw_store_open(cli->settings, &store, &err) : dw_fail(&err, DW_E_NOMEM, "out of memory");
    if (code == DW_OK)
        code = dw_store_partitions(store, &partitions, &err);
    if (code == DW_OK)
        code = dw_alert_find(store, partitions, args->rest[0], arena, &alert, &err);
    if (code == DW_OK && (policies = dw_policies_new(store)) == NULL)
        code = dw_fail(&err, DW_E_NOMEM, "out of memory");
    if (code == DW_OK)
        code = explain_alert(cli, store, policies, &alert, &err);
    if (code != DW_OK)
        dw_cli_fail(cli, &err);
    dw_policies_free(&policies);
    dw_store_close(&store);
    dw_arena_free(&arena);
    return code == DW_OK ? DW_EXIT_OK : DW_EXIT_FAILED;
}

static const dw_opt_rule explain_rules[] = {
    {.option = "at", .only_with = "why-not"},
    {.option = "log", .only_with = "why-not"},
    {.option = "policy", .only_with = "why-not"},
    {.option = "policy", .only_with = "log"}, /* what runs has its own */
    {0},
};

const dw_verb dw_verb_explain = {
    .name = "explain",
    .run = explain_run,
    .opts = explain_opts,
    .opt_count = sizeof(explain_opts) / sizeof(explain_opts[0]),
    .rules = explain_rules,
    .min_words = 1,
    .max_words = 2,
    .words = "ALERT | RULE CHILD",
    .settings_unless = OPT_LOG + 1,
    .summary = "why an alert is there, or why not: rule, evidence, the working of its due date",
    .help =
        "ALERT is its id, or a beginning of it that no other alert has.\n"
        "With --why-not: step by step why RULE raises nothing for CHILD (or what it does raise): is it in force, which "
        "of the\n"
        "child's plans, placements or episodes it could hang on and what was found there, what it counts from, what it "
        "rests\n"
        "for, the evidence that met it and what was passed over, the due date with its days, the alerts there were.\n",
};

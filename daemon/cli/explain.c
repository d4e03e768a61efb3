/* explain.c: `driftwatch explain`: why an alert is there: rule, evidence, and how its due date was worked out. */

#include "handlers/explain.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/lookup.h"
#include "daemon/cli/text.h"

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
    char subject[DW_SUBJECT_BYTES_MAX + 8];
    int len = snprintf(subject, sizeof(subject), "%.*s/%.*s", DW_STR_ARG(row->la_code), DW_STR_ARG(row->child_ref));
    dw_record *rec = NULL;
    int64_t clock_us = 0;
    dw_errc code = dw_store_meta_int(store, alert->partition, "clock_us", 0, &clock_us, err);
    if (code == DW_OK)
        code = dw_store_record(store, alert->partition, (dw_str){subject, (uint32_t)len}, &rec, err);
    if (code == DW_OK && rec == NULL)
        code = dw_fail(err, DW_E_MISSING, "nothing is known of %s any more", subject);
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

static int explain_run(dw_cli *cli, const dw_args *args)
{
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

const dw_verb dw_verb_explain = {
    .name = "explain",
    .run = explain_run,
    .min_words = 1,
    .max_words = 1,
    .words = "ALERT",
    .summary = "why an alert is there: rule, evidence, the working of its due date",
    .help = "ALERT is its id, or a beginning of it that no other alert has.\n",
};

/* alerts.c: `driftwatch alerts`: what is live, or every transition as it comes. */

#include "daemon/cli/cli.h"
#include "daemon/cli/kafka.h"
#include "daemon/cli/lookup.h"
#include "daemon/cli/text.h"
#include "daemon/kafka.h"
#include "proto/json.h"

#include <errno.h>

#define ALERTS_ARENA_BYTES_MAX ((size_t)1 << 30) /* rows of one list: some 700,000 alerts */

enum { OPT_RULE, OPT_TEAM, OPT_POST, OPT_CHILD, OPT_PRIORITY, OPT_LEVEL, OPT_FOLLOW, OPT_FROM_START, OPT_IDLE };
static const dw_opt alerts_opts[] = {
    {"rule", "RULE", "only this rule, such as CP-07"},
    {"team", "TEAM", "only what stands with a post of this team's reporting line"},
    {"post", "POST", "only what stands with this post"},
    {"child", "LA/REF", "only this child"},
    {"priority", "1|2|3", "only this priority (P1 is the gravest)"},
    {"level", "0..4", "only this level: 0 social worker .. 4 director"},
    {"follow", NULL, "print every transition as it is published, until interrupted"},
    {"from-start", NULL, "with --follow: from the beginning of the topic"},
    {"idle", "SECONDS", "with --follow: end when nothing has come for so long"},
};

typedef struct filter {
    const char *rule, *team, *post, *child;
    int64_t priority, level; /* -1 = any */
    dw_policies *policies;
} filter;

static bool same_child(const dw_transition *tr, const char *child)
{
    size_t la = tr->la_code.len;
    return child == NULL || (strlen(child) == la + 1 + tr->child_ref.len && memcmp(child, tr->la_code.ptr, la) == 0 &&
                             child[la] == '/' && memcmp(child + la + 1, tr->child_ref.ptr, tr->child_ref.len) == 0);
}

static bool of_team(const filter *f, const dw_transition *tr, int32_t partition)
{
    dw_error ignored = {0};
    if (f->team == NULL)
        return true;
    const dw_policy_in_force *policy = dw_policies_get(f->policies, partition, &ignored);
    bool vacant = false;
    return policy != NULL && tr->level < DW_LEVELS &&
           dw_str_eq(dw_policy_post(policy->policy, dw_str_from(f->team), tr->level, &vacant), tr->post);
}

static bool wanted(const filter *f, const dw_transition *tr, int32_t partition)
{
    return dw_text_matches(tr->rule_id, f->rule) && dw_text_matches(tr->post, f->post) && same_child(tr, f->child) &&
           (f->priority < 0 || (int64_t)tr->priority == f->priority) &&
           (f->level < 0 || (int64_t)tr->level == f->level) && of_team(f, tr, partition);
}

/* --- the list */
typedef struct alert_line {
    int32_t partition;
    int64_t clock_us; /* the shard's */
    dw_transition row;
} alert_line;
typedef struct alert_list {
    const filter *filter;
    dw_arena *arena;
    alert_line *items;
    size_t count, cap;
    int32_t partition;
    int64_t clock_us;
    dw_error err;
} alert_list;

static bool on_row(void *user, dw_str field, dw_str value)
{
    (void)field;
    alert_list *list = user;
    alert_line *items = dw_list_room(list->items, list->count, &list->cap, 256, sizeof(*items));
    if (items == NULL) {
        dw_fail(&list->err, DW_E_NOMEM, "out of memory");
        return false;
    }
    list->items = items;
    alert_line *line = &list->items[list->count];
    *line = (alert_line){.partition = list->partition, .clock_us = list->clock_us};
    if (dw_transition_decode((const uint8_t *)value.ptr, value.len, list->arena, &line->row, &list->err) != DW_OK)
        return false;
    if (wanted(list->filter, &line->row, list->partition))
        list->count++;
    return true;
}

/* What has no due time stands since it was raised. */
static int64_t due_us(const dw_transition *tr)
{
    if (tr->due_kind == DW_DUE_DATE)
        return dw_london_start_us(tr->due_on + 1);
    return tr->due_kind == DW_DUE_INSTANT ? tr->due_at_us : tr->raised_at_us;
}

/* Gravest first, then highest level, then longest overdue; then by id, so that equal lists print alike. */
static int by_urgency(const void *left, const void *right)
{
    const dw_transition *a = &((const alert_line *)left)->row;
    const dw_transition *b = &((const alert_line *)right)->row;
    if (a->priority != b->priority)
        return a->priority < b->priority ? -1 : 1;
    if (a->level != b->level)
        return a->level > b->level ? -1 : 1;
    if (due_us(a) != due_us(b))
        return due_us(a) < due_us(b) ? -1 : 1;
    return strcmp(a->alert_id, b->alert_id);
}

static int print_json(const dw_transition *tr, dw_policies *policies, int32_t partition)
{
    char *extra = dw_rule_words_json(dw_policies_words(policies, partition, tr->rule_id), partition);
    char *line = extra != NULL ? dw_transition_to_json(tr, extra) : NULL;
    int put = line != NULL ? puts(line) : -1;
    free(line);
    free(extra);
    return put;
}

static void print_alert(const alert_line *line, dw_policies *policies)
{
    const dw_transition *tr = &line->row;
    dw_rule_words words = dw_policies_words(policies, line->partition, tr->rule_id);
    char subject[128];
    char due[96];
    char raised[DW_TEXT_TIME_MAX];
    printf("P%d  %-6.*s %.*s\n", (int)tr->priority, DW_STR_ARG(tr->rule_id), DW_STR_ARG(words.title));
    dw_text_subject(tr->subject_kind, tr->subject_id, subject, sizeof(subject));
    printf("    child     %.*s/%.*s%s%s%s\n", DW_STR_ARG(tr->la_code), DW_STR_ARG(tr->child_ref),
           subject[0] != '\0' ? ", " : "", subject, tr->restricted ? " (restricted)" : "");
    printf("    when      %s%s%s", dw_text_due(tr, line->clock_us, due, sizeof(due)),
           tr->approximate ? ", approximately" : "", tr->found_at_start ? ", found at the start" : "");
    if (tr->count > 1)
        printf(", %u in all", tr->count);
    printf("\n    with      %.*s (%s)", DW_STR_ARG(tr->post), dw_text_level(tr->level));
    if (tr->kind == DW_TR_ACKNOWLEDGED) {
        char day[DW_TEXT_DATE_MAX];
        printf(", answered (%.*s), looked at again %s", DW_STR_ARG(tr->reason_code),
               dw_text_day(tr->review_by, day, sizeof(day)));
    }
    printf(", since %s\n", dw_text_time(tr->raised_at_us, raised, sizeof(raised)));
    if (words.action.len != 0)
        printf("    expected  %.*s\n", DW_STR_ARG(words.action));
    if (words.next_step.len != 0)
        printf("    next      %.*s\n", DW_STR_ARG(words.next_step));
    printf("    alert     %s\n\n", tr->alert_id);
}

/* Partitions that may hold what is asked for. */
static void partitions_wanted(const filter *f, int32_t count, int32_t *first, int32_t *last)
{
    *first = 0;
    *last = count - 1;
    if (f->child != NULL)
        *first = *last = dw_partition_of(dw_str_from(f->child), count);
}

static int list_alerts(dw_cli *cli, dw_store *store, const filter *f)
{
    alert_list list = {.filter = f, .arena = dw_arena_new(ALERTS_ARENA_BYTES_MAX)};
    int32_t count = 0;
    int code = DW_EXIT_FAILED;
    if (list.arena == NULL || dw_store_partitions(store, &count, &list.err) != DW_OK)
        goto done;
    int32_t first = 0;
    int32_t last = 0;
    partitions_wanted(f, count, &first, &last);
    for (list.partition = first; list.partition <= last; list.partition++) {
        if (dw_store_meta_int(store, list.partition, "clock_us", 0, &list.clock_us, &list.err) != DW_OK ||
            dw_store_scan(store, list.partition, "alerts", NULL, on_row, &list, &list.err) != DW_OK ||
            list.err.code != DW_OK)
            goto done;
    }
    if (list.count != 0)
        qsort(list.items, list.count, sizeof(*list.items), by_urgency);
    for (size_t i = 0; i < list.count; i++) {
        if (cli->json)
            print_json(&list.items[i].row, f->policies, list.items[i].partition);
        else
            print_alert(&list.items[i], f->policies);
    }
    if (!cli->json)
        printf("%zu alert%s\n", list.count, list.count == 1 ? "" : "s");
    code = DW_EXIT_OK;
done:
    if (code != DW_EXIT_OK)
        dw_cli_fail(cli, &list.err);
    free(list.items);
    dw_arena_free(&list.arena);
    return code;
}

/* --- following */
typedef struct position {
    int64_t offset, n;
} position;

static position position_of(dw_str text)
{
    char copy[64];
    position p = {-1, -1};
    if (text.len == 0 || text.len >= sizeof(copy))
        return p;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    char *end = copy;
    p.offset = strtoll(copy, &end, 10);
    p.n = *end == '-' ? strtoll(end + 1, NULL, 10) : 0;
    return p;
}
static bool later(position a, position b)
{
    return a.offset != b.offset ? a.offset > b.offset : a.n > b.n;
}

/* A table of positions, none seen yet. */
static position *new_positions(int32_t count)
{
    position *seen = calloc((size_t)count + 1, sizeof(*seen));
    for (int32_t p = 0; seen != NULL && p < count; p++)
        seen[p] = (position){-1, -1};
    return seen;
}

/* Each record carries its position; one not above the last of its partition has been printed. */
static bool is_repeat(position *seen, int32_t count, const rd_kafka_message_t *message)
{
    position at = position_of(dw_kafka_header(message, "dw-position"));
    if (message->partition < 0 || message->partition >= count)
        return true; /* a partition added meanwhile: nobody asked for it */
    if (at.offset < 0)
        return false;
    if (!later(at, seen[message->partition]))
        return true;
    seen[message->partition] = at;
    return false;
}

static void print_transition(const dw_cli *cli, const dw_transition *tr, dw_policies *policies, int32_t partition)
{
    char when[DW_TEXT_TIME_MAX];
    char text[640];
    if (cli->json) {
        print_json(tr, policies, partition);
    } else {
        dw_rule_words words = dw_policies_words(policies, partition, tr->rule_id);
        printf("%s  P%d %-6.*s %s\n", dw_text_time(tr->raised_at_us, when, sizeof(when)), (int)tr->priority,
               DW_STR_ARG(tr->rule_id), dw_text_transition(tr, words.title, text, sizeof(text)));
    }
    fflush(stdout);
}

static dw_errc follow_spans(dw_cli *cli, bool from_start, dw_log_span **spans, int32_t *count, dw_error *err)
{
    rd_kafka_t *rk = NULL;
    dw_errc code = dw_kafka_consumer_new(cli->settings, &rk, err);
    if (code == DW_OK)
        code = dw_kafka_partition_count(rk, cli->settings->kafka_topics_alerts, count, err);
    if (code == DW_OK && (*spans = calloc((size_t)*count, sizeof(**spans))) == NULL)
        code = dw_fail(err, DW_E_NOMEM, "out of memory");
    for (int32_t p = 0; code == DW_OK && p < *count; p++) {
        int64_t low = 0;
        int64_t high = 0;
        code = dw_kafka_ends(rk, cli->settings->kafka_topics_alerts, p, &low, &high, err);
        (*spans)[p] = (dw_log_span){p, from_start ? low : high, INT64_MAX};
    }
    if (rk != NULL)
        rd_kafka_destroy(rk);
    return code;
}

static int follow(dw_cli *cli, const filter *f, bool from_start, int64_t idle_s)
{
    dw_log_span *spans = NULL;
    int32_t count = 0;
    dw_error err = {0};
    dw_log_reader *reader = NULL;
    position *seen = NULL;
    dw_arena *arena = dw_arena_new(DW_EVENT_ARENA_BYTES_MAX);
    dw_errc code = follow_spans(cli, from_start, &spans, &count, &err);
    if (code == DW_OK)
        code =
            dw_log_reader_new(cli->settings, cli->settings->kafka_topics_alerts, spans, (size_t)count, &reader, &err);
    if (code == DW_OK && (arena == NULL || (seen = new_positions(count)) == NULL))
        code = dw_fail(&err, DW_E_NOMEM, "out of memory");
    while (code == DW_OK) {
        const rd_kafka_message_t *message = dw_log_reader_next(reader, idle_s > 0 ? (int)idle_s * 1000 : 1000, &err);
        code = err.code;
        if (message == NULL) {
            if (idle_s > 0)
                break;
            continue;
        }
        if (is_repeat(seen, count, message))
            continue;
        dw_arena_reset(arena);
        dw_transition tr;
        dw_error bad = {0};
        if (dw_transition_decode(message->payload, message->len, arena, &tr, &bad) != DW_OK)
            dw_cli_say(cli, 0, "%s/%d offset %lld: %s", cli->settings->kafka_topics_alerts, (int)message->partition,
                       (long long)message->offset, bad.text);
        else if (wanted(f, &tr, message->partition))
            print_transition(cli, &tr, f->policies, message->partition);
    }
    if (code != DW_OK)
        dw_cli_fail(cli, &err);
    dw_log_reader_free(&reader);
    dw_arena_free(&arena);
    free(spans);
    free(seen);
    return code == DW_OK ? DW_EXIT_OK : DW_EXIT_FAILED;
}

static int alerts_run(dw_cli *cli, const dw_args *args)
{
    filter f = {.rule = args->value[OPT_RULE],
                .team = args->value[OPT_TEAM],
                .post = args->value[OPT_POST],
                .child = args->value[OPT_CHILD],
                .priority = -1,
                .level = -1};
    int64_t idle_s = 0;
    dw_args plain = *args; /* P1 is 1 */
    const char *priority = args->value[OPT_PRIORITY];
    if (priority != NULL && (priority[0] == 'P' || priority[0] == 'p'))
        plain.value[OPT_PRIORITY] = priority + 1;
    if (!dw_arg_int(cli, &dw_verb_alerts, &plain, OPT_PRIORITY, 1, 3, &f.priority) ||
        !dw_arg_int(cli, &dw_verb_alerts, args, OPT_LEVEL, 0, DW_LEVELS - 1, &f.level) ||
        !dw_arg_int(cli, &dw_verb_alerts, args, OPT_IDLE, 1, 86400, &idle_s))
        return DW_EXIT_USAGE;
    if (f.child != NULL && strchr(f.child, '/') == NULL)
        return dw_cli_usage(cli, "--child takes LA/REF, such as 936/C1000042");
    dw_error err = {0};
    dw_store *store = NULL;
    if (dw_store_open(cli->settings, &store, &err) != DW_OK)
        return dw_cli_fail(cli, &err);
    f.policies = dw_policies_new(store);
    int code = DW_EXIT_FAILED;
    if (f.policies == NULL)
        dw_cli_say(cli, 0, "out of memory");
    else if (args->value[OPT_FOLLOW] != NULL)
        code = follow(cli, &f, args->value[OPT_FROM_START] != NULL, idle_s);
    else
        code = list_alerts(cli, store, &f);
    dw_policies_free(&f.policies);
    dw_store_close(&store);
    return code;
}

static const dw_opt_rule alerts_rules[] = {
    {.option = "from-start", .only_with = "follow"},
    {.option = "idle", .only_with = "follow"},
    {0},
};

const dw_verb dw_verb_alerts = {
    .name = "alerts",
    .run = alerts_run,
    .opts = alerts_opts,
    .opt_count = sizeof(alerts_opts) / sizeof(alerts_opts[0]),
    .rules = alerts_rules,
    .words = "",
    .summary = "live alerts, the most urgent first, or every transition as it comes",
    .help = "Each with what is expected and the next step, in the words of the policy in force. Times are those of the "
            "log.\n"
            "--team compares with the post that answers for the team at the alert's level.\n",
};

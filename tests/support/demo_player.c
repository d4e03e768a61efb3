// link: dw_cli
/* demo_player.c: dw_demo_player plays a simulated authority's story into a running driftwatchd, day by day, and tells
 * what arrives and which alerts come back. Every alert line is read from the alerts topic.
 *
 *     dw_demo_player --config FILE [--seed N] [--children N] --from DATE --to DATE [--pick FILE]
 *
 * --pick writes the id of one live alert that is worth explaining. Needs `clock: create_time`: the story brings its own
 * times, and its ticks. */

#include "config/settings.h"
#include "daemon/cli/ack_event.h"
#include "daemon/cli/append.h"
#include "daemon/cli/demo_line.h"
#include "daemon/cli/gen.h"
#include "daemon/cli/lookup.h"
#include "daemon/cli/rng.h"
#include "daemon/cli/text.h"
#include "daemon/kafka.h"
#include "proto/json.h"

#include <errno.h>
#include <getopt.h>
#include <time.h>
#include <unistd.h>

#define DAY_US 86400000000LL
#define PATIENCE_S 40 /* for the daemon to come up, and for one day to be worked off */
#define PARTITIONS_MAX 256
#define LIVE_MAX 20000
#define ANSWERS_MAX 2000

typedef struct place {
    int64_t offset, n;
} place;

typedef struct live_alert {
    char id[DW_UUID_TEXT_LEN + 1];
    char rule[DW_RULE_ID_BYTES_MAX + 1];
    int priority;
    uint32_t level, count;
    bool live;
} live_alert;

typedef struct heard { /* one transition of the day */
    int64_t raised_at_us;
    int32_t partition;
    dw_transition tr;
} heard;

typedef struct answer { /* what somebody will say about an alert, and when */
    int64_t at_us;
    int32_t review_by;
    dw_transition tr; /* only the fields without views are used, and the three below */
    bool visit;       /* it is about a visit */
    char la[8], child[DW_ID_BYTES_MAX + 1], post[DW_ID_BYTES_MAX + 1];
} answer;

typedef struct player {
    dw_settings *settings;
    dw_appender *appender;
    dw_store *store;
    dw_policies *policies;
    dw_log_reader *reader;
    dw_gen *gen;
    dw_arena *arena; /* of the day */
    int32_t partitions;
    place seen[PARTITIONS_MAX];
    heard *today;
    size_t today_count, today_cap;
    live_alert *alerts;
    size_t alert_count;
    answer *answers; /* still to come */
    size_t answer_count;
    dw_rng rng;
    dw_demo_week week;
    uint64_t events, loaded, answered, opened, escalated, closed, found_at_start, repeats;
    bool colour;
    int64_t first_day_end_us;
} player;

#define BOLD "\033[1m"
#define DIM "\033[2m"
#define PLAIN "\033[0m"
static const char *paint(const player *p, const char *code)
{
    return p->colour ? code : "";
}

/* --- what arrives */
/* What was written up long before it came is the first load. */
static bool is_loaded(const dw_event *ev, int64_t log_us)
{
    return ev->recorded_at_us != 0 && log_us - ev->recorded_at_us > DAY_US;
}

static void count_event(player *p, const dw_event *ev, int64_t log_us)
{
    p->events++;
    if (is_loaded(ev, log_us)) {
        p->loaded++;
        return;
    }
    p->week.events++;
    p->week.by_type[ev->type]++;
    p->week.corrected += ev->op != DW_OP_CREATE && ev->type != DW_EV_CONTACT_RECEIVED;
    p->week.late += ev->recorded_at_us - ev->occurred_at_us > 2 * DAY_US;
}

static void print_heading(player *p, int32_t day, bool is_load)
{
    char words[DW_TEXT_DATE_MAX];
    printf("\n%sWeek of %s%s\n", paint(p, BOLD), dw_text_day(day, words, sizeof(words)), paint(p, PLAIN));
    if (is_load)
        printf("%s  First the open cases are loaded: %llu events. A day later, what is still overdue opens once.%s\n",
               paint(p, DIM), (unsigned long long)p->loaded, paint(p, PLAIN));
    fflush(stdout);
}

static void print_week(player *p)
{
    char line[DW_DEMO_WEEK_MAX];
    puts(dw_demo_week_line(&p->week, p->colour, line, sizeof(line)));
    fflush(stdout);
    p->week = (dw_demo_week){0};
}

/* --- what comes back */
static bool later(place a, place b)
{
    return a.offset != b.offset ? a.offset > b.offset : a.n > b.n;
}

static place place_of(const char *text)
{
    char *end = NULL;
    place at = {strtoll(text, &end, 10), 0};
    at.n = *end == '-' ? strtoll(end + 1, NULL, 10) : 0;
    return at;
}

static live_alert *alert_of(player *p, const dw_transition *tr)
{
    for (size_t i = 0; i < p->alert_count; i++)
        if (strcmp(p->alerts[i].id, tr->alert_id) == 0)
            return &p->alerts[i];
    if (p->alert_count == LIVE_MAX)
        return NULL;
    live_alert *alert = &p->alerts[p->alert_count++];
    snprintf(alert->id, sizeof(alert->id), "%s", tr->alert_id);
    snprintf(alert->rule, sizeof(alert->rule), "%.*s", DW_STR_ARG(tr->rule_id));
    return alert;
}

static void keep_account(player *p, const dw_transition *tr)
{
    live_alert *alert = alert_of(p, tr);
    bool opens = tr->kind == DW_TR_OPENED || tr->kind == DW_TR_REOPENED;
    p->opened += opens;
    p->found_at_start += opens && tr->found_at_start;
    p->escalated += tr->kind == DW_TR_ESCALATED;
    p->answered += tr->kind == DW_TR_ACKNOWLEDGED;
    p->closed += tr->kind == DW_TR_RESOLVED;
    if (alert == NULL || tr->kind == DW_TR_FLAGGED || tr->kind == DW_TR_NOTED)
        return;
    alert->priority = (int)tr->priority;
    alert->level = tr->level;
    alert->count = tr->count;
    alert->live = tr->kind != DW_TR_RESOLVED && (alert->live || opens);
}

static int32_t working_days_after(int32_t day, int count)
{
    while (count > 0)
        count -= dw_day_weekday(++day) < 5;
    return day;
}

/* Managers answer most of what comes up to them, mostly the next working day; social workers go and do it. */
static void maybe_answer(player *p, const dw_transition *tr)
{
    static const int rest_days[] = {0, 1, 5, 9}; /* working days an answer may last, by priority */
    bool comes_up =
        tr->kind == DW_TR_ESCALATED || tr->kind == DW_TR_ACK_EXPIRED || (tr->kind == DW_TR_OPENED && tr->level > 0);
    if (!comes_up || tr->level == 0 || p->answer_count == ANSWERS_MAX || !dw_rng_chance(&p->rng, 720))
        return;
    int32_t day = working_days_after(dw_london_day(tr->raised_at_us), dw_rng_chance(&p->rng, 750) ? 1 : 2);
    answer *a = &p->answers[p->answer_count++];
    *a = (answer){.tr = *tr, .review_by = working_days_after(day, rest_days[tr->priority & 3])};
    a->at_us = dw_london_start_us(day) + dw_rng_between(&p->rng, 9 * 60, 16 * 60) * 60000000LL;
    a->visit = tr->rule_id.len > 2 && memchr("CPL", tr->rule_id.ptr[0], 3) != NULL && tr->due_kind == DW_DUE_DATE;
    snprintf(a->la, sizeof(a->la), "%.*s", DW_STR_ARG(tr->la_code));
    snprintf(a->child, sizeof(a->child), "%.*s", DW_STR_ARG(tr->child_ref));
    snprintf(a->post, sizeof(a->post), "%.*s", DW_STR_ARG(tr->post));
}

static bool hear(player *p, const rd_kafka_message_t *message)
{
    char position[64] = "";
    dw_str header = dw_kafka_header(message, "dw-position");
    if (header.len == 0 || header.len >= sizeof(position) || message->partition >= p->partitions)
        return false;
    memcpy(position, header.ptr, header.len);
    place at = place_of(position);
    if (!later(at, p->seen[message->partition])) {
        p->repeats++;
        return true;
    }
    p->seen[message->partition] = at;
    if (p->today_count == p->today_cap) {
        size_t cap = p->today_cap == 0 ? 64 : p->today_cap * 2;
        heard *items = realloc(p->today, cap * sizeof(*items));
        if (items == NULL)
            return false;
        p->today = items;
        p->today_cap = cap;
    }
    heard *h = &p->today[p->today_count];
    dw_error err = {0};
    if (dw_transition_decode(message->payload, message->len, p->arena, &h->tr, &err) != DW_OK) {
        fprintf(stderr, "dw_demo_player: %s\n", err.text);
        return false;
    }
    h->raised_at_us = h->tr.raised_at_us;
    h->partition = message->partition;
    keep_account(p, &h->tr);
    maybe_answer(p, &h->tr);
    p->today_count++;
    return true;
}

static int by_time(const void *left, const void *right)
{
    const heard *a = left;
    const heard *b = right;
    if (a->raised_at_us != b->raised_at_us)
        return a->raised_at_us < b->raised_at_us ? -1 : 1;
    return strcmp(a->tr.transition_id, b->tr.transition_id);
}

static void print_heard(player *p, const heard *h)
{
    char line[640];
    dw_rule_words words = dw_policies_words(p->policies, h->partition, h->tr.rule_id);
    puts(dw_demo_line(&h->tr, words.title, p->colour, line, sizeof(line)));
}

static void print_day(player *p)
{
    if (p->today_count != 0)
        qsort(p->today, p->today_count, sizeof(*p->today), by_time);
    for (size_t i = 0; i < p->today_count; i++)
        print_heard(p, &p->today[i]);
    fflush(stdout);
    p->today_count = 0;
    dw_arena_reset(p->arena);
}

/* --- waiting for the daemon */
static int64_t boot_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Position of the newest alert row among those the shard still keeps; {-1,-1}: none. */
static dw_errc newest_row(player *p, int32_t partition, place *out, dw_error *err)
{
    static const dw_str args[] = {DW_STR_LIT("+"), DW_STR_LIT("-"), DW_STR_LIT("COUNT"), DW_STR_LIT("100")};
    *out = (place){-1, -1};
    redisReply *rows = dw_store_call(p->store, "XREVRANGE", partition, "outbox", args, 4, err);
    if (rows == NULL)
        return DW_E_IO;
    for (size_t i = 0; rows->type == REDIS_REPLY_ARRAY && i < rows->elements && out->offset < 0; i++) {
        const redisReply *row = rows->element[i];
        const redisReply *fields = row->type == REDIS_REPLY_ARRAY && row->elements == 2 ? row->element[1] : NULL;
        for (size_t f = 0; fields != NULL && f + 1 < fields->elements; f += 2)
            if (strcmp(fields->element[f]->str, "t") == 0 && strcmp(fields->element[f + 1]->str, "a") == 0)
                *out = place_of(row->element[0]->str);
    }
    freeReplyObject(rows);
    return DW_OK;
}

/* Has the shard's clock reached `clock_us`, and has everything it said been heard? */
static dw_errc is_done(player *p, int32_t partition, int64_t clock_us, bool *done, dw_error *err)
{
    int64_t now_us = 0;
    place newest;
    *done = false;
    dw_errc code = dw_store_meta_int(p->store, partition, "clock_us", -1, &now_us, err);
    if (code != DW_OK || now_us < clock_us)
        return code;
    code = newest_row(p, partition, &newest, err);
    if (code == DW_OK)
        *done = !later(newest, p->seen[partition]);
    return code;
}

static dw_errc settle(player *p, int64_t clock_us, dw_error *err)
{
    int64_t end = boot_ms() + PATIENCE_S * 1000;
    int32_t partition = 0;
    while (partition < p->partitions) {
        const rd_kafka_message_t *message = dw_log_reader_next(p->reader, 2, err);
        if (err->code != DW_OK)
            return err->code;
        if (message != NULL) {
            if (!hear(p, message))
                return dw_fail(err, DW_E_FORMAT, "a record of the alerts topic is not what it should be");
            continue;
        }
        bool done = false;
        dw_errc code = is_done(p, partition, clock_us, &done, err);
        if (code != DW_OK)
            return code;
        partition += done;
        if (!done && boot_ms() > end)
            return dw_fail(err, DW_E_IO, "driftwatchd did not work the day off within %d s", PATIENCE_S);
    }
    return DW_OK;
}

/* --- the story */
/* The last record of a day, in every partition: what is due until then fires, and its clock says that all is done. */
static dw_errc tick(player *p, int64_t at_us, dw_error *err)
{
    dw_event ev;
    memset(&ev, 0, sizeof(ev));
    ev.type = DW_EV_CLOCK_TICK;
    ev.op = DW_OP_CREATE;
    ev.schema_version = 1;
    ev.source_revision = 1;
    ev.occurred_at_us = at_us;
    ev.event_id = DW_STR_LIT("demo-tick");
    ev.source_system = DW_STR_LIT("driftwatch");
    ev.source_record_id = DW_STR_LIT("tick");
    dw_errc code = dw_appender_event(p->appender, &ev, at_us, DW_EVERY_PARTITION, 0, err);
    return code == DW_OK ? dw_publisher_flush(dw_appender_publisher(p->appender), err) : code;
}

/* Nobody answers what has gone from the list. */
static bool is_live(const player *p, const answer *a)
{
    for (size_t i = 0; i < p->alert_count; i++)
        if (strcmp(p->alerts[i].id, a->tr.alert_id) == 0)
            return p->alerts[i].live && p->alerts[i].level == a->tr.level;
    return false;
}

static dw_errc send_answer(player *p, const answer *a, dw_error *err)
{
    if (!is_live(p, a))
        return DW_OK;
    static const char *const visits[] = {"FAMILY_AWAY", "ACCESS_REFUSED", "VISIT_BOOKED", "WORKER_SICK"};
    static const char *const others[] = {"DATE_AGREED", "PLAN_UNDER_REVIEW", "WORKER_SICK", "NOT_RECORDED_YET"};
    char id[48];
    char note[48];
    dw_event ev;
    snprintf(id, sizeof(id), "ack-%.36s", a->tr.transition_id);
    snprintf(note, sizeof(note), "note-%.8s", a->tr.transition_id);
    const dw_ack ack = {.alert_id = dw_str_from(a->tr.alert_id),
                        .generation = a->tr.generation,
                        .level = a->tr.level,
                        .reason_code = dw_str_from((a->visit ? visits : others)[dw_rng_below(&p->rng, 4)]),
                        .review_by = a->review_by,
                        .actor_post = dw_str_from(a->post),
                        .actor_ref = dw_str_from(a->post),
                        .oversight_ref = dw_str_from(note)};
    dw_ack_event(&ev, &ack, dw_str_from(a->la), dw_str_from(a->child), DW_STR_LIT("LCS"), dw_str_from(id), a->at_us);
    p->events++;
    p->week.events++;
    return dw_appender_event(p->appender, &ev, a->at_us, DW_EVERY_PARTITION, 0, err);
}

static int by_due(const void *left, const void *right)
{
    const answer *a = left;
    const answer *b = right;
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us ? -1 : 1;
    return strcmp(a->tr.transition_id, b->tr.transition_id);
}

/* Sends the answers that are given before `until_us`. The list is in the order of time. */
static dw_errc send_answers(player *p, int64_t until_us, dw_error *err)
{
    size_t sent = 0;
    dw_errc code = DW_OK;
    while (code == DW_OK && sent < p->answer_count && p->answers[sent].at_us < until_us)
        code = send_answer(p, &p->answers[sent++], err);
    p->answer_count -= sent;
    memmove(p->answers, p->answers + sent, p->answer_count * sizeof(*p->answers));
    return code;
}

static dw_errc play(player *p, const dw_gen_config *config, dw_error *err)
{
    dw_event ev;
    int64_t log_us = 0;
    dw_errc code = DW_OK;
    bool more = dw_gen_next(p->gen, &ev, &log_us, err);
    for (int32_t day = config->from_day; code == DW_OK && day < config->to_day; day++) {
        int64_t end_us = dw_london_start_us(day + 1);
        bool is_load = day == config->from_day;
        if (p->answer_count != 0)
            qsort(p->answers, p->answer_count, sizeof(*p->answers), by_due);
        for (; code == DW_OK && more && log_us < end_us;
             more = code == DW_OK && dw_gen_next(p->gen, &ev, &log_us, err)) {
            code = send_answers(p, log_us, err);
            if (code == DW_OK)
                code = dw_appender_event(p->appender, &ev, log_us, DW_EVERY_PARTITION, 0, err);
            count_event(p, &ev, log_us);
        }
        if (code == DW_OK)
            code = send_answers(p, end_us - 1000, err);
        if (code == DW_OK)
            code = tick(p, end_us - 1000, err);
        if (code == DW_OK && (is_load || (day - config->from_day) % 7 == 0))
            print_heading(p, day, is_load);
        if (code == DW_OK)
            code = settle(p, end_us - 1000, err);
        if (code == DW_OK)
            print_day(p);
        if (code == DW_OK && ((day - config->from_day) % 7 == 6 || day + 1 == config->to_day))
            print_week(p);
    }
    return code != DW_OK ? code : err->code;
}

static void closing(const player *p)
{
    uint64_t live[4] = {0};
    uint64_t all = 0;
    for (size_t i = 0; i < p->alert_count; i++) {
        live[p->alerts[i].priority & 3] += p->alerts[i].live;
        all += p->alerts[i].live;
    }
    printf("\n%sIn all%s: events that arrived: %llu. Alerts raised: %llu (found at the start: %llu), raised a level: "
           "%llu, "
           "answered: %llu,\n"
           "closed because it was done, ended or corrected: %llu. Live now: %llu (P1 %llu, P2 %llu, P3 %llu).\n",
           paint(p, BOLD), paint(p, PLAIN), (unsigned long long)p->events, (unsigned long long)p->opened,
           (unsigned long long)p->found_at_start, (unsigned long long)p->escalated, (unsigned long long)p->answered,
           (unsigned long long)p->closed, (unsigned long long)all, (unsigned long long)live[1],
           (unsigned long long)live[2], (unsigned long long)live[3]);
}

/* An alert that shows much: a repeated absence or a missed visit, as high up as one stands. */
static const live_alert *worth_explaining(const player *p)
{
    static const char *const rules[] = {"MI-05", "MI-03", "CP-07", "LA-02", "CN-01", "MI-02"};
    const live_alert *best = NULL;
    size_t best_rank = sizeof(rules) / sizeof(rules[0]) + 1;
    for (size_t i = 0; i < p->alert_count; i++) {
        const live_alert *alert = &p->alerts[i];
        size_t rank = 0;
        while (rank < sizeof(rules) / sizeof(rules[0]) && strcmp(rules[rank], alert->rule) != 0)
            rank++;
        if (alert->live && (rank < best_rank || (rank == best_rank && best != NULL && alert->level > best->level))) {
            best = alert;
            best_rank = rank;
        }
    }
    return best;
}

static dw_errc pick(const player *p, const char *path, dw_error *err)
{
    const live_alert *alert = worth_explaining(p);
    FILE *file = fopen(path, "we");
    if (file == NULL)
        return dw_fail(err, DW_E_IO, "%s: %s", path, strerror(errno));
    if (alert != NULL)
        fprintf(file, "%s\n", alert->id);
    return fclose(file) == 0 ? DW_OK : dw_fail(err, DW_E_IO, "%s: %s", path, strerror(errno));
}

/* --- start and end */
static dw_errc wait_for_daemon(player *p, dw_error *err)
{
    int64_t end = boot_ms() + PATIENCE_S * 1000;
    dw_errc code = DW_E_IO;
    while (code != DW_OK && boot_ms() < end) {
        code = dw_store_partitions(p->store, &p->partitions, err);
        for (int32_t q = 0; code == DW_OK && q < p->partitions; q++) {
            int64_t policy = 0;
            code = dw_store_meta_int(p->store, q, "policy_number", 0, &policy, err);
            if (code == DW_OK && policy == 0)
                code = dw_fail(err, DW_E_IO, "shard %d has no policy within %d s: is driftwatchd running?", (int)q,
                               PATIENCE_S);
        }
        if (code != DW_OK)
            usleep(20000);
    }
    if (code == DW_OK && p->partitions > PARTITIONS_MAX)
        return dw_fail(err, DW_E_RANGE, "too many partitions for a demo");
    return code;
}

static dw_errc begin(player *p, const char *config_path, const dw_gen_config *config, dw_error *err)
{
    dw_problems problems = {0};
    p->settings = dw_settings_load(config_path, &problems);
    dw_problems_print(&problems, stderr);
    dw_problems_deinit(&problems);
    if (p->settings == NULL || p->settings->clock != DW_CLOCK_CREATE_TIME)
        return dw_fail(err, DW_E_CONFIG, "the settings are wrong, or not `clock: create_time`");
    p->arena = dw_arena_new((size_t)64 << 20);
    p->alerts = calloc(LIVE_MAX, sizeof(*p->alerts));
    p->answers = calloc(ANSWERS_MAX, sizeof(*p->answers));
    p->rng = dw_rng_for(config->seed, 7);
    if (p->arena == NULL || p->alerts == NULL || p->answers == NULL)
        return dw_fail(err, DW_E_NOMEM, "out of memory");
    dw_errc code = dw_gen_new(config, &p->gen, err);
    if (code == DW_OK)
        code = dw_store_open(p->settings, &p->store, err);
    if (code == DW_OK)
        code = wait_for_daemon(p, err);
    if (code == DW_OK && (p->policies = dw_policies_new(p->store)) == NULL)
        code = dw_fail(err, DW_E_NOMEM, "out of memory");
    if (code == DW_OK)
        code = dw_appender_new(p->settings, NULL, NULL, &p->appender, err);
    dw_log_span spans[PARTITIONS_MAX];
    for (int32_t q = 0; q < p->partitions && code == DW_OK; q++) {
        spans[q] = (dw_log_span){q, RD_KAFKA_OFFSET_BEGINNING, INT64_MAX};
        p->seen[q] = (place){-1, -1};
    }
    if (code == DW_OK)
        code = dw_log_reader_new(p->settings, p->settings->kafka_topics_alerts, spans, (size_t)p->partitions,
                                 &p->reader, err);
    return code;
}

static void end(player *p)
{
    dw_log_reader_free(&p->reader);
    dw_appender_free(&p->appender);
    dw_policies_free(&p->policies);
    dw_store_close(&p->store);
    dw_gen_free(&p->gen);
    dw_arena_free(&p->arena);
    if (p->settings != NULL)
        dw_settings_free(&p->settings);
    free(p->alerts);
    free(p->answers);
    free(p->today);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"config", 1, NULL, 'c'},
                                            {"seed", 1, NULL, 's'},
                                            {"children", 1, NULL, 'n'},
                                            {"from", 1, NULL, 'f'},
                                            {"to", 1, NULL, 't'},
                                            {"pick", 1, NULL, 'p'},
                                            {0}};
    const char *config_path = NULL;
    const char *pick_path = NULL;
    long children = 40;
    dw_gen_config config = {.seed = 1, .la_code = "999"};
    int c = 0;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'c')
            config_path = optarg;
        else if (c == 's')
            config.seed = strtoull(optarg, NULL, 10);
        else if (c == 'n')
            children = strtol(optarg, NULL, 10);
        else if (c == 'p')
            pick_path = optarg;
        else if ((c != 't' && c != 'f') ||
                 !dw_date_parse(dw_str_from(optarg), c == 't' ? &config.to_day : &config.from_day))
            return 2;
    }
    if (config.to_day - config.from_day < 2 || config.to_day - config.from_day > 400 || children < 1 ||
        children > 2000) {
        fprintf(stderr, "dw_demo_player: --from and --to 2 to 400 days apart, 1 to 2000 children\n");
        return 2;
    }
    config.scale = (double)children / DW_GEN_OPEN_CASES;
    player p = {.colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL};
    dw_error err = {0};
    dw_errc code = begin(&p, config_path, &config, &err);
    if (code == DW_OK)
        code = play(&p, &config, &err);
    if (code == DW_OK) {
        closing(&p);
        if (pick_path != NULL)
            code = pick(&p, pick_path, &err);
    }
    if (code != DW_OK)
        fprintf(stderr, "dw_demo_player: %s\n", err.text);
    end(&p);
    return code == DW_OK ? 0 : 1;
}

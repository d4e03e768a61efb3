// link: dw_config dw_core
/* core_replay: the core alone over logs in the public JSON form, for the oracle of tests/oracle.
 *   core_replay STANDARDS HOLIDAYS ORGANISATION < LOG
 * Each log begins with a line {"world": "NAME"}, or {"world": "NAME", "recode": true}: then every child is folded, encoded
 * and decoded between any two events. With "ask_all": true nothing is remembered of what the rules said before. Prints that line again, one line a transition, one a fact and one an obligation. */

#include "config/policy_load.h"
#include "handlers/driftwatch.h"
#include "proto/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define CHILDREN_MAX 4096
#define PAGES_MAX 512
#define ARENA_BYTES (64u << 20)
#define FILE_BYTES_MAX (4u << 20)

typedef struct child {
    dw_record *rec; /* NULL while it is stored */
    dw_buf head;
    dw_buf pages[PAGES_MAX];
    int64_t next_due_us;
    char name[160];
} child;

typedef struct replay {
    dw_policy *policy;
    dw_emit *emit;
    dw_arena *arena;
    dw_encoded encoded;
    child *children[CHILDREN_MAX];
    unsigned count;
    bool recode, ask_all;
    int64_t clock_us, offset;
} replay;

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "core_replay: %s: %s\n", what, why);
    exit(1);
}

static char *read_whole(const char *path, dw_str *text)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(FILE_BYTES_MAX);
    if (file == NULL || bytes == NULL)
        fail(path, "cannot be read");
    text->ptr = bytes;
    text->len = (uint32_t)fread(bytes, 1, FILE_BYTES_MAX, file);
    fclose(file);
    return bytes;
}

static dw_policy *load_policy(char **paths)
{
    dw_policy_text text = {.number = 1, .digest = DW_STR_LIT("oracle")};
    char *a = read_whole(paths[0], &text.standards);
    char *b = read_whole(paths[1], &text.calendar);
    char *c = read_whole(paths[2], &text.organisation);
    dw_problems problems = {0};
    dw_policy *policy = dw_policy_load(&text, NULL, &problems);
    if (policy == NULL) {
        dw_problems_print(&problems, stderr);
        fail("policy", "refused");
    }
    dw_problems_deinit(&problems);
    free(a);
    free(b);
    free(c);
    return policy;
}

/* --- stored form */

static void keep(dw_buf *buf, const uint8_t *data, size_t len)
{
    buf->len = 0;
    if (!dw_buf_append(buf, data, len))
        fail("store", "out of memory");
}

/* The record goes to its stored form, and nothing else of it is left. */
static void put_away(replay *r, child *c)
{
    dw_error err = {0};
    dw_encoded_reset(&r->encoded);
    c->next_due_us = c->rec->next_due_us;
    if (dw_record_encode(c->rec, r->policy, &r->encoded, &err) != DW_OK)
        fail("encode", err.text);
    keep(&c->head, r->encoded.head.data, r->encoded.head.len);
    for (uint32_t i = 0; i < r->encoded.write_count; i++) {
        const dw_page_write *write = &r->encoded.writes[i];
        if (write->index >= PAGES_MAX)
            fail("encode", "too many pages");
        keep(&c->pages[write->index], r->encoded.pages.data + write->start, write->len);
    }
    dw_record_free(&c->rec);
}

static void attach_pages(child *c)
{
    dw_error err = {0};
    for (uint32_t i = 0; i < c->rec->page_count; i++) {
        if (dw_record_attach_page(c->rec, i, c->pages[i].data, c->pages[i].len, &err) != DW_OK)
            fail("page", err.text);
    }
}

static void take_up(child *c)
{
    dw_error err = {0};
    if (c->rec == NULL && dw_record_decode(c->head.data, c->head.len, &c->rec, &err) != DW_OK)
        fail("decode", err.text);
}

static void rest(replay *r, child *c)
{
    c->next_due_us = c->rec->next_due_us;
    if (r->ask_all)
        c->rec->next_count = 0;
    if (r->recode)
        put_away(r, c);
}

/* --- output */

static void check_result(dw_core_result result, const replay *r)
{
    if (result.error != DW_OK || r->emit->overflow || r->emit->nomem)
        fail("core", dw_errc_name(result.error));
}

static void print_transitions(replay *r)
{
    for (uint32_t i = 0; i < r->emit->count; i++) {
        char *line = dw_transition_to_json(&r->emit->items[i], NULL);
        if (line == NULL)
            fail("print", "out of memory");
        puts(line);
        free(line);
    }
    dw_emit_reset(r->emit);
}

static void print_due(const dw_obligation *ob)
{
    char text[32];
    if (ob->due_kind == DW_DUE_DATE) {
        dw_date_format(ob->due_on, text);
        printf(",\"due\":\"%s\"", text);
    } else if (ob->due_kind == DW_DUE_INSTANT) {
        printf(",\"due\":%" PRId64, ob->due_at_us);
    }
}

/* What the child's facts and obligations are at the end of the log. */
static void print_end(replay *r, child *c)
{
    take_up(c);
    attach_pages(c);
    for (uint32_t i = 0; i < c->rec->fact_count; i++) {
        const dw_fact *fact = &c->rec->facts[i];
        printf("{\"child\":\"%s\",\"fact\":\"%016" PRIx64 "\",\"revision\":%" PRIu32 ",\"day\":%" PRId32 "}\n", c->name,
               fact->key, fact->revision, fact->day);
    }
    dw_arena_reset(r->arena);
    const dw_chronology *chron = dw_chronology_derive(c->rec, r->clock_us, r->arena);
    const dw_obligations *obs = chron != NULL ? dw_evaluate(chron, r->policy, r->arena) : NULL;
    if (obs == NULL)
        fail("evaluate", "out of memory");
    for (uint32_t i = 0; i < obs->count; i++) {
        const dw_obligation *ob = &obs->items[i];
        printf("{\"child\":\"%s\",\"rule\":\"%.*s\",\"kind\":\"%.*s\",\"id\":\"%.*s\",\"state\":\"%s\"", c->name,
               DW_STR_ARG(ob->rule->id), DW_STR_ARG(ob->subject_kind), DW_STR_ARG(ob->subject_id),
               dw_ob_state_name(ob->state));
        print_due(ob);
        puts("}");
    }
    dw_record_free(&c->rec);
}

/* --- the log */

static void fire_until(replay *r, int64_t at_us)
{
    for (unsigned i = 0; i < r->count; i++) {
        child *c = r->children[i];
        while (c->next_due_us <= at_us) {
            int64_t due_us = c->next_due_us;
            take_up(c);
            check_result(dw_core_fire(c->rec, r->policy, due_us, r->emit), r);
            print_transitions(r);
            rest(r, c);
            if (c->next_due_us <= due_us)
                fail("fire", "the next instant is not later");
        }
    }
}

static child *find_child(replay *r, const dw_event *ev)
{
    char name[160];
    snprintf(name, sizeof name, "%.*s/%.*s", DW_STR_ARG(ev->la_code), DW_STR_ARG(ev->child_ref));
    for (unsigned i = 0; i < r->count; i++) {
        if (strcmp(r->children[i]->name, name) == 0)
            return r->children[i];
    }
    child *c = calloc(1, sizeof *c);
    if (r->count == CHILDREN_MAX || c == NULL)
        fail(name, "too many children");
    memcpy(c->name, name, sizeof name);
    c->rec = dw_record_new(ev->la_code, ev->child_ref);
    c->next_due_us = DW_AT_NEVER;
    r->children[r->count++] = c;
    return c;
}

static void apply(replay *r, const dw_event *ev, int64_t log_time_us)
{
    fire_until(r, log_time_us);
    r->clock_us = log_time_us > r->clock_us ? log_time_us : r->clock_us;
    r->offset++;
    if (dw_event_type_class(ev->type) != DW_EVC_CHILD)
        return;
    child *c = find_child(r, ev);
    take_up(c);
    if (c->rec->pages_loaded < c->rec->page_count && dw_record_needs_pages(c->rec, ev))
        attach_pages(c);
    check_result(dw_core_event(c->rec, r->policy, ev, r->clock_us, r->offset, r->emit), r);
    print_transitions(r);
    rest(r, c);
}

static void end_world(replay *r)
{
    for (unsigned i = 0; i < r->count; i++) {
        child *c = r->children[i];
        print_end(r, c);
        dw_buf_deinit(&c->head);
        for (unsigned page = 0; page < PAGES_MAX; page++)
            dw_buf_deinit(&c->pages[page]);
        free(c);
    }
    r->count = 0;
    r->clock_us = INT64_MIN;
    r->offset = -1;
}

static void feed(replay *r, const char *line, size_t len)
{
    if (strncmp(line, "{\"world\"", 8) == 0) {
        end_world(r);
        r->recode = strstr(line, "\"recode\": true") != NULL;
        r->ask_all = strstr(line, "\"ask_all\": true") != NULL;
        fputs(line, stdout);
        return;
    }
    static dw_event ev;
    int64_t log_time_us = 0;
    dw_error err = {0};
    dw_arena_reset(r->arena);
    if (dw_event_from_json(line, len, r->arena, &ev, &log_time_us, &err) != DW_OK)
        fail(line, err.text);
    apply(r, &ev, log_time_us);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        fail("usage", "core_replay STANDARDS HOLIDAYS ORGANISATION < LOG");
    replay r = {.policy = load_policy(argv + 1), .emit = dw_emit_new(), .arena = dw_arena_new(ARENA_BYTES)};
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    if (r.emit == NULL || r.arena == NULL)
        fail("start", "out of memory");
    end_world(&r);
    while ((len = getline(&line, &cap, stdin)) > 0)
        feed(&r, line, (size_t)len);
    end_world(&r);
    free(line);
    dw_encoded_deinit(&r.encoded);
    dw_emit_free(&r.emit);
    dw_arena_free(&r.arena);
    dw_policy_unref(&r.policy);
    return 0;
}

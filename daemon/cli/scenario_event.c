/* scenario_event.c: a step that says what was recorded: an event, a correction, an acknowledgement. */

#include "daemon/cli/scenario_parts.h"

#include "proto/civil.h"
#include "proto/fields.h"
#include "proto/json.h"

#include <stdlib.h>

/* Keys beside the event (or within it, where no field has their name) that fill its envelope. */
static const struct {
    const char *key, *envelope;
} side_keys[] = {
    {"child", "child_ref"},     {"authority", "la_code"},     {"team", "team_id"},
    {"worker", "worker_ref"},   {"family", "family_ref"},     {"source", "source_system"},
    {"id", "source_record_id"}, {"restricted", "restricted"}, {"precision", "occurred_precision"},
};
#define SIDE_KEYS (sizeof(side_keys) / sizeof(side_keys[0]))
/* Those that say when, and the name by which later steps know the record. */
static const char *const other_keys[] = {"as", "occurred", "recorded", "log_time", "revision"};
#define OTHER_KEYS (sizeof(other_keys) / sizeof(other_keys[0]))

typedef enum verb { VERB_EVENT, VERB_AMEND, VERB_VOID, VERB_ACK, VERB_TICK } verb;

typedef struct draft {
    dw_scn_reader *r;
    const yaml_node_t *head; /* where problems of the whole are */
    verb verb;
    dw_str argument; /* record or rule */
    int64_t when_us;
    dw_event_type type;
    json_t *envelope, *body;
    dw_scn_record *earlier; /* AMEND, VOID */
    dw_str as;
    uint32_t revision;                        /* 0: not given */
    int64_t occurred_us, recorded_us, log_us; /* DW_AT_NONE: not given */
    bool recorded_date, log_date;             /* given as a date alone */
    bool bad;
} draft;

/* --- keys beside the event */

static bool set_time(draft *d, dw_str key, const yaml_node_t *value)
{
    int64_t us = 0;
    bool date_only = false;
    if (!dw_scn_read_when(d->r, value, DW_SCN_NINE, &us, &date_only)) {
        d->bad = true;
        return true;
    }
    if (dw_str_eq(key, DW_STR_LIT("occurred"))) {
        d->occurred_us = us;
    } else if (dw_str_eq(key, DW_STR_LIT("recorded"))) {
        d->recorded_us = us;
        d->recorded_date = date_only;
    } else {
        d->log_us = us;
        d->log_date = date_only;
    }
    return true;
}

static bool set_revision(draft *d, const yaml_node_t *value)
{
    dw_str text = dw_yaml_scalar(value);
    uint32_t n = 0;
    for (uint32_t i = 0; i < text.len && i < 6 && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
        n = n * 10 + (uint32_t)(text.ptr[i] - '0');
    if (n == 0)
        dw_scn_problem(d->r, value, "revision is a number from 1");
    d->revision = n;
    return true;
}

static bool side(void *user, const yaml_node_t *key, const yaml_node_t *value)
{
    draft *d = user;
    dw_str name = dw_yaml_scalar(key);
    for (size_t i = 0; i < SIDE_KEYS; i++)
        if (dw_str_eq(name, dw_str_from(side_keys[i].key))) {
            if (value->type != YAML_SCALAR_NODE)
                dw_scn_problem(d->r, value, "%s takes one value", side_keys[i].key);
            else if (dw_yaml_is_null(value))
                json_object_del(d->envelope, side_keys[i].envelope);
            else
                json_object_set_new(d->envelope, side_keys[i].envelope,
                                    json_stringn(dw_yaml_scalar(value).ptr, dw_yaml_scalar(value).len));
            return true;
        }
    if (dw_str_eq(name, DW_STR_LIT("as"))) {
        d->as = dw_scn_copy(d->r, dw_yaml_scalar(value));
        return true;
    }
    if (dw_str_eq(name, DW_STR_LIT("revision")))
        return set_revision(d, value);
    for (size_t i = 0; i < OTHER_KEYS; i++)
        if (dw_str_eq(name, dw_str_from(other_keys[i])))
            return set_time(d, name, value);
    return false;
}

static void unknown_key(draft *d, const yaml_node_t *key)
{
    dw_nearest nearest = {.word = dw_yaml_scalar(key)};
    for (size_t i = 0; i < SIDE_KEYS; i++)
        dw_nearest_try(&nearest, side_keys[i].key);
    for (size_t i = 0; i < OTHER_KEYS; i++)
        dw_nearest_try(&nearest, other_keys[i]);
    if (nearest.best != NULL)
        dw_scn_problem(d->r, key, "unknown key %.*s; did you mean %s?", DW_STR_ARG(nearest.word), nearest.best);
    else
        dw_scn_problem(
            d->r, key,
            "unknown key %.*s: beside an event stand child, team, worker, recorded and the like; its own fields "
            "stand in braces behind it",
            DW_STR_ARG(nearest.word));
}

/* What `defaults` say: keys beside every record, and fields of the type. */
static void take_defaults(draft *d, const yaml_node_t *defaults)
{
    if (defaults == NULL || defaults->type != YAML_MAPPING_NODE)
        return;
    for (yaml_node_pair_t *p = defaults->data.mapping.pairs.start; p < defaults->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = dw_yaml_node(d->r->yaml, p->key), *value = dw_yaml_node(d->r->yaml, p->value);
        if (value->type == YAML_SCALAR_NODE)
            side(d, key, value);
        else if (dw_event_type_parse(dw_yaml_scalar(key)) == d->type && value->type == YAML_MAPPING_NODE)
            dw_scn_put_body(d->r, d->body, d->type, value, side, d);
    }
}

void dw_scn_check_defaults(dw_scn_reader *r, const yaml_node_t *defaults)
{
    if (defaults->type != YAML_MAPPING_NODE) {
        dw_scn_problem(r, defaults, "defaults is a mapping: child, team and the like, and fields by type of event");
        return;
    }
    for (yaml_node_pair_t *p = defaults->data.mapping.pairs.start; p < defaults->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = dw_yaml_node(r->yaml, p->key), *value = dw_yaml_node(r->yaml, p->value);
        draft d = {.r = r, .envelope = json_object(), .body = json_object()};
        if (value->type == YAML_MAPPING_NODE) {
            d.type = dw_scn_event_type(r, key, dw_yaml_scalar(key));
            if (d.type != DW_EV_NONE)
                dw_scn_put_body(r, d.body, d.type, value, side, &d);
        } else if (!side(&d, key, value)) {
            unknown_key(&d, key);
        }
        json_decref(d.envelope);
        json_decref(d.body);
    }
}

/* --- the head: when, what, which */

static dw_scn_record *find_record(dw_scn_reader *r, dw_str name)
{
    for (uint32_t i = r->record_count; i > 0; i--)
        if (r->records[i - 1].name.len != 0 && dw_str_eq(r->records[i - 1].name, name))
            return &r->records[i - 1];
    return NULL;
}

/* The words of time at the front of a head. */
static dw_str time_words(dw_str text, dw_str *rest)
{
    dw_str left = text, date = dw_scn_word(&left), before = left, next = dw_scn_word(&left);
    if (!dw_scn_is_time(next)) {
        *rest = before;
        return date;
    }
    *rest = left;
    return (dw_str){date.ptr, (uint32_t)(next.ptr + next.len - date.ptr)};
}

static bool read_head(draft *d, dw_str text, dw_str *when)
{
    dw_str rest, word, more;
    *when = time_words(text, &rest);
    const char *why = dw_scn_when(*when, DW_SCN_NINE, &d->when_us, NULL);
    if (why != NULL) {
        dw_scn_problem(d->r, d->head, "%.*s: %s", DW_STR_ARG(*when), why);
        return false;
    }
    word = dw_scn_word(&rest);
    d->argument = dw_scn_word(&rest);
    more = dw_scn_word(&rest);
    if (word.len == 0 || more.len != 0) {
        dw_scn_problem(d->r, d->head, "a step is a date and an event, such as `2026-01-05 plan_started`");
        return false;
    }
    d->verb = dw_str_eq(word, DW_STR_LIT("amend"))         ? VERB_AMEND
              : dw_str_eq(word, DW_STR_LIT("void"))        ? VERB_VOID
              : dw_str_eq(word, DW_STR_LIT("acknowledge")) ? VERB_ACK
              : dw_str_eq(word, DW_STR_LIT("tick"))        ? VERB_TICK
                                                           : VERB_EVENT;
    bool named = d->verb == VERB_AMEND || d->verb == VERB_VOID || d->verb == VERB_ACK;
    if (named != (d->argument.len != 0)) {
        if (named)
            dw_scn_problem(d->r, d->head, "%.*s what? Name %s behind it", DW_STR_ARG(word),
                           d->verb == VERB_ACK ? "the rule" : "the record (`as: NAME` beside an earlier step)");
        else
            dw_scn_problem(d->r, d->head, "%.*s is one word too many", DW_STR_ARG(d->argument));
        return false;
    }
    if (d->verb == VERB_EVENT) {
        d->type = dw_scn_event_type(d->r, d->head, word);
        if (d->type == DW_EV_NONE)
            return false;
        dw_event_class class = dw_event_type_class(d->type);
        if (class == DW_EVC_ACK || class == DW_EVC_CONTROL) {
            dw_scn_problem(d->r, d->head, "%s is not written so: there are `tick` and `acknowledge RULE`",
                           dw_event_type_name(d->type));
            return false;
        }
    }
    return true;
}

/* --- putting it together */

static void set_text(json_t *object, const char *key, const char *text)
{
    json_object_set_new(object, key, json_string(text));
}

static void set_instant(json_t *object, const char *key, int64_t us)
{
    char text[32];
    dw_instant_format(us, text);
    set_text(object, key, text);
}

static void start_event(draft *d)
{
    char id[32];
    snprintf(id, sizeof(id), "rec-%u", ++d->r->event_count);
    d->envelope = json_object();
    d->body = json_object();
    set_text(d->envelope, "la_code", "936");
    set_text(d->envelope, "child_ref", "child");
    set_text(d->envelope, "source_system", "MANUAL");
    set_text(d->envelope, "source_record_id", id);
    take_defaults(d, d->r->file_defaults);
    take_defaults(d, d->r->defaults);
}

static bool start_revision(draft *d)
{
    d->earlier = find_record(d->r, d->argument);
    if (d->earlier == NULL) {
        dw_scn_problem(d->r, d->head, "no earlier step is called %.*s; give it a name with `as: %.*s`",
                       DW_STR_ARG(d->argument), DW_STR_ARG(d->argument));
        return false;
    }
    ++d->r->event_count;
    d->type = d->earlier->type;
    d->envelope = json_copy(d->earlier->envelope);
    d->body = d->verb == VERB_VOID ? json_object() : json_deep_copy(d->earlier->body);
    return true;
}

/* A date alone is nine o'clock; on the day itself it is not before what it follows. */
static int64_t not_before(int64_t us, bool date_only, int64_t floor_us)
{
    return date_only && us < floor_us && dw_london_day(us) == dw_london_day(floor_us) ? floor_us : us;
}

static void work_out_times(draft *d)
{
    if (d->earlier == NULL) {
        if (d->occurred_us == DW_AT_NONE)
            d->occurred_us = d->when_us;
        d->recorded_us = d->recorded_us == DW_AT_NONE ? d->occurred_us
                                                      : not_before(d->recorded_us, d->recorded_date, d->occurred_us);
    } else if (d->recorded_us == DW_AT_NONE) {
        d->recorded_us = d->when_us;
    }
    d->log_us = d->log_us == DW_AT_NONE ? d->recorded_us : not_before(d->log_us, d->log_date, d->recorded_us);
}

static void remember(draft *d)
{
    dw_scn_reader *r = d->r;
    if (d->earlier == NULL && r->record_count < DW_SCN_STEPS_MAX) {
        if (d->as.len != 0 && find_record(r, d->as) != NULL)
            dw_scn_problem(r, d->head, "another step is called %.*s already", DW_STR_ARG(d->as));
        d->earlier = &r->records[r->record_count++];
        *d->earlier = (dw_scn_record){.name = d->as, .type = d->type};
    }
    if (d->earlier == NULL || d->verb == VERB_VOID)
        return;
    json_decref(d->earlier->envelope);
    json_decref(d->earlier->body);
    d->earlier->envelope = json_copy(d->envelope);
    d->earlier->body = json_deep_copy(d->body);
}

/* The line of JSON, and every check that `publish` makes. */
static void finish(draft *d, dw_scn_step *step)
{
    dw_scn_reader *r = d->r;
    char id[32];
    uint32_t revision = d->revision != 0 ? d->revision : d->earlier != NULL ? d->earlier->revision + 1 : 1;
    work_out_times(d);
    if (d->occurred_us != DW_AT_NONE)
        set_instant(d->envelope, "occurred_at", d->occurred_us);
    remember(d);
    if (d->earlier != NULL && revision > d->earlier->revision)
        d->earlier->revision = revision;
    json_t *line = json_copy(d->envelope);
    snprintf(id, sizeof(id), "event-%u", r->event_count);
    set_text(line, "event_id", id);
    set_instant(line, "recorded_at", d->recorded_us);
    set_instant(line, "log_time", d->log_us);
    json_object_set_new(line, "source_revision", json_integer(revision));
    set_text(line, "op", d->verb == VERB_VOID ? "VOID" : d->verb == VERB_AMEND ? "AMEND" : "CREATE");
    json_object_set(line, dw_event_type_name(d->type), d->body);
    char *text = json_dumps(line, JSON_COMPACT);
    json_decref(line);
    if (text == NULL) {
        r->nomem = true;
        return;
    }
    dw_event ev;
    dw_error err = {0};
    int64_t log_us = 0;
    step->at_us = d->log_us;
    step->json = dw_scn_copy(r, dw_str_from(text));
    if (!d->bad && dw_event_from_json(text, strlen(text), r->arena, &ev, &log_us, &err) != DW_OK)
        dw_scn_problem(r, d->head, "%s", err.text);
    free(text);
}

static void finish_tick(draft *d, dw_scn_step *step)
{
    char text[160], at[32];
    dw_instant_format(d->when_us, at);
    snprintf(text, sizeof(text), "{\"event_id\":\"tick\",\"occurred_at\":\"%s\",\"log_time\":\"%s\",\"clock_tick\":{}}",
             at, at);
    step->at_us = d->when_us;
    step->json = dw_scn_copy(d->r, dw_str_from(text));
}

/* --- acknowledgements */

static void set_review(draft *d, dw_scn_step *step, dw_str text, const yaml_node_t *value)
{
    if (!dw_date_parse(text, &step->ack.review_by))
        dw_scn_problem(d->r, value, "review_by is a date such as 2026-01-26");
}

static void read_ack(draft *d, const yaml_node_t *map, dw_scn_step *step)
{
    static const char *const allowed[] = {"reason",  "review_by",  "by",    "note", "child",
                                          "subject", "generation", "level", NULL};
    static const struct {
        const char *key;
        dw_scn_field field;
    } which[] = {{"child", DW_SCN_F_CHILD},
                 {"subject", DW_SCN_F_SUBJECT},
                 {"generation", DW_SCN_F_GENERATION},
                 {"level", DW_SCN_F_LEVEL}};
    dw_scn_ack *ack = &step->ack;
    step->kind = DW_SCN_ACK;
    step->at_us = d->when_us;
    *ack = (dw_scn_ack){.reason = DW_STR_LIT("OTHER"), .post = DW_STR_LIT("a-post"), .review_by = DW_DAY_NONE};
    ack->which.pos = dw_scn_at(d->head);
    dw_scn_set_field(d->r, &ack->which, DW_SCN_F_RULE, d->argument, d->head);
    if (map == NULL)
        return;
    dw_yaml_only(d->r->yaml, map, allowed);
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
        const yaml_node_t *value = dw_yaml_node(d->r->yaml, p->value);
        dw_str key = dw_yaml_scalar(dw_yaml_node(d->r->yaml, p->key)), text = dw_yaml_scalar(value);
        for (size_t i = 0; i < sizeof(which) / sizeof(which[0]); i++)
            if (dw_str_eq(key, dw_str_from(which[i].key)))
                dw_scn_set_field(d->r, &ack->which, which[i].field, text, value);
        if (dw_str_eq(key, DW_STR_LIT("reason")))
            ack->reason = dw_scn_copy(d->r, text);
        else if (dw_str_eq(key, DW_STR_LIT("by")))
            ack->post = dw_scn_copy(d->r, text);
        else if (dw_str_eq(key, DW_STR_LIT("note")))
            ack->ref = dw_scn_copy(d->r, text);
        else if (dw_str_eq(key, DW_STR_LIT("review_by")))
            set_review(d, step, text, value);
    }
}

/* --- the step */

/* The keys behind the head. */
static void read_sides(draft *d, const yaml_node_t *item)
{
    if (item->type != YAML_MAPPING_NODE)
        return;
    for (yaml_node_pair_t *p = item->data.mapping.pairs.start + 1; p < item->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = dw_yaml_node(d->r->yaml, p->key);
        if (d->envelope == NULL || !side(d, key, dw_yaml_node(d->r->yaml, p->value)))
            unknown_key(d, key);
    }
}

void dw_scn_read_event(dw_scn_reader *r, const yaml_node_t *item, dw_scn_step *step)
{
    const yaml_node_t *map = NULL;
    draft d = {.r = r, .head = item, .occurred_us = DW_AT_NONE, .recorded_us = DW_AT_NONE, .log_us = DW_AT_NONE};
    if (item->type == YAML_MAPPING_NODE) {
        d.head = dw_yaml_node(r->yaml, item->data.mapping.pairs.start->key);
        map = dw_yaml_node(r->yaml, item->data.mapping.pairs.start->value);
    }
    step->kind = DW_SCN_EVENT;
    step->at_us = DW_AT_NONE;
    if (map != NULL && dw_yaml_is_null(map))
        map = NULL;
    if (map != NULL && map->type != YAML_MAPPING_NODE) {
        dw_scn_problem(r, map, "the fields of an event stand in braces: {plan_id: P1, plan_type: CP}");
        return;
    }
    dw_str when;
    if (!read_head(&d, dw_yaml_scalar(d.head), &when))
        return;
    step->when = dw_scn_copy(r, when);
    if (d.verb == VERB_ACK)
        read_ack(&d, map, step);
    else if (d.verb == VERB_TICK)
        finish_tick(&d, step);
    else if (d.verb == VERB_EVENT)
        start_event(&d);
    else if (!start_revision(&d))
        return;
    read_sides(&d, item);
    if (d.envelope != NULL) {
        if (map != NULL)
            dw_scn_put_body(r, d.body, d.type, map, side, &d);
        finish(&d, step);
    }
    json_decref(d.envelope);
    json_decref(d.body);
}

void dw_scn_forget_records(dw_scn_reader *r)
{
    for (uint32_t i = 0; i < r->record_count; i++) {
        json_decref(r->records[i].envelope);
        json_decref(r->records[i].body);
    }
    r->record_count = r->event_count = 0;
}

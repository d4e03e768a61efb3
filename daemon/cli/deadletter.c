/* deadletter.c: `driftwatch deadletter`: records that could not be used: which, why, and once more. */

#include "daemon/cli/cli.h"
#include "daemon/cli/kafka.h"
#include "daemon/cli/store.h"
#include "daemon/cli/text.h"
#include "daemon/kafka.h"
#include "proto/decode.h"
#include "proto/event.h"
#include "proto/json.h"

#include <errno.h>
#include <jansson.h>

enum { OPT_SOURCE, OPT_REASON, OPT_PARTITION };
static const dw_opt deadletter_opts[] = {
    {"source", "SYSTEM",
     "ls, retry parked: only records of this source system (unknown where a record could not be read)"},
    {"reason", "CODE", "ls, retry parked: only this reason, such as key_mismatch"},
    {"partition", "N", "ls, retry parked: only this partition"},
};

typedef struct letter {
    int32_t partition;
    int64_t offset;
    dw_str reason, class, size, digest, source;
} letter;

/* "reason|class|size|digest|source_system?" of the field `offset`. */
static letter letter_of(int32_t partition, dw_str field, dw_str value)
{
    letter l = {.partition = partition};
    char number[24] = "";
    if (field.len < sizeof(number))
        memcpy(number, field.ptr, field.len);
    l.offset = strtoll(number, NULL, 10);
    dw_str *parts[] = {&l.reason, &l.class, &l.size, &l.digest, &l.source};
    uint32_t at = 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && at <= value.len; i++) {
        const char *bar = memchr(value.ptr + at, '|', value.len - at);
        uint32_t end = bar != NULL && i < 4 ? (uint32_t)(bar - value.ptr) : value.len;
        *parts[i] = (dw_str){value.ptr + at, end - at};
        at = end + 1;
    }
    return l;
}

/* --- ls */
typedef struct listing {
    const dw_cli *cli;
    const dw_args *args;
    int32_t partition;
    letter *items;
    size_t count, cap;
    dw_arena *arena;
} listing;

static bool on_letter(void *user, dw_str field, dw_str value)
{
    listing *list = user;
    letter *items = dw_list_room(list->items, list->count, &list->cap, 128, sizeof(*items));
    if (items == NULL)
        return false;
    list->items = items;
    value = dw_arena_str(list->arena, value);
    if (value.ptr == NULL)
        return false;
    letter l = letter_of(list->partition, field, value);
    if (dw_text_matches(l.source, list->args->value[OPT_SOURCE]) &&
        dw_text_matches(l.reason, list->args->value[OPT_REASON]))
        list->items[list->count++] = l;
    return true;
}

static int by_place(const void *left, const void *right)
{
    const letter *a = left;
    const letter *b = right;
    if (a->partition != b->partition)
        return a->partition < b->partition ? -1 : 1;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

static const char *meaning_of(dw_str reason)
{
    for (int code = 0; code < DW_ERRC_COUNT; code++)
        if (dw_str_eq(reason, dw_str_from(dw_errc_name((dw_errc)code))))
            return dw_errc_meaning((dw_errc)code);
    return "";
}

static void print_letter(const dw_cli *cli, const letter *l)
{
    if (!cli->json) {
        printf("%d/%lld  %-20.*s %-6.*s %.*s  %s\n", (int)l->partition, (long long)l->offset, DW_STR_ARG(l->reason),
               DW_STR_ARG(l->class), DW_STR_ARG(l->source.len != 0 ? l->source : DW_STR_LIT("-")),
               meaning_of(l->reason));
        return;
    }
    char size[24] = "";
    snprintf(size, sizeof(size), "%.*s", DW_STR_ARG(l->size));
    json_t *source = l->source.len != 0 ? json_stringn(l->source.ptr, l->source.len) : json_null();
    json_t *object =
        json_pack("{s:i, s:I, s:s%, s:s%, s:I, s:s%, s:o}", "partition", (int)l->partition, "offset",
                  (json_int_t)l->offset, "reason", l->reason.ptr, (size_t)l->reason.len, "class", l->class.ptr,
                  (size_t)l->class.len, "size", (json_int_t)strtoll(size, NULL, 10), "digest", l->digest.ptr,
                  (size_t)l->digest.len, "source_system", source != NULL ? source : json_null());
    char *line = object != NULL ? json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
    if (line != NULL)
        puts(line);
    free(line);
    json_decref(object);
}

/* All that the options ask for, in the order of the log, each once. The caller frees items and arena in any case. */
static int collect(dw_cli *cli, const dw_args *args, dw_store *store, int32_t partitions, listing *list)
{
    int64_t only = -1;
    *list = (listing){.cli = cli, .args = args};
    if (!dw_arg_int(cli, &dw_verb_deadletter, args, OPT_PARTITION, 0, partitions - 1, &only))
        return DW_EXIT_USAGE;
    list->arena = dw_arena_new((size_t)256 << 20);
    dw_error err = {0};
    dw_errc code = list->arena != NULL ? DW_OK : dw_fail(&err, DW_E_NOMEM, "out of memory");
    for (int32_t p = 0; code == DW_OK && p < partitions; p++) {
        list->partition = p;
        if (only < 0 || only == p)
            code = dw_store_scan(store, p, "deadletter", NULL, on_letter, list, &err);
    }
    if (code != DW_OK)
        return dw_cli_fail(cli, &err);
    if (list->count != 0)
        qsort(list->items, list->count, sizeof(*list->items), by_place);
    size_t kept = 0; /* a scan may give an entry twice */
    for (size_t i = 0; i < list->count; i++)
        if (kept == 0 || by_place(&list->items[kept - 1], &list->items[i]) != 0)
            list->items[kept++] = list->items[i];
    list->count = kept;
    return DW_EXIT_OK;
}

static int list_letters(dw_cli *cli, const dw_args *args, dw_store *store, int32_t partitions)
{
    listing list;
    int code = collect(cli, args, store, partitions, &list);
    for (size_t i = 0; code == DW_EXIT_OK && i < list.count; i++)
        print_letter(cli, &list.items[i]);
    if (code == DW_EXIT_OK && !cli->json)
        printf("%zu record%s; each shard keeps the newest %d\n", list.count, list.count == 1 ? "" : "s",
               DW_DEADLETTER_KEPT_MAX);
    free(list.items);
    dw_arena_free(&list.arena);
    return code;
}

/* --- one record, read again from the log */
static bool parse_place(const char *text, int32_t partitions, int32_t *partition, int64_t *offset)
{
    char *end = NULL;
    errno = 0;
    long p = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '/' || p < 0 || p >= partitions)
        return false;
    const char *rest = end + 1;
    long long o = strtoll(rest, &end, 10);
    if (errno != 0 || end == rest || *end != '\0' || o < 0)
        return false;
    *partition = (int32_t)p;
    *offset = o;
    return true;
}

static const rd_kafka_message_t *read_record(dw_cli *cli, int32_t partition, int64_t offset, dw_log_reader **reader,
                                             dw_error *err)
{
    dw_log_span span = {partition, offset, offset + 1};
    if (dw_log_reader_new(cli->settings, cli->settings->kafka_topics_input, &span, 1, reader, err) != DW_OK)
        return NULL;
    const rd_kafka_message_t *message = dw_log_reader_next(*reader, DW_KAFKA_TIMEOUT_MS, err);
    if (message == NULL && err->code == DW_OK)
        dw_fail(err, DW_E_MISSING, "the log has no record %d/%lld any more", (int)partition, (long long)offset);
    return message;
}

/* The envelope as far as the bytes let it be read. Only what looks like an id is kept: a broken record may hold anything. */
typedef struct ids {
    dw_str event_id, la_code, child_ref, source_system, source_record_id;
    uint32_t body; /* field number of the body; 0 = none seen */
} ids;

static bool is_id(dw_str s)
{
    if (s.len == 0 || s.len > DW_ID_BYTES_MAX)
        return false;
    for (uint32_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= 0x20 || s.ptr[i] >= 0x7f)
            return false;
    return true;
}

static bool read_varint(const uint8_t *bytes, size_t len, size_t *at, uint64_t *out)
{
    *out = 0;
    for (int shift = 0; shift < 64 && *at < len; shift += 7) {
        uint8_t byte = bytes[(*at)++];
        *out |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0)
            return true;
    }
    return false;
}

static ids read_ids(const uint8_t *bytes, size_t len)
{
    ids found = {0};
    size_t at = 0;
    uint64_t tag = 0;
    uint64_t number = 0;
    while (at < len && read_varint(bytes, len, &at, &tag)) {
        uint32_t field = (uint32_t)(tag >> 3);
        if ((tag & 7) == 0) {
            if (!read_varint(bytes, len, &at, &number))
                break;
        } else if ((tag & 7) == 1 || (tag & 7) == 5) {
            at += (tag & 7) == 1 ? 8 : 4;
        } else if ((tag & 7) == 2) {
            if (!read_varint(bytes, len, &at, &number) || number > len - at)
                break;
            dw_str text = {(const char *)bytes + at, (uint32_t)number};
            dw_str *slot = field == 1   ? &found.event_id
                           : field == 3 ? &found.la_code
                           : field == 4 ? &found.child_ref
                           : field == 8 ? &found.source_system
                           : field == 9 ? &found.source_record_id
                                        : NULL;
            if (slot != NULL && is_id(text))
                *slot = text;
            if (field >= 30)
                found.body = field;
            at += (size_t)number;
        } else {
            break;
        }
    }
    return found;
}

static void put_id(json_t *object, const char *name, dw_str value)
{
    json_t *text = value.len != 0 ? json_stringn(value.ptr, value.len) : NULL;
    json_object_set_new(object, name, text != NULL ? text : json_null());
}

static int show_letter(dw_cli *cli, dw_store *store, int32_t partition, int64_t offset)
{
    dw_error err = {0};
    char field[24];
    snprintf(field, sizeof(field), "%lld", (long long)offset);
    redisReply *reply = dw_store_hget(store, partition, "deadletter", dw_str_from(field), &err);
    if (reply == NULL)
        return dw_cli_fail(cli, &err);
    dw_log_reader *reader = NULL;
    const rd_kafka_message_t *message = read_record(cli, partition, offset, &reader, &err);
    int code = DW_EXIT_FAILED;
    if (message == NULL) {
        dw_cli_fail(cli, &err);
    } else {
        ids found = read_ids(message->payload, message->payload != NULL ? message->len : 0);
        letter l = {0};
        if (reply->type == REDIS_REPLY_STRING)
            l = letter_of(partition, dw_str_from(field), (dw_str){reply->str, (uint32_t)reply->len});
        char stamp[32];
        dw_instant_format(rd_kafka_message_timestamp(message, NULL) * 1000, stamp);
        json_t *object = json_object();
        json_object_set_new(object, "partition", json_integer(partition));
        json_object_set_new(object, "offset", json_integer(offset));
        json_object_set_new(object, "log_time", json_string(stamp));
        put_id(object, "reason", l.reason);
        put_id(object, "class", l.class);
        json_object_set_new(object, "size", json_integer((json_int_t)message->len));
        json_object_set_new(object, "has_key", json_boolean(message->key != NULL));
        json_object_set_new(object, "signed", json_boolean(dw_kafka_header(message, "dw-auth").len != 0));
        json_object_set_new(object, "type",
                            found.body != 0 ? json_string(dw_event_type_name((dw_event_type)found.body)) : json_null());
        put_id(object, "event_id", found.event_id);
        put_id(object, "la_code", found.la_code);
        put_id(object, "child_ref", found.child_ref);
        put_id(object, "source_system", found.source_system);
        put_id(object, "source_record_id", found.source_record_id);
        const char *name = NULL;
        json_t *value = NULL;
        char *line = cli->json ? json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
        if (line != NULL)
            puts(line);
        free(line);
        json_object_foreach(object, name, value)
        {
            if (cli->json)
                break;
            char *text = json_is_string(value) || json_is_null(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY);
            printf("%-17s %s\n", name, json_is_string(value) ? json_string_value(value) : text != NULL ? text : "-");
            free(text);
        }
        if (!cli->json && l.reason.len != 0)
            printf("%-17s %s\n", "meaning", meaning_of(l.reason));
        json_decref(object);
        code = DW_EXIT_OK;
    }
    dw_log_reader_free(&reader);
    freeReplyObject(reply);
    return code;
}

/* --- once more */

/* Would the record only be parked again? Or, with `whole`, could it not be used for another reason? */
static dw_errc try_decode(const rd_kafka_message_t *message, bool whole)
{
    dw_event *ev = malloc(sizeof(*ev));
    dw_arena *arena = dw_arena_new(DW_EVENT_ARENA_BYTES_MAX);
    dw_errc code = ev == NULL || arena == NULL ? DW_E_NOMEM : DW_E_NO_VALUE;
    if (code != DW_E_NOMEM && message->payload != NULL)
        code = dw_event_decode(message->payload, message->len, arena, ev, NULL);
    dw_arena_free(&arena);
    free(ev);
    return whole || code == DW_E_UNKNOWN_KIND || code == DW_E_RESERVED ? code : DW_OK;
}

/* The same key, bytes and signature once more; to the partition the key belongs to, which *partition then is. */
static dw_errc append_again(dw_cli *cli, dw_publisher *publisher, const rd_kafka_message_t *message, int32_t *partition,
                            dw_error *err)
{
    dw_outgoing record = {.partition = *partition,
                          .has_key = message->key != NULL,
                          .key = {message->key, (uint32_t)message->key_len},
                          .value = {message->payload, (uint32_t)message->len},
                          .auth = dw_kafka_header(message, "dw-auth")};
    if (record.has_key)
        record.partition = dw_partition_of(record.key, dw_publisher_partitions(publisher));
    if (cli->settings->clock == DW_CLOCK_CREATE_TIME)
        record.stamp_us = rd_kafka_message_timestamp(message, NULL) * 1000;
    *partition = record.partition;
    return dw_publisher_send(publisher, &record, err);
}

static dw_errc open_publisher(dw_cli *cli, dw_publisher **out, dw_error *err)
{
    return dw_publisher_new(cli->settings, cli->settings->kafka_topics_input, NULL, NULL, out, err);
}

/* Waits until all is stored. */
static dw_errc end_publisher(dw_publisher *publisher, dw_error *err)
{
    dw_errc code = dw_publisher_flush(publisher, err);
    return code == DW_OK && dw_publisher_refused(publisher) != 0
               ? dw_fail(err, DW_E_IO, "the broker refused the record")
               : code;
}

static int retry_letter(dw_cli *cli, int32_t partition, int64_t offset)
{
    dw_error err = {0};
    dw_log_reader *reader = NULL;
    dw_publisher *publisher = NULL;
    const rd_kafka_message_t *message = read_record(cli, partition, offset, &reader, &err);
    dw_errc code = message != NULL ? try_decode(message, false) : err.code;
    if (message != NULL && code != DW_OK)
        dw_fail(&err, code, "the record would only be parked again: %s", dw_errc_meaning(code));
    if (code == DW_OK)
        code = open_publisher(cli, &publisher, &err);
    if (code == DW_OK)
        code = append_again(cli, publisher, message, &partition, &err);
    if (code == DW_OK)
        code = end_publisher(publisher, &err);
    if (code != DW_OK)
        dw_cli_fail(cli, &err);
    else if (cli->json)
        printf("{\"partition\":%d,\"retried\":true}\n", (int)partition);
    else
        printf("appended once more, to partition %d\n", (int)partition);
    dw_publisher_free(&publisher);
    dw_log_reader_free(&reader);
    return code == DW_OK ? DW_EXIT_OK : DW_EXIT_FAILED;
}

/* One parked record: appended when this build can use it. *retried says whether. */
static dw_errc retry_parked_one(dw_cli *cli, dw_publisher *publisher, const letter *l, bool *retried, dw_error *err)
{
    dw_log_reader *reader = NULL;
    int32_t partition = l->partition;
    const rd_kafka_message_t *message = read_record(cli, l->partition, l->offset, &reader, err);
    dw_errc rc = message != NULL ? DW_OK : err->code, why = message != NULL ? try_decode(message, true) : DW_OK;
    *retried = rc == DW_OK && why == DW_OK;
    if (*retried)
        rc = append_again(cli, publisher, message, &partition, err);
    dw_log_reader_free(&reader);
    if (rc != DW_OK)
        return rc;
    if (cli->json)
        printf("{\"partition\":%d,\"offset\":%lld,\"retried\":%s,\"reason\":\"%s\"}\n", (int)l->partition,
               (long long)l->offset, *retried ? "true" : "false", *retried ? "" : dw_errc_name(why));
    else
        printf("%d/%lld  %s\n", (int)l->partition, (long long)l->offset,
               *retried ? "appended once more" : dw_errc_meaning(why));
    return DW_OK;
}

/* Every parked record that this build can use, in the order of the log. */
static int retry_parked(dw_cli *cli, const dw_args *args, dw_store *store, int32_t partitions)
{
    listing list;
    dw_error err = {0};
    dw_publisher *publisher = NULL;
    size_t retried = 0, left = 0;
    int exit_code = collect(cli, args, store, partitions, &list);
    dw_errc code = exit_code == DW_EXIT_OK ? open_publisher(cli, &publisher, &err) : DW_OK;
    for (size_t i = 0; exit_code == DW_EXIT_OK && code == DW_OK && i < list.count; i++) {
        bool done = false;
        if (!dw_str_eq(list.items[i].class, DW_STR_LIT("parked")))
            continue;
        code = retry_parked_one(cli, publisher, &list.items[i], &done, &err);
        retried += done;
        left += !done;
    }
    if (exit_code == DW_EXIT_OK && code == DW_OK)
        code = end_publisher(publisher, &err);
    if (code != DW_OK)
        exit_code = dw_cli_fail(cli, &err);
    else if (exit_code == DW_EXIT_OK && !cli->json)
        printf("%zu appended once more, %zu left\n", retried, left);
    dw_publisher_free(&publisher);
    free(list.items);
    dw_arena_free(&list.arena);
    return exit_code;
}

static int deadletter_run(dw_cli *cli, const dw_args *args)
{
    const char *what = args->rest[0];
    bool ls = strcmp(what, "ls") == 0;
    bool show = strcmp(what, "show") == 0;
    if (!ls && !show && strcmp(what, "retry") != 0)
        return dw_cli_usage(cli, "'%s' is none of ls, show, retry", what);
    if (args->rest_count != (ls ? 1 : 2))
        return dw_cli_usage(cli, ls ? "ls takes no more words" : "PARTITION/OFFSET is missing");
    dw_error err = {0};
    dw_store *store = NULL;
    int32_t partitions = 0;
    int32_t partition = 0;
    int64_t offset = 0;
    int code = DW_EXIT_FAILED;
    if (dw_store_open(cli->settings, &store, &err) != DW_OK || dw_store_partitions(store, &partitions, &err) != DW_OK)
        dw_cli_fail(cli, &err);
    else if (ls)
        code = list_letters(cli, args, store, partitions);
    else if (!show && strcmp(args->rest[1], "parked") == 0)
        code = retry_parked(cli, args, store, partitions);
    else if (!parse_place(args->rest[1], partitions, &partition, &offset))
        code = dw_cli_usage(cli, "'%s' is not PARTITION/OFFSET, such as 12/40871", args->rest[1]);
    else
        code = show ? show_letter(cli, store, partition, offset) : retry_letter(cli, partition, offset);
    dw_store_close(&store);
    return code;
}

static const dw_opt_rule deadletter_rules[] = {
    {.option = "source", .only_to = "ls|retry parked"},
    {.option = "reason", .only_to = "ls|retry parked"},
    {.option = "partition", .only_to = "ls|retry parked"},
    {0},
};

const dw_verb dw_verb_deadletter = {
    .name = "deadletter",
    .run = deadletter_run,
    .opts = deadletter_opts,
    .opt_count = sizeof(deadletter_opts) / sizeof(deadletter_opts[0]),
    .rules = deadletter_rules,
    .min_words = 1,
    .max_words = 2,
    .words = "ls | show PARTITION/OFFSET | retry PARTITION/OFFSET | retry parked",
    .summary = "records that could not be used, and why",
    .help =
        "The log keeps the records; what is listed are pointers. show reads the ids of the envelope from the log and "
        "prints\n"
        "nothing else of it. retry appends the same bytes once more, after whatever made them unusable was mended;\n"
        "retry parked does it for every parked record whose kind this build knows, after an upgrade. What was retried\n"
        "before changes nothing.\n",
};

/* store.c: see store.h. */

#include "daemon/cli/store.h"

#include "config/policy_load.h"

#include <errno.h>
#include <stdio.h>

#define SCAN_COUNT "500" /* fields a step of HSCAN aims at */
#define ARGS_MAX 16

struct dw_store {
    redisContext *link;
    char *prefix, *topic;
};

static dw_errc lost(const dw_store *store, dw_error *err)
{
    return dw_fail(err, DW_E_IO, "Redis: %s", store->link->errstr[0] != '\0' ? store->link->errstr : "connection lost");
}

static redisReply *checked(dw_store *store, redisReply *reply, dw_error *err)
{
    if (reply == NULL) {
        lost(store, err);
        return NULL;
    }
    if (reply->type == REDIS_REPLY_ERROR) {
        dw_fail(err, DW_E_IO, "Redis: %s", reply->str);
        freeReplyObject(reply);
        return NULL;
    }
    return reply;
}

static redisReply *call_argv(dw_store *store, int argc, const char **argv, const size_t *lens, dw_error *err)
{
    return checked(store, redisCommandArgv(store->link, argc, argv, lens), err);
}

static redisContext *connect_to(const char *address)
{
    struct timeval timeout = {.tv_sec = 5};
    if (strncmp(address, "unix:", 5) == 0)
        return redisConnectUnixWithTimeout(address + 5, timeout);
    const char *colon = strrchr(address, ':');
    char host[256];
    size_t len = colon != NULL ? (size_t)(colon - address) : strlen(address);
    if (len >= sizeof(host))
        len = sizeof(host) - 1;
    memcpy(host, address, len);
    host[len] = '\0';
    long port = colon != NULL ? strtol(colon + 1, NULL, 10) : 6379;
    return redisConnectWithTimeout(host, (int)port, timeout);
}

static dw_errc log_in(dw_store *store, const dw_settings *settings, dw_error *err)
{
    if (settings->redis_password_file[0] != '\0') {
        char *secret = NULL;
        size_t len = 0;
        dw_errc code = dw_secret_read(settings->redis_password_file, &secret, &len, err);
        if (code != DW_OK)
            return code;
        const char *argv[3] = {"AUTH"};
        size_t lens[3] = {4};
        int argc = 1;
        if (settings->redis_user[0] != '\0') {
            argv[argc] = settings->redis_user;
            lens[argc++] = strlen(settings->redis_user);
        }
        argv[argc] = secret;
        lens[argc++] = len;
        redisReply *reply = call_argv(store, argc, argv, lens, err);
        explicit_bzero(secret, len);
        free(secret);
        if (reply == NULL)
            return DW_E_IO;
        freeReplyObject(reply);
    }
    if (settings->redis_database != 0) {
        char number[24];
        snprintf(number, sizeof(number), "%lld", (long long)settings->redis_database);
        const char *argv[] = {"SELECT", number};
        const size_t lens[] = {6, strlen(number)};
        redisReply *reply = call_argv(store, 2, argv, lens, err);
        if (reply == NULL)
            return DW_E_IO;
        freeReplyObject(reply);
    }
    return DW_OK;
}

dw_errc dw_store_open(const dw_settings *settings, dw_store **out, dw_error *err)
{
    dw_store *store = calloc(1, sizeof(*store));
    dw_errc code = DW_E_NOMEM;
    if (store == NULL || (store->prefix = strdup(settings->redis_prefix)) == NULL ||
        (store->topic = strdup(settings->kafka_topics_input)) == NULL ||
        (store->link = connect_to(settings->redis_address)) == NULL) {
        code = dw_fail(err, DW_E_NOMEM, "out of memory");
        goto done;
    }
    if (store->link->err != 0) {
        code = dw_fail(err, DW_E_IO, "Redis at %s: %s", settings->redis_address, store->link->errstr);
        goto done;
    }
    redisSetTimeout(store->link, (struct timeval){.tv_sec = 30});
    code = log_in(store, settings, err);
done:
    if (code != DW_OK)
        dw_store_close(&store);
    else
        *out = store;
    return code;
}

void dw_store_close(dw_store **store)
{
    if (*store == NULL)
        return;
    if ((*store)->link != NULL)
        redisFree((*store)->link);
    free((*store)->prefix);
    free((*store)->topic);
    free(*store);
    *store = NULL;
}

redisReply *dw_store_call(dw_store *store, const char *command, int32_t partition, const char *name, const dw_str *args,
                          size_t count, dw_error *err)
{
    if (count > ARGS_MAX) {
        dw_fail(err, DW_E_INVAL, "too many arguments");
        return NULL;
    }
    char key[DW_KEY_BYTES_MAX];
    const char *argv[ARGS_MAX + 2] = {command, key};
    size_t lens[ARGS_MAX + 2] = {strlen(command), dw_key(key, store->prefix, store->topic, partition, name)};
    for (size_t i = 0; i < count; i++) {
        argv[i + 2] = args[i].ptr != NULL ? args[i].ptr : "";
        lens[i + 2] = args[i].len;
    }
    return call_argv(store, (int)count + 2, argv, lens, err);
}

redisReply *dw_store_hget(dw_store *store, int32_t partition, const char *name, dw_str field, dw_error *err)
{
    return dw_store_call(store, "HGET", partition, name, &field, 1, err);
}

static int64_t number_of(const redisReply *reply, int64_t absent)
{
    if (reply->type == REDIS_REPLY_INTEGER)
        return reply->integer;
    if (reply->type != REDIS_REPLY_STRING)
        return absent;
    char *end = NULL;
    errno = 0;
    long long value = strtoll(reply->str, &end, 10);
    return errno == 0 && end != reply->str ? value : absent;
}

dw_errc dw_store_meta_int(dw_store *store, int32_t partition, const char *field, int64_t absent, int64_t *out,
                          dw_error *err)
{
    redisReply *reply = dw_store_hget(store, partition, "meta", dw_str_from(field), err);
    if (reply == NULL)
        return DW_E_IO;
    *out = number_of(reply, absent);
    freeReplyObject(reply);
    return DW_OK;
}

dw_errc dw_store_partitions(dw_store *store, int32_t *count, dw_error *err)
{
    char key[DW_KEY_BYTES_MAX];
    int len = snprintf(key, sizeof(key), "%s:identity", store->prefix);
    const char *argv[] = {"HGET", key, "partitions"};
    const size_t lens[] = {4, (size_t)len, 10};
    redisReply *reply = call_argv(store, 3, argv, lens, err);
    if (reply == NULL)
        return DW_E_IO;
    int64_t value = number_of(reply, 0);
    freeReplyObject(reply);
    if (value < 1 || value > 65536)
        return dw_fail(err, DW_E_IO, "Redis holds no driftwatch state under '%s': has driftwatchd run here?",
                       store->prefix);
    *count = (int32_t)value;
    return DW_OK;
}

dw_errc dw_store_scan(dw_store *store, int32_t partition, const char *name, const char *match, dw_store_each *each,
                      void *user, dw_error *err)
{
    char cursor[32] = "0";
    do {
        dw_str args[5] = {dw_str_from(cursor), DW_STR_LIT("COUNT"), DW_STR_LIT(SCAN_COUNT)};
        size_t count = 3;
        if (match != NULL) {
            args[count++] = DW_STR_LIT("MATCH");
            args[count++] = dw_str_from(match);
        }
        redisReply *reply = dw_store_call(store, "HSCAN", partition, name, args, count, err);
        if (reply == NULL)
            return DW_E_IO;
        if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 || reply->element[1]->type != REDIS_REPLY_ARRAY) {
            freeReplyObject(reply);
            return dw_fail(err, DW_E_FORMAT, "Redis: an answer to HSCAN that is none");
        }
        snprintf(cursor, sizeof(cursor), "%s", reply->element[0]->str);
        const redisReply *pairs = reply->element[1];
        bool go_on = true;
        for (size_t i = 0; go_on && i + 1 < pairs->elements; i += 2)
            go_on = each(user, (dw_str){pairs->element[i]->str, (uint32_t)pairs->element[i]->len},
                         (dw_str){pairs->element[i + 1]->str, (uint32_t)pairs->element[i + 1]->len});
        freeReplyObject(reply);
        if (!go_on)
            break;
    } while (strcmp(cursor, "0") != 0);
    return DW_OK;
}

/* --- records */
static dw_errc attach_pages(dw_store *store, int32_t partition, dw_str subject, dw_record *rec, dw_error *err)
{
    for (uint32_t page = 0; page < rec->page_count; page++) {
        char field[DW_SUBJECT_BYTES_MAX + 16];
        int len = snprintf(field, sizeof(field), "%.*s/%u", DW_STR_ARG(subject), page);
        redisReply *reply = dw_store_hget(store, partition, "facts", (dw_str){field, (uint32_t)len}, err);
        if (reply == NULL)
            return DW_E_IO;
        dw_errc code = reply->type == REDIS_REPLY_STRING
                           ? dw_record_attach_page(rec, page, (const uint8_t *)reply->str, reply->len, err)
                           : dw_fail(err, DW_E_FORMAT, "page %u of the record is missing", page);
        freeReplyObject(reply);
        if (code != DW_OK)
            return code;
    }
    return DW_OK;
}

dw_errc dw_store_record(dw_store *store, int32_t partition, dw_str subject, dw_record **out, dw_error *err)
{
    /* The daemon may rewrite head and pages between our reads: then read both again. */
    dw_errc code = DW_OK;
    for (int attempt = 0; attempt < 5; attempt++) {
        redisReply *head = dw_store_hget(store, partition, "children", subject, err);
        if (head == NULL)
            return DW_E_IO;
        if (head->type != REDIS_REPLY_STRING) {
            freeReplyObject(head);
            *out = NULL;
            return DW_OK;
        }
        dw_record *rec = NULL;
        code = dw_record_decode((const uint8_t *)head->str, head->len, &rec, err);
        freeReplyObject(head);
        if (code != DW_OK)
            return code;
        code = attach_pages(store, partition, subject, rec, err);
        if (code == DW_OK) {
            *out = rec;
            return DW_OK;
        }
        dw_record_free(&rec);
    }
    return code;
}

/* --- policy */
static dw_str field_of(const redisReply *pairs, const char *name)
{
    for (size_t i = 0; i + 1 < pairs->elements; i += 2)
        if (strcmp(pairs->element[i]->str, name) == 0)
            return (dw_str){pairs->element[i + 1]->str, (uint32_t)pairs->element[i + 1]->len};
    return (dw_str){0};
}

dw_errc dw_store_policy(dw_store *store, int32_t partition, dw_policy_in_force *out, dw_error *err)
{
    *out = (dw_policy_in_force){0};
    redisReply *reply = dw_store_call(store, "HGETALL", partition, "policy", NULL, 0, err);
    if (reply == NULL)
        return DW_E_IO;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements == 0) {
        freeReplyObject(reply);
        return DW_OK;
    }
    out->reply = reply;
    out->text = (dw_policy_text){.digest = field_of(reply, "digest"),
                                 .standards = field_of(reply, "standards"),
                                 .calendar = field_of(reply, "calendar"),
                                 .organisation = field_of(reply, "organisation")};
    dw_str number = field_of(reply, "number");
    dw_str cut_over = field_of(reply, "cut_over_us");
    out->text.number = number.len != 0 ? (uint32_t)strtoul(number.ptr, NULL, 10) : 0;
    out->text.cut_over_us = cut_over.len != 0 ? strtoll(cut_over.ptr, NULL, 10) : 0;
    static const dw_policy_names names = {.standards = "standards in force",
                                          .calendar = "calendar in force",
                                          .organisation = "organisation in force",
                                          .overrides = "overrides in force"};
    char text[DW_PROBLEM_TEXT_MAX];
    dw_problems problems = {0};
    out->policy = dw_policy_load(&out->text, &names, &problems);
    dw_errc code = DW_OK;
    if (out->policy == NULL)
        code = dw_fail(err, DW_E_CONFIG, "this build cannot read the policy in force (number %u): %s", out->text.number,
                       problems.items != NULL ? dw_problem_text(&problems.items[0], text) : "?");
    dw_problems_deinit(&problems);
    if (code != DW_OK)
        dw_policy_in_force_deinit(out);
    return code;
}

void dw_policy_in_force_deinit(dw_policy_in_force *policy)
{
    if (policy->policy != NULL)
        dw_policy_unref(&policy->policy);
    if (policy->reply != NULL)
        freeReplyObject(policy->reply);
    *policy = (dw_policy_in_force){0};
}

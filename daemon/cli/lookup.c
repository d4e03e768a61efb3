/* lookup.c: see lookup.h. */

#include "daemon/cli/lookup.h"

#include <jansson.h>
#include <stdio.h>

#define POLICIES_MAX 8 /* policies kept at once: a switch runs through the partitions with two */
#define ID_PREFIX_MIN 8

struct dw_policies {
    dw_store *store;
    size_t count;
    dw_policy_in_force items[POLICIES_MAX];
};

dw_policies *dw_policies_new(dw_store *store)
{
    dw_policies *policies = calloc(1, sizeof(*policies));
    if (policies != NULL)
        policies->store = store;
    return policies;
}

void dw_policies_free(dw_policies **policies)
{
    if (*policies == NULL)
        return;
    for (size_t i = 0; i < (*policies)->count; i++)
        dw_policy_in_force_deinit(&(*policies)->items[i]);
    free(*policies);
    *policies = NULL;
}

const dw_policy_in_force *dw_policies_get(dw_policies *policies, int32_t partition, dw_error *err)
{
    redisReply *reply = dw_store_hget(policies->store, partition, "policy", DW_STR_LIT("number"), err);
    if (reply == NULL)
        return NULL;
    uint32_t number = reply->type == REDIS_REPLY_STRING ? (uint32_t)strtoul(reply->str, NULL, 10) : 0;
    freeReplyObject(reply);
    if (number == 0)
        return NULL;
    for (size_t i = 0; i < policies->count; i++)
        if (policies->items[i].text.number == number)
            return &policies->items[i];
    if (policies->count == POLICIES_MAX) {
        dw_fail(err, DW_E_TOO_BIG, "more than %d policies are in force at once", POLICIES_MAX);
        return NULL;
    }
    dw_policy_in_force *item = &policies->items[policies->count];
    if (dw_store_policy(policies->store, partition, item, err) != DW_OK || item->policy == NULL)
        return NULL;
    policies->count++;
    return item;
}

dw_rule_words dw_policies_words(dw_policies *policies, int32_t partition, dw_str rule_id)
{
    dw_error ignored = {0};
    const dw_policy_in_force *policy = dw_policies_get(policies, partition, &ignored);
    const dw_rule *rule = policy != NULL ? dw_policy_find_rule(policy->policy, rule_id) : NULL;
    if (rule == NULL)
        return (dw_rule_words){.title = rule_id};
    return (dw_rule_words){rule->title, rule->action, rule->next_step};
}

dw_errc dw_found_alert_record(dw_store *store, const dw_found_alert *alert, dw_record **rec, dw_error *err)
{
    char subject[DW_SUBJECT_BYTES_MAX + 8];
    int len = snprintf(subject, sizeof(subject), "%.*s/%.*s", DW_STR_ARG(alert->row.la_code),
                       DW_STR_ARG(alert->row.child_ref));
    return dw_store_record(store, alert->partition, (dw_str){subject, (uint32_t)len}, rec, err);
}

char *dw_rule_words_json(dw_rule_words words, int32_t partition)
{
    json_t *object =
        json_pack("{s:s%, s:s%, s:s%, s:i}", "title", words.title.ptr != NULL ? words.title.ptr : "",
                  (size_t)words.title.len, "action", words.action.ptr != NULL ? words.action.ptr : "",
                  (size_t)words.action.len, "next_step", words.next_step.ptr != NULL ? words.next_step.ptr : "",
                  (size_t)words.next_step.len, "partition", (int)partition);
    char *text = object != NULL ? json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
    json_decref(object);
    if (text == NULL)
        return NULL;
    size_t len = strlen(text); /* {...} -> ,... */
    text[0] = ',';
    text[len - 1] = '\0';
    return text;
}

typedef struct search {
    dw_store *store;
    dw_arena *arena;
    int32_t partition;
    dw_found_alert *out;
    size_t found;
    dw_errc code;
    dw_error *err;
} search;

static bool on_row(void *user, dw_str field, dw_str value)
{
    search *s = user;
    if (s->found != 0 && dw_str_eq(field, dw_str_from(s->out->row.alert_id)))
        return true; /* HSCAN may give a field twice */
    dw_transition row;
    s->code = dw_transition_decode((const uint8_t *)value.ptr, value.len, s->arena, &row, s->err);
    if (s->code != DW_OK)
        return false;
    s->found++;
    s->out->partition = s->partition;
    s->out->row = row;
    return true;
}

/* Only what an id is made of, so that nothing reads as a pattern. */
static bool is_id_text(const char *id)
{
    size_t len = strlen(id);
    return len >= ID_PREFIX_MIN && len <= DW_UUID_TEXT_LEN && strspn(id, "0123456789abcdefABCDEF-") == len;
}

dw_errc dw_alert_find(dw_store *store, int32_t partitions, const char *id, dw_arena *arena, dw_found_alert *out,
                      dw_error *err)
{
    if (!is_id_text(id))
        return dw_fail(err, DW_E_INVAL, "'%.40s' is not an alert's id, nor at least %d characters of one", id,
                       ID_PREFIX_MIN);
    search s = {.store = store, .arena = arena, .out = out, .err = err};
    char match[DW_UUID_TEXT_LEN + 2];
    snprintf(match, sizeof(match), "%s*", id);
    for (int32_t p = 0; p < partitions; p++) {
        s.partition = p;
        dw_errc code = DW_OK;
        if (strlen(id) == DW_UUID_TEXT_LEN) {
            redisReply *reply = dw_store_hget(store, p, "alerts", dw_str_from(id), err);
            if (reply == NULL)
                return DW_E_IO;
            if (reply->type == REDIS_REPLY_STRING)
                on_row(&s, dw_str_from(id), (dw_str){reply->str, (uint32_t)reply->len});
            freeReplyObject(reply);
        } else {
            code = dw_store_scan(store, p, "alerts", match, on_row, &s, err);
        }
        if (code != DW_OK)
            return code;
        if (s.code != DW_OK)
            return s.code;
    }
    if (s.found == 0)
        return dw_fail(err, DW_E_MISSING, "no live alert has the id %s", id);
    if (s.found > 1)
        return dw_fail(err, DW_E_INVAL, "%zu alerts begin with %s: give more of the id", s.found, id);
    return DW_OK;
}

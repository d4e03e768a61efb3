/* Publishers of the simulation. */
#include "tests/sim/sim_events.h"

#include <assert.h>

#include "config/yaml.h"
#include "proto/json.h"

#define HOUR INT64_C(3600000000)

/* --- policies */

/* The shipped standards with only the rules named in `ids` (each "|id|"), without what they say of several rules. */
static char *pick_rules(const char *all, const char *ids)
{
    const char *rules = strstr(all, "\nrules:\n");
    if (rules == NULL)
        return NULL;
    const char *several = strstr(all, "\nfamilies:\n");
    size_t len = (size_t)((several != NULL && several < rules ? several : rules) - all);
    char *out = malloc(strlen(all) + 1);
    assert(out != NULL);
    memcpy(out, all, len);
    memcpy(out + len, "\nrules:\n", 8);
    len += 8;
    for (const char *at = strstr(rules, "\n  - id: "); at != NULL;) {
        char id[24] = "|";
        const char *next = strstr(at + 1, "\n  - id: ");
        size_t n = strcspn(at + 9, "\n"), size = next != NULL ? (size_t)(next - at) : strlen(at);
        assert(n < 20);
        memcpy(id + 1, at + 9, n);
        id[n + 1] = '|';
        if (strstr(ids, id) != NULL) {
            memcpy(out + len, at, size);
            len += size;
        }
        at = next;
    }
    out[len++] = '\n';
    out[len] = '\0';
    return out;
}

bool sim_texts_load(sim_texts *texts)
{
    static const char *const rules[SIM_POLICIES] = {"|CP-07|MI-01|MI-02|MI-03|MI-05|FD-05|",
                                                    "|CP-07|MI-01|MI-03|MI-05|DR-03|FD-01|",
                                                    "|CP-07|CN-01|MI-02|MI-03|MI-05|SU-01|"};
    char *all = NULL;
    size_t len;
    dw_error err;
    *texts = (sim_texts){0};
    if (!dw_file_read(DW_SOURCE_DIR "/config/default/standards.yaml", 1 << 20, &all, &len, &err) ||
        !dw_file_read(DW_SOURCE_DIR "/config/default/bank-holidays.json", 1 << 20, &texts->calendar, &len, &err) ||
        !dw_file_read(DW_SOURCE_DIR "/config/default/organisation.yaml", 1 << 20, &texts->organisation, &len, &err)) {
        printf("%s\n", err.text);
        free(all);
        return false;
    }
    for (size_t i = 0; i < SIM_POLICIES; i++)
        texts->standards[i] = pick_rules(all, rules[i]);
    free(all);
    return texts->standards[0] != NULL;
}

void sim_texts_free(sim_texts *texts)
{
    for (size_t i = 0; i < SIM_POLICIES; i++)
        free(texts->standards[i]);
    free(texts->calendar);
    free(texts->organisation);
}

dw_policy_text sim_texts_policy(const sim_texts *texts, uint32_t number, int64_t cut_over_us)
{
    return (dw_policy_text){.number = number,
                            .standards = dw_str_from(texts->standards[number % SIM_POLICIES]),
                            .calendar = dw_str_from(texts->calendar),
                            .organisation = dw_str_from(texts->organisation),
                            .cut_over_us = cut_over_us};
}

/* --- records */

/* The broker's time; on a topic with the publishers' own times anything from two hours back. */
static int64_t stamp(sim_world *world)
{
    return world->create_time ? world->now_us - (int64_t)sim_below(&world->random, 3) * HOUR : world->now_us;
}

static void append(sim_publishers *pub, int32_t partition, const dw_str *key, const uint8_t *value, size_t len,
                   bool sign)
{
    char hex[65] = "";
    dw_str v = {(const char *)value, (uint32_t)len};
    sim_world *world = pub->world;
    if (sign)
        dw_auth_compute(world->auth_key, world->auth_key_len, key != NULL ? *key : (dw_str){NULL, 0}, v, hex);
    else if (sim_chance(&world->random, 50))
        memset(hex, 'a', 64);
    sim_log_add(&world->input[partition], stamp(world), key, &v, dw_str_from(hex), (dw_str){NULL, 0});
}

static void child_key(unsigned child, char key[32])
{
    (void)snprintf(key, 32, "301/child-%u", child);
}

static int32_t home(const char *key)
{
    return dw_partition_of(dw_str_from(key), SIM_PARTITIONS);
}

static void send_json(sim_publishers *pub, const char *json, const char *key, bool sign)
{
    dw_event ev;
    dw_error err;
    int64_t log_time_us;
    const uint8_t *value;
    size_t len;
    dw_arena_reset(pub->arena);
    if (dw_event_from_json(json, strlen(json), pub->arena, &ev, &log_time_us, &err) != DW_OK ||
        dw_event_encode(&ev, pub->arena, &value, &len, &err) != DW_OK) {
        printf("the simulation makes a bad event: %s: %s\n", json, err.text);
        abort();
    }
    int32_t partition = home(key);
    dw_str k = dw_str_from(key);
    if (sim_chance(&pub->world->random, 6)) /* a publisher with another partitioner */
        partition = (int32_t)sim_below(&pub->world->random, SIM_PARTITIONS);
    append(pub, partition, &k, value, len, sign);
}

/* A fact about a child; few record ids and plans, so that records are amended and voided. */
static void send_fact(sim_publishers *pub)
{
    sim_random *r = &pub->world->random;
    unsigned child = (unsigned)sim_below(r, pub->children), plan = (unsigned)sim_below(r, 2);
    unsigned era = pub->reuse_ids ? 0 : (unsigned)(pub->world->now_us / (100 * 24 * HOUR)); /* a plan lasts so long */
    unsigned episode = (unsigned)sim_below(r, 5);
    char when[32], key[32], body[600], json[1200];
    const char *type;
    int64_t at_us = pub->world->now_us - (int64_t)sim_below(r, 60) * HOUR * (sim_chance(r, 15) ? 20 : 1);
    dw_instant_format(at_us - at_us % 60000000, when);
    child_key(child, key);
    switch (sim_below(r, 9)) {
    case 0:
    case 1:
        type = "plan_started";
        (void)snprintf(body, sizeof(body), "\"plan_id\":\"p%u-%u-%u\",\"plan_type\":\"%s\"", child, plan, era,
                       plan == 0 ? "CP" : "CIN");
        break;
    case 2:
        type = "plan_ended";
        (void)snprintf(body, sizeof(body), "\"plan_id\":\"p%u-%u-%u\",\"plan_type\":\"%s\"", child, plan, era,
                       plan == 0 ? "CP" : "CIN");
        break;
    case 3:
    case 4:
        type = "visit_done";
        (void)snprintf(body, sizeof(body),
                       "\"visit_type\":\"CP\",\"mode\":\"F2F\",\"child_seen\":\"Y\",\"plan_id\":\"p%u-%u-%u\"", child,
                       plan, era);
        break;
    case 5:
    case 6:
        type = "missing_episode";
        (void)snprintf(body, sizeof(body),
                       "\"episode_id\":\"e%u-%u-%u\",\"phase\":\"OPENED\",\"category\":\"M\",\"mis_start\":\"%s\"",
                       child, episode, era, when);
        break;
    case 7:
        type = "missing_episode";
        (void)snprintf(body, sizeof(body), "\"episode_id\":\"e%u-%u-%u\",\"phase\":\"RETURNED\",\"returned_at\":\"%s\"",
                       child, episode, era, when);
        break;
    default:
        type = "meeting_held";
        (void)snprintf(body, sizeof(body), "\"kind\":\"STRATEGY\"");
        break;
    }
    const char *op = sim_chance(r, 85) ? "CREATE" : sim_chance(r, 50) ? "AMEND" : "VOID";
    unsigned record = sim_chance(r, 75) ? ++pub->serial : 1 + (unsigned)sim_below(r, pub->serial + 1);
    (void)snprintf(
        json, sizeof(json),
        "{\"event_id\":\"ev-%u\",\"la_code\":\"301\",\"child_ref\":\"child-%u\",\"occurred_at\":\"%s\","
        "\"source_system\":\"SIM\",\"source_record_id\":\"r-%u\",\"source_revision\":%u,\"op\":\"%s\",\"%s\":{%s}}",
        ++pub->serial, child, when, record, 1 + (unsigned)sim_below(r, op[0] == 'C' ? 1 : 3), op, type,
        op[0] == 'V' ? "" : body);
    send_json(pub, json, key, false);
}

/* Somebody finds that two names are one child, or that they are not; some of it late, corrected or withdrawn. */
static void send_identity(sim_publishers *pub)
{
    sim_random *r = &pub->world->random;
    unsigned stays = (unsigned)sim_below(r, pub->children), gone = (unsigned)sim_below(r, pub->children);
    bool merge = sim_chance(r, 60);
    char when[32], key[32], body[100], json[800];
    int64_t at_us = pub->world->now_us - (int64_t)(sim_chance(r, 20) ? sim_below(r, 40) : 0) * HOUR;
    dw_instant_format(at_us - at_us % 60000000, when);
    child_key(stays, key);
    const char *op = sim_chance(r, 85) ? "CREATE" : sim_chance(r, 50) ? "AMEND" : "VOID";
    unsigned record = op[0] == 'C' ? ++pub->serial : 1 + (unsigned)sim_below(r, pub->serial + 1);
    (void)snprintf(body, sizeof(body), "\"%s\":\"child-%u\"", merge ? "merged_child_ref" : "split_child_ref", gone);
    (void)snprintf(
        json, sizeof(json),
        "{\"event_id\":\"id-%u\",\"la_code\":\"301\",\"child_ref\":\"child-%u\",\"occurred_at\":\"%s\","
        "\"source_system\":\"SIM\",\"source_record_id\":\"r-%u\",\"source_revision\":%u,\"op\":\"%s\",\"%s\":{%s}}",
        ++pub->serial, stays, when, record, op[0] == 'C' ? 1 : 2 + (unsigned)sim_below(r, 2), op,
        merge ? "identity_merged" : "identity_split", op[0] == 'V' ? "" : body);
    send_json(pub, json, key, false);
}

/* Somebody answers an alert that was published, rightly or with a generation or level that has passed. */
static void send_ack(sim_publishers *pub)
{
    sim_world *world = pub->world;
    sim_log *alerts = &world->alerts[sim_below(&world->random, SIM_PARTITIONS)];
    char when[32], date[16], key[200], json[1500];
    dw_log_record rec;
    dw_transition tr;
    if (alerts->count == 0)
        return;
    size_t back = alerts->count < 12 ? alerts->count : 12;
    sim_log_get(alerts, alerts->count - 1 - sim_below(&world->random, back), &rec);
    dw_arena_reset(pub->arena);
    if (dw_transition_decode((const uint8_t *)rec.value.ptr, rec.value.len, pub->arena, &tr, NULL) != DW_OK)
        return;
    dw_instant_format(world->now_us, when);
    dw_date_format((int32_t)(world->now_us / (24 * HOUR)) + 1 + (int32_t)sim_below(&world->random, 4), date);
    (void)snprintf(key, sizeof(key), "%.*s/%.*s", DW_STR_ARG(tr.la_code), DW_STR_ARG(tr.child_ref));
    (void)snprintf(
        json, sizeof(json),
        "{\"event_id\":\"ack-%u\",\"la_code\":\"%.*s\",\"child_ref\":\"%.*s\",\"occurred_at\":\"%s\","
        "\"source_system\":\"driftwatch\",\"source_record_id\":\"a-%u\",\"source_revision\":1,\"op\":\"CREATE\","
        "\"alert_acknowledged\":{\"alert_id\":\"%s\",\"generation\":%u,\"level\":%u,\"reason_code\":\"STAFFING\","
        "\"review_by\":\"%s\",\"actor_post\":\"team-01-manager\",\"actor_ref\":\"w-1\",\"oversight_ref\":\"n-%u\"}}",
        pub->serial, DW_STR_ARG(tr.la_code), DW_STR_ARG(tr.child_ref), when, pub->serial, tr.alert_id,
        tr.generation != 0 ? tr.generation : 1, tr.level, date, pub->serial);
    pub->serial++;
    send_json(pub, json, key, sim_chance(&world->random, 85));
}

static void send_policy(sim_publishers *pub)
{
    const uint8_t *value;
    size_t len;
    sim_world *world = pub->world;
    bool old = sim_chance(&world->random, 20), sign = !sim_chance(&world->random, 20);
    if (!old && sign)
        pub->policies++;
    int64_t cut_over_us = sim_chance(&world->random, 30) ? world->now_us + 6 * HOUR : 0;
    dw_policy_text text = sim_texts_policy(pub->texts, old ? 1 : pub->policies, cut_over_us);
    dw_arena_reset(pub->arena);
    if (dw_policy_text_encode(&text, pub->arena, &value, &len, NULL) != DW_OK)
        abort();
    for (int32_t p = 0; p < SIM_PARTITIONS; p++)
        append(pub, p, NULL, value, len, sign);
}

/* Everything that cannot be applied. */
static void send_bad(sim_publishers *pub)
{
    sim_world *world = pub->world;
    sim_random *r = &world->random;
    int32_t partition = (int32_t)sim_below(r, SIM_PARTITIONS);
    sim_log *log = &world->input[partition];
    char key[32];
    uint8_t junk[300];
    const uint8_t *value;
    size_t len;
    child_key((unsigned)sim_below(r, pub->children), key);
    dw_str k = dw_str_from(key);
    dw_arena_reset(pub->arena);
    switch (sim_below(r, 8)) {
    case 0:
        for (size_t i = 0; i < sizeof(junk); i++)
            junk[i] = (uint8_t)sim_next(r);
        append(pub, partition, &k, junk, sim_below(r, sizeof(junk)), false);
        break;
    case 1:
        sim_log_add(log, world->now_us, &k, NULL, (dw_str){NULL, 0}, (dw_str){NULL, 0});
        break;
    case 2: /* with a forward header that nobody signed */
        sim_log_add(log, world->now_us, &k, &k, (dw_str){NULL, 0}, DW_STR_LIT("1/999999999999-1/1"));
        break;
    case 3:
        if (dw_tick_encode(world->now_us, pub->arena, &value, &len, NULL) == DW_OK)
            append(pub, partition, sim_chance(r, 70) ? NULL : &k, value, len, false);
        break;
    case 4:
        if (dw_core_set_encode(DW_CORE_VERSION, pub->arena, &value, &len, NULL) == DW_OK)
            append(pub, partition, NULL, value, len, sim_chance(r, 50));
        break;
    case 5:
    case 6:
        if (log->count != 0) { /* a true record again, whole or changed in one byte */
            dw_log_record rec;
            sim_log_get(log, sim_below(r, log->count), &rec);
            bool change = sim_chance(r, 50);
            char *copy = malloc((size_t)rec.value.len + 1);
            assert(copy != NULL);
            if (rec.value.len != 0)
                memcpy(copy, rec.value.ptr, rec.value.len);
            if (change && rec.value.len != 0) {
                int bit = (int)sim_below(r, 8); /* drawn before the byte, whatever the compiler would do first */
                copy[sim_below(r, rec.value.len)] ^= (char)(1 << bit);
            }
            dw_str v = {copy, rec.value.len}, key_copy = rec.key;
            sim_log_add(log, world->now_us, rec.has_key ? &key_copy : NULL, rec.has_value ? &v : NULL, rec.auth,
                        (dw_str){NULL, 0});
            free(copy);
        }
        break;
    default: { /* a kind of a newer publisher: an envelope with body field 77 */
        static const char json[] = "{\"event_id\":\"x\",\"la_code\":\"301\",\"child_ref\":\"child-1\",\"occurred_at\":"
                                   "\"2026-01-05T08:00:00Z\",\"source_system\":\"SIM\",\"source_record_id\":\"x\","
                                   "\"source_revision\":1,\"op\":\"CREATE\",\"hold_set\":{}}";
        dw_event ev;
        int64_t log_time_us;
        dw_error err;
        k = DW_STR_LIT("301/child-1");
        if (dw_event_from_json(json, sizeof(json) - 1, pub->arena, &ev, &log_time_us, &err) == DW_OK &&
            dw_event_encode(&ev, pub->arena, &value, &len, &err) == DW_OK)
            append(pub, partition, &k, value, len, false);
        break;
    }
    }
}

void sim_publish_one(sim_publishers *pub)
{
    size_t what = sim_below(&pub->world->random, 100);
    if (what < 69)
        send_fact(pub);
    else if (what < 72)
        send_identity(pub);
    else if (what < 82)
        send_ack(pub);
    else if (what < 98)
        send_bad(pub);
    else
        send_policy(pub);
}

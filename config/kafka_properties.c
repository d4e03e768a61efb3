/* kafka_properties.c: librdkafka properties that pass through, without those the daemon relies on. */

#include "config/settings_table.h"

typedef struct refused {
    const char *name; /* "x.*" = every property that begins with "x." */
    const char *reason;
} refused;

#define OWN_OFFSETS "the offset is stored with the child's record in one transaction, never by the library"
#define OWN_KEY(key) "set " key " instead"
#define OWN_PRODUCER "alerts are published in order, once, and acknowledged by all replicas"
#define OWN_TIME "the outbox keeps a row until the broker has it; a row is never given up"

static const refused refused_properties[] = {
    {"bootstrap.servers", OWN_KEY("kafka.brokers")},
    {"metadata.broker.list", OWN_KEY("kafka.brokers")},
    {"group.id", OWN_KEY("kafka.group")},
    {"group.instance.id", "two processes with one fixed id shut each other out for good"},
    {"group.protocol", "the claim of a partition relies on the classic group protocol"},
    {"group.protocol.type", "the claim of a partition relies on the classic group protocol"},
    {"group.remote.assignor", "the claim of a partition relies on the classic group protocol"},
    {"partition.assignment.strategy", "a partition must be given up whole before another instance claims it"},
    {"enable.auto.commit", OWN_OFFSETS},
    {"auto.commit.interval.ms", OWN_OFFSETS},
    {"auto.commit.enable", OWN_OFFSETS},
    {"enable.auto.offset.store", OWN_OFFSETS},
    {"offset.store.method", OWN_OFFSETS},
    {"offset.store.path", OWN_OFFSETS},
    {"offset.store.sync.interval.ms", OWN_OFFSETS},
    {"auto.offset.reset", "a missing offset holds the shard; skipping to another one would lose events"},
    {"isolation.level", "events of an aborted transaction must not count"},
    {"check.crcs", "a damaged record must be seen as damaged"},
    {"enable.partition.eof", "the daemon has to know when it has read everything"},
    {"enable.idempotence", OWN_PRODUCER},
    {"acks", OWN_PRODUCER},
    {"request.required.acks", OWN_PRODUCER},
    {"max.in.flight", OWN_PRODUCER},
    {"max.in.flight.requests.per.connection", OWN_PRODUCER},
    {"enable.gapless.guarantee", OWN_PRODUCER},
    {"queuing.strategy", OWN_PRODUCER},
    {"transactional.id", "the outbox and its positions do what a transaction would"},
    {"transaction.timeout.ms", "the outbox and its positions do what a transaction would"},
    {"partitioner", "an alert goes to the partition of its event, which the daemon names itself"},
    {"sticky.partitioning.linger.ms", "an alert goes to the partition of its event, which the daemon names itself"},
    {"retries", OWN_TIME},
    {"message.send.max.retries", OWN_TIME},
    {"message.timeout.ms", OWN_TIME},
    {"delivery.timeout.ms", OWN_TIME},
    {"delivery.report.only.error", "the outbox needs every delivery report"},
    {"produce.offset.report", "the clock needs the broker's time of every delivery"},
    {"allow.auto.create.topics", "topics need their settings: driftwatchd --setup makes them"},
    {"statistics.interval.ms", "the daemon reads the statistics at its own pace for /metrics"},
    {"log_level", OWN_KEY("log.level")},
    {"log.queue", "the daemon writes the library's log lines into its own"},
    {"log.thread.name", "the daemon writes the library's log lines into its own"},
    {"enabled_events", "the daemon chooses which events it serves"},
    {"opaque", "it is a pointer"},
    {"plugin.library.paths", "it loads foreign code into the daemon"},
    {"internal.termination.signal", "signals belong to the daemon"},
    {"test.mock.num.brokers", "it would replace the brokers by pretended ones"},
    {"ssl_key", "use ssl.key.location"},
    {"ssl_certificate", "use ssl.certificate.location"},
    {"ssl_ca", "use ssl.ca.location"},
    {"ssl.key.pem", "use ssl.key.location: a secret does not belong in this file"},
};

/* Properties that are secrets: only by file, as NAME_file. */
static const char *const secret_properties[] = {
    "sasl.password",           "ssl.key.password", "ssl.keystore.password", "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.config",
};

static const char *find_secret(dw_str name)
{
    for (size_t i = 0; i < sizeof(secret_properties) / sizeof(secret_properties[0]); i++)
        if (dw_str_eq(name, dw_str_from(secret_properties[i])))
            return secret_properties[i];
    return NULL;
}

static const refused *find_refused(dw_str name)
{
    for (size_t i = 0; i < sizeof(refused_properties) / sizeof(refused_properties[0]); i++)
        if (dw_str_eq(name, dw_str_from(refused_properties[i].name)))
            return &refused_properties[i];
    /* callbacks are pointers, not texts */
    static const refused callbacks = {"*_cb", "callbacks belong to the daemon"};
    if (name.len > 3 && memcmp(name.ptr + name.len - 3, "_cb", 3) == 0)
        return &callbacks;
    return NULL;
}

static bool name_ok(dw_str name)
{
    for (uint32_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_'))
            return false;
    }
    return name.len > 0 && name.len <= 64;
}

/* The value to pass on: the node's text, or the content of the file it names. NULL with a problem. */
static char *property_value(dw_yaml *yaml, const yaml_node_t *node, dw_str name, bool from_file, const char *folder)
{
    dw_str text = dw_yaml_scalar(node);
    if (node->type != YAML_SCALAR_NODE || dw_yaml_is_null(node) || memchr(text.ptr, '\0', text.len) != NULL) {
        dw_problems_add(yaml->problems, yaml->file, node, false, "kafka.properties: %.*s must be a text or number",
                        DW_STR_ARG(name));
        return NULL;
    }
    if (!from_file)
        return strndup(text.ptr, text.len);
    char *path = dw_settings_path(folder, text, false), *secret = NULL;
    size_t len = 0;
    if (path != NULL)
        dw_secret_check(yaml, node, path, &secret, &len);
    free(path);
    if (secret != NULL && strlen(secret) != len) {
        dw_problems_add(yaml->problems, yaml->file, node, false, "kafka.properties: the file holds a NUL byte");
        free(secret);
        return NULL;
    }
    return secret;
}

static void load_property(dw_yaml *yaml, const yaml_node_t *key, const yaml_node_t *value, const char *folder,
                          dw_settings *settings)
{
    dw_str name = dw_yaml_scalar(key);
    if (!name_ok(name)) {
        dw_problems_add(yaml->problems, yaml->file, key, false,
                        "kafka.properties: a property is named in lower case letters, digits, '.' and '_'");
        return;
    }
    const refused *no = find_refused(name);
    if (no != NULL) {
        dw_problems_add(yaml->problems, yaml->file, key, false, "kafka.properties: %.*s can not be set: %s",
                        DW_STR_ARG(name), no->reason);
        return;
    }
    if (find_secret(name) != NULL) {
        dw_problems_add(yaml->problems, yaml->file, key, false,
                        "a secret does not belong in this file: put it in a file of mode 0600 and name that file in "
                        "%.*s_file",
                        DW_STR_ARG(name));
        return;
    }
    const char *secret = NULL;
    if (name.len > 5 && memcmp(name.ptr + name.len - 5, "_file", 5) == 0)
        secret = find_secret((dw_str){name.ptr, name.len - 5});
    char *text = property_value(yaml, value, name, secret != NULL, folder);
    if (text == NULL)
        return; /* reported, or a credential that can only be read inside the service */
    dw_kafka_property *p = &settings->kafka_properties[settings->kafka_property_count];
    p->name = secret != NULL ? strdup(secret) : strndup(name.ptr, name.len);
    p->value = text;
    settings->kafka_property_count++;
    if (p->name == NULL)
        dw_problems_add(yaml->problems, yaml->file, key, false, "out of memory");
}

static int by_name(const void *a, const void *b)
{
    const dw_kafka_property *x = a, *y = b;
    return strcmp(x->name != NULL ? x->name : "", y->name != NULL ? y->name : "");
}

void dw_kafka_properties_load(dw_yaml *yaml, const yaml_node_t *map, const char *folder, dw_settings *settings)
{
    if (dw_yaml_is_null(map))
        return;
    if (map->type != YAML_MAPPING_NODE) {
        dw_problems_add(yaml->problems, yaml->file, map, false, "kafka.properties must hold keys (name: value)");
        return;
    }
    yaml_node_pair_t *pairs = map->data.mapping.pairs.start;
    size_t n = (size_t)(map->data.mapping.pairs.top - pairs);
    if (n > DW_KAFKA_PROPERTIES_MAX) {
        dw_problems_add(yaml->problems, yaml->file, map, false, "kafka.properties: more than %d",
                        DW_KAFKA_PROPERTIES_MAX);
        return;
    }
    if (settings->kafka_properties == NULL)
        settings->kafka_properties = calloc(DW_KAFKA_PROPERTIES_MAX, sizeof(*settings->kafka_properties));
    if (settings->kafka_properties == NULL) {
        dw_problems_add(yaml->problems, yaml->file, map, false, "out of memory");
        return;
    }
    for (size_t i = 0; i < n && settings->kafka_property_count < DW_KAFKA_PROPERTIES_MAX; i++)
        load_property(yaml, dw_yaml_node(yaml, pairs[i].key), dw_yaml_node(yaml, pairs[i].value), folder, settings);
    qsort(settings->kafka_properties, settings->kafka_property_count, sizeof(*settings->kafka_properties), by_name);
}

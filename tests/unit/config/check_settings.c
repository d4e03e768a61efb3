/* check_settings.c: defaults, the shipped sample, values and paths, secrets, and what a reload takes over. */

#include "config/settings.h"
#include "tests/support/suite.h"
#include "tests/unit/config/cases.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static void make_folder(void)
{
    snprintf(folder, sizeof(folder), "/tmp/check_settings.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    unsetenv("CREDENTIALS_DIRECTORY");
}

static char *in_folder(const char *name)
{
    char *path = NULL;
    ck_assert_int_gt(asprintf(&path, "%s/%s", folder, name), 0);
    return path;
}

static void write_file(const char *name, const char *text, mode_t mode)
{
    char *path = in_folder(name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
    ck_assert_int_eq(chmod(path, mode), 0);
    free(path);
}

static void remove_folder(void)
{
    static const char *const names[] = {"s.yaml", "secret", "open", "group", "empty", "crlf"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = in_folder(names[i]);
        unlink(path);
        free(path);
    }
    ck_assert_int_eq(rmdir(folder), 0);
}

/* Settings from a text; no problem may be found. */
static dw_settings *load(const char *text)
{
    dw_problems problems = {0};
    write_file("s.yaml", text, 0644);
    char *path = in_folder("s.yaml");
    dw_settings *settings = dw_settings_load(path, &problems);
    dw_problems_print(&problems, stdout);
    fflush(stdout);
    ck_assert_uint_eq(problems.count, 0);
    ck_assert_ptr_nonnull(settings);
    dw_problems_deinit(&problems);
    free(path);
    return settings;
}

static void check_defaults(const dw_settings *s)
{
    ck_assert_str_eq(s->roles, "watch");
    ck_assert_str_eq(s->kafka_brokers, "127.0.0.1:9092");
    ck_assert_str_eq(s->kafka_group, "driftwatch");
    ck_assert_str_eq(s->kafka_topics_input, "casework.events");
    ck_assert_str_eq(s->kafka_topics_alerts, "driftwatch.alerts");
    ck_assert_str_eq(s->kafka_topics_deadletter, "driftwatch.deadletter");
    ck_assert_int_eq(s->kafka_partitions, 64);
    ck_assert_int_eq(s->kafka_replication, 1);
    ck_assert(!s->kafka_allow_finite_retention);
    ck_assert_uint_eq(s->kafka_property_count, 0);
    ck_assert_int_eq(s->clock, DW_CLOCK_LOG_APPEND);
    ck_assert_str_eq(s->redis_address, "unix:/run/redis/redis-server.sock");
    ck_assert_int_eq(s->redis_database, 0);
    ck_assert_str_eq(s->redis_password_file, "");
    ck_assert_str_eq(s->redis_prefix, "dw");
    ck_assert_str_eq(s->policy_cut_over, "");
    ck_assert_int_eq(dw_settings_cut_over_us(s), 0);
    ck_assert_str_eq(s->http_listen, "127.0.0.1:9464");
    ck_assert_int_eq(s->log_format, DW_LOG_AUTO);
    ck_assert_int_eq(s->log_level, DW_LOG_INFO);
    ck_assert_int_eq(s->shard_turn_bytes, 8388608);
    ck_assert_int_eq(s->shard_cache_bytes, 6291456);
    ck_assert_int_eq(s->shard_outbox_bytes_max, 67108864);
    ck_assert_int_eq(s->shard_deadletter_hold_per_minute, 50);
    ck_assert_int_eq(s->shard_future_tolerance_s, 300);
}

START_TEST(defaults_without_file)
{
    dw_problems problems = {0};
    dw_settings *s = dw_settings_load(NULL, &problems);
    ck_assert_ptr_nonnull(s);
    check_defaults(s);
    ck_assert_str_eq(s->policy_standards, DW_CONFIG_DIR "/standards.yaml");
    ck_assert_str_eq(s->file, "");
    dw_settings_free(&s);
    ck_assert_ptr_null(s);
}
END_TEST

START_TEST(missing_file)
{
    dw_problems problems = {0};
    ck_assert_ptr_null(dw_settings_load("/nonexistent/driftwatch.yaml", &problems));
    ck_assert_uint_eq(problems.errors, 1);
    ck_assert_str_eq(problems.items[0].text, "cannot open /nonexistent/driftwatch.yaml: No such file or directory");
    dw_problems_deinit(&problems);
}
END_TEST

/* --- the sample */

static char *sample(void)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    dw_settings_print_sample(out);
    fclose(out);
    return text;
}

START_TEST(shipped_sample_is_the_printed_one)
{
    char *printed = sample(), *shipped = case_file("config/default/driftwatch.yaml");
    ck_assert_str_eq(shipped, printed);
    free(printed);
    free(shipped);
}
END_TEST

START_TEST(sample_changes_nothing)
{
    char *text = sample();
    dw_settings *s = load(text);
    check_defaults(s);
    dw_settings_free(&s);
    free(text);
}
END_TEST

/* Take the # away from every key: the sample shows the defaults truly, and nested as they must be. */
START_TEST(sample_shows_the_defaults)
{
    char *text = sample();
    char *out = calloc(1, strlen(text) + 1);
    size_t n = 0, keys = 0;
    for (const char *c = text; *c != '\0'; c++) {
        bool key = *c == '#' && c[1] >= 'a' && c[1] <= 'z';
        keys += key;
        if (!key)
            out[n++] = *c;
    }
    ck_assert_uint_gt(keys, 25);
    dw_settings *s = load(out);
    check_defaults(s);
    dw_settings_free(&s);
    free(text);
    free(out);
}
END_TEST

START_TEST(help_and_man_name_every_key)
{
    static const char *const keys[] = {"roles", "kafka.brokers", "kafka.properties", "shard.future_tolerance_s"};
    char *help = NULL, *man = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&help, &len);
    dw_settings_print_help(out);
    fclose(out);
    out = open_memstream(&man, &len);
    dw_settings_print_man(out);
    fclose(out);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        ck_assert_msg(strstr(help, keys[i]) != NULL, "%s", keys[i]);
    ck_assert_ptr_nonnull(strstr(help, "  log.level (error, warn, info, debug; default info; reload)\n"));
    ck_assert_ptr_nonnull(strstr(man, "*kafka.allow\\_finite\\_retention* (true or false; default false)\n\t"));
    free(help);
    free(man);
}
END_TEST

/* The page holds the list that the program prints. */
START_TEST(man_page_holds_the_list)
{
    char *list = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&list, &len);
    dw_settings_print_man(out);
    fclose(out);
    char path[512], *page = NULL;
    dw_error err = {0};
    snprintf(path, sizeof(path), "%s/daemon/man/driftwatch.yaml.5.scd", DW_SOURCE_DIR);
    ck_assert_msg(dw_file_read(path, DW_CONFIG_BYTES_MAX, &page, &len, &err), "%s", err.text);
    ck_assert_ptr_nonnull(strstr(page, list));
    free(list);
    free(page);
}
END_TEST

/* --- values */

START_TEST(values_are_taken)
{
    write_file("secret", "s3cret\n", 0600);
    char *text = NULL;
    ck_assert_int_gt(
        asprintf(&text,
                 "roles: [watch]\n"
                 "kafka:\n"
                 "  brokers: \"a:1, [::1]:2\"\n"
                 "  topics: {input: in}\n"
                 "  partitions: 3\n"
                 "  properties:\n"
                 "    ssl.ca.location: /ca\n"
                 "    sasl.password_file: ./secret\n"
                 "    client.rack: \"1\"\n"
                 "clock: create_time\n"
                 "redis: {address: \"localhost:6379\", password_file: \"%s/secret\"}\n"
                 "policy: {standards: mine/standards.yaml, organisation: /etc/o.yaml, cut_over: 2026-07-01}\n"
                 "http: {listen: \"unix:/run/x\"}\n"
                 "log: {level: debug}\n"
                 "shard: {turn_bytes: 1 MiB, cache_bytes: 2 GiB, outbox_bytes_max: 4096 KiB}\n",
                 folder),
        0);
    dw_settings *s = load(text);
    char *standards = in_folder("mine/standards.yaml"), *holidays = in_folder("bank-holidays.json");
    ck_assert_str_eq(s->kafka_brokers, "a:1, [::1]:2");
    ck_assert_str_eq(s->kafka_topics_input, "in");
    ck_assert_int_eq(s->kafka_partitions, 3);
    ck_assert_uint_eq(s->kafka_property_count, 3);
    ck_assert_str_eq(s->kafka_properties[0].name, "client.rack");
    ck_assert_str_eq(s->kafka_properties[1].name, "sasl.password");
    ck_assert_str_eq(s->kafka_properties[1].value, "s3cret");
    ck_assert_str_eq(s->kafka_properties[2].value, "/ca");
    ck_assert_int_eq(s->clock, DW_CLOCK_CREATE_TIME);
    ck_assert_str_eq(s->policy_standards, standards);
    ck_assert_str_eq(s->policy_bank_holidays, holidays);
    ck_assert_str_eq(s->policy_organisation, "/etc/o.yaml");
    ck_assert_int_eq(dw_settings_cut_over_us(s), INT64_C(1782860400000000)); /* 2026-06-30T23:00:00Z: summer time */
    ck_assert_int_eq(s->log_level, DW_LOG_DEBUG);
    ck_assert_int_eq(s->shard_turn_bytes, 1 << 20);
    ck_assert_int_eq(s->shard_cache_bytes, INT64_C(2) << 30);
    ck_assert_int_eq(s->shard_outbox_bytes_max, 4 << 20);
    free(standards);
    free(holidays);
    free(text);
    dw_settings_free(&s);
}
END_TEST

START_TEST(cut_over_as_an_instant)
{
    dw_settings *s = load("policy: {cut_over: \"2026-01-05T08:00:00+01:00\"}\n");
    ck_assert_int_eq(dw_settings_cut_over_us(s), INT64_C(1767596400000000));
    dw_settings_free(&s);
}
END_TEST

/* --- secrets */

static dw_errc read_secret(const char *path, char **out)
{
    size_t len = 0;
    dw_error err = {0};
    dw_errc code = dw_secret_read(path, out, &len, &err);
    ck_assert_int_eq(code, err.code);
    if (code == DW_OK)
        ck_assert_uint_eq(len, strlen(*out));
    return code;
}

START_TEST(secret_files)
{
    static const struct {
        const char *name, *text;
        mode_t mode;
        const char *secret; /* NULL: refused */
    } rows[] = {
        {"secret", "abc\n", 0600, "abc"}, {"secret", "abc", 0400, "abc"}, {"secret", "a\nb\n", 0600, "a\nb"},
        {"crlf", "abc\r\n", 0600, "abc"}, {"open", "abc\n", 0604, NULL},  {"group", "abc\n", 0640, NULL},
        {"empty", "\n", 0600, NULL},      {"empty", "", 0600, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *secret = NULL, *path = in_folder(rows[i].name);
        unlink(path);
        write_file(rows[i].name, rows[i].text, rows[i].mode);
        dw_errc code = read_secret(path, &secret);
        ck_assert_msg((code == DW_OK) == (rows[i].secret != NULL), "row %zu", i);
        if (rows[i].secret != NULL)
            ck_assert_str_eq(secret, rows[i].secret);
        free(secret);
        free(path);
    }
}
END_TEST

/* systemd's credentials are 0440 in a folder that nobody else can enter. */
START_TEST(secret_credentials)
{
    char *secret = NULL;
    write_file("secret", "abc\n", 0440);
    ck_assert_int_eq(read_secret("secret", &secret), DW_E_CONFIG);
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    ck_assert_int_eq(read_secret("secret", &secret), DW_OK);
    ck_assert_str_eq(secret, "abc");
    free(secret);
    ck_assert_int_eq(read_secret("none", &secret), DW_E_IO);
    ck_assert_int_eq(read_secret("", &secret), DW_E_CONFIG);
    dw_settings *s = load("auth: {key_file: secret}\n");
    ck_assert_str_eq(s->auth_key_file, "secret");
    dw_settings_free(&s);
    unsetenv("CREDENTIALS_DIRECTORY");
}
END_TEST

/* --- reload */

START_TEST(reload_takes_what_may_change)
{
    dw_problems problems = {0};
    dw_settings *live = load("log: {level: info}\nkafka: {group: one, properties: {client.rack: a}}\n"
                             "shard: {deadletter_hold_percent: 3}\n");
    dw_settings *fresh = load("log: {level: debug}\nkafka: {group: two, properties: {client.rack: b}}\n"
                              "shard: {deadletter_hold_percent: 4, turn_events_live: 7}\nclock: create_time\n"
                              "policy: {standards: s2.yaml}\nredis: {allow_no_persistence: true}\n");
    char *standards = in_folder("s2.yaml");
    dw_settings_reload(live, fresh, &problems);
    ck_assert_int_eq(live->log_level, DW_LOG_DEBUG);
    ck_assert_int_eq(live->shard_deadletter_hold_percent, 4);
    ck_assert_str_eq(live->policy_standards, standards);
    ck_assert_str_eq(live->kafka_group, "one");
    ck_assert_str_eq(live->kafka_properties[0].value, "a");
    ck_assert_int_eq(live->shard_turn_events_live, 500);
    ck_assert_int_eq(live->clock, DW_CLOCK_LOG_APPEND);
    ck_assert(!live->redis_allow_no_persistence);
    static const char *const named[] = {"kafka.group", "kafka.properties", "clock", "redis.allow_no_persistence",
                                        "shard.turn_events_live"};
    ck_assert_uint_eq(problems.count, sizeof(named) / sizeof(named[0]));
    ck_assert_uint_eq(problems.errors, 0);
    for (size_t i = 0; i < problems.count; i++) {
        char text[200];
        snprintf(text, sizeof(text), "%s has changed; the new value counts after a restart", named[i]);
        ck_assert_str_eq(problems.items[i].text, text);
        ck_assert(problems.items[i].warning);
    }
    dw_problems_deinit(&problems);
    dw_settings_reload(live, fresh, &problems); /* what was taken over no longer differs */
    ck_assert_uint_eq(problems.count, sizeof(named) / sizeof(named[0]));
    dw_problems_deinit(&problems);
    free(standards);
    dw_settings_free(&live);
    dw_settings_free(&fresh);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("settings");
    TCase *tc = tcase_create("settings");
    tcase_add_checked_fixture(tc, make_folder, remove_folder);
    tcase_add_test(tc, defaults_without_file);
    tcase_add_test(tc, missing_file);
    tcase_add_test(tc, shipped_sample_is_the_printed_one);
    tcase_add_test(tc, sample_changes_nothing);
    tcase_add_test(tc, sample_shows_the_defaults);
    tcase_add_test(tc, help_and_man_name_every_key);
    tcase_add_test(tc, man_page_holds_the_list);
    tcase_add_test(tc, values_are_taken);
    tcase_add_test(tc, cut_over_as_an_instant);
    tcase_add_test(tc, secret_files);
    tcase_add_test(tc, secret_credentials);
    tcase_add_test(tc, reload_takes_what_may_change);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}

/* dw_mock_broker: librdkafka's mock cluster as a process of its own, for demo and tests without a JVM.
 *
 *     dw_mock_broker [--brokers N] TOPIC:PARTITIONS...
 *
 * Prints the bootstrap address as its first line, then reads commands, one a line, and answers each with "ok" or
 * "error: REASON"; it lives until its standard input closes or it gets SIGTERM:
 *     topic NAME:PARTITIONS    down BROKER    up BROKER    rtt BROKER MILLISECONDS    errors APIKEY COUNT CODE
 * The mock keeps 5 MiB a partition, knows only CreateTime, and has no topic administration. */

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

enum { BROKERS_MAX = 8, PARTITIONS_MAX = 256, ERRORS_MAX = 64, LINE_BYTES_MAX = 512 };

static bool parse_number(const char *text, long min, long max, int *out)
{
    char *end = NULL;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < min || value > max)
        return false;
    *out = (int)value;
    return true;
}

/* "NAME:PARTITIONS"; cuts `spec` at the colon. */
static const char *create_topic(rd_kafka_mock_cluster_t *cluster, int brokers, char *spec)
{
    char *colon = strrchr(spec, ':');
    int partitions = 0;
    if (colon == NULL || colon == spec || !parse_number(colon + 1, 1, PARTITIONS_MAX, &partitions))
        return "a topic is NAME:PARTITIONS";
    *colon = '\0';
    rd_kafka_resp_err_t err = rd_kafka_mock_topic_create(cluster, spec, partitions, brokers < 3 ? brokers : 3);
    return err == RD_KAFKA_RESP_ERR_NO_ERROR ? NULL : rd_kafka_err2str(err);
}

static const char *push_errors(rd_kafka_mock_cluster_t *cluster, int api_key, int count, int code)
{
    rd_kafka_resp_err_t errors[ERRORS_MAX];
    for (int i = 0; i < count; i++)
        errors[i] = (rd_kafka_resp_err_t)code;
    rd_kafka_mock_push_request_errors_array(cluster, (int16_t)api_key, (size_t)count, errors);
    return NULL;
}

/* Carries out one line; NULL, or why not. */
static const char *command(rd_kafka_mock_cluster_t *cluster, int brokers, char *line)
{
    char *words[5] = {0};
    size_t count = 0;
    char *rest = NULL;
    for (char *w = strtok_r(line, " \t\r\n", &rest); w != NULL && count < 5; w = strtok_r(NULL, " \t\r\n", &rest))
        words[count++] = w;
    int a = 0;
    int b = 0;
    int c = 0;
    if (count == 2 && strcmp(words[0], "topic") == 0)
        return create_topic(cluster, brokers, words[1]);
    rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (count == 2 && strcmp(words[0], "down") == 0 && parse_number(words[1], 1, brokers, &a))
        err = rd_kafka_mock_broker_set_down(cluster, a);
    else if (count == 2 && strcmp(words[0], "up") == 0 && parse_number(words[1], 1, brokers, &a))
        err = rd_kafka_mock_broker_set_up(cluster, a);
    else if (count == 3 && strcmp(words[0], "rtt") == 0 && parse_number(words[1], 1, brokers, &a) &&
             parse_number(words[2], 0, 60000, &b))
        err = rd_kafka_mock_broker_set_rtt(cluster, a, b);
    else if (count == 4 && strcmp(words[0], "errors") == 0 && parse_number(words[1], 0, 100, &a) &&
             parse_number(words[2], 1, ERRORS_MAX, &b) && parse_number(words[3], -200, 200, &c))
        return push_errors(cluster, a, b, c);
    else
        return "unknown command";
    return err == RD_KAFKA_RESP_ERR_NO_ERROR ? NULL : rd_kafka_err2str(err);
}

/* Nothing outlives the process, so there is nothing to finish. */
static void on_term(int signo)
{
    (void)signo;
    _exit(0);
}

static int serve(rd_kafka_mock_cluster_t *cluster, int brokers, int argc, char **argv, int first)
{
    for (int i = first; i < argc; i++) {
        const char *why = create_topic(cluster, brokers, argv[i]);
        if (why != NULL) {
            fprintf(stderr, "dw_mock_broker: %s: %s\n", argv[i], why);
            return 2;
        }
    }
    printf("%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
    fflush(stdout);
    char line[LINE_BYTES_MAX];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        const char *why = command(cluster, brokers, line);
        if (why == NULL)
            puts("ok");
        else
            printf("error: %s\n", why);
        fflush(stdout);
    }
    return 0;
}

int main(int argc, char **argv)
{
    int brokers = 1;
    int first = 1;
    if (argc >= 3 && strcmp(argv[1], "--brokers") == 0) {
        if (!parse_number(argv[2], 1, BROKERS_MAX, &brokers)) {
            fprintf(stderr, "dw_mock_broker: --brokers takes 1 to %d\n", BROKERS_MAX);
            return 2;
        }
        first = 3;
    } else if (argc >= 2 && argv[1][0] == '-') {
        fprintf(stderr, "usage: dw_mock_broker [--brokers N] TOPIC:PARTITIONS...\n");
        return 2;
    }
    struct sigaction action = {.sa_handler = on_term};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);

    char text[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "3", NULL, 0); /* it has no broker to connect to, and would say so */
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
    if (rk == NULL) {
        fprintf(stderr, "dw_mock_broker: %s\n", text);
        rd_kafka_conf_destroy(conf); /* a failed rd_kafka_new leaves it ours */
        return 1;
    }
    int status = 1;
    rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(rk, brokers);
    if (cluster != NULL) {
        status = serve(cluster, brokers, argc, argv, first);
        rd_kafka_mock_cluster_destroy(cluster);
    }
    rd_kafka_destroy(rk);
    return status;
}

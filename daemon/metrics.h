#pragma once
/* metrics.h: the one list of what the daemon measures, and its text exposition (Prometheus format 0.0.4).
 *
 * A page is built family by family: dw_metrics_family() once for each, in any order, then its samples. Names and help
 * texts are part of the public interface: a name never changes its meaning. */

#include "proto/base.h"

/* X(enumerator, name, type, help) */
#define DW_METRIC_LIST(X)                                                                                              \
    X(DW_M_BUILD_INFO, "driftwatch_build_info", "gauge", "Always 1; the label says which build runs.")                 \
    X(DW_M_UP_SECONDS, "driftwatch_uptime_seconds", "gauge", "Seconds since the process started.")                     \
    X(DW_M_READY, "driftwatch_ready", "gauge", "1 when /readyz answers 200.")                                          \
    X(DW_M_REDIS_UP, "driftwatch_redis_up", "gauge", "1 while the connection to Redis stands.")                        \
    X(DW_M_KAFKA_UP, "driftwatch_kafka_up", "gauge", "1 while at least one broker can be reached.")                    \
    X(DW_M_CONSUMED, "driftwatch_consumed_total", "counter", "Records read from the input topic.")                     \
    X(DW_M_CONSUMED_BYTES, "driftwatch_consumed_bytes_total", "counter", "Bytes of keys and values read.")             \
    X(DW_M_APPLIED, "driftwatch_applied_total", "counter", "Events applied.")                                          \
    X(DW_M_DUPLICATES, "driftwatch_duplicates_total", "counter", "Events that changed nothing.")                       \
    X(DW_M_FORWARDED, "driftwatch_forwarded_total", "counter", "Records passed on to the partition of their key.")     \
    X(DW_M_FORWARD_REPEATS, "driftwatch_forward_repeats_total", "counter", "Forwards seen before and dropped.")        \
    X(DW_M_PARKED, "driftwatch_parked_total", "counter", "Records parked for a later build.")                          \
    X(DW_M_DEAD_LETTERS, "driftwatch_dead_letters_total", "counter", "Records rejected.")                              \
    X(DW_M_REJECTED, "driftwatch_rejected_total", "counter", "Records rejected or parked, by reason.")                 \
    X(DW_M_CONTROL, "driftwatch_control_total", "counter", "Control records applied.")                                 \
    X(DW_M_TICKS, "driftwatch_ticks_sent_total", "counter", "Clock ticks appended.")                                   \
    X(DW_M_GAPS, "driftwatch_gaps_total", "counter", "Offsets missing in the log (transaction marks).")                \
    X(DW_M_ALERTS, "driftwatch_alerts_total", "counter", "Transitions of alerts, by rule and kind.")                   \
    X(DW_M_DEADLINES_FIRED, "driftwatch_deadlines_fired_total", "counter", "Deadlines that came due.")                 \
    X(DW_M_NEXT_DEADLINE, "driftwatch_next_deadline_seconds", "gauge",                                                 \
      "Unix time of the earliest deadline of the shard; absent when none is armed.")                                   \
    X(DW_M_DEADLINES_OVERDUE, "driftwatch_deadlines_overdue_seconds", "gauge",                                         \
      "How long the earliest deadline has been due by this host's clock; 0 when it lies ahead.")                       \
    X(DW_M_DEADLINE_LATE, "driftwatch_deadline_lateness_seconds", "gauge",                                             \
      "How late the last deadline fired, by the broker's clock.")                                                      \
    X(DW_M_TURNS, "driftwatch_turns_total", "counter", "Turns begun.")                                                 \
    X(DW_M_COMMITS, "driftwatch_commits_total", "counter", "Commits applied.")                                         \
    X(DW_M_COMMIT_RETRIES, "driftwatch_commit_retries_total", "counter", "Commits sent again: outcome was unknown.")   \
    X(DW_M_COMMIT_SECONDS, "driftwatch_commit_seconds", "histogram", "Time from sending a commit to its answer.")      \
    X(DW_M_CLAIMS, "driftwatch_claims_total", "counter", "Shards claimed.")                                            \
    X(DW_M_FENCED, "driftwatch_fenced_total", "counter", "Commits refused because another owner has the shard.")       \
    X(DW_M_ROLLBACKS, "driftwatch_store_rollbacks_total", "counter", "Times Redis was behind its witnesses.")          \
    X(DW_M_PAGE_READS, "driftwatch_page_reads_total", "counter", "Children whose older facts were read.")              \
    X(DW_M_CACHE_HITS, "driftwatch_cache_hits_total", "counter", "Records taken from memory.")                         \
    X(DW_M_CACHE_MISSES, "driftwatch_cache_misses_total", "counter", "Records read from Redis.")                       \
    X(DW_M_CACHE_BYTES, "driftwatch_cache_bytes", "gauge", "Bytes of records kept in memory.")                         \
    X(DW_M_CLAIMED, "driftwatch_shard_claimed", "gauge", "1 for a partition that this process holds.")                 \
    X(DW_M_HOLD, "driftwatch_shard_hold", "gauge", "1 when the shard does nothing until somebody acts, by reason.")    \
    X(DW_M_OFFSET, "driftwatch_shard_offset", "gauge", "Offset of the next record to apply.")                          \
    X(DW_M_LAG, "driftwatch_lag_records", "gauge", "Records appended and not yet applied.")                            \
    X(DW_M_LAG_SECONDS, "driftwatch_lag_seconds", "gauge",                                                             \
      "Age of the last applied record while records wait; 0 when none waits.")                                         \
    X(DW_M_CLOCK, "driftwatch_shard_clock_seconds", "gauge", "Unix time of the shard's clock.")                        \
    X(DW_M_OUTBOX_ROWS, "driftwatch_outbox_rows", "gauge", "Rows made and not yet taken by the broker.")               \
    X(DW_M_OUTBOX_BYTES, "driftwatch_outbox_bytes", "gauge", "Bytes of those rows.")                                   \
    X(DW_M_OUTBOX_AGE, "driftwatch_outbox_age_seconds", "gauge", "Age of the oldest of those rows.")                   \
    X(DW_M_POLICY, "driftwatch_policy_number", "gauge", "Number of the policy in force; 0: none yet.")                 \
    X(DW_M_POLICY_DIFFERS, "driftwatch_policy_differs", "gauge",                                                       \
      "1 when the files of the settings are not the policy in force.")                                                 \
    X(DW_M_HOLIDAYS, "driftwatch_bank_holidays_days_left", "gauge",                                                    \
      "Days until the list of bank holidays in force ends, by the shards' clock; absent without a policy.")            \
    X(DW_M_RELOADS, "driftwatch_reloads_total", "counter", "Reloads of the settings, by result.")                      \
    X(DW_M_LOG_SWALLOWED, "driftwatch_log_swallowed_total", "counter", "Log lines swallowed by the rate limit.")       \
    X(DW_M_PRODUCER_RESTARTS, "driftwatch_producer_restarts_total", "counter", "Producers replaced after an error.")   \
    X(DW_M_CPU, "process_cpu_seconds_total", "counter", "User and system time.")                                       \
    X(DW_M_RSS, "process_resident_memory_bytes", "gauge", "Resident memory.")                                          \
    X(DW_M_VSIZE, "process_virtual_memory_bytes", "gauge", "Virtual memory.")                                          \
    X(DW_M_FDS, "process_open_fds", "gauge", "Open file descriptors.")                                                 \
    X(DW_M_MAX_FDS, "process_max_fds", "gauge", "Limit of open file descriptors.")                                     \
    X(DW_M_THREADS, "process_threads", "gauge", "Threads, most of them librdkafka's.")                                 \
    X(DW_M_START, "process_start_time_seconds", "gauge", "Unix time of the start.")

typedef enum dw_metric {
#define X(e, n, t, h) e,
    DW_METRIC_LIST(X)
#undef X
        DW_METRICS
} dw_metric;

const char *dw_metric_name(dw_metric metric);

/* A page being written. Text is owned by the page; `failed` once it is out of memory or over DW_METRICS_BYTES_MAX. */
typedef struct dw_metrics_page {
    char *text;
    size_t len, cap;
    bool failed;
} dw_metrics_page;
void dw_metrics_page_deinit(dw_metrics_page *page);
/* # HELP and # TYPE lines. */
void dw_metrics_family(dw_metrics_page *page, dw_metric metric);
/* One sample of the family. labels: "partition=\"3\"" without braces, or NULL. The values of labels are ours: never
 * text from events. */
void dw_metrics_sample(dw_metrics_page *page, dw_metric metric, const char *labels, double value);
void dw_metrics_sample_suffix(dw_metrics_page *page, dw_metric metric, const char *suffix, const char *labels,
                              double value);

/* A histogram of seconds with fixed bounds. */
#define DW_HISTOGRAM_BOUNDS 13
typedef struct dw_histogram {
    uint64_t buckets[DW_HISTOGRAM_BOUNDS + 1]; /* not cumulative; the last is +Inf */
    uint64_t count;
    double sum_s;
} dw_histogram;
void dw_histogram_observe(dw_histogram *histogram, double seconds);
void dw_metrics_histogram(dw_metrics_page *page, dw_metric metric, const dw_histogram *histogram); /* with its family */

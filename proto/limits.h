#pragma once
/* limits.h: every cap of driftwatch in one place, each with its unit and its reason.
 * A queue, batch, string, list or retry without a line here is a defect. */

/* --- one event (source: shared reliability study; librdkafka and protobuf-c bound nothing themselves) */
#define DW_EVENT_BYTES_MAX 65536            /* bytes of a record value other than policy.set */
#define DW_POLICY_BYTES_MAX (512 * 1024)    /* bytes of a policy.set value (DESIGN section 4) */
#define DW_EVENT_ARENA_BYTES_MAX (1 << 20)  /* bytes protobuf-c may allocate for one event */
#define DW_EVENT_UNKNOWN_FIELDS_MAX 16      /* unknown fields in one message: each costs 29 times its wire size */
#define DW_EVENT_REPEATED_MAX 64            /* items of one repeated field, e.g. episode_ids */
#define DW_SCHEMA_VERSION 1                 /* schema_version our own records carry */
#define DW_EVENT_WIRE_FIELDS_MAX 512        /* fields of all levels on the wire, repeats included */
#define DW_NUMBER_MAX 1000000               /* any count, sequence or version in a body; none comes near */
#define DW_INTERVAL_DAYS_MAX 3660           /* days of a recorded visit frequency: ten years */
#define DW_LEVEL_MAX 4                      /* highest level of the reporting line */
#define DW_EVENT_BODY_FIELDS_MAX 48         /* present scalar fields of one body after flattening */
#define DW_EVENT_DEPTH_MAX 4                /* nesting of the schema; it is not recursive */
#define DW_JSON_BYTES_MAX (4 * 1024 * 1024) /* bytes of one JSON line; a policy of 512 KiB with every byte escaped */
#define DW_ID_BYTES_MAX 64                  /* bytes of any id or reference */
#define DW_CODE_BYTES_MAX 32                /* bytes of a free code field */
#define DW_SUBJECT_BYTES_MAX 72             /* "ddd/" + child_ref */
#define DW_YEAR_MIN 1900                    /* first year a date may have */
#define DW_YEAR_MAX 2200                    /* last year a date may have */

/* --- one child's record */
#define DW_HEAD_BYTES_MAX 16384          /* bytes of an encoded head; then all that is settled goes to pages */
#define DW_HEAD_BYTES_HARD_MAX 65536     /* bytes of one with all that is still counted; then its oldest goes */
#define DW_PAGE_BYTES_MAX 4096           /* bytes of one page of settled facts */
#define DW_CAUSES_MAX 8                  /* causing offsets named by a transition; then a count */
#define DW_TRANSITIONS_MAX 256           /* transitions one event or deadline may emit for one child */
#define DW_PRED_TESTS_MAX 100            /* comparisons of one condition: the longest of the shipped rules has eight */
#define DW_RULES_MAX 200                 /* rules in one policy */
#define DW_RULE_ID_BYTES_MAX 16          /* bytes of a rule id such as CP-07 */
#define DW_RECORD_ARENA_BYTES_FIRST 4096 /* bytes of its first block: a turn may hold thousands of records */
#define DW_RECORD_ARENA_BYTES_MAX (64 << 20) /* bytes a decoded record may take, all its pages loaded */
#define DW_FOLD_DAYS_MIN 60   /* days a fact stays in the head at least: late records must not need pages */
#define DW_FOLD_FACTS_MIN 48  /* settled facts that are worth a page write */
#define DW_FOLD_FACTS_MORE 24 /* facts that must have grown old before a fold that found too little is tried again */
#define DW_FOLD_ALERTS_MIN 16 /* closed alerts whose subjects are in pages: as many are worth a page of their own */
#define DW_KEPT_CHILDREN 512  /* children of a turn whose chronologies are kept at once: some 4 KiB each */
#define DW_KEPT_BYTES_MAX (32 << 10) /* bytes of one; a bigger one is not kept */
#define DW_KEPT_BYTES_FIRST 4096     /* bytes of its first block */
#define DW_KEPT_FACTS_MAX 400        /* and up to which it can be expected to fit */
#define DW_KEPT_FACTS_MIN 4          /* facts of a child from which on it is worth it */
#define DW_KEPT_FACTS_MORE 16        /* facts by which one may be extended */
#define DW_FOLD_PUTS 64              /* facts put after which a fold is tried, for first loads of history */

/* --- the daemon around the engine */
#define DW_LOOP_SIGNALS_MAX 8               /* signals the loop listens to */
#define DW_LOG_LINE_BYTES_MAX 1000          /* bytes of the text of one log line */
#define DW_LOG_EVENTS_MAX 96                /* event names whose rate is counted */
#define DW_LOG_BURST 20                     /* lines of one event name in a window; more are swallowed and counted */
#define DW_LOG_WINDOW_US (10 * 1000000)     /* microseconds of that window */
#define DW_METRICS_BYTES_MAX (4 << 20)      /* bytes of one /metrics answer: 4,096 shards with a dozen gauges fit */
#define DW_HOLD_SERIES_PARTITIONS 128       /* with more partitions, only a hold in force is a series */
#define DW_HTTP_CONNECTIONS_MAX 32          /* open HTTP connections; scrapers need two */
#define DW_HTTP_HEADER_BYTES_MAX 8192       /* bytes of one request's header */
#define DW_HTTP_BODY_BYTES_MAX 1024         /* bytes of a request's body: GET has none */
#define DW_HTTP_TIMEOUT_S 5                 /* seconds without a byte */
#define DW_HTTP_LIFETIME_US (15 * 1000000)  /* microseconds a connection may live, however slowly it drips */
#define DW_PARTITIONS_MAX 4096              /* partitions of the input topic (as kafka.partitions) */
#define DW_REDIS_TIMEOUT_US (5 * 1000000)   /* microseconds without a reply before the link is cut: outcome unknown */
#define DW_REDIS_RETRY_MIN_US (100 * 1000)  /* first wait before connecting again; doubles, with jitter */
#define DW_REDIS_RETRY_MAX_US (5 * 1000000) /* longest wait before connecting again */
#define DW_REDIS_FEED_BYTES (128 * 1024)    /* bytes handed to hiredis at once: it moves the rest after each write */
#define DW_REDIS_PIPELINE_BYTES_KEEP (4 << 20) /* bytes of pipelines' buffers kept while any waits for its answer */
#define DW_REDIS_REPLY_BYTES_KEEP (256 * 1024) /* bytes of reply memory kept between turns */
#define DW_REDIS_REPLY_BYTES_MAX (512 << 20)   /* bytes of replies of one pipeline; past it the link is cut */
#define DW_FEED_MESSAGES 32                    /* records taken from a partition's queue at once */
#define DW_FEED_BYTES_TURN (256 * 1024)        /* bytes given to one shard before the others have their turn */
#define DW_PREFETCH_BYTES (4 << 20)            /* bytes of unread records wanted in memory over all partitions */
#define DW_PREFETCH_PARTITION_BYTES_MIN (64 * 1024) /* but at least so much for each partition */
#define DW_PREFETCH_PARTITION_BYTES_MAX (2 << 20)   /* and at most so much */
#define DW_FETCH_RESPONSE_BYTES_MAX (256 << 10)     /* bytes of one answer: one unread record pins the whole of it */
#define DW_BROKERS_MAX 32                           /* brokers whose fetcher is kept awake */
#define DW_REVOKE_US (4 * 1000000)                  /* microseconds a rebalance waits for commits in flight */
#define DW_STOP_US (4500 * 1000)                    /* microseconds after SIGTERM until the process ends in any case */
#define DW_READY_US (15 * 1000000)                  /* microseconds until READY=1 though Kafka or Redis are not there */
#define DW_WITNESS_US (1000 * 1000)                 /* microseconds between commits of the group's offsets */
#define DW_KAFKA_REQUEST_MS 10000                   /* milliseconds an administrative request may take */
#define DW_KAFKA_STATISTICS_MS 10000 /* milliseconds between looks at the brokers and the partition count */
#define DW_METADATA_MS 500           /* milliseconds the start check may wait for metadata; nothing is read yet */
#define DW_PROBE_US (10 * 1000000)   /* microseconds a look at a partition's ends may take */
#define DW_WATCHDOG_STALL_US (20 * 1000000) /* microseconds without progress, with work to do, before it is a stall */

/* --- the shard engine: what one process holds for all its shards together, and one turn of one shard */
#define DW_WAITING_BYTES_MAX (8 << 20) /* bytes of records waiting for a turn, all shards */
#define DW_FILLING_SHARDS_MAX 8     /* shards far behind that collect records at once, each its part of those bytes */
#define DW_NEAR_RECORDS 256         /* records behind the end of its log at which a shard is as good as live */
#define DW_POOL_BYTES_MAX (4 << 20) /* bytes of unused blocks kept for the arenas of all shards */
#define DW_WORKING_BYTES_MAX (12 << 20) /* bytes of children in turns being worked on, all shards (estimate) */
#define DW_TURN_ARENA_BYTES_MAX                                                                                        \
    (256 << 20)                   /* bytes of one turn's heads, pages and commands; its children bound it first */
#define DW_TURN_KEEP_BYTES 2048   /* bytes of a list that an idle shard keeps */
#define DW_TURN_SUBJECTS_MAX 8192 /* children touched by the records of one turn: one Redis command of 8 MiB */
#define DW_TURN_SUBJECTS_MIN 64   /* children a turn may touch however short memory is */
#define DW_TURN_DECODED_BYTES_MAX                                                                                      \
    (40 << 20)                          /* bytes of decoded records at which a turn ends early: the estimate failed */
#define DW_TURN_CHILD_EVENTS_MAX 256    /* events of one child in a turn: facts settle only between turns */
#define DW_TURN_DUE_MAX 1024            /* entries of the deadline index read for one turn */
#define DW_TURN_FIRES_MAX 20000         /* deadlines fired in one turn; the rest in the next */
#define DW_TURN_ROWS_MAX 4096           /* outbox rows made in one turn */
#define DW_TURN_ROW_BYTES_MAX (4 << 20) /* bytes of them */
#define DW_SWITCH_SUBJECTS 512          /* children re-evaluated in one turn of a policy switch */
#define DW_SWITCH_NAMES_BYTES_MAX (1 << 28) /* bytes of names of one shard's children, sorted in memory for a switch */
#define DW_OUTBOX_MEMORY_BYTES 262144       /* bytes of rows a shard keeps to publish; the others stay in the stream */
#define DW_OUTBOX_READ_ROWS 128             /* rows read from the stream at once */
#define DW_OUTBOX_IN_FLIGHT_MAX 512         /* rows handed to the producer and not yet acknowledged */
#define DW_FORWARD_HOPS_MAX 2               /* times a misrouted record is passed on */
#define DW_MOVE_HOPS_MAX 16       /* times facts are passed on between subjects: merges of merges go no deeper */
#define DW_MOVE_BLOCK_BYTES 40960 /* bytes of facts in one subject.moved: 54 KiB as base64 in an event of 64 */

/* --- tools */
#define DW_REPLAY_LOT 32768            /* events read before they are applied child by child: some of each */
#define DW_REPLAY_LOT_BYTES (32 << 20) /* bytes of what they say */
#define DW_REPLAY_INSTANTS_MAX 20000   /* instants of one replay: fifty years of days */
#define DW_REPLAY_EVERY_DAYS_MAX 3660  /* days of one step of it: ten years */

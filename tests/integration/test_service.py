"""The running service: its pages beside its work, settings, signals, start checks."""

import json
import os
import signal
import subprocess
import time

import servers
from client import kind_of, make_event


def test_pages_do_not_disturb_the_loop(env):
    """A page asked for while partitions start once left a closed descriptor watched, and the partition that got its
    number was never read again."""
    for _ in range(4):
        daemon = env.add_daemon(3, "create_time")
        daemon.start()  # asks for /readyz again and again
        client = daemon.client()
        daemon.wait_for_policy()
        client.tick("2026-01-01T00:00:00Z")
        daemon.settle(client, 10)
        daemon.stop()


def test_metrics_name_what_the_operator_needs(env):
    with env.daemon(partitions=2) as daemon:
        client = daemon.client()
        client.publish(make_event("contact_received", "m-1", "2026-01-05T10:00:00Z", {"contact_id": "c"}))
        client.send(b"936/m-1", b"\xff\xff", None, partition=0)
        client.flush()
        daemon.settle(client)
        env.wait(lambda: daemon.metrics().get("driftwatch_applied_total", 0) >= 1, 10, "the event to be counted")
        names = {name.partition("{")[0] for name in daemon.metrics()}
        wanted = {"driftwatch_consumed_total", "driftwatch_rejected_total", "driftwatch_lag_records",
                  "driftwatch_lag_seconds", "driftwatch_alerts_total", "driftwatch_outbox_rows",
                  "driftwatch_outbox_age_seconds", "driftwatch_deadline_lateness_seconds",
                  "driftwatch_ticks_sent_total", "driftwatch_claims_total", "driftwatch_fenced_total",
                  "driftwatch_shard_hold"}
        assert wanted <= names, f"missing: {sorted(wanted - names)}"
        assert daemon.metrics()['driftwatch_rejected_total{reason="undecodable"}'] == 1
        text = daemon.http("/metrics")[1]
        assert "m-1" not in text, "a child in the metrics"
        assert "driftwatch_commit_seconds_bucket" in text and 'le="+Inf"' in text
        assert daemon.http("/livez")[0] == 200
        assert daemon.http("/readyz?verbose")[0] == 200
        assert daemon.http("/nothing")[0] == 404


def test_many_partitions_catch_up_behind_each_other(env):
    """Of many partitions far behind only some collect records at a time; one that had come to wait while its turn was
    under way was never called again."""
    with env.daemon(partitions=24) as daemon:
        client = daemon.client()
        daemon.wait_for_policy()
        for number in range(3):
            daemon.stop()
            for child in range(24 * 1500):
                client.publish(make_event("contact_received", f"c-{child % 500}", "2026-01-05T10:00:00Z",
                                          {"contact_id": f"{number}-{child}"}, record=f"{number}-{child}"))
            client.flush()
            daemon.start()
            daemon.settle(client, 60)
        metrics = daemon.metrics()
        assert sum(value for name, value in metrics.items() if name.startswith("driftwatch_applied_total")) >= 36000


def test_sigterm_ends_in_order_and_hands_back(env):
    with env.daemon(partitions=2) as daemon:
        client = daemon.client()
        for number in range(500):
            client.publish(make_event("contact_received", f"s-{number}", "2026-01-05T10:00:00Z", {"contact_id": "c"}))
        client.flush()
        start = time.monotonic()
        daemon.stop()  # asserts exit 0
        assert time.monotonic() - start < 5
        again = env.another(daemon, name="after")
        start = time.monotonic()
        again.start()
        again.settle(client)
        assert time.monotonic() - start < 20, "the group waited for a member that had left"
        again.stop()


def test_reload_keeps_what_works(env):
    with env.daemon(partitions=1) as daemon:
        good = daemon.config.read_text()
        daemon.config.write_text(good + "nonsense: 1\n")
        daemon.process.send_signal(signal.SIGHUP)
        env.wait(lambda: "nonsense" in daemon.log_text(), 10, "the refusal to be logged")
        assert daemon.process.poll() is None
        daemon.config.write_text(good.replace('level: "info"', 'level: "debug"'))
        daemon.process.send_signal(signal.SIGHUP)
        env.wait(lambda: "level=debug" in daemon.log_text() or "reloaded" in daemon.log_text(), 10, "the reload")
        client = daemon.client()
        client.publish(make_event("contact_received", "r-1", "2026-01-05T10:00:00Z", {"contact_id": "c"}))
        client.flush()
        daemon.settle(client)


def test_check_config_prints_every_error_and_exits_78(env):
    bad = env.directory / "bad.yaml"
    bad.write_text("kafka:\n  brokers: 7\n  grup: x\nroles: [watch, web]\nlog: {level: loud}\n")
    done = subprocess.run([str(servers.build_dir() / "driftwatchd"), "--config", str(bad), "--check-config"],
                          capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 78, done
    text = done.stdout + done.stderr
    for position in ("bad.yaml:3:3", "bad.yaml:4:", "bad.yaml:5:"):
        assert position in text, f"{position} not in {text}"
    assert "group" in text, "no suggestion for grup"


def test_start_refuses_a_store_that_forgets(env):
    daemon = env.add_daemon(1)
    redis = env.redis.client()
    redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        daemon.start(wait=False)
        env.wait(lambda: "noeviction" in daemon.log_text(), 15, "the refusal to name the setting that mends it")
        assert daemon.http("/readyz")[0] != 200
    finally:
        redis.config_set("maxmemory-policy", "noeviction")
        daemon.kill()


def test_start_refuses_the_state_of_another_environment(env):
    """A training daemon that is pointed at production's Redis; and one from before environments had names is let in."""
    daemon = env.add_daemon(1)
    daemon.start()
    daemon.stop()
    redis = env.redis.client()
    assert redis.hget(f"{daemon.prefix}:identity", "environment") in (b"production", "production")
    daemon.write_settings(environment="training")
    daemon.start(wait=False)
    env.wait(lambda: "the environment is production there and training here" in daemon.log_text(), 15, "the refusal")
    assert daemon.http("/readyz")[0] != 200
    daemon.kill()
    redis.hdel(f"{daemon.prefix}:identity", "environment")
    daemon.start()
    assert redis.hget(f"{daemon.prefix}:identity", "environment") in (b"training", "training")
    daemon.stop()


def test_a_changed_partition_count_holds_every_shard(env):
    """Partitions are added while the daemon runs: it runs on and applies nothing, also after a restart; read anew under
    other names, as the log line says, every child's alert is there once."""
    from confluent_kafka.admin import NewPartitions

    def holds():
        return {name for name, value in daemon.metrics().items()
                if name.startswith("driftwatch_shard_hold{") and "partition_count" in name and value == 1}

    daemon = env.add_daemon(2, settings={"kafka.properties.topic.metadata.refresh.interval.ms": 1000})
    daemon.start()
    daemon.wait_for_policy()
    client = daemon.client()
    children = [f"grow-{number}" for number in range(12)]
    for child in children:
        client.publish(make_event("contact_received", child, "2026-01-05T10:00:00Z", {"contact_id": "c"}))
    daemon.settle(client)
    before = [daemon.meta(p)["offset"] for p in range(2)]
    env.kafka.admin().create_partitions([NewPartitions(daemon.events_topic, 3)])[daemon.events_topic].result(20)
    env.wait(lambda: len(holds()) == 3, 60, "all three shards to hold")
    assert daemon.process.poll() is None and "event=partition_count" in daemon.log_text()
    assert daemon.http("/livez")[0] == 200 and daemon.http("/readyz")[0] == 503
    client.send(b"936/grow-0", make_event("contact_received", "grow-0", "2026-01-06T10:00:00Z",
                                          {"contact_id": "d"}).SerializeToString(), partition=0)
    client.flush()
    daemon.stop()  # asserts exit 0
    daemon.start(wait=False)  # the topic of alerts still has two partitions: that is not what is to be mended
    env.wait(lambda: daemon.http("/livez")[0] == 200 and len(holds()) == 3, 30, "all three shards to hold again")
    assert [daemon.meta(p)["offset"] for p in range(2)] == before and daemon.meta(2) == {}
    daemon.stop()
    daemon.write_settings(**{"redis.prefix": f"{daemon.prefix}b", "kafka.group": f"{daemon.group}b",
                             "kafka.topics.alerts": f"{daemon.alerts_topic}b", "kafka.partitions": 3,
                             "kafka.topics.deadletter": f"dead-{daemon.tag}b"})
    done = subprocess.run(daemon.command("--setup"), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    daemon.prefix, daemon.alerts_topic, daemon.partitions = f"{daemon.prefix}b", f"{daemon.alerts_topic}b", 3
    daemon.start()
    daemon.wait_for_policy()
    client = daemon.client()
    daemon.settle(client)
    opened = sorted((r.child_ref, r.subject_id) for r in client.read_alerts()
                    if r.rule_id == "FD-01" and kind_of(r) == "opened")
    assert opened == sorted([(child, "c") for child in children] + [("grow-0", "d")]), opened
    daemon.stop()


def test_parked_records_are_retried(env):
    """As after an upgrade: one parked record's kind is known now (the daemon's list is made to say it was not), another's
    still is not. The first is appended once more and applied; the second is named and left."""
    with env.daemon(partitions=2) as daemon:
        client = daemon.client()
        known = make_event("contact_received", "p-1", "2026-01-05T10:00:00Z", {"contact_id": "c"}).SerializeToString()
        unknown = make_event("contact_received", "p-2", "2026-01-05T10:00:00Z", {"contact_id": "c"})
        unknown.ClearField("body")
        client.send(b"936/p-1", known, partition=0)
        client.flush()
        client.send(b"936/p-2", unknown.SerializeToString() + b"\xb2\x09\x00", partition=0)  # field 150
        daemon.settle(client)
        redis = env.redis.client()
        home, place = next((p, o) for p in range(2) for o in range(client.ends()[p])
                           if o > 0 and applied_at(daemon, client, p, o, b"936/p-1"))
        redis.hset(daemon.key(home, "deadletter"), str(place), f"unknown_kind|parked|{len(known)}|0000000000000000|LCS")
        before = sum(client.ends())
        out = [json.loads(line) for line in
               daemon.tool("deadletter", "retry", "parked", "--json").stdout.splitlines()]
        assert sorted((o["retried"], o["reason"]) for o in out) == [(False, "unknown_kind"), (True, "")], out
        daemon.settle(client)
        assert sum(client.ends()) == before + 1
        assert sum(int(daemon.meta(p)["ledger"].split(",")[1]) for p in range(2)) == 1  # a duplicate, as it was applied
        left = next(o for o in out if not o["retried"])
        done = daemon.tool("deadletter", "retry", f"{left['partition']}/{left['offset']}", check=False)
        assert done.returncode == 1 and "parked again" in done.stderr, done
        assert sum(client.ends()) == before + 1


def applied_at(daemon, client, partition, offset, key):
    """Does the log hold a record of that key there, and is it that key's home?"""
    lines = daemon.tool("export").stdout.splitlines()
    return any(e.get("partition") == partition and e.get("offset") == offset and f"936/{e.get('child_ref')}".encode() ==
               key for e in map(json.loads, lines))


def test_start_refuses_a_topic_that_forgets(env):
    daemon = env.add_daemon(1)
    tag = f"short{os.getpid()}"
    env.kafka.create_topic(f"events-{tag}", 1, retention_ms=86400000)
    daemon.write_settings(**{"kafka.topics.input": f"events-{tag}"})
    daemon.start(wait=False)
    env.wait(lambda: "retention.ms" in daemon.log_text(), 15, "the refusal to name the setting that mends it")
    assert daemon.http("/readyz")[0] != 200
    daemon.kill()


def test_setup_makes_topics_and_key(env):
    daemon = env.add_daemon(1)
    tag = f"setup{os.getpid()}"
    key = daemon.home / "dw-auth"  # none is named: it is made beside the settings
    daemon.write_settings(**{"kafka.topics.input": f"in-{tag}", "kafka.topics.alerts": f"al-{tag}",
                             "kafka.topics.deadletter": f"dl-{tag}", "kafka.partitions": 5, "auth.key_file": ""})
    done = subprocess.run(daemon.command("--setup"), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    topics = env.kafka.admin().list_topics(timeout=10).topics
    assert {len(topics[f"{p}-{tag}"].partitions) for p in ("in", "al", "dl")} == {5}
    from confluent_kafka.admin import ConfigResource
    resources = [ConfigResource(ConfigResource.Type.TOPIC, f"{p}-{tag}") for p in ("in", "al")]
    for future in env.kafka.admin().describe_configs(resources).values():
        found = {name: entry.value for name, entry in future.result(10).items()}
        assert (found["retention.ms"], found["segment.ms"]) == ("-1", "31536000000")
    assert key.stat().st_mode & 0o777 == 0o600 and key.stat().st_size >= 64
    again = subprocess.run(daemon.command("--setup"), capture_output=True, text=True, timeout=60, check=False)
    assert again.returncode == 0, again.stderr
    daemon.start()
    daemon.stop()


def test_redis_restart_is_weather(env):
    """The store goes away and comes back; the daemon goes on where it was."""
    with servers.Redis() as redis:
        daemon = env.add_daemon(2, redis=redis)
        daemon.start()
        client = daemon.client()
        daemon.settle(client)
        redis.kill()
        for number in range(50):
            client.publish(make_event("contact_received", f"w-{number}", "2026-01-05T10:00:00Z", {"contact_id": "c"}))
        client.flush()
        time.sleep(1)
        assert daemon.http("/livez")[0] == 200, "a lost store must not get the daemon restarted"
        redis.start()
        daemon.settle(client, 60)
        rows = client.read_alerts()
        assert len({r.child_ref for r in rows if r.rule_id == "FD-01"}) == 50
        daemon.stop()

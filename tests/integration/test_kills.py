"""kill -9, hand-over and frozen owners on real Kafka and Redis: nothing lost, nothing added, byte for byte.

The story comes from `driftwatch generate` (seeded). The disturbed daemon is compared, by the independent client,
(a) with an undisturbed one that reads the same input partitions from an empty Redis under another group and alerts topic,
(b) with an undisturbed run over another topic filled in the same order."""

import datetime
import json
import random
import signal
import time

import servers
from client import ALERTS, EVENTS, Client, due_of, fill, instant, kind_of, make_tick

PARTITIONS = 3
# a killed member is given up within two seconds (the test broker allows it), so that 200 kills do not take an hour
MEMBER = {"kafka.properties.session.timeout.ms": 2000, "kafka.properties.heartbeat.interval.ms": 300}


class Story:
    """Events of a simulated authority in log order, encoded once; a tick for every six hours."""

    def __init__(self, daemon, seed, events_wanted):
        scale = max(0.02, events_wanted / 100_000)  # 120 days of the whole county are some 140,000 events
        done = daemon.tool("generate", "--seed", seed, "--from", "2026-01-05", "--days", 120, "--scale", scale)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(lines) >= events_wanted, f"the story has only {len(lines)} events"
        self.items = []
        next_tick = None
        for line in lines[:events_wanted]:
            stamp = instant(line["log_time"])
            if next_tick is None or stamp >= next_tick:
                self.items.append((None, make_tick(stamp).SerializeToString(), stamp))
                next_tick = stamp + datetime.timedelta(hours=6)
            event = from_json(line)
            key = f"{event.la_code}/{event.child_ref}".encode()
            self.items.append((key, event.SerializeToString(), stamp))

    def misrouted(self, key):
        """A few children's records are published by the client's own partitioner; the daemon forwards them."""
        return key is not None and key[-1:] == b"7"


def from_json(line):
    event = EVENTS.Event()
    bodies = [field.name for field in EVENTS.Event.DESCRIPTOR.oneofs_by_name["body"].fields]
    body_name = next(name for name in bodies if name in line)
    envelope = {k: v for k, v in line.items() if k not in (body_name, "log_time", "partition", "offset")}
    fill(event, envelope)
    getattr(event, body_name).SetInParent()
    fill(getattr(event, body_name), line[body_name])
    return event


class Player:
    """Sends a story bit by bit, in order."""

    def __init__(self, client, story):
        from confluent_kafka import Producer
        self.client, self.story, self.next = client, story, 0
        options = {"bootstrap.servers": client.brokers, "linger.ms": 2, "acks": "all", "enable.idempotence": True}
        self.proper = Producer({**options, "partitioner": "murmur2_random"})

    def play(self, count):
        """Sends the next `count` items; False when there is nothing left."""
        for key, value, stamp in self.story.items[self.next:self.next + count]:
            if key is None:
                self.proper.flush(20)
                self.client.flush()
                for partition in range(self.client.partitions):
                    self.client.send(None, value, stamp, partition)
                self.client.flush()
            elif self.story.misrouted(key):
                self.client.send(key, value, stamp)
            else:
                self.proper.produce(self.client.topic, value=value, key=key,
                                    timestamp=round(stamp.timestamp() * 1000))
                self.proper.poll(0)
        self.next += count
        assert self.proper.flush(20) == 0
        self.client.flush()
        return self.next < len(self.story.items)


def rows_up_to(client, ends):
    """{(partition, position): bytes} of rows caused by input before `ends`."""
    return {k: v for k, v in client.rows.items() if k[1][0] < ends[k[0]]}


def public_story(rows, skip):
    """What people were told, without the log's offsets: (alert, generation, opened/reopened/resolved, due)."""
    out = set()
    for value in rows.values():
        row = ALERTS.AlertTransition()
        row.ParseFromString(value)
        if kind_of(row) in ("opened", "reopened", "resolved") and not skip(f"{row.la_code}/{row.child_ref}".encode()):
            out.add((row.alert_id, row.generation, kind_of(row), str(due_of(row))))
    return out


def assert_same_rows(disturbed, calm, what):
    missing = sorted(set(calm) - set(disturbed))
    added = sorted(set(disturbed) - set(calm))
    assert not missing and not added, f"{what}: {len(missing)} lost {missing[:3]}, {len(added)} added {added[:3]}"
    other = [k for k in calm if calm[k] != disturbed[k]]
    assert not other, f"{what}: {len(other)} rows differ, first {other[0]}"
    assert calm, "nothing was raised at all: the comparison would prove nothing"


def assert_repeats_equal(client):
    for first, again in client.repeats:
        assert first == again, "a repeated position carries other bytes"


def compare_with_calm_reader(env, daemon, client, ends):
    """(a): another group, an empty Redis and another alerts topic over the same input partitions."""
    with servers.Redis() as empty:
        env.kafka.create_topic(f"calm-{daemon.tag}", PARTITIONS, create_time=True)
        calm = env.another(daemon, name="calm", group=f"calm-{daemon.tag}", prefix="calm",
                           alerts=f"calm-{daemon.tag}", redis=empty)
        calm.start()
        reader = Client(env.kafka.bootstrap, daemon.events_topic, calm.alerts_topic, PARTITIONS)
        calm.settle(reader, 240)
        reader.read_alerts()
        calm.stop()
        assert_same_rows(rows_up_to(client, ends), rows_up_to(reader, ends), "same input, undisturbed")


def compare_with_calm_topic(env, daemon, client, ends, story):
    """(b): the same story played to another topic, policy first."""
    with env.daemon(partitions=PARTITIONS, clock="create_time") as calm:
        reader = calm.client()
        calm.settle(reader)
        player = Player(reader, story)
        player.play(len(story.items))
        calm.settle(reader, 240)
        reader.read_alerts()
        mine = public_story(rows_up_to(client, ends), story.misrouted)
        theirs = public_story(reader.rows, story.misrouted)
        assert mine == theirs, f"{len(mine - theirs)} only here, {len(theirs - mine)} only undisturbed"
        assert mine


def kill_while_busy(daemon, client, player, chunk):
    """kill -9 at a moment when events are unread or rows unpublished: the daemon is frozen, looked at, killed."""
    for _ in range(400):
        time.sleep(random.uniform(0.0, 0.25))
        daemon.process.send_signal(signal.SIGSTOP)
        ends = client.ends()
        unread = any(int(daemon.meta(p).get("offset", 0)) < end for p, end in enumerate(ends))
        redis = daemon.redis_server.client()
        unpublished = any(redis.xlen(daemon.key(p, "outbox")) for p in range(PARTITIONS))
        if unread or unpublished:
            daemon.kill()
            return
        daemon.process.send_signal(signal.SIGCONT)
        player.play(chunk)
    raise AssertionError("never busy")


def test_killed_again_and_again(env):
    kills = 200 if env.all_kills else 20
    chunk = 120
    daemon = env.add_daemon(PARTITIONS, "create_time", settings=MEMBER)
    story = Story(daemon, seed=7, events_wanted=kills * chunk + 2000)
    daemon.start()
    client = daemon.client()
    daemon.wait_for_policy()  # policy first, in every partition
    player = Player(client, story)
    done = 0
    while done < kills:
        player.play(chunk)
        kill_while_busy(daemon, client, player, chunk)
        done += 1
        daemon.start(wait=done % 5 == 0)  # mostly the next kill may hit the claim as well
    player.play(len(story.items))
    if not daemon.process or daemon.process.poll() is not None:
        daemon.start()
    daemon.settle(client, 240)
    ends = client.ends()
    client.read_alerts()
    daemon.stop()
    assert_repeats_equal(client)
    compare_with_calm_reader(env, daemon, client, ends)
    compare_with_calm_topic(env, daemon, client, ends, story)


def freeze_with_a_turn_begun(daemon, player):
    """SIGSTOP in the middle of catching up: some turn has read what it needs and is about to commit."""
    daemon.process.send_signal(signal.SIGSTOP)
    player.play(1000)
    daemon.process.send_signal(signal.SIGCONT)
    time.sleep(random.uniform(0.01, 0.08))
    daemon.process.send_signal(signal.SIGSTOP)


def settled_together(client, *daemons):
    """Everything is applied, and every row is out, whoever owns its partition."""
    first = daemons[0]
    applied = all(int(first.meta(p).get("offset", -1)) >= end for p, end in enumerate(client.ends()))
    waiting = 0
    for daemon in daemons:
        waiting += sum(v for k, v in daemon.metrics().items() if k.startswith("driftwatch_outbox_rows"))
    return applied and waiting == 0


def test_handed_over_and_frozen(env):
    """Second starts, first stops; first comes back; the owner is frozen, replaced, thawed: its commits are refused."""
    first = env.add_daemon(PARTITIONS, "create_time", settings=MEMBER)
    story = Story(first, seed=11, events_wanted=24000)
    first.start()
    client = first.client()
    first.wait_for_policy()
    player = Player(client, story)
    player.play(1500)
    second = env.another(first, name="b")
    second.start(wait=False)
    player.play(1500)
    env.wait(lambda: second.owned() > 0, 60, "the second instance to own a partition")
    player.play(500)
    first.stop()
    player.play(1500)
    env.wait(lambda: second.owned() == PARTITIONS, 60, "the second instance to own all")
    third = env.another(first, name="c")
    third.start(wait=False)
    env.wait(lambda: second.owned() + third.owned() == PARTITIONS and third.owned() > 0, 60, "the two to share")
    owner, other = second, third
    for _ in range(16):
        freeze_with_a_turn_begun(owner, player)
        env.wait(lambda o=other: o.owned() == PARTITIONS, 60, "the other instance to take over from the frozen one")
        player.play(200)
        owner.process.send_signal(signal.SIGCONT)
        env.wait(lambda a=owner, b=other: a.owned() + b.owned() == PARTITIONS and a.owned() > 0, 60,
                 "the thawed instance to be given partitions again")
        if owner.refused() > 0:
            break
        owner, other = other, owner
    assert second.refused() + third.refused() > 0, "no commit of a frozen owner was ever refused"
    player.play(len(story.items))
    env.wait(lambda: settled_together(client, second, third), 240, "everything to be applied")
    ends = client.ends()
    client.read_alerts()
    third.stop()
    second.stop()
    assert_repeats_equal(client)
    compare_with_calm_reader(env, first, client, ends)

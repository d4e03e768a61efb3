"""Section 4 of the first issue on real servers: every bad input becomes a dead letter with its reason, the next event is
served, and every offset is accounted for."""

import json
import random

from client import EVENTS, kind_of, make_event, make_tick

AT = "2026-03-02T12:00:00Z"
KEY = b"936/bad-1"


def good(child="bad-1", **more):
    return make_event("contact_received", child, AT, {"contact_id": "c1", "contact_source": "2A"}, **more)


def changed(change):
    event = good()
    change(event)
    return event.SerializeToString()


def raw_string(field, value):
    """A length-delimited field with any bytes, which the Python client would refuse to make."""
    return varint(field << 3 | 2) + varint(len(value)) + value


def varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def with_bad_date():
    event = make_event("plan_review", "bad-1", AT, {"review_kind": "RCPC", "held_on": "2026-02-28"})
    event.plan_review.held_on.day = 31
    return event.SerializeToString()


def nested_bomb():
    inner = b""
    for _ in range(9000):
        inner = b"\x0a" + varint(len(inner)) + inner
        if len(inner) > 60000:
            break
    bare = changed(lambda e: e.ClearField("body"))
    return bare + varint(30 << 3 | 2) + varint(len(inner)) + inner


# name -> (key, value, reason)
BAD = {
    "no value": (KEY, None, "no_value"),
    "empty value": (KEY, b"", "no_value"),
    "truncated": (KEY, good().SerializeToString()[:-3], "undecodable"),
    "noise": (KEY, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "undecodable"),
    "oversized": (KEY, good().SerializeToString() + raw_string(12, b"x" * 100) * 700, "oversized"),
    "no body": (KEY, changed(lambda e: e.ClearField("body")), "no_body"),
    "invalid UTF-8": (KEY, good().SerializeToString() + raw_string(12, b"\xc3\x28"), "invalid_utf8"),
    "NUL in text": (KEY, good().SerializeToString() + raw_string(12, b"a\x00b"), "control_character"),
    "id too long": (KEY, changed(lambda e: setattr(e, "event_id", "x" * 65)), "bad_id"),
    "id with a tab": (KEY, good().SerializeToString() + raw_string(14, b"Mr\tSmith"), "bad_id control_character"),
    "la_code of letters": (b"9x6/bad-1", changed(lambda e: setattr(e, "la_code", "9x6")), "bad_id"),
    "no event_id": (KEY, changed(lambda e: e.ClearField("event_id")), "missing_field"),
    "no occurred_at": (KEY, changed(lambda e: e.ClearField("occurred_at")), "missing_field"),
    "no op": (KEY, changed(lambda e: e.ClearField("op")), "missing_field"),
    "no revision": (KEY, changed(lambda e: e.ClearField("source_revision")), "missing_field"),
    "31 February": (KEY, with_bad_date(), "date_out_of_range"),
    "year 1492": (KEY, changed(lambda e: setattr(e.occurred_at, "seconds", -15_000_000_000)), "date_out_of_range"),
    "year 9999": (KEY, changed(lambda e: setattr(e.occurred_at, "seconds", 253_000_000_000)), "date_out_of_range"),
    "key of another child": (b"936/bad-2", good().SerializeToString(), "key_mismatch"),
    "no key": (None, good().SerializeToString(), "key_mismatch"),
    "tick with a key": (KEY, make_tick(AT).SerializeToString(), "key_mismatch"),
    "nested bomb": (KEY, nested_bomb(), "undecodable too_many_fields oversized control_character"),
    "unknown fields": (KEY, good().SerializeToString() + raw_string(29, b"") * 500, "too_many_fields"),
    "two birth dates": (KEY, make_event("child_updated", "bad-1", AT, {
        "person_birth_date": "2020-01-01", "expected_person_birth_date": "2020-01-01"}).SerializeToString(),
        "conflicting_fields"),
    "forged acknowledgement": (KEY, make_event("alert_acknowledged", "bad-1", AT, {
        "alert_id": "x", "generation": 1, "level": 0, "reason_code": "SICK",
        "review_by": "2026-03-05"}).SerializeToString(), "bad_auth"),
}


def forged_policy():
    event = EVENTS.Event()
    event.CopyFrom(make_tick(AT))
    event.policy_set.number = 99
    event.policy_set.digest = "0" * 64
    event.policy_set.standards = "rules: []"
    return event.SerializeToString()


def ledger(daemon):
    names = ("applied", "duplicate", "forwarded", "parked", "dead", "control", "gaps")
    total = dict.fromkeys(names, 0)
    for partition in range(daemon.partitions):
        counts = daemon.meta(partition)["ledger"].split(",")
        for name, count in zip(names, counts):
            total[name] += int(count)
    return total


def dead_reasons(daemon, client):
    from confluent_kafka import Consumer, TopicPartition
    consumer = Consumer({"bootstrap.servers": client.brokers, "group.id": f"dead-{daemon.tag}",
                         "enable.auto.commit": False, "auto.offset.reset": "earliest"})
    topic = f"dead-{daemon.tag}"
    consumer.assign([TopicPartition(topic, p, 0) for p in range(daemon.partitions)])
    found = {}
    ends = {p: consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=10)[1]
            for p in range(daemon.partitions)}
    left = sum(ends.values())
    while left > 0:
        message = consumer.poll(5)
        assert message is not None, f"{left} dead letters did not come"
        assert message.error() is None, message.error()
        left -= 1
        letter = json.loads(message.value())
        found[(letter["partition"], letter["offset"])] = letter["reason"]
        assert b"Smith" not in message.value(), "payload text in a dead letter"
    consumer.close()
    return found


def test_every_bad_input_has_its_reason(env):
    settings = {"shard.deadletter_hold_percent": 100, "shard.deadletter_hold_per_minute": 0}
    with env.daemon(partitions=2, clock="create_time", settings=settings) as daemon:
        client = daemon.client()
        daemon.settle(client)
        wanted = {}
        for name, (key, value, reason) in [*BAD.items(), ("forged policy", (None, forged_policy(), "bad_auth"))]:
            offset = client.ends()[0]
            client.send(key, value, AT, partition=0)
            client.flush()
            wanted[(0, offset)] = (name, reason)
        # an unknown kind is parked, not rejected; a newer publisher's fields and codes reject nothing
        parked = good().SerializeToString()
        body = EVENTS.Event.FromString(parked)
        body.ClearField("body")
        parked_at = client.ends()[0]
        client.send(KEY, body.SerializeToString() + varint(150 << 3 | 2) + b"\x00", AT, partition=0)
        client.flush()
        newer = make_event("contact_received", "after", AT, {"contact_id": "c9", "contact_source": 77})
        client.send(b"936/after", newer.SerializeToString() + raw_string(29, b"new"), AT)
        client.tick("2026-03-04T12:00:00Z")
        daemon.settle(client)
        reasons = dead_reasons(daemon, client)
        for at, (name, reason) in wanted.items():
            assert reasons.get(at) in reason.split(), f"{name}: {reasons.get(at)}, not {reason}"
        assert reasons[(0, parked_at)] == "unknown_kind"
        rows = client.read_alerts()
        assert [r for r in rows if r.child_ref == "after" and r.rule_id == "FD-01"], "the next event was not served"
        counts = ledger(daemon)
        assert counts["dead"] == len(wanted) and counts["parked"] == 1, counts
        assert sum(counts.values()) == sum(client.ends()), f"{counts} of {client.ends()} offsets"
        listed = daemon.tool("deadletter", "ls", "--json").stdout.splitlines()
        assert len(listed) == len(wanted) + 1
        assert "Smith" not in daemon.log_text()


def mutate(random_source, value):
    value = bytearray(value)
    for _ in range(random_source.randint(1, 3)):
        spot = random_source.randrange(len(value))
        match random_source.randrange(4):
            case 0:
                value[spot] ^= 1 << random_source.randrange(8)
            case 1:
                del value[spot:spot + random_source.randint(1, 4)]
            case 2:
                value[spot:spot] = random_source.randbytes(random_source.randint(1, 4))
            case _:
                value[spot] = random_source.randrange(256)
        if not value:
            value = bytearray(b"\x00")
    return bytes(value)


def valid_records():
    yield good("mut-1")
    yield make_event("visit_done", "mut-2", AT, {"visit_id": "v", "visit_type": "CP", "mode": "F2F", "child_seen": "Y"})
    yield make_event("missing_episode", "mut-3", AT, {"episode_id": "e", "phase": "OPENED", "category": "M",
                                                      "mis_start": AT})
    yield make_event("plan_started", "mut-4", AT, {"plan_id": "p", "plan_type": "CP", "cpp_start_date": "2026-03-01",
                                                   "visit_frequency": {"days": 10, "unit": "WD"}})
    yield make_event("rhi", "mut-5", AT, {"rhi_id": "r", "episode_ids": ["a", "b"], "stage": "HELD"})


def test_ten_thousand_mutated_records(env):
    """At least a fifth still decode; the daemon serves on; every offset has a fate."""
    settings = {"shard.deadletter_hold_percent": 100, "shard.deadletter_hold_per_minute": 0}
    source = random.Random(20261122)
    with env.daemon(partitions=2, clock="create_time", settings=settings) as daemon:
        client = daemon.client()
        daemon.settle(client)
        originals = [(f"{e.la_code}/{e.child_ref}".encode(), e.SerializeToString()) for e in valid_records()]
        for name, (key, value, _) in BAD.items():
            client.send(key, value, AT, partition=1)
        client.send(None, forged_policy(), AT, partition=1)
        client.send(KEY, changed(lambda e: e.ClearField("body")) + varint(150 << 3 | 2) + b"\x00", AT)
        for number in range(10_000):
            key, value = originals[number % len(originals)]
            if number % 4 == 0:  # a changed value of one byte of an id or code mostly still decodes
                spot = value.index(b"LCS") + source.randrange(3)
                value = value[:spot] + bytes([source.choice(b"ABCDEFGHXYZ")]) + value[spot + 1:]
            else:
                value = mutate(source, value)
            client.send(key, value, AT)
            if number % 1000 == 999:
                client.flush()
        client.publish(make_event("contact_received", "after", AT, {"contact_id": "c9"}), AT)
        client.tick("2026-03-04T12:00:00Z")
        daemon.settle(client, 120)
        rows = client.read_alerts()
        assert [r for r in rows if r.child_ref == "after" and r.rule_id == "FD-01" and kind_of(r) == "opened"]
        counts = ledger(daemon)
        assert sum(counts.values()) == sum(client.ends()), f"{counts} of {client.ends()}"
        decoded = counts["applied"] + counts["duplicate"]
        assert decoded >= 2000, f"only {decoded} of 10,000 still decode"
        reasons = set(dead_reasons(daemon, client).values())
        for reason in ("no_value", "undecodable", "oversized", "no_body", "invalid_utf8", "control_character", "bad_id",
                       "missing_field", "date_out_of_range", "key_mismatch", "too_many_fields", "conflicting_fields",
                       "bad_auth", "unknown_kind"):
            assert reason in reasons, f"{reason} did not occur: {sorted(reasons)}"
        assert daemon.process.poll() is None


def test_too_many_dead_letters_hold_the_shard(env):
    """The same flood with the shipped settings: the shard holds, says so and how to go on, and loses nothing."""
    with env.daemon(partitions=1, clock="create_time") as daemon:
        client = daemon.client()
        daemon.settle(client)
        for number in range(400):
            client.send(KEY, good().SerializeToString()[:-3], AT)
        client.publish(make_event("contact_received", "after", AT, {"contact_id": "c9"}), AT)
        client.flush()
        env.wait(lambda: "dead_letters" in daemon.http("/metrics")[1].replace("} 0", ""), 30, "the hold to be shown")
        env.wait(lambda: 'hold="dead_letters"} 1' in daemon.http("/metrics")[1], 30, "the hold")
        assert int(daemon.meta(0)["offset"]) < client.ends()[0], "it did not stop"
        assert daemon.process.poll() is None
        status = daemon.tool("status", "--json").stdout
        assert "dead_letters" in status
        for number in range(100):  # not read by the shard when it is released, but in the log
            client.send(KEY, good().SerializeToString()[:-3], AT)
        client.tick("2026-03-04T12:00:00Z")
        end = client.ends()[0]
        daemon.tool("shard", "release", "0", "--reason", "seen")
        daemon.settle(client)
        assert int(daemon.meta(0)["pass_until"]) >= end
        assert [r for r in client.read_alerts() if r.child_ref == "after" and r.rule_id == "FD-01"]

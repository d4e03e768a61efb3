"""Section 4 of the first issue on real servers: every bad input becomes a dead letter with its reason, the next event is
served, and every offset is accounted for."""

import base64
import hashlib
import hmac
import json
import random
import re
from collections import Counter

from client import EVENTS, LEA, ROOT, kind_of, make_event, make_tick

AT = "2026-03-02T12:00:00Z"
KEY = b"936/bad-1"  # of partition 0 when there are two

# Codes of proto/base.h that no dead letter bears, and why. Any other has to occur here.
NO_REASONS = {
    "ok": "no error",
    "no_memory": "weather holds the shard; an event that always fills its arena is too_many_fields",
    "invalid": "a caller's mistake, not a record's",
    "newer_format": "facts moved here by a newer build hold the shard until that build runs",
    "bad_config": "of settings, rules and lists",
    "io": "of files and servers",
}
PARKED = ("unknown_kind", "reserved_kind")


def all_reasons():
    """Every reason a shard can give, from the code's own list: a new code fails these tests until it has an input."""
    header = (ROOT / "proto" / "base.h").read_text()
    table = header[header.index("#define DW_ERRC_LIST("):header.index("typedef enum dw_errc")]
    codes = re.findall(r'X\(DW_\w+, "(\w+)",', table)
    assert len(codes) == table.count("X(DW_") and codes[0] == "ok" and codes[-1] == "io", codes
    assert NO_REASONS.keys() <= set(codes), "an exception for a code that is gone"
    return set(codes) - NO_REASONS.keys()


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


def text_bomb():
    """Lengths within lengths, which is how a parser without a schema is brought to recurse. Here they are a text."""
    inner = b""
    for _ in range(9000):
        inner = b"\x0a" + varint(len(inner)) + inner
    bare = changed(lambda e: e.ClearField("body"))
    return bare + varint(30 << 3 | 2) + varint(len(inner)) + inner


def deep_bomb():
    """Unknown fields at the deepest level that the schema has."""
    number = {field: message.DESCRIPTOR.fields_by_name[field].number for message, field in (
        (EVENTS.Event, "plan_started"), (EVENTS.PlanStarted, "visit_frequency"))}
    start = raw_string(4, raw_string(29, b"") * 100)  # VisitFrequency.from, a Date
    bare = changed(lambda e: e.ClearField("body"))
    return bare + raw_string(number["plan_started"], raw_string(number["visit_frequency"], start))


def control(kind):
    event = EVENTS.Event()
    event.CopyFrom(make_tick(AT))
    getattr(event, kind).SetInParent()
    return event


def forged_policy():
    event = control("policy_set")
    event.policy_set.number = 99
    event.policy_set.digest = "0" * 64
    event.policy_set.standards = "rules: []"
    return event.SerializeToString()


def of_bad_1(kind, body=None):
    return make_event(kind, "bad-1", AT, body).SerializeToString()


# name -> (key, value, reason); those of SIGNED get their header
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
    "id with a tab": (KEY, good().SerializeToString() + raw_string(14, b"Mr\tSmith"), "control_character"),
    "la_code of letters": (b"9x6/bad-1", changed(lambda e: setattr(e, "la_code", "9x6")), "bad_id"),
    "no event_id": (KEY, changed(lambda e: e.ClearField("event_id")), "missing_field"),
    "no occurred_at": (KEY, changed(lambda e: e.ClearField("occurred_at")), "missing_field"),
    "no op": (KEY, changed(lambda e: e.ClearField("op")), "missing_field"),
    "no revision": (KEY, changed(lambda e: e.ClearField("source_revision")), "missing_field"),
    "31 February": (KEY, with_bad_date(), "date_out_of_range"),
    "year 1492": (KEY, changed(lambda e: setattr(e.occurred_at, "seconds", -15_000_000_000)), "date_out_of_range"),
    "year 9999": (KEY, changed(lambda e: setattr(e.occurred_at, "seconds", 253_000_000_000)), "date_out_of_range"),
    "two million children": (KEY, of_bad_1("contact_received", {"children_in_contact": 2_000_000}), "out_of_range"),
    "key of another child": (b"936/bad-2", good().SerializeToString(), "key_mismatch"),
    "no key": (None, good().SerializeToString(), "key_mismatch"),
    "tick with a key": (KEY, make_tick(AT).SerializeToString(), "key_mismatch"),
    "nested bomb in a text": (KEY, text_bomb(), "control_character"),  # the innermost length is a NUL
    "nested bomb": (KEY, deep_bomb(), "too_many_fields"),
    "unknown fields": (KEY, good().SerializeToString() + raw_string(29, b"") * 500, "too_many_fields"),
    "two birth dates": (KEY, of_bad_1("child_updated", {
        "person_birth_date": "2020-01-01", "expected_person_birth_date": "2020-01-01"}), "conflicting_fields"),
    "forged acknowledgement": (KEY, of_bad_1("alert_acknowledged", {
        "alert_id": "x", "generation": 1, "level": 0, "reason_code": "SICK", "review_by": "2026-03-05"}), "bad_auth"),
    "forged policy": (None, forged_policy(), "bad_auth"),
    "signed core version of nothing": (None, control("core_set").SerializeToString(), "bad_control"),
    "signed move of damaged facts": (KEY, of_bad_1("subject_moved", {
        "from_la_code": LEA, "from_child_ref": "bad-2", "facts": base64.b64encode(b"\0").decode()}), "bad_format"),
    "merge of an adopted child": (KEY, of_bad_1("identity_merged", {"merged_child_ref": "bad-2"}), "adopted"),
    "unknown kind": (KEY, changed(lambda e: e.ClearField("body")) + varint(150 << 3 | 2) + b"\x00", "unknown_kind"),
    "reserved kind": (KEY, of_bad_1("subject_erased"), "reserved_kind"),
}
SIGNED = {"signed core version of nothing": "dw-auth", "signed move of damaged facts": "dw-forward"}


def signature(daemon, header, key, value):
    """The header by which the holder of the key says that a record is its own: HMAC-SHA256 over key, NUL, value."""
    secret = daemon.key_file.read_bytes().rstrip(b"\n")
    mark = f"1/0-1/1/{daemon.partitions}".encode()  # passed on once, by partition 1, as its first row
    signed = mark if header == "dw-forward" else key or b""
    code = hmac.new(secret, signed + b"\0" + value, hashlib.sha256).hexdigest().encode()
    return [(header, mark + b"/" + code if header == "dw-forward" else code)]


def send_bad(daemon, client, partition):
    """All of BAD into one partition; returns offset -> (name, reason). One more, identity_conflict, comes of two merges
    that contradict each other: of the daemon's own move, at an offset that only the daemon knows."""
    client.send(KEY, of_bad_1("placement_ended", {"placement_id": "p", "rec": "E11"}), AT, partition)
    wanted = {}
    for name, (key, value, reason) in BAD.items():
        client.flush()
        offset = client.ends()[partition]
        headers = signature(daemon, SIGNED[name], key, value) if name in SIGNED else None
        client.send(key, value, AT, partition, headers)
        wanted[offset] = (name, reason)
    for child in ("says-1", "says-2"):
        client.publish(make_event("identity_merged", child, AT, {"merged_child_ref": "claimed"}), AT)
    client.flush()
    return wanted


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
        wanted = send_bad(daemon, client, 0)
        # a newer publisher's fields and codes reject nothing
        newer = make_event("contact_received", "after", AT, {"contact_id": "c9", "contact_source": 77})
        client.send(b"936/after", newer.SerializeToString() + raw_string(29, b"new"), AT)
        client.tick("2026-03-04T12:00:00Z")
        daemon.settle(client)
        reasons = dead_reasons(daemon, client)
        for offset, (name, reason) in wanted.items():
            assert reasons.get((0, offset)) == reason, f"{name}: {reasons.get((0, offset))}, not {reason}"
        more = Counter(reasons.values()) - Counter(reason for _, reason in wanted.values())
        assert more == {"identity_conflict": 1}, more
        assert set(reasons.values()) == all_reasons(), set(reasons.values()) ^ all_reasons()
        rows = client.read_alerts()
        assert [r for r in rows if r.child_ref == "after" and r.rule_id == "FD-01"], "the next event was not served"
        counts = ledger(daemon)
        parked = sum(reason in PARKED for reason in reasons.values())
        assert counts["parked"] == parked == 2 and counts["dead"] == len(reasons) - parked, counts
        assert sum(counts.values()) == sum(client.ends()), f"{counts} of {client.ends()} offsets"
        listed = daemon.tool("deadletter", "ls", "--json").stdout.splitlines()
        assert len(listed) == len(wanted) + 1
        assert "Smith" not in daemon.log_text()


def change_bit(random_source, value):
    """One bit anywhere in the record: of its framing, a number, an id, a code or a text."""
    value = bytearray(value)
    value[random_source.randrange(len(value))] ^= 1 << random_source.randrange(8)
    return bytes(value)


def mutate(random_source, original):
    """One to three bytes or runs of bytes anywhere are changed, taken out or put in; never back to the original."""
    value = bytearray(original)
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
    return bytes(value) if value != original else change_bit(random_source, original)


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
        send_bad(daemon, client, 1)
        daemon.settle(client)
        before = ledger(daemon)
        for number in range(10_000):
            key, value = originals[number % len(originals)]
            client.send(key, (change_bit if number // len(originals) % 2 else mutate)(source, value), AT)
            if number % 1000 == 999:
                client.flush()
        daemon.settle(client, 120)
        counts = ledger(daemon)
        decoded = counts["applied"] + counts["duplicate"] - before["applied"] - before["duplicate"]
        rejected = counts["dead"] - before["dead"]
        assert decoded >= 2000, f"only {decoded} of 10,000 still decode"
        assert rejected >= 2000, f"only {rejected} of 10,000 are rejected"
        client.publish(make_event("contact_received", "after", AT, {"contact_id": "c9"}), AT)
        client.tick("2026-03-04T12:00:00Z")
        daemon.settle(client)
        rows = client.read_alerts()
        assert [r for r in rows if r.child_ref == "after" and r.rule_id == "FD-01" and kind_of(r) == "opened"]
        counts = ledger(daemon)
        assert sum(counts.values()) == sum(client.ends()), f"{counts} of {client.ends()}"
        reasons = set(dead_reasons(daemon, client).values())
        assert reasons == all_reasons(), f"in one of them only: {sorted(reasons ^ all_reasons())}"
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
        env.wait(lambda: 'hold="dead_letters"} 1' in daemon.http("/metrics")[1], 30, "the hold")
        assert int(daemon.meta(0)["offset"]) < client.ends()[0], "it did not stop"
        assert daemon.process.poll() is None
        status = [json.loads(line) for line in daemon.tool("status", "--json").stdout.splitlines()]
        assert [shard["hold"] for shard in status] == ["dead_letters"], status
        for number in range(100):  # not read by the shard when it is released, but in the log
            client.send(KEY, good().SerializeToString()[:-3], AT)
        client.tick("2026-03-04T12:00:00Z")
        end = client.ends()[0]
        daemon.tool("shard", "release", "0", "--reason", "seen")
        daemon.settle(client)
        assert int(daemon.meta(0)["pass_until"]) >= end
        assert [r for r in client.read_alerts() if r.child_ref == "after" and r.rule_id == "FD-01"]

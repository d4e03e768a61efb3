"""An independent client of driftwatch's public schema: confluent-kafka, protobuf generated from proto/, and the
client's own default partitioner. Nothing of driftwatch's C code is used here."""

import datetime as dt
import hashlib
import importlib
import pathlib
import subprocess
import sys
import tempfile
import time
import uuid

from confluent_kafka import Consumer, Producer, TopicPartition

ROOT = pathlib.Path(__file__).resolve().parents[2]
LONDON_DATES = "%Y-%m-%d"
LEA = "936"


SCHEMA = tempfile.TemporaryDirectory(prefix="dw-schema-")  # gone when this process ends


def load_schema():
    """protoc --python_out of our schema; returns (events module, alerts module)."""
    out = pathlib.Path(SCHEMA.name)
    files = sorted((ROOT / "proto" / "driftwatch" / "v1").glob("*.proto"))
    subprocess.run(["protoc", f"-I{ROOT / 'proto'}", f"--python_out={out}", *map(str, files)], check=True)
    sys.path.insert(0, str(out))
    return (
        importlib.import_module("driftwatch.v1.events_pb2"),
        importlib.import_module("driftwatch.v1.alerts_pb2"),
    )


EVENTS, ALERTS = load_schema()


def instant(text):
    """RFC 3339 text -> aware datetime."""
    return text if isinstance(text, dt.datetime) else dt.datetime.fromisoformat(text.replace("Z", "+00:00"))


def ms(text):
    return round(instant(text).timestamp() * 1000)


def enum_value(field, name):
    values = field.enum_type.values_by_name
    if name in values:
        return values[name].number
    prefix = field.enum_type.values[0].name.removesuffix("UNSPECIFIED")
    return values[prefix + name].number


def fill(message, fields):
    """Set protobuf fields from plain Python values: short enum names, ISO dates, RFC 3339 instants."""
    for name, value in fields.items():
        field = message.DESCRIPTOR.fields_by_name[name]
        if field.label == field.LABEL_REPEATED:
            getattr(message, name).extend(value)
        elif field.enum_type is not None:
            setattr(message, name, value if isinstance(value, int) else enum_value(field, value))
        elif field.message_type is not None and field.message_type.name == "Date":
            day = dt.date.fromisoformat(value)
            date = getattr(message, name)
            date.year, date.month, date.day = day.year, day.month, day.day
        elif field.message_type is not None and field.message_type.name == "Timestamp":
            getattr(message, name).FromDatetime(instant(value).astimezone(dt.timezone.utc).replace(tzinfo=None))
        elif field.message_type is not None and field.message_type.name == "Count":
            getattr(message, name).SetInParent()
            getattr(message, name).value = value
        elif field.message_type is not None:
            sub = getattr(message, name)
            sub.SetInParent()
            fill(sub, value)
        else:
            setattr(message, name, value)


def make_event(kind, child, at, body=None, **envelope):
    """One Event. `at` is occurred_at; ids are derived from the content unless given."""
    record = envelope.pop("record", None) or hashlib.sha1(f"{kind}{child}{at}{body}".encode()).hexdigest()[:20]
    fields = {
        "event_id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{record}/{envelope.get('source_revision', 1)}")),
        "schema_version": 1,
        "la_code": LEA,
        "child_ref": child,
        "occurred_at": at,
        "recorded_at": at,
        "source_system": "LCS",
        "source_record_id": record,
        "source_revision": 1,
        "op": "CREATE",
        "team_id": "team-07",
    }
    fields.update(envelope)
    event = EVENTS.Event()
    fill(event, {k: v for k, v in fields.items() if v is not None})
    getattr(event, kind).SetInParent()
    fill(getattr(event, kind), body or {})
    return event


def make_tick(at):
    event = EVENTS.Event()
    fill(event, {
        "event_id": f"tick-{ms(at)}", "occurred_at": at, "source_system": "CLIENT",
        "source_record_id": f"tick-{ms(at)}", "source_revision": 1, "op": "CREATE",
    })
    event.clock_tick.SetInParent()
    return event


class Client:
    """Publishes to the input topic and reads the alerts topic of one daemon."""

    def __init__(self, brokers, topic, alerts, partitions):
        self.brokers, self.topic, self.alerts_topic, self.partitions = brokers, topic, alerts, partitions
        self.producer = Producer({"bootstrap.servers": brokers, "linger.ms": 1, "acks": "all", "log_level": 0})
        self.consumer = Consumer({
            "bootstrap.servers": brokers, "group.id": f"reader-{uuid.uuid4()}", "enable.auto.commit": False,
            "auto.offset.reset": "earliest", "log_level": 0, "fetch.wait.max.ms": 50,
        })
        # asks for the log's ends on a connection of its own: on the reader's they would wait behind its fetches
        self.looker = Consumer({"bootstrap.servers": brokers, "group.id": f"looker-{uuid.uuid4()}", "log_level": 0})
        self.consumer.assign([TopicPartition(alerts, p, 0) for p in range(partitions)])
        self.positions = {}
        self.seen = []       # deduplicated transitions (decoded), in reading order
        self.repeats = []    # (first bytes, repeated bytes) of repeated positions
        self.rows = {}       # (partition, position) -> value bytes

    def publish(self, event, log_time=None):
        key = f"{event.la_code}/{event.child_ref}".encode()
        self.send(key, event.SerializeToString(), log_time)

    def send(self, key, value, log_time=None, partition=None, headers=None):
        options = {}
        if log_time is not None:
            options["timestamp"] = ms(log_time)
        if partition is not None:
            options["partition"] = partition
        if headers is not None:
            options["headers"] = headers
        self.producer.produce(self.topic, value=value, key=key, **options)
        self.producer.poll(0)

    def tick(self, at):
        self.flush()
        for partition in range(self.partitions):
            self.send(None, make_tick(at).SerializeToString(), at, partition)
        self.flush()

    def flush(self):
        left = self.producer.flush(20)
        assert left == 0, f"{left} records were not delivered"

    def ends(self, topic=None):
        return [self.looker.get_watermark_offsets(TopicPartition(topic or self.topic, p), timeout=10)[1]
                for p in range(self.partitions)]

    def read_alerts(self, timeout=0.2):
        """Read whatever has come; returns all deduplicated transitions so far."""
        ends = self.ends(self.alerts_topic)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            at = self.consumer.position([TopicPartition(self.alerts_topic, p) for p in range(self.partitions)])
            if all(max(p.offset, 0) >= ends[p.partition] for p in at):
                break
            for message in self.consumer.consume(500, timeout):
                assert message.error() is None, message.error()
                self.take(message)
        return self.seen

    def take(self, message):
        headers = dict(message.headers() or [])
        offset, _, n = headers["dw-position"].decode().partition("-")
        position, partition = (int(offset), int(n)), message.partition()
        if position <= self.positions.get(partition, (-1, -1)):
            self.repeats.append((self.rows.get((partition, position)), message.value()))
            return
        self.positions[partition] = position
        self.rows[(partition, position)] = message.value()
        row = ALERTS.AlertTransition()
        row.ParseFromString(message.value())
        assert message.key().decode() == f"{row.la_code}/{row.child_ref}"
        self.seen.append(row)


def kind_of(row):
    return ALERTS.TransitionKind.Name(row.transition).removeprefix("TRANSITION_KIND_").lower()


def due_of(row):
    """The due date as ISO text, or the due instant as aware datetime; None when there is none."""
    if row.HasField("due_on"):
        return f"{row.due_on.year:04}-{row.due_on.month:02}-{row.due_on.day:02}"
    if row.HasField("due_at"):
        return row.due_at.ToDatetime().replace(tzinfo=dt.timezone.utc)
    return None


def raised_us(row):
    return row.raised_at.ToMicroseconds()


def us(text):
    return round(instant(text).timestamp() * 1_000_000)

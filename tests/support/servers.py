"""Real servers for the integration tests: Kafka, Redis and librdkafka's mock broker, each in a temporary directory.

    with Kafka() as kafka, Redis() as redis:
        kafka.create_topic("casework.events", partitions=4)
        ... kafka.bootstrap, redis.socket ...
        redis.kill(); redis.start()          # same data, same address

Every wait has a limit and every failure says what was waited for and what the server last wrote. A server dies with
the test process, however that ends. stop() is an orderly end, kill() is kill -9, freeze()/thaw() are SIGSTOP/SIGCONT.
"""

import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

SUPPORT = pathlib.Path(__file__).resolve().parent
ROOT = SUPPORT.parent.parent
_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


class ServerError(Exception):
    """A server that did not start, answer or stop in time."""


def die_with_parent():
    """For Popen(preexec_fn=...): the child gets SIGKILL when this process ends."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def wait_for(what, seconds, condition, pause=0.05):
    """Polls until condition() is true and returns its value; ServerError naming `what` after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise ServerError(f"{what}: not within {seconds} s")
        time.sleep(pause)


def build_dir():
    """Where the programs under test are: DW_BUILD, else the first of build-test/ and build/ that exists."""
    if "DW_BUILD" in os.environ:
        return pathlib.Path(os.environ["DW_BUILD"]).resolve()
    for name in ("build-test", "build"):
        if (ROOT / name).is_dir():
            return ROOT / name
    raise ServerError("no build directory: run ./run build, or set DW_BUILD")


class Server:
    """A child process with a directory, a log and an orderly and a hard end."""

    name = "server"
    environment = None  # None: ours
    start_seconds = 60
    stop_seconds = 20

    def __init__(self, directory=None):
        self._own_directory = directory is None
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="dw-"))
        self.directory.mkdir(parents=True, exist_ok=True)
        self.process = None

    # --- what each kind of server defines
    def _command(self):
        raise NotImplementedError

    def _answers(self):
        raise NotImplementedError

    def _spawn(self):
        with open(self.directory / "log", "ab") as log:
            return subprocess.Popen(self._command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                    env=self.environment, preexec_fn=die_with_parent)

    # --- life
    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process is not None and self.process.poll() is None

    def log_tail(self, lines=5):
        try:
            return "\n".join((self.directory / "log").read_text(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return "(no log)"

    def start(self):
        if self.running():
            raise ServerError(f"{self.name} is already running")
        self.process = self._spawn()

        def ready():
            if not self.running():
                raise ServerError(f"{self.name} ended at start with {self.process.returncode}: {self.log_tail()}")
            return self._answers()

        try:
            wait_for(f"{self.name} answering", self.start_seconds, ready)
        except ServerError as error:
            self.kill()
            raise ServerError(f"{error}; its log ends: {self.log_tail()}") from None
        return self

    def stop(self):
        if not self.running():
            return
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerError(f"{self.name} did not stop within {self.stop_seconds} s: {self.log_tail()}") from None

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def restart(self):
        self.stop()
        return self.start()

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def close(self):
        """Ends the server at once and removes its directory, if it made it."""
        self.kill()
        if self._own_directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()


class Kafka(Server):
    """One real broker; `bootstrap` is its address, the same after every start(). `jvm`: options in place of kafka.sh's."""

    name = "Kafka"

    def __init__(self, directory=None, jvm=None):
        super().__init__(directory)
        self.environment = {**os.environ, "DW_KAFKA_JVM": jvm} if jvm else None
        self.bootstrap = None
        self._admin = None

    def _command(self):
        return [str(SUPPORT / "kafka.sh"), "run", str(self.directory)]

    def _prepare(self):
        subprocess.run([str(SUPPORT / "kafka.sh"), "prepare", str(self.directory)], check=True, timeout=30)
        self.bootstrap = (self.directory / "bootstrap").read_text().strip()
        self._admin = None

    def start(self):
        if self.bootstrap is not None:
            return super().start()
        for last in (False, False, True):  # a port can be taken between choosing and binding
            self._prepare()
            try:
                return super().start()
            except ServerError:
                if last or "Address already in use" not in self.log_tail(50):
                    raise
                shutil.rmtree(self.directory / "data", ignore_errors=True)

    def _answers(self):
        host, port = self.bootstrap.split(":")
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
            return len(self.admin().list_topics(timeout=1).brokers) == 1
        except Exception:  # the client has no narrower type for "not there yet"
            return False

    def admin(self):
        from confluent_kafka.admin import AdminClient
        if self._admin is None:
            self._admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        return self._admin

    def create_topic(self, name, partitions=1, create_time=False, retention_ms=-1, config=None, seconds=20):
        """A topic as `driftwatchd --setup` makes it: LogAppendTime (unless create_time), delete, kept for ever in
        segments of a year. Waits until every partition has a leader: metadata right after creation can still deny
        the topic."""
        from confluent_kafka.admin import NewTopic
        settings = {"message.timestamp.type": "CreateTime" if create_time else "LogAppendTime",
                    "cleanup.policy": "delete", "retention.ms": str(retention_ms), "segment.ms": "31536000000"}
        settings.update(config or {})
        topic = NewTopic(name, num_partitions=partitions, replication_factor=1, config=settings)
        self.admin().create_topics([topic], operation_timeout=seconds)[name].result(seconds)

        def led():
            found = self.admin().list_topics(name, timeout=5).topics.get(name)
            return (found is not None and found.error is None and len(found.partitions) == partitions
                    and all(p.leader >= 0 for p in found.partitions.values()))

        wait_for(f"leaders of topic {name}", seconds, led)
        return name

    def delete_topic(self, name, seconds=20):
        self.admin().delete_topics([name], operation_timeout=seconds)[name].result(seconds)
        wait_for(f"end of topic {name}", seconds, lambda: name not in self.admin().list_topics(timeout=5).topics)

    def end_offsets(self, topic, seconds=10):
        """{partition: next offset}"""
        from confluent_kafka import Consumer, TopicPartition
        consumer = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "dw-test-offsets", "log_level": 0})
        try:
            partitions = consumer.list_topics(topic, timeout=seconds).topics[topic].partitions
            return {p: consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=seconds)[1]
                    for p in sorted(partitions)}
        finally:
            consumer.close()


class Redis(Server):
    """A private redis-server on a unix socket: appendonly everysec, noeviction."""

    name = "Redis"
    start_seconds = 10

    @property
    def socket(self):
        return str(self.directory / "redis.sock")

    def _command(self):
        return [str(SUPPORT / "redis.sh"), "run", str(self.directory)]

    def _answers(self):
        try:
            return self.raw("PING") == b"+PONG\r\n"
        except OSError:
            return False

    def raw(self, line):
        """Sends one inline command and returns the first bytes of the answer; for readiness, not for data."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(1)
            s.connect(self.socket)
            s.sendall(line.encode() + b"\r\n")
            return s.recv(4096)

    def client(self, **options):
        """A redis-py client, bytes in and out."""
        import redis
        return redis.Redis(unix_socket_path=self.socket, **options)

    def kill(self):
        super().kill()
        pathlib.Path(self.socket).unlink(missing_ok=True)  # a stale socket would only delay the next start


class MockBroker(Server):
    """librdkafka's mock cluster (CreateTime only, 5 MiB a partition): fast, and can be told to fail."""

    name = "mock broker"
    start_seconds = 10

    def __init__(self, topics=None, brokers=1, directory=None):
        super().__init__(directory)
        self.topics = dict(topics or {})
        self.brokers = brokers
        self.bootstrap = None

    def _command(self):
        return [str(build_dir() / "dw_mock_broker"), "--brokers", str(self.brokers),
                *(f"{name}:{count}" for name, count in self.topics.items())]

    def _spawn(self):
        with open(self.directory / "log", "ab") as log:
            process = subprocess.Popen(self._command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                                       text=True, bufsize=1, preexec_fn=die_with_parent)
        self.bootstrap = process.stdout.readline().strip()  # at once, or end of file when it failed
        return process

    def _answers(self):
        return bool(self.bootstrap)

    def command(self, line):
        """down 1, up 1, rtt 1 200, errors APIKEY COUNT CODE, topic NAME:PARTITIONS"""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if answer != "ok":
            raise ServerError(f"mock broker: {line}: {answer}")

    def create_topic(self, name, partitions=1):
        self.command(f"topic {name}:{partitions}")
        return name

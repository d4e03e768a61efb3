"""What a test gets: one Kafka and one Redis for all, a fresh pair of topics and Redis prefix for each daemon."""

import contextlib
import itertools
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import servers
from client import Client

STOP_SECONDS = 5  # a SIGTERM must end the daemon within this


class Skip(Exception):
    """The test cannot run here; never raised by default."""


class Environment:
    def __init__(self, verbose=False, all_kills=False):
        self.verbose, self.all_kills = verbose, all_kills
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="dw-it-"))
        self.numbers = itertools.count(1)
        self.daemons = []
        self.kafka = self.redis = None

    def __enter__(self):
        self.kafka = servers.Kafka().start()
        self.redis = servers.Redis().start()
        return self

    def __exit__(self, *_):
        self.clean_up()
        for server in (self.redis, self.kafka):
            server.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def clean_up(self):
        for daemon in self.daemons:
            daemon.kill()
        self.daemons = []
        if self.redis.running():
            self.redis.client().flushall()

    def print_logs(self):
        for daemon in self.daemons:
            print(f"--- {daemon.name} log ends:\n{daemon.log_tail()}", file=sys.stderr)

    def wait(self, condition, seconds, what):
        return servers.wait_for(what, seconds, condition)

    def topics(self, partitions, clock):
        """A fresh trio of topics; returns their common suffix."""
        tag = f"t{os.getpid()}-{next(self.numbers)}"
        self.kafka.create_topic(f"events-{tag}", partitions, create_time=(clock == "create_time"))
        # create_time alerts carry the log's own times, so retention must not go by them
        self.kafka.create_topic(f"alerts-{tag}", partitions, create_time=True)
        self.kafka.create_topic(f"dead-{tag}", partitions, create_time=True)
        return tag

    def add_daemon(self, partitions=2, clock="log_append", **more):
        """A daemon on fresh topics, not started; killed at the end of the test at the latest."""
        return Daemon(self, self.topics(partitions, clock), partitions, clock, **more)

    def another(self, like, **more):
        """A further instance on the topics of `like`; by default in its group and on its Redis."""
        options = {"group": like.group, "prefix": like.prefix, "alerts": like.alerts_topic,
                   "redis": like.redis_server, "settings": like.settings}
        return Daemon(self, like.tag, like.partitions, like.clock, **{**options, **more})

    @contextlib.contextmanager
    def daemon(self, partitions=2, clock="log_append", **more):
        """A daemon on fresh topics, started and ready; stopped at the end."""
        daemon = self.add_daemon(partitions, clock, **more)
        daemon.start()
        daemon.wait_for_policy()
        yield daemon
        daemon.stop()


class Daemon:
    """driftwatchd with a configuration of its own."""

    def __init__(self, env, tag, partitions, clock, name="a", group=None, prefix=None, alerts=None, redis=None,
                 settings=None):
        self.env, self.tag, self.partitions, self.clock = env, tag, partitions, clock
        self.name = f"{tag}-{name}"
        self.group = group or f"group-{tag}"
        self.prefix = prefix or f"dw-{tag}"
        self.alerts_topic = alerts or f"alerts-{tag}"
        self.redis_server = redis or env.redis
        self.settings = dict(settings or {})
        self.home = env.directory / self.name
        self.home.mkdir()
        self.log_path = self.home / "log"
        self.process = None
        env.daemons.append(self)
        self.key_file = env.directory / f"auth-{tag}"
        if not self.key_file.exists():
            self.key_file.write_text("00112233445566778899aabbccddeeff" * 2 + "\n")
            self.key_file.chmod(0o600)
        self.write_settings()

    @property
    def events_topic(self):
        return f"events-{self.tag}"

    @property
    def config(self):
        return self.home / "driftwatch.yaml"

    @property
    def http_socket(self):
        return self.home / "http.sock"

    def write_settings(self, **more):
        self.settings.update(more)
        default = servers.ROOT / "config" / "default"
        tree = {
            "kafka.brokers": self.env.kafka.bootstrap, "kafka.group": self.group,
            "kafka.topics.input": self.events_topic, "kafka.topics.alerts": self.alerts_topic,
            "kafka.topics.deadletter": f"dead-{self.tag}", "clock": self.clock,
            "redis.address": f"unix:{self.redis_server.socket}", "redis.prefix": self.prefix,
            "policy.standards": default / "standards.yaml",
            "policy.bank_holidays": default / "bank-holidays.json",
            "policy.organisation": default / "organisation.yaml",
            "auth.key_file": self.key_file, "http.listen": f"unix:{self.http_socket}",
            "log.format": "logfmt", "log.level": "info",
        }
        tree.update(self.settings)
        self.config.write_text(to_yaml(tree))

    def command(self, *arguments):
        return [str(servers.build_dir() / "driftwatchd"), "--config", str(self.config), *arguments]

    def start(self, wait=True):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            preexec_fn=servers.die_with_parent)
        if wait:
            servers.wait_for(f"{self.name} ready", 40, self.ready)
        return self

    def ready(self):
        if self.process.poll() is not None:
            raise servers.ServerError(f"{self.name} ended with {self.process.returncode}: {self.log_tail()}")
        status, _ = self.http("/readyz")
        return status == 200

    def http(self, path):
        """(status, body) from the daemon's unix socket; (0, "") while it does not answer."""
        done = subprocess.run(["curl", "-s", "-m", "3", "-w", "\n%{http_code}", "--unix-socket", str(self.http_socket),
                               f"http://localhost{path}"], capture_output=True, text=True, check=False)
        body, _, code = done.stdout.rpartition("\n")
        return (int(code or 0), body) if done.returncode == 0 else (0, "")

    def metrics(self):
        """{sample name with labels: value}"""
        status, body = self.http("/metrics")
        assert status == 200, f"/metrics answered {status}"
        samples = (line.rsplit(" ", 1) for line in body.splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, value in samples}

    def owned(self):
        """How many partitions it holds; 0 while it does not answer."""
        status, body = self.http("/metrics")
        return sum(line.endswith(" 1") for line in body.splitlines()
                   if line.startswith("driftwatch_shard_claimed{")) if status == 200 else 0

    def refused(self):
        """Commits of its that were refused because another instance has the shard."""
        status, body = self.http("/metrics")
        return sum(float(line.rsplit(" ", 1)[1]) for line in body.splitlines()
                   if line.startswith("driftwatch_fenced_total")) if status == 200 else 0

    def stop(self):
        """SIGTERM; it must exit 0 within STOP_SECONDS."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            code = self.process.wait(STOP_SECONDS + 1)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end within {STOP_SECONDS} s of SIGTERM") from None
        assert code == 0, f"{self.name} exited with {code}: {self.log_tail()}"

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def restart(self):
        self.stop()
        return self.start()

    def log_text(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def log_tail(self, lines=25):
        return "\n".join(self.log_text().splitlines()[-lines:])

    def client(self):
        return Client(self.env.kafka.bootstrap, self.events_topic, self.alerts_topic, self.partitions)

    def wait_for_policy(self, number=1, seconds=30):
        """Until every partition has the policy of that number in force."""
        servers.wait_for(f"policy {number} to be in force", seconds, lambda: all(
            self.meta(p).get("policy_number") == str(number) for p in range(self.partitions)))

    # --- what the store says
    def meta(self, partition):
        key = f"{self.prefix}:{{{self.events_topic}/{partition}}}:meta"
        return {k.decode(): v.decode() for k, v in self.redis_server.client().hgetall(key).items()}

    def key(self, partition, name):
        return f"{self.prefix}:{{{self.events_topic}/{partition}}}:{name}"

    def settled(self, client):
        """Everything in the log is applied, and every outbox row is published."""
        redis = self.redis_server.client()
        ends = client.ends()
        for partition, end in enumerate(ends):
            if int(self.meta(partition).get("offset", -1)) < end:
                return False
        if any(redis.xlen(self.key(p, "outbox")) > 0 and not self.published(redis, p) for p in range(len(ends))):
            return False
        return client.ends() == ends

    def published(self, redis, partition):
        """Acknowledged rows are trimmed in the next turn; so a row may stay although it is out. Compare positions."""
        _, body = self.http("/metrics")
        return f'driftwatch_outbox_rows{{partition="{partition}"}} 0' in body

    def settle(self, client, seconds=60):
        client.flush()
        servers.wait_for(f"{self.name} to apply and publish everything", seconds, lambda: self.settled(client), 0.02)

    def tool(self, *arguments, check=True, text=None):
        """Run the `driftwatch` tool with this daemon's settings."""
        done = subprocess.run([str(servers.build_dir() / "driftwatch"), "--config", str(self.config),
                               *map(str, arguments)], capture_output=True, text=True, input=text, timeout=120,
                              check=False)
        if check and done.returncode != 0:
            raise AssertionError(f"driftwatch {arguments}: exit {done.returncode}: {done.stderr[-2000:]}")
        return done


def to_yaml(flat):
    """Dotted keys -> nested block YAML."""
    tree = {}
    for key, value in flat.items():
        node = tree
        whole = "kafka.properties."  # librdkafka's own names keep their dots
        path, last = (["kafka", "properties"], key[len(whole):]) if key.startswith(whole) else (
            key.split(".")[:-1], key.split(".")[-1])
        for part in path:
            node = node.setdefault(part, {})
        node[last] = value

    def lines(node, depth):
        for key, value in node.items():
            if isinstance(value, dict):
                yield f"{'  ' * depth}{key}:"
                yield from lines(value, depth + 1)
            elif isinstance(value, (bool, int)):
                yield f"{'  ' * depth}{key}: {str(value).lower()}"
            else:
                yield f"{'  ' * depth}{key}: \"{value}\""

    return "\n".join(lines(tree, 0)) + "\n"

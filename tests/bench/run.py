#!/usr/bin/env python3
"""./run bench: speed, memory and latency on a real Kafka and a real Redis, as ratios to R in one run.

R is a bare librdkafka consumer of the same topic with the daemon's own consumer settings, run before and after each measured
catch-up; a ratio uses the mean of its two neighbours. A tenth of a year is caught up first and not counted, so that the
broker's JVM is warm for both. Three loads, the median of several rounds each: every event another child; four events a
child; a generated year of casework on a create_time topic with its own times. The shipped policy stands first in every partition,
deadlines are armed, Redis runs AOF everysec, the broker's JVM has the options of Kafka's own start script.

Latency: the daemon is started again on the full state of the distinct load; when Redis has rewritten its AOF (it is told to:
growing to that size within seconds, it would do so in the middle), events come at 1,000 a second, 25 s as a warm-up that is
not counted, then 20 s of which every event counts, from the call that sends it to the reading of its alert. The parts of it
that the log's own times tell are printed beside it, and rewrites of the AOF that came all the same.

    run.py [--children N] [--partitions N] [--rounds N] [--scale F] [--json FILE] [--only distinct|four|year|latency]
"""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support")]

import servers  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")
# What kafka-server-start.sh gives a broker: full JIT, G1, 1 GiB. The tests' own broker saves on both.
KAFKA_JVM = ("-server -Xms1G -Xmx1G -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35 "
             "-XX:+ExplicitGCInvokesConcurrent -XX:MaxInlineLevel=15")
LIVE_RATE, LIVE_WARM_UP_S, LIVE_S = 1000, 25, 20
FLOORS = {"distinct_ratio": 0.07, "year_ratio": 0.10, "cpu_s_per_million": 12, "rss_catching_up_mb": 120,
          "rss_live_mb": 30, "latency_p99_ms": 50}
GOALS = {"distinct_ratio": 0.14, "year_ratio": 0.30, "cpu_s_per_million": 5, "rss_catching_up_mb": 60,
         "rss_live_mb": 15, "latency_p99_ms": 20}


def program(name):
    return str(servers.build_dir() / name)


def output(*command, timeout=3600):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=timeout, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]}: exit {done.returncode}: {done.stderr[-1500:]}")
    return done.stdout


class Daemon:
    """driftwatchd with its own group, prefix and alerts topic over a topic that may be shared with others."""

    def __init__(self, bench, tag, topic, clock):
        self.bench, self.tag, self.topic, self.clock = bench, tag, topic, clock
        self.alerts = f"alerts-{tag}"
        bench.kafka.create_topic(self.alerts, bench.partitions, create_time=True)
        bench.kafka.create_topic(f"dead-{tag}", bench.partitions, create_time=True)
        self.config = bench.home / f"{tag}.yaml"
        key = bench.home / "auth"
        key.write_text("5a" * 32 + "\n")
        key.chmod(0o600)
        default = servers.ROOT / "config" / "default"
        self.config.write_text(f"""
kafka:
  brokers: "{bench.kafka.bootstrap}"
  group: "{tag}"
  topics: {{input: "{topic}", alerts: "{self.alerts}", deadletter: "dead-{tag}"}}
clock: {clock}
redis: {{address: "unix:{bench.redis.socket}", prefix: "{tag}"}}
policy:
  standards: "{default / 'standards.yaml'}"
  bank_holidays: "{default / 'bank-holidays.json'}"
  organisation: "{default / 'organisation.yaml'}"
auth: {{key_file: "{key}"}}
http: {{listen: "off"}}
log: {{format: logfmt, level: warn}}
""")
        self.process = None

    def start(self):
        with open(self.bench.home / f"{self.tag}.log", "ab") as log:
            self.process = subprocess.Popen([program("driftwatchd"), "--config", str(self.config)], stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL,
                                            preexec_fn=servers.die_with_parent)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)

    def offsets(self):
        pipe = self.bench.redis.client().pipeline(transaction=False)
        for partition in range(self.bench.partitions):
            pipe.hget(f"{self.tag}:{{{self.topic}/{partition}}}:meta", "offset")
        return [int(v or 0) for v in pipe.execute()]

    def wait_for(self, ends, seconds):
        """Until everything below `ends` is applied. Returns (instant of the first progress, instant of the last)."""
        first = None
        limit = time.monotonic() + seconds
        started_at = self.offsets()
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                raise SystemExit(f"driftwatchd ended: {(self.bench.home / (self.tag + '.log')).read_text()[-2000:]}")
            at = self.offsets()
            now = time.monotonic()
            if first is None and sum(at) > sum(started_at):
                first = now
            if all(a >= e for a, e in zip(at, ends)):
                return first or now, now
            time.sleep(0.05)  # each look is a command a partition: more of them would take a tenth of Redis and of a core
        raise SystemExit(f"{self.tag}: not caught up within {seconds} s: {sum(self.offsets())} of {sum(ends)}")

    def cpu_s(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def rss_mb(self, which):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{which}:\s+(\d+) kB", text).group(1)) / 1024


class Bench:
    def __init__(self, options):
        self.options = options
        self.partitions = options.partitions
        self.results = {}

    def __enter__(self):
        self.temp = tempfile.TemporaryDirectory(prefix="dw-bench-")
        self.home = pathlib.Path(self.temp.name)
        self.kafka = servers.Kafka(jvm=KAFKA_JVM).start()
        self.redis = None
        return self

    def __exit__(self, *_):
        if self.redis is not None:
            self.redis.close()
        self.kafka.close()
        self.temp.cleanup()

    def fresh_redis(self):
        if self.redis is not None:
            self.redis.close()
        self.redis = servers.Redis().start()

    def redis_cpu_s(self):
        info = self.redis.client().info("cpu")
        return info["used_cpu_user"] + info["used_cpu_sys"]

    def bare(self, topic):
        """R: events a second of a bare consumer with the daemon's settings."""
        events, seconds, _ = output(program("dw_bench_bare"), self.kafka.bootstrap, topic, "group.id=bare",
                                    *self.consumer_settings()).split()
        return int(events) / float(seconds)

    def consumer_settings(self):
        """name=value of every librdkafka consumer setting that shapes fetching, as the daemon prints them."""
        return output(program("driftwatchd"), "--print-consumer-settings").split()

    def policy_first(self, topic, clock):
        """The daemon of an empty topic appends the shipped policy to every partition."""
        self.fresh_redis()
        daemon = Daemon(self, f"first-{topic}", topic, clock)
        daemon.start()
        daemon.wait_for([1] * self.partitions, 120)
        daemon.stop()

    def warm_up(self):
        """A small year, not counted: what the broker's JVM compiles of appending and fetching is compiled."""
        self.make_year("events-warm", self.options.scale / 10)
        self.fresh_redis()
        daemon = Daemon(self, "warm", "events-warm", "create_time")
        daemon.start()
        daemon.wait_for(list(self.kafka.end_offsets("events-warm").values()), 600)
        daemon.stop()
        for _ in range(3):
            self.bare("events-warm")

    def catch_up(self, name, topic, clock, children):
        ends = list(self.kafka.end_offsets(topic).values())
        rounds = []
        bare_before = self.bare(topic)
        for number in range(self.options.rounds):
            self.fresh_redis()
            daemon = Daemon(self, f"{name}{number}", topic, clock)
            memory = self.redis.client().info("memory")["used_memory"]
            redis_cpu = self.redis_cpu_s()
            begun = time.monotonic()
            daemon.start()
            first, last = daemon.wait_for(ends, 1800)
            cpu, redis_cpu = daemon.cpu_s(), self.redis_cpu_s() - redis_cpu
            rss = daemon.rss_mb("VmHWM")
            stored = self.redis.client().info("memory")["used_memory"] - memory
            alerts = sum(self.kafka.end_offsets(daemon.alerts).values())
            daemon.stop()
            bare_after = self.bare(topic)
            events = sum(ends)
            rate = events / max(last - first, 0.001)
            rounds.append({
                "events": events, "events_per_s": rate, "bare_per_s": (bare_before + bare_after) / 2,
                "ratio": rate / ((bare_before + bare_after) / 2), "daemon_cpu_s_per_million": cpu / events * 1e6,
                "redis_cpu_s_per_million": redis_cpu / events * 1e6,
                "cpu_s_per_million": (cpu + redis_cpu) / events * 1e6, "peak_rss_mb": rss,
                "redis_bytes_per_child": stored / children if children else None,
                "start_to_caught_up_s": last - begun, "alert_rows": alerts,
            })
            self.say(name, rounds[-1])
            bare_before = bare_after
        middle = {k: statistics.median(r[k] for r in rounds) for k in rounds[0] if rounds[0][k] is not None}
        self.results[name] = middle
        return daemon

    def say(self, name, r):
        print(f"{name:9} {r['events']:>9,} events  {r['events_per_s']:>9,.0f}/s = {r['ratio']:.3f} of R "
              f"({r['bare_per_s']:,.0f}/s)  CPU-s/M {r['daemon_cpu_s_per_million']:.1f} daemon + "
              f"{r['redis_cpu_s_per_million']:.1f} Redis  peak {r['peak_rss_mb']:.0f} MB  "
              f"{r['redis_bytes_per_child'] or 0:,.0f} B/child  caught up in {r['start_to_caught_up_s']:.1f} s  "
              f"{r['alert_rows']:,} alert rows", flush=True)

    def distinct(self, name, each):
        topic, children = f"events-{name}", self.options.children // each
        self.kafka.create_topic(topic, self.partitions)
        self.policy_first(topic, "log_append")
        output(program("dw_bench_fill"), "fill", self.kafka.bootstrap, topic, self.partitions, children, each)
        return self.catch_up(name, topic, "log_append", children)

    def make_year(self, topic, scale):
        self.kafka.create_topic(topic, self.partitions, create_time=True)
        self.policy_first(topic, "create_time")
        maker = Daemon(self, f"maker-{topic}", topic, "create_time")
        output(program("driftwatch"), "--config", maker.config, "generate", "--seed", "1", "--from", "2025-10-01",
               "--days", "365", "--scale", str(scale), "--publish", "--ticks", "24")

    def year(self):
        topic = "events-year"
        self.make_year(topic, self.options.scale)
        self.catch_up("year", topic, "create_time", None)
        prefix = f"year{self.options.rounds - 1}"
        children = sum(self.redis.client().hlen(f"{prefix}:{{{topic}/{p}}}:children") for p in range(self.partitions))
        self.results["year"]["children"] = children

    def aof(self):
        """(rewriting now, rewrites so far)"""
        info = self.redis.client().info("persistence")
        return info["aof_rewrite_in_progress"] or info["aof_rewrite_scheduled"], info["aof_rewrites"]

    def latency(self, daemon):
        """Restarted on its full state: memory when live, and event-to-alert latency at 1,000 events/s."""
        daemon.start()
        time.sleep(8)
        if not self.aof()[0]:  # else the growth of a catch-up within seconds has it rewrite in the middle
            self.redis.client().bgrewriteaof()
        servers.wait_for("Redis at rest", 300, lambda: not self.aof()[0])
        idle, rewrites = daemon.rss_mb("VmRSS"), self.aof()[1]
        r = json.loads(output(program("dw_bench_fill"), "latency", self.kafka.bootstrap, daemon.topic, daemon.alerts,
                              self.partitions, LIVE_RATE, LIVE_S, LIVE_WARM_UP_S))
        r.update(rss_mb=daemon.rss_mb("VmRSS"), idle_rss_mb=idle, aof_rewrites=self.aof()[1] - rewrites,
                 load_average=os.getloadavg()[0])
        self.results["live"] = r
        daemon.stop()
        print(f"live      {LIVE_RATE:,} events/s: event to alert p50 {r['whole_p50_ms']} ms, p99 {r['whole_p99_ms']} ms, "
              f"worst {r['whole_max_ms']} ms (all {r['alerts']} alerts of {LIVE_S} s after {LIVE_WARM_UP_S} s of warm-up; "
              f"{r['lost']} lost); RSS {r['rss_mb']:.0f} MB (idle {idle:.0f} MB)\n"
              f"          p50/p99 ms: until in the log {r['to_log_p50_ms']:.0f}/{r['to_log_p99_ms']:.0f}, until decided and "
              f"committed {r['decide_p50_ms']:.0f}/{r['decide_p99_ms']:.0f}, until read by a consumer "
              f"{r['deliver_p50_ms']:.0f}/{r['deliver_p99_ms']:.0f}; sender late by at most {r['sender_late_ms']} ms; "
              f"{r['aof_rewrites']} AOF rewrites; load average {r['load_average']:.1f}", flush=True)
        if r["lost"]:
            raise SystemExit(f"{r['lost']} events had no alert")

    def verdict(self):
        r = self.results
        figures = {}
        if "distinct" in r:
            figures["distinct_ratio"] = r["distinct"]["ratio"]
        loads = [r[n] for n in ("distinct", "four", "year") if n in r]
        if loads:
            figures["cpu_s_per_million"] = max(load["cpu_s_per_million"] for load in loads)
            figures["rss_catching_up_mb"] = max(load["peak_rss_mb"] for load in loads)
        if "year" in r:
            figures["year_ratio"] = r["year"]["ratio"]
        if "live" in r:
            figures["latency_p99_ms"], figures["rss_live_mb"] = r["live"]["whole_p99_ms"], r["live"]["rss_mb"]
        print(f"\n{'figure':22} {'measured':>9} {'floor':>7} {'goal':>7}")
        for name, value in figures.items():
            better = (lambda a, b: a >= b) if name.endswith("ratio") else (lambda a, b: a <= b)
            word = "goal" if better(value, GOALS[name]) else "floor" if better(value, FLOORS[name]) else "MISSED"
            print(f"{name:22} {value:9.3f} {FLOORS[name]:7} {GOALS[name]:7}  {word}")
        r["figures"] = figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--children", type=int, default=1_000_000)
    parser.add_argument("--partitions", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--json")
    parser.add_argument("--only", action="append", choices=["distinct", "four", "year", "latency"])
    options = parser.parse_args()
    only = options.only or ["distinct", "four", "year", "latency"]
    with Bench(options) as bench:
        bench.warm_up()
        if "four" in only:
            bench.distinct("four", 4)
        if "year" in only:
            bench.year()
        if "distinct" in only or "latency" in only:
            daemon = bench.distinct("distinct", 1)
            if "latency" in only:
                bench.latency(daemon)
        bench.verdict()
        if options.json:
            pathlib.Path(options.json).write_text(json.dumps(bench.results, indent=2) + "\n")


if __name__ == "__main__":
    main()

"""The documents tell the truth: every JSON example of the publisher's guide, and the README's Python text, run as printed."""

import json
import pathlib
import re
import shutil
import subprocess
import sys

import servers
from client import EVENTS


def blocks(path, language):
    text = (servers.ROOT / path).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.S | re.M)


def test_every_example_of_the_publishers_guide(env):
    lines = "".join(blocks("proto/PUBLISHING.md", "json"))
    kinds = {name for line in lines.splitlines() for name in json.loads(line)}
    schema = {f.name for f in EVENTS.Event.DESCRIPTOR.oneofs_by_name["body"].fields if f.number < 80}
    assert schema <= kinds, f"no example of {sorted(schema - kinds)}"
    with env.daemon(partitions=2, clock="log_append") as daemon:
        client = daemon.client()
        daemon.settle(client)
        before = sum(client.ends())
        daemon.tool("publish", "--check", "-", text=lines)
        assert sum(client.ends()) == before, "--check sent something"
        daemon.tool("publish", "-", text=lines)
        daemon.settle(client)
        assert sum(client.ends()) >= before + len(lines.splitlines())
        assert not daemon.tool("deadletter", "ls", "--json").stdout.strip()
        child = daemon.tool("child", "936/c-4711", "--json").stdout
        assert "cp-1" in child


def test_publish_names_line_field_and_reason(env):
    good = make_line()
    with env.daemon(partitions=1) as daemon:
        client = daemon.client()
        daemon.settle(client)
        before = client.ends()
        text = good + "\n" + good.replace('"CP"', '"CQ"') + "\n" + good.replace("2026-03-02T", "2026-13-02T") + "\n"
        done = daemon.tool("publish", "-", text=text, check=False)
        assert done.returncode == 1
        assert re.search(r"\b2\b.*visit_type", done.stderr), done.stderr
        assert re.search(r"\b3\b.*occurred_at", done.stderr), done.stderr
        assert sum(client.ends()) <= sum(before) + 1, "something of a bad line was sent"


def make_line():
    return json.dumps({
        "event_id": "e-1", "la_code": "936", "child_ref": "c-1", "occurred_at": "2026-03-02T10:00:00Z",
        "source_system": "LCS", "source_record_id": "r-1", "source_revision": 1, "op": "CREATE",
        "visit_done": {"visit_type": "CP"}})


def test_python_text_of_the_readme(env):
    """Exactly the text of the README, with only the broker's address and the topic's name put in."""
    programs = [b for b in blocks("README.md", "python") if "confluent_kafka" in b]
    assert len(programs) == 1 and len(programs[0].strip().splitlines()) <= 15
    with env.daemon(partitions=2, clock="log_append") as daemon:
        client = daemon.client()
        daemon.settle(client)
        program = programs[0].replace("127.0.0.1:9092", env.kafka.bootstrap).replace("casework.events",
                                                                                   daemon.events_topic)
        schema = EVENTS.__file__.rsplit("/driftwatch/", 1)[0]
        subprocess.run([sys.executable, "-c", program], check=True, timeout=60, env={"PYTHONPATH": schema,
                                                                                    "PATH": "/usr/bin:/bin"})
        daemon.settle(client)
        applied = sum(int(daemon.meta(p)["ledger"].split(",")[0]) for p in range(2))
        assert applied >= 1


def test_a_statutory_rule_by_yaml_alone(env):
    """The rule and the scenarios of the README, over the shipped standards; a day later they would not hold."""
    rule, scenarios = (b for b in blocks("README.md", "yaml") if "XX-27" in b)
    trial = env.directory / "trial"
    shutil.copytree(servers.ROOT / "config" / "default", trial)
    (env.directory / "dental.yaml").write_text(scenarios)

    def tried(text):
        (trial / "standards.local.yaml").write_text(text)
        return subprocess.run([servers.build_dir() / "driftwatch", "test", "--policy", trial, env.directory / "dental.yaml"],
                              capture_output=True, text=True, timeout=60, check=False)

    done = tried(rule)
    assert done.returncode == 0 and "2 passed" in done.stdout, done
    done = tried(rule.replace("limit: 20", "limit: 21"))
    assert done.returncode == 1, done


def test_the_schema_leaves_no_folder_behind(env):
    program = "import client; print(client.SCHEMA.name if client.EVENTS else '')"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60,
                          cwd=pathlib.Path(__file__).parent)
    assert done.stdout.strip() and not pathlib.Path(done.stdout.strip()).exists(), done.stdout

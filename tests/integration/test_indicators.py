"""The figures from what the daemon holds are those from the log that it read."""

import json

AT = "2026-05-31T12:00:00Z"


def figures(daemon, *words):
    lines = [json.loads(line) for line in daemon.tool("indicators", *words, "--at", AT, "--json").stdout.splitlines()]
    lines[0].pop("data_as_of")  # live it is that of the shard furthest behind
    return lines


def test_live_figures_equal_those_of_the_log(env):
    with env.daemon(partitions=3, clock="create_time") as daemon:
        client = daemon.client()
        daemon.tool("generate", "--from", "2026-01-01", "--to", "2026-05-30", "--children", "150", "--ticks", "24",
                    "--publish")
        client.tick("2026-05-31T00:00:00Z")
        daemon.settle(client, 60)
        log = daemon.home / "log.jsonl"
        log.write_text(daemon.tool("export").stdout)
        live, read = figures(daemon), figures(daemon, str(log))
        assert live == read, [(a, b) for a, b in zip(live, read) if a != b][:3]
        counted = {(item["id"], item["form"]): item for item in live[1:]}
        assert counted["IND-9", "cla_open"]["numerator"] > 0, "no child in the figures"
        assert counted["IND-2b", "period"]["denominator"] > 0
        child = next(item for item in map(json.loads, log.read_text().splitlines()) if "plan_started" in item)
        words = ("--why-not", "CP-07", f"{child['la_code']}/{child['child_ref']}", "--at", AT)
        asked = daemon.tool("explain", *words).stdout
        assert "hangs_on" in asked and "CP-07" in asked, asked

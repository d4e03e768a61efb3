"""Two pseudonyms of one child, in two partitions of a real log: the merge, what is told later, and the split."""

import json
import tempfile

from client import LEA, kind_of, make_event

OUTCOME_MERGED = 9
PLAN = {"plan_id": "p", "plan_type": "CP", "cpp_start_date": "2026-01-05"}
VISIT = {"visit_type": "CP", "mode": "F2F", "attempt_result": "SEEN", "child_seen": "Y", "by_role": "SW"}


def live(daemon):
    lines = daemon.tool("alerts", "--json").stdout.splitlines()
    return {(a["rule_id"], a["child_ref"], a.get("due_on", "")) for a in map(json.loads, lines)}


def homes(daemon):
    """child -> partition of its records."""
    lines = map(json.loads, daemon.tool("export").stdout.splitlines())
    return {line["child_ref"]: line["partition"] for line in lines if line.get("child_ref")}


def test_merge_and_split_through_the_log(env):
    with env.daemon(partitions=2, clock="create_time") as daemon:
        client = daemon.client()
        daemon.wait_for_policy()
        names = [f"twin-{n}" for n in range(12)]
        for name in names:  # of which two live in different partitions
            client.publish(make_event("child_updated", name, "2026-01-05T09:00:00Z",
                                      {"person_birth_date": "2015-01-05"}), log_time="2026-01-05T09:00:00Z")
        client.flush()
        daemon.settle(client)
        at = homes(daemon)
        stays = names[0]
        gone = next(name for name in names if at[name] != at[stays])

        def tell(kind, child, when, body):
            client.publish(make_event(kind, child, when, body), log_time=when)
            client.flush()
            daemon.settle(client)

        def until(when):
            client.tick(when)
            client.flush()
            daemon.settle(client)

        tell("plan_started", gone, "2026-01-05T09:00:00Z", PLAN)
        until("2026-01-20T00:00:00Z")
        env.wait(lambda: ("CP-07", gone, "2026-01-19") in live(daemon), 20, "the visit to be overdue")
        tell("identity_merged", stays, "2026-01-21T09:00:00Z", {"merged_child_ref": gone})
        env.wait(lambda: ("CP-07", stays, "2026-01-19") in live(daemon), 20, "the alert to be the other one's")
        assert not any(child == gone for _, child, _ in live(daemon))
        closed = [r for r in client.read_alerts() if kind_of(r) == "resolved" and r.child_ref == gone]
        assert closed and all(r.outcome == OUTCOME_MERGED for r in closed), closed
        told = json.loads(daemon.tool("child", f"{LEA}/{gone}", "--json").stdout.splitlines()[0])
        assert told["merged_into"] == f"{LEA}/{stays}", told
        assert f"Merged into {LEA}/{stays}" in daemon.tool("child", f"{LEA}/{gone}").stdout
        assert f"merged_into    {LEA}/{stays}" in daemon.tool("explain", "--why-not", "CP-07", f"{LEA}/{gone}").stdout
        told = json.loads(daemon.tool("child", f"{LEA}/{stays}", "--json").stdout.splitlines()[0])
        assert told["merged_into"] is None, told

        daemon.restart()
        tell("visit_done", gone, "2026-01-22T09:00:00Z", VISIT)  # told under the old name
        env.wait(lambda: ("CP-07", stays, "2026-01-19") not in live(daemon), 20, "the visit to count")

        tell("identity_split", stays, "2026-01-23T09:00:00Z", {"split_child_ref": gone})
        until("2026-02-06T00:00:00Z")
        env.wait(lambda: ("CP-07", gone, "2026-02-05") in live(daemon), 20, "the old name to owe its own visits")
        assert not any(child == stays and rule == "CP-07" for rule, child, _ in live(daemon))
        assert not daemon.tool("deadletter", "ls", "--json").stdout.strip()

        # the exported log says the same, with its own moves, wherever it is read
        log = daemon.tool("export").stdout
        assert sum("subject_moved" in line for line in log.splitlines()) >= 4
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            file.write(log)
            file.flush()
            told = daemon.tool("replay", file.name, "--at", "2026-02-06T00:00:00Z", "--json").stdout
        assert {(a["rule"], a["child_ref"]) for a in map(json.loads, told.splitlines())} == \
               {(rule, child) for rule, child, _ in live(daemon)}, told

        # nobody else can move facts
        forged = next(line for line in log.splitlines() if "subject_moved" in line)
        daemon.tool("publish", "-", text=forged, check=False)
        daemon.settle(client)
        env.wait(lambda: "bad_auth" in daemon.tool("deadletter", "ls").stdout, 20, "the forged move to be refused")

"""An authority's own policy on real servers: put in force with `driftwatch policy apply`, and growing old."""

import json

import servers
from client import kind_of, make_event

DEFAULT = servers.ROOT / "config" / "default"
OVERRIDES = """
overrides:
  - id: FD-01
    preset: three_days
    reason: Agreed for the pilot of the front door.
"""


def test_an_authority_puts_its_own_limit_in_force(env):
    """By its own file, in a running daemon: the alert that the new limit no longer demands is closed, and the next contact has
    the new date."""
    with env.daemon(partitions=2, clock="create_time") as daemon:
        client = daemon.client()
        for child, received, seen in (("p-1", "2026-03-02T10:00:00Z", "2026-03-04T12:00:00Z"),
                                      ("p-2", "2026-03-04T10:00:00Z", "2026-03-04T12:00:00Z")):
            event = make_event("contact_received", child, received, {"contact_id": child})
            client.publish(event, log_time=seen)
        client.tick("2026-03-04T13:00:00Z")
        client.flush()
        daemon.settle(client)
        env.wait(lambda: fd01(client), 20, "the first contact's alert")
        assert [(r.child_ref, kind_of(r)) for r in fd01(client)] == [("p-1", "opened")], fd01(client)

        own = daemon.home / "standards.local.yaml"
        own.write_text(OVERRIDES)
        daemon.write_settings(**{"policy.overrides": own})
        assert daemon.tool("policy", "diff", check=False).returncode == 1
        tried = daemon.tool("policy", "apply", "--dry-run").stdout
        assert "FD-01" in tried, tried
        daemon.tool("policy", "apply")
        daemon.wait_for_policy(2)
        assert daemon.tool("policy", "diff", check=False).returncode == 0
        daemon.settle(client)
        env.wait(lambda: len(rows := fd01(client)) == 2 and kind_of(rows[1]) == "resolved", 20, "the row that closes it")
        assert [(r.child_ref, r.policy_number) for r in fd01(client)] == [("p-1", 1), ("p-1", 2)], fd01(client)

        client.tick("2026-03-09T23:59:59Z")  # p-1: 2 March and three working days; p-2: from 4 March to the end of the 9th
        client.flush()
        daemon.settle(client)
        env.wait(lambda: live(daemon) == {("p-1", "2026-03-05")}, 20, "the later date of the first contact")
        client.tick("2026-03-10T00:00:00Z")
        client.flush()
        daemon.settle(client)
        env.wait(lambda: live(daemon) == {("p-1", "2026-03-05"), ("p-2", "2026-03-09")}, 20, "that of the second")


def fd01(client):
    return [row for row in client.read_alerts() if row.rule_id == "FD-01"]


def live(daemon):
    lines = map(json.loads, daemon.tool("alerts", "--json").stdout.splitlines())
    return {(a["child_ref"], a["due_on"]) for a in lines if a["rule_id"] == "FD-01"}


def test_a_list_of_bank_holidays_that_ends_raises_an_alarm(env):
    """By the clock of the log, a year ahead and not before: in the log, in the metrics and on the page for people."""
    short = json.loads((DEFAULT / "bank-holidays.json").read_text())
    for part in short.values():
        part["events"] = [e for e in part["events"] if e["date"] < "2028-01-01"]
    daemon = env.add_daemon(2, "create_time")
    path = daemon.home / "bank-holidays.json"
    path.write_text(json.dumps(short))
    daemon.write_settings(**{"policy.bank_holidays": path})
    daemon.start()
    daemon.wait_for_policy()
    client = daemon.client()
    days_left = "driftwatch_bank_holidays_days_left"

    client.tick("2026-12-20T12:00:00Z")  # the last day of the list is 28 December 2027
    client.flush()
    env.wait(lambda: daemon.metrics().get(days_left) == 373, 20, "the days to be counted")
    assert "bank_holidays_end" not in daemon.log_text()
    assert "bank holidays" not in daemon.http("/readyz?verbose")[1]

    client.tick("2027-02-01T12:00:00Z")
    client.flush()
    env.wait(lambda: "bank_holidays_end" in daemon.log_text(), 20, "the alarm")
    assert daemon.metrics()[days_left] == 330, daemon.metrics()[days_left]
    status, page = daemon.http("/readyz?verbose")
    assert status == 200 and "the list of bank holidays ends on 2027-12-28" in page, page
    daemon.stop()
